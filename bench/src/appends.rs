//! Durable appends: how many messages a second the store commits on each engine, in batches of several sizes, beside a loop of
//! the same driver that inserts the same rows and does nothing else.
//!
//! Unlike the other measures this one is of a library: no server runs. Both sides work by turns, each for a moment, so that
//! whatever else the machine does falls on both.

mod plain;
mod story;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use causette_core::id::BatchId;
use causette_store::{Access, Database, Store, Writer};

use crate::engines::{Place, Places};
use crate::report::{Report, middle};
use crate::server::Folder;
use plain::Plain;
use story::{Batch, Story};

const MEASURE: &str = "appends";
/// Messages in a batch, and how many batches go in one turn.
const SIZES: [(usize, usize); 4] = [(1, 100), (16, 60), (64, 40), (256, 20)];
/// The store's share of the speed of the bare driver that it should have at least.
const SHARE_MIN: f64 = 0.7;

/// Measures SQLite, or every engine, one after the other.
pub(crate) async fn measure(
    rounds: usize,
    databases: bool,
    report: &mut Report,
) -> anyhow::Result<()> {
    // The store waits for its database, and that is nothing for a thread on which others wait.
    let taken = tokio::task::spawn_blocking(move || {
        let mut taken = Report::default();
        let places = match databases {
            true => Places::every()?,
            false => Places::sqlite(),
        };
        for place in &places.all {
            of_place(place, rounds, &mut taken).context(place.name)?;
        }
        anyhow::Ok(taken)
    });
    report.append(taken.await??);
    Ok(())
}

fn of_place(place: &Place, rounds: usize, report: &mut Report) -> anyhow::Result<()> {
    for (size, count) in SIZES {
        eprintln!("  {}, batches of {size} …", place.name);
        let sides = Sides::new(place)?;
        let turns = sides.turns(size, count, rounds)?;
        let name = format!("{}, batches of {size}", place.name);
        let rate = |turn: fn(&Turn) -> Duration| {
            let rates = turns
                .iter()
                .map(|took| (size * count) as f64 / turn(took).as_secs_f64());
            middle(rates.collect())
        };
        report.add(MEASURE, name.clone(), rate(|turn| turn.store), "/s");
        let driver = format!("{name}: the bare driver");
        report.add(MEASURE, driver, rate(|turn| turn.plain), "/s");
        let mut shares: Vec<f64> = turns
            .iter()
            .map(|turn| turn.plain.as_secs_f64() / turn.store.as_secs_f64())
            .collect();
        shares.sort_unstable_by(f64::total_cmp);
        let (least, most) = (shares[0], shares[shares.len() - 1]);
        let share = middle(shares);
        let name = format!("{name}: share, of {rounds} from {least:.2} to {most:.2}");
        report.at_least(MEASURE, name, share, "times", SHARE_MIN);
    }
    Ok(())
}

/// How long either side took for the same batches.
struct Turn {
    store: Duration,
    plain: Duration,
}

/// The store and the bare driver, each with a database of its own that began the same.
struct Sides {
    store: Store,
    writer: Writer,
    plain: Plain,
    story: Story,
    /// What goes away with them.
    _databases: Vec<causette_testbed::Database>,
    _folder: Folder,
}

impl Sides {
    fn new(place: &Place) -> anyhow::Result<Self> {
        let folder = Folder::new()?;
        let mut databases = Vec::new();
        let mut urls = Vec::new();
        for side in ["store", "plain"] {
            match &place.server {
                None => urls.push(format!("sqlite:{}", folder.path().join(side).display())),
                Some(server) => {
                    let database = server.create_database(side)?;
                    urls.push(database.url());
                    databases.push(database);
                }
            }
        }
        let beginning = story::beginning()?;
        let open = |url: &str| {
            let store = Store::open(Database::parse(url, &Access::default())?)?;
            let mut writer = store.writer()?;
            writer.append(BatchId(1), &beginning)?;
            anyhow::Ok((store, writer))
        };
        let (store, writer) = open(&urls[0])?;
        let (other, _) = open(&urls[1])?;
        let plain = match other.file() {
            Ok(file) => Plain::file(file)?,
            Err(_) => Plain::server(&urls[1])?,
        };
        Ok(Self {
            store,
            writer,
            plain,
            story: Story::new()?,
            _databases: databases,
            _folder: folder,
        })
    }

    /// Lets both append the same, by turns; the first turn warms up.
    fn turns(mut self, size: usize, count: usize, rounds: usize) -> anyhow::Result<Vec<Turn>> {
        let mut turns = Vec::new();
        for round in 0..=rounds {
            let batches = self.story.batches(count, size)?;
            let turn = if round % 2 == 0 {
                let store = self.append(&batches)?;
                let plain = self.insert(&batches)?;
                Turn { store, plain }
            } else {
                let plain = self.insert(&batches)?;
                let store = self.append(&batches)?;
                Turn { store, plain }
            };
            turns.push(turn);
        }
        turns.remove(0);
        // Both have all of it.
        let counts = self.store.reader()?.check_register()?;
        let (ours, theirs) = (counts.messages, self.plain.messages()?.cast_unsigned());
        let expected = (size * count * (rounds + 1)) as u64;
        anyhow::ensure!(
            ours == expected && theirs == expected,
            "{ours} and {theirs} of {expected} messages are there"
        );
        Ok(turns)
    }

    fn append(&mut self, batches: &[Batch]) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        for batch in batches {
            self.writer.append(batch.id, &batch.records)?;
        }
        Ok(begun.elapsed())
    }

    fn insert(&mut self, batches: &[Batch]) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        for batch in batches {
            self.plain.insert(&batch.rows)?;
        }
        Ok(begun.elapsed())
    }
}
