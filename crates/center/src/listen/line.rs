//! One connection of a listener: who it proved to be, whether a request is under way on it, and how long it may be silent.
//!
//! A connection is proven by a request that carries a valid session, or by a TLS ticket that an earlier proven connection
//! received. Nothing here accepts or closes a socket.

use super::Patience;
use super::places::Network;
use crate::tls::tickets::{Ticket, Tickets};
use siaga_domain::id::DeviceId;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Who a connection is: a device at the field listener, the hash of a session or token at the console.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Holder([u8; 16]);

impl From<DeviceId> for Holder {
    fn from(device: DeviceId) -> Self {
        Self(*device.as_bytes())
    }
}

impl From<Holder> for DeviceId {
    fn from(holder: Holder) -> Self {
        Self::from_bytes(holder.0)
    }
}

impl Holder {
    /// The first half of the hash of a secret.
    #[must_use]
    pub fn of_hash(hash: &[u8; 32]) -> Self {
        let mut first = [0; 16];
        first.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        Self(first)
    }
}

/// One connection, as handlers see it among the extensions of a request.
#[derive(Debug)]
pub struct Line {
    address: IpAddr,
    opened: Instant,
    state: Mutex<State>,
    ended: AtomicBool,
    ending: Notify,
    tickets: Option<Arc<Tickets>>,
}

#[derive(Debug, Default)]
struct State {
    holder: Option<Holder>,
    last_asked: Option<Instant>,
    /// Requests under way.
    asking: usize,
    /// Since when none is; nothing before the handshake is done.
    silent: Option<Instant>,
    /// TLS tickets sent on this connection before it was proven.
    unproven_tickets: Vec<Ticket>,
}

/// How ready a connection is to be ended for another: a lower one is ended first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    /// Greeted, and without a request for longer than a head may take; since when.
    Silent(Instant),
    /// Any other; since when it is open.
    Open(Instant),
}

impl Default for Line {
    fn default() -> Self {
        Self::new(IpAddr::from(Ipv4Addr::LOCALHOST), None)
    }
}

impl Line {
    #[must_use]
    pub fn new(address: IpAddr, tickets: Option<Arc<Tickets>>) -> Self {
        Self::opened(address, tickets, Instant::now())
    }

    pub(super) fn opened(address: IpAddr, tickets: Option<Arc<Tickets>>, opened: Instant) -> Self {
        Self {
            address: address.to_canonical(),
            opened,
            state: Mutex::default(),
            ended: AtomicBool::new(false),
            ending: Notify::new(),
            tickets,
        }
    }

    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    #[must_use]
    pub const fn network(&self) -> Network {
        Network::of(self.address)
    }

    /// The sender is known: the connection may stay while it is silent, and its tickets are kept.
    pub fn prove(&self, holder: Holder) {
        let mut state = self.state();
        state.holder = Some(holder);
        let waiting = std::mem::take(&mut state.unproven_tickets);
        drop(state);
        if let Some(tickets) = &self.tickets {
            waiting.into_iter().for_each(|ticket| tickets.keep(holder, ticket));
        }
    }

    /// Who it is, once that is proven.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        self.state().holder
    }

    /// Keeps a TLS ticket: at once on a proven connection, else when it is proven.
    pub(crate) fn keep_ticket(&self, ticket: Ticket) {
        let mut state = self.state();
        let Some(holder) = state.holder else { return state.unproven_tickets.push(ticket) };
        drop(state);
        if let Some(tickets) = &self.tickets {
            tickets.keep(holder, ticket);
        }
    }

    /// Ends the connection with whatever is under way on it.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.ending.notify_one();
    }

    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// The handshake is done.
    pub(super) fn greeted(&self, now: Instant) {
        self.state().silent = Some(now);
    }

    /// A request began; it ends when what this gives is dropped.
    pub(super) fn ask(self: &Arc<Self>) -> Asking {
        let mut state = self.state();
        state.last_asked = Some(Instant::now());
        state.asking = state.asking.saturating_add(1);
        Asking(Arc::clone(self))
    }

    pub(super) fn rank(&self, now: Instant) -> Rank {
        let state = self.state();
        match state.silent {
            Some(since) if state.asking == 0 && now.saturating_duration_since(since) > super::HEAD_WITHIN => {
                Rank::Silent(since)
            }
            _ => Rank::Open(self.opened),
        }
    }

    /// Until when it may stay silent; `None` for good.
    fn until(&self, patience: Patience) -> Option<Instant> {
        let state = self.state();
        match (state.last_asked, patience.unproven) {
            (None, _) => Some(self.opened + patience.first),
            (Some(asked), Some(unproven)) if state.holder.is_none() => Some(asked + unproven),
            _ => None,
        }
    }

    /// Returns when the connection is to be dropped.
    pub(super) async fn spent(&self, patience: Patience) {
        while let Some(until) = self.until(patience) {
            if until <= Instant::now() || self.is_ended() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.ending.notified() => return,
            }
        }
        self.ending.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way.
pub(super) struct Asking(Arc<Line>);

impl Drop for Asking {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.asking = state.asking.saturating_sub(1);
        if state.asking == 0 {
            state.silent = Some(Instant::now());
        }
    }
}
