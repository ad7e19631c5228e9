//! Listeners: bounded connections, bounded headers, bounded handshakes, and an end that lets requests finish.

pub mod line;
pub mod places;

use crate::Center;
use crate::tls::tickets::{OfLine, Tickets};
use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use line::{Holder, Line};
use places::Places;
use rustls::{HandshakeKind, ServerConfig};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

const HEADER_BYTES: usize = 16 * 1024;
const HEADER_COUNT: usize = 64;
const STREAMS: u32 = 32;
/// While every place for the unproven is taken, connections without a request head for so long after the handshake end
/// first.
const HEAD_WITHIN: Duration = Duration::from_secs(2);
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
    /// For a listener where only a device or a signed-in person may stay. Longer than a body may take to arrive.
    #[must_use]
    pub fn of_the_field() -> Self {
        Self { unproven: Some(Duration::from_secs(60)), ..Self::default() }
    }
}

/// How a listener treats its connections.
#[derive(Clone)]
pub struct Manner {
    pub date: Date,
    pub patience: Patience,
    /// Is given each connection that a proven holder's TLS ticket resumed.
    pub resumed: fn(&Center, Holder, &Arc<Line>),
}

/// The TLS of a listener, and the tickets it gave.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    tickets: Arc<Tickets>,
}

impl Tls {
    #[must_use]
    pub fn new(config: ServerConfig) -> Self {
        Self { config: Arc::new(config), tickets: Arc::default() }
    }

    /// The greeting of one connection. Only its store of tickets differs from that of another.
    fn greeter(&self, line: &Arc<Line>) -> (TlsAcceptor, Arc<OfLine>) {
        let tickets = Arc::new(OfLine::new(Arc::clone(&self.tickets), Arc::clone(line)));
        let mut config = (*self.config).clone();
        config.session_storage = Arc::clone(&tickets) as Arc<dyn rustls::server::StoresServerSessions>;
        (TlsAcceptor::from(Arc::new(config)), tickets)
    }
}

/// Serves until `stopping` turns true, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    manner: Manner,
    (center, router): (Arc<Center>, Router),
    mut stopping: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let places = Places::of_this_machine();
    let sockets = Arc::new(Semaphore::new(places.sockets()));
    loop {
        let Ok(socket) = Arc::clone(&sockets).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                places.make_room(Instant::now());
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        let line = Arc::new(Line::new(peer.ip(), tls.as_ref().map(|tls| Arc::clone(&tls.tickets))));
        places.enter(&line, Instant::now());
        let connection = Connection {
            peer,
            line,
            tls: tls.clone(),
            manner: manner.clone(),
            center: Arc::clone(&center),
            router: router.clone(),
            watcher: graceful.watcher(),
        };
        tokio::spawn(async move {
            let _socket = socket;
            connection.serve(stream).await;
        });
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// One accepted connection and what serves it.
struct Connection {
    peer: SocketAddr,
    line: Arc<Line>,
    tls: Option<Tls>,
    manner: Manner,
    center: Arc<Center>,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        // An answer is one small packet; waiting for a second one to fill it costs a phone time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no-delay was not set");
        }
        let (line, patience) = (Arc::clone(&self.line), self.manner.patience);
        tokio::select! {
            () = self.run(stream) => {}
            () = line.spent(patience) => {
                tracing::debug!("a connection that sent too little, or was one too many, was given up");
            }
        }
    }

    async fn run(self, stream: TcpStream) {
        let Some(tls) = &self.tls else {
            self.line.greeted(Instant::now());
            return self.answer(stream).await;
        };
        let (acceptor, tickets) = tls.greeter(&self.line);
        match tokio::time::timeout(self.manner.patience.handshake, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                self.line.greeted(Instant::now());
                let resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
                if let Some(holder) = tickets.offered().filter(|_| resumed) {
                    self.line.prove(holder);
                    (self.manner.resumed)(&self.center, holder, &self.line);
                }
                self.answer(stream).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let (peer, of_requests, of_answers) = (self.peer, Arc::clone(&self.line), self.line);
        let service = self
            .router
            .map_request(move |mut request: axum::http::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request.extensions_mut().insert(Arc::clone(&of_requests));
                request
            })
            .map_future(move |answer| {
                let asking = of_answers.ask();
                async move {
                    let answer = answer.await;
                    drop(asking);
                    answer
                }
            });
        let builder = builder(self.manner.date, self.manner.patience);
        let serving = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned();
        if let Err(error) = self.watcher.watch(serving).await {
            tracing::debug!(error, "a connection ended early");
        }
    }
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
