//! The eight kinds of record, the lanes they travel in, and the roles that write them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names an enum's values once: as stored and shown on the wire, and as read back.
#[macro_export]
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, ::serde::Serialize, ::serde::Deserialize, ::ts_rs::TS)]
        #[cfg_attr(feature = "openapi", derive(::utoipa::ToSchema))]
        $(#[$doc])*
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order of its definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::kind::UnknownCode;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.code() == text).ok_or_else(|| $crate::kind::UnknownCode {
                    what: stringify!($name),
                    allowed: Self::ALL.iter().map(|value| value.code()).collect::<Vec<_>>().join(" "),
                })
            }
        }
    };
}

/// The text is none of the values.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a {what}: expected one of {allowed}")]
pub struct UnknownCode {
    pub what: &'static str,
    pub allowed: String,
}

coded! {
    /// What a document is. The code is the document's own `kind` field.
    RecordKind {
        Incident = "incident",
        Assignment = "assignment",
        Patient = "patient",
        Identity = "identity",
        Assessment = "assessment",
        Sos = "sos",
        Shift = "shift",
        Directory = "directory",
    }
}

impl RecordKind {
    /// A lane belongs to a kind, never to a single change, because a change hangs on earlier ones of its document.
    #[must_use]
    pub const fn lane(self) -> Lane {
        match self {
            Self::Assignment | Self::Sos => Lane::Urgent,
            _ => Lane::Records,
        }
    }
}

/// How urgent something is on the road. A lane never waits behind a lower one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// 0: SOS, acknowledgement, status, newest position.
    Urgent,
    /// 1: records.
    Records,
    /// 2: trail history.
    Trail,
    /// 3: thumbnails.
    Thumbnails,
    /// 4: photographs and map packs.
    Bulk,
}

impl Lane {
    /// The lanes that carry documents.
    pub const DOCUMENTS: [Self; 2] = [Self::Urgent, Self::Records];

    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Urgent => 0,
            Self::Records => 1,
            Self::Trail => 2,
            Self::Thumbnails => 3,
            Self::Bulk => 4,
        }
    }

    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Urgent),
            1 => Some(Self::Records),
            2 => Some(Self::Trail),
            3 => Some(Self::Thumbnails),
            4 => Some(Self::Bulk),
            _ => None,
        }
    }
}

coded! {
    /// What the person holding a device is there to do. Fixed by the invitation.
    Role {
        /// Ambulance crew.
        Medic = "medic",
        /// BPBD officer or volunteer (TRC, relawan).
        Volunteer = "volunteer",
        /// Village officer (perangkat desa), the verified reporter.
        Village = "village",
        /// Leads a post; may override an unrelieved end of duty.
        Supervisor = "supervisor",
    }
}
