//! The shift, brought in over every link: by the product, by Automerge's own protocol, and as plain JSON.
//!
//! All runs wait for their links and not for this machine, so they run beside one another. The product has twenty
//! photographs in its backlog and the others none, for they have no lanes to put them behind.

use crate::rival;
use crate::rival::automerge::Saved;
use crate::table::{Row, count};
use anyhow::Context;
use siaga_domain::kind::RecordKind;
use siaga_domain::status::Status;
use siaga_testkit::link::{Quality, Traffic};
use siaga_testkit::shift::{self, PHOTOS, Written};
use siaga_testkit::world::{Phone, World};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const SEED: u64 = 7;
const DOCUMENTS: usize = 200;
/// No run takes longer; what is not done then is said.
const WITHIN: Duration = Duration::from_secs(660);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The ten minutes between two windows of coverage, shortened: nothing moves in them, and what was open before is dead
/// afterwards all the same.
const PERIOD: Duration = Duration::from_secs(60);
const SHORTENED: u32 = 10;

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran {
    /// From the first moment of coverage until the center had the last status pressed.
    pub urgent: Option<Duration>,
    /// Until the last record was acknowledged.
    pub records: Option<Duration>,
    pub records_traffic: Traffic,
    pub records_round_trips: u64,
    /// Records and trail.
    pub everything: Option<Duration>,
    pub traffic: Traffic,
    pub round_trips: u64,
    pub left: usize,
    pub of: usize,
}

struct Profile {
    name: &'static str,
    quality: fn() -> Quality,
    /// Seconds measured stand for as many times this, but for the last window.
    windows: bool,
}

const PROFILES: [Profile; 5] = [
    Profile { name: "LTE", quality: Quality::lte, windows: false },
    Profile { name: "HSPA", quality: Quality::hspa, windows: false },
    Profile { name: "EDGE", quality: Quality::edge, windows: false },
    Profile { name: "satellite", quality: Quality::satellite, windows: false },
    Profile { name: "8 s of EDGE in 10 min", quality: || Quality::eight_seconds_of_edge(PERIOD), windows: true },
];

pub(crate) fn measure() -> anyhow::Result<(String, Vec<Row>)> {
    let light = Arc::new(light()?);
    let mut runs = Vec::new();
    for profile in &PROFILES {
        let of_siaga = thread::spawn(|| siaga((profile.quality)()));
        let (shift, quality) = (Arc::clone(&light), (profile.quality)());
        let of_automerge =
            thread::spawn(move || alone(rival::automerge::run(&shift.before, &shift.after, quality, WITHIN)));
        let (shift, quality) = (Arc::clone(&light), (profile.quality)());
        let of_json = thread::spawn(move || alone(rival::json::run(&shift.written, quality, WITHIN)));
        runs.push((
            profile,
            [
                ("this design", of_siaga),
                ("Automerge sync, WebSocket", of_automerge),
                ("JSON, one request each", of_json),
            ],
        ));
    }
    let mut text = "| link | by | last status at the center | last record acknowledged | records: up, down, round trips | with the trail: up, down, done |\n\
         | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    let mut edge_urgent = None;
    for (profile, by_all) in runs {
        for (by, run) in by_all {
            let ran = run.join().map_err(|_| anyhow::anyhow!("{}, {by}: fell over", profile.name))?;
            let ran = ran.with_context(|| format!("{}, {by}", profile.name))?;
            if (profile.name, by) == ("EDGE", "this design") {
                edge_urgent = ran.urgent;
            }
            text.push_str(&line(profile, by, &ran));
        }
    }
    let rows = promised(&light, edge_urgent);
    Ok((text, rows))
}

/// What is promised of the shift, without the rivals and the other links.
pub(crate) fn promises() -> anyhow::Result<Vec<Row>> {
    let light = light()?;
    let edge = siaga(Quality::edge())?;
    println!("EDGE: {edge:?}");
    Ok(promised(&light, edge.urgent))
}

fn promised(light: &Light, edge_urgent: Option<Duration>) -> Vec<Row> {
    vec![
        Row {
            what: "the last status pressed, at the center after the first usable second of EDGE, under a full backlog"
                .to_owned(),
            promised: "under 10 s".to_owned(),
            found: edge_urgent.map_or_else(|| "never".to_owned(), |time| format!("{:.1} s", time.as_secs_f64())),
            kept: edge_urgent.is_some_and(|time| time < Duration::from_secs(10)),
        },
        Row {
            what: format!(
                "the shift without photographs, everything the link carries: {} changes' worth of doings, {} fixes",
                light.written.events.len(),
                light.written.fixes.len()
            ),
            promised: "under 60 KB up".to_owned(),
            found: format!(
                "{} B up, {} B down, {} round trips",
                count(light.traffic.up_bytes),
                count(light.traffic.down_bytes),
                light.round_trips
            ),
            kept: light.traffic.up_bytes < 60_000,
        },
    ]
}

fn line(profile: &Profile, by: &str, ran: &Ran) -> String {
    let time = |time: Option<Duration>| match time {
        None => format!("not in {:.0} min", stands_for(profile, WITHIN).as_secs_f64() / 60.0),
        Some(time) => {
            let time = stands_for(profile, time);
            if time < Duration::from_secs(120) {
                format!("{:.1} s", time.as_secs_f64())
            } else {
                format!("{:.1} min", time.as_secs_f64() / 60.0)
            }
        }
    };
    let urgent = if by == "this design" { time(ran.urgent) } else { time(ran.records) };
    let left = if ran.left > 0 { format!(" ({} of {} left)", ran.left, ran.of) } else { String::new() };
    let (records, trips) = match ran.records {
        Some(_) => (ran.records_traffic, ran.records_round_trips),
        None => (ran.traffic, ran.round_trips),
    };
    let with_trail = if by.starts_with("Automerge") {
        "no trail".to_owned()
    } else {
        format!("{}, {}, {}", count(ran.traffic.up_bytes), count(ran.traffic.down_bytes), time(ran.everything))
    };
    format!(
        "| {} | {by} | {urgent} | {}{left} | {}, {}, {trips} | {with_trail} |\n",
        profile.name,
        time(ran.records),
        count(records.up_bytes),
        count(records.down_bytes),
    )
}

/// What a measured time would have been without shortening.
fn stands_for(profile: &Profile, time: Duration) -> Duration {
    if !profile.windows {
        return time;
    }
    let windows = u32::try_from(time.as_secs() / PERIOD.as_secs()).unwrap_or(u32::MAX);
    time + PERIOD * windows * (SHORTENED - 1)
}

fn alone(run: impl Future<Output = anyhow::Result<Ran>>) -> anyhow::Result<Ran> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(run)
}

/// The shift without photographs over a link that carries everything at once, and what the others need of it.
struct Light {
    before: Saved,
    after: Saved,
    written: Written,
    traffic: Traffic,
    round_trips: u64,
}

fn light() -> anyhow::Result<Light> {
    let mut world = World::seeded(SEED);
    let [ani] = world.phones(["Ani"]);
    let tasks = shift::orders(&world, &ani, DOCUMENTS);
    let before = documents(&ani)?;
    let written = shift::work(&world, &ani, tasks, 0, SEED).map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
    let after = documents(&ani)?;
    let (traffic, round_trips) = (ani.traffic(), ani.link().round_trips());
    ani.online();
    let driver = ani.driver();
    let store = ani.store();
    while !store.backlog()?.is_empty() {
        ani.exchange(&driver);
    }
    Ok(Light {
        before,
        after,
        written,
        traffic: ani.traffic().since(traffic),
        round_trips: ani.link().round_trips() - round_trips,
    })
}

fn documents(phone: &Phone) -> anyhow::Result<Saved> {
    let store = phone.store();
    let mut saved = Saved::new();
    for kind in RecordKind::ALL {
        for stored in store.records(*kind)? {
            let document = store.document(stored.id)?.context("a record without a document")?;
            saved.insert(*stored.id.as_bytes(), document.save_verified()?);
        }
    }
    Ok(saved)
}

/// The product, on duty, with everything waiting when coverage comes.
fn siaga(quality: Quality) -> anyhow::Result<Ran> {
    let mut world = World::seeded(SEED);
    let [ani] = world.phones(["Ani"]);
    let tasks = shift::orders(&world, &ani, DOCUMENTS);
    let last = tasks.last().cloned().context("no order")?;
    shift::work(&world, &ani, tasks, PHOTOS, SEED).map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
    ani.press(&last, Status::Delayed);
    let store = ani.store();
    let all = usize::try_from(store.backlog()?.changes.iter().sum::<u32>())?;
    let (traffic, round_trips) = (ani.traffic(), ani.link().round_trips());
    ani.moves_to(quality);
    let _duty = ani.on_duty();
    ani.waits_for_coverage();
    let began = Instant::now();
    let mut ran = Ran { of: all, left: all, ..Ran::default() };
    while began.elapsed() < WITHIN {
        let backlog = store.backlog()?;
        ran.traffic = ani.traffic().since(traffic);
        ran.round_trips = ani.link().round_trips() - round_trips;
        if ran.urgent.is_none() && world.center().statuses(&last).last() == Some(&Status::Delayed) {
            ran.urgent = Some(began.elapsed());
        }
        ran.left = usize::try_from(backlog.changes.iter().sum::<u32>())?;
        if ran.records.is_none() && ran.left == 0 {
            ran.records = Some(began.elapsed());
            (ran.records_traffic, ran.records_round_trips) = (ran.traffic, ran.round_trips);
        }
        if ran.left == 0 && backlog.fixes == 0 {
            ran.everything = Some(began.elapsed());
            break;
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(ran)
}
