//! Operations, called as no door of today calls them: by somebody without a session, or without the right.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod programs;
mod roles;

use super::*;
use crate::account::about::about;
use crate::account::{approval, forgotten, listed, login, program, removal, rename, role, sign_up};
use crate::ask::administration as administration_asked;
use crate::ask::permit::permit;
use crate::denied::{Denied, Why};
use crate::discipline::impose::{Wanted, impose};
use crate::discipline::lift::{lift, lift_from};
use crate::discipline::{filter, held, list};
use crate::event::Verb;
use crate::file::{Audience, FileRef, Listed, Listing, PermitKey};
use crate::files::list::{list as list_files, search};
use crate::files::{aside, permit as upload, quota};
use crate::filter::FilterAction;
use crate::id::{AccountId, FileId, FilterId, HeldId, InvitationId, SanctionId, TokenId, UserId};
use crate::input::{Asker, Transport};
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

/// An operation that needs a right: how somebody comes to be refused by it.
type Operation = fn(&mut Turn<'_>, &Actor) -> Result<(), Denied>;

const OPERATIONS: &[(Act, Operation)] = &[
    (Act::EndConnections, |turn, actor| {
        kill(turn, actor, "nobody", "why").map(drop)
    }),
    (Act::EndConnections, |turn, actor| {
        put_out(turn, actor, "#nowhere", "nobody", "why").map(drop)
    }),
    (Act::Sanction, |turn, actor| {
        let wanted = Wanted {
            kind: SanctionKind::Ban,
            whom: "nobody".into(),
            room: None,
            seconds: Some(60),
            reason: "why",
        };
        impose(turn, actor, wanted).map(drop)
    }),
    (Act::Sanction, |turn, actor| {
        lift(turn, actor, SanctionId(1), "why").map(drop)
    }),
    (Act::InspectAccount, |turn, actor| {
        list::list(turn, actor).map(drop)
    }),
    (Act::Sanction, |turn, actor| {
        list::of(turn, actor, "nobody").map(drop)
    }),
    (Act::Sanction, |turn, actor| {
        list::find(turn, actor, SanctionKind::Ban, ("nobody".into(), None)).map(drop)
    }),
    (Act::Sanction, |turn, actor| {
        lift_from(
            turn,
            actor,
            SanctionKind::Ban,
            ("nobody".into(), None),
            "why",
        )
        .map(drop)
    }),
    (Act::Filter, |turn, actor| {
        let wanted = filter::Wanted {
            pattern: "spam",
            action: FilterAction::Drop,
            room: None,
            reason: "why",
        };
        filter::set(turn, actor, wanted).map(drop)
    }),
    (Act::Filter, |turn, actor| {
        filter::remove(turn, actor, FilterId(1), "why").map(drop)
    }),
    (Act::Filter, |turn, actor| {
        filter::list(turn.state, actor).map(drop)
    }),
    (Act::Filter, |turn, actor| {
        held::decide(turn, actor, HeldId(1), true).map(drop)
    }),
    (Act::Filter, |turn, actor| {
        held::list(turn.state, actor).map(drop)
    }),
    (Act::Upload, |turn, actor| {
        let wanted = WantedUpload {
            name: FileName::nearest("a"),
            bytes: Some(1),
            audience: Audience::Private,
        };
        let key = PermitKey([1; 16]);
        upload::give(turn, actor, key, &wanted, (None, false)).map(drop)
    }),
    (Act::RuleFiles, |turn, actor| {
        let all = Listing {
            which: Listed::All,
            pattern: "".into(),
            before: None,
            count: 1,
        };
        list_files(turn, actor, &all).map(drop)
    }),
    (Act::RuleFiles, |turn, actor| {
        search(turn, actor, &FileSearch::default()).map(drop)
    }),
    (Act::RuleFiles, |turn, actor| {
        aside::put(turn, actor, &FileRef::Id(FileId(1)), true, "why").map(drop)
    }),
    (Act::RuleFiles, |turn, actor| {
        quota::show(turn, actor, "nobody").map(drop)
    }),
    (Act::SetQuota, |turn, actor| {
        quota::set(turn, actor, "nobody", Some(1), "why").map(drop)
    }),
    (Act::Announce, |turn, actor| {
        alert(turn, actor, "hear", true).map(drop)
    }),
    (Act::WriteAsAdministration, |turn, actor| {
        administration::write(turn, actor, "two", "hear").map(drop)
    }),
    (Act::InspectPerson, |turn, actor| {
        person::report::list(turn.state, actor, &Portion::default()).map(drop)
    }),
    (Act::InspectPerson, |turn, actor| {
        room::report::list(turn.state, actor, &Portion::default()).map(drop)
    }),
    (Act::RuleChannels, |turn, actor| {
        close::close(turn, actor, "#nowhere", "why").map(drop)
    }),
    (Act::RuleChannels, |turn, actor| {
        ownership::take_over(turn, actor, "#nowhere", "nobody", "why").map(drop)
    }),
    (Act::RuleChannels, |turn, actor| {
        bring(turn, actor, "two", "#nowhere").map(drop)
    }),
    (Act::RuleChannels, |turn, actor| {
        mode::rule(turn, actor, "#nowhere", Vec::new()).map(drop)
    }),
    (Act::RuleChannels, |turn, actor| {
        nickname::give(turn, actor, "two", "three").map(drop)
    }),
    (Act::Announce, |turn, actor| {
        announce(turn, actor, UserId::SERVER, "hear").map(drop)
    }),
    (Act::Stop, |turn, actor| {
        stop::ask(turn, actor, "for the night".into())
    }),
    (Act::Reload, |turn, actor| match actor {
        Actor::Session(session) => reload::begin(turn, *session),
        // By a signal, which asks nobody.
        _ => Ok(()),
    }),
    (Act::Invite, |turn, actor| {
        invitation::make(turn, actor, "irc.test", None, None).map(drop)
    }),
    (Act::Invite, |turn, actor| {
        invitation::begin(turn, actor, Asker::Admin(1), wanted(), root())
    }),
    (Act::Invite, |turn, actor| {
        invitation::settle(turn, actor, &wanted(), made()).map(drop)
    }),
    (Act::Invite, |turn, actor| {
        invitation::list(turn, actor).map(drop)
    }),
    (Act::Invite, |turn, actor| {
        invitation::end(turn, actor, InvitationId(1), "why").map(drop)
    }),
    (Act::GiveToken, |turn, actor| {
        let (whose, terms) = (("nobody", "watch"), (Scopes::read("read").unwrap(), 60));
        program::begin(turn, actor, Asker::Admin(1), whose, terms, root())
    }),
    (Act::GiveToken, |turn, actor| {
        program::settle(turn, actor, &wanted_token(), made()).map(drop)
    }),
    (Act::GiveToken, |turn, actor| {
        program::take(turn, actor, "nobody", TokenId(1), "why").map(drop)
    }),
    (Act::ReadRegister, |turn, actor| {
        register::read(turn, actor, "of today").map(drop)
    }),
    (Act::Inspect, |turn, actor| {
        permit(turn, actor, Act::Inspect).map(drop)
    }),
    (Act::Reload, |turn, actor| {
        permit(turn, actor, Act::Reload).map(drop)
    }),
    (Act::Stop, |turn, actor| {
        permit(turn, actor, Act::Stop).map(drop)
    }),
    (Act::ShowFingerprints, |turn, actor| {
        fingerprint::show(turn, actor).map(drop)
    }),
    (Act::Backup, |turn, actor| {
        backup::enter(turn, actor, "/srv/backup.tar".into(), 7, "00ff".into()).map(drop)
    }),
    (Act::ResetPassword, |turn, actor| {
        forgotten::begin(turn, actor, Asker::Admin(1), "nobody", None, reset)
    }),
    (Act::ResetPassword, |turn, actor| {
        forgotten::settle(turn, actor, AccountId(9), hashed()).map(drop)
    }),
    (Act::SetLogin, |turn, actor| {
        login::set(turn, actor, "nobody", "any", "why").map(drop)
    }),
    (Act::SetLogin, |turn, actor| {
        login::unlock(turn, actor, "nobody", "why").map(drop)
    }),
    (Act::MakeAccount, |turn, actor| {
        let (password, door) = (Secret::new("correct-horse-battery"), SignUpDoor::Operator);
        sign_up::begin(turn, actor, Asker::Admin(1), "carol", &password, door, None)
    }),
    (Act::MakeAccount, |turn, actor| {
        let name = AccountName::parse("carol", 32, turn.settings.casemap).unwrap();
        sign_up::settle(turn, actor, &name, (&SignUpDoor::Operator, None), hashed()).map(drop)
    }),
    (Act::GiveRole, |turn, actor| {
        role::give(turn, actor, "nobody", Role::Moderator, "why").map(drop)
    }),
    (Act::EndSessions, |turn, actor| {
        removal::end_sessions(turn, actor, "nobody", "why").map(drop)
    }),
    (Act::DropAccount, |turn, actor| {
        removal::drop_account(turn, actor, "nobody", "why").map(drop)
    }),
    (Act::Approve, |turn, actor| {
        approval::approve(turn, actor, "nobody").map(drop)
    }),
    (Act::Approve, |turn, actor| {
        approval::refuse(turn, actor, "nobody", "why").map(drop)
    }),
    (Act::Approve, |turn, actor| {
        approval::waiting(turn.state, actor).map(drop)
    }),
    (Act::RenameAccount, |turn, actor| {
        rename::rename(turn, actor, "nobody", "somebody", "why").map(drop)
    }),
    (Act::RuleChannels, |turn, actor| {
        room::rename::rule(turn, actor, "#nowhere", "#somewhere", "why").map(drop)
    }),
    (Act::SetRegistration, |turn, actor| {
        sign_ups::set(turn, actor, None).map(drop)
    }),
    (Act::InspectAccount, |turn, actor| {
        listed::list(turn.state, actor, &Portion::default()).map(drop)
    }),
    (Act::InspectAccount, |turn, actor| {
        listed::show(turn.state, actor, "nobody").map(drop)
    }),
];

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
