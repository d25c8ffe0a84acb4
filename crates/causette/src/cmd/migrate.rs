//! `causette migrate`: everything that a server has recorded goes into another database.

use super::help::{option, verb, word};
use super::{configuration, interrupt, say};
use causette_client::exit::{Exit, Trouble};
use causette_server::audit;
use causette_server::config::Config;
use causette_server::moving::{self, Difference, Moved, Moving, Named, Place, Unmoved};
use causette_text::{Language, text, text_with};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Tables of fewer rows are not told one by one: there are many, and they take no time.
const ROWS_TOLD: u64 = 1000;

pub(crate) fn command(language: Language) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let url = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(word(language, "cli-value-url"))
    };
    let file = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(word(language, "cli-value-file"))
            .value_parser(clap::value_parser!(PathBuf))
    };
    let of_from = |name| file(name).requires("from");
    let options = [
        (url("from"), "cli-migrate-from"),
        (url("to").required(true), "cli-migrate-to"),
        (of_from("from-password-file"), "cli-migrate-from-password"),
        (file("to-password-file"), "cli-migrate-to-password"),
        (of_from("from-ca-file"), "cli-migrate-from-ca"),
        (file("to-ca-file"), "cli-migrate-to-ca"),
        (flag("no-verify"), "cli-migrate-no-verify"),
        (flag("json"), "cli-audit-json"),
    ];
    let options = options.map(|(arg, help)| option(language, arg, help));
    verb(language, "migrate", "cli-migrate").args(options)
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let config = configuration(matches, language);
    let mut config: Config = config.map_err(|error| super::trouble(error.into()))?;
    // Who asks reads the answer, whatever language the server has.
    config.settings.language = language;
    let as_json = matches.get_flag("json");
    let unmoved = |unmoved| {
        let trouble = trouble(unmoved, language);
        if as_json && trouble.exit != Exit::Interrupted {
            // What it could not be told is told on standard error all the same.
            let _ = say(&json!({ "ok": false, "error": trouble.text }).to_string());
        }
        trouble
    };
    let (from, to) = places(matches, &config).map_err(unmoved)?;
    let names = [from.database.to_string(), to.database.to_string()];
    let verify = !matches.get_flag("no-verify");
    let contents = moving::contents_folder(&config);
    let moved = interrupt::unless_interrupted(move |wanted| {
        let mut tell = progress(language);
        moving::migrate(&config, &from, &to, verify, |step| {
            tell(step);
            wanted.load(Ordering::Relaxed)
        })
    })?;
    let moved = moved.unwrap_or(Err(Unmoved::GivenUp)).map_err(unmoved)?;
    let url = matches.get_one::<String>("to");
    let url = without_password(url.map(String::as_str).unwrap_or_default());
    if as_json {
        say(&as_object(&moved, &names, &contents, language).to_string())?;
    } else {
        say(&told(&moved, &names, language))?;
        if moved.has_files() {
            let folder = contents.display().to_string();
            say(&text_with(
                language,
                "migrate-contents",
                &[("folder", &folder)],
            ))?;
        }
    }
    if !moved.is_whole() {
        return Err(Trouble::new(Exit::Altered, otherwise(&moved, language)));
    }
    if !as_json {
        let then = text_with(language, "migrate-then", &[("from", &names[0])]);
        say(&format!("{then}\n\n[database]\nurl = \"{url}\""))?;
    }
    Ok(Exit::Done)
}

/// The two databases that the command line and the configuration name.
fn places(matches: &ArgMatches, config: &Config) -> Result<(Place, Place), Unmoved> {
    let url = |name: &str| matches.get_one::<String>(name).cloned();
    let file = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let from = match url("from") {
        None => Place::configured(config),
        Some(url) => {
            let named = Named {
                option: "--from",
                url,
                password_file: ("--from-password-file", file("from-password-file")),
                variable: "CAUSETTE_FROM_PASSWORD",
                ca_file: ("--from-ca-file", file("from-ca-file")),
            };
            Place::named(&named, config)?
        }
    };
    let named = Named {
        option: "--to",
        url: url("to").unwrap_or_default(),
        password_file: ("--to-password-file", file("to-password-file")),
        variable: "CAUSETTE_TO_PASSWORD",
        ca_file: ("--to-ca-file", file("to-ca-file")),
    };
    Ok((from, Place::named(&named, config)?))
}

/// Why it was not moved, with a status for scripts.
fn trouble(unmoved: Unmoved, language: Language) -> Trouble {
    match unmoved {
        Unmoved::Misnamed(text) => Trouble::new(Exit::Usage, text),
        Unmoved::Unusable(text) => Trouble::new(Exit::Configuration, text),
        Unmoved::Refused(text) => Trouble::new(Exit::Failed, text),
        Unmoved::GivenUp => Trouble::new(Exit::Interrupted, text(language, "migrate-given-up")),
    }
}

/// Says on a terminal how far it has come.
fn progress(language: Language) -> impl FnMut(Moving) {
    let shows = stderr().is_terminal();
    move |step| {
        let told = match step {
            Moving::Begun { brought, .. } => {
                if brought > 0 && shows {
                    let brought = brought.to_string();
                    let told = text_with(language, "migrate-resumed", &[("rows", &brought)]);
                    // Nothing depends on it.
                    let _ = writeln!(stderr(), "{told}");
                }
                return;
            }
            Moving::Rows { table, brought, of } => {
                let (brought, of) = (brought.to_string(), of.to_string());
                let variables = [("table", table), ("rows", &*brought), ("of", &of)];
                text_with(language, "migrate-progress", &variables)
            }
            Moving::Verified(progress) => {
                let variables = [
                    ("entries", &*progress.entries.to_string()),
                    ("of", &*progress.of.to_string()),
                ];
                let told = text_with(language, "audit-progress", &variables);
                match progress.entries < progress.of {
                    true => told,
                    false => String::new(),
                }
            }
        };
        if shows {
            // Nothing depends on it.
            let _ = write!(stderr(), "\r{told}\x1b[K");
        }
    }
}

/// What was brought, and how long it took.
fn told(moved: &Moved, [_, to]: &[String; 2], language: Language) -> String {
    let mut lines = Vec::new();
    for table in moved.tables.iter().filter(|table| table.rows >= ROWS_TOLD) {
        let variables = [
            ("table", table.table),
            ("rows", &*table.rows.to_string()),
            ("seconds", &*seconds(table.took, language)),
            ("pace", &*pace(table.brought, table.took)),
        ];
        lines.push(text_with(language, "migrate-table", &variables));
    }
    let rows: u64 = moved.tables.iter().map(|table| table.rows).sum();
    let brought: u64 = moved.tables.iter().map(|table| table.brought).sum();
    let variables = [
        ("rows", &*rows.to_string()),
        ("tables", &*moved.tables.len().to_string()),
        ("to", to),
        ("seconds", &*seconds(moved.took, language)),
        ("pace", &*pace(brought, moved.took)),
    ];
    let key = match moved.differences.is_empty() {
        true => "migrate-rows",
        false => "migrate-rows-differ",
    };
    lines.push(text_with(language, key, &variables));
    if brought < rows {
        let earlier = (rows - brought).to_string();
        lines.push(text_with(
            language,
            "migrate-resumed",
            &[("rows", &earlier)],
        ));
    }
    if !moved.differences.is_empty() {
        return lines.join("\n");
    }
    if let Some((entry, _)) = moved.head {
        let entry = entry.to_string();
        lines.push(text_with(
            language,
            "migrate-same-head",
            &[("entry", &entry)],
        ));
    }
    match &moved.verified {
        Some(verified) if verified.found == 0 => {
            let variables = [
                ("entries", &*verified.counts.entries.to_string()),
                ("seconds", &*seconds(moved.verifying_took, language)),
            ];
            lines.push(text_with(language, "migrate-verified", &variables));
        }
        Some(_) => {}
        None => lines.push(text(language, "migrate-unverified")),
    }
    lines.join("\n")
}

/// What is not as it was in the source, or not as it was recorded, a line for each.
fn otherwise(moved: &Moved, language: Language) -> String {
    let mut lines = Vec::new();
    for difference in &moved.differences {
        lines.push(match difference {
            Difference::Rows {
                table,
                found,
                expected,
            } => {
                let (found, expected) = (found.to_string(), expected.to_string());
                let variables = [("table", &**table), ("found", &found), ("told", &expected)];
                text_with(language, "migrate-differs", &variables)
            }
            Difference::Head => text(language, "migrate-differs-head"),
        });
    }
    if !lines.is_empty() {
        lines.push(text(language, "migrate-differs-do"));
    }
    if let Some(verified) = moved
        .verified
        .as_ref()
        .filter(|verified| verified.found > 0)
    {
        let count = verified.found.to_string();
        lines.push(text_with(language, "migrate-altered", &[("count", &count)]));
        let findings = verified.findings.iter();
        lines.extend(findings.map(|finding| audit::words(finding, language)));
        let more = verified.found - verified.findings.len() as u64;
        if more > 0 {
            let more = more.to_string();
            lines.push(text_with(language, "audit-more", &[("count", &more)]));
        }
        lines.push(text(language, "migrate-altered-do"));
    }
    lines.join("\n")
}

/// One object on one line, for scripts.
fn as_object(
    moved: &Moved,
    [from, to]: &[String; 2],
    contents: &Path,
    language: Language,
) -> Value {
    let tables: Vec<Value> = moved
        .tables
        .iter()
        .map(|table| {
            let seconds = table.took.as_secs_f64();
            json!({ "table": table.table, "rows": table.rows, "brought": table.brought, "seconds": seconds })
        })
        .collect();
    let head = moved.head.map(|(entry, commitment)| {
        let commitment = hexadecimal(&commitment);
        json!({ "entry": entry, "commitment": commitment })
    });
    let differences: Vec<Value> = moved
        .differences
        .iter()
        .map(|difference| match difference {
            Difference::Rows {
                table,
                found,
                expected,
            } => json!({ "table": table, "found": found, "expected": expected }),
            Difference::Head => json!({ "table": "register_entry" }),
        })
        .collect();
    let findings = moved
        .verified
        .iter()
        .flat_map(|verified| &verified.findings);
    let findings: Vec<String> = findings
        .map(|finding| audit::words(finding, language))
        .collect();
    json!({
        "ok": moved.is_whole(),
        "from": from,
        "to": to,
        "rows": moved.tables.iter().map(|table| table.rows).sum::<u64>(),
        "seconds": moved.took.as_secs_f64(),
        "tables": tables,
        "head": head,
        "contents": moved.has_files().then(|| contents.display().to_string()),
        "verified": moved.verified.as_ref().map(|verified| verified.found == 0),
        "verifying_seconds": moved.verifying_took.as_secs_f64(),
        "differences": differences,
        "found": moved.verified.as_ref().map_or(0, |verified| verified.found),
        "findings": findings,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn seconds(took: Duration, language: Language) -> String {
    let seconds = format!("{:.1}", took.as_secs_f64());
    match language {
        Language::En => seconds,
        Language::Fr => seconds.replace('.', ","),
    }
}

/// Rows in a second.
fn pace(rows: u64, took: Duration) -> String {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    rows.saturating_mul(1000)
        .checked_div(milliseconds)
        .unwrap_or(0)
        .to_string()
}

/// A URL as it is written into a configuration, which others may read.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}{behind}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, shown) in [
            ("sqlite:other.db", "sqlite:other.db"),
            ("postgres://a:b@c/d?host=/run", "postgres://a@c/d?host=/run"),
            ("mysql://a:b%40@c:1/d", "mysql://a@c:1/d"),
            ("mysql://c:1/d", "mysql://c:1/d"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn a_pace_is_told_of_what_took_no_time() {
        assert_eq!(pace(10, Duration::ZERO), "10000");
        assert_eq!(pace(10, Duration::from_secs(2)), "5");
    }
}
