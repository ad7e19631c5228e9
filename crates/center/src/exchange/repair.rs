//! Repair: what a device and this center no longer know of one another, compared record by record and made equal; what
//! this center said once and lost, taken back under its own signature; and other lives of this center, told to people.

use super::answer::ExchangeError;
use crate::Center;
use crate::db::device::Device;
use crate::db::feed::{self, Membership};
use crate::db::identity::{self, Rival};
use crate::db::log::{self, GIVEN_BACK};
use crate::db::projection::{self, Stored};
use crate::db::{DbError, audit, gap};
use crate::hub::Changed;
use crate::journal::admit::Touched;
use crate::journal::mend::is_code;
use crate::journal::{Logging, Settling, WriteError, log_changes, parts, settle};
use rusqlite::Connection;
use siaga_document::{Claim, Document, Refusal, Rules};
use siaga_domain::id::{ChangeHash, Epoch, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::Author;
use siaga_wire::exchange::{ExchangeRequest, News, WireChange};
use siaga_wire::receipt;
use siaga_wire::repair::{
    Compare, Gap, MAX_COMPARED, MAX_GAPS, MAX_MENDED, MAX_TIPS, MAX_TOLD, RecordTips, RepairAnswer, RepairAsk,
    SignedTestimony, Testimony, Tip, digest_of,
};
use std::collections::BTreeMap;

/// Tips of all records together in one answer, beyond which the rest is compared with the next: a crowd leaves many in one.
const MOST_TIPS_SAID: usize = 1_500;

/// What is said of a repair, and the missing changes.
pub(super) struct Repaired {
    pub answer: RepairAnswer,
    pub news: Vec<News>,
    /// How many of the news carry patient data.
    pub clinical: usize,
}

impl Center {
    /// Which life this center lives, signed.
    ///
    /// # Errors
    /// [`ExchangeError`] when it cannot be read or signed.
    pub(super) fn testimony(&self) -> Result<SignedTestimony, ExchangeError> {
        let (epoch, number) = self.db().read(|tx| identity::life(tx))?;
        let testimony = Testimony { center: self.id(), epoch, number };
        SignedTestimony::sign(&testimony, self.key()).map_err(ExchangeError::Sign)
    }

    /// Whether the device proves that this center went on further than it knows: it was put back without beginning
    /// another life. Then it begins one now.
    ///
    /// # Errors
    /// [`ExchangeError`] when the database fails.
    pub(super) fn begin_again_if_behind(
        &self,
        device: &Device,
        request: &ExchangeRequest,
        epoch: Epoch,
    ) -> Result<bool, ExchangeError> {
        let Some(ask) = &request.repair else { return Ok(false) };
        let head = self.db().read(|tx| feed::head(tx))?;
        let beyond = ask.told.iter().take(MAX_TOLD).filter(|told| told.epoch == epoch).any(|told| {
            let items = told.verified(&device.id, &self.key().public_key()).unwrap_or_default();
            items.iter().any(|item| position(item) > head)
        });
        if !beyond {
            return Ok(false);
        }
        let epoch = Epoch(self.draw().map_err(crate::exchange::session::SessionError::from)?);
        let now = self.now();
        self.db().write(|tx| {
            identity::begin_life(tx, epoch, now.0)?;
            let detail = format!("epoch={epoch} device={}", device.id);
            audit::append(tx, now.0, &audit::Act { by: "center", act: "center.behind", subject: "", detail: &detail })
        })?;
        tracing::error!("a phone holds news of this center that it does not know: it was put back, and begins again");
        Ok(true)
    }

    /// Notes other lives of this center that a device met.
    pub(super) fn note_rivals(&self, device: &Device, ask: &RepairAsk, epoch: Epoch) -> Result<(), DbError> {
        for signed in ask.testimonies.iter().take(MAX_TOLD) {
            let rival = signed.verified(&self.key().public_key());
            let Some(rival) = rival.filter(|rival| rival.center == self.id() && rival.epoch != epoch) else { continue };
            let now = self.now();
            let rival = Rival { epoch: rival.epoch, number: rival.number, device: device.id, seen_ms: now };
            self.db().write(|tx| {
                if identity::put_rival(tx, &rival)? {
                    let detail = format!("epoch={} device={}", rival.epoch, rival.device);
                    let act = audit::Act { by: "center", act: "center.rival", subject: "", detail: &detail };
                    audit::append(tx, now.0, &act)?;
                }
                Ok::<_, DbError>(())
            })?;
        }
        Ok(())
    }

    /// Keeps when a phone says that its tracking stood still. One it told before changes nothing.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub(super) fn note_gaps(&self, device: &Device, gaps: &[Gap], offset_ms: i64) -> Result<(), DbError> {
        let is_one = |gap: &&Gap| gap.from_ms <= gap.until_ms && is_code(&gap.cause);
        let gaps: Vec<&Gap> = gaps.iter().take(MAX_GAPS).filter(is_one).collect();
        if gaps.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let any_is_new = self.db().write(|tx| {
            let mut any_is_new = false;
            for one in gaps {
                any_is_new |= gap::put(tx, &device.id, one, one.offset_ms.unwrap_or(offset_ms), now)?;
            }
            Ok::<_, DbError>(any_is_new)
        })?;
        if any_is_new {
            self.hub().tell(Changed::Position { device: device.id, unit: device.unit.clone() });
        }
        Ok(())
    }

    /// Takes back what this center told the device once and has no more. What it signed was admitted before.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails; what was committed before stays.
    pub(super) fn take_back(&self, device: &Device, ask: &RepairAsk) -> Result<(), WriteError> {
        let mut lost: BTreeMap<RecordId, Vec<Vec<u8>>> = BTreeMap::new();
        for told in ask.told.iter().take(MAX_TOLD) {
            let Some(items) = told.verified(&device.id, &self.key().public_key()) else {
                tracing::warn!(device = %device.id, "news were given back that this center did not sign");
                continue;
            };
            for item in items {
                let (record, changes) = match item {
                    News::Entered { record, changes, .. } => (record, changes),
                    News::Changed { record, change, .. } => (record, vec![change]),
                    News::Left { .. } => continue,
                };
                lost.entry(record).or_default().extend(changes.into_iter().map(|change| change.bytes));
            }
        }
        for (record, changes) in lost {
            let _turn = self.turns().take(std::iter::once(record).collect());
            let touched = self.db().write(|tx| self.take_back_one(tx, record, &changes))?;
            if let Some(Touched { record, position, document }) = touched {
                self.documents().keep(record, position, document);
            }
        }
        Ok(())
    }

    fn take_back_one(
        &self,
        tx: &Connection,
        record: RecordId,
        changes: &[Vec<u8>],
    ) -> Result<Option<Touched>, WriteError> {
        let now = self.now();
        let known = projection::get(tx, &record)?;
        let position = known.as_ref().map_or(0, |known| known.position);
        let mut document = self.documents().load(tx, &record, position)?;
        let Some(kind) = kind_of(known.as_ref(), changes) else { return Ok(None) };
        let claim = Claim { record, kind, author: Author::Center, rules: Rules::Admitted };
        let mut logged: Vec<Logging> = Vec::new();
        let mut waiting: Vec<&Vec<u8>> = changes.iter().collect();
        loop {
            let before = waiting.len();
            let mut still = Vec::new();
            for bytes in waiting {
                match document.admit(bytes, &claim) {
                    Ok(admitted) => match document.apply(admitted) {
                        Ok(change) => {
                            logged.push(Logging { change, origin: None, envelope: GIVEN_BACK, corrected: None })
                        }
                        Err(cause) => {
                            tracing::error!(%record, %cause, "what was given back did not apply");
                            return Ok(None);
                        }
                    },
                    Err(Refusal::MissingDependency(_)) => still.push(bytes),
                    Err(_) => {}
                }
            }
            if still.is_empty() || still.len() == before {
                break;
            }
            waiting = still;
        }
        if logged.is_empty() {
            return Ok(None);
        }
        let mut position = position;
        for one in &logged {
            let entries = Document::entries_in(&one.change.bytes);
            let author = entries.first().map(|entry| entry.stamp.by.clone()).unwrap_or_default();
            position = log_changes(tx, &record, kind, std::slice::from_ref(one), &author, now)?;
            for entry in entries {
                log::append_entry(tx, &record, &entry.id, entry.body.kind(), &one.change.hash)?;
            }
        }
        let mut added = logged.len();
        if kind == RecordKind::Incident {
            parts::note(tx, &record, &document)?;
        }
        if let Some(folded) = self.fold(tx, (&record, kind), &mut document, now)? {
            position = folded.position;
            added = added.saturating_add(folded.added);
        }
        settle(tx, &Settling { record, kind, document: &document, known, position, added, writer: None, now })?;
        parts::tell_of_part(tx, &record)?;
        let detail = format!("changes={added}");
        let act = audit::Act { by: "center", act: "change.given_back", subject: &record.to_string(), detail: &detail };
        audit::append(tx, now.0, &act)?;
        Ok(Some(Touched { record, position, document }))
    }

    /// Compares what the device lists, and finds what it misses.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub(super) fn repaired(
        &self,
        tx: &Connection,
        device: &Device,
        ask: &RepairAsk,
        cursors: [u64; 2],
        budget_bytes: usize,
    ) -> Result<Repaired, DbError> {
        let mut repaired = Repaired {
            answer: RepairAnswer { answers: true, ..RepairAnswer::default() },
            news: Vec::new(),
            clinical: 0,
        };
        if let Some(compare) = &ask.compare {
            compare_all(tx, device, compare, cursors, &mut repaired)?;
        }
        let mut left = budget_bytes;
        for hash in ask.needs.iter().take(MAX_MENDED) {
            let Some(bytes) = log::for_device(tx, &device.id, &hash.0)? else { continue };
            if left < bytes.len() && !repaired.answer.given.is_empty() {
                break;
            }
            left = left.saturating_sub(bytes.len());
            repaired.answer.given.push(WireChange::plain(bytes));
        }
        for theirs in ask.tips.iter().take(MAX_TIPS) {
            make_equal(tx, device, theirs, &mut left, &mut repaired)?;
        }
        Ok(repaired)
    }
}

fn compare_all(
    tx: &Connection,
    device: &Device,
    compare: &Compare,
    cursors: [u64; 2],
    repaired: &mut Repaired,
) -> Result<(), DbError> {
    let mut listed: BTreeMap<RecordId, Option<&[u8]>> = feed::memberships_at(tx, &device.id, cursors)?
        .into_iter()
        .filter(|(record, _)| (compare.from..=compare.up_to).contains(record))
        .map(|(record, _)| (record, None))
        .collect();
    listed.extend(compare.digests.iter().take(MAX_COMPARED).map(|one| (one.record, Some(one.digest.as_slice()))));
    let mut up_to = compare.up_to;
    let mut said = 0_usize;
    let mut tips_said = 0_usize;
    for (record, digest) in listed {
        match standing(tx, device, record, digest)? {
            Compared::Equal => continue,
            Compared::Differs(tips) => {
                tips_said = tips_said.saturating_add(tips.tips.len());
                repaired.answer.tips.push(tips);
            }
            Compared::Outside => repaired.news.push(outside(tx, device, record)?),
        }
        said = said.saturating_add(1);
        if said >= MAX_TIPS || tips_said >= MOST_TIPS_SAID {
            up_to = record;
            break;
        }
    }
    repaired.answer.compared_up_to = Some(up_to.as_bytes().to_vec());
    Ok(())
}

/// How a record the device lists, or should have listed, stands to what is here.
enum Compared {
    Equal,
    /// With what is here of it; nothing of a record that is not the device's business.
    Differs(RecordTips),
    /// The same, and the device is not told of it any more: who wrote it, or was ordered, this center lost.
    Outside,
}

fn standing(tx: &Connection, device: &Device, record: RecordId, digest: Option<&[u8]>) -> Result<Compared, DbError> {
    let nothing = RecordTips { record, tips: Vec::new() };
    let Some(known) = projection::get(tx, &record)? else { return Ok(Compared::Differs(nothing)) };
    let is_equal = digest.is_some_and(|digest| digest == digest_of(&known.heads));
    let holds = digest.is_some_and(|digest| !digest.is_empty());
    if holds && is_outside(tx, device, &record)? {
        // What it has and is lacking here comes first: what a phone lets go it cannot give back.
        return Ok(if is_equal { Compared::Outside } else { Compared::Differs(nothing) });
    }
    if is_equal || !is_theirs(tx, device, &record)? {
        return Ok(Compared::Equal);
    }
    Ok(Compared::Differs(RecordTips { record, tips: log::tips(tx, &record)?.iter().map(tip).collect() }))
}

/// Whether the device is not told of the record, by what stands here now.
fn is_outside(tx: &Connection, device: &Device, record: &RecordId) -> Result<bool, DbError> {
    Ok(feed::membership(tx, &device.id, record)?.is_none_or(|member| member.left > 0))
}

fn outside(tx: &Connection, device: &Device, record: RecordId) -> Result<News, DbError> {
    let last = feed::membership(tx, &device.id, &record)?;
    let (generation, position) = last.map_or((0, 0), |member| (member.generation, member.left));
    Ok(News::Left { record, generation, position })
}

fn is_theirs(tx: &Connection, device: &Device, record: &RecordId) -> Result<bool, DbError> {
    Ok(feed::membership(tx, &device.id, record)?.is_some() || log::wrote_in(tx, &device.id, record)?)
}

/// Sends what the device misses of a record it is told about; says again what is here where that was not all, or where
/// the device has more.
fn make_equal(
    tx: &Connection,
    device: &Device,
    theirs: &RecordTips,
    left: &mut usize,
    repaired: &mut Repaired,
) -> Result<(), DbError> {
    let record = theirs.record;
    let ours = log::tips(tx, &record)?;
    let here: BTreeMap<&[u8], u64> = ours.iter().map(|(actor, seq, _)| (actor.as_bytes().as_slice(), *seq)).collect();
    let there: BTreeMap<&[u8], u64> = theirs.tips.iter().map(|tip| (tip.actor.as_slice(), tip.seq)).collect();
    let lacks = theirs.tips.iter().any(|tip| here.get(tip.actor.as_slice()).is_none_or(|seq| *seq < tip.seq));
    if !ours.is_empty() && is_outside(tx, device, &record)? {
        if lacks {
            repaired.answer.tips.push(RecordTips { record, tips: Vec::new() });
        } else {
            repaired.news.push(outside(tx, device, record)?);
        }
        return Ok(());
    }
    let mut is_all = true;
    let member: Option<Membership> = feed::membership(tx, &device.id, &record)?.filter(|member| member.left == 0);
    if let (Some(member), Some(kind)) = (member, projection::kind(tx, &record)?) {
        let mut changes = Vec::new();
        for change in log::of_record(tx, &record)? {
            let has = there.get(change.actor.as_bytes().as_slice()).is_some_and(|seq| *seq >= change.seq);
            if has || !siaga_document::is_intact(&change.bytes, &change.hash) {
                continue;
            }
            if *left < change.bytes.len() && !(repaired.news.is_empty() && changes.is_empty()) {
                is_all = false;
                break;
            }
            *left = left.saturating_sub(change.bytes.len());
            changes.push(WireChange::plain(change.bytes));
        }
        if !changes.is_empty() {
            if matches!(kind, RecordKind::Patient | RecordKind::Identity) {
                repaired.clinical = repaired.clinical.saturating_add(1);
            }
            repaired.news.push(News::Entered {
                record,
                kind: kind.code().to_owned(),
                generation: member.generation,
                position: member.entered,
                changes,
            });
        }
    }
    if lacks || !is_all {
        repaired.answer.tips.push(RecordTips { record, tips: ours.iter().map(tip).collect() });
    }
    Ok(())
}

fn tip((actor, seq, hash): &(siaga_domain::id::ActorId, u64, ChangeHash)) -> Tip {
    Tip::new(actor, *seq, hash)
}

/// The kind of a record that may have been lost whole: its first change says it, which hangs on none. Others may hang on
/// what a phone still has to send.
fn kind_of(known: Option<&Stored>, changes: &[Vec<u8>]) -> Option<RecordKind> {
    if let Some(known) = known {
        return Some(known.kind);
    }
    changes.iter().find_map(|change| {
        let begun = Document::from_log([change.as_slice()]).ok()?;
        begun.header().map(|header| header.kind)
    })
}

const fn position(item: &News) -> u64 {
    match item {
        News::Entered { position, .. } | News::Left { position, .. } | News::Changed { position, .. } => *position,
    }
}

/// Bytes of news that may still be said beside what is said already.
pub(super) fn room_beside(news: &[News], budget_bytes: u32) -> usize {
    let largest = siaga_wire::MAX_MESSAGE_BYTES.saturating_sub(48 * 1024);
    let said = receipt::told(news).map_or(largest, |said| said.len());
    usize::try_from(budget_bytes).unwrap_or(largest).min(largest).saturating_sub(said)
}
