//! A file that is on this phone, by its SHA-256.

use crate::engine::Field;
use crate::failure::Failure;
use siaga_domain::id::ChangeHash;

/// Bytes with their media type.
pub struct Attachment {
    pub media: String,
    pub bytes: Vec<u8>,
}

impl Field {
    /// `sha256`: 64 hexadecimal digits.
    ///
    /// # Errors
    /// `BadInput` for anything else, `NotFound` for a file that is not here, `Storage` for a damaged one.
    pub fn attachment(&self, sha256: &str) -> Result<Attachment, Failure> {
        let mut hash = [0; 32];
        hex::decode_to_slice(sha256, &mut hash)
            .map_err(|_| Failure::input("sha256", "this is not a SHA-256", "give 64 hexadecimal digits"))?;
        let hash = ChangeHash(hash);
        let store = self.store();
        let found = store
            .attachment(&hash)?
            .ok_or_else(|| Failure::not_found("sha256", "file", "look at the record that names it"))?;
        Ok(Attachment { bytes: store.attachment_bytes(&hash)?, media: found.media })
    }
}
