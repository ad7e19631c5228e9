//! A world in one process: named phones and a center, over real TLS on loopback, through links that can be cut.
//!
//! Everything is the product's own code; only the clocks and the phones' randomness are the world's, so that a
//! story can say what time it is and be told again from its seed.
//!
//! A story reads from top to bottom, so nothing here is async to its reader, and what must not fail fails the story.

mod center;
mod phone;
mod time;

pub use center::WorldCenter;
pub use phone::{Phone, Task, Watching};
use time::PhoneClock;
pub use time::Time;

use crate::seed::Seed;
use siaga_domain::kind::Role;
use siaga_domain::place::Position;
use siaga_field::request::RecordFix;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Rounds of exchange after which a world that is still not quiet never will be.
const ROUNDS: usize = 20;

/// What is awaited and does not come within this never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The unit of whoever is not said to belong to another.
const USUAL_UNIT: &str = "AMB-01";

/// Everything there is.
pub struct World {
    // Phones and center go before the runtime they live on.
    phones: Vec<Phone>,
    center: WorldCenter,
    time: Time,
    seed: Seed,
    /// Backups and centers made so far.
    folders: u32,
    /// How wrong the clock of a new phone is.
    wrong_by_ms: i64,
    folder: TempDir,
    runtime: Arc<Runtime>,
}

impl World {
    /// A seeded center and nobody yet.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let runtime =
            must("start a runtime", tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build());
        let runtime = Arc::new(runtime);
        let folder = must("make a folder", tempfile::tempdir());
        let time = Time::now();
        let center = WorldCenter::open(&folder.path().join("center"), &time, &runtime);
        Self { phones: Vec::new(), center, time, seed: Seed::new(seed), folders: 0, wrong_by_ms: 0, folder, runtime }
    }

    /// People of the first ambulance, each with an enrolled phone.
    pub fn phones<const N: usize>(&mut self, names: [&str; N]) -> [Phone; N] {
        names.map(|name| self.phone(name, USUAL_UNIT, Role::Medic))
    }

    /// Somebody of a unit, with an enrolled phone.
    pub fn phone(&mut self, name: &str, unit: &str, role: Role) -> Phone {
        let home = self.folder.path().join(name.to_lowercase());
        let wrong_by_ms = Arc::new(AtomicI64::new(self.wrong_by_ms));
        let clock = PhoneClock { time: self.time.clone(), wrong_by_ms };
        let phone = Phone::enrol(name, &home, unit, role, &self.center, clock, &self.seed, &self.runtime);
        self.phones.push(phone.clone());
        phone
    }

    /// The clocks of phones that are enrolled from now on are wrong by this much.
    pub const fn clocks_of_new_phones_are_wrong_by(&mut self, ms: i64) {
        self.wrong_by_ms = ms;
    }

    /// Everything the center has now, in a file.
    #[must_use]
    pub fn back_up(&mut self) -> PathBuf {
        self.folders += 1;
        let file = self.folder.path().join(format!("backup-{}", self.folders));
        self.center.back_up(&file);
        file
    }

    /// A center put back from a backup takes the place of the one there was, which is given back, running: dropped, it
    /// stops.
    pub fn put_back_center(&mut self, backup: &Path) -> WorldCenter {
        self.folders += 1;
        let folder = self.folder.path().join(format!("center-{}", self.folders));
        let mut chance = self.seed.branch(&format!("epoch {}", self.folders));
        let another = WorldCenter::put_back(backup, &folder, &self.time, &mut chance, &self.runtime);
        self.change_center(another)
    }

    /// The folder of a center as it was when the backup was made takes its place, and nobody tells it so.
    pub fn roll_back_center(&mut self, backup: &Path) -> WorldCenter {
        self.folders += 1;
        let folder = self.folder.path().join(format!("center-{}", self.folders));
        must("unpack a backup", unpack(backup, &folder));
        let another = WorldCenter::go_on(&folder, &self.time, &self.runtime);
        self.change_center(another)
    }

    /// Phones reach this center from now on.
    pub fn change_center(&mut self, another: WorldCenter) -> WorldCenter {
        for phone in &self.phones {
            phone.link().leads_to(another.field());
        }
        std::mem::replace(&mut self.center, another)
    }

    /// Another phone with everything that is on this one, keys included, as a rooted phone can be copied.
    pub fn copy_of(&mut self, phone: &Phone, name: &str) -> Phone {
        let home = self.folder.path().join(name.to_lowercase());
        let copy = phone.copied(name, &home, &self.center, &self.seed, &self.runtime);
        self.phones.push(copy.clone());
        copy
    }

    #[must_use]
    pub const fn center(&self) -> &WorldCenter {
        &self.center
    }

    /// Everybody's clock goes on.
    pub fn passes(&self, time: Duration) {
        self.time.passes(time);
    }

    /// A phone is driven for so many fixes, five seconds apart.
    pub fn drives(&self, phone: &Phone, fixes: u32) {
        for number in 0..fixes {
            let lon = 110.0 + f64::from(number) * 0.0004;
            let fix = RecordFix {
                position: must("take a position", Position::new(-1.85, lon, Some(8.0))),
                at_ms: None,
                speed_mps: Some(9.0),
                battery_percent: None,
                satellite_ms: None,
                mock: None,
            };
            must("take a fix", phone.field().record_fix(&fix));
            self.passes(Duration::from_secs(5));
        }
    }

    /// What a right clock reads now, UTC milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.time.now_ms()
    }

    /// Coverage for everybody.
    pub fn reconnect(&self) {
        for phone in &self.phones {
            phone.online();
        }
    }

    /// Waits until something holds, for as long as a slow machine and a bad link may need.
    #[track_caller]
    pub fn eventually(&self, what: &str, holds: impl Fn() -> bool) {
        let until = std::time::Instant::now() + PATIENCE;
        while !holds() {
            if std::time::Instant::now() > until {
                fail("wait any longer until", &what);
            }
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(10)).await });
        }
    }

    /// Every phone in coverage exchanges until nobody has anything new to say.
    pub fn run_until_quiet(&self) {
        for _ in 0..ROUNDS {
            let moved: u32 = self.phones.iter().filter(|phone| phone.is_online()).map(Phone::sync).sum();
            if moved == 0 {
                return;
            }
        }
        fail("become quiet", &format!("somebody still has news after {ROUNDS} rounds"));
    }
}

/// A backup is a tar of the center's folder.
fn unpack(backup: &Path, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("attachments"))?;
    tar::Archive::new(std::fs::File::open(backup)?).unpack(folder)
}

/// The value, or the end of the story.
#[track_caller]
fn must<T, E: Display>(what: &str, result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => fail(what, &error),
    }
}

#[track_caller]
#[allow(clippy::panic, reason = "a kit for tests fails by failing the test")]
fn fail(what: &str, why: &dyn Display) -> ! {
    panic!("could not {what}: {why}")
}
