//! The built page, embedded, and the files it shows.

use super::Desk;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::RustEmbed;
use serde::Deserialize;
use siaga_field::{Failure, FailureCode};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Built;

/// Of a map pack so much is handed out at once: it has to fit into memory twice.
const MOST_PACK_BYTES: usize = 1024 * 1024;

const START: &str = "field.html";
/// The dispatcher's page belongs to the center.
const NOT_OURS: &str = "console.html";

pub(super) async fn asset(uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => START,
        path => path,
    };
    match Built::get(path).filter(|_| path != NOT_OURS) {
        Some(file) => {
            let media = HeaderValue::from_str(file.metadata.mimetype())
                .unwrap_or(HeaderValue::from_static("application/octet-stream"));
            let mut response = file.data.into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, media);
            // Built assets carry their hash in their name; the pages themselves do not.
            if path.starts_with("assets/") {
                let forever = HeaderValue::from_static("private, max-age=31536000, immutable");
                response.headers_mut().insert(header::CACHE_CONTROL, forever);
            }
            response
        }
        None if path == START => {
            (StatusCode::SERVICE_UNAVAILABLE, "The page is not built. Run: make ui\n").into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Which bytes of a map pack are wanted. A header would say the same, but the shell's web views disagree about it.
#[derive(Deserialize)]
pub(super) struct Part {
    offset: u64,
    most: usize,
}

/// Bytes of a map pack in use, by its SHA-256: fewer than asked for at its end.
pub(super) async fn pack(State(desk): State<Desk>, Path(sha256): Path<String>, Query(part): Query<Part>) -> Response {
    let field = Arc::clone(&desk.field);
    let most = part.most.min(MOST_PACK_BYTES);
    match tokio::task::spawn_blocking(move || field.pack_bytes(&sha256, part.offset, most)).await {
        Ok(Ok(bytes)) => {
            let forever = "private, max-age=31536000, immutable";
            ([(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, forever)], bytes)
                .into_response()
        }
        Ok(Err(failure)) => refused(failure),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(failure: Failure) -> Response {
    let status = match failure.code {
        FailureCode::BadInput => StatusCode::BAD_REQUEST,
        FailureCode::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, Json(failure)).into_response()
}

/// A photograph of a record, by its SHA-256.
pub(super) async fn attachment(State(desk): State<Desk>, Path(sha256): Path<String>) -> Response {
    let field = Arc::clone(&desk.field);
    let found = tokio::task::spawn_blocking(move || field.attachment(&sha256)).await;
    match found {
        Ok(Ok(file)) => {
            // Only what a picture can be is ever named; anything else is bytes to the browser.
            let media = match file.media.as_str() {
                "image/jpeg" => "image/jpeg",
                "image/png" => "image/png",
                _ => "application/octet-stream",
            };
            (
                [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "private, max-age=31536000, immutable")],
                file.bytes,
            )
                .into_response()
        }
        Ok(Err(failure)) => refused(failure),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
