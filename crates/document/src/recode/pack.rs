//! Changes of a message into two runs of bytes: what chance made, and everything else.

use super::memory::{Base, Memory, Shape};
use super::parts::{self, EntryParts, Met, Parts, Value};
use super::table::{FIELDS, KINDS, Type, WORDS};
use super::{FINGERPRINT_BYTES, Head, PREFIX_BYTES, Packed, Past, RecodeError, Strange, Unpacker, fingerprint, text};
use siaga_domain::id::{ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::varint::{put, put_signed};

/// Writes the changes of one message.
pub struct Packer<'p> {
    past: &'p dyn Past,
    base: Base,
    person: String,
    memory: Memory,
    packed: Packed,
    strange: Strange,
    /// What was given, to be compared with what comes out again.
    given: Vec<(RecordId, RecordKind, Vec<ChangeHash>)>,
}

impl<'p> Packer<'p> {
    /// `base` and `person` are what the message says of its clock and its author anyway.
    #[must_use]
    pub fn new(base: Base, person: &str, past: &'p dyn Past) -> Self {
        Self {
            past,
            base,
            person: person.to_owned(),
            memory: Memory::new(base, person),
            packed: Packed::default(),
            strange: Strange::Along,
            given: Vec::new(),
        }
    }

    /// Takes only changes of known shapes: what a center takes from a phone.
    #[must_use]
    pub const fn of_known_shapes(mut self) -> Self {
        self.strange = Strange::Refused;
        self
    }

    /// Bytes written so far.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.packed.raw.len().saturating_add(self.packed.rest.len())
    }

    /// Adds changes of one document, in causal order.
    ///
    /// # Errors
    /// [`RecodeError`] when a change is none; the message then travels plain.
    pub fn pack(&mut self, record: RecordId, kind: RecordKind, changes: &[&[u8]]) -> Result<(), RecodeError> {
        put(&mut self.packed.rest, changes.len() as u64);
        let mut hashes = Vec::new();
        for bytes in changes {
            let change = parts::read(bytes).ok_or(RecodeError::NotAChange)?;
            let met = parts::met(&change).ok_or(RecodeError::NotAChange)?;
            match parts::apart(&change, record, kind) {
                Some(parts) => self.change(record, &parts)?,
                None if self.strange == Strange::Refused => return Err(RecodeError::Shape),
                None => {
                    self.packed.rest.push(Head::PLAIN);
                    put(&mut self.packed.rest, bytes.len() as u64);
                    self.packed.rest.extend_from_slice(bytes);
                }
            }
            self.memory.meet(record, met);
            self.memory.hashes.push(met.hash.0);
            hashes.push(met.hash);
        }
        self.given.push((record, kind, hashes));
        Ok(())
    }

    /// The message's changes, after they were read back and came out as they went in.
    ///
    /// # Errors
    /// [`RecodeError`] when they did not; the message then travels plain.
    pub fn finish(mut self) -> Result<Packed, RecodeError> {
        if !self.memory.hashes.is_empty() {
            let fingerprint = fingerprint(&self.memory.hashes);
            self.packed.raw.extend_from_slice(fingerprint.get(..FINGERPRINT_BYTES).unwrap_or_default());
        }
        let mut again = Unpacker::new(self.base, &self.person, &self.packed, self.past, usize::MAX);
        for (record, kind, hashes) in &self.given {
            let changes = again.unpack(*record, *kind)?;
            let same = changes.len() == hashes.len()
                && changes.iter().zip(hashes).all(|(bytes, hash)| super::hash_of(bytes) == hash.0);
            if !same {
                return Err(RecodeError::Differs);
            }
        }
        again.finish()?;
        Ok(self.packed)
    }

    fn change(&mut self, record: RecordId, parts: &Parts) -> Result<(), RecodeError> {
        let before = self.memory.met(&record).last().copied();
        let chained = before.is_some_and(|before| {
            parts.deps.as_slice() == [before.hash]
                && parts.actor == before.actor
                && parts.seq == before.seq.wrapping_add(1)
                && parts.start_op == before.max_op.wrapping_add(1)
        });
        let few = u8::try_from(parts.entries.len()).unwrap_or(u8::MAX);
        let mut head = if chained { Head::CHAINED } else { 0 };
        head |= if parts.time == 0 { 0 } else { Head::TIMED };
        head |= if parts.header.is_some() { Head::HEADER } else { 0 };
        head |= if (1..16).contains(&few) { few << 4 } else { 0 };
        self.packed.rest.push(head);
        if head >> 4 == 0 {
            put(&mut self.packed.rest, parts.entries.len() as u64);
        }
        if !chained {
            self.place(record, parts)?;
        }
        if parts.time != 0 {
            put_signed(&mut self.packed.rest, parts.time);
        }
        if let Some(schema) = parts.header {
            put_signed(&mut self.packed.rest, schema);
        }
        for entry in &parts.entries {
            self.entry(entry);
        }
        Ok(())
    }

    /// Where a change stands that does not simply follow the one before it.
    fn place(&mut self, record: RecordId, parts: &Parts) -> Result<(), RecodeError> {
        put(&mut self.packed.rest, parts.deps.len() as u64);
        let mut highest = 0;
        for dep in &parts.deps {
            let known = self.memory.met(&record);
            let found =
                known.iter().rev().zip(1_u64..).find(|(met, _)| met.hash == *dep).map(|(met, back)| (*met, back));
            let dep: Met = if let Some((met, back)) = found {
                put(&mut self.packed.rest, back);
                met
            } else {
                let bytes = self.past.change(&record, &dep.0).ok_or(RecodeError::Missing)?;
                let met = parts::read(&bytes).as_ref().and_then(parts::met).ok_or(RecodeError::Missing)?;
                put(&mut self.packed.rest, 0);
                self.packed.raw.extend_from_slice(dep.0.get(..PREFIX_BYTES).unwrap_or_default());
                self.memory.meet(record, met);
                met
            };
            highest = dep.max_op.max(highest);
        }
        match self.memory.actors.iter().position(|known| *known == parts.actor) {
            Some(at) => put(&mut self.packed.rest, at as u64 + 1),
            None => {
                put(&mut self.packed.rest, 0);
                self.packed.raw.extend_from_slice(parts.actor.as_bytes());
            }
        }
        let next = self.memory.next_seq(&record, &parts.actor);
        put_signed(&mut self.packed.rest, difference(parts.seq, next));
        put_signed(&mut self.packed.rest, difference(parts.start_op, highest.wrapping_add(1)));
        Ok(())
    }

    fn entry(&mut self, entry: &EntryParts) {
        let shape = Shape {
            kind: entry.kind.clone(),
            fields: entry.fields.iter().map(|(name, value)| (name.clone(), type_of(value))).collect(),
        };
        match self.memory.shapes.iter().position(|known| *known == shape) {
            Some(at) => put(&mut self.packed.rest, at as u64 + 1),
            None => {
                put(&mut self.packed.rest, 0);
                self.shape(&shape);
                self.memory.shapes.push(shape);
            }
        }
        let mut at_ms = None;
        for (name, value) in &entry.fields {
            if let (true, Value::Integer(at)) = (name == "_at", value) {
                at_ms = Some(*at);
            }
            let decimal = self.value(name, value);
            self.memory.note(name, value, decimal);
        }
        // An id carries the moment it was made, usually that of the entry; the rest of it is chance.
        let (made_ms, chance) = text::split_id(&entry.id);
        let near = at_ms.unwrap_or_else(|| self.memory.entries.last().map_or(0, |last| text::split_id(last).0));
        put_signed(&mut self.packed.rest, made_ms.wrapping_sub(near));
        self.packed.raw.extend_from_slice(&chance);
        self.memory.entries.push(entry.id);
    }

    fn shape(&mut self, shape: &Shape) {
        let out = &mut self.packed.rest;
        match KINDS.iter().position(|known| *known == shape.kind) {
            Some(at) => put(out, at as u64 + 1),
            None => {
                put(out, 0);
                text::put_letters(out, &shape.kind);
            }
        }
        put(out, shape.fields.len() as u64);
        for (name, of) in &shape.fields {
            match FIELDS.iter().position(|(known, usual)| known == name && usual == of) {
                Some(at) => put(out, at as u64 + 1),
                None => {
                    put(out, 0);
                    text::put_letters(out, name);
                    out.push(*of as u8);
                }
            }
        }
    }

    fn value(&mut self, name: &str, value: &Value) -> Option<(u8, i64)> {
        match value {
            Value::Text(value) => self.text(name, value),
            Value::Integer(value) => {
                let expected = self.memory.expected(name);
                put_signed(&mut self.packed.rest, value.wrapping_sub(expected));
            }
            Value::Float(value) => return self.float(name, *value),
            Value::Flag(flag) => self.packed.rest.push(u8::from(*flag)),
        }
        None
    }

    fn text(&mut self, name: &str, value: &str) {
        let out = &mut self.packed.rest;
        let as_id = text::id_of(value);
        let seen = as_id.and_then(|id| back_to(&self.memory.entries, id));
        if self.memory.last(name).text.as_deref() == Some(value) {
            put(out, text::SAME);
        } else if let Some(at) = WORDS.iter().position(|word| *word == value) {
            put(out, text::WORD);
            put(out, at as u64);
        } else if let Some(back) = seen {
            put(out, text::ENTRY);
            put(out, back);
        } else if let Some(id) = as_id {
            put(out, text::ID);
            self.packed.raw.extend_from_slice(id.as_bytes());
        } else if let Some(ids) = text::ids_of(value) {
            put(out, text::IDS);
            put(out, ids.len() as u64);
            ids.iter().for_each(|id| self.packed.raw.extend_from_slice(id.as_bytes()));
        } else if let Some(hash) = text::hash_of(value) {
            put(out, text::HASH);
            self.packed.raw.extend_from_slice(&hash);
        } else {
            put(out, text::LETTERS.wrapping_add(value.len() as u64));
            out.extend_from_slice(value.as_bytes());
        }
    }

    fn float(&mut self, name: &str, value: f64) -> Option<(u8, i64)> {
        let decimal = text::decimal_of(value);
        match decimal {
            Some((digits, number)) => {
                self.packed.rest.push(digits + 1);
                let near =
                    self.memory.last(name).decimal.filter(|(last, _)| *last == digits).map_or(0, |(_, last)| last);
                put_signed(&mut self.packed.rest, number.wrapping_sub(near));
            }
            None => {
                self.packed.rest.push(0);
                self.packed.raw.extend_from_slice(&value.to_le_bytes());
            }
        }
        decimal
    }
}

const fn type_of(value: &Value) -> Type {
    match value {
        Value::Text(_) => Type::Text,
        Value::Integer(_) => Type::Integer,
        Value::Float(_) => Type::Float,
        Value::Flag(_) => Type::Flag,
    }
}

fn back_to(entries: &[EntryId], id: EntryId) -> Option<u64> {
    entries.iter().rev().zip(1_u64..).find(|(known, _)| **known == id).map(|(_, back)| back)
}

#[allow(clippy::cast_possible_wrap, reason = "both sides wrap alike")]
const fn difference(value: u64, expected: u64) -> i64 {
    value.wrapping_sub(expected) as i64
}
