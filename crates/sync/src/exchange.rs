//! One exchange without its road: what is asked, as bytes, and what is believed of the bytes that come back.
//!
//! `prepare` and `take_in` are plain calls over a store and two readings of the clocks; whoever carries the bytes
//! between them is a driver with sockets, or a simulation without. Nothing here connects, awaits or reads a clock.

mod answer;
pub mod fetch;
mod history;
mod letters;
pub mod piece;
mod repair;
mod report;
mod speech;

pub use report::{SyncError, SyncReport};

use crate::clock::{Moment, estimate_offset, sharper};
use crate::http::HttpError;
use crate::session::{Answer, Carried, Trouble};
use history::History;
use letters::Room;
use siaga_domain::id::Epoch;
use siaga_domain::kind::Lane;
use siaga_domain::time::{ClockAnchor, UtcMs};
use siaga_store::{Enrolment, Lease, News, Peer, Reach, Store, StoreError};
use siaga_wire::VERSION;
use siaga_wire::exchange::{
    Clock, Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Outcome, THIN_ALL, THIN_MOVED, TermsAsk,
    challenge_message,
};
use siaga_wire::key::Signer;
use speech::{Form, Heard, Speech, Spoken};
use std::time::Duration;

/// Patience for a request that is not held: cold connection included, then this many bytes a second at least.
const PATIENCE: Duration = Duration::from_secs(15);
const LEAST_BYTES_PER_SECOND: u64 = 2_000;
/// The center is told of the satellites' time only where the two are this far apart: it costs bytes.
const SATELLITES_DIFFER_MS: i64 = 10_000;
/// A held request is answered late by at most this.
const HOLD_SLACK: Duration = Duration::from_secs(10);

/// What to ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// What waits, in lane order; the history of the trail when `with_trail`.
    Push {
        up_bytes: u32,
        envelope_bytes: u32,
        down_bytes: u32,
        with_trail: bool,
        proof: Option<Vec<u8>>,
    },
    /// The urgent lane and the newest position, beside a push.
    Urgent {
        up_bytes: u32,
        envelope_bytes: u32,
        down_bytes: u32,
        proof: Option<Vec<u8>>,
    },
    Hold {
        hold_ms: u32,
        down_bytes: u32,
        proof: Option<Vec<u8>>,
    },
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// For an error the connections under it are worth nothing any more.
    pub outcome: Result<Answer, Trouble>,
    pub report: SyncReport,
    pub carried: Carried,
    /// To be signed in the next request.
    pub nonce: Option<Vec<u8>>,
    /// The center's epoch, when it is another than ours.
    pub epoch: Option<Epoch>,
}

/// Who this phone is, and what it signs with.
#[derive(Clone, Copy)]
pub struct Oneself<'a> {
    pub enrolment: &'a Enrolment,
    pub signer: &'a dyn Signer,
}

/// A request to be carried, and what must be remembered until its answer is there.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub body: Vec<u8>,
    /// Media type of the body.
    pub media: &'static str,
    /// After this long without an answer none is expected.
    pub within: Duration,
    peer: Peer,
    named: Vec<(u8, u64)>,
    fresh_changes: u32,
    /// The history of the trail rides packed.
    packed: bool,
    form: Form,
    /// How thin state was asked for.
    thin: Option<u8>,
    /// The stamp of the terms it named.
    told_terms: Option<u16>,
    /// What is being repaired by it.
    repair: repair::UnderWay,
}

impl Prepared {
    /// Whether a press or an alarm is in it.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.named.iter().any(|(lane, _)| *lane == Lane::Urgent.number())
    }
}

/// Gathers what is asked into one message. What it seals is stored before this returns, so that whatever becomes
/// of the bytes, the same ones leave the next time.
///
/// # Errors
/// [`SyncError`]; nothing was lost, and asking again is safe.
pub fn prepare(
    store: &Store,
    oneself: Oneself<'_>,
    lease: &Lease,
    ask: Ask,
    now: Moment,
) -> Result<Prepared, SyncError> {
    let peer = store.peer()?.ok_or(SyncError::NotEnrolled)?;
    // A press asks for no files: every byte of it counts.
    let files_after = if matches!(ask, Ask::Urgent { .. }) { None } else { Some(store.files_after()?) };
    let speech = Speech::now(store, UtcMs(now.device_ms))?;
    // Nor does it say anything of terms.
    let terms = if matches!(ask, Ask::Urgent { .. }) { None } else { store.terms_to_tell()? };
    let is_push = matches!(ask, Ask::Push { .. });
    let (room, down_bytes, with_trail, hold_ms, proof) = match ask {
        Ask::Push { up_bytes, envelope_bytes, down_bytes, with_trail, proof } => {
            (Some(Room::new(up_bytes, envelope_bytes, &Lane::DOCUMENTS, speech)), down_bytes, with_trail, 0, proof)
        }
        Ask::Urgent { up_bytes, envelope_bytes, down_bytes, proof } => {
            (Some(Room::new(up_bytes, envelope_bytes, &[Lane::Urgent], speech)), down_bytes, false, 0, proof)
        }
        Ask::Hold { hold_ms, down_bytes, proof } => (None, down_bytes, false, hold_ms, proof),
    };
    let credential = credential(oneself, &peer, proof)?;
    let reading = store.read_clock(UtcMs(now.device_ms), now.monotonic_ms)?;
    // Without a credential the answer is a challenge: whatever rode along would have to go twice.
    let room = room.filter(|_| credential != Credential::None);
    let mut under_way = repair::UnderWay::default();
    let mut asked = None;
    if let Some(room) = &room {
        (asked, under_way) = match is_push {
            true => repair::gather(store, lease, room.bytes, UtcMs(now.device_ms))?,
            false => repair::gather_for_a_press(store)?,
        };
    }
    // Nothing of a home that was put back is sealed before it knows how far its chains got.
    let room = room.filter(|_| !under_way.is_first_step());
    let mut letters = letters::Letters::default();
    let mut newest_fix = None;
    let mut history = History::default();
    if let Some(room) = room {
        letters = letters::gather(store, oneself, lease, room, reading)?;
        newest_fix = store.newest_fix()?.filter(|fix| !fix.received).map(|fix| history::wire_fix(&fix));
        if with_trail {
            history = history::gather(store, room.bytes.saturating_sub(letters.bytes), reading.device)?;
        }
    }
    // A center that speaks the long form only tells none.
    let thin = match (speech, store.knows_elsewhere()?) {
        (Speech::Long, _) => None,
        (_, false) => Some(THIN_ALL),
        (_, true) => Some(THIN_MOVED),
    };
    let request = ExchangeRequest {
        version: VERSION,
        device: oneself.enrolment.device,
        epoch: peer.epoch,
        cursors: peer.cursors,
        clock: Clock { device_ms: reading.device.0, monotonic_ms: reading.monotonic_ms, boot: reading.boot },
        satellite_ahead_ms: store.satellite_ahead()?.filter(|ahead| ahead.saturating_abs() >= SATELLITES_DIFFER_MS),
        hold_ms,
        budget_bytes: down_bytes,
        credential,
        envelopes: letters.envelopes,
        newest_fix,
        trail: history.plain,
        packed_trail: history.packed,
        thin,
        repair: asked,
        files_after,
        verdicts_up_to: (peer.verdicts_up_to > 0).then_some(peer.verdicts_up_to),
        terms: terms.map(|terms| TermsAsk { known: terms.known, wants_letters: terms.wants_letters }),
    };
    let packed = !request.packed_trail.is_empty();
    let Spoken { body, media, form } = speech::say(store, &request, &oneself.enrolment.center_id, speech)?;
    let moved = u64::try_from(body.len()).unwrap_or(0).saturating_add(u64::from(down_bytes));
    let within = if hold_ms > 0 {
        Duration::from_millis(u64::from(hold_ms)) + HOLD_SLACK
    } else {
        PATIENCE + Duration::from_secs(moved / LEAST_BYTES_PER_SECOND).min(Duration::from_secs(30))
    };
    Ok(Prepared {
        body,
        media,
        within,
        peer,
        named: letters.named,
        fresh_changes: letters.fresh_changes,
        packed,
        form,
        thin,
        told_terms: terms.map(|terms| terms.known),
        repair: under_way,
    })
}

/// Believes what came back and writes down what it says. `sent` is when the bytes left, `now` when the answer, or
/// its absence, was known.
///
/// # Errors
/// [`SyncError`]; then nothing of the answer was taken, and asking again brings it again.
pub fn take_in(
    store: &Store,
    oneself: Oneself<'_>,
    lease: &Lease,
    prepared: &Prepared,
    arrived: Result<Vec<u8>, HttpError>,
    sent: Moment,
    now: Moment,
) -> Result<Asked, SyncError> {
    let mut report = SyncReport::default();
    // Where nothing answered, nothing is known to have left: "saved" is said rather than too much.
    let left = !matches!(
        arrived,
        Err(HttpError::Unreachable | HttpError::NotOurCenter | HttpError::Setup | HttpError::ClockWrong)
    );
    if left {
        report.bytes_up = u64::try_from(prepared.body.len()).unwrap_or(u64::MAX);
        report.sent_changes = prepared.fresh_changes;
    }
    let failed = |trouble, report| {
        if left && !prepared.named.is_empty() {
            store.mark_sent(lease, &prepared.named, UtcMs(now.device_ms))?;
        }
        store.set_reach(reach_of(trouble))?;
        Ok(Asked::plain(Err(trouble), report))
    };
    let at = UtcMs(now.device_ms);
    let heard = match arrived {
        Ok(body) => {
            report.bytes_down = u64::try_from(body.len()).unwrap_or(u64::MAX);
            speech::hear(store, &prepared.form, &body, at)?
        }
        Err(HttpError::OtherMedia) if matches!(prepared.form, Form::Short(_)) => speech::go_long(store, at)?,
        Err(HttpError::Busy(retry_after_s)) => {
            return Ok(Asked::plain(Ok(Answer::Busy { retry_after_s }), report));
        }
        // A device this center does not know, or not any more.
        Err(HttpError::Unauthorized) => {
            store.set_reach(Reach::Revoked)?;
            return Ok(Asked::plain(Ok(Answer::Revoked), report));
        }
        Err(error) => return failed(trouble(&error), report),
    };
    let answer = match heard {
        Heard::Answer(answer) => answer,
        // Asked again at once, as after a challenge, and never without end.
        Heard::Again => {
            let report = SyncReport { sent_changes: 0, ..report };
            return Ok(Asked::plain(Ok(Answer::Challenged), report));
        }
        Heard::Newer => {
            store.set_reach(Reach::UpdateNeeded)?;
            return Ok(Asked::plain(Ok(Answer::UpdateNeeded), report));
        }
        Heard::Nothing => return failed(Trouble::NotOurCenter, report),
    };
    report.exchanges = 1;
    let asked = apply(store, oneself.enrolment, lease, prepared, &answer, sent, now, report)?;
    let took_ms = now.monotonic_ms.saturating_sub(sent.monotonic_ms);
    Ok(Asked { carried: carried(&report, took_ms), ..asked })
}

pub(super) fn carried(report: &SyncReport, took_ms: i64) -> Carried {
    let narrow = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
    Carried {
        up_bytes: narrow(report.bytes_up),
        down_bytes: narrow(report.bytes_down),
        took_ms: u32::try_from(took_ms.max(0)).unwrap_or(u32::MAX),
    }
}

impl Asked {
    fn plain(outcome: Result<Answer, Trouble>, report: SyncReport) -> Self {
        Self { outcome, report, carried: Carried::default(), nonce: None, epoch: None }
    }
}

fn credential(oneself: Oneself<'_>, peer: &Peer, proof: Option<Vec<u8>>) -> Result<Credential, SyncError> {
    match (proof, &peer.token) {
        (Some(nonce), _) => {
            let message = challenge_message(&oneself.enrolment.device, &nonce);
            let signature = oneself.signer.sign(&message).map_err(SyncError::Key)?.to_vec();
            Ok(Credential::Proof { nonce, signature })
        }
        (None, Some(token)) => Ok(Credential::Token(token.clone())),
        (None, None) => Ok(Credential::None),
    }
}

#[allow(clippy::too_many_arguments, reason = "one answer and everything that was asked")]
fn apply(
    store: &Store,
    enrolment: &Enrolment,
    lease: &Lease,
    prepared: &Prepared,
    answer: &ExchangeAnswer,
    sent: Moment,
    now: Moment,
    mut report: SyncReport,
) -> Result<Asked, SyncError> {
    // Elapsed time is monotonic: the device's UTC may have jumped in between.
    let round_trip_ms = now.monotonic_ms.saturating_sub(sent.monotonic_ms);
    let estimate = estimate_offset(sent.device_ms, round_trip_ms, answer.received_ms, answer.answered_ms);
    let at = UtcMs(sent.device_ms.saturating_add(round_trip_ms));
    let mark_sent = || if prepared.named.is_empty() { Ok(()) } else { store.mark_sent(lease, &prepared.named, at) };
    if !matches!(answer.outcome, Outcome::Exchanged(_)) {
        mark_sent()?;
    }
    let done = |outcome, report| Ok(Asked::plain(outcome, report));
    match &answer.outcome {
        Outcome::Exchanged(exchanged) => {
            let known = store.read_clock(UtcMs(sent.device_ms), sent.monotonic_ms)?;
            let clock = sharper(estimate, &known).then_some(ClockAnchor {
                device: known.device,
                monotonic_ms: known.monotonic_ms,
                offset_ms: estimate.offset_ms,
                uncertainty_ms: estimate.uncertainty_ms,
            });
            let compared = repair::compared(&prepared.repair, exchanged, answer, enrolment);
            let believed = answer::believe(answer, exchanged, enrolment, at, clock, prepared.thin, compared);
            let Ok(news) = believed.map(|news| News { told_terms: prepared.told_terms, ..news }) else {
                mark_sent()?;
                store.set_reach(Reach::NotOurCenter)?;
                return done(Err(Trouble::NotOurCenter), report);
            };
            let applied = match store.apply_answer(lease, &news) {
                // It was under way while another life of the center was entered: it counts for nothing.
                Err(StoreError::OtherLife) => return done(Ok(Answer::Exchanged { more: true }), report),
                applied => applied?,
            };
            // Where the answer settled everything that left for the first time, there is nothing to note.
            if applied.receipted.saturating_add(applied.refused) < prepared.fresh_changes {
                mark_sent()?;
            }
            report.receipted_changes = applied.receipted;
            report.refused_changes = applied.refused;
            report.received_changes = applied.received;
            if prepared.packed && exchanged.trail_received.is_none() {
                history::go_plain(store, at)?;
            }
            report.sent_fixes = fixes_confirmed(exchanged, &prepared.peer);
            // "More" without news would be asked for without end.
            done(Ok(Answer::Exchanged { more: exchanged.more && !exchanged.news.is_empty() }), report)
        }
        Outcome::Challenge { nonce } => {
            store.forget_token(lease)?;
            store.set_reach(Reach::Reached)?;
            Ok(Asked { nonce: Some(nonce.clone()), ..Asked::plain(Ok(Answer::Challenged), report) })
        }
        Outcome::OtherEpoch { testimony } => {
            match repair::another_life(store, lease, enrolment, &prepared.peer, answer, testimony.as_ref(), at)? {
                repair::Life::Entered => {
                    Ok(Asked { epoch: Some(answer.epoch), ..Asked::plain(Ok(Answer::OtherEpoch), report) })
                }
                repair::Life::NotBelieved => {
                    store.set_reach(Reach::NotOurCenter)?;
                    done(Err(Trouble::NotOurCenter), report)
                }
            }
        }
        Outcome::Revoked => {
            store.set_reach(Reach::Revoked)?;
            done(Ok(Answer::Revoked), report)
        }
        Outcome::UpdateNeeded { .. } => {
            store.set_reach(Reach::UpdateNeeded)?;
            done(Ok(Answer::UpdateNeeded), report)
        }
        Outcome::Busy { retry_after_s } => done(Ok(Answer::Busy { retry_after_s: *retry_after_s }), report),
        // Nothing was left out in the long form: whoever says so is not our center.
        Outcome::Unread { .. } => {
            store.set_reach(Reach::NotOurCenter)?;
            done(Err(Trouble::NotOurCenter), report)
        }
    }
}

fn fixes_confirmed(exchanged: &Exchanged, before: &Peer) -> u32 {
    // Numbers begin with 1, and so does what is not there yet.
    let gained = exchanged.trail_received.unwrap_or(0).saturating_sub(before.trail_received.max(1));
    u32::try_from(gained).unwrap_or(u32::MAX)
}

const fn trouble(error: &HttpError) -> Trouble {
    match error {
        // Too large is answered like too slow: with less.
        HttpError::TimedOut | HttpError::TooLarge => Trouble::TimedOut,
        HttpError::NotOurCenter | HttpError::NotTaken(_) | HttpError::OtherMedia => Trouble::NotOurCenter,
        HttpError::Cut => Trouble::Cut,
        HttpError::ClockWrong => Trouble::ClockWrong,
        HttpError::Unreachable | HttpError::Busy(_) | HttpError::Setup | HttpError::Unauthorized => {
            Trouble::Unreachable
        }
    }
}

const fn reach_of(trouble: Trouble) -> Reach {
    match trouble {
        Trouble::Unreachable | Trouble::Cut | Trouble::TimedOut => Reach::NoSignal,
        Trouble::NotOurCenter => Reach::NotOurCenter,
        Trouble::ClockWrong => Reach::ClockWrong,
    }
}
