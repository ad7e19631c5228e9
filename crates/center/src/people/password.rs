//! Passwords of people at the console: Argon2id with the parameters RFC 9106 and OWASP give for 19 MiB.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// A password somebody can be asked to keep; longer ones cost nothing more.
pub const SHORTEST: usize = 10;

/// The password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("could not hash a password")]
pub struct HashPasswordError(#[source] argon2::password_hash::Error);

/// A PHC string with a fresh salt.
///
/// # Errors
/// [`HashPasswordError`] when there is no randomness.
pub fn hash(password: &str) -> Result<String, HashPasswordError> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(HashPasswordError)
}

/// Whether `password` belongs to `stored`. With nothing stored the same work is done, so that the time of the
/// answer does not tell which users exist.
#[must_use]
pub fn matches(password: &str, stored: Option<&str>) -> bool {
    let parsed = stored.and_then(|stored| PasswordHash::new(stored).ok());
    match parsed {
        Some(parsed) => Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok(),
        None => {
            let _ = hash(password);
            false
        }
    }
}

/// A password that can be read aloud: five groups of four letters and digits without look-alikes, 95 bits.
///
/// # Errors
/// When the system has no randomness.
pub fn random() -> Result<String, getrandom::Error> {
    const LETTERS: &[u8; 28] = b"abcdefghjkmnpqrstuvwxyz23456";
    // Bytes past the largest multiple of 28 are drawn again: no letter is likelier than another.
    const FAIR: u8 = 252;
    let mut drawn = Vec::new();
    while drawn.len() < 20 {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        drawn.extend(
            bytes.iter().filter(|byte| **byte < FAIR).filter_map(|byte| LETTERS.get(usize::from(byte % 28))).copied(),
        );
    }
    drawn.truncate(20);
    Ok(drawn.chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_belongs_to_its_own_hash_only() {
        let stored = hash("air pasang 112").expect("a hash");

        assert!(stored.starts_with("$argon2id$v=19$"), "{stored}");
        assert!(matches("air pasang 112", Some(&stored)));
        assert!(!matches("air pasang 113", Some(&stored)));
        assert!(!matches("air pasang 112", None));
        assert!(!matches("air pasang 112", Some("not a hash")));
    }

    #[test]
    fn a_random_password_is_long_and_never_the_same() {
        let one = random().expect("random");
        let other = random().expect("random");

        assert_eq!(one.len(), 24);
        assert_ne!(one, other);
    }
}
