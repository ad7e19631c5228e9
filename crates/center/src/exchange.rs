//! What phones say and hear: the field listener's routes, under `/field/v1`.
//!
//! A body is bounded before it is read, and what comes out of a short one before it is inflated; a handler decodes
//! nothing it does not need.

pub mod answer;
pub mod blob;
pub mod enrol;
pub mod intake;
pub mod limit;
pub mod news;
pub mod receiving;
mod repair;
pub mod session;
mod short;
mod terms;
mod thin;
pub mod way;

use crate::Center;
use crate::hub::Changed;
use crate::listen::line::Line;
use answer::{ExchangeError, Held, LastLook, Turn};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use limit::{Known, TooMany};
use minicbor::Encode;
use receiving::Receiving;
use siaga_domain::id::DeviceId;
use siaga_wire::compact::{self, Asked, Unreadable};
use siaga_wire::exchange::ExchangeAnswer;
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
    /// Files that are on their way in.
    pub receiving: Arc<Receiving>,
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
    /// Its sender asked too much; nothing was done.
    TooMany {
        wait: Duration,
    },
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
            Self::TooMany { wait } => {
                // Said in whole seconds: half a second would be said as none.
                let seconds = wait.as_millis().div_ceil(1000).max(1).to_string();
                return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)]).into_response();
            }
        }
        .into_response()
    }
}

impl From<ExchangeError> for Refused {
    fn from(error: ExchangeError) -> Self {
        match error {
            // A newer version than ours is another kind of message: whoever sent it says it again in an older one.
            ExchangeError::Short(Unreadable::Version(_)) => Self::MediaType,
            ExchangeError::Malformed(_) | ExchangeError::Short(_) => Self::Malformed,
            ExchangeError::Unknown => Self::Forbidden,
            ExchangeError::TooMany { wait } => Self::TooMany { wait },
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
    let line = line_of(&request);
    let is_short = is_of(request.headers(), compact::MEDIA_TYPE);
    if !is_short {
        check_headers(request.headers())?;
    }
    let body = read_body(request.into_body(), MAX_MESSAGE_BYTES).await?;
    let center = Arc::clone(&field.center);
    let (turn, form) = blocking(move || {
        let ask = |device: &DeviceId, known| center.count_request(device, known, line.as_ref());
        if is_short {
            center.exchange_short(&body, received, &ask).map(|(turn, asked)| (turn, Form::Short(Box::new(asked))))
        } else {
            center.exchange_counted(&body, received, &ask).map(|turn| (turn, Form::Long))
        }
    })
    .await??;
    match turn {
        Turn::Answer(answer) => written(&field.center, *answer, form).await,
        Turn::Hold(held) => hold(field, *held, form).await,
    }
}

/// How a request was written, and its answer is.
enum Form {
    Long,
    Short(Box<Asked>),
}

async fn written(center: &Arc<Center>, answer: ExchangeAnswer, form: Form) -> Result<Response, Refused> {
    let Form::Short(asked) = form else { return encoded(&answer) };
    let center = Arc::clone(center);
    let body = blocking(move || center.write_short(&answer, &asked)).await?.map_err(|error| unavailable(&error))?;
    Ok(([(header::CONTENT_TYPE, compact::MEDIA_TYPE)], body).into_response())
}

/// The connection a request came on; a router asked without a listener has none.
pub(crate) fn line_of(request: &Request) -> Option<Arc<Line>> {
    request.extensions().get().cloned()
}

impl Center {
    /// Counts a request of a device against what it may ask, and its connection against what it may have open.
    ///
    /// # Errors
    /// [`ExchangeError::TooMany`]: nothing of the request may be done now.
    pub(crate) fn count_request(
        &self,
        device: &DeviceId,
        known: Known,
        line: Option<&Arc<Line>>,
    ) -> Result<(), ExchangeError> {
        if let (Known::Proven, Some(line)) = (known, line) {
            self.limits().connected(device, line);
        }
        let known = match known {
            Known::Claimed(from) => Known::Claimed(line.map(|line| line.network()).or(from)),
            Known::Proven => Known::Proven,
        };
        let now = self.now();
        let Err(TooMany { wait, begins }) = self.limits().request(device, known, self.monotonic_ms(), now) else {
            return Ok(());
        };
        if begins {
            tracing::warn!(%device, "a device asks more than a device may and is put off");
            let subject = device.to_string();
            self.audit("center", "device.throttled", &subject, "")?;
            self.hub().tell(Changed::Device { device: *device });
        }
        Err(ExchangeError::TooMany { wait })
    }
}

/// Waits for something new; looks once more after it began to wait, so that nothing falls between.
async fn hold(mut field: Field, mut held: Held, form: Form) -> Result<Response, Refused> {
    let waiting = field.center.hub().hold(held.device, held.holders);
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
            return written(&field.center, answer, form).await;
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
    if is_of(headers, MEDIA_TYPE) { Ok(()) } else { Err(Refused::MediaType) }
}

fn is_of(headers: &HeaderMap, media: &str) -> bool {
    let ours = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes() == media.as_bytes());
    ours && !headers.contains_key(header::CONTENT_ENCODING)
}

pub(crate) fn encoded<T: Encode<()>>(message: &T) -> Result<Response, Refused> {
    let bytes = codec::encode(message).map_err(|error| unavailable(&error))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], bytes).into_response())
}

/// Runs what waits for the disk where waiting is allowed.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(&error))
}
