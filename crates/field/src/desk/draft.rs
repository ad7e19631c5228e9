//! What a use case is about to write: records, their files and settings, all or none.

use crate::desk::Desk;
use crate::failure::Failure;
use crate::photo::Prepared;
use sha2::{Digest as _, Sha256};
use siaga_document::NewEntry;
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_store::{NewAttachment, PictureKind, RecordWrite};

const JPEG: &str = "image/jpeg";

/// A fix older than this does not say where a photograph was taken.
const STILL_HERE_MS: i64 = 5 * 60 * 1000;

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

    /// A note with a photograph and its thumbnail. It says where this phone is, when that is known.
    pub(crate) fn attach(
        &mut self,
        desk: &Desk<'_>,
        record: RecordId,
        photo: Prepared,
        text: String,
    ) -> Result<EntryId, Failure> {
        let name = |bytes: &[u8]| Some(hex::encode(Sha256::digest(bytes)));
        let position = desk.position_within(STILL_HERE_MS)?;
        let entry = desk.entry(Body::Note(Note {
            text,
            attachment: name(&photo.photograph),
            media: Some(JPEG.to_owned()),
            size_bytes: i64::try_from(photo.photograph.len()).ok(),
            thumbnail: name(&photo.thumbnail),
            lat: position.as_ref().map(Position::lat),
            lon: position.as_ref().map(Position::lon),
            accuracy_m: position.as_ref().and_then(Position::accuracy_m),
        }));
        let id = entry.id;
        for (kind, bytes) in [(PictureKind::Thumbnail, photo.thumbnail), (PictureKind::Photograph, photo.photograph)] {
            self.attachments.push(NewAttachment { record, kind, media: JPEG.to_owned(), bytes });
        }
        self.push(entry);
        Ok(id)
    }
}
