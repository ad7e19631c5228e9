//! One entry of a record: who wrote what, when, and which earlier entries the writer had seen and replaces.
//!
//! A record is nothing but entries under keys of kind and fresh id. An entry is never edited: it is struck
//! by a later one, or replaced by one that names it. So two phones can never hide one another's writing, and
//! a value that did not change is still an event.
//!
//! The fields of an entry are flat: names and scalars. Unknown kinds and unknown fields stay in the document
//! and are passed on; here they are merely not understood.

use crate::id::{ActorId, EntryId};
use crate::kind::RecordKind;
use crate::record::{assessment, assignment, directory, identity, incident, patient, shift, sos};
use crate::time::{ClockReading, UtcMs};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Where an entry stands in the causal order of its document: a Lamport counter, ties broken by actor.
///
/// No clock takes part in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CausalOrder {
    pub counter: u64,
    pub actor: ActorId,
}

/// Who wrote an entry and what their clocks said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stamp {
    /// The person checked in on the device, as named on the roster; empty when nobody was.
    pub by: String,
    pub clock: ClockReading,
    /// Entries of the same slot that the writer saw and means to replace.
    pub replaces: Vec<EntryId>,
}

/// An entry as read from a document.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    pub id: EntryId,
    pub order: CausalOrder,
    pub stamp: Stamp,
    pub body: Body,
}

impl Entry {
    /// `vitals/0190…`: the key under which the entry stands in its document.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(self.body.kind(), self.id)
    }
}

/// The key of an entry in its document.
#[must_use]
pub fn key_of(kind: &str, id: EntryId) -> String {
    format!("{kind}/{id}")
}

/// The fields of an entry do not make sense for its kind.
#[derive(Debug, thiserror::Error)]
#[error("entry of kind {kind} does not have the fields of its kind")]
pub struct MalformedEntry {
    pub kind: String,
    #[source]
    pub cause: serde_json::Error,
}

/// Who may write entries of a kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writer {
    /// The center, and a device whose role writes records of that kind.
    Anyone,
    Center,
}

/// What an entry of a kind is to its record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Without it there is no record to show.
    Opening,
    Within,
}

/// The value given, or the usual one.
macro_rules! given {
    ($usual:expr;) => {
        $usual
    };
    ($usual:expr; $given:expr) => {
        $given
    };
}

/// The one table of kinds: payload, kinds of record it belongs in, who writes it (anyone, if nothing is said) and whether
/// it opens its record.
macro_rules! bodies {
    ($($(#[$doc:meta])* $variant:ident($payload:ty) = $kind:literal in [$($record:ident)*]
        $(by $writer:ident)? $(as $place:ident)?),+ $(,)?) => {
        /// What an entry says. One variant per kind of entry; the same kind may stand in several kinds of record.
        #[derive(Clone, PartialEq, Debug)]
        pub enum Body {
            $($(#[$doc])* $variant($payload)),+,
            /// Written by a newer version: kept, passed on, not understood.
            Unknown { kind: String },
        }

        impl Body {
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $kind),+,
                    Self::Unknown { kind } => kind,
                }
            }

            /// The entry's own fields, without its stamp.
            ///
            /// # Errors
            /// Never for the payloads of this crate; the signature is serde's.
            pub fn fields(&self) -> Result<Map<String, Value>, serde_json::Error> {
                let value = match self {
                    $(Self::$variant(payload) => serde_json::to_value(payload)?),+,
                    Self::Unknown { .. } => Value::Object(Map::new()),
                };
                match value {
                    Value::Object(map) => Ok(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
                    _ => Ok(Map::new()),
                }
            }

            /// Reads the fields of an entry of this kind.
            ///
            /// # Errors
            /// [`MalformedEntry`] when a field the kind needs is missing or of another type.
            pub fn parse(kind: &str, fields: Map<String, Value>) -> Result<Self, MalformedEntry> {
                match kind {
                    $($kind => serde_json::from_value::<$payload>(Value::Object(fields))
                        .map(Self::$variant)
                        .map_err(|cause| MalformedEntry { kind: kind.to_owned(), cause })),+,
                    _ => Ok(Self::Unknown { kind: kind.to_owned() }),
                }
            }
        }

        /// Every kind of entry this build knows, in the order of their definition.
        pub const KINDS: &[&str] = &[$($kind),+];

        /// Whether an entry of this kind belongs in a record of that kind; `None` for a kind this build does not know.
        #[must_use]
        pub fn belongs(entry_kind: &str, record: RecordKind) -> Option<bool> {
            match entry_kind {
                $($kind => Some([$(RecordKind::$record),*].contains(&record))),+,
                _ => None,
            }
        }

        /// Who may write entries of this kind; `None` for a kind this build does not know.
        #[must_use]
        pub fn writer(entry_kind: &str) -> Option<Writer> {
            match entry_kind {
                $($kind => Some(given!(Writer::Anyone; $(Writer::$writer)?))),+,
                _ => None,
            }
        }

        /// What an entry of this kind is to its record; `None` for a kind this build does not know.
        #[must_use]
        pub fn place(entry_kind: &str) -> Option<Place> {
            match entry_kind {
                $($kind => Some(given!(Place::Within; $(Place::$place)?))),+,
                _ => None,
            }
        }
    };
}

/// Whether a strike takes the effect of an entry of this kind away. Not of one that opens its record, and not of one that
/// only the center writes, whoever strikes: the center cancels, closes or overrules instead.
#[must_use]
pub fn can_be_struck(entry_kind: &str) -> bool {
    writer(entry_kind) != Some(Writer::Center) && place(entry_kind) != Some(Place::Opening)
}

bodies! {
    /// Withdraws an earlier entry; both stay visible.
    Strike(Strike) = "strike" in [Incident Assignment Patient Identity Assessment Sos Shift],
    /// The center takes the effect of an entry away: not permitted, or too late. The entry stays, and so does the reason.
    Overruled(Overruled) = "overruled" in [Incident Assignment Patient Identity Assessment Sos Shift Directory]
        by Center,
    /// The center joined heads of the document, so that no change needs many dependencies. Says nothing to people.
    Joined(Joined) = "joined" in [Incident Assignment Patient Identity Assessment Sos Shift Directory] by Center,
    /// Free words, perhaps with a photograph.
    Note(Note) = "note" in [Incident Patient Assessment Sos],
    IncidentOpened(incident::Opened) = "opened" in [Incident] as Opening,
    Category(incident::CategoryIs) = "category" in [Incident],
    Priority(incident::PriorityIs) = "priority" in [Incident] by Center,
    Place(incident::PlaceIs) = "place" in [Incident],
    Casualties(incident::Casualties) = "casualties" in [Incident],
    Hazard(incident::HazardSeen) = "hazard" in [Incident],
    Closed(incident::Closed) = "closed" in [Incident] by Center,
    Reopened(incident::Reopened) = "reopened" in [Incident] by Center,
    /// The first entry of a later part of an incident.
    Continues(incident::Continues) = "continues" in [Incident] by Center as Opening,
    Order(assignment::Order) = "order" in [Assignment] by Center as Opening,
    StatusEvent(assignment::StatusEvent) = "status" in [Assignment],
    Cancelled(assignment::Cancelled) = "cancelled" in [Assignment] by Center,
    Escalated(assignment::Escalated) = "escalated" in [Assignment] by Center,
    Destination(assignment::DestinationIs) = "destination" in [Assignment],
    PatientOpened(patient::Opened) = "patient" in [Patient] as Opening,
    /// The number the center gave a patient whose opening has none.
    Numbered(patient::Numbered) = "numbered" in [Patient] by Center,
    Triage(patient::TriageIs) = "triage" in [Patient],
    Complaint(patient::ComplaintIs) = "complaint" in [Patient],
    Vitals(crate::vitals::Vitals) = "vitals" in [Patient],
    Treatment(patient::Treatment) = "treatment" in [Patient],
    Handover(patient::Handover) = "handover" in [Patient],
    IdentityOpened(identity::Opened) = "identity" in [Identity] as Opening,
    IdentityField(identity::IdentityField) = "field" in [Identity],
    AssessmentOpened(assessment::Opened) = "assessment" in [Assessment] as Opening,
    Observed(assessment::Observed) = "observed" in [Assessment],
    Need(assessment::Need) = "need" in [Assessment],
    SosRaised(sos::Raised) = "raised" in [Sos] as Opening,
    SosAnswered(sos::Answered) = "answered" in [Sos] by Center,
    SosCancelled(sos::CancelledBy) = "sos_cancelled" in [Sos],
    /// The responder is safe: ends the call for help.
    Safe(sos::Safe) = "safe" in [Sos] by Center,
    Planned(shift::Planned) = "planned" in [Shift] as Opening,
    Person(shift::PlannedPerson) = "person" in [Shift],
    CheckIn(shift::CheckIn) = "checkin" in [Shift],
    CheckOut(shift::CheckOut) = "checkout" in [Shift],
    Agency(directory::Agency) = "agency" in [Directory] by Center,
    Post(directory::Post) = "post" in [Directory] by Center,
    Unit(directory::Unit) = "unit" in [Directory] by Center,
    Facility(directory::Facility) = "facility" in [Directory] by Center,
    District(directory::District) = "district" in [Directory] by Center,
    Threshold(directory::Threshold) = "threshold" in [Directory] by Center,
    /// A post, unit or facility that is no more.
    Ended(directory::Ended) = "ended" in [Directory] by Center,
}

/// Withdraws the entry of `target`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Strike {
    pub target: EntryId,
    pub reason: String,
}

/// Takes the effect of the entry of `target` away. Written by the center alone, beside the change it corrects.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Overruled {
    pub target: EntryId,
    /// A reason code of [`crate::verdict`].
    pub reason: String,
}

impl Overruled {
    /// Not let down, only late: what it says is shown as an addendum.
    #[must_use]
    pub fn is_addendum(&self) -> bool {
        self.reason == crate::verdict::ADDENDUM
    }
}

/// How many changes that nothing followed the center joined into one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Joined {
    pub heads: u32,
}

/// Words, and perhaps a photograph named by its SHA-256.
///
/// Where it was taken is said here, by the phone's own position: the file says nothing of it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Note {
    pub text: String,
    /// SHA-256 of the attached file, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<String>,
    /// `image/jpeg`, `image/png`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
    /// SHA-256 of the photograph's thumbnail: a JPEG of at most [`THUMBNAIL_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// Where the phone was when the photograph was attached, degrees, WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
}

/// A thumbnail is at most this large: at the edge of coverage it passes in a few seconds.
pub const THUMBNAIL_BYTES: usize = 15 * 1024;

/// A photograph is at most this large, and an incident has at most so many of them.
pub const PHOTOGRAPH_BYTES: usize = 5 * 1024 * 1024;
pub const PHOTOGRAPHS_OF_AN_INCIDENT: u32 = 50;

impl Body {
    /// Single values that replace one another share a slot; everything append-only has none.
    #[must_use]
    pub fn slot(&self) -> Option<String> {
        match self {
            Self::Category(_)
            | Self::Priority(_)
            | Self::Place(_)
            | Self::Destination(_)
            | Self::Triage(_)
            | Self::Complaint(_)
            | Self::Planned(_) => Some(self.kind().to_owned()),
            Self::Casualties(seen) => Some(format!("casualties.{}", seen.of)),
            Self::IdentityField(field) => Some(field.name.code().to_owned()),
            Self::Observed(observed) => Some(observed.metric.code().to_owned()),
            Self::Agency(of) => Some(format!("agency.{}", of.code)),
            Self::Post(of) => Some(format!("post.{}", of.code)),
            Self::Unit(of) => Some(format!("unit.{}", of.code)),
            Self::Facility(of) => Some(format!("facility.{}", of.code)),
            Self::District(of) => Some(format!("district.{}", of.code)),
            Self::Threshold(of) => Some(format!("threshold.{}", of.name)),
            Self::Ended(of) => Some(of.slot.clone()),
            _ => None,
        }
    }
}

/// Who wrote something and when, as every screen shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Authorship {
    /// The entry's id; `strike` and `resolve` name it.
    pub entry: String,
    /// The person, as on the roster; empty when nobody was checked in.
    pub by: String,
    /// Device UTC, milliseconds.
    pub at_device_ms: UtcMs,
    /// Estimated center UTC, milliseconds; the receipt where the claimed time cannot be true.
    pub at_ms: UtcMs,
    /// True where the claimed time cannot be true: pages say *jam salah*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wrong_clock: Option<bool>,
}

impl Entry {
    #[must_use]
    pub fn authorship(&self) -> Authorship {
        Authorship {
            entry: self.id.to_string(),
            by: self.stamp.by.clone(),
            at_device_ms: self.stamp.clock.device,
            at_ms: self.stamp.clock.center_estimate(),
            wrong_clock: None,
        }
    }
}

/// The entries of one record with those that no longer count set apart.
#[derive(Debug)]
pub struct Entries<'a> {
    /// In causal order.
    pub live: Vec<&'a Entry>,
    /// What was withdrawn, with the words of its withdrawal.
    pub struck: Vec<(&'a Entry, &'a Strike)>,
    /// What the center did not let stand, with its reason.
    pub overruled: Vec<(&'a Entry, &'a Overruled)>,
}

impl<'a> Entries<'a> {
    /// Of entries under one id the causally first counts alone: the others are as if nobody had written them.
    #[must_use]
    pub fn of(all: &'a [Entry]) -> Self {
        let first = first_of_each_id(all);
        let overruling = overruling(&first);
        let striking = striking(&first, &overruling);
        let mut entries = Self { live: Vec::new(), struck: Vec::new(), overruled: Vec::new() };
        for entry in all.iter().filter(|entry| is_first(&first, entry)) {
            match (overruling.get(&entry.id), striking.get(&entry.id)) {
                (Some((_, overruled)), _) => entries.overruled.push((entry, overruled)),
                (None, Some((_, strike))) => entries.struck.push((entry, strike)),
                (None, None) => entries.live.push(entry),
            }
        }
        entries.live.sort_by_key(|entry| entry.order);
        entries
    }

    /// Log lines of this record: its notes, oldest first by causal order.
    #[must_use]
    pub fn notes(&self) -> Vec<NoteView> {
        self.live
            .iter()
            .filter_map(|entry| match &entry.body {
                Body::Note(note) => Some(NoteView {
                    author: entry.authorship(),
                    text: note.text.clone(),
                    attachment: note.attachment.clone(),
                    media: note.media.clone(),
                    thumbnail: note.thumbnail.clone(),
                    size_bytes: note.size_bytes,
                }),
                _ => None,
            })
            .collect()
    }

    /// What was withdrawn, for the foot of a timeline.
    #[must_use]
    pub fn struck_views(&self) -> Vec<StruckView> {
        let struck = self.struck.iter().map(|(entry, strike)| StruckView {
            author: entry.authorship(),
            kind: entry.body.kind().to_owned(),
            how: Withdrawal::Struck,
            reason: strike.reason.clone(),
        });
        let denied = self.overruled.iter().filter(|(_, overruled)| !overruled.is_addendum());
        let overruled = denied.map(|(entry, overruled)| StruckView {
            author: entry.authorship(),
            kind: entry.body.kind().to_owned(),
            how: Withdrawal::Overruled,
            reason: overruled.reason.clone(),
        });
        struck.chain(overruled).collect()
    }

    /// What came after the incident was closed, in causal order: kept in full, beside what was closed.
    #[must_use]
    pub fn addenda(&self) -> Vec<AddendumView> {
        let mut late: Vec<&Entry> =
            self.overruled.iter().filter(|(_, ruling)| ruling.is_addendum()).map(|(entry, _)| *entry).collect();
        late.sort_by_key(|entry| entry.order);
        late.into_iter().map(AddendumView::of).collect()
    }
}

/// The causally first entry under each id.
type First<'a> = BTreeMap<EntryId, &'a Entry>;

fn first_of_each_id(all: &[Entry]) -> First<'_> {
    let mut first = First::new();
    for entry in all {
        let known = first.entry(entry.id).or_insert(entry);
        if entry.order < known.order {
            *known = entry;
        }
    }
    first
}

fn is_first(first: &First<'_>, entry: &Entry) -> bool {
    first.get(&entry.id).is_some_and(|known| std::ptr::eq(*known, entry))
}

/// The entry of this id, where it stands before `other`: nobody withdraws or overrules what they have not seen.
fn earlier<'a>(first: &First<'a>, id: EntryId, other: &Entry) -> Option<&'a Entry> {
    first.get(&id).copied().filter(|entry| entry.order < other.order)
}

/// Which entries have no effect, and by which overruling. Only an overruling that itself stands counts, and only over
/// what came before it in causal order: so a device that writes one achieves nothing once the center has answered.
fn overruling<'a>(first: &First<'a>) -> BTreeMap<EntryId, (&'a Entry, &'a Overruled)> {
    let mut rulings: Vec<(&Entry, &Overruled)> = first
        .values()
        .filter_map(|entry| match &entry.body {
            Body::Overruled(overruled) => Some((*entry, overruled)),
            _ => None,
        })
        .collect();
    rulings.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.order));
    let mut without_effect = BTreeMap::new();
    for (ruling, overruled) in rulings {
        let stands = !without_effect.contains_key(&ruling.id);
        if stands && earlier(first, overruled.target, ruling).is_some() {
            without_effect.entry(overruled.target).or_insert((ruling, overruled));
        }
    }
    without_effect
}

/// Which entries are withdrawn, and by which strike: the causally first of those that stand. A strike that was overruled
/// withdraws nothing, nor does one of an entry that [cannot be struck](can_be_struck).
fn striking<'a>(
    first: &First<'a>,
    overruling: &BTreeMap<EntryId, (&Entry, &Overruled)>,
) -> BTreeMap<EntryId, (&'a Entry, &'a Strike)> {
    let mut struck: BTreeMap<EntryId, (&Entry, &Strike)> = BTreeMap::new();
    for entry in first.values().copied().filter(|entry| !overruling.contains_key(&entry.id)) {
        let Body::Strike(strike) = &entry.body else { continue };
        let target = earlier(first, strike.target, entry).filter(|target| can_be_struck(target.body.kind()));
        if target.is_none() {
            continue;
        }
        let known = struck.entry(strike.target).or_insert((entry, strike));
        if entry.order < known.0.order {
            *known = (entry, strike);
        }
    }
    struck
}

/// What was read before this was told apart was struck.
impl Default for Withdrawal {
    fn default() -> Self {
        Self::Struck
    }
}

crate::coded! {
    /// How an entry lost its effect.
    Withdrawal {
        /// Withdrawn by a person.
        Struck = "struck",
        /// Not let stand by the center; the reason is a code of `verdict`.
        Overruled = "overruled",
    }
}

/// One line of a log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoteView {
    pub author: Authorship,
    pub text: String,
    pub attachment: Option<String>,
    pub media: Option<String>,
    /// SHA-256 of the thumbnail; older notes have none.
    pub thumbnail: Option<String>,
    /// Of the attachment.
    #[ts(type = "number | null")]
    pub size_bytes: Option<i64>,
}

impl NoteView {
    /// Words and nothing else.
    #[must_use]
    pub const fn of_words(author: Authorship, text: String) -> Self {
        Self { author, text, attachment: None, media: None, thumbnail: None, size_bytes: None }
    }
}

/// One entry without effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StruckView {
    pub author: Authorship,
    pub kind: String,
    #[serde(default)]
    pub how: Withdrawal,
    /// Words of whoever withdrew it, or the center's reason code.
    pub reason: String,
}

/// One entry that came after its incident was closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddendumView {
    pub author: Authorship,
    pub kind: String,
    /// What it says: the words of a note, or a value as short text.
    pub text: String,
    /// Of a note's photograph.
    pub attachment: Option<String>,
    pub media: Option<String>,
    pub thumbnail: Option<String>,
}

impl AddendumView {
    fn of(entry: &Entry) -> Self {
        let text = match &entry.body {
            Body::Note(note) => note.text.clone(),
            Body::Hazard(seen) => seen.text.clone(),
            Body::Category(is) => is.category.code().to_owned(),
            Body::Place(place) => place.short(),
            Body::Casualties(seen) => format!("{} {}", seen.of, seen.count),
            Body::Strike(strike) => strike.reason.clone(),
            _ => String::new(),
        };
        let note = match &entry.body {
            Body::Note(note) => Some(note),
            _ => None,
        };
        Self {
            author: entry.authorship(),
            kind: entry.body.kind().to_owned(),
            text,
            attachment: note.and_then(|note| note.attachment.clone()),
            media: note.and_then(|note| note.media.clone()),
            thumbnail: note.and_then(|note| note.thumbnail.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ActorId;

    fn entry(n: u8, counter: u64, body: Body) -> Entry {
        Entry {
            id: EntryId::from_bytes([n; 16]),
            order: CausalOrder { counter, actor: ActorId::from_bytes([1; 16]) },
            stamp: Stamp::default(),
            body,
        }
    }

    fn note(n: u8, counter: u64) -> Entry {
        entry(n, counter, Body::Note(Note { text: "air naik".into(), ..Note::default() }))
    }

    fn overruled(n: u8, counter: u64, target: u8) -> Entry {
        let target = EntryId::from_bytes([target; 16]);
        entry(n, counter, Body::Overruled(Overruled { target, reason: "center_only".into() }))
    }

    #[test]
    fn an_overruled_entry_has_no_effect_and_says_why() {
        let all = [note(1, 1), note(2, 2), overruled(3, 3, 1)];

        let entries = Entries::of(&all);

        assert_eq!(entries.notes().len(), 1);
        let gone = entries.struck_views();
        assert_eq!((gone.len(), gone[0].how, gone[0].reason.as_str()), (1, Withdrawal::Overruled, "center_only"));
    }

    #[test]
    fn what_comes_after_the_closing_stands_beside_it_in_full_and_is_not_called_denied() {
        let target = EntryId::from_bytes([1; 16]);
        let beside = Body::Overruled(Overruled { target, reason: crate::verdict::ADDENDUM.into() });
        let all = [note(1, 5), note(2, 2), entry(3, 6, beside)];

        let entries = Entries::of(&all);

        assert_eq!(entries.notes().len(), 1);
        assert_eq!(entries.struck_views(), []);
        let addenda = entries.addenda();
        assert_eq!((addenda.len(), addenda[0].kind.as_str(), addenda[0].text.as_str()), (1, "note", "air naik"));
    }

    #[test]
    fn a_strike_that_was_overruled_strikes_nothing() {
        let strike = Body::Strike(Strike { target: EntryId::from_bytes([1; 16]), reason: "salah".into() });
        let all = [note(1, 1), entry(2, 2, strike), overruled(3, 3, 2)];

        assert_eq!(Entries::of(&all).notes().len(), 1);
    }

    #[test]
    fn an_overruling_that_is_itself_overruled_or_comes_before_its_target_has_no_effect() {
        let answered = [note(1, 1), overruled(2, 2, 1), overruled(3, 3, 2)];
        let early = [overruled(2, 1, 1), note(1, 5)];

        assert_eq!(Entries::of(&answered).notes().len(), 1);
        assert_eq!(Entries::of(&early).notes().len(), 1);
    }

    fn strike(n: u8, counter: u64, target: u8) -> Entry {
        let target = EntryId::from_bytes([target; 16]);
        entry(n, counter, Body::Strike(Strike { target, reason: "salah".into() }))
    }

    fn closed(n: u8, counter: u64) -> Entry {
        let reason = incident::ClosureReason::Done;
        entry(n, counter, Body::Closed(incident::Closed { reason, text: String::new() }))
    }

    fn opened(n: u8, counter: u64) -> Entry {
        let opened = incident::Opened {
            source: incident::Source::Call,
            narrative: "air naik".into(),
            caller_name: None,
            caller_phone: None,
            unit: None,
        };
        entry(n, counter, Body::IncidentOpened(opened))
    }

    #[test]
    fn of_two_entries_under_one_id_the_causally_first_counts_alone_in_any_order_of_reading() {
        let first_is_note = [note(1, 5), closed(1, 6)];
        let first_is_closed = [note(1, 6), closed(1, 5)];

        for all in [first_is_note.clone(), {
            let [a, b] = first_is_note;
            [b, a]
        }] {
            let entries = Entries::of(&all);
            assert_eq!((entries.live.len(), entries.notes().len()), (1, 1));
        }
        let entries = Entries::of(&first_is_closed);
        assert_eq!((entries.live.len(), entries.notes().len()), (1, 0));
    }

    #[test]
    fn the_second_entry_under_an_id_strikes_and_overrules_nothing() {
        let mut striking = strike(1, 7, 2);
        striking.id = note(1, 1).id;
        let all = [note(1, 1), note(2, 2), striking, overruled(1, 8, 2)];

        let entries = Entries::of(&all);

        assert_eq!((entries.notes().len(), entries.struck.len(), entries.overruled.len()), (2, 0, 0));
    }

    #[test]
    fn a_strike_of_what_opens_a_record_or_of_what_only_the_center_writes_has_no_effect() {
        let all = [opened(1, 1), closed(2, 2), overruled(3, 3, 9), strike(4, 4, 1), strike(5, 5, 2), strike(6, 6, 3)];

        let entries = Entries::of(&all);

        assert!(entries.struck.is_empty());
        assert_eq!(entries.live.len(), all.len());
    }

    #[test]
    fn no_strike_reaches_an_overruling_or_what_comes_after_it() {
        let ruled = [note(1, 1), overruled(2, 2, 1), strike(3, 3, 2)];
        let forward = [strike(1, 1, 2), note(2, 5)];

        assert!(Entries::of(&ruled).notes().is_empty());
        assert_eq!(Entries::of(&forward).notes().len(), 1);
    }

    #[test]
    fn a_strike_of_a_strike_brings_nothing_back() {
        let all = [note(1, 1), strike(2, 2, 1), strike(3, 3, 2)];

        assert!(Entries::of(&all).notes().is_empty());
    }

    #[test]
    fn every_kind_that_opens_a_record_and_every_kind_of_the_center_stays() {
        let opening = ["opened", "continues", "order", "patient", "identity", "assessment", "raised", "planned"];
        let of_center = [
            "priority",
            "closed",
            "reopened",
            "continues",
            "order",
            "cancelled",
            "escalated",
            "answered",
            "overruled",
            "joined",
            "agency",
            "post",
            "unit",
            "facility",
            "district",
            "threshold",
        ];

        for kind in opening {
            assert_eq!((place(kind), can_be_struck(kind)), (Some(Place::Opening), false), "{kind}");
        }
        for kind in of_center {
            assert_eq!((writer(kind), can_be_struck(kind)), (Some(Writer::Center), false), "{kind}");
        }
        for kind in ["note", "status", "triage", "vitals", "place", "person", "checkin", "checkout", "sos_cancelled"] {
            assert!(can_be_struck(kind), "{kind}");
        }
    }
}
