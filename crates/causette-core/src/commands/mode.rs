//! MODE: read and set the modes of channels. Those of users are in [`user_mode`].
//! <https://modern.ircdocs.horse/#mode-message>

use super::{Command, Needs, user_mode};
use crate::limits;
use crate::modes::channel_mode;
use crate::reply::{Ctx, Outcome};
use crate::room::mode::{Changed, change, list};
use crate::room::privilege;
use crate::state::channel::ListEntry;
use causette_proto::mode::{Arity, Change, format_changes, parse_changes};
use causette_proto::numeric::{
    ERR_UNKNOWNMODE, RPL_BANLIST, RPL_CHANNELMODEIS, RPL_CREATIONTIME, RPL_ENDOFBANLIST,
    RPL_ENDOFEXCEPTLIST, RPL_ENDOFINVEXLIST, RPL_EXCEPTLIST, RPL_INVEXLIST,
};
use causette_proto::{ChannelName, CompactString, Message};

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
    let channel = privilege::visible(ctx.turn.state, user, name)?;
    let member = channel.members.contains_key(&user);
    let Some((modes, arguments)) = words.split_first() else {
        let printed = channel.modes.text(member);
        let created = ctx.turn.state.clock.shown_at(channel.created);
        let created = created.seconds().to_string();
        let name = channel.name.clone();
        let mut params = vec![name.as_str()];
        params.extend(printed.split(' '));
        ctx.numeric_bare(RPL_CHANNELMODEIS, &params);
        ctx.numeric_bare(RPL_CREATIONTIME, &[name.as_str(), &created]);
        return Ok(());
    };
    let changes = parse(ctx, modes, arguments);
    let (lists, changes): (Vec<_>, Vec<_>) = changes.into_iter().partition(is_question);
    for letter in lists {
        match list(ctx.turn.state, user, name, letter.mode) {
            Ok((name, masks)) => show_list(ctx, &name, letter.mode, &masks),
            Err(denied) => ctx.refuse(denied.into()),
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    let (actor, place) = (ctx.actor(), ctx.turn.own.place());
    let changed = change(&mut ctx.turn, &actor, user, name, changes)?;
    ctx.ahead(place, |ctx| say_refused(ctx, changed));
    Ok(())
}

/// The changes of channel modes that some words ask for, without those that there are not.
pub(super) fn parse(ctx: &mut Ctx<'_>, modes: &str, arguments: &[CompactString]) -> Vec<Change> {
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
    changes
}

/// Whether it asks for a list instead of changing one.
pub(super) fn is_question(change: &Change) -> bool {
    let arity = channel_mode(change.mode).map(|mode| mode.arity);
    arity == Some(Arity::List) && change.arg.is_none()
}

/// Tells what was not changed.
pub(super) fn say_refused(ctx: &mut Ctx<'_>, changed: Changed) {
    for denied in changed.denied {
        ctx.refuse(denied.into());
    }
    if !changed.left_out.is_empty() {
        let (max, rest) = (limits::MODES.to_string(), format_changes(&changed.left_out));
        let variables = [("max", max.as_str()), ("rest", &rest)];
        let text = ctx.text_with("too-many-modes", &variables);
        let context = [changed.channel.as_str()];
        ctx.standard("WARN", "MODE", "TOO_MANY_MODES", &context, &text);
    }
}

fn show_list(ctx: &mut Ctx<'_>, name: &ChannelName, mode: char, masks: &[ListEntry]) {
    let (entry, end, key) = match mode {
        'e' => (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST, "end-of-exception-list"),
        'I' => (
            RPL_INVEXLIST,
            RPL_ENDOFINVEXLIST,
            "end-of-invite-exception-list",
        ),
        _ => (RPL_BANLIST, RPL_ENDOFBANLIST, "end-of-ban-list"),
    };
    for held in masks {
        let at = held.at.seconds().to_string();
        ctx.numeric_bare(entry, &[name.as_str(), held.mask.as_str(), &held.by, &at]);
    }
    let text = ctx.text(key);
    ctx.numeric(end, &[name.as_str()], &text);
}
