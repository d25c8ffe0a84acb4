//! The operations that need a right, and how somebody comes to be refused by each.

use super::*;
use crate::account::{approval, listed, login, rename, role};
use crate::ask::permit::permit;
use crate::discipline::impose::{Wanted, impose};
use crate::discipline::lift::{lift, lift_from};
use crate::discipline::{filter, held, list};
use crate::file::{Audience, FileRef, Listed, Listing, PermitKey};
use crate::files::list::{list as list_files, search};
use crate::files::{aside, permit as upload, quota};

/// An operation that needs a right: how somebody comes to be refused by it.
pub(super) type Operation = fn(&mut Turn<'_>, &Actor) -> Result<(), Denied>;

pub(super) const OPERATIONS: &[(Act, Operation)] = &[
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
