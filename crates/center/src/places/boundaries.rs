//! Outlines of villages, read from a GeoJSON file: all of them or none.
//!
//! The file is a person's import and may be anything, so every feature is checked and every problem is told
//! with the number of its feature. Outlines are for orientation, not for law.

use geo::Validation;
use geo_types::{Coord, MultiPolygon};
use geojson::{Feature, FeatureCollection, GeoJson, GeometryValue, feature::Id};
use siaga_domain::id::AreaCode;
use siaga_domain::place::Boundary;
use std::collections::BTreeSet;

/// Properties in which public files keep the Kemendagri code.
const CODE_PROPERTIES: [&str; 3] = ["kode", "code", "id"];

/// Properties in which they keep its name.
const NAME_PROPERTIES: [&str; 2] = ["nama", "name"];

/// A file holds at most this many outlines: a regency has a few hundred villages, the country 84,000.
const MOST_FEATURES: usize = 100_000;

/// One outline as imported.
#[derive(Clone, PartialEq, Debug)]
pub struct NewBoundary {
    pub outline: Boundary,
    /// As the file says it; empty where it does not.
    pub name: String,
    /// The geometry as GeoJSON, for the console's map.
    pub geometry: String,
}

/// What is wrong with one feature, counted from 1.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("feature {feature}: {problem}")]
pub struct FeatureError {
    pub feature: usize,
    pub problem: FeatureProblem,
}

/// What is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FeatureProblem {
    #[error("no property `kode`, `code` or `id` holds a Kemendagri code such as 61.04.14.2001")]
    NoCode,
    #[error("the code {0} stands in the file twice")]
    CodeTwice(String),
    #[error("there is no geometry")]
    NoGeometry,
    #[error("the geometry is neither a Polygon nor a MultiPolygon")]
    NotAPolygon,
    #[error("a coordinate is not on the earth; GeoJSON writes longitude first")]
    OffTheEarth,
    #[error("the outline is not valid: {0}")]
    Invalid(String),
}

/// Why a file was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ReadBoundariesError {
    #[error("the file is not GeoJSON")]
    Parse(#[source] Box<geojson::Error>),
    #[error("the file is not a GeoJSON FeatureCollection")]
    NotACollection,
    #[error("the file holds no feature, or more than {MOST_FEATURES}")]
    Count,
    #[error("{} of the features cannot be taken; nothing was imported", .0.len())]
    Features(Vec<FeatureError>),
}

/// Reads and checks every feature of a FeatureCollection.
///
/// # Errors
/// [`ReadBoundariesError`]; with [`ReadBoundariesError::Features`] every wrong feature is listed, not the
/// first only.
pub fn read(text: &str) -> Result<Vec<NewBoundary>, ReadBoundariesError> {
    let parsed = text.parse::<GeoJson>().map_err(|cause| ReadBoundariesError::Parse(Box::new(cause)))?;
    let GeoJson::FeatureCollection(FeatureCollection { features, .. }) = parsed else {
        return Err(ReadBoundariesError::NotACollection);
    };
    if features.is_empty() || features.len() > MOST_FEATURES {
        return Err(ReadBoundariesError::Count);
    }
    let mut seen = BTreeSet::new();
    let mut read = Vec::with_capacity(features.len());
    let mut errors = Vec::new();
    for (index, feature) in features.iter().enumerate() {
        let outcome = of_feature(feature).and_then(|boundary| {
            let code = boundary.outline.code.clone();
            if seen.insert(code.clone()) { Ok(boundary) } else { Err(FeatureProblem::CodeTwice(code.to_string())) }
        });
        match outcome {
            Ok(boundary) => read.push(boundary),
            Err(problem) => errors.push(FeatureError { feature: index + 1, problem }),
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(ReadBoundariesError::Features(errors)) }
}

/// The outline of a stored geometry.
///
/// # Errors
/// [`FeatureProblem`] when what is stored is not an outline.
pub fn outline(code: AreaCode, geometry: &str) -> Result<Boundary, FeatureProblem> {
    let geometry: geojson::Geometry = geometry.parse().map_err(|_| FeatureProblem::NoGeometry)?;
    Ok(Boundary { code, shape: shape_of(&geometry.value)? })
}

fn of_feature(feature: &Feature) -> Result<NewBoundary, FeatureProblem> {
    let code = code_of(feature).ok_or(FeatureProblem::NoCode)?;
    let geometry = feature.geometry.as_ref().ok_or(FeatureProblem::NoGeometry)?;
    let shape = shape_of(&geometry.value)?;
    let on_earth = |at: &Coord<f64>| (-180.0..=180.0).contains(&at.x) && (-90.0..=90.0).contains(&at.y);
    let rings = shape.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    if !rings.flat_map(|ring| ring.coords()).all(on_earth) {
        return Err(FeatureProblem::OffTheEarth);
    }
    shape.check_validation().map_err(|cause| FeatureProblem::Invalid(cause.to_string()))?;
    let name = NAME_PROPERTIES.iter().find_map(|name| feature.property(name)?.as_str()).unwrap_or_default().to_owned();
    Ok(NewBoundary { outline: Boundary { code, shape }, name, geometry: geometry.to_string() })
}

fn code_of(feature: &Feature) -> Option<AreaCode> {
    let properties = CODE_PROPERTIES
        .iter()
        .filter_map(|name| feature.property(name).and_then(|value| value.as_str()))
        .map(str::to_owned);
    let own = feature.id.as_ref().and_then(|id| match id {
        Id::String(text) => Some(text.clone()),
        Id::Number(_) => None,
    });
    properties.chain(own).filter(|text| is_village_code(text)).find_map(|text| AreaCode::new(text).ok())
}

/// Four groups of digits: province, regency, district, village.
fn is_village_code(text: &str) -> bool {
    let groups: Vec<&str> = text.split('.').collect();
    groups.len() == 4 && groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
}

fn shape_of(value: &GeometryValue) -> Result<MultiPolygon<f64>, FeatureProblem> {
    let invalid = |cause: geojson::Error| FeatureProblem::Invalid(cause.to_string());
    match value {
        GeometryValue::Polygon { .. } => {
            let polygon: geo_types::Polygon<f64> = value.try_into().map_err(invalid)?;
            Ok(MultiPolygon::new(vec![polygon]))
        }
        GeometryValue::MultiPolygon { .. } => value.try_into().map_err(invalid),
        _ => Err(FeatureProblem::NotAPolygon),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siaga_domain::place::{Position, village_of};

    fn feature(properties: &str, geometry: &str) -> String {
        format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
    }

    fn collection(features: &[String]) -> String {
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
    }

    fn square(x: f64, y: f64) -> String {
        let (right, top) = (x + 1.0, y + 1.0);
        format!(
            r#"{{"type":"Polygon","coordinates":[[[{x},{y}],[{right},{y}],[{right},{top}],[{x},{top}],[{x},{y}]]]}}"#
        )
    }

    fn problems(text: &str) -> Vec<FeatureError> {
        match read(text) {
            Err(ReadBoundariesError::Features(errors)) => errors,
            other => panic!("expected wrong features, got {other:?}"),
        }
    }

    #[test]
    fn an_imported_outline_tells_which_village_a_point_lies_in() {
        let text = collection(&[
            feature(r#"{"kode":"61.04.14.2001"}"#, &square(110.0, -2.0)),
            feature(r#"{"code":"61.04.14.2002"}"#, &square(111.0, -2.0)),
        ]);

        let boundaries: Vec<Boundary> =
            read(&text).expect("two outlines").into_iter().map(|boundary| boundary.outline).collect();

        let at = Position::new(-1.5, 111.5, None).expect("a point");
        assert_eq!(village_of(&at, &boundaries).map(AreaCode::as_str), Some("61.04.14.2002"));
    }

    #[test]
    fn a_stored_geometry_reads_back_to_the_same_outline() {
        let text = collection(&[feature(r#"{"kode":"61.04.14.2001"}"#, &square(110.0, -2.0))]);

        let [boundary] = read(&text).expect("one outline").try_into().expect("one");

        assert_eq!(outline(boundary.outline.code.clone(), &boundary.geometry), Ok(boundary.outline));
    }

    #[test]
    fn every_wrong_feature_is_named_by_its_number() {
        let bow_tie = r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"#;
        let point = r#"{"type":"Point","coordinates":[110,-2]}"#;
        let text = collection(&[
            feature(r#"{"kode":"61.04.14.2001"}"#, &square(110.0, -2.0)),
            feature(r#"{"nama":"Asam Jelai"}"#, &square(110.0, -2.0)),
            feature(r#"{"kode":"61.04.14.2001"}"#, &square(110.0, -2.0)),
            feature(r#"{"kode":"61.04.14.2002"}"#, bow_tie),
            feature(r#"{"kode":"61.04.14.2003"}"#, point),
            feature(r#"{"kode":"61.04.14.2004"}"#, &square(-2.0, 110.0)),
            feature(r#"{"kode":"61.04.14.2005"}"#, "null"),
        ]);

        let found = problems(&text);

        assert_eq!(found.iter().map(|error| error.feature).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7]);
        assert_eq!(found[0].problem, FeatureProblem::NoCode);
        assert_eq!(found[1].problem, FeatureProblem::CodeTwice("61.04.14.2001".to_owned()));
        assert!(matches!(found[2].problem, FeatureProblem::Invalid(_)));
        assert_eq!(found[3].problem, FeatureProblem::NotAPolygon);
        assert_eq!(found[4].problem, FeatureProblem::OffTheEarth);
        assert_eq!(found[5].problem, FeatureProblem::NoGeometry);
    }

    #[test]
    fn a_code_of_a_district_is_not_a_village() {
        let text = collection(&[feature(r#"{"kode":"61.04.14"}"#, &square(110.0, -2.0))]);

        assert_eq!(problems(&text)[0].problem, FeatureProblem::NoCode);
    }

    #[test]
    fn the_outlines_of_ketapang_are_taken_whole_where_the_file_is_present() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ketapang_desa_ringan.geojson");
        let Ok(text) = std::fs::read_to_string(file) else { return };

        let boundaries: Vec<Boundary> =
            read(&text).expect("valid outlines").into_iter().map(|boundary| boundary.outline).collect();

        let hospital = Position::new(-1.832_508, 109.967_432, None).expect("a point");
        assert_eq!(boundaries.len(), 262);
        assert_eq!(village_of(&hospital, &boundaries).map(AreaCode::as_str), Some("61.04.16.1004"));
    }
}
