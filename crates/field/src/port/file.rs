//! A secret in a file that only its owner can read: made once, never replaced.
//!
//! The bytes are written beside the name and linked to it, so a reader sees all of them or no file, and of two
//! processes that make one at once exactly one wins.

use crate::port::{Entropy, KeyError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

/// 32 secret bytes.
pub type Secret = Zeroizing<[u8; 32]>;

/// Reads the secret at `path`, or draws one for which `accepts` holds and keeps it there.
///
/// # Errors
/// [`KeyError`] naming the step.
pub fn read_or_make(path: &Path, entropy: &dyn Entropy, accepts: fn(&[u8; 32]) -> bool) -> Result<Secret, KeyError> {
    if let Some(secret) = read(path).map_err(|cause| step("read", cause))? {
        return Ok(secret);
    }
    let mut secret = Zeroizing::new([0_u8; 32]);
    loop {
        entropy.fill(&mut *secret);
        if accepts(&secret) {
            break;
        }
    }
    publish(path, &secret, entropy)?;
    // Whoever linked first decided; everybody reads what stands there.
    read(path)
        .map_err(|cause| step("read", cause))?
        .ok_or_else(|| step("find", io::Error::from(io::ErrorKind::NotFound)))
}

fn step(step: &'static str, cause: io::Error) -> KeyError {
    KeyError { step, cause: Box::new(cause) }
}

fn read(path: &Path) -> io::Result<Option<Secret>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut secret = Zeroizing::new([0_u8; 32]);
    file.read_exact(&mut *secret)?;
    Ok(Some(secret))
}

fn publish(path: &Path, secret: &[u8; 32], entropy: &dyn Entropy) -> Result<(), KeyError> {
    let mut tag = [0_u8; 8];
    entropy.fill(&mut tag);
    let beside = path.with_extension(hex::encode(tag));
    write_owner_only(&beside, secret).map_err(|cause| step("write", cause))?;
    let linked = fs::hard_link(&beside, path);
    let removed = fs::remove_file(&beside);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(step("keep", error)),
        _ => {}
    }
    removed.map_err(|cause| step("tidy", cause))?;
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| step("sync", cause))?;
    }
    Ok(())
}

fn write_owner_only(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
