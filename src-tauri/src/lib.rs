//! The Tauri shell: it opens the engine, forwards commands and events, and decides nothing about a record.
//!
//! Nothing is kept here: the engine's database is the only truth, and this process is one of its guests. So it
//! may be ended between any two instructions, and is, deliberately, when its last window closes.

mod attachment;
mod commands;
mod engine;
mod pack;
mod watch;

use engine::Engine;
// Java finds what it exports in the one library that a phone loads.
use siaga_android as _;
use tauri::{Manager as _, RunEvent};

/// Starts the app; returns when it ends.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
pub fn run() {
    let _log = siaga_log::begin("warn");
    tauri::Builder::default()
        .register_asynchronous_uri_scheme_protocol(attachment::SCHEME, attachment::answer)
        .register_asynchronous_uri_scheme_protocol(pack::SCHEME, pack::answer)
        .invoke_handler(commands::handler())
        .setup(|app| {
            app.manage(Engine::of(app.handle())?);
            watch::start(app.handle());
            Ok(())
        })
        .build(tauri::generate_context!())
        .expect("the configuration was checked when it was built")
        .run(|app, event| {
            // The last window closed, or Android ended the activity. We let the process end: one that outlived its
            // activity would show an empty window when it is opened again, and nothing lives only here.
            // What must go on without a window is another process over the same home.
            if let RunEvent::ExitRequested { code: None, .. } = event {
                watch::stop(app);
            }
        });
}
