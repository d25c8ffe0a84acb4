//! From where one may sign in to an account: what a stranger learns who has the password, and what the owner does.

use crate::settings::settings;
use crate::world::World;
use causette_core::id::SessionId;
use causette_core::input::{Credential, Ending, Input, Visit, Wish};
use causette_core::limits::{LOGIN_WARNINGS, SIGN_IN_FAILURES_FREE};
use causette_core::login::LoginPolicy;
use causette_core::order::Order;
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::{Fact, Factor};
use causette_core::right::{Role, Scopes};
use causette_core::secret::Secret;
use causette_core::settings::Settings;
use causette_text::Language;
use std::net::IpAddr;

const PASSWORD: &str = "correct-horse-battery";

/// The token that was made as the so-manieth.
fn token(number: usize) -> String {
    format!("causette_{number:A>43}")
}

/// A world where accounts are pinned to the address of their sign-up, alice to another than where the next connections come from. She has
/// a device.
fn pinned() -> World {
    let mut world = World::new(Settings {
        login: LoginPolicy::PinFirst,
        scram: true,
        ..settings()
    });
    world.arrive("alice", "");
    world.say_all("alice", "DEVICE ADD :telephone");
    world.place = 7;
    world.log = Some(Vec::new());
    world
}

/// Asks by HTTP from an address.
fn visit(world: &mut World, place: u8, credential: Credential, wish: Wish) -> Result<Done, Undone> {
    let ticket = world.visited.len() as u64;
    let visit = Visit {
        address: IpAddr::from([192, 0, 2, place]),
        exempt: false,
        language: Language::En,
        credential,
        wish,
    };
    world.input(Input::Visit { ticket, visit });
    world.settle();
    world.visited.last().unwrap().1.clone()
}

fn by_password(password: &str) -> Credential {
    Credential::Password {
        name: "alice".into(),
        password: Secret::new(password),
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// The factors by which sign-ins were refused.
fn factors(world: &World) -> Vec<Factor> {
    let log = world.log.iter().flatten();
    let factors = log.filter_map(|record| match record.fact {
        Fact::SignInRefused { factor, .. } => Some(factor),
        _ => None,
    });
    factors.collect()
}

/// A new connection says some lines; gives all that it is told.
fn told(world: &mut World, lines: &[String]) -> Vec<String> {
    let session = world.connect("stranger");
    for line in lines {
        world.say(session, line);
        world.settle();
    }
    let seen = world.inboxes[&session].clone();
    world.drop_session(session);
    world.settle();
    seen
}

/// What somebody does at a door with a secret.
type Try = fn(&mut World, &str) -> Vec<String>;

/// The doors by which one signs in.
const DOORS: &[(&str, Try)] = &[
    ("AUTHENTICATE PLAIN", |world, secret| {
        let plain = base64(&format!("\0alice\0{secret}"));
        let lines = [
            "CAP REQ :sasl",
            "AUTHENTICATE PLAIN",
            &format!("AUTHENTICATE {plain}"),
        ];
        told(world, &lines.map(str::to_owned))
    }),
    ("AUTHENTICATE SCRAM-SHA-256", |world, secret| {
        let proof = base64(&format!("c=biws,r=clientserver,p={}", base64(secret)));
        let lines = [
            "CAP REQ :sasl",
            "AUTHENTICATE SCRAM-SHA-256",
            &format!("AUTHENTICATE {}", base64("n,,n=alice,r=client")),
            &format!("AUTHENTICATE {proof}"),
        ];
        told(world, &lines.map(str::to_owned))
    }),
    ("PASS", |world, secret| {
        let pass = format!("PASS alice:{secret}");
        let lines = [pass.as_str(), "NICK stranger", "USER s 0 * :S"];
        told(world, &lines.map(str::to_owned))
    }),
    ("NS IDENTIFY", |world, secret| {
        let identify = format!("NS IDENTIFY alice {secret}");
        let lines = ["NICK stranger", "USER s 0 * :S", &identify];
        told(world, &lines.map(str::to_owned))
    }),
    ("HTTP, a name", |world, secret| {
        let answer = visit(world, 7, by_password(secret), Wish::Account);
        vec![format!("{answer:?}")]
    }),
    ("HTTP, a token", |world, secret| {
        let credential = Credential::Token(Secret::new(secret));
        vec![format!("{:?}", visit(world, 7, credential, Wish::Account))]
    }),
];

#[test]
fn from_elsewhere_what_is_right_is_answered_as_what_is_wrong() {
    let pairs = [
        (PASSWORD.to_owned(), "wrong".to_owned()),
        (token(1), token(9)),
    ];
    for (door, attempt) in DOORS {
        for (right, wrong) in &pairs {
            let [mut one, mut other] = [pinned(), pinned()];
            // Also how soon they must wait, and for how long.
            for number in 0..SIGN_IN_FAILURES_FREE + 3 {
                let (seen, expected) = (attempt(&mut one, right), attempt(&mut other, wrong));
                // Times and labels go on alike in both worlds.
                assert_eq!(seen, expected, "{door}, {number}");
            }
            let by_password = !right.starts_with("causette_");
            let tried = factors(&one);
            let is_told = tried.contains(&Factor::Address);
            // Nobody signs in by the proof of a token, nor by a password without a name.
            let cannot =
                door.contains("SCRAM") && !by_password || door.ends_with("a token") && by_password;
            assert_eq!(is_told, !cannot, "{door}: {tried:?}");
            assert!(!factors(&other).contains(&Factor::Address));
        }
    }
}

#[test]
fn nobody_learns_by_leaving_what_staying_would_not_tell() {
    let mut seen = Vec::new();
    for secret in [PASSWORD, "wrong"] {
        let mut world = pinned();
        for _ in 0..SIGN_IN_FAILURES_FREE + 1 {
            let session = world.connect("stranger");
            let plain = base64(&format!("\0alice\0{secret}"));
            for line in [
                "CAP REQ :sasl",
                "AUTHENTICATE PLAIN",
                &format!("AUTHENTICATE {plain}"),
            ] {
                world.say(session, line);
            }
            // The answer comes when nobody waits for it any more.
            world.commit();
            let late: Vec<Input> = world.due.drain(..).collect();
            let reason = Ending::Failed("reset by peer".into());
            world.input(Input::Closed { session, reason });
            world.commit();
            world.due.extend(late);
            world.settle();
        }
        seen.push(DOORS[0].1(&mut world, secret));
    }
    assert_eq!(seen[0], seen[1]);
    assert!(
        seen[0].iter().any(|line| line.contains("Too many")),
        "{seen:?}"
    );
}

#[test]
fn a_code_is_not_used_up_from_elsewhere() {
    let mut world = pinned();
    let name = "alice".into();
    world.obey(Order::ResetPassword {
        name,
        password: None,
    });
    let code = "0000-0000-0000-0002";
    let refused = DOORS[3].1(&mut world, code);
    let last = refused.last().unwrap();
    assert!(
        last.ends_with("The name or the password is wrong"),
        "{last}"
    );
    assert_eq!(factors(&world), [Factor::Address]);
    world.place = 1;
    world.greet("home");
    world.say_all("home", &format!("NS IDENTIFY alice {code}"));
    let home = world.names["home"];
    let seen = world.inboxes[&home].join("\n");
    assert!(seen.contains(" 900 "), "{seen}");
}

#[test]
fn an_account_that_was_made_for_somebody_is_pinned_to_where_they_first_come_from() {
    for by_http in [true, false] {
        let mut world = pinned();
        let (name, password) = ("carol".into(), Secret::new(PASSWORD));
        world.obey(Order::CreateAccount { name, password });
        let shown = |world: &mut World| {
            world.obey(Order::ShowAccount {
                name: "carol".into(),
            })
        };
        let detail = shown(&mut world);
        assert!(
            detail.contains("login: PinFirst, login_address: None"),
            "{detail}"
        );
        if by_http {
            let credential = Credential::Password {
                name: "carol".into(),
                password: Secret::new(PASSWORD),
            };
            visit(&mut world, 50, credential, Wish::Account).unwrap();
        } else {
            world.place = 50;
            world.greet("carol");
            world.say_all("carol", &format!("NS IDENTIFY {PASSWORD}"));
        }
        let settings = world.memory.accounts.values();
        let settings: Vec<_> = settings.flat_map(|row| row.settings.clone()).collect();
        let address = ("login-address".into(), "192.0.2.50".into());
        assert!(settings.contains(&address), "{settings:?}");
    }
}

#[test]
fn whoever_has_a_token_and_goes_on_fills_neither_the_record_nor_the_owners_screen() {
    let mut world = pinned();
    world.clear();
    for _ in 0..100 {
        let credential = Credential::Token(Secret::new(token(1)));
        visit(&mut world, 7, credential, Wish::Account).unwrap_err();
    }
    let alice: SessionId = world.names["alice"];
    let warnings = world.inboxes[&alice].iter();
    let warnings = warnings.filter(|line| line.contains("was refused")).count();
    assert_eq!(warnings, LOGIN_WARNINGS as usize);
    let noted = factors(&world);
    assert!(noted.len() < 30 && noted.iter().all(|factor| *factor == Factor::Address));
}

#[test]
fn by_http_nobody_shuts_themselves_out_nor_reaches_above_their_role() {
    let mut world = World::new(settings());
    for (name, role) in [
        ("owner", Role::Owner),
        ("chief", Role::Admin),
        ("bob", Role::User),
    ] {
        world.place += 1;
        world.arrive(name, "");
        if role != Role::User {
            world.obey(Order::GiveRole {
                account: name.into(),
                role,
                reason: "it helps".into(),
            });
            world.obey(Order::GiveToken {
                account: name.into(),
                name: "web".into(),
                scopes: Scopes::read("accounts").unwrap(),
                seconds: 3600,
            });
        }
    }
    let mut order = |number: usize, account: &str, login: &str| {
        let order = Box::new(Order::SetLogin {
            account: account.into(),
            login: login.into(),
            reason: "because".into(),
        });
        let act = "account.login".into();
        let credential = Credential::Token(Secret::new(token(number)));
        let done = visit(&mut world, 99, credential, Wish::Order { act, order });
        done.map(drop).map_err(|undone| undone.fault)
    };
    let (owner, chief) = (1, 2);
    assert_eq!(order(owner, "owner", "10.0.0.0/8"), Err(Fault::Conflict));
    assert_eq!(order(owner, "owner", "10.0.0.0/8,192.0.2.99"), Ok(()));
    assert_eq!(order(chief, "owner", "any"), Err(Fault::Forbidden));
    assert_eq!(order(chief, "chief", "any"), Err(Fault::Forbidden));
    assert_eq!(order(chief, "bob", "10.0.0.0/8"), Ok(()));
    assert_eq!(order(chief, "bob", "the office"), Err(Fault::Unprocessable));
    assert_eq!(order(chief, "nobody", "any"), Err(Fault::NotFound));
}
