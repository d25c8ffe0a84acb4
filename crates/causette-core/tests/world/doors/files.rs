//! The rows of files.

use super::acts::{Act, Acts, Door, door};
use crate::uploads::{self, By, ask, told};
use crate::world::World;
use causette_core::file::{Audience, ComingRef, FileRef};
use causette_core::id::FileId;
use causette_core::input::FileWish;
use causette_core::order::Order;
use causette_core::record::Fact;

/// The acts before which there is a file of alice's, for #room.
pub(super) const WITH_FILE: [&str; 8] = [
    "remove a file",
    "remove a file of another",
    "put a file aside",
    "send a file",
    "take a file back",
    "show a file",
    "speak to FileServ",
    "cancel an upload",
];

pub(super) fn prepare(world: &mut World, act: &str, case: &str) {
    let file = (1, "tea.txt", 3);
    uploads::upload_named(world, "alice", file, uploads::audience("#room")).unwrap();
    if act == "cancel an upload" {
        let wanted = uploads::wanted(2, "cups.txt", 3, Audience::Private);
        ask(world, By::Account("alice"), wanted).unwrap();
    }
    if act == "take a file back" && case != "not sent" {
        world.say_all("alice", "FS SEND bob 1");
    }
    if case == "released" {
        world.say_all("boss", "FS QUARANTINE 1 before");
    }
}

fn is_change(fact: &Fact) -> bool {
    matches!(fact, Fact::FileChanged { .. })
}

/// Asks by HTTP; gives what is told where it is refused.
fn wish(world: &mut World, who: &str, wish: FileWish) -> String {
    match ask(world, By::Account(who), wish) {
        Ok(_) => String::new(),
        Err(undone) => undone.text,
    }
}

const PEOPLE: &[(&str, bool)] = &[("alice", false), ("bob", true), ("guest", true)];

pub(super) const FILES: &[Act] = &[
    Act {
        name: "remove a file",
        people: PEOPLE,
        facts: is_change,
        cases: &[("done", false), ("no such", true)],
        doors: &[
            door("FS DELETE", |world, who, case| {
                world.say_all(who, &format!("FS DELETE {}", number(case)))
            }),
            Door {
                own_words: &["guest"],
                ..door("wish File", |world, who, case| {
                    let (file, reason) = (file(case), "".into());
                    wish(world, who, FileWish::Remove { file, reason })
                })
            },
        ],
    },
    Act {
        name: "remove a file of another",
        people: &[("boss", false)],
        facts: is_change,
        cases: &[("done", false), ("no such", true), ("no reason", true)],
        doors: &[
            door("FS DELETE", |world, who, case| {
                let (number, reason) = (number(case), reason(case));
                world.say_all(who, &format!("FS DELETE {number} {reason}"))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order RemoveFile", |world, _, case| {
                    world.obey(Order::RemoveFile {
                        file: file(case),
                        reason: reason(case).into(),
                    })
                })
            },
        ],
    },
    Act {
        name: "put a file aside",
        people: &[("boss", false)],
        facts: is_change,
        cases: &[("done", false), ("released", false), ("no such", true)],
        doors: &[
            door("FS QUARANTINE", |world, who, case| {
                let word = if case == "released" {
                    "RELEASE"
                } else {
                    "QUARANTINE"
                };
                world.say_all(who, &format!("FS {word} {} enough", number(case)))
            }),
            Door {
                acts_as: |_| Some(Acts::System),
                ..door("order PutFileAside", |world, _, case| {
                    world.obey(Order::PutFileAside {
                        file: file(case),
                        aside: case != "released",
                        reason: "enough".into(),
                    })
                })
            },
        ],
    },
    Act {
        name: "send a file",
        people: PEOPLE,
        facts: is_change,
        cases: &[
            ("done", false),
            ("no such", true),
            ("nobody", true),
            ("oneself", true),
        ],
        doors: &[
            door("FS SEND", |world, who, case| {
                world.say_all(who, &format!("FS SEND {} {}", whom(case), number(case)))
            }),
            Door {
                own_words: &["guest"],
                ..door("wish File", |world, who, case| {
                    let (file, to) = (file(case), whom(case).into());
                    wish(world, who, FileWish::Send { file, to })
                })
            },
        ],
    },
    Act {
        name: "take a file back",
        people: PEOPLE,
        facts: is_change,
        cases: &[("done", false), ("not sent", true), ("nobody", true)],
        doors: &[
            door("FS REVOKE", |world, who, case| {
                world.say_all(who, &format!("FS REVOKE {} {}", number(case), whom(case)))
            }),
            Door {
                own_words: &["guest"],
                ..door("wish File", |world, who, case| {
                    let (file, from) = (file(case), whom(case).into());
                    wish(world, who, FileWish::TakeBack { file, from })
                })
            },
        ],
    },
    Act {
        name: "show a file",
        people: PEOPLE,
        facts: is_change,
        cases: &[
            ("public", false),
            ("link", false),
            ("#room", true),
            ("#nowhere", true),
        ],
        doors: &[
            door("FS SHARE", |world, who, case| {
                world.say_all(who, &format!("FS SHARE 1 {case}"))
            }),
            Door {
                own_words: &["guest"],
                ..door("wish File", |world, who, case| {
                    let audience: Audience = uploads::audience(case);
                    let file = file(case);
                    wish(world, who, FileWish::Share { file, audience })
                })
            },
        ],
    },
    Act {
        name: "speak to FileServ",
        people: PEOPLE,
        facts: |_| true,
        cases: &[("DELETE #1", false), ("DELETE 9", true), ("NONSENSE", true)],
        doors: &[
            door("FS", |world, who, case| {
                world.say_all(who, &format!("FS {case}"))
            }),
            door("FILESERV", |world, who, case| {
                world.say_all(who, &format!("FILESERV {case}"))
            }),
            door("PRIVMSG", |world, who, case| {
                world.say_all(who, &format!("PRIVMSG FileServ :{case}"))
            }),
        ],
    },
    Act {
        name: "cancel an upload",
        people: PEOPLE,
        // That it is done is no fact: what is under way passes with the program.
        facts: is_change,
        cases: &[("no such", true)],
        doors: &[
            door("FS CANCEL", |world, who, case| {
                world.say_all(who, &format!("FS CANCEL {}", coming(case)))
            }),
            Door {
                own_words: &["guest"],
                ..door("wish File", |world, who, case| {
                    let number = ComingRef::Number(coming(case));
                    wish(world, who, FileWish::Cancel(number))
                })
            },
        ],
    },
    Act {
        name: "upload a file",
        people: PEOPLE,
        // What may come is no fact; what may not is.
        facts: |fact| matches!(fact, Fact::FileRefused { .. }),
        cases: &[],
        doors: &[
            door("FS UPLOAD", |world, who, _| {
                world.say_all(who, "FS UPLOAD a")
            }),
            door("wish File", |world, who, _| {
                let result = ask(
                    world,
                    By::Account(who),
                    uploads::wanted(9, "a", 1, Audience::Public),
                );
                told(&result)
            }),
        ],
    },
];

fn number(case: &str) -> u64 {
    if case == "no such" { 9 } else { 1 }
}

/// The number of an upload: the first has become a file.
fn coming(case: &str) -> u64 {
    if case == "no such" { 1 } else { 2 }
}

fn file(case: &str) -> FileRef {
    FileRef::Id(FileId(number(case)))
}

fn whom(case: &str) -> &'static str {
    match case {
        "nobody" => "nobody",
        "oneself" => "alice",
        _ => "bob",
    }
}

fn reason(case: &str) -> &'static str {
    if case == "no reason" { "" } else { "enough" }
}
