//! One hash over everything a device was told, as of the feed positions it was last told: a phone that has
//! nothing unsent and nothing unread computes the same.

use crate::Center;
use crate::db::device::Contact;
use crate::db::{device, feed, log, projection};
use crate::journal::documents::LoadError;
use siaga_document::Document;
use siaga_domain::id::DeviceId;

impl Center {
    /// The digest and how many documents it covers.
    ///
    /// # Errors
    /// [`LoadError`] when a log does not make a document.
    pub fn digest(&self, id: &DeviceId) -> Result<([u8; 32], usize), LoadError> {
        let scope = self.db().read(|tx| {
            let contact = device::get(tx, id)?.and_then(|device| device.contact).unwrap_or_else(Contact::default);
            let mut scope = Vec::new();
            for (record, cursor) in feed::memberships_at(tx, id, contact.told)? {
                let Some(known) = projection::get(tx, &record)? else { continue };
                let heads = if known.position <= cursor {
                    known.heads
                } else {
                    let log = log::bytes_between(tx, &record, 0, cursor)?;
                    Document::from_log(log.iter().map(Vec::as_slice)).map_err(LoadError::Rebuild)?.heads()
                };
                scope.push((record, heads));
            }
            Ok::<_, LoadError>(scope)
        })?;
        let documents = scope.len();
        Ok((siaga_document::digest(scope), documents))
    }
}
