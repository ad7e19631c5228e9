//! A shift: who should be at a post, from when until when, and who really was.

use crate::entry::{Authorship, Body, Entries, Entry};
use crate::id::{PostCode, RecordId};
use crate::time::UtcMs;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The roster office's plan, or the ad-hoc shift of somebody who came unplanned.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Planned {
    pub post: PostCode,
    pub from_ms: UtcMs,
    pub until_ms: UtcMs,
}

/// One person on the plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlannedPerson {
    pub name: String,
    /// A stand-in (petugas pengganti) for this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_in_for: Option<String>,
}

/// *Naik piket*. EIDO `CheckedIn`, `OnDuty`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CheckIn {
    pub name: String,
    /// The unit the person serves with, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// *Lepas piket*. EIDO `OffDuty`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CheckOut {
    pub name: String,
    /// Why, when the post is left without relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A shift as people see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shift {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub post: PostCode,
    pub from_ms: UtcMs,
    pub until_ms: UtcMs,
    /// True where the planned times cannot be true: these count from the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wrong_clock: Option<bool>,
    pub planned: Vec<PlannedView>,
    pub presence: Vec<Presence>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedView {
    pub name: String,
    pub stands_in_for: Option<String>,
}

/// Somebody came, and perhaps left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Presence {
    pub name: String,
    pub unit: Option<String>,
    pub checked_in: Authorship,
    pub checked_out: Option<Authorship>,
    pub reason: Option<String>,
}

impl Shift {
    /// The people checked in and not yet out.
    pub fn present(&self) -> impl Iterator<Item = &Presence> {
        self.presence.iter().filter(|presence| presence.checked_out.is_none())
    }
}

/// `None` without a plan (an unplanned shift has one too, made by whoever checked in).
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Shift> {
    let entries = Entries::of(all);
    let plan =
        crate::register::standing(&entries, "planned").into_iter().next_back().and_then(|entry| match &entry.body {
            Body::Planned(plan) => Some(plan),
            _ => None,
        })?;
    let mut planned = Vec::new();
    let mut presence: Vec<Presence> = Vec::new();
    for entry in &entries.live {
        match &entry.body {
            Body::Person(person) => {
                planned.push(PlannedView { name: person.name.clone(), stands_in_for: person.stands_in_for.clone() })
            }
            Body::CheckIn(checked) => presence.push(Presence {
                name: checked.name.clone(),
                unit: checked.unit.clone(),
                checked_in: entry.authorship(),
                checked_out: None,
                reason: None,
            }),
            Body::CheckOut(checked) => {
                let open = presence.iter_mut().filter(|p| p.name == checked.name && p.checked_out.is_none());
                for one in open {
                    one.checked_out = Some(entry.authorship());
                    one.reason.clone_from(&checked.reason);
                }
            }
            _ => {}
        }
    }
    Some(Shift {
        id,
        post: plan.post.clone(),
        from_ms: plan.from_ms,
        until_ms: plan.until_ms,
        wrong_clock: None,
        planned,
        presence,
    })
}
