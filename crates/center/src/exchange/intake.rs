//! Envelopes into the chains of devices: each verified, in sequence, in a transaction of its own, and never twice.
//!
//! What does not continue its chain changes nothing; the device hears which sequence the center needs next.

use crate::Center;
use crate::db::chain::{self, StoredEnvelope};
use crate::db::device::Device;
use crate::db::log::{self, Quarantined};
use crate::db::{DbError, audit, identity};
use crate::journal::WriteError;
use crate::journal::admit::{Delivery, Tally, Touched};
use rusqlite::Connection;
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::time::UtcMs;
use siaga_wire::envelope::{Envelope, change_hash, verify};
use siaga_wire::exchange::Needed;
use siaga_wire::{MAX_ENVELOPES, VERSION};
use std::collections::{BTreeMap, BTreeSet};

/// What became of the envelopes of one request.
#[derive(Debug, Default)]
pub struct Taken {
    /// Lanes to be receipted, with the lowest sequence the device asked about.
    pub asked: BTreeMap<u8, u64>,
    pub needed: Vec<Needed>,
    /// Attachments the envelopes named.
    pub attachments: BTreeSet<[u8; 32]>,
    pub accepted: usize,
}

/// How an envelope stands to its chain.
enum Place {
    Next {
        manifest: ChangeHash,
    },
    Known,
    /// The chain goes on elsewhere: a gap, a fork, another center, a signature that is not the device's.
    Not {
        reason: &'static str,
    },
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
        for (envelope, bytes) in envelopes.iter().zip(raw).take(MAX_ENVELOPES) {
            let lane = envelope.header.lane;
            if stopped.contains(&lane) {
                continue;
            }
            let (place, touched) = self.db().write(|tx| self.take_one(tx, device, envelope, bytes, now))?;
            for Touched { record, position, document } in touched {
                self.documents().keep(record, position, document);
            }
            if let Place::Not { reason } = place {
                tracing::warn!(device = %device.id, lane, seq = envelope.header.seq, reason, "an envelope does not continue its chain");
                stopped.insert(lane);
                let seq = self.db().read(|tx| chain::head(tx, &device.id, lane))?.seq.saturating_add(1);
                taken.needed.push(Needed { lane, seq });
                continue;
            }
            if matches!(place, Place::Next { .. }) {
                taken.accepted = taken.accepted.saturating_add(1);
            }
            let from = taken.asked.entry(lane).or_insert(envelope.header.seq);
            *from = (*from).min(envelope.header.seq);
            taken.attachments.extend(envelope.attachments.iter().map(|hash| hash.0.0));
        }
        if taken.accepted > 0 {
            self.announce()?;
        }
        Ok(taken)
    }

    fn take_one(
        &self,
        tx: &Connection,
        device: &Device,
        envelope: &Envelope,
        bytes: &[u8],
        now: UtcMs,
    ) -> Result<(Place, Vec<Touched>), WriteError> {
        let header = &envelope.header;
        let place = self.place(tx, device, envelope)?;
        let manifest = match place {
            Place::Next { manifest } => manifest,
            Place::Known => return Ok((Place::Known, Vec::new())),
            Place::Not { reason } => {
                if reason != "gap" {
                    quarantine(tx, device, envelope, bytes, reason, now)?;
                }
                return Ok((Place::Not { reason }, Vec::new()));
            }
        };
        let epoch = identity::load(tx)?.map(|identity| identity.epoch).unwrap_or_default();
        let number = chain::append(
            tx,
            &StoredEnvelope {
                number: 0,
                device: device.id,
                lane: header.lane,
                seq: header.seq,
                manifest,
                prev: header.prev,
                bytes: bytes.to_vec(),
            },
            epoch,
            now,
        )?;
        let delivery =
            Delivery { device, lane: header.lane, seq: header.seq, envelope: number, author: &header.user, now };
        let mut tally = Tally::default();
        let mut touched: Vec<Touched> = Vec::new();
        for document in &envelope.documents {
            touched.extend(self.admit_from_device(tx, &delivery, document, &mut tally)?);
        }
        audit::append(
            tx,
            now.0,
            &audit::Act {
                by: &device.id.to_string(),
                act: "envelope.verdict",
                subject: &format!("{}/{}", header.lane, header.seq),
                detail: &format!("accept={} refuse={} manifest={manifest}", tally.accepted, tally.refused),
            },
        )?;
        Ok((Place::Next { manifest }, touched))
    }

    fn place(&self, tx: &Connection, device: &Device, envelope: &Envelope) -> Result<Place, DbError> {
        let header = &envelope.header;
        let not = |reason| Ok(Place::Not { reason });
        if header.version != VERSION {
            return not("version");
        }
        if header.center != self.id() {
            return not("other_center");
        }
        if header.device != device.id {
            return not("other_device");
        }
        if header.lane > 1 || header.seq == 0 {
            return not("lane");
        }
        let Ok(manifest) = verify(envelope, &device.public_key) else { return not("signature") };
        let head = chain::head(tx, &device.id, header.lane)?;
        if header.seq <= head.seq {
            let known = chain::manifest_at(tx, &device.id, header.lane, header.seq)?;
            return if known == Some(manifest) { Ok(Place::Known) } else { not("fork") };
        }
        if header.seq != head.seq.saturating_add(1) {
            return not("gap");
        }
        if header.prev != head.manifest {
            return not("broken_chain");
        }
        Ok(Place::Next { manifest })
    }
}

/// Keeps an envelope that did not join its chain, once.
fn quarantine(
    tx: &Connection,
    device: &Device,
    envelope: &Envelope,
    bytes: &[u8],
    reason: &str,
    now: UtcMs,
) -> Result<(), DbError> {
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
