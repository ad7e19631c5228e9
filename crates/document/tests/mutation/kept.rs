//! Specimens read back from disk: the document a mutant was put to, the mutant, and the ruling that must stay.

use super::trial::code;
use serde_json::Value;
use siaga_document::{Claim, Document, Rules};
use siaga_domain::id::RecordId;
use siaga_domain::policy::Author;
use std::path::{Path, PathBuf};

/// Where they are kept.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/admission")
}

/// A specimen read back, ready to be judged again.
pub(crate) struct Kept {
    pub name: String,
    pub ruling: String,
    pub base: Vec<Vec<u8>>,
    pub change: Vec<u8>,
    pub claim: Claim,
}

impl Kept {
    /// Every specimen, by name.
    pub(crate) fn all() -> Vec<Self> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
            .expect("the folder of specimens")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a specimen");
        let file: Value = serde_json::from_str(&text).expect("JSON");
        let text = |name: &str| file.get(name).and_then(Value::as_str).expect("a text").to_owned();
        let record: [u8; 16] = unhex(&text("record")).try_into().expect("a record id");
        let base = file.get("base").and_then(Value::as_array).expect("a base");
        let role = file.get("role").and_then(Value::as_str);
        Self {
            name: path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            ruling: text("ruling"),
            base: base.iter().map(|bytes| unhex(bytes.as_str().expect("bytes"))).collect(),
            change: unhex(&text("change")),
            claim: Claim {
                record: RecordId::from_bytes(record),
                kind: text("kind").parse().expect("a kind"),
                author: role.map_or(Author::Center, |role| Author::Device(role.parse().expect("a role"))),
                // Rules that came later are not asked of what was judged before them; the limit of dependencies was one then.
                rules: if text("ruling") == "dependencies" { Rules::Entering } else { Rules::Admitted },
            },
        }
    }

    pub(crate) fn judged(&self) -> &'static str {
        let document = Document::from_log(self.base.iter().map(Vec::as_slice)).expect("a base");
        code(&document.admit(&self.change, &self.claim))
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16).expect("a digit")).expect("four bits")).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}
