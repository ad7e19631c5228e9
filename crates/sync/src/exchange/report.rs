//! What a run came to, in numbers, and why it could not go on.

use siaga_store::{Reach, StoreError};
use siaga_wire::key::SignerError;

/// What one run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncReport {
    pub reach: Reach,
    /// Requests that were answered.
    pub exchanges: u32,
    /// Changes that left this phone for the first time.
    pub sent_changes: u32,
    pub receipted_changes: u32,
    pub refused_changes: u32,
    /// Changes of others that were taken in.
    pub received_changes: u32,
    /// Fixes the center confirmed.
    pub sent_fixes: u32,
    /// Files the center confirmed whole.
    pub sent_attachments: u32,
    /// Files of others and map packs that became whole here.
    pub received_files: u32,
    /// Body bytes, before HTTP and TLS.
    pub bytes_up: u64,
    pub bytes_down: u64,
    /// Changes that still wait for a receipt.
    pub saved_left: u32,
}

impl SyncReport {
    pub(crate) fn add(&mut self, other: &Self) {
        self.exchanges = self.exchanges.saturating_add(other.exchanges);
        self.sent_changes = self.sent_changes.saturating_add(other.sent_changes);
        self.receipted_changes = self.receipted_changes.saturating_add(other.receipted_changes);
        self.refused_changes = self.refused_changes.saturating_add(other.refused_changes);
        self.received_changes = self.received_changes.saturating_add(other.received_changes);
        self.sent_fixes = self.sent_fixes.saturating_add(other.sent_fixes);
        self.sent_attachments = self.sent_attachments.saturating_add(other.sent_attachments);
        self.received_files = self.received_files.saturating_add(other.received_files);
        self.bytes_up = self.bytes_up.saturating_add(other.bytes_up);
        self.bytes_down = self.bytes_down.saturating_add(other.bytes_down);
    }
}

/// Why nothing was exchanged. Not reaching the center is no error; the report says so.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("this phone is not enrolled")]
    NotEnrolled,
    #[error("the store could not be read or written")]
    Store(#[from] StoreError),
    #[error("the device key could not be used")]
    Key(#[source] SignerError),
    #[error("a message could not be encoded")]
    Encode,
    #[error("the connection could not be prepared")]
    Setup,
    #[error("the program is stopping")]
    Stopped,
}
