//! Small facts of this installation, by name.

use super::{DbError, Step};
use rusqlite::{Connection, OptionalExtension};
use std::ops::RangeInclusive;

/// A time that an installation may choose, in whole seconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seconds {
    pub name: &'static str,
    pub default: i64,
    pub allowed: RangeInclusive<i64>,
}

impl Seconds {
    /// What is set; the default where nothing is, or where what is stored is not allowed.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn get(&self, db: &Connection) -> Result<i64, DbError> {
        let stored = get(db, self.name)?.and_then(|text| text.parse().ok());
        Ok(stored.filter(|seconds| self.allowed.contains(seconds)).unwrap_or(self.default))
    }
}

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
