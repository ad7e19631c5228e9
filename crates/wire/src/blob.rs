//! Attachments: named by their SHA-256, sent in pieces, each piece safe to repeat.
//!
//! `PUT /field/v1/blob/{sha256}?offset=N&size=TOTAL` carries a piece; the answer says how many bytes the center
//! has from the start. `GET` with `offset` and `most` reads one back. What may be read is offered in the exchange.

use crate::codec::bytes;
use minicbor::{Decode, Encode};
use siaga_domain::id::ChangeHash;

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

/// A file the center has whole and this device may fetch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FileOffer {
    /// Grows from offer to offer of a device.
    #[n(0)]
    pub number: u64,
    /// SHA-256 of the file; all zero for a map pack that was withdrawn.
    #[cbor(n(1), with = "bytes::hash")]
    pub hash: ChangeHash,
    #[n(2)]
    pub size_bytes: u64,
    /// One of the [`FileKind`]s; a reader skips an offer of a number it does not know.
    #[n(3)]
    pub kind: u8,
    /// When the center got it, center UTC milliseconds.
    #[n(4)]
    pub made_ms: i64,
    /// The record whose note names it; left out for a map pack.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub record: Option<[u8; 16]>,
    /// The name of a map pack; left out for a picture.
    #[n(6)]
    pub pack: Option<String>,
}

/// What a file is, as its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Thumbnail,
    Photograph,
    /// A map pack: boundaries, RFC 7946.
    GeoJson,
    /// A map pack: tiles, PMTiles version 3.
    PmTiles,
}

impl FileKind {
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Thumbnail => 0,
            Self::Photograph => 1,
            Self::GeoJson => 2,
            Self::PmTiles => 3,
        }
    }

    #[must_use]
    pub const fn of(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Thumbnail),
            1 => Some(Self::Photograph),
            2 => Some(Self::GeoJson),
            3 => Some(Self::PmTiles),
            _ => None,
        }
    }

    /// IANA media types; PMTiles is registered as `application/vnd.pmtiles`.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Thumbnail | Self::Photograph => "image/jpeg",
            Self::GeoJson => "application/geo+json",
            Self::PmTiles => "application/vnd.pmtiles",
        }
    }
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
    use crate::codec;

    #[test]
    fn a_token_survives_its_header() {
        let token = vec![0, 1, 0xfe, 0xff];

        assert_eq!(token_of(&authorization(&token)), Some(token));
        assert_eq!(token_of("Bearer 0"), None);
        assert_eq!(token_of("Basic 00"), None);
    }

    #[test]
    fn an_offer_is_a_few_dozen_bytes_and_survives_its_journey() {
        let offer = FileOffer {
            number: 70_000,
            hash: ChangeHash([7; 32]),
            size_bytes: 300_000,
            kind: FileKind::Photograph.number(),
            made_ms: 1_665_360_000_000,
            record: Some([9; 16]),
            pack: None,
        };

        let bytes = codec::encode(&offer).expect("encoded");

        assert!(bytes.len() < 80, "{}", bytes.len());
        assert_eq!(codec::decode::<FileOffer>(&bytes).expect("decoded"), offer);
        for kind in [FileKind::Thumbnail, FileKind::Photograph, FileKind::GeoJson, FileKind::PmTiles] {
            assert_eq!(FileKind::of(kind.number()), Some(kind));
        }
    }
}
