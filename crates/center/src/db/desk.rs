//! What the console asks across many records: lists by what the projection says, without reading the rest.

use super::projection::{COLUMNS, Stored, read};
use super::{DbError, Step, device_of, fixed, readable, spoilt};
use rusqlite::{Connection, Params};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::{MAX_ACCURACY_M, Position};
use siaga_domain::time::UtcMs;

/// All that are open, or so many of the others; newest first.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn listed(db: &Connection, kind: RecordKind, which: Which) -> Result<Vec<Stored>, DbError> {
    let (open, limit) = match which {
        Which::Open => (true, u32::MAX),
        Which::Done { newest } => (false, newest),
    };
    stored(
        db,
        "kind = ?1 AND open = ?2 AND json <> 'null' ORDER BY record DESC LIMIT ?3",
        (kind.code(), open, limit),
        "list records of a kind",
    )
}

/// Everything open is always listed; only of what is done there is an end to a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Open,
    Done { newest: u32 },
}

/// Records in which people disagree.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn disputed(db: &Connection) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "disputes > 0 AND kind IN ('incident', 'assignment', 'patient', 'identity', 'assessment')
           AND NOT EXISTS (SELECT 1 FROM unplaced WHERE unplaced.record = projection.record AND unplaced.placed_ms = 0)
         ORDER BY record",
        (),
        "list disputes",
    )
}

/// Calls for help that are open, newest first: all of them. A further call of a device is part of its first.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn open_sos(db: &Connection) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "kind = 'sos' AND open = 1 AND json <> 'null'
           AND NOT EXISTS (SELECT 1 FROM sos_joined WHERE sos_joined.record = projection.record)
         ORDER BY made_ms DESC, record DESC",
        (),
        "list open calls for help",
    )
}

/// Calls for help that ended, newest first, at most `limit`.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn ended_sos(db: &Connection, limit: u32) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "kind = 'sos' AND open = 0 AND json <> 'null'
           AND NOT EXISTS (SELECT 1 FROM sos_joined WHERE sos_joined.record = projection.record)
         ORDER BY made_ms DESC, record DESC LIMIT ?1",
        [limit],
        "list calls for help that ended",
    )
}

/// Shifts that touch a span of time.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn shifts(db: &Connection, from: UtcMs, until: UtcMs) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "kind = 'shift' AND until_ms >= ?1 AND from_ms <= ?2 ORDER BY from_ms, record",
        (from.0, until.0),
        "list shifts",
    )
}

fn stored(db: &Connection, wanted: &str, params: impl Params, step: &'static str) -> Result<Vec<Stored>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM projection WHERE {wanted}"))
        .step(step)?
        .query_map(params, read)
        .and_then(readable)
        .step(step)
        .and_then(|rows| spoilt::made_whole(db, rows))
}

/// Where a device was last, and when.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LastPosition {
    pub device: DeviceId,
    pub position: Position,
    pub at: UtcMs,
    /// An app on the phone made it up, no receiver did.
    pub is_mock: bool,
    /// The clock that stamped it was wrong: its age is unknown.
    pub is_clock_wrong: bool,
}

/// The last known position of every device that sent one.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn positions(db: &Connection) -> Result<Vec<LastPosition>, DbError> {
    let rows: Vec<(DeviceId, i64, i64, i64, i64, bool, bool)> = db
        .prepare_cached("SELECT device, at_ms, lat_e6, lon_e6, accuracy_m, mock, clock_wrong FROM position")
        .step("read the last positions")?
        .query_map([], |row| {
            Ok((
                fixed(row, 0, device_of)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ))
        })
        .and_then(readable)
        .step("read the last positions")?;
    let degrees = |micro: i64| micro as f64 / 1e6;
    Ok(rows
        .into_iter()
        .filter_map(|(device, at_ms, lat, lon, accuracy, is_mock, is_clock_wrong)| {
            let accuracy = u32::try_from(accuracy).ok().map(|metres| f64::from(metres).min(MAX_ACCURACY_M));
            let position = Position::new(degrees(lat), degrees(lon), accuracy).ok()?;
            Some(LastPosition { device, position, at: UtcMs(at_ms), is_mock, is_clock_wrong })
        })
        .collect())
}

/// When the first and the newest change of a record came.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn received_span(db: &Connection, record: &RecordId) -> Result<Option<(UtcMs, UtcMs)>, DbError> {
    let (first, last): (Option<i64>, Option<i64>) = db
        .prepare_cached("SELECT min(received_ms), max(received_ms) FROM change WHERE record = ?1")
        .step("read when a record came")?
        .query_row([record.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .step("read when a record came")?;
    Ok(first.zip(last).map(|(first, last)| (UtcMs(first), UtcMs(last))))
}

/// Kinds and ids of the entries each change of a record brought, by the change's hash.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn entries_by_change(
    db: &Connection,
    record: &RecordId,
) -> Result<Vec<(siaga_domain::id::ChangeHash, String, siaga_domain::id::EntryId)>, DbError> {
    db.prepare_cached("SELECT change, kind, id FROM entry WHERE record = ?1 ORDER BY id")
        .step("read the entries of changes")?
        .query_map([record.as_bytes()], |row| {
            Ok((fixed(row, 0, super::hash_of)?, row.get(1)?, fixed(row, 2, |blob| blob.try_into().ok())?))
        })
        .and_then(Iterator::collect)
        .step("read the entries of changes")
}

/// The newest incident that a desk made of a call for help.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn incident_of_sos(db: &Connection, sos: &RecordId) -> Result<Option<RecordId>, DbError> {
    let made: Option<Vec<u8>> = db
        .prepare_cached("SELECT max(incident) FROM sos_incident WHERE sos = ?1")
        .step("prepare the incident of a call for help")?
        .query_row([sos.as_bytes()], |row| row.get(0))
        .step("read the incident of a call for help")?;
    Ok(made.as_deref().and_then(super::record_of))
}

/// A desk made an incident of a call for help.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put_incident_of_sos(db: &Connection, sos: &RecordId, incident: &RecordId) -> Result<(), DbError> {
    db.prepare_cached("INSERT INTO sos_incident (sos, incident) VALUES (?1, ?2)")
        .step("prepare the incident of a call for help")?
        .execute((sos.as_bytes(), incident.as_bytes()))
        .step("keep the incident of a call for help")?;
    Ok(())
}

/// The open orders of a unit, oldest first.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn open_orders_of(db: &Connection, unit: &str) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "kind = 'assignment' AND unit = ?1 AND open = 1 ORDER BY record",
        [unit],
        "list the open orders of a unit",
    )
}

/// Whether there is work to do about a record.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn is_open(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM projection WHERE record = ?1 AND open = 1)")
        .step("prepare whether a record is open")?
        .query_row([record.as_bytes()], |row| row.get(0))
        .step("read whether a record is open")
}
