//! What the product is compared with: the same shift by other roads, over the same link, under the same TLS.

pub(crate) mod automerge;
pub(crate) mod json;

use siaga_center::tls::{Current, Root, server};
use siaga_domain::time::UtcMs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// After this long without a byte a connection is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// Between a connection that failed and the next.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// Both ends of TLS, as the product's, with sessions that are taken up again.
pub(crate) struct Trust {
    pub acceptor: TlsAcceptor,
    pub connector: TlsConnector,
    _keys: tempfile::TempDir,
}

impl Trust {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let keys = tempfile::tempdir()?;
        let root = Root::load(keys.path(), true)?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let leaf = root.leaf(&["127.0.0.1".to_owned()], UtcMs(i64::try_from(since.as_millis())?))?;
        let mut client: ClientConfig =
            siaga_sync::tls::client_config(root.der(), siaga_sync::tls::CheckTime::default())?;
        client.alpn_protocols = Vec::new();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(server(Arc::new(Current::new(leaf)))?)),
            connector: TlsConnector::from(Arc::new(client)),
            _keys: keys,
        })
    }

    pub(crate) async fn connect(&self, at: SocketAddr) -> anyhow::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        Ok(self.connector.connect(ServerName::from(at.ip()), stream).await?)
    }
}
