//! TypeScript's view of the types that cross to the pages: written by ts-rs, committed, and never stale.
//!
//! The types of `domain` and `field` are in `ui/src/generated`, those of `center` in its folder `center/`; the clinical
//! tables of `domain` are in `clinical.ts`. A file without a type is removed.

use crate::house;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The packages whose types the pages use.
const EXPORTING: &[&str] = &["siaga-domain", "siaga-field", "siaga-center"];

fn generated() -> PathBuf {
    house::root().join("ui/src/generated")
}

/// Writes the types where the pages find them; returns how many files there are.
pub fn write() -> Result<usize> {
    let fresh = export()?;
    let kept = generated();
    let before = files_in(&kept)?;
    for (name, text) in &fresh {
        if before.get(name) != Some(text) {
            let path = kept.join(name);
            fs::create_dir_all(path.parent().context("a generated file has a folder")?)?;
            fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))?;
        }
    }
    for name in before.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(kept.join(name))?;
    }
    Ok(fresh.len())
}

/// Fails, naming the files, when what is committed is not what the types say today.
pub fn check() -> Result<usize> {
    let fresh = export()?;
    let kept = files_in(&generated())?;
    let mut stale: Vec<String> = Vec::new();
    for (name, text) in &fresh {
        match kept.get(name) {
            None => stale.push(format!("{} is missing", name.display())),
            Some(old) if old != text => stale.push(format!("{} is stale", name.display())),
            Some(_) => {}
        }
    }
    stale.extend(kept.keys().filter(|n| !fresh.contains_key(*n)).map(|n| format!("{} has no type", n.display())));
    if !stale.is_empty() {
        bail!("ui/src/generated is not what the Rust types say; run `cargo xtask codegen`:\n  {}", stale.join("\n  "));
    }
    Ok(fresh.len())
}

fn export() -> Result<BTreeMap<PathBuf, String>> {
    let folder = tempfile::tempdir()?;
    for package in EXPORTING {
        let mut cargo = house::cargo();
        cargo.args(["test", "--quiet", "--lib", "--package", package, "export_bindings"]);
        cargo.env("TS_RS_EXPORT_DIR", folder.path()).env("TS_RS_LARGE_INT", "number");
        house::output_of(&mut cargo)?;
    }
    let fresh = files_in(folder.path())?;
    if fresh.is_empty() {
        bail!("no type was exported: {} hold no #[ts(export)]", EXPORTING.join(" and "));
    }
    Ok(fresh)
}

fn files_in(folder: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "ts") {
                let name = path.strip_prefix(folder).context("a file lies in its folder")?.to_path_buf();
                files.insert(name, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}
