//! The changes of a message made again, byte for byte, from what [`Packer`](super::Packer) wrote.
//!
//! Whatever the bytes say is bounded before anything is allocated for it: changes, operations, text, and all of it
//! together.

use super::memory::{Base, Memory, Shape};
use super::parts::{self, EntryParts, Met, Parts, Value};
use super::table::{FIELDS, KINDS, Type, WORDS};
use super::{
    FINGERPRINT_BYTES, Head, MAX_CHANGES, PREFIX_BYTES, Packed, Past, RecodeError, Strange, fingerprint, text,
};
use crate::{MAX_CHANGE_BYTES, MAX_OPERATIONS};
use siaga_domain::id::{ActorId, ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::varint::Reader;

const MAX_DEPS: usize = 64;
/// What an operation is counted for beside its text.
const OPERATION_BYTES: usize = 8;

/// Reads the changes of one message, in the order they were packed in.
pub struct Unpacker<'a> {
    past: &'a dyn Past,
    memory: Memory,
    raw: Reader<'a>,
    rest: Reader<'a>,
    strange: Strange,
    changes: usize,
    /// Bytes that may still come out.
    room: usize,
    /// Bytes the change at hand may still have.
    room_in_change: usize,
}

type Read<T> = Result<T, RecodeError>;

fn some<T>(value: Option<T>) -> Read<T> {
    value.ok_or(RecodeError::Malformed)
}

impl<'a> Unpacker<'a> {
    /// At most `limit_bytes` of changes will come out.
    #[must_use]
    pub fn new(base: Base, person: &str, packed: &'a Packed, past: &'a dyn Past, limit_bytes: usize) -> Self {
        Self {
            past,
            memory: Memory::new(base, person),
            raw: Reader::new(&packed.raw),
            rest: Reader::new(&packed.rest),
            strange: Strange::Along,
            changes: 0,
            room: limit_bytes,
            room_in_change: 0,
        }
    }

    /// Makes only changes of known shapes, from their parts: no bytes of the sender are read as a change.
    #[must_use]
    pub const fn of_known_shapes(mut self) -> Self {
        self.strange = Strange::Refused;
        self
    }

    /// The next document's changes.
    ///
    /// # Errors
    /// [`RecodeError::Missing`] when a change hangs on one that is not here; the sender is asked to send it plain.
    pub fn unpack(&mut self, record: RecordId, kind: RecordKind) -> Result<Vec<Vec<u8>>, RecodeError> {
        let count = self.rest.size(MAX_CHANGES).ok_or(RecodeError::TooMuch)?;
        let mut all = Vec::new();
        for _ in 0..count {
            self.changes = self.changes.saturating_add(1);
            if self.changes > MAX_CHANGES {
                return Err(RecodeError::TooMuch);
            }
            let bytes = self.change(record, kind)?;
            self.room = self.room.checked_sub(bytes.len()).ok_or(RecodeError::TooMuch)?;
            let met = parts::read(&bytes).as_ref().and_then(parts::met).ok_or(RecodeError::NotAChange)?;
            self.memory.meet(record, met);
            self.memory.hashes.push(met.hash.0);
            all.push(bytes);
        }
        Ok(all)
    }

    /// Whether everything was read, and hashes to what the sender had.
    ///
    /// # Errors
    /// [`RecodeError::Differs`]; nothing of the message may be used.
    pub fn finish(mut self) -> Result<(), RecodeError> {
        if !self.memory.hashes.is_empty() {
            let told = some(self.raw.array::<FINGERPRINT_BYTES>())?;
            if fingerprint(&self.memory.hashes).get(..FINGERPRINT_BYTES) != Some(told.as_slice()) {
                return Err(RecodeError::Differs);
            }
        }
        if self.raw.is_empty() && self.rest.is_empty() { Ok(()) } else { Err(RecodeError::Malformed) }
    }

    fn change(&mut self, record: RecordId, kind: RecordKind) -> Read<Vec<u8>> {
        let head = some(self.rest.byte())?;
        if head == Head::PLAIN {
            if self.strange == Strange::Refused {
                return Err(RecodeError::Shape);
            }
            let size = self.rest.size(MAX_CHANGE_BYTES).ok_or(RecodeError::TooMuch)?;
            return Ok(some(self.rest.take(size))?.to_vec());
        }
        if head & Head::PLAIN != 0 {
            return Err(RecodeError::Malformed);
        }
        self.room_in_change = MAX_CHANGE_BYTES.min(self.room);
        let entries = match head >> 4 {
            0 => self.rest.size(MAX_OPERATIONS).ok_or(RecodeError::TooMuch)?,
            few => usize::from(few),
        };
        let mut made = if head & Head::CHAINED == 0 { self.place(record)? } else { self.follow(record)? };
        if head & Head::TIMED != 0 {
            made.time = some(self.rest.signed())?;
        }
        if head & Head::HEADER != 0 {
            made.header = Some(some(self.rest.signed())?);
        }
        let mut operations = 3;
        for _ in 0..entries {
            let entry = self.entry()?;
            operations += 1 + entry.fields.len();
            if operations > MAX_OPERATIONS + 3 {
                return Err(RecodeError::TooMuch);
            }
            made.entries.push(entry);
        }
        parts::together(&made, record, kind).ok_or(RecodeError::NotAChange)
    }

    fn follow(&self, record: RecordId) -> Read<Parts> {
        let before = some(self.memory.met(&record).last())?;
        Ok(Parts {
            actor: before.actor,
            seq: before.seq.wrapping_add(1),
            start_op: before.max_op.wrapping_add(1),
            time: 0,
            deps: vec![before.hash],
            header: None,
            entries: Vec::new(),
        })
    }

    fn place(&mut self, record: RecordId) -> Read<Parts> {
        let count = self.rest.size(MAX_DEPS).ok_or(RecodeError::TooMuch)?;
        let mut deps = Vec::new();
        let mut highest = 0;
        for _ in 0..count {
            let met = self.dependency(record)?;
            highest = met.max_op.max(highest);
            deps.push(met.hash);
        }
        let actor = match some(self.rest.number())? {
            0 => ActorId::from_bytes(some(self.raw.array())?),
            at => {
                let at = usize::try_from(at - 1).ok();
                *some(at.and_then(|at| self.memory.actors.get(at)))?
            }
        };
        let next = self.memory.next_seq(&record, &actor);
        let seq = next.wrapping_add_signed(some(self.rest.signed())?);
        let start_op = highest.wrapping_add(1).wrapping_add_signed(some(self.rest.signed())?);
        Ok(Parts { actor, seq, start_op, time: 0, deps, header: None, entries: Vec::new() })
    }

    fn dependency(&mut self, record: RecordId) -> Read<Met> {
        let back = some(self.rest.number())?;
        let known = self.memory.met(&record);
        if back > 0 {
            let at = usize::try_from(back).ok().and_then(|back| known.len().checked_sub(back));
            return some(at.and_then(|at| known.get(at)).copied());
        }
        let prefix = some(self.raw.array::<PREFIX_BYTES>())?;
        let bytes = self.past.change(&record, &prefix).ok_or(RecodeError::Missing)?;
        let met = parts::read(&bytes).as_ref().and_then(parts::met).ok_or(RecodeError::Missing)?;
        if !ChangeHash(met.hash.0).0.starts_with(&prefix) {
            return Err(RecodeError::Missing);
        }
        self.memory.meet(record, met);
        Ok(met)
    }

    fn entry(&mut self) -> Read<EntryParts> {
        let shape = match some(self.rest.number())? {
            0 => {
                let shape = self.shape()?;
                self.memory.shapes.push(shape.clone());
                shape
            }
            at => {
                let at = usize::try_from(at - 1).ok();
                some(at.and_then(|at| self.memory.shapes.get(at)))?.clone()
            }
        };
        self.spend(shape.kind.len() + 36)?;
        let mut at_ms = None;
        let mut fields = Vec::new();
        for (name, of) in shape.fields {
            self.spend(name.len() + OPERATION_BYTES)?;
            let (value, decimal) = self.value(&name, of)?;
            if let (true, Value::Integer(at)) = (name == "_at", &value) {
                at_ms = Some(*at);
            }
            self.memory.note(&name, &value, decimal);
            fields.push((name, value));
        }
        let near = at_ms.unwrap_or_else(|| self.memory.entries.last().map_or(0, |last| text::split_id(last).0));
        let made_ms = near.wrapping_add(some(self.rest.signed())?);
        let id = some(text::join_id(made_ms, some(self.raw.array())?))?;
        self.memory.entries.push(id);
        Ok(EntryParts { kind: shape.kind, id, fields })
    }

    /// A change whose parts alone are larger than it may be is not made.
    fn spend(&mut self, bytes: usize) -> Read<()> {
        // Columns are compressed against one another, so parts may be larger than their change, but not by much.
        const SLACK: usize = 4;
        self.room_in_change = self.room_in_change.checked_sub(bytes / SLACK).ok_or(RecodeError::TooMuch)?;
        Ok(())
    }

    fn shape(&mut self) -> Read<Shape> {
        let kind = match some(self.rest.number())? {
            0 => some(text::letters(&mut self.rest, text::MAX_NAME_BYTES))?,
            at => (*some(usize::try_from(at - 1).ok().and_then(|at| KINDS.get(at)))?).to_owned(),
        };
        let count = self.rest.size(MAX_OPERATIONS).ok_or(RecodeError::TooMuch)?;
        let mut fields = Vec::new();
        for _ in 0..count {
            fields.push(match some(self.rest.number())? {
                0 => {
                    let name = some(text::letters(&mut self.rest, text::MAX_NAME_BYTES))?;
                    (name, some(self.rest.byte().and_then(Type::of))?)
                }
                at => {
                    let (name, of) = some(usize::try_from(at - 1).ok().and_then(|at| FIELDS.get(at)))?;
                    ((*name).to_owned(), *of)
                }
            });
        }
        Ok(Shape { kind, fields })
    }

    fn value(&mut self, name: &str, of: Type) -> Read<(Value, Option<(u8, i64)>)> {
        Ok(match of {
            Type::Text => (Value::Text(self.text(name)?), None),
            Type::Integer => {
                let expected = self.memory.expected(name);
                (Value::Integer(expected.wrapping_add(some(self.rest.signed())?)), None)
            }
            Type::Float => {
                let (value, decimal) = self.float(name)?;
                (Value::Float(value), decimal)
            }
            Type::Flag => match some(self.rest.byte())? {
                0 => (Value::Flag(false), None),
                1 => (Value::Flag(true), None),
                _ => return Err(RecodeError::Malformed),
            },
        })
    }

    fn text(&mut self, name: &str) -> Read<String> {
        let found = match some(self.rest.number())? {
            text::SAME => some(self.memory.last(name).text)?,
            text::WORD => {
                let at = self.rest.size(WORDS.len());
                (*some(at.and_then(|at| WORDS.get(at)))?).to_owned()
            }
            text::ID => EntryId::from_bytes(some(self.raw.array())?).to_string(),
            text::IDS => {
                let count = self.rest.size(text::MAX_IDS).ok_or(RecodeError::TooMuch)?;
                let ids: Vec<String> = (0..count)
                    .map(|_| self.raw.array().map(|id| EntryId::from_bytes(id).to_string()))
                    .collect::<Option<_>>()
                    .ok_or(RecodeError::Malformed)?;
                ids.join(" ")
            }
            text::ENTRY => {
                let back = some(self.rest.number().and_then(|back| usize::try_from(back).ok()))?;
                let at = self.memory.entries.len().checked_sub(back);
                some(at.and_then(|at| self.memory.entries.get(at)))?.to_string()
            }
            text::HASH => text::hash_text(&some(self.raw.array())?),
            size => {
                let size = size
                    .checked_sub(text::LETTERS)
                    .and_then(|size| usize::try_from(size).ok())
                    .filter(|size| *size <= text::MAX_TEXT_BYTES);
                let letters = some(self.rest.take(size.ok_or(RecodeError::TooMuch)?))?;
                String::from_utf8(letters.to_vec()).map_err(|_| RecodeError::Malformed)?
            }
        };
        self.spend(found.len())?;
        Ok(found)
    }

    fn float(&mut self, name: &str) -> Read<(f64, Option<(u8, i64)>)> {
        let Some(digits) = some(self.rest.byte())?.checked_sub(1) else {
            return Ok((f64::from_le_bytes(some(self.raw.array())?), None));
        };
        let near = self.memory.last(name).decimal.filter(|(last, _)| *last == digits).map_or(0, |(_, last)| last);
        let number = near.wrapping_add(some(self.rest.signed())?);
        Ok((some(text::of_decimal(digits, number))?, Some((digits, number))))
    }
}
