//! The center's alarm clock: an order nobody answers alarms again, then another unit is proposed, then the
//! supervisor is called; and a post that becomes empty is told at once.
//!
//! What was alarmed is an entry of the assignment, so a center that was restarted goes on where it stopped and
//! every console shows the same. Only the decision is here; sounds and colours are the page's.

use crate::Center;
use crate::api::desk::{directory, shifts_around};
use crate::db::DbError;
use crate::db::desk;
use crate::hub::Changed;
use crate::journal::{RecordWrite, Start, WriteError};
use siaga_domain::entry::Body;
use siaga_domain::id::PostCode;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::{Assignment, Escalated};
use siaga_domain::record::directory::Directory;
use siaga_domain::roster::{PostState, post_state};
use siaga_domain::time::UtcMs;
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

/// Posts are looked at this often even when nothing moves: shifts end by the clock.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Whatever stopped a look would stop the next one as well, were it at once.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
const MOST_OPEN: u32 = 10_000;

/// Seconds a unit has to answer when the order does not say.
#[must_use]
pub fn ack_within_s(directory: &Directory) -> i64 {
    threshold(directory, ACK_WITHIN)
}

fn threshold(directory: &Directory, (name, default): (&str, i64)) -> i64 {
    directory.threshold(name).filter(|seconds| *seconds > 0).unwrap_or(default)
}

/// How long the center waits before each level.
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

    /// When each level is due, in order.
    fn moments(self, order: &Assignment) -> [(i64, UtcMs); 3] {
        let ring = order.ordered.at_ms.plus(order.ack_within_s.saturating_mul(1000));
        let propose = ring.plus(self.propose_after_s.saturating_mul(1000));
        let supervise = propose.plus(self.supervise_after_s.saturating_mul(1000));
        [(RING, ring), (PROPOSE, propose), (SUPERVISE, supervise)]
    }

    /// The level an order should stand at; 0 while it has time, or once it was answered or taken back.
    #[must_use]
    pub fn level(self, order: &Assignment, now: UtcMs) -> i64 {
        if !waits(order) {
            return 0;
        }
        self.moments(order).iter().filter(|(_, due)| *due < now).map(|(level, _)| *level).max().unwrap_or(0)
    }

    /// When its level rises next.
    fn next(self, order: &Assignment, now: UtcMs) -> Option<UtcMs> {
        if !waits(order) {
            return None;
        }
        self.moments(order).iter().map(|(_, due)| *due).find(|due| *due >= now)
    }
}

fn waits(order: &Assignment) -> bool {
    order.is_open() && order.answered_at().is_none()
}

/// What one look came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Looked {
    /// Orders whose level rose, with the level.
    pub escalated: Vec<(siaga_domain::id::RecordId, i64)>,
    /// Posts whose state changed since the look before.
    pub posts: Vec<PostCode>,
    /// When the next level is due.
    pub next: Option<UtcMs>,
}

/// A look failed; the next one tries again.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    #[error("could not read the open orders")]
    Read(#[from] DbError),
    #[error("could not write an escalation")]
    Write(#[from] WriteError),
}

/// Remembers between looks how the posts stood.
#[derive(Default)]
pub struct Watch {
    posts: BTreeMap<PostCode, PostState>,
}

impl Watch {
    /// Looks once, as of the center's clock.
    ///
    /// # Errors
    /// [`LookError`]; levels already written stay written.
    pub fn look(&mut self, center: &Center) -> Result<Looked, LookError> {
        let now = center.now();
        let (directory, orders, shifts) = center.db().read(|tx| {
            let orders = desk::assignments(tx, Some(true), MOST_OPEN)?;
            Ok::<_, DbError>((directory(tx)?, orders, shifts_around(tx, now)?))
        })?;
        let patience = Patience::of(&directory);
        let mut looked = Looked::default();
        for stored in orders {
            let Some(Record::Assignment(order)) = stored.record else { continue };
            looked.next = looked.next.into_iter().chain(patience.next(&order, now)).min();
            let level = patience.level(&order, now);
            if level <= order.escalation {
                continue;
            }
            let entries = vec![Body::Escalated(Escalated { level })];
            let write = RecordWrite { record: order.id, kind: RecordKind::Assignment, start: Start::Append, entries };
            center.write(write, "")?;
            center.hub().tell(Changed::Alarm { record: order.id, level });
            looked.escalated.push((order.id, level));
        }
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
        Ok(looked)
    }
}

/// Looks whenever an order or a shift moved, whenever a level is due, and every minute, until `stop`.
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
        let next = match looked {
            Ok(looked) => looked.next,
            Err(cause) => {
                tracing::error!(error = &cause as &dyn std::error::Error, "the alarm clock could not look");
                None
            }
        };
        // A level is due one millisecond after its moment.
        let due = next.map_or(LOOK_EVERY, |at| {
            Duration::from_millis(u64::try_from(center.now().until(at)).unwrap_or(0).saturating_add(1))
        });
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(due.min(LOOK_EVERY)) => {}
            () = something_of_ours(&mut moved) => {}
        }
    }
}

/// Until an order, a shift or the directory moved.
async fn something_of_ours(moved: &mut tokio::sync::broadcast::Receiver<Changed>) {
    loop {
        match moved.recv().await {
            Ok(Changed::Record {
                kind: RecordKind::Assignment | RecordKind::Shift | RecordKind::Directory, ..
            })
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
    use siaga_domain::entry::Authorship;
    use siaga_domain::id::{RecordId, UnitCode};
    use siaga_domain::record::incident::Priority;

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
        let level = |s: i64| PATIENCE.level(&order(), UtcMs(s * 1000 + 1));

        assert_eq!([59, 60, 119, 120, 239, 240].map(level), [0, RING, RING, PROPOSE, PROPOSE, SUPERVISE]);
    }

    #[test]
    fn the_next_look_is_when_the_next_level_is_due() {
        assert_eq!(PATIENCE.next(&order(), UtcMs(0)), Some(UtcMs(60_000)));
        assert_eq!(PATIENCE.next(&order(), UtcMs(60_001)), Some(UtcMs(120_000)));
        assert_eq!(PATIENCE.next(&order(), UtcMs(240_001)), None);
    }
}
