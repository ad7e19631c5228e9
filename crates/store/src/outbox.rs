//! The outbox: changes written on this phone that the center has not acknowledged.
//!
//! A change enters in the transaction that saves it, so a record can never exist here without being queued. It
//! leaves only when a receipt names it: a timeout, or a 200 without a receipt, proves nothing.

use crate::failure::{Step, StoreError};
use crate::{Store, delivery, row};
use siaga_domain::delivery::Delivery;
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::{Lane, RecordKind};

/// One thing waiting, or not taken.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    pub change: ChangeHash,
    pub record: RecordId,
    pub kind: RecordKind,
    /// Kinds of the entries in the change: `status`, `vitals`.
    pub entries: Vec<String>,
    pub lane: Lane,
    pub delivery: Delivery,
    pub size_bytes: u32,
}

/// How things stand, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncCounts {
    pub saved: u32,
    pub sent: u32,
    /// Waiting here until the center knows their kind.
    pub kept: u32,
    /// At the center, waiting there for a change it hangs on.
    pub parked: u32,
    pub refused: u32,
    /// Photographs the center does not have whole; their thumbnails are not counted apart.
    pub attachments_waiting: u32,
    pub fixes_waiting: u32,
}

/// What waits to travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// Changes without a receipt, lane 0 and lane 1.
    pub changes: [u32; 2],
    pub fixes: u32,
    /// Files of this phone that the center does not have whole and may be sent.
    pub thumbnails: u32,
    pub photographs: u32,
}

impl Backlog {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let [urgent, records] = self.changes;
        urgent == 0 && records == 0 && self.fixes == 0 && self.thumbnails == 0 && self.photographs == 0
    }
}

impl Store {
    /// What waits, urgent lane first, then what waits at the center and what was not taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "SELECT {}, c.hash, coalesce((SELECT incident FROM part WHERE part.record = c.record), c.record), c.kind, length(c.bytes),
                    (SELECT group_concat(n.kind, ' ') FROM entry n WHERE n.change = c.hash)
             FROM change c {}
             WHERE c.hash IN (SELECT change FROM outbox) OR c.verdict IN ('refuse', 'overrule', 'park')
             ORDER BY o.lane IS NULL, o.lane, o.position, c.position",
            delivery::COLUMNS,
            delivery::JOIN
        );
        type Raw = (Delivery, Vec<u8>, Vec<u8>, String, i64, Option<String>);
        let raws: Vec<Raw> = self
            .conn
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| {
                        Ok((
                            delivery::of_columns(row)?,
                            row.get(5)?,
                            row.get(6)?,
                            row.get(7)?,
                            row.get(8)?,
                            row.get(9)?,
                        ))
                    })?
                    .collect()
            })
            .step("read the outbox")?;
        raws.into_iter()
            .map(|(delivery, hash, record, kind, size, entries)| {
                let kind = row::kind(&kind)?;
                Ok(OutboxRow {
                    change: row::change_hash(&hash)?,
                    record: row::record_id(&record)?,
                    kind,
                    entries: entries.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
                    lane: kind.lane(),
                    delivery,
                    size_bytes: row::small(size),
                })
            })
            .collect()
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn sync_counts(&self) -> Result<SyncCounts, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT
                   (SELECT count(*) FROM outbox o LEFT JOIN envelope e ON e.lane = o.lane AND e.seq = o.envelope
                    WHERE e.sent_ms IS NULL),
                   (SELECT count(*) FROM outbox o JOIN envelope e ON e.lane = o.lane AND e.seq = o.envelope
                    WHERE e.sent_ms IS NOT NULL),
                   (SELECT count(*) FROM change WHERE verdict = 'park'),
                   (SELECT count(*) FROM change WHERE verdict IN ('refuse', 'overrule')),
                   (SELECT count(*) FROM attachment WHERE state = 'waiting' AND kind = 'photograph'),
                   (SELECT count(*) FROM fix WHERE number >= coalesce((SELECT trail_received FROM peer WHERE id = 1), 0)),
                   (SELECT count(*) FROM kept)",
            )
            .and_then(|mut statement| {
                statement.query_row([], |row| {
                    Ok(SyncCounts {
                        saved: row.get(0)?,
                        sent: row.get(1)?,
                        parked: row.get(2)?,
                        refused: row.get(3)?,
                        attachments_waiting: row.get(4)?,
                        fixes_waiting: row.get(5)?,
                        kept: row.get(6)?,
                    })
                })
            })
            .step("count what waits")
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn backlog(&self) -> Result<Backlog, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT
                   (SELECT count(*) FROM outbox WHERE lane = 0),
                   (SELECT count(*) FROM outbox WHERE lane <> 0),
                   (SELECT count(*) FROM fix WHERE number >= coalesce((SELECT trail_received FROM peer WHERE id = 1), 0)),
                   (SELECT count(*) FROM attachment WHERE state = 'waiting' AND aside = '' AND kind = 'thumbnail'),
                   (SELECT count(*) FROM attachment WHERE state = 'waiting' AND aside = '' AND kind = 'photograph')",
            )
            .and_then(|mut statement| {
                statement.query_row([], |row| {
                    Ok(Backlog {
                        changes: [row.get(0)?, row.get(1)?],
                        fixes: row.get(2)?,
                        thumbnails: row.get(3)?,
                        photographs: row.get(4)?,
                    })
                })
            })
            .step("measure the backlog")
    }
}
