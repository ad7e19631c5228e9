//! Whether a duty can work on this phone: what its platform says, its clock, and whether the trail runs on.

use crate::desk::Look;
use crate::engine::{DEVICE_STATE, Field};
use crate::failure::Failure;
use crate::view::{SelfTest, TrackingState};
use crate::write::track::{checked_in, now};
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::{GAP_MS, gap_between};

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn self_test(&self) -> Result<SelfTest, Failure> {
        let look = self.look()?;
        Ok(SelfTest {
            device: look.setting(DEVICE_STATE)?.and_then(|text| serde_json::from_str(&text).ok()),
            clock: look.clock.standing(),
            tracking: state(&look)?,
            now_ms: look.clock.device,
        })
    }
}

/// Whether the trail of this duty runs on, as far as the last sign tells.
pub(crate) fn state(look: &Look<'_>) -> Result<TrackingState, Failure> {
    if !look.store.on_duty()? {
        return Ok(TrackingState { on_duty: false, stopped_since_ms: None });
    }
    let stopped_since_ms = match look.store.tracking_mark()? {
        Some(mark) if mark.location_off => Some(mark.sign.at),
        Some(mark) => gap_between(&mark.sign, &now(look), false).map(|gap| gap.from),
        // Without a platform that tracks there is nothing that could have stopped.
        None if look.setting(DEVICE_STATE)?.is_none() => None,
        None => checked_in(look)?.filter(|since: &UtcMs| since.until(look.clock.device) > GAP_MS),
    };
    Ok(TrackingState { on_duty: true, stopped_since_ms })
}
