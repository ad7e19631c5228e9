//! What every handler works with: the center, and what the API itself must remember between requests.

use super::desk::Desk;
use super::failure::{ApiError, ErrorCode};
use crate::Center;
use crate::db::{DbError, boundary, setting};
use crate::journal::WriteError;
use crate::journal::documents::LoadError;
use crate::people::throttle::Throttle;
use crate::places::boundaries;
use crate::storage;
use rusqlite::Connection;
use siaga_document::AuthorError;
use siaga_domain::id::AreaCode;
use siaga_domain::place::Boundary;
use std::sync::{Arc, Mutex, PoisonError};

/// Moves whenever outlines were imported, by whichever process.
pub const OUTLINES_STAMP: &str = "boundaries.stamp";

/// The shared state of the API.
pub struct Console {
    pub center: Arc<Center>,
    pub throttle: Throttle,
    outlines: Mutex<(String, Arc<Vec<Boundary>>)>,
}

impl Console {
    #[must_use]
    pub fn new(center: Arc<Center>) -> Arc<Self> {
        Arc::new(Self { center, throttle: Throttle::default(), outlines: Mutex::new((String::new(), Arc::default())) })
    }

    /// Runs `work` where waiting for the disk does not hold up other requests.
    ///
    /// # Errors
    /// Whatever `work` gives.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let console = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&console))
            .await
            .map_err(|cause| ApiError::internal("finish the request", &cause))?
    }

    /// Reads everything a request needs in one consistent view.
    ///
    /// # Errors
    /// Whatever `ask` gives.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Desk<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.run(move |console| console.look(ask)).await
    }

    /// As [`ask`](Self::ask), on this thread.
    ///
    /// # Errors
    /// Whatever `ask` gives.
    pub fn look<T>(&self, ask: impl FnOnce(&Desk<'_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let answer = self.center.db().read(|tx| ask(&self.desk(tx)?));
        if !self.center.db().spoilt().is_empty() {
            // What could not be read was made anew for this answer; the next one finds it written.
            self.center.rebuild_spoilt()?;
        }
        answer
    }

    /// The desk as of a transaction.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn desk<'a>(&'a self, db: &'a Connection) -> Result<Desk<'a>, DbError> {
        Desk::open(&self.center, self.outlines(db)?, db)
    }

    /// The imported outlines, parsed once for each import.
    fn outlines(&self, db: &Connection) -> Result<Arc<Vec<Boundary>>, DbError> {
        let stamp = setting::get(db, OUTLINES_STAMP)?.unwrap_or_default();
        let mut kept = self.outlines.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != stamp {
            let parsed = boundary::all(db)?
                .into_iter()
                .filter_map(|row| boundaries::outline(AreaCode::new(row.code).ok()?, &row.geometry).ok())
                .collect();
            *kept = (stamp, Arc::new(parsed));
        }
        Ok(Arc::clone(&kept.1))
    }
}

impl From<DbError> for ApiError {
    fn from(cause: DbError) -> Self {
        if storage::is_full(&cause) { Self::storage_full() } else { Self::internal(cause.step, &cause) }
    }
}

impl From<LoadError> for ApiError {
    fn from(cause: LoadError) -> Self {
        Self::internal("load a record", &cause)
    }
}

impl From<WriteError> for ApiError {
    fn from(cause: WriteError) -> Self {
        match cause {
            WriteError::Missing(_) | WriteError::OtherKind(_) => Self::not_found("record"),
            WriteError::Author(AuthorError::TooLarge) => Self::new(
                ErrorCode::BadInput,
                "all fields together are longer than one entry holds",
                "shorten the longest text, or write the rest as a note",
            ),
            WriteError::Unfit(refusal) => Self::new(
                ErrorCode::BadInput,
                format!("phones would refuse this: {}", refusal.code()),
                "remove control characters and shorten the longest text",
            ),
            other if storage::is_full(&other) => Self::storage_full(),
            other => Self::internal("write the record", &other),
        }
    }
}
