//! Bytes to the center and back. Knows addresses, media types and sizes; knows nothing of what the bytes mean.
//!
//! Every failure says who is to blame: nothing answered, something else answered, or the center is busy. No
//! redirect is followed and no proxy of the environment is used.

use crate::tls::{CheckTime, Sessions};
use futures_util::{FutureExt as _, stream};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Body, Client, RequestBuilder, Response, StatusCode};
use std::convert::Infallible;
use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No address, no route, connection refused or cut.
    #[error("nothing answered")]
    Unreachable,
    /// A connection stood and broke before the answer was whole.
    #[error("the connection was cut")]
    Cut,
    /// The link is up and carries nothing.
    #[error("no answer came in time")]
    TimedOut,
    /// Something answered that is not the center this phone was enrolled at.
    #[error("what answered is not the center")]
    NotOurCenter,
    /// The certificate is the center's and does not hold at the time this phone believes it is.
    #[error("the clock of this phone is wrong")]
    ClockWrong,
    /// The center asks for patience, in seconds.
    #[error("the center is busy")]
    Busy(u32),
    /// Request or answer is larger than the other side takes.
    #[error("the message is too large")]
    TooLarge,
    /// The center does not take, or does not give, this file now. Its HTTP status.
    #[error("the center does not take or give this file")]
    NotTaken(u16),
    /// The center does not read messages of this media type.
    #[error("the center does not know this kind of message")]
    OtherMedia,
    #[error("the connection could not be prepared")]
    Setup,
    /// The session behind the request has ended, or the center does not take this device.
    #[error("the center does not take this session")]
    Unauthorized,
}

/// One center, reached at the address that answered last, then at the others in turn.
pub struct Http {
    client: Client,
    urls: Vec<String>,
    /// One more than the number of the address that answered last; 0 before any did.
    answered: AtomicUsize,
    time: CheckTime,
}

/// How long a connection may take to stand, TLS included: three tries of the first packet. Where they met nothing, a
/// new connection asks sooner than the fourth would.
const CONNECT: Duration = Duration::from_secs(6);
/// What was sent and not acknowledged for so long is lost, and the connection with it: new ones ask sooner than its
/// next repetition would.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(8);
/// What a stream and a connection may carry unasked: HTTP/2's own default, which need not be announced. It fills a
/// link of 100 KB/s over 600 ms; a larger one would cost every cold connection a frame.
const WINDOW_BYTES: u32 = 65_535;
/// A piece of a file leaves in frames of so much: the far side can use a frame only once all of it is there, so a cut
/// costs one at most.
const FRAME_BYTES: usize = 4 * 1024;
/// Of a body on its way in so much is handed on at once.
const MOST_AT_ONCE_BYTES: usize = 64 * 1024;

impl Http {
    /// # Errors
    /// [`HttpError::Setup`] when the root is no certificate.
    pub fn new(urls: &[String], root_der: &[u8], sessions: &Sessions) -> Result<Self, HttpError> {
        let config = sessions.toward(root_der).map_err(|_| HttpError::Setup)?;
        let builder = Client::builder();
        #[cfg(any(target_os = "android", target_os = "linux"))]
        let builder = builder.tcp_user_timeout(UNACKNOWLEDGED);
        let client = builder
            .tls_backend_preconfigured(config)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .tcp_nodelay(true)
            .connect_timeout(CONNECT)
            .http2_initial_stream_window_size(WINDOW_BYTES)
            .http2_initial_connection_window_size(WINDOW_BYTES)
            .pool_idle_timeout(Duration::from_secs(90))
            .build()
            .map_err(|_| HttpError::Setup)?;
        Ok(Self { client, urls: urls.to_vec(), answered: AtomicUsize::new(0), time: sessions.time().clone() })
    }

    /// Whether a connection of its own stood already.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.answered.load(Ordering::Relaxed) > 0
    }

    /// `POST` of one message; the answer's body, at most `most` bytes.
    ///
    /// # Errors
    /// [`HttpError`]; after [`HttpError::TimedOut`] the center may have taken the request.
    pub async fn post(
        &self,
        path: &str,
        media: &str,
        body: Vec<u8>,
        within: Duration,
        most: usize,
    ) -> Result<Vec<u8>, HttpError> {
        let response = self
            .first_that_answers(path, within, |url| {
                self.client.post(url).header(CONTENT_TYPE, media).body(body.clone())
            })
            .await?;
        read(response, most).await
    }

    /// `PUT` of one piece of an attachment.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn put(
        &self,
        path: &str,
        media: &str,
        authorization: &str,
        body: Vec<u8>,
        within: Duration,
        most: usize,
    ) -> Result<Vec<u8>, HttpError> {
        let response = self
            .first_that_answers(path, within, |url| {
                self.client
                    .put(url)
                    .header(CONTENT_TYPE, media)
                    .header(AUTHORIZATION, authorization)
                    .header(CONTENT_LENGTH, body.len())
                    .body(in_frames(&body))
            })
            .await?;
        read(response, most).await
    }

    /// `GET` of one piece of a file, read as it arrives.
    ///
    /// # Errors
    /// As [`post`](Self::post), and [`HttpError::NotTaken`].
    pub async fn get(&self, path: &str, authorization: &str, within: Duration) -> Result<Incoming, HttpError> {
        let response = self
            .first_that_answers(path, within, |url| self.client.get(url).header(AUTHORIZATION, authorization))
            .await?;
        Ok(Incoming { response: checked(response, "application/octet-stream")? })
    }

    async fn first_that_answers(
        &self,
        path: &str,
        within: Duration,
        request: impl Fn(String) -> RequestBuilder,
    ) -> Result<Response, HttpError> {
        let mut last = HttpError::Unreachable;
        let first = self.answered.load(Ordering::Relaxed).saturating_sub(1);
        let (before, after) = self.urls.split_at(first.min(self.urls.len()));
        for (place, url) in (first..).zip(after).chain((0..).zip(before)) {
            let send = || request(format!("{}{path}", url.trim_end_matches('/'))).timeout(within).send();
            let mut sent = send().await;
            if sent.as_ref().is_err_and(|error| matches!(blame(error), HttpError::ClockWrong)) && self.time.doubt() {
                sent = send().await;
            }
            match sent {
                Ok(response) => {
                    self.answered.store(place + 1, Ordering::Relaxed);
                    return Ok(response);
                }
                Err(error) => last = blame(&error),
            }
            if matches!(last, HttpError::TimedOut) {
                // The request may have arrived; another address is the same center and would only wait again.
                break;
            }
        }
        Err(last)
    }
}

fn in_frames(body: &[u8]) -> Body {
    if body.is_empty() {
        return Body::default();
    }
    let frames: Vec<Result<Vec<u8>, Infallible>> = body.chunks(FRAME_BYTES).map(|frame| Ok(frame.to_vec())).collect();
    Body::wrap_stream(stream::iter(frames))
}

/// A body on its way in.
pub struct Incoming {
    response: Response,
}

impl Incoming {
    /// The next bytes and the end once it came: `least` of them at least, unless the end comes before, and what else
    /// is here already, so that on a quick link one write to the disk does for many frames.
    pub async fn next(&mut self, least: usize) -> (Vec<u8>, Option<Result<(), HttpError>>) {
        let mut bytes = Vec::new();
        while bytes.len() < MOST_AT_ONCE_BYTES {
            let next = if bytes.len() < least {
                self.response.chunk().await
            } else {
                match self.response.chunk().now_or_never() {
                    Some(next) => next,
                    None => break,
                }
            };
            match next {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return (bytes, Some(Ok(()))),
                Err(error) => return (bytes, Some(Err(blame(&error)))),
            }
        }
        (bytes, None)
    }
}

/// The response, when it is our center's and says what was asked for.
fn checked(response: Response, media_begins: &str) -> Result<Response, HttpError> {
    let status = response.status();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(HttpError::Unauthorized),
        StatusCode::REQUEST_TIMEOUT => return Err(HttpError::TimedOut),
        StatusCode::PAYLOAD_TOO_LARGE => return Err(HttpError::TooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => return Err(HttpError::OtherMedia),
        StatusCode::NOT_FOUND
        | StatusCode::CONFLICT
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::INSUFFICIENT_STORAGE => return Err(HttpError::NotTaken(status.as_u16())),
        _ => {}
    }
    // TLS has shown that this is the center. One that stumbles is asked again later, like a busy one.
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        return Err(HttpError::Busy(seconds.unwrap_or(5)));
    }
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !status.is_success() || !media.starts_with(media_begins) {
        return Err(HttpError::NotOurCenter);
    }
    Ok(response)
}

async fn read(response: Response, most: usize) -> Result<Vec<u8>, HttpError> {
    let mut response = checked(response, "application/vnd.siaga.")?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| blame(&error))? {
        if body.len() + chunk.len() > most {
            return Err(HttpError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn blame(error: &reqwest::Error) -> HttpError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>().or_else(|| tls_in_io(inner)) {
            return if is_about_time(tls) { HttpError::ClockWrong } else { HttpError::NotOurCenter };
        }
        cause = inner.source();
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, true) | (false, true) => HttpError::Unreachable,
        (true, false) => HttpError::TimedOut,
        (false, false) => HttpError::Cut,
    }
}

/// A TLS failure comes wrapped in I/O errors, whose `source` skips what they wrap.
fn tls_in_io<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let mut wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    while let Some(inner) = wrapped {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        wrapped = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    }
    None
}

/// The chain is checked before the dates: what fails by a date only was made under the center's root.
const fn is_about_time(error: &rustls::Error) -> bool {
    use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        error,
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
    )
}
