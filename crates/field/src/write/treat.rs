//! Something was given or done to a patient.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Treat;
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::patient::Treatment;

impl Field {
    /// # Errors
    /// `BadInput` when it does not say what, `NotFound` for an unknown patient, and what saving may give.
    pub fn treat(&self, request: &Treat) -> Result<Written, Failure> {
        let what = text::required("what", &request.what, SHORT)?;
        let dose = text::optional("dose", request.dose.as_deref(), SHORT)?;
        let desk = self.desk_to_write()?;
        let patient = desk.find("id", &request.id, RecordKind::Patient)?;
        let entry = desk.entry(Body::Treatment(Treatment { what, dose }));
        desk.save_one("treat", request, &patient, entry)
    }
}
