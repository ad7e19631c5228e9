//! One set of vital signs. What is unusual is kept; what no instrument can show is named and asked again.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::RecordVitals;
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;

impl Field {
    /// # Errors
    /// `BadInput` naming the sign that is out of range, or when no sign is given; `NotFound` for an unknown
    /// patient; and what saving may give.
    pub fn record_vitals(&self, request: &RecordVitals) -> Result<Written, Failure> {
        if request.vitals.is_empty() {
            return Err(Failure::input(
                "vitals",
                "no sign is given",
                "give at least one, as a number or as not_taken, refused, unable or unknown",
            ));
        }
        request
            .vitals
            .check()
            .map_err(|range| Failure::input(range.sign.code(), range.to_string(), "read the instrument again"))?;
        let desk = self.desk_to_write()?;
        let patient = desk.find("id", &request.id, RecordKind::Patient)?;
        let entry = desk.entry(Body::Vitals(request.vitals.clone()));
        desk.save_one("vitals", request, &patient, entry)
    }
}
