//! Room on the disk that is held while there is some, for what must be saved on a full one: a press, an acknowledgement, a
//! call for help, and the exchange that carries them.
//!
//! Nothing that is held is ever given back to the disk, where somebody else might take it:
//! - the log beside the database is as long as it ever gets, and SQLite writes over it;
//! - the database has free pages, all of them on the disk, and what is not urgent leaves the last of them alone;
//! - a blank log lies beside it, which becomes the log of an opening that has no room for one.
//!
//! Only the index beside the log, 32 KB, is made anew at each opening: a file of that size goes for it. Where its room is
//! gone all the same, the home is opened for one process alone, which needs no index.

use crate::failure::{Step as _, StoreError};
use crate::{Store, open};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

const LOG: &str = "siaga.db-wal";
/// Becomes the log.
const RESERVE: &str = "siaga.reserve";
/// Goes for the index beside the log.
const INDEX: &str = "siaga.reserve-index";

const LOG_BYTES: u64 = 1024 * 1024;
/// What SQLite makes, and the last closing gives back.
const INDEX_BYTES: u64 = 32 * 1024;
/// The log is folded into the database at this size: what is written meanwhile fits behind it.
pub(crate) const FOLDED_AT_PAGES: u32 = 160;
const FREE_PAGES: u32 = 256;
/// SQLite takes a log for empty whose first bytes are no head.
const HEAD_BYTES: usize = 32;

/// How much of the free pages somebody leaves alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Need {
    /// A press, an acknowledgement, a call for help.
    Urgent,
    /// What the center says.
    Exchange,
    /// Everything else.
    Rest,
}

impl Need {
    const fn leaves_pages(self) -> u32 {
        match self {
            Self::Urgent => 0,
            Self::Exchange => FREE_PAGES / 4,
            Self::Rest => FREE_PAGES / 4 * 3,
        }
    }
}

/// Whether an operation failed for lack of room alone.
pub(crate) fn is_lack_of_room(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Whether a failure of the database is a full disk: where its code does not say so, by writing a little.
pub(crate) fn is_full(home: &Path, cause: &rusqlite::Error) -> bool {
    match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        // The files beside the database could not be made or grown; or somebody opened it for one process alone.
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::DatabaseBusy) => {
            let probe = home.join("siaga.probe");
            let written = File::create(&probe).and_then(|mut file| {
                file.write_all(&[1; INDEX_BYTES as usize])?;
                file.sync_all()
            });
            let _ = fs::remove_file(&probe);
            written.is_err_and(|error| is_lack_of_room(&error))
        }
        _ => false,
    }
}

/// Holds what can be held. Never fails: an opening does not depend on it.
pub(crate) fn hold(conn: &Connection, home: &Path) {
    let held = allocate(&home.join(LOG), LOG_BYTES)
        .and_then(|()| lay_by(home))
        .and_then(|()| fill_up(conn, home).map_err(io::Error::other));
    if let Err(error) = held {
        tracing::warn!(%error, "room for a full disk is not held yet");
    }
}

/// A blank log and what goes for its index, where they are not there.
fn lay_by(home: &Path) -> Result<(), io::Error> {
    for (name, size) in [(RESERVE, LOG_BYTES), (INDEX, INDEX_BYTES)] {
        let path = home.join(name);
        if fs::metadata(&path).is_ok_and(|found| found.len() >= size) {
            continue;
        }
        let part = home.join("siaga.reserve-part");
        let made = File::create(&part)
            .and_then(|_| allocate(&part, size))
            .and_then(|()| File::open(&part)?.sync_all())
            .and_then(|()| fs::rename(&part, &path));
        if made.is_err() {
            // What is half there would take room from what it is for.
            let _ = fs::remove_file(&part);
            return made;
        }
    }
    Ok(())
}

/// Free pages in the database, on the disk.
fn fill_up(conn: &Connection, home: &Path) -> Result<(), StoreError> {
    let database = home.join(open::DATABASE);
    let free = free_pages(conn)?;
    if free >= FREE_PAGES {
        return Ok(());
    }
    let pages: u32 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).step("count the pages")?;
    let missing = FREE_PAGES.saturating_sub(free);
    let bytes = |pages: u32| u64::from(pages).saturating_mul(open::PAGE_BYTES as u64);
    // First the room, then the pages in it: pages that have none would be found out by a press.
    allocate(&database, bytes(pages.saturating_add(missing))).step("hold room")?;
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate).step("hold room")?;
    tx.execute("INSERT INTO room (bytes) VALUES (zeroblob(?1))", [i64::try_from(bytes(missing)).unwrap_or(0)])
        .and_then(|_| tx.execute("DELETE FROM room", []))
        .step("hold room")?;
    tx.commit().step("hold room")?;
    fold(conn, "PASSIVE");
    let length = fs::metadata(&database).step("hold room")?.len();
    allocate(&database, length).step("hold room")
}

fn free_pages(conn: &Connection) -> Result<u32, StoreError> {
    conn.query_row("PRAGMA freelist_count", [], |row| row.get(0)).step("count the free pages")
}

fn fold(conn: &Connection, how: &str) {
    if let Err(error) = conn.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(())) {
        tracing::warn!(%error, "the log beside the database was not folded into it");
    }
}

/// Before the last connection is closed, which takes the log away: where no blank log lies by, because the disk is full,
/// this one is kept under its name.
pub(crate) fn keep_log(home: &Path) {
    if !home.join(RESERVE).exists() {
        let _ = fs::hard_link(home.join(LOG), home.join(RESERVE));
    }
}

/// Behind the last closing: what was kept is blank from now on. While somebody has the home open it is the log still.
pub(crate) fn blank_log(home: &Path, was_last: bool) {
    let reserve = home.join(RESERVE);
    if is_blank(&reserve) {
        return;
    }
    let done = if was_last { blank(&reserve) } else { fs::remove_file(&reserve) };
    if let Err(error) = done
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, "a blank log does not lie by");
    }
    let _ = lay_by(home);
}

fn is_blank(path: &Path) -> bool {
    let mut head = [1; HEAD_BYTES];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == [0; HEAD_BYTES]
}

fn blank(path: &Path) -> Result<(), io::Error> {
    let mut file = File::options().write(true).open(path)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&[0; HEAD_BYTES])?;
    file.sync_all()
}

/// Gives an opening what it has no room for. Only for whoever is alone with the home: somebody else's log may be one that was
/// just begun.
pub(crate) fn give(home: &Path) {
    let log = home.join(LOG);
    let reserve = home.join(RESERVE);
    if !fs::metadata(&log).is_ok_and(|found| found.len() > 0) {
        if !is_blank(&reserve) && reserve.exists() {
            // The process died between the end of its log and this.
            let _ = blank(&reserve);
        }
        if is_blank(&reserve) {
            let _ = fs::rename(&reserve, &log);
        }
    }
    let _ = fs::remove_file(home.join(INDEX));
    tracing::warn!("the disk is full: the home is opened in the room that was held for that");
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn allocate(path: &Path, size: u64) -> Result<(), io::Error> {
    use rustix::fs::{FallocateFlags, fallocate};
    let file = File::options().write(true).open(path)?;
    match fallocate(&file, FallocateFlags::empty(), 0, size) {
        // A disk that cannot hold room has none to hold.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => Ok(()),
        allocated => allocated.map_err(io::Error::from),
    }
}

/// Phones run Linux; a desk's disk has room.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn allocate(_: &Path, _: u64) -> Result<(), io::Error> {
    Ok(())
}

impl Store {
    /// Whether this may be written now. On a full disk the last free pages are for what is more urgent.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub(crate) fn must_have_room(&self, need: Need) -> Result<(), StoreError> {
        if free_pages(&self.conn)? >= need.leaves_pages() {
            return Ok(());
        }
        fill_up(&self.conn, &self.home)
    }

    /// Holds again what was used, where the disk has room by now.
    pub fn hold_room(&self) {
        hold(&self.conn, &self.home);
    }

    /// Folds the log into the database, so that it begins anew in the room it has.
    pub fn make_room(&self) {
        fold(&self.conn, "RESTART");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_log_is_made_once_and_a_kept_one_is_blank_before_it_is_used() {
        let home = tempfile::tempdir().expect("a folder");
        let [log, reserve] = [LOG, RESERVE].map(|name| home.path().join(name));
        lay_by(home.path()).expect("room");
        let made = fs::metadata(&reserve).expect("a file").modified().expect("a time");
        lay_by(home.path()).expect("room");
        assert_eq!(fs::metadata(&reserve).expect("a file").modified().expect("a time"), made);

        give(home.path());
        assert!(is_blank(&log) && !reserve.exists());
        fs::write(&log, [7; 4096]).expect("a used log");
        keep_log(home.path());
        give(home.path());
        assert!(!is_blank(&log), "what somebody uses is left alone");
        fs::remove_file(&log).expect("the last closing takes it away");
        blank_log(home.path(), true);
        give(home.path());

        assert!(is_blank(&log));
    }

    #[test]
    fn a_kept_name_of_a_log_that_is_in_use_goes() {
        let home = tempfile::tempdir().expect("a folder");
        let log = home.path().join(LOG);
        fs::write(&log, [7; 4096]).expect("a log");
        keep_log(home.path());

        blank_log(home.path(), false);

        assert_eq!(fs::read(&log).expect("a log"), [7; 4096]);
        assert!(is_blank(&home.path().join(RESERVE)), "another one");
    }
}
