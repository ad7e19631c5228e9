//! What the center decides about a change a device wrote, the reasons it gives, and what follows from each.
//!
//! A reason is a code: pages have words for it, and an unknown one is shown as it is. Whether a refused entry is written
//! again is decided here and nowhere else: what was refused for the company it came in, or for its bytes, is written
//! again under another actor; what was refused for what it says never is.

use crate::kind::RecordKind;
use crate::policy::Denial;
use crate::record::Record;

/// A change waits this long at the center for one it hangs on, then it is reported and refused.
pub const PARKED_FOR_MS: i64 = 72 * 3_600_000;

/// Changes of one device that wait at the center, at most.
pub const MOST_PARKED: usize = 10_000;

/// It waited for a change it hangs on for 72 hours.
pub const PARKED_TOO_LONG: &str = "parked_too_long";
/// More changes of this device wait than the center keeps waiting.
pub const TOO_MANY_PARKED: &str = "too_many_parked";
/// It hangs on a change that was refused.
pub const HANGS_ON_REFUSED: &str = "hangs_on_refused";
/// It hangs on a change that is not there yet.
pub const MISSING_DEPENDENCY: &str = "missing_dependency";
/// The incident was closed before it came. Said by centers of 0.1.0 and before, which let nothing of it stand.
pub const INCIDENT_CLOSED: &str = "incident_closed";
/// It came into an incident that was closed: accepted, and set beside what was closed, as an addendum to it.
pub const ADDENDUM: &str = "addendum";

/// An id of an entry in it stands in the record already, for something else or as somebody else wrote it.
pub const ENTRY_TWICE: &str = "entry_twice";

/// It exceeds a quota of its device and enters when that refills, however long it takes.
pub const QUOTA: &str = "quota";

/// Reports (new incidents) of one device in an hour, at most; more of them wait.
pub const REPORTS_AN_HOUR: i64 = 20;

/// Entries of one device in one record and an hour, at most, where they have a quota at all; more of them wait.
pub const ENTRIES_AN_HOUR: i64 = 300;

/// Bytes of envelopes of one device in a day, at most; what more of them bring waits.
pub const BYTES_A_DAY: u64 = 16 * 1024 * 1024;

/// Said by a phone of its own: it was never sent, and its bytes cannot be read any more.
pub const DAMAGED: &str = "damaged";

/// How often an entry is written again, at most: what is refused every time is not refused for its company.
pub const MOST_REPLAYS: usize = 3;

/// Whether a denied change enters the document, corrected, or stays out of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    Overrule,
    Refuse,
}

/// A directory stays out of a device's reach altogether: it is told to everybody, and no phone of ours ever wrote one.
/// Everything else enters and is corrected, because whatever the device writes later hangs on it.
#[must_use]
pub const fn of_denied(kind: RecordKind, _denial: Denial) -> Denied {
    match kind {
        RecordKind::Directory => Denied::Refuse,
        _ => Denied::Overrule,
    }
}

/// Whether what a device writes into this record is an addendum to it: the incident is closed, and what people were
/// told of it then stays as it was told. The words that come late are kept and shown beside it.
#[must_use]
pub const fn is_addendum_to(record: Option<&Record>) -> bool {
    matches!(record, Some(Record::Incident(incident)) if incident.closed.is_some())
}

/// Whether what a change said is written again after it was refused for this reason.
#[must_use]
pub fn is_written_again(reason: &str) -> bool {
    matches!(
        reason,
        // The company it came in.
        MISSING_DEPENDENCY | HANGS_ON_REFUSED | PARKED_TOO_LONG | TOO_MANY_PARKED
        // Its place among the changes of its actor and document.
        | "fork" | "sequence" | "actor" | "start_op" | "dependencies" | "pred" | "second_beginning"
        // Its bytes, whatever they said.
        | "checksum" | "malformed" | "not_canonical" | "not_a_change" | "chunk_type" | "extra" | "coding" | "trial" | "apply" | "unwound"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_for_what_it_says_is_never_written_again() {
        for said in
            ["malformed_entry", "value", "entry_edited", "entry_twice", "header", "other_record", "center_only", "role"]
        {
            assert!(!is_written_again(said), "{said}");
        }
        assert!(!is_written_again(QUOTA), "what waits is there");
        for company in ["fork", MISSING_DEPENDENCY, PARKED_TOO_LONG, "checksum"] {
            assert!(is_written_again(company), "{company}");
        }
    }

    #[test]
    fn a_denied_change_enters_its_document_unless_that_is_a_directory() {
        assert_eq!(of_denied(RecordKind::Incident, Denial::CenterOnly), Denied::Overrule);
        assert_eq!(of_denied(RecordKind::Directory, Denial::CenterOnly), Denied::Refuse);
        assert_eq!(of_denied(RecordKind::Directory, Denial::DoesNotBelong), Denied::Refuse);
    }
}
