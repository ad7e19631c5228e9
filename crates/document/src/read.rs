//! What one change says, read by itself: no document, no dependency, nothing applied.
//!
//! It lets what was written be written again elsewhere (after a refusal, as an addendum) and lets people see what was not
//! taken. Bytes that do not decode say nothing.

use crate::{Document, NewEntry, scalar, split_key};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ObjType, ScalarValue};
use siaga_domain::entry::Body;
use siaga_domain::id::{ActorId, EntryId};
use std::collections::BTreeMap;
use std::panic::catch_unwind;

/// No change of ours has more operations; a hostile one is not decoded further.
const MOST_OPERATIONS: usize = crate::MAX_OPERATIONS;

impl Document {
    /// The entries one change adds, in their order; empty for what does not decode. The bytes need not be admissible.
    #[must_use]
    pub fn entries_in(bytes: &[u8]) -> Vec<NewEntry> {
        let Some((_, maps)) = maps(bytes) else { return Vec::new() };
        maps.into_values()
            .filter_map(|Map { kind, id, fields }| {
                let (stamp, fields) = scalar::split_stamp(fields);
                Some(NewEntry { id, stamp, body: Body::parse(&kind, fields).ok()? })
            })
            .collect()
    }
}

/// An entry as a change makes it.
pub(crate) struct Map {
    pub kind: String,
    pub id: EntryId,
    pub fields: BTreeMap<String, ScalarValue>,
}

/// The actor of a change and the maps it makes, each at the number of the operation that makes it.
pub(crate) fn maps(bytes: &[u8]) -> Option<(ActorId, BTreeMap<u64, Map>)> {
    if bytes.len() > crate::MAX_CHANGE_BYTES {
        return None;
    }
    let Decoded { actor, start, operations } = decode(bytes)?;
    let mut maps: BTreeMap<u64, Map> = BTreeMap::new();
    for (place, op) in (0_u64..).zip(&operations) {
        // The bytes are not judged yet: the counter may begin at the end of its type.
        let counter = start.saturating_add(place);
        let Key::Map(key) = &op.key else { continue };
        match (&op.obj, &op.action) {
            (ObjectId::Root, OpType::Make(ObjType::Map)) => {
                if let Some((kind, id)) = split_key(key) {
                    maps.insert(counter, Map { kind: kind.to_owned(), id, fields: BTreeMap::new() });
                }
            }
            (ObjectId::Id(OpId(made, _)), OpType::Put(value)) => {
                if let Some(map) = maps.get_mut(made) {
                    map.fields.insert(key.to_string(), value.clone());
                }
            }
            _ => {}
        }
    }
    Some((actor, maps))
}

struct Decoded {
    actor: ActorId,
    start: u64,
    operations: Vec<Op>,
}

/// Only a plain chunk: nothing else is worth the risk of inflating it.
fn decode(bytes: &[u8]) -> Option<Decoded> {
    const CHANGE: u8 = 1;
    if bytes.get(8) != Some(&CHANGE) {
        return None;
    }
    let parsed = catch_unwind(|| automerge::Change::try_from(bytes)).ok()?.ok()?;
    if parsed.len() > MOST_OPERATIONS {
        return None;
    }
    let actor = ActorId::try_from(parsed.actor_id().to_bytes()).ok()?;
    let start = parsed.start_op().get();
    let operations = catch_unwind(|| parsed.decode().operations).ok()?;
    Some(Decoded { actor, start, operations })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Header;
    use siaga_domain::entry::{Note, Stamp};
    use siaga_domain::id::RecordId;
    use siaga_domain::kind::RecordKind;

    fn note(n: u8) -> NewEntry {
        let body = Body::Note(Note { text: format!("catatan {n}"), ..Note::default() });
        NewEntry { id: EntryId::from_bytes([n; 16]), stamp: Stamp { by: "Ani".into(), ..Stamp::default() }, body }
    }

    #[test]
    fn a_change_alone_says_what_was_written_in_it() {
        let header = Header { id: RecordId::from_bytes([9; 16]), kind: RecordKind::Incident, schema: 1 };
        let actor = ActorId::from_bytes([1; 16]);
        let (mut document, _) = Document::create(header, actor, &[note(1)]).expect("a document");
        let second = document.append(actor, &[note(2), note(3)]).expect("a change");

        assert_eq!(Document::entries_in(&second[0].bytes), [note(2), note(3)]);
    }

    #[test]
    fn damaged_bytes_say_nothing_and_unwind_nothing() {
        let header = Header { id: RecordId::from_bytes([9; 16]), kind: RecordKind::Incident, schema: 1 };
        let (_, changes) = Document::create(header, ActorId::from_bytes([1; 16]), &[note(1)]).expect("a document");

        for at in 0..changes[0].bytes.len() {
            let mut damaged = changes[0].bytes.clone();
            damaged[at] ^= 0x55;
            let _ = Document::entries_in(&damaged);
        }

        assert!(Document::entries_in(b"").is_empty());
    }
}
