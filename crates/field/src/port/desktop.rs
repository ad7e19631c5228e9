//! The ports of a desktop or a server: owner-only key files in the home, the kernel's clocks and boot id.

use crate::port::file::{self, Secret};
use crate::port::{
    Clock, DevicePublicKey, Entropy, KeyError, KeyStore, MemorySigner, Ports, SignatureBytes, Signer, SignerError,
};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// Ports for a home in a folder. Makes the folder, readable by its owner only; the keys are made when first
/// needed.
///
/// # Errors
/// The folder could not be made, or the kernel does not name its boot.
pub fn ports(home: &Path, app: &str) -> io::Result<Ports> {
    make_private(home)?;
    let entropy: Arc<dyn Entropy> = Arc::new(KernelEntropy);
    Ok(Ports {
        clock: Arc::new(KernelClock),
        keys: Arc::new(KeyFile { path: home.join("store.key"), entropy: Arc::clone(&entropy) }),
        signer: Arc::new(SignerFile {
            path: home.join("device.key"),
            entropy: Arc::clone(&entropy),
            key: OnceLock::new(),
        }),
        entropy,
        boot_id: fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned(),
        boot_count: None,
        app: app.to_owned(),
    })
}

fn make_private(home: &Path) -> io::Result<()> {
    if home.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(home)
}

/// `CLOCK_REALTIME`, and `CLOCK_BOOTTIME` because a phone sleeps.
pub struct KernelClock;

impl Clock for KernelClock {
    fn device_ms(&self) -> i64 {
        milliseconds(ClockId::Realtime)
    }

    fn monotonic_ms(&self) -> i64 {
        milliseconds(ClockId::Boottime)
    }
}

fn milliseconds(clock: ClockId) -> i64 {
    let now = clock_gettime(clock);
    now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000)
}

/// The kernel's randomness.
pub struct KernelEntropy;

impl Entropy for KernelEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("getrandom(2) waits for the pool and cannot fail on a supported kernel");
    }
}

/// The store key in a file.
pub struct KeyFile {
    pub path: PathBuf,
    pub entropy: Arc<dyn Entropy>,
}

impl KeyStore for KeyFile {
    fn store_key(&self) -> Result<Secret, KeyError> {
        file::read_or_make(&self.path, self.entropy.as_ref(), |_| true)
    }
}

/// The device's P-256 key in a file, read when something is first signed: a press signs nothing.
pub struct SignerFile {
    path: PathBuf,
    entropy: Arc<dyn Entropy>,
    key: OnceLock<MemorySigner>,
}

impl SignerFile {
    fn key(&self) -> Result<&MemorySigner, SignerError> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let scalar: Zeroizing<[u8; 32]> =
            file::read_or_make(&self.path, self.entropy.as_ref(), |scalar| MemorySigner::from_scalar(scalar).is_ok())
                .map_err(|cause| SignerError::Unavailable(Box::new(cause)))?;
        let key = MemorySigner::from_scalar(&scalar).map_err(|_| SignerError::KeyLost)?;
        Ok(self.key.get_or_init(|| key))
    }
}

impl Signer for SignerFile {
    fn public_key(&self) -> Result<DevicePublicKey, SignerError> {
        self.key()?.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.key()?.sign(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let home = tempfile::tempdir().expect("a folder");
        let keys = || KeyFile { path: home.path().join("store.key"), entropy: Arc::new(KernelEntropy) };

        let first = keys().store_key().expect("a key");
        let second = keys().store_key().expect("a key");

        assert_eq!(*first, *second);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(home.path().join("store.key")).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn two_processes_that_make_a_key_at_once_get_the_same_one() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("store.key");

        let drawn: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let keys = KeyFile { path: path.clone(), entropy: Arc::new(KernelEntropy) };
                    scope.spawn(move || *keys.store_key().expect("a key"))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });

        assert!(drawn.iter().all(|key| Some(key) == drawn.first()));
    }
}
