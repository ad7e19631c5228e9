//! What has no short form travels as in version 1: items of the message's array, under their numbers.
//!
//! Two encodings of one message are compared item by item, as it is and as its short form alone would give it. Where
//! they differ the item travels. So a field that is added to a message travels here before anybody thinks of a short form
//! for it, and one that this build does not know is passed to a reader that skips it.

use super::frame::Unreadable;
use super::runs::{Reading, Runs};
use crate::codec;
use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// Numbers of fields a message may have, at most.
const MAX_FIELDS: usize = 256;

/// Writes the items of `whole` that `short` does not have.
pub(super) fn write<T: Encode<()>>(runs: &mut Runs, whole: &T, short: &T) -> Result<(), Unreadable> {
    let (whole, short) = (encoded(whole)?, encoded(short)?);
    let (whole, short) = (items(&whole)?, items(&short)?);
    let spare: Vec<(usize, &[u8])> = whole
        .iter()
        .copied()
        .enumerate()
        .filter(|(at, item)| short.get(*at).copied().unwrap_or(NULL) != *item)
        .collect();
    runs.count(spare.len());
    for (at, item) in spare {
        runs.count(at);
        runs.bytes(item);
    }
    Ok(())
}

/// `short` with the items that were written beside it.
pub(super) fn read<T: Encode<()> + for<'b> Decode<'b, ()>>(
    reading: &mut Reading<'_>,
    short: T,
) -> Result<T, Unreadable> {
    let count = reading.size(MAX_FIELDS)?;
    if count == 0 {
        return Ok(short);
    }
    let bytes = encoded(&short)?;
    let mut fields: Vec<&[u8]> = items(&bytes)?;
    let mut spare = Vec::new();
    for _ in 0..count {
        spare.push((reading.size(MAX_FIELDS - 1)?, reading.bytes()?));
    }
    for (at, item) in &spare {
        if fields.len() <= *at {
            fields.resize(at + 1, NULL);
        }
        if let Some(field) = fields.get_mut(*at) {
            *field = item;
        }
    }
    let mut array = Encoder::new(Vec::new());
    array.array(fields.len() as u64).map_err(|_| Unreadable::Malformed)?;
    let mut message = array.into_writer();
    fields.iter().for_each(|field| message.extend_from_slice(field));
    codec::decode(&message).map_err(|_| Unreadable::Malformed)
}

const NULL: &[u8] = &[0xf6];

fn encoded<T: Encode<()>>(message: &T) -> Result<Vec<u8>, Unreadable> {
    codec::encode(message).map_err(|_| Unreadable::Malformed)
}

fn items(array: &[u8]) -> Result<Vec<&[u8]>, Unreadable> {
    let malformed = |_| Unreadable::Malformed;
    let mut decoder = Decoder::new(array);
    let count = decoder.array().map_err(malformed)?;
    let mut items = Vec::new();
    while count.is_none_or(|count| (items.len() as u64) < count) {
        if count.is_none() && decoder.datatype().map_err(malformed)? == Type::Break {
            break;
        }
        let start = decoder.position();
        decoder.skip().map_err(malformed)?;
        items.push(array.get(start..decoder.position()).ok_or(Unreadable::Malformed)?);
    }
    Ok(items)
}
