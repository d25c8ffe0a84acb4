//! PRIVMSG, NOTICE and TAGMSG: say something. <https://modern.ircdocs.horse/#privmsg-message>

use super::{Command, Needs, nickserv, targets};
use crate::channel::Channel;
use crate::event::{Reach, Verb, What};
use crate::id::{Room, UserId};
use crate::identity;
use crate::line::BODY_BYTES;
use crate::reply::{Ctx, Outcome, Refusal};
use causette_proto::numeric::{
    ERR_CANNOTSENDTOCHAN, ERR_NORECIPIENT, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK, ERR_NOTEXTTOSEND,
    RPL_AWAY,
};
use causette_proto::tags::is_client_only;
use causette_proto::{Capability, CompactString, Message, Tags, split};

pub(super) const PRIVMSG: Command = Command {
    verb: "PRIVMSG",
    params: 0,
    needs: Needs::Welcome,
    syntax: "PRIVMSG <channel | nickname>{,<target>} :<text>",
    summary: "command-privmsg",
    spec: "https://modern.ircdocs.horse/#privmsg-message",
    run: |ctx, message| say(ctx, message, Verb::Privmsg),
};

pub(super) const NOTICE: Command = Command {
    verb: "NOTICE",
    params: 0,
    needs: Needs::Online,
    syntax: "NOTICE <channel | nickname>{,<target>} :<text>",
    summary: "command-notice",
    spec: "https://modern.ircdocs.horse/#notice-message",
    run: |ctx, message| say(ctx, message, Verb::Notice),
};

pub(super) const TAGMSG: Command = Command {
    verb: "TAGMSG",
    params: 0,
    needs: Needs::Online,
    syntax: "TAGMSG <channel | nickname>{,<target>}",
    summary: "command-tagmsg",
    spec: "https://ircv3.net/specs/extensions/message-tags",
    run: |ctx, message| say(ctx, message, Verb::Tagmsg),
};

fn say(ctx: &mut Ctx<'_>, message: &Message, verb: Verb) -> Outcome {
    let mut params = message.params.iter();
    let list = params.next().map_or("", |list| list.as_str());
    let text = params.next().map_or("", |text| text.as_str());
    if list.is_empty() {
        return quietly(verb, ctx.refusal(ERR_NORECIPIENT, &[], "no-recipient", &[]));
    }
    if verb == Verb::Privmsg && nickserv::is_addressed(list) {
        return nickserv::answer(ctx, text);
    }
    if ctx.session().user.is_none() {
        return Err(super::account_required(ctx, &message.command));
    }
    if text.is_empty() && verb != Verb::Tagmsg {
        return quietly(verb, ctx.refusal(ERR_NOTEXTTOSEND, &[], "no-text", &[]));
    }
    if verb == Verb::Tagmsg && !ctx.has(Capability::MessageTags) {
        return Err(ctx.failure(
            "TAGMSG",
            "NEED_CAPABILITY",
            &["message-tags"],
            "need-message-tags",
            &[],
        ));
    }
    let mut tags = message.tags.clone();
    tags.retain(|key, _| is_client_only(key));
    let (targets, rest) = targets(ctx, list);
    for target in targets {
        match say_to(ctx, target, verb, text, &tags) {
            Err(refusal) if verb == Verb::Privmsg => ctx.refuse(refusal),
            _ => {}
        }
    }
    rest.or_else(|refusal| quietly(verb, refusal))
}

/// The specification lets nothing answer a NOTICE.
fn quietly(verb: Verb, refusal: Refusal) -> Outcome {
    Err(if verb == Verb::Privmsg {
        refusal
    } else {
        Refusal::Silent
    })
}

fn say_to(ctx: &mut Ctx<'_>, target: &str, verb: Verb, text: &str, tags: &Tags) -> Outcome {
    let (room, shown) = if target.starts_with('#') {
        channel(ctx, target)?
    } else {
        person(ctx, target, verb)?
    };
    let author = ctx.user().id;
    let max = ctx.text_bytes("PRIVMSG", &[&shown], BODY_BYTES);
    let kept = split::cut(text, max);
    if kept.len() < text.len() {
        let bytes = (text.len() - kept.len()).to_string();
        let warning = ctx.text_with("message-cut", &[("bytes", &bytes)]);
        ctx.standard("WARN", "PRIVMSG", "MESSAGE_CUT", &[target], &warning);
    }
    let what = What::Said {
        verb,
        text: kept.into(),
        tags: tags.clone(),
        reach: Reach::Room,
    };
    if verb == Verb::Tagmsg && is_passing(tags) {
        ctx.pass(room, author, what);
    } else {
        ctx.happen(vec![room], author, what);
    }
    if verb != Verb::Tagmsg {
        let now = ctx.turn.now();
        if let Some(user) = ctx.turn.state.users.get_mut(&author) {
            user.active = now;
        }
    }
    Ok(())
}

/// Whether tags are worth nothing a moment later, so that they are shown and not recorded.
/// <https://ircv3.net/specs/client-tags/typing>
fn is_passing(tags: &Tags) -> bool {
    tags.iter()
        .all(|(key, _)| matches!(key, "+typing" | "+draft/typing"))
}

/// The channel that is spoken to, if the session's user may speak there.
fn channel(ctx: &Ctx<'_>, name: &str) -> Result<(Room, CompactString), Refusal> {
    let member = |channel: &Channel| channel.members.get(&ctx.user().id).copied();
    let found = ctx.turn.state.channel_named(name);
    let Some(channel) = found.filter(|channel| !channel.modes.secret || member(channel).is_some())
    else {
        return Err(ctx.refusal(
            ERR_NOSUCHCHANNEL,
            &[name],
            "no-such-channel",
            &[("channel", name)],
        ));
    };
    let prefixes = member(channel).map(|membership| membership.prefixes);
    let raised = prefixes.is_some_and(|prefixes| !prefixes.is_empty());
    let banned = || {
        channel
            .bans
            .iter()
            .any(|ban| ban.mask.matches(&ctx.user().source))
    };
    let key = if prefixes.is_none() && channel.modes.members_only {
        "speak-members-only"
    } else if !raised && channel.modes.moderated {
        "speak-moderated"
    } else if !raised && banned() {
        "speak-banned"
    } else {
        return Ok((Room::Channel(channel.id), channel.name.as_str().into()));
    };
    Err(ctx.refusal(ERR_CANNOTSENDTOCHAN, &[name], key, &[("channel", name)]))
}

/// The person who is spoken to: online, or an account that will find it later.
fn person(ctx: &mut Ctx<'_>, nick: &str, verb: Verb) -> Result<(Room, CompactString), Refusal> {
    let author = ctx.user().id;
    let state = &ctx.turn.state;
    // The name of an account reaches its person, whatever nickname they go by.
    let by_account = || {
        let account = state.account_named(nick)?;
        let id = UserId::from(account.id);
        Some((
            id,
            state.nick_of(id),
            state.users.get(&id).is_none_or(|user| user.is_away()),
        ))
    };
    let by_nick = state.user_named(nick);
    let by_nick = by_nick.map(|user| {
        (
            user.id,
            CompactString::new(user.nick.as_str()),
            user.is_away(),
        )
    });
    let Some((id, shown, away)) = by_nick.or_else(by_account) else {
        let service = identity::is_service(nick);
        let key = if service {
            "service-not-here"
        } else {
            "no-such-nick"
        };
        return Err(ctx.refusal(ERR_NOSUCHNICK, &[nick], key, &[("nick", nick)]));
    };
    if away && verb == Verb::Privmsg {
        let text = ctx.text("away-will-read");
        ctx.numeric(RPL_AWAY, &[&shown], &text);
    }
    Ok((Room::direct(author, id), shown))
}
