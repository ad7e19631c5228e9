//! How many connections a listener keeps, and which one ends for a newcomer.
//!
//! Proven and unproven connections have places of their own, so strangers can never take the places of devices that
//! exchange or of people who are signed in. For a newcomer among the unproven the listener ends one of the network that
//! holds the most, an IPv4 /24 or an IPv6 /64: a machine that opens thousands competes with itself. No address has a fixed
//! limit, because a carrier hides thousands of phones behind one.

use super::line::{Line, Rank};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::time::Instant;

/// Connections that proved who they are.
const PROVEN: usize = 4096;

/// Connections that did not yet.
const UNPROVEN: usize = 1024;

/// Connections that were ended and not dropped yet.
const ENDING: usize = 256;

/// File handles left to the database, attachments and admission.
const OTHER_HANDLES: u64 = 512;

/// What one subscriber or one machine commands: an IPv4 /24 or an IPv6 /64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Network {
    Short(u32),
    Long(u64),
}

impl Network {
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::short(address),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => Self::short(address),
                None => Self::long(address),
            },
        }
    }

    const fn short(address: Ipv4Addr) -> Self {
        Self::Short(address.to_bits() >> 8)
    }

    #[allow(clippy::cast_possible_truncation, reason = "64 bits are left after the shift")]
    const fn long(address: Ipv6Addr) -> Self {
        Self::Long((address.to_bits() >> 64) as u64)
    }
}

/// The places of one listener.
#[derive(Debug)]
pub struct Places {
    most_proven: usize,
    most_unproven: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    unproven: BTreeMap<Network, Vec<Weak<Line>>>,
    unproven_count: usize,
    proven: Vec<Weak<Line>>,
}

impl Places {
    /// As many as a center needs; fewer where the system gives the process fewer file handles. Raises the process's own
    /// limit as far as it may.
    #[must_use]
    pub fn of_this_machine() -> Self {
        let handles = raise_handles().saturating_sub(OTHER_HANDLES) / 2;
        let handles = usize::try_from(handles).unwrap_or(usize::MAX).saturating_sub(ENDING);
        if handles < PROVEN + UNPROVEN {
            tracing::warn!(
                handles,
                "the limit of open files leaves fewer places for connections: raise it (ulimit -n)"
            );
        }
        let unproven = UNPROVEN.min(handles / 4).max(16);
        Self::new(PROVEN.min(handles.saturating_sub(unproven)).max(16), unproven)
    }

    #[must_use]
    pub fn new(most_proven: usize, most_unproven: usize) -> Self {
        Self { most_proven, most_unproven, held: Mutex::default() }
    }

    /// Sockets open at once, ended ones included.
    #[must_use]
    pub const fn sockets(&self) -> usize {
        self.most_proven.saturating_add(self.most_unproven).saturating_add(ENDING)
    }

    /// Gives a new connection its place; ends another where there is none.
    pub fn enter(&self, line: &Arc<Line>, now: Instant) {
        let mut held = self.held();
        if held.unproven_count >= self.most_unproven {
            held.sort_out(self.most_proven, now);
        }
        if held.unproven_count >= self.most_unproven {
            held.end_one(now);
        }
        held.unproven.entry(line.network()).or_default().push(Arc::downgrade(line));
        held.unproven_count = held.unproven_count.saturating_add(1);
    }

    /// Ends one unproven connection: the process has no file handle left.
    pub fn make_room(&self, now: Instant) {
        let mut held = self.held();
        held.sort_out(self.most_proven, now);
        held.end_one(now);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Forgets closed connections, moves those that were proven meanwhile, and ends proven ones beyond their places.
    fn sort_out(&mut self, most_proven: usize, now: Instant) {
        let mut proven = Vec::new();
        self.unproven.retain(|_, lines| {
            lines.retain(|weak| match weak.upgrade() {
                Some(line) if line.holder().is_some() => {
                    proven.push(Weak::clone(weak));
                    false
                }
                Some(line) => !line.is_ended(),
                None => false,
            });
            !lines.is_empty()
        });
        self.unproven_count = self.unproven.values().map(Vec::len).sum();
        self.proven.append(&mut proven);
        self.proven.retain(|line| line.upgrade().is_some_and(|line| !line.is_ended()));
        let beyond = self.proven.len().saturating_sub(most_proven);
        if beyond > 0 {
            self.proven.sort_by_cached_key(|line| line.upgrade().map(|line| line.rank(now)));
            self.proven.drain(..beyond).filter_map(|line| line.upgrade()).for_each(|line| line.end());
        }
    }

    /// Ends the silent one, else the oldest, of the network with the most unproven connections.
    fn end_one(&mut self, now: Instant) {
        let most = self.unproven.values().map(Vec::len).max().unwrap_or(0);
        let fullest = self.unproven.iter().filter(|(_, lines)| lines.len() == most);
        let ranked = fullest.flat_map(|(network, lines)| {
            lines.iter().filter_map(|line| line.upgrade()).map(|line| (line.rank(now), *network, line))
        });
        let first: Option<(Rank, Network, Arc<Line>)> = ranked.min_by_key(|(rank, ..)| *rank);
        let Some((_, network, line)) = first else { return };
        line.end();
        if let Some(lines) = self.unproven.get_mut(&network) {
            lines.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(&line)));
            if lines.is_empty() {
                self.unproven.remove(&network);
            }
        }
        self.unproven_count = self.unproven.values().map(Vec::len).sum();
        tracing::debug!("an unproven connection was ended for a newcomer");
    }
}

/// The file handles this process may have, after asking for as many as it may ask for.
#[cfg(unix)]
fn raise_handles() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // macOS and Linux refuse or ignore "unlimited" for open files.
    let wanted = limit.maximum.unwrap_or(1 << 20).min(1 << 20);
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::debug!(%error, "the limit of open files was not raised");
        }
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
const fn raise_handles() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::line::Holder;
    use siaga_domain::id::DeviceId;
    use std::time::Duration;

    fn line(address: [u8; 4], opened: Instant) -> Arc<Line> {
        Arc::new(Line::opened(IpAddr::from(address), None, opened))
    }

    fn proven(number: u8) -> Holder {
        DeviceId::from_bytes([number; 16]).into()
    }

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn a_newcomer_ends_the_oldest_of_the_fullest_network_and_never_one_of_another() {
        let (places, start) = (Places::new(8, 4), Instant::now());
        let lonely = line([10, 0, 1, 1], start);
        places.enter(&lonely, start);
        let crowd: Vec<Arc<Line>> = (1_u8..4).map(|last| line([10, 0, 0, last], after(start, last.into()))).collect();
        crowd.iter().for_each(|one| places.enter(one, after(start, 4)));

        let newcomer = line([10, 0, 2, 1], after(start, 5));
        places.enter(&newcomer, after(start, 5));

        assert_eq!(crowd.iter().map(|line| line.is_ended()).collect::<Vec<_>>(), [true, false, false]);
        assert!(!lonely.is_ended() && !newcomer.is_ended());
    }

    #[test]
    fn a_greeted_connection_without_a_head_for_two_seconds_ends_before_an_older_one_that_asks() {
        let (places, start) = (Places::new(8, 2), Instant::now());
        let (asks, silent) = (line([10, 0, 0, 1], start), line([10, 0, 0, 2], after(start, 10)));
        for one in [&asks, &silent] {
            one.greeted(after(start, 10));
            places.enter(one, after(start, 10));
        }
        let _asking = asks.ask();

        places.enter(&line([10, 0, 0, 3], after(start, 2_011)), after(start, 2_011));

        assert!(silent.is_ended() && !asks.is_ended());
    }

    #[test]
    fn a_proven_connection_is_ended_for_no_stranger_and_leaves_its_place() {
        let (places, start) = (Places::new(8, 2), Instant::now());
        let known = line([10, 0, 0, 1], start);
        places.enter(&known, start);
        known.prove(proven(1));
        let strangers: Vec<Arc<Line>> = (0..50).map(|last| line([10, 0, 0, last], start)).collect();

        strangers.iter().for_each(|one| places.enter(one, start));

        assert!(!known.is_ended());
        assert_eq!(strangers.iter().filter(|line| !line.is_ended()).count(), 2);
    }

    #[test]
    fn closed_connections_hold_no_place_and_proven_ones_beyond_theirs_end_the_longest_silent() {
        let (places, start) = (Places::new(2, 2), Instant::now());
        for last in [1, 2] {
            places.enter(&line([10, 0, 0, last], start), start);
        }
        let lines: Vec<Arc<Line>> = (0..4).map(|last| line([10, 0, 0, last], start)).collect();
        for (number, one) in (1_u8..).zip(&lines) {
            one.greeted(after(start, number.into()));
            places.enter(one, after(start, 10_000));
            one.prove(proven(number));
        }

        places.enter(&line([10, 0, 0, 9], after(start, 20_000)), after(start, 20_000));

        assert_eq!(lines.iter().map(|line| line.is_ended()).collect::<Vec<_>>(), [true, true, false, false]);
    }

    #[test]
    fn a_network_is_a_24_or_a_64_and_a_mapped_address_counts_as_what_it_is() {
        let of = |text: &str| Network::of(text.parse().expect("an address"));

        assert_eq!(of("10.0.0.1"), of("10.0.0.255"));
        assert_ne!(of("10.0.0.1"), of("10.0.1.1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.9"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }
}
