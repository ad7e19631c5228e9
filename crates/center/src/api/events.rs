//! What moves at the center, as server-sent events: `changed` says read again, `alarm` says make a sound.
//!
//! An event carries names, never content: what the reader may see is decided when it reads. A stream ends after a
//! while and the browser opens another, so a session that ended is noticed.

use super::console::Console;
use super::failure::ApiError;
use super::guard::Caller;
use super::view::{AlarmEvent, ChangedEvent};
use crate::hub::Changed;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;

const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Shorter than what proxies and browsers give a silent connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const RETRY: Duration = Duration::from_secs(1);

/// Everything that moves from now on. The first event is `changed` with kind `all`: whatever moved before is read anew.
#[utoipa::path(get, path = "/api/events", tag = "events",
    responses((status = 200, content_type = "text/event-stream", body = ChangedEvent), (status = 401, body = ApiError)))]
pub async fn events(
    State(console): State<Arc<Console>>,
    _: Caller,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let moved = BroadcastStream::new(console.center.changes());
    // A reader that fell behind has missed something unknown.
    let moved = moved.map(|changed| changed.map_or_else(|_| everything(), |changed| event(&changed)));
    let first = stream::once(async { everything().retry(RETRY) });
    let stream = first.chain(moved).map(Ok).take_until(tokio::time::sleep(LONGEST));
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn everything() -> Event {
    changed("all", String::new())
}

fn event(moved: &Changed) -> Event {
    match moved {
        Changed::Record { record, kind, .. } => changed(kind.code(), record.to_string()),
        Changed::Position { unit, .. } => changed("position", unit.clone()),
        Changed::Device { device } => changed("device", device.to_string()),
        Changed::Verdict { device } => changed("verdict", device.to_string()),
        Changed::File { sha256 } => changed("file", hex::encode(sha256)),
        Changed::Waiting { incident } => changed("waiting", incident.to_string()),
        Changed::Post { post } => changed("post", post.clone()),
        Changed::Alarm { record, level } => {
            let alarm = AlarmEvent { assignment: record.to_string(), level: *level };
            Event::default().event("alarm").data(serde_json::to_string(&alarm).unwrap_or_default())
        }
    }
}

fn changed(kind: &str, id: String) -> Event {
    let event = ChangedEvent { kind: kind.to_owned(), id };
    Event::default().event("changed").data(serde_json::to_string(&event).unwrap_or_default())
}
