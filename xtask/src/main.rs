//! `cargo xtask`: the chores of the project, each one word.

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use siaga_xtask::{android, arrows, codegen, run, suite, tidy};

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
}

fn main() -> Result<()> {
    match Cli::parse().chore {
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
