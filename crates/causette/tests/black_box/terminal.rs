//! Terminals for the programs that want one: a tmux of the test's own. What counts is what is on their screens.

use rustix::process::{Pid, Signal, kill_process_group};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// How long a text may take to appear. irssi spaces out the lines that it sends after joining by seconds.
const DEADLINE: Duration = Duration::from_secs(20);

/// Between two looks at a screen, since a terminal does not tell when it has changed.
const LOOK: Duration = Duration::from_millis(50);

/// The title of a terminal whose program has ended.
const OVER: &str = "the program has ended";

/// The terminals: a tmux of its own, with its socket in the test's folder.
pub(crate) struct Desk {
    folder: PathBuf,
    opened: Cell<usize>,
}

impl Desk {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            opened: Cell::new(0),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a program, written as for a shell, in a terminal of so many columns and rows.
    pub(crate) fn open(&self, program: &str, (columns, rows): (u16, u16)) -> Terminal<'_> {
        self.opened.set(self.opened.get() + 1);
        let name = format!("terminal{}", self.opened.get());
        let (columns, rows) = (columns.to_string(), rows.to_string());
        // By files, and with a screen that stays: tmux now and then misses how a program has ended, and what it said last.
        let script = format!("echo $$ > '{name}.pid'\nexec {program}\n");
        std::fs::write(self.folder.join(&name), script).unwrap();
        // Ctrl+C is for the program, and not for the shells around it.
        // The title comes behind all that it has said.
        let program = format!(
            "trap : INT; sh '{name}'; echo $? > '{name}.status'; printf '\\033]2;{OVER}\\007'; exec sleep infinity"
        );
        let opened = self.tmux(&[
            "new-session",
            "-d",
            "-s",
            &name,
            "-x",
            &columns,
            "-y",
            &rows,
            &program,
        ]);
        assert!(opened.status.success(), "{opened:?}");
        Terminal { desk: self, name }
    }

    fn tmux(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .arg("-S")
            .arg(self.folder.join("tmux.sock"))
            .args(["-u", "-f", "/dev/null"])
            .args(arguments)
            .current_dir(&self.folder)
            .env_remove("TMUX")
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm")
            .env("TZ", "UTC")
            .output()
            .unwrap()
    }

    /// The processes that the terminals belong to.
    fn panes(&self) -> Vec<Pid> {
        let listed = self.tmux(&["list-panes", "-a", "-F", "#{pane_pid}"]);
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let pids = listed.lines().filter_map(|pid| pid.parse().ok());
        pids.filter_map(Pid::from_raw).collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Killed and waited for: a program that is asked to end writes its settings while the folder is being removed.
        for pid in self.panes() {
            let _ = kill_process_group(pid, Signal::KILL);
        }
        within_deadline(|| self.panes().is_empty());
        self.tmux(&["kill-server"]);
    }
}

/// A program on its screen, and the person before it.
pub(crate) struct Terminal<'a> {
    desk: &'a Desk,
    name: String,
}

impl Terminal<'_> {
    /// Types, and sends nothing.
    pub(crate) fn write(&mut self, text: &str) {
        self.desk
            .tmux(&["send-keys", "-t", &self.name, "-l", "--", text]);
    }

    /// Presses a key that has a name.
    pub(crate) fn press(&mut self, key: &str) {
        self.desk.tmux(&["send-keys", "-t", &self.name, key]);
    }

    /// Pastes a text, as a terminal does that says where it begins and ends.
    pub(crate) fn paste(&mut self, text: &str) {
        let file = self.desk.folder.join(&self.name).with_extension("paste");
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        self.desk.tmux(&["load-buffer", file]);
        self.desk
            .tmux(&["paste-buffer", "-p", "-d", "-t", &self.name]);
    }

    /// Sends bytes as they are.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut arguments = vec!["send-keys", "-t", &self.name, "-H"];
        arguments.extend(hex.iter().map(String::as_str));
        self.desk.tmux(&arguments);
    }

    /// Types a line.
    pub(crate) fn enter(&mut self, line: &str) {
        self.write(line);
        self.press("Enter");
    }

    /// Waits until a text is on the screen; gives the screen.
    #[track_caller]
    pub(crate) fn see(&self, text: &str) -> String {
        self.see_so(&format!("{text:?} is not there"), |screen| {
            screen.contains(text)
        })
    }

    /// Waits until the screen is as it should be; gives it.
    #[track_caller]
    pub(crate) fn see_so(&self, otherwise: &str, is_so: impl Fn(&str) -> bool) -> String {
        let mut screen = String::new();
        let seen = within_deadline(|| {
            screen = self.screen();
            is_so(&screen)
        });
        assert!(
            seen,
            "{otherwise}, on the screen of {}:\n{screen}",
            self.name
        );
        screen
    }

    /// Waits until the program has ended and all that it has said is on the screen; gives its status as a shell does.
    #[track_caller]
    pub(crate) fn see_the_end(&self) -> i32 {
        let status = self.told("status");
        let status = status.unwrap_or_else(|| panic!("{} goes on:\n{}", self.name, self.screen()));
        let is_over = || self.ask("#{pane_title}").trim() == OVER;
        assert!(within_deadline(is_over), "{}: no end is shown", self.name);
        status
    }

    /// Waits until the line that is being typed is this one: then an editor of lines reads keys, and knows a paste.
    #[track_caller]
    pub(crate) fn see_prompt(&self, prompt: &str) {
        self.see_so(&format!("{prompt:?} does not wait for a line"), |screen| {
            last_line(screen).trim_end() == prompt
        });
    }

    #[track_caller]
    pub(crate) fn pid(&self) -> Pid {
        let pid = self.told("pid").and_then(Pid::from_raw);
        pid.unwrap_or_else(|| panic!("{} did not start:\n{}", self.name, self.screen()))
    }

    /// Waits for the number in one of the program's files.
    fn told(&self, extension: &str) -> Option<i32> {
        let file = self.desk.folder.join(&self.name).with_extension(extension);
        let mut text = String::new();
        let told = within_deadline(|| {
            text = std::fs::read_to_string(&file).unwrap_or_default();
            text.ends_with('\n')
        });
        told.then(|| text.trim().parse().ok())?
    }

    pub(crate) fn screen(&self) -> String {
        self.capture(&[])
    }

    /// The screen, and what was pushed over its edge.
    pub(crate) fn scroll(&self) -> String {
        self.capture(&["-S", "-"])
    }

    /// Waits until the terminal shows its cursor.
    #[track_caller]
    pub(crate) fn see_the_cursor(&self) {
        let shows = || self.ask("#{cursor_flag}").starts_with('1');
        assert!(within_deadline(shows), "no cursor in {}", self.name);
    }

    /// What tmux knows of this terminal.
    fn ask(&self, what: &str) -> String {
        let asked = ["display-message", "-p", "-t", &self.name, what];
        String::from_utf8_lossy(&self.desk.tmux(&asked).stdout).into_owned()
    }

    fn capture(&self, what: &[&str]) -> String {
        let mut arguments = vec!["capture-pane", "-p", "-J", "-t", &self.name];
        arguments.extend(what);
        let captured = self.desk.tmux(&arguments);
        String::from_utf8_lossy(&captured.stdout).into_owned()
    }
}

/// The last line on a screen that is not empty.
fn last_line(screen: &str) -> &str {
    let mut lines = screen.lines().rev();
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

/// Looks again and again until something is so, or the deadline has passed.
pub(crate) fn within_deadline(mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(LOOK);
    }
    true
}
