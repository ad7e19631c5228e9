//! Where: a point on the earth, the village it lies in, how far and in which direction.
//!
//! Latitude and longitude are never a bare pair: a [`Position`] was checked. Boundaries are simplified and
//! for orientation, not for law.

use crate::id::AreaCode;
use geo::{Bearing, Centroid, Contains, Distance, Haversine};
use geo_types::{MultiPolygon, Point};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A point, WGS 84.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "RawPosition")]
pub struct Position {
    /// Degrees north.
    lat: f64,
    /// Degrees east.
    lon: f64,
    /// Radius of 68 % confidence, metres.
    accuracy_m: Option<f64>,
}

#[derive(Deserialize)]
struct RawPosition {
    lat: f64,
    lon: f64,
    #[serde(default)]
    accuracy_m: Option<f64>,
}

impl TryFrom<RawPosition> for Position {
    type Error = NotAPosition;
    fn try_from(raw: RawPosition) -> Result<Self, NotAPosition> {
        Self::new(raw.lat, raw.lon, raw.accuracy_m)
    }
}

/// A circle wider than this says nothing about a place.
pub const MAX_ACCURACY_M: f64 = 100_000.0;

/// Reads the position that an act carries, and none where it says no place: an act is never refused for its position.
///
/// # Errors
/// Only for what is no map of numbers.
pub fn known_or_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Position>, D::Error> {
    #[derive(Deserialize)]
    struct Raw {
        #[serde(default)]
        lat: Option<f64>,
        #[serde(default)]
        lon: Option<f64>,
        #[serde(default)]
        accuracy_m: Option<f64>,
    }
    let raw = Option::<Raw>::deserialize(deserializer)?;
    Ok(raw.and_then(|raw| Position::known(raw.lat?, raw.lon?, raw.accuracy_m)))
}

/// The numbers are not a point on the earth.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotAPosition {
    #[error("latitude must be between -90 and 90 degrees")]
    Latitude,
    #[error("longitude must be between -180 and 180 degrees")]
    Longitude,
    #[error("accuracy must be between 0 and 100000 metres")]
    Accuracy,
}

impl Position {
    /// # Errors
    /// Which number is not on the earth, or not a number at all.
    pub fn new(lat: f64, lon: f64, accuracy_m: Option<f64>) -> Result<Self, NotAPosition> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(NotAPosition::Latitude);
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(NotAPosition::Longitude);
        }
        if accuracy_m.is_some_and(|metres| !(0.0..=MAX_ACCURACY_M).contains(&metres)) {
            return Err(NotAPosition::Accuracy);
        }
        Ok(Self { lat, lon, accuracy_m })
    }

    /// A position as a record or a request holds it. `None` where the numbers say no place: not on the earth, an accuracy
    /// that is no distance or wider than [`MAX_ACCURACY_M`], or 0, 0.
    #[must_use]
    pub fn known(lat: f64, lon: f64, accuracy_m: Option<f64>) -> Option<Self> {
        Self::new(lat, lon, accuracy_m).ok().filter(|position| !position.is_nowhere())
    }

    /// At 0, 0, in the Gulf of Guinea: what a receiver or a form without a position gives.
    #[must_use]
    pub const fn is_nowhere(&self) -> bool {
        const NEAR: f64 = 0.001;
        self.lat.abs() < NEAR && self.lon.abs() < NEAR
    }

    #[must_use]
    pub const fn lat(&self) -> f64 {
        self.lat
    }

    #[must_use]
    pub const fn lon(&self) -> f64 {
        self.lon
    }

    #[must_use]
    pub const fn accuracy_m(&self) -> Option<f64> {
        self.accuracy_m
    }

    #[must_use]
    pub fn point(&self) -> Point<f64> {
        Point::new(self.lon, self.lat)
    }

    /// Great-circle distance, metres.
    #[must_use]
    pub fn distance_m(&self, other: &Self) -> f64 {
        Haversine.distance(self.point(), other.point())
    }

    /// Initial bearing to `other`, degrees clockwise from north, 0 to 360.
    #[must_use]
    pub fn bearing_deg(&self, other: &Self) -> f64 {
        Haversine.bearing(self.point(), other.point()).rem_euclid(360.0)
    }
}

crate::coded! {
    /// Eight winds; the page has the words (TL is *timur laut*, north-east).
    Compass {
        North = "n",
        NorthEast = "ne",
        East = "e",
        SouthEast = "se",
        South = "s",
        SouthWest = "sw",
        West = "w",
        NorthWest = "nw",
    }
}

impl Compass {
    /// The wind nearest to a bearing in degrees.
    #[must_use]
    pub fn of_bearing(degrees: f64) -> Self {
        let sector = ((degrees.rem_euclid(360.0) + 22.5) / 45.0).floor();
        let all = Self::ALL;
        let index = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0].iter().position(|n| (sector % 8.0 - n).abs() < 0.5);
        index.and_then(|index| all.get(index)).copied().unwrap_or(Self::North)
    }
}

/// A village (desa or kelurahan). Names repeat across districts: show both, identify by code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Village {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: AreaCode,
    pub name: String,
    pub district: String,
}

/// The outline of one village.
#[derive(Clone, PartialEq, Debug)]
pub struct Boundary {
    pub code: AreaCode,
    pub shape: MultiPolygon<f64>,
}

impl Boundary {
    /// Roughly where the village is: the middle of its area. `None` for an outline without any.
    #[must_use]
    pub fn middle(&self) -> Option<Position> {
        let middle = self.shape.centroid()?;
        Position::new(middle.y(), middle.x(), None).ok()
    }
}

/// The village a point lies in; where simplified outlines overlap, the first by code.
///
/// `None` outside all of them: on the sea, across the border, or in a gap of the simplification.
#[must_use]
pub fn village_of<'a>(point: &Position, boundaries: &'a [Boundary]) -> Option<&'a AreaCode> {
    let point = point.point();
    boundaries.iter().filter(|boundary| boundary.shape.contains(&point)).map(|boundary| &boundary.code).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    #[test]
    fn swapped_latitude_and_longitude_of_ketapang_are_refused() {
        assert_eq!(Position::new(109.97, -1.83, None), Err(NotAPosition::Latitude));
        assert!(Position::new(-1.83, 109.97, Some(12.0)).is_ok());
        assert_eq!(Position::new(f64::NAN, 0.0, None), Err(NotAPosition::Latitude));
    }

    #[test]
    fn an_act_with_a_position_that_says_no_place_is_read_without_it() {
        #[derive(Deserialize)]
        struct Act {
            #[serde(default, deserialize_with = "known_or_none")]
            position: Option<Position>,
        }
        let read = |json: &str| serde_json::from_str::<Act>(json).map(|act| act.position.map(|one| one.lat()));

        for none in [
            r#"{}"#,
            r#"{"position":null}"#,
            r#"{"position":{"lat":-1.83,"lon":109.97,"accuracy_m":100001}}"#,
            r#"{"position":{"lat":-1.83,"lon":109.97,"accuracy_m":1e308}}"#,
            r#"{"position":{"lat":-1.83,"lon":109.97,"accuracy_m":-1}}"#,
            r#"{"position":{"lat":91,"lon":109.97}}"#,
            r#"{"position":{"lat":-1.83,"lon":181}}"#,
            r#"{"position":{"lat":null,"lon":null,"accuracy_m":null}}"#,
            r#"{"position":{"lat":0,"lon":0,"accuracy_m":5}}"#,
        ] {
            assert_eq!(read(none).ok(), Some(None), "{none}");
        }
        let whole = r#"{"position":{"lat":-1.83,"lon":109.97,"accuracy_m":100000,"altitude":1e9}}"#;
        assert_eq!(read(whole).ok(), Some(Some(-1.83)));
    }

    #[test]
    fn a_point_comes_back_from_json_as_the_point_it_was() {
        // Steps of a few centimetres, none of which a decimal writes down exactly.
        for step in 0..1000_u32 {
            let there = f64::from(step) * 1.0e-6 / 3.0;
            let point = Position::new(-1.923 - there, 110.890 + there, Some(7.0 + there)).expect("a point");

            let text = serde_json::to_string(&point).expect("is written");

            assert_eq!(serde_json::from_str::<Position>(&text).expect("is read"), point, "{text}");
        }
    }

    #[test]
    fn jelai_hulu_lies_about_a_hundred_kilometres_east_of_the_town() {
        let town = Position::new(-1.813, 109.958, None).expect("a point");
        let village = Position::new(-1.923, 110.890, None).expect("a point");

        let km = town.distance_m(&village) / 1000.0;

        assert!((103.0..105.5).contains(&km), "{km}");
        assert_eq!(Compass::of_bearing(town.bearing_deg(&village)), Compass::East);
        assert_eq!(Compass::of_bearing(359.0), Compass::North);
        assert_eq!(Compass::of_bearing(225.0), Compass::SouthWest);
    }

    #[test]
    fn a_point_is_in_the_village_whose_outline_holds_it() {
        let square = |x: f64, code: &str| Boundary {
            code: AreaCode::new(code).expect("a code"),
            shape: MultiPolygon::new(vec![
                polygon![(x: x, y: 0.0), (x: x + 1.0, y: 0.0), (x: x + 1.0, y: 1.0), (x: x, y: 1.0)],
            ]),
        };
        let boundaries = [square(110.0, "61.04.01.2001"), square(111.0, "61.04.01.2002")];
        let at = |lon: f64| Position::new(0.5, lon, None).expect("a point");

        assert_eq!(village_of(&at(110.5), &boundaries).map(AreaCode::as_str), Some("61.04.01.2001"));
        assert_eq!(village_of(&at(111.5), &boundaries).map(AreaCode::as_str), Some("61.04.01.2002"));
        assert_eq!(village_of(&at(112.5), &boundaries), None);
    }
}
