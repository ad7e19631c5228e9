//! Damage to a building from three plain questions: *rusak ringan*, *rusak sedang*, *rusak berat*.
//!
//! The sources disagree about percentages (Permen PU 45/2007: 30, 45, 65 %; JITUPASNA: 30, 70 %), so no
//! percentage is asked. The classes follow Permen PU 45/2007 and the PUPR book of 2021 in words: finish only,
//! parts of walls or columns, not habitable. A house swept away counts as heavily damaged, as in BNPB's table.

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

/// The three questions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DamageFindings {
    /// Roof cover, ceiling, floor finish or infill walls.
    pub finish: bool,
    /// Cracks in, or parts missing from, walls or columns.
    pub structure: bool,
    /// Collapsed, leaning or swept away.
    pub collapsed: bool,
}

/// The class of the worst finding; `None` when nothing is damaged.
#[must_use]
pub const fn classify(found: DamageFindings) -> Option<DamageClass> {
    if found.collapsed {
        Some(DamageClass::Heavy)
    } else if found.structure {
        Some(DamageClass::Moderate)
    } else if found.finish {
        Some(DamageClass::Light)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_names_the_class() {
        let finish = DamageFindings { finish: true, ..DamageFindings::default() };

        assert_eq!(classify(DamageFindings::default()), None);
        assert_eq!(classify(finish), Some(DamageClass::Light));
        assert_eq!(classify(DamageFindings { structure: true, ..finish }), Some(DamageClass::Moderate));
        assert_eq!(classify(DamageFindings { collapsed: true, ..finish }), Some(DamageClass::Heavy));
    }
}
