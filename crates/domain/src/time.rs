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

    #[test]
    fn text_of_a_time_reads_back_to_the_same_time() {
        let at = UtcMs(1_665_360_000_123);

        assert_eq!(at.rfc3339(), "2022-10-10T00:00:00.123Z");
        assert_eq!(UtcMs::parse_rfc3339(&at.rfc3339()).ok(), Some(at));
        assert_eq!(UtcMs::parse_rfc3339("2022-10-10T07:00:00.123+07:00").ok(), Some(at));
    }

    #[test]
    fn an_event_is_late_only_past_five_minutes() {
        assert!(!is_late(UtcMs(0), UtcMs(LATE_AFTER_MS)));
        assert!(is_late(UtcMs(0), UtcMs(LATE_AFTER_MS + 1)));
        assert!(!is_late(UtcMs(10), UtcMs(0)));
    }
}
