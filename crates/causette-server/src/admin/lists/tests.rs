//! What lists look like, and what programs are given of the same.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::super::data;
use super::*;
use causette_core::file::{Aside, Digest, File, FileKey, FileReport, Usage, Visibility};
use causette_core::filter::FilterAction;
use causette_core::id::{AccountId, FileId, FilterId, HeldId, InvitationId, RoomId, SanctionId};
use causette_core::input::Transport;
use causette_core::report::{FilterReport, HeldReport, InvitationReport};
use causette_core::sanction::SanctionKind;
use causette_core::secret::Secret;
use causette_proto::FileName;
use std::net::{IpAddr, Ipv4Addr};

const NOW: Timestamp = Timestamp(1_795_000_000_000_000);

fn session(device: Option<&str>, idle: u64) -> SessionReport {
    SessionReport {
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        port: 4711,
        transport: Transport::Ircs,
        device: device.map(Into::into),
        since: NOW.plus_seconds(-2_460),
        idle,
    }
}

fn person(nick: &str, role: Role, sessions: Vec<SessionReport>) -> PersonReport {
    PersonReport {
        nick: nick.into(),
        account: Some(nick.into()),
        role,
        away: None,
        rooms: vec!["#general".into(), "#thé".into()],
        sessions,
    }
}

fn account() -> AccountReport {
    AccountReport {
        name: "alice".into(),
        role: Role::Moderator,
        created: NOW.plus_seconds(-86_400),
        last_seen: Some(NOW),
        sessions: 0,
        waiting: true,
        sanctions: vec![SanctionId(7)],
    }
}

fn sanction(until: Option<Timestamp>) -> SanctionReport {
    SanctionReport {
        number: SanctionId(7),
        kind: SanctionKind::Ban,
        whom: "192.0.2.0/24".into(),
        room: None,
        reason: "\u{202e}spam".into(),
        by: "root".into(),
        since: NOW,
        until,
    }
}

fn french(report: &Report) -> String {
    text_of(report, NOW, Language::Fr)
}

#[test]
fn the_people_stand_in_columns_a_row_for_each_connection() {
    let people = vec![
        person(
            "alice",
            Role::Admin,
            vec![session(Some("portable"), 3), session(None, 720)],
        ),
        person("zoé", Role::User, Vec::new()),
    ];
    let listed = french(&Report::People {
        people,
        more: false,
        connected: 1,
        sessions: 2,
        accounts: 41,
    });
    let expected = "
  PSEUDO                  DEPUIS  ADRESSE    CLIENT            INACTIF  SALONS
  alice (administrateur)  41 min  192.0.2.7  portable (ircs)   3 s      #general #thé
                          41 min  192.0.2.7  ircs              12 min
  zoé                     –       –          toujours présent  –        #general #thé
  Connectés : 1 ; connexions : 2 ; comptes : 41";
    assert_eq!(listed, expected.trim_start_matches('\n'));
    let none = french(&Report::People {
        people: Vec::new(),
        more: false,
        connected: 0,
        sessions: 0,
        accounts: 0,
    });
    assert_eq!(none, "  Connectés : 0 ; connexions : 0 ; comptes : 0");
}

#[test]
fn what_others_wrote_turns_nothing_around() {
    let sanctions = vec![sanction(None), sanction(Some(NOW))];
    let listed = french(&Report::Sanctions(sanctions));
    assert!(
        listed.contains("bannissement") && listed.contains("toujours"),
        "{listed}"
    );
    assert!(
        listed.contains("2026-11-18 11:06:40 UTC") && listed.contains("\u{fffd}spam"),
        "{listed}"
    );
    assert!(!listed.contains('\u{202e}'));
}

#[test]
fn an_account_is_shown_whole() {
    let detail = AccountDetail {
        account: account(),
        person: Some(person("alice", Role::Moderator, vec![session(None, 0)])),
        devices: vec![DeviceReport {
            number: 1,
            name: "portable".into(),
            last_used: None,
            last_address: None,
            scopes: None,
            until: None,
        }],
        login: LoginPolicy::PinFirst,
        login_address: "192.0.2.7".parse().ok(),
        certificates: 0,
        rooms: vec!["#thé".into()],
        sanctions: vec![sanction(None)],
    };
    let shown = french(&Report::Account(Box::new(detail)));
    for part in [
        "modérateur",
        "attend une approbation, sanction 7",
        "portable",
        "de 192.0.2.7 seulement",
        "PSEUDO",
        "192.0.2.0/24",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    let listed = french(&Report::Accounts {
        accounts: vec![account()],
        more: true,
    });
    assert!(listed.ends_with("\n  La suite : --after alice"), "{listed}");
}

#[test]
fn programs_are_given_the_same_with_times_as_everybody_writes_them() {
    let report = Report::Accounts {
        accounts: vec![account()],
        more: false,
    };
    let data = data::of(&report).unwrap();
    let first = &data["accounts"][0];
    assert_eq!(first["last_seen"], "2026-11-18T11:06:40.000Z");
    assert_eq!(
        (&first["role"], &first["sanctions"][0]),
        (&"moderator".into(), &7.into())
    );
    let report = Report::Sanctions(vec![sanction(None)]);
    let data = data::of(&report).unwrap();
    assert!(data["sanctions"][0]["until"].is_null() && data["sanctions"][0]["kind"] == "ban");
    assert_eq!(data::of(&Report::Done(String::new())), None);
}

#[test]
fn what_ends_soon_ends_to_the_second() {
    let ends = [59, 86_399, 86_400].map(|seconds| sanction(Some(NOW.plus_seconds(seconds))));
    let listed = french(&Report::Sanctions(ends.into()));
    for part in [
        "2026-11-18 11:07:39 UTC",
        "2026-11-19 11:06:39 UTC",
        "2026-11-19 11:06 UTC",
    ] {
        assert!(listed.contains(part), "{part} in\n{listed}");
    }
}

#[test]
fn what_was_decided_about_who_comes_in_and_what_is_said_stands_in_columns() {
    let invitation = InvitationReport {
        number: InvitationId(3),
        room: Some("#thé".into()),
        uses: 2,
        by: "root".into(),
        since: NOW,
        until: None,
    };
    let filter = FilterReport {
        number: FilterId(1),
        pattern: "argent facile".into(),
        action: FilterAction::Hold,
        room: None,
        reason: "réclame".into(),
        by: "alice".into(),
        since: NOW,
    };
    let held = HeldReport {
        number: HeldId(9),
        room: "#thé".into(),
        from: "bob".into(),
        account: None,
        text: format!("\u{202e}{}", "é".repeat(70)).into(),
        filter: FilterId(1),
        since: NOW.plus_seconds(-90),
    };
    let reports = [
        Report::Invitations(vec![invitation]),
        Report::Filters(vec![filter]),
        Report::Held(vec![held]),
    ];
    let listed = reports.map(|report| french(&report)).join("\n");
    let text = format!("\u{fffd}{}…", "é".repeat(59));
    let expected = format!(
        "  NUMÉRO  SALON  RESTE  FAITE                 JUSQU'À   PAR
  3       #thé   2      2026-11-18 11:06 UTC  toujours  root
  Invitations en vigueur : 1
  NUMÉRO  MOTS           CE QUI ARRIVE  OÙ          PAR    RAISON
  1       argent facile  retenu         le serveur  alice  réclame
  Filtres : 1
  NUMÉRO  DEPUIS  SALON  DE   FILTRE  TEXTE
  9       1 min   #thé   bob  1       {text}
  Messages en attente : 1"
    );
    assert_eq!(listed, expected);
    let token = Report::Token {
        account: "robot".into(),
        number: 4,
        token: Secret::new("hunter2"),
        until: NOW,
    };
    let shown = french(&token);
    assert!(shown.ends_with("\nhunter2") && shown.contains("Jeton 4 de robot"));
    assert_eq!(data::of(&token).unwrap()["token"], "hunter2");
}

#[test]
fn files_stand_in_columns_with_whose_they_are_and_for_whom() {
    let file = File {
        id: FileId(12),
        key: FileKey([1; 16]),
        owner: Some(AccountId(2)),
        name: FileName::nearest("été.txt"),
        media_type: "text/plain".into(),
        size: 1_500_000,
        sha256: Digest([2; 32]),
        says_beside: false,
        visibility: Visibility::Room(RoomId(4)),
        closed: None,
        granted: Vec::new(),
        path: None,
        aside: Some(Aside {
            since: NOW,
            reason: "looks bad".into(),
        }),
        since: NOW,
        until: None,
    };
    let report = FileReport {
        owner: Some("alice".into()),
        room: Some("#thé".into()),
        granted: vec!["bob".into()],
        since: NOW,
        until: Some(NOW),
        file,
    };
    let usage = Usage {
        files: 3,
        bytes: 1_500_000,
        bytes_max: 5_000_000_000,
        ..Usage::default()
    };
    let reports = [
        Report::Files {
            files: vec![report.clone()],
            more: true,
        },
        Report::File(Box::new(report)),
        Report::Quota {
            account: "alice".into(),
            usage,
            own: true,
        },
    ];
    let listed = reports.map(|report| french(&report)).join("\n");
    let sha256 = "02".repeat(32);
    let expected = format!(
        "  NUMÉRO  NOM      TAILLE  PROPRIÉTAIRE  DEPUIS                POUR
  12      été.txt  1.5 MB  alice         2026-11-18 11:06 UTC  #thé, mis de côté
  Fichiers : 1
  Il y en a de plus anciens : --after 12
  Numéro          12
  Nom             été.txt
  Taille          1.5 MB (1500000)
  Type            text/plain
  SHA-256         {sha256}
  Propriétaire    alice
  Pour            #thé, mis de côté
  Envoyé à        bob
  Depuis          2026-11-18 11:06 UTC
  Gardé jusqu'au  2026-11-18 11:06 UTC
alice garde 3 fichiers, 1.5 MB en tout, et peut garder 5.0 GB, comme il a été décidé pour ce compte"
    );
    assert_eq!(listed, expected);
}
