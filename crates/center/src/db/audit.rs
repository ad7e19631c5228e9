//! The audit chain: administrative acts, verdicts, reads of patient data, each row sealed by the one before.

use super::{DbError, Step};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

/// What a row says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Act<'a> {
    /// A person, a device's id, or `center`.
    pub by: &'a str,
    /// `device.revoke`, `record.read`, `envelope.verdict`.
    pub act: &'a str,
    pub subject: &'a str,
    /// Codes and counts; never a name or a NIK.
    pub detail: &'a str,
}

/// A row as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    pub number: i64,
    pub at_ms: i64,
    pub by: String,
    pub act: String,
    pub subject: String,
    pub detail: String,
    pub hash: [u8; 32],
}

/// # Errors
/// [`DbError`] naming the step.
pub fn append(db: &Connection, at_ms: i64, act: &Act<'_>) -> Result<(), DbError> {
    let last = db
        .prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
        .step("prepare the audit")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()
        .step("read the end of the audit")?;
    let (number, previous) = last.map_or((1, [0; 32]), |(number, hash)| (number.saturating_add(1), hash));
    let hash = seal(&previous, number, at_ms, act);
    db.prepare_cached(
        "INSERT INTO audit (number, at_ms, by, act, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .step("prepare the audit")?
    .execute((number, at_ms, act.by, act.act, act.subject, act.detail, hash))
    .step("write the audit")?;
    Ok(())
}

/// Walks the whole chain; gives the number of the first row that does not hold, and how many rows there are.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn verify(db: &Connection) -> Result<(i64, Option<i64>), DbError> {
    let mut statement = db
        .prepare("SELECT number, at_ms, by, act, subject, detail, hash FROM audit ORDER BY number")
        .step("prepare the audit")?;
    let mut rows = statement.query([]).step("read the audit")?;
    let mut previous = [0_u8; 32];
    let mut count = 0_i64;
    while let Some(row) = rows.next().step("read the audit")? {
        let row = read(row).step("read the audit")?;
        count = count.saturating_add(1);
        let act = Act { by: &row.by, act: &row.act, subject: &row.subject, detail: &row.detail };
        if row.number != count || seal(&previous, row.number, row.at_ms, &act) != row.hash {
            return Ok((count, Some(row.number)));
        }
        previous = row.hash;
    }
    Ok((count, None))
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        number: row.get(0)?,
        at_ms: row.get(1)?,
        by: row.get(2)?,
        act: row.get(3)?,
        subject: row.get(4)?,
        detail: row.get(5)?,
        hash: row.get(6)?,
    })
}

/// Every field goes in behind its length, so that no two rows have the same bytes.
fn seal(previous: &[u8; 32], number: i64, at_ms: i64, act: &Act<'_>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(number.to_be_bytes());
    hasher.update(at_ms.to_be_bytes());
    for text in [act.by, act.act, act.subject, act.detail] {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}
