//! Who is where: the members of channels, who comes and goes, who is away.

use crate::core::buffer::{Buffer, BufferId, BufferKind, Member};
use crate::core::client::Client;
use crate::core::entry::{Change, What};
use crate::core::limits::{MEMBERS_MAX, MEMBERS_TOTAL_MAX, PRESENCE_MAX};
use crate::core::output::{Output, Person};
use crate::core::receive::{last, msgid_of, nick_of, time_of};
use crate::core::request::Request;
use causette_proto::{CompactString, Message};
use std::collections::BTreeMap;

/// By which the rows of our own WHO are known.
const PRESENCE_TOKEN: &str = "9";

/// The answer to a WHO of the person, as far as it has come.
#[derive(Debug)]
pub(crate) struct Roll {
    pub(crate) buffer: BufferId,
    pub(crate) mask: CompactString,
    pub(crate) rows: Vec<Person>,
}

impl Roll {
    pub(crate) fn new(buffer: BufferId, mask: &str) -> Self {
        Self {
            buffer,
            mask: mask.into(),
            rows: Vec::new(),
        }
    }
}

impl Client {
    /// The person is in a channel now.
    pub(crate) fn entered(
        &mut self,
        buffer: BufferId,
        name: &CompactString,
        out: &mut Vec<Output>,
    ) {
        let now = self.now;
        let marks = self.features.has("draft/read-marker");
        if let Some(buffer) = self.buffer_mut(buffer) {
            buffer.name = name.clone();
            buffer.is_joined = true;
            buffer.members.clear();
            buffer.named = None;
            if !marks && buffer.read.is_none() {
                // Nothing tells what was read before: what comes from now on is new.
                buffer.read = Some(now);
            }
        }
        let is_first = self.current == self.server_buffer();
        let is_wanted = self.wanted.take_if(|wanted| wanted == name).is_some();
        if is_first || is_wanted {
            self.go_unless_typing(buffer, name, out);
        }
        self.catch_up(buffer, out);
        out.push(Output::Changed);
    }

    /// Opens a channel that has let the person in; not while they are typing, whose words would end in another place than they
    /// began.
    fn go_unless_typing(&mut self, channel: BufferId, name: &str, out: &mut Vec<Output>) {
        if !self.current().is_written {
            self.open(channel, out);
        } else {
            let here = self.current;
            self.inform_key(here, "client-entered-meanwhile", &[("channel", name)], out);
        }
    }

    pub(crate) fn member_came(&mut self, buffer: BufferId, nick: &CompactString) {
        let has_room = self.members() < MEMBERS_TOTAL_MAX;
        let key = self.features.fold.key(nick);
        let is_away = self.is_away(&key);
        let Some(buffer) = self.buffer_mut(buffer) else {
            return;
        };
        if has_room && buffer.members.len() < MEMBERS_MAX {
            let member = Member {
                nick: nick.clone(),
                is_away,
                ..Member::default()
            };
            buffer.members.insert(key, member);
        }
    }

    /// Whether somebody is away, as far as any channel tells.
    fn is_away(&self, key: &str) -> bool {
        let known = self
            .buffers
            .iter()
            .find_map(|buffer| buffer.members.get(key));
        known.is_some_and(|member| member.is_away)
    }

    /// Somebody is away, or back: everywhere.
    pub(crate) fn set_away(&mut self, nick: &str, is_away: bool) {
        let key = self.features.fold.key(nick);
        for buffer in &mut self.buffers {
            if let Some(member) = buffer.members.get_mut(&key) {
                member.is_away = is_away;
            }
        }
    }

    /// Asks who of a channel is away, once: from then on the server tells when that changes.
    fn ask_presence(&mut self, channel: &str, out: &mut Vec<Output>) {
        let is_watching = self.settings.follows && self.settings.keeps;
        let tells = is_watching && self.features.has("away-notify");
        let Some(buffer) = self.find(channel).and_then(|id| self.buffer_mut(id)) else {
            return;
        };
        if !tells || buffer.past.has_presence || buffer.members.len() > PRESENCE_MAX {
            return;
        }
        buffer.past.has_presence = true;
        let who = Message::new("WHO").param(buffer.name.clone());
        let who = if self.features.whox {
            who.param(format!("%tnf,{PRESENCE_TOKEN}"))
        } else {
            who
        };
        out.push(Output::Send(who));
    }

    /// People who are known by name, once for each channel.
    fn members(&self) -> usize {
        let of =
            |buffer: &Buffer| buffer.members.len() + buffer.named.as_ref().map_or(0, BTreeMap::len);
        self.buffers.iter().map(of).sum()
    }

    pub(crate) fn member_left(&mut self, buffer: BufferId, nick: &str, out: &mut Vec<Output>) {
        let key = self.features.fold.key(nick);
        let is_me = self.is_me(nick);
        if let Some(buffer) = self.buffer_mut(buffer) {
            buffer.members.remove(&key);
            buffer.typing.retain(|(typing, _)| typing != nick);
            if is_me {
                buffer.is_joined = false;
                buffer.members.clear();
                buffer.past.has_left = true;
                buffer.past.has_presence = false;
                out.push(Output::Changed);
            }
        }
    }

    pub(crate) fn quitted(&mut self, message: &Message, out: &mut Vec<Output>) {
        let who = nick_of(message);
        let key = self.features.fold.key(&who);
        let shared = self.buffers_with(&key);
        for &buffer in &shared {
            self.member_left(buffer, &who, out);
        }
        self.tell_all(&shared, message, &who, out);
        self.forget_profile(&key);
    }

    pub(crate) fn renamed(&mut self, message: &Message, out: &mut Vec<Output>) {
        let (who, new) = (nick_of(message), CompactString::from(last(message)));
        let (old_key, new_key) = (self.features.fold.key(&who), self.features.fold.key(&new));
        let is_me = self.is_me(&who);
        let shared = self.buffers_with(&old_key);
        for &buffer in &shared {
            let Some(buffer) = self.buffer_mut(buffer) else {
                continue;
            };
            if let Some(mut member) = buffer.members.remove(&old_key) {
                member.nick = new.clone();
                buffer.members.insert(new_key.clone(), member);
            }
        }
        self.profile_renamed(&old_key, new_key.clone());
        if is_me {
            self.nick = new.clone();
        } else if let (Some(query), None) = (self.find(&who), self.find(&new))
            && let Some(query) = self.buffer_mut(query)
        {
            query.name = new;
            query.key = new_key;
        }
        self.tell_all(&shared, message, &who, out);
        out.push(Output::Changed);
    }

    /// Tells of something in every channel that is shared with somebody, and in the conversation with them.
    fn tell_all(
        &mut self,
        shared: &[BufferId],
        message: &Message,
        who: &CompactString,
        out: &mut Vec<Output>,
    ) {
        let query = self.find(who).filter(|query| !shared.contains(query));
        for &buffer in shared.iter().chain(&query) {
            if let Some(what) = self.what_of(message, who) {
                // The same msgid may be in several conversations: each has its own timeline.
                let entry = self.entry(time_of(message, self.now), msgid_of(message), what);
                self.add(buffer, entry, out);
            }
        }
    }

    fn buffers_with(&self, key: &str) -> Vec<BufferId> {
        let shared = self
            .buffers
            .iter()
            .filter(|buffer| buffer.members.contains_key(key));
        shared.map(|buffer| buffer.id).collect()
    }

    pub(crate) fn went_away(&mut self, message: &Message, out: &mut Vec<Output>) {
        let is_away = !message.params.is_empty() && !last(message).is_empty();
        self.set_away(&nick_of(message), is_away);
        out.push(Output::Changed);
    }

    pub(crate) fn account_changed(&mut self, message: &Message, out: &mut Vec<Output>) {
        if self.is_me(&nick_of(message)) {
            let account = message.params.first().filter(|account| *account != "*");
            self.account = account.cloned();
            out.push(Output::Changed);
        }
    }

    pub(crate) fn invited(
        &mut self,
        who: &CompactString,
        message: &Message,
        out: &mut Vec<Output>,
    ) {
        let guest = message.params.first().cloned().unwrap_or_default();
        let channel = last(message).to_owned();
        if self.is_me(&guest) {
            let variables = [("nick", who.as_str()), ("channel", channel.as_str())];
            self.inform_key(self.current, "client-you-are-invited", &variables, out);
        } else if let Some(buffer) = self.find(&channel) {
            let what = What::Change {
                by: who.clone(),
                change: Change::Invited(guest),
            };
            let entry = self.entry(time_of(message, self.now), msgid_of(message), what);
            self.add(buffer, entry, out);
        }
    }

    pub(crate) fn set_topic(&mut self, channel: &str, topic: &str, out: &mut Vec<Output>) {
        if let Some(buffer) = self.find(channel).and_then(|id| self.buffer_mut(id)) {
            topic.clone_into(&mut buffer.topic);
            out.push(Output::Changed);
        }
    }

    /// 353: some of the members of a channel.
    pub(crate) fn named(&mut self, message: &Message) {
        let [.., channel, names] = &message.params[..] else {
            return;
        };
        let marks: Vec<char> = self
            .features
            .prefixes
            .iter()
            .map(|&(_, mark)| mark)
            .collect();
        let fold = self.features.fold;
        let has_room = self.members() < MEMBERS_TOTAL_MAX;
        let Some(buffer) = self.find(channel).and_then(|id| self.buffer_mut(id)) else {
            return;
        };
        let named = buffer.named.get_or_insert_default();
        for name in names.split_whitespace() {
            let mask = name.trim_start_matches(|first| marks.contains(&first));
            let prefixes = &name[..name.len() - mask.len()];
            let nick = mask.split('!').next().unwrap_or(mask);
            if !has_room || named.len() >= MEMBERS_MAX {
                break;
            }
            let member = Member {
                nick: nick.into(),
                prefixes: prefixes.into(),
                is_away: false,
            };
            named.insert(fold.key(nick), member);
        }
    }

    /// 366: all members were named.
    pub(crate) fn all_named(&mut self, channel: &str, out: &mut Vec<Output>) {
        let Some(buffer) = self.find(channel).and_then(|id| self.buffer_mut(id)) else {
            return;
        };
        if let Some(mut named) = buffer.named.take() {
            for (key, member) in &mut named {
                member.is_away = buffer.members.get(key).is_some_and(|known| known.is_away);
            }
            buffer.members = named;
            out.push(Output::Changed);
        }
        self.ask_presence(channel, out);
    }

    /// Ranks that a MODE gives or takes.
    pub(crate) fn ranks_changed(&mut self, buffer: BufferId, params: &[CompactString]) {
        let Some((modes, arguments)) = params.split_first() else {
            return;
        };
        let mut arguments = arguments.iter();
        let mut adds = true;
        for mode in modes.chars() {
            match mode {
                '+' => adds = true,
                '-' => adds = false,
                mode => {
                    if !self.features.mode_takes_argument(mode, adds) {
                        continue;
                    }
                    let Some(argument) = arguments.next() else {
                        return;
                    };
                    self.rank_changed(buffer, mode, adds, argument);
                }
            }
        }
    }

    fn rank_changed(&mut self, buffer: BufferId, mode: char, adds: bool, nick: &str) {
        let key = self.features.fold.key(nick);
        let ranks = self.features.prefixes.clone();
        let Some(&(_, mark)) = ranks.iter().find(|&&(letter, _)| letter == mode) else {
            return;
        };
        let member = self
            .buffer_mut(buffer)
            .and_then(|buffer| buffer.members.get_mut(&key));
        if let Some(member) = member {
            let has = |rank: char| {
                (rank == mark && adds) || (rank != mark && member.prefixes.contains(rank))
            };
            member.prefixes = ranks
                .iter()
                .map(|&(_, rank)| rank)
                .filter(|&rank| has(rank))
                .collect();
        }
    }

    /// 354: one row of the WHO that tells who is away.
    pub(crate) fn present(&mut self, message: &Message) {
        if let [_, token, nick, flags] = &message.params[..]
            && token == PRESENCE_TOKEN
        {
            self.set_away(nick, flags.starts_with('G'));
        }
    }

    /// 352: one row of WHO.
    pub(crate) fn enrol(&mut self, message: &Message, request: Option<&Request>) {
        let [_, _, _, _, _, nick, flags, ..] = &message.params[..] else {
            return;
        };
        let is_away = flags.starts_with('G');
        self.set_away(nick, is_away);
        if !self.is_roll(None, request) {
            return;
        }
        let person = Person {
            is_away,
            nick: nick.clone(),
        };
        if let Some(roll) = &mut self.roll
            && roll.rows.len() < MEMBERS_MAX
        {
            roll.rows.push(person);
        }
    }

    /// 315: all rows of WHO were given.
    pub(crate) fn roll_called(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        out.push(Output::Changed);
        if !self.is_roll(message.params.get(1), request) {
            return;
        }
        let Some(Roll {
            buffer,
            rows: mut people,
            ..
        }) = self.roll.take()
        else {
            return;
        };
        people.sort_by_cached_key(|person| person.nick.to_lowercase());
        people.dedup();
        let away = self.settings.locale.text("client-is-away");
        let names: Vec<String> = people
            .iter()
            .map(|person| {
                let name = self.called(&person.nick);
                if person.is_away {
                    format!("{name} ({away})")
                } else {
                    name
                }
            })
            .collect();
        let (count, names) = (people.len().to_string(), names.join(", "));
        let variables = [("count", count.as_str()), ("people", names.as_str())];
        self.inform_key(buffer, "client-people", &variables, out);
        out.push(Output::People(people));
    }

    /// Whether an answer is to the WHO that the person has asked for, and not to our own. Without labels its mask tells.
    fn is_roll(&self, mask: Option<&CompactString>, request: Option<&Request>) -> bool {
        if self.features.has("labeled-response") {
            return request.is_some();
        }
        let key = |mask: &str| self.features.fold.key(mask);
        let is_mask = |roll: &Roll| mask.is_none_or(|mask| key(mask) == key(&roll.mask));
        self.roll.as_ref().is_some_and(is_mask)
    }

    /// The conversation with one person, opened if need be.
    pub(crate) fn query_with(&mut self, nick: &str) -> BufferId {
        self.buffer_for(BufferKind::Query, nick)
    }
}
