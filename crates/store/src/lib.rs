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
mod row;
mod scope;
mod setting;
mod thin;
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
pub use key::StoreKey;
pub use lease::Lease;
pub use life::{Draw, LifeSigns};
pub use mend::{Damage, Fault, Mending};
pub use outbox::{Backlog, OutboxRow, SyncCounts};
pub use read::Stored;
pub use scope::DigestScope;
pub use setting::PERSON;
pub use thin::{Elsewhere, ThinNews};
pub use trail::{NewFix, StoredFix};
pub use unasked::{LinkCost, Unasked};

use failure::Step;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};

/// One guest of one home. Not shared between threads without a lock around it.
pub struct Store {
    conn: Connection,
    home: PathBuf,
    boot: u32,
    boot_id: String,
    draw: Draw,
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
        Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate).step("begin writing")
    }

    /// One point in time for several reads.
    fn reading(&self) -> Result<Transaction<'_>, StoreError> {
        Transaction::new_unchecked(&self.conn, TransactionBehavior::Deferred).step("begin reading")
    }
}

#[cfg(test)]
mod tests;
