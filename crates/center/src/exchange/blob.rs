//! Attachments in pieces: written at their offset, safe to repeat, believed whole only when the hash is the name.
//!
//! What arrives is on the disk in small steps while the rest of the piece is under way: a connection that dies in the
//! middle, or this process, costs little more than what was on the road. A piece that would leave a hole is not
//! written; the answer always says how much is held, and the sender goes on from there.
//!
//! A file is taken only when an admitted entry names it, while its incident has room, and while the disk has more
//! than a reserve: photographs are refused long before words are. Nothing here decodes a picture.

use super::answer::ExchangeError;
use super::limit::Known;
use super::receiving::Turn;
use super::{Field, Refused, blocking, encoded, line_of, unavailable};
use crate::Center;
use crate::center::ATTACHMENTS;
use crate::db::attachment::{self, Attachment, Picture};
use crate::db::device::Device;
use crate::db::{DbError, audit, file, setting};
use crate::hub::Changed;
use crate::keys::sync_folder_of;
use crate::listen::line::Line;
use axum::body::Body;
use axum::extract::{Path as UrlPath, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use siaga_domain::entry::{PHOTOGRAPH_BYTES, PHOTOGRAPHS_OF_AN_INCIDENT, THUMBNAIL_BYTES};
use siaga_wire::MAX_PIECE_BYTES;
use siaga_wire::blob::{BlobState, token_of};
use std::convert::Infallible;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// What arrived is on the disk after each of these: so much a kill of this process costs, at most. On a quick link
/// more is here at once, and goes to the disk at once.
const STEP_BYTES: usize = 4 * 1024;
const MOST_STEP_BYTES: usize = 64 * 1024;

/// A piece leaves in frames of so much: a phone can use a frame only once all of it is there, so a cut costs one at
/// most.
const FRAME_BYTES: usize = 4 * 1024;

/// A sender that says nothing for this long is gone; what it sent is kept.
const SILENCE: Duration = Duration::from_secs(20);

/// Attachments are refused while the disk has less than this; the setting `attachment_reserve_bytes` says otherwise.
const RESERVE_BYTES: u64 = 512 * 1024 * 1024;
pub(crate) const RESERVE_SETTING: &str = "attachment_reserve_bytes";

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

/// Why a file is not taken now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotTaken {
    /// No admitted entry names it, or it was sent under another size before.
    Conflict,
    TooLarge,
    /// Its incident has as many photographs as one may have.
    Quota,
    DiskFull,
}

impl From<NotTaken> for Refused {
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::Conflict => Self::Conflict,
            NotTaken::TooLarge => Self::TooLarge,
            NotTaken::Quota => Self::Quota,
            NotTaken::DiskFull => Self::DiskFull,
        }
    }
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
    /// Bytes wanted, at most; a piece when it is left out.
    most: Option<usize>,
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
    if query.size == 0 || query.size > PHOTOGRAPH_BYTES as u64 {
        return Err(Refused::TooLarge);
    }
    let device = bearer(&field, request.headers(), line_of(&request)).await?;
    let turn = field.receiving.turn(device.id, hash).await;
    let center = Arc::clone(&field.center);
    let body = request.into_body();
    // When the connection dies this request is dropped with it; what arrived is kept by a task of its own.
    let receiving = tokio::spawn(async move { receive(center, hash, device, query, body, turn).await });
    receiving.await.map_err(|error| unavailable(&error))?
}

/// Writes what comes, step by step, and says at its end how much is held.
async fn receive(
    center: Arc<Center>,
    hash: [u8; 32],
    device: Device,
    query: PutQuery,
    body: Body,
    mut turn: Turn,
) -> Result<Response, Refused> {
    let device = Arc::new(device);
    let mut frames = body.into_data_stream();
    let (mut at, mut waiting, mut room) = (query.offset, Vec::new(), MAX_PIECE_BYTES);
    let (mut state, mut ended) = (None, false);
    while !ended {
        // Silence, an error, the end and a newer request all mean: nothing more of this piece comes.
        let mut next = tokio::select! {
            next = timeout(SILENCE, frames.next()) => next.ok().flatten(),
            () = turn.is_over() => None,
        };
        loop {
            let Some(Ok(frame)) = next else {
                ended = true;
                break;
            };
            room = room.checked_sub(frame.len()).ok_or(Refused::TooLarge)?;
            waiting.extend_from_slice(&frame);
            if waiting.len() >= MOST_STEP_BYTES {
                break;
            }
            // What else is here already goes to the disk with it.
            let Some(more) = frames.next().now_or_never() else { break };
            next = more;
        }
        if ended || waiting.len() >= STEP_BYTES {
            let step = std::mem::take(&mut waiting);
            let length = step.len() as u64;
            if at.saturating_add(length) > query.size {
                return Err(Refused::Malformed);
            }
            if length > 0 || state.is_none() {
                let (center, device) = (Arc::clone(&center), Arc::clone(&device));
                let kept = blocking(move || center.keep_piece(&hash, &device, at, query.size, &step)).await?;
                state = Some(kept.map_err(|error| unavailable(&error))?.map_err(Refused::from)?);
            }
            at = at.saturating_add(length);
        }
    }
    state.map_or(Err(Refused::Malformed), |state| encoded(&state))
}

/// `GET /field/v1/blob/{sha256}?offset=N&most=M`: at most one piece from there on.
pub(super) async fn get(
    State(field): State<Field>,
    UrlPath(name): UrlPath<String>,
    Query(query): Query<GetQuery>,
    request: Request,
) -> Result<Response, Refused> {
    let hash = hash_of(&name)?;
    let device = bearer(&field, request.headers(), line_of(&request)).await?;
    let center = Arc::clone(&field.center);
    let most = query.most.unwrap_or(MAX_PIECE_BYTES).clamp(1, MAX_PIECE_BYTES);
    let piece = blocking(move || center.piece_for(&hash, &device, query.offset, most)).await?;
    match piece {
        Ok(Some(bytes)) => Ok(in_frames(&bytes)),
        Ok(None) => Err(Refused::NotFound),
        Err(error) => Err(unavailable(&error)),
    }
}

fn in_frames(bytes: &[u8]) -> Response {
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes.len())),
    ];
    let frames: Vec<Result<Vec<u8>, Infallible>> = bytes.chunks(FRAME_BYTES).map(|frame| Ok(frame.to_vec())).collect();
    (head, Body::from_stream(stream::iter(frames))).into_response()
}

fn hash_of(name: &str) -> Result<[u8; 32], Refused> {
    hex::decode(name).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Refused::NotFound)
}

async fn bearer(field: &Field, headers: &HeaderMap, line: Option<Arc<Line>>) -> Result<Device, Refused> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(token_of);
    let token = token.ok_or(Refused::Forbidden)?;
    let center = Arc::clone(&field.center);
    let device = blocking(move || {
        let Some(device) = center.by_bearer(&token)? else { return Ok(None) };
        center.count_request(&device.id, Known::Proven, line.as_ref())?;
        Ok::<_, ExchangeError>(Some(device))
    })
    .await??;
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

    pub(crate) fn attachment_path(&self, hash: &[u8; 32]) -> PathBuf {
        self.dir().join(ATTACHMENTS).join(hex::encode(hash))
    }

    /// Keeps a piece and says how much is held, or why it is not taken.
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
    ) -> Result<Result<BlobState, NotTaken>, BlobError> {
        let _one_at_a_time = self.attachments_lock();
        let known = self.db().read(|tx| attachment::get(tx, hash))?;
        if let Some(known) = known.filter(|known| known.whole) {
            return Ok(Ok(BlobState { held_bytes: known.size_bytes, whole: true }));
        }
        if let Some(why) = self.not_taken(hash, known.as_ref(), size)? {
            return Ok(Err(why));
        }
        let mut state =
            known.unwrap_or(Attachment { size_bytes: size, held_bytes: 0, whole: false, device: device.id });
        let end = offset.saturating_add(piece.len() as u64);
        let mut offered = Vec::new();
        if offset <= state.held_bytes && end > state.held_bytes {
            let path = self.attachment_path(hash);
            let part = path.with_extension("part");
            if let Err(cause) = write_at(&part, offset, piece) {
                let full = cause.kind() == std::io::ErrorKind::StorageFull;
                return if full { Ok(Err(NotTaken::DiskFull)) } else { Err(BlobError::Write(cause)) };
            }
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
            offered = self.db().write(|tx| {
                attachment::put(tx, hash, &state, now)?;
                if state.whole { file::offered_to(tx, hash) } else { Ok(Vec::new()) }
            })?;
        }
        if state.whole {
            self.hub().tell(Changed::File { sha256: *hash });
        }
        for device in offered {
            self.hub().wake(&device);
        }
        Ok(Ok(BlobState { held_bytes: state.held_bytes, whole: state.whole }))
    }

    /// Why this file, of which not everything is here, is not taken any further now.
    fn not_taken(&self, hash: &[u8; 32], known: Option<&Attachment>, size: u64) -> Result<Option<NotTaken>, BlobError> {
        if known.is_some_and(|known| known.size_bytes != size) {
            // Two sizes for one hash: one of the senders is wrong about what it sends.
            return Ok(Some(NotTaken::Conflict));
        }
        let (named, others, reserve) = self.db().read(|tx| {
            let others = if known.is_none() { attachment::others_of_its_incident(tx, hash)? } else { 0 };
            Ok::<_, DbError>((attachment::named_as(tx, hash)?, others, setting::get(tx, RESERVE_SETTING)?))
        })?;
        let limit = match named {
            None => return Ok(Some(NotTaken::Conflict)),
            Some(Picture::Thumbnail) => THUMBNAIL_BYTES,
            Some(Picture::Photograph) => PHOTOGRAPH_BYTES,
        };
        if size > limit as u64 {
            return Ok(Some(NotTaken::TooLarge));
        }
        if named == Some(Picture::Photograph) && others >= PHOTOGRAPHS_OF_AN_INCIDENT {
            return Ok(Some(NotTaken::Quota));
        }
        let reserve = reserve.and_then(|bytes| bytes.parse().ok()).unwrap_or(RESERVE_BYTES);
        let free = free_bytes(self.dir()).map_err(BlobError::Read)?;
        Ok((free < reserve).then_some(NotTaken::DiskFull))
    }

    /// A piece of an attachment for a device that sees a record naming it, or that sent it. What is not for a device
    /// is not there for it, and that it asked is written down.
    ///
    /// # Errors
    /// [`BlobError`] when the file or the database fails.
    fn piece_for(
        &self,
        hash: &[u8; 32],
        device: &Device,
        offset: u64,
        most: usize,
    ) -> Result<Option<Vec<u8>>, BlobError> {
        let (known, visible) = self
            .db()
            .read(|tx| Ok::<_, DbError>((attachment::get(tx, hash)?, attachment::is_visible(tx, hash, &device.id)?)))?;
        let allowed = known.filter(|known| known.whole && (visible || known.device == device.id));
        if allowed.is_none() || offset == 0 {
            let act = if allowed.is_some() { "attachment.read" } else { "attachment.denied" };
            let now = self.now().0;
            let (by, subject) = (device.id.to_string(), hex::encode(hash));
            self.db()
                .write(|tx| audit::append(tx, now, &audit::Act { by: &by, act, subject: &subject, detail: "" }))?;
        }
        let Some(known) = allowed else { return Ok(None) };
        let mut file = File::open(self.attachment_path(hash)).map_err(BlobError::Read)?;
        file.seek(SeekFrom::Start(offset.min(known.size_bytes))).map_err(BlobError::Read)?;
        let mut piece = Vec::new();
        file.take(most as u64).read_to_end(&mut piece).map_err(BlobError::Read)?;
        if offset.saturating_add(piece.len() as u64) == known.size_bytes {
            let now = self.now().0;
            self.db().write(|tx| file::pack_went(tx, hash, &device.id, now))?;
        }
        Ok(Some(piece))
    }
}

/// What a process that is not the system's may still write in the folder's file system.
fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

fn write_at(path: &Path, offset: u64, piece: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(piece)?;
    // A longer try of before must not stay behind the end of this one.
    file.set_len(offset.saturating_add(piece.len() as u64))?;
    file.sync_all()
}

pub(crate) fn digest_of(path: &Path) -> std::io::Result<[u8; 32]> {
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
