//! What must not be missed: empty posts, calls for help, and the list of everything that needs a human.

use super::alert_view::{Alert, AlertKind, SosView};
use super::assignment::{next_unit, other_than};
use super::console::Console;
use super::deed::{Done, Once};
use super::desk::{Desk, Goal};
use super::failure::ApiError;
use super::guard::Caller;
use super::incident::parse_id;
use super::input::{self, Body, LONGEST_LINE};
use super::request::AnswerSos;
use super::sos::answered;
use super::unplaced::stated_of;
use super::view::PostView;
use crate::db::device::{Contact, DeviceState};
use crate::db::{DbError, damage, desk, identity, log, placing, projection, sos};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::json;
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Assignment;
use siaga_domain::record::sos::{Sos, SosState};
use siaga_domain::roster::{PostState, post_state};
use siaga_domain::status::Status;
use siaga_domain::time::is_late;
use std::sync::Arc;

/// Calls for help that ended, listed behind every open one.
const MOST_ENDED: u32 = 200;
/// Of the calls that joined one, so many get its answer on the phone; the others end with it here.
const MOST_ANSWERED: u32 = 50;
/// A clock that differs by less from the satellites' is right.
const CLOCK_DIFFERS_MS: i64 = 30_000;
/// Copied phones and second centers are shown this long after they were last seen.
const TOLD_FOR_MS: i64 = 24 * 3_600_000;
/// What a phone saw longer ago says nothing about the clock now.
const HEARD_OF_SATELLITES_MS: i64 = 3_600_000;

/// Every post with who is on duty.
#[utoipa::path(get, path = "/api/posts", tag = "posts",
    responses((status = 200, body = [PostView]), (status = 401, body = ApiError)))]
pub async fn posts(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<PostView>>, ApiError> {
    Ok(Json(console.ask(|desk| Ok(views(desk)?)).await?))
}

fn views(desk: &Desk<'_>) -> Result<Vec<PostView>, DbError> {
    let shifts = desk.shifts()?;
    Ok(desk
        .directory
        .posts
        .iter()
        .map(|post| PostView {
            post: post.clone(),
            status: post_state(&post.code, shifts.iter(), desk.now),
            shifts: shifts.iter().filter(|shift| shift.post == post.code).cloned().collect(),
            now_ms: desk.now,
        })
        .collect())
}

/// Calls for help, newest first: every open one, and the newest 200 that ended. Further calls of a phone that has an open
/// one are part of that.
#[utoipa::path(get, path = "/api/sos", tag = "sos",
    responses((status = 200, body = [SosView]), (status = 401, body = ApiError)))]
pub async fn sos(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<SosView>>, ApiError> {
    Ok(Json(console.ask(calls).await?))
}

fn calls(desk: &Desk<'_>) -> Result<Vec<SosView>, ApiError> {
    let mut stored = desk::open_sos(desk.db)?;
    stored.extend(desk::ended_sos(desk.db, MOST_ENDED)?);
    stored.sort_by(|a, b| b.made_ms.cmp(&a.made_ms).then(b.id.cmp(&a.id)));
    stored
        .iter()
        .filter_map(|stored| match &stored.record {
            Some(Record::Sos(sos)) => Some(sos_view(desk, stored, sos)),
            _ => None,
        })
        .collect()
}

fn sos_view(desk: &Desk<'_>, stored: &projection::Stored, sos: &Sos) -> Result<SosView, ApiError> {
    let group = sos::group(desk.db, &sos.id)?;
    let mut stated = stated_of(desk, &sos.id, sos.newest())?;
    let mut shown = sos.clone();
    let mut last_at_ms = (!sos.again.is_empty()).then_some(sos.newest().at_ms);
    shown.raised.by.clone_from(&sos.newest().by);
    let mut state = sos.state();
    let latest = group.filter(|group| group.latest != sos.id);
    if let Some(group) = latest
        && let Some(Record::Sos(latest)) = projection::get(desk.db, &group.latest)?.and_then(|stored| stored.record)
    {
        let newest = stated_of(desk, &latest.id, latest.newest())?;
        stated.person = newest.person;
        stated.mismatch.extend(newest.mismatch);
        stated.mismatch.dedup();
        last_at_ms = Some(latest.newest().at_ms);
        shown.position = latest.position.or(shown.position);
        // A button that was held again after the answer is in danger anew.
        if latest.state() == SosState::Raised {
            state = SosState::Raised;
        }
        shown.raised.by.clone_from(&latest.newest().by);
    }
    Ok(SosView {
        unit_name: desk.unit_name(&shown.unit),
        village: shown.position.as_ref().and_then(|at| desk.village_at(at)),
        received_at_ms: Some(stored.made_ms),
        late: is_late(sos.raised.at_ms, stored.made_ms),
        open: desk::is_open(desk.db, &stored.id)?,
        state,
        incident: desk::incident_of_sos(desk.db, &stored.id)?.map(|id| id.to_string()),
        stated,
        // Holds that came with the call itself made no sound of their own.
        further: group.map_or(0, |group| group.further).max(sos.holds().saturating_sub(1)),
        last_at_ms,
        rings: group.map_or(0, |group| group.rings(desk.center.steady())),
        sos: shown,
        now_ms: desk.now,
    })
}

/// Tells whoever called for help that the center saw it. The call stays open until somebody is known to be safe.
#[utoipa::path(post, path = "/api/sos/{id}/answer", tag = "sos", request_body = AnswerSos,
    params(("id" = String, Path, description = "The id of the call for help")),
    responses((status = 200, body = SosView), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn answer(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<AnswerSos>,
) -> Result<Done, ApiError> {
    let id = parse_id("id", &id)?;
    let text = input::words("text", &asked.text, LONGEST_LINE)?;
    console
        .deed(caller, once, StatusCode::OK, move |deed| {
            // A further call is answered with the one it joined.
            let id = sos::head_of(deed.db(), &id)?.unwrap_or(id);
            deed.is_about(&id);
            let view = deed.look(|desk| call(desk, &id))?;
            if !view.open {
                let standing = json!({ "state": view.state });
                return Err(ApiError::conflict("the call for help has ended", "read it again", standing));
            }
            for further in sos::further(deed.db(), &id, MOST_ANSWERED)? {
                deed.write(answered(deed.db(), further, text.clone())?)?;
            }
            deed.write(answered(deed.db(), id, text)?)?;
            deed.look(|desk| call(desk, &id))
        })
        .await
}

/// # Errors
/// When there is no such call for help.
pub(super) fn call(desk: &Desk<'_>, id: &RecordId) -> Result<SosView, ApiError> {
    let stored = projection::get(desk.db, id)?.ok_or_else(|| ApiError::not_found("call for help"))?;
    match &stored.record {
        Some(Record::Sos(sos)) => sos_view(desk, &stored, sos),
        _ => Err(ApiError::not_found("call for help")),
    }
}

/// Everything that needs a human, most urgent first.
#[utoipa::path(get, path = "/api/alerts", tag = "alerts",
    responses((status = 200, body = [Alert]), (status = 401, body = ApiError)))]
pub async fn alerts(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<Alert>>, ApiError> {
    Ok(Json(console.ask(alarms).await?))
}

fn alarms(desk: &Desk<'_>) -> Result<Vec<Alert>, ApiError> {
    let mut found = Vec::new();
    for view in calls(desk)?.into_iter().filter(|view| view.open) {
        found.push(Alert {
            unit: Some(view.sos.unit.clone()),
            since_ms: Some(view.sos.raised.at_ms),
            level: i64::from(view.rings),
            count: view.further.saturating_add(1),
            incident: view.incident.clone(),
            // Somebody at the center has seen it, or the crew took it back: it stays, in a lower tone.
            quiet: view.state != SosState::Raised,
            sos: Some(view.state),
            ..blank(desk, AlertKind::Sos, view.sos.id.to_string())
        });
    }
    found.extend(unsent(desk)?);
    found.extend(unplaced(desk)?);
    found.extend(unanswered(desk)?);
    for view in views(desk)? {
        let (kind, since_ms) = match &view.status {
            PostState::Empty { since_ms, .. } => (AlertKind::EmptyPost, *since_ms),
            PostState::EndingSoon { until_ms, .. } => (AlertKind::EndingPost, Some(*until_ms)),
            PostState::Staffed { .. } => continue,
        };
        let post = view.post.code.to_string();
        found.push(Alert { post: Some(post.clone()), since_ms, ..blank(desk, kind, post) });
    }
    for stored in desk::disputed(desk.db)? {
        let Some(record) = &stored.record else { continue };
        for dispute in record.disputes() {
            found.push(Alert {
                incident: record.incident().map(|id| id.to_string()),
                field: Some(dispute.field.clone()),
                since_ms: dispute.choices.iter().map(|choice| choice.author.at_ms).max(),
                ..blank(desk, AlertKind::Dispute, stored.id.to_string())
            });
        }
    }
    for device in desk.devices.iter().filter(|device| device.state == DeviceState::Awaiting) {
        found.push(Alert {
            unit: Some(device.unit.clone()),
            since_ms: Some(device.enrolled_ms),
            ..blank(desk, AlertKind::DeviceWaiting, device.id.to_string())
        });
    }
    for flooding in &desk.flooding {
        found.push(Alert {
            unit: desk.unit_of_device(&flooding.device),
            since_ms: Some(flooding.since_ms),
            count: flooding.changes,
            ..blank(desk, AlertKind::DeviceFlooding, flooding.device.to_string())
        });
    }
    for device in &desk.devices {
        let Some(throttled) = desk.center.limits().throttled(&device.id, desk.now) else { continue };
        found.push(Alert {
            unit: Some(device.unit.clone()),
            since_ms: Some(throttled.since_ms),
            ..blank(desk, AlertKind::DeviceThrottled, device.id.to_string())
        });
    }
    found.extend(wrong_clock(desk));
    let lately = desk.now.plus(-TOLD_FOR_MS);
    for rival in identity::rivals(desk.db, lately)? {
        let since_ms = Some(rival.seen_ms);
        found.push(Alert { since_ms, ..blank(desk, AlertKind::SecondCenter, rival.device.to_string()) });
    }
    for (device, at) in log::forked(desk.db, lately)? {
        found.push(Alert {
            unit: desk.unit_of_device(&device),
            since_ms: Some(at),
            ..blank(desk, AlertKind::CopiedPhone, device.to_string())
        });
    }
    for (record, at) in damage::open(desk.db)? {
        found.push(Alert { since_ms: Some(at), ..blank(desk, AlertKind::DamagedRecord, record.to_string()) });
    }
    for record in desk.center.db().spoilt() {
        // Its projection cannot be read, and its log does not make it anew either.
        if projection::get(desk.db, &record)?.is_some_and(|stored| stored.record.is_none()) {
            let since_ms = Some(desk.now);
            found.push(Alert { since_ms, ..blank(desk, AlertKind::DamagedRecord, record.to_string()) });
        }
    }
    for (device, at) in damage::befallen(desk.db, lately)? {
        found.push(Alert {
            unit: desk.unit_of_device(&device),
            since_ms: Some(at),
            ..blank(desk, AlertKind::PhoneFault, device.to_string())
        });
    }
    let urgency = |kind: AlertKind| AlertKind::ALL.iter().position(|one| *one == kind);
    // A call that was raised often is not more urgent than one that was raised once.
    let level = |alert: &Alert| if alert.kind == AlertKind::Sos { 0 } else { alert.level };
    found.sort_by(|a, b| {
        urgency(a.kind).cmp(&urgency(b.kind)).then(level(b).cmp(&level(a))).then(a.since_ms.cmp(&b.since_ms))
    });
    Ok(found)
}

/// One line for each phone whose records wait to be placed.
fn unplaced(desk: &Desk<'_>) -> Result<Vec<Alert>, ApiError> {
    let mut found = Vec::new();
    for device in placing::devices(desk.db)? {
        let waiting = placing::shown_of_device(desk.db, &device)?;
        let Some(first) = waiting.first() else { continue };
        found.push(Alert {
            unit: desk.unit_of_device(&device),
            since_ms: Some(first.since_ms),
            count: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
            ..blank(desk, AlertKind::Unplaced, device.to_string())
        });
    }
    Ok(found)
}

/// The phones' receivers agree that it is another time than this center thinks.
fn wrong_clock(desk: &Desk<'_>) -> Option<Alert> {
    let lately = |contact: &&Contact| contact.last_ms.is_fresh_at(desk.now, HEARD_OF_SATELLITES_MS);
    let mut ahead: Vec<i64> = desk
        .devices
        .iter()
        .filter(|device| device.state == DeviceState::Active)
        .filter_map(|device| device.contact.as_ref())
        .filter(lately)
        .filter_map(|contact| contact.satellite_ahead_ms)
        .collect();
    ahead.sort_unstable();
    // One broken receiver is not the center's clock: the middle one of them speaks.
    let middle = ahead.get(ahead.len() / 2)?;
    (middle.saturating_abs() >= CLOCK_DIFFERS_MS).then(|| blank(desk, AlertKind::Clock, String::new()))
}

fn unanswered(desk: &Desk<'_>) -> Result<Vec<Alert>, ApiError> {
    let late = |order: &&Assignment| order.is_open() && (desk.is_overdue(order) || order.escalation > 0);
    desk.open
        .iter()
        .filter(late)
        .filter(|order| order.answered_at().is_none())
        .map(|order| {
            Ok(Alert {
                level: order.escalation,
                next_unit: next_unit(desk, order, goal_of(desk, &order.incident)?.as_ref())?,
                since_ms: Some(desk.due_at(order)),
                ..of_order(desk, AlertKind::Unanswered, order)
            })
        })
        .collect()
}

/// Calls that no unit was sent to, or that no unit is on any more: one alert each, with the unit that declined last.
fn unsent(desk: &Desk<'_>) -> Result<Vec<Alert>, ApiError> {
    let mut found: Vec<Alert> = Vec::new();
    for incident in desk.calls() {
        let Some(stored) = projection::get(desk.db, &incident)? else { continue };
        let Some(Record::Incident(known)) = &stored.record else { continue };
        let Some(waiting) = desk.call_judged(&incident, known.priority) else { continue };
        let alert = Alert {
            incident: Some(incident.to_string()),
            level: waiting.level,
            quiet: waiting.quiet,
            since_ms: Some(waiting.since_ms),
            taken: waiting.taken,
            ..blank(desk, AlertKind::Unsent, incident.to_string())
        };
        let declined = projection::of_incident(desk.db, &incident, RecordKind::Assignment)?
            .into_iter()
            .filter_map(|stored| match stored.record {
                Some(Record::Assignment(order)) => Some(order),
                _ => None,
            })
            .filter(|order| order.status == Some(Status::Declined) && order.cancelled.is_none())
            .max_by_key(|order| order.id);
        found.push(match declined {
            None => alert,
            Some(order) => {
                let to = known.place.as_ref().and_then(|register| desk.goal(&register.value));
                Alert {
                    kind: AlertKind::Declined,
                    id: order.id.to_string(),
                    unit: Some(order.unit.to_string()),
                    next_unit: other_than(desk, &order, to.as_ref())?,
                    ..alert
                }
            }
        });
    }
    Ok(found)
}

fn goal_of(desk: &Desk<'_>, incident: &RecordId) -> Result<Option<Goal>, ApiError> {
    Ok(projection::get(desk.db, incident)?.and_then(|stored| match stored.record {
        Some(Record::Incident(incident)) => desk.goal(&incident.place?.value),
        _ => None,
    }))
}

fn of_order(desk: &Desk<'_>, kind: AlertKind, order: &Assignment) -> Alert {
    Alert {
        incident: Some(order.incident.to_string()),
        unit: Some(order.unit.to_string()),
        ..blank(desk, kind, order.id.to_string())
    }
}

fn blank(desk: &Desk<'_>, kind: AlertKind, id: String) -> Alert {
    Alert {
        kind,
        id,
        incident: None,
        unit: None,
        post: None,
        level: 0,
        count: 1,
        quiet: false,
        taken: None,
        sos: None,
        next_unit: None,
        field: None,
        since_ms: None,
        now_ms: desk.now,
    }
}
