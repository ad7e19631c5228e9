//! The admission check: what must be true of bytes from elsewhere before they touch a document.
//!
//! Automerge does not verify its own checksum, panics on some malformed operations, and accepts changes after
//! which its own save cannot be loaded again. So nothing of a device reaches it unchecked: not `load`, not
//! `load_incremental`, not the sync protocol, not a bare `apply_changes`.
//!
//! The steps are in the order of their cost. The center runs them before it admits a device's change, a phone
//! before it merges anyone's.
//!
//! Rules that a later release added hold for what enters ([`Rules::Entering`]), not for what a center admitted before.
//!
//! What policy denies is well formed all the same. Whatever the device writes later hangs on it, so it is for the caller
//! to say whether it enters corrected or stays out: an admitted change names the entries that were denied.

use crate::judge::Counting;
use crate::rows::{self, Unfit};
use crate::{
    Change, Document, KEY_ID, KEY_KIND, KEY_SCHEMA, RebuildError, from_hash, scalar, split_key, split_old_key,
    to_change,
};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ObjType, ReadDoc, ScalarValue};
use sha2::{Digest, Sha256};
use siaga_domain::entry::{Body, key_of};
use siaga_domain::id::{ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::{Author, Denial, may_write};
use siaga_domain::text;
use siaga_domain::verdict::ENTRY_TWICE;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes of one change, at most.
pub const MAX_CHANGE_BYTES: usize = 16 * 1024;

/// Operations of one change, at most.
pub const MAX_OPERATIONS: usize = 256;

/// Dependencies of a change that enters, at most. A change that a center admitted may have more: the bytes bound them.
const MAX_DEPS: usize = 64;

/// Honest changes that still fit behind an admitted one, whatever its numbers: Automerge counts operations and changes in
/// 32 bits.
const ROOM_CHANGES: u64 = 1 << 20;
const MAX_COUNT: u64 = (1 << 32) - 1;
const MAX_START_OP: u64 = MAX_COUNT - (ROOM_CHANGES + 1) * MAX_OPERATIONS as u64;
const MAX_SEQUENCE: u64 = MAX_COUNT - ROOM_CHANGES;

const MAX_KEY_BYTES: usize = 80;

/// Which rules a change has to keep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rules {
    /// All of them: a device brings it to a center, or the center is about to write it.
    Entering,
    /// Those of the first release: a center admitted it, perhaps one of an older build. Rules that came later are not asked
    /// of it, because nothing once admitted is refused; readers leave its effect out.
    Admitted,
}

/// What the sender says the bytes are.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    pub record: RecordId,
    pub kind: RecordKind,
    pub author: Author,
    pub rules: Rules,
}

/// Where a change failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Step {
    /// 1: a plain change chunk of bounded size.
    Frame,
    /// 2: the checksum is of these bytes.
    Hash,
    /// 3: decodes, and encodes to itself.
    Canonical,
    /// 4: everything it depends on is there.
    Dependencies,
    /// 5: its operations are numbered from where its dependencies end.
    StartOp,
    /// 6: it is the next of its actor.
    Sequence,
    /// 7: every operation is one this kind of document allows.
    Operations,
    /// 8: the fields of its entries are of their kind. Whether this author may write them is said beside.
    Policy,
    /// 9: a copy that took it saves and loads to the same.
    Trial,
}

/// Why a change was not admitted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// To be asked for and waited for; the change itself may be good.
    #[error("changes that this one depends on are missing")]
    MissingDependency(Vec<ChangeHash>),
    /// Already there. Nothing to do, nothing wrong.
    #[error("the change is already there")]
    Duplicate,
    #[error("refused at {step:?}: {code}")]
    NotAccepted { step: Step, code: &'static str },
}

impl Refusal {
    /// The reason as it travels in a receipt.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingDependency(_) => "missing_dependency",
            Self::Duplicate => "duplicate",
            Self::NotAccepted { code, .. } => code,
        }
    }
}

/// A change that passed, ready to be applied to the document that admitted it.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub change: Change,
    /// Kinds of the entries it adds, in their order.
    pub entry_kinds: Vec<String>,
    /// Ids of these entries, in the same order.
    pub entry_ids: Vec<EntryId>,
    /// Entries its author may not write. Whoever applies the change answers for what becomes of them.
    pub denied: Vec<DeniedEntry>,
    pub(crate) parsed: automerge::Change,
}

/// An entry its author may not write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeniedEntry {
    pub entry: EntryId,
    pub denial: Denial,
}

const fn no(step: Step, code: &'static str) -> Refusal {
    Refusal::NotAccepted { step, code }
}

pub(crate) const fn trial() -> Refusal {
    no(Step::Trial, "trial")
}

impl Document {
    /// Checks `bytes` against this document and the claim. Nothing is changed.
    ///
    /// # Errors
    /// [`Refusal`] with the step and a reason code.
    pub fn admit(&self, bytes: &[u8], claim: &Claim) -> Result<Admitted, Refusal> {
        let admitted = self.check(bytes, claim, Counting::First)?;
        self.trial(&admitted.parsed)?;
        Ok(admitted)
    }

    /// Every step but the trial, which one judgement may share among many changes.
    pub(crate) fn check(&self, bytes: &[u8], claim: &Claim, counting: Counting) -> Result<Admitted, Refusal> {
        frame(bytes)?;
        checksum(bytes)?;
        if counting == Counting::First {
            few(bytes)?;
        }
        let (parsed, operations) = canonical(bytes)?;
        if claim.rules == Rules::Entering {
            bounded(&parsed)?;
        }
        if self.contains(&from_hash(&parsed.hash())) {
            return Err(Refusal::Duplicate);
        }
        self.dependencies(&parsed, claim.rules)?;
        self.start_op(&parsed)?;
        self.sequence(&parsed)?;
        let entries = self.operations(&parsed, &operations, claim)?;
        self.twins(&entries)?;
        if claim.rules == Rules::Entering {
            self.new_ids(&entries)?;
        }
        let denied = policy(&entries, claim)?;
        let change = to_change(&parsed).ok_or(no(Step::Canonical, "actor"))?;
        let entry_ids = entries.iter().map(|entry| entry.id).collect();
        let entry_kinds = entries.into_iter().map(|entry| entry.kind).collect();
        Ok(Admitted { change, entry_kinds, entry_ids, denied, parsed })
    }

    /// Checks one change by itself, as every phone does before it looks at its document: frame, checksum, encoding and
    /// values. A change that fails here is refused by every phone, whatever the phone holds.
    ///
    /// # Errors
    /// [`Refusal`] with the step and a reason code.
    pub fn check_alone(bytes: &[u8]) -> Result<(), Refusal> {
        frame(bytes)?;
        checksum(bytes)?;
        few(bytes)?;
        let (parsed, operations) = canonical(bytes)?;
        if parsed.deps().len() > MAX_DEPS {
            return Err(no(Step::Dependencies, "dependencies"));
        }
        for op in &operations {
            if let (ObjectId::Id(_), OpType::Put(value)) = (&op.obj, &op.action) {
                allowed(value)?;
            }
        }
        Ok(())
    }

    /// Whether stored bytes are a change under its own checksum. Bytes that were damaged on a disk are not: they are mended,
    /// and say nothing about what their author wrote.
    #[must_use]
    pub fn is_whole_change(bytes: &[u8]) -> bool {
        frame(bytes).and_then(|()| checksum(bytes)).is_ok()
    }

    /// Takes an admitted change in.
    ///
    /// # Errors
    /// [`RebuildError`] when it no longer fits; the document must be rebuilt from its log.
    pub fn apply(&mut self, admitted: Admitted) -> Result<Change, RebuildError> {
        self.apply_parsed(vec![admitted.parsed])?;
        Ok(admitted.change)
    }

    fn dependencies(&self, parsed: &automerge::Change, rules: Rules) -> Result<(), Refusal> {
        let deps: BTreeSet<ChangeHash> = parsed.deps().iter().map(from_hash).collect();
        let too_many = rules == Rules::Entering && deps.len() > MAX_DEPS;
        if deps.len() != parsed.deps().len() || too_many {
            return Err(no(Step::Dependencies, "dependencies"));
        }
        let missing: Vec<ChangeHash> = deps.into_iter().filter(|dep| !self.contains(dep)).collect();
        if missing.is_empty() { Ok(()) } else { Err(Refusal::MissingDependency(missing)) }
    }

    fn start_op(&self, parsed: &automerge::Change) -> Result<(), Refusal> {
        let last = parsed
            .deps()
            .iter()
            .filter_map(|dep| self.inner.get_change_meta_by_hash(&self.renamed.inside(dep)))
            .map(|meta| meta.max_op)
            .max();
        if last.unwrap_or(0).checked_add(1) == Some(parsed.start_op().get()) {
            Ok(())
        } else {
            Err(no(Step::StartOp, "start_op"))
        }
    }

    fn sequence(&self, parsed: &automerge::Change) -> Result<(), Refusal> {
        let of_actor = self.inner.get_changes_meta(&[]).into_iter().filter(|meta| *meta.actor == *parsed.actor_id());
        let last = of_actor.max_by_key(|meta| meta.seq);
        match last {
            None if parsed.seq() == 1 => Ok(()),
            Some(last) if parsed.seq() <= last.seq => Err(no(Step::Sequence, "fork")),
            // The actor's previous change is an ancestor of the next, or one signature would not cover both.
            Some(last)
                if last.seq.checked_add(1) == Some(parsed.seq())
                    && self.reaches(&self.renamed.all_inside(parsed.deps()), &last.hash) =>
            {
                Ok(())
            }
            _ => Err(no(Step::Sequence, "sequence")),
        }
    }

    fn reaches(&self, from: &[automerge::ChangeHash], wanted: &automerge::ChangeHash) -> bool {
        let mut seen: BTreeSet<automerge::ChangeHash> = BTreeSet::new();
        let mut ahead: Vec<automerge::ChangeHash> = from.to_vec();
        while let Some(hash) = ahead.pop() {
            if hash == *wanted {
                return true;
            }
            if seen.insert(hash)
                && let Some(meta) = self.inner.get_change_meta_by_hash(&hash)
            {
                ahead.extend(meta.deps);
            }
        }
        false
    }

    fn operations(&self, parsed: &automerge::Change, operations: &[Op], claim: &Claim) -> Result<Vec<NewMap>, Refusal> {
        let refuse = |code| no(Step::Operations, code);
        let first = parsed.deps().is_empty() && self.change_count() == 0;
        if parsed.deps().is_empty() && !first {
            return Err(refuse("second_beginning"));
        }
        let mut header = HeaderSeen::default();
        let mut maps: BTreeMap<u64, NewMap> = BTreeMap::new();
        let mut keys: BTreeSet<&str> = BTreeSet::new();
        for (counter, op) in (parsed.start_op().get()..).zip(operations) {
            let Key::Map(key) = &op.key else { return Err(refuse("not_a_map_key")) };
            if op.insert || key.len() > MAX_KEY_BYTES {
                return Err(refuse("key"));
            }
            match &op.obj {
                ObjectId::Root => {
                    if !keys.insert(key.as_str()) {
                        return Err(refuse("key_twice"));
                    }
                    if !self.pred_is_what_was_visible(
                        key,
                        &op.pred.iter().cloned().collect::<Vec<_>>(),
                        parsed.deps(),
                    )? {
                        return Err(refuse("pred"));
                    }
                    match &op.action {
                        OpType::Put(value) if first => header.take(key, value, claim)?,
                        OpType::Make(ObjType::Map) => {
                            let split = match claim.rules {
                                Rules::Entering => split_key(key),
                                Rules::Admitted => split_old_key(key),
                            };
                            let (kind, id) = split.ok_or(refuse("entry_key"))?;
                            // An entry is a fresh key: there is nothing to replace.
                            if !op.pred.is_empty() {
                                return Err(refuse("entry_edited"));
                            }
                            maps.insert(counter, NewMap { id, kind: kind.to_owned(), fields: BTreeMap::new() });
                        }
                        _ => return Err(refuse("root_action")),
                    }
                }
                ObjectId::Id(OpId(made, actor)) => {
                    let OpType::Put(value) = &op.action else { return Err(refuse("entry_action")) };
                    if *actor != *parsed.actor_id() || !op.pred.is_empty() {
                        return Err(refuse("entry_edited"));
                    }
                    let map = maps.get_mut(made).ok_or(refuse("entry_edited"))?;
                    allowed(value)?;
                    if map.fields.insert(key.to_string(), value.clone()).is_some() {
                        return Err(refuse("key_twice"));
                    }
                }
            }
        }
        if first && !header.complete() {
            return Err(refuse("header"));
        }
        if !first && self.header().is_none_or(|header| header.id != claim.record || header.kind != claim.kind) {
            return Err(refuse("other_record"));
        }
        if maps.is_empty() { Err(refuse("no_entry")) } else { Ok(maps.into_values().collect()) }
    }

    /// An entry written again after a refusal may meet its first copy here. The two must say the same: under one key only
    /// one of them is seen, and nobody rewrites what somebody else wrote.
    fn twins(&self, entries: &[NewMap]) -> Result<(), Refusal> {
        for entry in entries {
            let here = self.inner.get(automerge::ROOT, key_of(&entry.kind, entry.id));
            let Ok(Some((_, object))) = here else { continue };
            if scalar::read_entry(&self.inner, &object) != scalar::split_stamp(entry.fields.clone()) {
                return Err(no(Step::Operations, ENTRY_TWICE));
            }
        }
        Ok(())
    }

    /// An id is given once in a document, whatever kind of entry has it and however it is spelled there: strikes,
    /// replacements and rulings name nothing else.
    fn new_ids(&self, entries: &[NewMap]) -> Result<(), Refusal> {
        let mut new: BTreeMap<EntryId, String> = BTreeMap::new();
        for entry in entries {
            if new.insert(entry.id, key_of(&entry.kind, entry.id)).is_some() {
                return Err(no(Step::Operations, ENTRY_TWICE));
            }
        }
        for key in self.inner.keys(automerge::ROOT) {
            let Some((_, id)) = split_old_key(&key) else { continue };
            if new.get(&id).is_some_and(|new| *new != key) {
                return Err(no(Step::Operations, ENTRY_TWICE));
            }
        }
        Ok(())
    }

    fn pred_is_what_was_visible(
        &self,
        key: &str,
        pred: &[OpId],
        deps: &[automerge::ChangeHash],
    ) -> Result<bool, Refusal> {
        let deps = self.renamed.all_inside(deps);
        let visible = catch_unwind(AssertUnwindSafe(|| self.inner.get_all_at(automerge::ROOT, key, &deps)));
        let visible =
            visible.map_err(|_| no(Step::Operations, "unwound"))?.map_err(|_| no(Step::Operations, "pred"))?;
        let mut visible: Vec<(u64, Vec<u8>)> = visible
            .iter()
            .filter_map(|(_, id)| match id {
                automerge::ObjId::Id(counter, actor, _) => Some((*counter, actor.to_bytes().to_vec())),
                automerge::ObjId::Root => None,
            })
            .collect();
        let mut named: Vec<(u64, Vec<u8>)> =
            pred.iter().map(|OpId(counter, actor)| (*counter, actor.to_bytes().to_vec())).collect();
        visible.sort();
        named.sort();
        Ok(visible == named)
    }

    fn trial(&self, parsed: &automerge::Change) -> Result<(), Refusal> {
        let mut copy = self.clone();
        copy.apply_parsed(vec![parsed.clone()]).map_err(|_| trial())?;
        if !copy.contains(&from_hash(&parsed.hash())) {
            return Err(trial());
        }
        copy.save_verified().map(|_| ()).map_err(|_| trial())
    }
}

/// An entry as the change makes it.
struct NewMap {
    id: EntryId,
    kind: String,
    fields: BTreeMap<String, ScalarValue>,
}

#[derive(Default)]
struct HeaderSeen {
    id: bool,
    kind: bool,
    schema: bool,
}

impl HeaderSeen {
    fn take(&mut self, key: &str, value: &ScalarValue, claim: &Claim) -> Result<(), Refusal> {
        let as_claimed = match (key, value) {
            (KEY_ID, ScalarValue::Bytes(bytes)) => {
                self.id = true;
                bytes.as_slice() == claim.record.as_bytes()
            }
            (KEY_KIND, ScalarValue::Str(kind)) => {
                self.kind = true;
                kind.as_str() == claim.kind.code()
            }
            (KEY_SCHEMA, ScalarValue::Int(schema)) => {
                self.schema = true;
                (1..=i64::from(u32::MAX)).contains(schema)
            }
            _ => return Err(no(Step::Operations, "header")),
        };
        if as_claimed { Ok(()) } else { Err(no(Step::Operations, "other_record")) }
    }

    const fn complete(&self) -> bool {
        self.id && self.kind && self.schema
    }
}

fn frame(bytes: &[u8]) -> Result<(), Refusal> {
    const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
    const CHANGE: u8 = 1;
    if bytes.len() > MAX_CHANGE_BYTES {
        return Err(no(Step::Frame, "too_large"));
    }
    if bytes.get(..4) != Some(MAGIC.as_slice()) {
        return Err(no(Step::Frame, "not_a_change"));
    }
    // A document, compressed or bundle chunk can inflate without bound.
    if bytes.get(8) == Some(&CHANGE) { Ok(()) } else { Err(no(Step::Frame, "chunk_type")) }
}

fn checksum(bytes: &[u8]) -> Result<(), Refusal> {
    let hash = Sha256::digest(bytes.get(8..).unwrap_or_default());
    if hash.get(..4) == bytes.get(4..8) { Ok(()) } else { Err(no(Step::Hash, "checksum")) }
}

/// Decoding makes all that a run of a column promises, so that is counted before.
fn few(bytes: &[u8]) -> Result<(), Refusal> {
    rows::count(bytes).map_err(|unfit| match unfit {
        Unfit::Malformed => no(Step::Canonical, "malformed"),
        Unfit::TooMany => no(Step::Canonical, "operation_count"),
    })
}

fn canonical(bytes: &[u8]) -> Result<(automerge::Change, Vec<Op>), Refusal> {
    let refuse = |code| no(Step::Canonical, code);
    let parsed = catch_unwind(|| automerge::Change::try_from(bytes))
        .map_err(|_| refuse("unwound"))?
        .map_err(|_| refuse("malformed"))?;
    if parsed.is_empty() || parsed.len() > MAX_OPERATIONS {
        return Err(refuse("operation_count"));
    }
    if parsed.message().is_some() || !parsed.extra_bytes().is_empty() || parsed.actor_id().to_bytes().len() != 16 {
        return Err(refuse("extra"));
    }
    let hash = Sha256::digest(bytes.get(8..).unwrap_or_default());
    let (again, operations) = catch_unwind(|| {
        let expanded = parsed.decode();
        let operations = expanded.operations.clone();
        (automerge::Change::from(expanded), operations)
    })
    .map_err(|_| refuse("unwound"))?;
    if again.raw_bytes() != bytes || parsed.hash().0.as_slice() != hash.as_slice() {
        return Err(refuse("not_canonical"));
    }
    Ok((parsed, operations))
}

/// A change that enters has no time of its own, and leaves room behind its numbers: documents keep the times of all changes
/// as differences, and their numbers in 32 bits.
fn bounded(parsed: &automerge::Change) -> Result<(), Refusal> {
    if parsed.timestamp() != 0 {
        return Err(no(Step::Canonical, "time"));
    }
    if parsed.start_op().get() > MAX_START_OP {
        return Err(no(Step::StartOp, "start_op"));
    }
    if parsed.seq() > MAX_SEQUENCE { Err(no(Step::Sequence, "sequence")) } else { Ok(()) }
}

fn allowed(value: &ScalarValue) -> Result<(), Refusal> {
    let good = match value {
        ScalarValue::Str(written) => text::check(written).is_ok(),
        ScalarValue::Int(_) | ScalarValue::Boolean(_) => true,
        ScalarValue::F64(number) => number.is_finite(),
        _ => false,
    };
    if good { Ok(()) } else { Err(no(Step::Operations, "value")) }
}

/// What this author may not write, of entries that are what their kind says.
fn policy(entries: &[NewMap], claim: &Claim) -> Result<Vec<DeniedEntry>, Refusal> {
    let mut denied = Vec::new();
    for entry in entries {
        if claim.rules == Rules::Entering && !scalar::replaces_ids(&entry.fields) {
            return Err(no(Step::Policy, "malformed_entry"));
        }
        if let Err(denial) = may_write(claim.author, claim.kind, &entry.kind) {
            denied.push(DeniedEntry { entry: entry.id, denial });
        }
        if matches!(claim.author, Author::Device(_)) {
            let (_, fields) = scalar::split_stamp(entry.fields.clone());
            Body::parse(&entry.kind, fields).map_err(|_| no(Step::Policy, "malformed_entry"))?;
        }
    }
    Ok(denied)
}

#[cfg(test)]
mod tests;
