//! Which changes the next change of an author depends on, and the folding of many heads into few.
//!
//! A change that enters may have 64 dependencies, so a document with more heads could not be written in if an author took
//! all of them. While the heads are few it does. Otherwise it takes its own last change, the head with the highest
//! operation, and the changes of the entries that the new ones name: that keeps the rules of sequence and numbering, and
//! what is replaced comes before what replaces it. Only the center folds; a phone leaves the other heads as they are.

use crate::author::{AuthorError, Prepared};
use crate::{Change, Document, NewEntry};
use automerge::{ActorId as Actor, ChangeHash, ReadDoc};
use siaga_domain::id::{ActorId, EntryId};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Dependencies of a change that is written here, at most. A document with more heads is folded by the center.
pub const MAX_OWN_DEPENDENCIES: usize = 32;

impl Document {
    /// Joins heads until there are few: changes by `actor`, of few dependencies each, with the entry that `entry` makes for
    /// a number of heads. Nothing is made where the heads are few.
    ///
    /// # Errors
    /// [`AuthorError`]; the document is as it was.
    pub fn fold(
        &mut self,
        actor: ActorId,
        mut entry: impl FnMut(usize) -> NewEntry,
    ) -> Result<Vec<Change>, AuthorError> {
        let mut next = self.clone();
        let author = Actor::from(actor.as_bytes().as_slice());
        let mut changes = Vec::new();
        loop {
            let heads = next.inner.get_heads();
            if heads.len() <= MAX_OWN_DEPENDENCIES {
                break;
            }
            let mut folded: BTreeSet<ChangeHash> = next.last_of(&author).into_iter().collect();
            for head in heads {
                if folded.len() < MAX_OWN_DEPENDENCIES {
                    folded.insert(head);
                }
            }
            let prepared = Prepared::of(&entry(folded.len()))?;
            let change = catch_unwind(AssertUnwindSafe(|| next.commit_at(&author, &folded, &[&prepared])))
                .map_err(|_| AuthorError::Unwound)?;
            changes.push(change.ok_or(AuthorError::Edit)?);
        }
        *self = next;
        Ok(changes)
    }

    /// What the next change of `author` depends on, by hashes inside the document.
    pub(crate) fn depends_on(&self, author: &Actor, named: &BTreeSet<EntryId>) -> BTreeSet<ChangeHash> {
        let own = self.last_of(author);
        let heads = self.inner.get_heads();
        let all: BTreeSet<ChangeHash> = heads.iter().copied().collect();
        // An author names its own last change even where others follow it.
        if all.union(&own.into_iter().collect()).count() <= MAX_OWN_DEPENDENCIES {
            return all;
        }
        let highest = heads
            .iter()
            .filter_map(|head| self.inner.get_change_meta_by_hash(head).map(|meta| (meta.max_op, *head)))
            .max()
            .map(|(_, head)| head);
        let mut taken: BTreeSet<ChangeHash> = own.into_iter().chain(highest).collect();
        let before = self.ancestors(&taken);
        for made in self.changes_of(named) {
            if taken.len() < MAX_OWN_DEPENDENCIES && !before.contains(&made) {
                taken.insert(made);
            }
        }
        taken
    }

    /// The newest change of an actor, by its hash inside the document.
    fn last_of(&self, author: &Actor) -> Option<ChangeHash> {
        let of_actor = self.inner.get_changes_meta(&[]).into_iter().filter(|meta| *meta.actor == *author);
        of_actor.max_by_key(|meta| meta.seq).map(|meta| meta.hash)
    }

    fn ancestors(&self, from: &BTreeSet<ChangeHash>) -> BTreeSet<ChangeHash> {
        let mut seen = BTreeSet::new();
        let mut ahead: Vec<ChangeHash> = from.iter().copied().collect();
        while let Some(hash) = ahead.pop() {
            if seen.insert(hash)
                && let Some(meta) = self.inner.get_change_meta_by_hash(&hash)
            {
                ahead.extend(meta.deps);
            }
        }
        seen
    }

    /// The changes in which these entries stand, in the order of the entries' keys.
    fn changes_of(&self, named: &BTreeSet<EntryId>) -> Vec<ChangeHash> {
        if named.is_empty() {
            return Vec::new();
        }
        let mut made = Vec::new();
        for key in self.inner.keys(automerge::ROOT) {
            if crate::split_old_key(&key).is_none_or(|(_, id)| !named.contains(&id)) {
                continue;
            }
            let copies = self.inner.get_all(automerge::ROOT, key.as_str()).unwrap_or_default();
            made.extend(copies.iter().filter_map(|(_, object)| self.inner.hash_for_opid(object)));
        }
        made
    }
}
