//! USER: the user name and realname of a connection. <https://modern.ircdocs.horse/#user-message>

use super::{Command, Needs, registration};
use crate::limits;
use crate::reply::{Ctx, Outcome};
use causette_proto::numeric::ERR_ALREADYREGISTERED;
use causette_proto::{Message, split};

pub(super) const USER: Command = Command {
    verb: "USER",
    params: 4,
    needs: Needs::Nothing,
    syntax: "USER <username> 0 * :<realname>",
    summary: "command-user",
    spec: "https://modern.ircdocs.horse/#user-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    if ctx.session().welcomed {
        return Err(ctx.refusal(ERR_ALREADYREGISTERED, &[], "already-registered", &[]));
    }
    // What could end the `user` part of nick!user@host early is left out. The `~` says that nobody vouches for it.
    let allowed = |char: &char| char.is_ascii_alphanumeric() || "-_.".contains(*char);
    let username: String = message.params[0].chars().filter(allowed).collect();
    let username = if username.is_empty() {
        "user"
    } else {
        &username
    };
    let username = format!("~{}", split::cut(username, limits::USERNAME_BYTES - 1));
    let realname = ctx.cut("USER", &message.params[3], limits::REALNAME_BYTES);
    let session = ctx.session_mut();
    session.username = Some(username.into());
    session.realname = realname;
    registration::complete(ctx);
    Ok(())
}
