//! Whether stored bytes are still the change whose hash names them, and finding a change again where copies of it stand.
//!
//! A hash covers what a change says; magic and checksum before it are covered here as well, so that what is intact is
//! the very bytes that were stored. Whoever has the hash needs no other proof of what hashes to it.

use crate::{Document, MAX_CHANGE_BYTES, from_hash, to_hash};
use automerge::ReadDoc;
use sha2::{Digest, Sha256};
use siaga_domain::id::ChangeHash;
use std::collections::BTreeSet;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Magic, checksum, type.
const BEFORE_LENGTH: usize = 9;

/// Whether these are the bytes of the change with this hash, to the last one.
#[must_use]
pub fn is_intact(bytes: &[u8], hash: &ChangeHash) -> bool {
    let Some((before, said)) = bytes.split_at_checked(8) else { return false };
    let Some((magic, checksum)) = before.split_at_checked(4) else { return false };
    magic == MAGIC && hash.0.starts_with(checksum) && <[u8; 32]>::from(Sha256::digest(said)) == hash.0
}

/// The changes that stand somewhere in other bytes, a signed letter or old news, whole and under their own checksum.
#[must_use]
pub fn changes_in(bytes: &[u8]) -> Vec<(ChangeHash, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(MAGIC.len()).position(|window| window == MAGIC) {
        let here = rest.get(at..).unwrap_or_default();
        rest = here.get(1..).unwrap_or_default();
        let Some(chunk) = chunk_at_start(here) else { continue };
        let hash = ChangeHash(Sha256::digest(chunk.get(8..).unwrap_or_default()).into());
        if is_intact(chunk, &hash) {
            rest = here.get(chunk.len()..).unwrap_or_default();
            found.push((hash, chunk.to_vec()));
        }
    }
    found
}

/// The chunk its own length says it is; `None` when that goes beyond the bytes or beyond what a change may be.
pub(crate) fn chunk_at_start(bytes: &[u8]) -> Option<&[u8]> {
    let mut length = 0_usize;
    let mut shift = 0_u32;
    for (read, byte) in bytes.get(BEFORE_LENGTH..)?.iter().enumerate().take(4) {
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            if length > MAX_CHANGE_BYTES {
                return None;
            }
            return bytes.get(..BEFORE_LENGTH.checked_add(read)?.checked_add(1)?.checked_add(length)?);
        }
        shift = shift.saturating_add(7);
    }
    None
}

/// Of the rows of a log those that hold together: whole, and hanging on nothing that is not.
#[must_use]
pub fn holding_together(rows: Vec<(ChangeHash, Vec<u8>)>) -> Vec<Vec<u8>> {
    if rows.iter().all(|(hash, bytes)| is_intact(bytes, hash)) {
        return rows.into_iter().map(|(_, bytes)| bytes).collect();
    }
    let (document, _) = Document::from_damaged_log(rows.iter().map(|(hash, bytes)| (hash, bytes.as_slice())));
    rows.into_iter().filter(|(hash, _)| document.contains(hash)).map(|(_, bytes)| bytes).collect()
}

impl Document {
    /// As much of a log as holds together: changes that are damaged, and those that hang on them or on what is missing, are
    /// left out. The second value says how many.
    #[must_use]
    pub fn from_damaged_log<'a>(changes: impl IntoIterator<Item = (&'a ChangeHash, &'a [u8])>) -> (Self, usize) {
        let mut document = Self::empty();
        let mut damaged = 0_usize;
        let mut waiting = Vec::new();
        for (hash, bytes) in changes {
            match Self::describe(bytes).filter(|_| is_intact(bytes, hash)) {
                Some(change) => waiting.push((change, bytes)),
                None => damaged = damaged.saturating_add(1),
            }
        }
        let mut here: BTreeSet<ChangeHash> = BTreeSet::new();
        loop {
            let before = waiting.len();
            waiting.retain(|(change, bytes)| {
                if !change.deps.iter().all(|dep| here.contains(dep)) {
                    return true;
                }
                // On a copy: what does not apply must not take the rest with it.
                let mut next = document.clone();
                if next.replay([*bytes]).is_err() {
                    return true;
                }
                document = next;
                here.insert(change.hash);
                false
            });
            if waiting.len() == before {
                return (document, damaged.saturating_add(before));
            }
        }
    }

    /// The bytes of a change that stands in the document, where they are the very bytes its hash names.
    #[must_use]
    pub fn bytes_of(&self, hash: &ChangeHash) -> Option<Vec<u8>> {
        let held = self.inner.get_change_by_hash(&self.renamed.inside(&to_hash(hash)))?;
        let change = self.renamed.original(&held);
        let bytes = change.raw_bytes().to_vec();
        (from_hash(&change.hash()) == *hash && is_intact(&bytes, hash)).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Header, NewEntry};
    use siaga_domain::entry::{Body, Note, Stamp};
    use siaga_domain::id::{ActorId, EntryId, RecordId};
    use siaga_domain::kind::RecordKind;

    fn note(number: u8) -> NewEntry {
        let body = Body::Note(Note { text: format!("note {number}"), ..Note::default() });
        NewEntry { id: EntryId::v7(1, [number; 10]), stamp: Stamp::default(), body }
    }

    fn three_changes() -> (Document, Vec<Change>) {
        let header = Header { id: RecordId::v7(1, [1; 10]), kind: RecordKind::Patient, schema: 1 };
        let actor = ActorId::from_bytes([7; 16]);
        let (mut document, mut changes) = Document::create(header, actor, &[note(1)]).expect("made");
        changes.extend(document.append(actor, &[note(2)]).expect("made"));
        changes.extend(document.append(actor, &[note(3)]).expect("made"));
        (document, changes)
    }

    #[test]
    fn a_changed_byte_anywhere_is_damage() {
        let (_, changes) = three_changes();
        let Change { hash, bytes, .. } = &changes[1];
        assert!(is_intact(bytes, hash));

        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(!is_intact(&damaged, hash), "byte {at}");
        }
        assert!(!is_intact(&bytes[..bytes.len() - 1], hash));
        assert!(!is_intact(&[], hash));
    }

    #[test]
    fn a_damaged_log_gives_what_comes_before_the_damage() {
        let (_, changes) = three_changes();
        let mut damaged = changes[1].bytes.clone();
        damaged[30] ^= 1;
        let log = [
            (&changes[0].hash, changes[0].bytes.as_slice()),
            (&changes[1].hash, &damaged),
            (&changes[2].hash, &changes[2].bytes),
        ];

        let (document, left_out) = Document::from_damaged_log(log);

        assert_eq!((document.change_count(), left_out), (1, 2));
        assert_eq!(document.heads(), [changes[0].hash]);
    }

    #[test]
    fn a_change_is_found_again_in_a_letter_and_in_a_document() {
        let (document, changes) = three_changes();
        let mut letter = vec![0x85, 0x6f, 1, 2, 3];
        changes.iter().for_each(|change| letter.extend([&change.bytes[..], b"between"].concat()));
        letter.extend(&changes[0].bytes[..20]);

        let found = changes_in(&letter);

        let all: Vec<_> = changes.iter().map(|change| (change.hash, change.bytes.clone())).collect();
        assert_eq!(found, all);
        assert_eq!(document.bytes_of(&changes[2].hash).as_ref(), Some(&changes[2].bytes));
        assert_eq!(document.bytes_of(&ChangeHash([0; 32])), None);
    }
}
