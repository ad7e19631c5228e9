//! What is learned of a patient after the logging: complaint, sex, age. What is not said again stays as it was.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::DescribePatient;
use crate::text::{self, LONG};
use crate::view::Written;
use crate::write::add_patient::parse_age;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::patient::ComplaintIs;

impl Field {
    /// # Errors
    /// `BadInput` for a text that is no age, or when nothing is said, `NotFound` for an unknown patient, and what saving may
    /// give.
    pub fn describe_patient(&self, request: &DescribePatient) -> Result<Written, Failure> {
        let complaint = text::optional("complaint", request.complaint.as_deref(), LONG)?;
        let age = parse_age(request.age.as_deref())?;
        if complaint.is_none() && age.is_none() && request.sex.is_none() && request.age_band.is_none() {
            return Err(Failure::input("complaint", "nothing is said", "give a complaint, a sex or an age"));
        }
        let desk = self.desk_to_write()?;
        let stored = desk.find("id", &request.id, RecordKind::Patient)?;
        let Record::Patient(patient) = &stored.record else { return Err(Failure::internal("read the patient")) };
        // The entry takes the place of the complaint that stands, so it says that one again.
        let standing = patient.complaint.as_ref().map(|complaint| complaint.value.clone());
        let entry = desk.register(
            stored.id,
            Body::Complaint(ComplaintIs {
                text: complaint.or(standing).unwrap_or_default(),
                sex: request.sex,
                age_years: age.map(|age| age.years),
                age_band: request.age_band,
                age_months: age.and_then(|age| age.months),
                age_days: age.and_then(|age| age.days),
            }),
        )?;
        desk.save_one("describe_patient", request, &stored, entry)
    }
}
