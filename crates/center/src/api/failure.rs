//! The one error the HTTP API answers with: a code the page has words for, and what to do about it.
//!
//! It names the argument that is wrong and never repeats what was in it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

siaga_domain::coded! {
    /// What kind of failure it is.
    #[ts(export_to = "center/")]
    ErrorCode {
        /// An argument is missing or wrong. 400.
        BadInput = "bad_input",
        /// Nobody is signed in. 401.
        NotSignedIn = "not_signed_in",
        /// User and password do not belong together. 401.
        WrongPassword = "wrong_password",
        /// The password is a one-time one: sign in with a new one beside it. 403.
        NewPasswordNeeded = "new_password_needed",
        /// Signed in, but not for this. 403.
        NotPermitted = "not_permitted",
        /// The header against forged requests is missing or wrong. 403.
        CsrfMismatch = "csrf_mismatch",
        NotFound = "not_found",
        /// It cannot be done in the present state. 409.
        Conflict = "conflict",
        /// The Idempotency-Key was used for another request. 422.
        KeyReused = "key_reused",
        /// The body is larger than the center takes. 413.
        TooLarge = "too_large",
        /// Too many attempts to sign in. 429.
        TooManyAttempts = "too_many_attempts",
        /// The center's disk is full, and its reserve is used up. 507.
        StorageFull = "storage_full",
        /// The center could not read or write its journal. 500.
        Internal = "internal",
    }
}

impl ErrorCode {
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadInput => StatusCode::BAD_REQUEST,
            Self::NotSignedIn | Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::NotPermitted | Self::CsrfMismatch | Self::NewPasswordNeeded => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Why a request was not done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, ToSchema, thiserror::Error)]
#[ts(export, export_to = "center/")]
#[error("{code}: {detail} ({remedy})")]
pub struct ApiError {
    pub code: ErrorCode,
    /// The argument that is wrong, where one is: `village`, `lat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub argument: Option<String>,
    /// What is wrong, in English, for logs.
    pub detail: String,
    /// What to do about it, in English.
    pub remedy: String,
    /// What stands instead of what was asked for: the order a unit has already, the value another desk wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "Record<string, unknown>")]
    #[schema(value_type = Object)]
    pub standing: Option<Box<serde_json::Value>>,
}

impl ApiError {
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, argument: None, detail: detail.into(), remedy: remedy.into(), standing: None }
    }

    /// It cannot be done in the present state, with what stands instead.
    #[must_use]
    pub fn conflict(detail: impl Into<String>, remedy: impl Into<String>, standing: serde_json::Value) -> Self {
        Self { standing: Some(Box::new(standing)), ..Self::new(ErrorCode::Conflict, detail, remedy) }
    }

    /// An argument is missing or wrong.
    #[must_use]
    pub fn argument(name: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { argument: Some(name.to_owned()), ..Self::new(ErrorCode::BadInput, detail, remedy) }
    }

    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("there is no {what} with that id"),
            "list them and take an id from there",
        )
    }

    #[must_use]
    pub fn storage_full() -> Self {
        Self::new(
            ErrorCode::StorageFull,
            "the disk of the center is full",
            "free space on the disk that holds the center's folder, then try again",
        )
    }

    /// The cause goes to the log, not to the caller.
    #[must_use]
    pub fn internal(step: &'static str, cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(step, error = cause, "a request failed inside the center");
        Self::new(ErrorCode::Internal, format!("the center could not {step}"), "try again; see the center's log")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.code.status(), Json(self)).into_response()
    }
}
