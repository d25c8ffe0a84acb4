//! Operations, called as no door of today calls them: by somebody without a session, or without the right.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod operations;
mod programs;
mod roles;

use super::*;
use crate::account::about::about;
use crate::account::{forgotten, listed, program, removal, role, sign_up};
use crate::ask::administration as administration_asked;
use crate::denied::{Denied, Why};
use crate::event::Verb;
use crate::filter::FilterAction;
use crate::id::{AccountId, FileId, FilterId, HeldId, InvitationId, SanctionId, TokenId, UserId};
use crate::input::{Asker, Transport};
use crate::modes::Letters;
use crate::order::{FileSearch, InvitationTerms, Portion};
use crate::person::alert::alert;
use crate::person::announce::announce;
use crate::person::kill::kill;
use crate::person::{self, nickname};
use crate::reply::denial;
use crate::right::{Act, RIGHTS, Role, Scopes, may};
use crate::room::bring::bring;
use crate::room::kick::put_out;
use crate::room::speak::{Saying, say};
use crate::room::{self, administration, close, mode, ownership};
use crate::sanction::SanctionKind;
use crate::secret::{Secret, Verifier};
use crate::server::{backup, fingerprint, invitation, register, reload, sign_ups, stop};
use crate::settings::{OperatorSettings, Registration};
use crate::snapshot::AccountRow;
use crate::state::session::Opered;
use crate::state::waiting::{
    Orderer, SignUpDoor, Then, Wanted as WantedLink, WantedToken, WantedUpload,
};
use causette_proto::{AccountName, Casemap, FileName, Nick, Tags, Timestamp};
use core::time::Duration;
use operations::OPERATIONS;

fn at(micros: u64) -> Moment {
    Moment {
        wall: Timestamp(micros.cast_signed()),
        elapsed: Duration::from_micros(micros),
    }
}

fn peer() -> Peer {
    Peer {
        address: [192, 0, 2, 1].into(),
        port: 1,
        local_port: 2,
        transport: Transport::Irc,
        tls: None,
        certificate: None,
        cloak: "host.net.ip".into(),
        exempt: false,
    }
}

/// A server where guests talk, and two of them.
fn two_guests() -> Core {
    let settings = Settings {
        accounts_required: false,
        ..Settings::default()
    };
    let mut core = Core::new(settings, Snapshot::default(), 1);
    let mut out = Outputs::default();
    core.start(at(1), &mut out);
    for (number, name) in [(101, "one"), (103, "two")] {
        let peer = peer();
        let session = SessionId(number);
        core.handle(at(number), Input::Opened { session, peer }, &mut out);
        for line in [format!("NICK {name}"), format!("USER {name} 0 * :{name}")] {
            let message = Message::parse(line.as_bytes()).unwrap();
            core.handle(at(number), Input::Line { session, message }, &mut out);
        }
    }
    core
}

fn first(core: &Core) -> (SessionId, UserId) {
    let session = SessionId(101);
    (session, core.state.sessions[&session].user.unwrap())
}

fn system() -> Actor {
    Actor::System("root".into())
}

fn made() -> Answer {
    Answer::Made {
        token: Secret::new("0000000000000001"),
        verifier: Verifier("00ff".to_owned()),
    }
}

fn hashed() -> Answer {
    Answer::Hashed(Verifier("$argon2id$".to_owned()))
}

fn root() -> Orderer {
    Orderer::System {
        name: "root".into(),
        language: None,
    }
}

fn wanted() -> WantedLink {
    WantedLink {
        address: "irc.test".into(),
        room: None,
        public_key: None,
        terms: InvitationTerms {
            uses: 1,
            seconds: None,
        },
    }
}

fn wanted_token() -> WantedToken {
    WantedToken {
        account: AccountId(9),
        name: "watch".into(),
        scopes: Scopes::read("read").unwrap(),
        seconds: 60,
    }
}

fn reset(account: AccountId) -> Then {
    let by = root();
    Then::Reset { account, by }
}

#[test]
fn an_operation_refuses_who_has_not_the_right_to_it() {
    let operator = Opered {
        operator: OperatorSettings {
            name: "boss".into(),
            class: "admin".into(),
        },
        since: Timestamp::MIN,
        gave: Letters::NONE,
    };
    let sessions = [
        (None, None),
        (Some(AccountId(9)), None),
        (None, Some(operator)),
    ];
    let actors = [Actor::Session(first(&two_guests()).0), system()];
    for (act, operation) in OPERATIONS {
        for (account, operator) in &sessions {
            for actor in &actors {
                let mut core = two_guests();
                let (session, _) = first(&core);
                let found = core.state.sessions.get_mut(&session).unwrap();
                found.account = *account;
                found.operator = operator.clone();
                let has = may(actor.role(&core.state), *act);
                let mut out = Outputs::default();
                let done = operation(&mut core.turn(&mut out), actor);
                let refused = done.is_err_and(|denied| denied.why == Why::NoRight);
                assert_eq!(refused, !has, "{act:?} by {actor:?}");
                let recorded = out.records() > 0;
                assert!(has || !recorded, "{act:?} by {actor:?} left {out:?}");
            }
        }
    }
}

/// The rights that no operation asks for by itself: they show more, or stand beside a rank in a channel.
const BESIDE: [Act; 3] = [Act::HearOfActs, Act::ListOperators, Act::RedactAnywhere];

#[test]
fn every_right_is_asked_for() {
    for (act, ..) in RIGHTS {
        let asked = OPERATIONS.iter().any(|(asked, _)| asked == act);
        assert!(asked != BESIDE.contains(act), "{act:?}");
    }
}

#[test]
fn a_stop_comes_behind_the_answer_where_there_is_one() {
    let stops = |out: &Outputs| {
        let last = out.as_slice().last();
        matches!(last, Some(Output::Stop { .. }))
    };
    let mut core = two_guests();
    let (session, _) = first(&core);
    let mut out = Outputs::default();
    let mut turn = core.turn(&mut out);
    stop::ask(&mut turn, &system(), "for the night".into()).unwrap();
    assert!(stops(&out), "{out:?}");
    out.take();
    let mut turn = core.turn(&mut out);
    turn.own = Bundle::new(session, None);
    turn.own.line("the answer".to_owned());
    stop::ask(&mut turn, &system(), "for the night".into()).unwrap();
    assert!(!stops(turn.out));
    turn.send_own();
    assert!(stops(&out), "{out:?}");
}

#[test]
fn that_somebody_is_typing_is_recorded_by_no_door() {
    for by_session in [true, false] {
        let mut core = two_guests();
        let (session, by) = first(&core);
        // Whoever gets it knows tags.
        let hears = core.state.sessions.get_mut(&SessionId(103)).unwrap();
        hears.enabled = causette_proto::Capabilities::ALL;
        let actor = if by_session {
            Actor::Session(session)
        } else {
            system()
        };
        let mut tags = Tags::default();
        tags.insert("+typing", "active");
        let saying = Saying {
            verb: Verb::Tagmsg,
            text: "",
            tags: &tags,
            relayed: None,
        };
        let mut out = Outputs::default();
        let said = say(&mut core.turn(&mut out), &actor, by, "two", saying);
        assert!(said.is_ok(), "{actor:?}");
        assert_eq!(out.records(), 0, "{out:?}");
        let [Output::Deliver(deliver)] = out.as_slice() else {
            panic!("{out:?}");
        };
        assert_eq!(deliver.except, by_session.then_some(session));
    }
}

#[test]
fn who_waits_for_what_is_never_asked_is_answered() {
    let mut core = two_guests();
    let mut out = Outputs::default();
    let answer = Answer::Verified(true);
    let asker = Asker::Admin(7);
    administration_asked::answered(
        &mut core.turn(&mut out),
        asker,
        Then::Reload,
        answer.clone(),
    );
    visit::answered(&mut core.turn(&mut out), 8, Then::Reload, answer);
    let [
        Output::Told {
            ticket: 7,
            result: Err(_),
        },
        Output::Visited {
            ticket: 8,
            result: Err(_),
        },
    ] = out.as_slice()
    else {
        panic!("{out:?}");
    };
}

#[test]
fn who_is_touched_is_told_why() {
    let mut core = two_guests();
    let mut out = Outputs::default();
    let killed = kill(&mut core.turn(&mut out), &system(), "two", "");
    assert_eq!(killed.err().map(|denied| denied.why), Some(Why::NoReason));
    assert_eq!(out.records(), 0, "{out:?}");
}

#[test]
fn a_reason_says_all_that_any_door_names() {
    let mut core = two_guests();
    let (session, _) = first(&core);
    let mut out = Outputs::default();
    let mut turn = core.turn(&mut out);
    let no_room = invitation::make(&mut turn, &system(), "irc.test", Some("#nope"), None);
    denial::check(&no_room.unwrap_err());
    // So many wait that nobody else may.
    let (actor, asker) = (Actor::Session(session), Asker::Admin(0));
    for ticket in 1..=limits::ACTS_WAITING {
        let then = reset(AccountId(9));
        turn.wait(Asker::Admin(ticket as u64), then);
    }
    let (password, door) = (Secret::new("correct-horse-battery"), SignUpDoor::Operator);
    let busy = sign_up::begin(&mut turn, &system(), asker, "carol", &password, door, None);
    let busy = busy.unwrap_err();
    assert_eq!((busy.why, busy.variable("account")), (Why::Busy, "carol"));
    // In the lobby nobody is told of accounts.
    let found = turn.state.sessions.get_mut(&session).unwrap();
    let user = found.user.take();
    let stranger = about(turn.state, &actor, Some("carol")).err().unwrap();
    turn.state.sessions.get_mut(&session).unwrap().user = user;
    denial::check(&stranger);
}
