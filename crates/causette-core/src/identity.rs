//! Signing up and signing in, whichever command someone uses for it.
//!
//! A stranger never learns whether the name or the password was wrong: an unknown name takes the same way, through the
//! same Ask, to the same answer. The register learns it.

use crate::account::Account;
use crate::id::AccountId;
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::{Ask, Output};
use crate::presence;
use crate::record::{Fact, Factor, Mechanism};
use crate::reply::{Ctx, Outcome};
use crate::secret::{Secret, Verifier};
use crate::session::{Door, Then};
use crate::settings::{Registration, Settings};
use crate::state::State;
use crate::turn::Turn;
use causette_proto::numeric::{
    ERR_NICKNAMEINUSE, ERR_PASSWDMISMATCH, ERR_SASLFAIL, RPL_LOGGEDIN, RPL_SASLSUCCESS,
};
use causette_proto::{AccountName, CompactString, Nick};

/// The names that services go by: no person and no account may take them.
pub(crate) const SERVICES: [&str; 3] = ["NickServ", "ChanServ", "FileServ"];

/// Whether a name is a service's.
pub(crate) fn is_service(name: &str) -> bool {
    SERVICES
        .iter()
        .any(|service| service.eq_ignore_ascii_case(name))
}

/// Starts to check a password; the session waits for the answer.
pub(crate) fn sign_in(ctx: &mut Ctx<'_>, name: &str, password: Secret, mechanism: Mechanism) {
    let name = CompactString::new(causette_proto::split::cut(name, limits::PASSWORD_BYTES));
    let account = ctx
        .turn
        .state
        .account_named(&name)
        .map(|account| account.id);
    let (peer, uptime) = (ctx.session().peer.clone(), ctx.turn.state.uptime());
    let wait = if peer.exempt {
        0
    } else {
        ctx.turn.state.attempts.wait(peer.address, &name, uptime)
    };
    if wait > 0 {
        let fact = Fact::SignInRefused {
            name,
            account,
            factor: Factor::Throttled,
            mechanism,
        };
        ctx.turn.record(Some(ctx.id), fact);
        let text = ctx.text_with("sign-in-wait", &[("seconds", &wait.to_string())]);
        return refused(ctx, mechanism, &text);
    }
    *ctx.turn.mutated = true;
    if !ctx.turn.state.attempts.begin(ctx.id, &peer, &name, uptime) {
        let text = ctx.text("sign-in-busy");
        return refused(ctx, mechanism, &text);
    }
    let asker = Asker::Session(ctx.id);
    ctx.after(Output::Ask {
        asker,
        ask: Ask::VerifyPassword { account, password },
    });
    ctx.hold(Then::SignIn {
        account,
        name,
        mechanism,
    });
}

/// Acts upon the answer to an Ask.
pub(crate) fn answered(ctx: &mut Ctx<'_>, then: Then, answer: Answer) {
    match then {
        Then::SignIn {
            account,
            name,
            mechanism,
        } => sign_in_answered(ctx, account, &name, mechanism, &answer),
        Then::Admit { pass } => admit_answered(ctx, &pass, &answer),
        Then::SignUp { name, door } => sign_up_answered(ctx, name, door, answer),
        Then::Page { .. } | Then::Replay => {}
    }
}

fn sign_in_answered(
    ctx: &mut Ctx<'_>,
    id: Option<AccountId>,
    name: &str,
    mechanism: Mechanism,
    answer: &Answer,
) {
    match (answer, id) {
        (Answer::Verified(true), Some(account)) if presence::has_room(ctx, account) => {
            ctx.turn.state.attempts.succeeded(name);
            signed_in(ctx, account, mechanism);
            if mechanism == Mechanism::Plain {
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
            let factor = if id.is_some() {
                Factor::Password
            } else {
                Factor::Name
            };
            ctx.turn.record(
                Some(ctx.id),
                Fact::SignInRefused {
                    name: name.into(),
                    account: id,
                    factor,
                    mechanism,
                },
            );
            let text = ctx.text("sign-in-failed");
            refused(ctx, mechanism, &text);
        }
        (Answer::Hashed(_) | Answer::Found(_) | Answer::Unavailable, _) => {
            let text = ctx.text("unavailable");
            refused(ctx, mechanism, &text);
        }
    }
}

/// Records a sign-in and tells the session. <https://ircv3.net/specs/extensions/sasl-3.1>
fn signed_in(ctx: &mut Ctx<'_>, account: AccountId, mechanism: Mechanism) {
    ctx.turn
        .record(Some(ctx.id), Fact::SignedIn { account, mechanism, device: None });
    ctx.session_mut().account = Some(account);
    if let Some(account) = ctx.turn.state.accounts.get_mut(&account) {
        account.sessions += 1;
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

/// Lets a session that has just signed in speak for its account, if it was welcomed; else goes on welcoming it.
fn arrive(ctx: &mut Ctx<'_>, account: AccountId) {
    if ctx.session().welcomed {
        presence::attach(ctx, account);
    } else {
        complete(ctx);
    }
}

/// Refuses a sign-in in the words of the command that tried it.
fn refused(ctx: &mut Ctx<'_>, mechanism: Mechanism, text: &str) {
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
        if !ctx.session().admitted && ctx.session().account.is_none() {
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
        let taken = session.nick.clone().filter(|nick| nick_taken(ctx, nick));
        if let Some(nick) = taken {
            let text = ctx.text("nick-in-use");
            ctx.session_mut().nick = None;
            return ctx.numeric(ERR_NICKNAMEINUSE, &[nick.as_str()], &text);
        }
    }
    presence::welcome(ctx);
}

/// Whether somebody else goes by a nickname, or an account keeps it.
pub(crate) fn nick_taken(ctx: &Ctx<'_>, nick: &Nick) -> bool {
    let (state, session) = (&ctx.turn.state, ctx.session());
    let in_use = state
        .nicks
        .get(nick.key())
        .is_some_and(|user| Some(*user) != session.user);
    let owner = state.account_names.get(nick.key());
    let reserved =
        ctx.turn.settings.nick_reservation && owner.is_some() && owner.copied() != session.account;
    in_use || reserved || is_service(nick.as_str())
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
    let name = format!("*{}", peer.address);
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

/// Why a name or a password cannot be signed up with: the code of the specification, the key of the text.
pub(crate) fn unacceptable(
    settings: &Settings,
    name: &str,
    password: &Secret,
) -> Result<AccountName, (&'static str, &'static str)> {
    let parsed = AccountName::parse(name, settings.limits.nick);
    let name = parsed.map_err(|_| ("BAD_ACCOUNT_NAME", "account-name-invalid"))?;
    let password = password.expose();
    if password.len() > limits::PASSWORD_BYTES {
        return Err(("UNACCEPTABLE_PASSWORD", "password-too-long"));
    }
    let weak = password.chars().count() < settings.password_min
        || password.eq_ignore_ascii_case(name.as_str());
    if weak || password.chars().all(|char| password.starts_with(char)) {
        return Err(("WEAK_PASSWORD", "password-weak"));
    }
    Ok(name)
}

/// Whether a name is an account's, or a service's.
pub(crate) fn is_taken(state: &State, name: &AccountName) -> bool {
    is_service(name.as_str()) || state.account_names.contains_key(name.key())
}

/// Starts to make an account; the session waits for the answer.
/// <https://ircv3.net/specs/extensions/account-registration>
pub(crate) fn sign_up(ctx: &mut Ctx<'_>, name: &str, password: Secret, door: Door) -> Outcome {
    let (settings, session) = (ctx.turn.settings, ctx.session());
    let minimum = settings.password_min.to_string();
    let variables = [("account", name), ("min", minimum.as_str())];
    if session.account.is_some() {
        return Err(ctx.failure(
            "REGISTER",
            "ALREADY_AUTHENTICATED",
            &[name],
            "already-signed-in",
            &variables,
        ));
    }
    if settings.registration == Registration::Closed {
        return Err(ctx.failure(
            "REGISTER",
            "TEMPORARILY_UNAVAILABLE",
            &[name],
            "sign-up-closed",
            &variables,
        ));
    }
    if !session.admitted {
        return Err(ctx.failure(
            "REGISTER",
            "COMPLETE_CONNECTION_REQUIRED",
            &[name],
            "server-password-first",
            &variables,
        ));
    }
    let name = match unacceptable(settings, name, &password) {
        Ok(name) => name,
        Err((code, key)) => return Err(ctx.failure("REGISTER", code, &[name], key, &variables)),
    };
    let (address, exempt) = (session.peer.address, session.peer.exempt);
    let uptime = ctx.turn.state.uptime();
    *ctx.turn.mutated = true;
    // Charged before it tells whether the name is taken, so that nobody can ask for many names.
    if !exempt && !ctx.turn.state.attempts.sign_up(address, uptime) {
        let context = [name.as_str()];
        return Err(ctx.failure(
            "REGISTER",
            "TEMPORARILY_UNAVAILABLE",
            &context,
            "sign-up-wait",
            &[],
        ));
    }
    if is_taken(ctx.turn.state, &name) {
        let context = [name.as_str()];
        return Err(ctx.failure(
            "REGISTER",
            "ACCOUNT_EXISTS",
            &context,
            "account-exists",
            &variables,
        ));
    }
    let asker = Asker::Session(ctx.id);
    ctx.after(Output::Ask {
        asker,
        ask: Ask::HashPassword {
            name: name.clone(),
            password,
        },
    });
    ctx.hold(Then::SignUp { name, door });
    Ok(())
}

fn sign_up_answered(ctx: &mut Ctx<'_>, name: AccountName, door: Door, answer: Answer) {
    // Somebody may have taken the name while the password was being hashed.
    let taken = is_taken(ctx.turn.state, &name);
    let verifier = match answer {
        Answer::Hashed(verifier) if !taken => verifier,
        Answer::Hashed(_) => {
            return not_signed_up(ctx, &name, door, "ACCOUNT_EXISTS", "account-exists");
        }
        _ => return not_signed_up(ctx, &name, door, "TEMPORARILY_UNAVAILABLE", "unavailable"),
    };
    let id = ctx.id;
    let account = create(&mut ctx.turn, Some(id), name.clone(), verifier, false);
    let text = ctx.text_with("account-created", &[("account", name.as_str())]);
    match door {
        Door::Register => ctx.line(&format!("REGISTER SUCCESS {name} :{text}")),
        Door::NickServ => ctx.notice(Some("NickServ"), &text),
    }
    signed_in(ctx, account, Mechanism::Register);
    arrive(ctx, account);
}

fn not_signed_up(ctx: &mut Ctx<'_>, name: &AccountName, door: Door, code: &str, key: &str) {
    let text = ctx.text_with(key, &[("account", name.as_str())]);
    match door {
        Door::Register => ctx.standard("FAIL", "REGISTER", code, &[name.as_str()], &text),
        Door::NickServ => ctx.notice(Some("NickServ"), &text),
    }
}

/// Makes an account, all checks done.
pub(crate) fn create(
    turn: &mut Turn<'_>,
    session: Option<crate::id::SessionId>,
    name: AccountName,
    verifier: Verifier,
    by_administrator: bool,
) -> AccountId {
    let account = AccountId(turn.state.next_id());
    let nick = Nick::parse(name.as_str(), usize::MAX)
        .expect("an account name has the alphabet of a nickname");
    let now = turn.now();
    turn.record(
        session,
        Fact::AccountCreated {
            account,
            name: name.clone(),
            verifier,
            by_administrator,
        },
    );
    turn.state.add_account(Account {
        id: account,
        name,
        nick,
        created: now,
        last_seen: now,
        sessions: 0,
    });
    account
}
