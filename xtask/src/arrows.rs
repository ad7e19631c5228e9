//! Who may use whom, asserted: the table of the architecture, from Cargo's own account of the workspace, and
//! what must never be named in a layer, from its text.
//!
//! Only direct dependencies are asked, since every arrow is somebody's direct dependency. Packages that only
//! drive the world from outside (`siaga-testkit`, `siaga-tests`, `siaga-xtask`) may use anything.

use crate::house;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Package, and the packages of this workspace that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("siaga-domain", &[]),
    ("siaga-document", &["siaga-domain"]),
    ("siaga-wire", &["siaga-domain"]),
    ("siaga-store", &["siaga-domain", "siaga-document"]),
    ("siaga-sync", &["siaga-domain", "siaga-document", "siaga-wire", "siaga-store"]),
    ("siaga-field", &["siaga-domain", "siaga-document", "siaga-store", "siaga-sync"]),
    ("siaga-log", &[]),
    ("siaga-command", &["siaga-domain", "siaga-field", "siaga-log"]),
    ("siaga-center", &["siaga-domain", "siaga-document", "siaga-wire", "siaga-log"]),
    ("siaga-android", &["siaga-field"]),
    ("siaga-app", &["siaga-android", "siaga-field", "siaga-log"]),
];

/// Packages that stand outside the product.
const OUTSIDE: &[&str] = &["siaga-testkit", "siaga-tests", "siaga-xtask"];

/// A package from elsewhere, and the only packages here that may use it.
const KEPT: &[(&str, &[&str])] = &[
    ("automerge", &["siaga-document"]),
    ("reqwest", &["siaga-sync"]),
    ("ureq", &[]),
    ("isahc", &[]),
    ("curl", &[]),
    ("attohttpc", &[]),
    ("minreq", &[]),
    ("hyper", &["siaga-center"]),
    ("axum", &["siaga-center", "siaga-command"]),
    ("rusqlite", &["siaga-store", "siaga-center"]),
    ("tauri", &["siaga-app"]),
    ("jni", &["siaga-android"]),
];

/// Packages whose values are pure: no clock, no randomness, no files, nothing awaited.
const PURE: &[&str] = &["siaga-domain", "siaga-document", "siaga-wire"];

const IMPURE_PACKAGES: &[&str] = &["tokio", "futures-util", "getrandom", "rand", "rusqlite", "reqwest", "tempfile"];

/// Words that no pure source may say, and what they would mean.
const IMPURE_WORDS: &[(&str, &str)] = &[
    ("SystemTime::now", "reads a clock"),
    ("Instant::now", "reads a clock"),
    ("Timestamp::now", "reads a clock"),
    ("Zoned::now", "reads a clock"),
    ("getrandom", "draws a random number"),
    ("now_v7", "reads a clock and draws a random number"),
    ("new_v4", "draws a random number"),
    ("std::fs", "opens a file"),
    ("File::open", "opens a file"),
    ("TcpStream", "opens a socket"),
    (".await", "waits"),
    ("async fn", "waits"),
];

/// Where `sync` may speak HTTP: the driver, and the one file in which it does so.
const HTTP_HOMES: &[&str] = &["crates/sync/src/driver", "crates/sync/src/http"];

/// One sentence for each arrow that points the wrong way; empty when the house stands.
pub fn broken_arrows() -> Result<Vec<String>> {
    let mut broken = broken_dependencies(&used_by()?);
    for file in house::project_files()? {
        let name = file.to_string_lossy().replace('\\', "/");
        let Ok(text) = std::fs::read_to_string(house::root().join(&file)) else { continue };
        broken.extend(broken_words(&name, &text));
    }
    Ok(broken)
}

/// What every package of the workspace uses, tests and builds of its own left out for outside packages.
struct Uses {
    normal: BTreeSet<String>,
    development: BTreeSet<String>,
}

fn used_by() -> Result<BTreeMap<String, Uses>> {
    let text = house::output_of(house::cargo().args(["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata did not print JSON")?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("cargo metadata lists no packages")?;
    let mut used = BTreeMap::new();
    for package in packages {
        let name = text_of(package, "name")?;
        let mut uses = Uses { normal: BTreeSet::new(), development: BTreeSet::new() };
        for dependency in package.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
            let dependency_name = text_of(dependency, "name")?;
            match dependency.get("kind").and_then(Value::as_str) {
                Some("dev") => uses.development.insert(dependency_name),
                _ => uses.normal.insert(dependency_name),
            };
        }
        used.insert(name, uses);
    }
    Ok(used)
}

fn text_of(value: &Value, key: &str) -> Result<String> {
    Ok(value.get(key).and_then(Value::as_str).with_context(|| format!("cargo metadata: no {key}"))?.to_owned())
}

fn broken_dependencies(used: &BTreeMap<String, Uses>) -> Vec<String> {
    let mut broken = Vec::new();
    for (package, uses) in used {
        if OUTSIDE.contains(&package.as_str()) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == package) else {
            broken.push(format!("{package} has no row in the table of arrows"));
            continue;
        };
        for ours in uses.normal.iter().filter(|name| name.starts_with("siaga-")) {
            if !allowed.contains(&ours.as_str()) {
                broken.push(format!("{package} must not use {ours}"));
            }
        }
        for (kept, users) in KEPT {
            let is_used = uses.normal.contains(*kept);
            if is_used && !users.contains(&package.as_str()) {
                broken.push(format!("{package} must not use {kept}"));
            }
        }
        if PURE.contains(&package.as_str()) {
            for impure in IMPURE_PACKAGES.iter().filter(|name| uses.normal.contains(**name)) {
                broken.push(format!("{package} is pure and must not use {impure}"));
            }
        }
        // The phone's code is not the server's, not even in a test: `testkit` is where they meet.
        if package == "siaga-center" {
            for phone in ["siaga-store", "siaga-sync", "siaga-field"] {
                if uses.development.contains(phone) {
                    broken.push(format!("the tests of {package} must not use {phone}"));
                }
            }
        }
    }
    for (package, _) in ARROWS {
        if !used.contains_key(*package) {
            broken.push(format!("{package} stands in the table of arrows and not in the workspace"));
        }
    }
    broken
}

/// What the text of one file says that its layer must not say.
fn broken_words(name: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let in_crates = name.starts_with("crates/");
    if in_crates && text.to_lowercase().contains("tauri") {
        broken.push(format!("{name} names Tauri; nothing under crates/ knows that it exists"));
    }
    if name.ends_with(".rs") {
        let is_pure =
            ["domain", "document", "wire"].iter().any(|layer| name.starts_with(&format!("crates/{layer}/src/")))
                || name.starts_with("crates/sync/src/session");
        if is_pure {
            for (word, does) in IMPURE_WORDS.iter().filter(|(word, _)| product_lines(text).any(|l| l.contains(word))) {
                broken.push(format!("{name} says {word}: it {does}, and this layer must not"));
            }
        }
        let is_sync_outside_driver =
            name.starts_with("crates/sync/src/") && !HTTP_HOMES.iter().any(|home| name.starts_with(home));
        if is_sync_outside_driver && product_lines(text).any(|line| line.contains("reqwest")) {
            broken.push(format!("{name} names the HTTP client; it belongs to sync::driver and its sync::http"));
        }
    }
    let is_page = name.starts_with("ui/src/") && !name.starts_with("ui/src/lib/api");
    if is_page && text.contains("@tauri-apps/") {
        broken.push(format!("{name} imports Tauri; only ui/src/lib/api.ts knows it"));
    }
    broken
}

/// The lines of a Rust source that are neither comment nor its unit tests, which stand at its foot.
fn product_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(normal: &[&str]) -> Uses {
        Uses { normal: normal.iter().map(|&n| n.to_owned()).collect(), development: BTreeSet::new() }
    }

    fn house_with(package: &str, normal: &[&str]) -> BTreeMap<String, Uses> {
        let mut used: BTreeMap<_, _> = ARROWS.iter().map(|(name, _)| ((*name).to_owned(), uses(&[]))).collect();
        used.insert(package.to_owned(), uses(normal));
        used
    }

    #[test]
    fn a_center_that_uses_the_phones_store_is_named() {
        let broken = broken_dependencies(&house_with("siaga-center", &["siaga-domain", "siaga-store"]));

        assert_eq!(broken, ["siaga-center must not use siaga-store"]);
    }

    #[test]
    fn automerge_outside_document_is_named() {
        let broken = broken_dependencies(&house_with("siaga-store", &["siaga-domain", "automerge"]));

        assert_eq!(broken, ["siaga-store must not use automerge"]);
    }

    #[test]
    fn a_new_package_must_take_its_place_in_the_table() {
        let broken = broken_dependencies(&house_with("siaga-novelty", &[]));

        assert_eq!(broken, ["siaga-novelty has no row in the table of arrows"]);
    }

    #[test]
    fn a_clock_in_domain_is_named_and_one_in_its_tests_or_comments_is_not() {
        let product = "//! x\nfn f() { let t = Instant::now(); }\n";
        let elsewhere = "//! never Instant::now\n#[cfg(test)]\nmod tests { fn f() { Instant::now(); } }\n";

        assert_eq!(broken_words("crates/domain/src/time.rs", product).len(), 1);
        assert!(broken_words("crates/domain/src/time.rs", elsewhere).is_empty());
        assert!(broken_words("crates/store/src/lib.rs", product).is_empty());
    }

    #[test]
    fn the_http_client_is_named_everywhere_in_sync_but_in_its_driver() {
        let text = "//! x\nuse reqwest::Client;\n";

        assert_eq!(broken_words("crates/sync/src/session.rs", text).len(), 1);
        assert!(broken_words("crates/sync/src/driver/http.rs", text).is_empty());
    }
}
