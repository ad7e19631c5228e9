//! Incidents in parts: read as one, and written into the newest part this phone knows of.
//!
//! Which parts there are is the center's to say: a part is a document that the center began with `continues`. A phone that has not
//! heard of the next one goes on in the one it has, and loses nothing by it.

use crate::failure::{Step, StoreError};
use crate::{Store, log, row};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use siaga_document::Document;
use siaga_domain::entry::Entry;
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::incident::{self, Whole};

impl Store {
    /// The entries of a record, in causal order: of all parts of an incident.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn entries(&self, id: RecordId) -> Result<Vec<Entry>, StoreError> {
        let tx = self.reading()?;
        let Some(document) = log::load(&tx, id)? else { return Ok(Vec::new()) };
        Ok(whole(&tx, &document)?.map_or_else(|| document.entries(), |whole| whole.entries))
    }
}

/// Notes that a document continues an incident, where it says so.
pub(crate) fn note(tx: &Transaction<'_>, document: &Document) -> Result<(), StoreError> {
    let Some(header) = document.header().filter(|header| header.kind == RecordKind::Incident) else { return Ok(()) };
    let entries = document.entries();
    let Some(continues) = incident::continues(&entries) else { return Ok(()) };
    tx.prepare_cached(
        "INSERT INTO part (record, incident, number) VALUES (?1, ?2, ?3) ON CONFLICT (record) DO NOTHING",
    )
    .and_then(|mut statement| {
        let (record, incident) = (header.id.as_bytes().as_slice(), continues.incident.as_bytes().as_slice());
        statement.execute(params![record, incident, continues.part])
    })
    .step("note a part of an incident")?;
    Ok(())
}

/// The incident that `document` is a part of, with it as it is now; `None` where it is all there is of it here.
pub(crate) fn whole(conn: &Connection, document: &Document) -> Result<Option<Whole>, StoreError> {
    let Some(header) = document.header().filter(|header| header.kind == RecordKind::Incident) else { return Ok(None) };
    let incident = incident_of(conn, header.id)?.unwrap_or(header.id);
    let parts = of(conn, incident)?;
    if parts.is_empty() {
        return Ok(None);
    }
    let mut entries = Vec::with_capacity(parts.len().saturating_add(1));
    for one in std::iter::once(incident).chain(parts) {
        entries.push(match one == header.id {
            true => document.entries(),
            false => log::load(conn, one)?.map(|document| document.entries()).unwrap_or_default(),
        });
    }
    Ok(Some(Whole::of(incident, entries)))
}

/// The incident a later part belongs to.
pub(crate) fn incident_of(conn: &Connection, record: RecordId) -> Result<Option<RecordId>, StoreError> {
    let found: Option<Vec<u8>> = conn
        .prepare_cached("SELECT incident FROM part WHERE record = ?1")
        .and_then(|mut statement| statement.query_row([record.as_bytes().as_slice()], |row| row.get(0)).optional())
        .step("find the incident of a part")?;
    found.map(|incident| row::record_id(&incident)).transpose()
}

/// The later parts of an incident that are here, in their order.
fn of(conn: &Connection, incident: RecordId) -> Result<Vec<RecordId>, StoreError> {
    let parts: Vec<Vec<u8>> = conn
        .prepare_cached(
            "SELECT part.record FROM part JOIN record ON record.id = part.record WHERE part.incident = ?1
             ORDER BY part.number, part.record",
        )
        .and_then(|mut statement| statement.query_map([incident.as_bytes().as_slice()], |row| row.get(0))?.collect())
        .step("find the parts of an incident")?;
    parts.iter().map(|part| row::record_id(part)).collect()
}

/// Where a record goes on: the newest part of an incident, the record itself otherwise.
pub(crate) fn goes_on_in(conn: &Connection, record: RecordId, kind: RecordKind) -> Result<RecordId, StoreError> {
    if kind != RecordKind::Incident {
        return Ok(record);
    }
    Ok(of(conn, record)?.pop().unwrap_or(record))
}
