//! How much one sender may ask of the field listener, so that one phone gone wild, or one thief, cannot take the center
//! from the others.
//!
//! A device is counted once it has proven who it is; until then nobody can spend what belongs to another. What is too
//! much is answered "later" with the seconds to wait, and nothing of it is lost: the phone keeps it and asks again. Too
//! many connections of one device end the oldest, never the newest: a phone that walked through three dead zones has
//! left three dead connections behind. Nothing here limits an address as such, behind which a carrier hides thousands.

use crate::listen::Line;
use siaga_domain::id::DeviceId;
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Requests of one device: 20 a second, 60 at once (what a phone does in its worst minute is below 5).
const OF_A_DEVICE: Rate = Rate { every_ms: 50, at_once: 60 };

/// Enrolments asked for from one address, waiting ones included: a classroom of volunteers behind one router passes.
const OF_AN_ADDRESS: Rate = Rate { every_ms: 200, at_once: 120 };

/// Enrolments that were refused, from one address: 5 a minute.
const REFUSED: Rate = Rate { every_ms: 12_000, at_once: 5 };

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
    /// It says so, and wants to prove it.
    Claimed,
    Proven,
}

/// The accounts of all senders.
#[derive(Default)]
pub struct Limits {
    devices: Mutex<BTreeMap<(Known, DeviceId), Spent>>,
    addresses: Mutex<BTreeMap<IpAddr, Spent>>,
    refused: Mutex<BTreeMap<IpAddr, Spent>>,
    throttled: Mutex<BTreeMap<DeviceId, Throttled>>,
    lines: Mutex<BTreeMap<DeviceId, Vec<Weak<Line>>>>,
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

    /// Counts one enrolment asked for from an address.
    ///
    /// # Errors
    /// How long that address is to wait.
    pub fn enrolment(&self, address: IpAddr, now_ms: i64) -> Result<(), Duration> {
        let address = network(address);
        if let Some(spent) = lock(&self.refused).get(&address) {
            // Only a refusal spends, so a copy is asked.
            let mut asked = *spent;
            asked.spend(REFUSED, now_ms)?;
        }
        spend(&self.addresses, address, OF_AN_ADDRESS, now_ms)
    }

    /// An enrolment from an address was refused: somebody may be guessing.
    pub fn enrolment_refused(&self, address: IpAddr, now_ms: i64) {
        // The account may be empty already: several guesses were under way at once.
        let _ = spend(&self.refused, network(address), REFUSED, now_ms);
    }

    /// A device proved itself on a connection; its oldest ones end when it has too many.
    pub fn connected(&self, device: &DeviceId, line: &Arc<Line>) {
        line.prove();
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
    const SHARED: Self = (Known::Claimed, DeviceId::from_bytes([0; 16]));
}

impl Key for IpAddr {
    const SHARED: Self = Self::V6(Ipv6Addr::UNSPECIFIED);
}

fn spend<K: Key>(accounts: &Mutex<BTreeMap<K, Spent>>, key: K, rate: Rate, now_ms: i64) -> Result<(), Duration> {
    let mut accounts = lock(accounts);
    if accounts.len() >= MOST {
        accounts.retain(|_, spent| !spent.is_over(now_ms));
    }
    let key = if accounts.len() >= MOST && !accounts.contains_key(&key) { K::SHARED } else { key };
    accounts.entry(key).or_default().spend(rate, now_ms)
}

/// The network one subscriber is given: the address, or the first 64 bits of a longer one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        short @ IpAddr::V4(_) => short,
    }
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
    fn who_only_claims_to_be_a_device_spends_nothing_of_it() {
        let limits = Limits::default();

        while limits.request(&device(1), Known::Claimed, 0, AT).is_ok() {}

        assert!(limits.request(&device(1), Known::Proven, 0, AT).is_ok());
        assert_eq!(limits.throttled(&device(1), AT), None);
    }

    #[test]
    fn five_refused_enrolments_a_minute_close_an_address_to_enrolments_for_a_while() {
        let limits = Limits::default();
        let (here, there) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));

        for _ in 0..5 {
            assert_eq!(limits.enrolment(here, 0), Ok(()));
            limits.enrolment_refused(here, 0);
        }

        assert_eq!(limits.enrolment(here, 0), Err(Duration::from_secs(12)));
        assert_eq!(limits.enrolment(there, 0), Ok(()));
        assert_eq!(limits.enrolment(here, 12_000), Ok(()));
    }

    #[test]
    fn a_classroom_behind_one_address_enrols_and_polls() {
        let limits = Limits::default();
        let here = IpAddr::from([10, 0, 0, 1]);

        let polls =
            (0..120_i64).map(|second| (0..5).filter(|_| limits.enrolment(here, second * 1_000).is_ok()).count());

        assert_eq!(polls.sum::<usize>(), 600);
    }

    #[test]
    fn an_address_of_128_bits_counts_by_its_first_64_and_invented_ones_take_bounded_room() {
        let limits = Limits::default();
        let neighbour = |last: u128| IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | last));
        for last in 0..5 {
            limits.enrolment_refused(neighbour(last), 0);
        }
        assert!(limits.enrolment(neighbour(77), 0).is_err());

        // Few beyond the most: for each of them all are looked through, which an unoptimized build does slowly.
        for number in 0..(MOST as u128 + 64) {
            let _ = limits.enrolment(IpAddr::V6(Ipv6Addr::from_bits(number << 64)), 0);
        }

        assert!(lock(&limits.addresses).len() <= MOST + 1);
    }

    #[test]
    fn the_fifth_connection_of_a_device_ends_its_oldest_and_nobody_elses() {
        let limits = Limits::default();
        let lines: Vec<Arc<Line>> = (0..6).map(|_| Arc::new(Line::new())).collect();
        limits.connected(&device(2), &lines[5]);

        for line in &lines[..5] {
            limits.connected(&device(1), line);
            limits.connected(&device(1), line);
        }

        let ended: Vec<bool> = lines.iter().map(|line| line.is_ended()).collect();
        assert_eq!(ended, [true, false, false, false, false, false]);
    }
}
