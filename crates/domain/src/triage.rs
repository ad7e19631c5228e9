//! Triage: the four colours, START for adults, JumpSTART for children.

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
}

/// What START asks, in its order. Each answer is asked only while the ones before leave the colour open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StartFindings {
    pub can_walk: bool,
    pub breathing: Breathing,
    /// Breaths a minute, when breathing.
    pub respiratory_rate: Option<u16>,
    /// Capillary refill within 2 s or a radial pulse.
    pub perfused: bool,
    pub obeys_commands: bool,
}

/// What was found about breathing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breathing {
    Spontaneous,
    OnlyAfterOpeningTheAirway,
    Absent,
}

/// START (simple triage and rapid treatment), adults.
#[must_use]
pub fn start(found: &StartFindings) -> TriageColor {
    if found.can_walk {
        return TriageColor::Green;
    }
    match found.breathing {
        Breathing::Absent => return TriageColor::Black,
        Breathing::OnlyAfterOpeningTheAirway => return TriageColor::Red,
        Breathing::Spontaneous => {}
    }
    if found.respiratory_rate.is_some_and(|rate| rate > 30) || !found.perfused || !found.obeys_commands {
        return TriageColor::Red;
    }
    TriageColor::Yellow
}

#[cfg(test)]
mod tests {
    use super::*;

    const LYING: StartFindings = StartFindings {
        can_walk: false,
        breathing: Breathing::Spontaneous,
        respiratory_rate: Some(20),
        perfused: true,
        obeys_commands: true,
    };

    #[test]
    fn start_gives_each_colour_for_its_findings() {
        assert_eq!(start(&StartFindings { can_walk: true, ..LYING }), TriageColor::Green);
        assert_eq!(start(&StartFindings { breathing: Breathing::Absent, ..LYING }), TriageColor::Black);
        assert_eq!(
            start(&StartFindings { breathing: Breathing::OnlyAfterOpeningTheAirway, ..LYING }),
            TriageColor::Red
        );
        assert_eq!(start(&StartFindings { respiratory_rate: Some(31), ..LYING }), TriageColor::Red);
        assert_eq!(start(&StartFindings { respiratory_rate: Some(30), ..LYING }), TriageColor::Yellow);
        assert_eq!(start(&StartFindings { perfused: false, ..LYING }), TriageColor::Red);
        assert_eq!(start(&StartFindings { obeys_commands: false, ..LYING }), TriageColor::Red);
        assert_eq!(start(&LYING), TriageColor::Yellow);
    }
}
