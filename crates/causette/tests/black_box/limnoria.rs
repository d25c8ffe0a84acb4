//! Limnoria, a bot, from Debian: in ten rooms with the bot mode, as it is by itself, and as a program that is not told apart from
//! people. What counts is what it receives, which it writes down.

use crate::chat::{PASSWORD, Running};
use crate::house::{House, LOG, ROOMS, again};
use crate::programs::installed;
use std::process::Command;

#[test]
fn limnoria_is_in_ten_rooms_and_is_again_when_the_server_was_killed() {
    if !installed("Limnoria", &["supybot"]) {
        return;
    }
    let mut house = House::open();
    house.says("gladys: ping");
    let mut robot = start(&house, "robot", "");
    house.sees_come("robot");
    robot.see(" MODE robot ");
    // A bot is told nothing of what was said before, and so answers nobody anew.
    house.says("fin");
    robot.see(" PRIVMSG #un :fin");
    let rooms = |line: &&String| line.contains(" PRIVMSG #");
    assert_eq!(robot.seen().iter().filter(rooms).count(), 1);

    // One that is taken for a person is told, with what says that it is the past: it answers nobody either.
    let mut gladys = start(&house, "gladys", "-B");
    house.sees_come("gladys");
    gladys.see(" chathistory #un");
    gladys.see(" PRIVMSG #un :Le café est ouvert ☕");
    gladys.see(" PRIVMSG #un :\x01ACTION sert le café\x01");
    gladys.see(" PRIVMSG #un :gladys: ping");

    house.writes_a_log();
    for bot in [&mut robot, &mut gladys] {
        for line in LOG {
            bot.see(&format!(" NOTICE #un :{line}"));
        }
    }

    house.is_killed_and_comes_back();
    for room in ROOMS {
        gladys.see(&format!(" PRIVMSG {room} :{}", again(room)));
    }
    let answers = |line: &String| line.contains("Outgoing") && line.contains(" PRIVMSG ");
    assert!(!gladys.seen().iter().any(answers));
    robot.see(" 366 robot #dix ");
    house.calls("robot: ping");
    robot.see(" PRIVMSG #un :robot: ping");
    house.reads("robot", "#un", "pong");
}

/// Starts it with an account that exists, in all the rooms.
fn start(house: &House, nick: &str, modes: &str) -> Running {
    house.sign_up(nick);
    let home = house.folder.path().join(nick);
    std::fs::create_dir(&home).unwrap();
    let address = house.server().address;
    // In clear: over TLS it reads 1024 bytes of what has arrived, and the rest not before more arrives.
    let configuration = format!(
        "supybot.nick: {nick}\n\
         supybot.ident: {nick}\n\
         supybot.networks: causette\n\
         supybot.networks.causette.servers: {address}\n\
         supybot.networks.causette.ssl: False\n\
         supybot.networks.causette.sasl.username: {nick}\n\
         supybot.networks.causette.sasl.password: {PASSWORD}\n\
         supybot.networks.causette.channels: {}\n\
         supybot.networks.causette.umodes: {modes}\n\
         supybot.drivers.minReconnectWait: 1\n\
         supybot.protocols.irc.throttleTime: 0\n\
         supybot.log.level: DEBUG\n\
         supybot.log.stdout: True\n\
         supybot.log.stdout.level: DEBUG\n\
         supybot.log.stdout.colorized: False\n\
         supybot.plugins: Misc Owner\n\
         supybot.plugins.Misc: True\n\
         supybot.plugins.Owner: True\n",
        ROOMS.join(" ")
    );
    std::fs::write(home.join("bot.conf"), configuration).unwrap();
    let mut command = Command::new("supybot");
    command
        .args(["--allow-root", "bot.conf"])
        .current_dir(home)
        .env("LC_ALL", "C.UTF-8");
    Running::new(command)
}
