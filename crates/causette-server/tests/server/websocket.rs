//! IRC over WebSocket, as a client on the wire meets it.

use crate::support::Host;
use std::io::{BufRead, BufReader, Read, Write};

/// Someone who speaks messages.
pub(crate) struct Socket<S> {
    stream: BufReader<S>,
    pub(crate) head: String,
}

impl<S: Read + Write> Socket<S> {
    /// Asks for WebSocket on a path, with further headers, and reads the head of the answer.
    pub(crate) fn ask(mut stream: S, path: &str, headers: &str) -> Self {
        // The key and its answer are the example of <https://www.rfc-editor.org/rfc/rfc6455#section-1.3>.
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\n\
             Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Version: 13\r\nOrigin: https://elsewhere.example\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
        }
        Self { stream, head }
    }

    pub(crate) fn open(stream: S, path: &str, headers: &str) -> Self {
        let socket = Self::ask(stream, path, headers);
        let head = &socket.head;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(
            head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            "{head}"
        );
        socket
    }

    pub(crate) fn send(&mut self, opcode: u8, payload: &[u8]) {
        let mask = [1, 2, 3, 4];
        let mut frame = vec![0x80 | opcode, 0x80 | 126];
        frame.extend((payload.len() as u16).to_be_bytes());
        frame.extend(mask);
        let payload = payload.iter().zip(mask.iter().cycle());
        frame.extend(payload.map(|(byte, mask)| byte ^ mask));
        self.stream.get_mut().write_all(&frame).unwrap();
    }

    /// The next frame: its opcode and its payload.
    fn frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).unwrap();
        assert!(head[0] & 0xf0 == 0x80 && head[1] & 0x80 == 0, "{head:x?}");
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                self.stream.read_exact(&mut length).unwrap();
                u16::from_be_bytes(length).into()
            }
            127 => panic!("no line is that long"),
            length => length.into(),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).unwrap();
        (head[0] & 0x0f, payload)
    }

    /// The next message that contains a text, of a kind, and whatever else is whole lines without their ends.
    pub(crate) fn expect(&mut self, opcode: u8, text: &str) -> String {
        loop {
            let (kind, payload) = self.frame();
            let line = String::from_utf8(payload).unwrap();
            assert_eq!(kind, opcode, "{line}");
            assert!(!line.contains(['\r', '\n']), "{line}");
            if line.contains(text) {
                return line;
            }
        }
    }
}

#[test]
fn a_conversation_goes_over_websocket_in_clear_and_over_tls() {
    let host = Host::start("");
    let mut alice = Socket::open(host.connect(0), "/ws", "");
    assert!(!alice.head.contains("sec-websocket-protocol"));
    alice.send(1, b"NICK alice");
    alice.send(1, b"USER a 0 * :Alice\r\n");
    alice.expect(1, " 001 ");

    let protocols = "Sec-WebSocket-Protocol: chat, binary.ircv3.net, text.ircv3.net\r\n";
    let mut bob = Socket::open(host.tls(), "/any/other/path", protocols);
    assert!(
        bob.head
            .contains("sec-websocket-protocol: binary.ircv3.net\r\n"),
        "{}",
        bob.head
    );
    bob.send(2, b"NICK bob");
    bob.send(1, b"USER b 0 * :Bob");
    bob.expect(2, " 001 ");

    let metrics = host.get("/metrics", "");
    for transport in ["ws", "wss"] {
        let line = format!("causette_connections{{transport=\"{transport}\"}} 1\n");
        assert!(metrics.contains(&line), "{metrics}");
    }

    alice.send(9, b"there?");
    // What came before it may still be on its way.
    let pong = std::iter::repeat_with(|| alice.frame()).find(|(kind, _)| *kind != 1);
    assert_eq!(pong, Some((10, b"there?".to_vec())));

    bob.send(2, b"QUIT :bye");
    bob.expect(2, "ERROR :");
    assert_eq!(bob.frame(), (8, 1000_u16.to_be_bytes().to_vec()));
    alice.send(8, &1001_u16.to_be_bytes());
    let end = std::iter::repeat_with(|| alice.frame()).find(|(kind, _)| *kind == 8);
    assert_eq!(end, Some((8, 1001_u16.to_be_bytes().to_vec())));
}

#[test]
fn what_is_no_websocket_is_told_what_would_be() {
    let host = Host::start(
        "[[listener]]\naddress = \"127.0.0.1:0\"\nkind = \"websocket\"\n\
         [[listener]]\naddress = \"127.0.0.1:0\"\nkind = \"irc\"\n",
    );
    for path in ["/ws", "/", "/metrics"] {
        let answer = host.get(path, "");
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("sec-websocket-version: 13\r\n"), "{answer}");
    }
    // IRC is not spoken here, and over there nothing else is.
    let mut stream = host.connect(0);
    stream.write_all(b"NICK alice\r\n").unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
    let mut stream = host.connect(1);
    stream.write_all(b"GET /ws HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
    Socket::open(host.connect(0), "/", "");
}

#[test]
fn a_request_that_lacks_something_is_refused() {
    let host = Host::start("");
    for (headers, status) in [
        ("Upgrade: websocket\r\n", "426"),
        ("Upgrade: websocket\r\nSec-WebSocket-Version: 12\r\n", "426"),
        (
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n",
            "400",
        ),
        ("Upgrade: h2c\r\n", "426"),
    ] {
        let answer = host.get("/ws", headers);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{headers}: {answer}"
        );
    }
}
