//! Records whose phone names what was never in its scope: listed until a person places them.

use super::alert_view::{PersonStanding, Stated, UnplacedView};
use super::console::Console;
use super::desk::Desk;
use super::failure::{ApiError, ErrorCode};
use super::guard::Caller;
use super::incident::parse_id;
use crate::db::placing::{self, Found, Names, Unplaced};
use crate::db::{projection, replaced};
use crate::journal::placing::PlaceError;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use siaga_domain::entry::Authorship;
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::record::Record;
use std::sync::Arc;

/// Records listed of one phone: its oldest. One that floods takes no place of another's.
const LISTED_OF_A_DEVICE: usize = 200;

/// Records that wait to be placed, by phone, oldest first; at most 200 of each phone.
#[utoipa::path(get, path = "/api/unplaced", tag = "records",
    responses((status = 200, body = [UnplacedView]), (status = 401, body = ApiError)))]
pub async fn list(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<UnplacedView>>, ApiError> {
    let list = console
        .ask(|desk| {
            let mut list = Vec::new();
            for device in placing::devices(desk.db)? {
                for row in placing::shown_of_device(desk.db, &device)?.into_iter().take(LISTED_OF_A_DEVICE) {
                    list.extend(view(desk, row)?);
                }
            }
            Ok(list)
        })
        .await?;
    Ok(Json(list))
}

/// Places a record where it says: from now on it counts and is told to whom it concerns.
#[utoipa::path(post, path = "/api/unplaced/{id}/place", tag = "records", params(("id" = String, Path, description = "The record's id")),
    responses((status = 204), (status = 400, body = ApiError), (status = 401, body = ApiError), (status = 404, body = ApiError),
        (status = 409, body = ApiError)))]
pub async fn place(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = parse_id("id", &id)?;
    console
        .run(move |console| {
            if console.center.record(&id)?.is_none() {
                return Err(ApiError::not_found("record"));
            }
            console.center.place(&id, &caller.user).map_err(|cause| match cause {
                PlaceError::Placed(_) => {
                    ApiError::new(ErrorCode::Conflict, "the record is placed already", "read GET /api/unplaced again")
                }
                PlaceError::NotHere { .. } => ApiError::new(
                    ErrorCode::Conflict,
                    "what the record names is not here",
                    "it is placed by itself when what it names comes; ask the phone's unit what it belongs to",
                ),
                PlaceError::Write(cause) => cause.into(),
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(desk: &Desk<'_>, row: Unplaced) -> Result<Option<UnplacedView>, ApiError> {
    let Some(stored) = projection::get(desk.db, &row.record)? else { return Ok(None) };
    let named = match row.names {
        Names::Post => None,
        _ => row.named.parse::<RecordId>().ok(),
    };
    let named = match named {
        Some(named) => projection::get(desk.db, &replaced::latest(desk.db, &named)?)?.and_then(|stored| stored.record),
        None => None,
    };
    Ok(Some(UnplacedView {
        record: row.record.to_string(),
        kind: stored.kind,
        here: row.names == Names::Post || named.is_some(),
        incident: named.as_ref().and_then(Record::incident).map(|incident| incident.to_string()),
        names: row.names,
        named: row.named,
        unit: desk.unit_of_device(&row.device),
        device_name: desk.devices.iter().find(|device| device.id == row.device).map(|device| device.name.clone()),
        device: row.device.to_string(),
        by: opening(stored.record.as_ref()).map_or_else(String::new, |author| author.by.clone()),
        since_ms: row.since_ms,
        now_ms: desk.now,
    }))
}

/// Who opened a record.
fn opening(record: Option<&Record>) -> Option<&Authorship> {
    Some(match record? {
        Record::Incident(incident) => &incident.opened,
        Record::Assignment(assignment) => &assignment.ordered,
        Record::Patient(patient) => &patient.opened,
        Record::Identity(identity) => &identity.opened,
        Record::Assessment(assessment) => &assessment.opened,
        Record::Sos(sos) => &sos.raised,
        Record::Shift(shift) => &shift.presence.first()?.checked_in,
        Record::Directory(_) => return None,
    })
}

/// What was found about the entry that opened a record.
///
/// # Errors
/// When it cannot be read.
pub fn stated_of(desk: &Desk<'_>, record: &RecordId, opening: &Authorship) -> Result<Stated, ApiError> {
    let Ok(entry) = opening.entry.parse::<EntryId>() else { return Ok(Stated::default()) };
    Ok(stated(placing::found(desk.db, record, &entry)?))
}

/// As kept beside an entry.
#[must_use]
pub fn stated(found: Found) -> Stated {
    Stated {
        person: found.person.parse::<PersonStanding>().ok(),
        mismatch: found.mismatch.split_whitespace().map(str::to_owned).collect(),
    }
}
