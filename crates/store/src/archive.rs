//! Archived incidents: their documents go from this phone, a line in the list stays.
//!
//! A document is forgotten only when nothing of it waits for a verdict and it stands exactly where the signed archive
//! says it ended. Own changes stay a week longer: until then this phone can give them back to a center that lost
//! them. Nothing here verifies a signature: the caller has.

use crate::failure::{Step, StoreError};
use crate::{Store, row};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use siaga_domain::category::Category;
use siaga_domain::id::{AreaCode, ChangeHash, RecordId};
use siaga_domain::record::Record;
use siaga_domain::record::incident::{ClosureReason, Incident};
use siaga_domain::time::UtcMs;

/// Own changes are kept this long after the archive was made.
const OWN_KEPT_MS: i64 = 7 * 24 * 3_600_000;

/// What the center signed when it archived an incident, or added to its archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Archive {
    pub incident: RecordId,
    /// 1 for the first archive; more for addenda.
    pub number: u32,
    /// Center UTC.
    pub archived_ms: UtcMs,
    /// Each record with its heads at the end.
    pub records: Vec<(RecordId, Vec<ChangeHash>)>,
}

/// What stays of an archived incident.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArchivedIncident {
    pub incident: RecordId,
    /// More than 1: something was added after the first archive.
    pub number: u32,
    pub archived_ms: UtcMs,
    pub category: Option<Category>,
    pub village: Option<AreaCode>,
    pub opened_ms: UtcMs,
    pub closed_ms: Option<UtcMs>,
    pub reason: Option<ClosureReason>,
}

/// The line as kept: codes and times, no words of anybody.
#[derive(Serialize, Deserialize)]
struct Line {
    category: Option<Category>,
    village: Option<AreaCode>,
    opened_ms: UtcMs,
    closed_ms: Option<UtcMs>,
    reason: Option<ClosureReason>,
}

impl Line {
    fn of(incident: &Incident) -> Self {
        Self {
            category: incident.category.as_ref().map(|category| category.value),
            village: incident.place.as_ref().and_then(|place| place.value.village.clone()),
            opened_ms: incident.opened.at_ms,
            closed_ms: incident.closed.as_ref().map(|closed| closed.author.at_ms),
            reason: incident.closed.as_ref().map(|closed| closed.reason),
        }
    }
}

impl Store {
    /// Archived incidents whose documents are gone from this phone, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or a line cannot be read back.
    pub fn archived(&self) -> Result<Vec<ArchivedIncident>, StoreError> {
        let rows: Vec<(Vec<u8>, u32, i64, String)> = self
            .conn
            .prepare_cached(
                "SELECT incident, number, archived_ms, line FROM archive
                 WHERE line <> '' AND NOT EXISTS (SELECT 1 FROM record WHERE record.id = archive.incident)
                 ORDER BY archived_ms DESC, incident",
            )
            .and_then(|mut statement| {
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect()
            })
            .step("list what was archived")?;
        rows.into_iter()
            .map(|(incident, number, archived_ms, line)| {
                let line: Line =
                    serde_json::from_str(&line).map_err(|_| StoreError::Damaged { what: "line of an archive" })?;
                Ok(ArchivedIncident {
                    incident: row::record_id(&incident)?,
                    number,
                    archived_ms: UtcMs(archived_ms),
                    category: line.category,
                    village: line.village,
                    opened_ms: line.opened_ms,
                    closed_ms: line.closed_ms,
                    reason: line.reason,
                })
            })
            .collect()
    }
}

/// Keeps what archives say, and the line of their incident while it is still here to be read.
pub(crate) fn take(tx: &Transaction<'_>, archives: &[Archive]) -> Result<(), StoreError> {
    for archive in archives {
        let incident = archive.incident.as_bytes().as_slice();
        let line = line_of(tx, archive.incident)?;
        tx.prepare_cached(
            "INSERT INTO archive (incident, number, archived_ms, line) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (incident) DO UPDATE SET
                 archived_ms = CASE WHEN excluded.number > number THEN excluded.archived_ms ELSE archived_ms END,
                 number = max(number, excluded.number),
                 line = CASE WHEN excluded.line = '' THEN line ELSE excluded.line END",
        )
        .and_then(|mut statement| statement.execute(params![incident, archive.number, archive.archived_ms.0, line]))
        .step("keep an archive")?;
        for (record, heads) in &archive.records {
            let mut heads = heads.clone();
            heads.sort_unstable();
            tx.prepare_cached(
                "INSERT INTO archived (record, number, incident, heads) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (record, number) DO UPDATE SET heads = excluded.heads",
            )
            .and_then(|mut statement| {
                statement.execute(params![record.as_bytes().as_slice(), archive.number, incident, row::join(&heads)])
            })
            .step("keep where a record ended")?;
        }
    }
    Ok(())
}

fn line_of(tx: &Transaction<'_>, incident: RecordId) -> Result<String, StoreError> {
    let body: Option<String> = tx
        .prepare_cached("SELECT body FROM projection WHERE record = ?1")
        .and_then(|mut statement| statement.query_row([incident.as_bytes().as_slice()], |row| row.get(0)).optional())
        .step("read an incident that was archived")?;
    let Some(body) = body else { return Ok(String::new()) };
    match serde_json::from_str(&body) {
        Ok(Record::Incident(incident)) => {
            serde_json::to_string(&Line::of(&incident)).map_err(|_| StoreError::Damaged { what: "line of an archive" })
        }
        _ => Err(StoreError::Damaged { what: "projection" }),
    }
}

/// Lets own changes go that an archive confirmed long enough ago, in documents that were forgotten at its heads.
pub(crate) fn let_go(tx: &Transaction<'_>, at: UtcMs) -> Result<(), StoreError> {
    let before = at.0.saturating_sub(OWN_KEPT_MS);
    let gone: Vec<Vec<u8>> = tx
        .prepare_cached(
            "SELECT membership.record FROM membership
             JOIN archived ON archived.record = membership.record JOIN archive ON archive.incident = archived.incident
             WHERE membership.state = 'left' AND archive.archived_ms < ?1
               AND EXISTS (SELECT 1 FROM change WHERE change.record = membership.record)
               AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.record = membership.record)
             GROUP BY membership.record",
        )
        .and_then(|mut statement| statement.query_map([before], |row| row.get(0))?.collect())
        .step("find what an archive confirmed")?;
    for record in gone {
        for sql in ["DELETE FROM entry WHERE record = ?1", "DELETE FROM change WHERE record = ?1"] {
            tx.execute(sql, [&record]).step("let go what an archive confirmed")?;
        }
    }
    Ok(())
}
