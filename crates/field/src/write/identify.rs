//! Who a patient is, learned later: a name from a relative, a NIK from a card.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Identify;
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::identity::IdentityField;

impl Field {
    /// # Errors
    /// `BadInput` for an empty value, `NotFound` when the patient or who they are is not on this phone, and
    /// what saving may give.
    pub fn identify(&self, request: &Identify) -> Result<Written, Failure> {
        let value = text::required("value", &request.value, SHORT)?;
        let desk = self.desk_to_write()?;
        let patient = desk.find("id", &request.id, RecordKind::Patient)?;
        let Record::Patient(patient) = &patient.record else { return Err(Failure::internal("read the patient")) };
        let who = desk.stored("id", patient.identity, RecordKind::Identity)?;
        let entry = desk.register(who.id, Body::IdentityField(IdentityField { name: request.name, value }))?;
        desk.save_one("identify", request, &who, entry)
    }
}
