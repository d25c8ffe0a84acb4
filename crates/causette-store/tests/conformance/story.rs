//! A record with every kind of fact.

use crate::clock;
use crate::files;
use crate::scribe::*;
use causette_core::event::{Prefixes, Reach, Verb, What};
use causette_core::filter::{Filter, FilterAction, HeldMessage};
use causette_core::id::{
    AccountId, BatchId, FilterId, HeldId, InvitationId, Marked, Room, RoomId, SanctionId,
    SessionId, TokenId, UserId,
};
use causette_core::imported::Imported;
use causette_core::invitation::Invitation;
use causette_core::metadata::{Metadatum, Whose};
use causette_core::record::{AccountChange, Fact, Factor, Mechanism, Record, Who};
use causette_core::right::{Role, Scopes};
use causette_core::sanction::{Sanction, SanctionKind, Whom};
use causette_core::secret::Verifier;
use causette_core::settings::Registration;
use causette_proto::{AccountName, Casemap, ChannelName, Nick, Tags, Timestamp};
use causette_store::Store;

const ALICE_ID: AccountId = AccountId(11);
const BOB_ID: AccountId = AccountId(12);
const CAROL: Author = Author {
    id: UserId(16),
    source: "carol!c@h",
    account: Some("carol"),
};

/// The types of entries that a story has.
pub(crate) const KINDS: usize = 73;

/// Lets everything happen that can.
pub(crate) fn tell(store: &Store) {
    let mut scribe = Scribe::new(store);
    connections(&mut scribe);
    accounts(&mut scribe);
    rooms(&mut scribe);
    operators(&mut scribe);
    administration(&mut scribe);
    files::happen(&mut scribe);
    scribe.time += 40 * 86_400 * 1_000_000;
    conversations(&mut scribe);
    clock::steps_back(&mut scribe);
    scribe.writer.close().unwrap();
}

fn connections(scribe: &mut Scribe) {
    scribe.write(Fact::ServerStarted {
        version: "1".into(),
        name: "irc.test".into(),
    });
    for session in [SessionId(13), SessionId(21)] {
        scribe.write(Fact::SessionOpened {
            session,
            peer: peer(),
            since: Timestamp(scribe.time),
        });
    }
    scribe.write(Fact::SessionRefused {
        peer: peer(),
        reason: "too many".into(),
    });
    scribe.write(Fact::ConnectionsSilent {
        address: peer().address,
        count: 3,
        since: Timestamp(scribe.time),
    });
    scribe.write_from(
        Some(SessionId(13)),
        Fact::SignInRefused {
            name: "nobody".into(),
            account: None,
            factor: Factor::Name,
            mechanism: Mechanism::Plain,
            address: peer().address,
        },
    );
}

fn accounts(scribe: &mut Scribe) {
    for author in [&ALICE, &BOB, &CAROL] {
        scribe.signs_up(author);
    }
    let signed_in = Fact::SignedIn {
        account: ALICE_ID,
        mechanism: Mechanism::Pass,
        device: Some("phone".into()),
        token: None,
        address: peer().address,
    };
    scribe.write_from(Some(SessionId(21)), signed_in);
    let verifier = || Verifier("another".to_owned());
    for change in [
        AccountChange::Password(verifier()),
        AccountChange::Reset {
            verifier: verifier(),
            code: true,
        },
        AccountChange::CodeUsed(verifier()),
        AccountChange::Setting {
            name: "language".into(),
            value: "fr".into(),
        },
        AccountChange::CertificateAdded("aa".into()),
        AccountChange::CertificateAdded("bb".into()),
        AccountChange::CertificateRemoved("bb".into()),
        AccountChange::TokenAdded {
            token: TokenId(1),
            name: "phone".into(),
            verifier: verifier(),
            scopes: None,
            until: None,
        },
        AccountChange::TokenAdded {
            token: TokenId(2),
            name: "mirror".into(),
            verifier: Verifier("5f".repeat(32)),
            scopes: Scopes::read("read,register"),
            until: Some(Timestamp(1_900_000_000_000_000)),
        },
        AccountChange::TokenRemoved(TokenId(1)),
        AccountChange::Renamed {
            name: AccountName::parse("Alix", 32, Casemap::Ascii).unwrap(),
            reason: "asked for it".into(),
        },
        AccountChange::Renamed {
            name: AccountName::parse("Alice", 32, Casemap::Ascii).unwrap(),
            reason: "did not like it".into(),
        },
    ] {
        let account = ALICE_ID;
        // Only the administrator gives another password, and has no connection.
        let administrator = matches!(change, AccountChange::Reset { .. });
        let session = (!administrator).then_some(SessionId(21));
        scribe.write_from(session, Fact::AccountChanged { account, change });
    }
    scribe.write(Fact::AccountDropped {
        account: AccountId(CAROL.id.0),
        reason: "".into(),
    });
}

/// What those who run the server decide.
fn administration(scribe: &mut Scribe) {
    let bob = AccountId(BOB.id.0);
    scribe.write(Fact::RoleGiven {
        account: bob,
        role: Role::Moderator,
        reason: "keeps order".into(),
    });
    for registration in [
        Some(Registration::Approve),
        None,
        Some(Registration::Closed),
    ] {
        scribe.write(Fact::RegistrationSet { registration });
    }
    scribe.write(Fact::AccountChanged {
        account: bob,
        change: AccountChange::Approved,
    });
    scribe.write(Fact::Alerted {
        text: "tea is ready".into(),
        kept: true,
    });
    let sanctions = [
        (
            Whom::Account(ALICE_ID),
            Some(TEA),
            Some(5),
            SanctionKind::Mute,
        ),
        (
            Whom::Network("192.0.2.0/24".parse().unwrap()),
            None,
            None,
            SanctionKind::Ban,
        ),
        (
            Whom::Network("2001:db8::1".parse().unwrap()),
            None,
            Some(9),
            SanctionKind::Ban,
        ),
        (Whom::Mask("*!*@bad".into()), None, None, SanctionKind::Ban),
    ];
    for (number, (whom, room, until, kind)) in (1..).zip(sanctions) {
        scribe.write(Fact::Sanctioned(Box::new(Sanction {
            id: SanctionId(number),
            kind,
            whom,
            room,
            reason: "spills tea".into(),
            by: "root".into(),
            role: Role::Moderator,
            since: Timestamp(scribe.time),
            until: until.map(Timestamp),
        })));
    }
    decisions(scribe);
    for (sanction, account, reason) in [(1, Some(ALICE_ID), None), (2, None, Some("sorry".into()))]
    {
        scribe.write(Fact::SanctionLifted {
            sanction: SanctionId(sanction),
            account,
            reason,
        });
    }
}

/// Invitations, words, messages that wait, alerts.
fn decisions(scribe: &mut Scribe) {
    for (number, room) in [(1, None), (2, Some(TEA)), (3, None)] {
        scribe.write(Fact::InvitationMade {
            room,
            link: "causette://h/".into(),
            invitation: Some(Box::new(Invitation {
                id: InvitationId(number),
                hash: Verifier(format!("{number:064x}")),
                room,
                uses: 2,
                by: "root".into(),
                since: Timestamp(scribe.time),
                until: room.map(|_| Timestamp(1_900_000_000_000_000)),
            })),
        });
    }
    scribe.write(Fact::InvitationEnded {
        invitation: InvitationId(3),
        reason: Some("lost".into()),
    });
    let words = [
        (FilterAction::Hold, None),
        (FilterAction::Drop, Some(TEA)),
        (FilterAction::Warn, None),
    ];
    for (number, (action, room)) in (1..).zip(words) {
        scribe.write(Fact::FilterSet(Box::new(Filter {
            id: FilterId(number),
            pattern: "cheap t?a".into(),
            action,
            room,
            reason: "no trade".into(),
            by: "root".into(),
            since: Timestamp(scribe.time),
        })));
    }
    let (filter, reason) = (FilterId(3), "enough".into());
    scribe.write(Fact::FilterRemoved { filter, reason });
    let (filter, room) = (FilterId(2), TEA);
    scribe.write(Fact::FilterStruck { filter, room });
    for (number, account) in [(1, None), (2, Some("Alice")), (3, None)] {
        let account = account.map(|name| AccountName::parse(name, 32, Casemap::Ascii).unwrap());
        scribe.write(Fact::MessageHeld(Box::new(HeldMessage {
            id: HeldId(number),
            room: TEA,
            author: account.as_ref().map_or(GUEST.id, |_| ALICE.id),
            source: "some!one@there".into(),
            account,
            verb: if number == 1 {
                Verb::Notice
            } else {
                Verb::Privmsg
            },
            text: "cheap tea\nhere".into(),
            tags: Tags::parse("+draft/reply=abc;+x=a\\sb").unwrap(),
            filter: FilterId(1),
            since: Timestamp(scribe.time),
        })));
    }
    let (held, released) = (HeldId(3), false);
    scribe.write(Fact::HeldDecided { held, released });
    for text in ["the roof is on fire", "it is out"] {
        let (text, kept) = (text.into(), true);
        scribe.write(Fact::Alerted { text, kept });
    }
    scribe.write(Fact::Alerted {
        text: "the server stops in 3 s".into(),
        kept: false,
    });
    scribe.write(Fact::OwnerCodeMade);
    scribe.write(Fact::RegisterRead {
        question: "search --account alice".into(),
    });
    scribe.write(Fact::ActRefused {
        act: "kick".into(),
        token: TokenId(2),
    });
    scribe.write(Fact::RoomRenamed {
        room: CHESS,
        name: ChannelName::parse("#échecs", 64, Casemap::Ascii).unwrap(),
        reason: "in French".into(),
    });
}

fn rooms(scribe: &mut Scribe) {
    for (room, name) in [(TEA, "#tea"), (CHESS, "#chess"), (RoomId(103), "#gone")] {
        scribe.opens(room, name);
    }
    scribe.write(Fact::RoomClosed { room: RoomId(103) });
    let (tea, both) = (
        Room::Channel(TEA),
        [Room::Channel(TEA), Room::Channel(CHESS)],
    );
    for author in [&ALICE, &BOB, &GUEST] {
        scribe.happens(author, &both, joined(Prefixes::of('o')));
    }
    let tagged = What::Said {
        verb: Verb::Notice,
        text: "\"tea\"\u{1}é".into(),
        tags: Tags::parse("+draft/reply=abc").unwrap(),
        reach: Reach::Room,
    };
    scribe.happens(&ALICE, &[tea], tagged);
    scribe.says(&BOB, tea, "to all");
    scribe.happens(
        &GUEST,
        &[tea],
        said_to(Reach::Status('@'), Verb::Privmsg, "to some"),
    );
    scribe.happens(&GUEST, &[tea], said_to(Reach::Operators, Verb::Tagmsg, ""));
    for verb in [Verb::Notice, Verb::Tagmsg] {
        scribe.happens(
            &GUEST,
            &[tea],
            said_to(Reach::Closed, verb, "behind closed doors"),
        );
    }
    let slip = scribe.says(&BOB, tea, "a slip");
    scribe.says(&BOB, tea, "between");
    scribe.happens(&BOB, &[tea], taken_back(&slip));
    let topic = What::Topic {
        text: "green".into(),
    };
    scribe.happens(&ALICE, &[tea], topic);
    let changes = vec![mode(true, 'b', "*!*@bad", None)];
    let after = "+nt".into();
    scribe.happens(&ALICE, &[tea], What::Mode { changes, after });
    served(scribe);
    let nick = |nick| Nick::parse(nick, 32, Casemap::Ascii).unwrap();
    let kick = What::Kicked {
        target: GUEST.id,
        guest: true,
        nick: nick("zoe"),
        reason: "out".into(),
    };
    scribe.happens(&ALICE, &[tea], kick);
    scribe.happens(
        &BOB,
        &both,
        What::Renamed {
            nick: nick("Bobby"),
        },
    );
    scribe.happens(&GUEST, &[], What::Renamed { nick: nick("zz") });
    let parted = What::Parted { reason: "".into() };
    scribe.happens(&GUEST, &[Room::Channel(CHESS)], parted);
    let quit = || What::Quit {
        reason: "bye".into(),
    };
    let reason = "away".into();
    scribe.happens(&BOB, &both, What::Vanished { reason });
    let (realname, prefixes) = ("Bob".into(), Prefixes::NONE);
    let returned = What::Returned { realname, prefixes };
    scribe.happens(&BOB, &[tea], returned);
    scribe.happens(&BOB, &both, quit());
    scribe.happens(&GUEST, &[], quit());
}

/// The server speaks, by itself and for an administrator and somebody who owns the channel.
fn served(scribe: &mut Scribe) {
    let server = Author {
        id: UserId::SERVER,
        source: "irc.test",
        account: None,
    };
    for by in [
        Who::Server,
        Who::System("root".into()),
        Who::Account(ALICE_ID),
    ] {
        let topic = What::Topic {
            text: "served".into(),
        };
        let event = scribe.event(&server, topic);
        let rooms = vec![Room::Channel(TEA)];
        let record = Record {
            by,
            ..scribe.record(None, Fact::Event { rooms, event })
        };
        scribe.batch += 1;
        let batch = BatchId(scribe.batch);
        scribe.writer.append(batch, &[record]).unwrap();
    }
}

fn operators(scribe: &mut Scribe) {
    for fact in [
        Fact::RoomRegistered {
            room: TEA,
            founder: ALICE_ID,
        },
        Fact::AccessChanged {
            room: TEA,
            account: BOB_ID,
            prefixes: Prefixes::of('o'),
        },
        Fact::Invited {
            room: TEA,
            target: Who::Guest(GUEST.id),
            admits: true,
            instead_of: None,
        },
        Fact::PlaceKept {
            room: TEA,
            account: BOB_ID,
            guest: GUEST.id,
            prefixes: Prefixes::of('v'),
            joined: Timestamp(7),
        },
        Fact::RoomRegistered {
            room: CHESS,
            founder: ALICE_ID,
        },
        Fact::RoomUnregistered { room: CHESS },
        Fact::PastOpened { room: TEA },
        Fact::SessionAttended {
            session: SessionId(21),
            account: ALICE_ID,
            attended: false,
            last_seen: None,
        },
        Fact::BecameOperator {
            name: "root".into(),
            class: "all".into(),
        },
        Fact::Killed {
            target: Who::Account(BOB_ID),
            reason: "enough".into(),
        },
        Fact::Announced { text: "tea".into() },
        Fact::Reloaded,
        Fact::FingerprintsShown,
        Fact::InvitationMade {
            room: Some(TEA),
            link: "causette://h/#tea".into(),
            invitation: None,
        },
        Fact::BackupMade {
            file: "/srv/backup.tar".into(),
            bytes: 7,
            sha256: "00ff".into(),
        },
        Fact::Imported(Box::new(Imported {
            program: "b".into(),
            ended: false,
            digests: vec![("dump.sql".into(), "00ff".into())],
            accounts: 1,
            messages: 2,
            files: 3,
        })),
        Fact::MetadataSet(Box::new(Metadatum {
            whose: Whose::Account(ALICE_ID),
            key: "status".into(),
            value: "with tea".into(),
        })),
        Fact::MetadataSet(Box::new(Metadatum {
            whose: Whose::Room(TEA),
            key: "avatar".into(),
            value: "https://example.org/tea.png".into(),
        })),
        Fact::MarkerSet {
            account: ALICE_ID,
            of: Marked::Channel("#tea".into()),
            time: Timestamp(1),
        },
        Fact::StopAsked {
            reason: "stopped by alice".into(),
        },
    ] {
        scribe.write_from(Some(SessionId(21)), fact);
    }
}

fn conversations(scribe: &mut Scribe) {
    for room in [
        Room::direct(ALICE.id, BOB.id),
        Room::direct(ALICE.id, GUEST.id),
        Room::direct(ALICE.id, ALICE.id),
    ] {
        scribe.says(&ALICE, room, "a");
        let slip = scribe.says(&ALICE, room, "b");
        scribe.happens(&ALICE, &[room], taken_back(&slip));
    }
    scribe.says(&GUEST, Room::direct(ALICE.id, GUEST.id), "c");
}
