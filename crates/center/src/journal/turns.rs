//! Turns at records: two requests that bring changes of one record are judged one after the other.
//!
//! Without them both would be judged against the same document, and the slower one again and again. A turn is a
//! courtesy, not a lock on the record: the console writes without one, and a judgement is always compared with
//! the record as it stands in the transaction that writes it.

use siaga_domain::id::RecordId;
use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Whose turn it is.
#[derive(Default)]
pub struct Turns {
    taken: Mutex<BTreeSet<RecordId>>,
    free: Condvar,
}

impl Turns {
    /// Waits until none of these records is being judged, and holds all of them: all or none, so that no two
    /// requests wait for one another.
    pub fn take(&self, records: BTreeSet<RecordId>) -> Turn<'_> {
        let taken = self.lock();
        let wait = |taken: &mut BTreeSet<RecordId>| !taken.is_disjoint(&records);
        let mut taken = self.free.wait_while(taken, wait).unwrap_or_else(PoisonError::into_inner);
        taken.extend(&records);
        drop(taken);
        Turn { turns: self, records }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<RecordId>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn, over when dropped.
pub struct Turn<'a> {
    turns: &'a Turns,
    records: BTreeSet<RecordId>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.turns.lock();
        taken.retain(|record| !self.records.contains(record));
        drop(taken);
        self.turns.free.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn requests_that_share_a_record_never_judge_it_at_once() {
        let turns = Turns::default();
        let record = |number: u8| RecordId::from_bytes([number; 16]);
        let inside = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);

        std::thread::scope(|scope| {
            for pair in [[1, 2], [2, 3], [3, 1], [1, 2]] {
                let (turns, inside, most) = (&turns, &inside, &most);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let _turn = turns.take(pair.into_iter().map(record).collect());
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });

        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert!(turns.lock().is_empty());
    }
}
