//! The standard replies that are sent. The code says them where it refuses, in no table of its own: this is the table, and
//! tests compare it with the sources and the transcripts.

use crate::sources;
use std::collections::BTreeSet;
use std::fs;

/// A standard reply. <https://ircv3.net/specs/extensions/standard-replies>
pub(crate) struct Reply {
    /// FAIL, NOTE or WARN.
    pub(crate) kind: &'static str,
    /// The command that it answers; `*` for any.
    pub(crate) command: &'static str,
    /// Its code.
    pub(crate) code: &'static str,
    /// Where the code is specified.
    pub(crate) spec: &'static str,
}

const OWN: &str = "https://ircv3.net/specs/extensions/standard-replies";
const CLIENT_BATCH: &str = "https://ircv3.net/specs/extensions/client-batch";
const CHATHISTORY: &str = "https://ircv3.net/specs/extensions/chathistory";
const MARKER: &str = "https://ircv3.net/specs/extensions/read-marker";
const MULTILINE: &str = "https://ircv3.net/specs/extensions/multiline";
const REDACTION: &str = "https://ircv3.net/specs/extensions/message-redaction";
const REGISTRATION: &str = "https://ircv3.net/specs/extensions/account-registration";
const RELAYING: &str = "https://github.com/ircv3/ircv3-specifications/pull/417";
const RENAMING: &str = "https://ircv3.net/specs/extensions/channel-rename";
const SETNAME: &str = "https://ircv3.net/specs/extensions/setname";
const UTF8: &str = "https://ircv3.net/specs/extensions/utf8-only";

/// Every standard reply, by kind, command and code.
pub(crate) const REPLIES: &[Reply] = &[
    fail("*", "ACCOUNT_REQUIRED", OWN),
    fail("*", "INVALID_UTF8", UTF8),
    fail("*", "TEMPORARILY_UNAVAILABLE", OWN),
    fail("BATCH", "MULTILINE_INVALID", MULTILINE),
    fail("BATCH", "MULTILINE_INVALID_TARGET", MULTILINE),
    fail("BATCH", "MULTILINE_MAX_BYTES", MULTILINE),
    fail("BATCH", "MULTILINE_MAX_LINES", MULTILINE),
    fail("BATCH", "TIMEOUT", CLIENT_BATCH),
    fail("CHATHISTORY", "INVALID_PARAMS", CHATHISTORY),
    fail("CHATHISTORY", "INVALID_TARGET", CHATHISTORY),
    fail("CHATHISTORY", "MESSAGE_ERROR", CHATHISTORY),
    fail("DEVICE", "INVALID_PARAMS", OWN),
    fail("DEVICE", "TOO_MANY_DEVICES", OWN),
    fail("DEVICE", "UNKNOWN_DEVICE", OWN),
    fail("LIST", "INVALID_CONDITION", OWN),
    fail("MARKREAD", "INTERNAL_ERROR", MARKER),
    fail("MARKREAD", "INVALID_PARAMS", MARKER),
    fail("MARKREAD", "NEED_MORE_PARAMS", MARKER),
    fail("MONITOR", "INVALID_TARGET", OWN),
    fail("NOTICE", "CANNOT_SEND", OWN),
    fail("NOTICE", "INVALID_TARGET", OWN),
    fail("NOTICE", "MESSAGE_HELD", OWN),
    fail("NOTICE", "NEED_MORE_PARAMS", OWN),
    fail("NOTICE", "TOO_MANY_TARGETS", OWN),
    fail("NS", "UNACCEPTABLE_PASSWORD", REGISTRATION),
    fail("NS", "WEAK_PASSWORD", REGISTRATION),
    fail("PRIVMSG", "MESSAGE_HELD", OWN),
    fail("REDACT", "INVALID_TARGET", REDACTION),
    fail("REDACT", "NEED_CAPABILITY", OWN),
    fail("REDACT", "REDACT_FORBIDDEN", REDACTION),
    fail("REDACT", "REDACT_WINDOW_EXPIRED", REDACTION),
    fail("REDACT", "UNKNOWN_MSGID", REDACTION),
    fail("REGISTER", "ACCOUNT_EXISTS", REGISTRATION),
    fail("REGISTER", "ALREADY_AUTHENTICATED", REGISTRATION),
    fail("REGISTER", "BAD_ACCOUNT_NAME", REGISTRATION),
    fail("REGISTER", "COMPLETE_CONNECTION_REQUIRED", REGISTRATION),
    fail("REGISTER", "INVALID_EMAIL", REGISTRATION),
    fail("REGISTER", "INVALID_INVITATION", OWN),
    fail("REGISTER", "INVITATION_REQUIRED", OWN),
    fail("REGISTER", "NEED_NICK", REGISTRATION),
    fail("REGISTER", "TEMPORARILY_UNAVAILABLE", REGISTRATION),
    fail("REGISTER", "UNACCEPTABLE_PASSWORD", REGISTRATION),
    fail("REGISTER", "WEAK_PASSWORD", REGISTRATION),
    fail("SETNAME", "CANNOT_CHANGE_REALNAME", SETNAME),
    fail("RELAYMSG", "INVALID_NICK", RELAYING),
    fail("RELAYMSG", "NEED_CAPABILITY", OWN),
    fail("RELAYMSG", "PRIVS_NEEDED", RELAYING),
    fail("RENAME", "CANNOT_RENAME", RENAMING),
    fail("RENAME", "CHANNEL_NAME_IN_USE", RENAMING),
    fail("SETNAME", "INVALID_REALNAME", SETNAME),
    fail("TAGMSG", "CANNOT_SEND", OWN),
    fail("TAGMSG", "INVALID_TARGET", OWN),
    fail("TAGMSG", "NEED_CAPABILITY", OWN),
    fail("TAGMSG", "NEED_MORE_PARAMS", OWN),
    fail("TAGMSG", "TOO_MANY_TARGETS", OWN),
    fail("VERIFY", "INVALID_CODE", REGISTRATION),
    note("DEVICE", "NO_DEVICES", OWN),
    note("NOTICE", "MESSAGE_WARNED", OWN),
    note("PRIVMSG", "MESSAGE_WARNED", OWN),
    note("TAGMSG", "MESSAGE_WARNED", OWN),
    note("TOPIC", "MESSAGE_WARNED", OWN),
    warn("*", "TEXT_CUT", OWN),
    warn("MODE", "TOO_MANY_MODES", OWN),
    warn("NOTICE", "MESSAGE_CUT", OWN),
    warn("PRIVMSG", "DCC_INSECURE", OWN),
    warn("PRIVMSG", "MESSAGE_CUT", OWN),
];

const fn fail(command: &'static str, code: &'static str, spec: &'static str) -> Reply {
    Reply {
        kind: "FAIL",
        command,
        code,
        spec,
    }
}

const fn note(command: &'static str, code: &'static str, spec: &'static str) -> Reply {
    Reply {
        kind: "NOTE",
        ..fail(command, code, spec)
    }
}

const fn warn(command: &'static str, code: &'static str, spec: &'static str) -> Reply {
    Reply {
        kind: "WARN",
        ..fail(command, code, spec)
    }
}

fn is_listed(kind: &str, command: &str, code: &str) -> bool {
    REPLIES.iter().any(|reply| {
        reply.kind == kind && reply.code == code && ["*", command].contains(&reply.command)
    })
}

#[test]
fn the_codes_are_those_of_the_sources() {
    // A code is several words in capitals, with underscores between them. Between quotation marks there are besides only the
    // numerics that a line is made with, the name under which cargo gives the version, and the word with which REGISTER says
    // that an account is made and not yet let in: an answer of its own, and no standard reply.
    let is_code = |word: &&str| {
        word.contains('_')
            && word.starts_with(|char: char| char.is_ascii_uppercase())
            && !word.contains(|char: char| char.is_ascii_lowercase())
            && *word != "VERIFICATION_REQUIRED"
            && !["RPL_", "ERR_", "CARGO_"]
                .iter()
                .any(|other| word.starts_with(other))
    };
    let code = sources::code();
    let sent: BTreeSet<&str> = sources::literals(&code)
        .flat_map(sources::words)
        .filter(is_code)
        .collect();
    // A code of one word is told from no other word.
    let listed = REPLIES.iter().map(|reply| reply.code);
    let listed: BTreeSet<&str> = listed.filter(is_code).collect();
    assert_eq!(
        sent, listed,
        "on the left the sources, on the right REPLIES"
    );
}

#[test]
fn what_is_refused_in_one_breath_is_listed() {
    // `failure("REGISTER", "NEED_NICK"` and `standard("WARN", "PRIVMSG", "MESSAGE_CUT"`, however the lines are broken.
    let code = sources::code();
    let mut found = 0;
    for (call, kind) in [("failure(", Some("FAIL")), ("standard(", None)] {
        for (start, _) in code.match_indices(call) {
            let arguments = code[start + call.len()..].split(',').map(quoted);
            let mut words = kind.map(Some).into_iter().chain(arguments);
            if let (Some(Some(kind)), Some(Some(command)), Some(Some(code))) =
                (words.next(), words.next(), words.next())
            {
                found += 1;
                assert!(
                    is_listed(kind, command, code),
                    "{kind} {command} {code} is not in REPLIES"
                );
            }
        }
    }
    assert!(
        found > 12,
        "only {found} are found: look at how they are made"
    );
}

/// The text of an argument that is nothing but a text.
fn quoted(argument: &str) -> Option<&str> {
    argument.trim().strip_prefix('"')?.strip_suffix('"')
}

#[test]
fn what_the_transcripts_show_is_listed() {
    let mut seen = 0;
    for entry in fs::read_dir(crate::file("crates/causette-core/tests/transcripts")).unwrap() {
        let transcript = fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in transcript.lines() {
            let mut words = line
                .split(' ')
                .skip_while(|word| !word.starts_with(':'))
                .skip(1);
            if let (Some(kind @ ("FAIL" | "WARN" | "NOTE")), Some(command), Some(code)) =
                (words.next(), words.next(), words.next())
            {
                seen += 1;
                assert!(is_listed(kind, command, code), "{line}");
            }
        }
    }
    assert!(seen > 15, "only {seen} in the transcripts");
}
