//! Makes the folders of a 0.2.0 center that one enrolled phone has harmed: `cargo run -p siaga-tests --example poison`.
//!
//! Run it from the commit of 0.2.0: a later center refuses these changes. The programs of the release play a story with
//! one honest phone; between two lives of the center an attacker's changes pass through its admission as an exchange
//! would bring them. Then the center's folder and the honest phone's home are copied as they stand. A fixture is made once.

use anyhow::{Context, ensure};
use rusqlite::Connection;
use serde_json::{Value, json};
use siaga_center::Center;
use siaga_center::db::device::{self, Device, DeviceState};
use siaga_center::db::feed;
use siaga_center::journal::WriteError;
use siaga_center::journal::admit::{Brought, Delivery, Tally, Writing};
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body, Note, Stamp, Strike};
use siaga_domain::id::{ActorId, DeviceId, EntryId, RecordId, UnitCode};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::assignment::{Order, StatusEvent};
use siaga_domain::record::incident::{Closed, ClosureReason, Priority, PriorityIs};
use siaga_domain::record::sos::Raised;
use siaga_domain::status::Status;
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_testkit::program::stage::Stage;
use siaga_tests::frozen;
use siaga_wire::envelope::DocumentChanges;
use siaga_wire::exchange::WireChange;
use siaga_wire::key::DevicePublicKey;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(60);
const ATTACKER: [u8; 16] = [0xAB; 16];

fn main() -> anyhow::Result<()> {
    let folder = frozen::folder("poisoned");
    ensure!(!folder.exists(), "the poisoned folders are frozen already, and stay as they are");
    std::fs::create_dir_all(&folder)?;
    let story = tokio::runtime::Runtime::new()?.block_on(story(&folder))?;
    std::fs::write(folder.join("story.json"), serde_json::to_string_pretty(&story)? + "\n")?;
    println!("{}", folder.display());
    Ok(())
}

async fn story(folder: &Path) -> anyhow::Result<Value> {
    let mut stage = Stage::set(113).await?;
    let ani = stage.medic("Ani").await?;
    let at = stage.unit("ambulance", 0).await?;
    ani.done(&["duty", "on", "--post", &at.post, "--person", "Ani"]).await?;
    let mut calls = Vec::new();
    for name in ["ids", "strike", "change_time", "entry_time"] {
        let incident = stage.center.call("MED", "61.04.14.2015", &format!("panggilan {name}")).await?;
        let assignment = stage.center.assign(&incident, &at.unit, "").await?;
        calls.push((name, incident, assignment));
    }
    ani.sync_until_quiet(SOON).await?;
    for (_, _, assignment) in &calls {
        ani.done(&["accept", assignment]).await?;
    }
    ani.sync_until_quiet(SOON).await?;

    stage.center.kill().await?;
    let [ids, strike, change_time, entry_time] = calls.as_slice() else { anyhow::bail!("four calls") };
    let ordered = {
        let center = Center::open(stage.center.folder())?;
        let attacker = Attacker::enrolled(&center)?;
        let record = |text: &str| text.parse::<RecordId>().context("an id");
        let ordered = attacker.takes_ids(&center, record(&ids.1)?)?;
        attacker.strikes(&center, record(&strike.1)?, record(&strike.2)?)?;
        attacker.dates_a_change(&center, record(&change_time.1)?)?;
        attacker.dates_entries(&center, record(&entry_time.1)?, record(&entry_time.2)?)?;
        ordered
    };
    stage.center.start_again().await?;

    // The console of 0.2.0 takes words that phones refuse for ever.
    let nul = stage.center.call("BANJIR", "61.04.14.2001", "air\u{0} naik, nenek di atap").await?;
    let nul_assignment = stage.center.assign(&nul, &at.unit, "bawa perahu").await?;
    let long = stage.center.call("BANJIR", "61.04.14.2001", &"\u{6c34}".repeat(3_000)).await?;
    let long_assignment = stage.center.assign(&long, &at.unit, "").await?;
    let fine = stage.center.call("KEBAKARAN", "61.04.14.2001", "rumah terbakar").await;
    let fine = match fine {
        Ok(fine) => fine,
        Err(_) => stage.center.call("BANJIR", "61.04.14.2001", "rumah terendam").await?,
    };
    let order_nul = stage.center.assign(&fine, &at.unit, "lewat\u{0} jalan kebun").await?;
    for _ in 0..4 {
        let said = ani.run(&["sync"]).await?;
        println!("sync of the honest phone ended with {}: {}", said.code, said.json);
    }
    let tasks = ani.run(&["tasks"]).await?;
    println!("its tasks: {}", tasks.json);

    stage.center.kill().await?;
    frozen::copy(ani.home(), &folder.join("phone"))?;
    frozen::copy(stage.center.folder(), &folder.join("center"))?;
    std::fs::remove_file(folder.join("center/serve.log"))?;
    settle(&folder.join("center/center.db"), None)?;
    let key: [u8; 32] = std::fs::read(folder.join("phone/store.key"))?.as_slice().try_into()?;
    settle(&folder.join("phone/siaga.db"), Some(&key))?;
    let named =
        |(_, incident, assignment): &(&str, String, String)| json!({ "incident": incident, "assignment": assignment });
    Ok(json!({
        "frozen_ms": i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?,
        "device": ani.device,
        "unit": at.unit,
        "ids": named(ids),
        "ordered_by_the_attacker": ordered.to_string(),
        "strike": named(strike),
        "change_time": named(change_time),
        "entry_time": named(entry_time),
        "nul": { "incident": nul, "assignment": nul_assignment },
        "long": { "incident": long, "assignment": long_assignment },
        "order_nul": { "incident": fine, "assignment": order_nul },
    }))
}

/// A phone of the lowest role whose owner writes changes by hand.
struct Attacker {
    device: Device,
    actor: ActorId,
}

impl Attacker {
    fn enrolled(center: &Center) -> anyhow::Result<Self> {
        let now = center.now();
        let device = Device {
            id: DeviceId::from_bytes(ATTACKER),
            unit: "DESA-01".to_owned(),
            role: Role::Village,
            name: "HP desa".to_owned(),
            public_key: DevicePublicKey([2; 33]),
            state: DeviceState::Active,
            code: "112112".to_owned(),
            app: "siaga-field 0.2.0".to_owned(),
            attested: false,
            enrolled_ms: now,
            state_ms: now,
            state_by: "test".to_owned(),
            contact: None,
            copied_ms: None,
        };
        center.db().write(|tx| device::insert(tx, &device))?;
        Ok(Self { device, actor: ActorId::from_bytes(ATTACKER) })
    }

    fn takes_ids(&self, center: &Center, incident: RecordId) -> anyhow::Result<RecordId> {
        let (low, shut, order) = (id(1), id(2), id(3));
        let note = || Body::Note(Note { text: "ok".to_owned(), ..Note::default() });
        self.adds(center, incident, RecordKind::Incident, &[entry(low, note()), entry(shut, note())])?;
        let lowered = Body::Priority(PriorityIs { priority: Priority::P3 });
        let closed = Body::Closed(Closed { reason: ClosureReason::Done, text: "selesai".to_owned() });
        self.adds(center, incident, RecordKind::Incident, &[entry(low, lowered), entry(shut, closed)])?;
        let record = RecordId::from_bytes([0xAC; 16]);
        let seen = Body::StatusEvent(StatusEvent { status: Status::Seen, ..status() });
        let header = Header { id: record, kind: RecordKind::Assignment, schema: siaga_wire::SCHEMA };
        let (mut document, mut changes) = Document::create(header, self.actor, &[entry(order, seen)])?;
        let ordered = Body::Order(Order {
            incident,
            unit: UnitCode::new("AMB-02")?,
            priority: Priority::P1,
            text: "ke rumah saya".to_owned(),
            ack_within_s: 60,
        });
        changes.extend(document.append(self.actor, &[entry(order, ordered)])?);
        let bytes = changes.into_iter().map(|change| change.bytes).collect();
        self.brings(center, record, RecordKind::Assignment, bytes)?;
        Ok(record)
    }

    fn strikes(&self, center: &Center, incident: RecordId, assignment: RecordId) -> anyhow::Result<()> {
        for (record, kind, of) in [
            (incident, RecordKind::Incident, "priority"),
            (incident, RecordKind::Incident, "opened"),
            (assignment, RecordKind::Assignment, "order"),
        ] {
            let entries = center.entries(&record)?;
            let target = entries.iter().find(|entry| entry.body.kind() == of).context("an entry to strike")?.id;
            let strike = Body::Strike(Strike { target, reason: "salah".to_owned() });
            self.adds(center, record, kind, &[entry(fresh(), strike)])?;
        }
        Ok(())
    }

    fn dates_a_change(&self, center: &Center, incident: RecordId) -> anyhow::Result<()> {
        let mut document = center.document(&incident)?.context("a document")?;
        let note = Body::Note(Note { text: "ok".to_owned(), ..Note::default() });
        let changes = document.append(self.actor, &[entry(fresh(), note)])?;
        let bytes = changes.first().context("a change")?.bytes.as_slice();
        let mut expanded = automerge::Change::try_from(bytes)?.decode();
        expanded.time = i64::MIN;
        let mut dated = automerge::Change::from(expanded);
        self.brings(center, incident, RecordKind::Incident, vec![dated.bytes().to_vec()])
    }

    fn dates_entries(&self, center: &Center, incident: RecordId, assignment: RecordId) -> anyhow::Result<()> {
        for at in [i64::MAX, i64::MIN, 9_000_000_000_000_000] {
            let note = Body::Note(Note { text: format!("pada {at}"), ..Note::default() });
            self.adds(center, incident, RecordKind::Incident, &[dated(at, note)])?;
            let delayed = Body::StatusEvent(StatusEvent { status: Status::Delayed, ..status() });
            self.adds(center, assignment, RecordKind::Assignment, &[dated(at, delayed)])?;
        }
        let record = RecordId::from_bytes([0xAD; 16]);
        let header = Header { id: record, kind: RecordKind::Sos, schema: siaga_wire::SCHEMA };
        let raised = Body::SosRaised(Raised { unit: "DESA-01".to_owned(), ..raised() });
        let (_, changes) = Document::create(header, self.actor, &[dated(i64::MAX, raised)])?;
        let bytes = changes.into_iter().map(|change| change.bytes).collect();
        self.brings(center, record, RecordKind::Sos, bytes)
    }

    fn adds(&self, center: &Center, record: RecordId, kind: RecordKind, entries: &[NewEntry]) -> anyhow::Result<()> {
        let mut document = center.document(&record)?.context("a document")?;
        let changes = document.append(self.actor, entries)?;
        self.brings(center, record, kind, changes.into_iter().map(|change| change.bytes).collect())
    }

    /// As an exchange: judged, written, projected. All of it must be accepted, or there is no harm to freeze.
    fn brings(&self, center: &Center, record: RecordId, kind: RecordKind, changes: Vec<Vec<u8>>) -> anyhow::Result<()> {
        let changes: Vec<WireChange> = changes.into_iter().map(WireChange::plain).collect();
        let sent = DocumentChanges { record, kind: kind.code().to_owned(), schema: siaga_wire::SCHEMA, changes };
        let lane = kind.lane().number();
        let now = center.now();
        if center.record(&record)?.is_some() {
            center.db().write(|tx| feed::enter(tx, &self.device.id, &record, kind))?;
        }
        let delivery = Delivery { device: &self.device, lane, seq: 1, envelope: 1, author: "Warga", now };
        let judged = center.judge(&self.device, &[Brought { lane, sent: &sent }], now)?;
        let tally = center.db().write(|tx| {
            let (mut writing, mut tally) = (Writing::default(), Tally::default());
            for verdict in &center.write_judged(tx, &delivery, &sent, (&judged, 0), &mut writing)? {
                tally.count(verdict);
            }
            center.finish(tx, &self.device, writing, now)?;
            Ok::<_, WriteError>(tally)
        })?;
        ensure!(tally.accepted == sent.changes.len(), "{record}: not all accepted: {tally:?}");
        Ok(())
    }
}

fn id(last: u8) -> EntryId {
    let mut bytes = [0xAE; 16];
    bytes[15] = last;
    EntryId::from_bytes(bytes)
}

fn fresh() -> EntryId {
    use std::sync::atomic::{AtomicU8, Ordering};
    static NEXT: AtomicU8 = AtomicU8::new(100);
    id(NEXT.fetch_add(1, Ordering::Relaxed))
}

fn entry(id: EntryId, body: Body) -> NewEntry {
    NewEntry { id, stamp: Stamp { by: "Warga".to_owned(), ..Stamp::default() }, body }
}

fn dated(at: i64, body: Body) -> NewEntry {
    let clock = ClockReading { device: UtcMs(at), ..ClockReading::default() };
    NewEntry { id: fresh(), stamp: Stamp { by: "Warga".to_owned(), clock, replaces: Vec::new() }, body }
}

fn status() -> StatusEvent {
    StatusEvent { status: Status::Seen, lat: None, lon: None, accuracy_m: None, reason: None, outcome: None }
}

fn raised() -> Raised {
    Raised { unit: String::new(), lat: None, lon: None, accuracy_m: None }
}

/// Everything out of the write-ahead log, and no page that is not needed.
fn settle(database: &Path, key: Option<&[u8; 32]>) -> anyhow::Result<()> {
    let conn = Connection::open(database)?;
    if let Some(key) = key {
        conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex::encode(key)))?;
    }
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
    conn.close().map_err(|(_, error)| error)?;
    Ok(())
}
