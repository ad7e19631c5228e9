//! Building what a person starts: the pages, the two programs that embed them, and the app.

use crate::house;
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// The two pages, from `ui/` into `ui/dist`, which the programs embed.
pub fn pages() -> Result<()> {
    house::must(npm().args(["run", "--silent", "build", "--", "--logLevel", "warn"]))
}

pub fn pages_once() -> Result<()> {
    match house::root().join("ui/dist/field.html").is_file() {
        true => Ok(()),
        false => pages(),
    }
}

/// `siaga-center` and `siaga-field`.
pub fn engine_and_center(profile: &str) -> Result<()> {
    let programs = ["--bins", "-p", "siaga-center", "-p", "siaga-command"];
    house::must(house::cargo().args(["build", "--locked", "--profile", profile]).args(programs))
}

/// The same, and the engine's library as a phone's service loads it, for this machine.
pub fn engine_center_and_face() -> Result<()> {
    engine_and_center("dev")?;
    let programs = ["-p", "siaga-center", "-p", "siaga-command", "-p", "siaga-android"];
    house::must(house::cargo().args(["build", "--locked"]).args(programs))
}

/// What browser tests alter a phone's home with.
pub fn alter_home() -> Result<()> {
    house::must(house::cargo().args(["build", "--locked", "-p", "siaga-store", "--example", "alter_home"]))
}

/// The app, with the pages inside. Only the Tauri CLI puts them there, so a plain `cargo build` will not do.
pub fn shell() -> Result<()> {
    let mut cli = Command::new(house::root().join("ui/node_modules/.bin/tauri"));
    cli.args(["build", "--debug", "--no-bundle", "--ci", "--", "--locked"])
        .current_dir(house::root().join("src-tauri"));
    house::must(cli.env("CARGO_TARGET_DIR", shell_target_dir()))
}

/// A folder of its own: the shell unifies other features, and would make the rest of the house build twice.
pub fn shell_target_dir() -> PathBuf {
    house::target_dir().join("shell")
}

/// The library that holds the app; on a phone it is all there is, and the service finds the engine in it. Where the program
/// alone is asked for, Cargo leaves it among what that is made of.
pub fn shell_library() -> PathBuf {
    shell_target_dir().join("debug/deps/libsiaga_app.so")
}

pub fn shell_program() -> PathBuf {
    shell_target_dir().join("debug/siaga-app")
}

pub fn npm() -> Command {
    let mut command = Command::new("npm");
    command.current_dir(house::root().join("ui"));
    command
}
