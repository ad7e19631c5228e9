//! The list of tasks: this unit's assignments with where, how far, since when, and what the large button offers.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::view::{Fix, TaskBrief, Whereabouts};
use siaga_domain::id::{RecordId, UnitCode};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Compass;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Assignment;
use siaga_domain::record::directory::{Directory, UnitKind};
use siaga_domain::record::incident::{Incident, PlaceIs};
use siaga_domain::status;
use siaga_store::Stored;
use std::collections::BTreeMap;

impl Field {
    /// Open tasks first, the most urgent and then the oldest on top; finished ones after, the newest on top.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn tasks(&self) -> Result<Vec<TaskBrief>, Failure> {
        let look = self.look()?;
        of_unit(&look, &Surroundings::new(&look)?)
    }
}

/// What every brief is seen against.
pub(crate) struct Surroundings {
    pub directory: Directory,
    pub here: Option<Fix>,
    medical: bool,
}

impl Surroundings {
    pub(crate) fn new(look: &Look<'_>) -> Result<Self, Failure> {
        let directory = look.directory()?;
        let medical = look.enrolment.as_ref().is_none_or(|me| is_medical(&directory, &me.unit));
        Ok(Self { directory, here: look.newest_fix()?, medical })
    }

    pub(crate) fn whereabouts(&self, place: Option<&PlaceIs>) -> Whereabouts {
        let position = place.and_then(PlaceIs::position);
        let from = self.here.as_ref().map(|fix| &fix.position);
        let village = place.and_then(|place| self.directory.village(place.village.as_ref()?));
        let rough = if position.is_none() {
            village.and_then(|village| self.directory.district_point(&village.code))
        } else {
            None
        };
        let both = from.zip(position.as_ref().or(rough.as_ref()));
        Whereabouts {
            village: village.cloned(),
            landmark: place.and_then(|place| place.landmark.clone()),
            distance_m: both.map(|(from, to)| from.distance_m(to)),
            distance_approximate: both.is_some() && rough.is_some(),
            compass: both.map(|(from, to)| Compass::of_bearing(from.bearing_deg(to))),
            from_fix_at_ms: both.and(self.here.as_ref()).map(|fix| fix.at_ms),
            position,
        }
    }
}

/// A unit the directory does not know is given the whole road: a step too many can be left out, one too few
/// cannot be pressed.
pub(crate) fn is_medical(directory: &Directory, unit: &UnitCode) -> bool {
    directory.unit(unit).is_none_or(|unit| UnitKind::is_medical(unit.kind))
}

pub(crate) fn of_unit(look: &Look<'_>, around: &Surroundings) -> Result<Vec<TaskBrief>, Failure> {
    let Some(me) = &look.enrolment else { return Ok(Vec::new()) };
    let incidents: BTreeMap<RecordId, Incident> = look
        .store
        .records(RecordKind::Incident)?
        .into_iter()
        .filter_map(|stored| match stored.record {
            Record::Incident(incident) => Some((stored.id, incident)),
            _ => None,
        })
        .collect();
    let counts = Counts {
        patients: look.store.count_of_incidents(RecordKind::Patient)?.into_iter().collect(),
        assessments: look.store.count_of_incidents(RecordKind::Assessment)?.into_iter().collect(),
    };
    let mut tasks: Vec<TaskBrief> = look
        .store
        .records(RecordKind::Assignment)?
        .iter()
        .filter_map(|stored| match &stored.record {
            Record::Assignment(assignment) if assignment.unit == me.unit => {
                Some(brief(look, around, stored, assignment, incidents.get(&assignment.incident), &counts))
            }
            _ => None,
        })
        .collect();
    tasks.sort_by_key(|task| {
        let at = task.ordered_at_ms.0;
        (!task.open, task.open.then_some(task.priority), if task.open { at } else { at.saturating_neg() })
    });
    Ok(tasks)
}

/// How many patients and assessments each incident has.
#[derive(Default)]
pub(crate) struct Counts {
    pub patients: BTreeMap<RecordId, u32>,
    pub assessments: BTreeMap<RecordId, u32>,
}

pub(crate) fn brief(
    look: &Look<'_>,
    around: &Surroundings,
    stored: &Stored,
    assignment: &Assignment,
    incident: Option<&Incident>,
    counts: &Counts,
) -> TaskBrief {
    let of = assignment.incident;
    TaskBrief {
        id: stored.id.to_string(),
        incident: of.to_string(),
        unit: assignment.unit.to_string(),
        category: incident.and_then(|incident| incident.category.as_ref()).map(|category| category.value),
        priority: assignment.priority,
        whereabouts: around
            .whereabouts(incident.and_then(|incident| incident.place.as_ref()).map(|place| &place.value)),
        narrative: incident.map(|incident| incident.narrative.clone()).unwrap_or_default(),
        ordered_at_ms: assignment.ordered.at_ms,
        ordered_by: assignment.ordered.by.clone(),
        status: assignment.status,
        status_at_ms: assignment
            .events
            .iter()
            .rev()
            .find(|event| Some(event.status) == assignment.status)
            .map(|event| event.author.at_ms),
        next: if assignment.is_open() { status::next(assignment.status, around.medical) } else { None },
        open: assignment.is_open(),
        overdue: assignment.is_overdue(look.clock.center_estimate()),
        cancelled: assignment.cancelled.as_ref().map(|cancelled| cancelled.reason.clone()),
        patient_count: counts.patients.get(&of).copied().unwrap_or(0),
        assessment_count: counts.assessments.get(&of).copied().unwrap_or(0),
        disputed: !assignment.disputes.is_empty() || incident.is_some_and(|incident| !incident.disputes.is_empty()),
        delivery: stored.reached(),
    }
}
