//! How much one sender may ask of the field listener, so that one phone gone wild, or one thief, cannot take the center
//! from the others.
//!
//! A device is counted once it has proven who it is; until then it is counted together with the network it comes from, so
//! nobody can spend what belongs to another. What is too much is answered "later" with the seconds to wait, and nothing of
//! it is lost: the phone keeps it and asks again. Too many connections of one device end the oldest, never the newest: a
//! phone that walked through three dead zones has left three dead connections behind. Enrolment is limited by invitation:
//! requests that name none are refused after one look-up and count against nobody. Nothing here limits an address as such,
//! behind which a carrier hides thousands.

use crate::listen::line::Line;
use crate::listen::places::Network;
use siaga_domain::id::DeviceId;
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Requests of one device: 20 a second, 60 at once (what a phone does in its worst minute is below 5).
const OF_A_DEVICE: Rate = Rate { every_ms: 50, at_once: 60 };

/// Requests that name one invitation: a phone that waits for its confirmation asks every few seconds.
const OF_AN_INVITATION: Rate = Rate { every_ms: 200, at_once: 60 };

/// Enrolments looked up at once: the rest wait their turn, so that a flood of them leaves the database to exchanges.
const ENROLLING: usize = 2;

/// Connections of one device.
pub const CONNECTIONS: usize = 4;

/// A device is shown as throttled this long after it last was.
pub const SHOWN_MS: i64 = 60 * 60_000;

/// Without any for this long, the next thing too much is another episode.
const EPISODE_MS: i64 = 5 * 60_000;

/// Senders kept apart; somebody who invents more of them shares one account with the rest of the invented.
const MOST: usize = 16_384;

/// So many a time, and so many at once.
#[derive(Clone, Copy)]
struct Rate {
    every_ms: i64,
    at_once: i64,
}

/// What a sender has spent: when, at its rate, all of it will have been earned back. (The generic cell rate algorithm:
/// one number a sender, and nothing that has to run.)
#[derive(Clone, Copy, Default)]
struct Spent {
    until_ms: i64,
}

impl Spent {
    /// Spends one; else how long until one may be spent.
    fn spend(&mut self, rate: Rate, now_ms: i64) -> Result<(), Duration> {
        let from = self.until_ms.max(now_ms);
        let ahead = from.saturating_sub(now_ms);
        let room = rate.every_ms.saturating_mul(rate.at_once.saturating_sub(1));
        if ahead > room {
            let wait = ahead.saturating_sub(room);
            return Err(Duration::from_millis(u64::try_from(wait).unwrap_or(0)));
        }
        self.until_ms = from.saturating_add(rate.every_ms);
        Ok(())
    }

    /// Whether it holds nothing any more that a fresh account would not.
    const fn is_over(self, now_ms: i64) -> bool {
        self.until_ms <= now_ms
    }
}

/// That a device was throttled, for those who look after devices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Throttled {
    pub since_ms: UtcMs,
    pub last_ms: UtcMs,
    /// Requests put off since then.
    pub put_off: u64,
}

/// Whether a request is put off, and what that begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooMany {
    pub wait: Duration,
    /// The first of an episode: it is written down.
    pub begins: bool,
}

/// How a device is known when it is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Known {
    /// It says so, and wants to prove it; the network it says so from, where a listener accepted it.
    Claimed(Option<Network>),
    Proven,
}

/// The number of an invitation.
type Invitation = [u8; 8];

/// The accounts of all senders.
pub struct Limits {
    devices: Mutex<BTreeMap<(Known, DeviceId), Spent>>,
    invitations: Mutex<BTreeMap<Invitation, Spent>>,
    throttled: Mutex<BTreeMap<DeviceId, Throttled>>,
    lines: Mutex<BTreeMap<DeviceId, Vec<Weak<Line>>>>,
    enrolling: Semaphore,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            devices: Mutex::default(),
            invitations: Mutex::default(),
            throttled: Mutex::default(),
            lines: Mutex::default(),
            enrolling: Semaphore::new(ENROLLING),
        }
    }
}

impl Limits {
    /// Counts one request of a device. `now_ms` is of a clock that nobody sets, `at` for those who read it.
    ///
    /// # Errors
    /// [`TooMany`]: nothing of the request may be done now.
    pub fn request(&self, device: &DeviceId, known: Known, now_ms: i64, at: UtcMs) -> Result<(), TooMany> {
        let spent = spend(&self.devices, (known, *device), OF_A_DEVICE, now_ms);
        spent.map_err(|wait| TooMany { wait, begins: known == Known::Proven && self.note(device, at) })
    }

    /// Counts one request that names an invitation there is.
    ///
    /// # Errors
    /// How long the phone that was invited is to wait.
    pub fn enrolment(&self, number: &[u8], now_ms: i64) -> Result<(), Duration> {
        let Ok(number) = Invitation::try_from(number) else { return Ok(()) };
        spend(&self.invitations, number, OF_AN_INVITATION, now_ms)
    }

    /// The turns in which enrolments are looked up.
    pub(crate) const fn enrolling(&self) -> &Semaphore {
        &self.enrolling
    }

    /// A device proved itself on a connection; its oldest ones end when it has too many.
    pub fn connected(&self, device: &DeviceId, line: &Arc<Line>) {
        line.prove((*device).into());
        let mut lines = lock(&self.lines);
        lines.retain(|_, lines| {
            lines.retain(|line| line.strong_count() > 0);
            !lines.is_empty()
        });
        let mine = lines.entry(*device).or_default();
        if !mine.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(line))) {
            mine.push(Arc::downgrade(line));
        }
        let beyond = mine.len().saturating_sub(CONNECTIONS);
        for oldest in mine.drain(..beyond) {
            if let Some(oldest) = oldest.upgrade() {
                tracing::info!(%device, "an older connection of a device was ended");
                oldest.end();
            }
        }
    }

    /// What is told of a device that asked too much within the last hour.
    #[must_use]
    pub fn throttled(&self, device: &DeviceId, at: UtcMs) -> Option<Throttled> {
        lock(&self.throttled).get(device).copied().filter(|one| one.last_ms.until(at) < SHOWN_MS)
    }

    /// Notes that a device was put off; whether an episode begins with it.
    fn note(&self, device: &DeviceId, at: UtcMs) -> bool {
        let mut throttled = lock(&self.throttled);
        throttled.retain(|_, one| one.last_ms.until(at) < SHOWN_MS);
        match throttled.get_mut(device) {
            Some(one) if one.last_ms.until(at) < EPISODE_MS => {
                *one = Throttled { last_ms: at, put_off: one.put_off.saturating_add(1), ..*one };
                false
            }
            _ => {
                throttled.insert(*device, Throttled { since_ms: at, last_ms: at, put_off: 1 });
                true
            }
        }
    }
}

/// A key that all share who cannot be kept apart.
trait Key: Ord + Copy {
    const SHARED: Self;
}

impl Key for (Known, DeviceId) {
    const SHARED: Self = (Known::Claimed(None), DeviceId::from_bytes([0; 16]));
}

impl Key for Invitation {
    const SHARED: Self = [0; 8];
}

fn spend<K: Key>(accounts: &Mutex<BTreeMap<K, Spent>>, key: K, rate: Rate, now_ms: i64) -> Result<(), Duration> {
    let mut accounts = lock(accounts);
    if accounts.len() >= MOST {
        accounts.retain(|_, spent| !spent.is_over(now_ms));
    }
    let key = if accounts.len() >= MOST && !accounts.contains_key(&key) { K::SHARED } else { key };
    accounts.entry(key).or_default().spend(rate, now_ms)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UtcMs = UtcMs(1_795_395_600_000);

    fn device(byte: u8) -> DeviceId {
        DeviceId::from_bytes([byte; 16])
    }

    #[test]
    fn a_device_has_sixty_requests_at_once_then_twenty_a_second_and_another_device_has_its_own() {
        let limits = Limits::default();
        let ask = |byte, now_ms| limits.request(&device(byte), Known::Proven, now_ms, AT);

        assert!((0..60).all(|_| ask(1, 0).is_ok()));
        let put_off = ask(1, 0).expect_err("too many");
        assert_eq!(put_off.wait, Duration::from_millis(50));
        assert!(ask(2, 0).is_ok(), "another device");
        let in_a_second = (0..1000).filter(|ms| ask(1, 50 + ms).is_ok()).count();

        assert_eq!(in_a_second, 20);
    }

    #[test]
    fn an_episode_begins_once_and_is_told_for_an_hour() {
        let limits = Limits::default();
        let flood = |now_ms, at| {
            (0..200).filter_map(|_| limits.request(&device(1), Known::Proven, now_ms, at).err()).collect::<Vec<_>>()
        };

        let first = flood(0, AT);
        let again = flood(1_000, AT.plus(1_000));

        assert_eq!(first.iter().filter(|one| one.begins).count(), 1);
        assert!(again.iter().all(|one| !one.begins));
        let told = limits.throttled(&device(1), AT.plus(2_000)).expect("told");
        assert_eq!((told.since_ms, told.last_ms, told.put_off), (AT, AT.plus(1_000), 140 + 180));
        assert_eq!(limits.throttled(&device(2), AT), None);
        assert_eq!(limits.throttled(&device(1), AT.plus(1_000 + SHOWN_MS)), None);
    }

    #[test]
    fn a_claim_spends_nothing_of_the_device_itself_or_of_a_claim_from_another_network() {
        let limits = Limits::default();
        let from = |last| Known::Claimed(Some(Network::of([10, 0, last, 1].into())));

        while limits.request(&device(1), from(1), 0, AT).is_ok() {}

        assert!(limits.request(&device(1), Known::Proven, 0, AT).is_ok());
        assert!(limits.request(&device(1), from(2), 0, AT).is_ok(), "the device, from its own network");
        assert_eq!(limits.throttled(&device(1), AT), None);
    }

    #[test]
    fn requests_for_one_invitation_slow_no_other_and_a_phone_that_waits_is_never_put_off() {
        let limits = Limits::default();

        while limits.enrolment(&[1; 8], 0).is_ok() {}

        assert_eq!(limits.enrolment(&[2; 8], 0), Ok(()));
        assert!((0..120_i64).all(|second| limits.enrolment(&[3; 8], second * 1_000).is_ok()));
    }

    #[test]
    fn invented_senders_take_bounded_room() {
        let limits = Limits::default();

        // Few beyond the most: for each of them all are looked through, which an unoptimized build does slowly.
        for number in 0..(MOST as u64 + 64) {
            let _ = limits.enrolment(&number.to_be_bytes(), 0);
        }

        assert!(lock(&limits.invitations).len() <= MOST + 1);
    }

    #[test]
    fn the_fifth_connection_of_a_device_ends_its_oldest_and_nobody_elses() {
        let limits = Limits::default();
        let lines: Vec<Arc<Line>> = (0..6).map(|_| Arc::new(Line::default())).collect();
        limits.connected(&device(2), &lines[5]);

        for line in &lines[..5] {
            limits.connected(&device(1), line);
            limits.connected(&device(1), line);
        }

        let ended: Vec<bool> = lines.iter().map(|line| line.is_ended()).collect();
        assert_eq!(ended, [true, false, false, false, false, false]);
    }
}
