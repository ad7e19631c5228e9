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

    /// How long the machine has been running, the time it slept included. `None` where that cannot be read: then the
    /// center counts within one run of the program.
    fn since_boot(&self) -> Option<SinceBoot> {
        self.monotonic_ms().map(|ms| SinceBoot { boot: String::new(), ms })
    }
}

/// Milliseconds since a start of the machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SinceBoot {
    /// Names the start: two readings compare only within one.
    pub boot: String,
    pub ms: i64,
}

/// The clock of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UtcMs {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UtcMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[cfg(target_os = "linux")]
    fn since_boot(&self) -> Option<SinceBoot> {
        let read = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let ms = read.tv_sec.checked_mul(1_000)?.checked_add(read.tv_nsec / 1_000_000)?;
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(SinceBoot { boot: boot.trim().to_owned(), ms })
    }
}
