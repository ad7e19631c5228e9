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
        let hash = hash_of(sha256)?;
        let store = self.store();
        let media = match store.attachment(&hash)? {
            Some(own) => Some(own.media),
            None => store.download(&hash)?.map(|offered| offered.media),
        };
        let remedy = "look at the record that names it";
        let media = media.ok_or_else(|| Failure::not_found("sha256", "file", remedy))?;
        match store.attachment_bytes(&hash) {
            Err(siaga_store::StoreError::NoSuchAttachment(_)) => Err(Failure::not_found("sha256", "file", remedy)),
            read => Ok(Attachment { bytes: read?, media }),
        }
    }
}

pub(crate) fn hash_of(sha256: &str) -> Result<ChangeHash, Failure> {
    let mut hash = [0; 32];
    hex::decode_to_slice(sha256, &mut hash)
        .map_err(|_| Failure::input("sha256", "this is not a SHA-256", "give 64 hexadecimal digits"))?;
    Ok(ChangeHash(hash))
}
