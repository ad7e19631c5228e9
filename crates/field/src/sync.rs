//! The road to the center: enrolment, one exchange, or exchanging until told to stop.
//!
//! Thin on purpose: what is said and kept is decided in `sync`. It works on a connection of its own to the home,
//! so that no use case ever waits for the network.

use crate::engine::Field;
use crate::failure::{Failure, FailureCode};
use crate::request::Enrol;
use crate::view::Enrolled;
use siaga_sync::enrol::{self, EnrolError};
use std::time::Duration;

/// How long a person may take to compare six digits.
const PATIENCE: Duration = Duration::from_secs(120);

impl Field {
    /// Becomes a device of the center that gave the link. Asking again with the same link is safe.
    ///
    /// # Errors
    /// `BadInput` for a link that is none, `CenterNotReached`, or `RefusedByCenter` for one that was used,
    /// burnt or has expired.
    pub async fn enrol(&self, request: &Enrol) -> Result<Enrolled, Failure> {
        let accepted = enrol::enrol(&request.link, self.ports.signer.as_ref(), &self.ports.app, PATIENCE).await?;
        let enrolment = &accepted.enrolment;
        self.store().set_enrolment(enrolment)?;
        Ok(Enrolled {
            device: enrolment.device.to_string(),
            name: enrolment.name.clone(),
            unit: enrolment.unit.to_string(),
            role: enrolment.role,
            center_name: enrolment.center_name.clone(),
            code: accepted.code,
        })
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
