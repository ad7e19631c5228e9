//! After a refusal: the document goes on without the refused change.
//!
//! Whatever hangs on a refused change hangs on nothing at the center. So the document is rebuilt from the log
//! without it, another actor is drawn, and what this phone wrote after it is written again under the same entry
//! ids, with the same people and times. The refused change itself stays in the log with its reason, where the
//! outbox shows it; an entry that was refused is not replayed.

use crate::author::{self, RecordWrite};
use crate::failure::{Step, StoreError};
use crate::life::{self, Draw};
use crate::log;
use rusqlite::{Transaction, params};
use siaga_document::{Document, NewEntry};
use siaga_domain::id::{ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::UtcMs;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn after_refusals(
    tx: &Transaction<'_>,
    refused: &[ChangeHash],
    draw: &Draw,
    at: UtcMs,
) -> Result<(), StoreError> {
    let mut by_record: BTreeMap<RecordId, RecordKind> = BTreeMap::new();
    for hash in refused {
        let found: Vec<(Vec<u8>, String)> = tx
            .prepare_cached("SELECT record, kind FROM change WHERE hash = ?1 AND origin = 'local'")
            .and_then(|mut statement| {
                statement.query_map([hash.0.as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .step("find a refused change")?;
        for (record, kind) in found {
            by_record.insert(crate::row::record_id(&record)?, crate::row::kind(&kind)?);
        }
    }
    if by_record.is_empty() {
        return Ok(());
    }
    let actor = life::draw_actor(tx, draw).step("draw an actor")?;
    for (record, kind) in by_record {
        rebuild(tx, record, kind, actor, at)?;
    }
    Ok(())
}

fn rebuild(
    tx: &Transaction<'_>,
    record: RecordId,
    kind: RecordKind,
    actor: siaga_domain::id::ActorId,
    at: UtcMs,
) -> Result<(), StoreError> {
    let logged = rows(tx, record)?;
    let before = Document::from_log(logged.iter().map(|row| row.bytes.as_slice()))
        .map_err(|cause| StoreError::Rebuild { record, cause })?;
    let orphaned = orphans(&before, &logged);
    let good = logged.iter().filter(|row| !orphaned.contains(&row.hash)).map(|row| row.bytes.as_slice());
    let mut document = Document::from_log(good).map_err(|cause| StoreError::Rebuild { record, cause })?;
    tx.execute("DELETE FROM snapshot WHERE record = ?1", [record.as_bytes().as_slice()]).step("drop the snapshot")?;
    // Entries of honest changes that only hung on a refused one.
    let mut again: BTreeSet<EntryId> = BTreeSet::new();
    for row in logged.iter().filter(|row| orphaned.contains(&row.hash) && row.local && row.may_be_replayed()) {
        again.extend(entries_of(tx, &row.hash)?);
        tx.execute("UPDATE change SET verdict = 'replayed' WHERE hash = ?1", [row.hash.0.as_slice()])
            .step("mark a replayed change")?;
        // Not yet in an envelope: it need not travel. In one, its receipt takes it out.
        tx.execute("DELETE FROM outbox WHERE change = ?1 AND envelope IS NULL", [row.hash.0.as_slice()])
            .step("replace a replayed change")?;
    }
    if document.header().is_none() {
        // The beginning itself was refused: there is no document to go on with. The log and the outbox keep it.
        return forget_projection(tx, record);
    }
    // One person after the other, because an envelope speaks for one.
    let mut by_person: BTreeMap<String, Vec<NewEntry>> = BTreeMap::new();
    for entry in before.entries().into_iter().filter(|entry| again.contains(&entry.id)) {
        let entries = by_person.entry(entry.stamp.by.clone()).or_default();
        entries.push(NewEntry { id: entry.id, stamp: entry.stamp, body: entry.body });
    }
    for (person, entries) in by_person {
        let write = RecordWrite { id: record, kind, create: false, entries };
        author::replay(tx, &write, &mut document, actor, &person, at)?;
    }
    log::refresh(tx, &document, at)
}

struct Logged {
    hash: ChangeHash,
    bytes: Vec<u8>,
    verdict: String,
    reason: String,
    local: bool,
}

impl Logged {
    /// Refused for itself, or only for the company it was in.
    fn may_be_replayed(&self) -> bool {
        self.verdict != "refuse" || self.reason == "missing_dependency"
    }
}

fn rows(tx: &Transaction<'_>, record: RecordId) -> Result<Vec<Logged>, StoreError> {
    tx.prepare_cached(
        "SELECT hash, bytes, verdict, reason, origin = 'local' FROM change WHERE record = ?1 AND verdict <> 'replayed'
         ORDER BY position",
    )
    .and_then(|mut statement| {
        statement
            .query_map([record.as_bytes().as_slice()], |row| {
                Ok(Logged {
                    hash: ChangeHash(row.get(0)?),
                    bytes: row.get(1)?,
                    verdict: row.get(2)?,
                    reason: row.get(3)?,
                    local: row.get(4)?,
                })
            })?
            .collect()
    })
    .step("read the log")
}

/// Refused changes and whatever hangs on them.
fn orphans(document: &Document, logged: &[Logged]) -> BTreeSet<ChangeHash> {
    let mut orphaned: BTreeSet<ChangeHash> =
        logged.iter().filter(|row| row.verdict == "refuse").map(|row| row.hash).collect();
    for change in document.changes() {
        if change.deps.iter().any(|dep| orphaned.contains(dep)) {
            orphaned.insert(change.hash);
        }
    }
    orphaned
}

/// Entries a local change carries.
fn entries_of(tx: &Transaction<'_>, change: &ChangeHash) -> Result<Vec<EntryId>, StoreError> {
    tx.prepare_cached("SELECT entry FROM entry WHERE change = ?1")
        .and_then(|mut statement| {
            statement.query_map([change.0.as_slice()], |row| row.get(0).map(EntryId::from_bytes))?.collect()
        })
        .step("read the entries of a change")
}

fn forget_projection(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    for sql in ["DELETE FROM projection WHERE record = ?1", "DELETE FROM record WHERE id = ?1"] {
        tx.execute(sql, params![record.as_bytes().as_slice()]).step("set the record aside")?;
    }
    Ok(())
}
