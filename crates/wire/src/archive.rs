//! What the center signs when it puts a closed incident into its archive: which records, and where each of them ended.
//!
//! The heads of a document name its whole history, so this statement proves every change that lies beside it.

use crate::codec::{self, CodecError, bytes};
use crate::exchange::Hash32;
use crate::key::{CenterKey, CenterPublicKey};
use minicbor::{Decode, Encode};
use siaga_domain::id::{CenterId, RecordId};

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Statement {
    #[cbor(n(0), with = "bytes::center")]
    pub center: CenterId,
    #[cbor(n(1), with = "bytes::record")]
    pub incident: RecordId,
    /// 1 for the first archive of an incident; more for addenda.
    #[n(2)]
    pub number: u32,
    /// Center UTC, milliseconds.
    #[n(3)]
    pub archived_ms: i64,
    /// The incident first, then what hangs on it.
    #[n(4)]
    pub records: Vec<Ended>,
}

/// Where one record ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ended {
    #[cbor(n(0), with = "bytes::record")]
    pub record: RecordId,
    #[n(1)]
    pub kind: String,
    /// Sorted.
    #[n(2)]
    pub heads: Vec<Hash32>,
    #[n(3)]
    pub changes: u32,
}

/// A statement as it travels to a phone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedArchive {
    /// A [`Statement`], as it was signed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub statement: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

const CONTEXT: &[u8] = b"siaga archive v1";

/// The signed bytes and the signature.
///
/// # Errors
/// [`CodecError::Encode`], which writing to memory never gives.
pub fn sign(statement: &Statement, key: &CenterKey) -> Result<(Vec<u8>, Vec<u8>), CodecError> {
    let payload = codec::encode(statement)?;
    let signature = key.sign(CONTEXT, &payload).to_vec();
    Ok((payload, signature))
}

/// The statement, where this center signed it.
#[must_use]
pub fn verify(payload: &[u8], signature: &[u8], key: &CenterPublicKey) -> Option<Statement> {
    if key.verify(CONTEXT, payload, signature) { codec::decode(payload).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_believed_from_its_center_only_and_only_unchanged() {
        let key = CenterKey::from_seed(&[7; 32]);
        let record = RecordId::from_bytes([1; 16]);
        let statement = Statement {
            center: CenterId::from_bytes([9; 16]),
            incident: record,
            number: 1,
            archived_ms: 5,
            records: vec![Ended { record, kind: "incident".into(), heads: Vec::new(), changes: 3 }],
        };
        let (payload, signature) = sign(&statement, &key).expect("signed");
        let mut changed = payload.clone();
        *changed.last_mut().expect("bytes") ^= 1;

        assert_eq!(verify(&payload, &signature, &key.public_key()), Some(statement));
        assert_eq!(verify(&changed, &signature, &key.public_key()), None);
        assert_eq!(verify(&payload, &signature, &CenterKey::from_seed(&[8; 32]).public_key()), None);
    }
}
