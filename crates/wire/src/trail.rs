//! A run of fixes in few bytes: every fix within two metres of what was measured.
//!
//! Numbers go by columns, each as what a predictor did not foresee. The predictor runs on what the receiver will
//! have, never on the measurement, so errors do not add up; it uses only `+ - * /` and square roots, which every
//! machine rounds alike. What is exact: order, count, clock offsets, what was missing. What is rounded: time to a
//! tenth of a second, place to a cell of 2.7 m (at most 1.9 m off), speed to half a metre a second, accuracy up
//! to the next step of [`ladder`]. The sender unpacks what it packed and sends a run plainly that did not come back
//! within bounds.

mod column;
pub mod ladder;
mod predict;

use crate::codec::{self, CodecError};
use crate::exchange::{Fix, TrailBlock};
use column::{Column, ColumnError};
use minicbor::{Decode, Encode};
use predict::{Cells, Predictor};

/// The coding this build writes.
pub const CODING: u8 = 1;

/// Fixes in one packed run, at most: three hours of driving.
pub const MAX_FIXES: usize = 2_048;

/// Runs in one request, at most: what a few bytes may become is bounded.
pub const MAX_RUNS: usize = 4;

/// A fix may arrive this far from where it was measured.
pub const MAX_ERROR_M: f64 = 2.0;

const TENTH_MS: i64 = 100;
const HALF_METRE_CMS: u32 = 50;
/// Side of a cell, millionths of a degree of latitude: 2.67 m.
const STEP_LAT: u32 = 24;
const MAX_STEP_LON: u32 = 1 << 22;
const METRES_PER_DEGREE: f64 = 111_320.0;

/// A run of fixes, numbered without gaps on the device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PackedTrail {
    /// Which packing this is; a center that does not know it takes none, and the fixes come again plainly.
    #[n(0)]
    pub coding: u8,
    /// Number of the first fix.
    #[n(1)]
    pub first: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// The bytes are no run of fixes.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    #[error("packing {0} is not known here")]
    Coding(u8),
    #[error("the run has no fix, or more than {MAX_FIXES}")]
    Count,
    #[error("a cell of no size or beyond a continent")]
    Step,
    #[error("predictor {0} is not known here")]
    Predictor(u8),
    #[error("the run is not the CBOR it should be")]
    Malformed(#[source] CodecError),
    #[error("a column of the run")]
    Column(#[from] ColumnError),
}

#[derive(Encode, Decode)]
struct Run {
    #[n(0)]
    count: u32,
    /// The first fix: tenths of a second since 1970, millionths of a degree.
    #[n(1)]
    at: i64,
    #[n(2)]
    lat_e6: i32,
    #[n(3)]
    lon_e6: i32,
    #[n(4)]
    step_lat: u32,
    #[n(5)]
    step_lon: u32,
    #[n(6)]
    predictor: u8,
    /// Tenths since the fix before.
    #[n(7)]
    times: Column,
    /// Cells beside the prediction.
    #[n(8)]
    lats: Column,
    #[n(9)]
    lons: Column,
    /// Half metres a second against the fix before; 0 where none was measured.
    #[n(10)]
    speeds: Column,
    /// Steps of the ladder, likewise.
    #[n(11)]
    accuracies: Column,
    /// Milliseconds, likewise.
    #[n(12)]
    offsets: Column,
    /// 1 where an app made the fix up; left out where none is so.
    #[n(13)]
    mocks: Option<Column>,
}

/// Packs a run, the smallest of the ways that come back within bounds. `None` where there is nothing to pack or a fix
/// would not come back as measured: send it plainly.
#[must_use]
pub fn pack(first: u64, fixes: &[Fix]) -> Option<PackedTrail> {
    let packed = predict::WAYS.into_iter().filter_map(|way| codec::encode(&run_of(fixes, way)?).ok());
    let bytes = packed.min_by_key(Vec::len)?;
    let packed = PackedTrail { coding: CODING, first, bytes };
    let back = unpack(&packed).ok()?;
    let faithful =
        back.fixes.len() == fixes.len() && back.fixes.iter().zip(fixes).all(|(back, fix)| is_faithful(back, fix));
    faithful.then_some(packed)
}

/// # Errors
/// [`TrailError`] naming what is wrong; nothing larger than [`MAX_FIXES`] asks for was allocated.
pub fn unpack(packed: &PackedTrail) -> Result<TrailBlock, TrailError> {
    if packed.coding != CODING {
        return Err(TrailError::Coding(packed.coding));
    }
    let run: Run = codec::decode(&packed.bytes).map_err(TrailError::Malformed)?;
    let count =
        usize::try_from(run.count).ok().filter(|count| (1..=MAX_FIXES).contains(count)).ok_or(TrailError::Count)?;
    if run.step_lat == 0 || run.step_lon == 0 || run.step_lat > MAX_STEP_LON || run.step_lon > MAX_STEP_LON {
        return Err(TrailError::Step);
    }
    let way = predict::Way::from_code(run.predictor).ok_or(TrailError::Predictor(run.predictor))?;
    let columns = [&run.times, &run.lats, &run.lons, &run.speeds, &run.accuracies, &run.offsets];
    let [times, lats, lons, speeds, accuracies, offsets] = {
        let mut read: [Vec<i64>; 6] = Default::default();
        for (numbers, column) in read.iter_mut().zip(columns) {
            *numbers = column.read(count)?;
        }
        read
    };
    let mocks = run.mocks.as_ref().map_or_else(|| Ok(vec![0; count]), |mocks| mocks.read(count))?;
    let mut predictor = Predictor::new(way, Cells { lat: run.step_lat, lon: run.step_lon });
    let mut fixes = Vec::with_capacity(count);
    let (mut at, mut lat_e6, mut lon_e6) = (run.at, run.lat_e6, wrapped(i64::from(run.lon_e6)));
    let (mut speed, mut accuracy, mut offset) = (0_i64, 0_i64, 0_i64);
    let rest = lats.into_iter().zip(lons).zip(speeds).zip(accuracies).zip(offsets).zip(mocks);
    for (number, (time, (((((lat, lon), speed_code), accuracy_code), offset_code), mock))) in
        times.into_iter().zip(rest).enumerate()
    {
        let said_speed = said(speed_code, &mut speed);
        let said_accuracy = said(accuracy_code, &mut accuracy);
        let offset_ms = said(offset_code, &mut offset);
        if number > 0 {
            at = at.saturating_add(time);
            let (north, east) = predictor.foresee(time, said_speed);
            lat_e6 = moved_lat(lat_e6, north.saturating_add(lat), run.step_lat);
            lon_e6 = moved_lon(lon_e6, east.saturating_add(lon), run.step_lon);
        }
        predictor.take(at, lat_e6, lon_e6, said_speed);
        fixes.push(Fix {
            at_ms: at.saturating_mul(TENTH_MS),
            lat_e6,
            lon_e6,
            accuracy_m: said_accuracy.map(ladder::metres),
            speed_cms: said_speed.map(speed_cms),
            offset_ms,
            mock: mock != 0,
        });
    }
    Ok(TrailBlock { first: packed.first, fixes })
}

fn run_of(fixes: &[Fix], way: predict::Way) -> Option<Run> {
    let first = fixes.first().filter(|_| fixes.len() <= MAX_FIXES)?;
    let (step_lat, step_lon) = (STEP_LAT, step_lon(fixes));
    let mut predictor = Predictor::new(way, Cells { lat: step_lat, lon: step_lon });
    let base = tenths(first.at_ms);
    let (mut at, mut lat_e6, mut lon_e6) =
        (base, first.lat_e6.clamp(-90_000_000, 90_000_000), wrapped(i64::from(first.lon_e6)));
    let (base_lat, base_lon) = (lat_e6, lon_e6);
    let (mut speed, mut accuracy, mut offset) = (0_i64, 0_i64, 0_i64);
    let mut columns: [Vec<i64>; 6] = Default::default();
    for (number, fix) in fixes.iter().enumerate() {
        let now = tenths(fix.at_ms);
        let passed = now.saturating_sub(at);
        let code_speed = code(fix.speed_cms.map(half_metres), &mut speed);
        let said_speed = fix.speed_cms.map(|_| speed);
        let (mut lat, mut lon) = (0, 0);
        if number > 0 {
            at = now;
            let (north, east) = predictor.foresee(passed, said_speed);
            lat = cells(i64::from(fix.lat_e6) - i64::from(lat_e6), step_lat).saturating_sub(north);
            lon = cells(i64::from(wrapped(i64::from(fix.lon_e6) - i64::from(lon_e6))), step_lon).saturating_sub(east);
            lat_e6 = moved_lat(lat_e6, north.saturating_add(lat), step_lat);
            lon_e6 = moved_lon(lon_e6, east.saturating_add(lon), step_lon);
        }
        predictor.take(at, lat_e6, lon_e6, said_speed);
        let code_accuracy = code(fix.accuracy_m.map(ladder::step), &mut accuracy);
        let code_offset = code(fix.offset_ms, &mut offset);
        let row = [if number > 0 { passed } else { 0 }, lat, lon, code_speed, code_accuracy, code_offset];
        for (column, number) in columns.iter_mut().zip(row) {
            column.push(number);
        }
    }
    let [times, lats, lons, speeds, accuracies, offsets] = columns.map(|numbers| Column::write(&numbers));
    let mocks: Vec<i64> = fixes.iter().map(|fix| fix.mock.into()).collect();
    Some(Run {
        count: u32::try_from(fixes.len()).ok()?,
        at: base,
        lat_e6: base_lat,
        lon_e6: base_lon,
        step_lat,
        step_lon,
        predictor: way.code(),
        times: times.ok()?,
        lats: lats.ok()?,
        lons: lons.ok()?,
        speeds: speeds.ok()?,
        accuracies: accuracies.ok()?,
        offsets: offsets.ok()?,
        mocks: if mocks.contains(&1) { Some(Column::write(&mocks).ok()?) } else { None },
    })
}

/// Within two metres, a tenth of a second, half a step of everything else, and nothing made up or left out.
fn is_faithful(back: &Fix, fix: &Fix) -> bool {
    back.at_ms.abs_diff(fix.at_ms) <= TENTH_MS.unsigned_abs() / 2
        && apart_m(back, fix) <= MAX_ERROR_M
        && back.offset_ms == fix.offset_ms
        && back.mock == fix.mock
        && back.accuracy_m == fix.accuracy_m.map(|metres| ladder::metres(ladder::step(metres)))
        && back.speed_cms.is_some() == fix.speed_cms.is_some()
        && back.speed_cms.zip(fix.speed_cms).is_none_or(|(back, fix)| back.abs_diff(fix) <= HALF_METRE_CMS / 2)
}

/// Flat earth, exact enough for two metres.
#[must_use]
pub fn apart_m(one: &Fix, other: &Fix) -> f64 {
    let metre = METRES_PER_DEGREE / 1e6;
    let north = f64::from(one.lat_e6.saturating_sub(other.lat_e6)) * metre;
    let east = f64::from(wrapped(i64::from(one.lon_e6) - i64::from(other.lon_e6))) * metre;
    north.hypot(east * (f64::from(one.lat_e6) / 1e6).to_radians().cos())
}

/// As wide on the ground as a cell is high, where the run comes nearest to the equator.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded on the line before")]
fn step_lon(fixes: &[Fix]) -> u32 {
    let nearest = fixes.iter().map(|fix| fix.lat_e6.unsigned_abs().min(90_000_000)).min().unwrap_or_default();
    let shrink = (f64::from(nearest) / 1e6).to_radians().cos().max(1e-6);
    (f64::from(STEP_LAT) / shrink).floor().clamp(f64::from(STEP_LAT), f64::from(MAX_STEP_LON)) as u32
}

const fn tenths(at_ms: i64) -> i64 {
    at_ms.saturating_add(TENTH_MS / 2).div_euclid(TENTH_MS)
}

fn half_metres(speed_cms: u32) -> i64 {
    i64::from(speed_cms.saturating_add(HALF_METRE_CMS / 2) / HALF_METRE_CMS)
}

fn speed_cms(half_metres: i64) -> u32 {
    u32::try_from(half_metres).unwrap_or_default().saturating_mul(HALF_METRE_CMS)
}

/// The number against the one before, with 0 left free for "not said".
fn code(number: Option<i64>, before: &mut i64) -> i64 {
    let Some(number) = number else { return 0 };
    let change = number.wrapping_sub(*before);
    *before = number;
    if change >= 0 { change.wrapping_add(1) } else { change }
}

fn said(code: i64, before: &mut i64) -> Option<i64> {
    if code == 0 {
        return None;
    }
    *before = before.wrapping_add(if code > 0 { code.wrapping_sub(1) } else { code });
    Some(*before)
}

/// The nearest whole number of cells.
fn cells(e6: i64, step: u32) -> i64 {
    let step = i64::from(step.max(1));
    e6.saturating_add(step / 2).div_euclid(step)
}

fn moved_lat(lat_e6: i32, cells: i64, step: u32) -> i32 {
    let moved = i64::from(lat_e6).saturating_add(cells.saturating_mul(i64::from(step)));
    i32::try_from(moved.clamp(-90_000_000, 90_000_000)).unwrap_or_default()
}

fn moved_lon(lon_e6: i32, cells: i64, step: u32) -> i32 {
    wrapped(i64::from(lon_e6).saturating_add(cells.saturating_mul(i64::from(step))))
}

/// The same meridian between -180 and 180 degrees.
fn wrapped(lon_e6: i64) -> i32 {
    const HALF: i64 = 180_000_000;
    if (-HALF..=HALF).contains(&lon_e6) {
        return i32::try_from(lon_e6).unwrap_or_default();
    }
    i32::try_from(lon_e6.saturating_add(HALF).rem_euclid(2 * HALF) - HALF).unwrap_or_default()
}

#[cfg(test)]
mod tests;
