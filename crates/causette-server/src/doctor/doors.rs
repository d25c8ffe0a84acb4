//! Whether somebody answers where people come, as seen from this machine.

use super::{Finding, Patient};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long one door may take to open.
const PATIENCE: Duration = Duration::from_secs(2);

/// Doors that are tried at most.
const TRIED: usize = 8;

pub(super) fn examine(patient: &Patient) -> Vec<Finding> {
    let Some(running) = &patient.running else {
        return Vec::new();
    };
    let addresses = patient.addresses.iter().take(TRIED);
    let mut findings: Vec<Finding> = addresses
        .map(|address| door(*address, opens(reached(*address))))
        .collect();
    if !running.accepts {
        findings.push(Finding::wrong("listeners", "doctor-listeners-ended"));
    }
    findings.push(public(running.public_port, running.certificate.trusted));
    findings
}

/// Where this machine reaches what listens everywhere.
fn reached(address: SocketAddr) -> SocketAddr {
    let here: IpAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(here, address.port())
}

fn opens(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, PATIENCE).is_ok()
}

pub(super) fn door(address: SocketAddr, opens: bool) -> Finding {
    match opens {
        true => Finding::well("listener", "doctor-listener"),
        false => Finding::wrong("listener", "doctor-listener-deaf"),
    }
    .with("address", address)
}

/// Whether clients that come without TLS can be told to come with it.
pub(super) fn public(port: Option<u16>, trusted: bool) -> Finding {
    match (port, trusted) {
        (None, _) => Finding::hint("sts", "doctor-sts-no-port"),
        (Some(port), true) => Finding::well("sts", "doctor-sts").with("port", port),
        (Some(port), false) => Finding::well("sts", "doctor-sts-untrusted").with("port", port),
    }
}
