//! Who is on duty where: computed here from the last synced roster, with or without a network.

use crate::desk::Look;
use crate::engine::{Field, PERSON};
use crate::failure::Failure;
use crate::view::{Duty, DutyScreen, PostView};
use crate::write::duty_on::present;
use siaga_domain::id::PostCode;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::directory::Directory;
use siaga_domain::record::shift::Shift;
use siaga_domain::roster;
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;

/// Shifts this long past or ahead are shown.
const SHOWN_MS: i64 = 24 * 3_600_000;

impl Field {
    /// Posts whose roster is on this phone, its own first; shifts from yesterday to tomorrow and those somebody is still in.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn duty(&self) -> Result<DutyScreen, Failure> {
        let look = self.look()?;
        let directory = look.directory()?;
        let now = look.clock.center_estimate();
        let mut known_at: BTreeMap<PostCode, UtcMs> = BTreeMap::new();
        let mut shifts: Vec<Shift> = Vec::new();
        for stored in look.store.records(RecordKind::Shift)? {
            if let Record::Shift(shift) = stored.record {
                let known = known_at.entry(shift.post.clone()).or_insert(stored.updated_ms);
                *known = (*known).max(stored.updated_ms);
                shifts.push(shift);
            }
        }
        let duty = current(&look, &directory, &shifts)?;
        let own = own_post(&look, &directory);
        let is_mine = |post: &PostCode| {
            own.as_ref() == Some(post) || duty.as_ref().is_some_and(|duty| duty.post == post.as_str())
        };
        // A post whose roster this phone was never told is left out: it is not known to be empty.
        let mut posts: Vec<PostView> = directory
            .posts
            .iter()
            .filter(|post| is_mine(&post.code) || known_at.contains_key(&post.code))
            .map(|post| PostView {
                status: roster::post_state(&post.code, shifts.iter(), now),
                mine: is_mine(&post.code),
                known_at_ms: known_at.get(&post.code).copied(),
                post: post.clone(),
            })
            .collect();
        posts.sort_by_key(|view| (!view.mine, view.post.code.clone()));
        shifts.retain(|shift| {
            let shown = shift.until_ms >= now.plus(-SHOWN_MS) && shift.from_ms <= now.plus(SHOWN_MS);
            shown || shift.present().next().is_some()
        });
        shifts.sort_by_key(|shift| (shift.from_ms, shift.post.clone(), shift.id));
        Ok(DutyScreen { duty, posts, shifts })
    }
}

/// The duty of the person this phone writes for, unless the records say it is over.
pub(crate) fn current(look: &Look<'_>, directory: &Directory, shifts: &[Shift]) -> Result<Option<Duty>, Failure> {
    let Some(person) = look.setting(PERSON)?.filter(|person| !person.is_empty()) else { return Ok(None) };
    Ok(present(shifts, &person).map(|(shift, presence)| Duty {
        post: shift.post.to_string(),
        post_name: directory
            .posts
            .iter()
            .find(|post| post.code == shift.post)
            .map_or_else(|| shift.post.to_string(), |post| post.name.clone()),
        since_ms: presence.checked_in.at_ms,
        until_ms: Some(shift.until_ms),
        person,
    }))
}

/// The post this phone's unit belongs to.
pub(crate) fn own_post(look: &Look<'_>, directory: &Directory) -> Option<PostCode> {
    directory.unit(&look.enrolment.as_ref()?.unit).map(|unit| unit.post.clone())
}
