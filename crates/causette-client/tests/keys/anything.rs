//! Whatever is pressed, pasted, resized and heard: what is typed for one place is never said in another, and no draft is lost.
//!
//! The person of this test writes another letter in each place, by what they look at; so each message tells where each of its
//! letters was meant to go.

use crate::stage::{Stage, said};
use causette_client::core::input::Input;
use causette_client::core::output::Output;
use causette_client::face::tui::screen::Overlay;
use causette_text::Language;
use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use ratatui_textarea::DataCursor;
use std::collections::{BTreeMap, BTreeSet};

/// A letter that is only ever written into the box for going somewhere.
const FOR_THE_BOX: char = 'x';

/// What is meant for bob, wherever it is written.
const SECRET: char = 'z';

#[derive(Clone, Debug)]
enum Deed {
    /// A letter of the place that one looks at.
    Letter,
    /// The same, by the clipboard.
    Paste,
    /// So many of them that it is asked whether they are sent.
    LongPaste,
    /// An answer to that.
    Answer(char),
    /// A blank, which may stand before a command.
    Blank,
    /// A command that says something to somebody else.
    Secret,
    /// Nothing more is taken from now on.
    Fill,
    Key(KeyCode, KeyModifiers),
    /// A key that does something only while a message is pointed at.
    Pointing(char),
    Click(u16),
    Focus(bool),
    Draw(u16, u16),
    Hear(String),
    Lose,
}

fn deed() -> impl Strategy<Value = Deed> {
    let none = KeyModifiers::NONE;
    let keys = [
        (KeyCode::Enter, none),
        (KeyCode::Esc, none),
        (KeyCode::Tab, none),
        (KeyCode::BackTab, none),
        (KeyCode::Backspace, none),
        (KeyCode::Up, none),
        (KeyCode::Down, none),
        (KeyCode::Left, none),
        (KeyCode::Home, none),
        (KeyCode::End, none),
        (KeyCode::PageUp, none),
        (KeyCode::PageDown, none),
        (KeyCode::F(1), none),
        (KeyCode::F(7), none),
        (KeyCode::F(8), none),
        (KeyCode::F(9), none),
        (KeyCode::Enter, KeyModifiers::ALT),
        (KeyCode::Up, KeyModifiers::ALT),
        (KeyCode::Down, KeyModifiers::ALT),
        (KeyCode::Up, KeyModifiers::ALT | KeyModifiers::SHIFT),
        (KeyCode::Char('a'), KeyModifiers::ALT),
        (KeyCode::Char('2'), KeyModifiers::ALT),
        (KeyCode::Char('k'), KeyModifiers::ALT),
        (KeyCode::Char('p'), KeyModifiers::ALT),
        (KeyCode::Up, KeyModifiers::CONTROL),
        (KeyCode::Down, KeyModifiers::CONTROL),
        (KeyCode::Char('c'), KeyModifiers::CONTROL),
        (KeyCode::Char('k'), KeyModifiers::CONTROL),
        (KeyCode::Char('f'), KeyModifiers::CONTROL),
        (KeyCode::Char('j'), KeyModifiers::CONTROL),
        (KeyCode::Char('u'), KeyModifiers::CONTROL),
        (KeyCode::Char('w'), KeyModifiers::CONTROL),
        (KeyCode::Char('y'), KeyModifiers::CONTROL),
        (KeyCode::Char('7'), KeyModifiers::CONTROL),
    ];
    let heard = [
        ":bob!b@h PRIVMSG #general :amy?",
        ":bob!b@h PRIVMSG #tea :hello",
        ":bob!b@h PRIVMSG amy :in private",
        ":amy!a@h JOIN #forced",
        ":bob!b@h KICK #tea amy :out",
        ":amy!a@h JOIN #tea",
        ":bob!b@h PART #general",
        ":s MARKREAD #tea timestamp=2026-11-20T14:30:00.000Z",
        ":op!o@h WALLOPS :attention",
    ];
    prop_oneof![
        8 => Just(Deed::Letter),
        1 => Just(Deed::Paste),
        1 => Just(Deed::LongPaste),
        2 => proptest::sample::select(vec!['s', 'e', 'c']).prop_map(Deed::Answer),
        1 => Just(Deed::Blank),
        2 => Just(Deed::Secret),
        12 => proptest::sample::select(keys.to_vec())
            .prop_map(|(key, modifiers)| Deed::Key(key, modifiers)),
        2 => proptest::sample::select(vec!['r', '+', 'd', 'c', 'n']).prop_map(Deed::Pointing),
        1 => (0_u16..12).prop_map(Deed::Click),
        1 => any::<bool>().prop_map(Deed::Focus),
        3 => (1_u16..130, 1_u16..40).prop_map(|(columns, rows)| Deed::Draw(columns, rows)),
        2 => (proptest::sample::select(heard.to_vec()), any::<u32>())
            .prop_map(|(line, number)| Deed::Hear(format!("@msgid=m{number} {line}"))),
        1 => Just(Deed::Lose),
        1 => proptest::bool::weighted(0.1).prop_map(|fills| if fills { Deed::Fill } else { Deed::Letter }),
    ]
}

/// The letter of the place that one looks at.
fn letter(stage: &Stage) -> char {
    if matches!(stage.screen.overlay, Overlay::Switcher(..)) {
        return FOR_THE_BOX;
    }
    letter_of(&stage.client.current().name)
}

fn letter_of(place: &str) -> char {
    match place {
        "#general" => 'e',
        "#tea" => 'f',
        "#forced" => 'g',
        "bob" => 'h',
        _ => 'i',
    }
}

/// The drafts that are somewhere, but for the line.
fn drafts(stage: &Stage) -> BTreeSet<String> {
    let kept = stage.client.keepsake();
    let aside = kept.aside.into_values().flatten();
    let all = kept.drafts.into_values().chain(aside);
    all.filter(|draft| !draft.trim().is_empty()).collect()
}

/// Whether somebody would take a command apart, so that something of it is a text: they see that.
fn cuts_off(stage: &Stage, deed: &Deed) -> bool {
    let typed = stage.screen.typed();
    let DataCursor(_, column) = stage.screen.input.cursor();
    let is_at_end = stage.screen.input.lines().len() == 1 && column == typed.chars().count();
    let cuts = match deed {
        Deed::Key(KeyCode::Backspace, _) => !is_at_end,
        Deed::Key(KeyCode::Char('u'), _) => !is_at_end,
        Deed::Key(KeyCode::Char('w'), _) => true,
        Deed::Key(KeyCode::Char('k'), modifiers) => *modifiers == KeyModifiers::ALT,
        _ => false,
    };
    cuts && typed.contains('/')
}

/// Whether an event may change the line itself: whoever writes in it or cuts from it means that.
fn edits(deed: &Deed) -> bool {
    match deed {
        Deed::Letter | Deed::Paste | Deed::LongPaste | Deed::Blank | Deed::Secret => true,
        Deed::Answer(_) => true,
        Deed::Key(key, modifiers) => match key {
            KeyCode::Enter | KeyCode::Backspace | KeyCode::Tab => true,
            // What these take out of the line is there to be pasted or recalled.
            KeyCode::Esc | KeyCode::Up | KeyCode::Down => {
                modifiers.difference(KeyModifiers::CONTROL).is_empty()
            }
            KeyCode::Char('k') => *modifiers == KeyModifiers::ALT,
            KeyCode::Char(letter) => {
                "cjuwy7".contains(*letter) && *modifiers == KeyModifiers::CONTROL
            }
            _ => false,
        },
        _ => false,
    }
}

fn perform(stage: &mut Stage, deed: &Deed) -> Vec<Output> {
    // What is pointed at is in the conversation that is looked at.
    stage.screen.follow(&stage.client);
    match deed {
        Deed::Letter => stage.press(KeyCode::Char(letter(stage))),
        Deed::Paste => stage.event(&Event::Paste(letter(stage).to_string().repeat(3))),
        Deed::LongPaste => stage.event(&Event::Paste(letter(stage).to_string().repeat(999))),
        Deed::Answer(answer) => {
            if matches!(stage.screen.overlay, Overlay::Long(_)) {
                stage.press(KeyCode::Char(*answer))
            } else {
                Vec::new()
            }
        }
        Deed::Blank => stage.press(KeyCode::Char(' ')),
        Deed::Fill => {
            stage.fill_outbox();
            Vec::new()
        }
        Deed::Secret => {
            let is_free = stage.client.current().draft.trim().is_empty()
                && stage.screen.selected.is_none()
                && !matches!(stage.screen.overlay, Overlay::Switcher(..));
            if is_free {
                stage.write("/msg bob ");
                stage.press(KeyCode::Char(SECRET));
                assert_eq!(stage.screen.typed().trim(), "/msg bob z");
            }
            Vec::new()
        }
        Deed::Key(key, modifiers) => stage.press_with(*key, *modifiers),
        Deed::Pointing(letter) => {
            let is_answer = *letter == 'n' && matches!(stage.screen.overlay, Overlay::Leaving);
            if stage.screen.selected.is_some()
                && stage.screen.completion.is_none()
                && *letter != 'n'
                || is_answer
            {
                stage.press(KeyCode::Char(*letter))
            } else {
                Vec::new()
            }
        }
        Deed::Click(row) => stage.event(&Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 3,
            row: *row,
            modifiers: KeyModifiers::NONE,
        })),
        Deed::Focus(true) => stage.event(&Event::FocusGained),
        Deed::Focus(false) => stage.event(&Event::FocusLost),
        Deed::Draw(columns, rows) => {
            stage.event(&Event::Resize(*columns, *rows));
            stage.draw(*columns, *rows);
            Vec::new()
        }
        Deed::Hear(line) => stage.hear(line),
        Deed::Lose => {
            let mut lost = stage.handle(Input::Closed("the network is down".to_owned()));
            let mut out = stage.open_again();
            out.append(&mut lost);
            out
        }
    }
}

/// What was in the lines that were entered, by whom it was for: where it was written, or whom a command names.
#[derive(Default)]
struct Entered {
    here: BTreeMap<String, BTreeSet<String>>,
    by_command: BTreeMap<String, BTreeSet<String>>,
}

impl Entered {
    fn add(&mut self, place: &str, line: &str) {
        let begins = line.trim_start();
        let (entered, target, text) = if begins.starts_with('/') && !begins.starts_with("//") {
            let Some((word, rest)) = begins.split_once(char::is_whitespace) else {
                return;
            };
            match (word, rest.trim_start().split_once(char::is_whitespace)) {
                ("/me", _) => (&mut self.by_command, place, rest),
                (_, Some((target, text))) => (&mut self.by_command, target, text),
                _ => return,
            }
        } else {
            (&mut self.here, place, line)
        };
        let texts = entered.entry(target.to_owned()).or_default();
        texts.insert(text.to_owned());
    }

    /// Whether a text is a part of what was entered for somebody: by its letters for them alone, or behind a command, or with
    /// a command in it, which is then no command.
    fn has(&self, target: &str, text: &str) -> bool {
        let text = text.trim_start_matches("\u{1}ACTION ");
        let text = text.trim_end_matches('\u{1}');
        let is_part = |entered: &BTreeMap<String, BTreeSet<String>>| {
            let mut texts = entered.get(target).into_iter().flatten();
            texts.any(|entered| entered.contains(text))
        };
        let meant = letter_of(target);
        let mut letters = text.chars().filter(|letter| !letter.is_whitespace());
        let is_meant = letters.all(|letter| letter == meant) || text.contains('/');
        (is_part(&self.here) && is_meant) || is_part(&self.by_command)
    }
}

fn check(deeds: &[Deed]) -> Result<(), TestCaseError> {
    let mut stage = Stage::new(Language::En);
    let mut entered = Entered::default();
    // What the arrows bring back, whether it was taken or not.
    let mut recalled: BTreeSet<String> = BTreeSet::new();
    for deed in deeds {
        // The line of the conversation that is looked at, whether it was drawn or not.
        let line = stage.client.current().draft.clone();
        let place = stage.client.current().name.to_string();
        let is_ending = matches!(stage.screen.overlay, Overlay::Leaving)
            && matches!(deed, Deed::Key(KeyCode::Char('c'), KeyModifiers::CONTROL));
        // That would be the end of it.
        if is_ending || cuts_off(&stage, deed) {
            continue;
        }
        let mut before = drafts(&stage);
        if edits(deed) {
            before.remove(&line);
        }
        let sends = matches!(deed, Deed::Key(KeyCode::Enter, _) | Deed::Answer('s'));
        if sends {
            entered.add(&place, &line);
            recalled.insert(line.clone());
        }
        let out = perform(&mut stage, deed);
        for (target, text) in said(&out) {
            if target == "carol" {
                // What fills the outbox.
                continue;
            }
            prop_assert!(entered.has(&target, &text), "{target}: {text:?}");
            prop_assert!(!text.contains(FOR_THE_BOX), "{target}: {text:?}");
        }
        let is_kept = |output: &Output| matches!(output, Output::Untaken(..) | Output::Long { .. });
        if out.iter().any(is_kept) {
            prop_assert_eq!(stage.screen.typed(), line.clone());
            prop_assert_eq!(&stage.client.current().draft, &line);
        }
        let now = drafts(&stage);
        let typed = stage.screen.typed();
        for draft in before {
            prop_assert!(
                now.contains(&draft) || typed == draft || recalled.contains(&draft),
                "{deed:?} has lost {draft:?}: {now:?}, {typed:?}"
            );
        }
        let takes_out = matches!(deed, Deed::Key(KeyCode::Esc | KeyCode::Char('c' | 'u'), _));
        if takes_out && typed.is_empty() && !line.trim().is_empty() && !line.starts_with('/') {
            let is_there = now.contains(&line) || recalled.contains(&line);
            let yank = stage.screen.input.yank_text();
            prop_assert!(
                is_there || yank == line || line.contains('\n'),
                "{deed:?} took {line:?}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(400), ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_said_in_another_place_and_no_draft_is_lost(
        deeds in proptest::collection::vec(deed(), 1..80)
    ) {
        check(&deeds)?;
    }
}
