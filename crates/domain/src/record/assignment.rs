//! An assignment: one unit at one incident. The dispatcher orders and cancels; the crew answers with events.
//!
//! Nothing long stands here, because an assignment travels in the most urgent lane.

use crate::entry::{Authorship, Body, Entries, Entry, StruckView};
use crate::id::{FacilityCode, RecordId, UnitCode};
use crate::place::Position;
use crate::record::incident::Priority;
use crate::register::{self, Dispute, Register};
use crate::status::{self, Outcome, Status};
use crate::time::UtcMs;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The dispatcher's order. EIDO secondary unit status `Assigned`, NEMSIS eTimes.03.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    pub incident: RecordId,
    pub unit: UnitCode,
    pub priority: Priority,
    /// The dispatcher's words for this unit; short.
    #[serde(default)]
    pub text: String,
    /// Seconds within which the unit must accept before the assignment alarms again.
    pub ack_within_s: i64,
}

/// The crew pressed something.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StatusEvent {
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
    /// Why, for `declined` and `delayed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What came of the order, beside `available`. 0.2.0 ignores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cancelled {
    pub reason: String,
}

/// The center's alarm clock ran out: who was alarmed again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Escalated {
    /// 1 alarmed again, 2 next unit proposed, 3 supervisor.
    pub level: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DestinationIs {
    pub facility: FacilityCode,
}

/// An assignment as people see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignment {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incident: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub unit: UnitCode,
    pub priority: Priority,
    pub text: String,
    pub ordered: Authorship,
    pub ack_within_s: i64,
    /// Where the unit is on its road; `None` before anyone pressed anything.
    pub status: Option<Status>,
    /// Oldest first in causal order.
    pub events: Vec<StatusView>,
    pub destination: Option<Register<String>>,
    pub cancelled: Option<Cancellation>,
    /// Highest escalation so far; 0 for none.
    pub escalation: i64,
    pub disputes: Vec<Dispute>,
    pub struck: Vec<StruckView>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusView {
    pub author: Authorship,
    pub status: Status,
    /// NEMSIS element, as `eTimes.05`; none for what NEMSIS does not time.
    pub nemsis: Option<String>,
    pub position: Option<Position>,
    pub reason: Option<String>,
    /// What came of the order, where the crew said so. Added in 0.3.0.
    #[serde(default)]
    pub outcome: Option<Outcome>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cancellation {
    pub author: Authorship,
    pub reason: String,
}

impl Assignment {
    /// Still work to do: not cancelled, not declined, not back in service.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.cancelled.is_none() && !matches!(self.status, Some(Status::Declined | Status::Available))
    }

    /// When the unit first accepted or declined, in center time.
    #[must_use]
    pub fn answered_at(&self) -> Option<UtcMs> {
        self.events.iter().filter(|event| event.status != Status::Seen).map(|event| event.author.at_ms).min()
    }

    /// Whether nobody answered by the time the order allows.
    #[must_use]
    pub fn is_overdue(&self, now: UtcMs) -> bool {
        self.cancelled.is_none()
            && self.answered_at().is_none()
            && self.ordered.at_ms.until(now) > self.ack_within_s.saturating_mul(1000)
    }
}

/// `None` without an order.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Assignment> {
    let entries = Entries::of(all);
    let (ordering, order) = entries.live.iter().find_map(|entry| match &entry.body {
        Body::Order(order) => Some((*entry, order)),
        _ => None,
    })?;
    let events: Vec<StatusView> = entries
        .live
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::StatusEvent(event) => Some(StatusView {
                author: entry.authorship(),
                status: event.status,
                nemsis: event.status.nemsis().map(str::to_owned),
                position: event.lat.zip(event.lon).and_then(|(lat, lon)| Position::known(lat, lon, event.accuracy_m)),
                reason: event.reason.clone(),
                outcome: event.outcome.clone(),
            }),
            _ => None,
        })
        .collect();
    let destination = register::read(&entries, "destination", |entry| match &entry.body {
        Body::Destination(is) => Some(is.facility.as_str().to_owned()),
        _ => None,
    });
    let cancelled = entries.live.iter().find_map(|entry| match &entry.body {
        Body::Cancelled(is) => Some(Cancellation { author: entry.authorship(), reason: is.reason.clone() }),
        _ => None,
    });
    let escalation = entries
        .live
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Escalated(is) => Some(is.level),
            _ => None,
        })
        .max()
        .unwrap_or(0);
    let mut disputes = Vec::new();
    register::collect(&mut disputes, "destination", destination.as_ref(), Clone::clone);
    Some(Assignment {
        id,
        incident: order.incident,
        unit: order.unit.clone(),
        priority: order.priority,
        text: order.text.clone(),
        ordered: ordering.authorship(),
        ack_within_s: order.ack_within_s,
        status: status::derive(events.iter().map(|event| event.status)),
        events,
        destination,
        cancelled,
        escalation,
        disputes,
        struck: entries.struck_views(),
    })
}
