//! A request in its short form.
//!
//! The token says which device asks; the center knows its own name and epoch, the chain of the device, and the manifest
//! each envelope follows. So of an envelope there travel its place, its clock against that of the request, its person,
//! its changes and its signature. Beginnings of what is left out travel where a wrong guess must be found out.
//!
//! Long because writing and reading stand side by side: each is checked against the other.

use super::frame::{self, Unreadable};
use super::runs::{Reading, Runs};
use super::{Asked, Block, manifests, spare};
use crate::envelope::{self, DocumentChanges, Envelope, Header};
use crate::exchange::{Clock, Credential, ExchangeRequest, Fix, Hash32, WireChange};
use crate::{MAX_ENVELOPES, MAX_MESSAGE_BYTES};
use siaga_domain::id::{CenterId, ChangeHash, DeviceId, Epoch, RecordId};

/// The moment times are told against: 2026-01-01T00:00:00Z. Frozen under version 2.
const SINCE_MS: i64 = 1_767_225_600_000;

/// How much of an epoch or of a manifest shows that the other side means the same.
const BEGINNING: usize = 4;

/// Documents in one request, at most: each costs three bytes.
const MAX_DOCUMENTS: usize = 10_000;

/// Kinds of records by their numbers, from 1. Frozen under version 2; another kind travels in letters.
pub(super) const KINDS: [&str; 8] =
    ["incident", "assignment", "patient", "identity", "assessment", "sos", "shift", "directory"];

struct Has;

impl Has {
    const PROOF: u8 = 1;
    const NO_CREDENTIAL: u8 = 2;
    /// No epoch is known yet.
    const FRESH: u8 = 4;
    const HOLD: u8 = 8;
    const ENVELOPES: u8 = 16;
    const FIX: u8 = 32;
    const BLOCK: u8 = 64;
    const PLAINLY: u8 = 128;
}

struct Says;

impl Says {
    /// It follows the envelope before it in the same lane.
    const FOLLOWS: u8 = 1;
    /// It is the first of its lane.
    const FIRST: u8 = 2;
    const OTHER_CENTER: u8 = 4;
    const OTHER_EPOCH: u8 = 8;
    const OTHER_CLOCK: u8 = 16;
    const SAME_USER: u8 = 32;
    const ATTACHMENTS: u8 = 64;
}

/// What a receiver knows of who asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    pub center: CenterId,
    pub device: DeviceId,
    pub epoch: Epoch,
}

/// Writes a request, its changes in a block or plain. `None` where it has no short form: it is then sent as version 1.
#[must_use]
pub fn write_request(
    request: &ExchangeRequest,
    center: &CenterId,
    block: Option<&Block>,
    dictionary: u8,
    plainly: bool,
) -> Option<(Vec<u8>, Asked)> {
    let mut runs = Runs::default();
    let mut has = if request.epoch == Epoch::default() { Has::FRESH } else { 0 };
    has |= match &request.credential {
        Credential::Token(_) => 0,
        Credential::Proof { .. } => Has::PROOF,
        Credential::None => Has::NO_CREDENTIAL,
    };
    has |= if request.hold_ms > 0 { Has::HOLD } else { 0 };
    has |= if request.envelopes.is_empty() { 0 } else { Has::ENVELOPES };
    has |= if short_fix(request).is_some() { Has::FIX } else { 0 };
    has |= if block.is_some() { Has::BLOCK } else { 0 };
    has |= if plainly { Has::PLAINLY } else { 0 };
    runs.byte(has);
    runs.byte(dictionary);
    match &request.credential {
        Credential::Token(token) => runs.sized_chance(token),
        Credential::Proof { nonce, signature } => {
            runs.chance(request.device.as_bytes());
            runs.sized_chance(nonce);
            runs.sized_chance(signature);
        }
        Credential::None => runs.chance(request.device.as_bytes()),
    }
    if has & Has::FRESH == 0 {
        runs.chance(beginning(&request.epoch.0));
    }
    let [urgent, records] = request.cursors;
    runs.number(urgent);
    runs.signed(records.wrapping_sub(urgent).cast_signed());
    runs.signed(request.clock.device_ms.wrapping_sub(SINCE_MS));
    runs.number(u64::from(request.budget_bytes / BUDGET_STEP));
    if has & Has::HOLD != 0 {
        runs.number(request.hold_ms.into());
    }
    if let Some(fix) = short_fix(request) {
        write_fix(&mut runs, fix, request.clock.device_ms);
    }
    if has & Has::ENVELOPES != 0 {
        runs.signed(request.clock.monotonic_ms);
        runs.number(request.clock.boot.into());
        let how = How { packed: block.is_some(), plainly };
        write_envelopes(&mut runs, request, center, how)?;
    }
    spare::write(&mut runs, request, &short(request)).ok()?;
    if let Some(block) = block {
        runs.raw.extend_from_slice(&block.raw);
        runs.rest.extend_from_slice(&block.rest);
    }
    let asked = Asked {
        device: request.device,
        epoch: request.epoch,
        cursors: request.cursors,
        device_ms: request.clock.device_ms,
        dictionary,
        plainly,
        manifests: manifests(&request.envelopes),
    };
    Some((frame::close(&runs, dictionary), asked))
}

/// Budgets are told in steps of this many bytes.
pub const BUDGET_STEP: u32 = 256;

/// What the short form gives: every other field travels beside it, under its number.
fn short(request: &ExchangeRequest) -> ExchangeRequest {
    ExchangeRequest {
        version: crate::VERSION,
        device: request.device,
        epoch: request.epoch,
        cursors: request.cursors,
        // Without envelopes nobody asks for the boot: it is left out for good.
        clock: request.clock,
        hold_ms: request.hold_ms,
        // Rounded for good: a budget is a wish.
        budget_bytes: request.budget_bytes,
        credential: request.credential.clone(),
        envelopes: request.envelopes.clone(),
        newest_fix: short_fix(request).copied(),
        trail: Vec::new(),
        packed_trail: Vec::new(),
        thin: None,
        repair: None,
        files_after: None,
        verdicts_up_to: None,
        satellite_ahead_ms: None,
        terms: None,
    }
}

fn beginning(bytes: &[u8]) -> &[u8] {
    bytes.get(..BEGINNING).unwrap_or_default()
}

/// A fix that was made up has no short form, and travels whole: it is rare.
fn short_fix(request: &ExchangeRequest) -> Option<&Fix> {
    request.newest_fix.as_ref().filter(|fix| !fix.mock)
}

fn write_fix(runs: &mut Runs, fix: &Fix, device_ms: i64) {
    runs.signed(fix.at_ms.wrapping_sub(device_ms));
    runs.chance(&fix.lat_e6.to_be_bytes());
    runs.chance(&fix.lon_e6.to_be_bytes());
    runs.maybe(fix.accuracy_m.map(u64::from));
    runs.maybe(fix.speed_cms.map(u64::from));
    runs.byte(u8::from(fix.offset_ms.is_some()));
    if let Some(offset_ms) = fix.offset_ms {
        runs.signed(offset_ms);
    }
}

fn read_fix(reading: &mut Reading<'_>, device_ms: i64) -> Result<Fix, Unreadable> {
    let narrow = |number: Option<u64>| number.map(u32::try_from).transpose().map_err(|_| Unreadable::Malformed);
    Ok(Fix {
        at_ms: device_ms.wrapping_add(reading.signed()?),
        lat_e6: i32::from_be_bytes(reading.chance()?),
        lon_e6: i32::from_be_bytes(reading.chance()?),
        accuracy_m: narrow(reading.maybe()?)?,
        speed_cms: narrow(reading.maybe()?)?,
        offset_ms: if reading.byte()? == 0 { None } else { Some(reading.signed()?) },
        mock: false,
    })
}

/// The records of a message, each named once.
#[derive(Default)]
pub(super) struct Records(Vec<RecordId>);

impl Records {
    pub(super) fn write(&mut self, runs: &mut Runs, record: &RecordId) {
        match self.0.iter().rev().position(|known| known == record) {
            Some(back) => runs.count(back.saturating_add(1)),
            None => {
                runs.byte(0);
                runs.chance(record.as_bytes());
                self.0.push(*record);
            }
        }
    }

    pub(super) fn read(&mut self, reading: &mut Reading<'_>) -> Result<RecordId, Unreadable> {
        let back = reading.size(self.0.len())?;
        if back == 0 {
            let record = RecordId::from_bytes(reading.chance()?);
            self.0.push(record);
            return Ok(record);
        }
        self.0.len().checked_sub(back).and_then(|at| self.0.get(at)).copied().ok_or(Unreadable::Malformed)
    }
}

pub(super) fn write_kind(runs: &mut Runs, kind: &str) {
    match KINDS.iter().position(|known| *known == kind) {
        Some(at) => runs.count(at.saturating_add(1)),
        None => {
            runs.byte(0);
            runs.bytes(kind.as_bytes());
        }
    }
}

pub(super) fn read_kind(reading: &mut Reading<'_>) -> Result<String, Unreadable> {
    match reading.size(KINDS.len())?.checked_sub(1) {
        None => reading.text(),
        Some(at) => KINDS.get(at).map(|kind| (*kind).to_owned()).ok_or(Unreadable::Malformed),
    }
}

pub(super) fn write_plain(runs: &mut Runs, changes: &[WireChange]) -> Option<()> {
    runs.count(changes.len());
    for change in changes {
        if change.coding != 0 {
            return None;
        }
        runs.bytes(&change.bytes);
    }
    Some(())
}

pub(super) fn read_plain(reading: &mut Reading<'_>) -> Result<Vec<WireChange>, Unreadable> {
    // A change has its length in front, so there are no more of them than bytes.
    let count = reading.size(MAX_MESSAGE_BYTES)?;
    let mut changes = Vec::new();
    for _ in 0..count {
        changes.push(WireChange::plain(reading.bytes()?.to_vec()));
    }
    Ok(changes)
}

/// How changes and chains are told.
#[derive(Clone, Copy)]
struct How {
    packed: bool,
    /// Nothing is left to be looked up.
    plainly: bool,
}

fn write_envelopes(runs: &mut Runs, request: &ExchangeRequest, center: &CenterId, how: How) -> Option<()> {
    let mut records = Records::default();
    let mut before: Option<(&Envelope, ChangeHash)> = None;
    runs.count(request.envelopes.len());
    for envelope in &request.envelopes {
        let header = &envelope.header;
        let manifest = envelope::manifest(header, &envelope.documents, &envelope.attachments).ok()?;
        if header.version != crate::VERSION || header.device != request.device {
            return None;
        }
        let follows = before.is_some_and(|(before, manifest)| {
            before.header.lane == header.lane
                && before.header.seq.checked_add(1) == Some(header.seq)
                && header.prev == manifest
        });
        let first = header.seq == 1 && header.prev.0 == [0; 32];
        let same_user = before.is_some_and(|(before, _)| before.header.user == header.user);
        let mut says = if follows { Says::FOLLOWS } else { 0 };
        says |= if first { Says::FIRST } else { 0 };
        says |= if header.center == *center { 0 } else { Says::OTHER_CENTER };
        says |= if header.epoch == request.epoch { 0 } else { Says::OTHER_EPOCH };
        says |= if header.clock == request.clock { 0 } else { Says::OTHER_CLOCK };
        says |= if same_user { Says::SAME_USER } else { 0 };
        says |= if envelope.attachments.is_empty() { 0 } else { Says::ATTACHMENTS };
        runs.byte(says);
        if !follows {
            runs.byte(header.lane);
            if !first {
                runs.number(header.seq);
                runs.chance(if how.plainly { &header.prev.0 } else { beginning(&header.prev.0) });
            }
        }
        if says & Says::OTHER_CENTER != 0 {
            runs.chance(header.center.as_bytes());
        }
        if says & Says::OTHER_EPOCH != 0 {
            runs.chance(&header.epoch.0);
        }
        if says & Says::OTHER_CLOCK != 0 {
            runs.signed(header.clock.device_ms.wrapping_sub(request.clock.device_ms));
            runs.signed(header.clock.monotonic_ms.wrapping_sub(request.clock.monotonic_ms));
            runs.number(header.clock.boot.into());
        }
        if !same_user {
            runs.bytes(header.user.as_bytes());
        }
        runs.count(envelope.documents.len());
        for document in &envelope.documents {
            records.write(runs, &document.record);
            write_kind(runs, &document.kind);
            runs.number(document.schema.into());
            if !how.packed {
                write_plain(runs, &document.changes)?;
            }
        }
        if says & Says::ATTACHMENTS != 0 {
            runs.count(envelope.attachments.len());
            envelope.attachments.iter().for_each(|hash| runs.chance(&hash.0.0));
        }
        let signature: [u8; 64] = envelope.signature.as_slice().try_into().ok()?;
        runs.chance(&signature);
        before = Some((envelope, envelope::manifest_hash(&manifest)));
    }
    Some(())
}

/// What an envelope leaves out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Gap {
    prev: Prev,
    center: Option<CenterId>,
    epoch: Option<Epoch>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Prev {
    First,
    Follows,
    Begins([u8; BEGINNING]),
    Whole(ChangeHash),
}

/// A request that was read as far as it goes without knowing who asks.
#[derive(Clone, PartialEq, Debug)]
pub struct RequestDraft {
    request: ExchangeRequest,
    epoch_begins: Option<[u8; BEGINNING]>,
    gaps: Vec<Gap>,
    block: Option<Block>,
    dictionary: u8,
    plainly: bool,
}

/// Reads a request as far as it goes: nothing of its changes is made.
///
/// # Errors
/// [`Unreadable`]; nothing larger than a message was allocated.
pub fn read_request(body: &[u8]) -> Result<RequestDraft, Unreadable> {
    let runs = frame::open(body)?;
    let mut reading = Reading::of(&runs);
    let has = reading.byte()?;
    let dictionary = reading.byte()?;
    let nobody = DeviceId::from_bytes([0; 16]);
    let (device, credential) = if has & Has::PROOF != 0 {
        let device = DeviceId::from_bytes(reading.chance()?);
        (device, Credential::Proof { nonce: reading.sized_chance()?, signature: reading.sized_chance()? })
    } else if has & Has::NO_CREDENTIAL != 0 {
        (DeviceId::from_bytes(reading.chance()?), Credential::None)
    } else {
        (nobody, Credential::Token(reading.sized_chance()?))
    };
    let epoch_begins = if has & Has::FRESH == 0 { Some(reading.chance()?) } else { None };
    let urgent = reading.number()?;
    let records = urgent.wrapping_add_signed(reading.signed()?);
    let device_ms = SINCE_MS.wrapping_add(reading.signed()?);
    let budget_bytes = reading.small::<u32>()?.checked_mul(BUDGET_STEP).ok_or(Unreadable::Malformed)?;
    let hold_ms = if has & Has::HOLD != 0 { reading.small()? } else { 0 };
    let newest_fix = if has & Has::FIX != 0 { Some(read_fix(&mut reading, device_ms)?) } else { None };
    let mut request = ExchangeRequest {
        version: crate::VERSION,
        device,
        epoch: Epoch::default(),
        cursors: [urgent, records],
        clock: Clock { device_ms, ..Clock::default() },
        hold_ms,
        budget_bytes,
        credential,
        envelopes: Vec::new(),
        newest_fix,
        trail: Vec::new(),
        packed_trail: Vec::new(),
        thin: None,
        repair: None,
        files_after: None,
        verdicts_up_to: None,
        satellite_ahead_ms: None,
        terms: None,
    };
    let packed = has & Has::BLOCK != 0;
    let mut gaps = Vec::new();
    if has & Has::ENVELOPES != 0 {
        request.clock.monotonic_ms = reading.signed()?;
        request.clock.boot = reading.small()?;
        let how = How { packed, plainly: has & Has::PLAINLY != 0 };
        (request.envelopes, gaps) = read_envelopes(&mut reading, request.clock, how)?;
    }
    let request = spare::read(&mut reading, request)?;
    if request.envelopes.len() != gaps.len() {
        return Err(Unreadable::Malformed);
    }
    let block = if packed {
        let (raw, rest) = reading.remainder();
        Some(Block { raw, rest })
    } else if reading.is_empty() {
        None
    } else {
        return Err(Unreadable::Malformed);
    };
    Ok(RequestDraft { request, epoch_begins, gaps, block, dictionary, plainly: has & Has::PLAINLY != 0 })
}

fn read_envelopes(reading: &mut Reading<'_>, clock: Clock, how: How) -> Result<(Vec<Envelope>, Vec<Gap>), Unreadable> {
    let mut records = Records::default();
    let (mut envelopes, mut gaps) = (Vec::<Envelope>::new(), Vec::new());
    let mut documents_left = MAX_DOCUMENTS;
    for _ in 0..reading.size(MAX_ENVELOPES)? {
        let says = reading.byte()?;
        let before = envelopes.last().map(|before| &before.header);
        let (lane, seq, prev) = if says & Says::FOLLOWS != 0 {
            let before = before.ok_or(Unreadable::Malformed)?;
            (before.lane, before.seq.checked_add(1).ok_or(Unreadable::Malformed)?, Prev::Follows)
        } else {
            let lane = reading.byte()?;
            if says & Says::FIRST != 0 {
                (lane, 1, Prev::First)
            } else if how.plainly {
                (lane, reading.number()?, Prev::Whole(ChangeHash(reading.chance()?)))
            } else {
                (lane, reading.number()?, Prev::Begins(reading.chance()?))
            }
        };
        let center = if says & Says::OTHER_CENTER != 0 { Some(CenterId::from_bytes(reading.chance()?)) } else { None };
        let epoch = if says & Says::OTHER_EPOCH != 0 { Some(Epoch(reading.chance()?)) } else { None };
        let own_clock = if says & Says::OTHER_CLOCK != 0 {
            Clock {
                device_ms: clock.device_ms.wrapping_add(reading.signed()?),
                monotonic_ms: clock.monotonic_ms.wrapping_add(reading.signed()?),
                boot: reading.small()?,
            }
        } else {
            clock
        };
        let user = if says & Says::SAME_USER != 0 {
            before.map(|before| before.user.clone()).ok_or(Unreadable::Malformed)?
        } else {
            reading.text()?
        };
        let count = reading.size(documents_left)?;
        documents_left = documents_left.saturating_sub(count);
        let mut documents = Vec::new();
        for _ in 0..count {
            documents.push(DocumentChanges {
                record: records.read(reading)?,
                kind: read_kind(reading)?,
                schema: reading.small()?,
                changes: if how.packed { Vec::new() } else { read_plain(reading)? },
            });
        }
        let mut attachments = Vec::new();
        if says & Says::ATTACHMENTS != 0 {
            for _ in 0..reading.size(MAX_MESSAGE_BYTES)? {
                attachments.push(Hash32(ChangeHash(reading.chance()?)));
            }
        }
        let header = Header {
            version: crate::VERSION,
            // Filled in when it is known who asks.
            center: CenterId::from_bytes([0; 16]),
            device: DeviceId::from_bytes([0; 16]),
            lane,
            seq,
            prev: ChangeHash([0; 32]),
            epoch: Epoch::default(),
            user,
            clock: own_clock,
        };
        envelopes.push(Envelope { header, documents, attachments, signature: reading.chance::<64>()?.to_vec() });
        gaps.push(Gap { prev, center, epoch });
    }
    Ok((envelopes, gaps))
}

impl RequestDraft {
    #[must_use]
    pub const fn credential(&self) -> &Credential {
        &self.request.credential
    }

    /// Who asks, where no token says it.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        (!matches!(self.request.credential, Credential::Token(_))).then_some(self.request.device)
    }

    /// Whether its cursors are of this epoch, or of none yet.
    #[must_use]
    pub fn is_of(&self, epoch: &Epoch) -> bool {
        match self.epoch_begins {
            Some(begins) => epoch.0.starts_with(&begins),
            None => self.request.cursors == [0, 0],
        }
    }

    /// The packed changes, if they are.
    #[must_use]
    pub const fn block(&self) -> Option<&Block> {
        self.block.as_ref()
    }

    /// Record and kind of each document, in the order their changes were packed in.
    pub fn documents(&self) -> impl Iterator<Item = (RecordId, &str)> {
        let documents = self.request.envelopes.iter().flat_map(|envelope| &envelope.documents);
        documents.map(|document| (document.record, document.kind.as_str()))
    }

    /// The clock and the person the changes were packed against.
    #[must_use]
    pub fn base(&self) -> (Clock, &str) {
        base(&self.request)
    }

    /// The request, given who asks, what was made of the packed changes (of each document, in order), and the
    /// manifest of an envelope the center has by lane and sequence.
    ///
    /// # Errors
    /// [`Unreadable::LeftOut`] when an envelope follows one that is not known here: it must come in full.
    pub fn complete(
        self,
        known: &Known,
        changes: Vec<Vec<Vec<u8>>>,
        mut manifest: impl FnMut(u8, u64) -> Option<ChangeHash>,
    ) -> Result<(ExchangeRequest, Asked), Unreadable> {
        let mut request = self.request;
        request.device = known.device;
        request.epoch = match self.epoch_begins {
            None => Epoch::default(),
            Some(begins) if known.epoch.0.starts_with(&begins) => known.epoch,
            // Another life: whatever it was called, it is not ours.
            Some([a, b, c, d]) => Epoch([a, b, c, d, 0, 0, 0, 0]),
        };
        if self.block.is_some() {
            let mut changes = changes.into_iter();
            for document in request.envelopes.iter_mut().flat_map(|envelope| &mut envelope.documents) {
                let made = changes.next().ok_or(Unreadable::Malformed)?;
                document.changes = made.into_iter().map(WireChange::plain).collect();
            }
        }
        let mut before = ChangeHash([0; 32]);
        let mut manifests = std::collections::BTreeMap::new();
        for (envelope, gap) in request.envelopes.iter_mut().zip(&self.gaps) {
            let header = &mut envelope.header;
            header.device = known.device;
            header.center = gap.center.unwrap_or(known.center);
            header.epoch = gap.epoch.unwrap_or(request.epoch);
            header.prev = match gap.prev {
                Prev::First => ChangeHash([0; 32]),
                Prev::Follows => before,
                Prev::Whole(prev) => prev,
                Prev::Begins(begins) => {
                    let found = header.seq.checked_sub(1).and_then(|seq| manifest(header.lane, seq));
                    found.filter(|prev| prev.0.starts_with(&begins)).ok_or(Unreadable::LeftOut)?
                }
            };
            let bytes = envelope::manifest(header, &envelope.documents, &envelope.attachments)
                .map_err(|_| Unreadable::Malformed)?;
            before = envelope::manifest_hash(&bytes);
            manifests.insert((envelope.header.lane, envelope.header.seq), before);
        }
        let asked = Asked {
            device: known.device,
            epoch: request.epoch,
            cursors: request.cursors,
            device_ms: request.clock.device_ms,
            dictionary: self.dictionary,
            plainly: self.plainly,
            manifests,
        };
        Ok((request, asked))
    }

    /// What is to be repaired, if anything.
    #[must_use]
    pub const fn repair(&self) -> Option<&crate::repair::RepairAsk> {
        self.request.repair.as_ref()
    }

    /// What an answer to somebody who is not known yet may leave out: nothing of a device.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked {
            device: self.request.device,
            epoch: Epoch::default(),
            cursors: self.request.cursors,
            device_ms: self.request.clock.device_ms,
            dictionary: self.dictionary,
            plainly: self.plainly,
            manifests: std::collections::BTreeMap::new(),
        }
    }
}

/// The clock and the person the changes of a request are packed against.
#[must_use]
pub fn base(request: &ExchangeRequest) -> (Clock, &str) {
    (request.clock, request.envelopes.first().map_or("", |envelope| &envelope.header.user))
}
