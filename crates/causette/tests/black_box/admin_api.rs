//! The administration by HTTP, through the program: tokens that are made at the socket, what they are good for, and their end.

use crate::support::{Folder, QUICK, Server, run};
use serde_json::{Value, json};
use std::io::{Read, Write};

/// What `causette admin … --json` answers.
fn admin(folder: &Folder, words: &[&str]) -> Value {
    let arguments = [&["admin"], words, &["--json"]].concat();
    let output = run(folder.path(), &arguments, "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{words:?}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// A token for an account, and its number.
fn token(folder: &Folder, account: &str, scope: &str, span: &str) -> (String, String) {
    let words = [
        "token", "create", account, "--name", "test", "--scope", scope, "--for", span,
    ];
    let made = admin(folder, &words);
    let token = made["data"]["token"].as_str().unwrap().to_owned();
    (token, made["data"]["number"].to_string())
}

/// What curl would be answered: the status, the head and the body.
fn curl(server: &Server, token: &str, line: &str, body: Option<&Value>) -> (u16, String, Value) {
    let body = body.map(Value::to_string).unwrap_or_default();
    let kind = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
    };
    let mut stream = server.tls_stream(&server.fingerprint);
    let request = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{kind}Connection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The other end may leave without the last word of TLS; what came before is judged.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    (status, head.to_owned(), body)
}

#[test]
fn a_token_does_what_its_scopes_say_until_it_ends() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    let mut robot = server.tls();
    robot.sign_up("robot");
    let mut eve = server.tls();
    eve.sign_up("eve");
    admin(&folder, &["role", "alice", "owner", "--reason", "hers"]);
    admin(
        &folder,
        &["role", "robot", "bot", "--reason", "keeps order"],
    );

    let (read, number) = token(&folder, "alice", "read", "1h");
    let (status, _, people) = curl(&server, &read, "GET /api/v1/admin/people", None);
    let nicks = people["people"].as_array().unwrap().iter();
    let nicks: Vec<&str> = nicks.filter_map(|person| person["nick"].as_str()).collect();
    assert_eq!(
        (status, nicks.as_slice()),
        (200, &["alice", "eve", "robot"][..])
    );
    let reason = json!({ "reason": "enough" });
    let kick = "POST /api/v1/admin/people/eve/kick";
    let (status, head, problem) = curl(&server, &read, kick, Some(&reason));
    assert_eq!(
        (status, problem["error"].as_str()),
        (403, Some("FORBIDDEN"))
    );
    assert!(head.contains("application/problem+json"), "{head}");
    eve.ask("NOSUCH");
    let (mute, _) = token(&folder, "robot", "moderation", "1h");
    let order = json!({ "kind": "mute", "whom": "eve", "for": "1h", "reason": "noise" });
    let (status, _, muted) = curl(&server, &mute, "POST /api/v1/admin/sanctions", Some(&order));
    assert_eq!(status, 201, "{muted}");
    assert!(muted["entry"].is_u64(), "{muted}");
    eve.send("PRIVMSG #general :can you hear me");
    eve.expect(" 404 ");
    let (status, _, _) = curl(&server, &mute, "GET /api/v1/admin/people", None);
    assert_eq!(status, 403);

    let words = ["token", "revoke", "alice", &number, "--reason", "lost"];
    admin(&folder, &words);
    let (short, _) = token(&folder, "alice", "read", "1s");
    let people = "GET /api/v1/admin/people";
    let (status, ..) = curl(&server, &read, people, None);
    assert_eq!(status, 401, "a token that was taken away");
    while curl(&server, &short, people, None).0 == 200 {
        // It ends by itself.
        alice.ask("NOSUCH");
    }
    let (status, _, problem) = curl(&server, &short, people, None);
    assert_eq!(
        (status, problem["error"].as_str()),
        (401, Some("SIGN_IN_FAILED"))
    );
    // It opens the chat to nobody.
    let mut chat = server.tls();
    for line in [
        &format!("PASS robot:{mute}"),
        "NICK robot",
        "USER robot 0 * :x",
    ] {
        chat.send(line);
    }
    chat.expect(" 464 ");

    // Both that were refused for want of a scope are on record.
    let search = [
        "audit",
        "search",
        "--kind",
        "administration.refus",
        "--format",
        "jsonl",
    ];
    let found = run(folder.path(), &search, "");
    let found = String::from_utf8(found.stdout).unwrap();
    let acts = found.lines().map(|line| {
        let entry: Value = serde_json::from_str(line).unwrap();
        (entry["actor"]["name"].clone(), entry["meta"].clone())
    });
    let acts: Vec<_> = acts.collect();
    assert_eq!(acts.len(), 2, "{found}");
    assert_eq!((&acts[0].0, &acts[1].0), (&json!("alice"), &json!("robot")));
    assert!(acts[0].1.to_string().contains("kick"), "{found}");
    assert!(acts[1].1.to_string().contains("people"), "{found}");

    let (server_token, _) = token(&folder, "alice", "server", "1h");
    let order = json!({ "reason": "an update" });
    let (status, _, stopping) = curl(
        &server,
        &server_token,
        "POST /api/v1/admin/stop",
        Some(&order),
    );
    assert_eq!(status, 202, "{stopping}");
    alice.expect("an update");
    let (status, log) = server.wait();
    assert!(status.success());
    for secret in [&read, &mute, &short, &server_token] {
        assert!(!log.contains(secret.as_str()), "a token is in the log");
    }
}
