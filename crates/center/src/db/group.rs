//! Commits shared by writings that wait for one another.
//!
//! A disk that acknowledges costs more than what is written to it. So whoever finishes writing while others wait leaves the
//! transaction open for the next; the last of them, or the one after which it has been open long enough, commits for all, and
//! only then does any of them return. Each writing stands in a savepoint of its own: a failed one is undone and costs the others
//! nothing. When the commit fails, it has failed for all of them, and nothing of any is there. SQLite may also undo the whole
//! transaction at any statement of any of them, as it does on a full disk: that is such a failed commit, only earlier.
//!
//! Nobody waits for company: a writing that nobody waits behind commits at once.

use super::{DbError, Step};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A transaction is not held open for others longer than this.
const OPEN_FOR: Duration = Duration::from_millis(25);

/// Writings that share a commit, at most.
const TOGETHER: usize = 64;

/// The one connection that writes.
pub(super) struct Writer {
    open_for: Duration,
    connection: Mutex<Shared>,
    /// Writings that wait for the connection.
    waiting: AtomicUsize,
    ends: Mutex<Ends>,
    ended: Condvar,
}

struct Shared {
    connection: Connection,
    /// The number of the transaction that is open, or of the next.
    number: u64,
    open: Option<Open>,
}

/// A transaction with writings that wait for its end.
struct Open {
    since: Instant,
    writings: usize,
}

/// How transactions ended that somebody still has to hear of.
#[derive(Default)]
struct Ends {
    by_number: BTreeMap<u64, End>,
}

struct End {
    /// SQLite's code and words where the commit failed.
    failure: Option<(i32, String)>,
    /// Writings that have not heard of it.
    unheard: usize,
}

/// The connection with no transaction open.
pub(super) struct Alone<'a>(MutexGuard<'a, Shared>);

impl Deref for Alone<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0.connection
    }
}

impl Writer {
    pub(super) const fn new(connection: Connection) -> Self {
        Self {
            open_for: OPEN_FOR,
            connection: Mutex::new(Shared { connection, number: 1, open: None }),
            waiting: AtomicUsize::new(0),
            ends: Mutex::new(Ends { by_number: BTreeMap::new() }),
            ended: Condvar::new(),
        }
    }

    /// Writes all of it or nothing; returns when it is on disk.
    pub(super) fn write<T, E: From<DbError>>(&self, act: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut shared = lock(&self.connection);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        if shared.open.is_none() {
            if let Err(cause) = shared.connection.execute_batch("BEGIN IMMEDIATE") {
                return Err(E::from(DbError { step: "begin a transaction", cause }));
            }
            shared.open = Some(Open { since: Instant::now(), writings: 0 });
        }
        let number = shared.number;
        // What unwinds is undone like what fails, and goes on unwinding once the others have what is theirs.
        let acted = catch_unwind(AssertUnwindSafe(|| savepoint(&shared.connection, act)));
        if shared.connection.is_autocommit() {
            self.undone(&mut shared);
        }
        let done = matches!(acted, Ok(Ok(_)));
        if done && let Some(open) = &mut shared.open {
            open.writings = open.writings.saturating_add(1);
        }
        let goes_on = self.waiting.load(Ordering::SeqCst) > 0
            && shared
                .open
                .as_ref()
                .is_some_and(|open| open.writings < TOGETHER && open.since.elapsed() < self.open_for);
        if !goes_on {
            self.end(&mut shared);
        }
        drop(shared);
        match acted {
            Ok(Ok(done)) => self.hear(number).map(|()| done).map_err(E::from),
            Ok(Err(error)) => Err(error),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// The connection, after what others have open was committed.
    pub(super) fn alone(&self) -> Result<Alone<'_>, DbError> {
        let mut shared = lock(&self.connection);
        self.end(&mut shared);
        Ok(Alone(shared))
    }

    pub(super) fn into_connection(self) -> Result<Connection, DbError> {
        drop(self.alone()?);
        Ok(self.connection.into_inner().unwrap_or_else(PoisonError::into_inner).connection)
    }

    /// Commits what is open, if anything is, and tells those who wait for it.
    fn end(&self, shared: &mut Shared) {
        let Some(open) = shared.open.take() else { return };
        let committed = shared.connection.execute_batch(if open.writings > 0 { "COMMIT" } else { "ROLLBACK" });
        let failure = committed.err().map(|error| {
            // A transaction whose commit failed may still be open, and would take the next writing down with it.
            if !shared.connection.is_autocommit()
                && let Err(error) = shared.connection.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "a transaction that could not be committed could not be undone");
            }
            (code_of(&error), error.to_string())
        });
        self.tell(shared, &open, failure);
    }

    /// SQLite undid the whole transaction of its own: whoever had written in it is told that nothing of it is there.
    fn undone(&self, shared: &mut Shared) {
        let Some(open) = shared.open.take() else { return };
        let words = "the transaction was undone by what another wrote in it".to_owned();
        self.tell(shared, &open, Some((rusqlite::ffi::SQLITE_ABORT_ROLLBACK, words)));
    }

    /// Ends the number that was open, and tells those who wait for it how it ended.
    fn tell(&self, shared: &mut Shared, open: &Open, failure: Option<(i32, String)>) {
        let number = shared.number;
        shared.number = number.saturating_add(1);
        if open.writings > 0 {
            lock(&self.ends).by_number.insert(number, End { failure, unheard: open.writings });
            self.ended.notify_all();
        }
    }

    /// Waits for the end of a transaction one has written in.
    fn hear(&self, number: u64) -> Result<(), DbError> {
        let mut ends = lock(&self.ends);
        loop {
            if let Some(end) = ends.by_number.get_mut(&number) {
                end.unheard = end.unheard.saturating_sub(1);
                let failure = end.failure.clone();
                if end.unheard == 0 {
                    ends.by_number.remove(&number);
                }
                return failure.map_or(Ok(()), |(code, words)| {
                    let cause = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(words));
                    Err(DbError { step: "commit a transaction", cause })
                });
            }
            ends = self.ended.wait(ends).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Acts in a savepoint; an error, or a panic on its way out, leaves nothing of it behind.
fn savepoint<T, E: From<DbError>>(
    connection: &Connection,
    act: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    connection.execute_batch("SAVEPOINT writing").step("begin to write")?;
    let acted = catch_unwind(AssertUnwindSafe(|| act(connection)));
    if matches!(acted, Ok(Ok(_))) {
        // Fails where the transaction is gone, whoever passed over the error that undid it.
        connection.execute_batch("RELEASE writing").step("end a writing")?;
    } else if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK TO writing; RELEASE writing").step("undo a writing")?;
    }
    acted.unwrap_or_else(|panic| resume_unwind(panic))
}

const fn code_of(error: &rusqlite::Error) -> i32 {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
        _ => rusqlite::ffi::SQLITE_ERROR,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU32};

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch("CREATE TABLE word (word TEXT NOT NULL UNIQUE) STRICT").expect("a table");
        // However slow the machine is, nobody who waits is left out.
        Writer { open_for: Duration::from_hours(1), ..Writer::new(connection) }
    }

    fn say(connection: &Connection, word: &str) -> Result<(), DbError> {
        connection.execute("INSERT INTO word (word) VALUES (?1)", [word]).step("say a word").map(drop)
    }

    fn words(writer: &Writer) -> Vec<String> {
        let connection = writer.alone().expect("alone");
        let mut statement = connection.prepare("SELECT word FROM word ORDER BY word").expect("prepared");
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("words")
    }

    /// Says a word, and holds the connection until so many others wait for it; they begin when it has it.
    fn first_of(writer: &Writer, crowd: usize, begun: &AtomicBool) -> Result<(), DbError> {
        writer.write(|connection| {
            begun.store(true, Ordering::SeqCst);
            while writer.waiting.load(Ordering::SeqCst) < crowd {
                std::thread::yield_now();
            }
            say(connection, "satu")
        })
    }

    fn once(begun: &AtomicBool) {
        while !begun.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
    }

    /// Counts the commits of a writer.
    fn counted(writer: &Writer) -> Arc<AtomicU32> {
        let commits = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&commits);
        lock(&writer.connection)
            .connection
            .commit_hook(Some(move || {
                counted.fetch_add(1, Ordering::SeqCst);
                false
            }))
            .expect("a hook");
        commits
    }

    #[test]
    fn a_writing_that_nobody_waits_behind_is_committed_at_once() {
        let writer = writer();
        let commits = counted(&writer);

        writer.write(|connection| say(connection, "satu")).expect("written");

        assert_eq!(commits.load(Ordering::SeqCst), 1);
        assert!(lock(&writer.connection).connection.is_autocommit());
        assert_eq!(words(&writer), ["satu"]);
    }

    #[test]
    fn writings_that_wait_for_one_another_share_commits_and_a_failed_one_costs_the_others_nothing() {
        let writer = writer();
        let commits = counted(&writer);
        let begun = AtomicBool::new(false);

        std::thread::scope(|scope| {
            let first = scope.spawn(|| first_of(&writer, 8, &begun));
            once(&begun);
            let others: Vec<_> = (0..8)
                .map(|number| {
                    let writer = &writer;
                    scope.spawn(move || {
                        // Half of them say a word that is there already.
                        let word = if number % 2 == 0 { format!("kata {number}") } else { "satu".to_owned() };
                        writer.write(|connection| {
                            say(connection, &format!("sebelum {number}"))?;
                            say(connection, &word)
                        })
                    })
                })
                .collect();
            first.join().expect("ended").expect("written");
            let failed = others.into_iter().filter_map(|other| other.join().expect("ended").err()).count();
            assert_eq!(failed, 4);
        });

        let kept = ["kata 0", "kata 2", "kata 4", "kata 6", "satu", "sebelum 0", "sebelum 2", "sebelum 4", "sebelum 6"];
        assert_eq!(words(&writer), kept);
        assert!(commits.load(Ordering::SeqCst) < 5, "{commits:?}");
        assert!(lock(&writer.ends).by_number.is_empty(), "everybody has heard");
    }

    #[test]
    fn when_the_commit_fails_it_has_failed_for_everybody_who_shared_it() {
        let writer = writer();
        let fails = Arc::new(AtomicBool::new(true));
        let begun = AtomicBool::new(false);
        let veto = Arc::clone(&fails);
        lock(&writer.connection).connection.commit_hook(Some(move || veto.load(Ordering::SeqCst))).expect("a hook");

        std::thread::scope(|scope| {
            let first = scope.spawn(|| first_of(&writer, 1, &begun));
            once(&begun);
            let second = scope.spawn(|| writer.write(|connection| say(connection, "dua")));
            assert!(first.join().expect("ended").is_err());
            assert!(second.join().expect("ended").is_err());
        });
        assert_eq!(words(&writer), [""; 0]);
        fails.store(false, Ordering::SeqCst);

        writer.write(|connection| say(connection, "tiga")).expect("written");
        assert_eq!(words(&writer), ["tiga"]);
    }

    /// From here on there is no room for more than a page or two.
    fn full(writer: &Writer) {
        let shared = lock(&writer.connection);
        shared.connection.query_row("PRAGMA max_page_count = 1", [], |_| Ok(())).expect("full");
    }

    fn too_long() -> String {
        "kata ".repeat(20_000)
    }

    #[test]
    fn a_full_disk_is_named_and_the_next_writes_as_ever() {
        let writer = writer();
        full(&writer);

        let failed = writer.write(|connection| say(connection, &too_long())).expect_err("no room");
        writer.write(|connection| say(connection, "dua")).expect("written");

        assert_eq!(failed.step, "say a word");
        assert_eq!(failed.cause.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
        assert_eq!(words(&writer), ["dua"]);
    }

    #[test]
    fn when_the_whole_transaction_is_undone_nobody_who_shared_it_is_told_saved() {
        let writer = writer();
        let begun = AtomicBool::new(false);
        full(&writer);

        let (first, second, third) = std::thread::scope(|scope| {
            let first = scope.spawn(|| first_of(&writer, 1, &begun));
            once(&begun);
            let second = scope.spawn(|| {
                writer.write(|connection| {
                    // It is its turn: the first has written and waits to hear. Somebody else comes, and waits for this one.
                    begun.store(false, Ordering::SeqCst);
                    while writer.waiting.load(Ordering::SeqCst) < 1 {
                        std::thread::yield_now();
                    }
                    say(connection, &too_long())
                })
            });
            while begun.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            let third = scope.spawn(|| writer.write(|connection| say(connection, "tiga")));
            (first.join().expect("ended"), second.join().expect("ended"), third.join().expect("ended"))
        });

        let first = first.expect_err("undone");
        assert_eq!(first.step, "commit a transaction");
        assert_eq!(second.expect_err("no room").cause.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
        third.expect("written");
        assert_eq!(words(&writer), ["tiga"]);
        assert!(lock(&writer.ends).by_number.is_empty(), "everybody has heard");
    }

    #[test]
    fn whoever_passes_over_an_undone_transaction_is_not_told_saved() {
        let writer = writer();
        full(&writer);

        let passed = writer.write(|connection| {
            say(connection, "satu")?;
            say(connection, &too_long()).or(Ok::<(), DbError>(()))
        });

        assert!(passed.is_err());
        assert_eq!(words(&writer), [""; 0]);
    }

    #[test]
    fn one_that_panics_is_undone_and_the_next_writes_as_ever() {
        let writer = writer();

        let panicked = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    writer.write(|connection| -> Result<(), DbError> {
                        say(connection, "satu")?;
                        std::panic::resume_unwind(Box::new("on purpose"))
                    })
                })
                .join()
        });
        writer.write(|connection| say(connection, "dua")).expect("written");

        assert!(panicked.is_err());
        assert_eq!(words(&writer), ["dua"]);
    }
}
