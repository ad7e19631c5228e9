//! The crew presses a status.
//!
//! Order is advice: what is pressed out of order is kept, and the page says so. Pressing twice is two events.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Press;
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::status::Status;

impl Field {
    /// # Errors
    /// `BadInput` for a status that is not pressed, `NotFound` for an unknown task, and what saving may give.
    pub fn press(&self, request: &Press) -> Result<Written, Failure> {
        let reason = text::optional("reason", request.reason.as_deref(), SHORT)?;
        match request.status {
            Status::Seen | Status::Accepted | Status::Declined => {
                return Err(Failure::input(
                    "status",
                    "this status is not pressed",
                    "use enroute, onscene, patient, departed, destination, handover, available, staging or delayed; \
                     accept and decline are commands of their own",
                ));
            }
            _ => {}
        }
        let desk = self.desk_to_write()?;
        let task = desk.find("id", &request.id, RecordKind::Assignment)?;
        let entry = desk.entry(event(request.status, request.position, reason));
        desk.save_one("press", request, &task, entry)
    }
}

/// A status with where it was pressed.
pub(crate) fn event(status: Status, position: Option<Position>, reason: Option<String>) -> Body {
    let position = position.filter(|position| !position.is_nowhere());
    Body::StatusEvent(StatusEvent {
        status,
        lat: position.as_ref().map(Position::lat),
        lon: position.as_ref().map(Position::lon),
        accuracy_m: position.as_ref().and_then(Position::accuracy_m),
        reason,
    })
}
