//! Who may write what: one table, asked on the phone before it writes and at the center before it admits.

use crate::entry::{Writer, belongs, writer};
use crate::kind::{RecordKind, Role};

impl Denial {
    /// The reason as it travels in a receipt.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DoesNotBelong => "does_not_belong",
            Self::UnknownKind => "unknown_kind",
            Self::CenterOnly => "center_only",
            Self::Role => "role",
        }
    }
}

/// Who stands behind a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Author {
    /// The center itself: a dispatcher, the roster office, an existing 112 system.
    Center,
    /// A device, by the role of its invitation.
    Device(Role),
}

/// Why a change is not permitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Denial {
    #[error("an entry of this kind does not belong in this kind of record")]
    DoesNotBelong,
    #[error("this version does not know entries of this kind")]
    UnknownKind,
    #[error("only the center writes entries of this kind")]
    CenterOnly,
    #[error("this role does not write records of this kind")]
    Role,
}

/// # Errors
/// [`Denial`] when `author` may not write an entry of kind `entry` into a record of kind `record`.
pub fn may_write(author: Author, record: RecordKind, entry: &str) -> Result<(), Denial> {
    let Author::Device(role) = author else {
        // A newer center may write what this build does not know: it is kept and passed on.
        return if belongs(entry, record) == Some(false) { Err(Denial::DoesNotBelong) } else { Ok(()) };
    };
    match belongs(entry, record) {
        None => return Err(Denial::UnknownKind),
        Some(false) => return Err(Denial::DoesNotBelong),
        Some(true) => {}
    }
    let center_only = record == RecordKind::Directory || writer(entry) == Some(Writer::Center);
    if center_only {
        return Err(Denial::CenterOnly);
    }
    let allowed = match record {
        RecordKind::Patient | RecordKind::Identity => matches!(role, Role::Medic | Role::Supervisor | Role::Volunteer),
        RecordKind::Incident
        | RecordKind::Assignment
        | RecordKind::Assessment
        | RecordKind::Sos
        | RecordKind::Shift => true,
        RecordKind::Directory => false,
    };
    if allowed { Ok(()) } else { Err(Denial::Role) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_never_sets_a_priority_or_gives_an_order() {
        for (record, entry) in [
            (RecordKind::Incident, "priority"),
            (RecordKind::Incident, "closed"),
            (RecordKind::Assignment, "order"),
            (RecordKind::Assignment, "cancelled"),
            (RecordKind::Directory, "unit"),
        ] {
            for role in Role::ALL {
                assert_eq!(may_write(Author::Device(*role), record, entry), Err(Denial::CenterOnly), "{entry}");
            }
            assert_eq!(may_write(Author::Center, record, entry), Ok(()), "{entry}");
        }
    }

    #[test]
    fn vitals_do_not_belong_in_an_assignment_whoever_writes_them() {
        assert_eq!(may_write(Author::Center, RecordKind::Assignment, "vitals"), Err(Denial::DoesNotBelong));
        assert_eq!(may_write(Author::Device(Role::Medic), RecordKind::Patient, "vitals"), Ok(()));
        assert_eq!(may_write(Author::Device(Role::Village), RecordKind::Patient, "vitals"), Err(Denial::Role));
    }
}
