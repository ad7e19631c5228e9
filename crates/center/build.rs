//! The console is embedded from `ui/dist`. The folder is made when it is missing, so that the center builds before the
//! pages; it is built again once they are there.

use std::path::Path;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let folder = env::var("CARGO_MANIFEST_DIR").map_err(std::io::Error::other)?;
    let pages = Path::new(&folder).join("../../ui/dist");
    fs::create_dir_all(&pages)?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", pages.display());
    Ok(())
}
