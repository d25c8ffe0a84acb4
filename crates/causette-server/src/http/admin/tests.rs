//! Requests to the real router, answered by the real core.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod bench;
mod conform;
mod samples;

use super::BASE;
use super::openapi::document;
use super::routes::{ROUTES, Route};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bench::{ALL, Answered, BOT, Bench, DEVICE, OVER, PASSWORD, READ};
use causette_core::record::Fact;
use causette_core::right::Scope;
use conform::fault;
use samples::sample_of;
use serde_json::Value;

/// The first line of a request by a route, without the version.
fn line(route: &Route, place: &str) -> String {
    let path: Vec<&str> = route
        .path
        .split('/')
        .map(|part| match part {
            // The first token of the account.
            "{number}" if route.places().count() == 2 => "1",
            part if part.starts_with('{') => place,
            part => part,
        })
        .collect();
    format!("{} {BASE}{}", route.method.name(), path.join("/"))
}

/// Asks by a route as its sample says.
async fn sample(bench: &Bench, token: &str, route: &Route) -> Answered {
    let (_, place, body, _) = sample_of(route);
    let body = (!body.is_empty()).then_some(body);
    let line = line(route, place);
    bench.ask(token, &line, body).await
}

/// What the description says of an answer of a route.
fn schema<'a>(document: &'a Value, route: &Route, status: u16) -> &'a Value {
    let operation = &document["paths"][route.path][route.method.name().to_lowercase()];
    let response = &operation["responses"][status.to_string()];
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => response,
    };
    let content = response["content"].as_object();
    let content = content.unwrap_or_else(|| panic!("{}: {status} is not foreseen", route.id));
    &content.values().next().unwrap()["schema"]
}

fn check(document: &Value, route: &Route, answered: &Answered) {
    let schema = schema(document, route, answered.status);
    let fault = fault(document, schema, &answered.json());
    assert_eq!(fault, None, "{}: {answered:?}", route.id);
    assert_eq!(
        answered.header("cache-control"),
        Some("no-store"),
        "{}",
        route.id
    );
    assert_eq!(
        answered.header("content-language"),
        Some("en"),
        "{}",
        route.id
    );
}

#[tokio::test]
async fn each_route_answers_as_it_is_described() {
    let document = document();
    for route in ROUTES {
        let bench = Bench::new();
        let answered = sample(&bench, ALL, route).await;
        let (.., status) = sample_of(route);
        assert_eq!(answered.status, status, "{}: {answered:?}", route.id);
        check(&document, route, &answered);
    }
}

#[tokio::test]
async fn a_token_without_the_scope_gets_no_further_and_that_is_entered() {
    let document = document();
    for route in ROUTES {
        let others = Scope::ALL.iter().filter(|scope| **scope != route.scope);
        let others: Vec<&str> = others.map(|scope| scope.name()).collect();
        let bench = Bench::with_scopes(&others.join(","));
        let answered = sample(&bench, ALL, route).await;
        assert_eq!(answered.status, 403, "{}: {answered:?}", route.id);
        check(&document, route, &answered);
        let refused = bench.count(|fact| matches!(fact, Fact::ActRefused { .. }));
        assert_eq!(refused, 1, "{}", route.id);
        // And that scope is enough.
        let bench = Bench::with_scopes(route.scope.name());
        let answered = sample(&bench, ALL, route).await;
        assert_ne!(answered.status, 403, "{}: {answered:?}", route.id);
    }
}

#[tokio::test]
async fn who_asks_must_have_a_token_of_a_program() {
    let document = document();
    let bench = Bench::new();
    let people = &ROUTES[0];
    let line = line(people, "");
    for (token, status, error) in [
        ("", 401, "ACCOUNT_REQUIRED"),
        ("causette_nobody", 401, "SIGN_IN_FAILED"),
        (OVER, 401, "SIGN_IN_FAILED"),
        (DEVICE, 403, "FORBIDDEN"),
        (BOT, 403, "FORBIDDEN"),
        (READ, 200, ""),
    ] {
        let answered = bench.ask(token, &line, None).await;
        assert_eq!(answered.status, status, "{token}: {answered:?}");
        check(&document, people, &answered);
        if status != 200 {
            assert_eq!(answered.json()["error"], error, "{token}: {answered:?}");
        }
        let way = answered.header("www-authenticate");
        let expected = (status == 401).then_some("Bearer realm=\"causette\"");
        assert_eq!(way, expected, "{answered:?}");
    }
    // It is right, and no token.
    let basic = BASE64_STANDARD.encode(format!("alice:{PASSWORD}"));
    let request = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n\r\n"
    );
    let answered = bench.send(&request).await;
    assert_eq!(answered.status, 403, "{answered:?}");
    let muted = r#"{"kind":"mute","whom":"eve","for":"1h","reason":"noise"}"#;
    let answered = bench
        .ask(BOT, &format!("POST {BASE}/sanctions"), Some(muted))
        .await;
    assert_eq!(answered.status, 201, "{answered:?}");
}

#[tokio::test]
async fn what_is_no_request_of_these_is_a_problem_in_the_language_that_is_liked() {
    let bench = Bench::new();
    let ask = async |first: &str, heads: &str, body: &str| {
        let request = format!(
            "{first} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: fr\r\nAuthorization: Bearer {ALL}\r\n\
             {heads}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        bench.send(&request).await
    };
    let json = "Content-Type: application/json\r\n";
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(9000));
    for (first, heads, body, status, part) in [
        ("GET /api/v1/admin", "", "", 404, "chemin"),
        ("GET /api/v1/admin/", "", "", 404, "chemin"),
        ("GET /api/v1/admin/persons", "", "", 404, "chemin"),
        (
            "PATCH /api/v1/admin/accounts/bob",
            "",
            "",
            405,
            "GET, HEAD, DELETE",
        ),
        ("OPTIONS /api/v1/admin/stop", "", "", 405, "POST, DELETE"),
        (
            "POST /api/v1/admin/alerts",
            "",
            r#"{"text":"x"}"#,
            415,
            "JSON",
        ),
        (
            "POST /api/v1/admin/alerts",
            "Content-Type: text/plain\r\n",
            "x",
            415,
            "JSON",
        ),
        ("POST /api/v1/admin/alerts", json, &long, 413, "8192"),
        ("POST /api/v1/admin/alerts", json, "{", 400, "JSON"),
        ("POST /api/v1/admin/alerts", json, "{}", 422, "text"),
        (
            "POST /api/v1/admin/alerts",
            json,
            r#"{"text":7}"#,
            422,
            "text",
        ),
        (
            "POST /api/v1/admin/alerts",
            json,
            r#"{"text":" "}"#,
            422,
            "text",
        ),
        (
            "PUT /api/v1/admin/accounts/bob/quota",
            json,
            r#"{"size":"5GBB","reason":"x"}"#,
            422,
            "2 GiB",
        ),
        (
            "PUT /api/v1/admin/accounts/bob/quota",
            json,
            r#"{"reason":"x"}"#,
            422,
            "size",
        ),
        ("POST /api/v1/admin/stop", json, r#"{"in":"9d"}"#, 422, "48"),
        (
            "POST /api/v1/admin/people/nobody/kick",
            json,
            r#"{"reason":"x"}"#,
            404,
            "pseudo",
        ),
        ("GET /api/v1/admin/accounts/nobody", "", "", 404, "compte"),
    ] {
        let answered = ask(first, heads, body).await;
        assert_eq!(answered.status, status, "{first} {body}: {answered:?}");
        let kind = answered.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{answered:?}");
        assert_eq!(answered.header("content-language"), Some("fr"));
        let problem = answered.json();
        assert_eq!(problem["status"], status);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(part), "{detail}");
    }
    let answered = ask("PATCH /api/v1/admin/accounts/bob", "", "").await;
    assert_eq!(answered.header("allow"), Some("GET, HEAD, DELETE"));
    assert_eq!(bench.count(|fact| matches!(fact, Fact::Alerted { .. })), 0);
}

#[tokio::test]
async fn a_list_read_in_parts_is_whole_and_ends() {
    let bench = Bench::new();
    for whom in ["100.64.0.0/24", "198.51.100.0/24", "203.0.113.0/24"] {
        let body = format!(r#"{{"kind":"mute","whom":"{whom}","reason":"x"}}"#);
        let first = format!("POST {BASE}/sanctions");
        let answered = bench.ask(ALL, &first, Some(&body)).await;
        assert_eq!(answered.status, 201, "{answered:?}");
    }
    for (list, key, count) in [("accounts", "name", 5), ("sanctions", "number", 3)] {
        for limit in [1, 2, count, count + 1] {
            let mut found = Vec::new();
            let mut target = format!("{BASE}/{list}?limit={limit}");
            loop {
                let answered = bench.ask(READ, &format!("GET {target}"), None).await;
                let body = answered.json();
                let rows = body[list].as_array().unwrap();
                found.extend(rows.iter().map(|row| row[key].to_string()));
                let link = answered.header("link");
                assert_eq!(link.is_some(), body["more"] == true, "{answered:?}");
                assert_eq!(body["next"].is_string(), body["more"] == true);
                let Some(link) = link else { break };
                assert_eq!(rows.len(), limit);
                let next = link.strip_prefix('<').unwrap();
                let (next, relation) = next.split_once('>').unwrap();
                assert_eq!(relation, "; rel=\"next\"");
                target = next.to_owned();
            }
            assert_eq!(found.len(), count, "{list} by {limit}: {found:?}");
            assert!(found.is_sorted(), "{found:?}");
        }
    }
}

#[tokio::test]
async fn the_description_is_for_everybody_and_heads_are_answered() {
    let bench = Bench::new();
    let answered = bench.ask("", "GET /api/v1/openapi.json", None).await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.json(), document());
    assert_eq!(answered.header("content-type"), Some("application/json"));
    let head = bench.ask(ALL, &format!("HEAD {BASE}/people"), None).await;
    assert_eq!((head.status, head.text()), (200, ""));
}

#[tokio::test]
async fn the_register_is_read_in_parts_and_each_reading_is_entered() {
    let document = document();
    let bench = Bench::new();
    let route = ROUTES.iter().find(|route| route.id == "register").unwrap();
    let mut target = format!("{BASE}/register?limit=5");
    let (mut found, mut parts) = (Vec::new(), 0);
    loop {
        let answered = bench.ask(ALL, &format!("GET {target}"), None).await;
        check(&document, route, &answered);
        let body = answered.json();
        found.extend(
            body["entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["entry"].as_u64().unwrap()),
        );
        parts += 1;
        let Some(link) = answered.header("link") else {
            break;
        };
        target = link.split(['<', '>']).nth(1).unwrap().to_owned();
        assert!(parts < 50, "it does not end");
    }
    assert!(found.len() >= 5 && found.is_sorted(), "{found:?}");
    assert_eq!(found[0], 0);
    let readings = bench.count(|fact| matches!(fact, Fact::RegisterRead { .. }));
    assert_eq!(readings, parts);
}

#[tokio::test]
async fn whoever_asks_for_a_doctor_while_it_looks_is_told_to_ask_again() {
    let bench = Bench::new();
    let place = bench.examination.clone().try_acquire_owned();
    let doctor = format!("GET {BASE}/doctor");
    let busy = bench.ask(ALL, &doctor, None).await;
    assert_eq!(busy.status, 503);
    assert!(busy.text().contains("ask again"), "{}", busy.text());
    assert!(busy.header("retry-after").is_some());
    drop(place);
    assert_eq!(bench.ask(ALL, &doctor, None).await.status, 200);
}

#[tokio::test]
async fn what_is_made_has_a_place_and_what_is_entered_a_number() {
    let bench = Bench::new();
    let body = r#"{"name":"dora","password":"correct horse battery"}"#;
    let answered = bench
        .ask(ALL, &format!("POST {BASE}/accounts"), Some(body))
        .await;
    let place = answered.header("location").unwrap();
    assert_eq!(place, format!("{BASE}/accounts/dora"));
    let entry = answered.json()["entry"].as_u64().unwrap();
    let entered = bench.facts.lock().unwrap()[usize::try_from(entry).unwrap() - 1].clone();
    assert!(
        matches!(entered, Fact::AccountCreated { .. }),
        "{entered:?}"
    );
    let shown = bench.ask(ALL, &format!("GET {place}"), None).await;
    assert_eq!(shown.json()["account"]["name"], "dora");
}

#[tokio::test]
async fn what_is_made_has_its_number_and_its_place() {
    let (bench, document) = (Bench::new(), document());
    let with_code = r#"{"address":"chat.example.org","uses":2,"for":"1d"}"#;
    for (id, body, place) in [
        ("sanction", None, "/sanctions/1"),
        (
            "suspend_account",
            Some(r#"{"reason":"calm"}"#),
            "/sanctions/2",
        ),
        ("add_filter", None, "/filters/1"),
        ("invite", Some(with_code), "/invitations/1"),
        // Without a code there is none that could be ended.
        ("invite", None, ""),
    ] {
        let route = ROUTES.iter().find(|route| route.id == id).unwrap();
        let (_, _, sample, _) = sample_of(route);
        let line = line(route, "carol");
        let answered = bench.ask(ALL, &line, body.or(Some(sample))).await;
        check(&document, route, &answered);
        let mut heads = answered.head.lines();
        let found = heads.find_map(|line| line.strip_prefix("location: "));
        assert_eq!(found.unwrap_or_default(), in_full(place), "{answered:?}");
        let number = place.rsplit('/').next().and_then(|part| part.parse().ok());
        assert_eq!(answered.json()["number"].as_u64(), number, "{answered:?}");
        if body == Some(with_code) {
            let body = answered.json();
            let (link, code) = (body["link"].as_str(), body["code"].as_str());
            assert!(link.unwrap().ends_with(code.unwrap()), "{answered:?}");
            assert_eq!(body["uses"], 2);
            assert!(body["until"].is_string());
        }
    }
}

/// A path of these with what stands before it.
fn in_full(place: &str) -> String {
    match place {
        "" => String::new(),
        place => format!("{BASE}{place}"),
    }
}
