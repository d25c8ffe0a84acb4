//! Names over starts under another mapping.

use crate::scribe::*;
use causette_core::id::{AccountId, RoomId};
use causette_core::record::Fact;
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName};
use causette_store::{Store, StoreError};

/// The keys of accounts and channels, as a start finds them.
fn keys(store: &Store) -> (Vec<String>, Vec<String>) {
    let snapshot = store.snapshot().unwrap();
    let accounts = snapshot.accounts.iter().map(|row| row.name.key().into());
    let channels = snapshot.channels.iter().map(|row| row.name.key().into());
    (accounts.collect(), channels.collect())
}

fn signs_up(scribe: &mut Scribe, id: u64, name: &str, casemap: Casemap) {
    let name = AccountName::kept(name, casemap).unwrap();
    scribe.write(Fact::AccountCreated {
        account: AccountId(id),
        name,
        verifier: Verifier("phc".to_owned()),
        by_administrator: false,
        invitation: None,
        waiting: false,
    });
}

fn opens(scribe: &mut Scribe, id: u64, name: &str, casemap: Casemap) {
    scribe.write(Fact::RoomOpened {
        room: RoomId(id),
        name: ChannelName::parse(name, 64, casemap).unwrap(),
        permanent: false,
        modes: "+nt".into(),
    });
}

/// Starts the server again under a mapping.
fn starts(store: Place, casemap: Casemap, scribe: &mut Scribe) -> (Place, Result<(), StoreError>) {
    let mut store = store.with_casemap(casemap);
    let started = store.start(scribe.now()).map(drop);
    (store, started)
}

#[test]
fn names_are_kept_under_another_mapping_and_have_its_keys() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        let (store, _) = starts(store, Casemap::Precis, &mut scribe);
        signs_up(&mut scribe, 11, "Élodie", Casemap::Precis);
        signs_up(&mut scribe, 12, "Ｂｅａ", Casemap::Precis);
        opens(&mut scribe, 101, "#THÉ", Casemap::Precis);
        let precis = (
            vec!["élodie".to_owned(), "bea".to_owned()],
            vec!["#thé".to_owned()],
        );
        assert_eq!(keys(&store), precis);

        let (store, started) = starts(store, Casemap::Ascii, &mut scribe);
        started.unwrap();
        let ascii = (
            vec!["Élodie".to_owned(), "Ｂｅａ".to_owned()],
            vec!["#thÉ".to_owned()],
        );
        assert_eq!(keys(&store), ascii);
        let names = store.snapshot().unwrap().accounts;
        assert_eq!(names[0].name.as_str(), "Élodie");
        assert_eq!(names[0].nick.as_str(), "Élodie");
        // The old keys are free.
        signs_up(&mut scribe, 13, "bea", Casemap::Ascii);
        opens(&mut scribe, 102, "#thé", Casemap::Ascii);

        // Under the first mapping two have one name now; nothing is changed until one of them has gone.
        let (store, started) = starts(store, Casemap::Precis, &mut scribe);
        let error = started.unwrap_err().to_string();
        assert!(
            error.contains("accounts Ｂｅａ and bea") && error.contains("casemapping"),
            "{error}"
        );
        let (store, started) = starts(store, Casemap::Ascii, &mut scribe);
        started.unwrap();
        scribe.write(Fact::AccountDropped {
            account: AccountId(13),
            reason: "".into(),
        });
        let (store, started) = starts(store, Casemap::Precis, &mut scribe);
        let error = started.unwrap_err().to_string();
        assert!(error.contains("channels #THÉ and #thé"), "{error}");
        scribe.write(Fact::RoomClosed { room: RoomId(102) });
        let (store, started) = starts(store, Casemap::Precis, &mut scribe);
        started.unwrap();
        assert_eq!(keys(&store), precis);
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, 7, "the mapping is no fact");
    }
}
