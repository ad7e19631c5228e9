//! Envelopes between the store and the wire: the store keeps parts and bytes, the wire gives them shape.

use super::speech::Speech;
use super::{Oneself, SyncError};
use siaga_domain::kind::Lane;
use siaga_domain::time::ClockReading;
use siaga_store::{Cut, Enrolment, FrozenEnvelope, Lease, SealedEnvelope, Store};
use siaga_wire::envelope::{self, DocumentChanges, Envelope, Header};
use siaga_wire::exchange::{Clock, Hash32, WireChange};
use siaga_wire::{MAX_ENVELOPES, VERSION, codec};

/// One packet with its TLS, HTTP and what else is in a request: it arrives whole or not at all, so a record in the
/// same one as a press delays nothing.
const PACKET_BYTES: usize = 1_000;
/// Less than this is not worth an envelope of its own beside others.
const LEAST_ENVELOPE_BYTES: usize = 256;

/// Envelopes of one request in their long form, at most: a center makes no more of a short one.
const MOST_PLAIN_BYTES: usize = 192 * 1024;

/// What a request may carry of the outbox, in bytes as they travel.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub bytes: usize,
    /// An envelope is small, so that what a cut connection costs is small as well.
    envelope_bytes: usize,
    lanes: &'a [Lane],
    speech: Speech,
}

impl<'a> Room<'a> {
    pub(super) fn new(bytes: u32, envelope_bytes: u32, lanes: &'a [Lane], speech: Speech) -> Self {
        let wide = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        Self { bytes: wide(bytes), envelope_bytes: wide(envelope_bytes).max(LEAST_ENVELOPE_BYTES), lanes, speech }
    }
}

/// What a request carries of the outbox.
#[derive(Default)]
pub(super) struct Letters {
    pub envelopes: Vec<Envelope>,
    /// Lane and sequence of each.
    pub named: Vec<(u8, u64)>,
    /// Changes that leave for the first time.
    pub fresh_changes: u32,
    pub bytes: usize,
    plain_bytes: usize,
}

/// Sealed envelopes first, byte for byte; then new ones; the urgent lane before the other; about so many bytes as
/// there is room for, but always at least one envelope. Beside an urgent envelope a record goes only as far as one
/// packet bears: a press must not wait for the last byte of a report.
pub(super) fn gather(
    store: &Store,
    oneself: Oneself<'_>,
    lease: &Lease,
    room: Room<'_>,
    reading: ClockReading,
) -> Result<Letters, SyncError> {
    let mut letters = Letters::default();
    for lane in room.lanes.iter().copied() {
        let budget = if letters.named.is_empty() { room.bytes } else { room.bytes.min(PACKET_BYTES) };
        let budget = if lane == Lane::Urgent { room.bytes } else { budget };
        for frozen in store.frozen_envelopes(lane)? {
            seal(store, oneself, lease, frozen)?;
        }
        let at_most = u32::try_from(MAX_ENVELOPES.saturating_sub(letters.named.len())).unwrap_or(0);
        for sealed in store.unreceipted(lane, at_most)? {
            let letter = Letter::of(sealed, store, room.speech)?;
            if letters.full(budget, &letter) {
                return Ok(letters);
            }
            letters.put(letter);
        }
        while letters.has_room(budget) {
            let left = budget.saturating_sub(letters.bytes).clamp(LEAST_ENVELOPE_BYTES, room.envelope_bytes);
            let left = left.saturating_mul(room.speech.shortens()).min(MOST_PLAIN_BYTES);
            let describe = |cut: &Cut| describe(cut, oneself.enrolment);
            let Some(frozen) = store.cut_envelope(lease, lane, left, reading, &describe)? else { break };
            letters.put(Letter::of(seal(store, oneself, lease, frozen)?, store, room.speech)?);
        }
    }
    Ok(letters)
}

/// A sealed envelope, and what it weighs on the road.
struct Letter {
    envelope: Envelope,
    sealed: SealedEnvelope,
    bytes: usize,
}

impl Letter {
    fn of(sealed: SealedEnvelope, store: &Store, speech: Speech) -> Result<Self, SyncError> {
        // The encoding has one form, so what is decoded here leaves as the same bytes.
        let envelope = codec::decode(&sealed.bytes).map_err(|_| SyncError::Encode)?;
        let bytes = speech.weighs(store, &envelope).unwrap_or(sealed.bytes.len());
        Ok(Self { envelope, sealed, bytes })
    }
}

impl Letters {
    fn full(&self, budget: usize, next: &Letter) -> bool {
        let plain_bytes = self.plain_bytes.saturating_add(next.sealed.bytes.len());
        !self.named.is_empty() && (self.bytes.saturating_add(next.bytes) > budget || plain_bytes > MOST_PLAIN_BYTES)
    }

    fn has_room(&self, budget: usize) -> bool {
        self.named.is_empty()
            || (self.named.len() < MAX_ENVELOPES
                && self.bytes.saturating_add(LEAST_ENVELOPE_BYTES) <= budget
                && self.plain_bytes.saturating_mul(2) <= MOST_PLAIN_BYTES)
    }

    fn put(&mut self, letter: Letter) {
        let Letter { envelope, sealed, bytes } = letter;
        self.envelopes.push(envelope);
        self.named.push((sealed.lane, sealed.seq));
        self.bytes = self.bytes.saturating_add(bytes);
        self.plain_bytes = self.plain_bytes.saturating_add(sealed.bytes.len());
        if !sealed.sent {
            self.fresh_changes = self.fresh_changes.saturating_add(sealed.change_count);
        }
    }
}

/// Signs outside any transaction and stores the bytes before they travel.
fn seal(
    store: &Store,
    oneself: Oneself<'_>,
    lease: &Lease,
    frozen: FrozenEnvelope,
) -> Result<SealedEnvelope, SyncError> {
    let (lane, seq) = (frozen.cut.lane, frozen.cut.seq);
    let (header, documents, attachments) = parts(&frozen.cut, oneself.enrolment);
    let change_count = documents.iter().map(|document| document.changes.len()).sum::<usize>();
    let envelope = envelope::seal(header, documents, attachments, oneself.signer).map_err(|error| match error {
        envelope::SealError::Sign(cause) => SyncError::Key(cause),
        envelope::SealError::Manifest(_) => SyncError::Encode,
    })?;
    let bytes = codec::encode(&envelope).map_err(|_| SyncError::Encode)?;
    store.store_sealed(lease, lane, seq, &bytes)?;
    Ok(SealedEnvelope { lane, seq, bytes, change_count: u32::try_from(change_count).unwrap_or(u32::MAX), sent: false })
}

fn describe(cut: &Cut, enrolment: &Enrolment) -> Option<siaga_domain::id::ChangeHash> {
    let (header, documents, attachments) = parts(cut, enrolment);
    envelope::manifest(&header, &documents, &attachments).ok().map(|manifest| envelope::manifest_hash(&manifest))
}

fn parts(cut: &Cut, enrolment: &Enrolment) -> (Header, Vec<DocumentChanges>, Vec<Hash32>) {
    let header = Header {
        version: VERSION,
        center: enrolment.center_id,
        device: enrolment.device,
        lane: cut.lane,
        seq: cut.seq,
        prev: cut.prev,
        epoch: cut.epoch,
        user: cut.person.clone(),
        clock: Clock { device_ms: cut.at.device.0, monotonic_ms: cut.at.monotonic_ms, boot: cut.at.boot },
    };
    let documents = cut
        .documents
        .iter()
        .map(|document| DocumentChanges {
            record: document.record,
            kind: document.kind.code().to_owned(),
            schema: document.schema,
            changes: document.changes.iter().cloned().map(WireChange::plain).collect(),
        })
        .collect();
    (header, documents, cut.attachments.iter().copied().map(Hash32).collect())
}
