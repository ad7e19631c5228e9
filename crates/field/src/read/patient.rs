//! Patients of an incident in the order they were logged, and one of them with everything seen and done.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::read::files;
use crate::read::task::Reached;
use crate::request::ById;
use crate::view::{PatientBrief, PatientScreen};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::nik;
use siaga_domain::record::Record;
use siaga_domain::record::identity::{Identity, IdentityFieldName};
use siaga_domain::record::patient::Patient;
use siaga_store::Stored;

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
        let of_incident = look.store.of_incident(patient.incident, RecordKind::Patient)?;
        let number = of_incident.iter().position(|other| other.id == stored.id).unwrap_or(0);
        let known_nik = identity.as_ref().and_then(|identity| identity.field(IdentityFieldName::Nik));
        let mut entry_delivery_of = Reached::of(&look, stored.id)?.entries(entries_of(patient));
        if let Some(identity) = &identity {
            let shown = identity.fields.iter().map(|field| field.value.author.entry.as_str());
            entry_delivery_of.extend(Reached::of(&look, identity.id)?.entries(shown));
        }
        Ok(PatientScreen {
            brief: brief(number, &stored, patient, identity.as_ref()),
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

/// The patients of an incident, numbered 1, 2, 3.
pub(crate) fn briefs(look: &Look<'_>, incident: RecordId) -> Result<Vec<PatientBrief>, Failure> {
    let mut briefs = Vec::new();
    for stored in look.store.of_incident(incident, RecordKind::Patient)? {
        if let Record::Patient(patient) = &stored.record {
            let identity = identity_of(look, patient)?;
            briefs.push(brief(briefs.len(), &stored, patient, identity.as_ref()));
        }
    }
    Ok(briefs)
}

fn brief(before: usize, stored: &Stored, patient: &Patient, identity: Option<&Identity>) -> PatientBrief {
    PatientBrief {
        id: stored.id.to_string(),
        number: u32::try_from(before.saturating_add(1)).unwrap_or(u32::MAX),
        // The name where it is known here; the page has words for a patient without one.
        label: identity.and_then(|identity| identity.field(IdentityFieldName::Name)).unwrap_or_default().to_owned(),
        triage: patient.triage.as_ref().map(|triage| triage.value),
        disputed: !patient.disputes.is_empty() || identity.is_some_and(|identity| !identity.disputes.is_empty()),
        last_vitals_ms: patient.vitals.last().map(|taken| taken.author.at_ms),
        delivery: stored.reached(),
    }
}
