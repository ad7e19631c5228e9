//! What is known of the flood, and the exercise made of it.
//!
//! Known (SK 422/BPBD-B/2022, 10 to 23 October 2022): the totals of the regency, the range of the water level, and
//! that Asam Jelai could not be counted because communication was cut. The figures of single villages are an
//! exercise (*latihan*): they add up to the totals and are nothing else.

/// Decree of the emergency response.
pub const DECREE: &str = "SK 422/BPBD-B/2022, 10-23 Oktober 2022";

/// What the regency counted.
pub const TOTAL: Figures = Figures { households: 3_590, persons: 11_419, houses: 3_324 };

/// Water level, centimetres, lowest and highest.
pub const WATER_CM: (i64, i64) = (50, 170);

/// Written into every assessment of the play.
pub const EXERCISE: &str = "latihan: angka per desa bukan data resmi";

/// The village that could not be counted.
pub const CUT_OFF: &str = "61.04.14.2015";

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// KK.
    pub households: i64,
    /// Jiwa.
    pub persons: i64,
    /// Houses under water.
    pub houses: i64,
}

/// One village of the exercise.
#[derive(Clone, Copy, Debug)]
pub struct Village {
    /// Kemendagri code.
    pub code: &'static str,
    pub name: &'static str,
    pub figures: Figures,
    pub water_cm: i64,
    /// Whether the numbers were counted on the spot.
    pub verified: bool,
}

const fn village(
    code: &'static str,
    name: &'static str,
    counted: (i64, i64, i64),
    water_cm: i64,
    verified: bool,
) -> Village {
    let figures = Figures { households: counted.0, persons: counted.1, houses: counted.2 };
    Village { code, name, figures, water_cm, verified }
}

/// Jelai Hulu, Tumbang Titi, Marau and Pemahan.
pub const VILLAGES: [Village; 12] = [
    village(CUT_OFF, "Asam Jelai", (412, 1_310, 381), 170, true),
    village("61.04.14.2001", "Periangan", (365, 1_161, 338), 160, true),
    village("61.04.14.2002", "Tanggerang", (398, 1_266, 369), 90, false),
    village("61.04.14.2004", "Penyarang", (281, 894, 260), 110, false),
    village("61.04.14.2005", "Biku Sarana", (254, 808, 235), 130, true),
    village("61.04.14.2007", "Riam Danau Kanan", (330, 1_050, 306), 150, true),
    village("61.04.14.2011", "Deranuk", (246, 782, 228), 120, false),
    village("61.04.13.2001", "Tumbang Titi", (420, 1_336, 389), 80, true),
    village("61.04.13.2003", "Serengkah", (238, 757, 220), 60, false),
    village("61.04.02.2020", "Riam Batu Gading", (214, 681, 198), 70, false),
    village("61.04.02.2003", "Belaban", (207, 658, 192), 50, true),
    village("61.04.24.2004", "Muara Gerunggang", (225, 716, 208), 100, false),
];

/// The sum over villages.
#[must_use]
pub fn sum(of: impl IntoIterator<Item = Figures>) -> Figures {
    of.into_iter().fold(Figures::default(), |sum, one| Figures {
        households: sum.households + one.households,
        persons: sum.persons + one.persons,
        houses: sum.houses + one.houses,
    })
}

/// `11.419`, as numbers are written in Indonesia.
#[must_use]
pub fn dotted(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_villages_of_the_exercise_add_up_to_what_the_regency_counted() {
        assert_eq!(sum(VILLAGES.map(|village| village.figures)), TOTAL);
    }

    #[test]
    fn the_water_stands_as_high_as_the_regency_said_and_no_higher() {
        let levels = VILLAGES.map(|village| village.water_cm);

        assert_eq!(levels.iter().min(), Some(&WATER_CM.0));
        assert_eq!(levels.iter().max(), Some(&WATER_CM.1));
    }

    #[test]
    fn numbers_are_written_with_dots() {
        assert_eq!(
            [dotted(50), dotted(3_590), dotted(11_419), dotted(1_000_000)],
            ["50", "3.590", "11.419", "1.000.000"]
        );
    }
}
