//! Envelopes on their way: frozen, sealed, sent, receipted.
//!
//! Sequence and manifest are frozen in one fenced transaction; signing happens outside it, because key stores are
//! slow and never give the same signature twice; the signed bytes are stored before they travel. After an unknown
//! outcome the same bytes go out again. What an envelope looks like on the wire is not known here: the caller
//! describes it by the hash of its manifest.

use crate::failure::{Step, StoreError};
use crate::{Lease, Store, delivery, enrolment, lease, mend, row};
use rusqlite::{OptionalExtension, Transaction, params};
use siaga_domain::id::{ChangeHash, Epoch, RecordId};
use siaga_domain::kind::{Lane, RecordKind};
use siaga_domain::time::{ClockReading, UtcMs};

/// The parts of one envelope, before its manifest is known.
#[derive(Clone, Debug)]
pub struct Cut {
    pub lane: u8,
    pub seq: u64,
    /// Manifest hash of the envelope before.
    pub prev: ChangeHash,
    pub epoch: Epoch,
    pub person: String,
    pub at: ClockReading,
    pub documents: Vec<CutDocument>,
    pub attachments: Vec<ChangeHash>,
}

/// Changes of one document in an envelope, in causal order.
#[derive(Clone, Debug)]
pub struct CutDocument {
    pub record: RecordId,
    pub kind: RecordKind,
    pub schema: u32,
    pub changes: Vec<Vec<u8>>,
}

/// Parts whose sequence and manifest can no longer change, waiting for a signature.
#[derive(Clone, Debug)]
pub struct FrozenEnvelope {
    pub cut: Cut,
    pub manifest: ChangeHash,
}

/// Signed bytes, to be sent as they are until a receipt names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedEnvelope {
    pub lane: u8,
    pub seq: u64,
    pub bytes: Vec<u8>,
    pub change_count: u32,
    /// It left the phone before; whether it arrived is not known.
    pub sent: bool,
}

struct Waiting {
    position: i64,
    change: Vec<u8>,
    record: Vec<u8>,
    kind: String,
    schema: u32,
    person: String,
    size_bytes: i64,
    attachments: Vec<u8>,
    bytes: Vec<u8>,
}

impl Waiting {
    fn is_intact(&self) -> bool {
        ChangeHash::try_from(self.change.as_slice()).is_ok_and(|hash| siaga_document::is_intact(&self.bytes, &hash))
    }
}

impl Store {
    /// Takes the oldest waiting changes of a lane, of one person, up to `max_bytes` (one change at least), and
    /// freezes them into the lane's next envelope. `None` when nothing waits. `describe` gives the hash of the
    /// manifest.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn cut_envelope(
        &self,
        lease: &Lease,
        lane: Lane,
        max_bytes: usize,
        at: ClockReading,
        describe: &dyn Fn(&Cut) -> Option<ChangeHash>,
    ) -> Result<Option<FrozenEnvelope>, StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        let waiting = self.prefix_without_damage(&tx, lane, max_bytes, at.device)?;
        let Some(person) = waiting.first().map(|first| first.person.clone()) else { return Ok(None) };
        let peer = enrolment::read_peer(&tx)?.ok_or(StoreError::NotEnrolled)?;
        let (seq, prev) = chain(&tx, lane.number())?;
        let cut = Cut {
            lane: lane.number(),
            seq,
            prev,
            epoch: peer.epoch,
            person,
            at,
            documents: documents(&waiting)?,
            attachments: attachments(&waiting)?,
        };
        let manifest = describe(&cut).ok_or(StoreError::Manifest)?;
        insert(&tx, &cut, &manifest, &waiting)?;
        tx.commit().step("freeze the envelope")?;
        Ok(Some(FrozenEnvelope { cut, manifest }))
    }

    /// What is damaged is mended or set aside here, before it could be signed as somebody's word.
    fn prefix_without_damage(
        &self,
        tx: &Transaction<'_>,
        lane: Lane,
        max_bytes: usize,
        at: UtcMs,
    ) -> Result<Vec<Waiting>, StoreError> {
        loop {
            let waiting = prefix(tx, lane, max_bytes)?;
            let Some(damaged) = waiting.iter().find(|one| !one.is_intact()) else { return Ok(waiting) };
            mend::mend(tx, row::record_id(&damaged.record)?, at, &self.draw)?;
        }
    }

    /// Envelopes that were frozen and never sealed, because the process died in between.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn frozen_envelopes(&self, lane: Lane) -> Result<Vec<FrozenEnvelope>, StoreError> {
        self.mend_frozen(lane)?;
        let tx = self.reading()?;
        let seqs: Vec<i64> = tx
            .prepare_cached("SELECT seq FROM envelope WHERE lane = ?1 AND state = 'frozen' ORDER BY seq")
            .and_then(|mut statement| statement.query_map([lane.number()], |row| row.get(0))?.collect())
            .step("find frozen envelopes")?;
        seqs.into_iter().map(|seq| thaw(&tx, lane, seq)).collect()
    }

    /// A frozen manifest names hashes: what is damaged of it by now must not be signed under them.
    fn mend_frozen(&self, lane: Lane) -> Result<(), StoreError> {
        type Raw = (Vec<u8>, [u8; 32], Vec<u8>, i64);
        let rows: Vec<Raw> = self
            .conn
            .prepare_cached(
                "SELECT o.record, c.hash, c.bytes, e.device_ms FROM envelope e
                 JOIN outbox o ON o.lane = e.lane AND o.envelope = e.seq JOIN change c ON c.hash = o.change
                 WHERE e.lane = ?1 AND e.state = 'frozen'",
            )
            .and_then(|mut statement| statement.query_map([lane.number()], |row| row.try_into())?.collect())
            .step("read a frozen envelope")?;
        for (record, hash, bytes, at) in rows {
            if !siaga_document::is_intact(&bytes, &ChangeHash(hash)) {
                let tx = self.writing()?;
                mend::mend(&tx, row::record_id(&record)?, UtcMs(at), &self.draw)?;
                tx.commit().step("set damage aside")?;
            }
        }
        Ok(())
    }

    /// Keeps the signed bytes of a frozen envelope. Must be called before they are sent.
    ///
    /// # Errors
    /// [`StoreError::NoSuchEnvelope`] when it is not frozen any more, [`StoreError::LeaseLost`] when another
    /// process syncs now.
    pub fn store_sealed(&self, lease: &Lease, lane: u8, seq: u64, sealed: &[u8]) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        let changed = tx
            .execute(
                "UPDATE envelope SET state = 'sealed', sealed = ?3 WHERE lane = ?1 AND seq = ?2 AND state = 'frozen'",
                params![lane, row::signed(seq), sealed],
            )
            .step("keep the sealed envelope")?;
        if changed == 0 {
            return Err(StoreError::NoSuchEnvelope { lane, seq });
        }
        tx.commit().step("keep the sealed envelope")
    }

    /// Sealed envelopes of a lane that no receipt has named, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn unreceipted(&self, lane: Lane, at_most: u32) -> Result<Vec<SealedEnvelope>, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT lane, seq, sealed, length(changes) / 32, sent_ms IS NOT NULL FROM envelope
                 WHERE lane = ?1 AND state IN ('sealed', 'sent') ORDER BY seq LIMIT ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_map(params![lane.number(), at_most], |row| {
                        Ok(SealedEnvelope {
                            lane: row.get(0)?,
                            seq: row::unsigned(row.get(1)?),
                            bytes: row.get(2)?,
                            change_count: row.get(3)?,
                            sent: row.get(4)?,
                        })
                    })?
                    .collect()
            })
            .step("read the sealed envelopes")
    }

    /// These left the phone; whether they arrived only a receipt says.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn mark_sent(&self, lease: &Lease, envelopes: &[(u8, u64)], at: UtcMs) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        let mut touched = Vec::new();
        for (lane, seq) in envelopes {
            tx.execute(
                "UPDATE envelope SET state = 'sent', sent_ms = ?3
                 WHERE lane = ?1 AND seq = ?2 AND state IN ('sealed', 'sent')",
                params![lane, row::signed(*seq), at.0],
            )
            .step("note that the envelope left")?;
            touched.extend(records_of(&tx, *lane, row::signed(*seq))?);
        }
        delivery::refresh_all(&tx, touched)?;
        tx.commit().step("note that the envelope left")
    }
}

fn prefix(tx: &Transaction<'_>, lane: Lane, max_bytes: usize) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = tx
        .prepare_cached(
            "SELECT o.position, o.change, o.record, o.kind, o.schema, o.person, o.size_bytes, o.attachments, c.bytes
             FROM outbox o JOIN change c ON c.hash = o.change
             WHERE o.lane = ?1 AND o.envelope IS NULL ORDER BY o.position LIMIT 500",
        )
        .step("read the outbox")?;
    let mut rows = statement.query([lane.number()]).step("read the outbox")?;
    let mut taken: Vec<Waiting> = Vec::new();
    let mut total = 0_usize;
    while let Some(row) = rows.next().step("read the outbox")? {
        let waiting = read_waiting(row).step("read the outbox")?;
        total = total.saturating_add(usize::try_from(waiting.size_bytes).unwrap_or(usize::MAX));
        let fits = total <= max_bytes && taken.first().is_none_or(|first| first.person == waiting.person);
        if !taken.is_empty() && !fits {
            break;
        }
        taken.push(waiting);
    }
    Ok(taken)
}

fn read_waiting(row: &rusqlite::Row<'_>) -> Result<Waiting, rusqlite::Error> {
    Ok(Waiting {
        position: row.get(0)?,
        change: row.get(1)?,
        record: row.get(2)?,
        kind: row.get(3)?,
        schema: row.get(4)?,
        person: row.get(5)?,
        size_bytes: row.get(6)?,
        attachments: row.get(7)?,
        bytes: row.get(8)?,
    })
}

/// Grouped by document in order of first appearance: within one document the order is the log's.
fn documents(waiting: &[Waiting]) -> Result<Vec<CutDocument>, StoreError> {
    let mut documents: Vec<CutDocument> = Vec::new();
    for one in waiting {
        let record = row::record_id(&one.record)?;
        match documents.iter_mut().find(|document| document.record == record) {
            Some(document) => document.changes.push(one.bytes.clone()),
            None => documents.push(CutDocument {
                record,
                kind: row::kind(&one.kind)?,
                schema: one.schema,
                changes: vec![one.bytes.clone()],
            }),
        }
    }
    Ok(documents)
}

fn attachments(waiting: &[Waiting]) -> Result<Vec<ChangeHash>, StoreError> {
    let mut all = Vec::new();
    for one in waiting {
        for hash in row::split(&one.attachments)? {
            if !all.contains(&hash) {
                all.push(hash);
            }
        }
    }
    Ok(all)
}

/// The next sequence of a lane and the manifest it must name.
pub(crate) fn chain(tx: &Transaction<'_>, lane: u8) -> Result<(u64, ChangeHash), StoreError> {
    tx.query_row("SELECT next_seq, head FROM lane WHERE lane = ?1", [lane], |row| {
        Ok((row::unsigned(row.get(0)?), ChangeHash(row.get(1)?)))
    })
    .optional()
    .step("read the lane's chain")
    .map(|found| found.unwrap_or((1, ChangeHash([0; 32]))))
}

pub(crate) fn set_chain(tx: &Transaction<'_>, lane: u8, next_seq: u64, head: &ChangeHash) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO lane (lane, next_seq, head) VALUES (?1, ?2, ?3)
         ON CONFLICT (lane) DO UPDATE SET next_seq = ?2, head = ?3",
        params![lane, row::signed(next_seq), head.0.as_slice()],
    )
    .step("advance the lane's chain")?;
    Ok(())
}

fn insert(tx: &Transaction<'_>, cut: &Cut, manifest: &ChangeHash, waiting: &[Waiting]) -> Result<(), StoreError> {
    let changes: Vec<u8> = waiting.iter().flat_map(|one| one.change.iter().copied()).collect();
    tx.execute(
        "INSERT INTO envelope (lane, seq, prev, manifest, epoch, person, device_ms, monotonic_ms, boot, changes,
                               attachments, state, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'frozen', x'')",
        params![
            cut.lane,
            row::signed(cut.seq),
            cut.prev.0.as_slice(),
            manifest.0.as_slice(),
            cut.epoch.0.as_slice(),
            cut.person,
            cut.at.device.0,
            cut.at.monotonic_ms,
            cut.at.boot,
            changes,
            row::join(&cut.attachments),
        ],
    )
    .step("freeze the envelope")?;
    for one in waiting {
        tx.prepare_cached("UPDATE outbox SET envelope = ?2 WHERE position = ?1")
            .and_then(|mut statement| statement.execute(params![one.position, row::signed(cut.seq)]))
            .step("put the change into the envelope")?;
    }
    set_chain(tx, cut.lane, cut.seq.saturating_add(1), manifest)
}

/// Takes the frozen envelope that names a change apart, and those after it; the others in them are cut anew.
pub(crate) fn unfreeze(tx: &Transaction<'_>, change: &[u8]) -> Result<(), StoreError> {
    let found: Option<(u8, i64, [u8; 32])> = tx
        .query_row(
            "SELECT e.lane, e.seq, e.prev FROM outbox o JOIN envelope e ON e.lane = o.lane AND e.seq = o.envelope
             WHERE o.change = ?1 AND e.state = 'frozen'",
            [change],
            |row| row.try_into(),
        )
        .optional()
        .step("find a frozen envelope")?;
    let Some((lane, seq, prev)) = found else { return Ok(()) };
    tx.execute("UPDATE outbox SET envelope = NULL WHERE lane = ?1 AND envelope >= ?2", params![lane, seq])
        .step("take an envelope apart")?;
    tx.execute("DELETE FROM envelope WHERE lane = ?1 AND seq >= ?2", params![lane, seq])
        .step("take an envelope apart")?;
    set_chain(tx, lane, row::unsigned(seq), &ChangeHash(prev))
}

fn thaw(tx: &Transaction<'_>, lane: Lane, seq: i64) -> Result<FrozenEnvelope, StoreError> {
    let waiting: Vec<Waiting> = tx
        .prepare_cached(
            "SELECT o.position, o.change, o.record, o.kind, o.schema, o.person, o.size_bytes, o.attachments, c.bytes
             FROM outbox o JOIN change c ON c.hash = o.change
             WHERE o.lane = ?1 AND o.envelope = ?2 ORDER BY o.position",
        )
        .and_then(|mut statement| statement.query_map(params![lane.number(), seq], read_waiting)?.collect())
        .step("read a frozen envelope")?;
    tx.query_row(
        "SELECT prev, epoch, person, device_ms, monotonic_ms, boot, manifest FROM envelope WHERE lane = ?1 AND seq = ?2",
        params![lane.number(), seq],
        |row| {
            Ok(FrozenEnvelope {
                cut: Cut {
                    lane: lane.number(),
                    seq: row::unsigned(seq),
                    prev: ChangeHash(row.get(0)?),
                    epoch: Epoch(row.get(1)?),
                    person: row.get(2)?,
                    at: ClockReading {
                        device: UtcMs(row.get(3)?),
                        monotonic_ms: row.get(4)?,
                        boot: row.get(5)?,
                        ..ClockReading::default()
                    },
                    documents: Vec::new(),
                    attachments: Vec::new(),
                },
                manifest: ChangeHash(row.get(6)?),
            })
        },
    )
    .step("read a frozen envelope")
    .and_then(|mut frozen| {
        frozen.cut.documents = documents(&waiting)?;
        frozen.cut.attachments = attachments(&waiting)?;
        Ok(frozen)
    })
}

/// Records whose changes an envelope carries, by their raw id.
pub(crate) fn records_of(tx: &Transaction<'_>, lane: u8, seq: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    tx.prepare_cached("SELECT DISTINCT record FROM outbox WHERE lane = ?1 AND envelope = ?2")
        .and_then(|mut statement| statement.query_map(params![lane, seq], |row| row.get(0))?.collect())
        .step("read an envelope's records")
}
