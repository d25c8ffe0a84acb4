//! What Prometheus reads.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use std::path::Path;

fn rendered(metrics: &Metrics) -> String {
    let gauges = Gauges {
        connections: [1, 2, 3, 4, 5, 6],
        counts: Counts {
            users: 5,
            accounts: 6,
            channels: 7,
            operators: 8,
            checks_waiting: 9,
            checks_turned_away: 0,
        },
        recorder_failing: false,
        log_lines_lost: 9,
        resources: Resources {
            database_bytes: Some(1),
            database_log_bytes: Some(2),
            disk_free_bytes: Some(3),
            descriptors: Some(4),
            descriptors_max: Some(5),
            memory_bytes: Some(6),
        },
        now: Timestamp(3_500_000),
        certificate_end: 1_800_000_000,
        certificate_trusted: true,
    };
    metrics.render(gauges, &Backups::default())
}

#[test]
fn a_time_counts_in_every_range_that_holds_it() {
    let metrics = Metrics::new();
    for micros in [500, 501, 20_000_000] {
        metrics.commits.observe(Duration::from_micros(micros));
    }
    let page = rendered(&metrics);
    for line in [
        "causette_commit_seconds_bucket{le=\"0.0005\"} 1",
        "causette_commit_seconds_bucket{le=\"0.001\"} 2",
        "causette_commit_seconds_bucket{le=\"10\"} 2",
        "causette_commit_seconds_bucket{le=\"+Inf\"} 3",
        "causette_commit_seconds_sum 20.001001",
        "causette_commit_seconds_count 3",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
}

#[test]
fn every_line_is_one_that_prometheus_reads() {
    let metrics = Metrics::new();
    metrics.inputs[2].increment();
    let page = rendered(&metrics);
    assert!(page.contains("causette_inputs_total{kind=\"line\"} 1\n"));
    assert!(page.contains("causette_connections{transport=\"wss\"} 4\n"));
    assert!(page.contains("causette_connections{transport=\"unknown\"} 6\n"));
    for line in [
        "users 5",
        "certificate_end_seconds 1800000000",
        "certificate_trusted 1",
        "accounts 6",
        "channels 7",
        "operators 8",
        "checks_waiting 9",
        "log_lines_lost_total 9",
        "database_bytes 1",
        "database_log_bytes 2",
        "disk_free_bytes 3",
        "descriptors 4",
        "descriptors_max 5",
        "memory_bytes 6",
    ] {
        assert!(page.contains(&format!("\ncausette_{line}\n")), "{line}");
    }
    let mut family = "";
    for line in page.lines() {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            family = described.split(' ').next().unwrap_or_default();
        } else if !line.starts_with("# HELP ") {
            let value = line.rsplit(' ').next().unwrap_or_default();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(line.starts_with(family), "{line} is not of {family}");
        }
    }
}

#[test]
fn a_clock_that_was_set_back_is_behind_the_record() {
    let metrics = Metrics::new();
    let name = "\ncausette_clock_ahead_of_record_seconds";
    assert!(
        !rendered(&metrics).contains(name),
        "nothing is recorded yet"
    );
    for (time, ahead) in [(1_000_000, "2.5"), (5_000_000, "-1.5")] {
        metrics.recorded_until(Timestamp(time));
        assert!(
            rendered(&metrics).contains(&format!("{name} {ahead}\n")),
            "{ahead}"
        );
    }
}

#[test]
fn what_the_example_alerts_and_the_pages_name_is_measured() {
    let metrics = Metrics::new();
    metrics.recorded_until(Timestamp(1));
    let page = rendered(&metrics);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in [
        "examples/causette.rules.yml",
        "docs/en/administering/metrics.md",
        "docs/fr/administering/metrics.md",
    ] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut names = text
            .split(|c| !is_name(c))
            .filter(|word| word.starts_with("causette_"));
        assert!(names.clone().count() > 10, "{file}");
        assert_eq!(names.find(|name| !measures(&page, name)), None, "{file}");
    }
    assert!(!measures(&page, "causette_user") && !measures(&page, "causette_commit"));
}

/// Whether a page has a value of that whole name, or a histogram.
fn measures(page: &str, name: &str) -> bool {
    let mut ends = [" ", "{", "_bucket{"].into_iter();
    ends.any(|end| page.contains(&format!("\n{name}{end}")))
}

#[test]
fn each_transport_has_its_place() {
    for (place, spoken) in SPOKEN.into_iter().enumerate() {
        assert_eq!(place_of(spoken), place);
    }
}
