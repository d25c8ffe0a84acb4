//! What was imported, as whoever has to answer an enquiry looks at it: the view `connexion` of each engine, the columns of
//! `causette audit search --format csv`, and its table tell one story.

use crate::import::{A, B, folder, told};
use crate::other_program::open;
use crate::support::{Folder, QUICK, Server};
use causette_testbed::{Database, urls_from_environment};
use rustix::process::Signal;

/// Program B's rows, by its own statements: of who has an account, of who has none, and of whoever sat at the server.
const DUMP: &str = "INSERT INTO authentification VALUES ('mimi','bWVsdWZlLWJsZXVz','127.0.0.7');
INSERT INTO connexion VALUES
('18/09/2022 21:02:31','client_mimi','192.168.56.1','64677','Bonjour'),
('18/09/2022 21:02:32','client_eve','10.0.0.1','4444','je suis eve'),
('18/09/2022 21:02:33','client_la voisine','10.0.0.2','?','je suis là'),
('18/09/2022 21:02:37','serveur','192.168.56.9','52020','hey'),
('18/09/2022 21:02:38','serveur','DESKTOP-X','25','toc toc'),
('18/09/2022 21:02:39','mystere','10.0.0.3','5555','qui sait');";

/// Type, address, port and text of each message.
const SHOWN: [[&str; 4]; 19] = [
    ["client_mimi", "192.168.56.1", "64677", "Bonjour"],
    ["client_eve", "10.0.0.1", "4444", "je suis eve"],
    // Of a name that was no nickname the text tells how it was.
    [
        "client_la_voisine",
        "10.0.0.2",
        "",
        "la voisine: je suis là",
    ],
    ["serveur", "192.168.56.9", "52020", "hey"],
    ["serveur", "", "", "toc toc"],
    ["*import", "10.0.0.3", "5555", "mystere: qui sait"],
    ["client_camille", "", "", "Bonjour tout le monde"],
    ["client_Jean-Paul", "", "", "salut camille"],
    ["client_camille", "", "", "à demain à 18h ?"],
    ["client_Jean-Paul", "", "", "oui"],
    ["client_camille", "", "", "le code est 4521"],
    [
        "*import",
        "",
        "",
        "[12/11/2021 18:05:00] bob a rejoint le chat",
    ],
    ["*import", "", "", "Serveur demarre sur 127.0.0.1:52020"],
    [
        "*import",
        "",
        "",
        "[12/11/2021 18:02:11] Nouvelle connexion : ('127.0.0.1', 50012)",
    ],
    [
        "*import",
        "",
        "",
        "[12/11/2021 18:02:30] Inscription de camille",
    ],
    [
        "*import",
        "",
        "",
        "[12/11/2021 18:03:02] Inscription de Jean Paul",
    ],
    [
        "*import",
        "",
        "",
        "[12/11/2021 18:04:40] TrfU : camille a envoye recette.pdf",
    ],
    [
        "*import",
        "",
        "",
        "[12/11/2021 18:06:00] Kill : bob (Raison : langage)",
    ],
    ["*import", "", "", "Arret du serveur"],
];

/// What the view has, without the times.
fn viewed(folder: &Folder, database: Option<&Database>) -> Vec<[String; 4]> {
    let select = "SELECT type, ip, port, donnée FROM connexion";
    let mut rows: Vec<[String; 4]> = match database {
        Some(database) => {
            let charset = if database.server().is_postgres() {
                ""
            } else {
                "SET NAMES utf8mb4; "
            };
            let shown = database.query(&format!("{charset}{select}")).unwrap();
            let row = |line: &str| -> Vec<String> { line.split('\t').map(str::to_owned).collect() };
            shown
                .lines()
                .map(|line| row(line).try_into().unwrap())
                .collect()
        }
        None => {
            let record = open(&folder.path().join("causette-data/causette.db")).unwrap();
            let mut select = record.prepare(select).unwrap();
            let row =
                |row: &rusqlite::Row<'_>| Ok(std::array::from_fn(|place| row.get(place).unwrap()));
            select
                .query_map([], row)
                .unwrap()
                .map(Result::unwrap)
                .collect()
        }
    };
    rows.sort();
    rows
}

/// What the register has in B's columns, without the times.
fn searched(folder: &Folder) -> Vec<[String; 4]> {
    let search = [
        "audit",
        "search",
        "--kind",
        "message.creation",
        "--format",
        "csv",
    ];
    let span = ["--from", "2020-01-01", "--to", "2023-01-01"];
    let (code, lines, error) = told(folder, &[&search[..], &span].concat());
    assert_eq!(code, Some(0), "{error}");
    let row = |line: &str| -> [String; 4] {
        let cells: Vec<&str> = line.splitn(5, ',').collect();
        let cells: [&str; 5] = cells.try_into().unwrap();
        std::array::from_fn(|place| cells[place + 1].trim_matches('"').to_owned())
    };
    let mut rows: Vec<_> = lines.lines().skip(1).map(row).collect();
    rows.sort();
    rows
}

#[test]
fn what_was_imported_is_shown_alike_by_the_views_and_the_register() {
    let servers = urls_from_environment().unwrap();
    let databases = servers
        .iter()
        .map(|server| server.create_database("shown").unwrap());
    let places: Vec<Option<Database>> = std::iter::once(None).chain(databases.map(Some)).collect();
    let mut expected = SHOWN.map(|row| row.map(str::to_owned));
    expected.sort();
    for database in places {
        let folder = folder();
        let url = database
            .as_ref()
            .map(|database| format!("[database]\nurl = \"{}\"\n", database.url()));
        let configuration = format!("{}{QUICK}", url.unwrap_or_default());
        std::fs::write(folder.path().join("causette.toml"), &configuration).unwrap();
        std::fs::write(folder.path().join("dump.sql"), DUMP).unwrap();
        for program in [&A[..], &B] {
            let (code, out, error) = told(&folder, program);
            assert_eq!(code, Some(0), "{out}{error}");
        }
        for program in [&A[..], &B] {
            let (_, out, error) = told(&folder, program);
            assert!(out.contains("Nothing new"), "{out}{error}");
        }
        let server = Server::start(folder.path(), &configuration);
        assert_eq!(viewed(&folder, database.as_ref()), expected);
        assert_eq!(searched(&folder), expected);

        // The table has who has imported it, too.
        let find = |words: &str| {
            let search = [
                "audit", "search", "--lang", "en", "--kind", "message", "--text", words,
            ];
            let (code, out, error) = told(&folder, &search);
            assert_eq!(code, Some(0), "{error}");
            out
        };
        let out = find("Bonjour");
        assert!(
            out.contains("mimi · Administration 192.168.56.1:64677")
                && out.contains("mimi: Bonjour"),
            "{out}"
        );
        let out = find("suis eve");
        assert!(
            out.contains("10.0.0.1:4444") && out.contains("eve: je suis eve"),
            "{out}"
        );
        let out = find("recette.pdf");
        assert!(out.contains("*import: [12/11/2021"), "{out}");
        server.signal(Signal::TERM);
        assert!(server.wait().0.success());
        let (code, out, error) = told(&folder, &["audit", "verify"]);
        assert_eq!((code, &*error), (Some(0), ""), "{out}");
    }
}
