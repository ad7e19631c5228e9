//! One command: its request, its use case, its answer as JSON and in words.

use crate::args::{Cli, Command, DutyCommand, PatientCommand};
use crate::{input, say, serve};
use serde::Serialize;
use serde_json::Value;
use siaga_domain::place::{NotAPosition, Position};
use siaga_field::request::{
    Accept, AddNote, AddPatient, ById, CancelSos, Decline, DescribePatient, DutyOff, DutyOn, Enrol, HandOver, Identify,
    Press, RaiseSos, RecordFix, RecordVitals, Report, Resolve, SearchVillages, StrikeEntry, Treat, Triage, WantFile,
};
use siaga_field::view::{FixTaken, Reach, SyncReport};
use siaga_field::{Failure, FailureCode, Field, port};
use std::sync::Arc;

/// What a command came to.
pub(crate) struct Reply {
    pub code: u8,
    pub json: Value,
    /// Bahasa Indonesia, short.
    pub lines: Vec<String>,
}

impl Reply {
    fn of<T: Serialize>(value: &T, lines: Vec<String>) -> Result<Self, Failure> {
        let json = serde_json::to_value(value).map_err(|_| Failure::internal("write the answer as JSON"))?;
        Ok(Self { code: 0, json, lines })
    }
}

pub(crate) const APP: &str = concat!("siaga-field ", env!("CARGO_PKG_VERSION"));

/// Opens the home and runs one command in it.
pub(crate) fn run(cli: &Cli) -> Result<Reply, Failure> {
    let home = cli.home.as_ref().ok_or_else(|| {
        Failure::input("home", "no folder for this device's data is given", "give --home DIR or set SIAGA_HOME")
    })?;
    let ports = port::desktop::ports(home, APP).map_err(|_| {
        Failure::new(
            FailureCode::Storage,
            Some("home"),
            "the folder could not be made",
            "give a folder you may write to",
        )
    })?;
    let field = Field::open(home, ports)?;
    let by_id = |id: &String| ById { id: id.clone() };
    match &cli.command {
        Command::Enrol { link, set_aside } => {
            let request = Enrol { link: link.clone(), set_aside: *set_aside };
            // Somebody at the center may have to compare the digits before the answer comes.
            siaga_log::say(format_args!("Kode: {}", field.enrol_code(&request)?.code));
            let enrolled = wait(field.enrol(&request))??;
            Reply::of(&enrolled, say::enrolled(&enrolled))
        }
        Command::Sync { watch: false } => synced(&wait(field.sync())??),
        Command::Sync { watch: true } => serve::watch(field, cli.json),
        Command::Serve { listen, no_sync } => serve::serve(Arc::new(field), *listen, *no_sync, cli.json),
        Command::Tasks => field.tasks().and_then(|tasks| Reply::of(&tasks, say::tasks(&tasks))),
        Command::Task { id } => field.task(&by_id(id)).and_then(|task| Reply::of(&task, say::task(&task))),
        Command::Acknowledge { id } => written(field.acknowledge_cancellation(&by_id(id))),
        Command::Seen { id } => written(field.mark_seen(&by_id(id))),
        Command::Accept { id, point } => {
            written(field.accept(&Accept { id: id.clone(), position: point.position()?, shown: None }))
        }
        Command::Decline { id, reason } => {
            written(field.decline(&Decline { id: id.clone(), reason: reason.clone(), shown: None }))
        }
        Command::Press { id, status, point, reason, outcome } => written(field.press(&Press {
            id: id.clone(),
            status: input::code("status", status)?,
            position: point.position()?,
            reason: reason.clone(),
            shown: None,
            outcome: input::optional_code("outcome", outcome.as_deref())?,
        })),
        Command::Fix { lat, lon, accuracy, .. }
            if Position::new(*lat, *lon, *accuracy) == Err(NotAPosition::Accuracy) =>
        {
            let taken = FixTaken { kept: false, next_ms: None };
            Reply::of(&taken, say::fix_taken(&taken))
        }
        Command::Fix { lat, lon, accuracy, speed, at } => {
            let taken = field.record_fix(&RecordFix {
                position: input::position(*lat, *lon, *accuracy)?,
                at_ms: input::time("at", at.as_deref())?,
                speed_mps: *speed,
                battery_percent: None,
                satellite_ms: None,
                mock: None,
            })?;
            Reply::of(&taken, say::fix_taken(&taken))
        }
        Command::Trail => field.trail().and_then(|trail| Reply::of(&trail, say::trail(&trail))),
        Command::Report { category, text, point, village, landmark, photo, outside } => {
            written(field.report(&Report {
                category: input::code("type", category)?,
                text: text.clone(),
                position: point.position()?,
                village: village.clone(),
                landmark: landmark.clone(),
                photo: input::photo(photo.as_deref())?,
                outside_ok: outside.then_some(true),
            }))
        }
        Command::Patient(command) => patient(&field, command),
        Command::Triage { id, color, method } => written(field.triage(&Triage {
            id: id.clone(),
            color: input::code("color", color)?,
            method: input::optional_code("method", method.as_deref())?,
        })),
        Command::Vitals(args) => {
            written(field.record_vitals(&RecordVitals { id: args.id.clone(), vitals: args.vitals()? }))
        }
        Command::Treat { id, what, dose } => {
            written(field.treat(&Treat { id: id.clone(), what: what.clone(), dose: dose.clone() }))
        }
        Command::Handover { id, receiver, facility } => written(field.hand_over(&HandOver {
            id: id.clone(),
            facility: facility.clone(),
            receiver: receiver.clone(),
        })),
        Command::Identify { id, field: name, value } => written(field.identify(&Identify {
            id: id.clone(),
            name: input::code("field", name)?,
            value: value.clone(),
        })),
        Command::Note { id, text, photo } => {
            written(field.note(&AddNote { id: id.clone(), text: text.clone(), photo: input::photo(photo.as_deref())? }))
        }
        Command::Strike { id, entry, reason } => {
            written(field.strike(&StrikeEntry { id: id.clone(), entry: entry.clone(), reason: reason.clone() }))
        }
        Command::Assess(args) => written(field.assess(&args.request()?)),
        Command::Assessment { id } => {
            field.assessment(&by_id(id)).and_then(|screen| Reply::of(&screen, say::assessment(&screen)))
        }
        Command::Duty(DutyCommand::On { post, person }) => {
            written(field.duty_on(&DutyOn { post: post.clone(), person: person.clone() }))
        }
        Command::Duty(DutyCommand::Off { post, person, reason }) => {
            written(field.duty_off(&DutyOff { person: person.clone(), post: post.clone(), reason: reason.clone() }))
        }
        Command::Shifts => field.duty().and_then(|screen| Reply::of(&screen, say::duty(&screen))),
        Command::Sos { point, cancel: None } => written(field.raise_sos(&RaiseSos { position: point.position()? })),
        Command::Sos { cancel: Some(reason), .. } => written(field.cancel_sos(&CancelSos { reason: reason.clone() })),
        Command::Outbox => field.outbox().and_then(|outbox| Reply::of(&outbox, say::outbox(&outbox))),
        Command::Disputes => field.disputes().and_then(|items| Reply::of(&items, say::disputes(&items))),
        Command::Resolve { id, field: name, choice } => {
            written(field.resolve(&Resolve { id: id.clone(), field: name.clone(), choice: choice.clone() }))
        }
        Command::Packs => field.packs().and_then(|packs| Reply::of(&packs, say::packs(&packs))),
        Command::Want { sha256 } => field
            .want_file(&WantFile { sha256: sha256.clone() })
            .and_then(|file| Reply::of(&file, vec![say::file(&file)])),
        Command::File { sha256, out } => {
            let file = field.attachment(sha256)?;
            std::fs::write(out, &file.bytes).map_err(|_| {
                Failure::input("out", "the file could not be written", "name a file in a folder you may write to")
            })?;
            let written = serde_json::json!({ "sha256": sha256, "media": file.media, "size_bytes": file.bytes.len() });
            Reply::of(&written, vec![format!("Ditulis, {}.", say::size(file.bytes.len() as u64))])
        }
        Command::Get { id } => field.get(&by_id(id)).and_then(|view| {
            let text = serde_json::to_string_pretty(&view).map_err(|_| Failure::internal("write the record"))?;
            Reply::of(&view, vec![text])
        }),
        Command::Digest => field.digest().and_then(|digest| Reply::of(&digest, vec![digest.digest.clone()])),
        Command::Villages { text } => field
            .search_villages(&SearchVillages { text: text.clone() })
            .and_then(|villages| Reply::of(&villages, say::villages(&villages))),
        Command::Home => field.home().and_then(|home| Reply::of(&home, say::home(&home))),
    }
}

fn patient(field: &Field, command: &PatientCommand) -> Result<Reply, Failure> {
    match command {
        PatientCommand::Add { incident, name, sex, age, age_band, nik, complaint } => {
            let added = field.add_patient(&AddPatient {
                incident: incident.clone(),
                name: name.clone(),
                sex: input::optional_code("sex", sex.as_deref())?,
                age_years: None,
                age: age.clone(),
                age_band: input::optional_code("age_band", age_band.as_deref())?,
                nik: nik.clone(),
                complaint: complaint.clone(),
            })?;
            Reply::of(&added, say::patient_added(&added))
        }
        PatientCommand::Describe { id, sex, age, age_band, complaint } => {
            written(field.describe_patient(&DescribePatient {
                id: id.clone(),
                sex: input::optional_code("sex", sex.as_deref())?,
                age: age.clone(),
                age_band: input::optional_code("age_band", age_band.as_deref())?,
                complaint: complaint.clone(),
            }))
        }
        PatientCommand::Show { id } => {
            let screen = field.patient(&ById { id: id.clone() })?;
            Reply::of(&screen, say::patient(&screen))
        }
    }
}

fn written(written: Result<siaga_field::view::Written, Failure>) -> Result<Reply, Failure> {
    let written = written?;
    Reply::of(&written, say::written(&written))
}

fn synced(report: &SyncReport) -> Result<Reply, Failure> {
    let mut reply = Reply::of(report, say::synced(report))?;
    reply.code = match report.reach {
        Reach::Reached if report.refused_changes == 0 => 0,
        Reach::Reached | Reach::Revoked | Reach::UpdateNeeded => 4,
        Reach::NoSignal | Reach::NotOurCenter | Reach::ClockWrong | Reach::Unknown => 3,
    };
    Ok(reply)
}

/// Most commands never wait for anything: only those that travel start a runtime.
fn wait<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| Failure::internal("start a runtime"))?;
    Ok(runtime.block_on(future))
}
