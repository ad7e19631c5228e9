//! What people call a patient: letters of one phone and a number counted on it, `A01`; or a plain number of the center, `3`.
//!
//! It is written once and never moves: wristbands and radio use it. The letters are unique in their center for ever, so two
//! phones never make the same number; a phone that lost count gets other letters.

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// The letters that codes are made of. M, K and H are triage colours on the radio (merah, kuning, hijau), X marks the dead,
/// I and O read as 1 and 0.
const ALPHABET: [char; 20] =
    ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'J', 'L', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'Y', 'Z'];

const MOST_LETTERS: usize = 4;
const MOST_DIGITS: usize = 7;

/// The letters of one phone: `A` to `Z`, then `AA`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PatientLetters(String);

/// The text is no code of letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a code has one to four letters without M, K, H, X, I and O")]
pub struct NotLetters;

impl PatientLetters {
    /// The code of this place in their order: 0 is `A`, 19 is `Z`, 20 is `AA`.
    #[must_use]
    pub fn at(place: u32) -> Self {
        let base = u32::try_from(ALPHABET.len()).unwrap_or(u32::MAX);
        let mut letters = Vec::new();
        let mut rest = place;
        loop {
            let letter = usize::try_from(rest % base).ok().and_then(|at| ALPHABET.get(at).copied());
            letters.push(letter.unwrap_or('A'));
            match (rest / base).checked_sub(1) {
                Some(more) => rest = more,
                None => break,
            }
        }
        Self(letters.into_iter().rev().collect())
    }

    /// The place in their order.
    #[must_use]
    pub fn place(&self) -> u32 {
        let base = u32::try_from(ALPHABET.len()).unwrap_or(u32::MAX);
        let digit = |letter| ALPHABET.iter().position(|known| *known == letter).and_then(|at| u32::try_from(at).ok());
        self.0
            .chars()
            .fold(0_u32, |sum, letter| {
                sum.saturating_mul(base).saturating_add(digit(letter).unwrap_or(0)).saturating_add(1)
            })
            .saturating_sub(1)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for PatientLetters {
    type Err = NotLetters;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = !text.is_empty() && text.len() <= MOST_LETTERS && text.chars().all(|c| ALPHABET.contains(&c));
        if fits { Ok(Self(text.to_owned())) } else { Err(NotLetters) }
    }
}

/// A patient's number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct PatientNumber(String);

impl PatientNumber {
    /// `A01`, `A99`, `A100`.
    #[must_use]
    pub fn of_a_phone(letters: &PatientLetters, count: u32) -> Self {
        Self(format!("{}{count:02}", letters.as_str()))
    }

    /// `3`.
    #[must_use]
    pub fn of_the_center(number: u32) -> Self {
        Self(number.to_string())
    }

    /// The letters of the phone that counted it; `None` of a number the center gave.
    #[must_use]
    pub fn letters(&self) -> Option<PatientLetters> {
        let end = self.0.find(|c: char| c.is_ascii_digit())?;
        self.0.get(..end)?.parse().ok()
    }

    /// The count behind the letters.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        let start = self.0.find(|c: char| c.is_ascii_digit())?;
        self.0.get(start..)?.parse().ok()
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number as a phone writes it: letters, and two digits at least without further zeros in front.
    fn written_by_a_phone(text: &str) -> Option<Self> {
        let number = Self(text.to_owned());
        let (letters, count) = (number.letters()?, number.count().filter(|count| *count > 0)?);
        let fits = text.len() <= MOST_LETTERS + MOST_DIGITS && Self::of_a_phone(&letters, count) == number;
        fits.then_some(number)
    }
}

impl std::fmt::Display for PatientNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What tells a patient without a number from another: the last three characters of the record's id, which are drawn.
#[must_use]
pub fn short_id(patient: crate::id::RecordId) -> String {
    let id = patient.to_string();
    id.get(id.len().saturating_sub(3)..).unwrap_or_default().to_owned()
}

/// Reads the number of an opening entry; a value of any other form counts as none, for a record must not be lost over it.
///
/// # Errors
/// Only where the format itself does not read.
pub fn of_a_phone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PatientNumber>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_str().and_then(PatientNumber::written_by_a_phone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::patient::Opened;

    #[test]
    fn codes_have_no_letter_that_is_a_colour_a_dead_or_a_digit() {
        let first: Vec<String> = (0..22).map(|place| PatientLetters::at(place).as_str().to_owned()).collect();

        assert_eq!(first.join(" "), "A B C D E F G J L N P Q R S T U V W Y Z AA AB");
    }

    #[test]
    fn a_number_has_two_digits_and_three_after_99() {
        let letters = PatientLetters::at(0);
        let shown = [1, 9, 99, 100].map(|count| PatientNumber::of_a_phone(&letters, count).as_str().to_owned());

        assert_eq!(shown, ["A01", "A09", "A99", "A100"]);
    }

    #[test]
    fn a_number_of_another_form_counts_as_none_and_loses_no_patient() {
        let opened = |number: serde_json::Value| {
            let id = crate::id::RecordId::from_bytes([1; 16]).to_string();
            let json = serde_json::json!({ "incident": id, "identity": id, "sex": "L", "number": number });
            serde_json::from_value::<Opened>(json).expect("a patient").number
        };

        for odd in ["", "A", "A1", "A001", "A00", "M01", "a01", "A01 ", "01", "AAAAA01", "A99999999999", "A0１"] {
            assert_eq!(opened(odd.into()), None, "{odd}");
        }
        assert_eq!(opened(7.into()), None);
        assert_eq!(opened(serde_json::Value::Null), None);
        assert_eq!(opened("AB07".into()).expect("a number").as_str(), "AB07");
    }

    #[test]
    fn no_two_places_have_the_same_letters() {
        for place in (0..9_000).chain(160_000..160_100) {
            let letters = PatientLetters::at(place);

            assert_eq!(letters.place(), place);
            assert_eq!(letters.as_str().parse::<PatientLetters>(), Ok(letters));
        }
    }
}
