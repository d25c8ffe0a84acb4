//! The modes of a channel: changing them, and reading its lists.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::event::{Held, ModeChange, Prefixes, What};
use crate::fitting::{BODY_BYTES, text_bytes};
use crate::id::{Room, RoomId, UserId};
use crate::limits;
use crate::modes::channel_mode;
use crate::reserved;
use crate::right::Act;
use crate::room::{access, privilege};
use crate::sanction::Duration;
use crate::settings::Settings;
use crate::state::State;
use crate::state::channel::{Channel, ChannelModes, ListEntry};
use crate::state::list_mask::ListMask;
use crate::turn::Turn;
use causette_proto::mode::{Change, format_changes};
use causette_proto::{ChannelName, CompactString};
use rustc_hash::FxHashMap;

/// A channel's name, and the masks on one of its lists, where somebody may know of them. Who is excepted is for those who moderate; who is banned may
/// know why.
pub(crate) fn list(
    state: &State,
    by: UserId,
    name: &str,
    mode: char,
) -> Result<(ChannelName, Vec<ListEntry>), Denied> {
    let channel = privilege::visible(state, by, name)?;
    if mode != 'b' && !channel.prefixes(by).at_least('h') {
        return Err(privilege::operators_only(name));
    }
    let masks = channel.masks.iter().filter(|held| held.mode == mode);
    Ok((channel.name.clone(), masks.cloned().collect()))
}

/// What became of changes that were asked for.
pub(crate) struct Changed {
    /// The channel's name.
    pub(crate) channel: CompactString,
    /// Those that were made, as they are written; empty for none.
    pub(crate) made: String,
    /// Why some were not made.
    pub(crate) denied: Vec<Denied>,
    /// Those that were too many.
    pub(crate) left_out: Vec<Change>,
}

/// Lets the valid changes take effect together, and refuses the others one by one. What several would need a higher rank for
/// is refused once.
pub(crate) fn change(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
    changes: Vec<Change>,
) -> Result<Changed, Denied> {
    let channel = privilege::membership(turn.state, by, name)?;
    let (room, name) = (channel.id, channel.name.as_str());
    let silent = enforce::may_speak(turn, by, Room::Channel(room), name).err();
    // What these are given is words that others read.
    let says = |change: &Change| change.add && matches!(change.mode, 'b' | 'e' | 'I' | 'k');
    let (said, changes): (Vec<Change>, Vec<Change>) = match &silent {
        Some(_) => changes.into_iter().partition(says),
        None => (Vec::new(), changes),
    };
    let silent = silent.filter(|_| !said.is_empty());
    let mut changed = apply(turn, actor, by, room, changes);
    changed.denied.extend(silent);
    Ok(changed)
}

/// The same in the name of the administration, which is above everybody in every channel.
pub(crate) fn rule(
    turn: &mut Turn<'_>,
    actor: &Actor,
    name: &str,
    changes: Vec<Change>,
) -> Result<Changed, Denied> {
    actor.must(turn.state, Act::RuleChannels)?;
    let channel = turn.state.channel_named(name);
    let channel = channel.ok_or_else(|| privilege::no_such_channel(name))?;
    access::must_rule(turn.state, actor, channel)?;
    let room = channel.id;
    let changed = apply(turn, actor, UserId::ADMINISTRATION, room, changes);
    if changed.made.is_empty() {
        return Ok(changed);
    }
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("channel", changed.channel.as_str()),
        ("modes", changed.made.as_str()),
    ];
    turn.tell_acted(actor, "notice-modes", &variables);
    Ok(changed)
}

fn apply(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: RoomId,
    changes: Vec<Change>,
) -> Changed {
    let channel = &turn.state.channels()[&room];
    let (room, name) = (channel.id, CompactString::new(channel.name.as_str()));
    let mut draft = Draft::of(turn.state, turn.settings, channel, by);
    let (accepted, denied, left_out) = draft.judge_all(changes);
    let after = draft.modes.text(true);
    let made: Vec<Change> = accepted.iter().map(|made| made.change.clone()).collect();
    let source = match by {
        UserId::ADMINISTRATION => &*reserved::administration(&turn.settings.server),
        by => turn.state.source_of(by),
    };
    let max = text_bytes(source, "MODE", &[&name], BODY_BYTES);
    for changes in lines(accepted, max) {
        let after = after.clone();
        turn.happen(
            actor,
            vec![Room::Channel(room)],
            by,
            What::Mode { changes, after },
        );
    }
    Changed {
        channel: name,
        made: format_changes(&made),
        denied,
        left_out,
    }
}

/// Changes in as many groups as lines are needed to show them.
fn lines(accepted: Vec<ModeChange>, max: usize) -> Vec<Vec<ModeChange>> {
    let mut groups: Vec<Vec<ModeChange>> = Vec::new();
    let mut bytes = 0;
    for change in accepted {
        let argument = change.change.arg.as_ref().map_or(0, |arg| arg.len() + 1);
        let added = "+o".len() + argument;
        match groups.last_mut() {
            Some(group) if bytes + added <= max => group.push(change),
            _ => {
                groups.push(vec![change]);
                bytes = 0;
            }
        }
        bytes += added;
    }
    groups
}

/// Reads how many seconds pass between two messages in a slow room: `30`, or a span as sanctions have, `30s`, `5m`.
fn slow_seconds(text: &str) -> Option<u32> {
    let span = || Duration::parse(text)?.seconds();
    let seconds = text.parse().ok().or_else(span)?;
    let seconds = u32::try_from(seconds).ok()?;
    (1..=limits::SLOW_SECONDS)
        .contains(&seconds)
        .then_some(seconds)
}

/// What comes of a change.
enum Verdict {
    /// It takes effect.
    Becomes(ModeChange),
    /// There is nothing to change.
    IsSo,
    /// It needs a higher rank.
    Outranked,
}

/// A channel's modes as they will be after the changes so far, by which the next change is judged.
struct Draft<'a> {
    state: &'a State,
    settings: &'a Settings,
    channel: &'a Channel,
    author: UserId,
    modes: ChannelModes,
    masks: Vec<(char, ListMask)>,
    /// The prefixes that have changed.
    prefixes: FxHashMap<UserId, Prefixes>,
}

impl<'a> Draft<'a> {
    fn of(state: &'a State, settings: &'a Settings, channel: &'a Channel, author: UserId) -> Self {
        let masks = channel.masks.iter();
        Self {
            state,
            settings,
            channel,
            author,
            modes: channel.modes.clone(),
            masks: masks
                .map(|entry| (entry.mode, entry.mask.clone()))
                .collect(),
            prefixes: FxHashMap::default(),
        }
    }

    /// Judges changes one after the other, each by what has become of those before: those that are made, why others are not,
    /// and those that are too many.
    fn judge_all(&mut self, changes: Vec<Change>) -> (Vec<ModeChange>, Vec<Denied>, Vec<Change>) {
        let (mut accepted, mut denied) = (Vec::new(), Vec::new());
        let mut with_argument = 0;
        let mut outranked = false;
        let mut changes = changes.into_iter();
        while let Some(change) = changes.next() {
            if change.arg.is_some() {
                with_argument += 1;
                if with_argument > limits::MODES {
                    let left_out = std::iter::once(change).chain(changes).collect();
                    return (accepted, denied, left_out);
                }
            }
            match self.judge(change) {
                Ok(Verdict::Becomes(change)) => {
                    self.apply(&change);
                    accepted.push(change);
                }
                Ok(Verdict::IsSo) => {}
                Ok(Verdict::Outranked) if outranked => {}
                Ok(Verdict::Outranked) => {
                    outranked = true;
                    denied.push(privilege::operators_only(self.name()));
                }
                Err(refusal) => denied.push(refusal),
            }
        }
        (accepted, denied, Vec::new())
    }

    fn name(&self) -> &'a str {
        self.channel.name.as_str()
    }

    fn prefixes(&self, user: UserId) -> Prefixes {
        if user == UserId::ADMINISTRATION {
            return Prefixes::of('q');
        }
        let changed = self.prefixes.get(&user).copied();
        changed.unwrap_or_else(|| self.channel.prefixes(user))
    }

    fn mask(&self, text: &str) -> Option<ListMask> {
        let names = self.state.account_names();
        ListMask::parse(text, self.state.casemap, |name| names.get(name).copied())
    }

    fn apply(&mut self, ModeChange { change, member }: &ModeChange) {
        let Change { add, mode, arg } = change;
        match (mode, member) {
            (_, Some(_)) => {}
            ('b' | 'e' | 'I', None) => {
                let mask = arg.as_deref().and_then(|mask| self.mask(mask));
                if let Some(mask) = mask {
                    self.masks
                        .retain(|(list, held)| list != mode || *held != mask);
                    if *add {
                        self.masks.push((*mode, mask));
                    }
                }
            }
            ('k', None) => self.modes.key = arg.clone().filter(|_| *add),
            ('f', None) => self.modes.forward = arg.clone().filter(|_| *add),
            ('l', None) => {
                let limit = arg.as_ref().and_then(|limit| limit.parse().ok());
                self.modes.limit = limit.filter(|_| *add);
            }
            ('S', None) => {
                let seconds = arg.as_ref().and_then(|seconds| seconds.parse().ok());
                self.modes.slow = seconds.filter(|_| *add);
            }
            (letter, None) => self.modes.flags.set(*letter, *add),
        }
    }

    fn judge(&mut self, change: Change) -> Result<Verdict, Denied> {
        let mine = self.prefixes(self.author);
        let Some(needed) = channel_mode(change.mode).map(|mode| mode.needs) else {
            return Ok(Verdict::IsSo);
        };
        let Some(needed) = needed else {
            return self.judge_rank(mine, change);
        };
        let Change { add, mode, arg } = change;
        if !mine.at_least(needed) {
            return Ok(Verdict::Outranked);
        }
        let becomes = |arg| {
            let change = Change { add, mode, arg };
            let member = None;
            Ok(Verdict::Becomes(ModeChange { change, member }))
        };
        match mode {
            'b' | 'e' | 'I' => self.judge_mask(add, mode, arg),
            // The key that is taken away need not be known; it is shown as `*`.
            'k' if !add && self.modes.key.is_some() => becomes(Some(CompactString::const_new("*"))),
            'l' if !add && self.modes.limit.is_some() => becomes(None),
            'f' if !add && self.modes.forward.is_some() => becomes(None),
            'S' if !add && self.modes.slow.is_some() => becomes(None),
            'k' | 'l' | 'f' | 'S' if !add => Ok(Verdict::IsSo),
            'k' => {
                let key = arg.clone().unwrap_or_default();
                if key.is_empty() {
                    return Err(self.invalid(mode, &arg));
                }
                if key.len() > limits::KEY_BYTES || key.contains([' ', ',', ':']) {
                    let max = limits::KEY_BYTES.to_string();
                    let variables = [("channel", self.name()), ("max", &max)];
                    return Err(Denied::new(Why::InvalidKey, "key-invalid", &variables));
                }
                becomes(Some(key))
            }
            'l' => {
                let limit = arg.as_ref().and_then(|limit| limit.parse::<u32>().ok());
                match limit.filter(|limit| *limit > 0) {
                    Some(limit) if self.modes.limit == Some(limit) => Ok(Verdict::IsSo),
                    Some(limit) => becomes(Some(limit.to_string().into())),
                    None => Err(self.invalid(mode, &arg)),
                }
            }
            'f' => match self.forward(arg.as_deref().unwrap_or_default())? {
                Some(name) if self.modes.forward.as_ref() == Some(&name) => Ok(Verdict::IsSo),
                Some(name) => becomes(Some(name)),
                None => Err(self.invalid(mode, &arg)),
            },
            'S' => match slow_seconds(arg.as_deref().unwrap_or_default()) {
                Some(seconds) if self.modes.slow == Some(seconds) => Ok(Verdict::IsSo),
                Some(seconds) => becomes(Some(seconds.to_string().into())),
                None => {
                    let parameter = arg.as_deref().unwrap_or("*");
                    let invalid = self.invalid_parameter("slow-invalid", mode, parameter);
                    Err(invalid.about("max", &limits::SLOW_SECONDS.to_string()))
                }
            },
            letter if self.modes.has(letter) == add => Ok(Verdict::IsSo),
            _ => becomes(None),
        }
    }

    /// The name of a channel to which people may be sent: another one that the author moderates too, so that nobody sends
    /// crowds to others. `None` where there is no other one, as far as the author may know.
    fn forward(&self, name: &str) -> Result<Option<CompactString>, Denied> {
        let is_administration = self.author == UserId::ADMINISTRATION;
        let channel = self.state.channel_named(name);
        let channel = channel.filter(|channel| channel.id != self.channel.id);
        let known = |channel: &&Channel| is_administration || channel.is_visible_to(self.author);
        let Some(channel) = channel.filter(known) else {
            return Ok(None);
        };
        let name = channel.name.as_str();
        if !is_administration && !channel.prefixes(self.author).at_least('h') {
            return Err(privilege::operators_only(name));
        }
        Ok(Some(name.into()))
    }

    /// A member's prefix. One may give what is not above one's own rank, take it from who is not above, and always give up
    /// one's own.
    fn judge_rank(&mut self, mine: Prefixes, change: Change) -> Result<Verdict, Denied> {
        let Change { add, mode, arg } = change;
        let Some(nick) = arg.as_deref() else {
            return Err(self.invalid(mode, &arg));
        };
        let needed = match mode {
            'q' | 'a' => 'q',
            'v' => 'h',
            _ => 'o',
        };
        let user = self.state.user_named(nick);
        let own = !add && user.is_some_and(|user| user.id == self.author);
        // Judged before it is said who is in the channel: in an auditorium not everybody may know.
        if !own && !mine.at_least(needed) {
            return Ok(Verdict::Outranked);
        }
        let Some(user) = user.filter(|user| user.channels.contains(&self.channel.id)) else {
            return Err(match self.state.addressee(nick) {
                Some(_) => privilege::not_in_channel(nick, self.name()),
                None => privilege::no_such_nick(nick),
            });
        };
        let mut theirs = self.prefixes(user.id);
        let above = theirs
            .highest()
            .is_some_and(|highest| !mine.at_least(highest));
        if !own && !add && above {
            return Ok(Verdict::Outranked);
        }
        if theirs.has(mode) == add {
            return Ok(Verdict::IsSo);
        }
        theirs.set(mode, add);
        self.prefixes.insert(user.id, theirs);
        let arg = Some(CompactString::new(user.nick.as_str()));
        Ok(Verdict::Becomes(ModeChange {
            change: Change { add, mode, arg },
            member: Some(Held {
                user: user.id,
                prefixes: theirs,
            }),
        }))
    }

    fn judge_mask(
        &self,
        add: bool,
        mode: char,
        arg: Option<CompactString>,
    ) -> Result<Verdict, Denied> {
        let Some(mask) = arg.as_deref().and_then(|mask| self.mask(mask)) else {
            return Err(self.invalid(mode, &arg));
        };
        if add && mask.names_nobody() {
            // It would mean whoever has that name one day.
            return Err(self.invalid_parameter("mask-no-account", mode, mask.as_str()));
        }
        // A mask that differs only in capitals is the same mask; it is taken away by the form in which it is kept.
        let mut held = self.masks.iter().filter(|(list, _)| *list == mode);
        let held = held.find(|(_, held)| *held == mask).map(|(_, held)| held);
        let max = self.settings.limits.list_modes;
        if add && held.is_none() && self.masks.len() >= max {
            let max = max.to_string();
            let variables = [
                ("channel", self.name()),
                ("mask", mask.as_str()),
                ("max", &max),
            ];
            return Err(Denied::new(Why::ListFull, "ban-list-full", &variables));
        }
        if held.is_some() == add {
            return Ok(Verdict::IsSo);
        }
        let arg = Some(held.unwrap_or(&mask).as_str().into());
        Ok(Verdict::Becomes(ModeChange {
            change: Change { add, mode, arg },
            member: None,
        }))
    }

    fn invalid(&self, mode: char, arg: &Option<CompactString>) -> Denied {
        let parameter = arg.as_deref().unwrap_or("*");
        self.invalid_parameter("invalid-mode-param", mode, parameter)
    }

    fn invalid_parameter(&self, key: &'static str, mode: char, parameter: &str) -> Denied {
        let variables = [
            ("channel", self.name()),
            ("mode", &*mode.to_string()),
            ("mask", parameter),
        ];
        Denied::new(Why::InvalidModeParameter, key, &variables)
    }
}
