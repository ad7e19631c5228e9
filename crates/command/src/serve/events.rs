//! `GET /api/events`: tells the page that the store changed, whoever changed it.

use super::Desk;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use siaga_field::Field;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};

/// How soon a write by another process shows.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Counts the times the store was found changed.
pub(super) fn watch_store(field: Arc<Field>, mut stopping: watch::Receiver<bool>) -> watch::Receiver<u64> {
    let (sender, receiver) = watch::channel(0_u64);
    tokio::spawn(async move {
        let mut known = None;
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
            let looking = Arc::clone(&field);
            // A store that is busy or does not answer is looked at again.
            let Ok(Ok(stamp)) = tokio::task::spawn_blocking(move || looking.change_stamp()).await else { continue };
            if known.replace(stamp).is_some_and(|before| before != stamp) {
                sender.send_modify(|count| *count = count.wrapping_add(1));
            }
        }
    });
    receiver
}

/// One event at once, so that a page that was away asks anew; then one for each change.
pub(super) async fn stream(State(desk): State<Desk>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = WatchStream::new(desk.changed).map(Some);
    let ending = WatchStream::new(desk.stopping).filter(|stop| *stop).map(|_| None);
    // An open stream must not keep the server from ending.
    let events = changes
        .merge(ending)
        .take_while(Option::is_some)
        .map(|count| Ok(Event::default().event("changed").data(count.unwrap_or_default().to_string())));
    Sse::new(events).keep_alive(KeepAlive::default())
}
