//! What frames say, and what must not be said.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame as a client sends it.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    super::frame(0, payload, &mut frame);
    let head = frame.len() - payload.len();
    frame[0] = first;
    frame[1] |= MASKED;
    frame.truncate(head);
    frame.extend(MASK);
    let payload = payload.iter().zip(MASK.iter().cycle());
    frame.extend(payload.map(|(byte, mask)| byte ^ mask));
    frame
}

/// Everything that the bytes say, pushed in pieces of a size.
fn said(bytes: &[u8], piece: usize) -> Vec<Said> {
    let mut decoder = Decoder::default();
    let mut said = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.push(piece);
        while let Some(next) = decoder.next() {
            said.push(next);
        }
    }
    if decoder.begun.is_none() {
        assert_eq!(decoder.message.capacity(), 0, "nothing is kept");
    }
    said
}

fn message(text: &str) -> Said {
    Said::Message(text.as_bytes().to_vec())
}

#[test]
fn the_example_of_the_specification_is_read() {
    // <https://www.rfc-editor.org/rfc/rfc6455#section-5.7>
    let hello = [
        0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
    ];
    assert_eq!(said(&hello, 100), [message("Hello")]);
    assert_eq!(masked(0x81, b"Hello"), hello);
    let mut ours = Vec::new();
    encode(b"Hello\r\n", Carriage::Text, &mut ours);
    assert_eq!(ours, [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
}

#[test]
fn messages_come_whole_however_their_bytes_come() {
    let long = "é".repeat(300);
    let largest = "x".repeat(MESSAGE_BYTES_MAX);
    let mut bytes = masked(0x81, b"NICK alice");
    bytes.extend(masked(0x01, "PRIVMSG #th\u{e9}".as_bytes()));
    // A question may come between the parts of a message.
    bytes.extend(masked(0x89, b"there?"));
    bytes.extend(masked(0x00, b""));
    bytes.extend(masked(0x80, b" :bonjour"));
    bytes.extend(masked(0x8a, b"an answer to nothing"));
    bytes.extend(masked(0x82, &[0xff, 0xfe]));
    bytes.extend(masked(0x81, long.as_bytes()));
    bytes.extend(masked(0x81, largest.as_bytes()));
    bytes.extend(masked(0x88, &[0x03, 0xe9, b'b', b'y', b'e']));
    bytes.extend(masked(0x81, b"after the end"));
    let expected = [
        message("NICK alice"),
        Said::Ping(b"\x8a\x06there?".to_vec()),
        Said::Nothing,
        message("PRIVMSG #thé :bonjour"),
        Said::Nothing,
        Said::Message(vec![0xff, 0xfe]),
        message(&long),
        message(&largest),
        Said::Close(Code(1001)),
    ];
    for piece in [1, 2, 7, 4096, bytes.len()] {
        assert_eq!(said(&bytes, piece), expected, "in pieces of {piece}");
    }
}

#[test]
fn between_two_messages_nothing_is_kept() {
    let mut decoder = Decoder::default();
    decoder.push(&masked(0x81, &[b'x'; 5000]));
    assert!(decoder.next().is_some() && decoder.next().is_none());
    assert_eq!(decoder.bytes.capacity() + decoder.message.capacity(), 0);
}

#[test]
fn what_is_too_long_to_be_kept_is_read_to_its_end_and_keeps_its_beginning() {
    let mut long = b"@label=7 PRIVMSG #a :".to_vec();
    long.resize(3 * MESSAGE_BYTES_MAX, b'x');
    let beginning = long[..MESSAGE_BYTES_MAX].to_vec();
    let mut bytes = masked(0x81, &long);
    // In parts, with a question between them and nothing in the last.
    let (first, second) = long.split_at(MESSAGE_BYTES_MAX + 5);
    bytes.extend(masked(0x01, first));
    bytes.extend(masked(0x89, b"there?"));
    bytes.extend(masked(0x00, second));
    bytes.extend(masked(0x80, b""));
    bytes.extend(masked(0x81, b"PING 1"));
    for step in [1, 4096, bytes.len()] {
        let found = said(&bytes, step);
        let [
            Said::TooLong(one),
            Said::Ping(_),
            Said::TooLong(other),
            Said::Message(ping),
        ] = &found[..]
        else {
            panic!("{} found", found.len());
        };
        assert_eq!((one, other), (&beginning, &beginning));
        assert_eq!(ping, b"PING 1");
    }
}

#[test]
fn what_must_not_be_said_ends_with_its_code() {
    let mut begun_twice = masked(0x01, b"a");
    begun_twice.extend(masked(0x81, b"b"));
    let mut too_long = masked(0x01, &vec![b'x'; ENDLESS_BYTES_MAX]);
    too_long.extend(masked(0x80, b"x"));
    let mut announced = vec![0x82, MASKED | 127];
    announced.extend(u64::MAX.to_be_bytes());
    for (bytes, code) in [
        (vec![0x81, 0x01, b'x'], Code::PROTOCOL),
        (masked(0xc1, b"compressed"), Code::PROTOCOL),
        (masked(0x83, b"no such kind"), Code::PROTOCOL),
        (masked(0x80, b"goes on from nothing"), Code::PROTOCOL),
        (masked(0x09, b"a question in parts"), Code::PROTOCOL),
        (masked(0x89, &[b'x'; 126]), Code::PROTOCOL),
        (masked(0x88, &[3]), Code::PROTOCOL),
        (masked(0x88, &[0x03, 0xed]), Code::PROTOCOL),
        (masked(0x88, &[0x03, 0xe8, 0xff]), Code::PROTOCOL),
        (begun_twice, Code::PROTOCOL),
        (masked(0x81, &[0xff, 0xfe]), Code::INVALID),
        (too_long, Code::TOO_BIG),
        // Refused before any of it is waited for.
        (announced, Code::TOO_BIG),
    ] {
        let said = said(&bytes, 3);
        assert_eq!(said, [Said::Fault(code)], "{bytes:x?}");
    }
}

#[test]
fn every_line_is_a_message_of_its_own() {
    let mut frames = Vec::new();
    encode(b":a PING\r\n\r\n:b PONG\r\n", Carriage::Binary, &mut frames);
    assert_eq!(frames, b"\x82\x07:a PING\x82\x07:b PONG");
    for (length, head) in [
        (125, &[0x81, 125][..]),
        (126, &[0x81, 126, 0, 126]),
        (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let mut frames = Vec::new();
        encode(&vec![b'x'; length], Carriage::Text, &mut frames);
        assert!(frames.starts_with(head) && frames.len() == head.len() + length);
    }
}

#[test]
fn an_answer_and_an_end_are_frames_already() {
    let mut frames = Vec::new();
    encode(b"\x8a\x03abc", Carriage::Text, &mut frames);
    encode_close(Code::NORMAL, &mut frames);
    assert_eq!(frames, b"\x8a\x03abc\x88\x02\x03\xe8");
}

proptest! {
    #[test]
    fn whatever_comes_says_the_same_in_whatever_pieces(bytes in vec(any::<u8>(), 0..300), piece in 1..9_usize) {
        prop_assert_eq!(said(&bytes, piece), said(&bytes, 300));
    }

    #[test]
    fn what_a_client_says_is_what_we_hear(
        messages in vec(vec(any::<u8>(), 0..200), 0..5),
        piece in 1..50_usize,
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|message| masked(0x82, message)).collect();
        let heard: Vec<Said> = messages.into_iter().map(Said::Message).collect();
        prop_assert_eq!(said(&bytes, piece), heard);
    }
}
