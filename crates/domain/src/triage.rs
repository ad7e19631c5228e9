//! Triage: the four colours, START for adults, JumpSTART for children.
//!
//! Both walks are tables. They are exported as constants (`clinical`) and the page walks them, so that a crew sees why.

use serde::Serialize;
use ts_rs::TS;

crate::coded! {
    /// NEMSIS eScene.08 codes beside each; letters and shapes are the page's.
    TriageColor {
        /// 2708001 immediate.
        Red = "red",
        /// 2708003 delayed.
        Yellow = "yellow",
        /// 2708005 minimal.
        Green = "green",
        /// 2708009 deceased.
        Black = "black",
    }
}

impl TriageColor {
    /// NEMSIS v3.5.1 eScene.08.
    #[must_use]
    pub const fn nemsis(self) -> u32 {
        match self {
            Self::Red => 2_708_001,
            Self::Yellow => 2_708_003,
            Self::Green => 2_708_005,
            Self::Black => 2_708_009,
        }
    }

    /// Which colour is shown while people disagree: red before yellow before green, and each of them before black. A
    /// patient whom one of two calls alive is treated as alive. Decision 0009.
    #[must_use]
    pub const fn precedence(self) -> u8 {
        match self {
            Self::Red => 3,
            Self::Yellow => 2,
            Self::Green => 1,
            Self::Black => 0,
        }
    }
}

crate::coded! {
    /// What START and JumpSTART ask, each answered by yes or no. Pages have the words and the pictures.
    #[ts(export)]
    TriageQuestion {
        Walk = "walk",
        Breathing = "breathing",
        /// Breathing after the airway was opened.
        Airway = "airway",
        /// More than 30 breaths a minute.
        Rate = "rate",
        /// Capillary refill within 2 s, or a radial pulse.
        Perfusion = "perfusion",
        /// Obeys simple commands.
        Commands = "commands",
        ChildPulse = "child_pulse",
        /// Breathing after five rescue breaths.
        Rescue = "rescue",
        /// Slower than 15 or faster than 45 breaths a minute.
        ChildRate = "child_rate",
        ChildPerfusion = "child_perfusion",
        /// Alert, answers a voice, or answers pain appropriately.
        ChildResponse = "child_response",
    }
}

/// Where an answer leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TriageOutcome {
    Ask(TriageQuestion),
    Color(TriageColor),
}

/// One question of a walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, TS)]
#[ts(export)]
pub struct TriageStep {
    pub ask: TriageQuestion,
    pub yes: TriageOutcome,
    pub no: TriageOutcome,
}

const fn step(ask: TriageQuestion, yes: TriageOutcome, no: TriageOutcome) -> TriageStep {
    TriageStep { ask, yes, no }
}

use TriageColor::{Black, Green, Red, Yellow};
use TriageOutcome::{Ask, Color};
use TriageQuestion as Q;

/// START (simple triage and rapid treatment), adults. The first step is asked first.
pub const START: &[TriageStep] = &[
    step(Q::Walk, Color(Green), Ask(Q::Breathing)),
    step(Q::Breathing, Ask(Q::Rate), Ask(Q::Airway)),
    step(Q::Airway, Color(Red), Color(Black)),
    step(Q::Rate, Color(Red), Ask(Q::Perfusion)),
    step(Q::Perfusion, Ask(Q::Commands), Color(Red)),
    step(Q::Commands, Color(Yellow), Color(Red)),
];

/// JumpSTART (Romig), for children from about one to eight years: START with rescue breaths and a child's rates.
pub const JUMPSTART: &[TriageStep] = &[
    step(Q::Walk, Color(Green), Ask(Q::Breathing)),
    step(Q::Breathing, Ask(Q::ChildRate), Ask(Q::Airway)),
    step(Q::Airway, Color(Red), Ask(Q::ChildPulse)),
    step(Q::ChildPulse, Ask(Q::Rescue), Color(Black)),
    step(Q::Rescue, Color(Red), Color(Black)),
    step(Q::ChildRate, Color(Red), Ask(Q::ChildPerfusion)),
    step(Q::ChildPerfusion, Ask(Q::ChildResponse), Color(Red)),
    step(Q::ChildResponse, Color(Yellow), Color(Red)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The colour that the answers lead to; a question that is not named is answered no.
    fn walk(steps: &[TriageStep], yes: &[TriageQuestion]) -> TriageColor {
        let mut asked = steps.first();
        for _ in 0..=steps.len() {
            let step = asked.expect("a question of this walk");
            match if yes.contains(&step.ask) { step.yes } else { step.no } {
                Color(color) => return color,
                Ask(next) => asked = steps.iter().find(|step| step.ask == next),
            }
        }
        panic!("the walk has no end")
    }

    #[test]
    fn start_gives_each_colour_for_its_findings() {
        for (yes, color) in [
            (&[Q::Walk][..], Green),
            (&[], Black),
            (&[Q::Airway], Red),
            (&[Q::Breathing, Q::Rate], Red),
            (&[Q::Breathing], Red),
            (&[Q::Breathing, Q::Perfusion], Red),
            (&[Q::Breathing, Q::Perfusion, Q::Commands], Yellow),
        ] {
            assert_eq!(walk(START, yes), color, "{yes:?}");
        }
    }

    #[test]
    fn jumpstart_gives_each_colour_for_its_findings() {
        for (yes, color) in [
            (&[Q::Walk][..], Green),
            (&[], Black),
            (&[Q::Airway], Red),
            (&[Q::ChildPulse], Black),
            (&[Q::ChildPulse, Q::Rescue], Red),
            (&[Q::Breathing, Q::ChildRate], Red),
            (&[Q::Breathing], Red),
            (&[Q::Breathing, Q::ChildPerfusion], Red),
            (&[Q::Breathing, Q::ChildPerfusion, Q::ChildResponse], Yellow),
        ] {
            assert_eq!(walk(JUMPSTART, yes), color, "{yes:?}");
        }
    }

    #[test]
    fn every_question_that_is_asked_has_its_step_and_none_stands_twice() {
        for steps in [START, JUMPSTART] {
            for one in steps {
                assert_eq!(steps.iter().filter(|step| step.ask == one.ask).count(), 1, "{:?}", one.ask);
                for outcome in [one.yes, one.no] {
                    assert!(!matches!(outcome, Ask(next) if !steps.iter().any(|step| step.ask == next)), "{outcome:?}");
                }
            }
        }
    }
}
