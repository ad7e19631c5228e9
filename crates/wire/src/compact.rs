//! Version 2 of the exchange: the messages of version 1 in fewer bytes.
//!
//! What the connection, the token, the chain or the question already say does not travel; what has no short form here
//! travels as it does in version 1, under its number, so that a field added to a message needs nothing here. Chance
//! (tokens, signatures, ids) stands apart from everything else, which goes under zstd with a numbered dictionary.
//!
//! Nothing here knows what a change is. Changes are one [`Block`] that somebody else packs and unpacks; a message
//! without one carries them plain. What comes out of a short message is compared with its signatures like what came
//! in a long one, so a receiver that fills in something wrong believes nothing.

mod answer;
mod frame;
mod request;
mod runs;
mod spare;

pub use answer::{AnswerDraft, documents, read_answer, write_answer};
pub use frame::{DICTIONARY, Unreadable, without_chance};
pub use request::{BUDGET_STEP, Known, RequestDraft, base, read_request, write_request};

use crate::envelope::{self, Envelope};
use siaga_domain::id::{ChangeHash, DeviceId, Epoch};
use std::collections::BTreeMap;

/// The first byte of every message of this version.
pub const VERSION: u8 = 2;

/// Media type of its requests and answers.
pub const MEDIA_TYPE: &str = "application/vnd.siaga.v2";

/// The changes of one message as somebody packed them: chance, and everything else.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Block {
    pub raw: Vec<u8>,
    pub rest: Vec<u8>,
}

/// What a question says that its answer need not repeat. Both sides have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    pub device: DeviceId,
    pub epoch: Epoch,
    pub cursors: [u64; 2],
    pub device_ms: i64,
    /// The dictionary an answer may be written with; 0 for none.
    pub dictionary: u8,
    /// The changes of the answer are to come plain: the asker could not make some again.
    pub plainly: bool,
    /// The manifests of the envelopes that rode along, by lane and sequence.
    pub manifests: BTreeMap<(u8, u64), ChangeHash>,
}

impl Asked {
    /// For an answer to what could not be read: nothing of it is known.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            device: DeviceId::from_bytes([0; 16]),
            epoch: Epoch([0; 8]),
            cursors: [0, 0],
            device_ms: 0,
            dictionary: 0,
            plainly: false,
            manifests: BTreeMap::new(),
        }
    }
}

/// The manifests of envelopes, by lane and sequence.
#[must_use]
pub fn manifests(envelopes: &[Envelope]) -> BTreeMap<(u8, u64), ChangeHash> {
    let manifest = |one: &Envelope| envelope::manifest(&one.header, &one.documents, &one.attachments).ok();
    envelopes
        .iter()
        .filter_map(|one| Some(((one.header.lane, one.header.seq), envelope::manifest_hash(&manifest(one)?))))
        .collect()
}

#[cfg(test)]
mod tests;
