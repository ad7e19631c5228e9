//! The change log and what is computed from it: the document, its snapshot, its projection.
//!
//! The log is the truth. A snapshot that does not load is thrown away and the document rebuilt from the log; a
//! projection is written in the transaction that appends the change, so no list ever opens a document.

use crate::failure::{Step, StoreError};
use crate::row;
use crate::{Store, claimed, delivery, part};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use siaga_document::{Change, Document};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::UtcMs;

/// Changes behind the snapshot before it is made anew.
const SNAPSHOT_EVERY: i64 = 32;

/// Where a change came from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Local,
    Center,
}

impl Store {
    /// The document itself, for use cases that must know its entries before they write.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn document(&self, id: RecordId) -> Result<Option<Document>, StoreError> {
        let tx = self.reading()?;
        load(&tx, id)
    }

    /// The one change of a record whose hash begins like this; `None` when there is none or more than one.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn change_that_begins(&self, record: &RecordId, hash_begins: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let (mut least, mut most) = ([0_u8; 32], [0xff_u8; 32]);
        for ((least, most), begins) in least.iter_mut().zip(&mut most).zip(hash_begins) {
            (*least, *most) = (*begins, *begins);
        }
        let found: Vec<Logged> = self
            .conn
            .prepare_cached("SELECT hash, bytes FROM change WHERE hash BETWEEN ?1 AND ?2 AND record = ?3 LIMIT 2")
            .and_then(|mut statement| {
                statement
                    .query_map(params![least.as_slice(), most.as_slice(), record.as_bytes().as_slice()], |row| {
                        Ok(Logged { hash: ChangeHash(row.get(0)?), bytes: row.get(1)? })
                    })?
                    .collect()
            })
            .step("look for the change")?;
        let one: Option<[Logged; 1]> = found.try_into().ok();
        Ok(one.map(|[one]| one).filter(Logged::is_intact).map(|one| one.bytes))
    }
}

/// A document as it reads from what is stored.
pub(crate) struct Read {
    pub document: Document,
    /// Something did not read back as it was written, in the snapshot, the log or the record's row.
    pub is_damaged: bool,
}

/// For those who only read: as much of a damaged log as holds together, and nothing is written about it.
pub(crate) fn load(conn: &Connection, id: RecordId) -> Result<Option<Document>, StoreError> {
    Ok(read(conn, id)?.map(|read| read.document))
}

/// From snapshot and tail where they are what they were, otherwise from the whole log.
pub(crate) fn read(conn: &Connection, id: RecordId) -> Result<Option<Read>, StoreError> {
    let heads: Option<Vec<u8>> = conn
        .prepare_cached("SELECT heads FROM record WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([id.as_bytes().as_slice()], |row| row.get(0)).optional())
        .step("find the record")?;
    let Some(heads) = heads else { return Ok(None) };
    let stands = |document: &Document| row::join(&document.heads()) == heads;
    let snapshot: Option<(i64, Vec<u8>)> = conn
        .prepare_cached("SELECT up_to, bytes FROM snapshot WHERE record = ?1")
        .and_then(|mut statement| {
            statement.query_row([id.as_bytes().as_slice()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .step("read the snapshot")?;
    let mut is_damaged = false;
    if let Some((up_to, save)) = snapshot {
        let tail = logged(conn, id, up_to)?;
        let cached = Document::from_cache(&save, tail.iter().map(|row| row.bytes.as_slice()));
        match cached.ok().filter(stands).filter(|_| tail.iter().all(Logged::is_intact)) {
            Some(document) => return Ok(Some(Read { document, is_damaged })),
            None => {
                tracing::warn!(record = %id, "a snapshot is not what it was; rebuilding from the log");
                is_damaged = true;
            }
        }
    }
    let all = logged(conn, id, 0)?;
    let (document, left_out) = rebuild(&all);
    is_damaged |= left_out > 0 || !stands(&document);
    Ok(Some(Read { document, is_damaged }))
}

/// A row of the log.
pub(crate) struct Logged {
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
}

impl Logged {
    pub(crate) fn is_intact(&self) -> bool {
        siaga_document::is_intact(&self.bytes, &self.hash)
    }
}

/// The document of these rows, and how many of them could not stand in it.
pub(crate) fn rebuild(rows: &[Logged]) -> (Document, usize) {
    if rows.iter().all(Logged::is_intact)
        && let Ok(document) = Document::from_log(rows.iter().map(|row| row.bytes.as_slice()))
    {
        return (document, 0);
    }
    Document::from_damaged_log(rows.iter().map(|row| (&row.hash, row.bytes.as_slice())))
}

/// Changes that stand in the document, in causal order, behind a log position.
pub(crate) fn logged(conn: &Connection, id: RecordId, after: i64) -> Result<Vec<Logged>, StoreError> {
    conn.prepare_cached(
        "SELECT hash, bytes FROM change WHERE record = ?1 AND position > ?2 AND verdict NOT IN ('refuse', 'replayed')
         ORDER BY position",
    )
    .and_then(|mut statement| {
        statement
            .query_map(params![id.as_bytes().as_slice(), after], |row| {
                Ok(Logged { hash: ChangeHash(row.get(0)?), bytes: row.get(1)? })
            })?
            .collect()
    })
    .step("read the log")
}

pub(crate) fn append(
    tx: &Transaction<'_>,
    record: RecordId,
    kind: RecordKind,
    change: &Change,
    origin: Origin,
    at: UtcMs,
) -> Result<(), StoreError> {
    let (origin, verdict) = match origin {
        Origin::Local => ("local", "pending"),
        Origin::Center => ("center", "accept"),
    };
    tx.prepare_cached(
        "INSERT INTO change (hash, record, kind, actor, seq, bytes, origin, verdict, saved_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .and_then(|mut statement| {
        statement.execute(params![
            change.hash.0.as_slice(),
            record.as_bytes().as_slice(),
            kind.code(),
            change.actor.as_bytes().as_slice(),
            row::signed(change.seq),
            change.bytes,
            origin,
            verdict,
            at.0,
        ])
    })
    .step("append the change")?;
    Ok(())
}

/// Whether a place in an actor's chain is free for what the center has there. A home that was put back to the byte writes
/// under one actor and sequence twice; what it wrote the second time was refused, and goes aside with its bytes: what it
/// meant was written again under another actor, or must not be. Not while an envelope still names it.
pub(crate) fn make_way(tx: &Transaction<'_>, record: RecordId, change: &Change) -> Result<bool, StoreError> {
    let place = params![record.as_bytes().as_slice(), change.actor.as_bytes().as_slice(), row::signed(change.seq)];
    let held: Option<(Vec<u8>, bool)> = tx
        .prepare_cached(
            "SELECT hash, verdict IN ('refuse', 'replayed') AND NOT EXISTS (SELECT 1 FROM outbox WHERE change = hash)
             FROM change WHERE record = ?1 AND actor = ?2 AND seq = ?3",
        )
        .and_then(|mut statement| statement.query_row(place, |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .step("look who holds a place in a chain")?;
    let Some((hash, may_go)) = held else { return Ok(true) };
    if !may_go {
        return Ok(false);
    }
    for sql in [
        "INSERT INTO quarantine (hash, record, bytes, reason) SELECT hash, record, bytes, 'refused' FROM change
         WHERE hash = ?1 ON CONFLICT (hash) DO NOTHING",
        "DELETE FROM entry WHERE change = ?1",
        "DELETE FROM change WHERE hash = ?1",
    ] {
        tx.execute(sql, [&hash]).step("set a refused change aside")?;
    }
    Ok(true)
}

pub(crate) fn is_logged(conn: &Connection, hash: &ChangeHash) -> Result<bool, StoreError> {
    conn.prepare_cached("SELECT 1 FROM change WHERE hash = ?1")
        .and_then(|mut statement| statement.exists([hash.0.as_slice()]))
        .step("look for the change")
}

/// Writes what the document now adds up to: its row, its projection, and a new snapshot when the tail is long.
pub(crate) fn refresh(tx: &Transaction<'_>, document: &Document, at: UtcMs) -> Result<(), StoreError> {
    let Some(header) = document.header() else { return Ok(()) };
    let id = header.id.as_bytes().as_slice();
    let count = i64::try_from(document.change_count()).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO record (id, kind, schema, heads, change_count, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET heads = ?4, change_count = ?5, updated_ms = ?6",
    )
    .and_then(|mut statement| {
        statement.execute(params![id, header.kind.code(), header.schema, row::join(&document.heads()), count, at.0])
    })
    .step("write the record's row")?;
    part::note(tx, document)?;
    project(tx, document, at)?;
    delivery::refresh(tx, header.id)?;
    let (last, behind): (Option<i64>, i64) = tx
        .prepare_cached(
            "SELECT max(position), count(*) FROM change WHERE record = ?1
             AND position > coalesce((SELECT up_to FROM snapshot WHERE record = ?1), 0)
             AND NOT EXISTS (SELECT 1 FROM damaged WHERE record = ?1 AND state = 'open')",
        )
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))))
        .step("measure the tail")?;
    let Some(last) = last.filter(|_| behind >= SNAPSHOT_EVERY) else { return Ok(()) };
    match document.save_verified() {
        Ok(bytes) => {
            tx.prepare_cached(
                "INSERT INTO snapshot (record, up_to, bytes) VALUES (?1, ?2, ?3)
                 ON CONFLICT (record) DO UPDATE SET up_to = ?2, bytes = ?3",
            )
            .and_then(|mut statement| statement.execute(params![id, last, bytes]))
            .step("write the snapshot")?;
        }
        // The log still has everything; only the shortcut is missing.
        Err(cause) => tracing::warn!(record = %header.id, %cause, "a snapshot was not made"),
    }
    Ok(())
}

pub(crate) fn project(tx: &Transaction<'_>, document: &Document, at: UtcMs) -> Result<(), StoreError> {
    let Some(header) = document.header() else { return Ok(()) };
    // An incident is shown as a whole under its own id, whichever of its parts moved.
    let (id, record) = match part::whole(tx, document)? {
        Some(whole) => (whole.incident, whole.record()),
        None => (header.id, document.record()),
    };
    let Some(record) = record else { return Ok(()) };
    let record = claimed::of(tx, id)?.correct(record, center_time(tx, at)?);
    let body = serde_json::to_string(&record).map_err(|_| StoreError::Damaged { what: "projection" })?;
    let incident = record.incident().map(|incident| incident.as_bytes().to_vec());
    tx.prepare_cached(
        "INSERT INTO projection (record, kind, incident, updated_ms, body) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (record) DO UPDATE SET incident = ?3, updated_ms = ?4, body = ?5",
    )
    .and_then(|mut statement| {
        statement.execute(params![id.as_bytes().as_slice(), header.kind.code(), incident, at.0, body])
    })
    .step("write the projection")?;
    Ok(())
}

/// The center's time at a moment of this phone's clock, as the last answers tell it.
fn center_time(tx: &Transaction<'_>, at: UtcMs) -> Result<UtcMs, StoreError> {
    tx.prepare_cached("SELECT max(?1 + coalesce(offset_ms, 0), signed_ms) FROM peer WHERE id = 1")
        .and_then(|mut statement| statement.query_row([at.0], |row| row.get(0)).optional())
        .step("read the center's time")
        .map(|center| UtcMs(center.unwrap_or(at.0)))
}

/// Everything of a record but its own changes, which stay for a center that lost them.
pub(crate) fn forget(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    crate::compare::forget_told(tx, record)?;
    for sql in [
        "DELETE FROM projection WHERE record = ?1",
        "DELETE FROM snapshot WHERE record = ?1",
        "DELETE FROM delivery WHERE record = ?1",
        "DELETE FROM record WHERE id = ?1",
        "DELETE FROM quarantine WHERE record = ?1",
        "DELETE FROM claimed_time WHERE record = ?1",
        "DELETE FROM change WHERE record = ?1 AND origin = 'center'",
        "UPDATE membership SET state = 'left' WHERE record = ?1",
    ] {
        tx.execute(sql, [record.as_bytes().as_slice()]).step("forget the record")?;
    }
    crate::download::forget_of(tx, record)?;
    match part::incident_of(tx, record)? {
        Some(incident) => project_again(tx, incident),
        None => Ok(()),
    }
}

/// One of its parts is no longer here.
fn project_again(tx: &Transaction<'_>, incident: RecordId) -> Result<(), StoreError> {
    let Some(document) = load(tx, incident)? else { return Ok(()) };
    let at: Option<i64> = tx
        .prepare_cached("SELECT updated_ms FROM projection WHERE record = ?1")
        .and_then(|mut statement| statement.query_row([incident.as_bytes().as_slice()], |row| row.get(0)).optional())
        .step("read when the incident moved")?;
    at.map_or(Ok(()), |at| project(tx, &document, UtcMs(at)))
}
