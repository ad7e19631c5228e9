//! Incidents in parts: read as one, written into the newest, opened by the center alone.
//!
//! A part is opened in the transaction that takes the change after which it is due, so there are never two of one number,
//! whoever writes and however many. Devices that did not hear of it go on writing into the part they have: that is taken
//! as ever, and read with the rest.

use super::documents::{self, LoadError};
use super::{Logging, Settling, WriteError, log_changes, settle};
use crate::Center;
use crate::db::part::{self, Part};
use crate::db::projection::{self, Stored};
use crate::db::{DbError, feed, log, scope, setting};
use rusqlite::Connection;
use siaga_document::{Document, Header};
use siaga_domain::entry::{Body, Entry};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::incident::{self, CHANGES_OF_A_PART, Continues, Whole};
use siaga_domain::time::UtcMs;
use siaga_wire::SCHEMA;

/// Hours of an operational period, when nothing else is set.
const PERIOD_H: i64 = 12;

/// The setting that says otherwise.
pub const PERIOD_SETTING: &str = "operational_period_h";

const HOUR_MS: i64 = 3_600_000;

/// Who opens a part, as timelines show it.
const BY: &str = "112";

/// The incident that `document` is a part of, with it as it is now; `None` where it is the only part, or no incident.
pub(crate) fn whole(
    db: &Connection,
    record: &RecordId,
    kind: RecordKind,
    document: &Document,
) -> Result<Option<Whole>, LoadError> {
    if kind != RecordKind::Incident {
        return Ok(None);
    }
    let incident = part::incident_of(db, record)?.unwrap_or(*record);
    let parts = part::of(db, &incident)?;
    if parts.is_empty() {
        return Ok(None);
    }
    let mut entries = Vec::with_capacity(parts.len().saturating_add(1));
    for one in std::iter::once(incident).chain(parts.iter().map(|part| part.record)) {
        entries.push(if one == *record { document.entries() } else { written_in(db, &one)? });
    }
    Ok(Some(Whole::of(incident, entries)))
}

fn written_in(db: &Connection, record: &RecordId) -> Result<Vec<Entry>, LoadError> {
    let position = projection::get(db, record)?.map_or(0, |known| known.position);
    if position == 0 { Ok(Vec::new()) } else { Ok(documents::load(db, record, position)?.entries()) }
}

/// The documents of the record this one is or is part of, in the order of their parts.
pub(crate) fn all_of(db: &Connection, record: &RecordId, kind: RecordKind) -> Result<Vec<RecordId>, DbError> {
    if kind != RecordKind::Incident {
        return Ok(vec![*record]);
    }
    let incident = part::incident_of(db, record)?.unwrap_or(*record);
    let parts = part::of(db, &incident)?.into_iter().map(|part| part.record);
    Ok(std::iter::once(incident).chain(parts).collect())
}

/// The document that goes on where this record does: the newest part of an incident, the record itself otherwise.
pub(crate) fn goes_on_in(db: &Connection, record: &RecordId, kind: RecordKind) -> Result<RecordId, DbError> {
    if kind != RecordKind::Incident {
        return Ok(*record);
    }
    let incident = part::incident_of(db, record)?.unwrap_or(*record);
    Ok(part::of(db, &incident)?.last().map_or(*record, |part| part.record))
}

/// The incident as people see it that a record of this kind is, or is part of.
pub(crate) fn incident_behind(db: &Connection, known: &Stored) -> Result<Option<Record>, DbError> {
    if known.record.is_some() || known.kind != RecordKind::Incident {
        return Ok(known.record.clone());
    }
    match part::incident_of(db, &known.id)? {
        Some(incident) => Ok(projection::get(db, &incident)?.and_then(|stored| stored.record)),
        None => Ok(None),
    }
}

/// The device is told of every part of an incident it is told of.
pub(crate) fn enter_all(db: &Connection, device: &DeviceId, record: &RecordId) -> Result<(), DbError> {
    let incident = part::incident_of(db, record)?.unwrap_or(*record);
    for one in std::iter::once(incident).chain(part::of(db, &incident)?.into_iter().map(|part| part.record)) {
        feed::enter(db, device, &one, RecordKind::Incident)?;
    }
    Ok(())
}

/// Notes that a document which was given back continues an incident, where it says so: this center opened it before it was
/// put back.
pub(crate) fn note(db: &Connection, record: &RecordId, document: &Document) -> Result<(), DbError> {
    let entries = document.entries();
    let Some(continues) = incident::continues(&entries) else { return Ok(()) };
    if part::incident_of(db, record)?.is_some() {
        return Ok(());
    }
    let opened_ms = entries.first().map_or(UtcMs(0), |entry| entry.stamp.clock.device);
    let part = u32::try_from(continues.part).unwrap_or(u32::MAX);
    part::put(db, &continues.incident, &Part { record: *record, part, opened_ms })
}

/// Who is told of the incident is told of this part of it.
pub(crate) fn tell_of_part(db: &Connection, record: &RecordId) -> Result<(), DbError> {
    let Some(incident) = part::incident_of(db, record)? else { return Ok(()) };
    for device in scope::holders(db, &incident)? {
        feed::enter(db, &device, record, RecordKind::Incident)?;
    }
    Ok(())
}

impl Center {
    /// Opens the next part of an open incident whose newest part has 300 changes, or is of a past operational period.
    pub(super) fn roll_over_if_due(&self, tx: &Connection, record: &RecordId, now: UtcMs) -> Result<(), WriteError> {
        let incident = part::incident_of(tx, record)?.unwrap_or(*record);
        let Some(stored) = projection::get(tx, &incident)? else { return Ok(()) };
        match &stored.record {
            Some(Record::Incident(shown)) if shown.closed.is_none() => {}
            _ => return Ok(()),
        }
        let first = Part { record: incident, part: 1, opened_ms: stored.made_ms };
        let newest = part::of(tx, &incident)?.pop().unwrap_or(first);
        let changes = projection::get(tx, &newest.record)?.map_or(0, |stored| stored.change_count);
        let period_h = setting::get(tx, PERIOD_SETTING)?.and_then(|hours| hours.parse().ok()).unwrap_or(PERIOD_H);
        let is_past = newest.opened_ms.until(now) >= period_h.saturating_mul(HOUR_MS);
        // A part in which nothing was written yet needs none behind it.
        if changes < CHANGES_OF_A_PART && !(is_past && changes > 1) {
            return Ok(());
        }
        let next = Part { record: self.new_record(), part: newest.part.saturating_add(1), opened_ms: now };
        let body = Body::Continues(Continues { incident, part: next.part.into() });
        let entries = self.stamped(&[], &[body], BY, now);
        let header = Header { id: next.record, kind: RecordKind::Incident, schema: SCHEMA };
        let (document, changes) = Document::create(header, self.actor(), &entries).map_err(WriteError::Author)?;
        let logged: Vec<Logging> = changes.into_iter().map(Logging::own).collect();
        let position = log_changes(tx, &next.record, RecordKind::Incident, &logged, BY, now)?;
        if let Some(last) = logged.last() {
            for entry in &entries {
                log::append_entry(tx, &next.record, &entry.id, entry.body.kind(), &last.change.hash)?;
            }
        }
        part::put(tx, &incident, &next)?;
        let added = logged.len();
        let kind = RecordKind::Incident;
        settle(
            tx,
            &Settling {
                record: next.record,
                kind,
                document: &document,
                known: None,
                position,
                added,
                writer: None,
                now,
            },
        )?;
        tell_of_part(tx, &next.record)?;
        Ok(())
    }
}
