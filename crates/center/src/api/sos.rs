//! How a call for help goes on and ends: units are sent through an incident made of it, and a person at the center writes
//! who says that the responder is safe. Nothing else ends it.

use super::alert_view::SosView;
use super::console::Console;
use super::deed::{Deed, Done, Once};
use super::failure::ApiError;
use super::guard::Caller;
use super::incident::{self, append, parse_id};
use super::input::{self, Body, LONGEST_LINE, LONGEST_TEXT};
use super::post::call;
use super::request::{EndSos, SosIncident};
use super::view::IncidentDetail;
use crate::db::{desk, projection, sos as calls};
use crate::journal::{RecordWrite, Start};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rusqlite::Connection;
use serde_json::json;
use siaga_domain::category::Category;
use siaga_domain::entry::Body as Entry;
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::incident::{CategoryIs, Opened, PlaceIs, Priority, PriorityIs, Source};
use siaga_domain::record::sos::{Answered, CancelledBy, Safe};
use std::sync::Arc;

/// The responder is safe: who says so, and how that was learned. Ends the call for help.
#[utoipa::path(post, path = "/api/sos/{id}/safe", tag = "sos", request_body = EndSos,
    params(("id" = String, Path, description = "The id of the call for help")),
    responses((status = 200, body = SosView), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn safe(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<EndSos>,
) -> Result<Done, ApiError> {
    caller.must_be_a_person()?;
    let id = parse_id("id", &id)?;
    let said_by = input::words("said_by", &asked.said_by, LONGEST_LINE)?;
    let how = input::words("how", &asked.how, LONGEST_LINE)?;
    console
        .deed(caller, once, StatusCode::OK, move |deed| {
            // A further call ends with the one it joined.
            let id = calls::head_of(deed.db(), &id)?.unwrap_or(id);
            deed.is_about(&id);
            let view = deed.look(|desk| call(desk, &id))?;
            if let Some(safe) = &view.sos.safe {
                let standing = json!({ "said_by": safe.said_by, "how": safe.how, "by": safe.author.by, "at_ms": safe.author.at_ms });
                return Err(ApiError::conflict("the call for help has ended", "read it again", standing));
            }
            if asked.further.is_some_and(|seen| seen < view.further) {
                let standing = json!({ "further": view.further, "last_at_ms": view.last_at_ms });
                return Err(ApiError::conflict("the button was held again", "read it again, and ask the responder", standing));
            }
            let ending = |holds: Option<u32>, is_cancelled: bool| {
                let mut entries = vec![Entry::Safe(Safe { said_by: said_by.clone(), how: how.clone(), holds })];
                if !is_cancelled {
                    // Earlier versions of the app end the call on this, and raise another one only then.
                    let reason: String = format!("{said_by}: {how}").chars().take(LONGEST_LINE).collect();
                    entries.push(Entry::SosCancelled(CancelledBy { reason, holds }));
                }
                entries
            };
            for further in calls::further(deed.db(), &id, u32::MAX)? {
                let entries = ending(holds_of(deed.db(), &further)?, false);
                deed.write(RecordWrite { record: further, kind: RecordKind::Sos, start: Start::Append, entries })?;
            }
            let entries = ending(holds_of(deed.db(), &id)?, view.sos.cancelled.is_some());
            deed.write(RecordWrite { record: id, kind: RecordKind::Sos, start: Start::Append, entries })?;
            deed.audit("sos.safe", &id.to_string(), "")?;
            deed.look(|desk| call(desk, &id))
        })
        .await
}

/// An incident at the place of a call for help, to send units to. There is one: asked again while it is open, it is answered with the same.
#[utoipa::path(post, path = "/api/sos/{id}/incident", tag = "sos", request_body = SosIncident,
    params(("id" = String, Path, description = "The id of the call for help")),
    responses((status = 201, body = IncidentDetail), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn incident(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Path(id): Path<String>,
    Body(asked): Body<SosIncident>,
) -> Result<Done, ApiError> {
    let id = parse_id("id", &id)?;
    let narrative = input::optional_words("narrative", asked.narrative.as_deref().unwrap_or_default(), LONGEST_TEXT)?;
    console
        .deed(caller, once, StatusCode::CREATED, move |deed| {
            let made = made_of(deed, &id, narrative)?;
            deed.is_about(&made);
            incident::read_in(deed, &made)
        })
        .await
}

/// The open incident of a call for help, made where there is none.
fn made_of(deed: &mut Deed<'_, '_>, id: &RecordId, narrative: String) -> Result<RecordId, ApiError> {
    let view = deed.look(|desk| call(desk, id))?;
    if let Some(made) = desk::incident_of_sos(deed.db(), id)?
        && desk::is_open(deed.db(), &made)?
    {
        return Ok(made);
    }
    if !view.open {
        return Err(ApiError::conflict(
            "the call for help has ended",
            "open an incident with POST /api/incidents",
            json!({ "state": view.state }),
        ));
    }
    let mut entries = vec![
        Entry::IncidentOpened(Opened {
            source: Source::Field,
            narrative,
            caller_name: Some(view.sos.raised.by.clone()).filter(|name| !name.is_empty()),
            caller_phone: None,
            unit: Some(view.sos.unit.clone()),
        }),
        Entry::Category(CategoryIs { category: Category::ResponderNeedsHelp }),
        Entry::Priority(PriorityIs { priority: Priority::P1 }),
    ];
    entries.extend(view.sos.position.map(|at| {
        Entry::Place(PlaceIs {
            lat: Some(at.lat()),
            lon: Some(at.lon()),
            accuracy_m: at.accuracy_m(),
            village: view.village.as_ref().map(|village| village.code.clone()),
            landmark: None,
        })
    }));
    let record = deed.look(|desk| Ok(desk.center.new_record()))?;
    deed.write(RecordWrite { record, kind: RecordKind::Incident, start: Start::Create, entries })?;
    desk::put_incident_of_sos(deed.db(), id, &record)?;
    deed.audit("sos.incident", &id.to_string(), "")?;
    Ok(record)
}

/// A note that the center saw the call. It does not end it.
///
/// # Errors
/// When the call cannot be read.
pub fn answered(db: &Connection, id: RecordId, text: String) -> Result<RecordWrite, ApiError> {
    let holds = holds_of(db, &id)?;
    Ok(append(id, RecordKind::Sos, Entry::SosAnswered(Answered { text, holds })))
}

/// How often the button of this call was held, as far as the center knows: a hold that comes later stands.
fn holds_of(db: &Connection, id: &RecordId) -> Result<Option<u32>, ApiError> {
    Ok(match projection::get(db, id)?.and_then(|stored| stored.record) {
        Some(Record::Sos(call)) => Some(call.holds()),
        _ => None,
    })
}
