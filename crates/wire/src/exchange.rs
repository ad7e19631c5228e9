//! The exchange: one request, one answer, safe to repeat.
//!
//! The phone says which epoch and cursors it knows, what its clock reads, and hands over envelopes in lane
//! order. The center answers with receipts, what is new in the phone's scope, and its own time.

use crate::archive::SignedArchive;
use crate::blob::FileOffer;
use crate::codec::bytes;
use crate::envelope::Envelope;
use crate::repair::{RepairAnswer, RepairAsk, SignedTestimony};
use crate::trail::PackedTrail;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use siaga_domain::id::{ChangeHash, DeviceId, Epoch, RecordId};

/// Phone to center, `POST /field/v1/exchange`.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ExchangeRequest {
    #[n(0)]
    pub version: u8,
    #[cbor(n(1), with = "bytes::device")]
    pub device: DeviceId,
    /// The epoch the cursors belong to; all zero before the first answer.
    #[cbor(n(2), with = "bytes::epoch")]
    pub epoch: Epoch,
    /// The feed position applied here, one per document lane (urgent, records).
    #[n(3)]
    pub cursors: [u64; 2],
    #[n(4)]
    pub clock: Clock,
    /// Milliseconds the center may hold the request open when it has nothing to say; 0 answers at once.
    /// A held request carries no envelopes.
    #[n(5)]
    pub hold_ms: u32,
    /// Bytes of answer the link will bear; the rest waits behind `more`.
    #[n(6)]
    pub budget_bytes: u32,
    #[n(7)]
    pub credential: Credential,
    /// In lane order, oldest first.
    #[n(8)]
    pub envelopes: Vec<Envelope>,
    /// The newest position, apart from the trail's history.
    #[n(9)]
    pub newest_fix: Option<Fix>,
    /// Blocks of the trail, oldest first.
    #[n(10)]
    pub trail: Vec<TrailBlock>,
    /// The same in few bytes, after those of `trail`; at most [`crate::trail::MAX_RUNS`].
    #[cbor(n(11), skip_if = "Vec::is_empty")]
    pub packed_trail: Vec<PackedTrail>,
    /// What is to be repaired between the two; left out in an idle exchange.
    #[n(12)]
    pub repair: Option<RepairAsk>,
    /// Asks for thin state: [`THIN_ALL`] or [`THIN_MOVED`]. Left out by a phone that shows none.
    #[n(13)]
    pub thin: Option<u8>,
    /// Offers of files up to this number were taken in. Left out by a phone that fetches none: it is told of none.
    #[n(14)]
    pub files_after: Option<u64>,
    /// Later verdicts up to this number are on this phone's disk; left out when there is nothing to say.
    #[n(15)]
    pub verdicts_up_to: Option<u64>,
    /// The satellites' time minus this device's estimate of the center's, milliseconds, where the two are far apart.
    #[n(16)]
    pub satellite_ahead_ms: Option<i64>,
    /// What the phone knows of its terms; left out when there is nothing to say.
    #[n(17)]
    pub terms: Option<TermsAsk>,
}

/// What a phone says of its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TermsAsk {
    /// The stamp of the terms on its disk; 0 for none. Said until an answer came.
    #[n(0)]
    pub known: u16,
    /// It has no letters for its patients: it was never given any, or its home was copied or put back.
    #[cbor(n(1), skip_if = "std::ops::Not::not")]
    pub wants_letters: bool,
}

/// Thin state of everything that is open: nothing of it is known yet in this epoch.
pub const THIN_ALL: u8 = 0;

/// Thin state of what moved since the cursors of the request.
pub const THIN_MOVED: u8 = 1;

/// The device's clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Clock {
    /// Milliseconds since 1970, device UTC.
    #[n(0)]
    pub device_ms: i64,
    #[n(1)]
    pub monotonic_ms: i64,
    #[n(2)]
    pub boot: u32,
}

/// Why the center should believe it is this device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Credential {
    /// The token of the last answer: 16 bytes, 15 minutes idle, 12 hours at most.
    #[n(0)]
    Token(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// The nonce of the last challenge, signed by the device key over `challenge_message`.
    #[n(1)]
    Proof {
        #[cbor(n(0), with = "minicbor::bytes")]
        nonce: Vec<u8>,
        #[cbor(n(1), with = "minicbor::bytes")]
        signature: Vec<u8>,
    },
    /// Nothing yet: the center answers with a challenge.
    #[n(2)]
    None,
}

/// What a device signs to open a session.
#[must_use]
pub fn challenge_message(device: &DeviceId, nonce: &[u8]) -> Vec<u8> {
    let mut message = b"siaga session v1".to_vec();
    message.extend_from_slice(device.as_bytes());
    message.extend_from_slice(nonce);
    message
}

/// One fix of the trail.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
pub struct Fix {
    /// Device UTC, milliseconds.
    #[n(0)]
    pub at_ms: i64,
    /// Degrees times 10^6.
    #[n(1)]
    pub lat_e6: i32,
    #[n(2)]
    pub lon_e6: i32,
    /// Metres; none when the source did not say.
    #[n(3)]
    pub accuracy_m: Option<u32>,
    /// Centimetres a second.
    #[n(4)]
    pub speed_cms: Option<u32>,
    /// Center time minus device time, milliseconds, as known when it was taken.
    #[n(5)]
    pub offset_ms: Option<i64>,
    /// An app on the phone made it up, no receiver did.
    #[cbor(n(6), skip_if = "std::ops::Not::not")]
    pub mock: bool,
}

/// A run of fixes, numbered without gaps on the device.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct TrailBlock {
    /// Number of the first fix.
    #[n(0)]
    pub first: u64,
    #[n(1)]
    pub fixes: Vec<Fix>,
}

/// Center to phone.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ExchangeAnswer {
    #[n(0)]
    pub version: u8,
    #[cbor(n(1), with = "bytes::epoch")]
    pub epoch: Epoch,
    /// When the request arrived and when this answer was made, center UTC milliseconds.
    #[n(2)]
    pub received_ms: i64,
    #[n(3)]
    pub answered_ms: i64,
    #[n(4)]
    pub outcome: Outcome,
}

/// What the center made of a request.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[allow(clippy::large_enum_variant, reason = "one answer at a time is alive")]
pub enum Outcome {
    #[n(0)]
    Exchanged(#[n(0)] Exchanged),
    /// Sign this nonce and ask again.
    #[n(1)]
    Challenge {
        #[cbor(n(0), with = "minicbor::bytes")]
        nonce: Vec<u8>,
    },
    /// The cursors are of another life of this center: start again from zero in the answer's epoch.
    #[n(2)]
    OtherEpoch {
        /// Which life the center lives; none from a center older than this.
        #[n(0)]
        testimony: Option<SignedTestimony>,
    },
    /// Access of this device was closed.
    #[n(3)]
    Revoked,
    /// This app is too old to be understood; keep saving.
    #[n(4)]
    UpdateNeeded {
        #[n(0)]
        least_version: u8,
    },
    /// Too much at once; come back after this many seconds.
    #[n(5)]
    Busy {
        #[n(0)]
        retry_after_s: u32,
    },
    /// Only in version 2: the short form was not read. Written with this dictionary at most (0: none), or, where it was
    /// written with no newer one, with its changes plain, it will be.
    #[n(6)]
    Unread {
        #[n(0)]
        dictionary: u8,
    },
}

/// The exchange happened.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Exchanged {
    /// The token to use from now on, when it changed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub token: Option<Vec<u8>>,
    /// Signed receipts (`receipt::SignedReceipt` bytes), one per lane that moved or was asked about again.
    #[n(1)]
    pub receipts: Vec<crate::receipt::SignedReceipt>,
    /// What is new, in feed order, urgent lane first.
    #[n(2)]
    pub news: Vec<News>,
    /// The feed positions to ask from next time.
    #[n(3)]
    pub cursors: [u64; 2],
    /// There is more than the budget bore: ask again now.
    #[n(4)]
    pub more: bool,
    /// Fixes below this number are on the center's disk.
    #[n(5)]
    pub trail_received: Option<u64>,
    /// An envelope was out of order: the lanes and the sequence the center needs next.
    #[n(6)]
    pub needed: Vec<Needed>,
    /// Attachments (SHA-256) the center has whole.
    #[cbor(n(7))]
    pub attachments_held: Vec<Hash32>,
    /// Center signature (Ed25519, COSE_Sign1 bytes) over `news_message`; empty when there is no news.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub news_signature: Vec<u8>,
    /// Records outside the scope that lists show: thin state. Only where it was asked for.
    #[n(9)]
    pub thin: Vec<Thin>,
    /// Verdicts that came after the receipt, and changes the center misses; signed.
    #[n(10)]
    pub later: Option<crate::receipt::SignedVerdicts>,
    /// What came of a repair, or the testimony for a session just opened.
    #[n(11)]
    pub repair: Option<RepairAnswer>,
    /// Files the device may fetch, by their numbers, oldest first. Left out when nothing is new.
    #[n(12)]
    pub files: Option<Vec<FileOffer>>,
    /// The archives of incidents whose records leave with this answer. Left out when none do.
    #[n(13)]
    pub archives: Option<Vec<SignedArchive>>,
    /// What the device works under: when a session is opened, to whoever begins with the feed, and when it changed.
    #[n(14)]
    pub terms: Option<Terms>,
}

/// What a device works under: its unit and role as the center has them now, and what the center understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Terms {
    /// [`Terms::stamp_of`] the fields but `letters`.
    #[n(0)]
    pub stamp: u16,
    #[n(1)]
    pub unit: String,
    /// `Role`'s code.
    #[n(2)]
    pub role: String,
    /// Kinds of entries the center knows beyond those of 0.2.0 and phones may write.
    #[n(3)]
    pub kinds: Vec<String>,
    /// New letters for the patients of this phone, only where it asked for them.
    #[n(4)]
    pub letters: Option<String>,
}

impl Terms {
    /// Tells terms of one device from its next ones; never 0.
    #[must_use]
    pub fn stamp_of(unit: &str, role: &str, kinds: &[String]) -> u16 {
        let mut hasher = Sha256::new();
        for text in [unit, role].into_iter().chain(kinds.iter().map(String::as_str)) {
            hasher.update(text.as_bytes());
            hasher.update([0]);
        }
        let stamp = hasher.finalize().iter().take(2).fold(0_u16, |sum, byte| (sum << 8) | u16::from(*byte));
        stamp.max(1)
    }
}

/// A SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Hash32(#[cbor(n(0), with = "bytes::hash")] pub ChangeHash);

/// The sequence a lane goes on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Needed {
    #[n(0)]
    pub lane: u8,
    #[n(1)]
    pub seq: u64,
}

/// One thing the feed says to this device.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum News {
    /// A document entered the scope: all its changes, good up to feed position `position`.
    #[n(0)]
    Entered {
        #[cbor(n(0), with = "bytes::record")]
        record: RecordId,
        /// `RecordKind`'s code.
        #[n(1)]
        kind: String,
        #[n(2)]
        generation: u32,
        #[n(3)]
        position: u64,
        /// In causal order; empty when the device wrote every one of them itself.
        #[n(4)]
        changes: Vec<WireChange>,
    },
    /// A document left the scope: forget it after its last verdict, keep a stub.
    #[n(1)]
    Left {
        #[cbor(n(0), with = "bytes::record")]
        record: RecordId,
        #[n(1)]
        generation: u32,
        #[n(2)]
        position: u64,
    },
    /// One more change of a document in scope.
    #[n(2)]
    Changed {
        #[cbor(n(0), with = "bytes::record")]
        record: RecordId,
        #[n(1)]
        position: u64,
        #[n(2)]
        change: WireChange,
    },
}

/// The bytes of one change as its author made them. Re-coding takes the next number in `coding`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WireChange {
    /// 0: the bytes of the change chunk, plain.
    #[n(0)]
    pub coding: u8,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

impl WireChange {
    #[must_use]
    pub fn plain(bytes: Vec<u8>) -> Self {
        Self { coding: 0, bytes }
    }
}

/// What a list shows of a record outside the scope.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Thin {
    #[cbor(n(0), with = "bytes::record")]
    pub record: RecordId,
    #[n(1)]
    pub kind: String,
    /// What a list shows of it, as JSON: `siaga_domain::record::brief::Brief`.
    #[n(2)]
    pub brief: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use proptest::prelude::*;

    fn idle() -> ExchangeRequest {
        ExchangeRequest {
            version: crate::VERSION,
            device: DeviceId::from_bytes([1; 16]),
            epoch: Epoch([2; 8]),
            cursors: [40_000, 70_000],
            clock: Clock { device_ms: 1_665_360_000_000, monotonic_ms: 5_000_000, boot: 3 },
            hold_ms: 0,
            budget_bytes: 65_536,
            credential: Credential::Token(vec![3; 16]),
            envelopes: Vec::new(),
            newest_fix: None,
            trail: Vec::new(),
            packed_trail: Vec::new(),
            repair: None,
            verdicts_up_to: None,
            thin: None,
            satellite_ahead_ms: None,
            files_after: None,
            terms: None,
        }
    }

    #[test]
    fn an_idle_request_is_less_than_a_hundred_bytes_whatever_is_in_scope() {
        let bytes = codec::encode(&idle()).expect("encoded");

        assert!(bytes.len() < 100, "{}", bytes.len());
        assert_eq!(codec::decode::<ExchangeRequest>(&bytes).expect("decoded"), idle());
    }

    #[test]
    fn a_newer_request_with_one_more_field_is_still_understood() {
        let terms = Some(TermsAsk { known: 7, wants_letters: true });
        let request = ExchangeRequest { terms, ..idle() };
        let mut bytes = codec::encode(&request).expect("encoded");
        assert_eq!(bytes[0], 0x92, "an array of eighteen");
        bytes[0] = 0x93;
        bytes.extend([0x63, b'n', b'e', b'w']);

        assert_eq!(codec::decode::<ExchangeRequest>(&bytes).expect("decoded"), request);
    }

    #[test]
    fn a_mark_is_a_byte_where_it_stands_none_where_it_does_not_and_nothing_to_an_older_reader() {
        #[derive(Debug, PartialEq, Decode)]
        struct Older {
            #[n(0)]
            at_ms: i64,
            #[n(1)]
            lat_e6: i32,
            #[n(5)]
            offset_ms: Option<i64>,
        }
        let bare =
            Fix { at_ms: 9, lat_e6: 1, lon_e6: 2, accuracy_m: None, speed_cms: None, offset_ms: Some(4), mock: false };
        let marked = codec::encode(&Fix { mock: true, ..bare }).expect("encoded");
        let unmarked = codec::encode(&bare).expect("encoded");

        assert_eq!((unmarked[0], marked.len()), (0x86, unmarked.len() + 1));
        assert_eq!(codec::decode::<Fix>(&unmarked).expect("decoded"), bare);
        assert_eq!(codec::decode::<Fix>(&marked).expect("decoded"), Fix { mock: true, ..bare });
        let older = Older { at_ms: 9, lat_e6: 1, offset_ms: Some(4) };
        assert_eq!(codec::decode::<Older>(&marked).expect("decoded"), older);
    }

    #[test]
    fn a_field_left_out_before_one_that_is_there_is_left_out_on_the_other_side_too() {
        let request = ExchangeRequest { verdicts_up_to: Some(7), ..idle() };
        let bytes = codec::encode(&request).expect("encoded");

        assert_eq!(codec::decode::<ExchangeRequest>(&bytes).expect("decoded"), request);
    }

    proptest! {
        #[test]
        fn no_bytes_unwind_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = codec::decode::<ExchangeRequest>(&bytes);
            let _ = codec::decode::<ExchangeAnswer>(&bytes);
        }

        #[test]
        fn a_truncated_request_is_no_request(cut in 0_usize..70) {
            let bytes = codec::encode(&idle()).expect("encoded");
            prop_assume!(cut < bytes.len());
            prop_assert!(codec::decode::<ExchangeRequest>(&bytes[..cut]).is_err());
        }
    }
}
