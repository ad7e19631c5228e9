//! Attachments: files named by their SHA-256, whole or not there.
//!
//! A file is written under another name, synced, then renamed; its row follows in the transaction of the entry
//! that names it. A file is sent only while its bytes still have its name.

use crate::failure::{Step, StoreError};
use crate::open::ATTACHMENTS;
use crate::{Lease, Store, lease, row};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::time::UtcMs;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A file on its way in.
pub struct NewAttachment {
    /// The record whose entry names it.
    pub record: RecordId,
    /// `image/jpeg`, `image/png`.
    pub media: String,
    pub bytes: Vec<u8>,
}

/// How far a file got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttachmentState {
    Waiting,
    /// The center has it whole.
    Received,
    /// Its bytes no longer have its hash. It is not sent.
    Damaged,
}

/// A file that is here.
#[derive(Clone, Debug)]
pub struct StoredAttachment {
    pub hash: ChangeHash,
    pub record: RecordId,
    pub media: String,
    pub size_bytes: u64,
    /// What the center said it holds from the start.
    pub held_bytes: u64,
    pub state: AttachmentState,
}

impl Store {
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn attachment(&self, hash: &ChangeHash) -> Result<Option<StoredAttachment>, StoreError> {
        self.conn
            .query_row(&format!("{SELECT} WHERE hash = ?1"), [hash.0.as_slice()], raw)
            .optional()
            .step("find the attachment")?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Files the center does not have whole, smallest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn attachments_waiting(&self) -> Result<Vec<StoredAttachment>, StoreError> {
        let sql = format!("{SELECT} WHERE state = 'waiting' ORDER BY size_bytes, hash");
        let raws: Vec<RawAttachment> = self
            .conn
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_map([], raw)?.collect())
            .step("list the attachments")?;
        raws.into_iter().map(TryInto::try_into).collect()
    }

    /// The bytes of a file, checked against its name.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when they are others than were saved; the file is then set aside.
    pub fn attachment_bytes(&self, hash: &ChangeHash) -> Result<Vec<u8>, StoreError> {
        if self.attachment(hash)?.is_none() {
            return Err(StoreError::NoSuchAttachment(*hash));
        }
        let found = fs::read(path(&self.home, hash));
        if let Ok(bytes) = &found
            && hash_of(bytes) == *hash
        {
            return found.step("read the attachment");
        }
        self.conn
            .execute(
                "UPDATE attachment SET state = 'damaged' WHERE hash = ?1 AND state = 'waiting'",
                [hash.0.as_slice()],
            )
            .step("set the attachment aside")?;
        Err(StoreError::Damaged { what: "attachment" })
    }

    /// How much of a file the center said it has.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn attachment_held(
        &self,
        lease: &Lease,
        hash: &ChangeHash,
        held_bytes: u64,
        whole: bool,
    ) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        held(&tx, hash, Some(held_bytes), whole)?;
        tx.commit().step("keep what the center has of the attachment")
    }
}

pub(crate) fn held(
    tx: &Transaction<'_>,
    hash: &ChangeHash,
    held_bytes: Option<u64>,
    whole: bool,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE attachment SET held_bytes = coalesce(?2, size_bytes), state = CASE WHEN ?3 THEN 'received' ELSE state END
         WHERE hash = ?1",
        params![hash.0.as_slice(), held_bytes.map(row::signed), whole],
    )
    .step("keep what the center has of the attachment")?;
    Ok(())
}

/// A file on the disk whose row is still to be written.
pub(crate) struct Kept {
    hash: ChangeHash,
    record: RecordId,
    media: String,
    size_bytes: usize,
}

pub(crate) fn keep(home: &Path, new: &NewAttachment) -> Result<Kept, StoreError> {
    let hash = hash_of(&new.bytes);
    let path = path(home, &hash);
    if !path.exists() {
        write_whole(&path, &new.bytes).step("write the attachment")?;
    }
    Ok(Kept { hash, record: new.record, media: new.media.clone(), size_bytes: new.bytes.len() })
}

pub(crate) fn insert(tx: &Transaction<'_>, file: &Kept, at: UtcMs) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO attachment (hash, record, media, size_bytes, held_bytes, state, saved_ms)
         VALUES (?1, ?2, ?3, ?4, 0, 'waiting', ?5) ON CONFLICT (hash) DO NOTHING",
        params![
            file.hash.0.as_slice(),
            file.record.as_bytes().as_slice(),
            file.media,
            i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
            at.0
        ],
    )
    .step("write the attachment's row")?;
    Ok(())
}

/// 64 hexadecimal digits to a hash.
pub(crate) fn parse_hash(text: &str) -> Option<ChangeHash> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(ChangeHash(bytes))
}

fn hash_of(bytes: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(bytes).into())
}

fn path(home: &Path, hash: &ChangeHash) -> PathBuf {
    home.join(ATTACHMENTS).join(hash.to_string())
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The name itself must survive a power cut, not only the bytes.
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

const SELECT: &str = "SELECT hash, record, media, size_bytes, held_bytes, state FROM attachment";

type RawAttachment = (Vec<u8>, Vec<u8>, String, i64, i64, String);

fn raw(row: &Row<'_>) -> Result<RawAttachment, rusqlite::Error> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

impl TryFrom<RawAttachment> for StoredAttachment {
    type Error = StoreError;
    fn try_from((hash, record, media, size, held, state): RawAttachment) -> Result<Self, StoreError> {
        Ok(Self {
            hash: row::change_hash(&hash)?,
            record: row::record_id(&record)?,
            media,
            size_bytes: row::unsigned(size),
            held_bytes: row::unsigned(held),
            state: match state.as_str() {
                "received" => AttachmentState::Received,
                "damaged" => AttachmentState::Damaged,
                _ => AttachmentState::Waiting,
            },
        })
    }
}
