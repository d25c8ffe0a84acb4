//! What those who run the server ask for about who is let in: invitations, and the first owner.

use crate::account::first_owner;
use crate::actor::Actor;
use crate::ask::administration::{Answered, done};
use crate::denied::{Denied, Why};
use crate::input::{Answer, Asker};
use crate::limits::OWNER_CODE_MINUTES;
use crate::order::Order;
use crate::report::{InvitedBy, Report};
use crate::secret::{Secret, in_groups};
use crate::server::invitation;
use crate::settings::Registration;
use crate::state::waiting::{Orderer, Wanted};
use crate::turn::Turn;
use crate::turn::words::second;
use causette_text::text_with;

/// Does what is asked for, or starts to. Other orders are not for here.
pub(super) fn obey(
    turn: &mut Turn<'_>,
    asker: Asker,
    (actor, by): (&Actor, Orderer),
    order: Order,
) -> Result<Option<Answered>, Denied> {
    let needs_code = turn.state.registration(turn.settings) == Registration::Invite;
    match order {
        Order::Invite {
            address,
            room,
            public_key,
            terms,
        } if terms.is_some() || needs_code => {
            let terms = terms.unwrap_or_default();
            let wanted = Wanted {
                address,
                room,
                public_key,
                terms,
            };
            invitation::begin(turn, actor, asker, wanted, by).map(|()| None)
        }
        Order::Invite {
            address,
            room,
            public_key,
            terms: _,
        } => {
            let (room, public_key) = (room.as_deref(), public_key.as_deref());
            let (link, mark) = invitation::make(turn, actor, &address, room, public_key)?;
            let variables = [("link", link.as_str())];
            let report = Report::Invited {
                text: text_with(turn.language, "admin-invitation", &variables),
                link: Secret::new(link.as_str()),
                code: None,
            };
            Ok(Some((report, Some(mark))))
        }
        Order::ListInvitations => {
            let held = invitation::list(turn, actor)?;
            Ok(Some((Report::Invitations(held), None)))
        }
        Order::EndInvitation { invitation, reason } => {
            let mark = invitation::end(turn, actor, invitation, &reason)?;
            let number = invitation.0.to_string();
            let variables = [("number", number.as_str())];
            Ok(done(turn, "admin-invitation-ended", &variables, mark))
        }
        Order::ShowOwnerCode => first_owner::begin(turn, actor, asker, by).map(|()| None),
        _ => Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    }
}

/// Tells the link and the code of an invitation, now that there is one.
pub(super) fn invited(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &Wanted,
    answer: Answer,
) -> Result<Option<Answered>, Denied> {
    let made = invitation::settle(turn, actor, wanted, answer)?;
    let (code, uses) = (in_groups(&made.code), made.uses.to_string());
    let until = made.until.map(second);
    let variables = [
        ("link", made.link.as_str()),
        ("code", &code),
        ("uses", &uses),
        ("until", until.as_deref().unwrap_or("never")),
    ];
    let report = Report::Invited {
        text: text_with(turn.language, "admin-invitation-code", &variables),
        link: Secret::new(made.link),
        code: Some(InvitedBy {
            number: made.number,
            code: Secret::new(code),
            uses: made.uses,
            until: made.until,
        }),
    };
    Ok(Some((report, Some(made.mark))))
}

/// Tells the code by which somebody becomes the first owner, now that there is one.
pub(super) fn owner_code(
    turn: &mut Turn<'_>,
    actor: &Actor,
    answer: Answer,
) -> Result<Option<Answered>, Denied> {
    let (code, mark) = first_owner::settle(turn, actor, answer)?;
    let (code, minutes) = (in_groups(&code), OWNER_CODE_MINUTES.to_string());
    let variables = [("code", code.as_str()), ("minutes", &minutes)];
    Ok(done(turn, "admin-owner-code", &variables, mark))
}
