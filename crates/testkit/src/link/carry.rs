//! One connection, carried: what its bytes suffer between the phone and the center.

use super::{Carried, Direction, Fate, Gone, Shared, lock};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Bytes taken off a socket at once. Small, so that a cut falls where it was meant to.
const CHUNK_BYTES: usize = 1024;
/// Chunks under way in one direction; what a network holds before the sender notices.
const CHUNKS_UNDER_WAY: usize = 32;

pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((phone, _)) = listener.accept().await {
        let carried = Arc::new(Carried::new());
        lock(&shared.connections).push(Arc::clone(&carried));
        let (reset, cut_after) = {
            let quality = lock(&shared.quality).clone();
            let mut chance = lock(&shared.chance);
            let reset = chance.happens(quality.reset_percent);
            let cut = chance.happens(quality.cut_percent);
            let range = quality.cut_after_bytes.filter(|_| cut);
            (reset, range.map(|bytes| chance.between(*bytes.start(), *bytes.end())))
        };
        if reset || (shared.gone() == Gone::Reset && !*shared.reachable.borrow()) {
            // Closing without reading, with nothing to linger for, is a reset to the other side.
            let _ = phone.set_zero_linger();
            carried.ends(Fate::Reset);
            continue;
        }
        let target = *lock(&shared.target);
        shared.open.send_modify(|open| *open += 1);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            carry(phone, target, Arc::clone(&shared), carried, cut_after).await;
            shared.open.send_modify(|open| *open = open.saturating_sub(1));
        });
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
    let Some(said) = outlives(&phone, &shared).await else {
        carried.ends(Fate::Reset);
        return;
    };
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
        said,
        from_phone,
        to_center,
        Direction::Up,
        Arc::clone(&shared),
        Arc::clone(&carried),
        Arc::clone(&budget),
    ));
    let mut down = Box::pin(one_way(
        Vec::new(),
        from_center,
        to_phone,
        Direction::Down,
        Arc::clone(&shared),
        Arc::clone(&carried),
        budget,
    ));
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
            () = reset_by_outage(&shared, &mut reachable) => break true,
        }
        if up_ended.is_some() && down_ended.is_some() {
            break false;
        }
    };
    // Dropping halves that still have unread bytes resets the connection, as a lost radio would in the end.
    carried.ends(if cut { Fate::Cut } else { Fate::Closed });
}

/// Waits for coverage: what the phone said into the silence, or none when it gave up.
async fn outlives(phone: &TcpStream, shared: &Shared) -> Option<Vec<u8>> {
    let mut said = Vec::new();
    let mut reachable = shared.reachable.subscribe();
    loop {
        tokio::select! {
            biased;
            ready = phone.readable(), if !*shared.reachable.borrow() && said.len() < CHUNK_BYTES * CHUNKS_UNDER_WAY => {
                ready.ok()?;
                match phone.try_read_buf(&mut said) {
                    Ok(0) => return None,
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return None,
                    Ok(_) | Err(_) => {}
                }
            }
            covered = reachable.wait_for(|reachable| *reachable) => return covered.is_ok().then_some(said),
        }
    }
}

/// Ends when an outage that resets connections begins.
async fn reset_by_outage(shared: &Shared, reachable: &mut watch::Receiver<bool>) {
    loop {
        if reachable.wait_for(|reachable| !*reachable).await.is_err() || shared.gone() == Gone::Reset {
            return;
        }
        if reachable.wait_for(|reachable| *reachable).await.is_err() {
            return;
        }
    }
}

enum Way {
    /// The sender closed its half; the halves are kept until the other way ends too.
    Ended((OwnedReadHalf, OwnedWriteHalf)),
    Cut,
}

#[allow(clippy::too_many_arguments, reason = "one way of one connection, and everything that befalls it")]
async fn one_way(
    said: Vec<u8>,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    shared: Arc<Shared>,
    carried: Arc<Carried>,
    budget: Arc<Option<AtomicU64>>,
) -> Way {
    let opened_after = shared.outages.load(Ordering::SeqCst);
    let mut reachable = shared.reachable.subscribe();
    let (under_way, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS_UNDER_WAY);
    let sending = async {
        let mut buffer = vec![0; CHUNK_BYTES];
        for early in said.chunks(CHUNK_BYTES) {
            let due = arrival(&shared, direction, early.len());
            if under_way.send((due, early.to_vec())).await.is_err() {
                break;
            }
        }
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
            // A link that is gone resets the connection elsewhere, or keeps what is under way until it is back.
            let _ = reachable.wait_for(|reachable| *reachable).await;
            if shared.forgot(opened_after) {
                continue;
            }
            let allowed = spend(&budget, bytes.len());
            let bytes = bytes.get(..allowed.bytes)?;
            if to.write_all(bytes).await.is_err() {
                return None;
            }
            carried.carries(direction, bytes.len());
            shared.moved.send_modify(|moved| *moved += bytes.len() as u64);
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
