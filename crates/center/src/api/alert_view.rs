//! Calls for help, alerts, and what was found about the entries of phones, as the console shows them.
//!
//! The other views are in `view`; the same rules hold here.

use super::view::{SuggestedUnit, TakenView};
use crate::db::placing::Names;
use serde::{Deserialize, Serialize};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Village;
use siaga_domain::record::sos::{Sos, SosState};
use siaga_domain::time::UtcMs;
use ts_rs::TS;
use utoipa::ToSchema;

/// A call for help.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct SosView {
    pub sos: Sos,
    pub unit_name: String,
    pub village: Option<Village>,
    pub received_at_ms: Option<UtcMs>,
    pub late: bool,
    /// Nobody at the center confirmed that the responder is safe.
    pub open: bool,
    pub state: SosState,
    /// The incident a desk made of it, to send units to.
    pub incident: Option<String>,
    pub stated: Stated,
    /// How often the phone's button was held again while this was open. Place and person are those of the newest hold.
    pub further: u32,
    /// When the newest of them was raised.
    pub last_at_ms: Option<UtcMs>,
    /// How often it sounded again since it was raised.
    pub rings: u32,
    pub now_ms: UtcMs,
}

siaga_domain::coded! {
    /// How the person whom an entry names stands to the phone that sent it, as of when it came.
    #[ts(export_to = "center/")]
    PersonStanding {
        /// The envelope names the same person, who is planned or checked in at a post of the phone's unit.
        Proven = "proven",
        /// Somebody else, or somebody who is not on the roster there.
        Unproven = "unproven",
        /// The entry names nobody.
        Nameless = "nameless",
    }
}

/// What was found about an entry of a phone when it came.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Stated {
    /// None for what the center wrote, and for what came before this was compared.
    pub person: Option<PersonStanding>,
    /// What does not fit the phone's enrolment: `source`, `unit`, `facility`, `file`.
    pub mismatch: Vec<String>,
}

/// A record whose phone names what was never in its scope: kept, counted nowhere, and told to no other phone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct UnplacedView {
    pub record: String,
    pub kind: RecordKind,
    pub names: Names,
    /// The id of a record, or the code of a post.
    pub named: String,
    /// Whether what it names is here: only then it can be placed.
    pub here: bool,
    /// The incident it would belong to.
    pub incident: Option<String>,
    pub device: String,
    pub device_name: Option<String>,
    pub unit: Option<String>,
    /// The person it names as its writer.
    pub by: String,
    pub since_ms: UtcMs,
    pub now_ms: UtcMs,
}

siaga_domain::coded! {
    /// What needs a human.
    #[ts(export_to = "center/")]
    AlertKind {
        Sos = "sos",
        /// A phone's records name what was never in its scope, and wait to be placed.
        Unplaced = "unplaced",
        /// A call that no unit was sent to, or that no unit is on any more.
        Unsent = "unsent",
        /// An assignment not answered in its time.
        Unanswered = "unanswered",
        /// A unit said it cannot, and no other unit is on the way.
        Declined = "declined",
        EmptyPost = "empty_post",
        /// A post is about to be empty.
        EndingPost = "ending_post",
        Dispute = "dispute",
        /// A phone waits for its code to be compared.
        DeviceWaiting = "device_waiting",
        /// A phone brings more than its quota: what exceeds it waits.
        DeviceFlooding = "device_flooding",
        /// A phone asks more than a phone may and is put off.
        DeviceThrottled = "device_throttled",
        /// The center's clock differs from the satellites'.
        Clock = "clock",
        /// A phone met another center that runs from a backup of this one.
        SecondCenter = "second_center",
        /// A phone's chain went two ways: it was copied, or put back.
        CopiedPhone = "copied_phone",
        /// A part of a record is damaged on the center's disk and asked of phones.
        DamagedRecord = "damaged_record",
        /// A phone lost something it had saved, or does not start as it should.
        PhoneFault = "phone_fault",
    }
}

/// One thing that needs a human, most urgent first.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export, export_to = "center/")]
pub struct Alert {
    pub kind: AlertKind,
    /// The record, post or device it is about.
    pub id: String,
    pub incident: Option<String>,
    pub unit: Option<String>,
    pub post: Option<String>,
    /// Escalation of an assignment, or of a call without a unit; how often a call for help sounded again; 0 otherwise.
    #[ts(type = "number")]
    pub level: i64,
    /// How many it stands for.
    pub count: u32,
    /// Somebody has it in hand: it is shown and does not sound.
    pub quiet: bool,
    /// Who took a call without a unit.
    pub taken: Option<TakenView>,
    /// How far a call for help has come.
    pub sos: Option<SosState>,
    pub next_unit: Option<SuggestedUnit>,
    /// The field people disagree about.
    pub field: Option<String>,
    pub since_ms: Option<UtcMs>,
    pub now_ms: UtcMs,
}
