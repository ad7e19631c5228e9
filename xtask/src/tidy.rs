//! The rules a reader relies on in every file: a Rust file opens by saying what it is, stays short enough to
//! read, and nothing tells of the machine it was written on or of work left undone.
//!
//! It looks at text only; what the compiler, Clippy or rustfmt can see is theirs.

use crate::house;
use anyhow::Result;
use std::path::Path;

const LONGEST_FILE: usize = 800;
/// Tests may be longer: a story reads well in one piece.
const LONGEST_TEST_FILE: usize = 1_600;

/// What must not stand in a file whose name ends so, and why. The words are cut in two, so that this file keeps its
/// own rule.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("", concat!("TO", "DO"), "unfinished work belongs in an issue"),
    ("", concat!("FIX", "ME"), "unfinished work belongs in an issue"),
    ("", concat!("/wo", "rk/"), "a path of one machine"),
    ("", concat!("/ro", "ot/"), "a path of one machine"),
    ("", concat!("/ho", "me/"), "a path of one machine"),
    ("", concat!("/Us", "ers/"), "a path of one machine"),
    ("", concat!("C:", "\\Users"), "a path of one machine"),
    (".rs", concat!("#[ig", "nore]"), "a test runs or is removed"),
    (".mjs", concat!("test.", "skip("), "a test runs or is removed"),
    (".mjs", concat!("test.", "only("), "it hides every other test"),
    (".ts", concat!("test.", "skip("), "a test runs or is removed"),
    (".ts", concat!("it.", "skip("), "a test runs or is removed"),
    (".ts", concat!("test.", "only("), "it hides every other test"),
    (".ts", concat!("it.", "only("), "it hides every other test"),
    (".ts", concat!("describe.", "only("), "it hides every other test"),
];

/// Written by others and kept as they came.
const FOREIGN: &[&str] =
    &["Cargo.lock", "ui/package-lock.json", "android/gradlew", "android/gradlew.bat", "android/buildSrc/"];

/// One sentence for each broken rule, in the order of the files; empty when the house is tidy.
pub fn broken_rules() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for file in house::project_files()? {
        // A file may be going away while this reads; binary files have no sentences.
        let Ok(text) = std::fs::read_to_string(house::root().join(&file)) else { continue };
        broken.extend(broken_in(&file, &text));
    }
    Ok(broken)
}

/// The broken rules of one file.
pub fn broken_in(file: &Path, text: &str) -> Vec<String> {
    let name = file.to_string_lossy().replace('\\', "/");
    if FOREIGN.iter().any(|foreign| name.starts_with(foreign)) {
        return Vec::new();
    }
    let mut broken = Vec::new();
    if name.ends_with(".rs") {
        if !text.starts_with("//!") {
            broken.push(format!("{name} does not open with //! and what it is"));
        }
        let is_test = name.starts_with("tests/") || name.contains("/tests/");
        let longest = if is_test { LONGEST_TEST_FILE } else { LONGEST_FILE };
        let lines = text.lines().count();
        if lines > longest {
            broken.push(format!("{name} has {lines} lines, more than {longest}"));
        }
    }
    for (number, line) in text.lines().enumerate() {
        for (_, word, why) in FORBIDDEN.iter().filter(|(ending, ..)| name.ends_with(ending)) {
            if holds_word(line, word) {
                broken.push(format!("{name}:{} holds {word}: {why}", number + 1));
            }
        }
    }
    broken
}

/// Whether `line` holds `word`, not as the tail or the head of a longer word: a plural or a longer path is fine.
fn holds_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|tail| tail.chars().next());
        let starts = before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == '.' || c == '}'));
        let ends = !word.ends_with(char::is_alphabetic) || after.is_none_or(|c| !(c.is_alphanumeric() || c == '_'));
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(name: &str, text: &str) -> Vec<String> {
        broken_in(Path::new(name), text)
    }

    #[test]
    fn a_rust_file_that_says_what_it_is_is_tidy() {
        assert!(broken("crates/a/src/lib.rs", "//! What is true.\n").is_empty());
    }

    #[test]
    fn a_rust_file_that_opens_with_code_is_named() {
        assert_eq!(broken("crates/a/src/lib.rs", "use std;\n").len(), 1);
    }

    #[test]
    fn a_file_of_801_lines_is_too_long_and_a_test_of_801_is_not() {
        let long = format!("//! x\n{}", "//\n".repeat(800));

        assert_eq!(broken("crates/a/src/lib.rs", &long).len(), 1);
        assert!(broken("tests/tests/a.rs", &long).is_empty());
    }

    #[test]
    fn unfinished_work_is_named_with_its_line() {
        let text = format!("//! x\n// {} later\n", concat!("TO", "DO"));

        let found = broken("crates/a/src/lib.rs", &text);

        assert!(found.iter().any(|line| line.starts_with("crates/a/src/lib.rs:2 ")), "{found:?}");
    }

    #[test]
    fn a_path_of_one_machine_is_named_and_a_folder_of_that_name_is_not() {
        assert_eq!(broken("docs/a.md", concat!("see /wo", "rk/main")).len(), 1);
        assert!(broken("docs/a.md", concat!("see $HOME/my/wo", "rk/main")).is_empty());
        assert!(broken("docs/a.md", concat!("`ui/wo", "rk/`")).is_empty());
    }
}
