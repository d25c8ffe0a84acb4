//! NickServ OWNER: how whoever has the machine becomes the first owner of the server, by a code that works once.

use super::nickserv::{deny, say, spoken};
use crate::account::first_owner;
use crate::commands::oper;
use crate::id::AccountId;
use crate::input::Answer;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;

/// Starts to look at the code.
pub(super) fn claim(ctx: &mut Ctx<'_>, words: &[&str]) -> Outcome {
    let [code] = words else {
        return say(ctx, &["nickserv-owner-syntax"]);
    };
    let session = ctx.session();
    let Some(account) = session.account.filter(|_| session.user.is_some()) else {
        return say(ctx, &["nickserv-sign-in-first"]);
    };
    let id = ctx.id;
    let begun = first_owner::claim(&mut ctx.turn, id, account, code);
    spoken(ctx, begun)
}

/// Tells what came of it.
pub(crate) fn claimed(ctx: &mut Ctx<'_>, account: AccountId, answer: Answer) {
    let session = ctx.id;
    match first_owner::claimed(&mut ctx.turn, session, account, answer) {
        Ok(given) => {
            let variables = [("account", given.name.as_str())];
            service::say(ctx, Service::Accounts, "nickserv-owner", &variables);
            oper::tell_given(&mut ctx.turn, &given);
        }
        Err(denied) => deny(ctx, &denied),
    }
}
