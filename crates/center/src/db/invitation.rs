//! Invitations: each used once, for ten minutes, burnt after five wrong answers.

use super::{DbError, Step, coded, device_of};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::DeviceId;
use siaga_domain::kind::Role;

/// An invitation as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationRow {
    pub number: Vec<u8>,
    pub secret: Vec<u8>,
    pub unit: String,
    pub role: Role,
    pub name: String,
    pub unattended: bool,
    pub made_ms: i64,
    pub made_by: String,
    pub expires_ms: i64,
    pub failures: u32,
    /// The device it made, once used.
    pub device: Option<DeviceId>,
    /// SHA-256 of the request that used it.
    pub request: Vec<u8>,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn insert(db: &Connection, row: &InvitationRow) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO invitation (number, secret, unit, role, name, unattended, made_ms, made_by, expires_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            &row.number,
            &row.secret,
            &row.unit,
            row.role.code(),
            &row.name,
            row.unattended,
            row.made_ms,
            &row.made_by,
            row.expires_ms,
        ),
    )
    .step("write an invitation")?;
    Ok(())
}

/// Whether there is an invitation of this number.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn is_there(db: &Connection, number: &[u8]) -> Result<bool, DbError> {
    db.prepare_cached("SELECT 1 FROM invitation WHERE number = ?1")
        .and_then(|mut found| found.exists([number]))
        .step("find an invitation")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, number: &[u8]) -> Result<Option<InvitationRow>, DbError> {
    db.query_row(
        "SELECT number, secret, unit, role, name, unattended, made_ms, made_by, expires_ms, failures, device, request
         FROM invitation WHERE number = ?1",
        [number],
        |row| {
            Ok(InvitationRow {
                number: row.get(0)?,
                secret: row.get(1)?,
                unit: row.get(2)?,
                role: coded(row, 3)?,
                name: row.get(4)?,
                unattended: row.get(5)?,
                made_ms: row.get(6)?,
                made_by: row.get(7)?,
                expires_ms: row.get(8)?,
                failures: row.get(9)?,
                device: device_of(row.get_ref(10)?.as_blob()?),
                request: row.get(11)?,
            })
        },
    )
    .optional()
    .step("read an invitation")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn count_failure(db: &Connection, number: &[u8]) -> Result<(), DbError> {
    db.execute("UPDATE invitation SET failures = failures + 1 WHERE number = ?1", [number])
        .step("count a wrong answer")?;
    Ok(())
}

/// Marks it used and forgets its secret.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn mark_used(db: &Connection, number: &[u8], device: &DeviceId, request: &[u8; 32]) -> Result<(), DbError> {
    db.execute(
        "UPDATE invitation SET device = ?2, request = ?3, secret = x'' WHERE number = ?1",
        (number, device.as_bytes(), request),
    )
    .step("mark an invitation used")?;
    Ok(())
}
