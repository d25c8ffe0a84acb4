//! Signing in, whichever command someone uses for it.
//!
//! A stranger never learns whether the name or the password was wrong: an unknown name takes the same way, through the
//! same Ask, to the same answer. The register learns it.

use crate::account::Setting;
use crate::attempts::Caller;
use crate::commands::{self, service};
use crate::departure;
use crate::id::{AccountId, TokenId, UserId};
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::{Ask, Output};
use crate::record::{Fact, Factor, Mechanism};
use crate::reply::{Ctx, Outcome};
use crate::secret::{Secret, is_token};
use crate::session::{Claim, Then};
use crate::state::State;
use crate::{device, own_account, presence, scram, sign_up};
use causette_proto::numeric::{
    ERR_NICKNAMEINUSE, ERR_PASSWDMISMATCH, ERR_SASLALREADY, ERR_SASLFAIL, RPL_LOGGEDIN,
    RPL_SASLSUCCESS,
};
use causette_proto::{Casemap, CompactString, Nick};

/// Whether a name is a service's.
pub(crate) fn is_service(casemap: Casemap, name: &str) -> bool {
    service::named(casemap, name).is_some()
}

/// Starts to check a password; the session waits for the answer. The name may be followed by `@` and what the client calls
/// the device it runs on.
pub(crate) fn sign_in(ctx: &mut Ctx<'_>, name: &str, password: Secret, mechanism: Mechanism) {
    let mut claim = claim(ctx.turn.state, name);
    let mut key = claim.name.clone();
    if is_token(password.expose()) {
        // Nobody guesses one: a device that goes on with what was taken back must not make its owner wait elsewhere.
        key = Caller::from(&ctx.session().peer).nameless();
        claim.factor = Factor::Token;
    }
    if !may_try(ctx, &key, &claim.name, mechanism) {
        return;
    }
    let asker = Asker::Session(ctx.id);
    let account = claim.account;
    ctx.after(Output::Ask {
        asker,
        ask: Ask::VerifyPassword { account, password },
    });
    ctx.hold(Then::SignIn { claim, mechanism });
}

/// Whom somebody claims to be who gives this name, with or without a device.
pub(crate) fn claim(state: &State, name: &str) -> Claim {
    let (name, device) = with_device(name);
    let name = CompactString::new(causette_proto::split::cut(name, limits::PASSWORD_BYTES));
    let account = state.account_named(&name);
    Claim {
        account: account.map(|account| account.id),
        password: account.map_or(0, |account| account.passwords),
        name,
        device,
        factor: Factor::Password,
    }
}

/// A name and the device behind its `@`, which no name contains.
fn with_device(name: &str) -> (&str, Option<CompactString>) {
    match name.split_once('@') {
        Some((name, device)) => {
            let device = device.trim();
            let valid = !device.is_empty()
                && device.len() <= limits::DEVICE_BYTES
                && !device.contains(char::is_control);
            (name, valid.then(|| device.into()))
        }
        None => (name, None),
    }
}

/// Whether a token still opens an account: its owner may have taken it back while it was being looked up.
pub(crate) fn opens(state: &State, account: AccountId, token: TokenId) -> bool {
    let account = state.accounts.get(&account);
    account.is_some_and(|account| account.token(token).is_some())
}

/// Whether the session may try a secret now: neither its address nor `key`, what it aims at, has failed too often, and not
/// too many checks run. If not, it has been refused in the words of the command.
pub(crate) fn may_try(ctx: &mut Ctx<'_>, key: &str, name: &str, mechanism: Mechanism) -> bool {
    let (peer, uptime) = (ctx.session().peer.clone(), ctx.turn.state.uptime());
    let wait = if peer.exempt {
        0
    } else {
        ctx.turn.state.attempts.wait(peer.address, key, uptime)
    };
    if wait > 0 {
        let fact = Fact::SignInRefused {
            name: name.into(),
            account: ctx.turn.state.account_named(name).map(|account| account.id),
            factor: Factor::Throttled,
            mechanism,
            address: peer.address,
        };
        // Some of them, as at the door: who does not wait must not fill the disk.
        if ctx.turn.state.attempts.refusal(peer.address, uptime) {
            ctx.turn.record(Some(ctx.id), fact);
        }
        let text = ctx.text_with("sign-in-wait", &[("seconds", &wait.to_string())]);
        refused(ctx, mechanism, &text);
        return false;
    }
    *ctx.turn.mutated = true;
    if !ctx.turn.state.attempts.begin(ctx.id, &peer, key, uptime) {
        let text = ctx.text("sign-in-busy");
        refused(ctx, mechanism, &text);
        return false;
    }
    true
}

/// Signs in by the certificate that the client showed. An empty name stands for the account that it opens.
/// <https://datatracker.ietf.org/doc/html/rfc4422#appendix-A>
pub(crate) fn sign_in_by_certificate(ctx: &mut Ctx<'_>, name: &str) {
    let (name, device) = with_device(name);
    let mechanism = Mechanism::External;
    // Nothing can be guessed here; but each failure is written down, and must not fill the disk.
    let certificate = ctx.session().peer.certificate.clone().unwrap_or_default();
    let asked = causette_proto::split::cut(name, limits::PASSWORD_BYTES);
    if !may_try(ctx, &certificate, asked, mechanism) {
        return;
    }
    let state = &*ctx.turn.state;
    let opened = state.certificates.get(&certificate);
    let opened = opened.and_then(|id| state.accounts.get(id));
    match opened.map(|account| (account.name.clone(), claim(state, account.name.as_str()))) {
        Some((held, claim))
            if name.is_empty() || ctx.turn.state.casemap.fold(name) == held.key() =>
        {
            let claim = Claim { device, ..claim };
            ctx.turn.state.attempts.end(ctx.id, false);
            sign_in_answered(ctx, claim, mechanism, Answer::Verified(true));
        }
        _ => {
            ctx.turn.state.attempts.end(ctx.id, true);
            let fact = Fact::SignInRefused {
                name: asked.into(),
                account: ctx.turn.state.account_named(name).map(|account| account.id),
                factor: Factor::Certificate,
                mechanism,
                address: ctx.session().peer.address,
            };
            ctx.turn.record(Some(ctx.id), fact);
            let text = ctx.text("sasl-no-certificate");
            refused(ctx, mechanism, &text);
        }
    }
}

/// Acts upon the answer to an Ask.
pub(crate) fn answered(ctx: &mut Ctx<'_>, then: Then, answer: Answer) {
    match then {
        Then::SignIn { claim, mechanism } => sign_in_answered(ctx, claim, mechanism, answer),
        Then::ScramBegin(opening) => scram::challenged(ctx, *opening, answer),
        Then::ScramFinish(claim) => scram::proved(ctx, claim, answer),
        Then::Oper { name } => {
            let outcome = commands::oper::answered(ctx, name, &answer);
            settle(ctx, outcome);
        }
        Then::Redact {
            target,
            msgid,
            reason,
        } => {
            let outcome = commands::redact::answered(ctx, &target, msgid, reason, &answer);
            settle(ctx, outcome);
        }
        Then::CheckPassword { account, new } => {
            own_account::password_checked(ctx, account, new, &answer)
        }
        Then::Password { account } => own_account::password_changed(ctx, account, answer),
        Then::AddDevice {
            account,
            name,
            door,
        } => device::added(ctx, account, name, door, answer),
        Then::Admit { pass } => admit_answered(ctx, &pass, &answer),
        Then::SignUp { name, door } => sign_up::answered(ctx, name, door, answer),
        Then::Page { .. } | Then::Replay | Then::Reload => {}
    }
}

fn settle(ctx: &mut Ctx<'_>, outcome: Outcome) {
    if let Err(refusal) = outcome {
        ctx.refuse(refusal);
    }
}

/// Signs in or refuses to, as the answer says.
pub(crate) fn sign_in_answered(
    ctx: &mut Ctx<'_>,
    claim: Claim,
    mechanism: Mechanism,
    answer: Answer,
) {
    let (answer, token) = match answer {
        Answer::VerifiedAnew(verifier) => {
            let session = Some(ctx.id);
            own_account::complete_verifier(&mut ctx.turn, session, &claim, verifier);
            (Answer::Verified(true), None)
        }
        Answer::Token { account, token } => {
            let opens = claim.account == Some(account) && opens(ctx.turn.state, account, token);
            (Answer::Verified(opens), Some(token))
        }
        other => (other, None),
    };
    let Claim {
        account: id,
        name,
        device,
        factor,
        ..
    } = claim;
    // Its owner may have dropped it while the password was being checked.
    let accounts = &ctx.turn.state.accounts;
    let held = id.filter(|id| accounts.get(id).is_some_and(|account| !account.dropping));
    let own = ctx.session().account;
    let again = held.is_some() && own == held;
    match (answer, held) {
        // A session has one account for as long as it lives: others would go on speaking to it as the one it was.
        (Answer::Verified(true), Some(_)) if own.is_some() && !again => {
            let text = ctx.text("already-signed-in");
            match mechanism {
                Mechanism::Plain | Mechanism::External | Mechanism::Scram => {
                    ctx.numeric(ERR_SASLALREADY, &[], &text);
                }
                _ => refused(ctx, mechanism, &text),
            }
        }
        (Answer::Verified(true), Some(account)) if again || presence::has_room(ctx, account) => {
            ctx.turn.state.attempts.succeeded(&name);
            alone_if_wanted(ctx, account);
            signed_in(ctx, account, mechanism, device, token);
            if matches!(
                mechanism,
                Mechanism::Plain | Mechanism::External | Mechanism::Scram
            ) {
                let text = ctx.text("sasl-success");
                ctx.numeric(RPL_SASLSUCCESS, &[], &text);
            }
            arrive(ctx, account);
        }
        (Answer::Verified(true), Some(_)) => {
            let text = ctx.text_with(
                "too-many-sessions",
                &[("max", &limits::SESSIONS_PER_USER.to_string())],
            );
            refused(ctx, mechanism, &text);
        }
        (Answer::Verified(_), _) => {
            let factor = id.map_or(Factor::Name, |_| factor);
            let address = ctx.session().peer.address;
            ctx.turn.record(
                Some(ctx.id),
                Fact::SignInRefused {
                    name,
                    account: id,
                    factor,
                    mechanism,
                    address,
                },
            );
            let text = ctx.text("sign-in-failed");
            refused(ctx, mechanism, &text);
        }
        // What the password was verified anew by has been kept above; the rest answers nothing that was asked here.
        (
            Answer::VerifiedAnew(_)
            | Answer::Challenge(_)
            | Answer::Proved(_)
            | Answer::Hashed(_)
            | Answer::Token { .. }
            | Answer::Made { .. }
            | Answer::Found(_)
            | Answer::Unavailable,
            _,
        ) => {
            let text = ctx.text("unavailable");
            refused(ctx, mechanism, &text);
        }
    }
}

/// Records a sign-in and tells the session. <https://ircv3.net/specs/extensions/sasl-3.1>
pub(crate) fn signed_in(
    ctx: &mut Ctx<'_>,
    account: AccountId,
    mechanism: Mechanism,
    device: Option<CompactString>,
    token: Option<TokenId>,
) {
    let address = ctx.session().peer.address;
    let fact = Fact::SignedIn {
        account,
        mechanism,
        device: device.clone(),
        token,
        address,
    };
    ctx.turn.record(Some(ctx.id), fact);
    let now = ctx.turn.now();
    if let Some(token) = token {
        device::used(&mut ctx.turn, account, token, now, address);
    }
    if let (Some(device), Some(account)) = (&device, ctx.turn.state.accounts.get_mut(&account)) {
        account.used(device, now);
    }
    let session = ctx.session_mut();
    let before = session.account.replace(account);
    session.device = device;
    session.token = token;
    own_account::speak_its_language(ctx, account);
    if let Some(found) = ctx.turn.state.accounts.get_mut(&account)
        && before != Some(account)
    {
        found.sessions += 1;
    }
    let name = ctx.turn.state.accounts[&account].name.clone();
    let nick = ctx.nick();
    let nick = if nick == "*" { name.as_str() } else { &nick };
    let text = ctx.text_with("logged-in", &[("account", name.as_str())]);
    ctx.numeric(
        RPL_LOGGEDIN,
        &[&format!("{nick}!{nick}@causette"), name.as_str()],
        &text,
    );
}

/// Lets a session that has just signed in speak for its account, if it was welcomed; else goes on welcoming it. Who proves
/// once more what they have proved is there already.
pub(crate) fn arrive(ctx: &mut Ctx<'_>, account: AccountId) {
    if !ctx.session().welcomed {
        complete(ctx);
    } else if ctx.session().user != Some(UserId::from(account)) {
        presence::attach(ctx, account);
    }
}

/// Refuses a sign-in in the words of the command that tried it.
pub(crate) fn refused(ctx: &mut Ctx<'_>, mechanism: Mechanism, text: &str) {
    match mechanism {
        Mechanism::Plain | Mechanism::External | Mechanism::Scram => {
            ctx.numeric(ERR_SASLFAIL, &[], text);
        }
        Mechanism::Identify | Mechanism::Register => ctx.notice(Some("NickServ"), text),
        Mechanism::Oper => ctx.numeric(ERR_PASSWDMISMATCH, &[], text),
        Mechanism::Pass => {
            ctx.numeric(ERR_PASSWDMISMATCH, &[], text);
            ctx.close(text, text);
        }
        // No session signs in so: who asks by HTTP is answered there.
        Mechanism::Http => {}
    }
}

/// Goes on with the registration of a connection, as far as what it has sent allows.
/// <https://modern.ircdocs.horse/#connection-registration>
pub(crate) fn complete(ctx: &mut Ctx<'_>) {
    let session = ctx.session();
    if session.welcomed
        || session.negotiating
        || session.nick.is_none()
        || session.username.is_none()
    {
        return;
    }
    if let Some(pass) = ctx.session_mut().pass.take() {
        // A token is no server's password, and nothing slow is computed for one.
        let by_token = pass
            .expose()
            .split_once(':')
            .is_some_and(|(_, password)| is_token(password));
        if !ctx.session().admitted && ctx.session().account.is_none() && !by_token {
            return admit(ctx, pass);
        }
        if sign_in_by_pass(ctx, &pass) {
            return;
        }
    }
    let session = ctx.session();
    if !session.admitted && session.account.is_none() {
        let text = ctx.text("server-password-wrong");
        return refused(ctx, Mechanism::Pass, &text);
    }
    if session.account.is_none() && !ctx.turn.settings.accounts_required {
        let nick = session.nick.clone();
        let taken = nick.and_then(|nick| Some((nick_taken(ctx, &nick)?, nick)));
        if let Some((key, nick)) = taken {
            let text = ctx.text(key);
            ctx.session_mut().nick = None;
            return ctx.numeric(ERR_NICKNAMEINUSE, &[nick.as_str()], &text);
        }
    }
    presence::welcome(ctx);
}

/// The key of the text that says why a nickname is not to be had: somebody else goes by it, an account keeps it, or one of
/// them could be taken for its owner.
pub(crate) fn nick_taken(ctx: &Ctx<'_>, nick: &Nick) -> Option<&'static str> {
    let (state, session) = (&ctx.turn.state, ctx.session());
    let in_use = state
        .nicks
        .get(nick.key())
        .is_some_and(|user| Some(*user) != session.user);
    let owner = state.account_names.get(nick.key());
    let reservation = ctx.turn.settings.nick_reservation;
    let reserved = reservation && owner.is_some() && owner.copied() != session.account;
    if in_use || reserved || is_service(state.casemap, nick.as_str()) {
        return Some("nick-in-use");
    }
    let likenesses = &state.likenesses;
    let look = likenesses.look(nick.as_str(), nick.key())?;
    let alike = likenesses.is_a_nick(&look, session.user)
        || reservation && likenesses.is_an_account(&look, session.account)
        || service::looks_like_one(&look);
    alike.then_some("nick-like-another")
}

/// Takes PASS for `account:password`, where it has that form and the session has no account yet.
fn sign_in_by_pass(ctx: &mut Ctx<'_>, pass: &Secret) -> bool {
    let Some((name, password)) = pass.expose().split_once(':') else {
        return false;
    };
    let wanted = ctx.session().account.is_none();
    if wanted {
        sign_in(ctx, name, Secret::new(password), Mechanism::Pass);
    }
    wanted
}

/// Starts to check the server's password; the session waits for the answer.
fn admit(ctx: &mut Ctx<'_>, pass: Secret) {
    let (peer, uptime) = (ctx.session().peer.clone(), ctx.turn.state.uptime());
    // Counted for the address alone: everybody knows the same password.
    let name = Caller::from(&peer).nameless();
    let attempts = &mut ctx.turn.state.attempts;
    let waits = !peer.exempt && attempts.wait(peer.address, &name, uptime) > 0;
    *ctx.turn.mutated = true;
    if waits || !attempts.begin(ctx.id, &peer, &name, uptime) {
        let text = ctx.text("sign-in-busy");
        return refused(ctx, Mechanism::Pass, &text);
    }
    let asker = Asker::Session(ctx.id);
    let password = pass.clone();
    ctx.after(Output::Ask {
        asker,
        ask: Ask::VerifyServerPassword { password },
    });
    ctx.hold(Then::Admit { pass });
}

/// An account opens the door as well: what is not the server's password may be an account's.
fn admit_answered(ctx: &mut Ctx<'_>, pass: &Secret, answer: &Answer) {
    match answer {
        Answer::Verified(true) => {
            ctx.session_mut().admitted = true;
            complete(ctx);
        }
        Answer::Verified(false) if sign_in_by_pass(ctx, pass) => {}
        _ => {
            let text = ctx.text("server-password-wrong");
            refused(ctx, Mechanism::Pass, &text);
        }
    }
}

/// Where the account wants one connection at a time, ends the others.
fn alone_if_wanted(ctx: &mut Ctx<'_>, account: AccountId) {
    let found = ctx.turn.state.accounts.get(&account);
    let alone = found.is_some_and(|found| found.setting(Setting::Multiclient) == Some("off"));
    if !alone {
        return;
    }
    let others = ctx.turn.state.sessions_of(account);
    let told = ctx.text("closing-signed-in-elsewhere");
    for other in others.into_iter().filter(|other| *other != ctx.id) {
        departure::end(&mut ctx.turn, other, &told, &told);
    }
}
