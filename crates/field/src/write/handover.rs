//! Care of a patient passes on: *serah terima*.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::HandOver;
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::id::FacilityCode;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::patient::Handover;

impl Field {
    /// # Errors
    /// `BadInput` without a receiver or for a facility code that is none, `NotFound` for an unknown patient,
    /// and what saving may give.
    pub fn hand_over(&self, request: &HandOver) -> Result<Written, Failure> {
        let receiver = text::required("receiver", &request.receiver, SHORT)?;
        let facility = text::optional("facility", request.facility.as_deref(), SHORT)?
            .map(FacilityCode::new)
            .transpose()
            .map_err(|error| {
                Failure::input("facility", error.to_string(), "take a code from the list of facilities")
            })?;
        let desk = self.desk_to_write()?;
        let patient = desk.find("id", &request.id, RecordKind::Patient)?;
        let entry = desk.entry(Body::Handover(Handover { facility, receiver }));
        desk.save_one("handover", request, &patient, entry)
    }
}
