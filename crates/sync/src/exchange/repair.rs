//! Repair between the store and the wire: digests, then tips, then what is missing, in two round trips; and which life
//! of the center is believed.

use super::SyncError;
use siaga_domain::id::{CenterId, ChangeHash, Epoch, RecordId};
use siaga_domain::time::UtcMs;
use siaga_store::{Compared, Comparing, Enrolment, Lease, Mending, Peer, Store, StoredTip, ToldNews, UntoldGap};
use siaga_wire::codec;
use siaga_wire::exchange::{ExchangeAnswer, Exchanged, Hash32, WireChange};
use siaga_wire::key::CenterPublicKey;
use siaga_wire::repair::{
    Compare, Fault, Gap, MAX_MENDED, MAX_TIPS, RecordDigest, RecordTips, RepairAnswer, RepairAsk, SignedTestimony,
    Testimony, Tip, Told, digest_of,
};

/// A digest with its record on the wire.
const DIGEST_BYTES: usize = 28;
/// Records compared at once, at least: a small budget must not make a comparison endless.
const LEAST_COMPARED: usize = 32;
/// The proofs of one request, at most: half a message.
const MOST_PROOF_BYTES: usize = 96 * 1024;

/// What a request carries of a repair.
#[derive(Clone, Debug, Default)]
pub(super) struct UnderWay {
    asked: Vec<RecordId>,
    first_step: bool,
    is_any: bool,
    /// What was said of damage.
    needed: Vec<ChangeHash>,
    gave: Vec<ChangeHash>,
    told_faults: Vec<u64>,
    told_gaps: Vec<u64>,
}

impl UnderWay {
    /// The chains, or the proof: nothing else goes before they are known.
    pub(super) const fn is_first_step(&self) -> bool {
        self.first_step
    }
}

/// What is to be repaired next; nothing where a press waits.
pub(super) fn gather(
    store: &Store,
    lease: &Lease,
    room_bytes: usize,
    device_now: UtcMs,
) -> Result<(Option<RepairAsk>, UnderWay), SyncError> {
    let mut ask = RepairAsk::default();
    let mut under_way = UnderWay::default();
    let life = store.known_life(device_now)?;
    if !life.rival.is_empty() {
        // Two lives of one center answer: each is shown the other.
        ask.testimonies.extend([&life.testimony, &life.rival].into_iter().filter_map(|kept| codec::decode(kept).ok()));
    }
    let level = store.comparing()?;
    let is_first_step = matches!(level, Comparing::ChainsFirst | Comparing::ProofFirst);
    let [urgent, _] = store.backlog()?.changes;
    if is_first_step {
        first_step(store, &mut ask, &mut under_way)?;
    } else if urgent == 0 && store.repairs_waiting()? > 0 {
        let handed = store.hand_over(lease, MAX_TIPS, room_bytes.min(MOST_PROOF_BYTES))?;
        if handed.tips.is_empty() {
            let at_most = (room_bytes / DIGEST_BYTES).clamp(LEAST_COMPARED, siaga_wire::repair::MAX_COMPARED);
            ask.compare = store.to_compare(at_most)?.map(|to| Compare {
                from: to.from,
                up_to: to.up_to,
                digests: to
                    .records
                    .into_iter()
                    .map(|(record, heads)| RecordDigest {
                        record,
                        digest: heads.as_deref().map(digest_of).unwrap_or_default(),
                    })
                    .collect(),
            });
        }
        under_way.asked = handed.tips.iter().map(|(record, _)| *record).collect();
        ask.tips = handed.tips.iter().map(|(record, tips)| wire_tips(*record, tips)).collect();
        ask.told = handed.told.into_iter().map(wire_told).collect();
    }
    if !is_first_step {
        let mut mending = store.mending(room_bytes.min(MOST_PROOF_BYTES))?;
        if urgent > 0 {
            // A press waits for nobody; but what it stands on may be what is damaged.
            mending = Mending { needed: mending.needed, ..Mending::default() };
        }
        say_of_this_home(mending, &mut ask, &mut under_way);
    }
    under_way.is_any = ask != RepairAsk::default();
    let ask = under_way.is_any.then_some(ask);
    Ok((ask, under_way))
}

fn say_of_this_home(mending: Mending, ask: &mut RepairAsk, under_way: &mut UnderWay) {
    under_way.needed = mending.needed;
    ask.needs = under_way.needed.iter().copied().map(Hash32).collect();
    under_way.gave = mending.given.iter().map(|(hash, _)| *hash).collect();
    // What is not intact here either is not given; the center asks another one.
    let intact = mending.given.into_iter().filter(|(hash, bytes)| siaga_document::is_intact(bytes, hash));
    ask.given = intact.map(|(_, bytes)| WireChange::plain(bytes)).collect();
    under_way.told_faults = mending.faults.iter().map(|fault| fault.id).collect();
    ask.faults = mending.faults.into_iter().map(wire_fault).collect();
    under_way.told_gaps = mending.gaps.iter().map(|untold| untold.id).collect();
    ask.gaps = mending.gaps.iter().map(wire_gap).collect();
}

/// Beside a press: how far the chains got where that is not known, and otherwise only what the press may stand on.
pub(super) fn gather_for_a_press(store: &Store) -> Result<(Option<RepairAsk>, UnderWay), SyncError> {
    let (mut ask, mut under_way) = (RepairAsk::default(), UnderWay::default());
    if matches!(store.comparing()?, Comparing::ChainsFirst | Comparing::ProofFirst) {
        first_step(store, &mut ask, &mut under_way)?;
    } else {
        let mending = Mending { needed: store.mending(0)?.needed, ..Mending::default() };
        say_of_this_home(mending, &mut ask, &mut under_way);
    }
    under_way.is_any = ask != RepairAsk::default();
    let ask = under_way.is_any.then_some(ask);
    Ok((ask, under_way))
}

fn first_step(store: &Store, ask: &mut RepairAsk, under_way: &mut UnderWay) -> Result<(), SyncError> {
    under_way.first_step = true;
    ask.chains = true;
    if store.comparing()? == Comparing::ProofFirst {
        ask.told.extend(store.newest_told()?.map(wire_told));
    }
    Ok(())
}

/// What the answer says of it, for the store.
pub(super) fn compared(
    under_way: &UnderWay,
    exchanged: &Exchanged,
    answer: &ExchangeAnswer,
    enrolment: &Enrolment,
) -> Option<Compared> {
    let none = RepairAnswer::default();
    let said = exchanged.repair.as_ref().unwrap_or(&none);
    if !said.answers && under_way.is_any {
        // A center older than this: nothing can be compared with it, and nothing waits for that.
        return Some(Compared {
            asked: under_way.asked.clone(),
            up_to: Some(RecordId::from_bytes([0xff; 16])),
            first_step_done: true,
            ..of_damage(under_way, said)
        });
    }
    exchanged.repair.as_ref()?;
    let testimony = said.testimony.as_ref().and_then(|signed| {
        let testimony = believed(signed, enrolment, answer.epoch)?;
        Some((testimony.number, codec::encode(signed).ok()?))
    });
    Some(Compared {
        asked: under_way.asked.clone(),
        differing: said.tips.iter().map(stored_tips).collect(),
        up_to: said.compared_up_to.as_deref().and_then(|id| RecordId::try_from(id).ok()),
        first_step_done: under_way.first_step,
        testimony,
        ..of_damage(under_way, said)
    })
}

fn of_damage(under_way: &UnderWay, said: &RepairAnswer) -> Compared {
    Compared {
        needed: under_way.needed.clone(),
        given: said.given.iter().take(MAX_MENDED).map(|change| change.bytes.clone()).collect(),
        wanted: said.needs.iter().take(MAX_MENDED).map(|hash| hash.0).collect(),
        gave: under_way.gave.clone(),
        told_faults: under_way.told_faults.clone(),
        told_gaps: under_way.told_gaps.clone(),
        takes_gaps: said.takes_gaps,
        ..Compared::default()
    }
}

fn wire_fault(fault: siaga_store::Fault) -> Fault {
    let siaga_store::Fault { id, code, at_ms, count, saved } = fault;
    Fault { number: id, code, at_ms: at_ms.0, count, saved }
}

fn wire_gap(untold: &UntoldGap) -> Gap {
    let UntoldGap { gap, offset_ms, .. } = *untold;
    Gap { from_ms: gap.from.0, until_ms: gap.until.0, cause: gap.cause.code().to_owned(), offset_ms }
}

/// What came of meeting another epoch.
pub(super) enum Life {
    Entered,
    /// Older than the one that is known, or without proof.
    NotBelieved,
}

/// A newer life of the center is followed; an older one is another center running from a backup, and is not believed.
pub(super) fn another_life(
    store: &Store,
    lease: &Lease,
    enrolment: &Enrolment,
    peer: &Peer,
    answer: &ExchangeAnswer,
    signed: Option<&SignedTestimony>,
    device_now: UtcMs,
) -> Result<Life, SyncError> {
    if peer.epoch == answer.epoch {
        // It does not know the cursors it gave: it was put back without beginning another life.
        store.doubt_feed(lease)?;
        return Ok(Life::Entered);
    }
    let known = store.known_life(device_now)?.number;
    let testimony = signed.and_then(|signed| believed(signed, enrolment, answer.epoch));
    match (testimony, signed) {
        (Some(testimony), Some(signed)) => {
            let kept = codec::encode(signed).map_err(|_| SyncError::Encode)?;
            if testimony.number > known {
                store.follow_life(lease, answer.epoch, testimony.number, &kept)?;
                return Ok(Life::Entered);
            }
            store.note_rival(&kept, device_now)?;
            Ok(Life::NotBelieved)
        }
        // A center older than this says nothing of its lives.
        _ if known == 0 => {
            store.enter_epoch(lease, answer.epoch)?;
            Ok(Life::Entered)
        }
        _ => Ok(Life::NotBelieved),
    }
}

fn believed(signed: &SignedTestimony, enrolment: &Enrolment, epoch: Epoch) -> Option<Testimony> {
    let center: CenterId = enrolment.center_id;
    signed
        .verified(&CenterPublicKey(enrolment.center_key))
        .filter(|testimony| testimony.center == center && testimony.epoch == epoch)
}

fn wire_told(told: ToldNews) -> Told {
    Told { epoch: told.epoch, news: told.news, signature: told.signature }
}

fn wire_tips(record: RecordId, tips: &[StoredTip]) -> RecordTips {
    let tips =
        tips.iter().map(|tip| Tip { actor: tip.actor.to_vec(), seq: tip.seq, hash: tip.hash.to_vec() }).collect();
    RecordTips { record, tips }
}

fn stored_tips(of: &RecordTips) -> (RecordId, Vec<StoredTip>) {
    let tips = of.tips.iter().filter_map(|tip| {
        Some(StoredTip {
            actor: tip.actor.as_slice().try_into().ok()?,
            seq: tip.seq,
            hash: tip.hash.as_slice().try_into().ok()?,
        })
    });
    (of.record, tips.collect())
}
