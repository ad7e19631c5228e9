//! What Kotlin and Rust call of one another by name: both sides say the same, the library exports it, R8 keeps it.
//!
//! It compares text and symbols. That the calls do what they should is shown where they are made: by the life of the
//! field process in `android/check`.

use crate::house;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const ENGINE: &str = "android/app/src/main/java/id/go/ketapang/siaga/engine/Engine.kt";
const DEVICE: &str = "android/app/src/main/java/id/go/ketapang/siaga/engine/Device.kt";
const FACE: &str = "android/engine/src/face.rs";
const UPCALLS: &str = "android/engine/src/device.rs";
const KEPT: &str = "android/app/proguard-rules.pro";
const BRIDGE: &str = "android/app/src/main/java/id/go/ketapang/siaga/PageBridge.kt";
const PAGE: &str = "ui/src/lib/device.ts";
const CLASS: &str = "id.go.ketapang.siaga.engine.Engine";

/// A function's name, and the types of what it is given.
type Functions = BTreeMap<String, Vec<String>>;

/// One sentence for each name that one side has and the other has not, or has otherwise.
pub fn broken_names() -> Result<Vec<String>> {
    let (kotlin, rust) = (external_functions(&text(ENGINE)?), face(&text(FACE)?));
    let (offered, called) = (device_methods(&text(DEVICE)?), upcalls(&text(UPCALLS)?));
    let mut broken = differences("external fun", &kotlin, "function of the face", &rust);
    broken.extend(differences("method of Device", &offered, "upcall", &called));
    let rules = text(KEPT)?;
    let keeps = |line: &str| rules.lines().any(|rule| rule.trim() == line);
    if !keeps(&format!("-keep class {CLASS} {{ native <methods>; }}")) {
        broken.push(format!("{KEPT} does not keep the native methods of {CLASS}"));
    }
    for name in called.keys() {
        if !rules.lines().any(|rule| rule.trim().starts_with("public ") && rule.contains(&format!(" {name}("))) {
            broken.push(format!("{KEPT} does not keep the upcall {name}"));
        }
    }
    let bridge = text(BRIDGE)?;
    if bridge.contains("@JavascriptInterface") && !rules.contains("@android.webkit.JavascriptInterface <methods>;") {
        broken.push(format!("{KEPT} does not keep what the page calls"));
    }
    broken.extend(broken_bridge(&bridge, &text(PAGE)?));
    if kotlin.len() < 10 || called.len() < 3 {
        broken.push("the lists of functions were not found".to_owned());
    }
    Ok(broken)
}

/// One sentence for each function of Kotlin that the library does not export, and each export that Kotlin does not know.
pub fn broken_symbols(library: &Path, nm: &str) -> Result<Vec<String>> {
    let listed = house::output_of(Command::new(nm).args(["-D", "--defined-only"]).arg(library))?;
    let prefix = format!("Java_{}_", CLASS.replace('.', "_"));
    let exported: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next_back()?.strip_prefix(prefix.as_str())).collect();
    let kotlin = external_functions(&text(ENGINE)?);
    let declared: BTreeSet<&str> = kotlin.keys().map(String::as_str).collect();
    let name = library.display();
    let missing = declared.difference(&exported).map(|function| format!("{name} does not export {function}"));
    let unknown =
        exported.difference(&declared).map(|function| format!("{name} exports {function}, which nobody calls"));
    Ok(missing.chain(unknown).collect())
}

/// What Kotlin offers the page and what the page knows of it: neither side asks for what is not there, or offers what
/// nobody asks for.
fn broken_bridge(kotlin: &str, page: &str) -> Vec<String> {
    let name = |line: &str| line.split(['(', '?', ':']).next().map(|name| name.trim().to_owned());
    let offered: BTreeSet<String> = kotlin
        .split("@JavascriptInterface")
        .skip(1)
        .filter_map(|after| name(after.trim_start().strip_prefix("fun ")?))
        .collect();
    let known: BTreeSet<String> = page
        .lines()
        .skip_while(|line| *line != "interface Bridge {")
        .skip(1)
        .take_while(|line| *line != "}")
        .filter(|line| line.contains("=>"))
        .filter_map(name)
        .collect();
    let mut broken: Vec<String> =
        known.difference(&offered).map(|name| format!("the page asks for {name}, and {BRIDGE} has none")).collect();
    broken.extend(offered.difference(&known).map(|name| format!("{BRIDGE} offers {name}, and no page asks for it")));
    if offered.is_empty() {
        broken.push("the bridge of the page was not found".to_owned());
    }
    broken
}

fn text(file: &str) -> Result<String> {
    std::fs::read_to_string(house::root().join(file)).with_context(|| format!("could not read {file}"))
}

fn differences(here: &str, ours: &Functions, there: &str, theirs: &Functions) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, types) in ours {
        match theirs.get(name) {
            None => broken.push(format!("{here} {name} is no {there}")),
            Some(other) if other != types => {
                broken.push(format!("{here} {name} takes {types:?}, the {there} {other:?}"));
            }
            Some(_) => {}
        }
    }
    broken.extend(
        theirs.keys().filter(|name| !ours.contains_key(*name)).map(|name| format!("{there} {name} is no {here}")),
    );
    broken
}

/// `external fun open(app: String): String`
fn external_functions(kotlin: &str) -> Functions {
    kotlin.lines().filter_map(|line| signature(line.trim().strip_prefix("external fun ")?)).collect()
}

/// `fun sign(message: ByteArray): ByteArray` of the interface, with what it gives as the last type.
fn device_methods(kotlin: &str) -> Functions {
    let functions = kotlin.lines().filter_map(|line| line.trim().strip_prefix("fun "));
    functions
        .filter_map(|line| {
            let (name, mut types) = signature(line)?;
            let given = line.rsplit_once("): ").map_or("Unit", |(_, given)| given);
            types.push(given.trim().to_owned());
            Some((name, types))
        })
        .collect()
}

/// `Java_id_go_…_Engine_open(app: String) = …`
fn face(rust: &str) -> Functions {
    let prefix = format!("Java_{}_", CLASS.replace('.', "_"));
    rust.lines().filter_map(|line| signature(line.trim().strip_prefix(prefix.as_str())?)).collect()
}

fn signature(line: &str) -> Option<(String, Vec<String>)> {
    let (name, rest) = line.split_once('(')?;
    let (arguments, _) = rest.split_once(')')?;
    let types =
        arguments.split(',').filter_map(|argument| Some(argument.split_once(':')?.1.trim().to_owned())).collect();
    Some((name.trim().to_owned(), types))
}

/// `self.bytes("sign", Some(message))` and `env.call_method(object, "onChange", TEXT, …)`.
fn upcalls(rust: &str) -> Functions {
    let bytes = |given: &str| if given.starts_with("None") { vec!["ByteArray"] } else { vec!["ByteArray"; 2] };
    let mut found = Functions::new();
    for line in rust.lines() {
        let quoted =
            |call: &str| line.split_once(call)?.1.split_once("\", ").map(|(name, rest)| (name.to_owned(), rest));
        if let Some((name, rest)) = quoted("self.bytes(\"") {
            found.insert(name, bytes(rest).into_iter().map(str::to_owned).collect());
        } else if let Some((name, _)) = quoted("env.call_method(object, \"") {
            found.insert(name, vec!["String".to_owned(), "Unit".to_owned()]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_one_side_lacks_or_takes_otherwise_is_named() {
        let kotlin =
            external_functions("    external fun a(x: String, y: Int): String\n    external fun b(): String\n");
        let rust = face(
            "    Java_id_go_ketapang_siaga_engine_Engine_a(x: String, y: String) = |_| f();\n    Java_id_go_ketapang_siaga_engine_Engine_c() = |_| f();",
        );

        let broken = differences("kotlin", &kotlin, "rust", &rust);

        assert_eq!(
            broken,
            [
                "kotlin a takes [\"String\", \"Int\"], the rust [\"String\", \"String\"]",
                "kotlin b is no rust",
                "rust c is no kotlin",
            ]
        );
    }

    #[test]
    fn an_upcall_is_found_with_what_it_takes_and_gives() {
        let called = upcalls(
            "self.bytes(\"storeKey\", None)\nself.bytes(\"sign\", Some(message))\nenv.call_method(object, \"onChange\", TEXT, &[])?;",
        );
        let offered = device_methods(
            "    fun storeKey(): ByteArray\n    fun sign(message: ByteArray): ByteArray\n    fun onChange(now: String)\n",
        );

        assert_eq!(called, offered);
        assert_eq!(called.len(), 3);
    }

    #[test]
    fn what_the_page_and_the_bridge_do_not_both_know_is_named() {
        let kotlin = "@JavascriptInterface\n    fun share(text: String): Boolean {\n@JavascriptInterface\n    fun floor(): String = x\n    private fun open() {}";
        let page = "interface Bridge {\n  floor: () => string;\n  /** A note: of it. */\n  rings?: () => boolean;\n}\n";

        let broken = broken_bridge(kotlin, page);

        assert_eq!(broken.len(), 2, "{broken:?}");
        assert!(
            broken.iter().any(|line| line.contains("asks for rings"))
                && broken.iter().any(|line| line.contains("offers share"))
        );
    }
}
