//! The command line: arguments in, one answer out, in words or as one JSON value, and an exit code.
//!
//! Standard output carries the answer alone; everything else goes to standard error.

mod admin;
mod args;
mod check;
mod copy;
mod device;
mod failure;
mod import;
mod pack;
mod seed;
mod serve;
mod token;

use args::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use serde::Serialize;
use siaga_center::Center;
use siaga_center::admission::worker::UNCOUNTED;
use siaga_center::center::{DATABASE, OpenError};
use siaga_document::Counting;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Who the command line is, in history and audit.
const BY: &str = "siaga-center";

/// An answer in both tongues.
pub(crate) struct Answer {
    /// The one JSON value; null when everything was said already.
    pub json: serde_json::Value,
    /// Lines for a person.
    pub lines: Vec<String>,
    /// The work was done and found something wrong.
    pub failed: bool,
}

impl Answer {
    fn new(json: &impl Serialize, lines: Vec<String>) -> Result<Self, Failure> {
        let json = serde_json::to_value(json).map_err(|error| Failure::internal(&error))?;
        Ok(Self { json, lines, failed: false })
    }
}

/// How answers are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tongue {
    Words,
    Json,
}

impl Tongue {
    /// Writes an answer and flushes it: whoever reads our output must not wait for our end.
    pub(crate) fn say(self, answer: &Answer) {
        if answer.json.is_null() {
            return;
        }
        let mut out = std::io::stdout().lock();
        let written = match self {
            Self::Json => writeln!(out, "{}", answer.json),
            Self::Words => answer.lines.iter().try_for_each(|line| writeln!(out, "{line}")),
        };
        if let Err(error) = written.and_then(|()| out.flush()) {
            tracing::debug!(%error, "nobody reads our output");
        }
    }
}

/// Parses the command line, does what it says, and gives the exit code.
pub(crate) fn run() -> ExitCode {
    // A worker's walls come before anything else this program does.
    if std::env::args_os().nth(1).is_some_and(|first| first == "admit-worker") {
        return worker();
    }
    let _log = siaga_log::begin("warn,siaga_center=info");
    let asked_for_json = std::env::args_os().any(|argument| argument == "--json");
    let tongue = if asked_for_json { Tongue::Json } else { Tongue::Words };
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => return failed(tongue, &Failure::of_arguments(&error)),
        Err(help) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    match dispatch(arguments, tongue) {
        Ok(answer) => {
            tongue.say(&answer);
            if answer.failed { ExitCode::from(1) } else { ExitCode::SUCCESS }
        }
        Err(failure) => failed(tongue, &failure),
    }
}

fn worker() -> ExitCode {
    let never = std::env::args_os().nth(2).is_some_and(|second| second == UNCOUNTED);
    let counting = if never { Counting::Never } else { Counting::First };
    if siaga_center::admission::worker::run(counting).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn failed(tongue: Tongue, failure: &Failure) -> ExitCode {
    match (tongue, serde_json::to_value(failure)) {
        (Tongue::Json, Ok(json)) => tongue.say(&Answer { json, lines: Vec::new(), failed: true }),
        _ => siaga_log::say(failure.words()),
    }
    ExitCode::from(failure.exit_code())
}

fn dispatch(arguments: Arguments, tongue: Tongue) -> Result<Answer, Failure> {
    match arguments.command {
        Command::Seed(seed) => seed::seed(&seed),
        Command::Serve(serve) => serve::serve(&serve, tongue),
        Command::Invite(invite) => device::invite(&invite),
        Command::Move(moved) => device::move_to(&moved),
        Command::Revoke(revoke) => device::revoke(&revoke),
        Command::Admin(admin) => admin::admin(&admin),
        Command::Token(token) => token::token(&token),
        Command::ImportRoster(import) => import::roster(&import),
        Command::ImportBoundaries(import) => import::boundaries(&import),
        Command::Pack(pack) => pack::pack(&pack),
        Command::Backup(backup) => copy::backup(&backup),
        Command::Restore(restore) => copy::restore(&restore),
        Command::Archive(archive) => copy::archive(&archive),
        Command::Check(check) => check::check(&check),
        // Answered before the arguments were read.
        Command::AdmitWorker => Ok(Answer { json: serde_json::Value::Null, lines: Vec::new(), failed: false }),
    }
}

/// Opens a center that is there; a mistyped folder must not become an empty center.
fn open(dir: &Path) -> Result<Center, Failure> {
    if !dir.join(DATABASE).is_file() {
        let detail = format!("there is no center in {}", dir.display());
        return Err(Failure::bad_input(
            "data",
            detail,
            "name the folder `siaga-center seed` or `serve` was started with",
        ));
    }
    open_or_make(dir)
}

fn open_or_make(dir: &Path) -> Result<Center, Failure> {
    Center::open(dir).map_err(|error| cannot_open(&error))
}

fn cannot_open(error: &OpenError) -> Failure {
    if matches!(error, OpenError::Lock(_)) {
        return Failure::other("in_use", error, "wait until the restore has ended, then try again");
    }
    Failure::other("open", error, "read the cause; a damaged folder comes back with `siaga-center restore`")
}
