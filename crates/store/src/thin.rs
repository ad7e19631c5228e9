//! Incidents that are not on this phone, as far as a list shows them.
//!
//! They are told by the center and replaced by the next telling; a record that enters the scope takes the place of its
//! row. Nothing is ever written about them here.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::{Store, row};
use rusqlite::{Transaction, params};
use siaga_domain::id::RecordId;
use siaga_domain::record::brief::Brief;
use siaga_domain::time::UtcMs;

/// What an answer says about them.
#[derive(Clone, Debug, Default)]
pub enum ThinNews {
    /// They were not asked for.
    #[default]
    None,
    /// All there are; whatever else stands here is gone.
    All(Vec<(RecordId, String)>),
    /// Those that moved.
    Moved(Vec<(RecordId, String)>),
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    pub record: RecordId,
    pub brief: Brief,
    /// When the center told it, center UTC.
    pub told_ms: UtcMs,
}

impl Store {
    /// Whether all of them were told in this epoch.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn knows_elsewhere(&self) -> Result<bool, StoreError> {
        self.conn
            .ask("SELECT thin_known FROM peer WHERE id = 1", [], |row| row.get(0))
            .step("read whether the others are known")
    }

    /// Incidents that are not on this phone, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn elsewhere(&self) -> Result<Vec<Elsewhere>, StoreError> {
        let rows: Vec<(Vec<u8>, String, i64)> = self
            .conn
            .prepare_cached(
                "SELECT record, brief, told_ms FROM thin
                 WHERE record NOT IN (SELECT id FROM record) ORDER BY record DESC",
            )
            .and_then(|mut statement| {
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
            })
            .step("read the incidents that are not here")?;
        let mut all = Vec::new();
        for (record, brief, told_ms) in rows {
            let brief = serde_json::from_str(&brief).map_err(|_| StoreError::Damaged { what: "brief" })?;
            all.push(Elsewhere { record: row::record_id(&record)?, brief, told_ms: UtcMs(told_ms) });
        }
        Ok(all)
    }
}

pub(crate) fn take(tx: &Transaction<'_>, news: &ThinNews, told_ms: UtcMs) -> Result<(), StoreError> {
    let rows = match news {
        ThinNews::None => return Ok(()),
        ThinNews::All(rows) => {
            tx.run("DELETE FROM thin", []).step("forget the incidents that are not here")?;
            rows
        }
        ThinNews::Moved(rows) => rows,
    };
    for (record, brief) in rows {
        // A newer center may tell more than this build reads: what it does not read is not shown.
        let open = serde_json::from_str::<Brief>(brief).is_ok_and(|brief| brief.open);
        let id = record.as_bytes().as_slice();
        if open {
            tx.run(
                "INSERT OR REPLACE INTO thin (record, brief, told_ms) VALUES (?1, ?2, ?3)",
                params![id, brief, told_ms.0],
            )
        } else {
            tx.run("DELETE FROM thin WHERE record = ?1", [id])
        }
        .step("keep an incident that is not here")?;
    }
    tx.run("UPDATE peer SET thin_known = 1 WHERE id = 1 AND thin_known = 0", [])
        .step("keep that the others are known")?;
    Ok(())
}

/// It is here now.
pub(crate) fn entered(tx: &Transaction<'_>, record: RecordId) -> Result<(), StoreError> {
    tx.run("DELETE FROM thin WHERE record = ?1", [record.as_bytes().as_slice()]).step("forget that it is not here")?;
    Ok(())
}
