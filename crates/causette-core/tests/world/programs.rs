//! What programs do by HTTP with tokens of their own.

mod tokens;

use crate::settings::settings;
use crate::world::World;
use causette_core::id::TokenId;
use causette_core::input::{Credential, Input, Visit, Wish};
use causette_core::order::{InvitationTerms, Maker, Order, Portion};
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::{Fact, Mechanism};
use causette_core::report::Report;
use causette_core::right::{Act, Role, Scopes};
use causette_core::secret::Secret;
use causette_text::Language;
use std::net::IpAddr;

const PASSWORD: &str = "correct-horse-battery";

/// The token that was made as the so-manieth.
fn token(number: usize) -> String {
    format!("causette_{number:A>43}")
}

fn ask(world: &mut World, credential: Credential, wish: Wish) -> Result<Done, Undone> {
    let ticket = world.visited.len() as u64;
    let visit = Visit {
        address: IpAddr::from([192, 0, 2, 99]),
        exempt: false,
        language: Language::Fr,
        credential,
        wish,
    };
    world.input(Input::Visit { ticket, visit });
    world.settle();
    let (answered, result) = world.visited.last().unwrap().clone();
    assert_eq!(answered, ticket, "{result:?}");
    result
}

/// Gives an order with the token of that number.
fn order(world: &mut World, number: usize, order: Order) -> Result<Report, Fault> {
    let (act, order) = ("the.act".into(), Box::new(order));
    let credential = Credential::Token(Secret::new(token(number)));
    match ask(world, credential, Wish::Order { act, order }) {
        Ok(Done::Told(told)) => Ok(told.report),
        Ok(done) => panic!("{done:?}"),
        Err(Undone { fault, text }) => {
            assert!(!text.is_empty());
            Err(fault)
        }
    }
}

fn give_token(account: &str, scopes: &str, seconds: u64) -> Order {
    Order::GiveToken {
        account: account.into(),
        name: "watch".into(),
        scopes: Scopes::read(scopes).unwrap(),
        seconds,
    }
}

fn give_role(account: &str, role: Role) -> Order {
    Order::GiveRole {
        account: account.into(),
        role,
        reason: "it helps".into(),
    }
}

fn list() -> Order {
    Order::ListAccounts(Portion {
        limit: 10,
        ..Portion::default()
    })
}

/// A server that has an owner, an administrator, a moderator and a robot with a token for what stands there: the first that was made.
fn with_robot(scopes: &str) -> World {
    let mut world = World::new(settings());
    for (name, role) in [
        ("owner", Role::Owner),
        ("chief", Role::Admin),
        ("mod", Role::Moderator),
        ("robot", Role::Bot),
    ] {
        world.place += 1;
        world.arrive(name, "");
        world.obey(give_role(name, role));
    }
    let told = world.obey(give_token("robot", scopes, 3600));
    assert!(told.starts_with("Token"), "{told}");
    world.log = Some(Vec::new());
    world
}

fn facts(world: &World) -> Vec<&Fact> {
    let log = world.log.iter().flatten();
    log.map(|record| &record.fact).collect()
}

#[test]
fn a_token_is_good_for_its_scopes_and_a_refusal_is_entered() {
    let mut world = with_robot("read,people");
    let listed = order(&mut world, 1, list());
    assert!(matches!(listed, Ok(Report::Accounts { .. })), "{listed:?}");
    let [
        Fact::SignedIn {
            mechanism: Mechanism::Http,
            token: Some(TokenId(1)),
            ..
        },
    ] = facts(&world)[..]
    else {
        panic!("{:?}", facts(&world));
    };
    world.log = Some(Vec::new());
    let stop = Order::SetRegistration { registration: None };
    for _ in 0..2 {
        assert_eq!(order(&mut world, 1, stop.clone()), Err(Fault::Forbidden));
    }
    let refused = Fact::ActRefused {
        act: "the.act".into(),
        token: TokenId(1),
    };
    // The same is entered once a minute: asking again and again fills no register.
    assert_eq!(facts(&world), [&refused]);
    world.pass(60_000_000);
    assert_eq!(order(&mut world, 1, stop), Err(Fault::Forbidden));
    let entered = facts(&world).into_iter().filter(|fact| **fact == refused);
    assert_eq!(entered.count(), 2);
    // In the language of who asked, with what is missing.
    let (_, told) = world.visited.last().unwrap();
    let text = told.clone().unwrap_err().text;
    assert_eq!(
        text,
        "Ce jeton ne suffit pas : il faudrait la portée accounts"
    );
    let done = order(
        &mut world,
        1,
        Order::Alert {
            text: "hear".into(),
            kept: true,
        },
    );
    let Ok(Report::Done(text)) = done else {
        panic!("{done:?}");
    };
    assert!(text.contains("personne"), "{text}");
    let by = world.log.iter().flatten().last().unwrap().by.clone();
    assert!(format!("{by:?}").starts_with("Account"), "{by:?}");
}

#[test]
fn what_is_wrong_is_told_in_a_word() {
    let mut world = with_robot("read,people,moderation,accounts,rooms,server,files,register");
    let mut fault = |asked| order(&mut world, 1, asked).unwrap_err();
    let nobody = Order::ShowAccount {
        name: "nobody".into(),
    };
    assert_eq!(fault(nobody), Fault::NotFound);
    assert_eq!(fault(give_role("mod", Role::Moderator)), Fault::Conflict);
    let no_reason = Order::EndSessions {
        account: "mod".into(),
        reason: " ".into(),
    };
    assert_eq!(fault(no_reason), Fault::Unprocessable);
    let of_chief = Order::EndSessions {
        account: "chief".into(),
        reason: "why".into(),
    };
    assert_eq!(fault(of_chief), Fault::Forbidden);
    // What only whoever has the machine may, and what the server says of itself.
    assert_eq!(fault(Order::ShowOwnerCode), Fault::Forbidden);
    let backup = Order::EnterBackup {
        file: "/srv/b".into(),
        bytes: 1,
        sha256: "00".into(),
        maker: Maker::Server,
    };
    assert_eq!(fault(backup), Fault::Forbidden);
    world.recorder_works = false;
    let owner = world.names["owner"];
    world.say(owner, "PRIVMSG #general :is the disk full?");
    world.settle();
    assert_eq!(order(&mut world, 1, list()), Err(Fault::Unavailable));
}

#[test]
fn a_programs_token_signs_in_nowhere_else() {
    let mut world = with_robot("read");
    let secret = token(1);
    world.greet("stranger");
    let told = world.say_all("stranger", &format!("NS IDENTIFY robot {secret}"));
    assert_eq!(told, "The name or the password is wrong");
    world.connect("passing");
    for line in [
        &*format!("PASS robot:{secret}"),
        "NICK robot2",
        "USER r 0 * :r",
    ] {
        world.say_all("passing", line);
    }
    let passing = world.names["passing"];
    assert!(!world.inboxes[&passing].join("\n").contains(" 900 "));
    let credential = || Credential::Token(Secret::new(secret.clone()));
    for wish in [Wish::Account, Wish::RemoveDevice("1".into())] {
        let asked = ask(&mut world, credential(), wish);
        assert_eq!(asked.unwrap_err().fault, Fault::Refused);
    }
    let shown = world.say_all("robot", "NS DEVICE LIST");
    assert!(shown.starts_with("Give a device"), "{shown}");
    let robot = world.names["robot"];
    let seen = world.inboxes[&robot].join("\n");
    assert!(seen.contains("of a program that runs the server"), "{seen}");
    world.say_all("robot", "DEVICE LIST");
    let seen = world.inboxes[&robot].join("\n");
    assert!(seen.contains(" program;scopes=read;until=2026-"), "{seen}");
    // Its owner takes it away.
    world.say_all("robot", "DEVICE DEL 1");
    assert_eq!(order(&mut world, 1, list()), Err(Fault::Refused));
}

#[test]
fn neither_a_password_nor_a_device_gives_orders() {
    let mut world = with_robot("read");
    world.say_all("chief", "DEVICE ADD :telephone");
    let wish = || Wish::Order {
        act: "list".into(),
        order: Box::new(list()),
    };
    let by_password = |secret: &str| Credential::Password {
        name: "chief".into(),
        password: Secret::new(secret),
    };
    world.log = Some(Vec::new());
    for credential in [
        by_password(PASSWORD),
        by_password("wrong"),
        by_password(&token(2)),
        Credential::Token(Secret::new(token(2))),
    ] {
        let Undone { fault, text } = ask(&mut world, credential, wish()).unwrap_err();
        assert_eq!(fault, Fault::Forbidden);
        assert!(
            text.starts_with("Il faut le jeton d'un programme"),
            "{text}"
        );
    }
    assert_eq!(order(&mut world, 9, list()), Err(Fault::Refused));
    // However often it is tried, the record does not fill.
    for _ in 0..200 {
        assert_eq!(order(&mut world, 2, list()), Err(Fault::Forbidden));
    }
    assert!(facts(&world).len() < 30, "{}", facts(&world).len());
    let entered = |fact: &&Fact| !matches!(fact, Fact::SignInRefused { .. });
    assert!(!facts(&world).iter().any(entered));
    // With the name in front a program's token is as good as alone.
    let named = Credential::Password {
        name: "robot".into(),
        password: Secret::new(token(1)),
    };
    assert!(ask(&mut world, named, wish()).is_ok());
}

/// What its answer is waited for is judged again when it is there.
#[test]
fn a_token_that_is_taken_away_meanwhile_does_nothing_more() {
    let mut world = with_robot("accounts");
    let orders = [
        Order::CreateAccount {
            name: "carol".into(),
            password: Secret::new(PASSWORD),
        },
        Order::ResetPassword {
            name: "mod".into(),
            password: None,
        },
        give_token("robot", "accounts", 60),
        Order::Invite {
            address: "irc.test".into(),
            room: None,
            public_key: None,
            terms: Some(InvitationTerms {
                uses: 1,
                seconds: None,
            }),
        },
    ];
    for order in &orders {
        let (act, order) = ("the.act".into(), Box::new(order.clone()));
        let visit = Visit {
            address: IpAddr::from([192, 0, 2, 99]),
            exempt: false,
            language: Language::En,
            credential: Credential::Token(Secret::new(token(1))),
            wish: Wish::Order { act, order },
        };
        let ticket = 100 + world.visited.len() as u64 + world.due.len() as u64;
        world.input(Input::Visit { ticket, visit });
        world.commit();
        // That the token is right; what it is asked for next waits.
        let found = world.due.pop_back().unwrap();
        world.input(found);
        world.commit();
    }
    assert_eq!(world.due.len(), orders.len());
    let answers: Vec<Input> = world.due.drain(..).collect();
    world.obey(Order::TakeToken {
        account: "robot".into(),
        token: TokenId(1),
        reason: "enough".into(),
    });
    world.log = Some(Vec::new());
    world.due.extend(answers);
    world.settle();
    let told: Vec<_> = world.visited[world.visited.len() - orders.len()..]
        .iter()
        .collect();
    for (_, result) in told {
        assert_eq!(result.as_ref().unwrap_err().fault, Fault::Forbidden);
    }
    let done = |fact: &&Fact| !matches!(fact, Fact::ActRefused { .. });
    assert!(!facts(&world).iter().any(done), "{:?}", facts(&world));
}

/// What the server does by itself it asks about first.
#[test]
fn the_right_to_what_the_server_does_is_judged_and_its_refusal_entered() {
    let mut world = with_robot("server");
    let judge = |world: &mut World, act| order(world, 1, Order::Permit { act });
    for act in [Act::Inspect, Act::Reload, Act::Stop] {
        assert!(judge(&mut world, act).is_ok(), "{act:?}");
    }
    world.log = Some(Vec::new());
    assert_eq!(judge(&mut world, Act::ReadRegister), Err(Fault::Forbidden));
    assert!(matches!(facts(&world)[..], [Fact::ActRefused { .. }]));
}

/// Whom a program touches reads of the administration, not of the program.
#[test]
fn people_read_of_the_administration_and_not_of_its_programs() {
    let mut world = with_robot("people,moderation");
    let bob = world.arrive("bob", "");
    let text = "lunch".into();
    assert!(order(&mut world, 1, Order::Alert { text, kept: true }).is_ok());
    for room in [Some("#general".into()), None] {
        let (nick, reason) = ("bob".into(), "enough".into());
        let kicked = order(&mut world, 1, Order::Kick { nick, room, reason });
        assert!(kicked.is_ok(), "{kicked:?}");
    }
    let seen = &world.inboxes[&bob];
    let of = |word: &str| seen.iter().filter(|line| line.contains(word)).count();
    assert!(of("KICK #general bob") == 1 && of("KILL bob") == 1 && of("lunch") == 1);
    let by_robot = seen.iter().find(|line| {
        let is_act = ["KICK", "KILL", "ERROR", "NOTICE"]
            .iter()
            .any(|verb| line.contains(verb));
        is_act && line.contains("robot")
    });
    assert_eq!(by_robot, None);
}
