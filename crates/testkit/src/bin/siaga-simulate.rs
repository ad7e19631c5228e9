//! Runs the simulation over many seeds: `siaga-simulate SEEDS [FIRST]`, or one plan: `siaga-simulate --plan FILE`.
//!
//! It says how many seeds a second it runs and how everything ended; of seeds that fail, the first, with its plan shrunk.
//! The trace of them all is a number that stays as it is when a change only made something quicker.

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use siaga_testkit::simulation::plan::Fault;
use siaga_testkit::simulation::{Plan, Template, run, shrink};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Runs the seeded simulation.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(default_value_t = 1)]
    first: u64,
    /// Runs this plan instead; with `RUST_LOG` it tells what both sides say about it.
    #[arg(long)]
    plan: Option<PathBuf>,
    /// Runs so many at once; as many as there are processors without.
    #[arg(long)]
    threads: Option<usize>,
    /// Goes on after a seed that failed, and lists them all.
    #[arg(long)]
    go_on: bool,
    /// Only these kinds of faults; all that are practised without.
    #[arg(long, value_enum, value_delimiter = ',')]
    faults: Vec<Fault>,
}

impl Arguments {
    fn plan_of(&self, seed: u64) -> Plan {
        if self.faults.is_empty() { Plan::of(seed) } else { Plan::with(seed, &self.faults) }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let template = Template::make().context("make the template")?;
    if let Some(path) = &arguments.plan {
        let said = EnvFilter::builder().with_default_directive(LevelFilter::OFF.into()).from_env_lossy();
        tracing_subscriber::fmt().with_env_filter(said).with_writer(std::io::stderr).without_time().init();
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        let plan: Plan = serde_json::from_str(&text).with_context(|| format!("{} is no plan", path.display()))?;
        let ran = run(&template, &plan)?;
        println!("{ran:?}");
        return ran.broken.map_or(Ok(()), |why| bail!("{why}"));
    }
    many(&template, &arguments)
}

fn many(template: &Template, arguments: &Arguments) -> Result<()> {
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let (next, exchanges, told, slowest) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let trace = AtomicU64::new(0);
    let failed: Mutex<Vec<(u64, String)>> = Mutex::default();
    let failures = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= arguments.seeds || (!arguments.go_on && !failures().is_empty()) {
                        return;
                    }
                    let seed = arguments.first + number;
                    match run(template, &arguments.plan_of(seed)) {
                        Ok(ran) => {
                            exchanges.fetch_add(ran.exchanges, Ordering::Relaxed);
                            told.fetch_add(ran.told, Ordering::Relaxed);
                            // A sum, so that the order in which the threads end makes no difference.
                            trace.fetch_add(ran.trace.wrapping_mul(seed.wrapping_mul(2) | 1), Ordering::Relaxed);
                            slowest.fetch_max(u64::try_from(ran.quiet_after_ms).unwrap_or(0), Ordering::Relaxed);
                            if let Some(why) = ran.broken {
                                println!("seed {seed}: {why}");
                                failures().push((seed, why));
                            }
                        }
                        Err(error) => failures().push((seed, format!("{error:#}"))),
                    }
                    if number % 1_000 == 999 {
                        println!("{} seeds, {:.0} s", number + 1, began.elapsed().as_secs_f64());
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64().max(0.001);
    let ran = next.load(Ordering::Relaxed).min(arguments.seeds);
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = ran as f64 / seconds;
    println!(
        "{ran} seeds in {seconds:.1} s on {threads} threads: {rate:.1} seeds a second; {} exchanges, {} entries told, quiet at the latest {:.1} s after the last fault; trace {:016x}",
        exchanges.load(Ordering::Relaxed),
        told.load(Ordering::Relaxed),
        f64::from(u32::try_from(slowest.load(Ordering::Relaxed)).unwrap_or(u32::MAX)) / 1_000.0,
        trace.load(Ordering::Relaxed),
    );
    let mut failed = failures().clone();
    failed.sort();
    let Some((seed, why)) = failed.first() else { return Ok(()) };
    println!("{} of them failed; the first is seed {seed}: {why}", failed.len());
    let (plan, still) = shrink(template, &arguments.plan_of(*seed))?;
    println!("shrunk to {} events: {}", plan.events.len(), still.unwrap_or_default());
    println!("{}", serde_json::to_string_pretty(&plan)?);
    bail!("seed {seed} failed")
}
