//! People with the client: each has a home of their own, in which their programs run, through pipes or in a terminal.

use crate::support::{Client, DEADLINE, Folder, QUICK, Server, run_command};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};

/// A password that the server takes.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The variables of the environment that would change what the client does.
const UNWANTED: [&str; 8] = [
    "LC_ALL",
    "LC_MESSAGES",
    "XDG_STATE_HOME",
    "CAUSETTE_SERVER",
    "CAUSETTE_PLAIN",
    "CAUSETTE_PASSWORD_FILE",
    "NO_COLOR",
    "TMUX",
];

/// Lines of a program that wait to be looked at.
const LINES: usize = 100_000;

/// Where many tests of the client begin: a server, alice with her device, and bob, who speaks lines. They go away from the last
/// to the folder.
pub(crate) fn alice_and_bob() -> (Folder, Server, Person, Client) {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let mut bob = server.plain();
    bob.sign_up("bob");
    (folder, server, alice, bob)
}

/// Somebody with a home.
pub(crate) struct Person {
    name: String,
    home: PathBuf,
    language: &'static str,
}

impl Person {
    /// Somebody new, who speaks English.
    pub(crate) fn new(folder: &Folder, name: &str) -> Self {
        let home = folder.path().join(format!("home of {name}"));
        std::fs::create_dir(&home).unwrap();
        Self {
            name: name.to_owned(),
            home,
            language: "C",
        }
    }

    pub(crate) fn french(mut self) -> Self {
        self.language = "fr_FR.UTF-8";
        self
    }

    /// Somebody with an account, whose device the server knows.
    pub(crate) fn known(folder: &Folder, server: &Server, name: &str) -> Self {
        Self::known_by(folder, server, name, &server.address.to_string())
    }

    /// The same, at an address that leads to the server.
    pub(crate) fn known_by(folder: &Folder, server: &Server, name: &str, address: &str) -> Self {
        server.plain().sign_up(name);
        let person = Self::new(folder, name);
        person.sign_in(address);
        person
    }

    pub(crate) fn sign_in(&self, address: &str) {
        let arguments = [
            "login",
            "--account",
            &self.name,
            "--password-stdin",
            address,
        ];
        let told = self.run(&arguments, &format!("{PASSWORD}\n"));
        assert_eq!(told.status.code(), Some(0), "{told:?}");
    }

    /// A file of the client.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.join(".local/state/causette").join(name)
    }

    /// Where this person's programs run, and put what they fetch.
    pub(crate) fn folder(&self) -> &Path {
        &self.home
    }

    /// Whether a text is in any file of this person.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        is_anywhere(&self.home, text)
    }

    /// What is kept of a server between two runs.
    pub(crate) fn kept(&self) -> String {
        let files = std::fs::read_dir(self.file("state")).into_iter().flatten();
        let paths = files.flatten().map(|file| file.path());
        // One that is being written does not count yet.
        paths
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .collect()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_causette"));
        for variable in UNWANTED {
            command.env_remove(variable);
        }
        command
            .args(arguments)
            .current_dir(&self.home)
            .env("HOME", &self.home)
            .env("LANG", self.language);
        command
    }

    /// Runs a verb to its end.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        run_command(self.command(arguments), input)
    }

    /// The status with which a verb ends, and what it says besides.
    pub(crate) fn fails(&self, arguments: &[&str], input: &str) -> (i32, String) {
        let told = self.run(arguments, input);
        let status = told.status.code().unwrap();
        (status, String::from_utf8(told.stderr).unwrap())
    }

    /// What a verb prints that does what it should.
    #[track_caller]
    pub(crate) fn does(&self, arguments: &[&str]) -> String {
        let told = self.run(arguments, "");
        assert_eq!(told.status.code(), Some(0), "{arguments:?}: {told:?}");
        String::from_utf8(told.stdout).unwrap()
    }

    /// What was said in a channel, as scripts read it.
    #[track_caller]
    pub(crate) fn history(&self, channel: &str) -> Vec<Value> {
        let told = self.does(&["tail", "--json", "-n", "500", channel]);
        told.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The texts of a channel that begin like this.
    #[track_caller]
    pub(crate) fn texts(&self, channel: &str, beginning: &str) -> Vec<String> {
        let texts = self.history(channel).into_iter();
        texts
            .map(|message| message["text"].as_str().unwrap().to_owned())
            .filter(|text| text.starts_with(beginning))
            .collect()
    }

    /// A program, as it is written for a shell, on a terminal of that kind.
    pub(crate) fn program(&self, terminal: &str, arguments: &[&str]) -> String {
        let unset = UNWANTED.map(|variable| format!("-u {variable}")).join(" ");
        let home = self.home.display();
        let language = self.language;
        let program = written(arguments);
        format!("env {unset} -C '{home}' HOME='{home}' LANG={language} TERM={terminal} {program}")
    }

    /// The same, with every byte that it writes kept in a file.
    pub(crate) fn recorded(&self, terminal: &str, arguments: &[&str]) -> (String, PathBuf) {
        let record = self.home.join("record");
        let unset = UNWANTED.map(|variable| format!("-u {variable}")).join(" ");
        let home = self.home.display();
        let language = self.language;
        let program = written(arguments).replace('"', "\\\"");
        let script = format!(
            "env {unset} -C '{home}' HOME='{home}' LANG={language} TERM={terminal} SHELL=/bin/sh \
             script --quiet --return --flush --command \"exec {program}\" '{}'",
            record.display()
        );
        (script, record)
    }

    /// Starts a program whose lines come through a pipe.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::new(self.command(arguments))
    }
}

fn is_anywhere(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return is_anywhere(&path, text);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    })
}

fn written(arguments: &[&str]) -> String {
    let words = [env!("CARGO_BIN_EXE_causette")].into_iter();
    let words = words.chain(arguments.iter().copied());
    let words: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    words.join(" ")
}

/// A program that runs beside the test.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What was looked at already.
    seen: Vec<String>,
}

impl Running {
    pub(crate) fn new(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = sync_channel(LINES);
        std::thread::spawn(move || {
            for line in output.lines() {
                // Bytes that are no text are no line; whoever waits for it sees the end instead.
                let Ok(line) = line else { return };
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// Gives it a line.
    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for the next line with a text in it.
    #[track_caller]
    pub(crate) fn see(&mut self, text: &str) -> String {
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(reason) => panic!("{text:?} did not come ({reason}); seen: {:#?}", self.seen),
            }
        }
    }

    /// What was looked at so far.
    pub(crate) fn seen(&self) -> &[String] {
        &self.seen
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Gives it no more lines, and waits until it ends; gives its status and all that it has said.
    #[track_caller]
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<String>) {
        drop(self.input.take());
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it goes on; seen: {:#?}", self.seen),
            }
        }
        let status = self.child.wait().unwrap();
        (status.code(), std::mem::take(&mut self.seen))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; either way no process outlives its test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
