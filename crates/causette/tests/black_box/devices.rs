//! Devices with tokens of their own, by every door, over a crash.

use crate::support::{Client, Folder, QUICK, Server, run};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_store::Store;
use rustix::process::Signal;
use rustls::server::ParsedCertificate;
use std::io::{Read, Write};
use std::process::Output;

/// What a session is told of a new device: its number, and its token.
fn add(client: &mut Client, name: &str) -> (String, String) {
    client.send(&format!("DEVICE ADD :{name}"));
    let line = client.expect(" DEVICE ADD ");
    let mut words = line.split(' ').skip(3).map(str::to_owned);
    let (id, token) = (words.next().unwrap(), words.next().unwrap());
    assert!(
        token.starts_with("causette_") && token.len() == 52,
        "{line}"
    );
    assert!(line.ends_with(&format!(":{name}")), "{line}");
    (id, token)
}

/// Signs in with a password or a token, as a client without SASL does.
fn sign_in(server: &Server, name: &str, secret: &str) -> Client {
    let mut client = server.tls();
    client.send(&format!("PASS {name}:{secret}"));
    client.send(&format!("NICK {name}"));
    client.send("USER test 0 * :Test");
    client
}

/// Whether the bytes are anywhere in a file of the data folder.
fn is_kept(folder: &Folder, text: &str) -> bool {
    let files = std::fs::read_dir(folder.path().join("causette-data")).unwrap();
    files
        .flatten()
        .filter(|file| file.path().is_file())
        .any(|file| {
            let bytes = std::fs::read(file.path()).unwrap();
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        })
}

#[test]
fn a_token_that_was_shown_opens_the_account_until_it_is_taken_back() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    let (phone, phone_token) = add(&mut alice, "alice's telephone");
    let (desk, desk_token) = add(&mut alice, "desk, terminal");
    server.signal(Signal::KILL);
    let (_, log) = server.wait();
    assert!(!log.contains(&phone_token), "{log}");

    let server = Server::start(folder.path(), QUICK);
    let mut on_phone = sign_in(&server, "alice", &phone_token);
    on_phone.expect(" 001 alice ");
    let mut on_desk = sign_in(&server, "alice", &desk_token);
    on_desk.expect(" 001 alice ");
    let list = on_desk.ask("DEVICE LIST");
    let [first, second] = &list[list.len() - 2..] else {
        panic!("{list:#?}");
    };
    assert!(first.contains(&format!(" DEVICE LIST {phone} ")), "{first}");
    assert!(
        first.ends_with(" 127.0.0.1 * :alice's telephone"),
        "{first}"
    );
    assert!(
        second.contains(&format!(" DEVICE LIST {desk} ")),
        "{second}"
    );
    assert!(
        second.ends_with(" 127.0.0.1 current :desk, terminal"),
        "{second}"
    );

    on_desk.send(&format!("DEVICE DEL {phone}"));
    on_desk.expect(&format!(" DEVICE DEL {phone}"));
    on_phone.expect("ERROR :This device was removed");
    assert_eq!(on_phone.line(), None);
    let mut again = sign_in(&server, "alice", &phone_token);
    again.expect(" 464 ");
    // One that is somebody's, and nobody's.
    let mut other = server.tls();
    other.sign_up("bob");
    sign_in(&server, "bob", &desk_token).expect(" 464 ");
    let forged = format!("causette_{}", "A".repeat(43));
    sign_in(&server, "alice", &forged).expect(" 464 ");

    server.signal(Signal::TERM);
    let (status, log) = server.wait();
    assert!(status.success());
    for secret in [&phone_token, &desk_token, &forged] {
        assert!(!log.contains(secret.as_str()), "{log}");
        assert!(!is_kept(&folder, secret), "a token is on the disk");
    }
}

/// The answer to a request with a credential, over TLS.
pub(crate) fn http(server: &Server, request: &str, authorization: &str) -> String {
    let mut stream = server.tls_stream(&server.fingerprint);
    let head = format!(
        "{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\
         Accept-Language: fr\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The other end may leave without the last word of TLS; what came before is judged.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

#[test]
fn programs_ask_by_http_whose_a_token_is_and_take_it_back() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    let (phone, phone_token) = add(&mut alice, "telephone");
    let (desk, desk_token) = add(&mut alice, "desk");
    let basic = |name: &str, secret: &str| {
        let pair = BASE64_STANDARD.encode(format!("{name}:{secret}"));
        format!("Basic {pair}")
    };
    let (by_phone, by_desk) = (
        format!("Bearer {phone_token}"),
        format!("Bearer {desk_token}"),
    );
    let of_phone = format!(r#"{{"account":"alice","device":{{"id":{phone},"name":"telephone"}}}}"#);
    for (authorization, body) in [
        (&by_phone, of_phone.as_str()),
        (&basic("alice@web", &phone_token), &of_phone),
        (
            &basic("alice", "correct horse battery staple"),
            r#"{"account":"alice","device":null}"#,
        ),
    ] {
        let answer = http(&server, "GET /api/v1/account", authorization);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with(body), "{answer}");
    }
    for wrong in [&basic("alice", "wrong"), &basic("bob", &phone_token), "x"] {
        let answer = http(&server, "GET /api/v1/account", wrong);
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(answer.contains("www-authenticate: Bearer"), "{answer}");
    }

    let mut on_phone = sign_in(&server, "alice", &phone_token);
    on_phone.expect(" 001 alice ");
    let path = format!("DELETE /api/v1/devices/{phone}");
    let answer = http(&server, &path, &by_desk);
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    on_phone.expect("ERROR :This device was removed");
    let answer = http(&server, &path, &by_desk);
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(answer.contains(r#""error":"UNKNOWN_DEVICE""#), "{answer}");
    assert!(answer.contains("Votre compte"), "{answer}");
    let answer = http(&server, "GET /api/v1/account", &by_phone);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let answer = http(&server, &format!("DELETE /api/v1/devices/{desk}"), &by_desk);
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    assert!(
        alice
            .ask("DEVICE LIST")
            .iter()
            .any(|line| line.contains("NO_DEVICES"))
    );
}

/// What `causette admin` says to these words.
fn admin(folder: &Folder, words: &[&str]) -> Output {
    let mut arguments = vec!["admin"];
    arguments.extend(words);
    run(folder.path(), &arguments, "")
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

#[test]
fn an_invitation_carries_the_key_that_clients_see() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    // What a client sees: the certificate, and the public key in it.
    let mut stream = server.tls_stream(&server.fingerprint);
    stream.write_all(b"QUIT\r\n").unwrap();
    let shown = stream.conn.peer_certificates().unwrap()[0].clone();
    let key = ParsedCertificate::try_from(&shown).unwrap();
    let key = hexadecimal(&key.subject_public_key_info());

    let told = admin(&folder, &["fingerprint"]);
    assert!(told.status.success(), "{told:?}");
    let told = String::from_utf8(told.stdout).unwrap();
    let lines: Vec<&str> = told.lines().map(str::trim).collect();
    assert!(lines.contains(&hexadecimal(&shown).as_str()), "{told}");
    assert!(lines.contains(&format!("sha256:{key}").as_str()), "{told}");
    let groups: Vec<&str> = lines[3..5]
        .iter()
        .flat_map(|row| row.split_whitespace())
        .collect();
    assert!(groups.len() == 16 && groups.iter().all(|group| group.len() == 4));
    assert_eq!(groups.concat(), key.to_uppercase(), "{told}");

    let link = |words: &[&str]| {
        let told = admin(&folder, words);
        assert!(told.status.success(), "{told:?}");
        let told = String::from_utf8(told.stdout).unwrap();
        assert_eq!(
            told.lines().count(),
            2,
            "no picture where nobody looks: {told}"
        );
        told.lines().last().unwrap().to_owned()
    };
    let port = server.address.port();
    let by_default = link(&["invite"]);
    let ending = format!(":{port}/#general?sha256={key}");
    assert!(by_default.starts_with("causette://"), "{by_default}");
    assert!(by_default.ends_with(&ending), "{by_default}");
    let mut alice = server.tls();
    alice.sign_up("alice");
    alice.ask("JOIN #thé");
    assert_eq!(
        link(&[
            "invite",
            "--address",
            "chat.example.org:52020",
            "--room",
            "#thé"
        ]),
        format!("causette://chat.example.org/#th%C3%A9?sha256={key}")
    );
    for (option, wrong) in [("--room", "#nowhere"), ("--address", "no address")] {
        let told = admin(&folder, &["invite", option, wrong]);
        let error = String::from_utf8(told.stderr).unwrap();
        assert!(!told.status.success() && error.contains(wrong), "{error}");
    }

    server.signal(Signal::TERM);
    server.wait();
    let store = Store::open(folder.path().join("causette-data/causette.db")).unwrap();
    let mut reader = store.reader().unwrap();
    let count = reader.check_register().unwrap().entries;
    let entries = reader.entries(0, count as usize).unwrap();
    let acts = |kind: &str| entries.iter().filter(|entry| entry.kind == kind).count();
    assert_eq!(acts("administration.empreinte"), 1);
    assert_eq!(acts("administration.invitation"), 2);
}
