//! The text of a form kept across a dead page.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::DraftOf;
use crate::view::Draft;

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn draft(&self, request: &DraftOf) -> Result<Draft, Failure> {
        Ok(Draft { text: self.store().draft(&request.key)?.filter(|text| !text.is_empty()) })
    }
}
