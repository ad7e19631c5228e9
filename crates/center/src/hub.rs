//! Who wants to know that something moved: screens by broadcast, held requests by name of their device.
//!
//! A held request is woken only when a record its device is told about moved, so a thousand waiting phones
//! cost nothing while others work.

use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::{Lane, RecordKind};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, broadcast};

/// Something moved at the center.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// A record has a new change.
    Record { record: RecordId, kind: RecordKind, lane: Lane },
    /// A device sent a newer position.
    Position { device: DeviceId, unit: String },
    /// A device was enrolled, confirmed or revoked.
    Device { device: DeviceId },
    /// Something this device sent waits, was overruled or was refused, or waits no longer.
    Verdict { device: DeviceId },
    /// An assignment was not answered in time: screens sound.
    Alarm { record: RecordId, level: i64 },
    /// A call that no unit was sent to rose by a level, was taken, or sounds again: screens sound, or fall silent.
    Waiting { incident: RecordId },
    /// A photograph or thumbnail is here whole.
    File { sha256: [u8; 32] },
    /// Somebody came to a post or left it, or a clock did.
    Post { post: String },
}

/// Held requests of a device that may be two: each of them has one, and one that is gone and not yet missed.
const HELD_OF_COPIES: usize = 3;

/// Screens that lag this far behind are told to ask anew.
const BACKLOG: usize = 1024;

/// The listeners of one running center.
pub struct Hub {
    screens: Mutex<broadcast::Sender<Changed>>,
    /// Of each device the older first.
    held: Mutex<HashMap<DeviceId, VecDeque<Arc<Notify>>>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { screens: Mutex::new(broadcast::channel(BACKLOG).0), held: Mutex::new(HashMap::new()) }
    }
}

impl Hub {
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Changed> {
        self.screens().subscribe()
    }

    pub fn tell(&self, changed: Changed) {
        // Nobody listening is not an error.
        let _ = self.screens().send(changed);
    }

    /// Wakes what is held of this device.
    pub fn wake(&self, device: &DeviceId) {
        self.held().get(device).into_iter().flatten().for_each(|notify| notify.notify_one());
    }

    /// Ends what every screen listens to: the center stops. Who listens from now on listens to a new beginning.
    pub fn end(&self) {
        *self.screens() = broadcast::channel(BACKLOG).0;
    }

    #[must_use]
    pub fn anyone_held(&self) -> bool {
        !self.held().is_empty()
    }

    /// Begins to hold a request. An older one of the same device is released: its connection is gone, or was
    /// given up. Two phones that pass for one device would release one another without end, so they are let be.
    #[must_use]
    pub fn hold(self: &Arc<Self>, device: DeviceId, holders: Holders) -> Hold {
        let notify = Arc::new(Notify::new());
        let most = match holders {
            Holders::One => 1,
            Holders::Copies => HELD_OF_COPIES,
        };
        let mut held = self.held();
        let of_device = held.entry(device).or_default();
        of_device.push_back(Arc::clone(&notify));
        let released = of_device.len().saturating_sub(most);
        of_device.drain(..released).for_each(|older| older.notify_one());
        drop(held);
        Hold { hub: Arc::clone(self), device, notify }
    }

    fn screens(&self) -> std::sync::MutexGuard<'_, broadcast::Sender<Changed>> {
        self.screens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<DeviceId, VecDeque<Arc<Notify>>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many phones may hold requests under one device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holders {
    One,
    Copies,
}

/// A request that waits; it stops waiting when dropped.
pub struct Hold {
    hub: Arc<Hub>,
    device: DeviceId,
    notify: Arc<Notify>,
}

impl Hold {
    /// Until something may be new. A wake between two calls is not lost.
    pub async fn woken(&self) {
        self.notify.notified().await;
    }

    /// Whether a younger request of the same device took this one's place.
    #[must_use]
    pub fn is_replaced(&self) -> bool {
        !self.hub.held().get(&self.device).into_iter().flatten().any(|held| Arc::ptr_eq(held, &self.notify))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.hub.held();
        let Some(of_device) = held.get_mut(&self.device) else { return };
        of_device.retain(|held| !Arc::ptr_eq(held, &self.notify));
        if of_device.is_empty() {
            held.remove(&self.device);
        }
    }
}
