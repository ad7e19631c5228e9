//! What runs beside the window: telling the page that the store changed, by whichever guest of the home.

use crate::engine::Engine;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tauri::{AppHandle, Emitter as _, Manager as _};

/// The page's signal to look again; it carries nothing.
const CHANGED: &str = "changed";

/// A guest's write is on the screen within this time. Asking is one pragma and costs no disk.
const LOOKS_EVERY: Duration = Duration::from_millis(250);

/// Set when the app ends.
#[derive(Default)]
struct Stopping(AtomicBool);

pub fn start(app: &AppHandle) {
    app.manage(Stopping::default());
    let app = app.clone();
    tauri::async_runtime::spawn(async move { tell_changes(&app).await });
}

pub fn stop(app: &AppHandle) {
    app.state::<Stopping>().0.store(true, Ordering::Relaxed);
}

async fn tell_changes(app: &AppHandle) {
    let mut last = None;
    while !app.state::<Stopping>().0.load(Ordering::Relaxed) {
        // A store that did not open, or is busy, has nothing new to tell; the page hears why from its own commands.
        let stamp = app.state::<Engine>().field().and_then(|field| field.change_stamp()).ok();
        if stamp != last && app.emit(CHANGED, ()).is_ok() {
            last = stamp;
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}
