//! What an exchange weighs: its messages, and everything a link carries for it.

use crate::table::{Row, count};
use anyhow::Context;
use siaga_domain::kind::RecordKind;
use siaga_domain::status::Status;
use siaga_testkit::world::{Phone, Task, World};

const HELD_PRESSES: usize = 9;
const CHANGES_OF_AN_INCIDENT: usize = 50;

pub(crate) fn rows() -> anyhow::Result<Vec<Row>> {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let tasks: Vec<Task> = (0..2).map(|_| world.center().assign("AMB-01", "banjir")).collect();
    world.run_until_quiet();
    for task in &tasks {
        ani.accept(task);
    }
    world.run_until_quiet();
    let mut rows = payload(&ani, &tasks);
    rows.extend(shift_start()?);
    rows.push(cold(&ani));
    rows.extend(held(&ani, &tasks));
    Ok(rows)
}

fn payload(ani: &Phone, tasks: &[Task]) -> Vec<Row> {
    let driver = ani.driver();
    // What there was to say, and a session.
    ani.exchange(&driver);
    let idle = ani.exchange(&driver);
    if let Some(task) = tasks.first() {
        ani.press(task, Status::EnRoute);
    }
    let press = ani.exchange(&driver);
    for (number, status) in Status::ROAD.iter().cycle().take(20).enumerate() {
        if let Some(task) = tasks.get(number % tasks.len().max(1)) {
            ani.press(task, *status);
        }
    }
    let twenty = ani.exchange(&driver);
    let both = |up: u64, down: u64| format!("{} B up, {} B down", count(up), count(down));
    vec![
        Row {
            what: "messages of an exchange in which neither side has anything to say".to_owned(),
            promised: "50 B each way".to_owned(),
            found: both(idle.bytes_up, idle.bytes_down),
            kept: idle.bytes_up <= 50 && idle.bytes_down <= 50,
        },
        Row {
            what: "messages of a press, its signed receipt included".to_owned(),
            promised: "250 B up, 130 B down".to_owned(),
            found: both(press.bytes_up, press.bytes_down),
            kept: press.bytes_up <= 250 && press.bytes_down <= 130 && press.receipted_changes == 1,
        },
        Row {
            what: "exchanges for a press".to_owned(),
            promised: "1".to_owned(),
            found: press.exchanges.to_string(),
            kept: press.exchanges == 1,
        },
        Row {
            what: "messages of 20 presses on two orders, written offline".to_owned(),
            promised: "750 B up".to_owned(),
            found: format!("{}, {} exchanges", both(twenty.bytes_up, twenty.bytes_down), twenty.exchanges),
            kept: twenty.bytes_up <= 750 && twenty.receipted_changes == 20,
        },
    ]
}

/// Three incidents of one's own, each with a long history, and 27 of others; and what the documents alone come to as
/// Automerge's own saves.
fn shift_start() -> anyhow::Result<[Row; 2]> {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    world.run_until_quiet();
    ani.offline();
    let tasks: Vec<Task> =
        (0..3).map(|_| world.center().assign("AMB-01", "banjir setinggi dada di dua dusun")).collect();
    for number in 0..27 {
        let _ = world.center().assign("AMB-02", &format!("air masuk rumah warga, rt {number}"));
    }
    budi.sync();
    for task in &tasks {
        for number in 0..CHANGES_OF_AN_INCIDENT {
            let text = format!("air naik {} cm, {} keluarga pindah ke balai desa", 3 * number, number + 2);
            let note = siaga_field::request::AddNote { id: task.incident.clone(), text, photo: None };
            budi.field().note(&note).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        }
    }
    while budi.sync() > 0 {}
    ani.online();
    let driver = ani.driver();
    let told = ani.exchange(&driver);
    let (documents, [saved, packed]) = saves(&ani)?;
    let start = Row {
        what: format!(
            "messages at the start of a shift: 3 incidents of {CHANGES_OF_AN_INCIDENT} changes with their orders, 27 of others"
        ),
        promised: "30 KB down".to_owned(),
        found: format!("{} B down, {} changes", count(told.bytes_down), told.received_changes),
        kept: told.bytes_down <= 30_000 && told.received_changes as usize >= 3 * CHANGES_OF_AN_INCIDENT,
    };
    let rival = Row {
        what: format!(
            "the {documents} documents of it as Automerge's own saves: as they are, under zstd with dictionary 1"
        ),
        promised: "none".to_owned(),
        found: format!("{} B, {} B", count(saved), count(packed)),
        kept: true,
    };
    Ok([start, rival])
}

/// The phone's incidents and assignments as saves, one each: the sum of their bytes, and under zstd with the dictionary
/// of the messages, at the same level.
fn saves(phone: &Phone) -> anyhow::Result<(usize, [u64; 2])> {
    const DICTIONARY: &[u8] = include_bytes!("../../../crates/wire/dictionary/1.zdict");
    let store = phone.store();
    let (mut documents, mut saved, mut packed) = (0, 0, 0);
    let mut zstd = zstd::bulk::Compressor::with_dictionary(19, DICTIONARY)?;
    for kind in [RecordKind::Incident, RecordKind::Assignment] {
        for stored in store.records(kind)? {
            let document = store.document(stored.id)?.context("a record without a document")?;
            let bytes = document.save_verified()?;
            saved += bytes.len() as u64;
            packed += zstd.compress(&automerge::Automerge::load(&bytes)?.save_nocompress())?.len() as u64;
            documents += 1;
        }
    }
    Ok((documents, [saved, packed]))
}

fn cold(ani: &Phone) -> Row {
    let [full, resumed] = ani.cold_idle();
    Row {
        what: "a connection with one idle exchange, TLS resumed: greeting, heads, messages, farewell".to_owned(),
        promised: "under 750 B up".to_owned(),
        found: format!(
            "{} B up, {} B down (greeted in full: {} B up, {} B down)",
            resumed.up_bytes, resumed.down_bytes, full.up_bytes, full.down_bytes
        ),
        kept: resumed.up_bytes < 750,
    }
}

/// Presses beside a held request.
fn held(ani: &Phone, tasks: &[Task]) -> Vec<Row> {
    let duty = ani.on_duty();
    duty.falls_silent();
    let connections = ani.link().connections().len();
    let mut until_receipt = Vec::new();
    let mut until_silence = Vec::new();
    if let Some(task) = tasks.first() {
        for _ in 0..HELD_PRESSES {
            let [receipt, silence] = duty.press(task, Status::Delayed);
            until_receipt.push(receipt);
            until_silence.push(silence);
        }
    }
    until_receipt.sort_by_key(|traffic| traffic.total_bytes());
    until_silence.sort_by_key(|traffic| traffic.total_bytes());
    let receipt = until_receipt.get(HELD_PRESSES / 2).copied().unwrap_or_default();
    let silence = until_silence.get(HELD_PRESSES / 2).copied().unwrap_or_default();
    vec![
        Row {
            what: "a press on a connection that is held, TLS and HTTP included, until its receipt (median)".to_owned(),
            promised: "under 500 B".to_owned(),
            found: format!(
                "{} B up, {} B down; until the link is silent again {} B up, {} B down",
                receipt.up_bytes, receipt.down_bytes, silence.up_bytes, silence.down_bytes
            ),
            kept: receipt.total_bytes() < 500 && receipt.up_bytes > 0,
        },
        Row {
            what: "connections opened for these presses".to_owned(),
            promised: "0".to_owned(),
            found: (ani.link().connections().len() - connections).to_string(),
            kept: ani.link().connections().len() == connections,
        },
    ]
}
