//! What the administrator asks for in transcripts about who is let in, in words.

use causette_core::file::{Digest, FileRef};
use causette_core::id::{FileId, InvitationId, TokenId};
use causette_core::order::{FileSearch, InvitationTerms, Order};
use causette_core::right::Scopes;

/// Reads an order: `invite USES SECONDS [ROOM]` (`never` for no end; `invite` alone for a link without code), `invitations`,
/// `end-invitation NUMBER reason`, `owner-code`, `give-token ACCOUNT NAME SCOPES SECONDS`, `take-token ACCOUNT NUMBER reason`,
/// `files [name PART | owner ACCOUNT | sha256 HEX]`, `file NUMBER`, `file-remove NUMBER reason`, `file-aside` and `file-back` alike, `quota ACCOUNT`,
/// `quota-set ACCOUNT BYTES reason` (`-` for as many as everybody), `login ACCOUNT POLICY reason`, `unlock ACCOUNT reason`, `read-register question`.
pub(crate) fn read(line: &str) -> Option<Order> {
    let words: Vec<&str> = line.split(' ').collect();
    Some(match words.as_slice() {
        ["invite", rest @ ..] => {
            let (terms, room) = match rest {
                [uses, seconds, room @ ..] => {
                    let uses = uses.parse().unwrap();
                    let seconds = seconds.parse().ok();
                    (Some(InvitationTerms { uses, seconds }), room.first())
                }
                room => (None, room.first()),
            };
            Order::Invite {
                address: "irc.test".into(),
                room: room.map(|room| (*room).into()),
                public_key: None,
                terms,
            }
        }
        ["invitations"] => Order::ListInvitations,
        ["end-invitation", number, reason @ ..] => Order::EndInvitation {
            invitation: InvitationId(number.parse().unwrap()),
            reason: reason.join(" ").into(),
        },
        ["owner-code"] => Order::ShowOwnerCode,
        ["give-token", account, name, scopes, seconds] => Order::GiveToken {
            account: (*account).into(),
            name: (*name).into(),
            scopes: Scopes::read(scopes).unwrap(),
            seconds: seconds.parse().unwrap(),
        },
        ["take-token", account, number, reason @ ..] => Order::TakeToken {
            account: (*account).into(),
            token: TokenId(number.parse().unwrap()),
            reason: reason.join(" ").into(),
        },
        ["login", account, login, reason @ ..] => Order::SetLogin {
            account: (*account).into(),
            login: (*login).into(),
            reason: reason.join(" ").into(),
        },
        ["unlock", account, reason @ ..] => Order::Unlock {
            account: (*account).into(),
            reason: reason.join(" ").into(),
        },
        ["read-register", question @ ..] => Order::EnterReading {
            question: question.join(" ").into(),
        },
        ["files", rest @ ..] => Order::ListFiles(search(rest)),
        ["file", number] => Order::ShowFile { file: file(number) },
        ["file-remove", number, reason @ ..] => Order::RemoveFile {
            file: file(number),
            reason: reason.join(" ").into(),
        },
        [aside @ ("file-aside" | "file-back"), number, reason @ ..] => Order::PutFileAside {
            file: file(number),
            aside: *aside == "file-aside",
            reason: reason.join(" ").into(),
        },
        ["quota", account] => Order::ShowQuota {
            account: (*account).into(),
        },
        ["quota-set", account, bytes, reason @ ..] => Order::SetQuota {
            account: (*account).into(),
            bytes: bytes.parse().ok(),
            reason: reason.join(" ").into(),
        },
        _ => return None,
    })
}

fn file(number: &str) -> FileRef {
    FileRef::Id(FileId(number.parse().unwrap()))
}

fn search(words: &[&str]) -> FileSearch {
    let mut search = FileSearch {
        count: 50,
        ..FileSearch::default()
    };
    match words {
        [] => {}
        ["name", name] => search.pattern = (*name).into(),
        ["owner", name] => search.owner = Some((*name).into()),
        ["sha256", sha256] => search.sha256 = Digest::parse(sha256),
        _ => panic!("no such search: {words:?}"),
    }
    search
}
