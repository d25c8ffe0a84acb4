//! PRIVMSG, NOTICE and TAGMSG: say something. <https://modern.ircdocs.horse/#privmsg-message>

use super::{Command, Needs, targets, too_many_targets};
use crate::ctcp;
use crate::event::{Prefixes, RANKS, Reach, Verb, What};
use crate::fitting::in_pieces;
use crate::id::Room;
use crate::limits::{self, TooLong};
use crate::line::BODY_BYTES;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved;
use crate::room::privilege;
use crate::service;
use causette_proto::numeric::{
    ERR_CANNOTSENDTOCHAN, ERR_INPUTTOOLONG, ERR_NEEDREGGEDNICK, ERR_NORECIPIENT, ERR_NOSUCHCHANNEL,
    ERR_NOSUCHNICK, ERR_NOTEXTTOSEND, ERR_TOOMANYTARGETS, RPL_AWAY,
};
use causette_proto::tags::is_client_only;
use causette_proto::{Capability, CompactString, Message, Tags, split};
use compact_str::format_compact;

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
    let (targets, left_out) = targets(list, limits::TARGETS);
    if targets.is_empty() {
        let refusal = ctx.refusal(ERR_NORECIPIENT, &[], "no-recipient", &[]);
        return quietly(ctx, verb, refusal);
    }
    if let Some(service) = reserved::service_named(ctx.turn.state.casemap, list) {
        // What programs say to a service is not answered, as between programs.
        return match verb {
            Verb::Privmsg => service::answer(ctx, service, text),
            Verb::Notice | Verb::Tagmsg => {
                let refusal = ctx.refusal(ERR_NOSUCHNICK, &[list], "service-privmsg", &[]);
                quietly(ctx, verb, refusal)
            }
        };
    }
    if ctx.session().user.is_none() {
        return Err(super::account_required(ctx, &message.command));
    }
    if text.is_empty() && verb != Verb::Tagmsg {
        let refusal = ctx.refusal(ERR_NOTEXTTOSEND, &[], "no-text", &[]);
        return quietly(ctx, verb, refusal);
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
    for target in targets {
        if let Err(refusal) =
            say_to(ctx, target, verb, text, &tags).or_else(|refusal| quietly(ctx, verb, refusal))
        {
            ctx.refuse(refusal);
        }
    }
    for target in left_out {
        let refusal = too_many_targets(ctx, target, limits::TARGETS);
        if let Err(refusal) = quietly(ctx, verb, refusal) {
            ctx.refuse(refusal);
        }
    }
    Ok(())
}

/// Refuses something that was not said. The specifications let nothing answer a NOTICE or TAGMSG by itself, lest programs
/// answer each other for ever; a label asks for the answer, which is a FAIL then. That a line is too long is told as it is of
/// any line.
pub(super) fn quietly(ctx: &Ctx<'_>, verb: Verb, refusal: Refusal) -> Outcome {
    let command = match verb {
        Verb::Privmsg => return Err(refusal),
        Verb::Notice => "NOTICE",
        Verb::Tagmsg => "TAGMSG",
    };
    Err(match ctx.worded(refusal) {
        refusal @ Refusal::Numeric(ERR_INPUTTOOLONG, ..) => refusal,
        _ if !ctx.is_labelled() => Refusal::Silent,
        Refusal::Numeric(numeric, context, text) => Refusal::Fail {
            command: command.into(),
            code: match numeric {
                ERR_NORECIPIENT | ERR_NOTEXTTOSEND => "NEED_MORE_PARAMS",
                ERR_NOSUCHNICK | ERR_NOSUCHCHANNEL => "INVALID_TARGET",
                ERR_TOOMANYTARGETS => "TOO_MANY_TARGETS",
                _ => "CANNOT_SEND",
            },
            context,
            text,
        },
        refusal => refusal,
    })
}

/// Says something to one target. A text of several lines is that of a [`What::Said`].
pub(super) fn say_to(
    ctx: &mut Ctx<'_>,
    target: &str,
    verb: Verb,
    text: &str,
    tags: &Tags,
) -> Outcome {
    let status = target
        .chars()
        .next()
        .filter(|first| RANKS.iter().any(|(_, prefix)| prefix == first));
    let name = status.map_or(target, |_| &target[1..]);
    let (room, shown, reach, away) = if name.starts_with('#') {
        let (room, shown, reach) = channel(ctx, name, status, text)?;
        (room, shown, reach, None)
    } else {
        let (room, shown, away) = person(ctx, target)?;
        (room, shown, Reach::Room, away)
    };
    let author = ctx.user().id;
    let kept = fitting(ctx, target, verb, &shown, text, status)?;
    if let (Some(away), Verb::Privmsg) = (away, verb) {
        ctx.numeric(RPL_AWAY, &[&shown], &away);
    }
    if matches!(room, Room::Direct(..)) && verb == Verb::Privmsg && ctcp::is_dcc(text) {
        let warning = ctx.text("dcc-warning");
        ctx.standard("WARN", "PRIVMSG", "DCC_INSECURE", &[target], &warning);
    }
    let mut tags = tags.clone();
    if ctx.user().modes.has('B') {
        // <https://ircv3.net/specs/extensions/bot-mode>
        tags.insert("bot", "");
    }
    let passes = verb == Verb::Tagmsg && is_passing(&tags);
    let what = What::Said {
        verb,
        text: kept,
        tags,
        reach,
    };
    if passes {
        if !ctx.turn.pass(ctx.id, room, author, what) {
            let key = "tagmsg-nobody";
            return Err(ctx.failure("TAGMSG", "CANNOT_SEND", &[target], key, &[]));
        }
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

/// What of a text fits on a line to those who see it: all of it, or nothing is said, unless the configuration wants the
/// beginning. Of several lines each goes on in the next.
fn fitting(
    ctx: &mut Ctx<'_>,
    target: &str,
    verb: Verb,
    shown: &str,
    text: &str,
    status: Option<char>,
) -> Result<CompactString, Refusal> {
    let command = match verb {
        Verb::Privmsg => "PRIVMSG",
        Verb::Notice => "NOTICE",
        Verb::Tagmsg => return Ok(text.into()),
    };
    let max = ctx.text_bytes(command, &[shown], BODY_BYTES) - usize::from(status.is_some());
    if text.contains(['\n', '\r']) {
        return Ok(in_pieces(text, max).into());
    }
    if text.len() <= max {
        return Ok(text.into());
    }
    match ctx.turn.settings.limits.too_long {
        TooLong::Refuse => {
            let (bytes, max) = (text.len().to_string(), max.to_string());
            let variables = [("bytes", bytes.as_str()), ("max", &max)];
            Err(ctx.refusal(ERR_INPUTTOOLONG, &[target], "message-too-long", &variables))
        }
        TooLong::Cut => {
            // What programs take apart is still theirs to read.
            let close = if text.starts_with('\u{1}') && text.ends_with('\u{1}') {
                "\u{1}"
            } else {
                ""
            };
            let kept = format_compact!("{}{close}", split::cut(text, max - close.len()));
            let bytes = (text.len() - kept.len()).to_string();
            let warning = ctx.text_with("message-cut", &[("bytes", &bytes)]);
            ctx.standard("WARN", command, "MESSAGE_CUT", &[target], &warning);
            Ok(kept)
        }
    }
}

/// Whether tags are worth nothing a moment later, so that they are shown and not recorded.
/// <https://ircv3.net/specs/client-tags/typing>
fn is_passing(tags: &Tags) -> bool {
    tags.iter()
        .all(|(key, _)| matches!(key, "+typing" | "+draft/typing" | "bot"))
}

/// The channel that is spoken to, if the session's user may speak there, and who gets it. To those with a prefix only
/// members speak. <https://modern.ircdocs.horse/#statusmsg-parameter>
fn channel(
    ctx: &Ctx<'_>,
    name: &str,
    status: Option<char>,
    text: &str,
) -> Result<(Room, CompactString, Reach), Refusal> {
    let channel = privilege::visible(ctx.turn.state, ctx.user().id, name)?;
    let reach = privilege::may_speak(ctx.turn.state, ctx.user(), channel, text)?;
    let reach = match status {
        None => reach,
        Some(_) if !channel.members.contains_key(&ctx.user().id) => {
            let variables = [("channel", name)];
            return Err(ctx.refusal(
                ERR_CANNOTSENDTOCHAN,
                &[name],
                "speak-members-only",
                &variables,
            ));
        }
        // An op-moderated channel is not gone past by asking for those with a voice.
        Some(prefix) if reach == Reach::Operators && !Prefixes::shown_by(prefix).at_least('o') => {
            reach
        }
        Some(prefix) => Reach::Status(prefix),
    };
    Ok((
        Room::Channel(channel.id),
        channel.name.as_str().into(),
        reach,
    ))
}

/// The person who is spoken to: online, or an account that will find it later; and why they are away, if they are.
fn person(
    ctx: &Ctx<'_>,
    nick: &str,
) -> Result<(Room, CompactString, Option<CompactString>), Refusal> {
    let me = ctx.user();
    let (author, has_account) = (me.id, me.account.is_some());
    let Some(id) = ctx.turn.state.addressee(nick) else {
        return Err(ctx.refusal(ERR_NOSUCHNICK, &[nick], "no-such-nick", &[("nick", nick)]));
    };
    let shown = ctx.turn.state.nick_of(id);
    let user = ctx.turn.state.users.get(&id);
    if user.is_some_and(|user| user.modes.has('R')) && !has_account && id != author {
        let variables = [("nick", nick)];
        return Err(ctx.refusal(
            ERR_NEEDREGGEDNICK,
            &[nick],
            "message-registered-only",
            &variables,
        ));
    }
    let away = match user {
        Some(user) if !user.is_absent() => user.away.clone(),
        _ => Some(ctx.text("away-will-read").into()),
    };
    Ok((Room::direct(author, id), shown, away))
}
