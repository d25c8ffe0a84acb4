//! INVITE: ask someone into a channel; without parameters, where one is invited. <https://modern.ircdocs.horse/#invite-message>

use super::{Command, Needs, need_more_params};
use crate::reply::{Ctx, Outcome};
use crate::room::invite::{Invited, invitations, invite};
use causette_proto::Message;
use causette_proto::numeric::{RPL_AWAY, RPL_ENDOFINVITELIST, RPL_INVITELIST, RPL_INVITING};

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
        [nick, name, ..] => {
            let (actor, by) = (ctx.actor(), ctx.user().id);
            let invited = invite(&mut ctx.turn, &actor, by, nick, name)?;
            say_invited(ctx, &invited);
            Ok(())
        }
        [_] => Err(need_more_params(ctx, &INVITE)),
    }
}

fn list(ctx: &mut Ctx<'_>) {
    for name in invitations(ctx.turn.state, ctx.user()) {
        ctx.numeric_bare(RPL_INVITELIST, &[&name]);
    }
    let text = ctx.text("end-of-invite-list");
    ctx.numeric(RPL_ENDOFINVITELIST, &[], &text);
}

fn say_invited(ctx: &mut Ctx<'_>, invited: &Invited) {
    let nick = invited.nick.as_str();
    ctx.numeric_bare(RPL_INVITING, &[nick, invited.channel.as_str()]);
    if let Some(away) = &invited.away {
        let away = away.told(ctx.language());
        ctx.numeric(RPL_AWAY, &[nick], &away);
    }
}
