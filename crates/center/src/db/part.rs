//! Which documents an incident goes on in.

use super::{DbError, Step, fixed, record_of};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::RecordId;
use siaga_domain::time::UtcMs;

/// A later part of an incident.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    pub record: RecordId,
    /// 2 for the first that follows.
    pub part: u32,
    pub opened_ms: UtcMs,
}

/// The later parts of an incident in their order; none for most.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of(db: &Connection, incident: &RecordId) -> Result<Vec<Part>, DbError> {
    db.prepare_cached("SELECT record, part, opened_ms FROM incident_part WHERE incident = ?1 ORDER BY part, record")
        .step("prepare the parts of an incident")?
        .query_map([incident.as_bytes()], |row| {
            Ok(Part { record: fixed(row, 0, record_of)?, part: row.get(1)?, opened_ms: UtcMs(row.get(2)?) })
        })
        .and_then(Iterator::collect)
        .step("read the parts of an incident")
}

/// The incident a later part belongs to; `None` for a record that is none.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn incident_of(db: &Connection, record: &RecordId) -> Result<Option<RecordId>, DbError> {
    db.prepare_cached("SELECT incident FROM incident_part WHERE record = ?1")
        .step("prepare the incident of a part")?
        .query_row([record.as_bytes()], |row| fixed(row, 0, record_of))
        .optional()
        .step("read the incident of a part")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, incident: &RecordId, part: &Part) -> Result<(), DbError> {
    db.prepare_cached("INSERT INTO incident_part (record, incident, part, opened_ms) VALUES (?1, ?2, ?3, ?4)")
        .step("prepare a part of an incident")?
        .execute((part.record.as_bytes(), incident.as_bytes(), part.part, part.opened_ms.0))
        .step("keep a part of an incident")?;
    Ok(())
}
