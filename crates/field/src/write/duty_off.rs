//! *Lepas piket*: somebody leaves a post. A post must never be empty, so the last one says why or waits for
//! relief.

use crate::desk::Draft;
use crate::engine::{Field, PERSON};
use crate::failure::{Failure, FailureCode};
use crate::request::DutyOff;
use crate::text::{self, SHORT};
use crate::view::Written;
use crate::write::duty_on::present;
use crate::write::track;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::shift::CheckOut;
use siaga_domain::roster;
use siaga_store::TRACKING;

impl Field {
    /// # Errors
    /// `PostWouldBeEmpty` when nobody else is checked in and no reason is given, `BadInput` for somebody who is
    /// not on duty, and what saving may give.
    pub fn duty_off(&self, request: &DutyOff) -> Result<Written, Failure> {
        let name = text::required("person", &request.person, SHORT)?;
        let reason = text::optional("reason", request.reason.as_deref(), SHORT)?;
        let desk = self.desk_to_write()?;
        let shifts = desk.shifts()?;
        let (shift, _) = present(&shifts, &name).ok_or_else(|| {
            Failure::input("person", "this person is not on duty", "give the name exactly as they checked in")
        })?;
        if request.post.as_deref().is_some_and(|post| post.trim() != shift.post.as_str()) {
            return Err(Failure::input(
                "post",
                "this person is on duty at another post",
                "leave the post out, or correct it",
            ));
        }
        if reason.is_none() && !roster::is_relieved(&shift.post, shifts.iter(), &name) {
            return Err(Failure::new(
                FailureCode::PostWouldBeEmpty,
                Some("reason"),
                "nobody else is checked in at the post",
                "let your relief check in first, or give a reason",
            ));
        }
        let entry = desk.entry(Body::CheckOut(CheckOut { name: name.clone(), reason }));
        let written = desk.written(shift.id, &entry);
        let mut draft = Draft::append(shift.id, RecordKind::Shift, vec![entry]);
        if desk.by == name {
            track::end(&desk)?;
            draft.settings.push((TRACKING.to_owned(), String::new()));
            draft.settings.push((PERSON.to_owned(), String::new()));
        }
        desk.save("duty_off", request, draft)?;
        Ok(written)
    }
}
