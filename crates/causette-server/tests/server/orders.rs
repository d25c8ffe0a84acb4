//! What the administrator asks for over the socket is told with the number of its entry in the register.

use crate::support::Host;
use causette_server::admin::{Password, Reply, Request, ask};
use causette_store::Store;

#[test]
fn an_order_is_told_with_the_number_of_its_entry() {
    let mut host = Host::start("");
    let order = |request| ask(host.folder(), &request).unwrap();
    let password = || Password("correct-horse-battery".to_owned());
    let create = || Request::CreateAccount {
        name: "alice".to_owned(),
        password: password(),
    };
    let (made, again) = (order(create()), order(create()));
    let reset = order(Request::ResetPassword {
        name: "alice".to_owned(),
        password: None,
    });
    let shown = order(Request::Fingerprint);
    let invited = order(Request::Invite {
        address: Some("irc.test".to_owned()),
        room: None,
    });
    let entered = order(Request::EnterBackup {
        file: "/srv/backup.tar".to_owned(),
        bytes: 7,
        sha256: "00ff".to_owned(),
    });
    let status = order(Request::Status);
    assert!(!again.ok && again.entry.is_none() && status.entry.is_none());
    host.stop().unwrap();
    let store = Store::look(&host.folder().join("causette.db")).unwrap();
    let mut reader = store.reader().unwrap();
    let mut kind = |reply: &Reply| {
        assert!(reply.ok, "{}", reply.text);
        let entries = reader.entries(reply.entry.unwrap(), 1).unwrap();
        entries[0].kind.clone()
    };
    let kinds = [&made, &reset, &shown, &invited, &entered].map(&mut kind);
    assert_eq!(
        kinds,
        [
            "compte.creation",
            "administration.motdepasse",
            "administration.empreinte",
            "administration.invitation",
            "administration.sauvegarde"
        ]
    );
}
