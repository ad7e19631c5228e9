//! Bytes to messages and back. Whatever arrives is bounded before anything is allocated for it.

use crate::MAX_MESSAGE_BYTES;
use minicbor::{Decode, Encode};

/// The bytes are no message.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    #[error("the message is larger than {MAX_MESSAGE_BYTES} bytes")]
    TooLarge,
    #[error("the message is not the CBOR it should be")]
    Malformed(#[source] minicbor::decode::Error),
    #[error("the message has bytes after its end")]
    TrailingBytes,
    #[error("the message could not be encoded")]
    Encode,
}

impl CodecError {
    /// Whether the bytes are well formed and hold a value of an enum that this build does not know.
    #[must_use]
    pub fn is_of_a_newer_build(&self) -> bool {
        matches!(self, Self::Malformed(cause) if cause.is_unknown_variant())
    }
}

/// # Errors
/// [`CodecError::Encode`], which writing to memory never gives.
pub fn encode<T: Encode<()>>(message: &T) -> Result<Vec<u8>, CodecError> {
    minicbor::to_vec(message).map_err(|_| CodecError::Encode)
}

/// # Errors
/// [`CodecError`] when the bytes are too many, malformed, or more than one message.
pub fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, CodecError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(CodecError::TooLarge);
    }
    let mut decoder = minicbor::Decoder::new(bytes);
    let message = decoder.decode().map_err(CodecError::Malformed)?;
    if decoder.position() != bytes.len() {
        return Err(CodecError::TrailingBytes);
    }
    Ok(message)
}

/// Sixteen-byte ids and hashes as CBOR byte strings.
pub mod bytes {
    macro_rules! fixed {
        ($module:ident, $type:ty, $size:literal, $to:expr, $from:expr) => {
            /// Encodes the type as a byte string of fixed length.
            pub mod $module {
                use minicbor::encode::Write;
                use minicbor::{Decoder, Encoder};

                /// # Errors
                /// The writer's.
                pub fn encode<C, W: Write>(
                    value: &$type,
                    e: &mut Encoder<W>,
                    _: &mut C,
                ) -> Result<(), minicbor::encode::Error<W::Error>> {
                    let to: fn(&$type) -> &[u8] = $to;
                    e.bytes(to(value))?.ok()
                }

                /// # Errors
                /// Not a byte string, or of another length.
                pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<$type, minicbor::decode::Error> {
                    let from: fn([u8; $size]) -> $type = $from;
                    let bytes: [u8; $size] = d
                        .bytes()?
                        .try_into()
                        .map_err(|_| minicbor::decode::Error::message("byte string of another length"))?;
                    Ok(from(bytes))
                }
            }
        };
    }
    use siaga_domain::id::{CenterId, ChangeHash, DeviceId, Epoch, RecordId};
    fixed!(record, super::RecordId, 16, |id| id.as_bytes(), super::RecordId::from_bytes);
    fixed!(device, super::DeviceId, 16, |id| id.as_bytes(), super::DeviceId::from_bytes);
    fixed!(center, super::CenterId, 16, |id| id.as_bytes(), super::CenterId::from_bytes);
    fixed!(hash, super::ChangeHash, 32, |hash| &hash.0, super::ChangeHash);
    fixed!(epoch, super::Epoch, 8, |epoch| &epoch.0, super::Epoch);
}
