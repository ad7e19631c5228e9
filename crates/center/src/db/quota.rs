//! What devices brought, counted, and the changes that wait because it was too much.
//!
//! Times here are of the center's steady clock. The rule in words is in `crate::journal::quota`.

use super::{DbError, Step, device_of, fixed, record_of, signed, unsigned};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{ChangeHash, DeviceId, RecordId};
use siaga_domain::time::UtcMs;

const HOUR_MS: i64 = 3_600_000;

/// What a quota counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// New incidents of a device.
    Report,
    /// New shifts of a device.
    Shift,
    /// Entries of a device in one record.
    Entry(RecordId),
}

impl Counted {
    const fn code(&self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Shift => "shift",
            Self::Entry(_) => "entry",
        }
    }

    fn record(&self) -> &[u8] {
        match self {
            Self::Entry(record) => record.as_bytes(),
            Self::Report | Self::Shift => &[],
        }
    }
}

/// The most that is counted in an hour that ends or begins at a moment.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn spent_around(db: &Connection, device: &DeviceId, what: &Counted, at: UtcMs) -> Result<i64, DbError> {
    db.prepare_cached(
        "SELECT coalesce(sum(amount) FILTER (WHERE at_ms <= ?4), 0), coalesce(sum(amount) FILTER (WHERE at_ms >= ?4), 0)
         FROM spent WHERE device = ?1 AND what = ?2 AND record = ?3 AND at_ms > ?4 - ?5 AND at_ms < ?4 + ?5",
    )
    .step("prepare what a device spent")?
    .query_row((device.as_bytes(), what.code(), what.record(), at.0, HOUR_MS), |row| {
        Ok(row.get::<_, i64>(0)?.max(row.get(1)?))
    })
    .step("count what a device spent")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn spend(db: &Connection, device: &DeviceId, what: &Counted, at: UtcMs, amount: i64) -> Result<(), DbError> {
    db.prepare_cached("INSERT INTO spent (device, what, record, at_ms, amount) VALUES (?1, ?2, ?3, ?4, ?5)")
        .step("prepare to count what a device brought")?
        .execute((device.as_bytes(), what.code(), what.record(), at.0, amount))
        .step("count what a device brought")?;
    Ok(())
}

/// Forgets what was counted before a moment.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn forget_before(db: &Connection, device: &DeviceId, before: UtcMs) -> Result<(), DbError> {
    db.prepare_cached("DELETE FROM spent WHERE device = ?1 AND at_ms < ?2")
        .step("prepare to forget what a device spent")?
        .execute((device.as_bytes(), before.0))
        .step("forget what a device spent")?;
    Ok(())
}

/// The last time a device was away, and when it came back.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn away(db: &Connection, device: &DeviceId) -> Result<Option<(UtcMs, UtcMs)>, DbError> {
    db.prepare_cached("SELECT from_ms, back_ms FROM away WHERE device = ?1")
        .step("prepare when a device was away")?
        .query_row([device.as_bytes()], |row| Ok((UtcMs(row.get(0)?), UtcMs(row.get(1)?))))
        .optional()
        .step("read when a device was away")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put_away(db: &Connection, device: &DeviceId, from: UtcMs, back: UtcMs) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO away (device, from_ms, back_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (device) DO UPDATE SET from_ms = excluded.from_ms, back_ms = excluded.back_ms",
    )
    .step("prepare to note that a device was away")?
    .execute((device.as_bytes(), from.0, back.0))
    .step("note that a device was away")?;
    Ok(())
}

/// When the device last exchanged, or else was enrolled, wall time.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn last_exchange(db: &Connection, device: &DeviceId) -> Result<Option<UtcMs>, DbError> {
    db.prepare_cached(
        "SELECT coalesce(contact.last_ms, device.enrolled_ms) FROM device LEFT JOIN contact ON contact.device = device.id
         WHERE device.id = ?1",
    )
    .step("prepare when a device last exchanged")?
    .query_row([device.as_bytes()], |row| row.get(0).map(UtcMs))
    .optional()
    .step("read when a device last exchanged")
}

/// Bytes of envelopes that a device sent in the day before a moment, of one lane or of both.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn carried(db: &Connection, device: &DeviceId, lane: Option<u8>, now: UtcMs) -> Result<u64, DbError> {
    db.prepare_cached(
        "SELECT coalesce(sum(bytes), 0) FROM carried
         WHERE device = ?1 AND (?2 IS NULL OR lane = ?2) AND hour > ?3 - 24",
    )
    .step("prepare how much a device sent")?
    .query_row((device.as_bytes(), lane, now.0.div_euclid(HOUR_MS)), |row| row.get(0).map(unsigned))
    .step("count how much a device sent")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn carry(db: &Connection, device: &DeviceId, lane: u8, now: UtcMs, bytes: usize) -> Result<(), DbError> {
    let hour = now.0.div_euclid(HOUR_MS);
    db.prepare_cached(
        "INSERT INTO carried (device, lane, hour, bytes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (device, lane, hour) DO UPDATE SET bytes = bytes + excluded.bytes",
    )
    .step("prepare to count bytes")?
    .execute((device.as_bytes(), lane, hour, signed(bytes as u64)))
    .step("count bytes")?;
    db.prepare_cached("DELETE FROM carried WHERE device = ?1 AND hour < ?2 - 48")
        .step("prepare to forget bytes")?
        .execute((device.as_bytes(), hour))
        .step("forget bytes")?;
    Ok(())
}

/// Whether a unit of the device, of now or before, was ever ordered to an incident.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn is_ordered_to(db: &Connection, device: &DeviceId, incident: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM projection JOIN device_unit_ever AS ever ON ever.unit = projection.unit
         WHERE projection.incident = ?2 AND projection.kind = 'assignment' AND ever.device = ?1)",
    )
    .step("prepare whether a unit was ordered to an incident")?
    .query_row((device.as_bytes(), incident.as_bytes()), |row| row.get(0))
    .step("ask whether a unit was ordered to an incident")
}

const WAITS: &str = "verdict = 'park' AND reason = 'quota'";

/// Whether one of these changes of a device waits for its quota.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn any_waits(db: &Connection, device: &DeviceId, changes: &[ChangeHash]) -> Result<bool, DbError> {
    for change in changes {
        let waits = db
            .prepare_cached(&format!(
                "SELECT EXISTS (SELECT 1 FROM quarantine WHERE device = ?1 AND hash = ?2 AND {WAITS})"
            ))
            .step("prepare whether a change waits for a quota")?
            .query_row((device.as_bytes(), change.0), |row| row.get(0))
            .step("ask whether a change waits for a quota")?;
        if waits {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A device of which changes wait for its quota.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    pub device: DeviceId,
    /// Changes, each counted once.
    pub changes: u32,
    pub since_ms: UtcMs,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn waiting(db: &Connection) -> Result<Vec<Waiting>, DbError> {
    db.prepare_cached(&format!(
        "SELECT device, count(DISTINCT hash), min(received_ms) FROM quarantine WHERE {WAITS} AND released = 0
         GROUP BY device ORDER BY min(received_ms)"
    ))
    .step("prepare whose changes wait for a quota")?
    .query_map([], |row| {
        Ok(Waiting { device: fixed(row, 0, device_of)?, changes: row.get(1)?, since_ms: UtcMs(row.get(2)?) })
    })
    .and_then(Iterator::collect)
    .step("read whose changes wait for a quota")
}

/// Devices of which changes wait for a quota, whether they were let in by a person or not.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn devices(db: &Connection) -> Result<Vec<DeviceId>, DbError> {
    db.prepare_cached(&format!("SELECT DISTINCT device FROM quarantine WHERE {WAITS}"))
        .step("prepare the devices that wait for a quota")?
        .query_map([], |row| fixed(row, 0, device_of))
        .and_then(Iterator::collect)
        .step("read the devices that wait for a quota")
}

/// A record of which changes of one device wait for its quota.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingRecord {
    pub record: RecordId,
    /// As the device said.
    pub kind: String,
    pub lane: u8,
    /// A person let in at least one of them.
    pub is_released: bool,
}

/// Records of which changes of a device wait, in the order they came.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn records(db: &Connection, device: &DeviceId) -> Result<Vec<WaitingRecord>, DbError> {
    db.prepare_cached(&format!(
        "SELECT record, kind, lane, max(released) FROM quarantine WHERE device = ?1 AND {WAITS}
         GROUP BY record ORDER BY min(received_ms), min(lane), min(seq)"
    ))
    .step("prepare the records that wait for a quota")?
    .query_map([device.as_bytes()], |row| {
        Ok(WaitingRecord {
            record: fixed(row, 0, record_of)?,
            kind: row.get(1)?,
            lane: row.get(2)?,
            is_released: row.get(3)?,
        })
    })
    .and_then(Iterator::collect)
    .step("read the records that wait for a quota")
}

/// Lets everything of a device in that waits for its quota; how much it is.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn release(db: &Connection, device: &DeviceId) -> Result<usize, DbError> {
    db.prepare_cached(&format!("UPDATE quarantine SET released = 1 WHERE device = ?1 AND released = 0 AND {WAITS}"))
        .step("prepare to release what waits for a quota")?
        .execute([device.as_bytes()])
        .step("release what waits for a quota")
}
