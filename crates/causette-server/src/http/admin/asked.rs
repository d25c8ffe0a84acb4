//! What a request says: the places of its path, its query, its body, as one set of fields.

use super::problem::Problem;
use super::routes::{Answer, Asks, Cut, Method, Route, verbs_of};
use crate::admin::{FieldKind, Request, Verb};
use axum::http::StatusCode;
use causette_core::limits::{PART_LISTED, PEOPLE_LISTED};
use causette_proto::percent_encoded;
use causette_text::{Language, text, text_with};
use serde_json::{Map, Value};

/// A request that was read.
#[derive(Debug)]
pub(super) struct Asked {
    /// The verb, as the register and other doors call it.
    pub(super) verb: &'static Verb,
    /// What is asked for.
    pub(super) request: Request,
    /// What part of a list is wanted.
    pub(super) part: Part,
}

/// A part of a list.
#[derive(Debug)]
pub(super) struct Part {
    /// Behind which number to go on, where the list is in the order of numbers.
    pub(super) after: Option<u64>,
    /// How many at most.
    pub(super) limit: usize,
    /// What else the query says, as the next part's has to.
    pub(super) rest: Vec<(String, String)>,
}

/// Reads a request.
pub(super) fn read(
    route: &'static Route,
    places: &[(&'static str, &str)],
    query: Option<&str>,
    body: &[u8],
    language: Language,
) -> Result<Asked, Problem> {
    let mut part = Part {
        after: None,
        limit: PART_LISTED,
        rest: Vec::new(),
    };
    let mut said = match route.method {
        Method::Get => from_query(route, query.unwrap_or_default(), &mut part, language)?,
        _ if query.is_some_and(|query| !query.is_empty()) => {
            return Err(Problem::malformed(text(language, "http-admin-no-query")));
        }
        _ => from_body(body, language)?,
    };
    let verb = verb_of(route, &mut said, language)?;
    for name in said.keys() {
        let known = verb.fields.iter().any(|field| field.name == name);
        if !known || !route.is_said(name) {
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            let variables = [("field", name.as_str())];
            let text = text_with(language, "http-admin-unknown-field", &variables);
            return Err(Problem::unprocessable(text));
        }
    }
    for (place, value) in places {
        let value = decoded(value, false)
            .ok_or_else(|| Problem::malformed(text(language, "http-admin-encoding")))?;
        said.insert(route.field_of(place).to_owned(), value.into());
    }
    for (name, value) in route.says {
        if let Some(value) = value {
            said.insert((*name).to_owned(), (*value).into());
        }
    }
    Ok(Asked {
        verb,
        request: Request::of(verb.name, said),
        part,
    })
}

/// The verb that is asked for; what chose it among several is taken out.
fn verb_of(
    route: &'static Route,
    said: &mut Map<String, Value>,
    language: Language,
) -> Result<&'static Verb, Problem> {
    let mut verbs = verbs_of(route);
    let found = match route.asks {
        Asks::Verb(_) => verbs.next().map(|(_, verb)| verb),
        Asks::OneOf(member, _) => {
            let word = said.remove(member);
            let word = word.as_ref().and_then(Value::as_str);
            let Some((_, verb)) = verbs.find(|(choice, _)| word.is_some() && *choice == word)
            else {
                let words: Vec<&str> = verbs_of(route).filter_map(|(word, _)| word).collect();
                let words = words.join(", ");
                let variables = [("field", member), ("words", words.as_str())];
                let text = text_with(language, "http-admin-choice", &variables);
                return Err(Problem::unprocessable(text));
            };
            Some(verb)
        }
    };
    found.ok_or_else(|| Problem::not_found(language))
}

/// The members of a body; none where there is no body.
fn from_body(body: &[u8], language: Language) -> Result<Map<String, Value>, Problem> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(body)
        .map_err(|_| Problem::malformed(text(language, "http-admin-malformed")))
}

/// What a query says. What concerns the part of a list that the core gives whole is taken out.
fn from_query(
    route: &Route,
    query: &str,
    part: &mut Part,
    language: Language,
) -> Result<Map<String, Value>, Problem> {
    let mut said = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decoded(name, true), decoded(value, true)) else {
            return Err(Problem::malformed(text(language, "http-admin-encoding")));
        };
        if said.contains_key(&name) {
            let variables = [("field", name.as_str())];
            let text = text_with(language, "http-admin-twice", &variables);
            return Err(Problem::malformed(text));
        }
        if name != "after" {
            part.rest.push((name.clone(), value.clone()));
        }
        let flag = verbs_of_flags(route, &name);
        let value = match value.as_str() {
            "true" if flag => true.into(),
            "false" if flag => false.into(),
            _ => Value::String(value),
        };
        said.insert(name, value);
    }
    if let Answer::List(list) = route.answer {
        part.read(&mut said, list.cut == Cut::Door, language)?;
    }
    Ok(said)
}

fn verbs_of_flags(route: &Route, name: &str) -> bool {
    let mut verbs = route.asks.verbs().into_iter();
    verbs.any(|(_, verb)| {
        Verb::named(verb).is_some_and(|verb| {
            let mut fields = verb.fields.iter();
            fields.any(|field| field.name == name && field.kind == FieldKind::Flag)
        })
    })
}

impl Part {
    fn read(
        &mut self,
        said: &mut Map<String, Value>,
        is_whole: bool,
        language: Language,
    ) -> Result<(), Problem> {
        let number = |value: &Value| value.as_str()?.parse::<u64>().ok();
        if let Some(limit) = said.get("limit") {
            let limit = number(limit).and_then(|limit| usize::try_from(limit).ok());
            self.limit = limit
                .filter(|limit| (1..=PEOPLE_LISTED).contains(limit))
                .ok_or_else(|| {
                    let max = PEOPLE_LISTED.to_string();
                    let text = text_with(language, "http-admin-limit", &[("max", &max)]);
                    Problem::unprocessable(text)
                })?;
        }
        if !is_whole {
            return Ok(());
        }
        said.remove("limit");
        if let Some(after) = said.remove("after") {
            let after = number(&after)
                .ok_or_else(|| Problem::unprocessable(text(language, "http-admin-after")))?;
            self.after = Some(after);
        }
        Ok(())
    }
}

/// A text without its percent-encoding; `None` where that is wrong. <https://www.rfc-editor.org/rfc/rfc3986#section-2.1>
pub(in crate::http) fn decoded(text: &str, plus_is_blank: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = match byte {
            b'%' => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let (high, low) = (digit(behind.first()?)?, digit(behind.get(1)?)?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
                behind.get(2..)?
            }
            b'+' if plus_is_blank => {
                bytes.push(b' ');
                behind
            }
            _ => {
                bytes.push(*byte);
                behind
            }
        };
    }
    String::from_utf8(bytes).ok()
}

/// A text as it stands in a path or a query.
pub(super) fn encoded(text: &str) -> String {
    percent_encoded(text, "")
}

/// Whether a body is said to be what is understood. <https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1>
pub(super) fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| {
        let (essence, _) = kind.split_once(';').unwrap_or((kind, ""));
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}

impl Problem {
    fn malformed(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MALFORMED", detail)
    }

    pub(super) fn unprocessable(detail: String) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "UNPROCESSABLE", detail)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::super::routes::{Found, find};
    use super::*;

    fn asked(method: &str, target: &str, body: &str) -> Result<Asked, Problem> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let Found::Route(route, places) = find(method, path) else {
            panic!("no route: {method} {target}");
        };
        read(route, &places, query, body.as_bytes(), Language::En)
    }

    #[test]
    fn fields_come_from_the_path_the_query_and_the_body() {
        let mut kick = asked(
            "POST",
            "/people/b%C3%A9a%2Fx/kick",
            r##"{"room":"#general","reason":"enough"}"##,
        )
        .unwrap();
        assert_eq!(kick.request.field("nick").unwrap(), "béa/x");
        assert!(kick.request.understand(Language::En).is_ok());
        let people = asked("GET", "/people?like=a+b&limit=2&after=x", "").unwrap();
        assert_eq!(people.request.field("like").unwrap(), "a b");
        assert_eq!(people.part.limit, 2);
        let rest: Vec<_> = people
            .part
            .rest
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(rest, ["like", "limit"]);
        let sanctions = asked("GET", "/sanctions?after=7", "").unwrap();
        assert_eq!(
            (sanctions.part.after, sanctions.part.limit),
            (Some(7), PART_LISTED)
        );
        let mute = asked(
            "POST",
            "/sanctions",
            r#"{"kind":"mute","whom":"a","reason":"x"}"#,
        );
        assert_eq!(mute.unwrap().verb.name, "mute");
        let off = asked("DELETE", "/stop", "").unwrap();
        assert_eq!(off.request.field("cancel").unwrap(), true);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (method, target, body, status, part) in [
            ("POST", "/alerts", "{", 400, "JSON"),
            ("POST", "/alerts", "[1]", 400, "JSON"),
            ("POST", "/alerts?text=x", "", 400, "query"),
            ("POST", "/alerts", r#"{"text":"x","txet":"y"}"#, 422, "txet"),
            ("POST", "/people/bob/kick", r#"{"nick":"eve"}"#, 422, "nick"),
            ("POST", "/sanctions", r#"{"kind":"love"}"#, 422, "ban, mute"),
            ("POST", "/sanctions", "{}", 422, "kind"),
            ("POST", "/stop", r#"{"cancel":true}"#, 422, "cancel"),
            ("DELETE", "/stop", r#"{"reason":"x"}"#, 422, "reason"),
            ("GET", "/people?limit=0", "", 422, "limit"),
            ("GET", "/people?limit=501", "", 422, "500"),
            ("GET", "/people?limit=x", "", 422, "limit"),
            ("GET", "/sanctions?after=x", "", 422, "after"),
            ("GET", "/people?like=%zz", "", 400, "%"),
            ("GET", "/people?like=%ff", "", 400, "%"),
            ("GET", "/accounts/%f", "", 400, "%"),
            ("GET", "/people?like=a&like=b", "", 400, "like"),
            ("GET", "/people?colour=red", "", 422, "colour"),
        ] {
            let problem = asked(method, target, body).unwrap_err();
            assert_eq!(problem.status.as_u16(), status, "{method} {target}");
            assert!(problem.detail.contains(part), "{}", problem.detail);
        }
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        for text in ["#général/1", "a b+c%", "", "é\u{301}"] {
            assert_eq!(decoded(&encoded(text), true).as_deref(), Some(text));
            assert_eq!(decoded(&encoded(text), false).as_deref(), Some(text));
        }
        assert_eq!(encoded("#a.b"), "%23a.b");
    }

    #[test]
    fn only_json_is_understood() {
        for kind in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(is_json(Some(kind)), "{kind}");
        }
        for kind in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
        ] {
            assert!(!is_json(kind), "{kind:?}");
        }
    }
}
