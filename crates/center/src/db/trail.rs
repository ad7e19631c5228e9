//! Trails: every fix under its device's own number, and the newest position of each device.

use super::{DbError, Step, device_of, fixed, signed, unsigned};
use rusqlite::{Connection, OptionalExtension as _};
use siaga_domain::id::DeviceId;
use siaga_domain::place::{MAX_ACCURACY_M, Position};
use siaga_domain::time::UtcMs;
use std::collections::BTreeSet;

/// One fix with its moment on the center's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FixRow {
    pub device_ms: i64,
    pub at_ms: i64,
    pub lat_e6: i32,
    pub lon_e6: i32,
    pub accuracy_m: Option<u32>,
    pub speed_cms: Option<u32>,
    /// An app on the phone made it up, no receiver did.
    pub is_mock: bool,
    /// The clock that stamped it was wrong: `at_ms` is when it was received, and its age is unknown.
    pub is_clock_wrong: bool,
}

/// The newest position of a device.
#[derive(Clone, PartialEq, Debug)]
pub struct PositionRow {
    pub device: DeviceId,
    pub unit: String,
    pub at_ms: UtcMs,
    pub position: Position,
    /// Centimetres a second.
    pub speed_cms: Option<u32>,
    pub received_ms: UtcMs,
    /// An app on the phone made it up, no receiver did.
    pub is_mock: bool,
    /// The clock that stamped it was wrong: its age is unknown.
    pub is_clock_wrong: bool,
}

/// A fix may be packed another way when it comes again: within 50 ms and 2 m of what was measured, each time.
const SAME_MS: i64 = 100;
const SAME_E6: u32 = 45;
/// Where a number was given twice, this many of the newest fixes are looked through, once in a request.
const LOOKED_THROUGH: i64 = 50_000;

/// More than an hour of them: no request is under way for as long.
const LATELY: i64 = 1_000;

/// Fixes of one device on their way in.
pub struct Arriving<'a> {
    db: &'a Connection,
    device: &'a DeviceId,
    now: UtcMs,
    /// Moments and places of the newest that are here; only where a number was given twice.
    here: Option<BTreeSet<(i64, i32, i32)>>,
}

impl<'a> Arriving<'a> {
    #[must_use]
    pub const fn new(db: &'a Connection, device: &'a DeviceId, now: UtcMs) -> Self {
        Self { db, device, now, here: None }
    }

    /// Takes a fix in; one that is already there stays as it was. A home that was copied or put back gives numbers a
    /// second time: such a fix is another one, and is kept behind the newest. Gives the number it is kept under; `None` for
    /// one that is kept under a number it was not sent with.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn take(&mut self, number: u64, fix: &FixRow) -> Result<Option<u64>, DbError> {
        if self.insert(number, fix)? || self.is_here_as(number, fix)? {
            return Ok(Some(number));
        }
        if self.is_here(fix)? {
            return Ok(None);
        }
        let newest: u64 = self
            .db
            .prepare_cached("SELECT coalesce(max(number), 0) FROM fix WHERE device = ?1")
            .step("prepare the newest number of a fix")?
            .query_row([self.device.as_bytes()], |row| row.get(0).map(unsigned))
            .step("read the newest number of a fix")?;
        let behind = newest.saturating_add(1);
        Ok(self.insert(behind, fix)?.then_some(behind))
    }

    /// Whether the number was free.
    fn insert(&mut self, number: u64, fix: &FixRow) -> Result<bool, DbError> {
        let inserted = self
            .db
            .prepare_cached(
                "INSERT OR IGNORE INTO fix (device, number, device_ms, at_ms, lat_e6, lon_e6, accuracy_m, speed_cms, received_ms, mock, clock_wrong)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )
            .step("prepare a fix")?
            .execute((
                self.device.as_bytes(),
                signed(number),
                fix.device_ms,
                fix.at_ms,
                fix.lat_e6,
                fix.lon_e6,
                said(fix.accuracy_m),
                said(fix.speed_cms),
                self.now.0,
                fix.is_mock,
                fix.is_clock_wrong,
            ))
            .step("write a fix")?;
        if let Some(here) = self.here.as_mut().filter(|_| inserted > 0) {
            here.insert((fix.device_ms, fix.lat_e6, fix.lon_e6));
        }
        Ok(inserted > 0)
    }

    fn is_here_as(&self, number: u64, fix: &FixRow) -> Result<bool, DbError> {
        self.db
            .prepare_cached("SELECT device_ms, lat_e6, lon_e6 FROM fix WHERE device = ?1 AND number = ?2")
            .step("prepare the fix of a number")?
            .query_row((self.device.as_bytes(), signed(number)), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
            .step("read the fix of a number")
            .map(|found| found.is_some_and(|found| is_same(&found, fix)))
    }

    fn is_here(&mut self, fix: &FixRow) -> Result<bool, DbError> {
        let here = match self.here.take() {
            Some(here) => here,
            None => self
                .db
                .prepare_cached(
                    "SELECT device_ms, lat_e6, lon_e6 FROM fix WHERE device = ?1 ORDER BY number DESC LIMIT ?2",
                )
                .step("prepare the newest fixes")?
                .query_map((self.device.as_bytes(), LOOKED_THROUGH), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .and_then(Iterator::collect)
                .step("read the newest fixes")?,
        };
        let around = (fix.device_ms.saturating_sub(SAME_MS), i32::MIN, i32::MIN)
            ..=(fix.device_ms.saturating_add(SAME_MS), i32::MAX, i32::MAX);
        let found = here.range(around).any(|one| is_same(one, fix));
        self.here = Some(here);
        Ok(found)
    }
}

fn is_same((device_ms, lat_e6, lon_e6): &(i64, i32, i32), fix: &FixRow) -> bool {
    device_ms.abs_diff(fix.device_ms) <= SAME_MS.unsigned_abs()
        && lat_e6.abs_diff(fix.lat_e6) <= SAME_E6
        && lon_e6.abs_diff(fix.lon_e6) <= SAME_E6
}

/// Whether a fix is among the newest that are here, under whatever number.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn has_lately(db: &Connection, device: &DeviceId, fix: &FixRow) -> Result<bool, DbError> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM
           (SELECT device_ms, lat_e6, lon_e6 FROM fix WHERE device = ?1 ORDER BY number DESC LIMIT ?2)
         WHERE device_ms BETWEEN ?3 AND ?4 AND lat_e6 BETWEEN ?5 AND ?6 AND lon_e6 BETWEEN ?7 AND ?8)",
    )
    .step("prepare a fix that was sent ahead")?
    .query_row(
        (
            device.as_bytes(),
            LATELY,
            fix.device_ms.saturating_sub(SAME_MS),
            fix.device_ms.saturating_add(SAME_MS),
            fix.lat_e6.saturating_sub_unsigned(SAME_E6),
            fix.lat_e6.saturating_add_unsigned(SAME_E6),
            fix.lon_e6.saturating_sub_unsigned(SAME_E6),
            fix.lon_e6.saturating_add_unsigned(SAME_E6),
        ),
        |row| row.get(0),
    )
    .step("look for a fix that was sent ahead")
}

/// The position a device took last: the fix with the highest number. A clock that was set moves no unit.
pub struct Newest {
    /// `None` for a fix that was sent ahead of its trail, and has no number yet.
    number: Option<u64>,
    row: Option<FixRow>,
    has_changed: bool,
    has_moved: bool,
}

impl Newest {
    /// As it is known.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn of(db: &Connection, device: &DeviceId) -> Result<Self, DbError> {
        let known = db
            .prepare_cached(
                "SELECT number, device_ms, at_ms, lat_e6, lon_e6, accuracy_m, speed_cms, mock, clock_wrong FROM position
                 WHERE device = ?1",
            )
            .step("prepare the position of a device")?
            .query_row([device.as_bytes()], |row| {
                let (number, accuracy, speed): (Option<i64>, i64, i64) = (row.get(0)?, row.get(5)?, row.get(6)?);
                let known = FixRow {
                    device_ms: row.get(1)?,
                    at_ms: row.get(2)?,
                    lat_e6: row.get(3)?,
                    lon_e6: row.get(4)?,
                    accuracy_m: u32::try_from(accuracy).ok(),
                    speed_cms: u32::try_from(speed).ok(),
                    is_mock: row.get(7)?,
                    is_clock_wrong: row.get(8)?,
                };
                Ok((number.map(unsigned), known))
            })
            .optional()
            .step("read the position of a device")?;
        let (number, row) = known.map_or((None, None), |(number, row)| (number, Some(row)));
        Ok(Self { number, row, has_changed: false, has_moved: false })
    }

    /// A fix of the trail. Behind a fix that was sent ahead, it counts only if its time is known to be later: until the
    /// trail reaches that fix, what comes is older.
    pub fn numbered(&mut self, number: u64, fix: &FixRow) {
        let Some(known) = self.row else { return self.moves(Some(number), fix) };
        match self.number {
            Some(newest) if number > newest => self.moves(Some(number), fix),
            Some(_) => {}
            None if is_same(&(known.device_ms, known.lat_e6, known.lon_e6), fix) => {
                (self.number, self.has_changed) = (Some(number), true);
            }
            None if !fix.is_clock_wrong && (known.is_clock_wrong || fix.at_ms > known.at_ms) => {
                self.moves(Some(number), fix);
            }
            None => {}
        }
    }

    /// A fix that the phone sent ahead of its trail, which does not hold it yet.
    pub fn unnumbered(&mut self, fix: &FixRow) {
        let is_newer = self.row.is_none_or(|known| {
            let is_known = is_same(&(known.device_ms, known.lat_e6, known.lon_e6), fix);
            !is_known && (known.is_clock_wrong || fix.at_ms > known.at_ms)
        });
        if is_newer {
            self.moves(None, fix);
        }
    }

    fn moves(&mut self, number: Option<u64>, fix: &FixRow) {
        (self.number, self.row, self.has_changed, self.has_moved) = (number, Some(*fix), true, true);
    }

    /// Writes it down. Returns whether the device moved.
    ///
    /// # Errors
    /// [`DbError`] naming the step.
    pub fn put(self, db: &Connection, device: &DeviceId, now: UtcMs) -> Result<bool, DbError> {
        let Some(fix) = self.row.filter(|_| self.has_changed) else { return Ok(false) };
        db.prepare_cached(
            "INSERT INTO position (device, number, device_ms, at_ms, lat_e6, lon_e6, accuracy_m, speed_cms, received_ms, mock, clock_wrong)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (device) DO UPDATE SET number = excluded.number, device_ms = excluded.device_ms, at_ms = excluded.at_ms,
                 lat_e6 = excluded.lat_e6, lon_e6 = excluded.lon_e6, accuracy_m = excluded.accuracy_m, speed_cms = excluded.speed_cms,
                 received_ms = excluded.received_ms, mock = excluded.mock, clock_wrong = excluded.clock_wrong",
        )
        .step("prepare a position")?
        .execute((
            device.as_bytes(),
            self.number.map(signed),
            fix.device_ms,
            fix.at_ms,
            fix.lat_e6,
            fix.lon_e6,
            said(fix.accuracy_m),
            said(fix.speed_cms),
            now.0,
            fix.is_mock,
            fix.is_clock_wrong,
        ))
        .step("write a position")?;
        Ok(self.has_moved)
    }
}

/// The newest position of every device that is not revoked.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn positions(db: &Connection) -> Result<Vec<PositionRow>, DbError> {
    let rows: Vec<Option<PositionRow>> = db
        .prepare_cached(
            "SELECT position.device, device.unit, position.at_ms, position.lat_e6, position.lon_e6, position.accuracy_m, position.speed_cms,
                    position.received_ms, position.mock, position.clock_wrong
             FROM position JOIN device ON device.id = position.device WHERE device.state <> 'revoked' ORDER BY position.at_ms DESC",
        )
        .step("prepare the positions")?
        .query_map([], |row| {
            let accuracy: i64 = row.get(5)?;
            let speed: i64 = row.get(6)?;
            let accuracy = u32::try_from(accuracy).ok().map(f64::from);
            let position = Position::new(degrees(row.get(3)?), degrees(row.get(4)?), accuracy.map(|metres| metres.min(MAX_ACCURACY_M)));
            let device = fixed(row, 0, device_of)?;
            let (unit, at_ms, received_ms, is_mock) = (row.get(1)?, UtcMs(row.get(2)?), UtcMs(row.get(7)?), row.get(8)?);
            let is_clock_wrong = row.get(9)?;
            let speed_cms = u32::try_from(speed).ok();
            Ok(position.ok().map(|position| PositionRow {
                device, unit, at_ms, position, speed_cms, received_ms, is_mock, is_clock_wrong
            }))
        })
        .and_then(Iterator::collect)
        .step("read the positions")?;
    Ok(rows.into_iter().flatten().collect())
}

/// A device's trail since a moment, oldest first.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn since(db: &Connection, device: &DeviceId, since: UtcMs, limit: u32) -> Result<Vec<FixRow>, DbError> {
    db.prepare_cached(
        "SELECT device_ms, at_ms, lat_e6, lon_e6, accuracy_m, speed_cms, mock, clock_wrong FROM
           (SELECT * FROM fix WHERE device = ?1 AND at_ms >= ?2 ORDER BY number DESC LIMIT ?3) ORDER BY number",
    )
    .step("prepare a trail")?
    .query_map((device.as_bytes(), since.0, limit), |row| {
        let (accuracy, speed): (i64, i64) = (row.get(4)?, row.get(5)?);
        Ok(FixRow {
            device_ms: row.get(0)?,
            at_ms: row.get(1)?,
            lat_e6: row.get(2)?,
            lon_e6: row.get(3)?,
            accuracy_m: u32::try_from(accuracy).ok(),
            speed_cms: u32::try_from(speed).ok(),
            is_mock: row.get(6)?,
            is_clock_wrong: row.get(7)?,
        })
    })
    .and_then(Iterator::collect)
    .step("read a trail")
}

/// How many fixes of a device are here.
///
/// # Errors
/// [`DbError`] naming the step.
pub fn count(db: &Connection, device: &DeviceId) -> Result<u64, DbError> {
    db.query_row("SELECT COUNT(*) FROM fix WHERE device = ?1", [device.as_bytes()], |row| row.get(0))
        .step("count a trail")
        .map(unsigned)
}

fn degrees(micro: i32) -> f64 {
    f64::from(micro) / 1_000_000.0
}

/// What the source did not say is -1.
fn said(value: Option<u32>) -> i64 {
    value.map_or(-1, i64::from)
}
