//! A photograph on its way out: decoded under limits, turned upright, shrunk and written anew.
//!
//! Writing it anew is what leaves out the place, the time and the phone that a camera hides in a file. The
//! original stays on the phone.

use crate::failure::Failure;
use crate::request::Photo;
use base64ct::{Base64, Encoding as _};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// A photograph may be this large on its way in.
pub const MAX_PHOTO_BYTES: usize = 8 * 1024 * 1024;
/// The longer side of what travels, pixels.
const TRAVEL_PIXELS: u32 = 1600;
const TRAVEL_QUALITY: u8 = 80;
/// Larger than any phone's camera makes.
const MAX_SIDE: u32 = 12_000;
const MAX_DECODED_BYTES: u64 = 256 * 1024 * 1024;

/// What travels and what stays.
pub struct Prepared {
    /// JPEG without metadata.
    pub travelling: Vec<u8>,
    pub original: Vec<u8>,
    original_format: ImageFormat,
}

impl Prepared {
    /// Of the original's file name.
    #[must_use]
    pub const fn extension(&self) -> &'static str {
        match self.original_format {
            ImageFormat::Png => "png",
            _ => "jpg",
        }
    }
}

/// # Errors
/// `BadInput` for `photo` when it is not a JPEG or PNG picture within the limits.
pub fn prepare(photo: &Photo) -> Result<Prepared, Failure> {
    let too_large = || Failure::input("photo", "the photo is larger than 8 MB", "take it again with a smaller size");
    if photo.base64.len() > MAX_PHOTO_BYTES.div_ceil(3).saturating_mul(4).saturating_add(4) {
        return Err(too_large());
    }
    let original = Base64::decode_vec(&photo.base64)
        .map_err(|_| Failure::input("photo", "the photo is not base64", "send RFC 4648 base64 with padding"))?;
    if original.len() > MAX_PHOTO_BYTES {
        return Err(too_large());
    }
    let unreadable =
        || Failure::input("photo", "the file is not a JPEG or PNG picture", "attach a photo taken by the camera");
    let mut reader =
        ImageReader::new(Cursor::new(original.as_slice())).with_guessed_format().map_err(|_| unreadable())?;
    let original_format = reader
        .format()
        .filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png))
        .ok_or_else(unreadable)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| unreadable())?;
    let orientation = decoder.orientation().map_err(|_| unreadable())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| unreadable())?;
    picture.apply_orientation(orientation);
    if picture.width().max(picture.height()) > TRAVEL_PIXELS {
        picture = picture.thumbnail(TRAVEL_PIXELS, TRAVEL_PIXELS);
    }
    let mut travelling = Vec::new();
    JpegEncoder::new_with_quality(&mut travelling, TRAVEL_QUALITY)
        .encode_image(&picture.into_rgb8())
        .map_err(|_| Failure::internal("write the photo anew"))?;
    Ok(Prepared { travelling, original, original_format })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCode;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes).encode_image(&image::RgbImage::new(width, height)).expect("a picture");
        bytes
    }

    fn photo(bytes: &[u8]) -> Photo {
        Photo { media: "image/jpeg".into(), base64: Base64::encode_string(bytes) }
    }

    /// A JPEG with a comment and an EXIF segment put in behind its first marker.
    fn with_hidden_place() -> Vec<u8> {
        let plain = jpeg(40, 20);
        let mut bytes = plain[..2].to_vec();
        let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0GPS -1.813 109.958";
        bytes.extend([0xFF, 0xE1]);
        bytes.extend(u16::try_from(exif.len() + 2).expect("short").to_be_bytes());
        bytes.extend(exif);
        bytes.extend(&plain[2..]);
        bytes
    }

    #[test]
    fn what_travels_no_longer_says_where_it_was_taken() {
        let bytes = with_hidden_place();

        let prepared = prepare(&photo(&bytes)).expect("a photo");

        let hidden = |bytes: &[u8]| bytes.windows(4).any(|window| window == b"Exif" || window == b"GPS ");
        assert!(hidden(&prepared.original));
        assert!(!hidden(&prepared.travelling));
    }

    #[test]
    fn a_large_photo_travels_small() {
        let prepared = prepare(&photo(&jpeg(3200, 1200))).expect("a photo");

        let read = image::load_from_memory(&prepared.travelling).expect("a picture");
        assert_eq!((read.width(), read.height()), (1600, 600));
    }

    #[test]
    fn a_file_that_is_no_picture_is_refused_whatever_it_is_called() {
        let failure = prepare(&photo(b"<svg onload=alert(1)>")).err().expect("a refusal");

        assert_eq!((failure.code, failure.argument.as_deref()), (FailureCode::BadInput, Some("photo")));
    }
}
