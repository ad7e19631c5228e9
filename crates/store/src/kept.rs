//! Kept entries: what somebody wrote, of a kind the center does not know yet. It waits here, shown in the outbox, and is
//! written into its record with the time and the person of its moment once the center names the kind.
//!
//! A center that does not know a kind overrules its entries for ever, so nothing of it enters a document before.

use crate::author::{self, RecordWrite};
use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::life::Draw;
use crate::{Store, delivery, row, terms};
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::{ClockReading, UtcMs};

/// One kept entry, as the outbox shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptEntry {
    pub record: RecordId,
    pub kind: RecordKind,
    pub entry_kind: String,
    /// Device UTC.
    pub saved_ms: UtcMs,
    pub size_bytes: u32,
}

/// An entry as it is kept, beside its id, kind and person.
#[derive(Serialize, Deserialize)]
struct Kept {
    fields: Map<String, Value>,
    clock: ClockReading,
    replaces: Vec<EntryId>,
}

impl Store {
    /// What waits until the center knows its kind, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn kept(&self) -> Result<Vec<KeptEntry>, StoreError> {
        type Raw = (Vec<u8>, String, String, i64, i64);
        let raws: Vec<Raw> = self
            .conn
            .prepare_cached(
                "SELECT coalesce((SELECT incident FROM part WHERE part.record = kept.record), record), kind, entry_kind,
                        saved_ms, length(body) FROM kept ORDER BY number",
            )
            .and_then(|mut statement| statement.query_map([], |row| row.try_into())?.collect())
            .step("read what is kept")?;
        raws.into_iter()
            .map(|(record, kind, entry_kind, saved_ms, size)| {
                Ok(KeptEntry {
                    record: row::record_id(&record)?,
                    kind: row::kind(&kind)?,
                    entry_kind,
                    saved_ms: UtcMs(saved_ms),
                    size_bytes: row::small(size),
                })
            })
            .collect()
    }
}

/// Takes out of a writing what the center does not know yet, and keeps it.
pub(crate) fn take_out(tx: &Transaction<'_>, write: &RecordWrite, at: UtcMs) -> Result<RecordWrite, StoreError> {
    let mut known = RecordWrite { entries: Vec::with_capacity(write.entries.len()), ..write.clone() };
    for entry in &write.entries {
        // What begins a record is of 0.2.0 in every kind of record.
        if terms::may_write_kind(tx, entry.body.kind())? {
            known.entries.push(entry.clone());
        } else {
            keep(tx, write.id, write.kind, entry, at)?;
        }
    }
    if known.entries.len() < write.entries.len() {
        delivery::refresh(tx, write.id)?;
    }
    Ok(known)
}

pub(crate) fn keep(
    tx: &Transaction<'_>,
    record: RecordId,
    kind: RecordKind,
    entry: &NewEntry,
    at: UtcMs,
) -> Result<(), StoreError> {
    let unwritable = |_| StoreError::Damaged { what: "entry to be kept" };
    let kept = Kept {
        fields: entry.body.fields().map_err(unwritable)?,
        clock: entry.stamp.clock,
        replaces: entry.stamp.replaces.clone(),
    };
    tx.run(
        "INSERT INTO kept (entry, record, kind, entry_kind, body, person, saved_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            entry.id.as_bytes().as_slice(),
            record.as_bytes().as_slice(),
            kind.code(),
            entry.body.kind(),
            serde_json::to_string(&kept).map_err(unwritable)?,
            entry.stamp.by,
            at.0,
        ],
    )
    .step("keep an entry")?;
    Ok(())
}

/// Device UTC of the oldest entry kept for a record.
pub(crate) fn oldest_of(conn: &Connection, record: RecordId) -> Result<Option<UtcMs>, StoreError> {
    conn.ask(
        "SELECT min(saved_ms) FROM kept WHERE record = ?1 OR record IN (SELECT record FROM part WHERE incident = ?1)",
        [record.as_bytes().as_slice()],
        |row| row.get::<_, Option<i64>>(0),
    )
    .step("look for what is kept")
    .map(|at| at.map(UtcMs))
}

struct Row {
    number: i64,
    entry: Vec<u8>,
    record: Vec<u8>,
    kind: String,
    entry_kind: String,
    body: String,
    person: String,
}

pub(crate) fn write_what_is_known(tx: &Transaction<'_>, draw: &Draw, at: UtcMs) -> Result<(), StoreError> {
    let rows: Vec<Row> = tx
        .prepare_cached("SELECT number, entry, record, kind, entry_kind, body, person FROM kept ORDER BY number")
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Row {
                    number: row.get(0)?,
                    entry: row.get(1)?,
                    record: row.get(2)?,
                    kind: row.get(3)?,
                    entry_kind: row.get(4)?,
                    body: row.get(5)?,
                    person: row.get(6)?,
                })
            };
            statement.query_map([], read)?.collect()
        })
        .step("read what is kept")?;
    for row in rows {
        if !terms::may_write_kind(tx, &row.entry_kind)? {
            continue;
        }
        // One that cannot be written now stays kept, and keeps no answer from being taken.
        tx.execute_batch("SAVEPOINT kept").step("write what was kept")?;
        match write(tx, &row, draw, at) {
            Ok(()) => tx.execute_batch("RELEASE kept").step("write what was kept")?,
            Err(StoreError::Full) => return Err(StoreError::Full),
            Err(cause) => {
                tracing::error!(kind = row.entry_kind, %cause, "a kept entry was not written and stays kept");
                tx.execute_batch("ROLLBACK TO kept; RELEASE kept").step("write what was kept")?;
            }
        }
    }
    Ok(())
}

fn write(tx: &Transaction<'_>, row: &Row, draw: &Draw, at: UtcMs) -> Result<(), StoreError> {
    let unreadable = || StoreError::Damaged { what: "kept entry" };
    let kept: Kept = serde_json::from_str(&row.body).map_err(|_| unreadable())?;
    let body = Body::parse(&row.entry_kind, kept.fields).map_err(|_| unreadable())?;
    let id = EntryId::try_from(row.entry.as_slice()).map_err(|_| unreadable())?;
    let stamp = Stamp { by: row.person.clone(), clock: kept.clock, replaces: kept.replaces };
    let record = row::record_id(&row.record)?;
    let entries = vec![NewEntry { id, stamp, body }];
    let write = RecordWrite { id: record, kind: row::kind(&row.kind)?, create: false, entries };
    author::write_late(tx, &write, draw, &row.person, at)?;
    tx.run("DELETE FROM kept WHERE number = ?1", [row.number]).step("let go of a kept entry")?;
    delivery::refresh(tx, record)
}
