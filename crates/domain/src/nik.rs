//! NIK, the 16-digit citizen number: what it says, and what does not fit. It warns; it never refuses.
//!
//! Source: Dukcapil. Province, regency, district of *first registration*, then DDMMYY with 40 added to the day
//! for women, then a serial. It never changes, even when the person moves or a birth date is corrected, so a
//! mismatch is a reason to look again and nothing more. There is no check digit.

use crate::record::patient::Sex;

/// Written when the number is not known (KMK HK.01.07/MENKES/1423/2022).
pub const UNKNOWN_NIK: &str = "9999999999999999";

crate::coded! {
    /// Something about a NIK that deserves a second look.
    NikWarning {
        NotSixteenDigits = "nik_length",
        DayOutOfRange = "nik_day",
        MonthOutOfRange = "nik_month",
        SerialZero = "nik_serial",
        SexDiffers = "nik_sex",
        AgeDiffers = "nik_age",
    }
}

/// Everything that does not fit. An unknown number (`9999999999999999`, or the words `unknown` and `refused`)
/// has no warnings. `this_year` is the calendar year, to compare an age with.
#[must_use]
pub fn warnings(nik: &str, sex: Sex, age_years: Option<i64>, this_year: i64) -> Vec<NikWarning> {
    if matches!(nik, UNKNOWN_NIK | "unknown" | "refused") {
        return Vec::new();
    }
    let digits: Vec<i64> = nik.chars().filter_map(|c| c.to_digit(10)).map(i64::from).collect();
    if digits.len() != 16 || nik.len() != 16 {
        return vec![NikWarning::NotSixteenDigits];
    }
    let number = |from: usize, len: usize| digits.iter().skip(from).take(len).fold(0, |sum, digit| sum * 10 + digit);
    let (day, month, year, serial) = (number(6, 2), number(8, 2), number(10, 2), number(12, 4));
    let mut found = Vec::new();
    if !(1..=31).contains(&day) && !(41..=71).contains(&day) {
        found.push(NikWarning::DayOutOfRange);
    }
    if !(1..=12).contains(&month) {
        found.push(NikWarning::MonthOutOfRange);
    }
    if serial == 0 {
        found.push(NikWarning::SerialZero);
    }
    let written = if day > 40 { Sex::Female } else { Sex::Male };
    if matches!(sex, Sex::Male | Sex::Female) && sex != written {
        found.push(NikWarning::SexDiffers);
    }
    if let Some(age) = age_years {
        // Two digits of a year fit two centuries: the nearer one counts, and a birthday may be ahead.
        let fits = [1900, 2000].iter().any(|century| {
            let by_year = this_year - (century + year);
            (by_year - 1..=by_year).contains(&age)
        });
        if !fits {
            found.push(NikWarning::AgeDiffers);
        }
    }
    found
}

/// `610416******0001`: what a screen shows until somebody asks for more.
#[must_use]
pub fn masked(nik: &str) -> String {
    nik.chars().enumerate().map(|(at, c)| if (6..12).contains(&at) { '*' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_woman_born_on_the_fifth_is_written_as_forty_five() {
        assert_eq!(warnings("6104164508900001", Sex::Female, Some(32), 2022), []);
        assert_eq!(warnings("6104164508900001", Sex::Male, None, 2022), [NikWarning::SexDiffers]);
    }

    #[test]
    fn an_unknown_number_and_a_refusal_are_values_without_warnings() {
        assert_eq!(warnings(UNKNOWN_NIK, Sex::Unknown, None, 2022), []);
        assert_eq!(warnings("refused", Sex::Male, Some(40), 2022), []);
    }

    #[test]
    fn every_part_that_cannot_be_is_named() {
        assert_eq!(
            warnings("6104163513900000", Sex::Unknown, None, 2022),
            [NikWarning::DayOutOfRange, NikWarning::MonthOutOfRange, NikWarning::SerialZero]
        );
        assert_eq!(warnings("61041645", Sex::Female, None, 2022), [NikWarning::NotSixteenDigits]);
        assert_eq!(warnings("6104164508900001", Sex::Female, Some(50), 2022), [NikWarning::AgeDiffers]);
    }

    #[test]
    fn a_screen_shows_no_birth_date() {
        assert_eq!(masked("6104164508900001"), "610416******0001");
    }
}
