//! Repair: what two sides say when they no longer know what the other has. First a digest of each record, then for those
//! that differ the tip of every actor, then what is missing.
//!
//! An idle exchange carries nothing of it. Per-actor chains have no gaps, so a tip speaks for everything before it.

use crate::codec::{self, CodecError, bytes};
use crate::exchange::{Hash32, News, WireChange};
use crate::key::{CenterKey, CenterPublicKey};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use siaga_domain::id::{ActorId, CenterId, ChangeHash, DeviceId, Epoch, RecordId};

/// Records compared in one request, at most.
pub const MAX_COMPARED: usize = 512;
/// Records whose tips travel in one message, at most; more are told with the next.
pub const MAX_TIPS: usize = 64;
/// Actors of one record whose tips are told, at most.
pub const MAX_ACTORS: usize = 512;
/// Pieces of earlier news given back in one request, and testimonies, at most.
pub const MAX_TOLD: usize = 64;

/// Damaged changes asked for, or given, in one message, at most.
pub const MAX_MENDED: usize = 64;
/// Faults named in one request, at most, and the length of a code.
pub const MAX_FAULTS: usize = 16;
pub const MAX_FAULT_CODE: usize = 32;
/// Gaps named in one request, at most.
pub const MAX_GAPS: usize = 32;

/// Phone to center.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct RepairAsk {
    /// Lives of this center that the phone met, as they signed it, where it met more than one lately.
    #[n(0)]
    pub testimonies: Vec<SignedTestimony>,
    #[n(1)]
    pub compare: Option<Compare>,
    /// What the phone has of records that differ: the center sends what is missing.
    #[n(2)]
    pub tips: Vec<RecordTips>,
    /// What this center told the phone once and has no more: proof that it was the center that said it.
    #[n(3)]
    pub told: Vec<Told>,
    /// The phone was put back and does not know how far its chains got: receipts are wanted.
    #[n(4)]
    pub chains: bool,
    /// Changes whose bytes are damaged on the phone, at most [`MAX_MENDED`].
    #[cbor(n(5), skip_if = "Vec::is_empty")]
    pub needs: Vec<Hash32>,
    /// Changes the center said are damaged there, as they stand on the phone: their hash is the proof of them.
    #[cbor(n(6), skip_if = "Vec::is_empty")]
    pub given: Vec<WireChange>,
    /// What befell the phone, at most [`MAX_FAULTS`].
    #[cbor(n(7), skip_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// When the phone's tracking stood still, oldest first, at most [`MAX_GAPS`]; only to a center that takes them.
    #[cbor(n(8), skip_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// A stretch of a duty in which nobody looked for a position, device UTC in milliseconds. Sent until a center that takes
/// gaps answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Gap {
    #[n(0)]
    pub from_ms: i64,
    #[n(1)]
    pub until_ms: i64,
    /// `siaga_domain::tracking::GapCause`'s code.
    #[n(2)]
    pub cause: String,
    /// Center time minus device time, milliseconds, as known when it ended.
    #[n(3)]
    pub offset_ms: Option<i64>,
}

/// Something that befell a phone's home; sent until an answer to it was heard.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Fault {
    /// Grows on the phone while its home lives.
    #[n(0)]
    pub number: u64,
    /// `cache`: a document was made again. `row`: changes in the log were damaged. `row_lost`: one that was never sent.
    /// `home`: the database could not be opened any more. `log_lost`: what was written last is gone. `safe_start`: it started without what could be left out.
    #[n(1)]
    pub code: String,
    /// Device UTC, milliseconds.
    #[n(2)]
    pub at_ms: i64,
    #[n(3)]
    pub count: u32,
    /// Of a lost home: changes that were saved out of it.
    #[n(4)]
    pub saved: u32,
}

/// Digests of records in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Compare {
    /// Every record the phone has from this id on ...
    #[cbor(n(0), with = "bytes::record")]
    pub from: RecordId,
    /// ... up to this one, both included, is listed.
    #[cbor(n(1), with = "bytes::record")]
    pub up_to: RecordId,
    #[n(2)]
    pub digests: Vec<RecordDigest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordDigest {
    #[cbor(n(0), with = "bytes::record")]
    pub record: RecordId,
    /// [`digest_of`] its heads; empty for a record of which only own changes are left.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub digest: Vec<u8>,
}

/// Eight bytes over the sorted heads of a document.
#[must_use]
pub fn digest_of(heads: &[ChangeHash]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    heads.iter().for_each(|head| hasher.update(head.0));
    hasher.finalize().into_iter().take(8).collect()
}

/// How far each actor's changes of a record go.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordTips {
    #[cbor(n(0), with = "bytes::record")]
    pub record: RecordId,
    /// Empty: nothing of it is there.
    #[n(1)]
    pub tips: Vec<Tip>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Tip {
    /// 16 bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub actor: Vec<u8>,
    #[n(1)]
    pub seq: u64,
    /// The first eight bytes of the change's hash.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub hash: Vec<u8>,
}

impl Tip {
    #[must_use]
    pub fn new(actor: &ActorId, seq: u64, hash: &ChangeHash) -> Self {
        Self { actor: actor.as_bytes().to_vec(), seq, hash: hash.0.iter().take(8).copied().collect() }
    }
}

/// News of an earlier answer, as they were signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Told {
    #[cbor(n(0), with = "bytes::epoch")]
    pub epoch: Epoch,
    /// The encoded items, one after the other.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub news: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

impl Told {
    /// The items, when the center with this key told them to this device.
    #[must_use]
    pub fn verified(&self, device: &DeviceId, key: &CenterPublicKey) -> Option<Vec<News>> {
        if !crate::receipt::verify_told(&self.news, &self.epoch, device, key, &self.signature) {
            return None;
        }
        let mut decoder = minicbor::Decoder::new(&self.news);
        let mut items = Vec::new();
        while decoder.position() < self.news.len() {
            items.push(decoder.decode().ok()?);
        }
        Some(items)
    }
}

/// Center to phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct RepairAnswer {
    /// Which life of the center this is.
    #[n(0)]
    pub testimony: Option<SignedTestimony>,
    /// What the center has of the records that differ, or whose missing changes did not all fit.
    #[n(1)]
    pub tips: Vec<RecordTips>,
    /// Records were compared up to this one; those that differ are in `tips`.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub compared_up_to: Option<Vec<u8>>,
    /// Whether what the request said of a repair was looked at.
    #[n(3)]
    pub answers: bool,
    /// Changes whose bytes are damaged at the center, at most [`MAX_MENDED`].
    #[cbor(n(4), skip_if = "Vec::is_empty")]
    pub needs: Vec<Hash32>,
    /// Changes the phone needs, as they stand at the center.
    #[cbor(n(5), skip_if = "Vec::is_empty")]
    pub given: Vec<WireChange>,
    /// This center takes gaps, and has those of the request on its disk. Said when a session is opened, and to whoever begins
    /// with the feed.
    #[cbor(n(6), skip_if = "std::ops::Not::not")]
    pub takes_gaps: bool,
}

/// Which life of its feed a center lives.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Testimony {
    #[cbor(n(0), with = "bytes::center")]
    pub center: CenterId,
    #[cbor(n(1), with = "bytes::epoch")]
    pub epoch: Epoch,
    /// Grows from life to life. Where two lives of one center answer, the one with the smaller number is over.
    #[n(2)]
    pub number: u64,
}

/// A testimony as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedTestimony {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

const CONTEXT: &[u8] = b"siaga testimony v1";

impl SignedTestimony {
    /// # Errors
    /// [`CodecError::Encode`], which writing to memory never gives.
    pub fn sign(testimony: &Testimony, key: &CenterKey) -> Result<Self, CodecError> {
        let payload = codec::encode(testimony)?;
        let signature = key.sign(CONTEXT, &payload).to_vec();
        Ok(Self { payload, signature })
    }

    /// `None` unless the center with this key signed it.
    #[must_use]
    pub fn verified(&self, key: &CenterPublicKey) -> Option<Testimony> {
        key.verify(CONTEXT, &self.payload, &self.signature).then(|| codec::decode(&self.payload).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn testimony() -> Testimony {
        Testimony { center: CenterId::from_bytes([1; 16]), epoch: Epoch([2; 8]), number: 7 }
    }

    #[test]
    fn a_testimony_is_believed_only_from_this_center() {
        let key = CenterKey::from_seed(&[7; 32]);
        let signed = SignedTestimony::sign(&testimony(), &key).expect("signed");
        let mut tampered = signed.clone();
        tampered.payload[20] ^= 1;

        assert_eq!(signed.verified(&key.public_key()), Some(testimony()));
        assert_eq!(tampered.verified(&key.public_key()), None);
        assert_eq!(signed.verified(&CenterKey::from_seed(&[8; 32]).public_key()), None);
    }

    #[test]
    fn what_was_told_to_one_device_proves_nothing_from_another() {
        let key = CenterKey::from_seed(&[7; 32]);
        let (device, epoch) = (DeviceId::from_bytes([1; 16]), Epoch([3; 8]));
        let news = vec![News::Left { record: RecordId::from_bytes([4; 16]), generation: 1, position: 9 }];
        let signature = crate::receipt::sign_news(&news, &epoch, &device, &key).expect("signed");
        let told = Told { epoch, news: crate::receipt::told(&news).expect("encoded"), signature };

        assert_eq!(told.verified(&device, &key.public_key()), Some(news));
        assert_eq!(told.verified(&DeviceId::from_bytes([9; 16]), &key.public_key()), None);
        assert_eq!(Told { epoch: Epoch([4; 8]), ..told }.verified(&device, &key.public_key()), None);
    }

    #[test]
    fn a_message_without_the_newest_fields_is_understood_and_carries_nothing_of_them() {
        let older = codec::encode(&RepairAsk { chains: true, ..RepairAsk::default() }).expect("encoded");
        let ask = RepairAsk { needs: vec![Hash32(ChangeHash([7; 32]))], chains: true, ..RepairAsk::default() };

        assert_eq!(older.len(), 6, "an array of five, as before them");
        assert_eq!(codec::decode::<RepairAsk>(&older).expect("decoded").needs, []);
        assert_eq!(codec::decode::<RepairAsk>(&codec::encode(&ask).expect("encoded")).expect("decoded"), ask);
    }

    #[test]
    fn gaps_and_that_they_are_taken_are_read_where_they_are_known_and_left_out_where_there_are_none() {
        let gap = Gap { from_ms: 5, until_ms: 900_005, cause: "restarted".to_owned(), offset_ms: None };
        let ask = RepairAsk { gaps: vec![gap], ..RepairAsk::default() };
        let answer = RepairAnswer { takes_gaps: true, ..RepairAnswer::default() };
        let (asked, answered) = (codec::encode(&ask).expect("encoded"), codec::encode(&answer).expect("encoded"));

        assert_eq!(codec::decode::<RepairAsk>(&asked).expect("decoded"), ask);
        assert_eq!(codec::decode::<RepairAnswer>(&answered).expect("decoded"), answer);
        assert_eq!(codec::encode(&RepairAsk::default()).expect("encoded").len(), 6, "an array of five, as before them");
        assert_eq!(codec::encode(&RepairAnswer::default()).expect("encoded").len(), 5, "an array of four, likewise");
    }

    proptest! {
        #[test]
        fn no_bytes_unwind_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = codec::decode::<RepairAsk>(&bytes);
            let _ = codec::decode::<RepairAnswer>(&bytes);
        }
    }
}
