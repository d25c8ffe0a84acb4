//! How long what people write may be, so that whoever sees it sees all of it: what a line has room for beside the names.

use crate::denied::{Denied, Why};
use crate::limits;
use crate::settings::Settings;
use causette_proto::{CompactString, split};
use std::borrow::Cow;

/// Bytes of a line without its tags and its end. <https://modern.ircdocs.horse/#message-format>
pub const BODY_BYTES: usize = 510;

/// Bytes of the name that stands for the address of a guest.
const CLOAK_BYTES: usize = 24;

/// Bytes of the number of members in LIST.
const COUNT_BYTES: usize = 6;

/// Bytes of the word before an alert, and of when it was where somebody is shown it later.
const ALERT_WORD_BYTES: usize = 36;

/// Bytes of the sentences around the reason of a KILL or DIE, without the name in them.
const SENTENCE_BYTES: usize = 64;

impl Settings {
    /// Where people may object, as the texts take it that say so.
    pub(crate) fn contact_or_none(&self) -> &str {
        if self.contact.is_empty() {
            "none"
        } else {
            &self.contact
        }
    }

    /// Bytes of the longest nickname, which may be from before they became shorter.
    fn nick_bytes(&self) -> usize {
        self.limits.nick.max(self.longest.nick)
    }

    /// Bytes of the longest name of a channel.
    fn channel_bytes(&self) -> usize {
        self.limits.channel.max(self.longest.channel)
    }

    /// Bytes of the longest `:nick!user@host`.
    fn source_bytes(&self) -> usize {
        let nick = self.nick_bytes();
        let host = CLOAK_BYTES.max("account/".len() + nick);
        ":!@".len() + nick + limits::USERNAME_BYTES + host
    }

    /// What is left of a line behind heads of so many bytes, whichever is the longest.
    fn left<const HEADS: usize>(wanted: usize, heads: [usize; HEADS]) -> usize {
        let head = heads.into_iter().max().unwrap_or_default();
        wanted.min(BODY_BYTES.saturating_sub(head)).max(1)
    }

    /// Bytes of a topic: `limits.topic`, or what fits on the lines that show it, whatever the names. TOPICLEN.
    pub(crate) fn topic_bytes(&self) -> usize {
        let (nick, channel) = (self.nick_bytes(), self.channel_bytes());
        let set = self.source_bytes() + " TOPIC  :".len() + channel;
        let listed = ": 322    :".len() + self.server.len() + nick + channel + COUNT_BYTES;
        Self::left(self.limits.topic, [set, listed])
    }

    /// Bytes of the reason of a KICK, PART, QUIT or KILL: `limits.kick`, or what fits. KICKLEN.
    pub(crate) fn kick_bytes(&self) -> usize {
        let (nick, channel) = (self.nick_bytes(), self.channel_bytes());
        let kick = self.source_bytes() + " KICK   :".len() + channel + nick;
        let kill = self.source_bytes() + " QUIT :".len() + SENTENCE_BYTES + nick;
        Self::left(self.limits.kick, [kick, kill])
    }

    /// Bytes of an alert: what fits on a line, whoever reads it.
    pub fn alert_bytes(&self) -> usize {
        let told = ": NOTICE  :".len() + self.server.len() + self.nick_bytes() + ALERT_WORD_BYTES;
        Self::left(BODY_BYTES, [told])
    }

    /// Bytes of why the server stops, with the words around it: what fits whoever is told.
    pub fn stop_bytes(&self) -> usize {
        let quit = self.source_bytes() + " QUIT :".len() + SENTENCE_BYTES / 2;
        Self::left(BODY_BYTES, [quit])
    }

    /// Bytes of what is said under a key: `limits.metadata_value_bytes`, or what fits. `max-value-bytes`.
    pub(crate) fn metadata_bytes(&self) -> usize {
        let names = self.nick_bytes() + self.nick_bytes().max(self.channel_bytes());
        let told = ": 761    * :".len() + self.server.len() + names + self.metadata.key_bytes;
        Self::left(self.metadata.value_bytes, [told])
    }

    /// Bytes of what somebody leaves on going away: `limits.away`, or what fits. AWAYLEN.
    pub(crate) fn away_bytes(&self) -> usize {
        let away = self.source_bytes() + " AWAY :".len();
        let told = ": 301   :".len() + self.server.len() + 2 * self.nick_bytes();
        Self::left(self.limits.away, [away, told])
    }
}

/// A body as it may leave: one line, no longer than a line may be. What people send is refused or cut before, with a word to
/// them; this is for what is longer to one reader than to others, and for texts that come from elsewhere.
pub(crate) fn fit(mut body: String) -> String {
    if body.len() > BODY_BYTES {
        body.truncate(split::cut(&body, BODY_BYTES).len());
    }
    // Without an end before the last byte, so that many are looked at at a time: most bodies have none of them.
    let ends_line = |byte| matches!(byte, b'\r' | b'\n' | b'\0');
    if body
        .bytes()
        .fold(false, |found, byte| found | ends_line(byte))
    {
        body = body.replace(['\r', '\n', '\0'], " ");
    }
    body
}

/// Bytes of text that fit on a line `:source VERB words :text`, at most `max`. Clients can reckon with the same: everybody sees the
/// source that its person is shown.
pub fn text_bytes(source: &str, verb: &str, words: &[&str], max: usize) -> usize {
    let words: usize = words.iter().map(|word| word.len() + 1).sum();
    BODY_BYTES
        .saturating_sub(source.len() + verb.len() + words + ":  :".len())
        .min(max)
}

/// A text that stands beside what a command does, cut between characters where it is longer than it may be.
#[derive(Debug)]
pub(crate) struct Cut {
    /// What is left of it.
    pub(crate) kept: CompactString,
    /// Bytes of it that are not in `kept`.
    pub(crate) missing: usize,
    /// Bytes that it may have.
    pub(crate) max: usize,
}

impl Cut {
    pub(crate) fn of(text: &str, max: usize) -> Self {
        let kept = split::cut(text, max);
        Self {
            kept: kept.into(),
            missing: text.len() - kept.len(),
            max,
        }
    }
}

/// What those who run the server write to people, as it is told: on one line, and without what nobody sees, or what turns or hides what
/// stands beside it.
pub fn plain(text: &str) -> String {
    let seen = text.chars().filter_map(|char| match char {
        '\r' | '\n' | '\t' | '\0' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        char if char.is_control() => None,
        // Directions; <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            None
        }
        // No width; joiners stay, which words and pictures are made with.
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => None,
        // Tags.
        '\u{e0000}'..='\u{e007f}' => None,
        char => Some(char),
    });
    let seen: String = seen.collect();
    let ends = |char: char| char.is_whitespace() || matches!(char, '\u{200c}' | '\u{200d}');
    seen.trim_matches(ends).to_owned()
}

/// The reason that a person is told and the register keeps, of so many bytes at most. Nobody is touched without one.
pub(crate) fn reason(text: &str, max: usize) -> Result<Cut, Denied> {
    let text = plain(text);
    if text.is_empty() {
        return Err(Denied::new(Why::NoReason, "reason-needed", &[]));
    }
    Ok(Cut::of(&text, max))
}

/// How much of a parameter is repeated before a text, so that room is left for the text: any channel's name goes through.
pub(crate) const MIDDLE_BYTES: usize = 200;

/// A parameter that is not the last one: without the spaces and the leading colon that would change its place, and not too
/// long.
pub(crate) fn middle(param: &str) -> Cow<'_, str> {
    word(param, MIDDLE_BYTES)
}

/// The same, with so many bytes at most.
pub(crate) fn word(param: &str, max: usize) -> Cow<'_, str> {
    if !param.is_empty() && !param.starts_with(':') && !param.contains(' ') {
        return Cow::Borrowed(split::cut(param, max));
    }
    let word = param
        .trim_start_matches(':')
        .split(' ')
        .next()
        .unwrap_or_default();
    if word.is_empty() {
        Cow::Borrowed("*")
    } else {
        Cow::Owned(split::cut(word, max).to_owned())
    }
}

/// The text of a message, each line cut into pieces that fit on one: after `\r` a line goes on.
pub fn in_pieces(text: &str, max: usize) -> Cow<'_, str> {
    if text.split(['\n', '\r']).all(|piece| piece.len() <= max) {
        return Cow::Borrowed(text);
    }
    let mut fitted = String::with_capacity(text.len() + text.len() / max.max(1));
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            fitted.push('\n');
        }
        for (index, mut piece) in line.split('\r').enumerate() {
            if index > 0 {
                fitted.push('\r');
            }
            while piece.len() > max {
                let part = split::cut(piece, max);
                if part.is_empty() {
                    // Not even one character fits: nothing that people choose makes a line that full.
                    break;
                }
                fitted.push_str(part);
                fitted.push('\r');
                piece = &piece[part.len()..];
            }
            fitted.push_str(piece);
        }
    }
    Cow::Owned(fitted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::reserved;
    use crate::settings::Longest;

    #[test]
    fn a_reason_is_what_people_see_of_it() {
        assert_eq!(plain("  one\r\ntwo\u{202e}\u{3}4 \u{200b}"), "one  two4");
        assert_eq!(plain("\u{feff}\u{2066}a\u{200d}b\u{2069}"), "a\u{200d}b");
        let cut = reason(" spam\u{7}mer ", 5).unwrap();
        assert_eq!((cut.kept.as_str(), cut.missing), ("spamm", 2));
        for nothing in ["", " \t", "\u{200b}\u{200d}", "\u{1}\r\n"] {
            assert_eq!(
                reason(nothing, 5).unwrap_err().why,
                Why::NoReason,
                "{nothing:?}"
            );
        }
    }

    #[test]
    fn lines_that_do_not_fit_go_on_in_the_next() {
        assert_eq!(in_pieces("abc\n\ndefgh\rij", 3), "abc\n\ndef\rgh\rij");
        assert_eq!(in_pieces("éé", 3), "é\ré");
        assert!(matches!(in_pieces("ab\nc\rd", 2), Cow::Borrowed(_)));
    }

    #[test]
    fn what_005_promises_fits_whatever_the_names() {
        for (nick, channel, server, before) in [
            (1, 2, 1, false),
            (32, 64, 16, false),
            (32, 64, 63, false),
            (64, 200, 63, false),
            (64, 200, 63, true),
        ] {
            let mut settings = Settings {
                server: "s".repeat(server).into(),
                ..Settings::default()
            };
            if before {
                // More was allowed then.
                settings.longest = Longest { nick, channel };
            } else {
                settings.limits.nick = nick;
                settings.limits.channel = channel;
            }
            let (nick, channel) = ("n".repeat(nick), "c".repeat(channel));
            let user = "u".repeat(limits::USERNAME_BYTES);
            let source = format!(":{nick}!{user}@account/{nick}");
            let server = &settings.server;
            let administration = format!(":{}", reserved::administration(server));
            let topic = "t".repeat(settings.topic_bytes());
            let reason = "r".repeat(settings.kick_bytes());
            let away = "a".repeat(settings.away_bytes());
            for line in [
                format!("{source} TOPIC {channel} :{topic}"),
                format!(":{server} 332 {nick} {channel} :{topic}"),
                format!(":{server} 322 {nick} {channel} 100000 :{topic}"),
                format!("{source} KICK {channel} {nick} :{reason}"),
                format!("{source} PART {channel} :{reason}"),
                format!("{administration} KILL {nick} :{reason}"),
                format!("{source} QUIT :Quit: {reason}"),
                format!("{source} QUIT :Déconnecté par {nick} : {reason}"),
                format!("{source} AWAY :{away}"),
                format!(":{server} 301 {nick} {nick} :{away}"),
            ] {
                assert!(line.len() <= BODY_BYTES, "{} bytes: {line}", line.len());
            }
        }
    }

    #[test]
    fn a_configuration_that_asks_for_less_gets_less() {
        let mut settings = Settings::default();
        settings.limits.topic = 80;
        settings.limits.kick = 40;
        settings.limits.away = 20;
        let lengths = [
            settings.topic_bytes(),
            settings.kick_bytes(),
            settings.away_bytes(),
        ];
        assert_eq!(lengths, [80, 40, 20]);
    }
}
