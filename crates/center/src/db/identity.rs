//! Who this center is.

use super::{DbError, Step};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{CenterId, DeviceId, Epoch};
use siaga_domain::time::UtcMs;

/// The one row of `center`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    pub id: CenterId,
    pub epoch: Epoch,
    pub name: String,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn load(db: &Connection) -> Result<Option<Identity>, DbError> {
    db.query_row("SELECT id, epoch, name FROM center", [], |row| {
        Ok(Identity {
            id: super::fixed(row, 0, |blob| blob.try_into().ok())?,
            epoch: super::fixed(row, 1, |blob| blob.try_into().ok().map(Epoch))?,
            name: row.get(2)?,
        })
    })
    .optional()
    .step("read who this center is")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn create(db: &Connection, identity: &Identity, now_ms: i64) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO center (one, id, epoch, name, made_ms) VALUES (1, ?1, ?2, ?3, ?4)",
        (identity.id.as_bytes(), identity.epoch.0, &identity.name, now_ms),
    )
    .step("write who this center is")?;
    Ok(())
}

/// Which life this is, and its number.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn life(db: &Connection) -> Result<(Epoch, u64), DbError> {
    db.query_row("SELECT epoch, life FROM center", [], |row| {
        Ok((super::fixed(row, 0, |blob| blob.try_into().ok().map(Epoch))?, super::unsigned(row.get(1)?)))
    })
    .step("read which life this is")
}

/// Another life of the feed: cursors of the one before are no longer understood. Numbered by the clock, so that of two
/// centers put back from one backup the later one goes on, and by the life before, so that no clock makes it smaller.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn begin_life(db: &Connection, epoch: Epoch, now_ms: i64) -> Result<(), DbError> {
    db.execute("UPDATE center SET epoch = ?1, life = max(life + 1, ?2)", (epoch.0, now_ms))
        .step("begin another epoch")?;
    super::letters::begin_behind_what_was_lost(db)
}

/// Another life of this center that a device met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rival {
    pub epoch: Epoch,
    pub number: u64,
    pub device: DeviceId,
    pub seen_ms: UtcMs,
}

/// Whether it was not known yet.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put_rival(db: &Connection, rival: &Rival) -> Result<bool, DbError> {
    let known: bool = db
        .query_row("SELECT EXISTS (SELECT 1 FROM rival WHERE epoch = ?1)", [rival.epoch.0], |row| row.get(0))
        .step("look for another life")?;
    db.execute(
        "INSERT INTO rival (epoch, life, device, seen_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (epoch) DO UPDATE SET device = excluded.device, seen_ms = excluded.seen_ms",
        (rival.epoch.0, super::signed(rival.number), rival.device.as_bytes(), rival.seen_ms.0),
    )
    .step("note another life")?;
    Ok(!known)
}

/// Other lives seen since a moment.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn rivals(db: &Connection, since: UtcMs) -> Result<Vec<Rival>, DbError> {
    db.prepare_cached("SELECT epoch, life, device, seen_ms FROM rival WHERE seen_ms > ?1 ORDER BY seen_ms")
        .step("prepare other lives")?
        .query_map([since.0], |row| {
            Ok(Rival {
                epoch: super::fixed(row, 0, |blob| blob.try_into().ok().map(Epoch))?,
                number: super::unsigned(row.get(1)?),
                device: super::fixed(row, 2, super::device_of)?,
                seen_ms: UtcMs(row.get(3)?),
            })
        })
        .and_then(Iterator::collect)
        .step("read other lives")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn set_name(db: &Connection, name: &str) -> Result<(), DbError> {
    db.execute("UPDATE center SET name = ?1", [name]).step("name the center")?;
    Ok(())
}
