//! What phone and center say to one another: versioned messages, envelopes, receipts, invitations.
//!
//! No behaviour beyond encoding, signing and verifying lives here. Messages are CBOR arrays (minicbor);
//! fields are only ever added at the end, under the next number, and a reader skips numbers it does not know.
//!
//! Signatures are COSE_Sign1 (RFC 9052) over a detached payload that the receiver rebuilds: hashes that can be
//! computed do not travel.

pub mod archive;
pub mod blob;
pub mod codec;
pub mod compact;
pub mod enrol;
pub mod envelope;
pub mod exchange;
pub mod key;
pub mod receipt;
pub mod repair;
pub mod trail;

/// The version of messages in their long form, of envelopes and of invitations. [`compact`] has the short form.
pub const VERSION: u8 = 1;

/// The schema of the documents this build writes.
pub const SCHEMA: u32 = 1;

/// Bytes of one exchange request or answer, at most.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// Envelopes in one request, at most.
pub const MAX_ENVELOPES: usize = 100;

/// Bytes of one piece of an attachment, at most.
pub const MAX_PIECE_BYTES: usize = 64 * 1024;

/// Media type of every message in its long form.
pub const MEDIA_TYPE: &str = "application/vnd.siaga.v1+cbor";
