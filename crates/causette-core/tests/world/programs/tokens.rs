//! Who is given tokens for programs, by whom, for what and for how long.

use super::*;
use causette_core::id::SanctionId;
use causette_core::limits::{REGISTER_QUESTION_BYTES, TOKEN_SECONDS, TOKENS};
use causette_core::record::AccountChange;
use causette_core::sanction::SanctionKind;

#[test]
fn nobody_gets_more_by_a_token_than_they_have() {
    let mut world = with_robot("accounts,read");
    // Its token is no way to the scopes that it lacks, nor past its own end.
    let more = order(&mut world, 1, give_token("robot", "accounts,people", 60));
    assert_eq!(more, Err(Fault::Forbidden));
    let same = order(
        &mut world,
        1,
        give_token("robot", "accounts,read", TOKEN_SECONDS),
    );
    let Ok(Report::Token {
        until, number: 2, ..
    }) = same
    else {
        panic!("{same:?}");
    };
    let ends = world.memory.accounts.values().flat_map(|row| &row.tokens);
    assert!(
        ends.clone()
            .all(|row| row.until == ends.clone().next().unwrap().until),
        "{until:?}"
    );
    // Who has it may not reach those above it.
    for who in ["chief", "owner"] {
        let above = order(&mut world, 1, give_token(who, "read", 60));
        assert_eq!(above, Err(Fault::Forbidden), "{who}");
    }
    let (account, token, reason) = ("robot".into(), TokenId(2), "enough".into());
    let taken = order(
        &mut world,
        1,
        Order::TakeToken {
            account,
            token,
            reason,
        },
    );
    assert!(taken.is_ok(), "{taken:?}");
    // An administrator's own token.
    world.obey(give_token("chief", "accounts,register", 60));
    let read = |world: &mut World, number| {
        order(
            world,
            number,
            Order::EnterReading {
                question: "today".into(),
            },
        )
    };
    assert_eq!(
        read(&mut world, 3),
        Err(Fault::Forbidden),
        "an administrator does not read the register"
    );
    let register = order(&mut world, 3, give_token("robot", "register", 60));
    assert_eq!(register, Err(Fault::Forbidden), "nor lets a robot do it");
    world.obey(give_token("robot", "register", 60));
    world.log = Some(Vec::new());
    assert!(read(&mut world, 4).is_ok());
    let question = "today".into();
    let entered = Fact::RegisterRead { question };
    assert!(facts(&world).contains(&&entered));
    // As a whole, or not at all.
    let question: causette_proto::CompactString = "x".repeat(REGISTER_QUESTION_BYTES).into();
    for (more, told) in [("", Ok(())), ("x", Err(Fault::Unprocessable))] {
        let question = format!("{question}{more}").into();
        let read = order(&mut world, 4, Order::EnterReading { question });
        assert_eq!(read.map(drop), told);
    }
    assert!(facts(&world).contains(&&Fact::RegisterRead { question }));
}

#[test]
fn what_a_token_is_for_is_bounded() {
    let mut world = with_robot("read");
    for (order, told) in [
        (
            give_token("nobody", "read", 60),
            "There is no account nobody",
        ),
        (
            give_token("robot", "read", 0),
            "A token is good for one second to 365 days, and for one scope at least",
        ),
        (
            give_token("robot", "read", TOKEN_SECONDS + 1),
            "A token is good for one second to 365 days, and for one scope at least",
        ),
    ] {
        assert_eq!(world.obey(order), told);
    }
    let nothing = Order::GiveToken {
        account: "robot".into(),
        name: "watch".into(),
        scopes: Scopes::default(),
        seconds: 60,
    };
    assert!(world.obey(nothing).starts_with("A token is good for"));
    world.place = 77;
    world.arrive("alice", "");
    let told = world.obey(give_token("alice", "read", 60));
    assert!(
        told.starts_with("alice runs nothing on this server"),
        "{told}"
    );
    for _ in 1..TOKENS {
        world.obey(give_token("robot", "read", 60));
    }
    let told = world.obey(give_token("robot", "read", 60));
    assert!(told.contains("devices already"), "{told}");
}

#[test]
fn a_token_ends_by_itself() {
    let mut world = with_robot("read");
    world.obey(give_token("mod", "read", 60));
    assert!(order(&mut world, 2, list()).is_ok());
    world.pass(61_000_000);
    assert_eq!(order(&mut world, 2, list()), Err(Fault::Refused));
    world.log = Some(Vec::new());
    for _ in 0..2 {
        world.input(Input::Tick);
        world.settle();
    }
    let [Fact::AccountChanged { change, .. }] = facts(&world)[..] else {
        panic!("{:?}", facts(&world));
    };
    assert_eq!(*change, AccountChange::TokenRemoved(TokenId(1)));
    // The other is good until its own end, across a restart.
    let mut memory = world.memory.clone();
    memory.close_sessions();
    let mut world = World::restored(settings(), memory, world.now);
    assert!(order(&mut world, 1, list()).is_ok());
    world.pass(3_600_000_000);
    assert_eq!(order(&mut world, 1, list()), Err(Fault::Refused));
}

#[test]
fn a_token_goes_with_what_let_it_be() {
    let (account, reason) = ("robot".into(), "enough".into());
    let name = "robot".into();
    let ends = [
        Order::EndSessions { account, reason },
        Order::ResetPassword {
            name,
            password: None,
        },
        give_role("robot", Role::User),
        Order::DropAccount {
            account: "robot".into(),
            reason: "enough".into(),
        },
    ];
    for end in ends {
        let mut world = with_robot("read");
        let place = format!("{end:?}");
        assert!(order(&mut world, 1, list()).is_ok(), "{place}");
        world.obey(end);
        assert_eq!(order(&mut world, 1, list()), Err(Fault::Refused), "{place}");
        if !place.contains("DropAccount") {
            // Nor does it come back with the role.
            world.obey(give_role("robot", Role::Admin));
            assert_eq!(order(&mut world, 1, list()), Err(Fault::Refused), "{place}");
        }
    }
    // With another role it is good for what that allows.
    let mut world = with_robot("read");
    world.obey(give_role("robot", Role::Auditor));
    assert_eq!(order(&mut world, 1, list()), Err(Fault::Forbidden));
}

#[test]
fn a_token_from_before_is_not_good_for_what_a_bot_may() {
    let mut world = with_robot("read");
    // To a moderator these are worth nothing; a bot may what its token says.
    let given = world.obey(give_token("mod", "accounts,register", 3600));
    assert!(given.starts_with("Token"), "{given}");
    world.obey(give_role("mod", Role::Bot));
    for order_of in [give_role("owner", Role::User), list()] {
        assert_eq!(order(&mut world, 2, order_of), Err(Fault::Refused));
    }
    let mut accounts = world.memory.accounts.values();
    let moderator = accounts.find(|row| row.name.as_str() == "mod").unwrap();
    assert!(moderator.tokens.is_empty());
}

#[test]
fn nobody_lifts_by_a_token_what_holds_for_themselves() {
    let mut world = with_robot("read");
    world.obey(give_token("mod", "moderation", 3600));
    world.say_all("mod", "QUIT");
    world.obey(Order::Sanction {
        kind: SanctionKind::Mute,
        whom: "mod".into(),
        room: None,
        seconds: Some(3600),
        reason: "noise".into(),
    });
    let (sanction, reason) = (SanctionId(1), "I judge myself".into());
    let lifted = order(&mut world, 2, Order::Lift { sanction, reason });
    assert_eq!(lifted, Err(Fault::Forbidden));
}

#[test]
fn no_token_gives_a_role_that_may_more() {
    let mut world = with_robot("accounts");
    world.place += 1;
    world.arrive("alice", "");
    let given = order(&mut world, 1, give_role("alice", Role::Moderator));
    assert_eq!(given, Err(Fault::Forbidden));
    let given = order(&mut world, 1, give_role("alice", Role::Bot));
    assert!(given.is_ok(), "{given:?}");
}
