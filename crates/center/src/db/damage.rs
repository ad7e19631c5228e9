//! Changes whose bytes are damaged, and what phones said befell them.

use super::{DbError, Step, device_of, fixed, hash_of, record_of, signed};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{ChangeHash, DeviceId, RecordId};
use siaga_domain::time::UtcMs;
use siaga_wire::repair::Fault;

/// Keeps damaged bytes; whether they were not known yet.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, hash: &ChangeHash, record: &RecordId, bytes: &[u8], now: UtcMs) -> Result<bool, DbError> {
    let written = db
        .prepare_cached(
            "INSERT INTO damaged (hash, record, bytes, found_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hash) DO UPDATE SET bytes = ?3, found_ms = ?4, mended_ms = 0 WHERE mended_ms > 0",
        )
        .step("prepare to keep damaged bytes")?
        .execute((hash.0, record.as_bytes(), bytes, now.0))
        .step("keep damaged bytes")?;
    Ok(written > 0)
}

/// # Errors
/// [`DbError`] naming the step.
pub fn mended(db: &Connection, hash: &ChangeHash, now: UtcMs) -> Result<(), DbError> {
    db.execute("UPDATE damaged SET mended_ms = ?2 WHERE hash = ?1 AND mended_ms = 0", (hash.0, now.0))
        .step("note that a change is whole again")?;
    Ok(())
}

/// The record of a change that is damaged still.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn record_of_open(db: &Connection, hash: &ChangeHash) -> Result<Option<RecordId>, DbError> {
    db.prepare_cached("SELECT record FROM damaged WHERE hash = ?1 AND mended_ms = 0")
        .step("prepare a damaged change")?
        .query_row([hash.0], |row| fixed(row, 0, record_of))
        .optional()
        .step("find a damaged change")
}

/// Whether something of a record is damaged still.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn is_open(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM damaged WHERE record = ?1 AND mended_ms = 0)")
        .step("prepare whether a record is damaged")?
        .query_row([record.as_bytes()], |row| row.get(0))
        .step("ask whether a record is damaged")
}

/// Records of which something is damaged still, with the moment it was found.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn open(db: &Connection) -> Result<Vec<(RecordId, UtcMs)>, DbError> {
    db.prepare_cached("SELECT record, min(found_ms) FROM damaged WHERE mended_ms = 0 GROUP BY record")
        .step("prepare the damaged records")?
        .query_map([], |row| Ok((fixed(row, 0, record_of)?, UtcMs(row.get(1)?))))
        .and_then(Iterator::collect)
        .step("read the damaged records")
}

/// What is damaged still of records a device is told about or wrote in, and was not asked of it since a moment.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn to_ask(
    db: &Connection,
    device: &DeviceId,
    asked_before: UtcMs,
    limit: usize,
) -> Result<Vec<ChangeHash>, DbError> {
    db.prepare_cached(
        "SELECT d.hash FROM damaged d WHERE d.mended_ms = 0
           AND (EXISTS (SELECT 1 FROM membership m WHERE m.device = ?1 AND m.record = d.record)
             OR EXISTS (SELECT 1 FROM change c WHERE c.origin = ?1 AND c.record = d.record))
           AND NOT EXISTS (SELECT 1 FROM damaged_asked a WHERE a.hash = d.hash AND a.device = ?1 AND a.asked_ms > ?2)
         ORDER BY d.found_ms, d.hash LIMIT ?3",
    )
    .step("prepare what is asked of a device")?
    .query_map((device.as_bytes(), asked_before.0, signed(limit as u64)), |row| fixed(row, 0, hash_of))
    .and_then(Iterator::collect)
    .step("read what is asked of a device")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn mark_asked(db: &Connection, device: &DeviceId, asked: &[ChangeHash], now: UtcMs) -> Result<(), DbError> {
    for hash in asked {
        db.prepare_cached(
            "INSERT INTO damaged_asked (hash, device, asked_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (hash, device) DO UPDATE SET asked_ms = excluded.asked_ms",
        )
        .step("prepare what was asked of a device")?
        .execute((hash.0, device.as_bytes(), now.0))
        .step("note what was asked of a device")?;
    }
    Ok(())
}

/// Keeps what befell a phone; whether it was not known yet.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put_fault(db: &Connection, device: &DeviceId, fault: &Fault, now: UtcMs) -> Result<bool, DbError> {
    let written = db
        .prepare_cached(
            "INSERT OR IGNORE INTO device_fault (device, number, at_ms, code, count, saved, received_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .step("prepare what befell a device")?
        .execute((device.as_bytes(), signed(fault.number), fault.at_ms, &fault.code, fault.count, fault.saved, now.0))
        .step("keep what befell a device")?;
    Ok(written > 0)
}

/// Devices that lost something they had saved, or do not start as they should, since a moment; with the last time.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn befallen(db: &Connection, since: UtcMs) -> Result<Vec<(DeviceId, UtcMs)>, DbError> {
    db.prepare_cached(
        "SELECT device, max(received_ms) FROM device_fault
         WHERE code IN ('home', 'log_lost', 'row_lost', 'safe_start') AND received_ms > ?1 GROUP BY device",
    )
    .step("prepare what befell devices")?
    .query_map([since.0], |row| Ok((fixed(row, 0, device_of)?, UtcMs(row.get(1)?))))
    .and_then(Iterator::collect)
    .step("read what befell devices")
}
