//! Patients of an incident in the order they were logged, and one of them with everything seen and done.
//!
//! Their numbers are read, never counted here: what was written on a wristband must not move.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::read::files;
use crate::read::task::Reached;
use crate::request::ById;
use crate::view::{PatientBrief, PatientName, PatientScreen};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::nik;
use siaga_domain::patient_number::{PatientNumber, short_id};
use siaga_domain::record::Record;
use siaga_domain::record::identity::{Identity, IdentityFieldName};
use siaga_domain::record::patient::Patient;
use siaga_store::Stored;
use std::collections::BTreeSet;

impl Field {
    /// # Errors
    /// `NotFound` for an unknown patient, `Storage` when the store does not answer.
    pub fn patient(&self, request: &ById) -> Result<PatientScreen, Failure> {
        let look = self.look()?;
        let stored = look.find("id", &request.id, RecordKind::Patient)?;
        let Record::Patient(mut patient) = stored.record.clone() else {
            return Err(Failure::internal("read the patient"));
        };
        patient.score();
        let patient = &patient;
        let identity = identity_of(&look, patient)?;
        let twice = twice(&look.store.of_incident(patient.incident, RecordKind::Patient)?);
        let known_nik = identity.as_ref().and_then(|identity| identity.field(IdentityFieldName::Nik));
        let mut entry_delivery_of = Reached::of(&look, stored.id)?.entries(entries_of(patient));
        if let Some(identity) = &identity {
            let shown = identity.fields.iter().map(|field| field.value.author.entry.as_str());
            entry_delivery_of.extend(Reached::of(&look, identity.id)?.entries(shown));
        }
        Ok(PatientScreen {
            brief: brief(&twice, &stored, patient, identity.as_ref()),
            nik_warnings: known_nik
                .map(|number| nik::warnings(number, patient.sex, patient.age_years, look.this_year()))
                .unwrap_or_default(),
            nik_masked: known_nik.map(nik::masked),
            files: files::of_notes(&look, &patient.notes)?,
            patient: patient.clone(),
            identity,
            entry_delivery: entry_delivery_of,
        })
    }
}

/// Every entry that the page shows of a patient.
fn entries_of(patient: &Patient) -> Vec<&str> {
    let singles = [patient.triage.as_ref().map(|is| &is.author), patient.complaint.as_ref().map(|is| &is.author)];
    std::iter::once(&patient.opened)
        .chain(singles.into_iter().flatten())
        .chain(patient.vitals.iter().map(|taken| &taken.author))
        .chain(patient.treatments.iter().map(|given| &given.author))
        .chain(patient.handovers.iter().map(|passed| &passed.author))
        .chain(patient.notes.iter().map(|note| &note.author))
        .map(|author| author.entry.as_str())
        .collect()
}

fn identity_of(look: &Look<'_>, patient: &Patient) -> Result<Option<Identity>, Failure> {
    Ok(look.store.record(patient.identity)?.and_then(|stored| match stored.record {
        Record::Identity(identity) => Some(identity),
        _ => None,
    }))
}

/// The patients of an incident, oldest first.
pub(crate) fn briefs(look: &Look<'_>, incident: RecordId) -> Result<Vec<PatientBrief>, Failure> {
    let mut briefs = Vec::new();
    let all = look.store.of_incident(incident, RecordKind::Patient)?;
    let twice = twice(&all);
    for stored in all {
        if let Record::Patient(patient) = &stored.record {
            let identity = identity_of(look, patient)?;
            briefs.push(brief(&twice, &stored, patient, identity.as_ref()));
        }
    }
    Ok(briefs)
}

/// Numbers that more than one of these patients has.
fn twice(of_incident: &[Stored]) -> BTreeSet<PatientNumber> {
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for stored in of_incident {
        if let Record::Patient(Patient { number: Some(number), .. }) = &stored.record
            && !seen.insert(number)
        {
            twice.insert(number.clone());
        }
    }
    twice
}

fn name(twice: &BTreeSet<PatientNumber>, patient: &Patient) -> PatientName {
    PatientName {
        number: patient.number.clone(),
        short_id: short_id(patient.id),
        number_twice: patient.number.as_ref().is_some_and(|number| twice.contains(number)),
    }
}

/// What people call the patient that a record is, or is about.
pub(crate) fn name_of(look: &Look<'_>, record: &Record) -> Result<Option<PatientName>, Failure> {
    let patient = match record {
        Record::Patient(patient) => patient.clone(),
        Record::Identity(identity) => match look.store.record(identity.patient)?.map(|stored| stored.record) {
            Some(Record::Patient(patient)) => patient,
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let twice = twice(&look.store.of_incident(patient.incident, RecordKind::Patient)?);
    Ok(Some(name(&twice, &patient)))
}

fn brief(
    twice: &BTreeSet<PatientNumber>,
    stored: &Stored,
    patient: &Patient,
    identity: Option<&Identity>,
) -> PatientBrief {
    PatientBrief {
        id: stored.id.to_string(),
        name: name(twice, patient),
        // The name where it is known here; the page has words for a patient without one.
        label: identity.and_then(|identity| identity.field(IdentityFieldName::Name)).unwrap_or_default().to_owned(),
        triage: patient.triage.as_ref().map(|triage| triage.value),
        disputed: !patient.disputes.is_empty() || identity.is_some_and(|identity| !identity.disputes.is_empty()),
        last_vitals_ms: patient.vitals.last().map(|taken| taken.author.at_ms),
        delivery: stored.reached(),
    }
}
