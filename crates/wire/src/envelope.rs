//! An envelope: what one person wrote on one device in one lane, signed by the device, in a chain without gaps.
//!
//! The manifest (header, documents with the hashes of their changes, attachment hashes) is what is signed and
//! what the next envelope's `prev` names. It does not travel: the receiver rebuilds it from the changes.

use crate::codec::{self, CodecError, bytes};
use crate::exchange::{Clock, Hash32, WireChange};
use crate::key::{DevicePublicKey, SignatureBytes, Signer, SignerError};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use siaga_domain::id::{CenterId, ChangeHash, DeviceId, Epoch, RecordId};

/// What is said about a set of changes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    #[n(0)]
    pub version: u8,
    #[cbor(n(1), with = "bytes::center")]
    pub center: CenterId,
    #[cbor(n(2), with = "bytes::device")]
    pub device: DeviceId,
    #[n(3)]
    pub lane: u8,
    /// 1, 2, 3: gapless in this lane of this chain.
    #[n(4)]
    pub seq: u64,
    /// SHA-256 of the previous manifest of this lane; all zero for the first.
    #[cbor(n(5), with = "bytes::hash")]
    pub prev: ChangeHash,
    #[cbor(n(6), with = "bytes::epoch")]
    pub epoch: Epoch,
    /// The one person who acted, as on the roster; empty when nobody was checked in.
    #[n(7)]
    pub user: String,
    #[n(8)]
    pub clock: Clock,
}

/// Changes of one document, in causal order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DocumentChanges {
    #[cbor(n(0), with = "bytes::record")]
    pub record: RecordId,
    /// `RecordKind`'s code.
    #[n(1)]
    pub kind: String,
    #[n(2)]
    pub schema: u32,
    #[n(3)]
    pub changes: Vec<WireChange>,
}

/// An envelope as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Envelope {
    #[n(0)]
    pub header: Header,
    #[n(1)]
    pub documents: Vec<DocumentChanges>,
    /// SHA-256 of attachments these changes name.
    #[n(2)]
    pub attachments: Vec<Hash32>,
    /// COSE_Sign1 signature, ES256, over the manifest as detached payload.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
struct Manifest<'a> {
    #[n(0)]
    header: &'a Header,
    #[n(1)]
    documents: Vec<ManifestDocument<'a>>,
    #[n(2)]
    attachments: &'a [Hash32],
}

#[derive(Clone, Debug, PartialEq, Eq, Encode)]
struct ManifestDocument<'a> {
    #[cbor(n(0), with = "bytes::record")]
    record: RecordId,
    #[n(1)]
    kind: &'a str,
    #[n(2)]
    schema: u32,
    #[n(3)]
    changes: Vec<Hash32>,
}

/// The hash an Automerge change chunk names itself by: SHA-256 over type, length and body, which is everything
/// after the magic bytes and the checksum.
#[must_use]
pub fn change_hash(chunk: &[u8]) -> ChangeHash {
    let mut hasher = Sha256::new();
    hasher.update(chunk.get(8..).unwrap_or_default());
    ChangeHash(hasher.finalize().into())
}

/// The manifest's bytes for these parts.
///
/// # Errors
/// [`CodecError::Encode`], which writing to memory never gives.
pub fn manifest(header: &Header, documents: &[DocumentChanges], attachments: &[Hash32]) -> Result<Vec<u8>, CodecError> {
    codec::encode(&Manifest {
        header,
        documents: documents
            .iter()
            .map(|document| ManifestDocument {
                record: document.record,
                kind: &document.kind,
                schema: document.schema,
                changes: document.changes.iter().map(|change| Hash32(change_hash(&change.bytes))).collect(),
            })
            .collect(),
        attachments,
    })
}

/// SHA-256 of a manifest: what the next envelope's `prev` and a receipt's `head` name.
#[must_use]
pub fn manifest_hash(manifest: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(manifest).into())
}

/// An envelope could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the manifest could not be encoded")]
    Manifest(#[source] CodecError),
    #[error("the device key did not sign")]
    Sign(#[source] SignerError),
}

/// Signs frozen parts. Signatures differ each time, so the sealed envelope is stored before it is sent.
///
/// # Errors
/// [`SealError`] when the signer fails.
pub fn seal(
    header: Header,
    documents: Vec<DocumentChanges>,
    attachments: Vec<Hash32>,
    signer: &dyn Signer,
) -> Result<Envelope, SealError> {
    let manifest = manifest(&header, &documents, &attachments).map_err(SealError::Manifest)?;
    let signature = signer.sign(&cose_message(&manifest)).map_err(SealError::Sign)?;
    Ok(Envelope { header, documents, attachments, signature: signature.to_vec() })
}

/// Why an envelope is not believed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvelopeError {
    #[error("the envelope could not be rebuilt")]
    Manifest,
    #[error("the signature is not this device's")]
    Signature,
}

/// Rebuilds the manifest and checks the device's signature; gives the manifest's hash.
///
/// # Errors
/// [`EnvelopeError::Signature`] when anything signed differs from what arrived.
pub fn verify(envelope: &Envelope, key: &DevicePublicKey) -> Result<ChangeHash, EnvelopeError> {
    let manifest =
        manifest(&envelope.header, &envelope.documents, &envelope.attachments).map_err(|_| EnvelopeError::Manifest)?;
    let signature: SignatureBytes = envelope.signature.as_slice().try_into().map_err(|_| EnvelopeError::Signature)?;
    if !key.verify(&cose_message(&manifest), &signature) {
        return Err(EnvelopeError::Signature);
    }
    Ok(manifest_hash(&manifest))
}

/// The `Sig_structure` of RFC 9052 section 4.4 for ES256 with a detached payload.
#[must_use]
pub fn cose_message(payload: &[u8]) -> Vec<u8> {
    crate::key::sig_structure(coset::iana::Algorithm::ES256, b"siaga envelope v1", payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::MemorySigner;

    fn parts() -> (Header, Vec<DocumentChanges>, Vec<Hash32>) {
        let header = Header {
            version: crate::VERSION,
            center: CenterId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([2; 16]),
            lane: 0,
            seq: 7,
            prev: ChangeHash([3; 32]),
            epoch: Epoch([4; 8]),
            user: "Ani".to_owned(),
            clock: Clock { device_ms: 1_665_360_000_000, monotonic_ms: 5_000, boot: 2 },
        };
        let documents = vec![DocumentChanges {
            record: RecordId::from_bytes([5; 16]),
            kind: "assignment".to_owned(),
            schema: 1,
            changes: vec![WireChange::plain(vec![0; 40])],
        }];
        (header, documents, vec![Hash32(ChangeHash([6; 32]))])
    }

    fn sealed(signer: &MemorySigner) -> Envelope {
        let (header, documents, attachments) = parts();
        seal(header, documents, attachments, signer).expect("sealed")
    }

    #[test]
    fn an_envelope_survives_the_wire_and_is_believed() {
        let signer = MemorySigner::from_scalar(&[9; 32]).expect("a key");
        let envelope = sealed(&signer);

        let again: Envelope = codec::decode(&codec::encode(&envelope).expect("encoded")).expect("decoded");

        assert_eq!(again, envelope);
        assert!(verify(&again, &signer.public_key().expect("a key")).is_ok());
    }

    #[test]
    fn one_changed_byte_anywhere_is_not_believed() {
        let signer = MemorySigner::from_scalar(&[9; 32]).expect("a key");
        let key = signer.public_key().expect("a key");
        let good = sealed(&signer);
        let mut changed: Vec<Envelope> = Vec::new();
        changed.push(Envelope { header: Header { seq: 8, ..good.header.clone() }, ..good.clone() });
        changed.push(Envelope { header: Header { user: "Budi".into(), ..good.header.clone() }, ..good.clone() });
        changed.push(Envelope {
            header: Header { center: CenterId::from_bytes([8; 16]), ..good.header.clone() },
            ..good.clone()
        });
        let mut other_bytes = good.clone();
        other_bytes.documents[0].changes[0].bytes[20] ^= 1;
        changed.push(other_bytes);
        changed.push(Envelope { attachments: Vec::new(), ..good.clone() });

        for envelope in changed {
            assert_eq!(verify(&envelope, &key), Err(EnvelopeError::Signature));
        }
        let stranger = MemorySigner::from_scalar(&[10; 32]).expect("a key").public_key().expect("a key");
        assert_eq!(verify(&good, &stranger), Err(EnvelopeError::Signature));
    }

    #[test]
    fn the_chain_hashes_manifests_so_that_signing_again_does_not_break_it() {
        let one = MemorySigner::from_scalar(&[9; 32]).expect("a key");
        let (header, documents, attachments) = parts();

        let first = manifest_hash(&manifest(&header, &documents, &attachments).expect("a manifest"));

        assert_eq!(verify(&sealed(&one), &one.public_key().expect("a key")), Ok(first));
        assert_eq!(verify(&sealed(&one), &one.public_key().expect("a key")), Ok(first));
    }
}
