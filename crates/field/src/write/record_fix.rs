//! One position of the trail. It does not wait for anything and is no document.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::RecordFix;
use siaga_store::NewFix;

/// Nothing on land or water here is faster, metres a second; anything above is a leap of the receiver.
const MAX_SPEED_MPS: f64 = 150.0;

impl Field {
    /// # Errors
    /// `BadInput` for a speed that cannot be, and what saving may give.
    pub fn record_fix(&self, request: &RecordFix) -> Result<(), Failure> {
        if request.speed_mps.is_some_and(|speed| !(0.0..=MAX_SPEED_MPS).contains(&speed)) {
            return Err(Failure::input("speed", "speed must be between 0 and 150 metres a second", "leave it out"));
        }
        let desk = self.desk_to_write()?;
        desk.store.add_fix(&NewFix {
            at_ms: request.at_ms.unwrap_or(desk.clock.device),
            position: request.position,
            speed_mps: request.speed_mps,
            offset_ms: desk.clock.offset_ms,
        })?;
        Ok(())
    }
}
