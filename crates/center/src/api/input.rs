//! Reads what was asked for, argument by argument: a wrong one is answered with its name and what would be right.

use super::failure::{ApiError, ErrorCode};
use crate::db::desk as listed;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, rejection::BytesRejection};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use siaga_domain::place::{NotAPosition, Position};
use siaga_domain::text::{self, Unstorable};
use std::str::FromStr;

/// Longest words somebody may write at once, characters.
pub const LONGEST_TEXT: usize = 4_000;
/// Longest name, landmark or order, characters.
pub const LONGEST_LINE: usize = 400;

/// A JSON body. Unlike axum's own, it answers in the one form of error this API has.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media != "application/json" {
            return Err(ApiError::argument(
                "Content-Type",
                "the body is not JSON",
                "send Content-Type: application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(_) => {
                ApiError::new(ErrorCode::TooLarge, "the body is too large or was cut off", "send less at once")
            }
            _ => ApiError::argument("body", "the body could not be read", "send it again"),
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|cause| malformed(&cause))
    }
}

/// serde names a missing or unknown field in back quotes; its other words may quote what was sent and are not
/// passed on.
fn malformed(cause: &serde_json::Error) -> ApiError {
    let said = cause.to_string();
    let field = |prefix: &str| said.strip_prefix(prefix)?.split('`').next().map(str::to_owned);
    if let Some(name) = field("missing field `") {
        return ApiError::argument(&name, "the argument is missing", "add it to the body");
    }
    if let Some(name) = field("unknown field `") {
        return ApiError::argument(
            &name,
            "there is no such argument",
            "see /api/openapi.json for the arguments there are",
        );
    }
    let place = format!("line {}, column {}", cause.line(), cause.column());
    ApiError::argument(
        "body",
        format!("the body does not fit at {place}"),
        "see /api/openapi.json for the types of the arguments",
    )
}

/// A code of a list, or a short code.
///
/// # Errors
/// Which argument, and what it may be.
pub fn code<T: FromStr>(name: &str, text: &str, remedy: &str) -> Result<T, ApiError> {
    text.trim().parse().map_err(|_| ApiError::argument(name, "there is no such code", remedy))
}

/// Text that says something.
///
/// # Errors
/// When it is empty or too long.
pub fn words(name: &str, text: &str, longest: usize) -> Result<String, ApiError> {
    let text = text.trim();
    if text::is_blank(text) {
        return Err(ApiError::argument(name, "the text is empty", "write a few words"));
    }
    optional_words(name, text, longest)
}

/// Text that may be empty.
///
/// # Errors
/// When it is too long, or phones would refuse it.
pub fn optional_words(name: &str, text: &str, longest: usize) -> Result<String, ApiError> {
    let text = text.trim();
    let count = text.chars().count();
    if count > longest {
        let detail = format!("the text has {count} characters, {longest} at most");
        return Err(ApiError::argument(name, detail, "shorten it, or write the rest as a note"));
    }
    text::check(text).map_err(|wrong| {
        let remedy = match wrong {
            Unstorable::Nul => "remove the character",
            Unstorable::TooLong => "shorten it, or write the rest as a note",
        };
        ApiError::argument(name, wrong.to_string(), remedy)
    })?;
    Ok(if text::is_blank(text) { String::new() } else { text.to_owned() })
}

/// A point; none when neither number is there.
///
/// # Errors
/// Which number is wrong, and when the two look swapped.
pub fn position(lat: Option<f64>, lon: Option<f64>, accuracy_m: Option<f64>) -> Result<Option<Position>, ApiError> {
    let (lat, lon) = match (lat, lon) {
        (None, None) => return Ok(None),
        (Some(lat), Some(lon)) => (lat, lon),
        (None, Some(_)) => return Err(ApiError::argument("lat", "latitude is missing", "send lat and lon together")),
        (Some(_), None) => return Err(ApiError::argument("lon", "longitude is missing", "send lat and lon together")),
    };
    Position::new(lat, lon, accuracy_m).map(Some).map_err(|wrong| match wrong {
        NotAPosition::Latitude if Position::new(lon, lat, None).is_ok() => ApiError::argument(
            "lat",
            "latitude must be between -90 and 90 degrees; latitude and longitude look swapped",
            "send the degrees north as lat and the degrees east as lon",
        ),
        NotAPosition::Latitude => ApiError::argument("lat", wrong.to_string(), "send degrees north, WGS 84"),
        NotAPosition::Longitude => ApiError::argument("lon", wrong.to_string(), "send degrees east, WGS 84"),
        NotAPosition::Accuracy => ApiError::argument("accuracy_m", wrong.to_string(), "send metres, or leave it out"),
    })
}

/// Which of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Open,
    Closed,
    All,
}

impl Which {
    /// # Errors
    /// When the text is none of the three.
    pub fn parse(text: Option<&str>) -> Result<Self, ApiError> {
        match text.unwrap_or("open") {
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            "all" => Ok(Self::All),
            _ => Err(ApiError::argument("state", "there is no such state", "ask for open, closed or all")),
        }
    }

    /// What a list reads: everything that is open, and the newest of what is done.
    #[must_use]
    pub fn parts(self, newest: u32) -> Vec<listed::Which> {
        let (open, done) = (listed::Which::Open, listed::Which::Done { newest });
        match self {
            Self::Open => vec![open],
            Self::Closed => vec![done],
            Self::All => vec![open, done],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::NewIncident;

    fn argument(result: Result<Option<Position>, ApiError>) -> Option<String> {
        result.expect_err("wrong").argument
    }

    #[test]
    fn swapped_latitude_and_longitude_are_told_as_such() {
        let error = position(Some(109.97), Some(-1.83), None).expect_err("swapped");

        assert_eq!(error.argument.as_deref(), Some("lat"));
        assert!(error.detail.contains("swapped"), "{}", error.detail);
    }

    #[test]
    fn half_a_point_is_no_point() {
        assert_eq!(argument(position(Some(-1.83), None, None)).as_deref(), Some("lon"));
        assert_eq!(argument(position(None, Some(109.97), None)).as_deref(), Some("lat"));
        assert_eq!(position(None, None, Some(3.0)), Ok(None));
    }

    #[test]
    fn a_body_that_does_not_fit_is_answered_without_repeating_it() {
        let wrong =
            serde_json::from_str::<NewIncident>(r#"{"category":"BANJIR","narrative":"x","nik":"6104"}"#).map(|_| ());
        let missing = serde_json::from_str::<NewIncident>(r#"{"narrative":"x"}"#).map(|_| ());
        let kind = serde_json::from_str::<NewIncident>(r#"{"category":"BANJIR","narrative":{"secret":1}}"#).map(|_| ());

        assert_eq!(malformed(&wrong.expect_err("unknown")).argument.as_deref(), Some("nik"));
        assert_eq!(malformed(&missing.expect_err("missing")).argument.as_deref(), Some("category"));
        let kind = malformed(&kind.expect_err("type"));
        assert_eq!(kind.argument.as_deref(), Some("body"));
        assert!(!kind.detail.contains("secret"));
    }
}
