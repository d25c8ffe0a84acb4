//! What each command does.

use crate::core::buffer::{Buffer, BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::command::{COMMANDS, Command, Toggle, by_name};
use crate::core::entry::Manner;
use crate::core::limits::PAGE;
use crate::core::outbox::State;
use crate::core::output::Output;
use crate::core::people::Roll;
use crate::core::request::Request;
use crate::core::transfer::Source;
use causette_proto::{CompactString, Message};

/// A line for the server: a verb and its parameters.
pub(crate) fn message(verb: &str, params: &[&str]) -> Message {
    params
        .iter()
        .fold(Message::new(verb), |message, param| message.param(*param))
}

/// The same with a reason behind, if the person gave one.
pub(crate) fn message_with_reason(verb: &str, params: &[&str], reason: &str) -> Message {
    let message = message(verb, params);
    if reason.is_empty() {
        message
    } else {
        message.param(reason)
    }
}

impl Client {
    pub(crate) fn command(&mut self, here: BufferId, command: Command, out: &mut Vec<Output>) {
        self.answered = Some(here);
        match command {
            Command::Help(word) => self.help(here, word.as_deref(), out),
            Command::Join(channel, key) => self.join(here, &channel, key.as_deref(), out),
            Command::Part(reason) => self.part(here, &reason, out),
            Command::Message(target, text) => {
                self.say(here, &target, &text, Manner::Message, None, out);
            }
            Command::Notice(target, text) => {
                self.say(here, &target, &text, Manner::Notice, None, out);
            }
            Command::Query(nick) => self.query(here, nick.as_deref(), out),
            Command::Me(text) => self.act(here, &text, out),
            Command::Reply(number, text) => self.reply(here, number, &text, out),
            Command::React(number, emoji) => self.react_to(here, number, &emoji, out),
            Command::Delete(number, reason) => self.delete(here, number, &reason, out),
            Command::Last(count) => self.number_last(here, count, out),
            Command::Topic(topic) => self.topic(here, topic.as_deref(), out),
            Command::Who(mask) => self.who(here, mask.as_deref(), out),
            Command::Connected => self.connected(here, out),
            Command::Whois(nick) => self.ask_server(here, message("WHOIS", &[&nick]), out),
            Command::Invite(nick) => {
                self.in_channel(here, out, |name| message("INVITE", &[&nick, name]))
            }
            Command::Kick(nick, reason) => self.in_channel(here, out, |name| {
                message_with_reason("KICK", &[name, &nick], &reason)
            }),
            Command::Ban(mask, toggle) => {
                let mode = if toggle == Toggle::On { "+b" } else { "-b" };
                let mask = if mask.contains(['!', '@', '~']) {
                    mask
                } else {
                    format!("{mask}!*@*").into()
                };
                self.in_channel(here, out, |name| message("MODE", &[name, mode, &mask]));
            }
            Command::Mode(modes) => self.mode(here, &modes, out),
            Command::Away(reason) => self.be_away(here, reason, out),
            Command::Nick(nick) => self.ask_server(here, message("NICK", &[&nick]), out),
            Command::List(mask) => {
                let list =
                    mask.map_or_else(|| Message::new("LIST"), |mask| message("LIST", &[&mask]));
                self.ask_server(here, list, out);
            }
            Command::Mute => self.mute(here, out),
            Command::Search(text) => self.search(here, &text, out),
            Command::Set(key, value) => out.push(Output::Set(key, value)),
            Command::Quote(line) => self.quote(here, &line, out),
            Command::Resend => self.with_failed(Self::retry, out),
            Command::Discard => self.discard(here, out),
            Command::Go(name) => self.go(here, &name, out),
            Command::Older => self.older_again(here, out),
            Command::Files(which) => self.list_files(here, which, out),
            Command::Upload(audience, path) => {
                self.upload(here, audience, Source::Path(path), out);
            }
            Command::Download(wanted) => self.download(here, &wanted, out),
            Command::Transfers(act) => self.transfer_command(here, act, out),
            Command::Quit(farewell) => self.quit(&farewell, out),
        }
    }

    /// Whether the server can be asked now; if not, the person is told.
    fn is_there(&mut self, here: BufferId, out: &mut Vec<Output>) -> bool {
        if !self.link.is_online() {
            self.inform_key(here, "client-not-connected", &[], out);
        }
        self.link.is_online()
    }

    pub(crate) fn ask_server(&mut self, here: BufferId, message: Message, out: &mut Vec<Output>) {
        if self.is_there(here, out) {
            self.request(message, Request::Command(here), out);
        }
    }

    fn in_channel(
        &mut self,
        here: BufferId,
        out: &mut Vec<Output>,
        make: impl FnOnce(&str) -> Message,
    ) {
        match self.channel_name(here) {
            Some(name) => self.ask_server(here, make(&name), out),
            None => self.inform_key(here, "client-no-channel", &[], out),
        }
    }

    fn channel_name(&self, id: BufferId) -> Option<CompactString> {
        let channel = self
            .buffer(id)
            .filter(|buffer| buffer.kind == BufferKind::Channel);
        channel.map(|buffer| buffer.name.clone())
    }

    fn help(&mut self, here: BufferId, word: Option<&str>, out: &mut Vec<Output>) {
        let locale = self.settings.locale.clone();
        let Some(word) = word else {
            self.inform_key(here, "client-help-heading", &[], out);
            for known in COMMANDS {
                let usage = known.usage(&locale);
                let mut line = format!("  {usage:<28} {}", locale.text(known.summary));
                if let Some((hash, _)) = &known.hash {
                    line.push_str(&format!(" (#{hash})"));
                }
                self.inform(here, line, out);
            }
            return;
        };
        match by_name(word.trim_start_matches(['/', '#'])) {
            Some(known) => {
                let line = format!("{}: {}", known.usage(&locale), locale.text(known.summary));
                self.inform(here, line, out);
            }
            None => self.inform_key(here, "client-unknown", &[("word", word)], out),
        }
    }

    fn join(
        &mut self,
        here: BufferId,
        channel: &CompactString,
        key: Option<&str>,
        out: &mut Vec<Output>,
    ) {
        let name = if self.features.is_channel(channel) {
            channel.clone()
        } else {
            format!("#{channel}").into()
        };
        let known = self
            .find(&name)
            .filter(|&id| self.buffer(id).is_some_and(|buffer| buffer.is_joined));
        if let Some(known) = known {
            self.open(known, out);
            return;
        }
        if self.is_there(here, out) {
            self.wanted = Some(name.clone());
            let join = Message::new("JOIN").param(name);
            let join = key.into_iter().fold(join, |join, key| join.param(key));
            self.request(join, Request::Command(here), out);
        }
    }

    fn part(&mut self, here: BufferId, reason: &str, out: &mut Vec<Output>) {
        match self
            .buffer(here)
            .map(|buffer| (buffer.kind, buffer.is_joined))
        {
            Some((BufferKind::Channel, true)) => self.in_channel(here, out, |name| {
                message_with_reason("PART", &[name], reason)
            }),
            Some((BufferKind::Channel | BufferKind::Query, _)) => self.close(here, out),
            _ => self.inform_key(here, "client-no-channel", &[], out),
        }
    }

    /// Puts a conversation away; what is said there later opens it again.
    fn close(&mut self, id: BufferId, out: &mut Vec<Output>) {
        if id != self.server_buffer() {
            self.put_away(id);
        }
        if self.current == id {
            let home = self.home();
            self.open(home, out);
        }
        out.push(Output::Changed);
    }

    /// The common room, or else any channel, or else the server.
    fn home(&self) -> BufferId {
        let home = self.find(&self.settings.home);
        let channel = || {
            self.buffers
                .iter()
                .find(|buffer| buffer.kind == BufferKind::Channel && buffer.is_joined)
        };
        home.or_else(|| channel().map(|buffer| buffer.id))
            .unwrap_or_else(|| self.server_buffer())
    }

    fn query(&mut self, here: BufferId, nick: Option<&str>, out: &mut Vec<Output>) {
        let Some(nick) = nick else {
            let home = self.home();
            self.open(home, out);
            return;
        };
        if self.features.is_channel(nick) {
            self.inform_key(here, "client-not-a-person", &[("name", nick)], out);
            return;
        }
        let query = self.query_with(nick);
        self.open(query, out);
    }

    fn act(&mut self, here: BufferId, text: &str, out: &mut Vec<Output>) {
        match self
            .buffer(here)
            .filter(|buffer| buffer.kind != BufferKind::Server)
        {
            Some(buffer) => {
                let name = buffer.name.clone();
                self.say(here, &name, text, Manner::Action, None, out);
            }
            None => self.inform_key(here, "client-nowhere", &[], out),
        }
    }

    fn topic(&mut self, here: BufferId, topic: Option<&str>, out: &mut Vec<Output>) {
        match topic {
            Some(topic) => self.in_channel(here, out, |name| message("TOPIC", &[name, topic])),
            None => {
                let topic = self
                    .buffer(here)
                    .map(|buffer| buffer.topic.clone())
                    .unwrap_or_default();
                let key = if topic.is_empty() {
                    "client-topic-none"
                } else {
                    "client-topic-is"
                };
                self.inform_key(here, key, &[("topic", &topic)], out);
            }
        }
    }

    fn who(&mut self, here: BufferId, mask: Option<&str>, out: &mut Vec<Output>) {
        let Some(mask) = mask else {
            self.list_members(here, out);
            return;
        };
        if self.is_there(here, out) {
            self.roll = Some(Roll::new(here, mask));
            self.request(message("WHO", &[mask]), Request::Command(here), out);
        }
    }

    fn list_members(&mut self, here: BufferId, out: &mut Vec<Output>) {
        let Some(buffer) = self
            .buffer(here)
            .filter(|buffer| buffer.kind == BufferKind::Channel)
        else {
            self.connected(here, out);
            return;
        };
        let away = self.settings.locale.text("client-is-away");
        let people: Vec<String> = ranked(buffer, &self.features.prefixes)
            .iter()
            .map(|member| {
                let mark = member
                    .prefixes
                    .chars()
                    .next()
                    .map(String::from)
                    .unwrap_or_default();
                let away = if member.is_away {
                    format!(" ({away})")
                } else {
                    String::new()
                };
                format!("{mark}{}{away}", self.called(&member.nick))
            })
            .collect();
        let count = people.len().to_string();
        let people = people.join(", ");
        self.inform_key(
            here,
            "client-people",
            &[("count", &count), ("people", &people)],
            out,
        );
    }

    fn connected(&mut self, here: BufferId, out: &mut Vec<Output>) {
        if self.is_there(here, out) {
            self.roll = Some(Roll::new(here, "*"));
            self.request(message("WHO", &["*"]), Request::Command(here), out);
        }
    }

    fn mode(&mut self, here: BufferId, modes: &str, out: &mut Vec<Output>) {
        let words: Vec<&str> = modes.split_whitespace().collect();
        let names_target = words
            .first()
            .is_some_and(|word| !word.starts_with(['+', '-']));
        if names_target {
            self.ask_server(here, message("MODE", &words), out);
        } else {
            self.in_channel(here, out, |name| {
                let mode = message("MODE", &[name]);
                words.iter().fold(mode, |mode, word| mode.param(*word))
            });
        }
    }

    fn mute(&mut self, here: BufferId, out: &mut Vec<Output>) {
        let Some(buffer) = self.buffer_mut(here) else {
            return;
        };
        buffer.is_muted = !buffer.is_muted;
        let key = if buffer.is_muted {
            "client-muted"
        } else {
            "client-unmuted"
        };
        let name = buffer.name.clone();
        self.inform_key(here, key, &[("name", &name)], out);
        out.push(Output::Keep { at_once: false });
        out.push(Output::Changed);
    }

    fn search(&mut self, here: BufferId, text: &str, out: &mut Vec<Output>) {
        if !self.features.has("soju.im/search") {
            self.inform_key(here, "client-no-search", &[], out);
            return;
        }
        let place = self
            .buffer(here)
            .filter(|buffer| buffer.kind != BufferKind::Server);
        let place = place
            .map(|buffer| format!("in={};", escape(&buffer.name)))
            .unwrap_or_default();
        let search =
            Message::new("SEARCH").param(format!("{place}text={};limit={PAGE}", escape(text)));
        if self.is_there(here, out) {
            self.request(search, Request::Search(here), out);
        }
    }

    fn quote(&mut self, here: BufferId, line: &str, out: &mut Vec<Output>) {
        match Message::parse(line.as_bytes()) {
            Ok(message) => self.ask_server(here, message, out),
            Err(_) => self.inform_key(here, "client-not-a-line", &[], out),
        }
    }

    /// Does something with each message that was refused.
    fn with_failed(&mut self, act: fn(&mut Self, u64, &mut Vec<Output>), out: &mut Vec<Output>) {
        let failed: Vec<u64> = self
            .outbox
            .iter()
            .filter(|message| matches!(message.state, State::Failed(_)))
            .map(|message| message.id)
            .collect();
        for id in failed {
            act(self, id, out);
        }
    }

    fn go(&mut self, here: BufferId, name: &str, out: &mut Vec<Output>) {
        let by_number = name
            .parse()
            .ok()
            .and_then(|number: usize| self.buffers.get(number))
            .map(|buffer| buffer.id);
        let wanted = name.to_lowercase();
        let title = |buffer: &Buffer| self.title(buffer).to_lowercase();
        let server = &self.buffers[0];
        let by_part = || {
            let others = self.buffers[1..].iter();
            let mut all = others.chain([server]);
            all.find(|buffer| title(buffer).contains(&wanted))
                .map(|buffer| buffer.id)
        };
        let by_number = by_number.or_else(|| (title(server) == wanted).then_some(server.id));
        match self.find(name).or(by_number).or_else(by_part) {
            Some(id) => self.open(id, out),
            None => self.inform_key(here, "client-no-conversation", &[("name", name)], out),
        }
    }
}

/// The members of a channel by rank, then by name.
pub fn ranked<'a>(
    buffer: &'a Buffer,
    ranks: &[(char, char)],
) -> Vec<&'a crate::core::buffer::Member> {
    let rank = |prefixes: &str| {
        let mark = prefixes.chars().next();
        ranks
            .iter()
            .position(|&(_, rank)| Some(rank) == mark)
            .unwrap_or(ranks.len())
    };
    // The map is sorted by name already, and sorting by rank keeps that order.
    let mut members: Vec<_> = buffer.members.values().collect();
    members.sort_by_key(|member| rank(&member.prefixes));
    members
}

/// A value of the attributes of a search. <https://soju.im/search>
fn escape(value: &str) -> String {
    let mut escaped = String::new();
    causette_proto::tags::escape_value(value, &mut escaped);
    escaped
}
