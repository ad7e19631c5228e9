//! What people were told, and by whom: what a run must still have when it is over.

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
}

/// Everything that was told.
#[derive(Default)]
pub(super) struct Ledger {
    pub told: Vec<Told>,
    /// What the center told its own people.
    pub by_center: Vec<(RecordId, EntryId)>,
    /// Fixes a home was told are saved.
    pub fixes: BTreeMap<usize, i64>,
    /// Changes a phone was told are received while the center could not be asked.
    pub claims: Vec<(usize, ChangeHash)>,
    /// What may be there and need not: its disk was lost before it travelled.
    pub may_be: BTreeSet<EntryId>,
    /// Homes whose numbers of fixes say nothing any more.
    pub unnumbered: BTreeSet<usize>,
    down_ms: BTreeMap<usize, i64>,
    pub center_down_ms: i64,
    kept: BTreeMap<usize, usize>,
    backed_up: usize,
    backed_up_told: usize,
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
        self.kept.insert(home, self.told.len());
    }

    /// What waited there and was written since the copy was made is lost with the disk.
    pub(super) fn rolled_back(&mut self, home: usize, waited: &BTreeSet<ChangeHash>) {
        let since = self.kept.get(&home).copied().unwrap_or(0);
        self.unnumbered.insert(home);
        for told in self.told.iter_mut().skip(since).filter(|told| told.home == home) {
            told.left_home = true;
            if self.was_restored || told.changes.iter().any(|change| waited.contains(change)) {
                self.may_be.insert(told.entry);
            }
        }
    }

    pub(super) fn cloned(&mut self, home: usize, twin: usize) {
        self.unnumbered.extend([home, twin]);
    }

    pub(super) fn backed_up(&mut self) {
        self.backed_up = self.by_center.len();
        self.backed_up_told = self.told.len();
    }

    /// What the center wrote since its backup only phones may still have; what left its home since, nobody.
    pub(super) fn restored(&mut self) {
        self.was_restored = true;
        self.may_be.extend(self.by_center.iter().skip(self.backed_up).map(|(_, entry)| *entry));
        self.may_be.extend(self.told.iter().filter(|told| told.left_home).map(|told| told.entry));
    }
}
