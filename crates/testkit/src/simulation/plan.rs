//! A plan: what people do and what goes wrong, drawn from a seed, written down so that one line of it can be left out.
//!
//! A plan names phones and records by number; where there is no such record yet, its line does nothing. So a plan that
//! lost a line still means something, which is what shrinking needs.

use crate::seed::Seed;
use serde::{Deserialize, Serialize};

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, clap::ValueEnum)]
pub enum Fault {
    /// A phone's process dies at one of its next commits.
    Kill,
    /// The center's process dies at one of its next commits.
    KillCenter,
    /// A phone, or everybody, is out of coverage.
    Partition,
    /// Messages are lost, doubled, late, cut short, or answered by somebody else.
    Weather,
    /// The device's clock is set.
    Clock,
    /// No database of a phone can grow.
    Full,
    /// The center's database cannot grow.
    FullCenter,
    /// Everybody is switched off for hours.
    Night,
    /// A phone's home is what it was a while ago.
    RolledBack,
    /// A phone's home is on two phones.
    Cloned,
    /// The center is what it was at its last backup.
    Restored,
    /// More people than one change can depend on write into one record, none having seen another's words.
    Crowd,
    /// The device's clock is set while positions are taken, and set right again.
    ClockOnTheRoad,
}

/// The faults that are practised: the one place where a kind is added.
pub const PRACTISED: &[Fault] = &[
    Fault::Kill,
    Fault::KillCenter,
    Fault::Partition,
    Fault::Weather,
    Fault::Clock,
    Fault::Full,
    Fault::FullCenter,
    Fault::Night,
    Fault::RolledBack,
    Fault::Cloned,
    Fault::Restored,
    Fault::Crowd,
    Fault::ClockOnTheRoad,
];

/// What the road does to a message now and then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weather {
    Loses,
    Doubles,
    /// Late enough to be overtaken by later ones.
    Delays,
    CutsShort,
    /// Something that is not the center answers 200.
    Portal,
}

/// How much dies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Death {
    Process,
    /// With its monotonic clock.
    Device,
}

/// One thing that happens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Press { phone: u8, task: u8 },
    Sos { phone: u8 },
    Report { phone: u8, notes: u8 },
    Note { phone: u8, record: u8, letters: u16 },
    Patient { phone: u8, incident: u8 },
    Triage { phone: u8, patient: u8 },
    Fixes { phone: u8, count: u8 },
    Duty { phone: u8 },
    Order { unit: u8 },
    Amend { incident: u8, letters: u16 },
    Cancel { task: u8 },
    Close { incident: u8 },
    Crowd { incident: u8, writers: u8 },
    Kill { phone: u8, commits: u8, down_ms: u32, death: Death },
    KillCenter { commits: u8, down_ms: u32 },
    Partition { phone: u8, for_ms: u32 },
    Blackout { for_ms: u32 },
    Weather { phone: u8, weather: Weather, percent: u8, for_ms: u32 },
    Clock { phone: u8, by_ms: i64 },
    Full { phone: u8, for_ms: u32 },
    FullCenter { for_ms: u32 },
    Night { hours: u8 },
    Keep { phone: u8 },
    PutBack { phone: u8, down_ms: u32 },
    Clone { phone: u8 },
    Backup,
    Restore { down_ms: u32 },
}

/// When, and what.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    pub at_ms: u32,
    pub what: What,
}

/// One run, before it is run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// For everything the events do not say: delays, ids, which message is lost.
    pub seed: u64,
    pub phones: u8,
    /// In the order of their times.
    pub events: Vec<Event>,
}

/// Phones of a whole regency.
pub const MOST_PHONES: u8 = 20;
/// The copy of phone n is phone 100 + n, once it was copied.
pub const TWIN: u8 = 100;
/// Units they belong to, the first three of the first unit.
pub const UNITS: u8 = 4;

impl Plan {
    /// The plan of a seed, of the faults in `PRACTISED`.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self::with(seed, PRACTISED)
    }

    /// The plan of a seed, of these faults.
    #[must_use]
    pub fn with(seed: u64, faults: &[Fault]) -> Self {
        let mut chance = Seed::new(seed).branch("plan");
        let phones = match chance.between(0, 99) {
            0..=59 => chance.between(2, 3),
            60..=89 => chance.between(4, 6),
            90..=97 => chance.between(7, 12),
            _ => u64::from(MOST_PHONES),
        };
        let phones = u8::try_from(phones).unwrap_or(2);
        let span_ms = chance.between(40_000, 150_000);
        let mut events = Vec::new();
        for _ in 0..chance.between(6, 8 + 2 * u64::from(phones)) {
            events.push(Event { at_ms: within(&mut chance, span_ms), what: work(&mut chance, phones) });
        }
        for _ in 0..chance.between(3, 7) {
            let pick = chance.draw() % u64::try_from(faults.len().max(1)).unwrap_or(1);
            let Some(fault) = faults.get(usize::try_from(pick).unwrap_or(0)) else { break };
            go_wrong(&mut chance, *fault, phones, span_ms, &mut events);
        }
        events.sort_by_key(|event| event.at_ms);
        Self { seed, phones, events }
    }
}

impl Plan {
    /// Whether every phone that is named is there.
    #[must_use]
    pub fn fits(&self) -> bool {
        let is_here = |phone: u8| phone < self.phones || phone.checked_sub(TWIN).is_some_and(|of| of < self.phones);
        self.events.iter().all(|event| event.what.phone().is_none_or(is_here))
    }
}

impl What {
    /// The phone it is about.
    pub(super) const fn phone(&self) -> Option<u8> {
        match self {
            Self::Press { phone, .. }
            | Self::Sos { phone }
            | Self::Report { phone, .. }
            | Self::Note { phone, .. }
            | Self::Patient { phone, .. }
            | Self::Triage { phone, .. }
            | Self::Fixes { phone, .. }
            | Self::Duty { phone }
            | Self::Kill { phone, .. }
            | Self::Partition { phone, .. }
            | Self::Weather { phone, .. }
            | Self::Clock { phone, .. }
            | Self::Full { phone, .. }
            | Self::Keep { phone }
            | Self::PutBack { phone, .. }
            | Self::Clone { phone } => Some(*phone),
            _ => None,
        }
    }
}

fn within(chance: &mut Seed, span_ms: u64) -> u32 {
    u32::try_from(chance.between(0, span_ms)).unwrap_or(u32::MAX)
}

fn small(chance: &mut Seed, low: u64, high: u64) -> u8 {
    u8::try_from(chance.between(low, high)).unwrap_or(u8::MAX)
}

fn some(chance: &mut Seed, phones: u8) -> u8 {
    small(chance, 0, u64::from(phones.saturating_sub(1)))
}

/// Mostly short; now and then as long as a report.
fn letters(chance: &mut Seed) -> u16 {
    let most = if chance.happens(15) { 3_000 } else { 120 };
    u16::try_from(chance.between(1, most)).unwrap_or(1)
}

fn work(chance: &mut Seed, phones: u8) -> What {
    let phone = some(chance, phones);
    work_of(chance, phone)
}

fn work_of(chance: &mut Seed, phone: u8) -> What {
    let number = small(chance, 0, 9);
    match chance.between(0, 99) {
        0..=17 => What::Press { phone, task: number },
        18..=25 => What::Sos { phone },
        26..=35 => What::Report { phone, notes: small(chance, 0, 3) },
        36..=49 => What::Note { phone, record: number, letters: letters(chance) },
        50..=56 => What::Patient { phone, incident: number },
        57..=63 => What::Triage { phone, patient: number },
        64..=70 => What::Fixes { phone, count: small(chance, 1, 20) },
        71..=74 => What::Duty { phone },
        75..=87 => What::Order { unit: small(chance, 0, u64::from(UNITS - 1)) },
        88..=94 => What::Amend { incident: number, letters: letters(chance) },
        95..=97 => What::Cancel { task: number },
        _ => What::Close { incident: number },
    }
}

fn span(chance: &mut Seed, low_ms: u64, high_ms: u64) -> u32 {
    u32::try_from(chance.between(low_ms, high_ms)).unwrap_or(u32::MAX)
}

fn go_wrong(chance: &mut Seed, fault: Fault, phones: u8, span_ms: u64, events: &mut Vec<Event>) {
    let phone = some(chance, phones);
    let at_ms = within(chance, span_ms);
    let mut add = |at_ms: u32, what| events.push(Event { at_ms, what });
    let after = |at_ms: u32, chance: &mut Seed| at_ms.saturating_add(span(chance, 1_000, 60_000));
    match fault {
        Fault::Kill => {
            let death = if chance.happens(30) { Death::Device } else { Death::Process };
            let commits = small(chance, 0, 6);
            add(at_ms, What::Kill { phone, commits, down_ms: span(chance, 200, 20_000), death });
        }
        Fault::KillCenter => {
            let commits = small(chance, 0, 6);
            add(at_ms, What::KillCenter { commits, down_ms: span(chance, 200, 15_000) });
        }
        Fault::Partition if chance.happens(25) => add(at_ms, What::Blackout { for_ms: span(chance, 1_000, 40_000) }),
        Fault::Partition => add(at_ms, What::Partition { phone, for_ms: span(chance, 1_000, 60_000) }),
        Fault::Weather => {
            let weather = match chance.between(0, 4) {
                0 => Weather::Loses,
                1 => Weather::Doubles,
                2 => Weather::Delays,
                3 => Weather::CutsShort,
                _ => Weather::Portal,
            };
            let percent = small(chance, 20, 90);
            add(at_ms, What::Weather { phone, weather, percent, for_ms: span(chance, 5_000, 60_000) });
        }
        Fault::Clock => {
            let by_ms = i64::from(span(chance, 500, 40_000_000));
            add(at_ms, What::Clock { phone, by_ms: if chance.happens(50) { by_ms } else { -by_ms } });
        }
        Fault::Full => add(at_ms, What::Full { phone, for_ms: span(chance, 5_000, 40_000) }),
        Fault::FullCenter => add(at_ms, What::FullCenter { for_ms: span(chance, 5_000, 30_000) }),
        Fault::Night => add(at_ms, What::Night { hours: small(chance, 1, 30) }),
        Fault::RolledBack => {
            add(at_ms, What::Keep { phone });
            // Something is lost, and written again.
            for _ in 0..chance.between(0, 3) {
                add(after(at_ms, chance), work_of(chance, phone));
            }
            add(at_ms.saturating_add(span(chance, 5_000, 60_000)), What::PutBack { phone, down_ms: 2_000 });
        }
        Fault::Cloned => {
            add(at_ms, What::Clone { phone });
            // Both are used.
            for _ in 0..chance.between(1, 4) {
                add(after(at_ms, chance), work_of(chance, TWIN + phone));
                add(after(at_ms, chance), work_of(chance, phone));
            }
            if chance.happens(50) {
                let away = if chance.happens(50) { phone } else { TWIN + phone };
                add(after(at_ms, chance), What::Partition { phone: away, for_ms: span(chance, 1_000, 60_000) });
            }
        }
        Fault::Crowd => {
            let incident = small(chance, 0, 9);
            // Below and above what one change can depend on; people go on writing behind it.
            add(at_ms, What::Crowd { incident, writers: small(chance, 20, 110) });
            add(after(at_ms, chance), What::Note { phone, record: incident, letters: letters(chance) });
            add(after(at_ms, chance), What::Amend { incident, letters: letters(chance) });
        }
        Fault::ClockOnTheRoad => {
            let by_ms = i64::from(span(chance, 60_000, 2_000_000_000));
            let by_ms = if chance.happens(50) { by_ms } else { -by_ms };
            add(at_ms, What::Fixes { phone, count: small(chance, 1, 6) });
            add(at_ms, What::Clock { phone, by_ms });
            add(at_ms, What::Fixes { phone, count: small(chance, 1, 6) });
            let right_again = after(at_ms, chance);
            add(right_again, What::Clock { phone, by_ms: -by_ms });
            add(right_again, What::Fixes { phone, count: small(chance, 1, 6) });
        }
        Fault::Restored => {
            add(at_ms, What::Backup);
            add(at_ms.saturating_add(span(chance, 5_000, 60_000)), What::Restore { down_ms: 3_000 });
        }
    }
}
