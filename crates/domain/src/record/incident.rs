//! An incident: what was called in, where, how bad, and the log of everyone who works on it.
//!
//! Type and place are single values people may disagree about. Priority and closure are the center's.
//! Casualties are observations with a source and a quality, never a counter.

use crate::category::Category;
use crate::entry::{AddendumView, Authorship, Body, Entries, Entry, NoteView, StruckView};
use crate::id::{AreaCode, RecordId};
use crate::place::Position;
use crate::record::Record;
use crate::record::assessment::Quality;
use crate::register::{self, Dispute, Register};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

crate::coded! {
    /// How the center learned of it.
    Source {
        /// A call to 112.
        Call = "call",
        /// A responder's or village officer's report: a verified reporter.
        Field = "field",
        /// Another 112 system, over the HTTP API.
        System = "system",
    }
}

crate::coded! {
    /// 1 is the most urgent.
    Priority {
        P1 = "1",
        P2 = "2",
        P3 = "3",
    }
}

crate::coded! {
    /// Which casualties an observation counts. BNPB: meninggal, hilang, luka.
    CasualtyKind {
        Dead = "dead",
        Missing = "missing",
        Injured = "injured",
        /// Trapped or waiting for rescue.
        Trapped = "trapped",
    }
}

crate::coded! {
    /// Why an incident was closed (APCO 1.111.2 disposition numbers beside each).
    ClosureReason {
        /// 43 treated and released, 45 treated and transported, or the work is done.
        Done = "done",
        /// 17 false alarm.
        FalseReport = "false_report",
        /// 22 duplicate.
        Duplicate = "duplicate",
        /// 38 no patient, nothing found.
        NothingFound = "nothing_found",
        /// 10 cancelled.
        Cancelled = "cancelled",
        /// Handed to another agency or center.
        Forwarded = "forwarded",
    }
}

impl ClosureReason {
    /// APCO 1.111.2 common disposition number.
    #[must_use]
    pub const fn apco(self) -> u8 {
        match self {
            Self::Done => 43,
            Self::FalseReport => 17,
            Self::Duplicate => 22,
            Self::NothingFound => 38,
            Self::Cancelled => 10,
            Self::Forwarded => 44,
        }
    }
}

/// The first entry of an incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    pub source: Source,
    /// What was said, in the words it was said in.
    pub narrative: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_phone: Option<String>,
    /// The reporting unit, for a field report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CategoryIs {
    pub category: Category,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PriorityIs {
    pub priority: Priority,
}

/// Where. At least one of position, village or landmark is there.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceIs {
    /// Degrees, WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
    /// Kemendagri code of the village.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(as = "Option<String>")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub village: Option<AreaCode>,
    /// Addresses have no numbers here: a landmark says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landmark: Option<String>,
}

impl PlaceIs {
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Position::known(self.lat?, self.lon?, self.accuracy_m)
    }

    /// One line for lists of choices: codes and figures, no sentence.
    #[must_use]
    pub fn short(&self) -> String {
        let point = self.lat.zip(self.lon).map(|(lat, lon)| format!("{lat:.5}, {lon:.5}"));
        let village = self.village.as_ref().map(ToString::to_string);
        [village, self.landmark.clone(), point].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Casualties {
    pub of: CasualtyKind,
    pub count: i64,
    pub quality: Quality,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HazardSeen {
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closed {
    pub reason: ClosureReason,
    #[serde(default)]
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reopened {
    pub text: String,
}

/// Begins a later part of an incident: a document of its own, so that none grows without end. Written by the center.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Continues {
    pub incident: RecordId,
    /// 2 for the first that follows.
    pub part: i64,
}

/// Changes of one part after which the next is opened.
pub const CHANGES_OF_A_PART: u32 = 300;

/// Bits of the causal counter left to a part: its entries stand behind those of every earlier one.
const PART_SHIFT: u32 = 48;

/// Which incident a document continues, and as which part; `None` for one that begins an incident.
#[must_use]
pub fn continues(all: &[Entry]) -> Option<&Continues> {
    Entries::of(all).live.into_iter().find_map(|entry| match &entry.body {
        Body::Continues(continues) => Some(continues),
        _ => None,
    })
}

/// The entries of all parts of an incident as those of one record: in the order of the parts, and causally inside each.
/// What an entry replaces, strikes or overrules is named by its id, whichever part that stands in.
#[must_use]
pub fn join(parts: impl IntoIterator<Item = Vec<Entry>>) -> Vec<Entry> {
    let mut all = Vec::new();
    for (number, part) in (0_u64..).zip(parts) {
        all.extend(part.into_iter().map(|mut entry| {
            entry.order.counter = entry.order.counter.saturating_add(number << PART_SHIFT);
            entry
        }));
    }
    all
}

/// An incident of several parts, read as one.
pub struct Whole {
    pub incident: RecordId,
    /// Of all parts.
    pub entries: Vec<Entry>,
}

impl Whole {
    #[must_use]
    pub fn of(incident: RecordId, parts: impl IntoIterator<Item = Vec<Entry>>) -> Self {
        Self { incident, entries: join(parts) }
    }

    /// The incident as people see it.
    #[must_use]
    pub fn record(&self) -> Option<Record> {
        project(self.incident, &self.entries).map(Record::Incident)
    }
}

/// An incident as people see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Incident {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    pub opened: Authorship,
    pub source: Source,
    pub narrative: String,
    pub caller_name: Option<String>,
    pub caller_phone: Option<String>,
    pub reporting_unit: Option<String>,
    pub category: Option<Register<Category>>,
    pub priority: Option<Priority>,
    pub place: Option<Register<PlaceIs>>,
    pub casualties: Vec<CasualtyCount>,
    pub hazards: Vec<NoteView>,
    pub notes: Vec<NoteView>,
    pub closed: Option<Closure>,
    pub disputes: Vec<Dispute>,
    pub struck: Vec<StruckView>,
    /// What devices wrote into it after it was closed. Opening it again does not take them in.
    #[serde(default)]
    pub addenda: Vec<AddendumView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CasualtyCount {
    pub of: CasualtyKind,
    pub count: Register<i64>,
    pub quality: Quality,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Closure {
    pub author: Authorship,
    pub reason: ClosureReason,
    pub text: String,
}

/// `None` without an opening entry.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Incident> {
    let entries = Entries::of(all);
    let (opening, opened) = entries.live.iter().find_map(|entry| match &entry.body {
        Body::IncidentOpened(opened) => Some((*entry, opened)),
        _ => None,
    })?;
    let category = register::read(&entries, "category", |entry| match &entry.body {
        Body::Category(is) => Some(is.category),
        _ => None,
    });
    let priority = register::read(&entries, "priority", |entry| match &entry.body {
        Body::Priority(is) => Some(is.priority),
        _ => None,
    });
    let place = register::read(&entries, "place", |entry| match &entry.body {
        Body::Place(place) => Some(place.clone()),
        _ => None,
    });
    let casualties: Vec<CasualtyCount> = CasualtyKind::ALL
        .iter()
        .filter_map(|of| {
            let slot = format!("casualties.{of}");
            let seen = register::read(&entries, &slot, |entry| match &entry.body {
                Body::Casualties(seen) => Some((seen.count, seen.quality)),
                _ => None,
            })?;
            let quality = seen.value.1;
            let count = Register {
                value: seen.value.0,
                author: seen.author,
                disputed_by: seen
                    .disputed_by
                    .into_iter()
                    .map(|claim| register::Claim { value: claim.value.0, author: claim.author })
                    .collect(),
            };
            Some(CasualtyCount { of: *of, count, quality })
        })
        .collect();
    let hazards = entries
        .live
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Hazard(seen) => Some(NoteView::of_words(entry.authorship(), seen.text.clone())),
            _ => None,
        })
        .collect();
    let mut closed = None;
    for entry in &entries.live {
        match &entry.body {
            Body::Closed(is) => {
                closed = Some(Closure { author: entry.authorship(), reason: is.reason, text: is.text.clone() });
            }
            Body::Reopened(_) => closed = None,
            _ => {}
        }
    }
    let mut disputes = Vec::new();
    register::collect(&mut disputes, "category", category.as_ref(), |value| value.code().to_owned());
    register::collect(&mut disputes, "place", place.as_ref(), PlaceIs::short);
    for count in &casualties {
        register::collect(&mut disputes, &format!("casualties.{}", count.of), Some(&count.count), ToString::to_string);
    }
    Some(Incident {
        id,
        opened: opening.authorship(),
        source: opened.source,
        narrative: opened.narrative.clone(),
        caller_name: opened.caller_name.clone(),
        caller_phone: opened.caller_phone.clone(),
        reporting_unit: opened.unit.clone(),
        category,
        priority: priority.map(|register| register.value),
        place,
        casualties,
        hazards,
        notes: entries.notes(),
        closed,
        disputes,
        struck: entries.struck_views(),
        addenda: entries.addenda(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{CausalOrder, Note, Stamp, Strike};
    use crate::id::{ActorId, EntryId};

    fn entry(n: u8, counter: u64, replaces: &[u8], body: Body) -> Entry {
        let replaces = replaces.iter().map(|n| EntryId::from_bytes([*n; 16])).collect();
        Entry {
            id: EntryId::from_bytes([n; 16]),
            order: CausalOrder { counter, actor: ActorId::from_bytes([n; 16]) },
            stamp: Stamp { replaces, ..Stamp::default() },
            body,
        }
    }

    fn begun() -> Entry {
        let opened = Opened {
            source: Source::Call,
            narrative: "air naik".to_owned(),
            caller_name: None,
            caller_phone: None,
            unit: None,
        };
        entry(1, 1, &[], Body::IncidentOpened(opened))
    }

    fn place(n: u8, counter: u64, replaces: &[u8], landmark: &str) -> Entry {
        entry(n, counter, replaces, Body::Place(PlaceIs { landmark: Some(landmark.to_owned()), ..PlaceIs::default() }))
    }

    fn note(n: u8, counter: u64) -> Entry {
        entry(n, counter, &[], Body::Note(Note { text: format!("catatan {n}"), ..Note::default() }))
    }

    fn continued(n: u8) -> Entry {
        entry(n, 1, &[], Body::Continues(Continues { incident: RecordId::from_bytes([9; 16]), part: 2 }))
    }

    fn read(parts: [Vec<Entry>; 2]) -> Incident {
        project(RecordId::from_bytes([9; 16]), &join(parts)).expect("an incident")
    }

    #[test]
    fn an_incident_in_two_parts_reads_as_one_in_the_order_of_its_parts() {
        let incident = read([vec![begun(), note(2, 900)], vec![continued(3), note(4, 2)]]);

        let notes: Vec<&str> = incident.notes.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(notes, ["catatan 2", "catatan 4"]);
    }

    #[test]
    fn replacing_and_striking_reach_from_a_later_part_into_an_earlier_one() {
        let strike = Body::Strike(Strike { target: EntryId::from_bytes([3; 16]), reason: "salah".to_owned() });
        let first = vec![begun(), place(2, 5, &[], "jembatan"), note(3, 6)];

        let incident = read([first, vec![continued(4), place(5, 2, &[2], "surau"), entry(6, 3, &[], strike)]]);

        let at = incident.place.expect("a place");
        assert_eq!((at.value.landmark.as_deref(), at.is_disputed()), (Some("surau"), false));
        assert_eq!((incident.notes.len(), incident.struck.len()), (0, 1));
    }

    #[test]
    fn what_somebody_wrote_into_an_earlier_part_out_of_reach_disputes_the_later_one() {
        let first = vec![begun(), place(2, 5, &[], "jembatan"), place(3, 900, &[2], "pasar")];

        let incident = read([first, vec![continued(4), place(5, 2, &[2], "surau")]]);

        let at = incident.place.expect("a place");
        assert_eq!(at.value.landmark.as_deref(), Some("surau"), "the later part is shown");
        assert_eq!(at.disputed_by.len(), 1);
    }
}
