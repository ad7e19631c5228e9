//! Bearer tokens of other systems: shown once, kept as SHA-256 only. They are 256 random bits, so a slow hash
//! would add nothing.

use crate::Center;
use crate::db::{DbError, person};
use sha2::{Digest, Sha256};

/// Begins every token, so that a scanner finds one that was left in a file.
const PREFIX: &str = "siaga_";
const LONGEST_NAME: usize = 80;

/// A token was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateTokenError {
    #[error("--name must have 1 to {LONGEST_NAME} characters; name the system that will use the token")]
    Name,
    #[error("the system has no randomness")]
    Random,
    #[error("could not write the token")]
    Write(#[from] DbError),
}

/// Makes a token for the system `name`. It is not shown again.
///
/// # Errors
/// [`CreateTokenError`] naming the step.
pub fn create(center: &Center, name: &str) -> Result<String, CreateTokenError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(CreateTokenError::Name);
    }
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret).map_err(|_| CreateTokenError::Random)?;
    let token = format!("{PREFIX}{}", hex::encode(secret));
    let now = center.now();
    center.db().write(|tx| person::insert_token(tx, &fingerprint(&token), name, now))?;
    center.audit("center", "token.create", name, "")?;
    Ok(token)
}

/// The name of the system a token belongs to.
///
/// # Errors
/// [`DbError`] when it cannot be looked up.
pub fn holder(center: &Center, token: &str) -> Result<Option<String>, DbError> {
    center.db().read(|tx| person::token(tx, &fingerprint(token)))
}

/// What is stored of a token or cookie.
#[must_use]
pub fn fingerprint(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
