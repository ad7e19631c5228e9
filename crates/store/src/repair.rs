//! After a refusal: the document goes on without the refused change, and what was meant is written again.
//!
//! Whatever hangs on a refused change hangs on nothing at the center. So the document is made again from the log
//! without it, the center's news is taken in, another actor is drawn, and what this phone wrote is written once more under
//! the same entry ids, with the same people and times: twins fold into one. What was refused for what it says is not
//! written again; it stays in the log with its reason, where the outbox shows it. All of it is one transaction, so a power
//! cut leaves either the refusal unheard or everything done.
//!
//! Entries are read from the refused bytes themselves, one change at a time: a document that can no longer be made
//! stops nothing.

use crate::author::{self, RecordWrite};
use crate::failure::{Step, StoreError};
use crate::life::{self, Draw};
use crate::log;
use rusqlite::{Transaction, params};
use siaga_document::{Document, NewEntry};
use siaga_domain::id::{ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::UtcMs;
use siaga_domain::verdict::{HANGS_ON_REFUSED, MOST_REPLAYS, is_written_again};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be written once more into one record.
pub(crate) struct Again {
    record: RecordId,
    kind: RecordKind,
    entries: Vec<NewEntry>,
}

impl Again {
    pub(crate) const fn place(&self) -> (RecordId, RecordKind) {
        (self.record, self.kind)
    }
}

/// Makes the documents of refused changes again without them; gives what is to be written into them once more.
pub(crate) fn without_refused(
    tx: &Transaction<'_>,
    refused: &[ChangeHash],
    at: UtcMs,
) -> Result<Vec<Again>, StoreError> {
    let mut records: BTreeMap<RecordId, RecordKind> = BTreeMap::new();
    for hash in refused {
        let found: Vec<(Vec<u8>, String)> = tx
            .prepare_cached(
                "SELECT record, kind FROM change WHERE hash = ?1 AND origin = 'local' AND verdict = 'refuse'",
            )
            .and_then(|mut statement| {
                statement.query_map([hash.0.as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .step("find a refused change")?;
        for (record, kind) in found {
            records.insert(crate::row::record_id(&record)?, crate::row::kind(&kind)?);
        }
    }
    records.into_iter().map(|(record, kind)| set_apart(tx, record, kind, at)).collect()
}

fn set_apart(tx: &Transaction<'_>, record: RecordId, kind: RecordKind, at: UtcMs) -> Result<Again, StoreError> {
    let logged = rows(tx, record)?;
    let orphaned = orphans(&logged);
    let mut again = Again { record, kind, entries: Vec::new() };
    for row in logged.iter().filter(|row| row.local && orphaned.contains(&row.hash)) {
        let entries = if row.may_be_written_again() { Document::entries_in(&row.bytes) } else { Vec::new() };
        let (verdict, reason) = if entries.is_empty() || is_tired(tx, &entries)? {
            let decided = matches!(row.verdict.as_str(), "refuse" | "overrule");
            ("refuse", if decided { row.reason.as_str() } else { HANGS_ON_REFUSED })
        } else {
            again.entries.extend(entries);
            ("replayed", row.reason.as_str())
        };
        tx.execute(
            "UPDATE change SET verdict = ?2, reason = ?3 WHERE hash = ?1",
            params![row.hash.0.as_slice(), verdict, reason],
        )
        .step("set a change apart")?;
        // Not yet in an envelope: it need not travel. In one, its receipt takes it out.
        tx.execute("DELETE FROM outbox WHERE change = ?1 AND envelope IS NULL", [row.hash.0.as_slice()])
            .step("set a change apart")?;
    }
    tx.execute("DELETE FROM snapshot WHERE record = ?1", [record.as_bytes().as_slice()]).step("drop the snapshot")?;
    let good = logged.iter().filter(|row| !orphaned.contains(&row.hash)).map(|row| row.bytes.as_slice());
    match Document::from_log(good) {
        Ok(document) if document.header().is_some() => log::refresh(tx, &document, at)?,
        Ok(_) => forget_projection(tx, record)?,
        // One document that cannot be made must not keep an answer from being taken.
        Err(cause) => tracing::error!(%record, %cause, "a document could not be made without a refused change"),
    }
    Ok(again)
}

/// Writes again what was refused for its company or its bytes.
pub(crate) fn write_again(tx: &Transaction<'_>, again: Vec<Again>, draw: &Draw, at: UtcMs) -> Result<(), StoreError> {
    if again.is_empty() {
        return Ok(());
    }
    // The next change is written by another, whether or not anything is written again.
    let actor = life::draw_actor(tx, draw).step("draw an actor")?;
    for Again { record, kind, entries } in again {
        let mut document = log::load(tx, record)?.unwrap_or_else(Document::empty);
        let here: BTreeSet<EntryId> = document.entries().into_iter().map(|entry| entry.id).collect();
        let mut seen = BTreeSet::new();
        let missing: Vec<NewEntry> =
            entries.into_iter().filter(|entry| !here.contains(&entry.id) && seen.insert(entry.id)).collect();
        // One person after the other, because an envelope speaks for one.
        for run in missing.chunk_by(|one, next| one.stamp.by == next.stamp.by) {
            let person = run.first().map(|entry| entry.stamp.by.clone()).unwrap_or_default();
            let write = RecordWrite { id: record, kind, create: false, entries: run.to_vec() };
            author::replay(tx, &write, &mut document, actor, &person, at)?;
        }
        if document.header().is_some() {
            log::refresh(tx, &document, at)?;
        }
    }
    Ok(())
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
    fn may_be_written_again(&self) -> bool {
        match self.verdict.as_str() {
            "refuse" => is_written_again(&self.reason),
            "overrule" => false,
            _ => true,
        }
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
    .map(|mut rows: Vec<Logged>| {
        // What a damaged row says is no word of anybody.
        rows.retain(|row| row.verdict == "refuse" || siaga_document::is_intact(&row.bytes, &row.hash));
        rows
    })
}

/// Refused changes and whatever hangs on them; the log stands in causal order.
fn orphans(logged: &[Logged]) -> BTreeSet<ChangeHash> {
    let mut orphaned: BTreeSet<ChangeHash> = BTreeSet::new();
    for row in logged {
        let hangs =
            || Document::describe(&row.bytes).is_some_and(|it| it.deps.iter().any(|dep| orphaned.contains(dep)));
        if row.verdict == "refuse" || hangs() {
            orphaned.insert(row.hash);
        }
    }
    orphaned
}

/// Whether one of these entries was written again so often that its company cannot be what is wrong.
fn is_tired(tx: &Transaction<'_>, entries: &[NewEntry]) -> Result<bool, StoreError> {
    for entry in entries {
        let times: i64 = tx
            .prepare_cached(
                "SELECT count(*) FROM entry n JOIN change c ON c.hash = n.change
                 WHERE n.entry = ?1 AND c.verdict = 'replayed'",
            )
            .and_then(|mut statement| statement.query_row([entry.id.as_bytes().as_slice()], |row| row.get(0)))
            .step("count how often an entry was written")?;
        if usize::try_from(times).is_ok_and(|times| times >= MOST_REPLAYS) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn forget_projection(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    for sql in ["DELETE FROM projection WHERE record = ?1", "DELETE FROM record WHERE id = ?1"] {
        tx.execute(sql, params![record.as_bytes().as_slice()]).step("set the record aside")?;
    }
    Ok(())
}
