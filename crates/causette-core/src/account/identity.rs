//! Signing in, whichever command someone uses for it.
//!
//! A stranger never learns whether the name or the password was wrong: an unknown name takes the same way, through the
//! same Ask, to the same answer. The register learns it.

use crate::account::trial::{look_up, note_refusal, put_off, refused, try_one};
use crate::account::{forgotten, naming, own};
use crate::commands;
use crate::id::{AccountId, TokenId, UserId};
use crate::input::Answer;
use crate::limits;
use crate::output::Ask;
use crate::person::departure;
use crate::record::{Fact, Factor, Mechanism};
use crate::reply::Ctx;
use crate::secret::{Secret, is_token};
use crate::state::State;
use crate::state::account::Setting;
use crate::state::attempts::{Aim, Caller, Work};
use crate::state::waiting::{Claim, Then};
use causette_proto::CompactString;
use causette_proto::numeric::{ERR_NICKNAMEINUSE, ERR_SASLALREADY, RPL_LOGGEDIN, RPL_SASLSUCCESS};

/// Starts to check a password; the session waits for the answer. The name may be followed by `@` and what the client calls
/// the device it runs on.
pub(crate) fn sign_in<'a>(
    ctx: &mut Ctx<'_>,
    aim: impl Into<Aim<'a>>,
    password: Secret,
    mechanism: Mechanism,
) {
    let Aim { name, beside } = aim.into();
    let mut claim = claim(ctx.turn.state, name);
    let account = claim.account;
    let by_token = is_token(password.expose());
    let ask = Ask::VerifyPassword { account, password };
    if by_token {
        // Nobody guesses one: it waits for nothing, and one that was taken back does not make its owner wait elsewhere.
        claim.factor = Factor::Token;
        look_up(ctx, ask);
    } else {
        let name = claim.name.as_str();
        let aim = Aim { name, beside };
        if !try_one(ctx, (aim, name), Work::Check, mechanism, ask) {
            return;
        }
    }
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
    let account = state.accounts().get(&account);
    account.is_some_and(|account| account.token(token).is_some())
}

/// Whether an account has another password than when somebody claimed to be its owner: what was found right then may be a
/// password that somebody else knows, and opens nothing any more. Nor was it wrong: it is to be tried once more.
pub(crate) fn is_stale(state: &State, claim: &Claim) -> bool {
    let account = claim.account.and_then(|id| state.accounts().get(&id));
    account.is_some_and(|account| account.passwords != claim.password)
}

/// Signs in by the certificate that the client showed. An empty name stands for the account that it opens.
/// <https://datatracker.ietf.org/doc/html/rfc4422#appendix-A>
pub(crate) fn sign_in_by_certificate(ctx: &mut Ctx<'_>, name: &str) {
    let (name, device) = with_device(name);
    let mechanism = Mechanism::External;
    let certificate = ctx.session().peer.certificate.clone().unwrap_or_default();
    let asked = causette_proto::split::cut(name, limits::PASSWORD_BYTES);
    let state = &*ctx.turn.state;
    let opened = state.certificates().get(&certificate);
    let opened = opened.and_then(|id| state.accounts().get(id));
    match opened.map(|account| (account.name.clone(), claim(state, account.name.as_str()))) {
        Some((held, claim))
            if name.is_empty() || ctx.turn.state.casemap.fold(name) == held.key() =>
        {
            let claim = Claim { device, ..claim };
            sign_in_answered(ctx, claim, mechanism, Answer::Verified(true));
        }
        _ => {
            // Nothing can be guessed here; but each failure is written down, and must not fill the disk.
            let (caller, uptime) = (Caller::from(&ctx.session().peer), ctx.turn.state.uptime());
            note_refusal(ctx, asked.into(), Factor::Certificate, mechanism);
            let attempts = &mut ctx.turn.state.attempts;
            attempts.failed(caller, &caller.nameless(), uptime);
            refused(ctx, mechanism, "sasl-no-certificate", &[]);
        }
    }
}

/// Signs in or refuses to, as the answer says.
pub(crate) fn sign_in_answered(
    ctx: &mut Ctx<'_>,
    mut claim: Claim,
    mechanism: Mechanism,
    answer: Answer,
) {
    let (answer, token) = match answer {
        Answer::Verified(true) | Answer::VerifiedAnew(_) if is_stale(ctx.turn.state, &claim) => {
            (Answer::Unavailable, None)
        }
        Answer::VerifiedAnew(verifier) => {
            let actor = ctx.actor();
            own::complete_verifier(&mut ctx.turn, &actor, &claim, verifier);
            (Answer::Verified(true), None)
        }
        Answer::Code { until, hash } => {
            let own = ctx.session().account;
            let free = own.is_none() || own == claim.account;
            let redeemed = free.then(|| {
                let session = ctx.id;
                forgotten::redeem(&mut ctx.turn, session, &claim, until, &hash)
            });
            if let Some(Err(factor)) = redeemed {
                claim.factor = factor;
            }
            (Answer::Verified(redeemed != Some(Err(Factor::Code))), None)
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
    let accounts = &ctx.turn.state.accounts();
    let held = id.filter(|id| accounts.get(id).is_some_and(|account| !account.dropping));
    let own = ctx.session().account;
    let again = held.is_some() && own == held;
    match (answer, held) {
        // A session has one account for as long as it lives: others would go on speaking to it as the one it was.
        (Answer::Verified(true), Some(_)) if own.is_some() && !again => {
            let key = "already-signed-in";
            match mechanism {
                Mechanism::Plain | Mechanism::External | Mechanism::Scram => {
                    let text = ctx.text(key);
                    ctx.numeric(ERR_SASLALREADY, &[], &text);
                }
                _ => refused(ctx, mechanism, key, &[]),
            }
        }
        (Answer::Verified(true), Some(account)) if again || has_room(ctx.turn.state, account) => {
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
            if forgotten::lacks_a_password(ctx.turn.state, account) {
                let text = ctx.text("password-choose");
                ctx.notice(Some("NickServ"), &text);
            }
        }
        (Answer::Verified(true), Some(_)) => {
            let max = limits::SESSIONS_PER_USER.to_string();
            refused(ctx, mechanism, "too-many-sessions", &[("max", &max)]);
        }
        (Answer::Verified(_), _) => {
            let factor = match (id, factor) {
                (None, Factor::Password) => Factor::Name,
                (_, factor) => factor,
            };
            note_refusal(ctx, name, factor, mechanism);
            let key = match factor {
                Factor::Code => "code-ended",
                _ => "sign-in-failed",
            };
            refused(ctx, mechanism, key, &[]);
        }
        // What the password was verified anew by has been kept above; the rest answers nothing that was asked here.
        (
            Answer::VerifiedAnew(_)
            | Answer::Challenge(_)
            | Answer::Proved(_)
            | Answer::Hashed(_)
            | Answer::Token { .. }
            | Answer::Code { .. }
            | Answer::Made { .. }
            | Answer::Found(_)
            | Answer::Unavailable,
            _,
        ) => {
            put_off(ctx, mechanism, "sign-in-busy", &[]);
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
    ctx.turn.commit(&ctx.actor(), fact);
    let session = ctx.session_mut();
    session.device = device;
    session.token = token;
    own::speak_its_language(ctx, account);
    let name = ctx.turn.state.accounts()[&account].name.clone();
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
        commands::arrival::attach(ctx, account);
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
        return refused(ctx, Mechanism::Pass, "server-password-wrong", &[]);
    }
    if session.account.is_none() {
        let nick = session.nick.clone();
        let taken = nick
            .and_then(|nick| Some((naming::nick_refused(&ctx.turn, ctx.session(), &nick)?, nick)));
        if let Some((key, nick)) = taken {
            let text = ctx.text(key);
            ctx.session_mut().nick = None;
            return ctx.numeric(ERR_NICKNAMEINUSE, &[nick.as_str()], &text);
        }
    }
    commands::arrival::welcome(ctx);
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
    // Counted for the address alone: everybody knows the same password.
    let key = Caller::from(&ctx.session().peer).server_password();
    // Where it is no password of the server's but may be an account's, that check is the one that counts.
    let work = if pass.expose().contains(':') {
        Work::Hash
    } else {
        Work::Check
    };
    let password = pass.clone();
    let ask = Ask::VerifyServerPassword { password };
    if try_one(ctx, (key.as_str(), "*"), work, Mechanism::Pass, ask) {
        ctx.hold(Then::Admit { pass });
    }
}

/// An account opens the door as well: what is not the server's password may be an account's.
pub(crate) fn admit_answered(ctx: &mut Ctx<'_>, pass: &Secret, answer: &Answer) {
    match answer {
        Answer::Verified(true) => {
            ctx.session_mut().admitted = true;
            complete(ctx);
        }
        Answer::Verified(false) if sign_in_by_pass(ctx, pass) => {}
        Answer::Unavailable => {
            put_off(ctx, Mechanism::Pass, "sign-in-busy", &[]);
        }
        _ => {
            refused(ctx, Mechanism::Pass, "server-password-wrong", &[]);
        }
    }
}

/// Where the account wants one connection at a time, ends the others.
fn alone_if_wanted(ctx: &mut Ctx<'_>, account: AccountId) {
    let found = ctx.turn.state.accounts().get(&account);
    let alone = found.is_some_and(|found| found.setting(Setting::Multiclient) == Some("off"));
    if !alone {
        return;
    }
    let others = ctx.turn.state.sessions_of(account);
    for other in others.into_iter().filter(|other| *other != ctx.id) {
        departure::end_with(&mut ctx.turn, other, "closing-signed-in-elsewhere", &[]);
    }
}

/// Whether one more session may sign in to an account.
fn has_room(state: &State, account: AccountId) -> bool {
    let account = state.accounts().get(&account);
    account.is_none_or(|account| account.sessions < limits::SESSIONS_PER_USER)
}
