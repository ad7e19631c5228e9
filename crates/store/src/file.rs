//! Bytes of files, in pieces inside the encrypted database.
//!
//! So a photograph is sealed by the same key as the record that names it, and both are written in one transaction:
//! there is no row without its bytes and no clutter without a row. A file is `whole` only after the hash of what is
//! here was found to be its name.
//!
//! What a file means (sent, offered, a map pack) is said by other tables; nothing here knows them.

use crate::failure::{Step, StoreError};
use crate::row;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use siaga_domain::id::ChangeHash;
use siaga_domain::time::UtcMs;

/// A file that comes in one go is cut into rows of this size.
const PIECE_BYTES: usize = 64 * 1024;

/// How much of a file is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Here {
    pub size_bytes: u64,
    pub held_bytes: u64,
    pub whole: bool,
}

pub(crate) fn hash_of(bytes: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(bytes).into())
}

pub(crate) fn here(conn: &Connection, hash: &ChangeHash) -> Result<Option<Here>, StoreError> {
    conn.prepare_cached("SELECT size_bytes, held_bytes, whole FROM file WHERE hash = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([hash.0.as_slice()], |row| {
                    Ok(Here {
                        size_bytes: row::unsigned(row.get(0)?),
                        held_bytes: row::unsigned(row.get(1)?),
                        whole: row.get(2)?,
                    })
                })
                .optional()
        })
        .step("find the file")
}

/// Writes a file whose bytes are all there and have its name.
pub(crate) fn put_whole(tx: &Transaction<'_>, hash: &ChangeHash, bytes: &[u8], at: UtcMs) -> Result<(), StoreError> {
    match here(tx, hash)? {
        Some(known) if known.whole => return Ok(()),
        Some(_) => erase(tx, hash)?,
        None => {}
    }
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    tx.prepare_cached("INSERT INTO file (hash, size_bytes, held_bytes, whole, kept_ms) VALUES (?1, ?2, ?2, 1, ?3)")
        .and_then(|mut statement| statement.execute(params![hash.0.as_slice(), size, at.0]))
        .step("write the file")?;
    let mut start = 0_usize;
    for piece in bytes.chunks(PIECE_BYTES) {
        write_piece(tx, hash, start, piece)?;
        start = start.saturating_add(piece.len());
    }
    Ok(())
}

/// Writes bytes that follow what is here; bytes that are here already or leave a hole change nothing. The last of
/// them decide: a file whose hash is not its name begins again at nothing.
pub(crate) fn append(
    tx: &Transaction<'_>,
    hash: &ChangeHash,
    size_bytes: u64,
    start: u64,
    bytes: &[u8],
    at: UtcMs,
) -> Result<Here, StoreError> {
    let known = here(tx, hash)?.unwrap_or(Here { size_bytes, held_bytes: 0, whole: false });
    let end = start.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    if known.whole || start > known.held_bytes || end <= known.held_bytes || end > size_bytes {
        return Ok(known);
    }
    let skip = usize::try_from(known.held_bytes.saturating_sub(start)).unwrap_or(usize::MAX);
    let fresh = bytes.get(skip..).unwrap_or_default();
    tx.prepare_cached(
        "INSERT INTO file (hash, size_bytes, held_bytes, whole, kept_ms) VALUES (?1, ?2, ?3, 0, ?4)
         ON CONFLICT (hash) DO UPDATE SET held_bytes = excluded.held_bytes, kept_ms = excluded.kept_ms",
    )
    .and_then(|mut statement| {
        statement.execute(params![hash.0.as_slice(), row::signed(size_bytes), row::signed(end), at.0])
    })
    .step("write the file")?;
    write_piece(tx, hash, usize::try_from(known.held_bytes).unwrap_or(usize::MAX), fresh)?;
    if end < size_bytes {
        return Ok(Here { size_bytes, held_bytes: end, whole: false });
    }
    if hash_here(tx, hash)? != *hash {
        // Something of it was wrong and nobody can say what.
        erase(tx, hash)?;
        return Ok(Here { size_bytes, held_bytes: 0, whole: false });
    }
    tx.execute("UPDATE file SET whole = 1 WHERE hash = ?1", [hash.0.as_slice()]).step("write the file")?;
    Ok(Here { size_bytes, held_bytes: end, whole: true })
}

fn write_piece(tx: &Transaction<'_>, hash: &ChangeHash, start: usize, bytes: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO file_piece (file, start, bytes) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| {
            statement.execute(params![hash.0.as_slice(), i64::try_from(start).unwrap_or(i64::MAX), bytes])
        })
        .step("write a piece of the file")?;
    Ok(())
}

/// At most `most` bytes from `start` on, as far as they are here.
pub(crate) fn read(conn: &Connection, hash: &ChangeHash, start: u64, most: usize) -> Result<Vec<u8>, StoreError> {
    let until = start.saturating_add(u64::try_from(most).unwrap_or(u64::MAX));
    let mut bytes = Vec::new();
    let mut statement = conn
        .prepare_cached(
            "SELECT start, bytes FROM file_piece WHERE file = ?1 AND start < ?3 AND start + length(bytes) > ?2
             ORDER BY start",
        )
        .step("read the file")?;
    let mut rows =
        statement.query(params![hash.0.as_slice(), row::signed(start), row::signed(until)]).step("read the file")?;
    while let Some(piece) = rows.next().step("read the file")? {
        let at = row::unsigned(piece.get(0).step("read the file")?);
        let piece = piece.get_ref(1).and_then(|value| Ok(value.as_blob()?)).step("read the file")?;
        let from = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX);
        let room = most.saturating_sub(bytes.len());
        bytes.extend(piece.iter().skip(from).take(room));
    }
    Ok(bytes)
}

/// Over what is here, a piece at a time: a map pack does not have to fit into memory.
pub(crate) fn hash_here(conn: &Connection, hash: &ChangeHash) -> Result<ChangeHash, StoreError> {
    let mut hasher = Sha256::new();
    let mut statement =
        conn.prepare_cached("SELECT bytes FROM file_piece WHERE file = ?1 ORDER BY start").step("read the file")?;
    let mut rows = statement.query([hash.0.as_slice()]).step("read the file")?;
    while let Some(piece) = rows.next().step("read the file")? {
        hasher.update(piece.get_ref(0).and_then(|value| Ok(value.as_blob()?)).step("read the file")?);
    }
    Ok(ChangeHash(hasher.finalize().into()))
}

pub(crate) fn erase(tx: &Transaction<'_>, hash: &ChangeHash) -> Result<(), StoreError> {
    tx.execute("DELETE FROM file WHERE hash = ?1", [hash.0.as_slice()]).step("erase the file")?;
    Ok(())
}
