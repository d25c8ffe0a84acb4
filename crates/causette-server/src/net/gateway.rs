//! WEBIRC: the first line of a gateway, by which it says for whom it connects.
//! <https://ircv3.net/specs/extensions/webirc>

use causette_proto::Message;
use causette_proto::limits::BODY_BYTES_MAX;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt};

/// For whom a gateway connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its address; the port is 0 where the gateway does not say.
    pub(crate) address: SocketAddr,
    /// Whether it speaks TLS with the gateway.
    pub(crate) secure: bool,
}

/// Reads the line; what came after it is left in `opening`. `None` when it is no such line, or the connection ends.
pub(crate) async fn read<S: AsyncRead + Unpin>(
    stream: &mut S,
    opening: &mut Vec<u8>,
) -> Option<Client> {
    loop {
        if let Some(end) = opening.iter().position(|byte| *byte == b'\n') {
            let client = parse(&opening[..end]);
            opening.drain(..=end);
            return client;
        }
        let missing = BODY_BYTES_MAX.saturating_sub(opening.len()) as u64;
        if (&mut *stream).take(missing).read_buf(opening).await.ok()? == 0 {
            return None;
        }
    }
}

/// `WEBIRC password gateway hostname ip [:options]`. The password says nothing: what is trusted is the gateway's address. So
/// is the hostname, which others would not be shown anyway.
fn parse(line: &[u8]) -> Option<Client> {
    let message = Message::parse(line.strip_suffix(b"\r").unwrap_or(line)).ok()?;
    if message.command != "WEBIRC" {
        return None;
    }
    let address: IpAddr = message.params.get(3)?.parse().ok()?;
    let options = message.params.get(4).map_or("", |options| options.as_str());
    let port = options
        .split(' ')
        .find_map(|option| option.strip_prefix("remote-port=")?.parse().ok());
    Some(Client {
        address: SocketAddr::new(address.to_canonical(), port.unwrap_or(0)),
        secure: options.split(' ').any(|option| option == "secure"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_client_is_read_from_the_line() {
        for (line, address, secure) in [
            ("WEBIRC x gw host 192.0.2.1", "192.0.2.1:0", false),
            ("webirc x gw host 192.0.2.1 :secure\r", "192.0.2.1:0", true),
            (
                "WEBIRC x gw host 0::ffff:192.0.2.1 :local-port=6697 remote-port=41 secure",
                "192.0.2.1:41",
                true,
            ),
            ("WEBIRC x gw host 0::1 :insecure", "[::1]:0", false),
        ] {
            let expected = Client {
                address: address.parse().unwrap(),
                secure,
            };
            assert_eq!(parse(line.as_bytes()), Some(expected), "{line}");
        }
        for line in [
            "WEBIRC x gw host",
            "WEBIRC x gw host nowhere",
            "WEBIRC x gw 192.0.2.1 :secure",
            "NICK alice",
            "",
        ] {
            assert_eq!(parse(line.as_bytes()), None, "{line}");
        }
    }

    #[tokio::test]
    async fn what_comes_after_the_line_is_not_lost() {
        let mut opening = b"WEBIRC x g".to_vec();
        let mut stream = &b"w host 192.0.2.1\r\nNICK alice\r\n"[..];
        assert!(read(&mut stream, &mut opening).await.is_some());
        opening.extend(stream);
        assert_eq!(opening, b"NICK alice\r\n");
        let endless = vec![b'x'; 2 * BODY_BYTES_MAX];
        assert_eq!(read(&mut &endless[..], &mut Vec::new()).await, None);
    }
}
