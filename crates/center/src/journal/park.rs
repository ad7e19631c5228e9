//! Parking: a change that hangs on one the center does not have waits outside its document.
//!
//! The device is asked for what is missing. When it comes, the waiting change is judged by the same gate as any other,
//! and its final verdict travels later. After 72 hours it is reported and refused, its bytes kept; the phone then writes
//! again what it meant.
//!
//! What waits for a quota of its device (see `quota`), and what depends on that, does not expire.

use super::WriteError;
use super::admit::{Brought, Delivery, Touched, Verdict, Writing};
use super::quota::Entering;
use crate::Center;
use crate::db::verdict::{self, Parked};
use crate::db::{DbError, audit, chain, quota};
use crate::hub::Changed;
use rusqlite::Connection;
use siaga_document::Document;
use siaga_domain::id::{ChangeHash, DeviceId, RecordId};
use siaga_domain::time::UtcMs;
use siaga_domain::verdict::{
    HANGS_ON_REFUSED, MISSING_DEPENDENCY, MOST_PARKED, PARKED_FOR_MS, PARKED_TOO_LONG, QUOTA, TOO_MANY_PARKED,
};
use siaga_wire::SCHEMA;
use siaga_wire::envelope::DocumentChanges;
use siaga_wire::exchange::WireChange;
use std::collections::{BTreeMap, BTreeSet};

/// Waiting changes looked at for one answer, and hashes a device is asked for in one.
const ASKED_AT_ONCE: usize = 64;

/// A device is asked for the same again after this long.
const ASK_AGAIN_MS: i64 = 60_000;

/// Waiting changes given up in one transaction.
const EXPIRED_AT_ONCE: usize = 500;

/// Which of the changes that wait in a record are tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Picking {
    /// Those that depend on others.
    Others,
    /// Those that wait for a quota.
    Quota,
}

/// What becomes of a change whose dependencies are missing, and what it waits for if it waits.
pub(super) fn verdict_on(
    tx: &Connection,
    device: &DeviceId,
    missing: &[ChangeHash],
) -> Result<(Verdict, &'static str), DbError> {
    if quota::any_waits(tx, device, missing)? {
        return Ok((Verdict::Park, QUOTA));
    }
    Ok((for_others(tx, device, missing)?, MISSING_DEPENDENCY))
}

fn for_others(tx: &Connection, device: &DeviceId, missing: &[ChangeHash]) -> Result<Verdict, DbError> {
    for hash in missing {
        if verdict::was_refused(tx, device, hash)? {
            return Ok(Verdict::Refuse(HANGS_ON_REFUSED.to_owned()));
        }
    }
    let full = verdict::count_parked(tx, device)? >= MOST_PARKED;
    Ok(if full { Verdict::Refuse(TOO_MANY_PARKED.to_owned()) } else { Verdict::Park })
}

impl Center {
    /// Lets in whatever waited for what these records have now.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails; what still waits is tried again every minute.
    pub fn let_in_what_waited(&self, records: &BTreeSet<RecordId>) -> Result<(), WriteError> {
        for record in records {
            while self.db().read(|tx| verdict::waits_for_others_in(tx, record))? {
                let _turn = self.turns().take(BTreeSet::from([*record]));
                if !self.try_once(record, Picking::Others)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Judges what waits in a record once more; whether any of it waits no longer.
    pub(super) fn try_once(&self, record: &RecordId, picking: Picking) -> Result<bool, WriteError> {
        let now = self.now();
        let mut by_device: BTreeMap<DeviceId, Vec<Parked>> = BTreeMap::new();
        let waiting = self.db().read(|tx| match picking {
            Picking::Others => verdict::parked_in(tx, record),
            Picking::Quota => verdict::parked_for_quota(tx, record),
        })?;
        for waiting in waiting {
            by_device.entry(waiting.device).or_default().push(waiting);
        }
        // Those of one envelope wait in no order of their own, and each depends on the one before it.
        let number = |waiting: &Parked| Document::describe(&waiting.bytes).map_or(0, |change| change.seq);
        for waiting in by_device.values_mut() {
            waiting.sort_by_cached_key(|one| (one.received_ms, one.lane, one.seq, number(one)));
        }
        let mut moved = false;
        for (device, waiting) in by_device {
            let Some(device) = self.device(&device)? else { continue };
            let sent: Vec<DocumentChanges> = waiting.iter().map(as_sent).collect();
            let brought: Vec<Brought<'_>> =
                waiting.iter().zip(&sent).map(|(waiting, sent)| Brought { lane: waiting.lane, sent }).collect();
            let judged = self.judge(&device, &brought, now)?;
            let written = self.db().write(|tx| {
                if !self.still_holds(tx, &device, &brought, &judged, now)? {
                    return Ok(None);
                }
                let mut writing = Writing::default();
                let mut ended = false;
                for (number, (waiting, sent)) in waiting.iter().zip(&sent).enumerate() {
                    let (envelope, author) = chain::brought_by(tx, &device.id, waiting.lane, waiting.seq)?;
                    let (lane, seq) = (waiting.lane, waiting.seq);
                    let delivery = Delivery { device: &device, lane, seq, envelope, author: &author, now };
                    writing.entering = match (picking, waiting.is_released) {
                        (Picking::Others, _) => Entering::Fresh,
                        (Picking::Quota, false) => Entering::Refill,
                        (Picking::Quota, true) => Entering::Released,
                    };
                    for ruled in self.write_judged(tx, &delivery, sent, (&judged, number), &mut writing)? {
                        ended |= end_waiting(tx, waiting, &ruled, now)?;
                    }
                }
                Ok::<_, WriteError>(Some((ended, self.finish(tx, &device, writing, now)?)))
            })?;
            // A record that moved meanwhile is tried again with the next change, or in a minute.
            let Some((ended, touched)) = written else { continue };
            if ended {
                self.hub().tell(Changed::Verdict { device: device.id });
            }
            moved |= ended;
            for Touched { record, position, document } in touched {
                self.documents().keep(record, position, document);
            }
        }
        Ok(moved)
    }

    /// Tries again whatever waits, and gives up what waited too long. Called every minute.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub fn settle_waiting(&self) -> Result<(), WriteError> {
        self.refill()?;
        let records = self.db().read(|tx| verdict::waiting_records(tx))?;
        if records.is_empty() {
            self.announce()?;
            return Ok(());
        }
        self.let_in_what_waited(&records)?;
        self.give_up_waiting()?;
        self.announce()?;
        Ok(())
    }

    /// Gives up what waited too long: reported in the audit and to the device, refused, its bytes kept.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    fn give_up_waiting(&self) -> Result<usize, DbError> {
        let now = self.now();
        let before = UtcMs(now.0.saturating_sub(PARKED_FOR_MS));
        if self.db().read(|tx| verdict::parked_before(tx, before, 1))?.is_empty() {
            return Ok(0);
        }
        let given_up = self.db().write(|tx| {
            let expired = verdict::parked_before(tx, before, EXPIRED_AT_ONCE)?;
            for waiting in &expired {
                verdict::refuse_parked(tx, waiting, PARKED_TOO_LONG)?;
                verdict::decide(tx, waiting, "refuse", PARKED_TOO_LONG, now)?;
                let detail = format!("device={} change={}", waiting.device, waiting.hash);
                audit::append(
                    tx,
                    now.0,
                    &audit::Act {
                        by: "center",
                        act: "change.gave_up_waiting",
                        subject: &waiting.record.to_string(),
                        detail: &detail,
                    },
                )?;
            }
            Ok::<_, DbError>(expired)
        })?;
        let devices: BTreeSet<DeviceId> = given_up.iter().map(|waiting| waiting.device).collect();
        for device in devices {
            self.hub().tell(Changed::Verdict { device });
            self.hub().wake(&device);
        }
        Ok(given_up.len())
    }
}

/// Writes the final verdict down, unless it has to wait on.
fn end_waiting(tx: &Connection, waiting: &Parked, ruled: &Verdict, now: UtcMs) -> Result<bool, DbError> {
    match ruled {
        Verdict::Park => return Ok(false),
        Verdict::Accept => {
            verdict::take_out(tx, waiting)?;
            verdict::decide(tx, waiting, "accept", "", now)?;
        }
        Verdict::Overrule(reason) => {
            verdict::take_out(tx, waiting)?;
            verdict::decide(tx, waiting, "overrule", reason, now)?;
        }
        Verdict::Refuse(reason) => {
            verdict::refuse_parked(tx, waiting, reason)?;
            verdict::decide(tx, waiting, "refuse", reason, now)?;
        }
    }
    Ok(true)
}

fn as_sent(waiting: &Parked) -> DocumentChanges {
    DocumentChanges {
        record: waiting.record,
        kind: waiting.kind.clone(),
        schema: SCHEMA,
        changes: vec![WireChange::plain(waiting.bytes.clone())],
    }
}

/// What the center misses of a device's chain of changes, to be asked for now.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn missing(tx: &Connection, device: &DeviceId, now: UtcMs) -> Result<Vec<ChangeHash>, DbError> {
    let asked_before = UtcMs(now.0.saturating_sub(ASK_AGAIN_MS));
    let mut missing = BTreeSet::new();
    for waiting in verdict::parked_of(tx, device, asked_before, ASKED_AT_ONCE)? {
        for hash in Document::describe(&waiting.bytes).map(|change| change.deps).unwrap_or_default() {
            if missing.len() < ASKED_AT_ONCE && !verdict::is_here(tx, device, &hash)? {
                missing.insert(hash);
            }
        }
    }
    Ok(missing.into_iter().collect())
}
