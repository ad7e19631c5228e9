//! How large a request may be: what the link has lately carried, and never more than two seconds of it.
//!
//! A request that is cut carried nothing, so its size is a bet on how long the link lasts. It starts at 4 KB,
//! doubles when a full one arrived, halves when one did not, and stays within two seconds of the measured rate.

use super::event::Carried;

/// Bytes of the first request on a link nobody knows.
pub(super) const FIRST_BYTES: u32 = 4 * 1024;
pub(super) const LEAST_BYTES: u32 = 1024;
pub(super) const MOST_BYTES: u32 = 192 * 1024;
/// Networks carry more down than up; never less than one document of a shift.
const FIRST_DOWN_BYTES: u32 = 16 * 1024;
const LEAST_DOWN_BYTES: u32 = 4 * 1024;
/// An envelope is the least that is receipted: small, whatever the link bears.
pub(super) const MOST_ENVELOPE_BYTES: u32 = 8 * 1024;
pub(super) const LEAST_ENVELOPE_BYTES: u32 = 256;

/// Well above what EDGE and a crowded cell carry: a photograph takes a few seconds.
const GOOD_BYTES_PER_S: u32 = 64 * 1024;

/// A request may take this long on the link as it was measured.
const SECONDS: u32 = 2;
/// Less than this says more about the round trip than about the rate.
const TELLING_BYTES: u32 = 2 * 1024;

/// One direction: a bet that doubles and halves, within the measured rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Way {
    bet: u32,
    least: u32,
    bytes_per_s: Option<u32>,
}

impl Way {
    const fn new(bet: u32, least: u32) -> Self {
        Self { bet, least, bytes_per_s: None }
    }

    fn bytes(&self) -> u32 {
        let within_rate = self.bytes_per_s.map_or(u32::MAX, |rate| rate.saturating_mul(SECONDS));
        self.bet.min(within_rate).max(self.least)
    }

    /// A press that arrived says nothing about a photograph: only a request near the bet raises it.
    fn carried(&mut self, bytes: u32, transfer_ms: Option<u32>) {
        if let (Some(ms), true) = (transfer_ms, bytes >= TELLING_BYTES) {
            let now = u32::try_from(u64::from(bytes) * 1000 / u64::from(ms.max(1))).unwrap_or(u32::MAX);
            self.bytes_per_s = Some(self.bytes_per_s.map_or(now, |before| before / 2 + now / 2));
        }
        if bytes.saturating_mul(2) >= self.bytes() {
            self.bet = self.bet.saturating_mul(2).min(MOST_BYTES);
        }
    }

    fn lost(&mut self) {
        self.bet = (self.bytes() / 2).max(self.least);
    }
}

/// What the link is believed to bear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Budget {
    up: Way,
    down: Way,
    /// The quickest request so far: what a round trip costs before any byte counts.
    round_trip_ms: Option<u32>,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            up: Way::new(FIRST_BYTES, LEAST_BYTES),
            down: Way::new(FIRST_DOWN_BYTES, LEAST_DOWN_BYTES),
            round_trip_ms: None,
        }
    }

    pub(super) fn up_bytes(&self) -> u32 {
        self.up.bytes()
    }

    pub(super) fn down_bytes(&self) -> u32 {
        self.down.bytes()
    }

    /// Whether the link carries so much that nothing offered is worth leaving for later.
    pub(super) fn is_good(&self) -> bool {
        self.down.bytes_per_s.is_some_and(|rate| rate >= GOOD_BYTES_PER_S)
    }

    pub(super) fn envelope_bytes(&self) -> u32 {
        self.up.bytes().clamp(LEAST_ENVELOPE_BYTES, MOST_ENVELOPE_BYTES)
    }

    pub(super) fn carried(&mut self, carried: Carried) {
        let Carried { up_bytes, down_bytes, took_ms } = carried;
        // The first request of a link includes its handshakes and tells no rate.
        let transfer_ms = self.round_trip_ms.map(|least| took_ms.saturating_sub(least).max(took_ms / 4));
        self.round_trip_ms = Some(self.round_trip_ms.map_or(took_ms, |least| least.min(took_ms)));
        // What went the other way took its part of the time.
        let part = |bytes: u32| {
            let all = u64::from(up_bytes) + u64::from(down_bytes);
            transfer_ms.map(|ms| u32::try_from(u64::from(ms) * u64::from(bytes) / all.max(1)).unwrap_or(ms))
        };
        self.up.carried(up_bytes, part(up_bytes));
        self.down.carried(down_bytes, part(down_bytes));
    }

    pub(super) fn lost(&mut self) {
        self.up.lost();
        self.down.lost();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(up_bytes: u32, took_ms: u32) -> Carried {
        Carried { up_bytes, down_bytes: 100, took_ms }
    }

    #[test]
    fn a_full_request_doubles_the_next_and_a_press_does_not() {
        let mut budget = Budget::new();

        budget.carried(request(200, 5));
        assert_eq!(budget.up_bytes(), FIRST_BYTES);

        budget.carried(request(FIRST_BYTES, 6));
        assert_eq!(budget.up_bytes(), FIRST_BYTES * 2);
    }

    #[test]
    fn a_request_stays_within_two_seconds_of_what_edge_carries() {
        let mut budget = Budget::new();
        // 6 KB a second and 600 ms for the way there and back.
        for _ in 0..20 {
            let bytes = budget.up_bytes();
            budget.carried(request(200, 600));
            budget.carried(request(bytes, 600 + bytes * 1000 / 6_000));
        }

        assert!((10_000..=16_000).contains(&budget.up_bytes()), "{}", budget.up_bytes());
    }

    #[test]
    fn what_was_lost_halves_what_is_tried_next_down_to_a_kilobyte() {
        let mut budget = Budget::new();

        budget.lost();
        assert_eq!(budget.up_bytes(), FIRST_BYTES / 2);

        (0..10).for_each(|_| budget.lost());
        assert_eq!(budget.up_bytes(), LEAST_BYTES);
        assert_eq!(budget.envelope_bytes(), LEAST_BYTES);
    }
}
