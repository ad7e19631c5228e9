//! A patient's colour. It replaces the colours seen here; one set elsewhere meanwhile stands beside it.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Triage;
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::patient::{TriageIs, TriageMethod};

impl Field {
    /// # Errors
    /// `NotFound` for an unknown patient, and what saving may give.
    pub fn triage(&self, request: &Triage) -> Result<Written, Failure> {
        let desk = self.desk_to_write()?;
        let patient = desk.find("id", &request.id, RecordKind::Patient)?;
        let method = request.method.unwrap_or(TriageMethod::Judgement);
        let entry = desk.register(patient.id, Body::Triage(TriageIs { color: request.color, method }))?;
        desk.save_one("triage", request, &patient, entry)
    }
}
