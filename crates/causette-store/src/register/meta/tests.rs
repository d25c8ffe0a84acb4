//! What entries tell, member by member.

use super::*;
use causette_core::event::{Prefixes, Reach, Verb};
use causette_core::id::{AccountId, Msgid, RoomId, TokenId, UserId};
use causette_core::metadata::{Metadatum, Whose};
use causette_core::record::{Factor, Mechanism, Who};
use causette_core::secret::Verifier;
use causette_proto::{Tags, Timestamp};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

const SUBJECTS: Subjects = Subjects {
    actor: Some(Subject::Account(2)),
    target: Some(Subject::Room(3)),
    other: Some(Subject::Guest(5)),
};

fn of(fact: &Fact) -> String {
    through(fact, Some(SessionId(5)))
}

fn through(fact: &Fact, session: Option<SessionId>) -> String {
    let record = Record {
        time: Timestamp(1),
        steady: Timestamp(1),
        session,
        by: Who::Server,
        fact: fact.clone(),
    };
    of_fact(&record, &SUBJECTS)
}

fn with(members: &str) -> String {
    format!(r#"{{"acteur":"account:2","cible":"room:3"{members}}}"#)
}

#[test]
fn the_metadata_tells_what_changed_and_no_secret() {
    let changed = |change| {
        of(&Fact::AccountChanged {
            account: AccountId(2),
            change,
        })
    };
    assert_eq!(
        changed(AccountChange::Password(Verifier("$argon2id$".to_owned()))),
        with(r#","session":"5""#)
    );
    assert_eq!(
        changed(AccountChange::Setting {
            name: "away".into(),
            value: "gone \"fishing\"".into()
        }),
        with(r#","nom":"away","session":"5","valeur":"gone \"fishing\"""#)
    );
    assert_eq!(
        changed(AccountChange::SettingImposed {
            name: "login".into(),
            value: "pin-first".into(),
            reason: "as she asks".into()
        }),
        with(r#","motif":"as she asks","nom":"login","session":"5","valeur":"pin-first""#)
    );
    for change in [
        AccountChange::CertificateAdded("ab12".into()),
        AccountChange::CertificateRemoved("ab12".into()),
    ] {
        assert_eq!(
            changed(change),
            with(r#","empreinte":"ab12","session":"5""#)
        );
    }
    let added = AccountChange::TokenAdded {
        token: TokenId(3),
        name: "phone".into(),
        verifier: Verifier("5f".repeat(32)),
        scopes: None,
        until: None,
    };
    assert_eq!(
        changed(added),
        with(r#","jeton":3,"nom":"phone","session":"5""#)
    );
    assert_eq!(
        changed(AccountChange::TokenRemoved(TokenId(3))),
        with(r#","jeton":3,"session":"5""#)
    );
}

#[test]
fn what_has_no_session_tells_from_where_it_came() {
    let refused = Fact::SignInRefused {
        name: "alice".into(),
        account: None,
        factor: Factor::Token,
        mechanism: Mechanism::Plain,
        address: HERE,
    };
    assert_eq!(
        of(&refused),
        with(r#","facteur":"token","mecanisme":"sasl-plain","nom":"alice","session":"5""#)
    );
    assert_eq!(
        through(&refused, None),
        with(r#","facteur":"token","ip":"192.0.2.7","mecanisme":"sasl-plain","nom":"alice""#)
    );
}

#[test]
fn the_metadata_names_whom_else_it_concerns() {
    let (room, account) = (RoomId(3), AccountId(5));
    let facts = [
        (
            Fact::RoomRegistered {
                room,
                founder: account,
            },
            r#","fondateur":"guest:5","session":"5""#,
        ),
        (
            Fact::AccessChanged {
                room,
                account,
                prefixes: Prefixes::of('o').union(Prefixes::of('v')),
            },
            r#","compte":"guest:5","prefixes":"ov","session":"5""#,
        ),
        (
            Fact::Invited {
                room,
                target: Who::Guest(UserId(5)),
                admits: true,
                instead_of: None,
            },
            r#","invite":"guest:5","session":"5""#,
        ),
    ];
    for (fact, members) in facts {
        assert_eq!(of(&fact), with(members));
    }
    let said = |value: &str| {
        let whose = Whose::Account(account);
        let (key, value) = ("status".into(), value.into());
        of(&Fact::MetadataSet(Box::new(Metadatum {
            whose,
            key,
            value,
        })))
    };
    assert_eq!(
        said("with tea"),
        with(r#","nom":"status","session":"5","valeur":"with tea""#)
    );
    assert_eq!(
        said(""),
        with(r#","nom":"status","session":"5","valeur":"""#)
    );
}

#[test]
fn the_metadata_tells_what_operators_do_and_devices_are() {
    let facts = [
        (
            Fact::BecameOperator {
                name: "root".into(),
                class: "all".into(),
            },
            r#","classe":"all","nom":"root","session":"5""#,
        ),
        (
            Fact::Killed {
                target: Who::Guest(UserId(5)),
                reason: "enough".into(),
            },
            r#","motif":"enough","session":"5""#,
        ),
        (
            Fact::Announced { text: "tea".into() },
            r#","session":"5","texte":"tea""#,
        ),
        (Fact::Reloaded, r#","session":"5""#),
        (
            Fact::SessionAttended {
                session: SessionId(5),
                account: AccountId(2),
                attended: false,
                last_seen: Some(Timestamp(1)),
            },
            r#","presence":false,"session":"5""#,
        ),
        (
            Fact::SignedIn {
                account: AccountId(2),
                mechanism: Mechanism::External,
                device: Some("phone".into()),
                token: Some(TokenId(3)),
                address: HERE,
            },
            r#","jeton":3,"mecanisme":"sasl-external","poste":"phone","session":"5""#,
        ),
    ];
    for (fact, members) in facts {
        assert_eq!(of(&fact), with(members));
    }
}

#[test]
fn the_metadata_of_an_event_tells_who_got_it_and_what_it_takes_back() {
    let of = |what| {
        let event = Event {
            msgid: Msgid("m2".into()),
            time: Timestamp(1),
            author: UserId(2),
            source: "a!a@h".into(),
            account: None,
            hidden: false,
            closed: false,
            what,
        };
        let subjects = Subjects {
            other: None,
            ..SUBJECTS
        };
        of_event(&event, None, &subjects)
    };
    assert_eq!(
        of(What::Said {
            verb: Verb::Privmsg,
            text: "x".into(),
            tags: Tags::new(),
            reach: Reach::Status('@'),
        }),
        with(r#","msgid":"m2","nature":"PRIVMSG","portee":"@""#)
    );
    assert_eq!(
        of(What::Redacted {
            msgid: Msgid("m1".into()),
            reason: "slip".into(),
            said_by: UserId(1),
            reach: Reach::Room,
        }),
        with(r#","message":"m1","msgid":"m2","nature":"REDACT""#)
    );
}
