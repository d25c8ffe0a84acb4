//! What keys do on the screen: where Enter sends what is typed, and that no key destroys it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod anything;
mod kept;
mod stage;

use causette_client::core::input::{Input, Intent};
use causette_client::core::output::Output;
use causette_client::face::tui::screen::Overlay;
use causette_text::Language;
use crossterm::event::{Event, KeyCode, KeyModifiers};
use stage::Stage;

const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;

#[test]
fn what_is_typed_over_a_box_reaches_the_line_whole() {
    let boxes = [
        (KeyCode::F(1), KeyModifiers::NONE),
        (KeyCode::F(7), KeyModifiers::NONE),
        (KeyCode::F(8), KeyModifiers::NONE),
        (KeyCode::Char('c'), CONTROL),
    ];
    for language in Language::ALL {
        for (key, modifiers) in boxes {
            let mut stage = Stage::new(language);
            stage.press_with(key, modifiers);
            stage.write("/msg bob my secret");
            let said = stage.send();
            assert_eq!(said, [("bob".to_owned(), "my secret".to_owned())], "{key}");
        }
    }
}

#[test]
fn a_paste_over_a_box_reaches_the_line_and_never_leaves_by_itself() {
    let mut stage = Stage::new(Language::En);
    stage.press_with(KeyCode::Char('c'), CONTROL);
    let out = stage.event(&Event::Paste("yes\nno".to_owned()));
    assert!(!out.iter().any(|output| matches!(output, Output::Ended)));
    assert_eq!(stage.screen.typed(), "yes\nno");
}

#[test]
fn a_box_takes_enter_and_the_line_below_is_not_sent() {
    for key in [1, 7, 8] {
        let mut stage = Stage::new(Language::En);
        stage.write("half a thought");
        stage.press(KeyCode::F(key));
        assert_eq!(stage.send(), []);
        assert_eq!(stage.screen.typed(), "half a thought");
        assert_eq!(stage.send().len(), 1, "the box is gone");
    }
}

#[test]
fn a_list_that_is_open_takes_the_arrows() {
    for key in [7, 8] {
        let mut stage = Stage::new(Language::En);
        stage.press(KeyCode::F(key));
        for arrow in [
            KeyCode::Down,
            KeyCode::PageDown,
            KeyCode::Up,
            KeyCode::PageUp,
        ] {
            stage.press(arrow);
            assert!(!matches!(stage.screen.overlay, Overlay::None), "{arrow}");
        }
        stage.press(KeyCode::F(key));
        assert!(matches!(stage.screen.overlay, Overlay::None));
    }
}

#[test]
fn the_question_on_leaving_takes_its_own_answers_only() {
    for (language, yes) in [(Language::En, 'y'), (Language::Fr, 'o')] {
        let asked = || {
            let mut stage = Stage::new(language);
            stage.press_with(KeyCode::Char('c'), CONTROL);
            stage
        };
        let ends = |out: &[Output]| out.iter().any(|output| matches!(output, Output::Ended));
        assert!(ends(&asked().press(KeyCode::Char(yes))));
        assert!(ends(&asked().press_with(KeyCode::Char('c'), CONTROL)));
        assert!(!ends(&asked().press_with(KeyCode::Char(yes), ALT)));
        for key in [KeyCode::Char('n'), KeyCode::Enter, KeyCode::Esc] {
            let mut stage = asked();
            assert!(
                !ends(&stage.press(key)),
                "{key}: the answer is no by itself"
            );
            assert_eq!(stage.screen.typed(), "");
        }
    }
}

#[test]
fn what_is_typed_to_find_a_conversation_is_never_said() {
    let mut stage = Stage::new(Language::En);
    stage.press_with(KeyCode::Char('k'), CONTROL);
    stage.write("/msg bob my secret");
    assert_eq!(stage.send(), []);
    stage.event(&Event::Paste("pasted".to_owned()));
    assert_eq!(stage.send(), []);
    assert_eq!(stage.screen.typed(), "", "nothing of it is in the line");
    stage.press(KeyCode::Esc);
    stage.press_with(KeyCode::Char('k'), CONTROL);
    stage.write("tea");
    stage.press(KeyCode::Enter);
    assert_eq!(stage.client.current().name, "#tea");
}

#[test]
fn who_goes_elsewhere_and_writes_before_anything_is_drawn_writes_there() {
    let mut stage = Stage::new(Language::En);
    assert_eq!(stage.client.current().name, "#general");
    stage.write("for all");
    stage.press_with(KeyCode::Down, ALT);
    stage.write("for tea");
    assert_eq!(stage.send(), [("#tea".to_owned(), "for tea".to_owned())]);
    stage.press_with(KeyCode::Up, ALT);
    assert_eq!(
        stage.send(),
        [("#general".to_owned(), "for all".to_owned())]
    );
}

#[test]
fn a_channel_that_opens_while_somebody_types_waits_for_them() {
    let mut stage = Stage::new(Language::En);
    stage.write("/join #late");
    stage.send();
    stage.write("/msg bob my se");
    stage.hear(":amy!a@h JOIN #late");
    stage.write("cret");
    assert_eq!(stage.send(), [("bob".to_owned(), "my secret".to_owned())]);
    stage.write("/join #later");
    stage.send();
    stage.hear(":amy!a@h JOIN #later");
    assert_eq!(stage.client.current().name, "#later");
}

#[test]
fn what_is_deleted_can_be_had_back() {
    let mut stage = Stage::new(Language::En);
    stage.write("one two three");
    stage.press_with(KeyCode::Char('u'), CONTROL);
    assert_eq!(stage.screen.typed(), "");
    stage.press_with(KeyCode::Char('y'), CONTROL);
    assert_eq!(stage.screen.typed(), "one two three");
    stage.press(KeyCode::Left);
    stage.press_with(KeyCode::Char('u'), CONTROL);
    assert_eq!(stage.screen.typed(), "e", "up to the cursor only");
    // As terminals send Ctrl+_.
    stage.press_with(KeyCode::Char('7'), CONTROL);
    assert_eq!(stage.screen.typed(), "one two three");
    for back in ['y', '7'] {
        stage.press_with(KeyCode::Char('c'), CONTROL);
        assert_eq!(stage.screen.typed(), "");
        stage.press_with(KeyCode::Char(back), CONTROL);
        assert_eq!(stage.screen.typed(), "one two three");
    }
    let kept = stage.client.current().draft.clone();
    assert_eq!(kept, "one two three", "and the client knows it");
}

#[test]
fn a_key_that_begins_a_command_puts_the_draft_aside() {
    let begin: [(&[(KeyCode, KeyModifiers)], &str); 3] = [
        (
            &[
                (KeyCode::BackTab, KeyModifiers::SHIFT),
                (KeyCode::Char('+'), KeyModifiers::NONE),
            ],
            "/react 1 ",
        ),
        (
            &[
                (KeyCode::BackTab, KeyModifiers::SHIFT),
                (KeyCode::Char('d'), KeyModifiers::NONE),
            ],
            "/delete 1",
        ),
        (&[(KeyCode::Char('f'), CONTROL)], "/search "),
    ];
    for (keys, begun) in begin {
        let mut stage = Stage::new(Language::En);
        stage.hear("@msgid=m1 :bob!b@h PRIVMSG #general :what bob said");
        for draft in ["", "half a thought"] {
            stage.draw(80, 24);
            stage.write(draft);
            stage.draw(80, 24);
        }
        let press_all = |stage: &mut Stage| {
            for &(key, modifiers) in keys {
                stage.press_with(key, modifiers);
            }
        };
        stage.draw(80, 24);
        press_all(&mut stage);
        assert!(stage.draw(80, 24).contains(begun.trim()));
        assert_eq!(stage.screen.typed(), begun);
        assert_eq!(stage.client.keepsake().drafts["#general"], "half a thought");
        press_all(&mut stage);
        assert_eq!(stage.screen.typed(), begun, "twice is once");
        stage.press(KeyCode::Esc);
        assert_eq!(stage.screen.typed(), "half a thought", "Esc gives it up");
        press_all(&mut stage);
        stage.press_with(KeyCode::Char('c'), CONTROL);
        assert_eq!(stage.screen.typed(), "half a thought", "and so does Ctrl+C");
        press_all(&mut stage);
        stage.write("x");
        assert_eq!(stage.send(), [], "a command is not said");
        assert_eq!(stage.screen.typed(), "half a thought", "it is there again");
        assert_eq!(stage.client.current().draft, "half a thought");
    }
}

#[test]
fn what_is_too_long_to_be_kept_is_not_taken() {
    let mut stage = Stage::new(Language::En);
    stage.write("half a thought");
    stage.event(&Event::Paste("long text ".repeat(10_000)));
    assert_eq!(stage.screen.typed(), "half a thought");
    let told = |stage: &mut Stage| stage.draw(80, 24).matches("65536 bytes at most").count();
    assert_eq!(told(&mut stage), 1);
    // The next part of the same paste.
    stage.event(&Event::Paste("\nlong text".repeat(10_000)));
    assert_eq!(stage.screen.typed(), "half a thought");
    assert_eq!(told(&mut stage), 1);
    stage.write("!");
    stage.event(&Event::Paste("long text ".repeat(10_000)));
    assert_eq!(stage.screen.typed(), "half a thought!");
    assert_eq!(told(&mut stage), 2);
}

#[test]
fn a_draft_from_before_keeps_nobody_from_where_they_want_to_go() {
    let mut stage = Stage::new(Language::En);
    stage.write("half a thought");
    let mut stage = stage.restart();
    assert_eq!(stage.screen.typed(), "half a thought");
    let here = stage.client.current().id;
    let join = Intent::Submit(here, "/join #late".to_owned());
    stage.handle(Input::Intent(join));
    stage.hear(":amy!a@h JOIN #late");
    assert_eq!(stage.client.current().name, "#late");
    let general = stage.client.find("#general").unwrap();
    let draft = &stage.client.buffer(general).unwrap().draft;
    assert_eq!(draft, "half a thought", "and it stays where it was written");
}

#[test]
fn looking_at_what_was_sent_before_keeps_what_is_typed() {
    let mut stage = Stage::new(Language::En);
    for text in ["first", "second"] {
        stage.write(text);
        stage.send();
    }
    stage.write("half a thought");
    for (key, shown) in [
        (KeyCode::Up, "second"),
        (KeyCode::Up, "first"),
        (KeyCode::Up, "first"),
        (KeyCode::Down, "second"),
        (KeyCode::Down, "half a thought"),
        (KeyCode::Down, "half a thought"),
    ] {
        stage.press_with(key, CONTROL);
        assert_eq!(stage.screen.typed(), shown);
    }
    stage.press_with(KeyCode::Down, ALT);
    stage.press(KeyCode::Up);
    assert_eq!(
        stage.screen.typed(),
        "",
        "nothing was sent in this conversation"
    );
}

#[test]
fn drafts_that_were_put_aside_outlive_the_client() {
    let mut stage = Stage::new(Language::En);
    stage.write("sent");
    stage.send();
    stage.write("half a thought");
    stage.press_with(KeyCode::Up, CONTROL);
    stage.write(" and changed");
    let mut stage = stage.restart();
    assert_eq!(stage.screen.typed(), "sent and changed");
    stage.press_with(KeyCode::Char('c'), CONTROL);
    stage.press(KeyCode::Esc);
    assert_eq!(stage.screen.typed(), "half a thought");
}

#[test]
fn the_line_shows_whose_message_it_is_about() {
    for (language, answers, deletes) in [
        (
            Language::En,
            "Answers bob: what bob said",
            "Takes back bob: what bob said",
        ),
        (
            Language::Fr,
            "Répond à bob : what bob said",
            "Retire bob : what bob said",
        ),
    ] {
        let mut stage = Stage::new(language);
        stage.hear("@msgid=m1 :bob!b@h PRIVMSG #general :what bob said");
        stage.press(KeyCode::BackTab);
        stage.press(KeyCode::Char('r'));
        assert!(
            stage.draw(80, 24).contains(answers),
            "{}",
            stage.draw(80, 24)
        );
        stage.press(KeyCode::Esc);
        assert!(!stage.draw(80, 24).contains(answers));
        stage.write("/delete 1");
        assert!(
            stage.draw(80, 24).contains(deletes),
            "{}",
            stage.draw(80, 24)
        );
    }
}

#[test]
fn what_came_while_nobody_looked_begins_with_a_line_and_is_read_at_its_end() {
    let mut stage = Stage::new(Language::En);
    stage.look();
    stage.hear("@msgid=a :bob!b@h PRIVMSG #general :seen at once");
    stage.look();
    assert_eq!(stage.client.current().unread, 0);
    stage.event(&Event::FocusLost);
    for number in 1..=60 {
        stage.hear(&format!(
            "@msgid=m{number} :bob!b@h PRIVMSG #general :missed {number}."
        ));
    }
    let screen = stage.look();
    assert!(screen.contains("missed 60."), "{screen}");
    assert_eq!(stage.client.current().unread, 60, "nobody was there");
    // Any key brings them back, where the terminal does not tell.
    stage.press(KeyCode::Left);
    let screen = stage.look();
    for text in ["60 new messages", "missed 1.", "newer below"] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    assert_eq!(stage.client.current().unread, 60, "the end was not seen");
    stage.press(KeyCode::End);
    let screen = stage.look();
    assert!(screen.contains("missed 60."), "{screen}");
    assert_eq!(stage.client.current().unread, 0);
}

#[test]
fn a_key_proves_that_somebody_looks() {
    let mut stage = Stage::new(Language::En);
    stage.event(&Event::FocusLost);
    assert!(!stage.screen.has_focus);
    stage.event(&Event::Resize(80, 24));
    assert!(!stage.screen.has_focus, "a window is resized by others too");
    stage.press(KeyCode::Left);
    assert!(stage.screen.has_focus);
}

#[test]
fn a_key_that_begins_a_command_in_an_empty_line_puts_only_that_there() {
    let mut stage = Stage::new(Language::En);
    stage.draw(80, 24);
    stage.write("said");
    stage.draw(80, 24);
    stage.send();
    stage.draw(80, 24);
    stage.hear("@msgid=m1 :amy!a@h PRIVMSG #general :said");
    stage.draw(80, 24);
    stage.press(KeyCode::BackTab);
    stage.draw(80, 24);
    stage.press(KeyCode::Char('d'));
    assert!(stage.draw(80, 24).contains("❯ /delete 1"));
    stage.hear("@msgid=m2 :bob!b@h PRIVMSG #general :said meanwhile");
    assert!(stage.draw(80, 24).contains("Takes back amy: said"));
    let redacts = |output: &Output| matches!(output, Output::Send(line) if line.params[..] == ["#general", "m1"]);
    assert!(stage.press(KeyCode::Enter).iter().any(redacts));
}
