//! Records as people see them, with the columns that decide who is told about them.

use super::{DbError, Step, fixed, placing, readable, record_of, signed, spoilt, unsigned};
use rusqlite::{Connection, OptionalExtension, Row};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::sos::{Sos, SosState};
use siaga_domain::time::UtcMs;

/// A record as stored.
#[derive(Clone, PartialEq, Debug)]
pub struct Stored {
    pub id: RecordId,
    pub kind: RecordKind,
    /// `None` while the entry that opens it has not arrived.
    pub record: Option<Record>,
    /// Sorted.
    pub heads: Vec<ChangeHash>,
    pub change_count: u32,
    /// Feed position of its newest change.
    pub position: u64,
    pub made_ms: UtcMs,
    pub updated_ms: UtcMs,
}

/// What a record hangs on: the columns the scope asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Routing {
    pub incident: Option<RecordId>,
    /// The patient of an identity.
    pub parent: Option<RecordId>,
    pub unit: String,
    pub post: String,
    pub from_ms: i64,
    pub until_ms: i64,
    /// When an assignment was cancelled, or a call for help ended; 0 when it was not.
    pub ended_ms: i64,
}

impl Routing {
    #[must_use]
    pub fn of(record: Option<&Record>) -> Self {
        let incident = record.and_then(Record::incident);
        match record {
            Some(Record::Assignment(assignment)) => Self {
                incident,
                unit: assignment.unit.to_string(),
                ended_ms: assignment.cancelled.as_ref().map_or(0, |cancelled| cancelled.author.at_ms.0),
                ..Self::default()
            },
            Some(Record::Identity(identity)) => Self { parent: Some(identity.patient), ..Self::default() },
            Some(Record::Shift(shift)) => Self {
                post: shift.post.to_string(),
                from_ms: shift.from_ms.0,
                until_ms: shift.until_ms.0,
                ..Self::default()
            },
            Some(Record::Sos(sos)) => Self { ended_ms: ended_ms(sos), ..Self::default() },
            _ => Self { incident, ..Self::default() },
        }
    }
}

/// Never 0 for a call that ended, whatever the clock of who ended it said.
fn ended_ms(sos: &Sos) -> i64 {
    if sos.is_open() {
        return 0;
    }
    let ending = sos.cancelled.iter().chain(&sos.answers).map(|words| words.author.at_ms.0).min();
    ending.unwrap_or(1).max(1)
}

/// What a record hangs on here: nothing while it is not placed.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn routed(db: &Connection, stored: &Stored) -> Result<Routing, DbError> {
    if placing::is_unplaced(db, &stored.id)? {
        return Ok(Routing::default());
    }
    Ok(Routing::of(stored.record.as_ref()))
}

pub(super) const COLUMNS: &str = "record, kind, json, heads, changes, position, made_ms, updated_ms";

/// # Errors
/// [`DbError`] naming the step.
pub fn get(db: &Connection, record: &RecordId) -> Result<Option<Stored>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM projection WHERE record = ?1"))
        .step("prepare a record")?
        .query_row([record.as_bytes()], read)
        .optional()
        .step("read a record")
        .and_then(|stored| Ok(spoilt::made_whole(db, stored.into_iter().collect())?.pop()))
}

/// Oldest first by id, which is by the clock of whoever made it.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_kind(db: &Connection, kind: RecordKind) -> Result<Vec<Stored>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM projection WHERE kind = ?1 ORDER BY record"))
        .step("prepare the records of a kind")?
        .query_map([kind.code()], read)
        .and_then(readable)
        .step("read the records of a kind")
        .and_then(|rows| spoilt::made_whole(db, rows))
}

/// # Errors
/// [`DbError`] naming the step.
pub fn of_incident(db: &Connection, incident: &RecordId, kind: RecordKind) -> Result<Vec<Stored>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM projection WHERE incident = ?1 AND kind = ?2 ORDER BY record"))
        .step("prepare the records of an incident")?
        .query_map((incident.as_bytes(), kind.code()), read)
        .and_then(readable)
        .step("read the records of an incident")
        .and_then(|rows| spoilt::made_whole(db, rows))
}

/// What hangs on the newest incidents that are open, or on the newest that are not, without asking for each of them.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_incidents(db: &Connection, open: bool, limit: u32) -> Result<Vec<Stored>, DbError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM projection WHERE kind IN ('assignment', 'patient', 'assessment') AND incident IN
             (SELECT record FROM projection WHERE kind = 'incident' AND open = ?1 ORDER BY record DESC LIMIT ?2)
         ORDER BY record"
    ))
    .step("prepare what hangs on incidents")?
    .query_map((open, limit), read)
    .and_then(readable)
    .step("read what hangs on incidents")
    .and_then(|rows| spoilt::made_whole(db, rows))
}

/// The identities that hang on a patient.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn of_parent(db: &Connection, parent: &RecordId) -> Result<Vec<Stored>, DbError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM projection WHERE parent = ?1 ORDER BY record"))
        .step("prepare the identities of a patient")?
        .query_map([parent.as_bytes()], read)
        .and_then(readable)
        .step("read the identities of a patient")
        .and_then(|rows| spoilt::made_whole(db, rows))
}

/// # Errors
/// [`DbError`] naming the step.
pub fn all_ids(db: &Connection) -> Result<Vec<(RecordId, RecordKind)>, DbError> {
    db.prepare("SELECT record, kind FROM projection ORDER BY record")
        .step("prepare the list of records")?
        .query_map([], |row| Ok((fixed(row, 0, record_of)?, super::coded(row, 1)?)))
        .and_then(Iterator::collect)
        .step("read the list of records")
}

/// Records with more than so many heads.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn with_more_heads(db: &Connection, than: usize) -> Result<Vec<RecordId>, DbError> {
    db.prepare("SELECT record FROM projection WHERE length(heads) > 32 * ?1 ORDER BY record")
        .step("prepare the list of records with many heads")?
        .query_map([signed(than as u64)], |row| fixed(row, 0, record_of))
        .and_then(Iterator::collect)
        .step("read the list of records with many heads")
}

/// # Errors
/// [`DbError`] naming the step.
pub fn routing(db: &Connection, record: &RecordId) -> Result<Option<Routing>, DbError> {
    db.prepare_cached(
        "SELECT incident, parent, unit, post, from_ms, until_ms, ended_ms FROM projection WHERE record = ?1",
    )
    .step("prepare what a record hangs on")?
    .query_row([record.as_bytes()], |row| {
        Ok(Routing {
            incident: record_of(row.get_ref(0)?.as_blob()?),
            parent: record_of(row.get_ref(1)?.as_blob()?),
            unit: row.get(2)?,
            post: row.get(3)?,
            from_ms: row.get(4)?,
            until_ms: row.get(5)?,
            ended_ms: row.get(6)?,
        })
    })
    .optional()
    .step("read what a record hangs on")
}

/// Puts the record in place of what was there.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, stored: &Stored) -> Result<(), DbError> {
    let routing = routed(db, stored)?;
    let json = serde_json::to_string(&stored.record).map_err(|cause| DbError {
        step: "write a record as JSON",
        cause: rusqlite::Error::ToSqlConversionFailure(cause.into()),
    })?;
    db.prepare_cached(
        "INSERT INTO projection (record, kind, incident, parent, unit, post, from_ms, until_ms, ended_ms, json, heads, changes, position, made_ms, updated_ms,
             open, disputes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (record) DO UPDATE SET incident = excluded.incident, parent = excluded.parent, unit = excluded.unit, post = excluded.post,
             from_ms = excluded.from_ms, until_ms = excluded.until_ms, ended_ms = excluded.ended_ms, json = excluded.json, heads = excluded.heads,
             changes = excluded.changes, position = excluded.position, updated_ms = excluded.updated_ms, open = excluded.open,
             disputes = excluded.disputes",
    )
    .step("prepare to write a record")?
    .execute(rusqlite::params![
        stored.id.as_bytes(),
        stored.kind.code(),
        routing.incident.as_ref().map_or(&[][..], |id| id.as_bytes()),
        routing.parent.as_ref().map_or(&[][..], |id| id.as_bytes()),
        routing.unit,
        routing.post,
        routing.from_ms,
        routing.until_ms,
        routing.ended_ms,
        json,
        stored.heads.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>(),
        stored.change_count,
        signed(stored.position),
        stored.made_ms.0,
        stored.updated_ms.0,
        is_open(db, stored)?,
        stored.record.as_ref().map_or(0, |record| record.disputes().len()) as i64,
    ])
    .step("write a record")?;
    Ok(())
}

/// Whether there is work to do about it.
fn is_open(db: &Connection, stored: &Stored) -> Result<bool, DbError> {
    Ok(match &stored.record {
        None => false,
        Some(Record::Incident(incident)) => incident.closed.is_none(),
        Some(Record::Assignment(order)) => order.is_open(),
        Some(Record::Sos(sos)) => sos.state() != SosState::Safe && !ended_before(db, &stored.id, sos)?,
        Some(_) => true,
    })
}

/// An answer or a cancellation ended this call for help while that was enough, and the button was not held again since.
fn ended_before(db: &Connection, record: &RecordId, sos: &Sos) -> Result<bool, DbError> {
    if sos.state() == SosState::Raised {
        return Ok(false);
    }
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM sos_ended WHERE record = ?1)")
        .step("prepare whether a call for help ended before")?
        .query_row([record.as_bytes()], |row| row.get(0))
        .step("read whether a call for help ended before")
}

/// A record whose JSON cannot be read is given without it, and [`spoilt`] makes it from the log.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let id = fixed(row, 0, record_of)?;
    let parsed = row.get_ref(2)?.as_str().ok().and_then(|json| serde_json::from_str(json).ok());
    let record = parsed.unwrap_or_else(|| {
        spoilt::note(id);
        None
    });
    let heads = row.get_ref(3)?.as_blob()?;
    Ok(Stored {
        id,
        kind: super::coded(row, 1)?,
        record,
        heads: heads.chunks(32).filter_map(super::hash_of).collect(),
        change_count: row.get(4)?,
        position: unsigned(row.get(5)?),
        made_ms: UtcMs(row.get(6)?),
        updated_ms: UtcMs(row.get(7)?),
    })
}

/// # Errors
/// [`DbError`] naming the step.
pub fn kind(db: &Connection, record: &RecordId) -> Result<Option<RecordKind>, DbError> {
    db.prepare_cached("SELECT kind FROM projection WHERE record = ?1")
        .step("prepare the kind of a record")?
        .query_row([record.as_bytes()], |row| super::coded(row, 0))
        .optional()
        .step("read the kind of a record")
}

/// The heads of a record as of this position, its newest; `None` when it went on since, or is not there.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn heads_at(db: &Connection, record: &RecordId, position: u64) -> Result<Option<Vec<ChangeHash>>, DbError> {
    let heads: Option<Vec<u8>> = db
        .prepare_cached("SELECT heads FROM projection WHERE record = ?1 AND position = ?2")
        .step("prepare the heads of a record")?
        .query_row((record.as_bytes(), signed(position)), |row| row.get(0))
        .optional()
        .step("read the heads of a record")?;
    Ok(heads.map(|heads| heads.chunks(32).filter_map(super::hash_of).collect()))
}
