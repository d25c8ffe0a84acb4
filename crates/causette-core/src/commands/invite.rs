//! INVITE: ask someone into a channel; without parameters, where one is invited. <https://modern.ircdocs.horse/#invite-message>

use super::{Command, Needs};
use crate::actor::Actor;
use crate::id::SessionId;
use crate::line::{Line, Meta};
use crate::record::Fact;
use crate::reply::{Ctx, Outcome};
use crate::room::privilege;
use causette_proto::numeric::{
    ERR_NEEDMOREPARAMS, ERR_NOSUCHNICK, ERR_USERONCHANNEL, RPL_AWAY, RPL_ENDOFINVITELIST,
    RPL_INVITELIST, RPL_INVITING,
};
use causette_proto::{Capabilities, Capability, ChannelName, CompactString, Message, Nick};
use std::sync::Arc;

pub(super) const INVITE: Command = Command {
    verb: "INVITE",
    params: 0,
    needs: Needs::Online,
    syntax: "INVITE [<nickname> <channel>]",
    summary: "command-invite",
    spec: "https://modern.ircdocs.horse/#invite-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    match message.params.as_slice() {
        [] => {
            list(ctx);
            Ok(())
        }
        [nick, name, ..] => invite(ctx, nick, name),
        [_] => {
            let variables = [("command", "INVITE"), ("syntax", INVITE.syntax)];
            Err(ctx.refusal(
                ERR_NEEDMOREPARAMS,
                &["INVITE"],
                "need-more-params",
                &variables,
            ))
        }
    }
}

fn list(ctx: &mut Ctx<'_>) {
    let me = ctx.user().id;
    let channels = ctx.turn.state.channels().values();
    let mut names: Vec<CompactString> = channels
        .filter(|channel| channel.invited.contains(&me))
        .map(|channel| channel.name.as_str().into())
        .collect();
    names.sort_unstable();
    for name in names {
        ctx.numeric_bare(RPL_INVITELIST, &[&name]);
    }
    let text = ctx.text("end-of-invite-list");
    ctx.numeric(RPL_ENDOFINVITELIST, &[], &text);
}

fn invite(ctx: &mut Ctx<'_>, nick: &str, name: &str) -> Outcome {
    let me = ctx.user();
    let (author, source) = (me.id, me.source.clone());
    let channel = privilege::membership(ctx.turn.state, ctx.user().id, name)?;
    if channel.modes.has('i') && !channel.prefixes(author).at_least('h') {
        return Err(privilege::operators_only(name).into());
    }
    // Others may tell somebody of the channel, but open nothing that its moderators closed.
    let is_pass = channel.prefixes(author).at_least('h');
    let (room, name) = (channel.id, channel.name.clone());
    let Some(target) = ctx.turn.state.user_named(nick) else {
        return Err(ctx.refusal(ERR_NOSUCHNICK, &[nick], "no-such-nick", &[("nick", nick)]));
    };
    let (target, nick) = (target.id, target.nick.clone());
    if channel.members.contains_key(&target) {
        if !channel.shows(target, author) {
            // The answer must not tell that they are in it: it is the one for somebody outside, and nothing else happens.
            let away = ctx.turn.state.users[&target].away.clone();
            answer(ctx, &nick, &name, away.as_deref());
            return Ok(());
        }
        let variables = [("nick", nick.as_str()), ("channel", name.as_str())];
        return Err(ctx.refusal(
            ERR_USERONCHANNEL,
            &[nick.as_str(), name.as_str()],
            "user-on-channel",
            &variables,
        ));
    }
    let id = ctx.id;
    let fact = Fact::Invited {
        room,
        target: ctx.turn.state.who(&ctx.turn.state.users[&target]),
        admits: is_pass,
    };
    ctx.turn.commit(&Actor::Session(id), fact);
    let meta = Meta {
        time: ctx.turn.now(),
        ..Meta::default()
    };
    let line = Arc::new(Line::new(meta, format!(":{source} INVITE {nick} {name}")));
    let user = &ctx.turn.state.users[&target];
    let (to, away) = (user.sessions.clone(), user.away.clone());
    // Those who may invite know who did. <https://ircv3.net/specs/extensions/invite-notify>
    let moderators = ctx.turn.state.audience_of_rank(room, 'h', author);
    let moderators: Vec<SessionId> = moderators
        .iter()
        .copied()
        .filter(|session| *session != id && !to.contains(session))
        .collect();
    ctx.turn.deliver(Arc::clone(&line), to, Capabilities::EMPTY);
    ctx.turn.deliver(
        line,
        moderators,
        Capabilities::of(&[Capability::InviteNotify]),
    );
    answer(ctx, &nick, &name, away.as_deref());
    Ok(())
}

fn answer(ctx: &mut Ctx<'_>, nick: &Nick, name: &ChannelName, away: Option<&str>) {
    ctx.numeric_bare(RPL_INVITING, &[nick.as_str(), name.as_str()]);
    if let Some(away) = away {
        ctx.numeric(RPL_AWAY, &[nick.as_str()], away);
    }
}
