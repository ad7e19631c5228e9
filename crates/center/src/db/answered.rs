//! Answers already given to requests that carried an `Idempotency-Key`.
//!
//! A row is written in the transaction that did what was asked, so an answer that was lost on the way can be given again
//! and nothing is done twice. Rows are kept for a day of the center's own count.

use super::{DbError, Step};
use rusqlite::{Connection, OptionalExtension};

/// A press is repeated within minutes; a page that was closed over night asks again in the morning.
const KEPT_MS: i64 = 24 * 3_600_000;

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// SHA-256 of method, path and body.
    pub fingerprint: [u8; 32],
    pub status: u16,
    /// The record it made or wrote into; empty where there is none.
    pub subject: String,
    pub answer: String,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, owner: &str, key: &str) -> Result<Option<Answered>, DbError> {
    db.prepare_cached("SELECT fingerprint, status, subject, answer FROM answered_request WHERE owner = ?1 AND key = ?2")
        .step("prepare the answer to a request")?
        .query_row([owner, key], |row| {
            Ok(Answered { fingerprint: row.get(0)?, status: row.get(1)?, subject: row.get(2)?, answer: row.get(3)? })
        })
        .optional()
        .step("read the answer to a request")
}

/// Keeps an answer, and drops those that are old.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, owner: &str, key: &str, answered: &Answered, elapsed_ms: i64) -> Result<(), DbError> {
    db.prepare_cached("DELETE FROM answered_request WHERE made_ms < ?1")
        .step("prepare to drop old answers")?
        .execute([elapsed_ms.saturating_sub(KEPT_MS)])
        .step("drop old answers")?;
    db.prepare_cached(
        "INSERT INTO answered_request (owner, key, fingerprint, status, subject, answer, made_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .step("prepare to keep an answer")?
    .execute((owner, key, answered.fingerprint, answered.status, &answered.subject, &answered.answer, elapsed_ms))
    .step("keep the answer to a request")?;
    Ok(())
}
