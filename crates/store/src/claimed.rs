//! Claimed times that cannot be true: judged by the center's time when an entry comes from it, and read with the record.
//!
//! Own entries are not judged here: they bear the center's time as this phone knows it, and the center judges them.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use rusqlite::{Connection, Transaction, params};
use siaga_document::Document;
use siaga_domain::claimed::{self, Claims};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::time::{EARLIEST, Happened, UtcMs};

/// Judges the entries of a change that came with an answer of this center time.
pub(crate) fn note(tx: &Transaction<'_>, record: RecordId, change: &[u8], answered: UtcMs) -> Result<(), StoreError> {
    // A center whose own clock is not set judges nothing.
    if answered < EARLIEST {
        return Ok(());
    }
    for entry in Document::entries_in(change) {
        let Some(judged) = claimed::judge(&entry.stamp, answered) else { continue };
        tx.run(
            "INSERT INTO claimed_time (record, entry, at_ms, wrong) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (record, entry) DO NOTHING",
            params![record.as_bytes().as_slice(), entry.id.as_bytes().as_slice(), judged.at.0, judged.is_wrong],
        )
        .step("note a claimed time")?;
    }
    Ok(())
}

/// What is known of a record's times: of all parts of an incident.
pub(crate) fn of(conn: &Connection, record: RecordId) -> Result<Claims, StoreError> {
    conn.prepare_cached(
        "SELECT entry, at_ms, wrong FROM claimed_time
         WHERE record = ?1 OR record IN (SELECT record FROM part WHERE incident = ?1)",
    )
    .and_then(|mut statement| {
        let rows = statement.query_map([record.as_bytes().as_slice()], |row| {
            let judged = Happened { at: UtcMs(row.get(1)?), is_ahead: true, is_wrong: row.get(2)? };
            Ok((EntryId::from_bytes(row.get(0)?), judged))
        })?;
        rows.collect()
    })
    .step("read the claimed times of a record")
}
