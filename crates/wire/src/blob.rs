//! Attachments: named by their SHA-256, sent in pieces, each piece safe to repeat.
//!
//! `PUT /field/v1/blob/{sha256}?offset=N&size=TOTAL` carries a piece; the answer says how many bytes the center
//! has from the start. `GET` with `offset` reads one back.

use minicbor::{Decode, Encode};

/// How much of an attachment the center has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BlobState {
    /// Bytes held without a gap from the start; go on from here.
    #[n(0)]
    pub held_bytes: u64,
    /// All of it, and its hash is its name.
    #[n(1)]
    pub whole: bool,
}

/// The `Authorization` of a piece: `Bearer` and the session token of the exchange in hexadecimal.
#[must_use]
pub fn authorization(token: &[u8]) -> String {
    let digits: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("Bearer {digits}")
}

/// The token of such a header; `None` when it is no such header.
#[must_use]
pub fn token_of(authorization: &str) -> Option<Vec<u8>> {
    let digits = authorization.strip_prefix("Bearer ")?;
    if digits.len() % 2 != 0 || digits.len() > 128 || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_header() {
        let token = vec![0, 1, 0xfe, 0xff];

        assert_eq!(token_of(&authorization(&token)), Some(token));
        assert_eq!(token_of("Bearer 0"), None);
        assert_eq!(token_of("Basic 00"), None);
    }
}
