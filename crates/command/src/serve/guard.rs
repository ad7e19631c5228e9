//! Who may ask: only the page this process served, on the address it was served from, with the token it was given.
//!
//! The `Host` check is against DNS rebinding, where a foreign page makes its own name point at this machine. The
//! token is drawn at each start and compared in constant time. Everything that is served says what a browser may
//! do with it, which is almost nothing.

use super::Desk;
use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use siaga_field::{Failure, FailureCode};
use std::net::SocketAddr;
use subtle::ConstantTimeEq as _;

const SESSION: &str = "x-siaga-session";

/// A session token: 32 random bytes in hexadecimal.
pub(super) struct Token(String);

impl Token {
    pub(super) fn draw() -> Result<Self, Failure> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|_| Failure::internal("draw a session token"))?;
        Ok(Self(hex::encode(bytes)))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// The token in a header, which no foreign page can set without asking first.
pub(super) async fn session_in_header(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let given = request.headers().get(SESSION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if desk.token.is(given) { next.run(request).await } else { unknown_session() }
}

#[derive(Deserialize)]
pub(super) struct Session {
    #[serde(default)]
    s: String,
}

/// The token in the address, for event streams and pictures, which cannot carry a header.
pub(super) async fn session_in_query(
    State(desk): State<Desk>,
    Query(session): Query<Session>,
    request: Request,
    next: Next,
) -> Response {
    if desk.token.is(&session.s) { next.run(request).await } else { unknown_session() }
}

fn unknown_session() -> Response {
    let failure = Failure::new(
        FailureCode::NotPermitted,
        None,
        "this session is not known",
        "open the address that `siaga-field serve` printed",
    );
    (StatusCode::UNAUTHORIZED, Json(failure)).into_response()
}

/// Refuses requests that were meant for another name, or that come from another page.
pub(super) async fn own_origin_only(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    if is_own(request.headers(), address) {
        return next.run(request).await;
    }
    let failure = Failure::new(
        FailureCode::NotPermitted,
        None,
        "this request was meant for another address",
        "open the address that `siaga-field serve` printed",
    );
    (StatusCode::MISDIRECTED_REQUEST, Json(failure)).into_response()
}

fn is_own(headers: &HeaderMap, address: SocketAddr) -> bool {
    let own = [address.to_string(), format!("localhost:{}", address.port())];
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    let origin_fits = text(header::ORIGIN).is_none_or(|origin| {
        origin.strip_prefix("http://").is_some_and(|origin| own.iter().any(|name| name == origin))
    });
    own.iter().any(|name| name == host) && origin_fits
}

/// Styles in attributes are allowed, because the map moves its tiles by them; everything else comes from here.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn say_what_is_allowed(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "geolocation=(self), camera=(self), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn address() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 8113))
    }

    #[test]
    fn a_foreign_name_that_points_at_this_machine_is_not_answered() {
        assert!(is_own(&headers(&[(header::HOST, "127.0.0.1:8113")]), address()));
        assert!(is_own(&headers(&[(header::HOST, "localhost:8113")]), address()));
        assert!(!is_own(&headers(&[(header::HOST, "evil.example:8113")]), address()));
        assert!(!is_own(&headers(&[(header::HOST, "127.0.0.1")]), address()));
        assert!(!is_own(&HeaderMap::new(), address()));
    }

    #[test]
    fn a_foreign_page_is_not_answered_even_with_the_right_name() {
        let own = (header::HOST, "127.0.0.1:8113");

        assert!(is_own(&headers(&[own.clone(), (header::ORIGIN, "http://127.0.0.1:8113")]), address()));
        assert!(!is_own(&headers(&[own.clone(), (header::ORIGIN, "http://evil.example")]), address()));
        assert!(!is_own(&headers(&[own, (header::ORIGIN, "null")]), address()));
    }

    #[test]
    fn two_starts_have_two_tokens_and_each_knows_its_own() {
        let [first, second] = [Token::draw().expect("a token"), Token::draw().expect("a token")];

        assert!(first.is(first.text()));
        assert!(!first.is(second.text()));
        assert!(!first.is(""));
    }
}
