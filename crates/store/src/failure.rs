//! Why the store did not do something, by the step that failed. No content stands in any of these.

use crate::room;
use siaga_document::{AuthorError, RebuildError};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::policy::Denial;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The store could not be opened. Nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the home folder could not be made or read")]
    Home(#[source] std::io::Error),
    #[error("the database could not be opened")]
    Open(#[source] rusqlite::Error),
    #[error("the database does not open with this key, or it is damaged")]
    Key(#[source] rusqlite::Error),
    #[error("SQLite {found} is too old: 3.51.3 or newer is needed")]
    OldSqlite { found: String },
    #[error("the database was written by a newer version of this app (schema {found}, this app knows {known})")]
    NewerSchema { found: u32, known: u32 },
    #[error("the database could not be brought to schema {to}")]
    Migrate {
        to: u32,
        #[source]
        cause: rusqlite::Error,
    },
    #[error("the database is empty although a home was here")]
    Emptied,
    #[error("the home is damaged, and another process has it open")]
    InUse,
    #[error("the disk is full")]
    Full,
    #[error("the mark beside the database could not be written")]
    Mark(#[source] std::io::Error),
    #[error("the life of this home could not be recorded")]
    Life(#[source] rusqlite::Error),
}

impl OpenError {
    /// Whether the database itself is what does not read: not a lack of room, of rights or of a newer app.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Emptied => true,
            Self::Open(cause) | Self::Key(cause) | Self::Life(cause) | Self::Migrate { cause, .. } => is_damage(cause),
            Self::Home(_)
            | Self::OldSqlite { .. }
            | Self::NewerSchema { .. }
            | Self::InUse
            | Self::Full
            | Self::Mark(_) => false,
        }
    }

    /// Whether it failed for lack of room: nothing is damaged, and it opens when there is some.
    pub(crate) fn is_lack_of_room(&self, home: &Path) -> bool {
        match self {
            Self::Full => true,
            Self::Home(cause) | Self::Mark(cause) => room::is_lack_of_room(cause),
            Self::Open(cause) | Self::Key(cause) | Self::Life(cause) | Self::Migrate { cause, .. } => {
                !is_damage(cause) && room::is_full(home, cause)
            }
            Self::OldSqlite { .. } | Self::NewerSchema { .. } | Self::Emptied | Self::InUse => false,
        }
    }
}

fn is_damage(cause: &rusqlite::Error) -> bool {
    let code = cause.sqlite_error_code();
    matches!(code, Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt))
}

/// Some database of this process did not read back.
static DAMAGE: AtomicBool = AtomicBool::new(false);

pub(crate) fn damage_was_seen() -> bool {
    DAMAGE.load(Ordering::Relaxed)
}

pub(crate) fn forget_damage() {
    DAMAGE.store(false, Ordering::Relaxed);
}

/// The store could not do what was asked. The transaction left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("could not {step}")]
    Sql {
        /// `append the change`, `read the outbox`.
        step: &'static str,
        #[source]
        cause: rusqlite::Error,
    },
    #[error("the disk is full")]
    Full,
    #[error("could not {step}")]
    File {
        step: &'static str,
        #[source]
        cause: std::io::Error,
    },
    #[error("a stored {what} cannot be read back")]
    Damaged { what: &'static str },
    #[error("record {0} is not on this phone")]
    NoSuchRecord(RecordId),
    #[error("record {0} exists already")]
    RecordExists(RecordId),
    #[error("this role may not write it")]
    Denied(#[source] Denial),
    #[error("the entries could not be written into the document")]
    Author(#[source] AuthorError),
    #[error("record {record} could not be rebuilt from its log")]
    Rebuild {
        record: RecordId,
        #[source]
        cause: RebuildError,
    },
    #[error("this phone is not enrolled")]
    NotEnrolled,
    #[error("another process syncs now")]
    LeaseLost,
    #[error("the answer is of another life of the center")]
    OtherLife,
    #[error("no envelope {seq} in lane {lane} waits to be sealed")]
    NoSuchEnvelope { lane: u8, seq: u64 },
    #[error("an envelope could not be described")]
    Manifest,
    #[error("another process writes into this home all the time")]
    Busy,
    #[error("attachment {0} is not on this phone")]
    NoSuchAttachment(ChangeHash),
}

impl StoreError {
    /// Whether the database did not read back: it is set aside and read as far as it can be at the next opening.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Sql { cause, .. } if is_damage(cause))
    }

    /// Whether the disk is full: what is saved stays, new things wait.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::File { cause, .. } => room::is_lack_of_room(cause),
            _ => false,
        }
    }
}

/// Names the step beside the cause.
pub(crate) trait Step<T> {
    fn step(self, step: &'static str) -> Result<T, StoreError>;
}

impl<T> Step<T> for Result<T, rusqlite::Error> {
    fn step(self, step: &'static str) -> Result<T, StoreError> {
        self.map_err(|cause| match cause.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::Full,
            _ => {
                if is_damage(&cause) {
                    DAMAGE.store(true, Ordering::Relaxed);
                }
                StoreError::Sql { step, cause }
            }
        })
    }
}

impl<T> Step<T> for Result<T, std::io::Error> {
    fn step(self, step: &'static str) -> Result<T, StoreError> {
        self.map_err(|cause| StoreError::File { step, cause })
    }
}
