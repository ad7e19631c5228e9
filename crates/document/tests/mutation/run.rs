//! A campaign: stories told from a seed, mutants of each, on all cores; the same seed tries the same mutants.

use super::chance::Chance;
use super::mutant::mutant;
use super::seed::Story;
use super::trial::{Bed, Outcome};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Mutants of one story.
pub(crate) const A_STORY: u64 = 2_000;

/// What a campaign found.
#[derive(Default)]
pub(crate) struct Tally {
    pub mutants: u64,
    /// Those that could not be written down or were the honest change itself; others were tried for them.
    pub unmade: u64,
    pub admitted: u64,
    pub refused: BTreeMap<&'static str, u64>,
    pub stories: u64,
    /// Honest changes, every one admitted.
    pub honest: u64,
    pub poison: Vec<Specimen>,
    /// The smallest of each ruling.
    pub kept: BTreeMap<&'static str, Specimen>,
}

/// A mutant and what it was put to.
#[derive(Clone)]
pub(crate) struct Specimen {
    pub kind: &'static str,
    /// `None` for the center itself.
    pub role: Option<&'static str>,
    pub record: [u8; 16],
    pub base: Vec<Vec<u8>>,
    pub change: Vec<u8>,
    pub outcome: Outcome,
    pub seed: u64,
    pub number: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.mutants += other.mutants;
        self.unmade += other.unmade;
        self.admitted += other.admitted;
        self.stories += other.stories;
        self.honest += other.honest;
        self.poison.extend(other.poison);
        for (code, count) in other.refused {
            *self.refused.entry(code).or_default() += count;
        }
        for (code, specimen) in other.kept {
            self.keep(code, specimen);
        }
    }

    fn keep(&mut self, code: &'static str, specimen: Specimen) {
        let size = |specimen: &Specimen| {
            (specimen.base.iter().map(Vec::len).sum::<usize>() + specimen.change.len(), specimen.number)
        };
        match self.kept.get(code) {
            Some(known) if size(known) <= size(&specimen) => {}
            _ => {
                self.kept.insert(code, specimen);
            }
        }
    }
}

/// Tries `mutants` mutants of `seed`; `told` hears how many were tried after each story.
///
/// # Errors
/// An honest change that was refused.
pub(crate) fn run(seed: u64, mutants: u64, threads: usize, told: impl Fn(u64) + Sync) -> Result<Tally, String> {
    let next = AtomicU64::new(0);
    let done = AtomicU64::new(0);
    let whole: Mutex<Result<Tally, String>> = Mutex::new(Ok(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number * A_STORY >= mutants {
                        return;
                    }
                    let count = A_STORY.min(mutants - number * A_STORY);
                    let tally = story(seed, number, count);
                    let mut whole = whole.lock().unwrap_or_else(PoisonError::into_inner);
                    match (whole.as_mut(), tally) {
                        (Ok(whole), Ok(tally)) => whole.add(tally),
                        (Ok(_), Err(error)) => {
                            *whole = Err(format!("seed {seed}, story {number}: {error}"));
                            next.store(u64::MAX / A_STORY / 2, Ordering::Relaxed);
                        }
                        (Err(_), _) => return,
                    }
                    drop(whole);
                    told(done.fetch_add(count, Ordering::Relaxed) + count);
                }
            });
        }
    });
    whole.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn story(seed: u64, number: u64, count: u64) -> Result<Tally, String> {
    let mut chance = Chance::new(seed, number);
    let story = Story::tell(&mut chance)?;
    let mut tally = Tally { stories: 1, honest: story.log.len() as u64, ..Tally::default() };
    while tally.mutants < count {
        let victim = chance.below(story.log.len());
        let Some(bytes) = mutant(&mut chance, &story, victim) else {
            tally.unmade += 1;
            continue;
        };
        if story.log.iter().any(|one| one.bytes == bytes) {
            tally.unmade += 1;
            continue;
        }
        // Where the honest one would have come, or anywhere after it.
        let at = if chance.below(4) > 0 { victim } else { victim + chance.below(story.log.len() + 1 - victim) };
        let author = story.log.get(victim).map_or(siaga_domain::policy::Author::Center, |one| one.author);
        let outcome = Bed { story: &story, at, author }.try_out(&mut chance, &bytes);
        tally.mutants += 1;
        let specimen = || Specimen {
            kind: story.kind.code(),
            role: match author {
                siaga_domain::policy::Author::Center => None,
                siaga_domain::policy::Author::Device(role) => Some(role.code()),
            },
            record: *story.record.as_bytes(),
            base: story.log.iter().take(at).map(|one| one.bytes.clone()).collect(),
            change: bytes.clone(),
            outcome: outcome.clone(),
            seed,
            number,
        };
        match &outcome {
            Outcome::Refused(code) => {
                *tally.refused.entry(code).or_default() += 1;
                if tally.refused.get(code) == Some(&1) {
                    tally.keep(code, specimen());
                }
            }
            Outcome::Admitted => {
                tally.admitted += 1;
                if tally.admitted == 1 {
                    tally.keep("admitted", specimen());
                }
            }
            Outcome::Poison(_) => tally.poison.push(specimen()),
        }
    }
    Ok(tally)
}
