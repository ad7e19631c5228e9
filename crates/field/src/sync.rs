//! The road to the center: enrolment, one exchange, or exchanging until told to stop.
//!
//! Thin on purpose: what is said and kept is decided in `sync`. It works on a connection of its own to the home,
//! so that no use case ever waits for the network.

use crate::engine::{DEVICE_KEY, Field};
use crate::failure::{Failure, FailureCode};
use crate::port::SignerError;
use crate::read::cancellations;
use crate::request::{Enrol, LinkCost, NetworkIs};
use crate::view::{EnrolCode, Enrolled, SyncReport};
use siaga_domain::id::CenterId;
use siaga_domain::time::UtcMs;
use siaga_store::{Store, StoreKey};
use siaga_sync::driver::{self, Driver, SyncError};
use siaga_sync::enrol::{self, EnrolError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a person may take to compare six digits.
const PATIENCE: Duration = Duration::from_secs(120);

impl Field {
    /// Becomes a device of the center that gave the link. Asking again with the same link is safe.
    ///
    /// # Errors
    /// `BadInput` for a link that is none, `Unsent` for one of another center while something is not at the first one,
    /// `CenterNotReached`, or `RefusedByCenter` for one that was used, burnt or has expired.
    pub async fn enrol(&self, request: &Enrol) -> Result<Enrolled, Failure> {
        let ports = &self.ports;
        let center = enrol::center_of(&request.link)?;
        let was = {
            let store = self.store();
            let left = leaves(&store, center)?;
            // Asked before the invitation is used up.
            if let (Some(_), unsent @ 1.., false) = (left, store.unsent()?, request.set_aside) {
                return Err(Failure::unsent(unsent));
            }
            let was = store.was_device()?;
            (left.is_none() && !was.is_empty()).then_some(was)
        };
        let (link, signer) = (&request.link, ports.signer.as_ref());
        let accepted = enrol::enrol(link, signer, &ports.clock, &ports.app, was, PATIENCE).await?;
        let enrolment = &accepted.enrolment;
        let key = ports.signer.public_key().map_err(key_failed)?;
        let at = UtcMs(ports.clock.device_ms());
        {
            let store = self.store();
            match leaves(&store, center)? {
                Some(from) => store.leave_for(enrolment, from, at)?,
                None => store.set_enrolment(enrolment)?,
            }
            store.set_setting(DEVICE_KEY, &hex::encode(key.0))?;
            store.learn_clock(&accepted.clock)?;
            // What was cancelled before is the history of others.
            if let Some(now) = enrolment.center_ms {
                store.set_setting(cancellations::SINCE, &now.0.to_string())?;
            }
            // From now on each one is announced: a later start must not take those that wait as known.
            if store.setting(cancellations::ACKNOWLEDGED)?.is_none() {
                store.set_setting(cancellations::ACKNOWLEDGED, "[]")?;
            }
        }
        self.bring_back(center, at);
        Ok(Enrolled {
            device: enrolment.device.to_string(),
            name: enrolment.name.clone(),
            unit: enrolment.unit.to_string(),
            role: enrolment.role,
            center_name: enrolment.center_name.clone(),
            code: accepted.code,
        })
    }

    /// What was set aside of a center comes back. What cannot now stays set aside, and is no reason not to be enrolled.
    fn bring_back(&self, center: CenterId, at: UtcMs) {
        let store = self.store();
        if !store.has_set_aside(center) {
            return;
        }
        match self.ports.keys.store_key().map(|key| StoreKey::new(*key)) {
            Ok(key) => match store.bring_back(&key, center, at) {
                Ok(back) => tracing::info!(back, "what was set aside of this center is here again"),
                Err(error) => tracing::error!(%error, "what was set aside of this center stays set aside"),
            },
            Err(error) => tracing::error!(step = error.step, "the store key is not available"),
        }
    }

    /// Somebody saw that this phone works for another unit now.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn moved_seen(&self) -> Result<(), Failure> {
        Ok(self.store().moved_was_seen()?)
    }

    /// The six digits of a link on this phone, before anything is sent: somebody at the center may be waiting to
    /// compare them.
    ///
    /// # Errors
    /// `BadInput` for a link that is none, `Storage` when the device's key does not answer.
    pub fn enrol_code(&self, request: &Enrol) -> Result<EnrolCode, Failure> {
        Ok(EnrolCode { code: enrol::code_of(&request.link, self.ports.signer.as_ref())? })
    }

    /// Looks whether the key this phone was enrolled with is still there. A phone that lost it can prove nothing to its
    /// center any more: it is not enrolled from then on, keeps everything it has, and sends it once it is enrolled again.
    /// Key stores are slow, so no opening waits for this.
    ///
    /// # Errors
    /// `Storage` when the store or the key store does not answer.
    pub fn keep_device_key(&self) -> Result<DeviceKeyIs, Failure> {
        let (enrolled, known) = {
            let store = self.store();
            (store.enrolment()?.is_some(), store.setting(DEVICE_KEY)?)
        };
        if !enrolled {
            return Ok(DeviceKeyIs::NotNeeded);
        }
        match self.ports.signer.public_key() {
            Ok(key) => {
                let found = hex::encode(key.0);
                match known {
                    Some(known) if known != found => {}
                    Some(_) => return Ok(DeviceKeyIs::There),
                    None => {
                        self.store().set_setting(DEVICE_KEY, &found)?;
                        return Ok(DeviceKeyIs::There);
                    }
                }
            }
            Err(SignerError::KeyLost) => {}
            Err(error) => return Err(key_failed(error)),
        }
        tracing::error!("the key of this device is gone; it must be enrolled again, and keeps what it has");
        self.store().forget_enrolment()?;
        Ok(DeviceKeyIs::Lost)
    }

    /// The platform says that the network is back, or another: whatever waits for the center goes now.
    ///
    /// # Errors
    /// None; it answers like every use case.
    #[allow(clippy::unnecessary_wraps, reason = "every use case answers the same way")]
    pub fn network_up(&self) -> Result<(), Failure> {
        self.network.is_back();
        Ok(())
    }

    /// The platform says whether bytes are paid for on the link there is: where they are, whole photographs and map
    /// packs wait until somebody asks for them.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn network_is(&self, request: &NetworkIs) -> Result<(), Failure> {
        Ok(self.store().set_link_cost(match request.cost {
            LinkCost::Unknown => siaga_store::LinkCost::Unknown,
            LinkCost::Free => siaga_store::LinkCost::Free,
            LinkCost::Metered => siaga_store::LinkCost::Metered,
        })?)
    }

    /// The platform, or a person, says that there is no network now.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn network_lost(&self) -> Result<(), Failure> {
        Ok(self.store().set_reach(siaga_store::Reach::NoSignal)?)
    }

    /// Exchanges until nothing waits on either side. A center that was not reached is no failure: the report
    /// says so, and everything stays saved here.
    ///
    /// # Errors
    /// `NotEnrolled`, or `Storage` when the home or the device's key does not answer.
    pub async fn sync(&self) -> Result<SyncReport, Failure> {
        let driver = self.driver()?;
        // Whatever ends the exchange, the start that led to it came to something.
        self.start.reached();
        Ok(driver.sync_once().await?.into())
    }

    /// Exchanges whenever there is something to say and the center is there, until `stop` becomes true or its
    /// sender is gone. A phone that is not enrolled yet waits for it.
    ///
    /// # Errors
    /// `Storage` when the home does not open.
    pub async fn watch(
        &self,
        mut stop: watch::Receiver<bool>,
        on_change: impl Fn() + Send + Sync,
    ) -> Result<(), Failure> {
        let stopped = async move {
            // A sender that is gone stops us as well.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        self.driver()?.watch(stopped, on_change).await;
        Ok(())
    }

    fn driver(&self) -> Result<Driver, Failure> {
        let (signer, clock) = (Arc::clone(&self.ports.signer), Arc::clone(&self.ports.clock));
        let driver = Driver::on(&self.network, self.another_store()?, signer, clock);
        Ok(driver.with_sessions(&self.sessions))
    }
}

/// The center this phone leaves if it joins `center`; `None` where it joins its own, or its first.
fn leaves(store: &Store, center: CenterId) -> Result<Option<CenterId>, Failure> {
    Ok(store.home_center()?.filter(|known| *known != center))
}

/// What became of the key this phone was enrolled with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceKeyIs {
    /// The phone is not enrolled.
    NotNeeded,
    There,
    /// The phone was enrolled, and is not any more.
    Lost,
}

fn key_failed(error: SignerError) -> Failure {
    Failure::new(FailureCode::Storage, None, error.to_string(), "check the key store of this device")
}

impl From<driver::SyncReport> for SyncReport {
    fn from(report: driver::SyncReport) -> Self {
        Self {
            reach: report.reach.into(),
            exchanges: report.exchanges,
            sent_changes: report.sent_changes,
            receipted_changes: report.receipted_changes,
            refused_changes: report.refused_changes,
            received_changes: report.received_changes,
            sent_fixes: report.sent_fixes,
            sent_attachments: report.sent_attachments,
            received_files: report.received_files,
            bytes_up: report.bytes_up,
            bytes_down: report.bytes_down,
            saved_left: report.saved_left,
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::NotEnrolled => Self::not_enrolled(),
            SyncError::Store(error) => error.into(),
            SyncError::Key(_) => {
                Self::new(FailureCode::Storage, None, error.to_string(), "check the key store of this device")
            }
            SyncError::Setup => {
                Self::new(FailureCode::Internal, None, error.to_string(), "enrol this phone with the center again")
            }
            SyncError::Encode | SyncError::Stopped => {
                Self::new(FailureCode::Internal, None, error.to_string(), "try again; everything stays saved here")
            }
        }
    }
}

impl From<EnrolError> for Failure {
    fn from(error: EnrolError) -> Self {
        let detail = error.to_string();
        match error {
            EnrolError::Link(_) => {
                Self::input("link", detail, "copy the whole link of the invitation, or ask for a new one")
            }
            EnrolError::NotReached(_) => Self::new(
                FailureCode::CenterNotReached,
                None,
                detail,
                "go where there is a signal and open the link again",
            ),
            EnrolError::Refused => {
                Self::new(FailureCode::RefusedByCenter, Some("link"), detail, "ask the center for a new invitation")
            }
            EnrolError::NotConfirmed => Self::new(
                FailureCode::RefusedByCenter,
                None,
                detail,
                "compare the digits with the center, then open the same link again",
            ),
            EnrolError::Answer => {
                Self::new(FailureCode::UpdateNeeded, None, detail, "install the newest version of this app")
            }
            EnrolError::Key(_) => Self::new(FailureCode::Storage, None, detail, "check the key store of this device"),
        }
    }
}
