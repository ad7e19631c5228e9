//! Records are read anew after an update that reads entries by other rules: what lists show of them is a cache.
//!
//! It happens once, at the first opening, in the transaction of that opening. A record that cannot be read stays as it is
//! shown, and is read with its next change.

use crate::failure::{Step, StoreError};
use crate::{log, row, setting};
use rusqlite::{Transaction, params};
use siaga_domain::record::READ_AS;
use siaga_domain::time::UtcMs;

/// Setting: the rules by which the records of this home were read last.
const SETTING: &str = "read_as";

/// Never fails an opening: a phone that shows a record as yesterday is worth more than one that does not start.
pub(crate) fn read_anew(tx: &Transaction<'_>) {
    if let Err(cause) = read_all(tx) {
        tracing::error!(%cause, "records were not read anew; they are at the next opening");
    }
}

fn read_all(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let now = READ_AS.to_string();
    let known = tx
        .prepare_cached("SELECT 1 FROM setting WHERE key = ?1 AND value = ?2")
        .and_then(|mut statement| statement.exists([SETTING, &now]))
        .step("read by which rules records were read")?;
    if known {
        return Ok(());
    }
    let rows: Vec<(Vec<u8>, i64)> = tx
        .prepare("SELECT record, updated_ms FROM projection ORDER BY record")
        .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .step("list what is shown")?;
    for (record, updated_ms) in rows {
        let id = row::record_id(&record)?;
        let read = match log::read(tx, id) {
            Ok(Some(read)) if !read.is_damaged => read,
            Ok(_) => continue,
            Err(cause) => {
                tracing::warn!(record = %id, %cause, "a record was not read anew");
                continue;
            }
        };
        tx.execute("DELETE FROM projection WHERE record = ?1", params![record]).step("read a record anew")?;
        log::project(tx, &read.document, UtcMs(updated_ms))?;
    }
    setting::put(tx, SETTING, &now)
}
