//! Photographs that records name, by the SHA-256 of their bytes.

use super::console::Console;
use super::failure::{ApiError, ErrorCode};
use super::guard::Caller;
use crate::db::attachment;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::IntoResponse;
use std::sync::Arc;

/// A whole attachment. Its bytes come from a phone: a browser must not take them for anything but a picture.
#[utoipa::path(get, path = "/api/attachments/{sha256}", tag = "records", params(("sha256" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 400, body = ApiError), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn get(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(sha256): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let hash: [u8; 32] = hex::decode(&sha256)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| ApiError::argument("sha256", "this is not a SHA-256", "send 64 hexadecimal digits"))?;
    let bytes = console
        .run(move |console| {
            let held = console.center.db().read(|tx| attachment::get(tx, &hash))?;
            let whole = held.ok_or_else(|| ApiError::not_found("attachment"))?.whole;
            if !whole {
                let remedy = "try again when the phone has coverage";
                return Err(ApiError::new(ErrorCode::NotFound, "the attachment has not arrived whole yet", remedy));
            }
            console.center.audit(&caller.user, "attachment.read", &hex::encode(hash), "")?;
            let file = console.center.dir().join(crate::center::ATTACHMENTS).join(hex::encode(hash));
            std::fs::read(file).map_err(|cause| ApiError::internal("read an attachment", &cause))
        })
        .await?;
    let media = match bytes.get(..4) {
        Some([0xff, 0xd8, 0xff, _]) => "image/jpeg",
        Some([0x89, b'P', b'N', b'G']) => "image/png",
        _ => "application/octet-stream",
    };
    let headers = [
        (CONTENT_TYPE, media),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        // Named by its content, so it never changes; personal, so only this browser keeps it.
        (CACHE_CONTROL, "private, max-age=86400, immutable"),
    ];
    Ok((headers, bytes))
}
