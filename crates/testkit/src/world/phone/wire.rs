//! What a phone's exchanges cost on the wire: everything its link carries, greetings, heads and farewells included.
//!
//! Measuring waits for connections to end, or to fall silent by the machine's clock; the latter belongs in no story.

use super::{Phone, Task, must};
use crate::link::{Quality, Traffic};
use crate::world::World;
use siaga_center::exchange::answer::Turn;
use siaga_domain::status::Status;
use siaga_sync::clock::Moment;
use siaga_sync::driver::{Driver, SyncReport};
use siaga_sync::exchange::{self, Ask, Oneself};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// What is handed over takes no longer.
const LEASE_MS: i64 = 60_000;

/// A link that carried nothing for this long carries nothing more of what was begun.
const SILENCE: Duration = Duration::from_millis(400);

/// A phone that exchanges in the background, as on duty, until this is dropped.
pub struct OnDuty {
    phone: Phone,
    wrote: Arc<Notify>,
    _stop: oneshot::Sender<()>,
    _watching: JoinHandle<()>,
}

impl Phone {
    /// One run of the driver, with the bytes of its messages.
    pub fn exchange(&self, driver: &Driver) -> SyncReport {
        must("exchange", self.inner.runtime.block_on(driver.sync_once()))
    }

    /// One exchange handed over without a road: the bodies of its request and its answer in their short form.
    #[must_use]
    pub fn exchange_in_hand(&self, world: &World) -> Vec<Vec<u8>> {
        let (store, ports) = (self.store(), self.ports());
        let Some(enrolment) = must("read the enrolment", store.enrolment()) else { return Vec::new() };
        let now = || Moment::of(ports.clock.as_ref());
        let lease = must("take the lease", store.take_lease(store.draw(), now().monotonic_ms, LEASE_MS));
        let Some(lease) = lease else { return Vec::new() };
        let oneself = Oneself { enrolment: &enrolment, signer: ports.signer.as_ref() };
        let mut bodies = Vec::new();
        let mut proof = None;
        // A session that has ended is answered with a challenge, and its proof with what was asked for.
        for _ in 0..2 {
            let ask = Ask::Push {
                up_bytes: 16 * 1024,
                envelope_bytes: 8 * 1024,
                down_bytes: 32 * 1024,
                with_trail: false,
                proof: proof.take(),
            };
            let sent = now();
            let prepared = must("prepare an exchange", exchange::prepare(&store, oneself, &lease, ask, sent));
            let center = world.center().inner();
            let (turn, asked) = must("exchange", center.exchange_short(&prepared.body, center.now(), &|_, _| Ok(())));
            let Turn::Answer(answer) = turn else { break };
            let answer = must("write the answer", center.write_short(&answer, &asked));
            let taken = exchange::take_in(&store, oneself, &lease, &prepared, Ok(answer.clone()), sent, now());
            bodies.extend([prepared.body, answer]);
            proof = must("take the answer in", taken).nonce;
            if proof.is_none() {
                break;
            }
        }
        must("give the lease back", store.release_lease(&lease));
        bodies
    }

    /// Exchanges in which neither side has anything to say, each on a connection of its own from its first byte to its
    /// last: the first greets in full, the second takes up the TLS session of the first.
    pub fn cold_idle(&self) -> [Traffic; 2] {
        let driver = self.driver();
        // What there was to say, and a session with the center.
        self.exchange(&driver);
        drop(driver);
        self.inner.runtime.block_on(self.inner.link.closed());
        let before = self.inner.link.connections().len();
        let driver = self.driver();
        for _ in 0..2 {
            let idle = self.exchange(&driver);
            if idle.sent_changes + idle.received_changes + idle.receipted_changes > 0 {
                super::super::fail("be idle", &"something moved");
            }
        }
        drop(driver);
        self.inner.runtime.block_on(self.inner.link.closed());
        let mut made = self.inner.link.connections().into_iter().skip(before).map(|one| one.traffic);
        match (made.next(), made.next(), made.next()) {
            (Some(full), Some(resumed), None) => [full, resumed],
            _ => super::super::fail("be idle", &"two exchanges were not two connections"),
        }
    }

    /// From now on the link is this one.
    pub fn moves_to(&self, quality: Quality) {
        let _inside = self.inner.runtime.enter();
        self.inner.link.begins(quality);
    }

    /// Until the link has coverage.
    pub fn waits_for_coverage(&self) {
        self.inner.runtime.block_on(self.inner.link.covered());
    }

    /// Begins to exchange in the background.
    #[must_use]
    pub fn on_duty(&self) -> OnDuty {
        let driver = self.driver();
        let (stop, stopped) = oneshot::channel::<()>();
        let wrote = Arc::new(Notify::new());
        let told = Arc::clone(&wrote);
        let watching = self.inner.runtime.spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            driver.watch(stopped, move || told.notify_one()).await;
        });
        OnDuty { phone: self.clone(), wrote, _stop: stop, _watching: watching }
    }
}

impl OnDuty {
    /// Until the link has been silent for a while: the request is held.
    pub fn falls_silent(&self) {
        self.phone.inner.runtime.block_on(async {
            let mut before = self.phone.traffic();
            loop {
                tokio::time::sleep(SILENCE).await;
                let now = self.phone.traffic();
                if now == before {
                    return;
                }
                before = now;
            }
        });
    }

    /// Presses once beside the held request: what the link carried until the receipt was here, and until it was silent.
    pub fn press(&self, task: &Task, status: Status) -> [Traffic; 2] {
        let before = self.phone.traffic();
        self.phone.press(task, status);
        self.receipted();
        let receipted = self.phone.traffic().since(before);
        self.falls_silent();
        [receipted, self.phone.traffic().since(before)]
    }

    /// Until everything written here has its receipt.
    pub fn receipted(&self) {
        self.phone.inner.runtime.block_on(async {
            while self.phone.waiting() > 0 {
                self.wrote.notified().await;
            }
        });
    }
}
