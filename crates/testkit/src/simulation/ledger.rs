//! What people were told, and by whom: what a run must still have when it is over.
//!
//! What may be lost is what nobody has any more: written into a home since the copy of it was made that was put back, and
//! nowhere else by then; or said by a center since its backup, and on no phone.

use siaga_domain::id::{ChangeHash, EntryId, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// An entry somebody was told is saved.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// The home it was written in.
    pub home: usize,
    pub record: RecordId,
    pub entry: EntryId,
    /// The changes that carried it; a long one may be several.
    pub changes: Vec<ChangeHash>,
    /// Its home was put back to before it was written: whether it travelled is its only chance.
    pub left_home: bool,
    /// A copy of its home has it as well, and is never put back.
    pub has_twin: bool,
}

/// A fix of a trail that was kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToldFix {
    pub home: usize,
    /// As its home numbered it.
    pub number: u64,
    /// Device UTC.
    pub at_ms: i64,
    /// Millionths of a degree.
    pub place: [i64; 2],
    pub left_home: bool,
    pub has_twin: bool,
    /// It may be there and need not.
    pub may_be: bool,
}

impl ToldFix {
    /// Whether moment and place of a row are this fix's: packed, it comes back within 50 ms and two metres.
    pub(super) fn is(&self, [at_ms, lat, lon]: &[i64; 3]) -> bool {
        let [own_lat, own_lon] = &self.place;
        at_ms.abs_diff(self.at_ms) <= 50 && lat.abs_diff(*own_lat) <= 20 && lon.abs_diff(*own_lon) <= 20
    }
}

/// What a home had when it was put back to an earlier state.
#[derive(Debug)]
pub(super) struct Lost {
    /// Changes that waited in its outbox.
    pub waited: BTreeSet<ChangeHash>,
    /// The first fix that waited.
    pub fixes_from: u64,
    /// It had compared itself with the center as it is, and offered again what that had lost.
    pub knew_the_center: bool,
}

/// Everything that was told.
#[derive(Default)]
pub(super) struct Ledger {
    pub told: Vec<Told>,
    /// What the center told its own people.
    pub by_center: Vec<(RecordId, EntryId)>,
    pub fixes: Vec<ToldFix>,
    /// Changes a phone was told are received while the center could not be asked.
    pub claims: Vec<(usize, ChangeHash)>,
    /// What may be there and need not.
    pub may_be: BTreeSet<EntryId>,
    /// What only phones have: the center lost it.
    lent: BTreeMap<EntryId, BTreeSet<usize>>,
    down_ms: BTreeMap<usize, i64>,
    pub center_down_ms: i64,
    /// How many entries and fixes were told when a copy of a home was made.
    kept: BTreeMap<usize, (usize, usize)>,
    backed_up: usize,
    was_restored: bool,
}

impl Ledger {
    pub(super) fn told(&self) -> u64 {
        u64::try_from(self.told.len() + self.by_center.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn set_down_ms(&mut self, home: usize, ms: i64) {
        self.down_ms.insert(home, ms);
    }

    pub(super) fn down_ms(&self, home: usize) -> i64 {
        self.down_ms.get(&home).copied().unwrap_or(1_000)
    }

    pub(super) fn kept(&mut self, home: usize) {
        self.kept.insert(home, (self.told.len(), self.fixes.len()));
    }

    /// What was written there since the copy was made has left it; what waited is lost with the disk.
    pub(super) fn rolled_back(&mut self, home: usize, lost: &Lost) {
        let (told_since, fixes_since) = self.kept.get(&home).copied().unwrap_or_default();
        let unsure = self.was_restored && !lost.knew_the_center;
        for told in self.told.iter_mut().skip(told_since).filter(|told| told.home == home) {
            told.left_home = true;
            if !told.has_twin && (unsure || told.changes.iter().any(|change| lost.waited.contains(change))) {
                self.may_be.insert(told.entry);
            }
        }
        for fix in self.fixes.iter_mut().skip(fixes_since).filter(|fix| fix.home == home && !fix.left_home) {
            fix.left_home = true;
            fix.may_be |= !fix.has_twin && (unsure || fix.number >= lost.fixes_from);
        }
        for (entry, holders) in &mut self.lent {
            holders.remove(&home);
            if holders.is_empty() {
                self.may_be.insert(*entry);
            }
        }
    }

    pub(super) fn cloned(&mut self, home: usize) {
        self.told.iter_mut().filter(|told| told.home == home && !told.left_home).for_each(|told| told.has_twin = true);
        self.fixes.iter_mut().filter(|fix| fix.home == home && !fix.left_home).for_each(|fix| fix.has_twin = true);
    }

    /// What carried entries that may be there and need not.
    pub(super) fn changes_that_may_be(&self) -> BTreeSet<ChangeHash> {
        let lost = self.told.iter().filter(|told| self.may_be.contains(&told.entry));
        lost.flat_map(|told| told.changes.iter().copied()).collect()
    }

    pub(super) fn backed_up(&mut self) {
        self.backed_up = self.by_center.len();
    }

    /// What the center wrote since its backup only phones have, if any; what left its home since, nobody.
    pub(super) fn restored(&mut self, holders: &BTreeMap<EntryId, BTreeSet<usize>>) {
        self.was_restored = true;
        for (_, entry) in self.by_center.iter().skip(self.backed_up) {
            match holders.get(entry) {
                Some(holders) => {
                    self.lent.insert(*entry, holders.clone());
                }
                None => {
                    self.may_be.insert(*entry);
                }
            }
        }
        self.may_be.extend(self.told.iter().filter(|told| told.left_home && !told.has_twin).map(|told| told.entry));
        self.fixes.iter_mut().filter(|fix| fix.left_home && !fix.has_twin).for_each(|fix| fix.may_be = true);
    }
}
