//! The crew presses a status.
//!
//! Order is advice: what is pressed out of order is kept, and the page says so. A button says which status it was drawn
//! for: a second tap, or a tap that an alarm slid under, is refused instead of pressing what nobody read.

use crate::engine::Field;
use crate::failure::{Failure, FailureCode};
use crate::request::{Press, ShownFor};
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::status::{Outcome, Status};
use siaga_store::Stored;

impl Field {
    /// # Errors
    /// `BadInput` for a status that is not pressed or an outcome beside another status than `available`, `NotFound` for an
    /// unknown task, `MovedOn` when the task is no longer as the button showed it, and what saving may give.
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
        if request.outcome.is_some() && request.status != Status::Available {
            return Err(Failure::input("outcome", "an outcome ends an order", "press it with available"));
        }
        let desk = self.desk_to_write()?;
        let task = desk.find("id", &request.id, RecordKind::Assignment)?;
        still_as_shown(&task, request.shown)?;
        let mut event = event(request.status, request.position, reason);
        event.outcome = request.outcome.map(Outcome::Known);
        desk.save_one("press", request, &task, desk.entry(Body::StatusEvent(event)))
    }
}

/// # Errors
/// `MovedOn` when the status of the task is another than the one the button was drawn for. *Seen* is no step of the road.
pub(crate) fn still_as_shown(task: &Stored, shown: Option<ShownFor>) -> Result<(), Failure> {
    let step = |status: Option<Status>| status.filter(|status| *status != Status::Seen);
    let Record::Assignment(assignment) = &task.record else { return Err(Failure::internal("read the task")) };
    match shown {
        Some(shown) if step(shown.status) != step(assignment.status) => Err(Failure::new(
            FailureCode::MovedOn,
            Some("shown"),
            "the status of the task changed since this button was drawn",
            "read the task again, then press what is meant",
        )),
        _ => Ok(()),
    }
}

/// A status with where it was pressed.
pub(crate) fn event(status: Status, position: Option<Position>, reason: Option<String>) -> StatusEvent {
    let position = position.filter(|position| !position.is_nowhere());
    StatusEvent {
        status,
        lat: position.as_ref().map(Position::lat),
        lon: position.as_ref().map(Position::lon),
        accuracy_m: position.as_ref().and_then(Position::accuracy_m),
        reason,
        outcome: None,
    }
}
