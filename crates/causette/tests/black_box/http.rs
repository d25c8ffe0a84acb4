//! HTTP as curl speaks it, in clear on loopback: one request, one answer, and the end.

use crate::chat::PASSWORD;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (is, value) = line.split_once(':')?;
            is.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        format!("{}\n\n{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

/// What somebody shows who asks with the password of every test.
pub(crate) fn authorization(name: &str) -> String {
    let secret = BASE64_STANDARD.encode(format!("{name}:{PASSWORD}"));
    format!("Authorization: Basic {secret}")
}

/// Asks for something, with headers and a body.
pub(crate) fn ask(server: SocketAddr, line: &str, headers: &[&str], body: &[u8]) -> Answer {
    try_ask(server, line, headers, body).unwrap()
}

/// The same, of a server that may be killed meanwhile.
pub(crate) fn try_ask(
    server: SocketAddr,
    line: &str,
    headers: &[&str],
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(server)?;
    send(&mut stream, line, headers, body.len())?;
    // Whoever refuses a body may do so before all of it has come.
    let _ = stream.write_all(body);
    answer(&mut stream)
}

/// Sends the head of a request, of whose body there are so many bytes.
pub(crate) fn send(
    stream: &mut TcpStream,
    line: &str,
    headers: &[&str],
    length: usize,
) -> io::Result<()> {
    let length = match line.split(' ').next() {
        Some("GET" | "HEAD" | "OPTIONS" | "DELETE") => String::new(),
        _ => format!("Content-Length: {length}\r\n"),
    };
    let headers: String = headers
        .iter()
        .map(|header| format!("{header}\r\n"))
        .collect();
    let head =
        format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes())
}

/// Reads an answer to its end.
pub(crate) fn answer(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n");
    let end = end.ok_or_else(broken)?;
    let body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).map_err(io::Error::other)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let answer = Answer {
        status: status.ok_or_else(broken)?,
        head: head.trim_end().to_owned(),
        body,
    };
    // What was broken off is not taken for an answer.
    let length = answer.header("Content-Length");
    let length = length.and_then(|length| length.parse::<usize>().ok());
    match length {
        Some(length) if length != answer.body.len() && !answer.body.is_empty() => Err(broken()),
        _ => Ok(answer),
    }
}
