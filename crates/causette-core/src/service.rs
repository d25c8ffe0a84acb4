//! The services: what people write to with PRIVMSG and that is not a person.
//!
//! What is said to them is never recorded: it may contain passwords.

mod approval;
mod certificate;
pub(crate) mod chanserv;
mod connection;
pub(crate) mod device;
pub(crate) mod fileserv;
mod filter;
pub(crate) mod identity;
pub(crate) mod nickserv;
pub(crate) mod owner;
mod rename;
mod setting;
mod switch;
mod typed;
pub(crate) mod upload;

use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;

/// Does what a service is told.
pub(crate) fn answer(ctx: &mut Ctx<'_>, service: Service, text: &str) -> Outcome {
    match service {
        Service::Accounts => nickserv::answer(ctx, text),
        Service::Channels => chanserv::answer(ctx, text),
        Service::Files => fileserv::answer(ctx, text),
    }
}

/// Lets a service say something to the session.
pub(crate) fn say(ctx: &mut Ctx<'_>, service: Service, key: &str, variables: &[(&str, &str)]) {
    let text = ctx.text_with(key, variables);
    say_lines(ctx, service, &text);
}

/// The same of a text that is ready.
pub(crate) fn say_lines(ctx: &mut Ctx<'_>, service: Service, text: &str) {
    for line in text.lines() {
        ctx.notice(Some(service.nick()), line);
    }
}
