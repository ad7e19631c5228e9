//! Guessing passwords is made slow: after a few wrong ones each next try must wait, longer every time.
//!
//! Tries are counted by user name and by where they come from, so whoever guesses at a name makes only itself wait: a
//! dispatcher signs in from another address meanwhile, and from the same address with a browser that signed in here
//! before (`browser`). A user is never locked out for good: whoever could lock a dispatcher out would silence the center.

use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Wrong tries before the first wait.
const FREE_TRIES: u32 = 5;
const FIRST_WAIT_MS: i64 = 1_000;
const LONGEST_WAIT_MS: i64 = 30_000;
/// Wrong tries are forgotten after this long without another.
const FORGET_MS: i64 = 15 * 60_000;
/// More names from one source than this are not kept apart: somebody is inventing them.
const MOST_NAMES: usize = 100;
/// Sources kept apart; beyond, the one that was silent longest is forgotten.
const MOST_SOURCES: usize = 4_096;

/// Passwords hashed at once: each takes 19 MiB, and sign-in is not what the machine is for.
const HASHING: usize = 2;
/// Tries of one source that may wait for their turn to be hashed.
const WAITING: usize = 8;

/// Where a try comes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Source {
    /// An IPv4 address, or the first 64 bits of a longer one.
    Address(IpAddr),
    /// A browser in which this user signed in before.
    Browser(String),
}

impl Source {
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
            short @ IpAddr::V4(_) => short,
        })
    }
}

/// Counts wrong tries by source and user name, and lets sources take turns at being hashed.
pub struct Throttle {
    sources: Mutex<BTreeMap<Source, Asking>>,
    hashing: Semaphore,
}

struct Asking {
    tries: BTreeMap<String, Tries>,
    last: UtcMs,
    /// One of a source is hashed at a time, so that no source fills the line for all.
    turn: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
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

impl Default for Throttle {
    fn default() -> Self {
        Self { sources: Mutex::default(), hashing: Semaphore::new(HASHING) }
    }
}

/// A turn to hash one password; held while it is hashed.
pub struct Turn<'a> {
    _all: SemaphorePermit<'a>,
    _own: tokio::sync::OwnedSemaphorePermit,
    _waiting: tokio::sync::OwnedSemaphorePermit,
}

impl Throttle {
    /// How many milliseconds this source must wait before its next try at `user`; 0 for none. A try that may happen is
    /// counted as wrong until [`Self::succeeded`] is called, so that parallel guesses do not slip through together.
    pub fn attempt(&self, source: &Source, user: &str, now: UtcMs) -> i64 {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = &mut asking(&mut sources, source, now).tries;
        let name = if tries.len() >= MOST_NAMES && !tries.contains_key(user) { "" } else { user };
        let one = tries.entry(name.to_owned()).or_insert(Tries { wrong: 0, last: now });
        let left = one.wait_ms().saturating_sub(one.last.until(now));
        if left > 0 {
            return left;
        }
        *one = Tries { wrong: one.wrong.saturating_add(1), last: now };
        0
    }

    /// The password was right: what was wrong before from this source is forgotten.
    pub fn succeeded(&self, source: &Source, user: &str) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asking) = sources.get_mut(source) {
            asking.tries.remove(user);
        }
    }

    /// Waits for a turn to hash. `None` when too many of this source wait already.
    pub async fn turn(&self, source: &Source, now: UtcMs) -> Option<Turn<'_>> {
        let (own, waiting) = {
            let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            let asking = asking(&mut sources, source, now);
            (Arc::clone(&asking.turn), Arc::clone(&asking.waiting))
        };
        let waiting = waiting.try_acquire_owned().ok()?;
        let own = own.acquire_owned().await.ok()?;
        Some(Turn { _all: self.hashing.acquire().await.ok()?, _own: own, _waiting: waiting })
    }
}

/// What is known of a source, which may be nothing yet.
fn asking<'a>(sources: &'a mut BTreeMap<Source, Asking>, source: &Source, now: UtcMs) -> &'a mut Asking {
    sources.retain(|known, asking| {
        asking.tries.retain(|_, one| one.last.until(now) < FORGET_MS);
        // One that waits for its turn keeps its place in line.
        known == source || !asking.tries.is_empty() || asking.waiting.available_permits() < WAITING
    });
    if sources.len() >= MOST_SOURCES && !sources.contains_key(source) {
        let quiet = sources.iter().min_by_key(|(_, asking)| asking.last).map(|(source, _)| source.clone());
        if let Some(quiet) = quiet {
            sources.remove(&quiet);
        }
    }
    let asking = sources.entry(source.clone()).or_insert_with(|| Asking {
        tries: BTreeMap::new(),
        last: now,
        turn: Arc::new(Semaphore::new(1)),
        waiting: Arc::new(Semaphore::new(WAITING)),
    });
    asking.last = now;
    asking
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn from(last: u8) -> Source {
        Source::of(IpAddr::from([10, 0, 0, last]))
    }

    #[test]
    fn guessing_gets_slower_and_never_stops_for_good() {
        let throttle = Throttle::default();
        let mut now = UtcMs(0);
        for _ in 0..FREE_TRIES {
            assert_eq!(throttle.attempt(&from(1), "ani", now), 0);
        }

        let mut waits = Vec::new();
        for _ in 0..7 {
            let wait = throttle.attempt(&from(1), "ani", now);
            waits.push(wait);
            now = now.plus(wait);
            assert_eq!(throttle.attempt(&from(1), "ani", now), 0);
        }

        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn wrong_tries_slow_no_other_user_no_other_source_and_not_the_same_one_later() {
        let throttle = Throttle::default();
        for _ in 0..FREE_TRIES {
            throttle.attempt(&from(1), "ani", UtcMs(0));
        }

        assert_eq!(throttle.attempt(&from(1), "budi", UtcMs(0)), 0);
        assert_eq!(throttle.attempt(&from(2), "ani", UtcMs(0)), 0);
        assert_eq!(throttle.attempt(&Source::Browser("sari".to_owned()), "ani", UtcMs(0)), 0);
        assert!(throttle.attempt(&from(1), "ani", UtcMs(0)) > 0);
        assert_eq!(throttle.attempt(&from(1), "ani", UtcMs(FORGET_MS)), 0);
    }

    #[test]
    fn the_right_password_clears_the_count_of_its_source() {
        let throttle = Throttle::default();
        for _ in 0..FREE_TRIES {
            throttle.attempt(&from(1), "ani", UtcMs(0));
            throttle.attempt(&from(2), "ani", UtcMs(0));
        }

        throttle.succeeded(&from(1), "ani");

        assert_eq!(throttle.attempt(&from(1), "ani", UtcMs(0)), 0);
        assert!(throttle.attempt(&from(2), "ani", UtcMs(0)) > 0);
    }

    #[test]
    fn invented_names_and_addresses_take_bounded_room_and_cost_nobody_a_sign_in() {
        let throttle = Throttle::default();
        for number in 0..1_000 {
            throttle.attempt(&from(1), &format!("nama {number}"), UtcMs(0));
        }
        for number in 0..MOST_SOURCES as u128 + 64 {
            let address = IpAddr::V6(Ipv6Addr::from_bits(number << 64));
            throttle.attempt(&Source::of(address), "ani", UtcMs(1));
        }

        assert_eq!(throttle.attempt(&from(9), "ani", UtcMs(2)), 0);
        let sources = throttle.sources.lock().expect("a lock");
        assert!(sources.len() <= MOST_SOURCES && sources.values().all(|asking| asking.tries.len() <= MOST_NAMES + 1));
    }

    #[tokio::test]
    async fn a_source_that_floods_waits_behind_itself_and_another_is_hashed_at_once() {
        let throttle = Throttle::default();
        let flooding = from(1);
        let first = throttle.turn(&flooding, UtcMs(0)).await.expect("a turn");
        let mut waiting: Vec<_> = (1..WAITING).map(|_| Box::pin(throttle.turn(&flooding, UtcMs(0)))).collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }

        let beyond = throttle.turn(&flooding, UtcMs(0)).await;
        let other = throttle.turn(&from(2), UtcMs(0)).await;

        assert!(beyond.is_none() && other.is_some());
        drop(first);
    }
}
