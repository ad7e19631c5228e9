//! The one time of a world. It stands still until a story says that time passes, but for a millisecond a reading, so
//! that no two moments are the same.

use siaga_domain::time::UtcMs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds a world's phones have been running when the story begins.
const RUNNING_MS: i64 = 3_600_000;

/// Shared by everybody in a world.
#[derive(Clone, Debug)]
pub struct Time {
    utc_ms: Arc<AtomicI64>,
    began_ms: i64,
}

impl Time {
    /// Begins at the machine's time, which certificates are checked against.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let began_ms = i64::try_from(since.as_millis()).unwrap_or(0);
        Self { utc_ms: Arc::new(AtomicI64::new(began_ms)), began_ms }
    }

    pub fn passes(&self, time: Duration) {
        self.utc_ms.fetch_add(i64::try_from(time.as_millis()).unwrap_or(0), Ordering::SeqCst);
    }

    /// What a right clock reads now, UTC milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.utc_ms.load(Ordering::SeqCst)
    }

    fn read(&self) -> i64 {
        self.utc_ms.fetch_add(1, Ordering::SeqCst)
    }
}

/// The center's clocks: right until a story says otherwise.
#[derive(Clone, Debug)]
pub(super) struct CenterClock {
    pub time: Time,
    /// Center time minus the world's.
    pub wrong_by_ms: Arc<AtomicI64>,
}

impl siaga_center::clock::Clock for CenterClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.time.read().saturating_add(self.wrong_by_ms.load(Ordering::SeqCst)))
    }

    fn monotonic_ms(&self) -> Option<i64> {
        Some(self.time.read().saturating_sub(self.time.began_ms))
    }
}

/// A phone's clocks: as wrong as its story says.
#[derive(Clone, Debug)]
pub(super) struct PhoneClock {
    pub time: Time,
    /// Device time minus the world's.
    pub wrong_by_ms: Arc<AtomicI64>,
}

impl siaga_field::port::Clock for PhoneClock {
    fn device_ms(&self) -> i64 {
        self.time.read().saturating_add(self.wrong_by_ms.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> i64 {
        self.time.read().saturating_sub(self.time.began_ms).saturating_add(RUNNING_MS)
    }
}
