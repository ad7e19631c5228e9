//! A bad link: a TCP proxy that is slow, far, lossy and sometimes gone, and counts every byte it carries.
//!
//! It knows nothing of what passes. What chance decides (which connection is cut, and after how many bytes) is
//! drawn from a seed, in the order in which connections arrive.
//!
//! One line is shared by all connections, as one radio is: two of them at once get half each.
//!
//! The kernel between a phone and this proxy is this machine's: it answers a connection at once, before the far end is
//! asked. What a packet would have suffered is suffered by the bytes of the connection instead.

mod carry;
mod profile;

use crate::seed::Seed;
use std::io;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// How bad the link is. The default carries everything at once.
#[derive(Clone, Debug, Default)]
pub struct Quality {
    /// Bytes a second from phone to center; none for no limit.
    pub up_bytes_per_s: Option<u64>,
    /// Bytes a second from center to phone.
    pub down_bytes_per_s: Option<u64>,
    /// One way; a round trip takes twice this.
    pub delay: Duration,
    /// How many new connections of 100 are reset before a byte passes.
    pub reset_percent: u8,
    /// How many of 100 are cut in the middle of what they carry.
    pub cut_percent: u8,
    /// Where such a cut falls: bytes carried, both ways together.
    pub cut_after_bytes: Option<RangeInclusive<u64>>,
    /// When the link is gone, counted from its opening.
    pub outages: Vec<Outage>,
    /// Coverage that comes and goes for ever; after the outages, when there are both.
    pub rhythm: Option<Rhythm>,
    /// What an outage does to the connections it finds.
    pub gone: Gone,
}

/// Coverage and none, in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Before coverage comes for the first time.
    pub first: Duration,
    pub covered: Duration,
    pub gone: Duration,
}

/// What becomes of connections while there is no link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gone {
    /// They are reset, and so is every new one: the device says that there is no network.
    #[default]
    Reset,
    /// Nothing answers and nothing says so. What was under way arrives when coverage is back.
    Silent,
    /// As [`Silent`](Self::Silent), and too long for the network to remember: what was open stays dead.
    Forgotten,
}

/// A time without a link, counted from the opening of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    pub from: Duration,
    pub until: Duration,
}

/// Bytes carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Phone to center.
    pub up_bytes: u64,
    /// Center to phone.
    pub down_bytes: u64,
}

impl Traffic {
    #[must_use]
    pub const fn total_bytes(self) -> u64 {
        self.up_bytes.saturating_add(self.down_bytes)
    }

    /// What was carried since `earlier`.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            up_bytes: self.up_bytes.saturating_sub(earlier.up_bytes),
            down_bytes: self.down_bytes.saturating_sub(earlier.down_bytes),
        }
    }
}

/// What became of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Open,
    /// Either end closed it.
    Closed,
    /// Reset before a byte passed.
    Reset,
    /// Cut in the middle, by chance or by an outage.
    Cut,
}

/// One connection as the link saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    pub traffic: Traffic,
    /// How often what the phone had said was answered.
    pub answers: u64,
    pub fate: Fate,
}

/// The proxy. It listens until it is dropped.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: AbortHandle,
    schedule: Mutex<Option<AbortHandle>>,
}

#[derive(Debug)]
struct Shared {
    target: Mutex<SocketAddr>,
    quality: Mutex<Quality>,
    chance: Mutex<Seed>,
    reachable: watch::Sender<bool>,
    /// Outages so far.
    outages: AtomicU64,
    /// Connections that carry something still.
    open: watch::Sender<u64>,
    /// Bytes carried, both ways together: whoever waits for some looks again when it grows.
    moved: watch::Sender<u64>,
    up_line: Mutex<Instant>,
    down_line: Mutex<Instant>,
    connections: Mutex<Vec<Arc<Carried>>>,
}

#[derive(Debug)]
struct Carried {
    up: AtomicU64,
    down: AtomicU64,
    answers: AtomicU64,
    /// The phone said something that nothing came back for yet.
    asking: AtomicBool,
    fate: Mutex<Fate>,
}

impl Carried {
    const fn new() -> Self {
        Self {
            up: AtomicU64::new(0),
            down: AtomicU64::new(0),
            answers: AtomicU64::new(0),
            asking: AtomicBool::new(false),
            fate: Mutex::new(Fate::Open),
        }
    }

    fn carries(&self, direction: Direction, size: usize) {
        match direction {
            Direction::Up => {
                self.up.fetch_add(size as u64, Ordering::SeqCst);
                self.asking.store(true, Ordering::SeqCst);
            }
            Direction::Down => {
                self.down.fetch_add(size as u64, Ordering::SeqCst);
                if self.asking.swap(false, Ordering::SeqCst) {
                    self.answers.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }

    fn traffic(&self) -> Traffic {
        Traffic { up_bytes: self.up.load(Ordering::SeqCst), down_bytes: self.down.load(Ordering::SeqCst) }
    }

    fn ends(&self, fate: Fate) {
        let mut now = lock(&self.fate);
        if *now == Fate::Open {
            *now = fate;
        }
    }
}

/// A test that panicked while it held a lock must not hide what the others saw.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    /// Opens a link to `target` on a loopback port of its own.
    ///
    /// # Errors
    /// No port could be opened.
    pub async fn open(target: SocketAddr, quality: Quality, chance: Seed) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (outages, rhythm) = (quality.outages.clone(), quality.rhythm);
        let now = Instant::now();
        let covered = rhythm.is_none_or(|rhythm| rhythm.first.is_zero());
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            quality: Mutex::new(quality),
            chance: Mutex::new(chance),
            reachable: watch::Sender::new(covered),
            outages: AtomicU64::new(0),
            open: watch::Sender::new(0),
            moved: watch::Sender::new(0),
            up_line: Mutex::new(now),
            down_line: Mutex::new(now),
            connections: Mutex::new(Vec::new()),
        });
        let listening = tokio::spawn(carry::accept(listener, Arc::clone(&shared))).abort_handle();
        let link = Self { address, shared, listening, schedule: Mutex::new(None) };
        link.keeps(outages, rhythm, now);
        Ok(link)
    }

    /// Where the phone connects instead of the center.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Out of coverage, now: every connection is reset and none gets through.
    pub fn cut(&self) {
        self.shared.loses();
    }

    /// Coverage is back.
    pub fn restore(&self) {
        self.shared.reachable.send_replace(true);
    }

    #[must_use]
    pub fn is_reachable(&self) -> bool {
        *self.shared.reachable.borrow()
    }

    /// Becomes better or worse for what comes from now on; the outages of the new quality are not scheduled.
    pub fn becomes(&self, quality: Quality) {
        *lock(&self.shared.quality) = quality;
    }

    /// Becomes another link from this moment on, with its outages and its rhythm.
    pub fn begins(&self, quality: Quality) {
        let (outages, rhythm) = (quality.outages.clone(), quality.rhythm);
        self.becomes(quality);
        self.keeps(outages, rhythm, Instant::now());
        if rhythm.is_none_or(|rhythm| rhythm.first.is_zero()) { self.restore() } else { self.cut() }
    }

    fn keeps(&self, outages: Vec<Outage>, rhythm: Option<Rhythm>, from: Instant) {
        let schedule = (!outages.is_empty() || rhythm.is_some())
            .then(|| tokio::spawn(keep_schedule(outages, rhythm, from, Arc::clone(&self.shared))).abort_handle());
        if let Some(before) = std::mem::replace(&mut *lock(&self.schedule), schedule) {
            before.abort();
        }
    }

    /// New connections end somewhere else: at a captive portal, at another center.
    pub fn leads_to(&self, target: SocketAddr) {
        *lock(&self.shared.target) = target;
    }

    /// Everything carried so far, handshakes included.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        lock(&self.shared.connections).iter().fold(Traffic::default(), |sum, carried| {
            let one = carried.traffic();
            Traffic { up_bytes: sum.up_bytes + one.up_bytes, down_bytes: sum.down_bytes + one.down_bytes }
        })
    }

    /// Waits until what was carried so far is enough.
    pub async fn carried(&self, is_enough: impl Fn(Traffic) -> bool) {
        // The sender lives in what this borrows.
        let _ = self.shared.moved.subscribe().wait_for(|_| is_enough(self.traffic())).await;
    }

    /// How often somebody waited for the far end: once for each connection to stand, and once for each time that what
    /// the phone had said was answered.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.connections().iter().map(|one| one.answers + u64::from(one.fate != Fate::Reset)).sum()
    }

    /// Waits until there is coverage.
    pub async fn covered(&self) {
        // The sender lives in what this borrows.
        let _ = self.shared.reachable.subscribe().wait_for(|reachable| *reachable).await;
    }

    /// Waits until every connection has ended: only then are they counted to the last byte.
    pub async fn closed(&self) {
        let _ = self.shared.open.subscribe().wait_for(|open| *open == 0).await;
    }

    /// Every connection so far, oldest first.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionReport> {
        lock(&self.shared.connections)
            .iter()
            .map(|carried| ConnectionReport {
                traffic: carried.traffic(),
                answers: carried.answers.load(Ordering::SeqCst),
                fate: *lock(&carried.fate),
            })
            .collect()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
        self.listening.abort();
        if let Some(schedule) = lock(&self.schedule).take() {
            schedule.abort();
        }
    }
}

impl Shared {
    fn loses(&self) {
        if self.reachable.send_replace(false) {
            self.outages.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn gone(&self) -> Gone {
        lock(&self.quality).gone
    }

    /// Whether what was opened after so many outages has been forgotten by the network.
    fn forgot(&self, outages: u64) -> bool {
        self.gone() == Gone::Forgotten && self.outages.load(Ordering::SeqCst) != outages
    }
}

async fn keep_schedule(outages: Vec<Outage>, rhythm: Option<Rhythm>, opened: Instant, shared: Arc<Shared>) {
    for outage in outages {
        tokio::time::sleep_until(opened + outage.from).await;
        shared.loses();
        tokio::time::sleep_until(opened + outage.until).await;
        shared.reachable.send_replace(true);
    }
    let Some(rhythm) = rhythm else { return };
    let mut at = opened + rhythm.first;
    loop {
        tokio::time::sleep_until(at).await;
        shared.reachable.send_replace(true);
        tokio::time::sleep_until(at + rhythm.covered).await;
        shared.loses();
        at += rhythm.covered + rhythm.gone;
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

#[cfg(test)]
mod tests;
