//! A call for help by a responder in danger: who, where, when, who answered, why it was cancelled.

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
    Some(Sos {
        id,
        raised: raising.authorship(),
        unit: raised.unit.clone(),
        position: raised.lat.zip(raised.lon).and_then(|(lat, lon)| Position::known(lat, lon, raised.accuracy_m)),
        answers: entries
            .live
            .iter()
            .filter_map(|entry| match &entry.body {
                Body::SosAnswered(answer) => Some(line(entry, &answer.text)),
                _ => None,
            })
            .collect(),
        cancelled: entries.live.iter().find_map(|entry| match &entry.body {
            Body::SosCancelled(by) => Some(line(entry, &by.reason)),
            _ => None,
        }),
        notes: entries.notes(),
    })
}
