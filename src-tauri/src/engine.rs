//! The engine as the shell holds it: opened once, in the app's own folder or in the one that `SIAGA_HOME` names.
//!
//! A store that does not open is not the end of the app: every command then answers with the failure, and the
//! page says what it is and what to do.

use siaga_field::port::desktop;
use siaga_field::{Failure, FailureCode, Field};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tauri::{AppHandle, Manager as _};

const APP: &str = concat!("siaga-app ", env!("CARGO_PKG_VERSION"));

/// The engine, or why there is none.
pub struct Engine {
    home: PathBuf,
    opened: OnceLock<Result<Arc<Field>, Failure>>,
}

impl Engine {
    /// Nothing is opened yet: the first who asks does it, on his own thread, so that the window never waits.
    ///
    /// # Errors
    /// The platform names no folder for the data of this app.
    pub fn of(app: &AppHandle) -> tauri::Result<Self> {
        Ok(Self { home: home_of(app)?, opened: OnceLock::new() })
    }

    /// # Errors
    /// The failure that opening met.
    pub fn field(&self) -> Result<&Arc<Field>, Failure> {
        self.opened.get_or_init(|| open(&self.home).map(Arc::new)).as_ref().map_err(Clone::clone)
    }
}

fn home_of(app: &AppHandle) -> tauri::Result<PathBuf> {
    match std::env::var_os("SIAGA_HOME") {
        Some(home) if !home.is_empty() => Ok(PathBuf::from(home)),
        _ => app.path().app_data_dir(),
    }
}

fn open(home: &Path) -> Result<Field, Failure> {
    let ports = desktop::ports(home, APP).map_err(|error| Failure {
        code: FailureCode::Storage,
        argument: None,
        detail: format!("the folder of this app cannot be used: {}", error.kind()),
        remedy: "check the free space and the rights of the folder".to_owned(),
    })?;
    Field::open(home, ports).inspect_err(|failure| tracing::error!(code = %failure.code, "the store did not open"))
}
