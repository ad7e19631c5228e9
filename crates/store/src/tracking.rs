//! When somebody last looked for a position on this duty, and when nobody did. What is a gap is decided in `domain`.

use crate::Store;
use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::setting;
use rusqlite::{Transaction, params};
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
        type Raw = (i64, i64, String);
        let raw: Vec<Raw> = self
            .conn
            .prepare_cached("SELECT from_ms, until_ms, cause FROM gap WHERE until_ms >= ?1 ORDER BY id")
            .and_then(|mut statement| statement.query_map([since.0], |row| row.try_into())?.collect())
            .step("read the gaps")?;
        raw.into_iter()
            .map(|(from, until, cause)| {
                let cause: GapCause = cause.parse().map_err(|_| StoreError::Damaged { what: "gap of tracking" })?;
                Ok(Gap { from: UtcMs(from), until: UtcMs(until), cause })
            })
            .collect()
    }
}

pub(crate) fn note(tx: &Transaction<'_>, tracked: &Tracked) -> Result<(), StoreError> {
    for gap in &tracked.gaps {
        tx.run(
            "INSERT INTO gap (from_ms, until_ms, cause) VALUES (?1, ?2, ?3)",
            params![gap.from.0, gap.until.0, gap.cause.code()],
        )
        .step("write a gap")?;
    }
    setting::put(tx, TRACKING, &tracked.mark.text()?)
}
