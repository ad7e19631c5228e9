//! Right of way: while something urgent is judged and written, records wait.
//!
//! A center has one writer and as many workers as cores, and after an outage everybody comes at once. What is urgent never
//! waits here. Records go few at a time, and only while nothing urgent is under way; those that waited too long, or find
//! too many waiting before them, are told to come later. So no crowd of reports holds the threads that a call for help
//! needs, and nobody is put off while there is room.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests whose records are judged and written at once: enough to keep the workers busy while one of them is written.
const AT_ONCE: usize = 4;

/// Requests that wait with records, each on a thread.
const WAITING: usize = 64;

/// How long they do.
const PATIENCE: Duration = Duration::from_secs(2);

/// When a device that was put off comes again; it adds up to half as much by chance.
pub const LATER: Duration = Duration::from_secs(5);

/// Who is under way.
pub struct Way {
    patience: Duration,
    state: Mutex<State>,
    free: Condvar,
}

#[derive(Default)]
struct State {
    urgent: usize,
    records: usize,
    waiting: usize,
}

impl Default for Way {
    fn default() -> Self {
        Self { patience: PATIENCE, state: Mutex::default(), free: Condvar::new() }
    }
}

impl Way {
    /// Goes ahead, whoever else is under way.
    pub fn urgent(&self) -> Pass<'_> {
        let mut state = self.lock();
        state.urgent = state.urgent.saturating_add(1);
        Pass { way: self, urgent: true }
    }

    /// Goes when nothing urgent is under way and there is room; `None` when that did not happen in time.
    pub fn records(&self) -> Option<Pass<'_>> {
        let mut state = self.lock();
        if state.waiting >= WAITING {
            return None;
        }
        state.waiting = state.waiting.saturating_add(1);
        let stopped = |state: &mut State| state.urgent > 0 || state.records >= AT_ONCE;
        let waited = self.free.wait_timeout_while(state, self.patience, stopped);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting = state.waiting.saturating_sub(1);
        if waited.timed_out() {
            return None;
        }
        state.records = state.records.saturating_add(1);
        Some(Pass { way: self, urgent: false })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Under way until it is dropped.
pub struct Pass<'a> {
    way: &'a Way,
    urgent: bool,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.way.lock();
        if self.urgent {
            state.urgent = state.urgent.saturating_sub(1);
        } else {
            state.records = state.records.saturating_sub(1);
        }
        drop(state);
        self.way.free.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn hasty() -> Way {
        Way { patience: Duration::from_millis(1), ..Way::default() }
    }

    #[test]
    fn records_wait_until_what_is_urgent_is_done_and_then_go() {
        let way = Way { patience: Duration::from_secs(600), ..Way::default() };
        let done = AtomicBool::new(false);
        let urgent = way.urgent();

        std::thread::scope(|scope| {
            let records = scope.spawn(|| way.records().map(|_pass| done.load(Ordering::SeqCst)));
            while way.lock().waiting == 0 {
                std::thread::yield_now();
            }
            done.store(true, Ordering::SeqCst);
            drop(urgent);

            assert_eq!(records.join().expect("ended"), Some(true));
        });
    }

    #[test]
    fn records_are_put_off_while_something_urgent_goes_on_and_what_is_urgent_never_is() {
        let way = hasty();
        let _one = way.urgent();

        assert!(way.records().is_none());
        let _another = way.urgent();
        assert_eq!(way.lock().urgent, 2);
    }

    #[test]
    fn records_go_few_at_a_time_and_nobody_is_put_off_while_there_is_room() {
        let way = hasty();
        let mut passes: Vec<_> = (0..AT_ONCE).map(|_| way.records().expect("room")).collect();

        assert!(way.records().is_none());
        passes.pop();
        assert!(way.records().is_some());
    }

    #[test]
    fn a_crowd_does_not_hold_more_threads_than_may_wait() {
        let way = hasty();
        way.lock().waiting = WAITING;

        assert!(way.records().is_none());
        assert_eq!(way.lock().waiting, WAITING);
    }
}
