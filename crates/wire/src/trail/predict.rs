//! Where the next fix should be, from what the receiver already has.

/// How the next fix is foreseen; the sender tries all and keeps the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Where the last one was.
    Stay,
    /// On, as far as the last step went in its time.
    Onward,
    /// On, as far as the measured speed carries.
    BySpeed,
    /// By speed, turning half as much as the step before turned.
    Turning,
}

pub(super) const WAYS: [Way; 4] = [Way::Stay, Way::Onward, Way::BySpeed, Way::Turning];

impl Way {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Stay => 0,
            Self::Onward => 1,
            Self::BySpeed => 2,
            Self::Turning => 3,
        }
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        WAYS.into_iter().find(|way| way.code() == code)
    }
}

/// Sides of a cell, millionths of a degree.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    pub lat: u32,
    pub lon: u32,
}

/// After this long without a fix nothing is foreseen, tenths of a second.
const LONGEST: i64 = 600;
/// A step shorter than this is noise and has no direction, cells.
const SHORTEST: f64 = 1.5;
/// Cells a tenth of a second at half a metre a second: a cell is 2.67 m.
const CELLS_PER_HALF_METRE_TENTH: f64 = 0.05 / 2.67;
/// Nothing is foreseen farther away, cells.
const FARTHEST: f64 = 10_000.0;

/// One step on the ground in cells, and how long it took in tenths.
#[derive(Clone, Copy, Default)]
struct Stride {
    north: f64,
    east: f64,
    tenths: i64,
}

impl Stride {
    fn length(self) -> f64 {
        (self.north * self.north + self.east * self.east).sqrt()
    }
}

pub(super) struct Predictor {
    way: Way,
    cells: Cells,
    last: Option<(i64, i32, i32)>,
    stride: Stride,
    before: Stride,
    speed: Option<i64>,
}

impl Predictor {
    pub(super) fn new(way: Way, cells: Cells) -> Self {
        Self { way, cells, last: None, stride: Stride::default(), before: Stride::default(), speed: None }
    }

    /// Cells north and east of the last fix, `tenths` later, at `speed` half metres a second.
    pub(super) fn foresee(&self, tenths: i64, speed: Option<i64>) -> (i64, i64) {
        let length = self.stride.length();
        if self.way == Way::Stay || !(1..=LONGEST).contains(&tenths) || length < SHORTEST || self.stride.tenths <= 0 {
            return (0, 0);
        }
        let onward = length * exact(tenths) / exact(self.stride.tenths);
        let far = match (self.way, speed) {
            (Way::BySpeed | Way::Turning, Some(speed)) => {
                let mean = (exact(self.speed.unwrap_or(speed)) + exact(speed)) / 2.0;
                mean * exact(tenths) * CELLS_PER_HALF_METRE_TENTH
            }
            _ => onward,
        };
        let (mut north, mut east) = (self.stride.north / length, self.stride.east / length);
        let before = self.before.length();
        if self.way == Way::Turning && before >= SHORTEST {
            // Halfway between going straight on and turning once more as before.
            let cos = (self.before.north * north + self.before.east * east) / before;
            let sin = (self.before.north * east - self.before.east * north) / before;
            let (on_north, on_east) = (north * cos - east * sin + north, east * cos + north * sin + east);
            let norm = (on_north * on_north + on_east * on_east).sqrt();
            if norm > 0.5 {
                (north, east) = (on_north / norm, on_east / norm);
            }
        }
        (whole(north * far), whole(east * far))
    }

    /// What the receiver has now.
    pub(super) fn take(&mut self, at: i64, lat_e6: i32, lon_e6: i32, speed: Option<i64>) {
        if let Some((then, lat, lon)) = self.last {
            self.before = self.stride;
            let east = super::wrapped(i64::from(lon_e6) - i64::from(lon));
            self.stride = Stride {
                north: f64::from(lat_e6.saturating_sub(lat)) / f64::from(self.cells.lat.max(1)),
                east: f64::from(east) / f64::from(self.cells.lon.max(1)),
                tenths: at.saturating_sub(then),
            };
        }
        self.last = Some((at, lat_e6, lon_e6));
        self.speed = speed;
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "tenths and speeds of a trail are small; larger ones round alike everywhere"
)]
const fn exact(number: i64) -> f64 {
    number as f64
}

#[allow(clippy::cast_possible_truncation, reason = "clamped before")]
fn whole(cells: f64) -> i64 {
    if cells.is_nan() { 0 } else { cells.clamp(-FARTHEST, FARTHEST).round() as i64 }
}
