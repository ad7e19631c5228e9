//! Accuracies in steps of a quarter: what a receiver says of its own error is no finer.
//!
//! An accuracy is rounded up, so that nothing arrives as more exact than it was measured.

/// Metres, ten to the decade.
const RUNGS: [u32; 10] = [10, 12, 16, 20, 25, 32, 40, 50, 63, 80];

/// The lowest step that claims no more than `metres`.
#[must_use]
pub fn step(metres: u32) -> i64 {
    (0..=TOP).find(|step| self::metres(*step) >= metres).unwrap_or(TOP)
}

/// Below ten metres every metre has its step.
const FIRST: i64 = 10;
/// A hundred kilometres and more.
const TOP: i64 = 50;

/// Metres of a step; beyond the ladder the nearest end.
#[must_use]
pub fn metres(step: i64) -> u32 {
    let step = step.clamp(0, TOP);
    if step < FIRST {
        return u32::try_from(step).unwrap_or_default();
    }
    let above = usize::try_from(step - FIRST).unwrap_or_default();
    let decade = u32::try_from(above / RUNGS.len()).unwrap_or_default();
    RUNGS.get(above % RUNGS.len()).copied().unwrap_or(10).saturating_mul(10_u32.saturating_pow(decade))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accuracy_never_arrives_better_than_it_was_measured_nor_a_third_worse() {
        for metres in 0..100_000 {
            let back = super::metres(step(metres));
            assert!(back >= metres, "{metres} became {back}");
            assert!(f64::from(back) <= f64::from(metres) * 1.34 + 0.5, "{metres} became {back}");
        }
    }

    #[test]
    fn every_step_is_the_step_of_its_own_metres() {
        for step in 0..=TOP {
            assert_eq!(super::step(metres(step)), step);
        }
    }
}
