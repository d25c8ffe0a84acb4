//! RELAYMSG: say in a channel what somebody of another network says. <https://github.com/ircv3/ircv3-specifications/pull/417>

use super::{Command, Needs, privmsg};
use crate::reply::{Ctx, Outcome};
use crate::room::relay::{self, BadNick};
use causette_proto::numeric::ERR_NOTEXTTOSEND;
use causette_proto::{Capability, Message};

pub(super) const RELAYMSG: Command = Command {
    verb: "RELAYMSG",
    params: 2,
    needs: Needs::Online,
    syntax: "RELAYMSG <channel> <nickname>/<network> :<text>",
    summary: "command-relaymsg",
    spec: "https://github.com/ircv3/ircv3-specifications/pull/417",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (channel, nick) = (&message.params[0], &message.params[1]);
    let text = message.params.get(2).map_or("", |text| text.as_str());
    if !ctx.has(Capability::Relaymsg) {
        let name = Capability::Relaymsg.name();
        return Err(ctx.failure("RELAYMSG", "NEED_CAPABILITY", &[name], "need-relaymsg", &[]));
    }
    if text.is_empty() {
        return Err(ctx.refusal(ERR_NOTEXTTOSEND, &[], "no-text", &[]));
    }
    let source = relay::source(&ctx.turn, nick).map_err(|why| {
        let key = match why {
            BadNick::NoNetwork => "relay-no-network",
            BadNick::Forbidden => "relay-nick-forbidden",
        };
        ctx.failure("RELAYMSG", "INVALID_NICK", &[nick], key, &[])
    })?;
    let by = ctx.user().id;
    if !relay::may(ctx.turn.state, by, channel)? {
        let variables = [("channel", channel.as_str())];
        let key = "relay-operators-only";
        return Err(ctx.failure("RELAYMSG", "PRIVS_NEEDED", &[channel], key, &variables));
    }
    let (mut tags, _) = privmsg::client_tags(ctx, message);
    tags.insert(relay::TAG, ctx.nick());
    privmsg::relay(ctx, channel, text, (&source, &tags))
}
