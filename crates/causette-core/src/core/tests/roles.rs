//! Who reaches whom by their role, and what lists of many accounts cost.

use super::*;
use crate::order::Portion;

pub(super) fn account(number: u64, name: &str) -> AccountRow {
    let name = AccountName::parse(name, 32, Casemap::Ascii).unwrap();
    AccountRow {
        id: AccountId(number),
        nick: Nick::from(&name),
        name,
        created: Timestamp(1),
        last_seen: Timestamp(1),
        role: Role::User,
        waiting: false,
        by_code: false,
        settings: Vec::new(),
        certificates: Vec::new(),
        devices: Vec::new(),
        tokens: Vec::new(),
        last_token: 0,
    }
}

pub(super) fn snapshot(accounts: impl Iterator<Item = AccountRow>) -> Snapshot {
    Snapshot {
        accounts: accounts.collect(),
        last_id: 1_000_000,
        ..Snapshot::default()
    }
}

/// A server with an account of each role, each with a connection.
fn one_of_each_role() -> (Core, Vec<(Role, SessionId)>) {
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Guest);
    let rows = (2..)
        .step_by(2)
        .zip(roles)
        .map(|(number, role)| AccountRow {
            role,
            ..account(number, role.name())
        });
    let snapshot = snapshot(rows);
    let mut core = Core::new(Settings::default(), snapshot, 1);
    let mut out = Outputs::default();
    core.start(at(1), &mut out);
    let mut people = Vec::new();
    for account in core.snapshot().accounts {
        let session = SessionId(account.id.0 + 1001);
        let peer = peer();
        core.handle(at(2), Input::Opened { session, peer }, &mut out);
        core.state.sessions.get_mut(&session).unwrap().account = Some(account.id);
        people.push((account.role, session));
    }
    (core, people)
}

#[test]
fn nobody_reaches_whom_the_table_does_not_let_them_reach() {
    let (_, people) = one_of_each_role();
    for (own, session) in &people {
        for (other, _) in &people {
            let actor = Actor::Session(*session);
            let name = other.name();
            let refused = |operation: &dyn Fn(&mut Turn<'_>) -> Result<(), Denied>| {
                let (mut core, _) = one_of_each_role();
                let mut out = Outputs::default();
                let done = operation(&mut core.turn(&mut out));
                let denied = done.err().map(|denied| denied.why);
                assert!(denied.is_none() || out.records() == 0, "{out:?}");
                denied == Some(Why::NoRight)
            };
            let reaches = |act| may(*own, act) && own.reaches(*other);
            let place = format!("{own:?} on {other:?}");
            let ended = refused(&|turn| removal::end_sessions(turn, &actor, name, "why").map(drop));
            assert_eq!(ended, !reaches(Act::EndSessions), "{place}");
            let dropped =
                refused(&|turn| removal::drop_account(turn, &actor, name, "why").map(drop));
            let own_one = own == other;
            assert_eq!(dropped, own_one || !reaches(Act::DropAccount), "{place}");
            let reset =
                refused(&|turn| forgotten::begin(turn, &actor, Asker::Admin(1), name, None, reset));
            assert_eq!(reset, !reaches(Act::ResetPassword), "{place}");
            for new in Role::ALL {
                let given = refused(&|turn| role::give(turn, &actor, name, new, "why").map(drop));
                let gives = own.gives(new) && own.gives(*other);
                let decides = !own_one || *own == Role::Owner;
                let may = may(*own, Act::GiveRole) && gives && decides;
                assert_eq!(given, !may, "{place}: {new:?}");
            }
        }
    }
}

#[test]
fn who_is_let_go_or_given_a_role_is_told_why() {
    let (mut core, _) = one_of_each_role();
    let mut out = Outputs::default();
    let mut turn = core.turn(&mut out);
    let why = |done: Result<(), Denied>| done.err().map(|denied| denied.why);
    let ended = removal::end_sessions(&mut turn, &system(), "user", " ").map(drop);
    assert_eq!(why(ended), Some(Why::NoReason));
    let dropped = removal::drop_account(&mut turn, &system(), "user", "\r\n").map(drop);
    assert_eq!(why(dropped), Some(Why::NoReason));
    let given = role::give(&mut turn, &system(), "user", Role::Admin, "").map(drop);
    assert_eq!(why(given), Some(Why::NoReason));
    let last = removal::drop_account(&mut turn, &system(), "owner", "why").map(drop);
    assert_eq!(why(last), Some(Why::LastOwner));
    assert_eq!(out.records(), 0, "{out:?}");
}

#[test]
fn so_many_may_wait_to_be_approved_and_no_more() {
    let waiting = (1..=limits::WAITING_ACCOUNTS as u64).map(|number| AccountRow {
        waiting: true,
        ..account(2 * number, &format!("a{number}"))
    });
    let settings = Settings {
        registration: Registration::Approve,
        ..Settings::default()
    };
    let mut core = Core::new(settings, snapshot(waiting), 1);
    let mut out = Outputs::default();
    core.start(at(1), &mut out);
    let (session, peer) = (SessionId(101), peer());
    core.handle(at(2), Input::Opened { session, peer }, &mut out);
    let mut turn = core.turn(&mut out);
    let actor = Actor::Session(session);
    let sign_up = |turn: &mut Turn<'_>| {
        let (asker, door) = (
            Asker::Session(session),
            SignUpDoor::NickServ { email: None },
        );
        let password = Secret::new("correct-horse-battery");
        let begun = sign_up::begin(turn, &actor, asker, "late", &password, door, None);
        begun.map_err(|denied| (denied.why, denied.key))
    };
    let full = Err((Why::Busy, "sign-up-full"));
    assert_eq!(sign_up(&mut turn), full);
    let name = AccountName::parse("late", 32, Casemap::Ascii).unwrap();
    let door = SignUpDoor::NickServ { email: None };
    let made = sign_up::settle(&mut turn, &actor, &name, (&door, None), hashed());
    assert_eq!(made.err().map(|denied| denied.key), Some("sign-up-full"));
    // Who was asked for by an operator does not wait.
    let password = Secret::new("correct-horse-battery");
    let (asker, door) = (Asker::Admin(1), SignUpDoor::Order(root()));
    sign_up::begin(&mut turn, &system(), asker, "late", &password, door, None).unwrap();
    turn.state.waiting.take(asker);
    removal::drop_account(&mut turn, &system(), "a7", "why").unwrap();
    assert_eq!(sign_up(&mut turn), Ok(()));
}

/// Holds up whoever waits behind it for milliseconds at most: it looks at every name once, and reports a page.
#[test]
fn a_page_of_many_accounts_holds_nobody_up() {
    let accounts = (1..=100_000).map(|number| account(2 * number, &format!("a{number}")));
    let core = Core::new(Settings::default(), snapshot(accounts), 1);
    let begun = std::time::Instant::now();
    for like in ["", "99999", "nobody"] {
        let (page, more) = {
            let all = Portion {
                like: like.into(),
                after: None,
                limit: usize::MAX,
            };
            listed::list(&core.state, &system(), &all)
        }
        .unwrap();
        assert_eq!(more, like.is_empty());
        assert!(page.len() <= limits::ACCOUNTS_LISTED);
    }
    let took = begun.elapsed();
    println!("three pages of 100 000 accounts: {took:?}");
    // Without optimisation, and on a machine that does other things.
    assert!(took < Duration::from_secs(1), "{took:?}");
}
