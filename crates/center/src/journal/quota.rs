//! Quotas: how much one device may bring, so that one that floods takes no place of another's.
//!
//! Twenty reports an hour, twenty shifts an hour and 300 entries an hour and record; patients, identities, assessments,
//! assignments and what a unit writes about an incident it was ordered to have none. All of it has 16 MB a day, what was
//! refused and what stands in quarantine among it; calls for help and statuses are counted by their own bytes alone.
//!
//! What was made counts by when it was made, which lies between the device's last exchange and now: a village back from
//! two days without coverage is no flood. What exceeds a quota waits (verdict park, reason `quota`): it is kept, enters by
//! itself as the quota refills, and enters at once when a person lets it in. It never expires.

use super::WriteError;
use super::admit::Delivery;
use super::park::Picking;
use crate::Center;
use crate::admission::Vetted;
use crate::db::quota::{self, Counted};
use crate::db::{DbError, audit, device, part, projection};
use crate::hub::Changed;
use rusqlite::Connection;
use siaga_document::Document;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::{Lane, RecordKind};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_domain::verdict::{BYTES_A_DAY, ENTRIES_AN_HOUR, REPORTS_AN_HOUR};
use siaga_wire::exchange::WireChange;
use std::time::Duration;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A pause longer than this is an absence.
const AWAY_MS: i64 = 10 * 60_000;

/// What was made in an absence may take this long to arrive after it.
const CATCH_UP_MS: i64 = 6 * HOUR_MS;

/// Days of an absence that count for bytes.
const MOST_DAYS: i64 = 31;

/// Beyond so many times the bytes of a day nothing more is taken: the phone keeps it and asks again.
const MOST_TIMES: u64 = 4;

/// How long a device waits then.
pub(crate) const FULL: Duration = Duration::from_secs(600);

/// Records tried for one device in one turn of the clock, and in one press.
const TRIED_AT_ONCE: usize = 200;
const RELEASED_AT_ONCE: usize = 2_000;

/// Nothing was released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("nothing of the device waits for its quota")]
    NothingWaits,
    #[error("could not release what waits")]
    Write(#[from] WriteError),
}

impl From<DbError> for ReleaseError {
    fn from(cause: DbError) -> Self {
        Self::Write(cause.into())
    }
}

/// Why what is being written enters now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Entering {
    /// It just came, or what it depends on did: it counts by when it was made.
    #[default]
    Fresh,
    /// It waited for its quota: it counts as of now.
    Refill,
    /// A person let it in: it counts nowhere.
    Released,
}

/// The span in which what a device brings may have been made, on the steady clock.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: UtcMs,
    until: UtcMs,
    /// Steady time minus wall time.
    steady_ahead_ms: i64,
}

impl Span {
    /// Between the device's last exchange and now; for a while after an absence, since that began.
    fn of(tx: &Connection, device: &DeviceId, now: UtcMs, steady: UtcMs) -> Result<Self, DbError> {
        let steady_ahead_ms = steady.0.saturating_sub(now.0);
        let last = quota::last_exchange(tx, device)?.unwrap_or(now).plus(steady_ahead_ms).min(steady);
        let known = quota::away(tx, device)?;
        let from = match known {
            Some((from, back)) if (0..=CATCH_UP_MS).contains(&steady.0.saturating_sub(back.0)) => from.min(last),
            _ if last.until(steady) > AWAY_MS => {
                quota::put_away(tx, device, last, steady)?;
                last
            }
            _ => last,
        };
        quota::forget_before(tx, device, from.plus(-HOUR_MS))?;
        Ok(Self { from, until: steady, steady_ahead_ms })
    }

    /// When an entry was made, by the device's clock as it was corrected then, or as it is known now; within the span.
    fn place(&self, clock: &ClockReading, offset_ms: Option<i64>) -> UtcMs {
        let written = clock.center_estimate().plus(self.steady_ahead_ms);
        let corrected = offset_ms.map(|offset_ms| clock.device.plus(offset_ms).plus(self.steady_ahead_ms));
        let fits = |at: &UtcMs| (self.from..=self.until).contains(at);
        let known = Some(written).filter(|_| clock.offset_ms.is_some());
        let at = known.into_iter().chain(corrected).chain([written]).find(fits).unwrap_or(written);
        at.clamp(self.from, self.until)
    }
}

/// Whether a change that was admitted may enter its record now; counts it if so. `begins`: it is the first of a record.
pub(super) fn admits(
    tx: &Connection,
    center: &Center,
    from: &Delivery<'_>,
    (record, kind, begins): (&RecordId, RecordKind, bool),
    (change, vetted): (&WireChange, &Vetted),
    entering: Entering,
) -> Result<bool, WriteError> {
    if entering == Entering::Released || !is_counted(tx, &from.device.id, record, kind, begins)? {
        return Ok(true);
    }
    let span = Span::of(tx, &from.device.id, from.now, center.steady())?;
    let at = match entering {
        Entering::Refill | Entering::Released => span.until,
        Entering::Fresh => Document::entries_in(&change.bytes).first().map_or(span.until, |entry| {
            span.place(&entry.stamp.clock, from.device.contact.map(|contact| contact.offset_ms))
        }),
    };
    let entries = i64::try_from(vetted.entries.len()).unwrap_or(i64::MAX);
    let mut due = vec![(Counted::Entry(*record), entries, ENTRIES_AN_HOUR)];
    if begins {
        let what = if kind == RecordKind::Shift { Counted::Shift } else { Counted::Report };
        due.push((what, 1, REPORTS_AN_HOUR));
    }
    for (what, amount, most) in &due {
        let spent = quota::spent_around(tx, &from.device.id, what, at)?;
        // One change may bring more entries than an hour has: it enters when nothing else did.
        if spent.saturating_add((*amount).min(*most)) > *most {
            return Ok(false);
        }
    }
    for (what, amount, _) in &due {
        quota::spend(tx, &from.device.id, what, at, *amount)?;
    }
    Ok(true)
}

/// Whether what a device writes into a record has another quota than bytes.
fn is_counted(
    tx: &Connection,
    device: &DeviceId,
    record: &RecordId,
    kind: RecordKind,
    begins: bool,
) -> Result<bool, DbError> {
    match kind {
        RecordKind::Shift => Ok(true),
        RecordKind::Incident if begins => Ok(true),
        RecordKind::Incident => {
            let incident = part::incident_of(tx, record)?.unwrap_or(*record);
            Ok(!quota::is_ordered_to(tx, device, &incident)?)
        }
        RecordKind::Assignment
        | RecordKind::Sos
        | RecordKind::Patient
        | RecordKind::Identity
        | RecordKind::Assessment
        | RecordKind::Directory => Ok(false),
    }
}

/// What a device's bytes of a day leave room for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Room {
    Enough,
    /// It is kept and waits.
    Waits,
    /// It is not taken now.
    Full,
}

/// Whether so many more bytes of a device fit into its day, in a lane.
///
/// # Errors
/// [`DbError`] naming the step.
pub(crate) fn room(
    tx: &Connection,
    center: &Center,
    device: &DeviceId,
    lane: u8,
    now: UtcMs,
    bytes: usize,
) -> Result<Room, DbError> {
    let steady = center.steady();
    // A flood of records never holds a call for help back.
    let of_lane = Some(lane).filter(|lane| *lane == Lane::Urgent.number());
    let carried = quota::carried(tx, device, of_lane, steady)?.saturating_add(bytes as u64);
    if carried <= BYTES_A_DAY {
        return Ok(Room::Enough);
    }
    let last = quota::last_exchange(tx, device)?.unwrap_or(now);
    let from = quota::away(tx, device)?.map_or(last, |(from, _)| from.plus(now.0.saturating_sub(steady.0)).min(last));
    let days = (from.until(now) / DAY_MS).clamp(0, MOST_DAYS).saturating_add(1);
    let most = BYTES_A_DAY.saturating_mul(u64::try_from(days).unwrap_or(1));
    Ok(match carried {
        carried if carried <= most => Room::Enough,
        carried if carried <= most.saturating_mul(MOST_TIMES) => Room::Waits,
        _ => Room::Full,
    })
}

/// Counts the bytes of an envelope.
///
/// # Errors
/// [`DbError`] naming the step.
pub(crate) fn carry(
    tx: &Connection,
    center: &Center,
    device: &DeviceId,
    lane: u8,
    bytes: usize,
) -> Result<(), DbError> {
    quota::carry(tx, device, lane.min(Lane::Records.number()), center.steady(), bytes)
}

impl Center {
    /// Lets everything of a device in that waits for its quota, on behalf of `by`.
    ///
    /// # Errors
    /// [`ReleaseError`]; what is not in yet then enters with the next turn of the clock.
    pub fn release(&self, device: &DeviceId, by: &str) -> Result<usize, ReleaseError> {
        let now = self.now();
        let released = self.db().write(|tx| {
            let released = quota::release(tx, device)?;
            if released == 0 {
                return Err(ReleaseError::NothingWaits);
            }
            let (subject, detail) = (device.to_string(), format!("changes={released}"));
            audit::append(tx, now.0, &audit::Act { by, act: "device.released", subject: &subject, detail: &detail })?;
            Ok(released)
        })?;
        self.refill_of(device, RELEASED_AT_ONCE)?;
        self.announce()?;
        self.hub().tell(Changed::Device { device: *device });
        Ok(released)
    }

    /// Lets in what waits for a quota that refilled. Called every minute.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails; what still waits is tried again.
    pub fn refill(&self) -> Result<(), WriteError> {
        for device in self.db().read(|tx| quota::devices(tx))? {
            self.refill_of(&device, TRIED_AT_ONCE)?;
        }
        Ok(())
    }

    fn refill_of(&self, id: &DeviceId, most: usize) -> Result<(), WriteError> {
        let waiting = self.db().read(|tx| quota::records(tx, id))?;
        let mut tried = 0_usize;
        for one in &waiting {
            if tried >= most {
                break;
            }
            if !one.is_released && !self.db().read(|tx| self.may_enter(tx, id, one))? {
                continue;
            }
            tried = tried.saturating_add(1);
            if self.let_in_of_quota(&one.record, id)? {
                self.let_in_what_waited(&std::iter::once(one.record).collect())?;
            }
        }
        if tried > 0 {
            self.place_of(id)?;
            self.hub().wake(id);
        }
        Ok(())
    }

    /// Whether a quota has room for something that waits in a record. Asked before it is judged, which costs more.
    fn may_enter(&self, tx: &Connection, id: &DeviceId, one: &quota::WaitingRecord) -> Result<bool, WriteError> {
        let now = self.now();
        if room(tx, self, id, one.lane, now, 0)? != Room::Enough {
            return Ok(false);
        }
        let Ok(kind) = one.kind.parse::<RecordKind>() else { return Ok(true) };
        let begins = projection::kind(tx, &one.record)?.is_none();
        if !is_counted(tx, id, &one.record, kind, begins)? {
            return Ok(true);
        }
        let at = self.steady();
        if begins {
            let what = if kind == RecordKind::Shift { Counted::Shift } else { Counted::Report };
            return Ok(quota::spent_around(tx, id, &what, at)? < REPORTS_AN_HOUR);
        }
        Ok(quota::spent_around(tx, id, &Counted::Entry(one.record), at)? < ENTRIES_AN_HOUR)
    }

    /// Judges what waits for a quota in a record once more; whether any of it entered.
    fn let_in_of_quota(&self, record: &RecordId, id: &DeviceId) -> Result<bool, WriteError> {
        let _turn = self.turns().take(std::iter::once(*record).collect());
        if self.db().read(|tx| device::get(tx, id))?.is_none() {
            return Ok(false);
        }
        self.try_once(record, Picking::Quota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_795_395_600_000);

    fn clock(device: i64, offset_ms: Option<i64>) -> ClockReading {
        ClockReading { device: UtcMs(device), offset_ms, ..ClockReading::default() }
    }

    #[test]
    fn an_entry_counts_by_when_it_was_made_whatever_the_phones_clock_says() {
        let span = Span { from: NOW.plus(-48 * HOUR_MS), until: NOW, steady_ahead_ms: 0 };
        let hour_ago = NOW.plus(-HOUR_MS);
        let in_1970 = |at: UtcMs| clock(at.0 - NOW.0 + 1_000, None);

        assert_eq!(span.place(&clock(hour_ago.0, Some(0)), None), hour_ago);
        assert_eq!(span.place(&clock(hour_ago.0 - 5_000, Some(5_000)), Some(9)), hour_ago);
        // Its clock began at 1970, and the exchange says how far off that is.
        assert_eq!(span.place(&in_1970(hour_ago), Some(NOW.0 - 1_000)), hour_ago);
        assert_eq!(span.place(&in_1970(hour_ago), None), span.from);
        assert_eq!(span.place(&clock(i64::MAX, Some(i64::MAX)), Some(i64::MIN)), NOW);
        assert_eq!(span.place(&clock(i64::MIN, Some(i64::MIN)), Some(i64::MAX)), span.from);
    }

    #[test]
    fn a_clock_of_the_center_that_was_set_moves_no_counted_time() {
        // The wall clock was set two hours on while the center ran.
        let span = Span { from: NOW.plus(-HOUR_MS), until: NOW, steady_ahead_ms: -2 * HOUR_MS };

        assert_eq!(span.place(&clock(NOW.0 + 2 * HOUR_MS - 60_000, Some(0)), None), NOW.plus(-60_000));
    }
}
