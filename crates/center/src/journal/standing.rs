//! What an entry states about its writer, compared once with the enrolment and the roster, when it comes.
//!
//! The result is kept beside the entry at the center and shown on the console only. Nothing is withheld or refused for it.

use super::WriteError;
use crate::db::device::Device;
use crate::db::placing::{self, Found};
use crate::db::{attachment, device, projection};
use rusqlite::Connection;
use siaga_domain::entry::{Body, Entry};
use siaga_domain::id::{ChangeHash, DeviceId, EntryId, RecordId};
use siaga_domain::record::Record;
use siaga_domain::record::incident::Source;
use siaga_domain::record::shift::Shift;
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;

const HOUR_MS: i64 = 3_600_000;

/// A name counts this long before and after the shift it is planned for: people come early and stay.
const AROUND_SHIFT_MS: i64 = 12 * HOUR_MS;

/// An entry that states an older time is compared with the shifts of now.
const OLDEST_MS: i64 = 31 * 24 * HOUR_MS;

/// An entry that a device brought: in which change, and the person its envelope names.
#[derive(Clone, Debug)]
pub(super) struct BroughtEntry {
    pub change: ChangeHash,
    pub author: String,
}

/// Entries a device brought into one record.
pub(super) type BroughtEntries = BTreeMap<EntryId, BroughtEntry>;

/// What a device's statements are compared with, read when the first of them needs it.
pub(super) struct Standings<'a> {
    tx: &'a Connection,
    device: &'a Device,
    now: UtcMs,
    units: Vec<String>,
    shifts: BTreeMap<RecordId, Shift>,
}

impl<'a> Standings<'a> {
    pub(super) fn of(tx: &'a Connection, device: &'a Device, now: UtcMs) -> Result<Self, WriteError> {
        Ok(Self { tx, device, now, units: device::units_ever(tx, &device.id)?, shifts: BTreeMap::new() })
    }

    /// Keeps what is found about each entry.
    pub(super) fn note(
        &mut self,
        record: &RecordId,
        entries: &[Entry],
        brought: &BroughtEntries,
    ) -> Result<(), WriteError> {
        for entry in entries {
            let Some(from) = brought.get(&entry.id) else { continue };
            let found = Found {
                person: self.person(&entry.stamp.by, &from.author, entry.stamp.clock.center_estimate())?.to_owned(),
                mismatch: self.mismatch(&entry.body)?,
            };
            placing::note_entry(self.tx, record, &entry.id, &from.change, &found)?;
        }
        Ok(())
    }

    fn person(&mut self, by: &str, author: &str, at: UtcMs) -> Result<&'static str, WriteError> {
        if by.is_empty() {
            return Ok("nameless");
        }
        Ok(if by == author && self.is_on_duty(by, at)? { "proven" } else { "unproven" })
    }

    /// Whether the person is planned or checked in at a post of the device, as a stand-in or not, around that time.
    fn is_on_duty(&mut self, name: &str, at: UtcMs) -> Result<bool, WriteError> {
        let is_sensible = at >= self.now.plus(-OLDEST_MS) && at <= self.now.plus(AROUND_SHIFT_MS);
        let at = if is_sensible { at } else { self.now };
        let (from, until) = (at.plus(-AROUND_SHIFT_MS), at.plus(AROUND_SHIFT_MS));
        for record in placing::shifts_of(self.tx, &self.device.id, from, until)? {
            if !self.shifts.contains_key(&record)
                && let Some(Record::Shift(shift)) = projection::get(self.tx, &record)?.and_then(|stored| stored.record)
            {
                self.shifts.insert(record, shift);
            }
            let is_named = self.shifts.get(&record).is_some_and(|shift| {
                shift.planned.iter().any(|planned| planned.name == name)
                    || shift.presence.iter().any(|presence| presence.name == name)
            });
            if is_named {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What does not fit the enrolment, as codes.
    fn mismatch(&self, body: &Body) -> Result<String, WriteError> {
        let is_others = |unit: &str| !unit.is_empty() && !self.units.iter().any(|one| one == unit);
        let mut found = Vec::new();
        match body {
            Body::IncidentOpened(opened) => {
                if opened.source != Source::Field {
                    found.push("source");
                }
                if opened.unit.as_deref().is_some_and(is_others) {
                    found.push("unit");
                }
            }
            Body::SosRaised(raised) if is_others(&raised.unit) => found.push("unit"),
            Body::CheckIn(checked) if checked.unit.as_deref().is_some_and(is_others) => found.push("unit"),
            Body::Destination(to) if !placing::facility_exists(self.tx, to.facility.as_str())? => {
                found.push("facility")
            }
            Body::Handover(handover) => {
                if let Some(facility) = &handover.facility
                    && !placing::facility_exists(self.tx, facility.as_str())?
                {
                    found.push("facility");
                }
            }
            Body::Note(note) => {
                let names = [note.attachment.as_deref(), note.thumbnail.as_deref()];
                for name in names {
                    if found.is_empty() && !may_name(self.tx, &self.device.id, name)? {
                        found.push("file");
                    }
                }
            }
            _ => {}
        }
        Ok(found.join(" "))
    }
}

/// Whether the device may name a file, as entries write its hash.
fn may_name(tx: &Connection, device: &DeviceId, name: Option<&str>) -> Result<bool, WriteError> {
    match name.and_then(|name| hex::decode(name).ok()?.try_into().ok()) {
        Some(hash) => may_name_file(tx, device, &hash),
        None => Ok(true),
    }
}

/// Whether the device may name the file of this hash.
pub(super) fn may_name_file(tx: &Connection, device: &DeviceId, hash: &[u8; 32]) -> Result<bool, WriteError> {
    Ok(attachment::may_be_named_by(tx, hash, device)?)
}
