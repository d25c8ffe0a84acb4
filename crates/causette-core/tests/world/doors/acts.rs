//! The table: each act, the circumstances in which it is asked for, and how somebody comes by each of its doors.

use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_core::input::{By, Credential, Input, Visit, Wish};
use causette_core::order::Order;
use causette_core::record::{AccountChange, Fact};
use causette_core::secret::Secret;
use causette_text::Language;
use std::net::IpAddr;

const PASSWORD: &str = "correct-horse-battery";

/// An act.
pub(super) struct Act {
    pub(super) name: &'static str,
    /// The facts that it is made of; what a door needs besides is not compared.
    pub(super) facts: fn(&Fact) -> bool,
    /// Who asks for it, and whether they are refused in every circumstance.
    pub(super) people: &'static [(&'static str, bool)],
    /// The circumstances, and whether it is refused in them.
    pub(super) cases: &'static [(&'static str, bool)],
    pub(super) doors: &'static [Door],
}

/// A door, and how somebody comes by it: gives what they are told.
pub(super) struct Door {
    /// The verb; the service and its word; the order or the wish.
    pub(super) name: &'static str,
    pub(super) ask: fn(&mut World, who: &str, case: &str) -> String,
    /// The circumstances and the people for which it has words of its own for the refusal.
    pub(super) own_words: &'static [&'static str],
    /// As what somebody acts here, where it is as something else than by the first door.
    pub(super) acts_as: fn(&Fact) -> Option<Acts>,
}

/// As what somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acts {
    Server,
    System,
    Account,
    Address,
}

pub(super) const fn door(name: &'static str, ask: fn(&mut World, &str, &str) -> String) -> Door {
    Door {
        name,
        ask,
        own_words: &[],
        acts_as: |_| None,
    }
}

pub(super) const ACTS: &[Act] = &[
    Act {
        name: "sign in",
        people: &[("stranger", false)],
        facts: |fact| {
            is_anew(fact) || matches!(fact, Fact::SignedIn { .. } | Fact::SignInRefused { .. })
        },
        cases: &[
            ("right", false),
            ("right anew", false),
            ("token", false),
            ("taken back", true),
            ("wrong", true),
            ("unknown", true),
            ("throttled", true),
            ("waits", true),
            ("elsewhere", true),
            ("token elsewhere", true),
        ],
        doors: &[
            door("AUTHENTICATE", |world, who, case| {
                let (name, secret) = credential(case);
                let plain = base64(&format!("\0{name}\0{secret}"));
                let lines = ["AUTHENTICATE PLAIN".into(), format!("AUTHENTICATE {plain}")];
                world.say_all(who, "CAP REQ :sasl");
                lines
                    .iter()
                    .fold(String::new(), |_, line| world.say_all(who, line))
            }),
            door("PASS", |world, _, case| {
                let (name, secret) = credential(case);
                world.connect("passing");
                world.say_all("passing", &format!("PASS :{name}:{secret}"));
                world.say_all("passing", "NICK passing");
                world.say_all("passing", "USER passing 0 * :Passing")
            }),
            door("NS IDENTIFY", |world, _, case| {
                let (name, secret) = credential(case);
                // A first word that names nobody is the password's, unless it is one's own nickname.
                world.greet(name);
                world.say_all(name, &format!("NS IDENTIFY {name} {secret}"))
            }),
            Door {
                own_words: &[
                    "taken back",
                    "wrong",
                    "unknown",
                    "elsewhere",
                    "token elsewhere",
                ],
                // There is no connection that could be a guest's: it is an address, and the account once that is proven.
                acts_as: |fact| {
                    Some(if is_anew(fact) {
                        Acts::Account
                    } else {
                        Acts::Address
                    })
                },
                ..door("wish Account", |world, _, case| {
                    let (name, secret) = credential(case);
                    wish(world, (name, &secret), Wish::Account)
                })
            },
        ],
    },
    Act {
        name: "sign up",
        people: &[("guest", false), ("alice", true)],
        facts: |_| true,
        cases: &[
            ("done", false),
            ("weak", true),
            ("token", true),
            ("reserved", true),
            ("closed", true),
            ("often", true),
        ],
        doors: &[
            door("REGISTER", |world, who, case| {
                let line = format!("REGISTER * * :{}", new_password(case));
                world.say_all(who, &line)
            }),
            door("NS REGISTER", |world, who, case| {
                let line = format!("NS REGISTER :{}", new_password(case));
                world.say_all(who, &line)
            }),
        ],
    },
    Act {
        name: "make an account",
        people: &[("boss", false)],
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
            door("NS SAREGISTER", |world, who, case| {
                let (name, password) = (made_name(case), new_password(case));
                world.say_all(who, &format!("NS SAREGISTER {name} {password}"))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order CreateAccount", |world, _, case| {
                    let (name, password) = (made_name(case), Secret::new(new_password(case)));
                    let name = name.into();
                    world.obey(Order::CreateAccount { name, password })
                })
            },
        ],
    },
    Act {
        name: "give a device a token",
        people: &[("alice", false), ("boss", false), ("guest", true)],
        facts: |_| true,
        cases: &[("done", false), ("bad name", true), ("too many", true)],
        doors: &[
            door("DEVICE ADD", |world, who, case| {
                world.say_all(who, &format!("DEVICE ADD :{}", device_name(case)))
            }),
            Door {
                own_words: &["guest"],
                ..door("NS DEVICE", |world, who, case| {
                    world.say_all(who, &format!("NS DEVICE ADD {}", device_name(case)))
                })
            },
        ],
    },
    Act {
        name: "take a token back",
        people: &[("alice", false), ("boss", false), ("guest", true)],
        // Who asks by HTTP signs in for it.
        facts: |fact| matches!(fact, Fact::AccountChanged { .. }),
        cases: &[
            ("done", false),
            ("set for it", false),
            ("in use", false),
            ("unknown", true),
        ],
        doors: &[
            door("DEVICE DEL", |world, who, case| {
                world.say_all(who, &format!("DEVICE DEL {}", device_number(case)))
            }),
            Door {
                own_words: &["guest"],
                ..door("NS DEVICE", |world, who, case| {
                    world.say_all(who, &format!("NS DEVICE DEL {}", device_number(case)))
                })
            },
            Door {
                own_words: &["guest"],
                ..door("wish RemoveDevice", |world, who, case| {
                    let device = device_number(case).to_string().into();
                    wish(world, (who, PASSWORD), Wish::RemoveDevice(device))
                })
            },
        ],
    },
    Act {
        name: "choose a language",
        people: &[("alice", false), ("boss", false)],
        facts: |_| true,
        cases: &[("fr", false), ("default", false), ("tlh", true)],
        doors: &[
            door("LANGUAGE", |world, who, case| {
                world.say_all(who, &format!("LANGUAGE {case}"))
            }),
            Door {
                own_words: &["tlh"],
                ..door("NS SET", |world, who, case| {
                    world.say_all(who, &format!("NS SET LANGUAGE {case}"))
                })
            },
        ],
    },
    Act {
        name: "approve an account",
        people: &[("boss", false)],
        facts: |_| true,
        cases: &[("done", false), ("unknown", true), ("approved", true)],
        doors: &[
            door("NS APPROVE", |world, who, case| {
                world.say_all(who, &format!("NS APPROVE {}", waiting_name(case)))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order Approve", |world, _, case| {
                    let account = waiting_name(case).into();
                    world.obey(Order::Approve { account })
                })
            },
        ],
    },
    Act {
        name: "refuse an account",
        people: &[("boss", false)],
        facts: |_| true,
        cases: &[
            ("done", false),
            ("unknown", true),
            ("approved", true),
            ("no reason", true),
        ],
        doors: &[
            door("NS REFUSE", |world, who, case| {
                let (name, reason) = (waiting_name(case), refusal_reason(case));
                world.say_all(who, &format!("NS REFUSE {name} {reason}"))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order Refuse", |world, _, case| {
                    let (account, reason) = (waiting_name(case), refusal_reason(case));
                    let (account, reason) = (account.into(), reason.into());
                    world.obey(Order::Refuse { account, reason })
                })
            },
        ],
    },
    Act {
        name: "read the configuration again",
        people: &[("boss", false)],
        facts: |_| true,
        cases: &[("done", false)],
        doors: &[
            door("REHASH", |world, who, _| world.say_all(who, "REHASH")),
            Door {
                acts_as: |_| Some(Acts::Server),
                ..door("the signal", |world, _, _| {
                    let settings = Box::new(world.core.settings().clone());
                    let (by, result) = (By::Server, Ok(settings));
                    world.input(Input::Reloaded { by, result });
                    world.settle();
                    String::new()
                })
            },
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("the socket", |world, _, _| {
                    let settings = Box::new(world.core.settings().clone());
                    let (by, result) = (By::System("root".into()), Ok(settings));
                    world.input(Input::Reloaded { by, result });
                    world.settle();
                    String::new()
                })
            },
        ],
    },
    Act {
        name: "speak to NickServ",
        people: &[("alice", false), ("boss", false), ("guest", true)],
        facts: |_| true,
        cases: &[
            ("SET MULTICLIENT off", false),
            ("SET always-on nonsense", true),
            ("CERT ADD abcd", true),
            ("DROP", true),
            ("NONSENSE", true),
        ],
        doors: &[
            door("NS", |world, who, case| {
                world.say_all(who, &format!("NS {case}"))
            }),
            door("NICKSERV", |world, who, case| {
                world.say_all(who, &format!("NICKSERV {case}"))
            }),
            door("PRIVMSG", |world, who, case| {
                world.say_all(who, &format!("PRIVMSG NickServ :{case}"))
            }),
        ],
    },
    Act {
        name: "speak to ChanServ",
        people: &[
            ("alice", false),
            ("boss", false),
            ("bob", true),
            ("guest", true),
        ],
        facts: |_| true,
        cases: &[
            ("AMODE #room +v bob", false),
            ("TRANSFER #room bob", false),
            ("TRANSFER #room nobody", true),
            ("UNREGISTER #room", true),
            ("NONSENSE #room", true),
        ],
        doors: &[
            door("CS", |world, who, case| {
                world.say_all(who, &format!("CS {case}"))
            }),
            door("CHANSERV", |world, who, case| {
                world.say_all(who, &format!("CHANSERV {case}"))
            }),
            door("PRIVMSG", |world, who, case| {
                world.say_all(who, &format!("PRIVMSG ChanServ :{case}"))
            }),
        ],
    },
];

/// Whether what is kept of a password is completed, on a sign-in with it.
fn is_anew(fact: &Fact) -> bool {
    let Fact::AccountChanged { change, .. } = fact else {
        return false;
    };
    matches!(change, AccountChange::VerifiedAnew(_))
}

/// Asks by HTTP, from where strangers come; gives what is told where it is refused.
fn wish(world: &mut World, (name, secret): (&str, &str), wish: Wish) -> String {
    let credential = Credential::Password {
        name: name.into(),
        password: Secret::new(secret),
    };
    visit(world, credential, wish)
}

/// The same with any credential.
pub(super) fn visit(world: &mut World, credential: Credential, wish: Wish) -> String {
    let visit = Visit {
        address: IpAddr::from([192, 0, 2, 99]),
        exempt: false,
        language: Language::En,
        credential,
        wish,
    };
    world.input(Input::Visit { ticket: 1, visit });
    world.settle();
    let (_, result) = world.visited.last().unwrap().clone();
    result.err().map(|undone| undone.text).unwrap_or_default()
}

/// The token of the first device that is given one in a world.
fn first_token() -> String {
    token(1)
}

/// The token that was made as the so-manieth.
pub(super) fn token(number: usize) -> String {
    format!("causette_{number:A>43}")
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn credential(case: &str) -> (&'static str, String) {
    match case {
        "right" | "right anew" | "throttled" | "elsewhere" => ("alice", PASSWORD.to_owned()),
        "token" | "taken back" | "token elsewhere" => ("alice", first_token()),
        "unknown" => ("nobody", PASSWORD.to_owned()),
        "waits" => ("carol", PASSWORD.to_owned()),
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

fn made_name(case: &str) -> &'static str {
    match case {
        "exists" => "alice",
        "worn" => "ally",
        "bad name" => "1!",
        _ => "carol",
    }
}

fn waiting_name(case: &str) -> &'static str {
    match case {
        "unknown" => "nobody",
        "approved" => "alice",
        _ => "carol",
    }
}

fn refusal_reason(case: &str) -> &'static str {
    match case {
        "no reason" => "",
        _ => "who are you",
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
