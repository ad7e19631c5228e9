//! The center of a simulation: the real one, called without sockets, under a clock and a chance of the simulation's.

use crate::seed::Seed;
use anyhow::{Context as _, Result};
use siaga_center::Center;
use siaga_center::admission::inside::Inside;
use siaga_center::chance::{Chance, NoChance};
use siaga_center::clock::Clock;
use siaga_domain::time::UtcMs;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// 10 October 2022, 06:00 WIB: when a simulation begins.
const BEGAN_MS: i64 = 1_665_356_400_000;

/// The true time, shared by whoever tells it.
#[derive(Clone, Default)]
pub(super) struct Time(Arc<AtomicI64>);

impl Time {
    pub(super) fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::Relaxed);
    }

    /// Milliseconds since the simulation began.
    pub(super) fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn utc(&self) -> UtcMs {
        UtcMs(BEGAN_MS + self.now_ms())
    }
}

impl Clock for Time {
    fn now(&self) -> UtcMs {
        self.utc()
    }

    fn monotonic_ms(&self) -> Option<i64> {
        Some(self.now_ms())
    }
}

/// Chance that can be repeated.
#[derive(Clone)]
pub(super) struct Drawn(Arc<Mutex<Seed>>);

impl Drawn {
    pub(super) fn from(seed: Seed) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    pub(super) fn bytes<const N: usize>(&self) -> [u8; N] {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }
}

impl Chance for Drawn {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoChance> {
        let mut seed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(seed.draw().to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }
}

pub(super) fn open_center(folder: &Path, time: &Time, chance: Seed) -> Result<Arc<Center>> {
    let center = Center::open_by(folder, Box::new(time.clone()), Box::new(Inside), Box::new(Drawn::from(chance)));
    Ok(Arc::new(center.context("open the center")?))
}
