//! Which incidents a list outside their scope may show: the newest, or those that moved.

use super::{DbError, Step, fixed, record_of, signed};
use rusqlite::Connection;
use siaga_domain::id::RecordId;

/// The newest incidents, by the clock of whoever made them.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn newest(db: &Connection, most: usize) -> Result<Vec<RecordId>, DbError> {
    db.prepare_cached(
        "SELECT record FROM projection WHERE kind = 'incident' AND open = 1 ORDER BY record DESC LIMIT ?1",
    )
    .step("prepare the newest incidents")?
    .query_map([signed(most as u64)], |row| fixed(row, 0, record_of))
    .and_then(Iterator::collect)
    .step("read the newest incidents")
}

/// Incidents with a change after `from` and up to `to`, in whichever part: only the changes in between are looked at.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn moved(db: &Connection, from: u64, to: u64, most: usize) -> Result<Vec<RecordId>, DbError> {
    db.prepare_cached(
        "SELECT projection.record FROM change LEFT JOIN incident_part ON incident_part.record = change.record
         CROSS JOIN projection ON projection.record = coalesce(incident_part.incident, change.record)
         WHERE change.position > ?1 AND change.position <= ?2 AND projection.kind = 'incident'
         GROUP BY projection.record ORDER BY max(change.position) DESC LIMIT ?3",
    )
    .step("prepare the incidents that moved")?
    .query_map((signed(from), signed(to), signed(most as u64)), |row| fixed(row, 0, record_of))
    .and_then(Iterator::collect)
    .step("read the incidents that moved")
}
