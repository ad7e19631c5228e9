//! Enrolment: a secret of one invitation, used once, makes one device; a person may have to compare six digits first.
//!
//! The same bytes may be asked again while the device waits for that person, and shortly after, so that a lost
//! answer does not cost an invitation.

use super::{Field, Refused, blocking, encoded, line_of, message, unavailable};
use crate::Center;
use crate::chance::NoChance;
use crate::db::device::{self, Device, DeviceState};
use crate::db::invitation::{self, InvitationRow};
use crate::db::{DbError, audit, setting};
use crate::hub::Changed;
use crate::scope::{self, ScopeError};
use crate::serve::{INVITED_HOSTS, host_of};
use axum::extract::{Request, State};
use axum::response::Response;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use siaga_domain::id::DeviceId;
use siaga_domain::kind::Role;
use siaga_domain::time::UtcMs;
use siaga_wire::codec::{self, CodecError};
use siaga_wire::enrol::{EnrolAnswer, EnrolRequest, Invitation, comparison_code, mac_matches};
use siaga_wire::key::DevicePublicKey;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long an invitation lives.
pub const INVITATION_MS: i64 = 10 * 60 * 1000;

/// Wrong answers after which an invitation is burnt.
const FAILURES: u32 = 5;

/// The same request is answered again this long after the device became active.
const REPEAT_MS: i64 = 10 * 60 * 1000;

/// An enrolment that nobody confirmed in this time is not answered any more.
const AWAITING_MS: i64 = 24 * 60 * 60 * 1000;

const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// Who an invitation is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invite {
    pub unit: String,
    pub role: Role,
    pub name: String,
    /// Nobody has to compare the digits: for tests and kiosks.
    pub unattended: bool,
}

/// An invitation as handed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invited {
    pub link: String,
    pub expires_ms: UtcMs,
}

/// No invitation was made.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    #[error("there is no unit {0} in the directory")]
    UnknownUnit(String),
    #[error("could not write the invitation")]
    Database(#[from] DbError),
    #[error(transparent)]
    Random(#[from] NoChance),
    #[error("could not write the link")]
    Link(#[source] CodecError),
}

/// A device could not be confirmed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("there is no device {0}")]
    Missing(DeviceId),
    #[error("the device was revoked; it must be enrolled again")]
    Revoked,
    #[error("could not change the device")]
    Database(#[from] DbError),
    #[error("could not work out what the device is told")]
    Scope(#[from] ScopeError),
}

/// An enrolment could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("could not read or write the enrolment")]
    Database(#[from] DbError),
    #[error("could not work out what the device is told")]
    Scope(#[from] ScopeError),
    #[error("could not open a session")]
    Session(#[from] super::session::SessionError),
    #[error(transparent)]
    Random(#[from] NoChance),
}

impl Center {
    /// Makes a one-use invitation. `urls` are the addresses phones reach this center at, best first.
    ///
    /// # Errors
    /// [`InviteError`]; no invitation was made.
    pub fn invite(&self, invite: &Invite, urls: &[String], by: &str) -> Result<Invited, InviteError> {
        let known = self.db().read(|tx| crate::db::scope::unit_exists(tx, &invite.unit))?;
        if !known {
            return Err(InviteError::UnknownUnit(invite.unit.clone()));
        }
        let now = self.now();
        let number = self.draw::<8>()?.to_vec();
        let secret = self.draw::<32>()?.to_vec();
        let row = InvitationRow {
            number: number.clone(),
            secret: secret.clone(),
            unit: invite.unit.clone(),
            role: invite.role,
            name: invite.name.clone(),
            unattended: invite.unattended,
            made_ms: now.0,
            made_by: by.to_owned(),
            expires_ms: now.plus(INVITATION_MS).0,
            failures: 0,
            device: None,
            request: Vec::new(),
        };
        self.db().write(|tx| {
            invitation::insert(tx, &row)?;
            name_hosts(tx, urls)?;
            let detail = format!("role={} unattended={}", invite.role, invite.unattended);
            audit::append(tx, now.0, &audit::Act { by, act: "device.invite", subject: &invite.unit, detail: &detail })
        })?;
        let link = self.invitation(number, secret, urls, now)?.link().map_err(InviteError::Link)?;
        Ok(Invited { link, expires_ms: UtcMs(row.expires_ms) })
    }

    /// The invitation as both sides know it.
    fn invitation(
        &self,
        number: Vec<u8>,
        secret: Vec<u8>,
        urls: &[String],
        made: UtcMs,
    ) -> Result<Invitation, DbError> {
        Ok(Invitation {
            version: siaga_wire::VERSION,
            center: self.id(),
            center_name: self.identity()?.name,
            urls: urls.to_vec(),
            root_der: self.root_der().to_vec(),
            center_key: self.key().public_key().0.to_vec(),
            number,
            secret,
            made_ms: Some(made.0),
        })
    }

    /// A supervisor compared the digits: from here on the device may speak.
    ///
    /// # Errors
    /// [`DeviceError`]; nothing changed.
    pub fn confirm_device(&self, id: &DeviceId, by: &str) -> Result<(), DeviceError> {
        let now = self.now();
        self.db().write(|tx| {
            let known = device::get(tx, id)?.ok_or(DeviceError::Missing(*id))?;
            match known.state {
                DeviceState::Revoked => return Err(DeviceError::Revoked),
                DeviceState::Active => return Ok(()),
                DeviceState::Awaiting => {}
            }
            device::set_state(tx, id, DeviceState::Active, by, now)?;
            scope::settle_device(tx, id, now)?;
            audit::append(tx, now.0, &audit::Act { by, act: "device.confirm", subject: &id.to_string(), detail: "" })?;
            Ok(())
        })?;
        self.hub().tell(Changed::Device { device: *id });
        Ok(())
    }

    /// Closes a device's access. What it wrote stays.
    ///
    /// # Errors
    /// [`DeviceError`]; nothing changed.
    pub fn revoke_device(&self, id: &DeviceId, by: &str) -> Result<(), DeviceError> {
        let now = self.now();
        self.db().write(|tx| {
            device::get(tx, id)?.ok_or(DeviceError::Missing(*id))?;
            device::set_state(tx, id, DeviceState::Revoked, by, now)?;
            audit::append(tx, now.0, &audit::Act { by, act: "device.revoke", subject: &id.to_string(), detail: "" })?;
            Ok::<_, DeviceError>(())
        })?;
        self.hub().tell(Changed::Device { device: *id });
        self.hub().wake(id);
        Ok(())
    }

    /// Confirms or revokes a device.
    ///
    /// # Errors
    /// [`DeviceError`]; nothing changed.
    pub fn set_device_state(&self, id: &DeviceId, state: DeviceState, by: &str) -> Result<(), DeviceError> {
        match state {
            DeviceState::Active => self.confirm_device(id, by),
            DeviceState::Revoked => self.revoke_device(id, by),
            DeviceState::Awaiting => Ok(()),
        }
    }

    /// Answers a request to be enrolled; the same request again is answered the same.
    ///
    /// # Errors
    /// [`EnrolError`]; nothing changed, and asking again is safe.
    pub fn enrol(&self, request: &EnrolRequest) -> Result<EnrolAnswer, EnrolError> {
        let now = self.now();
        let public_key = <[u8; 33]>::try_from(request.public_key.as_slice()).ok().filter(is_a_point);
        let digest = request_digest(request);
        let found = self.db().write(|tx| {
            let Some(row) = invitation::get(tx, &request.number)? else { return Ok(None) };
            if let Some(id) = row.device {
                return if row.request == digest { device::get(tx, &id).map_err(EnrolError::from) } else { Ok(None) };
            }
            let Some(public_key) = public_key else { return Ok(None) };
            let invitation = self.invitation(row.number.clone(), row.secret.clone(), &[], now)?;
            if now.0 > row.expires_ms || row.failures >= FAILURES {
                return Ok(None);
            }
            if !mac_matches(&invitation, &public_key, &request.mac) {
                invitation::count_failure(tx, &row.number)?;
                return Ok(None);
            }
            let device = self.new_device(&row, &invitation, DevicePublicKey(public_key), &request.app, now)?;
            self.admit_device(tx, &device, &row, &digest, now)?;
            if let Some(was) = request.was.as_deref().and_then(|was| DeviceId::try_from(was).ok()) {
                device::note_was(tx, &device.id, &was)?;
            }
            Ok::<_, EnrolError>(Some(device))
        })?;
        let Some(device) = found else { return Ok(EnrolAnswer::Refused) };
        self.hub().tell(Changed::Device { device: device.id });
        let since = device.state_ms.until(now);
        match device.state {
            DeviceState::Awaiting if since <= AWAITING_MS => Ok(EnrolAnswer::AwaitingConfirmation),
            DeviceState::Active if since <= REPEAT_MS => Ok(EnrolAnswer::Enrolled {
                device: device.id,
                name: device.name,
                unit: device.unit,
                role: device.role.code().to_owned(),
                epoch: self.identity()?.epoch,
                center_ms: self.now().0,
                token: super::session::open(self, &device.id, self.steady())?,
            }),
            _ => Ok(EnrolAnswer::Refused),
        }
    }

    fn new_device(
        &self,
        row: &InvitationRow,
        invitation: &Invitation,
        public_key: DevicePublicKey,
        app: &str,
        now: UtcMs,
    ) -> Result<Device, EnrolError> {
        Ok(Device {
            id: DeviceId::v7(now.0, self.draw()?),
            unit: row.unit.clone(),
            role: row.role,
            name: row.name.clone(),
            public_key,
            state: if row.unattended { DeviceState::Active } else { DeviceState::Awaiting },
            code: comparison_code(invitation, &public_key.0),
            app: app.chars().take(80).collect(),
            attested: false,
            enrolled_ms: now,
            state_ms: now,
            state_by: row.made_by.clone(),
            contact: None,
            copied_ms: None,
        })
    }

    fn admit_device(
        &self,
        tx: &Connection,
        device: &Device,
        row: &InvitationRow,
        digest: &[u8; 32],
        now: UtcMs,
    ) -> Result<(), EnrolError> {
        device::insert(tx, device)?;
        invitation::mark_used(tx, &row.number, &device.id, digest)?;
        if device.state == DeviceState::Active {
            scope::settle_device(tx, &device.id, now)?;
        }
        let detail = format!("role={} state={}", device.role, device.state);
        let subject = device.id.to_string();
        audit::append(
            tx,
            now.0,
            &audit::Act { by: &row.made_by, act: "device.enrol", subject: &subject, detail: &detail },
        )?;
        Ok(())
    }
}

/// Remembers the hosts of an invitation, so that the certificate names them.
fn name_hosts(tx: &Connection, urls: &[String]) -> Result<(), DbError> {
    let known = setting::get(tx, INVITED_HOSTS)?.unwrap_or_default();
    let mut hosts: BTreeSet<String> = known.lines().map(str::to_owned).collect();
    let before = hosts.len();
    hosts.extend(urls.iter().filter_map(|url| host_of(url)));
    if hosts.len() == before {
        return Ok(());
    }
    let lines: Vec<String> = hosts.into_iter().collect();
    setting::set(tx, INVITED_HOSTS, &lines.join("\n"))
}

fn is_a_point(key: &[u8; 33]) -> bool {
    p256::ecdsa::VerifyingKey::from_sec1_bytes(key).is_ok()
}

/// Names a request without keeping its HMAC.
fn request_digest(request: &EnrolRequest) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"siaga enrol request");
    hasher.update(&request.number);
    hasher.update(&request.public_key);
    hasher.update(&request.mac);
    hasher.finalize().into()
}

/// `POST /field/v1/enrol`. A request for no invitation there is costs one look-up and is counted for nobody: junk from an
/// address keeps no phone of that address out.
pub(super) async fn enrol(State(field): State<Field>, request: Request) -> Result<Response, Refused> {
    let line = line_of(&request);
    let body = message(request, MAX_REQUEST_BYTES).await?;
    let request: EnrolRequest = codec::decode(&body).map_err(|_| Refused::Malformed)?;
    let center = Arc::clone(&field.center);
    // Closed with its center only.
    let _turn = field.center.limits().enrolling().acquire().await.map_err(|error| unavailable(&error))?;
    let answer = blocking(move || {
        let named = center.db().read(|tx| invitation::is_there(tx, &request.number));
        if !named.map_err(|error| unavailable(&error))? {
            return Ok(EnrolAnswer::Refused);
        }
        let counted = center.limits().enrolment(&request.number, center.monotonic_ms());
        counted.map_err(|wait| Refused::TooMany { wait })?;
        center.enrol(&request).map_err(|error| unavailable(&error))
    })
    .await??;
    if let (EnrolAnswer::Enrolled { device, .. }, Some(line)) = (&answer, line) {
        field.center.limits().connected(device, &line);
    }
    encoded(&answer)
}
