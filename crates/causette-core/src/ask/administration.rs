//! What those who run the server ask for: over the admin socket, or by HTTP with a program's token.

use super::{
    accounts, fault, filters, invitations, names, people, permit, programs, ruled_files, sanctions,
};
use crate::account::forgotten::{self, Reset};
use crate::account::sign_up;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::input::{Answer, Asker};
use crate::limits::CODE_HOURS;
use crate::order::{Maker, Order};
use crate::output::{Done, Entry, Output, Told, Undone};
use crate::report::Report;
use crate::secret::in_groups;
use crate::server::{backup, fingerprint, register};
use crate::state::waiting::{Orderer, SignUpDoor, Then};
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;
use causette_text::{Language, text_with};

/// What is answered, and by which fact it came about, where there is one.
pub(crate) type Answered = (Report, Option<Mark>);

/// Does what the system user of a name asks for, or starts to, and answers in a language.
pub(crate) fn obey(
    turn: &mut Turn<'_>,
    ticket: u64,
    (name, language): (CompactString, Option<Language>),
    order: Order,
) {
    let by = Orderer::System { name, language };
    begin(turn, Asker::Admin(ticket), by, order);
}

/// Does what somebody asks for, or starts to.
pub(super) fn begin(turn: &mut Turn<'_>, asker: Asker, by: Orderer, order: Order) {
    speak_to(turn, &by);
    let done = act(turn, asker, &by, order);
    conclude(turn, asker, &by, done);
}

/// Who asks is answered in their language.
fn speak_to(turn: &mut Turn<'_>, by: &Orderer) {
    turn.language = match by {
        Orderer::Program(program) => program.language,
        Orderer::System { language, .. } => language.unwrap_or(turn.settings.language),
    };
}

fn act(
    turn: &mut Turn<'_>,
    asker: Asker,
    by: &Orderer,
    order: Order,
) -> Result<Option<Answered>, Denied> {
    let (actor, by) = (Actor::from(by), by.clone());
    match order {
        Order::ShowFingerprints { text } => {
            let mark = fingerprint::show(turn, &actor)?;
            Ok(Some((Report::Done(text), Some(mark))))
        }
        Order::Permit { act } => permit::permit(turn, &actor, act).map(Some),
        Order::EnterBackup {
            file,
            bytes,
            sha256,
            maker,
        } => {
            let by = match (maker, &actor) {
                (Maker::Administrator, _) => actor,
                (Maker::Server, Actor::System(_)) => Actor::Server,
                // Nobody else speaks for the server.
                _ => return Err(Denied::new(Why::MachineOnly, "machine-only", &[])),
            };
            let mark = backup::enter(turn, &by, file.clone(), bytes, sha256)?;
            Ok(done(turn, "backup-entered", &[("file", &file)], mark))
        }
        Order::ResetPassword { name, password } => {
            let then = |account| Then::Reset { account, by };
            forgotten::begin(turn, &actor, asker, &name, password.as_ref(), then).map(|()| None)
        }
        Order::CreateAccount { name, password } => {
            let door = SignUpDoor::Order(by);
            sign_up::begin(turn, &actor, asker, &name, &password, door, None).map(|()| None)
        }
        order @ (Order::Invite { .. }
        | Order::ListInvitations
        | Order::EndInvitation { .. }
        | Order::ShowOwnerCode) => invitations::obey(turn, asker, (&actor, by), order),
        order
        @ (Order::GiveToken { .. } | Order::TakeToken { .. } | Order::EnterReading { .. }) => {
            programs::obey(turn, asker, (&actor, by), order)
        }
        order @ (Order::ListAccounts(_)
        | Order::ShowAccount { .. }
        | Order::GiveRole { .. }
        | Order::EndSessions { .. }
        | Order::DropAccount { .. }
        | Order::SetLogin { .. }
        | Order::Unlock { .. }
        | Order::Approve { .. }
        | Order::Refuse { .. }
        | Order::SetRegistration { .. }) => accounts::obey(turn, &actor, order).map(Some),
        order @ (Order::ListPeople(_)
        | Order::ListRooms(_)
        | Order::Alert { .. }
        | Order::Write { .. }
        | Order::CloseRoom { .. }
        | Order::TakeOverRoom { .. }) => people::obey(turn, &actor, order).map(Some),
        order @ (Order::ListSanctions
        | Order::Kick { .. }
        | Order::Sanction { .. }
        | Order::Lift { .. }
        | Order::LiftFrom { .. }
        | Order::Suspend { .. }
        | Order::Resume { .. }) => sanctions::obey(turn, &actor, order).map(Some),
        order @ (Order::ListFilters
        | Order::SetFilter { .. }
        | Order::RemoveFilter { .. }
        | Order::ListHeld
        | Order::DecideHeld { .. }) => filters::obey(turn, &actor, order).map(Some),
        order @ (Order::ListFiles(_)
        | Order::ShowFile { .. }
        | Order::RemoveFile { .. }
        | Order::PutFileAside { .. }
        | Order::ShowQuota { .. }
        | Order::SetQuota { .. }) => ruled_files::obey(turn, &actor, order).map(Some),
        order @ (Order::RenameAccount { .. } | Order::RenameRoom { .. }) => {
            names::obey(turn, &actor, order).map(Some)
        }
    }
}

/// Goes on with an act when its answer is there.
pub(crate) fn answered(turn: &mut Turn<'_>, asker: Asker, then: Then, answer: Answer) {
    let Some(by) = orderer(&then).cloned() else {
        // Nothing else is waited for here, and nobody is left without an answer.
        let undone = fault::unavailable(turn.language);
        return tell(turn, asker, Err(undone));
    };
    speak_to(turn, &by);
    let done = go_on(turn, &Actor::from(&by), then, answer);
    conclude(turn, asker, &by, done);
}

/// Who has given the order whose answer is waited for.
fn orderer(then: &Then) -> Option<&Orderer> {
    match then {
        Then::SignUp {
            door: SignUpDoor::Order(by),
            ..
        }
        | Then::Reset { by, .. }
        | Then::Invite { by, .. }
        | Then::OwnerCode { by }
        | Then::GiveToken { by, .. } => Some(by),
        _ => None,
    }
}

fn go_on(
    turn: &mut Turn<'_>,
    actor: &Actor,
    then: Then,
    answer: Answer,
) -> Result<Option<Answered>, Denied> {
    match then {
        Then::SignUp { name, door, .. } => {
            let made = sign_up::settle(turn, actor, &name, (&door, None), answer)?;
            let variables = [("account", name.as_str())];
            Ok(done(turn, "account-made", &variables, made.mark))
        }
        Then::Reset { account, .. } => {
            let reset = forgotten::settle(turn, actor, account, answer)?;
            let (told, mark) = (reset_told(turn, &reset), reset.mark);
            Ok(Some((Report::Done(told), Some(mark))))
        }
        Then::Invite { wanted, .. } => invitations::invited(turn, actor, &wanted, answer),
        Then::OwnerCode { .. } => invitations::owner_code(turn, actor, answer),
        Then::GiveToken { wanted, .. } => programs::given(turn, actor, &wanted, answer),
        _ => Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    }
}

/// What to tell who has forgotten their password.
fn reset_told(turn: &Turn<'_>, Reset { name, code, .. }: &Reset) -> String {
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
    text_with(turn.language, key, &variables)
}

/// A sentence that says what was done, and by which fact.
pub(super) fn done(
    turn: &Turn<'_>,
    key: &str,
    variables: &[(&str, &str)],
    mark: Mark,
) -> Option<Answered> {
    let text = text_with(turn.language, key, variables);
    Some((Report::Done(text), Some(mark)))
}

/// Tells what came of it; nothing yet, where its answer is waited for.
fn conclude(
    turn: &mut Turn<'_>,
    asker: Asker,
    by: &Orderer,
    done: Result<Option<Answered>, Denied>,
) {
    match done {
        Ok(Some((report, mark))) => {
            let entry = mark.map_or(Entry::None, |mark| turn.entry(mark));
            tell(turn, asker, Ok(Told { report, entry }));
        }
        Ok(None) => {}
        Err(denied) => deny(turn, asker, by, &denied),
    }
}

/// Tells why something was not done. Whoever has the machine is no stranger to be put off: for them it is out of order.
fn deny(turn: &mut Turn<'_>, asker: Asker, by: &Orderer, denied: &Denied) {
    let key = match (by, denied.why) {
        (Orderer::System { .. }, Why::Busy) => "unavailable",
        _ => denied.key,
    };
    let undone = fault::under(turn.language, denied, key);
    if let (Orderer::Program(program), Why::NoRight | Why::MachineOnly) = (by, denied.why) {
        // It names its token: nothing stands in the way of entering it.
        let _ = register::refused(turn, &Actor::from(by), &program.act);
    }
    tell(turn, asker, Err(undone));
}

fn tell(turn: &mut Turn<'_>, asker: Asker, result: Result<Told, Undone>) {
    turn.out.push(match asker {
        Asker::Visit(ticket) => Output::Visited {
            ticket,
            result: result.map(Done::Told),
        },
        Asker::Admin(ticket) => Output::Told { ticket, result },
        // No session orders anything.
        Asker::Session(_) => return,
    });
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
        let language = None;
        let input = Input::Admin {
            ticket,
            by,
            language,
            order,
        };
        core.handle(at(2), input, &mut out);
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
