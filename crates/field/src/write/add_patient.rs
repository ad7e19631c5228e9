//! A patient is logged: what was seen in one record, who it is in another, both or neither on the disk.
//!
//! Nothing is refused for looking wrong. A NIK that does not fit comes back as a warning beside the saved
//! patient; *unknown* and *refused* are values like any other.

use crate::desk::Draft;
use crate::engine::Field;
use crate::failure::Failure;
use crate::request::AddPatient;
use crate::text::{self, LONG, SHORT};
use crate::view::PatientAdded;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::nik;
use siaga_domain::record::identity::{self, IdentityField, IdentityFieldName};
use siaga_domain::record::patient::{self, ComplaintIs, Sex};

/// Nobody has been older.
const MAX_AGE_YEARS: i64 = 130;

impl Field {
    /// # Errors
    /// `BadInput` for an age nobody has or words without end, `NotFound` for an unknown incident, and what
    /// saving may give.
    pub fn add_patient(&self, request: &AddPatient) -> Result<PatientAdded, Failure> {
        let name = text::optional("name", request.name.as_deref(), SHORT)?;
        let number = text::optional("nik", request.nik.as_deref(), SHORT)?;
        let complaint = text::optional("complaint", request.complaint.as_deref(), LONG)?;
        if request.age_years.is_some_and(|years| !(0..=MAX_AGE_YEARS).contains(&years)) {
            return Err(Failure::input(
                "age",
                format!("age must be between 0 and {MAX_AGE_YEARS} years"),
                "give whole years, or an age band when it is not known",
            ));
        }
        let sex = request.sex.unwrap_or(Sex::Unknown);
        let desk = self.desk_to_write()?;
        let incident = desk.find_incident("incident", &request.incident)?;
        let (patient, who) = (desk.new_record(), desk.new_record());
        let mut seen = vec![desk.entry(Body::PatientOpened(patient::Opened {
            incident,
            identity: who,
            sex,
            age_years: request.age_years,
            age_band: request.age_band,
        }))];
        if let Some(text) = complaint {
            seen.push(desk.entry(Body::Complaint(ComplaintIs { text })));
        }
        let mut known = vec![desk.entry(Body::IdentityOpened(identity::Opened { patient }))];
        for (name, value) in [(IdentityFieldName::Name, name), (IdentityFieldName::Nik, number.clone())] {
            if let Some(value) = value {
                known.push(desk.entry(Body::IdentityField(IdentityField { name, value })));
            }
        }
        let warnings =
            number.map(|number| nik::warnings(&number, sex, request.age_years, desk.this_year())).unwrap_or_default();
        let draft =
            Draft::create(patient, RecordKind::Patient, seen).and(Draft::create(who, RecordKind::Identity, known));
        desk.save("add_patient", request, draft)?;
        Ok(PatientAdded {
            id: patient.to_string(),
            identity: who.to_string(),
            saved_at_ms: desk.clock.device,
            warnings,
        })
    }
}
