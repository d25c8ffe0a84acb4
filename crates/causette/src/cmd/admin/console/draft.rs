//! What was typed on the console as a command, and what is still missing in it.

use causette_core::file::{Digest, read_size};
use causette_core::right::Scopes;
use causette_server::admin::{Field, FieldKind, Request, VERBS, Verb, span};

/// A command that is being put together.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) verb: &'static Verb,
    /// By what it was called.
    pub(super) word: &'static str,
    pub(super) request: Request,
    /// What was said of a field that must be there, and does not fit.
    pub(super) unfit: Option<(&'static Field, String)>,
}

impl Draft {
    /// The command of a word, with what is said behind it; `None` for a word that is none.
    ///
    /// # Errors
    /// What was said too much.
    pub(super) fn of(word: &str, rest: &str) -> Option<Result<Self, String>> {
        let spelled = VERBS.iter().find_map(|verb| {
            let mut spellings = verb.spellings.iter();
            let spelling = spellings.find(|spelling| spelling.word.eq_ignore_ascii_case(word))?;
            Some((verb, spelling.word, spelling.fills))
        });
        // Whoever knows the verb of the command line need not learn another.
        let named = || {
            let verb = VERBS
                .iter()
                .find(|verb| verb.name.eq_ignore_ascii_case(word))?;
            let is_known = !verb.spellings.is_empty();
            is_known.then_some((verb, verb.name, &[][..]))
        };
        let (verb, word, fills) = spelled.or_else(named)?;
        let mut request = Request::new(verb.name);
        for (field, value) in fills {
            request = request.with(field, *value);
        }
        let mut rest = rest.trim();
        let mut unfit = None;
        let has_reason = verb.fields.iter().any(|field| field.name == "reason");
        for field in verb.fields {
            while let Some((field, value, behind)) = take_named(verb, rest) {
                request = request.with(field.name, value);
                rest = behind;
            }
            // A word alone does not say that it is meant for what has a name.
            let needs_name = field.is_option && field.kind == FieldKind::Word;
            if needs_name || request.field(field.name).is_some() {
                continue;
            }
            if let Some((value, behind)) = take(field, rest) {
                request = request.with(field.name, value);
                rest = behind;
            } else if field.kind == FieldKind::Span
                && has_reason
                && rest.starts_with(|c: char| c.is_ascii_digit())
            {
                // A slip of the pen is no part of the reason: what has no end would be for good.
                break;
            } else if field.is_required && !field.is_option && !rest.is_empty() {
                // Nor is a word that should have been another.
                let (word, behind) = split(rest);
                unfit = Some((field, word.to_owned()));
                rest = behind;
            }
        }
        if !rest.is_empty() {
            return Some(Err(rest.to_owned()));
        }
        Some(Ok(Self {
            verb,
            word,
            request,
            unfit,
        }))
    }

    /// The first field that must be there and is not.
    pub(super) fn missing(&self) -> Option<&'static Field> {
        let mut fields = self.verb.fields.iter();
        fields.find(|field| field.is_required && self.request.field(field.name).is_none())
    }

    /// Takes what was said of a field that was missing; whether it fits.
    pub(super) fn fill(&mut self, field: &'static Field, said: &str) -> bool {
        let Some((value, "")) = take(field, said.trim()) else {
            return false;
        };
        self.request = self.request.clone().with(field.name, value);
        true
    }
}

/// The first word of a text, and what is behind it.
fn split(text: &str) -> (&str, &str) {
    let (word, behind) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, behind.trim_start())
}

/// What a text begins with of a field that is named as on a command line, `--limit 20`.
fn take_named<'a>(verb: &Verb, text: &'a str) -> Option<(&'static Field, String, &'a str)> {
    let (name, behind) = split(text.strip_prefix("--")?);
    let mut fields = verb.fields.iter();
    let field = fields.find(|field| field.is_option && field.name == name)?;
    let (value, behind) = take(field, behind)?;
    Some((field, value, behind))
}

/// What a text begins with of a field, and what is behind it.
fn take<'a>(field: &Field, text: &'a str) -> Option<(String, &'a str)> {
    let (word, behind) = split(text);
    let fits = match field.kind {
        FieldKind::Text => return (!text.is_empty()).then(|| (text.to_owned(), "")),
        FieldKind::Word | FieldKind::Words => true,
        FieldKind::Room => field.is_required || word.starts_with(['#', '&']),
        FieldKind::Span => span::seconds(word).is_some(),
        FieldKind::Digest => Digest::parse(&word.to_ascii_lowercase()).is_some(),
        FieldKind::Size => return take_size(text),
        FieldKind::Number => word.parse::<u64>().is_ok(),
        FieldKind::OneOf(words) => {
            let known = words
                .iter()
                .find(|known| known.eq_ignore_ascii_case(word))?;
            return Some(((*known).to_owned(), behind));
        }
        FieldKind::Scopes => Scopes::read(word).is_some(),
        FieldKind::Secret | FieldKind::Flag => false,
    };
    (fits && !word.is_empty()).then(|| (word.to_owned(), behind))
}

/// A length in bytes, whose unit may stand apart.
fn take_size(text: &str) -> Option<(String, &str)> {
    let (number, behind) = split(text);
    let (unit, rest) = split(behind);
    let apart = format!("{number} {unit}");
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && !unit.is_empty() && read_size(&apart).is_some() {
        return Some((apart, rest));
    }
    read_size(number).map(|_| (number.to_owned(), behind))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn request(word: &str, rest: &str) -> String {
        let draft = Draft::of(word, rest).unwrap().unwrap();
        let written = serde_json::to_string(&draft.request).unwrap();
        match draft.missing() {
            Some(field) => format!("{written} lacks {}", field.name),
            None => written,
        }
    }

    #[test]
    fn a_command_takes_what_stands_behind_it_in_any_case() {
        for (word, rest, expected) in [
            (
                "KILL",
                "bob propos injurieux",
                r##"{"verb":"kick","nick":"bob","reason":"propos injurieux"}"##,
            ),
            (
                "kill",
                "bob #thé spam",
                r##"{"verb":"kick","nick":"bob","room":"#thé","reason":"spam"}"##,
            ),
            (
                "ban",
                "bob 7d spam",
                r##"{"verb":"ban","whom":"bob","for":"7d","reason":"spam"}"##,
            ),
            (
                "ban",
                "bob",
                r##"{"verb":"ban","whom":"bob"} lacks reason"##,
            ),
            ("Ban", "", r##"{"verb":"ban"} lacks whom"##),
            (
                "addadmin",
                "alice",
                r##"{"verb":"role","role":"admin","account":"alice"} lacks reason"##,
            ),
            (
                "Role",
                "alice MODERATOR helps",
                r##"{"verb":"role","account":"alice","role":"moderator","reason":"helps"}"##,
            ),
            ("invite", "#thé", r##"{"verb":"invite","room":"#thé"}"##),
            (
                "invite",
                "#thé 5 2d chat.example.org:6697",
                r##"{"verb":"invite","room":"#thé","uses":"5","for":"2d","address":"chat.example.org:6697"}"##,
            ),
            (
                "invite",
                "192.0.2.7:6697",
                r##"{"verb":"invite","address":"192.0.2.7:6697"}"##,
            ),
            (
                "ListU",
                "--after bob --limit 20",
                r##"{"verb":"people","after":"bob","limit":"20"}"##,
            ),
            (
                "role",
                "bob king he asked for it",
                r##"{"verb":"role","account":"bob","reason":"he asked for it"} lacks role"##,
            ),
            ("lift", "first", r##"{"verb":"lift"} lacks number"##),
            (
                "AddFilter",
                "drop #thé argent facile",
                r##"{"verb":"filter.add","action":"drop","room":"#thé","pattern":"argent facile"} lacks reason"##,
            ),
            (
                "AddFilter",
                "argent facile",
                r##"{"verb":"filter.add","pattern":"argent facile"} lacks reason"##,
            ),
            (
                "CreateToken",
                "robot read,people 7d le tableau",
                r##"{"verb":"token.create","account":"robot","scope":"read,people","for":"7d","name":"le tableau"}"##,
            ),
            (
                "kill",
                "bob --spam",
                r##"{"verb":"kick","nick":"bob","reason":"--spam"}"##,
            ),
            ("people", "", r##"{"verb":"people"}"##),
            (
                "SetQuota",
                "alice 5GB many pictures",
                r##"{"verb":"quota.set","account":"alice","size":"5GB","reason":"many pictures"}"##,
            ),
            (
                "SetQuota",
                "alice 5 GB many pictures",
                r##"{"verb":"quota.set","account":"alice","size":"5 GB","reason":"many pictures"}"##,
            ),
            (
                "SetQuota",
                "alice 5000 many pictures",
                r##"{"verb":"quota.set","account":"alice","size":"5000","reason":"many pictures"}"##,
            ),
            (
                "SetQuota",
                "alice 5GBB many pictures",
                r##"{"verb":"quota.set","account":"alice","reason":"many pictures"} lacks size"##,
            ),
            (
                "SetQuota",
                "alice many pictures",
                r##"{"verb":"quota.set","account":"alice","reason":"pictures"} lacks size"##,
            ),
            (
                "UnsetQuota",
                "alice as everybody",
                r##"{"verb":"quota.unset","account":"alice","reason":"as everybody"}"##,
            ),
        ] {
            // Which field comes first means nothing.
            let sorted = |text: &str| {
                let mut bytes = text.as_bytes().to_vec();
                bytes.sort_unstable();
                bytes
            };
            let made = request(word, rest);
            assert_eq!(sorted(&made), sorted(expected), "{made}");
        }
        assert!(Draft::of("nosuch", "").is_none());
        assert!(Draft::of("watch", "").is_none());
        for slip in ["bob 10min spam", "bob 0 spam", "bob 7j spam"] {
            let left = Draft::of("ban", slip).unwrap().unwrap_err();
            assert_eq!(left, slip.trim_start_matches("bob "));
        }
        assert_eq!(Draft::of("ListU", "a b").unwrap().unwrap_err(), "b");
    }

    #[test]
    fn what_is_missing_is_filled_in_where_it_fits() {
        let mut draft = Draft::of("SetQuota", "alice 5GBB much").unwrap().unwrap();
        let (unfit, said) = draft.unfit.clone().unwrap();
        assert_eq!((unfit.name, &*said), ("size", "5GBB"));
        assert!(!draft.fill(unfit, "much") && draft.fill(unfit, "5 GiB"));
        assert!(draft.missing().is_none());
        let mut draft = Draft::of("role", "alice").unwrap().unwrap();
        let role = draft.missing().unwrap();
        assert!(
            role.name == "role" && !draft.fill(role, "king") && !draft.fill(role, "admin twice")
        );
        assert!(draft.fill(role, " Auditor "));
        let reason = draft.missing().unwrap();
        assert!(draft.fill(reason, "reads the register") && draft.missing().is_none());
    }
}
