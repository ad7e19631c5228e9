//! A home whose database cannot be opened any more: set aside as it was found, read as far as it can be read, and gone on
//! with in a new one.
//!
//! Nothing here deletes what could still hold somebody's word. A folder `damaged-…` beside the database keeps the old files,
//! unreadable without the key; only those that were read to the last row go, the oldest first, when newer ones are there.
//! What is read back counts only where its hash says so. Dying at any point is safe: the mark goes first, and a folder without
//! its note is read again at the next opening.

use crate::failure::{OpenError, damage_was_seen, forget_damage};
use crate::key::StoreKey;
use crate::life::LifeSigns;
use crate::salvage::{self, Salvaged};
use crate::{Store, compare, life, open, terms};
use rusqlite::{ErrorCode, Transaction, TransactionBehavior};
use siaga_domain::time::UtcMs;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Beside the database: somebody read damage in it.
const SUSPECT: &str = "siaga.suspect";
const FOLDER: &str = "damaged-";
/// In a folder that was read: what became of it.
const NOTE: &str = "salvaged";
const EVERYTHING: &str = "everything";
/// Folders read to the last row that are kept, the newest of them.
const KEPT: usize = 2;
/// The database, what was not folded into it yet, what belongs to it, and the copies of its first page.
const FILES: [&str; 6] = ["siaga.db", LOG, "siaga.db-shm", open::HEAD, open::HEAD_AT_CLOSING, OPEN];
const LOG: &str = "siaga.db-wal";
/// Beside the database: somebody opened it, and nobody closed it as the last one since.
const OPEN: &str = "siaga.open";

impl Store {
    /// Opens the home as [`open`](Self::open) does. Where its database is damaged, lost or under another key, its files are
    /// set aside, what can be read of them goes into a new one, and [`faults`](Self::faults) say so.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was deleted. [`OpenError::InUse`] while another process has the damaged home open.
    pub fn open_or_rescue(home: &Path, key: &StoreKey, signs: &LifeSigns, at: UtcMs) -> Result<Self, OpenError> {
        let is_suspect = damage_was_seen() || home.join(SUSPECT).exists();
        let log_is_lost = log_is_lost(home);
        match Self::open(home, key, signs) {
            Ok(store) if !is_unread(home) && (!(is_suspect || store.is_first_of_boot()) || store.is_sound()) => {
                if is_suspect {
                    forget_damage();
                    remove(&home.join(SUSPECT)).map_err(OpenError::Home)?;
                }
                if log_is_lost {
                    store.goes_on_behind_itself(at).map_err(OpenError::Life)?;
                }
                return Ok(store);
            }
            Ok(_) => {}
            Err(error) if error.is_damage() => tracing::error!(%error, "the home does not open and is set aside"),
            Err(error) => return Err(error),
        }
        let guests = open::guests(home).map_err(OpenError::Home)?;
        // Another guest may be reading, and its closing would take the new files away under their old names.
        guests.try_lock().map_err(|_| OpenError::InUse)?;
        // Another process may have set it aside before us.
        let store = match Self::open_alone(home, key, signs, guests) {
            Ok(store) if store.is_sound() => store,
            Ok(store) => {
                let guests = store.into_guests()?;
                set_aside(home, at).map_err(OpenError::Home)?;
                Self::open_alone(home, key, signs, guests).map_err(|(error, _)| error)?
            }
            Err((error, guests)) if error.is_damage() => {
                set_aside(home, at).map_err(OpenError::Home)?;
                Self::open_alone(home, key, signs, guests).map_err(|(error, _)| error)?
            }
            Err((error, _)) => return Err(error),
        };
        for folder in unread(home).map_err(OpenError::Home)? {
            let salvaged = salvage::salvage(&folder, key, &store, at);
            let note = match &salvaged {
                Ok(Salvaged { is_all: true, .. }) => EVERYTHING.to_owned(),
                Ok(salvaged) => format!("saved {} lost {}", salvaged.saved, salvaged.lost),
                // What cannot be put back now, because the disk is full, is read again at the next opening.
                Err(error) => {
                    tracing::error!(%error, "what a damaged home holds was not put back yet");
                    continue;
                }
            };
            fs::write(folder.join(NOTE), note).map_err(OpenError::Home)?;
        }
        forget_damage();
        remove(&home.join(SUSPECT)).map_err(OpenError::Home)?;
        prune(home);
        store.let_guests_in()?;
        Ok(store)
    }

    /// What was written last is gone, whatever it was: somebody new writes from here on, asks first how far the chains of
    /// this phone got, and the person and the center are told.
    fn goes_on_behind_itself(&self, at: UtcMs) -> Result<(), rusqlite::Error> {
        tracing::error!("the log beside the database is gone: what was written last may be missing");
        let tx = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?;
        life::draw_actor(&tx, &self.draw)?;
        compare::chains_first(&tx)?;
        terms::forget_letters(&tx)?;
        tx.execute("INSERT INTO fault (code, at_ms, count) VALUES ('log_lost', ?1, 1)", [at.0])?;
        tx.commit()
    }

    /// Whether every table but the bytes of files reads back.
    fn is_sound(&self) -> bool {
        let tables: Result<Vec<String>, rusqlite::Error> = self
            .conn
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('file_piece', 'sqlite_sequence')",
            )
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect());
        let tables = match tables {
            Ok(tables) => tables,
            Err(cause) => return is_no_word_of_damage(&cause),
        };
        tables.iter().all(|table| {
            let said: Result<String, rusqlite::Error> =
                self.conn.query_row(&format!("PRAGMA quick_check('{table}')"), [], |row| row.get(0));
            said.map_or_else(|cause| is_no_word_of_damage(&cause), |said| said == "ok")
        })
    }
}

/// Whether a check could not be made for lack of room, memory or rights: that says nothing about the pages.
fn is_no_word_of_damage(cause: &rusqlite::Error) -> bool {
    /// Pages that do not read at all.
    const UNREADABLE: [i32; 2] = [rusqlite::ffi::SQLITE_IOERR_READ, rusqlite::ffi::SQLITE_IOERR_SHORT_READ];
    let rusqlite::Error::SqliteFailure(failure, _) = cause else { return false };
    match failure.code {
        ErrorCode::DiskFull
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::OutOfMemory
        | ErrorCode::ReadOnly => true,
        ErrorCode::SystemIoFailure => !UNREADABLE.contains(&failure.extended_code),
        _ => false,
    }
}

/// Whether the database was not closed and what was not folded into it yet is not there any more. Only where nobody has it
/// open: whoever closes it just now takes the log away as it should.
fn log_is_lost(home: &Path) -> bool {
    home.join("siaga.mark").exists()
        && looks_lost(home)
        && open::guests(home).is_ok_and(|guests| guests.try_lock().is_ok() && looks_lost(home))
}

/// Somebody had the home open and did not close it, and there is no log.
pub(crate) fn looks_lost(home: &Path) -> bool {
    home.join(OPEN).exists() && !home.join(LOG).exists()
}

/// Somebody has the home open from now on.
pub(crate) fn opened(home: &Path) {
    if let Err(error) = File::create(home.join(OPEN)) {
        tracing::warn!(%error, "it was not noted that the home is open");
    }
}

/// Where nobody else has it open, everything is in the database now; whether that is so.
pub(crate) fn closed(home: &Path) -> bool {
    let is_last = !home.join(LOG).exists();
    if is_last {
        // One that stays costs a comparison at the next opening.
        let _ = fs::remove_file(home.join(OPEN));
    }
    is_last
}

/// Leaves word for the next opening.
pub(crate) fn suspect(home: &Path) {
    if damage_was_seen() {
        // Where it cannot be left, the first opening of the next boot looks all the same.
        let _ = File::create(home.join(SUSPECT));
    }
}

fn is_unread(home: &Path) -> bool {
    unread(home).is_ok_and(|folders| !folders.is_empty())
}

fn unread(home: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(folders(home)?.into_iter().filter(|folder| !folder.join(NOTE).exists()).collect())
}

/// Oldest first.
fn folders(home: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(FOLDER) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The mark goes first: a database without one is no loss, so dying in between does not make an empty one look like one.
fn set_aside(home: &Path, at: UtcMs) -> io::Result<()> {
    let mut folder = home.join(format!("{FOLDER}{:015}", at.0.max(0)));
    let mut number = 1_u32;
    while folder.exists() {
        folder = home.join(format!("{FOLDER}{:015}-{number}", at.0.max(0)));
        number = number.saturating_add(1);
    }
    fs::create_dir(&folder)?;
    for name in std::iter::once("siaga.mark").chain(FILES) {
        match fs::rename(home.join(name), folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved?,
        }
    }
    Ok(())
}

/// Only what was read to the last row goes, and only when newer ones are there.
fn prune(home: &Path) {
    let Ok(folders) = folders(home) else { return };
    let read: Vec<PathBuf> = folders
        .into_iter()
        .filter(|folder| fs::read_to_string(folder.join(NOTE)).is_ok_and(|note| note == EVERYTHING))
        .collect();
    for folder in read.iter().take(read.len().saturating_sub(KEPT)) {
        if let Err(error) = fs::remove_dir_all(folder) {
            tracing::warn!(%error, "an old damaged home was not removed");
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
