//! The driver: executes what the session decides. Bytes go out and come in here, and the store is told.
//!
//! It works on a connection of its own to the home, under the sync lease, so no use case waits for the network
//! and exactly one process of the home moves bytes. Nothing is remembered here that a restart would miss: what
//! was sealed, sent and receipted stands in the store.

mod carry;
mod network;
mod run;

pub use crate::exchange::{SyncError, SyncReport};
pub use network::Network;

use crate::clock::{Clock, Moment};
use crate::exchange::Oneself;
use crate::http::Http;
use crate::tls::Sessions;
use siaga_store::{Enrolment, Lease, Store};
use siaga_wire::key::Signer;
use std::sync::{Arc, Mutex, PoisonError};

/// Moves bytes between one home and its center.
pub struct Driver {
    shared: Arc<Shared>,
}

impl Driver {
    /// `store` is a connection of the driver's own: another guest's is locked while that guest writes.
    #[must_use]
    pub fn new(store: Store, signer: Arc<dyn Signer>, clock: Arc<dyn Clock>) -> Self {
        Self::on(&Network::default(), store, signer, clock)
    }

    /// As [`new`](Self::new), told of the network by the platform.
    #[must_use]
    pub fn on(network: &Network, store: Store, signer: Arc<dyn Signer>, clock: Arc<dyn Clock>) -> Self {
        let holder = store.draw();
        Self {
            shared: Arc::new(Shared {
                holder,
                store: Mutex::new(store),
                signer,
                clock,
                network: network.clone(),
                line: Mutex::new(None),
                sessions: Sessions::default(),
            }),
        }
    }

    /// Takes up the sessions that others of this process had with the center. Said before anything else is asked of
    /// the driver.
    #[must_use]
    pub fn with_sessions(mut self, sessions: &Sessions) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.sessions = sessions.clone();
        }
        self
    }
}

struct Shared {
    /// Names this driver on the lease.
    holder: [u8; 16],
    store: Mutex<Store>,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    network: Network,
    /// The connections under way, thrown away after a failure: a pool would hand out the dead one again.
    line: Mutex<Option<Line>>,
    /// What outlives them.
    sessions: Sessions,
}

/// Who this phone is, and the connections to its center.
#[derive(Clone)]
struct Line {
    enrolment: Arc<Enrolment>,
    http: Arc<Http>,
}

impl Line {
    fn to(enrolment: Arc<Enrolment>, sessions: &Sessions) -> Result<Self, SyncError> {
        let http = Http::new(&enrolment.urls, &enrolment.root_der, sessions).map_err(|_| SyncError::Setup)?;
        Ok(Self { enrolment, http: Arc::new(http) })
    }
}

impl Shared {
    /// Runs on a thread that may wait for the disk.
    async fn with_store<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Shared, &Store) -> Result<T, SyncError> + Send + 'static,
    ) -> Result<T, SyncError> {
        let shared = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            // A panic while the store was held left no half a transaction: SQLite rolled it back.
            let store = shared.store.lock().unwrap_or_else(PoisonError::into_inner);
            work(&shared, &store)
        })
        .await
        .map_err(|_| SyncError::Stopped)?
    }

    fn moment(&self) -> Moment {
        Moment::of(self.clock.as_ref())
    }

    fn oneself<'a>(&'a self, line: &'a Line) -> Oneself<'a> {
        Oneself { enrolment: &line.enrolment, signer: self.signer.as_ref() }
    }

    /// The connections to the center of this enrolment, made anew after [`drop_line`](Self::drop_line).
    fn line(&self, store: &Store) -> Result<Line, SyncError> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = line.as_ref() {
            return Ok(line.clone());
        }
        let enrolment = store.enrolment()?.ok_or(SyncError::NotEnrolled)?;
        self.sessions.time().know(&self.clock, store.known_time()?.signed);
        Ok(line.insert(Line::to(Arc::new(enrolment), &self.sessions)?).clone())
    }

    fn change_line(&self, line: Line) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some(line);
    }

    fn drop_line(&self) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn take_lease(&self, store: &Store) -> Result<Option<Lease>, SyncError> {
        Ok(store.take_lease(self.holder, self.clock.monotonic_ms(), run::LEASE_MS)?)
    }
}
