//! One column of numbers: as they are, one number for all, or under zstd; whichever is smallest.

use minicbor::{Decode, Encode};

/// The bytes are no column.
#[derive(Debug, thiserror::Error)]
pub enum ColumnError {
    #[error("the column ends too early")]
    Short,
    #[error("the column goes on after its last number")]
    Long,
    #[error("a number of more than 64 bits")]
    Wide,
    #[error("the column cannot be inflated")]
    Inflate(#[source] std::io::Error),
    #[error("the column cannot be deflated")]
    Deflate(#[source] std::io::Error),
}

/// Zigzag numbers in groups of seven bits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) enum Column {
    /// Every row says this.
    #[n(0)]
    Same(#[n(0)] i64),
    #[n(1)]
    Plain(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    #[n(2)]
    Deflated(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
}

const LEVEL: i32 = 19;
/// Bytes of one number, at most.
const WIDEST: usize = 10;

impl Column {
    pub(super) fn write(numbers: &[i64]) -> Result<Self, ColumnError> {
        let first = numbers.first().copied().unwrap_or_default();
        if numbers.iter().all(|number| *number == first) {
            return Ok(Self::Same(first));
        }
        let mut plain = Vec::with_capacity(numbers.len());
        for number in numbers {
            put(&mut plain, *number);
        }
        let deflated = zstd::bulk::compress(&plain, LEVEL).map_err(ColumnError::Deflate)?;
        Ok(if deflated.len() < plain.len() { Self::Deflated(deflated) } else { Self::Plain(plain) })
    }

    /// Exactly `count` numbers.
    pub(super) fn read(&self, count: usize) -> Result<Vec<i64>, ColumnError> {
        match self {
            Self::Same(number) => Ok(vec![*number; count]),
            Self::Plain(bytes) => numbers(bytes, count),
            Self::Deflated(bytes) => {
                let bytes =
                    zstd::bulk::decompress(bytes, count.saturating_mul(WIDEST)).map_err(ColumnError::Inflate)?;
                numbers(&bytes, count)
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = (number.wrapping_shl(1) ^ (number >> 63)).cast_unsigned();
    while rest > 0x7F {
        bytes.push((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn numbers(bytes: &[u8], count: usize) -> Result<Vec<i64>, ColumnError> {
    let mut bytes = bytes.iter();
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        numbers.push(take(&mut bytes)?);
    }
    if bytes.next().is_some() { Err(ColumnError::Long) } else { Ok(numbers) }
}

fn take(bytes: &mut std::slice::Iter<'_, u8>) -> Result<i64, ColumnError> {
    let mut number = 0_u64;
    for shift in (0..70).step_by(7) {
        let byte = *bytes.next().ok_or(ColumnError::Short)?;
        let part = u64::from(byte & 0x7F);
        if shift == 63 && part > 1 {
            return Err(ColumnError::Wide);
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Ok((number >> 1).cast_signed() ^ -((number & 1).cast_signed()));
        }
    }
    Err(ColumnError::Wide)
}
