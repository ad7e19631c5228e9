//! Whole numbers in as few bytes as they need: LEB128, and zigzag for those that may be negative.
//!
//! A reader never runs past its bytes and never believes a length before it has seen that many.

/// Bytes of the longest number.
const LONGEST: u32 = 10;

pub fn put(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Small numbers on either side of zero are short.
#[allow(clippy::cast_sign_loss, reason = "zigzag moves the sign into the lowest bit")]
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Reads from the front of some bytes. Every answer is `None` where they end too early.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes not read yet.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    pub fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(size)?;
        self.rest = rest;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// `None` also for a number with needless bytes: one value has one form.
    pub fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for at in 0..LONGEST {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            let shifted = low << (7 * at);
            if shifted >> (7 * at) != low {
                return None;
            }
            value |= shifted;
            if byte & 0x80 == 0 {
                return if byte == 0 && at > 0 { None } else { Some(value) };
            }
        }
        None
    }

    #[allow(clippy::cast_possible_wrap, reason = "zigzag moves the sign into the lowest bit")]
    pub fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A number that counts or measures what follows, at most `most`.
    pub fn size(&mut self, most: usize) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|size| *size <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_small_ones_are_one_byte() {
        for value in [0, 1, -1, 63, -64, 64, i64::MAX, i64::MIN] {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, value);
            assert_eq!(Reader::new(&bytes).signed(), Some(value));
            assert_eq!(bytes.len() == 1, (-64..64).contains(&value));
        }
        for value in [0, 127, 128, u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(Reader::new(&bytes).number(), Some(value));
        }
    }

    #[test]
    fn what_is_cut_too_long_or_not_the_only_form_is_no_number() {
        assert_eq!(Reader::new(&[0x80]).number(), None);
        assert_eq!(Reader::new(&[0x80, 0x00]).number(), None);
        assert_eq!(Reader::new(&[0xff; 11]).number(), None);
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).number(), None);
        assert_eq!(Reader::new(&[5]).size(4), None);
        assert_eq!(Reader::new(&[1, 2]).take(3), None);
    }
}
