//! Sessions: a nonce signed by the device's key opens one; a token keeps it open while it is used.
//!
//! A nonce is sealed, not stored, so asking for one costs the center nothing. Only hashes of tokens are stored.

use crate::Center;
use crate::chance::NoChance;
use crate::db::DbError;
use crate::db::device::{self, Device, DeviceState};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use siaga_domain::id::DeviceId;
use siaga_domain::time::UtcMs;
use siaga_wire::exchange::{Credential, challenge_message};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use subtle::ConstantTimeEq;

const IDLE_MS: i64 = 15 * 60 * 1000;
const ABSOLUTE_MS: i64 = 12 * 60 * 60 * 1000;
/// A token this close to its absolute end is replaced inside an answer.
const RENEW_MS: i64 = 60 * 60 * 1000;
/// Using a token is written down at most this often: an idle exchange does not wait for the disk.
const USE_NOTED_MS: i64 = 60 * 1000;
const NONCE_MS: i64 = 2 * 60 * 1000;
const TOKEN_BYTES: usize = 16;
const NONCE_BYTES: usize = 32;

/// Whom a nonce is drawn for when nobody is known: no device has this id, for ids are drawn.
const NOBODY: DeviceId = DeviceId::from_bytes([0; 16]);

/// Makes and recognises nonces.
pub struct Challenges {
    key: [u8; 32],
    /// Nonces that were answered, until they expire anyway.
    used: Mutex<BTreeMap<Vec<u8>, i64>>,
}

impl Challenges {
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key, used: Mutex::new(BTreeMap::new()) }
    }

    /// Eight bytes of time, eight of chance, sixteen of seal over both and the device.
    fn draw(&self, device: &DeviceId, now: UtcMs, chance: [u8; 8]) -> Vec<u8> {
        let mut nonce = now.0.to_be_bytes().to_vec();
        nonce.extend_from_slice(&chance);
        let seal = self.seal(device, &nonce);
        nonce.extend(seal);
        nonce
    }

    /// Whether this center drew the nonce for this device lately and nobody answered it yet. Marks it answered.
    fn redeem(&self, device: &DeviceId, nonce: &[u8], now: UtcMs) -> bool {
        let (Some(plain), Some(seal), true) = (nonce.get(..16), nonce.get(16..), nonce.len() == NONCE_BYTES) else {
            return false;
        };
        if !bool::from(self.seal(device, plain).ct_eq(seal)) {
            return false;
        }
        let Some(made) = plain.get(..8).and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes) else {
            return false;
        };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, made| now.0.saturating_sub(*made) <= NONCE_MS);
        let age = now.0.saturating_sub(made);
        (0..=NONCE_MS).contains(&age) && used.insert(nonce.to_vec(), made).is_none()
    }

    fn seal(&self, device: &DeviceId, plain: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(b"siaga nonce v1");
        mac.update(device.as_bytes());
        mac.update(plain);
        mac.finalize().into_bytes().into_iter().take(16).collect()
    }
}

/// Who asks, as far as is proven.
pub enum Session {
    Open {
        device: Box<Device>,
        /// A token to use from now on.
        token: Option<Vec<u8>>,
    },
    Challenge(Vec<u8>),
    Revoked,
    /// Not a device of this center, or not confirmed yet.
    Unknown,
}

/// The session of a request could not be worked out.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("could not read the session")]
    Database(#[from] DbError),
    #[error(transparent)]
    Random(#[from] NoChance),
}

impl Center {
    /// Believes a credential, or asks for a better one.
    ///
    /// # Errors
    /// [`SessionError`] when the database or the random source fails.
    pub fn session(&self, id: &DeviceId, credential: &Credential) -> Result<Session, SessionError> {
        let now = self.steady();
        match credential {
            Credential::None => self.challenge(id, now),
            Credential::Token(token) => match self.by_token(id, token, now)? {
                Some(session) => Ok(session),
                None => self.challenge(id, now),
            },
            Credential::Proof { nonce, signature } => self.by_proof(id, nonce, signature, now),
        }
    }

    /// As [`session`](Self::session), where the token alone says which device asks.
    ///
    /// # Errors
    /// [`SessionError`] when the database or the random source fails.
    pub fn session_of_token(&self, token: &[u8]) -> Result<Session, SessionError> {
        let now = self.steady();
        let Some(row) = self.db().read(|tx| device::token(tx, &hash_of(token)))? else {
            return self.challenge(&NOBODY, now);
        };
        match self.by_token(&row.device, token, now)? {
            Some(session) => Ok(session),
            None => self.challenge(&row.device, now),
        }
    }

    fn challenge(&self, id: &DeviceId, now: UtcMs) -> Result<Session, SessionError> {
        Ok(Session::Challenge(self.challenges().draw(id, now, self.draw()?)))
    }

    fn by_token(&self, id: &DeviceId, token: &[u8], now: UtcMs) -> Result<Option<Session>, SessionError> {
        let hash = hash_of(token);
        let found = self.db().read(|tx| Ok::<_, DbError>((device::token(tx, &hash)?, device::get(tx, id)?)))?;
        let (Some(row), Some(device)) = found else { return Ok(None) };
        let (idle, age) = (now.0.saturating_sub(row.used_ms), now.0.saturating_sub(row.made_ms));
        // A token from later than now is of a life whose clock was wrong.
        let lives = (-USE_NOTED_MS..=IDLE_MS).contains(&idle) && (-USE_NOTED_MS..=ABSOLUTE_MS).contains(&age);
        if row.device != *id || !lives {
            return Ok(None);
        }
        if device.state != DeviceState::Active {
            return Ok(Some(Session::Revoked));
        }
        if idle > USE_NOTED_MS {
            self.db().write(|tx| device::use_token(tx, &hash, now))?;
        }
        let token = if age > ABSOLUTE_MS - RENEW_MS { Some(open(self, id, now)?) } else { None };
        Ok(Some(Session::Open { device: Box::new(device), token }))
    }

    /// The device of an open session, by its token alone: for attachments.
    ///
    /// # Errors
    /// [`SessionError`] when the database fails.
    pub fn by_bearer(&self, token: &[u8]) -> Result<Option<Device>, SessionError> {
        let hash = hash_of(token);
        let Some(row) = self.db().read(|tx| device::token(tx, &hash))? else { return Ok(None) };
        match self.by_token(&row.device, token, self.steady())? {
            Some(Session::Open { device, .. }) => Ok(Some(*device)),
            _ => Ok(None),
        }
    }

    fn by_proof(&self, id: &DeviceId, nonce: &[u8], signature: &[u8], now: UtcMs) -> Result<Session, SessionError> {
        let Some(device) = self.device(id)? else { return Ok(Session::Unknown) };
        let Ok(signature) = signature.try_into() else { return self.challenge(id, now) };
        // One that was drawn for a token nobody knows was drawn for nobody; the signature says who answers it.
        let redeemed = self.challenges().redeem(id, nonce, now) || self.challenges().redeem(&NOBODY, nonce, now);
        if !device.public_key.verify(&challenge_message(id, nonce), &signature) || !redeemed {
            return self.challenge(id, now);
        }
        match device.state {
            DeviceState::Revoked => Ok(Session::Revoked),
            DeviceState::Awaiting => Ok(Session::Unknown),
            DeviceState::Active => {
                let token = open(self, id, now)?;
                Ok(Session::Open { device: Box::new(device), token: Some(token) })
            }
        }
    }
}

/// Opens a session and gives its token; the token itself is stored nowhere.
///
/// # Errors
/// [`SessionError`] when the database or the random source fails.
pub fn open(center: &Center, device: &DeviceId, now: UtcMs) -> Result<Vec<u8>, SessionError> {
    let token = center.draw::<TOKEN_BYTES>()?;
    center.db().write(|tx| {
        device::drop_tokens(tx, now.0.saturating_sub(ABSOLUTE_MS), now.0.saturating_sub(IDLE_MS))?;
        device::put_token(tx, &hash_of(&token), device, now)
    })?;
    Ok(token.to_vec())
}

fn hash_of(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_795_395_600_000);

    fn device(byte: u8) -> DeviceId {
        DeviceId::from_bytes([byte; 16])
    }

    #[test]
    fn a_nonce_is_good_once_for_its_device_and_for_two_minutes() {
        let challenges = Challenges::new([3; 32]);
        let draw = |chance| challenges.draw(&device(1), NOW, [chance; 8]);
        let (once, other, late, early) = (draw(1), draw(2), draw(3), draw(4));

        assert!(challenges.redeem(&device(1), &once, NOW.plus(1000)));
        assert!(!challenges.redeem(&device(1), &once, NOW.plus(1001)), "answered before");
        assert!(!challenges.redeem(&device(2), &other, NOW), "drawn for another device");
        assert!(!challenges.redeem(&device(1), &late, NOW.plus(NONCE_MS + 1)), "too old");
        assert!(!challenges.redeem(&device(1), &early, NOW.plus(-1)), "from the future");
    }

    #[test]
    fn a_nonce_of_another_life_or_another_shape_is_worth_nothing() {
        let before = Challenges::new([3; 32]);
        let nonce = before.draw(&device(1), NOW, [1; 8]);
        let after = Challenges::new([4; 32]);

        assert!(!after.redeem(&device(1), &nonce, NOW));
        assert!(!before.redeem(&device(1), &nonce[..31], NOW));
        assert!(!before.redeem(&device(1), &[], NOW));
    }
}
