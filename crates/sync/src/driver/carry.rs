//! Carrying one request to the center and its answer back: the disk on threads that may wait, the rest awaited.

use super::{Line, Shared, SyncError};
use crate::exchange::piece::{self, Next, Sent};
use crate::exchange::{self, Ask, Asked, Prepared};
use siaga_store::Lease;
use siaga_wire::{MAX_MESSAGE_BYTES, MEDIA_TYPE};
use std::sync::Arc;
use std::time::Duration;

const PATH: &str = "/field/v1/exchange";
const PIECE_MEDIA: &str = "application/octet-stream";
const PIECE_WITHIN: Duration = Duration::from_secs(45);
const MOST_PIECE_ANSWER_BYTES: usize = 1024;

pub(super) async fn exchange(shared: Arc<Shared>, lease: Lease, ask: Ask) -> Result<Asked, SyncError> {
    let (line, prepared) = {
        let lease = lease.clone();
        shared
            .with_store(move |shared, store| {
                let line = shared.line(store)?;
                let prepared = exchange::prepare(store, shared.oneself(&line), &lease, ask, shared.moment())?;
                Ok::<(Line, Prepared), SyncError>((line, prepared))
            })
            .await?
    };
    let sent = shared.moment();
    let arrived = line.http.post(PATH, MEDIA_TYPE, prepared.body.clone(), prepared.within, MAX_MESSAGE_BYTES).await;
    let now = shared.moment();
    let asked = shared
        .with_store(move |shared, store| {
            exchange::take_in(store, shared.oneself(&line), &lease, &prepared, arrived, sent, now)
        })
        .await?;
    if asked.outcome.is_err() {
        shared.drop_line();
    }
    Ok(asked)
}

pub(super) async fn piece(shared: Arc<Shared>, lease: Lease, up_bytes: u32) -> Result<Sent, SyncError> {
    let (line, next) =
        shared.with_store(move |shared, store| Ok((shared.line(store)?, piece::prepare(store, up_bytes)?))).await?;
    let piece = match next {
        Next::Carry(piece) => piece,
        Next::Done(sent) => return Ok(sent),
    };
    let sent = shared.moment();
    let arrived = line
        .http
        .put(&piece.path, PIECE_MEDIA, &piece.authorization, piece.bytes.clone(), PIECE_WITHIN, MOST_PIECE_ANSWER_BYTES)
        .await;
    let now = shared.moment();
    let came = shared.with_store(move |_, store| piece::take_in(store, &lease, &piece, arrived, sent, now)).await?;
    if matches!(&came, Sent::Asked(asked) if asked.outcome.is_err()) {
        shared.drop_line();
    }
    Ok(came)
}
