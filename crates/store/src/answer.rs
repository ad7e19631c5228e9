//! Taking in an answer of the center: receipts, news, cursors, in one transaction.
//!
//! The caller has checked every signature. What came once is not taken twice; what cannot be taken is kept aside
//! and the rest goes on, because one bad change must not stop an order that stands behind it.

use crate::cached::Cached as _;
use crate::claimed;
use crate::compare::{self, Compared, ToldNews};
use crate::failure::{Step, StoreError};
use crate::log::{self, Origin};
use crate::room::Need;
use crate::scope::{self, Standing};
use crate::{
    Archive, Draw, Lease, Offer, Store, Terms, ThinNews, archive, attachment, clock, download, enrolment, lease, mend,
    receipt, repair, row, terms, thin,
};
use rusqlite::{Transaction, params};
use siaga_document::{Claim, Document, Refusal, Rules};
use siaga_domain::id::{ChangeHash, Epoch, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::Author;
use siaga_domain::time::{ClockAnchor, UtcMs};
use std::collections::BTreeMap;

pub use crate::receipt::{LaterVerdicts, Receipted, Verdict};

/// One thing the feed says.
#[derive(Clone, Debug)]
pub enum FeedItem {
    /// A document entered the scope: all its changes in causal order, or none when all are of this phone.
    Entered { record: RecordId, kind: RecordKind, generation: u32, position: u64, changes: Vec<Vec<u8>> },
    /// It left: forgotten after its last verdict, a stub stays.
    Left { record: RecordId, generation: u32, position: u64 },
    /// One more change of a document in scope.
    Changed { record: RecordId, position: u64, change: Vec<u8> },
}

/// An answer whose signatures hold.
#[derive(Clone, Debug)]
pub struct News {
    pub epoch: Epoch,
    /// Device UTC when it arrived.
    pub at_ms: UtcMs,
    pub receipts: Vec<Receipted>,
    pub items: Vec<FeedItem>,
    pub cursors: [u64; 2],
    /// The token to use from now on, when it changed.
    pub token: Option<Vec<u8>>,
    /// A comparison of the clocks that is worth more than the one that is kept.
    pub clock: Option<ClockAnchor>,
    pub trail_received: Option<u64>,
    /// Lanes whose chain the center continues elsewhere, with the sequence it needs.
    pub needed: Vec<(u8, u64)>,
    pub attachments_held: Vec<ChangeHash>,
    /// Verdicts that came after the receipt, and what the center misses.
    pub later: LaterVerdicts,
    /// Files that may be fetched.
    pub offers: Vec<Offer>,
    /// Archives of incidents whose records leave; their signatures hold.
    pub archives: Vec<Archive>,
    /// Incidents that are not here, told at this center time.
    pub thin: ThinNews,
    pub answered_ms: UtcMs,
    /// The items as they were signed.
    pub told: Option<ToldNews>,
    /// What is said of a comparison.
    pub compared: Option<Compared>,
    /// What this phone works under, where it is said.
    pub terms: Option<Terms>,
    /// The stamp of the terms that the request named.
    pub told_terms: Option<u16>,
}

/// What an answer changed here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Applied {
    /// Own changes a receipt named and accepted.
    pub receipted: u32,
    /// Own changes a receipt named and did not accept.
    pub refused: u32,
    /// Changes of others taken in.
    pub received: u32,
    /// Changes of others that could not be taken in.
    pub quarantined: u32,
}

impl Applied {
    pub(crate) fn count(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Accept | Verdict::Park => &mut self.receipted,
            Verdict::Overrule | Verdict::Refuse => &mut self.refused,
        };
        *count = count.saturating_add(1);
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]; then nothing of the answer was taken, and asking again brings it again.
    pub fn apply_answer(&self, lease: &Lease, news: &News) -> Result<Applied, StoreError> {
        self.must_have_room(Need::Exchange)?;
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        let peer = enrolment::read_peer(&tx)?.ok_or(StoreError::NotEnrolled)?;
        if peer.epoch != news.epoch && peer.epoch != Epoch::default() {
            // Another life is entered by its testimony, never by an answer that was under way meanwhile.
            return Err(StoreError::OtherLife);
        }
        enrolment::enter_epoch(&tx, news.epoch)?;
        let mut applied = Applied::default();
        let mut refused = Vec::new();
        for one in &news.receipts {
            refused.extend(receipt::apply(&tx, one, &self.draw, &mut applied)?);
        }
        refused.extend(receipt::apply_later(&tx, &news.later, &mut applied)?);
        // First the documents go on without what was refused, then they take in the center's news, then what was
        // meant is written into them again.
        let again = repair::without_refused(&tx, &refused, news.at_ms)?;
        for (lane, seq) in &news.needed {
            let stands = |one: &&Receipted| one.lane == *lane && one.up_to_seq.saturating_add(1) == *seq;
            let head = news.receipts.iter().find(stands).map(|one| one.head);
            receipt::offer_again(&tx, *lane, *seq, head)?;
        }
        for hash in &news.attachments_held {
            attachment::held(&tx, hash, None, true, news.at_ms)?;
        }
        download::take_offers(&tx, &news.offers)?;
        archive::take(&tx, &news.archives)?;
        thin::take(&tx, &news.thin, news.answered_ms)?;
        let mut open = OpenDocuments {
            tx: &tx,
            draw: &self.draw,
            documents: BTreeMap::new(),
            at: news.at_ms,
            answered: news.answered_ms,
        };
        if let Some(compared) = &news.compared {
            for (record, kind) in mend::take(&tx, &compared.given, news.at_ms)? {
                open.open_or_begin(record)?;
                open.retry(record, kind, &mut applied)?;
            }
        }
        for one in &again {
            let (record, kind) = one.place();
            open.try_again(record, kind, &mut applied)?;
        }
        for item in &news.items {
            open.take(item, &mut applied)?;
        }
        open.close()?;
        repair::write_again(&tx, again, &self.draw, news.at_ms)?;
        if let Some(told) = &news.told {
            compare::keep_told(&tx, told)?;
        }
        if let Some(compared) = &news.compared {
            compare::apply(&tx, compared, news.answered_ms)?;
            mend::answered(&tx, compared)?;
        }
        receipt::offer_missing(&tx, &news.later.missing)?;
        terms::take(&tx, news)?;
        terms::write_kept(&tx, self, news.at_ms)?;
        keep_peer(&tx, &self.boot_id, news)?;
        scope::forget_what_left(&tx)?;
        archive::let_go(&tx, news.at_ms)?;
        tx.commit().step("commit the answer")?;
        Ok(applied)
    }
}

/// Documents an answer touches: each loaded once and written down once.
struct OpenDocuments<'a> {
    tx: &'a Transaction<'a>,
    draw: &'a Draw,
    documents: BTreeMap<RecordId, Document>,
    at: UtcMs,
    /// The center's time of the answer.
    answered: UtcMs,
}

impl OpenDocuments<'_> {
    fn take(&mut self, item: &FeedItem, applied: &mut Applied) -> Result<(), StoreError> {
        match item {
            FeedItem::Entered { record, kind, generation, position, changes } => {
                let standing = scope::standing(self.tx, *record)?;
                let stale = standing.is_some_and(|(standing, known)| {
                    known > *generation || (known == *generation && standing == Standing::Gone)
                });
                if stale {
                    return Ok(());
                }
                scope::set(self.tx, *record, "entered", *generation, *position)?;
                thin::entered(self.tx, *record)?;
                self.open_or_begin(*record)?;
                for bytes in changes {
                    self.admit(*record, *kind, bytes, applied)?;
                }
            }
            FeedItem::Changed { record, change, .. } => {
                let gone = scope::standing(self.tx, *record)?.is_some_and(|(standing, _)| standing == Standing::Gone);
                if gone || !self.open_known(*record)? {
                    return Ok(());
                }
                let header = self.documents.get(record).and_then(Document::header);
                if let Some(header) = header {
                    self.admit(*record, header.kind, change, applied)?;
                }
            }
            FeedItem::Left { record, generation, position } => {
                let newer = scope::standing(self.tx, *record)?.is_some_and(|(_, known)| known > *generation);
                if !newer {
                    scope::set(self.tx, *record, "leaving", *generation, *position)?;
                }
            }
        }
        Ok(())
    }

    fn open_known(&mut self, record: RecordId) -> Result<bool, StoreError> {
        if self.documents.contains_key(&record) {
            return Ok(true);
        }
        let found = mend::open(self.tx, record, self.at, self.draw)?;
        Ok(found.map(|found| self.documents.insert(record, found.document)).is_some())
    }

    /// A document that was forgotten begins with what this phone kept of its own.
    fn open_or_begin(&mut self, record: RecordId) -> Result<(), StoreError> {
        if !self.open_known(record)? {
            let own = log::logged(self.tx, record, 0)?;
            self.documents.insert(record, log::rebuild(&own).0);
        }
        Ok(())
    }

    fn admit(
        &mut self,
        record: RecordId,
        kind: RecordKind,
        bytes: &[u8],
        applied: &mut Applied,
    ) -> Result<(), StoreError> {
        let claim = Claim { record, kind, author: Author::Center, rules: Rules::Admitted };
        let Some(document) = self.documents.get_mut(&record) else { return Ok(()) };
        let admitted = match document.admit(bytes, &claim) {
            Ok(admitted) => admitted,
            Err(Refusal::Duplicate) => return Ok(()),
            Err(refusal) => {
                applied.quarantined = applied.quarantined.saturating_add(1);
                return set_aside(self.tx, record, bytes, refusal.code());
            }
        };
        let Ok(change) = document.apply(admitted) else {
            // The half-applied copy is worthless; the log is not.
            self.documents.remove(&record);
            self.open_or_begin(record)?;
            applied.quarantined = applied.quarantined.saturating_add(1);
            return set_aside(self.tx, record, bytes, "unwound");
        };
        if log::is_logged(self.tx, &change.hash)? {
            // The center has it: whatever was thought of it here, it stands.
            move_to_end(self.tx, &change.hash)?;
        } else if !log::make_way(self.tx, record, &change)? {
            // Taken up again when the place is free.
            self.documents.remove(&record);
            self.open_or_begin(record)?;
            applied.quarantined = applied.quarantined.saturating_add(1);
            return set_aside(self.tx, record, bytes, "fork");
        } else {
            log::append(self.tx, record, kind, &change, Origin::Center, self.at)?;
            claimed::note(self.tx, record, &change.bytes, self.answered)?;
            applied.received = applied.received.saturating_add(1);
        }
        self.retry(record, kind, applied)
    }

    /// Of a document that goes on without what was refused, what was set aside for it.
    fn try_again(&mut self, record: RecordId, kind: RecordKind, applied: &mut Applied) -> Result<(), StoreError> {
        if self.open_known(record)? { self.retry(record, kind, applied) } else { Ok(()) }
    }

    /// Whatever of this document was set aside for a missing dependency, or for another change in its place, may fit now.
    fn retry(&mut self, record: RecordId, kind: RecordKind, applied: &mut Applied) -> Result<(), StoreError> {
        let parked: Vec<(Vec<u8>, Vec<u8>)> = self
            .tx
            .prepare_cached(
                "SELECT hash, bytes FROM quarantine
                 WHERE record = ?1 AND reason IN ('missing_dependency', 'fork', 'sequence')",
            )
            .and_then(|mut statement| {
                statement.query_map([record.as_bytes().as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .step("read what was set aside")?;
        for (hash, bytes) in parked {
            let claim = Claim { record, kind, author: Author::Center, rules: Rules::Admitted };
            let fits = self
                .documents
                .get(&record)
                .is_some_and(|document| matches!(document.admit(&bytes, &claim), Ok(_) | Err(Refusal::Duplicate)));
            if fits {
                self.tx.run("DELETE FROM quarantine WHERE hash = ?1", [hash]).step("take back what was set aside")?;
                self.admit(record, kind, &bytes, applied)?;
            }
        }
        Ok(())
    }

    fn close(self) -> Result<(), StoreError> {
        self.documents.values().try_for_each(|document| log::refresh(self.tx, document, self.at))
    }
}

/// A change kept from before its document was forgotten comes again: in the log it stands behind its
/// dependencies.
fn move_to_end(tx: &Transaction<'_>, hash: &ChangeHash) -> Result<(), StoreError> {
    tx.run(
        "UPDATE change SET position = (SELECT max(position) + 1 FROM change),
           verdict = CASE WHEN verdict IN ('refuse', 'replayed') THEN 'accept' ELSE verdict END WHERE hash = ?1",
        [hash.0.as_slice()],
    )
    .step("move a change behind its dependencies")?;
    Ok(())
}

fn set_aside(tx: &Transaction<'_>, record: RecordId, bytes: &[u8], reason: &str) -> Result<(), StoreError> {
    use sha2::{Digest, Sha256};
    tracing::warn!(%record, reason, "a change from the center was set aside");
    tx.run(
        "INSERT INTO quarantine (hash, record, bytes, reason) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (hash) DO UPDATE SET reason = ?4",
        params![Sha256::digest(bytes).as_slice(), record.as_bytes().as_slice(), bytes, reason],
    )
    .step("set a change aside")?;
    Ok(())
}

fn keep_peer(tx: &Transaction<'_>, boot_id: &str, news: &News) -> Result<(), StoreError> {
    if news.later.verdicts.is_empty() {
        // The center knows that they are known here; where it does not, it says them again.
        tx.run("UPDATE peer SET verdicts_up_to = 0 WHERE id = 1 AND verdicts_up_to <> 0", [])
            .step("keep which later verdicts are known")?;
    }
    let [urgent, records] = news.cursors.map(row::signed);
    let newest_receipt = news.receipts.iter().map(|receipt| receipt.center_ms.0).max();
    let newest_verdict = Some(news.later.center_ms.0).filter(|at| *at > 0);
    let signed = newest_receipt.max(newest_verdict).map(UtcMs);
    clock::learn(tx, boot_id, news.clock.as_ref(), signed, Some(news.answered_ms))?;
    // Two requests may be under way at once: cursors and what the center has only ever grow within an epoch.
    tx.run(
        "UPDATE peer SET cursor_urgent = max(cursor_urgent, ?1), cursor_records = max(cursor_records, ?2),
           token = coalesce(?3, token), last_exchange_ms = ?4,
           last_receipt_ms = max(coalesce(last_receipt_ms, ?5), coalesce(?5, last_receipt_ms)),
           trail_received = max(trail_received, coalesce(?6, 0)), reach = 'reached'
         WHERE id = 1",
        params![urgent, records, news.token, news.at_ms.0, newest_receipt, news.trail_received.map(row::signed)],
    )
    .step("keep how things stand with the center")?;
    Ok(())
}
