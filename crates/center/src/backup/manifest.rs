//! What a backup says of itself: whose it is, and every file in it with its size and hash.
//!
//! The list is sealed by a hash of its own, so no byte of it changes unseen. A backup made by 0.2.0 has no list.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub(super) const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub center: String,
    pub name: String,
    pub epoch: String,
    pub made_ms: i64,
    pub attachments: usize,
    /// Files of the archive; 0 in a backup made before there was one.
    #[serde(default)]
    pub archives: usize,
    /// In the order they stand in the backup.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Listed>,
    /// Attachments and archives that were lost or damaged at the center already, and are not in the backup.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<String>,
    /// SHA-256 of this list with an empty seal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seal: String,
}

/// One file of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub name: String,
    pub size_bytes: u64,
    pub sha256: String,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            format: FORMAT,
            center: String::new(),
            name: String::new(),
            epoch: String::new(),
            made_ms: 0,
            attachments: 0,
            archives: 0,
            files: Vec::new(),
            damaged: Vec::new(),
            seal: String::new(),
        }
    }
}

impl Manifest {
    /// Whether it lists its files; those of 0.2.0 do not.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        !self.files.is_empty()
    }

    #[must_use]
    pub(super) fn sealed(mut self) -> Self {
        self.seal = self.hash();
        self
    }

    pub(super) fn bytes(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec_pretty(self)?)
    }

    /// Reads a manifest that is word for word what its center wrote.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(bytes).ok()?;
        let sealed = if manifest.is_listed() { manifest.seal == manifest.hash() } else { manifest.seal.is_empty() };
        let as_written = manifest.bytes().is_ok_and(|written| written == bytes);
        (manifest.format == FORMAT && sealed && as_written).then_some(manifest)
    }

    fn hash(&self) -> String {
        let bare = Self { seal: String::new(), ..self.clone() };
        hex::encode(Sha256::digest(bare.bytes().unwrap_or_default()))
    }
}

/// A file with its size and hash.
pub(super) fn listed(name: &str, path: &Path) -> io::Result<Listed> {
    let mut file = File::open(path)?;
    let (size_bytes, sha256) = digest(&mut file, &mut io::sink())?;
    Ok(Listed { name: name.to_owned(), size_bytes, sha256 })
}

/// Copies everything, and gives its size and hash.
pub(super) fn digest(from: &mut impl Read, to: &mut impl io::Write) -> io::Result<(u64, String)> {
    let (mut hasher, mut size, mut piece) = (Sha256::new(), 0_u64, vec![0_u8; 64 * 1024]);
    loop {
        let count = from.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
        to.write_all(read)?;
        size = size.saturating_add(count as u64);
    }
    Ok((size, hex::encode(hasher.finalize())))
}
