//! The center's database: one SQLite file, WAL, `synchronous=FULL`; every SQL sentence of the center is below here.
//!
//! One connection writes, so a feed position that is visible has no unborn one before it; a few read. Other
//! processes (`siaga-center invite` beside a running server) are guests of the same file.
//!
//! Writings that wait for one another share one commit: each is undone by itself when it fails, and none returns before
//! the disk has all of them.

pub mod answered;
pub mod archive;
pub mod attachment;
pub mod audit;
pub mod boundary;
pub mod chain;
pub mod claimed;
pub mod damage;
pub mod desk;
pub mod device;
pub mod feed;
pub mod file;
pub mod gap;
mod group;
pub mod identity;
pub mod invitation;
pub mod letters;
pub mod log;
pub mod migrate;
pub mod part;
pub mod person;
pub mod placing;
pub mod projection;
pub mod quota;
pub mod replaced;
pub mod roster;
pub mod scope;
pub mod setting;
pub mod sos;
pub mod spoilt;
pub mod thin;
pub mod tick;
pub mod trail;
pub mod verdict;
pub mod waiting;

use crate::storage::Storage;
use group::Writer;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use siaga_domain::id::RecordId;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::Duration;

/// Below this SQLite has the WAL-reset bug that can lose committed pages.
const LEAST_SQLITE: i32 = 3_051_003;

const READERS: usize = 4;

/// A statement failed; `step` says which one in words.
#[derive(Debug, thiserror::Error)]
#[error("could not {step}")]
pub struct DbError {
    pub step: &'static str,
    #[source]
    pub cause: rusqlite::Error,
}

/// Names the step a statement belongs to.
pub trait Step<T> {
    /// # Errors
    /// The same error under the name of its step.
    fn step(self, step: &'static str) -> Result<T, DbError>;
}

impl<T> Step<T> for Result<T, rusqlite::Error> {
    fn step(self, step: &'static str) -> Result<T, DbError> {
        self.map_err(|cause| DbError { step, cause })
    }
}

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenDbError {
    #[error("SQLite {0} is too old: 3.51.3 or newer is needed")]
    TooOld(String),
    #[error("could not open the database")]
    Open(#[source] rusqlite::Error),
    #[error("could not prepare the database")]
    Prepare(#[source] rusqlite::Error),
    #[error("could not bring the database to this version")]
    Migrate(#[source] migrate::MigrateError),
}

/// The file and its connections.
pub struct Db {
    path: PathBuf,
    writer: Writer,
    /// The disk, asked for room before each writing.
    storage: Option<Arc<Storage>>,
    reader: Mutex<Connection>,
    /// Opened when the others are busy: each reads the whole schema.
    readers: Vec<OnceLock<Mutex<Connection>>>,
    /// Records whose projection could not be read as it is stored, until it is written anew.
    spoilt: Mutex<BTreeSet<RecordId>>,
}

impl Db {
    /// Opens the file, makes it where it is missing, and brings it to this build's schema.
    ///
    /// # Errors
    /// [`OpenDbError`] naming what failed.
    pub fn open(path: &Path) -> Result<Self, OpenDbError> {
        Self::open_on(path, None)
    }

    /// As [`open`](Self::open), on a disk whose reserve is given up for what must be written.
    ///
    /// # Errors
    /// [`OpenDbError`] naming what failed.
    pub fn open_on(path: &Path, storage: Option<Arc<Storage>>) -> Result<Self, OpenDbError> {
        if rusqlite::version_number() < LEAST_SQLITE {
            return Err(OpenDbError::TooOld(rusqlite::version().to_owned()));
        }
        let mut writer = connect(path, OpenFlags::default())?;
        migrate::migrate(&mut writer).map_err(OpenDbError::Migrate)?;
        #[cfg(feature = "faults")]
        let writer = crate::fault::witnessed(writer, path).map_err(OpenDbError::Prepare)?;
        let readers = (1..READERS).map(|_| OnceLock::new()).collect();
        Ok(Self {
            path: path.to_owned(),
            writer: Writer::new(writer),
            storage,
            reader: reading(path)?,
            readers,
            spoilt: Mutex::default(),
        })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads in one consistent view.
    ///
    /// # Errors
    /// Whatever `ask` gives, or [`DbError`] of the transaction around it.
    pub fn read<T, E: From<DbError>>(&self, ask: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.reader();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Deferred).step("begin a reading")?;
        let answer = ask(&tx);
        self.note_spoilt();
        let answer = answer?;
        tx.finish().step("end a reading")?;
        Ok(answer)
    }

    /// Writes all of it or nothing; it is on disk when this returns, and an error leaves nothing behind.
    ///
    /// # Errors
    /// Whatever `act` gives, or [`DbError`] of the transaction around it.
    pub fn write<T, E: From<DbError>>(&self, act: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        if let Some(storage) = &self.storage {
            storage.make_room();
        }
        let written = self.writer.write(act);
        self.note_spoilt();
        written
    }

    /// Records whose projection could not be read as it is stored and was made anew from the log for whoever asked.
    #[must_use]
    pub fn spoilt(&self) -> BTreeSet<RecordId> {
        self.spoilt.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The projection of a record was written anew.
    pub fn is_whole_again(&self, record: &RecordId) {
        self.spoilt.lock().unwrap_or_else(PoisonError::into_inner).remove(record);
    }

    fn note_spoilt(&self) {
        let found = spoilt::found();
        if !found.is_empty() {
            self.spoilt.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        }
    }

    /// What SQLite finds damaged in a file that nobody writes; empty when nothing is.
    ///
    /// # Errors
    /// [`DbError`] when it is no database.
    pub fn look_at(path: &Path) -> Result<Vec<String>, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).step("open a database")?;
        integrity(&connection)
    }

    /// A number that moves when another process committed; the same connection must be asked each time.
    ///
    /// # Errors
    /// [`DbError`] when the pragma does not answer.
    pub fn others_version(&self) -> Result<i64, DbError> {
        let connection = self.writer.alone()?;
        connection.pragma_query_value(None, "data_version", |row| row.get(0)).step("ask whether others wrote")
    }

    /// A whole, compact copy of the database as of now, at `target`, which must not exist.
    ///
    /// # Errors
    /// [`DbError`] when SQLite cannot write it.
    pub fn copy_to(&self, target: &Path) -> Result<(), DbError> {
        let connection = self.writer.alone()?;
        connection.execute("VACUUM INTO ?1", [target.to_string_lossy()]).step("copy the database")?;
        Ok(())
    }

    /// Closes the database with everything in its one file and nothing in a log beside it.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn close_into_one_file(self) -> Result<(), DbError> {
        drop((self.reader, self.readers));
        let writer = self.writer.into_connection()?;
        writer.pragma_update(None, "journal_mode", "DELETE").step("fold the log into the database")?;
        writer.close().map_err(|(_, cause)| DbError { step: "close the database", cause })
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        for reader in std::iter::once(&self.reader).chain(self.readers.iter().filter_map(OnceLock::get)) {
            match reader.try_lock() {
                Ok(connection) => return connection,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        // Where another one cannot be opened, the first one is waited for.
        if let Some(unopened) = self.readers.iter().find(|reader| reader.get().is_none())
            && let Ok(reader) = reading(&self.path)
        {
            return unopened.get_or_init(|| reader).lock().unwrap_or_else(PoisonError::into_inner);
        }
        // A connection behind a poisoned lock is sound: its transaction rolled back when the panicking thread dropped it.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reading(path: &Path) -> Result<Mutex<Connection>, OpenDbError> {
    let reader = connect(path, OpenFlags::default())?;
    reader.pragma_update(None, "query_only", true).map_err(OpenDbError::Prepare)?;
    Ok(Mutex::new(reader))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, OpenDbError> {
    let connection = Connection::open_with_flags(path, flags).map_err(OpenDbError::Open)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(OpenDbError::Prepare)?;
    // A plan once made stays: otherwise most statements would be parsed again whenever other values are bound to them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(OpenDbError::Prepare)?;
    // More than there are statements that are asked again.
    connection.set_prepared_statement_cache_capacity(512);
    for (pragma, value) in
        [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON"), ("temp_store", "MEMORY")]
    {
        connection.pragma_update(None, pragma, value).map_err(OpenDbError::Prepare)?;
    }
    Ok(connection)
}

/// The rows that can be read. One that does not hold what its column promises costs itself, not the list, and is named in
/// the log; a failure of the database itself is passed on.
///
/// # Errors
/// rusqlite's error where the database fails.
pub fn readable<T>(rows: impl Iterator<Item = rusqlite::Result<T>>) -> rusqlite::Result<Vec<T>> {
    let mut read = Vec::new();
    for row in rows {
        match row {
            Ok(row) => read.push(row),
            Err(
                error @ (rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..)),
            ) => tracing::error!(%error, "a row of a list cannot be read and is left out"),
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Reads an id or hash column of fixed length.
///
/// # Errors
/// rusqlite's conversion error when the blob has another length.
pub fn fixed<T>(row: &rusqlite::Row<'_>, column: usize, make: fn(&[u8]) -> Option<T>) -> rusqlite::Result<T> {
    let blob = row.get_ref(column)?.as_blob()?;
    make(blob).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Blob,
            "a blob of another length".into(),
        )
    })
}

/// Reads a column of short text that is a code of `T`.
///
/// # Errors
/// rusqlite's conversion error when the text is no such code.
pub fn coded<T: std::str::FromStr>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|_| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            "a code this build does not know".into(),
        )
    })
}

#[must_use]
pub fn record_of(blob: &[u8]) -> Option<siaga_domain::id::RecordId> {
    blob.try_into().ok()
}

#[must_use]
pub fn device_of(blob: &[u8]) -> Option<siaga_domain::id::DeviceId> {
    blob.try_into().ok()
}

#[must_use]
pub fn hash_of(blob: &[u8]) -> Option<siaga_domain::id::ChangeHash> {
    blob.try_into().ok()
}

/// SQLite counts in signed numbers; positions and sequences never come near their end.
#[must_use]
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[must_use]
pub fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// What SQLite itself finds damaged; empty when nothing is.
///
/// # Errors
/// [`DbError`] when it cannot look.
pub fn integrity(db: &Connection) -> Result<Vec<String>, DbError> {
    let mut said: Vec<String> = db
        .prepare("PRAGMA integrity_check")
        .step("prepare the check of the file")?
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .step("check the file")?;
    said.retain(|line| line != "ok");
    Ok(said)
}
