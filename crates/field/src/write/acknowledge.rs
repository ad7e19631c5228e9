//! A human saw that an order was cancelled. The center reads it as *seen*; this phone stops announcing it.

use crate::desk::Draft;
use crate::engine::Field;
use crate::failure::Failure;
use crate::read::cancellations::{ACKNOWLEDGED, acknowledged};
use crate::request::ById;
use crate::view::Written;
use crate::write::press::event;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::status::Status;

impl Field {
    /// # Errors
    /// `NotFound` for an unknown task, `BadInput` for one that is not cancelled, and what saving may give.
    pub fn acknowledge_cancellation(&self, request: &ById) -> Result<Written, Failure> {
        let desk = self.desk_to_write()?;
        let task = desk.find("id", &request.id, RecordKind::Assignment)?;
        let Record::Assignment(assignment) = &task.record else { return Err(Failure::internal("read the task")) };
        let Some(is) = &assignment.cancelled else {
            return Err(Failure::input("id", "this order is not cancelled", "read the task again"));
        };
        let mut known = acknowledged(&desk)?.unwrap_or_default();
        known.insert(is.author.entry.clone());
        let text = serde_json::to_string(&known).map_err(|_| Failure::internal("write down the cancellations"))?;
        let seen = desk.entry(Body::StatusEvent(event(Status::Seen, None, None)));
        let written = desk.written(task.id, &seen);
        let mut draft = Draft::append(task.id, task.kind, vec![seen]);
        draft.settings.push((ACKNOWLEDGED.to_owned(), text));
        desk.save("acknowledge_cancellation", request, draft)?;
        Ok(written)
    }
}
