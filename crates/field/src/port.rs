//! What the engine needs of the device it runs on, and nothing more: two clocks, randomness, two keys.
//!
//! Everything here is given by the shell. Nothing in `field` looks for a home directory, an environment or a
//! key store by itself; `port::desktop` is one way to give them, an Android service has another.

pub mod desktop;
pub mod file;

use std::sync::Arc;

pub use siaga_sync::clock::Clock;
pub use siaga_sync::key::{DevicePublicKey, MemorySigner, SignatureBytes, Signer, SignerError};

/// The device's side of the engine.
#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub keys: Arc<dyn KeyStore>,
    pub signer: Arc<dyn Signer>,
    /// Differs from one start of the device to the next.
    pub boot_id: String,
    /// The platform's own count of starts where it has one; without, the store counts those it sees.
    pub boot_count: Option<u32>,
    /// Name and version of the shell, for the center's list of devices: `siaga-field 0.1.0`.
    pub app: String,
}

/// Where ids, actors and keys come from.
pub trait Entropy: Send + Sync {
    /// Fills with randomness fit for keys. A platform that may have none waits until it does.
    fn fill(&self, bytes: &mut [u8]);
}

/// The key of the store could not be had.
#[derive(Debug, thiserror::Error)]
#[error("could not {step} the store key")]
pub struct KeyError {
    pub step: &'static str,
    #[source]
    pub cause: Box<dyn std::error::Error + Send + Sync>,
}

/// Keeps the 32-byte key under which the store is encrypted.
pub trait KeyStore: Send + Sync {
    /// The key, made at the first call. Two processes that ask at once get the same one.
    ///
    /// # Errors
    /// [`KeyError`] when it can neither be read nor made. A key that is merely unreadable is never replaced.
    fn store_key(&self) -> Result<zeroize::Zeroizing<[u8; 32]>, KeyError>;
}
