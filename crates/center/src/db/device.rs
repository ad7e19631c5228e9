//! Enrolled devices, their open sessions, and what is known of their last exchange.

use super::feed;
use super::{DbError, Step, coded, device_of, fixed, signed, unsigned};
use rusqlite::{Connection, OptionalExtension, Row};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::Role;
use siaga_domain::time::UtcMs;
use siaga_wire::key::DevicePublicKey;

siaga_domain::coded! {
    /// Whether a device may speak.
    DeviceState {
        /// Enrolled; a supervisor has not compared the digits yet.
        Awaiting = "awaiting",
        Active = "active",
        Revoked = "revoked",
    }
}

/// A device as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    pub id: DeviceId,
    pub unit: String,
    pub role: Role,
    pub name: String,
    pub public_key: DevicePublicKey,
    pub state: DeviceState,
    /// Six digits to compare.
    pub code: String,
    pub app: String,
    pub attested: bool,
    pub enrolled_ms: UtcMs,
    pub state_ms: UtcMs,
    pub state_by: String,
    /// `None` before the first exchange.
    pub contact: Option<Contact>,
    /// Since when it may be two: its home was copied or put back, or its chain went two ways.
    pub copied_ms: Option<UtcMs>,
}

/// What is known of a device's last exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Contact {
    pub last_ms: UtcMs,
    /// Center time minus device time.
    pub offset_ms: i64,
    /// Feed positions the device said it has.
    pub acked: [u64; 2],
    /// Feed positions it was last told.
    pub told: [u64; 2],
    /// The satellites' time minus the center's, where the device saw them far apart.
    pub satellite_ahead_ms: Option<i64>,
    /// Stamp of the terms it said it has; 0 for none.
    pub terms_known: u16,
    /// On the center's own count; `None` for a contact of earlier versions.
    pub heard_ms: Option<i64>,
}

const COLUMNS: &str = "device.id, device.unit, device.role, device.name, device.public_key, device.state, device.code, device.app, device.attested,
    device.enrolled_ms, device.state_ms, device.state_by,
    contact.last_ms, contact.offset_ms, contact.acked_urgent, contact.acked_records, contact.told_urgent, contact.told_records,
    contact.satellite_ahead_ms, device.copied_ms, contact.terms_known, contact.heard_ms";

const FROM: &str = "device LEFT JOIN contact ON contact.device = device.id";

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, id: &DeviceId) -> Result<Option<Device>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE device.id = ?1"))
        .step("prepare a device")?
        .query_row([id.as_bytes()], read)
        .optional()
        .step("read a device")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn all(db: &Connection) -> Result<Vec<Device>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} ORDER BY device.unit, device.name, device.id"))
        .step("prepare the devices")?
        .query_map([], read)
        .and_then(super::readable)
        .step("read the devices")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn insert(db: &Connection, device: &Device) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO device (id, unit, role, name, public_key, state, code, app, attested, enrolled_ms, state_ms, state_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        rusqlite::params![
            device.id.as_bytes(),
            device.unit,
            device.role.code(),
            device.name,
            device.public_key.0,
            device.state.code(),
            device.code,
            device.app,
            device.attested,
            device.enrolled_ms.0,
            device.state_ms.0,
            device.state_by,
        ],
    )
    .step("write a device")?;
    Ok(())
}

/// The device works for another unit, or in another role, from now on.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn set_unit(db: &Connection, id: &DeviceId, unit: &str, role: Role) -> Result<(), DbError> {
    db.execute("UPDATE device SET unit = ?2, role = ?3 WHERE id = ?1", (id.as_bytes(), unit, role.code()))
        .step("change the unit of a device")?;
    Ok(())
}

/// Notes which device this one was before its phone lost its key, as the phone says. It opens nothing: what a phone adds to
/// names what is there by its hashes.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn note_was(db: &Connection, id: &DeviceId, was: &DeviceId) -> Result<(), DbError> {
    db.execute("UPDATE device SET was = ?2 WHERE id = ?1", (id.as_bytes(), was.as_bytes()))
        .step("note which device this was")?;
    Ok(())
}

/// Every enrolment of the phone that this device is: those with its key, and those it says it was before it lost a key.
/// The device itself is one of them.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn same_phone(db: &Connection, id: &DeviceId) -> Result<Vec<DeviceId>, DbError> {
    db.prepare_cached(&format!("{SAME_PHONE} SELECT id FROM same"))
        .step("prepare the enrolments of a phone")?
        .query_map([id.as_bytes()], |row| fixed(row, 0, device_of))
        .and_then(Iterator::collect)
        .step("read the enrolments of a phone")
}

const SAME_PHONE: &str = "WITH RECURSIVE same (id, public_key, was) AS (
         SELECT id, public_key, was FROM device WHERE id = ?1
         UNION SELECT other.id, other.public_key, other.was FROM same
             JOIN device AS other ON other.public_key = same.public_key OR other.id = same.was
     )";

/// Whether the phone of this device was ever told of a record, under this enrolment or an earlier one.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn was_ever_told(db: &Connection, id: &DeviceId, record: &RecordId) -> Result<bool, DbError> {
    db.prepare_cached(&format!(
        "{SAME_PHONE} SELECT EXISTS (SELECT 1 FROM membership WHERE record = ?2 AND device IN (SELECT id FROM same))"
    ))
    .step("prepare whether a phone was told")?
    .query_row((id.as_bytes(), record.as_bytes()), |row| row.get(0))
    .step("ask whether a phone was told")
}

/// Every unit the phone of this device was ever enrolled to, its unit of now among them.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn units_ever(db: &Connection, id: &DeviceId) -> Result<Vec<String>, DbError> {
    db.prepare_cached(&format!(
        "{SAME_PHONE} SELECT DISTINCT unit FROM device_unit_ever WHERE device IN (SELECT id FROM same) ORDER BY unit"
    ))
    .step("prepare the units of a phone")?
    .query_map([id.as_bytes()], |row| row.get(0))
    .and_then(Iterator::collect)
    .step("read the units of a phone")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn set_state(db: &Connection, id: &DeviceId, state: DeviceState, by: &str, now: UtcMs) -> Result<(), DbError> {
    db.execute(
        "UPDATE device SET state = ?2, state_by = ?3, state_ms = ?4 WHERE id = ?1",
        (id.as_bytes(), state.code(), by, now.0),
    )
    .step("change the state of a device")?;
    Ok(())
}

/// From now on the device may be two; from when it was first thought so stays.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn note_copied(db: &Connection, id: &DeviceId, now: UtcMs) -> Result<(), DbError> {
    db.execute("UPDATE device SET copied_ms = ?2 WHERE id = ?1 AND copied_ms = 0", (id.as_bytes(), now.0))
        .step("note that a device may be two")?;
    Ok(())
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put_contact(db: &Connection, id: &DeviceId, contact: &Contact) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO contact (device, last_ms, offset_ms, acked_urgent, acked_records, told_urgent, told_records, satellite_ahead_ms, terms_known,
             heard_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (device) DO UPDATE SET last_ms = excluded.last_ms, offset_ms = excluded.offset_ms, acked_urgent = excluded.acked_urgent,
             acked_records = excluded.acked_records, told_urgent = excluded.told_urgent, told_records = excluded.told_records,
             satellite_ahead_ms = excluded.satellite_ahead_ms, terms_known = excluded.terms_known,
             heard_ms = excluded.heard_ms",
    )
    .step("prepare a contact")?
    .execute((
        id.as_bytes(),
        contact.last_ms.0,
        contact.offset_ms,
        signed(contact.acked[0]),
        signed(contact.acked[1]),
        signed(contact.told[0]),
        signed(contact.told[1]),
        contact.satellite_ahead_ms,
        contact.terms_known,
        contact.heard_ms,
    ))
    .step("write a contact")?;
    Ok(())
}

/// Writes a contact down, and from `known` on which records the device was told of or said it has for the first time.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn note_contact(
    db: &Connection,
    id: &DeviceId,
    known: Option<&Contact>,
    contact: &Contact,
    told: UtcMs,
) -> Result<(), DbError> {
    put_contact(db, id, contact)?;
    if known.is_none_or(|known| known.told != contact.told) {
        feed::mark_told(db, id, contact.told, told)?;
    }
    if known.is_none_or(|known| known.acked != contact.acked) {
        feed::mark_held(db, id, contact.acked, contact.last_ms)?;
    }
    Ok(())
}

/// An open session, found by the hash of its token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenRow {
    pub device: DeviceId,
    pub made_ms: i64,
    pub used_ms: i64,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn token(db: &Connection, hash: &[u8; 32]) -> Result<Option<TokenRow>, DbError> {
    db.prepare_cached("SELECT device, made_ms, used_ms FROM device_token WHERE hash = ?1")
        .step("prepare a session")?
        .query_row([hash], |row| {
            Ok(TokenRow { device: fixed(row, 0, device_of)?, made_ms: row.get(1)?, used_ms: row.get(2)? })
        })
        .optional()
        .step("read a session")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn put_token(db: &Connection, hash: &[u8; 32], device: &DeviceId, now: UtcMs) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO device_token (hash, device, made_ms, used_ms) VALUES (?1, ?2, ?3, ?3)",
        (hash, device.as_bytes(), now.0),
    )
    .step("open a session")?;
    Ok(())
}

/// # Errors
/// [`DbError`] naming the step.
pub fn use_token(db: &Connection, hash: &[u8; 32], now: UtcMs) -> Result<(), DbError> {
    db.prepare_cached("UPDATE device_token SET used_ms = ?2 WHERE hash = ?1")
        .step("prepare to keep a session open")?
        .execute((hash, now.0))
        .step("keep a session open")?;
    Ok(())
}

/// Closes what can no longer be used.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn drop_tokens(db: &Connection, made_before: i64, used_before: i64) -> Result<(), DbError> {
    db.execute("DELETE FROM device_token WHERE made_ms < ?1 OR used_ms < ?2", (made_before, used_before))
        .step("close old sessions")?;
    Ok(())
}

/// # Errors
/// [`DbError`] naming the step.
pub fn drop_all_tokens(db: &Connection) -> Result<(), DbError> {
    db.execute("DELETE FROM device_token", []).step("close all device sessions")?;
    db.execute("DELETE FROM session", []).step("close all console sessions")?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Device> {
    let contact = match row.get::<_, Option<i64>>(12)? {
        None => None,
        Some(last_ms) => Some(Contact {
            last_ms: UtcMs(last_ms),
            offset_ms: row.get(13)?,
            acked: [unsigned(row.get(14)?), unsigned(row.get(15)?)],
            told: [unsigned(row.get(16)?), unsigned(row.get(17)?)],
            satellite_ahead_ms: row.get(18)?,
            terms_known: row.get(20)?,
            heard_ms: row.get(21)?,
        }),
    };
    Ok(Device {
        id: fixed(row, 0, device_of)?,
        unit: row.get(1)?,
        role: coded(row, 2)?,
        name: row.get(3)?,
        public_key: fixed(row, 4, |blob| blob.try_into().ok().map(DevicePublicKey))?,
        state: coded(row, 5)?,
        code: row.get(6)?,
        app: row.get(7)?,
        attested: row.get(8)?,
        enrolled_ms: UtcMs(row.get(9)?),
        state_ms: UtcMs(row.get(10)?),
        state_by: row.get(11)?,
        contact,
        copied_ms: Some(UtcMs(row.get(19)?)).filter(|since| since.0 > 0),
    })
}
