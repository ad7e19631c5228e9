//! The device's clocks as a port: the only way time comes into this crate, and only into its driver.

use siaga_domain::time::ClockReading;

/// The two clocks of a device.
pub trait Clock: Send + Sync {
    /// Device UTC, milliseconds since 1970.
    fn device_ms(&self) -> i64;

    /// Milliseconds since boot, sleep included.
    fn monotonic_ms(&self) -> i64;
}

/// Both clocks of a device, read at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moment {
    pub device_ms: i64,
    pub monotonic_ms: i64,
}

impl Moment {
    #[must_use]
    pub fn of(clock: &(impl Clock + ?Sized)) -> Self {
        Self { device_ms: clock.device_ms(), monotonic_ms: clock.monotonic_ms() }
    }
}

/// What four clock readings of one exchange say about the center's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OffsetEstimate {
    /// Center time minus device time, milliseconds.
    pub offset_ms: i64,
    /// Half the width of what it may be wrong by, milliseconds.
    pub uncertainty_ms: i64,
}

/// The way there and the way back are not known apart, so the truth lies anywhere in the round trip that the
/// center did not spend itself. Elapsed time is monotonic: the device's UTC may jump in between.
///
/// `sent_device_ms` is device UTC when the request left, `round_trip_ms` monotonic until the answer was read.
#[must_use]
pub const fn estimate_offset(
    sent_device_ms: i64,
    round_trip_ms: i64,
    received_ms: i64,
    answered_ms: i64,
) -> OffsetEstimate {
    let at_center_ms = answered_ms.saturating_sub(received_ms);
    let on_the_road = round_trip_ms.saturating_sub(at_center_ms);
    let on_the_road = if on_the_road < 0 { 0 } else { on_the_road };
    OffsetEstimate {
        offset_ms: received_ms.saturating_sub(sent_device_ms).saturating_sub(on_the_road / 2),
        uncertainty_ms: on_the_road / 2 + 1,
    }
}

/// Whether a new estimate says more than what is known at the same moment: it is sharper than the kept one has become
/// by age, so the best of late stays; or the two cannot both be true, because the center's clock was set.
#[must_use]
pub fn sharper(estimate: OffsetEstimate, known: &ClockReading) -> bool {
    let (Some(offset), Some(uncertainty)) = (known.offset_ms, known.uncertainty_ms) else { return true };
    let apart = estimate.offset_ms.saturating_sub(offset).saturating_abs();
    estimate.uncertainty_ms <= uncertainty || apart > estimate.uncertainty_ms.saturating_add(uncertainty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_three_hours_slow_on_a_slow_link_knows_the_center_within_half_the_road() {
        let three_hours = 3 * 3_600_000;

        // Sent at device 1000; 400 ms there, 50 ms at the center, 800 ms back.
        let estimate = estimate_offset(1_000, 1_250, 1_000 + 400 + three_hours, 1_000 + 450 + three_hours);

        assert!((estimate.offset_ms - three_hours).abs() <= estimate.uncertainty_ms);
        assert_eq!(estimate.uncertainty_ms, 601);
    }

    fn known(offset_ms: i64, uncertainty_ms: i64) -> ClockReading {
        ClockReading { offset_ms: Some(offset_ms), uncertainty_ms: Some(uncertainty_ms), ..ClockReading::default() }
    }

    #[test]
    fn a_slow_exchange_does_not_blur_what_a_fast_one_told() {
        assert!(!sharper(OffsetEstimate { offset_ms: 900, uncertainty_ms: 2_000 }, &known(0, 40)));
        assert!(sharper(OffsetEstimate { offset_ms: 10, uncertainty_ms: 60 }, &known(0, 80)), "it grew old");
    }

    #[test]
    fn a_center_whose_clock_was_set_is_followed_at_once() {
        assert!(sharper(OffsetEstimate { offset_ms: 3_600_000, uncertainty_ms: 2_000 }, &known(0, 40)));
    }

    #[test]
    fn a_held_request_does_not_widen_what_is_not_known() {
        let estimate = estimate_offset(0, 50_100, 50, 50_050);

        assert_eq!(estimate, OffsetEstimate { offset_ms: 0, uncertainty_ms: 51 });
    }
}
