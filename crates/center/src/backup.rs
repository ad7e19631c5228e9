//! Backup and restore: database, keys, attachments and archives in one file.
//!
//! A restored center is another life of the feed: what it told phones after the backup was made is forgotten, so it
//! begins a new epoch, and every cursor and session of before is void. Phones give back what it lost.

use crate::Center;
use crate::archive::ARCHIVE;
use crate::center::{ATTACHMENTS, DATABASE};
use crate::chance::{self, SystemChance};
use crate::db::{self, Db, DbError, OpenDbError};
use crate::keys::{KEYS, create_owner_only, make_owner_only, sync_folder_of};
use serde::{Deserialize, Serialize};
use siaga_domain::id::Epoch;
use siaga_domain::time::UtcMs;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

const MANIFEST: &str = "siaga-backup.json";
const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub center: String,
    pub name: String,
    pub epoch: String,
    pub made_ms: i64,
    pub attachments: usize,
    /// Files of the archive; 0 in a backup made before there was one.
    #[serde(default)]
    pub archives: usize,
}

/// No backup was made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0} exists already")]
    Exists(PathBuf),
    #[error("could not copy the database")]
    Copy(#[from] DbError),
    #[error("could not write {0}")]
    Write(PathBuf, #[source] io::Error),
}

/// Nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    #[error("could not read {0}")]
    Read(PathBuf, #[source] io::Error),
    #[error("{0} is not a backup of a center")]
    NotABackup(PathBuf),
    #[error("could not write to {0}")]
    Write(PathBuf, #[source] io::Error),
    #[error("could not open the database of the backup")]
    Database(#[source] OpenDbError),
    #[error("could not begin another epoch")]
    Epoch(#[from] DbError),
    #[error("the system gave no random bytes")]
    Random,
}

impl RestoreError {
    /// Whether an argument was wrong, as opposed to the machine.
    #[must_use]
    pub const fn is_bad_input(&self) -> bool {
        matches!(self, Self::NotEmpty(_) | Self::NotABackup(_) | Self::Read(..))
    }
}

/// What was restored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Restored {
    pub backup: Manifest,
    pub epoch: String,
}

/// What to do with a center that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Present {
    Refuse,
    /// Moved into a folder beside, never deleted.
    SetAside,
}

impl Center {
    /// Writes everything this center is into one file, while it may be running.
    ///
    /// # Errors
    /// [`BackupError`]; `target` is whole or not there.
    pub fn backup(&self, target: &Path, by: &str) -> Result<Manifest, BackupError> {
        if target.exists() {
            return Err(BackupError::Exists(target.to_owned()));
        }
        self.audit(by, "center.backup", "", "")?;
        let copy = self.dir().join("backup.part");
        let _ = fs::remove_file(&copy);
        self.db().copy_to(&copy)?;
        let manifest = self.pack(target, &copy);
        let removed = fs::remove_file(&copy).map_err(|cause| BackupError::Write(copy.clone(), cause));
        let manifest = manifest?;
        removed?;
        Ok(manifest)
    }

    fn pack(&self, target: &Path, copy: &Path) -> Result<Manifest, BackupError> {
        let identity = self.identity()?;
        let whole = self.db().read(|tx| db::attachment::whole(tx))?;
        let archives = self.db().read(|tx| db::archive::all(tx))?;
        let manifest = Manifest {
            format: FORMAT,
            center: identity.id.to_string(),
            name: identity.name,
            epoch: identity.epoch.to_string(),
            made_ms: self.now().0,
            attachments: whole.len(),
            archives: archives.len(),
        };
        let part = part_of(target);
        let failed = |cause| BackupError::Write(part.clone(), cause);
        let mut archive = tar::Builder::new(create_owner_only(&part).map_err(failed)?);
        let json = serde_json::to_vec_pretty(&manifest).map_err(|error| failed(error.into()))?;
        add_bytes(&mut archive, MANIFEST, &json, manifest.made_ms).map_err(failed)?;
        add_file(&mut archive, DATABASE, copy, manifest.made_ms).map_err(failed)?;
        for entry in fs::read_dir(self.dir().join(KEYS)).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.extension().is_none_or(|extension| extension != "part") {
                add_file(&mut archive, &format!("{KEYS}/{name}"), &path, manifest.made_ms).map_err(failed)?;
            }
        }
        for hash in whole {
            let name = format!("{ATTACHMENTS}/{}", hex::encode(hash));
            add_file(&mut archive, &name, &self.dir().join(&name), manifest.made_ms).map_err(failed)?;
        }
        for row in archives {
            let name = format!("{ARCHIVE}/{}", row.path);
            add_file(&mut archive, &name, &self.dir().join(&name), manifest.made_ms).map_err(failed)?;
        }
        archive.into_inner().and_then(|file| file.sync_all()).map_err(failed)?;
        fs::rename(&part, target).and_then(|()| sync_folder_of(target)).map_err(failed)?;
        Ok(manifest)
    }
}

/// Makes a center in `dir` from a backup, in a new epoch.
///
/// # Errors
/// [`RestoreError`]; what was in `dir` is untouched, or set aside whole.
pub fn restore(file: &Path, dir: &Path, present: Present, now: UtcMs) -> Result<Restored, RestoreError> {
    let epoch = chance::draw(&SystemChance).map_err(|_| RestoreError::Random)?;
    restore_into(file, dir, present, now, Epoch(epoch))
}

/// As [`restore`], into an epoch that the caller has drawn.
///
/// # Errors
/// As [`restore`].
pub fn restore_into(
    file: &Path,
    dir: &Path,
    present: Present,
    now: UtcMs,
    epoch: Epoch,
) -> Result<Restored, RestoreError> {
    let occupied = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && present == Present::Refuse {
        return Err(RestoreError::NotEmpty(dir.to_owned()));
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| RestoreError::Write(path, cause)
    };
    let staging = dir.join(format!("restore-{}", now.0));
    make_owner_only(dir).and_then(|()| make_owner_only(&staging)).map_err(failed(&staging))?;
    let unpacked = unpack(file, &staging).and_then(|backup| Ok((backup, begin_again(&staging, now, epoch)?)));
    let (backup, epoch) = match unpacked {
        Ok(done) => done,
        Err(error) => {
            // What is half unpacked is of no use to anybody.
            let _ = fs::remove_dir_all(&staging);
            return Err(error);
        }
    };
    if occupied {
        set_aside(dir, &staging, now).map_err(failed(dir))?;
    }
    // The database comes last: without it the folder is no center yet.
    for name in [KEYS, ATTACHMENTS, ARCHIVE, DATABASE] {
        fs::rename(staging.join(name), dir.join(name)).map_err(failed(dir))?;
    }
    fs::remove_dir_all(&staging).and_then(|()| sync_folder_of(&dir.join(DATABASE))).map_err(failed(dir))?;
    Ok(Restored { backup, epoch: epoch.to_string() })
}

fn unpack(file: &Path, staging: &Path) -> Result<Manifest, RestoreError> {
    let not_a_backup = || RestoreError::NotABackup(file.to_owned());
    let opened = File::open(file).map_err(|cause| RestoreError::Read(file.to_owned(), cause))?;
    let mut archive = tar::Archive::new(opened);
    let mut manifest: Option<Manifest> = None;
    for folder in [KEYS, ATTACHMENTS, ARCHIVE] {
        make_owner_only(&staging.join(folder)).map_err(|cause| RestoreError::Write(staging.to_owned(), cause))?;
    }
    for entry in archive.entries().map_err(|_| not_a_backup())? {
        let mut entry = entry.map_err(|_| not_a_backup())?;
        let path = entry.path().map_err(|_| not_a_backup())?.into_owned();
        if path == Path::new(MANIFEST) {
            let mut json = Vec::new();
            entry.read_to_end(&mut json).map_err(|_| not_a_backup())?;
            manifest = serde_json::from_slice(&json).ok();
            continue;
        }
        if manifest.as_ref().is_none_or(|manifest| manifest.format != FORMAT) || !is_ours(&path) {
            return Err(not_a_backup());
        }
        let target = staging.join(&path);
        let write = |cause| RestoreError::Write(target.clone(), cause);
        if let Some(folder) = target.parent().filter(|folder| !folder.exists()) {
            make_owner_only(folder).map_err(write)?;
        }
        let mut out = create_owner_only(&target).map_err(write)?;
        io::copy(&mut entry, &mut out).and_then(|_| out.sync_all()).map_err(write)?;
    }
    if !staging.join(DATABASE).exists() {
        return Err(not_a_backup());
    }
    manifest.ok_or_else(not_a_backup)
}

/// The database, or a plain file in the folders of keys, attachments and archives: no path leads anywhere else.
fn is_ours(path: &Path) -> bool {
    let parts: Vec<&str> = path
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str().unwrap_or_default(),
            _ => "",
        })
        .collect();
    match parts.as_slice() {
        [name] => *name == DATABASE,
        [folder, name] => (*folder == KEYS || *folder == ATTACHMENTS) && !name.is_empty(),
        [folder, year, name] => *folder == ARCHIVE && !year.is_empty() && !name.is_empty(),
        _ => false,
    }
}

/// Another life of the feed: a new epoch, and nobody is signed in.
fn begin_again(staging: &Path, now: UtcMs, epoch: Epoch) -> Result<Epoch, RestoreError> {
    let path = staging.join(DATABASE);
    let database = Db::open(&path).map_err(RestoreError::Database)?;
    database.write(|tx| {
        db::identity::begin_life(tx, epoch, now.0)?;
        db::device::drop_all_tokens(tx)?;
        let detail = format!("epoch={epoch}");
        db::audit::append(
            tx,
            now.0,
            &db::audit::Act { by: "center", act: "center.restore", subject: "", detail: &detail },
        )
    })?;
    // One file is moved; nothing may be left in the log beside it.
    database.close_into_one_file()?;
    Ok(epoch)
}

/// Moves what is in `dir` into a folder of its own.
fn set_aside(dir: &Path, staging: &Path, now: UtcMs) -> io::Result<()> {
    let aside = dir.join(format!("before-restore-{}", now.0));
    make_owner_only(&aside)?;
    let database = [DATABASE.to_owned(), format!("{DATABASE}-wal"), format!("{DATABASE}-shm")];
    for name in database.iter().map(String::as_str).chain([KEYS, ATTACHMENTS, ARCHIVE]) {
        let from = dir.join(name);
        if from.exists() && from != *staging {
            fs::rename(&from, aside.join(name))?;
        }
    }
    Ok(())
}

fn part_of(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    target.with_file_name(name)
}

fn header(size: u64, now_ms: i64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now_ms / 1000).unwrap_or(0));
    header
}

fn add_bytes(archive: &mut tar::Builder<File>, name: &str, bytes: &[u8], now_ms: i64) -> io::Result<()> {
    archive.append_data(&mut header(bytes.len() as u64, now_ms), name, bytes)
}

fn add_file(archive: &mut tar::Builder<File>, name: &str, path: &Path, now_ms: i64) -> io::Result<()> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    archive.append_data(&mut header(size, now_ms), name, file.take(size))
}
