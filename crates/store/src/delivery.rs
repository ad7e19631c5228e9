//! How far things got: saved here, sent, received by the center, or not taken. Computed from the log, the
//! outbox and the envelopes, never remembered by anybody else.

use crate::failure::{Step, StoreError};
use crate::{Store, kept, part, row};
use rusqlite::{Connection, Row, Transaction, params};
use siaga_domain::delivery::Delivery;
use siaga_domain::id::{EntryId, RecordId};
use siaga_domain::time::UtcMs;
use std::collections::BTreeMap;

impl Store {
    /// How far each entry of a record got that was written on this phone, by its least delivered change.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn entry_delivery(&self, record: RecordId) -> Result<Vec<(EntryId, Delivery)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, n.entry FROM entry n JOIN change c ON c.hash = n.change {JOIN}
             WHERE (n.record = ?1 OR n.record IN (SELECT record FROM part WHERE incident = ?1)) AND c.verdict <> 'replayed'"
        );
        let rows: Vec<(Delivery, Vec<u8>)> = self
            .conn
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement
                    .query_map([record.as_bytes().as_slice()], |row| Ok((of_columns(row)?, row.get(5)?)))?
                    .collect()
            })
            .step("read how far the entries got")?;
        let mut least: BTreeMap<EntryId, Delivery> = BTreeMap::new();
        for (delivery, entry) in rows {
            let entry = EntryId::try_from(entry.as_slice()).map_err(|_| StoreError::Damaged { what: "entry id" })?;
            match least.get(&entry) {
                Some(known) if *known <= delivery => {}
                _ => {
                    least.insert(entry, delivery);
                }
            }
        }
        Ok(least.into_iter().collect())
    }
}

impl Store {
    /// Records in which an entry of this kind was written on this phone: `opened` gives the incidents it reported.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn written_with(&self, kind: &str) -> Result<Vec<RecordId>, StoreError> {
        let rows: Vec<Vec<u8>> = self
            .conn
            .prepare_cached("SELECT DISTINCT record FROM entry WHERE kind = ?1")
            .and_then(|mut statement| statement.query_map([kind], |row| row.get(0))?.collect())
            .step("find what was written here")?;
        rows.iter().map(|record| row::record_id(record)).collect()
    }
}

/// Columns that [`of_columns`] reads, of `change c` with [`JOIN`].
pub(crate) const COLUMNS: &str = "c.verdict, c.reason, c.saved_ms, c.received_ms, e.sent_ms";

pub(crate) const JOIN: &str = "LEFT JOIN outbox o ON o.change = c.hash
             LEFT JOIN envelope e ON e.lane = o.lane AND e.seq = o.envelope";

pub(crate) fn of_columns(row: &Row<'_>) -> Result<Delivery, rusqlite::Error> {
    let verdict: String = row.get(0)?;
    let received: Option<i64> = row.get(3)?;
    let sent: Option<i64> = row.get(4)?;
    Ok(match (verdict.as_str(), received, sent) {
        ("refuse" | "overrule", _, _) => Delivery::Refused { reason: row.get(1)? },
        ("park", Some(at), _) => Delivery::Parked { at_ms: UtcMs(at) },
        (_, Some(at), _) => Delivery::Received { at_ms: UtcMs(at) },
        (_, None, Some(at)) => Delivery::Sent { at_ms: UtcMs(at) },
        (_, None, None) => Delivery::Saved { at_ms: UtcMs(row.get(2)?) },
    })
}

/// Writes down how far a record got, in the transaction that moved one of its changes.
pub(crate) fn refresh(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    refresh_one(tx, record)?;
    // What moved in a part moved in its incident.
    part::incident_of(tx, record)?.map_or(Ok(()), |incident| refresh_one(tx, incident))
}

fn refresh_one(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    let Some(least) = least(tx, record)? else { return Ok(()) };
    let (state, at, reason) = match &least {
        Delivery::Refused { reason } => ("refused", 0, reason.as_str()),
        Delivery::Kept { at_ms } => ("kept", at_ms.0, ""),
        Delivery::Saved { at_ms } => ("saved", at_ms.0, ""),
        Delivery::Sent { at_ms } => ("sent", at_ms.0, ""),
        Delivery::Parked { at_ms } => ("parked", at_ms.0, ""),
        Delivery::Received { at_ms } => ("received", at_ms.0, ""),
    };
    tx.prepare_cached(
        "INSERT INTO delivery (record, state, at_ms, reason) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (record) DO UPDATE SET state = ?2, at_ms = ?3, reason = ?4",
    )
    .and_then(|mut statement| statement.execute(params![record.as_bytes().as_slice(), state, at, reason]))
    .step("write down how far the record got")?;
    Ok(())
}

fn least(conn: &Connection, record: RecordId) -> Result<Option<Delivery>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM change c {JOIN} WHERE (c.record = ?1 OR c.record IN (SELECT record FROM part WHERE incident = ?1))
               AND c.origin = 'local' AND c.verdict <> 'replayed'"
    );
    let all: Vec<Delivery> = conn
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_map([record.as_bytes().as_slice()], of_columns)?.collect())
        .step("read how far the changes got")?;
    let kept = kept::oldest_of(conn, record)?.map(|at_ms| Delivery::Kept { at_ms });
    Ok(Delivery::least(all.into_iter().chain(kept)))
}

/// From the columns of the `delivery` table.
pub(crate) fn stored(state: Option<String>, at: Option<i64>, reason: Option<String>) -> Option<Delivery> {
    let at_ms = UtcMs(at.unwrap_or(0));
    match state?.as_str() {
        "refused" => Some(Delivery::Refused { reason: reason.unwrap_or_default() }),
        "kept" => Some(Delivery::Kept { at_ms }),
        "saved" => Some(Delivery::Saved { at_ms }),
        "sent" => Some(Delivery::Sent { at_ms }),
        "parked" => Some(Delivery::Parked { at_ms }),
        "received" => Some(Delivery::Received { at_ms }),
        _ => None,
    }
}

/// Refreshes each of several records once.
pub(crate) fn refresh_all(tx: &Transaction<'_>, mut records: Vec<Vec<u8>>) -> Result<(), StoreError> {
    records.sort();
    records.dedup();
    records.iter().try_for_each(|record| refresh(tx, row::record_id(record)?))
}
