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
use siaga_domain::age::{Age, MAX_AGE_YEARS};
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::nik;
use siaga_domain::record::identity::{self, IdentityField, IdentityFieldName};
use siaga_domain::record::patient::{self, ComplaintIs, Sex};

impl Field {
    /// # Errors
    /// `BadInput` for an age nobody has or words without end, `NotFound` for an unknown incident, and what
    /// saving may give.
    pub fn add_patient(&self, request: &AddPatient) -> Result<PatientAdded, Failure> {
        let name = text::optional("name", request.name.as_deref(), SHORT)?;
        let number = text::optional("nik", request.nik.as_deref(), SHORT)?;
        let complaint = text::optional("complaint", request.complaint.as_deref(), LONG)?;
        let age = age_of(request)?;
        let sex = request.sex.unwrap_or(Sex::Unknown);
        let desk = self.desk_to_write()?;
        let incident = desk.find_incident("incident", &request.incident)?;
        let (patient, who) = (desk.new_record(), desk.new_record());
        let mut seen = vec![desk.entry(Body::PatientOpened(patient::Opened {
            incident,
            identity: who,
            sex,
            age_years: age.map(|age| age.years),
            age_band: request.age_band,
            age_months: age.and_then(|age| age.months),
            age_days: age.and_then(|age| age.days),
            // Counted by the store, in the transaction that writes it.
            number: None,
        }))];
        if let Some(text) = complaint {
            seen.push(desk.entry(Body::Complaint(ComplaintIs { text, ..ComplaintIs::default() })));
        }
        let mut known = vec![desk.entry(Body::IdentityOpened(identity::Opened { patient }))];
        for (name, value) in [(IdentityFieldName::Name, name), (IdentityFieldName::Nik, number.clone())] {
            if let Some(value) = value {
                known.push(desk.entry(Body::IdentityField(IdentityField { name, value })));
            }
        }
        let warnings = number
            .map(|number| nik::warnings(&number, sex, age.map(|age| age.years), desk.this_year()))
            .unwrap_or_default();
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

const AGE_REMEDY: &str =
    "give whole years, or months or days as `6 bulan`, `10 hari`; or an age band when it is not known";

/// # Errors
/// `BadInput` for a text that is no age.
pub(crate) fn parse_age(typed: Option<&str>) -> Result<Option<Age>, Failure> {
    let typed = text::optional("age", typed, SHORT)?;
    typed
        .map(|text| Age::parse(&text).map_err(|error| Failure::input("age", error.to_string(), AGE_REMEDY)))
        .transpose()
}

/// # Errors
/// `BadInput` for a text that is no age, or for years nobody has.
fn age_of(request: &AddPatient) -> Result<Option<Age>, Failure> {
    match (parse_age(request.age.as_deref())?, request.age_years) {
        (Some(age), _) => Ok(Some(age)),
        (None, Some(years)) if !(0..=MAX_AGE_YEARS).contains(&years) => {
            Err(Failure::input("age", format!("age must be between 0 and {MAX_AGE_YEARS} years"), AGE_REMEDY))
        }
        (None, years) => Ok(years.map(|years| Age { years, ..Age::default() })),
    }
}
