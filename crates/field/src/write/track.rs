//! The service that looks for positions says that it does, or that it cannot: what lies between two such signs is
//! tracking, or a gap that is written down.

use crate::desk::{Desk, Look};
use crate::engine::{DEVICE_STATE, Field};
use crate::failure::Failure;
use crate::read::duty;
use crate::read::self_test::state;
use crate::request::{Receiver, Track};
use crate::view::TrackingState;
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::{GAP_MS, Gap, GapCause, Sign, gap_between};
use siaga_store::{Tracked, TrackingMark};

impl Field {
    /// A sign of the service, with or without a position. Nothing is written off duty.
    ///
    /// # Errors
    /// What saving may give.
    pub fn track(&self, request: &Track) -> Result<TrackingState, Failure> {
        let desk = self.desk_to_write()?;
        if desk.store.on_duty()? {
            let mut tracker = Tracker::of(&desk)?;
            match request.receiver {
                Receiver::Looks => tracker.looks(now(&desk)),
                Receiver::Off => tracker.is_off(now(&desk)),
            }
            if let Some(tracked) = tracker.tracked(&desk) {
                desk.store.note_tracking(&tracked)?;
            }
        }
        state(&desk)
    }
}

/// A duty ends: what was not tracked until now is written down.
pub(crate) fn end(desk: &Desk<'_>) -> Result<(), Failure> {
    if let Some(mut tracker) = Tracker::begun(desk)? {
        tracker.looks(now(desk));
        if let Some(tracked) = tracker.tracked(desk).filter(|tracked| !tracked.gaps.is_empty()) {
            desk.store.note_tracking(&tracked)?;
        }
    }
    Ok(())
}

/// This moment as a sign of this process.
pub(crate) fn now(look: &Look<'_>) -> Sign {
    Sign {
        at: look.clock.device,
        monotonic_ms: look.clock.monotonic_ms,
        boot_id: look.ports.boot_id.clone(),
        process: std::process::id(),
    }
}

/// Follows signs from the last one kept, and gathers the gaps between them.
pub(crate) struct Tracker {
    mark: Option<TrackingMark>,
    gaps: Vec<Gap>,
}

impl Tracker {
    /// `None` where no service tracks: on a desk, a fix says nothing about what lies between it and the next.
    pub(crate) fn begun(desk: &Desk<'_>) -> Result<Option<Self>, Failure> {
        Ok(desk.store.tracking_mark()?.map(|mark| Self { mark: Some(mark), gaps: Vec::new() }))
    }

    /// Begins where nothing was tracked on this duty yet.
    fn of(desk: &Desk<'_>) -> Result<Self, Failure> {
        let mark = desk.store.tracking_mark()?;
        let gaps = match &mark {
            Some(_) => Vec::new(),
            None => never_began(desk)?.into_iter().collect(),
        };
        Ok(Self { mark, gaps })
    }

    /// Somebody looked at this moment; a moment before the last one says nothing new.
    pub(crate) fn looks(&mut self, sign: Sign) {
        if let Some(mark) = &self.mark {
            if mark.sign.boot_id == sign.boot_id && mark.sign.monotonic_ms > sign.monotonic_ms {
                return;
            }
            self.gaps.extend(gap_between(&mark.sign, &sign, mark.location_off));
        }
        self.mark = Some(TrackingMark { sign, location_off: false });
    }

    fn is_off(&mut self, now: Sign) {
        let sign = self.mark.take().map_or(now, |mark| mark.sign);
        self.mark = Some(TrackingMark { sign, location_off: true });
    }

    pub(crate) fn tracked(self, look: &Look<'_>) -> Option<Tracked> {
        self.mark.map(|mark| Tracked { mark, gaps: self.gaps, offset_ms: look.clock.offset_ms })
    }
}

/// On a phone the service begins with the duty; where it came much later, nobody looked until then.
fn never_began(desk: &Desk<'_>) -> Result<Option<Gap>, Failure> {
    if desk.setting(DEVICE_STATE)?.is_none() {
        return Ok(None);
    }
    let Some(since) = checked_in(desk)? else { return Ok(None) };
    let until = desk.clock.device;
    Ok((since.until(until) > GAP_MS).then_some(Gap { from: since, until, cause: GapCause::Ended }))
}

/// When this duty began, device UTC as it is now understood.
pub(crate) fn checked_in(look: &Look<'_>) -> Result<Option<UtcMs>, Failure> {
    let current = duty::current(look, &look.directory()?, &look.shifts()?)?;
    Ok(current.map(|duty| UtcMs(duty.since_ms.0.saturating_sub(look.clock.offset_ms.unwrap_or(0)))))
}
