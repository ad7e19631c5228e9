//! How far something got: on this phone, out of it, waiting at the center, or with the center under a signed receipt.
//!
//! *Received* is said only on a receipt. A timeout or a 200 without one proves nothing.

use crate::time::UtcMs;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How far one change, or everything of one record, got.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Delivery {
    /// The center looked at it and did not take it.
    Refused { reason: String },
    /// On this phone's disk, and not written into its record before the center says that it knows this kind of entry.
    Kept { at_ms: UtcMs },
    /// On this phone's disk.
    Saved { at_ms: UtcMs },
    /// In an envelope that left the phone; nothing came back yet.
    Sent { at_ms: UtcMs },
    /// With the center, waiting there for a change it hangs on: not in its document yet, seen by nobody.
    Parked { at_ms: UtcMs },
    /// Named by a receipt the center signed, and in its document.
    Received { at_ms: UtcMs },
}

impl Delivery {
    /// The least far of several: a record is as far as its least delivered change.
    #[must_use]
    pub fn least(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_only_as_far_as_its_least_delivered_change() {
        let least = Delivery::least([
            Delivery::Received { at_ms: UtcMs(3) },
            Delivery::Saved { at_ms: UtcMs(9) },
            Delivery::Sent { at_ms: UtcMs(1) },
        ]);

        assert_eq!(least, Some(Delivery::Saved { at_ms: UtcMs(9) }));
    }
}
