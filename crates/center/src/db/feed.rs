//! The feed and who is told about what: an append-only log of positions, and memberships over it.
//!
//! Asking what is new is a walk over one index from a cursor on; how many documents a device holds does not matter.

use super::{DbError, Step, fixed, record_of, signed, unsigned};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::{Lane, RecordKind};
use siaga_domain::time::UtcMs;

/// What a feed row is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FeedKind {
    Change,
    Entered { generation: u32 },
    Left { generation: u32 },
}

/// One row, as it concerns one device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeedRow {
    pub position: u64,
    pub kind: FeedKind,
    pub record: RecordId,
}

/// One membership of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Membership {
    pub record: RecordId,
    pub generation: u32,
    pub entered: u64,
    pub left: u64,
}

/// The newest position; 0 when nothing was ever said.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn head(db: &Connection) -> Result<u64, DbError> {
    db.prepare_cached("SELECT position FROM feed ORDER BY position DESC LIMIT 1")
        .step("prepare the head of the feed")?
        .query_row([], |row| row.get(0))
        .optional()
        .step("read the head of the feed")
        .map(|head| head.map_or(0, unsigned))
}

/// Adds a change's row and gives its position.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn append_change(db: &Connection, record: &RecordId, lane: Lane) -> Result<u64, DbError> {
    append(db, lane, "change", record, &[], 0)
}

fn append(
    db: &Connection,
    lane: Lane,
    kind: &str,
    record: &RecordId,
    device: &[u8],
    generation: u32,
) -> Result<u64, DbError> {
    db.prepare_cached("INSERT INTO feed (lane, kind, record, device, generation) VALUES (?1, ?2, ?3, ?4, ?5)")
        .step("prepare the feed")?
        .execute((lane.number(), kind, record.as_bytes(), device, generation))
        .step("write the feed")?;
    Ok(unsigned(db.last_insert_rowid()))
}

/// Whether a device is told what it wrote itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Own {
    LeftOut,
    /// It may be two, and what one of them wrote is news to the other.
    Told,
}

/// The rows after `cursor` up to `head` in a lane that concern `device`, oldest first, at most `limit`.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn news(
    db: &Connection,
    device: &DeviceId,
    own: Own,
    lane: Lane,
    cursor: u64,
    head: u64,
    limit: usize,
) -> Result<Vec<FeedRow>, DbError> {
    db.prepare_cached(
        "SELECT feed.position, feed.kind, feed.record, feed.generation FROM feed
         WHERE feed.lane = ?1 AND feed.position > ?2 AND feed.position <= ?3
           AND (feed.device = ?4
                OR (feed.kind = 'change'
                    AND EXISTS (SELECT 1 FROM membership WHERE membership.device = ?4 AND membership.record = feed.record
                                AND membership.entered < feed.position AND (membership.left = 0 OR membership.left > feed.position))
                    AND (?6 OR NOT EXISTS (SELECT 1 FROM change WHERE change.position = feed.position AND change.origin = ?4))))
         ORDER BY feed.position LIMIT ?5",
    )
    .step("prepare the news")?
    .query_map((lane.number(), signed(cursor), signed(head), device.as_bytes(), signed(limit as u64), own == Own::Told), |row| {
        let generation: u32 = row.get(3)?;
        let kind = match row.get_ref(1)?.as_str()? {
            "entered" => FeedKind::Entered { generation },
            "left" => FeedKind::Left { generation },
            _ => FeedKind::Change,
        };
        Ok(FeedRow { position: unsigned(row.get(0)?), kind, record: fixed(row, 2, record_of)? })
    })
    .and_then(Iterator::collect)
    .step("read the news")
}

/// Records that changed, entered or left somewhere after a position, with their kinds; for whoever listens.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn records_after(db: &Connection, after: u64) -> Result<Vec<(u64, RecordId, RecordKind)>, DbError> {
    db.prepare_cached(
        "SELECT MAX(feed.position), feed.record, projection.kind FROM feed JOIN projection ON projection.record = feed.record
         WHERE feed.position > ?1 GROUP BY feed.record ORDER BY 1",
    )
    .step("prepare what moved")?
    .query_map([signed(after)], |row| Ok((unsigned(row.get(0)?), fixed(row, 1, record_of)?, super::coded(row, 2)?)))
    .and_then(Iterator::collect)
    .step("read what moved")
}

/// Devices a record is told to, or was told to a moment ago.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn listeners(db: &Connection, record: &RecordId) -> Result<Vec<DeviceId>, DbError> {
    db.prepare_cached("SELECT DISTINCT device FROM membership WHERE record = ?1")
        .step("prepare who listens")?
        .query_map([record.as_bytes()], |row| fixed(row, 0, super::device_of))
        .and_then(Iterator::collect)
        .step("read who listens")
}

/// The newest membership of a device in a record.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn membership(db: &Connection, device: &DeviceId, record: &RecordId) -> Result<Option<Membership>, DbError> {
    db.prepare_cached(
        "SELECT record, generation, entered, left FROM membership WHERE device = ?1 AND record = ?2 ORDER BY generation DESC LIMIT 1",
    )
    .step("prepare a membership")?
    .query_row((device.as_bytes(), record.as_bytes()), read_membership)
    .optional()
    .step("read a membership")
}

/// The memberships of a device that stood at the positions it was last told: one cursor for each document lane.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn memberships_at(db: &Connection, device: &DeviceId, cursors: [u64; 2]) -> Result<Vec<(RecordId, u64)>, DbError> {
    let [urgent, records] = cursors;
    db.prepare_cached(
        "SELECT membership.record, CASE WHEN feed.lane = 0 THEN ?2 ELSE ?3 END AS cursor
         FROM membership JOIN feed ON feed.position = membership.entered
         WHERE membership.device = ?1 AND membership.entered <= cursor AND (membership.left = 0 OR membership.left > cursor)",
    )
    .step("prepare the memberships of a device")?
    .query_map((device.as_bytes(), signed(urgent), signed(records)), |row| Ok((fixed(row, 0, record_of)?, unsigned(row.get(1)?))))
    .and_then(Iterator::collect)
    .step("read the memberships of a device")
}

/// From here on the device is told about the record.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn enter(db: &Connection, device: &DeviceId, record: &RecordId, kind: RecordKind) -> Result<(), DbError> {
    let last = membership(db, device, record)?;
    if last.is_some_and(|membership| membership.left == 0) {
        return Ok(());
    }
    let generation = last.map_or(1, |membership| membership.generation.saturating_add(1));
    let position = append(db, kind.lane(), "entered", record, device.as_bytes(), generation)?;
    db.prepare_cached("INSERT INTO membership (device, record, generation, entered) VALUES (?1, ?2, ?3, ?4)")
        .step("prepare to enter a scope")?
        .execute((device.as_bytes(), record.as_bytes(), generation, signed(position)))
        .step("enter a scope")?;
    Ok(())
}

/// From here on the device is no longer told about the record.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn leave(db: &Connection, device: &DeviceId, record: &RecordId, kind: RecordKind) -> Result<(), DbError> {
    let Some(last) = membership(db, device, record)?.filter(|membership| membership.left == 0) else { return Ok(()) };
    let position = append(db, kind.lane(), "left", record, device.as_bytes(), last.generation)?;
    db.prepare_cached("UPDATE membership SET left = ?4 WHERE device = ?1 AND record = ?2 AND generation = ?3")
        .step("prepare to leave a scope")?
        .execute((device.as_bytes(), record.as_bytes(), last.generation, signed(position)))
        .step("leave a scope")?;
    Ok(())
}

/// The records a device was told of for the first time, by the cursors of an answer. What it was told before keeps its time.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn mark_told(db: &Connection, device: &DeviceId, told: [u64; 2], at: UtcMs) -> Result<(), DbError> {
    let [urgent, records] = told;
    db.prepare_cached(
        "UPDATE membership SET told_ms = ?2
         WHERE device = ?1 AND told_ms = 0 AND \"left\" = 0 AND entered <= max(?3, ?4)
           AND entered <= CASE (SELECT feed.lane FROM feed WHERE feed.position = entered) WHEN 0 THEN ?3 ELSE ?4 END",
    )
    .step("prepare what a device is told first")?
    .execute((device.as_bytes(), at.0, signed(urgent), signed(records)))
    .step("write what a device is told first")?;
    Ok(())
}

/// The records a device says it has for the first time, by the cursors of a request.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn mark_held(db: &Connection, device: &DeviceId, acked: [u64; 2], at: UtcMs) -> Result<(), DbError> {
    let [urgent, records] = acked;
    db.prepare_cached(
        "UPDATE membership SET held_ms = ?2
         WHERE device = ?1 AND told_ms > 0 AND held_ms = 0 AND entered <= max(?3, ?4)
           AND entered <= CASE (SELECT feed.lane FROM feed WHERE feed.position = entered) WHEN 0 THEN ?3 ELSE ?4 END",
    )
    .step("prepare what a device has first")?
    .execute((device.as_bytes(), at.0, signed(urgent), signed(records)))
    .step("write what a device has first")?;
    Ok(())
}

/// When a device was first told of a record, and when it first said that it has it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn reached(
    db: &Connection,
    device: &DeviceId,
    record: &RecordId,
) -> Result<(Option<UtcMs>, Option<UtcMs>), DbError> {
    db.prepare_cached(
        "SELECT min(nullif(told_ms, 0)), min(nullif(held_ms, 0)) FROM membership WHERE device = ?1 AND record = ?2",
    )
    .step("prepare when a record reached a device")?
    .query_row((device.as_bytes(), record.as_bytes()), |row| {
        let at = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(UtcMs));
        Ok((at(0)?, at(1)?))
    })
    .step("read when a record reached a device")
}

fn read_membership(row: &rusqlite::Row<'_>) -> rusqlite::Result<Membership> {
    Ok(Membership {
        record: fixed(row, 0, record_of)?,
        generation: row.get(1)?,
        entered: unsigned(row.get(2)?),
        left: unsigned(row.get(3)?),
    })
}
