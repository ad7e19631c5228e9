//! What the console asks across many records: lists by what the projection says, without reading the rest.

use super::projection::{COLUMNS, Stored, read};
use super::{DbError, Step, device_of, fixed};
use rusqlite::{Connection, Params};
use siaga_domain::id::DeviceId;
use siaga_domain::place::{MAX_ACCURACY_M, Position};
use siaga_domain::time::UtcMs;

/// Newest first. `closed`: only those, only the others, or both.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn incidents(db: &Connection, closed: Option<bool>, limit: u32) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "kind = 'incident' AND json <> 'null' AND (?1 IS NULL OR (json ->> '$.closed' IS NOT NULL) = ?1) ORDER BY record DESC LIMIT ?2",
        (closed, limit),
        "list incidents",
    )
}

/// Newest first. Open means still work to do: not cancelled, not declined, not back in service.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn assignments(db: &Connection, open: Option<bool>, limit: u32) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "kind = 'assignment'
         AND (?1 IS NULL OR (ended_ms = 0 AND coalesce(json ->> '$.status', '') NOT IN ('declined', 'available')) = ?1)
         ORDER BY record DESC LIMIT ?2",
        (open, limit),
        "list assignments",
    )
}

/// Records in which people disagree.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn disputed(db: &Connection) -> Result<Vec<Stored>, DbError> {
    stored(
        db,
        "kind IN ('incident', 'assignment', 'patient', 'identity', 'assessment') AND json_array_length(json, '$.disputes') > 0
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
        "kind = 'sos' AND ended_ms = 0 AND json <> 'null'
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
        "kind = 'sos' AND ended_ms <> 0 AND json <> 'null'
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
        .and_then(Iterator::collect)
        .step(step)
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
        .and_then(Iterator::collect)
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
pub fn received_span(db: &Connection, record: &siaga_domain::id::RecordId) -> Result<Option<(UtcMs, UtcMs)>, DbError> {
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
    record: &siaga_domain::id::RecordId,
) -> Result<Vec<(siaga_domain::id::ChangeHash, String, siaga_domain::id::EntryId)>, DbError> {
    db.prepare_cached("SELECT change, kind, id FROM entry WHERE record = ?1 ORDER BY id")
        .step("read the entries of changes")?
        .query_map([record.as_bytes()], |row| {
            Ok((fixed(row, 0, super::hash_of)?, row.get(1)?, fixed(row, 2, |blob| blob.try_into().ok())?))
        })
        .and_then(Iterator::collect)
        .step("read the entries of changes")
}
