//! What was measured: figures with units and, where there is one, an aim; shown as a table or as JSON.

use std::io::Write;

use serde_json::json;

/// All figures of one run, in the order in which they were measured.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Figure>);

/// One figure.
#[derive(Debug)]
struct Figure {
    measure: &'static str,
    name: String,
    value: f64,
    unit: &'static str,
    aim: Option<Aim>,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

impl Figure {
    fn misses_its_aim(&self) -> bool {
        match self.aim {
            Some(Aim::AtMost(most)) => self.value > most,
            Some(Aim::AtLeast(least)) => self.value < least,
            None => false,
        }
    }
}

impl Report {
    /// Notes a figure that has no aim.
    pub(crate) fn add(
        &mut self,
        measure: &'static str,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) {
        self.0.push(Figure {
            measure,
            name: name.into(),
            value,
            unit,
            aim: None,
        });
    }

    /// Notes a figure that should be at least `aim`.
    pub(crate) fn at_least(
        &mut self,
        measure: &'static str,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        aim: f64,
    ) {
        self.0.push(Figure {
            measure,
            name: name.into(),
            value,
            unit,
            aim: Some(Aim::AtLeast(aim)),
        });
    }

    /// Takes over what was measured elsewhere.
    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Notes a figure that should be at most `aim`.
    pub(crate) fn aim(
        &mut self,
        measure: &'static str,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        aim: f64,
    ) {
        self.0.push(Figure {
            measure,
            name: name.into(),
            value,
            unit,
            aim: Some(Aim::AtMost(aim)),
        });
    }

    /// Notes how many times as large `value` is as `other`, both measured in this run.
    pub(crate) fn ratio(
        &mut self,
        measure: &'static str,
        name: impl Into<String>,
        value: f64,
        other: f64,
    ) {
        self.add(measure, name, value / other, "times");
    }

    /// Notes the median, the 99th percentile and the longest of some latencies.
    pub(crate) fn latencies(&mut self, measure: &'static str, name: &str, latencies: &Latencies) {
        for (part, value) in [
            ("p50", latencies.quantile(0.5)),
            ("p99", latencies.quantile(0.99)),
            ("max", latencies.quantile(1.0)),
        ] {
            self.add(measure, format!("{name}: {part}"), value, "ms");
        }
    }

    /// Takes the figures of some rounds: the median of each, and where an earlier program was measured by turns, its median and
    /// the ratio of the two.
    pub(crate) fn compare(&mut self, rounds: Vec<(Option<Self>, Self)>) {
        let (earlier, later): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
        let earlier: Vec<Self> = earlier.into_iter().flatten().collect();
        let Some(last) = later.last() else { return };
        for place in 0..last.0.len() {
            let Some(value) = median(&later, place) else {
                continue;
            };
            let Figure {
                measure,
                ref name,
                unit,
                aim,
                ..
            } = last.0[place];
            let mut push = |name: String, value, unit, aim| {
                self.0.push(Figure {
                    measure,
                    name,
                    value,
                    unit,
                    aim,
                });
            };
            push(name.clone(), value, unit, aim);
            if let Some(before) = median(&earlier, place) {
                push(format!("{name}, before"), before, unit, None);
                push(format!("{name}, to before"), value / before, "times", None);
            }
        }
    }

    /// Whether any figure is worse than it should be.
    pub(crate) fn misses_an_aim(&self) -> bool {
        self.0.iter().any(Figure::misses_its_aim)
    }

    /// Writes everything to standard output.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn write(&self, as_json: bool) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if as_json {
            let figures: Vec<_> = self
                .0
                .iter()
                .map(|figure| {
                    json!({
                        "measure": figure.measure,
                        "name": figure.name,
                        "value": figure.value,
                        "unit": figure.unit,
                        "at_most": match figure.aim { Some(Aim::AtMost(aim)) => Some(aim), _ => None },
                        "at_least": match figure.aim { Some(Aim::AtLeast(aim)) => Some(aim), _ => None },
                    })
                })
                .collect();
            let cores = std::thread::available_parallelism().map_or(0, usize::from);
            writeln!(out, "{:#}", json!({ "cores": cores, "figures": figures }))?;
            return Ok(());
        }
        let mut measure = "";
        for figure in &self.0 {
            if figure.measure != measure {
                measure = figure.measure;
                writeln!(out, "\n{measure}")?;
            }
            write!(
                out,
                "  {:<52} {:>14} {}",
                figure.name,
                readable(figure.value),
                figure.unit
            )?;
            if let Some(aim) = figure.aim {
                let verdict = if figure.misses_its_aim() {
                    "MISSED"
                } else {
                    "ok"
                };
                let (word, aim) = match aim {
                    Aim::AtMost(aim) => ("at most", aim),
                    Aim::AtLeast(aim) => ("at least", aim),
                };
                write!(out, "  ({word} {}: {verdict})", readable(aim))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// The median of one figure in some reports of the same measure.
fn median(reports: &[Report], place: usize) -> Option<f64> {
    let values = reports.iter().filter_map(|report| report.0.get(place));
    let values: Vec<f64> = values.map(|figure| figure.value).collect();
    (!values.is_empty()).then(|| middle(values))
}

/// The median of some values; zero where there is none.
pub(crate) fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How long messages took from the moment at which they were due to the moment at which a member had them.
#[derive(Debug)]
pub(crate) struct Latencies {
    sorted_micros: Vec<u32>,
}

impl Latencies {
    /// From single measurements in microseconds, in any order.
    pub(crate) fn new(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        Self {
            sorted_micros: micros,
        }
    }

    /// The value, in milliseconds, that this share of the measurements does not pass. None measured is zero.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let last = self.sorted_micros.len().saturating_sub(1);
        let index = (share * last as f64).ceil() as usize;
        self.sorted_micros
            .get(index.min(last))
            .map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

/// A number with as many digits as someone wants to read.
fn readable(value: f64) -> String {
    if value.abs() >= 1000.0 {
        let digits = format!("{:.0}", value.abs());
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        return if value < 0.0 {
            format!("-{grouped}")
        } else {
            grouped
        };
    }
    format!("{value:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_measurements() {
        let latencies = Latencies::new((1..=100).rev().map(|n| n * 1000).collect());
        assert_eq!(latencies.quantile(0.5), 51.0);
        assert_eq!(latencies.quantile(0.99), 100.0);
        assert_eq!(latencies.quantile(1.0), 100.0);
        assert_eq!(latencies.quantile(0.0), 1.0);
        assert_eq!(Latencies::new(Vec::new()).quantile(0.99), 0.0);
    }

    #[test]
    fn an_aim_is_missed_only_beyond_it() {
        let mut report = Report::default();
        report.add("fanout", "no aim", 9.0, "s");
        report.aim("start", "on the line", 2.0, "times", 2.0);
        assert!(!report.misses_an_aim());
        report.aim("start", "past it", 2.1, "times", 2.0);
        assert!(report.misses_an_aim());
        let mut report = Report::default();
        report.at_least("appends", "on the line", 0.7, "times", 0.7);
        assert!(!report.misses_an_aim());
        report.at_least("appends", "short of it", 0.6, "times", 0.7);
        assert!(report.misses_an_aim());
    }

    #[test]
    fn the_medians_of_two_programs_are_compared() {
        let of = |value| {
            let mut report = Report::default();
            report.add("fanout", "to 100", value, "s");
            report
        };
        let rounds = [(9.0, 6.0), (4.0, 3.0), (2.0, 1.0)];
        let rounds = rounds.map(|(before, after)| (Some(of(before)), of(after)));
        let mut report = Report::default();
        report.compare(rounds.into());
        let values: Vec<f64> = report.0.iter().map(|figure| figure.value).collect();
        assert_eq!(values, [3.0, 4.0, 0.75]);
        let mut alone = Report::default();
        alone.compare(vec![(None, of(5.0))]);
        assert_eq!(alone.0.len(), 1);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (value, expected) in [
            (0.5, "0.50"),
            (999.0, "999.00"),
            (1000.0, "1 000"),
            (-1_234_567.4, "-1 234 567"),
        ] {
            assert_eq!(readable(value), expected);
        }
    }
}
