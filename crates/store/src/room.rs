//! Room: a file beside the database that holds the last of the disk free for presses and calls for help.
//!
//! While the disk has room the file is there. When a press finds none, the file goes and the press is written where it was.
//! Without the file nothing else is taken, so that what it freed stays for what is urgent and for its way to the center.

use crate::Store;
use rusqlite::ErrorCode;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

const RESERVE: &str = "siaga.reserve";

/// Some two hundred pages: the log beside the database is folded into it whenever this is used, so presses use little of it.
const RESERVE_BYTES: usize = 1024 * 1024;
static CHUNK: [u8; 64 * 1024] = [0; 64 * 1024];

/// Whether an operation failed for lack of room alone.
pub(crate) fn is_lack_of_room(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Whether the reserve is there, made just now where it was not.
pub(crate) fn keep(home: &Path) -> Result<(), io::Error> {
    let reserve = home.join(RESERVE);
    if fs::metadata(&reserve).is_ok_and(|found| found.len() == RESERVE_BYTES as u64) {
        return Ok(());
    }
    let part = home.join("siaga.reserve.part");
    let made = write(&part).and_then(|()| fs::rename(&part, &reserve));
    if made.is_err() {
        // What is half there would take the room it was to keep.
        let _ = fs::remove_file(&part);
    }
    made
}

fn write(part: &Path) -> Result<(), io::Error> {
    let mut file = File::create(part)?;
    for _ in 0..RESERVE_BYTES / CHUNK.len() {
        file.write_all(&CHUNK)?;
    }
    file.sync_all()
}

/// Gives the reserve up; whether there was one.
pub(crate) fn release(home: &Path) -> bool {
    let released = fs::remove_file(home.join(RESERVE)).is_ok();
    if released {
        tracing::warn!("the disk is full: its reserve is given up for what is urgent");
    }
    released
}

/// Whether the disk is full, asked by the database's own error and, where that does not say so, by writing a little.
pub(crate) fn is_full(home: &Path, cause: Option<&rusqlite::Error>) -> bool {
    match cause.and_then(rusqlite::Error::sqlite_error_code) {
        Some(ErrorCode::DiskFull) => true,
        // The files beside the database could not be made or grown: it does not say why.
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) | None => {
            let probe = home.join("siaga.probe");
            let full = File::create(&probe)
                .and_then(|mut file| file.write_all(&CHUNK).and_then(|()| file.sync_all()))
                .is_err_and(|error| is_lack_of_room(&error));
            let _ = fs::remove_file(&probe);
            full
        }
        Some(_) => false,
    }
}

impl Store {
    /// Frees what was kept for what is urgent, and folds the log into the database, which needs less room than both.
    pub fn make_room(&self) {
        release(&self.home);
        let folded = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = folded {
            tracing::warn!(%error, "the log beside the database was not folded into it");
        }
    }

    /// Whether only what is urgent is written: the disk is full, and the reserve is used.
    pub(crate) fn takes_only_what_is_urgent(&self) -> bool {
        keep(&self.home).is_err_and(|error| is_lack_of_room(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_made_once_and_comes_back_when_there_is_room() {
        let home = tempfile::tempdir().expect("a folder");
        keep(home.path()).expect("room");
        let made = fs::metadata(home.path().join(RESERVE)).expect("a file").modified().expect("a time");
        keep(home.path()).expect("room");
        assert_eq!(fs::metadata(home.path().join(RESERVE)).expect("a file").modified().expect("a time"), made);

        assert!(release(home.path()));
        assert!(!release(home.path()));

        keep(home.path()).expect("room");
        assert!(home.path().join(RESERVE).exists());
        assert!(!is_full(home.path(), None));
    }
}
