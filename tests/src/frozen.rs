//! The frozen state of a release: its messages, a phone's home and a center's folder, made once by the programs of
//! that release and opened for ever after by whatever is built.
//!
//! `cargo run -p siaga-tests --example freeze` makes them; `tests/tests/frozen.rs` opens them. Nothing here changes a
//! fixture: everything is opened from a copy.

pub mod said;
pub mod short;
pub mod thawed;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of one release's fixtures.
#[must_use]
pub fn folder(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(release)
}

/// Every release that has fixtures, by name.
///
/// # Errors
/// The folder could not be read.
pub fn releases() -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder("")).context("the folder of fixtures")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Other tests keep their own things beside the releases.
        if entry.file_type()?.is_dir() && name.starts_with(|first: char| first.is_ascii_digit()) {
            all.push(name);
        }
    }
    all.sort();
    ensure!(!all.is_empty(), "no release is frozen");
    Ok(all)
}

/// The folder of the 0.2.0 center that an enrolled phone harmed; `cargo run -p siaga-tests --example poison` made it.
#[must_use]
pub fn poisoned() -> PathBuf {
    folder("poisoned")
}

/// One message: its bytes, and what they say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    pub name: String,
    /// Which reader it is for; see [`said::read`].
    pub kind: String,
    pub hex: String,
    pub says: serde_json::Value,
}

/// Keys and messages of `wire.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wire {
    /// The center's public key, under which receipts and news were signed.
    pub center_key: String,
    /// The device's public key, under which envelopes were signed.
    pub device_key: String,
    pub messages: Vec<Message>,
}

/// What the people of the frozen story did, and when it was frozen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Story {
    /// Center and device UTC, milliseconds, when the folders were closed.
    pub frozen_ms: i64,
    pub device: String,
    pub incident: String,
    pub assignment: String,
    /// Ordered after the phone's last exchange: only the center has it.
    pub unseen_assignment: String,
    pub patient: String,
    pub patient_name: String,
    pub assessment: String,
    pub sos: String,
    /// Statuses of the assignment the center had receipted.
    pub received_statuses: Vec<String>,
    /// Statuses of the assignment on the phone, those that wait included.
    pub statuses: Vec<String>,
    /// Pulses of the patient, in order, those that wait included.
    pub pulses: Vec<f64>,
    pub waiting_changes: u32,
    pub waiting_fixes: u32,
    pub waiting_attachments: u32,
    pub fixes: u32,
    /// SHA-256 of the photograph the center has, and of the one that waits on the phone.
    pub received_photo: String,
    pub waiting_photo: String,
    /// The hash over the scope when phone and center were last quiet.
    pub quiet_digest: String,
    /// An incident of others that the phone lists and does not hold; none before 0.2.0.
    #[serde(default)]
    pub elsewhere: Option<String>,
    /// An incident that was archived, of which the phone keeps a line; none before 0.2.0.
    #[serde(default)]
    pub archived: Option<String>,
    /// An exchange request as this phone would have sent it, in hexadecimal: its next envelopes under its session token.
    pub request: String,
}

/// Copies a folder with everything in it.
///
/// # Errors
/// A file could not be read or written.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("could not copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// A JSON file of a release.
///
/// # Errors
/// It is not there or is another file.
pub fn read<T: for<'de> Deserialize<'de>>(release: &str, name: &str) -> anyhow::Result<T> {
    let path = folder(release).join(name);
    let text = fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is another file", path.display()))
}
