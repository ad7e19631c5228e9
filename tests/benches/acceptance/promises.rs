//! What was promised before anything travelled far: a press, an idle exchange, the start of a command.

use crate::table::{Row, at, ms};
use anyhow::{Context, ensure};
use siaga_domain::status::Status;
use siaga_testkit::program::stage::Stage;
use siaga_testkit::world::World;
use std::time::{Duration, Instant};

const PRESSES: usize = 300;
/// Nobody presses more than thirty times on one assignment.
const TASKS: usize = 10;
const DOCUMENTS: usize = 1_000;
const STARTS: usize = 25;
const IDLE_DOCUMENTS: usize = 200;

pub(crate) fn rows() -> anyhow::Result<Vec<Row>> {
    Ok(vec![presses(), idle_exchange(), starts()?])
}

/// From the call of the use case until its transaction is on the disk.
fn presses() -> Row {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let tasks: Vec<_> = (0..TASKS).map(|_| world.center().assign("AMB-01", "banjir")).collect();
    world.run_until_quiet();
    ani.offline();
    let mut times: Vec<Duration> = tasks
        .iter()
        .cycle()
        .take(PRESSES)
        .map(|task| {
            let began = Instant::now();
            ani.press(task, Status::Delayed);
            began.elapsed()
        })
        .collect();
    times.sort();
    Row {
        what: "a press, durable, inside the engine (300 on 10 assignments: median, 99th of 100)".to_owned(),
        promised: "under 20 ms".to_owned(),
        found: format!("{}, {}", ms(at(&times, 50)), ms(at(&times, 99))),
        kept: at(&times, 50) < Duration::from_millis(20),
    }
}

/// Everything the link carries for one exchange in which neither side has anything to say, after the handshake.
fn idle_exchange() -> Row {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let traffic = ani.idle_exchange(&world, IDLE_DOCUMENTS);
    Row {
        what: "an idle exchange of a phone with 200 documents: TLS records, HTTP heads and bodies".to_owned(),
        promised: "under 1,024 B both ways".to_owned(),
        found: format!("{} B up, {} B down", traffic.up_bytes, traffic.down_bytes),
        kept: traffic.total_bytes() < 1024,
    }
}

/// From starting the process to its exit.
fn starts() -> anyhow::Result<Row> {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut times = runtime.block_on(async {
        let stage = Stage::set(7).await?;
        let ani = stage.medic("Ani").await?;
        for number in 0..DOCUMENTS / 2 {
            let incident = stage.center.call("MED", "61.04.14.2015", &format!("panggilan {number}")).await?;
            stage.center.assign(&incident, "AMB-01", "").await?;
        }
        ani.sync_until_quiet(Duration::from_secs(120)).await?;
        let listed = ani.done(&["tasks"]).await?.as_array().map(Vec::len).context("no list")?;
        ensure!(listed >= DOCUMENTS / 2, "only {listed} tasks arrived");
        let mut times = Vec::with_capacity(STARTS);
        for _ in 0..STARTS {
            let began = Instant::now();
            ani.done(&["tasks"]).await?;
            times.push(began.elapsed());
        }
        anyhow::Ok(times)
    })?;
    times.sort();
    Ok(Row {
        what: "`siaga-field tasks` on a store of 1,000 documents, 500 of them tasks, process start included (median, worst of 25)".to_owned(),
        promised: "under 100 ms".to_owned(),
        found: format!("{}, {}", ms(at(&times, 50)), ms(at(&times, 100))),
        kept: at(&times, 50) < Duration::from_millis(100),
    })
}
