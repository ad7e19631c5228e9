//! The text of a form that was not sent yet, so that a page killed for memory loses nothing.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::SaveDraft;

/// A form with a photograph in it is not a draft.
const MAX_DRAFT_BYTES: usize = 256 * 1024;

impl Field {
    /// # Errors
    /// `BadInput` for a key or a text without end, and what saving may give.
    pub fn save_draft(&self, request: &SaveDraft) -> Result<(), Failure> {
        if request.key.is_empty() || request.key.len() > 200 {
            return Err(Failure::input("key", "the key of a draft has 1 to 200 characters", "name the form"));
        }
        if request.text.len() > MAX_DRAFT_BYTES {
            return Err(Failure::input("text", "the draft is larger than 256 KB", "keep photos out of drafts"));
        }
        Ok(self.store().save_draft(&request.key, &request.text)?)
    }
}
