//! The plain face: lines that are only ever appended, for screen readers, simple terminals, pipes, and whoever likes it.

mod carrying;
mod leaving;
mod long;
mod showing;
mod words;

use super::console::{Console, Event, is_capable};
use crate::arrival::Asking;
use crate::core::buffer::{BufferId, BufferKind};
use crate::core::command::{COMMANDS, Command, Typed, understand};
use crate::core::connection::Phase;
use crate::core::hush::knows_passwords;
use crate::core::input::Intent;
use crate::core::output::{Arrival, Output};
use crate::core::wording::aimed;
use crate::driver::Driver;
use crate::ending::{Call, Ending, Modes};
use crate::exit::{Exit, Trouble};
use crate::lines::Lines;
use causette_proto::{CompactString, Timestamp};
use std::collections::HashSet;
use std::time::Duration;

/// Messages from before that are shown when a conversation is opened.
const LAST_SHOWN: usize = 20;

/// The silence after which a screen reader is told the time again.
const SILENCE: Duration = Duration::from_secs(5 * 60);

/// How the plain face behaves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether what arrives waits while a line is typed.
    pub screen_reader: bool,
    /// Whether lines from a pipe may be commands.
    pub commands: bool,
    /// To whom lines from a pipe go.
    pub to: Option<CompactString>,
}

/// When the time is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    On,
    Off,
    Gap,
}

/// Talks until the person leaves.
///
/// # Errors
/// The connection, the trust or the terminal fails.
pub async fn run(
    driver: Driver,
    before: Vec<Output>,
    lines: Lines,
    options: Options,
    (mut ending, modes): (Ending, Modes),
) -> Result<Exit, Trouble> {
    let mut plain = Plain::new(driver, lines, options)?;
    plain.greet();
    plain.show_all(before);
    let result = plain.talk(&mut ending, &modes).await;
    let Plain {
        driver,
        console,
        death,
        ..
    } = plain;
    console.close();
    driver.finish().await;
    if let Some(status) = death {
        std::process::exit(status.into());
    }
    result
}

/// Who may be asked at the door of this face.
pub fn asking(lines: &Lines) -> Asking {
    if lines.is_terminal() {
        Asking::Allowed
    } else {
        Asking::Never
    }
}

struct Plain {
    driver: Driver,
    console: Console,
    options: Options,
    times: Times,
    said_last: Timestamp,
    /// Own messages that were typed here, by which they are known when they come back.
    own: HashSet<CompactString>,
    /// Of those, how many come back without a name of their own.
    own_unnamed: usize,
    shown_first: HashSet<BufferId>,
    /// The conversations in which something is unread that was not printed.
    unprinted: HashSet<BufferId>,
    /// Where the person knows that they are.
    told: BufferId,
    /// The long text of which it was asked whether it is to be sent.
    long: Option<long::Long>,
    /// Whether it was asked whether they want to leave.
    asks_leave: bool,
    /// The status with which a signal wants the program to die.
    death: Option<u8>,
    has_ended: bool,
    /// Whether nothing more is to be read: what is on its way is waited for.
    has_read_all: bool,
    failed: bool,
    online: bool,
    /// Why the server does not let this device in any more.
    refused: Option<Trouble>,
}

impl Plain {
    fn new(driver: Driver, lines: Lines, options: Options) -> Result<Self, Trouble> {
        let console = if !lines.is_terminal() {
            Console::pipe(lines)
        } else if options.screen_reader || !is_capable() {
            Console::bare()
        } else {
            Console::editor(&prompt_of(&driver))?
        };
        let times = if options.screen_reader {
            Times::Gap
        } else {
            Times::On
        };
        Ok(Self {
            told: driver.client().current().id,
            unprinted: HashSet::new(),
            driver,
            console,
            options,
            times,
            said_last: Timestamp::MIN,
            own: HashSet::new(),
            own_unnamed: 0,
            shown_first: HashSet::new(),
            long: None,
            asks_leave: false,
            death: None,
            has_ended: false,
            has_read_all: false,
            failed: false,
            online: true,
            refused: None,
        })
    }

    fn greet(&mut self) {
        let client = self.driver.client();
        if self.console.is_terminal() {
            let name = client.account().unwrap_or_else(|| client.nick()).to_owned();
            let server = self.driver.address().name();
            let variables = [("server", server.as_str()), ("nick", name.as_str())];
            let greeting = self
                .driver
                .locale()
                .text_with("client-plain-greeting", &variables);
            self.console.print(&greeting);
        }
        if let Some(to) = self.options.to.clone() {
            let intent = if self.driver.client().features().is_channel(&to) {
                Command::Join(to, None)
            } else {
                Command::Query(Some(to))
            };
            let here = self.driver.client().current().id;
            self.want(Intent::Command(here, intent));
        }
        self.refresh();
    }

    async fn talk(&mut self, ending: &mut Ending, modes: &Modes) -> Result<Exit, Trouble> {
        let mut reads = true;
        while !self.has_ended {
            tokio::select! {
                // What arrives is shown before what is typed behind it is sent.
                biased;
                outputs = self.driver.next() => {
                    self.show_all(outputs);
                    self.leave_when_carried();
                    // Where everybody begins needs no telling.
                    let is_arriving = self.told == self.driver.client().buffers()[0].id;
                    self.tell_place(is_arriving);
                    self.check_connection()?;
                    if self.console.is_broken() {
                        return Err(Trouble::new(Exit::Failed, ""));
                    }
                }
                call = ending.next() => match call {
                    Call::End => self.want(Intent::Quit(String::new())),
                    Call::Die(status) => {
                        self.death = Some(status);
                        return Ok(Exit::Interrupted);
                    }
                    Call::Suspend => modes.stop(),
                    Call::Resume => self.console.take_again(),
                    Call::Resize => {}
                },
                event = self.console.next(), if reads && self.may_read() => match event {
                    Event::Line(line, place) => self.typed(line, place),
                    Event::Pasted(text, place) => self.pasted(text, place),
                    Event::TooMuch => self.refuse_pasted(),
                    Event::End => {
                        reads = false;
                        self.has_read_all = true;
                        self.leave_when_carried();
                    }
                    Event::Interrupt => self.interrupted(),
                },
            }
        }
        let left = !self.driver.client().outbox().is_empty();
        Ok(if self.failed || left {
            Exit::Partly
        } else {
            Exit::Done
        })
    }

    /// A pipe is read only as fast as the server takes what comes through it, so that nothing of it is lost.
    fn may_read(&self) -> bool {
        let client = self.driver.client();
        let is_pipe = !self.console.is_terminal();
        let has_place = self.options.to.is_none() || client.current().kind != BufferKind::Server;
        !is_pipe
            || (client.link().is_online()
                && client.outbox().pending() < 16
                && !client.is_entering()
                && !client.is_carrying()
                && has_place)
    }

    /// A line was typed, which belongs to where it was begun: what has moved the person meanwhile moves no words of theirs.
    fn typed(&mut self, line: String, place: Option<BufferId>) {
        let here = self.here(place);
        let is_pipe = !self.console.is_terminal();
        if self.answered_leave(&line) || self.answered_long(&line) {
            // It was for nobody else.
        } else if is_pipe && !self.options.commands {
            self.want(Intent::Say(here, line));
        } else if line.trim().is_empty() && !is_pipe {
            self.come_back();
        } else if !line.trim().is_empty() {
            self.say_aim(here, &line);
            let typed = understand(&line, self.driver.client().settings().spelling);
            self.want(Intent::Submit(here, line));
            if let Typed::Say(_) | Typed::Command(Command::Last(_)) = typed {
                self.attend(here);
            }
        }
        self.refresh();
        self.console.handled();
        self.go_on();
    }

    /// An empty line does not wait for the next try.
    fn come_back(&mut self) {
        let link = self.driver.client().link();
        if link.phase == Phase::Offline {
            self.want(Intent::Connect);
        }
    }

    /// Where a line belongs that was begun in this place.
    fn here(&self, place: Option<BufferId>) -> BufferId {
        let client = self.driver.client();
        let place = place.filter(|&id| client.buffer(id).is_some());
        place.unwrap_or_else(|| client.current().id)
    }

    /// Says whom and what a command is about that names a message by its number.
    fn say_aim(&mut self, here: BufferId, line: &str) {
        let client = self.driver.client();
        if let (true, Some((aim, Some(entry)))) =
            (self.console.is_terminal(), client.aim(here, line))
        {
            let words = aimed(aim, Some(entry), self.driver.locale());
            self.console.print(&words);
        }
    }

    fn want(&mut self, intent: Intent) {
        let before = self.driver.client().current().id;
        let outputs = self.driver.intend(intent);
        self.show_all(outputs);
        self.tell_place(false);
        let now = self.driver.client().current().id;
        if before != now {
            self.attend(now);
        }
    }

    /// Tells the person where they are, when that is another place now.
    fn tell_place(&mut self, is_arriving: bool) {
        let client = self.driver.client();
        let buffer = client.current();
        let before = std::mem::replace(&mut self.told, buffer.id);
        if before == buffer.id {
            return;
        }
        let (name, home) = (buffer.name.to_string(), client.settings().home.to_string());
        let key = match buffer.kind {
            BufferKind::Query => "client-plain-with",
            BufferKind::Channel => "client-plain-in",
            BufferKind::Server => return self.refresh(),
        };
        if self.console.is_terminal() && !is_arriving {
            let variables = [("name", name.as_str()), ("home", home.as_str())];
            let text = self.driver.locale().text_with(key, &variables);
            self.console.print(&text);
        }
        self.refresh();
    }

    /// What stands before the line, and what can be completed in it.
    fn refresh(&mut self) {
        self.console.set_prompt(&prompt_of(&self.driver));
        let client = self.driver.client();
        let is_to_service = knows_passwords(&client.current().name);
        self.console.set_to_service(is_to_service);
        self.console.set_place(client.current().id);
        let commands = COMMANDS.iter().map(|known| format!("/{}", known.name));
        let hashes = COMMANDS
            .iter()
            .filter_map(|known| known.hash.as_ref().map(|(name, _)| format!("#{name}")));
        let people = client
            .current()
            .members
            .values()
            .map(|member| member.nick.to_string());
        let rooms = client
            .buffers()
            .iter()
            .skip(1)
            .map(|buffer| buffer.name.to_string());
        let words = commands.chain(hashes).chain(people).chain(rooms).collect();
        let files = client.file_names();
        self.console.set_words(words, files);
    }

    fn show_all(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            self.show(output);
        }
        if let Some(trouble) = self.driver.take_trouble() {
            self.console.print(&trouble);
        }
    }

    fn show(&mut self, output: Output) {
        match output {
            Output::Added(buffer, entry) => self.show_entry(buffer, entry),
            Output::Attention(buffer, entry) => self.call(buffer, entry),
            Output::Loaded {
                buffer,
                entries,
                page,
            } => self.show_page(buffer, &entries, page),
            Output::Stored { msgid, .. } if self.console.is_terminal() => match msgid {
                Some(msgid) => {
                    self.own.insert(msgid);
                }
                None => self.own_unnamed += 1,
            },
            Output::CaughtUp(buffer) => self.show_count(buffer),
            Output::Failed { .. } => self.failed = true,
            Output::Set(key, value) => {
                if key == "times" {
                    self.set_times(&value);
                } else {
                    let text = self.driver.locale().text_with(
                        "client-no-setting",
                        &[("name", &key), ("known", "times on|off|gap")],
                    );
                    self.console.print(&text);
                }
            }
            Output::Ended => self.has_ended = true,
            Output::Long {
                buffer,
                text,
                lines,
                messages,
            } => self.ask_long(buffer, text, lines, messages),
            Output::Untaken(..) => self.failed = true,
            Output::Arrival(Arrival::Refused(refused)) => {
                self.refused = Some(super::verb::sign_out(&mut self.driver, &refused));
            }
            Output::Carried(id, step) => self.show_step(&id, &step),
            Output::Changed => self.console.set_prompt(&prompt_of(&self.driver)),
            _ => {}
        }
    }

    /// Says that the connection is gone or back, and ends when it cannot come back by itself.
    fn check_connection(&mut self) -> Result<(), Trouble> {
        let is_online = self.driver.client().link().is_online();
        if is_online && !self.online {
            let text = self.driver.locale().text("client-back-online");
            if self.console.is_terminal() {
                self.console.print(&text);
            }
        }
        self.online = is_online;
        match self.refused.take() {
            Some(refused) => Err(refused),
            None => super::verb::check_failure(&self.driver),
        }
    }
}

/// `Me: `, or `Me → bob: ` in a conversation with one person.
fn prompt_of(driver: &Driver) -> String {
    let current = driver.client().current();
    match current.kind {
        BufferKind::Query => driver
            .locale()
            .text_with("client-prompt-to", &[("name", &current.name)]),
        _ => driver.locale().text("client-prompt"),
    }
}
