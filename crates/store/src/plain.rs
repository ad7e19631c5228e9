//! Photographs that earlier versions kept as plain files beside the encrypted database: taken in, then deleted.
//!
//! Each file is committed before it is deleted, so a power cut at any point leaves it in one place at least. What
//! cannot be taken in now, because the disk is full, stays where it is and is tried at the next opening.

use crate::failure::{Step, StoreError};
use crate::file;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use siaga_domain::id::ChangeHash;
use siaga_domain::time::UtcMs;
use std::fs;
use std::path::{Path, PathBuf};

const ATTACHMENTS: &str = "attachments";
const ORIGINALS: &str = "originals";

/// Where an earlier version kept the file of this name.
pub(crate) fn path(home: &Path, hash: &ChangeHash) -> PathBuf {
    home.join(ATTACHMENTS).join(hash.to_string())
}

/// Never fails: an opening must not depend on it.
pub(crate) fn take_in(conn: &Connection, home: &Path) {
    for (folder, take) in [(ATTACHMENTS, attachment as Take), (ORIGINALS, original as Take)] {
        let folder = home.join(folder);
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            match take(conn, &path) {
                Ok(true) => delete(&path),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a plain photograph was not taken into the store yet"),
            }
        }
        // Only an empty one goes.
        let _ = fs::remove_dir(&folder);
    }
}

/// Whether the file may go.
type Take = fn(&Connection, &Path) -> Result<bool, StoreError>;

fn attachment(conn: &Connection, path: &Path) -> Result<bool, StoreError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(hash) = crate::attachment::parse_hash(name) else {
        // A `.part` of a save that never committed.
        return Ok(name.ends_with(".part"));
    };
    let bytes = read(path)?;
    let tx = begin(conn)?;
    let named = tx
        .prepare_cached("SELECT 1 FROM attachment WHERE hash = ?1")
        .and_then(|mut statement| statement.exists([hash.0.as_slice()]))
        .step("find the photograph's row")?;
    if !named {
        // Written, and its use case was never committed.
        return Ok(true);
    }
    if file::hash_of(&bytes) != hash {
        // Damaged: it is said when somebody asks for it, and what is left of it stays.
        return Ok(false);
    }
    file::put_whole(&tx, &hash, &bytes, UtcMs(0))?;
    tx.commit().step("take in the photograph")?;
    Ok(true)
}

fn original(conn: &Connection, path: &Path) -> Result<bool, StoreError> {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(attachment) = crate::attachment::parse_hash(name) else { return Ok(false) };
    let bytes = read(path)?;
    let hash = file::hash_of(&bytes);
    let tx = begin(conn)?;
    file::put_whole(&tx, &hash, &bytes, UtcMs(0))?;
    tx.execute(
        "INSERT INTO original (attachment, file) VALUES (?1, ?2) ON CONFLICT (attachment) DO NOTHING",
        [attachment.0.as_slice(), hash.0.as_slice()],
    )
    .step("take in the original")?;
    tx.commit().step("take in the original")?;
    Ok(true)
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).step("read the plain photograph")
}

fn begin(conn: &Connection) -> Result<Transaction<'_>, StoreError> {
    Transaction::new_unchecked(conn, TransactionBehavior::Immediate).step("begin writing")
}

fn delete(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(%error, "a plain photograph could not be deleted; the next opening tries again");
    }
}
