//! What waits for a change it hangs on, and the verdicts that come after the receipt.

use super::{DbError, Step, device_of, fixed, hash_of, record_of, signed, unsigned};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{ChangeHash, DeviceId, RecordId};
use siaga_domain::time::UtcMs;
use std::collections::BTreeSet;

/// A change that waits outside its document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parked {
    pub hash: ChangeHash,
    pub record: RecordId,
    pub kind: String,
    pub bytes: Vec<u8>,
    pub device: DeviceId,
    pub lane: u8,
    pub seq: u64,
    pub received_ms: UtcMs,
    /// A person let it in, whatever the quota of its device is.
    pub is_released: bool,
}

const PARKED: &str = "hash, record, kind, bytes, device, lane, seq, received_ms, released";

fn parked(db: &Connection, tail: &str, values: impl rusqlite::Params) -> Result<Vec<Parked>, DbError> {
    db.prepare_cached(&format!("SELECT {PARKED} FROM quarantine WHERE verdict = 'park' AND {tail}"))
        .step("prepare what waits")?
        .query_map(values, |row| {
            Ok(Parked {
                hash: fixed(row, 0, hash_of)?,
                record: fixed(row, 1, record_of)?,
                kind: row.get(2)?,
                bytes: row.get(3)?,
                device: fixed(row, 4, device_of)?,
                lane: row.get(5)?,
                seq: unsigned(row.get(6)?),
                received_ms: UtcMs(row.get(7)?),
                is_released: row.get(8)?,
            })
        })
        .and_then(Iterator::collect)
        .step("read what waits")
}

/// What waits in a record for a change it depends on, in the order it came.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn parked_in(db: &Connection, record: &RecordId) -> Result<Vec<Parked>, DbError> {
    parked(db, "record = ?1 AND reason <> 'quota' ORDER BY received_ms, device, lane, seq", [record.as_bytes()])
}

/// What waits in a record for a quota, in the order it came.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn parked_for_quota(db: &Connection, record: &RecordId) -> Result<Vec<Parked>, DbError> {
    parked(db, "record = ?1 AND reason = 'quota' ORDER BY received_ms, device, lane, seq", [record.as_bytes()])
}

/// Whether something waits in a record for a change it depends on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn waits_for_others_in(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM quarantine WHERE verdict = 'park' AND record = ?1 AND reason <> 'quota')",
    )
    .step("prepare whether something waits for others")?
    .query_row([record.as_bytes()], |row| row.get(0))
    .step("ask whether something waits for others")
}

/// Says why a change waits by now.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn waits_for(
    db: &Connection,
    device: &DeviceId,
    (lane, seq): (u8, u64),
    hash: &ChangeHash,
    reason: &str,
) -> Result<(), DbError> {
    db.prepare_cached(
        "UPDATE quarantine SET reason = ?5
         WHERE device = ?1 AND lane = ?2 AND seq = ?3 AND hash = ?4 AND verdict = 'park' AND reason <> ?5",
    )
    .step("prepare why a change waits")?
    .execute((device.as_bytes(), lane, signed(seq), hash.0, reason))
    .step("note why a change waits")?;
    Ok(())
}

/// Whether something waits in a record, whatever for.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn waits_in(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM quarantine WHERE verdict = 'park' AND record = ?1)")
        .step("prepare whether something waits")?
        .query_row([record.as_bytes()], |row| row.get(0))
        .step("ask whether something waits")
}

/// Records in which something waits for a change it depends on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn waiting_records(db: &Connection) -> Result<BTreeSet<RecordId>, DbError> {
    db.prepare_cached("SELECT DISTINCT record FROM quarantine WHERE verdict = 'park' AND reason <> 'quota'")
        .step("prepare where something waits")?
        .query_map([], |row| fixed(row, 0, record_of))
        .and_then(Iterator::collect)
        .step("read where something waits")
}

/// What came before a moment and waits still for a change it depends on, at most `limit`.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn parked_before(db: &Connection, before: UtcMs, limit: usize) -> Result<Vec<Parked>, DbError> {
    parked(db, "received_ms < ?1 AND reason <> 'quota' ORDER BY received_ms LIMIT ?2", (before.0, signed(limit as u64)))
}

/// What of one device waits for a change and was not asked about since a moment, at most `limit`.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn parked_of(
    db: &Connection,
    device: &DeviceId,
    asked_before: UtcMs,
    limit: usize,
) -> Result<Vec<Parked>, DbError> {
    parked(
        db,
        "device = ?1 AND asked_ms < ?2 AND reason <> 'quota' ORDER BY received_ms LIMIT ?3",
        (device.as_bytes(), asked_before.0, signed(limit as u64)),
    )
}

/// How many changes of a device wait for others.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn count_parked(db: &Connection, device: &DeviceId) -> Result<usize, DbError> {
    db.prepare_cached("SELECT count(*) FROM quarantine WHERE verdict = 'park' AND device = ?1 AND reason <> 'quota'")
        .step("prepare how much waits")?
        .query_row([device.as_bytes()], |row| row.get::<_, i64>(0))
        .step("count what waits")
        .map(|count| usize::try_from(count).unwrap_or(usize::MAX))
}

/// Notes that the device was asked for what its parked changes hang on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn mark_asked(db: &Connection, device: &DeviceId, now: UtcMs) -> Result<(), DbError> {
    db.prepare_cached("UPDATE quarantine SET asked_ms = ?2 WHERE verdict = 'park' AND device = ?1")
        .step("prepare that a device was asked")?
        .execute((device.as_bytes(), now.0))
        .step("note that a device was asked")?;
    Ok(())
}

/// Takes a change out of the waiting: it entered its document, whose log has its bytes from now on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn take_out(db: &Connection, parked: &Parked) -> Result<(), DbError> {
    db.prepare_cached(
        "DELETE FROM quarantine WHERE device = ?1 AND lane = ?2 AND seq = ?3 AND hash = ?4 AND verdict = 'park'",
    )
    .step("prepare to end a waiting")?
    .execute((parked.device.as_bytes(), parked.lane, signed(parked.seq), parked.hash.0))
    .step("end a waiting")?;
    Ok(())
}

/// Ends a waiting without success; the bytes stay.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn refuse_parked(db: &Connection, parked: &Parked, reason: &str) -> Result<(), DbError> {
    db.prepare_cached(
        "UPDATE quarantine SET verdict = 'refuse', reason = ?5 WHERE device = ?1 AND lane = ?2 AND seq = ?3 AND hash = ?4",
    )
    .step("prepare to refuse what waited")?
    .execute((parked.device.as_bytes(), parked.lane, signed(parked.seq), parked.hash.0, reason))
    .step("refuse what waited")?;
    Ok(())
}

/// Whether a change of this device was refused; what hangs on it will never fit.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn was_refused(db: &Connection, device: &DeviceId, hash: &ChangeHash) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM quarantine WHERE device = ?1 AND hash = ?2 AND verdict = 'refuse')
            AND NOT EXISTS (SELECT 1 FROM change WHERE hash = ?2)",
    )
    .step("prepare whether a change was refused")?
    .query_row((device.as_bytes(), hash.0), |row| row.get(0))
    .step("ask whether a change was refused")
}

/// Whether the center has a change, in a document or waiting for one.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn is_here(db: &Connection, device: &DeviceId, hash: &ChangeHash) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM change WHERE hash = ?2)
             OR EXISTS (SELECT 1 FROM quarantine WHERE device = ?1 AND hash = ?2)",
    )
    .step("prepare whether a change is here")?
    .query_row((device.as_bytes(), hash.0), |row| row.get(0))
    .step("ask whether a change is here")
}

/// A verdict after the receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Later {
    pub number: u64,
    pub hash: ChangeHash,
    /// `accept`, `overrule`, `refuse`.
    pub verdict: String,
    pub reason: String,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn decide(db: &Connection, parked: &Parked, verdict: &str, reason: &str, now: UtcMs) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO later_verdict (device, hash, record, verdict, reason, decided_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .step("prepare a later verdict")?
    .execute((parked.device.as_bytes(), parked.hash.0, parked.record.as_bytes(), verdict, reason, now.0))
    .step("keep a later verdict")?;
    Ok(())
}

/// What the device was not told yet, oldest first, at most `limit`.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn untold(db: &Connection, device: &DeviceId, limit: usize) -> Result<Vec<Later>, DbError> {
    db.prepare_cached(
        "SELECT number, hash, verdict, reason FROM later_verdict WHERE device = ?1 AND told = 0 ORDER BY number LIMIT ?2",
    )
    .step("prepare the later verdicts")?
    .query_map((device.as_bytes(), signed(limit as u64)), |row| {
        Ok(Later {
            number: unsigned(row.get(0)?),
            hash: fixed(row, 1, hash_of)?,
            verdict: row.get(2)?,
            reason: row.get(3)?,
        })
    })
    .and_then(Iterator::collect)
    .step("read the later verdicts")
}

/// The device has every verdict up to this number.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn mark_told(db: &Connection, device: &DeviceId, up_to: u64) -> Result<(), DbError> {
    db.prepare_cached("UPDATE later_verdict SET told = 1 WHERE device = ?1 AND number <= ?2 AND told = 0")
        .step("prepare that verdicts were told")?
        .execute((device.as_bytes(), signed(up_to)))
        .step("note that verdicts were told")?;
    Ok(())
}

/// A change that waits, was overruled or was refused; or an envelope that did not join its chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotTaken {
    pub hash: ChangeHash,
    /// `None` for a whole envelope.
    pub record: Option<RecordId>,
    /// As the sender said: a record's kind, or `envelope`.
    pub kind: String,
    pub device: DeviceId,
    /// The person who wrote; empty where nobody is known.
    pub by: String,
    /// `park`, `overrule`, `refuse`.
    pub verdict: String,
    pub reason: String,
    pub received_ms: UtcMs,
    pub size_bytes: u32,
}

/// The newest of them, of each device and verdict at most `limit`: no phone pushes out what another one brought. What waits
/// for a quota is one line of its device instead.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn not_taken(db: &Connection, limit: usize) -> Result<Vec<NotTaken>, DbError> {
    db.prepare_cached(
        "WITH found (hash, record, kind, device, author, verdict, reason, received_ms, size_bytes) AS (
            SELECT hash, record, kind, device, author, verdict, reason, received_ms, length(bytes) FROM quarantine
            WHERE NOT (verdict = 'park' AND reason = 'quota')
            UNION ALL
            SELECT change.hash, change.record, projection.kind, change.origin, change.author, change.verdict, change.reason,
                   change.received_ms, length(change.bytes)
            FROM change JOIN projection ON projection.record = change.record
            WHERE change.verdict = 'overrule' AND length(change.origin) = 16),
         ranked AS (SELECT *, row_number() OVER (PARTITION BY device, verdict ORDER BY received_ms DESC, hash) AS rank FROM found)
         SELECT hash, record, kind, device, author, verdict, reason, received_ms, size_bytes FROM ranked
         WHERE rank <= ?1 ORDER BY received_ms DESC, hash",
    )
    .step("prepare what was not taken")?
    .query_map([signed(limit as u64)], |row| {
        let record: RecordId = fixed(row, 1, record_of)?;
        let kind: String = row.get(2)?;
        Ok(NotTaken {
            hash: fixed(row, 0, hash_of)?,
            record: Some(record).filter(|_| kind != "envelope"),
            kind,
            device: fixed(row, 3, device_of)?,
            by: row.get(4)?,
            verdict: row.get(5)?,
            reason: row.get(6)?,
            received_ms: UtcMs(row.get(7)?),
            size_bytes: row.get(8)?,
        })
    })
    .and_then(Iterator::collect)
    .step("read what was not taken")
}

/// The bytes of one of them.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn bytes_of(db: &Connection, hash: &ChangeHash) -> Result<Option<Vec<u8>>, DbError> {
    db.prepare_cached(
        "SELECT bytes FROM quarantine WHERE hash = ?1
         UNION ALL SELECT bytes FROM change WHERE hash = ?1 AND verdict = 'overrule' LIMIT 1",
    )
    .step("prepare the bytes of what was not taken")?
    .query_row([hash.0], |row| row.get(0))
    .optional()
    .step("read the bytes of what was not taken")
}
