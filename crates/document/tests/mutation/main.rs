//! The admission check under mutants: a short campaign, and the specimens that are kept. The long one is
//! `make mutate N=10000000`.
#![allow(
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test ends where something is not as it must be"
)]

mod chance;
mod chunk;
mod kept;
mod mutant;
mod run;
mod seed;
mod trial;

use std::panic;
use std::sync::Once;

/// Mutants in every run of the tests.
const MUTANTS: u64 = 20_000;

/// What unwinds in the library is caught and counted; only tests have names, and only they are heard.
fn let_nobody_shout() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if std::thread::current().name().is_some() {
                loud(panicked);
            }
        }));
    });
}

#[test]
fn no_mutant_that_is_admitted_harms_a_document_and_every_honest_change_is_admitted() {
    let_nobody_shout();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let tally = run::run(1, MUTANTS, threads, |_| {});

    let tally = tally.expect("every honest change is admitted");
    if let Some(one) = tally.poison.first() {
        let by = one.role.unwrap_or("center");
        panic!(
            "seed {} story {}: {} by {by} in {:02x?}: {:?}",
            one.seed, one.number, one.kind, one.record, one.outcome
        );
    }
    assert_eq!(tally.mutants, MUTANTS);
    // A campaign that is refused at the door finds nothing out.
    assert!(tally.admitted > MUTANTS / 100, "{}", tally.admitted);
    assert!(tally.refused.len() >= 15, "{:?}", tally.refused);
    assert!(tally.honest >= 3 * tally.stories);
}

#[test]
fn the_same_seed_tries_the_same_mutants() {
    let of = |threads| {
        let tally = run::run(5, 3_000, threads, |_| {}).expect("honest changes are admitted");
        (tally.admitted, tally.refused, tally.honest)
    };
    let_nobody_shout();
    let (one, two) = (of(1), of(2));

    assert_eq!(one, two);
}

#[test]
fn every_kept_specimen_is_ruled_as_it_was() {
    let all = kept::Kept::all();

    assert!(all.len() >= 15, "{}", all.len());
    for one in &all {
        assert_eq!(one.judged(), one.ruling, "{}", one.name);
    }
}
