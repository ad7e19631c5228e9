//! An id names one entry of a record, whichever of its parts that stands in.
//!
//! The gate compares a change with the one document it goes into. Here it is compared with the other parts of the incident,
//! and with who brought what stands there: a phone that writes an entry again after a refusal repeats its own words, and
//! nobody repeats the words of others so that they stand earlier than they were said.

use super::WriteError;
use super::{documents, parts};
use crate::admission::Vetted;
use crate::db::{log, projection};
use rusqlite::Connection;
use siaga_document::{Document, Twin};
use siaga_domain::id::{DeviceId, EntryId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::policy::{Author, may_write};
use std::collections::BTreeMap;

/// Where the change goes, and who brings it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub device: DeviceId,
    pub role: Role,
    pub record: RecordId,
    pub kind: RecordKind,
    /// As it stands before everything this device brings now.
    pub document: &'a Document,
}

/// Ids of the entries that one delivery brings into the parts of incidents: they are not in the log yet.
#[derive(Default)]
pub(super) struct Delivered(BTreeMap<(RecordId, EntryId), RecordId>);

impl Delivered {
    /// Whether the same delivery brings one of these entries into another part.
    pub(super) fn is_elsewhere(&self, whole: RecordId, record: RecordId, vetted: &Vetted) -> bool {
        vetted.entries.iter().any(|(entry, _)| self.0.get(&(whole, *entry)).is_some_and(|other| *other != record))
    }

    pub(super) fn note(&mut self, whole: RecordId, record: RecordId, vetted: &Vetted) {
        self.0.extend(vetted.entries.iter().map(|(entry, _)| ((whole, *entry), record)));
    }
}

/// The record as people see it: the incident of a part, the record itself otherwise.
pub(super) fn whole(tx: &Connection, place: &Place<'_>) -> Result<RecordId, WriteError> {
    Ok(parts::all_of(tx, &place.record, place.kind)?.first().copied().unwrap_or(place.record))
}

/// Whether an id of this change is taken, so that the change may not enter.
pub(super) fn is_taken(tx: &Connection, place: &Place<'_>, bytes: &[u8], vetted: &Vetted) -> Result<bool, WriteError> {
    let all = parts::all_of(tx, &place.record, place.kind)?;
    let number_of = |record: &RecordId| all.iter().position(|one| one == record);
    for (entry, kind) in &vetted.entries {
        let is_denied = may_write(Author::Device(place.role), place.kind, kind).is_err();
        for record in &all {
            let Some(brought) = log::brought(tx, record, entry)? else { continue };
            let is_own = match brought.origin {
                Some(origin) => origin == place.device,
                // Perhaps its own, from before this center was put back; never where only the center may write it.
                None => brought.is_given_back && !is_denied,
            };
            let twin = if *record == place.record {
                place.document.twin(bytes, *entry)
            } else {
                let position = projection::get(tx, record)?.map_or(0, |known| known.position);
                documents::load(tx, record, position)?.twin(bytes, *entry).map(|twin| match twin {
                    Twin::Other => Twin::Other,
                    _ if number_of(&place.record) < number_of(record) => Twin::Before,
                    _ => Twin::After,
                })
            };
            let is_harmless = match twin {
                None => true,
                Some(Twin::Other) => false,
                Some(Twin::Before) => is_own,
                Some(Twin::After) => is_own || !is_denied,
            };
            if !is_harmless {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether something came under this id into any part of the record.
pub(super) fn stands(tx: &Connection, all: &[RecordId], entry: &EntryId) -> Result<bool, WriteError> {
    for record in all {
        if log::brought(tx, record, entry)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
