//! Writing entries into a document: the one way changes are made, on the phone, at the center and in tests.
//!
//! A change has at most [`MAX_OPERATIONS`](crate::MAX_OPERATIONS) operations and stays far below the size the
//! admission check allows; a long form becomes several changes.

use crate::{Change, Document, Header, KEY_ID, KEY_KIND, KEY_SCHEMA, scalar, to_change, to_hash};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId as Actor, Automerge, ExpandedChange, ObjType, ReadDoc, ScalarValue};
use siaga_domain::entry::{Body, Stamp, key_of};
use siaga_domain::id::{ActorId, EntryId};
use std::collections::BTreeSet;
use std::num::NonZeroU64;
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

pub(crate) struct Prepared {
    key: String,
    fields: Vec<(String, ScalarValue)>,
    /// Entries that it names: the change depends on theirs.
    names: Vec<EntryId>,
}

impl Prepared {
    pub(crate) fn of(entry: &NewEntry) -> Result<Self, AuthorError> {
        let mut fields: Vec<(String, ScalarValue)> =
            scalar::stamp_fields(&entry.stamp).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        for (key, value) in entry.body.fields().map_err(AuthorError::Fields)? {
            if let Some(value) = scalar::from_json(&value) {
                fields.push((key, value));
            }
        }
        // The wire likes a stable order, and so do eyes.
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        let mut names = entry.stamp.replaces.clone();
        names.extend(match &entry.body {
            Body::Strike(strike) => Some(strike.target),
            Body::Overruled(overruled) => Some(overruled.target),
            _ => None,
        });
        Ok(Self { key: key_of(entry.body.kind(), entry.id), fields, names })
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
        let mut next = self.clone();
        let author = automerge::ActorId::from(actor.as_bytes().as_slice());
        next.inner.set_actor(author.clone());
        let changes = catch_unwind(AssertUnwindSafe(|| {
            let mut header = header;
            batches(&prepared)
                .into_iter()
                .map(|batch| next.commit(&author, header.take(), &batch))
                .collect::<Option<Vec<Change>>>()
        }));
        let changes = changes.map_err(|_| AuthorError::Unwound)?.ok_or(AuthorError::Edit)?;
        *self = next;
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

impl Document {
    fn commit(&mut self, author: &Actor, header: Option<Header>, batch: &[&Prepared]) -> Option<Change> {
        if header.is_none() {
            let named = batch.iter().flat_map(|entry| entry.names.iter().copied()).collect();
            let depends_on = self.depends_on(author, &named);
            let heads: BTreeSet<automerge::ChangeHash> = self.inner.get_heads().into_iter().collect();
            let is_usual = self.renamed.is_empty() && depends_on == heads;
            if !is_usual {
                return self.commit_at(author, &depends_on, batch);
            }
        }
        let hash = transact(&mut self.inner, header, batch)?;
        to_change(&self.inner.get_change_by_hash(&hash)?)
    }

    /// Writes entries behind these changes, whichever others there are. Hashes are those inside the document.
    pub(crate) fn commit_at(
        &mut self,
        author: &Actor,
        depends_on: &BTreeSet<automerge::ChangeHash>,
        batch: &[&Prepared],
    ) -> Option<Change> {
        let last_op =
            depends_on.iter().filter_map(|hash| self.inner.get_change_meta_by_hash(hash)).map(|meta| meta.max_op);
        let start_op = last_op.max()?.checked_add(1)?;
        let own = self.inner.get_changes_meta(&[]).into_iter().filter(|meta| *meta.actor == *author);
        let expanded = ExpandedChange {
            operations: operations(author, start_op, batch)?,
            actor_id: author.clone(),
            author: None,
            hash: None,
            seq: own.map(|meta| meta.seq).max().unwrap_or(0).checked_add(1)?,
            start_op: NonZeroU64::new(start_op)?,
            time: 0,
            message: None,
            deps: depends_on.iter().map(|hash| to_hash(&self.renamed.outside(hash))).collect(),
            extra_bytes: Vec::new(),
        };
        let made = automerge::Change::from(expanded);
        let change = to_change(&made)?;
        self.apply_parsed(vec![made]).ok()?;
        self.contains(&change.hash).then_some(change)
    }
}

fn operations(author: &Actor, start_op: u64, batch: &[&Prepared]) -> Option<Vec<Op>> {
    let mut operations = Vec::new();
    let op = |obj, key: &str, action| Op {
        action,
        obj,
        key: Key::Map(key.into()),
        pred: [].into_iter().collect(),
        insert: false,
    };
    for entry in batch {
        let made = start_op.checked_add(u64::try_from(operations.len()).ok()?)?;
        operations.push(op(ObjectId::Root, &entry.key, OpType::Make(ObjType::Map)));
        for (key, value) in &entry.fields {
            operations.push(op(ObjectId::Id(OpId(made, author.clone())), key, OpType::Put(value.clone())));
        }
    }
    Some(operations)
}

fn transact(doc: &mut Automerge, header: Option<Header>, batch: &[&Prepared]) -> Option<automerge::ChangeHash> {
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
    made.ok()?.hash
}
