//! A single value that several people may set: the last word where one saw the other, a dispute where not.
//!
//! The winner of a dispute is the entry that stands last in the causal order of the document, the same on
//! every device. A clock never decides. A human's choice is one more entry, which replaces all it saw.

use crate::entry::{Authorship, CausalOrder, Entries, Entry};
use crate::id::EntryId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The value of a slot, with those it disagrees with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Register<T> {
    pub value: T,
    pub author: Authorship,
    /// Values written by people who had not seen one another's; empty when there is no dispute. The winner
    /// is not among them.
    pub disputed_by: Vec<Claim<T>>,
}

/// One side of a dispute.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Claim<T> {
    pub value: T,
    pub author: Authorship,
}

impl<T> Register<T> {
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        !self.disputed_by.is_empty()
    }
}

/// The live entries of one slot that no later live entry of it replaces, in causal order.
///
/// An entry replaces only what stands before it: nobody has seen what comes after. So the last live entry of a slot always
/// stands, whatever names whatever.
#[must_use]
pub fn standing<'a>(entries: &Entries<'a>, slot: &str) -> Vec<&'a Entry> {
    let of_slot: Vec<&Entry> =
        entries.live.iter().copied().filter(|entry| entry.body.slot().as_deref() == Some(slot)).collect();
    let mut replaced_last: BTreeMap<EntryId, CausalOrder> = BTreeMap::new();
    for entry in &of_slot {
        for replaced in &entry.stamp.replaces {
            let last = replaced_last.entry(*replaced).or_insert(entry.order);
            *last = entry.order.max(*last);
        }
    }
    of_slot
        .into_iter()
        .filter(|entry| replaced_last.get(&entry.id).is_none_or(|replaced| *replaced <= entry.order))
        .collect()
}

/// Reads one slot. `value` picks what is compared and shown; entries with the winner's value do not dispute it.
#[must_use]
pub fn read<T: PartialEq>(
    entries: &Entries<'_>,
    slot: &str,
    value: impl Fn(&Entry) -> Option<T>,
) -> Option<Register<T>> {
    read_preferring(entries, slot, value, |_| ())
}

/// As [`read`], for values of which some are worse to overlook than others: while people disagree, the one that is
/// preferred most is shown, and among those the causally last.
#[must_use]
pub fn read_preferring<T: PartialEq, P: Ord>(
    entries: &Entries<'_>,
    slot: &str,
    value: impl Fn(&Entry) -> Option<T>,
    preference: impl Fn(&T) -> P,
) -> Option<Register<T>> {
    let mut claims: Vec<Claim<T>> = standing(entries, slot)
        .into_iter()
        .filter_map(|entry| value(entry).map(|value| Claim { value, author: entry.authorship() }))
        .collect();
    // Stable: what is preferred equally stays in causal order.
    claims.sort_by_key(|claim| preference(&claim.value));
    let winner = claims.pop()?;
    let mut disputed_by: Vec<Claim<T>> = Vec::new();
    for claim in claims {
        if claim.value != winner.value && !disputed_by.iter().any(|seen| seen.value == claim.value) {
            disputed_by.push(claim);
        }
    }
    Some(Register { value: winner.value, author: winner.author, disputed_by })
}

/// A dispute as a list shows it, whatever the type of the value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dispute {
    /// The slot: `triage`, `place`, `dead`.
    pub field: String,
    /// Every standing value; the first is the one displayed as the winner.
    pub choices: Vec<DisputeChoice>,
}

/// One value to choose from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisputeChoice {
    /// The value as short text: a code, a number, a name.
    pub value: String,
    pub author: Authorship,
}

/// Adds `register` to `into` when people disagree about it.
pub fn collect<T>(into: &mut Vec<Dispute>, field: &str, register: Option<&Register<T>>, text: impl Fn(&T) -> String) {
    let Some(register) = register.filter(|register| register.is_disputed()) else { return };
    let mut choices = vec![DisputeChoice { value: text(&register.value), author: register.author.clone() }];
    choices.extend(
        register
            .disputed_by
            .iter()
            .map(|claim| DisputeChoice { value: text(&claim.value), author: claim.author.clone() }),
    );
    into.push(Dispute { field: field.to_owned(), choices });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Body, CausalOrder, Stamp, Strike};
    use crate::id::{ActorId, EntryId};
    use crate::record::patient::{TriageIs, TriageMethod};
    use crate::triage::TriageColor;

    fn entry(n: u8, counter: u64, replaces: &[u8], body: Body) -> Entry {
        Entry {
            id: EntryId::from_bytes([n; 16]),
            order: CausalOrder { counter, actor: ActorId::from_bytes([n; 16]) },
            stamp: Stamp {
                replaces: replaces.iter().map(|n| EntryId::from_bytes([*n; 16])).collect(),
                ..Stamp::default()
            },
            body,
        }
    }

    fn triage(n: u8, counter: u64, replaces: &[u8], color: TriageColor) -> Entry {
        entry(n, counter, replaces, Body::Triage(TriageIs { color, method: TriageMethod::Judgement }))
    }

    fn read_triage(all: &[Entry]) -> Option<Register<TriageColor>> {
        read(&Entries::of(all), "triage", |entry| match &entry.body {
            Body::Triage(is) => Some(is.color),
            _ => None,
        })
    }

    #[test]
    fn the_last_word_counts_where_one_saw_the_other() {
        let all = [triage(1, 10, &[], TriageColor::Green), triage(2, 20, &[1], TriageColor::Red)];

        let register = read_triage(&all).expect("a value");

        assert_eq!(register.value, TriageColor::Red);
        assert!(!register.is_disputed());
    }

    #[test]
    fn two_who_did_not_see_one_another_are_both_kept_in_any_order_of_reading() {
        let a = triage(1, 10, &[], TriageColor::Green);
        let b = triage(2, 10, &[], TriageColor::Red);

        let one = read_triage(&[a.clone(), b.clone()]).expect("a value");
        let other = read_triage(&[b, a]).expect("a value");

        assert_eq!(one, other);
        assert_eq!(one.disputed_by.len(), 1);
    }

    #[test]
    fn two_who_say_the_same_do_not_disagree() {
        let all = [triage(1, 10, &[], TriageColor::Red), triage(2, 10, &[], TriageColor::Red)];

        assert!(!read_triage(&all).expect("a value").is_disputed());
    }

    #[test]
    fn a_humans_choice_replaces_all_it_saw_and_an_unseen_third_word_opens_the_dispute_again() {
        let mut all = vec![
            triage(1, 10, &[], TriageColor::Green),
            triage(2, 10, &[], TriageColor::Red),
            triage(3, 11, &[1, 2], TriageColor::Red),
        ];
        assert!(!read_triage(&all).expect("a value").is_disputed());

        all.push(triage(4, 10, &[], TriageColor::Yellow));

        assert!(read_triage(&all).expect("a value").is_disputed());
    }

    #[test]
    fn striking_the_last_word_brings_back_what_it_replaced() {
        let all = [
            triage(1, 10, &[], TriageColor::Green),
            triage(2, 20, &[1], TriageColor::Red),
            entry(
                3,
                30,
                &[],
                Body::Strike(Strike { target: EntryId::from_bytes([2; 16]), reason: "salah pasien".into() }),
            ),
        ];

        assert_eq!(read_triage(&all).expect("a value").value, TriageColor::Green);
    }

    #[test]
    fn a_replacement_counts_only_over_what_stands_before_it() {
        let forward = [triage(1, 10, &[2], TriageColor::Green), triage(2, 20, &[], TriageColor::Red)];
        let one_another = [triage(1, 10, &[2], TriageColor::Green), triage(2, 20, &[1], TriageColor::Red)];

        let forward = read_triage(&forward).expect("a value");
        let one_another = read_triage(&one_another).expect("a value");

        assert_eq!((forward.value, forward.is_disputed()), (TriageColor::Red, true));
        assert_eq!((one_another.value, one_another.is_disputed()), (TriageColor::Red, false));
    }

    #[test]
    fn no_pattern_of_replacements_leaves_a_slot_without_a_value() {
        // Every graph of replacements among four entries, those of themselves included.
        for graph in 0_u32..1 << 16 {
            let all: Vec<Entry> = (0_u8..4)
                .map(|from| {
                    let replaces: Vec<u8> = (0..4).filter(|to| graph >> (from * 4 + to) & 1 == 1).collect();
                    triage(from, 10 + u64::from(from / 2), &replaces, TriageColor::Red)
                })
                .collect();

            assert!(read_triage(&all).is_some(), "{graph:016b}");
        }
    }

    #[test]
    fn an_entry_of_another_slot_is_replaced_by_nobody() {
        let text = "nyeri dada".to_owned();
        let complaint =
            entry(2, 20, &[1], Body::Complaint(crate::record::patient::ComplaintIs { text, ..Default::default() }));
        let all = [triage(1, 10, &[], TriageColor::Red), complaint];

        assert_eq!(read_triage(&all).expect("a value").value, TriageColor::Red);
    }
}
