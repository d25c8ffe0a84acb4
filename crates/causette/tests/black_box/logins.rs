//! An account that is pinned to the address of its sign-up, by every door, over a crash; and whoever has the machine lets its owner in
//! from another. On loopback there are many addresses.

use crate::in_front::connect_from;
use crate::support::{Client, DEADLINE, Folder, Server, run};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustix::process::Signal;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};

const PINNED: &str = "[accounts]\nlogin = \"pin-first\"\n\
                      argon2 = { memory_kib = 8, iterations = 1, parallelism = 1 }\n\
                      [flood]\nexempt = [\"127.0.0.0/8\"]\n";

const PASSWORD: &str = "correct horse battery staple";

/// Where alice signs up, and where somebody else is, or she later.
const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

fn connect(server: &Server, from: Ipv4Addr) -> TcpStream {
    let stream = connect_from(from, server.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// What a sign-in by SASL is answered, behind the server's name.
fn sign_in(server: &Server, from: Ipv4Addr, password: &str) -> String {
    let mut client = Client::new(connect(server, from));
    client.send("CAP REQ :sasl");
    client.send("AUTHENTICATE PLAIN");
    let plain = BASE64_STANDARD.encode(format!("\0alice\0{password}"));
    client.send(&format!("AUTHENTICATE {plain}"));
    let answer = client.expect(" 90");
    answer.split_once(' ').unwrap().1.to_owned()
}

/// What a request by HTTP is answered, from its status on, without the time.
fn ask(server: &Server, from: Ipv4Addr, password: &str) -> String {
    let mut stream = connect(server, from);
    let basic = BASE64_STANDARD.encode(format!("alice:{password}"));
    let request = format!(
        "GET /api/v1/account HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {basic}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let lines = answer.lines().filter(|line| !line.starts_with("date:"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What the administrator is told.
fn administer(folder: &Folder, words: &[&str]) -> String {
    let output = run(folder.path(), &[&["admin"], words].concat(), "");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{error}");
    told
}

#[test]
fn a_pinned_account_opens_from_its_address_alone_until_it_is_unlocked() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), PINNED);
    let mut alice = Client::new(connect(&server, HOME));
    alice.sign_up("alice");

    let refused = sign_in(&server, ELSEWHERE, PASSWORD);
    assert!(refused.starts_with("904 "), "{refused}");
    assert_eq!(refused, sign_in(&server, ELSEWHERE, "wrong"));
    let warned = alice.expect("was refused");
    assert!(warned.contains("from 127.0.0.2"), "{warned}");
    alice.expect("SET login any");
    let refused = ask(&server, ELSEWHERE, PASSWORD);
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    assert_eq!(refused, ask(&server, ELSEWHERE, "wrong"));
    assert!(ask(&server, HOME, PASSWORD).starts_with("HTTP/1.1 200 "));

    server.signal(Signal::KILL);
    server.wait();
    let server = Server::start(folder.path(), PINNED);
    assert!(sign_in(&server, ELSEWHERE, PASSWORD).starts_with("904 "));
    assert!(sign_in(&server, HOME, PASSWORD).starts_with("900 "));

    let shown = administer(&folder, &["account", "show", "alice"]);
    assert!(shown.contains("pinned to 127.0.0.1"), "{shown}");
    let told = administer(
        &folder,
        &["account", "unlock", "alice", "--reason", "she has moved"],
    );
    assert!(
        told.contains("is forgotten") && told.contains("Entered in the register"),
        "{told}"
    );
    assert!(sign_in(&server, ELSEWHERE, PASSWORD).starts_with("900 "));
    assert!(sign_in(&server, HOME, PASSWORD).starts_with("904 "));

    let ranges = [
        "account",
        "login",
        "alice",
        "127.0.0.1/32",
        "2001:db8::/32",
        "--reason",
        "home",
    ];
    let told = administer(&folder, &ranges);
    assert!(
        told.contains("from 127.0.0.1, 2001:db8::/32 alone"),
        "{told}"
    );
    assert!(sign_in(&server, HOME, PASSWORD).starts_with("900 "));
    assert!(sign_in(&server, ELSEWHERE, PASSWORD).starts_with("904 "));
    let shown = administer(&folder, &["account", "show", "alice", "--json"]);
    assert!(
        shown.contains(r#""login":"127.0.0.1,2001:db8::/32","login_address":null"#),
        "{shown}"
    );

    let search = ["audit", "search", "--account", "alice", "--format", "jsonl"];
    let found = run(folder.path(), &search, "");
    let found = String::from_utf8_lossy(&found.stdout) + String::from_utf8_lossy(&found.stderr);
    for part in [r#""facteur":"address""#, "she has moved", "login-address"] {
        assert!(found.contains(part), "{part} in {found}");
    }

    server.signal(Signal::TERM);
    let (status, log) = server.wait();
    assert!(status.success(), "{log}");
}
