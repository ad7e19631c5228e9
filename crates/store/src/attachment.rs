//! Attachments: photographs of this phone and their thumbnails, on their way to the center.
//!
//! Bytes and row are written in the transaction of the entry that names them. A file is sent only while its bytes
//! still have its name, and its bytes go only after the center confirmed the hash and the retention time is over.

use crate::failure::{Step, StoreError};
use crate::{Lease, Store, file, lease, plain, row};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::time::UtcMs;
use std::fs;

/// A file on its way in.
pub struct NewAttachment {
    /// The record whose entry names it.
    pub record: RecordId,
    pub kind: PictureKind,
    /// `image/jpeg`, `image/png`.
    pub media: String,
    pub bytes: Vec<u8>,
}

/// Which lane a picture takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PictureKind {
    /// Goes before every photograph.
    Thumbnail,
    Photograph,
}

impl PictureKind {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Thumbnail => "thumbnail",
            Self::Photograph => "photograph",
        }
    }
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

/// A file of this phone.
#[derive(Clone, Debug)]
pub struct StoredAttachment {
    pub hash: ChangeHash,
    pub record: RecordId,
    pub kind: PictureKind,
    pub media: String,
    pub size_bytes: u64,
    /// What the center said it holds from the start.
    pub held_bytes: u64,
    pub state: AttachmentState,
    /// A piece of it left and no answer was heard: the center may hold more than it could say.
    pub begun: bool,
    /// Why the center does not take it now; empty while it may be sent.
    pub aside: String,
    /// Device UTC when it was saved, or the center last said that it holds more of it.
    pub moved_ms: UtcMs,
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

    /// Files of one record, in no order that means anything.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn attachments_of(&self, record: RecordId) -> Result<Vec<StoredAttachment>, StoreError> {
        self.list_attachments(&format!("{SELECT} WHERE record = ?1"), [record.as_bytes().as_slice()])
    }

    /// Files that may be sent now: thumbnails first, and of each the smallest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn attachments_waiting(&self) -> Result<Vec<StoredAttachment>, StoreError> {
        self.list_attachments(
            &format!("{SELECT} WHERE state = 'waiting' AND aside = '' ORDER BY kind <> 'thumbnail', size_bytes, hash"),
            [],
        )
    }

    fn list_attachments(&self, sql: &str, of: impl rusqlite::Params) -> Result<Vec<StoredAttachment>, StoreError> {
        let raws: Vec<RawAttachment> = self
            .conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(of, raw)?.collect())
            .step("list the attachments")?;
        raws.into_iter().map(TryInto::try_into).collect()
    }

    /// The bytes of a file, checked against its name.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when they are others than were saved; the file is then set aside.
    /// [`StoreError::NoSuchAttachment`] when it is not here, or not here any more.
    pub fn attachment_bytes(&self, hash: &ChangeHash) -> Result<Vec<u8>, StoreError> {
        let here = file::here(&self.conn, hash)?;
        let bytes = match here {
            Some(here) if here.whole => file::read(&self.conn, hash, 0, usize::MAX)?,
            Some(_) => return Err(StoreError::NoSuchAttachment(*hash)),
            // An earlier version kept it beside the database, and there was no room yet to take it in.
            None => match (self.attachment(hash)?, fs::read(plain::path(&self.home, hash))) {
                (None, _) => return Err(StoreError::NoSuchAttachment(*hash)),
                (Some(known), Err(_)) if known.state == AttachmentState::Received => {
                    return Err(StoreError::NoSuchAttachment(*hash));
                }
                (Some(_), found) => found.unwrap_or_default(),
            },
        };
        if file::hash_of(&bytes) == *hash {
            return Ok(bytes);
        }
        self.conn
            .execute(
                "UPDATE attachment SET state = 'damaged' WHERE hash = ?1 AND state = 'waiting'",
                [hash.0.as_slice()],
            )
            .step("set the attachment aside")?;
        Err(StoreError::Damaged { what: "attachment" })
    }

    /// Whether all bytes of a file are here, of this phone or fetched.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn file_is_here(&self, hash: &ChangeHash) -> Result<bool, StoreError> {
        Ok(file::here(&self.conn, hash)?.is_some_and(|here| here.whole))
    }

    /// A piece of a file whose bytes were checked by [`attachment_bytes`](Self::attachment_bytes) before.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn attachment_piece(&self, hash: &ChangeHash, start: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        if file::here(&self.conn, hash)?.is_some() {
            return file::read(&self.conn, hash, start, most);
        }
        let from = usize::try_from(start).unwrap_or(usize::MAX);
        let bytes = fs::read(plain::path(&self.home, hash)).step("read the plain photograph")?;
        Ok(bytes.into_iter().skip(from).take(most).collect())
    }

    /// A piece of it is about to leave: until an answer is heard the center is asked how much it holds before anything
    /// goes again.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn attachment_begun(&self, lease: &Lease, hash: &ChangeHash) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        tx.execute("UPDATE attachment SET begun = 1 WHERE hash = ?1", [hash.0.as_slice()])
            .step("note that the attachment is under way")?;
        tx.commit().step("note that the attachment is under way")
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
        at: UtcMs,
    ) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        held(&tx, hash, Some(held_bytes), whole, at)?;
        tx.commit().step("keep what the center has of the attachment")
    }

    /// The center does not take it now, and says why: others go on, and it is tried again after
    /// [`try_files_again`](Self::try_files_again).
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn set_attachment_aside(&self, lease: &Lease, hash: &ChangeHash, why: &str) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        tx.execute("UPDATE attachment SET aside = ?2 WHERE hash = ?1", params![hash.0.as_slice(), why])
            .step("set the attachment aside")?;
        tx.commit().step("set the attachment aside")
    }

    /// Erases the bytes of photographs the center confirmed at least `keep_ms` before `now`, and the originals of
    /// earlier versions with them. Thumbnails stay with their record. Says how many went.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn erase_kept_long_enough(&self, lease: &Lease, now: UtcMs, keep_ms: i64) -> Result<u32, StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        let over: Vec<Vec<u8>> = tx
            .prepare_cached(
                "SELECT a.hash FROM attachment a JOIN file f ON f.hash = a.hash
                 WHERE a.state = 'received' AND a.kind = 'photograph' AND max(a.received_ms, f.kept_ms) <= ?1",
            )
            .and_then(|mut statement| statement.query_map([now.0.saturating_sub(keep_ms)], |row| row.get(0))?.collect())
            .step("find what was kept long enough")?;
        for hash in &over {
            tx.execute("DELETE FROM file WHERE hash IN (SELECT file FROM original WHERE attachment = ?1)", [hash])
                .and_then(|_| tx.execute("DELETE FROM original WHERE attachment = ?1", [hash]))
                .and_then(|_| tx.execute("DELETE FROM file WHERE hash = ?1", [hash]))
                .step("erase what was kept long enough")?;
        }
        tx.commit().step("erase what was kept long enough")?;
        Ok(u32::try_from(over.len()).unwrap_or(u32::MAX))
    }
}

pub(crate) fn held(
    tx: &Transaction<'_>,
    hash: &ChangeHash,
    held_bytes: Option<u64>,
    whole: bool,
    at: UtcMs,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE attachment SET held_bytes = coalesce(?2, size_bytes), begun = 0, aside = '',
           moved_ms = CASE WHEN coalesce(?2, size_bytes) > held_bytes THEN ?4 ELSE moved_ms END,
           received_ms = CASE WHEN ?3 AND state <> 'received' THEN ?4 ELSE received_ms END,
           state = CASE WHEN ?3 THEN 'received' ELSE state END
         WHERE hash = ?1",
        params![hash.0.as_slice(), held_bytes.map(row::signed), whole, at.0],
    )
    .step("keep what the center has of the attachment")?;
    Ok(())
}

/// Bytes and row of a new file.
pub(crate) fn insert(tx: &Transaction<'_>, new: &NewAttachment, at: UtcMs) -> Result<(), StoreError> {
    let hash = file::hash_of(&new.bytes);
    file::put_whole(tx, &hash, &new.bytes, at)?;
    // The same picture once more: what the center has of it stays true.
    tx.execute(
        "INSERT INTO attachment (hash, record, kind, media, size_bytes, held_bytes, state, saved_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 'waiting', ?6) ON CONFLICT (hash) DO UPDATE
           SET state = CASE WHEN state = 'damaged' THEN 'waiting' ELSE state END",
        params![
            hash.0.as_slice(),
            new.record.as_bytes().as_slice(),
            new.kind.code(),
            new.media,
            i64::try_from(new.bytes.len()).unwrap_or(i64::MAX),
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

const SELECT: &str = "SELECT hash, record, media, size_bytes, held_bytes, state, kind, begun, aside,
    max(saved_ms, coalesce(moved_ms, 0), coalesce(received_ms, 0)) FROM attachment";

type RawAttachment = (Vec<u8>, Vec<u8>, String, i64, i64, String, String, bool, String, i64);

fn raw(row: &Row<'_>) -> Result<RawAttachment, rusqlite::Error> {
    row.try_into()
}

impl TryFrom<RawAttachment> for StoredAttachment {
    type Error = StoreError;
    fn try_from(raw: RawAttachment) -> Result<Self, StoreError> {
        let (hash, record, media, size, held, state, kind, begun, aside, moved) = raw;
        Ok(Self {
            hash: row::change_hash(&hash)?,
            record: row::record_id(&record)?,
            kind: if kind == PictureKind::Thumbnail.code() { PictureKind::Thumbnail } else { PictureKind::Photograph },
            media,
            size_bytes: row::unsigned(size),
            held_bytes: row::unsigned(held),
            state: match state.as_str() {
                "received" => AttachmentState::Received,
                "damaged" => AttachmentState::Damaged,
                _ => AttachmentState::Waiting,
            },
            begun,
            aside,
            moved_ms: UtcMs(moved),
        })
    }
}
