//! A call for help is withdrawn, with the reason.

use crate::engine::Field;
use crate::failure::{Failure, FailureCode};
use crate::request::CancelSos;
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::sos::CancelledBy;

impl Field {
    /// # Errors
    /// `BadInput` without a reason, `NotFound` when no call of this phone stands, and what saving may give.
    pub fn cancel_sos(&self, request: &CancelSos) -> Result<Written, Failure> {
        let reason = text::required("reason", &request.reason, SHORT)?;
        let desk = self.desk_to_write()?;
        let sos = desk.own_sos()?.ok_or_else(|| {
            Failure::new(
                FailureCode::NotFound,
                None,
                "no call for help of this phone stands",
                "there is nothing to cancel",
            )
        })?;
        let entry = desk.entry(Body::SosCancelled(CancelledBy { reason, holds: None }));
        desk.append("sos_cancel", request, sos.id, RecordKind::Sos, entry)
    }
}
