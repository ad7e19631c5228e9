//! The center's alarm clock: an order nobody answers alarms again, then another unit is proposed, then the supervisor is
//! called; a call that no unit was sent to sounds until somebody takes it; and a post that becomes empty is told at once.
//!
//! All waits are counted on the center's own count, from rows that are written with what made them wait: a restart or a
//! clock that somebody set changes nothing. An escalation of an order is an entry of the assignment, so every console shows
//! the same. Only the decision is here; sounds and colours are the page's. One record that cannot be read or written costs
//! itself and never stops the clock.

use crate::Center;
use crate::api::desk::{directory, shifts_around};
use crate::db::setting::Seconds;
use crate::db::waiting::{self, Kind, Waiting};
use crate::db::{DbError, projection};
use crate::hub::Changed;
use crate::journal::{RecordWrite, Start, WriteError};
use rusqlite::Connection;
use siaga_domain::entry::Body;
use siaga_domain::id::{PostCode, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::{Assignment, Escalated};
use siaga_domain::record::directory::Directory;
use siaga_domain::record::incident::Priority;
use siaga_domain::roster::{PostState, post_state};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Escalation levels, as in `Escalated`: alarmed again, next unit proposed, supervisor called.
pub const RING: i64 = 1;
pub const PROPOSE: i64 = 2;
pub const SUPERVISE: i64 = 3;

/// Names and defaults of the directory's thresholds, seconds.
pub const ACK_WITHIN: (&str, i64) = ("ack_within_s", 60);
/// From the first alarm to the proposal of another unit.
pub const PROPOSE_AFTER: (&str, i64) = ("propose_after_s", 60);
/// From there to the supervisor.
pub const SUPERVISE_AFTER: (&str, i64) = ("supervise_after_s", 60);

/// A call that no unit was sent to: from then on it sounds at all desks, at the supervisor's, and so that no desk can
/// silence it.
pub const UNSENT_ALL: Seconds = Seconds { name: "unsent_all_s", default: 60, allowed: 10..=3_600 };
pub const UNSENT_SUPERVISOR: Seconds = Seconds { name: "unsent_supervisor_s", default: 120, allowed: 10..=3_600 };
pub const UNSENT_LOUD: Seconds = Seconds { name: "unsent_loud_s", default: 180, allowed: 10..=3_600 };
/// Taken, and still no unit sent: it sounds again after this long.
pub const UNSENT_AGAIN: Seconds = Seconds { name: "unsent_again_s", default: 180, allowed: 30..=3_600 };

/// Posts are looked at this often even when nothing moves: shifts end by the clock. The count of time is written down as
/// often, so that a machine that loses its power goes on from at most this long before.
const LOOK_EVERY: Duration = Duration::from_secs(30);
const SAVE_EVERY_MS: i64 = 30_000;
/// Everything open is looked through this often for a wait without a row.
const SETTLE_EVERY_MS: i64 = 60_000;
/// Whatever stopped a look would stop the next one as well, were it at once.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Seconds a unit has to answer when the order does not say.
#[must_use]
pub fn ack_within_s(directory: &Directory) -> i64 {
    threshold(directory, ACK_WITHIN)
}

fn threshold(directory: &Directory, (name, default): (&str, i64)) -> i64 {
    directory.threshold(name).filter(|seconds| *seconds > 0).unwrap_or(default)
}

/// How long the center waits for a crew's answer before each level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    propose_after_s: i64,
    supervise_after_s: i64,
}

impl Patience {
    #[must_use]
    pub fn of(directory: &Directory) -> Self {
        Self {
            propose_after_s: threshold(directory, PROPOSE_AFTER),
            supervise_after_s: threshold(directory, SUPERVISE_AFTER),
        }
    }

    /// After how many milliseconds each level is due, in order.
    fn moments(self, order: &Assignment) -> [(i64, i64); 3] {
        let ring = order.ack_within_s.saturating_mul(1000);
        let propose = ring.saturating_add(self.propose_after_s.saturating_mul(1000));
        let supervise = propose.saturating_add(self.supervise_after_s.saturating_mul(1000));
        [(RING, ring), (PROPOSE, propose), (SUPERVISE, supervise)]
    }

    /// The level an order should stand at that has waited so long; 0 while it has time, or once it was answered or taken
    /// back.
    #[must_use]
    pub fn level(self, order: &Assignment, waited_ms: i64) -> i64 {
        if !waits(order) {
            return 0;
        }
        self.moments(order).iter().filter(|(_, due)| *due < waited_ms).map(|(level, _)| *level).max().unwrap_or(0)
    }

    /// How many milliseconds later its level rises next.
    fn next(self, order: &Assignment, waited_ms: i64) -> Option<i64> {
        if !waits(order) {
            return None;
        }
        self.moments(order).iter().map(|(_, due)| due.saturating_sub(waited_ms)).find(|left| *left >= 0)
    }
}

fn waits(order: &Assignment) -> bool {
    order.is_open() && order.answered_at().is_none()
}

/// How long a call may wait for a unit before each level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallPatience {
    all_s: i64,
    supervisor_s: i64,
    loud_s: i64,
    again_s: i64,
}

/// How a call that no unit was sent to stands now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallStands {
    /// 0 it sounds at the dispatchers' desks, 1 at all, 2 the supervisor is called, 3 no desk can silence it.
    pub level: i64,
    /// Somebody took it: nothing sounds, for a while.
    pub quiet: bool,
    /// How many milliseconds it has waited, all in all.
    pub waited_ms: i64,
    /// How many milliseconds later it stands otherwise.
    next_ms: Option<i64>,
}

impl CallPatience {
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn read(db: &Connection) -> Result<Self, DbError> {
        Ok(Self {
            all_s: UNSENT_ALL.get(db)?,
            supervisor_s: UNSENT_SUPERVISOR.get(db)?,
            loud_s: UNSENT_LOUD.get(db)?,
            again_s: UNSENT_AGAIN.get(db)?,
        })
    }

    /// How a call stands. An incident that nobody has judged may be the worst: only one judged 3 never becomes loud.
    #[must_use]
    pub fn stands(self, call: &Waiting, priority: Option<Priority>, elapsed_ms: i64) -> CallStands {
        let waited_ms = elapsed_ms.saturating_sub(call.since_ms).max(0);
        let again_ms = call.taken.as_ref().map(|taken| taken.at_ms.saturating_add(self.again_s.saturating_mul(1000)));
        if let Some(again_ms) = again_ms.filter(|again_ms| elapsed_ms < *again_ms) {
            let next_ms = Some(again_ms.saturating_sub(elapsed_ms));
            return CallStands { level: 0, quiet: true, waited_ms, next_ms };
        }
        // Taken, and still nobody sent: it begins anew.
        let sounding_ms = elapsed_ms.saturating_sub(again_ms.unwrap_or(call.since_ms)).max(0);
        let highest = if priority == Some(Priority::P3) { 2 } else { 3 };
        let due = [(1, self.all_s), (2, self.supervisor_s), (3, self.loud_s)]
            .map(|(level, after_s)| (level, after_s.saturating_mul(1000)));
        let within = || due.iter().filter(|(level, _)| *level <= highest);
        CallStands {
            level: within().filter(|(_, at)| *at <= sounding_ms).map(|(level, _)| *level).max().unwrap_or(0),
            quiet: false,
            waited_ms,
            next_ms: within().map(|(_, at)| at.saturating_sub(sounding_ms)).filter(|left| *left > 0).min(),
        }
    }
}

/// What one look came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Looked {
    /// Orders whose level rose, with the level.
    pub escalated: Vec<(RecordId, i64)>,
    /// Calls without a unit that stand otherwise than at the look before, with their level.
    pub calls: Vec<(RecordId, i64)>,
    /// Posts whose state changed since the look before.
    pub posts: Vec<PostCode>,
    /// In how many milliseconds something stands otherwise.
    pub next_ms: Option<i64>,
}

impl Looked {
    fn until(&mut self, next_ms: Option<i64>) {
        self.next_ms = self.next_ms.into_iter().chain(next_ms).min();
    }
}

/// A look failed; the next one tries again.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    #[error("could not read what waits")]
    Read(#[from] DbError),
    #[error("could not write an escalation")]
    Write(#[from] WriteError),
}

/// Remembers between looks how the posts and the calls stood.
#[derive(Default)]
pub struct Watch {
    posts: BTreeMap<PostCode, PostState>,
    calls: BTreeMap<RecordId, (i64, bool)>,
    saved_ms: Option<i64>,
    settled_ms: Option<i64>,
}

impl Watch {
    /// Looks once, as of the center's clock.
    ///
    /// # Errors
    /// [`LookError`]; levels already written stay written.
    pub fn look(&mut self, center: &Center) -> Result<Looked, LookError> {
        let now = center.now();
        let elapsed_ms = center.elapsed_ms();
        let is_due = |last: Option<i64>, every: i64| last.is_none_or(|last| elapsed_ms.saturating_sub(last) >= every);
        if is_due(self.saved_ms, SAVE_EVERY_MS) {
            center.save_elapsed()?;
            self.saved_ms = Some(elapsed_ms);
        }
        if is_due(self.settled_ms, SETTLE_EVERY_MS) {
            center.db().write(|tx| waiting::settle_all(tx, elapsed_ms, now))?;
            self.settled_ms = Some(elapsed_ms);
        }
        let (directory, rows, priorities, orders, patience_for_calls, shifts) = center.db().read(|tx| {
            let rows = waiting::all(tx)?;
            let mut priorities = BTreeMap::new();
            let mut orders = Vec::new();
            for row in &rows {
                match (row.kind, projection::get(tx, &row.record)?.and_then(|stored| stored.record)) {
                    (Kind::Call, Some(Record::Incident(incident))) => {
                        priorities.insert(row.record, incident.priority);
                    }
                    (Kind::Order, Some(Record::Assignment(order))) => orders.push((order, row.since_ms)),
                    _ => {}
                }
            }
            let read = (CallPatience::read(tx)?, shifts_around(tx, now)?);
            Ok::<_, DbError>((directory(tx)?, rows, priorities, orders, read.0, read.1))
        })?;
        let mut looked = Looked::default();
        let patience = Patience::of(&directory);
        for (order, since_ms) in orders {
            let waited_ms = elapsed_ms.saturating_sub(since_ms);
            looked.until(patience.next(&order, waited_ms));
            let level = patience.level(&order, waited_ms);
            if level <= order.escalation {
                continue;
            }
            match escalate(center, &order.id, level) {
                Ok(true) => {
                    center.hub().tell(Changed::Alarm { record: order.id, level });
                    looked.escalated.push((order.id, level));
                }
                Ok(false) => {}
                // The others are due as well.
                Err(cause) => {
                    let error = &cause as &dyn std::error::Error;
                    tracing::error!(record = %order.id, error, "an order could not be escalated");
                }
            }
        }
        self.look_at_calls(center, &rows, &priorities, patience_for_calls, elapsed_ms, &mut looked);
        let posts: BTreeMap<PostCode, PostState> = directory
            .posts
            .iter()
            .map(|post| (post.code.clone(), post_state(&post.code, shifts.iter(), now)))
            .collect();
        for (code, state) in &posts {
            // The first look after a start has nothing to compare with: screens read the posts when they open.
            if self.posts.get(code).is_some_and(|before| before != state) {
                center.hub().tell(Changed::Post { post: code.to_string() });
                looked.posts.push(code.clone());
            }
        }
        self.posts = posts;
        center.rebuild_spoilt()?;
        Ok(looked)
    }

    fn look_at_calls(
        &mut self,
        center: &Center,
        rows: &[Waiting],
        priorities: &BTreeMap<RecordId, Option<Priority>>,
        patience: CallPatience,
        elapsed_ms: i64,
        looked: &mut Looked,
    ) {
        let mut calls = BTreeMap::new();
        for call in rows.iter().filter(|row| row.kind == Kind::Call) {
            // One that cannot be read is as urgent as one that nobody has judged.
            let stands = patience.stands(call, priorities.get(&call.record).copied().flatten(), elapsed_ms);
            looked.until(stands.next_ms);
            let now = (stands.level, stands.quiet);
            if self.calls.get(&call.record) != Some(&now) {
                center.hub().tell(Changed::Waiting { incident: call.record });
                looked.calls.push((call.record, stands.level));
            }
            calls.insert(call.record, now);
        }
        self.calls = calls;
    }
}

/// Writes the level where the order still waits and does not have it: the crew may have answered since it was read.
fn escalate(center: &Center, order: &RecordId, level: i64) -> Result<bool, WriteError> {
    center.checked("", |pen| {
        let stored = projection::get(pen.tx, order)?.and_then(|stored| stored.record);
        let Some(Record::Assignment(now)) = stored else { return Ok(false) };
        if !waits(&now) || now.escalation >= level {
            return Ok(false);
        }
        let entries = vec![Body::Escalated(Escalated { level })];
        pen.write(RecordWrite { record: *order, kind: RecordKind::Assignment, start: Start::Append, entries })?;
        Ok(true)
    })
}

/// Looks whenever an incident, an order or a shift moved, whenever a level is due, and twice a minute, until `stop`.
pub async fn watch(center: Arc<Center>, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let mut moved = center.changes();
    let mut watch = Watch::default();
    loop {
        let for_look = Arc::clone(&center);
        let looked = tokio::task::spawn_blocking(move || {
            let looked = watch.look(&for_look);
            (watch, looked)
        });
        let Ok((kept, looked)) = looked.await else {
            tracing::error!("the alarm clock stopped inside a look and starts anew");
            watch = Watch::default();
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        watch = kept;
        let next_ms = match looked {
            Ok(looked) => looked.next_ms,
            Err(cause) => {
                tracing::error!(error = &cause as &dyn std::error::Error, "the alarm clock could not look");
                Some(i64::try_from(AFTER_FAILURE.as_millis()).unwrap_or(i64::MAX))
            }
        };
        // A level is due one millisecond after its moment.
        let due = next_ms
            .map_or(LOOK_EVERY, |left| Duration::from_millis(u64::try_from(left).unwrap_or(0).saturating_add(1)));
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(due.min(LOOK_EVERY)) => {}
            () = something_of_ours(&mut moved) => {}
        }
    }
}

/// Until an incident, an order, a shift or the directory moved, or a desk took a call.
async fn something_of_ours(moved: &mut tokio::sync::broadcast::Receiver<Changed>) {
    loop {
        match moved.recv().await {
            Ok(
                Changed::Record {
                    kind: RecordKind::Incident | RecordKind::Assignment | RecordKind::Shift | RecordKind::Directory,
                    ..
                }
                | Changed::Waiting { .. },
            )
            | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            // The center is closing; the caller stops by its own signal.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::waiting::Taken;
    use siaga_domain::entry::Authorship;
    use siaga_domain::id::UnitCode;
    use siaga_domain::time::UtcMs;

    fn order() -> Assignment {
        Assignment {
            id: RecordId::from_bytes([1; 16]),
            incident: RecordId::from_bytes([2; 16]),
            unit: UnitCode::new("AMB-01").expect("a code"),
            priority: Priority::P1,
            text: String::new(),
            ordered: Authorship {
                entry: String::new(),
                by: String::new(),
                at_device_ms: UtcMs(0),
                at_ms: UtcMs(0),
                wrong_clock: None,
            },
            ack_within_s: 60,
            status: None,
            events: Vec::new(),
            destination: None,
            cancelled: None,
            escalation: 0,
            disputes: Vec::new(),
            struck: Vec::new(),
        }
    }

    const PATIENCE: Patience = Patience { propose_after_s: 60, supervise_after_s: 120 };

    #[test]
    fn an_order_rises_level_by_level_while_nobody_answers() {
        let level = |s: i64| PATIENCE.level(&order(), s * 1000 + 1);

        assert_eq!([59, 60, 119, 120, 239, 240].map(level), [0, RING, RING, PROPOSE, PROPOSE, SUPERVISE]);
    }

    #[test]
    fn the_next_look_is_when_the_next_level_is_due() {
        assert_eq!(PATIENCE.next(&order(), 0), Some(60_000));
        assert_eq!(PATIENCE.next(&order(), 60_001), Some(59_999));
        assert_eq!(PATIENCE.next(&order(), 240_001), None);
    }

    const FOR_CALLS: CallPatience = CallPatience { all_s: 60, supervisor_s: 120, loud_s: 180, again_s: 180 };

    fn call(taken_s: Option<i64>) -> Waiting {
        let taken = taken_s.map(|s| Taken { at_ms: s * 1000, at: UtcMs(0), by: "Siti".into(), desk: String::new() });
        Waiting { record: RecordId::from_bytes([2; 16]), kind: Kind::Call, since_ms: 0, taken }
    }

    #[test]
    fn a_call_nobody_was_sent_to_rises_to_all_desks_to_the_supervisor_and_past_silencing() {
        let level = |s: i64| FOR_CALLS.stands(&call(None), Some(Priority::P1), s * 1000).level;

        assert_eq!([0, 59, 60, 119, 120, 179, 180, 3600].map(level), [0, 0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn a_call_that_can_wait_never_becomes_one_that_no_desk_can_silence_and_an_unjudged_one_does() {
        let level = |priority| FOR_CALLS.stands(&call(None), priority, 600_000).level;

        assert_eq!([Some(Priority::P3), Some(Priority::P2), None].map(level), [2, 3, 3]);
    }

    #[test]
    fn a_taken_call_is_quiet_for_three_minutes_and_then_begins_anew() {
        let stands = |s: i64| {
            let stands = FOR_CALLS.stands(&call(Some(30)), Some(Priority::P1), s * 1000);
            (stands.quiet, stands.level, stands.next_ms)
        };

        assert_eq!(stands(30), (true, 0, Some(180_000)));
        assert_eq!(stands(209), (true, 0, Some(1_000)));
        assert_eq!(stands(210), (false, 0, Some(60_000)));
        assert_eq!(stands(270), (false, 1, Some(60_000)));
        assert_eq!(stands(390), (false, 3, None));
    }
}
