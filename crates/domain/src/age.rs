//! How old somebody is, as a crew says it: `32`, `1 tahun 6 bulan`, `6 bulan`, `10 hari`.
//!
//! One parser for the page and the command line. A number without a unit is years; a text that is not understood is
//! asked for again, never guessed. Years stay beside months and days for readers that know years only.

use crate::record::patient::AgeBand;

/// Nobody has been older.
pub const MAX_AGE_YEARS: i64 = 130;
/// NEWS2 holds from this age on (RCP 2017).
const NEWS2_FROM_YEARS: i64 = 16;

/// An age that makes sense.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Age {
    /// Completed years.
    pub years: i64,
    /// Completed months of the whole age, where somebody spoke of months.
    pub months: Option<i64>,
    /// Days beyond those months, where somebody spoke of weeks or days.
    pub days: Option<i64>,
}

/// Why a text is no age.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AgeError {
    #[error("it is no age: give whole years, or months or days with their word")]
    NotAnAge,
    #[error("an age is at most {MAX_AGE_YEARS} years")]
    TooOld,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Years,
    Months,
    Weeks,
    Days,
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "tahun" | "thn" | "th" | "years" | "year" | "yrs" | "yr" => Unit::Years,
        "bulan" | "bln" | "bl" | "months" | "month" | "mos" | "mo" => Unit::Months,
        "minggu" | "mgg" | "weeks" | "week" | "wk" => Unit::Weeks,
        "hari" | "hr" | "days" | "day" => Unit::Days,
        _ => return None,
    })
}

impl Age {
    /// # Errors
    /// [`AgeError`] for a text that is no age of a person.
    pub fn parse(text: &str) -> Result<Self, AgeError> {
        let parts = parts(&text.trim().to_lowercase())?;
        let of = |wanted: Unit| parts.iter().find(|(_, unit)| *unit == wanted).map(|(amount, _)| *amount);
        let (years, months, weeks, days) = (of(Unit::Years), of(Unit::Months), of(Unit::Weeks), of(Unit::Days));
        let whole_months = months.map(|months| years.unwrap_or(0).saturating_mul(12).saturating_add(months));
        let days = match (weeks, days) {
            (None, None) => None,
            (weeks, days) => Some(weeks.unwrap_or(0).saturating_mul(7).saturating_add(days.unwrap_or(0))),
        };
        let from_months = whole_months.map_or(years.unwrap_or(0), |months| months / 12);
        let years = from_months.saturating_add(days.unwrap_or(0) / 365);
        if years > MAX_AGE_YEARS {
            return Err(AgeError::TooOld);
        }
        Ok(Self { years, months: whole_months, days })
    }
}

/// Numbers with their units, the largest first; a number alone is years.
fn parts(text: &str) -> Result<Vec<(i64, Unit)>, AgeError> {
    let mut left = text;
    let mut found: Vec<(i64, Unit)> = Vec::new();
    while !left.is_empty() {
        let digits = left.find(|c: char| !c.is_ascii_digit()).unwrap_or(left.len());
        let (number, rest) = left.split_at(digits);
        if number.is_empty() || number.len() > 5 {
            return Err(AgeError::NotAnAge);
        }
        let amount: i64 = number.parse().map_err(|_| AgeError::NotAnAge)?;
        let rest = rest.trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(letters);
        let unit = match word {
            "" if found.is_empty() && rest.is_empty() => Unit::Years,
            word => unit(word).ok_or(AgeError::NotAnAge)?,
        };
        if found.last().is_some_and(|(_, before)| *before >= unit) {
            return Err(AgeError::NotAnAge);
        }
        found.push((amount, unit));
        left = rest.trim_start();
    }
    if found.is_empty() { Err(AgeError::NotAnAge) } else { Ok(found) }
}

/// Whether NEWS2 may be shown: an age that is not known, or a band that reaches below sixteen, gives no score.
#[must_use]
pub fn news2_applies(years: Option<i64>, band: Option<AgeBand>) -> bool {
    let child = matches!(band, Some(AgeBand::UpTo5 | AgeBand::From6To11));
    match years {
        Some(years) => years >= NEWS2_FROM_YEARS && !child,
        None => matches!(band, Some(AgeBand::From18To40 | AgeBand::From41To65 | AgeBand::Over65)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(years: i64, months: Option<i64>, days: Option<i64>) -> Result<Age, AgeError> {
        Ok(Age { years, months, days })
    }

    #[test]
    fn six_months_are_six_months_in_every_spelling() {
        for text in ["6 bulan", "6bulan", " 6 BLN ", "6 months", "6 mo"] {
            assert_eq!(Age::parse(text), age(0, Some(6), None), "{text}");
        }
    }

    #[test]
    fn years_months_weeks_and_days_are_told_apart() {
        assert_eq!(Age::parse("32"), age(32, None, None));
        assert_eq!(Age::parse("32 th"), age(32, None, None));
        assert_eq!(Age::parse("0"), age(0, None, None));
        assert_eq!(Age::parse("1 tahun 6 bulan"), age(1, Some(18), None));
        assert_eq!(Age::parse("18 bulan"), age(1, Some(18), None));
        assert_eq!(Age::parse("10 hari"), age(0, None, Some(10)));
        assert_eq!(Age::parse("3 minggu"), age(0, None, Some(21)));
        assert_eq!(Age::parse("2 bulan 10 hari"), age(0, Some(2), Some(10)));
    }

    #[test]
    fn a_text_that_is_no_age_is_never_guessed() {
        for text in [
            "",
            " ",
            "bayi",
            "6 m",
            "6,5",
            "6.5 bulan",
            "-3",
            "30-an",
            "30an",
            "65+",
            "6 bulan 2 tahun",
            "6 6",
            "tahun",
            "½",
        ] {
            assert_eq!(Age::parse(text), Err(AgeError::NotAnAge), "{text}");
        }
        assert_eq!(Age::parse("131"), Err(AgeError::TooOld));
        assert_eq!(Age::parse("99999 bulan"), Err(AgeError::TooOld));
        assert_eq!(Age::parse("9999999999999999999999"), Err(AgeError::NotAnAge));
    }

    #[test]
    fn news2_needs_an_age_of_sixteen_or_more() {
        for (years, band, applies) in [
            (None, None, false),
            (Some(15), None, false),
            (Some(16), None, true),
            (None, Some(AgeBand::UpTo5), false),
            (None, Some(AgeBand::From12To17), false),
            (None, Some(AgeBand::From18To40), true),
            (Some(40), Some(AgeBand::UpTo5), false),
            (Some(3), Some(AgeBand::From18To40), false),
        ] {
            assert_eq!(news2_applies(years, band), applies, "{years:?} {band:?}");
        }
    }
}
