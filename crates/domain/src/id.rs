//! Names of things: 16-byte ids made where the thing is made, and the short codes people say aloud.
//!
//! Nothing here draws a random number: an id is built from bytes that the caller brings.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The text was not an id.
///
/// An id has one spelling: the same text always names the same thing, and two texts never do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an id: expected 32 lower-case hexadecimal digits in five groups, as 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct NotAnId;

macro_rules! sixteen_bytes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads an id as builds up to 0.2.0 did: upper case, without hyphens, in braces, as a URN. Only for finding
            /// out what documents of such a build hold; everything else reads the one spelling.
            ///
            /// # Errors
            /// [`NotAnId`] when the text is no UUID in any spelling.
            pub fn in_any_spelling(text: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(text).map(|id| Self(*id.as_bytes())).map_err(|_| NotAnId)
            }

            /// A version 7 id (RFC 9562): ordered by the maker's clock, unique by 74 random bits.
            #[must_use]
            pub fn v7(unix_ms: i64, random: [u8; 10]) -> Self {
                let millis = u64::try_from(unix_ms).unwrap_or(0);
                Self(*uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().as_bytes())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Uuid::from_bytes(self.0).hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = Self::in_any_spelling(text)?;
                let mut buffer = Uuid::encode_buffer();
                if Uuid::from_bytes(id.0).hyphenated().encode_lower(&mut buffer) == text { Ok(id) } else { Err(NotAnId) }
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = NotAnId;
            fn try_from(bytes: &[u8]) -> Result<Self, NotAnId> {
                bytes.try_into().map(Self).map_err(|_| NotAnId)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

sixteen_bytes! {
    /// One record, one Automerge document.
    RecordId
}
sixteen_bytes! {
    /// One entry of a record: a status event, a set of vitals, a note.
    EntryId
}
sixteen_bytes! {
    /// One enrolled phone (or command-post laptop).
    DeviceId
}
sixteen_bytes! {
    /// One life of one home: 16 random bytes, drawn anew at each boot, after a refusal, and after a copy.
    ActorId
}
sixteen_bytes! {
    /// One center, named in every envelope so that none can be replayed to another.
    CenterId
}

/// The SHA-256 of one Automerge change; also its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeHash(pub [u8; 32]);

impl fmt::Display for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeHash({self})")
    }
}

impl TryFrom<&[u8]> for ChangeHash {
    type Error = NotAnId;
    fn try_from(bytes: &[u8]) -> Result<Self, NotAnId> {
        bytes.try_into().map(Self).map_err(|_| NotAnId)
    }
}

impl Serialize for ChangeHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One uninterrupted life of a center's feed. A restored backup starts another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Epoch(pub [u8; 8]);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text was not a code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a code: expected 1 to 40 letters, digits, dots or hyphens")]
pub struct NotACode;

macro_rules! short_code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// [`NotACode`] when the text is empty, longer than 40 characters, or holds anything but ASCII
            /// letters, digits, `.`, `-` and `_`.
            pub fn new(text: impl Into<String>) -> Result<Self, NotACode> {
                let text = text.into();
                let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
                if text.is_empty() || text.len() > 40 || !text.chars().all(allowed) {
                    return Err(NotACode);
                }
                Ok(Self(text))
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotACode;
            fn from_str(text: &str) -> Result<Self, NotACode> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

short_code! {
    /// A unit's call sign: `AMB-01`, `BPBD-03`.
    UnitCode
}
short_code! {
    /// A rostered post: `PSC-DELTAPAWAN`.
    PostCode
}
short_code! {
    /// An agency (OPD or vertical agency): `BPBD`, `DINKES`.
    AgencyCode
}
short_code! {
    /// A referral facility: `RSUD-AGOESDJAM`.
    FacilityCode
}
short_code! {
    /// A person on the roster.
    PersonCode
}
short_code! {
    /// A Kemendagri code: `61.04` regency, `61.04.14` district, `61.04.14.2001` village.
    AreaCode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_own_text() {
        let id = RecordId::v7(1_665_360_000_000, [7; 10]);

        assert_eq!(id.to_string().parse::<RecordId>(), Ok(id));
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = RecordId::v7(1_665_360_000_000, [0xab; 10]);
        let text = id.to_string();
        let others = [
            text.to_uppercase(),
            text.replace('-', ""),
            format!("{{{text}}}"),
            format!("urn:uuid:{text}"),
            format!(" {text}"),
            format!("{text} "),
            format!("{text}\n"),
        ];

        for other in others {
            assert_eq!(other.parse::<RecordId>(), Err(NotAnId), "{other:?}");
            assert!(serde_json::from_value::<EntryId>(other.clone().into()).is_err(), "{other:?}");
        }
        assert_eq!(serde_json::from_value::<RecordId>(text.into()).ok(), Some(id));
    }

    #[test]
    fn ids_made_later_sort_later() {
        let early = RecordId::v7(1_665_360_000_000, [255; 10]);
        let late = RecordId::v7(1_665_360_000_001, [0; 10]);

        assert!(early < late);
    }

    #[test]
    fn a_code_with_a_space_or_a_path_in_it_is_refused() {
        assert_eq!(UnitCode::new("AMB 01"), Err(NotACode));
        assert_eq!(UnitCode::new("../01"), Err(NotACode));
        assert_eq!(UnitCode::new(""), Err(NotACode));
    }
}
