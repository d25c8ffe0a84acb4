//! What each command answers to each kind of person, as one table: `tests/roles.txt`, which `UPDATE_EXPECT=1` rewrites.
//!
//! A cell holds what the session is given, in order: numerics, verbs, and the codes of FAIL and WARN. The same lines are
//! sent with a label, which must not change what is answered.

use crate::settings::settings;
use crate::world::World;
use causette_core::commands::COMMANDS;
use causette_core::id::SessionId;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// Who sends the lines: their place in `#room`, which `founder` has registered.
const ROLES: [&str; 7] = [
    "outsider", "member", "voiced", "halfop", "chanop", "founder", "oper",
];

const CAPABILITIES: &str = "batch labeled-response standard-replies message-tags echo-message draft/multiline \
     draft/message-redaction draft/relaymsg draft/read-marker setname";

/// At least one line of every command: what works, and what is refused.
pub(crate) const LINES: &[&str] = &[
    "ACCEPT *",
    "ACCEPT member",
    "ACCEPT -member",
    "ACCEPT nobody",
    "ADMIN",
    "ALERT :hear",
    "AUTHENTICATE PLAIN",
    "AWAY :tea",
    "AWAY",
    "BATCH +x draft/multiline #room",
    "BATCH -x",
    "CAP LIST",
    "CAP NONSENSE",
    "CHANSERV HELP",
    "CHATHISTORY LATEST #room * 5",
    "CHATHISTORY LATEST #nowhere * 5",
    "CHATHISTORY NONSENSE",
    "CS CLOSE #room spam",
    "CS FILTER ADD drop spam why",
    "CS FILTER LIST",
    "CS FILTER RELEASE 1",
    "CS INFO #room",
    "CS AMODE #room",
    "CS AMODE #room +v member",
    "CS OP #room",
    "CS REGISTER #room",
    "CS REVEAL #room",
    "CS REVEAL #room #room",
    "CS TAKEOVER #room member gone",
    "CS TRANSFER #room member",
    "CS UNREGISTER #room #room",
    "DEVICE ADD :my telephone",
    "DEVICE LIST",
    "DEVICE DEL 1",
    "DEVICE NONSENSE",
    "DIE",
    "DLINE 203.0.113.0/24 :open proxy",
    "DLINE 1h 203.0.113.9 :open proxy",
    "FILESERV HELP",
    "FS DELETE 1 why",
    "FS GET 1",
    "FS INFO 1",
    "FS INFO 9",
    "FS LIST",
    "FS LIST all",
    "FS QUARANTINE 1 why",
    "FS QUOTA",
    "FS RELEASE 1 why",
    "FS REVOKE 1 member",
    "FS SEND member 1",
    "FS SHARE 1 public",
    "FS UPLOAD tea.txt for #room",
    "FS UPLOAD tea.txt for member",
    "HELP JOIN",
    "HELP nonsense",
    "HELPOP",
    "INFO",
    "INVITE",
    "INVITE outsider #room",
    "INVITE nobody #room",
    "INVITE outsider #nowhere",
    "ISON member",
    "JOIN #room",
    "JOIN #new",
    "JOIN nonsense",
    "KICK #room member :out",
    "KICK #room founder :out",
    "KICK #room nobody :out",
    "KICK #nowhere member",
    "KILL nobody :why",
    "KLINE 1h nobody!*@* :spam",
    "KLINE *!*@* :spam",
    "LANGUAGE fr",
    "LANGUAGE tlh",
    "LINKS",
    "LIST #room",
    "LUSERS",
    "MARKREAD #room",
    "MARKREAD",
    "METADATA * SET display-name :Mona",
    "METADATA * GET display-name",
    "METADATA * SUB avatar",
    "METADATA * SYNC",
    "METADATA * NONSENSE",
    "METADATA member LIST",
    "METADATA member SET avatar https://example.org/a.png",
    "METADATA nobody LIST",
    "METADATA #room SET avatar https://example.org/a.png",
    "METADATA #room CLEAR",
    "METADATA #room SYNC",
    "METADATA #nowhere LIST",
    "MODE #room",
    "MODE #room b",
    "MODE #room e",
    "MODE #room +b nobody!*@*",
    "MODE #room +m",
    "MODE #room +C",
    "MODE #room +S 30",
    "MODE #room +S never",
    "MODE #room +v member",
    "MODE #room +h member",
    "MODE #room +o member",
    "MODE #room +q member",
    "MODE #room -o chanop",
    "MODE #room -q founder",
    "MODE #room +z",
    "MODE #nowhere",
    "MODE member",
    "MONITOR + member",
    "MONITOR nonsense",
    "MOTD",
    "MUTE member 30m :noise",
    "MUTE member",
    "NAMES #room",
    "NAMES #nowhere",
    "NICK other",
    "NICK member",
    "NICK 1nonsense",
    "NICKSERV INFO",
    "NOTICE #room :hello",
    "NOTICE #nowhere :hello",
    "NS HELP",
    "NS APPROVE member",
    "NS REFUSE member why",
    "NS WAITING",
    "NS OWNER 0000-0000-0000-0001",
    "NS OWNER",
    "NS RENAME member other why",
    "OPER boss wrong",
    "PART #room :bye",
    "PART #nowhere",
    "PASS secret",
    "PING token",
    "PING",
    "PONG token",
    "PRIVMSG #room :hello",
    "PRIVMSG @#room :hello",
    "PRIVMSG member :hello",
    "PRIVMSG Administration :hello",
    "PRIVMSG nobody :hello",
    "PRIVMSG #room",
    "PRIVMSG",
    "QUIT :bye",
    "REDACT #room 0000",
    "REDACT #nowhere 0000",
    "REGISTER other * correct-horse-battery",
    "REGISTER other 0000-0000-0000-0001 correct-horse-battery",
    "REHASH",
    "RELAYMSG #room alice/net :hello",
    "RELAYMSG #nowhere alice/net :hello",
    "RENAME #room #other :why",
    "RENAME #room #room",
    "RENAME #nowhere #other",
    "SAJOIN outsider #room",
    "SAJOIN nobody #room",
    "SAMODE #room +m",
    "SAMODE #nowhere +m",
    "SANICK member other",
    "SANICK nobody other",
    "SETNAME :Other",
    "SETNAME :",
    "STATS u",
    "STATS o",
    "TAGMSG #room",
    "TIME",
    "TOPIC #room",
    "TOPIC #room :new",
    "TOPIC #nowhere",
    "UBAN ADD member 1h :spam",
    "UBAN ADD nobody :spam",
    "UBAN ADD oper :spam",
    "UBAN DEL member :again",
    "UBAN LIST",
    "UBAN INFO member",
    "UBAN NONSENSE",
    "UNDLINE 203.0.113.0/24 :over",
    "UNKLINE 1 :over",
    "UNMUTE member :over",
    "USER x 0 * :x",
    "USERHOST member",
    "VERIFY a b",
    "VERSION",
    "WALLOPS :hear",
    "WHO #room",
    "WHO member %na",
    "WHOIS Administration",
    "WHOIS member",
    "WHOIS nobody",
    "WHOWAS nobody",
    "ZNC *playback PLAY *",
    "ZNC *playback PLAY #nowhere",
    "ZNC *status version",
    "NONSENSE",
];

/// A room with one of each, and whoever is asked about.
fn world() -> World {
    let mut world = World::new(settings());
    for role in ROLES {
        // One address may not sign up so many.
        world.place += 1;
        world.arrive(role, CAPABILITIES);
    }
    let say = |world: &mut World, name: &str, line: &str| {
        let session = world.names[name];
        world.say(session, line);
        world.settle();
    };
    say(&mut world, "founder", "JOIN #room");
    say(&mut world, "founder", "CS REGISTER #room");
    for role in ["member", "voiced", "halfop", "chanop"] {
        say(&mut world, role, "JOIN #room");
    }
    say(
        &mut world,
        "founder",
        "MODE #room +vho voiced halfop chanop",
    );
    say(&mut world, "founder", "CS AMODE #room +o chanop");
    say(&mut world, "oper", "OPER boss :operator's secret");
    world.clear();
    world
}

/// What the session of a role is given for a line.
fn answers(role: &str, line: &str) -> Vec<String> {
    answers_in(world(), role, line)
}

/// The same after another role has said something.
pub(crate) fn answers_after(first: &str, said: &str, role: &str, line: &str) -> Vec<String> {
    let mut world = world();
    let session = world.names[first];
    world.say(session, said);
    world.settle();
    world.clear();
    answers_in(world, role, line)
}

fn answers_in(mut world: World, role: &str, line: &str) -> Vec<String> {
    let session = world.names[role];
    world.say(session, line);
    world.settle();
    given(&world, session)
}

fn given(world: &World, session: SessionId) -> Vec<String> {
    let seen = world.delivered.iter();
    seen.filter(|(to, _)| *to == session)
        .map(|(_, line)| line.clone())
        .collect()
}

/// What a line is: its numeric or verb, with the code of a standard reply.
fn kind(line: &str) -> String {
    let line = line
        .strip_prefix('@')
        .and_then(|line| line.split_once(' '))
        .map_or(line, |(_, line)| line);
    let mut words = line
        .split(' ')
        .filter(|word| !word.starts_with(':'))
        .peekable();
    let verb = words.next().unwrap_or_default();
    match verb {
        "FAIL" | "WARN" | "NOTE" => format!("{verb}:{}", words.nth(1).unwrap_or_default()),
        verb => verb.to_owned(),
    }
}

#[test]
fn every_command_answers_every_role_as_the_table_says() {
    let mut table = String::from("# What each line is answered, by the role of who sends it.\n");
    for line in LINES {
        let _ = writeln!(table, "\n{line}");
        for role in ROLES {
            let mut kinds: Vec<String> =
                answers(role, line).iter().map(|line| kind(line)).collect();
            kinds.dedup();
            let silent = kinds.is_empty();
            let cell = if silent {
                "(nothing)".to_owned()
            } else {
                kinds.join(" ")
            };
            let _ = writeln!(table, "    {role:<9} {cell}");
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/roles.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let different = expected
        .lines()
        .zip(table.lines())
        .find(|(expected, seen)| expected != seen);
    assert!(
        expected == table,
        "the table differs, first in {different:?}; UPDATE_EXPECT=1 writes what is seen now"
    );
}

#[test]
fn the_table_has_every_command() {
    let asked: BTreeSet<&str> = LINES
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    for command in COMMANDS {
        assert!(asked.contains(command.verb), "{} has no line", command.verb);
    }
}

#[test]
fn a_label_changes_nothing_of_an_answer() {
    for line in LINES {
        for role in ["outsider", "member", "chanop", "oper"] {
            let plain = answers(role, line);
            let labelled = answers(role, &format!("@label=L {line}"));
            let verb = line.split(' ').next();
            // The answer to the opening of a batch is that to its end.
            let unlabelled = line.starts_with("BATCH +");
            let with_label = labelled.iter().filter(|line| line.contains("label=L"));
            assert_eq!(
                with_label.count(),
                usize::from(!unlabelled),
                "{role}: {line}\n{labelled:#?}"
            );
            let bare: Vec<String> = labelled.iter().filter_map(|line| unlabel(line)).collect();
            let plain: Vec<String> = plain.iter().filter_map(|line| unlabel(line)).collect();
            // What nobody gets is answered by nothing, but to whoever asks.
            let is_dropped = plain.is_empty() && matches!(verb, Some("NOTICE" | "TAGMSG"));
            if is_dropped && bare.iter().all(|line| line.contains(" FAIL ")) {
                continue;
            }
            assert_eq!(bare, plain, "{role}: {line}");
        }
    }
}

/// A line without what a label adds: the tags `label` and `batch` of the wrapping batch, its two lines, and ACK. Numbers of
/// batches are left out: the wrapping takes one.
fn unlabel(line: &str) -> Option<String> {
    let (tags, rest) = match line.strip_prefix('@') {
        Some(line) => line.split_once(' ').unwrap(),
        None => ("", line),
    };
    let words: Vec<&str> = rest.split(' ').collect();
    if words.get(1) == Some(&"ACK") || words.get(3) == Some(&"labeled-response") {
        return None;
    }
    if words.get(1) == Some(&"BATCH") {
        let heading = words[3..].join(" ");
        return (!heading.is_empty()).then_some(heading);
    }
    let kept: Vec<&str> = tags
        .split(';')
        .filter(|tag| !tag.starts_with("label=") && !tag.starts_with("batch="))
        .collect();
    Some(format!("{} {rest}", kept.join(";")))
}
