//! Guessing passwords is made slow: after a few wrong ones each next try must wait, longer every time.
//!
//! A user is never locked out for good: whoever could lock a dispatcher out would silence the center.

use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Wrong tries before the first wait.
const FREE_TRIES: u32 = 5;
const FIRST_WAIT_MS: i64 = 1_000;
const LONGEST_WAIT_MS: i64 = 30_000;
/// Wrong tries are forgotten after this long without another.
const FORGET_MS: i64 = 15 * 60_000;
/// More names than this are not kept apart: somebody is inventing them.
const MOST_NAMES: usize = 10_000;

/// Counts wrong tries by user name.
#[derive(Default)]
pub struct Throttle {
    tries: Mutex<BTreeMap<String, Tries>>,
}

#[derive(Clone, Copy)]
struct Tries {
    wrong: u32,
    last: UtcMs,
}

impl Tries {
    fn wait_ms(self) -> i64 {
        let beyond = self.wrong.saturating_sub(FREE_TRIES);
        if self.wrong < FREE_TRIES { 0 } else { FIRST_WAIT_MS.saturating_mul(1 << beyond.min(20)).min(LONGEST_WAIT_MS) }
    }
}

impl Throttle {
    /// How many milliseconds `user` must wait before the next try; 0 for none. A try that may happen is counted
    /// as wrong until [`Self::succeeded`] is called, so that parallel guesses do not slip through together.
    pub fn attempt(&self, user: &str, now: UtcMs) -> i64 {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, one| one.last.until(now) < FORGET_MS);
        let name = if tries.len() >= MOST_NAMES && !tries.contains_key(user) { "" } else { user };
        let one = tries.entry(name.to_owned()).or_insert(Tries { wrong: 0, last: now });
        let left = one.wait_ms().saturating_sub(one.last.until(now));
        if left > 0 {
            return left;
        }
        *one = Tries { wrong: one.wrong.saturating_add(1), last: now };
        0
    }

    /// The password was right: what was wrong before is forgotten.
    pub fn succeeded(&self, user: &str) {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).remove(user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_gets_slower_and_never_stops_for_good() {
        let throttle = Throttle::default();
        let mut now = UtcMs(0);
        for _ in 0..FREE_TRIES {
            assert_eq!(throttle.attempt("ani", now), 0);
        }

        let mut waits = Vec::new();
        for _ in 0..7 {
            let wait = throttle.attempt("ani", now);
            waits.push(wait);
            now = now.plus(wait);
            assert_eq!(throttle.attempt("ani", now), 0);
        }

        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn one_users_wrong_tries_do_not_slow_another_or_the_same_one_later() {
        let throttle = Throttle::default();
        for _ in 0..FREE_TRIES {
            throttle.attempt("ani", UtcMs(0));
        }

        assert_eq!(throttle.attempt("budi", UtcMs(0)), 0);
        assert!(throttle.attempt("ani", UtcMs(0)) > 0);
        assert_eq!(throttle.attempt("ani", UtcMs(FORGET_MS)), 0);
    }

    #[test]
    fn the_right_password_clears_the_count() {
        let throttle = Throttle::default();
        for _ in 0..FREE_TRIES {
            throttle.attempt("ani", UtcMs(0));
        }

        throttle.succeeded("ani");

        assert_eq!(throttle.attempt("ani", UtcMs(0)), 0);
    }
}
