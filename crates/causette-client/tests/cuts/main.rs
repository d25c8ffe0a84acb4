//! `send` and `tail` against a server whose connection is cut at random: nothing missing, nothing twice, nothing out of order,
//! and the code tells how it went.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;
mod private;

use causette_client::core::entry::{Entry, Manner};
use causette_client::exit::{Exit, Trouble};
use causette_client::face::verb::Form;
use causette_client::face::verb::follow::follow;
use causette_client::face::verb::send::{Piece, Saying, Told, say_all};
use causette_client::face::verb::tail::{Place, Tail};
use causette_proto::Timestamp;
use model::{Server, World};
use proptest::prelude::*;
use tokio::sync::mpsc;

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// Says so many lines; gives how it ended, and the messages that were told to be stored.
fn send(world: &mut World, lines: usize) -> (Result<Exit, Trouble>, Vec<String>) {
    let (tell, mut input) = mpsc::channel(lines + 1);
    for number in 0..lines {
        tell.try_send(Piece::Line(format!("line {number}")))
            .unwrap();
    }
    drop(tell);
    let saying = Saying {
        target: "#room".into(),
        manner: Manner::Message,
        reply_to: None,
    };
    let mut told = Vec::new();
    let result = block_on(say_all(world, &mut input, saying, |news| {
        let Told::Stored(stored) = news else {
            panic!("{news:?}");
        };
        told.push(stored.msgid.as_ref().unwrap().to_string());
    }));
    (result, told)
}

fn stored_lines(world: &World) -> Vec<String> {
    let kept = world.server.kept.iter();
    kept.flat_map(|kept| kept.lines.clone()).collect()
}

fn lines(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("line {number}")).collect()
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("m{number:07}")).collect()
}

fn follows(count: Option<usize>, since: Option<Place>) -> Tail {
    Tail {
        targets: vec!["#room".into()],
        since,
        count,
        follows: true,
        events: false,
        form: Form::Text,
    }
}

/// The numbers of the messages that are shown.
fn tail(world: &mut World, tail: &Tail) -> (Result<Exit, Trouble>, Vec<usize>) {
    let mut seen: Vec<usize> = Vec::new();
    let mut show = |_: &str, entry: &Entry| {
        let first = entry.said().unwrap().text.lines().next().unwrap();
        seen.push(first["n° ".len()..].parse().unwrap());
        Ok(())
    };
    let result = block_on(follow(world, Vec::new(), tail, &mut show));
    (result, seen)
}

#[test]
fn ten_thousand_lines_are_stored_once_and_in_order_whatever_is_cut() {
    for seed in 1..4 {
        let mut world = World::new(100, seed);
        world.cuts = 20;
        let (result, told) = send(&mut world, 10_000);
        assert_eq!(result.unwrap(), Exit::Done, "seed {seed}");
        assert!(stored_lines(&world) == lines(10_000), "seed {seed}");
        assert_eq!(told, names(world.server.kept.len()), "seed {seed}");
        // In as few messages as fit.
        assert_eq!(world.server.kept.len(), 10_000_usize.div_ceil(12));
    }
}

#[test]
fn ten_thousand_messages_are_followed_once_and_in_order_whatever_is_cut() {
    let seed = 1;
    let mut world = World::new(100, seed);
    world.cuts = 10;
    for _ in 0..100 {
        world.other_says();
    }
    world.to_say = 9_900;
    let (result, seen) = tail(&mut world, &follows(Some(100), None));
    assert_eq!(result.unwrap_err().exit, Exit::Interrupted);
    // Something may have been said before the first page was asked for.
    let first = seen[0];
    assert!(first <= 100, "seed {seed}: begins at {first}");
    let differs = seen
        .iter()
        .zip(first..)
        .find(|&(&seen, expected)| seen != expected);
    assert_eq!((differs, seen.last()), (None, Some(&9_999)), "seed {seed}");
}

#[test]
fn what_is_refused_ends_it_there_and_the_code_tells_how_much_is_stored() {
    let mut world = World::new(100, 1);
    world.server.refuses = Some(0);
    let (result, told) = send(&mut world, 40);
    assert_eq!(result.unwrap_err().exit, Exit::Refused);
    assert!(told.is_empty() && world.server.kept.is_empty());

    let mut world = World::new(100, 1);
    world.server.refuses = Some(2);
    let (result, told) = send(&mut world, 40);
    let trouble = result.unwrap_err();
    assert_eq!(trouble.exit, Exit::Partly);
    assert!(trouble.text.starts_with("not now"), "{}", trouble.text);
    assert_eq!(told, names(2));
    assert_eq!(stored_lines(&world), lines(24));
}

#[test]
fn a_server_that_says_nothing_any_more_is_waited_for_and_then_the_code_tells() {
    let mut world = World::new(100, 1);
    world.server.is_silent = true;
    let (result, _) = send(&mut world, 3);
    let trouble = result.unwrap_err();
    assert_eq!(trouble.exit, Exit::Network);
    assert!(trouble.text.contains("not known"), "{}", trouble.text);
}

#[test]
fn the_last_messages_are_messages_and_since_is_all() {
    let mut world = World::new(7, 1);
    for _ in 0..100 {
        world.other_says();
    }
    let middle = world.server.kept.len() / 2;
    let behind = world.server.kept[middle + 1..].iter();
    let behind = behind.filter(|kept| !kept.lines.is_empty()).count();
    let expected: Vec<usize> = (100 - behind..100).collect();
    let once = |count, since| Tail {
        follows: false,
        ..follows(count, since)
    };
    let read = |world: &mut World, wanted: Tail| {
        let (result, seen) = tail(world, &wanted);
        assert_eq!(result.unwrap(), Exit::Done);
        seen
    };
    assert_eq!(
        read(&mut world, once(Some(10), None)),
        (90..100).collect::<Vec<_>>()
    );
    assert_eq!(
        read(&mut world, once(None, None)),
        (50..100).collect::<Vec<_>>()
    );
    assert_eq!(read(&mut world, once(Some(0), None)), Vec::<usize>::new());
    assert_eq!(
        read(&mut world, once(Some(500), None)),
        (0..100).collect::<Vec<_>>()
    );
    let place = Place::Msgid(format!("m{middle:07}").into());
    assert_eq!(read(&mut world, once(None, Some(place.clone()))), expected);
    assert_eq!(read(&mut world, once(Some(3), Some(place))), [97, 98, 99]);
    let beginning = Place::Moment(Timestamp::MIN);
    assert_eq!(
        read(&mut world, once(None, Some(beginning))),
        (0..100).collect::<Vec<_>>()
    );
    // What the server does not know is not found, and nothing is shown.
    let unknown = Place::Msgid("m9999999".into());
    let (result, seen) = tail(&mut world, &once(None, Some(unknown)));
    assert_eq!(result.unwrap_err().exit, Exit::NotFound);
    assert!(seen.is_empty());
}

#[test]
fn a_page_that_cannot_be_read_now_is_asked_for_again() {
    for is_plain in [false, true] {
        let server = Server::failing(3, is_plain);
        let mut world = World::of(server, 1);
        world.cuts = 50;
        world.to_say = 300;
        let (result, seen) = tail(&mut world, &follows(Some(1), None));
        assert_eq!(result.unwrap_err().exit, Exit::Interrupted);
        let expected: Vec<usize> = (seen[0]..300).collect();
        assert_eq!(seen, expected, "{is_plain}");
    }
}

#[test]
fn who_follows_is_told_when_a_page_can_never_be_read() {
    for is_plain in [false, true] {
        let server = Server::failing(1_000, is_plain);
        let mut world = World::of(server, 1);
        world.other_says();
        let (result, seen) = tail(&mut world, &follows(Some(1), None));
        let trouble = result.unwrap_err();
        assert_eq!((trouble.exit, &*trouble.text), (Exit::Partly, "not now"));
        assert_eq!(seen, [0]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// However the connection is cut: what is told to be stored is stored, once and in order, and the code is right.
    #[test]
    fn what_is_told_is_so(seed in 1_u64.., count in 1_usize..200, cuts in 0_u64..400) {
        let mut world = World::new(5, seed);
        world.cuts = cuts;
        let (result, told) = send(&mut world, count);
        let stored = stored_lines(&world);
        prop_assert_eq!(&stored, &lines(stored.len()));
        prop_assert_eq!(&told, &names(told.len()));
        match result {
            Ok(_) => prop_assert_eq!(stored.len(), count),
            Err(trouble) => {
                let expected = if told.is_empty() { Exit::Network } else { Exit::Partly };
                prop_assert_eq!(trouble.exit, expected);
                // Of one message nobody knows.
                prop_assert!(world.server.kept.len() <= told.len() + 1);
            }
        }
    }

    /// However the connection is cut and wherever one begins: everything is shown once and in order.
    #[test]
    fn nothing_is_missed(seed in 1_u64.., before in 0_usize..60, later in 1_usize..200, count in 0_usize..80, cuts in 0_u64..200) {
        let mut world = World::new(5, seed);
        for _ in 0..before {
            world.other_says();
        }
        world.cuts = cuts;
        world.to_say = later;
        let first = before.saturating_sub(count);
        let wanted = follows(Some(count), None);
        let (result, seen) = tail(&mut world, &wanted);
        prop_assert_eq!(result.unwrap_err().exit, Exit::Interrupted);
        // What is said before the first page is asked for may push out what was there before.
        let begins = seen.first().copied().unwrap_or(before + later);
        prop_assert!(begins >= first);
        let expected: Vec<usize> = (begins..before + later).collect();
        prop_assert_eq!(seen, expected);
    }
}
