//! What may be asked of the center. Codes are texts here and checked by the handlers, so that a wrong one is
//! answered with the name of its argument and what would be right.

use serde::{Deserialize, Serialize};
use siaga_domain::category::Category;
use siaga_domain::record::incident::{ClosureReason, Priority};
use ts_rs::TS;
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct SignIn {
    pub user: String,
    pub password: String,
    /// Replaces the password; a one-time password signs in only together with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub new_password: Option<String>,
}

/// A call, or another system's incident. At least one of position, village or landmark is there.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct NewIncident {
    /// A category code: `BANJIR`, `LAKA-LUKA`.
    #[ts(as = "Category")]
    #[schema(value_type = Category)]
    pub category: String,
    /// 1 is the most urgent; 2 when left out.
    #[serde(default)]
    #[ts(as = "Option<Priority>", optional)]
    #[schema(value_type = Option<Priority>)]
    pub priority: Option<String>,
    /// What was said, in the words it was said in. May be empty where a place or a number is known.
    #[serde(default)]
    #[ts(optional)]
    pub narrative: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub caller_name: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub caller_phone: Option<String>,
    /// Degrees north, WGS 84.
    #[serde(default)]
    #[ts(optional)]
    pub lat: Option<f64>,
    /// Degrees east, WGS 84.
    #[serde(default)]
    #[ts(optional)]
    pub lon: Option<f64>,
    #[serde(default)]
    #[ts(optional)]
    pub accuracy_m: Option<f64>,
    /// Kemendagri code, `61.04.14.2001`; derived from the position when left out.
    #[serde(default)]
    #[ts(optional)]
    pub village: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub landmark: Option<String>,
    /// The point lies outside the regency, and that is meant.
    #[serde(default)]
    #[ts(optional)]
    pub outside_ok: Option<bool>,
}

/// How urgent an incident is, judged or judged anew.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct SetPriority {
    /// 1 is the most urgent.
    #[ts(as = "Priority")]
    #[schema(value_type = Priority)]
    pub priority: String,
    /// The priority this desk saw, `none` for none: refused with what stands when it is another by now.
    #[serde(default)]
    #[ts(optional)]
    pub expected: Option<String>,
}

/// What an incident is, corrected.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct SetCategory {
    /// A category code: `BANJIR`, `LAKA-LUKA`.
    #[ts(as = "Category")]
    #[schema(value_type = Category)]
    pub category: String,
    /// The category this desk saw, `none` for none: refused with what stands when it is another by now.
    #[serde(default)]
    #[ts(optional)]
    pub expected: Option<String>,
}

/// Where an incident is, corrected: the whole place, at least one of position, village or landmark.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct SetPlace {
    #[serde(default)]
    #[ts(optional)]
    pub position: Option<PointGiven>,
    /// Kemendagri code, `61.04.14.2001`; derived from the position when left out.
    #[serde(default)]
    #[ts(optional)]
    pub village: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub landmark: Option<String>,
    /// The point lies outside the regency, and that is meant.
    #[serde(default)]
    #[ts(optional)]
    pub outside_ok: Option<bool>,
    /// The entry of the place this desk saw (`incident.place.author.entry`), `none` for none: refused with what stands
    /// when it is another by now.
    #[serde(default)]
    #[ts(optional)]
    pub expected: Option<String>,
}

/// A point as it is sent: checked only when it is read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct PointGiven {
    /// Degrees north, WGS 84.
    pub lat: f64,
    /// Degrees east, WGS 84.
    pub lon: f64,
    /// Radius of 68 % confidence, metres.
    #[serde(default)]
    #[ts(optional)]
    pub accuracy_m: Option<f64>,
}

/// Why a closed incident goes on.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct ReopenIncident {
    pub text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct CloseIncident {
    #[ts(as = "ClosureReason")]
    #[schema(value_type = ClosureReason)]
    pub reason: String,
    #[serde(default)]
    #[ts(optional = nullable)]
    pub text: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct NewNote {
    pub text: String,
}

/// A human chooses between values people disagree about.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct ResolveDispute {
    /// The record the dispute stands in: the incident, one of its patients, assignments or assessments.
    pub record: String,
    /// The slot: `triage`, `place`, `dead`.
    pub field: String,
    /// The entry whose value is right, as `DisputeChoice.author.entry` names it.
    pub choice: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct NewAssignment {
    pub incident: String,
    /// Call sign: `AMB-01`.
    pub unit: String,
    /// The dispatcher's words for this unit; short.
    #[serde(default)]
    #[ts(optional)]
    pub text: Option<String>,
    /// Seconds within which the unit must answer; the directory's threshold when left out.
    #[serde(default)]
    #[ts(optional, as = "Option<f64>")]
    pub ack_within_s: Option<i64>,
    /// The unit has an open order, and is ordered here as well: why. Kept as a note of the incident.
    #[serde(default)]
    #[ts(optional)]
    pub also: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct CancelAssignment {
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct AnswerSos {
    pub text: String,
}

/// The responder is safe: ends a call for help.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct EndSos {
    /// Who says so: the responder, a colleague on the spot.
    pub said_by: String,
    /// How that was learned: by radio, by telephone, seen.
    pub how: String,
    /// `further` of the call as this desk shows it: refused when the button was held again since.
    #[serde(default)]
    #[ts(optional)]
    pub further: Option<u32>,
}

/// An incident of a call for help, at its place, so that units can be sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct SosIncident {
    /// What the incident says; may be empty.
    #[serde(default)]
    #[ts(optional)]
    pub narrative: Option<String>,
}

/// Somebody takes calls that no unit was sent to: they fall silent at every desk, for a while.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct TakeCalls {
    /// Ids of incidents.
    pub incidents: Vec<String>,
    /// As the desk names itself.
    #[serde(default)]
    #[ts(optional)]
    pub desk: Option<String>,
}

/// Times of this installation, seconds; those left out stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "center/")]
pub struct SetTimes {
    #[serde(default)]
    #[ts(optional, as = "Option<f64>")]
    pub unsent_all_s: Option<i64>,
    #[serde(default)]
    #[ts(optional, as = "Option<f64>")]
    pub unsent_supervisor_s: Option<i64>,
    #[serde(default)]
    #[ts(optional, as = "Option<f64>")]
    pub unsent_loud_s: Option<i64>,
    #[serde(default)]
    #[ts(optional, as = "Option<f64>")]
    pub unsent_again_s: Option<i64>,
    #[serde(default)]
    #[ts(optional, as = "Option<f64>")]
    pub heard_within_s: Option<i64>,
}

/// Which of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StateFilter {
    /// `open` (when left out), `closed` or `all`.
    #[serde(default)]
    pub state: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PointQuery {
    /// Coordinates as typed or pasted, at most 2000 characters.
    pub text: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    /// Part of a village's name, or its code.
    #[serde(default)]
    pub query: Option<String>,
}
