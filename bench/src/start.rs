//! How long the first start takes: from the start of the program on an empty folder to the first accepted connection.

use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "start";
/// The aim for the median, in milliseconds.
const MEDIAN_MAX: f64 = 100.0;

/// Starts the server `runs` times, each time on a new folder.
pub(crate) async fn measure(
    program: &Program,
    runs: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut micros = Vec::with_capacity(runs);
    for _ in 0..runs {
        let folder = Folder::new()?;
        let server = Server::start(program, &folder, "")?;
        micros.push(u32::try_from(server.started_in.as_micros())?);
    }
    let starts = Latencies::new(micros);
    report.aim(
        MEASURE,
        format!("empty folder to accepting, median of {runs}"),
        starts.quantile(0.5),
        "ms",
        MEDIAN_MAX,
    );
    report.add(MEASURE, "slowest", starts.quantile(1.0), "ms");
    Ok(())
}
