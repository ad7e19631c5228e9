//! The seeded simulation: three hundred seeds, plans that were kept, and whether it would notice.
//!
//! `make simulate SEEDS=n` runs as many as one likes. A seed that fails there is shrunk, mended, and kept in `scenarios`
//! under a sentence that says what went wrong.

use siaga_testkit::simulation::plan::{Event, What};
use siaga_testkit::simulation::{Plan, Run, Sabotage, Template, run, run_with};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::make().expect("a template"));

fn ran(plan: &Plan) -> Run {
    run(&TEMPLATE, plan).expect("a run")
}

/// Somebody reports and notes while the road and the disks are good, with a stretch without coverage.
fn a_quiet_hour() -> Plan {
    let report = |at_ms| Event { at_ms, what: What::Report { phone: 0, notes: 1 } };
    let note = |at_ms| Event { at_ms, what: What::Note { phone: 0, record: 1, letters: 40 } };
    let away = Event { at_ms: 4_000, what: What::Partition { phone: 0, for_ms: 9_000 } };
    let events = vec![report(1_000), away, note(5_000), note(6_000), report(8_000), note(20_000)];
    Plan { seed: 1, phones: 1, events }
}

#[test]
fn nothing_is_lost_doubled_or_told_wrongly_in_three_hundred_seeds() {
    const SEEDS: u64 = 300;
    let next = AtomicU64::new(1);
    LazyLock::force(&TEMPLATE);

    let broken: Vec<String> = std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed))
                        .take_while(|seed| *seed <= SEEDS)
                        .filter_map(|seed| Some(format!("seed {seed}: {}", ran(&Plan::of(seed)).broken?)))
                        .collect::<Vec<String>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|thread| thread.join().expect("ends")).collect()
    });

    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_same_seed_is_told_again_byte_for_byte() {
    for seed in [3, 17, 2026] {
        let first = ran(&Plan::of(seed));

        let second = ran(&Plan::of(seed));

        assert_eq!(first, second);
        assert_ne!(first.trace, ran(&Plan::of(seed + 1)).trace);
    }
}

#[test]
fn a_run_without_faults_is_quiet_and_tells_what_was_saved() {
    let run = ran(&a_quiet_hour());

    assert_eq!(run.broken, None);
    assert_eq!(run.told, 3 * 2 + 3);
    assert!(run.exchanges >= 3, "{run:?}");
}

#[test]
fn a_change_that_is_saved_and_not_queued_is_noticed() {
    let run = run_with(&TEMPLATE, &a_quiet_hour(), Some(Sabotage::LosesARow)).expect("a run");

    assert!(run.broken.is_some(), "{run:?}");
}

#[test]
fn a_phone_that_believes_whatever_answers_is_noticed() {
    let mut plan = a_quiet_hour();
    let weather = siaga_testkit::simulation::plan::Weather::Portal;
    // Once the phone has its session, before its last note: without a session nothing rides along.
    plan.events
        .insert(5, Event { at_ms: 19_000, what: What::Weather { phone: 0, weather, percent: 100, for_ms: 30_000 } });
    for at_ms in [22_000, 25_000, 29_000, 40_000] {
        plan.events.push(Event { at_ms, what: What::Note { phone: 0, record: 1, letters: 40 } });
    }

    let run = run_with(&TEMPLATE, &plan, Some(Sabotage::BelievesAnything)).expect("a run");

    assert!(run.broken.as_ref().is_some_and(|why| why.contains("received")), "{run:?}");
}

#[test]
fn an_entry_that_nobody_wrote_is_noticed() {
    let run = run_with(&TEMPLATE, &a_quiet_hour(), Some(Sabotage::WritesUntold)).expect("a run");

    assert!(run.broken.is_some_and(|why| why.contains("by nobody")), "it is found at the center");
}

#[test]
fn plans_that_were_kept_hold() {
    let folder = siaga_xtask::house::root().join("tests/tests/simulation/scenarios");
    let mut told = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("is read");
        let plan: Plan = serde_json::from_str(&text).expect("is a plan");

        assert_eq!(ran(&plan).broken, None, "{}", path.display());
        told += 1;
    }
    assert!(told > 0, "there are scenarios");
}
