//! At the door: who is slow to come in, who leaves while being answered, and whose folder it is.

use crate::full::get;
use crate::support::{Folder, QUICK, Server, run};
use causette_core::limits::{HANDSHAKE_SECONDS, HANDSHAKES_PER_CORE};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

#[test]
fn who_is_slow_to_shake_hands_keeps_nobody_out() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let begun = Instant::now();
    let slow: Vec<_> = (0..2 * HANDSHAKES_PER_CORE * cores)
        .map(|number| {
            let mut stream = server.tls_stream(&server.fingerprint);
            if number % 2 == 0 {
                // The first byte of a hello.
                stream.sock.write_all(&[22]).unwrap();
            } else {
                stream.conn.write_tls(&mut stream.sock).unwrap();
                // The server's answer has begun: from here on it waits.
                stream.sock.read_exact(&mut [0]).unwrap();
            }
            stream
        })
        .collect();
    server.tls().register("alice");
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(HANDSHAKE_SECONDS),
        "it took {took:?}: until the others were given up"
    );
    drop(slow);
}

#[test]
fn who_says_nothing_has_ten_seconds() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let begun = Instant::now();
    let mut silent = server.connect();
    let mut secure = server.tls_stream(&server.fingerprint);
    secure.conn.complete_io(&mut secure.sock).unwrap();
    for stream in [&mut silent as &mut dyn Read, &mut secure] {
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        assert!(told.starts_with("ERROR :Nothing was said"), "{told}");
    }
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(2 * HANDSHAKE_SECONDS),
        "{took:?}"
    );
    let metrics = get(&server, "/metrics");
    let taken_for_irc = "causette_connections{transport=\"irc\"} 0\n";
    assert!(metrics.contains(taken_for_irc), "{metrics}");
}

#[test]
fn who_has_said_all_still_reads_the_answers() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    for _ in 0..20 {
        let mut stream = server.connect();
        stream
            .write_all(b"NICK alice\r\nUSER test 0 * :Test\r\nPING early\r\n")
            .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(" 001 "), "{answer}");
        assert!(answer.trim_end().ends_with("early"), "{answer}");
    }
}

#[test]
fn a_folder_of_somebody_else_is_left_as_it_is() {
    let folder = Folder::new();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("letters"), "").unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o755)).unwrap();
    // A server that took the folder would not run on either.
    let configuration = "[tls]\ncertificate = \"none.pem\"\nkey = \"none.pem\"\n";
    std::fs::write(folder.path().join("causette.toml"), configuration).unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", "home"];
    let output = run(folder.path(), &arguments, "");
    assert_eq!(output.status.code(), Some(78));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("server.data_dir") && error.contains("chmod 700 home"),
        "{error}"
    );
    let mode = std::fs::metadata(&home).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 1);
}

/// A page in somebody's browser could make it post lines of IRC to the port (Ergo issue 2239).
#[test]
fn lines_of_irc_in_the_body_of_a_request_are_never_read_as_irc() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let lines = "NICK evil\r\nUSER e 0 * :e\r\nREGISTER evil * correct-horse-battery\r\n";
    for method in ["POST", "PUT", "GET", "OPTIONS"] {
        let mut stream = server.connect();
        let request = format!(
            "{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{lines}",
            lines.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
        assert!(
            !answer.contains(" 001 ") && !answer.contains("REGISTER SUCCESS"),
            "{answer}"
        );
    }
    // The name is still free: nobody signed up under it.
    server.plain().register("evil");
}
