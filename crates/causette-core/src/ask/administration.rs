//! What the administrator asks for over the admin socket.

use super::accounts;
use crate::account::forgotten::{self, Reset};
use crate::account::sign_up;
use crate::actor::Actor;
use crate::ask::{people, sanctions};
use crate::denied::{Denied, Why};
use crate::discipline::impose::Wanted;
use crate::input::{Answer, Asker};
use crate::limits::CODE_HOURS;
use crate::order::{Maker, Order};
use crate::output::{Entry, Output, Told};
use crate::reply::denial;
use crate::report::Report;
use crate::secret::{CODE_CHARS, CODE_GROUP_CHARS, Secret};
use crate::server::{backup, fingerprint, invitation, reading};
use crate::state::waiting::{SignUpDoor, Then};
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;
use causette_text::{Language, text_with};

/// Does what the system user of a name asks for, or starts to.
pub(crate) fn obey(turn: &mut Turn<'_>, ticket: u64, by: CompactString, order: Order) {
    let (actor, asker) = (Actor::System(by.clone()), Asker::Admin(ticket));
    let done = match order {
        Order::ShowFingerprints { text } => {
            fingerprint::show(turn, &actor).map(|mark| Some((text, mark)))
        }
        Order::Invite {
            address,
            room,
            public_key,
            terms: _,
        } => {
            let (room, public_key) = (room.as_deref(), public_key.as_deref());
            let made = invitation::make(turn, &actor, &address, room, public_key);
            made.map(|(link, mark)| {
                let (key, variables) = ("admin-invitation", [("link", link.as_str())]);
                Some((text_with(turn.settings.language, key, &variables), mark))
            })
        }
        Order::EnterBackup {
            file,
            bytes,
            sha256,
            maker,
        } => {
            let by = match maker {
                Maker::Administrator => actor,
                Maker::Server => Actor::Server,
            };
            let told = text_with(
                turn.settings.language,
                "backup-entered",
                &[("file", file.as_str())],
            );
            let entered = backup::enter(turn, &by, file, bytes, sha256);
            entered.map(|mark| Some((told, mark)))
        }
        Order::EnterReading { question } => {
            reading::enter(turn, &actor, question).map(|mark| Some((String::new(), mark)))
        }
        Order::ResetPassword { name, password } => {
            let then = |account| Then::Reset { account, by };
            forgotten::begin(turn, &actor, asker, &name, password.as_ref(), then).map(|()| None)
        }
        Order::CreateAccount { name, password } => {
            let door = SignUpDoor::Socket(by);
            sign_up::begin(turn, &actor, asker, &name, &password, door).map(|()| None)
        }
        order @ (Order::ListAccounts(_)
        | Order::ShowAccount { .. }
        | Order::GiveRole { .. }
        | Order::EndSessions { .. }
        | Order::DropAccount { .. }
        | Order::Approve { .. }
        | Order::Refuse { .. }
        | Order::SetRegistration { .. }) => return accounts::obey(turn, ticket, &actor, order),
        order @ (Order::ListPeople(_)
        | Order::ListRooms(_)
        | Order::Alert { .. }
        | Order::Write { .. }
        | Order::CloseRoom { .. }
        | Order::TakeOverRoom { .. }) => {
            return match people::obey(turn, &actor, order) {
                Ok((report, mark)) => tell(turn, ticket, report, mark),
                Err(denied) => deny(turn, ticket, &denied),
            };
        }
        Order::ListSanctions => {
            return sanctions::tell_list(turn, ticket, &actor);
        }
        Order::Kick { nick, room, reason } => {
            sanctions::kick(turn, &actor, (&nick, room.as_deref()), &reason).map(Some)
        }
        Order::Sanction {
            kind,
            whom,
            room,
            seconds,
            reason,
        } => {
            let (room, whom, reason) = (room.as_deref(), whom.as_str(), reason.as_str());
            let wanted = Wanted {
                kind,
                whom,
                room,
                seconds,
                reason,
            };
            sanctions::impose(turn, &actor, wanted).map(Some)
        }
        Order::Lift { sanction, reason } => {
            sanctions::lift(turn, &actor, sanction, &reason).map(Some)
        }
        _ => Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    };
    match done {
        Ok(Some((text, mark))) => tell_done(turn, ticket, text, mark),
        // It waits for an answer.
        Ok(None) => {}
        Err(denied) => deny(turn, ticket, &denied),
    }
}

/// Goes on with an act when its answer is there.
pub(crate) fn answered(turn: &mut Turn<'_>, ticket: u64, then: Then, answer: Answer) {
    let language = turn.settings.language;
    let done = match then {
        Then::SignUp {
            name,
            door: SignUpDoor::Socket(by),
        } => {
            let (actor, door) = (Actor::System(by.clone()), SignUpDoor::Socket(by));
            let made = sign_up::settle(turn, &actor, &name, &door, answer);
            let variables = [("account", name.as_str())];
            made.map(|made| (text_with(language, "account-made", &variables), made.mark))
        }
        Then::Reset { account, by } => {
            let reset = forgotten::settle(turn, &Actor::System(by), account, answer);
            reset.map(|reset| (reset_told(language, &reset), reset.mark))
        }
        // The administrator waits for nothing else, and is not left without an answer.
        _ => Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    };
    match done {
        Ok((text, mark)) => tell_done(turn, ticket, text, mark),
        Err(denied) => deny(turn, ticket, &denied),
    }
}

/// What to tell who has forgotten their password.
fn reset_told(language: Language, Reset { name, code, .. }: &Reset) -> String {
    let hours = CODE_HOURS.to_string();
    let written = code.as_ref().map(in_groups).unwrap_or_default();
    let variables = [
        ("account", name.as_str()),
        ("code", written.as_str()),
        ("hours", hours.as_str()),
    ];
    let key = match code {
        Some(_) => "admin-code",
        None => "admin-password-reset",
    };
    text_with(language, key, &variables)
}

/// A code as it is told: in groups.
fn in_groups(code: &Secret) -> String {
    let code = code.expose();
    let groups: Vec<&str> = (0..CODE_CHARS)
        .step_by(CODE_GROUP_CHARS)
        .filter_map(|start| code.get(start..start + CODE_GROUP_CHARS))
        .collect();
    groups.join("-")
}

/// Tells why something was not done. Whoever has the machine is no stranger to be put off: for them it is out of order.
pub(super) fn deny(turn: &mut Turn<'_>, ticket: u64, denied: &Denied) {
    denial::check(denied);
    let key = match denied.why {
        Why::Busy => "unavailable",
        _ => denied.key,
    };
    let text = text_with(turn.settings.language, key, &denied.variables());
    let result = Err(text);
    turn.out.push(Output::Told { ticket, result });
}

pub(super) fn tell_done(turn: &mut Turn<'_>, ticket: u64, text: String, mark: Mark) {
    tell(turn, ticket, Report::Done(text), Some(mark));
}

pub(super) fn tell(turn: &mut Turn<'_>, ticket: u64, report: Report, mark: Option<Mark>) {
    let entry = mark.map_or(Entry::None, |mark| turn.entry(mark));
    let result = Ok(Told { report, entry });
    turn.out.push(Output::Told { ticket, result });
}

/// Tells what was only looked at.
pub(super) fn tell_report(turn: &mut Turn<'_>, ticket: u64, report: Report) {
    let entry = Entry::None;
    let result = Ok(Told { report, entry });
    turn.out.push(Output::Told { ticket, result });
}

#[cfg(test)]
mod tests {
    use crate::Core;
    use crate::input::{Answer, Input, Moment};
    use crate::order::{Maker, Order};
    use crate::output::{Entry, Output, Outputs, Told};
    use crate::record::{AccountChange, Fact};
    use crate::secret::{Secret, Verifier};
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;
    use causette_proto::Timestamp;
    use core::time::Duration;

    fn at(micros: u64) -> Moment {
        Moment {
            wall: Timestamp(micros.cast_signed()),
            elapsed: Duration::from_micros(micros),
        }
    }

    /// Orders something, answers what is asked for, and gives the fact whose entry is told, with those that were recorded
    /// behind it.
    fn order(core: &mut Core, order: Order) -> Vec<Fact> {
        let mut out = Outputs::default();
        let (ticket, by) = (1, "root".into());
        core.handle(at(2), Input::Admin { ticket, by, order }, &mut out);
        if let Some(Output::Ask { asker, .. }) = out.as_slice().last() {
            let asker = *asker;
            let answer = Answer::Hashed(Verifier("$argon2id$".to_owned()));
            core.handle(at(3), Input::Answer { asker, answer }, &mut out);
        }
        let outputs = out.take();
        let Some(Output::Told {
            result: Ok(Told { entry, .. }),
            ..
        }) = outputs.last()
        else {
            panic!("{outputs:?}");
        };
        let Entry::Before(place) = *entry else {
            panic!("{entry:?}");
        };
        let facts = outputs.iter().filter_map(|output| match output {
            Output::Record(record) => Some(record.fact.clone()),
            _ => None,
        });
        let facts: Vec<Fact> = facts.collect();
        facts[facts.len() - place..].to_vec()
    }

    #[test]
    fn what_is_told_names_its_own_entry() {
        let mut core = Core::new(Settings::default(), Snapshot::default(), 1);
        core.start(at(1), &mut Outputs::default());
        let text = "how one knows the server".to_owned();
        let shown = order(&mut core, Order::ShowFingerprints { text });
        assert_eq!(shown, [Fact::FingerprintsShown]);
        let (file, sha256) = ("/srv/backup.tar", "00ff");
        let entered = order(
            &mut core,
            Order::EnterBackup {
                file: file.into(),
                bytes: 7,
                sha256: sha256.into(),
                maker: Maker::Administrator,
            },
        );
        let made = Fact::BackupMade {
            file: file.into(),
            bytes: 7,
            sha256: sha256.into(),
        };
        assert_eq!(entered, [made]);
        let (name, password) = ("alice".into(), Secret::new("correct-horse-battery"));
        let made = order(&mut core, Order::CreateAccount { name, password });
        assert!(matches!(made[..], [Fact::AccountCreated { .. }]));
        // What opened the account is taken from it behind the reset.
        let mut snapshot = core.snapshot();
        snapshot.accounts[0].certificates.push("ab".into());
        let mut core = Core::new(Settings::default(), snapshot, 2);
        let (name, password) = ("alice".into(), Some(Secret::new("battery-horse-correct")));
        let reset = order(&mut core, Order::ResetPassword { name, password });
        let changes = reset.iter().map(|fact| match fact {
            Fact::AccountChanged { change, .. } => change,
            _ => panic!("{fact:?}"),
        });
        let changes: Vec<&AccountChange> = changes.collect();
        assert!(matches!(
            changes[..],
            [
                AccountChange::Reset { .. },
                AccountChange::CertificateRemoved(_)
            ]
        ));
    }
}
