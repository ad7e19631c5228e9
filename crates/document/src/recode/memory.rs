//! What both sides remember of a message while it is written and while it is read: the same things in the same order.
//!
//! Everything here grows with the bytes of a message and is gone after it.

use super::parts::{Met, Value};
use super::table::{FIELDS, Type};
use siaga_domain::id::{ActorId, EntryId, RecordId};
use std::collections::BTreeMap;

/// The moment values are told against: what the message says of its clock anyway.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Base {
    pub at_ms: i64,
    pub monotonic_ms: i64,
    pub boot: i64,
}

/// The fields of an entry, in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    pub kind: String,
    pub fields: Vec<(String, Type)>,
}

/// The newest value under a name.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Last {
    pub text: Option<String>,
    pub integer: i64,
    /// Of the newest float: the digits after its point, and the number they make.
    pub decimal: Option<(u8, i64)>,
}

#[derive(Debug)]
pub(super) struct Memory {
    base: Base,
    met: BTreeMap<RecordId, Vec<Met>>,
    pub actors: Vec<ActorId>,
    pub shapes: Vec<Shape>,
    last: BTreeMap<String, Last>,
    pub entries: Vec<EntryId>,
    /// Hashes of every change of the message, for the check at its end.
    pub hashes: Vec<[u8; 32]>,
    /// How far `_at` went on in the entry at hand: `_mono` usually goes with it.
    pub step_ms: i64,
}

impl Memory {
    pub(super) fn new(base: Base, person: &str) -> Self {
        let mut last = BTreeMap::new();
        let of = |integer| Last { integer, ..Last::default() };
        last.insert("_at".to_owned(), of(base.at_ms));
        last.insert("_mono".to_owned(), of(base.monotonic_ms));
        last.insert("_boot".to_owned(), of(base.boot));
        last.insert("_by".to_owned(), Last { text: Some(person.to_owned()), ..Last::default() });
        Self {
            base,
            met: BTreeMap::new(),
            actors: Vec::new(),
            shapes: usual_shapes(),
            last,
            entries: Vec::new(),
            hashes: Vec::new(),
            step_ms: 0,
        }
    }

    pub(super) fn met(&self, record: &RecordId) -> &[Met] {
        self.met.get(record).map_or(&[], Vec::as_slice)
    }

    /// Takes note of a change of the message, or of one it hangs on.
    pub(super) fn meet(&mut self, record: RecordId, change: Met) {
        if !self.actors.contains(&change.actor) {
            self.actors.push(change.actor);
        }
        self.met.entry(record).or_default().push(change);
    }

    /// The sequence an actor goes on with in a document.
    pub(super) fn next_seq(&self, record: &RecordId, actor: &ActorId) -> u64 {
        let of_actor = self.met(record).iter().filter(|met| met.actor == *actor).map(|met| met.seq);
        of_actor.max().unwrap_or(0).saturating_add(1)
    }

    pub(super) fn last(&self, name: &str) -> Last {
        self.last.get(name).cloned().unwrap_or_default()
    }

    /// What an integer under this name would be if nothing surprising happened.
    pub(super) fn expected(&self, name: &str) -> i64 {
        let last = self.last.get(name).map_or(0, |last| last.integer);
        match name {
            "_mono" => last.wrapping_add(self.step_ms),
            "from_ms" | "until_ms" if last == 0 => self.base.at_ms,
            _ => last,
        }
    }

    pub(super) fn note(&mut self, name: &str, value: &Value, decimal: Option<(u8, i64)>) {
        let last = match self.last.get_mut(name) {
            Some(last) => last,
            None => self.last.entry(name.to_owned()).or_default(),
        };
        match value {
            Value::Text(text) => last.text = Some(text.clone()),
            Value::Integer(integer) => {
                if name == "_at" {
                    self.step_ms = integer.wrapping_sub(last.integer);
                }
                last.integer = *integer;
            }
            Value::Float(_) => last.decimal = decimal,
            Value::Flag(_) => {}
        }
    }
}

/// What is pressed most, known before a message begins. Frozen under coding 1.
fn usual_shapes() -> Vec<Shape> {
    let shape = |kind: &str, names: &[&str]| Shape {
        kind: kind.to_owned(),
        fields: names
            .iter()
            .filter_map(|name| FIELDS.iter().find(|(known, _)| known == name))
            .map(|(name, of)| ((*name).to_owned(), *of))
            .collect(),
    };
    vec![
        shape("status", &["_at", "_boot", "_by", "_mono", "_off", "_unc", "accuracy_m", "lat", "lon", "status"]),
        shape("status", &["_at", "_boot", "_by", "_mono", "_off", "_unc", "status"]),
        shape("note", &["_at", "_boot", "_by", "_mono", "_off", "_unc", "text"]),
        shape("order", &["_at", "_by", "_off", "_unc", "ack_within_s", "incident", "priority", "text", "unit"]),
    ]
}
