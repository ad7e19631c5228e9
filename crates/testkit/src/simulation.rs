//! A seeded simulation: phones, a center and an edge of faults under one simulated time.
//!
//! Everything is the product's own code over real databases; only clocks, chance, the road and the disks are the
//! simulation's. A seed is drawn into a [`Plan`], a plan is run, and what a run must never break is asked at each
//! answer and at the end (`machine::judge`). The same plan always runs the same way; its trace is a number that says so.
//!
//! A kill is a kill at a commit (`disk`), the road is between two calls (`machine::road`), and the faults that are practised
//! stand in one list (`plan::PRACTISED`). Files are not carried here.

mod disk;
mod ledger;
mod machine;
mod phone;
pub mod plan;
mod shrink;
mod template;
mod world;

pub use plan::Plan;
pub use shrink::shrink;
pub use template::Template;

use anyhow::{Context as _, Result};
use machine::Machine;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// What did not hold; `None` when everything did.
    pub broken: Option<String>,
    /// Over every byte that was said, and when.
    pub trace: u64,
    /// Requests the center was asked.
    pub exchanges: u64,
    /// Entries somebody was told are saved.
    pub told: u64,
    /// Simulated milliseconds from the last fault until everything was where it belongs.
    pub quiet_after_ms: i64,
}

/// What a test breaks on purpose, to see that a run notices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sabotage {
    /// A change is saved and not queued.
    LosesARow,
    /// Whatever was sent counts as received once anything answers.
    BelievesAnything,
    /// Something is written that nobody did.
    WritesUntold,
}

/// Runs a plan over a copy of the template.
///
/// # Errors
/// When the run could not be set up.
pub fn run(template: &Template, plan: &Plan) -> Result<Run> {
    run_with(template, plan, None)
}

/// As [`run`], with something broken on purpose.
///
/// # Errors
/// When the run could not be set up.
pub fn run_with(template: &Template, plan: &Plan, sabotage: Option<Sabotage>) -> Result<Run> {
    let folder = template.copy(plan.phones).context("copy the template")?;
    let at = folder.path().to_owned();
    // A panic is a finding like any other, and the next seed goes on.
    let ran = catch_unwind(AssertUnwindSafe(|| Machine::run_in(at, plan, sabotage)));
    ran.unwrap_or_else(|_| {
        disk::Disks::unwatch();
        let broken = Some("something panicked".to_owned());
        Ok(Run { broken, trace: 0, exchanges: 0, told: 0, quiet_after_ms: 0 })
    })
}
