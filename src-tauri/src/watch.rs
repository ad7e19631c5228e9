//! What runs beside the window until the app ends: the exchange with the center, and telling the page that the
//! store changed, by whichever guest of the home.

use crate::engine::Engine;
use std::time::Duration;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::watch;

/// The page's signal to look again; it carries nothing.
const CHANGED: &str = "changed";

/// A guest's write is on the screen within this time. Asking is one pragma and costs no disk.
const LOOKS_EVERY: Duration = Duration::from_millis(250);

/// Before the exchange is started again after it ended: not enrolled yet, or a store that did not answer.
const STARTS_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Becomes true when the app ends.
struct Stopping(watch::Sender<bool>);

pub(crate) fn start(app: &AppHandle) {
    let (stop, stopping) = watch::channel(false);
    app.manage(Stopping(stop));
    tauri::async_runtime::spawn(tell_changes(app.clone(), stopping.clone()));
    tauri::async_runtime::spawn(exchange(app.clone(), stopping));
}

pub(crate) fn stop(app: &AppHandle) {
    app.state::<Stopping>().0.send_replace(true);
}

async fn tell_changes(app: AppHandle, mut stopping: watch::Receiver<bool>) {
    let mut last = None;
    loop {
        // A store that did not open, or is busy, has nothing new to tell; the page hears why from its own commands.
        let stamp = app.state::<Engine>().field().and_then(|field| field.change_stamp()).ok();
        if stamp != last && app.emit(CHANGED, ()).is_ok() {
            last = stamp;
        }
        if stops_within(LOOKS_EVERY, &mut stopping).await {
            return;
        }
    }
}

async fn exchange(app: AppHandle, mut stopping: watch::Receiver<bool>) {
    loop {
        if let Ok(field) = app.state::<Engine>().field().cloned()
            && let Err(failure) = field.watch(stopping.clone(), || {}).await
        {
            tracing::debug!(code = %failure.code, "the exchange stands still");
        }
        if stops_within(STARTS_AGAIN_AFTER, &mut stopping).await {
            return;
        }
    }
}

/// Waits; true when the app is to end.
async fn stops_within(time: Duration, stopping: &mut watch::Receiver<bool>) -> bool {
    tokio::time::timeout(time, stopping.wait_for(|stop| *stop)).await.is_ok()
}
