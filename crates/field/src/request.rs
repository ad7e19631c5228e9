//! What a responder can ask, as plain values: one struct a use case, the same for the command line, the page
//! and the shell.
//!
//! A field left out means "not said". Checking happens in the use case, which names the argument and the
//! remedy.

use serde::{Deserialize, Serialize};
use siaga_domain::category::Category;
use siaga_domain::place::{Position, known_or_none};
use siaga_domain::record::assessment::{Metric, Quality};
use siaga_domain::record::patient::{AgeBand, Sex, TriageMethod};
use siaga_domain::status::{KnownOutcome, Status};
use siaga_domain::time::UtcMs;
use siaga_domain::triage::TriageColor;
use siaga_domain::vitals::Vitals;
use ts_rs::TS;

/// The link of an invitation, as scanned or typed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Enrol {
    pub link: String,
    /// What is here of another center is set aside, unsent things included, and comes back when this phone joins that
    /// center again. Without it such an enrolment is refused while anything is unsent.
    #[serde(default)]
    pub set_aside: bool,
}

/// A request about one record: `task`, `patient`, `assessment`, `get`, `mark_seen`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ById {
    pub id: String,
}

/// A file by its SHA-256, 64 hexadecimal digits: `want_file`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WantFile {
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Accept {
    pub id: String,
    #[serde(default, deserialize_with = "known_or_none")]
    #[ts(optional)]
    pub position: Option<Position>,
    #[serde(default)]
    #[ts(optional)]
    pub shown: Option<ShownFor>,
}

/// The status a button was drawn for. A press whose task has another status by now is refused, because the thumb
/// meant something else; left out, as on the command line, nothing is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ShownFor {
    /// None before anybody answered the order.
    pub status: Option<Status>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Decline {
    pub id: String,
    pub reason: String,
    #[serde(default)]
    #[ts(optional)]
    pub shown: Option<ShownFor>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Press {
    pub id: String,
    pub status: Status,
    #[serde(default, deserialize_with = "known_or_none")]
    #[ts(optional)]
    pub position: Option<Position>,
    /// Why, for `delayed`.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub shown: Option<ShownFor>,
    /// What came of the order; with `available` only.
    #[serde(default)]
    #[ts(optional)]
    pub outcome: Option<KnownOutcome>,
}

/// At least one of position and village.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Report {
    pub category: Category,
    pub text: String,
    #[serde(default, deserialize_with = "known_or_none")]
    #[ts(optional)]
    pub position: Option<Position>,
    #[serde(default)]
    #[ts(optional)]
    pub village: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub landmark: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub photo: Option<Photo>,
    /// The position lies outside the regency, and that is meant: a receiver measured it, or somebody was asked.
    #[serde(default)]
    #[ts(optional)]
    pub outside_ok: Option<bool>,
}

/// A photograph on its way in: the page sends bytes, the command line a path it has read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Photo {
    /// `image/jpeg` or `image/png`.
    pub media: String,
    /// Base64 (RFC 4648, with padding).
    pub base64: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AddPatient {
    pub incident: String,
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub sex: Option<Sex>,
    #[serde(default)]
    #[ts(optional)]
    pub age_years: Option<i64>,
    /// The age as somebody says it: `32`, `6 bulan`, `10 hari`. Stands instead of `age_years`.
    #[serde(default)]
    #[ts(optional)]
    pub age: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub age_band: Option<AgeBand>,
    #[serde(default)]
    #[ts(optional)]
    pub nik: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub complaint: Option<String>,
}

/// Complaint, sex and age of a patient, learned after the patient was logged. What is left out stays.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DescribePatient {
    /// The patient's id.
    pub id: String,
    #[serde(default)]
    #[ts(optional)]
    pub sex: Option<Sex>,
    /// The age as somebody says it: `32`, `6 bulan`, `10 hari`.
    #[serde(default)]
    #[ts(optional)]
    pub age: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub age_band: Option<AgeBand>,
    #[serde(default)]
    #[ts(optional)]
    pub complaint: Option<String>,
}

/// Who the patient is, learned later.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Identify {
    /// The patient's id.
    pub id: String,
    pub name: siaga_domain::record::identity::IdentityFieldName,
    pub value: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Triage {
    pub id: String,
    pub color: TriageColor,
    #[serde(default)]
    #[ts(optional)]
    pub method: Option<TriageMethod>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordVitals {
    pub id: String,
    pub vitals: Vitals,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Treat {
    pub id: String,
    pub what: String,
    #[serde(default)]
    #[ts(optional)]
    pub dose: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HandOver {
    pub id: String,
    #[serde(default)]
    #[ts(optional)]
    pub facility: Option<String>,
    pub receiver: String,
}

/// A log line on an incident, a patient, an assessment or an SOS. A task's id means its incident.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AddNote {
    pub id: String,
    pub text: String,
    #[serde(default)]
    #[ts(optional)]
    pub photo: Option<Photo>,
}

/// Withdraws an entry; also how a press is undone.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StrikeEntry {
    pub id: String,
    pub entry: String,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Assess {
    pub incident: String,
    pub village: String,
    pub numbers: Vec<Number>,
    #[serde(default)]
    pub needs: Vec<NeedItem>,
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Number {
    pub metric: Metric,
    /// Persons, households, houses, centimetres or hectares, as the metric says.
    #[ts(type = "number")]
    pub value: i64,
    pub quality: Quality,
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NeedItem {
    pub text: String,
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub quantity: Option<i64>,
    #[serde(default)]
    #[ts(optional)]
    pub unit: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DutyOn {
    pub post: String,
    pub person: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DutyOff {
    pub person: String,
    /// The post left, where the caller says so; otherwise wherever the person is on duty.
    #[serde(default)]
    #[ts(optional)]
    pub post: Option<String>,
    /// Needed when nobody else is checked in at the post.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RaiseSos {
    #[serde(default, deserialize_with = "known_or_none")]
    #[ts(optional)]
    pub position: Option<Position>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CancelSos {
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordFix {
    pub position: Position,
    /// When it was taken, device UTC; now when left out.
    #[serde(default)]
    #[ts(optional)]
    pub at_ms: Option<UtcMs>,
    /// Metres a second.
    #[serde(default)]
    #[ts(optional)]
    pub speed_mps: Option<f64>,
    /// What is left in the battery; with little left fewer fixes are taken.
    #[serde(default)]
    #[ts(optional)]
    pub battery_percent: Option<u8>,
    /// The satellites' time of this fix, UTC, where a receiver said it: the center's clock is compared with it.
    #[serde(default)]
    #[ts(optional)]
    pub satellite_ms: Option<UtcMs>,
    /// The platform says that an app made the position up, not a receiver: it is kept, and marked.
    #[serde(default)]
    #[ts(optional)]
    pub mock: Option<bool>,
}

/// What a receiver delivered at once, in its order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordFixes {
    #[serde(deserialize_with = "with_a_place")]
    pub fixes: Vec<RecordFix>,
}

/// One fix that says no place costs the others nothing.
fn with_a_place<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<RecordFix>, D::Error> {
    #[derive(Deserialize)]
    struct Placed {
        #[serde(default, deserialize_with = "known_or_none")]
        position: Option<Position>,
    }
    let all = Vec::<serde_json::Value>::deserialize(deserializer)?;
    let placed = all.into_iter().filter(|fix| Placed::deserialize(fix).is_ok_and(|fix| fix.position.is_some()));
    placed.map(|fix| serde_json::from_value(fix).map_err(serde::de::Error::custom)).collect()
}

/// Whether the service that looks for positions can.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receiver {
    Looks,
    /// Location is switched off, or its permission is gone.
    Off,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Track {
    pub receiver: Receiver,
}

/// May this app know where the phone is?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LocationPermission {
    None,
    /// Only roughly: no use on a river.
    Coarse,
    WhileInUse,
    Always,
}

/// What a phone says of itself for a duty: written by its platform, read by the page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DeviceState {
    /// Device UTC.
    pub at_ms: UtcMs,
    pub location_permission: LocationPermission,
    pub location_on: bool,
    pub notifications: bool,
    /// The power saver leaves this app alone.
    pub battery_exempt: bool,
    /// An alarm may take the locked screen.
    pub full_screen: bool,
    /// The phone sets its clock by the network.
    pub automatic_time: bool,
    #[ts(type = "number")]
    pub free_bytes: u64,
    pub battery_percent: Option<u8>,
    /// Chromium's major version of the WebView.
    pub webview: Option<u32>,
    pub android: u32,
    /// The maker whose power saver is known by name: `xiaomi`, `oppo`, `vivo`, `samsung`, `huawei`, `transsion`, `other`.
    pub brand: String,
    /// The maker has a screen that must be visited by hand, and this phone has it.
    pub maker_screen: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Resolve {
    pub id: String,
    /// The disputed field: `triage`, `place`, `dead`.
    pub field: String,
    /// The value chosen, as the dispute lists it, or the id of the entry that holds it.
    pub choice: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SearchVillages {
    pub text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SaveDraft {
    /// Which form: `report`, `assess/<incident>`.
    pub key: String,
    /// The form's own JSON, as text; empty to forget it.
    pub text: String,
}

/// Keeps the photograph of a form apart from its words, made small: `keep_photo`. It is read back with `draft`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KeepPhoto {
    /// The key of the form.
    pub key: String,
    pub photo: Photo,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DraftOf {
    pub key: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SetPreferences {
    pub preferences: super::view::Preferences,
}

/// What the platform says of the link: `network_is`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NetworkIs {
    pub cost: LinkCost,
}

/// Whether bytes are paid for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LinkCost {
    /// Treated like one that is paid for.
    Unknown,
    Free,
    Metered,
}

/// Stops or starts the background exchange of a page server: a building without signal, and tests.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Offline {
    pub on: bool,
}
