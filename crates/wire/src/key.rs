//! Keys: the device's P-256 key behind a port, the center's Ed25519 key, and what each signs.

use coset::{CborSerializable, HeaderBuilder, SignatureContext, iana, sig_structure_data};
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _, VerifyingKey};

/// An ES256 or Ed25519 signature: 64 bytes.
pub type SignatureBytes = [u8; 64];

/// The device's signing key could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    #[error("the key is gone; this device must be enrolled again")]
    KeyLost,
    #[error("the key store did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The device's key, wherever it lives: a sealed file here, Android Keystore on a phone.
///
/// Signing may be slow and never gives the same bytes twice; it happens outside transactions.
pub trait Signer: Send + Sync {
    /// # Errors
    /// [`SignerError`] when the key is lost or its store does not answer.
    fn public_key(&self) -> Result<DevicePublicKey, SignerError>;

    /// ES256 over the message (SHA-256 inside), as 64 bytes r and s.
    ///
    /// # Errors
    /// [`SignerError`] when the key is lost or its store does not answer.
    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError>;
}

/// A signing key in memory: for key files and tests.
pub struct MemorySigner(p256::ecdsa::SigningKey);

/// The bytes are no key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a key of the expected kind")]
pub struct NotAKey;

impl MemorySigner {
    /// # Errors
    /// [`NotAKey`] when the 32 bytes are no P-256 scalar (one in 2^32 draws).
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, NotAKey> {
        p256::ecdsa::SigningKey::from_slice(scalar).map(Self).map_err(|_| NotAKey)
    }
}

impl Signer for MemorySigner {
    fn public_key(&self) -> Result<DevicePublicKey, SignerError> {
        let point = self.0.verifying_key().to_sec1_point(true);
        let bytes = point.as_bytes().try_into().map_err(|_| SignerError::KeyLost)?;
        Ok(DevicePublicKey(bytes))
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        use p256::ecdsa::signature::Signer as _;
        let signature: p256::ecdsa::Signature =
            self.0.try_sign(message).map_err(|error| SignerError::Unavailable(Box::new(error)))?;
        Ok(signature.to_bytes().into())
    }
}

/// A device's public key: SEC 1, compressed, 33 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DevicePublicKey(pub [u8; 33]);

impl DevicePublicKey {
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &SignatureBytes) -> bool {
        let Ok(key) = p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.0) else { return false };
        let Ok(signature) = p256::ecdsa::Signature::from_slice(signature) else { return false };
        key.verify(message, &signature).is_ok()
    }
}

/// The center's online signing key (Ed25519).
pub struct CenterKey(SigningKey);

impl CenterKey {
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    #[must_use]
    pub fn public_key(&self) -> CenterPublicKey {
        CenterPublicKey(self.0.verifying_key().to_bytes())
    }

    #[must_use]
    pub fn sign(&self, context: &[u8], payload: &[u8]) -> SignatureBytes {
        self.0.sign(&sig_structure(iana::Algorithm::EdDSA, context, payload)).to_bytes()
    }
}

/// The center's public key, carried by the invitation and pinned by the phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CenterPublicKey(pub [u8; 32]);

impl CenterPublicKey {
    #[must_use]
    pub fn verify(&self, context: &[u8], payload: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else { return false };
        key.verify(&sig_structure(iana::Algorithm::EdDSA, context, payload), &signature).is_ok()
    }
}

/// The `Sig_structure` of RFC 9052 section 4.4 with `context` as external data.
#[must_use]
pub fn sig_structure(algorithm: iana::Algorithm, context: &[u8], payload: &[u8]) -> Vec<u8> {
    let protected =
        coset::ProtectedHeader { original_data: None, header: HeaderBuilder::new().algorithm(algorithm).build() };
    debug_assert!(protected.header.clone().to_vec().is_ok());
    sig_structure_data(SignatureContext::CoseSign1, protected, None, context, payload)
}
