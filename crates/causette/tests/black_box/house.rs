//! A server with ten rooms, for the programs of others: what each finds there, is told while it is there, and must have again when
//! the server was killed. Bob is in all the rooms and sees who comes; carole tells the first room what a log says.

use crate::chat::{PASSWORD, Person};
use crate::support::{Client, Folder, QUICK, Server, free_address};

/// The rooms, as clients say them in one line.
pub(crate) const ROOMS: [&str; 10] = [
    "#un", "#deux", "#trois", "#quatre", "#cinq", "#six", "#sept", "#huit", "#neuf", "#dix",
];

/// The lines that carole's program writes.
pub(crate) const LOG: [&str; 3] = [
    "sauvegarde : début",
    "sauvegarde : 3,2 Go",
    "sauvegarde : fin",
];

pub(crate) struct House {
    /// Before its folder, which goes away with it.
    server: Option<Server>,
    bob: Client,
    carole: Person,
    pub(crate) folder: Folder,
}

impl House {
    /// Starts the server; bob says two things in the first room, of which the second is a `/me`.
    pub(crate) fn open() -> Self {
        let folder = Folder::new();
        std::fs::write(folder.path().join("causette.toml"), QUICK).unwrap();
        let server = Server::start_at(folder.path(), free_address());
        server.tls().sign_up("bob");
        let mut bob = sign_in(&server, "bob");
        bob.send(&format!("JOIN {}", ROOMS.join(",")));
        bob.expect(&format!(" 366 bob {} ", ROOMS[9]));
        bob.ask("PRIVMSG #un :Le café est ouvert ☕");
        bob.ask("PRIVMSG #un :\x01ACTION sert le café\x01");
        let carole = Person::known(&folder, &server, "carole");
        sign_in(&server, "carole").ask("JOIN #un");
        bob.expect(":carole!carole@account/carole JOIN #un");
        Self {
            server: Some(server),
            bob,
            carole,
            folder,
        }
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Makes an account for whom nobody can tell to sign up.
    pub(crate) fn sign_up(&self, nick: &str) {
        self.server().tls().sign_up(nick);
    }

    /// Waits until bob has seen somebody enter all the rooms: in the order of their line, which not every client keeps.
    #[track_caller]
    pub(crate) fn sees_come(&mut self, nick: &str) {
        let comes = format!(":{nick}!{nick}@account/{nick} JOIN ");
        let mut rooms = ROOMS.to_vec();
        while !rooms.is_empty() {
            let line = self.bob.expect(&comes);
            let before = rooms.len();
            rooms.retain(|room| !line.ends_with(room));
            assert!(
                rooms.len() < before || line.ends_with(" #general"),
                "{line}"
            );
        }
    }

    /// Bob says something in the first room.
    pub(crate) fn says(&mut self, text: &str) {
        self.bob.ask(&format!("PRIVMSG #un :{text}"));
    }

    /// The same, where what comes next may be the answer.
    pub(crate) fn calls(&mut self, text: &str) {
        self.bob.send(&format!("PRIVMSG #un :{text}"));
    }

    /// Waits until bob has read something of somebody in a room.
    #[track_caller]
    pub(crate) fn reads(&mut self, nick: &str, room: &str, text: &str) {
        let said = format!(":{nick}!{nick}@account/{nick} PRIVMSG {room} :{text}");
        self.bob.expect(&said);
    }

    /// Carole gives the room several lines at once, as `journalctl` does through a pipe.
    #[track_caller]
    pub(crate) fn writes_a_log(&self) {
        let told = self.carole.run(
            &["send", "--notice", "#un"],
            &format!("{}\n", LOG.join("\n")),
        );
        assert_eq!(told.status.code(), Some(0), "{told:?}");
    }

    /// Kills the server and starts it again; bob returns, and says in each room that it is there again.
    pub(crate) fn is_killed_and_comes_back(&mut self) {
        let server = self.server.take().unwrap();
        let address = server.address;
        drop(server);
        let server = Server::start_at(self.folder.path(), address);
        self.bob = sign_in(&server, "bob");
        self.server = Some(server);
        for room in ROOMS {
            self.bob.ask(&format!("PRIVMSG {room} :{}", again(room)));
        }
    }
}

/// What bob says in a room after the server was killed.
pub(crate) fn again(room: &str) -> String {
    format!("nous revoilà dans {room}")
}

fn sign_in(server: &Server, nick: &str) -> Client {
    let mut client = server.tls();
    client.send(&format!("PASS :{nick}:{PASSWORD}"));
    client.register(nick);
    client
}
