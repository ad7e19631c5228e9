//! A fresh `tauri android init`, compared with the project that is committed: what differs is listed with its reason, so that
//! another version of the CLI cannot change the project, nor the project leave the CLI, without somebody saying so.
//!
//! Folders stand in for SDK and NDK, for init only looks whether they are there. It proves nothing about a build.

use crate::{house, programs};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const LIST: &str = "android/check/drift.txt";
/// Of ours alone: the CLI knows nothing of them.
const OURS: &[&str] = &["check/", "engine/"];

/// One sentence for each difference that the list does not have, and each line of the list that is none.
pub fn broken_drift() -> Result<Vec<String>> {
    let scratch = tempfile::tempdir()?;
    let fresh = init(scratch.path())?;
    let listed = listed(&std::fs::read_to_string(house::root().join(LIST)).context("the list of differences")?)?;
    let found = differences(&fresh)?;
    let mut broken = Vec::new();
    for (file, how) in &found {
        match listed.get(file) {
            None => broken.push(format!("android/{file} is {how} by hand, and {LIST} gives no reason")),
            Some(said) if said != how => broken.push(format!("android/{file} is {how}, and {LIST} says {said}")),
            Some(_) => {}
        }
    }
    broken.extend(
        listed
            .keys()
            .filter(|file| !found.contains_key(*file))
            .map(|file| format!("android/{file} stands in {LIST} and is as the CLI makes it")),
    );
    Ok(broken)
}

/// A shell with nothing in it but what the CLI reads.
fn init(scratch: &Path) -> Result<PathBuf> {
    let root = house::root();
    let shell = scratch.join("src-tauri");
    std::fs::create_dir_all(shell.join("src"))?;
    std::fs::create_dir_all(scratch.join("sdk"))?;
    std::fs::create_dir_all(scratch.join("ndk"))?;
    std::fs::create_dir_all(scratch.join("ui/dist"))?;
    std::fs::write(scratch.join("ndk/source.properties"), "Pkg.Revision = 29.0.13846066\n")?;
    std::fs::write(shell.join("src/lib.rs"), "")?;
    std::fs::copy(root.join("src-tauri/tauri.conf.json"), shell.join("tauri.conf.json"))?;
    copy_folder(&root.join("src-tauri/icons"), &shell.join("icons"))?;
    let version = env!("CARGO_PKG_VERSION");
    let manifest = format!(
        "[package]\nname = \"siaga-app\"\nversion = \"{version}\"\nedition = \"2024\"\n\n[lib]\nname = \"siaga_app\"\ncrate-type = [\"cdylib\", \"rlib\"]\n\n[dependencies]\ntauri = \"2.12\"\n\n[workspace]\n"
    );
    std::fs::write(shell.join("Cargo.toml"), manifest)?;
    // By npm, as the app is built: which program ran it is written into what it generates.
    let cli = root.join("ui/node_modules/.bin/tauri");
    let package = serde_json::json!({ "name": "siaga-app", "private": true, "scripts": { "tauri": cli } });
    std::fs::write(shell.join("package.json"), package.to_string())?;
    let mut npm = programs::npm();
    npm.current_dir(&shell).args([
        "run",
        "--silent",
        "tauri",
        "--",
        "android",
        "init",
        "--ci",
        "--skip-targets-install",
    ]);
    npm.env("ANDROID_HOME", scratch.join("sdk")).env("NDK_HOME", scratch.join("ndk"));
    if std::env::var_os("JAVA_HOME").is_none() {
        npm.env("JAVA_HOME", super::kotlin::java_home()?);
    }
    npm.stdout(std::process::Stdio::null());
    house::must(&mut npm)?;
    Ok(shell.join("gen/android"))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn differences(fresh: &Path) -> Result<BTreeMap<String, &'static str>> {
    let android = house::root().join("android");
    let mut committed = known_files()?;
    committed.retain(|file| !OURS.iter().any(|ours| file.starts_with(ours)));
    let mut made = BTreeSet::new();
    gather(fresh, fresh, &mut made)?;
    let mut found = BTreeMap::new();
    for file in committed.union(&made) {
        let how = match (committed.contains(file), made.contains(file)) {
            (true, false) => "added",
            (false, true) => "removed",
            _ if std::fs::read(android.join(file))? != std::fs::read(fresh.join(file))? => "changed",
            _ => continue,
        };
        found.insert(file.clone(), how);
    }
    Ok(found)
}

fn gather(root: &Path, folder: &Path, files: &mut BTreeSet<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(root, &path, files)?;
        } else {
            files.insert(path.strip_prefix(root)?.to_string_lossy().into_owned());
        }
    }
    Ok(())
}

/// `changed app/build.gradle.kts: why`; a name that ends with `*` stands for every file that begins so.
fn listed(text: &str) -> Result<BTreeMap<String, &'static str>> {
    let mut listed = BTreeMap::new();
    let known = known_files()?;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts = line.split_once(' ').and_then(|(how, rest)| Some((how, rest.split_once(": ")?)));
        let Some((how, (file, why))) = parts else { bail!("{LIST}: {line:?} is not `how file: why`") };
        let how = match how {
            "added" => "added",
            "changed" => "changed",
            "removed" => "removed",
            _ => bail!("{LIST}: {how} is none of added, changed, removed"),
        };
        if why.trim().is_empty() {
            bail!("{LIST}: {file} has no reason");
        }
        match file.strip_suffix('*') {
            None => {
                listed.insert(file.to_owned(), how);
            }
            Some(beginning) => {
                // A file that has a line of its own is not meant by a star.
                for name in known.iter().filter(|name| name.starts_with(beginning)) {
                    listed.entry(name.clone()).or_insert(how);
                }
            }
        }
    }
    Ok(listed)
}

fn known_files() -> Result<BTreeSet<String>> {
    let files = house::project_files()?;
    Ok(files
        .iter()
        .filter_map(|file| Some(file.strip_prefix("android").ok()?.to_string_lossy().into_owned()))
        .collect())
}
