//! Preferences, and text of forms that was not sent yet.

use crate::Store;
use crate::failure::{Step, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

/// Setting: the person whose name stands on what is written here; empty when nobody is checked in.
pub const PERSON: &str = "person";

impl Store {
    /// Whether somebody is checked in on this phone.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn on_duty(&self) -> Result<bool, StoreError> {
        Ok(self.setting(PERSON)?.is_some_and(|person| !person.is_empty()))
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.conn
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")
            .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
            .step("read a setting")
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        put(&self.conn, key, value)
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn draft(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.conn
            .query_row("SELECT text FROM draft WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .step("read a draft")
    }

    /// Keeps the text of a form; empty text forgets it.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn save_draft(&self, key: &str, text: &str) -> Result<(), StoreError> {
        let done = if text.is_empty() {
            self.conn.execute("DELETE FROM draft WHERE key = ?1", [key])
        } else {
            self.conn.execute(
                "INSERT INTO draft (key, text) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET text = ?2",
                params![key, text],
            )
        };
        done.step("keep a draft").map(|_| ())
    }
}

pub(crate) fn put(conn: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        params![key, value],
    )
    .step("keep a setting")?;
    Ok(())
}
