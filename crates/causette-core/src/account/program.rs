//! The tokens by which programs run the server in the name of an account: giving one, and taking one away.

use crate::account::trial;
use crate::account::{device, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, TokenId};
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::Ask;
use crate::right::{Act, RIGHTS, Role, Scopes, may_by_token};
use crate::secret::Secret;
use crate::state::State;
use crate::state::account::Account;
use crate::state::waiting::{Orderer, Then, WantedToken};
use crate::turn::words::second;
use crate::turn::{Mark, Turn};
use causette_proto::{AccountName, CompactString, Timestamp};

/// Starts to make a token for an account of a name; who asks waits for it.
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    (account, name): (&str, &str),
    (scopes, seconds): (Scopes, u64),
    by: Orderer,
) -> Result<(), Denied> {
    actor.must(turn.state, Act::GiveToken)?;
    let account = target::named(turn.state, account)?.id;
    let wanted = WantedToken {
        account,
        name: device::named(name)?,
        scopes,
        seconds,
    };
    allowed(turn.state, actor, &wanted)?;
    trial::ask_at_once(turn, asker, Ask::MakeToken)?;
    let wanted = Box::new(wanted);
    turn.wait(asker, Then::GiveToken { wanted, by });
    Ok(())
}

/// The account that is to have a token, where it may, from who gives it, and for so long.
fn allowed<'a>(
    state: &'a State,
    actor: &Actor,
    wanted: &WantedToken,
) -> Result<&'a Account, Denied> {
    actor.must(state, Act::GiveToken)?;
    let found = state.accounts().get(&wanted.account);
    let Some(account) = found.filter(|account| !account.dropping) else {
        return Err(Denied::new(Why::Unavailable, "unavailable", &[]));
    };
    reaches(state, actor, account)?;
    let variables = [("account", account.name.as_str())];
    if matches!(account.role, Role::User | Role::Guest) {
        let key = "program-token-without-role";
        return Err(Denied::new(Why::BadTerms, key, &variables));
    }
    if !(1..=limits::TOKEN_SECONDS).contains(&wanted.seconds) || wanted.scopes == Scopes::default()
    {
        let days = (limits::TOKEN_SECONDS / 86_400).to_string();
        return Err(Denied::new(
            Why::BadTerms,
            "program-token-terms",
            &[("days", &days)],
        ));
    }
    // Nobody gets more by a token than they have.
    let mut rights = RIGHTS.iter().map(|(act, ..)| *act);
    let beyond = |act| may_by_token(account.role, wanted.scopes, act) && !actor.may(state, act);
    if rights.any(beyond) {
        return Err(Denied::new(
            Why::NoRight,
            "program-token-beyond",
            &variables,
        ));
    }
    device::has_room(state, account.id)?;
    Ok(account)
}

/// Refuses to act on the tokens of whom one's role does not reach; one's own are one's own.
fn reaches(state: &State, actor: &Actor, account: &Account) -> Result<(), Denied> {
    if actor.account(state) == Some(account.id) {
        return Ok(());
    }
    actor.must_reach_account(state, account)
}

/// A token that was made.
pub(crate) struct Given {
    pub(crate) account: AccountName,
    pub(crate) number: TokenId,
    /// The token itself, which is in no other place: what is recorded cannot be turned back into it.
    pub(crate) token: Secret,
    /// Until when it is good, as people are shown it.
    pub(crate) until: Timestamp,
    /// That it was made.
    pub(crate) mark: Mark,
}

/// Gives the token that was made. One that was given with a token is good for no longer than that.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &WantedToken,
    answer: Answer,
) -> Result<Given, Denied> {
    // Who asked may have lost the right meanwhile, as who is to have it the role.
    let account = allowed(turn.state, actor, wanted)?;
    let (id, name) = (account.id, account.name.clone());
    let Answer::Made { token, verifier } = answer else {
        return Err(Denied::new(Why::Unavailable, "unavailable", &[]));
    };
    let wished = turn.steady().plus_seconds(wanted.seconds.cast_signed());
    let until = own_end(turn.state, actor).map_or(wished, |own| own.min(wished));
    let mark = turn.mark();
    let good_for = Some((wanted.scopes, until));
    let number = device::keep(turn, actor, id, (wanted.name.clone(), verifier), good_for);
    let until = turn.state.clock.shown_at(until);
    tell_given(turn, actor, &name, wanted, until);
    Ok(Given {
        account: name,
        number,
        token,
        until,
        mark,
    })
}

/// Until when the token is good with which somebody asks.
fn own_end(state: &State, actor: &Actor) -> Option<Timestamp> {
    match actor {
        Actor::Account {
            account,
            token: Some(token),
            ..
        } => state.accounts().get(account)?.token(*token)?.until,
        _ => None,
    }
}

fn tell_given(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &AccountName,
    wanted: &WantedToken,
    until: Timestamp,
) {
    let (by, scopes, until) = (actor.name(turn.state), wanted.scopes.list(), second(until));
    let variables = [
        ("by", by.as_str()),
        ("account", account.as_str()),
        ("name", &wanted.name),
        ("scopes", &scopes),
        ("until", &until),
    ];
    for session in turn.state.sessions_of(wanted.account) {
        turn.tell_session(session, "NickServ", "program-token-given", &variables);
    }
    turn.tell_acted(actor, "notice-token-given", &variables);
}

/// A token that was taken away.
pub(crate) struct Taken {
    pub(crate) account: AccountName,
    pub(crate) name: CompactString,
    /// That it was.
    pub(crate) mark: Mark,
}

/// Takes a token away, of a device or of a program: connections that signed in with it end.
pub(crate) fn take(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    token: TokenId,
    reason: &str,
) -> Result<Taken, Denied> {
    actor.must(turn.state, Act::GiveToken)?;
    let found = target::named(turn.state, account)?;
    reaches(turn.state, actor, found)?;
    let (id, account) = (found.id, found.name.clone());
    let number = token.0.to_string();
    let Some(held) = found.token(token) else {
        let variables = [("id", number.as_str()), ("account", account.as_str())];
        let key = "program-token-unknown";
        return Err(Denied::new(Why::UnknownDevice, key, &variables));
    };
    let name = held.name.clone();
    let reason = target::reason(turn.settings, reason)?.kept;
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("account", account.as_str()),
        ("name", &name),
        ("reason", &reason),
    ];
    // Before connections end that signed in with it.
    for session in turn.state.sessions_of(id) {
        turn.tell_session(session, "NickServ", "program-token-taken", &variables);
    }
    let mark = device::take_back(turn, actor, id, token);
    turn.tell_acted(actor, "notice-token-taken", &variables);
    Ok(Taken {
        account,
        name,
        mark,
    })
}

/// Takes away all that programs of an account have, which runs nothing on the server any more.
pub(super) fn take_all(turn: &mut Turn<'_>, actor: &Actor, id: AccountId) {
    let account = turn.state.accounts().get(&id);
    let tokens = account.map_or(&[][..], |account| &account.tokens);
    let programs = tokens.iter().filter(|token| token.scopes.is_some());
    for token in programs.map(|token| token.id).collect::<Vec<_>>() {
        device::take_back(turn, actor, id, token);
    }
}

/// Removes those whose time is over.
pub(crate) fn expire(turn: &mut Turn<'_>) {
    let over = turn.state.tokens_over(limits::ENDED_PER_TICK);
    for (account, token) in over {
        device::take_back(turn, &Actor::Server, account, token);
    }
}

/// Whether a token is a program's, which signs in nowhere.
pub(crate) fn is_programs(state: &State, account: AccountId, token: TokenId) -> bool {
    let account = state.accounts().get(&account);
    let token = account.and_then(|account| account.token(token));
    token.is_some_and(|token| token.scopes.is_some())
}
