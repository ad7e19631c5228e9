//! The programs of an earlier release, built from its commit in a checkout of their own below the target folder.
//!
//! They are what an agency has in service while it takes a new version: old phones at a new center, and a new phone at an
//! old one. Frozen messages and folders (`tests/fixtures`) speak for them in `make test`; the programs themselves in
//! `make test-long`.

use crate::house;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The commit that was released as 0.2.0. It bears the tag `v0.2.0` too; a clone without tags finds it all the same.
const RELEASE_0_2_0: &str = "71f790818d8cb7628d0a43c9701f48d20bbfdc84";

/// Builds both programs of 0.2.0 and gives the root of their checkout.
pub fn programs() -> Result<PathBuf> {
    let tree = house::target_dir().join("released/0.2.0");
    if !tree.join("Cargo.toml").is_file() {
        let mut git = Command::new("git");
        git.current_dir(house::root()).args(["worktree", "add", "--force", "--detach"]).arg(&tree).arg(RELEASE_0_2_0);
        house::must(&mut git)?;
    }
    // It reads the tables of areas from a package that both lock files name in the same version.
    link(&house::root().join("ui/node_modules"), &tree.join("ui/node_modules"))?;
    house::must(Command::new("node").arg("scripts/extract-areas.mjs").current_dir(&tree))?;
    let mut cargo = house::cargo();
    cargo.current_dir(&tree).env("CARGO_TARGET_DIR", tree.join("target"));
    house::must(cargo.args(["build", "--locked", "--bins", "-p", "siaga-center", "-p", "siaga-command"]))?;
    Ok(tree)
}

/// Everything too long for `make test`: stories between this build and the programs of earlier releases.
pub fn test_long() -> Result<()> {
    let tree = programs()?;
    crate::programs::pages_once()?;
    crate::programs::engine_and_center("dev")?;
    let mut cargo = house::cargo();
    cargo.args(["test", "--locked", "-p", "siaga-tests", "--test", "released", "--", "--test-threads=1"]);
    house::must(cargo.env("SIAGA_RELEASED", tree))
}

fn link(to: &Path, at: &Path) -> Result<()> {
    if at.exists() {
        return Ok(());
    }
    std::os::unix::fs::symlink(to, at).with_context(|| format!("could not link {}", at.display()))
}
