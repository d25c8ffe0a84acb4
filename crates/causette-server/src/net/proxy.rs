//! The header by which a proxy says for whom it connects: PROXY, in its two forms.
//! <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>
//!
//! Knows only bytes; whether the one who says it may is for `connection`.

use causette_core::limits::PROXY_HEADER_BYTES;
use causette_proto::CompactString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How the first form begins.
const TEXT: &[u8] = b"PROXY ";
/// Bytes of the first form at most, with its CR LF.
const TEXT_BYTES_MAX: usize = 107;

/// How the second form begins.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of its fixed part: signature, version and command, family, length.
const FIXED: usize = 16;

/// The value in which a proxy says how it speaks TLS with its client.
const PP2_TYPE_SSL: u8 = 0x20;
const PP2_SUBTYPE_SSL_VERSION: u8 = 0x21;
const PP2_SUBTYPE_SSL_CIPHER: u8 = 0x23;
/// The client speaks TLS.
const PP2_CLIENT_SSL: u8 = 0x01;

/// Bytes that are kept of a version's or a cipher suite's name.
const NAME_BYTES: usize = 48;

/// TLS that somebody else has ended, who does not say which.
pub(crate) const TLS_OF_PROXY: CompactString = CompactString::const_new("TLS (proxy)");

/// For whom a proxy connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// For itself, to see whether we are there, or for whom no address is known.
    Own,
    /// For a client.
    Client {
        /// Its address.
        address: SocketAddr,
        /// How it speaks TLS with the proxy, where it does.
        tls: Option<CompactString>,
    },
}

/// The bytes are no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Reads a header from the beginning of a connection; what came after it is left in `opening`. `None` when it is none, or
/// the connection ends.
pub(crate) async fn read<S: AsyncRead + Unpin>(
    stream: &mut S,
    opening: &mut Vec<u8>,
) -> Option<Header> {
    loop {
        match parse(opening) {
            Err(Malformed) => return None,
            Ok(Some((header, length))) => {
                opening.drain(..length);
                return Some(header);
            }
            Ok(None) => {
                let missing = PROXY_HEADER_BYTES.saturating_sub(opening.len()) as u64;
                if (&mut *stream).take(missing).read_buf(opening).await.ok()? == 0 {
                    return None;
                }
            }
        }
    }
}

/// The header and its length in bytes, or `None` when more bytes are needed.
fn parse(bytes: &[u8]) -> Result<Option<(Header, usize)>, Malformed> {
    let begins = |start: &[u8]| start.starts_with(&bytes[..bytes.len().min(start.len())]);
    match (begins(TEXT), begins(SIGNATURE)) {
        (true, _) if bytes.len() >= TEXT.len() => parse_text(bytes),
        (_, true) if bytes.len() >= SIGNATURE.len() => parse_binary(bytes),
        (false, false) => Err(Malformed),
        _ => Ok(None),
    }
}

/// `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443`.
fn parse_text(bytes: &[u8]) -> Result<Option<(Header, usize)>, Malformed> {
    let first = &bytes[..bytes.len().min(TEXT_BYTES_MAX)];
    let Some(end) = first.windows(2).position(|pair| pair == b"\r\n") else {
        return if bytes.len() < TEXT_BYTES_MAX {
            Ok(None)
        } else {
            Err(Malformed)
        };
    };
    let line = str::from_utf8(&first[TEXT.len()..end]).map_err(|_| Malformed)?;
    let header = match line.split(' ').collect::<Vec<_>>()[..] {
        ["UNKNOWN", ..] => Header::Own,
        [
            family @ ("TCP4" | "TCP6"),
            source,
            destination,
            port,
            local_port,
        ] => {
            let (source, _) = (address(source, family)?, address(destination, family)?);
            let (port, _) = (number(port)?, number(local_port)?);
            Header::Client {
                address: SocketAddr::new(source, port),
                tls: None,
            }
        }
        _ => return Err(Malformed),
    };
    Ok(Some((header, end + 2)))
}

fn address(text: &str, family: &str) -> Result<IpAddr, Malformed> {
    let address: IpAddr = text.parse().map_err(|_| Malformed)?;
    if address.is_ipv4() == (family == "TCP4") {
        Ok(address)
    } else {
        Err(Malformed)
    }
}

fn number(text: &str) -> Result<u16, Malformed> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| Malformed)
    } else {
        Err(Malformed)
    }
}

fn parse_binary(bytes: &[u8]) -> Result<Option<(Header, usize)>, Malformed> {
    let &[command, family, high, low] = match bytes.get(SIGNATURE.len()..FIXED) {
        Some(fixed) => <&[u8; 4]>::try_from(fixed).map_err(|_| Malformed)?,
        None => return Ok(None),
    };
    let length = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if command >> 4 != 2 || length > PROXY_HEADER_BYTES {
        return Err(Malformed);
    }
    let Some(body) = bytes.get(FIXED..length) else {
        return Ok(None);
    };
    let header = match (command & 0xF, family) {
        // Local, or a family that has no address, or a socket in a file system.
        (0, _) | (1, 0x00 | 0x31) => Header::Own,
        (1, 0x11) => {
            let (addresses, rest) = body.split_first_chunk::<12>().ok_or(Malformed)?;
            let [a, b, c, d, _, _, _, _, high, low, _, _] = *addresses;
            client(
                Ipv4Addr::new(a, b, c, d).into(),
                u16::from_be_bytes([high, low]),
                rest,
            )
        }
        (1, 0x21) => {
            let (addresses, rest) = body.split_first_chunk::<36>().ok_or(Malformed)?;
            let (source, ports) = addresses.split_first_chunk::<16>().ok_or(Malformed)?;
            let port = u16::from_be_bytes([ports[16], ports[17]]);
            client(Ipv6Addr::from(*source).into(), port, rest)
        }
        _ => return Err(Malformed),
    };
    Ok(Some((header, length)))
}

fn client(address: IpAddr, port: u16, values: &[u8]) -> Header {
    let tls = values_of(values)
        .find(|(kind, _)| *kind == PP2_TYPE_SSL)
        .and_then(|(_, value)| tls(value));
    Header::Client {
        address: SocketAddr::new(address, port),
        tls,
    }
}

/// The values behind the addresses, each of a kind. What is cut short is left out.
fn values_of(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[kind, high, low], rest) = bytes.split_first_chunk::<3>()?;
        let (value, rest) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())?;
        bytes = rest;
        Some((kind, value))
    })
}

/// Version and cipher suite, as the register keeps them.
fn tls(value: &[u8]) -> Option<CompactString> {
    // One byte of flags, and four that say whether a certificate was verified.
    let (&[flags, ..], values) = value.split_first_chunk::<5>()?;
    if flags & PP2_CLIENT_SSL == 0 {
        return None;
    }
    let named = |wanted| {
        let (_, name) = values_of(values).find(|(kind, _)| *kind == wanted)?;
        let name = str::from_utf8(name).ok()?;
        let fits = !name.is_empty() && name.len() <= NAME_BYTES;
        (fits && name.bytes().all(|byte| byte.is_ascii_graphic())).then_some(name)
    };
    Some(
        match (
            named(PP2_SUBTYPE_SSL_VERSION),
            named(PP2_SUBTYPE_SSL_CIPHER),
        ) {
            (Some(version), Some(cipher)) => format!("{version} {cipher}").into(),
            (Some(version), None) => version.into(),
            (None, _) => TLS_OF_PROXY,
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// The header of bytes that begin with one, however they come; whatever is too short says nothing.
    fn parsed(bytes: &[u8]) -> Result<(Header, usize), Malformed> {
        let (header, length) = parse(bytes)?.ok_or(Malformed)?;
        for end in 0..length {
            assert_eq!(parse(&bytes[..end]), Ok(None), "the first {end}");
        }
        Ok((header, length))
    }

    fn client(address: &str, tls: Option<&str>) -> Header {
        Header::Client {
            address: address.parse().unwrap(),
            tls: tls.map(CompactString::from),
        }
    }

    fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([command, family]);
        bytes.extend((body.len() as u16).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn value(kind: u8, value: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend((value.len() as u16).to_be_bytes());
        bytes.extend(value);
        bytes
    }

    const V4: [u8; 12] = [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 1, 0xbb];

    #[test]
    fn the_first_form_is_read() {
        for (line, header) in [
            (
                "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
                client("192.0.2.1:56324", None),
            ),
            (
                "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n",
                client("[2001:db8::1]:1", None),
            ),
            ("PROXY UNKNOWN\r\n", Header::Own),
            ("PROXY UNKNOWN ::1 ::1 0 0\r\n", Header::Own),
        ] {
            let bytes = format!("{line}NICK alice\r\n");
            assert_eq!(parsed(bytes.as_bytes()), Ok((header, line.len())), "{line}");
        }
    }

    #[test]
    fn the_second_form_is_read() {
        let mut v6 = Vec::new();
        v6.extend("2001:db8::1".parse::<Ipv6Addr>().unwrap().octets());
        v6.extend([0; 16]);
        v6.extend([0, 80, 0, 81]);
        for (command, family, body, header) in [
            (0x21, 0x11, V4.to_vec(), client("192.0.2.1:56324", None)),
            (0x21, 0x21, v6, client("[2001:db8::1]:80", None)),
            (0x20, 0x11, V4.to_vec(), Header::Own),
            (0x20, 0x00, Vec::new(), Header::Own),
            (0x21, 0x00, Vec::new(), Header::Own),
        ] {
            let mut bytes = binary(command, family, &body);
            let length = bytes.len();
            bytes.extend(b"\x16\x03\x01");
            assert_eq!(parsed(&bytes), Ok((header, length)));
        }
    }

    #[test]
    fn tls_that_the_proxy_has_ended_is_named() {
        let mut names = value(PP2_SUBTYPE_SSL_VERSION, b"TLSv1.3");
        names.extend(value(PP2_SUBTYPE_SSL_CIPHER, b"TLS_AES_256_GCM_SHA384"));
        let control = value(PP2_SUBTYPE_SSL_VERSION, b"TLS\r\nv1.3");
        for (flags, names, tls) in [
            (1, &names[..], Some("TLSv1.3 TLS_AES_256_GCM_SHA384")),
            (1, &[], Some("TLS (proxy)")),
            (1, &control, Some("TLS (proxy)")),
            (0, &names, None),
        ] {
            let mut ssl = vec![flags, 0, 0, 0, 0];
            ssl.extend(names);
            let mut body = V4.to_vec();
            body.extend(value(0x05, b"an id"));
            body.extend(value(PP2_TYPE_SSL, &ssl));
            let (header, _) = parsed(&binary(0x21, 0x11, &body)).unwrap();
            assert_eq!(header, client("192.0.2.1:56324", tls));
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let long = format!("PROXY UNKNOWN {}", "x".repeat(TEXT_BYTES_MAX));
        for line in [
            "NICK alice\r\n",
            "PROXY \r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1\r\n",
            "PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n",
            "PROXY TCP4 2001:db8::1 2001:db8::2 1 1\r\n",
            "PROXY TCP6 192.0.2.1 198.51.100.1 56324 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n",
            &long,
        ] {
            assert_eq!(parse(line.as_bytes()), Err(Malformed), "{line}");
        }
        for bytes in [
            binary(0x11, 0x11, &V4),
            binary(0x22, 0x11, &V4),
            binary(0x21, 0x12, &V4),
            binary(0x21, 0x11, &V4[..11]),
            binary(0x21, 0x11, &[0; PROXY_HEADER_BYTES]),
        ] {
            assert_eq!(parse(&bytes), Err(Malformed), "{bytes:x?}");
        }
    }

    #[test]
    fn values_that_are_cut_short_are_left_out() {
        for rest in [
            &[0x20][..],
            &[0x20, 0, 9],
            &[0x20, 0, 1, 1],
            &[0x20, 0xff, 0xff],
        ] {
            let mut body = V4.to_vec();
            body.extend(rest);
            let (header, _) = parsed(&binary(0x21, 0x11, &body)).unwrap();
            assert_eq!(header, client("192.0.2.1:56324", None));
        }
    }

    #[tokio::test]
    async fn what_comes_after_the_header_is_not_lost() {
        let mut stream = &b"PROXY UNKNOWN\r\nNICK alice\r\n"[..];
        let mut opening = Vec::new();
        assert_eq!(read(&mut stream, &mut opening).await, Some(Header::Own));
        opening.extend(stream);
        assert_eq!(opening, b"NICK alice\r\n");
        for wrong in [&b"NICK alice\r\n"[..], b"PROXY UNKN", b""] {
            assert_eq!(read(&mut { wrong }, &mut Vec::new()).await, None);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_header_or_none(
            start in prop_oneof![Just(TEXT), Just(SIGNATURE), Just(&b""[..])],
            rest in vec(any::<u8>(), 0..200),
        ) {
            let bytes = [start, &rest].concat();
            if let Ok(Some((_, length))) = parse(&bytes) {
                prop_assert!(length <= bytes.len());
                // What follows changes nothing.
                prop_assert_eq!(parse(&bytes), parse(&bytes[..length]));
            }
        }
    }
}
