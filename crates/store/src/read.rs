//! Reading records as people see them: projections only, never a document.

use crate::failure::{Step, StoreError};
use crate::{Store, delivery, row};
use rusqlite::{OptionalExtension, Params, Row};
use siaga_domain::delivery::Delivery;
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::time::UtcMs;

/// A record with how far it got.
#[derive(Clone, Debug)]
pub struct Stored {
    pub id: RecordId,
    pub kind: RecordKind,
    pub record: Record,
    /// Sorted.
    pub heads: Vec<ChangeHash>,
    pub change_count: u32,
    /// The least of what was written here; `None` when nothing was, or when it is not known.
    pub delivery: Option<Delivery>,
    /// A change of this record was written on this phone.
    pub written_here: bool,
    /// Device UTC when a change was last appended here.
    pub updated_ms: UtcMs,
}

const SELECT: &str = "SELECT p.record, p.body, r.heads, r.change_count, p.updated_ms, d.state, d.at_ms, d.reason,
    EXISTS (SELECT 1 FROM change c WHERE c.origin = 'local'
            AND (c.record = p.record OR c.record IN (SELECT record FROM part WHERE incident = p.record)))
    FROM projection p JOIN record r ON r.id = p.record LEFT JOIN delivery d ON d.record = p.record";

impl Stored {
    /// How far this record got. A record that came whole from the center is there; for what was written here only the
    /// table counts, and a missing row is *not known*.
    #[must_use]
    pub fn reached(&self) -> Option<Delivery> {
        match &self.delivery {
            None if !self.written_here => Some(Delivery::Received { at_ms: self.updated_ms }),
            known => known.clone(),
        }
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`] when the database does not answer or a projection cannot be read back.
    pub fn record(&self, id: RecordId) -> Result<Option<Stored>, StoreError> {
        self.conn
            .prepare_cached(&format!("{SELECT} WHERE p.record = ?1"))
            .and_then(|mut statement| statement.query_row([id.as_bytes().as_slice()], raw).optional())
            .step("read the record")?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Every record of a kind, least recently changed first.
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn records(&self, kind: RecordKind) -> Result<Vec<Stored>, StoreError> {
        self.list(&format!("{SELECT} WHERE p.kind = ?1 ORDER BY p.updated_ms, p.record"), [kind.code()])
    }

    /// Records of a kind that belong to one incident, in the order they were made (ids begin with their time).
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn of_incident(&self, incident: RecordId, kind: RecordKind) -> Result<Vec<Stored>, StoreError> {
        self.list(
            &format!("{SELECT} WHERE p.incident = ?1 AND p.kind = ?2 ORDER BY p.record"),
            rusqlite::params![incident.as_bytes().as_slice(), kind.code()],
        )
    }

    /// How many records of a kind each incident has: for lists that only show the number.
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn count_of_incidents(&self, kind: RecordKind) -> Result<Vec<(RecordId, u32)>, StoreError> {
        let rows: Vec<(Vec<u8>, u32)> = self
            .conn
            .prepare_cached(
                "SELECT incident, count(*) FROM projection WHERE kind = ?1 AND incident IS NOT NULL GROUP BY incident",
            )
            .and_then(|mut statement| {
                statement.query_map([kind.code()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .step("count the records")?;
        rows.into_iter().map(|(incident, count)| Ok((row::record_id(&incident)?, count))).collect()
    }

    fn list(&self, sql: &str, params: impl Params) -> Result<Vec<Stored>, StoreError> {
        let raws: Vec<RawStored> = self
            .conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, raw)?.collect())
            .step("list the records")?;
        raws.into_iter().map(TryInto::try_into).collect()
    }
}

struct RawStored {
    id: Vec<u8>,
    body: String,
    heads: Vec<u8>,
    change_count: i64,
    updated_ms: i64,
    delivery: Option<Delivery>,
    written_here: bool,
}

fn raw(row: &Row<'_>) -> Result<RawStored, rusqlite::Error> {
    Ok(RawStored {
        id: row.get(0)?,
        body: row.get(1)?,
        heads: row.get(2)?,
        change_count: row.get(3)?,
        updated_ms: row.get(4)?,
        delivery: delivery::stored(row.get(5)?, row.get(6)?, row.get(7)?),
        written_here: row.get(8)?,
    })
}

impl TryFrom<RawStored> for Stored {
    type Error = StoreError;
    fn try_from(raw: RawStored) -> Result<Self, StoreError> {
        let record: Record = serde_json::from_str(&raw.body).map_err(|_| StoreError::Damaged { what: "projection" })?;
        Ok(Self {
            id: row::record_id(&raw.id)?,
            kind: kind_of(&record),
            record,
            heads: row::split(&raw.heads)?,
            change_count: row::small(raw.change_count),
            delivery: raw.delivery,
            written_here: raw.written_here,
            updated_ms: UtcMs(raw.updated_ms),
        })
    }
}

const fn kind_of(record: &Record) -> RecordKind {
    match record {
        Record::Incident(_) => RecordKind::Incident,
        Record::Assignment(_) => RecordKind::Assignment,
        Record::Patient(_) => RecordKind::Patient,
        Record::Identity(_) => RecordKind::Identity,
        Record::Assessment(_) => RecordKind::Assessment,
        Record::Sos(_) => RecordKind::Sos,
        Record::Shift(_) => RecordKind::Shift,
        Record::Directory(_) => RecordKind::Directory,
    }
}
