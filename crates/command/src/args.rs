//! What can be typed: one variant a use case, each with an example in its help.

use crate::signs::SignArgs;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The responder's engine on the command line. Everything is saved on this device first; `sync` carries it to
/// the center.
///
/// Exit codes: 0 done; 2 bad input; 3 saved on this device, center not reached; 4 refused by the center;
/// 1 anything else. Ids may be shortened to any unique beginning of four characters or more.
#[derive(Debug, Parser)]
#[command(name = "siaga-field", version, after_help = "Example: siaga-field --home ~/siaga tasks --json")]
pub(crate) struct Cli {
    /// Folder of this device's data.
    #[arg(long, global = true, env = "SIAGA_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// One JSON value on standard output, nothing else.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Enrol this device with a center by a one-time link; prints six digits to compare.
    #[command(after_help = "Example: siaga-field --home ani enrol siaga://enrol/hQEA...")]
    Enrol {
        link: String,
        /// Join another center though something is unsent: it is set aside, sealed, and sent when this device joins the first
        /// center again.
        #[arg(long)]
        set_aside: bool,
    },
    /// Exchange with the center now.
    #[command(after_help = "Example: siaga-field --home ani sync --json")]
    Sync {
        /// Keep exchanging until interrupted.
        #[arg(long)]
        watch: bool,
    },
    /// Assignments of this unit.
    #[command(after_help = "Example: siaga-field --home ani tasks")]
    Tasks,
    /// One assignment with its incident, patients and assessments.
    #[command(after_help = "Example: siaga-field --home ani task 0190a1b2")]
    Task { id: String },
    /// Say that the assignment was seen.
    #[command(after_help = "Example: siaga-field --home ani seen 0190a1b2")]
    Seen { id: String },
    /// Accept an assignment.
    #[command(after_help = "Example: siaga-field --home ani accept 0190a1b2 --lat -1.813 --lon 109.958")]
    Accept {
        id: String,
        #[command(flatten)]
        point: Point,
    },
    /// Decline an assignment.
    #[command(after_help = "Example: siaga-field --home ani decline 0190a1b2 --reason \"ban bocor\"")]
    Decline {
        id: String,
        #[arg(long)]
        reason: String,
    },
    /// Say that somebody saw the cancellation of a task.
    #[command(after_help = "Example: siaga-field --home ani acknowledge 0190a1b2")]
    Acknowledge { id: String },
    /// Press a status. Out of order is kept; `strike` takes it back.
    #[command(after_help = "Example: siaga-field --home ani press 0190a1b2 enroute --lat -1.813 --lon 109.958")]
    Press {
        id: String,
        /// enroute onscene patient departed destination handover available, staging, delayed
        status: String,
        #[command(flatten)]
        point: Point,
        /// Why, for `delayed`.
        #[arg(long)]
        reason: Option<String>,
        /// With available: nothing_found false_report refused dead called_off
        #[arg(long)]
        outcome: Option<String>,
    },
    /// Record a position of the trail.
    #[command(after_help = "Example: siaga-field --home ani fix --lat -1.813 --lon 109.958 --accuracy 12")]
    Fix {
        #[arg(long, allow_hyphen_values = true)]
        lat: f64,
        #[arg(long, allow_hyphen_values = true)]
        lon: f64,
        /// Metres.
        #[arg(long)]
        accuracy: Option<f64>,
        /// Metres a second.
        #[arg(long)]
        speed: Option<f64>,
        /// When it was taken, RFC 3339; now when left out.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Positions recorded here.
    #[command(after_help = "Example: siaga-field --home ani trail --json")]
    Trail,
    /// Report an incident nobody has called in yet.
    #[command(
        after_help = "Example: siaga-field --home ani report --type BANJIR --village 61.04.14.2001 --text \"air masuk rumah\""
    )]
    Report {
        /// Category code: BANJIR, MED, LAKA-LUKA, ...
        #[arg(long = "type", value_name = "TYPE")]
        category: String,
        #[arg(long)]
        text: String,
        #[command(flatten)]
        point: Point,
        /// Kemendagri code of the village; `villages TEXT` finds it.
        #[arg(long, value_name = "CODE")]
        village: Option<String>,
        #[arg(long)]
        landmark: Option<String>,
        #[arg(long, value_name = "FILE")]
        photo: Option<PathBuf>,
        /// The position lies outside the regency, and that is meant.
        #[arg(long)]
        outside: bool,
    },
    /// Patients of an incident.
    #[command(subcommand)]
    Patient(PatientCommand),
    /// Set a patient's triage colour.
    #[command(after_help = "Example: siaga-field --home ani triage 0190a1b2 red")]
    Triage {
        id: String,
        /// red yellow green black
        color: String,
        /// start, jumpstart or judgement
        #[arg(long)]
        method: Option<String>,
    },
    /// Record vital signs: a number, or not_taken, refused, unable, unknown.
    #[command(
        after_help = "Example: siaga-field --home ani vitals 0190a1b2 --hr 92 --sbp 110 --dbp 70 --spo2 not_taken"
    )]
    Vitals(VitalsArgs),
    /// Record a treatment.
    #[command(after_help = "Example: siaga-field --home ani treat 0190a1b2 --what oksigen --dose \"3 L/menit\"")]
    Treat {
        id: String,
        #[arg(long)]
        what: String,
        #[arg(long)]
        dose: Option<String>,
    },
    /// Hand a patient over.
    #[command(
        after_help = "Example: siaga-field --home ani handover 0190a1b2 --receiver \"dr. Sari\" --facility RSUD-AGOESDJAM"
    )]
    Handover {
        id: String,
        #[arg(long)]
        receiver: String,
        #[arg(long)]
        facility: Option<String>,
    },
    /// Say who a patient is, learned later.
    #[command(after_help = "Example: siaga-field --home ani identify 0190a1b2 nik 6104164508900001")]
    Identify {
        id: String,
        /// name nik address phone birth_date companion
        field: String,
        /// What was learned; `unknown` and `refused` are values.
        value: String,
    },
    /// Add words or a photo to an incident, task, patient, assessment or SOS.
    #[command(after_help = "Example: siaga-field --home ani note 0190a1b2 --text \"jembatan putus di km 7\"")]
    Note {
        id: String,
        #[arg(long)]
        text: String,
        #[arg(long, value_name = "FILE")]
        photo: Option<PathBuf>,
    },
    /// Withdraw an entry; it stays visible as withdrawn.
    #[command(after_help = "Example: siaga-field --home ani strike 0190a1b2 0190a1c3 --reason \"salah tekan\"")]
    Strike {
        id: String,
        entry: String,
        #[arg(long)]
        reason: String,
    },
    /// Rapid assessment (kaji cepat) of a village; a second one by this device revises the first.
    #[command(
        after_help = "Example: siaga-field --home budi assess --incident 0190a1b2 --village 61.04.14.2001 --displaced-kk 40 --displaced 152 --water-cm 120 --verified"
    )]
    Assess(Box<AssessArgs>),
    /// One assessment.
    #[command(after_help = "Example: siaga-field --home budi assessment 0190a1b2")]
    Assessment { id: String },
    /// Begin or end duty at a post.
    #[command(subcommand)]
    Duty(DutyCommand),
    /// Posts with who is on duty, computed here, and the roster.
    #[command(after_help = "Example: siaga-field --home ani shifts")]
    Shifts,
    /// Call for help, or withdraw the call.
    #[command(after_help = "Example: siaga-field --home ani sos --lat -1.813 --lon 109.958")]
    Sos {
        #[command(flatten)]
        point: Point,
        /// Withdraw the call, and why.
        #[arg(long, value_name = "REASON", conflicts_with_all = ["lat", "lon"])]
        cancel: Option<String>,
    },
    /// What waits for the center, and why.
    #[command(after_help = "Example: siaga-field --home ani outbox --json")]
    Outbox,
    /// Where people disagree.
    #[command(after_help = "Example: siaga-field --home ani disputes")]
    Disputes,
    /// Choose one side of a dispute: its value, or the id of its entry.
    #[command(after_help = "Example: siaga-field --home ani resolve 0190a1b2 triage red")]
    Resolve { id: String, field: String, choice: String },
    /// Map packs of this unit, and how much of each is here.
    #[command(after_help = "Example: siaga-field --home ani packs")]
    Packs,
    /// Ask for a photograph or map pack the center has; it comes with the next exchanges.
    #[command(
        after_help = "Example: siaga-field --home ani want 8abbb2733af73de84605acbb6040b0c414bb2a18037795989960b5ebf644fb21"
    )]
    Want { sha256: String },
    /// Write a photograph or map pack that is on this device into a file.
    #[command(after_help = "Example: siaga-field --home ani file 8abbb273...44fb21 --out foto.jpg")]
    File {
        sha256: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Any record as it reads here.
    #[command(after_help = "Example: siaga-field --home ani get 0190a1b2 --json")]
    Get { id: String },
    /// One hash over every document in scope; the center computes the same.
    #[command(after_help = "Example: siaga-field --home ani digest")]
    Digest,
    /// Find a village's code by its name.
    #[command(after_help = "Example: siaga-field --home ani villages \"asam jelai\"")]
    Villages { text: String },
    /// This device, its duty and how things stand with the center.
    #[command(after_help = "Example: siaga-field --home ani home --json")]
    Home,
    /// Serve the responder's page on this machine; the address carries a session token.
    #[command(after_help = "Example: siaga-field --home ani serve --listen 127.0.0.1:8113")]
    Serve {
        #[arg(long, default_value = "127.0.0.1:8113", value_name = "ADDRESS", value_parser = siaga_domain::address::listening)]
        listen: SocketAddr,
        /// Do not exchange with the center in the background.
        #[arg(long)]
        no_sync: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PatientCommand {
    /// Log a patient; everything but the incident may be unknown.
    #[command(
        after_help = "Example: siaga-field --home ani patient add --incident 0190a1b2 --sex P --age 32 --complaint \"sesak napas\""
    )]
    Add {
        /// The incident, or the task that leads to it.
        #[arg(long)]
        incident: String,
        /// `unknown` and `refused` are values.
        #[arg(long)]
        name: Option<String>,
        /// L, P, unknown, undetermined or refused
        #[arg(long)]
        sex: Option<String>,
        /// `32`, `6 bulan`, `10 hari`: years where no unit is given.
        #[arg(long)]
        age: Option<String>,
        /// 0-5, 6-11, 12-17, 18-40, 41-65 or 65+
        #[arg(long)]
        age_band: Option<String>,
        /// A number that does not fit warns and is kept.
        #[arg(long)]
        nik: Option<String>,
        #[arg(long)]
        complaint: Option<String>,
    },
    /// Say what was learned later: complaint, sex, age. What is left out stays.
    #[command(after_help = "Example: siaga-field --home ani patient describe 0190a1b2 --sex P --age \"6 bulan\"")]
    Describe {
        id: String,
        /// L, P, unknown, undetermined or refused
        #[arg(long)]
        sex: Option<String>,
        /// `32`, `6 bulan`, `10 hari`: years where no unit is given.
        #[arg(long)]
        age: Option<String>,
        /// 0-5, 6-11, 12-17, 18-40, 41-65 or 65+
        #[arg(long)]
        age_band: Option<String>,
        #[arg(long)]
        complaint: Option<String>,
    },
    /// One patient with everything logged.
    #[command(after_help = "Example: siaga-field --home ani patient show 0190a1b2")]
    Show { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DutyCommand {
    /// Go on duty (naik piket).
    #[command(after_help = "Example: siaga-field --home ani duty on --post PSC-KETAPANG --person Ani")]
    On {
        #[arg(long)]
        post: String,
        #[arg(long)]
        person: String,
    },
    /// Go off duty (lepas piket); a post that would be empty needs relief or a reason.
    #[command(
        after_help = "Example: siaga-field --home ani duty off --post PSC-KETAPANG --person Ani --reason \"sakit\""
    )]
    Off {
        #[arg(long)]
        post: Option<String>,
        #[arg(long)]
        person: String,
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Where; both numbers or neither.
#[derive(Debug, Default, Args)]
pub(crate) struct Point {
    /// Degrees north.
    #[arg(long, allow_hyphen_values = true, requires = "lon")]
    pub lat: Option<f64>,
    /// Degrees east.
    #[arg(long, allow_hyphen_values = true, requires = "lat")]
    pub lon: Option<f64>,
    /// Metres.
    #[arg(long, requires = "lat")]
    pub accuracy: Option<f64>,
    /// Coordinates as written or pasted: "1°49'48\" LS, 109°57'36\" BT", "-1,83 109,96", a link of a map.
    #[arg(long, value_name = "TEXT", conflicts_with = "lat", allow_hyphen_values = true)]
    pub point: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VitalsArgs {
    pub id: String,
    #[command(flatten)]
    pub signs: SignArgs,
    /// Oxygen was being given while SpO2 was read.
    #[arg(long)]
    pub on_oxygen: bool,
    /// A, V, P or U.
    #[arg(long)]
    pub avpu: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AssessArgs {
    /// The incident, or the task that leads to it.
    #[arg(long)]
    pub incident: String,
    /// Kemendagri code of the village.
    #[arg(long, value_name = "CODE")]
    pub village: String,
    #[arg(long)]
    pub dead: Option<i64>,
    #[arg(long)]
    pub injured: Option<i64>,
    #[arg(long)]
    pub injured_serious: Option<i64>,
    #[arg(long)]
    pub missing: Option<i64>,
    /// Households (KK).
    #[arg(long)]
    pub displaced_kk: Option<i64>,
    /// Persons (jiwa).
    #[arg(long)]
    pub displaced: Option<i64>,
    #[arg(long)]
    pub affected_kk: Option<i64>,
    #[arg(long)]
    pub affected: Option<i64>,
    #[arg(long)]
    pub houses_light: Option<i64>,
    #[arg(long)]
    pub houses_moderate: Option<i64>,
    #[arg(long)]
    pub houses_heavy: Option<i64>,
    #[arg(long)]
    pub houses_submerged: Option<i64>,
    /// Centimetres.
    #[arg(long)]
    pub water_cm: Option<i64>,
    /// Any other number, as `elderly=12`; repeatable.
    #[arg(long = "number", value_name = "METRIC=VALUE")]
    pub numbers: Vec<String>,
    /// Something urgently needed; repeatable.
    #[arg(long = "need", value_name = "TEXT")]
    pub needs: Vec<String>,
    /// The numbers were checked; estimates otherwise.
    #[arg(long)]
    pub verified: bool,
    /// Who said so.
    #[arg(long)]
    pub source: Option<String>,
    #[arg(long)]
    pub note: Option<String>,
}
