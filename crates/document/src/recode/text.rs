//! Values of entries in fewer letters: ids as their bytes, numbers as their digits.

use siaga_domain::id::EntryId;
use siaga_domain::varint::{Reader, put};

/// How a text travels. Anything from [`LETTERS`] on is its length and its letters.
pub(super) const SAME: u64 = 0;
pub(super) const WORD: u64 = 1;
pub(super) const ID: u64 = 2;
pub(super) const IDS: u64 = 3;
pub(super) const ENTRY: u64 = 4;
pub(super) const HASH: u64 = 5;
pub(super) const LETTERS: u64 = 6;

/// Letters of a name, at most: the admission check takes no longer key.
pub(super) const MAX_NAME_BYTES: usize = 80;

/// Letters of a text, at most: the admission check takes no longer one.
pub(super) const MAX_TEXT_BYTES: usize = 8 * 1024;

/// Ids in one text, at most.
pub(super) const MAX_IDS: usize = 200;

const DIGITS: u8 = 7;

pub(super) fn put_letters(out: &mut Vec<u8>, letters: &str) {
    put(out, letters.len() as u64);
    out.extend_from_slice(letters.as_bytes());
}

pub(super) fn letters(reader: &mut Reader<'_>, most: usize) -> Option<String> {
    let size = reader.size(most)?;
    String::from_utf8(reader.take(size)?.to_vec()).ok()
}

/// An id that is written in its one usual form.
pub(super) fn id_of(text: &str) -> Option<EntryId> {
    let id: EntryId = text.parse().ok()?;
    (id.to_string() == text).then_some(id)
}

pub(super) fn ids_of(text: &str) -> Option<Vec<EntryId>> {
    let ids: Vec<EntryId> = text.split(' ').map(id_of).collect::<Option<_>>()?;
    (ids.len() <= MAX_IDS).then_some(ids)
}

/// 64 hexadecimal digits in lower case.
pub(super) fn hash_of(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || digits.iter().any(|digit| !matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut hash = [0; 32];
    for (to, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *to = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

pub(super) fn hash_text(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The milliseconds an id begins with, and the ten bytes after them.
pub(super) fn split_id(id: &EntryId) -> (i64, [u8; 10]) {
    let [a, b, c, d, e, f, chance @ ..] = *id.as_bytes();
    (i64::from_be_bytes([0, 0, a, b, c, d, e, f]), chance)
}

pub(super) fn join_id(made_ms: i64, chance: [u8; 10]) -> Option<EntryId> {
    let [0, 0, time @ ..] = made_ms.to_be_bytes() else { return None };
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(time.into_iter().chain(chance)) {
        *to = from;
    }
    Some(EntryId::from_bytes(bytes))
}

/// A number with few digits after its point, as those digits; exact, or `None`.
#[allow(clippy::cast_possible_truncation, reason = "compared with what it came from")]
pub(super) fn decimal_of(value: f64) -> Option<(u8, i64)> {
    (0..=DIGITS).find_map(|digits| {
        let scaled = (value * 10_f64.powi(i32::from(digits))).round();
        if scaled.abs() > 9e15 {
            return None;
        }
        let number = scaled as i64;
        (of_decimal(digits, number)?.to_bits() == value.to_bits()).then_some((digits, number))
    })
}

#[allow(clippy::cast_precision_loss, reason = "numbers that lose precision are not written so")]
pub(super) fn of_decimal(digits: u8, number: i64) -> Option<f64> {
    (digits <= DIGITS).then(|| number as f64 / 10_f64.powi(i32::from(digits)))
}
