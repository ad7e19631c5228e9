//! Photographs of notes and map packs as they stand on this phone, and asking for one that is not here.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::read::attachment::hash_of;
use crate::request::WantFile;
use crate::view::{FileStage, FileState, Pack};
use siaga_domain::entry::NoteView;
use siaga_domain::id::ChangeHash;
use siaga_store::{AttachmentState, Download, StoredAttachment};

impl Field {
    /// Asks for a file the center has. It comes with the next pieces, before anything nobody asked for.
    ///
    /// # Errors
    /// `BadInput` for what is no SHA-256, `NotFound` for a file the center did not offer to this phone, `Storage` when
    /// the store does not answer.
    pub fn want_file(&self, request: &WantFile) -> Result<FileState, Failure> {
        let hash = hash_of(&request.sha256)?;
        let look = self.look()?;
        let known = look.store.file_is_here(&hash)? || look.store.want(&hash)?;
        if !known {
            return Err(Failure::not_found(
                "sha256",
                "file",
                "wait for the sender: the center does not have it whole, or this phone may not see it",
            ));
        }
        file(&look, &hash)
    }

    /// Map packs of this phone's unit, by name, with what is here of each.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn packs(&self) -> Result<Vec<Pack>, Failure> {
        let look = self.look()?;
        let mut packs: Vec<Pack> = look
            .store
            .packs()?
            .into_iter()
            .map(|used| Pack {
                name: used.name,
                media: used.media,
                in_use: Some(used.hash.to_string()),
                size_bytes: used.size_bytes,
                made_ms: used.made_ms,
                newer: None,
            })
            .collect();
        for offered in look.store.offered_packs()?.into_iter().filter(|offered| !offered.whole) {
            let newer = FileState::from(&offered);
            match packs.iter_mut().find(|pack| pack.name == offered.pack) {
                Some(pack) => pack.newer = Some(newer),
                None => packs.push(Pack {
                    name: offered.pack,
                    media: offered.media,
                    in_use: None,
                    size_bytes: offered.size_bytes,
                    made_ms: offered.made_ms,
                    newer: Some(newer),
                }),
            }
        }
        packs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(packs)
    }

    /// Bytes of a map pack in use, at most `most` from `offset` on.
    ///
    /// # Errors
    /// `BadInput` for what is no SHA-256, `NotFound` when no pack in use has it, `Storage` when the store does not answer.
    pub fn pack_bytes(&self, sha256: &str, offset: u64, most: usize) -> Result<Vec<u8>, Failure> {
        let hash = hash_of(sha256)?;
        match self.store().pack_bytes(&hash, offset, most) {
            Err(siaga_store::StoreError::NoSuchAttachment(_)) => {
                Err(Failure::not_found("sha256", "map pack", "look at the list of map packs again"))
            }
            read => Ok(read?),
        }
    }
}

/// The files that notes name, each once.
pub(crate) fn of_notes(look: &Look<'_>, notes: &[NoteView]) -> Result<Vec<FileState>, Failure> {
    let mut files: Vec<FileState> = Vec::new();
    for name in notes.iter().flat_map(|note| [&note.thumbnail, &note.attachment]).flatten() {
        // What is no hash names no file; another phone may write anything.
        let Ok(hash) = hash_of(name) else { continue };
        if files.iter().all(|file| file.sha256 != *name) {
            files.push(file(look, &hash)?);
        }
    }
    Ok(files)
}

fn file(look: &Look<'_>, hash: &ChangeHash) -> Result<FileState, Failure> {
    let here = look.store.file_is_here(hash)?;
    let offered = look.store.download(hash)?;
    if let Some(own) = look.store.attachment(hash)? {
        return Ok(of_this_phone(&own, offered.as_ref(), here));
    }
    Ok(offered.as_ref().map_or_else(
        || FileState {
            sha256: hash.to_string(),
            stage: FileStage::NotAtCenter,
            here,
            size_bytes: 0,
            done_bytes: 0,
            moved_ms: None,
        },
        FileState::from,
    ))
}

fn of_this_phone(own: &StoredAttachment, asked: Option<&Download>, here: bool) -> FileState {
    let stage = match own.state {
        AttachmentState::Damaged => FileStage::Damaged,
        AttachmentState::Received => FileStage::Received,
        AttachmentState::Waiting if !own.aside.is_empty() => FileStage::Refused,
        AttachmentState::Waiting if own.begun || own.held_bytes > 0 => FileStage::Sending,
        AttachmentState::Waiting => FileStage::Saved,
    };
    match asked {
        // Its time here was over, and somebody asked for it again.
        Some(asked) if !here => FileState::from(asked),
        _ => FileState {
            sha256: own.hash.to_string(),
            stage,
            here,
            size_bytes: own.size_bytes,
            done_bytes: own.held_bytes.min(own.size_bytes),
            moved_ms: Some(own.moved_ms),
        },
    }
}

impl From<&Download> for FileState {
    fn from(offered: &Download) -> Self {
        let stage = match (offered.whole, offered.wanted) {
            (true, _) => FileStage::Fetched,
            (false, true) => FileStage::Fetching,
            (false, false) => FileStage::Offered,
        };
        Self {
            sha256: offered.hash.to_string(),
            stage,
            here: offered.whole,
            size_bytes: offered.size_bytes,
            done_bytes: offered.held_bytes,
            moved_ms: offered.moved_ms,
        }
    }
}
