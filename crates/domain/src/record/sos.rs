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
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CancelledBy {
    pub reason: String,
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
    pub position: Option<Position>,
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
}

/// `None` without the entry that raised it.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Sos> {
    let entries = Entries::of(all);
    let (raising, raised) = entries.live.iter().find_map(|entry| match &entry.body {
        Body::SosRaised(raised) => Some((*entry, raised)),
        _ => None,
    })?;
    let line = |entry: &Entry, text: &str| NoteView::of_words(entry.authorship(), text.to_owned());
    // What ended the call before the button was held again does not end it now.
    let held =
        entries.live.iter().filter(|entry| matches!(entry.body, Body::SosRaised(_))).map(|entry| entry.order).max();
    let now = || entries.live.iter().filter(|entry| Some(entry.order) > held);
    let safe = now().find_map(|entry| match &entry.body {
        Body::Safe(safe) => {
            Some(SafeView { author: entry.authorship(), said_by: safe.said_by.clone(), how: safe.how.clone() })
        }
        _ => None,
    });
    Some(Sos {
        id,
        raised: raising.authorship(),
        unit: raised.unit.clone(),
        position: raised.lat.zip(raised.lon).and_then(|(lat, lon)| Position::known(lat, lon, raised.accuracy_m)),
        answers: now()
            .filter_map(|entry| match &entry.body {
                Body::SosAnswered(answer) => Some(line(entry, &answer.text)),
                _ => None,
            })
            .collect(),
        cancelled: now().find_map(|entry| match &entry.body {
            Body::SosCancelled(by) => Some(line(entry, &by.reason)),
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
        entry(counter, actor, Body::SosCancelled(CancelledBy { reason: "aman".into() }))
    }

    fn answered(counter: u64) -> Entry {
        entry(counter, CENTER, Body::SosAnswered(Answered { text: "bantuan berangkat".into() }))
    }

    fn safe(counter: u64) -> Entry {
        entry(counter, CENTER, Body::Safe(Safe { said_by: "Tono".into(), how: "radio".into() }))
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
}
