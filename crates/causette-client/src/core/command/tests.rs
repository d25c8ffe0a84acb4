//! How typed lines are understood.

use super::*;
use causette_text::{Language, has_text};

fn typed(line: &str) -> Typed {
    understand(line, Spelling::default())
}

fn said(line: &str) -> Typed {
    Typed::Say(line.to_owned())
}

#[test]
fn every_command_has_its_words_in_both_languages_and_a_name_of_its_own() {
    let mut names = Vec::new();
    for known in COMMANDS {
        names.push(known.name);
        names.extend(known.aliases);
        for language in Language::ALL {
            assert!(has_text(language, known.summary), "{}", known.summary);
            assert!(
                known.syntax.is_empty() || has_text(language, known.syntax),
                "{}",
                known.syntax
            );
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn both_spellings_mean_the_same() {
    for (one, other) in [
        ("/help", "#Help"),
        ("/users", "#listu"),
        ("/query bob", "#PRIVATE bob"),
        ("/query", "#Private"),
        ("/quit bye", "#Exit bye"),
        ("/files", "#ListF"),
        ("/files sent", "#listf Sent"),
        ("/upload a b.txt", "#TrfU \"a b.txt\""),
        ("/upload --to bob a.txt", "#TrfU private bob a.txt"),
        ("/download a.txt", "#TrfD a.txt"),
    ] {
        assert_eq!(typed(one), typed(other));
        assert!(matches!(typed(one), Typed::Command(_)), "{one}");
    }
}

#[test]
fn what_only_looks_like_a_command_is_said() {
    for line in [
        "#help est le salon pour poser des questions",
        "#listu now",
        "#trfu one two",
        "#trfd",
        "#ListF is new",
        "#ListF hello",
        "#TrfUs one two",
        "#general",
        "bye",
        "hello /quit",
        "",
    ] {
        assert_eq!(typed(line), said(line));
    }
    assert_eq!(typed("//etc/passwd"), said("/etc/passwd"));
    assert_eq!(typed("\\#Exit"), said("#Exit"));
    let plain = Spelling {
        hash: false,
        bare_bye: false,
    };
    assert_eq!(understand("#Exit", plain), said("#Exit"));
    let classic = Spelling {
        hash: true,
        bare_bye: true,
    };
    assert_eq!(
        understand("bye", classic),
        Typed::Command(Command::Quit(String::new()))
    );
}

#[test]
fn an_unknown_command_is_never_said() {
    assert_eq!(
        typed("/mgs NickServ identify hunter2"),
        Typed::Unknown("mgs".into(), Some("msg"))
    );
    assert_eq!(
        typed("/frobnicate"),
        Typed::Unknown("frobnicate".into(), None)
    );
    assert_eq!(typed("/"), Typed::Unknown("".into(), None));
    assert!(matches!(typed("/msg bob"), Typed::Misused(word) if word.name == "msg"));
    assert!(matches!(typed("/reply x hi"), Typed::Misused(_)));
    assert!(matches!(typed("/react 0 👍"), Typed::Misused(_)));
}

#[test]
fn what_sends_and_fetches_files_is_never_said() {
    for line in [
        "#TrfU my report.txt",
        "#TrfU private x.txt",
        "#TrfU \"my report.txt",
        " #TrfU",
        "#TrfD",
        "#TrfD my report.txt",
    ] {
        assert!(matches!(typed(line), Typed::MisusedAsBefore(_)), "{line}");
    }
    assert_eq!(typed("#TrfU private\nx.txt"), Typed::SeveralLines);
    assert_eq!(typed("\\#TrfU is a word"), said("#TrfU is a word"));
}

#[test]
fn several_lines_go_to_whom_their_first_line_names_or_nowhere() {
    let to_bob = |text: &str| Typed::Command(Command::Message("bob".into(), text.to_owned()));
    assert_eq!(typed("/msg bob one\ntwo"), to_bob("one\ntwo"));
    assert_eq!(typed("/msg bob\none\ntwo"), to_bob("one\ntwo"));
    for text in [
        "/topic one\ntwo",
        "/quit\nnow",
        "/quote PRIVMSG bob :one\nQUIT",
        "/msg\nbob",
        "/query bob\nmy secret",
        "#Private bob\nmy secret",
    ] {
        assert_eq!(typed(text), Typed::SeveralLines, "{text:?}");
    }
    assert!(matches!(typed("/mgs bob\nmy secret"), Typed::Unknown(..)));
    assert_eq!(typed("\n /msg bob one"), to_bob("one"));
    assert_eq!(typed(" #private bob"), typed("/query bob"));
    for text in [
        " one",
        " #general",
        "one\n/quit",
        "#general\nis a room",
        "# Title\ntext",
    ] {
        assert_eq!(typed(text), said(text));
    }
    assert_eq!(typed("//etc/passwd\ntext"), said("/etc/passwd\ntext"));
    assert_eq!(typed("\\#Exit\ntext"), said("#Exit\ntext"));
}

#[test]
fn what_follows_is_read_as_it_is_written() {
    assert_eq!(
        typed("/msg bob  two  spaces "),
        Typed::Command(Command::Message("bob".into(), "two  spaces ".to_owned()))
    );
    assert_eq!(
        typed("/reply #3 oui"),
        Typed::Command(Command::Reply(3, "oui".to_owned()))
    );
    assert_eq!(typed("/last"), Typed::Command(Command::Last(10)));
    assert_eq!(typed("/topic"), Typed::Command(Command::Topic(None)));
}
