//! How much a change would unfold to, counted before it is decoded.
//!
//! A change is columns, and columns are runs: ten bytes can say "this, a thousand million times", and whoever decodes
//! them has a thousand million of it. So the runs are added up first, without making anything. What is not laid out as a
//! change is left to no decoder either.

use crate::MAX_OPERATIONS;

/// Rows of one column, at most. An honest change has one row an operation, and predecessors nowhere.
const MAX_ROWS: u64 = MAX_OPERATIONS as u64;

/// Columns of a change: fourteen are known.
const MAX_COLUMNS: u64 = 32;

/// Bytes before a chunk's type.
const BEFORE_TYPE: usize = 8;

/// Why bytes are not to be decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unfit {
    /// Not laid out as a plain change.
    Malformed,
    /// A column of more rows than a change may have.
    TooMany,
}

/// Looks at a plain change chunk.
pub(crate) fn count(chunk: &[u8]) -> Result<(), Unfit> {
    let mut chunk = Reader(chunk.get(BEFORE_TYPE..).ok_or(Unfit::Malformed)?);
    // The chunk's type was looked at before.
    chunk.take(1)?;
    let length = chunk.unsigned()?;
    let mut body = Reader(chunk.take(length)?);
    if !chunk.0.is_empty() {
        return Err(Unfit::Malformed);
    }
    let dependencies = body.unsigned()?;
    body.take(dependencies.checked_mul(32).ok_or(Unfit::Malformed)?)?;
    body.prefixed()?;
    // Sequence, first operation, time.
    body.unsigned()?;
    body.unsigned()?;
    body.signed()?;
    // Message, other actors.
    body.prefixed()?;
    for _ in 0..body.unsigned()? {
        body.prefixed()?;
    }
    let columns = body.unsigned()?;
    if columns > MAX_COLUMNS {
        return Err(Unfit::Malformed);
    }
    let mut layout = Vec::new();
    for _ in 0..columns {
        layout.push((body.unsigned()?, body.unsigned()?));
    }
    for (specification, length) in layout {
        column(specification, Reader(body.take(length)?))?;
    }
    Ok(())
}

/// Adds up the rows of a column by what the low bits of its specification say it holds.
fn column(specification: u64, mut data: Reader<'_>) -> Result<(), Unfit> {
    const DEFLATED: u64 = 8;
    if specification & DEFLATED != 0 {
        return Err(Unfit::Malformed);
    }
    match specification & 7 {
        // A group: every value says how many rows of the columns inside belong to it.
        0 => data.runs(|data| data.unsigned().and_then(bounded)),
        // Actors, numbers, descriptions of values.
        1 | 2 | 6 => data.runs(|data| data.unsigned().map(|_| ())),
        // Differences.
        3 => data.runs(|data| data.signed().map(|_| ())),
        4 => data.switches(),
        5 => data.runs(|data| data.prefixed().map(|_| ())),
        // Values, byte for byte.
        _ => Ok(()),
    }
}

fn bounded(rows: u64) -> Result<(), Unfit> {
    if rows <= MAX_ROWS { Ok(()) } else { Err(Unfit::TooMany) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Result<&'a [u8], Unfit> {
        let length = usize::try_from(length).map_err(|_| Unfit::Malformed)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Unfit::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn prefixed(&mut self) -> Result<&'a [u8], Unfit> {
        let length = self.unsigned()?;
        self.take(length)
    }

    /// Seven bits a byte, the lowest first; with the number of bits read and the last byte.
    fn bits(&mut self) -> Result<(u64, u32, u8), Unfit> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Unfit::Malformed)?;
            self.0 = rest;
            let part = u64::from(byte & 0x7f);
            // The tenth byte holds the last of 64 bits; signed, all seven of it say the same.
            if shift == 63 && !matches!(part, 0 | 1 | 0x7f) {
                return Err(Unfit::Malformed);
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok((value, shift + 7, *byte));
            }
        }
        Err(Unfit::Malformed)
    }

    fn unsigned(&mut self) -> Result<u64, Unfit> {
        self.bits().map(|(value, _, _)| value)
    }

    fn signed(&mut self) -> Result<i64, Unfit> {
        let (value, bits, last) = self.bits()?;
        let negative = last & 0x40 != 0 && bits < 64;
        Ok((if negative { value | u64::MAX << bits } else { value }).cast_signed())
    }

    /// Runs of one value, of different values, of nothing.
    fn runs(&mut self, mut value: impl FnMut(&mut Self) -> Result<(), Unfit>) -> Result<(), Unfit> {
        let mut rows = 0_u64;
        while !self.0.is_empty() {
            let length = self.signed()?;
            let (added, values) = match length {
                1.. => (length.unsigned_abs(), 1),
                0 => (self.unsigned()?, 0),
                _ => (length.unsigned_abs(), length.unsigned_abs()),
            };
            rows = rows.saturating_add(added);
            bounded(rows)?;
            for _ in 0..values {
                value(self)?;
            }
        }
        Ok(())
    }

    /// How often no, how often yes, how often no.
    fn switches(&mut self) -> Result<(), Unfit> {
        let mut rows = 0_u64;
        while !self.0.is_empty() {
            rows = rows.saturating_add(self.unsigned()?);
            bounded(rows)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let cases: [(&[u8], i64); 6] =
            [(&[0], 0), (&[0x3f], 63), (&[0x40], -64), (&[0xc0, 0], 64), (&[0x7f], -1), (&[0x80, 0x7f], -128)];
        for (bytes, number) in cases {
            assert_eq!(Reader(bytes).signed(), Ok(number));
        }
        let lowest = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(Reader(&lowest).signed(), Ok(i64::MIN));
        assert_eq!(Reader(&[0xff; 11]).unsigned(), Err(Unfit::Malformed));
        assert_eq!(Reader(&[]).unsigned(), Err(Unfit::Malformed));
    }

    #[test]
    fn rows_are_added_up_over_all_runs_of_a_column() {
        let numbers = |bytes: &[u8]| column(0x42, Reader(bytes));

        // 200 of one value; 56 of nothing.
        assert_eq!(numbers(&[0xc8, 0x01, 1, 0, 56]), Ok(()));
        assert_eq!(numbers(&[0xc8, 0x01, 1, 0, 57]), Err(Unfit::TooMany));
        // Two that differ are announced, one is there.
        assert_eq!(numbers(&[0x7e, 1]), Err(Unfit::Malformed));
        // One that says it holds as many as no change may have.
        assert_eq!(column(0x70, Reader(&[1, 0xff, 0xff, 0xff, 0x7f])), Err(Unfit::TooMany));
        // Yes and no in turns.
        assert_eq!(column(0x34, Reader(&[0, 255, 1, 1, 1])), Err(Unfit::TooMany));
        assert_eq!(column(0x4a, Reader(&[])), Err(Unfit::Malformed));
    }
}
