//! Shifts on the move: eight hours of what a phone's receiver would say, once a second, from one seed.
//!
//! A vehicle drives asphalt and laterite with bends, slows for holes, stands at posts and scenes; a boat follows a
//! river's meanders. The receiver's error wanders (3 to 8 m, correlated over a minute), roofs and canopy swallow
//! stretches, the phone sleeps now and then. Not a model of one road, but of what makes trails hard to pack.

use crate::seed::Seed;

/// One reading of the receiver, and the truth behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Device UTC, milliseconds.
    pub at_ms: i64,
    pub lat: f64,
    pub lon: f64,
    pub accuracy_m: f64,
    pub speed_mps: Option<f64>,
    /// Where it really was.
    pub truth: (f64, f64),
}

/// Ketapang, 2026-11-25 00:00 UTC.
const START: (f64, f64) = (-1.8459, 109.9719);
const START_MS: i64 = 1_795_564_800_000;
const METRES_PER_DEGREE: f64 = 111_320.0;
const TAU: f64 = std::f64::consts::TAU;

/// What the crew does for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Leg {
    Stand,
    Asphalt,
    Laterite,
    Boat,
}

/// Eight hours, one reading a second where there is one.
#[must_use]
pub fn shift(seed: u64) -> Vec<Reading> {
    hours(seed, 8)
}

/// As many hours.
#[must_use]
pub fn hours(seed: u64, hours: u32) -> Vec<Reading> {
    let mut rider = Rider::new(Seed::new(seed).branch("trace"));
    (0..i64::from(hours) * 3600).filter_map(|second| rider.second(second)).collect()
}

struct Rider {
    chance: Seed,
    leg: Leg,
    leg_ends: i64,
    north_m: f64,
    east_m: f64,
    /// Radians from north, clockwise.
    heading: f64,
    /// Radians a metre.
    bend: f64,
    speed: f64,
    wanted: f64,
    error: (f64, f64),
    sigma: f64,
    hidden_until: i64,
    /// Some phones stamp fixes with the receiver's whole second, some with their own clock.
    whole_seconds: bool,
    says_speed: bool,
}

impl Rider {
    fn new(mut chance: Seed) -> Self {
        let heading = unit(&mut chance) * TAU;
        let sigma = 3.0 + 5.0 * unit(&mut chance);
        let (whole_seconds, says_speed) = (chance.happens(50), chance.happens(90));
        Self {
            chance,
            leg: Leg::Stand,
            leg_ends: 600,
            north_m: 0.0,
            east_m: 0.0,
            heading,
            bend: 0.0,
            speed: 0.0,
            wanted: 0.0,
            error: (0.0, 0.0),
            sigma,
            hidden_until: 0,
            whole_seconds,
            says_speed,
        }
    }

    fn second(&mut self, second: i64) -> Option<Reading> {
        if second >= self.leg_ends {
            self.next_leg(second);
        }
        self.steer(second);
        self.heading += self.bend * self.speed;
        self.north_m += self.heading.cos() * self.speed;
        self.east_m += self.heading.sin() * self.speed;
        self.wander();
        if self.hidden_until <= second && self.leg != Leg::Stand && self.chance.draw().is_multiple_of(1_800) {
            self.hidden_until = second + self.below(400) + 10;
        }
        let jitter_ms = if self.whole_seconds { 0 } else { self.below(900) };
        let lag = self.gauss();
        let accuracy_m = (self.sigma * (1.2 + 0.5 * unit(&mut self.chance))).max(1.0);
        if second < self.hidden_until {
            return None;
        }
        let truth = place(self.north_m, self.east_m);
        let (lat, lon) = place(self.north_m + self.error.0, self.east_m + self.error.1);
        let speed_mps = self.says_speed.then(|| (self.speed + lag * 0.25).max(0.0));
        Some(Reading { at_ms: START_MS + second * 1000 + jitter_ms, lat, lon, accuracy_m, speed_mps, truth })
    }

    fn next_leg(&mut self, second: i64) {
        let (leg, minutes) = match (self.leg, self.below(100)) {
            (Leg::Stand, 0..45) => (Leg::Asphalt, 8 + self.below(25)),
            (Leg::Stand, 45..80) => (Leg::Laterite, 10 + self.below(40)),
            (Leg::Stand, _) => (Leg::Boat, 10 + self.below(30)),
            (Leg::Asphalt, 0..40) => (Leg::Laterite, 5 + self.below(30)),
            _ => (Leg::Stand, 5 + self.below(50)),
        };
        self.leg = leg;
        self.leg_ends = second + minutes * 60 + self.below(60);
        self.sigma = 3.0 + 5.0 * unit(&mut self.chance);
    }

    fn steer(&mut self, second: i64) {
        // What the road asks for changes every so many seconds: a bend, a hole, a village, open road.
        if self.chance.draw().is_multiple_of(if self.leg == Leg::Laterite { 9 } else { 16 }) {
            let (slow, fast, tightest) = match self.leg {
                Leg::Stand => (0.0, 0.0, 0.0),
                Leg::Asphalt => (8.0, 22.0, 1.0 / 120.0),
                Leg::Laterite => (2.5, 12.0, 1.0 / 40.0),
                Leg::Boat => (4.0, 9.0, 1.0 / 150.0),
            };
            self.wanted = slow + (fast - slow) * unit(&mut self.chance);
            let straight = self.chance.happens(45);
            self.bend = if straight { 0.0 } else { tightest * (2.0 * unit(&mut self.chance) - 1.0) };
        }
        if self.leg == Leg::Boat {
            #[allow(clippy::cast_precision_loss, reason = "seconds of one day")]
            let along = (second % 86_400) as f64;
            self.bend = 0.004 * (along / 95.0).sin();
        }
        if self.leg == Leg::Stand {
            self.wanted = 0.0;
        }
        // Brakes bite harder than engines pull.
        let change = (self.wanted - self.speed).clamp(-2.2, 1.3);
        self.speed = (self.speed + change).max(0.0);
    }

    fn wander(&mut self) {
        let keep = (-1.0_f64 / 60.0).exp();
        let push = self.sigma * (1.0 - keep * keep).sqrt();
        let (north, east) = (self.gauss(), self.gauss());
        self.error = (self.error.0 * keep + push * north, self.error.1 * keep + push * east);
    }

    /// Twelve even draws make a bell.
    fn gauss(&mut self) -> f64 {
        (0..12).map(|_| unit(&mut self.chance)).sum::<f64>() - 6.0
    }

    fn below(&mut self, end: u64) -> i64 {
        i64::try_from(self.chance.draw() % end).unwrap_or_default()
    }
}

fn place(north_m: f64, east_m: f64) -> (f64, f64) {
    let lat = START.0 + north_m / METRES_PER_DEGREE;
    (lat, START.1 + east_m / (METRES_PER_DEGREE * START.0.to_radians().cos()))
}

#[allow(clippy::cast_precision_loss, reason = "53 bits fit a double")]
fn unit(chance: &mut Seed) -> f64 {
    (chance.draw() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_shift() {
        assert_eq!(hours(3, 1), hours(3, 1));
        assert_ne!(hours(3, 1), hours(4, 1));
    }

    #[test]
    fn a_shift_both_stands_and_moves_and_has_gaps() {
        let all: Vec<Reading> = (0..10).flat_map(shift).collect();
        let moving = all.iter().filter(|reading| reading.speed_mps.is_some_and(|speed| speed > 3.0)).count();
        let standing = all.iter().filter(|reading| reading.speed_mps.is_some_and(|speed| speed < 0.8)).count();

        assert!(moving * 5 > all.len() && standing * 5 > all.len(), "{moving} {standing} of {}", all.len());
        assert!(all.len() < 10 * 8 * 3600, "no gap");
    }

    #[test]
    fn the_receiver_errs_by_metres_and_not_by_streets() {
        let off = |reading: &Reading| {
            let north = (reading.lat - reading.truth.0) * METRES_PER_DEGREE;
            north.hypot((reading.lon - reading.truth.1) * METRES_PER_DEGREE)
        };
        let shift = shift(5);
        let worst = shift.iter().map(off).fold(0.0, f64::max);
        let mean = shift.iter().map(off).sum::<f64>() / f64::from(u32::try_from(shift.len()).expect("few"));

        assert!((3.0..12.0).contains(&mean) && worst < 45.0, "{mean} {worst}");
    }
}
