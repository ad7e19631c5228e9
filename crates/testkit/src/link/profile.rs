//! Links by name, as they are met between Ketapang and its last village.
//!
//! Rates and delays are round numbers inside what is measured on such networks; what matters is that everybody who is
//! compared is compared over the same one.

use super::{Gone, Quality, Rhythm};
use std::time::Duration;

/// 50 kbit/s.
const EDGE_BYTES_PER_S: u64 = 6_250;

impl Quality {
    /// 2G on a hill at the edge of coverage: 4 KB a second up, 8 down, 150 ms each way, every fifth connection cut.
    #[must_use]
    pub fn edge_of_coverage() -> Self {
        Self {
            up_bytes_per_s: Some(4 * 1024),
            down_bytes_per_s: Some(8 * 1024),
            delay: Duration::from_millis(150),
            reset_percent: 10,
            cut_percent: 20,
            cut_after_bytes: Some(2_000..=12_000),
            ..Self::default()
        }
    }

    /// Some 4G away from the town: 48 KB a second up, 96 down, 40 ms each way.
    #[must_use]
    pub fn village_4g() -> Self {
        Self {
            up_bytes_per_s: Some(48 * 1024),
            down_bytes_per_s: Some(96 * 1024),
            delay: Duration::from_millis(40),
            ..Self::default()
        }
    }

    /// 4G in a town: 3 Mbit/s up, 10 down, 50 ms there and back.
    #[must_use]
    pub fn lte() -> Self {
        Self {
            up_bytes_per_s: Some(375_000),
            down_bytes_per_s: Some(1_250_000),
            delay: Duration::from_millis(25),
            ..Self::default()
        }
    }

    /// 3G along the road: 384 kbit/s up, 1.5 Mbit/s down, 150 ms there and back, one connection of 50 cut.
    #[must_use]
    pub fn hspa() -> Self {
        Self {
            up_bytes_per_s: Some(48_000),
            down_bytes_per_s: Some(187_500),
            delay: Duration::from_millis(75),
            cut_percent: 2,
            cut_after_bytes: Some(1_000..=100_000),
            ..Self::default()
        }
    }

    /// 2G: 50 kbit/s each way, 600 ms there and back, 20 s without a sign of life in every minute, a tenth of the
    /// connections cut.
    #[must_use]
    pub fn edge() -> Self {
        Self {
            up_bytes_per_s: Some(EDGE_BYTES_PER_S),
            down_bytes_per_s: Some(EDGE_BYTES_PER_S),
            delay: Duration::from_millis(300),
            cut_percent: 10,
            cut_after_bytes: Some(500..=30_000),
            rhythm: Some(Rhythm {
                first: Duration::ZERO,
                covered: Duration::from_secs(40),
                gone: Duration::from_secs(20),
            }),
            gone: Gone::Silent,
            ..Self::default()
        }
    }

    /// A geostationary satellite: 600 ms one way, 128 kbit/s up, 1 Mbit/s down.
    #[must_use]
    pub fn satellite() -> Self {
        Self {
            up_bytes_per_s: Some(16_000),
            down_bytes_per_s: Some(125_000),
            delay: Duration::from_millis(600),
            ..Self::default()
        }
    }

    /// Eight seconds of 2G on a ridge, then nothing for the rest of `period`; nothing first. What was open before is
    /// dead afterwards: no network keeps a silent connection for ten minutes.
    #[must_use]
    pub fn eight_seconds_of_edge(period: Duration) -> Self {
        let covered = Duration::from_secs(8);
        let gone = period.saturating_sub(covered);
        Self { rhythm: Some(Rhythm { first: gone, covered, gone }), gone: Gone::Forgotten, ..Self::edge() }
    }
}
