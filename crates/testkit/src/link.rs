//! A bad link: a TCP proxy that is slow, far, lossy and sometimes gone, and counts every byte it carries.
//!
//! It knows nothing of what passes. What chance decides (which connection is cut, and after how many bytes) is
//! drawn from a seed, in the order in which connections arrive.
//!
//! One line is shared by all connections, as one radio is: two of them at once get half each.

use crate::seed::Seed;
use std::io;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Bytes taken off a socket at once. Small, so that a cut falls where it was meant to.
const CHUNK_BYTES: usize = 1024;
/// Chunks under way in one direction; what a network holds before the sender notices.
const CHUNKS_UNDER_WAY: usize = 32;

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
}

impl Quality {
    /// 2G on a hill at the edge of coverage: 4 KB a second up, 8 down, 150 ms each way, every fifth connection cut.
    #[must_use]
    pub fn edge_of_coverage() -> Self {
        Self {
            up_bytes_per_s: Some(4 * 1024),
            down_bytes_per_s: Some(8 * 1024),
            delay: Duration::from_millis(150),
            reset_percent: 10,
            cut_percent: 20,
            cut_after_bytes: Some(2_000..=12_000),
            outages: Vec::new(),
        }
    }

    /// Some 4G away from the town: 48 KB a second up, 96 down, 40 ms each way.
    #[must_use]
    pub fn village_4g() -> Self {
        Self {
            up_bytes_per_s: Some(48 * 1024),
            down_bytes_per_s: Some(96 * 1024),
            delay: Duration::from_millis(40),
            ..Self::default()
        }
    }
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
    pub fate: Fate,
}

/// The proxy. It listens until it is dropped.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: Vec<AbortHandle>,
}

#[derive(Debug)]
struct Shared {
    target: Mutex<SocketAddr>,
    quality: Mutex<Quality>,
    chance: Mutex<Seed>,
    reachable: watch::Sender<bool>,
    up_line: Mutex<Instant>,
    down_line: Mutex<Instant>,
    connections: Mutex<Vec<Arc<Carried>>>,
}

#[derive(Debug)]
struct Carried {
    up: AtomicU64,
    down: AtomicU64,
    fate: Mutex<Fate>,
}

impl Carried {
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
        let outages = quality.outages.clone();
        let now = Instant::now();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            quality: Mutex::new(quality),
            chance: Mutex::new(chance),
            reachable: watch::Sender::new(true),
            up_line: Mutex::new(now),
            down_line: Mutex::new(now),
            connections: Mutex::new(Vec::new()),
        });
        let mut tasks = vec![tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle()];
        if !outages.is_empty() {
            tasks.push(tokio::spawn(keep_schedule(outages, now, Arc::clone(&shared))).abort_handle());
        }
        Ok(Self { address, shared, tasks })
    }

    /// Where the phone connects instead of the center.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Out of coverage, now: every connection is reset and none gets through.
    pub fn cut(&self) {
        self.shared.reachable.send_replace(false);
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

    /// Every connection so far, oldest first.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionReport> {
        lock(&self.shared.connections)
            .iter()
            .map(|carried| ConnectionReport { traffic: carried.traffic(), fate: *lock(&carried.fate) })
            .collect()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn keep_schedule(outages: Vec<Outage>, opened: Instant, shared: Arc<Shared>) {
    for outage in outages {
        tokio::time::sleep_until(opened + outage.from).await;
        shared.reachable.send_replace(false);
        tokio::time::sleep_until(opened + outage.until).await;
        shared.reachable.send_replace(true);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((phone, _)) = listener.accept().await {
        let carried =
            Arc::new(Carried { up: AtomicU64::new(0), down: AtomicU64::new(0), fate: Mutex::new(Fate::Open) });
        lock(&shared.connections).push(Arc::clone(&carried));
        let (reset, cut_after) = {
            let quality = lock(&shared.quality).clone();
            let mut chance = lock(&shared.chance);
            let reset = chance.happens(quality.reset_percent);
            let cut = chance.happens(quality.cut_percent);
            let range = quality.cut_after_bytes.filter(|_| cut);
            (reset, range.map(|bytes| chance.between(*bytes.start(), *bytes.end())))
        };
        if reset || !*shared.reachable.borrow() {
            // Closing without reading, with nothing to linger for, is a reset to the other side.
            let _ = phone.set_zero_linger();
            carried.ends(Fate::Reset);
            continue;
        }
        let target = *lock(&shared.target);
        tokio::spawn(carry(phone, target, Arc::clone(&shared), carried, cut_after));
    }
}

/// Carries one connection until somebody closes it, chance cuts it, or the link goes.
async fn carry(
    phone: TcpStream,
    target: SocketAddr,
    shared: Arc<Shared>,
    carried: Arc<Carried>,
    cut_after: Option<u64>,
) {
    let Ok(center) = TcpStream::connect(target).await else {
        let _ = phone.set_zero_linger();
        carried.ends(Fate::Reset);
        return;
    };
    // Small packets must not wait for one another: the delay is the link's, not the kernel's.
    let _ = phone.set_nodelay(true);
    let _ = center.set_nodelay(true);
    let mut reachable = shared.reachable.subscribe();
    let budget = Arc::new(cut_after.map(AtomicU64::new));
    let (from_phone, to_phone) = phone.into_split();
    let (from_center, to_center) = center.into_split();
    let mut up = Box::pin(one_way(
        from_phone,
        to_center,
        Direction::Up,
        Arc::clone(&shared),
        Arc::clone(&carried),
        Arc::clone(&budget),
    ));
    let mut down =
        Box::pin(one_way(from_center, to_phone, Direction::Down, Arc::clone(&shared), Arc::clone(&carried), budget));
    let (mut up_ended, mut down_ended) = (None, None);
    let cut = loop {
        tokio::select! {
            ended = &mut up, if up_ended.is_none() => match ended {
                Way::Cut => break true,
                Way::Ended(halves) => up_ended = Some(halves),
            },
            ended = &mut down, if down_ended.is_none() => match ended {
                Way::Cut => break true,
                Way::Ended(halves) => down_ended = Some(halves),
            },
            gone = reachable.wait_for(|reachable| !*reachable) => {
                drop(gone);
                break true;
            }
        }
        if up_ended.is_some() && down_ended.is_some() {
            break false;
        }
    };
    // Dropping halves that still have unread bytes resets the connection, as a lost radio would in the end.
    carried.ends(if cut { Fate::Cut } else { Fate::Closed });
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

enum Way {
    /// The sender closed its half; the halves are kept until the other way ends too.
    Ended((OwnedReadHalf, OwnedWriteHalf)),
    Cut,
}

async fn one_way(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    shared: Arc<Shared>,
    carried: Arc<Carried>,
    budget: Arc<Option<AtomicU64>>,
) -> Way {
    let (under_way, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS_UNDER_WAY);
    let sending = async {
        let mut buffer = vec![0; CHUNK_BYTES];
        while let Ok(size) = from.read(&mut buffer).await {
            let Some(bytes) = buffer.get(..size).filter(|bytes| !bytes.is_empty()) else { break };
            let due = arrival(&shared, direction, size);
            if under_way.send((due, bytes.to_vec())).await.is_err() {
                break;
            }
        }
        drop(under_way);
        from
    };
    let receiving = async {
        while let Some((due, bytes)) = arriving.recv().await {
            tokio::time::sleep_until(due).await;
            let allowed = spend(&budget, bytes.len());
            let bytes = bytes.get(..allowed.bytes)?;
            if to.write_all(bytes).await.is_err() {
                return None;
            }
            let counter = match direction {
                Direction::Up => &carried.up,
                Direction::Down => &carried.down,
            };
            counter.fetch_add(bytes.len() as u64, Ordering::SeqCst);
            if allowed.is_last {
                return None;
            }
        }
        let _ = to.shutdown().await;
        Some(to)
    };
    tokio::pin!(sending, receiving);
    // A receiver that gave up ends the way at once; a sender that closed lets what is under way arrive.
    tokio::select! {
        from = &mut sending => match receiving.await {
            Some(to) => Way::Ended((from, to)),
            None => Way::Cut,
        },
        to = &mut receiving => match to {
            Some(to) => Way::Ended((sending.await, to)),
            None => Way::Cut,
        },
    }
}

/// When `size` bytes given to the line now come out at its other end.
fn arrival(shared: &Shared, direction: Direction, size: usize) -> Instant {
    let (rate, delay) = {
        let quality = lock(&shared.quality);
        let rate = match direction {
            Direction::Up => quality.up_bytes_per_s,
            Direction::Down => quality.down_bytes_per_s,
        };
        (rate, quality.delay)
    };
    let now = Instant::now();
    let Some(rate) = rate.filter(|rate| *rate > 0) else { return now + delay };
    let takes = Duration::from_micros((size as u64).saturating_mul(1_000_000) / rate);
    let mut busy_until = lock(match direction {
        Direction::Up => &shared.up_line,
        Direction::Down => &shared.down_line,
    });
    *busy_until = (*busy_until).max(now) + takes;
    *busy_until + delay
}

struct Allowed {
    bytes: usize,
    is_last: bool,
}

/// Takes `size` bytes from what this connection may still carry.
fn spend(budget: &Option<AtomicU64>, size: usize) -> Allowed {
    let Some(left) = budget else { return Allowed { bytes: size, is_last: false } };
    let before = left
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(size as u64)))
        .unwrap_or(0);
    let bytes = usize::try_from(before).unwrap_or(usize::MAX).min(size);
    Allowed { bytes, is_last: before <= size as u64 }
}

#[cfg(test)]
mod tests;
