//! Everybody comes back at once, from one address: an office after a restart. And one of them guesses.

use crate::support::{Client, Folder, Server};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustix::process::Signal;

const PASSWORD: &str = "correct horse battery staple";

/// Says a password by SASL, and waits for nothing.
fn sign_in(client: &mut Client, name: &str, password: &str) {
    client.send("CAP REQ :sasl standard-replies");
    client.send("AUTHENTICATE PLAIN");
    let payload = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
    client.send(&format!("AUTHENTICATE {payload}"));
}

#[test]
fn forty_people_sign_in_at_once_from_one_address_and_a_guesser_is_slowed() {
    let folder = Folder::new();
    // Making forty accounts from one address is what no limit would let through; the hashes cost what they cost everywhere.
    let server = Server::start(folder.path(), "[flood]\nexempt = [\"127.0.0.0/8\"]\n");
    let people: Vec<String> = (0..40).map(|number| format!("person{number}")).collect();
    for name in &people {
        server.plain().sign_up(name);
    }
    server.signal(Signal::TERM);
    assert_eq!(server.wait().0.code(), Some(0));

    let server = Server::start(folder.path(), "");
    let mut clients: Vec<Client> = people.iter().map(|_| server.plain()).collect();
    let mut wrong = server.plain();
    for (client, name) in clients.iter_mut().zip(&people) {
        sign_in(client, name, PASSWORD);
        if name == "person7" {
            sign_in(&mut wrong, name, "wrong horse battery staple");
        }
    }
    for client in &mut clients {
        let verdict = client.expect(" 90");
        assert!(verdict.contains(" 900 "), "{verdict}");
        client.expect(" 903 ");
    }
    let verdict = wrong.expect(" 90");
    assert!(verdict.contains(" 904 "), "{verdict}");
    // From the fifth failure on each guess must wait, and is not told to be wrong.
    for _ in 1..5 {
        sign_in(&mut wrong, "person8", "wrong horse battery staple");
        wrong.expect(" 904 ");
    }
    sign_in(&mut wrong, "person8", PASSWORD);
    let put_off = wrong.expect("FAIL AUTHENTICATE TEMPORARILY_UNAVAILABLE");
    assert!(put_off.contains("Too many failed attempts"), "{put_off}");
    wrong.expect(" 906 ");
    // Who is in stays in.
    for client in &mut clients {
        client.ask("NOSUCH");
    }
}
