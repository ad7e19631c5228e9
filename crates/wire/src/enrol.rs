//! Enrolment: a one-use invitation carried by a QR code or a link, and the phone's answer to it.
//!
//! The link pins the center: its TLS root and its signing key travel inside, so nothing on the network is
//! believed before it. The phone proves it holds the secret by an HMAC over the whole transcript, and both
//! sides show six digits of it for a person to compare.

use crate::codec::{self, CodecError, bytes};
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use siaga_domain::id::{CenterId, DeviceId, Epoch};

/// What the link holds.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Invitation {
    #[n(0)]
    pub version: u8,
    #[cbor(n(1), with = "bytes::center")]
    pub center: CenterId,
    #[n(2)]
    pub center_name: String,
    /// Addresses of the field listener, best first: `https://127.0.0.1:8443`.
    #[n(3)]
    pub urls: Vec<String>,
    /// The center's own root, DER.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub root_der: Vec<u8>,
    /// The center's Ed25519 public key, 32 bytes.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub center_key: Vec<u8>,
    /// Which invitation this is, 8 bytes.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub number: Vec<u8>,
    /// 32 bytes, used once.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub secret: Vec<u8>,
    /// Center UTC in milliseconds when it was made: a phone whose clock is dead can check a certificate by it.
    #[n(8)]
    pub made_ms: Option<i64>,
}

const SCHEME: &str = "siaga://enrol/";

/// The text is no invitation.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("an invitation begins with {SCHEME}")]
    Scheme,
    #[error("the invitation was cut short or mistyped")]
    Text,
    #[error("the invitation is malformed")]
    Malformed(#[source] CodecError),
}

impl Invitation {
    /// # Errors
    /// [`CodecError::Encode`], which writing to memory never gives.
    pub fn link(&self) -> Result<String, CodecError> {
        Ok(format!("{SCHEME}{}", Base64UrlUnpadded::encode_string(&codec::encode(self)?)))
    }

    /// # Errors
    /// [`LinkError`] when the text is not a whole invitation.
    pub fn from_link(link: &str) -> Result<Self, LinkError> {
        let text = link.trim().strip_prefix(SCHEME).ok_or(LinkError::Scheme)?;
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| LinkError::Text)?;
        codec::decode(&bytes).map_err(LinkError::Malformed)
    }
}

/// Phone to center, `POST /field/v1/enrol`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EnrolRequest {
    #[n(0)]
    pub version: u8,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub number: Vec<u8>,
    /// The device's public key, 33 bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub public_key: Vec<u8>,
    /// HMAC-SHA-256 over `transcript` under the secret.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub mac: Vec<u8>,
    /// App version, for the center's list.
    #[n(4)]
    pub app: String,
    /// The device this phone was at this center before it lost its key, 16 bytes. It opens nothing.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub was: Option<Vec<u8>>,
}

/// Center to phone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum EnrolAnswer {
    #[n(0)]
    Enrolled {
        #[cbor(n(0), with = "bytes::device")]
        device: DeviceId,
        #[n(1)]
        name: String,
        #[n(2)]
        unit: String,
        /// `Role`'s code.
        #[n(3)]
        role: String,
        #[cbor(n(4), with = "bytes::epoch")]
        epoch: Epoch,
        #[n(5)]
        center_ms: i64,
        #[cbor(n(6), with = "minicbor::bytes")]
        token: Vec<u8>,
    },
    /// A supervisor must compare the digits and confirm: ask again with the same bytes.
    #[n(1)]
    AwaitingConfirmation,
    /// Used, expired, burnt or unknown; which one is not said.
    #[n(2)]
    Refused,
}

/// What both sides have in common.
#[must_use]
pub fn transcript(invitation: &Invitation, public_key: &[u8]) -> Vec<u8> {
    let mut message = b"siaga enrol v1".to_vec();
    message.extend_from_slice(invitation.center.as_bytes());
    message.extend_from_slice(&invitation.number);
    message.extend_from_slice(&Sha256::digest(&invitation.root_der));
    message.extend_from_slice(&invitation.center_key);
    message.extend_from_slice(public_key);
    message
}

/// The HMAC a phone sends.
#[must_use]
pub fn mac(invitation: &Invitation, public_key: &[u8]) -> Vec<u8> {
    keyed(&invitation.secret, &transcript(invitation, public_key)).finalize().into_bytes().to_vec()
}

/// Compares in constant time.
#[must_use]
pub fn mac_matches(invitation: &Invitation, public_key: &[u8], mac: &[u8]) -> bool {
    keyed(&invitation.secret, &transcript(invitation, public_key)).verify_slice(mac).is_ok()
}

/// Six digits both sides show.
#[must_use]
pub fn comparison_code(invitation: &Invitation, public_key: &[u8]) -> String {
    let mut message = b"code".to_vec();
    message.extend(transcript(invitation, public_key));
    let tag = keyed(&invitation.secret, &message).finalize().into_bytes();
    let number = tag.iter().take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}

fn keyed(secret: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            version: 1,
            center: CenterId::from_bytes([1; 16]),
            center_name: "112 Ketapang".to_owned(),
            urls: vec!["https://127.0.0.1:8443".to_owned()],
            root_der: vec![7; 400],
            center_key: vec![8; 32],
            number: vec![9; 8],
            secret: vec![10; 32],
            made_ms: Some(1_665_360_000_000),
        }
    }

    #[test]
    fn a_link_reads_back_to_its_invitation() {
        let link = invitation().link().expect("a link");

        let read = Invitation::from_link(&format!("  {link}\n")).expect("an invitation");

        assert!(read == invitation());
    }

    #[test]
    fn a_link_that_was_cut_short_says_so() {
        let link = invitation().link().expect("a link");

        assert!(Invitation::from_link(&link[..link.len() - 9]).is_err());
        assert!(matches!(Invitation::from_link("https://example.id"), Err(LinkError::Scheme)));
    }

    #[test]
    fn another_root_or_another_key_does_not_match() {
        let key = [2_u8; 33];
        let good = mac(&invitation(), &key);
        let intercepted = Invitation { root_der: vec![6; 400], ..invitation() };

        assert!(mac_matches(&invitation(), &key, &good));
        assert!(!mac_matches(&intercepted, &key, &good));
        assert!(!mac_matches(&invitation(), &[3; 33], &good));
        assert_ne!(comparison_code(&invitation(), &key), comparison_code(&intercepted, &key));
        assert_eq!(comparison_code(&invitation(), &key).len(), 6);
    }
}
