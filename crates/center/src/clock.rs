//! What time it is at the center: the one place where a clock is read.

use siaga_domain::time::UtcMs;
use std::time::{SystemTime, UNIX_EPOCH};

/// The center's clock.
pub trait Clock: Send + Sync {
    fn now(&self) -> UtcMs;

    /// Milliseconds that no setting of the clock moves; `None` to have the center count since it was opened.
    fn monotonic_ms(&self) -> Option<i64> {
        None
    }
}

/// The clock of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UtcMs {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UtcMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
