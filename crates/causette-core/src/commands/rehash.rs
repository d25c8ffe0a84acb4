//! REHASH: read the configuration again. <https://modern.ircdocs.horse/#rehash-message>

use super::{Command, Needs, cap, oper};
use crate::actor::Actor;
use crate::id::SessionId;
use crate::output::Output;
use crate::record::Fact;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use crate::room::auto_join;
use crate::settings::Settings;
use crate::state::waiting::Then;
use crate::turn::Turn;
use causette_proto::Message;
use causette_proto::numeric::RPL_REHASHING;

pub(super) const REHASH: Command = Command {
    verb: "REHASH",
    params: 0,
    needs: Needs::Right(Act::Reload),
    syntax: "REHASH",
    summary: "command-rehash",
    spec: "https://modern.ircdocs.horse/#rehash-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let session = ctx.id;
    ctx.after(Output::Reload { session });
    ctx.hold(Then::Reload);
    Ok(())
}

/// Brings about what follows from other settings than the old ones; `session` asked for them, or a signal did.
pub(crate) fn settle(turn: &mut Turn<'_>, session: Option<SessionId>, old: &Settings) {
    turn.commit(&Actor::from(session), Fact::Reloaded);
    turn.tell_operators(session, "notice-reloaded", &[]);
    oper::revoke(turn);
    auto_join::settle(turn);
    if turn.settings.scram != old.scram {
        cap::announce_mechanisms(turn);
    }
    if cap::sts_duration(turn.settings) != cap::sts_duration(old) {
        cap::announce_sts(turn);
    }
}

/// Tells what came of it.
pub(crate) fn answered(ctx: &mut Ctx<'_>, result: Result<(), String>) {
    match result {
        Ok(()) => {
            let text = ctx.text("rehashed");
            ctx.numeric(RPL_REHASHING, &["causette.toml"], &text);
        }
        Err(reason) => ctx.notice(None, &reason),
    }
}
