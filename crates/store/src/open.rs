//! Opening a home: the key, the pragmas, the schema, the life. Nothing here ever deletes a database.

use crate::Store;
use crate::compare;
use crate::failure::OpenError;
use crate::key::StoreKey;
use crate::life::{self, LifeSigns};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Migrations in their order. A released one is frozen: whatever comes later is a new file.
const MIGRATIONS: [&str; 10] = [
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
];

/// 3.51.3 mends a bug in resetting the write-ahead log that could lose committed pages.
const OLDEST_SQLITE: i32 = 3_051_003;

const DATABASE: &str = "siaga.db";

impl Store {
    /// Opens the home, making it where it does not exist yet. Many processes may hold one store each.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was deleted.
    pub fn open(home: &Path, key: &StoreKey, signs: &LifeSigns) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(OpenError::OldSqlite { found: rusqlite::version().to_owned() });
        }
        make_private(home).map_err(OpenError::Home)?;
        wake_the_library()?;
        let database = home.join(DATABASE);
        let conn = Connection::open(&database).map_err(OpenError::Open)?;
        configure(&conn, key)?;
        #[cfg(feature = "faults")]
        let conn = crate::fault::witnessed(conn, home).map_err(OpenError::Open)?;
        migrate(&conn)?;
        crate::plain::take_in(&conn, home);
        let tx = Transaction::new_unchecked(&conn, TransactionBehavior::Immediate).map_err(OpenError::Life)?;
        let life = life::begin(&tx, &database, signs)?;
        compare::was_put_back(&tx, &life).map_err(OpenError::Life)?;
        tx.commit().map_err(OpenError::Life)?;
        if life.new_actor {
            tracing::debug!("a new actor writes in this home");
        }
        Ok(Self {
            conn,
            home: home.to_owned(),
            boot: life.boot,
            boot_id: signs.boot_id.clone(),
            draw: signs.draw.clone(),
        })
    }
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

fn configure(conn: &Connection, key: &StoreKey) -> Result<(), OpenError> {
    conn.busy_timeout(Duration::from_secs(10)).map_err(OpenError::Open)?;
    // The library would tell the terminal what the error already says.
    conn.execute_batch("PRAGMA cipher_log_level = NONE").map_err(OpenError::Open)?;
    conn.execute_batch(&key.pragma()).map_err(OpenError::Key)?;
    // The first read shows whether the key fits.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map_err(OpenError::Key)?;
    conn.pragma_update(None, "journal_mode", "WAL").map_err(OpenError::Open)?;
    conn.pragma_update(None, "synchronous", "FULL").map_err(OpenError::Open)?;
    conn.pragma_update(None, "foreign_keys", "ON").map_err(OpenError::Open)?;
    conn.pragma_update(None, "temp_store", "MEMORY").map_err(OpenError::Open)?;
    conn.set_prepared_statement_cache_capacity(64);
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
