//! Until when a certificate is valid: the one thing of it that rustls does not tell.
//!
//! Certificate ::= SEQUENCE { TBSCertificate, … }, TBSCertificate ::= SEQUENCE { \[0\] version OPTIONAL, serialNumber, signature,
//! issuer, validity, … }, Validity ::= SEQUENCE { notBefore, notAfter }. <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>

use causette_proto::Timestamp;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
/// The tag of the version, which the oldest certificates lack.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The moment behind which a certificate in DER is no longer valid; `None` where that cannot be read.
pub(crate) fn end(certificate: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = inside(certificate, SEQUENCE)?;
    let (mut rest, _) = inside(certificate, SEQUENCE)?;
    if let Some((_, behind)) = inside(rest, VERSION) {
        rest = behind;
    }
    let (_, rest) = inside(rest, INTEGER)?;
    let (_, rest) = inside(rest, SEQUENCE)?;
    let (_, rest) = inside(rest, SEQUENCE)?;
    let (validity, _) = inside(rest, SEQUENCE)?;
    let (_, _, rest) = element(validity)?;
    let (tag, moment, _) = element(rest)?;
    time(tag, moment)
}

/// `YYMMDDhhmmssZ` with years from 1950 to 2049, or `YYYYMMDDhhmmssZ`.
fn time(tag: u8, moment: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(moment).ok()?;
    let text = match tag {
        UTC_TIME if text.as_bytes().first()? >= &b'5' => format!("19{text}"),
        UTC_TIME => format!("20{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let date = [part(0, 4)?, part(4, 6)?, part(6, 8)?].join("-");
    let hour = [part(8, 10)?, part(10, 12)?, text.get(12..)?].join(":");
    Timestamp::parse(&format!("{date}T{hour}"))
}

/// What is inside an element of that tag, and what follows it.
fn inside(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, inside, rest) = element(der)?;
    (found == tag).then_some((inside, rest))
}

/// The first element: its tag, what is inside, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        // The long form: so many bytes of length, of which a certificate needs three at most.
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        let length = digits
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit));
        (length, rest)
    };
    let (inside, rest) = rest.split_at_checked(length)?;
    Some((tag, inside, rest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair};

    fn made_until(year: i32, month: u8, day: u8) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["chat.example.org".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, month, day);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_in_either_way_of_writing_years() {
        for (year, text) in [
            (2026, "2026-03-04T00:00:00.000Z"),
            (2049, "2049-03-04T00:00:00.000Z"),
            (2120, "2120-03-04T00:00:00.000Z"),
            (1999, "1999-03-04T00:00:00.000Z"),
        ] {
            let end = end(&made_until(year, 3, 4)).unwrap();
            assert_eq!(end.to_string(), text);
        }
    }

    #[test]
    fn what_is_cut_short_has_no_end_that_could_be_read() {
        let whole = made_until(2026, 3, 4);
        for length in 0..whole.len() {
            assert_eq!(end(&whole[..length]), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            end(&bytes);
        }

        #[test]
        fn no_byte_that_is_another_makes_it_panic(at in 0..400_usize, byte: u8) {
            let mut bytes = made_until(2026, 3, 4);
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            end(&bytes);
        }
    }
}
