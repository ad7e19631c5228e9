//! The photograph of a form that was not sent yet, made small and kept under a key of its own: the words of the form are
//! saved on each change and stay small.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::{KeepPhoto, Photo};
use base64ct::{Base64, Encoding as _};

/// The key of the photograph beside the form of this key.
#[must_use]
pub fn photo_key(form: &str) -> String {
    format!("photo/{form}")
}

impl Field {
    /// Gives the photograph back as it is kept.
    ///
    /// # Errors
    /// `BadInput` for a key without end or a file that is no picture, and what saving may give.
    pub fn keep_photo(&self, request: &KeepPhoto) -> Result<Photo, Failure> {
        if request.key.is_empty() || request.key.len() > 200 {
            return Err(Failure::input("key", "the key of a draft has 1 to 200 characters", "name the form"));
        }
        let small = crate::photo::prepare(&request.photo)?.photograph;
        let photo = Photo { media: "image/jpeg".to_owned(), base64: Base64::encode_string(&small) };
        let text = serde_json::to_string(&photo).map_err(|_| Failure::internal("write down the photo"))?;
        self.store().save_draft(&photo_key(&request.key), &text)?;
        Ok(photo)
    }
}
