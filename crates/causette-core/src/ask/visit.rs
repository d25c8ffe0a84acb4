//! What somebody asks by HTTP in the name of an account: each request signs in for itself, by the same rules as a session.

use crate::account::device;
use crate::account::identity::{claim, is_stale, opens};
use crate::account::own;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, TokenId};
use crate::input::{Answer, Asker, Credential, Visit, Wish};
use crate::limits;
use crate::output::{Ask, Done, Fault, Output, Undone};
use crate::record::{Fact, Factor, Mechanism};
use crate::secret::is_token;
use crate::state::attempts::{Caller, Work};
use crate::state::waiting::{AwaitedVisit, Claim, Then};
use crate::turn::Turn;
use causette_proto::CompactString;
use causette_text::{Language, text, text_with};
use core::net::IpAddr;

const MECHANISM: Mechanism = Mechanism::Http;

/// Starts to check who asks.
pub(crate) fn begin(turn: &mut Turn<'_>, ticket: u64, visit: Visit) {
    let Visit {
        address,
        exempt,
        language,
        credential,
        wish,
    } = visit;
    let (claim, named, password) = match credential {
        Credential::Password { name, password } => (claim(turn.state, &name), true, password),
        Credential::Token(token) => (claim(turn.state, ""), false, token),
    };
    let by_token = is_token(password.expose());
    let factor = if by_token {
        Factor::Token
    } else {
        Factor::Password
    };
    let claim = Claim { factor, ..claim };
    let caller = Caller { address, exempt };
    let account = claim.account;
    let ask = if named {
        Ask::VerifyPassword { account, password }
    } else {
        Ask::FindToken { token: password }
    };
    // As for a session: only who gives a password guesses at a name, and has it hashed.
    let guesses = named && !by_token;
    let (uptime, name) = (turn.state.uptime(), claim.name.clone());
    let wait = turn.state.attempts.wait(caller, name.as_str(), uptime);
    *turn.mutated = true;
    if guesses && wait > 0 {
        if turn.state.attempts.refusal(address, uptime) {
            refuse(turn, &claim, address, Factor::Throttled);
        }
        let seconds = wait.to_string();
        let text = text_with(language, "sign-in-wait", &[("seconds", &seconds)]);
        let fault = Fault::Wait { seconds: wait };
        return tell(turn, ticket, Err(Undone { fault, text }));
    }
    let asker = Asker::Visit(ticket);
    let full = turn.state.waiting.is_full(asker);
    let attempts = &mut turn.state.attempts;
    if full {
        attempts.turn_away();
    }
    if full || guesses && !attempts.has_room(caller) {
        return tell(turn, ticket, Err(busy(language)));
    }
    if guesses {
        attempts.enqueue(asker, caller, name.as_str(), Work::Check, ask, uptime);
    } else {
        attempts.begin(asker, caller, &caller.nameless());
        turn.out.push(Output::Ask { asker, ask });
    }
    let pending = AwaitedVisit {
        address,
        exempt,
        language,
        wish,
        claim,
        named,
    };
    turn.wait(asker, Then::Visit(Box::new(pending)));
}

/// Does what is asked, where who asks is who they say.
pub(crate) fn answered(turn: &mut Turn<'_>, ticket: u64, then: Then, answer: Answer) {
    *turn.mutated = true;
    let Then::Visit(pending) = then else { return };
    let language = pending.language;
    let verdict = match answer {
        Answer::Verified(true) | Answer::VerifiedAnew(_)
            if is_stale(turn.state, &pending.claim) =>
        {
            return tell(turn, ticket, Err(busy(language)));
        }
        Answer::Verified(true) => pending.claim.account.map(|account| (account, None)),
        Answer::VerifiedAnew(verifier) => {
            let actor = actor_of(&pending, pending.claim.account, None);
            own::complete_verifier(turn, &actor, &pending.claim, verifier);
            pending.claim.account.map(|account| (account, None))
        }
        Answer::Token { account, token } => {
            let held = !pending.named || pending.claim.account == Some(account);
            (held && opens(turn.state, account, token)).then_some((account, Some(token)))
        }
        // A code is for a connection on which a new password can be chosen.
        Answer::Verified(false) | Answer::Code { .. } => None,
        _ => return tell(turn, ticket, Err(busy(language))),
    };
    let found = verdict.and_then(|(id, token)| {
        let account = turn.state.accounts().get(&id)?;
        (!account.dropping).then(|| (id, token, account.name.clone()))
    });
    let Some((id, token, name)) = found else {
        let factor = match (pending.claim.account, pending.claim.factor) {
            (None, Factor::Password) => Factor::Name,
            (_, factor) => factor,
        };
        let (address, exempt) = (pending.address, pending.exempt);
        let (caller, uptime) = (Caller { address, exempt }, turn.state.uptime());
        let attempts = &mut turn.state.attempts;
        // As for a session: what is wrong over and over is noted ever more rarely.
        let waits = factor == Factor::Token
            && attempts.wait(caller, caller.nameless().as_str(), uptime) > 0;
        if !waits || attempts.refusal(address, uptime) {
            refuse(turn, &pending.claim, address, factor);
        }
        // The same whatever was wrong: that a code waits is nobody else's to know.
        let text = text(language, "http-sign-in-failed");
        let fault = Fault::Refused;
        return tell(turn, ticket, Err(Undone { fault, text }));
    };
    if pending.named {
        turn.state.attempts.succeeded(&pending.claim.name);
    }
    signed_in(turn, id, token, &pending);
    let result = match pending.wish {
        Wish::Account => {
            let held = token.and_then(|token| turn.state.accounts()[&id].token(token));
            let device = held.map(|held| (held.id, held.name.clone()));
            Ok(Done::Account {
                name: CompactString::new(name.as_str()),
                device,
            })
        }
        Wish::RemoveDevice(device) => {
            let actor = actor_of(&pending, Some(id), token);
            let removed = device::remove(turn, &actor, id, &device.0.to_string());
            removed
                .map(|_| Done::Removed)
                .map_err(|denied| undone(language, &denied))
        }
    };
    tell(turn, ticket, result);
}

/// Who asks, once it is known who they are.
fn actor_of(pending: &AwaitedVisit, account: Option<AccountId>, token: Option<TokenId>) -> Actor {
    let address = pending.address;
    account.map_or(Actor::Server, |account| Actor::Account {
        account,
        token,
        address,
    })
}

/// Why something was not done, as programs and people are told.
fn undone(language: Language, denied: &Denied) -> Undone {
    let fault = match denied.why {
        Why::UnknownDevice => Fault::Unknown,
        _ => Fault::Refused,
    };
    let variables = denied.variables();
    let text = text_with(language, denied.key, &variables);
    Undone { fault, text }
}

/// What is answered while too many ask.
fn busy(language: Language) -> Undone {
    Undone {
        fault: Fault::Busy,
        text: text(language, "sign-in-busy"),
    }
}

/// What is answered while nothing can be recorded.
pub(crate) fn unavailable(language: Language) -> Undone {
    Undone {
        fault: Fault::Unavailable,
        text: text(language, "unavailable"),
    }
}

/// Records the sign-in; once in a while where a program asks again and again with the same token.
fn signed_in(
    turn: &mut Turn<'_>,
    account: AccountId,
    token: Option<TokenId>,
    pending: &AwaitedVisit,
) {
    let (now, address) = (turn.now(), pending.address);
    let held = token.and_then(|token| turn.state.accounts()[&account].token(token));
    let again = held.is_some_and(|held| {
        let noted = held.last_used.map_or(i64::MIN, |used| used.seconds());
        held.last_address == Some(address)
            && now.seconds().saturating_sub(noted) < limits::VISITS_NOTED_SECONDS
    });
    if again {
        return;
    }
    let device = pending.claim.device.clone();
    let fact = Fact::SignedIn {
        account,
        mechanism: MECHANISM,
        device,
        token,
        address,
    };
    turn.commit(&Actor::Server, fact);
}

fn refuse(turn: &mut Turn<'_>, claim: &Claim, address: IpAddr, factor: Factor) {
    let fact = Fact::SignInRefused {
        name: claim.name.clone(),
        account: claim.account,
        factor,
        mechanism: MECHANISM,
        address,
    };
    turn.commit(&Actor::Server, fact);
}

fn tell(turn: &mut Turn<'_>, ticket: u64, result: Result<Done, Undone>) {
    turn.out.push(Output::Visited { ticket, result });
}
