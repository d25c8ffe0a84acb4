//! What is asked for, as it is written on a command line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use serde_json::{Value, json};

/// What a line behind `causette admin` asks for.
fn asked(line: &[&str]) -> Value {
    let line = [&["admin"], line].concat();
    let matches = command(Language::En).try_get_matches_from(line).unwrap();
    let (group, inside) = matches.subcommand().unwrap();
    let (name, matches) = match inside.subcommand() {
        Some((name, matches)) => (asked_by(group, name), matches),
        None => (group.to_owned(), inside),
    };
    let request = order::request(Verb::named(&name).unwrap(), matches);
    serde_json::to_value(request).unwrap()
}

fn is_understood(line: &[&str]) -> bool {
    let line = [&["admin"], line].concat();
    command(Language::En).try_get_matches_from(line).is_ok()
}

#[test]
fn every_verb_that_can_be_written_stands_on_the_command_line() {
    let admin = command(Language::En);
    // Those who read the register do so by `causette audit`.
    let ours = VERBS.iter().filter(|verb| verb.name != "audit.read");
    for verb in ours.filter(|verb| is_written(verb)) {
        let (group, name) = verb.place();
        let place = group.map_or(Some(&admin), |group| admin.find_subcommand(group));
        let found = place.and_then(|place| place.find_subcommand(name));
        assert!(found.is_some(), "{}", verb.name);
    }
}

#[test]
fn files_are_listed_by_both_names_and_looked_for_by_their_bytes() {
    let digest = "AB".repeat(32);
    for list in [&["files"][..], &["file", "list"]] {
        let line = [list, &["plan", "--owner", "bob", "--sha256", &digest]].concat();
        let expected = json!({"verb": "files", "like": "plan", "owner": "bob", "sha256": digest});
        assert_eq!(asked(&line), expected);
        assert!(!is_understood(&[list, &["--sha256", "abc"]].concat()));
    }
}

#[test]
fn a_file_is_removed_put_aside_and_given_back_for_a_reason() {
    for name in ["remove", "quarantine", "release"] {
        let line = ["file", name, "7", "--reason", "a virus"];
        let expected = json!({"verb": format!("file.{name}"), "number": "7", "reason": "a virus"});
        assert_eq!(asked(&line), expected);
        assert!(!is_understood(&line[..3]), "{name}");
    }
    assert_eq!(asked(&["file", "show", "7", "--json"])["verb"], "file.show");
}

#[test]
fn a_quota_is_taken_away_by_its_own_verb_and_not_by_a_length_that_is_none() {
    let set = ["quota", "set", "alice", "5GB", "--reason", "pictures"];
    let expected =
        json!({"verb": "quota.set", "account": "alice", "reason": "pictures", "size": "5GB"});
    assert_eq!(asked(&set), expected);
    for wrong in [&[][..], &["5GBB"], &["5", "GB"], &["-1"]] {
        let line = [&set[..3], wrong, &set[4..]].concat();
        assert!(!is_understood(&line), "{line:?}");
    }
    let unset = ["quota", "unset", "alice", "--reason", "enough"];
    let expected = json!({"verb": "quota.unset", "account": "alice", "reason": "enough"});
    assert_eq!(asked(&unset), expected);
    assert!(!is_understood(&[&unset[..], &["5GB"]].concat()));
}
