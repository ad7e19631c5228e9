//! One piece of an attachment. Pieces may be repeated; the center says from where to go on.

use super::exchange::{Asked, reach_of, trouble};
use super::{Line, Shared, SyncError, SyncReport};
use crate::http::HttpError;
use crate::session::{Answer, Trouble};
use siaga_domain::id::ChangeHash;
use siaga_store::{Lease, StoreError};
use siaga_wire::blob::{BlobState, authorization};
use siaga_wire::{MAX_PIECE_BYTES, codec};
use std::sync::Arc;
use std::time::Duration;

const MEDIA: &str = "application/octet-stream";
const WITHIN: Duration = Duration::from_secs(45);
const MOST_ANSWER_BYTES: usize = 1024;
/// Smaller pieces would be mostly frame.
const LEAST_PIECE_BYTES: usize = 4 * 1024;

/// What became of the piece.
pub(super) enum Sent {
    Confirmed(SyncReport),
    /// Nothing could be sent: the caller says so to the session.
    Asked(Asked),
}

struct Prepared {
    line: Line,
    hash: ChangeHash,
    path: String,
    authorization: String,
    piece: Vec<u8>,
    size: u64,
}

pub(super) async fn send(shared: Arc<Shared>, lease: Lease, up_bytes: u32) -> Result<Sent, SyncError> {
    let Some(prepared) = shared.with_store(move |shared, store| prepare(shared, store, up_bytes)).await? else {
        return Ok(Sent::Confirmed(SyncReport::default()));
    };
    let Some(prepared) = prepared else { return Ok(challenged(SyncReport::default())) };
    let mut report = SyncReport { bytes_up: u64::try_from(prepared.piece.len()).unwrap_or(0), ..SyncReport::default() };
    let answered = prepared
        .line
        .http
        .put(&prepared.path, MEDIA, &prepared.authorization, prepared.piece.clone(), WITHIN, MOST_ANSWER_BYTES)
        .await;
    let state = match answered {
        Ok(body) => {
            report.bytes_down = u64::try_from(body.len()).unwrap_or(0);
            codec::decode::<BlobState>(&body).map_err(|_| Trouble::NotOurCenter)
        }
        Err(HttpError::Unauthorized) => return forget_token(&shared, lease, report).await,
        Err(HttpError::Busy(retry_after_s)) => {
            let outcome = Ok(Answer::Busy { retry_after_s });
            return Ok(Sent::Asked(Asked { outcome, report, nonce: None, epoch: None }));
        }
        Err(error) => Err(trouble(&error)),
    };
    match state {
        // All of it is there and it is not the file: a second try begins at nothing.
        Ok(state) if !state.whole && state.held_bytes >= prepared.size => {
            keep(&shared, lease, prepared.hash, 0, false).await?;
            fail(&shared, Trouble::Unreachable, report).await
        }
        Ok(state) => {
            keep(&shared, lease, prepared.hash, state.held_bytes, state.whole).await?;
            report.sent_attachments = u32::from(state.whole);
            Ok(Sent::Confirmed(report))
        }
        Err(trouble) => fail(&shared, trouble, report).await,
    }
}

/// `None` when no file waits; `Some(None)` when there is no token to send it under.
fn prepare(shared: &Shared, store: &siaga_store::Store, up_bytes: u32) -> Result<Option<Option<Prepared>>, SyncError> {
    let line = shared.line(store)?;
    let Some(file) = store.attachments_waiting()?.into_iter().next() else { return Ok(None) };
    let bytes = match store.attachment_bytes(&file.hash) {
        Ok(bytes) => bytes,
        // It was set aside; the next one comes at the next call.
        Err(StoreError::Damaged { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(token) = store.peer()?.and_then(|peer| peer.token) else { return Ok(Some(None)) };
    let offset = usize::try_from(file.held_bytes).unwrap_or(usize::MAX).min(bytes.len());
    let most = usize::try_from(up_bytes).unwrap_or(MAX_PIECE_BYTES).clamp(LEAST_PIECE_BYTES, MAX_PIECE_BYTES);
    let piece: Vec<u8> = bytes.iter().skip(offset).take(most).copied().collect();
    Ok(Some(Some(Prepared {
        line,
        hash: file.hash,
        path: format!("/field/v1/blob/{}?offset={offset}&size={}", file.hash, bytes.len()),
        authorization: authorization(&token),
        piece,
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
    })))
}

/// An exchange without a credential is answered with a challenge, and its proof with a new token.
const fn challenged(report: SyncReport) -> Sent {
    Sent::Asked(Asked { outcome: Ok(Answer::Challenged), report, nonce: None, epoch: None })
}

async fn forget_token(shared: &Arc<Shared>, lease: Lease, report: SyncReport) -> Result<Sent, SyncError> {
    shared.with_store(move |_, store| Ok(store.forget_token(&lease)?)).await?;
    Ok(challenged(report))
}

async fn keep(shared: &Arc<Shared>, lease: Lease, hash: ChangeHash, held: u64, whole: bool) -> Result<(), SyncError> {
    shared.with_store(move |_, store| Ok(store.attachment_held(&lease, &hash, held, whole)?)).await
}

async fn fail(shared: &Arc<Shared>, trouble: Trouble, report: SyncReport) -> Result<Sent, SyncError> {
    shared.drop_line();
    shared.with_store(move |_, store| Ok(store.set_reach(reach_of(trouble))?)).await?;
    Ok(Sent::Asked(Asked { outcome: Err(trouble), report, nonce: None, epoch: None }))
}
