//! One hash over every document in scope: equal to the center's when both are quiet.

use crate::engine::Field;
use crate::failure::Failure;
use crate::view::Digest;

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn digest(&self) -> Result<Digest, Failure> {
        let scope = self.store().digest_scope()?;
        Ok(Digest {
            document_count: u32::try_from(scope.documents.len()).unwrap_or(u32::MAX),
            digest: hex::encode(siaga_document::digest(scope.documents)),
            unsent_documents: scope.unsent_documents,
        })
    }
}
