//! Incidents: called in, listed, read, written about, closed.

use super::amend;
use super::assignment;
use super::console::Console;
use super::deed::{Deed, Done, Once};
use super::desk::Desk;
use super::failure::{ApiError, ErrorCode};
use super::guard::Caller;
use super::input::{self, Body, LONGEST_TEXT};
use super::request::{CloseIncident, NewIncident, NewNote, ResolveDispute, StateFilter};
use super::story::{self, Belongings};
use super::view::{FileView, IncidentDetail, IncidentSummary, StaffRole};
use crate::db::{attachment, desk, projection};
use crate::journal::{RecordWrite, Start};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::json;
use siaga_domain::category::Form;
use siaga_domain::entry::{self, Body as Entry};
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Cancelled;
use siaga_domain::record::incident::{
    CategoryIs, Closed, ClosureReason, Incident, Opened, Priority, PriorityIs, Source,
};
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use std::sync::Arc;

/// Of what is done the newest are listed; older ones are found by id. What is open is listed whole.
pub const MOST_LISTED: u32 = 500;

/// Incidents, newest first: all that are open, and of the closed ones the newest 500.
#[utoipa::path(get, path = "/api/incidents", tag = "incidents", params(StateFilter),
    responses((status = 200, body = [IncidentSummary]), (status = 400, body = ApiError), (status = 401, body = ApiError)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    _: Caller,
    Query(filter): Query<StateFilter>,
) -> Result<Json<Vec<IncidentSummary>>, ApiError> {
    let asked = input::Which::parse(filter.state.as_deref())?;
    let list = console
        .ask(move |desk| {
            let mut found = Vec::new();
            for which in asked.parts(MOST_LISTED) {
                let mut belongings = Belongings::of_list(desk, which)?;
                for stored in desk::listed(desk.db, RecordKind::Incident, which)? {
                    let Some(Record::Incident(incident)) = &stored.record else { continue };
                    let own = belongings.remove(&incident.id).unwrap_or_default();
                    found.push((stored.id, story::summary(desk, incident, stored.made_ms, &own)?));
                }
            }
            found.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
            Ok(found.into_iter().map(|(_, summary)| summary).collect())
        })
        .await?;
    Ok(Json(list))
}

/// Opens an incident: a call, or another system's.
#[utoipa::path(post, path = "/api/incidents", tag = "incidents", request_body = NewIncident,
    responses((status = 201, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 422, body = ApiError)))]
pub async fn create(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Body(asked): Body<NewIncident>,
) -> Result<Done, ApiError> {
    console
        .deed(caller, once, StatusCode::CREATED, move |deed| {
            let source = if deed.caller.role == StaffRole::System { Source::System } else { Source::Call };
            let (entries, record) = deed.look(|desk| Ok((opening(desk, &asked, source)?, desk.center.new_record())))?;
            deed.is_about(&record);
            deed.write(RecordWrite { record, kind: RecordKind::Incident, start: Start::Create, entries })?;
            deed.look(|desk| detail(desk, &record))
        })
        .await
}

/// Checks every argument and turns the call into the first entries of its record.
fn opening(desk: &Desk<'_>, asked: &NewIncident, source: Source) -> Result<Vec<Entry>, ApiError> {
    let category = amend::category_of(&asked.category)?;
    let priority = asked.priority.as_deref().map_or(Ok(Priority::P2), amend::priority_of)?;
    let position = desk.guarded(input::position(asked.lat, asked.lon, asked.accuracy_m)?, asked.outside_ok)?;
    let place = amend::place_of(desk, position, asked.village.as_deref(), asked.landmark.as_deref())?;
    let narrative = input::optional_words("narrative", asked.narrative.as_deref().unwrap_or_default(), LONGEST_TEXT)?;
    let caller_phone = amend::line_of("caller_phone", asked.caller_phone.as_deref())?;
    if narrative.is_empty() && place.is_none() && caller_phone.is_none() {
        let detail = "nothing is known of the call: neither words, nor a place, nor a number";
        return Err(ApiError::argument("narrative", detail, "send narrative, a place or caller_phone"));
    }
    let mut entries = vec![
        Entry::IncidentOpened(Opened {
            source,
            narrative,
            caller_name: amend::line_of("caller_name", asked.caller_name.as_deref())?,
            caller_phone,
            unit: None,
        }),
        Entry::Category(CategoryIs { category }),
        Entry::Priority(PriorityIs { priority }),
    ];
    entries.extend(place.map(Entry::Place));
    Ok(entries)
}

/// Everything about one incident.
#[utoipa::path(get, path = "/api/incidents/{id}", tag = "incidents", params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn get(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<IncidentDetail>, ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let detail = console.run(move |console| read(console, &caller, &id)).await?;
    Ok(Json(detail))
}

/// Closes an incident. Orders nobody answered yet are cancelled with it; crews on the road finish theirs.
#[utoipa::path(post, path = "/api/incidents/{id}/close", tag = "incidents", request_body = CloseIncident,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn close(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<CloseIncident>,
) -> Result<Done, ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let reasons = "send done, false_report, duplicate, nothing_found, cancelled or forwarded";
    let reason: ClosureReason = input::code("reason", &asked.reason, reasons)?;
    let text = input::optional_words("text", asked.text.as_deref().unwrap_or_default(), LONGEST_TEXT)?;
    console
        .deed(caller, once, StatusCode::OK, move |deed| {
            deed.is_about(&id);
            let unanswered = deed.look(|desk| {
                if let Some(closed) = incident(desk, &id)?.closed {
                    let standing = json!({
                        "reason": closed.reason, "text": closed.text, "by": closed.author.by, "at_ms": closed.author.at_ms
                    });
                    return Err(ApiError::conflict("the incident is closed already", "read it again", standing));
                }
                let waits = |status| matches!(status, None | Some(Status::Seen));
                let orders = desk.open.iter().filter(|order| order.incident == id && waits(order.status));
                Ok(orders.map(|order| order.id).collect::<Vec<_>>())
            })?;
            deed.write(append(id, RecordKind::Incident, Entry::Closed(Closed { reason, text })))?;
            for order in unanswered {
                let cancelled = Entry::Cancelled(Cancelled { reason: reason.code().to_owned() });
                deed.write(append(order, RecordKind::Assignment, cancelled))?;
            }
            read_in(deed, &id)
        })
        .await
}

/// Writes into the incident's log.
#[utoipa::path(post, path = "/api/incidents/{id}/notes", tag = "incidents", request_body = NewNote,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 201, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError)))]
pub async fn note(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<NewNote>,
) -> Result<Done, ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let text = input::words("text", &asked.text, LONGEST_TEXT)?;
    console
        .deed(caller, once, StatusCode::CREATED, move |deed| {
            deed.is_about(&id);
            deed.look(|desk| incident(desk, &id).map(drop))?;
            let note = Entry::Note(entry::Note { text, ..entry::Note::default() });
            deed.write(append(id, RecordKind::Incident, note))?;
            read_in(deed, &id)
        })
        .await
}

/// A human's choice between values people disagree about: one more entry, which replaces all that stand.
#[utoipa::path(post, path = "/api/incidents/{id}/resolve", tag = "incidents", request_body = ResolveDispute,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn resolve(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<ResolveDispute>,
) -> Result<Done, ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let record: RecordId = parse_id("record", &asked.record)?;
    let choice: EntryId = input::code("choice", &asked.choice, "send the entry of one of the dispute's choices")?;
    console
        .deed(caller, once, StatusCode::OK, move |deed| {
            deed.is_about(&id);
            let write = deed.look(|desk| chosen(desk, &id, &record, &asked.field, choice))?;
            deed.write(write)?;
            read_in(deed, &id)
        })
        .await
}

fn chosen(
    desk: &Desk<'_>,
    incident: &RecordId,
    record: &RecordId,
    field: &str,
    choice: EntryId,
) -> Result<RecordWrite, ApiError> {
    let stored = projection::get(desk.db, record)?.ok_or_else(|| ApiError::not_found("record"))?;
    let known = stored.record.as_ref().ok_or_else(|| ApiError::not_found("record"))?;
    let of_incident = match known {
        Record::Identity(identity) => {
            projection::get(desk.db, &identity.patient)?.and_then(|patient| patient.record?.incident())
        }
        other => other.incident(),
    };
    if of_incident != Some(*incident) {
        return Err(ApiError::argument(
            "record",
            "the record does not belong to this incident",
            "take it from the incident's disputes",
        ));
    }
    let Some(dispute) = known.disputes().iter().find(|dispute| dispute.field == field) else {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "nobody disagrees about this field any more",
            "read the incident again",
        ));
    };
    let standing = dispute.choices.iter().any(|one| one.author.entry == choice.to_string());
    let body = story::entries(desk, &stored)?.into_iter().find(|entry| entry.id == choice).map(|entry| entry.body);
    match body.filter(|_| standing) {
        Some(body) => Ok(append(*record, stored.kind, body)),
        None => Err(ApiError::argument(
            "choice",
            "the entry is none of the choices",
            "send the entry of one of the dispute's choices",
        )),
    }
}

/// A write of one entry into a record that is there.
#[must_use]
pub fn append(record: RecordId, kind: RecordKind, entry: Entry) -> RecordWrite {
    RecordWrite { record, kind, start: Start::Append, entries: vec![entry] }
}

/// # Errors
/// Which argument is no id.
pub fn parse_id(argument: &str, text: &str) -> Result<RecordId, ApiError> {
    input::code(argument, text, "send an id as the lists give it")
}

/// # Errors
/// When there is no such incident.
pub fn incident(desk: &Desk<'_>, id: &RecordId) -> Result<Incident, ApiError> {
    match desk.record(id, RecordKind::Incident)? {
        Record::Incident(incident) => Ok(incident),
        _ => Err(ApiError::not_found("incident")),
    }
}

/// Reading patients leaves a row in the audit chain before the answer goes out.
///
/// # Errors
/// When there is no such incident, or it cannot be read.
pub(super) fn read(console: &Console, caller: &Caller, id: &RecordId) -> Result<IncidentDetail, ApiError> {
    let detail = console.look(|desk| detail(desk, id))?;
    if !detail.patients.is_empty() {
        let count = format!("patients={}", detail.patients.len());
        console.center.audit(&caller.user, "incident.read", &id.to_string(), &count)?;
    }
    Ok(detail)
}

/// As [`read`], within the transaction of a request.
///
/// # Errors
/// When there is no such incident, or it cannot be read.
pub(super) fn read_in(deed: &Deed<'_, '_>, id: &RecordId) -> Result<IncidentDetail, ApiError> {
    let detail = deed.look(|desk| detail(desk, id))?;
    if !detail.patients.is_empty() {
        deed.audit("incident.read", &id.to_string(), &format!("patients={}", detail.patients.len()))?;
    }
    Ok(detail)
}

fn files(desk: &Desk<'_>, id: &RecordId) -> Result<Vec<FileView>, ApiError> {
    let view = |file: attachment::OfIncident| FileView {
        sha256: hex::encode(file.hash),
        size_bytes: file.size_bytes,
        held_bytes: file.held_bytes,
        whole: file.whole,
        received_at_ms: file.received_ms.map(UtcMs),
    };
    Ok(attachment::of_incident(desk.db, id)?.into_iter().map(view).collect())
}

fn detail(desk: &Desk<'_>, id: &RecordId) -> Result<IncidentDetail, ApiError> {
    let stored = projection::get(desk.db, id)?.ok_or_else(|| ApiError::not_found("incident"))?;
    let incident = incident(desk, id)?;
    let belongings = Belongings::of(desk, id)?;
    let form = incident.category.as_ref().map(|register| register.value.mapping().form);
    let goal = incident.place.as_ref().and_then(|register| desk.goal(&register.value));
    let with_patients = matches!(form, Some(Form::Patient | Form::MassTriage));
    let declined = assignment::declined_by(belongings.orders());
    Ok(IncidentDetail {
        summary: story::summary(desk, &incident, stored.made_ms, &belongings)?,
        assignments: belongings
            .orders()
            .map(|order| assignment::view(desk, order, Some(&incident)))
            .collect::<Result<_, _>>()?,
        patients: story::patients(desk, &belongings)?,
        assessments: story::assessments(desk, &belongings),
        timeline: story::timeline(desk, &stored, &belongings)?,
        suggested: desk
            .suggest(goal.as_ref(), |unit| !with_patients || unit.kind.is_medical())
            .into_iter()
            .filter(|unit| !declined.iter().any(|one| one.unit == unit.unit))
            .collect(),
        declined,
        disputes: story::disputes(&incident, &belongings),
        files: files(desk, id)?,
        incident,
        now_ms: desk.now,
    })
}
