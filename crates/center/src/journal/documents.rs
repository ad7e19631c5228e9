//! Documents in memory: a cache over the log, believed only at the position it was made at.

use crate::db::{self, DbError};
use rusqlite::Connection;
use siaga_document::{Document, RebuildError};
use siaga_domain::id::RecordId;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// Documents kept in memory, at most; about 70 kB each.
const KEPT: usize = 512;

/// Changes between two snapshots of a document.
const SNAPSHOT_EVERY: usize = 32;

/// A document could not be made from what is stored.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("could not read the log of a record")]
    Log(#[from] DbError),
    #[error("the log of a record does not make a document")]
    Rebuild(#[source] RebuildError),
}

/// The cache.
#[derive(Default)]
pub struct Documents {
    kept: Mutex<HashMap<RecordId, (u64, Document)>>,
    /// Records that did not read back as they were written.
    suspects: Mutex<BTreeSet<RecordId>>,
}

impl Documents {
    /// The document as of `position`, its newest change; empty when nothing is stored.
    ///
    /// # Errors
    /// [`LoadError`] when the log does not make a document, which `check` names too.
    pub fn load(&self, db: &Connection, record: &RecordId, position: u64) -> Result<Document, LoadError> {
        if position == 0 {
            return Ok(Document::empty());
        }
        if let Some((at, document)) = self.lock().get(record)
            && *at == position
        {
            return Ok(document.clone());
        }
        let loaded = read(db, record, position)?;
        if loaded.is_damaged {
            self.suspects.lock().unwrap_or_else(PoisonError::into_inner).insert(*record);
        }
        Ok(loaded.document)
    }

    /// Those that did not read back as they were written since this was last asked.
    pub fn suspects(&self) -> BTreeSet<RecordId> {
        std::mem::take(&mut self.suspects.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was kept of a record was made before it was mended.
    pub fn forget(&self, record: &RecordId) {
        self.lock().remove(record);
    }

    /// Keeps a document that is committed.
    pub fn keep(&self, record: RecordId, position: u64, document: Document) {
        let mut kept = self.lock();
        if kept.len() >= KEPT && !kept.contains_key(&record) {
            kept.clear();
        }
        kept.insert(record, (position, document));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RecordId, (u64, Document)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// From the snapshot and the changes after it where that works, from the whole log where not.
///
/// # Errors
/// [`LoadError`] when the log does not make a document.
pub fn load(db: &Connection, record: &RecordId, position: u64) -> Result<Document, LoadError> {
    read(db, record, position).map(|read| read.document)
}

struct Read {
    document: Document,
    is_damaged: bool,
}

/// A damaged log gives as much as holds together: what a device brings for the rest waits until that is mended.
fn read(db: &Connection, record: &RecordId, position: u64) -> Result<Read, LoadError> {
    let known = db::projection::heads_at(db, record, position)?;
    // Where nobody wrote down what the document adds up to at this position, it is believed as it is made.
    let stands = |document: &Document| known.as_ref().is_none_or(|heads| *heads == document.heads());
    let mut is_damaged = false;
    if let Some((at, save)) = db::log::snapshot(db, record)?
        && at <= position
    {
        let tail = db::log::bytes_between(db, record, at, position)?;
        let cached = Document::from_cache(&save, tail.iter().map(Vec::as_slice));
        if let Ok(document) = cached
            && stands(&document)
        {
            return Ok(Read { document, is_damaged });
        }
        tracing::warn!(%record, "a snapshot is not what it was; the log is read");
        is_damaged = true;
    }
    let log = db::log::bytes_between(db, record, 0, position)?;
    let document = Document::from_log(log.iter().map(Vec::as_slice)).map_err(LoadError::Rebuild)?;
    is_damaged |= !stands(&document);
    Ok(Read { document, is_damaged })
}

/// Keeps a snapshot every so many changes. One that does not reload to the same is not kept: the log is enough.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn snapshot_if_due(
    db: &Connection,
    record: &RecordId,
    position: u64,
    document: &Document,
    added: usize,
) -> Result<(), DbError> {
    let count = document.change_count();
    if count / SNAPSHOT_EVERY == count.saturating_sub(added) / SNAPSHOT_EVERY || db::damage::is_open(db, record)? {
        return Ok(());
    }
    match document.save_verified() {
        Ok(bytes) => db::log::put_snapshot(db, record, position, &bytes),
        Err(cause) => {
            tracing::warn!(%record, %cause, "no snapshot was kept");
            Ok(())
        }
    }
}
