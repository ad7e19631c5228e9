//! What waits for a person: calls that no unit was sent to, and orders that no crew answered, with when the wait began.
//!
//! A row is written in the transaction that makes it wait and deleted in the one that ends it, and its times are on the
//! center's own count: neither a restart nor a clock that somebody set changes how long something has waited. Which level
//! follows from that is `alarm`'s.

use super::{DbError, Step, coded, fixed, projection, readable, record_of, replaced};
use rusqlite::{Connection, OptionalExtension, Row};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Assignment;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;

/// A wait that began before this center counted its own time is taken from the wall clock, up to this long.
const LONGEST_BEFORE_MS: i64 = 24 * 3_600_000;

siaga_domain::coded! {
    /// What it is that waits.
    Kind {
        Call = "call",
        Order = "order",
    }
}

/// One thing that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The incident of a call, the assignment of an order.
    pub record: RecordId,
    pub kind: Kind,
    /// On the center's own count.
    pub since_ms: i64,
    pub taken: Option<Taken>,
}

/// Somebody took it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// On the center's own count.
    pub at_ms: i64,
    /// As people read it.
    pub at: UtcMs,
    pub by: String,
    /// As the desk names itself; may be empty.
    pub desk: String,
}

const COLUMNS: &str = "record, kind, since_ms, taken_ms, taken_at_ms, taken_by, taken_desk";

/// Everything that waits, the longest first.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn all(db: &Connection) -> Result<Vec<Waiting>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM waiting ORDER BY since_ms, record"))
        .step("prepare what waits")?
        .query_map([], read)
        .and_then(readable)
        .step("read what waits")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, record: &RecordId) -> Result<Option<Waiting>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM waiting WHERE record = ?1"))
        .step("prepare what waits")?
        .query_row([record.as_bytes()], read)
        .optional()
        .step("read what waits")
}

/// Somebody takes a call that waits; `false` when it does not wait any more.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn take(db: &Connection, record: &RecordId, taken: &Taken) -> Result<bool, DbError> {
    let rows = db
        .prepare_cached(
            "UPDATE waiting SET taken_ms = ?2, taken_at_ms = ?3, taken_by = ?4, taken_desk = ?5
             WHERE record = ?1 AND kind = 'call'",
        )
        .step("prepare to take a call")?
        .execute((record.as_bytes(), taken.at_ms, taken.at.0, &taken.by, &taken.desk))
        .step("take a call")?;
    Ok(rows > 0)
}

/// A record moved: it and the incident it belongs to wait, or do not wait any more.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn settle(db: &Connection, record: &RecordId, elapsed_ms: i64) -> Result<(), DbError> {
    let record = &replaced::latest(db, record)?;
    let Some(stored) = projection::get(db, record)? else { return Ok(()) };
    match &stored.record {
        Some(Record::Incident(_)) => settle_call(db, record, elapsed_ms),
        Some(Record::Assignment(order)) => {
            settle_order(db, order, elapsed_ms)?;
            settle_call(db, &replaced::latest(db, &order.incident)?, elapsed_ms)
        }
        // A later part of an incident: the incident as a whole is shown under its own id.
        None if stored.kind == RecordKind::Incident => match super::part::incident_of(db, record)? {
            Some(incident) => settle_call(db, &incident, elapsed_ms),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Looks at everything that is open: what waited before there were rows, and what a row was not written for.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn settle_all(db: &Connection, elapsed_ms: i64, now: UtcMs) -> Result<(), DbError> {
    for record in calls_without_a_row(db)? {
        let opened = match projection::get(db, &record)?.and_then(|stored| stored.record) {
            Some(Record::Incident(incident)) => incident.opened.at_ms,
            _ => now,
        };
        let received = super::desk::received_span(db, &record)?.map_or(opened, |(first, _)| first);
        settle_call(db, &record, before(elapsed_ms, received, now))?;
    }
    for record in orders_without_a_row(db)? {
        if let Some(Record::Assignment(order)) = projection::get(db, &record)?.and_then(|stored| stored.record) {
            settle_order(db, &order, before(elapsed_ms, order.ordered.at_ms, now))?;
        }
    }
    for row in all(db)? {
        settle(db, &row.record, elapsed_ms)?;
    }
    Ok(())
}

fn before(elapsed_ms: i64, since: UtcMs, now: UtcMs) -> i64 {
    elapsed_ms.saturating_sub(since.until(now).clamp(0, LONGEST_BEFORE_MS))
}

fn settle_call(db: &Connection, incident: &RecordId, since_ms: i64) -> Result<(), DbError> {
    if is_unserved(db, incident)? { put(db, incident, Kind::Call, since_ms) } else { drop_row(db, incident) }
}

fn settle_order(db: &Connection, order: &Assignment, since_ms: i64) -> Result<(), DbError> {
    let waits = order.is_open() && order.answered_at().is_none();
    if waits { put(db, &order.id, Kind::Order, since_ms) } else { drop_row(db, &order.id) }
}

/// Open, and no unit is on it or has finished its work there since it was last opened.
fn is_unserved(db: &Connection, incident: &RecordId) -> Result<bool, DbError> {
    let is_open: Option<bool> = db
        .prepare_cached("SELECT open FROM projection WHERE record = ?1 AND kind = 'incident'")
        .step("prepare whether an incident is open")?
        .query_row([incident.as_bytes()], |row| row.get(0))
        .optional()
        .step("read whether an incident is open")?;
    if is_open != Some(true) {
        return Ok(false);
    }
    let orders = projection::of_incident(db, incident, RecordKind::Assignment)?;
    let mut orders = orders.iter().filter_map(|stored| match &stored.record {
        Some(Record::Assignment(order)) => Some(order),
        _ => None,
    });
    let reopened = reopened_at(db, incident)?;
    Ok(!orders.any(|order| {
        order.is_open()
            || (order.cancelled.is_none()
                && order.status == Some(Status::Available)
                && reopened.is_none_or(|position| finished_after(db, &order.id, position).unwrap_or(false)))
    }))
}

/// Feed position of the newest entry that opened it again.
fn reopened_at(db: &Connection, incident: &RecordId) -> Result<Option<i64>, DbError> {
    db.prepare_cached(
        "SELECT max(change.position) FROM entry JOIN change ON change.hash = entry.change
         WHERE entry.kind = 'reopened' AND (entry.record = ?1
             OR entry.record IN (SELECT record FROM incident_part WHERE incident = ?1))",
    )
    .step("prepare when an incident was opened again")?
    .query_row([incident.as_bytes()], |row| row.get(0))
    .step("read when an incident was opened again")
}

fn finished_after(db: &Connection, order: &RecordId, position: i64) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM projection WHERE record = ?1 AND position > ?2)")
        .step("prepare when an order was finished")?
        .query_row((order.as_bytes(), position), |row| row.get(0))
        .step("read when an order was finished")
}

fn put(db: &Connection, record: &RecordId, kind: Kind, since_ms: i64) -> Result<(), DbError> {
    db.prepare_cached("INSERT OR IGNORE INTO waiting (record, kind, since_ms) VALUES (?1, ?2, ?3)")
        .step("prepare a wait")?
        .execute((record.as_bytes(), kind.code(), since_ms))
        .step("begin a wait")?;
    Ok(())
}

fn drop_row(db: &Connection, record: &RecordId) -> Result<(), DbError> {
    db.prepare_cached("DELETE FROM waiting WHERE record = ?1")
        .step("prepare the end of a wait")?
        .execute([record.as_bytes()])
        .step("end a wait")?;
    Ok(())
}

fn calls_without_a_row(db: &Connection) -> Result<Vec<RecordId>, DbError> {
    ids(
        db,
        "SELECT record FROM projection WHERE kind = 'incident' AND open = 1
         AND NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.record = projection.record)
         AND NOT EXISTS (SELECT 1 FROM projection AS held WHERE held.incident = projection.record
             AND held.kind = 'assignment' AND held.open = 1)",
    )
}

fn orders_without_a_row(db: &Connection) -> Result<Vec<RecordId>, DbError> {
    ids(
        db,
        "SELECT record FROM projection WHERE kind = 'assignment' AND open = 1
         AND NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.record = projection.record)",
    )
}

fn ids(db: &Connection, sql: &str) -> Result<Vec<RecordId>, DbError> {
    db.prepare_cached(sql)
        .step("prepare what should wait")?
        .query_map([], |row| fixed(row, 0, record_of))
        .and_then(readable)
        .step("read what should wait")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    let taken_ms: Option<i64> = row.get(3)?;
    let (at, by, desk) = (UtcMs(row.get(4)?), row.get(5)?, row.get(6)?);
    Ok(Waiting {
        record: fixed(row, 0, record_of)?,
        kind: coded(row, 1)?,
        since_ms: row.get(2)?,
        taken: taken_ms.map(|at_ms| Taken { at_ms, at, by, desk }),
    })
}
