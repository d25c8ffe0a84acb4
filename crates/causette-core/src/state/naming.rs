//! Who may go by which name. One name is one person's, whichever way they came by it: an account's name, a nickname that
//! somebody goes by, and what is kept for the server are refused to all others, as account and as nickname.

use crate::id::{AccountId, UserId};
use crate::reserved;
use crate::settings::Settings;
use crate::state::State;
use causette_proto::confusable::skeleton;
use causette_proto::{AccountName, Nick};

/// The key of the text that says why no account can have a name: another one has it, somebody other than `own` goes by it, or it
/// could be taken for one of theirs or for a service's. A person's own account is no other one.
pub(crate) fn account_taken(
    state: &State,
    name: &AccountName,
    own: Option<UserId>,
) -> Option<&'static str> {
    // A guest has a number that no account has.
    let account = own.map(|own| AccountId(own.0));
    let owner = state.account_names.get(name.key());
    let owned = owner.is_some_and(|owner| Some(*owner) != account);
    if owned || reserved::is_taken(state.casemap, name.as_str()) {
        return Some("account-exists");
    }
    let wearer = state.nicks.get(name.key());
    if wearer.is_some_and(|wearer| Some(*wearer) != own) {
        return Some("account-name-worn");
    }
    if reserved::looks_taken(name.as_str()) {
        return Some("account-like-another");
    }
    let likenesses = &state.likenesses;
    let look = likenesses.look(name.as_str(), name.key())?;
    let alike = likenesses.is_an_account(&look, account) || likenesses.is_a_nick(&look, own);
    alike.then_some("account-like-another")
}

/// The key of the text that says why a nickname is not for somebody: another goes by it, an account keeps it, it is kept for
/// the server, or one of them could be taken for its owner.
pub(crate) fn nick_taken(
    state: &State,
    settings: &Settings,
    nick: &Nick,
    user: Option<UserId>,
    account: Option<AccountId>,
) -> Option<&'static str> {
    let wearer = state.nicks.get(nick.key());
    let in_use = wearer.is_some_and(|wearer| Some(*wearer) != user);
    let owner = state.account_names.get(nick.key()).copied();
    let reservation = settings.nick_reservation;
    let reserved = reservation && owner.is_some() && owner != account;
    if in_use || reserved || reserved::is_taken(state.casemap, nick.as_str()) {
        return Some("nick-in-use");
    }
    // What its account was given is its own, however it came to have that name.
    let own_name = owner.is_some() && owner == account;
    if !own_name && is_kept(settings, nick) {
        return Some("nick-kept");
    }
    let likenesses = &state.likenesses;
    let look = likenesses.look(nick.as_str(), nick.key())?;
    let alike = likenesses.is_a_nick(&look, user)
        || reservation && likenesses.is_an_account(&look, account);
    alike.then_some("nick-like-another")
}

/// Whether a text that stands where a nickname would could be taken for somebody else: who goes by it, has an account of that name, or
/// is the server's. Names of plain letters are not compared with each other, as they are not where they are taken.
pub(crate) fn shown_name_taken(
    state: &State,
    settings: &Settings,
    text: &str,
    (user, account): (Option<UserId>, Option<AccountId>),
) -> bool {
    let text = text.trim();
    let folded = state.casemap.fold(text);
    let wearer = |name: &str| state.nicks.get(name).copied();
    let owner = |name: &str| state.account_names.get(name).copied();
    let is_own = |name: &str| {
        wearer(name).is_some_and(|wearer| Some(wearer) == user)
            || owner(name).is_some_and(|owner| Some(owner) == account)
    };
    let is_others = |name: &str| {
        wearer(name).is_some_and(|wearer| Some(wearer) != user)
            || owner(name).is_some_and(|owner| Some(owner) != account)
    };
    if is_others(&folded) || reserved::is_taken(state.casemap, text) {
        return true;
    }
    if is_own(&folded) {
        return false;
    }
    if settings.reserved_names.holds(text) || reserved::looks_taken(text) {
        return true;
    }
    match state.likenesses.look(text, &folded) {
        Some(look) => {
            let likenesses = &state.likenesses;
            likenesses.is_a_nick(&look, user) || likenesses.is_an_account(&look, account)
        }
        None => is_others(&skeleton(text)),
    }
}

fn is_kept(settings: &Settings, nick: &Nick) -> bool {
    settings.reserved_names.holds(nick.as_str()) || reserved::looks_taken(nick.as_str())
}
