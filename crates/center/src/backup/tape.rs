//! The file of a backup: a tar with the manifest first, read strictly.
//!
//! Nothing is left over: every byte of the file is in a header with a sum, in an entry with a hash, or zero.

use super::manifest::{Listed, Manifest, digest};
use crate::archive::ARCHIVE;
use crate::center::{ATTACHMENTS, DATABASE};
use crate::keys::{KEYS, create_owner_only, make_owner_only};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use tar::EntryType;

const MANIFEST: &str = "siaga-backup.json";

/// A manifest of a hundred thousand photographs has some 20 MB.
const LONGEST_MANIFEST: u64 = 256 * 1024 * 1024;

const BLOCK: u64 = 512;
/// A tar ends with two blocks of zeros.
const END: u64 = 2 * BLOCK;

/// The keys without which a center is none.
const LEAST_KEYS: [&str; 3] = ["center.seed", "root.der", "root.key"];

/// A file is no whole backup.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    #[error("could not read it")]
    Read(#[source] io::Error),
    #[error("it is no tar, or a part of it is damaged or cut off")]
    Tar(#[source] io::Error),
    #[error("its list of files is missing or damaged")]
    Manifest,
    #[error("it holds {0}, which no backup holds")]
    Foreign(String),
    #[error("{0} is in it twice")]
    Twice(String),
    #[error("{0} is damaged or cut off")]
    File(String),
    #[error("{0} is missing")]
    Missing(String),
    #[error("it ends too early or too late")]
    End,
    #[error("could not write {0}")]
    Write(PathBuf, #[source] io::Error),
}

pub(super) fn write<'a>(
    part: &Path,
    manifest: &Manifest,
    files: impl Iterator<Item = (&'a Listed, &'a Path)>,
) -> io::Result<()> {
    let mut tar = tar::Builder::new(create_owner_only(part)?);
    let json = manifest.bytes()?;
    tar.append_data(&mut header(json.len() as u64, manifest.made_ms), MANIFEST, json.as_slice())?;
    for (file, path) in files {
        let bytes = File::open(path)?.take(file.size_bytes);
        tar.append_data(&mut header(file.size_bytes, manifest.made_ms), &file.name, bytes)?;
    }
    tar.into_inner().and_then(|file| file.sync_all())
}

fn header(size: u64, now_ms: i64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now_ms / 1000).unwrap_or(0));
    header
}

/// Reads a backup to its end and compares it with its own list; writes its files below `into`, where one is given.
pub(super) fn read(path: &Path, into: Option<&Path>) -> Result<Manifest, TapeError> {
    let open = || File::open(path).map_err(TapeError::Read);
    let (file, mut beside) = (open()?, open()?);
    let length = file.metadata().map_err(TapeError::Read)?.len();
    let mut archive = tar::Archive::new(file);
    let (mut manifest, mut seen, mut at): (Option<Manifest>, BTreeMap<String, Listed>, u64) =
        (None, BTreeMap::new(), 0);
    for entry in archive.entries().map_err(TapeError::Tar)? {
        let mut entry = entry.map_err(TapeError::Tar)?;
        let (begin, size) = (entry.raw_file_position(), entry.size());
        let name = name_of(&entry)?;
        at = begin.saturating_add(size).div_ceil(BLOCK).saturating_mul(BLOCK);
        is_zero(&mut beside, begin.saturating_add(size), at).map_err(TapeError::Tar)?;
        if manifest.is_none() {
            if name != MANIFEST || size > LONGEST_MANIFEST {
                return Err(TapeError::Manifest);
            }
            let mut json = Vec::new();
            entry.read_to_end(&mut json).map_err(TapeError::Tar)?;
            manifest = Some(Manifest::read(&json).ok_or(TapeError::Manifest)?);
            continue;
        }
        if !is_ours(&name) {
            return Err(TapeError::Foreign(name));
        }
        if seen.contains_key(&name) {
            return Err(TapeError::Twice(name));
        }
        let (size_bytes, sha256) = match into.map(|folder| folder.join(&name)) {
            Some(target) => unpack(&mut entry, &target)?,
            None => digest(&mut entry, &mut io::sink()).map_err(TapeError::Tar)?,
        };
        if size_bytes != size {
            return Err(TapeError::File(name));
        }
        seen.insert(name.clone(), Listed { name, size_bytes, sha256 });
    }
    let manifest = manifest.ok_or(TapeError::Manifest)?;
    is_whole(&manifest, &seen)?;
    if at.saturating_add(END) != length {
        return Err(TapeError::End);
    }
    is_zero(&mut beside, at, length).map_err(TapeError::Tar)?;
    Ok(manifest)
}

/// Every file that is listed, as it is listed; or, where nothing is, at least what makes a center.
fn is_whole(manifest: &Manifest, seen: &BTreeMap<String, Listed>) -> Result<(), TapeError> {
    for listed in &manifest.files {
        match seen.get(&listed.name) {
            None => return Err(TapeError::Missing(listed.name.clone())),
            Some(file) if file != listed => return Err(TapeError::File(listed.name.clone())),
            Some(_) => {}
        }
    }
    if manifest.is_listed() && seen.len() != manifest.files.len() {
        let is_listed = |name: &String| manifest.files.iter().any(|file| file.name == *name);
        let extra = seen.keys().find(|name| !is_listed(name)).cloned().unwrap_or_default();
        return Err(TapeError::Foreign(extra));
    }
    let keys = LEAST_KEYS.iter().map(|key| format!("{KEYS}/{key}"));
    match std::iter::once(DATABASE.to_owned()).chain(keys).find(|name| !seen.contains_key(name)) {
        Some(name) => Err(TapeError::Missing(name)),
        None => Ok(()),
    }
}

fn unpack(entry: &mut impl Read, target: &Path) -> Result<(u64, String), TapeError> {
    let write = |cause| TapeError::Write(target.to_owned(), cause);
    if let Some(folder) = target.parent().filter(|folder| !folder.exists()) {
        make_owner_only(folder).map_err(write)?;
    }
    let mut out = create_owner_only(target).map_err(write)?;
    let done = digest(entry, &mut out).map_err(|cause| match cause.kind() {
        io::ErrorKind::UnexpectedEof => TapeError::Tar(cause),
        _ => write(cause),
    })?;
    out.sync_all().map_err(write)?;
    Ok(done)
}

/// The name of a plain file; a link or a folder is none.
fn name_of(entry: &tar::Entry<'_, File>) -> Result<String, TapeError> {
    let bytes = entry.path_bytes();
    let name = String::from_utf8_lossy(&bytes).into_owned();
    if entry.header().entry_type() == EntryType::Regular { Ok(name) } else { Err(TapeError::Foreign(name)) }
}

/// The database, or a plain file in the folders of keys, attachments and archives: no path leads anywhere else.
fn is_ours(name: &str) -> bool {
    let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    let parts: Vec<&str> = name.split('/').collect();
    let named = parts.iter().all(|part| !part.is_empty() && *part != "." && !part.contains(['\\', '\0']));
    plain
        && named
        && match parts.as_slice() {
            [name] => *name == DATABASE,
            [folder, _] => *folder == KEYS || *folder == ATTACHMENTS,
            [folder, _, _] => *folder == ARCHIVE,
            _ => false,
        }
}

fn is_zero(file: &mut File, from: u64, until: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(until.saturating_sub(from)).read_to_end(&mut bytes)?;
    let whole = bytes.len() as u64 == until.saturating_sub(from);
    if whole && bytes.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(io::Error::from(io::ErrorKind::InvalidData)) }
}

/// The names of all files in these folders of a center.
pub(super) fn files_below(center: &Path, folders: &[&str]) -> io::Result<Vec<String>> {
    let (mut open, mut names): (Vec<PathBuf>, Vec<String>) =
        (folders.iter().map(|name| center.join(name)).collect(), Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(name) = path.strip_prefix(center) {
                names.push(name.to_string_lossy().into_owned());
            }
        }
    }
    Ok(names)
}
