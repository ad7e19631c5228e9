//! Receipts: the one thing that lets a change leave the outbox.
//!
//! A receipt names a lane, a sequence and the manifest that stands there. Where the manifest is ours, everything
//! up to it is with the center. Where it is not, two lives of this device wrote one chain: nothing is marked, the
//! chain goes on from the center's head, and what was under way is cut anew.

use crate::answer::Applied;
use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::life::{self, Draw};
use crate::{compare, delivery, envelope, row};
use rusqlite::{OptionalExtension, Transaction, params};
use siaga_domain::id::{ChangeHash, Epoch};
use siaga_domain::time::UtcMs;

/// A receipt whose signature holds.
#[derive(Clone, Debug)]
pub struct Receipted {
    pub lane: u8,
    pub up_to_seq: u64,
    /// Manifest hash of that envelope.
    pub head: ChangeHash,
    pub epoch: Epoch,
    /// Center UTC.
    pub center_ms: UtcMs,
    /// Changes that were not accepted, with the reason code.
    pub exceptions: Vec<(ChangeHash, Verdict, String)>,
    /// As signed, kept as evidence.
    pub payload: Vec<u8>,
    pub signature: Vec<u8>,
}

/// What the center decided about a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Accept,
    /// Kept there, waiting for a change it hangs on.
    Park,
    /// In the document, and at once corrected.
    Overrule,
    /// Not in the document.
    Refuse,
}

impl Verdict {
    const fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Park => "park",
            Self::Overrule => "overrule",
            Self::Refuse => "refuse",
        }
    }
}

/// What the center decided after a receipt, and what it asks for; its signature holds.
#[derive(Clone, Debug, Default)]
pub struct LaterVerdicts {
    /// Center UTC.
    pub center_ms: UtcMs,
    /// Number, change, verdict, reason code; the number grows.
    pub verdicts: Vec<(u64, ChangeHash, Verdict, String)>,
    /// Changes the center misses.
    pub missing: Vec<ChangeHash>,
}

/// Takes the final verdicts in on what was parked. What comes twice changes nothing twice.
pub(crate) fn apply_later(
    tx: &Transaction<'_>,
    later: &LaterVerdicts,
    applied: &mut Applied,
) -> Result<Vec<ChangeHash>, StoreError> {
    let mut touched = Vec::new();
    let mut refused = Vec::new();
    for (number, change, verdict, reason) in &later.verdicts {
        let record: Option<Vec<u8>> = tx
            .ask(
                "SELECT record FROM change WHERE hash = ?1 AND origin = 'local' AND verdict IN ('pending', 'park')",
                [change.0.as_slice()],
                |row| row.get(0),
            )
            .optional()
            .step("find what a later verdict is about")?;
        if let Some(record) = record {
            settle(tx, change, *verdict, reason, later.center_ms)?;
            touched.push(record);
            applied.count(*verdict);
            if *verdict == Verdict::Refuse {
                refused.push(*change);
            }
        }
        tx.run("UPDATE peer SET verdicts_up_to = max(verdicts_up_to, ?1) WHERE id = 1", [row::signed(*number)])
            .step("keep which later verdicts are known")?;
    }
    delivery::refresh_all(tx, touched)?;
    Ok(refused)
}

/// The center misses what a parked change hangs on: what of it was written here travels once more.
pub(crate) fn offer_missing(tx: &Transaction<'_>, missing: &[ChangeHash]) -> Result<(), StoreError> {
    let mut touched = Vec::new();
    for hash in missing {
        let found: Option<(Vec<u8>, String, Vec<u8>)> = tx
            .ask(
                "SELECT record, kind, bytes FROM change WHERE hash = ?1 AND origin = 'local'
                 AND verdict NOT IN ('refuse', 'replayed')",
                [hash.0.as_slice()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
            .step("find what the center misses")?;
        let Some((record, kind, bytes)) = found.filter(|(.., bytes)| siaga_document::is_intact(bytes, hash)) else {
            continue;
        };
        if compare::give_again(tx, hash, row::record_id(&record)?, &kind, &bytes)? {
            touched.push(record);
        }
    }
    delivery::refresh_all(tx, touched)
}

/// Takes a receipt in; gives the changes it refuses.
pub(crate) fn apply(
    tx: &Transaction<'_>,
    receipt: &Receipted,
    draw: &Draw,
    applied: &mut Applied,
) -> Result<Vec<ChangeHash>, StoreError> {
    let (next_seq, _) = envelope::chain(tx, receipt.lane)?;
    match manifest_at(tx, receipt.lane, receipt.up_to_seq)? {
        Some(manifest) if manifest == receipt.head => {}
        Some(_) => return adopt(tx, receipt, draw).map(|()| Vec::new()),
        None if receipt.up_to_seq >= next_seq || waits_before(tx, receipt)? => {
            return adopt(tx, receipt, draw).map(|()| Vec::new());
        }
        // An old receipt of envelopes that were pruned since, or of an empty lane.
        None => return Ok(Vec::new()),
    }
    let mut touched = Vec::new();
    for (seq, changes) in unreceipted_up_to(tx, receipt)? {
        touched.extend(envelope::records_of(tx, receipt.lane, seq)?);
        for change in changes {
            let exception = receipt.exceptions.iter().find(|(hash, ..)| *hash == change);
            let (verdict, reason) =
                exception.map_or((Verdict::Accept, ""), |(_, verdict, reason)| (*verdict, reason.as_str()));
            settle(tx, &change, verdict, reason, receipt.center_ms)?;
            applied.count(verdict);
        }
        tx.run("UPDATE envelope SET state = 'receipted' WHERE lane = ?1 AND seq = ?2", params![receipt.lane, seq])
            .step("close the envelope")?;
    }
    keep(tx, receipt)?;
    delivery::refresh_all(tx, touched)?;
    Ok(receipt
        .exceptions
        .iter()
        .filter(|(_, verdict, _)| *verdict == Verdict::Refuse)
        .map(|(hash, ..)| *hash)
        .collect())
}

/// Whether an envelope under way stands where the center's chain has passed by, and its end was never here: the two went
/// different ways.
fn waits_before(tx: &Transaction<'_>, receipt: &Receipted) -> Result<bool, StoreError> {
    tx.ask(
        "SELECT EXISTS (SELECT 1 FROM envelope WHERE lane = ?1 AND seq < ?2 AND state <> 'receipted')",
        params![receipt.lane, row::signed(receipt.up_to_seq)],
        |row| row.get(0),
    )
    .step("look for an envelope under way")
}

fn unreceipted_up_to(tx: &Transaction<'_>, receipt: &Receipted) -> Result<Vec<(i64, Vec<ChangeHash>)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = tx
        .prepare_cached(
            "SELECT seq, changes FROM envelope WHERE lane = ?1 AND seq <= ?2 AND state <> 'receipted' ORDER BY seq",
        )
        .and_then(|mut statement| {
            statement
                .query_map(params![receipt.lane, row::signed(receipt.up_to_seq)], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .step("read the receipted envelopes")?;
    rows.into_iter().map(|(seq, changes)| Ok((seq, row::split(&changes)?))).collect()
}

fn settle(
    tx: &Transaction<'_>,
    change: &ChangeHash,
    verdict: Verdict,
    reason: &str,
    center_ms: UtcMs,
) -> Result<(), StoreError> {
    let hash = change.0.as_slice();
    tx.prepare_cached(
        // A verdict that came after the receipt may be here before it: waiting is never the last word.
        "UPDATE change SET verdict = ?2, reason = ?3, received_ms = ?4
         WHERE hash = ?1 AND verdict <> 'replayed' AND (?2 <> 'park' OR verdict = 'pending')",
    )
    .and_then(|mut statement| statement.execute(params![hash, verdict.code(), reason, center_ms.0]))
    .step("keep the verdict")?;
    tx.prepare_cached("DELETE FROM outbox WHERE change = ?1")
        .and_then(|mut statement| statement.execute([hash]))
        .step("take the change out of the outbox")?;
    Ok(())
}

fn keep(tx: &Transaction<'_>, receipt: &Receipted) -> Result<(), StoreError> {
    tx.run(
        "INSERT INTO receipt (lane, up_to_seq, epoch, center_ms, payload, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (lane, up_to_seq, epoch) DO NOTHING",
        params![
            receipt.lane,
            row::signed(receipt.up_to_seq),
            receipt.epoch.0.as_slice(),
            receipt.center_ms.0,
            receipt.payload,
            receipt.signature
        ],
    )
    .step("keep the receipt")?;
    Ok(())
}

/// The center holds envelopes of this device that this home does not know: it was put back or copied.
fn adopt(tx: &Transaction<'_>, receipt: &Receipted, draw: &Draw) -> Result<(), StoreError> {
    tracing::warn!(lane = receipt.lane, seq = receipt.up_to_seq, "the center knows another chain of this device");
    tx.run("UPDATE outbox SET envelope = NULL WHERE lane = ?1", [receipt.lane]).step("cut the lane anew")?;
    tx.run(
        "DELETE FROM envelope WHERE lane = ?1 AND (state <> 'receipted' OR seq >= ?2)",
        params![receipt.lane, row::signed(receipt.up_to_seq)],
    )
    .step("cut the lane anew")?;
    envelope::set_chain(tx, receipt.lane, receipt.up_to_seq.saturating_add(1), &receipt.head)?;
    life::draw_actor(tx, draw).step("draw an actor")?;
    // What those envelopes brought may not be there, and what the other chain brought is not here.
    compare::ask(tx, compare::Comparing::All)
}

/// The center goes on from an earlier sequence than this phone: it was put back from a backup. What it receipted
/// once is offered again, the same bytes. Where the envelope it asks for was never here, because a copy of this home
/// wrote it, or is here no more, nothing behind it could ever arrive: the lane is cut anew from `head`, the manifest
/// the center stands at.
pub(crate) fn offer_again(
    tx: &Transaction<'_>,
    lane: u8,
    from_seq: u64,
    head: Option<ChangeHash>,
) -> Result<(), StoreError> {
    let (next_seq, _) = envelope::chain(tx, lane)?;
    let before = match (head, from_seq.saturating_sub(1)) {
        (Some(head), _) => Some(head),
        (None, 0) => Some(ChangeHash([0; 32])),
        (None, last) => manifest_at(tx, lane, last)?,
    };
    let goes_on = match follows_at(tx, lane, from_seq)? {
        // Else a copy of this home wrote what the center has before it.
        Some(follows) => before.is_none_or(|before| before == follows),
        None => from_seq >= next_seq,
    };
    if !goes_on {
        return match before {
            Some(head) => cut_anew_from(tx, lane, from_seq, &head),
            None => compare::ask(tx, compare::Comparing::ChainsFirst),
        };
    }
    let lost: Vec<(i64, Vec<u8>)> = tx
        .prepare_cached("SELECT seq, changes FROM envelope WHERE lane = ?1 AND seq >= ?2 AND state = 'receipted'")
        .and_then(|mut statement| {
            statement.query_map(params![lane, row::signed(from_seq)], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .step("find what the center lost")?;
    let mut touched = Vec::new();
    for (seq, changes) in lost {
        for change in row::split(&changes)? {
            let hash = change.0.as_slice();
            tx.run(
                "UPDATE change SET verdict = 'pending', reason = '', received_ms = NULL
                 WHERE hash = ?1 AND verdict NOT IN ('replayed', 'refuse')",
                [hash],
            )
            .step("offer again what the center lost")?;
            tx.run(
                "INSERT INTO outbox (change, record, kind, schema, lane, person, size_bytes, attachments, envelope)
                 SELECT c.hash, c.record, c.kind, coalesce((SELECT r.schema FROM record r WHERE r.id = c.record), 1),
                        ?2, e.person, length(c.bytes), x'', e.seq
                 FROM change c JOIN envelope e ON e.lane = ?2 AND e.seq = ?3 WHERE c.hash = ?1
                 ON CONFLICT (change) DO NOTHING",
                params![hash, lane, seq],
            )
            .step("offer again what the center lost")?;
        }
        tx.run("UPDATE envelope SET state = 'sent' WHERE lane = ?1 AND seq = ?2", params![lane, seq])
            .step("offer again what the center lost")?;
        touched.extend(envelope::records_of(tx, lane, seq)?);
    }
    delivery::refresh_all(tx, touched)
}

fn manifest_at(tx: &Transaction<'_>, lane: u8, seq: u64) -> Result<Option<ChangeHash>, StoreError> {
    tx.ask("SELECT manifest FROM envelope WHERE lane = ?1 AND seq = ?2", params![lane, row::signed(seq)], |row| {
        row.get(0).map(ChangeHash)
    })
    .optional()
    .step("find an envelope by its sequence")
}

/// The manifest that the envelope of a sequence follows; `None` when there is no such envelope.
fn follows_at(tx: &Transaction<'_>, lane: u8, seq: u64) -> Result<Option<ChangeHash>, StoreError> {
    tx.ask("SELECT prev FROM envelope WHERE lane = ?1 AND seq = ?2", params![lane, row::signed(seq)], |row| {
        row.get(0).map(ChangeHash)
    })
    .optional()
    .step("find what an envelope follows")
}

fn cut_anew_from(tx: &Transaction<'_>, lane: u8, from_seq: u64, head: &ChangeHash) -> Result<(), StoreError> {
    tracing::warn!(lane, seq = from_seq, "the center goes on from an envelope that is not here: the lane is cut anew");
    let from = row::signed(from_seq);
    let receipted: Vec<Vec<u8>> = tx
        .prepare_cached(
            "SELECT changes FROM envelope WHERE lane = ?1 AND seq >= ?2 AND state = 'receipted' ORDER BY seq",
        )
        .and_then(|mut statement| statement.query_map(params![lane, from], |row| row.get(0))?.collect())
        .step("find what the center lost")?;
    for changes in receipted {
        offer_missing(tx, &row::split(&changes)?)?;
    }
    tx.run("UPDATE outbox SET envelope = NULL WHERE lane = ?1 AND envelope >= ?2", params![lane, from])
        .step("cut the lane anew")?;
    tx.run("DELETE FROM envelope WHERE lane = ?1 AND seq >= ?2", params![lane, from]).step("cut the lane anew")?;
    envelope::set_chain(tx, lane, from_seq, head)
}
