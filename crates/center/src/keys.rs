//! Key files: owner-only, beside the database and never in it, so that a copied database signs nothing.

use crate::chance::{self, Chance};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of the keys, in the center's folder.
pub const KEYS: &str = "keys";

const CENTER_SEED: &str = "center.seed";

/// A key file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("could not make the folder of the keys")]
    Folder(#[source] std::io::Error),
    #[error("the key file {0} is missing; restore it from a backup")]
    Missing(PathBuf),
    #[error("could not read the key file {0}")]
    Read(PathBuf, #[source] std::io::Error),
    #[error("could not write the key file {0}")]
    Write(PathBuf, #[source] std::io::Error),
    #[error("the key file {0} is damaged; restore it from a backup")]
    Damaged(PathBuf),
    #[error("the system gave no random bytes")]
    Random,
}

/// Makes a folder that only its owner enters, or closes one that is there to everybody else.
///
/// # Errors
/// The system's.
pub fn make_owner_only(dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    restrict(dir, 0o700)
}

/// Makes an empty file only its owner reads, where there is none: whoever writes into it later keeps its rights.
///
/// # Errors
/// The system's.
pub fn touch_owner_only(path: &Path) -> std::io::Result<()> {
    if !path.exists() {
        create_owner_only(path)?;
    }
    Ok(())
}

/// Opens a file for writing from its beginning; made so that only its owner reads it.
///
/// # Errors
/// The system's.
pub fn create_owner_only(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// The seed of the center's signing key; drawn when `first` and there is none.
///
/// # Errors
/// [`KeyFileError`]; a center that lost its key does not quietly get another one.
pub fn center_seed(dir: &Path, first: bool, chance: &dyn Chance) -> Result<[u8; 32], KeyFileError> {
    let path = dir.join(KEYS).join(CENTER_SEED);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| KeyFileError::Damaged(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && first => {
            make_owner_only(&dir.join(KEYS)).map_err(KeyFileError::Folder)?;
            let seed: [u8; 32] = chance::draw(chance).map_err(|_| KeyFileError::Random)?;
            write_owner_only(&path, &seed)?;
            Ok(seed)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(KeyFileError::Missing(path)),
        Err(error) => Err(KeyFileError::Read(path, error)),
    }
}

/// Writes a file only its owner reads: whole or not at all, on disk when this returns.
///
/// # Errors
/// [`KeyFileError::Write`].
pub fn write_owner_only(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    let failed = |cause| KeyFileError::Write(path.to_owned(), cause);
    let part = path.with_extension("part");
    let mut file = create_owner_only(&part).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)?;
    sync_folder_of(path).map_err(failed)
}

/// Makes a rename in the folder of `path` durable.
///
/// # Errors
/// The system's.
pub fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        // `b.tar` stands in the folder we are in, whose name is not nothing.
        Some(folder) if folder.as_os_str().is_empty() => fs::File::open(".")?.sync_all(),
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_named_without_a_folder_stands_in_the_one_we_are_in() {
        assert!(sync_folder_of(Path::new("b.tar")).is_ok());
        assert!(sync_folder_of(Path::new("/")).is_ok());
        assert!(sync_folder_of(Path::new("no-such-folder/b.tar")).is_err());
    }
}
