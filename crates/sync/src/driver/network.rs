//! What the platform says about the network, heard by every driver of this process.
//!
//! A count and not a wake: whoever is busy when it is said hears it afterwards, and no one hears it for another.

use std::sync::Arc;
use tokio::sync::watch;

/// Where the platform says that the network is back.
#[derive(Clone, Default)]
pub struct Network {
    returns: Arc<watch::Sender<u64>>,
}

impl Network {
    /// Whatever hangs on the old address is given up, and whatever waits goes now.
    pub fn is_back(&self) {
        self.returns.send_modify(|returns| *returns = returns.wrapping_add(1));
    }

    pub(super) fn listen(&self) -> Ear {
        Ear(self.returns.subscribe())
    }
}

/// Hears of returns since it began to listen.
pub(super) struct Ear(watch::Receiver<u64>);

impl Ear {
    pub(super) async fn network_is_back(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody is left who could say so.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everyone_hears_of_a_return_once_even_who_was_busy() {
        let network = Network::default();
        let mut ears = [network.listen(), network.listen()];

        network.is_back();

        for ear in &mut ears {
            ear.network_is_back().await;
            assert!(!ear.0.has_changed().expect("the network is there"));
        }
    }
}
