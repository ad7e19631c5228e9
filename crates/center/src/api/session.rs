//! Signing in and out.

use super::console::Console;
use super::failure::{ApiError, ErrorCode};
use super::guard::{self, COOKIE_NAME, Caller};
use super::input::Body;
use super::request::SignIn;
use super::view::{Session, StaffRole};
use crate::Center;
use crate::db::person;
use crate::listen::line::{Holder, Line};
use crate::people::throttle::Source;
use crate::people::token::fingerprint;
use crate::people::{self, ChangePasswordError, browser, password, session};
use crate::storage;
use axum::extract::State;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use std::net::{IpAddr, Ipv6Addr};
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
    responses((status = 200, body = Session), (status = 400, body = ApiError), (status = 401, body = ApiError), (status = 403, body = ApiError), (status = 429, body = ApiError)))]
pub async fn sign_in(
    State(console): State<Arc<Console>>,
    Extension(transport): Extension<Transport>,
    line: Option<Extension<Arc<Line>>>,
    headers: HeaderMap,
    Body(asked): Body<SignIn>,
) -> Result<Response, ApiError> {
    for (argument, text) in [("user", &asked.user), ("password", &asked.password)] {
        if text.is_empty() || text.len() > LONGEST {
            return Err(ApiError::argument(argument, "it is empty or too long", "send the user name and its password"));
        }
    }
    let line = line.map(|Extension(line)| line);
    let renewed = asked.new_password;
    if renewed.as_ref().is_some_and(|text| text.len() > LONGEST) {
        return Err(ApiError::argument("new_password", "it is too long", format!("send at most {LONGEST} bytes")));
    }
    let user = asked.user.trim().to_lowercase();
    let source = source_of(&console.center, &headers, line.as_deref().map(|line| line.address()));
    let wait_ms = console.throttle.attempt(&source, &user, console.center.steady());
    if wait_ms > 0 {
        return Ok(too_many(wait_ms / 1000 + 1));
    }
    let Some(_turn) = console.throttle.turn(&source, console.center.steady()).await else { return Ok(too_many(1)) };
    let password = asked.password;
    let (person, opened) = console
        .run(move |console| {
            let found = console.center.db().read(|tx| person::find(tx, &user))?.filter(|person| !person.disabled);
            let fits = password::matches(&password, found.as_ref().map(|person| person.password.as_str()));
            // Invented users leave no row: whoever guesses must not fill the disk.
            if let Some(person) = found.as_ref().filter(|_| !fits) {
                note_refusal(console, &person.user);
            }
            let Some(person) = found.filter(|_| fits) else {
                return Err(ApiError::new(
                    ErrorCode::WrongPassword,
                    "user and password do not belong together",
                    "check both; the supervisor can add people",
                ));
            };
            console.throttle.succeeded(&source, &user);
            renew(console, &person, &password, renewed.as_deref())?;
            let opened =
                session::open(&console.center, &person.user).map_err(|cause| match storage::is_full(&cause) {
                    true => ApiError::storage_full(),
                    false => ApiError::internal("open a session", &cause),
                })?;
            Ok((person, opened))
        })
        .await?;
    let known = browser::cookie_of(&console.center, &person.user);
    if let Some(line) = line {
        line.prove(Holder::of_hash(&fingerprint(&opened.cookie)));
    }
    let answer = Session {
        role: person.role.parse().unwrap_or(StaffRole::Dispatcher),
        user: person.user,
        name: person.name,
        csrf: opened.csrf,
    };
    let mut headers = HeaderMap::new();
    // Appended: one would replace the other.
    headers.append(SET_COOKIE, cookie(COOKIE_NAME, &opened.cookie, "/", session::LONGEST_MS / 1000, transport)?);
    headers.append(SET_COOKIE, cookie(browser::COOKIE_NAME, &known, "/api/session", browser::LIVES_S, transport)?);
    Ok((headers, Json(answer)).into_response())
}

/// A wrong password is written down where it can be: a full disk must not turn it into another answer.
fn note_refusal(console: &Console, user: &str) {
    if let Err(error) = console.center.audit("center", "session.refuse", user, "") {
        tracing::warn!(%error, "a refused sign-in was not written down");
    }
}

/// Replaces the password by the new one that was sent with it; a one-time password needs that.
fn renew(console: &Console, person: &person::PersonRow, old: &str, new: Option<&str>) -> Result<(), ApiError> {
    let Some(new) = new else {
        if person.one_time {
            return Err(ApiError::new(
                ErrorCode::NewPasswordNeeded,
                "this password is for one sign-in only",
                format!("send new_password with it, at least {} characters", password::SHORTEST),
            ));
        }
        return Ok(());
    };
    people::change_password(&console.center, person, old, new).map_err(|error| match error {
        ChangePasswordError::TooShort | ChangePasswordError::Known => ApiError::argument(
            "new_password",
            error.to_string(),
            format!("choose another one of at least {} characters", password::SHORTEST),
        ),
        ChangePasswordError::Write(cause) => cause.into(),
        ChangePasswordError::Hash(cause) => ApiError::internal("hash a password", &cause),
    })
}

/// On whose account a try is counted: that of a browser in which somebody signed in before, else of the address.
fn source_of(center: &Center, headers: &HeaderMap, address: Option<IpAddr>) -> Source {
    match guard::cookie_named(headers, browser::COOKIE_NAME).and_then(|known| browser::user_of(center, &known)) {
        Some(user) => Source::Browser(user),
        None => Source::of(address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))),
    }
}

fn too_many(seconds: i64) -> Response {
    let error = ApiError::new(
        ErrorCode::TooManyAttempts,
        "too many wrong passwords for this user from here",
        format!("try again in {seconds} seconds"),
    );
    ([(RETRY_AFTER, seconds.to_string())], error).into_response()
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
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(COOKIE_NAME, "", "/", 0, transport)?)]).into_response())
}

fn cookie(name: &str, value: &str, path: &str, max_age_s: i64, transport: Transport) -> Result<HeaderValue, ApiError> {
    let secure = if transport == Transport::Tls { "; Secure" } else { "" };
    let text = format!("{name}={value}; HttpOnly; SameSite=Strict; Path={path}; Max-Age={max_age_s}{secure}");
    HeaderValue::from_str(&text).map_err(|cause| ApiError::internal("set the cookie", &cause))
}
