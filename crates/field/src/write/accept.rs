//! The crew takes an assignment.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Accept;
use crate::view::Written;
use crate::write::press::{event, still_as_shown};
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::status::Status;

impl Field {
    /// # Errors
    /// `NotFound` for an unknown task, `MovedOn` when it is no longer as the button showed it, and what saving may give.
    pub fn accept(&self, request: &Accept) -> Result<Written, Failure> {
        let desk = self.desk_to_write()?;
        let task = desk.find("id", &request.id, RecordKind::Assignment)?;
        still_as_shown(&task, request.shown)?;
        let entry = desk.entry(Body::StatusEvent(event(Status::Accepted, request.position, None)));
        desk.save_one("accept", request, &task, entry)
    }
}
