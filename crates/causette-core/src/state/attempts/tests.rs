//! Many who come at once, and who guesses among them.

use super::*;
use crate::id::SessionId;

const HERE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 1));
const THERE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 2));

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

fn peer(address: IpAddr) -> Peer {
    let transport = crate::input::Transport::Ircs;
    Peer {
        address,
        port: 1,
        local_port: 2,
        transport,
        tls: None,
        certificate: None,
        cloak: CompactString::default(),
        exempt: false,
    }
}

fn ask() -> Ask {
    Ask::VerifyServerPassword {
        password: crate::secret::Secret::new("guess"),
    }
}

fn enqueue(attempts: &mut Attempts, session: u64, from: IpAddr, name: &str, now: i64) -> bool {
    let peer = peer(from);
    attempts.enqueue(SessionId(session), &peer, name, Work::Check, ask(), at(now))
}

/// Whose turn it is, until nobody's.
fn run(attempts: &mut Attempts, now: i64) -> Vec<u64> {
    let mut askers = Vec::new();
    while let Some((Asker::Session(SessionId(session)), _)) = attempts.next(at(now)) {
        askers.push(session);
    }
    askers
}

fn fail(attempts: &mut Attempts, from: IpAddr, name: &str, now: i64) {
    assert!(enqueue(attempts, 1, from, name, now));
    assert_eq!(run(attempts, now), [1]);
    attempts.end(SessionId(1), true, at(now));
}

fn wait(attempts: &Attempts, from: IpAddr, name: &str, now: i64) -> i64 {
    attempts.wait(&peer(from), name, at(now))
}

#[test]
fn the_delay_doubles_for_the_address_and_for_the_name() {
    let mut attempts = Attempts::default();
    for _ in 0..limits::SIGN_IN_FAILURES_FREE {
        assert_eq!(wait(&attempts, HERE, "alice", 0), 0);
        fail(&mut attempts, HERE, "alice", 0);
    }
    assert_eq!(wait(&attempts, HERE, "bob", 0), 2, "the address waits");
    assert_eq!(wait(&attempts, THERE, "ALICE", 0), 2, "the name waits");
    assert_eq!(wait(&attempts, THERE, "bob", 0), 0, "others do not");
    fail(&mut attempts, HERE, "alice", 2);
    assert_eq!(wait(&attempts, HERE, "alice", 2), 4);
    attempts.succeeded("alice");
    let owner = wait(&attempts, THERE, "alice", 2);
    assert_eq!(owner, 0, "the owner has come");
    let address = wait(&attempts, HERE, "alice", 2);
    assert_eq!(address, 4, "the address still waits");
}

#[test]
fn many_who_are_right_come_in_one_after_the_other() {
    let mut attempts = Attempts::default();
    for session in 0..40 {
        let name = format!("person{session}");
        assert!(enqueue(&mut attempts, session, HERE, &name, 0));
    }
    assert!(enqueue(&mut attempts, 40, THERE, "elsewhere", 0));
    let mut running = run(&mut attempts, 0);
    assert_eq!(
        running,
        [0, 40, 1, 2, 3],
        "few at a time, and each address in its turn"
    );
    let mut served = 0;
    while let Some(session) = running.pop() {
        attempts.end(SessionId(session), false, at(0));
        served += 1;
        running.extend(run(&mut attempts, 0));
        assert!(running.len() <= limits::CHECKS_PER_ORIGIN + 1);
    }
    assert_eq!(served, 41);
    assert_eq!(wait(&attempts, HERE, "person1", 0), 0);
    assert!(attempts.running.is_empty() && attempts.checks.is_empty());
}

#[test]
fn a_crowd_of_guesses_is_as_slow_as_one_after_the_other() {
    let mut attempts = Attempts::default();
    for session in 0..100 {
        assert!(enqueue(&mut attempts, session, HERE, "alice", 0));
    }
    let mut guesses = Vec::new();
    for second in 0..limits::CHECK_WAITING_SECONDS {
        // Those who leave early are counted as well.
        attempts.leave(SessionId(99), HERE);
        loop {
            let running = run(&mut attempts, second);
            if running.is_empty() {
                break;
            }
            for session in running {
                guesses.push(second);
                attempts.end(SessionId(session), true, at(second));
            }
        }
        assert!(attempts.expired(at(second)).is_empty());
    }
    assert_eq!(guesses, [0, 0, 0, 0, 0, 2, 6, 14]);
    let late = attempts.expired(at(limits::CHECK_WAITING_SECONDS));
    assert_eq!(late.len(), 99 - guesses.len());
    assert_eq!(attempts.crowd(), (0, late.len() as u64));
}

#[test]
fn the_queue_is_bounded_and_one_address_does_not_fill_it() {
    let mut attempts = Attempts::default();
    let places = limits::CHECKS_WAITING_OF_ADDRESS as u64;
    for session in 0..places {
        assert!(enqueue(&mut attempts, session, HERE, "alice", 0));
    }
    assert!(!enqueue(&mut attempts, places, HERE, "bob", 0));
    assert!(enqueue(&mut attempts, places, THERE, "bob", 0));
    assert_eq!(attempts.crowd(), (places as usize + 1, 1));
    attempts.leave(SessionId(3), HERE);
    assert!(enqueue(&mut attempts, places + 1, HERE, "bob", 0));
    let exempt = Caller {
        address: HERE,
        exempt: true,
    };
    let mut session = places + 2;
    while attempts.enqueue(SessionId(session), exempt, "bob", Work::Hash, ask(), at(0)) {
        session += 1;
    }
    assert_eq!(attempts.waiting.len(), limits::CHECKS_WAITING);
}

#[test]
fn what_is_looked_up_waits_for_nothing_and_makes_nobody_wait() {
    let mut attempts = Attempts::default();
    let caller = Caller::from(&peer(HERE));
    for _ in 0..20 {
        attempts.begin(SessionId(1), caller, &caller.nameless());
        attempts.end(SessionId(1), true, at(0));
    }
    assert_eq!(wait(&attempts, HERE, "alice", 0), 0);
    assert!(wait(&attempts, HERE, &caller.nameless(), 0) > 0);
    assert!(attempts.checks.is_empty());
}

#[test]
fn sign_ups_come_back_with_time() {
    let mut attempts = Attempts::default();
    for _ in 0..limits::REGISTER_BURST {
        assert!(attempts.sign_up(HERE, at(0)));
    }
    assert!(!attempts.sign_up(HERE, at(1)));
    assert!(attempts.sign_up(THERE, at(1)));
    assert!(attempts.sign_up(HERE, at(limits::REGISTER_REFILL_SECONDS)));
    assert!(!attempts.sign_up(HERE, at(limits::REGISTER_REFILL_SECONDS)));
}
