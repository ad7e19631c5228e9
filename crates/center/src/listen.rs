//! Listeners: bounded connections, bounded headers, bounded handshakes, and an end that lets requests finish.

use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

const HANDSHAKE: Duration = Duration::from_secs(5);
const HEADERS: Duration = Duration::from_secs(5);
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

/// Serves until `stopping` turns true, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    date: Date,
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
            connection(stream, peer, tls, builder(date), router, watcher).await;
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
    builder: Builder<TokioExecutor>,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    // An answer is one small packet; waiting for a second one to fill it costs a phone time.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no-delay was not set");
    }
    let service =
        TowerToHyperService::new(router.map_request(move |mut request: axum::http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        }));
    let ended = match tls {
        None => watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await,
        Some(tls) => match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await,
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

fn builder(date: Date) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .auto_date_header(date == Date::Said)
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
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
