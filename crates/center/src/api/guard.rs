//! Nothing behind this file is reached without a person's session or a system's token.
//!
//! A cookie alone never changes anything: an unsafe request of a browser must also carry the session's second
//! secret in `X-Siaga-CSRF`, which another site cannot read.

use super::console::Console;
use super::failure::{ApiError, ErrorCode};
use super::view::StaffRole;
use crate::listen::line::{Holder, Line};
use crate::people::{session, token};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The name of the session's cookie.
pub const COOKIE_NAME: &str = "siaga";
/// The header of the session's second secret.
pub const CSRF_HEADER: &str = "x-siaga-csrf";

/// Who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// User name, or the name of a system.
    pub user: String,
    /// As written into records.
    pub name: String,
    pub role: StaffRole,
    /// None for tokens.
    pub cookie: Option<String>,
}

impl Caller {
    /// # Errors
    /// When the caller is not a supervisor.
    pub fn must_supervise(&self) -> Result<(), ApiError> {
        if self.role == StaffRole::Supervisor {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::NotPermitted, "only a supervisor may do this", "ask the supervisor of the shift"))
    }
}

impl Caller {
    /// # Errors
    /// When the caller is another system: a person must have seen it.
    pub fn must_be_a_person(&self) -> Result<(), ApiError> {
        if self.role != StaffRole::System {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::NotPermitted, "only a person may do this", "sign in with POST /api/session"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    /// A handler outside the guard finds nobody here, and refuses.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(nobody)
    }
}

/// The guard itself.
pub async fn require_caller(State(console): State<Arc<Console>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let unsafe_method = !request.method().is_safe();
    match console.run(move |console| caller(console, &headers, unsafe_method)).await {
        Ok((caller, holder)) => {
            if let Some(line) = request.extensions().get::<Arc<Line>>() {
                line.prove(holder);
            }
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

fn caller(console: &Console, headers: &HeaderMap, unsafe_method: bool) -> Result<(Caller, Holder), ApiError> {
    if let Some(given) = headers.get(AUTHORIZATION) {
        let token = given.to_str().ok().and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
        });
        let known = token.as_deref().map(|token| token::holder(&console.center, token)).transpose()?.flatten();
        let name = known.ok_or_else(|| {
            let remedy = "send Authorization: Bearer with a token of `siaga-center token`";
            ApiError::new(ErrorCode::NotSignedIn, "the bearer token is not known", remedy)
        })?;
        let holder = Holder::of_hash(&token::fingerprint(token.as_deref().unwrap_or_default()));
        return Ok((Caller { user: name.clone(), name, role: StaffRole::System, cookie: None }, holder));
    }
    let cookie = cookie(headers).ok_or_else(nobody)?;
    let current = session::current(&console.center, &cookie)?.ok_or_else(nobody)?;
    let header = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if unsafe_method && !current.csrf_fits(header) {
        return Err(ApiError::new(
            ErrorCode::CsrfMismatch,
            "the header X-Siaga-CSRF is missing or is not this session's",
            "send the csrf of GET /api/session in X-Siaga-CSRF",
        ));
    }
    let role = current.person.role.parse().unwrap_or(StaffRole::Dispatcher);
    let holder = Holder::of_hash(&token::fingerprint(&cookie));
    Ok((Caller { user: current.person.user, name: current.person.name, role, cookie: Some(cookie) }, holder))
}

fn nobody() -> ApiError {
    ApiError::new(
        ErrorCode::NotSignedIn,
        "nobody is signed in",
        "sign in with POST /api/session, or send a bearer token",
    )
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    cookie_named(headers, COOKIE_NAME)
}

/// The cookie of this name that a request carries.
pub fn cookie_named(headers: &HeaderMap, wanted: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}
