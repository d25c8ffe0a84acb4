//! Program B: the tables `authentification(id, mdp, ip)` and `connexion(date_time, type, ip, port, donnée)` of a MySQL database, from a
//! dump or from wherever their rows come.
//!
//! In B whoever sat at the server's terminal conversed with one client after the other. So what `client_mimi` sent was said to those who
//! ran the server, and what `serveur` said was said to the client that had written last, or else to the next one.

use super::date;
use super::dump::{Damage, Dump, Table, What};
use super::old::{By, Login, Old, OldAccount, OldLine, Place, To, mark};
use super::report::Problem;
use super::text;
use causette_core::secret::Secret;
use causette_proto::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::net::IpAddr;

/// The two tables.
pub(super) const TABLES: [Table; 2] = [
    Table {
        name: "authentification",
        columns: &["id", "mdp", "ip"],
    },
    Table {
        name: "connexion",
        columns: &["date_time", "type", "ip", "port", "donnée"],
    },
];

/// What stands before the name of a client.
const CLIENT: &str = "client_";
/// How the server calls itself.
const SERVER: &str = "serveur";

/// A row, and where it stands.
pub(super) type Numbered = (u64, Vec<Vec<u8>>);

/// The rows of both tables, from a dump; what is damaged in it is told.
pub(super) fn of_dump(file: &str, dump: Dump, problems: &mut Vec<Problem>) -> [Vec<Numbered>; 2] {
    let mut rows = [Vec::new(), Vec::new()];
    for row in dump.rows {
        rows[row.table].push((row.line, row.cells));
    }
    for Damage { line, what } in dump.damages {
        let place = Place {
            file: file.to_owned(),
            line,
        };
        problems.push(match what {
            What::Row => Problem::left_out(&place, "import-damaged-row"),
            What::Cut => Problem::left_out(&place, "import-damaged-cut"),
            What::End => Problem::left_out(&place, "import-damaged-end"),
            What::Width { found, expected } => Problem::left_out(&place, "import-damaged-width")
                .with("found", found.to_string())
                .with("expected", expected.to_string()),
            What::Columns { table, column } => Problem::left_out(&place, "import-damaged-columns")
                .with("table", table)
                .with("column", column),
        });
    }
    rows
}

/// The accounts in the rows of `authentification`.
pub(super) fn accounts(file: &str, rows: impl IntoIterator<Item = Numbered>, old: &mut Old) {
    for (line, row) in rows {
        let [id, mdp, ip] = cells(row);
        let place = Place {
            file: file.to_owned(),
            line,
        };
        let password = text::of_encoded(&mdp);
        if password.doubtful {
            old.problems
                .push(Problem::noted(&place, "import-password-not-base64"));
        }
        let written = text::of_bytes(&ip);
        let login = match written.trim().parse::<IpAddr>() {
            Ok(address) => Login::From(address.to_canonical()),
            Err(_) => {
                let problem = Problem::noted(&place, "import-address");
                old.problems.push(problem.with("address", shown(&written)));
                Login::FromFirst
            }
        };
        old.accounts.push(OldAccount {
            place,
            name: text::of_bytes(&id),
            password: Secret::new(password.text),
            login,
        });
    }
}

/// The conversations in the rows of `connexion`, in the order of their times.
pub(super) fn lines(
    file: &str,
    rows: impl IntoIterator<Item = Numbered>,
    (zone, written, now): (&TimeZone, Timestamp, Timestamp),
    old: &mut Old,
) {
    let mut lines: Vec<OldLine> = Vec::new();
    let mut last: Option<Timestamp> = None;
    let fallback = written.min(now);
    // Equal rows are told apart by how often each has come.
    let mut seen: HashMap<[u8; 32], u64> = HashMap::new();
    for (line, row) in rows {
        let [date_time, kind, ip, port, data] = cells(row);
        let place = Place {
            file: file.to_owned(),
            line,
        };
        let date_time = text::of_bytes(&date_time);
        match date::read(&date_time, zone) {
            Some(time) if time.0 < 0 => {
                old.problems
                    .push(Problem::noted(&place, "import-date-early"));
            }
            Some(time) if time <= now => {
                if last.is_none() {
                    lines.iter_mut().for_each(|line| line.time = time);
                }
                last = Some(time);
            }
            _ => {
                let problem = Problem::noted(&place, "import-date-wrong");
                old.problems.push(problem.with("date", shown(&date_time)));
            }
        }
        let kind = text::of_bytes(&kind);
        let data_found = text::of_mixed(&data);
        if data_found.doubtful {
            let key = match data_found.decoded {
                true => "import-data-decoded",
                false => "import-data-kept",
            };
            old.problems.push(Problem::noted(&place, key));
        }
        let (by, to, text) = match (kind.trim(), kind.trim().strip_prefix(CLIENT)) {
            (SERVER, _) => (By::Administration, To::Archive, data_found.text),
            (_, Some(name)) => (
                By::Person(name.to_owned()),
                To::Administration,
                data_found.text,
            ),
            (other, None) => {
                let problem = Problem::noted(&place, "import-kind-unknown");
                old.problems.push(problem.with("kind", shown(other)));
                (
                    By::Nobody,
                    To::Archive,
                    format!("{other}: {}", data_found.text),
                )
            }
        };
        let same = mark(&[
            b"b connexion",
            date_time.as_bytes(),
            kind.as_bytes(),
            &ip,
            &port,
            &data,
        ]);
        let count = seen.entry(same).or_default();
        *count += 1;
        lines.push(OldLine {
            place,
            time: last.unwrap_or(fallback),
            by,
            to,
            text,
            from: from(&ip, &port),
            mark: mark(&[&same, &count.to_be_bytes()]),
        });
    }
    lines.sort_by_key(|line| line.time);
    answer(&mut lines);
    old.files.push(lines);
}

/// Says to whom the server spoke.
fn answer(lines: &mut [OldLine]) {
    let client = |line: &OldLine| match (&line.by, &line.to) {
        (By::Person(name), To::Administration) => Some(name.clone()),
        _ => None,
    };
    let mut last = lines.iter().find_map(client);
    for line in lines {
        match client(line) {
            Some(name) => last = Some(name),
            None if line.by == By::Administration => {
                if let Some(name) = &last {
                    line.to = To::Person(name.clone());
                }
            }
            None => {}
        }
    }
}

/// The address and port from which a row came. Of its own rows the server often wrote the machine's name, which is neither.
fn from(ip: &[u8], port: &[u8]) -> Option<(IpAddr, u16)> {
    let address: IpAddr = text::of_bytes(ip).trim().parse().ok()?;
    let port = text::of_bytes(port).trim().parse().unwrap_or_default();
    Some((address.to_canonical(), port))
}

/// As much of a text as helps to find it.
fn shown(text: &str) -> String {
    causette_core::plain(text).chars().take(40).collect()
}

fn cells<const N: usize>(row: Vec<Vec<u8>>) -> [Vec<u8>; N] {
    let mut cells = row.into_iter();
    std::array::from_fn(|_| cells.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_316_400_000_000);

    fn row(line: u64, cells: &[&str]) -> Numbered {
        (
            line,
            cells.iter().map(|cell| cell.as_bytes().to_vec()).collect(),
        )
    }

    fn kinds(old: &Old) -> Vec<(u64, &'static str)> {
        old.problems
            .iter()
            .map(|one| (one.line, one.kind()))
            .collect()
    }

    #[test]
    fn accounts_have_their_password_and_their_address() {
        let mut old = Old::default();
        let rows = [
            row(1, &["mimi", "c29sZWls", "192.168.56.1"]),
            row(2, &["bob", "soleil!", "DESKTOP-X"]),
            row(3, &["zoé", "", "::ffff:192.0.2.7"]),
        ];
        accounts("dump.sql", rows, &mut old);
        let found: Vec<_> = old
            .accounts
            .iter()
            .map(|one| (&*one.name, one.password.expose(), one.login.clone()))
            .collect();
        let from = |text: &str| text.parse().map_or(Login::FromFirst, Login::From);
        assert_eq!(
            found,
            [
                ("mimi", "soleil", from("192.168.56.1")),
                ("bob", "soleil!", Login::FromFirst),
                ("zoé", "", from("192.0.2.7")),
            ]
        );
        assert_eq!(kinds(&old), [(2, "password-not-base64"), (2, "address")]);
    }

    fn conversed(rows: &[Numbered]) -> Old {
        let mut old = Old::default();
        let times = (&TimeZone::UTC, Timestamp(0), NOW);
        lines("dump.sql", rows.to_vec(), times, &mut old);
        old
    }

    #[test]
    fn the_server_speaks_to_who_wrote_last() {
        let old = conversed(&[
            row(
                1,
                &["10/11/2021 19:05:24", "serveur", "DESKTOP-X", "25", "hey"],
            ),
            row(
                2,
                &[
                    "10/11/2021 19:05:30",
                    "client_mimi",
                    "192.168.56.1",
                    "64677",
                    "Q291Y291",
                ],
            ),
            row(
                3,
                &[
                    "10/11/2021 19:05:40",
                    "serveur",
                    "DESKTOP-X",
                    "25",
                    "w6dhIHZhID8=",
                ],
            ),
            row(4, &["hier", "client_bob", "192.168.56.2", "x", "test"]),
            row(
                5,
                &[
                    "10/11/2021 19:05:20",
                    "client_bob",
                    "192.168.56.2",
                    "64678",
                    "moi !",
                ],
            ),
            row(6, &["10/11/2021 19:06:00", "autre", "", "", "6Q=="]),
        ]);
        let person = |name: &str| By::Person(name.to_owned());
        let to = |name: &str| To::Person(name.to_owned());
        let found: Vec<_> = old.files[0]
            .iter()
            .map(|line| {
                (
                    line.place.line,
                    line.by.clone(),
                    line.to.clone(),
                    &*line.text,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (5, person("bob"), To::Administration, "moi !"),
                (1, By::Administration, to("bob"), "hey"),
                (2, person("mimi"), To::Administration, "Coucou"),
                (3, By::Administration, to("mimi"), "ça va ?"),
                (4, person("bob"), To::Administration, "test"),
                (6, By::Nobody, To::Archive, "autre: 6Q=="),
            ]
        );
        assert_eq!(
            kinds(&old),
            [(4, "date-wrong"), (6, "data-kept"), (6, "kind-unknown")]
        );
        let address = "192.168.56.1"
            .parse()
            .ok()
            .map(|address: IpAddr| (address, 64677));
        assert_eq!(
            (old.files[0][2].from, old.files[0][1].from),
            (address, None)
        );
    }

    #[test]
    fn a_row_is_known_again_wherever_it_stands() {
        let hey = [
            "10/11/2021 19:05:24",
            "client_mimi",
            "192.168.56.1",
            "64677",
            "hey",
        ];
        let marks = |rows: &[Numbered]| {
            let old = conversed(rows);
            let mut marks: Vec<_> = old.files[0].iter().map(|line| line.mark).collect();
            marks.sort_unstable();
            marks
        };
        let later = [
            "10/11/2021 19:05:25",
            "client_mimi",
            "192.168.56.1",
            "64677",
            "hey",
        ];
        let one = marks(&[row(1, &hey), row(2, &later), row(3, &hey)]);
        let other = marks(&[row(7, &later), row(8, &hey), row(9, &hey)]);
        assert_eq!(one, other);
        assert!(one.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
