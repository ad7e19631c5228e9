//! The crew cannot take an assignment, and says why: *tidak bisa*.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Decline;
use crate::text::{self, SHORT};
use crate::view::Written;
use crate::write::press::{event, still_as_shown};
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::status::Status;

impl Field {
    /// # Errors
    /// `BadInput` without a reason, `NotFound` for an unknown task, `MovedOn` when it is no longer as the button showed it,
    /// and what saving may give.
    pub fn decline(&self, request: &Decline) -> Result<Written, Failure> {
        let reason = text::required("reason", &request.reason, SHORT)?;
        let desk = self.desk_to_write()?;
        let task = desk.find("id", &request.id, RecordKind::Assignment)?;
        still_as_shown(&task, request.shown)?;
        let entry = desk.entry(Body::StatusEvent(event(Status::Declined, None, Some(reason))));
        desk.save_one("decline", request, &task, entry)
    }
}
