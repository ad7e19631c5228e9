//! What was not simply accepted: waiting, overruled, refused; and the bytes of it as they came.
//!
//! The list says what and why, never what was written. Bytes are for supervisors, and reading them is in the audit
//! chain. They are never decoded here: some are hostile.

use super::console::Console;
use super::failure::ApiError;
use super::guard::Caller;
use super::view::VerdictView;
use crate::db::verdict::{self, NotTaken};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use siaga_domain::id::ChangeHash;
use std::sync::Arc;

/// Rows of the list, of each device and verdict.
const LISTED: usize = 100;

/// Changes that wait, were overruled or were refused: of each device and verdict the newest 100.
#[utoipa::path(get, path = "/api/verdicts", tag = "devices",
    responses((status = 200, body = [VerdictView]), (status = 401, body = ApiError)))]
pub async fn list(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<VerdictView>>, ApiError> {
    let list = console
        .ask(|desk| {
            let rows = verdict::not_taken(desk.db, LISTED)?;
            Ok(rows
                .into_iter()
                .map(|row| {
                    let NotTaken { hash, record, kind, device, verdict, reason, received_ms, size_bytes, by } = row;
                    VerdictView {
                        change: hash.to_string(),
                        record: record.map(|record| record.to_string()),
                        kind,
                        unit: desk.unit_of_device(&device),
                        device_name: desk.devices.iter().find(|one| one.id == device).map(|one| one.name.clone()),
                        device: device.to_string(),
                        by,
                        verdict,
                        reason,
                        received_at_ms: received_ms,
                        size_bytes,
                    }
                })
                .collect())
        })
        .await?;
    Ok(Json(list))
}

/// The bytes of a change or an envelope that was not simply accepted, as they came.
#[utoipa::path(get, path = "/api/verdicts/{change}/bytes", tag = "devices", params(("change" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 400, body = ApiError),
        (status = 401, body = ApiError), (status = 403, body = ApiError), (status = 404, body = ApiError)))]
pub async fn bytes(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(change): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    caller.must_supervise()?;
    let hash = hex::decode(&change)
        .ok()
        .and_then(|bytes| ChangeHash::try_from(bytes.as_slice()).ok())
        .ok_or_else(|| ApiError::argument("change", "this is not a change's hash", "send 64 hexadecimal digits"))?;
    let bytes = console
        .run(move |console| {
            let kept = console.center.db().read(|tx| verdict::bytes_of(tx, &hash))?;
            let kept = kept.ok_or_else(|| ApiError::not_found("change"))?;
            console.center.audit(&caller.user, "verdict.bytes", &hash.to_string(), "")?;
            Ok(kept)
        })
        .await?;
    let headers: [(HeaderName, String); 4] = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{hash}.bin\"")),
    ];
    Ok((headers, bytes))
}
