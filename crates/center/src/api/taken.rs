//! A dispatcher takes calls that no unit was sent to.
//!
//! It is a row of the center and no entry of the incident: it says who looks after the call now, not what happened.

use super::console::Console;
use super::deed::{Done, Once};
use super::failure::{ApiError, ErrorCode};
use super::guard::Caller;
use super::incident::{incident, parse_id};
use super::input::{self, Body};
use super::request::TakeCalls;
use super::view::WaitingView;
use crate::db::waiting::{self, Taken};
use crate::hub::Changed;
use axum::extract::State;
use axum::http::StatusCode;
use siaga_domain::id::RecordId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Calls taken in one act, at most.
const MOST: usize = 500;
/// Characters of a desk's name.
const LONGEST_DESK: usize = 40;

/// Takes calls that no unit was sent to: they fall silent at every desk. Without an order they sound again after three minutes.
#[utoipa::path(post, path = "/api/taken", tag = "incidents", request_body = TakeCalls,
    responses((status = 200, body = [WaitingView]), (status = 400, body = ApiError), (status = 401, body = ApiError),
        (status = 403, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn take(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Body(asked): Body<TakeCalls>,
) -> Result<Done, ApiError> {
    caller.must_be_a_person()?;
    let ids: BTreeSet<RecordId> =
        asked.incidents.iter().map(|id| parse_id("incidents", id)).collect::<Result<_, _>>()?;
    if ids.is_empty() || ids.len() > MOST {
        let detail = format!("1 to {MOST} calls are taken in one act");
        return Err(ApiError::argument("incidents", detail, "send the ids of calls that wait"));
    }
    let desk = input::optional_words("desk", asked.desk.as_deref().unwrap_or_default(), LONGEST_DESK)?;
    let told = Arc::clone(&console.center);
    let taken = ids.clone();
    let done = console
        .deed(caller, once, StatusCode::OK, move |deed| {
            let center_time = deed.look(|look| Ok((look.elapsed_ms, look.now)))?;
            let by = deed.caller.name.clone();
            let row = Taken { at_ms: center_time.0, at: center_time.1, by, desk };
            let mut any = false;
            for id in &ids {
                deed.look(|look| incident(look, id).map(drop))?;
                if waiting::take(deed.db(), id, &row)? {
                    any = true;
                    deed.audit("incident.take", &id.to_string(), "")?;
                }
            }
            if !any {
                let detail = "none of the calls waits: each has a unit, or is closed";
                return Err(ApiError::new(ErrorCode::Conflict, detail, "read the list again"));
            }
            deed.look(|look| Ok(ids.iter().filter_map(|id| look.call(id)).collect::<Vec<_>>()))
        })
        .await?;
    for incident in taken {
        told.hub().tell(Changed::Waiting { incident });
    }
    Ok(done)
}
