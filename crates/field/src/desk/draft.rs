//! What a use case is about to write: records, their files and settings, all or none.

use crate::desk::Desk;
use crate::failure::{Failure, FailureCode};
use crate::photo::Prepared;
use sha2::{Digest as _, Sha256};
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_store::{NewAttachment, RecordWrite};

/// Handed to the store in one piece. The first record is the one the use case is about.
pub(crate) struct Draft {
    pub records: Vec<RecordWrite>,
    pub attachments: Vec<NewAttachment>,
    pub settings: Vec<(String, String)>,
}

impl Draft {
    pub(crate) fn create(id: RecordId, kind: RecordKind, entries: Vec<NewEntry>) -> Self {
        Self::of(RecordWrite { id, kind, create: true, entries })
    }

    pub(crate) fn append(id: RecordId, kind: RecordKind, entries: Vec<NewEntry>) -> Self {
        Self::of(RecordWrite { id, kind, create: false, entries })
    }

    fn of(first: RecordWrite) -> Self {
        Self { records: vec![first], attachments: Vec::new(), settings: Vec::new() }
    }

    /// Another record of the same use case.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.records.extend(other.records);
        self.attachments.extend(other.attachments);
        self.settings.extend(other.settings);
        self
    }

    /// One more entry of the first record.
    pub(crate) fn push(&mut self, entry: NewEntry) {
        if let Some(first) = self.records.first_mut() {
            first.entries.push(entry);
        }
    }

    /// A note with a photograph: the copy without metadata travels, the original is kept beside it.
    pub(crate) fn attach(
        &mut self,
        desk: &Desk<'_>,
        record: RecordId,
        photo: Prepared,
        text: String,
    ) -> Result<EntryId, Failure> {
        let hash = hex::encode(Sha256::digest(&photo.travelling));
        desk.keep_original(&hash, &photo)?;
        let entry = desk.entry(Body::Note(Note {
            text,
            attachment: Some(hash),
            media: Some("image/jpeg".to_owned()),
            size_bytes: i64::try_from(photo.travelling.len()).ok(),
        }));
        let id = entry.id;
        self.attachments.push(NewAttachment { record, media: "image/jpeg".to_owned(), bytes: photo.travelling });
        self.push(entry);
        Ok(id)
    }
}

impl Desk<'_> {
    /// Originals stay on this device, named by the copy that travels. One without its note is clutter, never a
    /// loss, so the file goes first.
    fn keep_original(&self, hash: &str, photo: &Prepared) -> Result<(), Failure> {
        let folder = self.store.home().join("originals");
        let file = folder.join(format!("{hash}.{}", photo.extension()));
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&file, &photo.original))
            .and_then(|()| std::fs::File::open(&file)?.sync_all())
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull => Failure::storage_full(),
                _ => Failure::new(
                    FailureCode::Storage,
                    Some("photo"),
                    "could not keep the original photo",
                    "check the folder of this device's data",
                ),
            })
    }
}
