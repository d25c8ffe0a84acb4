//! MODE: read and set modes. <https://modern.ircdocs.horse/#mode-message>

use super::kick::is_operator;
use super::{Command, Needs};
use crate::channel::{Channel, ChannelModes};
use crate::event::{ModeChange, Prefixes, What};
use crate::id::{Room, RoomId, UserId};
use crate::limits;
use crate::line::BODY_BYTES;
use crate::reply::{Ctx, Outcome, Refusal};
use causette_proto::mode::{Arity, Change, parse_changes};
use causette_proto::numeric::{
    ERR_BANLISTFULL, ERR_CHANOPRIVSNEEDED, ERR_INVALIDMODEPARAM, ERR_NOSUCHCHANNEL,
    ERR_NOTONCHANNEL, ERR_UMODEUNKNOWNFLAG, ERR_UNKNOWNMODE, ERR_USERNOTINCHANNEL,
    ERR_USERSDONTMATCH, RPL_BANLIST, RPL_CHANNELMODEIS, RPL_CREATIONTIME, RPL_ENDOFBANLIST,
    RPL_UMODEIS,
};
use causette_proto::{CompactString, Mask, Message, split};
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
    if ctx.session().user.is_none() && !target.eq_ignore_ascii_case(&ctx.nick()) {
        return Err(super::account_required(ctx, "MODE"));
    }
    if target.starts_with('#') {
        of_channel(ctx, target, &message.params[1..])
    } else {
        of_user(ctx, target, message)
    }
}

/// User modes. There are none that one may set yet; `i` is always on: nobody is listed to strangers.
fn of_user(ctx: &mut Ctx<'_>, nick: &str, message: &Message) -> Outcome {
    if !ctx.nick().eq_ignore_ascii_case(nick) {
        return Err(ctx.refusal(ERR_USERSDONTMATCH, &[], "not-your-modes", &[]));
    }
    let Some(modes) = message.params.get(1) else {
        ctx.numeric_bare(RPL_UMODEIS, &["+i"]);
        return Ok(());
    };
    if modes
        .chars()
        .any(|letter| !matches!(letter, '+' | '-' | 'i'))
    {
        return Err(ctx.refusal(ERR_UMODEUNKNOWNFLAG, &[], "unknown-user-mode", &[]));
    }
    Ok(())
}

/// How a channel mode takes its argument.
fn arity(letter: char) -> Option<Arity> {
    match letter {
        'b' => Some(Arity::List),
        'k' | 'o' | 'v' => Some(Arity::Always),
        'l' => Some(Arity::WhenSet),
        'i' | 'm' | 'n' | 's' | 't' => Some(Arity::Never),
        _ => None,
    }
}

fn of_channel(ctx: &mut Ctx<'_>, name: &str, words: &[CompactString]) -> Outcome {
    let user = ctx.user().id;
    let found = ctx.turn.state.channel_named(name);
    let visible =
        found.filter(|channel| !channel.modes.secret || channel.members.contains_key(&user));
    let Some(channel) = visible else {
        return Err(ctx.refusal(
            ERR_NOSUCHCHANNEL,
            &[name],
            "no-such-channel",
            &[("channel", name)],
        ));
    };
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
    let (changes, unknown) = parse_changes(modes, arguments, arity);
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
    let (lists, changes): (Vec<_>, Vec<_>) = changes
        .into_iter()
        .partition(|change| change.mode == 'b' && change.arg.is_none());
    if !lists.is_empty() {
        show_bans(ctx, room);
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
    if !is_operator(ctx, room, user) {
        return Err(ctx.refusal(
            ERR_CHANOPRIVSNEEDED,
            &[name],
            "operators-only",
            &[("channel", name)],
        ));
    }
    change(ctx, room, changes);
    Ok(())
}

/// Lets the valid changes take effect together, and refuses the others one by one.
fn change(ctx: &mut Ctx<'_>, room: RoomId, changes: Vec<Change>) {
    let user = ctx.user().id;
    let mut draft = Draft::of(&ctx.turn.state.channels[&room]);
    let mut accepted: Vec<ModeChange> = Vec::new();
    let mut with_argument = 0;
    for change in changes {
        if change.arg.is_some() {
            with_argument += 1;
            if with_argument > limits::MODES {
                break;
            }
        }
        match draft.judge(ctx, change) {
            Ok(Some(change)) => {
                draft.apply(&change);
                accepted.push(change);
            }
            Ok(None) => {}
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

/// A channel's modes as they will be after the changes so far, by which the next change is judged.
struct Draft {
    name: CompactString,
    modes: ChannelModes,
    bans: Vec<Mask>,
    members: FxHashMap<UserId, Prefixes>,
}

impl Draft {
    fn of(channel: &Channel) -> Self {
        Self {
            name: channel.name.as_str().into(),
            modes: channel.modes.clone(),
            bans: channel.bans.iter().map(|ban| ban.mask.clone()).collect(),
            members: channel
                .members
                .iter()
                .map(|(user, member)| (*user, member.prefixes))
                .collect(),
        }
    }

    fn apply(&mut self, ModeChange { change, member }: &ModeChange) {
        let Change { add, mode, arg } = change;
        match (mode, member) {
            ('o' | 'v', Some(user)) => {
                let prefixes = self.members.entry(*user).or_default();
                prefixes.set(*mode, *add);
            }
            ('b', _) => {
                let mask = arg.as_ref().and_then(|arg| Mask::parse(arg).ok());
                self.bans.retain(|ban| Some(ban) != mask.as_ref());
                self.bans.extend(mask.filter(|_| *add));
            }
            ('k', _) => self.modes.key = arg.clone().filter(|_| *add),
            ('l', _) => self.modes.limit = arg.as_ref().and_then(|limit| limit.parse().ok()),
            (letter, _) => {
                if let Some(flag) = self.modes.flag(*letter) {
                    *flag = *add;
                }
            }
        }
    }

    /// A change as it will take effect; `None` when it changes nothing.
    fn judge(&mut self, ctx: &Ctx<'_>, change: Change) -> Result<Option<ModeChange>, Refusal> {
        let Change { add, mode, arg } = change;
        let becomes = |arg: Option<CompactString>, member: Option<UserId>| ModeChange {
            change: Change { add, mode, arg },
            member,
        };
        match mode {
            'o' | 'v' => {
                let Some(nick) = &arg else {
                    return Err(self.invalid(ctx, mode, &arg));
                };
                let user = ctx.turn.state.user_named(nick);
                let member = user.and_then(|user| Some((user, *self.members.get(&user.id)?)));
                let Some((user, prefixes)) = member else {
                    let variables = [("nick", nick.as_str()), ("channel", &self.name)];
                    let params = [nick.as_str(), &self.name];
                    return Err(ctx.refusal(
                        ERR_USERNOTINCHANNEL,
                        &params,
                        "user-not-in-channel",
                        &variables,
                    ));
                };
                let nick = CompactString::new(user.nick.as_str());
                let changes = prefixes.has(mode) != add;
                Ok(changes.then(|| becomes(Some(nick), Some(user.id))))
            }
            'b' => self.judge_ban(ctx, add, arg),
            // The key that is taken away need not be known; it is shown as `*`.
            'k' if !add => {
                let held = self.modes.key.is_some();
                Ok(held.then(|| becomes(Some(CompactString::const_new("*")), None)))
            }
            'k' => {
                let key = arg.as_deref().map(|key| split::cut(key, limits::KEY_BYTES));
                let key = key.filter(|key| !key.is_empty() && !key.contains([' ', ',', ':']));
                match key {
                    Some(key) => Ok(Some(becomes(Some(key.into()), None))),
                    None => Err(self.invalid(ctx, mode, &arg)),
                }
            }
            'l' if add => {
                let limit = arg.as_ref().and_then(|limit| limit.parse::<u32>().ok());
                let Some(limit) = limit.filter(|limit| *limit > 0) else {
                    return Err(self.invalid(ctx, mode, &arg));
                };
                let changes = self.modes.limit != Some(limit);
                Ok(changes.then(|| becomes(Some(limit.to_string().into()), None)))
            }
            'l' => Ok(self.modes.limit.is_some().then(|| becomes(None, None))),
            letter => {
                let changes = self.modes.flag(letter).is_some_and(|flag| *flag != add);
                Ok(changes.then(|| becomes(None, None)))
            }
        }
    }

    fn judge_ban(
        &self,
        ctx: &Ctx<'_>,
        add: bool,
        arg: Option<CompactString>,
    ) -> Result<Option<ModeChange>, Refusal> {
        // A mask that begins with a colon could not be shown as it is.
        let mask = arg.as_ref().filter(|arg| !arg.starts_with(':'));
        let Some(mask) = mask.and_then(|arg| Mask::parse(arg).ok()) else {
            return Err(self.invalid(ctx, 'b', &arg));
        };
        // A ban that differs only in capitals is the same ban; it is lifted by the mask under which it is kept.
        let held = self.bans.iter().find(|ban| **ban == mask);
        let max = ctx.turn.settings.limits.list_modes;
        if add && held.is_none() && self.bans.len() >= max {
            let variables = [("channel", self.name.as_str()), ("max", &*max.to_string())];
            let params = [&self.name, mask.as_str()];
            return Err(ctx.refusal(ERR_BANLISTFULL, &params, "ban-list-full", &variables));
        }
        let shown = held.unwrap_or(&mask).as_str();
        let change = Change {
            add,
            mode: 'b',
            arg: Some(shown.into()),
        };
        Ok((held.is_some() != add).then_some(ModeChange {
            change,
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

fn show_bans(ctx: &mut Ctx<'_>, room: RoomId) {
    let channel = &ctx.turn.state.channels[&room];
    let name = channel.name.clone();
    for ban in channel.bans.clone() {
        let at = ban.at.seconds().to_string();
        ctx.numeric_bare(
            RPL_BANLIST,
            &[name.as_str(), ban.mask.as_str(), &ban.by, &at],
        );
    }
    let text = ctx.text("end-of-ban-list");
    ctx.numeric(RPL_ENDOFBANLIST, &[name.as_str()], &text);
}
