//! From what was typed to a request: codes, numbers and files, each refused by its argument's name.

use crate::args::{AssessArgs, Point, VitalsArgs};
use base64ct::{Base64, Encoding as _};
use siaga_domain::coordinates;
use siaga_domain::place::{NotAPosition, Position};
use siaga_domain::record::assessment::{Metric, Quality};
use siaga_domain::time::UtcMs;
use siaga_domain::vitals::{Absent, Measured, Sign, Vitals};
use siaga_field::Failure;
use siaga_field::request::{Assess, NeedItem, Number, Photo};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::str::FromStr;

/// The library takes photos up to this size; more is not even read.
const MAX_PHOTO_BYTES: u64 = 8 * 1024 * 1024;

/// A code of a fixed list.
pub(crate) fn code<T: FromStr<Err = siaga_domain::kind::UnknownCode>>(
    argument: &str,
    text: &str,
) -> Result<T, Failure> {
    text.parse().map_err(|unknown: siaga_domain::kind::UnknownCode| {
        Failure::input(argument, "this is none of the codes", &format!("use one of: {}", unknown.allowed))
    })
}

/// As [`code`], for an argument that may be left out.
pub(crate) fn optional_code<T: FromStr<Err = siaga_domain::kind::UnknownCode>>(
    argument: &str,
    text: Option<&str>,
) -> Result<Option<T>, Failure> {
    text.map(|text| code(argument, text)).transpose()
}

impl Point {
    pub(crate) fn position(&self) -> Result<Option<Position>, Failure> {
        let (lat, lon) = match (&self.point, self.lat.zip(self.lon)) {
            (Some(text), _) => written(text)?,
            (None, Some(point)) => point,
            (None, None) => return Ok(None),
        };
        // An act is never refused for how well the phone knew its place; it is saved without the position.
        match Position::new(lat, lon, self.accuracy) {
            Err(NotAPosition::Accuracy) => Ok(None),
            _ => position(lat, lon, self.accuracy).map(Some),
        }
    }
}

fn written(text: &str) -> Result<(f64, f64), Failure> {
    let remedy =
        "give latitude and longitude, such as -1.83, 109.96 or 1.83 LS 109.96 BT; open a short link and copy them";
    coordinates::read(text)
        .map(|written| (written.lat, written.lon))
        .map_err(|unreadable| Failure::input("point", unreadable.to_string(), remedy))
}

pub(crate) fn position(lat: f64, lon: f64, accuracy_m: Option<f64>) -> Result<Position, Failure> {
    Position::new(lat, lon, accuracy_m).map_err(|error| {
        let argument = match error {
            NotAPosition::Latitude => "lat",
            NotAPosition::Longitude => "lon",
            NotAPosition::Accuracy => "accuracy",
        };
        Failure::input(argument, error.to_string(), "give decimal degrees, latitude first; metres for the accuracy")
    })
}

pub(crate) fn time(argument: &str, text: Option<&str>) -> Result<Option<UtcMs>, Failure> {
    text.map(UtcMs::parse_rfc3339).transpose().map_err(|_| {
        Failure::input(argument, "this is not a time", "give RFC 3339 with an offset: 2022-10-10T07:00:00+07:00")
    })
}

pub(crate) fn photo(path: Option<&Path>) -> Result<Option<Photo>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let unreadable = || Failure::input("photo", "the file could not be read", "give the path of a JPEG or PNG file");
    let file = File::open(path).map_err(|_| unreadable())?;
    let mut bytes = Vec::new();
    file.take(MAX_PHOTO_BYTES + 1).read_to_end(&mut bytes).map_err(|_| unreadable())?;
    let media = if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
    Ok(Some(Photo { media: media.to_owned(), base64: Base64::encode_string(&bytes) }))
}

impl VitalsArgs {
    pub(crate) fn vitals(&self) -> Result<Vitals, Failure> {
        let mut vitals = Vitals {
            on_oxygen: self.on_oxygen.then_some(true),
            avpu: optional_code("avpu", self.avpu.as_deref())?,
            ..Vitals::default()
        };
        for (sign, text) in &self.signs.0 {
            vitals.set(*sign, Some(measured(*sign, text)?));
        }
        Ok(vitals)
    }
}

fn measured(sign: Sign, text: &str) -> Result<Measured, Failure> {
    // A decimal comma is how it is written here.
    if let Ok(number) = text.trim().replace(',', ".").parse::<f64>()
        && number.is_finite()
    {
        return Ok(Measured::Number(number));
    }
    match text.trim().parse::<Absent>() {
        Ok(absent) => Ok(Measured::Absent(absent)),
        Err(unknown) => Err(Failure::input(
            sign.code(),
            "this is neither a number nor a reason why there is none",
            &format!("give a number, or one of: {}", unknown.allowed),
        )),
    }
}

impl AssessArgs {
    pub(crate) fn request(&self) -> Result<Assess, Failure> {
        let quality = if self.verified { Quality::Verified } else { Quality::Estimate };
        let number = |metric: Metric, value: i64| Number { metric, value, quality, source: self.source.clone() };
        let mut numbers: Vec<Number> = [
            (Metric::Dead, self.dead),
            (Metric::Injured, self.injured),
            (Metric::InjuredSerious, self.injured_serious),
            (Metric::Missing, self.missing),
            (Metric::DisplacedKk, self.displaced_kk),
            (Metric::Displaced, self.displaced),
            (Metric::AffectedKk, self.affected_kk),
            (Metric::Affected, self.affected),
            (Metric::HousesLight, self.houses_light),
            (Metric::HousesModerate, self.houses_moderate),
            (Metric::HousesHeavy, self.houses_heavy),
            (Metric::HousesSubmerged, self.houses_submerged),
            (Metric::WaterCm, self.water_cm),
        ]
        .into_iter()
        .filter_map(|(metric, value)| Some(number(metric, value?)))
        .collect();
        for text in &self.numbers {
            let (metric, value) = text.split_once('=').ok_or_else(|| {
                Failure::input("number", "a number is written METRIC=VALUE", "write it like elderly=12")
            })?;
            let value = value
                .trim()
                .parse()
                .map_err(|_| Failure::input("number", "the value is not a whole number", "write it like elderly=12"))?;
            numbers.push(number(code("number", metric.trim())?, value));
        }
        Ok(Assess {
            incident: self.incident.clone(),
            village: self.village.clone(),
            numbers,
            needs: self.needs.iter().map(|text| NeedItem { text: text.clone(), quantity: None, unit: None }).collect(),
            note: self.note.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_a_number_with_comma_or_point_or_a_reason() {
        assert_eq!(measured(Sign::Temp, "36,8"), Ok(Measured::Number(36.8)));
        assert_eq!(measured(Sign::Spo2, "not_taken"), Ok(Measured::Absent(Absent::NotTaken)));
        let failure = measured(Sign::Hr, "cepat").expect_err("a refusal");
        assert_eq!(failure.argument.as_deref(), Some("hr"));
        assert!(!failure.to_string().contains("cepat"));
        assert!(measured(Sign::Hr, "NaN").is_err());
    }

    #[test]
    fn a_written_point_is_read_and_an_accuracy_that_says_nothing_costs_only_the_position() {
        let point = |point: Option<&str>, lat: Option<f64>, accuracy: Option<f64>| {
            let point = point.map(str::to_owned);
            Point { lat, lon: lat.map(|_| 109.96), accuracy, point }.position().map(|found| found.map(|one| one.lat()))
        };

        assert_eq!(point(Some("1,83 LS 109,96 BT"), None, None), Ok(Some(-1.83)));
        assert_eq!(point(None, Some(-1.83), Some(12.0)), Ok(Some(-1.83)));
        for accuracy in [100_001.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(point(None, Some(-1.83), Some(accuracy)), Ok(None), "{accuracy}");
        }
        assert_eq!(point(Some("di jembatan"), None, None).expect_err("a refusal").argument.as_deref(), Some("point"));
    }

    #[test]
    fn swapped_degrees_name_the_latitude() {
        let failure = position(109.9, -1.8, None).expect_err("a refusal");

        assert_eq!(failure.argument.as_deref(), Some("lat"));
    }
}
