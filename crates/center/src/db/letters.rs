//! Letters of phones and numbers of patients: given once, never moved.

use super::{DbError, Step, device_of, fixed, record_of, setting};
use rusqlite::{Connection, OptionalExtension};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::patient_number::{PatientLetters, PatientNumber};
use siaga_domain::time::UtcMs;

/// Letters a device may be given in a day: a phone asks again where an answer was lost, or its home was put back.
const A_DAY: i64 = 12;
const DAY_MS: i64 = 86_400_000;

/// Setting: letters before this place were perhaps given by a life of this center that is lost.
const FROM: &str = "letters_from";
/// Letters a lost life may have given since its backup, at most: phones enrolled in between.
const PERHAPS_GIVEN: u32 = 200;

fn from(db: &Connection) -> Result<u32, DbError> {
    Ok(setting::get(db, FROM)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// The place after the last that was given.
fn next(db: &Connection) -> Result<u32, DbError> {
    let given: Option<u32> =
        db.query_row("SELECT max(place) FROM letters", [], |row| row.get(0)).step("look for the last letters")?;
    Ok(given.map_or(0, |place| place.saturating_add(1)).max(from(db)?))
}

/// New letters for a device; `None` where it had its fill today.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn give(db: &Connection, device: &DeviceId, now: UtcMs) -> Result<Option<PatientLetters>, DbError> {
    let lately: i64 = db
        .query_row(
            "SELECT count(*) FROM letters WHERE device = ?1 AND given_ms > ?2",
            (device.as_bytes(), now.0.saturating_sub(DAY_MS)),
            |row| row.get(0),
        )
        .step("count the letters of a device")?;
    if lately >= A_DAY {
        return Ok(None);
    }
    let place = next(db)?;
    put(db, place, device, now)?;
    Ok(Some(PatientLetters::at(place)))
}

fn put(db: &Connection, place: u32, device: &DeviceId, now: UtcMs) -> Result<(), DbError> {
    db.execute("INSERT INTO letters (place, device, given_ms) VALUES (?1, ?2, ?3)", (place, device.as_bytes(), now.0))
        .step("give letters")?;
    Ok(())
}

/// Another life of this center begins: whatever letters the last one gave after its backup are not given again.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn begin_behind_what_was_lost(db: &Connection) -> Result<(), DbError> {
    let place = next(db)?.saturating_add(PERHAPS_GIVEN);
    setting::set(db, FROM, &place.to_string())
}

/// Whether letters are those of a device. Letters that a lost life of this center gave belong to the first that brings
/// them.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn are_of(db: &Connection, letters: &PatientLetters, device: &DeviceId, now: UtcMs) -> Result<bool, DbError> {
    let place = letters.place();
    let owner = db
        .query_row("SELECT device FROM letters WHERE place = ?1", [place], |row| fixed(row, 0, device_of))
        .optional()
        .step("look whose letters these are")?;
    match owner {
        Some(owner) => Ok(owner == *device || super::device::same_phone(db, device)?.contains(&owner)),
        None if place < from(db)? => put(db, place, device, now).map(|()| true),
        None => Ok(false),
    }
}

/// What a patient is called, as the center fixed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Called {
    pub number: String,
    /// Another patient has the same number, or its letters are of another phone.
    pub is_doubtful: bool,
}

/// # Errors
/// [`DbError`] naming the step.
pub fn called(db: &Connection, patient: &RecordId) -> Result<Option<Called>, DbError> {
    db.prepare_cached(
        "SELECT number, is_foreign OR EXISTS (
             SELECT 1 FROM patient_number AS other WHERE other.number = one.number AND other.patient <> one.patient
             AND (other.incident = one.incident OR one.number GLOB '[A-Z]*'))
         FROM patient_number AS one WHERE patient = ?1",
    )
    .step("prepare what a patient is called")?
    .query_row([patient.as_bytes()], |row| Ok(Called { number: row.get(0)?, is_doubtful: row.get(1)? }))
    .optional()
    .step("read what a patient is called")
}

/// Fixes what a patient is called; the first time holds.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn fix(
    db: &Connection,
    patient: &RecordId,
    incident: &RecordId,
    number: &PatientNumber,
    is_foreign: bool,
) -> Result<(), DbError> {
    db.prepare_cached(
        "INSERT INTO patient_number (patient, incident, number, is_foreign) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (patient) DO NOTHING",
    )
    .step("prepare to number a patient")?
    .execute((patient.as_bytes(), incident.as_bytes(), number.as_str(), is_foreign))
    .step("number a patient")?;
    Ok(())
}

/// The number after the last that the center gave in an incident.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn next_of_incident(db: &Connection, incident: &RecordId) -> Result<u32, DbError> {
    let last: u32 = db
        .query_row(
            "SELECT coalesce(max(CAST(number AS INTEGER)), 0) FROM patient_number
             WHERE incident = ?1 AND number NOT GLOB '[A-Z]*'",
            [incident.as_bytes()],
            |row| row.get(0),
        )
        .step("look for the last number of an incident")?;
    Ok(last.saturating_add(1))
}

/// Patients that have no number yet, in the order consoles listed them before there were numbers, each with whether its documents may still be written to.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn unnumbered(db: &Connection, limit: usize) -> Result<Vec<(RecordId, bool)>, DbError> {
    db.prepare_cached(
        "SELECT record, NOT EXISTS (SELECT 1 FROM archive WHERE archive.incident = projection.incident)
         FROM projection WHERE kind = 'patient' AND length(incident) = 16 AND json <> 'null'
           AND NOT EXISTS (SELECT 1 FROM patient_number WHERE patient_number.patient = projection.record)
         ORDER BY incident, record LIMIT ?1",
    )
    .step("prepare the patients without a number")?
    .query_map([super::signed(limit as u64)], |row| Ok((fixed(row, 0, record_of)?, row.get(1)?)))
    .and_then(Iterator::collect)
    .step("read the patients without a number")
}
