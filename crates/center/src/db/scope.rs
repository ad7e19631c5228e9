//! Which devices are to be told about a record, and which records a device is to be told about.
//!
//! The rule in words is in `crate::scope`; these are its sentences in SQL.

use super::{DbError, Step, device_of, fixed, record_of};
use rusqlite::{Connection, params};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::RecordKind;

/// Roles that see patients.
const CLINICAL: &str = "('medic', 'supervisor', 'volunteer')";

/// Moments that bound what is current.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Shifts that ended before this are past.
    pub ended_after_ms: i64,
    /// Shifts that begin after this are not told yet.
    pub begins_before_ms: i64,
    /// Finished work that last moved before this is not told to a newly enrolled device.
    pub moved_after_ms: i64,
    /// Assignments cancelled before this are not told either.
    pub cancelled_after_ms: i64,
}

fn devices(db: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Vec<DeviceId>, DbError> {
    db.prepare_cached(sql)
        .step("prepare an audience")?
        .query_map(values, |row| fixed(row, 0, device_of))
        .and_then(Iterator::collect)
        .step("read an audience")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn active(db: &Connection) -> Result<Vec<DeviceId>, DbError> {
    devices(db, "SELECT id FROM device WHERE state = 'active'", [])
}

/// # Errors
/// [`DbError`] naming the step.
pub fn of_unit(db: &Connection, unit: &str) -> Result<Vec<DeviceId>, DbError> {
    devices(db, "SELECT id FROM device WHERE state = 'active' AND unit = ?1", [unit])
}

/// Devices whose unit is stationed at a post by a directory.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_post(db: &Connection, post: &str) -> Result<Vec<DeviceId>, DbError> {
    devices(
        db,
        "SELECT id FROM device WHERE state = 'active' AND unit IN
         (SELECT json_extract(unit.value, '$.code') FROM projection, json_each(projection.json, '$.units') AS unit
          WHERE projection.kind = 'directory' AND json_extract(unit.value, '$.post') = ?1)",
        [post],
    )
}

/// Devices of units assigned to an incident.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_incident(db: &Connection, incident: &RecordId) -> Result<Vec<DeviceId>, DbError> {
    devices(
        db,
        "SELECT id FROM device WHERE state = 'active' AND unit IN
         (SELECT unit FROM projection WHERE incident = ?1 AND kind = 'assignment')",
        [incident.as_bytes()],
    )
}

/// As [`of_incident`], only roles that see patients.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn clinical_of_incident(db: &Connection, incident: &RecordId) -> Result<Vec<DeviceId>, DbError> {
    devices(
        db,
        &format!(
            "SELECT id FROM device WHERE state = 'active' AND role IN {CLINICAL} AND unit IN
             (SELECT unit FROM projection WHERE incident = ?1 AND kind = 'assignment')"
        ),
        [incident.as_bytes()],
    )
}

/// Active devices that are told about a record now.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn members(db: &Connection, record: &RecordId) -> Result<Vec<DeviceId>, DbError> {
    devices(
        db,
        "SELECT membership.device FROM membership JOIN device ON device.id = membership.device
         WHERE membership.record = ?1 AND membership.left = 0 AND device.state = 'active'",
        [record.as_bytes()],
    )
}

/// Every device that is told about a record now, whether it may still speak or not.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn holders(db: &Connection, record: &RecordId) -> Result<Vec<DeviceId>, DbError> {
    devices(db, "SELECT device FROM membership WHERE record = ?1 AND left = 0", [record.as_bytes()])
}

/// What a device, ?1, is to be told about within a window, ?2 to ?5.
fn wanted() -> String {
    format!(
        "WITH me AS (SELECT id, unit, role FROM device WHERE id = ?1 AND state = 'active'),
         mine AS (
             SELECT record, incident FROM projection, me WHERE kind = 'assignment' AND projection.unit = me.unit
             AND (open = 1
                  OR ((ended_ms > ?5 OR (ended_ms = 0 AND updated_ms > ?4))
                      AND NOT EXISTS (SELECT 1 FROM archive WHERE archive.incident = projection.incident)))
         ),
         wanted AS (
             SELECT record, kind FROM projection, me WHERE kind = 'directory'
             UNION SELECT record, kind FROM projection, me WHERE kind = 'shift' AND until_ms > ?2 AND from_ms < ?3 AND post IN
                 (SELECT json_extract(unit.value, '$.post') FROM projection AS directory, json_each(directory.json, '$.units') AS unit
                  WHERE directory.kind = 'directory' AND json_extract(unit.value, '$.code') = me.unit)
             UNION SELECT record, 'assignment' FROM mine
             UNION SELECT record, kind FROM projection WHERE kind = 'incident' AND record IN (SELECT incident FROM mine)
             UNION SELECT record, kind FROM projection WHERE kind = 'assessment' AND incident IN (SELECT incident FROM mine)
             UNION SELECT record, kind FROM projection, me WHERE kind = 'patient' AND me.role IN {CLINICAL} AND incident IN (SELECT incident FROM mine)
             UNION SELECT identity.record, 'identity' FROM projection AS identity JOIN projection AS patient ON patient.record = identity.parent, me
                 WHERE identity.kind = 'identity' AND me.role IN {CLINICAL} AND patient.incident IN (SELECT incident FROM mine)
         )"
    )
}

/// What a device is told about only because of a unit it no longer has: it wrote none of it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn kept_by_unit_alone(
    db: &Connection,
    device: &DeviceId,
    window: &Window,
) -> Result<Vec<(RecordId, RecordKind)>, DbError> {
    let sql = format!(
        "{}
         SELECT membership.record, projection.kind FROM membership JOIN projection ON projection.record = membership.record
         WHERE membership.device = ?1 AND membership.left = 0
           AND NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.record = membership.record)
           AND NOT EXISTS (SELECT 1 FROM change WHERE change.origin = ?1 AND change.record = membership.record)
           AND NOT EXISTS (SELECT 1 FROM incident_part WHERE incident_part.record = membership.record)",
        wanted()
    );
    db.prepare_cached(&sql)
        .step("prepare what only a unit is told")?
        .query_map(
            params![
                device.as_bytes(),
                window.ended_after_ms,
                window.begins_before_ms,
                window.moved_after_ms,
                window.cancelled_after_ms
            ],
            |row| Ok((fixed(row, 0, record_of)?, super::coded(row, 1)?)),
        )
        .and_then(Iterator::collect)
        .step("read what only a unit is told")
}

/// Everything a device is to be told about and is not told about yet, each record after what it hangs on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn missing(db: &Connection, device: &DeviceId, window: &Window) -> Result<Vec<(RecordId, RecordKind)>, DbError> {
    let sql = format!(
        "{}
         SELECT wanted.record, wanted.kind FROM wanted
         WHERE NOT EXISTS (SELECT 1 FROM membership WHERE membership.device = ?1 AND membership.record = wanted.record AND membership.left = 0)
         ORDER BY CASE wanted.kind WHEN 'directory' THEN 0 WHEN 'shift' THEN 1 WHEN 'incident' THEN 2 WHEN 'assignment' THEN 3 ELSE 4 END, wanted.record",
        wanted()
    );
    db.prepare_cached(&sql)
        .step("prepare what a device is to be told")?
        .query_map(
            params![
                device.as_bytes(),
                window.ended_after_ms,
                window.begins_before_ms,
                window.moved_after_ms,
                window.cancelled_after_ms
            ],
            |row| Ok((fixed(row, 0, record_of)?, super::coded(row, 1)?)),
        )
        .and_then(Iterator::collect)
        .step("read what a device is to be told")
}

/// Shifts that begin at or after one moment and before another.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn shifts_that_begin(db: &Connection, from_ms: i64, before_ms: i64) -> Result<Vec<RecordId>, DbError> {
    db.prepare_cached("SELECT record FROM projection WHERE kind = 'shift' AND from_ms >= ?1 AND from_ms < ?2")
        .step("prepare the shifts that come near")?
        .query_map([from_ms, before_ms], |row| fixed(row, 0, record_of))
        .and_then(Iterator::collect)
        .step("read the shifts that come near")
}

/// Memberships in assignments cancelled before a moment in which the device never wrote.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn cancelled_unread(db: &Connection, before_ms: i64) -> Result<Vec<(DeviceId, RecordId)>, DbError> {
    db.prepare_cached(
        "SELECT membership.device, membership.record FROM projection JOIN membership ON membership.record = projection.record AND membership.left = 0
         WHERE projection.kind = 'assignment' AND projection.ended_ms > 0 AND projection.ended_ms < ?1
           AND NOT EXISTS (SELECT 1 FROM change WHERE change.origin = membership.device AND change.record = membership.record)",
    )
    .step("prepare what may be forgotten")?
    .query_map([before_ms], |row| Ok((fixed(row, 0, device_of)?, fixed(row, 1, record_of)?)))
    .and_then(Iterator::collect)
    .step("read what may be forgotten")
}

/// Whether a directory names the unit.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn unit_exists(db: &Connection, unit: &str) -> Result<bool, DbError> {
    db.query_row(
        "SELECT EXISTS (SELECT 1 FROM projection, json_each(projection.json, '$.units') AS unit
         WHERE projection.kind = 'directory' AND json_extract(unit.value, '$.code') = ?1)",
        [unit],
        |row| row.get(0),
    )
    .step("look for a unit")
}
