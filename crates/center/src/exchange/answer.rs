//! One exchange: who asks, what they bring, what is new for them; and what is written down about it.
//!
//! Everything here may be asked again: a lost answer costs a repeat, never a double.

use super::intake::{self, Taken};
use super::limit::Known;
use super::news::{self, Slice};
use super::repair;
use super::session::{Session, SessionError};
use super::thin;
use crate::Center;
use crate::db::device::{self, Contact, Device, DeviceState};
use crate::db::file::{Offered, PackKind};
use crate::db::trail::{self, FixRow};
use crate::db::{DbError, attachment, audit, chain, file, log, verdict};
use crate::hub::{Changed, Holders};
use crate::journal::{WriteError, park};
use crate::storage::Room;
use rusqlite::Connection;
use siaga_domain::id::{ChangeHash, DeviceId, Epoch};
use siaga_domain::time::{UtcMs, happened};
use siaga_wire::blob::{FileKind, FileOffer};
use siaga_wire::codec::{self, CodecError};
use siaga_wire::exchange::{Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Fix, Hash32, Outcome, TrailBlock};
use siaga_wire::receipt::{
    self, Exception, LaterVerdict, LaterVerdicts, Receipt, SignedReceipt, SignedVerdicts, Verdict,
};
use siaga_wire::trail::{MAX_RUNS, PackedTrail};
use siaga_wire::{VERSION, exchange};
use std::time::Duration;

/// A request is held this long, at most.
const HOLD: Duration = Duration::from_secs(55);

/// A contact without any other news is written down at most this often: idling does not wait for the disk.
const CONTACT_NOTED_MS: i64 = 10_000;

/// Later verdicts told in one answer.
const VERDICTS_AT_ONCE: usize = 200;

/// The exchange could not be answered; the device asks again later.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("the request is not one")]
    Malformed(#[source] CodecError),
    #[error("the short form of a message is not one")]
    Short(#[source] siaga_wire::compact::Unreadable),
    #[error("the device is not known or not confirmed")]
    Unknown,
    #[error("the device asks more than a device may; it may ask again in {wait:?}")]
    TooMany { wait: Duration },
    #[error("could not work out the session")]
    Session(#[from] SessionError),
    #[error("could not take the envelopes")]
    Take(#[from] WriteError),
    #[error("could not read or write the exchange")]
    Database(#[from] DbError),
    #[error("could not sign")]
    Sign(#[source] CodecError),
}

/// What to do with a request.
pub enum Turn {
    Answer(Box<ExchangeAnswer>),
    /// Nothing is new: hold it, then ask [`Center::look_again`].
    Hold(Box<Held>),
}

/// A held request.
pub struct Held {
    pub device: DeviceId,
    pub epoch: Epoch,
    pub received: UtcMs,
    pub for_up_to: Duration,
    pub holders: Holders,
    cursors: [u64; 2],
    thin: Option<u8>,
    /// From where on what moved is told as thin state.
    thin_from: u64,
    files_after: Option<u64>,
    news_bytes: u32,
    contact: Contact,
}

/// A request whose device is known, and what its answer may hold of news in their long form.
pub(super) struct Asking<'a> {
    pub device: Device,
    pub token: Option<Vec<u8>>,
    pub request: &'a ExchangeRequest,
    /// The bytes of each envelope in their one long form.
    pub raw: &'a [&'a [u8]],
    pub news_bytes: u32,
    pub epoch: Epoch,
    pub received: UtcMs,
}

impl Center {
    /// Answers a request, or says to hold it. Blocks on the disk.
    ///
    /// # Errors
    /// [`ExchangeError`]; the device may ask again.
    pub fn exchange(&self, body: &[u8], received: UtcMs) -> Result<Turn, ExchangeError> {
        self.exchange_counted(body, received, &|_, _| Ok(()))
    }

    /// As [`exchange`](Self::exchange), asking `count` about the device before anything is done for it: as it claims to
    /// be, and again once it is proven.
    ///
    /// # Errors
    /// [`ExchangeError`], also what `count` gives; the device may ask again.
    pub fn exchange_counted(
        &self,
        body: &[u8],
        received: UtcMs,
        count: &dyn Fn(&DeviceId, Known) -> Result<(), ExchangeError>,
    ) -> Result<Turn, ExchangeError> {
        let request: ExchangeRequest = codec::decode(body).map_err(ExchangeError::Malformed)?;
        let epoch = self.identity()?.epoch;
        if request.version < VERSION {
            return Ok(self.say(epoch, received, Outcome::UpdateNeeded { least_version: VERSION }));
        }
        // A proof costs a signature and a session row; whoever has no session is counted before.
        if matches!(request.credential, Credential::Proof { .. }) {
            count(&request.device, Known::Claimed(None))?;
        }
        let (device, token) = match self.session(&request.device, &request.credential)? {
            Session::Open { device, token } => (device, token),
            Session::Challenge(nonce) => return Ok(self.say(epoch, received, Outcome::Challenge { nonce })),
            Session::Revoked => return Ok(self.say(epoch, received, Outcome::Revoked)),
            Session::Unknown => return Err(ExchangeError::Unknown),
        };
        count(&device.id, Known::Proven)?;
        let raw = intake::envelope_bytes(body).ok_or(ExchangeError::Malformed(CodecError::TrailingBytes))?;
        let news_bytes = request.budget_bytes;
        self.settle(Asking { device: *device, token, request: &request, raw: &raw, news_bytes, epoch, received })
    }

    /// An answer that was not settled by anything else.
    pub(super) fn say(&self, epoch: Epoch, received: UtcMs, outcome: Outcome) -> Turn {
        let answered_ms = self.now().0;
        Turn::Answer(Box::new(ExchangeAnswer {
            version: VERSION,
            epoch,
            received_ms: received.0,
            answered_ms,
            outcome,
        }))
    }

    /// What is done for a device whose session is open.
    pub(super) fn settle(&self, asking: Asking<'_>) -> Result<Turn, ExchangeError> {
        let Asking { mut device, token, request, raw, news_bytes, epoch, received } = asking;
        let answer = |outcome| Ok(self.say(epoch, received, outcome));
        let offset_ms = received.0.saturating_sub(request.clock.device_ms);
        if let Some(ask) = &request.repair {
            self.note_rivals(&device, ask, epoch)?;
            if self.begin_again_if_behind(&device, request, epoch)? {
                let outcome = Outcome::OtherEpoch { testimony: Some(self.testimony()?) };
                return Ok(self.say(self.identity()?.epoch, received, outcome));
            }
        }
        if self.is_of_another_life(request, epoch)? {
            return answer(Outcome::OtherEpoch { testimony: Some(self.testimony()?) });
        }
        if let Some(contact) = &mut device.contact {
            // What comes with this request was made by the clock as the request reads it.
            contact.offset_ms = offset_ms;
        }
        let mut taken = self.take(&device, &request.envelopes, raw, received)?;
        if let Some(ask) = &request.repair {
            self.take_back(&device, ask)?;
            self.place_of(&device.id)?;
            self.take_mended(&device.id, &ask.given)?;
            self.note_faults(&device.id, &ask.faults)?;
            self.note_gaps(&device, &ask.gaps, offset_ms)?;
            self.announce()?;
            if ask.chains {
                self.ask_for_chains(&device, &mut taken)?;
            }
        }
        if device.copied_ms.is_none() && (taken.went_two_ways || says_copied(request)) {
            device.copied_ms = Some(received);
            self.db().write(|tx| device::note_copied(tx, &device.id, received))?;
        }
        let [_, thin_from] = request.cursors;
        let (slice, files, thin, mut repair) = self.db().read(|tx| {
            let mut slice = news::slice(tx, &device, request.cursors, news_bytes)?;
            let [_, up_to] = slice.cursors;
            let thin = thin::told(tx, &device, request.thin, thin_from, up_to)?;
            let mut answer = None;
            if let Some(ask) = &request.repair {
                let room = repair::room_beside(&slice.news, news_bytes);
                let repaired = self.repaired(tx, &device, ask, request.cursors, room)?;
                slice.news.extend(repaired.news);
                slice.clinical = slice.clinical.saturating_add(repaired.clinical);
                answer = Some(repaired.answer);
            }
            Ok::<_, DbError>((slice, offers(tx, &device, request.files_after)?, thin, answer))
        })?;
        let needs = self.ask_for_damaged(&device.id)?;
        if !needs.is_empty() {
            repair.get_or_insert_default().needs = needs;
        }
        if repair.is_some() || token.is_some() {
            let answer = repair.get_or_insert_default();
            (answer.testimony, answer.takes_gaps) = (Some(self.testimony()?), true);
        }
        let opens = token.is_some();
        let mut terms = self.terms(&device, request.terms, opens, received)?;
        let terms_known = request.terms.map_or(device.contact.unwrap_or_default().terms_known, |ask| ask.known);
        let contact = Contact {
            last_ms: received,
            offset_ms,
            acked: request.cursors,
            told: slice.cursors,
            satellite_ahead_ms: request.satellite_ahead_ms,
            terms_known,
            heard_ms: Some(self.elapsed_ms()),
        };
        let later = self.later_verdicts(&device, request.verdicts_up_to, epoch)?;
        let busy = taken.busy;
        // What was committed gets its receipt and what is new is told, whatever else has to wait: an order must
        // reach a phone whose own changes cannot be judged just now.
        let nothing_to_say =
            taken.asked.is_empty() && taken.needed.is_empty() && slice.is_empty() && files.is_none() && token.is_none();
        let quiet = slice.is_empty()
            && files.is_none()
            && thin.is_empty()
            && token.is_none()
            && later.is_none()
            && repair.is_none()
            && terms.is_none()
            && request.envelopes.is_empty()
            && request.trail.is_empty()
            && request.packed_trail.is_empty()
            && request.repair.is_none()
            && request.newest_fix.is_none();
        if !quiet && request.cursors == [0, 0] {
            // An enrolment opens a session too: whoever begins with the feed may not have heard it.
            repair.get_or_insert_default().takes_gaps = true;
            if terms.is_none() {
                terms = self.terms(&device, request.terms, true, received)?;
            }
        }
        if quiet && request.hold_ms > 0 {
            self.note_contact(&device, &contact)?;
            return Ok(Turn::Hold(Box::new(Held {
                device: device.id,
                epoch,
                received,
                for_up_to: Duration::from_millis(request.hold_ms.into()).min(HOLD),
                holders: if device.copied_ms.is_some() { Holders::Copies } else { Holders::One },
                cursors: slice.cursors,
                thin: request.thin,
                thin_from,
                files_after: request.files_after,
                news_bytes,
                contact,
            })));
        }
        let exchanged = if quiet {
            self.note_contact(&device, &contact)?;
            Exchanged { cursors: slice.cursors, ..Exchanged::default() }
        } else {
            self.settle_exchange(&device, request, taken, slice, &contact, epoch)?
        };
        if let Some(wait) = busy
            && nothing_to_say
            && later.is_none()
            && terms.is_none()
        {
            let retry_after_s = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1);
            return answer(Outcome::Busy { retry_after_s });
        }
        answer(Outcome::Exchanged(Exchanged { token, later, files, thin, repair, terms, ..exchanged }))
    }

    /// Receipts for both lanes, for a device that does not know how far its chains got.
    fn ask_for_chains(&self, device: &Device, taken: &mut Taken) -> Result<(), DbError> {
        for lane in siaga_domain::kind::Lane::DOCUMENTS {
            let head = self.db().read(|tx| chain::head(tx, &device.id, lane.number()))?;
            if head.seq > 0 {
                taken.asked.entry(lane.number()).or_insert(head.seq);
            }
        }
        Ok(())
    }

    /// What was decided about changes that were parked, until the device says that it knows; and what the center
    /// misses of it. `None` when there is nothing of either.
    fn later_verdicts(
        &self,
        device: &Device,
        known_up_to: Option<u64>,
        epoch: Epoch,
    ) -> Result<Option<SignedVerdicts>, ExchangeError> {
        if let Some(up_to) = known_up_to {
            self.db().write(|tx| verdict::mark_told(tx, &device.id, up_to))?;
        }
        let now = self.now();
        let (untold, missing) = self.db().read(|tx| {
            Ok::<_, DbError>((verdict::untold(tx, &device.id, VERDICTS_AT_ONCE)?, park::missing(tx, &device.id, now)?))
        })?;
        if !missing.is_empty() {
            self.db().write(|tx| verdict::mark_asked(tx, &device.id, now))?;
        }
        if untold.is_empty() && missing.is_empty() {
            return Ok(None);
        }
        let verdicts = LaterVerdicts {
            device: device.id,
            epoch,
            center_ms: now.0,
            verdicts: untold
                .into_iter()
                .map(|one| LaterVerdict {
                    number: one.number,
                    change: Hash32(one.hash),
                    verdict: verdict_of(&one.verdict),
                    reason: one.reason,
                })
                .collect(),
            missing: missing.into_iter().map(Hash32).collect(),
        };
        receipt::sign_verdicts(&verdicts, self.key()).map(Some).map_err(ExchangeError::Sign)
    }

    /// Whether anything is new for a held request by now.
    ///
    /// # Errors
    /// [`ExchangeError`]; the device may ask again.
    pub fn look_again(&self, held: &mut Held, last: LastLook) -> Result<Option<ExchangeAnswer>, ExchangeError> {
        let Some(device) = self.device(&held.device)? else { return Err(ExchangeError::Unknown) };
        let outcome = if device.state == DeviceState::Active {
            let (slice, files, thin) = self.db().read(|tx| {
                let slice = news::slice(tx, &device, held.cursors, held.news_bytes)?;
                let [_, up_to] = slice.cursors;
                let thin = thin::told(tx, &device, held.thin, held.thin_from, up_to)?;
                Ok::<_, DbError>((slice, offers(tx, &device, held.files_after)?, thin))
            })?;
            let later = self.later_verdicts(&device, None, held.epoch)?;
            let terms = self.terms(&device, None, false, self.now())?;
            held.cursors = slice.cursors;
            held.contact.told = slice.cursors;
            if slice.is_empty() && files.is_none() && later.is_none() && terms.is_none() && last == LastLook::No {
                return Ok(None);
            }
            if slice.is_empty() {
                self.note_contact(&device, &held.contact)?;
            } else {
                self.db().write(|tx| note_told(tx, &device, &held.contact, slice.clinical, self.now()))?;
            }
            Outcome::Exchanged(Exchanged {
                news_signature: self.signed_news(&slice.news, held.epoch, &device.id)?,
                news: slice.news,
                cursors: slice.cursors,
                more: slice.more,
                later,
                files,
                archives: Some(slice.archives).filter(|archives| !archives.is_empty()),
                thin,
                terms,
                ..Exchanged::default()
            })
        } else {
            Outcome::Revoked
        };
        Ok(Some(ExchangeAnswer {
            version: VERSION,
            epoch: held.epoch,
            received_ms: held.received.0,
            answered_ms: self.now().0,
            outcome,
        }))
    }

    /// Cursors of another epoch, or beyond anything this feed ever said.
    fn is_of_another_life(&self, request: &ExchangeRequest, epoch: Epoch) -> Result<bool, DbError> {
        let fresh = request.epoch == Epoch::default() && request.cursors == [0, 0];
        if fresh {
            return Ok(false);
        }
        let head = self.db().read(|tx| crate::db::feed::head(tx))?;
        Ok(request.epoch != epoch || request.cursors.iter().any(|cursor| *cursor > head))
    }

    fn settle_exchange(
        &self,
        device: &Device,
        request: &ExchangeRequest,
        taken: Taken,
        slice: Slice,
        contact: &Contact,
        epoch: Epoch,
    ) -> Result<Exchanged, ExchangeError> {
        let now = contact.last_ms;
        let packed = unpacked(&request.packed_trail);
        // On a full disk the newest position is kept and the way there is not: the phone keeps it, and sends it again.
        let has_room = self.storage().room() != Room::Reserve;
        let trail: Vec<&TrailBlock> = request.trail.iter().chain(&packed).filter(|_| has_room).collect();
        let (receipts, trail_received, attachments_held, moved) = self.db().write(|tx| {
            let receipts = self.receipts(tx, device, &taken, now, epoch)?;
            let (trail_received, moved) = take_trail(tx, device, request, &trail, contact)?;
            let mut held = Vec::new();
            for hash in &taken.attachments {
                if attachment::get(tx, hash)?.is_some_and(|attachment| attachment.whole) {
                    held.push(Hash32(ChangeHash(*hash)));
                }
            }
            note_told(tx, device, contact, slice.clinical, now)?;
            Ok::<_, ExchangeError>((receipts, trail_received, held, moved))
        })?;
        if moved {
            self.hub().tell(Changed::Position { device: device.id, unit: device.unit.clone() });
        }
        Ok(Exchanged {
            receipts,
            news_signature: self.signed_news(&slice.news, epoch, &device.id)?,
            news: slice.news,
            cursors: slice.cursors,
            more: slice.more,
            trail_received,
            needed: taken.needed,
            attachments_held,
            archives: Some(slice.archives).filter(|archives| !archives.is_empty()),
            ..Exchanged::default()
        })
    }

    fn signed_news(&self, news: &[exchange::News], epoch: Epoch, device: &DeviceId) -> Result<Vec<u8>, ExchangeError> {
        if news.is_empty() {
            return Ok(Vec::new());
        }
        receipt::sign_news(news, &epoch, device, self.key()).map_err(ExchangeError::Sign)
    }

    /// One receipt for each lane that moved or was asked about again: the same question gets the same receipt.
    fn receipts(
        &self,
        tx: &Connection,
        device: &Device,
        taken: &Taken,
        now: UtcMs,
        epoch: Epoch,
    ) -> Result<Vec<SignedReceipt>, ExchangeError> {
        let mut receipts = Vec::new();
        for (lane, from_seq) in &taken.asked {
            let head = chain::head(tx, &device.id, *lane)?;
            if let Some(known) = chain::receipt(tx, &device.id, *lane, *from_seq, head.seq)? {
                receipts.push(known);
                continue;
            }
            let exceptions: Vec<Exception> = log::quarantined(tx, &device.id, *lane, *from_seq)?
                .into_iter()
                .map(|one| Exception {
                    change: Hash32(one.hash),
                    verdict: verdict_of(&one.verdict),
                    reason: one.reason,
                })
                .collect();
            if !exceptions.is_empty() {
                // The changes were judged and are on the disk; only what is said of them is written now.
                self.hub().tell(Changed::Verdict { device: device.id });
            }
            let receipt = Receipt {
                device: device.id,
                lane: *lane,
                up_to_seq: head.seq,
                head: head.manifest,
                center_ms: now.0,
                epoch,
                exceptions,
            };
            let signed = receipt::sign(&receipt, self.key()).map_err(ExchangeError::Sign)?;
            chain::put_receipt(tx, &device.id, *lane, *from_seq, head.seq, &signed)?;
            receipts.push(signed);
        }
        Ok(receipts)
    }

    fn note_contact(&self, device: &Device, contact: &Contact) -> Result<(), DbError> {
        let known = device.contact.unwrap_or_default();
        let told_same = known.acked == contact.acked
            && known.told == contact.told
            && known.satellite_ahead_ms == contact.satellite_ahead_ms
            && known.terms_known == contact.terms_known;
        if told_same && known.last_ms.is_fresh_at(contact.last_ms, CONTACT_NOTED_MS) {
            return Ok(());
        }
        self.db().write(|tx| device::note_contact(tx, &device.id, device.contact.as_ref(), contact, contact.last_ms))
    }
}

pub(super) fn verdict_of(code: &str) -> Verdict {
    match code {
        "accept" => Verdict::Accept,
        "park" => Verdict::Park,
        "overrule" => Verdict::Overrule,
        _ => Verdict::Refuse,
    }
}

/// Offers of files in one answer; the rest comes with the next.
const MOST_OFFERS: usize = 64;

/// What is new for a device among the files it may fetch; `None` when nothing is, or it fetches none.
fn offers(tx: &Connection, device: &Device, after: Option<u64>) -> Result<Option<Vec<FileOffer>>, DbError> {
    let Some(after) = after else { return Ok(None) };
    let offers: Vec<FileOffer> = file::offers(tx, &device.id, after, MOST_OFFERS)?
        .into_iter()
        .map(|offer| {
            let (kind, record, pack) = match offer.what {
                Offered::Thumbnail(record) => (FileKind::Thumbnail, Some(record), None),
                Offered::Photograph(record) => (FileKind::Photograph, Some(record), None),
                Offered::Pack(name, PackKind::GeoJson) => (FileKind::GeoJson, None, Some(name)),
                Offered::Pack(name, PackKind::PmTiles) => (FileKind::PmTiles, None, Some(name)),
                Offered::Withdrawn(name) => (FileKind::GeoJson, None, Some(name)),
            };
            FileOffer {
                number: offer.number,
                hash: ChangeHash(offer.hash),
                size_bytes: offer.size_bytes,
                kind: kind.number(),
                made_ms: offer.made_ms,
                record: record.map(|record| *record.as_bytes()),
                pack,
            }
        })
        .collect();
    Ok(Some(offers).filter(|offers| !offers.is_empty()))
}

/// Whether a held request is answered now whatever there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LastLook {
    No,
    Yes,
}

fn note_told(tx: &Connection, device: &Device, contact: &Contact, clinical: usize, now: UtcMs) -> Result<(), DbError> {
    device::note_contact(tx, &device.id, device.contact.as_ref(), contact, now)?;
    if clinical == 0 {
        return Ok(());
    }
    let by = device.id.to_string();
    let [urgent, records] = contact.told;
    let detail = format!("items={clinical} up_to={urgent}/{records}");
    audit::append(tx, now.0, &audit::Act { by: &by, act: "patient.delivered", subject: &device.unit, detail: &detail })
}

/// Whether the home that asks was copied or put back: it asks how far its chains got, and doubts nothing of the center.
fn says_copied(request: &ExchangeRequest) -> bool {
    request.repair.as_ref().is_some_and(|ask| ask.chains && ask.told.is_empty())
}

/// Writes the fixes of a request; gives the number the center expects next, and whether the device moved.
fn take_trail(
    tx: &Connection,
    device: &Device,
    request: &ExchangeRequest,
    trail: &[&TrailBlock],
    contact: &Contact,
) -> Result<(Option<u64>, bool), DbError> {
    let now = contact.last_ms;
    let mut arriving = trail::Arriving::new(tx, &device.id, now);
    let mut newest = trail::Newest::of(tx, &device.id)?;
    let mut next = None;
    for TrailBlock { first, fixes } in trail.iter().copied() {
        // A hole inside one request would promise fixes that never came.
        if next.is_some_and(|next| next != *first) {
            break;
        }
        for (place, fix) in (0_u64..).zip(fixes) {
            // Numbers at the end of their type are nobody's: the last one stands for all beyond it.
            let number = first.saturating_add(place);
            let row = row_of(fix, contact);
            let kept_as = arriving.take(number, &row)?;
            if let Some(number) = kept_as.filter(|_| is_on_earth(&row)) {
                newest.numbered(number, &row);
            }
        }
        next = Some(first.saturating_add(fixes.len() as u64));
    }
    if let Some(fix) = &request.newest_fix {
        let row = row_of(fix, contact);
        // A request that arrives late brings one that the trail has left behind, whatever its clock showed.
        if is_on_earth(&row) && !trail::has_lately(tx, &device.id, &row)? {
            newest.unnumbered(&row);
        }
    }
    Ok((next, newest.put(tx, &device.id, now)?))
}

/// The runs up to the first this build cannot read: what is not confirmed comes again, plainly.
fn unpacked(packed: &[PackedTrail]) -> Vec<TrailBlock> {
    let read = packed.iter().take(MAX_RUNS).map(siaga_wire::trail::unpack);
    read.map_while(|run| run.inspect_err(|error| tracing::warn!(%error, "a run of fixes was not readable")).ok())
        .collect()
}

/// Puts a fix on the center's clock: by the offset the device knew when it took it, or by what is known now. A moment that
/// cannot be true is replaced by the receipt, and marked: its age is unknown.
fn row_of(fix: &Fix, contact: &Contact) -> FixRow {
    let offset = fix.offset_ms.unwrap_or(contact.offset_ms);
    let judged = happened(UtcMs(fix.at_ms.saturating_add(offset)), contact.last_ms);
    FixRow {
        device_ms: fix.at_ms,
        at_ms: judged.at.0,
        lat_e6: fix.lat_e6,
        lon_e6: fix.lon_e6,
        accuracy_m: fix.accuracy_m,
        speed_cms: fix.speed_cms,
        is_mock: fix.mock,
        is_clock_wrong: judged.is_ahead || judged.is_wrong,
    }
}

const fn is_on_earth(row: &FixRow) -> bool {
    row.lat_e6.unsigned_abs() <= 90_000_000 && row.lon_e6.unsigned_abs() <= 180_000_000
}
