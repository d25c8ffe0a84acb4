//! Acts that several doors lead to, as one table: whichever door somebody comes by, the same is done, recorded and refused.
//!
//! A cell is an act, a person, a circumstance and a door; what stands in it is compared with what the first door of the row gives. A verb,
//! a word of a service, an order of the administrator's or a wish by HTTP that stands in no row and is not said to be the only
//! door of its act is found.

mod acts;
mod entry;
mod every;
mod files;
mod filters;
mod names;
mod plain;
mod rooms;
mod sanctions;
mod stage;

use acts::{ACTS, Act, Acts, Door};
use causette_core::commands::COMMANDS;
use causette_core::event::What;
use causette_core::filter::FilterAction;
use causette_core::id::{FilterId, HeldId, Room, SanctionId, SessionId, UserId};
use causette_core::input::Wish;
use causette_core::order::{Maker, Order, Portion};
use causette_core::record::{Fact, Mechanism, Record, Who};
use causette_core::right::{self, RIGHTS, Role, may};
use causette_core::sanction::SanctionKind;
use causette_core::secret::Secret;
use entry::ENTRY;
use every::all_doors;
use files::FILES;
use filters::FILTERS;
use names::NAMES;
use plain::{effect, numbers, without_new};
use rooms::ROOMS;
use sanctions::SANCTIONS;
use stage::stage;
use std::collections::BTreeSet;

/// The only doors of their acts. DIE and the stop of the administrator's are told apart on purpose: the people learn who it was.
const ALONE: &str = "ACCEPT, ADMIN, AWAY, BATCH, CAP, CHATHISTORY, DIE, HELP, HELPOP, INFO, INVITE, ISON, JOIN, KICK, LINKS, LIST, \
     LUSERS, MARKREAD, METADATA, MODE, MONITOR, MOTD, NAMES, NICK, NOTICE, OPER, PART, PING, PONG, QUIT, REDACT, RELAYMSG, SETNAME, \
     STATS, TAGMSG, TIME, TOPIC, USER, USERHOST, VERIFY, VERSION, WALLOPS, WHO, WHOIS, WHOWAS, ZNC, NS INFO, NS SESSIONS, \
     NS LOGOUT, NS GHOST, NS CERT, NS DROP, NS HELP, CS REGISTER, CS UNREGISTER, CS TRANSFER, CS OP, CS AMODE, CS \
     INFO, CS REVEAL, CS HELP, SAJOIN, SAMODE, SANICK, order ResetPassword, order ShowFingerprints, order Permit, order Invite, order ListPeople, \
     order ListRooms, order Write, \
     order ListAccounts, order ShowAccount, order GiveRole, order EndSessions, order DropAccount, order SetRegistration, \
     order ListSanctions, order ListFilters, order ListHeld, order EnterBackup, order ListInvitations, order ShowOwnerCode, order GiveToken, order EnterReading, \
     order Suspend, order Resume, order SetLogin, order Unlock, FS LIST, FS INFO, FS GET, FS RELEASE, FS QUOTA, FS HELP, order ListFiles, \
     order ShowFile, order ShowQuota, order SetQuota";

/// Every row.
fn acts() -> impl Iterator<Item = &'static Act> {
    let rows = ACTS.iter().chain(NAMES).chain(ROOMS).chain(SANCTIONS);
    rows.chain(FILTERS).chain(ENTRY).chain(FILES)
}

#[test]
fn an_act_is_the_same_by_every_door() {
    for act in acts() {
        for (who, always) in act.people {
            for (case, refused) in act.cases {
                compare(act, who, case, *always || *refused);
            }
        }
    }
}

/// Compares what the doors of an act do for somebody in a circumstance.
fn compare(act: &Act, who: &str, case: &str, refused: bool) {
    let [first, others @ ..] = act.doors else {
        panic!("{} has no door", act.name);
    };
    let expected = seen(act, first, who, case);
    let changes = |fact: &&String| !fact.starts_with("SignInRefused");
    let changed = expected.facts.iter().find(changes);
    let place = format!("{} by {who}, {case}", act.name);
    assert_eq!(changed.is_none(), refused, "{place}: {changed:?}");
    for door in others {
        let place = format!("{place}: {} beside {}", door.name, first.name);
        let seen = seen(act, door, who, case);
        assert_eq!(seen.facts, expected.facts, "{place}");
        for (index, (by, as_what)) in seen.by.iter().enumerate() {
            match as_what {
                None => assert_eq!(*by, expected.by[index].0, "{place}"),
                Some(acts) => assert!(by.starts_with(&format!("{acts:?}")), "{place}: {by}"),
            }
        }
        assert_eq!(seen.ended, expected.ended, "{place}");
        assert_eq!(seen.effect, expected.effect, "{place}");
        if refused {
            let told = (&seen.told, &expected.told);
            assert!(!seen.told.is_empty(), "{place}");
            let own = door.own_words.iter().any(|own| [who, case].contains(own));
            assert_eq!(told.0 != told.1, own, "{place}: {told:?}");
        }
    }
}

#[test]
fn the_circumstances_are_what_they_are_called() {
    let seen = |name: &str, who, case| {
        let act = acts().find(|act| act.name == name).unwrap();
        seen(act, &act.doors[0], who, case)
    };
    let anew = seen("sign in", "stranger", "right anew").facts;
    let completed = anew.iter().filter(|fact| fact.contains("VerifiedAnew"));
    assert_eq!(completed.count(), 1, "{anew:?}");
    for who in ["alice", "boss"] {
        let ended = seen("take a token back", who, "in use").ended;
        assert_eq!(ended, [format!("{who}'s telephone")]);
    }
}

#[test]
fn every_door_stands_in_the_table() {
    let rows = acts().flat_map(|act| act.doors);
    let mut named: BTreeSet<&str> = rows.map(|door| door.name).collect();
    for name in ALONE.split(", ") {
        assert!(named.insert(name), "{name} is not alone");
    }
    for door in all_doors() {
        // A verb with words of its own is known by them.
        let first = format!("{door} ");
        let known =
            named.contains(door.as_str()) || named.iter().any(|name| name.starts_with(&first));
        assert!(known, "{door} has no row in ACTS, nor is it in ALONE");
    }
}

/// What each right opens, as lines of IRC; the msgid is that of what alice has said. What only shows something leaves no trace, and
/// what is asked for over the socket no line leads to.
const BEHIND: &[(right::Act, &[&str])] = &[
    (
        right::Act::MakeAccount,
        &["NS SAREGISTER carol correct-horse-battery"],
    ),
    (right::Act::ResetPassword, &[]),
    (right::Act::SetLogin, &[]),
    (right::Act::InspectAccount, &[]),
    (right::Act::InspectPerson, &[]),
    (right::Act::HearOfActs, &[]),
    (right::Act::ListOperators, &[]),
    (right::Act::EndConnections, &["KILL alice :why"]),
    (
        right::Act::Sanction,
        &[
            "UBAN ADD alice 1h :why",
            "KLINE 1h alice :why",
            "DLINE 1h 203.0.113.0/24 :why",
            "MUTE alice 1h :why",
        ],
    ),
    (right::Act::GiveRole, &[]),
    (right::Act::EndSessions, &[]),
    (right::Act::DropAccount, &[]),
    (
        right::Act::Approve,
        &["NS APPROVE carol", "NS REFUSE carol who are you"],
    ),
    (right::Act::SetRegistration, &[]),
    (right::Act::WriteAsAdministration, &[]),
    (
        right::Act::RuleChannels,
        &[
            "CS UNREGISTER #room #room",
            "CS TRANSFER #room bob",
            "CS AMODE #room +v bob",
            "CS CLOSE #room why",
            "CS TAKEOVER #room bob why",
            "SAMODE #room +m",
            "SANICK alice other",
            "RENAME #room #other :why",
        ],
    ),
    (right::Act::RedactAnywhere, &["REDACT #room {msgid} :spam"]),
    (right::Act::Announce, &["ALERT :hear", "WALLOPS :hear"]),
    (right::Act::Invite, &[]),
    (right::Act::ShowFingerprints, &[]),
    (right::Act::Backup, &[]),
    (
        right::Act::Filter,
        &[
            "CS FILTER ADD drop ham why",
            "CS FILTER DEL 1 why",
            "CS FILTER RELEASE 1",
            "CS FILTER DISCARD 1",
        ],
    ),
    (right::Act::RenameAccount, &["NS RENAME alice other why"]),
    (right::Act::GiveToken, &[]),
    (right::Act::Upload, &[]),
    (
        right::Act::RuleFiles,
        &["FS QUARANTINE 1 why", "FS DELETE 1 why"],
    ),
    (right::Act::SetQuota, &[]),
    (right::Act::ReadRegister, &[]),
    (right::Act::Inspect, &[]),
    (right::Act::Reload, &["REHASH"]),
    (right::Act::Stop, &["DIE"]),
];

#[test]
fn only_who_has_the_right_to_an_act_changes_anything() {
    let named: Vec<_> = BEHIND.iter().map(|(act, ..)| act).collect();
    let rights: Vec<_> = RIGHTS.iter().map(|(act, ..)| act).collect();
    assert_eq!(named, rights, "each right has its line in BEHIND");
    let people = [
        ("guest", Role::Guest),
        ("bob", Role::User),
        ("boss", Role::Admin),
    ];
    for (act, lines) in BEHIND {
        for (line, (name, role)) in lines
            .iter()
            .flat_map(|line| people.map(|person| (line, person)))
        {
            let mut world = match act {
                // Somebody has to wait.
                right::Act::Approve => stage("approve an account", ""),
                // Something has to be looked for, and to wait.
                right::Act::Filter => stage("decide about a message", ""),
                right::Act::RuleFiles => stage("put a file aside", ""),
                _ => stage("", ""),
            };
            world.say_all(name, "CAP REQ :draft/message-redaction");
            // An operator has to be there to take something back.
            world.say_all(name, "JOIN #room");
            world.say_all("alice", "PRIVMSG #room :something");
            let line = line.replace("{msgid}", &world.memory.last_msgid());
            world.log = Some(Vec::new());
            let told = world.say_all(name, &line);
            let changed = world.log.iter().flatten().next().is_some();
            assert_eq!(changed, may(role, *act), "{line} by {name}: {told}");
        }
    }
}

/// What is compared.
struct Seen {
    facts: Vec<String>,
    /// Who acts by each, and as what it should be where it is as something else than by the first door.
    by: Vec<(String, Option<Acts>)>,
    /// Whose connections ended, of those that there were.
    ended: Vec<String>,
    effect: String,
    told: String,
}

fn seen(act: &Act, door: &Door, who: &str, case: &str) -> Seen {
    let mut world = stage(act.name, case);
    let known = numbers(&effect(&world));
    let there = world.names.clone();
    world.clear();
    world.log = Some(Vec::new());
    let told = (door.ask)(&mut world, who, case);
    world.settle();
    let records = world.log.take().unwrap();
    for record in &records {
        check_who(record, door);
    }
    let comes = |fact: &Fact| matches!(fact, Fact::SessionOpened { .. });
    let of_act = records.iter();
    let of_act = of_act.filter(|record| (act.facts)(&record.fact) && !comes(&record.fact));
    // What those who run the server read of it bears the name of who asked.
    let of_act = of_act.filter(|record| !is_kept_act(&record.fact));
    let of_act: Vec<&Record> = of_act.collect();
    let facts = of_act.iter();
    let by = of_act.iter();
    let closed = |session: &SessionId| {
        let mut delivered = world.delivered.iter();
        delivered.any(|(to, line)| to == session && line == "(closed)")
    };
    let ended = there.iter().filter(|(_, session)| closed(session));
    Seen {
        ended: ended.map(|(name, _)| name.clone()).collect(),
        by: by
            .map(|record| (actor(record), (door.acts_as)(&record.fact)))
            .collect(),
        facts: facts
            .map(|record| without_new(&plain(&record.fact), &known))
            .collect(),
        effect: without_new(&effect(&world), &known),
        told,
    }
}

/// Whether a fact only keeps what was done in the channel of those who run the server.
fn is_kept_act(fact: &Fact) -> bool {
    match fact {
        Fact::Event { event, rooms } => {
            event.author == UserId::ADMINISTRATION
                && matches!(rooms[..], [Room::Channel(_)])
                && matches!(event.what, What::Said { .. })
        }
        Fact::RoomOpened { name, .. } => name.as_str() == "#administration",
        _ => false,
    }
}

/// Who asks over the socket is named, and nobody else is taken for them. That a connection ends is its own.
fn check_who(record: &Record, door: &Door) {
    let quits = |what: &What| matches!(what, What::Quit { .. });
    match &record.fact {
        // That an empty channel closes the server sees to, whoever emptied it.
        Fact::RoomClosed { .. } => return assert_eq!(record.by, Who::Server),
        // Nor whoever is the first to be kept.
        Fact::RoomOpened { name, .. } if name.as_str() == "#administration" => return,
        // Masks and channels that go on meaning what they meant follow by themselves.
        Fact::Event { event, .. } if event.author == UserId::SERVER => return,
        Fact::SessionClosed { .. } => return,
        Fact::Event { event, .. } if quits(&event.what) => return,
        _ => {}
    }
    let by_system = matches!(&record.by, Who::System(name) if name == "root");
    assert_eq!(
        by_system,
        door.name.starts_with("order ") || door.name == "the socket",
        "{}: {record:?}",
        door.name
    );
}

/// Who acts by a record. A guest is their connection, which is another one by another door.
fn actor(record: &Record) -> String {
    match record.by {
        Who::Guest(user) if record.session.map(UserId::from) == Some(user) => "Guest".to_owned(),
        ref by => format!("{by:?}"),
    }
}

/// A fact without the way it came.
fn plain(fact: &Fact) -> String {
    let mut fact = fact.clone();
    if let Fact::SignedIn { mechanism, .. } | Fact::SignInRefused { mechanism, .. } = &mut fact {
        *mechanism = Mechanism::Plain;
    }
    if let Fact::Sanctioned(sanction) = &mut fact {
        // Who sits at the machine is an owner.
        sanction.role = Role::Owner;
        // Who is named in the record besides.
        sanction.by = "".into();
        sanction.role = Role::Owner;
    }
    if let Fact::FilterSet(filter) = &mut fact {
        filter.by = "".into();
    }
    format!("{fact:?}")
}
