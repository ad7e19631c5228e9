//! Who is told about what.
//!
//! An active device is told about the directory, the shifts of its unit's post, its unit's assignments, the
//! incidents behind them, their assessments, their patients and identities where its role treats people, and
//! always what it wrote itself. Whatever leaves the scope is said as a feed row too.

use crate::Center;
use crate::db::device::{self, DeviceState};
use crate::db::projection::{self, Stored};
use crate::db::scope::{self as audience, Window};
use crate::db::{DbError, audit, feed, log, part};
use crate::hub::Changed;
use crate::journal::parts;
use rusqlite::Connection;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::time::UtcMs;

const HOUR_MS: i64 = 3_600_000;

/// A shift is told this long before it begins: longer than a volunteer stays out of coverage.
const SHIFT_AHEAD_MS: i64 = 7 * 24 * HOUR_MS;

/// A shift is told to newly enrolled devices this long after it ended: somebody may still be checked in.
const SHIFT_PAST_MS: i64 = 12 * HOUR_MS;

/// Finished work is told to a newly enrolled device this long.
const FINISHED_MS: i64 = 24 * HOUR_MS;

/// A cancelled assignment nobody looked at stays on the phone this long, so that the cancellation itself is seen.
const CANCELLED_MS: i64 = 12 * HOUR_MS;

/// Who is told could not be worked out.
#[derive(Debug, thiserror::Error)]
pub enum ScopeError {
    #[error("could not find the audience of a record")]
    Audience(#[source] DbError),
    #[error("could not write a membership")]
    Enter(#[source] DbError),
}

/// A device was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error("there is no device {0}")]
    Missing(DeviceId),
    #[error("the device is not active")]
    NotActive,
    #[error("there is no unit {0} in the directory")]
    UnknownUnit(String),
    #[error("the app of this phone is too old to be moved, or was never heard of: invite it to its new unit")]
    TooOld,
    #[error("could not change the unit of the device")]
    Database(#[from] DbError),
    #[error("could not work out what the device is told")]
    Scope(#[from] ScopeError),
}

fn window(now: UtcMs) -> Window {
    Window {
        ended_after_ms: now.0.saturating_sub(SHIFT_PAST_MS),
        begins_before_ms: now.0.saturating_add(SHIFT_AHEAD_MS),
        moved_after_ms: now.0.saturating_sub(FINISHED_MS),
        cancelled_after_ms: now.0.saturating_sub(CANCELLED_MS),
    }
}

/// A record is new, or hangs on something else than before.
///
/// # Errors
/// [`ScopeError`] naming the step.
pub fn settle(db: &Connection, stored: &Stored, now: UtcMs) -> Result<(), ScopeError> {
    tell(db, stored, now)?;
    let routing = projection::routed(db, stored)?;
    match stored.kind {
        // Units may have moved to other posts.
        RecordKind::Directory => {
            for device in audience::active(db).map_err(ScopeError::Audience)? {
                settle_device(db, &device, now)?;
            }
        }
        RecordKind::Assignment => {
            let Some(incident) = routing.incident else { return Ok(()) };
            if let Some(incident) = projection::get(db, &incident).map_err(ScopeError::Audience)? {
                tell(db, &incident, now)?;
            }
            for kind in [RecordKind::Assessment, RecordKind::Patient] {
                for of_incident in projection::of_incident(db, &incident, kind).map_err(ScopeError::Audience)? {
                    tell_with_identities(db, &of_incident, now)?;
                }
            }
        }
        RecordKind::Patient => tell_identities(db, &stored.id, now)?,
        _ => {}
    }
    Ok(())
}

fn tell_with_identities(db: &Connection, stored: &Stored, now: UtcMs) -> Result<(), ScopeError> {
    tell(db, stored, now)?;
    if stored.kind == RecordKind::Patient { tell_identities(db, &stored.id, now) } else { Ok(()) }
}

fn tell_identities(db: &Connection, patient: &RecordId, now: UtcMs) -> Result<(), ScopeError> {
    for identity in projection::of_parent(db, patient).map_err(ScopeError::Audience)? {
        tell(db, &identity, now)?;
    }
    Ok(())
}

fn tell(db: &Connection, stored: &Stored, now: UtcMs) -> Result<(), ScopeError> {
    for device in audience_of(db, stored, now).map_err(ScopeError::Audience)? {
        enter(db, &device, &stored.id, stored.kind)?;
    }
    Ok(())
}

/// An incident is told with all its parts.
fn enter(db: &Connection, device: &DeviceId, record: &RecordId, kind: RecordKind) -> Result<(), ScopeError> {
    let entered = match kind {
        RecordKind::Incident => parts::enter_all(db, device, record),
        _ => feed::enter(db, device, record, kind),
    };
    entered.map_err(ScopeError::Enter)
}

fn audience_of(db: &Connection, stored: &Stored, now: UtcMs) -> Result<Vec<DeviceId>, DbError> {
    let routing = projection::routed(db, stored)?;
    match (stored.kind, routing.incident, routing.parent) {
        (RecordKind::Directory, _, _) => audience::active(db),
        (RecordKind::Shift, _, _) => {
            let window = window(now);
            let current = routing.until_ms > window.ended_after_ms && routing.from_ms < window.begins_before_ms;
            if current { audience::of_post(db, &routing.post) } else { Ok(Vec::new()) }
        }
        (RecordKind::Assignment, _, _) => audience::of_unit(db, &routing.unit),
        (RecordKind::Incident, Some(incident), _) => audience::of_incident(db, &incident),
        (RecordKind::Assessment, Some(incident), _) => audience::members(db, &incident),
        (RecordKind::Patient, Some(incident), _) => audience::clinical_of_incident(db, &incident),
        (RecordKind::Identity, _, Some(patient)) => {
            match projection::routing(db, &patient)?.and_then(|routing| routing.incident) {
                Some(incident) => audience::clinical_of_incident(db, &incident),
                None => Ok(Vec::new()),
            }
        }
        // An SOS is its writer's and the center's.
        _ => Ok(Vec::new()),
    }
}

/// Tells a device everything it is to be told and is not told yet: after it was confirmed, and as shifts come near.
///
/// # Errors
/// [`ScopeError`] naming the step.
pub fn settle_device(db: &Connection, device: &DeviceId, now: UtcMs) -> Result<(), ScopeError> {
    for (record, kind) in audience::missing(db, device, &window(now)).map_err(ScopeError::Audience)? {
        enter(db, device, &record, kind)?;
    }
    Ok(())
}

/// Whether a device may add to a record that is there: it is, or once was, told about it, or would be told now. Of a
/// record that was given back after this center was put back, nobody knows whom it was told to: what hangs on its
/// changes names their hashes, and so was written by somebody who had it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn may_add(db: &Connection, device: &DeviceId, known: &Stored, now: UtcMs) -> Result<bool, DbError> {
    // Under whichever enrolment: a phone that was moved to another unit brings what it wrote before.
    if device::was_ever_told(db, device, &known.id)? {
        return Ok(true);
    }
    Ok(log::was_given_back(db, &known.id)? || audience_of(db, known, now)?.contains(device))
}

/// Whether a device is one of those that are told of a record now: by what it hangs on, or because it wrote in it.
///
/// # Errors
/// [`DbError`] naming the step.
pub(crate) fn is_told(db: &Connection, device: &DeviceId, stored: &Stored, now: UtcMs) -> Result<bool, DbError> {
    // A later part of an incident hangs on nothing of its own.
    let all = parts::all_of(db, &stored.id, stored.kind)?;
    for record in &all {
        if log::wrote_in(db, device, record)? {
            return Ok(true);
        }
    }
    match all.first() {
        Some(first) if *first != stored.id => match projection::get(db, first)? {
            Some(incident) => Ok(audience_of(db, &incident, now)?.contains(device)),
            None => Ok(false),
        },
        _ => Ok(audience_of(db, stored, now)?.contains(device)),
    }
}

impl Center {
    /// What the passing of time changes: shifts come near, cancelled work is forgotten. Called every minute. What there is to do is
    /// looked up beside the one who writes. Only the shifts that came near since the last time are looked at; everything that every
    /// device is to be told is gone through once an hour, because with two thousand of them that takes a core for a while.
    ///
    /// # Errors
    /// [`ScopeError`] naming the step.
    pub fn settle_time(&self) -> Result<(), ScopeError> {
        let now = self.now();
        let [last, whole] = self.settled_ms();
        let is_due = !(0..HOUR_MS).contains(&now.0.saturating_sub(whole));
        if is_due {
            for device in self.db().read(|tx| audience::active(tx))? {
                let missing = self.db().read(|tx| audience::missing(tx, &device, &window(now)))?;
                if !missing.is_empty() {
                    self.db().write(|tx| settle_device(tx, &device, now))?;
                }
            }
        } else {
            let (from, to) = (last.saturating_add(SHIFT_AHEAD_MS), now.0.saturating_add(SHIFT_AHEAD_MS));
            let near = self.db().read(|tx| audience::shifts_that_begin(tx, from, to))?;
            if !near.is_empty() {
                self.db().write(|tx| {
                    for shift in &near {
                        if let Some(stored) = projection::get(tx, shift)? {
                            tell(tx, &stored, now)?;
                        }
                    }
                    Ok::<_, ScopeError>(())
                })?;
            }
        }
        self.set_settled_ms([now.0, if is_due { now.0 } else { whole }]);
        let before = now.0.saturating_sub(CANCELLED_MS);
        if !self.db().read(|tx| audience::cancelled_unread(tx, before))?.is_empty() {
            self.db().write(|tx| {
                for (device, record) in audience::cancelled_unread(tx, before).map_err(ScopeError::Audience)? {
                    feed::leave(tx, &device, &record, RecordKind::Assignment).map_err(ScopeError::Enter)?;
                }
                Ok::<_, ScopeError>(())
            })?;
        }
        self.announce().map_err(ScopeError::Audience)
    }

    /// The device works for another unit, or in another role, from now on: it is told what that unit is told, and of what
    /// only the old one concerned nothing new. Whatever it still brings of its old work is taken.
    ///
    /// # Errors
    /// [`MoveError`]; nothing changed.
    pub fn move_device(&self, id: &DeviceId, unit: &str, role: Option<Role>, by: &str) -> Result<(), MoveError> {
        let now = self.now();
        self.db().write(|tx| {
            let known = device::get(tx, id)?.ok_or(MoveError::Missing(*id))?;
            if known.state != DeviceState::Active {
                return Err(MoveError::NotActive);
            }
            if !audience::unit_exists(tx, unit)? {
                return Err(MoveError::UnknownUnit(unit.to_owned()));
            }
            if known.contact.is_none_or(|contact| contact.terms_known == 0) {
                return Err(MoveError::TooOld);
            }
            let role = role.unwrap_or(known.role);
            if (known.unit.as_str(), known.role) == (unit, role) {
                return Ok(());
            }
            device::set_unit(tx, id, unit, role)?;
            for (record, kind) in audience::kept_by_unit_alone(tx, id, &window(now))? {
                if kind == RecordKind::Incident {
                    for part in part::of(tx, &record)? {
                        feed::leave(tx, id, &part.record, kind)?;
                    }
                }
                feed::leave(tx, id, &record, kind)?;
            }
            settle_device(tx, id, now)?;
            let detail = format!("from={} role={} to={unit} role={role}", known.unit, known.role);
            audit::append(
                tx,
                now.0,
                &audit::Act { by, act: "device.move", subject: &id.to_string(), detail: &detail },
            )?;
            Ok(())
        })?;
        self.hub().tell(Changed::Device { device: *id });
        self.hub().wake(id);
        self.announce()?;
        Ok(())
    }
}

impl From<DbError> for ScopeError {
    fn from(error: DbError) -> Self {
        Self::Audience(error)
    }
}
