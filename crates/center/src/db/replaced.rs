//! Which record stands in the place of one that phones refuse.

use super::{DbError, Step, fixed, record_of};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::RecordId;
use siaga_domain::time::UtcMs;

/// Replacements of replacements that are followed, at most.
const LONGEST_CHAIN: usize = 16;

/// The record that stands in the place of `record`; `None` for a record that stands itself.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of(db: &Connection, record: &RecordId) -> Result<Option<RecordId>, DbError> {
    db.prepare_cached("SELECT new FROM replaced WHERE old = ?1")
        .step("prepare a replacement")?
        .query_row([record.as_bytes()], |row| fixed(row, 0, record_of))
        .optional()
        .step("read a replacement")
}

/// The record to read and write in the place of `record`: most stand themselves.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn latest(db: &Connection, record: &RecordId) -> Result<RecordId, DbError> {
    let mut latest = *record;
    for _ in 0..LONGEST_CHAIN {
        match of(db, &latest)? {
            Some(new) => latest = new,
            None => break,
        }
    }
    Ok(latest)
}

/// # Errors
/// [`DbError`] naming the step.
pub fn any(db: &Connection) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM replaced)")
        .step("prepare whether anything was replaced")?
        .query_row([], |row| row.get(0))
        .step("read whether anything was replaced")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, old: &RecordId, new: &RecordId, at: UtcMs) -> Result<(), DbError> {
    db.prepare_cached("INSERT INTO replaced (old, new, at_ms) VALUES (?1, ?2, ?3)")
        .step("prepare to keep a replacement")?
        .execute((old.as_bytes(), new.as_bytes(), at.0))
        .step("keep a replacement")?;
    Ok(())
}
