//! Comparing with the center: which records may differ, how far each actor's changes of them go, and giving back what
//! the center lost.
//!
//! What this phone wrote travels again in new envelopes; what others wrote is proven by the center's own signature
//! under the news that brought it. Nothing is deleted here, and whatever is offered twice is a duplicate there.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::{Lease, Store, delivery, lease, life, row};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use siaga_domain::id::{ChangeHash, Epoch, RecordId};
use siaga_domain::time::UtcMs;
use std::collections::{BTreeMap, BTreeSet};

/// A record that does not become equal in so many rounds is left to the next comparison.
const MOST_TRIES: i64 = 8;
/// Setting: this home was copied or put back once, so another may write under its device.
const WAS_PUT_BACK: &str = "home_was_put_back";
/// All is compared again after this long, whatever nobody noticed.
const COMPARE_EVERY_MS: i64 = 24 * 3_600_000;
/// One tip in a message, at most: actor, sequence, hash, and what CBOR adds.
const TIP_BYTES: usize = 40;
const LAST_RECORD: [u8; 16] = [0xff; 16];

/// How much is compared, and what comes before it. Numbers as in the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Comparing {
    #[default]
    Nothing,
    /// What is in scope.
    Scope,
    /// This home was put back: first how far its chains got, then everything.
    ChainsFirst,
    /// Everything, forgotten records this phone wrote in included.
    All,
    /// The center is behind what it signed: it is shown that first.
    ProofFirst,
}

impl Comparing {
    const ALL: [Self; 5] = [Self::Nothing, Self::Scope, Self::ChainsFirst, Self::All, Self::ProofFirst];

    pub(crate) fn number(self) -> i64 {
        Self::ALL.iter().position(|one| *one == self).and_then(|at| i64::try_from(at).ok()).unwrap_or(0)
    }

    fn from_number(number: i64) -> Self {
        usize::try_from(number).ok().and_then(|at| Self::ALL.get(at).copied()).unwrap_or_default()
    }
}

/// Records to be compared in one request, in order of id.
#[derive(Clone, Debug)]
pub struct ToCompare {
    pub from: RecordId,
    pub up_to: RecordId,
    /// With their heads; without for a record of which only own changes are left.
    pub records: Vec<(RecordId, Option<Vec<ChangeHash>>)>,
}

/// How far one actor's changes of a record go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredTip {
    pub actor: [u8; 16],
    pub seq: u64,
    /// The first eight bytes of the change's hash.
    pub hash: [u8; 8],
}

/// News kept as proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldNews {
    pub epoch: Epoch,
    pub news: Vec<u8>,
    pub signature: Vec<u8>,
    /// The changes in it, with their records.
    pub changes: Vec<(RecordId, ChangeHash)>,
}

/// What is handed over for records that differ.
#[derive(Clone, Debug, Default)]
pub struct HandedOver {
    /// What this phone has of each.
    pub tips: Vec<(RecordId, Vec<StoredTip>)>,
    pub told: Vec<ToldNews>,
}

/// What an answer says of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Records whose tips were asked about.
    pub asked: Vec<RecordId>,
    /// Records that differ, with what the center has of them.
    pub differing: Vec<(RecordId, Vec<StoredTip>)>,
    pub up_to: Option<RecordId>,
    /// The chains, or the proof, were part of the request.
    pub first_step_done: bool,
    /// Number and bytes of the center's testimony, for this epoch.
    pub testimony: Option<(u64, Vec<u8>)>,
    /// Damaged changes that were asked for, and bytes that came.
    pub needed: Vec<ChangeHash>,
    pub given: Vec<Vec<u8>>,
    /// Changes the center asks for, and those it was given with the request.
    pub wanted: Vec<ChangeHash>,
    pub gave: Vec<ChangeHash>,
    /// Numbers of the faults the request named.
    pub told_faults: Vec<u64>,
    /// Ids of the gaps the request named, and whether the center says that it takes them.
    pub told_gaps: Vec<u64>,
    pub takes_gaps: bool,
}

/// A testimony as kept: payload and signature as they travel, in the encoding of whoever keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownLife {
    /// 0 while no testimony was heard.
    pub number: u64,
    pub testimony: Vec<u8>,
    /// Of an older life that answered lately.
    pub rival: Vec<u8>,
}

impl Store {
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn comparing(&self) -> Result<Comparing, StoreError> {
        comparing(&self.conn)
    }

    /// Records waiting to be compared or made equal, and what the center is to hear of this home; 0 when there is nothing.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn repairs_waiting(&self) -> Result<u32, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT (SELECT count(*) FROM differing) + coalesce((SELECT comparing > 0 FROM peer WHERE id = 1), 0)
                   + (SELECT count(*) FROM damaged WHERE state = 'open' AND tries < ?1)
                   + (SELECT count(*) FROM wanted) + (SELECT count(*) FROM fault WHERE told = 0)
                   + (SELECT count(*) FROM gap WHERE told = 0) * coalesce((SELECT takes_gaps FROM peer WHERE id = 1), 0)",
            )
            .and_then(|mut statement| statement.query_row([crate::mend::MOST_TRIES], |row| row.get(0)))
            .step("count what is to be repaired")
    }

    /// Once a day everything in scope is compared, so that what nobody noticed is found.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn compare_daily(&self, center_now: UtcMs) -> Result<(), StoreError> {
        self.conn
            .run(
                "UPDATE peer SET comparing = 1, compared_ms = CASE compared_ms WHEN 0 THEN ?1 ELSE compared_ms END
                 WHERE id = 1 AND comparing = 0 AND compared_ms > 0 AND abs(?1 - compared_ms) > ?2",
                params![center_now.0, COMPARE_EVERY_MS],
            )
            .step("ask for the daily comparison")?;
        self.conn
            .run(
                "UPDATE damaged SET tries = 0 WHERE state = 'open' AND tries > 0
                 AND EXISTS (SELECT 1 FROM peer WHERE id = 1 AND comparing > 0)",
                [],
            )
            .step("ask for the daily comparison")?;
        self.conn
            .run("UPDATE peer SET compared_ms = ?1 WHERE id = 1 AND compared_ms = 0", [center_now.0])
            .step("ask for the daily comparison")?;
        Ok(())
    }

    /// Asks for a comparison of everything, from the beginning.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn compare_all(&self) -> Result<(), StoreError> {
        ask(&self.conn, Comparing::All)
    }

    /// The next records to compare; `None` when nothing is.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn to_compare(&self, at_most: usize) -> Result<Option<ToCompare>, StoreError> {
        let tx = self.reading()?;
        let level = comparing(&tx)?;
        if level == Comparing::Nothing {
            return Ok(None);
        }
        let from: Vec<u8> = tx
            .query_row("SELECT compare_from FROM peer WHERE id = 1", [], |row| row.get(0))
            .step("read where the comparison goes on")?;
        let sql = if level == Comparing::Scope {
            "SELECT r.id, r.heads FROM membership m JOIN record r ON r.id = m.record
             WHERE m.state = 'entered' AND r.id >= ?1 ORDER BY r.id LIMIT ?2"
        } else {
            "SELECT id, heads FROM (
               SELECT id, heads FROM record
               UNION ALL
               SELECT DISTINCT c.record, NULL FROM change c WHERE c.origin = 'local'
                 AND c.verdict NOT IN ('refuse', 'replayed') AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = c.record))
             WHERE id >= ?1 ORDER BY id LIMIT ?2"
        };
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX).saturating_add(1);
        let rows: Vec<(Vec<u8>, Option<Vec<u8>>)> = tx
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement.query_map(params![from, limit], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .step("read what is to be compared")?;
        let whole = rows.len() <= at_most;
        let mut records = Vec::with_capacity(rows.len());
        for (id, heads) in rows.into_iter().take(at_most) {
            records.push((row::record_id(&id)?, heads.as_deref().map(row::split).transpose()?));
        }
        let last = records.last().map(|(id, _)| *id).filter(|_| !whole);
        let up_to = last.unwrap_or(RecordId::from_bytes(LAST_RECORD));
        Ok(Some(ToCompare { from: row::record_id(&from)?, up_to, records }))
    }

    /// For the first records that differ: says what is here, puts what this phone wrote and the center lacks into the
    /// outbox again, and gives the news that prove what others wrote, `room_bytes` of it but one piece at least.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn hand_over(&self, lease: &Lease, at_most: usize, room_bytes: usize) -> Result<HandedOver, StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        let rows: Vec<(Vec<u8>, Vec<u8>)> = tx
            .prepare_cached("SELECT record, tips FROM differing ORDER BY tries, record LIMIT ?1")
            .and_then(|mut statement| {
                statement
                    .query_map([i64::try_from(at_most).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .step("read what differs")?;
        let mut handed = HandedOver::default();
        let mut proofs: BTreeSet<i64> = BTreeSet::new();
        let mut touched = Vec::new();
        let mut tips_bytes = 0_usize;
        for (record, theirs) in rows {
            // A record that a crowd wrote in has a tip for each of them: the others are handed over with the next.
            if tips_bytes > room_bytes && !handed.tips.is_empty() {
                break;
            }
            let record = row::record_id(&record)?;
            let (mine, given) = hand_over_one(&tx, record, &tips_from(&theirs), &mut proofs)?;
            tips_bytes = tips_bytes.saturating_add(mine.len().saturating_mul(TIP_BYTES));
            handed.tips.push((record, mine));
            if given {
                touched.push(record.as_bytes().to_vec());
            }
        }
        let mut used = 0_usize;
        for id in proofs {
            let told = told(&tx, id)?;
            used = used.saturating_add(told.news.len());
            if used > room_bytes && !handed.told.is_empty() {
                break;
            }
            handed.told.push(told);
        }
        delivery::refresh_all(&tx, touched)?;
        tx.commit().step("hand over what the center lost")?;
        Ok(handed)
    }

    /// The newest news of this epoch: proof that the center went on so far.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn newest_told(&self) -> Result<Option<ToldNews>, StoreError> {
        let tx = self.reading()?;
        let id: Option<i64> = tx
            .query_row("SELECT max(id) FROM told WHERE epoch = (SELECT epoch FROM peer WHERE id = 1)", [], |row| {
                row.get(0)
            })
            .step("find the newest news")?;
        id.map(|id| told(&tx, id)).transpose()
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn known_life(&self, device_now: UtcMs) -> Result<KnownLife, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT epoch_number, testimony, CASE WHEN abs(?1 - rival_ms) < ?2 THEN rival ELSE x'' END
                 FROM peer WHERE id = 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![device_now.0, COMPARE_EVERY_MS], |row| {
                        Ok(KnownLife { number: row::unsigned(row.get(0)?), testimony: row.get(1)?, rival: row.get(2)? })
                    })
                    .optional()
            })
            .step("read which life of the center is known")
            .map(Option::unwrap_or_default)
    }

    /// Another life of the center, by its testimony: its feed is read from the beginning, and what it may have lost is
    /// offered again.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn follow_life(&self, lease: &Lease, epoch: Epoch, number: u64, testimony: &[u8]) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        crate::enrolment::enter_epoch(&tx, epoch)?;
        keep_testimony(&tx, number, testimony)?;
        tx.commit().step("enter the epoch")
    }

    /// The center is behind cursors it gave itself: its feed is read from the beginning, and it is shown what it said.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn doubt_feed(&self, lease: &Lease) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        tx.execute("UPDATE peer SET cursor_urgent = 0, cursor_records = 0 WHERE id = 1", []).step("doubt the feed")?;
        ask(&tx, Comparing::ProofFirst)?;
        tx.commit().step("doubt the feed")
    }

    /// A center of an older life answered, and was not believed.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn note_rival(&self, testimony: &[u8], at: UtcMs) -> Result<(), StoreError> {
        self.conn
            .execute("UPDATE peer SET rival = ?1, rival_ms = ?2 WHERE id = 1", params![testimony, at.0])
            .step("note another center")?;
        Ok(())
    }
}

fn comparing(conn: &Connection) -> Result<Comparing, StoreError> {
    conn.prepare_cached("SELECT comparing FROM peer WHERE id = 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .step("read what is to be compared")
        .map(|level| Comparing::from_number(level.unwrap_or(0)))
}

/// From the beginning. What is under way already and goes further goes on so.
pub(crate) fn ask(conn: &Connection, level: Comparing) -> Result<(), StoreError> {
    conn.execute(
        "UPDATE peer SET comparing = max(comparing, ?1), compare_from = zeroblob(16) WHERE id = 1",
        [level.number()],
    )
    .step("ask for a comparison")?;
    Ok(())
}

fn keep_testimony(tx: &Transaction<'_>, number: u64, testimony: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE peer SET epoch_number = ?1, testimony = ?2 WHERE id = 1 AND epoch_number <= ?1",
        params![row::signed(number), testimony],
    )
    .step("keep which life of the center is known")?;
    Ok(())
}

/// Keeps what an answer said of the comparison.
pub(crate) fn apply(tx: &Transaction<'_>, compared: &Compared, at: UtcMs) -> Result<(), StoreError> {
    for record in &compared.asked {
        let id = record.as_bytes().as_slice();
        match compared.differing.iter().find(|(differing, _)| differing == record) {
            Some((_, tips)) => {
                tx.execute(
                    "UPDATE differing SET tips = ?2, tries = tries + 1 WHERE record = ?1",
                    params![id, tips_to(tips)],
                )
                .step("keep what differs")?;
            }
            None => {
                tx.execute("DELETE FROM differing WHERE record = ?1", [id]).step("close what is equal")?;
            }
        }
    }
    for (record, tips) in compared.differing.iter().filter(|(record, _)| !compared.asked.contains(record)) {
        tx.execute(
            "INSERT INTO differing (record, tips, tries) VALUES (?1, ?2, 0) ON CONFLICT (record) DO UPDATE SET tips = ?2",
            params![record.as_bytes().as_slice(), tips_to(tips)],
        )
        .step("keep what differs")?;
    }
    let tired =
        tx.execute("DELETE FROM differing WHERE tries >= ?1", [MOST_TRIES]).step("leave what does not become equal")?;
    if tired > 0 {
        tracing::warn!(tired, "records did not become equal with the center's; the next comparison tries again");
    }
    if compared.first_step_done {
        tx.execute(
            "UPDATE peer SET comparing = ?1 WHERE id = 1 AND comparing IN (?2, ?3)",
            params![Comparing::All.number(), Comparing::ChainsFirst.number(), Comparing::ProofFirst.number()],
        )
        .step("go on with the comparison")?;
    }
    if let Some(up_to) = compared.up_to {
        match next_after(up_to) {
            Some(next) => tx.execute("UPDATE peer SET compare_from = ?1 WHERE id = 1", [next.as_slice()]),
            None => tx.execute(
                "UPDATE peer SET comparing = 0, compare_from = zeroblob(16), compared_ms = ?1 WHERE id = 1",
                [at.0],
            ),
        }
        .step("go on with the comparison")?;
    }
    if let Some((number, testimony)) = &compared.testimony {
        keep_testimony(tx, *number, testimony)?;
    }
    Ok(())
}

/// Keeps news as proof of what is in them.
pub(crate) fn keep_told(tx: &Transaction<'_>, told: &ToldNews) -> Result<(), StoreError> {
    if told.changes.is_empty() {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO told (epoch, news, signature) VALUES (?1, ?2, ?3)",
        params![told.epoch.0.as_slice(), told.news, told.signature],
    )
    .step("keep what the center told")?;
    let id = tx.last_insert_rowid();
    for (record, hash) in &told.changes {
        tx.prepare_cached("INSERT OR IGNORE INTO told_change (hash, told, record) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![hash.0.as_slice(), id, record.as_bytes().as_slice()]))
            .step("keep what the center told")?;
    }
    Ok(())
}

/// The proofs of a record that is forgotten.
pub(crate) fn forget_told(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    let id = record.as_bytes().as_slice();
    let told: Vec<i64> = tx
        .prepare_cached("SELECT DISTINCT told FROM told_change WHERE record = ?1")
        .and_then(|mut statement| statement.query_map([id], |row| row.get(0))?.collect())
        .step("find what proves the record")?;
    tx.execute("DELETE FROM told_change WHERE record = ?1", [id]).step("forget what proves the record")?;
    tx.execute("DELETE FROM differing WHERE record = ?1", [id]).step("forget what proves the record")?;
    for told in told {
        tx.execute("DELETE FROM told WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM told_change WHERE told = ?1)", [told])
            .step("forget what proves the record")?;
    }
    Ok(())
}

fn told(tx: &Transaction<'_>, id: i64) -> Result<ToldNews, StoreError> {
    tx.query_row("SELECT epoch, news, signature FROM told WHERE id = ?1", [id], |row| {
        Ok(ToldNews { epoch: Epoch(row.get(0)?), news: row.get(1)?, signature: row.get(2)?, changes: Vec::new() })
    })
    .step("read what the center told")
}

/// What is here of one record, and whether own changes of it go out again.
fn hand_over_one(
    tx: &Transaction<'_>,
    record: RecordId,
    theirs: &[StoredTip],
    proofs: &mut BTreeSet<i64>,
) -> Result<(Vec<StoredTip>, bool), StoreError> {
    type Raw = (Vec<u8>, [u8; 16], i64, String, Vec<u8>, bool);
    let rows: Vec<Raw> = tx
        .prepare_cached(
            "SELECT hash, actor, seq, kind, bytes, origin = 'local' FROM change
             WHERE record = ?1 AND verdict NOT IN ('refuse', 'replayed') ORDER BY position",
        )
        .and_then(|mut statement| statement.query_map([record.as_bytes().as_slice()], |row| row.try_into())?.collect())
        .step("read the log")?;
    let known: BTreeMap<[u8; 16], u64> = theirs.iter().map(|tip| (tip.actor, tip.seq)).collect();
    let mut mine: BTreeMap<[u8; 16], StoredTip> = BTreeMap::new();
    let mut given = false;
    for (hash, actor, seq, kind, bytes, local) in rows {
        let hash = row::change_hash(&hash)?;
        let seq = row::unsigned(seq);
        let mut short = [0; 8];
        short.iter_mut().zip(hash.0).for_each(|(to, from)| *to = from);
        if mine.get(&actor).is_none_or(|tip| tip.seq < seq) {
            mine.insert(actor, StoredTip { actor, seq, hash: short });
        }
        if known.get(&actor).is_some_and(|theirs| *theirs >= seq) || !siaga_document::is_intact(&bytes, &hash) {
            continue;
        }
        if local {
            given |= give_again(tx, &hash, record, &kind, &bytes)?;
        } else if let Some(told) = proof_of(tx, &hash)? {
            proofs.insert(told);
        }
    }
    Ok((mine.into_values().collect(), given))
}

/// An own change that the center had once; in the outbox already, it is on its way.
pub(crate) fn give_again(
    tx: &Transaction<'_>,
    hash: &ChangeHash,
    record: RecordId,
    kind: &str,
    bytes: &[u8],
) -> Result<bool, StoreError> {
    let queued = tx
        .prepare_cached("SELECT 1 FROM outbox WHERE change = ?1")
        .and_then(|mut statement| statement.exists([hash.0.as_slice()]))
        .step("look into the outbox")?;
    if queued {
        return Ok(false);
    }
    tx.run(
        "UPDATE change SET verdict = 'pending', reason = '', received_ms = NULL WHERE hash = ?1",
        [hash.0.as_slice()],
    )
    .step("offer again what the center lost")?;
    crate::author::enqueue_again(tx, hash, record, row::kind(kind)?, bytes)?;
    Ok(true)
}

fn proof_of(tx: &Transaction<'_>, hash: &ChangeHash) -> Result<Option<i64>, StoreError> {
    tx.prepare_cached("SELECT min(told) FROM told_change WHERE hash = ?1")
        .and_then(|mut statement| statement.query_row([hash.0.as_slice()], |row| row.get(0)))
        .step("find the proof of a change")
}

/// 32 bytes a tip: actor, sequence, beginning of the hash.
fn tips_to(tips: &[StoredTip]) -> Vec<u8> {
    tips.iter().flat_map(|tip| tip.actor.into_iter().chain(tip.seq.to_be_bytes()).chain(tip.hash)).collect()
}

fn tips_from(bytes: &[u8]) -> Vec<StoredTip> {
    bytes
        .chunks_exact(32)
        .filter_map(|chunk| {
            let (actor, rest) = chunk.split_at_checked(16)?;
            let (seq, hash) = rest.split_at_checked(8)?;
            Some(StoredTip {
                actor: actor.try_into().ok()?,
                seq: u64::from_be_bytes(seq.try_into().ok()?),
                hash: hash.try_into().ok()?,
            })
        })
        .collect()
}

/// `None` after the last id there can be.
fn next_after(record: RecordId) -> Option<[u8; 16]> {
    u128::from_be_bytes(*record.as_bytes()).checked_add(1).map(u128::to_be_bytes)
}

/// This home was put back or copied: said at its opening, before anything is written.
pub(crate) fn was_put_back(tx: &Transaction<'_>, life: &life::Life) -> Result<(), rusqlite::Error> {
    if life.put_back {
        tx.execute(
            "INSERT INTO setting (key, value) VALUES (?1, '1') ON CONFLICT (key) DO UPDATE SET value = '1'",
            [WAS_PUT_BACK],
        )?;
        chains_first(tx)?;
    }
    Ok(())
}

/// Another life of the center: it may not know any more that two phones pass for one device here.
pub(crate) fn ask_in_another_life(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let put_back = tx
        .query_row("SELECT EXISTS (SELECT 1 FROM setting WHERE key = ?1)", [WAS_PUT_BACK], |row| row.get(0))
        .step("read whether this home was put back")?;
    if put_back { chains_first(tx).step("ask for a comparison") } else { ask(tx, Comparing::All) }
}

/// Before a comparison that is under way as well: it goes on from the beginning.
pub(crate) fn chains_first(tx: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    tx.execute(
        "UPDATE peer SET comparing = CASE comparing WHEN ?1 THEN ?1 ELSE ?2 END, compare_from = zeroblob(16) WHERE id = 1",
        [Comparing::ProofFirst.number(), Comparing::ChainsFirst.number()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tips_read_back_as_they_were_kept() {
        let tips = vec![
            StoredTip { actor: [1; 16], seq: 7, hash: [2; 8] },
            StoredTip { actor: [3; 16], seq: u64::MAX, hash: [4; 8] },
        ];

        assert_eq!(tips_from(&tips_to(&tips)), tips);
        assert_eq!(tips_from(&[1; 31]), []);
    }

    #[test]
    fn the_record_after_the_last_there_can_be_is_none() {
        assert_eq!(next_after(RecordId::from_bytes(LAST_RECORD)), None);
        assert_eq!(next_after(RecordId::from_bytes([0; 16])).map(|next| next[15]), Some(1));
    }
}
