//! Overruling: what is well formed but not permitted enters its document and is corrected in the same transaction; what
//! comes after its incident was closed enters too, and is set beside what was closed, as an addendum.
//!
//! It enters because everything the device writes later hangs on it. It is corrected by an entry of the center that takes
//! the effect of the other one away, everywhere and for good, with the reason. No reader ever has one without the other:
//! they stand side by side in the feed and are told together.

use super::admit::Open;
use super::{Logging, WriteError, log_changes, parts, twin};
use crate::Center;
use crate::admission::{Ruling, Vetted};
use crate::db::{device::Device, log};
use rusqlite::Connection;
use siaga_document::Document;
use siaga_domain::entry::{Body, Entries, Entry, Overruled, Place, can_be_struck, place};
use siaga_domain::id::EntryId;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::policy::{Author, Denial, may_write};
use siaga_domain::time::UtcMs;
use siaga_domain::verdict::{self, ADDENDUM, Denied};

const STRIKE: &str = "strike";

/// Who corrects, as timelines show it.
pub(super) const BY: &str = "112";

/// The entries of a change that have no effect, each with its reason.
pub(super) type Rulings = Vec<(EntryId, &'static str)>;

/// Whether any of these changes may have to be corrected.
pub(super) fn touches(open: &Open, role: Role, judged: &[Ruling]) -> bool {
    let opens_again = |kind: &str| place(kind) == Some(Place::Opening) && open.document.change_count() > 0;
    let denies = |(_, kind): &(EntryId, String)| {
        kind == STRIKE || opens_again(kind) || may_write(Author::Device(role), open.kind, kind).is_err()
    };
    judged.iter().any(|ruling| match ruling {
        Ruling::Admitted(vetted) => open.late || vetted.entries.iter().any(denies),
        _ => false,
    })
}

/// What has no effect of a change that is about to enter; the reason when it may not even enter.
pub(super) fn rulings(
    tx: &Connection,
    open: &Open,
    device: &Device,
    bytes: &[u8],
    vetted: &Vetted,
) -> Result<Result<Rulings, &'static str>, WriteError> {
    let all = parts::all_of(tx, &open.record, open.kind)?;
    let mut rulings = Rulings::new();
    for (entry, kind) in &vetted.entries {
        let denial = may_write(Author::Device(device.role), open.kind, kind).err();
        if let Some(denial) = denial {
            if verdict::of_denied(open.kind, denial) == Denied::Refuse {
                return Ok(Err(denial.code()));
            }
            // Whatever its id is: one that is overruled already, or known for something else, is no way around this.
            rulings.push((*entry, denial.code()));
        } else if is_left_to_the_center(tx, (open, device), bytes, (*entry, kind))? {
            rulings.push((*entry, Denial::CenterOnly.code()));
        } else if open.late && !twin::stands(tx, &all, entry)? {
            // What was written again after a refusal, and had come before the closing, stays what it was.
            rulings.push((*entry, ADDENDUM));
        }
    }
    Ok(Ok(rulings))
}

/// Whether an entry whose kind devices may write does here what only the center does.
fn is_left_to_the_center(
    tx: &Connection,
    (open, device): (&Open, &Device),
    bytes: &[u8],
    (entry, kind): (EntryId, &str),
) -> Result<bool, WriteError> {
    if kind == STRIKE {
        return strikes_what_stays(tx, open, bytes, entry);
    }
    if place(kind) != Some(Place::Opening) || !is_opened_by_another(open, entry) {
        return Ok(false);
    }
    // Whoever called for help goes on calling.
    let is_own_call = open.kind == RecordKind::Sos && log::first_origin(tx, &open.record)? == Some(device.id);
    Ok(!is_own_call)
}

/// Whether another entry opened the record: whoever plans a shift anew moves or empties a post, and that is the center's
/// to do.
fn is_opened_by_another(open: &Open, entry: EntryId) -> bool {
    let all = open.document.entries();
    let opens = |one: &&Entry| place(one.body.kind()) == Some(Place::Opening) && one.id != entry;
    Entries::of(&all).live.iter().any(opens)
}

/// Whether an entry strikes one whose effect no strike takes away. Readers of this build leave such a strike out by
/// themselves; those of builds up to 0.2.0 do so because it is overruled.
fn strikes_what_stays(tx: &Connection, open: &Open, bytes: &[u8], strike: EntryId) -> Result<bool, WriteError> {
    let brought = Document::entries_in(bytes);
    let struck = brought.iter().find(|entry| entry.id == strike).and_then(|entry| match &entry.body {
        Body::Strike(strike) => Some(strike.target),
        _ => None,
    });
    let Some(struck) = struck else { return Ok(false) };
    if brought.iter().any(|entry| entry.id == struck && !can_be_struck(entry.body.kind())) {
        return Ok(true);
    }
    let before = match parts::whole(tx, &open.record, open.kind, &open.document)? {
        Some(whole) => whole.entries,
        None => open.document.entries(),
    };
    Ok(before.iter().any(|entry| entry.id == struck && !can_be_struck(entry.body.kind())))
}

impl Center {
    /// Writes the correction, in the document and in the log, right behind what it corrects.
    pub(super) fn correct(
        &self,
        tx: &Connection,
        open: &mut Open,
        rulings: &Rulings,
        now: UtcMs,
    ) -> Result<(), WriteError> {
        let bodies: Vec<Body> = rulings
            .iter()
            .map(|(target, reason)| Body::Overruled(Overruled { target: *target, reason: (*reason).to_owned() }))
            .collect();
        let entries = self.stamped(&[], &bodies, BY, now);
        let changes = open.document.append(self.actor(), &entries).map_err(WriteError::Author)?;
        let logged: Vec<Logging> = changes.into_iter().map(Logging::own).collect();
        open.position = log_changes(tx, &open.record, open.kind, &logged, BY, now)?;
        open.added = open.added.saturating_add(logged.len());
        if let Some(last) = logged.last() {
            for entry in &entries {
                log::append_entry(tx, &open.record, &entry.id, entry.body.kind(), &last.change.hash)?;
            }
        }
        Ok(())
    }
}
