//! What the administrator asks for over the socket is told with the number of its entry in the register.

use crate::support::Host;
use causette_server::admin::{Reply, Request, ask};
use causette_store::Store;

#[test]
fn an_order_is_told_with_the_number_of_its_entry() {
    let mut host = Host::start("");
    let order = |request: Request| ask(host.folder(), &request).unwrap();
    let create = || {
        let create = Request::new("account.create").with("name", "alice");
        create.with("password", "correct-horse-battery")
    };
    let (made, again) = (order(create()), order(create()));
    let reset = order(Request::new("account.password").with("name", "alice"));
    let shown = order(Request::new("fingerprint"));
    let invited = order(Request::new("invite").with("address", "irc.test"));
    let entered = order(
        Request::new("backup")
            .with("file", "/srv/backup.tar")
            .with("bytes", 7)
            .with("sha256", "00ff"),
    );
    let status = order(Request::new("status"));
    assert!(!again.ok && again.entry.is_none() && status.entry.is_none());
    host.stop().unwrap();
    let store = Store::look(host.folder().join("causette.db")).unwrap();
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
