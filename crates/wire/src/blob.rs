//! Attachments: named by their SHA-256, sent in pieces, each piece safe to repeat.
//!
//! `PUT /field/v1/blob/{sha256}?offset=N&size=TOTAL` carries a piece; the answer says how many bytes the center
//! has from the start. `GET` with `offset` reads one back.

use minicbor::{Decode, Encode};

/// How much of an attachment the center has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BlobState {
    /// Bytes held without a gap from the start; go on from here.
    #[n(0)]
    pub held_bytes: u64,
    /// All of it, and its hash is its name.
    #[n(1)]
    pub whole: bool,
}
