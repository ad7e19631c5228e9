//! The engine of one home: every use case is a method of [`Field`], one file each under `write` and `read`.
//!
//! A use case takes the store for itself, does its work in one transaction and gives it back. None of them
//! reaches for the network: that is `sync`, which runs beside them.

use crate::desk::{Desk, Look};
use crate::failure::{Failure, FailureCode};
use crate::port::Ports;
use crate::start::{Manner, Start};
use siaga_domain::time::UtcMs;
pub(crate) use siaga_store::PERSON;
use siaga_store::{LifeSigns, OpenError, Store, StoreKey};
use siaga_sync::driver::Network;
use siaga_sync::tls::Sessions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Setting: the newest SOS raised by this phone.
pub(crate) const SOS: &str = "sos";
/// Setting: language, theme and text size, as JSON.
pub(crate) const PREFERENCES: &str = "preferences";
/// Setting: what the platform says of the phone, as JSON.
pub(crate) const DEVICE_STATE: &str = "device_state";
/// Setting: the public key this phone was enrolled with, hexadecimal.
pub(crate) const DEVICE_KEY: &str = "device_key";

/// One guest of one home. Cheap to share behind an `Arc`.
pub struct Field {
    home: PathBuf,
    pub(crate) ports: Ports,
    store: Arc<Mutex<Store>>,
    pub(crate) start: Start,
    pub(crate) manner: Manner,
    /// A greeting in full costs a bad link more than a press does.
    pub(crate) sessions: Sessions,
    pub(crate) network: Network,
}

impl Field {
    /// Opens the home, making it where there is none. One whose database is damaged or lost is set aside, and what can be
    /// read of it goes on in a new one; [`home`](Self::home) says so. Nothing that could hold somebody's word is deleted.
    ///
    /// # Errors
    /// `Storage` when the store does not open with its key, `UpdateNeeded` when a newer app wrote it.
    pub fn open(home: &Path, ports: Ports) -> Result<Self, Failure> {
        let at = UtcMs(ports.clock.device_ms());
        let (start, manner) = Start::begin(home, &ports.boot_id, ports.clock.monotonic_ms());
        let store = open_store(&ports, |key, signs| match manner {
            Manner::Usual => Store::open_or_rescue(home, key, signs, at),
            Manner::Safe => Store::open_or_rescue(home, key, signs, at).map(Store::in_safe_mode),
        })?;
        if manner == Manner::Safe {
            tracing::error!("this app ended at its start again and again; what can be left out is left out");
            store.note_safe_start(at)?;
        }
        let field = Self {
            start,
            manner,
            home: home.to_owned(),
            ports,
            store: Arc::new(Mutex::new(store)),
            sessions: Sessions::default(),
            network: Network::default(),
        };
        // A list of cancellations that cannot be read is no reason to keep the home closed.
        if let Err(error) = field.look().and_then(|look| crate::read::cancellations::begin(&look)) {
            tracing::error!(error = %error, "the cancellations could not be taken as known");
        }
        Ok(field)
    }

    #[must_use]
    pub fn home_folder(&self) -> &Path {
        &self.home
    }

    /// Differs from its last value when any guest of the home wrote anything since.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn change_stamp(&self) -> Result<(u64, u64), Failure> {
        Ok(self.store().change_stamp()?)
    }

    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn is_enrolled(&self) -> Result<bool, Failure> {
        Ok(self.store().enrolment()?.is_some())
    }

    /// Another connection to the same home, for work that must not wait for use cases nor they for it.
    pub(crate) fn another_store(&self) -> Result<Store, Failure> {
        let store = open_store(&self.ports, |key, signs| Store::open(&self.home, key, signs))?;
        Ok(match self.manner {
            Manner::Usual => store,
            Manner::Safe => store.in_safe_mode(),
        })
    }

    /// A panic while the store was held left no half a transaction: SQLite rolled it back.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For use cases that only read.
    pub(crate) fn look(&self) -> Result<Look<'_>, Failure> {
        Look::new(self.store(), &self.ports)
    }

    /// For use cases that write: they need to know who this phone is.
    pub(crate) fn desk_to_write(&self) -> Result<Desk<'_>, Failure> {
        Desk::new(self.look()?)
    }
}

fn open_store(
    ports: &Ports,
    open: impl FnOnce(&StoreKey, &LifeSigns) -> Result<Store, OpenError>,
) -> Result<Store, Failure> {
    let key = ports.keys.store_key().map_err(|error| {
        tracing::error!(step = error.step, "the store key is not available");
        Failure::new(
            FailureCode::Storage,
            None,
            error.to_string(),
            "check the key store of this device; nothing was deleted",
        )
    })?;
    let entropy = Arc::clone(&ports.entropy);
    let signs = LifeSigns {
        boot_id: ports.boot_id.clone(),
        boot_count: ports.boot_count,
        draw: Arc::new(move || {
            let mut bytes = [0_u8; 16];
            entropy.fill(&mut bytes);
            bytes
        }),
    };
    open(&StoreKey::new(*key), &signs).map_err(|error| match error {
        OpenError::NewerSchema { .. } => {
            Failure::new(FailureCode::UpdateNeeded, None, error.to_string(), "install the newest version of this app")
        }
        OpenError::Full => Failure::storage_full(),
        OpenError::InUse => Failure::new(
            FailureCode::Storage,
            None,
            error.to_string(),
            "end the app and its service, then open it again: what can be read is saved then",
        ),
        _ => Failure::new(
            FailureCode::Storage,
            None,
            error.to_string(),
            "check the folder, its key and the free space; nothing was deleted",
        ),
    })
}
