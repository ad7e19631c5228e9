//! Gaps of tracking: when nobody looked for a position of a phone though somebody was on duty with it.
//!
//! They are kept as long as the trail they stand in, which is for good.

use super::{DbError, Step, device_of, fixed};
use rusqlite::Connection;
use siaga_domain::id::DeviceId;
use siaga_domain::time::{UtcMs, happened};
use siaga_domain::tracking::GapCause;
use siaga_wire::repair::Gap;

/// A gap, on the center's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GapRow {
    pub device: DeviceId,
    pub from: UtcMs,
    pub until: UtcMs,
    /// `None` for one this build does not know.
    pub cause: Option<GapCause>,
}

/// Keeps a gap, put on the center's clock by `offset_ms`; whether it was not known yet.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn put(db: &Connection, device: &DeviceId, gap: &Gap, offset_ms: i64, now: UtcMs) -> Result<bool, DbError> {
    // As with fixes: what a wrong clock puts into the future, or before 2000, ends now.
    let here = |device_ms: i64| happened(UtcMs(device_ms.saturating_add(offset_ms)), now).at.0.min(now.0);
    let written = db
        .prepare_cached(
            "INSERT OR IGNORE INTO gap (device, device_from_ms, device_until_ms, cause, from_ms, until_ms, received_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .step("prepare a gap")?
        .execute((
            device.as_bytes(),
            gap.from_ms,
            gap.until_ms,
            &gap.cause,
            here(gap.from_ms).min(here(gap.until_ms)),
            here(gap.until_ms),
            now.0,
        ))
        .step("write a gap")?;
    Ok(written > 0)
}

/// Gaps that ended after a moment, the newest first.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn since(db: &Connection, since: UtcMs) -> Result<Vec<GapRow>, DbError> {
    db.prepare_cached(
        "SELECT device, from_ms, until_ms, cause FROM gap WHERE until_ms > ?1 ORDER BY until_ms DESC, from_ms DESC",
    )
    .step("prepare the gaps")?
    .query_map([since.0], |row| {
        let (from, until) = (UtcMs(row.get(1)?), UtcMs(row.get(2)?));
        Ok(GapRow { device: fixed(row, 0, device_of)?, from, until, cause: row.get_ref(3)?.as_str()?.parse().ok() })
    })
    .and_then(super::readable)
    .step("read the gaps")
}
