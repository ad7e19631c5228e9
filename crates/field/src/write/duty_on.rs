//! *Naik piket*: somebody checks in at a post, and what is written here from now on is theirs.
//!
//! The roster's shift is used where there is one; who comes unplanned makes a shift of their own. Nobody is
//! turned away by a plan.

use crate::desk::{Desk, Draft};
use crate::engine::{Field, PERSON};
use crate::failure::Failure;
use crate::request::DutyOn;
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::id::PostCode;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::shift::{CheckIn, Planned, Shift};
use siaga_domain::time::UtcMs;
use siaga_store::TRACKING;

const HOUR_MS: i64 = 3_600_000;
/// Somebody may come this long before the shift they are planned for.
const EARLY_MS: i64 = 4 * HOUR_MS;
/// How long an unplanned shift is meant to last.
const UNPLANNED_MS: i64 = 8 * HOUR_MS;

impl Field {
    /// # Errors
    /// `BadInput` for a post that is not in the directory, a missing name, or somebody on duty elsewhere; and
    /// what saving may give.
    pub fn duty_on(&self, request: &DutyOn) -> Result<Written, Failure> {
        let name = text::required("person", &request.person, SHORT)?;
        let desk = self.desk_to_write()?;
        let post = desk.post("post", &request.post)?;
        let shifts = desk.shifts()?;
        if let Some((shift, presence)) = present(&shifts, &name) {
            if shift.post != post {
                return Err(Failure::input("post", "this person is on duty at another post", "end duty there first"));
            }
            let written = Written {
                id: shift.id.to_string(),
                entry: presence.checked_in.entry.clone(),
                saved_at_ms: presence.checked_in.at_device_ms,
            };
            desk.set(PERSON, &name)?;
            return Ok(written);
        }
        let checkin =
            desk.entry(Body::CheckIn(CheckIn { name: name.clone(), unit: Some(desk.enrolment.unit.to_string()) }));
        let (id, mut draft) = match shift_for(&shifts, &post, &name, desk.clock.center_estimate()) {
            Some(shift) => (shift.id, Draft::append(shift.id, RecordKind::Shift, Vec::new())),
            None => {
                let id = desk.new_record();
                (id, Draft::create(id, RecordKind::Shift, vec![desk.entry(Body::Planned(unplanned(&desk, post)))]))
            }
        };
        let written = desk.written(id, &checkin);
        draft.push(checkin);
        // Another person on the same phone goes on with the same tracking.
        if desk.by.is_empty() {
            draft.settings.push((TRACKING.to_owned(), String::new()));
        }
        draft.settings.push((PERSON.to_owned(), name));
        desk.save("duty_on", request, draft)?;
        Ok(written)
    }
}

fn unplanned(desk: &Desk<'_>, post: PostCode) -> Planned {
    let now = desk.clock.center_estimate();
    Planned { post, from_ms: now, until_ms: now.plus(UNPLANNED_MS) }
}

/// Where `name` is checked in and not yet out.
pub(crate) fn present<'a>(
    shifts: &'a [Shift],
    name: &str,
) -> Option<(&'a Shift, &'a siaga_domain::record::shift::Presence)> {
    shifts.iter().find_map(|shift| shift.present().find(|presence| presence.name == name).map(|found| (shift, found)))
}

/// The shift somebody means: one that runs now or soon, first the one that names them, then the earlier one.
fn shift_for<'a>(shifts: &'a [Shift], post: &PostCode, name: &str, now: UtcMs) -> Option<&'a Shift> {
    shifts
        .iter()
        .filter(|shift| shift.post == *post && now < shift.until_ms && shift.from_ms <= now.plus(EARLY_MS))
        .min_by_key(|shift| {
            let named = shift.planned.iter().any(|planned| planned.name == name);
            (!named, shift.from_ms, shift.id)
        })
}
