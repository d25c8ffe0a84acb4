//! What is asked about how people and programs come in: invitations, the first owner, tokens.

use super::super::verb::{Field, FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{ACCOUNT, REASON, number, option};
use causette_core::id::{InvitationId, TokenId};
use causette_core::order::Order;
use causette_core::right::Scopes;

/// A link that invites people, with a code where it is to be good for so many or so long.
pub(super) const INVITE: Verb = Verb {
    name: "invite",
    about: "cli-admin-invite",
    nature: Nature::Acts,
    fields: &[
        option("room", FieldKind::Room, "cli-value-room", "cli-invite-room"),
        option(
            "uses",
            FieldKind::Number,
            "cli-value-count",
            "admin-field-uses",
        ),
        option(
            "for",
            FieldKind::Span,
            "cli-value-span",
            "admin-field-invite-for",
        ),
        option(
            "address",
            FieldKind::Text,
            "cli-value-host",
            "cli-invite-address",
        ),
    ],
    spellings: &[Spelling::plain("Invite")],
    wanted: |fields| Wanted::Invite {
        address: fields.text("address"),
        room: fields.text("room"),
        uses: fields.number("uses"),
        seconds: fields.seconds("for"),
    },
};

/// Which invitations hold.
pub(super) const LIST: Verb = Verb {
    name: "invitations",
    about: "cli-admin-invitations",
    nature: Nature::Tells,
    fields: &[],
    spellings: &[Spelling::plain("Invitations")],
    wanted: |_| Wanted::Order(Order::ListInvitations),
};

/// An invitation ends.
pub(super) const END: Verb = Verb {
    name: "invitation.end",
    about: "cli-admin-invitation-end",
    nature: Nature::Acts,
    fields: &[number("admin-field-invitation"), REASON],
    spellings: &[Spelling::plain("EndInvitation")],
    wanted: |fields| {
        Wanted::Order(Order::EndInvitation {
            invitation: InvitationId(fields.number("number").unwrap_or_default()),
            reason: fields.word("reason"),
        })
    },
};

/// The code that makes the first owner.
pub(super) const OWNER_CODE: Verb = Verb {
    name: "owner.code",
    about: "cli-admin-owner-code",
    nature: Nature::Acts,
    fields: &[],
    spellings: &[Spelling::plain("OwnerCode")],
    wanted: |_| Wanted::Order(Order::ShowOwnerCode),
};

/// How long a token is good where nobody says how long: thirty days.
const TOKEN_SECONDS: u64 = 30 * 24 * 3_600;

/// A program has a token.
pub(super) const GIVE_TOKEN: Verb = Verb {
    name: "token.create",
    about: "cli-admin-token-create",
    nature: Nature::Acts,
    fields: &[
        ACCOUNT,
        Field {
            is_required: true,
            ..option(
                "scope",
                FieldKind::Scopes,
                "cli-value-scopes",
                "admin-field-scope",
            )
        },
        option(
            "for",
            FieldKind::Span,
            "cli-value-span",
            "admin-field-token-for",
        ),
        option(
            "name",
            FieldKind::Text,
            "cli-value-name",
            "admin-field-token-name",
        ),
    ],
    spellings: &[Spelling::plain("CreateToken")],
    wanted: |fields| {
        let scopes = fields.word("scope");
        Wanted::Order(Order::GiveToken {
            account: fields.word("account"),
            name: fields
                .text("name")
                .map_or_else(|| scopes.clone(), Into::into),
            scopes: Scopes::read(&scopes).unwrap_or_default(),
            seconds: fields.seconds("for").unwrap_or(TOKEN_SECONDS),
        })
    },
};

/// A token is taken away.
pub(super) const TAKE_TOKEN: Verb = Verb {
    name: "token.revoke",
    about: "cli-admin-token-revoke",
    nature: Nature::Harms,
    fields: &[ACCOUNT, number("admin-field-token"), REASON],
    spellings: &[Spelling::plain("RevokeToken")],
    wanted: |fields| {
        Wanted::Order(Order::TakeToken {
            account: fields.word("account"),
            token: TokenId(fields.number("number").unwrap_or_default()),
            reason: fields.word("reason"),
        })
    },
};
