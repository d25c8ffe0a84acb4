//! MODE: read and set modes. <https://modern.ircdocs.horse/#mode-message>

use super::kick::is_operator;
use super::{Command, Needs};
use crate::event::{ModeChange, What};
use crate::id::{Room, RoomId};
use crate::limits;
use crate::reply::{BODY_BYTES, Ctx, Outcome, Refusal};
use causette_proto::mode::{Arity, Change, parse_changes};
use causette_proto::numeric::{
    ERR_BANLISTFULL, ERR_CHANOPRIVSNEEDED, ERR_INVALIDMODEPARAM, ERR_NOSUCHCHANNEL,
    ERR_NOTONCHANNEL, ERR_UMODEUNKNOWNFLAG, ERR_UNKNOWNMODE, ERR_USERNOTINCHANNEL,
    ERR_USERSDONTMATCH, RPL_BANLIST, RPL_CHANNELMODEIS, RPL_CREATIONTIME, RPL_ENDOFBANLIST,
    RPL_UMODEIS,
};
use causette_proto::{CompactString, Mask, Message, split};

pub(super) const MODE: Command = Command {
    verb: "MODE",
    params: 1,
    needs: Needs::Online,
    syntax: "MODE <channel | nickname> [<modes> [<argument>…]]",
    summary: "command-mode",
    spec: "https://modern.ircdocs.horse/#mode-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let target = message.params[0].as_str();
    if target.starts_with('#') {
        of_channel(ctx, target, &message.params[1..])
    } else {
        of_user(ctx, target, message)
    }
}

/// User modes. There are none that one may set yet; `i` is always on: nobody is listed to strangers.
fn of_user(ctx: &mut Ctx<'_>, nick: &str, message: &Message) -> Outcome {
    if !ctx.user().nick.as_str().eq_ignore_ascii_case(nick) {
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
    let mut after = ctx.turn.state.channels[&room].modes.clone();
    let mut bans = ctx.turn.state.channels[&room].bans.len();
    let name = CompactString::new(ctx.turn.state.channels[&room].name.as_str());
    let mut accepted: Vec<ModeChange> = Vec::new();
    let mut with_argument = 0;
    for change in changes {
        if change.arg.is_some() {
            with_argument += 1;
            if with_argument > limits::MODES {
                break;
            }
        }
        match judge(ctx, room, change, &mut bans) {
            Ok(Some(change)) => {
                match (change.change.mode, &change.change.arg) {
                    ('k', key) => after.key = key.clone().filter(|_| change.change.add),
                    ('l', limit) => {
                        after.limit = limit.as_ref().and_then(|limit| limit.parse().ok())
                    }
                    (letter, _) => {
                        if let Some(flag) = after.flag(letter) {
                            if *flag == change.change.add {
                                continue;
                            }
                            *flag = change.change.add;
                        }
                    }
                }
                accepted.push(change);
            }
            Ok(None) => {}
            Err(refusal) => ctx.refuse(refusal),
        }
    }
    let max = ctx.text_bytes("MODE", &[&name], BODY_BYTES);
    for changes in lines(accepted, max) {
        let after = after.text(true);
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

/// A change as it will take effect; `None` when it changes nothing.
fn judge(
    ctx: &Ctx<'_>,
    room: RoomId,
    change: Change,
    bans: &mut usize,
) -> Result<Option<ModeChange>, Refusal> {
    let channel = &ctx.turn.state.channels[&room];
    let name = channel.name.as_str();
    let invalid = |change: &Change| {
        let letter = change.mode.to_string();
        let arg = change
            .arg
            .clone()
            .unwrap_or_else(|| CompactString::const_new("*"));
        ctx.refusal(
            ERR_INVALIDMODEPARAM,
            &[name, &letter, &arg],
            "invalid-mode-param",
            &[("mode", &letter)],
        )
    };
    match change.mode {
        'o' | 'v' => {
            let Some(nick) = change.arg.clone() else {
                return Err(invalid(&change));
            };
            let target = ctx.turn.state.user_named(&nick);
            let membership = target.and_then(|user| {
                channel
                    .members
                    .get(&user.id)
                    .map(|membership| (user, membership))
            });
            let Some((user, membership)) = membership else {
                let variables = [("nick", nick.as_str()), ("channel", name)];
                return Err(ctx.refusal(
                    ERR_USERNOTINCHANNEL,
                    &[&nick, name],
                    "user-not-in-channel",
                    &variables,
                ));
            };
            let held = if change.mode == 'o' {
                membership.prefixes.operator
            } else {
                membership.prefixes.voice
            };
            let arg = Some(CompactString::new(user.nick.as_str()));
            let change = Change { arg, ..change };
            Ok((held != change.add).then_some(ModeChange {
                change,
                member: Some(user.id),
            }))
        }
        'b' => {
            let Some(mask) = change.arg.as_ref().and_then(|arg| Mask::parse(arg).ok()) else {
                return Err(invalid(&change));
            };
            // A ban that differs only in capitals is the same ban; it is lifted by the mask under which it is kept.
            let held = channel.bans.iter().find(|ban| ban.mask == mask);
            let known = held.is_some();
            let mask = held.map_or(mask, |ban| ban.mask.clone());
            let max = ctx.turn.settings.limits.list_modes;
            if change.add && !known && *bans >= max {
                let variables = [("channel", name), ("max", &*max.to_string())];
                let params = [name, mask.as_str()];
                return Err(ctx.refusal(ERR_BANLISTFULL, &params, "ban-list-full", &variables));
            }
            *bans += usize::from(change.add && !known);
            let change = Change {
                arg: Some(mask.as_str().into()),
                ..change
            };
            Ok((known != change.add).then_some(ModeChange {
                change,
                member: None,
            }))
        }
        'k' if !change.add => {
            // The key that is taken away need not be known; it is shown as `*`.
            let change = Change {
                arg: Some(CompactString::const_new("*")),
                ..change
            };
            Ok(channel.modes.key.is_some().then_some(ModeChange {
                change,
                member: None,
            }))
        }
        'k' => {
            let key = change
                .arg
                .as_deref()
                .map(|key| split::cut(key, limits::KEY_BYTES));
            let valid = |key: &&str| !key.is_empty() && !key.contains([' ', ',', ':']);
            let Some(key) = key.filter(valid) else {
                return Err(invalid(&change));
            };
            let change = Change {
                arg: Some(key.into()),
                ..change
            };
            Ok(Some(ModeChange {
                change,
                member: None,
            }))
        }
        'l' if change.add => {
            let limit = change
                .arg
                .as_ref()
                .and_then(|limit| limit.parse::<u32>().ok())
                .filter(|limit| *limit > 0);
            let Some(limit) = limit else {
                return Err(invalid(&change));
            };
            let change = Change {
                arg: Some(limit.to_string().into()),
                ..change
            };
            Ok((channel.modes.limit != Some(limit)).then_some(ModeChange {
                change,
                member: None,
            }))
        }
        'l' => Ok(channel.modes.limit.is_some().then_some(ModeChange {
            change,
            member: None,
        })),
        _ => Ok(Some(ModeChange {
            change,
            member: None,
        })),
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
