//! One center: its folder, database, keys, clock and listeners, shared by everything that runs in this process.

use crate::admission::Gate;
use crate::admission::inside::Inside;
use crate::chance::{self, Chance, NoChance, SystemChance};
use crate::clock::{Clock, SystemClock};
use crate::db::device::Device;
use crate::db::identity::Identity;
use crate::db::projection::Stored;
use crate::db::{self, Db, DbError, OpenDbError};
use crate::exchange::limit::Limits;
use crate::exchange::way::Way;
use crate::hub::{Changed, Hub};
use crate::journal::documents::Documents;
use crate::journal::turns::Turns;
use crate::keys::{self, KeyFileError};
use crate::lock::{self, Held, LockError};
use crate::storage::Storage;
use crate::tick::Tick;
use crate::tls::{Root, TlsError};
use siaga_domain::id::{ActorId, CenterId, DeviceId, EntryId, Epoch, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::time::UtcMs;
use siaga_wire::key::CenterKey;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The database's name in the center's folder.
pub const DATABASE: &str = "center.db";

/// Where attachments are, by hash.
pub const ATTACHMENTS: &str = "attachments";

/// The center could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("could not make the folder {0}")]
    Folder(PathBuf, #[source] std::io::Error),
    #[error("could not use the folder")]
    Lock(#[from] LockError),
    #[error("could not open the database")]
    Database(#[source] OpenDbError),
    #[error("could not read who this center is")]
    Identity(#[source] DbError),
    #[error("could not use the keys")]
    Keys(#[source] KeyFileError),
    #[error("could not use the TLS root")]
    Root(#[source] TlsError),
    #[error(transparent)]
    Random(#[from] NoChance),
}

/// An opened center. Everything takes `&self`; share it in an `Arc`.
pub struct Center {
    dir: PathBuf,
    storage: Arc<Storage>,
    db: Db,
    key: CenterKey,
    id: CenterId,
    clock: Box<dyn Clock>,
    chance: Box<dyn Chance>,
    started: Instant,
    /// What both clocks read when it was opened.
    opened: (UtcMs, i64),
    tick: Tick,
    /// Drawn anew each time a center is opened: (actor, seq) can never be made twice, whatever was restored.
    actor: ActorId,
    hub: Arc<Hub>,
    documents: Documents,
    gate: Box<dyn Gate>,
    turns: Turns,
    limits: Limits,
    way: Way,
    /// Feed position up to which listeners were told.
    announced: AtomicU64,
    announcing: Mutex<()>,
    others: AtomicI64,
    /// When what time changes was last settled, and when last for every device; 0 before.
    settled_ms: [AtomicI64; 2],
    challenges: crate::exchange::session::Challenges,
    root: Root,
    /// One piece of an attachment is written at a time.
    attachments: Mutex<()>,
    /// Dropped last: a restore waits for the database to be closed.
    _shared: Held,
}

impl Center {
    /// Opens the center in `dir`, making folder, keys and database at the first start. It judges what devices send
    /// [inside](Inside) this process: for tools and tests. A center that is served to phones is opened with
    /// [`open_behind`](Self::open_behind).
    ///
    /// # Errors
    /// [`OpenError`] naming the step.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_with(dir, Box::new(SystemClock))
    }

    /// As [`open`](Self::open), under a clock of the caller's.
    ///
    /// # Errors
    /// [`OpenError`] naming the step.
    pub fn open_with(dir: &Path, clock: Box<dyn Clock>) -> Result<Self, OpenError> {
        Self::open_behind(dir, clock, Box::new(Inside))
    }

    /// As [`open_with`](Self::open_with), behind a gate of the caller's.
    ///
    /// # Errors
    /// [`OpenError`] naming the step.
    pub fn open_behind(dir: &Path, clock: Box<dyn Clock>, gate: Box<dyn Gate>) -> Result<Self, OpenError> {
        Self::open_by(dir, clock, gate, Box::new(SystemChance))
    }

    /// As [`open_behind`](Self::open_behind), under a chance of the caller's as well.
    ///
    /// # Errors
    /// [`OpenError`] naming the step.
    pub fn open_by(
        dir: &Path,
        clock: Box<dyn Clock>,
        gate: Box<dyn Gate>,
        chance: Box<dyn Chance>,
    ) -> Result<Self, OpenError> {
        keys::make_owner_only(dir).map_err(|cause| OpenError::Folder(dir.to_owned(), cause))?;
        let shared = lock::share(dir)?;
        let storage = Arc::new(Storage::of(dir));
        let attachments = dir.join(ATTACHMENTS);
        keys::make_owner_only(&attachments).map_err(|cause| OpenError::Folder(attachments, cause))?;
        let database = dir.join(DATABASE);
        keys::touch_owner_only(&database).map_err(|cause| OpenError::Folder(database.clone(), cause))?;
        let db = Db::open_on(&database, Some(Arc::clone(&storage))).map_err(OpenError::Database)?;
        let known = db.read(|tx| db::identity::load(tx)).map_err(OpenError::Identity)?;
        let key =
            CenterKey::from_seed(&keys::center_seed(dir, known.is_none(), chance.as_ref()).map_err(OpenError::Keys)?);
        let root = Root::load(dir, known.is_none()).map_err(OpenError::Root)?;
        let identity = match known {
            Some(identity) => identity,
            None => first_identity(&db, clock.now(), chance.as_ref())?,
        };
        let head = db.read(|tx| db::feed::head(tx)).map_err(OpenError::Identity)?;
        let others = db.others_version().map_err(OpenError::Identity)?;
        let opened = (clock.now(), clock.monotonic_ms().unwrap_or(0));
        let actor = ActorId::from_bytes(chance::draw(chance.as_ref())?);
        let tick = Tick::open(&db, clock.as_ref(), &hex::encode(actor.as_bytes())).map_err(OpenError::Identity)?;
        let center = Self {
            dir: dir.to_owned(),
            storage,
            db,
            key,
            id: identity.id,
            clock,
            started: Instant::now(),
            opened,
            tick,
            actor,
            hub: Arc::new(Hub::default()),
            documents: Documents::default(),
            gate,
            turns: Turns::default(),
            limits: Limits::default(),
            way: Way::default(),
            announced: AtomicU64::new(head),
            announcing: Mutex::new(()),
            others: AtomicI64::new(others),
            settled_ms: [AtomicI64::new(0), AtomicI64::new(0)],
            challenges: crate::exchange::session::Challenges::new(chance::draw(chance.as_ref())?),
            root,
            chance,
            attachments: Mutex::new(()),
            _shared: shared,
        };
        // A center that cannot do this now still serves; the next opening tries again.
        for (step, done) in [
            ("read records anew", center.read_anew()),
            ("replace unfit records", center.replace_unfit().map(drop)),
            ("judge the times of old records", center.judge_old_times()),
            ("join heads of records", center.fold_all().map(drop)),
        ] {
            if let Err(error) = done {
                tracing::error!(error = &error as &(dyn std::error::Error + 'static), "could not {step}");
            }
        }
        Ok(center)
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The disk the folder is on.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The database, for the queries of `db`.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    #[must_use]
    pub const fn id(&self) -> CenterId {
        self.id
    }

    #[must_use]
    pub const fn key(&self) -> &CenterKey {
        &self.key
    }

    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    #[must_use]
    pub const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub(crate) const fn documents(&self) -> &Documents {
        &self.documents
    }

    pub(crate) fn gate(&self) -> &dyn Gate {
        &*self.gate
    }

    pub(crate) const fn turns(&self) -> &Turns {
        &self.turns
    }

    /// What senders of the field may ask of the listener, and who asked too much.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) const fn way(&self) -> &Way {
        &self.way
    }

    pub(crate) fn settled_ms(&self) -> [i64; 2] {
        self.settled_ms.each_ref().map(|at| at.load(Ordering::Acquire))
    }

    pub(crate) fn set_settled_ms(&self, settled: [i64; 2]) {
        self.settled_ms.iter().zip(settled).for_each(|(at, ms)| at.store(ms, Ordering::Release));
    }

    pub(crate) const fn challenges(&self) -> &crate::exchange::session::Challenges {
        &self.challenges
    }

    /// As many random bytes as are asked for.
    ///
    /// # Errors
    /// [`NoChance`] when the source gives none.
    pub fn draw<const N: usize>(&self) -> Result<[u8; N], NoChance> {
        chance::draw(self.chance.as_ref())
    }

    #[must_use]
    pub fn now(&self) -> UtcMs {
        self.clock.now()
    }

    /// Milliseconds since this center was opened; no clock change moves it.
    #[must_use]
    pub fn monotonic_ms(&self) -> i64 {
        let counted = || i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.clock.monotonic_ms().unwrap_or_else(counted)
    }

    /// The center's time as it would be had nobody set its clock since it was opened: for what must last so long and no
    /// longer. What people read is [`now`](Self::now).
    #[must_use]
    pub fn steady(&self) -> UtcMs {
        let (utc, monotonic_ms) = self.opened;
        utc.plus(self.monotonic_ms().saturating_sub(monotonic_ms))
    }

    /// Milliseconds on the center's own count, which goes on through restarts and which no setting of a clock moves.
    #[must_use]
    pub fn elapsed_ms(&self) -> i64 {
        self.tick.elapsed_ms(self.clock.as_ref(), self.running_ms())
    }

    /// Writes the count down, so that a restart of the machine goes on from here.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn save_elapsed(&self) -> Result<(), DbError> {
        self.tick.save(&self.db, self.clock.as_ref(), self.running_ms())
    }

    fn running_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Read anew each time: a restore in another process begins another epoch.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn identity(&self) -> Result<Identity, DbError> {
        let unknown = Identity { id: self.id, epoch: Epoch::default(), name: String::new() };
        self.db.read(|tx| db::identity::load(tx)).map(|identity| identity.unwrap_or(unknown))
    }

    /// The certificate phones pin, DER.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        self.root.der()
    }

    #[must_use]
    pub const fn root(&self) -> &Root {
        &self.root
    }

    pub(crate) fn attachments_lock(&self) -> std::sync::MutexGuard<'_, ()> {
        self.attachments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh record id.
    #[must_use]
    pub fn new_record(&self) -> RecordId {
        RecordId::v7(self.now().0, random_or_clock(self))
    }

    /// A fresh entry id.
    #[must_use]
    pub fn new_entry(&self) -> EntryId {
        EntryId::v7(self.now().0, random_or_clock(self))
    }

    /// What moves at this center, from now on.
    #[must_use]
    pub fn changes(&self) -> tokio::sync::broadcast::Receiver<Changed> {
        self.hub.subscribe()
    }

    /// # Errors
    /// [`DbError`] naming the step.
    pub fn record(&self, id: &RecordId) -> Result<Option<Stored>, DbError> {
        self.db.read(|tx| db::projection::get(tx, id))
    }

    /// Oldest first.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn records(&self, kind: RecordKind) -> Result<Vec<Stored>, DbError> {
        self.db.read(|tx| db::projection::of_kind(tx, kind))
    }

    /// The records of a kind that belong to an incident, oldest first.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn of_incident(&self, incident: &RecordId, kind: RecordKind) -> Result<Vec<Stored>, DbError> {
        self.db.read(|tx| db::projection::of_incident(tx, incident, kind))
    }

    /// # Errors
    /// [`DbError`] naming the step.
    pub fn devices(&self) -> Result<Vec<Device>, DbError> {
        self.db.read(|tx| db::device::all(tx))
    }

    /// # Errors
    /// [`DbError`] naming the step.
    pub fn device(&self, id: &DeviceId) -> Result<Option<Device>, DbError> {
        self.db.read(|tx| db::device::get(tx, id))
    }

    /// # Errors
    /// [`DbError`] naming the step.
    pub fn setting(&self, name: &str) -> Result<Option<String>, DbError> {
        self.db.read(|tx| db::setting::get(tx, name))
    }

    /// # Errors
    /// [`DbError`] naming the step.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), DbError> {
        self.db.write(|tx| db::setting::set(tx, name, value))
    }

    /// Adds a row to the audit chain. `detail` holds codes and counts, never a name or a NIK.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn audit(&self, by: &str, act: &str, subject: &str, detail: &str) -> Result<(), DbError> {
        let at = self.now().0;
        self.db.write(|tx| db::audit::append(tx, at, &db::audit::Act { by, act, subject, detail }))
    }

    /// Tells listeners everything that is in the feed and was not told yet, whichever process wrote it.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn announce(&self) -> Result<(), DbError> {
        let _one_at_a_time = self.announcing.lock().unwrap_or_else(PoisonError::into_inner);
        let after = self.announced.load(Ordering::Acquire);
        let wake = self.hub.anyone_held();
        let moved = self.db.read(|tx| {
            let mut moved = Vec::new();
            for (position, record, kind) in db::feed::records_after(tx, after)? {
                let listeners = if wake { db::feed::listeners(tx, &record)? } else { Vec::new() };
                moved.push((position, record, kind, listeners));
            }
            Ok::<_, DbError>(moved)
        })?;
        for (position, record, kind, listeners) in moved {
            self.announced.fetch_max(position, Ordering::AcqRel);
            self.hub.tell(Changed::Record { record, kind, lane: kind.lane() });
            for device in listeners {
                self.hub.wake(&device);
            }
        }
        Ok(())
    }

    /// Announces what other processes wrote since the last call, and says whether they wrote anything. Cheap when
    /// they did not.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn announce_others(&self) -> Result<bool, DbError> {
        let version = self.db.others_version()?;
        if self.others.swap(version, Ordering::AcqRel) == version {
            return Ok(false);
        }
        // A device revoked from the command line must not stay in a held request.
        for device in self.devices()? {
            self.hub.tell(Changed::Device { device: device.id });
            if device.state != crate::db::device::DeviceState::Active {
                self.hub.wake(&device.id);
            }
        }
        self.announce()?;
        Ok(true)
    }
}

fn first_identity(db: &Db, now: UtcMs, chance: &dyn Chance) -> Result<Identity, OpenError> {
    let identity = Identity {
        id: CenterId::from_bytes(chance::draw(chance)?),
        epoch: Epoch(chance::draw(chance)?),
        name: "Siaga 112".to_owned(),
    };
    db.write(|tx| db::identity::create(tx, &identity, now.0)).map_err(OpenError::Identity)?;
    Ok(identity)
}

/// Ids need to be unique, not secret: should the system's random source fail after start, a hash of this life's
/// actor and a counter still never repeats.
fn random_or_clock(center: &Center) -> [u8; 10] {
    use sha2::{Digest, Sha256};
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    center.draw().unwrap_or_else(|_| {
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut hasher = Sha256::new();
        hasher.update(center.actor.as_bytes());
        hasher.update(count.to_be_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        let mut id = [0; 10];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        id
    })
}
