//! Which request asks for which verb: one table, of which the door, its description and their tests are made.

mod table;

use crate::admin::Verb;
use causette_core::right::Scope;
pub(super) use table::ROUTES;

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
    /// Who cuts the parts.
    pub(super) cut: Cut,
}

/// Who cuts the parts of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// The core, which says whether more follow.
    Core,
    /// The door: the core gives it whole.
    Door,
    /// The register, which says behind which entry to go on.
    Register,
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
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::table::NOT_OFFERED;
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
    fn the_pages_name_each_route_and_its_scope() {
        for language in ["en", "fr"] {
            let path = format!(
                "{}/../../docs/{language}/administering/api.md",
                env!("CARGO_MANIFEST_DIR")
            );
            let page = std::fs::read_to_string(path).unwrap();
            for route in ROUTES {
                let (method, path) = (route.method.name(), route.path);
                let verbs: Vec<&str> = route
                    .asks
                    .verbs()
                    .into_iter()
                    .map(|(_, verb)| verb)
                    .collect();
                let row = format!(
                    "| `{method} {path}` | `{}` | `{}` |",
                    verbs.join("`, `"),
                    route.scope.name()
                );
                assert!(page.contains(&row), "{language}: {row}");
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
