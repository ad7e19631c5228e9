//! Small facts of this installation, by name.

use super::{DbError, Step};
use rusqlite::{Connection, OptionalExtension};

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, name: &str) -> Result<Option<String>, DbError> {
    db.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
        .optional()
        .step("read a setting")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn set(db: &Connection, name: &str, value: &str) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
    .step("write a setting")?;
    Ok(())
}
