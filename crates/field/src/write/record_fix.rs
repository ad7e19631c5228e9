//! One position of the trail. It does not wait for anything and is no document.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::RecordFix;
use crate::view::FixTaken;
use siaga_domain::pace::{self, Footprint, WINDOW_MS};
use siaga_domain::time::ClockReading;
use siaga_store::{NewFix, Store, StoredFix};

/// Nothing on land or water here is faster, metres a second; anything above is a leap of the receiver.
const MAX_SPEED_MPS: f64 = 150.0;
/// A comparison with the center blurrier than this says nothing about the center's clock.
const SHARP_ENOUGH_MS: i64 = 5_000;
/// More than a window holds at the quickest pace.
const LAST: u32 = 100;

impl Field {
    /// Keeps a fix while somebody is on duty and the pace asks for one; says when the next is wanted.
    ///
    /// # Errors
    /// `BadInput` for a speed that cannot be, and what saving may give.
    pub fn record_fix(&self, request: &RecordFix) -> Result<FixTaken, Failure> {
        if request.speed_mps.is_some_and(|speed| !(0.0..=MAX_SPEED_MPS).contains(&speed)) {
            return Err(Failure::input("speed", "speed must be between 0 and 150 metres a second", "leave it out"));
        }
        let desk = self.desk_to_write()?;
        if !desk.store.on_duty()? {
            return Ok(FixTaken { kept: false, next_ms: None });
        }
        let at = request.at_ms.unwrap_or(desk.clock.device);
        let ClockReading { offset_ms, uncertainty_ms, .. } = desk.clock;
        if let (Some(satellite), Some(offset)) = (request.satellite_ms, offset_ms)
            && uncertainty_ms.is_some_and(|uncertainty| uncertainty <= SHARP_ENOUGH_MS)
        {
            desk.store.set_satellite_ahead(satellite.0.saturating_sub(at.0.saturating_add(offset)))?;
        }
        let new = Footprint { at, position: request.position, speed_mps: request.speed_mps };
        let step = pace::judge(&recent(&desk.store, &new)?, &new, request.battery_percent);
        if step.keep {
            desk.store.add_fix(&NewFix {
                at_ms: at,
                position: request.position,
                speed_mps: request.speed_mps,
                offset_ms: desk.clock.offset_ms,
            })?;
        }
        Ok(FixTaken { kept: step.keep, next_ms: Some(step.next_ms) })
    }
}

/// What the pace looks at, oldest first: back to where the clock was set or the window ends.
fn recent(store: &Store, new: &Footprint) -> Result<Vec<Footprint>, Failure> {
    let since = new.at.0.saturating_sub(WINDOW_MS);
    let mut upper = new.at;
    let mut recent: Vec<Footprint> = store
        .last_fixes(LAST)?
        .iter()
        .map(footprint)
        .take_while(|seen| {
            let goes_on = seen.at <= upper && seen.at.0 >= since;
            upper = seen.at;
            goes_on
        })
        .collect();
    recent.reverse();
    Ok(recent)
}

const fn footprint(fix: &StoredFix) -> Footprint {
    Footprint { at: fix.at_ms, position: fix.position, speed_mps: fix.speed_mps }
}
