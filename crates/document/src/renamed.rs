//! Changes that Automerge cannot hold as they are, under other hashes inside a document.
//!
//! Automerge stores the times of all changes as differences, and unwinds or refuses to load where one of them leaves 64
//! bits. Builds up to 0.2.0 admitted any time. A change with a time far from zero is therefore held with time 0, and what
//! depends on it with the hash that gives. Nothing of this leaves the document: hashes and bytes outside are those of the
//! log. Changes that enter today have time 0 and are never renamed.

use crate::from_hash;
use automerge::{Change, ChangeHash};
use std::collections::BTreeMap;

/// Times up to this far from zero never differ by more than 63 bits.
const FARTHEST_TIME: u64 = 1 << 61;

#[derive(Clone, Debug, Default)]
pub(crate) struct Renamed {
    /// Hash outside to hash inside.
    inside: BTreeMap<ChangeHash, ChangeHash>,
    /// Hash inside to the change as its author made it.
    originals: BTreeMap<ChangeHash, Change>,
}

impl Renamed {
    pub(crate) fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }

    /// The hash that Automerge has for this change.
    pub(crate) fn inside(&self, hash: &ChangeHash) -> ChangeHash {
        self.inside.get(hash).copied().unwrap_or(*hash)
    }

    /// These hashes as Automerge has them.
    pub(crate) fn all_inside(&self, hashes: &[ChangeHash]) -> Vec<ChangeHash> {
        hashes.iter().map(|hash| self.inside(hash)).collect()
    }

    /// The hash by which everybody else knows the change that Automerge has under this one.
    pub(crate) fn outside(&self, hash: &ChangeHash) -> siaga_domain::id::ChangeHash {
        self.originals.get(hash).map_or_else(|| from_hash(hash), |original| from_hash(&original.hash()))
    }

    /// The change as its author made it.
    pub(crate) fn original<'a>(&'a self, held: &'a Change) -> &'a Change {
        self.originals.get(&held.hash()).unwrap_or(held)
    }

    /// The change as Automerge can hold it.
    pub(crate) fn take(&mut self, change: Change) -> Change {
        let far = is_far(change.timestamp());
        if !far && (self.inside.is_empty() || !change.deps().iter().any(|dep| self.inside.contains_key(dep))) {
            return change;
        }
        let mut expanded = change.decode();
        expanded.hash = None;
        expanded.deps = self.all_inside(change.deps());
        if far {
            expanded.time = 0;
        }
        let held = Change::from(expanded);
        self.inside.insert(change.hash(), held.hash());
        self.originals.insert(held.hash(), change);
        held
    }
}

/// Whether Automerge holds a change with this time only under another hash.
#[must_use]
pub(crate) const fn is_far(time: i64) -> bool {
    time.unsigned_abs() > FARTHEST_TIME
}

impl crate::Document {
    /// Whether a phone of 0.2.0 that has this change can take no further one of its record.
    #[must_use]
    pub fn ends_records_of_0_2_0(bytes: &[u8]) -> bool {
        Self::change_time(bytes).is_some_and(is_far)
    }

    /// The time that a change says it was made at; `None` for bytes that are no change. Authors of every release say 0.
    #[must_use]
    pub fn change_time(bytes: &[u8]) -> Option<i64> {
        let parsed = std::panic::catch_unwind(|| Change::try_from(bytes)).ok()?.ok()?;
        Some(parsed.timestamp())
    }
}
