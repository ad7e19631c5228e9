//! A change taken apart into what it says, and the same change made from its parts again.
//!
//! Only the shape of admissible changes has parts: an optional header, then entries under fresh keys with scalars put
//! once into each. Anything else has none and travels as it is.

use crate::{KEY_ID, KEY_KIND, KEY_SCHEMA, MAX_OPERATIONS, split_key};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ExpandedChange, ObjType, ScalarValue};
use siaga_domain::entry::key_of;
use siaga_domain::id::{ActorId, ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use std::num::NonZeroU64;
use std::panic::catch_unwind;

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct EntryParts {
    pub kind: String,
    pub id: EntryId,
    pub fields: Vec<(String, Value)>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Parts {
    pub actor: ActorId,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub deps: Vec<ChangeHash>,
    /// The schema, in a document's first change.
    pub header: Option<i64>,
    pub entries: Vec<EntryParts>,
}

/// What is known of a change that was met: enough to say what the next one would look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Met {
    pub hash: ChangeHash,
    pub actor: ActorId,
    pub seq: u64,
    pub max_op: u64,
}

/// A change of bounded size, read; `None` for bytes that are none.
pub(super) fn read(bytes: &[u8]) -> Option<automerge::Change> {
    // A compressed or document chunk can inflate without bound; only plain changes are looked at. So can a run
    // of a column: it is counted first.
    if bytes.len() > crate::MAX_CHANGE_BYTES || bytes.get(8) != Some(&1) || crate::rows::count(bytes).is_err() {
        return None;
    }
    catch_unwind(|| automerge::Change::try_from(bytes)).ok()?.ok()
}

pub(super) fn met(change: &automerge::Change) -> Option<Met> {
    Some(Met {
        hash: crate::from_hash(&change.hash()),
        actor: ActorId::try_from(change.actor_id().to_bytes()).ok()?,
        seq: change.seq(),
        max_op: change.start_op().get().checked_add(u64::try_from(change.len()).ok()?)?.checked_sub(1)?,
    })
}

/// The parts of a change, if it is made of nothing else: made again they are the same bytes.
pub(super) fn apart(change: &automerge::Change, record: RecordId, kind: RecordKind) -> Option<Parts> {
    if change.len() > MAX_OPERATIONS || change.message().is_some() || !change.extra_bytes().is_empty() {
        return None;
    }
    let expanded = catch_unwind(|| change.decode()).ok()?;
    let mut parts = Parts {
        actor: ActorId::try_from(expanded.actor_id.to_bytes()).ok()?,
        seq: expanded.seq,
        start_op: expanded.start_op.get(),
        time: expanded.time,
        deps: expanded.deps.iter().map(crate::from_hash).collect(),
        header: None,
        entries: Vec::new(),
    };
    let mut operations = expanded.operations.iter();
    if let Some(Op { key: Key::Map(key), .. }) = expanded.operations.first()
        && key.as_str() == KEY_ID
    {
        let [_, _, schema] = [operations.next()?, operations.next()?, operations.next()?];
        let OpType::Put(ScalarValue::Int(schema)) = schema.action else { return None };
        parts.header = Some(schema);
    }
    for op in operations {
        let Key::Map(key) = &op.key else { return None };
        match &op.action {
            OpType::Make(ObjType::Map) => {
                let (kind, id) = split_key(key)?;
                parts.entries.push(EntryParts { kind: kind.to_owned(), id, fields: Vec::new() });
            }
            OpType::Put(value) => parts.entries.last_mut()?.fields.push((key.to_string(), of_scalar(value)?)),
            _ => return None,
        }
    }
    (is_bounded(&parts) && together(&parts, record, kind)? == change.raw_bytes()).then_some(parts)
}

/// Whether a reader would take it: what the reader bounds, the writer does not exceed.
fn is_bounded(parts: &Parts) -> bool {
    const MAX_DEPS: usize = 64;
    let mut size = 0_usize;
    for entry in &parts.entries {
        size = size.saturating_add(entry.kind.len());
        for (name, value) in &entry.fields {
            let text = if let Value::Text(text) = value { text.len() } else { 0 };
            if text > super::text::MAX_TEXT_BYTES || name.len() > super::text::MAX_NAME_BYTES {
                return false;
            }
            size = size.saturating_add(name.len()).saturating_add(text);
        }
    }
    parts.deps.len() <= MAX_DEPS && size <= 2 * crate::MAX_CHANGE_BYTES
}

/// The bytes of the change that has these parts.
pub(super) fn together(parts: &Parts, record: RecordId, kind: RecordKind) -> Option<Vec<u8>> {
    let actor = automerge::ActorId::from(parts.actor.as_bytes().as_slice());
    let root = |key: &str, action| Op {
        action,
        obj: ObjectId::Root,
        key: Key::Map(key.into()),
        pred: [].into_iter().collect(),
        insert: false,
    };
    let mut operations = Vec::new();
    if let Some(schema) = parts.header {
        operations.push(root(KEY_ID, OpType::Put(ScalarValue::Bytes(record.as_bytes().to_vec()))));
        operations.push(root(KEY_KIND, OpType::Put(ScalarValue::Str(kind.code().into()))));
        operations.push(root(KEY_SCHEMA, OpType::Put(ScalarValue::Int(schema))));
    }
    for entry in &parts.entries {
        let made = parts.start_op.checked_add(u64::try_from(operations.len()).ok()?)?;
        operations.push(root(&key_of(&entry.kind, entry.id), OpType::Make(ObjType::Map)));
        for (key, value) in &entry.fields {
            operations.push(Op {
                action: OpType::Put(to_scalar(value)),
                obj: ObjectId::Id(OpId(made, actor.clone())),
                key: Key::Map(key.as_str().into()),
                pred: [].into_iter().collect(),
                insert: false,
            });
        }
    }
    // What Automerge does with a counter near its end is its own affair; no honest document comes near.
    parts.start_op.checked_add(u64::from(u32::MAX)).filter(|_| parts.seq < u64::from(u32::MAX))?;
    let expanded = ExpandedChange {
        operations,
        actor_id: actor,
        author: None,
        hash: None,
        seq: parts.seq,
        start_op: NonZeroU64::new(parts.start_op)?,
        time: parts.time,
        message: None,
        deps: parts.deps.iter().map(crate::to_hash).collect(),
        extra_bytes: Vec::new(),
    };
    catch_unwind(|| automerge::Change::from(expanded).raw_bytes().to_vec()).ok()
}

fn of_scalar(value: &ScalarValue) -> Option<Value> {
    match value {
        ScalarValue::Str(text) => Some(Value::Text(text.to_string())),
        ScalarValue::Int(integer) => Some(Value::Integer(*integer)),
        ScalarValue::F64(number) => Some(Value::Float(*number)),
        ScalarValue::Boolean(flag) => Some(Value::Flag(*flag)),
        _ => None,
    }
}

fn to_scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Text(text) => ScalarValue::Str(text.as_str().into()),
        Value::Integer(integer) => ScalarValue::Int(*integer),
        Value::Float(number) => ScalarValue::F64(*number),
        Value::Flag(flag) => ScalarValue::Boolean(*flag),
    }
}
