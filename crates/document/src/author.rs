//! Writing entries into a document: the one way changes are made, on the phone, at the center and in tests.
//!
//! A change has at most [`MAX_OPERATIONS`](crate::MAX_OPERATIONS) operations and stays far below the size the
//! admission check allows; a long form becomes several changes.

use crate::{Change, Document, Header, KEY_ID, KEY_KIND, KEY_SCHEMA, scalar, to_change};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, ObjType, ReadDoc, ScalarValue};
use siaga_domain::entry::{Body, Stamp, key_of};
use siaga_domain::id::{ActorId, EntryId};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An entry about to be written.
#[derive(Clone, PartialEq, Debug)]
pub struct NewEntry {
    pub id: EntryId,
    pub stamp: Stamp,
    pub body: Body,
}

/// Why entries were not written. The document is as it was.
#[derive(Debug, thiserror::Error)]
pub enum AuthorError {
    #[error("an entry's fields could not be read")]
    Fields(#[source] serde_json::Error),
    #[error("there is nothing to write")]
    Nothing,
    #[error("one entry alone is larger than a change may be")]
    TooLarge,
    #[error("the document has no header yet")]
    NoHeader,
    #[error("the change could not be made")]
    Edit,
    #[error("the document must be rebuilt from its log")]
    Unwound,
}

/// Operations and bytes one change aims to stay below. The admission check allows more.
const AIM_OPERATIONS: usize = 200;
const AIM_BYTES: usize = 10_000;

struct Prepared {
    key: String,
    fields: Vec<(String, ScalarValue)>,
}

impl Prepared {
    fn of(entry: &NewEntry) -> Result<Self, AuthorError> {
        let mut fields: Vec<(String, ScalarValue)> =
            scalar::stamp_fields(&entry.stamp).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        for (key, value) in entry.body.fields().map_err(AuthorError::Fields)? {
            if let Some(value) = scalar::from_json(&value) {
                fields.push((key, value));
            }
        }
        // The wire likes a stable order, and so do eyes.
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { key: key_of(entry.body.kind(), entry.id), fields })
    }

    fn operations(&self) -> usize {
        1 + self.fields.len()
    }

    fn size_bytes(&self) -> usize {
        let value = |value: &ScalarValue| match value {
            ScalarValue::Str(text) => text.len(),
            ScalarValue::Bytes(bytes) => bytes.len(),
            _ => 9,
        };
        self.key.len() + self.fields.iter().map(|(key, field)| key.len() + value(field) + 4).sum::<usize>()
    }
}

impl Document {
    /// Begins a document with its header and first entries.
    ///
    /// # Errors
    /// [`AuthorError`]; nothing was made.
    pub fn create(header: Header, actor: ActorId, entries: &[NewEntry]) -> Result<(Self, Vec<Change>), AuthorError> {
        let mut document = Self::empty();
        let changes = document.write(Some(header), actor, entries)?;
        Ok((document, changes))
    }

    /// Adds entries. Usually one change; several when they are many.
    ///
    /// # Errors
    /// [`AuthorError`]; the document is as it was, except after [`AuthorError::Unwound`].
    pub fn append(&mut self, actor: ActorId, entries: &[NewEntry]) -> Result<Vec<Change>, AuthorError> {
        if self.header().is_none() {
            return Err(AuthorError::NoHeader);
        }
        self.write(None, actor, entries)
    }

    fn write(
        &mut self,
        header: Option<Header>,
        actor: ActorId,
        entries: &[NewEntry],
    ) -> Result<Vec<Change>, AuthorError> {
        let prepared: Vec<Prepared> = entries.iter().map(Prepared::of).collect::<Result<_, _>>()?;
        if prepared.is_empty() {
            return Err(AuthorError::Nothing);
        }
        if prepared.iter().any(|entry| entry.operations() > AIM_OPERATIONS || entry.size_bytes() > AIM_BYTES) {
            return Err(AuthorError::TooLarge);
        }
        let mut next = self.inner.clone();
        next.set_actor(automerge::ActorId::from(actor.as_bytes().as_slice()));
        let changes = catch_unwind(AssertUnwindSafe(|| {
            let mut header = header;
            batches(&prepared)
                .into_iter()
                .map(|batch| commit(&mut next, header.take(), batch))
                .collect::<Option<Vec<Change>>>()
        }));
        let changes = changes.map_err(|_| AuthorError::Unwound)?.ok_or(AuthorError::Edit)?;
        self.inner = next;
        Ok(changes)
    }
}

fn batches(entries: &[Prepared]) -> Vec<Vec<&Prepared>> {
    let mut batches: Vec<Vec<&Prepared>> = Vec::new();
    let (mut operations, mut bytes) = (usize::MAX, usize::MAX);
    for entry in entries {
        operations = operations.saturating_add(entry.operations());
        bytes = bytes.saturating_add(entry.size_bytes());
        match batches.last_mut() {
            Some(batch) if operations <= AIM_OPERATIONS && bytes <= AIM_BYTES => batch.push(entry),
            _ => {
                // Room is left for the header of a first change.
                (operations, bytes) = (entry.operations() + 4, entry.size_bytes());
                batches.push(vec![entry]);
            }
        }
    }
    batches
}

fn commit(doc: &mut Automerge, header: Option<Header>, batch: Vec<&Prepared>) -> Option<Change> {
    let made = doc.transact_with::<_, (), automerge::AutomergeError, _>(
        |()| CommitOptions::default(),
        |tx| {
            if let Some(header) = header {
                tx.put(automerge::ROOT, KEY_ID, ScalarValue::Bytes(header.id.as_bytes().to_vec()))?;
                tx.put(automerge::ROOT, KEY_KIND, header.kind.code())?;
                tx.put(automerge::ROOT, KEY_SCHEMA, i64::from(header.schema))?;
            }
            for entry in batch {
                let map = tx.put_object(automerge::ROOT, entry.key.as_str(), ObjType::Map)?;
                for (key, value) in &entry.fields {
                    tx.put(&map, key.as_str(), value.clone())?;
                }
            }
            Ok(())
        },
    );
    let hash = made.ok()?.hash?;
    to_change(&doc.get_change_by_hash(&hash)?)
}
