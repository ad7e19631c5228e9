//! The change log, the truth: bytes as received, at the feed position that orders them causally.

use super::{DbError, Step, device_of, fixed, hash_of, record_of, signed, unsigned};
use rusqlite::{Connection, OptionalExtension};
use siaga_document::is_intact;
use siaga_domain::id::{ActorId, ChangeHash, DeviceId, EntryId, RecordId};
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;

/// One change as logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedChange {
    pub position: u64,
    pub hash: ChangeHash,
    pub record: RecordId,
    pub actor: ActorId,
    pub seq: u64,
    pub bytes: Vec<u8>,
    /// `None` when the center wrote it.
    pub origin: Option<DeviceId>,
    /// Number of the envelope that brought it; 0 for the center's own.
    pub envelope: i64,
    pub author: String,
    /// `accept` or `overrule`.
    pub verdict: String,
    /// Why it was overruled; empty when it was not.
    pub reason: String,
    pub received_ms: UtcMs,
}

/// What the center knows of how an entry came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    pub entry: EntryId,
    pub kind: String,
    pub change: ChangeHash,
    pub origin: Option<DeviceId>,
    pub author: String,
    pub received_ms: UtcMs,
}

/// In place of the number of an envelope: the center told the change once, lost it, and took it back under its own
/// signature. Whose it was is known again when its device sends it.
pub const GIVEN_BACK: i64 = -1;

const COLUMNS: &str =
    "position, hash, record, actor, seq, bytes, origin, envelope, author, verdict, reason, received_ms";

/// # Errors
/// [`DbError`] naming the step.
pub fn append(db: &Connection, change: &LoggedChange) -> Result<(), DbError> {
    db.prepare_cached(&format!(
        "INSERT INTO change ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    ))
    .step("prepare to log a change")?
    .execute(rusqlite::params![
        signed(change.position),
        change.hash.0,
        change.record.as_bytes(),
        change.actor.as_bytes(),
        signed(change.seq),
        change.bytes,
        origin(change.origin.as_ref()),
        change.envelope,
        change.author,
        change.verdict,
        change.reason,
        change.received_ms.0,
    ])
    .step("log a change")?;
    Ok(())
}

/// The one change of a record whose hash begins like this; `None` when there is none or more than one.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn that_begins(db: &Connection, record: &RecordId, hash_begins: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
    let (mut least, mut most) = ([0_u8; 32], [0xff_u8; 32]);
    for ((least, most), begins) in least.iter_mut().zip(&mut most).zip(hash_begins) {
        (*least, *most) = (*begins, *begins);
    }
    let found: Vec<(ChangeHash, Vec<u8>)> = db
        .prepare_cached("SELECT hash, bytes FROM change WHERE hash BETWEEN ?1 AND ?2 AND record = ?3 LIMIT 2")
        .step("prepare to find a change")?
        .query_map((least, most, record.as_bytes()), |row| Ok((fixed(row, 0, hash_of)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .step("find a change")?;
    let one: Option<[(ChangeHash, Vec<u8>); 1]> = found.try_into().ok();
    Ok(one.map(|[one]| one).filter(|(hash, bytes)| is_intact(bytes, hash)).map(|(_, bytes)| bytes))
}

/// The bytes of a record's changes up to a position, in causal order. What is damaged is read from where it stands a
/// second time; what stands nowhere else is left out, with what hangs on it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn bytes_between(db: &Connection, record: &RecordId, after: u64, up_to: u64) -> Result<Vec<Vec<u8>>, DbError> {
    let rows: Vec<(ChangeHash, Vec<u8>, i64)> = db
        .prepare_cached(
            "SELECT hash, bytes, envelope FROM change WHERE record = ?1 AND position > ?2 AND position <= ?3 ORDER BY position",
        )
        .step("prepare the changes of a record")?
        .query_map((record.as_bytes(), signed(after), signed(up_to)), |row| {
            Ok((fixed(row, 0, hash_of)?, row.get(1)?, row.get(2)?))
        })
        .and_then(Iterator::collect)
        .step("read the changes of a record")?;
    let mut whole = Vec::with_capacity(rows.len());
    for (hash, bytes, envelope) in rows {
        if is_intact(&bytes, &hash) {
            whole.push((hash, bytes));
        } else if let Some(bytes) = copy_of(db, record, &hash, envelope)? {
            whole.push((hash, bytes));
        } else if after == 0 {
            whole.push((hash, bytes));
        }
    }
    if after > 0 {
        // What they hang on stands before them.
        return Ok(whole.into_iter().map(|(_, bytes)| bytes).collect());
    }
    Ok(siaga_document::holding_together(whole))
}

/// The same change where it stands a second time here: in the envelope that brought it, in the snapshot.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn copy_of(
    db: &Connection,
    record: &RecordId,
    hash: &ChangeHash,
    envelope: i64,
) -> Result<Option<Vec<u8>>, DbError> {
    let letter: Option<Vec<u8>> = db
        .prepare_cached("SELECT bytes FROM envelope WHERE number = ?1")
        .step("prepare an envelope")?
        .query_row([envelope], |row| row.get(0))
        .optional()
        .step("read an envelope")?;
    let in_letter = letter.map(|letter| siaga_document::changes_in(&letter)).unwrap_or_default();
    if let Some((_, bytes)) = in_letter.into_iter().find(|(one, _)| one == hash) {
        return Ok(Some(bytes));
    }
    let Some((_, save)) = snapshot(db, record)? else { return Ok(None) };
    Ok(siaga_document::Document::from_cache(&save, []).ok().and_then(|document| document.bytes_of(hash)))
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put_bytes(db: &Connection, hash: &ChangeHash, bytes: &[u8]) -> Result<(), DbError> {
    db.execute("UPDATE change SET bytes = ?2 WHERE hash = ?1", (hash.0, bytes)).step("put bytes back")?;
    Ok(())
}

/// Rows of the log after a position, whoever's they are.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn rows_after(db: &Connection, after: u64, limit: usize) -> Result<Vec<LoggedChange>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM change WHERE position > ?1 ORDER BY position LIMIT ?2"))
        .step("prepare a look over the log")?
        .query_map((signed(after), signed(limit as u64)), read)
        .and_then(Iterator::collect)
        .step("look over the log")
}

/// Who wrote a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writer {
    Center,
    Devices,
}

/// Changes of the center or of devices after a position, oldest first: position, record and bytes.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn written_after(
    db: &Connection,
    by: Writer,
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, RecordId, Vec<u8>)>, DbError> {
    db.prepare_cached(
        "SELECT position, record, bytes FROM change
         WHERE position > ?1 AND (length(origin) > 0) = ?2 ORDER BY position LIMIT ?3",
    )
    .step("prepare the changes after a position")?
    .query_map((signed(after), by == Writer::Devices, signed(limit as u64)), |row| {
        Ok((unsigned(row.get(0)?), fixed(row, 1, record_of)?, row.get(2)?))
    })
    .and_then(Iterator::collect)
    .step("read the changes after a position")
}

/// The change with this hash, when it is what it was and stands in a record the device may see.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn for_device(db: &Connection, device: &DeviceId, hash: &ChangeHash) -> Result<Option<Vec<u8>>, DbError> {
    let found: Option<(Vec<u8>, RecordId, i64)> = db
        .prepare_cached(
            "SELECT c.bytes, c.record, c.envelope FROM change c WHERE c.hash = ?2
               AND (c.origin = ?1 OR EXISTS (SELECT 1 FROM membership m WHERE m.device = ?1 AND m.record = c.record))",
        )
        .step("prepare a change that is asked for")?
        .query_row((device.as_bytes(), hash.0), |row| Ok((row.get(0)?, fixed(row, 1, record_of)?, row.get(2)?)))
        .optional()
        .step("read a change that is asked for")?;
    match found {
        Some((bytes, ..)) if is_intact(&bytes, hash) => Ok(Some(bytes)),
        Some((_, record, envelope)) => copy_of(db, &record, hash, envelope),
        None => Ok(None),
    }
}

/// Every change of a record, in causal order.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_record(db: &Connection, record: &RecordId) -> Result<Vec<LoggedChange>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM change WHERE record = ?1 ORDER BY position"))
        .step("prepare the history of a record")?
        .query_map([record.as_bytes()], read)
        .and_then(Iterator::collect)
        .step("read the history of a record")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn of_envelope(db: &Connection, envelope: i64) -> Result<Vec<LoggedChange>, DbError> {
    db.prepare(&format!("SELECT {COLUMNS} FROM change WHERE envelope = ?1 ORDER BY position"))
        .step("prepare the changes of an envelope")?
        .query_map([envelope], read)
        .and_then(Iterator::collect)
        .step("read the changes of an envelope")
}

/// A change as the feed tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub bytes: Vec<u8>,
    /// Overruled, or an addendum: never told without the correction that follows it.
    pub corrected: bool,
    /// Written by the center.
    pub of_center: bool,
}

/// The change at a feed position; none where it is damaged and stands nowhere else here: phones miss it until it is
/// mended, and find that when they compare.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn at(db: &Connection, position: u64) -> Result<Option<Told>, DbError> {
    type Raw = (ChangeHash, RecordId, i64, Told);
    let found: Option<Raw> = db
        .prepare_cached(
            "SELECT bytes, verdict = 'overrule' OR reason = 'addendum', length(origin) = 0, hash, record, envelope
             FROM change WHERE position = ?1",
        )
        .step("prepare a change")?
        .query_row([signed(position)], |row| {
            let told = Told { bytes: row.get(0)?, corrected: row.get(1)?, of_center: row.get(2)? };
            Ok((fixed(row, 3, hash_of)?, fixed(row, 4, record_of)?, row.get(5)?, told))
        })
        .optional()
        .step("read a change")?;
    match found {
        Some((hash, record, envelope, told)) if !is_intact(&told.bytes, &hash) => {
            Ok(copy_of(db, &record, &hash, envelope)?.map(|bytes| Told { bytes, ..told }))
        }
        found => Ok(found.map(|(.., told)| told)),
    }
}

/// Whether a phone other than that of `device` has already written under this actor. An actor belongs to one home, which
/// may be enrolled more than once.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn actor_is_of_another(db: &Connection, actor: &ActorId, device: &DeviceId) -> Result<bool, DbError> {
    let others: Vec<Option<DeviceId>> = db
        .prepare_cached("SELECT DISTINCT origin FROM change WHERE actor = ?1 AND origin <> ?2 AND envelope >= 0")
        .step("prepare whose an actor is")?
        .query_map((actor.as_bytes(), device.as_bytes()), |row| Ok(device_of(row.get_ref(0)?.as_blob()?)))
        .and_then(Iterator::collect)
        .step("ask whose an actor is")?;
    if others.is_empty() {
        return Ok(false);
    }
    let same = super::device::same_phone(db, device)?;
    Ok(!others.iter().all(|other| other.is_some_and(|other| same.contains(&other))))
}

/// The device that began a record; `None` where the center did, or nothing is known of it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn first_origin(db: &Connection, record: &RecordId) -> Result<Option<DeviceId>, DbError> {
    db.prepare_cached("SELECT origin FROM change WHERE record = ?1 ORDER BY position LIMIT 1")
        .step("prepare who began a record")?
        .query_row([record.as_bytes()], |row| Ok(device_of(row.get_ref(0)?.as_blob()?)))
        .optional()
        .step("read who began a record")
        .map(Option::flatten)
}

/// How far each actor's changes of a record go: actor, sequence, hash.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn tips(db: &Connection, record: &RecordId) -> Result<Vec<(ActorId, u64, ChangeHash)>, DbError> {
    // SQLite takes the other columns from the row that has the greatest.
    db.prepare_cached("SELECT actor, max(seq), hash FROM change WHERE record = ?1 GROUP BY actor")
        .step("prepare the tips of a record")?
        .query_map([record.as_bytes()], |row| {
            Ok((fixed(row, 0, |blob| blob.try_into().ok())?, unsigned(row.get(1)?), fixed(row, 2, hash_of)?))
        })
        .and_then(Iterator::collect)
        .step("read the tips of a record")
}

/// A change that was given back comes from the device that wrote it; whether this one was, until now.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn claim(
    db: &Connection,
    hash: &ChangeHash,
    device: &DeviceId,
    envelope: i64,
    author: &str,
) -> Result<bool, DbError> {
    db.prepare_cached("UPDATE change SET origin = ?2, envelope = ?3, author = ?4 WHERE hash = ?1 AND envelope = ?5")
        .step("prepare whose a change is")?
        .execute((hash.0, device.as_bytes(), envelope, author, GIVEN_BACK))
        .map(|claimed| claimed > 0)
        .step("write whose a change is")
}

/// Whether others gave back some of a record, whose writers did not come for it yet.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn was_given_back(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM change WHERE record = ?1 AND envelope = ?2)")
        .step("prepare whether a record was given back")?
        .query_row((record.as_bytes(), GIVEN_BACK), |row| row.get(0))
        .step("ask whether a record was given back")
}

/// Devices whose chain went two ways since a moment: they were copied, or put back; with the last time.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn forked(db: &Connection, since: UtcMs) -> Result<Vec<(DeviceId, UtcMs)>, DbError> {
    db.prepare_cached(
        "SELECT device, max(received_ms) FROM quarantine
         WHERE kind = 'envelope' AND reason IN ('fork', 'broken_chain') AND received_ms > ?1 GROUP BY device",
    )
    .step("prepare the chains that went two ways")?
    .query_map([since.0], |row| Ok((fixed(row, 0, super::device_of)?, UtcMs(row.get(1)?))))
    .and_then(Iterator::collect)
    .step("read the chains that went two ways")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn wrote_in(db: &Connection, device: &DeviceId, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM change WHERE origin = ?1 AND record = ?2)")
        .step("prepare whether a device wrote in a record")?
        .query_row((device.as_bytes(), record.as_bytes()), |row| row.get(0))
        .step("ask whether a device wrote in a record")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn others_wrote_in(db: &Connection, device: &DeviceId, record: &RecordId, up_to: u64) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM change WHERE record = ?1 AND position <= ?2 AND origin <> ?3)")
        .step("prepare whether others wrote in a record")?
        .query_row((record.as_bytes(), signed(up_to), device.as_bytes()), |row| row.get(0))
        .step("ask whether others wrote in a record")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn records_by(db: &Connection, device: &DeviceId) -> Result<Vec<RecordId>, DbError> {
    db.prepare_cached("SELECT DISTINCT record FROM change WHERE origin = ?1")
        .step("prepare what a device wrote")?
        .query_map([device.as_bytes()], |row| fixed(row, 0, record_of))
        .and_then(Iterator::collect)
        .step("read what a device wrote")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn append_entry(
    db: &Connection,
    record: &RecordId,
    entry: &EntryId,
    kind: &str,
    change: &ChangeHash,
) -> Result<(), DbError> {
    db.prepare_cached("INSERT OR IGNORE INTO entry (record, id, kind, change) VALUES (?1, ?2, ?3, ?4)")
        .step("prepare to log an entry")?
        .execute((record.as_bytes(), entry.as_bytes(), kind, change.0))
        .step("log an entry")?;
    Ok(())
}

/// Who brought the entry that first came under an id in a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brought {
    /// `None` when the center wrote it, or took it back and does not know yet who did.
    pub origin: Option<DeviceId>,
    pub is_given_back: bool,
    pub kind: String,
}

/// `None` where nothing came under this id.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn brought(db: &Connection, record: &RecordId, entry: &EntryId) -> Result<Option<Brought>, DbError> {
    db.prepare_cached(
        "SELECT change.origin, change.envelope, entry.kind
         FROM entry JOIN change ON change.hash = entry.change WHERE entry.record = ?1 AND entry.id = ?2",
    )
    .step("prepare who brought an entry")?
    .query_row((record.as_bytes(), entry.as_bytes()), |row| {
        Ok(Brought {
            origin: super::device_of(row.get_ref(0)?.as_blob()?),
            is_given_back: row.get::<_, i64>(1)? == GIVEN_BACK,
            kind: row.get(2)?,
        })
    })
    .optional()
    .step("read who brought an entry")
}

/// The device that brought an entry; `None` for the center's own and for what was given back.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn origin_of_entry(db: &Connection, record: &RecordId, entry: &EntryId) -> Result<Option<DeviceId>, DbError> {
    db.prepare_cached(
        "SELECT change.origin FROM entry JOIN change ON change.hash = entry.change WHERE entry.record = ?1 AND entry.id = ?2",
    )
    .step("prepare who brought an entry")?
    .query_row((record.as_bytes(), entry.as_bytes()), |row| Ok(super::device_of(row.get_ref(0)?.as_blob()?)))
    .optional()
    .step("read who brought an entry")
    .map(Option::flatten)
}

/// How each entry of a record came to the center.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn received(db: &Connection, record: &RecordId) -> Result<BTreeMap<EntryId, Received>, DbError> {
    db.prepare_cached(
        "SELECT entry.id, entry.kind, change.hash, change.origin, change.author, change.received_ms
         FROM entry JOIN change ON change.hash = entry.change WHERE entry.record = ?1",
    )
    .step("prepare how entries came")?
    .query_map([record.as_bytes()], |row| {
        let entry: EntryId = fixed(row, 0, |blob| blob.try_into().ok())?;
        Ok((
            entry,
            Received {
                entry,
                kind: row.get(1)?,
                change: fixed(row, 2, hash_of)?,
                origin: super::device_of(row.get_ref(3)?.as_blob()?),
                author: row.get(4)?,
                received_ms: UtcMs(row.get(5)?),
            },
        ))
    })
    .and_then(Iterator::collect)
    .step("read how entries came")
}

/// A verified cache of a document and the position it reaches.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn snapshot(db: &Connection, record: &RecordId) -> Result<Option<(u64, Vec<u8>)>, DbError> {
    db.prepare_cached("SELECT position, bytes FROM snapshot WHERE record = ?1")
        .step("prepare a snapshot")?
        .query_row([record.as_bytes()], |row| Ok((unsigned(row.get(0)?), row.get(1)?)))
        .optional()
        .step("read a snapshot")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put_snapshot(db: &Connection, record: &RecordId, position: u64, bytes: &[u8]) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO snapshot (record, position, bytes) VALUES (?1, ?2, ?3)
         ON CONFLICT (record) DO UPDATE SET position = excluded.position, bytes = excluded.bytes",
    )
    .step("prepare to keep a snapshot")?
    .execute((record.as_bytes(), signed(position), bytes))
    .step("keep a snapshot")?;
    Ok(())
}

/// # Errors
/// [`DbError`] naming the step.
pub fn drop_snapshot(db: &Connection, record: &RecordId) -> Result<bool, DbError> {
    let dropped = db.execute("DELETE FROM snapshot WHERE record = ?1", [record.as_bytes()]).step("drop a snapshot")?;
    Ok(dropped > 0)
}

/// What the center does not admit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined<'a> {
    pub hash: ChangeHash,
    pub record: RecordId,
    pub kind: &'a str,
    pub bytes: &'a [u8],
    pub device: DeviceId,
    pub lane: u8,
    pub seq: u64,
    /// The person the envelope names; empty where nobody was on duty.
    pub author: &'a str,
    pub verdict: &'a str,
    pub reason: &'a str,
    pub received_ms: UtcMs,
}

/// Keeps what was not admitted; whether it was not kept before.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn quarantine(db: &Connection, row: &Quarantined<'_>) -> Result<bool, DbError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO quarantine
             (hash, record, kind, bytes, device, lane, seq, verdict, reason, received_ms, author)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .step("prepare the quarantine")?
    .execute(rusqlite::params![
        row.hash.0,
        row.record.as_bytes(),
        row.kind,
        row.bytes,
        row.device.as_bytes(),
        row.lane,
        signed(row.seq),
        row.verdict,
        row.reason,
        row.received_ms.0,
        row.author,
    ])
    .map(|kept| kept > 0)
    .step("put into quarantine")
}

/// A change that was not accepted, as a receipt names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAccepted {
    pub hash: ChangeHash,
    /// `park`, `refuse` or `overrule`.
    pub verdict: String,
    pub reason: String,
}

/// Changes of a device's lane from a sequence on that were not accepted as they came.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn quarantined(db: &Connection, device: &DeviceId, lane: u8, from_seq: u64) -> Result<Vec<NotAccepted>, DbError> {
    db.prepare_cached(
        "SELECT hash, verdict, reason, seq FROM quarantine WHERE device = ?1 AND lane = ?2 AND seq >= ?3 AND seq > 0
         UNION ALL
         SELECT change.hash, change.verdict, change.reason, envelope.seq
         FROM envelope JOIN change ON change.envelope = envelope.number AND change.verdict = 'overrule'
         WHERE envelope.device = ?1 AND envelope.lane = ?2 AND envelope.seq >= ?3
         ORDER BY 4, 1",
    )
    .step("prepare what was not accepted")?
    .query_map((device.as_bytes(), lane, signed(from_seq)), |row| {
        Ok(NotAccepted { hash: fixed(row, 0, hash_of)?, verdict: row.get(1)?, reason: row.get(2)? })
    })
    .and_then(Iterator::collect)
    .step("read what was not accepted")
}

fn origin(device: Option<&DeviceId>) -> &[u8] {
    device.map_or(&[], |device| device.as_bytes())
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<LoggedChange> {
    Ok(LoggedChange {
        position: unsigned(row.get(0)?),
        hash: fixed(row, 1, hash_of)?,
        record: fixed(row, 2, record_of)?,
        actor: fixed(row, 3, |blob| blob.try_into().ok())?,
        seq: unsigned(row.get(4)?),
        bytes: row.get(5)?,
        origin: super::device_of(row.get_ref(6)?.as_blob()?),
        envelope: row.get(7)?,
        author: row.get(8)?,
        verdict: row.get(9)?,
        reason: row.get(10)?,
        received_ms: UtcMs(row.get(11)?),
    })
}

/// Whether a change that an envelope brought is in the log or in quarantine, byte for byte.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn has_verdict(db: &Connection, hash: &ChangeHash, bytes: &[u8]) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM change WHERE hash = ?1 AND bytes = ?2)
             OR EXISTS (SELECT 1 FROM quarantine WHERE hash = ?1 AND bytes = ?2)",
    )
    .step("prepare what became of a change")?
    .query_row((hash.0, bytes), |row| row.get(0))
    .step("ask what became of a change")
}

/// Records that have changes and are shown to nobody.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn records_without_projection(db: &Connection) -> Result<Vec<RecordId>, DbError> {
    db.prepare("SELECT DISTINCT record FROM change WHERE record NOT IN (SELECT record FROM projection)")
        .step("prepare the records nobody sees")?
        .query_map([], |row| fixed(row, 0, record_of))
        .and_then(Iterator::collect)
        .step("read the records nobody sees")
}
