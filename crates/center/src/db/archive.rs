//! Which incidents lie in the archive, in which files.

use super::{DbError, Step, fixed, record_of};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::RecordId;
use siaga_domain::time::UtcMs;

/// One archive of an incident.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Archived {
    pub incident: RecordId,
    /// 1 for the first; more for addenda.
    pub number: u32,
    /// Below the folder of archives.
    pub path: String,
    pub sha256: [u8; 32],
    pub statement: Vec<u8>,
    pub signature: Vec<u8>,
    /// Over the records and their heads.
    pub digest: [u8; 32],
    pub archived_ms: UtcMs,
}

const COLUMNS: &str = "incident, number, path, sha256, statement, signature, digest, archived_ms";

/// The newest archive of an incident.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn newest(db: &Connection, incident: &RecordId) -> Result<Option<Archived>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM archive WHERE incident = ?1 ORDER BY number DESC LIMIT 1"))
        .step("prepare the archive of an incident")?
        .query_row([incident.as_bytes()], read)
        .optional()
        .step("read the archive of an incident")
}

/// The archives of an incident, the first one first.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of(db: &Connection, incident: &RecordId) -> Result<Vec<Archived>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM archive WHERE incident = ?1 ORDER BY number"))
        .step("prepare the archives of an incident")?
        .query_map([incident.as_bytes()], read)
        .and_then(Iterator::collect)
        .step("read the archives of an incident")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn all(db: &Connection) -> Result<Vec<Archived>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM archive ORDER BY incident, number"))
        .step("prepare the archives")?
        .query_map([], read)
        .and_then(Iterator::collect)
        .step("read the archives")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, one: &Archived) -> Result<(), DbError> {
    db.prepare_cached(&format!("INSERT INTO archive ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"))
        .step("prepare an archive")?
        .execute(rusqlite::params![
            one.incident.as_bytes(),
            one.number,
            one.path,
            one.sha256,
            one.statement,
            one.signature,
            one.digest,
            one.archived_ms.0,
        ])
        .step("keep an archive")?;
    Ok(())
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Archived> {
    Ok(Archived {
        incident: fixed(row, 0, record_of)?,
        number: row.get(1)?,
        path: row.get(2)?,
        sha256: row.get(3)?,
        statement: row.get(4)?,
        signature: row.get(5)?,
        digest: row.get(6)?,
        archived_ms: UtcMs(row.get(7)?),
    })
}
