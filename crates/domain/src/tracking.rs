//! Whether the trail of a phone on duty ran on or stood still, and why: judged from two signs of tracking.
//!
//! A sign is given by every position a receiver delivers, and now and then by the service that waits for one. A phone
//! under a roof has no position and tracks all the same; what counts as a gap is time in which nobody was looking.

use crate::time::UtcMs;
use serde::{Deserialize, Serialize};

crate::coded! {
    /// Why nobody was looking for a position though somebody was on duty.
    GapCause {
        /// The phone was off, or was started anew.
        Restarted = "restarted",
        /// The service had ended: the system, the maker's power saver or a person ended it.
        Ended = "ended",
        /// The service was there and the system held it back.
        HeldBack = "held_back",
        /// Location was switched off, or its permission was gone.
        LocationOff = "location_off",
    }
}

/// Longer than the slowest pace with a wide margin: what is shorter is no gap.
pub const GAP_MS: i64 = 300_000;

/// Somebody was looking for a position at this moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sign {
    /// Device UTC.
    pub at: UtcMs,
    /// Milliseconds since this boot.
    pub monotonic_ms: i64,
    pub boot_id: String,
    /// Differs between two lives of the service within one boot.
    pub process: u32,
}

/// A stretch of a duty without tracking, device UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    pub from: UtcMs,
    pub until: UtcMs,
    pub cause: GapCause,
}

/// The gap between the last sign and a new one. `location_was_off` says that the service was there in between and could
/// not look.
#[must_use]
pub fn gap_between(last: &Sign, new: &Sign, location_was_off: bool) -> Option<Gap> {
    let same_boot = last.boot_id == new.boot_id;
    let by_the_clock = new.at.0.saturating_sub(last.at.0);
    let passed = if same_boot { new.monotonic_ms.saturating_sub(last.monotonic_ms) } else { by_the_clock };
    // Over a boot only the clock tells, and one that went back tells nothing: then it is said, as long as it can be.
    if passed <= GAP_MS && (same_boot || passed >= 0) {
        return None;
    }
    let cause = match () {
        () if location_was_off => GapCause::LocationOff,
        () if !same_boot => GapCause::Restarted,
        () if last.process != new.process => GapCause::Ended,
        () => GapCause::HeldBack,
    };
    // Within a boot the end is right and the length is right, whatever was done to the clock in between.
    let from = if same_boot { UtcMs(new.at.0.saturating_sub(passed)) } else { last.at.min(new.at) };
    Some(Gap { from, until: new.at, cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn sign(minute: i64, boot: &str, process: u32) -> Sign {
        let at = UtcMs(1_000 * MINUTE + minute * MINUTE);
        Sign { at, monotonic_ms: minute * MINUTE, boot_id: boot.into(), process }
    }

    fn between(last: &Sign, new: &Sign) -> Option<(i64, GapCause)> {
        gap_between(last, new, false).map(|gap| (gap.from.until(gap.until) / MINUTE, gap.cause))
    }

    #[test]
    fn a_pause_as_long_as_the_pace_allows_is_no_gap() {
        assert_eq!(between(&sign(0, "a", 1), &sign(5, "a", 1)), None);
        assert_eq!(between(&sign(0, "a", 1), &sign(5, "b", 2)), None);
    }

    #[test]
    fn a_gap_says_why_nobody_was_looking() {
        assert_eq!(between(&sign(2, "a", 1), &sign(40, "a", 1)), Some((38, GapCause::HeldBack)));
        assert_eq!(between(&sign(2, "a", 1), &sign(40, "a", 2)), Some((38, GapCause::Ended)));
        assert_eq!(between(&sign(2, "a", 1), &sign(40, "b", 2)), Some((38, GapCause::Restarted)));
        let off = gap_between(&sign(2, "a", 1), &sign(40, "b", 2), true).map(|gap| gap.cause);
        assert_eq!(off, Some(GapCause::LocationOff));
    }

    #[test]
    fn a_clock_that_was_set_neither_makes_nor_hides_a_gap() {
        let set_on = Sign { at: UtcMs(i64::MAX / 2), ..sign(3, "a", 1) };
        let set_back = Sign { at: UtcMs(5), ..sign(40, "a", 1) };

        assert_eq!(between(&sign(2, "a", 1), &set_on), None);
        assert_eq!(between(&sign(2, "a", 1), &set_back), Some((38, GapCause::HeldBack)));
    }

    #[test]
    fn a_phone_that_starts_with_an_earlier_clock_was_off_for_nobody_knows_how_long() {
        let woke = Sign { at: UtcMs(5), ..sign(0, "b", 2) };

        assert_eq!(gap_between(&sign(2, "a", 1), &woke, false).map(|gap| gap.cause), Some(GapCause::Restarted));
    }
}
