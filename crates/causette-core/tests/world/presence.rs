//! Who is there, as one table: what every view says behind every step, `tests/presence.txt`, which `UPDATE_EXPECT=1` rewrites. That the
//! views agree is not left to who reads it.

use crate::settings::settings;
use crate::world::World;
use causette_core::settings::Settings;
use std::fmt::Write;
use std::path::Path;

/// What a cell holds where there is nothing.
const NOTHING: &str = "nothing";

/// Who looks: alice is in the room, carol only monitors, dave is outside, and poll is in the room and knows no capability.
const WITNESSES: [(&str, &str); 4] = [
    (
        "alice",
        "account-notify away-notify batch chghost draft/chathistory draft/event-playback extended-monitor",
    ),
    (
        "carol",
        "account-notify away-notify chghost extended-monitor",
    ),
    ("dave", ""),
    ("poll", ""),
];

/// The names that those go by who are looked at.
const NAMES: [&str; 4] = ["bob", "bobby", "august", "gus"];

/// Somebody who is looked at: their account, once they have one, and the nickname they go by.
#[derive(Clone)]
struct Person {
    account: &'static str,
    nick: &'static str,
}

impl Person {
    fn names(&self) -> Vec<&'static str> {
        let mut names = vec![self.account, self.nick];
        names.dedup();
        names
    }
}

/// What every view says of a person. Nothing is told where they are not there.
struct Views {
    cells: Vec<(&'static str, String)>,
    /// Whether each of the views that say so says that they are there.
    there: Vec<(&'static str, bool)>,
    /// Whether each of those that say so says that they are away.
    away: Vec<(&'static str, bool)>,
}

struct Table {
    world: World,
    text: String,
    /// How much of history was looked at.
    told: usize,
    /// How many there are, in the room too, beside those who look and the one who is looked at.
    beside: usize,
}

impl Table {
    fn new() -> Self {
        let world = World::new(Settings {
            accounts_required: false,
            auto_join: Vec::new(),
            ..settings()
        });
        let mut table = Self {
            world,
            text: "# What every view says of somebody in a room, behind each step: what those in the room are shown, with the capabilities that tell\n\
                   # it and without, and who only monitors them; what history has of it; and what is answered to who asks.\n".to_owned(),
            told: 0,
            beside: 0,
        };
        for (name, capabilities) in WITNESSES {
            table.world.arrive(name, capabilities);
        }
        table.say("alice", "JOIN #tea");
        table.say("poll", "JOIN #tea");
        table.say("alice", "CS REGISTER #tea");
        for name in NAMES {
            table.say("carol", &format!("MONITOR + {name}"));
        }
        table.told = table.history().len();
        table
    }

    /// Says a line, and gives back what who says it is given then.
    fn say(&mut self, name: &str, line: &str) -> Vec<String> {
        let session = self.world.names[name];
        self.world.settle();
        self.world.clear();
        self.world.say(session, line);
        self.world.settle();
        self.world.inboxes[&session].clone()
    }

    /// Somebody connects anew and says some lines.
    fn connects(&mut self, name: &str, lines: &[&str]) {
        let session = self.world.connect(name);
        for line in lines {
            self.world.say(session, line);
        }
        self.world.settle();
    }

    /// Somebody connects who has an account.
    fn signs_in(&mut self, name: &str, account: &str, capabilities: &str) {
        let request = format!("CAP REQ :{capabilities}");
        let pass = format!("PASS {account}:correct-horse-battery");
        let nick = format!("NICK {name}");
        let user = format!("USER {account} 0 * :{account} of the tests");
        self.connects(name, &[&request, &pass, &nick, &user, "CAP END"]);
    }

    /// A program of somebody's connects, at which nobody is.
    fn script(&mut self, account: &str) {
        let pass = format!("PASS {account}:correct-horse-battery");
        let nick = format!("NICK {account}");
        let lines = ["CAP REQ draft/pre-away", "AWAY *", &pass, &nick];
        self.connects("script", &lines);
        self.say("script", "USER script 0 * :a script");
        self.say("script", "CAP END");
    }

    fn restart(&mut self) {
        let mut memory = self.world.memory.clone();
        memory.close_sessions();
        let settings = self.world.core.settings().clone();
        self.world = World::restored(settings, memory, self.world.now);
        for (name, capabilities) in WITNESSES {
            self.signs_in(name, name, capabilities);
        }
        for name in NAMES {
            self.say("carol", &format!("MONITOR + {name}"));
        }
        self.world.clear();
    }

    /// What is on record of the room: joins, quits, ranks and names.
    fn history(&mut self) -> Vec<String> {
        let lines = self.say("alice", "CHATHISTORY LATEST #tea * 500");
        let lines = lines.into_iter().filter(|line| line.contains("batch="));
        lines
            .map(|line| line.split_once(' ').unwrap().1.to_owned())
            .collect()
    }

    /// Does something, and writes down what is seen of it and what every view then says. `away` is `None` where the person is not
    /// there.
    fn step(
        &mut self,
        name: &str,
        person: &Person,
        away: Option<bool>,
        act: impl FnOnce(&mut Self),
    ) {
        self.world.settle();
        self.world.clear();
        self.world.delivered.clear();
        act(self);
        self.world.settle();
        let seen = |world: &World, who: &str| {
            let session = world.names[who];
            let lines = world.delivered.iter();
            let lines = lines.filter(|(to, _)| *to == session);
            let about = |line: &&String| {
                NAMES.iter().any(|name| {
                    line.starts_with(&format!(":{name}!"))
                        || line.ends_with(&format!(" {name}"))
                        || line.contains(&format!(" 730 * :{name}!"))
                        || line.contains(&format!(" 731 * :{name}"))
                })
            };
            let lines: Vec<&String> = lines.map(|(_, line)| line).filter(about).collect();
            joined(&lines)
        };
        let witnessed = [
            ("in the room", seen(&self.world, "alice")),
            ("without capabilities", seen(&self.world, "poll")),
            ("who monitors", seen(&self.world, "carol")),
        ];
        let history = self.history();
        let new: Vec<&String> = history[self.told..].iter().collect();
        let new = joined(&new);
        self.told = history.len();
        let views = self.views(person);
        let _ = writeln!(self.text, "\n## {name}");
        let cells = witnessed.into_iter().chain([("history", new)]);
        for (view, cell) in cells.chain(views.cells) {
            assert!(!cell.is_empty(), "{name}: nothing in the cell {view}");
            let _ = writeln!(self.text, "{view:20} | {cell}");
        }
        for (view, there) in views.there {
            assert_eq!(
                there,
                away.is_some(),
                "{name}: whether they are there, by {view}"
            );
        }
        for (view, found) in views.away {
            let expected = away == Some(true);
            assert_eq!(found, expected, "{name}: whether they are away, by {view}");
        }
    }

    /// What every view says of somebody.
    fn views(&mut self, person: &Person) -> Views {
        let nick = person.nick;
        let names = self.say("poll", "NAMES #tea");
        let names = last(&names, "353");
        let member = names.split(' ').find(|name| bare(name) == nick);
        let who = self.say("poll", "WHO #tea %nfa");
        let who = who.iter().find(|line| line.contains(&format!(" {nick} ")));
        let who = who.map(|line| after(line, "354 poll "));
        let named: Vec<(String, String, String)> = person
            .names()
            .into_iter()
            .map(|name| {
                let whois = self.say("poll", &format!("WHOIS {name}"));
                let ison = self.say("poll", &format!("ISON {name}"));
                let userhost = self.say("poll", &format!("USERHOST {name}"));
                let codes: Vec<&str> = whois
                    .iter()
                    .filter_map(|line| line.split(' ').nth(1))
                    .filter(|code| ["311", "301", "317", "401"].contains(code))
                    .collect();
                (
                    format!("{name}: {}", codes.join(" ")),
                    format!("{name}: {}", or_nothing(last(&ison, "303"))),
                    format!("{name}: {}", or_nothing(last(&userhost, "302"))),
                )
            })
            .collect();
        let monitor = self.say("carol", "MONITOR S");
        let online = last(&monitor, "730").to_owned();
        let monitored: Vec<String> = person
            .names()
            .into_iter()
            .map(|name| {
                let mut sources = online.split(',');
                let found = sources.find(|source| source.starts_with(&format!("{name}!")));
                format!("{name}: {}", if found.is_some() { "730" } else { "731" })
            })
            .collect();
        let listed = numbers(&self.say("dave", "LIST #tea"), "322")[0];
        let lusers = self.say("dave", "LUSERS");
        // The invisible are among those who are counted first.
        let counted = numbers(&lusers, "251")[0];
        // Alice and poll are in the room.
        let (members, people) = (2 + self.beside, WITNESSES.len() + self.beside);
        let limit = self.limit();
        let shown = |found: &str, word: &str| found.contains(word);
        let each = |of: fn(&(String, String, String)) -> &String| {
            let cells: Vec<&str> = named.iter().map(|row| of(row).as_str()).collect();
            cells.join("; ")
        };
        let (whois, ison, userhost) = (each(|row| &row.0), each(|row| &row.1), each(|row| &row.2));
        let monitored = monitored.join("; ");
        let flag = who.as_deref().unwrap_or_default().to_owned();
        let mut there = vec![
            ("NAMES", member.is_some()),
            ("WHO", who.is_some()),
            ("LIST", listed == members + 1),
            ("LUSERS", counted == people + 1),
            ("+l", limit == members + 1),
        ];
        for row in &named {
            there.push(("WHOIS", shown(&row.0, "311")));
            there.push(("ISON", !row.1.ends_with(NOTHING)));
            there.push(("USERHOST", !row.2.ends_with(NOTHING)));
        }
        there.extend(
            monitored
                .split("; ")
                .map(|cell| ("MONITOR", shown(cell, "730"))),
        );
        let away = vec![
            ("WHO", shown(&flag, " G")),
            ("WHOIS", shown(&whois, "301")),
            ("USERHOST", shown(&userhost, "=-")),
        ];
        let cells = vec![
            ("NAMES", or_nothing(member.unwrap_or_default())),
            ("WHO", or_nothing(&flag)),
            ("WHOIS", whois),
            ("ISON", ison),
            ("USERHOST", userhost),
            ("MONITOR", monitored),
            ("LIST", listed.to_string()),
            ("LUSERS", counted.to_string()),
            ("+l", limit.to_string()),
        ];
        Views { cells, there, away }
    }

    /// How many people the limit of the room takes into account: the greatest with which nobody more may enter.
    fn limit(&mut self) -> usize {
        let told = self.told;
        for limit in 1.. {
            self.say("alice", &format!("MODE #tea +l {limit}"));
            let answer = self.say("dave", "JOIN #tea");
            if answer.iter().all(|line| !line.contains(" 471 ")) {
                self.say("dave", "PART #tea");
                self.say("alice", "MODE #tea -l");
                self.told = self.history().len();
                assert!(self.told > told);
                return limit - 1;
            }
        }
        unreachable!("a room is full at some number")
    }
}

fn joined(lines: &[&String]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
    or_nothing(&lines.join(" / "))
}

fn or_nothing(text: &str) -> String {
    let text = if text.is_empty() { NOTHING } else { text };
    text.to_owned()
}

/// The last parameter of the last line of a numeric.
fn last<'a>(lines: &'a [String], numeric: &str) -> &'a str {
    let mut lines = lines.iter().rev();
    let found = lines.find(|line| line.split(' ').nth(1) == Some(numeric));
    let found = found.and_then(|line| line[1..].split_once(" :"));
    found.map_or("", |(_, last)| last)
}

fn after(line: &str, head: &str) -> String {
    line.split_once(head)
        .map_or("", |(_, rest)| rest)
        .to_owned()
}

/// The nickname behind its prefix.
fn bare(name: &str) -> &str {
    name.trim_start_matches(['~', '&', '@', '%', '+'])
}

/// The numbers on the last line of a numeric.
fn numbers(lines: &[String], numeric: &str) -> Vec<usize> {
    let mut lines = lines.iter().rev();
    let line = lines.find(|line| line.split(' ').nth(1) == Some(numeric));
    let words = line.unwrap().split(' ').skip(2);
    let numbers = words.filter_map(|word| word.trim_matches([';', ':']).parse().ok());
    numbers.collect()
}

#[test]
fn every_view_says_the_same_behind_every_step() {
    let mut table = Table::new();
    let bob = Person {
        account: "bob",
        nick: "bob",
    };
    let here = Some(false);
    let away = Some(true);
    table.step("somebody signs up and enters", &bob, here, |table| {
        table.world.arrive("bob", "");
        table.world.say_all("alice", "CS AMODE #tea +v bob");
        table.world.say_all("bob", "JOIN #tea");
    });
    table.step("a second client signs in", &bob, here, |table| {
        table.signs_in("bob2", "bob", "");
    });
    table.step("one of the clients is away", &bob, here, |table| {
        table.world.say_all("bob", "AWAY :at tea");
    });
    table.step("both are away", &bob, away, |table| {
        table.world.say_all("bob2", "AWAY :at the table");
    });
    table.step("who is away enters again", &bob, away, |table| {
        table.world.say_all("bob", "PART #tea");
        table.world.say_all("bob", "JOIN #tea");
    });
    table.step("one client is back", &bob, here, |table| {
        table.world.say_all("bob", "AWAY");
    });
    let bobby = Person {
        nick: "bobby",
        ..bob.clone()
    };
    table.step("another nickname", &bobby, here, |table| {
        table.world.say_all("bob", "NICK bobby");
    });
    table.step("one client leaves", &bobby, away, |table| {
        table.world.drop_session(table.world.names["bob"]);
    });
    table.step("the last client leaves", &bob, away, |table| {
        table.world.drop_session(table.world.names["bob2"]);
    });
    table.step("the server starts again", &bob, away, Table::restart);
    table.step("a script of theirs", &bob, away, |table| {
        table.script("bob");
    });
    table.step("what it says, and its end", &bob, away, |table| {
        table.world.say_all("script", "PRIVMSG #tea :it is done");
        table.world.drop_session(table.world.names["script"]);
    });
    table.step("somebody comes back", &bob, here, |table| {
        table.signs_in("bob", "bob", "");
    });
    table.step("and leaves", &bob, away, |table| {
        table.world.drop_session(table.world.names["bob"]);
    });
    let days = |days: i64| days * 24 * 3600 * 1_000_000;
    table.step("29 days later", &bob, away, |table| {
        table.world.pass(days(29));
        table.world.say_all("alice", "PING x");
    });
    table.step("30 days later", &bob, None, |table| {
        table.world.pass(days(1));
        table.world.say_all("alice", "PING x");
    });
    table.step(
        "the server starts again without them",
        &bob,
        None,
        Table::restart,
    );
    table.step("a script of who is gone", &bob, None, |table| {
        table.script("bob");
    });
    table.step("somebody comes back who was gone", &bob, here, |table| {
        table.signs_in("bob", "bob", "");
    });
    table.step("somebody leaves who does not stay", &bob, None, |table| {
        table.world.say_all("bob", "NS SET always-on off");
        table.world.drop_session(table.world.names["bob"]);
    });
    table.step("the end of their script", &bob, None, |table| {
        table.world.drop_session(table.world.names["script"]);
    });
    let gus = Person {
        account: "gus",
        nick: "gus",
    };
    table.step("a guest enters", &gus, here, |table| {
        table.connects("gus", &["NICK gus", "USER g 0 * :Gus", "JOIN #tea"]);
    });
    let august = Person {
        account: "august",
        ..gus.clone()
    };
    table.step("the guest signs up", &august, here, |table| {
        table
            .world
            .say_all("gus", "REGISTER august * correct-horse-battery");
    });
    let own_name = Person {
        nick: "august",
        ..august
    };
    table.step("who was a guest leaves", &own_name, away, |table| {
        table.world.drop_session(table.world.names["gus"]);
    });
    table.beside = 1;
    table.step("a guest enters beside them", &gus, here, |table| {
        table.connects("gus", &["NICK gus", "USER g 0 * :Gus", "JOIN #tea"]);
    });
    table.step(
        "the guest signs in to an account that is there",
        &gus,
        None,
        |table| {
            table
                .world
                .say_all("gus", "NS IDENTIFY august correct-horse-battery");
        },
    );
    compare(&table.text);
}

/// Compares the table with the one that is kept.
fn compare(seen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/presence.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, seen).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    let pairs = expected.lines().zip(seen.lines());
    let different = pairs
        .enumerate()
        .find(|(_, (expected, seen))| expected != seen);
    assert!(
        expected == seen,
        "UPDATE_EXPECT=1 writes what is seen now, which differs from {different:?} on"
    );
}
