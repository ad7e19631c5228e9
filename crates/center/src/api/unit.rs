//! Units and their phones.

use super::console::Console;
use super::failure::{ApiError, ErrorCode};
use super::guard::Caller;
use super::input;
use super::view::{DeviceView, DigestView, UnitView};
use crate::db::device::{self, DeviceState};
use crate::exchange::enrol::DeviceError;
use crate::journal::quota::ReleaseError;
use axum::Json;
use axum::extract::{Path, State};
use siaga_domain::id::DeviceId;
use std::sync::Arc;

/// Every unit with its state, last position and phones.
#[utoipa::path(get, path = "/api/units", tag = "units",
    responses((status = 200, body = [UnitView]), (status = 401, body = ApiError)))]
pub async fn units(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<UnitView>>, ApiError> {
    let list = console.ask(|desk| Ok(desk.directory.units.iter().map(|unit| desk.unit_view(unit)).collect())).await?;
    Ok(Json(list))
}

/// Every phone that was ever enrolled.
#[utoipa::path(get, path = "/api/devices", tag = "devices",
    responses((status = 200, body = [DeviceView]), (status = 401, body = ApiError)))]
pub async fn devices(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<DeviceView>>, ApiError> {
    Ok(Json(console.ask(|desk| Ok(desk.devices.iter().map(|one| desk.device_view(one)).collect())).await?))
}

/// The six digits on the phone are those shown here: the phone may speak from now on.
#[utoipa::path(post, path = "/api/devices/{id}/confirm", tag = "devices", params(("id" = String, Path, description = "The device's id")),
    responses((status = 200, body = DeviceView), (status = 401, body = ApiError), (status = 403, body = ApiError),
        (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn confirm(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeviceView>, ApiError> {
    settle(console, caller, id, DeviceState::Active).await
}

/// The phone may not speak any more.
#[utoipa::path(post, path = "/api/devices/{id}/revoke", tag = "devices", params(("id" = String, Path, description = "The device's id")),
    responses((status = 200, body = DeviceView), (status = 401, body = ApiError), (status = 403, body = ApiError), (status = 404, body = ApiError)))]
pub async fn revoke(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeviceView>, ApiError> {
    settle(console, caller, id, DeviceState::Revoked).await
}

/// Lets everything of the phone in that waits for its quota.
#[utoipa::path(post, path = "/api/devices/{id}/release", tag = "devices", params(("id" = String, Path, description = "The device's id")),
    responses((status = 200, body = DeviceView), (status = 401, body = ApiError), (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub async fn release(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeviceView>, ApiError> {
    let id = parse(&id)?;
    let view = console
        .run(move |console| {
            known(console, &id)?;
            console.center.release(&id, &caller.user).map_err(|cause| match cause {
                ReleaseError::NothingWaits => ApiError::new(
                    ErrorCode::Conflict,
                    "nothing of the device waits for its quota",
                    "read GET /api/devices again",
                ),
                ReleaseError::Write(cause) => cause.into(),
            })?;
            console.look(|desk| {
                let device = device::get(desk.db, &id)?.ok_or_else(|| ApiError::not_found("device"))?;
                Ok(desk.device_view(&device))
            })
        })
        .await?;
    Ok(Json(view))
}

/// The hash over everything in the phone's scope; a phone with nothing unsent has the same.
#[utoipa::path(get, path = "/api/devices/{id}/digest", tag = "devices", params(("id" = String, Path, description = "The device's id")),
    responses((status = 200, body = DigestView), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn digest(
    State(console): State<Arc<Console>>,
    _: Caller,
    Path(id): Path<String>,
) -> Result<Json<DigestView>, ApiError> {
    let id = parse(&id)?;
    let view = console
        .run(move |console| {
            known(console, &id)?;
            let (digest, documents) = console.center.digest(&id)?;
            let document_count = u32::try_from(documents).unwrap_or(u32::MAX);
            Ok(DigestView { device: id.to_string(), digest: hex::encode(digest), document_count })
        })
        .await?;
    Ok(Json(view))
}

async fn settle(
    console: Arc<Console>,
    caller: Caller,
    id: String,
    state: DeviceState,
) -> Result<Json<DeviceView>, ApiError> {
    caller.must_supervise()?;
    let id = parse(&id)?;
    let view = console
        .run(move |console| {
            console.center.set_device_state(&id, state, &caller.user).map_err(|cause| match cause {
                DeviceError::Missing(_) => ApiError::not_found("device"),
                DeviceError::Revoked => {
                    let remedy = "make a new invitation for it with `siaga-center invite`";
                    ApiError::new(ErrorCode::Conflict, "the device was revoked", remedy)
                }
                other => ApiError::internal("change the state of a device", &other),
            })?;
            console.look(|desk| {
                let device = device::get(desk.db, &id)?.ok_or_else(|| ApiError::not_found("device"))?;
                Ok(desk.device_view(&device))
            })
        })
        .await?;
    Ok(Json(view))
}

fn known(console: &Console, id: &DeviceId) -> Result<device::Device, ApiError> {
    console.center.device(id)?.ok_or_else(|| ApiError::not_found("device"))
}

fn parse(id: &str) -> Result<DeviceId, ApiError> {
    input::code("id", id, "take an id from GET /api/devices")
}
