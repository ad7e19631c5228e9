//! `siaga-center backup` and `restore`.

use super::args::{Archive, Backup, Restore};
use super::failure::Failure;
use super::{Answer, BY, open};
use siaga_center::backup::{self, BackupError, Present, RestoreError};
use siaga_center::clock::{Clock, SystemClock};

pub(super) fn backup(arguments: &Backup) -> Result<Answer, Failure> {
    let center = open(&arguments.common.data)?;
    let made = center.backup(&arguments.file, BY).map_err(|error| match &error {
        BackupError::Exists(_) => Failure::bad_input("file", error.to_string(), "name a file that does not exist yet"),
        BackupError::NoRoom(_) => {
            Failure::other("storage_full", &error, "free space on this disk, or name a file on another one")
        }
        BackupError::Damaged(_) => {
            Failure::other("damaged", &error, "run `siaga-center check`; keep the last good backup, and restore it")
        }
        BackupError::Compare(_) => Failure::other(
            "backup",
            &error,
            "nothing was kept; try again on another disk: this one changes what it is given",
        ),
        _ => Failure::other("backup", &error, "check the space and rights at the place of the file"),
    })?;
    let mut lines = vec![format!(
        "Cadangan {} ditulis ke {} dan dibaca ulang. Berisi kunci pusat: simpan di tempat terkunci.",
        made.name,
        arguments.file.display()
    )];
    if !made.damaged.is_empty() {
        lines.push(format!("Tidak ikut, sudah rusak di pusat: {}", made.damaged.join(", ")));
    }
    Answer::new(&serde_json::json!({ "file": arguments.file, "backup": made }), lines)
}

pub(super) fn archive(arguments: &Archive) -> Result<Answer, Failure> {
    let center = open(&arguments.common.data)?;
    let made = match arguments.closed_for_h {
        Some(hours) => center.archive_closed_for(hours.into(), BY),
        None => center.archive_due(BY),
    };
    let archived =
        made.map_err(|error| Failure::other("archive", &error, "check the space and rights of the center's folder"))?;
    let ids: Vec<String> = archived.iter().map(ToString::to_string).collect();
    let lines = vec![format!("{} insiden diarsipkan.", ids.len())];
    Answer::new(&serde_json::json!({ "archived": ids }), lines)
}

pub(super) fn restore(arguments: &Restore) -> Result<Answer, Failure> {
    let present = if arguments.replace { Present::SetAside } else { Present::Refuse };
    let dir = &arguments.common.data;
    let restored = backup::restore(&arguments.file, dir, present, SystemClock.now()).map_err(|error| match &error {
        RestoreError::NotEmpty(_) => Failure::bad_input(
            "data",
            error.to_string(),
            "name an empty folder, or set the center that is there aside with --replace",
        ),
        RestoreError::InUse(_) => {
            Failure::other("in_use", &error, "stop `siaga-center serve` and every other command first")
        }
        error if error.is_bad_input() => Failure {
            argument: Some("file".to_owned()),
            code: "bad_input",
            ..Failure::other("bad_input", error, "nothing was changed; name a whole file made by `siaga-center backup`")
        },
        _ => Failure::other("restore", &error, "check the space and rights of the folder"),
    })?;
    let mut lines =
        vec![format!("{} dipulihkan di {}, epoch {}.", restored.backup.name, dir.display(), restored.epoch)];
    if restored.unlisted {
        lines.push(
            "Peringatan: cadangan versi 0.2.0 tidak punya daftar isi. Semua isinya diperiksa; buat cadangan baru."
                .to_owned(),
        );
    }
    Answer::new(&restored, lines)
}
