//! `attachment:` addresses: photographs on their way into the page, one GET each.
//!
//! Invoking would carry them as JSON on Android. A part of a file is never served: WebViews disagree about ranges.

use crate::engine::Engine;
use siaga_field::{Failure, FailureCode};
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager as _, Runtime, UriSchemeContext, UriSchemeResponder};

pub(crate) const SCHEME: &str = "attachment";

/// Answers `attachment://localhost/<sha256>` from the store, on a thread of its own.
pub(crate) fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let sha256 = request.uri().path().trim_start_matches('/');
        let found = app.state::<Engine>().field().and_then(|field| field.attachment(sha256));
        responder.respond(match found {
            Ok(file) => with_body(StatusCode::OK, &file.media, file.bytes),
            Err(failure) => with_body(status_of(&failure), "text/plain", Vec::new()),
        });
    });
}

pub(crate) fn status_of(failure: &Failure) -> StatusCode {
    match failure.code {
        FailureCode::BadInput => StatusCode::BAD_REQUEST,
        FailureCode::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub(crate) fn with_body(status: StatusCode, media: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, media)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(body)
        .unwrap_or_else(|_| Response::new(Vec::new()))
}
