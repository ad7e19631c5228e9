//! `pack:` addresses: bytes of the map packs in use, for the page's own reading.
//!
//! Which bytes is said in the query and not in a `Range` header: WebViews disagree about ranges.

use crate::attachment::{status_of, with_body};
use crate::engine::Engine;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager as _, Runtime, UriSchemeContext, UriSchemeResponder};

pub(crate) const SCHEME: &str = "pack";

/// So much is handed out at once: it has to fit into memory twice.
const MOST_BYTES: usize = 1024 * 1024;

/// Answers `pack://localhost/<sha256>?offset=N&most=M` from the store, on a thread of its own.
pub(crate) fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let sha256 = request.uri().path().trim_start_matches('/');
        let query = request.uri().query().unwrap_or_default();
        let offset = number(query, "offset").unwrap_or(0);
        let most = number(query, "most").and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST_BYTES);
        let found =
            app.state::<Engine>().field().and_then(|field| field.pack_bytes(sha256, offset, most.min(MOST_BYTES)));
        responder.respond(for_the_page(match found {
            Ok(bytes) => with_body(StatusCode::OK, "application/octet-stream", bytes),
            Err(failure) => with_body(status_of(&failure), "text/plain", Vec::new()),
        }));
    });
}

/// The page is of another origin than this scheme, and must be let read what it asked for. No other page can ask:
/// the window shows ours alone.
fn for_the_page(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    response
}

fn number(query: &str, name: &str) -> Option<u64> {
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)?.1.parse().ok())
}
