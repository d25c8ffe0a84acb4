//! The log must not end the chat, wherever it goes and whatever becomes of that place.

use crate::serve::fetch;
use crate::support::{Client, DEADLINE, Folder, QUICK, Server, causette, connect, run};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl, fstat};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A server whose log is no concern of the test's other parts.
struct Mute {
    child: Child,
    address: SocketAddr,
}

/// Tries until something is there.
fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "{what} does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Mute {
    fn start(folder: &Path, mut command: Command) -> Self {
        let child = command.spawn().unwrap();
        let file = folder.join("causette-data").join("address");
        let address = wait_for("the address", || {
            std::fs::read_to_string(&file).ok()?.trim().parse().ok()
        });
        Self { child, address }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Lines of the log that were lost.
    fn lost(&self) -> u64 {
        let page = fetch(connect(self.address), "/metrics");
        let mut lines = page.lines();
        let value = lines.find_map(|line| line.strip_prefix("causette_log_lines_lost_total "));
        value.unwrap().parse().unwrap()
    }

    /// Two people talk.
    fn chats(&self) {
        let mut people = ["alice", "bob"].map(|nick| {
            let mut client = Client::new(connect(self.address));
            client.register(nick);
            client.send("JOIN #general");
            client.expect(" 366 ");
            client
        });
        people[0].send("PRIVMSG #general :still here");
        people[1].expect("still here");
        for mut client in people {
            client.send("QUIT");
            client.expect("ERROR :");
        }
    }

    /// The end that it comes to when it is told to stop, within the time that is promised and some for a busy machine.
    fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        wait_for("the end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn guests() -> String {
    QUICK.replacen("[accounts]\n", "[accounts]\nrequired = false\n", 1)
}

/// A server in a folder whose standard error goes there, with something to complain about.
fn serving(folder: &Path, log: impl Into<Stdio>) -> Command {
    std::fs::write(folder.join("causette.toml"), guests()).unwrap();
    let mut command = causette(folder, &["serve", "--listen", "127.0.0.1:0"]);
    command.stderr(log);
    command
}

/// A pipe that takes nothing more.
pub(crate) fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    while writer.write(&[b'\n'; 4096]).is_ok() {}
    while writer.write(b"\n").is_ok() {}
    fcntl_setfl(&writer, flags).unwrap();
    (reader, writer)
}

#[test]
fn a_reader_of_the_log_that_has_ended_takes_nobody_with_it() {
    let folder = Folder::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let server = Mute::start(folder.path(), serving(folder.path(), writer));
    server.chats();
    server.signal(Signal::HUP);
    wait_for("a lost line", || (server.lost() > 0).then_some(()));
    server.chats();
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn a_full_disk_under_the_log_takes_nobody_with_it() {
    let folder = Folder::new();
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let server = Mute::start(folder.path(), serving(folder.path(), full()));
    server.chats();
    server.signal(Signal::HUP);
    wait_for("a lost line", || (server.lost() > 0).then_some(()));
    server.chats();
    assert_eq!(server.stop().code(), Some(0));
    // What ends the program cannot be told either, and its status says it all the same.
    std::fs::write(folder.path().join("causette.toml"), "[server]\nnmae = 1").unwrap();
    let mut refused = causette(folder.path(), &["serve"]);
    assert_eq!(refused.stderr(full()).status().unwrap().code(), Some(78));
    let mut unknown = causette(folder.path(), &["srve"]);
    assert_eq!(unknown.stderr(full()).status().unwrap().code(), Some(2));
}

#[test]
fn a_pipe_that_nobody_reads_holds_up_nobody() {
    let folder = Folder::new();
    let (mut reader, writer) = full_pipe();
    let server = Mute::start(folder.path(), serving(folder.path(), writer));
    server.chats();
    server.signal(Signal::HUP);
    server.chats();
    assert_eq!(server.stop().code(), Some(0));
    // What was in the pipe is all that there is: its last line had no room.
    let mut log = String::new();
    reader.read_to_string(&mut log).unwrap();
    assert!(log.trim().is_empty(), "{log}");
}

#[test]
fn what_waited_for_a_pipe_is_in_it_when_somebody_reads_again() {
    let folder = Folder::new();
    let (reader, writer) = full_pipe();
    let server = Mute::start(folder.path(), serving(folder.path(), writer));
    server.chats();
    let mut lines = BufReader::new(reader).lines();
    assert!(lines.any(|line| line.unwrap().contains("Listening on ")));
    server.signal(Signal::HUP);
    assert!(lines.any(|line| line.unwrap().contains("the configuration was read again")));
    assert_eq!(server.lost(), 0);
    // From here on nobody reads, and the reader is there.
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn a_closed_standard_error_is_none() {
    let folder = Folder::new();
    let serve = serving(folder.path(), Stdio::null());
    let mut closed = Command::new("sh");
    closed
        .args(["-c", "exec \"$0\" \"$@\" 2>&- >&-"])
        .arg(serve.get_program())
        .args(serve.get_args())
        .current_dir(folder.path());
    let server = Mute::start(folder.path(), closed);
    server.chats();
    server.signal(Signal::HUP);
    server.chats();
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn the_journal_is_told_how_urgent_each_line_is() {
    let folder = Folder::new();
    let (reader, writer) = std::io::pipe().unwrap();
    let stream = fstat(&writer).unwrap();
    let stream = format!("{}:{}", stream.st_dev, stream.st_ino);
    let mut command = serving(folder.path(), writer);
    command.env("JOURNAL_STREAM", &stream);
    let server = Mute::start(folder.path(), command);
    let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("<6>Listening on ")));
    std::fs::write(
        folder.path().join("causette.toml"),
        "[limits]\nnick = 0\ntopic = 0\n",
    )
    .unwrap();
    server.signal(Signal::HUP);
    for key in ["limits.nick", "limits.topic"] {
        let line = lines.find(|line| line.contains(key)).unwrap();
        assert!(
            line.starts_with("<3>the configuration stays as it was"),
            "{line}"
        );
    }
    assert_eq!(server.stop().code(), Some(0));
    // The journal is told why there was no start, too.
    let (mut reader, writer) = std::io::pipe().unwrap();
    let ours = fstat(&writer).unwrap();
    let mut command = causette(folder.path(), &["serve"]);
    command.env("JOURNAL_STREAM", format!("{}:{}", ours.st_dev, ours.st_ino));
    let status = command.stderr(writer).status().unwrap();
    drop(command);
    let mut log = String::new();
    reader.read_to_string(&mut log).unwrap();
    assert_eq!(status.code(), Some(78));
    assert_eq!(
        log.lines().filter(|line| line.starts_with("<3>")).count(),
        2,
        "{log}"
    );
    // Another stream of that name is not this one.
    let mut command = causette(folder.path(), &["serve"]);
    let output = command.env("JOURNAL_STREAM", &stream).output().unwrap();
    assert!(output.stderr.starts_with(b"Error: "), "{output:?}");
}

#[test]
fn a_start_that_fails_is_told_once_whatever_is_logged() {
    let folder = Folder::new();
    for levels in [
        "\"info\"",
        "\"off\"",
        "{ default = \"off\" }",
        "{ causette_server = \"off\" }",
        "{ default = \"off\", causette_server = \"error\" }",
    ] {
        let tls = "[tls]\ncertificate = \"none.pem\"\nkey = \"none.pem\"\n";
        let configuration = format!("{tls}[log]\nlevel = {levels}\n");
        std::fs::write(folder.path().join("causette.toml"), configuration).unwrap();
        let refused = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"], "");
        assert_eq!(refused.status.code(), Some(78), "{refused:?}");
        let told = String::from_utf8_lossy(&refused.stderr);
        let lines = told.lines().filter(|line| line.contains("tls.certificate"));
        assert_eq!(lines.count(), 1, "{levels}: {told}");
    }
}

#[test]
fn the_log_goes_to_a_file_in_json_and_to_another_one_when_it_was_moved_away() {
    let folder = Folder::new();
    let log = folder.path().join("causette.log");
    let settings = "[log]\nfile = \"causette.log\"\nformat = \"json\"\n\
                    level = { default = \"off\", \"causette_server::config::reload\" = \"info\" }\n";
    std::fs::write(
        folder.path().join("causette.toml"),
        format!("{}{settings}", guests()),
    )
    .unwrap();
    let mut command = causette(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    command.stderr(Stdio::piped());
    let mut server = Mute::start(folder.path(), command);
    let events = |file: &Path| -> Vec<String> {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let whole = text.lines().filter(|line| line.ends_with('}'));
        let event = |line: &str| {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            entry["event"].as_str().unwrap().to_owned()
        };
        whole.map(event).collect()
    };
    let reloaded = ["config.reloaded".to_owned()];
    server.signal(Signal::HUP);
    wait_for("the first event", || {
        (events(&log) == reloaded).then_some(())
    });
    let moved = folder.path().join("causette.log.1");
    std::fs::rename(&log, &moved).unwrap();
    server.signal(Signal::HUP);
    wait_for("the second event", || {
        (events(&log) == reloaded).then_some(())
    });
    assert_eq!(events(&moved), reloaded);
    server.chats();
    let mut error = server.child.stderr.take().unwrap();
    assert_eq!(server.stop().code(), Some(0));
    let mut said = String::new();
    error.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    std::fs::write(
        folder.path().join("causette.toml"),
        "[log]\nfile = \"/nowhere/at.all\"\n",
    )
    .unwrap();
    let refused = run(folder.path(), &["serve"], "");
    assert_eq!(refused.status.code(), Some(78));
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("log.file"),
        "{refused:?}"
    );
}

#[test]
fn a_module_that_logs_more_tells_what_the_disk_does() {
    let folder = Folder::new();
    let level = "level = { default = \"info\", \"causette_server::engine::recorder\" = \"debug\" }";
    let server = Server::start(folder.path(), &format!("{}[log]\n{level}\n", guests()));
    server.plain().register("alice");
    server.signal(Signal::TERM);
    let (_, log) = server.wait();
    assert!(
        log.contains("recorder.committed") && log.contains("elapsed_us"),
        "{log}"
    );
}
