//! Which files of the roster office were taken.

use super::{DbError, Step, signed};
use rusqlite::{Connection, params};
use siaga_domain::time::UtcMs;

/// # Errors
/// [`DbError`] when the row cannot be written.
pub fn imported(
    db: &Connection,
    file_hash: &[u8; 32],
    rows: usize,
    summary: &str,
    by: &str,
    now: UtcMs,
) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO roster_import (file_hash, rows, summary, imported_ms, imported_by) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![file_hash, signed(rows as u64), summary, now.0, by],
    )
    .step("remember a roster file")?;
    Ok(())
}
