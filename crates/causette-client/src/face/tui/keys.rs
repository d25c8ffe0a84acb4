//! What a terminal sends, understood: keys, the mouse, pastes.
//!
//! The same events that crossterm makes, with one difference for which this is here: a paste whose end never comes, since a
//! connection or another program has swallowed it, does not lock the keyboard. A silence ends it. Nor is any of it taken for
//! keys, however long it lasts, however large it is, and where it was only late: an Enter in it would send a line.
//! <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use std::time::{Duration, Instant};

/// After so long an escape is the key of that name, and not the beginning of another.
const ESCAPE_WAITS: Duration = Duration::from_millis(50);

/// The same for one that has gone on: a slow line brings the rest later.
const SEQUENCE_WAITS: Duration = Duration::from_millis(300);

/// Silence after which a paste is over, and how long it may last until what there is of it is given.
const PASTE_WAITS: Duration = Duration::from_millis(500);
const PASTE_LASTS: Duration = Duration::from_secs(10);

/// Bytes of a paste that are given at once; what is more is the next one.
const PASTE_BYTES_MAX: usize = 1_024 * 1_024;

/// Bytes of a sequence; what is longer is none.
const SEQUENCE_BYTES_MAX: usize = 64;

const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Takes bytes, and gives what they mean.
#[derive(Debug, Default)]
pub struct Decoder {
    pending: Vec<u8>,
    /// When the paste has begun that has not ended, or the part of it that is pending.
    paste: Option<Instant>,
    /// Whether a paste was ended by a silence and its own end has not come.
    is_unended: bool,
}

/// How far a sequence is understood.
enum Step {
    /// More is to come.
    Wait,
    /// So many bytes are this, or nothing that is known.
    Took(usize, Option<Event>),
}

impl Decoder {
    /// Takes what has come.
    pub fn push(&mut self, now: Instant, bytes: &[u8], events: &mut Vec<Event>) {
        // Nobody presses Enter and another key at once: that is the rest of the paste. With Alt it is one key of two bytes.
        let is_typed = bytes.len() == 1 || bytes == b"\x1b\r" || !bytes.contains(&b'\r');
        if self.is_unended && self.paste.is_none() && !is_typed {
            self.paste = Some(now);
        }
        for &byte in bytes {
            self.pending.push(byte);
            self.advance(now, events);
        }
    }

    /// How long what is pending waits for more.
    pub fn waits(&self) -> Option<Duration> {
        match self.paste {
            Some(_) => Some(PASTE_WAITS),
            None => match self.pending.len() {
                0 => None,
                1 => Some(ESCAPE_WAITS),
                _ => Some(SEQUENCE_WAITS),
            },
        }
    }

    /// Nothing more has come in that time.
    pub fn quiet(&mut self, events: &mut Vec<Event>) {
        if self.paste.take().is_some() {
            self.is_unended = true;
            self.give_pasted(0, events);
            return;
        }
        // What began like a sequence and did not become one is a key with Alt, or nothing.
        match &std::mem::take(&mut self.pending)[..] {
            [0x1b] => events.push(key(KeyCode::Esc, KeyModifiers::NONE)),
            [0x1b, letter @ (b'[' | b'O')] => {
                let code = KeyCode::Char(char::from(*letter));
                events.push(key(code, KeyModifiers::ALT));
            }
            _ => {}
        }
    }

    fn advance(&mut self, now: Instant, events: &mut Vec<Event>) {
        if let Some(begun) = self.paste {
            if self.pending.ends_with(PASTE_ENDS) {
                self.paste = None;
                self.is_unended = false;
                self.pending.truncate(self.pending.len() - PASTE_ENDS.len());
                self.give_pasted(0, events);
            } else if self.pending.len() >= PASTE_BYTES_MAX
                || now.saturating_duration_since(begun) > PASTE_LASTS
            {
                self.paste = Some(now);
                self.give_pasted(begun_at_end(&self.pending), events);
            }
            return;
        }
        if self.pending == PASTE_BEGINS || self.pending == PASTE_ENDS {
            self.paste = (self.pending == PASTE_BEGINS).then_some(now);
            self.is_unended = false;
            self.pending.clear();
            return;
        }
        if let Step::Took(count, event) = step(&self.pending) {
            self.pending.drain(..count.min(self.pending.len()));
            events.extend(event);
        } else if self.pending.len() > SEQUENCE_BYTES_MAX {
            self.pending.clear();
        }
    }

    /// Gives what is pending but for the last so many bytes.
    fn give_pasted(&mut self, kept: usize, events: &mut Vec<Event>) {
        let rest = self.pending.split_off(self.pending.len() - kept);
        let pasted = std::mem::replace(&mut self.pending, rest);
        if !pasted.is_empty() {
            events.push(Event::Paste(String::from_utf8_lossy(&pasted).into_owned()));
        }
    }
}

/// How many bytes at the end may be the beginning of something: of the mark that ends a paste, or of a character.
fn begun_at_end(bytes: &[u8]) -> usize {
    let mark = (1..PASTE_ENDS.len()).rev();
    let mut mark = mark.filter(|&count| bytes.ends_with(&PASTE_ENDS[..count]));
    let is_cut = |&count: &usize| {
        let text = bytes.len().checked_sub(count).map(|at| &bytes[at..]);
        let error = text.and_then(|text| std::str::from_utf8(text).err());
        error.is_some_and(|error| error.error_len().is_none() && error.valid_up_to() == 0)
    };
    mark.next().or_else(|| (1..4).find(is_cut)).unwrap_or(0)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::Wait,
        [0x1b] => Step::Wait,
        [0x1b, 0x1b, ..] => Step::Took(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [0x1b, b'O'] => Step::Wait,
        // The Enter of a keypad. Behind `ESC [` the same letter is the mouse.
        [0x1b, b'O', b'M', ..] => Step::Took(3, Some(key(KeyCode::Enter, KeyModifiers::NONE))),
        [0x1b, b'O', letter, ..] => Step::Took(3, lettered(*letter, KeyModifiers::NONE)),
        [0x1b, b'[', rest @ ..] => control_sequence(rest),
        [0x1b, rest @ ..] => match character(rest) {
            Step::Took(count, Some(Event::Key(pressed))) => {
                let modifiers = pressed.modifiers | KeyModifiers::ALT;
                Step::Took(count + 1, Some(key(pressed.code, modifiers)))
            }
            Step::Took(count, _) => Step::Took(count + 1, None),
            Step::Wait => Step::Wait,
        },
        _ => character(bytes),
    }
}

/// One character, of up to four bytes.
fn character(bytes: &[u8]) -> Step {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => {
            let character = text.chars().next();
            let count = character.map_or(1, char::len_utf8);
            return Step::Took(count, character.and_then(plain));
        }
        Err(error) => error,
    };
    match error.error_len() {
        None if error.valid_up_to() == 0 => Step::Wait,
        _ => Step::Took(1, None),
    }
}

/// What a character by itself is, with the control characters that stand for keys.
fn plain(character: char) -> Option<Event> {
    let control = |letter: u8| key(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    Some(match character {
        '\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        '\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        '\u{7f}' => key(KeyCode::Backspace, KeyModifiers::NONE),
        '\u{1b}' => key(KeyCode::Esc, KeyModifiers::NONE),
        '\0' => control(b' '),
        '\u{1}'..='\u{1a}' => control(character as u8 - 1 + b'a'),
        '\u{1c}'..='\u{1f}' => control(character as u8 - 0x1c + b'4'),
        other if other.is_uppercase() => key(KeyCode::Char(other), KeyModifiers::SHIFT),
        other if other.is_control() => return None,
        other => key(KeyCode::Char(other), KeyModifiers::NONE),
    })
}

/// What follows `ESC [`: parameters, and a letter that ends them.
fn control_sequence(rest: &[u8]) -> Step {
    match rest {
        // The five first keys of a Linux console.
        [b'['] => return Step::Wait,
        [b'[', letter @ b'A'..=b'E', ..] => {
            let code = KeyCode::F(letter - b'A' + 1);
            return Step::Took(4, Some(key(code, KeyModifiers::NONE)));
        }
        // The oldest form of the mouse: three bytes.
        [b'M', ..] if rest.len() < 4 => return Step::Wait,
        [b'M', ..] => return Step::Took(6, None),
        _ => {}
    }
    let Some(end) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return Step::Wait;
    };
    let count = 2 + end + 1;
    let Ok(text) = std::str::from_utf8(&rest[..end]) else {
        return Step::Took(count, None);
    };
    let event = match (text.strip_prefix('<'), rest[end]) {
        (Some(mouse), letter @ (b'M' | b'm')) => mouse_event(mouse, 0, letter == b'm'),
        // The form of rxvt, whose buttons are counted from a blank.
        (None, b'M') => mouse_event(text, u16::from(b' '), false),
        (Some(_), _) => None,
        (None, letter) => sequence_key(text, letter),
    };
    Step::Took(count, event)
}

fn sequence_key(text: &str, letter: u8) -> Option<Event> {
    let mut numbers = text.split(';').map(|number| {
        let number = number.split(':').next().unwrap_or_default();
        number.parse::<u32>().unwrap_or_default()
    });
    let first = numbers.next().unwrap_or_default();
    let modifiers = modifiers_of(numbers.next().unwrap_or(1));
    let code = match (letter, first) {
        (b'I', _) => return Some(Event::FocusGained),
        (b'O', _) => return Some(Event::FocusLost),
        (b'Z', _) => return Some(key(KeyCode::BackTab, modifiers | KeyModifiers::SHIFT)),
        (b'~', 1 | 7) => KeyCode::Home,
        (b'~', 2) => KeyCode::Insert,
        (b'~', 3) => KeyCode::Delete,
        (b'~', 4 | 8) => KeyCode::End,
        (b'~', 5) => KeyCode::PageUp,
        (b'~', 6) => KeyCode::PageDown,
        (b'~', 11..=15) => KeyCode::F(u8::try_from(first - 10).ok()?),
        (b'~', 17..=21) => KeyCode::F(u8::try_from(first - 11).ok()?),
        (b'~', 23 | 24) => KeyCode::F(u8::try_from(first - 12).ok()?),
        // The form in which some terminals send keys that have no other.
        (b'u', code) => match char::from_u32(code)? {
            '\r' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\u{1b}' => KeyCode::Esc,
            '\u{7f}' => KeyCode::Backspace,
            character => KeyCode::Char(character),
        },
        (b'~', _) => return None,
        (letter, _) => return lettered(letter, modifiers),
    };
    Some(key(code, modifiers))
}

/// Keys that a letter ends.
fn lettered(letter: u8, modifiers: KeyModifiers) -> Option<Event> {
    let code = match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    };
    Some(key(code, modifiers))
}

fn modifiers_of(parameter: u32) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let of = |bit: u32, modifier: KeyModifiers| {
        if bits & bit == 0 {
            KeyModifiers::NONE
        } else {
            modifier
        }
    };
    of(1, KeyModifiers::SHIFT) | of(2, KeyModifiers::ALT) | of(4, KeyModifiers::CONTROL)
}

/// `BUTTONS;COLUMN;ROW`, of which the buttons are counted from `first` and the others from one.
fn mouse_event(text: &str, first: u16, is_release: bool) -> Option<Event> {
    let mut numbers = text.split(';').map(str::parse::<u16>);
    let (buttons, column, row) = (
        numbers.next()?.ok()?.checked_sub(first)?,
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
    );
    let button = match buttons & 0b11 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (buttons & 0b1100_0000, buttons & 0b11, buttons & 0b10_0000) {
        (0b100_0000, 0, _) => MouseEventKind::ScrollUp,
        (0b100_0000, 1, _) => MouseEventKind::ScrollDown,
        (0, 3, _) => MouseEventKind::Moved,
        (0, _, 0) if is_release => MouseEventKind::Up(button),
        (0, _, 0) => MouseEventKind::Down(button),
        (0, _, _) => MouseEventKind::Drag(button),
        _ => return None,
    };
    let modifier = |bit: u16, modifier: KeyModifiers| {
        if buttons & bit == 0 {
            KeyModifiers::NONE
        } else {
            modifier
        }
    };
    Some(Event::Mouse(MouseEvent {
        kind,
        column: column.saturating_sub(1),
        row: row.saturating_sub(1),
        modifiers: modifier(4, KeyModifiers::SHIFT)
            | modifier(8, KeyModifiers::ALT)
            | modifier(16, KeyModifiers::CONTROL),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Vec<Event> {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        decoder.push(Instant::now(), bytes, &mut events);
        if decoder.waits().is_some() {
            decoder.quiet(&mut events);
        }
        events
    }

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Vec<Event> {
        vec![key(code, modifiers)]
    }

    #[test]
    fn keys_are_what_terminals_send_for_them() {
        use KeyModifiers as M;
        let cases: [(&[u8], KeyCode, M); 24] = [
            (b"a", KeyCode::Char('a'), M::NONE),
            ("é".as_bytes(), KeyCode::Char('é'), M::NONE),
            (b"A", KeyCode::Char('A'), M::SHIFT),
            (b"\r", KeyCode::Enter, M::NONE),
            (b"\n", KeyCode::Char('j'), M::CONTROL),
            (b"\x1a", KeyCode::Char('z'), M::CONTROL),
            (b"\x1f", KeyCode::Char('7'), M::CONTROL),
            (b"\x7f", KeyCode::Backspace, M::NONE),
            (b"\x1b", KeyCode::Esc, M::NONE),
            (b"\x1ba", KeyCode::Char('a'), M::ALT),
            (b"\x1b\r", KeyCode::Enter, M::ALT),
            (b"\x1b[A", KeyCode::Up, M::NONE),
            (b"\x1bOB", KeyCode::Down, M::NONE),
            (b"\x1b[1;3A", KeyCode::Up, M::ALT),
            (b"\x1b[1;5C", KeyCode::Right, M::CONTROL),
            (b"\x1b[Z", KeyCode::BackTab, M::SHIFT),
            (b"\x1b[3~", KeyCode::Delete, M::NONE),
            (b"\x1b[5~", KeyCode::PageUp, M::NONE),
            (b"\x1bOP", KeyCode::F(1), M::NONE),
            (b"\x1b[[B", KeyCode::F(2), M::NONE),
            (b"\x1b[15~", KeyCode::F(5), M::NONE),
            (b"\x1b[18~", KeyCode::F(7), M::NONE),
            (b"\x1b[24~", KeyCode::F(12), M::NONE),
            (b"\x1b[13;2u", KeyCode::Enter, M::SHIFT),
        ];
        for (bytes, code, modifiers) in cases {
            assert_eq!(decode(bytes), pressed(code, modifiers), "{bytes:?}");
        }
        assert_eq!(
            decode(b"\x1b[I\x1b[O"),
            [Event::FocusGained, Event::FocusLost]
        );
        assert_eq!(decode(b"\x1b[<0;5;7M").len(), 1);
        // The same of rxvt, where no form of the mouse is an Enter.
        assert_eq!(decode(b"\x1b[32;5;7M"), decode(b"\x1b[<0;5;7M"));
        let enter = pressed(KeyCode::Enter, KeyModifiers::NONE);
        for mouse in [&b"\x1b[35;9;5M"[..], b"\x1b[M", b"\x1b[1M", b"\x1b[M#)%"] {
            assert!(!decode(mouse).contains(&enter[0]), "{mouse:?}");
        }
        assert_eq!(decode(b"\x1bOM"), enter);
        // What is not known is nothing, and what follows it is understood.
        assert_eq!(
            decode(b"\x1b[99~\x1b[?1;2cx"),
            pressed(KeyCode::Char('x'), KeyModifiers::NONE)
        );
    }

    #[test]
    fn a_paste_is_one_event_and_one_without_an_end_ends_all_the_same() {
        assert_eq!(
            decode("\x1b[200~é\n/quit\r\x1b[201~x".as_bytes()),
            [
                Event::Paste("é\n/quit\r".to_owned()),
                key(KeyCode::Char('x'), KeyModifiers::NONE)
            ]
        );
        // By a silence.
        assert_eq!(decode(b"\x1b[200~abc"), [Event::Paste("abc".to_owned())]);
        // Its late end does nothing.
        assert!(decode(PASTE_ENDS).is_empty());
    }

    #[test]
    fn nothing_of_a_paste_is_taken_for_keys() {
        let paste = |text: &str| Event::Paste(text.to_owned());
        let plain = |code: KeyCode| key(code, KeyModifiers::NONE);
        let mut decoder = Decoder::default();
        let (mut events, now) = (Vec::new(), Instant::now());
        let mut all = |decoder: &mut Decoder, now: Instant, bytes: &[u8]| {
            decoder.push(now, bytes, &mut events);
            std::mem::take(&mut events)
        };
        // However large it is, wherever the bound cuts it.
        for cut in 0..8 {
            let text = "x".repeat(PASTE_BYTES_MAX - cut);
            let bytes = [
                PASTE_BEGINS,
                text.as_bytes(),
                "é".as_bytes(),
                PASTE_ENDS,
                b"y",
            ]
            .concat();
            let given = all(&mut decoder, now, &bytes);
            let (last, pasted) = given.split_last().unwrap();
            assert_eq!(*last, plain(KeyCode::Char('y')));
            let pasted = pasted.iter().map(|event| match event {
                Event::Paste(text) => text.as_str(),
                other => panic!("{other:?}"),
            });
            assert!(pasted.collect::<String>() == format!("{text}é"), "{cut}");
        }
        // However long it lasts.
        assert_eq!(all(&mut decoder, now, b"\x1b[200~a"), []);
        let later = now + PASTE_LASTS * 2;
        assert_eq!(all(&mut decoder, later, b"b\r/quit\r"), [paste("ab")]);
        assert_eq!(all(&mut decoder, later, PASTE_ENDS), [paste("\r/quit\r")]);
        // Where it goes on after a silence.
        assert_eq!(all(&mut decoder, now, b"\x1b[200~a"), []);
        for pasted in ["a", "b\r/quit\r", "c\r"] {
            let mut events = Vec::new();
            decoder.quiet(&mut events);
            assert_eq!(events, [paste(pasted)]);
            assert_eq!(all(&mut decoder, now, b"\r"), [plain(KeyCode::Enter)]);
            let more: &[u8] = if pasted == "a" { b"b\r/quit\r" } else { b"c\r" };
            assert_eq!(all(&mut decoder, now, more), []);
        }
        assert_eq!(all(&mut decoder, now, PASTE_ENDS), [paste("c\r")]);
        let typed = [plain(KeyCode::Char('x')), plain(KeyCode::Enter)];
        assert_eq!(all(&mut decoder, now, b"x\r"), typed, "and then it is over");
    }

    proptest! {
        /// Whatever comes, in whatever pieces, a key that is pressed behind it is one.
        #[test]
        fn nothing_locks_the_keyboard(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut decoder = Decoder::default();
            let mut events = Vec::new();
            decoder.push(Instant::now(), &bytes, &mut events);
            while decoder.waits().is_some() {
                decoder.quiet(&mut events);
            }
            events.clear();
            decoder.push(Instant::now(), b"x", &mut events);
            prop_assert_eq!(events, pressed(KeyCode::Char('x'), KeyModifiers::NONE));
        }
    }
}
