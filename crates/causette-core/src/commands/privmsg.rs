//! PRIVMSG, NOTICE and TAGMSG: say something. <https://modern.ircdocs.horse/#privmsg-message>

use super::{Command, Needs, playback, targets, too_many_targets};
use crate::event::Verb;
use crate::limits;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved;
use crate::room::speak::{self, Filtered, Said, Saying, There};
use crate::service;
use causette_proto::numeric::{
    ERR_CANNOTSENDTOCHAN, ERR_INPUTTOOLONG, ERR_NORECIPIENT, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK,
    ERR_NOTEXTTOSEND, ERR_TOOMANYTARGETS, RPL_AWAY,
};
use causette_proto::tags::is_client_only;
use causette_proto::{Capability, CompactString, Message, Tags};

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
    let (targets, left_out) = targets(ctx.turn.state, list, limits::TARGETS);
    if targets.is_empty() {
        let refusal = ctx.refusal(ERR_NORECIPIENT, &[], "no-recipient", &[]);
        return quietly(ctx, verb, refusal);
    }
    if verb == Verb::Privmsg && list.eq_ignore_ascii_case(playback::NAME) {
        // Who knows no bouncers looks for somebody of that name.
        if ctx.has(Capability::ZncPlayback) && ctx.session().user.is_some() {
            return playback::answer(ctx, text);
        }
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
    let (tags, denied) = client_tags(ctx, message);
    if denied && verb == Verb::Tagmsg && tags.is_empty() {
        // Nothing is left to be said.
        let refusal = ctx.refusal(ERR_CANNOTSENDTOCHAN, &[list], "tags-denied", &[]);
        return quietly(ctx, verb, refusal);
    }
    let tags = &tags;
    let saying = Saying {
        verb,
        text,
        tags,
        relayed: None,
    };
    for target in targets {
        let said = say_to(ctx, target, saying);
        if let Err(refusal) = said.or_else(|refusal| quietly(ctx, verb, refusal)) {
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

/// The tags of a line that are passed on with what it says, and whether others were dropped that the server denies.
pub(super) fn client_tags(ctx: &Ctx<'_>, message: &Message) -> (Tags, bool) {
    let mut tags = message.tags.clone();
    tags.retain(|key, _| is_client_only(key));
    let denied = ctx.turn.settings.client_tags_denied.drop_from(&mut tags);
    (tags, denied)
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

/// Says something to one target, and tells first what its author should know.
pub(super) fn say_to(
    ctx: &mut Ctx<'_>,
    target: &str,
    saying @ Saying { verb, .. }: Saying<'_>,
) -> Outcome {
    let (actor, by, place) = (ctx.actor(), ctx.user().id, ctx.turn.own.place());
    let said = speak::say(&mut ctx.turn, &actor, by, target, saying)?;
    let is_away = verb == Verb::Privmsg && !matches!(said.there, There::Here);
    let filtered = said.filtered.is_some();
    if said.missing > 0 || is_away || said.insecure || filtered {
        ctx.ahead(place, |ctx| warn(ctx, target, verb, said));
    }
    Ok(())
}

/// Says in a channel what somebody of another network says.
pub(super) fn relay(
    ctx: &mut Ctx<'_>,
    channel: &str,
    text: &str,
    (source, tags): (&CompactString, &Tags),
) -> Outcome {
    let saying = Saying {
        verb: Verb::Privmsg,
        text,
        tags,
        relayed: Some(source),
    };
    say_to(ctx, channel, saying)
}

fn warn(ctx: &mut Ctx<'_>, target: &str, verb: Verb, said: Said) {
    let command = match verb {
        Verb::Privmsg => "PRIVMSG",
        Verb::Notice => "NOTICE",
        Verb::Tagmsg => "TAGMSG",
    };
    match said.filtered {
        None => {}
        Some(Filtered::Warned(strike)) => ctx.tell_warned(command, target, &strike),
        Some(Filtered::Waits(strike)) => ctx.tell_waits(command, target, &strike),
    }
    if said.missing > 0 {
        let bytes = said.missing.to_string();
        let warning = ctx.text_with("message-cut", &[("bytes", &bytes)]);
        ctx.standard("WARN", command, "MESSAGE_CUT", &[target], &warning);
    }
    if verb == Verb::Privmsg {
        match said.there {
            There::Here => {}
            There::Away(away) => {
                let away = away.told(ctx.language());
                ctx.numeric(RPL_AWAY, &[&said.shown], &away);
            }
            There::Later => {
                let text = ctx.text("away-will-read");
                ctx.numeric(RPL_AWAY, &[&said.shown], &text);
            }
        }
    }
    if said.insecure {
        let warning = ctx.text("dcc-warning");
        ctx.standard("WARN", "PRIVMSG", "DCC_INSECURE", &[target], &warning);
    }
}
