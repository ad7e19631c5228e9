//! The eight records: what may stand in each, and how its entries read as one picture.
//!
//! `project` folds entries into what people see. It decides nothing about merging: every entry that is there
//! counts, and people who disagree are both shown.

pub mod assessment;
pub mod assignment;
pub mod brief;
pub mod directory;
pub mod identity;
pub mod incident;
pub mod patient;
pub mod shift;
pub mod sos;

use crate::entry::Entry;
use crate::id::RecordId;
use crate::kind::RecordKind;
use crate::register::Dispute;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The rules by which entries are read. Raised with every release in which the same entries read otherwise: what was read
/// and kept by other rules is then read anew.
pub const READ_AS: u32 = 1;

/// A record as people see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(clippy::large_enum_variant, reason = "records are read and shown one at a time, not kept by the thousand")]
pub enum Record {
    Incident(incident::Incident),
    Assignment(assignment::Assignment),
    Patient(patient::Patient),
    Identity(identity::Identity),
    Assessment(assessment::Assessment),
    Sos(sos::Sos),
    Shift(shift::Shift),
    Directory(directory::Directory),
}

/// Folds the entries of one record. `None` when the entry that opens a record of this kind is missing.
#[must_use]
pub fn project(kind: RecordKind, id: RecordId, entries: &[Entry]) -> Option<Record> {
    match kind {
        RecordKind::Incident => incident::project(id, entries).map(Record::Incident),
        RecordKind::Assignment => assignment::project(id, entries).map(Record::Assignment),
        RecordKind::Patient => patient::project(id, entries).map(Record::Patient),
        RecordKind::Identity => identity::project(id, entries).map(Record::Identity),
        RecordKind::Assessment => assessment::project(id, entries).map(Record::Assessment),
        RecordKind::Sos => sos::project(id, entries).map(Record::Sos),
        RecordKind::Shift => shift::project(id, entries).map(Record::Shift),
        RecordKind::Directory => Some(Record::Directory(directory::project(id, entries))),
    }
}

impl Record {
    #[must_use]
    pub fn disputes(&self) -> &[Dispute] {
        match self {
            Self::Incident(record) => &record.disputes,
            Self::Assignment(record) => &record.disputes,
            Self::Patient(record) => &record.disputes,
            Self::Identity(record) => &record.disputes,
            Self::Assessment(record) => &record.disputes,
            Self::Sos(_) | Self::Shift(_) | Self::Directory(_) => &[],
        }
    }

    /// The incident this record belongs to; an incident belongs to itself.
    #[must_use]
    pub fn incident(&self) -> Option<RecordId> {
        match self {
            Self::Incident(record) => Some(record.id),
            Self::Assignment(record) => Some(record.incident),
            Self::Patient(record) => Some(record.incident),
            Self::Assessment(record) => Some(record.incident),
            Self::Identity(_) | Self::Sos(_) | Self::Shift(_) | Self::Directory(_) => None,
        }
    }
}
