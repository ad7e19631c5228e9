//! `siaga-center`: seeds, serves, backs up and checks one center. Every command is one file under `command`.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run()
}
