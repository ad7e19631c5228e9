//! What phones say and hear: the field listener's routes, under `/field/v1`.
//!
//! A body is bounded before it is read and never inflated; a handler decodes nothing it does not need.

pub mod answer;
pub mod blob;
pub mod enrol;
pub mod intake;
pub mod news;
pub mod session;

use crate::Center;
use answer::{ExchangeError, Held, LastLook, Turn};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use minicbor::Encode;
use siaga_wire::{MAX_MESSAGE_BYTES, MEDIA_TYPE, codec};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A body that arrives slower than this is given up; its envelopes come again.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The routes' state.
#[derive(Clone)]
pub struct Field {
    pub center: Arc<Center>,
    /// Turns true when the center stops: held requests are answered at once.
    pub stopping: watch::Receiver<bool>,
}

/// The routes of the field listener.
pub fn router(field: Field) -> Router {
    Router::new()
        .route("/field/v1/exchange", post(exchange))
        .route("/field/v1/enrol", post(enrol::enrol))
        .route("/field/v1/blob/{sha256}", put(blob::put).get(blob::get))
        .with_state(field)
}

/// Why a request got no message in return.
#[derive(Debug)]
pub(crate) enum Refused {
    MediaType,
    TooLarge,
    TooSlow,
    Malformed,
    Forbidden,
    NotFound,
    Conflict,
    /// The incident has as many photographs as one may have.
    Quota,
    DiskFull,
    Unavailable,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Quota => StatusCode::UNPROCESSABLE_ENTITY,
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
        .into_response()
    }
}

impl From<ExchangeError> for Refused {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Malformed(_) => Self::Malformed,
            ExchangeError::Unknown => Self::Forbidden,
            error => unavailable(&error),
        }
    }
}

/// The center's own fault: logged with its causes, and the device asks again.
pub(crate) fn unavailable(error: &(dyn std::error::Error + 'static)) -> Refused {
    tracing::error!(error, "a request of the field could not be answered");
    Refused::Unavailable
}

async fn exchange(State(field): State<Field>, request: Request) -> Result<Response, Refused> {
    let received = field.center.now();
    let body = message(request, MAX_MESSAGE_BYTES).await?;
    let center = Arc::clone(&field.center);
    let turn = blocking(move || center.exchange(&body, received)).await??;
    match turn {
        Turn::Answer(answer) => encoded(&*answer),
        Turn::Hold(held) => hold(field, *held).await,
    }
}

/// Waits for something new; looks once more after it began to wait, so that nothing falls between.
async fn hold(mut field: Field, mut held: Held) -> Result<Response, Refused> {
    let waiting = field.center.hub().hold(held.device);
    let until = tokio::time::Instant::now() + held.for_up_to;
    let mut last = LastLook::No;
    loop {
        let center = Arc::clone(&field.center);
        let looked = blocking(move || {
            let found = center.look_again(&mut held, last);
            (held, found)
        })
        .await?;
        held = looked.0;
        if let Some(answer) = looked.1? {
            return encoded(&answer);
        }
        let stopping = async {
            // A closed channel means the listener is gone: the same as stopping.
            let _ = field.stopping.wait_for(|stopping| *stopping).await;
        };
        tokio::select! {
            () = waiting.woken() => if waiting.is_replaced() { last = LastLook::Yes },
            () = tokio::time::sleep_until(until) => last = LastLook::Yes,
            () = stopping => last = LastLook::Yes,
        }
    }
}

/// The body of a message: of our media type, not encoded further, bounded in size and time.
pub(crate) async fn message(request: Request, limit: usize) -> Result<Vec<u8>, Refused> {
    check_headers(request.headers())?;
    read_body(request.into_body(), limit).await
}

pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>, Refused> {
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(_)) => Err(Refused::TooLarge),
        Err(_) => Err(Refused::TooSlow),
    }
}

fn check_headers(headers: &HeaderMap) -> Result<(), Refused> {
    let ours = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes() == MEDIA_TYPE.as_bytes());
    if ours && !headers.contains_key(header::CONTENT_ENCODING) { Ok(()) } else { Err(Refused::MediaType) }
}

pub(crate) fn encoded<T: Encode<()>>(message: &T) -> Result<Response, Refused> {
    let bytes = codec::encode(message).map_err(|error| unavailable(&error))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], bytes).into_response())
}

/// Runs what waits for the disk where waiting is allowed.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(&error))
}
