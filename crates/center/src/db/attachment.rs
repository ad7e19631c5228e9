//! Attachments by hash: how much of each is on disk, and which records name it.

use super::{DbError, Step, device_of, fixed, signed, unsigned};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::DeviceId;

/// An attachment as far as it arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attachment {
    pub size_bytes: u64,
    pub held_bytes: u64,
    pub whole: bool,
    /// Who sends it.
    pub device: DeviceId,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, hash: &[u8; 32]) -> Result<Option<Attachment>, DbError> {
    db.prepare_cached("SELECT size_bytes, held_bytes, whole, device FROM attachment WHERE hash = ?1")
        .step("prepare an attachment")?
        .query_row([hash], |row| {
            Ok(Attachment {
                size_bytes: unsigned(row.get(0)?),
                held_bytes: unsigned(row.get(1)?),
                whole: row.get(2)?,
                device: fixed(row, 3, device_of)?,
            })
        })
        .optional()
        .step("read an attachment")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, hash: &[u8; 32], attachment: &Attachment, now_ms: i64) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO attachment (hash, size_bytes, held_bytes, whole, device, received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (hash) DO UPDATE SET size_bytes = excluded.size_bytes, held_bytes = excluded.held_bytes, whole = excluded.whole,
             received_ms = excluded.received_ms",
    )
    .step("prepare to write an attachment")?
    .execute((
        hash,
        signed(attachment.size_bytes),
        signed(attachment.held_bytes),
        attachment.whole,
        attachment.device.as_bytes(),
        now_ms,
    ))
    .step("write an attachment")?;
    Ok(())
}

/// What an entry names a file as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    Thumbnail,
    Photograph,
}

impl Picture {
    const fn code(self) -> &'static str {
        match self {
            Self::Thumbnail => "thumbnail",
            Self::Photograph => "photograph",
        }
    }

    const fn of(code: &str) -> Self {
        match code.as_bytes() {
            b"thumbnail" => Self::Thumbnail,
            _ => Self::Photograph,
        }
    }
}

/// # Errors
/// [`DbError`] naming the step.
pub fn name(
    db: &Connection,
    hash: &[u8; 32],
    record: &siaga_domain::id::RecordId,
    kind: Picture,
) -> Result<(), DbError> {
    db.prepare_cached("INSERT OR IGNORE INTO attachment_named (hash, record, kind) VALUES (?1, ?2, ?3)")
        .step("prepare to name an attachment")?
        .execute((hash, record.as_bytes(), kind.code()))
        .step("name an attachment")?;
    Ok(())
}

/// Whether the record names the file already.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn is_named_by(db: &Connection, hash: &[u8; 32], record: &siaga_domain::id::RecordId) -> Result<bool, DbError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM attachment_named WHERE hash = ?1 AND record = ?2)")
        .step("prepare whether a record names an attachment")?
        .query_row((hash, record.as_bytes()), |row| row.get(0))
        .step("ask whether a record names an attachment")
}

/// Whether a device may name the file: nothing is known of it yet, the device sends it, or a record that is or ever was in
/// the device's scope names it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn may_be_named_by(db: &Connection, hash: &[u8; 32], device: &DeviceId) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT (NOT EXISTS (SELECT 1 FROM attachment WHERE hash = ?1) AND NOT EXISTS (SELECT 1 FROM attachment_named WHERE hash = ?1))
             OR EXISTS (SELECT 1 FROM attachment WHERE hash = ?1 AND device = ?2)
             OR EXISTS (SELECT 1 FROM attachment_named JOIN membership ON membership.record = attachment_named.record
                        WHERE attachment_named.hash = ?1 AND membership.device = ?2)",
    )
    .step("prepare whether a device may name an attachment")?
    .query_row((hash, device.as_bytes()), |row| row.get(0))
    .step("ask whether a device may name an attachment")
}

/// What entries name the file as, the more generous where they differ; `None` when none does.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn named_as(db: &Connection, hash: &[u8; 32]) -> Result<Option<Picture>, DbError> {
    db.prepare_cached("SELECT min(kind) FROM attachment_named WHERE hash = ?1")
        .step("prepare what an attachment is named as")?
        .query_row([hash], |row| row.get::<_, Option<String>>(0))
        .step("read what an attachment is named as")
        .map(|kind| kind.map(|kind| Picture::of(&kind)))
}

/// How many other photographs the fullest incident has that names this one through any of its records.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn others_of_its_incident(db: &Connection, hash: &[u8; 32]) -> Result<u32, DbError> {
    db.prepare_cached(
        "WITH place AS (
             SELECT DISTINCT CASE WHEN length(projection.incident) = 16 THEN projection.incident ELSE projection.record END AS incident
             FROM attachment_named AS named JOIN projection ON projection.record = named.record WHERE named.hash = ?1
         ),
         counted AS (
             SELECT place.incident, count(DISTINCT other.hash) AS photographs FROM place
             JOIN projection ON projection.record = place.incident OR projection.incident = place.incident
             JOIN attachment_named AS other ON other.record = projection.record AND other.kind = 'photograph' AND other.hash <> ?1
             JOIN attachment ON attachment.hash = other.hash
             GROUP BY place.incident
         )
         SELECT coalesce(max(photographs), 0) FROM counted",
    )
    .step("prepare how many photographs an incident has")?
    .query_row([hash], |row| row.get(0))
    .step("count the photographs of an incident")
}

/// Whether a record the device is told about names the file, or a map pack of its unit is it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn is_visible(db: &Connection, hash: &[u8; 32], device: &DeviceId) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM attachment_named JOIN membership ON membership.record = attachment_named.record
         WHERE attachment_named.hash = ?1 AND membership.device = ?2 AND membership.left = 0)
         OR EXISTS (SELECT 1 FROM pack JOIN pack_unit ON pack_unit.name = pack.name JOIN device ON device.id = ?2
         WHERE pack.hash = ?1 AND pack_unit.unit IN ('', device.unit))",
    )
    .step("prepare who sees an attachment")?
    .query_row((hash, device.as_bytes()), |row| row.get(0))
    .step("ask who sees an attachment")
}

/// A file that records of an incident name, as far as it is here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfIncident {
    pub hash: [u8; 32],
    /// 0 while nothing of it came.
    pub size_bytes: u64,
    pub held_bytes: u64,
    pub whole: bool,
    /// When bytes of it last came.
    pub received_ms: Option<i64>,
}

/// Every file that the incident or a record of it names.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_incident(db: &Connection, incident: &siaga_domain::id::RecordId) -> Result<Vec<OfIncident>, DbError> {
    db.prepare_cached(
        "SELECT DISTINCT named.hash, coalesce(attachment.size_bytes, 0), coalesce(attachment.held_bytes, 0),
                coalesce(attachment.whole, 0), attachment.received_ms
         FROM attachment_named AS named JOIN projection ON projection.record = named.record
         LEFT JOIN attachment ON attachment.hash = named.hash
         WHERE projection.record = ?1 OR projection.incident = ?1 ORDER BY named.hash",
    )
    .step("prepare the files of an incident")?
    .query_map([incident.as_bytes()], |row| {
        Ok(OfIncident {
            hash: row.get(0)?,
            size_bytes: unsigned(row.get(1)?),
            held_bytes: unsigned(row.get(2)?),
            whole: row.get(3)?,
            received_ms: row.get(4)?,
        })
    })
    .and_then(Iterator::collect)
    .step("read the files of an incident")
}

/// Hashes of every whole attachment.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn whole(db: &Connection) -> Result<Vec<[u8; 32]>, DbError> {
    db.prepare("SELECT hash FROM attachment WHERE whole = 1 ORDER BY hash")
        .step("prepare the attachments")?
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .step("read the attachments")
}
