//! A backup is whole or refused, and nothing is moved before that is known.
#![allow(clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

use flate2::read::GzDecoder;
use siaga_center::Center;
use siaga_center::backup::{BackupError, Present, RestoreError, Restored, restore};
use siaga_center::lock;
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

const NOW: UtcMs = UtcMs(1_796_200_000_000);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/0.2.0")
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copied(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

struct Stage {
    folder: tempfile::TempDir,
    center: PathBuf,
}

impl Stage {
    /// A center with two attachments and an archive.
    fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let center = folder.path().join("center");
        copied(&fixtures().join("center"), &center);
        Self { folder, center }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn backup(&self) -> Vec<u8> {
        let file = self.path("cadangan");
        Center::open(&self.center).expect("a center").backup(&file, "test").expect("a backup");
        fs::read(file).expect("bytes")
    }

    /// Restores these bytes over a center that is there; it must be refused, and the center be as it was.
    fn refuses(&self, bytes: &[u8], what: &str) -> RestoreError {
        let file = self.path("ditolak");
        fs::write(&file, bytes).expect("a file");
        let before = contents(&self.center);

        let refused = restore(&file, &self.center, Present::SetAside, NOW);

        assert_eq!(contents(&self.center), before, "{what}: nothing is moved");
        let error = refused.map(|_| ()).expect_err(what);
        assert!(error.is_bad_input(), "{what}: {error:?}");
        error
    }

    fn restores(&self, bytes: &[u8]) -> (PathBuf, Restored) {
        let (file, dir) = (self.path("baik"), self.path("pulih"));
        fs::write(&file, bytes).expect("a file");
        let restored = restore(&file, &dir, Present::Refuse, NOW).expect("a restored center");
        (dir, restored)
    }
}

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut open, mut all) = (vec![folder.to_owned()], BTreeMap::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                all.insert(path.clone(), fs::read(&path).expect("bytes"));
            }
        }
    }
    all
}

fn of_0_2_0() -> Vec<u8> {
    let packed = File::open(fixtures().join("backup.siaga.gz")).expect("a fixture");
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes).expect("bytes");
    bytes
}

/// The entries of a backup: header, name and bytes.
fn entries(tar: &[u8]) -> Vec<(tar::Header, String, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("bytes");
        (entry.header().clone(), name, bytes)
    };
    archive.entries().expect("entries").map(read).collect()
}

fn packed(entries: &[(tar::Header, String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (header, name, bytes) in entries {
        let mut header = header.clone();
        header.set_size(bytes.len() as u64);
        // A name that climbs out is written as it stands; the library would refuse it.
        let field = &mut header.as_old_mut().name;
        field.fill(0);
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).expect("an entry");
    }
    tar.into_inner().expect("a tar")
}

/// Where each entry begins, and where the last one ends.
fn boundaries(tar: &[u8]) -> Vec<usize> {
    let mut archive = tar::Archive::new(tar);
    let begins = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        usize::try_from(entry.expect("an entry").raw_header_position()).expect("a position")
    };
    let mut all: Vec<usize> = archive.entries().expect("entries").map(begins).collect();
    all.push(tar.len() - 1024);
    all
}

#[test]
fn a_backup_comes_back_as_it_was_with_its_photographs_archives_and_keys() {
    let stage = Stage::set();
    let before = contents(&stage.center);

    let (dir, restored) = stage.restores(&stage.backup());

    assert!(!restored.unlisted && restored.backup.damaged.is_empty());
    for (path, bytes) in before.iter().filter(|(path, _)| path.extension().is_none_or(|kind| kind != "db")) {
        let name = path.strip_prefix(&stage.center).expect("a name");
        assert_eq!(fs::read(dir.join(name)).ok().as_ref(), Some(bytes), "{}", name.display());
    }
    let report = Center::open(&dir).expect("a center").check().expect("a check");
    assert_eq!((report.problems.as_slice(), report.attachments, report.archives), (&[][..], 2, 1));
}

#[test]
fn a_backup_that_is_cut_between_or_within_its_files_is_refused() {
    let stage = Stage::set();
    let whole = stage.backup();

    for boundary in boundaries(&whole) {
        stage.refuses(&whole[..boundary], &format!("cut before {boundary}"));
        stage.refuses(&whole[..boundary + 512], &format!("cut after the head at {boundary}"));
    }
    stage.refuses(&whole[..whole.len() - 1], "one byte short");
    stage.refuses(&[whole.as_slice(), &[0; 512]].concat(), "a block too long");
    stage.refuses(&[], "empty");
}

#[test]
fn a_byte_that_changed_anywhere_is_refused() {
    let stage = Stage::set();
    let whole = stage.backup();
    // Every head, the list at its beginning, and places all over the rest.
    let heads = boundaries(&whole).into_iter().flat_map(|at| [at, at + 156, at + 300, at + 511]);
    let list = (512..2_048).step_by(41);
    let all_over = (0..whole.len()).step_by(whole.len() / 40);

    for at in heads.chain(list).chain(all_over) {
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        stage.refuses(&changed, &format!("byte {at}"));
    }
}

#[test]
fn files_that_are_missing_foreign_twice_or_lead_elsewhere_are_refused() {
    let stage = Stage::set();
    let whole = entries(&stage.backup());
    let of = |name: &str| whole.iter().position(|entry| entry.1.starts_with(name)).expect("an entry");

    for name in ["keys/center.seed", "keys/root.key", "attachments/", "archive/", "center.db", "siaga-backup.json"] {
        let mut less = whole.clone();
        less.remove(of(name));
        stage.refuses(&packed(&less), &format!("without {name}"));
    }
    let (header, _, bytes) = whole[of("attachments/")].clone();
    for name in [
        "attachments/baru",
        "keys/baru",
        "../center.db",
        "/etc/siaga",
        "attachments/../../x",
        "serve.lock",
        "archive/x",
    ] {
        let mut more = whole.clone();
        more.push((header.clone(), name.to_owned(), bytes.clone()));
        stage.refuses(&packed(&more), &format!("with {name}"));
    }
    let twice = [whole.as_slice(), &[whole[of("attachments/")].clone()]].concat();
    stage.refuses(&packed(&twice), "twice");
    let mut link = whole.clone();
    let at = of("attachments/");
    link[at].0.set_entry_type(tar::EntryType::Symlink);
    link[at].0.set_link_name("/etc/passwd").expect("a link");
    link[at].2.clear();
    stage.refuses(&packed(&link), "a link");
    assert!(!stage.path("x").exists() && !stage.path("center.db").exists());
}

#[test]
fn a_backup_of_0_2_0_is_restored_after_every_check_with_a_warning() {
    let stage = Stage::set();

    let (dir, restored) = stage.restores(&of_0_2_0());

    assert!(restored.unlisted);
    let report = Center::open(&dir).expect("a center").check().expect("a check");
    assert_eq!((report.problems.as_slice(), report.attachments, report.archives), (&[][..], 2, 1));
}

#[test]
fn a_backup_of_0_2_0_that_is_cut_or_damaged_is_refused() {
    let stage = Stage::set();
    let whole = of_0_2_0();
    let parts = entries(&whole);

    for boundary in boundaries(&whole) {
        stage.refuses(&whole[..boundary], &format!("cut before {boundary}"));
    }
    for name in ["keys/", "attachments/", "archive/"] {
        let at = parts.iter().position(|entry| entry.1.starts_with(name)).expect("an entry");
        let mut less = parts.clone();
        less.remove(at);
        if name != "keys/" {
            stage.refuses(&packed(&less), &format!("without {name}"));
        }
        let mut changed = parts.clone();
        let middle = changed[at].2.len() / 2;
        changed[at].2[middle] ^= 1;
        if name != "keys/" {
            stage.refuses(&packed(&changed), &format!("changed {name}"));
        }
    }
    // The log of changes is what everything else is made from.
    let database = parts.iter().position(|entry| entry.1 == "center.db").expect("a database");
    let pages = parts[database].2.len() / 4096;
    for page in (1..pages).step_by(7) {
        let mut changed = parts.clone();
        changed[database].2[page * 4096..page * 4096 + 200].fill(0x55);
        assert!(restore_refused(&stage, &packed(&changed)), "page {page} is overwritten at its head");
    }
}

fn restore_refused(stage: &Stage, bytes: &[u8]) -> bool {
    let (file, dir) = (stage.path("halaman"), stage.path("tujuan"));
    fs::write(&file, bytes).expect("a file");
    let refused = restore(&file, &dir, Present::Refuse, NOW).is_err();
    let empty = fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_none());
    refused && empty
}

#[test]
fn a_damaged_database_is_not_said_to_be_backed_up_and_a_lost_photograph_is_named() {
    let stage = Stage::set();
    let lost =
        fs::read_dir(stage.center.join("attachments")).expect("a folder").flatten().next().expect("a file").path();
    fs::write(&lost, b"rusak").expect("a file");

    let (dir, restored) = stage.restores(&stage.backup());

    let name = format!("attachments/{}", lost.file_name().expect("a name").to_string_lossy());
    assert_eq!(restored.backup.damaged, std::slice::from_ref(&name));
    assert!(!dir.join(name).exists() && Center::open(&dir).is_ok());

    let center = Center::open(&stage.center).expect("a center");
    let database = stage.center.join("center.db");
    let mut bytes = fs::read(&database).expect("bytes");
    let end = bytes.len();
    for page in (8..end / 4096).step_by(3) {
        bytes[page * 4096..page * 4096 + 64].fill(0x55);
    }
    fs::write(&database, bytes).expect("a database");
    let file = stage.path("tidak-jadi");
    assert!(matches!(center.backup(&file, "test"), Err(BackupError::Copy(_) | BackupError::Damaged(_))));
    assert!(!file.exists());
}

#[test]
fn backups_at_one_time_never_share_a_name_and_leave_nothing_else_behind() {
    let stage = Stage::set();
    let center = Center::open(&stage.center).expect("a center");
    let (one, folder) = (stage.path("cadangan"), stage.path("banyak"));
    fs::create_dir(&folder).expect("a folder");

    let made: Vec<bool> = std::thread::scope(|scope| {
        let same = (0..3).map(|_| scope.spawn(|| center.backup(&folder.join("satu"), "test").is_ok()));
        let same: Vec<_> = same.collect();
        let other = scope.spawn(|| center.backup(&one, "test").is_ok());
        let mut all: Vec<bool> = same.into_iter().map(|one| one.join().expect("a thread")).collect();
        all.push(other.join().expect("a thread"));
        all
    });

    assert_eq!(made[..3].iter().filter(|made| **made).count(), 1, "{made:?}");
    assert!(made[3]);
    let left: Vec<_> = fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["satu"]);
    assert!(!contents(&stage.center).keys().any(|path| path.to_string_lossy().contains(".part")));
    let (_, restored) = stage.restores(&fs::read(folder.join("satu")).expect("bytes"));
    assert!(!restored.unlisted);
}

#[test]
fn nothing_is_restored_beside_an_open_center_and_no_second_server_starts() {
    let stage = Stage::set();
    let file = stage.path("cadangan");
    let open = Center::open(&stage.center).expect("a center");
    open.backup(&file, "test").expect("a backup beside it");
    let served = lock::serving(&stage.center).expect("a lock");
    let before = open.identity().expect("an identity").epoch;

    let beside = restore(&file, &stage.center, Present::SetAside, NOW);
    let second = lock::serving(&stage.center);

    assert!(matches!(beside, Err(RestoreError::InUse(_))), "{beside:?}");
    assert!(second.is_err());
    assert_eq!(open.identity().expect("an identity").epoch, before);
    drop((open, served));
    assert!(restore(&file, &stage.center, Present::SetAside, NOW).is_ok());
}
