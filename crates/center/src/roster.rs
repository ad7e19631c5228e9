//! The roster office's plan: a file of rows becomes shifts, all of it or none.
//!
//! A file says who is planned in the shifts it names, and nothing about others: persons it leaves out of a shift
//! are struck from it, shifts it does not name stay. Taking the same file again therefore changes nothing.

pub mod file;

use crate::Center;
use crate::api::desk::directory;
use crate::db::{self, DbError, audit, placing, projection};
use crate::journal::documents::LoadError;
use crate::journal::{RecordWrite, Start, WriteError};
use file::{Plan, PlannedRow, RowError, ShiftKey};
use sha2::{Digest, Sha256};
use siaga_domain::entry::{Body, Entries, Strike};
use siaga_domain::id::{EntryId, PostCode, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::shift::{Planned, PlannedPerson};
use std::collections::{BTreeMap, BTreeSet};

/// Why a strike stands in a shift.
const NO_LONGER_PLANNED: &str = "roster";

/// A roster was not taken; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportRosterError {
    #[error("{} of the rows cannot be taken; nothing was imported", .0.len())]
    Rows(Vec<RowError>),
    #[error("could not read the present roster")]
    Read(#[from] DbError),
    #[error("could not read a shift")]
    Shift(#[from] LoadError),
    #[error("could not write the roster")]
    Write(#[from] WriteError),
}

/// What an import came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct RosterImported {
    pub rows: usize,
    pub shifts_new: usize,
    pub shifts_changed: usize,
    pub people_added: usize,
    pub people_struck: usize,
}

/// Takes a whole CSV file, or tells every row that is wrong.
///
/// # Errors
/// [`ImportRosterError`] naming the step.
pub fn import(center: &Center, bytes: &[u8], by: &str) -> Result<RosterImported, ImportRosterError> {
    let posts: BTreeSet<PostCode> =
        center.db().read(|tx| directory(tx))?.posts.into_iter().map(|post| post.code).collect();
    let plan = file::read(bytes, &posts).map_err(ImportRosterError::Rows)?;
    let imported = apply(center, &plan, by)?;
    if imported.shifts_new > 0 || imported.shifts_changed > 0 {
        let now = center.now();
        let summary = format!(
            "shifts_new={} shifts_changed={} people_added={} people_struck={}",
            imported.shifts_new, imported.shifts_changed, imported.people_added, imported.people_struck
        );
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        center.db().write(|tx| {
            db::roster::imported(tx, &hash, imported.rows, &summary, by, now)?;
            audit::append(tx, now.0, &audit::Act { by, act: "roster.import", subject: "", detail: &summary })
        })?;
    }
    Ok(imported)
}

/// Makes the shifts of a plan what the plan says.
///
/// # Errors
/// [`ImportRosterError`] naming the step.
pub fn apply(center: &Center, plan: &Plan, by: &str) -> Result<RosterImported, ImportRosterError> {
    let known = known_shifts(center)?;
    let mut imported = RosterImported { rows: plan.values().map(Vec::len).sum(), ..RosterImported::default() };
    let mut writes = Vec::new();
    for (key, people) in plan {
        match known.get(key) {
            None => {
                imported.shifts_new += 1;
                imported.people_added += people.len();
                writes.push(new_shift(center, key, people));
            }
            Some(record) => {
                let entries = difference(center, record, people, &mut imported)?;
                if !entries.is_empty() {
                    imported.shifts_changed += 1;
                    writes.push(RecordWrite {
                        record: *record,
                        kind: RecordKind::Shift,
                        start: Start::Append,
                        entries,
                    });
                }
            }
        }
    }
    if !writes.is_empty() {
        center.write_all(writes, by)?;
    }
    Ok(imported)
}

/// Shifts by post and hours; of two with the same, the older one.
fn known_shifts(center: &Center) -> Result<BTreeMap<ShiftKey, RecordId>, DbError> {
    let stored = center.db().read(|tx| {
        let mut stored = Vec::new();
        for one in projection::of_kind(tx, RecordKind::Shift)? {
            // A shift that a phone made for a post it does not know is not the plan of that post.
            if !placing::is_unplaced(tx, &one.id)? {
                stored.push(one);
            }
        }
        Ok::<_, DbError>(stored)
    })?;
    let mut known = BTreeMap::new();
    for one in stored {
        if let Some(Record::Shift(shift)) = one.record {
            let key = ShiftKey { post: shift.post, from: shift.from_ms, until: shift.until_ms };
            known.entry(key).or_insert(one.id);
        }
    }
    Ok(known)
}

fn new_shift(center: &Center, key: &ShiftKey, people: &[PlannedRow]) -> RecordWrite {
    let plan = Planned { post: key.post.clone(), from_ms: key.from, until_ms: key.until };
    let mut entries = vec![Body::Planned(plan)];
    entries.extend(people.iter().map(person));
    RecordWrite { record: center.new_record(), kind: RecordKind::Shift, start: Start::Create, entries }
}

/// What must be written so that exactly `people` are planned.
fn difference(
    center: &Center,
    record: &RecordId,
    people: &[PlannedRow],
    imported: &mut RosterImported,
) -> Result<Vec<Body>, LoadError> {
    let all = center.entries(record)?;
    let standing: Vec<(EntryId, PlannedRow)> = Entries::of(&all)
        .live
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Person(person) => Some((
                entry.id,
                PlannedRow { person: person.name.clone(), stands_in_for: person.stands_in_for.clone() },
            )),
            _ => None,
        })
        .collect();
    let mut entries = Vec::new();
    for (id, row) in &standing {
        if !people.contains(row) {
            imported.people_struck += 1;
            entries.push(Body::Strike(Strike { target: *id, reason: NO_LONGER_PLANNED.to_owned() }));
        }
    }
    for row in people {
        if !standing.iter().any(|(_, known)| known == row) {
            imported.people_added += 1;
            entries.push(person(row));
        }
    }
    Ok(entries)
}

fn person(row: &PlannedRow) -> Body {
    Body::Person(PlannedPerson { name: row.person.clone(), stands_in_for: row.stands_in_for.clone() })
}
