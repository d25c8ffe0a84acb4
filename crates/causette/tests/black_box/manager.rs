//! What a service manager sees of the server: its signals, its notifications, its statuses. Runs without one.

use crate::log::full_pipe;
use crate::other_program::open;
use crate::support::{DEADLINE, Folder, QUICK, Server, causette, run};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

/// The socket of a manager, in a folder.
fn manager(folder: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(folder.join("notify")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

/// The next that a manager hears.
fn hear(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 4096];
    let length = socket.recv(&mut bytes).unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

/// The next that it hears but how the server is.
fn hear_change(socket: &UnixDatagram) -> String {
    loop {
        let heard = hear(socket);
        if !heard.starts_with("STATUS=") && !heard.starts_with("WATCHDOG=1\n") {
            return heard;
        }
    }
}

fn start_under(folder: &Path, environment: &[(&str, &Path)]) -> Server {
    let socket = folder.join("notify");
    let mut all = vec![("NOTIFY_SOCKET", socket.as_path())];
    all.extend(environment);
    Server::start_in(folder, QUICK, &all)
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

#[test]
fn a_manager_is_told_of_the_start_of_reloads_and_of_the_stop() {
    let folder = Folder::new();
    let socket = manager(folder.path());
    let server = start_under(folder.path(), &[]);
    assert_eq!(hear_change(&socket), "READY=1");
    for configuration in [QUICK, "[limits]\nnick = 0\n"] {
        std::fs::write(folder.path().join("causette.toml"), configuration).unwrap();
        server.signal(Signal::HUP);
        let reloading = hear_change(&socket);
        let micros = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
        assert!(micros.unwrap().parse::<u64>().is_ok(), "{reloading}");
        assert_eq!(hear_change(&socket), "READY=1");
    }
    server.signal(Signal::TERM);
    assert_eq!(hear_change(&socket), "STOPPING=1");
    assert_eq!(server.wait().0.code(), Some(0));
}

#[test]
fn a_watchdog_hears_that_the_server_lives_and_how_it_is() {
    let folder = Folder::new();
    let socket = manager(folder.path());
    let server = start_under(folder.path(), &[("WATCHDOG_USEC", Path::new("100000"))]);
    let mut alice = server.plain();
    alice.register("alice");
    let begun = Instant::now();
    let well =
        |heard: &str| heard.starts_with("WATCHDOG=1\nSTATUS=") && heard.contains("connections: 1");
    while !well(&hear(&socket)) {
        assert!(begun.elapsed() < DEADLINE);
    }
    // What is meant for another process is not for this one.
    let folder = Folder::new();
    let socket = manager(folder.path());
    let watchdog = [
        ("WATCHDOG_USEC", Path::new("100000")),
        ("WATCHDOG_PID", Path::new("1")),
    ];
    let _server = start_under(folder.path(), &watchdog);
    while !hear(&socket).starts_with("STATUS=") {}
}

/// Starts a server, and waits until its signals are taken; nothing else may be done yet.
fn begun(folder: &Path, log: impl Into<Stdio>) -> Child {
    std::fs::write(folder.join("causette.toml"), QUICK).unwrap();
    let mut command = causette(folder, &["serve", "--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", folder.join("notify"));
    let child = command.stderr(log).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let begun = Instant::now();
    while !takes_signals(&status) && begun.elapsed() < DEADLINE {
        std::thread::sleep(Duration::from_micros(100));
    }
    child
}

fn takes_signals(status: &str) -> bool {
    let caught = signals(status, "SigCgt:");
    let mut signals = [Signal::HUP, Signal::TERM, Signal::INT].into_iter();
    signals.all(|signal| caught & (1 << (signal.as_raw() - 1)) != 0)
}

/// A set of signals in what the system says of a process.
fn signals(status: &str, set: &str) -> u64 {
    let status = std::fs::read_to_string(status).unwrap();
    let set = status.lines().find_map(|line| line.strip_prefix(set));
    u64::from_str_radix(set.unwrap().trim(), 16).unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn log_of(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_reload_that_is_asked_for_in_the_first_moment_comes_after_the_start() {
    let folder = Folder::new();
    let socket = manager(folder.path());
    let child = begun(folder.path(), Stdio::piped());
    for _ in 0..10 {
        signal(&child, Signal::HUP);
    }
    assert_eq!(hear_change(&socket), "READY=1");
    assert!(hear_change(&socket).starts_with("RELOADING=1"));
    assert_eq!(hear_change(&socket), "READY=1");
    signal(&child, Signal::TERM);
    let (code, log) = log_of(child);
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("config.reloaded"), "{log}");
}

#[test]
fn a_stop_in_the_first_moment_is_one() {
    for (round, stop) in [Signal::TERM, Signal::INT].into_iter().enumerate() {
        let folder = Folder::new();
        let child = begun(folder.path(), Stdio::piped());
        signal(&child, stop);
        let (code, log) = log_of(child);
        assert_eq!(code, Some(0), "{round}: {log}");
        // Nothing is in the way of the next one.
        Server::start(folder.path(), QUICK)
            .plain()
            .register("alice");
    }
}

#[test]
fn a_start_that_is_stopped_goes_no_further() {
    let folder = Folder::new();
    drop(Server::start(folder.path(), QUICK));
    let socket = manager(folder.path());
    // The start comes as far as the database and waits there; the last line of the log has no room, and is waited for.
    let database = open(&folder.path().join("causette-data/causette.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (_reader, writer) = full_pipe();
    let mut child = begun(folder.path(), writer);
    let lock = folder.path().join("causette-data/lock");
    let pid = format!("{}\n", child.id());
    let begun = Instant::now();
    while std::fs::read_to_string(&lock).unwrap() != pid && begun.elapsed() < DEADLINE {}
    signal(&child, Signal::TERM);
    let status = format!("/proc/{}/status", child.id());
    while signals(&status, "ShdPnd:") != 0 && begun.elapsed() < DEADLINE {}
    database.execute_batch("ROLLBACK").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    socket.set_nonblocking(true).unwrap();
    assert!(socket.recv(&mut [0; 4096]).is_err(), "a manager is told");
}

#[test]
fn a_reload_is_waited_for_and_tells_all_that_is_wrong() {
    let folder = Folder::new();
    let reload = || {
        run(
            folder.path(),
            &["admin", "reload", "--data", "causette-data"],
            "",
        )
    };
    let absent = reload();
    assert_eq!(absent.status.code(), Some(3), "{}", text(&absent));
    let server = Server::start(folder.path(), QUICK);
    let taken = reload();
    assert_eq!(taken.status.code(), Some(0), "{}", text(&taken));
    assert!(text(&taken).contains("read again"));
    std::fs::write(
        folder.path().join("causette.toml"),
        format!("{QUICK}[limits]\nnick = 0\ntopic = 0\n"),
    )
    .unwrap();
    let refused = reload();
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    let told = text(&refused);
    assert!(
        told.contains("limits.nick") && told.contains("limits.topic"),
        "{told}"
    );
    // Where the folder is named, a wrong configuration is not in the way of other verbs.
    let status = ["admin", "status", "--data", "causette-data"];
    let status = run(folder.path(), &status, "");
    assert_eq!(status.status.code(), Some(0), "{}", text(&status));
    std::fs::write(
        folder.path().join("causette.toml"),
        format!("{QUICK}[server]\nname = \"other.example.org\"\n"),
    )
    .unwrap();
    let refused = reload();
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    assert!(text(&refused).contains("server.name"));
    server.plain().register("alice");
    server.signal(Signal::TERM);
    let (_, log) = server.wait();
    assert_eq!(log.matches("config.reload_failed").count(), 3, "{log}");
}

#[test]
fn who_asks_while_the_server_stops_is_not_told_that_none_runs() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let data_dir = folder.path().join("causette-data");
    // Nothing can be recorded, so that the stop takes its time; then time stands still.
    let other = open(&data_dir.join("causette.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let stop = || {
        let mut stop = causette(folder.path(), &["admin", "stop"]);
        stop.stdout(Stdio::piped()).stderr(Stdio::piped());
        stop.spawn().unwrap()
    };
    let first = stop();
    let begun = Instant::now();
    while data_dir.join("admin.sock").exists() {
        assert!(begun.elapsed() < DEADLINE);
        std::thread::yield_now();
    }
    server.signal(Signal::STOP);
    let second = stop();
    for _ in 0..2 {
        let status = run(folder.path(), &["admin", "status"], "");
        assert_eq!(status.status.code(), Some(3));
        assert!(text(&status).contains("starts or stops"), "{status:?}");
    }
    server.signal(Signal::CONT);
    assert_eq!(server.wait().0.code(), Some(1));
    let first = first.wait_with_output().unwrap();
    assert!(text(&first).contains("without recording"), "{first:?}");
    let second = second.wait_with_output().unwrap();
    assert_eq!(second.status.code(), Some(0), "{second:?}");
    assert!(text(&second).contains("has ended"), "{second:?}");
}
