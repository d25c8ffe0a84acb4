//! Files on the screen: in a conversation, on their way, and dropped.

use super::{Stage, check, now, tag};
use causette_client::core::input::{Input, Intent};
use causette_client::core::output::Output;
use causette_client::core::transfer::{
    Act, Audience, Fault, Order, Outcome, Setback, Stage as How, Transfer, Way,
};
use causette_client::face::tui::act::event;
use causette_client::face::tui::screen::{Overlay, Scene, Screen};
use causette_client::face::tui::theme::Palette;
use causette_client::transport::Protection;
use causette_text::Language;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

fn transfer(id: &str, name: &str, done: u64, stage: How) -> Transfer {
    Transfer {
        id: id.into(),
        way: Way::Up,
        name: name.to_owned(),
        audience: Some(Audience::Room("#général".into())),
        size: 11_400_000,
        done,
        pace: 2_100_000,
        stage,
    }
}

/// A morning on which files are sent.
fn morning(language: Language) -> Stage {
    let mut stage = Stage::morning(language);
    stage.hear(
        ":s 005 Amélie causette/FILES=/api/v1 :are supported
@time=2026-11-20T14:14:00.000Z;msgid=f1;+causette/file=12 :bob!b@h PRIVMSG #général :📎 cr (1) final.pdf (2.3 MB) https://chat.exemple.fr/files/0123456789abcdef0123456789abcdef/cr%20%281%29%20final.pdf
@time=2026-11-20T14:14:30.000Z;msgid=f2;+causette/file=x :bob!b@h PRIVMSG #général :📎 not one (2.3 MB) https://example.org/",
    );
    let carried = [
        transfer("a", "photo.jpg", 7_100_000, How::Moving),
        Transfer {
            audience: Some(Audience::To("bob".into())),
            ..transfer(
                "b",
                "une sauvegarde.tar",
                1_000_000,
                How::Away("le réseau est coupé".to_owned()),
            )
        },
        Transfer {
            way: Way::Down,
            audience: None,
            ..transfer(
                "c",
                "compte rendu.pdf",
                11_400_000,
                How::Done(Outcome::default()),
            )
        },
        transfer(
            "d",
            "trop.iso",
            0,
            How::Failed(Setback {
                kind: Fault::Refused,
                text: "Trop grand : 2 Go au plus.".to_owned(),
            }),
        ),
    ];
    for transfer in carried {
        stage.handle(Input::Carried(transfer));
    }
    stage
}

fn press(stage: &mut Stage, screen: &mut Screen, happening: &Event) -> Vec<Output> {
    let intents = {
        let scene = Scene {
            client: &stage.0,
            server: "chat.exemple.fr".to_owned(),
            protection: Protection::Tls("TLS 1.3"),
            now: now(),
        };
        event(&scene, screen, happening).1
    };
    intents
        .into_iter()
        .flat_map(|intent| stage.intend(intent))
        .collect()
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

#[test]
fn files_on_their_way_are_drawn_in_both_languages() {
    for language in Language::ALL {
        let mut stage = morning(language);
        let mut screen = Screen::new(Palette::Sixteen);
        let shown = stage.text(&mut screen, 104, 24);
        check(&format!("files-{}-104x24", tag(language)), &shown);
        press(&mut stage, &mut screen, &key(KeyCode::F(4)));
        press(&mut stage, &mut screen, &key(KeyCode::Down));
        let shown = stage.text(&mut screen, 80, 24);
        check(&format!("transfers-{}-80x24", tag(language)), &shown);
        // Where there is no room for all, the chosen one is seen.
        for _ in 0..5 {
            press(&mut stage, &mut screen, &key(KeyCode::Down));
        }
        let shown = stage.text(&mut screen, 40, 10);
        assert!(
            shown.contains("trop.iso") && !shown.contains("photo.jpg"),
            "{shown}"
        );
    }
}

#[test]
fn the_chosen_transfer_is_what_the_keys_are_for() {
    let mut stage = morning(Language::Fr);
    let mut screen = Screen::new(Palette::Sixteen);
    press(&mut stage, &mut screen, &key(KeyCode::F(4)));
    press(&mut stage, &mut screen, &key(KeyCode::Down));
    let mut wanted = |letter| {
        let outputs = press(&mut stage, &mut screen, &key(KeyCode::Char(letter)));
        outputs.into_iter().find_map(|output| match output {
            Output::Carry(Order::Act(id, act)) => Some((id.to_string(), act)),
            _ => None,
        })
    };
    for (letter, act) in [('p', Act::Pause), ('r', Act::Resume), ('a', Act::Cancel)] {
        assert_eq!(wanted(letter), Some(("b".to_owned(), act)));
    }
    // Any other letter goes where letters go.
    assert_eq!(wanted('x'), None);
    assert!(matches!(screen.overlay, Overlay::None) && screen.typed() == "x");
}

#[test]
fn what_is_dropped_is_asked_about_and_never_sent_by_itself() {
    let folder = std::env::temp_dir().join(format!("causette-drop-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("photo d'été.jpg");
    std::fs::write(&file, vec![0; 11_400]).unwrap();
    let path = file.display().to_string();
    let drop = Event::Paste(format!("\"{path}\" "));
    let ordered = |outputs: Vec<Output>| {
        outputs.into_iter().find_map(|output| match output {
            Output::Carry(Order::Upload { audience, .. }) => Some(audience),
            _ => None,
        })
    };
    let mut stage = morning(Language::Fr);
    let mut screen = Screen::new(Palette::Sixteen);
    for (answer, audience) in [
        (KeyCode::Enter, Some(Audience::Room("#général".into()))),
        (KeyCode::Char('p'), Some(Audience::Private)),
        (KeyCode::Esc, None),
    ] {
        assert_eq!(ordered(press(&mut stage, &mut screen, &drop)), None);
        let shown = stage.text(&mut screen, 80, 24);
        assert!(
            shown.contains("Envoyer photo d'été.jpg (11,4 ko) à #général ?"),
            "{shown}"
        );
        assert_eq!(
            ordered(press(&mut stage, &mut screen, &key(answer))),
            audience
        );
    }
    assert_eq!(screen.typed(), format!("\"{path}\" "));
    // Any other key goes on with what was pasted.
    screen.set_typed("");
    press(&mut stage, &mut screen, &drop);
    press(&mut stage, &mut screen, &key(KeyCode::Char('?')));
    assert_eq!(screen.typed(), format!("\"{path}\" ?"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_long_text_may_go_as_a_file() {
    let mut stage = morning(Language::En);
    let mut screen = Screen::new(Palette::Sixteen);
    let here = stage.0.current().id;
    let text = "line\n".repeat(12);
    for output in stage.intend(Intent::Submit(here, text.clone())) {
        screen.take_back(&stage.0, &output);
    }
    let shown = stage.text(&mut screen, 80, 24);
    assert!(shown.contains("f as a file"), "{shown}");
    let outputs = press(&mut stage, &mut screen, &key(KeyCode::Char('f')));
    let order = outputs.into_iter().find_map(|output| match output {
        Output::Carry(order) => Some(format!("{order:?}")),
        _ => None,
    });
    let order = order.unwrap();
    assert!(order.contains("text-2026-11-20-1430.txt") && order.contains("Room(\"#général\")"));
    assert!(order.contains(&format!("{text:?}")), "{order}");
    assert_eq!(screen.typed(), "");
}
