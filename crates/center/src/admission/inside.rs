//! Judging in this process: no limit of memory or time stands between a hostile change and the center.
//!
//! For tests and for tools that never listen. A served center judges in worker processes.

use super::{Case, Gate, GateError, Ruling};

/// The gate without walls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inside;

impl Gate for Inside {
    fn judge(&self, case: &Case<'_>) -> Result<Vec<Ruling>, GateError> {
        Ok(case.document.clone().judge(case.questions).into_iter().map(Ruling::from).collect())
    }
}
