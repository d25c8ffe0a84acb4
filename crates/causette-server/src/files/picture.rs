//! What a picture says beside what it shows: where and when it was taken, by whom and with what. That goes before many may see it.
//!
//! What can be cleaned is; of other pictures it is found out whether they say something.
//! Pixels are not touched. What stays is what a picture needs to look right: its colours, and which side is up.

mod gif;

use bytes::{Buf as _, Bytes};
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{CHUNK_VP8X, WebP};

/// Bytes of the largest picture that is looked into: it is in memory meanwhile.
pub(crate) const BYTES_MAX: u64 = 32 * 1024 * 1024;

/// How metadata of a camera begins in a JPEG. <https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2019-E>
const EXIF: &[u8] = b"Exif\0\0";

/// How a profile of colours begins in a JPEG. <https://www.color.org/specification/ICC.1-2022-05.pdf> (annex B.4)
const COLOURS: &[u8] = b"ICC_PROFILE\0";

/// The tag of which side is up, and the one that says that it is as it stands.
const ORIENTATION: u16 = 0x0112;
const UPRIGHT: u16 = 1;

/// Of the chunks without which a PNG can be shown, those that say how it looks. <https://www.w3.org/TR/png-3/#11Ancillary-chunks>
const PNG_LOOKS: [[u8; 4]; 16] = [
    *b"tRNS", *b"gAMA", *b"cHRM", *b"sRGB", *b"iCCP", *b"sBIT", *b"bKGD", *b"pHYs", *b"hIST",
    *b"sPLT", *b"cICP", *b"mDCV", *b"cLLI", *b"acTL", *b"fcTL", *b"fdAT",
];

/// The bit of the first letter of a chunk without which the picture can be shown.
const PNG_ANCILLARY: u8 = 0b0010_0000;

/// The chunks of a WebP that say what it shows. <https://www.rfc-editor.org/rfc/rfc9649#section-2.7>
const WEBP_SHOWN: [[u8; 4]; 7] = [
    *b"VP8 ", *b"VP8L", *b"VP8X", *b"ALPH", *b"ANIM", *b"ANMF", *b"ICCP",
];

/// The bits of a WebP's head that announce metadata. <https://www.rfc-editor.org/rfc/rfc9649#section-2.7.1>
const WEBP_METADATA: u8 = 0b0000_1100;

/// What stands in a picture of boxes that says something: the names of what they hold, or how that begins.
/// <https://www.iso.org/standard/83650.html> (annex A)
const BOXED: [&[u8]; 4] = [b"Exif", b"application/rdf+xml", b"xmpmeta", b"xml "];

/// Why a picture cannot be cleaned: it is none, though it begins like one, it is broken off, or it says something and is of a kind that
/// is not taken apart here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// How a picture is cleaned.
enum Way {
    /// By this.
    By(fn(&Bytes) -> Result<Vec<u8>, Unreadable>),
    /// Not at all, but it is known where it would say something.
    Searched,
    /// Not at all: it says something in any case.
    Never,
}

fn way(media_type: &str) -> Option<Way> {
    Some(match media_type {
        "image/jpeg" => Way::By(jpeg),
        "image/png" => Way::By(png),
        "image/webp" => Way::By(webp),
        "image/gif" => Way::By(|picture| gif::cleaned(picture).ok_or(Unreadable)),
        "image/heif" | "image/avif" | "image/jxl" | "image/jp2" => Way::Searched,
        "image/tiff" | "image/x-canon-cr2" | "image/vnd.ms-photo" => Way::Never,
        _ => return None,
    })
}

/// Whether something of this type is a picture that may say more than it shows.
pub(crate) fn is_known(media_type: &str) -> bool {
    way(media_type).is_some()
}

/// The picture without what it says beside; `None` where it says nothing.
///
/// # Errors
/// It cannot be cleaned.
pub(crate) fn cleaned(media_type: &str, picture: &Bytes) -> Result<Option<Vec<u8>>, Unreadable> {
    match way(media_type) {
        Some(Way::By(clean)) => {
            let clean = clean(picture)?;
            Ok((clean != picture[..]).then_some(clean))
        }
        Some(Way::Searched) if !says_something(picture) => Ok(None),
        Some(Way::Searched | Way::Never) => Err(Unreadable),
        None => Ok(None),
    }
}

/// Whether a picture of boxes has one that says something beside what it shows.
fn says_something(picture: &[u8]) -> bool {
    let says = |at: usize| BOXED.iter().any(|boxed| picture[at..].starts_with(boxed));
    (0..picture.len()).any(says)
}

fn jpeg(picture: &Bytes) -> Result<Vec<u8>, Unreadable> {
    let mut jpeg = Jpeg::from_bytes(picture.clone()).map_err(|_| Unreadable)?;
    let turned = jpeg
        .segments_by_marker(markers::APP1)
        .find_map(|segment| orientation(segment.contents().strip_prefix(EXIF)?))
        .filter(|side| *side != UPRIGHT);
    jpeg.segments_mut().retain(|segment| {
        let contents = segment.contents();
        match segment.marker() {
            // What a decoder reads: the JFIF's and Adobe's head, colours.
            markers::APP0 => contents.starts_with(b"JFIF\0"),
            markers::APP2 => contents.starts_with(COLOURS),
            markers::APP14 => contents.starts_with(b"Adobe"),
            markers::APP1..=markers::APP15 | markers::COM => false,
            _ => true,
        }
    });
    if let Some(side) = turned {
        let upright = JpegSegment::new_with_contents(markers::APP1, side_alone(side));
        let behind_head = jpeg.segments().first();
        let place = behind_head.is_some_and(|first| first.marker() == markers::APP0);
        jpeg.segments_mut().insert(usize::from(place), upright);
    }
    let whole = jpeg.encoder().bytes();
    to_its_end(&whole).ok_or(Unreadable)
}

/// A JPEG to the end of its last scan, without what is said between scans. Behind its end there may be further pictures, a film, or
/// anything. <https://www.w3.org/Graphics/JPEG/itu-t81.pdf> (annex B)
fn to_its_end(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(bytes.len());
    let (mut kept_to, mut at, mut has_scan) = (0, 2, false);
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match *bytes.get(at + 1)? {
            // A byte of the picture that looks like a marker, and marks between its parts.
            0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
            0xff => at += 1,
            markers::EOI => {
                clean.extend_from_slice(bytes.get(kept_to..at + 2)?);
                return Some(clean);
            }
            marker => {
                let mut length = bytes.get(at + 2..at + 4)?;
                let end = at + 2 + usize::from(length.get_u16()).max(2);
                if has_scan && matches!(marker, markers::APP0..=markers::APP15 | markers::COM) {
                    clean.extend_from_slice(bytes.get(kept_to..at)?);
                    kept_to = end;
                }
                has_scan |= marker == markers::SOS;
                at = end;
            }
        }
    }
}

fn png(picture: &Bytes) -> Result<Vec<u8>, Unreadable> {
    let mut png = Png::from_bytes(picture.clone()).map_err(|_| Unreadable)?;
    png.chunks_mut().retain(|chunk| {
        let kind = chunk.kind();
        kind[0] & PNG_ANCILLARY == 0 || PNG_LOOKS.contains(&kind)
    });
    Ok(png.encoder().bytes().to_vec())
}

fn webp(picture: &Bytes) -> Result<Vec<u8>, Unreadable> {
    let mut webp = WebP::from_bytes(picture.clone()).map_err(|_| Unreadable)?;
    webp.chunks_mut()
        .retain(|chunk| WEBP_SHOWN.contains(&chunk.id()));
    let head = webp
        .chunks_mut()
        .iter_mut()
        .find(|chunk| chunk.id() == CHUNK_VP8X);
    if let Some(RiffContent::Data(head)) = head.map(RiffChunk::content_mut)
        && let Some(flags) = head.first()
    {
        let mut cleared = head.to_vec();
        cleared[0] = flags & !WEBP_METADATA;
        *head = cleared.into();
    }
    Ok(webp.encoder().bytes().to_vec())
}

/// Which side is up, as the first directory of a TIFF says. <https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf>
fn orientation(tiff: &[u8]) -> Option<u16> {
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let mut bytes = tiff.get(at..at + 2)?;
        Some(if is_big {
            bytes.get_u16()
        } else {
            bytes.get_u16_le()
        })
    };
    let mut offset = tiff.get(4..8)?;
    let directory = if is_big {
        offset.get_u32()
    } else {
        offset.get_u32_le()
    };
    let directory = usize::try_from(directory).ok()?.min(tiff.len());
    let entries = usize::from(short(directory)?);
    (0..entries).find_map(|number| {
        let entry = directory + 2 + 12 * number;
        (short(entry)? == ORIENTATION).then(|| short(entry + 8))?
    })
}

/// Metadata that say which side is up, and nothing else.
fn side_alone(side: u16) -> Bytes {
    let mut bytes = EXIF.to_vec();
    // The directory begins behind this head and has one entry: a tag, the type "short", one value, which stands in the entry.
    bytes.extend(b"MM\0*\0\0\0\x08\0\x01");
    bytes.extend(ORIENTATION.to_be_bytes());
    bytes.extend(b"\0\x03\0\0\0\x01");
    bytes.extend(side.to_be_bytes());
    bytes.extend(b"\0\0\0\0\0\0");
    bytes.into()
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const SECRET: &[u8] = b"N 48 51 30, E 2 17 40";

    fn has_secret(bytes: &[u8]) -> bool {
        bytes.windows(SECRET.len()).any(|window| window == SECRET)
    }

    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, contents].concat()
    }

    /// A JPEG in two scans, turned, with metadata in each place where some program puts them.
    fn photograph(side: u16) -> Vec<u8> {
        let exif = [&side_alone(side)[..], SECRET].concat();
        let scan = [
            &segment(0xda, b"\x01\x01\0\0\x3f\0")[..],
            b"\x12\xff\0\x34\xff\xd0\x56",
        ]
        .concat();
        [
            &[0xff, 0xd8][..],
            &segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
            &segment(0xe1, &exif),
            &segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
            &segment(0xe2, &[COLOURS, b"\x01\x01colours"].concat()),
            &segment(0xe2, &[b"MPF\0", SECRET].concat()),
            &segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()),
            &segment(0xfe, SECRET),
            &segment(0xc0, b"\x08\0\x01\0\x01\x01\x01\x11\0"),
            &scan,
            &segment(0xe1, &exif),
            &segment(0xfe, SECRET),
            &segment(0xc4, b"table"),
            &scan,
            &[0xff, 0xd9],
            SECRET,
        ]
        .concat()
    }

    #[test]
    fn a_photograph_says_no_more_where_it_was_taken_and_is_still_the_right_way_up() {
        let picture = Bytes::from(photograph(6));
        let clean = cleaned("image/jpeg", &picture).unwrap().unwrap();
        assert!(has_secret(&picture) && !has_secret(&clean));
        let read = Jpeg::from_bytes(clean.clone().into()).unwrap();
        let exif = read.segment_by_marker(markers::APP1).unwrap().contents();
        assert_eq!(orientation(exif.strip_prefix(EXIF).unwrap()), Some(6));
        assert!(read.segment_by_marker(markers::APP2).is_some(), "colours");
        assert!(clean.ends_with(b"\x12\xff\0\x34\xff\xd0\x56\xff\xd9"));
        // What is clean stays as it is.
        assert_eq!(cleaned("image/jpeg", &clean.into()), Ok(None));
        let upright = cleaned("image/jpeg", &photograph(UPRIGHT).into());
        let read = Jpeg::from_bytes(upright.unwrap().unwrap().into()).unwrap();
        assert_eq!(read.segment_by_marker(markers::APP1), None);
    }

    #[test]
    fn which_side_is_up_is_read_in_both_orders_of_bytes() {
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
        assert_eq!(orientation(little), Some(8));
        for cut in 0..little.len() - 6 {
            assert_eq!(orientation(&little[..cut]), None, "{cut}");
        }
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff\x01\0"), None);
    }

    fn chunk(kind: &[u8; 4], contents: &[u8]) -> Vec<u8> {
        let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
        let summed = [&kind[..], contents].concat();
        [&length[..], &summed, &crc32(&summed).to_be_bytes()].concat()
    }

    /// The sum of a chunk. <https://www.w3.org/TR/png-3/#D-CRCAppendix>
    fn crc32(bytes: &[u8]) -> u32 {
        let step = |sum: u32, _| match sum & 1 {
            1 => 0xedb8_8320 ^ (sum >> 1),
            _ => sum >> 1,
        };
        let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), step)
        });
        !sum
    }

    /// A PNG that tells where it was made in each place where some program says that.
    pub(crate) fn drawing() -> Vec<u8> {
        let head = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &[0; 13])].concat();
        let rest = [chunk(b"IDAT", b"pixels"), chunk(b"IEND", b"")].concat();
        let told = [
            chunk(b"tEXt", SECRET),
            chunk(b"iTXt", SECRET),
            chunk(b"eXIf", SECRET),
            chunk(b"gpSx", SECRET),
        ];
        [&head[..], &told.concat(), &rest, SECRET].concat()
    }

    #[test]
    fn a_drawing_keeps_its_pixels_and_loses_its_texts() {
        let picture = drawing();
        let clean = cleaned("image/png", &picture.into()).unwrap().unwrap();
        assert!(!has_secret(&clean));
        assert_eq!(
            Png::from_bytes(clean.clone().into())
                .unwrap()
                .chunks()
                .len(),
            3
        );
        assert_eq!(cleaned("image/png", &clean.into()), Ok(None));
    }

    fn riff(kind: &[u8; 4], contents: &[u8]) -> Vec<u8> {
        let length = u32::try_from(contents.len()).unwrap().to_le_bytes();
        let filler = &[0][..contents.len() % 2];
        [&kind[..], &length, contents, filler].concat()
    }

    #[test]
    fn a_webp_announces_no_metadata_any_more() {
        let head = riff(b"VP8X", &[0b0010_1100, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let told = [b"EXIF", b"XMP ", b"GPSx"]
            .map(|kind| riff(kind, SECRET))
            .concat();
        let chunks = [b"WEBP", &head[..], &riff(b"VP8L", b"pixels"), &told].concat();
        let picture = riff(b"RIFF", &chunks);
        let clean = cleaned("image/webp", &picture.into()).unwrap().unwrap();
        assert!(!has_secret(&clean));
        assert_eq!(clean[20], 0b0010_0000);
        assert_eq!(cleaned("image/webp", &clean.into()), Ok(None));
    }

    #[test]
    fn what_only_begins_like_a_picture_is_told_apart() {
        for (kind, bytes) in [
            ("image/jpeg", &b"\xff\xd8\xff\xe1"[..]),
            ("image/jpeg", b"\xff\xd8\xff\xda\0\x02never ends"),
            ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"),
            ("image/webp", b"RIFF\0\0\x01\0WEBP"),
            ("image/gif", b"GIF89a\x01\0\x01\0"),
        ] {
            let told = cleaned(kind, &Bytes::from_static(bytes));
            assert_eq!(told, Err(Unreadable), "{kind}");
        }
        assert_eq!(cleaned("text/plain", &Bytes::from_static(b"x")), Ok(None));
    }

    #[test]
    fn of_what_is_not_taken_apart_it_is_known_whether_it_says_something() {
        let told = |kind: &str, bytes: &'static [u8]| cleaned(kind, &Bytes::from_static(bytes));
        let bare = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta";
        let telling = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x15infe\x02\0\0\0\0\x01\0\0Exif\0";
        for kind in ["image/heif", "image/avif", "image/jxl", "image/jp2"] {
            assert_eq!(told(kind, bare), Ok(None), "{kind}");
            assert_eq!(told(kind, telling), Err(Unreadable), "{kind}");
        }
        assert_eq!(told("image/tiff", b"II*\0"), Err(Unreadable));
    }
}
