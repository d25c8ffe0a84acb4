//! Signing in, by whichever door and with whatever secret.
//!
//! A stranger never learns whether the name or the password was wrong: an unknown name takes the same way, through the
//! same Ask, to the same answer. The register learns it.

use crate::account::claim::{claim, is_stale, with_device};
use crate::account::login;
use crate::account::program::is_programs;
use crate::account::trial::{self, Claimant, busy, note_refusal, note_refusal_of};
use crate::account::{forgotten, password};
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{AccountId, SessionId, TokenId};
use crate::input::Answer;
use crate::limits;
use crate::output::Ask;
use crate::person::departure;
use crate::record::{Fact, Factor, Mechanism};
use crate::report::Watched;
use crate::secret::{Secret, is_token};
use crate::state::State;
use crate::state::account::Setting;
use crate::state::attempts::{Aim, Work};
use crate::state::waiting::{Claim, Then};
use crate::turn::Turn;
use causette_proto::{CompactString, split};

/// Who has signed in, and with the token of which device, where it was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    pub(crate) account: AccountId,
    pub(crate) token: Option<TokenId>,
}

/// Starts to check a password; the claimant waits for the answer. The name may be followed by `@` and what the client calls
/// the device it runs on.
pub(crate) fn begin<'a>(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    aim: impl Into<Aim<'a>>,
    password: Secret,
    then: impl FnOnce(Claim) -> Then,
) -> Result<(), Denied> {
    let Aim { name, beside } = aim.into();
    let mut claim = claim(turn.state, name);
    let account = claim.account;
    let by_token = is_token(password.expose());
    let ask = Ask::VerifyPassword { account, password };
    if by_token {
        // Nobody guesses one: it waits for nothing, and one that was taken back does not make its owner wait elsewhere.
        claim.factor = Factor::Token;
        trial::look_up(turn, claimant, ask)?;
    } else {
        let name = claim.name.as_str();
        let aim = Aim { name, beside };
        trial::try_one(turn, claimant, (aim, name), Work::Check, ask)?;
    }
    turn.wait(claimant.asker, then(claim));
    Ok(())
}

/// Starts to look up whose token somebody gives who says no name.
pub(crate) fn begin_by_token(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    token: Secret,
    then: impl FnOnce(Claim) -> Then,
) -> Result<(), Denied> {
    let factor = if is_token(token.expose()) {
        Factor::Token
    } else {
        Factor::Password
    };
    let claim = Claim {
        named: false,
        factor,
        ..claim(turn.state, "")
    };
    trial::look_up(turn, claimant, Ask::FindToken { token })?;
    turn.wait(claimant.asker, then(claim));
    Ok(())
}

/// Whether a token still opens an account: its owner may have taken it back while it was being looked up. That of a program opens it
/// for the orders of one and for files alone, and only for its time.
pub(super) fn opens(
    state: &State,
    claimant: &Claimant,
    account: AccountId,
    token: TokenId,
) -> bool {
    let account = state.accounts().get(&account);
    let held = account.and_then(|account| account.token(token));
    held.is_some_and(|held| {
        let meant = claimant.orders || claimant.files || held.scopes.is_none();
        meant && held.until.is_none_or(|until| state.clock.steady() < until)
    })
}

/// Whether a session may try to sign in under this name, which may have a device behind it.
pub(crate) fn permitted(
    state: &State,
    session: SessionId,
    authzid: &str,
    authcid: &str,
) -> Result<(), Denied> {
    // Nobody may act for somebody else here: an authzid may only repeat the name.
    let name = authcid.split('@').next().unwrap_or_default();
    let authzid = authzid.split('@').next().unwrap_or_default();
    if !authzid.is_empty() && !state.casemap.same(authzid, name) {
        return Err(Denied::new(Why::SignInFailed, "sign-in-failed", &[]));
    }
    // Who is signed in may prove it again, and not become somebody else on the way.
    if let Some(account) = account_of(state, session) {
        let held = &state.accounts()[&account].name;
        if state.casemap.fold(name) != held.key() {
            return Err(already());
        }
    }
    Ok(())
}

/// The account that a session is signed in to.
fn account_of(state: &State, session: SessionId) -> Option<AccountId> {
    state.sessions.get(&session)?.account
}

/// Whoever is signed in already.
pub(crate) fn already() -> Denied {
    Denied::new(Why::AlreadySignedIn, "already-signed-in", &[])
}

/// Signs in by the certificate that the client showed. An empty name stands for the account that it opens.
/// <https://datatracker.ietf.org/doc/html/rfc4422#appendix-A>
pub(crate) fn by_certificate(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    certificate: Option<&str>,
    name: &str,
) -> Result<SignedIn, Denied> {
    let (name, device) = with_device(name);
    let state = &*turn.state;
    let opened = certificate.and_then(|certificate| state.certificates().get(certificate));
    let opened = opened.and_then(|id| state.accounts().get(id));
    let meant =
        opened.filter(|account| name.is_empty() || state.casemap.fold(name) == account.name.key());
    if let Some(account) = meant {
        let claim = Claim {
            device,
            factor: Factor::Certificate,
            ..claim(state, account.name.as_str())
        };
        let settled = settle(turn, claimant, claim, Answer::Verified(true));
        if let Err(Denied {
            why: Why::SignInFailed,
            ..
        }) = settled
        {
            trial::failed(turn, claimant);
        }
        return settled;
    }
    // Nothing can be guessed here; but each failure is written down, and must not fill the disk.
    let asked = split::cut(name, limits::PASSWORD_BYTES);
    note_refusal(turn, claimant, asked, Factor::Certificate);
    trial::failed(turn, claimant);
    Err(Denied::new(Why::SignInFailed, "sasl-no-certificate", &[]))
}

/// What an answer says of a claim.
enum Verdict {
    /// It is true: of this account, with the token of this device.
    Right(AccountId, Option<TokenId>),
    /// It is not.
    Wrong(Factor),
    /// It was not found out.
    Unknown,
}

/// Signs in or refuses to, as the answer says.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    mut claim: Claim,
    answer: Answer,
) -> Result<SignedIn, Denied> {
    let answer = login::bar(turn.state, claimant, &mut claim, answer);
    let (account, token) = match judge(turn, claimant, &claim, answer) {
        Verdict::Unknown => return Err(busy()),
        Verdict::Wrong(factor) => return Err(wrong(turn, claimant, &claim, factor)),
        Verdict::Right(account, token) => (account, token),
    };
    // Its owner may have dropped it while the password was being checked.
    let held = turn.state.accounts().get(&account);
    if held.is_none_or(|account| account.dropping) {
        return Err(wrong(turn, claimant, &claim, claim.factor));
    }
    if let Err(denied) = enforce::may_sign_in(turn, account, claimant.caller.address) {
        let name = turn.state.accounts()[&account].name.clone();
        let whose = (Some(account), name.as_str());
        note_refusal_of(turn, claimant, whose, Factor::Banned);
        if let Some(session) = claimant.actor().session() {
            speak_as_chosen(turn, session, account);
        }
        return Err(denied);
    }
    if waits(turn.state, account) {
        return Err(not_yet(turn, claimant, &claim, account));
    }
    if claimant.orders && !token.is_some_and(|id| is_programs(turn.state, account, id)) {
        return Err(no_program(turn, claimant, account));
    }
    let session = claimant.actor().session();
    if let Some(session) = session {
        may_come_in(turn.state, session, account)?;
    }
    if claim.named {
        turn.state.attempts.succeeded(&claim.name);
    }
    match session {
        Some(session) => {
            alone_if_wanted(turn, session, account);
            record(turn, claimant, account, claim.device, token);
        }
        None => record_visit(turn, claimant, account, claim.device, token),
    }
    let actor = claimant.proven(account, token);
    login::pin(turn, &actor, account, claimant.caller.address);
    Ok(SignedIn { account, token })
}

fn judge(turn: &mut Turn<'_>, claimant: &Claimant, claim: &Claim, answer: Answer) -> Verdict {
    match answer {
        Answer::Verified(true) | Answer::VerifiedAnew(_) if is_stale(turn.state, claim) => {
            Verdict::Unknown
        }
        Answer::Verified(true) => right(claim),
        Answer::VerifiedAnew(verifier) => {
            if let Some(account) = claim.account {
                let actor = claimant.proven(account, None);
                password::complete_verifier(turn, &actor, claim, verifier);
            }
            right(claim)
        }
        Answer::Code { until, hash } => {
            // A code is for a connection on which a new password can be chosen.
            let Some(session) = claimant.actor().session() else {
                return Verdict::Wrong(claim.factor);
            };
            let own = account_of(turn.state, session);
            let free = own.is_none() || own == claim.account;
            // A code is not used up by who may not come in by it.
            let waits = claim.account.is_some_and(|id| waits(turn.state, id));
            let redeemed = if free && !waits {
                forgotten::redeem(turn, &claimant.actor(), claim, until, &hash)
            } else {
                Ok(())
            };
            redeemed.map_or_else(Verdict::Wrong, |()| right(claim))
        }
        Answer::Token { account, token } => {
            let meant = !claim.named || claim.account == Some(account);
            if meant && opens(turn.state, claimant, account, token) {
                Verdict::Right(account, Some(token))
            } else {
                Verdict::Wrong(claim.factor)
            }
        }
        Answer::Verified(false) => Verdict::Wrong(claim.factor),
        // These answer nothing that was asked here.
        Answer::Challenge(_)
        | Answer::Proved(_)
        | Answer::Hashed(_)
        | Answer::Made { .. }
        | Answer::PermitKey(_)
        | Answer::Found(_)
        | Answer::Unavailable => Verdict::Unknown,
    }
}

fn right(claim: &Claim) -> Verdict {
    claim
        .account
        .map_or(Verdict::Wrong(claim.factor), |account| {
            Verdict::Right(account, None)
        })
}

/// Notes that a claim is wrong, and by what. That a code has ended is told: who has the right one is no stranger.
fn wrong(turn: &mut Turn<'_>, claimant: &Claimant, claim: &Claim, factor: Factor) -> Denied {
    let factor = match (claim.account, factor) {
        (None, Factor::Password) => Factor::Name,
        (_, factor) => factor,
    };
    match claim.account {
        Some(account) if factor == Factor::Address => login::refused(turn, claimant, account),
        _ => note_refusal(turn, claimant, &claim.name, factor),
    }
    let key = match factor {
        Factor::Code => "code-ended",
        _ if claimant.mechanism == Mechanism::External => "sasl-no-certificate",
        _ => "sign-in-failed",
    };
    Denied::new(Why::SignInFailed, key, &[])
}

/// Notes that somebody gave orders with what signs in people and their devices. Nothing was guessed; but each is written down, and
/// must not fill the disk.
fn no_program(turn: &mut Turn<'_>, claimant: &Claimant, account: AccountId) -> Denied {
    let name = turn.state.accounts()[&account].name.clone();
    let whose = (Some(account), name.as_str());
    note_refusal_of(turn, claimant, whose, Factor::Token);
    trial::failed(turn, claimant);
    Denied::new(Why::ProgramTokenNeeded, "program-token-needed", &[])
}

/// Whether an account waits to be approved.
fn waits(state: &State, account: AccountId) -> bool {
    let account = state.accounts().get(&account);
    account.is_some_and(|account| account.waiting)
}

/// Notes that a claim is true and that its account waits to be approved. Only who has proven it is told, and may wait at their
/// connection.
fn not_yet(turn: &mut Turn<'_>, claimant: &Claimant, claim: &Claim, account: AccountId) -> Denied {
    note_refusal(turn, claimant, &claim.name, Factor::Waiting);
    // Nothing was guessed; but each is written down, and must not fill the disk.
    trial::failed(turn, claimant);
    if let Some(session) = claimant.actor().session() {
        turn.state.wait_for_approval(session, account);
    }
    let variables = [("account", turn.state.accounts()[&account].name.as_str())];
    Denied::new(Why::WaitsForApproval, "account-waits", &variables)
}

/// Whether a session may sign in to an account, all proven.
fn may_come_in(state: &State, session: SessionId, account: AccountId) -> Result<(), Denied> {
    match account_of(state, session) {
        Some(own) if own == account => Ok(()),
        // A session has one account for as long as it lives: others would go on speaking to it as the one it was.
        Some(_) => Err(already()),
        None => {
            let found = state.accounts().get(&account);
            // Where nobody is at its connections, nobody is kept out by them.
            let others = found.filter(|found| found.refuses_others());
            if let Some(found) = others.filter(|_| !state.is_absent(account)) {
                let variables = [("nick", found.name.as_str())];
                let (why, key) = (Why::ConnectedAlready, "connected-already");
                return Err(Denied::new(why, key, &variables));
            }
            if found.is_none_or(|account| account.sessions < limits::SESSIONS_PER_USER) {
                return Ok(());
            }
            let max = limits::SESSIONS_PER_USER.to_string();
            let variables = [("max", max.as_str())];
            Err(Denied::new(
                Why::TooManySessions,
                "too-many-sessions",
                &variables,
            ))
        }
    }
}

/// Records a sign-in. From now on the session is spoken to in the language that its account has chosen, where it has not chosen
/// one itself.
pub(crate) fn record(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    account: AccountId,
    device: Option<CompactString>,
    token: Option<TokenId>,
) {
    let fact = Fact::SignedIn {
        account,
        mechanism: claimant.mechanism,
        device: device.clone(),
        token,
        address: claimant.caller.address,
    };
    let actor = claimant.proven(account, token);
    turn.commit(&actor, fact);
    let found = turn.state.accounts().get(&account);
    let name = found.map(|account| account.name.as_str().into());
    let (mechanism, address) = (claimant.mechanism, claimant.caller.address);
    turn.watch(Watched::SignedIn {
        account: name.unwrap_or_default(),
        mechanism,
        address,
        device: device.clone(),
    });
    let Some(session) = actor.session() else {
        return;
    };
    speak_as_chosen(turn, session, account);
    if let Some(session) = turn.state.sessions.get_mut(&session) {
        session.device = device;
        session.token = token;
    }
}

/// Speaks to a session in the language that an account has chosen, where it has not chosen one itself.
fn speak_as_chosen(turn: &mut Turn<'_>, session: SessionId, account: AccountId) {
    let found = turn.state.accounts().get(&account);
    let tag = found.and_then(|account| account.setting(Setting::Language));
    let Some(tag) = tag.map(CompactString::new) else {
        return;
    };
    let session = turn.state.sessions.get_mut(&session);
    if let Some(session) = session.filter(|session| session.language.is_none()) {
        session.speak(&tag);
    }
}

/// Records a sign-in for one request; once in a while where a program asks again and again with the same token.
fn record_visit(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    account: AccountId,
    device: Option<CompactString>,
    token: Option<TokenId>,
) {
    let (now, address) = (turn.steady(), claimant.caller.address);
    let held = token.and_then(|token| turn.state.accounts()[&account].token(token));
    let again = held.is_some_and(|held| {
        let noted = held.last_used.map_or(i64::MIN, |used| used.seconds());
        held.last_address == Some(address)
            && now.seconds().saturating_sub(noted) < limits::VISITS_NOTED_SECONDS
    });
    if !again {
        record(turn, claimant, account, device, token);
    }
}

/// Where the account wants one connection at a time, ends the others.
fn alone_if_wanted(turn: &mut Turn<'_>, session: SessionId, account: AccountId) {
    let found = turn.state.accounts().get(&account);
    let alone = found.is_some_and(|found| found.setting(Setting::Multiclient) == Some("off"));
    if !alone {
        return;
    }
    let others = turn.state.sessions_of(account);
    for other in others.into_iter().filter(|other| *other != session) {
        departure::end_with(turn, other, "closing-signed-in-elsewhere", &[]);
    }
}
