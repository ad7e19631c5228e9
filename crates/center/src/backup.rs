//! Backup and restore: database, keys, attachments and archives in one file.
//!
//! A backup is said to be made, and a restore moves anything, only after the whole file was read back and compared with its
//! own list, and its database was opened and checked.
//!
//! A restored center is another life of the feed: what it told phones after the backup was made is forgotten, so it
//! begins a new epoch, and every cursor and session of before is void. Phones give back what it lost.

pub mod manifest;
mod tape;

use crate::Center;
use crate::archive::ARCHIVE;
use crate::center::{ATTACHMENTS, DATABASE};
use crate::chance::{self, NoChance, SystemChance};
use crate::db::{self, Db, DbError, OpenDbError};
use crate::keys::{KEYS, center_seed, create_owner_only, make_owner_only, sync_folder_of};
use crate::lock::{self, LockError};
use crate::storage::{NoRoom, Storage};
use crate::tls::Root;
use manifest::{Listed, Manifest, listed};
use serde::Serialize;
use siaga_domain::id::Epoch;
use siaga_domain::time::UtcMs;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tape::TapeError;

/// No backup was made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0} exists already")]
    Exists(PathBuf),
    #[error("could not begin a backup on a disk that is nearly full")]
    NoRoom(#[from] NoRoom),
    #[error("could not copy the database")]
    Copy(#[from] DbError),
    #[error("could not write {0}")]
    Write(PathBuf, #[source] io::Error),
    #[error("the copy of the database is damaged: {0}")]
    Damaged(String),
    #[error("the backup was written, and reads back as something else")]
    Compare(#[source] TapeError),
    #[error(transparent)]
    Random(#[from] NoChance),
}

/// Nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    #[error("could not take the folder for a restore")]
    InUse(#[from] LockError),
    #[error("could not read {0}")]
    Read(PathBuf, #[source] io::Error),
    #[error("{0} is not a whole backup of a center")]
    NotABackup(PathBuf, #[source] TapeError),
    #[error("{file} is damaged or incomplete: {what}")]
    Damaged { file: PathBuf, what: String },
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
        matches!(self, Self::NotEmpty(_) | Self::NotABackup(..) | Self::Damaged { .. } | Self::Read(..))
    }
}

/// What was restored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Restored {
    pub backup: Manifest,
    pub epoch: String,
    /// The backup has no list of its files (0.2.0 and before): everything in it was checked, and bytes that nothing vouches
    /// for may still be wrong.
    pub unlisted: bool,
}

/// What to do with a center that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Present {
    Refuse,
    /// Moved into a folder beside, never deleted.
    SetAside,
}

/// A file that no other backup writes, removed when it is not published.
struct Part(PathBuf);

impl Part {
    fn beside(target: &Path) -> Result<Self, BackupError> {
        let number: [u8; 8] = chance::draw(&SystemChance)?;
        let mut name = target.file_name().unwrap_or_default().to_os_string();
        name.push(format!("-{}.part", hex::encode(number)));
        let part = Self(target.with_file_name(name));
        create_owner_only(&part.0).map_err(|cause| BackupError::Write(part.0.clone(), cause))?;
        Ok(part)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
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
        // The disk it is written to, which may be another than the center's.
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Storage::of(folder).spare()?;
        self.audit(by, "center.backup", "", "")?;
        let copy = Part::beside(target)?;
        self.db().copy_to(&copy.0)?;
        let damage = Db::look_at(&copy.0).map_err(|error| BackupError::Damaged(error.to_string()))?;
        if let Some(first) = damage.first() {
            return Err(BackupError::Damaged(first.clone()));
        }
        let part = Part::beside(target)?;
        let manifest = self.pack(&part.0, &copy.0)?;
        // What the disk made of it, not what was sent there.
        let read = tape::read(&part.0, None).map_err(BackupError::Compare)?;
        if read != manifest {
            return Err(BackupError::Compare(TapeError::Manifest));
        }
        publish(&part.0, target)?;
        Ok(manifest)
    }

    fn pack(&self, part: &Path, copy: &Path) -> Result<Manifest, BackupError> {
        let identity = self.identity()?;
        let whole = self.db().read(|tx| db::attachment::whole(tx))?;
        let archives = self.db().read(|tx| db::archive::all(tx))?;
        let (mut files, mut damaged) = (Vec::new(), Vec::new());
        files.push((list(DATABASE, copy)?, copy.to_owned()));
        let keys = self.dir().join(KEYS);
        let failed = |cause| BackupError::Write(part.to_owned(), cause);
        let mut names: Vec<PathBuf> = fs::read_dir(&keys)
            .map_err(failed)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        names.sort();
        for path in names.iter().filter(|path| path.extension().is_none_or(|extension| extension != "part")) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((list(&format!("{KEYS}/{name}"), path)?, path.clone()));
        }
        let named = whole.iter().map(|hash| (format!("{ATTACHMENTS}/{}", hex::encode(hash)), *hash));
        let archived = archives.iter().map(|row| (format!("{ARCHIVE}/{}", row.path), row.sha256));
        for (name, sha256) in named.chain(archived) {
            let path = self.dir().join(&name);
            // A photograph that is lost or damaged must not keep the rest from being saved: it is named as such.
            match list(&name, &path) {
                Ok(file) if file.sha256 == hex::encode(sha256) => files.push((file, path)),
                _ => damaged.push(name),
            }
        }
        let manifest = Manifest {
            center: identity.id.to_string(),
            name: identity.name,
            epoch: identity.epoch.to_string(),
            made_ms: self.now().0,
            attachments: whole.len(),
            archives: archives.len(),
            files: files.iter().map(|(file, _)| file.clone()).collect(),
            damaged,
            ..Manifest::default()
        }
        .sealed();
        tape::write(part, &manifest, files.iter().map(|(file, path)| (file, path.as_path()))).map_err(failed)?;
        Ok(manifest)
    }
}

fn list(name: &str, path: &Path) -> Result<Listed, BackupError> {
    listed(name, path).map_err(|cause| BackupError::Write(path.to_owned(), cause))
}

/// Gives a finished file its name, which no other file has.
fn publish(part: &Path, target: &Path) -> Result<(), BackupError> {
    // A second name for the same file fails where the name is taken; renaming would replace what another backup wrote.
    match fs::hard_link(part, target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(target.to_owned()));
        }
        // A stick formatted for other systems knows no second names.
        Err(_) => {
            drop(File::create_new(target).map_err(|cause| match cause.kind() {
                io::ErrorKind::AlreadyExists => BackupError::Exists(target.to_owned()),
                _ => BackupError::Write(target.to_owned(), cause),
            })?);
            fs::rename(part, target).map_err(|cause| BackupError::Write(target.to_owned(), cause))?;
        }
    }
    sync_folder_of(target).map_err(|cause| BackupError::Write(target.to_owned(), cause))
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
    make_owner_only(dir).map_err(failed(dir))?;
    let _alone = lock::alone(dir)?;
    let staging = dir.join(format!("restore-{}", now.0));
    make_owner_only(&staging).map_err(failed(&staging))?;
    let (backup, unlisted) = match stage(file, &staging, now, epoch) {
        Ok(staged) => staged,
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
    Ok(Restored { backup, epoch: epoch.to_string(), unlisted })
}

/// Unpacks a backup, checks everything in it, and begins another life of it.
fn stage(file: &Path, staging: &Path, now: UtcMs, epoch: Epoch) -> Result<(Manifest, bool), RestoreError> {
    for folder in [KEYS, ATTACHMENTS, ARCHIVE] {
        let folder = staging.join(folder);
        make_owner_only(&folder).map_err(|cause| RestoreError::Write(folder, cause))?;
    }
    let backup = tape::read(file, Some(staging)).map_err(|error| match error {
        TapeError::Read(cause) => RestoreError::Read(file.to_owned(), cause),
        TapeError::Write(path, cause) => RestoreError::Write(path, cause),
        other => RestoreError::NotABackup(file.to_owned(), other),
    })?;
    let unlisted = !backup.is_listed();
    let damaged = |what: String| RestoreError::Damaged { file: file.to_owned(), what };
    let path = staging.join(DATABASE);
    let database = Db::open(&path).map_err(|error| damaged(format!("its database does not open ({error})")))?;
    if let Some(first) = Db::look_at(&path).map_err(|error| damaged(error.to_string()))?.first() {
        return Err(damaged(format!("its database is damaged ({first})")));
    }
    let identity = database.read(|tx| db::identity::load(tx)).map_err(|error| damaged(error.to_string()))?;
    let is_named =
        identity.is_some_and(|one| one.id.to_string() == backup.center && one.epoch.to_string() == backup.epoch);
    if !is_named {
        return Err(damaged("its database is of another center or time than its list".to_owned()));
    }
    let seed = center_seed(staging, false, &SystemChance).map(drop).map_err(|error| error.to_string());
    seed.and_then(|()| Root::load(staging, false).map_err(|error| error.to_string()))
        .and_then(|root| root.is_whole().map_err(|error| error.to_string()))
        .map_err(|error| damaged(format!("its keys are not whole ({error})")))?;
    has_files(&database, staging, &backup).map_err(damaged)?;
    drop(database);
    if unlisted {
        fully_checked(staging).map_err(damaged)?;
    }
    begin_again(staging, now, epoch)?;
    Ok((backup, unlisted))
}

/// Whether every attachment and archive that the database names is there, and nothing else is.
fn has_files(database: &Db, staging: &Path, backup: &Manifest) -> Result<(), String> {
    let read = database.read(|tx| Ok::<_, DbError>((db::attachment::whole(tx)?, db::archive::all(tx)?)));
    let (whole, archives) = read.map_err(|error| error.to_string())?;
    let attachments = whole.iter().map(|hash| (format!("{ATTACHMENTS}/{}", hex::encode(hash)), *hash));
    let named = attachments.chain(archives.iter().map(|row| (format!("{ARCHIVE}/{}", row.path), row.sha256)));
    let mut wanted = BTreeSet::new();
    for (name, sha256) in named {
        if backup.damaged.contains(&name) {
            continue;
        }
        let found = listed(&name, &staging.join(&name)).map_err(|_| format!("{name} is missing"))?;
        if found.sha256 != hex::encode(sha256) {
            return Err(format!("{name} is not what its name or its row says"));
        }
        wanted.insert(name);
    }
    let extra = tape::files_below(staging, &[ATTACHMENTS, ARCHIVE]).map_err(|error| error.to_string())?;
    match extra.into_iter().find(|name| !wanted.contains(name)) {
        Some(name) => Err(format!("{name} belongs to nothing in its database")),
        None => Ok(()),
    }
}

/// For a backup without a list: every envelope, change, document, attachment, archive and audit row is verified.
fn fully_checked(staging: &Path) -> Result<(), String> {
    let center = Center::open(staging).map_err(|error| error.to_string())?;
    let report = center.check().map_err(|error| error.to_string())?;
    match report.problems.first() {
        Some(problem) => Err(format!("{} {} does not hold ({})", problem.what, problem.id, problem.fault)),
        None => Ok(()),
    }
}

/// Another life of the feed: a new epoch, and nobody is signed in.
fn begin_again(staging: &Path, now: UtcMs, epoch: Epoch) -> Result<(), RestoreError> {
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
    Ok(())
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
