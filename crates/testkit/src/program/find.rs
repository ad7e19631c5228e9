//! Finding the programs: built once into the target folder this code was itself built into.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Programs {
    pub center: PathBuf,
    pub field: PathBuf,
    /// The folder they are started in: the checkout they were built from.
    pub house: PathBuf,
}

static FOUND: OnceLock<Result<Programs, String>> = OnceLock::new();

/// The programs, brought up to date first when cargo is at hand.
///
/// `SIAGA_PROGRAMS` names a folder to take them from instead.
///
/// # Errors
/// They are neither there nor could they be built.
pub fn programs() -> anyhow::Result<Programs> {
    FOUND.get_or_init(|| find().map_err(|error| format!("{error:#}"))).clone().map_err(|error| anyhow::anyhow!(error))
}

fn find() -> anyhow::Result<Programs> {
    if let Some(folder) = std::env::var_os("SIAGA_PROGRAMS") {
        return inside(Path::new(&folder), house());
    }
    let folder = own_folder()?;
    if let Some(cargo) = std::env::var_os("CARGO") {
        build(Path::new(&cargo), &folder)?;
    }
    inside(&folder, house())
}

/// The programs of an earlier release: those of the checkout that `SIAGA_RELEASED` names, as `cargo xtask released`
/// built them.
///
/// # Errors
/// The variable is not set, or the programs are not there.
pub fn released() -> anyhow::Result<Programs> {
    let house = std::env::var_os("SIAGA_RELEASED").context("SIAGA_RELEASED is not set: run `make test-long`")?;
    let house = PathBuf::from(house);
    inside(&house.join("target/debug"), &house)
}

/// The folder of the whole house, where `build/` and `ui/` are.
#[must_use]
pub fn house() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// `target/debug` or `target/release`: the folder of this program, or the one above it for a test.
fn own_folder() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program does not know where it is")?;
    own.ancestors()
        .skip(1)
        .find(|folder| !folder.ends_with("deps") && !folder.ends_with("examples"))
        .map(Path::to_path_buf)
        .context("this program is in no folder")
}

fn build(cargo: &Path, folder: &Path) -> anyhow::Result<()> {
    let target = folder.parent().context("the target folder has no parent")?;
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "siaga-command", "-p", "siaga-center", "--target-dir"]).arg(target);
    if folder.ends_with("release") {
        command.arg("--release");
    }
    let status = command.current_dir(house()).status().context("cargo could not be started")?;
    if !status.success() {
        bail!(
            "siaga-center and siaga-field could not be built: run `cargo build -p siaga-command -p siaga-center` to see why"
        );
    }
    Ok(())
}

fn inside(folder: &Path, house: &Path) -> anyhow::Result<Programs> {
    let named = |name: &str| {
        let path = folder.join(name);
        if path.is_file() {
            Ok(path)
        } else {
            bail!("{} is not there: run `cargo build -p siaga-command -p siaga-center`", path.display())
        }
    };
    Ok(Programs { center: named("siaga-center")?, field: named("siaga-field")?, house: house.to_owned() })
}
