//! A human opened the assignment. Said once: opening the screen again is no news.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::ById;
use crate::view::Written;
use crate::write::press::event;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::status::Status;

impl Field {
    /// # Errors
    /// `NotFound` for an unknown task, and what saving may give.
    pub fn mark_seen(&self, request: &ById) -> Result<Written, Failure> {
        let desk = self.desk_to_write()?;
        let task = desk.find("id", &request.id, RecordKind::Assignment)?;
        if let Record::Assignment(assignment) = &task.record
            && let Some(first) = assignment.events.first()
        {
            return Ok(Written {
                id: task.id.to_string(),
                entry: first.author.entry.clone(),
                saved_at_ms: first.author.at_device_ms,
            });
        }
        let entry = desk.entry(Body::StatusEvent(event(Status::Seen, None, None)));
        desk.save_one("mark_seen", request, &task, entry)
    }
}
