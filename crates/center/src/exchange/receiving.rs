//! Files on their way in, one request of a device at a time for each.
//!
//! A phone that asks again about a file has given up on its request before, or is another process of it: that request
//! may hang on a connection nobody listens on any more. It is ended, and what arrived of it is on the disk before the
//! new one is answered, so that nothing which arrived is asked for again.

use siaga_domain::id::DeviceId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedMutexGuard, watch};

type Name = (DeviceId, [u8; 32]);

/// Which files are being received.
#[derive(Default)]
pub struct Receiving(Mutex<BTreeMap<Name, Line>>);

#[derive(Default)]
struct Line {
    /// The number of the request that came last.
    newest: watch::Sender<u64>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// The turn of one request; it ends when this is dropped.
pub struct Turn {
    receiving: Arc<Receiving>,
    name: Name,
    number: u64,
    newest: watch::Receiver<u64>,
    held: Option<OwnedMutexGuard<()>>,
}

impl Receiving {
    /// Ends the request before this one and waits until what arrived of it is kept.
    pub async fn turn(self: &Arc<Self>, device: DeviceId, hash: [u8; 32]) -> Turn {
        let name = (device, hash);
        let (newest, number, queue) = {
            let mut lines = self.lines();
            let line = lines.entry(name).or_default();
            let newest = line.newest.subscribe();
            let number = *newest.borrow() + 1;
            line.newest.send_replace(number);
            (newest, number, Arc::clone(&line.turn))
        };
        let mut turn = Turn { receiving: Arc::clone(self), name, number, newest, held: None };
        turn.held = Some(queue.lock_owned().await);
        turn
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, BTreeMap<Name, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Returns once another request about the file came.
    pub async fn is_over(&mut self) {
        let number = self.number;
        if self.newest.wait_for(|newest| *newest != number).await.is_err() {
            // Nobody is left who could come.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lines = self.receiving.lines();
        self.held = None;
        // Otherwise a newer request waits in this line.
        if lines.get(&self.name).is_some_and(|line| *line.newest.borrow() == self.number) {
            lines.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);

    #[tokio::test]
    async fn who_asks_again_about_a_file_ends_the_request_before_and_waits_for_it() {
        let receiving = Arc::new(Receiving::default());
        let mut first = receiving.turn(DEVICE, [7; 32]).await;
        let again = {
            let receiving = Arc::clone(&receiving);
            tokio::spawn(async move { receiving.turn(DEVICE, [7; 32]).await })
        };

        first.is_over().await;
        assert!(!again.is_finished(), "what arrived of the first is not kept yet");
        drop(first);
        let second = again.await.expect("its turn comes");

        assert_eq!(second.number, 2);
        drop(second);
        assert!(receiving.lines().is_empty());
    }

    #[tokio::test]
    async fn another_file_and_another_device_do_not_wait() {
        let receiving = Arc::new(Receiving::default());

        let first = receiving.turn(DEVICE, [7; 32]).await;
        let other_file = receiving.turn(DEVICE, [8; 32]).await;
        let other_device = receiving.turn(DeviceId::from_bytes([2; 16]), [7; 32]).await;

        assert_eq!(receiving.lines().len(), 3);
        drop((first, other_file, other_device));
        assert!(receiving.lines().is_empty());
    }
}
