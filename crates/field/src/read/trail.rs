//! Positions recorded on this phone in the last day, which of them the center has, and when nobody took any.

use crate::engine::Field;
use crate::failure::Failure;
use crate::view::{Fix, TrackingGap, Trail};
use siaga_domain::time::UtcMs;
use siaga_store::StoredFix;

/// A page shows this much of the trail.
pub(crate) const SHOWN_MS: i64 = 24 * 3_600_000;

impl Field {
    /// Fixes and gaps of the last day, oldest first.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn trail(&self) -> Result<Trail, Failure> {
        let look = self.look()?;
        let since = UtcMs(look.clock.device.0.saturating_sub(SHOWN_MS));
        let gaps = look.store.gaps(since)?;
        Ok(Trail {
            fixes: look.store.fixes(since)?.iter().map(view).collect(),
            gaps: gaps
                .into_iter()
                .map(|gap| TrackingGap { from_ms: gap.from, until_ms: gap.until, cause: gap.cause })
                .collect(),
        })
    }
}

pub(crate) fn view(fix: &StoredFix) -> Fix {
    Fix {
        position: fix.position,
        at_ms: fix.at_ms,
        speed_mps: fix.speed_mps,
        received: fix.received,
        mock: fix.is_mock.then_some(true),
    }
}
