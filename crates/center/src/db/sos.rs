//! Calls for help that are read as one: of each device the open one, and those it raised while that was open.

use super::{DbError, Step, fixed, record_of};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::time::UtcMs;

/// An open call sounds again at most this often.
const AGAIN_MS: i64 = 10_000;

/// A call for help with the further ones of its device. `further` counts how often the button was held again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Group {
    pub head: RecordId,
    pub further: u32,
    /// The newest of them; the head while there is none.
    pub latest: RecordId,
    rings: u32,
    rung_ms: UtcMs,
    is_due: bool,
}

impl Group {
    /// How often it sounded again by now, on the steady clock.
    #[must_use]
    pub fn rings(&self, now: UtcMs) -> u32 {
        let due = self.is_due && self.rung_ms.until(now) >= AGAIN_MS;
        self.rings.saturating_add(u32::from(due))
    }
}

const COLUMNS: &str = "head, further, latest, rings, rung_ms, is_due";

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Group> {
    Ok(Group {
        head: fixed(row, 0, record_of)?,
        further: row.get(1)?,
        latest: fixed(row, 2, record_of)?,
        rings: row.get(3)?,
        rung_ms: UtcMs(row.get(4)?),
        is_due: row.get(5)?,
    })
}

/// The group of a call for help, by its first one.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn group(db: &Connection, head: &RecordId) -> Result<Option<Group>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM sos_group WHERE head = ?1"))
        .step("prepare a group of calls for help")?
        .query_row([head.as_bytes()], read)
        .optional()
        .step("read a group of calls for help")
}

/// The group of a device whose first call is open.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn open_group(db: &Connection, device: &DeviceId) -> Result<Option<Group>, DbError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sos_group JOIN projection ON projection.record = sos_group.head
         WHERE sos_group.device = ?1 AND projection.open = 1 AND projection.json <> 'null'
           AND json_extract(projection.json, '$.cancelled') IS NULL ORDER BY projection.made_ms, head LIMIT 1"
    ))
    .step("prepare the open call of a device")?
    .query_row([device.as_bytes()], read)
    .optional()
    .step("read the open call of a device")
}

/// A device calls for help, and none of its calls is open.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn begin(db: &Connection, head: &RecordId, device: &DeviceId, now: UtcMs) -> Result<(), DbError> {
    db.prepare_cached("INSERT OR IGNORE INTO sos_group (head, device, latest, rung_ms) VALUES (?1, ?2, ?1, ?3)")
        .step("prepare a call for help")?
        .execute((head.as_bytes(), device.as_bytes(), now.0))
        .step("keep a call for help")?;
    Ok(())
}

/// A further call joins an open one, and makes it sound again: now, or when it last sounded long enough ago.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn join(db: &Connection, group: &Group, record: &RecordId, now: UtcMs) -> Result<(), DbError> {
    db.prepare_cached("INSERT OR IGNORE INTO sos_joined (record, head) VALUES (?1, ?2)")
        .step("prepare to join a call for help")?
        .execute((record.as_bytes(), group.head.as_bytes()))
        .step("join a call for help")?;
    sound(db, group, record, now)
}

/// The button was held again, in this record of the group.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn sound(db: &Connection, group: &Group, record: &RecordId, now: UtcMs) -> Result<(), DbError> {
    let rings = group.rings(now);
    // A sound that became due since then came before the one this call asks for.
    let rung = if rings > group.rings { group.rung_ms.plus(AGAIN_MS) } else { group.rung_ms };
    let sounds = rung.until(now) >= AGAIN_MS;
    let (rings, rung) = if sounds { (rings.saturating_add(1), now) } else { (rings, rung) };
    db.prepare_cached(
        "UPDATE sos_group SET further = further + 1, latest = ?2, rings = ?3, rung_ms = ?4, is_due = ?5 WHERE head = ?1",
    )
    .step("prepare an open call for help")?
    .execute((group.head.as_bytes(), record.as_bytes(), rings, rung.0, !sounds))
    .step("keep an open call for help")?;
    Ok(())
}

/// The call that a further one joined.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn head_of(db: &Connection, record: &RecordId) -> Result<Option<RecordId>, DbError> {
    db.prepare_cached("SELECT head FROM sos_joined WHERE record = ?1")
        .step("prepare what a call for help joined")?
        .query_row([record.as_bytes()], |row| fixed(row, 0, record_of))
        .optional()
        .step("read what a call for help joined")
}

/// Further calls that nobody answered or cancelled themselves, newest first, at most `limit`.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn further(db: &Connection, head: &RecordId, limit: u32) -> Result<Vec<RecordId>, DbError> {
    db.prepare_cached(
        "SELECT sos_joined.record FROM sos_joined JOIN projection ON projection.record = sos_joined.record
         WHERE sos_joined.head = ?1 AND projection.open = 1 ORDER BY projection.made_ms DESC, sos_joined.record DESC LIMIT ?2",
    )
    .step("prepare further calls for help")?
    .query_map((head.as_bytes(), limit), |row| fixed(row, 0, record_of))
    .and_then(Iterator::collect)
    .step("read further calls for help")
}

/// The crew took its first call back while a later one stands: that one leads the group from now on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn lead(db: &Connection, head: &RecordId, next: &RecordId) -> Result<(), DbError> {
    db.execute("DELETE FROM sos_joined WHERE record = ?1", [next.as_bytes()]).step("lead a group of calls")?;
    db.execute("UPDATE sos_joined SET head = ?2 WHERE head = ?1", (head.as_bytes(), next.as_bytes()))
        .step("follow a group of calls")?;
    db.execute(
        "UPDATE sos_group SET head = ?2, further = max(further - 1, 0) WHERE head = ?1",
        (head.as_bytes(), next.as_bytes()),
    )
    .step("hand a group of calls on")?;
    Ok(())
}
