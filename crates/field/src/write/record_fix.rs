//! Positions of the trail. They do not wait for anything and are no documents.

use crate::desk::Desk;
use crate::engine::Field;
use crate::failure::Failure;
use crate::request::{RecordFix, RecordFixes};
use crate::view::{FixTaken, FixesTaken};
use crate::write::track::{Tracker, now};
use siaga_domain::pace::{self, Footprint, WINDOW_MS};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_domain::tracking::Sign;
use siaga_store::{NewFix, StoredFix};

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
        if !is_possible(request) {
            return Err(Failure::input("speed", "speed must be between 0 and 150 metres a second", "leave it out"));
        }
        if request.position.is_nowhere() {
            return Ok(FixTaken { kept: false, next_ms: None });
        }
        let taken = take(&self.desk_to_write()?, std::slice::from_ref(request))?;
        Ok(FixTaken { kept: taken.kept > 0, next_ms: taken.next_ms })
    }

    /// Judges what a receiver delivered at once, and keeps it in one transaction. One that cannot be is counted and
    /// costs the others nothing.
    ///
    /// # Errors
    /// What saving may give.
    pub fn record_fixes(&self, request: &RecordFixes) -> Result<FixesTaken, Failure> {
        let (possible, leaps): (Vec<RecordFix>, Vec<RecordFix>) =
            request.fixes.iter().cloned().partition(|fix| is_possible(fix) && !fix.position.is_nowhere());
        let taken = take(&self.desk_to_write()?, &possible)?;
        Ok(FixesTaken { refused: u32::try_from(leaps.len()).unwrap_or(u32::MAX), ..taken })
    }
}

fn is_possible(fix: &RecordFix) -> bool {
    fix.speed_mps.is_none_or(|speed| (0.0..=MAX_SPEED_MPS).contains(&speed))
}

fn take(desk: &Desk<'_>, fixes: &[RecordFix]) -> Result<FixesTaken, Failure> {
    if fixes.is_empty() || !desk.store.on_duty()? {
        return Ok(FixesTaken { kept: 0, refused: 0, next_ms: None, stands: false });
    }
    // The latest first, as the store gives them.
    let known = desk.store.last_fixes(LAST)?;
    let mut was_mock = known.first().map(|fix| fix.is_mock);
    let mut last: Vec<Footprint> = known.iter().map(footprint).collect();
    let mut tracker = Tracker::begun(desk)?;
    let mut kept = Vec::new();
    let (mut next_ms, mut stands) = (None, false);
    for fix in fixes {
        let at = fix.at_ms.unwrap_or(desk.clock.device);
        compare_with_satellites(desk, fix, at)?;
        let new = Footprint { at, position: fix.position, speed_mps: fix.speed_mps };
        let step = pace::judge(&window(&last, &new), &new, fix.battery_percent);
        let is_mock = fix.mock == Some(true);
        // That positions are made up from now on, or no longer, is not to wait until the pace asks for one.
        if step.keep || was_mock.is_some_and(|was_mock| was_mock != is_mock) {
            was_mock = Some(is_mock);
            kept.push(NewFix {
                at_ms: at,
                position: fix.position,
                speed_mps: fix.speed_mps,
                offset_ms: desk.clock.offset_ms,
                is_mock,
            });
            last.insert(0, new);
        }
        (next_ms, stands) = (Some(step.next_ms), step.stands);
        if let Some(tracker) = &mut tracker {
            tracker.looks(taken_at(desk, at));
        }
    }
    if let Some(tracker) = &mut tracker {
        tracker.looks(now(desk));
    }
    let tracked = tracker.and_then(|tracker| tracker.tracked(desk));
    desk.store.add_fixes(&kept, tracked.as_ref())?;
    Ok(FixesTaken { kept: u32::try_from(kept.len()).unwrap_or(u32::MAX), refused: 0, next_ms, stands })
}

/// A batch holds positions of before: each is a sign of its own moment.
fn taken_at(desk: &Desk<'_>, at: UtcMs) -> Sign {
    let now = now(desk);
    let ago_ms = at.until(now.at).max(0);
    Sign { at: UtcMs(now.at.0.saturating_sub(ago_ms)), monotonic_ms: now.monotonic_ms.saturating_sub(ago_ms), ..now }
}

fn compare_with_satellites(desk: &Desk<'_>, fix: &RecordFix, at: UtcMs) -> Result<(), Failure> {
    let ClockReading { offset_ms, uncertainty_ms, .. } = desk.clock;
    if let (Some(satellite), Some(offset)) = (fix.satellite_ms, offset_ms)
        && uncertainty_ms.is_some_and(|uncertainty| uncertainty <= SHARP_ENOUGH_MS)
    {
        desk.store.set_satellite_ahead(satellite.0.saturating_sub(at.0.saturating_add(offset)))?;
    }
    Ok(())
}

/// What the pace looks at, oldest first: back to where the clock was set or the window ends.
fn window(last: &[Footprint], new: &Footprint) -> Vec<Footprint> {
    let since = new.at.0.saturating_sub(WINDOW_MS);
    let mut upper = new.at;
    let mut window: Vec<Footprint> = last
        .iter()
        .take_while(|seen| {
            let goes_on = seen.at <= upper && seen.at.0 >= since;
            upper = seen.at;
            goes_on
        })
        .copied()
        .collect();
    window.reverse();
    window
}

const fn footprint(fix: &StoredFix) -> Footprint {
    Footprint { at: fix.at_ms, position: fix.position, speed_mps: fix.speed_mps }
}
