//! What a responder sees: each screen's facts with their ages, and how far each thing got.
//!
//! No sentence is in here. Words belong to the page and the command line.

use crate::request::DeviceState;
use serde::{Deserialize, Serialize};
use siaga_domain::category::Category;
use siaga_domain::delivery::Delivery;
use siaga_domain::nik::NikWarning;
use siaga_domain::patient_number::PatientNumber;
use siaga_domain::place::{Compass, Position, Village};
use siaga_domain::record::Record;
use siaga_domain::record::assessment::Assessment;
use siaga_domain::record::directory::{DistrictView, Facility, Post, Unit};
use siaga_domain::record::identity::Identity;
use siaga_domain::record::incident::{Incident, Priority};
use siaga_domain::record::patient::Patient;
use siaga_domain::record::shift::Shift;
use siaga_domain::record::sos::Sos;
use siaga_domain::register::Dispute;
use siaga_domain::roster::PostState;
use siaga_domain::status::Status;
use siaga_domain::time::{ClockStanding, UtcMs};
use siaga_domain::tracking::GapCause;
use siaga_domain::triage::TriageColor;
use ts_rs::TS;

/// Something was written to this phone's disk.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Written {
    /// The record it stands in.
    pub id: String,
    /// The entry; `strike` takes it back.
    pub entry: String,
    /// When, device UTC.
    pub saved_at_ms: UtcMs,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PatientAdded {
    pub id: String,
    pub identity: String,
    pub saved_at_ms: UtcMs,
    /// What deserves a second look; nothing was refused.
    pub warnings: Vec<NikWarning>,
}

/// Who this phone is.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Enrolled {
    pub device: String,
    pub name: String,
    pub unit: String,
    pub role: siaga_domain::kind::Role,
    pub center_name: String,
    /// Six digits to compare with the center's screen.
    pub code: String,
}

/// The digits alone, while somebody at the center compares them.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EnrolCode {
    /// Six digits.
    pub code: String,
}

/// How things stand with the center.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SyncState {
    /// Changes saved here that have not left the phone.
    pub saved: u32,
    /// Changes that left and were not receipted yet.
    pub sent: u32,
    /// Entries kept here until the center knows their kind: 112 has to be updated first.
    pub kept: u32,
    /// At the center, waiting there for a change they hang on.
    pub parked: u32,
    /// Changes the center did not take.
    pub refused: u32,
    /// Files not yet confirmed.
    pub attachments_waiting: u32,
    /// Fixes not yet confirmed.
    pub fixes_waiting: u32,
    /// Center time of the newest receipt.
    pub last_receipt_ms: Option<UtcMs>,
    /// Device time of the newest exchange that was answered at all.
    pub last_exchange_ms: Option<UtcMs>,
    pub reach: Reach,
    /// Center time minus device time.
    #[ts(type = "number | null")]
    pub clock_offset_ms: Option<i64>,
    /// Whether this phone's clock can be believed.
    pub clock: ClockStanding,
}

/// What the last attempt to reach the center came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Reach {
    #[default]
    Unknown,
    Reached,
    NoSignal,
    /// Something answered that is not our center: a captive portal, an interceptor.
    NotOurCenter,
    /// The center closed this phone's access.
    Revoked,
    /// The center needs a newer app; saving goes on.
    UpdateNeeded,
    /// This phone's clock is so wrong that the center's certificate seems not to hold.
    ClockWrong,
}

/// The header of every screen, and the start page.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Home {
    /// `None` before enrolment.
    pub me: Option<Me>,
    pub sync: SyncState,
    pub tasks: Vec<TaskBrief>,
    /// Open incidents that are not on this phone, the newest first.
    pub elsewhere: Vec<ElsewhereBrief>,
    /// Orders of this unit that were cancelled, until somebody here acknowledged it. The oldest first.
    pub cancellations: Vec<CancellationNotice>,
    /// Incidents that this phone reported, the newest first.
    pub reports: Vec<OwnReport>,
    /// An unanswered or active SOS of this phone.
    pub sos: Option<Sos>,
    pub dispute_count: u32,
    /// Incidents the center archived: their documents are gone from this phone. The newest first.
    pub archived: Vec<ArchivedBrief>,
    pub health: Health,
    /// Device UTC. Times of entries are center time: add `sync.clock_offset_ms` before taking their age.
    pub now_ms: UtcMs,
}

/// A cancelled order that nobody on this phone has acknowledged.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CancellationNotice {
    /// The assignment's id.
    pub task: String,
    /// The entry that cancelled it.
    pub entry: String,
    pub category: Option<Category>,
    pub priority: Priority,
    pub whereabouts: Whereabouts,
    pub reason: String,
    pub by: String,
    /// Center time.
    pub at_ms: UtcMs,
}

/// A report of this phone, and what the center made of it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OwnReport {
    pub incident: String,
    pub category: Option<Category>,
    pub priority: Option<Priority>,
    pub whereabouts: Whereabouts,
    pub narrative: String,
    pub reported_at_ms: UtcMs,
    pub delivery: Option<Delivery>,
    /// Units ordered to it, as far as this phone is told.
    pub units: Vec<OtherUnit>,
    pub closed: Option<siaga_domain::record::incident::ClosureReason>,
}

/// Whether what this phone keeps is all there.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Health {
    /// The newest time the data of this phone could not be opened any more; told for a week.
    pub home_lost: Option<HomeLost>,
    /// Damaged entries that the center is asked for.
    pub damaged_waiting: u32,
    /// Entries of this phone that were never sent and cannot be read any more.
    pub damaged_lost: u32,
    /// The app ended at its start again and again: photographs and map packs wait, records are written and sent.
    pub safe_start: bool,
}

/// What became of a home that could not be opened any more.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HomeLost {
    /// Device UTC.
    pub at_ms: UtcMs,
    /// Entries that had not been received by the center, and were saved out of it.
    pub saved: u32,
    /// Such entries that could not be read, at least.
    pub lost: u32,
}

/// What stays on this phone of an incident that was archived; nothing of it can be opened or written to any more.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ArchivedBrief {
    pub incident: String,
    pub category: Option<Category>,
    pub village: Option<Village>,
    pub opened_at_ms: UtcMs,
    pub archived_at_ms: UtcMs,
    /// Something was added after the first archive.
    pub added_to: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Me {
    pub device: String,
    pub device_name: String,
    pub unit: String,
    pub unit_name: String,
    pub role: siaga_domain::kind::Role,
    pub center_name: String,
    pub duty: Option<Duty>,
    /// This phone works elsewhere than it did, and nobody confirmed having seen it.
    pub moved: Option<Moved>,
    pub preferences: Preferences,
}

/// Where this phone worked before.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Moved {
    pub from_unit: String,
    pub from_unit_name: String,
    /// `Role`'s code; one this build does not know is shown as it is.
    pub from_role: String,
    /// What was written before and is not at the center yet. It is sent all the same.
    pub unsent: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Duty {
    pub post: String,
    pub post_name: String,
    pub person: String,
    pub since_ms: UtcMs,
    pub until_ms: Option<UtcMs>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Preferences {
    /// `id` or `en`.
    pub language: String,
    /// `auto`, `day`, `night`, `red` or `contrast`.
    pub theme: String,
    /// 100, 130, 160 or 200 percent.
    pub text_percent: u16,
    #[serde(default)]
    pub unasked: Unasked,
}

/// When whole photographs and map packs come by themselves. Previews always do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Unasked {
    /// Over a link that is known to cost nothing.
    #[default]
    Free,
    Always,
    /// Only what somebody asked for.
    Never,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { language: "id".to_owned(), theme: "auto".to_owned(), text_percent: 100, unasked: Unasked::Free }
    }
}

/// Where an incident is, seen from here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Whereabouts {
    pub village: Option<Village>,
    pub landmark: Option<String>,
    pub position: Option<Position>,
    /// From the phone's newest position.
    pub distance_m: Option<f64>,
    /// Measured to the district's point, because the incident has a village and no coordinates.
    pub distance_approximate: bool,
    pub compass: Option<Compass>,
    /// When that newest position was taken.
    pub from_fix_at_ms: Option<UtcMs>,
}

/// An incident that is not on this phone: what the center says a list may show.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ElsewhereBrief {
    pub incident: String,
    pub category: Option<Category>,
    pub priority: Option<Priority>,
    pub whereabouts: Whereabouts,
    /// Center time.
    pub opened_at_ms: UtcMs,
    /// When the center told it, center time.
    pub told_at_ms: UtcMs,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TaskBrief {
    /// The assignment's id.
    pub id: String,
    pub incident: String,
    pub unit: String,
    pub category: Option<Category>,
    pub priority: Priority,
    pub whereabouts: Whereabouts,
    pub narrative: String,
    pub ordered_at_ms: UtcMs,
    pub ordered_by: String,
    pub status: Option<Status>,
    pub status_at_ms: Option<UtcMs>,
    /// What the large button offers.
    pub next: Option<Status>,
    pub open: bool,
    pub overdue: bool,
    pub cancelled: Option<String>,
    pub patient_count: u32,
    pub assessment_count: u32,
    pub disputed: bool,
    pub delivery: Option<Delivery>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Task {
    pub brief: TaskBrief,
    pub incident: Option<Incident>,
    pub steps: Vec<Step>,
    pub patients: Vec<PatientBrief>,
    pub assessments: Vec<AssessmentBrief>,
    /// Other units at the same incident.
    pub other_units: Vec<OtherUnit>,
    /// How far each entry of the incident got, by entry id. One that is missing is not known.
    pub note_delivery: Vec<EntryDelivery>,
    /// The files the notes of the incident name.
    pub files: Vec<FileState>,
    pub dispatcher_text: String,
}

/// One step of the road, pressed or not yet.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Step {
    pub status: Status,
    pub entry: Option<String>,
    pub at_ms: Option<UtcMs>,
    pub by: Option<String>,
    pub delivery: Option<Delivery>,
    pub reason: Option<String>,
    pub has_position: bool,
    /// What came of it, beside `available`.
    pub outcome: Option<siaga_domain::status::Outcome>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EntryDelivery {
    pub entry: String,
    pub delivery: Delivery,
}

/// What people call a patient.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PatientName {
    /// `A01`, `3`. `None` while nobody gave a number: the page shows *sementara* and `short_id`.
    pub number: Option<PatientNumber>,
    /// The last three characters of the id.
    pub short_id: String,
    /// Another patient here has the same number: both are shown with `short_id` beside it.
    pub number_twice: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PatientBrief {
    pub id: String,
    #[serde(flatten)]
    pub name: PatientName,
    pub label: String,
    pub triage: Option<TriageColor>,
    pub disputed: bool,
    pub last_vitals_ms: Option<UtcMs>,
    pub delivery: Option<Delivery>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AssessmentBrief {
    pub id: String,
    pub village: Option<Village>,
    pub at_ms: UtcMs,
    pub by: String,
    pub disputed: bool,
    pub delivery: Option<Delivery>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OtherUnit {
    pub unit: String,
    pub status: Option<Status>,
    pub at_ms: Option<UtcMs>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PatientScreen {
    pub brief: PatientBrief,
    pub patient: Patient,
    pub identity: Option<Identity>,
    pub nik_warnings: Vec<NikWarning>,
    /// The NIK as a screen shows it.
    pub nik_masked: Option<String>,
    /// How far each entry got, by entry id. One that is missing is not known.
    pub entry_delivery: Vec<EntryDelivery>,
    /// The files its notes name.
    pub files: Vec<FileState>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AssessmentScreen {
    pub brief: AssessmentBrief,
    pub assessment: Assessment,
    pub entry_delivery: Vec<EntryDelivery>,
    /// The files its notes name.
    pub files: Vec<FileState>,
}

/// A photograph, thumbnail or map pack, as it stands on this phone.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FileState {
    /// 64 hexadecimal digits: its name.
    pub sha256: String,
    pub stage: FileStage,
    /// All its bytes are on this phone.
    pub here: bool,
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// Bytes the other side has for certain: the center of one on its way up, this phone of one on its way down.
    #[ts(type = "number")]
    pub done_bytes: u64,
    /// This device's clock: when it was saved here, or bytes of it last reached the other side. None of one that is
    /// elsewhere and of which nothing came yet.
    pub moved_ms: Option<UtcMs>,
}

/// How far a file got.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum FileStage {
    /// Taken here; nothing of it left.
    Saved,
    /// Taken here; part of it left.
    Sending,
    /// Taken here; the center confirmed all of it by its hash.
    Received,
    /// Taken here; the center does not take it now. It is tried again.
    Refused,
    /// Taken here; its bytes are no longer what they were.
    Damaged,
    /// Another phone took it, and the center does not have it yet.
    NotAtCenter,
    /// The center has it; nobody here asked for it.
    Offered,
    /// The center has it and it comes.
    Fetching,
    /// It came and is here.
    Fetched,
}

/// A map pack.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Pack {
    pub name: String,
    /// `application/geo+json`, `application/vnd.pmtiles`.
    pub media: String,
    /// SHA-256 of the file the map uses; none before the first is whole.
    pub in_use: Option<String>,
    /// Of the one in use, or of the first to come.
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// When the center got it, center time.
    pub made_ms: UtcMs,
    /// The one that will replace it.
    pub newer: Option<FileState>,
}

/// Any record with how far it got: `get`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordView {
    pub record: Record,
    pub heads: Vec<String>,
    pub change_count: u32,
    pub delivery: Option<Delivery>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DutyScreen {
    pub duty: Option<Duty>,
    pub posts: Vec<PostView>,
    pub shifts: Vec<Shift>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PostView {
    pub post: Post,
    /// Computed here, from the last synced roster.
    pub status: PostState,
    /// Whether this phone belongs to the post.
    pub mine: bool,
    /// When the roster this was computed from last changed here.
    pub known_at_ms: Option<UtcMs>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Fix {
    pub position: Position,
    pub at_ms: UtcMs,
    pub speed_mps: Option<f64>,
    pub received: bool,
    /// True when the platform says that an app made it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mock: Option<bool>,
}

/// What became of a fix, and when the next one is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FixTaken {
    /// It is in the trail.
    pub kept: bool,
    /// Milliseconds from now; nothing while nobody is on duty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next_ms: Option<i64>,
}

/// What became of a batch of fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixesTaken {
    /// So many are in the trail.
    pub kept: u32,
    /// So many cannot be: a speed that is none.
    pub refused: u32,
    /// When the next one is wanted, milliseconds from now; nothing while nobody is on duty.
    pub next_ms: Option<i64>,
    /// The phone stands: its receiver may rest as well.
    pub stands: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Trail {
    pub fixes: Vec<Fix>,
    /// When nobody looked for a position though somebody was on duty, oldest first.
    pub gaps: Vec<TrackingGap>,
}

/// Tracking stopped at one moment and went on at another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TrackingGap {
    pub from_ms: UtcMs,
    pub until_ms: UtcMs,
    pub cause: GapCause,
}

/// Whether the trail of this duty runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TrackingState {
    pub on_duty: bool,
    /// Since then nobody looks for a position, and somebody should; device UTC.
    pub stopped_since_ms: Option<UtcMs>,
}

/// What may keep a duty from working, for the person who carries the phone.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SelfTest {
    /// What the platform said last; nothing where there is no phone.
    pub device: Option<DeviceState>,
    pub clock: ClockStanding,
    pub tracking: TrackingState,
    /// Device UTC.
    pub now_ms: UtcMs,
}

siaga_domain::coded! {
    /// What rings.
    AlarmKind {
        /// An order nobody answered.
        Task = "task",
        /// A responder in danger.
        Sos = "sos",
        /// An order of this unit was cancelled, and nobody here acknowledged it.
        Cancelled = "cancelled",
    }
}

/// Something that rings until a human acts. It says no more than a locked screen may show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Of the order or the call for help; of the cancelling entry, because its order may ring too.
    pub id: String,
    /// The record to act on.
    pub record: String,
    pub kind: AlarmKind,
    pub category: Option<Category>,
    pub priority: Option<Priority>,
    /// The name of the village.
    pub village: Option<String>,
    /// The unit in danger.
    pub unit: Option<String>,
    /// Center time.
    pub at_ms: UtcMs,
}

/// One thing waiting, and why.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OutboxItem {
    pub record: String,
    pub kind: siaga_domain::kind::RecordKind,
    /// Kinds of the entries in the change: `status`, `vitals`.
    pub entries: Vec<String>,
    pub lane: u8,
    pub delivery: Delivery,
    pub size_bytes: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Outbox {
    pub sync: SyncState,
    pub items: Vec<OutboxItem>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DisputeItem {
    pub id: String,
    /// Of a patient, or of an identity: what people call the patient.
    pub patient: Option<PatientName>,
    pub kind: siaga_domain::kind::RecordKind,
    pub incident: Option<String>,
    pub dispute: Dispute,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MapScreen {
    pub here: Option<Fix>,
    pub districts: Vec<DistrictView>,
    pub facilities: Vec<Facility>,
    pub posts: Vec<Post>,
    pub incidents: Vec<MapIncident>,
    pub trail: Vec<Fix>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MapIncident {
    pub incident: String,
    pub task: Option<String>,
    pub category: Option<Category>,
    pub priority: Option<Priority>,
    pub whereabouts: Whereabouts,
}

/// What forms offer.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Choices {
    pub posts: Vec<Post>,
    pub units: Vec<Unit>,
    pub facilities: Vec<Facility>,
    /// Names on the roster of this phone's post.
    pub people: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Digest {
    /// SHA-256 over the sorted (document, heads) of the scope, 64 hexadecimal digits.
    pub digest: String,
    pub document_count: u32,
    /// Documents left out because something of theirs awaits its verdict.
    pub unsent_documents: u32,
}

/// What one `sync` came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SyncReport {
    pub reach: Reach,
    pub exchanges: u32,
    pub sent_changes: u32,
    pub receipted_changes: u32,
    pub refused_changes: u32,
    pub received_changes: u32,
    pub sent_fixes: u32,
    pub sent_attachments: u32,
    /// Files of others and map packs that became whole here.
    pub received_files: u32,
    /// Body bytes, before HTTP and TLS.
    #[ts(type = "number")]
    pub bytes_up: u64,
    #[ts(type = "number")]
    pub bytes_down: u64,
    pub saved_left: u32,
}

/// Text of a form kept across a dead renderer.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Draft {
    pub text: Option<String>,
}
