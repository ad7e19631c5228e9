//! Puts together what is told of one incident: its line in the queue, its patients, and everything that happened.

use super::desk::Desk;
use super::failure::ApiError;
use super::unplaced::stated;
use super::view::{
    AssessmentView, DisputeView, Fact, IncidentSummary, PatientView, TimelineItem, TriageCounts, UnitAtIncident,
};
use crate::db::desk::Which;
use crate::db::placing::{self, Found};
use crate::db::{archive, claimed, letters, log, part, projection};
use crate::journal::{documents, parts};
use siaga_domain::entry::{Body, Entries, Entry, Overruled};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::nik;
use siaga_domain::patient_number::short_id;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Assignment;
use siaga_domain::record::identity::{Identity, IdentityFieldName};
use siaga_domain::record::incident::Incident;
use siaga_domain::status::Status;
use siaga_domain::time::{UtcMs, is_late};
use siaga_domain::triage::TriageColor;
use std::collections::BTreeMap;

/// Characters of the narrative a list shows.
const EXCERPT: usize = 160;
/// Characters of one fact of the timeline.
const LONGEST_FACT: usize = 1_000;
/// Fields that only point to other records, or stand beside the entry already.
const NOT_FACTS: [&str; 3] = ["incident", "identity", "patient"];

/// The records that hang on an incident.
#[derive(Default)]
pub struct Belongings {
    pub assignments: Vec<projection::Stored>,
    pub patients: Vec<projection::Stored>,
    pub assessments: Vec<projection::Stored>,
}

impl Belongings {
    /// # Errors
    /// When they cannot be read.
    pub fn of(desk: &Desk<'_>, incident: &RecordId) -> Result<Self, ApiError> {
        Ok(Self {
            assignments: projection::of_incident(desk.db, incident, RecordKind::Assignment)?,
            patients: projection::of_incident(desk.db, incident, RecordKind::Patient)?,
            assessments: projection::of_incident(desk.db, incident, RecordKind::Assessment)?,
        })
    }

    /// What hangs on the incidents of a list, by incident: all that are open, or so many others.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_list(desk: &Desk<'_>, which: Which) -> Result<BTreeMap<RecordId, Self>, ApiError> {
        let (open, limit) = match which {
            Which::Open => (true, u32::MAX),
            Which::Done { newest } => (false, newest),
        };
        let mut found: BTreeMap<RecordId, Self> = BTreeMap::new();
        for stored in projection::of_incidents(desk.db, open, limit)? {
            let Some(incident) = stored.record.as_ref().and_then(Record::incident) else { continue };
            let own = found.entry(incident).or_default();
            match stored.kind {
                RecordKind::Assignment => own.assignments.push(stored),
                RecordKind::Patient => own.patients.push(stored),
                RecordKind::Assessment => own.assessments.push(stored),
                _ => {}
            }
        }
        Ok(found)
    }

    pub fn all(&self) -> impl Iterator<Item = &projection::Stored> {
        self.assignments.iter().chain(&self.patients).chain(&self.assessments)
    }

    pub fn orders(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter_map(|stored| match &stored.record {
            Some(Record::Assignment(assignment)) => Some(assignment),
            _ => None,
        })
    }
}

/// One line of the queue.
///
/// # Errors
/// When what was found about its opening cannot be read.
pub fn summary(
    desk: &Desk<'_>,
    incident: &Incident,
    made_ms: UtcMs,
    belongings: &Belongings,
) -> Result<IncidentSummary, ApiError> {
    let category = incident.category.as_ref().map(|register| register.value);
    let disputes = belongings.all().filter_map(|stored| stored.record.as_ref()).map(|record| record.disputes().len());
    let dispute_count = incident.disputes.len().saturating_add(disputes.sum());
    Ok(IncidentSummary {
        id: incident.id.to_string(),
        category,
        category_name: category.map(|category| category.mapping().name.to_owned()),
        priority: incident.priority,
        place: incident.place.as_ref().map(|register| desk.place(&register.value)),
        excerpt: incident.narrative.chars().take(EXCERPT).collect(),
        source: incident.source,
        reporting_unit: incident.reporting_unit.clone(),
        opened_at_ms: incident.opened.at_ms,
        opened_wrong_clock: incident.opened.wrong_clock == Some(true),
        opened_by: incident.opened.by.clone(),
        received_at_ms: Some(made_ms),
        late: is_late(incident.opened.at_ms, made_ms),
        units: belongings.orders().map(|assignment| unit_at(desk, assignment)).collect(),
        patients: triage_counts(belongings),
        assessment_count: u32::try_from(belongings.assessments.len()).unwrap_or(u32::MAX),
        dispute_count: u32::try_from(dispute_count).unwrap_or(u32::MAX),
        closed: incident.closed.is_some(),
        closed_at_ms: incident.closed.as_ref().map(|closed| closed.author.at_ms),
        stated: super::unplaced::stated_of(desk, &incident.id, &incident.opened)?,
        waiting: desk.call_judged(&incident.id, incident.priority),
        now_ms: desk.now,
    })
}

fn unit_at(desk: &Desk<'_>, assignment: &Assignment) -> UnitAtIncident {
    UnitAtIncident {
        assignment: assignment.id.to_string(),
        unit: assignment.unit.to_string(),
        status: assignment.status,
        status_at_ms: status_at(assignment),
        open: assignment.is_open(),
        overdue: desk.is_overdue(assignment),
        escalation: assignment.escalation,
    }
}

/// When the unit came to the status it has.
#[must_use]
pub fn status_at(assignment: &Assignment) -> Option<UtcMs> {
    assignment.events.iter().rev().find(|event| Some(event.status) == assignment.status).map(|event| event.author.at_ms)
}

/// The first time a status was pressed.
#[must_use]
pub fn first(assignment: &Assignment, status: Status) -> Option<UtcMs> {
    assignment.events.iter().filter(|event| event.status == status).map(|event| event.author.at_ms).min()
}

fn triage_counts(belongings: &Belongings) -> TriageCounts {
    let mut counts = TriageCounts::default();
    for stored in &belongings.patients {
        let Some(Record::Patient(patient)) = &stored.record else { continue };
        let count = match patient.triage.as_ref().map(|register| register.value) {
            Some(TriageColor::Red) => &mut counts.red,
            Some(TriageColor::Yellow) => &mut counts.yellow,
            Some(TriageColor::Green) => &mut counts.green,
            Some(TriageColor::Black) => &mut counts.black,
            None => &mut counts.untriaged,
        };
        *count = count.saturating_add(1);
    }
    counts
}

/// Patients by the order they were logged, with their identity masked.
///
/// # Errors
/// When an identity cannot be read.
pub fn patients(desk: &Desk<'_>, belongings: &Belongings) -> Result<Vec<PatientView>, ApiError> {
    let mut views = Vec::new();
    for stored in &belongings.patients {
        let Some(Record::Patient(patient)) = &stored.record else { continue };
        let identity =
            projection::of_parent(desk.db, &patient.id)?.into_iter().find_map(|stored| match stored.record {
                Some(Record::Identity(identity)) => Some(identity),
                _ => None,
            });
        let called = letters::called(desk.db, &patient.id)?;
        views.push(PatientView {
            id: patient.id.to_string(),
            number: called.as_ref().map(|called| called.number.clone()),
            short_id: short_id(patient.id),
            number_doubtful: called.is_some_and(|called| called.is_doubtful),
            patient: patient.clone(),
            initials: identity.as_ref().and_then(initials),
            nik_masked: identity
                .as_ref()
                .and_then(|known| known.field(IdentityFieldName::Nik))
                .filter(|nik| !is_not_known(nik))
                .map(nik::masked),
            disputed: !patient.disputes.is_empty(),
        });
    }
    Ok(views)
}

/// Two answers that are values, and tell nothing about a person.
fn is_not_known(value: &str) -> bool {
    matches!(value, "unknown" | "refused")
}

fn initials(identity: &Identity) -> Option<String> {
    let name = identity.field(IdentityFieldName::Name)?;
    if is_not_known(name) {
        return None;
    }
    let letters: Vec<String> = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .map(|letter| format!("{}.", letter.to_uppercase()))
        .collect();
    Some(letters.join(" ")).filter(|text| !text.is_empty())
}

/// Rapid assessments, oldest first.
#[must_use]
pub fn assessments(desk: &Desk<'_>, belongings: &Belongings) -> Vec<AssessmentView> {
    belongings
        .assessments
        .iter()
        .filter_map(|stored| match &stored.record {
            Some(Record::Assessment(assessment)) => Some(AssessmentView {
                id: assessment.id.to_string(),
                village: desk.village(&assessment.village),
                received_at_ms: Some(stored.made_ms),
                late: is_late(assessment.opened.at_ms, stored.made_ms),
                disputed: !assessment.disputes.is_empty(),
                assessment: assessment.clone(),
            }),
            _ => None,
        })
        .collect()
}

/// Every value people disagree about in the incident and what hangs on it.
#[must_use]
pub fn disputes(incident: &Incident, belongings: &Belongings) -> Vec<DisputeView> {
    let own = incident.disputes.iter().map(|dispute| (incident.id, RecordKind::Incident, dispute));
    let others = belongings.all().flat_map(|stored| {
        let disputes = stored.record.as_ref().map(Record::disputes).unwrap_or_default();
        disputes.iter().map(move |dispute| (stored.id, stored.kind, dispute))
    });
    own.chain(others)
        .map(|(record, kind, dispute)| DisputeView {
            record: record.to_string(),
            kind,
            incident: Some(incident.id.to_string()),
            dispute: dispute.clone(),
        })
        .collect()
}

/// The entries of one record as of this look.
///
/// # Errors
/// When the record cannot be loaded.
pub fn entries(desk: &Desk<'_>, stored: &projection::Stored) -> Result<Vec<Entry>, ApiError> {
    Ok(written(desk, stored)?.0)
}

/// The entries of a record with how each came: of all parts of an incident.
fn written(
    desk: &Desk<'_>,
    stored: &projection::Stored,
) -> Result<(Vec<Entry>, BTreeMap<EntryId, log::Received>), ApiError> {
    let document = documents::load(desk.db, &stored.id, stored.position)?;
    let mut received = log::received(desk.db, &stored.id)?;
    let Some(whole) = parts::whole(desk.db, &stored.id, stored.kind, &document)? else {
        return Ok((document.entries(), received));
    };
    for part in part::of(desk.db, &whole.incident)? {
        received.extend(log::received(desk.db, &part.record)?);
    }
    Ok((whole.entries, received))
}

/// Everything that was written about an incident, oldest first by estimated center time.
///
/// # Errors
/// When a record cannot be loaded.
pub fn timeline(
    desk: &Desk<'_>,
    incident: &projection::Stored,
    belongings: &Belongings,
) -> Result<Vec<TimelineItem>, ApiError> {
    let mut items = Vec::new();
    let first_archived = archive::of(desk.db, &incident.id)?.first().map(|archived| archived.archived_ms);
    for stored in std::iter::once(incident).chain(belongings.all()) {
        let (all, received) = written(desk, stored)?;
        let claims = claimed::of(desk.db, &stored.id)?;
        let found = found_in(desk, stored)?;
        let Entries { struck, overruled, .. } = Entries::of(&all);
        // What overrules stands at the entry it overrules; in which part something stands is nobody's concern.
        for entry in all.iter().filter(|entry| !is_of_the_document(&entry.body)) {
            // Under one id there may be two in a record of 0.2.0; the other one may have come first.
            let came = received.get(&entry.id).filter(|came| came.kind == entry.body.kind());
            let (at_ms, wrong_clock) = claims.of(entry);
            let ruling = overruled.iter().find(|(one, _)| one.id == entry.id).map(|(_, ruling)| *ruling);
            let after = came.zip(first_archived).is_some_and(|(came, archived)| came.received_ms > archived);
            items.push(TimelineItem {
                entry: entry.id.to_string(),
                record: stored.id.to_string(),
                record_kind: stored.kind,
                kind: entry.body.kind().to_owned(),
                unit: came.and_then(|came| desk.unit_of_device(&came.origin?)),
                by: entry.stamp.by.clone(),
                at_device_ms: entry.stamp.clock.device,
                at_ms,
                wrong_clock,
                received_at_ms: came.map(|came| came.received_ms),
                late: came.is_some_and(|came| is_late(at_ms, came.received_ms)),
                facts: facts(entry),
                struck: struck.iter().find(|(one, _)| one.id == entry.id).map(|(_, strike)| strike.reason.clone()),
                overruled: ruling.filter(|ruling| !ruling.is_addendum()).map(|ruling| ruling.reason.clone()),
                addendum: after || ruling.is_some_and(Overruled::is_addendum),
                stated: found.get(&entry.id).cloned().map(stated).unwrap_or_default(),
            });
        }
    }
    // Stable: entries of one record that share a moment stay in their causal order.
    items.sort_by_key(|item| item.at_ms);
    Ok(items)
}

/// What was found about the entries of a record, in all parts of an incident.
fn found_in(desk: &Desk<'_>, stored: &projection::Stored) -> Result<BTreeMap<EntryId, Found>, ApiError> {
    let mut found = placing::found_in(desk.db, &stored.id)?;
    if stored.kind == RecordKind::Incident {
        for part in part::of(desk.db, &stored.id)? {
            found.extend(placing::found_in(desk.db, &part.record)?);
        }
    }
    Ok(found)
}

/// What stands in a document for its own sake, or at the entry it overrules.
const fn is_of_the_document(body: &Body) -> bool {
    matches!(body, Body::Overruled(_) | Body::Continues(_) | Body::Joined(_) | Body::Numbered(_))
}

fn facts(entry: &Entry) -> Vec<Fact> {
    let fields = entry.body.fields().unwrap_or_default();
    fields
        .into_iter()
        .filter(|(name, _)| !NOT_FACTS.contains(&name.as_str()))
        .filter_map(|(name, value)| {
            let text = match value {
                serde_json::Value::String(text) => text.chars().take(LONGEST_FACT).collect(),
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::Bool(yes) => yes.to_string(),
                _ => return None,
            };
            Some(Fact { name, value: text }).filter(|fact| !fact.value.is_empty())
        })
        .collect()
}
