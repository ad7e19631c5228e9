//! One piece of an attachment. Pieces may be repeated; the center says from where to go on.

use super::{Asked, SyncError, SyncReport, carried, reach_of, trouble};
use crate::clock::Moment;
use crate::http::HttpError;
use crate::session::{Answer, Carried, Trouble};
use siaga_domain::id::ChangeHash;
use siaga_domain::time::UtcMs;
use siaga_store::{Lease, Store, StoreError};
use siaga_wire::blob::{BlobState, authorization};
use siaga_wire::{MAX_PIECE_BYTES, codec};

/// Smaller pieces would be mostly frame.
const LEAST_PIECE_BYTES: usize = 4 * 1024;

/// What became of the piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sent {
    Confirmed(SyncReport, Carried),
    /// Nothing could be sent: the caller says so to the session.
    Asked(Asked),
}

/// What is to be done for the most urgent file.
#[derive(Clone, Debug)]
pub enum Next {
    Carry(Piece),
    /// Nothing is to be carried.
    Done(Sent),
}

/// A piece to be carried.
#[derive(Clone, Debug)]
pub struct Piece {
    pub path: String,
    pub authorization: String,
    pub bytes: Vec<u8>,
    hash: ChangeHash,
    size: u64,
}

/// The next piece, or a question: after a piece whose answer was not heard the center is asked how much it holds, so
/// that nothing which arrived goes again.
///
/// # Errors
/// [`SyncError`]; nothing was lost.
pub fn prepare(store: &Store, lease: &Lease, up_bytes: u32) -> Result<Next, SyncError> {
    let nothing = Next::Done(Sent::Confirmed(SyncReport::default(), Carried::default()));
    let Some(file) = store.attachments_waiting()?.into_iter().next() else { return Ok(nothing) };
    let bytes = match store.attachment_bytes(&file.hash) {
        Ok(bytes) => bytes,
        // It was set aside; the next one comes at the next call.
        Err(StoreError::Damaged { .. }) => return Ok(nothing),
        Err(error) => return Err(error.into()),
    };
    let Some(token) = store.peer()?.and_then(|peer| peer.token) else {
        return Ok(Next::Done(challenged(SyncReport::default())));
    };
    let offset = usize::try_from(file.held_bytes).unwrap_or(usize::MAX).min(bytes.len());
    let most = usize::try_from(up_bytes).unwrap_or(MAX_PIECE_BYTES).clamp(LEAST_PIECE_BYTES, MAX_PIECE_BYTES);
    let piece = if file.begun {
        Vec::new()
    } else {
        store.attachment_begun(lease, &file.hash)?;
        bytes.iter().skip(offset).take(most).copied().collect()
    };
    Ok(Next::Carry(Piece {
        hash: file.hash,
        path: format!("/field/v1/blob/{}?offset={offset}&size={}", file.hash, bytes.len()),
        authorization: authorization(&token),
        bytes: piece,
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
    }))
}

/// # Errors
/// [`SyncError`]; then the piece goes again.
pub fn take_in(
    store: &Store,
    lease: &Lease,
    piece: &Piece,
    arrived: Result<Vec<u8>, HttpError>,
    sent: Moment,
    now: Moment,
) -> Result<Sent, SyncError> {
    let mut report = SyncReport { bytes_up: u64::try_from(piece.bytes.len()).unwrap_or(0), ..SyncReport::default() };
    let fail = |trouble, report| {
        store.set_reach(reach_of(trouble))?;
        Ok(Sent::Asked(Asked::plain(Err(trouble), report)))
    };
    let state = match arrived {
        Ok(body) => {
            report.bytes_down = u64::try_from(body.len()).unwrap_or(0);
            codec::decode::<BlobState>(&body).map_err(|_| Trouble::NotOurCenter)
        }
        Err(HttpError::Unauthorized) => {
            store.forget_token(lease)?;
            return Ok(challenged(report));
        }
        Err(HttpError::Busy(retry_after_s)) => {
            return Ok(Sent::Asked(Asked::plain(Ok(Answer::Busy { retry_after_s }), report)));
        }
        // It is not taken now, whatever the link is like: others go on, and it is tried again later.
        Err(HttpError::NotTaken(status)) => return aside(store, lease, piece, &status.to_string(), report),
        Err(HttpError::TooLarge) => return aside(store, lease, piece, "413", report),
        Err(error) => Err(trouble(&error)),
    };
    match state {
        // All of it is there and it is not the file: a second try begins at nothing.
        Ok(state) if !state.whole && state.held_bytes >= piece.size => {
            store.attachment_held(lease, &piece.hash, 0, false, UtcMs(now.device_ms))?;
            fail(Trouble::Unreachable, report)
        }
        Ok(state) => {
            store.attachment_held(lease, &piece.hash, state.held_bytes, state.whole, UtcMs(now.device_ms))?;
            report.sent_attachments = u32::from(state.whole);
            let took_ms = now.monotonic_ms.saturating_sub(sent.monotonic_ms);
            Ok(Sent::Confirmed(report, carried(&report, took_ms)))
        }
        Err(trouble) => fail(trouble, report),
    }
}

fn aside(store: &Store, lease: &Lease, piece: &Piece, why: &str, report: SyncReport) -> Result<Sent, SyncError> {
    store.set_attachment_aside(lease, &piece.hash, why)?;
    Ok(Sent::Confirmed(report, Carried::default()))
}

/// An exchange without a credential is answered with a challenge, and its proof with a new token.
pub(super) fn challenged(report: SyncReport) -> Sent {
    Sent::Asked(Asked::plain(Ok(Answer::Challenged), report))
}
