//! One hash over many documents, the same on both sides when both hold the same changes.

use sha2::{Digest, Sha256};
use siaga_domain::id::{ChangeHash, RecordId};
use std::collections::BTreeMap;

/// SHA-256 over the documents in order of id: the id, the number of heads (4 bytes, big-endian), the heads sorted.
#[must_use]
pub fn digest(scope: impl IntoIterator<Item = (RecordId, Vec<ChangeHash>)>) -> [u8; 32] {
    let sorted: BTreeMap<RecordId, Vec<ChangeHash>> = scope.into_iter().collect();
    let mut hasher = Sha256::new();
    for (record, mut heads) in sorted {
        heads.sort();
        hasher.update(record.as_bytes());
        hasher.update(u32::try_from(heads.len()).unwrap_or(u32::MAX).to_be_bytes());
        for head in heads {
            hasher.update(head.0);
        }
    }
    hasher.finalize().into()
}
