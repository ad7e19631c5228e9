//! The trail: an append-only log of fixes, numbered without gaps.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::room::Need;
use crate::tracking::{self, Tracked};
use crate::{Store, row};
use rusqlite::{OptionalExtension, Params, Row, Transaction, params};
use siaga_domain::place::Position;
use siaga_domain::time::{ClockReading, UtcMs};

/// A fix as it was taken.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct NewFix {
    pub position: Position,
    /// Device UTC.
    pub at_ms: UtcMs,
    /// Metres a second.
    pub speed_mps: Option<f64>,
    /// Center time minus device time, as known then.
    pub offset_ms: Option<i64>,
    /// The platform says that an app made it up, not a receiver.
    pub is_mock: bool,
}

/// A fix of the trail.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StoredFix {
    /// 1, 2, 3 on this phone.
    pub number: u64,
    pub position: Position,
    pub at_ms: UtcMs,
    pub speed_mps: Option<f64>,
    pub offset_ms: Option<i64>,
    /// The center has it on its disk.
    pub received: bool,
    /// The platform says that an app made it up, not a receiver.
    pub is_mock: bool,
}

impl StoredFix {
    /// When it was taken, as the device's clock would read now: a clock that was set since moves it.
    #[must_use]
    pub const fn at_by(&self, clock: &ClockReading) -> UtcMs {
        let (Some(then), Some(now)) = (self.offset_ms, clock.offset_ms) else { return self.at_ms };
        let set_by = then.saturating_sub(now);
        // Two comparisons with the center differ by the road between them.
        if set_by.saturating_abs() < CLOCK_WAS_SET_MS { self.at_ms } else { self.at_ms.plus(set_by) }
    }
}

/// The offset to the center moves by this much only when somebody sets the clock.
const CLOCK_WAS_SET_MS: i64 = 5_000;

const SELECT: &str = "SELECT number, at_ms, lat_e6, lon_e6, accuracy_m, speed_cms, offset_ms,
    number < coalesce((SELECT trail_received FROM peer WHERE id = 1), 0), mock FROM fix";

impl Store {
    /// Adds a fix; gives its number.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn add_fix(&self, fix: &NewFix) -> Result<u64, StoreError> {
        self.must_have_room(Need::Rest)?;
        let tx = self.writing()?;
        let number = add(&tx, fix)?;
        tx.commit().step("write the fix")?;
        Ok(number)
    }

    /// Adds what a receiver delivered at once, and what it says about tracking: all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn add_fixes(&self, fixes: &[NewFix], tracked: Option<&Tracked>) -> Result<(), StoreError> {
        if fixes.is_empty() && tracked.is_none() {
            return Ok(());
        }
        self.must_have_room(Need::Rest)?;
        let tx = self.writing()?;
        for fix in fixes {
            add(&tx, fix)?;
        }
        if let Some(tracked) = tracked {
            tracking::note(&tx, tracked)?;
        }
        tx.commit().step("write the fixes")
    }

    /// Fixes taken at or after a moment in center time, in the order they were taken: by number. A clock that was set in
    /// between moves none of them.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn fixes(&self, since: UtcMs) -> Result<Vec<StoredFix>, StoreError> {
        let wanted = "WHERE at_ms + coalesce(offset_ms, 0) >= ?1 ORDER BY number";
        self.list_fixes(&format!("{SELECT} {wanted}"), [since.0])
    }

    /// The last fixes written, latest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn last_fixes(&self, at_most: u32) -> Result<Vec<StoredFix>, StoreError> {
        self.list_fixes(&format!("{SELECT} ORDER BY number DESC LIMIT ?1"), [at_most])
    }

    /// The fix taken last: the one with the highest number. Its time does not count, because a clock may have been wrong
    /// when it was taken.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn newest_fix(&self) -> Result<Option<StoredFix>, StoreError> {
        self.conn
            .prepare_cached(&format!("{SELECT} ORDER BY number DESC LIMIT 1"))
            .and_then(|mut statement| statement.query_row([], fix).optional())
            .step("read the newest fix")
            .map(Option::flatten)
    }

    /// Fixes the center does not have, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn fixes_waiting(&self, at_most: u32) -> Result<Vec<StoredFix>, StoreError> {
        self.list_fixes(
            &format!(
                "{SELECT} WHERE number >= coalesce((SELECT trail_received FROM peer WHERE id = 1), 0)
                 ORDER BY number LIMIT ?1"
            ),
            [at_most],
        )
    }

    fn list_fixes(&self, sql: &str, params: impl Params) -> Result<Vec<StoredFix>, StoreError> {
        self.conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, fix)?.collect::<Result<Vec<_>, _>>())
            .step("read the trail")
            .map(|fixes| fixes.into_iter().flatten().collect())
    }
}

fn add(tx: &Transaction<'_>, fix: &NewFix) -> Result<u64, StoreError> {
    // A fix that was pruned keeps its number: what the center has counts as well.
    let number: i64 = tx
        .ask(
            "SELECT max(coalesce((SELECT max(number) FROM fix), 0) + 1,
                        coalesce((SELECT trail_received FROM peer WHERE id = 1), 0))",
            [],
            |row| row.get(0),
        )
        .step("number the fix")?;
    let number = number.max(1);
    tx.run(
        "INSERT INTO fix (number, at_ms, lat_e6, lon_e6, accuracy_m, speed_cms, offset_ms, mock)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            number,
            fix.at_ms.0,
            scaled(fix.position.lat(), 1e6),
            scaled(fix.position.lon(), 1e6),
            fix.position.accuracy_m().map(|metres| scaled(metres, 1.0)),
            fix.speed_mps.map(|speed| scaled(speed.max(0.0), 100.0)),
            fix.offset_ms,
            fix.is_mock,
        ],
    )
    .step("write the fix")?;
    Ok(row::unsigned(number))
}

#[allow(clippy::cast_possible_truncation, reason = "positions were checked and speeds saturate")]
fn scaled(number: f64, by: f64) -> i64 {
    (number * by).round() as i64
}

#[allow(clippy::cast_precision_loss, reason = "micro-degrees and centimetres fit a double exactly")]
fn unscaled(number: i64, by: f64) -> f64 {
    number as f64 / by
}

/// `None` for numbers that are no position, which this file never writes.
fn fix(row: &Row<'_>) -> Result<Option<StoredFix>, rusqlite::Error> {
    let accuracy: Option<i64> = row.get(4)?;
    let speed: Option<i64> = row.get(5)?;
    let position = Position::new(
        unscaled(row.get(2)?, 1e6),
        unscaled(row.get(3)?, 1e6),
        accuracy.map(|metres| unscaled(metres, 1.0)),
    );
    let Ok(position) = position else { return Ok(None) };
    Ok(Some(StoredFix {
        number: row::unsigned(row.get(0)?),
        position,
        at_ms: UtcMs(row.get(1)?),
        speed_mps: speed.map(|speed| unscaled(speed, 100.0)),
        offset_ms: row.get(6)?,
        received: row.get(7)?,
        is_mock: row.get(8)?,
    }))
}
