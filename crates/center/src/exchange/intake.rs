//! Envelopes into the chains of devices: each verified and in sequence, and never twice.
//!
//! Those of one lane that come together are judged first and then written in one transaction. What does not
//! continue its chain changes nothing; the device hears which sequence the center needs next.

use super::way;
use crate::Center;
use crate::admission::GateError;
use crate::db::chain::{self, ChainHead, StoredEnvelope};
use crate::db::device::Device;
use crate::db::log::{self, Quarantined};
use crate::db::{DbError, audit, identity};
use crate::journal::WriteError;
use crate::journal::admit::{Brought, Delivery, Judged, Tally, Touched, Writing};
use crate::journal::quota::{self, Room};
use rusqlite::Connection;
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::Lane;
use siaga_domain::time::UtcMs;
use siaga_wire::envelope::{Envelope, change_hash, verify};
use siaga_wire::exchange::Needed;
use siaga_wire::{MAX_ENVELOPES, VERSION};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A record that moves this often while it is judged has others to serve first.
const TRIES: usize = 16;

/// How long a device waits after [`TRIES`].
const CONTENDED: Duration = Duration::from_secs(1);

/// What became of the envelopes of one request.
#[derive(Debug, Default)]
pub struct Taken {
    /// Lanes to be receipted, with the lowest sequence the device asked about.
    pub asked: BTreeMap<u8, u64>,
    pub needed: Vec<Needed>,
    /// Attachments the envelopes named.
    pub attachments: BTreeSet<[u8; 32]>,
    pub accepted: usize,
    /// A chain goes on elsewhere here: another phone writes it as well, or did.
    pub went_two_ways: bool,
    /// Nothing more could be judged; the device asks again after this long.
    pub busy: Option<Duration>,
}

/// How an envelope stands to its chain.
#[derive(Clone, Copy)]
enum Place {
    Next {
        /// What the chain has to end with for this to be so.
        after: ChainHead,
        manifest: ChangeHash,
    },
    Known,
    /// The chain goes on elsewhere: a gap, a fork, another center, a signature that is not the device's.
    Not {
        reason: &'static str,
    },
}

/// An envelope, its bytes as received, and its place.
struct Placed<'a> {
    envelope: &'a Envelope,
    bytes: &'a [u8],
    place: Place,
}

impl Center {
    /// Takes the envelopes of a request, in the order they came. `raw` are the bytes of each as received.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails; what was committed before stays, and is known when it comes again.
    pub(super) fn take(
        &self,
        device: &Device,
        envelopes: &[Envelope],
        raw: &[&[u8]],
        now: UtcMs,
    ) -> Result<Taken, WriteError> {
        let mut taken = Taken::default();
        let mut stopped: BTreeSet<u8> = BTreeSet::new();
        let all: Vec<(&Envelope, &[u8])> = envelopes.iter().zip(raw.iter().copied()).take(MAX_ENVELOPES).collect();
        for run in all.chunk_by(|(one, _), (next, _)| one.header.lane == next.header.lane) {
            let lane = run.first().map_or(0, |(envelope, _)| envelope.header.lane);
            if stopped.contains(&lane) {
                continue;
            }
            let pass = if lane == Lane::Urgent.number() { Some(self.way().urgent()) } else { self.way().records() };
            let Some(_pass) = pass else {
                taken.busy = Some(way::LATER);
                break;
            };
            let bytes = run.iter().map(|(_, bytes)| bytes.len()).sum();
            if self.db().read(|tx| quota::room(tx, self, &device.id, lane, now, bytes))? == Room::Full {
                tracing::warn!(device = %device.id, lane, "a device sent many times what a day has room for and is put off");
                taken.busy = Some(quota::FULL);
                stopped.insert(lane);
                continue;
            }
            let records = run.iter().flat_map(|(envelope, _)| &envelope.documents).map(|sent| sent.record).collect();
            let turn = self.turns().take(records);
            let placed = self.take_run(device, run, now);
            drop(turn);
            let placed = match placed {
                Ok(placed) => placed,
                Err(WriteError::Judge(GateError::Down { retry_after })) => {
                    taken.busy = Some(retry_after);
                    break;
                }
                Err(WriteError::Contended) => {
                    taken.busy = Some(CONTENDED);
                    break;
                }
                Err(error) => return Err(error),
            };
            for Placed { envelope, place, .. } in placed {
                if let Place::Not { reason } = place {
                    tracing::warn!(device = %device.id, lane, seq = envelope.header.seq, reason, "an envelope does not continue its chain");
                    stopped.insert(lane);
                    let seq = self.db().read(|tx| chain::head(tx, &device.id, lane))?.seq.saturating_add(1);
                    taken.needed.push(Needed { lane, seq });
                    let forked = matches!(reason, "fork" | "broken_chain");
                    taken.went_two_ways |= forked;
                    // The device goes on from where its chain stands here: the receipt says where.
                    if forked || (reason == "gap" && seq > 1) {
                        taken.asked.entry(lane).or_insert(seq.saturating_sub(1).max(1));
                    }
                    continue;
                }
                if matches!(place, Place::Next { .. }) {
                    taken.accepted = taken.accepted.saturating_add(1);
                }
                let from = taken.asked.entry(lane).or_insert(envelope.header.seq);
                *from = (*from).min(envelope.header.seq);
                taken.attachments.extend(envelope.attachments.iter().map(|hash| hash.0.0));
            }
        }
        if taken.accepted > 0 {
            let records = envelopes.iter().flat_map(|envelope| &envelope.documents).map(|sent| sent.record).collect();
            self.let_in_what_waited(&records)?;
            self.place_of(&device.id)?;
            self.announce()?;
        }
        Ok(taken)
    }

    /// Envelopes of one lane: judged, then written together, and judged again when a record moved in between.
    fn take_run<'a>(
        &self,
        device: &Device,
        run: &[(&'a Envelope, &'a [u8])],
        now: UtcMs,
    ) -> Result<Vec<Placed<'a>>, WriteError> {
        // Signatures cost the most of what is known beforehand, and no record that moves makes them another.
        let verified: Vec<Result<ChangeHash, &'static str>> =
            run.iter().map(|(envelope, _)| self.verified(device, envelope)).collect();
        for _ in 0..TRIES {
            let placed = self.db().read(|tx| place_all(tx, device, run, &verified))?;
            let brought: Vec<Brought<'_>> = placed
                .iter()
                .filter(|placed| matches!(placed.place, Place::Next { .. }))
                .flat_map(|placed| {
                    let lane = placed.envelope.header.lane;
                    placed.envelope.documents.iter().map(move |sent| Brought { lane, sent })
                })
                .collect();
            let judged = self.judge(device, &brought, now)?;
            let written = self.db().write(|tx| {
                if still_placed(tx, device, &placed)? && self.still_holds(tx, device, &brought, &judged, now)? {
                    self.write_run(tx, device, &placed, &judged, now).map(Some)
                } else {
                    Ok(None)
                }
            })?;
            if let Some(touched) = written {
                for Touched { record, position, document } in touched {
                    self.documents().keep(record, position, document);
                }
                return Ok(placed);
            }
        }
        Err(WriteError::Contended)
    }

    fn write_run(
        &self,
        tx: &Connection,
        device: &Device,
        placed: &[Placed<'_>],
        judged: &Judged,
        now: UtcMs,
    ) -> Result<Vec<Touched>, WriteError> {
        let epoch = identity::load(tx)?.map(|identity| identity.epoch).unwrap_or_default();
        let mut writing = Writing::default();
        let mut number = 0_usize;
        for Placed { envelope, bytes, place } in placed {
            let header = &envelope.header;
            let manifest = match place {
                Place::Next { manifest, .. } => *manifest,
                Place::Known => continue,
                Place::Not { reason } => {
                    if *reason != "gap"
                        && quota::room(tx, self, &device.id, header.lane, now, bytes.len())? == Room::Enough
                        && quarantine(tx, device, envelope, bytes, reason, now)?
                    {
                        quota::carry(tx, self, &device.id, header.lane, bytes.len())?;
                    }
                    continue;
                }
            };
            let stored = StoredEnvelope {
                number: 0,
                device: device.id,
                lane: header.lane,
                seq: header.seq,
                manifest,
                prev: header.prev,
                bytes: bytes.to_vec(),
            };
            writing.is_over_bytes = quota::room(tx, self, &device.id, header.lane, now, bytes.len())? != Room::Enough;
            quota::carry(tx, self, &device.id, header.lane, bytes.len())?;
            let kept = chain::append(tx, &stored, epoch, now)?;
            let delivery =
                Delivery { device, lane: header.lane, seq: header.seq, envelope: kept, author: &header.user, now };
            let mut tally = Tally::default();
            for sent in &envelope.documents {
                for verdict in &self.write_judged(tx, &delivery, sent, (judged, number), &mut writing)? {
                    tally.count(verdict);
                }
                number = number.saturating_add(1);
            }
            audit::append(
                tx,
                now.0,
                &audit::Act {
                    by: &device.id.to_string(),
                    act: "envelope.verdict",
                    subject: &format!("{}/{}", header.lane, header.seq),
                    detail: &format!(
                        "accept={} park={} overrule={} refuse={} manifest={manifest}",
                        tally.accepted, tally.parked, tally.overruled, tally.refused
                    ),
                },
            )?;
        }
        self.finish(tx, device, writing, now)
    }

    /// The manifest of an envelope of this device for this center, or why it is none.
    fn verified(&self, device: &Device, envelope: &Envelope) -> Result<ChangeHash, &'static str> {
        let header = &envelope.header;
        if header.version != VERSION {
            return Err("version");
        }
        if header.center != self.id() {
            return Err("other_center");
        }
        if header.device != device.id {
            return Err("other_device");
        }
        if header.lane > 1 || header.seq == 0 {
            return Err("lane");
        }
        verify(envelope, &device.public_key).map_err(|_| "signature")
    }
}

/// The place of each envelope of a lane, up to the first that has none.
fn place_all<'a>(
    tx: &Connection,
    device: &Device,
    run: &[(&'a Envelope, &'a [u8])],
    verified: &[Result<ChangeHash, &'static str>],
) -> Result<Vec<Placed<'a>>, DbError> {
    let mut placed: Vec<Placed<'a>> = Vec::with_capacity(run.len());
    let mut head: Option<ChainHead> = None;
    for ((envelope, bytes), verified) in run.iter().zip(verified) {
        let after = match head {
            Some(head) => head,
            None => chain::head(tx, &device.id, envelope.header.lane)?,
        };
        let place = match verified {
            Ok(manifest) => place(tx, device, envelope, *manifest, after)?,
            Err(reason) => Place::Not { reason },
        };
        placed.push(Placed { envelope, bytes, place });
        match place {
            Place::Next { manifest, .. } => head = Some(ChainHead { seq: envelope.header.seq, manifest }),
            Place::Known => head = Some(after),
            Place::Not { .. } => break,
        }
    }
    Ok(placed)
}

fn place(
    tx: &Connection,
    device: &Device,
    envelope: &Envelope,
    manifest: ChangeHash,
    after: ChainHead,
) -> Result<Place, DbError> {
    let header = &envelope.header;
    let not = |reason| Ok(Place::Not { reason });
    if header.seq <= after.seq {
        let known = chain::manifest_at(tx, &device.id, header.lane, header.seq)?;
        return if known == Some(manifest) { Ok(Place::Known) } else { not("fork") };
    }
    if header.seq != after.seq.saturating_add(1) {
        return not("gap");
    }
    if header.prev != after.manifest {
        return not("broken_chain");
    }
    Ok(Place::Next { after, manifest })
}

/// Whether the chain still ends where the first of these goes on.
fn still_placed(tx: &Connection, device: &Device, placed: &[Placed<'_>]) -> Result<bool, DbError> {
    let first = placed.iter().find_map(|placed| match placed.place {
        Place::Next { after, .. } => Some((placed.envelope.header.lane, after)),
        _ => None,
    });
    let Some((lane, after)) = first else { return Ok(true) };
    Ok(chain::head(tx, &device.id, lane)? == after)
}

/// Keeps an envelope that did not join its chain, once; whether it was not kept before.
fn quarantine(
    tx: &Connection,
    device: &Device,
    envelope: &Envelope,
    bytes: &[u8],
    reason: &str,
    now: UtcMs,
) -> Result<bool, DbError> {
    log::quarantine(
        tx,
        &Quarantined {
            hash: change_hash(bytes),
            record: RecordId::from_bytes([0; 16]),
            kind: "envelope",
            bytes,
            device: device.id,
            lane: envelope.header.lane,
            seq: 0,
            author: &envelope.header.user,
            verdict: "refuse",
            reason,
            received_ms: now,
        },
    )
}

/// The bytes of each envelope of an encoded request, as they arrived.
#[must_use]
pub fn envelope_bytes(request: &[u8]) -> Option<Vec<&[u8]>> {
    /// The index of the envelopes in an exchange request.
    const ENVELOPES: u64 = 8;
    let mut decoder = minicbor::Decoder::new(request);
    let fields = decoder.array().ok()??;
    if fields <= ENVELOPES {
        return Some(Vec::new());
    }
    for _ in 0..ENVELOPES {
        decoder.skip().ok()?;
    }
    let count = decoder.array().ok()?;
    let mut envelopes = Vec::new();
    while count.is_none_or(|count| (envelopes.len() as u64) < count) {
        if decoder.datatype().ok()? == minicbor::data::Type::Break {
            break;
        }
        let start = decoder.position();
        decoder.skip().ok()?;
        envelopes.push(request.get(start..decoder.position())?);
    }
    Some(envelopes)
}
