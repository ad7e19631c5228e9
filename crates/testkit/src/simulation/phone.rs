//! One phone of a simulation: a home on disk, and the engine that runs over it while the phone is on.

use super::template::{role_of_phone, unit, unit_of_phone};
use super::world::{Drawn, Time};
use crate::seed::Seed;
use siaga_domain::id::{ChangeHash, DeviceId, EntryId, Epoch, RecordId};
use siaga_domain::kind::Role;
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_store::{Enrolment, Lease, LifeSigns, OpenError, Store, StoreError, StoreKey};
use siaga_sync::clock::Moment;
use siaga_sync::session::Line;
use siaga_sync::talk::Talk;
use siaga_wire::key::MemorySigner;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Milliseconds a phone had been running when a simulation begins.
const RUNNING_MS: i64 = 3_600_000;

/// What runs while the process lives.
pub(super) struct Engine {
    pub store: Store,
    pub enrolment: Enrolment,
    /// This process, as the lease knows it.
    pub holder: [u8; 16],
    pub lease: Option<Lease>,
    /// Under a lease.
    pub talk: Option<Talk>,
    /// The request of each line.
    pub under_way: BTreeMap<Line, u64>,
    /// Numbers of the timers that still count.
    pub wake: u64,
    pub pace: u64,
    pub on_duty: bool,
}

/// What the road does to this phone's messages, until when.
#[derive(Clone, Copy)]
pub(super) struct Sky {
    pub weather: super::plan::Weather,
    pub percent: u8,
    pub until_ms: i64,
}

/// A phone.
pub(super) struct Phone {
    pub number: u8,
    pub unit: String,
    pub role: Role,
    pub home: PathBuf,
    pub signer: Arc<MemorySigner>,
    key: StoreKey,
    chance: Drawn,
    /// For the road between this phone and the center.
    pub road: Seed,
    /// Device time minus true time.
    pub wrong_ms: i64,
    /// True time of the last boot.
    booted_ms: i64,
    boots: u32,
    /// Counts processes, so that what was meant for an earlier one is not heard.
    pub life: u64,
    pub engine: Option<Engine>,
    pub device: Option<DeviceId>,
    /// Out of coverage until then.
    pub silent_until_ms: i64,
    pub sky: Option<Sky>,
    /// The outbox as the simulation knows it.
    pub waiting: BTreeSet<ChangeHash>,
    /// The number of the first fix the center was not known to have.
    pub fixes_from: u64,
    /// The life of the center with which everything was compared here, and found equal or handed over.
    pub compared_in: Option<Epoch>,
    /// A copy of the home, to be put back.
    pub kept: Option<PathBuf>,
    pub written: u32,
}

impl Phone {
    pub(super) fn new(number: u8, home: PathBuf, seed: &Seed) -> Self {
        // The same keys in every run: the template knows them.
        let mut keys = Seed::new(112).branch(&format!("keys of phone {number}"));
        let signer = loop {
            if let Ok(signer) = MemorySigner::from_scalar(&keys.bytes()) {
                break signer;
            }
        };
        let chance = seed.branch(&format!("phone {number}"));
        Self {
            number,
            unit: unit(unit_of_phone(number)),
            role: role_of_phone(number),
            home,
            signer: Arc::new(signer),
            key: StoreKey::new(keys.bytes()),
            road: chance.branch("road"),
            chance: Drawn::from(chance),
            wrong_ms: 0,
            booted_ms: -RUNNING_MS,
            boots: 0,
            life: 0,
            engine: None,
            device: None,
            silent_until_ms: 0,
            sky: None,
            waiting: BTreeSet::new(),
            fixes_from: 0,
            compared_in: None,
            kept: None,
            written: 0,
        }
    }

    /// A phone with the same device and key over a home of its own.
    pub(super) fn twin(&self, home: PathBuf, seed: &Seed) -> Self {
        let mut twin = Self::new(self.number, home, &seed.branch("twin"));
        // Another machine: another boot.
        twin.boots = 1_000 + self.boots;
        twin.wrong_ms = self.wrong_ms;
        twin.device = self.device;
        twin
    }

    pub(super) fn moment(&self, time: &Time) -> Moment {
        Moment { device_ms: time.utc().0 + self.wrong_ms, monotonic_ms: time.now_ms() - self.booted_ms }
    }

    /// What its clocks read, and what it knows of the center's.
    pub(super) fn reading(&self, store: &Store, time: &Time) -> Result<ClockReading, StoreError> {
        let moment = self.moment(time);
        store.read_clock(UtcMs(moment.device_ms), moment.monotonic_ms)
    }

    /// The whole device begins anew.
    pub(super) fn boot(&mut self, time: &Time) {
        self.boots += 1;
        self.booted_ms = time.now_ms();
    }

    pub(super) fn draw<const N: usize>(&self) -> [u8; N] {
        self.chance.bytes()
    }

    pub(super) fn new_record(&self, time: &Time) -> RecordId {
        RecordId::v7(self.moment(time).device_ms, self.draw())
    }

    pub(super) fn new_entry(&self, time: &Time) -> EntryId {
        EntryId::v7(self.moment(time).device_ms, self.draw())
    }
}

/// Opens the home as a process of this phone does.
pub(super) fn open(phone: &Phone) -> Result<Store, OpenError> {
    let chance = phone.chance.clone();
    let signs = LifeSigns {
        boot_id: format!("boot {} of {}", phone.boots, phone.number),
        boot_count: None,
        draw: Arc::new(move || chance.bytes()),
    };
    Store::open(&phone.home, &phone.key, &signs)
}
