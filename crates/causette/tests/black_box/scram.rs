//! SCRAM-SHA-256 with the real program, by a small client of its own that computes its side by the specification.
//! <https://www.rfc-editor.org/rfc/rfc5802#section-3>

use crate::support::{Client, Folder, QUICK, Server};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA256, derive};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use rustix::process::Signal;

/// What [`Client::sign_up`] says.
const PASSWORD: &str = "correct horse battery staple";

fn start(folder: &Folder, scram: bool) -> Server {
    let configuration = QUICK.replace("[accounts]\n", &format!("[accounts]\nscram = {scram}\n"));
    Server::start(folder.path(), &configuration)
}

/// Stops it, and looks whether the password is anywhere.
fn stop(folder: &Folder, server: Server) {
    server.signal(Signal::TERM);
    let (status, log) = server.wait();
    assert!(status.success());
    assert!(!log.contains(PASSWORD), "{log}");
    let database = std::fs::read(folder.path().join("causette-data/causette.db")).unwrap();
    let tells = |part: &[u8]| part == PASSWORD.as_bytes();
    assert!(!database.windows(PASSWORD.len()).any(tells));
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&Key::new(HMAC_SHA256, key), message)
        .as_ref()
        .to_vec()
}

/// A connection that has the capability.
fn connect(server: &Server) -> Client {
    let mut client = server.tls();
    client.send("CAP LS 302");
    client.expect(" sasl=PLAIN,EXTERNAL,SCRAM-SHA-256 ");
    client.send("CAP REQ sasl");
    client.expect(" ACK :sasl");
    client
}

fn say(client: &mut Client, message: &str) {
    client.send(&format!("AUTHENTICATE {}", BASE64.encode(message)));
}

/// The server's next message.
fn hear(client: &mut Client) -> String {
    let line = client.expect("AUTHENTICATE ");
    let encoded = line.strip_prefix("AUTHENTICATE ").unwrap();
    String::from_utf8(BASE64.decode(encoded).unwrap()).unwrap()
}

/// How an exchange ended.
struct Ended {
    /// What the server asked, without the nonce.
    asked: String,
    /// What the server's last message should be where the password is right.
    awaited: String,
}

/// An exchange up to the server's judgement.
fn exchange(client: &mut Client, name: &str, password: &str) -> Ended {
    client.send("AUTHENTICATE SCRAM-SHA-256");
    client.expect("AUTHENTICATE +");
    let nonce = format!("{:016x}", getrandom::u64().unwrap());
    let bare = format!("n={name},r={nonce}");
    say(client, &format!("n,,{bare}"));
    let first = hear(client);
    let (both, asked) = first
        .strip_prefix("r=")
        .and_then(|first| first.split_once(','))
        .unwrap();
    assert!(both.starts_with(&nonce) && both.len() >= nonce.len() + 16);
    let (salt, iterations) = asked
        .strip_prefix("s=")
        .and_then(|asked| asked.split_once(",i="))
        .unwrap();
    let mut salted = [0; 32];
    derive(
        PBKDF2_HMAC_SHA256,
        iterations.parse().unwrap(),
        &BASE64.decode(salt).unwrap(),
        password.as_bytes(),
        &mut salted,
    );
    let key = mac(&salted, b"Client Key");
    let without_proof = format!("c=biws,r={both}");
    let signed = format!("{bare},{first},{without_proof}");
    let signature = mac(digest(&SHA256, &key).as_ref(), signed.as_bytes());
    let proof: Vec<u8> = key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
    let asked = asked.to_owned();
    say(
        client,
        &format!("{without_proof},p={}", BASE64.encode(proof)),
    );
    let ours = mac(&mac(&salted, b"Server Key"), signed.as_bytes());
    Ended {
        asked,
        awaited: format!("v={}", BASE64.encode(ours)),
    }
}

/// Signs in and checks the server's proof.
fn sign_in(client: &mut Client, name: &str, password: &str) {
    let ended = exchange(client, name, password);
    assert_eq!(hear(client), ended.awaited);
    client.send("AUTHENTICATE +");
    client.expect(" 900 ");
    client.expect(" 903 ");
}

/// Is refused by a numeric alone, and gives what was asked.
fn fail(client: &mut Client, name: &str, password: &str) -> String {
    let ended = exchange(client, name, password);
    let judged = client.line_in_time().unwrap().unwrap();
    assert!(
        judged.contains(" 904 * :The name or the password is wrong"),
        "{judged}"
    );
    ended.asked
}

#[test]
fn both_sides_prove_that_they_know_the_password() {
    let folder = Folder::new();
    let server = start(&folder, true);
    server.tls().sign_up("alice");
    let mut client = connect(&server);
    let asked = fail(&mut client, "alice", "wrong horse battery staple");
    sign_in(&mut client, "alice@desk", PASSWORD);
    client.send("CAP END");
    client.register("someone");

    // Nobody is asked alike each time, and no otherwise than somebody; also by the next process.
    let nobody = fail(&mut connect(&server), "nobody", PASSWORD);
    assert_eq!(fail(&mut connect(&server), "Nobody", PASSWORD), nobody);
    assert_eq!(nobody.len(), asked.len());
    stop(&folder, server);
    let server = start(&folder, true);
    assert_eq!(fail(&mut connect(&server), "nobody", PASSWORD), nobody);
    assert_eq!(fail(&mut connect(&server), "alice", "wrong horse"), asked);
}

#[test]
fn an_older_account_gets_what_scram_needs_when_it_signs_in() {
    let folder = Folder::new();
    let server = start(&folder, false);
    server.tls().sign_up("alice");
    let mut client = server.tls();
    client.send("CAP REQ sasl");
    client.send("AUTHENTICATE SCRAM-SHA-256");
    client.expect(" 908 * PLAIN,EXTERNAL :");
    stop(&folder, server);

    let server = start(&folder, true);
    fail(&mut connect(&server), "alice", PASSWORD);
    let mut client = connect(&server);
    client.send("AUTHENTICATE PLAIN");
    client.expect("AUTHENTICATE +");
    say(&mut client, &format!("\0alice\0{PASSWORD}"));
    client.expect(" 903 ");
    client.send("CAP END");
    client.register("alice");
    sign_in(&mut connect(&server), "alice", PASSWORD);
    stop(&folder, server);

    // Where it is offered no more, the password still opens the account.
    let server = start(&folder, false);
    let mut client = server.tls();
    client.send(&format!("PASS :alice:{PASSWORD}"));
    client.register("alice");
    assert!(
        client
            .ask("NS INFO")
            .iter()
            .any(|line| line.contains("alice"))
    );
}

#[test]
fn a_new_password_is_scram_s_at_once() {
    let folder = Folder::new();
    let server = start(&folder, true);
    let mut alice = server.tls();
    alice.register("alice");
    alice.send("REGISTER * * correct-horse-battery");
    alice.expect("REGISTER SUCCESS");
    alice.send("NS SET PASSWORD correct-horse-battery tomorrow-never-knows");
    alice.expect("The password is changed");
    fail(&mut connect(&server), "alice", "correct-horse-battery");
    sign_in(&mut connect(&server), "alice", "tomorrow-never-knows");
}
