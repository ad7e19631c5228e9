//! Overruling: what is well formed but not permitted enters its document and is corrected in the same transaction; what
//! comes after its incident was closed enters too, and is set beside what was closed, as an addendum.
//!
//! It enters because everything the device writes later hangs on it. It is corrected by an entry of the center that takes
//! the effect of the other one away, everywhere and for good, with the reason. No reader ever has one without the other:
//! they stand side by side in the feed and are told together.

use super::admit::Open;
use super::{Logging, WriteError, log_changes};
use crate::Center;
use crate::admission::{Ruling, Vetted};
use crate::db::log;
use rusqlite::Connection;
use siaga_domain::entry::{Body, Overruled};
use siaga_domain::id::EntryId;
use siaga_domain::kind::Role;
use siaga_domain::policy::{Author, Denial, may_write};
use siaga_domain::time::UtcMs;
use siaga_domain::verdict::{self, ADDENDUM, Begins, Denied};
use std::collections::BTreeSet;

/// Who corrects, as timelines show it.
const BY: &str = "112";

/// The entries of a change that have no effect, each with its reason.
pub(super) type Rulings = Vec<(EntryId, &'static str)>;

/// Whether any of these changes has to be corrected.
pub(super) fn touches(open: &Open, role: Role, judged: &[Ruling]) -> bool {
    let denies = |(_, kind): &(EntryId, String)| may_write(Author::Device(role), open.kind, kind).is_err();
    judged.iter().any(|ruling| match ruling {
        Ruling::Admitted(vetted) => open.late || vetted.entries.iter().any(denies),
        _ => false,
    })
}

/// What has no effect of a change that is about to enter; the reason when it may not even enter.
pub(super) fn rulings(open: &Open, role: Role, vetted: &Vetted) -> Result<Rulings, &'static str> {
    let begins = if open.document.change_count() == 0 { Begins::Yes } else { Begins::No };
    let late = open.late.then_some(ADDENDUM);
    let known: BTreeSet<EntryId> = open.document.entries().into_iter().map(|entry| entry.id).collect();
    let mut rulings = Rulings::new();
    for (entry, kind) in &vetted.entries {
        let denial = may_write(Author::Device(role), open.kind, kind).err();
        if denial.is_some_and(|denial| verdict::of_denied(open.kind, begins, denial) == Denied::Refuse) {
            return Err(denial.map_or("policy", Denial::code));
        }
        // An entry that is there already and comes a second time, written again, changes nothing.
        if let Some(reason) = denial.map(Denial::code).or(late)
            && !known.contains(entry)
        {
            rulings.push((*entry, reason));
        }
    }
    Ok(rulings)
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
