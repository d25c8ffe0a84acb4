//! Passwords that are said to services: where they stand in a line, so that nobody who looks over a shoulder, at the history
//! or into a file of drafts reads them.

use crate::core::command::{by_name, is_command};

/// What stands where a password was said.
const DOTS: &str = "••••••";

/// Names under which networks have the service that knows passwords.
const SERVICES: [&str; 6] = ["nickserv", "ns", "authserv", "userserv", "saslserv", "q"];

/// Names under which networks have services of any kind, where no person has them.
const ALL_SERVICES: [&str; 12] = [
    "nickserv",
    "chanserv",
    "fileserv",
    "authserv",
    "userserv",
    "saslserv",
    "memoserv",
    "hostserv",
    "botserv",
    "operserv",
    "groupserv",
    "bouncerserv",
];

/// Its commands, behind which a password may come.
const TELLING: [&str; 16] = [
    "IDENTIFY",
    "ID",
    "LOGIN",
    "AUTH",
    "REGISTER",
    "SAREGISTER",
    "GHOST",
    "RECOVER",
    "REGAIN",
    "RELEASE",
    "DROP",
    "UNREGISTER",
    "SETPASS",
    "PASSWD",
    "PASSWORD",
    "GROUP",
];

/// Commands of the wire, and such as people type for them, behind which a password comes.
const WIRE: [&str; 8] = [
    "PASS",
    "OPER",
    "IDENTIFY",
    "REGISTER",
    "AUTHENTICATE",
    "VERIFY",
    "LOGIN",
    "AUTH",
];

/// Whether a name is that of a service that knows passwords.
pub fn knows_passwords(name: &str) -> bool {
    SERVICES.contains(&&*service_name(name))
}

/// Whether a name is that of a service.
pub fn is_service(name: &str) -> bool {
    ALL_SERVICES.contains(&&*service_name(name))
}

fn service_name(name: &str) -> String {
    name.split('@').next().unwrap_or_default().to_lowercase()
}

/// What is said to such a service, without a password that may be in it.
pub fn said_to_service(text: &str) -> String {
    match in_service(text) {
        Some(at) => format!("{}{DOTS}", &text[..at]),
        None => text.to_owned(),
    }
}

/// Where in what is typed a password begins: in a conversation with such a service, or in a command for it.
pub fn in_line(text: &str, is_to_service: bool) -> Option<usize> {
    in_lines(text, |line| {
        if is_command(line) {
            in_command(line)
        } else {
            is_to_service.then(|| in_order(line))?
        }
    })
}

/// The first place that is found from the beginning of a line on: one that follows is said like the first.
fn in_lines(text: &str, find: impl Fn(&str) -> Option<usize>) -> Option<usize> {
    let others = text.match_indices('\n').map(|(end, _)| end + 1);
    let mut begins = std::iter::once(0).chain(others);
    begins.find_map(|at| find(&text[at..]).map(|place| at + place))
}

fn in_command(line: &str) -> Option<usize> {
    let command = line.trim_start().strip_prefix('/')?;
    let from = |rest: &str| line.len() - rest.len();
    let (word, rest) = split(command)?;
    let word = word.to_lowercase();
    match by_name(&word).map_or(word.as_str(), |known| known.name) {
        "msg" | "notice" | "query" => {
            let (target, words) = split(rest)?;
            let at = in_service(words).filter(|_| knows_passwords(target))?;
            Some(from(words) + at)
        }
        "ns" | "nickserv" => Some(from(rest) + in_service(rest)?),
        "quote" => in_wire(rest).map(|at| from(rest) + at),
        _ => in_wire(command).map(|at| from(command) + at),
    }
}

/// Where in a line of the wire a password begins.
fn in_wire(line: &str) -> Option<usize> {
    let from = |rest: &str| line.len() - rest.len();
    let (verb, rest) = split(line)?;
    let verb = verb.to_uppercase();
    match verb.as_str() {
        "PRIVMSG" | "NOTICE" => {
            let (target, words) = split(rest)?;
            let words = words.strip_prefix(':').unwrap_or(words);
            let at = in_service(words).filter(|_| knows_passwords(target))?;
            Some(from(words) + at)
        }
        "NS" | "NICKSERV" => {
            let words = rest.strip_prefix(':').unwrap_or(rest);
            Some(from(words) + in_service(words)?)
        }
        verb if WIRE.contains(&verb) => Some(from(rest)),
        _ => None,
    }
}

/// Where in what is said to a service a password begins.
fn in_service(text: &str) -> Option<usize> {
    in_lines(text, in_order)
}

/// The same in one order: everything behind its command may be a password.
fn in_order(text: &str) -> Option<usize> {
    let (word, rest) = split(text)?;
    let from = |rest: &str| text.len() - rest.len();
    let word = word.to_uppercase();
    if word == "SET" || word == "SASET" {
        let (what, rest) = split(rest)?;
        let is_password = ["PASSWORD", "PASS", "PASSWD"].contains(&&*what.to_uppercase());
        return is_password.then(|| from(rest));
    }
    TELLING.contains(&&*word).then(|| from(rest))
}

/// The first word, and what comes behind it; `None` where nothing does.
fn split(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.trim_start().split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    (!rest.is_empty()).then_some((word, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, is_to_service: bool) -> String {
        match in_line(line, is_to_service) {
            Some(at) => format!("{}…", &line[..at]),
            None => line.to_owned(),
        }
    }

    #[test]
    fn a_password_is_hidden_wherever_it_is_said() {
        for (line, expected) in [
            ("/msg NickServ IDENTIFY hunter2", "/msg NickServ IDENTIFY …"),
            ("/m nickserv id amy hunter2", "/m nickserv id …"),
            ("/ns register hunter2 a@b.org", "/ns register …"),
            ("/NICKSERV set password hunter2", "/NICKSERV set password …"),
            (
                "/quote PRIVMSG NickServ :IDENTIFY hunter2",
                "/quote PRIVMSG NickServ :IDENTIFY …",
            ),
            ("/quote NS :IDENTIFY hunter2", "/quote NS :IDENTIFY …"),
            ("/quote PASS hunter2", "/quote PASS …"),
            ("/oper amy hunter2", "/oper …"),
            ("/identify hunter2", "/identify …"),
            (" \n /ns identify hunter2", " \n /ns identify …"),
            ("/private NickServ id hunter2", "/private NickServ id …"),
            (
                "/msg NickServ hello\nid hunter2",
                "/msg NickServ hello\nid …",
            ),
            ("hello\n/ns id hunter2", "hello\n/ns id …"),
        ] {
            assert_eq!(shown(line, false), expected);
        }
        assert_eq!(shown("IDENTIFY hunter2", true), "IDENTIFY …");
        assert_eq!(shown("HELP\n id\nhunter2", true), "HELP\n id\n…");
        assert_eq!(
            said_to_service("Set Password hunter2"),
            format!("Set Password {DOTS}")
        );
        for line in [
            "IDENTIFY hunter2",
            "/msg bob IDENTIFY hunter2",
            "/ns info amy",
            "/msg NickServ SET language fr",
            "/msg NickServ IDENTIFY ",
            "//ns identify",
            "/join #pass",
            "",
        ] {
            assert_eq!(shown(line, false), line);
        }
        assert_eq!(said_to_service("HELP"), "HELP");
        assert!(is_service("NickServ@services.example") && !is_service("Q") && !is_service("bob"));
    }
}
