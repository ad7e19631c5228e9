//! Placing: a record that a device brings may name only what is or ever was in the device's scope, what it made itself, or
//! what comes in the same delivery.
//!
//! Any other record is accepted, receipted and kept, but it is not placed: its projection hangs on nothing, so that it is
//! in no list of an incident, in no sum, and told to nobody but its device. Every desk lists it until a person places it,
//! or until the device's scope comes to hold what it names.

use super::{WriteError, documents};
use crate::Center;
use crate::db::placing::{self, Names, Unplaced};
use crate::db::projection::{self, Stored};
use crate::db::{DbError, audit, device, log, replaced};
use crate::hub::Changed;
use crate::scope;
use rusqlite::Connection;
use siaga_domain::entry::Body;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::time::UtcMs;

/// A record was not placed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("the record {0} is placed already, or is not here")]
    Placed(RecordId),
    #[error("the record {record} names {names} {named}, which is not here")]
    NotHere { record: RecordId, names: &'static str, named: String },
    #[error("could not place the record")]
    Write(#[from] WriteError),
}

impl From<DbError> for PlaceError {
    fn from(cause: DbError) -> Self {
        Self::Write(cause.into())
    }
}

impl Center {
    /// Places a record as it says, on behalf of `by`: from now on it counts, and is told to whom it concerns.
    ///
    /// # Errors
    /// [`PlaceError`]; nothing was written.
    pub fn place(&self, record: &RecordId, by: &str) -> Result<(), PlaceError> {
        let now = self.now();
        let kind = self.db().write(|tx| {
            let Some(row) = placing::get(tx, record)? else { return Err(PlaceError::Placed(*record)) };
            if !is_here(tx, &row)? {
                let (names, named) = (row.names.code(), row.named);
                return Err(PlaceError::NotHere { record: *record, names, named });
            }
            let kind = take_place(tx, record, by, now)?;
            self.follow_placed(tx, record, now)?;
            let detail = format!("device={} names={} named={}", row.device, row.names, row.named);
            let act = audit::Act { by, act: "record.placed", subject: &record.to_string(), detail: &detail };
            audit::append(tx, now.0, &act)?;
            Ok(kind)
        })?;
        self.announce()?;
        if let Some(kind) = kind {
            self.hub().tell(Changed::Record { record: *record, kind, lane: kind.lane() });
        }
        Ok(())
    }

    /// Places every record whose device may name what it names by now. Called every minute.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub fn place_what_became_true(&self) -> Result<(), WriteError> {
        for device in self.db().read(|tx| placing::devices(tx))? {
            self.place_of(&device)?;
        }
        Ok(())
    }

    /// As [`place_what_became_true`](Self::place_what_became_true), of one device.
    ///
    /// # Errors
    /// [`WriteError`] when the database fails.
    pub(crate) fn place_of(&self, device: &DeviceId) -> Result<(), WriteError> {
        let now = self.now();
        let is_due = self.db().read(|tx| {
            let mut open = placing::of_device(tx, device)?.into_iter();
            open.try_fold(false, |due, row| Ok::<_, WriteError>(due || is_true(tx, &row, now)?))
        })?;
        if !is_due {
            return Ok(());
        }
        let placed = self.db().write(|tx| {
            let placed = place_true(tx, device, now)?;
            for (record, _) in &placed {
                self.follow_placed(tx, record, now)?;
            }
            Ok::<_, WriteError>(placed)
        })?;
        self.announce()?;
        for (record, kind) in placed {
            self.hub().tell(Changed::Record { record, kind, lane: kind.lane() });
        }
        Ok(())
    }

    /// What it names may have been replaced meanwhile.
    fn follow_placed(&self, tx: &Connection, record: &RecordId, now: UtcMs) -> Result<(), WriteError> {
        let Some(stored) = projection::get(tx, record)? else { return Ok(()) };
        let document = documents::load(tx, record, stored.position)?;
        self.follow_replacement(tx, record, stored.kind, &document, now)
    }
}

/// Looks at what a record names after a device wrote in it. `known` is the record as it was before.
///
/// # Errors
/// [`WriteError`] when the database fails.
pub(super) fn judge(
    tx: &Connection,
    writer: &DeviceId,
    known: Option<&Stored>,
    stored: &Stored,
    now: UtcMs,
) -> Result<(), WriteError> {
    let names = names(stored.record.as_ref());
    if names.is_empty() || self::names(known.and_then(|known| known.record.as_ref())) == names {
        return Ok(());
    }
    for (names, named) in names {
        let row = Unplaced { record: stored.id, device: *writer, names, named, since_ms: now };
        if !is_true(tx, &row, now)? {
            tracing::warn!(device = %writer, record = %stored.id, names = names.code(), "a record names what its device was never told of");
            return Ok(placing::put(tx, &row)?);
        }
    }
    // It named something else before, and was not placed for that.
    placing::mark_placed(tx, &stored.id, "", now)?;
    Ok(())
}

/// Places what a device may name by now; gives the records.
///
/// # Errors
/// [`WriteError`] when the database fails.
pub(super) fn place_true(
    tx: &Connection,
    device: &DeviceId,
    now: UtcMs,
) -> Result<Vec<(RecordId, RecordKind)>, WriteError> {
    let mut placed = Vec::new();
    for row in placing::of_device(tx, device)? {
        if is_true(tx, &row, now)?
            && let Some(kind) = take_place(tx, &row.record, "", now)?
        {
            placed.push((row.record, kind));
        }
    }
    Ok(placed)
}

/// From now on the record hangs on what it names, and is told to whom it concerns.
fn take_place(tx: &Connection, record: &RecordId, by: &str, now: UtcMs) -> Result<Option<RecordKind>, WriteError> {
    placing::mark_placed(tx, record, by, now)?;
    let Some(stored) = projection::get(tx, record)? else { return Ok(None) };
    projection::put(tx, &stored)?;
    scope::settle(tx, &stored, now)?;
    Ok(Some(stored.kind))
}

/// What a record names, each with the kind of thing it must be.
fn names(record: Option<&Record>) -> Vec<(Names, String)> {
    match record {
        Some(Record::Patient(patient)) => {
            vec![(Names::Incident, patient.incident.to_string()), (Names::Identity, patient.identity.to_string())]
        }
        Some(Record::Identity(identity)) => vec![(Names::Patient, identity.patient.to_string())],
        Some(Record::Assessment(assessment)) => vec![(Names::Incident, assessment.incident.to_string())],
        Some(Record::Assignment(assignment)) => vec![(Names::Incident, assignment.incident.to_string())],
        Some(Record::Shift(shift)) => vec![(Names::Post, shift.post.to_string())],
        // An incident hangs on nothing; a call for help is its device's. The unit either states is compared, not placed.
        Some(Record::Incident(_) | Record::Sos(_) | Record::Directory(_)) | None => Vec::new(),
    }
}

/// Whether what a record names is in the scope of its device, was once, or comes from the device itself.
fn is_true(tx: &Connection, row: &Unplaced, now: UtcMs) -> Result<bool, WriteError> {
    let kind = match row.names {
        Names::Incident => RecordKind::Incident,
        Names::Patient => RecordKind::Patient,
        Names::Identity => RecordKind::Identity,
        Names::Post => {
            return Ok(placing::knows_post(tx, &row.device, &row.named)? || was_at_post(tx, &row.device, &row.named)?);
        }
    };
    let Ok(named) = row.named.parse::<RecordId>() else { return Ok(false) };
    let Some(known) = projection::get(tx, &named)? else {
        // The identity of a patient is made when the first thing about the person is learned.
        return Ok(row.names == Names::Identity);
    };
    Ok(known.kind == kind && (log::wrote_in(tx, &row.device, &named)? || scope::may_add(tx, &row.device, &known, now)?))
}

/// Whether what a record names is here at all, so that placing it shows it somewhere.
fn is_here(tx: &Connection, row: &Unplaced) -> Result<bool, WriteError> {
    let kind = match row.names {
        Names::Incident => RecordKind::Incident,
        Names::Patient => RecordKind::Patient,
        Names::Identity => RecordKind::Identity,
        Names::Post => return Ok(true),
    };
    let Ok(named) = row.named.parse::<RecordId>() else { return Ok(false) };
    Ok(projection::get(tx, &replaced::latest(tx, &named)?)?
        .is_some_and(|known| known.kind == kind && known.record.is_some()))
}

/// Whether the directory ever stationed a unit of the device at the post: a phone that was away goes by the old one.
fn was_at_post(tx: &Connection, device: &DeviceId, post: &str) -> Result<bool, WriteError> {
    let units = device::units_ever(tx, device)?;
    for stored in projection::of_kind(tx, RecordKind::Directory)? {
        let document = documents::load(tx, &stored.id, stored.position)?;
        let is_of = |body: &Body| match body {
            Body::Unit(unit) => unit.post.as_str() == post && units.iter().any(|code| code == unit.code.as_str()),
            _ => false,
        };
        if document.entries().iter().any(|entry| is_of(&entry.body)) {
            return Ok(true);
        }
    }
    Ok(false)
}
