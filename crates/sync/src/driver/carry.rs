//! Carrying one request to the center and its answer back: the disk on threads that may wait, the rest awaited.

use super::{Line, Shared, SyncError};
use crate::exchange::piece::{self, Next, Sent};
use crate::exchange::{self, Ask, Asked, Prepared, fetch};
use crate::http::HttpError;
use crate::session::Downloads;
use siaga_store::Lease;
use siaga_wire::MAX_MESSAGE_BYTES;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const PATH: &str = "/field/v1/exchange";
const PIECE_MEDIA: &str = "application/octet-stream";
const PIECE_WITHIN: Duration = Duration::from_secs(45);
/// Of a file that is fetched so much is on the disk before more of it is waited for: what a kill costs, at most.
const STEP_BYTES: usize = 4 * 1024;
const MOST_PIECE_ANSWER_BYTES: usize = 1024;

/// A press that was not answered for so long on a connection that stood is tried on a new one as well. Twice what a
/// press takes on EDGE: the network may have forgotten the connection, or a photograph may stand before it.
const RESTLESS_AFTER: Duration = Duration::from_secs(4);

/// What came of an exchange. `old_is_dead`: a new connection answered where the old ones were silent.
pub(super) struct Carried {
    pub asked: Asked,
    pub old_is_dead: bool,
}

pub(super) async fn exchange(shared: Arc<Shared>, lease: Lease, ask: Ask) -> Result<Carried, SyncError> {
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
    let (arrived, old_is_dead) = if prepared.is_urgent() && line.http.is_warm() {
        post_restlessly(&shared, &line, &prepared).await?
    } else {
        (post(&line, &prepared).await, false)
    };
    let now = shared.moment();
    let asked = shared
        .with_store(move |shared, store| {
            exchange::take_in(store, shared.oneself(&line), &lease, &prepared, arrived, sent, now)
        })
        .await?;
    if asked.outcome.is_err() {
        shared.drop_line();
    }
    Ok(Carried { asked, old_is_dead })
}

async fn post(line: &Line, prepared: &Prepared) -> Result<Vec<u8>, HttpError> {
    line.http.post(PATH, prepared.media, prepared.body.clone(), prepared.within, MAX_MESSAGE_BYTES).await
}

/// On a new connection beside the old one once that was silent for a while; the same bytes, so that whichever is
/// answered first is the answer, and the other a repetition. Whether the new one was the quicker.
async fn post_restlessly(
    shared: &Arc<Shared>,
    line: &Line,
    prepared: &Prepared,
) -> Result<(Result<Vec<u8>, HttpError>, bool), SyncError> {
    let mut first = pin!(post(line, prepared));
    tokio::select! {
        arrived = &mut first => return Ok((arrived, false)),
        () = sleep(RESTLESS_AFTER) => {}
    }
    let fresh = Line::to(Arc::clone(&line.enrolment), &shared.sessions)?;
    let mut second = pin!(post(&fresh, prepared));
    let (arrived, is_second) = tokio::select! {
        arrived = &mut first => if arrived.is_ok() { (arrived, false) } else { (second.await, true) },
        arrived = &mut second => if arrived.is_ok() { (arrived, true) } else { (first.await, false) },
    };
    let old_is_dead = is_second && arrived.is_ok();
    if old_is_dead {
        shared.change_line(fresh.clone());
    }
    Ok((arrived, old_is_dead))
}

pub(super) async fn piece(shared: Arc<Shared>, lease: Lease, up_bytes: u32) -> Result<Sent, SyncError> {
    let (line, next) = {
        let lease = lease.clone();
        shared
            .with_store(move |shared, store| Ok((shared.line(store)?, piece::prepare(store, &lease, up_bytes)?)))
            .await?
    };
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

/// Fetches a piece and keeps it step by step.
pub(super) async fn fetch(
    shared: Arc<Shared>,
    lease: Lease,
    downloads: Downloads,
    down_bytes: u32,
) -> Result<Sent, SyncError> {
    let (line, next) = shared
        .with_store(move |shared, store| Ok((shared.line(store)?, fetch::prepare(store, downloads, down_bytes)?)))
        .await?;
    let mut fetch = match next {
        fetch::Next::Carry(fetch) => fetch,
        fetch::Next::Done(sent) => return Ok(sent),
    };
    let sent = shared.moment();
    let end = match line.http.get(&fetch.path, &fetch.authorization, PIECE_WITHIN).await {
        Err(error) => Err(error),
        Ok(mut incoming) => loop {
            let (bytes, end) = incoming.next(STEP_BYTES).await;
            if !bytes.is_empty() {
                let (lease, now) = (lease.clone(), shared.moment());
                fetch = shared
                    .with_store(move |_, store| {
                        fetch.keep(store, &lease, &bytes, now)?;
                        Ok(fetch)
                    })
                    .await?;
            }
            if let Some(end) = end {
                break end;
            }
        },
    };
    let now = shared.moment();
    let came = shared.with_store(move |_, store| fetch::take_in(store, &lease, &fetch, end, sent, now)).await?;
    if matches!(&came, Sent::Asked(asked) if asked.outcome.is_err()) {
        shared.drop_line();
    }
    Ok(came)
}
