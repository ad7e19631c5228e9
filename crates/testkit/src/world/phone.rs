//! One phone of a world: the real engine over a home of its own, behind a link of its own.

mod wire;

use super::World;
use super::center::WorldCenter;
use super::must;
use super::time::{PhoneClock, Time};
use crate::link::{Link, Quality, Traffic};
use crate::seed::Seed;
use siaga_domain::category::Category;
use siaga_domain::kind::Role;
use siaga_domain::status::Status;
use siaga_field::port::{Entropy, KeyError, KeyStore, Ports};
use siaga_field::request::{Accept, ById, DutyOn, Enrol, Press, Report, Resolve};
use siaga_field::view::{Enrolled, RecordView, SyncReport, Written};
use siaga_field::{Failure, Field};
use siaga_store::{LifeSigns, Store, StoreKey};
use siaga_sync::driver::Driver;
use siaga_wire::key::MemorySigner;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Reports that are made no faster than this exceed no quota.
const REPORTS_APART: Duration = Duration::from_secs(180);

/// An incident and a unit's assignment to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    pub incident: String,
    pub assignment: String,
}

/// Somebody's phone. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Phone {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    device: String,
    home: PathBuf,
    /// None while the app is not running.
    field: Mutex<Option<Arc<Field>>>,
    link: Link,
    ports: Mutex<Ports>,
    time: Time,
    wrong_by_ms: Arc<AtomicI64>,
    runtime: Arc<Runtime>,
}

impl Phone {
    #[allow(clippy::too_many_arguments, reason = "everything of a world that a phone takes part in")]
    pub(super) fn enrol(
        name: &str,
        home: &Path,
        unit: &str,
        role: Role,
        center: &WorldCenter,
        clock: PhoneClock,
        seed: &Seed,
        runtime: &Arc<Runtime>,
    ) -> Self {
        let chance = seed.branch(name);
        let link = Link::open(center.field(), Quality::default(), chance.branch("link"));
        let link = must("open a link", runtime.block_on(link));
        let (time, wrong_by_ms) = (clock.time.clone(), Arc::clone(&clock.wrong_by_ms));
        let ports = ports(clock, &chance);
        let field = must("open a home", Field::open(home, ports.clone()));
        let invitation = center.invite(unit, role, name, link.address());
        let enrolled = must("enrol", runtime.block_on(field.enrol(&Enrol { link: invitation, set_aside: false })));
        let inner = Inner {
            name: name.to_owned(),
            device: enrolled.device,
            home: home.to_owned(),
            field: Mutex::new(Some(Arc::new(field))),
            link,
            ports: Mutex::new(ports),
            time,
            wrong_by_ms,
            runtime: Arc::clone(runtime),
        };
        let phone = Self { inner: Arc::new(inner) };
        phone.sync();
        phone
    }

    pub(super) fn copied(
        &self,
        name: &str,
        home: &Path,
        center: &WorldCenter,
        seed: &Seed,
        runtime: &Arc<Runtime>,
    ) -> Self {
        must("copy a home", copy_folder(&self.inner.home, home));
        let chance = seed.branch(name);
        let link = must(
            "open a link",
            runtime.block_on(Link::open(center.field(), Quality::default(), chance.branch("link"))),
        );
        // The address of the center is in the home: the copy goes by the first phone's road, as it would.
        let mut ports = ports(
            PhoneClock { time: self.inner.time.clone(), wrong_by_ms: Arc::clone(&self.inner.wrong_by_ms) },
            &chance,
        );
        let of = self.ports();
        (ports.keys, ports.signer) = (of.keys, of.signer);
        let field = must("open a home", Field::open(home, ports.clone()));
        let inner = Inner {
            name: name.to_owned(),
            device: self.inner.device.clone(),
            home: home.to_owned(),
            field: Mutex::new(Some(Arc::new(field))),
            link,
            ports: Mutex::new(ports),
            time: self.inner.time.clone(),
            wrong_by_ms: Arc::clone(&self.inner.wrong_by_ms),
            runtime: Arc::clone(runtime),
        };
        Self { inner: Arc::new(inner) }
    }

    /// A copy of the home beside it, made while nobody works on it.
    #[must_use]
    pub fn copy_home(&self) -> PathBuf {
        let copy = self.inner.home.with_extension("copy");
        must("copy a home", copy_folder(&self.inner.home, &copy));
        copy
    }

    /// What was copied takes the place of the home; the phone must be switched off.
    pub fn put_back(&self, copy: &Path) {
        must("clear the home", std::fs::remove_dir_all(&self.inner.home));
        must("put a home back", copy_folder(copy, &self.inner.home));
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    #[must_use]
    pub fn device(&self) -> &str {
        &self.inner.device
    }

    #[must_use]
    pub fn home(&self) -> &Path {
        &self.inner.home
    }

    /// The engine, for use cases without a word of their own here.
    #[must_use]
    pub fn field(&self) -> Arc<Field> {
        let field = self.inner.field.lock().unwrap_or_else(PoisonError::into_inner).clone();
        must("use a phone that is switched off", field.ok_or("it is off"))
    }

    fn ports(&self) -> Ports {
        self.inner.ports.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Nobody works on the home from now on.
    pub fn switch_off(&self) {
        self.inner.field.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The phone is started: another boot.
    pub fn switch_on(&self) {
        let ports = {
            let mut ports = self.inner.ports.lock().unwrap_or_else(PoisonError::into_inner);
            ports.boot_id = another_boot();
            ports.clone()
        };
        let field = must("open a home", Field::open(&self.inner.home, ports));
        *self.inner.field.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(field));
    }

    #[must_use]
    pub fn link(&self) -> &Link {
        &self.inner.link
    }

    /// Out of coverage from now on.
    pub fn offline(&self) -> &Self {
        self.inner.link.cut();
        self
    }

    pub fn online(&self) -> &Self {
        self.inner.link.restore();
        self
    }

    #[must_use]
    pub fn is_online(&self) -> bool {
        self.inner.link.is_reachable()
    }

    /// The device's clock is wrong by this much from now on.
    pub fn clock_is_wrong_by(&self, ms: i64) {
        self.inner.wrong_by_ms.store(ms, Ordering::SeqCst);
    }

    /// Accepts a task.
    pub fn accept(&self, task: &Task) -> Written {
        must("accept", self.field().accept(&Accept { id: task.assignment.clone(), position: None, shown: None }))
    }

    /// Presses a status.
    pub fn press(&self, task: &Task, status: Status) -> Written {
        let request =
            Press { id: task.assignment.clone(), status, position: None, reason: None, shown: None, outcome: None };
        must("press a status", self.field().press(&request))
    }

    /// Checks its owner in at a post: somebody is on duty.
    pub fn check_in(&self, post: &str) -> Written {
        must("check in", self.field().duty_on(&DutyOn { post: post.to_owned(), person: self.name().to_owned() }))
    }

    /// Becomes a device of the center that gave the link, and says nothing else yet.
    pub fn enrols(&self, link: &str) {
        let enrolling = self.field();
        must("enrol", self.inner.runtime.block_on(enrolling.enrol(&Enrol { link: link.to_owned(), set_aside: false })));
    }

    /// Asks to become a device of the center that gave the link.
    ///
    /// # Errors
    /// What the use case gives.
    pub fn try_enrol(&self, link: &str, set_aside: bool) -> Result<Enrolled, Failure> {
        let enrolling = self.field();
        self.inner.runtime.block_on(enrolling.enrol(&Enrol { link: link.to_owned(), set_aside }))
    }

    /// The key store of the phone forgets the device's key, as after a new screen lock; the app finds out and draws another.
    pub fn loses_its_key(&self) {
        let chance = Seed::new(1).branch(&self.inner.name);
        let mut keys = chance.branch("another key");
        let signer = loop {
            if let Ok(signer) = MemorySigner::from_scalar(&keys.bytes()) {
                break signer;
            }
        };
        self.switch_off();
        self.inner.ports.lock().unwrap_or_else(PoisonError::into_inner).signer = Arc::new(signer);
        self.switch_on();
        must("look for the key", self.field().keep_device_key());
    }

    /// Exchanges beside the story, as the app does, until what is given back is dropped.
    #[must_use]
    pub fn watching(&self) -> Watching {
        let (stop, stopping) = watch::channel(false);
        let phone = self.clone();
        let task = self.inner.runtime.spawn(async move { phone.field().watch(stopping, || {}).await });
        Watching { stop, task }
    }

    /// In coverage for so long and not a moment longer.
    pub fn online_for(&self, time: Duration) {
        self.online();
        self.inner.runtime.block_on(async { tokio::time::sleep(time).await });
        self.offline();
    }

    /// One exchange round; how many changes moved either way. A center that is not reached moves none.
    pub fn sync(&self) -> u32 {
        let report = self.try_sync().unwrap_or_default();
        report.sent_changes + report.receipted_changes + report.received_changes
    }

    /// # Errors
    /// What the engine says: the center was not reached, or refused.
    pub fn try_sync(&self) -> Result<SyncReport, Failure> {
        self.inner.runtime.block_on(self.field().sync())
    }

    /// What one exchange costs on the wire when this phone knows at least `documents` and neither side has anything to
    /// say: everything a fresh connection carries, less what its TLS handshake alone carries.
    pub fn idle_exchange(&self, world: &World, documents: usize) -> Traffic {
        for number in 0..documents {
            let report = Report {
                category: Category::Flood,
                text: format!("laporan {number}"),
                position: None,
                village: Some("61.04.14.2015".to_owned()),
                landmark: None,
                photo: None,
                outside_ok: None,
            };
            must("report", self.field().report(&report));
            // Twenty an hour: more of them would wait at the center.
            world.passes(REPORTS_APART);
        }
        world.run_until_quiet();
        let store = self.store();
        let enrolment = must("read the enrolment", store.enrolment());
        let root_der = enrolment.map(|enrolment| enrolment.root_der).unwrap_or_default();
        // Greeted in full, as the greeting alone will be: a session that is resumed greets in fewer bytes.
        let [whole, _] = self.cold_idle();
        let began = self.traffic();
        must("greet the center", self.inner.runtime.block_on(greet(self.inner.link.address(), &root_der)));
        self.inner.runtime.block_on(self.inner.link.closed());
        whole.since(self.traffic().since(began))
    }

    /// The device's clock now, UTC milliseconds.
    #[must_use]
    pub fn device_ms(&self) -> i64 {
        self.ports().clock.device_ms()
    }

    /// Documents this phone has in its scope.
    #[must_use]
    pub fn known_documents(&self) -> usize {
        let scope = must("read the scope", self.store().digest_scope());
        scope.documents.len() + usize::try_from(scope.unsent_documents).unwrap_or(0)
    }

    /// Another guest of the home: its store.
    #[must_use]
    pub fn store(&self) -> Store {
        let ports = self.ports();
        let entropy = Arc::clone(&ports.entropy);
        let draw = move || {
            let mut bytes = [0; 16];
            entropy.fill(&mut bytes);
            bytes
        };
        let signs = LifeSigns { boot_id: ports.boot_id.clone(), boot_count: ports.boot_count, draw: Arc::new(draw) };
        let key = must("read the key", ports.keys.store_key());
        must("open the home", Store::open(&self.inner.home, &StoreKey::new(*key), &signs))
    }

    /// Another guest of the home: a driver that has never spoken to the center.
    #[must_use]
    pub fn driver(&self) -> Driver {
        let ports = self.ports();
        Driver::new(self.store(), ports.signer, ports.clock)
    }

    /// A record as it reads here.
    #[must_use]
    pub fn get(&self, id: &str) -> RecordView {
        must("read a record", self.field().get(&ById { id: id.to_owned() }))
    }

    /// The fields people disagree about in a record.
    #[must_use]
    pub fn disputes(&self, id: &str) -> Vec<String> {
        let all = must("list disputes", self.field().disputes());
        all.into_iter().filter(|item| item.id == id).map(|item| item.dispute.field).collect()
    }

    /// A human decides.
    pub fn resolve(&self, id: &str, field: &str, choice: &str) -> Written {
        let request = Resolve { id: id.to_owned(), field: field.to_owned(), choice: choice.to_owned() };
        must("resolve", self.field().resolve(&request))
    }

    /// Changes the center has not receipted.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        let state = must("read the outbox", self.field().outbox()).sync;
        state.saved + state.sent
    }

    #[must_use]
    pub fn digest(&self) -> String {
        must("compute a digest", self.field().digest()).digest
    }

    /// Everything its link carried so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.inner.link.traffic()
    }
}

/// An exchange that goes on beside the story.
pub struct Watching {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<Result<(), Failure>>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.task.abort();
    }
}

/// A TLS handshake and a farewell, with nothing between them.
async fn greet(address: SocketAddr, root_der: &[u8]) -> anyhow::Result<()> {
    let config = siaga_sync::tls::client_config(root_der, siaga_sync::tls::CheckTime::default())?;
    let name = ServerName::from(address.ip());
    let stream = TcpStream::connect(address).await?;
    let mut greeted = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    greeted.shutdown().await?;
    // Session tickets come after the handshake; they are part of it.
    let mut rest = Vec::new();
    greeted.read_to_end(&mut rest).await?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn ports(clock: PhoneClock, chance: &Seed) -> Ports {
    let entropy = Arc::new(SeededEntropy(Mutex::new(chance.branch("entropy"))));
    let mut keys = chance.branch("keys");
    let signer = loop {
        if let Ok(signer) = MemorySigner::from_scalar(&keys.bytes()) {
            break signer;
        }
    };
    Ports {
        clock: Arc::new(clock),
        entropy,
        keys: Arc::new(FixedKey(keys.bytes())),
        signer: Arc::new(signer),
        boot_id: another_boot(),
        boot_count: None,
        app: "siaga-testkit".to_owned(),
    }
}

static BOOTS: AtomicU64 = AtomicU64::new(1);

fn another_boot() -> String {
    format!("world boot {}", BOOTS.fetch_add(1, Ordering::SeqCst))
}

/// Randomness that can be repeated; never outside a test.
struct SeededEntropy(Mutex<Seed>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut seed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(seed.draw().to_le_bytes()) {
                *to = from;
            }
        }
    }
}

struct FixedKey([u8; 32]);

impl KeyStore for FixedKey {
    fn store_key(&self) -> Result<zeroize::Zeroizing<[u8; 32]>, KeyError> {
        Ok(zeroize::Zeroizing::new(self.0))
    }
}
