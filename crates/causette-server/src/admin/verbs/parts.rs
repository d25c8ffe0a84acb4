//! Fields that several verbs have.

use super::super::fields::Fields;
use super::super::verb::{Field, FieldKind};
use causette_core::limits::PART_LISTED;
use causette_core::order::Portion;

/// What must be said, in its place.
pub(super) const fn argument(
    name: &'static str,
    kind: FieldKind,
    value: &'static str,
    about: &'static str,
) -> Field {
    Field {
        name,
        kind,
        is_required: true,
        is_option: false,
        value,
        about,
    }
}

/// What may be said, behind its name.
pub(super) const fn option(
    name: &'static str,
    kind: FieldKind,
    value: &'static str,
    about: &'static str,
) -> Field {
    Field {
        name,
        kind,
        is_required: false,
        is_option: true,
        value,
        about,
    }
}

pub(super) const ACCOUNT: Field = argument(
    "account",
    FieldKind::Word,
    "cli-value-name",
    "cli-account-name",
);
pub(super) const NAME: Field = argument(
    "name",
    FieldKind::Word,
    "cli-value-name",
    "cli-account-name",
);
pub(super) const NICK: Field = argument(
    "nick",
    FieldKind::Word,
    "cli-value-nick",
    "admin-field-nick",
);
pub(super) const ROOM: Field = argument(
    "room",
    FieldKind::Room,
    "cli-value-room",
    "admin-field-room",
);
pub(super) const IN_ROOM: Field = option(
    "room",
    FieldKind::Room,
    "cli-value-room",
    "admin-field-in-room",
);
pub(super) const FOR: Field = option("for", FieldKind::Span, "cli-value-span", "admin-field-for");
pub(super) const WHOM: Field = argument(
    "whom",
    FieldKind::Word,
    "cli-value-whom",
    "admin-field-whom",
);
pub(super) const TEXT: Field = argument(
    "text",
    FieldKind::Text,
    "cli-value-text",
    "admin-field-text",
);
pub(super) const REASON: Field = Field {
    is_option: true,
    ..argument("reason", FieldKind::Text, "cli-value-text", "cli-reason")
};

/// A part of the names that are wanted.
pub(super) const LIKE: Field = Field {
    is_required: false,
    ..argument(
        "like",
        FieldKind::Word,
        "cli-value-words",
        "admin-field-like",
    )
};

/// What part of a list is wanted.
pub(super) const PORTION: &[Field] = &[
    LIKE,
    option(
        "after",
        FieldKind::Word,
        "cli-value-name",
        "admin-field-after",
    ),
    option(
        "limit",
        FieldKind::Number,
        "cli-value-count",
        "admin-field-limit",
    ),
];

/// The number of something that lists show.
pub(super) const fn number(about: &'static str) -> Field {
    argument("number", FieldKind::Number, "cli-value-count", about)
}

/// The part of a list that the fields name.
pub(super) fn portion(fields: &mut Fields<'_>) -> Portion {
    Portion {
        like: fields.word("like"),
        after: fields.text("after").map(Into::into),
        limit: fields.number("limit").map_or(PART_LISTED, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        }),
    }
}
