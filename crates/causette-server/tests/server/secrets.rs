//! No password is in the log or on the disk, whichever way it came and whether or not it was right.

use crate::support::{Client, Host, hash};
use crate::websocket::Socket;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tracing_subscriber::filter::LevelFilter;

/// Everything that anything in this process logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn capture() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .init();
        log
    }
}

/// Every password that is said begins with this, also where it is wrong.
const MARK: &str = "Zyx9-secret";

/// Whether the bytes hold a password, as it is or as SASL writes it.
fn tells(bytes: &[u8]) -> Option<String> {
    // Three bytes are four characters: where the mark begins decides how it looks.
    let encoded = (0..3).map(|shift| {
        let text = BASE64_STANDARD.encode(format!("{}{MARK}", &"xxx"[..shift]));
        text[shift.div_ceil(3) * 4..text.len() - 4].to_owned()
    });
    std::iter::once(MARK.to_owned())
        .chain(encoded)
        .find(|secret| {
            bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes())
        })
}

fn sasl(name: &str, password: &str) -> String {
    let message = format!("\0{name}\0{password}");
    format!("AUTHENTICATE {}", BASE64_STANDARD.encode(message))
}

fn check_files(folder: &Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files += 1;
            let found = tells(&std::fs::read(&path).unwrap());
            assert_eq!(found, None, "in {}", path.display());
        }
    }
    files
}

#[test]
fn a_password_is_found_however_it_is_written() {
    assert!(tells(format!("PASS {MARK}").as_bytes()).is_some());
    for name in ["a", "al", "ali", "alic"] {
        assert!(tells(sasl(name, MARK).as_bytes()).is_some(), "{name}");
    }
    assert!(tells(b"PASS of the Zyx9").is_none());
}

#[test]
fn no_password_is_logged_or_kept() {
    let log = Log::capture();
    let server = format!("{MARK} of the server");
    let operator = format!("{MARK}-of-the-operator");
    let host = Host::start(&format!(
        "[server]\npassword_hash = '{}'\n[proxy]\ntrusted = [\"127.0.0.1\"]\n\
         [[operator]]\nname = \"root\"\npassword_hash = '{}'\n",
        hash(&server),
        hash(&operator)
    ));
    let own = format!("{MARK}-of-alice");
    let mut alice = host.client();
    alice.send(&format!(
        "WEBIRC {MARK}-of-gateway gw host 192.0.2.1 :secure"
    ));
    alice.send(&format!("PASS :{server}"));
    alice.register("alice");
    alice.send(&format!("REGISTER * * :{own}"));
    alice.expect("REGISTER SUCCESS");
    alice.send(&format!("OPER root {operator}"));
    alice.send(&format!("OPER root {MARK}-wrong"));
    alice.send(&format!("OPER {MARK}"));
    // Lines that are too long, or no messages, or unknown commands.
    alice.send(&format!("PASS :{MARK}{}", "x".repeat(1000)));
    alice.send(&format!("@a=b :x  PASS {MARK}"));
    alice.send(&format!("IDENTIFY {MARK}"));
    for line in [
        format!("PRIVMSG NickServ :IDENTIFY alice {own}"),
        format!("NS IDENTIFY {MARK}-wrong"),
        format!("PRIVMSG NickServ :REGISTER {MARK}-again"),
        format!("PRIVMSG NickServ :SET PASSWORD {MARK}"),
    ] {
        alice.send(&line);
    }
    alice.send("PING barrier");
    alice.expect("PONG");

    for password in [own.as_str(), &format!("{MARK}-wrong")] {
        let mut again = host.client();
        again.send("CAP REQ sasl");
        again.send("AUTHENTICATE PLAIN");
        again.send(&sasl("alice", password));
        again.expect(" 90");
    }
    let mut wrong = Client::new(host.tls());
    wrong.send(&format!("PASS :{MARK}-wrong"));
    wrong.send("NICK eve");
    wrong.send("USER eve 0 * :Eve");
    wrong.expect(" 464 ");
    let mut socket = Socket::open(host.connect(0), "/ws", "");
    socket.send(1, format!("PASS :{server}").as_bytes());
    socket.send(1, b"NICK bob");
    socket.send(1, b"USER bob 0 * :Bob");
    socket.expect(1, " 001 ");

    assert!(check_files(host.folder()) > 3);
    drop(host);
    let log = log.0.lock().unwrap();
    let text = String::from_utf8_lossy(&log);
    assert!(
        text.contains("server.stopped"),
        "the log is captured: {text}"
    );
    assert_eq!(tells(&log), None, "{text}");
}
