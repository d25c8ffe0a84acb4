//! From where somebody may sign in to an account: who decides it, and what becomes of a sign-in from elsewhere.
//!
//! Who gives what is right from elsewhere learns as little as who gives what is wrong: it is answered, charged and timed the same. The
//! register, the console and the owner's other connections learn it.

use crate::account::sign_in::opens;
use crate::account::target;
use crate::account::trial::{self, Claimant};
use crate::actor::Actor;
use crate::cidr::Cidr;
use crate::denied::{Denied, Why};
use crate::id::AccountId;
use crate::input::Answer;
use crate::limits::LOGIN_RANGES;
use crate::login::{LoginFault, LoginPolicy, pin_of};
use crate::record::{AccountChange, Fact, Factor};
use crate::right::Act;
use crate::state::State;
use crate::state::account::{Account, Setting};
use crate::state::waiting::Claim;
use crate::turn::{Mark, Turn};
use causette_proto::{AccountName, CompactString};
use core::net::IpAddr;

/// Whether somebody may sign in to an account from an address.
pub(crate) fn may_come(account: &Account, address: IpAddr) -> bool {
    match account.login() {
        LoginPolicy::Any => true,
        LoginPolicy::PinFirst => match account.setting(Setting::LoginAddress) {
            None => true,
            Some(pinned) => pinned
                .parse()
                .is_ok_and(|pinned: Cidr| pinned.contains(address)),
        },
        LoginPolicy::Ranges(ranges) => ranges.iter().any(|range| range.contains(address)),
    }
}

/// Takes what is right for wrong where it comes from an address from which nobody may sign in to the account: everything that follows is
/// then what follows on a wrong password, whichever door it is.
pub(crate) fn bar(state: &State, claimant: &Claimant, claim: &mut Claim, answer: Answer) -> Answer {
    let proven = match &answer {
        Answer::Token { account, token } => {
            let meant = !claim.named || claim.account == Some(*account);
            let opens = meant && opens(state, claimant, *account, *token);
            opens.then_some(*account)
        }
        answer if is_right(answer) => claim.account,
        _ => None,
    };
    let account = proven.and_then(|id| state.accounts().get(&id));
    let Some(account) = account.filter(|found| !may_come(found, claimant.caller.address)) else {
        return answer;
    };
    claim.account = Some(account.id);
    claim.factor = Factor::Address;
    Answer::Verified(false)
}

/// Whether what was given for a password is right.
pub(crate) fn is_right(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Verified(true) | Answer::VerifiedAnew(_) | Answer::Proved(_) | Answer::Code { .. }
    )
}

/// Notes that a sign-in was refused for where it came from, and warns whoever is signed in to the account; not each time, where it is
/// tried again and again.
pub(crate) fn refused(turn: &mut Turn<'_>, claimant: &Claimant, id: AccountId) {
    let Some(account) = turn.state.accounts().get(&id) else {
        return;
    };
    let name = account.name.clone();
    let whose = (Some(id), name.as_str());
    trial::note_refusal_of(turn, claimant, whose, Factor::Address);
    let uptime = turn.state.uptime();
    if !turn.state.attempts.warning(name.as_str(), uptime) {
        return;
    }
    let address = claimant.caller.address.to_string();
    let variables = [("account", name.as_str()), ("address", address.as_str())];
    let asks = claimant.actor().session();
    for session in turn.state.sessions_of(id) {
        if Some(session) != asks {
            turn.tell_session(session, "NickServ", "login-refused", &variables);
            turn.tell_session(session, "NickServ", "login-refused-how", &[]);
        }
    }
}

/// Gives a new account what the configuration says, with the address of who signed up for it, where it was their own.
pub(super) fn begin(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    address: Option<IpAddr>,
) {
    let policy = turn.settings.login.clone();
    keep(
        turn,
        actor,
        account,
        Setting::Login,
        &policy.setting(),
        None,
    );
    if let Some(address) = address {
        pin(turn, actor, account, address);
    }
}

/// Refuses to sign up from where the configuration would let nobody sign in to the new account.
pub(super) fn may_sign_up(turn: &Turn<'_>, address: IpAddr, name: &str) -> Result<(), Denied> {
    let LoginPolicy::Ranges(ranges) = &turn.settings.login else {
        return Ok(());
    };
    if ranges.iter().any(|range| range.contains(address)) {
        return Ok(());
    }
    let variables = [("account", name)];
    Err(Denied::new(Why::Unavailable, "sign-up-address", &variables))
}

/// Pins an account to the address of who has just signed in, where it is to be and is not yet.
pub(super) fn pin(turn: &mut Turn<'_>, actor: &Actor, id: AccountId, address: IpAddr) {
    let Some(account) = turn.state.accounts().get(&id) else {
        return;
    };
    let pinned = account.setting(Setting::LoginAddress).is_some();
    if account.login() == LoginPolicy::PinFirst && !pinned {
        let pinned = pin_of(address).to_string();
        keep(turn, actor, id, Setting::LoginAddress, &pinned, None);
    }
}

/// Keeps one of the two settings, where it is another than before, with a reason where somebody imposes it; gives the mark of the first
/// thing that was recorded.
fn keep(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    setting: Setting,
    value: &str,
    reason: Option<&str>,
) -> Option<Mark> {
    let held = turn.state.accounts().get(&id)?.setting(setting);
    if held.unwrap_or_default() == value {
        return None;
    }
    let name = CompactString::const_new(setting.name());
    let value = CompactString::new(value);
    let change = match reason {
        Some(reason) => AccountChange::SettingImposed {
            name,
            value,
            reason: reason.into(),
        },
        None => AccountChange::Setting { name, value },
    };
    let account = id;
    Some(turn.commit(actor, Fact::AccountChanged { account, change }))
}

/// The same of both: the pinned address goes where there is no other.
fn keep_both(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    (policy, pinned): (&LoginPolicy, Option<Cidr>),
    reason: Option<&str>,
) -> Option<Mark> {
    let first = keep(turn, actor, id, Setting::Login, &policy.setting(), reason);
    let pinned = pinned.map(|range| range.to_string()).unwrap_or_default();
    let second = keep(turn, actor, id, Setting::LoginAddress, &pinned, reason);
    first.or(second)
}

/// Decides of one's own account. `here` stands for the present address; no words may shut out the connection that says them.
pub(crate) fn set_own(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    words: &str,
) -> Result<(), Denied> {
    let address = address_of(turn.state, actor);
    let (policy, pinned) = match address {
        Some(address) if words.trim().eq_ignore_ascii_case("here") => {
            (LoginPolicy::PinFirst, Some(pin_of(address)))
        }
        _ => (read(words)?, None),
    };
    may_stay(turn.state, actor, id, &policy)?;
    keep_both(turn, actor, id, (&policy, pinned), None);
    Ok(())
}

/// What was decided of an account.
pub(crate) struct Given {
    pub(crate) name: AccountName,
    pub(crate) policy: LoginPolicy,
    /// That it was.
    pub(crate) mark: Mark,
}

/// Decides it of somebody's account.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    words: &str,
    reason: &str,
) -> Result<Given, Denied> {
    actor.must(turn.state, Act::SetLogin)?;
    let found = target::within_reach(turn.state, actor, account)?;
    let (id, name) = (found.id, found.name.clone());
    let policy = read(words)?;
    may_stay(turn.state, actor, id, &policy)?;
    let reason = target::reason(turn.settings, reason)?.kept;
    let kept = keep_both(turn, actor, id, (&policy, None), Some(&reason));
    let Some(mark) = kept else {
        let login = policy.to_string();
        let variables = [("account", name.as_str()), ("login", login.as_str())];
        return Err(Denied::new(Why::AlreadySo, "login-already", &variables));
    };
    let number = policy.words().len().to_string();
    let variables = [("kind", policy.kind()), ("number", &number)];
    let keys = ("login-given", "notice-login-given");
    tell(turn, actor, (id, &name), keys, &reason, &variables);
    Ok(Given { name, policy, mark })
}

/// Forgets the address to which an account is pinned: the next sign-in pins another.
pub(crate) fn unlock(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    reason: &str,
) -> Result<(AccountName, Mark), Denied> {
    actor.must(turn.state, Act::SetLogin)?;
    let found = target::within_reach(turn.state, actor, account)?;
    let (id, name) = (found.id, found.name.clone());
    let login = found.login().to_string();
    let reason = target::reason(turn.settings, reason)?.kept;
    let setting = Setting::LoginAddress;
    let Some(mark) = keep(turn, actor, id, setting, "", Some(&reason)) else {
        let variables = [("account", name.as_str()), ("login", login.as_str())];
        return Err(Denied::new(Why::AlreadySo, "login-not-pinned", &variables));
    };
    let keys = ("login-unlocked", "notice-login-unlocked");
    tell(turn, actor, (id, &name), keys, &reason, &[]);
    Ok((name, mark))
}

/// Tells whoever is signed in to the account, and those who run the server.
fn tell(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (id, name): (AccountId, &AccountName),
    (to_owner, to_others): (&'static str, &'static str),
    reason: &str,
    variables: &[(&str, &str)],
) {
    let by = actor.name(turn.state);
    let own = [
        ("account", name.as_str()),
        ("by", by.as_str()),
        ("reason", reason),
    ];
    let variables = [variables, &own].concat();
    for session in turn.state.sessions_of(id) {
        turn.tell_session(session, "NickServ", to_owner, &variables);
        turn.tell_session_how_to_object(session);
    }
    turn.tell_acted(actor, to_others, &variables);
}

/// What is asked for.
fn read(words: &str) -> Result<LoginPolicy, Denied> {
    let (key, word) = match LoginPolicy::read(words) {
        Ok(policy) => return Ok(policy),
        Err(LoginFault::Nothing) => ("login-no-range", words.trim().to_owned()),
        Err(LoginFault::NoRange(word)) => ("login-no-range", word),
        Err(LoginFault::TooMany) => ("login-too-many", String::new()),
    };
    let max = LOGIN_RANGES.to_string();
    let variables = [("word", word.as_str()), ("max", &max)];
    Err(Denied::new(Why::BadTarget, key, &variables))
}

/// Refuses to shut out the connection that asks for it: whoever lost it would be lost.
fn may_stay(
    state: &State,
    actor: &Actor,
    id: AccountId,
    policy: &LoginPolicy,
) -> Result<(), Denied> {
    let LoginPolicy::Ranges(ranges) = policy else {
        return Ok(());
    };
    let own = actor.account(state) == Some(id);
    let Some(address) = address_of(state, actor).filter(|_| own) else {
        return Ok(());
    };
    if ranges.iter().any(|range| range.contains(address)) {
        return Ok(());
    }
    let address = address.to_canonical().to_string();
    let variables = [("address", address.as_str())];
    Err(Denied::new(
        Why::TouchesTooMany,
        "login-shuts-out",
        &variables,
    ))
}

/// From where somebody asks.
fn address_of(state: &State, actor: &Actor) -> Option<IpAddr> {
    match actor {
        Actor::Session(session) => Some(state.sessions.get(session)?.peer.address),
        Actor::Account { address, .. } => Some(*address),
        Actor::System(_) | Actor::Server => None,
    }
}
