//! What a device sends, change by change: admitted into the log, or put into quarantine with its bytes and a reason.
//!
//! One refused change blocks nothing but what hangs on it. The rules of admission are `document`'s; the center adds
//! whose actor it is, which records a device may add to, and in which lane a kind travels.

use super::{Logging, Settling, WriteError, log_changes, settle};
use crate::Center;
use crate::db::device::Device;
use crate::db::log::{self, Quarantined};
use crate::db::projection;
use crate::scope;
use rusqlite::Connection;
use siaga_document::{Claim, Document, Refusal};
use siaga_domain::entry::Entry;
use siaga_domain::id::{ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::Author;
use siaga_domain::time::UtcMs;
use siaga_wire::SCHEMA;
use siaga_wire::envelope::{DocumentChanges, change_hash};
use siaga_wire::exchange::WireChange;
use std::collections::BTreeSet;

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
    pub refused: usize,
}

impl Center {
    /// Admits the changes of one document of an envelope.
    ///
    /// # Errors
    /// [`WriteError`] when the database or a stored document fails; a bad change is no error.
    pub fn admit_from_device(
        &self,
        tx: &Connection,
        from: &Delivery<'_>,
        sent: &DocumentChanges,
        tally: &mut Tally,
    ) -> Result<Option<Touched>, WriteError> {
        let (kind, mut document, known) = match self.may_hold(tx, from, sent)? {
            Ok(open) => open,
            Err(reason) => {
                for change in &sent.changes {
                    quarantine(tx, from, sent, change, reason)?;
                }
                tally.refused = tally.refused.saturating_add(sent.changes.len());
                return Ok(None);
            }
        };
        let claim = Claim { record: sent.record, kind, author: Author::Device(from.device.role) };
        let mut known_entries: BTreeSet<EntryId> = document.entries().iter().map(|entry| entry.id).collect();
        let mut position = 0;
        let mut added = 0_usize;
        for change in &sent.changes {
            let admitted = match self.admit_one(tx, from, &document, change, &claim)? {
                Ok(admitted) => admitted,
                Err(Refusal::Duplicate) => {
                    tally.accepted = tally.accepted.saturating_add(1);
                    continue;
                }
                Err(refusal) => {
                    tally.refused = tally.refused.saturating_add(1);
                    quarantine(tx, from, sent, change, refusal.code())?;
                    continue;
                }
            };
            let taken = match document.apply(admitted) {
                Ok(taken) => taken,
                Err(cause) => {
                    // It passed a trial on a copy a moment ago; whatever this is, it does not enter the log, and
                    // the document is made again from what does.
                    tracing::error!(record = %sent.record, %cause, "an admitted change did not apply");
                    tally.refused = tally.refused.saturating_add(1);
                    quarantine(tx, from, sent, change, "apply")?;
                    let at = if position > 0 { position } else { known.as_ref().map_or(0, |known| known.position) };
                    document = super::documents::load(tx, &sent.record, at)?;
                    continue;
                }
            };
            let hash = taken.hash;
            let logging = Logging { change: taken, origin: Some(from.device.id), envelope: from.envelope };
            position = log_changes(tx, &sent.record, kind, &[logging], from.author, from.now)?;
            added = added.saturating_add(1);
            tally.accepted = tally.accepted.saturating_add(1);
            log_entries(tx, &sent.record, &document.entries(), &mut known_entries, &hash)?;
        }
        if added == 0 {
            return Ok(None);
        }
        settle(
            tx,
            &Settling {
                record: sent.record,
                kind,
                document: &document,
                known,
                position,
                added,
                writer: Some(&from.device.id),
                now: from.now,
            },
        )?;
        Ok(Some(Touched { record: sent.record, position, document }))
    }

    /// Checks what concerns the document as a whole, and opens it.
    #[allow(clippy::type_complexity, reason = "a triple of what was opened, used once")]
    fn may_hold(
        &self,
        tx: &Connection,
        from: &Delivery<'_>,
        sent: &DocumentChanges,
    ) -> Result<Result<(RecordKind, Document, Option<projection::Stored>), &'static str>, WriteError> {
        let Ok(kind) = sent.kind.parse::<RecordKind>() else { return Ok(Err("kind")) };
        if kind.lane().number() != from.lane {
            return Ok(Err("lane"));
        }
        if sent.schema == 0 || sent.schema > SCHEMA {
            return Ok(Err("schema"));
        }
        let known = projection::get(tx, &sent.record)?;
        if let Some(known) = &known {
            if known.kind != kind {
                return Ok(Err("other_record"));
            }
            if !scope::may_add(tx, &from.device.id, known, from.now)? {
                return Ok(Err("out_of_scope"));
            }
        }
        let position = known.as_ref().map_or(0, |known| known.position);
        let document = self.documents().load(tx, &sent.record, position)?;
        Ok(Ok((kind, document, known)))
    }

    fn admit_one(
        &self,
        tx: &Connection,
        from: &Delivery<'_>,
        document: &Document,
        change: &WireChange,
        claim: &Claim,
    ) -> Result<Result<siaga_document::Admitted, Refusal>, WriteError> {
        let refuse = |code| Refusal::NotAccepted { step: siaga_document::Step::Frame, code };
        if change.coding != 0 {
            return Ok(Err(refuse("coding")));
        }
        let admitted = match document.admit(&change.bytes, claim) {
            Ok(admitted) => admitted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if log::actor_is_of_another(tx, &admitted.change.actor, &from.device.id)? {
            return Ok(Err(refuse("actor")));
        }
        Ok(Ok(admitted))
    }
}

fn log_entries(
    tx: &Connection,
    record: &RecordId,
    entries: &[Entry],
    known: &mut BTreeSet<EntryId>,
    change: &ChangeHash,
) -> Result<(), WriteError> {
    for entry in entries {
        if known.insert(entry.id) {
            log::append_entry(tx, record, &entry.id, entry.body.kind(), change)?;
        }
    }
    Ok(())
}

fn quarantine(
    tx: &Connection,
    from: &Delivery<'_>,
    sent: &DocumentChanges,
    change: &WireChange,
    reason: &str,
) -> Result<(), WriteError> {
    tracing::warn!(device = %from.device.id, record = %sent.record, reason, "a change was not admitted");
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
            verdict: "refuse",
            reason,
            received_ms: from.now,
        },
    )?;
    Ok(())
}
