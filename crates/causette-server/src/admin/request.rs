//! What is said over the administrator's socket: requests, and what came of them.

use super::fields::Fields;
use super::verb::Verb;
use super::wanted::Wanted;
use super::{data, lists};
use causette_core::output::{Entry, Fault, Told, Undone};
use causette_proto::Timestamp;
use causette_text::{Language, text_with};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use zeroize::Zeroize as _;

/// What the administrator asks for: one of the [verbs](super::VERBS), and what is said with it. Never printed, and wiped when
/// dropped: there may be a password in it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Request {
    verb: String,
    /// In which language it is to be answered; the server's, where it is none that the server speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl Request {
    /// Asks for what a verb does.
    pub fn new(verb: &str) -> Self {
        Self {
            verb: verb.to_owned(),
            lang: None,
            fields: Map::new(),
        }
    }

    /// Asks for what a verb does, with all that is said with it.
    pub(crate) fn of(verb: &str, fields: Map<String, Value>) -> Self {
        Self {
            verb: verb.to_owned(),
            lang: None,
            fields,
        }
    }

    /// The same, with a field.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// The same, to be answered in a language.
    #[must_use]
    pub fn answered_in(mut self, language: Language) -> Self {
        self.lang = Some(language.tag().to_owned());
        self
    }

    /// The language that it asks for.
    pub(super) fn language(&self) -> Option<Language> {
        self.lang.as_deref().and_then(Language::from_tag)
    }

    /// The same, with a field where there is a value for it.
    #[must_use]
    pub fn with_some(self, field: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }

    /// What a field says.
    pub fn field(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// By what it is asked for.
    pub fn verb(&self) -> &str {
        &self.verb
    }

    /// What it wants.
    ///
    /// # Errors
    /// A sentence that says what does not fit in it.
    pub(crate) fn understand(&mut self, language: Language) -> Result<Wanted, String> {
        let Some(verb) = Verb::named(&self.verb) else {
            let verb: String = self
                .verb
                .chars()
                .filter(|c| !c.is_control())
                .take(64)
                .collect();
            return Err(text_with(language, "admin-no-verb", &[("verb", &verb)]));
        };
        let mut fields = Fields::check(verb, &mut self.fields, language)?;
        Ok((verb.wanted)(&mut fields))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}, …)", self.verb)
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        for value in self.fields.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

/// What the core says came of an order, or why nothing did.
pub(crate) type Obeyed = Result<Told, Undone>;

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Whether it was done.
    pub ok: bool,
    /// What to tell the administrator, in the language of the request.
    pub text: String,
    /// The number of its entry in the register, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// Why it was not done, where a script must tell that from other reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// What the text says, for programs; where it is more than a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// A kind of reason for which something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The administrator has to change the configuration first.
    Configuration,
    /// The request was not understood.
    Malformed,
    /// Nothing was judged: the server has no time, or nothing can be recorded. It may be asked again.
    Unavailable,
    /// It was judged, and is not done.
    Refused,
}

impl Reply {
    /// It was not done.
    pub(super) fn refusal(text: String) -> Self {
        Err::<String, _>(text).into()
    }

    /// The same, for a reason of a kind.
    pub(super) fn refusal_of(kind: Kind, text: String) -> Self {
        Self {
            kind: Some(kind),
            ..Self::refusal(text)
        }
    }

    /// What the core says came of an order.
    pub(super) fn of(obeyed: Obeyed, now: Timestamp, language: Language) -> Self {
        let told = match obeyed {
            Ok(told) => told,
            Err(Undone { fault, text }) => {
                let kind = match fault {
                    Fault::Unavailable | Fault::Busy => Kind::Unavailable,
                    _ => Kind::Refused,
                };
                return Self::refusal_of(kind, text);
            }
        };
        let entry = match told.entry {
            Entry::Number(number) => Some(number),
            _ => None,
        };
        let text = lists::text_of(&told.report, now, language);
        Self {
            entry,
            data: data::of(&told.report),
            ..Ok::<_, String>(text).into()
        }
    }
}

impl From<Result<String, String>> for Reply {
    fn from(result: Result<String, String>) -> Self {
        let ok = result.is_ok();
        let (Ok(text) | Err(text)) = result;
        Self {
            ok,
            text,
            entry: None,
            kind: None,
            data: None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::report::Report;

    fn understood(request: &str) -> Result<Wanted, String> {
        let request: Result<Request, _> = serde_json::from_str(request);
        request.unwrap().understand(Language::En)
    }

    #[test]
    fn requests_read_as_they_are_written() {
        let text = r#"{"verb":"account.create","name":"alice","password":"hunter2hunter2"}"#;
        let request: Request = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), text);
        assert!(!format!("{request:?}").contains("hunter2"));
        let made = Request::new("account.create").with("name", "alice");
        let made = made.with("password", "hunter2hunter2");
        assert_eq!(serde_json::to_string(&made).unwrap(), text);
        let stop = understood(r#"{"verb":"stop","reason":null}"#).unwrap();
        assert!(matches!(
            stop,
            Wanted::Stop {
                reason: None,
                seconds: 0
            }
        ));
        assert!(serde_json::from_str::<Request>("{}").is_err());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (request, part) in [
            (r#"{"verb":"format.disk"}"#, "format.disk"),
            (r#"{"verb":"stop","resaon":"x"}"#, "resaon"),
            (r#"{"verb":"kick","reason":"x"}"#, "nick"),
            (r#"{"verb":"kick","nick":"alice"}"#, "reason"),
            (r#"{"verb":"kick","nick":"alice","reason":" "}"#, "reason"),
            (r#"{"verb":"kick","nick":"a b","reason":"x"}"#, "nick"),
            (
                r#"{"verb":"ban","whom":"alice","for":"soon","reason":"x"}"#,
                "for",
            ),
            (
                r#"{"verb":"role","account":"alice","role":"king","reason":"x"}"#,
                "role",
            ),
            (r#"{"verb":"lift","number":-1,"reason":"x"}"#, "number"),
            ("{\"verb\":\"alert\",\"text\":\"a\\u0007b\"}", "text"),
        ] {
            let refused = understood(request).unwrap_err();
            assert!(refused.contains(part), "{request}: {refused}");
        }
        let ban = r#"{"verb":"ban","whom":"alice","for":"7d","reason":"x"}"#;
        assert!(format!("{:?}", understood(ban).unwrap()).contains("seconds: Some(604800)"));
    }

    #[test]
    fn a_reply_says_whether_it_was_done() {
        let of = |obeyed| Reply::of(obeyed, Timestamp(0), Language::En);
        let reply: Reply = Ok::<_, String>("done".to_owned()).into();
        assert!(reply.ok && reply.text == "done" && reply.entry.is_none());
        let undone = |fault| Undone {
            fault,
            text: "not done".to_owned(),
        };
        let reply = of(Err(undone(Fault::Busy)));
        assert!(!reply.ok && reply.kind == Some(Kind::Unavailable));
        let reply = of(Err(undone(Fault::Conflict)));
        assert!(!reply.ok && reply.text == "not done" && reply.kind == Some(Kind::Refused));
        let (report, entry) = (Report::Done("done".to_owned()), Entry::Number(7));
        let reply = of(Ok(Told { report, entry }));
        assert!(reply.ok && reply.text == "done" && reply.entry == Some(7));
        assert_eq!(reply.data, None);
    }
}
