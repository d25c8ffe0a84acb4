//! The table itself.

use super::{Answer, Asks, Cut, List, Method, Route};
use causette_core::right::Scope;

const PLAIN: Route = Route {
    id: "",
    method: Method::Get,
    path: "",
    asks: Asks::Verb(""),
    fills: &[],
    says: &[],
    scope: Scope::Read,
    answer: Answer::Done,
};

/// A list that the core gives in parts.
const fn list(
    verb: &'static str,
    path: &'static str,
    schema: &'static str,
    key: &'static str,
) -> Route {
    Route {
        id: verb,
        path,
        asks: Asks::Verb(verb),
        answer: Answer::List(List {
            name: verb,
            schema,
            key,
            cut: Cut::Core,
        }),
        ..PLAIN
    }
}

/// A list that the core gives whole, in the order of numbers.
const fn numbered(
    verb: &'static str,
    path: &'static str,
    schema: &'static str,
    scope: Scope,
) -> Route {
    Route {
        id: verb,
        path,
        asks: Asks::Verb(verb),
        scope,
        answer: Answer::List(List {
            name: verb,
            schema,
            key: "number",
            cut: Cut::Door,
        }),
        ..PLAIN
    }
}

const fn shown(
    id: &'static str,
    path: &'static str,
    verb: &'static str,
    scope: Scope,
    schema: &'static str,
) -> Route {
    Route {
        id,
        path,
        asks: Asks::Verb(verb),
        scope,
        answer: Answer::Shown(schema),
        ..PLAIN
    }
}

/// Something that is done.
const fn act(
    id: &'static str,
    method: Method,
    path: &'static str,
    verb: &'static str,
    scope: Scope,
) -> Route {
    Route {
        id,
        method,
        path,
        asks: Asks::Verb(verb),
        scope,
        ..PLAIN
    }
}

/// Every request that is understood.
pub(in super::super) static ROUTES: &[Route] = &[
    list("people", "/people", "Person", "nick"),
    act(
        "kick",
        Method::Post,
        "/people/{nick}/kick",
        "kick",
        Scope::People,
    ),
    list("rooms", "/rooms", "Room", "name"),
    act(
        "rename_room",
        Method::Put,
        "/rooms/{room}/name",
        "room.rename",
        Scope::Rooms,
    ),
    act(
        "close_room",
        Method::Delete,
        "/rooms/{room}",
        "room.close",
        Scope::Rooms,
    ),
    act(
        "give_room",
        Method::Put,
        "/rooms/{room}/owner",
        "room.take",
        Scope::Rooms,
    ),
    list("accounts", "/accounts", "Account", "name"),
    Route {
        answer: Answer::Made("Done", Some("/accounts/{name}")),
        ..act(
            "create_account",
            Method::Post,
            "/accounts",
            "account.create",
            Scope::Accounts,
        )
    },
    Route {
        fills: &[("account", "name")],
        ..shown(
            "show_account",
            "/accounts/{account}",
            "account.show",
            Scope::Read,
            "AccountDetail",
        )
    },
    act(
        "drop_account",
        Method::Delete,
        "/accounts/{account}",
        "account.drop",
        Scope::Accounts,
    ),
    act(
        "rename_account",
        Method::Put,
        "/accounts/{account}/name",
        "account.rename",
        Scope::Accounts,
    ),
    act(
        "give_role",
        Method::Put,
        "/accounts/{account}/role",
        "role",
        Scope::Accounts,
    ),
    Route {
        fills: &[("account", "name")],
        ..act(
            "reset_password",
            Method::Post,
            "/accounts/{account}/password",
            "account.password",
            Scope::Accounts,
        )
    },
    act(
        "set_login",
        Method::Put,
        "/accounts/{account}/login",
        "account.login",
        Scope::Accounts,
    ),
    act(
        "unlock_account",
        Method::Delete,
        "/accounts/{account}/login/address",
        "account.unlock",
        Scope::Accounts,
    ),
    act(
        "end_sessions",
        Method::Delete,
        "/accounts/{account}/sessions",
        "sessions.end",
        Scope::Accounts,
    ),
    Route {
        id: "decide_account",
        method: Method::Post,
        path: "/accounts/{account}/approval",
        asks: Asks::OneOf(
            "decision",
            &[("approve", "account.approve"), ("refuse", "account.refuse")],
        ),
        scope: Scope::Accounts,
        ..PLAIN
    },
    numbered("sanctions", "/sanctions", "Sanction", Scope::Read),
    Route {
        id: "sanction",
        method: Method::Post,
        path: "/sanctions",
        asks: Asks::OneOf("kind", &[("ban", "ban"), ("mute", "mute")]),
        scope: Scope::Moderation,
        answer: Answer::Made("Made", Some("/sanctions/{number}")),
        ..PLAIN
    },
    act(
        "lift_sanction",
        Method::Delete,
        "/sanctions/{number}",
        "lift",
        Scope::Moderation,
    ),
    Route {
        id: "lift_from",
        method: Method::Delete,
        path: "/sanctions",
        asks: Asks::OneOf("kind", &[("ban", "unban"), ("mute", "unmute")]),
        scope: Scope::Moderation,
        ..PLAIN
    },
    Route {
        answer: Answer::Made("Made", Some("/sanctions/{number}")),
        ..act(
            "suspend_account",
            Method::Put,
            "/accounts/{account}/suspension",
            "account.suspend",
            Scope::Moderation,
        )
    },
    act(
        "resume_account",
        Method::Delete,
        "/accounts/{account}/suspension",
        "account.resume",
        Scope::Moderation,
    ),
    act("alert", Method::Post, "/alerts", "alert", Scope::People),
    act("write", Method::Post, "/messages", "write", Scope::People),
    act(
        "set_registration",
        Method::Put,
        "/registration",
        "registration",
        Scope::Accounts,
    ),
    Route {
        answer: Answer::Made("Token", Some("/accounts/{account}/tokens/{number}")),
        ..act(
            "give_token",
            Method::Post,
            "/accounts/{account}/tokens",
            "token.create",
            Scope::Accounts,
        )
    },
    act(
        "take_token",
        Method::Delete,
        "/accounts/{account}/tokens/{number}",
        "token.revoke",
        Scope::Accounts,
    ),
    Route {
        scope: Scope::Files,
        ..list("files", "/files", "File", "id")
    },
    shown(
        "show_file",
        "/files/{number}",
        "file.show",
        Scope::Files,
        "File",
    ),
    act(
        "remove_file",
        Method::Delete,
        "/files/{number}",
        "file.remove",
        Scope::Files,
    ),
    Route {
        id: "decide_file",
        method: Method::Post,
        path: "/files/{number}",
        asks: Asks::OneOf(
            "decision",
            &[
                ("quarantine", "file.quarantine"),
                ("release", "file.release"),
            ],
        ),
        scope: Scope::Files,
        ..PLAIN
    },
    shown(
        "show_quota",
        "/accounts/{account}/quota",
        "quota.show",
        Scope::Files,
        "Quota",
    ),
    act(
        "set_quota",
        Method::Put,
        "/accounts/{account}/quota",
        "quota.set",
        Scope::Files,
    ),
    act(
        "unset_quota",
        Method::Delete,
        "/accounts/{account}/quota",
        "quota.unset",
        Scope::Files,
    ),
    numbered("filters", "/filters", "Filter", Scope::Moderation),
    Route {
        answer: Answer::Made("Made", Some("/filters/{number}")),
        ..act(
            "add_filter",
            Method::Post,
            "/filters",
            "filter.add",
            Scope::Moderation,
        )
    },
    act(
        "remove_filter",
        Method::Delete,
        "/filters/{number}",
        "filter.remove",
        Scope::Moderation,
    ),
    numbered("held", "/held", "Held", Scope::Moderation),
    Route {
        id: "decide_held",
        method: Method::Post,
        path: "/held/{number}",
        asks: Asks::OneOf(
            "decision",
            &[("release", "held.release"), ("discard", "held.discard")],
        ),
        scope: Scope::Moderation,
        ..PLAIN
    },
    numbered("invitations", "/invitations", "Invitation", Scope::Accounts),
    act(
        "end_invitation",
        Method::Delete,
        "/invitations/{number}",
        "invitation.end",
        Scope::Accounts,
    ),
    Route {
        answer: Answer::Made("Invited", Some("/invitations/{number}")),
        ..act(
            "invite",
            Method::Post,
            "/invitations",
            "invite",
            Scope::Accounts,
        )
    },
    Route {
        id: "register",
        path: "/register",
        asks: Asks::Verb("audit.read"),
        says: &[("format", None), ("follow", None), ("pages", None)],
        scope: Scope::Register,
        answer: Answer::List(List {
            name: "entries",
            schema: "Entry",
            key: "entry",
            cut: Cut::Register,
        }),
        ..PLAIN
    },
    shown("status", "/status", "status", Scope::Server, "Status"),
    shown("doctor", "/doctor", "doctor", Scope::Server, "Examination"),
    shown(
        "fingerprint",
        "/fingerprint",
        "fingerprint",
        Scope::Server,
        "Fingerprint",
    ),
    act("reload", Method::Post, "/reload", "reload", Scope::Server),
    Route {
        says: &[("cancel", None)],
        answer: Answer::Begun,
        ..act("stop", Method::Post, "/stop", "stop", Scope::Server)
    },
    Route {
        says: &[("cancel", Some(true)), ("reason", None), ("in", None)],
        ..act(
            "cancel_stop",
            Method::Delete,
            "/stop",
            "stop",
            Scope::Server,
        )
    },
];

/// What HTTP does not offer, each with the reason.
#[cfg(test)]
pub(super) const NOT_OFFERED: &[(&str, &str)] = &[
    ("watch", "a stream of what happens needs a door of its own"),
    (
        "backup",
        "it enters what another command of this machine has done",
    ),
    (
        "owner.code",
        "only who has the machine becomes the first owner",
    ),
];
