//! `cargo xtask`: the chores of the project, each one word.

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use siaga_xtask::{android, arrows, codegen, house, programs, released, run, suite, tidy};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of the project")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the TypeScript types of the pages from the Rust ones.
    Codegen {
        /// Write nothing; fail when what is committed is stale.
        #[arg(long)]
        check: bool,
    },
    /// Look for files that break the rules a reader relies on.
    Tidy,
    /// Look for dependencies that point the wrong way.
    Arrows,
    /// Type-check engine and shell for Android; with NDK_HOME set, link them.
    AndroidCheck {
        /// aarch64-linux-android, armv7-linux-androideabi; all when none is given.
        targets: Vec<String>,
    },
    /// Start a center and one responder and keep them until Ctrl-C.
    Run(run::Options),
    /// Run every test there is.
    Test(suite::Options),
    /// Build both programs of the last release from its commit.
    Released,
    /// Run the tests that take too long for `test`: this build beside the programs of the last release.
    TestLong,
    /// Play the flood of October 2022 with the real programs.
    Demo {
        /// Passed on; `--help` tells them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build the app for this machine.
    App,
    /// Measure what must be quick.
    Bench,
    /// Put the admission check to mutants of honest changes; fails when one that is admitted does harm.
    Mutate {
        /// How many mutants.
        #[arg(default_value_t = 1_000_000)]
        number: u64,
        /// The same seed tries the same mutants.
        #[arg(default_value_t = 1)]
        seed: u64,
    },
    /// Run the seeded simulation; fails at the first seed that does not hold, and shrinks its plan.
    Simulate {
        /// How many seeds.
        #[arg(default_value_t = 1_000)]
        seeds: u64,
        /// The first of them.
        #[arg(default_value_t = 1)]
        first: u64,
    },
}

fn main() -> ExitCode {
    match run_chore(Cli::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        // The steps that failed, outermost first; a backtrace of this program would tell nobody anything.
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_chore(chore: Chore) -> Result<()> {
    match chore {
        Chore::Codegen { check: true } => {
            println!("{} generated files are what the Rust types say", codegen::check()?);
            Ok(())
        }
        Chore::Codegen { check: false } => {
            println!("{} files in ui/src/generated", codegen::write()?);
            Ok(())
        }
        Chore::Tidy => none_of(tidy::broken_rules()?),
        Chore::Arrows => none_of(arrows::broken_arrows()?),
        Chore::AndroidCheck { targets } => android::check(&targets),
        Chore::Run(options) => run::run(&options),
        Chore::Test(options) => suite::run(&options),
        Chore::Released => {
            println!("{}", released::programs()?.display());
            Ok(())
        }
        Chore::TestLong => released::test_long(),
        Chore::Demo { arguments } => {
            programs::pages_once()?;
            programs::engine_and_center("dev")?;
            let mut cargo = house::cargo();
            cargo.args([
                "run",
                "--quiet",
                "--locked",
                "-p",
                "siaga-testkit",
                "--no-default-features",
                "--bin",
                "siaga-demo",
                "--",
            ]);
            house::must(cargo.args(arguments).env("SIAGA_PROGRAMS", house::target_dir().join("debug")))
        }
        Chore::App => {
            programs::pages()?;
            programs::shell()?;
            println!("{}", programs::shell_program().display());
            Ok(())
        }
        Chore::Bench => {
            // What is measured is what an agency runs: the programs as they are released.
            programs::pages_once()?;
            programs::engine_and_center("release")?;
            house::must(house::cargo().args(["bench", "--locked", "-p", "siaga-tests", "--bench", "acceptance"]))
        }
        Chore::Simulate { seeds, first } => {
            let program = ["run", "--locked", "--profile", "simulate", "-q", "-p", "siaga-testkit"];
            let which = ["--features", "simulation", "--bin", "siaga-simulate", "--"];
            house::must(house::cargo().args(program).args(which).args([seeds.to_string(), first.to_string()]))
        }
        Chore::Mutate { number, seed } => {
            let example = ["run", "--locked", "--release", "-q", "-p", "siaga-document", "--example", "mutate", "--"];
            house::must(house::cargo().args(example).args([number.to_string(), seed.to_string()]))
        }
    }
}

fn none_of(broken: Vec<String>) -> Result<()> {
    for sentence in &broken {
        eprintln!("{sentence}");
    }
    if !broken.is_empty() {
        bail!("{} broken rules", broken.len());
    }
    Ok(())
}
