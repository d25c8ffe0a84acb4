//! Which request asks for which verb: one table, of which the door, its description and their tests are made.

use crate::admin::Verb;
use causette_core::right::Scope;

/// A request that is understood.
#[derive(Debug)]
pub(super) struct Route {
    /// How the description calls it.
    pub(super) id: &'static str,
    pub(super) method: Method,
    /// Behind [`BASE`](super::BASE); in braces what stands for a field of the verb.
    pub(super) path: &'static str,
    pub(super) asks: Asks,
    /// What stands in the path under another name than the field has.
    pub(super) fills: &'static [(&'static str, &'static str)],
    /// What the request says by itself, or leaves unsaid: its caller does not say it.
    pub(super) says: &'static [(&'static str, Option<bool>)],
    /// What a token must be good for; the core judges it.
    pub(super) scope: Scope,
    pub(super) answer: Answer,
}

/// How something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// What changes nothing.
    Get,
    /// What makes or does something.
    Post,
    /// What is so from now on.
    Put,
    /// What is no more.
    Delete,
}

/// For what.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asks {
    /// For what a verb does.
    Verb(&'static str),
    /// For what one of several does: a member of the body says which, by these words.
    OneOf(&'static str, &'static [(&'static str, &'static str)]),
}

/// What comes back where all went well.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// A part of a list.
    List(List),
    /// What the data of a verb are: by the name of their schema.
    Shown(&'static str),
    /// A sentence and the number of an entry.
    Done,
    /// The same, or data, of something that is there from now on; where, if it has a place of its own.
    Made(&'static str, Option<&'static str>),
    /// The same, of what takes its time.
    Begun,
}

/// A list that is read in parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    /// By which name the data have it.
    pub(super) name: &'static str,
    /// The schema of one of it.
    pub(super) schema: &'static str,
    /// By which of its members it is in order.
    pub(super) key: &'static str,
    /// Whether the core gives it whole.
    pub(super) is_whole: bool,
}

impl Method {
    /// As a request says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl Asks {
    /// The words that choose, each with its verb; one without a word where there is no choice.
    pub(super) fn verbs(self) -> Vec<(Option<&'static str>, &'static str)> {
        match self {
            Self::Verb(verb) => vec![(None, verb)],
            Self::OneOf(_, choices) => choices
                .iter()
                .map(|(word, verb)| (Some(*word), *verb))
                .collect(),
        }
    }
}

impl Route {
    /// The field that a part of the path in braces stands for.
    pub(super) fn field_of(&self, place: &'static str) -> &'static str {
        let filled = self.fills.iter().find(|(name, _)| *name == place);
        filled.map_or(place, |(_, field)| field)
    }

    /// What stands in braces in the path, in its order.
    pub(super) fn places(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(place)
    }

    /// Whether the caller says a field of the verb in the query or the body.
    pub(super) fn is_said(&self, field: &str) -> bool {
        self.places().all(|place| self.field_of(place) != field)
            && self.says.iter().all(|(said, _)| *said != field)
    }

    /// Whether a path is of this form; then what stands in its places, still encoded.
    fn places_in<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut found = Vec::new();
        let (mut own, mut asked) = (self.path.split('/'), path.split('/'));
        loop {
            match (own.next(), asked.next()) {
                (None, None) => return Some(found),
                (Some(own), Some(asked)) => match place(own) {
                    Some(_) if asked.is_empty() => return None,
                    Some(place) => found.push((place, asked)),
                    None if own != asked => return None,
                    None => {}
                },
                _ => return None,
            }
        }
    }
}

/// What is in braces.
fn place(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// What a request comes to.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// A route, with what stands in the places of its path, still encoded.
    Route(&'static Route, Vec<(&'static str, &'a str)>),
    /// Only other methods are understood there.
    OtherMethods(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

/// The route of a request, by the part of its path behind [`BASE`](super::BASE).
pub(super) fn find<'a>(method: &str, path: &'a str) -> Found<'a> {
    let mut others = Vec::new();
    for route in ROUTES {
        let Some(places) = route.places_in(path) else {
            continue;
        };
        if route.method.name() == method {
            return Found::Route(route, places);
        }
        others.push(route.method.name());
    }
    if others.is_empty() {
        Found::Nothing
    } else {
        Found::OtherMethods(others)
    }
}

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
            is_whole: false,
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
            is_whole: true,
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
pub(super) static ROUTES: &[Route] = &[
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
        answer: Answer::Made("Done", None),
        ..PLAIN
    },
    act(
        "lift_sanction",
        Method::Delete,
        "/sanctions/{number}",
        "lift",
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
    numbered("filters", "/filters", "Filter", Scope::Moderation),
    Route {
        answer: Answer::Made("Done", None),
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
        answer: Answer::Made("Done", None),
        ..act(
            "invite",
            Method::Post,
            "/invitations",
            "invite",
            Scope::Accounts,
        )
    },
    shown("status", "/status", "status", Scope::Server, "Status"),
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
const NOT_OFFERED: &[(&str, &str)] = &[
    ("watch", "a stream of what happens needs a door of its own"),
    ("unban", "HTTP ends a sanction by its number"),
    ("unmute", "HTTP ends a sanction by its number"),
    ("account.suspend", "it is a ban of the account"),
    ("account.resume", "HTTP ends a sanction by its number"),
    (
        "backup",
        "it enters what another command of this machine has done",
    ),
    (
        "owner.code",
        "only who has the machine becomes the first owner",
    ),
];

/// The verbs of a route.
pub(super) fn verbs_of(
    route: &'static Route,
) -> impl Iterator<Item = (Option<&'static str>, &'static Verb)> {
    let verbs = route.asks.verbs().into_iter();
    // The test of this table finds one that is none.
    verbs.filter_map(|(word, verb)| Some((word, Verb::named(verb)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::VERBS;
    use std::collections::BTreeSet;

    #[test]
    fn each_verb_has_a_route_or_a_reason_to_have_none() {
        let routed: BTreeSet<&str> = ROUTES
            .iter()
            .flat_map(|route| route.asks.verbs())
            .map(|(_, verb)| verb)
            .collect();
        let missing: Vec<&str> = VERBS
            .iter()
            .map(|verb| verb.name)
            .filter(|verb| {
                !routed.contains(verb) && NOT_OFFERED.iter().all(|(name, _)| name != verb)
            })
            .collect();
        assert!(missing.is_empty(), "verbs without a route: {missing:?}");
        for (verb, reason) in NOT_OFFERED {
            assert!(!routed.contains(verb) && !reason.is_empty(), "{verb}");
        }
        for verb in routed {
            assert!(Verb::named(verb).is_some(), "{verb} is no verb");
        }
    }

    #[test]
    fn no_two_routes_are_alike_and_their_places_are_fields() {
        let ids: BTreeSet<&str> = ROUTES.iter().map(|route| route.id).collect();
        assert_eq!(ids.len(), ROUTES.len());
        let forms: BTreeSet<(&str, &str)> = ROUTES
            .iter()
            .map(|route| (route.method.name(), route.path))
            .collect();
        assert_eq!(forms.len(), ROUTES.len());
        for route in ROUTES {
            for (_, verb) in verbs_of(route) {
                let named = |name: &str| verb.fields.iter().any(|field| field.name == name);
                assert!(
                    route.places().all(|place| named(route.field_of(place))),
                    "{}",
                    route.id
                );
                let said = |name: &&str| named(name);
                assert!(
                    route.says.iter().all(|(field, _)| said(field)),
                    "{}",
                    route.id
                );
            }
        }
    }

    #[test]
    fn a_path_finds_its_route_or_the_methods_that_it_knows() {
        let Found::Route(route, places) = find("PUT", "/rooms/%23a/owner") else {
            panic!("no route");
        };
        assert_eq!((route.id, places), ("give_room", vec![("room", "%23a")]));
        let Found::OtherMethods(methods) = find("PATCH", "/accounts/alice") else {
            panic!("a route");
        };
        assert_eq!(methods, ["GET", "DELETE"]);
        for path in [
            "",
            "/",
            "/people/",
            "/accounts//role",
            "/people/a/b",
            "people",
        ] {
            assert!(matches!(find("GET", path), Found::Nothing), "{path}");
        }
    }
}
