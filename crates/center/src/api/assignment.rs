//! Assignments: one unit ordered to one incident, with all the times of its road.

use super::console::Console;
use super::deed::{Done, Once};
use super::desk::{Desk, Goal};
use super::failure::ApiError;
use super::guard::Caller;
use super::incident::{self, MOST_LISTED, append, parse_id};
use super::input::{self, Body, LONGEST_LINE, Which};
use super::request::{CancelAssignment, NewAssignment, StateFilter};
use super::story::first;
use super::view::{AssignmentStep, AssignmentView, DeclinedUnit, EventView, StepView, SuggestedUnit};
use crate::alarm;
use crate::db::desk::{listed, open_orders_of};
use crate::db::device::DeviceState;
use crate::db::{claimed, feed, log, projection};
use crate::journal::{RecordWrite, Start, documents};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::json;
use siaga_domain::entry::{Body as Entry, Entries, Note};
use siaga_domain::id::{RecordId, UnitCode};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::{Assignment, Cancelled, Order, StatusEvent};
use siaga_domain::record::incident::{Incident, Priority};
use siaga_domain::status::Status;
use siaga_domain::time::{UtcMs, is_late};
use std::sync::Arc;

/// An answer cannot be asked for faster than a phone can be picked up, or slower than an hour.
const ACK_WITHIN_S: std::ops::RangeInclusive<i64> = 5..=3_600;

/// Assignments, newest first: all that are open, and of the others the newest 500.
#[utoipa::path(get, path = "/api/assignments", tag = "assignments", params(StateFilter),
    responses((status = 200, body = [AssignmentView]), (status = 400, body = ApiError), (status = 401, body = ApiError)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    _: Caller,
    Query(filter): Query<StateFilter>,
) -> Result<Json<Vec<AssignmentView>>, ApiError> {
    let asked = Which::parse(filter.state.as_deref())?;
    let list = console
        .ask(move |desk| {
            let mut found = Vec::new();
            for which in asked.parts(MOST_LISTED) {
                found.extend(listed(desk.db, RecordKind::Assignment, which)?);
            }
            found.sort_by_key(|stored| std::cmp::Reverse(stored.id));
            found
                .iter()
                .filter_map(|stored| match &stored.record {
                    Some(Record::Assignment(assignment)) => Some(view(desk, assignment, None)),
                    _ => None,
                })
                .collect()
        })
        .await?;
    Ok(Json(list))
}

/// Orders a unit to an incident. A unit that has an open order is refused with that order, unless `also` says why it goes here too.
#[utoipa::path(post, path = "/api/assignments", tag = "assignments", request_body = NewAssignment,
    responses((status = 201, body = AssignmentView), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError),
        (status = 422, body = ApiError)))]
pub async fn create(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Body(asked): Body<NewAssignment>,
) -> Result<Done, ApiError> {
    let also = asked.also.as_deref().map(|text| input::words("also", text, LONGEST_LINE)).transpose()?;
    console
        .deed(caller, once, StatusCode::CREATED, move |deed| {
            let (order, record, is_second) = deed.look(|desk| {
                let order = order(desk, &asked)?;
                let is_second = has_order(desk, &order, also.is_some())?;
                Ok((order, desk.center.new_record(), is_second))
            })?;
            deed.is_about(&record);
            if let (true, Some(also)) = (is_second, also) {
                let text = format!("{}: {also}", order.unit);
                let note = Entry::Note(Note { text, ..Note::default() });
                deed.write(append(order.incident, RecordKind::Incident, note))?;
                deed.audit("order.also", &record.to_string(), order.unit.as_str())?;
            }
            let entries = vec![Entry::Order(order)];
            deed.write(RecordWrite { record, kind: RecordKind::Assignment, start: Start::Create, entries })?;
            deed.look(|desk| of_id(desk, &record))
        })
        .await
}

/// Whether the unit has an open order, here or elsewhere. Refused with that order, unless it is ordered all the same.
fn has_order(desk: &Desk<'_>, order: &Order, all_the_same: bool) -> Result<bool, ApiError> {
    let open = open_orders_of(desk.db, order.unit.as_str())?;
    let mut open: Vec<Assignment> = open
        .into_iter()
        .filter_map(|stored| match stored.record {
            Some(Record::Assignment(open)) => Some(open),
            _ => None,
        })
        .collect();
    // One at this incident says more than one elsewhere.
    open.sort_by_key(|open| open.incident != order.incident);
    let Some(first) = open.first().filter(|_| !all_the_same) else { return Ok(!open.is_empty()) };
    let here = first.incident == order.incident;
    let detail = if here { "the unit has an open order for this incident" } else { "the unit has an open order" };
    let remedy = "cancel that order first, send another unit, or say in `also` why it is ordered here as well";
    let standing = json!({
        "assignment": first.id, "incident": first.incident, "unit": first.unit, "status": first.status,
        "by": first.ordered.by, "at_ms": first.ordered.at_ms,
    });
    Err(ApiError::conflict(detail, remedy, standing))
}

fn order(desk: &Desk<'_>, asked: &NewAssignment) -> Result<Order, ApiError> {
    let units = "take a call sign from GET /api/units, such as AMB-01";
    let unit: UnitCode = input::code("unit", &asked.unit, units)?;
    if desk.directory.unit(&unit).is_none() {
        return Err(ApiError::argument("unit", "there is no unit with this call sign", units));
    }
    let incidents = "take an id from GET /api/incidents";
    let id: RecordId = input::code("incident", &asked.incident, incidents)?;
    let incident = incident::incident(desk, &id)
        .map_err(|_| ApiError::argument("incident", "there is no incident with this id", incidents))?;
    if let Some(closed) = incident.closed {
        let standing = json!({ "reason": closed.reason, "by": closed.author.by, "at_ms": closed.author.at_ms });
        let remedy = "open it again, or open a new one for what happens now";
        return Err(ApiError::conflict("the incident is closed", remedy, standing));
    }
    let ack_within_s = asked.ack_within_s.unwrap_or_else(|| alarm::ack_within_s(&desk.directory));
    if !ACK_WITHIN_S.contains(&ack_within_s) {
        let remedy = "send 5 to 3600 seconds, or leave it out";
        return Err(ApiError::argument("ack_within_s", "the time to answer is out of range", remedy));
    }
    Ok(Order {
        incident: id,
        unit,
        priority: incident.priority.unwrap_or(Priority::P2),
        text: input::optional_words("text", asked.text.as_deref().unwrap_or_default(), LONGEST_LINE)?,
        ack_within_s,
    })
}

/// One assignment with all its times.
#[utoipa::path(get, path = "/api/assignments/{id}", tag = "assignments", params(("id" = String, Path, description = "The assignment's id")),
    responses((status = 200, body = AssignmentView), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn get(
    State(console): State<Arc<Console>>,
    _: Caller,
    Path(id): Path<String>,
) -> Result<Json<AssignmentView>, ApiError> {
    let id = parse_id("id", &id)?;
    Ok(Json(console.ask(move |desk| of_id(desk, &id)).await?))
}

/// Takes an order back.
#[utoipa::path(post, path = "/api/assignments/{id}/cancel", tag = "assignments", request_body = CancelAssignment,
    params(("id" = String, Path, description = "The assignment's id")),
    responses((status = 200, body = AssignmentView), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn cancel(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<CancelAssignment>,
) -> Result<Done, ApiError> {
    let id = parse_id("id", &id)?;
    let reason = input::words("reason", &asked.reason, LONGEST_LINE)?;
    console
        .deed(caller, once, StatusCode::OK, move |deed| {
            deed.is_about(&id);
            let order = deed.look(|desk| assignment(desk, &id))?;
            if !order.is_open() {
                let cancelled = order.cancelled.as_ref();
                let standing = json!({
                    "status": order.status,
                    "cancelled": cancelled.map(|cancelled| &cancelled.reason),
                    "by": cancelled.map(|cancelled| &cancelled.author.by),
                });
                return Err(ApiError::conflict("the assignment is not open any more", "read it again", standing));
            }
            deed.write(append(id, RecordKind::Assignment, Entry::Cancelled(Cancelled { reason })))?;
            deed.look(|desk| of_id(desk, &id))
        })
        .await
}

fn assignment(desk: &Desk<'_>, id: &RecordId) -> Result<Assignment, ApiError> {
    match desk.record(id, RecordKind::Assignment)? {
        Record::Assignment(assignment) => Ok(assignment),
        _ => Err(ApiError::not_found("assignment")),
    }
}

fn of_id(desk: &Desk<'_>, id: &RecordId) -> Result<AssignmentView, ApiError> {
    view(desk, &assignment(desk, id)?, None)
}

/// An assignment with everything known of its road.
///
/// # Errors
/// When what it hangs on cannot be read.
pub fn view(desk: &Desk<'_>, assignment: &Assignment, incident: Option<&Incident>) -> Result<AssignmentView, ApiError> {
    let found = match incident {
        Some(_) => None,
        // A field report's incident may arrive after an order that names it: then the order is shown without.
        None => projection::get(desk.db, &assignment.incident)?.and_then(|stored| match stored.record {
            Some(Record::Incident(incident)) => Some(incident),
            _ => None,
        }),
    };
    let incident = incident.or(found.as_ref());
    let category = incident.and_then(|incident| incident.category.as_ref()).map(|register| register.value);
    let place = incident.and_then(|incident| incident.place.as_ref()).map(|register| &register.value);
    let unit = desk.directory.unit(&assignment.unit);
    Ok(AssignmentView {
        id: assignment.id.to_string(),
        incident: assignment.incident.to_string(),
        category,
        category_name: category.map(|category| category.mapping().name.to_owned()),
        place: place.map(|place| desk.place(place)),
        unit: assignment.unit.to_string(),
        unit_name: desk.unit_name(assignment.unit.as_str()),
        medical: unit.is_some_and(|unit| unit.kind.is_medical()),
        priority: assignment.priority,
        text: assignment.text.clone(),
        ordered_by: assignment.ordered.by.clone(),
        ordered_at_ms: assignment.ordered.at_ms,
        ack_within_s: assignment.ack_within_s,
        due_at_ms: desk.due_at(assignment),
        status: assignment.status,
        open: assignment.is_open(),
        answered_at_ms: assignment.answered_at(),
        overdue: desk.is_overdue(assignment),
        escalation: assignment.escalation,
        steps: steps(desk, assignment)?,
        events: events(desk, assignment)?,
        destination: assignment.destination.as_ref().map(|register| register.value.clone()),
        cancelled: assignment.cancelled.clone(),
        next_unit: next_unit(desk, assignment, place.and_then(|place| desk.goal(place)).as_ref())?,
        now_ms: desk.now,
    })
}

/// The nearest ready unit, of the same kind if there is one, once the order has waited long enough.
///
/// # Errors
/// When the other orders of the incident cannot be read.
pub fn next_unit(
    desk: &Desk<'_>,
    assignment: &Assignment,
    to: Option<&Goal>,
) -> Result<Option<SuggestedUnit>, ApiError> {
    if assignment.escalation < alarm::PROPOSE || assignment.answered_at().is_some() || !assignment.is_open() {
        return Ok(None);
    }
    other_than(desk, assignment, to)
}

/// The nearest ready unit that has not declined the incident of an order, of the same kind if there is one.
///
/// # Errors
/// When the orders of the incident cannot be read.
pub fn other_than(
    desk: &Desk<'_>,
    assignment: &Assignment,
    to: Option<&Goal>,
) -> Result<Option<SuggestedUnit>, ApiError> {
    let orders = projection::of_incident(desk.db, &assignment.incident, RecordKind::Assignment)?;
    let declined = declined_by(orders.iter().filter_map(|stored| match &stored.record {
        Some(Record::Assignment(order)) => Some(order),
        _ => None,
    }));
    let kind = desk.directory.unit(&assignment.unit).map(|unit| unit.kind);
    let ready = desk.suggest(to, |unit| Some(unit.kind) == kind);
    Ok(ready.into_iter().find(|unit| {
        unit.unit != assignment.unit.as_str() && !declined.iter().any(|declined| declined.unit == unit.unit)
    }))
}

/// Units that declined an incident, with their last reason.
#[must_use]
pub fn declined_by<'a>(orders: impl Iterator<Item = &'a Assignment>) -> Vec<DeclinedUnit> {
    let mut declined: Vec<DeclinedUnit> = Vec::new();
    for order in orders.filter(|order| order.status == Some(Status::Declined)) {
        let event = order.events.iter().rev().find(|event| event.status == Status::Declined);
        let unit = DeclinedUnit {
            unit: order.unit.to_string(),
            reason: event.and_then(|event| event.reason.clone()),
            at_ms: event.map(|event| event.author.at_ms),
        };
        declined.retain(|one| one.unit != unit.unit);
        declined.push(unit);
    }
    declined
}

/// The bar. A phone says that it has the order only with its next exchange, so that time is the latest it can have been;
/// neither time ever stands after what the crew pressed.
fn steps(desk: &Desk<'_>, assignment: &Assignment) -> Result<Vec<StepView>, ApiError> {
    let (mut sent, mut on_phone): (Option<UtcMs>, Option<UtcMs>) = (None, None);
    let of_unit = |unit: &str| unit == assignment.unit.as_str();
    for device in desk.devices.iter().filter(|one| of_unit(&one.unit) && one.state == DeviceState::Active) {
        let (told, held) = feed::reached(desk.db, &device.id, &assignment.id)?;
        sent = earliest(sent, told);
        on_phone = earliest(on_phone, held);
    }
    let pressed = assignment.events.iter().map(|event| event.author.at_ms).min();
    let seen = first(assignment, Status::Seen);
    let accepted = first(assignment, Status::Accepted);
    let enroute = first(assignment, Status::EnRoute);
    let arrived = first(assignment, Status::OnScene);
    on_phone = earliest(on_phone, pressed);
    sent = earliest(sent, on_phone);
    let bar = [
        (AssignmentStep::Sent, sent),
        (AssignmentStep::OnPhone, on_phone),
        (AssignmentStep::Seen, seen),
        (AssignmentStep::Accepted, accepted),
        (AssignmentStep::EnRoute, enroute),
        (AssignmentStep::Arrived, arrived),
    ];
    Ok(bar.into_iter().map(|(step, at_ms)| StepView { step, at_ms }).collect())
}

fn earliest(one: Option<UtcMs>, other: Option<UtcMs>) -> Option<UtcMs> {
    one.into_iter().chain(other).min()
}

/// Every status pressed, withdrawn ones too, in causal order.
fn events(desk: &Desk<'_>, assignment: &Assignment) -> Result<Vec<EventView>, ApiError> {
    let Some(stored) = projection::get(desk.db, &assignment.id)? else { return Ok(Vec::new()) };
    let all = documents::load(desk.db, &assignment.id, stored.position)?.entries();
    let received = log::received(desk.db, &assignment.id)?;
    let claims = claimed::of(desk.db, &assignment.id)?;
    let Entries { struck, overruled, .. } = Entries::of(&all);
    Ok(all
        .iter()
        .filter_map(|entry| match &entry.body {
            Entry::StatusEvent(event) => Some((entry, event)),
            _ => None,
        })
        .map(|(entry, event): (_, &StatusEvent)| {
            let (at_ms, wrong_clock) = claims.of(entry);
            let received_at_ms = received.get(&entry.id).map(|came| came.received_ms);
            let point = event.lat.zip(event.lon);
            EventView {
                entry: entry.id.to_string(),
                status: event.status,
                nemsis: event.status.nemsis().map(str::to_owned),
                by: entry.stamp.by.clone(),
                at_device_ms: entry.stamp.clock.device,
                at_ms,
                wrong_clock,
                received_at_ms,
                late: received_at_ms.is_some_and(|received| is_late(at_ms, received)),
                position: point.and_then(|(lat, lon)| Position::known(lat, lon, event.accuracy_m)),
                reason: event.reason.clone(),
                outcome: event.outcome.as_ref().map(|outcome| outcome.code().to_owned()),
                struck: struck.iter().find(|(one, _)| one.id == entry.id).map(|(_, strike)| strike.reason.clone()),
                overruled: overruled
                    .iter()
                    .find(|(one, _)| one.id == entry.id)
                    .map(|(_, ruling)| ruling.reason.clone()),
            }
        })
        .collect())
}
