//! The center's own count of milliseconds, as last written down.

use super::{DbError, Step};
use rusqlite::{Connection, OptionalExtension};

/// What the count, the machine and the wall clock read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub elapsed_ms: i64,
    /// Names a start of the machine.
    pub boot: String,
    pub boot_ms: i64,
    pub wall_ms: i64,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn load(db: &Connection) -> Result<Option<Mark>, DbError> {
    db.query_row("SELECT elapsed_ms, boot, boot_ms, wall_ms FROM tick WHERE one = 1", [], |row| {
        Ok(Mark { elapsed_ms: row.get(0)?, boot: row.get(1)?, boot_ms: row.get(2)?, wall_ms: row.get(3)? })
    })
    .optional()
    .step("read the count of time")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn save(db: &Connection, mark: &Mark) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO tick (one, elapsed_ms, boot, boot_ms, wall_ms) VALUES (1, ?1, ?2, ?3, ?4)
         ON CONFLICT (one) DO UPDATE SET elapsed_ms = excluded.elapsed_ms, boot = excluded.boot,
             boot_ms = excluded.boot_ms, wall_ms = excluded.wall_ms",
    )
    .step("prepare the count of time")?
    .execute((mark.elapsed_ms, &mark.boot, mark.boot_ms, mark.wall_ms))
    .step("write the count of time")?;
    Ok(())
}
