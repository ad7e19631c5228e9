//! What a dispatcher judges anew about an incident: its priority, its category, where it is, and that it goes on.
//!
//! Nothing is edited: each is one more entry, which replaces those of its slot that stand. Creation checks its
//! arguments with the same functions.

use super::console::Console;
use super::deed::{Done, Once};
use super::desk::Desk;
use super::failure::ApiError;
use super::guard::Caller;
use super::incident::{append, incident, parse_id, read_in};
use super::input::{self, Body, LONGEST_LINE, LONGEST_TEXT};
use super::request::{ReopenIncident, SetCategory, SetPlace, SetPriority};
use super::view::IncidentDetail;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use siaga_domain::category::Category;
use siaga_domain::entry::Body as Entry;
use siaga_domain::id::{AreaCode, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::incident::{CategoryIs, Incident, PlaceIs, Priority, PriorityIs, Reopened};
use std::sync::Arc;

/// Says how urgent an incident is: above all a field report, which comes without a priority. Orders given before keep theirs.
#[utoipa::path(post, path = "/api/incidents/{id}/priority", tag = "incidents", request_body = SetPriority,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn priority(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<SetPriority>,
) -> Result<Done, ApiError> {
    let id = parse_id("id", &id)?;
    let priority = priority_of(&asked.priority)?;
    amended(&console, caller, once, id, move |_, incident| {
        let stands = incident.priority.map(Priority::code);
        expected(asked.expected.as_deref(), stands, || json!({ "priority": stands }))?;
        Ok(Entry::Priority(PriorityIs { priority }))
    })
    .await
}

/// Corrects what an incident is.
#[utoipa::path(post, path = "/api/incidents/{id}/category", tag = "incidents", request_body = SetCategory,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn category(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<SetCategory>,
) -> Result<Done, ApiError> {
    let id = parse_id("id", &id)?;
    let category = category_of(&asked.category)?;
    amended(&console, caller, once, id, move |_, incident| {
        let stands = incident.category.as_ref();
        let code = stands.map(|register| register.value.code());
        expected(asked.expected.as_deref(), code, || {
            let author = stands.map(|register| &register.author);
            json!({ "category": code, "by": author.map(|author| &author.by), "at_ms": author.map(|author| author.at_ms) })
        })?;
        Ok(Entry::Category(CategoryIs { category }))
    })
    .await
}

/// Corrects where an incident is: what is sent is the whole place from now on.
#[utoipa::path(post, path = "/api/incidents/{id}/place", tag = "incidents", request_body = SetPlace,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn place(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<SetPlace>,
) -> Result<Done, ApiError> {
    let id = parse_id("id", &id)?;
    amended(&console, caller, once, id, move |desk, incident| {
        let stands = incident.place.as_ref();
        let entry = stands.map(|register| register.author.entry.as_str());
        expected(asked.expected.as_deref(), entry, || {
            let author = stands.map(|register| &register.author);
            json!({
                "entry": entry,
                "place": stands.map(|register| desk.place(&register.value)),
                "by": author.map(|author| &author.by),
                "at_ms": author.map(|author| author.at_ms),
            })
        })?;
        let point = asked.position;
        let position = input::position(
            point.map(|point| point.lat),
            point.map(|point| point.lon),
            point.and_then(|point| point.accuracy_m),
        )?;
        let position = desk.guarded(position, asked.outside_ok)?;
        let place = place_of(desk, position, asked.village.as_deref(), asked.landmark.as_deref())?;
        let remedy = "send at least one of position, village and landmark";
        place.map(Entry::Place).ok_or_else(|| ApiError::argument("village", "the place is empty", remedy))
    })
    .await
}

/// Opens a closed incident again. Orders that ended with it stay cancelled.
#[utoipa::path(post, path = "/api/incidents/{id}/reopen", tag = "incidents", request_body = ReopenIncident,
    params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn reopen(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<ReopenIncident>,
) -> Result<Done, ApiError> {
    let id = parse_id("id", &id)?;
    let text = input::words("text", &asked.text, LONGEST_TEXT)?;
    amended(&console, caller, once, id, move |_, incident| {
        if incident.closed.is_none() {
            let standing = json!({ "closed": false });
            return Err(ApiError::conflict("the incident is open", "read it again", standing));
        }
        Ok(Entry::Reopened(Reopened { text }))
    })
    .await
}

/// Writes one entry into an incident that is there; `entry` is given the incident as it stands in the same transaction.
async fn amended(
    console: &Arc<Console>,
    caller: Caller,
    once: Once,
    id: RecordId,
    entry: impl FnOnce(&Desk<'_>, &Incident) -> Result<Entry, ApiError> + Send + 'static,
) -> Result<Done, ApiError> {
    console
        .deed(caller, once, StatusCode::OK, move |deed| {
            deed.is_about(&id);
            let entry = deed.look(|desk| entry(desk, &incident(desk, &id)?))?;
            deed.write(append(id, RecordKind::Incident, entry))?;
            read_in(deed, &id)
        })
        .await
}

/// Refuses what a desk decided about a value that another desk has replaced meanwhile.
fn expected(seen: Option<&str>, stands: Option<&str>, standing: impl FnOnce() -> Value) -> Result<(), ApiError> {
    match seen.map(str::trim) {
        Some(seen) if seen != stands.unwrap_or("none") => {
            Err(ApiError::conflict("another value stands by now", "see what stands, and decide again", standing()))
        }
        _ => Ok(()),
    }
}

/// # Errors
/// When there is no such category.
pub fn category_of(text: &str) -> Result<Category, ApiError> {
    input::code("category", text, "take a code from GET /api/choices, such as BANJIR")
}

/// # Errors
/// When there is no such priority.
pub fn priority_of(text: &str) -> Result<Priority, ApiError> {
    input::code("priority", text, "send 1, 2 or 3")
}

/// A name or a landmark; none when it says nothing.
///
/// # Errors
/// When it is too long.
pub fn line_of(name: &str, text: Option<&str>) -> Result<Option<String>, ApiError> {
    let text = text.map(|text| input::optional_words(name, text, LONGEST_LINE)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// A place, with the village derived from the position where nobody said it; none when nothing is known.
///
/// # Errors
/// When the village is not one of the directory, or the landmark is too long.
pub fn place_of(
    desk: &Desk<'_>,
    position: Option<Position>,
    village: Option<&str>,
    landmark: Option<&str>,
) -> Result<Option<PlaceIs>, ApiError> {
    let village = match village.filter(|text| !text.trim().is_empty()) {
        Some(text) => {
            let remedy = "take a code from GET /api/places?query=, such as 61.04.14.2001";
            let code: AreaCode = input::code("village", text, remedy)?;
            let known = desk.village(&code);
            Some(known.ok_or_else(|| ApiError::argument("village", "there is no village with this code", remedy))?.code)
        }
        None => position.as_ref().and_then(|at| desk.village_at(at)).map(|village| village.code),
    };
    let landmark = line_of("landmark", landmark)?;
    let known = position.is_some() || village.is_some() || landmark.is_some();
    Ok(known.then(|| PlaceIs {
        lat: position.map(|at| at.lat()),
        lon: position.map(|at| at.lon()),
        accuracy_m: position.and_then(|at| at.accuracy_m()),
        village,
        landmark,
    }))
}
