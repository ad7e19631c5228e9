//! `make mutate N=10000000`: a long campaign against the admission check, from a seed.
//!
//! Prints how fast, how many were admitted and refused and why, and every poison; with `--keep` it writes the smallest
//! specimen of each ruling to `tests/fixtures/admission`. Poison is always written there. Fails if there is any.
#![allow(clippy::indexing_slicing, clippy::cast_precision_loss, reason = "a program of the developers")]

mod chance;
mod chunk;
mod keep;
mod kept;
mod mutant;
mod run;
mod seed;
mod trial;

use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut numbers = arguments.iter().filter_map(|argument| argument.parse::<u64>().ok());
    let mutants = numbers.next().unwrap_or(1_000_000);
    let seed = numbers.next().unwrap_or(1);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // What unwinds is caught and counted; a message each would be all there is to read.
    std::panic::set_hook(Box::new(|_| {}));
    let changed: Vec<String> =
        kept::Kept::all().into_iter().filter(|one| one.judged() != one.ruling).map(|one| one.name).collect();
    if !changed.is_empty() {
        println!("kept specimens that are ruled otherwise now: {changed:?}");
    }
    let began = Instant::now();
    println!("{mutants} mutants of seed {seed} on {threads} cores");
    let found = run::run(seed, mutants, threads, |tried| {
        if tried % 500_000 < run::A_STORY {
            let took = began.elapsed().as_secs_f64();
            println!("{tried:>12} tried  {:>9.0} a second", tried as f64 / took);
        }
    });
    let _ = std::panic::take_hook();
    let tally = match found {
        Ok(tally) => tally,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let took = began.elapsed().as_secs_f64();
    println!("{} stories, {} honest changes, all admitted", tally.stories, tally.honest);
    println!("{} mutants in {took:.0} s, {:.0} a second", tally.mutants, tally.mutants as f64 / took);
    println!("{:>12} admitted", tally.admitted);
    for (code, count) in &tally.refused {
        println!("{count:>12} {code}");
    }
    println!("{:>12} that could not be made", tally.unmade);
    println!("{:>12} poison", tally.poison.len());
    if arguments.iter().any(|argument| argument == "--keep") {
        for (code, specimen) in &tally.kept {
            let _ = keep::write(specimen, code).map_err(|error| println!("{code}: {error}"));
        }
    }
    for (number, specimen) in tally.poison.iter().enumerate() {
        println!("seed {} story {}: {:?}", specimen.seed, specimen.number, specimen.outcome);
        if number < 20 {
            let _ = keep::write(specimen, &format!("poison_{}_{number}", specimen.seed));
        }
    }
    if tally.poison.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
