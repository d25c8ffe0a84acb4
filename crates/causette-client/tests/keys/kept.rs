//! What becomes of a line that is not said at once: it is refused, asked about, put aside, or holds what nobody may see.

use crate::CONTROL;
use crate::stage::Stage;
use causette_client::core::input::{Input, Intent};
use causette_client::core::output::Output;
use causette_client::face::tui::screen::Overlay;
use causette_text::Language;
use crossterm::event::{Event, KeyCode};

/// Everything that is not known to be said, and to whom.
fn waiting(stage: &Stage) -> Vec<(String, String)> {
    let outbox = stage.client.outbox().iter();
    let others = outbox.filter(|message| message.target != "carol");
    others
        .map(|message| (message.target.to_string(), message.text.clone()))
        .collect()
}

#[test]
fn what_is_not_taken_stays_where_it_was_typed_as_it_was_typed() {
    for line in [
        "said here",
        "/msg bob my secret",
        " /notice bob my secret",
        "/me waves",
        "/reply 1 yes",
        "//etc/passwd",
    ] {
        let mut stage = Stage::new(Language::En);
        stage.hear("@msgid=m1 :bob!b@h PRIVMSG #general :what bob said");
        stage.hear("@msgid=m2 :bob!b@h PRIVMSG amy :in private");
        let (general, bob) = (stage.client.current().id, stage.client.find("bob").unwrap());
        let draft = Intent::Draft(bob, "a draft for bob".to_owned());
        stage.handle(Input::Intent(draft));
        let answer = Intent::ReplyTo(general, Some("m1".into()));
        stage.handle(Input::Intent(answer));
        stage.write("half a thought");
        stage.press_with(KeyCode::Char('f'), CONTROL);
        stage.press_with(KeyCode::Char('u'), CONTROL);
        stage.write(line);
        stage.fill_outbox();
        assert_eq!(stage.send(), []);
        assert!(stage.draw(80, 24).contains("this one was not taken"));
        assert_eq!(stage.screen.typed(), line);
        let here = stage.client.current();
        assert_eq!((here.id, &*here.draft), (general, line));
        assert_eq!(
            here.reply_to.as_deref(),
            Some("m1"),
            "it is an answer still"
        );
        let for_bob = &stage.client.buffer(bob).unwrap().draft;
        assert_eq!(for_bob, "a draft for bob");
        assert_eq!(waiting(&stage), []);
        stage.press_with(KeyCode::Char('c'), CONTROL);
        stage.press(KeyCode::Esc);
        assert_eq!(stage.screen.typed(), "half a thought");
    }
}

#[test]
fn a_long_text_is_asked_about_however_it_is_said_and_stays_what_was_typed() {
    let long = "word ".repeat(200);
    for (begins, target, said) in [
        ("", "#general", ""),
        ("/msg bob ", "bob", ""),
        ("/notice bob ", "bob", ""),
        ("/me ", "#general", ""),
        ("//etc ", "#general", "/etc "),
        ("\\#Exit ", "#general", "#Exit "),
    ] {
        let mut stage = Stage::new(Language::En);
        let line = format!("{begins}{long}");
        stage.event(&Event::Paste(line.clone()));
        assert_eq!(stage.send(), [], "{begins}");
        assert!(matches!(stage.screen.overlay, Overlay::Long(_)), "{begins}");
        stage.press(KeyCode::Char('e'));
        assert_eq!(stage.screen.typed(), line);
        assert_eq!(stage.client.current().draft, line);
        assert_eq!(stage.send(), [], "it is asked again");
        stage.handle(Input::Closed("the network is down".to_owned()));
        stage.press(KeyCode::Char('s'));
        assert_eq!(stage.screen.typed(), "");
        let texts = waiting(&stage);
        assert!(texts.len() > 1 && texts.iter().all(|(to, _)| to == target));
        assert!(texts[0].1.starts_with(&format!("{said}word")), "{texts:?}");
        stage.press(KeyCode::Esc);
        assert_eq!(waiting(&stage), [], "it is stopped from where it was typed");
    }
}

#[test]
fn a_password_is_neither_shown_nor_kept_however_the_line_begins() {
    for line in [
        "/msg NickServ IDENTIFY hunter2",
        "  /msg NickServ IDENTIFY hunter2",
        "/private NickServ IDENTIFY hunter2",
        "/msg NickServ HELP\nIDENTIFY hunter2",
        "hello\n/ns identify hunter2",
    ] {
        let mut stage = Stage::new(Language::En);
        stage.event(&Event::Paste(line.to_owned()));
        let screen = stage.draw(80, 24);
        assert!(
            screen.contains('•') && !screen.contains("hunter2"),
            "{screen}"
        );
        assert_eq!(stage.client.keepsake().drafts.len(), 0, "{line:?}");
        stage.send();
        if matches!(stage.screen.overlay, Overlay::Long(_)) {
            stage.press(KeyCode::Char('s'));
        }
        stage.press(KeyCode::Up);
        assert_eq!(stage.screen.typed(), "", "{line:?}");
    }
}

#[test]
fn the_page_of_the_server_has_the_name_that_it_is_shown_under() {
    let mut stage = Stage::new(Language::En);
    for name in ["Causette", "cauSETTE", "causet"] {
        stage.write(&format!("/go {name}"));
        stage.send();
        assert_eq!(stage.client.current().name, "", "{name}");
        stage.write("/go tea");
        stage.send();
        assert_eq!(stage.client.current().name, "#tea");
    }
}

#[test]
fn a_command_that_was_put_aside_is_still_about_its_message() {
    let mut stage = Stage::new(Language::En);
    stage.hear("@msgid=m1 :bob!b@h PRIVMSG #general :the one");
    stage.draw(80, 24);
    stage.press(KeyCode::BackTab);
    stage.press(KeyCode::Char('d'));
    stage.write(" spam");
    stage.hear("@msgid=m2 :bob!b@h PRIVMSG #general :another one");
    stage.press_with(KeyCode::Char('f'), CONTROL);
    stage.write("words");
    stage.press(KeyCode::Enter);
    assert_eq!(stage.screen.typed(), "/delete 1 spam");
    let redacts = |output: &Output| matches!(output, Output::Send(line) if line.params[..] == ["#general", "m1", "spam"]);
    assert!(stage.press(KeyCode::Enter).iter().any(redacts));
}

#[test]
fn a_text_that_was_put_aside_twice_comes_back_twice() {
    let mut stage = Stage::new(Language::En);
    for _ in 0..2 {
        stage.write("yes");
        stage.press_with(KeyCode::Char('f'), CONTROL);
        stage.press_with(KeyCode::Char('u'), CONTROL);
    }
    stage.write("yes");
    for _ in 0..3 {
        assert_eq!(stage.screen.typed(), "yes");
        assert_eq!(stage.send().len(), 1);
    }
    assert_eq!(stage.screen.typed(), "");
    assert_eq!(stage.client.current().draft, "");
}
