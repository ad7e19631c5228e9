//! Claimed times that cannot be true: judged when an entry is received, and read with the record.

use super::{DbError, Step, fixed, part, record_of, unsigned};
use rusqlite::Connection;
use siaga_document::Document;
use siaga_domain::claimed::{self, Claims};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::time::{EARLIEST, Happened, UtcMs};

/// Judges the entries of a change that was received at `received`, and notes those whose time cannot be true. Says
/// whether people see the record otherwise for it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn note(db: &Connection, record: &RecordId, change: &[u8], received: UtcMs) -> Result<bool, DbError> {
    // A center whose own clock is not set judges nothing.
    if received < EARLIEST {
        return Ok(false);
    }
    let mut any = false;
    for entry in Document::entries_in(change) {
        any |= claimed::has_wrong_plan(&entry.body);
        let Some(judged) = claimed::judge(&entry.stamp, received) else { continue };
        any = true;
        // An entry that comes again is judged as it was the first time.
        db.prepare_cached("INSERT OR IGNORE INTO claimed_time (record, entry, at_ms, wrong) VALUES (?1, ?2, ?3, ?4)")
            .step("prepare a claimed time")?
            .execute((record.as_bytes(), entry.id.as_bytes(), judged.at.0, judged.is_wrong))
            .step("write a claimed time")?;
    }
    Ok(any)
}

/// What is known of a record's times: of all parts of an incident.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of(db: &Connection, record: &RecordId) -> Result<Claims, DbError> {
    let mut all = of_one(db, record)?;
    for part in part::of(db, record)? {
        all.extend(of_one(db, &part.record)?);
    }
    Ok(all.into_iter().collect())
}

fn of_one(db: &Connection, record: &RecordId) -> Result<Vec<(EntryId, Happened)>, DbError> {
    db.prepare_cached("SELECT entry, at_ms, wrong FROM claimed_time WHERE record = ?1")
        .step("prepare the claimed times of a record")?
        .query_map([record.as_bytes()], |row| {
            let entry: EntryId = fixed(row, 0, |blob| blob.try_into().ok())?;
            Ok((entry, Happened { at: UtcMs(row.get(1)?), is_ahead: true, is_wrong: row.get(2)? }))
        })
        .and_then(Iterator::collect)
        .step("read the claimed times of a record")
}

/// A change that was logged before times were judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OldChange {
    pub position: u64,
    pub record: RecordId,
    pub bytes: Vec<u8>,
    pub received: UtcMs,
}

/// Changes behind a position, with when they were received: for those that were logged before times were judged.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn logged_after(db: &Connection, position: u64, limit: u16) -> Result<Vec<OldChange>, DbError> {
    db.prepare_cached(
        "SELECT position, record, bytes, received_ms FROM change WHERE position > ?1 ORDER BY position LIMIT ?2",
    )
    .step("prepare the changes to judge")?
    .query_map((super::signed(position), limit), |row| {
        Ok(OldChange {
            position: unsigned(row.get(0)?),
            record: fixed(row, 1, record_of)?,
            bytes: row.get(2)?,
            received: UtcMs(row.get(3)?),
        })
    })
    .and_then(Iterator::collect)
    .step("read the changes to judge")
}
