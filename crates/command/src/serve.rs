//! The responder's page on this machine: one origin, loopback only, behind a token drawn at each start.
//!
//! The page is a guest like any other. What it asks is answered by the same use cases; what other processes
//! write shows up through the store's change stamp. Nothing is kept here that a restart would lose.

mod api;
mod background;
mod events;
mod guard;
mod page;

use crate::print;
use crate::run::Reply;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use guard::Token;
use siaga_field::{Failure, FailureCode, Field};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A photo of 8 MB in base64, and room for the rest of the request.
const MAX_BODY_BYTES: usize = 12 * 1024 * 1024;
/// How long open requests may take to end after Ctrl-C.
const GRACE: Duration = Duration::from_secs(3);

/// What every request may use.
#[derive(Clone)]
struct Desk {
    field: Arc<Field>,
    token: Arc<Token>,
    /// Set to true while the background exchange must stay away from the network.
    offline: watch::Sender<bool>,
    /// Moves whenever any guest wrote something.
    changed: watch::Receiver<u64>,
    /// Becomes true when the server stops.
    stopping: watch::Receiver<bool>,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn serve(field: Arc<Field>, listen: SocketAddr, no_sync: bool, json: bool) -> Result<Reply, Failure> {
    if !listen.ip().is_loopback() {
        return Err(Failure::input(
            "listen",
            "the page is served on this machine only",
            "listen on 127.0.0.1 or [::1]",
        ));
    }
    let _log = siaga_log::begin("warn");
    runtime()?.block_on(run(field, listen, no_sync, json))?;
    Ok(silent())
}

/// Exchanges with the center until Ctrl-C or SIGTERM.
pub(crate) fn watch(field: Field, json: bool) -> Result<Reply, Failure> {
    let _log = siaga_log::begin("warn");
    let (stop, stopping) = watch::channel(false);
    runtime()?.block_on(async move {
        let interrupted = interrupted();
        tokio::spawn(async move {
            interrupted.await;
            stop.send_replace(true);
        });
        if !json {
            siaga_log::say("Menghubungi 112 terus-menerus. Ctrl-C untuk berhenti.");
        }
        field.watch(stopping, || {}).await
    })?;
    Ok(silent())
}

/// What there was to say was said while it ran.
fn silent() -> Reply {
    Reply { code: 0, json: serde_json::Value::Null, lines: Vec::new() }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|_| Failure::internal("start a runtime"))
}

async fn run(field: Arc<Field>, listen: SocketAddr, no_sync: bool, json: bool) -> Result<(), Failure> {
    let taken = || {
        Failure::new(
            FailureCode::BadInput,
            Some("listen"),
            "this address cannot be listened on",
            "choose another port, or stop what uses it",
        )
    };
    let listener = TcpListener::bind(listen).await.map_err(|_| taken())?;
    let address = listener.local_addr().map_err(|_| taken())?;
    let token = Token::draw()?;
    let (stop, stopping) = watch::channel(false);
    let (offline, is_offline) = watch::channel(no_sync);
    let changed = events::watch_store(Arc::clone(&field), stopping.clone());
    let exchange = tokio::spawn(background::exchange(Arc::clone(&field), is_offline, stopping.clone()));
    let interrupted = interrupted();
    announce(address, &token, json);
    let desk = Desk { field, token: Arc::new(token), offline, changed, stopping: stopping.clone() };
    let server = axum::serve(listener, router(desk, address)).with_graceful_shutdown(ended(stopping));
    let mut serving = tokio::spawn(server.into_future());
    let outcome = tokio::select! {
        outcome = &mut serving => outcome,
        () = interrupted => {
            stop.send_replace(true);
            match tokio::time::timeout(GRACE, &mut serving).await {
                Ok(outcome) => outcome,
                // What still runs is a transaction or a reading; both may be cut off.
                Err(_) => Ok(Ok(())),
            }
        }
    };
    stop.send_replace(true);
    let _ = tokio::time::timeout(GRACE, exchange).await;
    match outcome {
        Ok(Ok(())) => Ok(()),
        _ => Err(Failure::internal("go on serving the page")),
    }
}

fn router(desk: Desk, address: SocketAddr) -> Router {
    let asked = Router::new()
        .route("/api/{command}", post(api::command))
        .layer(axum::middleware::from_fn_with_state(desk.clone(), guard::session_in_header));
    let streamed = Router::new()
        .route("/api/events", get(events::stream))
        .route("/api/attachment/{sha256}", get(page::attachment))
        .route("/api/pack/{sha256}", get(page::pack))
        .layer(axum::middleware::from_fn_with_state(desk.clone(), guard::session_in_query));
    Router::new()
        .merge(asked)
        .merge(streamed)
        .fallback(get(page::asset))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(axum::middleware::from_fn_with_state(address, guard::own_origin_only))
        .layer(axum::middleware::from_fn(guard::say_what_is_allowed))
        .with_state(desk)
}

fn announce(address: SocketAddr, token: &Token, json: bool) {
    let page = format!("http://{address}/#s={}", token.text());
    if json {
        print(
            &serde_json::json!({ "address": format!("http://{address}"), "url": page, "token": token.text() })
                .to_string(),
        );
    } else {
        print(&format!("Halaman petugas: {page}"));
    }
}

async fn ended(mut stopping: watch::Receiver<bool>) {
    // A sender that is gone stops us as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Ctrl-C or SIGTERM, heard from the moment this returns: whoever reads our address may send one at once.
#[cfg(unix)]
fn interrupted() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let streams = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        match streams {
            (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            _ => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
fn interrupted() -> impl Future<Output = ()> {
    async {
        let _ = tokio::signal::ctrl_c().await;
    }
}
