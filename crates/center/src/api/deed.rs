//! What a request changes: looked at, written and answered in one transaction.
//!
//! Two desks that press at once are two transactions, one after the other, so the second is checked against what the first
//! wrote. A request that carries an `Idempotency-Key` is done once: its answer is stored in the transaction that did it and
//! given again, for a day, to whoever holds the same session's person or token and asks for the same thing.

use super::console::Console;
use super::desk::Desk;
use super::failure::{ApiError, ErrorCode};
use super::guard::Caller;
use super::view::StaffRole;
use crate::db::answered::{self, Answered};
use crate::db::audit::{self, Act};
use crate::journal::{Pen, RecordWrite, Written};
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use siaga_domain::id::RecordId;
use std::sync::Arc;

/// The header that names a request: the same name is the same deed.
pub const KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Characters of a key.
const KEY_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// A request that is done once, or one without a key.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Once(Option<Keyed>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Keyed {
    key: String,
    fingerprint: [u8; 32],
}

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Reads the key of an unsafe request, and refuses what such a request does not take.
pub async fn once(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    if let Some(name) = request.uri().query().and_then(first_name) {
        let detail = "this path takes no query";
        return ApiError::argument(&name, detail, "send every argument in the body").into_response();
    }
    let Some(given) = request.headers().get(&KEY_HEADER) else { return next.run(request).await };
    let key = given.to_str().unwrap_or_default().trim().to_owned();
    if !KEY_LENGTH.contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let remedy = "send 8 to 128 visible ASCII characters, drawn anew for each deed";
        return ApiError::argument("Idempotency-Key", "the key has another form", remedy).into_response();
    }
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, super::LARGEST_BODY).await else {
        let detail = "the body is too large or was cut off";
        return ApiError::new(ErrorCode::TooLarge, detail, "send less at once").into_response();
    };
    let mut hasher = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), parts.uri.path().as_bytes(), &bytes] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    parts.extensions.insert(Once(Some(Keyed { key, fingerprint: hasher.finalize().into() })));
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

fn first_name(query: &str) -> Option<String> {
    let name = query.split('&').find(|pair| !pair.is_empty())?.split('=').next().unwrap_or_default();
    Some(name.chars().take(64).collect())
}

/// One transaction of a request.
pub struct Deed<'a, 'tx> {
    console: &'a Console,
    pub caller: &'a Caller,
    pen: &'a mut Pen<'tx>,
    subject: String,
}

impl Deed<'_, '_> {
    /// Reads everything in the state this transaction is in.
    ///
    /// # Errors
    /// Whatever `ask` gives.
    pub fn look<T>(&self, ask: impl FnOnce(&Desk<'_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
        ask(&self.console.desk(self.pen.tx)?)
    }

    /// # Errors
    /// When the center may not or cannot write it.
    pub fn write(&mut self, write: RecordWrite) -> Result<Written, ApiError> {
        Ok(self.pen.write(write)?)
    }

    /// Names the record that the request makes or writes into.
    pub fn is_about(&mut self, record: &RecordId) {
        self.subject = record.to_string();
    }

    /// A row of the audit chain. `detail` holds codes and counts, never a name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn audit(&self, act: &str, subject: &str, detail: &str) -> Result<(), ApiError> {
        let act = Act { by: &self.caller.user, act, subject, detail };
        Ok(audit::append(self.pen.tx, self.console.center.now().0, &act)?)
    }

    /// The connection of the transaction, for rows that are no record.
    #[must_use]
    pub fn db(&self) -> &rusqlite::Connection {
        self.pen.tx
    }
}

/// What a deed is answered with: JSON, as it was made in its transaction.
pub struct Done {
    status: StatusCode,
    json: String,
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        (self.status, [(CONTENT_TYPE, "application/json")], self.json).into_response()
    }
}

impl Console {
    /// Does what a request asks, in one transaction, and once where it carries a key.
    ///
    /// # Errors
    /// Whatever `act` gives; then nothing was written.
    pub async fn deed<T: Serialize + Send + 'static>(
        self: &Arc<Self>,
        caller: Caller,
        once: Once,
        status: StatusCode,
        act: impl FnOnce(&mut Deed<'_, '_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Done, ApiError> {
        self.run(move |console| {
            console.center.checked(&caller.name, |pen| {
                if let Some(done) = given_before(console, &caller, &once, pen)? {
                    return Ok(done);
                }
                let mut deed = Deed { console, caller: &caller, pen, subject: String::new() };
                let answer = act(&mut deed)?;
                let subject = deed.subject;
                let json =
                    serde_json::to_string(&answer).map_err(|cause| ApiError::internal("write the answer", &cause))?;
                if let Some(keyed) = &once.0 {
                    let answered = Answered {
                        fingerprint: keyed.fingerprint,
                        status: status.as_u16(),
                        subject,
                        answer: json.clone(),
                    };
                    answered::put(pen.tx, &owner(&caller), &keyed.key, &answered, console.center.elapsed_ms())?;
                }
                Ok::<_, ApiError>(Done { status, json })
            })
        })
        .await
    }
}

/// The answer this request was given already.
fn given_before(console: &Console, caller: &Caller, once: &Once, pen: &Pen<'_>) -> Result<Option<Done>, ApiError> {
    let Some(keyed) = &once.0 else { return Ok(None) };
    let Some(before) = answered::get(pen.tx, &owner(caller), &keyed.key)? else { return Ok(None) };
    if before.fingerprint != keyed.fingerprint {
        let remedy = "see what stands, and draw another key for another deed";
        let mut error =
            ApiError::new(ErrorCode::KeyReused, "this Idempotency-Key was used for another request", remedy);
        error.standing = Some(Box::new(json!({ "record": before.subject })));
        return Err(error);
    }
    // The answer may show patients: reading it again is a reading.
    let act = Act { by: &caller.user, act: "answer.repeat", subject: &before.subject, detail: "" };
    audit::append(pen.tx, console.center.now().0, &act)?;
    let status = StatusCode::from_u16(before.status).unwrap_or(StatusCode::OK);
    Ok(Some(Done { status, json: before.answer }))
}

/// Keys of one person or system never meet those of another.
fn owner(caller: &Caller) -> String {
    let kind = if caller.role == StaffRole::System { "system" } else { "person" };
    format!("{kind}/{}", caller.user)
}
