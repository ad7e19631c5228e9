//! The time certificates are checked at: the phone's, held near the newest moment its center signed.
//!
//! A phone whose battery died wakes up in 1970, one that somebody played with in 2036, and both must still reach the
//! center. What keeps a certificate from being checked in the past is the center's own signature, not this clock. Where
//! the signed moment itself must be wrong, because the center's clock was, the plain time of the phone is tried.

use crate::clock::Clock;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use siaga_domain::time::UtcMs;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A certificate is made anew with 60 days left, so at half of that after a signed moment it still holds.
const AHEAD_MS: i64 = 30 * 24 * 3_600_000;

/// Shared by everything that greets one center. Without a clock it is the machine's.
#[derive(Clone, Default)]
pub struct CheckTime(Arc<Inner>);

#[derive(Default)]
struct Inner {
    clock: Mutex<Option<Arc<dyn Clock>>>,
    /// 0 while nothing is signed.
    signed_ms: AtomicI64,
    plain: AtomicBool,
}

impl CheckTime {
    /// Takes the device's clock, and what is known of the center's.
    pub fn know(&self, clock: &Arc<dyn Clock>, signed: Option<UtcMs>) {
        *self.0.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(clock));
        self.0.signed_ms.store(signed.map_or(0, |at| at.0), Ordering::Relaxed);
    }

    /// A certificate did not hold at this time: another is tried from now on. Whether it is another one.
    pub fn doubt(&self) -> bool {
        let before = self.now_ms();
        self.0.plain.fetch_xor(true, Ordering::Relaxed);
        self.now_ms() != before
    }

    fn now_ms(&self) -> i64 {
        let device_ms = match &*self.0.clock.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(clock) => clock.device_ms(),
            None => i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX).saturating_mul(1000),
        };
        let signed_ms = self.0.signed_ms.load(Ordering::Relaxed);
        if signed_ms == 0 || self.0.plain.load(Ordering::Relaxed) {
            return device_ms;
        }
        device_ms.clamp(signed_ms, signed_ms.saturating_add(AHEAD_MS))
    }
}

impl fmt::Debug for CheckTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CheckTime")
    }
}

impl TimeProvider for CheckTime {
    fn current_time(&self) -> Option<UnixTime> {
        let ms = u64::try_from(self.now_ms()).unwrap_or(0);
        Some(UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * 3_600_000;
    const SIGNED: i64 = 1_795_395_600_000;

    struct At(i64);

    impl Clock for At {
        fn device_ms(&self) -> i64 {
            self.0
        }

        fn monotonic_ms(&self) -> i64 {
            0
        }
    }

    fn checked_at(device_ms: i64, signed: Option<i64>) -> (CheckTime, i64) {
        let time = CheckTime::default();
        let clock: Arc<dyn Clock> = Arc::new(At(device_ms));
        time.know(&clock, signed.map(UtcMs));
        let now = time.now_ms();
        (time, now)
    }

    #[test]
    fn a_dead_clock_and_one_ten_years_ahead_are_held_near_what_the_center_signed() {
        assert_eq!(checked_at(86_400_000, Some(SIGNED)).1, SIGNED);
        assert_eq!(checked_at(SIGNED + 3_650 * DAY_MS, Some(SIGNED)).1, SIGNED + AHEAD_MS);
        assert_eq!(checked_at(SIGNED + 2 * DAY_MS, Some(SIGNED)).1, SIGNED + 2 * DAY_MS);
    }

    #[test]
    fn what_a_center_signed_with_a_wrong_clock_locks_nobody_out() {
        let (time, held) = checked_at(SIGNED, Some(SIGNED + 3_650 * DAY_MS));

        assert_eq!(held, SIGNED + 3_650 * DAY_MS);
        assert!(time.doubt(), "there is another time to try");
        assert_eq!(time.now_ms(), SIGNED);
    }

    #[test]
    fn a_phone_that_never_heard_of_its_center_has_one_time_only() {
        let (time, now) = checked_at(SIGNED, None);

        assert_eq!(now, SIGNED);
        assert!(!time.doubt());
    }
}
