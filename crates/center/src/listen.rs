//! Listeners: bounded connections, bounded headers, bounded handshakes, and an end that lets requests finish.

use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

const HEADER_BYTES: usize = 16 * 1024;
const HEADER_COUNT: usize = 64;
const STREAMS: u32 = 32;
/// Open connections of one listener. A carrier hides thousands of phones behind one address, so there is no
/// smaller limit for an address.
const CONNECTIONS: usize = 4096;
/// How long open requests may take to finish when the center stops. Held ones are answered at once; this is for what is
/// being judged and written.
const FAREWELL: Duration = Duration::from_secs(20);
/// After a failed accept (no file handles left, say) the next try waits.
const AFTER_FAILURE: Duration = Duration::from_millis(100);
/// An idle HTTP/2 connection is asked for a sign of life this often: seldom enough to let a radio sleep.
const IDLE_PING: Duration = Duration::from_secs(300);

/// Whether answers say what day it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Date {
    Said,
    /// RFC 9110 6.6.1 asks for one, for the sake of caches. Between a phone and its center stands none, both times
    /// of an exchange are inside the message, and the line costs a press a tenth of its bytes.
    LeftOut,
}

/// How long a listener waits for those who say little.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    pub handshake: Duration,
    /// For the rest of a request's head, once the request began; and between two requests of HTTP/1.1.
    pub headers: Duration,
    /// From the handshake to the head of the first request: HTTP/2 has no other bound on it.
    pub first: Duration,
    /// From a request to the next while nobody has proven who is asking; `None` where that is not asked.
    pub unproven: Option<Duration>,
}

impl Default for Patience {
    /// A second of EDGE carries 6 KB: a head arrives in one, whatever else is lost.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { handshake: seconds(5), headers: seconds(5), first: seconds(10), unproven: None }
    }
}

impl Patience {
    /// For the field listener, where who stays has to be a phone of ours. Longer than a body may take to arrive.
    #[must_use]
    pub fn of_the_field() -> Self {
        Self { unproven: Some(Duration::from_secs(60)), ..Self::default() }
    }
}

/// One connection, as handlers see it among the extensions of a request.
#[derive(Debug)]
pub struct Line {
    opened: Instant,
    last_asked: Mutex<Option<Instant>>,
    proven: AtomicBool,
    ended: AtomicBool,
    ending: Notify,
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Line {
    #[must_use]
    pub fn new() -> Self {
        Self {
            opened: Instant::now(),
            last_asked: Mutex::new(None),
            proven: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            ending: Notify::new(),
        }
    }

    /// Whoever asks here is known: the connection may stay while it is silent.
    pub fn prove(&self) {
        self.proven.store(true, Ordering::Release);
    }

    /// Ends the connection with whatever is under way on it.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.ending.notify_one();
    }

    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    fn asked(&self) {
        *self.last_asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Until when it may stay silent; `None` for good.
    fn until(&self, patience: Patience) -> Option<Instant> {
        let last_asked = *self.last_asked.lock().unwrap_or_else(PoisonError::into_inner);
        match (last_asked, patience.unproven) {
            (None, _) => Some(self.opened + patience.first),
            (Some(asked), Some(unproven)) if !self.proven.load(Ordering::Acquire) => Some(asked + unproven),
            _ => None,
        }
    }

    /// Returns when the connection is to be dropped.
    async fn spent(&self, patience: Patience) {
        while let Some(until) = self.until(patience) {
            if until <= Instant::now() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.ending.notified() => return,
            }
        }
        self.ending.notified().await;
    }
}

/// Serves until `stopping` turns true, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    (date, patience): (Date, Patience),
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        let (tls, router, watcher) = (tls.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            connection(stream, peer, tls, (builder(date, patience), patience), router, watcher).await;
        });
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    (builder, patience): (Builder<TokioExecutor>, Patience),
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    // An answer is one small packet; waiting for a second one to fill it costs a phone time.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no-delay was not set");
    }
    let line = Arc::new(Line::new());
    let of_requests = Arc::clone(&line);
    let service =
        TowerToHyperService::new(router.map_request(move |mut request: axum::http::Request<hyper::body::Incoming>| {
            of_requests.asked();
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(Arc::clone(&of_requests));
            request
        }));
    let ended = match tls {
        None => {
            let serving = watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
            tokio::select! { ended = serving => ended, () = line.spent(patience) => return given_up() }
        }
        Some(tls) => match tokio::time::timeout(patience.handshake, tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                let serving = watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
                tokio::select! { ended = serving => ended, () = line.spent(patience) => return given_up() }
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a handshake failed");
                return;
            }
            Err(_) => {
                tracing::debug!("a handshake took too long");
                return;
            }
        },
    };
    if let Err(error) = ended {
        tracing::debug!(error, "a connection ended early");
    }
}

fn given_up() {
    tracing::debug!("a connection that said too little, or was one too many, was given up");
}

fn builder(date: Date, patience: Patience) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .auto_date_header(date == Date::Said)
        .timer(TokioTimer::new())
        .header_read_timeout(patience.headers)
        .max_headers(HEADER_COUNT)
        .max_buf_size(HEADER_BYTES)
        .http2()
        .auto_date_header(date == Date::Said)
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEADER_BYTES).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(IDLE_PING);
    builder
}
