//! Attachments in pieces: written at their offset, safe to repeat, believed whole only when the hash is the name.
//!
//! A piece that would leave a hole is not written; the answer always says how much is held, and the sender goes on
//! from there.

use super::{Field, Refused, blocking, encoded, read_body, unavailable};
use crate::Center;
use crate::center::ATTACHMENTS;
use crate::db::attachment::{self, Attachment};
use crate::db::device::Device;
use crate::db::{DbError, audit};
use crate::keys::sync_folder_of;
use axum::extract::{Path as UrlPath, Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use siaga_wire::MAX_PIECE_BYTES;
use siaga_wire::blob::{BlobState, token_of};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// An attachment, at most.
const MAX_ATTACHMENT_BYTES: u64 = 8 * 1024 * 1024;

/// A piece could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("could not read or write what is known of the attachment")]
    Database(#[from] DbError),
    #[error("could not write the attachment")]
    Write(#[source] std::io::Error),
    #[error("could not read the attachment")]
    Read(#[source] std::io::Error),
}

#[derive(Deserialize)]
pub(super) struct PutQuery {
    offset: u64,
    size: u64,
}

#[derive(Deserialize)]
pub(super) struct GetQuery {
    #[serde(default)]
    offset: u64,
}

/// `PUT /field/v1/blob/{sha256}?offset=N&size=TOTAL`.
pub(super) async fn put(
    State(field): State<Field>,
    UrlPath(name): UrlPath<String>,
    Query(query): Query<PutQuery>,
    request: Request,
) -> Result<Response, Refused> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Refused::MediaType);
    }
    let hash = hash_of(&name)?;
    if query.size == 0 || query.size > MAX_ATTACHMENT_BYTES {
        return Err(Refused::TooLarge);
    }
    let device = bearer(&field, request.headers()).await?;
    let piece = read_body(request.into_body(), MAX_PIECE_BYTES).await?;
    if query.offset.saturating_add(piece.len() as u64) > query.size {
        return Err(Refused::Malformed);
    }
    let center = Arc::clone(&field.center);
    let state = blocking(move || center.keep_piece(&hash, &device, query.offset, query.size, &piece)).await?;
    match state {
        Ok(Some(state)) => encoded(&state),
        // Two sizes for one hash: one of the senders is wrong about what it sends.
        Ok(None) => Err(Refused::Conflict),
        Err(error) => Err(unavailable(&error)),
    }
}

/// `GET /field/v1/blob/{sha256}?offset=N`: at most one piece from there on.
pub(super) async fn get(
    State(field): State<Field>,
    UrlPath(name): UrlPath<String>,
    Query(query): Query<GetQuery>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let hash = hash_of(&name)?;
    let device = bearer(&field, &headers).await?;
    let center = Arc::clone(&field.center);
    let piece = blocking(move || center.piece_for(&hash, &device, query.offset)).await?;
    match piece {
        Ok(Some(bytes)) => Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()),
        Ok(None) => Err(Refused::NotFound),
        Err(error) => Err(unavailable(&error)),
    }
}

fn hash_of(name: &str) -> Result<[u8; 32], Refused> {
    hex::decode(name).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Refused::NotFound)
}

async fn bearer(field: &Field, headers: &HeaderMap) -> Result<Device, Refused> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(token_of);
    let token = token.ok_or(Refused::Forbidden)?;
    let center = Arc::clone(&field.center);
    let device = blocking(move || center.by_bearer(&token)).await?.map_err(|error| unavailable(&error))?;
    device.ok_or(Refused::Forbidden)
}

impl Center {
    /// The file of an attachment that is here whole.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn attachment(&self, hash: &[u8; 32]) -> Result<Option<PathBuf>, DbError> {
        let known = self.db().read(|tx| attachment::get(tx, hash))?;
        Ok(known.filter(|known| known.whole).map(|_| self.attachment_path(hash)))
    }

    fn attachment_path(&self, hash: &[u8; 32]) -> PathBuf {
        self.dir().join(ATTACHMENTS).join(hex::encode(hash))
    }

    /// Keeps a piece and says how much is held; `None` when the size is not the one said before.
    ///
    /// # Errors
    /// [`BlobError`]; what was held before still is.
    pub fn keep_piece(
        &self,
        hash: &[u8; 32],
        device: &Device,
        offset: u64,
        size: u64,
        piece: &[u8],
    ) -> Result<Option<BlobState>, BlobError> {
        let _one_at_a_time = self.attachments_lock();
        let known = self.db().read(|tx| attachment::get(tx, hash))?;
        let mut state =
            known.unwrap_or(Attachment { size_bytes: size, held_bytes: 0, whole: false, device: device.id });
        if state.whole {
            return Ok(Some(BlobState { held_bytes: state.size_bytes, whole: true }));
        }
        if state.size_bytes != size {
            return Ok(None);
        }
        let end = offset.saturating_add(piece.len() as u64);
        if offset <= state.held_bytes && end > state.held_bytes {
            let path = self.attachment_path(hash);
            let part = path.with_extension("part");
            write_at(&part, offset, piece).map_err(BlobError::Write)?;
            state.held_bytes = end;
            if end == size {
                if digest_of(&part).map_err(BlobError::Read)? == *hash {
                    fs::rename(&part, &path).and_then(|()| sync_folder_of(&path)).map_err(BlobError::Write)?;
                    state.whole = true;
                } else {
                    // Something of it was wrong and nobody can say what: begin again.
                    fs::remove_file(&part).map_err(BlobError::Write)?;
                    state.held_bytes = 0;
                }
            }
            let now = self.now().0;
            self.db().write(|tx| attachment::put(tx, hash, &state, now))?;
        }
        Ok(Some(BlobState { held_bytes: state.held_bytes, whole: state.whole }))
    }

    /// A piece of an attachment for a device that sees a record naming it, or that sent it.
    ///
    /// # Errors
    /// [`BlobError`] when the file or the database fails.
    fn piece_for(&self, hash: &[u8; 32], device: &Device, offset: u64) -> Result<Option<Vec<u8>>, BlobError> {
        let (known, visible) = self
            .db()
            .read(|tx| Ok::<_, DbError>((attachment::get(tx, hash)?, attachment::is_visible(tx, hash, &device.id)?)))?;
        let Some(known) = known.filter(|known| known.whole && (visible || known.device == device.id)) else {
            return Ok(None);
        };
        if offset == 0 {
            let now = self.now().0;
            let (by, subject) = (device.id.to_string(), hex::encode(hash));
            self.db().write(|tx| {
                audit::append(tx, now, &audit::Act { by: &by, act: "attachment.read", subject: &subject, detail: "" })
            })?;
        }
        let mut file = File::open(self.attachment_path(hash)).map_err(BlobError::Read)?;
        file.seek(SeekFrom::Start(offset.min(known.size_bytes))).map_err(BlobError::Read)?;
        let mut piece = Vec::new();
        file.take(MAX_PIECE_BYTES as u64).read_to_end(&mut piece).map_err(BlobError::Read)?;
        Ok(Some(piece))
    }
}

fn write_at(path: &std::path::Path, offset: u64, piece: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(piece)?;
    // A longer try of before must not stay behind the end of this one.
    file.set_len(offset.saturating_add(piece.len() as u64))?;
    file.sync_all()
}

fn digest_of(path: &std::path::Path) -> std::io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
}
