//! Projections whose stored JSON cannot be read: made anew from the log for whoever asks, and remembered until they are
//! written anew.
//!
//! A projection is a cache of the log, so one damaged row costs itself a slower read and nobody else anything. Nothing in
//! this file writes.

use super::projection::Stored;
use super::{DbError, claimed, log, part, replaced};
use rusqlite::Connection;
use siaga_document::Document;
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::incident::Whole;
use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    /// Found by the reading that this thread is at. A row is read without its database at hand.
    static FOUND: RefCell<BTreeSet<RecordId>> = const { RefCell::new(BTreeSet::new()) };
}

/// The stored JSON of this record cannot be read.
pub(super) fn note(record: RecordId) {
    FOUND.with_borrow_mut(|found| found.insert(record));
}

/// What was found on this thread since it was last asked.
pub(super) fn found() -> BTreeSet<RecordId> {
    FOUND.take()
}

/// The rows as they are where they could be read, made anew from the log where not.
///
/// # Errors
/// [`DbError`] when the log cannot be read.
pub(super) fn made_whole(db: &Connection, mut rows: Vec<Stored>) -> Result<Vec<Stored>, DbError> {
    let found = FOUND.with_borrow(Clone::clone);
    if !found.is_empty() {
        for stored in rows.iter_mut().filter(|stored| stored.record.is_none() && found.contains(&stored.id)) {
            let claims = claimed::of(db, &stored.id)?;
            stored.record = from_log(db, &stored.id, stored.kind)?.map(|shown| claims.correct(shown, stored.made_ms));
        }
    }
    Ok(rows)
}

/// A record as its log makes it; `None` where the log itself does not make a document.
fn from_log(db: &Connection, record: &RecordId, kind: RecordKind) -> Result<Option<Record>, DbError> {
    if is_shown_elsewhere(db, record)? {
        return Ok(None);
    }
    let Some(document) = document(db, record)? else { return Ok(None) };
    if kind != RecordKind::Incident {
        return Ok(document.record());
    }
    let parts = part::of(db, record)?;
    if parts.is_empty() {
        return Ok(document.record());
    }
    let mut entries = vec![document.entries()];
    for part in parts {
        entries.extend(self::document(db, &part.record)?.map(|document| document.entries()));
    }
    Ok(Whole::of(*record, entries).record())
}

/// A later part of an incident, or a record that another stands in the place of: neither is shown by itself.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn is_shown_elsewhere(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    Ok(part::incident_of(db, record)?.is_some() || replaced::of(db, record)?.is_some())
}

fn document(db: &Connection, record: &RecordId) -> Result<Option<Document>, DbError> {
    let log = log::bytes_between(db, record, 0, u64::MAX)?;
    match Document::from_log(log.iter().map(Vec::as_slice)) {
        Ok(document) => Ok(Some(document)),
        Err(cause) => {
            tracing::error!(%record, %cause, "a projection cannot be read, and its log does not make a document");
            Ok(None)
        }
    }
}
