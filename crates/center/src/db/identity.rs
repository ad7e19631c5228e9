//! Who this center is.

use super::{DbError, Step};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{CenterId, Epoch};

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

/// Another life of the feed: cursors of the one before are no longer understood.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn set_epoch(db: &Connection, epoch: Epoch) -> Result<(), DbError> {
    db.execute("UPDATE center SET epoch = ?1", [epoch.0]).step("begin another epoch")?;
    Ok(())
}

/// # Errors
/// [`DbError`] naming the step.
pub fn set_name(db: &Connection, name: &str) -> Result<(), DbError> {
    db.execute("UPDATE center SET name = ?1", [name]).step("name the center")?;
    Ok(())
}
