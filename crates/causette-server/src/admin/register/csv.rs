//! Entries in the columns of the second of the older programs: `date_time,type,ip,port,donnée`.
//! <https://www.rfc-editor.org/rfc/rfc4180>

use super::entered::Entered;
use super::writing::Writing;
use crate::admin::plain::clean_lines;
use causette_core::imported::NOBODY;
use causette_store::register::{Keeping, Listed, Named};

/// The first line.
pub(super) const HEADINGS: &str = "date_time,type,ip,port,donnée\r\n";

/// What a cell begins with that a spreadsheet takes for a formula. <https://owasp.org/www-community/attacks/CSV_Injection>
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What the metadata of an event have for programs.
const OF_EVENTS: [&str; 5] = ["msgid", "nature", "pseudo", "message", "portee"];

/// What the server is called in the column of addresses, and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) name: String,
    pub(super) port: u16,
}

/// The line of an entry.
pub(super) fn line(listed: &Listed, own: &Own, writing: &Writing) -> String {
    let (kind, [address, port]) = whose(listed, own);
    let day = writing.shown(listed.time, "%d/%m/%Y %H:%M:%S");
    let cells = [day, kind, address, port, said(listed)];
    let cells = cells.map(|cell| quoted(&clean_lines(&cell)));
    format!("{}\r\n", cells.join(","))
}

/// The columns `type`, `ip` and `port`, as the view `connexion` has them of what was said.
fn whose(listed: &Listed, own: &Own) -> (String, [String; 2]) {
    let own = [own.name.clone(), own.port.to_string()];
    let Some(entered) = Entered::of(listed) else {
        return match client(listed) {
            Some(name) => (format!("client_{name}"), came(listed)),
            None => ("serveur".to_owned(), own),
        };
    };
    let kind = match entered.name {
        _ if entered.is_of_server => "serveur".to_owned(),
        NOBODY => NOBODY.to_owned(),
        name => format!("client_{name}"),
    };
    let place = match entered.is_imported {
        true => came(listed),
        false if entered.is_of_server => own,
        // Who let it pass came by a connection of their own.
        false => Default::default(),
    };
    (kind, place)
}

/// From where it came, as far as that is known.
fn came(listed: &Listed) -> [String; 2] {
    let Some(origin) = listed.origin else {
        return Default::default();
    };
    let port = origin.port.map(|port| port.to_string());
    [origin.address.to_string(), port.unwrap_or_default()]
}

/// Who did it, where that was neither the server nor who runs it.
fn client(listed: &Listed) -> Option<String> {
    match &listed.actor {
        Named::Server | Named::System(_) | Named::Room { .. } => None,
        actor => Some(actor.to_string()),
    }
}

/// What was said, or what happened in the words of the register.
fn said(listed: &Listed) -> String {
    match (&listed.said, listed.keeping) {
        (Some(said), _) if listed.kind == "message.creation" => said.text.clone(),
        (_, Keeping::Erased { .. }) => format!("{} (effacé)", listed.kind),
        (said, _) => {
            let target = listed.target.as_ref().map(ToString::to_string);
            let rooms = listed.rooms.iter().map(ToString::to_string);
            let text = said.as_ref().map(|said| said.text.clone());
            let meta = listed.meta.iter();
            let meta = meta
                .filter(|(key, _)| said.is_none() || !OF_EVENTS.contains(&key.as_str()))
                .map(|(key, value)| format!("{key}={value}"));
            let words = std::iter::once(listed.kind.clone())
                .chain(target)
                .chain(rooms)
                .chain(text)
                .chain(meta);
            let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
            words.join(" ")
        }
    }
}

/// A cell. What a spreadsheet would compute has an apostrophe before it.
fn quoted(cell: &str) -> String {
    let mark = if cell.starts_with(FORMULAS) { "'" } else { "" };
    if mark.is_empty() && !cell.contains([',', '"', '\n', '\r']) {
        return cell.to_owned();
    }
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_core::id::UserId;
    use causette_proto::Timestamp;
    use causette_store::register::{Origin, Said};

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_the_line() {
        for (cell, written) in [
            ("hello", "hello"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+33 1", "\"'+33 1\""),
            ("-2", "\"'-2\""),
            ("@all", "\"'@all\""),
            ("\tx", "\"'\tx\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }

    /// A message as the register gives it, of who came from 192.0.2.7.
    fn message(actor: Named, author: Option<UserId>, [source, tags]: [&str; 2]) -> Listed {
        Listed {
            seq: 7,
            time: Timestamp(0),
            category: 1,
            kind: "message.creation".to_owned(),
            actor,
            target: None,
            origin: Some(Origin {
                address: [192, 0, 2, 7].into(),
                port: Some(9_999),
                local_port: Some(52_020),
            }),
            rooms: Vec::new(),
            said: Some(Said {
                source: source.to_owned(),
                account: None,
                text: "hello".to_owned(),
                tags: tags.to_owned(),
            }),
            meta: author
                .map(|author| ("auteur".to_owned(), author.0.to_string()))
                .into_iter()
                .collect(),
            keeping: Keeping::Whole,
            redacted: None,
        }
    }

    #[test]
    fn a_message_is_its_authors_whoever_has_entered_it() {
        let own = Own {
            name: "irc.test".to_owned(),
            port: 52_020,
        };
        let system = || Named::System("root".to_owned());
        let alice = || Named::Account {
            id: 8,
            name: Some("alice".to_owned()),
            is_gone: false,
        };
        let (server, administration) = (Some(UserId::SERVER), Some(UserId::ADMINISTRATION));
        let (bob, imported) = (Some(UserId(12)), "+causette/imported=b");
        let by_admin = "Administration!administration@irc.test";
        for (actor, author, said, shown) in [
            (
                alice(),
                None,
                ["alice!a@h", ""],
                ["client_alice", "192.0.2.7", "9999"],
            ),
            // Let pass, whatever its author has made it look like.
            (alice(), bob, ["bob!b@h", ""], ["client_bob", "", ""]),
            (alice(), bob, ["bob!b@h", imported], ["client_bob", "", ""]),
            (
                alice(),
                administration,
                [by_admin, ""],
                ["serveur", "irc.test", "52020"],
            ),
            (
                system(),
                administration,
                [by_admin, ""],
                ["serveur", "irc.test", "52020"],
            ),
            (
                system(),
                None,
                ["irc.test", ""],
                ["serveur", "irc.test", "52020"],
            ),
            (
                Named::Server,
                None,
                ["irc.test", ""],
                ["serveur", "irc.test", "52020"],
            ),
            (
                system(),
                bob,
                ["bob!b@h", imported],
                ["client_bob", "192.0.2.7", "9999"],
            ),
            (
                system(),
                administration,
                [by_admin, imported],
                ["serveur", "192.0.2.7", "9999"],
            ),
            (
                system(),
                None,
                ["eve!import@irc.test", imported],
                ["client_eve", "192.0.2.7", "9999"],
            ),
            (
                system(),
                server,
                ["*import!import@irc.test", imported],
                ["*import", "192.0.2.7", "9999"],
            ),
        ] {
            let listed = message(actor, author, said);
            let (kind, [address, port]) = whose(&listed, &own);
            assert_eq!([&*kind, &*address, &*port], shown, "{listed:?}");
        }
    }
}
