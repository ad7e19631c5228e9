//! Positions recorded on this phone in the last day, which of them the center has, and when nobody took any.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::view::{Fix, TrackingGap, Trail};
use siaga_domain::time::ClockReading;
use siaga_store::StoredFix;

/// A page shows this much of the trail.
const SHOWN_MS: i64 = 24 * 3_600_000;

impl Field {
    /// Fixes and gaps of the last day, oldest first.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn trail(&self) -> Result<Trail, Failure> {
        let look = self.look()?;
        let gaps = look.store.gaps(look.clock.device.plus(-SHOWN_MS))?;
        Ok(Trail {
            fixes: fixes(&look)?,
            gaps: gaps
                .into_iter()
                .map(|gap| TrackingGap { from_ms: gap.from, until_ms: gap.until, cause: gap.cause })
                .collect(),
        })
    }
}

/// What a page shows of the trail, in the order it was taken.
pub(crate) fn fixes(look: &Look<'_>) -> Result<Vec<Fix>, Failure> {
    let since = look.clock.center_estimate().plus(-SHOWN_MS);
    Ok(look.store.fixes(since)?.iter().map(|fix| view(fix, &look.clock)).collect())
}

pub(crate) fn view(fix: &StoredFix, clock: &ClockReading) -> Fix {
    Fix {
        position: fix.position,
        at_ms: fix.at_by(clock),
        speed_mps: fix.speed_mps,
        received: fix.received,
        mock: fix.is_mock.then_some(true),
    }
}
