//! A receipt: the center says, signed, up to where it has one lane of one device on its disk.
//!
//! Only a receipt lets a screen say *diterima 112*, and only a receipt lets a phone prune.

use crate::codec::{self, CodecError, bytes};
use crate::exchange::Hash32;
use crate::key::{CenterKey, CenterPublicKey};
use minicbor::{Decode, Encode};
use siaga_domain::id::{ChangeHash, DeviceId, Epoch};

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    #[cbor(n(0), with = "bytes::device")]
    pub device: DeviceId,
    #[n(1)]
    pub lane: u8,
    /// Every envelope up to and including this one is on disk and has its verdicts.
    #[n(2)]
    pub up_to_seq: u64,
    /// Manifest hash of that envelope.
    #[cbor(n(3), with = "bytes::hash")]
    pub head: ChangeHash,
    /// Center UTC, milliseconds.
    #[n(4)]
    pub center_ms: i64,
    #[cbor(n(5), with = "bytes::epoch")]
    pub epoch: Epoch,
    /// Changes of these envelopes that were not accepted. Everything else was.
    #[n(6)]
    pub exceptions: Vec<Exception>,
}

/// One change that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Exception {
    #[n(0)]
    pub change: Hash32,
    #[n(1)]
    pub verdict: Verdict,
    /// A code the page has words for: `center_only`, `malformed`, `missing_dependency`.
    #[n(2)]
    pub reason: String,
}

/// What the center decided. Accepted changes are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accept,
    Park,
    Overrule,
    Refuse,
    /// A newer center's: kept and shown, so that one word does not keep a receipt from being read.
    Other(u8),
}

impl Verdict {
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Accept => 0,
            Self::Park => 1,
            Self::Overrule => 2,
            Self::Refuse => 3,
            Self::Other(number) => number,
        }
    }

    #[must_use]
    pub const fn of(number: u8) -> Self {
        match number {
            0 => Self::Accept,
            1 => Self::Park,
            2 => Self::Overrule,
            3 => Self::Refuse,
            other => Self::Other(other),
        }
    }
}

impl<C> Encode<C> for Verdict {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u8(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Verdict {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.u8().map(Self::of)
    }
}

/// A receipt as it travels: the payload and its COSE_Sign1 signature (EdDSA).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedReceipt {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

const CONTEXT: &[u8] = b"siaga receipt v1";

/// # Errors
/// [`CodecError::Encode`], which writing to memory never gives.
pub fn sign(receipt: &Receipt, key: &CenterKey) -> Result<SignedReceipt, CodecError> {
    let payload = codec::encode(receipt)?;
    let signature = key.sign(CONTEXT, &payload).to_vec();
    Ok(SignedReceipt { payload, signature })
}

/// Why a receipt is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    #[error("the receipt was not signed by this center")]
    Signature,
    #[error("the receipt is malformed")]
    Malformed(#[source] CodecError),
    #[error("the receipt is for another device")]
    OtherDevice,
}

/// # Errors
/// [`ReceiptError`] unless this center signed it for this device.
pub fn verify(signed: &SignedReceipt, key: &CenterPublicKey, device: &DeviceId) -> Result<Receipt, ReceiptError> {
    if !key.verify(CONTEXT, &signed.payload, &signed.signature) {
        return Err(ReceiptError::Signature);
    }
    let receipt: Receipt = codec::decode(&signed.payload).map_err(ReceiptError::Malformed)?;
    if receipt.device == *device { Ok(receipt) } else { Err(ReceiptError::OtherDevice) }
}

/// Verdicts on changes that were parked, and what the center misses to decide about others.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LaterVerdicts {
    #[cbor(n(0), with = "bytes::device")]
    pub device: DeviceId,
    #[cbor(n(1), with = "bytes::epoch")]
    pub epoch: Epoch,
    /// Center UTC, milliseconds.
    #[n(2)]
    pub center_ms: i64,
    /// In the order of their numbers.
    #[n(3)]
    pub verdicts: Vec<LaterVerdict>,
    /// Changes that parked ones hang on and the center does not have: send them.
    #[n(4)]
    pub missing: Vec<Hash32>,
}

/// The final verdict on one change that was parked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LaterVerdict {
    /// Grows with each verdict of this device within an epoch.
    #[n(0)]
    pub number: u64,
    #[n(1)]
    pub change: Hash32,
    #[n(2)]
    pub verdict: Verdict,
    #[n(3)]
    pub reason: String,
}

/// Later verdicts as they travel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedVerdicts {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

const VERDICTS_CONTEXT: &[u8] = b"siaga verdicts v1";

/// # Errors
/// [`CodecError::Encode`], which writing to memory never gives.
pub fn sign_verdicts(verdicts: &LaterVerdicts, key: &CenterKey) -> Result<SignedVerdicts, CodecError> {
    let payload = codec::encode(verdicts)?;
    let signature = key.sign(VERDICTS_CONTEXT, &payload).to_vec();
    Ok(SignedVerdicts { payload, signature })
}

/// # Errors
/// [`ReceiptError`] unless this center signed it for this device.
pub fn verify_verdicts(
    signed: &SignedVerdicts,
    key: &CenterPublicKey,
    device: &DeviceId,
) -> Result<LaterVerdicts, ReceiptError> {
    if !key.verify(VERDICTS_CONTEXT, &signed.payload, &signed.signature) {
        return Err(ReceiptError::Signature);
    }
    let verdicts: LaterVerdicts = codec::decode(&signed.payload).map_err(ReceiptError::Malformed)?;
    if verdicts.device == *device { Ok(verdicts) } else { Err(ReceiptError::OtherDevice) }
}

const NEWS_CONTEXT: &[u8] = b"siaga news v1";

/// Signs what the center tells a device: the center signs its own chain too.
///
/// # Errors
/// [`CodecError::Encode`], which writing to memory never gives.
pub fn sign_news(
    news: &[crate::exchange::News],
    epoch: &Epoch,
    device: &DeviceId,
    key: &CenterKey,
) -> Result<Vec<u8>, CodecError> {
    Ok(key.sign(NEWS_CONTEXT, &news_message(news, epoch, device)?).to_vec())
}

/// Whether this center told this device exactly this.
#[must_use]
pub fn verify_news(
    news: &[crate::exchange::News],
    epoch: &Epoch,
    device: &DeviceId,
    key: &CenterPublicKey,
    signature: &[u8],
) -> bool {
    news_message(news, epoch, device).is_ok_and(|message| key.verify(NEWS_CONTEXT, &message, signature))
}

fn news_message(news: &[crate::exchange::News], epoch: &Epoch, device: &DeviceId) -> Result<Vec<u8>, CodecError> {
    Ok(told_message(&told(news)?, epoch, device))
}

/// News as they are signed: the encoded items, one after the other.
///
/// # Errors
/// [`CodecError::Encode`], which writing to memory never gives.
pub fn told(news: &[crate::exchange::News]) -> Result<Vec<u8>, CodecError> {
    let mut told = Vec::new();
    for one in news {
        told.extend(codec::encode(one)?);
    }
    Ok(told)
}

fn told_message(told: &[u8], epoch: &Epoch, device: &DeviceId) -> Vec<u8> {
    let mut message = epoch.0.to_vec();
    message.extend_from_slice(device.as_bytes());
    message.extend_from_slice(told);
    message
}

/// Whether this center told this device exactly these encoded items.
#[must_use]
pub fn verify_told(told: &[u8], epoch: &Epoch, device: &DeviceId, key: &CenterPublicKey, signature: &[u8]) -> bool {
    key.verify(NEWS_CONTEXT, &told_message(told, epoch, device), signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        Receipt {
            device: DeviceId::from_bytes([1; 16]),
            lane: 0,
            up_to_seq: 12,
            head: ChangeHash([2; 32]),
            center_ms: 1_665_360_000_000,
            epoch: Epoch([3; 8]),
            exceptions: vec![Exception {
                change: Hash32(ChangeHash([4; 32])),
                verdict: Verdict::Refuse,
                reason: "center_only".to_owned(),
            }],
        }
    }

    #[test]
    fn a_receipt_is_believed_only_from_this_center_for_this_device() {
        let center = CenterKey::from_seed(&[7; 32]);
        let signed = sign(&receipt(), &center).expect("signed");
        let device = DeviceId::from_bytes([1; 16]);
        let stranger = CenterKey::from_seed(&[8; 32]).public_key();
        let mut tampered = signed.clone();
        tampered.payload[20] ^= 1;

        assert_eq!(verify(&signed, &center.public_key(), &device).expect("believed"), receipt());
        assert!(matches!(verify(&signed, &stranger, &device), Err(ReceiptError::Signature)));
        assert!(matches!(verify(&tampered, &center.public_key(), &device), Err(ReceiptError::Signature)));
        assert!(matches!(
            verify(&signed, &center.public_key(), &DeviceId::from_bytes([9; 16])),
            Err(ReceiptError::OtherDevice)
        ));
    }

    #[test]
    fn a_verdict_of_a_newer_center_is_kept_and_the_receipt_around_it_is_read() {
        let center = CenterKey::from_seed(&[7; 32]);
        let change = Hash32(ChangeHash([4; 32]));
        let exceptions = vec![Exception { change, verdict: Verdict::Other(9), reason: "quarantine".to_owned() }];
        let newer = Receipt { exceptions, ..receipt() };
        let signed = sign(&newer, &center).expect("signed");

        let read = verify(&signed, &center.public_key(), &DeviceId::from_bytes([1; 16])).expect("believed");

        assert_eq!(read, newer);
        assert!((0..=u8::MAX).all(|number| Verdict::of(number).number() == number));
    }

    #[test]
    fn the_signature_of_news_is_no_receipt() {
        let center = CenterKey::from_seed(&[7; 32]);
        let payload = codec::encode(&receipt()).expect("encoded");
        let signature = center.sign(NEWS_CONTEXT, &payload).to_vec();

        let forged = SignedReceipt { payload, signature };

        assert!(verify(&forged, &center.public_key(), &DeviceId::from_bytes([1; 16])).is_err());
    }

    #[test]
    fn a_receipt_is_no_later_verdict_and_one_for_another_device_is_not_believed() {
        let center = CenterKey::from_seed(&[7; 32]);
        let device = DeviceId::from_bytes([1; 16]);
        let verdicts = LaterVerdicts {
            device,
            epoch: Epoch([3; 8]),
            center_ms: 5,
            verdicts: vec![LaterVerdict {
                number: 1,
                change: Hash32(ChangeHash([4; 32])),
                verdict: Verdict::Accept,
                reason: String::new(),
            }],
            missing: Vec::new(),
        };
        let signed = sign_verdicts(&verdicts, &center).expect("signed");
        let receipt = sign(&receipt(), &center).expect("signed");
        let posing = SignedVerdicts { payload: receipt.payload, signature: receipt.signature };

        assert_eq!(verify_verdicts(&signed, &center.public_key(), &device).expect("believed"), verdicts);
        assert!(verify_verdicts(&signed, &center.public_key(), &DeviceId::from_bytes([9; 16])).is_err());
        assert!(verify_verdicts(&posing, &center.public_key(), &device).is_err());
    }
}
