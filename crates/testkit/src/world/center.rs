//! The center of a world: the real one, in this process, on loopback ports of its own.

use super::phone::Task;
use super::time::{CenterClock, Time};
use super::{fail, must};
use crate::program::desk::Desk;
use crate::seed::Seed;
use serde_json::Value;
use siaga_center::backup::{self, Present};
use siaga_center::exchange::enrol::Invite;
use siaga_center::places::areas::Areas;
use siaga_center::seed::Content;
use siaga_center::serve::{ServeOptions, serve};
use siaga_center::{Center, people, seed};
use siaga_domain::id::{DeviceId, Epoch, RecordId};
use siaga_domain::kind::Role;
use siaga_domain::record::Record;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// A center with its console and its API.
pub struct WorldCenter {
    center: Arc<Center>,
    desk: Desk,
    field: SocketAddr,
    stopping: watch::Sender<bool>,
    wrong_by_ms: Arc<AtomicI64>,
    runtime: Arc<Runtime>,
}

impl WorldCenter {
    pub(super) fn open(folder: &Path, time: &Time, runtime: &Arc<Runtime>) -> Self {
        let wrong_by_ms = Arc::new(AtomicI64::new(0));
        let clock = CenterClock { time: time.clone(), wrong_by_ms: Arc::clone(&wrong_by_ms) };
        let center = Arc::new(must("open the center", Center::open_with(folder, Box::new(clock))));
        must("seed the center", seed::seed_from(&center, &Areas::Carried, "61.04", Content::Demo));
        let token = must("make a token", people::token::create(&center, "world"));
        Self::serve(center, token, wrong_by_ms, runtime)
    }

    /// Another center, put back from a backup into a folder of its own.
    pub(super) fn put_back(
        backup: &Path,
        folder: &Path,
        time: &Time,
        chance: &mut Seed,
        runtime: &Arc<Runtime>,
    ) -> Self {
        let epoch = Epoch(chance.draw().to_be_bytes());
        let now = UtcMs(time.now_ms());
        must("put a center back", backup::restore_into(backup, folder, Present::Refuse, now, epoch));
        Self::go_on(folder, time, runtime)
    }

    /// The center of a folder that is there, as it is.
    pub(super) fn go_on(folder: &Path, time: &Time, runtime: &Arc<Runtime>) -> Self {
        let wrong_by_ms = Arc::new(AtomicI64::new(0));
        let clock = CenterClock { time: time.clone(), wrong_by_ms: Arc::clone(&wrong_by_ms) };
        let center = Arc::new(must("open the center", Center::open_with(folder, Box::new(clock))));
        let token = must("make a token", people::token::create(&center, "world"));
        Self::serve(center, token, wrong_by_ms, runtime)
    }

    fn serve(center: Arc<Center>, token: String, wrong_by_ms: Arc<AtomicI64>, runtime: &Arc<Runtime>) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = ServeOptions {
            console: any,
            console_tls: None,
            field: any,
            field_urls: Vec::new(),
            patience: siaga_center::listen::Patience::of_the_field(),
        };
        let (stopping, stop) = watch::channel(false);
        let serving = must("serve the center", runtime.block_on(serve(Arc::clone(&center), options, stop)));
        let (console, field) = (serving.console, serving.field);
        runtime.spawn(serving.finished());
        Self { center, desk: Desk::new(console, token), field, stopping, wrong_by_ms, runtime: Arc::clone(runtime) }
    }

    /// The center's clock is wrong by this much from now on.
    pub fn clock_is_wrong_by(&self, ms: i64) {
        self.wrong_by_ms.store(ms, Ordering::SeqCst);
    }

    /// Everything it has, in one file.
    pub fn back_up(&self, target: &Path) {
        must("back up", self.center.backup(target, "world"));
    }

    /// Where phones reach it.
    #[must_use]
    pub const fn field(&self) -> SocketAddr {
        self.field
    }

    /// A link that enrols a phone which reaches the center through this address.
    #[must_use]
    pub fn invite(&self, unit: &str, role: Role, name: &str, through: SocketAddr) -> String {
        let invite = Invite { unit: unit.to_owned(), role, name: name.to_owned(), unattended: true };
        must("invite a phone", self.center.invite(&invite, &[format!("https://{through}")], "world")).link
    }

    /// A call comes in for a village of Jelai Hulu, and a unit is ordered to it.
    #[must_use]
    pub fn assign(&self, unit: &str, narrative: &str) -> Task {
        let incident = self.call(narrative);
        let assignment = must("order a unit", self.runtime.block_on(self.desk.assign(&incident, unit, "")));
        Task { incident, assignment }
    }

    /// The same, with an hour to answer: until then nobody is told that it is not answered.
    #[must_use]
    pub fn assign_with_an_hour(&self, unit: &str, narrative: &str) -> Task {
        let incident = self.call(narrative);
        let ordered = self.runtime.block_on(self.desk.assign_within(&incident, unit, 3_600));
        Task { incident, assignment: must("order a unit", ordered) }
    }

    fn call(&self, narrative: &str) -> String {
        must("take a call", self.runtime.block_on(self.desk.call("BANJIR", "61.04.14.2015", narrative)))
    }

    /// The statuses pressed on a task, in causal order.
    #[must_use]
    pub fn statuses(&self, task: &Task) -> Vec<Status> {
        match self.record(&task.assignment) {
            Some(Record::Assignment(assignment)) => assignment.events.iter().map(|event| event.status).collect(),
            _ => Vec::new(),
        }
    }

    /// A record as the center has it.
    #[must_use]
    pub fn record(&self, id: &str) -> Option<Record> {
        let id: RecordId = must("read an id", id.parse());
        must("read a record", self.center.record(&id)).and_then(|stored| stored.record)
    }

    /// Asks the HTTP API.
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        must(path, self.runtime.block_on(self.desk.get(path)))
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        must(path, self.runtime.block_on(self.desk.post(path, body)))
    }

    pub fn revoke(&self, device: &str) {
        let device: DeviceId = must("read an id", device.parse());
        must("revoke a phone", self.center.revoke_device(&device, "world"));
    }

    /// The hash the device must have when both are quiet.
    #[must_use]
    pub fn digest(&self, device: &str) -> String {
        must("compute a digest", self.runtime.block_on(self.desk.digest(device)))
    }

    /// The center itself, for what no story says.
    #[must_use]
    pub const fn inner(&self) -> &Arc<Center> {
        &self.center
    }
}

impl Drop for WorldCenter {
    fn drop(&mut self) {
        if self.stopping.send(true).is_err() && !std::thread::panicking() {
            fail("stop the center", &"it stopped by itself");
        }
    }
}
