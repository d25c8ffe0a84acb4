//! What configurations mean, and what is said of wrong ones.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod people;
mod proxies;

use super::*;
use crate::data_dir::tests::Folder;
use causette_core::reserved::ReservedNames;
use causette_core::settings::{AccountNick, AlwaysOn};
use std::path::Path;

fn mistake(text: &str) -> (String, usize, Problem) {
    let mistakes = mistakes(text);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    let error = mistakes.into_iter().next().unwrap();
    (error.key, error.line, error.problem)
}

fn mistakes(text: &str) -> Vec<ConfigError> {
    Config::parse(text).unwrap_err().iter().cloned().collect()
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_their_lines() {
    let text = "[flood]\nrate = 0\nexempt = \"here\"\n[server]\nname = \"nodot\"\nnetwrok = \"x\"\n\
                language = \"de\"\n[[listener]]\naddress = \"here\"\nkind = 1\n[[listener]]\nprot = 1\n\
                [tls]\nkey = 1\ncertificate = \"a\"\n[accounts]\nargon2 = { memory_kib = 1, x = 2 }\n\
                email_required = 1\n[[operator]]\nname = \"a b\"\n[sever]\n";
    let found: Vec<(usize, String)> = mistakes(text)
        .into_iter()
        .map(|mistake| (mistake.line, mistake.key))
        .collect();
    let expected = [
        (2, "flood.rate"),
        (3, "flood.exempt"),
        (5, "server.name"),
        (6, "server.netwrok"),
        (7, "server.language"),
        (9, "listener.address"),
        (10, "listener.kind"),
        (12, "listener.prot"),
        (14, "tls.key"),
        (17, "accounts.argon2.memory_kib"),
        (17, "accounts.argon2.x"),
        (18, "accounts.email_required"),
        (19, "operator.password_hash"),
        (20, "operator.name"),
        (21, "sever"),
    ];
    assert_eq!(found, expected.map(|(line, key)| (line, key.to_owned())));
}

#[test]
fn every_line_that_is_no_toml_is_told_and_nothing_is_guessed_about_the_rest() {
    let text = "[server]\nname = \nnetwork == 1\nnmae = \"x\"\n[limits\nnick = 0\n[flood]\nrate = 1\nrate = 2\n";
    let found = mistakes(text);
    let lines: Vec<usize> = found.iter().map(|mistake| mistake.line).collect();
    assert_eq!(lines, [2, 3, 5, 9], "{found:#?}");
    assert!(
        found
            .iter()
            .all(|mistake| matches!(mistake.problem, Problem::Syntax(_)))
    );
}

#[test]
fn nothing_is_a_configuration() {
    let config = Config::parse("").unwrap();
    assert_eq!(config.settings, Settings::default());
    assert_eq!(config.listeners, [Listener::by_default()]);
    assert_eq!(
        config.database().file(),
        Some(Path::new("causette-data/causette.db"))
    );
}

#[test]
fn every_table_is_read() {
    let config = Config::parse(
        r##"
        [server]
        name = "chat.example.org"
        network = "Example"
        language = "fr"
        data_dir = "/srv/chat"
        casemapping = "ascii"
        [[listener]]
        address = "127.0.0.1:6667"
        kind = "irc"
        tls = false
        allow_plaintext = true
        proxy_protocol = true
        [[listener]]
        tls = "auto"
        [database]
        url = "sqlite:other.db"
        [accounts]
        required = false
        registration = "closed"
        always_on = "off"
        nick = "client"
        reserved_names = ["patron"]
        argon2 = { memory_kib = 64, iterations = 1, parallelism = 2 }
        [channels]
        auto_join = ["#thé", "#café"]
        [history]
        max_messages = 200
        replay_on_join = 0
        retention = "forever"
        [limits]
        nick = 20
        [flood]
        exempt = ["127.0.0.0/8", "::1"]
        rate = 10
        [proxy]
        trusted = ["10.0.0.0/8"]
        "##,
    )
    .unwrap();
    assert_eq!(config.settings.server, "chat.example.org");
    assert_eq!(config.settings.language, Language::Fr);
    assert_eq!(config.listeners[0].kind, ListenerKind::Irc);
    assert_eq!(config.listeners[0].tls, ListenerTls::Never);
    assert_eq!(config.listeners[1], Listener::by_default());
    assert_eq!(
        config.database().file(),
        Some(Path::new("/srv/chat/other.db"))
    );
    assert!(!config.settings.accounts_required);
    assert_eq!(config.settings.always_on, AlwaysOn::Off);
    assert_eq!(config.settings.account_nick, AccountNick::Client);
    assert_eq!(
        config.settings.reserved_names,
        ReservedNames::of(["patron"])
    );
    assert_eq!(
        config.argon2,
        Argon2Cost {
            memory_kib: 64,
            iterations: 1,
            parallelism: 2
        }
    );
    assert_eq!(config.settings.auto_join.len(), 2);
    assert_eq!(config.settings.limits.nick, 20);
    assert!(config.flood.exempts("127.0.0.9".parse().unwrap()));
    assert!(config.listeners[0].proxy_protocol);
    assert!(config.trusts("10.1.2.3".parse().unwrap()));
    assert!(!config.trusts("127.0.0.1".parse().unwrap()));
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    let text = "[server]\nname = \"a.b\"\nnetwrok = \"x\"\n";
    assert_eq!(
        mistake(text),
        ("server.netwrok".into(), 3, Problem::Unknown("network"))
    );
    assert_eq!(
        mistake("[sever]\n"),
        ("sever".into(), 1, Problem::Unknown("server"))
    );
    assert_eq!(
        mistake("\n[[listener]]\nadress = \"\""),
        ("listener.adress".into(), 3, Problem::Unknown("address"))
    );
}

#[test]
fn what_comes_later_is_told_with_its_version() {
    let later = |value: &str, version| Problem::Later {
        value: value.to_owned(),
        version,
    };
    assert_eq!(mistake("[cluster]\nnode = 1").2, later("…", SOME_DAY));
    assert_eq!(
        mistake("[history]\nenabled = false").2,
        later("false", SOME_DAY)
    );
}

#[test]
fn a_wrong_value_is_told_with_what_is_expected() {
    let expected = |text: &str| match mistake(text) {
        (key, line, Problem::Expected(_)) => (key, line),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        expected("[limits]\n\nnick = 1000"),
        ("limits.nick".into(), 3)
    );
    assert_eq!(
        expected("[limits]\nnick = \"1\""),
        ("limits.nick".into(), 2)
    );
    assert_eq!(
        expected("[server]\n# name\nname = \"nodot\""),
        ("server.name".into(), 3)
    );
    assert_eq!(
        expected("[server]\npassword_hash = \"hunter2\""),
        ("server.password_hash".into(), 2)
    );
    assert_eq!(
        expected("[channels]\nauto_join = [\"general\"]"),
        ("channels.auto_join".into(), 2)
    );
    assert_eq!(
        expected("[accounts]\nreserved_names = [\"root\", \"the boss\"]"),
        ("accounts.reserved_names".into(), 2)
    );
    assert_eq!(
        expected("[flood]\nexempt = [\"here\"]"),
        ("flood.exempt".into(), 2)
    );
    assert_eq!(expected("server = 1"), ("server".into(), 1));
    assert_eq!(expected("[tls]\ncertificate = \"a\"").0, "tls.key");
    assert!(matches!(mistake("[server\n"), (_, 1, Problem::Syntax(_))));
}

#[test]
fn a_listener_may_leave_its_port_to_the_system() {
    let config = Config::parse("[[listener]]\naddress = \"127.0.0.1:0\"").unwrap();
    assert_eq!(config.listeners[0].address.port(), 0);
    assert_eq!(
        mistake("[[listener]]\naddress = \"127.0.0.1:65536\"").0,
        "listener.address"
    );
}

#[test]
fn what_is_expected_is_a_rule_in_the_language_of_the_person() {
    for (text, english, french) in [
        (
            "[[listener]]\naddress = \"::1:7000\"",
            "a port from 1 to 65535, or 0 for one that the system chooses",
            "un port de 1 à 65535, ou 0 pour celui que le système choisit",
        ),
        ("[limits]\nnick = 0", "from 1 to 64", "de 1 à 64"),
        (
            "[server]\nname = \"nodot\"",
            "with a dot in it",
            "au moins un point",
        ),
        (
            "[accounts]\nscram = \"yes\"",
            "true or false",
            "true ou false",
        ),
        (
            "[accounts]\nalways_on = \"no\"",
            "\"opt-out\", \"opt-in\"",
            "\"opt-out\", \"opt-in\"",
        ),
        ("[server]\nrules = \"a\\nb\"", "one line", "une seule ligne"),
        ("[server]\nname", "this is no TOML", "ce n'est pas du TOML"),
        (
            "[server]\nname = \"a.b",
            "between two quotation marks",
            "entre deux guillemets",
        ),
        (
            "[server]\nname = \"a.b\"\nname = \"a.b\"",
            "there already",
            "déjà là",
        ),
        ("[flood]\nexempt = [\"::1\"", "not closed", "pas fermé"),
    ] {
        let mistakes = Config::parse(text).unwrap_err();
        let first = mistakes.iter().next().unwrap();
        for (language, words) in [(Language::En, english), (Language::Fr, french)] {
            let told = first.message(language);
            assert!(told.contains(words), "{text}: {told}");
        }
    }
}

#[test]
fn mistakes_are_told_in_the_language_that_the_configuration_asks_for() {
    let told = |text: &str, of_the_environment| {
        let mistakes = Config::parse(text).unwrap_err();
        Unusable::in_file(Path::new("causette.toml"), &mistakes, of_the_environment).to_string()
    };
    let french = told(
        "[server]\nlanguage = \"fr\"\n[limits]\nnick = 0",
        Language::En,
    );
    assert!(french.contains("ligne 4"), "{french}");
    let english = told(
        "[server]\nlanguage = \"en\"\n[limits]\nnick = 0",
        Language::Fr,
    );
    assert!(english.contains("line 4"), "{english}");
    assert!(told("[limits]\nnick = 0", Language::Fr).contains("ligne 2"));
}

#[test]
fn words_for_people_and_the_file_of_the_day_are_read() {
    let folder = Folder::new();
    let file = folder.0.join("motd.txt");
    let mut config = Config::parse(&format!(
        "[server]\nrules = \"be kind\"\nprivacy = \"https://irc.test/privacy\"\n\
         contact = \"root@irc.test\"\nmotd = {file:?}"
    ))
    .unwrap();
    assert_eq!(config.settings.rules, "be kind");
    assert_eq!(config.settings.contact, "root@irc.test");
    let refusal = config.read_files(Language::En).unwrap_err().to_string();
    assert!(
        refusal.contains("server.motd") && refusal.contains("motd.txt"),
        "{refusal}"
    );
    config.certificate = Some(CertificateFiles {
        certificate: folder.0.join("chain.pem"),
        key: folder.0.join("key.pem"),
    });
    let both = check(config.clone()).unwrap_err();
    assert!(both.reasons()[0].contains("motd.txt"), "{both}");
    assert!(both.reasons()[1].contains("chain.pem"), "{both}");
    std::fs::write(&file, "Welcome\n").unwrap();
    config.read_files(Language::En).unwrap();
    assert_eq!(config.settings.motd.unwrap(), ["Welcome"]);
}

#[test]
fn a_channel_that_is_named_twice_is_told() {
    let text = "[channels]\nauto_join = [\"#thé\", \"#a\", \"#A\"]";
    assert_eq!(
        mistake(text),
        (
            "channels.auto_join".into(),
            2,
            Problem::Twice("#A".to_owned())
        )
    );
    let error = mistakes(text).remove(0);
    for language in [Language::En, Language::Fr] {
        let message = error.message(language);
        assert!(
            message.contains("channels.auto_join") && message.contains("#A"),
            "{message}"
        );
    }
}

#[test]
fn names_are_the_same_by_the_mapping() {
    let config = |casemapping: &str| {
        Config::parse(&format!(
            "[channels]\nauto_join = [\"#thé\", \"#THÉ\"]\n[server]\ncasemapping = \"{casemapping}\""
        ))
    };
    assert_eq!(config("ascii").unwrap().settings.casemap, Casemap::Ascii);
    let key = |casemapping| {
        config(casemapping)
            .unwrap_err()
            .iter()
            .next()
            .unwrap()
            .key
            .clone()
    };
    assert_eq!(key("precis"), "channels.auto_join");
    assert_eq!(key("rfc1459"), "server.casemapping");
}

#[test]
fn an_outbox_holds_at_least_two_pages() {
    let text = |bytes: usize| format!("[limits]\nsendq_bytes = {bytes}");
    assert_eq!(mistake(&text((512 << 10) - 1)).0, "limits.sendq_bytes");
    let config = Config::parse(&text(512 << 10)).unwrap();
    assert_eq!(config.settings.limits.sendq_bytes, 512 << 10);
}

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$OyBnt0GNzU7+blHm6z8TrA$nNJjb/pe9vlJhqoO/bRno4W47N3BgIAjw9nbB2Pm4Jk";

#[test]
fn operators_are_read_and_the_rules_know_all_but_their_passwords() {
    let text = format!(
        "[[operator]]\nname = \"root\"\npassword_hash = \"{HASH}\"\n\
         [[operator]]\nname = \"eve\"\nclass = \"helper\"\npassword_hash = \"{HASH}\"\n"
    );
    let config = Config::parse(&text).unwrap();
    assert_eq!(config.operators[0].password_hash.0, HASH);
    let known: Vec<(&str, &str)> = config
        .settings
        .operators
        .iter()
        .map(|operator| (&*operator.name, &*operator.class))
        .collect();
    assert_eq!(known, [("root", "admin"), ("eve", "helper")]);
}

#[test]
fn an_operator_has_a_name_of_its_own_and_a_hash() {
    let hash = format!("password_hash = \"{HASH}\"");
    for (text, key, line) in [
        (format!("[[operator]]\n{hash}"), "operator.name", 1),
        (
            "[[operator]]\nname = \"a\"".to_owned(),
            "operator.password_hash",
            1,
        ),
        // What the next one has is not the first one's.
        (
            format!("[[operator]]\nname = \"a\"\n[[operator]]\nname = \"b\"\n{hash}"),
            "operator.password_hash",
            1,
        ),
        (
            "[[operator]]\nname = \"a\"\npassword_hash = \"sesame\"".to_owned(),
            "operator.password_hash",
            3,
        ),
        (
            format!("[[operator]]\nname = \"a b\"\n{hash}"),
            "operator.name",
            2,
        ),
        (
            format!("[[operator]]\nname = \"a\"\nclass = \"\"\n{hash}"),
            "operator.class",
            3,
        ),
        (
            format!("[[operator]]\nname = \"a\"\n{hash}\n[[operator]]\nname = \"A\"\n{hash}"),
            "operator.name",
            5,
        ),
    ] {
        let (found, at, _) = mistake(&text);
        assert_eq!((&*found, at), (key, line), "{text}");
    }
}

#[test]
fn limits_are_read_within_their_ranges() {
    let config = Config::parse(
        "[limits]\naway = 200\nmonitor = 50\nwhowas = 0\nmultiline_bytes = 4096\nmultiline_lines = 1000",
    )
    .unwrap();
    let limits = config.settings.limits;
    assert_eq!((limits.away, limits.monitor, limits.whowas), (200, 50, 0));
    assert_eq!(
        (limits.multiline_bytes, limits.multiline_lines),
        (4096, 1000)
    );
    for (key, value) in [
        ("away", 391),
        ("monitor", 0),
        ("whowas", 10_001),
        ("multiline_bytes", 4095),
        ("multiline_bytes", 65_537),
        ("multiline_lines", 31),
        ("multiline_lines", 1001),
    ] {
        let (found, _, problem) = mistake(&format!("[limits]\n{key} = {value}"));
        assert_eq!(found, format!("limits.{key}"));
        assert!(matches!(problem, Problem::Expected(_)), "{problem:?}");
    }
    assert!(matches!(
        mistake("[limits]\nline = 1").2,
        Problem::Later { .. }
    ));
}

#[test]
fn new_users_have_modes_that_exist() {
    let modes =
        |letters: &str| Config::parse(&format!("[server]\ndefault_user_modes = \"{letters}\""));
    for letters in ["", "i", "iRwB"] {
        assert_eq!(modes(letters).unwrap().settings.default_user_modes, letters);
    }
    for letters in ["o", "+i", "ii", "s"] {
        let mistakes = modes(letters).unwrap_err();
        assert!(
            mistakes
                .iter()
                .all(|mistake| mistake.key == "server.default_user_modes")
        );
    }
    let closed = Config::parse("[channels]\nregistration = false").unwrap();
    assert!(!closed.settings.channel_registration);
}
