//! Changes in fewer bytes, without loss: what the receiver can work out does not travel.
//!
//! A change is an Automerge chunk with a checksum, an actor, hashes of what it hangs on, and columns. Nearly all of it
//! follows from what it says and from the changes before it. So what it says travels, told against the entry before it,
//! and the receiver makes the chunk again. Both sides hash what came out: the sender before it sends, the receiver against
//! the sender's fingerprint, so that a change is never nearly right.
//!
//! Chance (ids, beginnings of hashes) goes into a run of its own, because a compressor only makes it longer.
//!
//! A change that hangs on one the receiver does not have, or that is of no shape known here, is not lost: the sender is
//! told, and the message travels plain.

mod memory;
mod pack;
mod parts;
mod table;
mod text;
mod unpack;

pub use memory::Base;
pub use pack::Packer;
pub use unpack::Unpacker;

use sha2::{Digest, Sha256};
use siaga_domain::id::RecordId;

/// The number of this coding. Tables and order of fields are frozen under it.
pub const CODING: u8 = 1;

/// Changes in one message, at most.
pub const MAX_CHANGES: usize = 10_000;

/// How much of a hash names a change of a document that the receiver has. Wrong guesses are caught by the fingerprint.
pub const PREFIX_BYTES: usize = 4;

const FINGERPRINT_BYTES: usize = 4;

/// The flags a change begins with; the upper half counts its entries, if there are fewer than 16.
struct Head;

impl Head {
    const PLAIN: u8 = 1;
    /// Follows the change before it: same actor, next sequence, hangs on it alone.
    const CHAINED: u8 = 2;
    const TIMED: u8 = 4;
    /// The first change of a document: its id and kind stand in the message anyway.
    const HEADER: u8 = 8;
}

/// What one side has of a document besides the message at hand.
pub trait Past {
    /// The bytes of the one change of `record` whose hash begins like this; `None` when there is none or more than one.
    fn change(&self, record: &RecordId, hash_begins: &[u8]) -> Option<Vec<u8>>;
}

/// Nothing is known but the message.
impl Past for () {
    fn change(&self, _: &RecordId, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// The changes of one message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Packed {
    /// Chance: nothing makes it shorter.
    pub raw: Vec<u8>,
    /// Everything else.
    pub rest: Vec<u8>,
}

/// Whether changes of no known shape may go along as they are. Bytes that a stranger wrote are not looked at outside the
/// admission check: a center takes none from a phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Strange {
    Along,
    Refused,
}

/// Changes could not be packed, or not be made again.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecodeError {
    #[error("the bytes are no change")]
    NotAChange,
    #[error("a change hangs on one that is not here")]
    Missing,
    #[error("a change is of no shape that is known here")]
    Shape,
    #[error("the packed changes are malformed")]
    Malformed,
    #[error("there is more in the packed changes than a message may hold")]
    TooMuch,
    #[error("the changes came out as other changes")]
    Differs,
}

fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes.get(8..).unwrap_or_default()).into()
}

fn fingerprint(hashes: &[[u8; 32]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hashes.iter().for_each(|hash| hasher.update(hash));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests;
