//! The engine of the process `:field`: one home, one exchange, one look-out for alarms, until it is closed or killed.
//!
//! Nothing is kept in memory that a kill could lose: every call is a use case, and that is one transaction. The other
//! process of the app works on the same home at the same time; what it wrote is seen by the store's own stamp.

use crate::answer::{Answer, closed, said, unreadable};
use crate::device::{self, Device};
use serde::Serialize;
use serde::de::DeserializeOwned;
use siaga_field::request::{Accept, ById, Decline, DeviceState, DutyOff, DutyOn, Enrol, NetworkIs, RecordFixes, Track};
use siaga_field::view::Alarm;
use siaga_field::{Failure, FailureCode, Field};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, watch};

/// Another guest's write rings or stops ringing within this time. Asking is one pragma and costs no disk; a sleeping
/// phone does not ask.
const LOOKS_EVERY: Duration = Duration::from_secs(1);
/// Before the exchange is started again after it ended: not enrolled yet, or a store that did not answer.
const STARTS_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// A job is given ten minutes by its system; what was not sent by then goes with the next one.
const JOB_MOST: Duration = Duration::from_secs(8 * 60);

static OPEN: Mutex<Option<Arc<Service>>> = Mutex::new(None);

struct Service {
    field: Arc<Field>,
    device: Arc<Device>,
    runtime: Runtime,
    /// Becomes true when the home is closed.
    closing: watch::Sender<bool>,
    /// True while the exchange is wanted.
    exchanging: watch::Sender<bool>,
    /// Something may ring now, or no more.
    changed: Notify,
}

/// What the service of a phone goes by.
#[derive(Clone, PartialEq, Serialize)]
struct Now {
    enrolled: bool,
    on_duty: bool,
    stopped_since_ms: Option<i64>,
    alarms: Vec<Alarm>,
}

/// Opens the home of the attached phone; where it is open already, says how it stands.
pub(crate) fn open(app: &str) -> Answer {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(service) = open.as_ref() {
        return said(service.now()?);
    }
    let device = device::attached().ok_or_else(closed)?;
    std::fs::create_dir_all(device.home()).map_err(|error| {
        Failure::new(
            FailureCode::Storage,
            None,
            format!("the folder of this app cannot be used: {}", error.kind()),
            "check the free space and the rights of the folder",
        )
    })?;
    let field = Arc::new(Field::open(device.home(), device.ports(app))?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("siaga")
        .enable_all()
        .build()
        .map_err(|_| Failure::internal("start the threads of the engine"))?;
    let (closing, exchanging) = (watch::Sender::new(false), watch::Sender::new(false));
    let service = Arc::new(Service { field, device, runtime, closing, exchanging, changed: Notify::new() });
    let now = service.now()?;
    service.begin();
    *open = Some(service);
    said(now)
}

pub(crate) fn close() -> Answer {
    let closed = OPEN.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(service) = closed {
        service.exchanging.send_replace(false);
        service.closing.send_replace(true);
    }
    said(())
}

fn service() -> Result<Arc<Service>, Failure> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
}

/// A use case of the open home.
fn ask<T: Serialize>(work: impl FnOnce(&Field) -> Result<T, Failure>) -> Answer {
    said(work(&service()?.field)?)
}

/// As [`ask`], and what rings may be another now.
fn ask_and_look<T: Serialize>(work: impl FnOnce(&Field) -> Result<T, Failure>) -> Answer {
    let service = service()?;
    let done = work(&service.field)?;
    service.changed.notify_one();
    said(done)
}

fn read<T: DeserializeOwned>(argument: &str, json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|_| unreadable(argument))
}

/// A value that JSON has as a word: `"looks"`.
fn word<T: DeserializeOwned>(argument: &str, word: String) -> Result<T, Failure> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|_| unreadable(argument))
}

pub(crate) fn state() -> Answer {
    said(service()?.now()?)
}

pub(crate) fn enrol(link: String) -> Answer {
    let service = service()?;
    said(service.runtime.block_on(service.field.enrol(&Enrol { link, set_aside: false }))?)
}

pub(crate) fn duty_on(post: String, person: String) -> Answer {
    ask(|field| field.duty_on(&DutyOn { post, person }))
}

pub(crate) fn duty_off(person: String, reason: String) -> Answer {
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    ask(|field| field.duty_off(&DutyOff { person, post: None, reason }))
}

pub(crate) fn record_fixes(fixes: &str) -> Answer {
    let request: RecordFixes = read("fixes", fixes)?;
    ask(|field| field.record_fixes(&request))
}

pub(crate) fn track(receiver: String) -> Answer {
    let request = Track { receiver: word("receiver", receiver)? };
    ask(|field| field.track(&request))
}

pub(crate) fn set_device_state(state: &str) -> Answer {
    let state: DeviceState = read("state", state)?;
    ask(|field| field.set_device_state(&state))
}

pub(crate) fn start_exchange() -> Answer {
    service()?.exchanging.send_replace(true);
    said(())
}

pub(crate) fn stop_exchange() -> Answer {
    service()?.exchanging.send_replace(false);
    said(())
}

/// For a job: until nothing waits on either side, or its time is over. Where the exchange is under way it is told to look.
pub(crate) fn sync_once() -> Answer {
    let service = service()?;
    if *service.exchanging.borrow() {
        return said(service.field.network_up()?);
    }
    let done = service.runtime.block_on(async { tokio::time::timeout(JOB_MOST, service.field.sync()).await });
    service.changed.notify_one();
    match done {
        Ok(report) => said(report?),
        Err(_) => Err(Failure::new(
            FailureCode::CenterNotReached,
            None,
            "the time of the job was over before everything was sent",
            "let the next job go on",
        )),
    }
}

pub(crate) fn network_up() -> Answer {
    ask(Field::network_up)
}

pub(crate) fn network_lost() -> Answer {
    ask(Field::network_lost)
}

pub(crate) fn network_is(cost: String) -> Answer {
    let request = NetworkIs { cost: word("cost", cost)? };
    ask(|field| field.network_is(&request))
}

pub(crate) fn alarms() -> Answer {
    ask(Field::alarms)
}

pub(crate) fn mark_seen(id: String) -> Answer {
    ask_and_look(|field| field.mark_seen(&ById { id }))
}

pub(crate) fn acknowledge(id: String) -> Answer {
    ask_and_look(|field| field.acknowledge_cancellation(&ById { id }))
}

pub(crate) fn accept(id: String) -> Answer {
    ask_and_look(|field| field.accept(&Accept { id, position: None, shown: None }))
}

pub(crate) fn decline(id: String, reason: String) -> Answer {
    ask_and_look(|field| field.decline(&Decline { id, reason, shown: None }))
}

impl Service {
    fn now(&self) -> Result<Now, Failure> {
        let tracking = self.field.self_test()?.tracking;
        Ok(Now {
            enrolled: self.field.is_enrolled()?,
            on_duty: tracking.on_duty,
            stopped_since_ms: tracking.stopped_since_ms.map(|since| since.0),
            alarms: self.field.alarms()?,
        })
    }

    fn begin(self: &Arc<Self>) {
        let me = Arc::clone(self);
        // A key store is slow, and nothing waits for it but the first signature.
        self.runtime.spawn_blocking(move || {
            if let Err(failure) = me.field.keep_device_key() {
                tracing::warn!(code = %failure.code, "the device's key was not looked at");
            }
        });
        self.runtime.spawn(exchange(Arc::clone(self)));
        self.runtime.spawn(look_out(Arc::clone(self)));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // The last one to let go may be a task of the runtime itself, which cannot wait for itself.
        let last = tokio::runtime::Builder::new_current_thread().build();
        if let Ok(nothing) = last {
            std::mem::replace(&mut self.runtime, nothing).shutdown_background();
        }
    }
}

async fn exchange(service: Arc<Service>) {
    let mut closing = service.closing.subscribe();
    let mut wanted = service.exchanging.subscribe();
    loop {
        tokio::select! {
            asked = wanted.wait_for(|wanted| *wanted) => if asked.is_err() { return },
            _ = closing.wait_for(|closing| *closing) => return,
        }
        let (stop, stopped) = watch::channel(false);
        let until = until_unwanted(service.exchanging.subscribe(), service.closing.subscribe(), stop);
        let telling = tokio::spawn(until);
        let ended = service.field.watch(stopped, || service.changed.notify_one()).await;
        telling.abort();
        if let Err(failure) = ended {
            tracing::warn!(code = %failure.code, "the exchange stands still and is tried again");
        }
        if tokio::time::timeout(STARTS_AGAIN_AFTER, closing.wait_for(|closing| *closing)).await.is_ok() {
            return;
        }
    }
}

async fn until_unwanted(
    mut wanted: watch::Receiver<bool>,
    mut closing: watch::Receiver<bool>,
    stop: watch::Sender<bool>,
) {
    tokio::select! {
        _ = wanted.wait_for(|wanted| !*wanted) => {}
        _ = closing.wait_for(|closing| *closing) => {}
    }
    stop.send_replace(true);
}

/// Tells Kotlin how things stand, whenever that is something else than before.
async fn look_out(service: Arc<Service>) {
    let mut closing = service.closing.subscribe();
    let (mut stamp, mut told): (_, Option<Now>) = (None, None);
    loop {
        let found = service.field.change_stamp().ok();
        if found != stamp || told.is_none() {
            stamp = found;
            let me = Arc::clone(&service);
            let before = told.take();
            told = tokio::task::spawn_blocking(move || me.tell(before)).await.ok().flatten();
        }
        tokio::select! {
            () = service.changed.notified() => stamp = None,
            () = tokio::time::sleep(LOOKS_EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

impl Service {
    /// What Kotlin knows now; nothing when it could not be told, so that it is told again.
    fn tell(&self, told: Option<Now>) -> Option<Now> {
        let now = match self.now() {
            Ok(now) => now,
            Err(failure) => {
                tracing::warn!(code = %failure.code, "how things stand could not be read");
                return told;
            }
        };
        // That tracking stands still is no news that comes from a write: it is asked for, not told.
        let now = Now { stopped_since_ms: None, ..now };
        if told.as_ref() == Some(&now) {
            return told;
        }
        let Ok(text) = serde_json::to_string(&now) else { return None };
        match self.device.on_change(&text) {
            Ok(()) => Some(now),
            Err(error) => {
                tracing::error!(%error, "nobody was told what rings");
                None
            }
        }
    }
}
