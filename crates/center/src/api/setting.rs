//! Times that an installation chooses: how long a call may wait for a unit, and how long a silent phone counts as ready.

use super::console::Console;
use super::deed::{Done, Once};
use super::desk::HEARD_WITHIN;
use super::failure::ApiError;
use super::guard::Caller;
use super::input::Body;
use super::request::SetTimes;
use super::view::Times;
use crate::alarm::{UNSENT_AGAIN, UNSENT_ALL, UNSENT_LOUD, UNSENT_SUPERVISOR};
use crate::db::DbError;
use crate::db::setting::{self, Seconds};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rusqlite::Connection;
use std::sync::Arc;

/// The times of this installation, seconds.
#[utoipa::path(get, path = "/api/settings", tag = "settings",
    responses((status = 200, body = Times), (status = 401, body = ApiError)))]
pub async fn list(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Times>, ApiError> {
    Ok(Json(console.ask(|desk| Ok(read(desk.db)?)).await?))
}

/// Sets times of this installation. For supervisors.
#[utoipa::path(post, path = "/api/settings", tag = "settings", request_body = SetTimes,
    responses((status = 200, body = Times), (status = 400, body = ApiError), (status = 401, body = ApiError), (status = 403, body = ApiError)))]
pub async fn set(
    State(console): State<Arc<Console>>,
    caller: Caller,
    once: Once,
    Body(asked): Body<SetTimes>,
) -> Result<Done, ApiError> {
    caller.must_supervise()?;
    let given = [
        (&UNSENT_ALL, asked.unsent_all_s),
        (&UNSENT_SUPERVISOR, asked.unsent_supervisor_s),
        (&UNSENT_LOUD, asked.unsent_loud_s),
        (&UNSENT_AGAIN, asked.unsent_again_s),
        (&HEARD_WITHIN, asked.heard_within_s),
    ];
    for (time, seconds) in given {
        if let Some(seconds) = seconds {
            check(time, seconds)?;
        }
    }
    console
        .deed(caller, once, StatusCode::OK, move |deed| {
            for (time, seconds) in given {
                let Some(seconds) = seconds else { continue };
                setting::set(deed.db(), time.name, &seconds.to_string())?;
                deed.audit("setting.set", time.name, &format!("seconds={seconds}"))?;
            }
            let times = read(deed.db())?;
            if times.unsent_all_s > times.unsent_supervisor_s || times.unsent_supervisor_s > times.unsent_loud_s {
                let detail = "the levels must rise: unsent_all_s, unsent_supervisor_s, unsent_loud_s";
                return Err(ApiError::argument("unsent_supervisor_s", detail, "send times that do not fall"));
            }
            Ok(times)
        })
        .await
}

fn check(time: &Seconds, seconds: i64) -> Result<(), ApiError> {
    if time.allowed.contains(&seconds) {
        return Ok(());
    }
    let (least, most) = (time.allowed.start(), time.allowed.end());
    Err(ApiError::argument(time.name, "the time is out of range", format!("send {least} to {most} seconds")))
}

fn read(db: &Connection) -> Result<Times, DbError> {
    Ok(Times {
        unsent_all_s: UNSENT_ALL.get(db)?,
        unsent_supervisor_s: UNSENT_SUPERVISOR.get(db)?,
        unsent_loud_s: UNSENT_LOUD.get(db)?,
        unsent_again_s: UNSENT_AGAIN.get(db)?,
        heard_within_s: HEARD_WITHIN.get(db)?,
    })
}
