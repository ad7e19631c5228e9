//! Damage to a building from three plain questions: *rusak ringan*, *rusak sedang*, *rusak berat*.
//!
//! The sources disagree about percentages (Permen PU 45/2007: 30, 45, 65 %; JITUPASNA: 30, 70 %), so no
//! percentage is asked. The classes follow Permen PU 45/2007 and the PUPR book of 2021 in words: finish only,
//! parts of walls or columns, not habitable. A house swept away counts as heavily damaged, as in BNPB's table.

use serde::Serialize;
use ts_rs::TS;

crate::coded! {
    /// A class of damage.
    DamageClass {
        /// RR: non-structural only, safe to live in.
        Light = "light",
        /// RS: part of the structure, repair soon.
        Moderate = "moderate",
        /// RB: collapsed, leaning, swept away or dangerous.
        Heavy = "heavy",
    }
}

crate::coded! {
    /// One plain question about a house.
    #[ts(export)]
    DamageQuestion {
        /// Collapsed, leaning or swept away.
        Collapsed = "collapsed",
        /// Cracks in, or parts missing from, walls or columns.
        Structure = "structure",
        /// Roof cover, ceiling, floor finish or infill walls.
        Finish = "finish",
    }
}

/// The class of a house of which a question is answered by yes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, TS)]
#[ts(export)]
pub struct DamageStep {
    pub ask: DamageQuestion,
    pub class: DamageClass,
}

/// The worst finding first: it names the class. A house of which none is true is not damaged.
pub const DAMAGE: &[DamageStep] = &[
    DamageStep { ask: DamageQuestion::Collapsed, class: DamageClass::Heavy },
    DamageStep { ask: DamageQuestion::Structure, class: DamageClass::Moderate },
    DamageStep { ask: DamageQuestion::Finish, class: DamageClass::Light },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_stands_once_and_the_classes_get_lighter() {
        let asked: Vec<_> = DAMAGE.iter().map(|step| step.ask).collect();
        let mut classes: Vec<_> = DAMAGE.iter().map(|step| step.class).collect();
        classes.reverse();

        assert_eq!(asked, DamageQuestion::ALL);
        assert_eq!(classes, DamageClass::ALL);
    }
}
