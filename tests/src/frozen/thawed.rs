//! A copy of frozen folders with its center open, a minute after the freezing.

use crate::frozen;
use anyhow::Context;
use rusqlite::Connection;
use siaga_center::Center;
use siaga_center::listen::Patience;
use siaga_center::serve::{ServeOptions, Serving, serve};
use siaga_domain::time::UtcMs;
use siaga_field::Field;
use siaga_field::port::{Clock, Ports, desktop};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Both sides' clock: it goes on a millisecond at every reading, so that no session and no certificate grows old.
#[derive(Clone)]
pub struct Later(Arc<AtomicI64>);

impl Later {
    #[must_use]
    pub fn than(frozen_ms: i64) -> Self {
        Self(Arc::new(AtomicI64::new(frozen_ms.saturating_add(60_000))))
    }

    fn read(&self) -> i64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

impl Clock for Later {
    fn device_ms(&self) -> i64 {
        self.read()
    }

    fn monotonic_ms(&self) -> i64 {
        self.read()
    }
}

impl siaga_center::clock::Clock for Later {
    fn now(&self) -> UtcMs {
        UtcMs(self.read())
    }
}

/// The folders `center` and `phone`, copied.
pub struct Thawed {
    pub center: Arc<Center>,
    clock: Later,
    folder: TempDir,
}

impl Thawed {
    /// # Errors
    /// The folders could not be copied, or the center does not open.
    pub fn open(folder: &Path, frozen_ms: i64) -> anyhow::Result<Self> {
        let copy = tempfile::tempdir()?;
        frozen::copy(folder, copy.path())?;
        let clock = Later::than(frozen_ms);
        let center = Center::open_with(&copy.path().join("center"), Box::new(clock.clone()));
        Ok(Self { center: Arc::new(center.context("the frozen center")?), clock, folder: copy })
    }

    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The frozen phone, opened by this build.
    ///
    /// # Errors
    /// The home does not open.
    pub fn phone(&self) -> anyhow::Result<Field> {
        let home = self.path("phone");
        let ports = Ports { clock: Arc::new(self.clock.clone()), ..desktop::ports(&home, "siaga-tests")? };
        Field::open(&home, ports).map_err(|failure| anyhow::anyhow!("the frozen home: {failure}"))
    }

    /// Serves the center on ports that are free, and leads the phone there: a fixture cannot know them. The home's
    /// schema is that of its release, so this comes before [`phone`](Self::phone).
    ///
    /// # Errors
    /// No port is free, or the home is another file.
    pub fn served(&self, runtime: &Runtime) -> anyhow::Result<(Serving, watch::Sender<bool>)> {
        let (stopping, stop) = watch::channel(false);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = ServeOptions {
            console: any,
            console_tls: None,
            field: any,
            field_urls: Vec::new(),
            patience: Patience::of_the_field(),
        };
        let serving = runtime.block_on(serve(Arc::clone(&self.center), options, stop))?;
        leads_to(&self.path("phone"), serving.field)?;
        Ok((serving, stopping))
    }
}

/// Leads a home of an earlier schema to a center at another address.
///
/// # Errors
/// The home is enrolled at no center, or is another file.
pub fn leads_to(home: &Path, center: SocketAddr) -> anyhow::Result<()> {
    let key = std::fs::read(home.join("store.key"))?;
    let conn = Connection::open(home.join("siaga.db"))?;
    conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex::encode(key)))?;
    let urls = serde_json::to_string(&[format!("https://{center}")])?;
    let changed = conn.execute("UPDATE enrolment SET urls = ?1", [urls])?;
    anyhow::ensure!(changed == 1, "the home is enrolled at no center");
    Ok(())
}
