//! Who may sign up, and where those who run the server meet.

use super::*;

#[test]
fn sign_ups_may_be_by_invitation_and_the_room_of_those_who_run_the_server_another_or_none() {
    let read = |text: &str| Config::parse(text).unwrap().settings;
    for one in Registration::ALL {
        let text = format!("[accounts]\nregistration = \"{}\"", one.name());
        assert_eq!(read(&text).registration, one);
    }
    let room = |name: &str| format!("[server]\nadministration_room = \"{name}\"");
    let named = read(&room("#Régie")).administration_room;
    assert_eq!(named.unwrap().as_str(), "#Régie");
    assert_eq!(read(&room("")).administration_room, None);
    let wrong = mistakes(&room("regie"));
    assert_eq!(wrong[0].key, "server.administration_room");
}
