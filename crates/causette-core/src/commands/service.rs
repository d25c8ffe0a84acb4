//! The services: what people write to with PRIVMSG and that is not a person.
//!
//! What is said to them is never recorded: it may contain passwords.

use super::{chanserv, nickserv};
use crate::reply::{Ctx, Outcome};
use crate::reserved::look;
use causette_proto::Casemap;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// NickServ keeps accounts.
    Accounts,
    /// ChanServ keeps channels.
    Channels,
    /// FileServ will keep files.
    Files,
}

/// Every service.
pub(crate) const SERVICES: [Service; 3] = [Service::Accounts, Service::Channels, Service::Files];

impl Service {
    /// Its nickname, which no person and no account may take.
    pub(crate) fn nick(self) -> &'static str {
        match self {
            Self::Accounts => "NickServ",
            Self::Channels => "ChanServ",
            Self::Files => "FileServ",
        }
    }
}

/// The service of a nickname.
pub(crate) fn named(casemap: Casemap, nick: &str) -> Option<Service> {
    // Asked of every message: what is plain is not folded.
    let folded = (!nick.is_ascii()).then(|| casemap.fold(nick));
    let nick = folded.as_deref().unwrap_or(nick);
    SERVICES
        .into_iter()
        .find(|service| service.nick().eq_ignore_ascii_case(nick))
}

/// Whether a name can be taken for a service's.
pub(crate) fn looks_like_one(name: &str) -> bool {
    let seen = look(name);
    SERVICES
        .into_iter()
        .any(|service| look(service.nick()) == seen)
}

/// Does what a service is told.
pub(super) fn answer(ctx: &mut Ctx<'_>, service: Service, text: &str) -> Outcome {
    match service {
        Service::Accounts => nickserv::answer(ctx, text),
        Service::Channels => chanserv::answer(ctx, text),
        Service::Files => {
            say(ctx, service, "service-not-here", &[("nick", "FileServ")]);
            Ok(())
        }
    }
}

/// Lets a service say something to the session.
pub(crate) fn say(ctx: &mut Ctx<'_>, service: Service, key: &str, variables: &[(&str, &str)]) {
    let text = ctx.text_with(key, variables);
    for line in text.lines() {
        ctx.notice(Some(service.nick()), line);
    }
}
