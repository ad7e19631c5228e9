//! Records that name what was never in their device's scope, and what a device may name.
//!
//! The rule in words is in `crate::journal::placing`; these are its sentences in SQL.

use super::{DbError, Step, device_of, fixed, record_of};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{ChangeHash, DeviceId, EntryId, RecordId};
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;

siaga_domain::coded! {
    /// The kind of thing a record names.
    #[ts(export_to = "center/")]
    Names {
        Incident = "incident",
        Patient = "patient",
        Identity = "identity",
        Post = "post",
    }
}

/// A record that is not placed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unplaced {
    pub record: RecordId,
    pub device: DeviceId,
    pub names: Names,
    /// The id of a record, or the code of a post.
    pub named: String,
    pub since_ms: UtcMs,
}

const COLUMNS: &str = "record, device, names, named, since_ms";

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Unplaced> {
    Ok(Unplaced {
        record: fixed(row, 0, record_of)?,
        device: fixed(row, 1, device_of)?,
        names: super::coded(row, 2)?,
        named: row.get(3)?,
        since_ms: UtcMs(row.get(4)?),
    })
}

/// # Errors
/// [`DbError`] naming the step.
pub fn is_unplaced(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM unplaced WHERE record = ?1 AND placed_ms = 0)")
        .step("prepare whether a record is placed")?
        .query_row([record.as_bytes()], |row| row.get(0))
        .step("ask whether a record is placed")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, record: &RecordId) -> Result<Option<Unplaced>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM unplaced WHERE record = ?1 AND placed_ms = 0"))
        .step("prepare an unplaced record")?
        .query_row([record.as_bytes()], read)
        .optional()
        .step("read an unplaced record")
}

/// Everything of one device that is not placed, oldest first.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_device(db: &Connection, device: &DeviceId) -> Result<Vec<Unplaced>, DbError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM unplaced WHERE device = ?1 AND placed_ms = 0 ORDER BY since_ms, record"
    ))
    .step("prepare the unplaced records of a device")?
    .query_map([device.as_bytes()], read)
    .and_then(Iterator::collect)
    .step("read the unplaced records of a device")
}

/// As [`of_device`], without records that name one of which changes wait here: those are placed when it enters.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn shown_of_device(db: &Connection, device: &DeviceId) -> Result<Vec<Unplaced>, DbError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM unplaced WHERE device = ?1 AND placed_ms = 0
           AND NOT EXISTS (SELECT 1 FROM quarantine WHERE quarantine.verdict = 'park' AND quarantine.device = ?1
                           AND unplaced.names <> 'post' AND quarantine.record = unhex(replace(unplaced.named, '-', '')))
         ORDER BY since_ms, record"
    ))
    .step("prepare the unplaced records shown of a device")?
    .query_map([device.as_bytes()], read)
    .and_then(Iterator::collect)
    .step("read the unplaced records shown of a device")
}

/// Devices with records that are not placed.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn devices(db: &Connection) -> Result<Vec<DeviceId>, DbError> {
    db.prepare_cached("SELECT DISTINCT device FROM unplaced WHERE placed_ms = 0")
        .step("prepare whose records are not placed")?
        .query_map([], |row| fixed(row, 0, device_of))
        .and_then(Iterator::collect)
        .step("read whose records are not placed")
}

/// From now on the record is not placed, whatever was decided about it before.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, row: &Unplaced) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO unplaced (record, device, names, named, since_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (record) DO UPDATE SET device = excluded.device, names = excluded.names, named = excluded.named,
             since_ms = excluded.since_ms, placed_ms = 0, placed_by = ''",
    )
    .step("prepare to keep an unplaced record")?
    .execute((row.record.as_bytes(), row.device.as_bytes(), row.names.code(), &row.named, row.since_ms.0))
    .step("keep an unplaced record")?;
    Ok(())
}

/// Marks a record as placed; whether it was not placed until now.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn mark_placed(db: &Connection, record: &RecordId, by: &str, now: UtcMs) -> Result<bool, DbError> {
    db.prepare_cached("UPDATE unplaced SET placed_ms = max(?2, 1), placed_by = ?3 WHERE record = ?1 AND placed_ms = 0")
        .step("prepare to place a record")?
        .execute((record.as_bytes(), now.0, by))
        .map(|placed| placed > 0)
        .step("place a record")
}

/// Whether a device's unit, of now or before, is stationed at a post by the directory, or the device was ever told a
/// shift of the post.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn knows_post(db: &Connection, device: &DeviceId, post: &str) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM projection, json_each(projection.json, '$.units') AS unit
                        JOIN device_unit_ever AS ever ON ever.device = ?1 AND ever.unit = json_extract(unit.value, '$.code')
                        WHERE projection.kind = 'directory' AND json_extract(unit.value, '$.post') = ?2)
             OR EXISTS (SELECT 1 FROM projection JOIN membership ON membership.record = projection.record
                        WHERE projection.kind = 'shift' AND projection.post = ?2 AND membership.device = ?1)",
    )
    .step("prepare whether a device knows a post")?
    .query_row((device.as_bytes(), post), |row| row.get(0))
    .step("ask whether a device knows a post")
}

/// Shifts of the posts where a device's units are or were that touch a span of time.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn shifts_of(db: &Connection, device: &DeviceId, from: UtcMs, until: UtcMs) -> Result<Vec<RecordId>, DbError> {
    db.prepare_cached(
        "SELECT record FROM projection
         WHERE kind = 'shift' AND post <> '' AND from_ms <= ?3 AND until_ms >= ?2
           AND (post IN (SELECT json_extract(unit.value, '$.post') FROM projection AS directory, json_each(directory.json, '$.units') AS unit
                         JOIN device_unit_ever AS ever ON ever.device = ?1 AND ever.unit = json_extract(unit.value, '$.code')
                         WHERE directory.kind = 'directory')
                OR EXISTS (SELECT 1 FROM membership WHERE membership.device = ?1 AND membership.record = projection.record))
         ORDER BY record",
    )
    .step("prepare the shifts of a device's posts")?
    .query_map((device.as_bytes(), from.0, until.0), |row| fixed(row, 0, record_of))
    .and_then(Iterator::collect)
    .step("read the shifts of a device's posts")
}

/// Whether the directory names a facility.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn facility_exists(db: &Connection, facility: &str) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM projection, json_each(projection.json, '$.facilities') AS facility
         WHERE projection.kind = 'directory' AND json_extract(facility.value, '$.code') = ?1)",
    )
    .step("prepare to look for a facility")?
    .query_row([facility], |row| row.get(0))
    .step("look for a facility")
}

/// Keeps what was found about an entry when `change` brought it; what is there already stays.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn note_entry(
    db: &Connection,
    record: &RecordId,
    entry: &EntryId,
    change: &ChangeHash,
    found: &Found,
) -> Result<(), DbError> {
    db.prepare_cached(
        "UPDATE entry SET person = ?4, mismatch = ?5 WHERE record = ?1 AND id = ?2 AND change = ?3 AND person = ''",
    )
    .step("prepare what was found about an entry")?
    .execute((record.as_bytes(), entry.as_bytes(), change.0, &found.person, &found.mismatch))
    .step("keep what was found about an entry")?;
    Ok(())
}

/// What was found about one entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Empty where nothing was checked.
    pub person: String,
    pub mismatch: String,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn found(db: &Connection, record: &RecordId, entry: &EntryId) -> Result<Found, DbError> {
    db.prepare_cached("SELECT person, mismatch FROM entry WHERE record = ?1 AND id = ?2")
        .step("prepare what is known of an entry")?
        .query_row((record.as_bytes(), entry.as_bytes()), |row| {
            Ok(Found { person: row.get(0)?, mismatch: row.get(1)? })
        })
        .optional()
        .step("read what is known of an entry")
        .map(Option::unwrap_or_default)
}

/// As [`found`], of every entry of a record of which something is known.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn found_in(db: &Connection, record: &RecordId) -> Result<BTreeMap<EntryId, Found>, DbError> {
    db.prepare_cached("SELECT id, person, mismatch FROM entry WHERE record = ?1 AND (person <> '' OR mismatch <> '')")
        .step("prepare what is known of the entries of a record")?
        .query_map([record.as_bytes()], |row| {
            Ok((fixed(row, 0, |blob| blob.try_into().ok())?, Found { person: row.get(1)?, mismatch: row.get(2)? }))
        })
        .and_then(Iterator::collect)
        .step("read what is known of the entries of a record")
}
