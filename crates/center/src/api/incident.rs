//! Incidents: called in, listed, read, written about, closed.

use super::amend;
use super::assignment;
use super::console::Console;
use super::desk::Desk;
use super::failure::{ApiError, ErrorCode};
use super::guard::Caller;
use super::input::{self, Body, LONGEST_TEXT, Which};
use super::request::{CloseIncident, NewIncident, NewNote, ResolveDispute, StateFilter};
use super::story::{self, Belongings};
use super::view::{FileView, IncidentDetail, IncidentSummary, StaffRole};
use crate::db::{attachment, desk, projection};
use crate::journal::{RecordWrite, Start};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
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

/// The newest of them are listed; older ones are found by id.
pub const MOST_LISTED: u32 = 500;

/// Incidents, newest first, at most 500.
#[utoipa::path(get, path = "/api/incidents", tag = "incidents", params(StateFilter),
    responses((status = 200, body = [IncidentSummary]), (status = 400, body = ApiError), (status = 401, body = ApiError)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    _: Caller,
    Query(filter): Query<StateFilter>,
) -> Result<Json<Vec<IncidentSummary>>, ApiError> {
    let closed = match Which::parse(filter.state.as_deref())? {
        Which::Open => Some(false),
        Which::Closed => Some(true),
        Which::All => None,
    };
    let list = console
        .ask(move |desk| {
            desk::incidents(desk.db, closed, MOST_LISTED)?
                .iter()
                .filter_map(|stored| match &stored.record {
                    Some(Record::Incident(incident)) => Some((stored, incident)),
                    _ => None,
                })
                .map(|(stored, incident)| {
                    let belongings = Belongings::of(desk, &incident.id)?;
                    story::summary(desk, incident, stored.made_ms, &belongings)
                })
                .collect()
        })
        .await?;
    Ok(Json(list))
}

/// Opens an incident: a call, or another system's.
#[utoipa::path(post, path = "/api/incidents", tag = "incidents", request_body = NewIncident,
    responses((status = 201, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError), (status = 403, body = ApiError)))]
pub async fn create(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Body(asked): Body<NewIncident>,
) -> Result<(StatusCode, Json<IncidentDetail>), ApiError> {
    let detail = console
        .run(move |console| {
            let source = if caller.role == StaffRole::System { Source::System } else { Source::Call };
            let entries = console.look(|desk| opening(desk, &asked, source))?;
            let record = console.center.new_record();
            let write = RecordWrite { record, kind: RecordKind::Incident, start: Start::Create, entries };
            console.center.write(write, &caller.name)?;
            console.look(|desk| detail(desk, &record))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(detail)))
}

/// Checks every argument and turns the call into the first entries of its record.
fn opening(desk: &Desk<'_>, asked: &NewIncident, source: Source) -> Result<Vec<Entry>, ApiError> {
    let category = amend::category_of(&asked.category)?;
    let priority = asked.priority.as_deref().map_or(Ok(Priority::P2), amend::priority_of)?;
    let position = desk.guarded(input::position(asked.lat, asked.lon, asked.accuracy_m)?, asked.outside_ok)?;
    let place = amend::place_of(desk, position, asked.village.as_deref(), asked.landmark.as_deref())?;
    let mut entries = vec![
        Entry::IncidentOpened(Opened {
            source,
            narrative: input::words("narrative", &asked.narrative, LONGEST_TEXT)?,
            caller_name: amend::line_of("caller_name", asked.caller_name.as_deref())?,
            caller_phone: amend::line_of("caller_phone", asked.caller_phone.as_deref())?,
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
    Path(id): Path<String>,
    Body(asked): Body<CloseIncident>,
) -> Result<Json<IncidentDetail>, ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let reasons = "send done, false_report, duplicate, nothing_found, cancelled or forwarded";
    let reason: ClosureReason = input::code("reason", &asked.reason, reasons)?;
    let text = input::optional_words("text", asked.text.as_deref().unwrap_or_default(), LONGEST_TEXT)?;
    let detail = console
        .run(move |console| {
            let unanswered = console.look(|desk| {
                if incident(desk, &id)?.closed.is_some() {
                    return Err(ApiError::new(ErrorCode::Conflict, "the incident is closed already", "read it again"));
                }
                let waits = |status| matches!(status, None | Some(Status::Seen));
                let orders = desk.open.iter().filter(|order| order.incident == id && waits(order.status));
                Ok(orders.map(|order| order.id).collect::<Vec<_>>())
            })?;
            let mut writes = vec![append(id, RecordKind::Incident, Entry::Closed(Closed { reason, text }))];
            writes.extend(unanswered.into_iter().map(|order| {
                let cancelled = Entry::Cancelled(Cancelled { reason: reason.code().to_owned() });
                append(order, RecordKind::Assignment, cancelled)
            }));
            console.center.write_all(writes, &caller.name)?;
            read(console, &caller, &id)
        })
        .await?;
    Ok(Json(detail))
}

/// Writes into the incident's log.
#[utoipa::path(post, path = "/api/incidents/{id}/notes", tag = "incidents", request_body = NewNote,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 201, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError)))]
pub async fn note(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<NewNote>,
) -> Result<(StatusCode, Json<IncidentDetail>), ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let text = input::words("text", &asked.text, LONGEST_TEXT)?;
    let detail = console
        .run(move |console| {
            let note = Entry::Note(entry::Note { text, ..entry::Note::default() });
            console.center.write(append(id, RecordKind::Incident, note), &caller.name)?;
            read(console, &caller, &id)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(detail)))
}

/// A human's choice between values people disagree about: one more entry, which replaces all that stand.
#[utoipa::path(post, path = "/api/incidents/{id}/resolve", tag = "incidents", request_body = ResolveDispute,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn resolve(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<ResolveDispute>,
) -> Result<Json<IncidentDetail>, ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let record: RecordId = parse_id("record", &asked.record)?;
    let choice: EntryId = input::code("choice", &asked.choice, "send the entry of one of the dispute's choices")?;
    let detail = console
        .run(move |console| {
            let write = console.look(|desk| chosen(desk, &id, &record, &asked.field, choice))?;
            console.center.write(write, &caller.name)?;
            read(console, &caller, &id)
        })
        .await?;
    Ok(Json(detail))
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
    Ok(IncidentDetail {
        summary: story::summary(desk, &incident, stored.made_ms, &belongings)?,
        assignments: belongings
            .orders()
            .map(|order| assignment::view(desk, order, Some(&incident)))
            .collect::<Result<_, _>>()?,
        patients: story::patients(desk, &belongings)?,
        assessments: story::assessments(desk, &belongings),
        timeline: story::timeline(desk, &stored, &belongings)?,
        suggested: desk.suggest(goal.as_ref(), |unit| !with_patients || unit.kind.is_medical()),
        disputes: story::disputes(&incident, &belongings),
        files: files(desk, id)?,
        incident,
        now_ms: desk.now,
    })
}
