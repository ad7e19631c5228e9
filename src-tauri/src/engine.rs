//! The engine as the shell holds it: opened once, in the app's own folder or in the one that `SIAGA_HOME` names; on a phone in
//! the folder, and with the keys, that its service works with too.
//!
//! A store that does not open is not the end of the app: every command then answers with the failure, and the
//! page says what it is and what to do.

use siaga_field::port::{Ports, desktop};
use siaga_field::{Failure, FailureCode, Field};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tauri::AppHandle;
#[cfg(not(target_os = "android"))]
use tauri::Manager as _;

const APP: &str = concat!("siaga-app ", env!("CARGO_PKG_VERSION"));

/// The engine, or why there is none.
pub(crate) struct Engine {
    home: PathBuf,
    ports: Option<Ports>,
    opened: OnceLock<Result<Arc<Field>, Failure>>,
}

impl Engine {
    /// Nothing is opened yet: the first who asks does it, on his own thread, so that the window never waits.
    ///
    /// # Errors
    /// The platform names no folder for the data of this app.
    pub(crate) fn of(app: &AppHandle) -> tauri::Result<Self> {
        let (home, ports) = phone(app)?;
        Ok(Self { home, ports, opened: OnceLock::new() })
    }

    /// # Errors
    /// The failure that opening met.
    pub(crate) fn field(&self) -> Result<&Arc<Field>, Failure> {
        self.opened.get_or_init(|| open(&self.home, self.ports.clone()).map(Arc::new)).as_ref().map_err(Clone::clone)
    }
}

/// On Android the service's process works on the same home with the same keys: both ask one place for them.
#[cfg(target_os = "android")]
fn phone(_: &AppHandle) -> tauri::Result<(PathBuf, Option<Ports>)> {
    let attached = siaga_android::phone(APP);
    let (home, ports) = attached.ok_or_else(|| std::io::Error::other("the app did not attach its phone"))?;
    Ok((home, Some(ports)))
}

#[cfg(not(target_os = "android"))]
fn phone(app: &AppHandle) -> tauri::Result<(PathBuf, Option<Ports>)> {
    let home = match std::env::var_os("SIAGA_HOME") {
        Some(home) if !home.is_empty() => PathBuf::from(home),
        _ => app.path().app_data_dir()?,
    };
    Ok((home, None))
}

fn open(home: &Path, ports: Option<Ports>) -> Result<Field, Failure> {
    let ports = ports.map_or_else(|| on_a_desk(home), Ok)?;
    Field::open(home, ports).inspect_err(|failure| tracing::error!(code = %failure.code, "the store did not open"))
}

fn on_a_desk(home: &Path) -> Result<Ports, Failure> {
    desktop::ports(home, APP).map_err(|error| Failure {
        code: FailureCode::Storage,
        argument: None,
        detail: format!("the folder of this app cannot be used: {}", error.kind()),
        remedy: "check the free space and the rights of the folder".to_owned(),
    })
}
