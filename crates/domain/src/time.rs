//! When something happened: what the device's clock said, and what the center's clock would have said.
//!
//! An event keeps the device's UTC, its monotonic reading and boot, and the offset to the center learned at
//! the last exchange. Order between records never depends on any of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(as = "f64")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UtcMs(pub i64);

impl UtcMs {
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// How long before `later` this was, in milliseconds; never negative.
    #[must_use]
    pub const fn until(self, later: Self) -> i64 {
        let ms = later.0.saturating_sub(self.0);
        if ms < 0 { 0 } else { ms }
    }

    /// The age of this moment at `now`, in milliseconds. `None` when it lies in the future, where no fact is fresh: the
    /// clock that stamped it was wrong. Clocks that were compared may differ by [`AHEAD_MS`].
    #[must_use]
    pub const fn age_at(self, now: Self) -> Option<i64> {
        let ms = now.0.saturating_sub(self.0);
        if ms < -AHEAD_MS {
            return None;
        }
        Some(if ms < 0 { 0 } else { ms })
    }

    /// Whether this moment is at most `ms` old at `now`. The future is not fresh.
    #[must_use]
    pub const fn is_fresh_at(self, now: Self, ms: i64) -> bool {
        match self.age_at(now) {
            Some(age) => age <= ms,
            None => false,
        }
    }

    /// RFC 3339 in UTC with milliseconds, as `2022-10-10T01:02:03.004Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => format!("{at:.3}"),
            Err(_) => format!("{}ms", self.0),
        }
    }

    /// # Errors
    /// The text is not RFC 3339 with an offset.
    pub fn parse_rfc3339(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|at| Self(at.as_millisecond()))
    }
}

/// What a device's clocks read at one moment, and what it knows of the center's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ClockReading {
    /// The device's UTC.
    pub device: UtcMs,
    /// Milliseconds since boot; meaningful only beside the same `boot`.
    pub monotonic_ms: i64,
    /// Counts boots of this device; tells one monotonic clock from the next.
    pub boot: u32,
    /// Center time minus device time, milliseconds, as of the last exchange; none before the first.
    pub offset_ms: Option<i64>,
    /// Half the width of what `offset_ms` may be wrong by, milliseconds.
    pub uncertainty_ms: Option<i64>,
}

impl ClockReading {
    /// The center's time at this moment, as well as the device can know it.
    #[must_use]
    pub fn center_estimate(&self) -> UtcMs {
        self.device.plus(self.offset_ms.unwrap_or(0))
    }
}

/// What one exchange taught about the center's clock: the readings of both at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockAnchor {
    /// The device's UTC at that moment.
    pub device: UtcMs,
    /// Its monotonic clock at that moment.
    pub monotonic_ms: i64,
    /// Center time minus device time then, milliseconds.
    pub offset_ms: i64,
    /// Half the width of what that may be wrong by, milliseconds.
    pub uncertainty_ms: i64,
}

/// A quartz that nobody corrects goes wrong by a ten-thousandth at most.
const DRIFT: i64 = 10_000;

/// What a device knows of the center's time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KnownTime {
    pub anchor: Option<ClockAnchor>,
    /// The anchor is of the boot this device still runs in: its monotonic clock counts on from there.
    pub same_boot: bool,
    /// The newest center time that stands under a signature: it is not earlier than that.
    pub signed: Option<UtcMs>,
}

impl KnownTime {
    /// Reads the device's clocks against it. Within a boot the monotonic clock counts, so that setting the device's
    /// clock moves nothing; after a boot the device's clock is believed, unless it went back behind what is signed.
    #[must_use]
    pub fn reading(&self, device: UtcMs, monotonic_ms: i64, boot: u32) -> ClockReading {
        let reading =
            |offset_ms, uncertainty_ms| ClockReading { device, monotonic_ms, boot, offset_ms, uncertainty_ms };
        let behind = self.signed.map(|signed| signed.0.saturating_sub(device.0)).filter(|behind| *behind > 0);
        let Some(anchor) = self.anchor else { return reading(behind, None) };
        if self.same_boot {
            let elapsed = monotonic_ms.saturating_sub(anchor.monotonic_ms).max(0);
            let center = anchor.device.plus(anchor.offset_ms).plus(elapsed);
            let uncertainty = anchor.uncertainty_ms.saturating_add(elapsed / DRIFT);
            return reading(Some(center.0.saturating_sub(device.0)), Some(uncertainty));
        }
        let uncertainty = anchor.uncertainty_ms.saturating_add(anchor.device.until(device) / DRIFT);
        match behind {
            Some(behind) if behind > anchor.offset_ms.saturating_add(uncertainty) => reading(Some(behind), None),
            _ => reading(Some(anchor.offset_ms), Some(uncertainty)),
        }
    }
}

/// A clock that is wrong by more is said to be wrong: by less, nobody reads a screen falsely.
pub const CLOCK_WRONG_MS: i64 = 5 * 60 * 1000;

/// Whether a device's clock can be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClockStanding {
    /// It was never compared with the center's.
    #[default]
    Unknown,
    Right,
    /// Wrong by more than [`CLOCK_WRONG_MS`], or behind what the center signed: times are the center's all the same.
    Wrong,
}

impl ClockReading {
    /// Whether the device's clock was right in this reading.
    #[must_use]
    pub const fn standing(&self) -> ClockStanding {
        match (self.offset_ms, self.uncertainty_ms) {
            (None, _) => ClockStanding::Unknown,
            (Some(_), None) => ClockStanding::Wrong,
            (Some(offset), Some(_)) if offset.saturating_abs() > CLOCK_WRONG_MS => ClockStanding::Wrong,
            (Some(_), Some(_)) => ClockStanding::Right,
        }
    }
}

/// Two clocks that were compared may still differ by this much: a moment further ahead lies in the future.
pub const AHEAD_MS: i64 = 60_000;

/// 2000-01-01T00:00:00Z. An earlier moment was stamped by a clock that nobody set.
pub const EARLIEST: UtcMs = UtcMs(946_684_800_000);

/// 2100-01-01T00:00:00Z. No shift is planned for a later moment.
pub const LATEST_PLANNED: UtcMs = UtcMs(4_102_444_800_000);

/// A claimed moment later than its receipt by more than this is a wrong clock, and shown as one.
const DAY_AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

/// When something happened, judged by when its record was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Happened {
    /// The claimed moment if it can be true, else the receipt: the moment to order and to age by.
    pub at: UtcMs,
    /// The claim lies after its own receipt. Nothing is received before it happens.
    pub is_ahead: bool,
    /// The claim lies outside 2000 .. receipt + 24 h: pages show *jam salah* beside it.
    pub is_wrong: bool,
}

/// Judges a claimed moment by the moment its record was received, both in center time. A record is never refused for its
/// time: an honest phone whose battery was out writes 1970.
#[must_use]
pub const fn happened(claimed: UtcMs, received: UtcMs) -> Happened {
    let ahead_ms = claimed.0.saturating_sub(received.0);
    let is_wrong = claimed.0 < EARLIEST.0 || ahead_ms > DAY_AHEAD_MS;
    let is_ahead = ahead_ms > AHEAD_MS;
    Happened { at: if is_wrong || is_ahead { received } else { claimed }, is_ahead, is_wrong }
}

/// An event is shown as late when the center learned of it this long after it happened.
pub const LATE_AFTER_MS: i64 = 5 * 60 * 1000;

/// Whether an event that happened at `happened` (center time) and reached the center at `received` is late.
#[must_use]
pub fn is_late(happened: UtcMs, received: UtcMs) -> bool {
    happened.until(received) > LATE_AFTER_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_three_hours_slow_still_knows_the_center_time() {
        let reading =
            ClockReading { device: UtcMs(1_000_000), offset_ms: Some(3 * 3_600_000), ..ClockReading::default() };

        assert_eq!(reading.center_estimate(), UtcMs(1_000_000 + 3 * 3_600_000));
    }

    const HOUR: i64 = 3_600_000;
    const NOW: UtcMs = UtcMs(1_795_395_600_000);

    fn known(same_boot: bool) -> KnownTime {
        let anchor = ClockAnchor { device: NOW, monotonic_ms: 1_000, offset_ms: 700, uncertainty_ms: 40 };
        KnownTime { anchor: Some(anchor), same_boot, signed: Some(NOW) }
    }

    #[test]
    fn a_clock_set_while_the_app_runs_moves_no_center_time() {
        let set_back = known(true).reading(NOW.plus(10_000 - HOUR), 11_000, 3);
        let set_on = known(true).reading(NOW.plus(10_000 + 26 * HOUR), 11_000, 3);

        assert_eq!(set_back.center_estimate(), NOW.plus(10_700));
        assert_eq!(set_on.center_estimate(), NOW.plus(10_700));
        assert_eq!((set_back.uncertainty_ms, set_back.standing()), (Some(41), ClockStanding::Wrong));
    }

    #[test]
    fn after_a_boot_the_clock_is_believed_until_it_is_behind_what_was_signed() {
        let kept = known(false).reading(NOW.plus(8 * HOUR), 5_000, 4);
        let dead_battery = known(false).reading(UtcMs(86_400_000), 5_000, 4);

        assert_eq!((kept.center_estimate(), kept.standing()), (NOW.plus(8 * HOUR + 700), ClockStanding::Right));
        assert_eq!(kept.uncertainty_ms, Some(40 + 2_880));
        assert_eq!((dead_battery.center_estimate(), dead_battery.standing()), (NOW, ClockStanding::Wrong));
        assert_eq!(dead_battery.uncertainty_ms, None);
    }

    #[test]
    fn a_phone_that_never_met_the_center_claims_to_know_nothing() {
        let reading = KnownTime::default().reading(NOW, 1_000, 1);

        assert_eq!((reading.offset_ms, reading.standing()), (None, ClockStanding::Unknown));
    }

    #[test]
    fn text_of_a_time_reads_back_to_the_same_time() {
        let at = UtcMs(1_665_360_000_123);

        assert_eq!(at.rfc3339(), "2022-10-10T00:00:00.123Z");
        assert_eq!(UtcMs::parse_rfc3339(&at.rfc3339()).ok(), Some(at));
        assert_eq!(UtcMs::parse_rfc3339("2022-10-10T07:00:00.123+07:00").ok(), Some(at));
    }

    #[test]
    fn the_future_is_not_fresh_and_the_past_only_as_long_as_it_says() {
        assert_eq!(NOW.age_at(NOW.plus(5)), Some(5));
        assert_eq!(NOW.plus(AHEAD_MS).age_at(NOW), Some(0), "two compared clocks differ");
        assert_eq!(NOW.plus(AHEAD_MS + 1).age_at(NOW), None);
        for future in [NOW.plus(HOUR), NOW.plus(365 * 24 * HOUR), UtcMs(i64::MAX)] {
            assert!(!future.is_fresh_at(NOW, i64::MAX), "{future:?}");
        }
        assert!(NOW.is_fresh_at(NOW.plus(HOUR), HOUR));
        assert!(!NOW.is_fresh_at(NOW.plus(HOUR + 1), HOUR));
        assert!(!UtcMs(i64::MIN).is_fresh_at(NOW, HOUR));
    }

    #[test]
    fn a_claimed_moment_that_cannot_be_true_is_ordered_by_its_receipt() {
        let judged = |claimed| happened(UtcMs(claimed), NOW);

        for wrong in
            [i64::MIN, -1, 0, EARLIEST.0 - 1, NOW.0 + 24 * HOUR + 1, 2_082_758_400_000, 9_000_000_000_000_000, i64::MAX]
        {
            assert_eq!((judged(wrong).at, judged(wrong).is_wrong), (NOW, true), "{wrong}");
        }
        assert_eq!(judged(NOW.0 + HOUR), Happened { at: NOW, is_ahead: true, is_wrong: false });
        for right in [EARLIEST.0, NOW.0 - HOUR, NOW.0, NOW.0 + AHEAD_MS] {
            assert_eq!(judged(right), Happened { at: UtcMs(right), is_ahead: false, is_wrong: false });
        }
    }

    #[test]
    fn an_event_is_late_only_past_five_minutes() {
        assert!(!is_late(UtcMs(0), UtcMs(LATE_AFTER_MS)));
        assert!(is_late(UtcMs(0), UtcMs(LATE_AFTER_MS + 1)));
        assert!(!is_late(UtcMs(10), UtcMs(0)));
    }
}
