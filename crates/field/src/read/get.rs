//! Any record as it reads here, with its heads and how far it got.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::ById;
use crate::view::RecordView;

impl Field {
    /// # Errors
    /// `NotFound` for an unknown id, `Storage` when the store does not answer.
    pub fn get(&self, request: &ById) -> Result<RecordView, Failure> {
        let look = self.look()?;
        let (id, kind) = look.find_any("id", &request.id)?;
        let stored = look.stored("id", id, kind)?;
        Ok(RecordView {
            heads: stored.heads.iter().map(ToString::to_string).collect(),
            change_count: stored.change_count,
            delivery: stored.reached(),
            record: stored.record,
        })
    }
}
