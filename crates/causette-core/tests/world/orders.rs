//! What the administrator asks for in transcripts about who is let in, in words.

use causette_core::id::{InvitationId, TokenId};
use causette_core::order::{InvitationTerms, Order};
use causette_core::right::Scopes;

/// Reads an order: `invite USES SECONDS [ROOM]` (`never` for no end; `invite` alone for a link without code), `invitations`,
/// `end-invitation NUMBER reason`, `owner-code`, `give-token ACCOUNT NAME SCOPES SECONDS`, `take-token ACCOUNT NUMBER reason`,
/// `login ACCOUNT POLICY reason`, `unlock ACCOUNT reason`, `read-register question`.
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
        _ => return None,
    })
}
