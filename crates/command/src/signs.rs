//! An argument for each vital sign, made from the table in `domain`: `--hr 118`, `--gcs-eye 4`.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use siaga_domain::vitals::{SIGNS, Sign, SignRow};

/// The signs that were given, as typed.
#[derive(Debug, Default)]
pub(crate) struct SignArgs(pub Vec<(Sign, String)>);

impl FromArgMatches for SignArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = |sign: Sign| matches.get_one::<String>(sign.code()).map(|text| (sign, text.clone()));
        Ok(Self(Sign::ALL.iter().copied().filter_map(typed).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for SignArgs {
    fn augment_args(command: Command) -> Command {
        SIGNS.iter().fold(command, |command, row| command.arg(argument(row)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn argument(row: &SignRow) -> Arg {
    let code = row.sign.code();
    let unit = if row.unit.is_empty() { String::new() } else { format!(", {}", row.unit) };
    Arg::new(code)
        .long(code.replace('_', "-"))
        .value_name("NUMBER")
        .help(format!("{}, {} to {}{unit}", row.name, row.low, row.high))
}
