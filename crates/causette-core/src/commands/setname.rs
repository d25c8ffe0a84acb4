//! SETNAME: change the realname. <https://ircv3.net/specs/extensions/setname>

use super::{Command, Needs};
use crate::account::own;
use crate::limits;
use crate::person::presence;
use crate::reply::{Ctx, Outcome};
use crate::state::account::Setting;
use causette_proto::{Capability, CompactString, Message};

pub(super) const SETNAME: Command = Command {
    verb: "SETNAME",
    params: 1,
    needs: Needs::Online,
    syntax: "SETNAME :<realname>",
    summary: "command-setname",
    spec: "https://ircv3.net/specs/extensions/setname",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let realname = message.params[0].as_str();
    if realname.is_empty() || realname.len() > limits::REALNAME_BYTES {
        let max = limits::REALNAME_BYTES.to_string();
        return Err(ctx.failure(
            "SETNAME",
            "INVALID_REALNAME",
            &[],
            "realname-invalid",
            &[("max", &max)],
        ));
    }
    let realname = CompactString::new(realname);
    let user = ctx.user();
    let (id, account) = (user.id, user.account);
    let body = format!(":{} SETNAME :{realname}", user.source);
    *ctx.turn.mutated = true;
    if let Some(user) = ctx.turn.state.users.get_mut(&id) {
        user.realname = realname.clone();
    }
    if let Some(account) = account {
        own::set(ctx, account, Setting::Realname, realname);
    }
    presence::announce(&mut ctx.turn, id, body.clone(), Capability::Setname);
    presence::tell_own(ctx, body.clone(), Capability::Setname);
    if ctx.has(Capability::Setname) {
        ctx.line_from(body);
    }
    Ok(())
}
