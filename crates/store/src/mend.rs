//! Damage in the log: found, kept as it was found, mended from copies that are here, and asked of the center by hash.
//!
//! A row keeps its place, its verdict and its author; only its bytes are replaced, and only by bytes its hash names. So
//! whoever brings them need not be believed, and nothing is doubled. What was written here and never sent has no copy
//! anywhere: it is named, its bytes stay, and what hangs on it is written again without it.

use crate::compare::Compared;
use crate::failure::{Step, StoreError};
use crate::life::Draw;
use crate::log::Origin;
use crate::tracking::{self, UntoldGap};
use crate::{Store, envelope, log, repair, row};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use siaga_document::{Document, changes_in, is_intact};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::UtcMs;
use siaga_domain::verdict::DAMAGED;
use std::collections::{BTreeMap, BTreeSet};

/// Answers without it after which a damaged change is asked for only with the next daily comparison.
pub(crate) const MOST_TRIES: i64 = 3;
/// Changes asked for in one request, and given in one, at most.
const MOST_AT_ONCE: i64 = 64;
/// Faults named in one request, at most.
const MOST_FAULTS: i64 = 16;
/// Gaps named in one request, at most: what one packet bears.
const MOST_GAPS: i64 = 32;
/// Setting: the log was looked over up to this position.
pub(crate) const LOOKED_UP_TO: &str = "looked_up_to";

/// What is to be said of damage in the next request, and of gaps.
#[derive(Clone, Debug, Default)]
pub struct Mending {
    /// Damaged here: asked for.
    pub needed: Vec<ChangeHash>,
    /// Damaged at the center: given.
    pub given: Vec<(ChangeHash, Vec<u8>)>,
    pub faults: Vec<Fault>,
    /// When tracking stood still, oldest first.
    pub gaps: Vec<UntoldGap>,
}

/// What befell this home.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub id: u64,
    /// `cache`, `row`, `row_lost`, `home`, `safe_start`.
    pub code: String,
    /// Device UTC; of several alike the newest.
    pub at_ms: UtcMs,
    pub count: u32,
    pub saved: u32,
}

/// Damaged changes, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Damage {
    /// Not whole yet; the center is asked for them.
    pub waiting: u32,
    /// Written here, never sent, and not readable any more.
    pub lost: u32,
}

impl Store {
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn damage(&self) -> Result<Damage, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT (SELECT count(*) FROM damaged WHERE state = 'open'),
                        (SELECT count(*) FROM damaged WHERE state = 'lost')",
            )
            .and_then(|mut statement| {
                statement.query_row([], |row| Ok(Damage { waiting: row.get(0)?, lost: row.get(1)? }))
            })
            .step("count what is damaged")
    }

    /// What befell this home, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn faults(&self, at_most: u32) -> Result<Vec<Fault>, StoreError> {
        faults(&self.conn, "SELECT id, code, at_ms, count, saved FROM fault ORDER BY id DESC LIMIT ?1", at_most.into())
    }

    /// What the next request says of damage and of gaps: `room_bytes` of given changes, but one at least.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn mending(&self, room_bytes: usize) -> Result<Mending, StoreError> {
        let tx = self.reading()?;
        let needed: Vec<[u8; 32]> = tx
            .prepare_cached(
                "SELECT hash FROM damaged WHERE state = 'open' AND tries < ?1 ORDER BY tries, hash LIMIT ?2",
            )
            .and_then(|mut statement| {
                statement.query_map(params![MOST_TRIES, MOST_AT_ONCE], |row| row.get(0))?.collect()
            })
            .step("read what is damaged")?;
        let wanted: Vec<([u8; 32], Vec<u8>)> = tx
            .prepare_cached(
                "SELECT w.hash, coalesce(c.bytes, x'') FROM wanted w LEFT JOIN change c ON c.hash = w.hash LIMIT ?1",
            )
            .and_then(|mut statement| {
                statement.query_map([MOST_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .step("read what the center asks for")?;
        let mut given = Vec::new();
        let mut used = 0_usize;
        for (hash, bytes) in wanted {
            used = used.saturating_add(bytes.len());
            if used > room_bytes && !given.is_empty() {
                break;
            }
            given.push((ChangeHash(hash), bytes));
        }
        let untold = "SELECT id, code, at_ms, count, saved FROM fault WHERE told = 0 ORDER BY id LIMIT ?1";
        let faults = faults(&tx, untold, MOST_FAULTS)?;
        let gaps = tracking::untold(&tx, MOST_GAPS)?;
        Ok(Mending { needed: needed.into_iter().map(ChangeHash).collect(), given, faults, gaps })
    }

    /// Looks at so many rows of the log, going on where the last look ended. Called where nothing else is to be done.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn look_over(&self, at: UtcMs, at_most: u32) -> Result<(), StoreError> {
        type Raw = (i64, Vec<u8>, [u8; 32], Vec<u8>);
        let from: i64 = self.setting(LOOKED_UP_TO)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        let rows: Vec<Raw> = self
            .conn
            .prepare_cached(
                "SELECT position, record, hash, bytes FROM change WHERE position > ?1
                 AND verdict NOT IN ('refuse', 'replayed') ORDER BY position LIMIT ?2",
            )
            .and_then(|mut statement| statement.query_map(params![from, at_most], |row| row.try_into())?.collect())
            .step("look over the log")?;
        let is_end = u32::try_from(rows.len()).is_ok_and(|read| read < at_most);
        let up_to = rows.last().map_or(0, |(position, ..)| *position);
        let mut found: Vec<RecordId> = Vec::new();
        for (_, record, hash, bytes) in rows {
            if !is_intact(&bytes, &ChangeHash(hash)) {
                found.push(row::record_id(&record)?);
            }
        }
        found.dedup();
        if !found.is_empty() {
            let tx = self.writing()?;
            found.into_iter().try_for_each(|record| mend(&tx, record, at, &self.draw).map(drop))?;
            tx.commit().step("set damage aside")?;
        }
        let next = if is_end { 0 } else { up_to };
        if next != from {
            self.set_setting(LOOKED_UP_TO, &next.to_string())?;
        }
        Ok(())
    }

    /// Reads every document there is, sets aside what is damaged, and says how things stand then.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn check_documents(&self, at: UtcMs) -> Result<Damage, StoreError> {
        let all: Vec<Vec<u8>> = self
            .conn
            .prepare("SELECT id FROM record ORDER BY id")
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .step("list the records")?;
        for record in all {
            let record = row::record_id(&record)?;
            let rows_are_intact = log::logged(&self.conn, record, 0)?.iter().all(log::Logged::is_intact);
            let reads = log::read(&self.conn, record)?.is_none_or(|read| !read.is_damaged);
            if !rows_are_intact || !reads {
                let tx = self.writing()?;
                mend(&tx, record, at, &self.draw)?;
                tx.commit().step("set damage aside")?;
            }
        }
        self.damage()
    }
}

/// A document for whoever writes into it.
pub(crate) struct Opened {
    pub document: Document,
    /// Everything in the log of it stands in it.
    pub is_whole: bool,
}

/// Loads a document; what is damaged of it is noticed, kept aside and mended where a copy is here.
pub(crate) fn open(
    tx: &Transaction<'_>,
    record: RecordId,
    at: UtcMs,
    draw: &Draw,
) -> Result<Option<Opened>, StoreError> {
    let Some(read) = log::read(tx, record)? else { return Ok(None) };
    if !read.is_damaged {
        return Ok(Some(Opened { document: read.document, is_whole: true }));
    }
    mend(tx, record, at, draw).map(Some)
}

/// Looks at all of one record and sets right what can be set right here; gives what it reads as then.
pub(crate) fn mend(tx: &Transaction<'_>, record: RecordId, at: UtcMs, draw: &Draw) -> Result<Opened, StoreError> {
    let id = record.as_bytes().as_slice();
    let snapshot = snapshot(tx, record)?;
    let mut lost = Vec::new();
    let mut found = 0_u32;
    for row in log::logged(tx, record, 0)?.into_iter().filter(|row| !row.is_intact()) {
        let fresh = tx
            .execute(
                "INSERT INTO damaged (hash, record, bytes, found_ms, state) VALUES (?1, ?2, ?3, ?4, 'open')
                 ON CONFLICT (hash) DO UPDATE SET bytes = ?3, found_ms = ?4, state = 'open', tries = 0
                 WHERE state = 'mended'",
                params![row.hash.0.as_slice(), id, row.bytes, at.0],
            )
            .step("keep damaged bytes")?;
        found = found.saturating_add(u32::try_from(fresh).unwrap_or(u32::MAX));
        match copy_of(tx, snapshot.as_ref(), &row.hash)? {
            Some(bytes) => put_back(tx, &row.hash, &bytes)?,
            None if never_left(tx, &row.hash)? => lost.push(row.hash),
            None => {}
        }
    }
    ask_for_missing(tx, record, at)?;
    let cached = tx.execute("DELETE FROM snapshot WHERE record = ?1", [id]).step("drop the snapshot")?;
    if found == 0 && cached > 0 {
        note(tx, "cache", at, 1)?;
    } else if found > 0 {
        tracing::error!(%record, found, "changes in the log are not what was written");
        note(tx, "row", at, found)?;
    }
    if !lost.is_empty() {
        give_up(tx, &lost, at)?;
        let again = repair::without_refused(tx, &lost, at)?;
        repair::write_again(tx, again, draw, at)?;
    }
    let (document, left_out) = log::rebuild(&log::logged(tx, record, 0)?);
    let is_whole = left_out == 0;
    if is_whole {
        // What people see of a document in part stays as it was, until somebody writes into it.
        log::refresh(tx, &document, at)?;
    }
    Ok(Opened { document, is_whole })
}

/// Changes that others of a record hang on and that are not in its log are asked for like damaged ones.
pub(crate) fn ask_for_missing(tx: &Transaction<'_>, record: RecordId, at: UtcMs) -> Result<(), StoreError> {
    let rows = log::logged(tx, record, 0)?;
    let here: BTreeSet<ChangeHash> = rows.iter().map(|row| row.hash).collect();
    let hang_on = rows.iter().filter(|row| row.is_intact()).filter_map(|row| Document::describe(&row.bytes));
    let missing: BTreeSet<ChangeHash> =
        hang_on.flat_map(|change| change.deps).filter(|dep| !here.contains(dep)).collect();
    for hash in missing {
        tx.execute(
            "INSERT INTO damaged (hash, record, bytes, found_ms, state) VALUES (?1, ?2, x'', ?3, 'open')
             ON CONFLICT (hash) DO UPDATE SET state = 'open', tries = 0 WHERE state = 'mended'",
            params![hash.0.as_slice(), record.as_bytes().as_slice(), at.0],
        )
        .step("note a missing change")?;
    }
    Ok(())
}

/// Takes bytes that were asked for; gives the records that are more whole by them.
pub(crate) fn take(
    tx: &Transaction<'_>,
    given: &[Vec<u8>],
    at: UtcMs,
) -> Result<Vec<(RecordId, RecordKind)>, StoreError> {
    let mut records: BTreeMap<RecordId, RecordKind> = BTreeMap::new();
    for (hash, bytes) in given.iter().flat_map(|bytes| changes_in(bytes)) {
        let of: Option<(Vec<u8>, Option<String>, bool)> = tx
            .prepare_cached(
                "SELECT record, (SELECT kind FROM change c WHERE c.record = d.record LIMIT 1),
                        EXISTS (SELECT 1 FROM change c WHERE c.hash = d.hash)
                 FROM damaged d WHERE hash = ?1 AND state = 'open'",
            )
            .and_then(|mut statement| {
                statement.query_row([hash.0.as_slice()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
            })
            .step("find what was asked for")?;
        let Some((record, Some(kind), is_logged)) = of else { continue };
        let (record, kind) = (row::record_id(&record)?, row::kind(&kind)?);
        if !is_logged && let Some(change) = Document::describe(&bytes) {
            log::append(tx, record, kind, &change, Origin::Center, at)?;
        }
        put_back(tx, &hash, &bytes)?;
        ask_for_missing(tx, record, at)?;
        records.insert(record, kind);
    }
    Ok(records.into_iter().collect())
}

/// Notes what an answer settled of damage and of gaps.
pub(crate) fn answered(tx: &Transaction<'_>, compared: &Compared) -> Result<(), StoreError> {
    for hash in &compared.needed {
        tx.execute("UPDATE damaged SET tries = tries + 1 WHERE hash = ?1 AND state = 'open'", [hash.0.as_slice()])
            .step("note what did not come")?;
    }
    for hash in &compared.gave {
        tx.execute("DELETE FROM wanted WHERE hash = ?1", [hash.0.as_slice()]).step("note what was given")?;
    }
    for hash in &compared.wanted {
        tx.execute(
            "INSERT INTO wanted (hash) SELECT ?1 WHERE EXISTS (SELECT 1 FROM change WHERE hash = ?1)
             ON CONFLICT (hash) DO NOTHING",
            [hash.0.as_slice()],
        )
        .step("note what the center asks for")?;
    }
    for id in &compared.told_faults {
        tx.execute("UPDATE fault SET told = 1 WHERE id = ?1", [row::signed(*id)]).step("note what was told")?;
    }
    tracking::answered(tx, compared)
}

/// Notes what befell this home; alike ones that nobody was told yet are one.
pub(crate) fn note(conn: &Connection, code: &str, at: UtcMs, count: u32) -> Result<(), StoreError> {
    let known = conn
        .execute(
            "UPDATE fault SET at_ms = ?2, count = count + ?3
             WHERE id = (SELECT max(id) FROM fault WHERE code = ?1 AND told = 0)",
            params![code, at.0, count],
        )
        .step("note what befell this home")?;
    if known == 0 {
        conn.execute("INSERT INTO fault (code, at_ms, count) VALUES (?1, ?2, ?3)", params![code, at.0, count])
            .step("note what befell this home")?;
    }
    Ok(())
}

fn put_back(tx: &Transaction<'_>, hash: &ChangeHash, bytes: &[u8]) -> Result<(), StoreError> {
    tx.execute("UPDATE change SET bytes = ?2 WHERE hash = ?1", params![hash.0.as_slice(), bytes])
        .step("put bytes back")?;
    tx.execute("UPDATE damaged SET state = 'mended' WHERE hash = ?1", [hash.0.as_slice()]).step("put bytes back")?;
    Ok(())
}

fn snapshot(tx: &Transaction<'_>, record: RecordId) -> Result<Option<Document>, StoreError> {
    let save: Option<Vec<u8>> = tx
        .query_row("SELECT bytes FROM snapshot WHERE record = ?1", [record.as_bytes().as_slice()], |row| row.get(0))
        .optional()
        .step("read the snapshot")?;
    Ok(save.and_then(|save| Document::from_cache(&save, []).ok()))
}

/// The same change where it stands a second time here: in the snapshot, in a signed envelope, in news as they were told.
fn copy_of(
    tx: &Transaction<'_>,
    snapshot: Option<&Document>,
    hash: &ChangeHash,
) -> Result<Option<Vec<u8>>, StoreError> {
    if let Some(bytes) = snapshot.and_then(|document| document.bytes_of(hash)) {
        return Ok(Some(bytes));
    }
    let letters: Vec<Vec<u8>> = tx
        .prepare_cached(
            "SELECT sealed FROM envelope WHERE instr(changes, ?1) > 0
             UNION ALL SELECT news FROM told WHERE id IN (SELECT told FROM told_change WHERE hash = ?1)",
        )
        .and_then(|mut statement| statement.query_map([hash.0.as_slice()], |row| row.get(0))?.collect())
        .step("look for another copy")?;
    let found = letters.iter().flat_map(|letter| changes_in(letter)).find(|(one, _)| one == hash);
    Ok(found.map(|(_, bytes)| bytes))
}

/// Whether only this phone ever had it: it waits, and no signed envelope has it.
fn never_left(tx: &Transaction<'_>, hash: &ChangeHash) -> Result<bool, StoreError> {
    tx.prepare_cached(
        "SELECT 1 FROM outbox o LEFT JOIN envelope e ON e.lane = o.lane AND e.seq = o.envelope
         WHERE o.change = ?1 AND (e.state IS NULL OR e.state = 'frozen')",
    )
    .and_then(|mut statement| statement.exists([hash.0.as_slice()]))
    .step("ask whether a change left")
}

/// Takes what nobody has out of the outbox, and the frozen envelopes that name it apart; the bytes stay.
fn give_up(tx: &Transaction<'_>, lost: &[ChangeHash], at: UtcMs) -> Result<(), StoreError> {
    for hash in lost {
        let hash = hash.0.as_slice();
        tx.execute("UPDATE damaged SET state = 'lost' WHERE hash = ?1", [hash]).step("give a change up")?;
        tx.execute("UPDATE change SET verdict = 'refuse', reason = ?2 WHERE hash = ?1", params![hash, DAMAGED])
            .step("give a change up")?;
        envelope::unfreeze(tx, hash)?;
        tx.execute("DELETE FROM outbox WHERE change = ?1", [hash]).step("give a change up")?;
    }
    note(tx, "row_lost", at, u32::try_from(lost.len()).unwrap_or(u32::MAX))
}

fn faults(conn: &Connection, sql: &str, at_most: i64) -> Result<Vec<Fault>, StoreError> {
    conn.prepare_cached(sql)
        .and_then(|mut statement| {
            statement
                .query_map([at_most], |row| {
                    Ok(Fault {
                        id: row::unsigned(row.get(0)?),
                        code: row.get(1)?,
                        at_ms: UtcMs(row.get(2)?),
                        count: row::small(row.get(3)?),
                        saved: row::small(row.get(4)?),
                    })
                })?
                .collect()
        })
        .step("read what befell this home")
}
