//! Signing up, for oneself or, by who has the right to it, for somebody else.

use crate::account::naming::account_name;
use crate::account::password;
use crate::account::sign_in;
use crate::account::trial::{self, Claimant};
use crate::account::{email, login};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{AccountId, SessionId, UserId};
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::Ask;
use crate::record::{Fact, Mechanism};
use crate::right::Act;
use crate::secret::{Secret, Verifier};
use crate::server::invitation;
use crate::settings::Registration;
use crate::state::attempts::{Caller, Work};
use crate::state::naming::account_taken;
use crate::state::waiting::{SignUpDoor, Then};
use crate::turn::{Mark, Turn};
use causette_proto::{AccountName, CompactString};

/// Starts to make an account, with or without the code of an invitation; who asks waits for the answer.
/// <https://ircv3.net/specs/extensions/account-registration>
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    name: &str,
    password: &Secret,
    door: SignUpDoor,
    code: Option<Secret>,
) -> Result<(), Denied> {
    let for_another = door.is_for_another();
    if for_another {
        actor.must(turn.state, Act::MakeAccount)?;
    } else {
        may_sign_up(turn, actor, name, code.is_some())?;
        may_come_in(turn, actor, name)?;
    }
    let (name, password) = acceptable(turn, name, password)?;
    let variables = [("account", name.as_str())];
    if !for_another && turn.settings.reserved_names.holds(name.as_str()) {
        let key = "account-name-reserved";
        return Err(Denied::new(Why::BadAccountName, key, &variables));
    }
    let session = actor.session();
    let claimant = session.map(|id| Claimant::session(turn.state, id, Mechanism::Register));
    if let Some(claimant) = &claimant {
        charge(turn, claimant, &name, for_another)?;
    }
    if let Some(key) = account_taken(turn.state, &name, wearer(turn, actor, for_another)) {
        return Err(Denied::new(Why::AccountExists, key, &variables));
    }
    let (Some(claimant), Some(code)) = (&claimant, code) else {
        return hash(turn, actor, asker, (name, password, door), None);
    };
    let asked = trial::look_up(turn, claimant, Ask::HashCode { code });
    asked.map_err(|denied| denied.about("account", name.as_str()))?;
    let then = Then::Invited {
        name,
        password,
        door,
    };
    turn.wait(asker, then);
    Ok(())
}

/// Goes on to the password, where the code lets somebody sign up.
pub(crate) fn invited(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    (name, password, door): (AccountName, Secret, SignUpDoor),
    answer: Answer,
) -> Result<(), Denied> {
    let Answer::Hashed(code) = answer else {
        charge_nothing(turn, actor);
        return Err(busy(&name));
    };
    if let Err(denied) = may_sign_up(turn, actor, name.as_str(), true) {
        charge_nothing(turn, actor);
        return Err(denied);
    }
    if invitation::of_code(turn.state, &code).is_none() {
        return Err(wrong_code(turn, &name));
    }
    let begun = hash(turn, actor, asker, (name, password, door), Some(code));
    if begun.is_err() {
        charge_nothing(turn, actor);
    }
    begun
}

/// Lets the password be hashed.
fn hash(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    (name, password, door): (AccountName, Secret, SignUpDoor),
    code: Option<Verifier>,
) -> Result<(), Denied> {
    let session = actor.session();
    let claimant = session.map(|id| Claimant::session(turn.state, id, Mechanism::Register));
    let key = CompactString::new(name.as_str());
    let ask = Ask::HashPassword {
        name: name.clone(),
        password,
    };
    let asked = match &claimant {
        Some(claimant) => trial::enqueue(turn, claimant, key.as_str(), Work::Hash, ask),
        None => trial::ask_at_once(turn, asker, ask),
    };
    asked.map_err(|denied| denied.about("account", name.as_str()))?;
    turn.wait(asker, Then::SignUp { name, door, code });
    Ok(())
}

/// The code lets nobody sign up. Whether it ever did, and what became of it, is not for strangers to learn.
fn wrong_code(turn: &Turn<'_>, name: &AccountName) -> Denied {
    let rules = turn.state.registration(turn.settings).name();
    let variables = [("account", name.as_str()), ("registration", rules)];
    Denied::new(Why::WrongInvitation, "sign-up-code-wrong", &variables)
}

/// Whether somebody may sign up for themselves, whatever the name.
fn may_sign_up(turn: &Turn<'_>, actor: &Actor, name: &str, has_code: bool) -> Result<(), Denied> {
    let variables = [("account", name)];
    if actor.account(turn.state).is_some() {
        let key = "already-signed-in";
        return Err(Denied::new(Why::AlreadySignedIn, key, &variables));
    }
    match turn.state.registration(turn.settings) {
        Registration::Closed => {
            let key = if has_code {
                "sign-up-closed-invited"
            } else {
                "sign-up-closed"
            };
            return Err(Denied::new(Why::Unavailable, key, &variables));
        }
        Registration::Invite if !has_code => {
            let key = "sign-up-invitation";
            return Err(Denied::new(Why::InvitationNeeded, key, &variables));
        }
        _ => {}
    }
    // Who is invited does not wait.
    let waits = is_to_wait(turn) && !has_code;
    if waits && turn.state.unapproved_len() >= limits::WAITING_ACCOUNTS {
        return Err(Denied::new(Why::Busy, "sign-up-full", &variables));
    }
    let session = actor
        .session()
        .and_then(|session| turn.state.sessions.get(&session));
    if session.is_some_and(|session| !session.admitted) {
        let key = "server-password-first";
        return Err(Denied::new(Why::ConnectFirst, key, &variables));
    }
    Ok(())
}

/// Nobody makes themselves an account who is kept out, or would be with it.
fn may_come_in(turn: &Turn<'_>, actor: &Actor, name: &str) -> Result<(), Denied> {
    let Some(session) = actor.session() else {
        return Ok(());
    };
    let allowed = enforce::may_sign_up(turn, session, name);
    allowed.map_err(|denied| denied.about("account", name))?;
    match turn.state.sessions.get(&session) {
        Some(session) => login::may_sign_up(turn, session.peer.address, name),
        None => Ok(()),
    }
}

/// Whether who signs up for themselves, and is not invited, has to be approved before they sign in.
fn is_to_wait(turn: &Turn<'_>) -> bool {
    turn.state.registration(turn.settings) == Registration::Approve
}

/// The name to sign up under and the password in the form that is kept, where they are good for it.
fn acceptable(
    turn: &Turn<'_>,
    name: &str,
    password: &Secret,
) -> Result<(AccountName, Secret), Denied> {
    let settings = turn.settings;
    let parsed = account_name(settings, name)?;
    let password = password::acceptable(settings, &parsed, password)?;
    Ok((parsed, password))
}

/// Charges the address for a new account.
fn charge(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    name: &AccountName,
    for_another: bool,
) -> Result<(), Denied> {
    let (caller, uptime) = (claimant.caller, turn.state.uptime());
    *turn.mutated = true;
    // Before it is charged: who is put off has made no account.
    if !turn.state.attempts.has_room(caller) {
        return Err(busy(name));
    }
    // Charged before it tells whether the name is taken, so that nobody can ask for many names.
    let free = caller.exempt || for_another;
    if !free && !turn.state.attempts.sign_up(caller.address, uptime) {
        let variables = [("account", name.as_str())];
        return Err(Denied::new(Why::Busy, "sign-up-wait", &variables));
    }
    Ok(())
}

/// Gives an address back what it was charged for an account of its own that was not made without a fault of theirs.
fn charge_nothing(turn: &mut Turn<'_>, actor: &Actor) {
    let session = actor
        .session()
        .and_then(|session| turn.state.sessions.get(&session));
    let Some(caller) = session.map(|session| Caller::from(&session.peer)) else {
        return;
    };
    if !caller.exempt {
        turn.state.attempts.not_signed_up(caller.address);
    }
}

fn busy(name: &AccountName) -> Denied {
    let variables = [("account", name.as_str())];
    Denied::new(Why::Busy, "sign-up-busy", &variables)
}

/// An account that was made.
pub(crate) struct Made {
    pub(crate) account: AccountId,
    /// Whether it waits to be approved: nobody is signed in to it.
    pub(crate) waits: bool,
    /// That it was made.
    pub(crate) mark: Mark,
}

/// Makes the account, now that its password is hashed. Who has made their own is signed in to it, unless it is to be approved.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    actor: &Actor,
    name: &AccountName,
    (door, code): (&SignUpDoor, Option<&Verifier>),
    answer: Answer,
) -> Result<Made, Denied> {
    let for_another = door.is_for_another();
    if for_another {
        // Who asked may have lost the right while the password was being hashed.
        actor.must(turn.state, Act::MakeAccount)?;
    }
    let session = actor.session();
    let claimant = session.map(|id| Claimant::session(turn.state, id, Mechanism::Register));
    if !for_another {
        // Who may sign up may have been decided anew meanwhile.
        let allowed = may_sign_up(turn, actor, name.as_str(), code.is_some());
        if let Err(denied) = allowed.and_then(|()| may_come_in(turn, actor, name.as_str())) {
            charge_nothing(turn, actor);
            return Err(denied);
        }
    }
    let Answer::Hashed(verifier) = answer else {
        if !for_another {
            charge_nothing(turn, actor);
        }
        return Err(busy(name));
    };
    let invitation = code.map(|code| invitation::of_code(turn.state, code));
    if invitation == Some(None) {
        // The last who could sign up with it was another: nobody pays for having come second.
        charge_nothing(turn, actor);
        return Err(wrong_code(turn, name));
    }
    let (invitation, room) = invitation.flatten().unzip();
    // Somebody may have taken the name while the password was being hashed.
    if let Some(key) = account_taken(turn.state, name, wearer(turn, actor, for_another)) {
        let variables = [("account", name.as_str())];
        return Err(Denied::new(Why::AccountExists, key, &variables));
    }
    let account = AccountId(turn.state.next_id());
    let waits = !for_another && is_to_wait(turn) && invitation.is_none();
    let fact = Fact::AccountCreated {
        account,
        name: name.clone(),
        verifier,
        by_administrator: for_another,
        waiting: waits,
        invitation,
    };
    let mark = turn.commit(actor, fact);
    let own = claimant.filter(|_| !for_another);
    let address = own.map(|claimant| claimant.caller.address);
    login::begin(turn, actor, account, address);
    if let Some(address) = door.email() {
        email::keep(turn, actor, account, address);
    }
    let found = session.and_then(|session| turn.state.sessions.get_mut(&session));
    if let Some(found) = found {
        found.invited_to = room.flatten();
    }
    match claimant {
        Some(_) if waits => ask_to_approve(turn, actor, account, name),
        Some(claimant) if !for_another => {
            sign_in::record(turn, &claimant, account, None, None);
        }
        _ => tell_operators(turn, session, name),
    }
    Ok(Made {
        account,
        waits,
        mark,
    })
}

/// Lets who has signed up wait, and tells those who may approve the account.
fn ask_to_approve(turn: &mut Turn<'_>, actor: &Actor, account: AccountId, name: &AccountName) {
    if let Some(session) = actor.session() {
        turn.state.wait_for_approval(session, account);
    }
    let variables = [("account", name.as_str())];
    turn.tell_acted(&Actor::Server, "notice-account-waits", &variables);
}

/// Who may go by the name already: whoever signs up. What an operator goes by is no name for another.
fn wearer(turn: &Turn<'_>, actor: &Actor, for_another: bool) -> Option<UserId> {
    let session = actor.session().filter(|_| !for_another)?;
    turn.state.sessions.get(&session)?.user
}

/// Tells the other operators whom one of them has made an account for.
fn tell_operators(turn: &mut Turn<'_>, session: Option<SessionId>, name: &AccountName) {
    let user = session.and_then(|id| turn.state.sessions.get(&id)?.user);
    let Some(user) = user.and_then(|id| turn.state.users.get(&id)) else {
        return;
    };
    let by = user.nick.clone();
    let variables = [("by", by.as_str()), ("account", name.as_str())];
    turn.tell_operators(session, "notice-account-made", &variables);
}
