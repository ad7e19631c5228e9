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
            note_delivery: entry_delivery(&look, of)?,
            files: files::of_notes(&look, incident.as_ref().map_or(&[][..], |incident| &incident.notes))?,
            dispatcher_text: assignment.text.clone(),
            incident,
        })
    }
}

/// How far each entry of a record got; receipted ones are left out.
pub(crate) fn entry_delivery(look: &Look<'_>, record: RecordId) -> Result<Vec<EntryDelivery>, Failure> {
    let of =
        |(entry, delivery): (siaga_domain::id::EntryId, Delivery)| EntryDelivery { entry: entry.to_string(), delivery };
    Ok(look.store.entry_delivery(record)?.into_iter().map(of).collect())
}

/// The road of the unit, pressed or not, one step a status. What was pressed beside the road (delayed, at the
/// assembly point, declined) stands before the next step of it. Of a status pressed twice the last counts.
fn steps(look: &Look<'_>, stored: &Stored, assignment: &Assignment, medical: bool) -> Result<Vec<Step>, Failure> {
    let waiting = entry_delivery(look, stored.id)?;
    let mut steps = Vec::new();
    for status in Status::ALL.iter().copied().filter(|status| *status != Status::Seen) {
        let pressed = assignment.events.iter().rev().find(|event| event.status == status);
        if pressed.is_some() || on_road(status, medical) {
            steps.push(step(status, pressed, &waiting, stored));
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

fn step(status: Status, pressed: Option<&StatusView>, waiting: &[EntryDelivery], stored: &Stored) -> Step {
    Step {
        status,
        entry: pressed.map(|event| event.author.entry.clone()),
        at_ms: pressed.map(|event| event.author.at_ms),
        by: pressed.map(|event| event.author.by.clone()),
        delivery: pressed.map(|event| {
            waiting
                .iter()
                .find(|waiting| waiting.entry == event.author.entry)
                .map_or_else(|| received(stored), |waiting| waiting.delivery.clone())
        }),
        reason: pressed.and_then(|event| event.reason.clone()),
        has_position: pressed.is_some_and(|event| event.position.is_some()),
    }
}

/// What no longer waits is under a receipt, or came from the center in the first place.
fn received(stored: &Stored) -> Delivery {
    match &stored.delivery {
        Some(received @ Delivery::Received { .. }) => received.clone(),
        _ => Delivery::Received { at_ms: stored.updated_ms },
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
