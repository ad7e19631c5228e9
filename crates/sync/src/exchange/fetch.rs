//! One piece of a file that the center has and this phone may fetch.
//!
//! What arrives is kept step by step while the rest is under way, so a cut, or the end of this program, costs little
//! more than what was on the road. Whole is only what has its name for a hash.

use super::piece::{Sent, challenged};
use super::{Asked, SyncError, SyncReport, carried, reach_of, trouble};
use crate::clock::Moment;
use crate::http::HttpError;
use crate::session::{Answer, Carried, Downloads};
use siaga_domain::id::ChangeHash;
use siaga_domain::time::UtcMs;
use siaga_store::{Fetching, Lease, Store};
use siaga_wire::MAX_PIECE_BYTES;
use siaga_wire::blob::authorization;

/// Smaller pieces would be mostly frame.
const LEAST_PIECE_BYTES: usize = 4 * 1024;

/// What is taken of what was offered: what nobody asked for only over a link that bears it, where it may come.
fn fetching(store: &Store, downloads: Downloads) -> Result<Fetching, SyncError> {
    Ok(match downloads {
        Downloads::All if store.fetches_unasked()? => Fetching::All,
        Downloads::All | Downloads::Needed => Fetching::Needed,
    })
}

/// What is to be done for the most urgent file.
#[derive(Clone, Debug)]
pub enum Next {
    Carry(Fetch),
    /// Nothing is to be fetched, or not now.
    Done(Sent),
}

/// A piece to be fetched.
#[derive(Clone, Debug)]
pub struct Fetch {
    pub path: String,
    pub authorization: String,
    hash: ChangeHash,
    /// Where the next byte goes.
    at: u64,
    arrived: u64,
    whole: bool,
    size: u64,
}

/// # Errors
/// [`SyncError`]; nothing was lost.
pub fn prepare(store: &Store, downloads: Downloads, down_bytes: u32) -> Result<Next, SyncError> {
    let Some(file) = store.next_download(fetching(store, downloads)?)? else {
        return Ok(Next::Done(Sent::Confirmed(SyncReport::default(), Carried::default())));
    };
    let Some(token) = store.peer()?.and_then(|peer| peer.token) else {
        return Ok(Next::Done(challenged(SyncReport::default())));
    };
    let most = usize::try_from(down_bytes).unwrap_or(MAX_PIECE_BYTES).clamp(LEAST_PIECE_BYTES, MAX_PIECE_BYTES);
    Ok(Next::Carry(Fetch {
        path: format!("/field/v1/blob/{}?offset={}&most={most}", file.hash, file.held_bytes),
        authorization: authorization(&token),
        hash: file.hash,
        at: file.held_bytes,
        arrived: 0,
        whole: false,
        size: file.size_bytes,
    }))
}

impl Fetch {
    /// Keeps what arrived next. When this returns it survives a power cut.
    ///
    /// # Errors
    /// [`SyncError`]; then it comes again.
    pub fn keep(&mut self, store: &Store, lease: &Lease, bytes: &[u8], now: Moment) -> Result<(), SyncError> {
        let kept = store.keep_downloaded(lease, &self.hash, self.at, bytes, UtcMs(now.device_ms))?;
        self.arrived = self.arrived.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.at = kept.held_bytes;
        self.whole = kept.whole;
        Ok(())
    }
}

/// What the piece came to, once nothing more of it comes.
///
/// # Errors
/// [`SyncError`]; what was kept stays.
pub fn take_in(
    store: &Store,
    lease: &Lease,
    fetch: &Fetch,
    end: Result<(), HttpError>,
    sent: Moment,
    now: Moment,
) -> Result<Sent, SyncError> {
    let report =
        SyncReport { bytes_down: fetch.arrived, received_files: u32::from(fetch.whole), ..SyncReport::default() };
    let took_ms = now.monotonic_ms.saturating_sub(sent.monotonic_ms);
    match end {
        Ok(()) => {
            if fetch.arrived == 0 && fetch.at < fetch.size {
                store.set_download_aside(lease, &fetch.hash, "empty")?;
            }
            Ok(Sent::Confirmed(report, carried(&report, took_ms)))
        }
        Err(HttpError::NotTaken(status)) => {
            // Out of scope by now, or withdrawn: others go on.
            store.set_download_aside(lease, &fetch.hash, &status.to_string())?;
            Ok(Sent::Confirmed(report, Carried::default()))
        }
        Err(HttpError::Unauthorized) => {
            store.forget_token(lease)?;
            Ok(challenged(report))
        }
        Err(HttpError::Busy(retry_after_s)) => {
            Ok(Sent::Asked(Asked::plain(Ok(Answer::Busy { retry_after_s }), report)))
        }
        Err(error) => {
            let trouble = trouble(&error);
            store.set_reach(reach_of(trouble))?;
            Ok(Sent::Asked(Asked::plain(Err(trouble), report)))
        }
    }
}
