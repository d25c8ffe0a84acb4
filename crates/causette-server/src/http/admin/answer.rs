//! What is answered where all went well.

use super::BASE;
use super::asked::{Part, encoded};
use super::desk::Outcome;
use super::routes::{Answer, Cut, List, Route};
use crate::admin::Request;
use crate::http::api::json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value};

/// A request that was answered.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) route: &'static Route,
    pub(super) outcome: Outcome,
    /// The path that was asked for.
    pub(super) path: String,
    /// Which part of a list was wanted.
    pub(super) part: Part,
    /// Where the thing is that was made, as far as the request says it.
    pub(super) place: Option<String>,
}

impl Answered {
    /// As it is sent.
    pub(super) fn response(self) -> Response {
        let Self {
            route,
            outcome,
            path,
            part,
            place,
        } = self;
        let Outcome { text, data, entry } = outcome;
        let mut body = match data {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        if let Some(text) = text {
            body.insert("done".to_owned(), text.into());
        }
        let status = match route.answer {
            Answer::Made(..) => StatusCode::CREATED,
            Answer::Begun => StatusCode::ACCEPTED,
            Answer::List(_) | Answer::Shown(_) | Answer::Done => StatusCode::OK,
        };
        let mut heads = Vec::new();
        if let Answer::List(list) = route.answer {
            let next = next(list, &mut body, &part);
            if let Some(next) = &next {
                heads.push((header::LINK, link(&path, &part, next)));
            }
            body.insert("next".to_owned(), next.map_or(Value::Null, Value::String));
            if list.cut == Cut::Register {
                body.insert("reading".to_owned(), entry.into());
            }
        } else if entry.is_some() || !matches!(route.answer, Answer::Shown(_)) {
            // What only looks is not entered, but for the fingerprints.
            body.insert("entry".to_owned(), entry.into());
        }
        if let Some(place) = place.and_then(|place| filled(&place, &body)) {
            heads.push((header::LOCATION, format!("{BASE}{place}")));
        }
        let mut response = json(status, &Value::Object(body));
        for (name, value) in heads {
            // What is encoded is ASCII.
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Cuts the part that is wanted out of a list that the core gave whole; says behind which the next part begins, if there is one.
fn next(list: List, body: &mut Map<String, Value>, part: &Part) -> Option<String> {
    if list.cut == Cut::Register {
        body.remove("end");
        let next = body.remove("after").filter(|after| !after.is_null());
        body.insert("more".to_owned(), next.is_some().into());
        return next.map(|after| after.to_string());
    }
    if list.cut == Cut::Door {
        let number = |row: &Value| row.get(list.key).and_then(Value::as_u64);
        let mut more = false;
        if let Some(Value::Array(rows)) = body.get_mut(list.name) {
            rows.retain(|row| part.after.is_none_or(|after| number(row) > Some(after)));
            more = rows.len() > part.limit;
            rows.truncate(part.limit);
        }
        body.insert("more".to_owned(), more.into());
    }
    if body.get("more") != Some(&Value::Bool(true)) {
        return None;
    }
    let last = body.get(list.name)?.as_array()?.last()?.get(list.key)?;
    Some(match last {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    })
}

/// Where the next part is. <https://www.rfc-editor.org/rfc/rfc8288>
fn link(path: &str, part: &Part, next: &str) -> String {
    let rest = part
        .rest
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let pairs: Vec<String> = rest
        .chain([("after", next)])
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    format!("<{path}?{}>; rel=\"next\"", pairs.join("&"))
}

/// Where the thing will be that is to be made, with what the request says of it.
pub(super) fn place(route: &Route, request: &Request) -> Option<String> {
    let Answer::Made(_, place) = route.answer else {
        return None;
    };
    let said = |name: &str| request.field(name)?.as_str().map(encoded);
    place.map(|place| fill(place, said))
}

/// The same, with what the answer says of it; `None` where something is missing still.
fn filled(place: &str, body: &Map<String, Value>) -> Option<String> {
    let said = |name: &str| {
        let value = body.get(name).filter(|value| !value.is_null());
        Some(encoded(&value?.to_string()))
    };
    let place = fill(place, said);
    (!place.contains('{')).then_some(place)
}

/// A path with what is known of its places.
fn fill(path: &str, said: impl Fn(&str) -> Option<String>) -> String {
    let parts = path.split('/').map(|part| {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        name.and_then(&said).unwrap_or_else(|| part.to_owned())
    });
    parts.collect::<Vec<_>>().join("/")
}
