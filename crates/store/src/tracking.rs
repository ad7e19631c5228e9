//! When somebody last looked for a position on this duty, and when nobody did. What is a gap is decided in `domain`.
//!
//! A gap is told to the center once: it counts as told when an answer of a center that takes gaps was heard.

use crate::Store;
use crate::cached::Cached as _;
use crate::compare::Compared;
use crate::failure::{Step, StoreError};
use crate::{row, setting};
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::{Gap, GapCause, Sign};

/// Setting: the mark of the tracking of this duty, written with what begins and ends a duty; empty when nobody is on duty.
pub const TRACKING: &str = "tracking";

/// The last sign of tracking, kept while somebody is on duty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrackingMark {
    pub sign: Sign,
    /// Since then the service was there and could not look.
    pub location_off: bool,
}

impl TrackingMark {
    /// As it stands in the setting.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] never in practice: a mark is numbers and a boot's id.
    pub fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|_| StoreError::Damaged { what: "mark of tracking" })
    }
}

/// What one look at a receiver changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tracked {
    pub mark: TrackingMark,
    pub gaps: Vec<Gap>,
    /// Center time minus device time, as known now.
    pub offset_ms: Option<i64>,
}

/// A gap the center does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UntoldGap {
    /// Names it on this phone.
    pub id: u64,
    pub gap: Gap,
    /// Center time minus device time, as known when it ended.
    pub offset_ms: Option<i64>,
}

impl Store {
    /// `None` off duty, and where a mark cannot be read: then tracking begins anew.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn tracking_mark(&self) -> Result<Option<TrackingMark>, StoreError> {
        Ok(self.setting(TRACKING)?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn note_tracking(&self, tracked: &Tracked) -> Result<(), StoreError> {
        let tx = self.writing()?;
        note(&tx, tracked)?;
        tx.commit().step("note the tracking")
    }

    /// Gaps that ended at or after a moment of the device's clock, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn gaps(&self, since: UtcMs) -> Result<Vec<Gap>, StoreError> {
        let found = read(
            &self.conn,
            "SELECT id, from_ms, until_ms, cause, offset_ms FROM gap WHERE until_ms >= ?1 ORDER BY id",
            since.0,
        )?;
        Ok(found.into_iter().map(|one| one.gap).collect())
    }
}

/// Gaps the center does not have and takes, oldest first.
pub(crate) fn untold(conn: &Connection, at_most: i64) -> Result<Vec<UntoldGap>, StoreError> {
    let sql = "SELECT id, from_ms, until_ms, cause, offset_ms FROM gap
               WHERE told = 0 AND EXISTS (SELECT 1 FROM peer WHERE id = 1 AND takes_gaps = 1) ORDER BY id LIMIT ?1";
    read(conn, sql, at_most)
}

/// Notes what an answer says of gaps.
pub(crate) fn answered(tx: &Transaction<'_>, compared: &Compared) -> Result<(), StoreError> {
    let step = "note which gaps were told";
    if compared.takes_gaps {
        for id in &compared.told_gaps {
            tx.run("UPDATE gap SET told = 1 WHERE id = ?1", [row::signed(*id)]).step(step)?;
        }
        tx.run("UPDATE peer SET takes_gaps = 1 WHERE id = 1 AND takes_gaps = 0", []).step(step)?;
    } else if !compared.told_gaps.is_empty() {
        // An older center took the place of the one that took them: what it was told was lost on it.
        tx.run("UPDATE peer SET takes_gaps = 0 WHERE id = 1", []).step(step)?;
    }
    Ok(())
}

/// Another life of the center may have lost what the last one was told.
pub(crate) fn tell_again(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.run("UPDATE gap SET told = 0 WHERE told = 1", []).step("tell the gaps again")?;
    Ok(())
}

fn read(conn: &Connection, sql: &str, bound: i64) -> Result<Vec<UntoldGap>, StoreError> {
    type Raw = (i64, i64, i64, String, Option<i64>);
    let raw: Vec<Raw> = conn
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_map([bound], |row| row.try_into())?.collect())
        .step("read the gaps")?;
    // A cause of a newer version of this app is no reason to stop: its gap waits for that version.
    let known = raw.into_iter().filter_map(|(id, from, until, cause, offset_ms)| {
        let cause: GapCause = cause.parse().ok()?;
        let gap = Gap { from: UtcMs(from), until: UtcMs(until), cause };
        Some(UntoldGap { id: row::unsigned(id), gap, offset_ms })
    });
    Ok(known.collect())
}

pub(crate) fn note(tx: &Transaction<'_>, tracked: &Tracked) -> Result<(), StoreError> {
    for gap in &tracked.gaps {
        tx.run(
            "INSERT INTO gap (from_ms, until_ms, cause, offset_ms) VALUES (?1, ?2, ?3, ?4)",
            params![gap.from.0, gap.until.0, gap.cause.code(), tracked.offset_ms],
        )
        .step("write a gap")?;
    }
    setting::put(tx, TRACKING, &tracked.mark.text()?)
}
