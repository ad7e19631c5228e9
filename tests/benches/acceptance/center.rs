//! The center under load: the served program over TLS, and phones by the thousand in this process beside it, on the same two cores.
//! What the phones cost is therefore in every number.

mod phone;

use crate::table::{Row, at, count, ms};
use anyhow::Context;
use phone::enrol;
use siaga_center::admission::link::Program;
use siaga_center::admission::pool::Pool;
use siaga_center::admission::{Case, Gate};
use siaga_document::{Claim, Document, Question, Rules};
use siaga_domain::kind::RecordKind;
use siaga_domain::policy::Author;
use siaga_testkit::program::find;
use siaga_testkit::program::stage::Stage;
use siaga_testkit::seed::Seed;
use siaga_wire::exchange::Outcome;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const JUDGED: usize = 200;
const TOGETHER: usize = 50;
const WORKERS: usize = 2;

const SENDERS: usize = 200;
const REQUESTS_EACH: usize = 15;
const AT_ONCE: usize = 16;
const REPORTS_EACH: usize = 2;

const HELD: usize = 500;
const ALARMED: usize = 200;

const RECONNECTING: usize = 2_000;
const WITHIN_MS: u64 = 60_000;
const DRAINED_WITHIN: Duration = Duration::from_secs(15 * 60);
const REPORT: usize = 10;

const SLOW: usize = 1_000;
const MEANWHILE: usize = 200;

pub(crate) fn rows() -> anyhow::Result<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut rows = told(judging()?);
    rows.extend(told(runtime.block_on(admitting())?));
    rows.extend(told(runtime.block_on(holding())?));
    rows.extend(told(vec![runtime.block_on(beside_the_slow())?]));
    rows.extend(told(runtime.block_on(reconnecting())?));
    Ok(rows)
}

/// Says them as they come: the last takes minutes.
fn told(rows: Vec<Row>) -> Vec<Row> {
    print!("{}", crate::table::promises(&rows));
    rows
}

fn row(what: &str, promised: &str, found: String, kept: bool) -> Row {
    Row { what: what.to_owned(), promised: promised.to_owned(), found, kept }
}

/// What a change costs in a worker process: the question, its way there and back, the nine steps.
fn judging() -> anyhow::Result<Vec<Row>> {
    let program = Program { path: find::programs()?.center, arguments: vec!["admit-worker".to_owned()] };
    let pool = Pool::start(program, WORKERS)?;
    let folder = std::env::temp_dir().join(format!("siaga-judging-{}", std::process::id()));
    let phone = enrol(&folder, SocketAddr::from(([127, 0, 0, 1], 9)), "AMB-01", 1)?.pop().context("a phone")?;
    let mut times = [Vec::new(), Vec::new()];
    for (times, together) in times.iter_mut().zip([1, TOGETHER]) {
        let (record, log) = phone.written(JUDGED)?;
        let claim =
            Claim { record, kind: RecordKind::Incident, author: Author::Device(phone.role), rules: Rules::Entering };
        let mut document = Document::empty();
        let mut known: Vec<Vec<u8>> = Vec::new();
        for changes in log.chunks(together) {
            let questions: Vec<Question<'_>> = changes.iter().map(|bytes| Question { bytes, claim }).collect();
            let history = || Ok(known.clone());
            let case =
                Case { device: phone.device, record, document: &document, history: &history, questions: &questions };
            let began = Instant::now();
            let rulings = pool.judge(&case)?;
            times.push(began.elapsed() / u32::try_from(together)?);
            anyhow::ensure!(rulings.len() == changes.len(), "a change was not judged");
            document.replay(changes.iter().map(Vec::as_slice))?;
            known.extend(changes.iter().cloned());
        }
        times.sort();
    }
    std::fs::remove_dir_all(&folder)?;
    let told = |times: &[Duration]| format!("{} µs, {} µs", at(times, 50).as_micros(), at(times, 99).as_micros());
    let [alone, batched] = &times;
    Ok(vec![
        row(
            "judging a change in a worker process, alone (a report of 200: median, 99th of 100)",
            "none",
            told(alone),
            true,
        ),
        row("the same, 50 at once, each", "none", told(batched), true),
    ])
}

/// Requests with one change each, then with fifty, from phones that have their sessions and connections.
async fn admitting() -> anyhow::Result<Vec<Row>> {
    let stage = Stage::set(7).await?;
    let unit = stage.unit("ambulance", 0).await?.unit;
    let mut rows = Vec::new();
    for (changes, requests, what) in [
        (
            1,
            REQUESTS_EACH,
            "changes admitted a second, one a request (200 phones, 16 requests at once; of a request: median, 99th)",
        ),
        (TOGETHER, REPORTS_EACH, "changes admitted a second, 50 a request (the same)"),
    ] {
        let phones = enrol(stage.center.folder(), stage.center.field(), &unit, SENDERS)?;
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut made = Vec::with_capacity(SENDERS);
        for mut phone in phones {
            let envelopes = (0..requests).map(|_| phone.report(changes)).collect::<anyhow::Result<Vec<_>>>()?;
            // It is connected.
            phone.bring(&[]).await?;
            made.push((phone, envelopes));
        }
        let began = Instant::now();
        let mut working = JoinSet::new();
        for (mut phone, envelopes) in made {
            let places = Arc::clone(&places);
            working.spawn(async move {
                let mut times = Vec::new();
                for envelope in envelopes {
                    let _place = places.acquire().await?;
                    let began = Instant::now();
                    phone.bring(&[envelope]).await?;
                    times.push(began.elapsed());
                }
                anyhow::Ok(times)
            });
        }
        let mut times = Vec::new();
        while let Some(done) = working.join_next().await {
            times.extend(done??);
        }
        let all = began.elapsed();
        times.sort();
        let per_second = (times.len() * changes) as f64 / all.as_secs_f64();
        let found = format!("{per_second:.0}; {}, {}", ms(at(&times, 50)), ms(at(&times, 99)));
        rows.push(row(what, "none", found, true));
    }
    Ok(rows)
}

/// Five hundred held requests, what each costs in memory, and an order to two hundred of them.
async fn holding() -> anyhow::Result<Vec<Row>> {
    let stage = Stage::set(7).await?;
    let (unit, other) = (stage.unit("ambulance", 0).await?.unit, stage.unit("ambulance", 1).await?.unit);
    let incident = stage.center.call("MED", "61.04.14.2015", "sesak napas").await?;
    let (folder, field) = (stage.center.folder(), stage.center.field());
    let mut phones = enrol(folder, field, &unit, ALARMED)?;
    phones.extend(enrol(folder, field, &other, HELD - ALARMED)?);
    // What the first requests bring into memory for good is not a held request's.
    for mut phone in enrol(folder, field, &other, 20)? {
        phone.bring(&[]).await?;
    }
    let process = stage.center.process().context("the center runs")?;
    let before = resident_bytes(process)?;
    let mut waiting = JoinSet::new();
    for (number, mut phone) in phones.into_iter().enumerate() {
        waiting.spawn(async move {
            let outcome = phone.ask(Vec::new(), 55_000).await;
            (number, outcome, Instant::now())
        });
    }
    // All of them are connected and held long before: nothing is told until something happens.
    tokio::time::sleep(Duration::from_secs(15)).await;
    let each = resident_bytes(process)?.saturating_sub(before) / HELD as u64;
    anyhow::ensure!(waiting.try_join_next().is_none(), "a request was not held");

    let posted = Instant::now();
    stage.center.assign(&incident, &unit, "").await?;
    let mut times = Vec::new();
    while times.len() < ALARMED {
        let (number, outcome, at) = waiting.join_next().await.context("every phone answers")??;
        if number < ALARMED {
            let Outcome::Exchanged(exchanged) = outcome? else { anyhow::bail!("a held request was not answered") };
            anyhow::ensure!(!exchanged.news.is_empty(), "an order was not told");
            times.push(at.duration_since(posted));
        }
    }
    times.sort();
    let last = at(&times, 100);
    Ok(vec![
        row(
            "memory of the center a held request, its connection included (500 held)",
            "none",
            format!("{} B", count(each)),
            true,
        ),
        row(
            "an order, from the dispatcher's request to the answers of 200 held requests (median, last)",
            "under 2 s",
            format!("{}, {}", ms(at(&times, 50)), ms(last)),
            last < Duration::from_secs(2),
        ),
    ])
}

/// Coverage comes back to everybody: each phone connects, proves itself, brings a call for help and then a report.
async fn reconnecting() -> anyhow::Result<Vec<Row>> {
    let stage = Stage::set(7).await?;
    let unit = stage.unit("ambulance", 0).await?.unit;
    let mut chance = Seed::new(7);
    let mut made = Vec::with_capacity(RECONNECTING);
    for mut phone in enrol(stage.center.folder(), stage.center.field(), &unit, RECONNECTING)? {
        let (sos, report) = (phone.sos()?, phone.report(REPORT)?);
        phone.is_away()?;
        made.push((phone, sos, report, Duration::from_millis(chance.between(0, WITHIN_MS))));
    }
    let began = Instant::now();
    let mut working = JoinSet::new();
    for (mut phone, sos, report, after) in made {
        working.spawn(async move {
            tokio::time::sleep(after).await;
            let came = Instant::now();
            let (_, sos_put_off) = phone.bring(&[sos]).await?;
            let urgent = came.elapsed();
            let (_, report_put_off) = phone.bring(&[report]).await?;
            anyhow::Ok((urgent, came.elapsed(), sos_put_off, report_put_off))
        });
    }
    let (mut urgent, mut whole, mut sos_put_off, mut report_put_off) = (Vec::new(), Vec::new(), 0_u64, 0_u64);
    while let Some(done) = working.join_next().await {
        let (first, all, of_sos, of_report) = done??;
        urgent.push(first);
        whole.push(all);
        sos_put_off += u64::from(of_sos);
        report_put_off += u64::from(of_report);
    }
    let drained = began.elapsed();
    urgent.sort();
    whole.sort();
    let three = |times: &[Duration]| format!("{}, {}, {}", ms(at(times, 50)), ms(at(times, 99)), ms(at(times, 100)));
    Ok(vec![
        row(
            "2,000 phones reconnect within 60 s: from connecting to the receipt of a call for help (median, 99th of 100, last)",
            "first, never put off",
            format!("{}; put off {} times", three(&urgent), count(sos_put_off)),
            sos_put_off == 0,
        ),
        row(
            "the same, to the receipt of a report of 10 changes that waited behind it; all of them drained",
            "within 15 min",
            format!("{}; put off {} times; {:.1} s", three(&whole), count(report_put_off), drained.as_secs_f64()),
            drained < DRAINED_WITHIN,
        ),
    ])
}

/// A thousand connections that begin a greeting and say a byte a second, opened again whenever they are ended.
async fn beside_the_slow() -> anyhow::Result<Row> {
    let stage = Stage::set(7).await?;
    let unit = stage.unit("ambulance", 0).await?.unit;
    let field = stage.center.field();
    let mut phones = enrol(stage.center.folder(), field, &unit, MEANWHILE)?;
    let mut slow = JoinSet::new();
    for _ in 0..SLOW {
        slow.spawn(async move {
            loop {
                let Ok(mut stream) = TcpStream::connect(field).await else { continue };
                // The head of a TLS record of 512 bytes.
                let mut said = stream.write_all(&[0x16, 3, 1, 2, 0]).await;
                while said.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    said = stream.write_all(&[0]).await;
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(7)).await;
    let mut times = Vec::with_capacity(MEANWHILE);
    for phone in &mut phones {
        let began = Instant::now();
        phone.bring(&[]).await?;
        times.push(began.elapsed());
    }
    times.sort();
    let worst = at(&times, 99);
    Ok(row(
        "an exchange with its connection, beside 1,000 connections that say a byte a second (median, 99th of 100)",
        "under 2 s",
        format!("{}, {}", ms(at(&times, 50)), ms(worst)),
        worst < Duration::from_secs(2),
    ))
}

/// The memory a process has in use.
fn resident_bytes(process: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}
