//! How it survives: one encrypted SQLite database per home, the single source of truth of the phone.
//!
//! Every process is a guest: nothing durable lives in memory, each use case is one `BEGIN IMMEDIATE`
//! transaction, and a process may die between any two instructions. The log of changes is the truth;
//! snapshots and projections are caches of it.
//!
//! Nothing here speaks HTTP, reads a clock, draws a random number or decides how changes merge: whoever calls
//! brings times and randomness, and `document` merges.

mod answer;
mod archive;
mod attachment;
mod author;
mod away;
mod cached;
mod claimed;
mod clock;
mod compare;
mod delivery;
mod download;
mod enrolment;
mod envelope;
mod failure;
#[cfg(feature = "faults")]
pub mod fault;
mod file;
mod find;
mod kept;
mod key;
mod lease;
mod life;
mod log;
mod mend;
mod open;
mod outbox;
mod part;
mod plain;
mod read;
mod receipt;
mod repair;
mod reread;
mod rescue;
mod room;
mod row;
mod salvage;
mod scope;
mod setting;
mod terms;
mod thin;
mod tracking;
mod trail;
mod unasked;

pub use answer::{Applied, FeedItem, LaterVerdicts, News, Receipted, Verdict};
pub use archive::{Archive, ArchivedIncident};
pub use attachment::{AttachmentState, NewAttachment, PictureKind, StoredAttachment};
pub use author::{AuthoredRecord, Authoring, RecordWrite};
pub use compare::{Compared, Comparing, HandedOver, KnownLife, StoredTip, ToCompare, ToldNews};
pub use download::{Download, Fetching, Offer, OfferKind, PieceKept, StoredPack};
pub use enrolment::{Enrolment, Peer, Reach};
pub use envelope::{Cut, CutDocument, FrozenEnvelope, SealedEnvelope};
pub use failure::{OpenError, StoreError};
pub use kept::KeptEntry;
pub use key::StoreKey;
pub use lease::Lease;
pub use life::{Draw, LifeSigns};
pub use mend::{Damage, Fault, Mending};
pub use outbox::{Backlog, OutboxRow, SyncCounts};
pub use read::Stored;
pub use scope::DigestScope;
pub use setting::PERSON;
pub use terms::{Moved, Terms, TermsToTell};
pub use thin::{Elsewhere, ThinNews};
pub use tracking::{TRACKING, Tracked, TrackingMark, UntoldGap};
pub use trail::{NewFix, StoredFix};
pub use unasked::{LinkCost, Unasked};

use failure::Step;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::File;
use std::path::{Path, PathBuf};

/// One guest of one home. Not shared between threads without a lock around it.
pub struct Store {
    conn: Connection,
    home: PathBuf,
    boot: u32,
    boot_id: String,
    draw: Draw,
    /// This is the first opening since the device was started.
    first_of_boot: bool,
    /// What can be left out is left out.
    is_safe_mode: bool,
    /// Shared by everybody who has the home open: whoever sets it aside must be alone.
    guests: File,
}

impl Drop for Store {
    fn drop(&mut self) {
        rescue::suspect(&self.home);
        // The last one to close folds the log into the database: looked for behind it.
        if let Ok(nothing) = Connection::open_in_memory() {
            let pages = open::first_pages(&self.conn);
            room::keep_log(&self.home);
            drop(std::mem::replace(&mut self.conn, nothing));
            let was_last = rescue::closed(&self.home);
            room::blank_log(&self.home, was_last);
            if was_last {
                open::keep_head(&self.home, open::HEAD_AT_CLOSING, &pages);
            }
        }
    }
}

impl Store {
    /// The boot this process lives in, counted; for `ClockReading::boot`.
    #[must_use]
    pub const fn boot(&self) -> u32 {
        self.boot
    }

    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// From now on without what can be left out: files wait, and nothing is looked over.
    #[must_use]
    pub fn in_safe_mode(mut self) -> Self {
        self.is_safe_mode = true;
        self
    }

    #[must_use]
    pub const fn is_in_safe_mode(&self) -> bool {
        self.is_safe_mode
    }

    /// Notes that the app had to be started without what can be left out.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn note_safe_start(&self, at: siaga_domain::time::UtcMs) -> Result<(), StoreError> {
        mend::note(&self.conn, "safe_start", at, 1)
    }

    /// Sixteen random bytes from the source given at opening.
    #[must_use]
    pub fn draw(&self) -> [u8; 16] {
        (self.draw)()
    }

    /// Differs from its last value when any guest wrote anything since, this one included.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn change_stamp(&self) -> Result<(u64, u64), StoreError> {
        let others: i64 =
            self.conn.query_row("PRAGMA data_version", [], |row| row.get(0)).step("ask whether others wrote")?;
        Ok((row::unsigned(others), self.conn.total_changes()))
    }

    /// Whether every page of the database reads back and every index agrees.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when one does not.
    pub fn check(&self) -> Result<(), StoreError> {
        let said: String =
            self.conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).step("check the database")?;
        if said == "ok" { Ok(()) } else { Err(StoreError::Damaged { what: "page" }) }
    }

    /// Dropped without `commit`, it leaves nothing behind.
    fn writing(&self) -> Result<Transaction<'_>, StoreError> {
        rescue::suspect(&self.home);
        Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate).step("begin writing")
    }

    /// One point in time for several reads.
    fn reading(&self) -> Result<Transaction<'_>, StoreError> {
        Transaction::new_unchecked(&self.conn, TransactionBehavior::Deferred).step("begin reading")
    }
}

#[cfg(test)]
mod tests;
