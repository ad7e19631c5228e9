//! `siaga-field`: the responder's engine on the command line and behind a page on this machine.
//!
//! It types, parses and prints. Every rule is in `siaga-field` the library; what works here works in the shell.

mod args;
mod input;
mod run;
mod say;
mod serve;
mod signs;

use args::Cli;
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use run::Reply;
use siaga_field::{Failure, FailureCode};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => match run::run(&cli) {
            Ok(reply) => finish(&reply, json),
            Err(failure) => fail(&failure, json),
        },
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            match error.print() {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(error) => misread(&error, json),
    }
}

/// A closed pipe is nobody's failure: what was to be done is done.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

fn finish(reply: &Reply, json: bool) -> ExitCode {
    if json && !reply.json.is_null() {
        print(&reply.json.to_string());
    } else if !json && !reply.lines.is_empty() {
        print(&reply.lines.join("\n"));
    }
    ExitCode::from(reply.code)
}

fn fail(failure: &Failure, json: bool) -> ExitCode {
    if json {
        print(&serde_json::json!(failure).to_string());
    } else {
        siaga_log::say(say::failure(failure).join("\n"));
    }
    ExitCode::from(match failure.code {
        FailureCode::BadInput | FailureCode::NotFound | FailureCode::MovedOn | FailureCode::PostWouldBeEmpty => 2,
        FailureCode::CenterNotReached => 3,
        FailureCode::RefusedByCenter | FailureCode::Unsent => 4,
        FailureCode::NotEnrolled
        | FailureCode::NotPermitted
        | FailureCode::StorageFull
        | FailureCode::Storage
        | FailureCode::UpdateNeeded
        | FailureCode::Internal => 1,
    })
}

/// The command line itself could not be read.
fn misread(error: &clap::Error, json: bool) -> ExitCode {
    if json {
        let argument = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(text)) => Some(text.as_str()),
            Some(ContextValue::Strings(texts)) => texts.first().map(String::as_str),
            _ => None,
        };
        let failure = Failure::new(
            FailureCode::BadInput,
            argument.and_then(|text| text.split_whitespace().next()),
            error.kind().as_str().unwrap_or("the command line could not be read"),
            "look at --help of the command; it has an example",
        );
        print(&serde_json::json!(failure).to_string());
    } else {
        let _ = error.print();
    }
    ExitCode::from(2)
}
