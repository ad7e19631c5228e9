//! A browser in which somebody signed in before has tries of its own, whatever others try from its address.
//!
//! The cookie names the user who signed in, sealed by a key that follows from the center's own. It opens nothing: it only
//! says on whose account wrong tries are counted. All browsers of one user share an account, so signing in again and again
//! earns no further guesses.

use crate::Center;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The name of the cookie.
pub const COOKIE_NAME: &str = "siaga_known";

/// 400 days: the longest that browsers keep a cookie.
pub const LIVES_S: i64 = 400 * 24 * 3600;

/// The value of the cookie for a user who signed in: hexadecimal, since a user's name may hold anything.
#[must_use]
pub fn cookie_of(center: &Center, user: &str) -> String {
    format!("{}.{}", hex::encode(user), hex::encode(seal(center, user)))
}

/// The user named by a cookie that this center made.
#[must_use]
pub fn user_of(center: &Center, cookie: &str) -> Option<String> {
    let (user, sealed) = cookie.split_once('.')?;
    let user = String::from_utf8(hex::decode(user).ok()?).ok()?;
    let sealed = hex::decode(sealed).ok()?;
    bool::from(seal(center, &user).ct_eq(sealed.as_slice())).then_some(user)
}

fn seal(center: &Center, user: &str) -> Vec<u8> {
    let key: [u8; 32] = Sha256::digest(center.key().sign(b"siaga known browser v1", b"")).into();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(b"siaga known browser v1\0");
    mac.update(user.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
