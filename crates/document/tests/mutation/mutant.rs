//! Mutants: an honest change with bytes, parts or operations that are not as its author made them.
//!
//! Every one has its checksum repaired, as a hostile hand would, so that it gets as far as it can.

use super::chance::Chance;
use super::chunk::{self, Parts};
use super::seed::Story;
use automerge::legacy::{ElementId, Key, MarkData, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ObjType, ScalarValue};
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A mutant of the change at this place of the story; `None` when the library itself cannot write it down.
pub(crate) fn mutant(chance: &mut Chance, story: &Story, victim: usize) -> Option<Vec<u8>> {
    let honest = &story.log.get(victim)?.bytes;
    let mut bytes = match chance.below(10) {
        0..=4 => operations(chance, story, honest)?,
        _ => honest.clone(),
    };
    if bytes == *honest || chance.once_in(12) {
        bytes = match chance.below(2) {
            0 => parts(chance, story, &bytes)?,
            _ => raw(chance, story, &bytes)?,
        };
    }
    Some(bytes)
}

/// Bytes flipped, set, left out, put in, doubled or taken from another change.
fn raw(chance: &mut Chance, story: &Story, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = chunk::body(bytes)?.to_vec();
    mangle(chance, &mut body, 4);
    if chance.once_in(8) {
        let other = chunk::body(&chance.one_of(&story.log).bytes)?;
        let from = chance.below(other.len());
        let length = chance.below(24).min(other.len().saturating_sub(from));
        let at = chance.below(body.len().saturating_add(1));
        let piece = other.get(from..from.saturating_add(length))?.to_vec();
        let end = at.saturating_add(if chance.once_in(2) { piece.len() } else { 0 }).min(body.len());
        body.splice(at..end, piece);
    }
    let chunk_type = if chance.once_in(60) { chance.byte() % 5 } else { 1 };
    Some(chunk::framed(chunk_type, &body))
}

fn mangle(chance: &mut Chance, bytes: &mut Vec<u8>, most: usize) {
    for _ in 0..=chance.below(most) {
        if bytes.is_empty() {
            bytes.push(chance.byte());
            continue;
        }
        let at = chance.below(bytes.len());
        match chance.below(7) {
            0 | 1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << chance.below(8)),
            2 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = chance.byte()),
            3 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = byte.wrapping_add(1)),
            4 => {
                bytes.remove(at);
            }
            5 => bytes.insert(at, chance.byte()),
            _ => {
                let length = (1 + chance.below(8)).min(bytes.len() - at);
                let piece: Vec<u8> = bytes.iter().skip(at).take(length).copied().collect();
                bytes.splice(at..at, piece);
            }
        }
    }
}

/// Parts of the chunk: dependencies, actor, sequence, numbering, columns.
fn parts(chance: &mut Chance, story: &Story, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Parts::of(bytes)?;
    let other = Parts::of(&chance.one_of(&story.log).bytes)?;
    for _ in 0..=chance.below(3) {
        match chance.below(22) {
            0 => parts.deps.reverse(),
            1 => parts.deps.extend(parts.deps.first().cloned()),
            2 => parts.deps.clear(),
            3 => parts.deps.push(hash_of(&chance.one_of(&story.log).bytes)),
            4 => parts.deps.push(chance.bytes::<32>().to_vec()),
            5 => parts.deps = other.deps.clone(),
            6 => parts.actor = other.actor.clone(),
            7 => mangle(chance, &mut parts.actor, 2),
            8 => parts.seq = chance.number(parts.seq),
            9 => parts.start_op = chance.number(parts.start_op),
            10 => mangle(chance, &mut parts.message, 2),
            11 => parts.other_actors.push(if chance.once_in(2) {
                other.actor.clone()
            } else {
                chance.bytes::<16>().to_vec()
            }),
            12 => parts.other_actors.push(parts.actor.clone()),
            13 => parts.rest.push(chance.byte()),
            14 => mangle(chance, &mut parts.time, 1),
            15 => parts.columns = other.columns.clone(),
            _ => column(chance, &mut parts.columns, &other.columns),
        }
    }
    if chance.once_in(200) {
        parts.chunk_type = chance.byte() % 5;
    }
    Some(parts.bytes())
}

fn column(chance: &mut Chance, columns: &mut Vec<(u64, Vec<u8>)>, others: &[(u64, Vec<u8>)]) {
    let (at, with) = (chance.below(columns.len()), chance.below(columns.len()));
    let specification = chance.draw() % 176;
    match chance.below(8) {
        0 => {
            let data = columns.get(with).map(|(_, data)| data.clone()).unwrap_or_default();
            columns.iter_mut().skip(at).take(1).for_each(|column| column.1.clone_from(&data));
        }
        1 if !columns.is_empty() => {
            columns.remove(at);
        }
        2 => columns.insert(at, (specification, chance.bytes::<4>().to_vec())),
        3 => columns.iter_mut().skip(at).take(1).for_each(|column| column.0 = specification),
        4 => columns.iter_mut().skip(at).take(1).for_each(|column| column.0 ^= 1 << (specification % 8)),
        5 => {
            if let Some(taken) = others.get(with) {
                columns.iter_mut().skip(at).take(1).for_each(|column| column.1.clone_from(&taken.1));
            }
        }
        6 => columns.iter_mut().skip(at).take(1).for_each(|column| {
            column.1.truncate(chance.below(column.1.len().max(1)));
        }),
        _ => columns.iter_mut().skip(at).take(1).for_each(|column| mangle(chance, &mut column.1, 3)),
    }
}

/// Operations: their order, keys, objects, predecessors, actions and values.
fn operations(chance: &mut Chance, story: &Story, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut change = expanded(bytes)?;
    let other = expanded(&chance.one_of(&story.log).bytes)?;
    for _ in 0..=chance.below(3) {
        one_operation(chance, &mut change, &other);
    }
    // Writing nonsense down may unwind in the library; such a mutant cannot be made this way.
    let made = catch_unwind(AssertUnwindSafe(|| Change::from(change).raw_bytes().to_vec())).ok()?;
    Some(made)
}

fn expanded(bytes: &[u8]) -> Option<ExpandedChange> {
    Some(ExpandedChange::from(&Change::try_from(bytes).ok()?))
}

fn one_operation(chance: &mut Chance, change: &mut ExpandedChange, other: &ExpandedChange) {
    let count = change.operations.len();
    let (at, with) = (chance.below(count), chance.below(count));
    let foreign = if other.operations.is_empty() { None } else { Some(chance.one_of(&other.operations).clone()) };
    let actors = [change.actor_id.clone(), other.actor_id.clone(), ActorId::from([7_u8; 16].as_slice())];
    let near = change.start_op.get();
    match chance.below(24) {
        0 if count > 0 => change.operations.swap(at, with),
        1 if count > 0 => {
            let moved = change.operations.remove(at);
            change.operations.insert(with.min(count - 1), moved);
        }
        2 if count > 0 => {
            change.operations.remove(at);
        }
        3 if count > 0 => {
            let again = change.operations.get(at).cloned();
            change.operations.extend(again);
        }
        4 => change.operations.extend(foreign),
        5 => change.seq = chance.number(change.seq),
        6 => change.start_op = NonZeroU64::new(chance.number(near)).unwrap_or(NonZeroU64::MIN),
        7 => change.deps.clone_from(&other.deps),
        8 => change.deps.push(ChangeHash(chance.bytes())),
        9 => change.actor_id = other.actor_id.clone(),
        10 => change.message = Some("pesan".to_owned()),
        11 => change.time = chance.number(0).cast_signed(),
        _ => {
            let keys: Vec<Key> = change.operations.iter().chain(&other.operations).map(|op| op.key.clone()).collect();
            let objects: Vec<ObjectId> =
                change.operations.iter().chain(&other.operations).map(|op| op.obj.clone()).collect();
            if let Some(op) = change.operations.get_mut(at) {
                change_operation(chance, op, &Around { keys, objects, actors, near });
            }
        }
    }
}

/// What else stands near an operation, to be put where it does not belong.
struct Around {
    keys: Vec<Key>,
    objects: Vec<ObjectId>,
    actors: [ActorId; 3],
    near: u64,
}

impl Around {
    fn id(&self, chance: &mut Chance) -> OpId {
        let near = self.near.saturating_add(chance.draw() % 24).saturating_sub(12);
        let counter = if chance.once_in(4) { chance.number(near) } else { near };
        OpId(counter.min(u64::from(u32::MAX)), chance.one_of(&self.actors).clone())
    }
}

fn change_operation(chance: &mut Chance, op: &mut Op, around: &Around) {
    match chance.below(9) {
        0 => op.key = chance.one_of(&around.keys).clone(),
        1 => op.key = odd_key(chance, around),
        2 => op.obj = chance.one_of(&around.objects).clone(),
        3 => op.obj = if chance.once_in(4) { ObjectId::Root } else { ObjectId::Id(around.id(chance)) },
        4 => {
            let preds: Vec<OpId> = (0..1 + chance.below(3)).map(|_| around.id(chance)).collect();
            op.pred = SortedVec::from(preds);
        }
        5 => op.insert = !op.insert,
        6 => op.action = odd_action(chance),
        _ => op.action = OpType::Put(value(chance)),
    }
}

fn odd_key(chance: &mut Chance, around: &Around) -> Key {
    match chance.below(6) {
        0 => Key::Seq(ElementId::Head),
        1 => Key::Seq(ElementId::Id(around.id(chance))),
        2 => Key::Map("".into()),
        3 => Key::Map("k".repeat(chance.below(200)).into()),
        4 => Key::Map((*chance.one_of(&["id", "kind", "schema", "by", "\0", "note/"])).into()),
        _ => Key::Map(format!("note/{}", siaga_domain::id::EntryId::from_bytes(chance.bytes())).into()),
    }
}

fn odd_action(chance: &mut Chance) -> OpType {
    match chance.below(8) {
        0 => OpType::Delete,
        1 => OpType::Increment(i64::from_le_bytes(chance.bytes())),
        2 => OpType::Make(ObjType::Map),
        3 => OpType::Make(ObjType::List),
        4 => OpType::Make(ObjType::Text),
        5 => OpType::Make(ObjType::Table),
        6 => OpType::MarkBegin(MarkData { name: "m".into(), value: value(chance), expand: chance.once_in(2) }),
        _ => OpType::MarkEnd(chance.once_in(2)),
    }
}

fn value(chance: &mut Chance) -> ScalarValue {
    match chance.below(14) {
        0 => ScalarValue::Null,
        1 => ScalarValue::Boolean(chance.once_in(2)),
        2 => ScalarValue::Uint(chance.number(9)),
        3 => ScalarValue::Int(i64::from_le_bytes(chance.bytes())),
        4 => ScalarValue::Int(chance.number(5).cast_signed()),
        5 => ScalarValue::F64(f64::from_bits(chance.draw())),
        6 => ScalarValue::F64(*chance.one_of(&[0.0, -0.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, 1e300])),
        7 => ScalarValue::counter(chance.number(3).cast_signed()),
        8 => ScalarValue::Timestamp(i64::from_le_bytes(chance.bytes())),
        9 => ScalarValue::Bytes(chance.bytes::<9>().to_vec()),
        10 => ScalarValue::Unknown { type_code: 10 + chance.byte() % 6, bytes: chance.bytes::<3>().to_vec() },
        11 => ScalarValue::Str("x".repeat(chance.below(9_000)).into()),
        12 => ScalarValue::Str("a\0b".into()),
        _ => ScalarValue::Str((*chance.one_of(&["", "air", "🚑\u{301}", "\u{202e}", "medic"])).into()),
    }
}

fn hash_of(bytes: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes.get(8..).unwrap_or_default()).to_vec()
}
