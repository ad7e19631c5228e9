//! What the center and a worker say to one another: frames of four bytes of length and one CBOR message.
//!
//! Both ends are of one build, so nothing here is versioned but the greeting. Every length is checked before
//! anything is allocated for it.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use std::io::{self, Read, Write};

/// A frame, at most: the whole log of the largest record there may be.
pub const MAX_FRAME_BYTES: usize = 64 * 1024 * 1024;

/// An answer of a worker, at most. What a worker says is believed no more than what a device says.
pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// The center to a worker.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Ask {
    /// Take this record in: every change of its log, in causal order.
    #[n(0)]
    Open {
        #[n(0)]
        record: ByteVec,
        #[n(1)]
        history: Vec<ByteVec>,
    },
    /// Judge these changes against the record as of these heads.
    #[n(1)]
    Judge {
        #[n(0)]
        record: ByteVec,
        #[n(1)]
        heads: Vec<ByteVec>,
        /// `RecordKind`'s code.
        #[n(2)]
        kind: String,
        /// `Role`'s code; none for the center itself.
        #[n(3)]
        role: Option<String>,
        #[n(4)]
        changes: Vec<ByteVec>,
    },
}

/// A worker to the center.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Say {
    /// It runs; `confined` when it tried to open a file and a socket and could do neither.
    #[n(0)]
    Ready {
        #[n(0)]
        confined: bool,
    },
    /// The record was taken in.
    #[n(1)]
    Opened,
    /// The record as of these heads is not here: open it first.
    #[n(2)]
    NotHere,
    /// The history does not make a document.
    #[n(3)]
    NoDocument,
    #[n(4)]
    Ruled {
        #[n(0)]
        rulings: Vec<Ruled>,
        /// The record after what was admitted.
        #[n(1)]
        heads: Vec<ByteVec>,
    },
    /// The question was none.
    #[n(5)]
    NotUnderstood,
}

/// A ruling as it travels.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Ruled {
    #[n(0)]
    Admitted {
        #[n(0)]
        hash: ByteVec,
        #[n(1)]
        actor: ByteVec,
        #[n(2)]
        seq: u64,
        #[n(3)]
        deps: Vec<ByteVec>,
        #[n(4)]
        entries: Vec<RuledEntry>,
    },
    #[n(1)]
    Duplicate,
    #[n(2)]
    Missing(#[n(0)] Vec<ByteVec>),
    #[n(3)]
    Refused(#[n(0)] String),
}

/// An entry that an admitted change brings.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct RuledEntry {
    #[n(0)]
    pub id: ByteVec,
    #[n(1)]
    pub kind: String,
}

/// Writes one frame.
///
/// # Errors
/// The writer's, or `InvalidData` for a message larger than a frame may be.
pub fn write_frame(to: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).ok().filter(|_| message.len() <= MAX_FRAME_BYTES);
    let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(message)?;
    to.flush()
}

/// Reads one frame of at most `most` bytes; `None` at the end.
///
/// # Errors
/// The reader's, or `InvalidData` for a frame that is too large.
pub fn read_frame(from: &mut impl Read, most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut message = vec![0; length];
    from.read_exact(&mut message)?;
    Ok(Some(message))
}

/// # Errors
/// `InvalidData`, which writing to memory never gives.
pub fn encode<T: Encode<()>>(message: &T) -> io::Result<Vec<u8>> {
    minicbor::to_vec(message).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// # Errors
/// `InvalidData` when the bytes are not one message.
pub fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> io::Result<T> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let message = decoder.decode().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    if decoder.position() == bytes.len() { Ok(message) } else { Err(io::ErrorKind::InvalidData.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_larger_than_announced_bounds_is_not_allocated() {
        let mut lying = u32::MAX.to_be_bytes().to_vec();
        lying.extend([0; 16]);

        let read = read_frame(&mut lying.as_slice(), MAX_ANSWER_BYTES);

        assert_eq!(read.map_err(|error| error.kind()), Err(io::ErrorKind::InvalidData));
    }

    #[test]
    fn a_message_survives_its_frame_and_the_end_is_told_from_a_cut() {
        let asked = Ask::Judge {
            record: vec![7; 16].into(),
            heads: vec![vec![1; 32].into()],
            kind: "incident".to_owned(),
            role: Some("medic".to_owned()),
            changes: vec![vec![1, 2, 3].into()],
        };
        let mut sent = Vec::new();
        write_frame(&mut sent, &encode(&asked).expect("encoded")).expect("written");

        let mut reader = sent.as_slice();
        let read = read_frame(&mut reader, MAX_FRAME_BYTES).expect("a frame").expect("not the end");
        assert_eq!(decode::<Ask>(&read).expect("decoded"), asked);
        assert_eq!(read_frame(&mut reader, MAX_FRAME_BYTES).expect("the end"), None);

        let cut = read_frame(&mut sent.get(..sent.len() - 1).expect("shorter"), MAX_FRAME_BYTES);
        assert!(cut.is_err());
    }
}
