//! The views in Debian's phpMyAdmin, by php-fpm and nginx, for somebody who may read them and nothing else.
//!
//! Where it is not installed the test is left out, and says so; where `CI` is `true` it fails instead.

use crate::scribe::*;
use causette_core::event::Verb;
use causette_core::id::{AccountId, Room, SessionId, UserId};
use causette_core::input::Peer;
use causette_core::record::Fact;
use causette_core::secret::Verifier;
use causette_store::{Access, Store};
use causette_testbed::{AdminUrl, Database, Engine, Options, Server};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where Debian keeps it.
const PHPMYADMIN: &str = "/usr/share/phpmyadmin";

/// What the views show of the messages that [`write`] leaves, in their order.
const SAID: [[&str; 4]; 3] = [
    [
        "client_Alice",
        "192.168.56.1",
        "64677",
        "Bonjour à toutes & à tous, « ça va ? »",
    ],
    ["serveur", "irc.test", "52020", "it's \"closing\" <soon>"],
    ["client_bob", "192.0.2.7", "40000", "Salut"],
];

/// Two people, who say something each, and those who run the server.
fn write(store: &Store) {
    let mut scribe = Scribe::new(store);
    scribe.write(Fact::ServerStarted {
        version: "1".into(),
        name: "irc.test".into(),
    });
    scribe.opens(TEA, "#tea");
    for (author, session, (address, port), text) in [
        (&ALICE, 21, ("192.168.56.1", 64_677), SAID[0][3]),
        (&BOB, 23, ("192.0.2.7", 40_000), SAID[2][3]),
    ] {
        let session = SessionId(session);
        let since = scribe.now();
        scribe.write(Fact::SessionOpened {
            session,
            peer: Peer {
                address: address.parse().unwrap(),
                port,
                ..peer()
            },
            since,
        });
        let fact = Fact::AccountCreated {
            account: AccountId(author.id.0),
            name: account_name(author.account.unwrap()),
            verifier: Verifier("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into()),
            by_administrator: false,
            invitation: None,
            waiting: false,
        };
        scribe.write_from(Some(session), fact);
        let event = scribe.event(author, said(Verb::Privmsg, text));
        let rooms = vec![Room::Channel(TEA)];
        scribe.write_from(Some(session), Fact::Event { rooms, event });
        if author.id == ALICE.id {
            let room = Room::direct(UserId::ADMINISTRATION, ALICE.id);
            scribe.says(&ADMINISTRATION, room, SAID[1][3]);
        }
    }
}

/// What is not installed, or nothing.
fn missing() -> Option<String> {
    let mut missing = Vec::new();
    for program in ["nginx", "curl"] {
        if found(program).is_none() {
            missing.push(program.to_owned());
        }
    }
    if found("php-fpm").is_none() {
        missing.push("php-fpm".to_owned());
    }
    if !Path::new(PHPMYADMIN).is_dir() {
        missing.push("phpmyadmin".to_owned());
    }
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// The program of this name; Debian puts the version behind that of php-fpm.
fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let mut programs = folders.flat_map(|folder| {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.flatten().map(|entry| entry.path())
    });
    programs.find(|program| {
        let program = program.file_name().unwrap_or_default().to_string_lossy();
        let version = program.strip_prefix(name);
        version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
    })
}

/// phpMyAdmin on a socket of its own, in a folder that goes with it.
struct Page {
    folder: PathBuf,
    processes: Vec<Child>,
    token: String,
}

impl Page {
    fn start(database: &Database) -> Self {
        let folder = std::env::temp_dir().join(database.name());
        fs::create_dir(&folder).unwrap();
        let mut page = Self {
            folder,
            processes: Vec::new(),
            token: String::new(),
        };
        let folder = page.folder.clone();
        let here = folder.display();
        // Others than who started them read and write there.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["temporary", "sessions"] {
            fs::create_dir(folder.join(name)).unwrap();
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o777)).unwrap();
        }
        let copied = Command::new("cp")
            .args(["-r", PHPMYADMIN])
            .arg(folder.join("pages"))
            .status();
        assert!(copied.unwrap().success());
        let places = folder.join("pages/libraries/vendor_config.php");
        let text = fs::read_to_string(&places).unwrap();
        let text = text
            .replace(
                "/etc/phpmyadmin/config.inc.php",
                &format!("{here}/config.inc.php"),
            )
            .replace("/var/lib/phpmyadmin/tmp/", &format!("{here}/temporary/"));
        fs::write(&places, text).unwrap();
        let port = database.server().port;
        let configuration = format!(
            "<?php
$cfg['blowfish_secret'] = 'a text of thirty-two bytes, here';
$cfg['Servers'][1] = ['auth_type' => 'cookie', 'host' => '127.0.0.1', 'port' => '{port}'];
$cfg['TempDir'] = '{here}/temporary';
"
        );
        fs::write(folder.join("config.inc.php"), configuration).unwrap();
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let (pool_user, web_user) = match is_root {
            true => ("user = www-data\ngroup = www-data", "user www-data;"),
            false => ("", ""),
        };
        let pool = format!(
            "[global]\nerror_log = {here}/php.log\n[www]\n{pool_user}\nlisten = {here}/php\nlisten.mode = 0666\n\
             pm = static\npm.max_children = 2\nphp_value[session.save_path] = {here}/sessions\n"
        );
        page.run("php-fpm", "pool", &pool, &["--nodaemonize", "--fpm-config"]);
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {here}/temporary/{name};"))
            .concat();
        let web = format!(
            "daemon off; pid {here}/nginx.pid; error_log {here}/nginx.log; {web_user}
             events {{ worker_connections 64; }}
             http {{
                 access_log off; {temporary}
                 server {{
                     listen unix:{here}/web; root {here}/pages; index index.php;
                     location ~ \\.php$ {{
                         include /etc/nginx/fastcgi_params;
                         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
                         fastcgi_pass unix:{here}/php;
                     }}
                 }}
             }}"
        );
        page.run("nginx", "web.conf", &web, &["-c"]);
        page
    }

    fn run(&mut self, program: &str, file: &str, configuration: &str, arguments: &[&str]) {
        let file = self.folder.join(file);
        fs::write(&file, configuration).unwrap();
        let log = fs::File::create(file.with_extension("out")).unwrap();
        let child = Command::new(found(program).unwrap())
            .args(arguments)
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.processes.push(child.unwrap());
    }

    /// Asks for a page, as a browser that is signed in would. curl asks again until somebody listens.
    fn ask(&self, query: &str, fields: &[(&str, &str)]) -> String {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--location"])
            .args(["--retry", "60", "--retry-all-errors", "--retry-delay", "1"])
            .arg("--unix-socket")
            .arg(self.folder.join("web"));
        for option in ["--cookie", "--cookie-jar"] {
            curl.arg(option).arg(self.folder.join("cookies"));
        }
        if !self.token.is_empty() && !fields.is_empty() {
            curl.args(["--data-urlencode", &format!("token={}", self.token)]);
        }
        for (name, value) in fields {
            curl.args(["--data-urlencode", &format!("{name}={value}")]);
        }
        let output = curl
            .arg(format!("http://localhost/{query}"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{query}: {said}{}", self.logs());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn sign_in(&mut self, name: &str, password: &str) {
        let form = self.ask("index.php", &[]);
        self.token = value_of(&form, "token");
        let session = value_of(&form, "set_session");
        let fields = [
            ("set_session", session.as_str()),
            ("pma_username", name),
            ("pma_password", password),
            ("server", "1"),
            ("lang", "en"),
        ];
        let shown = self.ask("index.php?route=/", &fields);
        assert!(!shown.contains("pma_password"), "not signed in: {shown}");
        self.token = value_of(&shown, "token");
    }

    /// The rows that a page shows, asked for as its own scripts do.
    fn rows(&self, query: &str, fields: &[(&str, &str)]) -> Vec<Vec<String>> {
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("ajax_request", "true")])
            .collect();
        let answer = self.ask(query, &fields);
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["success"], true, "{answer}");
        rows(answer["message"].as_str().unwrap())
    }

    fn logs(&self) -> String {
        ["php.log", "pool.out", "nginx.log", "web.out"]
            .map(|log| fs::read_to_string(self.folder.join(log)).unwrap_or_default())
            .concat()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // Asked to end, they end their own processes too.
            let _ = Command::new("kill").arg(process.id().to_string()).status();
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The value of a hidden field.
fn value_of(page: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let (_, value) = page.split_once(&field).expect("a page with that field");
    text_of(value.split('"').next().unwrap_or_default())
}

/// The rows of the table of results.
fn rows(page: &str) -> Vec<Vec<String>> {
    let Some((_, table)) = page.split_once("table_results") else {
        return Vec::new();
    };
    let table = table.split("</table>").next().unwrap_or_default();
    let cells = |row: &str| -> Vec<String> {
        let cells = row.split("<td").skip(1);
        cells
            .map(|cell| text_of(cell.split_once('>').map_or("", |(_, text)| text)))
            .collect()
    };
    let rows = table.split("<tr").map(cells);
    rows.filter(|cells| cells.len() > 1).collect()
}

/// What a piece of a page says.
fn text_of(html: &str) -> String {
    let mut pieces = html.split('<');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    for (entity, char) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, char);
    }
    text.trim().to_owned()
}

/// Two people whom the administrator lets look, one without the passwords.
fn make_readers(server: &Server, database: &Database) -> [AdminUrl; 2] {
    let (name, port) = (database.name(), database.server().port);
    let users = format!(
        "CREATE USER lecture@'127.0.0.1' IDENTIFIED BY 'secret';
         GRANT SELECT ON {name}.connexion TO lecture@'127.0.0.1';
         GRANT SELECT ON {name}.authentification TO lecture@'127.0.0.1';
         CREATE USER moderation@'127.0.0.1' IDENTIFIED BY 'secret';
         GRANT SELECT ON {name}.connexion TO moderation@'127.0.0.1';"
    );
    server.superuser().query("", &users).unwrap();
    ["lecture", "moderation"].map(|reader| {
        AdminUrl::parse(&format!("mysql://{reader}:secret@127.0.0.1:{port}/")).unwrap()
    })
}

/// What the client of the database shows, and that it shows nothing else.
fn check_by_client(database: &Database, [reader, moderator]: &[AdminUrl; 2]) {
    let ask = |reader: &AdminUrl, sql: &str| reader.query(database.name(), sql);
    assert_eq!(
        ask(reader, "SHOW TABLES").unwrap(),
        "authentification\nconnexion\n"
    );
    assert_eq!(ask(moderator, "SHOW TABLES").unwrap(), "connexion\n");
    let shown = ask(
        reader,
        "SELECT type, ip, port, `donnée` FROM connexion ORDER BY port",
    )
    .unwrap();
    let by_port = [SAID[2], SAID[1], SAID[0]].map(|row| row.join("\t") + "\n");
    assert_eq!(shown, by_port.concat());
    let shown = ask(reader, "SELECT * FROM authentification ORDER BY ip DESC").unwrap();
    let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
    assert_eq!(
        shown,
        format!("Alice\t{phc}\t192.168.56.1\nbob\t{phc}\t192.0.2.7\n")
    );
    for refused in [
        "SELECT * FROM account",
        "SELECT text FROM message",
        "DELETE FROM connexion",
    ] {
        let said = ask(reader, refused).unwrap_err().to_string();
        assert!(said.contains("denied"), "{refused}: {said}");
    }
    let said = ask(moderator, "SELECT id FROM authentification")
        .unwrap_err()
        .to_string();
    assert!(said.contains("denied"), "{said}");
}

#[test]
fn phpmyadmin_shows_sorts_searches_and_exports_the_views() {
    if let Some(missing) = missing() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "not installed: {missing}"
        );
        // Not through `eprintln!`, which a test that passes keeps to itself.
        let line = format!("SKIPPED the test with phpMyAdmin, not installed: {missing}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    }
    let server = Server::start(Engine::MariaDb, &Options::default()).unwrap();
    let database = server.create_database("phpmyadmin").unwrap();
    let place = causette_store::Database::parse(&database.url(), &Access::default()).unwrap();
    write(&Store::open(place).unwrap());
    let readers = make_readers(&server, &database);
    check_by_client(&database, &readers);

    let mut page = Page::start(&database);
    page.sign_in("lecture", "secret");
    let name = database.name();
    let here = format!("db={name}&table=connexion");
    let without_time = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
        rows.into_iter().map(|row| row[1..].to_vec()).collect()
    };

    let shown = rows(&page.ask(&format!("index.php?route=/sql&{here}"), &[]));
    assert_eq!(without_time(shown), SAID);
    let tables = page.ask(
        &format!("index.php?route=/database/structure&db={name}"),
        &[],
    );
    assert!(tables.contains("connexion") && tables.contains("authentification"));
    for table in ["register_payload", "account_setting", "schema_version"] {
        assert!(!tables.contains(table), "{table} is shown");
    }

    let sorted = "SELECT * FROM `connexion` ORDER BY `connexion`.`port` ASC";
    let fields = [("db", name), ("table", "connexion"), ("sql_query", sorted)];
    let shown = page.rows("index.php?route=/sql", &fields);
    assert_eq!(without_time(shown), [SAID[2], SAID[1], SAID[0]]);

    let mut fields: Vec<(String, String)> = Vec::new();
    for (number, (column, wanted)) in [
        ("date_time", "2026"),
        ("type", "CLIENT"),
        ("ip", "192"),
        ("port", "6"),
        ("donnée", "bonjour"),
    ]
    .into_iter()
    .enumerate()
    {
        for (what, value) in [
            ("ColumnNames", column),
            ("ColumnTypes", "varchar"),
            ("ColumnCollations", "utf8mb4_unicode_ci"),
            ("ColumnOperators", "LIKE %...%"),
            ("Values", wanted),
        ] {
            fields.push((format!("criteria{what}[{number}]"), value.to_owned()));
        }
    }
    let others = [
        ("db", name),
        ("table", "connexion"),
        ("displayAllColumns", "1"),
        ("session_max_rows", "25"),
        ("orderByColumn", "--nil--"),
        ("submit", "Go"),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .chain(others)
        .collect();
    let shown = page.rows("index.php?route=/table/search", &fields);
    assert_eq!(without_time(shown), [SAID[0]]);

    let export = |what: &str| {
        let fields = [
            ("db", name),
            ("table", "connexion"),
            ("export_type", "table"),
            ("export_method", "quick"),
            ("quick_or_custom", "custom"),
            ("what", what),
            ("allrows", "1"),
            ("output_format", "sendit"),
            ("charset", "utf-8"),
            ("compression", "none"),
            ("filename_template", "@TABLE@"),
            ("csv_separator", ","),
            ("csv_enclosed", "\""),
            ("csv_escaped", "\""),
            ("csv_terminated", "AUTO"),
            ("csv_columns", "1"),
            ("csv_structure_or_data", "data"),
            ("sql_structure_or_data", "structure_and_data"),
            ("sql_create_table", "something"),
            ("sql_views_as_tables", "something"),
            ("sql_type", "INSERT"),
            ("sql_insert_syntax", "both"),
            ("sql_max_query_size", "50000"),
            ("sql_backquotes", "1"),
        ];
        page.ask("index.php?route=/export", &fields)
    };
    let csv = export("csv");
    assert!(
        csv.starts_with("\"date_time\",\"type\",\"ip\",\"port\",\"donnée\"\n"),
        "{csv}"
    );
    assert!(
        csv.contains("\"serveur\",\"irc.test\",\"52020\",\"it's \"\"closing\"\" <soon>\"\n"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let sql = export("sql");
    assert!(
        sql.contains(
            "INSERT INTO `connexion` (`date_time`, `type`, `ip`, `port`, `donnée`) VALUES"
        ),
        "{sql}"
    );
    assert!(
        sql.contains(
            "'client_Alice', '192.168.56.1', '64677', 'Bonjour à toutes & à tous, « ça va ? »'"
        ),
        "{sql}"
    );
}
