//! The chains of devices: every envelope that joined one, and the receipts that were signed for it.

use super::{DbError, Step, device_of, fixed, hash_of, signed, unsigned};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{ChangeHash, DeviceId, Epoch};
use siaga_domain::time::UtcMs;
use siaga_wire::receipt::SignedReceipt;

/// Where a lane of a device's chain stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainHead {
    /// 0 before the first envelope.
    pub seq: u64,
    /// All zero before the first.
    pub manifest: ChangeHash,
}

/// An envelope as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEnvelope {
    pub number: i64,
    pub device: DeviceId,
    pub lane: u8,
    pub seq: u64,
    pub manifest: ChangeHash,
    pub prev: ChangeHash,
    pub bytes: Vec<u8>,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn head(db: &Connection, device: &DeviceId, lane: u8) -> Result<ChainHead, DbError> {
    db.prepare_cached("SELECT seq, manifest FROM envelope WHERE device = ?1 AND lane = ?2 ORDER BY seq DESC LIMIT 1")
        .step("prepare the head of a chain")?
        .query_row((device.as_bytes(), lane), |row| {
            Ok(ChainHead { seq: unsigned(row.get(0)?), manifest: fixed(row, 1, hash_of)? })
        })
        .optional()
        .step("read the head of a chain")
        .map(|head| head.unwrap_or(ChainHead { seq: 0, manifest: ChangeHash([0; 32]) }))
}

/// The manifest hash at a sequence that joined before.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn manifest_at(db: &Connection, device: &DeviceId, lane: u8, seq: u64) -> Result<Option<ChangeHash>, DbError> {
    db.prepare_cached("SELECT manifest FROM envelope WHERE device = ?1 AND lane = ?2 AND seq = ?3")
        .step("prepare an envelope of a chain")?
        .query_row((device.as_bytes(), lane, signed(seq)), |row| fixed(row, 0, hash_of))
        .optional()
        .step("read an envelope of a chain")
}

/// Adds an envelope and gives its number.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn append(db: &Connection, envelope: &StoredEnvelope, epoch: Epoch, now: UtcMs) -> Result<i64, DbError> {
    db.prepare_cached(
        "INSERT INTO envelope (device, lane, seq, manifest, prev, bytes, epoch, received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .step("prepare to keep an envelope")?
    .execute((
        envelope.device.as_bytes(),
        envelope.lane,
        signed(envelope.seq),
        envelope.manifest.0,
        envelope.prev.0,
        &envelope.bytes,
        epoch.0,
        now.0,
    ))
    .step("keep an envelope")?;
    Ok(db.last_insert_rowid())
}

/// The number of an envelope and the person it names; 0 and nobody when it is not there.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn brought_by(db: &Connection, device: &DeviceId, lane: u8, seq: u64) -> Result<(i64, String), DbError> {
    let found: Option<(i64, Vec<u8>)> = db
        .prepare_cached("SELECT number, bytes FROM envelope WHERE device = ?1 AND lane = ?2 AND seq = ?3")
        .step("prepare what brought a change")?
        .query_row((device.as_bytes(), lane, signed(seq)), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .step("read what brought a change")?;
    Ok(found.map_or((0, String::new()), |(number, bytes)| {
        let user =
            siaga_wire::codec::decode::<siaga_wire::envelope::Envelope>(&bytes).map(|envelope| envelope.header.user);
        (number, user.unwrap_or_default())
    }))
}

/// Visits every envelope in the order of its chain.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn each(db: &Connection, mut visit: impl FnMut(StoredEnvelope) -> Result<(), DbError>) -> Result<(), DbError> {
    let mut statement = db
        .prepare("SELECT number, device, lane, seq, manifest, prev, bytes FROM envelope ORDER BY device, lane, seq")
        .step("prepare the envelopes")?;
    let mut rows = statement.query([]).step("read the envelopes")?;
    while let Some(row) = rows.next().step("read the envelopes")? {
        visit(read(row).step("read an envelope")?)?;
    }
    Ok(())
}

/// # Errors
/// [`DbError`] naming the step.
pub fn receipt(
    db: &Connection,
    device: &DeviceId,
    lane: u8,
    from_seq: u64,
    up_to_seq: u64,
) -> Result<Option<SignedReceipt>, DbError> {
    db.prepare_cached(
        "SELECT payload, signature FROM receipt WHERE device = ?1 AND lane = ?2 AND from_seq = ?3 AND up_to_seq = ?4",
    )
    .step("prepare a receipt")?
    .query_row((device.as_bytes(), lane, signed(from_seq), signed(up_to_seq)), |row| {
        Ok(SignedReceipt { payload: row.get(0)?, signature: row.get(1)? })
    })
    .optional()
    .step("read a receipt")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put_receipt(
    db: &Connection,
    device: &DeviceId,
    lane: u8,
    from_seq: u64,
    up_to_seq: u64,
    receipt: &SignedReceipt,
) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO receipt (device, lane, from_seq, up_to_seq, payload, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .step("prepare to keep a receipt")?
    .execute((device.as_bytes(), lane, signed(from_seq), signed(up_to_seq), &receipt.payload, &receipt.signature))
    .step("keep a receipt")?;
    Ok(())
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredEnvelope> {
    Ok(StoredEnvelope {
        number: row.get(0)?,
        device: fixed(row, 1, device_of)?,
        lane: row.get(2)?,
        seq: unsigned(row.get(3)?),
        manifest: fixed(row, 4, hash_of)?,
        prev: fixed(row, 5, hash_of)?,
        bytes: row.get(6)?,
    })
}
