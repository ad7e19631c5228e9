//! A photograph on its way out: decoded under limits, turned upright, shrunk and written anew, with a thumbnail.
//!
//! Writing it anew is what leaves out the place, the time and the phone that a camera hides in a file. The picture
//! as the camera wrote it is not kept: it would say all that where nobody looks for it, and nobody could see it.
//! Where it was taken is said in the note that names it.

use crate::failure::Failure;
use crate::request::Photo;
use base64ct::{Base64, Encoding as _};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use siaga_domain::entry::THUMBNAIL_BYTES;
use std::io::Cursor;

/// A photograph may be this large on its way in.
pub(crate) const MAX_PHOTO_BYTES: usize = 8 * 1024 * 1024;

/// What travels is at most this large, so that twenty of them pass a bad link in one afternoon.
const TRAVEL_BYTES: usize = 400 * 1024;
/// Longer side in pixels and JPEG quality, the best first: a number plate and a wound stay readable.
const TRAVEL_STEPS: [(u32, u8); 5] = [(1600, 80), (1600, 65), (1280, 60), (1024, 55), (800, 45)];
/// The last of them fits whatever the picture shows.
const THUMBNAIL_STEPS: [(u32, u8); 6] = [(320, 70), (320, 50), (240, 45), (176, 40), (128, 35), (64, 30)];

/// Larger than any phone's camera makes. Checked before a pixel is decoded.
const MAX_SIDE: u32 = 12_000;
const MAX_DECODED_BYTES: u64 = 256 * 1024 * 1024;

/// What travels.
pub(crate) struct Prepared {
    /// JPEG without metadata.
    pub photograph: Vec<u8>,
    /// JPEG of at most [`THUMBNAIL_BYTES`].
    pub thumbnail: Vec<u8>,
}

/// # Errors
/// `BadInput` for `photo` when it is not a JPEG or PNG picture within the limits.
pub(crate) fn prepare(photo: &Photo) -> Result<Prepared, Failure> {
    let too_large = || Failure::input("photo", "the photo is larger than 8 MB", "take it again with a smaller size");
    if photo.base64.len() > MAX_PHOTO_BYTES.div_ceil(3).saturating_mul(4).saturating_add(4) {
        return Err(too_large());
    }
    let bytes = Base64::decode_vec(&photo.base64)
        .map_err(|_| Failure::input("photo", "the photo is not base64", "send RFC 4648 base64 with padding"))?;
    if bytes.len() > MAX_PHOTO_BYTES {
        return Err(too_large());
    }
    let picture = decode(&bytes).ok_or_else(|| {
        Failure::input("photo", "the file is not a JPEG or PNG picture", "attach a photo taken by the camera")
    })?;
    let unwritten = || Failure::internal("write the photo anew");
    Ok(Prepared {
        photograph: fitted(&picture, &TRAVEL_STEPS, TRAVEL_BYTES).ok_or_else(unwritten)?,
        thumbnail: fitted(&picture, &THUMBNAIL_STEPS, THUMBNAIL_BYTES)
            .filter(|thumbnail| thumbnail.len() <= THUMBNAIL_BYTES)
            .ok_or_else(unwritten)?,
    })
}

/// Upright. `None` for anything but a JPEG or PNG picture within the limits.
fn decode(bytes: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.format().filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_DECODED_BYTES {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(DynamicImage::ImageRgb8(picture.into_rgb8()))
}

/// The best of the steps that is small enough; the last one where none is.
fn fitted(picture: &DynamicImage, steps: &[(u32, u8)], most: usize) -> Option<Vec<u8>> {
    let mut written = None;
    for (side, quality) in steps {
        let smaller =
            (picture.width().max(picture.height()) > *side).then(|| picture.thumbnail(*side, *side).into_rgb8());
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, *quality);
        match (&smaller, picture.as_rgb8()) {
            (Some(smaller), _) => encoder.encode_image(smaller).ok()?,
            (None, Some(picture)) => encoder.encode_image(picture).ok()?,
            (None, None) => return None,
        }
        let fits = bytes.len() <= most;
        written = Some(bytes);
        if fits {
            break;
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCode;
    use image::RgbImage;

    fn jpeg(picture: &RgbImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(picture).expect("a picture");
        bytes
    }

    fn photo(bytes: &[u8]) -> Photo {
        Photo { media: "image/jpeg".into(), base64: Base64::encode_string(bytes) }
    }

    /// No two neighbours alike: what compresses worst.
    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 1_u32;
        RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [_, a, b, c] = state.to_be_bytes();
            image::Rgb([a, b, c])
        })
    }

    /// A JPEG with an EXIF segment as cameras write it: turned by a quarter, a position, a serial number, a maker
    /// note, and a picture within the picture.
    fn with_everything_a_camera_hides() -> Vec<u8> {
        let plain = jpeg(&RgbImage::new(40, 20));
        let mut tiff = b"II*\0\x08\0\0\0".to_vec();
        // One directory entry: orientation (0x0112), short, once, 6.
        tiff.extend([1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
        tiff.extend(b"GPSLatitude -1.813 BodySerialNumber R58M MakerNote samsung ");
        tiff.extend(jpeg(&RgbImage::new(8, 8)));
        let mut exif = b"Exif\0\0".to_vec();
        exif.extend(tiff);
        let mut bytes = plain[..2].to_vec();
        bytes.extend([0xFF, 0xE1]);
        bytes.extend(u16::try_from(exif.len() + 2).expect("short").to_be_bytes());
        bytes.extend(exif);
        bytes.extend(&plain[2..]);
        bytes
    }

    fn says(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|window| window == word)
    }

    #[test]
    fn what_travels_says_nothing_of_place_phone_or_maker_and_hides_no_second_picture() {
        let bytes = with_everything_a_camera_hides();

        let prepared = prepare(&photo(&bytes)).expect("a photo");

        for word in [&b"Exif"[..], b"GPS", b"Serial", b"MakerNote", b"samsung"] {
            assert!(says(&bytes, word));
            assert!(!says(&prepared.photograph, word) && !says(&prepared.thumbnail, word));
        }
        let pictures = |bytes: &[u8]| bytes.windows(3).filter(|window| *window == [0xFF, 0xD8, 0xFF]).count();
        assert_eq!((pictures(&bytes), pictures(&prepared.photograph), pictures(&prepared.thumbnail)), (2, 1, 1));
    }

    #[test]
    fn a_photo_that_was_taken_sideways_travels_upright() {
        let prepared = prepare(&photo(&with_everything_a_camera_hides())).expect("a photo");

        let read = image::load_from_memory(&prepared.photograph).expect("a picture");
        assert_eq!((read.width(), read.height()), (20, 40));
    }

    #[test]
    fn a_large_photo_travels_small() {
        let prepared = prepare(&photo(&jpeg(&RgbImage::new(3200, 1200)))).expect("a photo");

        let read = image::load_from_memory(&prepared.photograph).expect("a picture");
        assert_eq!((read.width(), read.height()), (1600, 600));
        let seen = image::load_from_memory(&prepared.thumbnail).expect("a picture");
        assert_eq!((seen.width(), seen.height()), (320, 120));
    }

    #[test]
    fn however_busy_a_picture_is_its_copies_keep_their_size() {
        let prepared = prepare(&photo(&jpeg(&noise(1800, 1300)))).expect("a photo");

        assert!(prepared.photograph.len() <= TRAVEL_BYTES, "{}", prepared.photograph.len());
        assert!(prepared.thumbnail.len() <= THUMBNAIL_BYTES, "{}", prepared.thumbnail.len());
    }

    #[test]
    fn a_header_that_claims_sixty_thousand_pixels_is_refused_before_anything_is_decoded() {
        let mut jpeg = jpeg(&RgbImage::new(8, 8));
        let start = jpeg.windows(2).position(|window| window == [0xFF, 0xC0]).expect("a frame header");
        jpeg[start + 5..start + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xEA\x60\0\0\xEA\x60\x08\x02\0\0\0".to_vec();
        png.extend([0x3A, 0x76, 0xE4, 0xD6]);

        for bytes in [jpeg, png] {
            let failure = prepare(&photo(&bytes)).err().expect("a refusal");
            assert_eq!((failure.code, failure.argument.as_deref()), (FailureCode::BadInput, Some("photo")));
        }
    }

    #[test]
    fn a_file_that_is_no_picture_is_refused_whatever_it_is_called() {
        let failure = prepare(&photo(b"<svg onload=alert(1)>")).err().expect("a refusal");

        assert_eq!((failure.code, failure.argument.as_deref()), (FailureCode::BadInput, Some("photo")));
    }
}
