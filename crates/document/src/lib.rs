//! The domain inside Automerge: how records are written, read, merged, and what is admitted.
//!
//! This is the only crate that names Automerge, and no type of it stands in a public signature. A document is
//! maps and scalars only: a header and entries under fresh keys. Every call into Automerge with bytes that were
//! not made here goes through [`admit`](Document::admit) or is caught when it unwinds.

mod admit;
mod author;
mod digest;
mod heads;
mod intact;
mod judge;
mod read;
mod rebuild;
pub mod recode;
mod renamed;
mod rows;
mod scalar;
mod twin;

pub use admit::{Admitted, Claim, DeniedEntry, MAX_CHANGE_BYTES, MAX_OPERATIONS, Refusal, Rules, Step};
pub use author::{AuthorError, NewEntry};
pub use digest::digest;
pub use heads::MAX_OWN_DEPENDENCIES;
pub use intact::{changes_in, holding_together, is_intact};
pub use judge::{Counting, Question};
pub use rebuild::{RebuildError, SaveError};
pub use twin::Twin;

use automerge::{Automerge, ReadDoc};
use renamed::Renamed;
use siaga_domain::entry::{Body, CausalOrder, Entry};
use siaga_domain::id::{ActorId, ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::{self, Record};
use std::collections::BTreeSet;

/// What a document says about itself in its first change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    pub id: RecordId,
    pub kind: RecordKind,
    /// The schema the document was begun under.
    pub schema: u32,
}

/// One change: the bytes as their author made them, and what they say about themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub hash: ChangeHash,
    pub actor: ActorId,
    /// 1, 2, 3 for each actor in each document.
    pub seq: u64,
    pub deps: Vec<ChangeHash>,
    pub bytes: Vec<u8>,
}

/// One record as an Automerge document.
#[derive(Clone, Debug)]
pub struct Document {
    inner: Automerge,
    /// Changes that Automerge cannot hold as they are, and all that depend on them.
    renamed: Renamed,
}

pub(crate) const KEY_ID: &str = "id";
pub(crate) const KEY_KIND: &str = "kind";
pub(crate) const KEY_SCHEMA: &str = "schema";

impl Document {
    /// Nothing known yet. The first admitted change makes it a record.
    #[must_use]
    pub fn empty() -> Self {
        Self { inner: Automerge::new(), renamed: Renamed::default() }
    }

    /// `None` while the first change is missing.
    #[must_use]
    pub fn header(&self) -> Option<Header> {
        let id = scalar::bytes(&self.inner, KEY_ID)?;
        let kind = scalar::text(&self.inner, KEY_KIND)?;
        let schema = scalar::integer(&self.inner, KEY_SCHEMA)?;
        Some(Header {
            id: RecordId::try_from(id.as_slice()).ok()?,
            kind: kind.parse().ok()?,
            schema: u32::try_from(schema).ok()?,
        })
    }

    /// The changes nothing else follows, sorted.
    #[must_use]
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<ChangeHash> = self.inner.get_heads().iter().map(|head| self.renamed.outside(head)).collect();
        heads.sort();
        heads
    }

    #[must_use]
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.inner.get_change_meta_by_hash(&self.renamed.inside(&to_hash(hash))).is_some()
    }

    /// Operations of all changes together.
    #[must_use]
    pub fn operation_count(&self) -> u64 {
        self.inner.stats().num_ops
    }

    #[must_use]
    pub fn change_count(&self) -> usize {
        self.inner.get_changes_meta(&[]).len()
    }

    /// Every change in causal order, encoded anew. The log keeps the bytes that were received; these are for
    /// comparing, not for replacing them.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        self.inner.get_changes(&[]).iter().filter_map(|change| to_change(self.renamed.original(change))).collect()
    }

    /// The entries, in causal order. Two copies of one entry (a replayed intent) are one, and stand where the earlier of
    /// them does. Of different entries under one id the causally first is here alone, and none under an id in another
    /// spelling: documents of builds up to 0.2.0 may hold such.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.inner.keys(automerge::ROOT).filter_map(|key| self.entry(&key)).collect();
        entries.sort_by_key(|entry| entry.order);
        let mut seen = BTreeSet::new();
        entries.retain(|entry| seen.insert(entry.id));
        entries
    }

    /// Entries under an id that the causally first of its entries has: they count for nothing, and are here in documents of
    /// builds up to 0.2.0 alone. In causal order.
    #[must_use]
    pub fn displaced(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.inner.keys(automerge::ROOT).filter_map(|key| self.entry(&key)).collect();
        entries.sort_by_key(|entry| entry.order);
        let mut seen = BTreeSet::new();
        entries.retain(|entry| !seen.insert(entry.id));
        entries
    }

    fn entry(&self, key: &str) -> Option<Entry> {
        let (kind, id) = split_key(key)?;
        let (order, object) = self.first_copy(key)?;
        let (stamp, fields) = scalar::read_entry(&self.inner, &object);
        let body = Body::parse(kind, fields).unwrap_or_else(|_| Body::Unknown { kind: kind.to_owned() });
        Some(Entry { id, order, stamp, body })
    }

    /// The causally first of the maps under one key.
    fn first_copy(&self, key: &str) -> Option<(CausalOrder, automerge::ObjId)> {
        let copies = self.inner.get_all(automerge::ROOT, key).ok()?;
        let map = |(value, object): (automerge::Value<'_>, automerge::ObjId)| {
            if !matches!(value, automerge::Value::Object(automerge::ObjType::Map)) {
                return None;
            }
            let automerge::ObjId::Id(counter, actor, _) = &object else { return None };
            let order = CausalOrder { counter: *counter, actor: ActorId::try_from(actor.to_bytes()).ok()? };
            Some((order, object))
        };
        copies.into_iter().filter_map(map).min_by_key(|(order, _)| *order)
    }

    /// The record as people see it; `None` while its opening entry is missing.
    #[must_use]
    pub fn record(&self) -> Option<Record> {
        let header = self.header()?;
        record::project(header.kind, header.id, &self.entries())
    }
}

/// `vitals/0190…` to its kind and id; `None` for the header's keys, and for an id that is not in its one spelling.
pub(crate) fn split_key(key: &str) -> Option<(&str, EntryId)> {
    let (kind, id) = key.split_once('/')?;
    Some((kind, id.parse().ok()?))
}

/// As [`split_key`], for the keys that builds up to 0.2.0 admitted: with an id in any spelling.
pub(crate) fn split_old_key(key: &str) -> Option<(&str, EntryId)> {
    let (kind, id) = key.split_once('/')?;
    Some((kind, EntryId::in_any_spelling(id).ok()?))
}

pub(crate) fn to_hash(hash: &ChangeHash) -> automerge::ChangeHash {
    automerge::ChangeHash(hash.0)
}

pub(crate) fn from_hash(hash: &automerge::ChangeHash) -> ChangeHash {
    ChangeHash(hash.0)
}

pub(crate) fn to_change(change: &automerge::Change) -> Option<Change> {
    Some(Change {
        hash: from_hash(&change.hash()),
        actor: ActorId::try_from(change.actor_id().to_bytes()).ok()?,
        seq: change.seq(),
        deps: change.deps().iter().map(from_hash).collect(),
        bytes: change.raw_bytes().to_vec(),
    })
}
