//! The table: each act, the circumstances in which it is asked for, and how somebody comes by each of its doors.

use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_core::id::TokenId;
use causette_core::input::{Credential, Input, Order, Visit, Wish};
use causette_core::record::Fact;
use causette_core::secret::Secret;
use causette_text::Language;
use std::net::IpAddr;

const PASSWORD: &str = "correct-horse-battery";

/// An act.
pub(super) struct Act {
    pub(super) name: &'static str,
    /// The facts that it is made of; what a door needs besides is not compared.
    pub(super) facts: fn(&Fact) -> bool,
    /// The circumstances, and whether it is refused in them.
    pub(super) cases: &'static [(&'static str, bool)],
    pub(super) doors: &'static [Door],
}

/// A door, and how somebody comes by it: gives what they are told.
pub(super) struct Door {
    /// The verb; the service and its word; the order or the wish.
    pub(super) name: &'static str,
    pub(super) ask: fn(&mut World, case: &str) -> String,
    /// The circumstances in which it has words of its own for the refusal.
    pub(super) own_words: &'static [&'static str],
}

const fn door(name: &'static str, ask: fn(&mut World, &str) -> String) -> Door {
    let own_words = &[];
    Door {
        name,
        ask,
        own_words,
    }
}

pub(super) const ACTS: &[Act] = &[
    Act {
        name: "sign in",
        facts: |fact| matches!(fact, Fact::SignedIn { .. } | Fact::SignInRefused { .. }),
        cases: &[
            ("right", false),
            ("token", false),
            ("taken back", true),
            ("wrong", true),
            ("unknown", true),
            ("throttled", true),
        ],
        doors: &[
            door("AUTHENTICATE", |world, case| {
                let (name, secret) = credential(case);
                let plain = base64(&format!("\0{name}\0{secret}"));
                let lines = ["AUTHENTICATE PLAIN".into(), format!("AUTHENTICATE {plain}")];
                world.say_all("stranger", "CAP REQ :sasl");
                lines
                    .iter()
                    .fold(String::new(), |_, line| world.say_all("stranger", line))
            }),
            door("PASS", |world, case| {
                let (name, secret) = credential(case);
                world.connect("passing");
                world.say_all("passing", &format!("PASS :{name}:{secret}"));
                world.say_all("passing", "NICK passing");
                world.say_all("passing", "USER passing 0 * :Passing")
            }),
            door("NS IDENTIFY", |world, case| {
                let (name, secret) = credential(case);
                // A first word that names nobody is the password's, unless it is one's own nickname.
                world.greet(name);
                world.say_all(name, &format!("NS IDENTIFY {name} {secret}"))
            }),
            Door {
                own_words: &["taken back", "wrong", "unknown"],
                ..door("wish Account", |world, case| {
                    wish(world, case, Wish::Account)
                })
            },
        ],
    },
    Act {
        name: "sign up",
        facts: |_| true,
        cases: &[
            ("done", false),
            ("weak", true),
            ("token", true),
            ("reserved", true),
            ("closed", true),
            ("signed in", true),
            ("often", true),
        ],
        doors: &[
            door("REGISTER", |world, case| {
                let line = format!("REGISTER * * :{}", new_password(case));
                world.say_all(signing_up(case), &line)
            }),
            door("NS REGISTER", |world, case| {
                let line = format!("NS REGISTER :{}", new_password(case));
                world.say_all(signing_up(case), &line)
            }),
        ],
    },
    Act {
        name: "make an account",
        facts: |_| true,
        cases: &[
            ("done", false),
            ("weak", true),
            ("token", true),
            ("exists", true),
            ("worn", true),
            ("bad name", true),
        ],
        doors: &[
            door("NS SAREGISTER", |world, case| {
                let (name, password) = (made_name(case), new_password(case));
                world.say_all("boss", &format!("NS SAREGISTER {name} {password}"))
            }),
            door("order CreateAccount", |world, case| {
                let (name, password) = (made_name(case), Secret::new(new_password(case)));
                let name = name.into();
                world.obey(Order::CreateAccount { name, password })
            }),
        ],
    },
    Act {
        name: "give a device a token",
        facts: |_| true,
        cases: &[("done", false), ("bad name", true), ("too many", true)],
        doors: &[
            door("DEVICE ADD", |world, case| {
                world.say_all("alice", &format!("DEVICE ADD :{}", device_name(case)))
            }),
            door("NS DEVICE", |world, case| {
                world.say_all("alice", &format!("NS DEVICE ADD {}", device_name(case)))
            }),
        ],
    },
    Act {
        name: "take a token back",
        // Who asks by HTTP signs in for it.
        facts: |fact| matches!(fact, Fact::AccountChanged { .. }),
        cases: &[("done", false), ("set for it", false), ("unknown", true)],
        doors: &[
            door("DEVICE DEL", |world, case| {
                world.say_all("alice", &format!("DEVICE DEL {}", device_number(case)))
            }),
            door("NS DEVICE", |world, case| {
                world.say_all("alice", &format!("NS DEVICE DEL {}", device_number(case)))
            }),
            door("wish RemoveDevice", |world, case| {
                let device = TokenId(device_number(case));
                wish(world, "right", Wish::RemoveDevice(device))
            }),
        ],
    },
    Act {
        name: "choose a language",
        facts: |_| true,
        cases: &[("fr", false), ("default", false), ("tlh", true)],
        doors: &[
            door("LANGUAGE", |world, case| {
                world.say_all("alice", &format!("LANGUAGE {case}"))
            }),
            Door {
                own_words: &["tlh"],
                ..door("NS SET", |world, case| {
                    world.say_all("alice", &format!("NS SET LANGUAGE {case}"))
                })
            },
        ],
    },
    Act {
        name: "read the configuration again",
        facts: |_| true,
        cases: &[("done", false)],
        doors: &[
            door("REHASH", |world, _| world.say_all("boss", "REHASH")),
            door("the signal", |world, _| {
                let settings = Box::new(world.core.settings().clone());
                let (session, result) = (None, Ok(settings));
                world.input(Input::Reloaded { session, result });
                world.settle();
                String::new()
            }),
        ],
    },
    Act {
        name: "speak to NickServ",
        facts: |_| true,
        cases: &[
            ("SET MULTICLIENT off", false),
            ("SET always-on nonsense", true),
            ("CERT ADD abcd", true),
            ("DROP", true),
            ("NONSENSE", true),
        ],
        doors: &[
            door("NS", |world, case| {
                world.say_all("alice", &format!("NS {case}"))
            }),
            door("NICKSERV", |world, case| {
                world.say_all("alice", &format!("NICKSERV {case}"))
            }),
            door("PRIVMSG", |world, case| {
                world.say_all("alice", &format!("PRIVMSG NickServ :{case}"))
            }),
        ],
    },
    Act {
        name: "speak to ChanServ",
        facts: |_| true,
        cases: &[
            ("AMODE #room +v bob", false),
            ("TRANSFER #room bob", false),
            ("TRANSFER #room nobody", true),
            ("UNREGISTER #room", true),
            ("NONSENSE #room", true),
        ],
        doors: &[
            door("CS", |world, case| {
                world.say_all("alice", &format!("CS {case}"))
            }),
            door("CHANSERV", |world, case| {
                world.say_all("alice", &format!("CHANSERV {case}"))
            }),
            door("PRIVMSG", |world, case| {
                world.say_all("alice", &format!("PRIVMSG ChanServ :{case}"))
            }),
        ],
    },
];

/// Asks by HTTP, from where strangers come; gives what is told where it is refused.
fn wish(world: &mut World, case: &str, wish: Wish) -> String {
    let (name, secret) = credential(case);
    let visit = Visit {
        address: IpAddr::from([192, 0, 2, 99]),
        exempt: false,
        language: Language::En,
        credential: Credential::Password {
            name: name.into(),
            password: Secret::new(secret),
        },
        wish,
    };
    world.input(Input::Visit { ticket: 1, visit });
    world.settle();
    let (_, result) = world.visited.last().unwrap().clone();
    result.err().map(|undone| undone.text).unwrap_or_default()
}

/// The token of the first device that is given one in a world.
fn first_token() -> String {
    format!("causette_{:A>43}", 1)
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn credential(case: &str) -> (&'static str, String) {
    match case {
        "right" | "throttled" => ("alice", PASSWORD.to_owned()),
        "token" | "taken back" => ("alice", first_token()),
        "unknown" => ("nobody", PASSWORD.to_owned()),
        _ => ("alice", "wrong".to_owned()),
    }
}

fn new_password(case: &str) -> String {
    match case {
        "weak" => "aaaa".to_owned(),
        "token" => first_token(),
        _ => PASSWORD.to_owned(),
    }
}

fn signing_up(case: &str) -> &'static str {
    if case == "signed in" {
        "alice"
    } else {
        "guest"
    }
}

fn made_name(case: &str) -> &'static str {
    match case {
        "exists" => "alice",
        "worn" => "ally",
        "bad name" => "1!",
        _ => "carol",
    }
}

fn device_name(case: &str) -> String {
    match case {
        "bad name" => "x".repeat(200),
        _ => "tablet".to_owned(),
    }
}

fn device_number(case: &str) -> u64 {
    if case == "unknown" { 9 } else { 1 }
}
