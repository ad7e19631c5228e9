//! Opening a home: the key, the pragmas, the schema, the life. Nothing here ever deletes a database.

use crate::Store;
use crate::compare;
use crate::failure::OpenError;
use crate::key::StoreKey;
use crate::life::{self, Life, LifeSigns};
use crate::rescue;
use crate::room;
use crate::terms;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Migrations in their order. A released one is frozen: whatever comes later is a new file.
const MIGRATIONS: [&str; 17] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
    include_str!("migrations/0013.sql"),
    include_str!("migrations/0014.sql"),
    include_str!("migrations/0015.sql"),
    include_str!("migrations/0016.sql"),
    include_str!("migrations/0017.sql"),
];

/// 3.51.3 mends a bug in resetting the write-ahead log that could lose committed pages.
const OLDEST_SQLITE: i32 = 3_051_003;

pub(crate) const DATABASE: &str = "siaga.db";
/// Made with the home, locked by everybody who has it open, never written.
pub(crate) const GUESTS: &str = "siaga.guests";
pub(crate) const HEAD: &str = "siaga.head";
/// The same as of the last closing, while the home is closed: since its opening the database may have grown.
pub(crate) const HEAD_AT_CLOSING: &str = "siaga.head-closed";
pub(crate) const PAGE_BYTES: usize = 4096;

impl Store {
    /// Copies the first pages as they are now: an app that nobody closes grows for weeks behind the copy of its opening.
    pub fn copy_first_pages(&self) {
        keep_head(&self.home, HEAD, &first_pages(&self.conn));
    }

    /// Opens the home, making it where it does not exist yet. Many processes may hold one store each.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was deleted.
    pub fn open(home: &Path, key: &StoreKey, signs: &LifeSigns) -> Result<Self, OpenError> {
        make_private(home).map_err(OpenError::Home)?;
        let guests = guests(home).map_err(OpenError::Home)?;
        guests.lock_shared().map_err(OpenError::Home)?;
        match Self::open_alone(home, key, signs, guests) {
            Err((error, guests)) if error.is_lack_of_room(home) => Self::open_in_reserve(home, key, signs, guests),
            opened => opened.map_err(|(error, _)| error),
        }
    }

    /// Opens on a full disk, in the room that is held for that.
    fn open_in_reserve(home: &Path, key: &StoreKey, signs: &LifeSigns, guests: File) -> Result<Self, OpenError> {
        if guests.try_lock().is_err() {
            return Err(OpenError::Full);
        }
        room::give(home);
        let with_guests = Self::open_for(home, key, signs, guests, Guests::Let);
        let opened = match with_guests {
            Err((error, guests)) if error.is_lack_of_room(home) => {
                Self::open_for(home, key, signs, guests, Guests::Refused)
            }
            opened => opened,
        };
        let store = opened.map_err(|(error, _)| if error.is_lack_of_room(home) { OpenError::Full } else { error })?;
        store.let_guests_in()?;
        Ok(store)
    }

    /// As [`open`](Self::open), under a lock the caller has; it is given back with an error.
    pub(crate) fn open_alone(
        home: &Path,
        key: &StoreKey,
        signs: &LifeSigns,
        guests: File,
    ) -> Result<Self, (OpenError, File)> {
        Self::open_for(home, key, signs, guests, Guests::Let)
    }

    fn open_for(
        home: &Path,
        key: &StoreKey,
        signs: &LifeSigns,
        guests: File,
        others: Guests,
    ) -> Result<Self, (OpenError, File)> {
        let was_lost = rescue::looks_lost(home);
        let opened = open(home, key, signs, others).inspect_err(|_| {
            // An opening that failed leaves no sign of an app that was killed.
            if !was_lost {
                rescue::closed(home);
            }
        });
        match opened {
            Ok((conn, life)) => Ok(Self {
                conn,
                home: home.to_owned(),
                boot: life.boot,
                boot_id: signs.boot_id.clone(),
                draw: signs.draw.clone(),
                first_of_boot: life.first_of_boot,
                is_safe_mode: false,
                guests,
            }),
            Err(error) => Err((error, guests)),
        }
    }

    pub(crate) const fn is_first_of_boot(&self) -> bool {
        self.first_of_boot
    }

    /// Closes the database and keeps the lock.
    pub(crate) fn into_guests(self) -> Result<File, OpenError> {
        self.guests.try_clone().map_err(OpenError::Home)
    }

    /// Whoever was alone with the home is a guest like any other from now on.
    pub(crate) fn let_guests_in(&self) -> Result<(), OpenError> {
        self.guests.lock_shared().map_err(OpenError::Home)
    }
}

/// Whether other processes may open the home beside this one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guests {
    Let,
    /// No index beside the log is needed then.
    Refused,
}

fn open(home: &Path, key: &StoreKey, signs: &LifeSigns, others: Guests) -> Result<(Connection, Life), OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { found: rusqlite::version().to_owned() });
    }
    wake_the_library()?;
    let database = home.join(DATABASE);
    // The mark is written once there is something in the database: looked for before, it says that there must be.
    let was_here = life::mark_path(&database).exists();
    let is_empty = std::fs::metadata(&database).map_or(true, |found| found.len() == 0);
    if was_here && is_empty {
        // Not even opened: SQLite would throw away what its log still holds.
        return Err(OpenError::Emptied);
    }
    rescue::opened(home);
    let conn = Connection::open(&database).map_err(OpenError::Open)?;
    configure(&conn, key, others)?;
    #[cfg(feature = "faults")]
    let conn = crate::fault::witnessed(conn, home).map_err(OpenError::Open)?;
    if was_here && schema(&conn).map_err(OpenError::Key)? == 0 {
        return Err(OpenError::Emptied);
    }
    migrate(&conn)?;
    let pages = first_pages(&conn);
    if !pages.is_empty() {
        keep_head(home, HEAD, &pages);
        // A copy from before a migration would say that things are where they were.
        let _ = std::fs::remove_file(home.join(HEAD_AT_CLOSING));
    }
    crate::plain::take_in(&conn, home);
    let tx = Transaction::new_unchecked(&conn, TransactionBehavior::Immediate).map_err(OpenError::Life)?;
    let life = life::begin(&tx, &database, signs)?;
    compare::was_put_back(&tx, &life).map_err(OpenError::Life)?;
    if life.put_back {
        // The other home may count on from the same number.
        terms::forget_letters(&tx).map_err(OpenError::Life)?;
    }
    crate::reread::read_anew(&tx);
    tx.commit().map_err(OpenError::Life)?;
    room::hold(&conn, home);
    if life.new_actor {
        tracing::debug!("a new actor writes in this home");
    }
    Ok((conn, life))
}

/// Everybody who opens the home has this file open, and a shared lock on it.
pub(crate) fn guests(home: &Path) -> std::io::Result<File> {
    File::options().create(true).read(true).write(true).truncate(false).open(home.join(GUESTS))
}

/// The pages that say where everything is, the first one and the rest of the schema, and those that say who this phone is.
/// None where these do not read back: an older copy is worth more than one of what is damaged.
pub(crate) fn first_pages(conn: &Connection) -> Vec<u32> {
    let reads_back = conn.query_row("SELECT count(*) + count(root_der) FROM enrolment", [], |_| Ok(())).is_ok();
    if !reads_back {
        return Vec::new();
    }
    conn.prepare("SELECT pageno FROM dbstat WHERE name IN ('sqlite_schema', 'enrolment') ORDER BY pageno LIMIT 256")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .unwrap_or_default()
}

/// A copy of these pages, encrypted as they are in the database: without them nothing else can be found again. Never fails:
/// neither an opening nor a closing may depend on it.
pub(crate) fn keep_head(home: &Path, name: &str, numbers: &[u32]) {
    let Ok(mut file) = File::open(home.join(DATABASE)) else { return };
    let mut head = Vec::new();
    for number in numbers {
        let mut page = [0; PAGE_BYTES];
        let at = u64::from(number.saturating_sub(1)).saturating_mul(PAGE_BYTES as u64);
        // What is still in the log beside the database is copied at the closing.
        if file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut page)).is_ok() {
            head.extend(number.to_be_bytes());
            head.extend(page);
        }
    }
    let kept = home.join(name);
    if head.is_empty() || std::fs::read(&kept).is_ok_and(|known| known == head) {
        return;
    }
    let temporary = home.join(format!("{name}.part"));
    if std::fs::write(&temporary, head).and_then(|()| std::fs::rename(&temporary, &kept)).is_err() {
        let _ = std::fs::remove_file(&temporary);
        tracing::warn!("the first pages of the database were not copied");
    }
}

/// Where each copied page stands in the database, and its bytes.
pub(crate) fn pages_of_head(head: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    head.chunks_exact(PAGE_BYTES.saturating_add(4)).filter_map(|chunk| {
        let (number, page) = chunk.split_first_chunk::<4>()?;
        let before = u32::from_be_bytes(*number).checked_sub(1)?;
        Some((u64::from(before).saturating_mul(PAGE_BYTES as u64), page))
    })
}

/// The library says that it is awake a moment before its cipher is, and a thread that opens a database in that moment
/// is told that its key does not fit. So the first opening in a process is over before another one begins.
fn wake_the_library() -> Result<(), OpenError> {
    static AWAKE: Mutex<bool> = Mutex::new(false);
    let mut awake = AWAKE.lock().unwrap_or_else(PoisonError::into_inner);
    if !*awake {
        Connection::open_in_memory().map_err(OpenError::Open)?;
        *awake = true;
    }
    Ok(())
}

fn configure(conn: &Connection, key: &StoreKey, others: Guests) -> Result<(), OpenError> {
    conn.busy_timeout(Duration::from_secs(10)).map_err(OpenError::Open)?;
    // The library would tell the terminal what the error already says.
    conn.execute_batch("PRAGMA cipher_log_level = NONE").map_err(OpenError::Open)?;
    conn.execute_batch(&key.pragma()).map_err(OpenError::Key)?;
    if others == Guests::Refused {
        conn.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(OpenError::Open)?;
    }
    // The first read shows whether the key fits.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map_err(OpenError::Key)?;
    conn.pragma_update(None, "journal_mode", "WAL").map_err(OpenError::Open)?;
    conn.pragma_update(None, "wal_autocheckpoint", room::FOLDED_AT_PAGES).map_err(OpenError::Open)?;
    conn.pragma_update(None, "synchronous", "FULL").map_err(OpenError::Open)?;
    conn.pragma_update(None, "foreign_keys", "ON").map_err(OpenError::Open)?;
    conn.pragma_update(None, "temp_store", "MEMORY").map_err(OpenError::Open)?;
    // A plan once made stays: otherwise most statements would be parsed again whenever other values are bound to them.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(OpenError::Open)?;
    // More than there are statements that are asked again.
    conn.set_prepared_statement_cache_capacity(256);
    Ok(())
}

fn schema(conn: &Connection) -> Result<u32, rusqlite::Error> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn migrate(conn: &Connection) -> Result<(), OpenError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found = schema(conn).map_err(OpenError::Key)?;
    if found == known {
        return Ok(());
    }
    for (to, sql) in (1_u32..).zip(MIGRATIONS) {
        let failed = |cause| OpenError::Migrate { to, cause };
        let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate).map_err(failed)?;
        // Another guest may have come first; only inside the transaction is this the truth.
        let found = schema(&tx).map_err(failed)?;
        if found > known {
            return Err(OpenError::NewerSchema { found, known });
        }
        if found < to {
            tx.execute_batch(sql).map_err(failed)?;
            tx.pragma_update(None, "user_version", to).map_err(failed)?;
        }
        tx.commit().map_err(failed)?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}
