//! A captive portal: answers everything, TLS hellos included, with a page that says 200 OK.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 48\r\nConnection: close\r\n\r\n<html><body>Selamat datang di WiFi</body></html>";

/// It answers until it is dropped.
#[derive(Debug)]
pub struct Portal {
    address: SocketAddr,
    task: AbortHandle,
}

impl Portal {
    /// # Errors
    /// No port could be opened.
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut hello = [0; 2048];
                    if stream.read(&mut hello).await.is_ok() {
                        let _ = stream.write_all(PAGE).await;
                    }
                });
            }
        });
        Ok(Self { address, task: task.abort_handle() })
    }

    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.task.abort();
    }
}
