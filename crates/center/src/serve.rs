//! The running center: two listeners, and what the passing of time asks for.

use crate::Center;
use crate::api::session::Transport;
use crate::db::DbError;
use crate::exchange::{self, Field};
use crate::listen::{Manner, Tls};
use crate::tls::{self, Current, TlsError};
use crate::{alarm, api, listen, page, seed};
use rustls::sign::CertifiedKey;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Setting: the addresses phones are told, one a line.
pub const FIELD_URLS: &str = "field_urls";

/// Setting: hosts that invitations named, one a line; the certificate names them too.
pub const INVITED_HOSTS: &str = "invited_hosts";

/// How often another process's writes are looked for.
const OTHERS_EVERY: Duration = Duration::from_millis(500);
/// How often the room of the disk is looked at.
const DISK_EVERY: Duration = Duration::from_secs(5);
const TIME_EVERY: Duration = Duration::from_secs(60);
/// Rows of the log looked at each time: damage is found before somebody needs what is damaged.
const LOOKED_AT_ONCE: usize = 5_000;
const ARCHIVE_EVERY: Duration = Duration::from_secs(60 * 60);
const LEAF_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where to listen and what phones are told.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    pub console: SocketAddr,
    /// Certificate chain and key, PEM; needed anywhere but on loopback.
    pub console_tls: Option<(PathBuf, PathBuf)>,
    pub field: SocketAddr,
    /// Addresses invitations carry, best first; the bound address where empty.
    pub field_urls: Vec<String>,
    /// How long the field listener waits for those who say little.
    pub patience: listen::Patience,
}

/// The center could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the console would be open to others without TLS at {0}")]
    PlainConsole(SocketAddr),
    #[error("{0} is not an https address with a host")]
    FieldUrl(String),
    #[error("could not listen at {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("could not read {0}")]
    ReadTls(PathBuf, #[source] std::io::Error),
    #[error("could not use the certificates")]
    Tls(#[from] TlsError),
    #[error("passwords of the exercise, which everybody knows, open this center: {}", .0.join(", "))]
    DemoPasswords(Vec<String>),
    #[error("could not look for passwords of the exercise")]
    DemoLook,
    #[error("could not remember the addresses phones are told")]
    Settings(#[from] DbError),
}

/// A center that is being served. Dropping it does not stop it; the `stopping` channel does.
pub struct Serving {
    pub console: SocketAddr,
    pub field: SocketAddr,
    pub field_urls: Vec<String>,
    /// The console's certificate, and the files it came from.
    console_certificate: Option<(Arc<Current>, (PathBuf, PathBuf))>,
    tasks: JoinSet<()>,
}

impl Serving {
    /// Reads certificate and key of the console again, for new connections; the old ones stay in use where that fails.
    ///
    /// # Errors
    /// [`ServeError`] naming the step.
    pub fn reload(&self) -> Result<(), ServeError> {
        if let Some((current, files)) = &self.console_certificate {
            current.change(console_certificate(files)?);
        }
        Ok(())
    }

    /// Until both listeners have stopped.
    pub async fn finished(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Binds both listeners and serves until `stopping` turns true.
///
/// # Errors
/// [`ServeError`]; nothing is listening then.
pub async fn serve(
    center: Arc<Center>,
    options: ServeOptions,
    stopping: watch::Receiver<bool>,
) -> Result<Serving, ServeError> {
    if options.console_tls.is_none() && !options.console.ip().is_loopback() {
        return Err(ServeError::PlainConsole(options.console));
    }
    if !options.console.ip().is_loopback() {
        refuse_demo_passwords(&center).await?;
    }
    let certificate_of_console = options
        .console_tls
        .map(|files| Ok::<_, ServeError>((Arc::new(Current::new(console_certificate(&files)?)), files)))
        .transpose()?;
    let console_tls = certificate_of_console
        .as_ref()
        .map(|(current, _)| tls::server(Arc::clone(current)).map(Tls::new))
        .transpose()?;
    let console = bind(options.console).await?;
    let field = bind(options.field).await?;
    let (console_at, field_at) = (local(&console, options.console), local(&field, options.field));
    let field_urls = if options.field_urls.is_empty() {
        vec![format!("https://{}", reachable(field_at))]
    } else {
        options.field_urls
    };
    let hosts = hosts(&field_urls, field_at)?;
    center.set_setting(FIELD_URLS, &field_urls.join("\n"))?;
    let leaf = Arc::new(Current::new(certificate(&center, &hosts)?));
    let field_tls = Tls::new(tls::server(Arc::clone(&leaf))?);

    let mut tasks = JoinSet::new();
    let routes =
        exchange::router(Field { center: Arc::clone(&center), stopping: stopping.clone(), receiving: Arc::default() });
    tasks.spawn(listen::serve(
        field,
        Some(field_tls),
        Manner {
            date: listen::Date::LeftOut,
            patience: options.patience,
            resumed: |center, holder, line| center.limits().connected(&holder.into(), line),
        },
        (Arc::clone(&center), routes),
        stopping.clone(),
    ));
    let transport = if console_tls.is_some() { Transport::Tls } else { Transport::Loopback };
    let pages = page::around(api::router_over(Arc::clone(&center), transport));
    // One machine must not take the places of dispatchers either.
    let patience = listen::Patience::of_the_field();
    let manner = Manner { date: listen::Date::Said, patience, resumed: |_, _, _| {} };
    tasks.spawn(listen::serve(console, console_tls, manner, (Arc::clone(&center), pages), stopping.clone()));
    let mut stop = stopping.clone();
    tasks.spawn(alarm::watch(Arc::clone(&center), async move {
        // A closed channel means nobody will ever say stop again: stop.
        let _ = stop.wait_for(|stopping| *stopping).await;
    }));
    tasks.spawn(keep_time(center, leaf, hosts, stopping));
    Ok(Serving { console: console_at, field: field_at, field_urls, console_certificate: certificate_of_console, tasks })
}

/// A center that others reach must not be opened by passwords that stand in its documentation.
async fn refuse_demo_passwords(center: &Arc<Center>) -> Result<(), ServeError> {
    let center = Arc::clone(center);
    let found = tokio::task::spawn_blocking(move || seed::with_demo_passwords(&center)).await;
    let users = found.map_err(|_| ServeError::DemoLook)??;
    if users.is_empty() { Ok(()) } else { Err(ServeError::DemoPasswords(users)) }
}

/// Looks for what other processes wrote, for shifts that come near, and for a certificate near its end.
async fn keep_time(center: Arc<Center>, leaf: Arc<Current>, hosts: Vec<String>, mut stopping: watch::Receiver<bool>) {
    let (mut others, mut disk, mut time, mut renew, mut archive) = (
        tokio::time::interval(OTHERS_EVERY),
        tokio::time::interval(DISK_EVERY),
        tokio::time::interval(TIME_EVERY),
        tokio::time::interval(LEAF_EVERY),
        tokio::time::interval(ARCHIVE_EVERY),
    );
    loop {
        let work: fn(&Center, &Current, &[String]) = tokio::select! {
            _ = others.tick() => |center, leaf, hosts| match center.announce_others() {
                // An invitation may have told a phone a host the certificate does not name yet.
                Ok(true) => log_failure(certificate(center, hosts).map(|key| leaf.change(key))),
                Ok(false) => {}
                Err(error) => log_failure(Err(error)),
            },
            _ = disk.tick() => |center, _, _| center.storage().tend(),
            _ = time.tick() => |center, _, _| {
                log_failure(center.settle_time());
                log_failure(center.number_patients());
                log_failure(center.settle_waiting());
                log_failure(center.place_what_became_true());
                log_failure(center.look_over(LOOKED_AT_ONCE));
            },
            _ = archive.tick() => |center, _, _| log_failure(center.archive_due("center").map(drop)),
            _ = renew.tick() => |center, leaf, hosts| log_failure(certificate(center, hosts).map(|key| leaf.change(key))),
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let (center, leaf, hosts) = (Arc::clone(&center), Arc::clone(&leaf), hosts.clone());
        if let Err(error) = tokio::task::spawn_blocking(move || work(&center, &leaf, &hosts)).await {
            tracing::error!(%error, "a regular task of the center failed");
        }
    }
    // Event streams have no end of their own.
    center.hub().end();
}

/// The certificate for these hosts and every other that an invitation named.
fn certificate(center: &Center, hosts: &[String]) -> Result<CertifiedKey, ServeError> {
    let invited = center.setting(INVITED_HOSTS)?.unwrap_or_default();
    let all: Vec<String> = hosts.iter().cloned().chain(invited.lines().map(str::to_owned)).collect();
    Ok(center.root().leaf(&all, center.now())?)
}

fn log_failure<E: std::error::Error + 'static>(result: Result<(), E>) {
    if let Err(error) = result {
        tracing::error!(error = &error as &(dyn std::error::Error + 'static), "a regular task of the center failed");
    }
}

async fn bind(at: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(at).await.map_err(|cause| ServeError::Listen(at, cause))
}

fn local(listener: &TcpListener, asked: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(asked)
}

fn console_certificate((certificate, key): &(PathBuf, PathBuf)) -> Result<CertifiedKey, ServeError> {
    let read = |path: &PathBuf| std::fs::read_to_string(path).map_err(|cause| ServeError::ReadTls(path.clone(), cause));
    Ok(tls::certified(&read(certificate)?, &read(key)?, certificate)?)
}

/// An address a phone on this machine can use, where the bound one is "any".
fn reachable(at: SocketAddr) -> SocketAddr {
    match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::new(IpAddr::from([127, 0, 0, 1]), at.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), at.port()),
        _ => at,
    }
}

/// The hosts the certificate names: those of the addresses phones are told, the bound one, and this machine.
fn hosts(urls: &[String], bound: SocketAddr) -> Result<Vec<String>, ServeError> {
    let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    if !bound.ip().is_unspecified() {
        hosts.push(bound.ip().to_string());
    }
    for url in urls {
        hosts.push(host_of(url).ok_or_else(|| ServeError::FieldUrl(url.clone()))?);
    }
    hosts.sort();
    hosts.dedup();
    Ok(hosts)
}

/// The host of `https://host:port/…`, without the brackets of an IPv6 address.
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    let uri: axum::http::Uri = url.parse().ok()?;
    let host = uri.host()?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (uri.scheme_str() == Some("https") && !host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_phones_is_https_and_has_a_host() {
        assert_eq!(host_of("https://112.ketapangkab.go.id:8443"), Some("112.ketapangkab.go.id".to_owned()));
        assert_eq!(host_of("https://[::1]:8443/"), Some("::1".to_owned()));
        assert_eq!(host_of("http://127.0.0.1:8443"), None);
        assert_eq!(host_of("ketapang"), None);
    }
}
