//! One column of numbers: as they are, one number for all, or under zstd; whichever is smallest.

use minicbor::{Decode, Encode};
use siaga_domain::varint::{self, Reader};

/// The bytes are no column.
#[derive(Debug, thiserror::Error)]
pub enum ColumnError {
    #[error("the column ends too early, or holds a number of more than 64 bits")]
    Short,
    #[error("the column goes on after its last number")]
    Long,
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
            varint::put_signed(&mut plain, *number);
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

fn numbers(bytes: &[u8], count: usize) -> Result<Vec<i64>, ColumnError> {
    let mut reader = Reader::new(bytes);
    let numbers = (0..count).map(|_| reader.signed().ok_or(ColumnError::Short)).collect::<Result<_, _>>()?;
    if reader.is_empty() { Ok(numbers) } else { Err(ColumnError::Long) }
}
