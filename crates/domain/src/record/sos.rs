//! A call for help by a responder in danger: who, where, when, who answered, and who says that the danger is over.
//!
//! Only `safe` ends it. An answer shows the responder that the center saw it; a cancellation by the crew may have been
//! pressed by somebody else's thumb, so the center confirms it.

use crate::entry::{Authorship, Body, Entries, Entry, NoteView};
use crate::id::RecordId;
use crate::place::Position;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The button was held. EIDO incident type `HLP1`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Raised {
    pub unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
}

/// The center saw it and says so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answered {
    pub text: String,
    /// How often the button had been held, as far as the writer had seen. A phone without signal goes on calling: once
    /// there are more holds than this, the call stands again, wherever they are in the causal order. Absent in entries
    /// of 0.2.0 and of phones: then the causally later ones stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CancelledBy {
    pub reason: String,
    /// As in [`Answered`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<u32>,
}

/// The responder is safe. Written by the center alone.
///
/// The center writes a `sos_cancelled` beside it: earlier versions of the app end the call on that, and raise another
/// one only then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Safe {
    /// Who says so: the responder, a colleague on the spot, the police.
    pub said_by: String,
    /// How that was learned: by radio, by telephone, seen.
    pub how: String,
    /// As in [`Answered`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<u32>,
}

crate::coded! {
    /// How far a call for help has come.
    SosState {
        /// The center has not answered.
        Raised = "raised",
        /// The center answered; the responder is still in danger.
        Answered = "answered",
        /// The crew took it back; the center has not confirmed that the responder is safe.
        CancelledByCrew = "cancelled_by_crew",
        /// The center confirmed that the responder is safe.
        Safe = "safe",
    }
}

/// Who says that the responder is safe, and how the center learned it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SafeView {
    pub author: Authorship,
    pub said_by: String,
    pub how: String,
}

/// An SOS as people see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sos {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    pub raised: Authorship,
    pub unit: String,
    /// Where the button was held last, as far as that is known.
    pub position: Option<Position>,
    /// The button was held again since, oldest first.
    #[serde(default)]
    pub again: Vec<Authorship>,
    pub answers: Vec<NoteView>,
    pub cancelled: Option<NoteView>,
    pub notes: Vec<NoteView>,
    /// Ends the call. None while nobody confirmed it, or since the button was held again.
    #[serde(default)]
    pub safe: Option<SafeView>,
}

impl Sos {
    #[must_use]
    pub const fn state(&self) -> SosState {
        match (&self.safe, &self.cancelled, self.answers.is_empty()) {
            (Some(_), ..) => SosState::Safe,
            (None, Some(_), _) => SosState::CancelledByCrew,
            (None, None, false) => SosState::Answered,
            (None, None, true) => SosState::Raised,
        }
    }
}

impl Sos {
    /// Neither answered nor cancelled.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.answers.is_empty() && self.cancelled.is_none()
    }

    /// Who held the button last.
    #[must_use]
    pub fn newest(&self) -> &Authorship {
        self.again.last().unwrap_or(&self.raised)
    }

    /// How often the button was held, for what answers or ends the call.
    #[must_use]
    pub fn holds(&self) -> u32 {
        u32::try_from(self.again.len()).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// `None` without the entry that raised it.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Sos> {
    let entries = Entries::of(all);
    let held: Vec<(&Entry, &Raised)> = entries
        .live
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::SosRaised(raised) => Some((*entry, raised)),
            _ => None,
        })
        .collect();
    let ((raising, raised), again) = held.split_first()?;
    // What was written before the button was held again says nothing about that.
    let last = held.iter().map(|(entry, _)| entry.order).max();
    let covers = |entry: &Entry, seen: Option<u32>| match seen {
        Some(seen) => u32::try_from(held.len()).is_ok_and(|held| held <= seen),
        None => Some(entry.order) > last,
    };
    let line = |entry: &Entry, text: &str| NoteView::of_words(entry.authorship(), text.to_owned());
    let safe = entries.live.iter().find_map(|entry| match &entry.body {
        Body::Safe(safe) if covers(entry, safe.holds) => {
            Some(SafeView { author: entry.authorship(), said_by: safe.said_by.clone(), how: safe.how.clone() })
        }
        _ => None,
    });
    Some(Sos {
        id,
        raised: raising.authorship(),
        unit: raised.unit.clone(),
        position: held.iter().rev().find_map(|(_, raised)| {
            raised.lat.zip(raised.lon).and_then(|(lat, lon)| Position::known(lat, lon, raised.accuracy_m))
        }),
        again: again.iter().map(|(entry, _)| entry.authorship()).collect(),
        answers: entries
            .live
            .iter()
            .filter_map(|entry| match &entry.body {
                Body::SosAnswered(answer) if covers(entry, answer.holds) => Some(line(entry, &answer.text)),
                _ => None,
            })
            .collect(),
        cancelled: entries.live.iter().find_map(|entry| match &entry.body {
            Body::SosCancelled(by) if covers(entry, by.holds) => Some(line(entry, &by.reason)),
            _ => None,
        }),
        notes: entries.notes(),
        safe,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{CausalOrder, Stamp};
    use crate::id::{ActorId, EntryId};

    const PHONE: u8 = 1;
    const CENTER: u8 = 2;

    fn entry(counter: u64, actor: u8, body: Body) -> Entry {
        Entry {
            id: EntryId::from_bytes([u8::try_from(counter).expect("few"); 16]),
            order: CausalOrder { counter, actor: ActorId::from_bytes([actor; 16]) },
            stamp: Stamp::default(),
            body,
        }
    }

    fn raised(counter: u64) -> Entry {
        entry(
            counter,
            PHONE,
            Body::SosRaised(Raised { unit: "BPBD-03".into(), lat: None, lon: None, accuracy_m: None }),
        )
    }

    fn cancelled(counter: u64, actor: u8) -> Entry {
        entry(counter, actor, Body::SosCancelled(CancelledBy { reason: "aman".into(), holds: None }))
    }

    fn answered(counter: u64) -> Entry {
        entry(counter, CENTER, Body::SosAnswered(Answered { text: "bantuan berangkat".into(), holds: None }))
    }

    fn safe(counter: u64) -> Entry {
        entry(counter, CENTER, Body::Safe(Safe { said_by: "Tono".into(), how: "radio".into(), holds: None }))
    }

    fn raised_at(counter: u64, lat: f64) -> Entry {
        let raised = Raised { unit: "BPBD-03".into(), lat: Some(lat), lon: Some(110.0), accuracy_m: None };
        entry(counter, PHONE, Body::SosRaised(raised))
    }

    fn state(all: &[Entry]) -> SosState {
        project(RecordId::from_bytes([9; 16]), all).expect("raised").state()
    }

    #[test]
    fn only_the_center_s_word_that_the_responder_is_safe_ends_a_call_for_help() {
        assert_eq!(state(&[raised(1)]), SosState::Raised);
        assert_eq!(state(&[raised(1), answered(2)]), SosState::Answered);
        assert_eq!(state(&[raised(1), answered(2), cancelled(3, PHONE)]), SosState::CancelledByCrew);
        assert_eq!(state(&[raised(1), cancelled(3, PHONE), safe(4)]), SosState::Safe);
        assert_eq!(state(&[raised(1), safe(4), cancelled(5, CENTER)]), SosState::Safe, "the legacy value beside it");
    }

    #[test]
    fn the_button_held_again_after_the_end_is_a_call_for_help_again() {
        let all = [raised(1), safe(2), cancelled(3, CENTER), raised(4)];

        assert_eq!(state(&all), SosState::Raised);
        assert_eq!(state(&[raised(1), cancelled(2, PHONE), raised(3), answered(4)]), SosState::Answered);
    }

    #[test]
    fn a_hold_that_the_center_had_not_seen_is_neither_answered_nor_ended_by_what_it_wrote() {
        // The phone held again without signal: causally beside what the center wrote, and earlier by number.
        let (first, second) = (raised_at(1, -1.8), raised_at(2, -1.9));
        let safe = entry(3, CENTER, Body::Safe(Safe { said_by: "Tono".into(), how: "radio".into(), holds: Some(1) }));
        let legacy = entry(4, CENTER, Body::SosCancelled(CancelledBy { reason: "aman".into(), holds: Some(1) }));
        let answer = entry(5, CENTER, Body::SosAnswered(Answered { text: "berangkat".into(), holds: Some(1) }));

        assert_eq!(state(&[first.clone(), safe.clone(), legacy.clone()]), SosState::Safe);
        let all = [first.clone(), second.clone(), safe, legacy, answer];
        let seen = project(RecordId::from_bytes([9; 16]), &all).expect("raised");

        assert_eq!((seen.state(), seen.answers.len()), (SosState::Raised, 0));
        assert_eq!(seen.position.map(|at| at.lat()), Some(-1.9), "where it was held last");
        assert_eq!(seen.again.iter().map(|hold| hold.entry.clone()).collect::<Vec<_>>(), [second.id.to_string()]);
        assert_eq!(seen.holds(), 2);
    }
}
