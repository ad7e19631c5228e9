//! Leaving for another center: everything of the first one is set aside in a folder of its own, under the key of this home,
//! and comes back when this phone joins that center again.
//!
//! Nothing of one center is ever offered to another. The copy is whole and on the disk before anything is taken out of the
//! database, and both enrolments change in one transaction.

use crate::cached::Cached as _;
use crate::enrolment::{self, Enrolment};
use crate::failure::{Step, StoreError};
use crate::key::StoreKey;
use crate::{Store, life, salvage, setting};
use rusqlite::{OptionalExtension, Transaction};
use siaga_domain::id::CenterId;
use siaga_domain::time::UtcMs;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Setting: the center this phone was a device of before it lost its key, hexadecimal.
pub(crate) const WAS_AT: &str = "was_at";
/// Setting: the device it was there, hexadecimal.
pub(crate) const WAS: &str = "was";
/// Settings that are of the phone and its people, and of no center.
const OF_THE_PHONE: &str = "'preferences', 'device_state', 'device_key', 'link_cost'";

const FOLDER: &str = "away-";

/// Another guest that writes all the time: setting aside is tried again by the person.
const TRIES: usize = 8;

/// Everything a home holds of its center.
const TABLES: [&str; 31] = [
    "told_change",
    "told",
    "entry",
    "outbox",
    "change",
    "record",
    "snapshot",
    "intent",
    "lane",
    "envelope",
    "receipt",
    "projection",
    "delivery",
    "membership",
    "quarantine",
    "fix",
    "attachment",
    "draft",
    "file_piece",
    "file",
    "original",
    "offer",
    "pack",
    "archive",
    "archived",
    "part",
    "thin",
    "differing",
    "damaged",
    "wanted",
    "kept",
];

impl Store {
    /// The center this phone belongs to, or did until it lost its key; `None` for a phone that never did.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn home_center(&self) -> Result<Option<CenterId>, StoreError> {
        let enrolled = self
            .conn
            .ask("SELECT center FROM enrolment WHERE id = 1", [], |row| row.get::<_, [u8; 16]>(0))
            .optional()
            .step("read the center of this phone")?;
        if let Some(center) = enrolled {
            return Ok(Some(CenterId::from_bytes(center)));
        }
        let was = self.setting(WAS_AT)?.and_then(|text| <[u8; 16]>::try_from(hex::decode(text).ok()?).ok());
        Ok(was.map(CenterId::from_bytes))
    }

    /// The device this phone was before it lost its key, 16 bytes; empty where it did not.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn was_device(&self) -> Result<Vec<u8>, StoreError> {
        Ok(self.setting(WAS)?.and_then(|text| hex::decode(text).ok()).unwrap_or_default())
    }

    /// What people wrote here and the center does not have: changes, kept entries, photographs.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn unsent(&self) -> Result<u32, StoreError> {
        self.conn
            .ask(
                "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM kept)
                      + (SELECT count(*) FROM attachment WHERE state = 'waiting' AND kind = 'photograph')",
                [],
                |row| row.get(0),
            )
            .step("count what is not at the center")
    }

    /// Becomes a device of another center: what is here of the first one is set aside.
    ///
    /// # Errors
    /// [`StoreError`]; then this phone is what it was.
    pub fn leave_for(&self, enrolment: &Enrolment, from: CenterId, at: UtcMs) -> Result<(), StoreError> {
        let step = "set the first center's records aside";
        for _ in 0..TRIES {
            let before = self.change_stamp()?;
            let folder = self.copy_to_folder(from, at)?;
            let tx = self.writing()?;
            if self.change_stamp()? != before {
                // Somebody wrote meanwhile: it would be in neither.
                drop(tx);
                fs::remove_dir_all(&folder).step(step)?;
                continue;
            }
            forget_everything(&tx)?;
            life::draw_actor(&tx, &self.draw).step(step)?;
            enrolment::enrol(&tx, enrolment)?;
            return tx.commit().step(step);
        }
        Err(StoreError::Busy)
    }

    /// Whether something of this center was set aside here.
    #[must_use]
    pub fn has_set_aside(&self, center: CenterId) -> bool {
        !self.set_aside_for(center).is_empty()
    }

    /// Takes in again what was set aside of the center this phone belongs to now; gives how many unsent changes came back.
    ///
    /// # Errors
    /// [`StoreError`]; then it stays set aside, and is taken in at the next enrolment.
    pub fn bring_back(&self, key: &StoreKey, center: CenterId, at: UtcMs) -> Result<u32, StoreError> {
        let mut back = 0_u32;
        for folder in self.set_aside_for(center) {
            let salvaged = salvage::bring_back(&folder, key, self, at)?;
            back = back.saturating_add(salvaged.saved);
            if salvaged.is_all {
                fs::remove_dir_all(&folder).step("remove what was taken in")?;
            } else {
                // What could not be read stays for somebody who can.
                let kept = folder.with_file_name(format!("unread-{}", name_of(&folder)));
                fs::rename(&folder, kept).step("keep what could not be read")?;
            }
        }
        Ok(back)
    }

    fn set_aside_for(&self, center: CenterId) -> Vec<PathBuf> {
        let begins = format!("{FOLDER}{}-", hex::encode(center.as_bytes()));
        let mut found: Vec<PathBuf> = fs::read_dir(&self.home)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| name_of(path).starts_with(&begins) && path.join("siaga.db").exists())
            .collect();
        found.sort();
        found
    }

    /// A whole copy on the disk, under its final name only when it is.
    fn copy_to_folder(&self, from: CenterId, at: UtcMs) -> Result<PathBuf, StoreError> {
        let step = "copy the first center's records";
        let name = |number: u32| format!("{FOLDER}{}-{:015}-{number}", hex::encode(from.as_bytes()), at.0.max(0));
        let folder = (0_u32..)
            .map(|number| self.home.join(name(number)))
            .find(|folder| !folder.exists())
            .unwrap_or_else(|| self.home.join(name(u32::MAX)));
        let part = self.home.join("away.part");
        match fs::remove_dir_all(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).step(step),
            _ => {}
        }
        fs::create_dir(&part).step(step)?;
        let copy = part.join("siaga.db");
        let made = self
            .conn
            .execute("VACUUM INTO ?1", [copy.to_string_lossy()])
            .step(step)
            .and_then(|_| File::open(&copy).and_then(|file| file.sync_all()).step(step))
            .and_then(|()| fs::rename(&part, &folder).step(step))
            .and_then(|()| File::open(&self.home).and_then(|file| file.sync_all()).step(step));
        if let Err(error) = made {
            // A copy that is not whole is of no use; the home is as it was.
            let _ = fs::remove_dir_all(&part);
            return Err(error);
        }
        Ok(folder)
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn forget_everything(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let step = "let the first center's records go";
    for table in TABLES {
        tx.execute(&format!("DELETE FROM {table}"), []).step(step)?;
    }
    for table in ["gap", "fault", "moved", "letters", "claimed_time"] {
        tx.execute(&format!("DELETE FROM {table}"), []).step(step)?;
    }
    tx.execute(&format!("DELETE FROM setting WHERE key NOT IN ({OF_THE_PHONE})"), []).step(step)?;
    Ok(())
}

/// Keeps who this phone was when its enrolment is forgotten.
pub(crate) fn remember(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let known: Option<(Vec<u8>, Vec<u8>)> = tx
        .ask("SELECT center, device FROM enrolment WHERE id = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .step("read who this phone was")?;
    if let Some((center, device)) = known {
        setting::put(tx, WAS_AT, &hex::encode(center))?;
        setting::put(tx, WAS, &hex::encode(device))?;
    }
    Ok(())
}
