//! The description of the API, made of the same table as the API itself. <https://spec.openapis.org/oas/v3.1.0>

use super::BASE;
use super::routes::{Answer, Asks, Cut, Method, ROUTES, Route, verbs_of};
use super::schemas::{self, of, schemas};
use crate::admin::{Field, FieldKind, Verb};
use axum::http::header;
use axum::response::IntoResponse;
use causette_core::limits::PEOPLE_LISTED;
use causette_core::right::Scope;
use causette_text::{Language, text};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// What programs read of it: in English, as the names of its members are.
const LANGUAGE: Language = Language::En;

/// Every problem that may come back, with when it does.
const PROBLEMS: &[(&str, &str, &str)] = &[
    (
        "400",
        "Malformed",
        "The path, the query or the body cannot be read",
    ),
    (
        "401",
        "NotSignedIn",
        "There is no token, or it opens nothing (any more)",
    ),
    (
        "403",
        "Forbidden",
        "The token is not good for it, or the account has not the right to it; that is entered in the register",
    ),
    (
        "404",
        "NotFound",
        "There is nothing or nobody of that name or number",
    ),
    (
        "409",
        "Conflict",
        "It is so already, or something is in the way",
    ),
    ("413", "TooLong", "The body is too long"),
    ("415", "JsonNeeded", "The body is not JSON"),
    (
        "422",
        "Unprocessable",
        "A field is missing, unknown, or says what cannot be",
    ),
    (
        "429",
        "TooMany",
        "Too many tokens were wrong: wait as long as Retry-After says",
    ),
    (
        "503",
        "Unavailable",
        "Nothing can be judged or recorded at the moment: nothing was done",
    ),
];

/// `/api/v1/openapi.json`: for everybody, since it is in the source too.
pub(in crate::http) async fn description() -> impl IntoResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());
    let head = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (head, DOCUMENT.as_str())
}

/// The whole description.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths
            .entry(route.path)
            .or_insert_with(|| Value::Object(Map::new()));
        path[route.method.name().to_lowercase()] = operation(route);
    }
    let responses = PROBLEMS.iter().map(|(_, name, about)| {
        let problem = json!({
            "description": about,
            "content": { "application/problem+json": { "schema": of("Problem") } },
        });
        ((*name).to_owned(), problem)
    });
    let scopes = Scope::ALL.map(Scope::name).join(", ");
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Causette: the administration",
            "version": "1",
            "description": "What the console and `causette admin` do, for programs. Each request has the token of a program, which `causette admin token create` makes.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": BASE }],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "responses": responses.collect::<Map<_, _>>(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": format!("A program's token. It is good for some of: {scopes}"),
                },
            },
        },
    })
}

fn operation(route: &'static Route) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "summary": summary(route),
        "security": [{ "token": [route.scope.name()] }],
        "parameters": parameters(route),
        "responses": responses(route),
    });
    let bodies: Vec<Value> = verbs_of(route)
        .map(|(word, verb)| body(route, word, verb))
        .collect();
    if route.method != Method::Get && bodies.iter().any(has_members) {
        let required = bodies.iter().all(|body| body.get("required").is_some());
        let schema = match <[Value; 1]>::try_from(bodies) {
            Ok([body]) => body,
            Err(bodies) => json!({ "oneOf": bodies }),
        };
        operation["requestBody"] = json!({
            "required": required,
            "content": { "application/json": { "schema": schema } },
        });
    }
    operation
}

fn summary(route: &'static Route) -> String {
    let about = verbs_of(route).map(|(_, verb)| text(LANGUAGE, verb.about));
    let mut about: Vec<String> = about.collect();
    about.dedup();
    about.join("; or: ")
}

fn has_members(body: &Value) -> bool {
    let members = body.get("properties").and_then(Value::as_object);
    members.is_some_and(|members| !members.is_empty())
}

/// The body by which a verb is asked for.
fn body(route: &Route, word: Option<&str>, verb: &Verb) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if let (Asks::OneOf(member, _), Some(word)) = (route.asks, word) {
        let schema = json!({ "const": word, "description": text(LANGUAGE, verb.about) });
        properties.insert(member.to_owned(), schema);
        required.push(member);
    }
    for field in verb.fields.iter().filter(|field| route.is_said(field.name)) {
        properties.insert(field.name.to_owned(), schema_of(field));
        if field.is_required {
            required.push(field.name);
        }
    }
    let mut body = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        body["required"] = required.into();
    }
    body
}

fn parameters(route: &'static Route) -> Vec<Value> {
    let verbs: Vec<&Verb> = verbs_of(route).map(|(_, verb)| verb).collect();
    let fields = || verbs.iter().flat_map(|verb| verb.fields);
    let parameter = |place: &str, at: &str, field: &Field| {
        let mut schema = schema_of(field);
        if at == "query" && field.name == "limit" {
            schema = json!({ "type": "integer", "minimum": 1, "maximum": PEOPLE_LISTED });
        }
        json!({
            "name": place,
            "in": at,
            "required": at == "path" || field.is_required,
            "description": text(LANGUAGE, field.about),
            "schema": schema,
        })
    };
    let mut parameters: Vec<Value> = Vec::new();
    for place in route.places() {
        let name = route.field_of(place);
        let field = fields().find(|field| field.name == name);
        parameters.extend(field.map(|field| parameter(place, "path", field)));
    }
    if route.method == Method::Get {
        let said = fields().filter(|field| route.is_said(field.name));
        parameters.extend(said.map(|field| parameter(field.name, "query", field)));
    }
    if let Answer::List(list) = route.answer
        && list.cut == Cut::Door
    {
        parameters.extend([
            json!({
                "name": "after",
                "in": "query",
                "description": "Only those behind this number",
                "schema": { "type": "integer", "minimum": 0 },
            }),
            json!({
                "name": "limit",
                "in": "query",
                "description": text(LANGUAGE, "admin-field-limit"),
                "schema": { "type": "integer", "minimum": 1, "maximum": PEOPLE_LISTED },
            }),
        ]);
    }
    parameters
}

fn schema_of(field: &Field) -> Value {
    let mut schema = match field.kind {
        FieldKind::Word | FieldKind::Room => json!({ "type": "string", "pattern": "^\\S+$" }),
        FieldKind::Words | FieldKind::Text => json!({ "type": "string" }),
        FieldKind::Secret => json!({ "type": "string", "format": "password", "writeOnly": true }),
        FieldKind::Number => json!({ "type": "integer", "minimum": 0 }),
        FieldKind::OneOf(words) => json!({ "type": "string", "enum": words }),
        FieldKind::Scopes => {
            let scope = Scope::ALL.map(Scope::name).join("|");
            json!({ "type": "string", "pattern": format!("^({scope})(,({scope}))*$") })
        }
        FieldKind::Flag => json!({ "type": "boolean" }),
        FieldKind::Digest => json!({ "type": "string", "pattern": "^[0-9A-Fa-f]{64}$" }),
        FieldKind::Size => json!({
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+ ?([kMGT]i?)?B?$" },
            ],
        }),
        FieldKind::Span => json!({
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+[smhdw]$" },
            ],
        }),
    };
    schema["description"] = text(LANGUAGE, field.about).into();
    schema
}

fn responses(route: &Route) -> Value {
    let header = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    let (status, about, schema) = match route.answer {
        Answer::List(list) => ("200", "A part of the list", schemas::list(list)),
        Answer::Shown(schema) => ("200", "What is so", of(schema)),
        Answer::Done => ("200", "It was done", of("Done")),
        Answer::Made(schema, _) => ("201", "It was made", of(schema)),
        Answer::Begun => ("202", "It will be done", of("Done")),
    };
    let mut answer = json!({
        "description": about,
        "content": { "application/json": { "schema": schema } },
    });
    match route.answer {
        Answer::List(_) => {
            let link = header("Where the next part is (RFC 8288), if there is one");
            answer["headers"] = json!({ "Link": link });
        }
        Answer::Made(_, Some(_)) => {
            answer["headers"] = json!({ "Location": header("Where it is") });
        }
        _ => {}
    }
    let mut responses = Map::new();
    responses.insert(status.to_owned(), answer);
    let has_body = route.method != Method::Get;
    for (status, name, _) in PROBLEMS {
        if has_body || !matches!(*status, "413" | "415") {
            let problem = json!({ "$ref": format!("#/components/responses/{name}") });
            responses.insert((*status).to_owned(), problem);
        }
    }
    Value::Object(responses)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::path::Path;

    /// The description that is checked in is the one that is served. `UPDATE_EXPECT=1` writes it.
    #[test]
    fn the_description_that_is_checked_in_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let mut made = serde_json::to_string_pretty(&document()).unwrap();
        made.push('\n');
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == made,
            "docs/openapi.json is another: UPDATE_EXPECT=1 cargo test -p causette-server openapi"
        );
    }

    #[test]
    fn whatever_is_referred_to_is_there() {
        let document = document();
        let text = document.to_string();
        let mut found = 0;
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            found += 1;
        }
        assert!(found > 100);
    }
}
