//! How the world is asked for something, and what it tells.

use crate::world::World;
use causette_core::id::SessionId;
use causette_core::input::Input;
use causette_core::order::Order;

impl World {
    /// Lets the administrator ask for something over the socket.
    pub(crate) fn order(&mut self, ticket: u64, order: Order) {
        let by = "root".into();
        self.input(Input::Admin {
            ticket,
            by,
            language: None,
            order,
        });
    }

    /// Connects somebody who has not signed in; without a nickname, and not welcomed, where it is another's.
    pub(crate) fn greet(&mut self, name: &str) {
        let session = self.connect(name);
        self.say(session, &format!("NICK {name}"));
        self.say(session, &format!("USER {name} 0 * :{name}"));
        self.settle();
    }

    /// Says a line and waits; gives the text of the last refusal or notice that the session gets.
    pub(crate) fn say_all(&mut self, name: &str, line: &str) -> String {
        let session: SessionId = self.names[name];
        let before = self.delivered.len();
        self.say(session, line);
        self.settle();
        let given = self.delivered[before..]
            .iter()
            .filter(|(to, _)| *to == session);
        let mut told = given.filter_map(|(_, line)| {
            let word = line.split(' ').nth(1)?;
            let refuses = matches!(word, "FAIL" | "NOTICE")
                || word.parse().is_ok_and(|number: u16| number >= 400);
            refuses.then(|| {
                line.split_once(" :")
                    .map_or("", |(_, text)| text)
                    .to_owned()
            })
        });
        told.next_back().unwrap_or_default()
    }

    /// Has an order obeyed; gives what is told.
    pub(crate) fn obey(&mut self, order: Order) -> String {
        self.order(1, order);
        self.settle();
        let (Ok(text) | Err(text)) = self.obeyed.last().unwrap().clone();
        text
    }
}
