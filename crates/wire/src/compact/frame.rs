//! The frame of a message: version, dictionary, chance as it is, everything else as zstd where that is shorter.
//!
//! ```text
//! frame = version (2), how, length of the chance (LEB128), the chance, everything else
//! how   = 0 as it is | 1 to 254 zstd with the dictionary of that number | 255 zstd without one
//! ```
//!
//! A zstd frame goes without its magic bytes, and says how much comes out of it: that is compared with what a message
//! may be before anything is allocated.

use super::VERSION;
use super::runs::Runs;
use crate::MAX_MESSAGE_BYTES;
use siaga_domain::varint::{self, Reader};
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// The dictionary this build writes with. A dictionary that was released never changes; a new one takes the next number.
pub const DICTIONARY: u8 = 1;

/// No version is numbered like the first byte of a text, a blank or a line's end: what a captive portal says is never taken for
/// the words of a newer center.
const LAST_VERSION: u8 = 8;

const PLAIN: u8 = 0;
const WITHOUT: u8 = 255;
const LEVEL: i32 = 19;
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

const FIRST: &[u8] = include_bytes!("../../dictionary/1.zdict");
static WRITING: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(FIRST, LEVEL));
static READING: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(FIRST));

/// The bytes are no message of this version, or not one that can be read here.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unreadable {
    #[error("the message is of version {0}, which is not known here")]
    Version(u8),
    #[error("the message was written with dictionary {0}, which is not known here")]
    Dictionary(u8),
    #[error("the message is larger than {MAX_MESSAGE_BYTES} bytes, or would be")]
    TooLarge,
    #[error("the outcome {0} of an exchange is not known here")]
    Outcome(u8),
    #[error("the message is malformed")]
    Malformed,
    #[error("the message leaves out what is not known here")]
    LeftOut,
}

/// `dictionary` 0 writes without one.
pub(super) fn close(runs: &Runs, dictionary: u8) -> Vec<u8> {
    let compressed = deflate(&runs.rest, dictionary).filter(|(_, shorter)| shorter.len() < runs.rest.len());
    let (how, rest) = compressed.unwrap_or_else(|| (PLAIN, runs.rest.clone()));
    let mut frame = vec![VERSION, how];
    varint::put(&mut frame, u64::try_from(runs.raw.len()).unwrap_or(u64::MAX));
    frame.extend_from_slice(&runs.raw);
    frame.extend(rest);
    frame
}

/// # Errors
/// [`Unreadable`]; nothing larger than a message was allocated.
pub(super) fn open(frame: &[u8]) -> Result<Runs, Unreadable> {
    if frame.len() > MAX_MESSAGE_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let mut reader = Reader::new(frame);
    let version = reader.byte().ok_or(Unreadable::Malformed)?;
    if version > LAST_VERSION {
        return Err(Unreadable::Malformed);
    }
    if version != VERSION {
        return Err(Unreadable::Version(version));
    }
    let how = reader.byte().ok_or(Unreadable::Malformed)?;
    let size = reader.size(reader.left()).ok_or(Unreadable::Malformed)?;
    let raw = reader.take(size).ok_or(Unreadable::Malformed)?.to_vec();
    let rest = reader.take(reader.left()).unwrap_or_default();
    let rest = if how == PLAIN { rest.to_vec() } else { inflate(rest, how)? };
    Ok(Runs { raw, rest })
}

/// What of a message a dictionary is trained on; `None` where the bytes are no message of this version.
#[must_use]
pub fn without_chance(frame: &[u8]) -> Option<Vec<u8>> {
    open(frame).ok().map(|runs| runs.rest)
}

fn deflate(bytes: &[u8], dictionary: u8) -> Option<(u8, Vec<u8>)> {
    let (how, mut compressor) = match dictionary {
        DICTIONARY => (DICTIONARY, Compressor::with_prepared_dictionary(&WRITING).ok()?),
        _ => (WITHOUT, Compressor::new(LEVEL).ok()?),
    };
    compressor.include_checksum(false).ok()?;
    compressor.include_dictid(false).ok()?;
    compressor.include_contentsize(true).ok()?;
    let frame = compressor.compress(bytes).ok()?;
    Some((how, frame.strip_prefix(&MAGIC)?.to_vec()))
}

fn inflate(bytes: &[u8], how: u8) -> Result<Vec<u8>, Unreadable> {
    let mut decompressor = match how {
        DICTIONARY => Decompressor::with_prepared_dictionary(&READING),
        WITHOUT => Decompressor::new(),
        other => return Err(Unreadable::Dictionary(other)),
    }
    .map_err(|_| Unreadable::Malformed)?;
    let frame = [MAGIC.as_slice(), bytes].concat();
    let declared = zstd::zstd_safe::get_frame_content_size(&frame).ok().flatten().ok_or(Unreadable::Malformed)?;
    let declared = usize::try_from(declared).unwrap_or(usize::MAX);
    if declared > MAX_MESSAGE_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let rest = decompressor.decompress(&frame, declared).map_err(|_| Unreadable::Malformed)?;
    if rest.len() == declared { Ok(rest) } else { Err(Unreadable::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runs(rest: Vec<u8>) -> Runs {
        Runs { raw: vec![7; 20], rest }
    }

    #[test]
    fn what_is_written_with_and_without_a_dictionary_comes_back() {
        for dictionary in [0, DICTIONARY] {
            for rest in [Vec::new(), b"banjir ".repeat(40), (0..=255).collect()] {
                let runs = runs(rest);
                assert_eq!(open(&close(&runs, dictionary)), Ok(runs));
            }
        }
    }

    #[test]
    fn what_a_portal_says_is_no_newer_version() {
        for text in
            ["<html>Selamat datang di WiFi</html>", "\n<!doctype html>", "\t{}", " ", "{\"error\":1}", "\u{feff}<p>"]
        {
            assert_eq!(open(text.as_bytes()), Err(Unreadable::Malformed), "{text:?}");
        }
    }

    #[test]
    fn an_unknown_version_or_dictionary_is_named() {
        let mut frame = close(&runs(b"banjir ".repeat(40)), DICTIONARY);
        frame[1] = 9;
        assert_eq!(open(&frame), Err(Unreadable::Dictionary(9)));
        frame[0] = 3;
        assert_eq!(open(&frame), Err(Unreadable::Version(3)));
    }

    #[test]
    fn a_few_bytes_that_would_become_more_than_a_message_are_not_inflated() {
        let bomb = Compressor::new(LEVEL).and_then(|mut one| one.compress(&vec![0; 64 * 1024 * 1024])).expect("a bomb");
        assert!(bomb.len() < 16 * 1024, "{}", bomb.len());
        let frame = [&[VERSION, WITHOUT, 0], &bomb[4..]].concat();
        assert_eq!(open(&frame), Err(Unreadable::TooLarge));
    }

    #[test]
    fn a_bomb_that_lies_about_its_size_comes_to_nothing() {
        let mut bomb = Compressor::new(LEVEL).and_then(|mut one| one.compress(&vec![0; 60_000])).expect("a bomb");
        // One segment with a content size of two bytes, 256 less than what is said.
        assert_eq!(bomb[4], 0x60, "{bomb:02x?}");
        (bomb[5], bomb[6]) = (10, 0);
        let frame = [&[VERSION, WITHOUT, 0], &bomb[4..]].concat();
        assert_eq!(open(&frame), Err(Unreadable::Malformed));
    }

    #[test]
    fn a_length_beyond_the_message_is_no_message() {
        assert_eq!(open(&[VERSION, PLAIN, 200, 1]), Err(Unreadable::Malformed));
        assert_eq!(open(&[VERSION]), Err(Unreadable::Malformed));
        assert_eq!(open(&vec![VERSION; MAX_MESSAGE_BYTES + 1]), Err(Unreadable::TooLarge));
    }

    proptest! {
        #[test]
        fn no_bytes_unwind_the_reader(how in any::<u8>(), bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = open(&[&[VERSION, how], bytes.as_slice()].concat());
        }
    }
}
