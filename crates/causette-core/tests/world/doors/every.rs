//! Every door that there is, by the name that the table gives it.

use super::*;
use causette_core::file::FileRef;
use causette_core::id::FileId;
use causette_core::order::FileSearch;

fn file() -> FileRef {
    FileRef::Id(FileId(1))
}

/// Every verb, every word of the services, every order and every wish.
pub(super) fn all_doors() -> Vec<String> {
    let mut doors: Vec<String> = COMMANDS
        .iter()
        .map(|command| command.verb.to_owned())
        .collect();
    for service in ["NS", "CS", "FS"] {
        let command = COMMANDS
            .iter()
            .find(|command| command.verb == service)
            .unwrap();
        let words = command
            .syntax
            .split(['<', '>'])
            .nth(1)
            .unwrap()
            .split(" | ");
        doors.extend(words.map(|word| format!("{service} {word}")));
    }
    let orders = [
        Order::CreateAccount {
            name: "".into(),
            password: Secret::new(""),
        },
        Order::ResetPassword {
            name: "".into(),
            password: None,
        },
        Order::ShowFingerprints {
            text: String::new(),
        },
        Order::Invite {
            address: "".into(),
            room: None,
            public_key: None,
            terms: None,
        },
        Order::ListAccounts(Portion::default()),
        Order::ShowAccount { name: "".into() },
        Order::GiveRole {
            account: "".into(),
            role: Role::User,
            reason: "".into(),
        },
        Order::EndSessions {
            account: "".into(),
            reason: "".into(),
        },
        Order::DropAccount {
            account: "".into(),
            reason: "".into(),
        },
        Order::Approve { account: "".into() },
        Order::Refuse {
            account: "".into(),
            reason: "".into(),
        },
        Order::SetRegistration { registration: None },
        Order::SetLogin {
            account: "".into(),
            login: "".into(),
            reason: "".into(),
        },
        Order::Unlock {
            account: "".into(),
            reason: "".into(),
        },
        Order::RenameAccount {
            account: "".into(),
            name: "".into(),
            reason: "".into(),
        },
        Order::RenameRoom {
            room: "".into(),
            name: "".into(),
            reason: "".into(),
        },
        Order::ListPeople(Portion::default()),
        Order::ListRooms(Portion::default()),
        Order::Alert {
            text: "".into(),
            kept: true,
        },
        Order::Write {
            to: "".into(),
            text: "".into(),
        },
        Order::CloseRoom {
            room: "".into(),
            reason: "".into(),
        },
        Order::TakeOverRoom {
            room: "".into(),
            to: "".into(),
            reason: "".into(),
        },
        Order::ListSanctions,
        Order::Kick {
            nick: "".into(),
            room: None,
            reason: "".into(),
        },
        Order::Sanction {
            kind: SanctionKind::Ban,
            whom: "".into(),
            room: None,
            seconds: None,
            reason: "".into(),
        },
        Order::Lift {
            sanction: SanctionId(1),
            reason: "".into(),
        },
        Order::Suspend {
            account: "".into(),
            seconds: None,
            reason: "".into(),
        },
        Order::Resume {
            account: "".into(),
            reason: "".into(),
        },
        Order::ListFilters,
        Order::SetFilter {
            pattern: "".into(),
            action: FilterAction::Drop,
            room: None,
            reason: "".into(),
        },
        Order::RemoveFilter {
            filter: FilterId(1),
            reason: "".into(),
        },
        Order::ListHeld,
        Order::DecideHeld {
            held: HeldId(1),
            release: true,
        },
        Order::ListFiles(FileSearch::default()),
        Order::ShowFile { file: file() },
        Order::RemoveFile {
            file: file(),
            reason: "".into(),
        },
        Order::PutFileAside {
            file: file(),
            aside: true,
            reason: "".into(),
        },
        Order::ShowQuota { account: "".into() },
        Order::SetQuota {
            account: "".into(),
            bytes: None,
            reason: "".into(),
        },
        Order::LiftFrom {
            kind: SanctionKind::Ban,
            whom: "".into(),
            room: None,
            reason: "".into(),
        },
        Order::EnterBackup {
            file: "".into(),
            bytes: 0,
            sha256: "".into(),
            maker: Maker::Administrator,
        },
    ];
    doors.extend(orders.iter().chain(&entry::orders()).map(|order| {
        // A new order has to be named here, and in the list above.
        let name = match order {
            Order::CreateAccount { .. } => "CreateAccount",
            Order::ResetPassword { .. } => "ResetPassword",
            Order::ShowFingerprints { .. } => "ShowFingerprints",
            Order::Invite { .. } => "Invite",
            Order::ListPeople(_) => "ListPeople",
            Order::ListRooms(_) => "ListRooms",
            Order::ListInvitations => "ListInvitations",
            Order::EndInvitation { .. } => "EndInvitation",
            Order::ShowOwnerCode => "ShowOwnerCode",
            Order::GiveToken { .. } => "GiveToken",
            Order::TakeToken { .. } => "TakeToken",
            Order::EnterReading { .. } => "EnterReading",
            Order::Permit { .. } => "Permit",
            Order::RenameAccount { .. } => "RenameAccount",
            Order::RenameRoom { .. } => "RenameRoom",
            Order::ListFilters => "ListFilters",
            Order::SetFilter { .. } => "SetFilter",
            Order::RemoveFilter { .. } => "RemoveFilter",
            Order::ListHeld => "ListHeld",
            Order::DecideHeld { .. } => "DecideHeld",
            Order::ListAccounts(_) => "ListAccounts",
            Order::ShowAccount { .. } => "ShowAccount",
            Order::ListSanctions => "ListSanctions",
            Order::Alert { .. } => "Alert",
            Order::Write { .. } => "Write",
            Order::Kick { .. } => "Kick",
            Order::Sanction { .. } => "Sanction",
            Order::Lift { .. } => "Lift",
            Order::LiftFrom { .. } => "LiftFrom",
            Order::Suspend { .. } => "Suspend",
            Order::Resume { .. } => "Resume",
            Order::GiveRole { .. } => "GiveRole",
            Order::EndSessions { .. } => "EndSessions",
            Order::DropAccount { .. } => "DropAccount",
            Order::Approve { .. } => "Approve",
            Order::Refuse { .. } => "Refuse",
            Order::SetRegistration { .. } => "SetRegistration",
            Order::SetLogin { .. } => "SetLogin",
            Order::Unlock { .. } => "Unlock",
            Order::CloseRoom { .. } => "CloseRoom",
            Order::TakeOverRoom { .. } => "TakeOverRoom",
            Order::EnterBackup { .. } => "EnterBackup",
            Order::ListFiles(_) => "ListFiles",
            Order::ShowFile { .. } => "ShowFile",
            Order::RemoveFile { .. } => "RemoveFile",
            Order::PutFileAside { .. } => "PutFileAside",
            Order::ShowQuota { .. } => "ShowQuota",
            Order::SetQuota { .. } => "SetQuota",
        };
        format!("order {name}")
    }));
    doors.extend(
        [
            Wish::Account,
            Wish::RemoveDevice("1".into()),
            Wish::File(Box::new(causette_core::input::FileWish::Usage)),
            Wish::Order {
                act: "list".into(),
                order: Box::new(Order::ListInvitations),
            },
        ]
        .iter()
        .map(|wish| {
            let name = match wish {
                Wish::Account => "Account",
                Wish::RemoveDevice(_) => "RemoveDevice",
                Wish::File(_) => "File",
                Wish::Order { .. } => "Order",
            };
            format!("wish {name}")
        }),
    );
    doors
}
