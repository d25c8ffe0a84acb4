//! Under which nickname a session's person may go, and what an account can be called.

use crate::denied::{Denied, Why};
use crate::reserved;
use crate::settings::Settings;
use crate::state::naming::nick_taken;
use crate::state::session::Session;
use crate::turn::Turn;
use causette_proto::{AccountName, Casemap, NameError, Nick};

/// What an account is to be called.
pub(crate) fn account_name(settings: &Settings, name: &str) -> Result<AccountName, Denied> {
    let max = settings.limits.nick;
    AccountName::parse(name, max, settings.casemap).map_err(|error| {
        let key = match (error, settings.casemap) {
            (NameError::TooLong, _) => "account-name-too-long",
            (_, Casemap::Ascii) => "account-name-invalid",
            (_, Casemap::Precis) => "account-name-invalid-unicode",
        };
        let variables = [("account", name), ("max", &max.to_string())];
        Denied::new(Why::BadAccountName, key, &variables)
    })
}

/// Whether the session's person may go by a nickname. In the lobby nobody else sees it, and who asks for an account's may be about
/// to sign in. That of a service is nobody's; any other that is kept for the server may be an account's, and which of them are is
/// not for strangers to learn: what nobody has is refused where they sign up.
pub(crate) fn may_take(turn: &Turn<'_>, session: &Session, nick: &Nick) -> Result<(), Denied> {
    let (state, settings) = (&*turn.state, turn.settings);
    let in_lobby =
        session.account.is_none() && session.user.is_none() && settings.accounts_required;
    let refused = if in_lobby {
        reserved::looks_taken(nick.as_str()).then_some("nick-kept")
    } else {
        // The name of an account that waits to be approved is its person's already.
        let account = session.account.or(session.applied);
        nick_taken(state, settings, nick, session.user, account)
    };
    match refused {
        None => Ok(()),
        Some(key) => Err(Denied::new(Why::NickTaken, key, &[("nick", nick.as_str())])),
    }
}
