//! MODE: read and set the modes of channels. Those of users are in [`user_mode`].
//! <https://modern.ircdocs.horse/#mode-message>

use super::{Command, Needs, user_mode};
use crate::event::{Held, ModeChange, Prefixes, What};
use crate::id::{Room, RoomId, UserId};
use crate::limits;
use crate::line::BODY_BYTES;
use crate::modes::channel_mode;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::room::privilege;
use crate::state::State;
use crate::state::channel::{Channel, ChannelModes};
use crate::state::list_mask::ListMask;
use causette_proto::mode::{Arity, Change, format_changes, parse_changes};
use causette_proto::numeric::{
    ERR_BANLISTFULL, ERR_INVALIDKEY, ERR_INVALIDMODEPARAM, ERR_NOTONCHANNEL, ERR_UNKNOWNMODE,
    ERR_USERNOTINCHANNEL, RPL_BANLIST, RPL_CHANNELMODEIS, RPL_CREATIONTIME, RPL_ENDOFBANLIST,
    RPL_ENDOFEXCEPTLIST, RPL_ENDOFINVEXLIST, RPL_EXCEPTLIST, RPL_INVEXLIST,
};
use causette_proto::{Casemap, ChannelName, CompactString, Message};
use rustc_hash::FxHashMap;

pub(super) const MODE: Command = Command {
    verb: "MODE",
    params: 1,
    needs: Needs::Welcome,
    syntax: "MODE <channel | nickname> [<modes> [<argument>…]]",
    summary: "command-mode",
    spec: "https://modern.ircdocs.horse/#mode-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let target = message.params[0].as_str();
    if ctx.session().user.is_none() && !ctx.turn.state.casemap.same(target, &ctx.nick()) {
        return Err(super::account_required(ctx, "MODE"));
    }
    if target.starts_with('#') {
        of_channel(ctx, target, &message.params[1..])
    } else {
        user_mode::run(
            ctx,
            target,
            message.params.get(1).map(CompactString::as_str),
        )
    }
}

fn of_channel(ctx: &mut Ctx<'_>, name: &str, words: &[CompactString]) -> Outcome {
    let user = ctx.user().id;
    let channel = privilege::visible(ctx.turn.state, ctx.user().id, name)?;
    let room = channel.id;
    let member = channel.members.contains_key(&user);
    let Some((modes, arguments)) = words.split_first() else {
        let printed = channel.modes.text(member);
        let created = channel.created.seconds().to_string();
        let name = channel.name.clone();
        let mut params = vec![name.as_str()];
        params.extend(printed.split(' '));
        ctx.numeric_bare(RPL_CHANNELMODEIS, &params);
        ctx.numeric_bare(RPL_CREATIONTIME, &[name.as_str(), &created]);
        return Ok(());
    };
    let (changes, unknown) = parse_changes(modes, arguments, |letter| {
        channel_mode(letter).map(|mode| mode.arity)
    });
    for letter in unknown {
        let letter = letter.to_string();
        let refusal = ctx.refusal(
            ERR_UNKNOWNMODE,
            &[&letter],
            "unknown-mode",
            &[("mode", &letter)],
        );
        ctx.refuse(refusal);
    }
    let (lists, changes): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| {
        let arity = channel_mode(change.mode).map(|mode| mode.arity);
        arity == Some(Arity::List) && change.arg.is_none()
    });
    for list in lists {
        // Who is excepted is for those who moderate; who is banned may know why.
        if list.mode == 'b' || privilege::has_rank(ctx.turn.state, room, user, 'h') {
            show_list(ctx, room, list.mode);
        } else {
            let refusal = privilege::operators_only(name).into();
            ctx.refuse(refusal);
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    if !member {
        return Err(ctx.refusal(
            ERR_NOTONCHANNEL,
            &[name],
            "not-on-channel",
            &[("channel", name)],
        ));
    }
    change(ctx, room, changes);
    Ok(())
}

/// Lets the valid changes take effect together, and refuses the others one by one. What several would need a higher rank for
/// is refused once.
fn change(ctx: &mut Ctx<'_>, room: RoomId, changes: Vec<Change>) {
    let user = ctx.user().id;
    let state = &ctx.turn.state;
    let mut draft = Draft::of(&state.channels()[&room], user, state.casemap);
    let mut accepted: Vec<ModeChange> = Vec::new();
    let mut with_argument = 0;
    let mut outranked = false;
    let mut changes = changes.into_iter();
    while let Some(change) = changes.next() {
        if change.arg.is_some() {
            with_argument += 1;
            if with_argument > limits::MODES {
                let rest: Vec<Change> = std::iter::once(change).chain(changes).collect();
                let (max, rest) = (limits::MODES.to_string(), format_changes(&rest));
                let variables = [("max", max.as_str()), ("rest", &rest)];
                let text = ctx.text_with("too-many-modes", &variables);
                ctx.standard("WARN", "MODE", "TOO_MANY_MODES", &[&draft.name], &text);
                break;
            }
        }
        match draft.judge(ctx, change) {
            Ok(Verdict::Becomes(change)) => {
                draft.apply(ctx.turn.state, &change);
                accepted.push(change);
            }
            Ok(Verdict::IsSo) => {}
            Ok(Verdict::Outranked) if outranked => {}
            Ok(Verdict::Outranked) => {
                outranked = true;
                let refusal = privilege::operators_only(&draft.name).into();
                ctx.refuse(refusal);
            }
            Err(refusal) => ctx.refuse(refusal),
        }
    }
    let name = draft.name.clone();
    let max = ctx.text_bytes("MODE", &[&name], BODY_BYTES);
    for changes in lines(accepted, max) {
        let after = draft.modes.text(true);
        ctx.happen(
            vec![Room::Channel(room)],
            user,
            What::Mode { changes, after },
        );
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
struct Draft {
    room: RoomId,
    name: CompactString,
    author: UserId,
    casemap: Casemap,
    modes: ChannelModes,
    masks: Vec<(char, ListMask)>,
    /// The prefixes that have changed.
    prefixes: FxHashMap<UserId, Prefixes>,
}

impl Draft {
    fn of(channel: &Channel, author: UserId, casemap: Casemap) -> Self {
        let masks = channel.masks.iter();
        Self {
            room: channel.id,
            name: channel.name.as_str().into(),
            author,
            casemap,
            modes: channel.modes.clone(),
            masks: masks
                .map(|entry| (entry.mode, entry.mask.clone()))
                .collect(),
            prefixes: FxHashMap::default(),
        }
    }

    fn prefixes(&self, ctx: &Ctx<'_>, user: UserId) -> Prefixes {
        let changed = self.prefixes.get(&user).copied();
        changed.unwrap_or_else(|| ctx.turn.state.channels()[&self.room].prefixes(user))
    }

    fn mask(&self, state: &State, text: &str) -> Option<ListMask> {
        ListMask::parse(text, self.casemap, |name| {
            state.account_names().get(name).copied()
        })
    }

    fn apply(&mut self, state: &State, ModeChange { change, member }: &ModeChange) {
        let Change { add, mode, arg } = change;
        match (mode, member) {
            (_, Some(_)) => {}
            ('b' | 'e' | 'I', None) => {
                let mask = arg.as_deref().and_then(|mask| self.mask(state, mask));
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
            (letter, None) => self.modes.flags.set(*letter, *add),
        }
    }

    fn judge(&mut self, ctx: &Ctx<'_>, change: Change) -> Result<Verdict, Refusal> {
        let mine = self.prefixes(ctx, self.author);
        let Some(needed) = channel_mode(change.mode).map(|mode| mode.needs) else {
            return Ok(Verdict::IsSo);
        };
        let Some(needed) = needed else {
            return self.judge_rank(ctx, mine, change);
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
            'b' | 'e' | 'I' => self.judge_mask(ctx, add, mode, arg),
            // The key that is taken away need not be known; it is shown as `*`.
            'k' if !add && self.modes.key.is_some() => becomes(Some(CompactString::const_new("*"))),
            'l' if !add && self.modes.limit.is_some() => becomes(None),
            'f' if !add && self.modes.forward.is_some() => becomes(None),
            'k' | 'l' | 'f' if !add => Ok(Verdict::IsSo),
            'k' => {
                let key = arg.clone().unwrap_or_default();
                if key.is_empty() {
                    return Err(self.invalid(ctx, mode, &arg));
                }
                if key.len() > limits::KEY_BYTES || key.contains([' ', ',', ':']) {
                    let max = limits::KEY_BYTES.to_string();
                    let variables = [("max", max.as_str())];
                    let name = self.name.as_str();
                    return Err(ctx.refusal(ERR_INVALIDKEY, &[name], "key-invalid", &variables));
                }
                becomes(Some(key))
            }
            'l' => {
                let limit = arg.as_ref().and_then(|limit| limit.parse::<u32>().ok());
                match limit.filter(|limit| *limit > 0) {
                    Some(limit) if self.modes.limit == Some(limit) => Ok(Verdict::IsSo),
                    Some(limit) => becomes(Some(limit.to_string().into())),
                    None => Err(self.invalid(ctx, mode, &arg)),
                }
            }
            'f' => match self.forward(ctx, arg.as_deref().unwrap_or_default()) {
                Some(name) if self.modes.forward.as_ref() == Some(&name) => Ok(Verdict::IsSo),
                Some(name) => becomes(Some(name)),
                None => Err(self.invalid(ctx, mode, &arg)),
            },
            letter if self.modes.has(letter) == add => Ok(Verdict::IsSo),
            _ => becomes(None),
        }
    }

    /// The name of a channel to which people may be sent: another one that the author moderates too, so that nobody sends
    /// crowds to others.
    fn forward(&self, ctx: &Ctx<'_>, name: &str) -> Option<CompactString> {
        let name = ChannelName::parse(name, ctx.turn.settings.limits.channel, self.casemap).ok()?;
        let channel = ctx.turn.state.channel_of(&name)?;
        let moderates = channel.prefixes(self.author).at_least('h');
        (moderates && channel.id != self.room).then(|| channel.name.as_str().into())
    }

    /// A member's prefix. One may give what is not above one's own rank, take it from who is not above, and always give up
    /// one's own.
    fn judge_rank(
        &mut self,
        ctx: &Ctx<'_>,
        mine: Prefixes,
        change: Change,
    ) -> Result<Verdict, Refusal> {
        let Change { add, mode, arg } = change;
        let Some(nick) = arg.as_deref() else {
            return Err(self.invalid(ctx, mode, &arg));
        };
        let needed = match mode {
            'q' | 'a' => 'q',
            'v' => 'h',
            _ => 'o',
        };
        let user = ctx.turn.state.user_named(nick);
        let own = !add && user.is_some_and(|user| user.id == self.author);
        // Judged before it is said who is in the channel: in an auditorium not everybody may know.
        if !own && !mine.at_least(needed) {
            return Ok(Verdict::Outranked);
        }
        let Some(user) = user.filter(|user| user.channels.contains(&self.room)) else {
            let variables = [("nick", nick), ("channel", self.name.as_str())];
            let params = [nick, self.name.as_str()];
            return Err(ctx.refusal(
                ERR_USERNOTINCHANNEL,
                &params,
                "user-not-in-channel",
                &variables,
            ));
        };
        let mut theirs = self.prefixes(ctx, user.id);
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
        ctx: &Ctx<'_>,
        add: bool,
        mode: char,
        arg: Option<CompactString>,
    ) -> Result<Verdict, Refusal> {
        let state = &*ctx.turn.state;
        let Some(mask) = arg.as_deref().and_then(|mask| self.mask(state, mask)) else {
            return Err(self.invalid(ctx, mode, &arg));
        };
        if add && mask.names_nobody() {
            // It would mean whoever has that name one day.
            let params = [self.name.as_str(), &mode.to_string(), mask.as_str()];
            let variables = [("mask", mask.as_str())];
            return Err(ctx.refusal(ERR_INVALIDMODEPARAM, &params, "mask-no-account", &variables));
        }
        // A mask that differs only in capitals is the same mask; it is taken away by the form in which it is kept.
        let mut held = self.masks.iter().filter(|(list, _)| *list == mode);
        let held = held.find(|(_, held)| *held == mask).map(|(_, held)| held);
        let max = ctx.turn.settings.limits.list_modes;
        if add && held.is_none() && self.masks.len() >= max {
            let variables = [("channel", self.name.as_str()), ("max", &*max.to_string())];
            let params = [&self.name, mask.as_str()];
            return Err(ctx.refusal(ERR_BANLISTFULL, &params, "ban-list-full", &variables));
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

    fn invalid(&self, ctx: &Ctx<'_>, mode: char, arg: &Option<CompactString>) -> Refusal {
        let mode = mode.to_string();
        let params = [self.name.as_str(), &mode, arg.as_deref().unwrap_or("*")];
        ctx.refusal(
            ERR_INVALIDMODEPARAM,
            &params,
            "invalid-mode-param",
            &[("mode", &mode)],
        )
    }
}

fn show_list(ctx: &mut Ctx<'_>, room: RoomId, mode: char) {
    let (entry, end, key) = match mode {
        'e' => (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST, "end-of-exception-list"),
        'I' => (
            RPL_INVEXLIST,
            RPL_ENDOFINVEXLIST,
            "end-of-invite-exception-list",
        ),
        _ => (RPL_BANLIST, RPL_ENDOFBANLIST, "end-of-ban-list"),
    };
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let masks: Vec<_> = channel
        .masks
        .iter()
        .filter(|held| held.mode == mode)
        .cloned()
        .collect();
    for held in masks {
        let at = held.at.seconds().to_string();
        ctx.numeric_bare(entry, &[name.as_str(), held.mask.as_str(), &held.by, &at]);
    }
    let text = ctx.text(key);
    ctx.numeric(end, &[name.as_str()], &text);
}
