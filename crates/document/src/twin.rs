//! A change next to a document that may hold one of its entries already, under any kind and in any spelling of its id.
//!
//! The admission check asks this of one document. An incident has several: whoever knows its parts asks each of them.

use crate::{Document, read, scalar, split_old_key};
use automerge::ReadDoc;
use siaga_domain::entry::{CausalOrder, key_of};
use siaga_domain::id::EntryId;

/// How an entry of a change stands to what the document holds under its id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Twin {
    /// The same, word for word, and no earlier than the first copy here.
    After,
    /// The same, and it would be the first copy in causal order.
    Before,
    /// Something else: another kind, other words, another spelling.
    Other,
}

impl Document {
    /// `None` where nothing here has the id, or the change has no such entry.
    #[must_use]
    pub fn twin(&self, change: &[u8], entry: EntryId) -> Option<Twin> {
        let is_here = |key: &String| split_old_key(key).is_some_and(|(_, id)| id == entry);
        let keys: Vec<String> = self.inner.keys(automerge::ROOT).filter(is_here).collect();
        if keys.is_empty() {
            return None;
        }
        let (actor, maps) = read::maps(change)?;
        let (counter, map) = maps.into_iter().find(|(_, map)| map.id == entry)?;
        let mine = key_of(&map.kind, entry);
        if keys.iter().any(|key| *key != mine) {
            return Some(Twin::Other);
        }
        let (first, object) = self.first_copy(&mine)?;
        if scalar::read_entry(&self.inner, &object) != scalar::split_stamp(map.fields) {
            return Some(Twin::Other);
        }
        Some(if (CausalOrder { counter, actor }) < first { Twin::Before } else { Twin::After })
    }
}
