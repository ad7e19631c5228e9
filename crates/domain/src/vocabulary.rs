//! The kinds of entries a center knows beyond those of 0.2.0: a phone writes one of them only after its center named it.
//!
//! A center overrules an entry of a kind it does not know, for ever. So the kinds of 0.2.0 are listed here and frozen; every
//! other kind that a phone may write travels by name in the terms of an exchange.

use crate::entry::{KINDS, belongs};
use crate::kind::{RecordKind, Role};
use crate::policy::{Author, may_write};

/// Every kind a 0.2.0 center knows. Frozen.
const OF_0_2_0: [&str; 41] = [
    "strike",
    "overruled",
    "note",
    "opened",
    "category",
    "priority",
    "place",
    "casualties",
    "hazard",
    "closed",
    "reopened",
    "continues",
    "order",
    "status",
    "cancelled",
    "escalated",
    "destination",
    "patient",
    "triage",
    "complaint",
    "vitals",
    "treatment",
    "handover",
    "identity",
    "field",
    "assessment",
    "observed",
    "need",
    "raised",
    "answered",
    "sos_cancelled",
    "planned",
    "person",
    "checkin",
    "checkout",
    "agency",
    "post",
    "unit",
    "facility",
    "district",
    "threshold",
];

/// Whether every center knows entries of this kind.
#[must_use]
pub fn is_known_to_every_center(kind: &str) -> bool {
    OF_0_2_0.contains(&kind)
}

/// The kinds beyond those of 0.2.0 that some role of a phone may write, in the order of their definition.
#[must_use]
pub fn newer_kinds() -> Vec<&'static str> {
    let is_for_phones = |kind: &str| {
        RecordKind::ALL.iter().any(|record| {
            belongs(kind, *record) == Some(true)
                && Role::ALL.iter().any(|role| may_write(Author::Device(*role), *record, kind).is_ok())
        })
    };
    KINDS.iter().copied().filter(|kind| !is_known_to_every_center(kind) && is_for_phones(kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_0_2_0_is_never_named_and_stays_known() {
        for kind in OF_0_2_0 {
            assert!(KINDS.contains(&kind), "{kind} is gone");
            assert!(!newer_kinds().contains(&kind), "{kind}");
        }
    }

    #[test]
    fn what_the_center_alone_writes_is_not_named_for_no_phone_asks_about_it() {
        assert!(KINDS.contains(&"numbered"));
        assert!(!newer_kinds().contains(&"numbered"));
    }
}
