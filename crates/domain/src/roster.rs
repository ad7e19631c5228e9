//! Posts must never be empty: who is on duty, computed from the shifts at hand, offline as well as online.

use crate::id::PostCode;
use crate::record::shift::Shift;
use crate::time::UtcMs;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A shift that ends within this time without relief is about to leave its post empty (EIDO `ShiftPending`).
pub const ENDING_SOON_MS: i64 = 30 * 60 * 1000;

/// The state of one post at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PostState {
    /// Somebody is checked in (EIDO `OnDuty`).
    Staffed { people: Vec<String>, until_ms: Option<UtcMs> },
    /// Staffed, but the planned shift ends soon and nobody planned for the next one has come.
    EndingSoon { people: Vec<String>, until_ms: UtcMs },
    /// Nobody is checked in (EIDO `Unmanned`): the red state. `expected` are those on the plan now.
    Empty { expected: Vec<String>, since_ms: Option<UtcMs> },
}

impl PostState {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty { .. })
    }
}

/// The state of `post` at `now` (center time), from every shift known here.
///
/// Somebody who checked in counts until they check out, even past the end of the plan: nobody is sent home by
/// a clock.
#[must_use]
pub fn post_state<'a>(post: &PostCode, shifts: impl Iterator<Item = &'a Shift> + Clone, now: UtcMs) -> PostState {
    let of_post = shifts.filter(|shift| shift.post == *post);
    let mut people: Vec<String> =
        of_post.clone().flat_map(Shift::present).map(|presence| presence.name.clone()).collect();
    people.sort();
    people.dedup();
    let current = of_post.clone().filter(|shift| shift.from_ms <= now && now < shift.until_ms);
    if people.is_empty() {
        let mut expected: Vec<String> =
            current.clone().flat_map(|shift| shift.planned.iter().map(|planned| planned.name.clone())).collect();
        expected.sort();
        expected.dedup();
        let since_ms = of_post
            .flat_map(|shift| shift.presence.iter())
            .filter_map(|presence| presence.checked_out.as_ref())
            .map(|out| out.at_ms)
            .max();
        return PostState::Empty { expected, since_ms };
    }
    let until_ms = of_post.clone().filter(|shift| shift.present().next().is_some()).map(|shift| shift.until_ms).max();
    match until_ms {
        Some(until) if now.until(until) <= ENDING_SOON_MS => PostState::EndingSoon { people, until_ms: until },
        until_ms => PostState::Staffed { people, until_ms },
    }
}

/// Whether `name` may end duty now without leaving the post empty: somebody else is checked in.
#[must_use]
pub fn is_relieved<'a>(post: &PostCode, shifts: impl Iterator<Item = &'a Shift>, name: &str) -> bool {
    shifts.filter(|shift| shift.post == *post).flat_map(Shift::present).any(|presence| presence.name != name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Authorship;
    use crate::id::RecordId;
    use crate::record::shift::{PlannedView, Presence};

    const HOUR: i64 = 3_600_000;

    fn post() -> PostCode {
        PostCode::new("PSC-1").expect("a code")
    }

    fn shift(present: &[&str]) -> Shift {
        let author = Authorship {
            entry: String::new(),
            by: String::new(),
            at_device_ms: UtcMs(0),
            at_ms: UtcMs(0),
            wrong_clock: None,
        };
        Shift {
            id: RecordId::from_bytes([1; 16]),
            post: post(),
            from_ms: UtcMs(0),
            until_ms: UtcMs(8 * HOUR),
            wrong_clock: None,
            planned: vec![PlannedView { name: "Ani".into(), stands_in_for: None }],
            presence: present
                .iter()
                .map(|name| Presence {
                    name: (*name).to_owned(),
                    unit: None,
                    checked_in: author.clone(),
                    checked_out: None,
                    reason: None,
                })
                .collect(),
        }
    }

    #[test]
    fn a_planned_officer_who_did_not_check_in_leaves_the_post_empty() {
        let state = post_state(&post(), [shift(&[])].iter(), UtcMs(HOUR));

        assert_eq!(state, PostState::Empty { expected: vec!["Ani".into()], since_ms: None });
    }

    #[test]
    fn nobody_is_sent_home_by_a_clock() {
        let state = post_state(&post(), [shift(&["Ani"])].iter(), UtcMs(9 * HOUR));

        assert!(!state.is_empty());
    }

    #[test]
    fn half_an_hour_before_the_end_the_post_is_about_to_be_empty() {
        let shifts = [shift(&["Ani"])];

        assert!(matches!(post_state(&post(), shifts.iter(), UtcMs(7 * HOUR)), PostState::Staffed { .. }));
        assert!(matches!(post_state(&post(), shifts.iter(), UtcMs(8 * HOUR - 1)), PostState::EndingSoon { .. }));
    }

    #[test]
    fn the_last_one_at_a_post_is_not_relieved() {
        assert!(!is_relieved(&post(), [shift(&["Ani"])].iter(), "Ani"));
        assert!(is_relieved(&post(), [shift(&["Ani", "Budi"])].iter(), "Ani"));
    }
}
