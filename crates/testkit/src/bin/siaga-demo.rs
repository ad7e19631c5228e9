//! `siaga-demo`: plays the flood, prints the table, and ends with 0 only when center and phones agree.

use anyhow::Context;
use clap::Parser;
use siaga_testkit::demo::{flood, play, table};
use std::path::PathBuf;
use std::process::ExitCode;

/// The flood of October 2022 in Ketapang, played by the real programs over links that are slow and cut.
///
/// Figures of single villages are an exercise (latihan); the regency's totals are those of SK 422/BPBD-B/2022.
#[derive(Debug, Parser)]
#[command(version, after_help = "Example: siaga-demo --seed 7 --keep var/demo")]
struct Arguments {
    /// What chance decides is drawn from it.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Keep the homes and the center's data in this folder, which must not exist yet.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let scratch = std::env::temp_dir().join(format!("siaga-demo-{}", std::process::id()));
    let folder = arguments.keep.clone().unwrap_or_else(|| scratch.clone());
    anyhow::ensure!(!folder.exists(), "{} exists already", folder.display());
    std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;

    let played = play::play(&folder, arguments.seed, &|at, text| println!("[{:5.1} s] {text}", at.as_secs_f64())).await;
    if arguments.keep.is_none() && played.is_ok() {
        std::fs::remove_dir_all(&scratch).context("could not tidy up")?;
    } else {
        println!("kept in {}", folder.display());
    }
    let outcome = played?;

    println!();
    print!("{}", table::render(&outcome.rows));
    println!();
    let counted = outcome.counted;
    let complete = counted == flood::TOTAL;
    println!(
        "counted at the center (latihan): {} KK / {} jiwa, {} houses under water; the regency's total: {} KK / {} jiwa, {}: {}",
        flood::dotted(counted.households),
        flood::dotted(counted.persons),
        flood::dotted(counted.houses),
        flood::dotted(flood::TOTAL.households),
        flood::dotted(flood::TOTAL.persons),
        flood::dotted(flood::TOTAL.houses),
        if complete { "all there, once" } else { "NOT the same" },
    );
    println!("took {:.1} s", outcome.took.as_secs_f64());
    println!("center and phones agree: {}", if outcome.agree { "yes" } else { "no" });
    Ok(if outcome.agree && complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
