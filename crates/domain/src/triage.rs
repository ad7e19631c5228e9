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

/// What JumpSTART asks of a child, in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JumpStartFindings {
    pub can_walk: bool,
    pub breathing: ChildBreathing,
    /// Breaths a minute, when breathing.
    pub respiratory_rate: Option<u16>,
    pub pulse: bool,
    /// Alert, answers a voice, or answers pain appropriately.
    pub responds_appropriately: bool,
}

/// What was found about a child's breathing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChildBreathing {
    Spontaneous,
    OnlyAfterOpeningTheAirway,
    /// Not breathing, with a pulse, and breathing after five rescue breaths.
    OnlyAfterRescueBreaths,
    Absent,
}

/// JumpSTART (Romig), for children from about one to eight years: START with rescue breaths and a child's rates.
#[must_use]
pub fn jumpstart(found: &JumpStartFindings) -> TriageColor {
    if found.can_walk {
        return TriageColor::Green;
    }
    match found.breathing {
        ChildBreathing::Absent => return TriageColor::Black,
        ChildBreathing::OnlyAfterOpeningTheAirway | ChildBreathing::OnlyAfterRescueBreaths => return TriageColor::Red,
        ChildBreathing::Spontaneous => {}
    }
    let rate_is_off = found.respiratory_rate.is_some_and(|rate| !(15..=45).contains(&rate));
    if rate_is_off || !found.pulse || !found.responds_appropriately {
        return TriageColor::Red;
    }
    TriageColor::Yellow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_who_breathes_after_rescue_breaths_is_red_and_a_fast_child_at_forty_five_is_yellow() {
        let lying = JumpStartFindings {
            can_walk: false,
            breathing: ChildBreathing::Spontaneous,
            respiratory_rate: Some(45),
            pulse: true,
            responds_appropriately: true,
        };
        let with = |breathing| JumpStartFindings { breathing, ..lying };

        assert_eq!(jumpstart(&lying), TriageColor::Yellow);
        assert_eq!(jumpstart(&JumpStartFindings { can_walk: true, ..lying }), TriageColor::Green);
        assert_eq!(jumpstart(&with(ChildBreathing::OnlyAfterRescueBreaths)), TriageColor::Red);
        assert_eq!(jumpstart(&with(ChildBreathing::Absent)), TriageColor::Black);
        assert_eq!(jumpstart(&JumpStartFindings { respiratory_rate: Some(46), ..lying }), TriageColor::Red);
        assert_eq!(jumpstart(&JumpStartFindings { respiratory_rate: Some(14), ..lying }), TriageColor::Red);
        assert_eq!(jumpstart(&JumpStartFindings { pulse: false, ..lying }), TriageColor::Red);
        assert_eq!(jumpstart(&JumpStartFindings { responds_appropriately: false, ..lying }), TriageColor::Red);
    }

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
