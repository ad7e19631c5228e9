//! The page is embedded from `ui/dist`. The folder is made when it is missing, so that the command builds before
//! the page is built.

use std::path::Path;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let folder = env::var("CARGO_MANIFEST_DIR").map_err(std::io::Error::other)?;
    let page = Path::new(&folder).join("../../ui/dist");
    fs::create_dir_all(&page)?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", page.display());
    Ok(())
}
