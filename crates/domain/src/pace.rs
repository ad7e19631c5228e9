//! How often a phone on duty takes its position: often while it moves, seldom while it stands.
//!
//! The rule looks only at the last fixes of the trail, so it goes on after a restart where it was. A receiver at
//! rest wanders by several metres; what tells standing from moving is a circle wider than that, and a standing
//! phone has to leave a still wider one before it counts as moving.

use crate::place::Position;
use crate::time::UtcMs;

/// A fix of the trail, as far as the pace depends on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Footprint {
    pub at: UtcMs,
    pub position: Position,
    /// Metres a second, as the receiver measured it.
    pub speed_mps: Option<f64>,
}

/// What the rule says of a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// It belongs into the trail.
    pub keep: bool,
    /// When the next one is wanted, milliseconds from now.
    pub next_ms: i64,
    /// The phone stands: a receiver may rest as well.
    pub stands: bool,
}

/// This much of the trail decides; who calls gives at least that.
pub const WINDOW_MS: i64 = 400_000;

const MOVING_MS: i64 = 5_000;
const STILL_MS: i64 = 60_000;
/// A phone that dies leaves no trail at all.
const LOW_BATTERY_PERCENT: u8 = 15;
const LOW_MOVING_MS: i64 = 15_000;
const LOW_STILL_MS: i64 = 180_000;
/// Standing is believed after this long in one place.
const SETTLED_MS: i64 = 55_000;
/// Two kept fixes farther apart than this were taken standing.
const STILL_GAP_MS: i64 = 40_000;
const LEAST_CIRCLE_M: f64 = 20.0;
const WIDEST_CIRCLE_M: f64 = 60.0;
/// Faster than this nobody stands, metres a second.
const WALKING_MPS: f64 = 1.5;
/// Receivers come a little early.
const EARLY_MS: i64 = 500;

/// Judges a new fix by the last ones, oldest first. `battery_percent` is none where the phone does not say.
#[must_use]
pub fn judge(recent: &[Footprint], new: &Footprint, battery_percent: Option<u8>) -> Step {
    let low = battery_percent.is_some_and(|percent| percent <= LOW_BATTERY_PERCENT);
    let (moving_ms, still_ms) = if low { (LOW_MOVING_MS, LOW_STILL_MS) } else { (MOVING_MS, STILL_MS) };
    let Some(last) = recent.last().filter(|last| last.at <= new.at) else {
        // The first of a duty, or a clock that was set back: nothing to compare with.
        return Step { keep: true, next_ms: moving_ms, stands: false };
    };
    let stands = stands(recent, new);
    let interval = if stands { still_ms } else { moving_ms };
    let passed = new.at.0.saturating_sub(last.at.0);
    if passed.saturating_add(EARLY_MS) >= interval {
        return Step { keep: true, next_ms: interval, stands };
    }
    Step { keep: false, next_ms: interval.saturating_sub(passed), stands }
}

fn stands(recent: &[Footprint], new: &Footprint) -> bool {
    let since = new.at.0.saturating_sub(WINDOW_MS);
    let window = || recent.iter().rev().take_while(|seen| seen.at.0 >= since);
    let (Some(last), Some(first)) = (window().next(), window().last()) else { return false };
    let before = window().nth(1);
    let stood = before.is_some_and(|before| last.at.0.saturating_sub(before.at.0) >= STILL_GAP_MS);
    let slack = if stood { 2.0 } else { 1.0 };
    if new.speed_mps.is_some_and(|speed| speed > WALKING_MPS * slack) {
        return false;
    }
    let settled = window().find(|seen| new.at.0.saturating_sub(seen.at.0) >= SETTLED_MS).unwrap_or(first);
    if new.at.0.saturating_sub(settled.at.0) < SETTLED_MS && !stood {
        return false;
    }
    let circle_m = slack * circle_m(new);
    window().take_while(|seen| seen.at >= settled.at).all(|seen| seen.position.distance_m(&new.position) <= circle_m)
}

fn circle_m(fix: &Footprint) -> f64 {
    (2.0 * fix.position.accuracy_m().unwrap_or(LEAST_CIRCLE_M)).clamp(LEAST_CIRCLE_M, WIDEST_CIRCLE_M)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRE: f64 = 1.0 / 111_320.0;

    fn at(second: i64, north_m: f64, speed: Option<f64>) -> Footprint {
        let position = Position::new(-1.8 + north_m * METRE, 110.0, Some(8.0)).expect("a position");
        Footprint { at: UtcMs(second * 1000), position, speed_mps: speed }
    }

    /// Feeds one reading a second and gives the seconds that were kept.
    fn kept(readings: impl Iterator<Item = Footprint>, battery: Option<u8>) -> Vec<i64> {
        let mut trail: Vec<Footprint> = Vec::new();
        for reading in readings {
            if judge(&trail, &reading, battery).keep {
                trail.push(reading);
            }
        }
        trail.iter().map(|fix| fix.at.0 / 1000).collect()
    }

    #[test]
    fn the_first_fix_of_a_duty_is_taken_at_once() {
        assert_eq!(judge(&[], &at(0, 0.0, None), None), Step { keep: true, next_ms: 5_000, stands: false });
    }

    #[test]
    fn a_moving_phone_leaves_a_fix_every_five_seconds() {
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let kept = kept((0..60).map(|second| at(second, second as f64 * 10.0, Some(10.0))), None);

        assert_eq!(kept, (0..60).step_by(5).collect::<Vec<_>>());
    }

    #[test]
    fn a_standing_phone_that_wanders_by_eight_metres_settles_to_one_fix_a_minute() {
        let wander = |second: i64| [0.0, 8.0, -8.0, 3.0][usize::try_from(second / 7 % 4).unwrap_or(0)];
        let kept = kept((0..1_200).map(|second| at(second, wander(second), Some(0.2))), None);

        let settled: Vec<i64> = kept.iter().copied().filter(|second| *second > 60).collect();
        assert!(settled.windows(2).all(|pair| pair[1] - pair[0] >= 59), "{settled:?}");
        assert!(settled.len() >= 18);
    }

    #[test]
    fn a_standing_phone_that_drives_off_is_followed_within_two_seconds() {
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let reading = |second: i64| match second {
            ..600 => at(second, 0.0, Some(0.0)),
            _ => at(second, (second - 600) as f64 * 8.0, Some(8.0)),
        };
        let kept = kept((0..660).map(reading), None);

        let off: Vec<i64> = kept.into_iter().filter(|second| *second >= 600).collect();
        assert!(off.first().is_some_and(|first| *first <= 602), "{off:?}");
        assert!(off.len() >= 11, "{off:?}");
    }

    #[test]
    fn a_phone_without_speed_that_walks_off_is_followed_once_it_left_the_circle() {
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let reading = |second: i64| at(second, (second - 600).max(0) as f64 * 1.4, None);
        let kept = kept((0..700).map(reading), None);

        assert!(kept.iter().filter(|second| **second >= 640).count() >= 8, "{kept:?}");
    }

    #[test]
    fn a_phone_with_little_battery_left_takes_fewer() {
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let moving = kept((0..60).map(|second| at(second, second as f64 * 10.0, Some(10.0))), Some(10));
        let still = kept((0..1_200).map(|second| at(second, 0.0, Some(0.0))), Some(10));

        assert_eq!(moving, [0, 15, 30, 45]);
        assert!(still.len() < 14, "{still:?}");
    }

    #[test]
    fn a_clock_that_was_set_back_stops_no_trail() {
        let trail = [at(10_000, 0.0, None)];

        assert!(judge(&trail, &at(20, 0.0, None), None).keep);
    }
}
