//! The annotated configuration in `examples/`: what it shows is accepted, is the default, and is complete.

use causette_core::settings::Settings;
use causette_server::config::{Config, Problem};
use std::path::Path;

/// Where the lines that show values end and those about later versions begin.
const LATER: &str = "# Keys of later versions.";

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/causette.toml");
    std::fs::read_to_string(path).unwrap()
}

/// The line without its `# `, where it is a key or a table and not a sentence.
fn uncommented(line: &str) -> &str {
    let Some(shown) = line.strip_prefix("# ") else {
        return line;
    };
    let is_key = shown.split_once(" = ").is_some_and(|(key, _)| {
        key.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    if is_key || shown.starts_with("[[") {
        shown
    } else {
        line
    }
}

#[test]
fn the_example_as_it_stands_changes_nothing() {
    let config = Config::parse(&example()).unwrap();
    assert_eq!(config.settings, Settings::default());
}

#[test]
fn every_line_of_the_example_is_accepted_and_shows_the_default() {
    let example = example();
    let (values, _) = example.split_once(LATER).unwrap();
    let text: Vec<&str> = values.lines().map(uncommented).collect();
    let config = Config::parse(&text.join("\n")).unwrap();
    let default = Config::default();
    // The few that are absent by default must show something.
    assert!(config.password_hash.is_some() && config.certificate.is_some());
    assert_eq!((config.operators.len(), config.proxies.len()), (1, 1));
    assert_eq!(config.flood.exempt.len(), 1);
    assert!(config.log.format.is_some() && config.log.file.is_some());
    assert_eq!(config.log.levels, default.log.levels);
    let words = [
        &config.settings.contact,
        &config.settings.rules,
        &config.settings.privacy,
    ];
    assert!(config.motd.is_some() && words.iter().all(|word| !word.is_empty()));
    assert!(config.files.has_url && config.files.offered.is_some());
    assert_ne!(config.files.guards, default.files.guards);
    let names_who_looks = |line: &&str| line.starts_with("clamd") || line.starts_with("command");
    let nobody_looks: Vec<&str> = text
        .iter()
        .copied()
        .filter(|line| !names_who_looks(line))
        .collect();
    let nobody_looks = Config::parse(&nobody_looks.join("\n")).unwrap();
    assert_eq!(nobody_looks.files.guards, default.files.guards);
    assert_eq!(config.files.disk_floor, default.files.disk_floor);
    let mut files = config.settings.files.clone();
    files.url.clone_from(&default.settings.files.url);
    let settings = Settings {
        files,
        server_password: false,
        contact: default.settings.contact.clone(),
        rules: default.settings.rules.clone(),
        privacy: default.settings.privacy.clone(),
        operators: Vec::new(),
        ..config.settings
    };
    assert_eq!(settings, default.settings);
    assert_eq!(config.listeners, default.listeners);
    assert_eq!(config.data_dir, default.data_dir);
    assert!(config.backup.every.is_some() && config.backup.folder.is_some());
    assert_eq!(config.backup.keep, default.backup.keep);
    assert_eq!(config.database, default.database);
    assert_eq!(config.argon2, default.argon2);
    assert_eq!(
        (config.flood.rate, config.flood.burst),
        (default.flood.rate, default.flood.burst)
    );
}

#[test]
fn the_example_says_which_version_brings_what() {
    let mistake = |text: &str| Config::parse(text).unwrap_err().iter().next().cloned();
    let later = |text: &str| match mistake(text).unwrap().problem {
        Problem::Later { version, .. } => version.unwrap_or("later"),
        other => panic!("{text}: {other:?}"),
    };
    let example = example();
    let (_, promises) = example.split_once(LATER).unwrap();
    for (key, text) in [
        ("line", "limits.line = 1"),
        ("acme", "[tls]\nacme = { domains = [] }"),
        ("enabled = false", "history.enabled = false"),
        ("[mail]", "mail.from = \"a@example.org\""),
        ("[cluster]", "cluster.node = \"a\""),
    ] {
        let version = later(text);
        // The version stands at the beginning of the first line of its paragraph.
        let (before, _) = promises.split_once(key).unwrap();
        let named = before
            .lines()
            .chain([""])
            .filter_map(|line| line.strip_prefix("# "))
            .filter_map(|line| line.split_whitespace().next())
            .rfind(|word| matches!(*word, "0.2" | "0.3" | "later"));
        assert_eq!(named, Some(version), "{key}");
    }
}
