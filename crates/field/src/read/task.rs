//! One task: its road step by step with how far each press got, and everything known at its incident.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::read::assessment::briefs as assessment_briefs;
use crate::read::files;
use crate::read::patient::briefs as patient_briefs;
use crate::read::tasks::{Counts, Surroundings, brief, is_medical};
use crate::request::ById;
use crate::view::{EntryDelivery, OtherUnit, Step, Task};
use siaga_domain::delivery::Delivery;
use siaga_domain::id::{RecordId, UnitCode};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::{Assignment, StatusView};
use siaga_domain::status::Status;
use siaga_store::Stored;
use std::collections::BTreeMap;

impl Field {
    /// # Errors
    /// `NotFound` for an unknown task, `Storage` when the store does not answer.
    pub fn task(&self, request: &ById) -> Result<Task, Failure> {
        let look = self.look()?;
        let stored = look.find("id", &request.id, RecordKind::Assignment)?;
        let Record::Assignment(assignment) = &stored.record else { return Err(Failure::internal("read the task")) };
        let around = Surroundings::new(&look)?;
        let of = assignment.incident;
        let incident = look.store.record(of)?.and_then(|stored| match stored.record {
            Record::Incident(incident) => Some(incident),
            _ => None,
        });
        let patients = patient_briefs(&look, of)?;
        let assessments = assessment_briefs(&look, &around.directory, of)?;
        let count = |len: usize| (of, u32::try_from(len).unwrap_or(u32::MAX));
        let counts =
            Counts { patients: [count(patients.len())].into(), assessments: [count(assessments.len())].into() };
        Ok(Task {
            brief: brief(&look, &around, &stored, assignment, incident.as_ref(), &counts),
            steps: steps(&look, &stored, assignment, is_medical(&around.directory, &assignment.unit))?,
            patients,
            assessments,
            other_units: other_units(&look, of, &assignment.unit)?,
            note_delivery: Reached::of(&look, of)?
                .entries(incident.iter().flat_map(|of| &of.notes).map(|note| note.author.entry.as_str())),
            files: files::of_notes(&look, incident.as_ref().map_or(&[][..], |incident| &incident.notes))?,
            dispatcher_text: assignment.text.clone(),
            incident,
        })
    }
}

/// How far the entries of one record got.
pub(crate) struct Reached {
    written_here: BTreeMap<String, Delivery>,
    /// Of an entry that this phone did not write: it came from the center. Not known when this phone wrote in the record and
    /// its own entries are not listed.
    others: Option<Delivery>,
}

impl Reached {
    pub(crate) fn of(look: &Look<'_>, record: RecordId) -> Result<Self, Failure> {
        let known = look.store.entry_delivery(record)?;
        let written_here: BTreeMap<String, Delivery> =
            known.into_iter().map(|(entry, delivery)| (entry.to_string(), delivery)).collect();
        let others = look.store.record(record)?.and_then(|stored| {
            let complete = !stored.written_here || !written_here.is_empty();
            complete.then_some(Delivery::Received { at_ms: stored.updated_ms })
        });
        Ok(Self { written_here, others })
    }

    pub(crate) fn entry(&self, entry: &str) -> Option<Delivery> {
        self.written_here.get(entry).cloned().or_else(|| self.others.clone())
    }

    /// One row for each entry whose way is known.
    pub(crate) fn entries<'e>(&self, shown: impl IntoIterator<Item = &'e str>) -> Vec<EntryDelivery> {
        let of = |entry: &str| Some(EntryDelivery { entry: entry.to_owned(), delivery: self.entry(entry)? });
        shown.into_iter().filter_map(of).collect()
    }
}

/// The road of the unit, pressed or not, one step a status. What was pressed beside the road (delayed, at the
/// assembly point, declined) stands before the next step of it. Of a status pressed twice the last counts.
fn steps(look: &Look<'_>, stored: &Stored, assignment: &Assignment, medical: bool) -> Result<Vec<Step>, Failure> {
    let reached = Reached::of(look, stored.id)?;
    let mut steps = Vec::new();
    for status in Status::ALL.iter().copied().filter(|status| *status != Status::Seen) {
        let pressed = assignment.events.iter().rev().find(|event| event.status == status);
        if pressed.is_some() || on_road(status, medical) {
            steps.push(step(status, pressed, &reached));
        }
    }
    Ok(steps)
}

fn on_road(status: Status, medical: bool) -> bool {
    match status {
        Status::Accepted | Status::EnRoute | Status::OnScene | Status::Available => true,
        Status::AtPatient | Status::Departed | Status::AtDestination | Status::HandedOver => medical,
        Status::Seen | Status::Declined | Status::Staging | Status::Delayed => false,
    }
}

fn step(status: Status, pressed: Option<&StatusView>, reached: &Reached) -> Step {
    Step {
        status,
        entry: pressed.map(|event| event.author.entry.clone()),
        at_ms: pressed.map(|event| event.author.at_ms),
        by: pressed.map(|event| event.author.by.clone()),
        delivery: pressed.and_then(|event| reached.entry(&event.author.entry)),
        reason: pressed.and_then(|event| event.reason.clone()),
        outcome: pressed.and_then(|event| event.outcome.clone()),
        has_position: pressed.is_some_and(|event| event.position.is_some()),
    }
}

fn other_units(look: &Look<'_>, incident: RecordId, mine: &UnitCode) -> Result<Vec<OtherUnit>, Failure> {
    let of = |stored: Stored| match stored.record {
        Record::Assignment(other) if other.unit != *mine => Some(OtherUnit {
            at_ms: other.events.last().map(|event| event.author.at_ms),
            unit: other.unit.to_string(),
            status: other.status,
        }),
        _ => None,
    };
    Ok(look.store.of_incident(incident, RecordKind::Assignment)?.into_iter().filter_map(of).collect())
}
