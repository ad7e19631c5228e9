//! Map packs: files of boundaries or tiles that phones keep for the hours without signal.
//!
//! A pack travels as photographs do: by its hash, in pieces, to the phones it is for. It is checked to be what it says
//! it is before any phone hears of it.

use crate::Center;
use crate::db::attachment::{self, Attachment};
use crate::db::file::{self, Pack, PackKind};
use crate::db::{self, DbError, audit};
use crate::keys::sync_folder_of;
use siaga_domain::id::DeviceId;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

/// A pack is at most this large: it has to pass a village's link and fit a cheap phone.
pub const MAX_PACK_BYTES: u64 = 64 * 1024 * 1024;

const MAX_NAME: usize = 60;

/// A pack was not added. Phones keep what they had.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("could not begin on a disk that is nearly full")]
    NoRoom(#[from] crate::storage::NoRoom),
    #[error("the name is empty, longer than {MAX_NAME} characters, or holds marks that nobody sees")]
    Name,
    #[error("the file could not be read")]
    Read(#[source] std::io::Error),
    #[error("the file is larger than 64 MB")]
    TooLarge,
    #[error("the file is neither GeoJSON nor PMTiles version 3")]
    Format,
    #[error("there is no unit or post {0}")]
    Unknown(String),
    #[error("the file could not be written")]
    Write(#[source] std::io::Error),
    #[error("could not read or write the packs")]
    Database(#[from] DbError),
}

impl Center {
    /// Puts a file under a name and offers it to the phones of these units and posts, or to all when none is named. The
    /// file before it under this name is no longer offered; phones keep using it until the new one is whole there.
    ///
    /// # Errors
    /// [`PackError`]; nothing was added.
    pub fn add_pack(&self, path: &Path, name: &str, whom: &[String], by: &str) -> Result<Pack, PackError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(is_unseen) {
            return Err(PackError::Name);
        }
        self.storage().spare()?;
        let units = self.units_of(whom)?;
        let size_bytes = fs::metadata(path).map_err(PackError::Read)?.len();
        if size_bytes > MAX_PACK_BYTES {
            return Err(PackError::TooLarge);
        }
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(MAX_PACK_BYTES).read_to_end(&mut bytes)).map_err(PackError::Read)?;
        let kind = kind_of(&bytes).ok_or(PackError::Format)?;
        let hash = self.keep_whole(&bytes).map_err(PackError::Write)?;
        let now = self.now().0;
        let pack = Pack { name: name.to_owned(), hash, kind, size_bytes: bytes.len() as u64, added_ms: now, units };
        let told = self.db().write(|tx| {
            let size_bytes = pack.size_bytes;
            // Of no device: whoever it is for fetches it.
            let device = DeviceId::from_bytes([0; 16]);
            attachment::put(tx, &hash, &Attachment { size_bytes, held_bytes: size_bytes, whole: true, device }, now)?;
            file::put_pack(tx, &pack, by)?;
            let detail = format!("{} {}", pack.kind.code(), hex::encode(hash));
            audit::append(tx, now, &audit::Act { by, act: "pack.add", subject: &pack.name, detail: &detail })?;
            file::offered_to(tx, &hash)
        })?;
        told.iter().for_each(|device| self.hub().wake(device));
        Ok(pack)
    }

    /// Withdraws a pack from the phones. False when there is none of this name.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn remove_pack(&self, name: &str, by: &str) -> Result<bool, DbError> {
        let now = self.now().0;
        self.db().write(|tx| {
            let known = file::withdraw_pack(tx, name)?;
            if known {
                audit::append(tx, now, &audit::Act { by, act: "pack.remove", subject: name, detail: "" })?;
            }
            Ok(known)
        })
    }

    /// By name.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn packs(&self) -> Result<Vec<Pack>, DbError> {
        self.db().read(|tx| file::packs(tx))
    }

    /// A post stands for the units that are stationed there now.
    fn units_of(&self, whom: &[String]) -> Result<Vec<String>, PackError> {
        let mut units = Vec::new();
        for code in whom {
            let found = self.db().read(|tx| {
                if db::scope::unit_exists(tx, code)? { Ok(vec![code.clone()]) } else { file::units_of_post(tx, code) }
            })?;
            if found.is_empty() {
                return Err(PackError::Unknown(code.clone()));
            }
            units.extend(found);
        }
        units.sort();
        units.dedup();
        Ok(units)
    }

    /// Under its hash among the attachments, on the disk when this returns.
    fn keep_whole(&self, bytes: &[u8]) -> std::io::Result<[u8; 32]> {
        use sha2::{Digest, Sha256};
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let path = self.attachment_path(&hash);
        let temporary = path.with_extension(format!("{}.new", std::process::id()));
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        sync_folder_of(&path)?;
        Ok(hash)
    }
}

/// Line breaks, marks that turn the direction of what follows, and what takes no room: two names that look alike must
/// not be two packs, and nothing on a screen may read backwards (Unicode Technical Report 36).
fn is_unseen(mark: char) -> bool {
    mark.is_control()
        || matches!(mark, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn kind_of(bytes: &[u8]) -> Option<PackKind> {
    /// A PMTiles header is this long, its version at the eighth byte.
    const HEADER: usize = 127;
    if bytes.starts_with(b"PMTiles") {
        return (bytes.len() > HEADER && bytes.get(7) == Some(&3)).then_some(PackKind::PmTiles);
    }
    std::str::from_utf8(bytes).ok()?.parse::<geojson::GeoJson>().ok().map(|_| PackKind::GeoJson)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_no_mark_that_nobody_sees_and_any_letter_that_somebody_writes() {
        for name in ["\u{202e}gpj", "desa\u{200f}", "\u{2066}x\u{2069}", "a\nb", "\u{feff}x", "a\u{200b}b", "\u{61c}"] {
            assert!(name.chars().any(is_unseen), "{name:?}");
        }
        for name in ["CON", "../x", "Batas desa (2022)", "\u{645}\u{631}\u{62d}\u{628}\u{627}", "d\u{e9}sa \u{1f6a9}"] {
            assert!(!name.chars().any(is_unseen), "{name:?}");
        }
    }

    #[test]
    fn a_pack_is_what_its_bytes_say_and_not_what_its_name_says() {
        let mut tiles = b"PMTiles\x03".to_vec();
        tiles.resize(200, 0);

        assert_eq!(kind_of(&tiles), Some(PackKind::PmTiles));
        assert_eq!(kind_of(b"PMTiles\x02"), None);
        assert_eq!(kind_of(br#"{"type":"FeatureCollection","features":[]}"#), Some(PackKind::GeoJson));
        assert_eq!(kind_of(br#"{"type":"Something"}"#), None);
        assert_eq!(kind_of(b"\x89PNG"), None);
    }
}
