//! Who may use a center's folder at the same time: kernel locks, which end with the process that holds them.
//!
//! Every opened center shares the folder, since commands are guests beside a running server; a restore needs it alone. One
//! process at a time serves it. A file system without such locks is used without them, and the log says so.

use crate::keys::create_owner_only;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Held while one process serves the folder.
const SERVED: &str = "serve.lock";

/// A lock, held until it is dropped.
#[derive(Debug)]
pub struct Held(#[allow(dead_code, reason = "the kernel holds the lock while the file is open")] Option<File>);

/// The folder is in use.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another process uses the center in {0}")]
    InUse(PathBuf),
    #[error("the center in {0} is being restored")]
    Restoring(PathBuf),
    #[error("the center in {0} is served by another process already")]
    Served(PathBuf),
    #[error("could not lock {0}")]
    Lock(PathBuf, #[source] io::Error),
}

/// For an opened center, beside others.
///
/// # Errors
/// [`LockError::Restoring`] while a restore has the folder.
pub fn share(folder: &Path) -> Result<Held, LockError> {
    let file = File::open(folder).map_err(|cause| LockError::Lock(folder.to_owned(), cause))?;
    let locked = file.try_lock_shared();
    held(file, locked, folder, LockError::Restoring)
}

/// For a restore: nobody else has the folder open.
///
/// # Errors
/// [`LockError::InUse`] while any process has it.
pub fn alone(folder: &Path) -> Result<Held, LockError> {
    let file = File::open(folder).map_err(|cause| LockError::Lock(folder.to_owned(), cause))?;
    let locked = file.try_lock();
    held(file, locked, folder, LockError::InUse)
}

/// For the one process that serves the folder.
///
/// # Errors
/// [`LockError::Served`] while another one does.
pub fn serving(folder: &Path) -> Result<Held, LockError> {
    let path = folder.join(SERVED);
    let file = create_owner_only(&path).map_err(|cause| LockError::Lock(path, cause))?;
    let locked = file.try_lock();
    held(file, locked, folder, LockError::Served)
}

fn held(
    file: File,
    locked: Result<(), TryLockError>,
    folder: &Path,
    taken: fn(PathBuf) -> LockError,
) -> Result<Held, LockError> {
    match locked {
        Ok(()) => Ok(Held(Some(file))),
        Err(TryLockError::WouldBlock) => Err(taken(folder.to_owned())),
        Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!("the file system of the center's folder has no locks: let one process serve it");
            Ok(Held(None))
        }
        Err(TryLockError::Error(cause)) => Err(LockError::Lock(folder.to_owned(), cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_share_a_folder_one_serves_it_and_a_restore_has_it_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let guest = share(folder.path()).expect("a lock");
        let server = serving(folder.path()).expect("a lock");

        assert!(share(folder.path()).is_ok());
        assert!(matches!(serving(folder.path()), Err(LockError::Served(_))));
        assert!(matches!(alone(folder.path()), Err(LockError::InUse(_))));
        drop((guest, server));
        let restore = alone(folder.path()).expect("a lock");
        assert!(matches!(share(folder.path()), Err(LockError::Restoring(_))));
        drop(restore);
        assert!(share(folder.path()).is_ok() && serving(folder.path()).is_ok());
    }
}
