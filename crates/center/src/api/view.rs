//! What the console and other 112 systems see: facts with their ages, as JSON.
//!
//! No sentence is in here; words belong to the page. Every screen fact carries the moment it was true at, and
//! every answer that ages carries `now_ms`, so that a client with a wrong clock still shows right ages.

use super::alert_view::Stated;
use serde::{Deserialize, Serialize};
use siaga_domain::category::{Category, Form};
use siaga_domain::coordinates::{JudgedPoint, PointTrouble};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::place::{Compass, Position, Village};
use siaga_domain::record::Record;
use siaga_domain::record::assessment::Assessment;
use siaga_domain::record::assignment::Cancellation;
use siaga_domain::record::directory::{Agency, DistrictView, Facility, Post, Unit};
use siaga_domain::record::incident::{ClosureReason, Incident, Priority, Source};
use siaga_domain::record::patient::Patient;
use siaga_domain::record::shift::Shift;
use siaga_domain::roster::PostState;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::GapCause;
use ts_rs::TS;
use utoipa::ToSchema;

/// Who is signed in. `csrf` goes into the header `X-Siaga-CSRF` of every unsafe request.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Session {
    pub user: String,
    pub name: String,
    pub role: StaffRole,
    /// Empty for bearer tokens, which need none.
    pub csrf: String,
}

siaga_domain::coded! {
    /// What somebody at the center may do.
    #[ts(export_to = "center/")]
    StaffRole {
        /// Takes calls, orders units.
        Dispatcher = "dispatcher",
        /// All of it, and devices.
        Supervisor = "supervisor",
        /// Another 112 system, by bearer token.
        System = "system",
    }
}

/// Where, as a list shows it.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct PlaceView {
    /// Said by whoever wrote the place, or derived from the position through the imported boundaries.
    pub village: Option<Village>,
    /// Whether the village was derived from the position.
    pub village_derived: bool,
    pub landmark: Option<String>,
    pub position: Option<Position>,
    /// The position lies outside the regency: shown with a mark, as a phone sent it or a person meant it.
    pub outside: bool,
}

/// Coordinates as typed, judged: for a form, before they are sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct PointView {
    /// None when the text holds no point on the earth.
    pub position: Option<Position>,
    pub trouble: Option<PointTrouble>,
    /// With a sign or the order changed it lies in the regency: offered in its place.
    pub instead: Option<Position>,
}

impl From<JudgedPoint> for PointView {
    fn from(judged: JudgedPoint) -> Self {
        let JudgedPoint { position, trouble, instead } = judged;
        Self { position, trouble, instead }
    }
}

/// One line of the queue.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct IncidentSummary {
    pub id: String,
    pub category: Option<Category>,
    /// The name in use, Bahasa Indonesia.
    pub category_name: Option<String>,
    pub priority: Option<Priority>,
    pub place: Option<PlaceView>,
    /// The first 160 characters of what was said.
    pub excerpt: String,
    pub source: Source,
    pub reporting_unit: Option<String>,
    /// Estimated center time.
    pub opened_at_ms: UtcMs,
    /// The claimed time cannot be true: `opened_at_ms` is the receipt, and pages say *jam salah*.
    pub opened_wrong_clock: bool,
    pub opened_by: String,
    /// When the center learned of it.
    pub received_at_ms: Option<UtcMs>,
    /// Reported late: the center learned of it long after it happened.
    pub late: bool,
    pub units: Vec<UnitAtIncident>,
    pub patients: TriageCounts,
    pub assessment_count: u32,
    /// Values people disagree about, in the incident and everything that belongs to it.
    pub dispute_count: u32,
    pub closed: bool,
    pub closed_at_ms: Option<UtcMs>,
    /// What was found about its opening.
    pub stated: Stated,
    /// No unit was sent, or none is on it any more: since when, and who took it.
    pub waiting: Option<WaitingView>,
    pub now_ms: UtcMs,
}

/// A call that no unit was sent to.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct WaitingView {
    pub incident: String,
    /// Counted by the center, whatever its clock was set to.
    pub since_ms: UtcMs,
    /// 0 it sounds at the dispatchers' desks, 1 at all, 2 the supervisor is called, 3 no desk can silence it.
    #[ts(type = "number")]
    pub level: i64,
    /// Somebody took it: nothing sounds, until it has waited too long again.
    pub quiet: bool,
    /// Who took it last.
    pub taken: Option<TakenView>,
}

/// Who took a call.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct TakenView {
    pub by: String,
    /// As the desk names itself; may be empty.
    pub desk: String,
    pub at_ms: UtcMs,
}

/// A unit at an incident, in one line.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct UnitAtIncident {
    pub assignment: String,
    pub unit: String,
    pub status: Option<Status>,
    /// Estimated center time of that status.
    pub status_at_ms: Option<UtcMs>,
    pub open: bool,
    pub overdue: bool,
    #[ts(type = "number")]
    pub escalation: i64,
}

/// Patients by the colour of their triage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct TriageCounts {
    pub red: u32,
    pub yellow: u32,
    pub green: u32,
    pub black: u32,
    /// Logged, no colour yet.
    pub untriaged: u32,
}

/// Everything about one incident.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct IncidentDetail {
    pub summary: IncidentSummary,
    pub incident: Incident,
    pub assignments: Vec<AssignmentView>,
    pub patients: Vec<PatientView>,
    pub assessments: Vec<AssessmentView>,
    /// Every entry of every record of this incident, oldest first by estimated center time.
    pub timeline: Vec<TimelineItem>,
    /// Units that are ready, nearest first; those without a known position last. None that declined this incident.
    pub suggested: Vec<SuggestedUnit>,
    /// Units that declined this incident; they can still be ordered.
    pub declined: Vec<DeclinedUnit>,
    /// Every value people disagree about here, with the record `resolve` must name.
    pub disputes: Vec<DisputeView>,
    /// Photographs and thumbnails that notes of these records name, whole or not.
    pub files: Vec<FileView>,
    pub now_ms: UtcMs,
}

/// A unit that said it cannot come here.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct DeclinedUnit {
    pub unit: String,
    pub reason: Option<String>,
    pub at_ms: Option<UtcMs>,
}

/// A photograph or thumbnail, as far as it is here.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct FileView {
    pub sha256: String,
    /// 0 while nothing of it came.
    #[ts(type = "number")]
    pub size_bytes: u64,
    #[ts(type = "number")]
    pub held_bytes: u64,
    pub whole: bool,
    /// When bytes of it last came.
    pub received_at_ms: Option<UtcMs>,
}

/// One archive of an incident, compared with its statement when it was asked for.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct ArchiveView {
    /// 1 for the first; more for what came after it.
    pub number: u32,
    /// Below the center's folder of archives.
    pub path: String,
    /// 0 when the file is not there.
    #[ts(type = "number")]
    pub size_bytes: u64,
    pub sha256: String,
    pub archived_at_ms: UtcMs,
    pub records: u32,
    pub changes: u32,
    /// Nothing while the file is as it was made; else `missing`, `hash`, `signature` or `rebuild`.
    pub fault: Option<String>,
    pub checked_at_ms: UtcMs,
}

/// A map pack: boundaries or tiles that phones keep.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct PackView {
    pub name: String,
    /// `geojson` or `pmtiles`.
    pub format: String,
    pub sha256: String,
    #[ts(type = "number")]
    pub size_bytes: u64,
    pub added_at_ms: UtcMs,
    /// Units it is for; empty for all.
    pub units: Vec<String>,
    /// The active phones it is for.
    pub phones: Vec<PackPhoneView>,
}

/// A phone a map pack is for.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct PackPhoneView {
    pub device: String,
    pub unit: String,
    pub name: String,
    /// When it was given the last byte; none while it did not fetch all of it.
    pub sent_at_ms: Option<UtcMs>,
}

/// A disagreement, and where it stands.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct DisputeView {
    /// The record it stands in.
    pub record: String,
    pub kind: RecordKind,
    pub incident: Option<String>,
    pub dispute: siaga_domain::register::Dispute,
}

/// A free unit and how far it is.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct SuggestedUnit {
    pub unit: String,
    pub name: String,
    pub distance_m: Option<f64>,
    /// Measured to the middle of the village or to its district, because the incident has no coordinates.
    pub distance_approximate: bool,
    /// From the unit towards the incident.
    pub compass: Option<Compass>,
    pub from: DistanceFrom,
    /// When the position the distance was measured from was taken; none for a post.
    pub position_at_ms: Option<UtcMs>,
    /// An app on the phone made its last position up, no receiver did: the distance is not measured from there.
    pub position_mock: bool,
    /// The phone's clock was wrong when that position was taken: its age is unknown, `position_at_ms` is its receipt.
    pub position_clock_wrong: bool,
}

siaga_domain::coded! {
    /// What a distance was measured from.
    #[ts(export_to = "center/")]
    DistanceFrom {
        /// The unit's last known position.
        Position = "position",
        /// The unit's post: no position is known.
        Post = "post",
        /// Nothing is known of where the unit is.
        Unknown = "unknown",
    }
}

/// An order and everything that came of it.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct AssignmentView {
    pub id: String,
    pub incident: String,
    pub category: Option<Category>,
    pub category_name: Option<String>,
    pub place: Option<PlaceView>,
    pub unit: String,
    pub unit_name: String,
    /// Whether the unit's road has the patient steps.
    pub medical: bool,
    pub priority: Priority,
    pub text: String,
    pub ordered_by: String,
    pub ordered_at_ms: UtcMs,
    #[ts(type = "number")]
    pub ack_within_s: i64,
    /// By when the unit should have answered.
    pub due_at_ms: UtcMs,
    pub status: Option<Status>,
    pub open: bool,
    pub answered_at_ms: Option<UtcMs>,
    /// Not answered in time.
    pub overdue: bool,
    /// 0 none, 1 alarmed again, 2 next unit proposed, 3 supervisor.
    #[ts(type = "number")]
    pub escalation: i64,
    /// The bar: sent, on phone, seen, accepted, en route, arrived.
    pub steps: Vec<StepView>,
    /// Every status pressed, in causal order, struck ones too.
    pub events: Vec<EventView>,
    pub destination: Option<String>,
    pub cancelled: Option<Cancellation>,
    /// From escalation level 2 on: the nearest free unit.
    pub next_unit: Option<SuggestedUnit>,
    pub now_ms: UtcMs,
}

siaga_domain::coded! {
    /// A stretch of the bar of an assignment.
    #[ts(export_to = "center/")]
    AssignmentStep {
        /// In the feed of at least one phone of the unit.
        Sent = "sent",
        /// A phone of the unit confirmed that it has it.
        OnPhone = "on_phone",
        Seen = "seen",
        Accepted = "accepted",
        EnRoute = "enroute",
        Arrived = "arrived",
    }
}

/// One stretch of the bar; reached when `at_ms` is there.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct StepView {
    pub step: AssignmentStep,
    /// Estimated center time.
    pub at_ms: Option<UtcMs>,
}

/// One status event with all its times.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct EventView {
    pub entry: String,
    pub status: Status,
    /// NEMSIS element, as `eTimes.05`.
    pub nemsis: Option<String>,
    pub by: String,
    /// Device UTC.
    pub at_device_ms: UtcMs,
    /// Estimated center time.
    pub at_ms: UtcMs,
    /// The claimed time cannot be true: `at_ms` is the receipt, and pages say *jam salah*.
    pub wrong_clock: bool,
    /// When the center got it.
    pub received_at_ms: Option<UtcMs>,
    pub late: bool,
    pub position: Option<Position>,
    pub reason: Option<String>,
    /// Withdrawn, and why.
    pub struck: Option<String>,
    /// The center did not let it stand: the reason code.
    pub overruled: Option<String>,
    /// What came of the order, as a code: `nothing_found`.
    pub outcome: Option<String>,
}

/// A patient as a dispatcher may see it: clinical data, and a name only as an initial.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct PatientView {
    pub id: String,
    /// What people call the patient, fixed for ever: `A01` of a phone, `3` of the center; none for a moment only.
    pub number: Option<String>,
    /// The last three characters of the id: shown where there is no number, and beside one that is doubtful.
    pub short_id: String,
    /// Another patient has the same number, or a phone wrote letters that are not its own.
    pub number_doubtful: bool,
    pub patient: Patient,
    /// `A. S.`; none when nobody knows the name.
    pub initials: Option<String>,
    /// `6104********0001`; none when it was not taken.
    pub nik_masked: Option<String>,
    pub disputed: bool,
}

/// A rapid assessment.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct AssessmentView {
    pub id: String,
    pub village: Option<Village>,
    pub assessment: Assessment,
    pub received_at_ms: Option<UtcMs>,
    pub late: bool,
    pub disputed: bool,
}

/// One entry in the story of an incident.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct TimelineItem {
    pub entry: String,
    pub record: String,
    pub record_kind: RecordKind,
    /// Kind of the entry: `status`, `vitals`, `note`.
    pub kind: String,
    /// The unit of the device that wrote it; none for the center.
    pub unit: Option<String>,
    pub by: String,
    pub at_device_ms: UtcMs,
    pub at_ms: UtcMs,
    /// The claimed time cannot be true: `at_ms` is the receipt, and pages say *jam salah*.
    pub wrong_clock: bool,
    pub received_at_ms: Option<UtcMs>,
    pub late: bool,
    /// The entry's fields as short texts, without personal identity.
    pub facts: Vec<Fact>,
    /// Withdrawn, and why.
    pub struck: Option<String>,
    /// The center did not let it stand: the reason code.
    pub overruled: Option<String>,
    /// It came after the incident was closed, or after its first archive: kept beside it.
    pub addendum: bool,
    pub stated: Stated,
}

/// One field of an entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// A unit now.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct UnitView {
    pub unit: Unit,
    pub state: UnitState,
    /// Its status on its open assignment; of several, the one it is furthest on.
    pub status: Option<Status>,
    pub status_at_ms: Option<UtcMs>,
    pub assignment: Option<String>,
    pub incident: Option<String>,
    /// Every open assignment, the one it is furthest on first.
    pub orders: Vec<UnitOrder>,
    /// Last known position, from its trail or from a status it pressed.
    pub position: Option<Position>,
    /// Estimated center time of that position.
    pub position_at_ms: Option<UtcMs>,
    /// An app on the phone made that position up, no receiver did. A press says nothing of it: what the trail said last
    /// holds for it.
    pub position_mock: bool,
    /// The phone's clock was wrong when that position was taken: its age is unknown, `position_at_ms` is its receipt.
    pub position_clock_wrong: bool,
    /// When tracking stood still though somebody was on duty: the last few of a day, the newest first.
    pub gaps: Vec<UnitGap>,
    pub devices: Vec<DeviceView>,
    /// When a device of the unit last reached the center.
    pub last_contact_ms: Option<UtcMs>,
    /// People checked in with this unit, or at its post.
    pub crew: Vec<String>,
    pub now_ms: UtcMs,
}

/// An open assignment of a unit.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct UnitOrder {
    pub assignment: String,
    pub incident: String,
    pub status: Option<Status>,
    pub status_at_ms: Option<UtcMs>,
}

/// A stretch in which nobody looked for a position of a unit's phone, on the center's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct UnitGap {
    pub from_ms: UtcMs,
    pub until_ms: UtcMs,
    /// None where the phone named one that this center does not know.
    pub cause: Option<GapCause>,
}

siaga_domain::coded! {
    /// Whether a unit can be sent.
    #[ts(export_to = "center/")]
    UnitState {
        /// A call for help of its crew is open: it is sent to nobody.
        InDanger = "in_danger",
        /// A crew is on duty, a phone of it was heard of lately, and it has no open order.
        Available = "available",
        /// Ordered, has not answered.
        Assigned = "assigned",
        /// On the road of an assignment.
        Busy = "busy",
        /// No device of it may speak: none enrolled, none confirmed, or all revoked.
        NoDevice = "no_device",
        /// Nobody is checked in with it or at its post.
        NoCrew = "no_crew",
        /// Somebody is on duty, and no phone of it was heard of lately.
        Silent = "silent",
    }
}

/// An enrolled phone.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct DeviceView {
    pub id: String,
    pub name: String,
    pub unit: String,
    pub role: Role,
    pub state: DeviceState,
    /// Six digits to compare with the phone's screen before confirming.
    pub code: Option<String>,
    pub app: Option<String>,
    pub enrolled_at_ms: UtcMs,
    pub last_contact_ms: Option<UtcMs>,
    /// Center time minus device time, as of the last exchange.
    #[ts(type = "number | null")]
    pub clock_offset_ms: Option<i64>,
    /// It asked more than a phone may within the last hour, and was put off.
    pub throttled: Option<ThrottledView>,
    /// What it brought beyond its quota, and waits.
    pub flooding: Option<FloodingView>,
    pub now_ms: UtcMs,
}

/// Changes of a phone that wait for its quota. They enter by themselves as it refills, or when a person lets them in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct FloodingView {
    pub since_ms: UtcMs,
    pub waiting: u32,
}

/// A phone that asks too much: broken, or not what it says it is.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct ThrottledView {
    pub since_ms: UtcMs,
    pub last_ms: UtcMs,
    /// Requests put off since then.
    #[ts(type = "number")]
    pub put_off: u64,
}

/// A change that was not simply accepted; or an envelope that did not join its chain.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct VerdictView {
    /// SHA-256 of the change.
    pub change: String,
    /// None for a whole envelope.
    pub record: Option<String>,
    /// As the sender said: a record's kind, or `envelope`.
    pub kind: String,
    pub device: String,
    pub device_name: Option<String>,
    pub unit: Option<String>,
    /// The person who acted, where the center knows; else empty.
    pub by: String,
    /// `park`, `overrule`, `refuse`.
    pub verdict: String,
    pub reason: String,
    pub received_at_ms: UtcMs,
    pub size_bytes: u32,
}

siaga_domain::coded! {
    /// Where a phone stands with the center.
    #[ts(export_to = "center/")]
    DeviceState {
        /// Enrolled; a supervisor has not compared its code yet.
        Waiting = "waiting",
        Confirmed = "confirmed",
        Revoked = "revoked",
    }
}

/// The hash a device in agreement must have.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct DigestView {
    pub device: String,
    /// SHA-256 over the sorted (document, heads) of the device's scope, 64 hexadecimal digits.
    pub digest: String,
    pub document_count: u32,
}

/// A post of the bar.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct PostView {
    pub post: Post,
    pub status: PostState,
    /// Shifts from yesterday to tomorrow, oldest first.
    pub shifts: Vec<Shift>,
    pub now_ms: UtcMs,
}

/// A record as the center has it.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct RecordView {
    pub record: Record,
    pub received: Received,
}

/// How the center came to what it has of a record.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Received {
    pub heads: Vec<String>,
    pub change_count: u32,
    /// Center time of the first and the newest change it got.
    pub first_at_ms: Option<UtcMs>,
    pub last_at_ms: Option<UtcMs>,
}

/// One change of a record, in the order the center took them.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct ChangeView {
    pub hash: String,
    /// Hashes of the changes this one follows.
    pub deps: Vec<String>,
    /// `center`, or the id of the device whose envelope brought it.
    pub author: String,
    /// The unit of that device.
    pub unit: Option<String>,
    /// The people named in its entries.
    pub by: Vec<String>,
    /// 32 hexadecimal digits.
    pub actor: String,
    #[ts(type = "number")]
    pub seq: u64,
    /// Device UTC of its first entry.
    pub at_device_ms: Option<UtcMs>,
    /// Estimated center time of its first entry.
    pub at_ms: Option<UtcMs>,
    /// When the center got it.
    pub received_at_ms: UtcMs,
    pub verdict: String,
    pub entries: Vec<EntryKey>,
    pub size_bytes: u32,
}

/// The name of one entry in its document.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct EntryKey {
    pub kind: String,
    pub id: String,
}

/// What forms offer.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Choices {
    pub categories: Vec<CategoryChoice>,
    pub priorities: Vec<Priority>,
    pub closure_reasons: Vec<ClosureReason>,
    pub agencies: Vec<Agency>,
    pub units: Vec<Unit>,
    pub posts: Vec<Post>,
    pub facilities: Vec<Facility>,
    pub districts: Vec<DistrictView>,
    #[ts(type = "number")]
    pub ack_within_s: i64,
}

/// One category with what stands beside it on the intake form.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct CategoryChoice {
    pub code: Category,
    pub name: String,
    pub lead_agency: String,
    pub supporting: String,
    pub eido: Option<String>,
    pub cap: Option<String>,
    pub form: Form,
}

/// Something changed: read it again.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct ChangedEvent {
    /// A record kind, or `device`, `verdict`, `file`, `position`, `post`; `all` after a gap in the stream.
    pub kind: String,
    pub id: String,
}

/// An assignment was not answered in time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct AlarmEvent {
    pub assignment: String,
    #[ts(type = "number")]
    pub level: i64,
}

/// Times of this installation, seconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Times {
    /// A call without a unit sounds at all desks after this long.
    #[ts(type = "number")]
    pub unsent_all_s: i64,
    /// From then on the supervisor is called.
    #[ts(type = "number")]
    pub unsent_supervisor_s: i64,
    /// From then on no desk can silence it.
    #[ts(type = "number")]
    pub unsent_loud_s: i64,
    /// A call that somebody took and sent nobody to sounds again after this long.
    #[ts(type = "number")]
    pub unsent_again_s: i64,
    /// A unit is ready only if a phone of it was heard of within this time.
    #[ts(type = "number")]
    pub heard_within_s: i64,
}

/// The center answers.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Health {
    pub status: String,
    pub version: String,
    pub now_ms: UtcMs,
}
