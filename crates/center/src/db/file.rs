//! What devices may fetch: offers, and the map packs of units.
//!
//! Offers are written by the triggers of the schema; only those of a pack that is added or withdrawn are written here.

use super::{DbError, Step, device_of, fixed, signed, unsigned};
use rusqlite::{Connection, OptionalExtension, params};
use siaga_domain::id::{DeviceId, RecordId};

/// What a map pack is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PackKind {
    GeoJson,
    PmTiles,
}

impl PackKind {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::PmTiles => "pmtiles",
        }
    }
}

/// A map pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pack {
    pub name: String,
    pub hash: [u8; 32],
    pub kind: PackKind,
    pub size_bytes: u64,
    pub added_ms: i64,
    /// Units whose phones get it; empty for everybody.
    pub units: Vec<String>,
}

/// What an offered file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Offered {
    Thumbnail(RecordId),
    Photograph(RecordId),
    Pack(String, PackKind),
    /// The center has no pack of this name any more.
    Withdrawn(String),
}

/// A file a device may fetch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    pub number: u64,
    pub hash: [u8; 32],
    pub size_bytes: u64,
    pub made_ms: i64,
    pub what: Offered,
}

/// The offers of a device after a number, at most `most`, oldest first. Of a pack only its newest is one.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn offers(db: &Connection, device: &DeviceId, after: u64, most: usize) -> Result<Vec<Offer>, DbError> {
    type Raw = (i64, [u8; 32], i64, i64, String, Vec<u8>, String);
    let rows: Vec<Raw> = db
        .prepare_cached(
            "SELECT offer.number, offer.hash, coalesce(attachment.size_bytes, 0),
                    coalesce(pack.added_ms, attachment.received_ms, 0),
                    coalesce(pack.kind, CASE WHEN offer.pack <> '' THEN 'withdrawn' END, named.kind, 'photograph'),
                    offer.record, offer.pack
             FROM offer
             LEFT JOIN attachment ON attachment.hash = offer.hash AND attachment.whole = 1
             LEFT JOIN pack ON pack.name = offer.pack AND pack.hash = offer.hash
             LEFT JOIN attachment_named AS named ON named.hash = offer.hash AND named.record = offer.record
             WHERE offer.device = ?1 AND offer.number > ?2 AND (attachment.hash IS NOT NULL OR offer.hash = zeroblob(32))
             ORDER BY offer.number LIMIT ?3",
        )
        .step("prepare the offers of a device")?
        .query_map(
            params![device.as_bytes(), signed(after), i64::try_from(most).unwrap_or(i64::MAX)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?)),
        )
        .and_then(Iterator::collect)
        .step("read the offers of a device")?;
    let known = |(number, hash, size, made_ms, kind, record, pack): Raw| {
        let record = || RecordId::try_from(record.as_slice()).ok();
        let what = match kind.as_str() {
            "geojson" => Offered::Pack(pack, PackKind::GeoJson),
            "pmtiles" => Offered::Pack(pack, PackKind::PmTiles),
            "withdrawn" => Offered::Withdrawn(pack),
            "thumbnail" => Offered::Thumbnail(record()?),
            _ => Offered::Photograph(record()?),
        };
        Some(Offer { number: unsigned(number), hash, size_bytes: unsigned(size), made_ms, what })
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// Devices a file was offered to.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn offered_to(db: &Connection, hash: &[u8; 32]) -> Result<Vec<DeviceId>, DbError> {
    db.prepare_cached("SELECT DISTINCT device FROM offer WHERE hash = ?1")
        .step("prepare whom a file is offered to")?
        .query_map([hash], |row| fixed(row, 0, device_of))
        .and_then(Iterator::collect)
        .step("read whom a file is offered to")
}

/// By name.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn packs(db: &Connection) -> Result<Vec<Pack>, DbError> {
    type Raw = (String, [u8; 32], String, i64, i64, Option<String>);
    let rows: Vec<Raw> = db
        .prepare_cached(
            "SELECT name, hash, kind, size_bytes, added_ms,
                    (SELECT group_concat(unit, char(10)) FROM pack_unit WHERE pack_unit.name = pack.name AND unit <> '')
             FROM pack ORDER BY name",
        )
        .step("prepare the map packs")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)))
        .and_then(Iterator::collect)
        .step("read the map packs")?;
    Ok(rows
        .into_iter()
        .map(|(name, hash, kind, size, added_ms, units)| Pack {
            name,
            hash,
            kind: if kind == "pmtiles" { PackKind::PmTiles } else { PackKind::GeoJson },
            size_bytes: unsigned(size),
            added_ms,
            units: units.unwrap_or_default().lines().map(str::to_owned).collect(),
        })
        .collect())
}

/// Puts a pack under its name and offers it to the phones it is for; those it is not for any more lose it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put_pack(db: &Connection, pack: &Pack, by: &str) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO pack (name, hash, kind, size_bytes, added_ms, added_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (name) DO UPDATE SET hash = ?2, kind = ?3, size_bytes = ?4, added_ms = ?5, added_by = ?6",
        params![pack.name, pack.hash, pack.kind.code(), signed(pack.size_bytes), pack.added_ms, by],
    )
    .and_then(|_| db.execute("DELETE FROM pack_unit WHERE name = ?1", [&pack.name]))
    .step("write a map pack")?;
    let everybody = [String::new()];
    for unit in if pack.units.is_empty() { everybody.as_slice() } else { &pack.units } {
        db.execute("INSERT OR IGNORE INTO pack_unit (name, unit) VALUES (?1, ?2)", [&pack.name, unit])
            .step("write whom a map pack is for")?;
    }
    let audience = "SELECT id FROM device WHERE state = 'active'
        AND EXISTS (SELECT 1 FROM pack_unit WHERE pack_unit.name = ?1 AND pack_unit.unit IN ('', device.unit))";
    db.execute(
        &format!(
            "INSERT INTO offer (device, hash, record, pack)
             SELECT DISTINCT device, zeroblob(32), x'', ?1 FROM offer WHERE pack = ?1 AND hash <> zeroblob(32)
             AND device NOT IN ({audience}) ON CONFLICT DO NOTHING"
        ),
        [&pack.name],
    )
    .and_then(|_| {
        db.execute(
            &format!("DELETE FROM offer WHERE pack = ?1 AND (hash <> zeroblob(32) OR device IN ({audience}))"),
            [&pack.name],
        )
    })
    .and_then(|_| {
        db.execute(
            &format!("INSERT INTO offer (device, hash, record, pack) SELECT id, ?2, x'', ?1 FROM ({audience})"),
            params![pack.name, pack.hash],
        )
    })
    .step("offer a map pack")?;
    Ok(())
}

/// Takes a pack away from the center and from the phones that have it. False when there is none of this name.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn withdraw_pack(db: &Connection, name: &str) -> Result<bool, DbError> {
    let known: Option<i64> = db
        .query_row("SELECT 1 FROM pack WHERE name = ?1", [name], |row| row.get(0))
        .optional()
        .step("find a map pack")?;
    if known.is_none() {
        return Ok(false);
    }
    db.execute(
        "INSERT INTO offer (device, hash, record, pack)
         SELECT DISTINCT device, zeroblob(32), x'', ?1 FROM offer WHERE pack = ?1 AND hash <> zeroblob(32)
         ON CONFLICT DO NOTHING",
        [name],
    )
    .and_then(|_| db.execute("DELETE FROM offer WHERE pack = ?1 AND hash <> zeroblob(32)", [name]))
    .and_then(|_| db.execute("DELETE FROM pack WHERE name = ?1", [name]))
    .step("withdraw a map pack")?;
    Ok(true)
}

/// Notes that a device was given a file to its last byte, when the file is a map pack.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn pack_went(db: &Connection, hash: &[u8; 32], device: &DeviceId, now_ms: i64) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO pack_sent (device, hash, sent_ms) SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM pack WHERE hash = ?2)
         ON CONFLICT (device, hash) DO NOTHING",
    )
    .step("prepare to note that a map pack went")?
    .execute((device.as_bytes(), hash, now_ms))
    .step("note that a map pack went")?;
    Ok(())
}

/// A phone a map pack is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackPhone {
    pub device: DeviceId,
    pub unit: String,
    pub name: String,
    /// When the last byte of the pack was given to it; none before.
    pub sent_ms: Option<i64>,
}

/// The phones a map pack is for, by unit.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn phones_of_pack(db: &Connection, pack: &Pack) -> Result<Vec<PackPhone>, DbError> {
    db.prepare_cached(
        "SELECT device.id, device.unit, device.name, pack_sent.sent_ms FROM device
         LEFT JOIN pack_sent ON pack_sent.device = device.id AND pack_sent.hash = ?2
         WHERE device.state = 'active' AND EXISTS
             (SELECT 1 FROM pack_unit WHERE pack_unit.name = ?1 AND pack_unit.unit IN ('', device.unit))
         ORDER BY device.unit, device.name, device.id",
    )
    .step("prepare the phones of a map pack")?
    .query_map(params![pack.name, pack.hash], |row| {
        Ok(PackPhone { device: fixed(row, 0, device_of)?, unit: row.get(1)?, name: row.get(2)?, sent_ms: row.get(3)? })
    })
    .and_then(Iterator::collect)
    .step("read the phones of a map pack")
}

/// Units stationed at a post by the directory; empty when there is no such post.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn units_of_post(db: &Connection, post: &str) -> Result<Vec<String>, DbError> {
    db.prepare_cached(
        "SELECT DISTINCT json_extract(unit.value, '$.code') FROM projection, json_each(projection.json, '$.units') AS unit
         WHERE projection.kind = 'directory' AND json_extract(unit.value, '$.post') = ?1 ORDER BY 1",
    )
    .step("prepare the units of a post")?
    .query_map([post], |row| row.get(0))
    .and_then(Iterator::collect)
    .step("read the units of a post")
}
