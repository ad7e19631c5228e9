//! Signing in and out.

use super::console::Console;
use super::failure::{ApiError, ErrorCode};
use super::guard::{COOKIE_NAME, Caller};
use super::input::Body;
use super::request::SignIn;
use super::view::{Session, StaffRole};
use crate::db::person;
use crate::people::{password, session};
use axum::extract::State;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use std::sync::Arc;

/// Whether cookies travel over TLS only. The console's own listener on loopback is plain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    Loopback,
    Tls,
}

/// Longest user name and password that are looked at.
const LONGEST: usize = 256;

/// Signs in; the answer sets the session's cookie.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn, security(()),
    responses((status = 200, body = Session), (status = 400, body = ApiError), (status = 401, body = ApiError), (status = 429, body = ApiError)))]
pub async fn sign_in(
    State(console): State<Arc<Console>>,
    Extension(transport): Extension<Transport>,
    Body(asked): Body<SignIn>,
) -> Result<Response, ApiError> {
    for (argument, text) in [("user", &asked.user), ("password", &asked.password)] {
        if text.is_empty() || text.len() > LONGEST {
            return Err(ApiError::argument(argument, "it is empty or too long", "send the user name and its password"));
        }
    }
    let user = asked.user.trim().to_lowercase();
    let wait_ms = console.throttle.attempt(&user, console.center.steady());
    if wait_ms > 0 {
        let seconds = wait_ms / 1000 + 1;
        let error = ApiError::new(
            ErrorCode::TooManyAttempts,
            "too many wrong passwords for this user",
            format!("try again in {seconds} seconds"),
        );
        return Ok(([(RETRY_AFTER, seconds.to_string())], error).into_response());
    }
    let _permit = console.hashing.acquire().await.map_err(|cause| ApiError::internal("hash a password", &cause))?;
    let password = asked.password;
    let (person, opened) = console
        .run(move |console| {
            let found = console.center.db().read(|tx| person::find(tx, &user))?.filter(|person| !person.disabled);
            let fits = password::matches(&password, found.as_ref().map(|person| person.password.as_str()));
            // Invented users leave no row: whoever guesses must not fill the disk.
            if let Some(person) = found.as_ref().filter(|_| !fits) {
                console.center.audit("center", "session.refuse", &person.user, "")?;
            }
            let Some(person) = found.filter(|_| fits) else {
                return Err(ApiError::new(
                    ErrorCode::WrongPassword,
                    "user and password do not belong together",
                    "check both; the supervisor can add people",
                ));
            };
            console.throttle.succeeded(&user);
            let opened = session::open(&console.center, &person.user)
                .map_err(|cause| ApiError::internal("open a session", &cause))?;
            Ok((person, opened))
        })
        .await?;
    let answer = Session {
        role: person.role.parse().unwrap_or(StaffRole::Dispatcher),
        user: person.user,
        name: person.name,
        csrf: opened.csrf,
    };
    let headers = set_cookie(&opened.cookie, session::LONGEST_MS / 1000, transport)?;
    Ok((headers, Json(answer)).into_response())
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "session",
    responses((status = 200, body = Session), (status = 401, body = ApiError)))]
pub async fn who(caller: Caller) -> Json<Session> {
    let csrf = caller.cookie.as_deref().map(session::csrf_of).unwrap_or_default();
    Json(Session { user: caller.user, name: caller.name, role: caller.role, csrf })
}

/// Signs out.
#[utoipa::path(delete, path = "/api/session", tag = "session",
    responses((status = 204), (status = 401, body = ApiError), (status = 403, body = ApiError)))]
pub async fn sign_out(
    State(console): State<Arc<Console>>,
    Extension(transport): Extension<Transport>,
    caller: Caller,
) -> Result<Response, ApiError> {
    if let Some(cookie) = caller.cookie {
        console.run(move |console| Ok(session::close(&console.center, &cookie)?)).await?;
    }
    Ok((StatusCode::NO_CONTENT, set_cookie("", 0, transport)?).into_response())
}

fn set_cookie(value: &str, max_age_s: i64, transport: Transport) -> Result<HeaderMap, ApiError> {
    let secure = if transport == Transport::Tls { "; Secure" } else { "" };
    let text = format!("{COOKIE_NAME}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age_s}{secure}");
    let value = HeaderValue::from_str(&text).map_err(|cause| ApiError::internal("set the cookie", &cause))?;
    Ok(HeaderMap::from_iter([(SET_COOKIE, value)]))
}
