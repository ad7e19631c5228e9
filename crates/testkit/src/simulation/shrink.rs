//! Shrinking: a plan that fails, with as few lines as still fail.

use super::plan::Plan;
use super::{Template, run};
use anyhow::Result;

/// Leaves out events while the plan still fails, large pieces first; gives what is left and why it fails.
///
/// # Errors
/// When a run could not be set up.
pub fn shrink(template: &Template, plan: &Plan) -> Result<(Plan, Option<String>)> {
    let mut smallest = plan.clone();
    let mut why = run(template, plan)?.broken;
    if why.is_none() {
        return Ok((smallest, None));
    }
    let mut piece = smallest.events.len().div_ceil(2).max(1);
    loop {
        let mut from = 0;
        let mut got_smaller = false;
        while from < smallest.events.len() {
            let mut tried = smallest.clone();
            let until = (from + piece).min(tried.events.len());
            tried.events.drain(from..until);
            match run(template, &tried)?.broken {
                Some(broken) => {
                    (smallest, why, got_smaller) = (tried, Some(broken), true);
                }
                None => from = until,
            }
        }
        if piece == 1 && !got_smaller {
            break;
        }
        piece = (piece / 2).max(1);
    }
    // Phones nobody names any more.
    while smallest.phones > 1 {
        let tried = Plan { phones: smallest.phones - 1, ..smallest.clone() };
        let Some(broken) = tried.fits().then(|| run(template, &tried)).transpose()?.and_then(|run| run.broken) else {
            break;
        };
        (smallest, why) = (tried, Some(broken));
    }
    Ok((smallest, why))
}
