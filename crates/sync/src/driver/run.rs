//! Running a conversation: what it wants done becomes tasks, what comes of them becomes events.
//!
//! The push, the urgent request beside it and the held one are tasks of their own on shared connections. The lease
//! is renewed here; whoever lost it stops at the next write.

use super::network::Ear;
use super::{Driver, Shared, SyncError, SyncReport, carry};
use crate::exchange::Ask;
use crate::exchange::piece::Sent;
use crate::session::{Event, Finish, Line, Mode, Trouble};
use crate::talk::{Act, Talk, jitter, what_waits};
use siaga_domain::time::UtcMs;
use siaga_store::{Lease, Reach, Store, StoreError};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep, sleep_until};

/// After this long without renewal somebody else may sync.
pub(super) const LEASE_MS: i64 = 6_000;
const RENEW_EVERY: Duration = Duration::from_millis(2_000);
/// How often others' writes are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// How often files that were set aside are tried again, and old ones let go.
const HOUSE_EVERY: Duration = Duration::from_secs(3_600);
/// Rows of the log looked at each time, so that damage is found before somebody needs what is damaged.
const LOOKED_AT_ONCE: u32 = 2_000;
/// A photograph stays this long after the center confirmed it: 14 days, the length of an emergency as it is declared.
const KEEP_CONFIRMED_MS: i64 = 14 * 24 * 3_600_000;
/// How long the center may hold a request.
const HOLD_MS: u32 = 50_000;
/// How long one run waits for another process that syncs already.
const FOLLOW_FOR: Duration = Duration::from_secs(30);
/// An idle holder of the lease has shown that it is well when it still holds it after this.
const FOLLOW_AT_LEAST: Duration = Duration::from_millis(1_500);
const AFTER_STORE_TROUBLE: Duration = Duration::from_secs(5);
/// A center that closed the door is asked again this rarely.
const AFTER_CLOSED_DOOR: Duration = Duration::from_secs(600);

/// What a task hands back.
enum Done {
    Asked(Line, Result<carry::Carried, SyncError>),
    Piece(Result<Sent, SyncError>),
}

impl Driver {
    /// Exchanges until nothing waits on either side, or the center is not there. Running it again sends nothing
    /// again. While another process of the home syncs, its work is waited for instead.
    ///
    /// # Errors
    /// [`SyncError`]; a center that was not reached is in the report.
    pub async fn sync_once(&self) -> Result<SyncReport, SyncError> {
        let Some(lease) = self.lease_or_follow().await? else { return self.as_it_stands().await };
        let ran = Run::new(&self.shared, Mode::Once, lease.clone()).until(std::future::pending::<()>(), &|| {}).await;
        self.release(lease).await;
        let (finish, mut report) = match ran {
            Ok(ran) => ran,
            Err(SyncError::Store(StoreError::LeaseLost)) => return self.as_it_stands().await,
            Err(error) => return Err(error),
        };
        report.reach = match finish {
            Some(Finish::Quiet | Finish::Stalled) => Reach::Reached,
            Some(Finish::Unreachable) | None => Reach::NoSignal,
            Some(Finish::NotOurCenter) => Reach::NotOurCenter,
            Some(Finish::ClockWrong) => Reach::ClockWrong,
            Some(Finish::Revoked) => Reach::Revoked,
            Some(Finish::UpdateNeeded) => Reach::UpdateNeeded,
        };
        report.saved_left = self.shared.with_store(|_, store| left(store)).await?;
        Ok(report)
    }

    /// Exchanges until `stop`: a held request while the center is there, backoff while it is not, a push the
    /// moment something is written. `on_change` is called when an exchange wrote something to the home.
    pub async fn watch(&self, stop: impl Future<Output = ()> + Send, on_change: impl Fn() + Send + Sync) {
        let mut stop = pin!(stop);
        let mut ear = self.shared.network.listen();
        loop {
            let ran = tokio::select! {
                biased;
                () = &mut stop => return,
                lease = self.lease_when_free() => match lease {
                    Ok(lease) => {
                        let ran = Run::new(&self.shared, Mode::Watch { hold_ms: HOLD_MS }, lease.clone())
                            .until(&mut stop, &on_change)
                            .await;
                        self.release(lease).await;
                        ran
                    }
                    Err(error) => Err(error),
                },
            };
            let pause = match ran {
                // Told to stop.
                Ok((None, _)) => return,
                Ok((Some(Finish::Revoked | Finish::UpdateNeeded), _)) => AFTER_CLOSED_DOOR,
                Ok((Some(_), _)) | Err(SyncError::Store(StoreError::LeaseLost)) => Duration::from_secs(1),
                Err(SyncError::NotEnrolled) => Duration::from_secs(1),
                Err(error) => {
                    tracing::error!(%error, "exchanging stopped; it begins again soon");
                    AFTER_STORE_TROUBLE
                }
            };
            tokio::select! {
                () = &mut stop => return,
                () = ear.network_is_back() => {}
                () = sleep(pause) => {}
            }
        }
    }

    async fn lease_when_free(&self) -> Result<Lease, SyncError> {
        loop {
            let lease = self
                .shared
                .with_store(|shared, store| {
                    store.enrolment()?.ok_or(SyncError::NotEnrolled)?;
                    shared.take_lease(store)
                })
                .await?;
            if let Some(lease) = lease {
                return Ok(lease);
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// The lease, or `None` once the process that holds it has done what there was to do.
    async fn lease_or_follow(&self) -> Result<Option<Lease>, SyncError> {
        let began = Instant::now();
        loop {
            let (lease, quiet) = self
                .shared
                .with_store(|shared, store| {
                    store.enrolment()?.ok_or(SyncError::NotEnrolled)?;
                    let lease = shared.take_lease(store)?;
                    let reached = store.peer()?.is_some_and(|peer| peer.reach == Reach::Reached);
                    // What somebody asked for is as much to be done as what was written.
                    Ok((lease, reached && what_waits(store)?.is_empty()))
                })
                .await?;
            let waited = began.elapsed();
            if lease.is_some() || (quiet && waited > FOLLOW_AT_LEAST) || waited > FOLLOW_FOR {
                return Ok(lease);
            }
            sleep(Duration::from_millis(150)).await;
        }
    }

    /// For a run that only watched another process: what the home says.
    async fn as_it_stands(&self) -> Result<SyncReport, SyncError> {
        self.shared
            .with_store(|_, store| {
                let reach = store.peer()?.map_or(Reach::Unknown, |peer| peer.reach);
                Ok(SyncReport { reach, saved_left: left(store)?, ..SyncReport::default() })
            })
            .await
    }

    async fn release(&self, lease: Lease) {
        // Nothing depends on it: an unreleased lease expires.
        if let Err(error) = self.shared.with_store(move |_, store| Ok(store.release_lease(&lease)?)).await {
            tracing::warn!(%error, "the sync lease was not released");
        }
    }
}

/// One session under one lease.
struct Run<'a> {
    shared: &'a Arc<Shared>,
    talk: Talk,
    watching: bool,
    lease: Lease,
    ear: Ear,
    wake_at: Option<Instant>,
    pace_at: Option<Instant>,
    on_duty: bool,
    /// What is under way: a number of its own, so that what is still heard of a request that was given up is not
    /// taken for its successor's.
    under_way: BTreeMap<Line, (u64, AbortHandle)>,
    requests: u64,
    done: mpsc::UnboundedSender<(u64, Done)>,
    inbox: mpsc::UnboundedReceiver<(u64, Done)>,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.under_way.values().for_each(|(_, task)| task.abort());
    }
}

impl<'a> Run<'a> {
    fn new(shared: &'a Arc<Shared>, mode: Mode, lease: Lease) -> Self {
        let (done, inbox) = mpsc::unbounded_channel();
        // Who this phone is may have changed since the last run.
        shared.drop_line();
        Self {
            shared,
            talk: Talk::new(mode),
            watching: matches!(mode, Mode::Watch { .. }),
            lease,
            ear: shared.network.listen(),
            wake_at: None,
            pace_at: None,
            on_duty: true,
            under_way: BTreeMap::new(),
            requests: 0,
            done,
            inbox,
        }
    }

    /// `None` when told to stop.
    async fn until(
        mut self,
        stop: impl Future<Output = ()>,
        on_change: &(impl Fn() + Sync),
    ) -> Result<(Option<Finish>, SyncReport), SyncError> {
        let mut stop = pin!(stop);
        let mut look = interval(LOOK_EVERY);
        let mut renew = interval(RENEW_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut house = interval_at(Instant::now() + HOUSE_EVERY, HOUSE_EVERY);
        self.keep_house().await?;
        let (mut stamp, waiting, on_duty) = self
            .shared
            .with_store(|_, store| Ok((store.change_stamp()?.0, what_waits(store)?, store.on_duty()?)))
            .await?;
        let mut events = VecDeque::from([Event::Started { waiting }]);
        self.duty(on_duty, &mut events);
        loop {
            while let Some(event) = events.pop_front() {
                for act in self.talk.step(event) {
                    if let Some(finish) = self.execute(act).await? {
                        return Ok((Some(finish), self.talk.report()));
                    }
                }
            }
            let (wake_at, pace_at) = (self.wake_at, self.pace_at);
            tokio::select! {
                () = &mut stop => return Ok((None, self.talk.report())),
                Some((number, done)) = self.inbox.recv() => {
                    events.extend(self.came_back(number, done, on_change).await?);
                }
                () = async { sleep_until(wake_at.unwrap_or_else(Instant::now)).await }, if wake_at.is_some() => {
                    self.wake_at = None;
                    events.push_back(Event::Woke);
                }
                () = async { sleep_until(pace_at.unwrap_or_else(Instant::now)).await }, if pace_at.is_some() => {
                    self.pace_at = None;
                    events.push_back(Event::Paced);
                }
                () = self.ear.network_is_back() => events.push_back(Event::NetworkUp),
                _ = look.tick(), if self.watching => {
                    // Only others' writes raise it; what this connection writes is known here already.
                    let now = self.shared.with_store(|_, store| Ok(store.change_stamp()?.0)).await?;
                    if now != stamp {
                        stamp = now;
                        let (waiting, on_duty) =
                            self.shared.with_store(|_, store| Ok((what_waits(store)?, store.on_duty()?))).await?;
                        self.duty(on_duty, &mut events);
                        events.push_back(Event::Written { waiting });
                    }
                }
                _ = renew.tick() => self.renew().await?,
                _ = house.tick() => {
                    self.keep_house().await?;
                    let waiting = self.shared.with_store(|_, store| what_waits(store)).await?;
                    events.push_back(Event::Written { waiting });
                }
            }
        }
    }

    fn duty(&mut self, on: bool, events: &mut VecDeque<Event>) {
        if self.on_duty != on {
            self.on_duty = on;
            events.push_back(Event::Duty { on });
        }
    }

    /// Files the center did not take may be tried again, and confirmed ones whose time is over go.
    async fn keep_house(&self) -> Result<(), SyncError> {
        let (lease, moment) = (self.lease.clone(), self.shared.moment());
        let now = UtcMs(moment.device_ms);
        self.shared
            .with_store(move |_, store| {
                if store.is_in_safe_mode() {
                    return Ok(());
                }
                let reading = store.read_clock(now, moment.monotonic_ms)?;
                store.try_files_again()?;
                store.compare_daily(reading.center_estimate())?;
                store.look_over(now, LOOKED_AT_ONCE)?;
                store.copy_first_pages();
                store.hold_room();
                store.erase_kept_long_enough(&lease, now, KEEP_CONFIRMED_MS)?;
                Ok(())
            })
            .await
    }

    async fn renew(&self) -> Result<(), SyncError> {
        let held = self.lease.fence;
        let renewed = self.shared.with_store(|shared, store| shared.take_lease(store)).await?;
        match renewed {
            Some(lease) if lease.fence == held => Ok(()),
            _ => Err(SyncError::Store(StoreError::LeaseLost)),
        }
    }

    async fn execute(&mut self, act: Act) -> Result<Option<Finish>, SyncError> {
        match act {
            Act::Ask(line, ask) => self.ask(line, ask),
            Act::SendPiece { up_bytes, .. } => {
                let (shared, lease) = (Arc::clone(self.shared), self.lease.clone());
                self.spawn(Line::Push, async move { Done::Piece(carry::piece(shared, lease, up_bytes).await) });
            }
            Act::FetchPiece { downloads, down_bytes } => {
                let (shared, lease) = (Arc::clone(self.shared), self.lease.clone());
                self.spawn(
                    Line::Push,
                    async move { Done::Piece(carry::fetch(shared, lease, downloads, down_bytes).await) },
                );
            }
            Act::Abandon(line) => {
                if let Some((_, task)) = self.under_way.remove(&line) {
                    task.abort();
                }
                self.shared.drop_line();
            }
            Act::EnterEpoch(epoch) => {
                let lease = self.lease.clone();
                self.shared.with_store(move |_, store| Ok(store.enter_epoch(&lease, epoch)?)).await?;
            }
            Act::Wait { ms } => {
                self.wake_at = Some(Instant::now() + Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
            }
            Act::Pace { ms } => {
                self.pace_at = Some(Instant::now() + Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
            }
            Act::Finish(finish) => return Ok(Some(finish)),
        }
        Ok(None)
    }

    fn ask(&mut self, line: Line, ask: Ask) {
        let (shared, lease) = (Arc::clone(self.shared), self.lease.clone());
        self.spawn(line, async move { Done::Asked(line, carry::exchange(shared, lease, ask).await) });
    }

    fn spawn(&mut self, line: Line, task: impl Future<Output = Done> + Send + 'static) {
        self.requests += 1;
        let (number, done) = (self.requests, self.done.clone());
        let task = tokio::spawn(async move {
            // Nobody listens any more when the run is over.
            let _ = done.send((number, task.await));
        });
        self.under_way.insert(line, (number, task.abort_handle()));
    }

    /// Nothing for what is heard of a request that was given up.
    async fn came_back(
        &mut self,
        number: u64,
        done: Done,
        on_change: &(impl Fn() + Sync),
    ) -> Result<Vec<Event>, SyncError> {
        let line = match &done {
            Done::Asked(line, _) => *line,
            Done::Piece(_) => Line::Push,
        };
        if self.under_way.get(&line).is_none_or(|(current, _)| *current != number) {
            return Ok(Vec::new());
        }
        self.under_way.remove(&line);
        let (waiting, jitter) = self.shared.with_store(|_, store| Ok((what_waits(store)?, jitter(store)))).await?;
        let mut events = Vec::new();
        let came_back = match done {
            Done::Asked(line, carried) => {
                let carry::Carried { asked, old_is_dead } = carried?;
                if old_is_dead && let Some((_, task)) = self.under_way.remove(&Line::Hold) {
                    // It hangs on a connection that the network forgot; no order would come by it.
                    task.abort();
                    events.push(Event::Failed { line: Line::Hold, trouble: Trouble::TimedOut, jitter });
                }
                self.talk.asked(line, asked, waiting, jitter)
            }
            Done::Piece(sent) => self.talk.sent(sent?, waiting, jitter),
        };
        if came_back.wrote {
            on_change();
        }
        events.push(came_back.event);
        Ok(events)
    }
}

fn left(store: &Store) -> Result<u32, SyncError> {
    let counts = store.sync_counts()?;
    Ok(counts.saved.saturating_add(counts.sent))
}
