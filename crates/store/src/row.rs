//! Columns to values and back. A value that cannot be read back is damage and is said to be.

use crate::failure::StoreError;
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;

pub(crate) fn record_id(bytes: &[u8]) -> Result<RecordId, StoreError> {
    RecordId::try_from(bytes).map_err(|_| StoreError::Damaged { what: "record id" })
}

pub(crate) fn change_hash(bytes: &[u8]) -> Result<ChangeHash, StoreError> {
    ChangeHash::try_from(bytes).map_err(|_| StoreError::Damaged { what: "change hash" })
}

pub(crate) fn kind(text: &str) -> Result<RecordKind, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged { what: "record kind" })
}

/// Hashes as they stand in one column: 32 bytes each.
pub(crate) fn join(hashes: &[ChangeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

pub(crate) fn split(bytes: &[u8]) -> Result<Vec<ChangeHash>, StoreError> {
    bytes.chunks(32).map(change_hash).collect()
}

/// SQLite counts in signed integers; a count of ours never passes them.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(crate) fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(if number < 0 { 0 } else { u32::MAX })
}
