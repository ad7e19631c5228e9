//! People who sign in at the console, their sessions, and the bearer tokens of other systems.
//!
//! Passwords are here as Argon2id strings; cookies and tokens only as SHA-256.

use super::{DbError, Step, fixed};
use rusqlite::{Connection, OptionalExtension, Row, params};
use siaga_domain::time::UtcMs;

/// A row of `person`.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub user: String,
    pub name: String,
    /// Code of the API's `StaffRole`.
    pub role: String,
    /// PHC string.
    pub password: String,
    pub disabled: bool,
    /// The password opens one sign-in, which replaces it.
    pub one_time: bool,
}

/// A row of `session`.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub user: String,
    pub csrf: [u8; 32],
    pub made: UtcMs,
    pub used: UtcMs,
}

/// # Errors
/// [`DbError`] when the row cannot be read.
pub fn find(db: &Connection, user: &str) -> Result<Option<PersonRow>, DbError> {
    db.prepare_cached("SELECT user, name, role, password, disabled, one_time FROM person WHERE user = ?1")
        .step("find a person")?
        .query_row([user], person)
        .optional()
        .step("find a person")
}

/// Everybody, by user.
///
/// # Errors
/// [`DbError`] when the rows cannot be read.
pub fn all(db: &Connection) -> Result<Vec<PersonRow>, DbError> {
    db.prepare_cached("SELECT user, name, role, password, disabled, one_time FROM person ORDER BY user")
        .step("list people")?
        .query_map([], person)
        .and_then(Iterator::collect)
        .step("list people")
}

fn person(row: &Row<'_>) -> rusqlite::Result<PersonRow> {
    Ok(PersonRow {
        user: row.get(0)?,
        name: row.get(1)?,
        role: row.get(2)?,
        password: row.get(3)?,
        disabled: row.get(4)?,
        one_time: row.get(5)?,
    })
}

/// Changes everything of a person but the user.
///
/// # Errors
/// [`DbError`] when the row cannot be written.
pub fn update(db: &Connection, person: &PersonRow) -> Result<(), DbError> {
    db.execute(
        "UPDATE person SET name = ?2, role = ?3, password = ?4, disabled = ?5, one_time = ?6 WHERE user = ?1",
        params![person.user, person.name, person.role, person.password, person.disabled, person.one_time],
    )
    .step("change a person")?;
    Ok(())
}

/// Whether the person was not there before; an existing one is left as it is.
///
/// # Errors
/// [`DbError`] when the row cannot be written.
pub fn insert(db: &Connection, person: &PersonRow, now: UtcMs) -> Result<bool, DbError> {
    let rows = db
        .execute(
            "INSERT INTO person (user, name, role, password, disabled, made_ms, one_time)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (user) DO NOTHING",
            params![person.user, person.name, person.role, person.password, person.disabled, now.0, person.one_time],
        )
        .step("add a person")?;
    Ok(rows == 1)
}

/// Sessions older than `made_after` or unused since `used_after` are dropped on the way.
///
/// # Errors
/// [`DbError`] when the row cannot be written.
pub fn open_session(
    db: &Connection,
    hash: &[u8; 32],
    session: &SessionRow,
    made_after: UtcMs,
    used_after: UtcMs,
) -> Result<(), DbError> {
    db.execute("DELETE FROM session WHERE made_ms < ?1 OR used_ms < ?2", params![made_after.0, used_after.0])
        .step("drop sessions that ended")?;
    db.execute(
        "INSERT INTO session (hash, user, csrf, made_ms, used_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![hash, session.user, session.csrf, session.made.0, session.used.0],
    )
    .step("open a session")?;
    Ok(())
}

/// # Errors
/// [`DbError`] when the row cannot be read.
pub fn session(db: &Connection, hash: &[u8; 32]) -> Result<Option<SessionRow>, DbError> {
    db.prepare_cached("SELECT user, csrf, made_ms, used_ms FROM session WHERE hash = ?1")
        .step("find a session")?
        .query_row([hash], |row| {
            Ok(SessionRow {
                user: row.get(0)?,
                csrf: fixed(row, 1, |bytes| bytes.try_into().ok())?,
                made: UtcMs(row.get(2)?),
                used: UtcMs(row.get(3)?),
            })
        })
        .optional()
        .step("find a session")
}

/// # Errors
/// [`DbError`] when the row cannot be written.
pub fn touch_session(db: &Connection, hash: &[u8; 32], now: UtcMs) -> Result<(), DbError> {
    db.execute("UPDATE session SET used_ms = ?2 WHERE hash = ?1", params![hash, now.0]).step("renew a session")?;
    Ok(())
}

/// # Errors
/// [`DbError`] when the row cannot be removed.
pub fn close_session(db: &Connection, hash: &[u8; 32]) -> Result<(), DbError> {
    db.execute("DELETE FROM session WHERE hash = ?1", [hash]).step("close a session")?;
    Ok(())
}

/// Ends every session of a person.
///
/// # Errors
/// [`DbError`] when the rows cannot be removed.
pub fn close_sessions(db: &Connection, user: &str) -> Result<(), DbError> {
    db.execute("DELETE FROM session WHERE user = ?1", [user]).step("close the sessions of a person")?;
    Ok(())
}

/// Withdraws the valid tokens of this name; gives how many.
///
/// # Errors
/// [`DbError`] when the rows cannot be written.
pub fn revoke_tokens(db: &Connection, name: &str, now: UtcMs) -> Result<usize, DbError> {
    db.execute("UPDATE api_token SET revoked_ms = ?2 WHERE name = ?1 AND revoked_ms = 0", params![name, now.0])
        .step("withdraw a bearer token")
}

/// Names of the valid tokens, and when each was made.
///
/// # Errors
/// [`DbError`] when the rows cannot be read.
pub fn token_names(db: &Connection) -> Result<Vec<(String, UtcMs)>, DbError> {
    db.prepare("SELECT name, made_ms FROM api_token WHERE revoked_ms = 0 ORDER BY name, made_ms")
        .step("list bearer tokens")?
        .query_map([], |row| Ok((row.get(0)?, UtcMs(row.get(1)?))))
        .and_then(Iterator::collect)
        .step("list bearer tokens")
}

/// # Errors
/// [`DbError`] when the row cannot be written.
pub fn insert_token(db: &Connection, hash: &[u8; 32], name: &str, now: UtcMs) -> Result<(), DbError> {
    db.execute("INSERT INTO api_token (hash, name, made_ms) VALUES (?1, ?2, ?3)", params![hash, name, now.0])
        .step("add a bearer token")?;
    Ok(())
}

/// The name of a token that was not revoked.
///
/// # Errors
/// [`DbError`] when the row cannot be read.
pub fn token(db: &Connection, hash: &[u8; 32]) -> Result<Option<String>, DbError> {
    db.prepare_cached("SELECT name FROM api_token WHERE hash = ?1 AND revoked_ms = 0")
        .step("find a bearer token")?
        .query_row([hash], |row| row.get(0))
        .optional()
        .step("find a bearer token")
}
