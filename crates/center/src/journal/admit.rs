//! What a device sends, change by change: admitted into the log, corrected there, kept waiting, or put into quarantine
//! with its bytes and a reason.
//!
//! It is judged first, with no transaction open, against the records as they stood; then written, if they still
//! stand so. One refused change blocks nothing but what hangs on it. The rules of admission are `document`'s; the
//! center adds whose actor it is, which records a device may add to, and in which lane a kind travels.

use super::quota::{self, Entering};
use super::standing::{BroughtEntries, BroughtEntry, Standings};
use super::twin::{self, Delivered, Place};
use super::{Logging, Settling, WriteError, enter_writer, log_changes, overrule, park, parts, placing, settle, sos};
use crate::Center;
use crate::admission::{Case, Ruling, Vetted};
use crate::db;
use crate::db::device::Device;
use crate::db::log::{self, Quarantined};
use crate::db::projection::{self, Stored};
use crate::scope;
use rusqlite::Connection;
use siaga_document::{Claim, Document, Question, RebuildError, Rules};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::Author;
use siaga_domain::time::UtcMs;
use siaga_domain::verdict::{self, ADDENDUM, ENTRY_TWICE, QUOTA};
use siaga_wire::SCHEMA;
use siaga_wire::envelope::{DocumentChanges, change_hash};
use siaga_wire::exchange::WireChange;
use std::collections::{BTreeMap, BTreeSet};

/// The envelope that brings changes.
pub struct Delivery<'a> {
    pub device: &'a Device,
    pub lane: u8,
    pub seq: u64,
    /// Its number in the envelope log.
    pub envelope: i64,
    /// The person who acted, as the header says.
    pub author: &'a str,
    pub now: UtcMs,
}

/// A record as it stands after an envelope, for the cache once the transaction is committed.
pub struct Touched {
    pub record: RecordId,
    pub position: u64,
    pub document: Document,
}

/// How many changes were taken and how many were not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub accepted: usize,
    pub parked: usize,
    pub overruled: usize,
    pub refused: usize,
}

impl Tally {
    /// Counts a verdict in.
    pub fn count(&mut self, verdict: &Verdict) {
        let count = match verdict {
            Verdict::Accept => &mut self.accepted,
            Verdict::Park => &mut self.parked,
            Verdict::Overrule(_) => &mut self.overruled,
            Verdict::Refuse(_) => &mut self.refused,
        };
        *count = count.saturating_add(1);
    }
}

/// What became of one change, with the reason for anything but acceptance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Accept,
    Park,
    Overrule(&'static str),
    Refuse(String),
}

/// Changes of one document, and the lane they came in.
#[derive(Clone, Copy)]
pub struct Brought<'a> {
    pub lane: u8,
    pub sent: &'a DocumentChanges,
}

/// What was brought, judged against the records as they stood and not written yet.
pub struct Judged {
    bases: BTreeMap<RecordId, Base>,
    /// For each document brought, in order: a ruling for each of its changes, or why none of it may be written.
    rulings: Vec<Result<Vec<Ruling>, &'static str>>,
}

/// A record before what was brought.
struct Base {
    kind: RecordKind,
    known: Option<Stored>,
    document: Document,
}

impl Base {
    fn place(&self, device: &Device, record: &RecordId) -> Place<'_> {
        Place { device: device.id, role: device.role, record: *record, kind: self.kind, document: &self.document }
    }

    fn position(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.position)
    }
}

/// Records being written in one transaction.
#[derive(Default)]
pub struct Writing {
    open: BTreeMap<RecordId, Open>,
    pub(super) entering: Entering,
    /// The bytes of a day are used up: nothing enters, all of it waits.
    pub(crate) is_over_bytes: bool,
    /// Changes of this writing that wait for a quota: what depends on one waits with it.
    waiting: BTreeSet<ChangeHash>,
}

pub(super) struct Open {
    pub record: RecordId,
    pub kind: RecordKind,
    pub known: Option<Stored>,
    pub document: Document,
    pub position: u64,
    pub added: usize,
    /// Something here was given back by others after this center was put back, and its writer came for it.
    pub claimed: bool,
    /// What a device writes now is an addendum: the incident was closed before.
    pub late: bool,
    /// Entries its device brought, to be compared with the enrolment.
    pub brought: BroughtEntries,
}

impl Center {
    /// Judges what one device brings. Nothing is written, and no transaction is open while the gate works.
    ///
    /// # Errors
    /// [`WriteError`] when the database or a stored document fails, or nothing can be judged now; a bad change
    /// is no error.
    pub fn judge(&self, device: &Device, brought: &[Brought<'_>], now: UtcMs) -> Result<Judged, WriteError> {
        let (screened, bases) = self.db().read(|tx| self.open_all(tx, device, brought, now))?;
        let mut rulings: Vec<Result<Vec<Ruling>, &'static str>> =
            screened.iter().map(|screened| screened.map(|_| Vec::new())).collect();
        let mut delivered = Delivered::default();
        for (record, base) in &bases {
            let mine = || {
                brought.iter().zip(&screened).filter(|(one, screened)| one.sent.record == *record && screened.is_ok())
            };
            let author = Author::Device(device.role);
            let claim = Claim { record: *record, kind: base.kind, author, rules: Rules::Entering };
            let asked: Vec<Result<Question<'_>, &'static str>> = mine()
                .flat_map(|(one, _)| &one.sent.changes)
                .map(|change| plain(change).map(|bytes| Question { bytes, claim }))
                .collect();
            let mut answers = self.judge_record(device, record, base, &asked, &mut delivered)?.into_iter();
            for ((one, screened), rulings) in brought.iter().zip(&screened).zip(&mut rulings) {
                if one.sent.record == *record
                    && screened.is_ok()
                    && let Ok(rulings) = rulings
                {
                    rulings.extend(answers.by_ref().take(one.sent.changes.len()));
                }
            }
        }
        Ok(Judged { bases, rulings })
    }

    /// Looks at each document as a whole, and opens the records that may be written.
    #[allow(clippy::type_complexity, reason = "a pair used once")]
    fn open_all(
        &self,
        tx: &Connection,
        device: &Device,
        brought: &[Brought<'_>],
        now: UtcMs,
    ) -> Result<(Vec<Result<RecordKind, &'static str>>, BTreeMap<RecordId, Base>), WriteError> {
        let mut screened = Vec::with_capacity(brought.len());
        let mut bases: BTreeMap<RecordId, Base> = BTreeMap::new();
        for one in brought {
            let record = one.sent.record;
            let known = projection::get(tx, &record)?;
            let mut result = screen(tx, device, one, known.as_ref(), now)?;
            match (result, bases.get(&record)) {
                // Two kinds for a record that is not there yet: the first one said holds.
                (Ok(kind), Some(base)) if base.kind != kind => result = Err("other_record"),
                (Ok(kind), None) => {
                    let position = known.as_ref().map_or(0, |known| known.position);
                    let document = self.documents().load(tx, &record, position)?;
                    bases.insert(record, Base { kind, known, document });
                }
                _ => {}
            }
            screened.push(result);
        }
        Ok((screened, bases))
    }

    /// One ruling for each change. What an actor of another home wrote, or what has an id that is taken, is left out, and the
    /// rest judged without it.
    fn judge_record(
        &self,
        device: &Device,
        record: &RecordId,
        base: &Base,
        asked: &[Result<Question<'_>, &'static str>],
        delivered: &mut Delivered,
    ) -> Result<Vec<Ruling>, WriteError> {
        let place = base.place(device, record);
        let whole = self.db().read(|tx| twin::whole(tx, &place))?;
        let mut settled: Vec<Option<Ruling>> =
            asked.iter().map(|one| one.as_ref().err().map(|code| Ruling::Refused((*code).to_owned()))).collect();
        let history = || Ok(self.db().read(|tx| log::bytes_between(tx, record, 0, base.position()))?);
        loop {
            let questions: Vec<Question<'_>> = asked
                .iter()
                .zip(&settled)
                .filter(|(_, settled)| settled.is_none())
                .filter_map(|(one, _)| one.as_ref().ok().copied())
                .collect();
            if questions.is_empty() {
                break;
            }
            let case = Case {
                device: device.id,
                record: *record,
                document: &base.document,
                history: &history,
                questions: &questions,
            };
            let mut rulings = self.gate().judge(&case)?.into_iter();
            let mut fresh = Vec::with_capacity(settled.len());
            let mut foreign = false;
            for (settled, one) in settled.iter_mut().zip(asked) {
                let ruling = if settled.is_none() { rulings.next() } else { None };
                if let (Some(Ruling::Admitted(vetted)), Ok(question)) = (&ruling, one) {
                    let reason = if delivered.is_elsewhere(whole, *record, vetted) {
                        Some(ENTRY_TWICE)
                    } else {
                        self.db().read(|tx| may_not_enter(tx, &place, question.bytes, vetted))?
                    };
                    if let Some(reason) = reason {
                        *settled = Some(Ruling::Refused(reason.to_owned()));
                        foreign = true;
                    }
                }
                fresh.push(ruling);
            }
            if !foreign {
                for (settled, fresh) in settled.iter_mut().zip(fresh) {
                    if settled.is_none() {
                        *settled = fresh;
                    }
                }
                for ruling in settled.iter().flatten() {
                    if let Ruling::Admitted(vetted) = ruling {
                        delivered.note(whole, *record, vetted);
                    }
                }
                break;
            }
        }
        Ok(settled.into_iter().flatten().collect())
    }

    /// Whether everything this judgement rests on is still so, asked in the transaction that is to write it.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub fn still_holds(
        &self,
        tx: &Connection,
        device: &Device,
        brought: &[Brought<'_>],
        judged: &Judged,
        now: UtcMs,
    ) -> Result<bool, WriteError> {
        for (one, ruling) in brought.iter().zip(&judged.rulings) {
            let known = projection::get(tx, &one.sent.record)?;
            let base = judged.bases.get(&one.sent.record);
            if let Some(base) = base
                && known.as_ref().map_or(0, |known| known.position) != base.position()
            {
                return Ok(false);
            }
            let screened = screen(tx, device, one, known.as_ref(), now)?;
            let mut as_judged = screened.err() == ruling.as_ref().err().copied();
            if let (Ok(kind), Some(base), Err("other_record")) = (screened, base, ruling) {
                as_judged = base.kind != kind;
            }
            if !as_judged {
                return Ok(false);
            }
            let Some(base) = base else { continue };
            let place = base.place(device, &one.sent.record);
            for (change, ruling) in one.sent.changes.iter().zip(ruling.iter().flatten()) {
                if let Ruling::Admitted(vetted) = ruling
                    && may_not_enter(tx, &place, &change.bytes, vetted)?.is_some()
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Writes one document of an envelope as it was judged; gives a verdict for each of its changes.
    ///
    /// # Errors
    /// [`WriteError`] when the database or a stored document fails.
    pub fn write_judged(
        &self,
        tx: &Connection,
        from: &Delivery<'_>,
        sent: &DocumentChanges,
        (judged, number): (&Judged, usize),
        writing: &mut Writing,
    ) -> Result<Vec<Verdict>, WriteError> {
        let mut verdicts = Vec::with_capacity(sent.changes.len());
        let rulings = match judged.rulings.get(number) {
            Some(Ok(rulings)) => rulings.as_slice(),
            Some(Err(reason)) => {
                for change in &sent.changes {
                    quarantine(tx, from, sent, change, "refuse", reason)?;
                    verdicts.push(Verdict::Refuse((*reason).to_owned()));
                }
                return Ok(verdicts);
            }
            None => &[],
        };
        let Some(base) = judged.bases.get(&sent.record) else { return Ok(verdicts) };
        let behind = base.known.as_ref().map(|known| parts::incident_behind(tx, known)).transpose()?.flatten();
        let late = verdict::is_addendum_to(behind.as_ref());
        let Writing { open: records, entering, is_over_bytes, waiting } = writing;
        let open = records.entry(sent.record).or_insert_with(|| Open {
            record: sent.record,
            kind: base.kind,
            known: base.known.clone(),
            document: base.document.clone(),
            position: base.position(),
            added: 0,
            claimed: false,
            late,
            brought: BroughtEntries::new(),
        });
        let held = self.held(tx, from, (sent, open, rulings), (*entering, *is_over_bytes), waiting)?;
        // A correction stands right behind what it corrects, so where there is one, changes enter one by one.
        let at_once = !overrule::touches(open, from.device.role, rulings) && {
            let fits = apply_all(&mut open.document, sent, rulings, &held).is_ok();
            if !fits {
                open.document = super::documents::load(tx, &sent.record, open.position)?;
            }
            fits
        };
        for ((change, ruling), is_held) in sent.changes.iter().zip(rulings).zip(&held) {
            let mut waits_for = QUOTA;
            let verdict = match ruling {
                Ruling::Admitted(_) if *is_held => Verdict::Park,
                Ruling::Admitted(vetted) => self.enter(tx, from, open, change, vetted, at_once)?,
                Ruling::Duplicate => {
                    let hash = change_hash(&change.bytes);
                    open.claimed |= log::claim(tx, &hash, &from.device.id, from.envelope, from.author)?;
                    Verdict::Accept
                }
                Ruling::Missing(_) if *is_over_bytes => Verdict::Park,
                Ruling::Missing(missing) => {
                    let (verdict, reason) = park::verdict_on(tx, &from.device.id, missing)?;
                    waits_for = reason;
                    verdict
                }
                Ruling::Refused(reason) => Verdict::Refuse(reason.clone()),
            };
            match &verdict {
                Verdict::Accept | Verdict::Overrule(_) => {}
                Verdict::Park => quarantine(tx, from, sent, change, "park", waits_for)?,
                Verdict::Refuse(reason) => quarantine(tx, from, sent, change, "refuse", reason)?,
            }
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    /// Which of the admitted changes exceed a quota of their device, or depend on one that does.
    fn held(
        &self,
        tx: &Connection,
        from: &Delivery<'_>,
        (sent, open, rulings): (&DocumentChanges, &Open, &[Ruling]),
        (entering, is_over_bytes): (Entering, bool),
        waiting: &mut BTreeSet<ChangeHash>,
    ) -> Result<Vec<bool>, WriteError> {
        let mut held = Vec::with_capacity(rulings.len());
        let mut has_begun = open.document.change_count() > 0;
        for (change, ruling) in sent.changes.iter().zip(rulings) {
            let Ruling::Admitted(vetted) = ruling else {
                held.push(false);
                continue;
            };
            let about = (&open.record, open.kind, !has_begun);
            let is_held = is_over_bytes
                || vetted.change.deps.iter().any(|dependency| waiting.contains(dependency))
                || !quota::admits(tx, self, from, about, (change, vetted), entering)?;
            if is_held {
                waiting.insert(vetted.change.hash);
            }
            has_begun |= !is_held;
            held.push(is_held);
        }
        Ok(held)
    }

    /// Takes an admitted change into the log, and into the document where it is not there yet; where its author may
    /// not write what it says, the correction follows at once.
    fn enter(
        &self,
        tx: &Connection,
        from: &Delivery<'_>,
        open: &mut Open,
        change: &WireChange,
        vetted: &Vetted,
        is_applied: bool,
    ) -> Result<Verdict, WriteError> {
        let rulings = if is_applied {
            overrule::Rulings::new()
        } else {
            match overrule::rulings(tx, open, from.device, &change.bytes, vetted)? {
                Ok(rulings) => rulings,
                Err(reason) => return Ok(Verdict::Refuse(reason.to_owned())),
            }
        };
        if !is_applied && let Err(cause) = apply(&mut open.document, change, vetted) {
            // It passed the gate a moment ago; whatever this is, it does not enter the log, and the document is
            // made again from what does.
            tracing::error!(record = %open.record, %cause, "an admitted change did not apply");
            open.document = super::documents::load(tx, &open.record, open.position)?;
            return Ok(Verdict::Refuse("apply".to_owned()));
        }
        let taken = siaga_document::Change { bytes: change.bytes.clone(), ..vetted.change.clone() };
        let hash = taken.hash;
        // Denied counts more than late: a change that is both has not been accepted.
        let denied = rulings.iter().map(|(_, reason)| *reason).find(|reason| *reason != ADDENDUM);
        let corrected = denied.or(rulings.first().map(|(_, reason)| *reason));
        let logging = Logging { change: taken, origin: Some(from.device.id), envelope: from.envelope, corrected };
        open.position = log_changes(tx, &open.record, open.kind, &[logging], from.author, from.now)?;
        open.added = open.added.saturating_add(1);
        for (entry, kind) in &vetted.entries {
            log::append_entry(tx, &open.record, entry, kind, &hash)?;
            open.brought.entry(*entry).or_insert_with(|| BroughtEntry { change: hash, author: from.author.to_owned() });
        }
        if corrected.is_some() {
            self.correct(tx, open, &rulings, from.now)?;
        }
        Ok(denied.map_or(Verdict::Accept, Verdict::Overrule))
    }

    /// Projects the records that were written and tells those who are to be told.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub fn finish(
        &self,
        tx: &Connection,
        device: &Device,
        writing: Writing,
        now: UtcMs,
    ) -> Result<Vec<Touched>, WriteError> {
        let mut touched = Vec::new();
        let mut stated = Vec::new();
        for (record, mut open) in writing.open {
            if open.added > 0 {
                self.number_brought(tx, &mut open, &device.id, now)?;
            }
            let Open { kind, known, mut document, mut position, mut added, claimed, brought, .. } = open;
            if added == 0 {
                if claimed {
                    enter_writer(tx, &device.id, &record, kind)?;
                }
                continue;
            }
            if let Some(folded) = self.fold(tx, (&record, kind), &mut document, now)? {
                position = folded.position;
                added = added.saturating_add(folded.added);
            }
            let writer = Some(&device.id);
            let before = known.as_ref().and_then(|known| known.record.clone());
            settle(tx, &Settling { record, kind, document: &document, known, position, added, writer, now })?;
            if kind == RecordKind::Incident {
                self.roll_over_if_due(tx, &record, now)?;
            }
            if kind == RecordKind::Sos {
                sos::follow(tx, &device.id, &record, before.as_ref(), self.steady())?;
            }
            if !brought.is_empty() {
                stated.push((record, document.entries(), brought));
            }
            self.follow_replacement(tx, &record, kind, &document, now)?;
            db::waiting::settle(tx, &record, self.elapsed_ms())?;
            touched.push(Touched { record, position, document });
        }
        // A record may name another one of the same delivery, in whichever order they were settled; and a name may be that
        // of a person whose check-in comes with it.
        placing::place_true(tx, &device.id, now)?;
        if !stated.is_empty() {
            let mut standings = Standings::of(tx, device, now)?;
            for (record, entries, brought) in &stated {
                standings.note(record, entries, brought)?;
            }
        }
        Ok(touched)
    }
}

/// Why a change that passed the gate may not enter for what stands elsewhere: under its actor, or under an id of its entries.
fn may_not_enter(
    tx: &Connection,
    place: &Place<'_>,
    bytes: &[u8],
    vetted: &Vetted,
) -> Result<Option<&'static str>, WriteError> {
    if log::actor_is_of_another(tx, &vetted.change.actor, &place.device)? {
        return Ok(Some("actor"));
    }
    Ok(twin::is_taken(tx, place, bytes, vetted)?.then_some(ENTRY_TWICE))
}

/// Checks what concerns a document as a whole.
fn screen(
    tx: &Connection,
    device: &Device,
    one: &Brought<'_>,
    known: Option<&Stored>,
    now: UtcMs,
) -> Result<Result<RecordKind, &'static str>, WriteError> {
    let Ok(kind) = one.sent.kind.parse::<RecordKind>() else { return Ok(Err("kind")) };
    if kind.lane().number() != one.lane {
        return Ok(Err("lane"));
    }
    if one.sent.schema == 0 || one.sent.schema > SCHEMA {
        return Ok(Err("schema"));
    }
    if let Some(known) = known {
        if known.kind != kind {
            return Ok(Err("other_record"));
        }
        if !scope::may_add(tx, &device.id, known, now)? {
            return Ok(Err("out_of_scope"));
        }
    }
    Ok(Ok(kind))
}

fn plain(change: &WireChange) -> Result<&[u8], &'static str> {
    if change.coding == 0 { Ok(&change.bytes) } else { Err("coding") }
}

/// Applies every admitted change of a document that is not held at once; after an error the document must be made again.
fn apply_all(
    document: &mut Document,
    sent: &DocumentChanges,
    rulings: &[Ruling],
    held: &[bool],
) -> Result<(), RebuildError> {
    let admitted: Vec<(&WireChange, &Vetted)> = sent
        .changes
        .iter()
        .zip(rulings)
        .zip(held)
        .filter_map(|((change, ruling), is_held)| match ruling {
            Ruling::Admitted(vetted) if !is_held => Some((change, vetted)),
            _ => None,
        })
        .collect();
    if admitted.iter().any(|(change, vetted)| change_hash(&change.bytes) != vetted.change.hash) {
        return Err(RebuildError::Apply);
    }
    document.replay(admitted.iter().map(|(change, _)| change.bytes.as_slice()))?;
    let all_there = admitted.iter().all(|(_, vetted)| document.contains(&vetted.change.hash));
    if all_there { Ok(()) } else { Err(RebuildError::Apply) }
}

fn apply(document: &mut Document, change: &WireChange, vetted: &Vetted) -> Result<(), RebuildError> {
    if change_hash(&change.bytes) != vetted.change.hash {
        return Err(RebuildError::Apply);
    }
    document.replay([change.bytes.as_slice()])?;
    if document.contains(&vetted.change.hash) { Ok(()) } else { Err(RebuildError::Apply) }
}

fn quarantine(
    tx: &Connection,
    from: &Delivery<'_>,
    sent: &DocumentChanges,
    change: &WireChange,
    verdict: &str,
    reason: &str,
) -> Result<(), WriteError> {
    tracing::warn!(device = %from.device.id, record = %sent.record, verdict, reason, "a change was not admitted");
    log::quarantine(
        tx,
        &Quarantined {
            hash: change_hash(&change.bytes),
            record: sent.record,
            kind: &sent.kind,
            bytes: &change.bytes,
            device: from.device.id,
            lane: from.lane,
            seq: from.seq,
            author: from.author,
            verdict,
            reason,
            received_ms: from.now,
        },
    )?;
    if verdict == "park" {
        // It may wait for something else than before.
        crate::db::verdict::waits_for(tx, &from.device.id, (from.lane, from.seq), &change_hash(&change.bytes), reason)?;
    }
    Ok(())
}
