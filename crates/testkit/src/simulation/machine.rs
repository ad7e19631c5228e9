//! The machine: one queue of happenings under one time, and what each of them does.
//!
//! It stands where the driver stands on a phone and the listener at the center: it asks a talk what it wants, carries the
//! bytes that `exchange` makes, and says what came of them. It decides nothing about records, and reads no clock.
//!
//! It is long because a process of a phone, a process of the center and the queue between them share one state: whoever dies takes
//! what it had under way with it. `work` is what people do, `trouble` what goes wrong, `road` what happens to messages, `judge` what must hold.

mod crowd;
mod judge;
mod road;
mod trouble;
mod work;

use super::disk::Disks;
use super::ledger::Ledger;
use super::phone::{self, Engine, Phone};
use super::plan::Plan;
use super::template::{center_of, home_of};
use super::world::{Time, open_center};
use super::{Run, Sabotage};
use crate::seed::Seed;
use anyhow::{Context as _, Result, anyhow, bail};
use road::{Body, Held, Request};
use siaga_center::db::device::DeviceState;
use siaga_center::{Center, db};
use siaga_domain::id::DeviceId;
use siaga_store::StoreError;
use siaga_sync::exchange::{self, Ask, Oneself, SyncError};
use siaga_sync::http::HttpError;
use siaga_sync::session::{Event, Finish, Line, Mode};
use siaga_sync::talk::{Act, Talk, jitter, what_waits};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// As the driver has them.
const LEASE_MS: i64 = 6_000;
const HOLD_MS: u32 = 50_000;
const LEASE_AGAIN_MS: i64 = 500;
const AFTER_END_MS: i64 = 1_000;
const AFTER_CLOSED_DOOR_MS: i64 = 600_000;
const AFTER_STORE_TROUBLE_MS: i64 = 5_000;

/// The regular tasks of a served center.
const TIME_EVERY_MS: i64 = 60_000;

/// How soon after the last fault everything must be where it belongs.
const QUIET_WITHIN_MS: i64 = 600_000;
/// How often that is looked at.
const LOOK_EVERY_MS: i64 = 5_000;

/// What may happen.
#[derive(Debug)]
enum Happening {
    /// The next event of the plan.
    Planned,
    /// The last fault is over.
    Calm,
    Look,
    Minute,
    Starts {
        phone: usize,
        life: u64,
    },
    Speaks {
        phone: usize,
        life: u64,
    },
    Dies {
        phone: usize,
        life: u64,
    },
    Wakes {
        phone: usize,
        life: u64,
        timer: u64,
    },
    Paces {
        phone: usize,
        life: u64,
        timer: u64,
    },
    CoverageIsBack {
        phone: usize,
    },
    RoomAgain {
        phone: usize,
    },
    Arrives {
        request: u64,
        phone: usize,
        body: Body,
    },
    Answered {
        request: u64,
        arrived: Result<Vec<u8>, HttpError>,
    },
    HoldEnds {
        request: u64,
    },
    CenterStarts {
        life: u64,
    },
    CenterDies {
        life: u64,
    },
    CenterRoomAgain,
}

struct Due {
    at_ms: i64,
    order: u64,
    what: Happening,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at_ms, self.order) == (other.at_ms, other.order)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_ms, self.order).cmp(&(other.at_ms, other.order))
    }
}

/// One run.
pub(super) struct Machine<'a> {
    folder: PathBuf,
    plan: &'a Plan,
    sabotage: Option<Sabotage>,
    seed: Seed,
    time: Time,
    disks: Rc<Disks>,
    queue: BinaryHeap<Reverse<Due>>,
    order: u64,
    /// The next event of the plan, and how much later than planned it comes: nights are not in the plan's time.
    next_event: usize,
    late_ms: i64,
    phones: Vec<Phone>,
    /// Where the copy of a phone stands, by the number a plan gives it.
    twins: BTreeMap<u8, usize>,
    center: Option<Arc<Center>>,
    center_life: u64,
    requests: BTreeMap<u64, Request>,
    next_request: u64,
    held: BTreeMap<u64, Held>,
    ledger: Ledger,
    calm_since_ms: Option<i64>,
    trace: u64,
    exchanges: u64,
}

impl<'a> Machine<'a> {
    /// Runs a plan over a folder that was copied from the template.
    ///
    /// # Errors
    /// When the run could not be set up; what a run finds is in the [`Run`].
    pub(super) fn run_in(folder: PathBuf, plan: &'a Plan, sabotage: Option<Sabotage>) -> Result<Run> {
        let seed = Seed::new(plan.seed).branch("run");
        let phones = (0..plan.phones).map(|number| Phone::new(number, home_of(&folder, number), &seed)).collect();
        let mut machine = Self {
            folder,
            plan,
            sabotage,
            seed,
            time: Time::default(),
            disks: Disks::watched(),
            queue: BinaryHeap::new(),
            order: 0,
            next_event: 0,
            late_ms: 0,
            phones,
            twins: BTreeMap::new(),
            center: None,
            center_life: 0,
            requests: BTreeMap::new(),
            next_request: 0,
            held: BTreeMap::new(),
            ledger: Ledger::default(),
            calm_since_ms: None,
            trace: 0xCBF2_9CE4_8422_2325,
            exchanges: 0,
        };
        let ended = machine.run();
        Disks::unwatch();
        let quiet_after_ms = machine.calm_since_ms.map_or(0, |since| machine.time.now_ms() - since);
        Ok(Run {
            broken: ended.err().map(|why| format!("{why:#}")),
            trace: machine.trace,
            exchanges: machine.exchanges,
            told: machine.ledger.told(),
            quiet_after_ms,
        })
    }

    fn run(&mut self) -> Result<()> {
        self.start_center()?;
        for phone in 0..self.phones.len() {
            self.start(phone)?;
        }
        self.leave_the_others_out()?;
        self.after(TIME_EVERY_MS, Happening::Minute);
        self.plan_next();
        while let Some(Reverse(due)) = self.queue.pop() {
            self.time.set(due.at_ms.max(self.time.now_ms()));
            if self.happens(due.what)? {
                return Ok(());
            }
        }
        bail!("nothing happens any more")
    }

    /// Whether everything is over, and well.
    fn happens(&mut self, what: Happening) -> Result<bool> {
        match what {
            Happening::Planned => self.next_of_plan()?,
            Happening::Calm => self.calm()?,
            Happening::Look => return self.look(),
            Happening::Minute => self.minute()?,
            Happening::Starts { phone, life } if self.is_life(phone, life) => self.start(phone)?,
            Happening::Speaks { phone, life } if self.is_life(phone, life) => self.speak(phone)?,
            Happening::Dies { phone, life } if self.is_life(phone, life) => self.die(phone)?,
            Happening::Wakes { phone, life, timer } if self.is_life(phone, life) => {
                if self.engine(phone).is_some_and(|engine| engine.wake == timer) {
                    self.feed(phone, [Event::Woke])?;
                }
            }
            Happening::Paces { phone, life, timer } if self.is_life(phone, life) => {
                if self.engine(phone).is_some_and(|engine| engine.pace == timer) {
                    self.feed(phone, [Event::Paced])?;
                }
            }
            Happening::CoverageIsBack { phone } => self.feed(phone, [Event::NetworkUp])?,
            Happening::RoomAgain { phone } => self.set_full(phone, false)?,
            Happening::Arrives { request, phone, body } => self.arrive(request, phone, &body)?,
            Happening::Answered { request, arrived } => self.answered(request, arrived)?,
            Happening::HoldEnds { request } => self.end_hold(request)?,
            Happening::CenterStarts { life } if life == self.center_life => self.start_center()?,
            Happening::CenterDies { life } if life == self.center_life => self.center_dies(),
            Happening::CenterRoomAgain => self.set_center_full(false)?,
            Happening::Starts { .. }
            | Happening::Speaks { .. }
            | Happening::Dies { .. }
            | Happening::Wakes { .. }
            | Happening::Paces { .. }
            | Happening::CenterStarts { .. }
            | Happening::CenterDies { .. } => {}
        }
        Ok(false)
    }

    fn after(&mut self, ms: i64, what: Happening) {
        self.order += 1;
        self.queue.push(Reverse(Due { at_ms: self.time.now_ms() + ms.max(0), order: self.order, what }));
    }

    fn plan_next(&mut self) {
        let now = self.time.now_ms();
        match self.plan.events.get(self.next_event) {
            Some(event) => {
                let at = i64::from(event.at_ms) + self.late_ms;
                self.after(at - now, Happening::Planned);
            }
            None => self.after(1_000, Happening::Calm),
        }
    }

    /// FNV-1a over what everybody said, when: two runs that differ in one byte differ here.
    fn note(&mut self, who: usize, what: u8, bytes: &[u8]) {
        let head = self.time.now_ms().to_le_bytes();
        let who = u8::try_from(who).unwrap_or(u8::MAX);
        for byte in head.iter().chain(&[who, what]).chain(bytes) {
            self.trace = (self.trace ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn is_life(&self, phone: usize, life: u64) -> bool {
        self.phones.get(phone).is_some_and(|phone| phone.life == life)
    }

    /// Where the phone of this number stands; nowhere before it was made.
    fn index_of(&self, number: u8) -> Option<usize> {
        let index = if number < self.plan.phones { Some(usize::from(number)) } else { None };
        index.or_else(|| self.twins.get(&number).copied())
    }

    fn engine(&self, phone: usize) -> Option<&Engine> {
        self.phones.get(phone)?.engine.as_ref()
    }

    fn phone(&mut self, phone: usize) -> Result<&mut Phone> {
        self.phones.get_mut(phone).context("there is no such phone")
    }

    // A phone's process.

    fn start(&mut self, number: usize) -> Result<()> {
        let disks = Rc::clone(&self.disks);
        let phone = self.phone(number)?;
        phone.life += 1;
        let life = phone.life;
        disks.revive(&phone.home);
        let opened = phone::open(phone);
        let store = match opened {
            Ok(store) => store,
            Err(error) if disks.is_full(&phone.home) => {
                let error = anyhow::Error::from(error);
                if !is_full(&error) {
                    return Err(error).context(format!("phone {number} does not open on a full disk"));
                }
                self.after(AFTER_STORE_TROUBLE_MS, Happening::Starts { phone: number, life });
                return Ok(());
            }
            Err(error) => return Err(error).context(format!("phone {number} does not open")),
        };
        let enrolment = store.enrolment()?.context("a phone is not enrolled")?;
        phone.device = Some(enrolment.device);
        let holder = phone.draw();
        phone.engine = Some(Engine {
            store,
            enrolment,
            holder,
            lease: None,
            talk: None,
            under_way: BTreeMap::new(),
            wake: 0,
            pace: 0,
            on_duty: true,
        });
        self.check_told_here(number)?;
        self.speak(number)
    }

    /// Begins a session, when the lease is free.
    fn speak(&mut self, number: usize) -> Result<()> {
        let time = self.time.clone();
        let phone = self.phone(number)?;
        let life = phone.life;
        let monotonic_ms = phone.moment(&time).monotonic_ms;
        let Some(engine) = phone.engine.as_mut().filter(|engine| engine.talk.is_none()) else { return Ok(()) };
        let taken = engine.store.take_lease(engine.holder, monotonic_ms, LEASE_MS);
        let lease = match taken {
            Ok(Some(lease)) => lease,
            Ok(None) => {
                self.after(LEASE_AGAIN_MS, Happening::Speaks { phone: number, life });
                return Ok(());
            }
            Err(error) => return self.store_trouble(number, error.into()),
        };
        engine.lease = Some(lease);
        engine.talk = Some(Talk::new(Mode::Watch { hold_ms: HOLD_MS }));
        engine.under_way.clear();
        engine.wake += 1;
        engine.pace += 1;
        let waiting = match what_waits(&engine.store) {
            Ok(waiting) => waiting,
            Err(error) => return self.store_trouble(number, error),
        };
        let mut events = vec![Event::Started { waiting }];
        if !engine.on_duty {
            events.push(Event::Duty { on: false });
        }
        self.feed(number, events)
    }

    /// Tells the talk what happened, and does what it wants.
    fn feed(&mut self, number: usize, events: impl IntoIterator<Item = Event>) -> Result<()> {
        let mut acts: VecDeque<Act> = VecDeque::new();
        for event in events {
            let Some(talk) = self.phone(number)?.engine.as_mut().and_then(|engine| engine.talk.as_mut()) else {
                return Ok(());
            };
            acts.extend(talk.step(event));
            while let Some(act) = acts.pop_front() {
                if !self.act(number, act)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether the session goes on.
    fn act(&mut self, number: usize, act: Act) -> Result<bool> {
        let phone = self.phone(number)?;
        let life = phone.life;
        let Some(engine) = &mut phone.engine else { return Ok(false) };
        match act {
            Act::Ask(line, ask) => return self.ask(number, line, ask),
            Act::Abandon(line) => {
                engine.under_way.remove(&line);
            }
            Act::EnterEpoch(epoch) => {
                let Some(lease) = &engine.lease else { return Ok(false) };
                if let Err(error) = engine.store.enter_epoch(lease, epoch) {
                    self.store_trouble(number, error.into())?;
                    return Ok(false);
                }
            }
            Act::Wait { ms } => {
                engine.wake += 1;
                let timer = engine.wake;
                self.after(ms, Happening::Wakes { phone: number, life, timer });
            }
            Act::Pace { ms } => {
                engine.pace += 1;
                let timer = engine.pace;
                self.after(ms, Happening::Paces { phone: number, life, timer });
            }
            Act::Finish(finish) => {
                let ms = match finish {
                    Finish::Revoked | Finish::UpdateNeeded => AFTER_CLOSED_DOOR_MS,
                    _ => AFTER_END_MS,
                };
                self.stop_speaking(number, ms)?;
                return Ok(false);
            }
            Act::SendPiece { .. } | Act::FetchPiece { .. } => bail!("phone {number} asks for a file nobody has"),
        }
        Ok(true)
    }

    fn stop_speaking(&mut self, number: usize, again_after_ms: i64) -> Result<()> {
        let phone = self.phone(number)?;
        let life = phone.life;
        if let Some(engine) = &mut phone.engine {
            engine.talk = None;
            engine.under_way.clear();
        }
        self.after(again_after_ms, Happening::Speaks { phone: number, life });
        Ok(())
    }

    fn ask(&mut self, number: usize, line: Line, ask: Ask) -> Result<bool> {
        let time = self.time.clone();
        self.next_request += 1;
        let request = self.next_request;
        let phone = self.phone(number)?;
        let sent = phone.moment(&time);
        let life = phone.life;
        let signer = Arc::clone(&phone.signer);
        let Some(engine) = &mut phone.engine else { return Ok(false) };
        let Some(lease) = &engine.lease else { return Ok(false) };
        let oneself = Oneself { enrolment: &engine.enrolment, signer: &*signer };
        let prepared = match exchange::prepare(&engine.store, oneself, lease, ask, sent) {
            Ok(prepared) => prepared,
            Err(error) => {
                self.store_trouble(number, error)?;
                return Ok(false);
            }
        };
        engine.under_way.insert(line, request);
        if self.disks.is_dead(&self.home(number)?) {
            self.die(number)?;
            return Ok(false);
        }
        let body = Body { bytes: Rc::new(prepared.body.clone()), media: prepared.media };
        let within_ms = i64::try_from(prepared.within.as_millis()).unwrap_or(i64::MAX);
        self.note(number, b'>', &body.bytes);
        self.requests.insert(request, Request { phone: number, life, line, prepared, sent });
        self.after(within_ms, Happening::Answered { request, arrived: Err(HttpError::TimedOut) });
        self.send(request, number, body)?;
        Ok(true)
    }

    /// An answer, or its absence, is known on the phone.
    fn answered(&mut self, request: u64, arrived: Result<Vec<u8>, HttpError>) -> Result<()> {
        let Some(asked) = self.requests.remove(&request) else { return Ok(()) };
        let time = self.time.clone();
        let believes = self.sabotage == Some(Sabotage::BelievesAnything);
        let number = asked.phone;
        self.note(number, b'<', arrived.as_deref().unwrap_or_default());
        let phone = self.phone(number)?;
        if phone.life != asked.life {
            return Ok(());
        }
        let now = phone.moment(&time);
        let signer = Arc::clone(&phone.signer);
        let Some(engine) = &mut phone.engine else { return Ok(()) };
        if engine.under_way.get(&asked.line) != Some(&request) {
            return Ok(());
        }
        engine.under_way.remove(&asked.line);
        if believes && arrived.is_ok() {
            engine.store.inspect().execute("DELETE FROM outbox WHERE envelope IS NOT NULL", [])?;
        }
        let Some(lease) = &engine.lease else { return Ok(()) };
        let oneself = Oneself { enrolment: &engine.enrolment, signer: &*signer };
        let took = exchange::take_in(&engine.store, oneself, lease, &asked.prepared, arrived, asked.sent, now)
            .and_then(|came| Ok((came, what_waits(&engine.store)?)));
        // At once, and whatever came of it: a comparison with the center may give back later what was let go here.
        if !self.disks.is_dead(&self.home(number)?) {
            self.check_outbox(number)?;
        }
        let (came, waiting) = match took {
            Ok(took) => took,
            Err(error) => return self.store_trouble(number, error),
        };
        let Some(engine) = &mut self.phone(number)?.engine else { return Ok(()) };
        let Some(talk) = &mut engine.talk else { return Ok(()) };
        let back = talk.asked(asked.line, came, waiting, jitter(&engine.store));
        if self.disks.is_dead(&self.home(number)?) {
            return self.die(number);
        }
        self.feed(number, [back.event])
    }

    fn home(&self, number: usize) -> Result<PathBuf> {
        self.phones.get(number).map(|phone| phone.home.clone()).context("there is no such phone")
    }

    /// The store did not do something: because the process died there, or the disk is full. Anything else is found.
    fn store_trouble(&mut self, number: usize, error: SyncError) -> Result<()> {
        let home = self.home(number)?;
        if self.disks.is_dead(&home) {
            return self.die(number);
        }
        if matches!(error, SyncError::Store(StoreError::LeaseLost)) {
            return self.stop_speaking(number, AFTER_END_MS);
        }
        let error = anyhow::Error::from(error);
        if self.disks.is_full(&home) && is_full(&error) {
            return self.stop_speaking(number, AFTER_STORE_TROUBLE_MS);
        }
        Err(error.context(format!("phone {number}")))
    }

    fn die(&mut self, number: usize) -> Result<()> {
        let down_ms = self.ledger.down_ms(number);
        self.end_process(number, down_ms)
    }

    fn end_process(&mut self, number: usize, down_ms: i64) -> Result<()> {
        let disks = Rc::clone(&self.disks);
        let phone = self.phone(number)?;
        phone.engine = None;
        phone.life += 1;
        disks.revive(&phone.home);
        let life = phone.life;
        self.note(number, b'x', &[]);
        self.after(down_ms, Happening::Starts { phone: number, life });
        Ok(())
    }

    // The center's process.

    fn database(&self) -> PathBuf {
        center_of(&self.folder).join(siaga_center::center::DATABASE)
    }

    fn start_center(&mut self) -> Result<()> {
        self.disks.revive(&self.database());
        self.center_life += 1;
        let chance = self.seed.branch(&format!("center {}", self.center_life));
        self.center = Some(open_center(&center_of(&self.folder), &self.time, chance)?);
        Ok(())
    }

    fn center_dies(&mut self) {
        let down_ms = self.ledger.center_down_ms;
        self.end_center(down_ms);
    }

    fn end_center(&mut self, down_ms: i64) {
        self.center = None;
        self.center_life += 1;
        for request in std::mem::take(&mut self.held).into_keys() {
            self.after(100, Happening::Answered { request, arrived: Err(HttpError::Cut) });
        }
        self.disks.revive(&self.database());
        let life = self.center_life;
        self.note(usize::MAX, b'X', &[]);
        self.after(down_ms, Happening::CenterStarts { life });
    }

    /// Has the running center do something, unless it is down; nothing came of it where its process died or its disk is full.
    fn at_center<T, E>(&mut self, act: impl FnOnce(&Center) -> Result<T, E>) -> Result<Option<T>>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let Some(center) = self.center.clone() else { return Ok(None) };
        let done = act(&center);
        let database = self.database();
        if self.disks.is_dead(&database) {
            drop(center);
            self.center_dies();
            return Ok(None);
        }
        match done {
            Ok(done) => Ok(Some(done)),
            Err(error) => {
                let error = anyhow::Error::from(error);
                if self.disks.is_full(&database) && is_full(&error) {
                    return Ok(None);
                }
                Err(error.context("the center"))
            }
        }
    }

    /// Devices of the template that are not in this run are none of the center's any more: it would work for them all.
    fn leave_the_others_out(&mut self) -> Result<()> {
        let here: Vec<DeviceId> = self.phones.iter().filter_map(|phone| phone.device).collect();
        self.at_center(|center| {
            center.devices()?.into_iter().filter(|device| !here.contains(&device.id)).try_for_each(|device| {
                let revoked = DeviceState::Revoked;
                center.db().write(|tx| db::device::set_state(tx, &device.id, revoked, "simulation", center.now()))
            })
        })?;
        Ok(())
    }

    fn minute(&mut self) -> Result<()> {
        self.at_center(Center::settle_time)?;
        self.at_center(Center::settle_waiting)?;
        self.answer_held()?;
        self.after(TIME_EVERY_MS, Happening::Minute);
        Ok(())
    }
}

/// Whether SQLite said that there is no room.
fn is_full(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let said = cause.to_string();
        said.contains("disk is full") || said.contains("No space left")
    })
}

fn gone(what: &str) -> anyhow::Error {
    anyhow!("{what} is not there")
}
