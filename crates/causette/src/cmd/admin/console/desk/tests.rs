//! What is typed, and what comes of it, in both languages.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use serde_json::json;

/// What comes of a line: what is asked for as JSON, what is shown as it is.
fn typed(desk: &mut Desk, line: &str) -> Vec<String> {
    told(desk.typed(line))
}

fn told(acts: Vec<Act>) -> Vec<String> {
    let told = acts.into_iter().map(|act| match act {
        Act::Print(text) => text,
        Act::Ask(request) => serde_json::to_value(&request).unwrap().to_string(),
        Act::Backup(file) => format!("backup {file:?}"),
        Act::Leave => "leave".to_owned(),
    });
    told.collect()
}

fn desk() -> Desk {
    Desk::new(Seat::Serving, Language::Fr)
}

#[test]
fn what_is_missing_is_asked_for_and_what_harms_is_asked_again() {
    let mut desk = desk();
    assert_eq!(desk.prompt(), "Votre action sur le serveur : ");
    assert!(typed(&mut desk, "#kill").is_empty());
    assert!(desk.prompt().starts_with("Le pseudo"), "{}", desk.prompt());
    assert!(typed(&mut desk, "bob").is_empty());
    assert!(desk.prompt().starts_with("Pourquoi"), "{}", desk.prompt());
    let asked = typed(&mut desk, "propos injurieux");
    assert_eq!(asked, ["  #Kill bob · propos injurieux ? [o/N]"]);
    let done = typed(&mut desk, "oui");
    assert_eq!(
        done,
        [r#"{"nick":"bob","reason":"propos injurieux","verb":"kick"}"#]
    );
    typed(&mut desk, "#Kill bob spam");
    assert_eq!(typed(&mut desk, ""), ["  Rien n'a été fait."]);
    assert_eq!(typed(&mut desk, "listu"), [r#"{"verb":"people"}"#]);
}

#[test]
fn what_does_not_fit_is_asked_for_three_times_and_no_more() {
    let mut desk = desk();
    let king = "  « king » n'est aucun de : owner, admin, moderator, auditor, user, bot.";
    assert_eq!(typed(&mut desk, "#Role bob king"), [king]);
    assert!(desk.prompt().starts_with("owner, admin"));
    assert_eq!(typed(&mut desk, "king"), [king]);
    assert_eq!(typed(&mut desk, "king"), [king, "  Rien n'a été fait."]);
    assert_eq!(desk.prompt(), "Votre action sur le serveur : ");
    // The reason is kept that was said with it.
    typed(&mut desk, "#Role bob king he asked");
    let asked = typed(&mut desk, "MODERATOR");
    assert_eq!(asked, ["  #Role bob · moderator · he asked ? [o/N]"]);
    typed(&mut desk, "n");
    let asked = typed(&mut desk, "#lift première");
    assert_eq!(asked, ["  « première » n'est pas un nombre."]);
}

#[test]
fn a_backup_is_made_where_it_is_said_or_where_the_configuration_says() {
    let mut desk = desk();
    assert_eq!(typed(&mut desk, "#backup"), ["backup None"]);
    let named = typed(&mut desk, "#Backup /srv/causette du soir.tar");
    assert_eq!(named, [r#"backup Some("/srv/causette du soir.tar")"#]);
}

#[test]
fn a_conversation_is_written_to_and_shown_once() {
    let mut desk = desk();
    let opened = typed(&mut desk, "#Private alice");
    assert!(opened[0].contains("alice"), "{opened:?}");
    assert!(desk.prompt().contains("alice"));
    let asked = typed(&mut desk, "peux-tu fermer #test ?");
    assert_eq!(
        asked,
        [r#"{"text":"peux-tu fermer #test ?","to":"alice","verb":"write"}"#]
    );
    let request = Request::new("write")
        .with("to", "alice")
        .with("text", "bonjour");
    let reply: Reply = serde_json::from_value(json!({"ok": true, "text": "fait"})).unwrap();
    assert_eq!(told(desk.answered(&request, &reply)), ["  fait"]);
    let other = Request::new("write")
        .with("to", "alice")
        .with("text", "tu es là ?");
    assert!(desk.answered(&other, &reply).is_empty());
    let wrote = |from: Value, message: &str| {
        json!({"event": "wrote", "time": "2026-11-28T14:02:11.000Z", "from": from, "with": "Alice",
               "message": message, "text": message})
    };
    assert_eq!(desk.happened(&wrote(Value::Null, "bonjour")), None);
    assert_eq!(
        desk.happened(&wrote(Value::Null, "d'un autre")).unwrap(),
        "[14:02:11] d'un autre"
    );
    assert_eq!(
        desk.happened(&wrote("Alice".into(), "oui")).unwrap(),
        "[14:02:11] oui"
    );
    assert_eq!(typed(&mut desk, "#listu"), [r#"{"verb":"people"}"#]);
    let over = typed(&mut desk, "#PRIVATE");
    assert!(
        over[0].contains("alice") && desk.prompt().contains("Votre action"),
        "{over:?}"
    );
}

#[test]
fn the_end_is_asked_for_in_both_words() {
    for word in ["#Exit", "close", "CLOSE"] {
        let mut desk = desk();
        let asked = typed(&mut desk, &format!("{word} 30s mise à jour"));
        assert!(asked[0].contains("30s"), "{asked:?}");
        let done = typed(&mut desk, "o");
        assert_eq!(
            done,
            [r#"{"in":"30s","reason":"mise à jour","verb":"stop"}"#]
        );
    }
    let mut desk = desk();
    assert_eq!(told(desk.interrupted()).len(), 1);
    assert_eq!(told(desk.interrupted()), ["  Rien n'a été fait."]);
    assert!(!desk.ended());
    desk.exit("");
    assert!(desk.ended());
    assert!(Desk::new(Seat::Attached, Language::En).ended());
}

#[test]
fn every_command_is_in_the_help() {
    for language in Language::ALL {
        let mut desk = Desk::new(Seat::Attached, language);
        let help = typed(&mut desk, "#HELP").concat();
        for command in desk.commands() {
            assert!(help.contains(&command), "{command}");
        }
        assert!(
            help.lines().all(|line| line.chars().count() <= 80),
            "{help}"
        );
        assert!(
            !help.contains("cli-") && !help.contains("console-"),
            "{help}"
        );
        assert_eq!(typed(&mut desk, "#ListF"), [r#"{"verb":"files"}"#]);
        assert!(typed(&mut desk, "#nosuch").concat().contains("nosuch"));
        assert_eq!(typed(&mut desk, "#Detach"), ["leave"]);
    }
}
