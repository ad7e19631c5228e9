//! Becoming a device of a center: the invitation is believed, the network is not.
//!
//! The link pins the center's root and its signing key, so the first byte already travels under them. The phone
//! proves that it holds the secret by an HMAC over the whole transcript; both sides show six digits of it.

use crate::clock::{Clock, Moment, OffsetEstimate, estimate_offset};
use crate::http::{Http, HttpError};
use crate::tls::Sessions;
use siaga_domain::id::CenterId;
use siaga_domain::kind::Role;
use siaga_domain::time::{ClockAnchor, UtcMs};
use siaga_store::Enrolment;
use siaga_wire::enrol::{EnrolAnswer, EnrolRequest, Invitation, comparison_code, mac};
use siaga_wire::key::Signer;
use siaga_wire::{MAX_MESSAGE_BYTES, MEDIA_TYPE, VERSION, codec};
use std::sync::Arc;
use std::time::Duration;

/// What enrolment gave, and the digits to compare with the center's screen.
pub struct Enrolled {
    pub enrolment: Enrolment,
    /// Six digits.
    pub code: String,
    /// What the answer says of the center's clock: what is written before the first exchange needs it.
    pub clock: ClockAnchor,
}

/// Why this phone is not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("the invitation could not be read")]
    Link(#[source] siaga_wire::enrol::LinkError),
    #[error("the device key could not be used")]
    Key(#[source] siaga_wire::key::SignerError),
    #[error("the center was not reached")]
    NotReached(#[source] HttpError),
    #[error("the center's answer could not be read")]
    Answer,
    /// Used, expired, burnt or unknown; the center does not say which.
    #[error("the center refused the invitation")]
    Refused,
    #[error("nobody at the center confirmed the digits in time")]
    NotConfirmed,
}

const PATH: &str = "/field/v1/enrol";
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The six digits for this link and this device, before anything is sent.
///
/// # Errors
/// [`EnrolError::Link`] or [`EnrolError::Key`].
pub fn code_of(link: &str, signer: &dyn Signer) -> Result<String, EnrolError> {
    let invitation = Invitation::from_link(link).map_err(EnrolError::Link)?;
    let key = signer.public_key().map_err(EnrolError::Key)?;
    Ok(comparison_code(&invitation, &key.0))
}

/// The center that gave a link.
///
/// # Errors
/// [`EnrolError::Link`].
pub fn center_of(link: &str) -> Result<CenterId, EnrolError> {
    Invitation::from_link(link).map(|invitation| invitation.center).map_err(EnrolError::Link)
}

/// Asks to be enrolled, again while a supervisor compares the digits, for at most `patience`.
///
/// Asking again with the same key is safe: the center answers the same.
///
/// # Errors
/// [`EnrolError`]; nothing is kept on either side that stands in the way of trying again.
pub async fn enrol(
    link: &str,
    signer: &dyn Signer,
    clock: &Arc<dyn Clock>,
    app: &str,
    was: Option<Vec<u8>>,
    patience: Duration,
) -> Result<Enrolled, EnrolError> {
    let invitation = Invitation::from_link(link).map_err(EnrolError::Link)?;
    let key = signer.public_key().map_err(EnrolError::Key)?;
    let center_key: [u8; 32] = invitation.center_key.as_slice().try_into().map_err(|_| EnrolError::Answer)?;
    let sessions = Sessions::default();
    sessions.time().know(clock, invitation.made_ms.map(UtcMs));
    let http = Http::new(&invitation.urls, &invitation.root_der, &sessions).map_err(EnrolError::NotReached)?;
    let request = EnrolRequest {
        version: VERSION,
        number: invitation.number.clone(),
        public_key: key.0.to_vec(),
        mac: mac(&invitation, &key.0),
        app: app.to_owned(),
        was,
    };
    let body = codec::encode(&request).map_err(|_| EnrolError::Answer)?;
    let give_up = tokio::time::Instant::now() + patience;
    loop {
        let sent = Moment::of(clock.as_ref());
        let answer = http
            .post(PATH, MEDIA_TYPE, body.clone(), ANSWER_WITHIN, MAX_MESSAGE_BYTES)
            .await
            .map_err(EnrolError::NotReached)?;
        let took_ms = clock.monotonic_ms().saturating_sub(sent.monotonic_ms);
        match codec::decode(&answer).map_err(|_| EnrolError::Answer)? {
            EnrolAnswer::Enrolled { device, name, unit, role, epoch, center_ms, token } => {
                // A role of a newer center: this build may do what any role may, and the center judges by its own.
                let role: Role = role.parse().unwrap_or(Role::Village);
                let unit = unit.parse().map_err(|_| EnrolError::Answer)?;
                let code = comparison_code(&invitation, &key.0);
                let enrolment = Enrolment {
                    device,
                    unit,
                    role,
                    name,
                    center_id: invitation.center,
                    center_name: invitation.center_name,
                    urls: invitation.urls,
                    root_der: invitation.root_der,
                    center_key,
                    epoch,
                    token: Some(token),
                    center_ms: Some(UtcMs(center_ms)),
                };
                let OffsetEstimate { offset_ms, uncertainty_ms } =
                    estimate_offset(sent.device_ms, took_ms, center_ms, center_ms);
                let (device, monotonic_ms) = (UtcMs(sent.device_ms), sent.monotonic_ms);
                let clock = ClockAnchor { device, monotonic_ms, offset_ms, uncertainty_ms };
                return Ok(Enrolled { enrolment, code, clock });
            }
            EnrolAnswer::Refused => return Err(EnrolError::Refused),
            EnrolAnswer::AwaitingConfirmation => {
                if tokio::time::Instant::now() + ASK_AGAIN_AFTER > give_up {
                    return Err(EnrolError::NotConfirmed);
                }
                tokio::time::sleep(ASK_AGAIN_AFTER).await;
            }
        }
    }
}
