//! Freezes the state of a release: `cargo run -p siaga-tests --example freeze -- 0.2.0`.
//!
//! Run it once, from the commit that is released, and commit what it writes under `tests/fixtures/RELEASE`. The real
//! programs play a small story; then the phone's home and the center's folder are taken as they stand, with something
//! waiting on either side. A fixture is never made again: what is there stays as it is, and this refuses to touch it.

#[path = "freeze/since.rs"]
mod since;

use anyhow::{Context, ensure};
use rusqlite::Connection;
use serde_json::Value;
use siaga_domain::id::{CenterId, ChangeHash, DeviceId, Epoch, RecordId};
use siaga_store::{LifeSigns, Store, StoreKey};
use siaga_testkit::program::find;
use siaga_testkit::program::stage::Stage;
use siaga_tests::frozen::{self, Message, Story, Wire, said};
use siaga_wire::blob::BlobState;
use siaga_wire::codec;
use siaga_wire::enrol::{self, EnrolAnswer, EnrolRequest, Invitation};
use siaga_wire::envelope::{self, DocumentChanges, Envelope, Header};
use siaga_wire::exchange::{
    Clock, Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Fix, Hash32, Needed, News, Outcome, TrailBlock,
    WireChange,
};
use siaga_wire::key::{CenterKey, MemorySigner, Signer as _};
use siaga_wire::receipt::{self, Exception, Receipt, Verdict};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Two pictures of the house.
const PHOTOS: [&str; 2] = ["tests/data/photo.png", "docs/pictures/tour/malam/peta.jpg"];
const SOON: Duration = Duration::from_secs(60);

fn main() -> anyhow::Result<()> {
    let release = std::env::args().nth(1).context("name the release: freeze 0.2.0")?;
    let folder = frozen::folder(&release);
    ensure!(!folder.exists(), "{release} is frozen already, and stays as it is");
    std::fs::create_dir_all(&folder)?;
    let text = serde_json::to_string_pretty(&messages(&release)?)?;
    std::fs::write(folder.join("wire.json"), text + "\n")?;
    let story = tokio::runtime::Runtime::new()?.block_on(story(&folder))?;
    std::fs::write(folder.join("story.json"), serde_json::to_string_pretty(&story)? + "\n")?;
    println!("{}", folder.display());
    Ok(())
}

/// One of every message, with every field of it filled once and left out once.
fn messages(release: &str) -> anyhow::Result<Wire> {
    let signer = MemorySigner::from_scalar(&[9; 32])?;
    let center = CenterKey::from_seed(&[7; 32]);
    let device = DeviceId::from_bytes([2; 16]);
    let epoch = Epoch([4; 8]);
    let clock = Clock { device_ms: 1_665_360_000_000, monotonic_ms: 5_000, boot: 2 };
    let header = Header {
        version: 1,
        center: CenterId::from_bytes([1; 16]),
        device,
        lane: 0,
        seq: 7,
        prev: ChangeHash([3; 32]),
        epoch,
        user: "Ani binti Umar".to_owned(),
        clock,
    };
    let documents = vec![DocumentChanges {
        record: RecordId::from_bytes([5; 16]),
        kind: "assignment".to_owned(),
        schema: 1,
        changes: vec![WireChange::plain((0..200).collect()), WireChange::plain(vec![8; 12])],
    }];
    let envelope = envelope::seal(header, documents, vec![Hash32(ChangeHash([6; 32]))], &signer)?;
    let whole = Fix {
        at_ms: 1_665_360_000_000,
        lat_e6: -1_813_250,
        lon_e6: 109_958_100,
        accuracy_m: Some(12),
        speed_cms: Some(1_250),
        offset_ms: Some(-3_600_000),
        mock: false,
    };
    let bare = Fix { accuracy_m: None, speed_cms: None, offset_ms: None, at_ms: 1_665_360_005_000, ..whole };
    let idle = ExchangeRequest {
        version: 1,
        device,
        epoch,
        cursors: [40_000, 70_000],
        clock,
        hold_ms: 50_000,
        budget_bytes: 65_536,
        credential: Credential::Token(vec![3; 16]),
        ..nothing()?
    };
    let full = ExchangeRequest {
        hold_ms: 0,
        credential: Credential::Proof { nonce: vec![11; 32], signature: vec![12; 64] },
        envelopes: vec![envelope.clone()],
        newest_fix: Some(whole),
        trail: vec![TrailBlock { first: 17, fixes: vec![whole, bare] }, TrailBlock { first: 40, fixes: vec![bare] }],
        packed_trail: Vec::new(),
        ..idle.clone()
    };
    let stranger =
        ExchangeRequest { epoch: Epoch::default(), cursors: [0, 0], credential: Credential::None, ..idle.clone() };
    let said = Receipt {
        device,
        lane: 0,
        up_to_seq: 12,
        head: ChangeHash([13; 32]),
        center_ms: 1_665_360_000_000,
        epoch,
        exceptions: [Verdict::Accept, Verdict::Park, Verdict::Overrule, Verdict::Refuse]
            .into_iter()
            .map(|verdict| Exception {
                change: Hash32(ChangeHash([14; 32])),
                verdict,
                reason: "center_only".to_owned(),
            })
            .collect(),
    };
    let receipt = receipt::sign(&said, &center)?;
    let news = vec![
        News::Entered {
            record: RecordId::from_bytes([5; 16]),
            kind: "incident".to_owned(),
            generation: 3,
            position: 70_001,
            changes: vec![WireChange::plain(vec![15; 90])],
        },
        News::Left { record: RecordId::from_bytes([16; 16]), generation: 2, position: 70_002 },
        News::Changed {
            record: RecordId::from_bytes([5; 16]),
            position: 70_003,
            change: WireChange::plain(vec![17; 40]),
        },
    ];
    let exchanged = Exchanged {
        token: Some(vec![18; 16]),
        receipts: vec![receipt.clone()],
        news_signature: receipt::sign_news(&news, &epoch, &device, &center)?,
        news,
        cursors: [40_010, 70_003],
        more: true,
        trail_received: Some(41),
        needed: vec![Needed { lane: 1, seq: 4 }],
        attachments_held: vec![Hash32(ChangeHash([6; 32]))],
        ..Exchanged::default()
    };
    let outcomes = [
        ("answer: exchanged", Outcome::Exchanged(exchanged)),
        ("answer: nothing new", Outcome::Exchanged(Exchanged { cursors: [40_010, 70_003], ..Exchanged::default() })),
        ("answer: challenge", Outcome::Challenge { nonce: vec![11; 32] }),
        ("answer: other epoch", Outcome::OtherEpoch { testimony: None }),
        ("answer: revoked", Outcome::Revoked),
        ("answer: update needed", Outcome::UpdateNeeded { least_version: 2 }),
        ("answer: busy", Outcome::Busy { retry_after_s: 30 }),
    ];
    let invitation = Invitation {
        version: 1,
        center: CenterId::from_bytes([1; 16]),
        center_name: "112 Kabupaten Ketapang".to_owned(),
        urls: vec!["https://112.ketapangkab.example:8443".to_owned(), "https://192.0.2.7:8443".to_owned()],
        root_der: vec![20; 400],
        center_key: center.public_key().0.to_vec(),
        number: vec![21; 8],
        secret: vec![22; 32],
        made_ms: None,
    };
    let public_key = signer.public_key()?.0;
    let enrol = EnrolRequest {
        version: 1,
        number: invitation.number.clone(),
        public_key: public_key.to_vec(),
        mac: enrol::mac(&invitation, &public_key),
        app: format!("siaga-field {release}"),
        was: None,
    };
    let enrolled = EnrolAnswer::Enrolled {
        device,
        name: "HP Ani".to_owned(),
        unit: "AMB-01".to_owned(),
        role: "medic".to_owned(),
        epoch,
        center_ms: 1_665_360_000_000,
        token: vec![3; 16],
    };
    let mut messages = Vec::new();
    let mut add = |name: &str, kind: &str, bytes: Vec<u8>| -> anyhow::Result<()> {
        let says = said::read(kind, &bytes)?;
        messages.push(Message { name: name.to_owned(), kind: kind.to_owned(), hex: hex::encode(bytes), says });
        Ok(())
    };
    add("request: idle and held", "request", codec::encode(&idle)?)?;
    add("request: everything at once", "request", codec::encode(&full)?)?;
    add("request: nobody yet", "request", codec::encode(&stranger)?)?;
    for (name, outcome) in outcomes {
        let answer = ExchangeAnswer {
            version: 1,
            epoch,
            received_ms: 1_665_360_000_100,
            answered_ms: 1_665_360_000_140,
            outcome,
        };
        add(name, "answer", codec::encode(&answer)?)?;
    }
    add("envelope", "envelope", codec::encode(&envelope)?)?;
    add("receipt with every verdict", "receipt", codec::encode(&receipt)?)?;
    add("invitation", "invitation", invitation.link()?.into_bytes())?;
    add("enrolment asked", "enrol_request", codec::encode(&enrol)?)?;
    add("enrolment granted", "enrol_answer", codec::encode(&enrolled)?)?;
    add("enrolment waits", "enrol_answer", codec::encode(&EnrolAnswer::AwaitingConfirmation)?)?;
    add("enrolment refused", "enrol_answer", codec::encode(&EnrolAnswer::Refused)?)?;
    add("half a file", "blob_state", codec::encode(&BlobState { held_bytes: 65_536, whole: false })?)?;
    add("a whole file", "blob_state", codec::encode(&BlobState { held_bytes: 201_003, whole: true })?)?;
    for (name, kind, bytes) in since::messages(&signer, &center)? {
        add(&name, kind, bytes)?;
    }
    Ok(Wire { center_key: hex::encode(center.public_key().0), device_key: hex::encode(public_key), messages })
}

/// A request that carries nothing; fields that came after the first release are as an old phone leaves them.
fn nothing() -> anyhow::Result<ExchangeRequest> {
    let idle: Wire = frozen::read("0.1.0", "wire.json")?;
    let idle = idle.messages.first().context("the first release has no message")?;
    Ok(codec::decode(&hex::decode(&idle.hex)?)?)
}

/// The small story, and the two folders as they stood at its end.
async fn story(folder: &Path) -> anyhow::Result<Story> {
    let mut stage = Stage::set(112).await?;
    let ani = stage.medic("Ani").await?;
    let post = stage.unit("ambulance", 0).await?.post;
    let (incident, assignment) = stage.medical_call().await?;
    ani.done(&["duty", "on", "--post", &post, "--person", "Ani"]).await?;
    ani.sync_until_quiet(SOON).await?;
    ani.done(&["seen", &assignment]).await?;
    ani.done(&["accept", &assignment, "--lat", "-1.813", "--lon", "109.958"]).await?;
    ani.done(&["press", &assignment, "enroute"]).await?;
    for step in 0..20 {
        fix(&ani, step).await?;
    }
    let patient = ani
        .makes(&["patient", "add", "--incident", &incident, "--name", "Siti Aminah", "--sex", "P", "--age", "32"])
        .await?;
    ani.done(&["triage", &patient, "yellow"]).await?;
    ani.done(&["vitals", &patient, "--hr", "92", "--sbp", "110", "--dbp", "70", "--spo2", "not_taken"]).await?;
    ani.done(&["treat", &patient, "--what", "oksigen", "--dose", "3 L/menit"]).await?;
    let assessment = ani
        .makes(&[
            "assess",
            "--incident",
            &incident,
            "--village",
            "61.04.14.2015",
            "--displaced-kk",
            "40",
            "--water-cm",
            "120",
            "--need",
            "selimut",
        ])
        .await?;
    let archived = ended(&stage, &ani).await?;
    let elsewhere = stage.center.call("BANJIR", "61.04.12.2008", "air masuk rumah").await?;
    let sos = ani.makes(&["sos", "--lat", "-1.82", "--lon", "109.96"]).await?;
    ani.done(&["sos", "--cancel", "salah tekan"]).await?;
    let [first_photo, second_photo] = PHOTOS.map(|path| find::house().join(path).display().to_string());
    ani.done(&["note", &incident, "--text", "jembatan putus di km 7", "--photo", &first_photo]).await?;
    ani.sync_until_quiet(SOON).await?;
    let received_statuses = statuses(&ani, &assignment).await?;
    let quiet_digest = ani.digest().await?;
    ensure!(quiet_digest == stage.center.digest(&ani.device).await?, "phone and center differ when quiet");

    // From here on nothing gets through: one envelope is sealed and never left, the rest is not even in one.
    ani.link().cut();
    ani.done(&["press", &assignment, "onscene"]).await?;
    ani.done(&["vitals", &patient, "--hr", "101", "--rr", "22"]).await?;
    ani.run(&["sync"]).await?;
    ani.done(&["press", &assignment, "patient"]).await?;
    ani.done(&["note", &incident, "--text", "akses lewat kebun sawit", "--photo", &second_photo]).await?;
    for step in 20..30 {
        fix(&ani, step).await?;
    }
    let unit = stage.unit("ambulance", 0).await?.unit;
    let second = stage.center.call("BANJIR", "61.04.14.2001", "air naik").await?;
    let unseen_assignment = stage.center.assign(&second, &unit, "bawa perahu").await?;

    let statuses = statuses(&ani, &assignment).await?;
    let seen = ani.done(&["patient", "show", &patient]).await?;
    let pulses = list(&seen, "/patient/vitals")
        .map(|vitals| vitals.pointer("/vitals/hr").and_then(Value::as_f64).context("no pulse"))
        .collect::<anyhow::Result<Vec<_>>>()
        .with_context(|| seen.to_string())?;
    let outbox = ani.done(&["outbox"]).await?;
    let count = |name: &str| -> anyhow::Result<u32> {
        let found = outbox.pointer(&format!("/sync/{name}")).and_then(Value::as_u64).context("no count")?;
        Ok(u32::try_from(found)?)
    };
    let trail = ani.done(&["trail"]).await?;
    let record = ani.done(&["get", &incident]).await?;
    let photos: Vec<String> = list(&record, "/record/notes")
        .filter_map(|note| note.get("attachment").and_then(Value::as_str).map(str::to_owned))
        .collect();
    let [received_photo, waiting_photo] = photos.as_slice() else {
        anyhow::bail!("not two photographs: {record}");
    };

    stage.center.kill().await?;
    let home = folder.join("phone");
    frozen::copy(ani.home(), &home)?;
    frozen::copy(stage.center.folder(), &folder.join("center"))?;
    std::fs::remove_file(folder.join("center/serve.log"))?;
    settle(&folder.join("center/center.db"), None)?;
    let key: [u8; 32] = std::fs::read(home.join("store.key"))?.as_slice().try_into()?;
    settle(&home.join("siaga.db"), Some(&key))?;
    Ok(Story {
        frozen_ms: i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?,
        device: ani.device.clone(),
        incident,
        assignment,
        unseen_assignment,
        patient,
        patient_name: "Siti Aminah".to_owned(),
        assessment,
        sos,
        received_statuses,
        statuses,
        pulses,
        waiting_changes: count("saved")? + count("sent")?,
        waiting_fixes: count("fixes_waiting")?,
        waiting_attachments: count("attachments_waiting")?,
        fixes: u32::try_from(list(&trail, "/fixes").count())?,
        received_photo: received_photo.clone(),
        waiting_photo: waiting_photo.clone(),
        quiet_digest,
        elsewhere: Some(elsewhere),
        archived: Some(archived),
        request: hex::encode(codec::encode(&request(&home, &key)?)?),
    })
}

/// An incident whose work is done, closed and archived; the phone keeps a line of it.
async fn ended(stage: &Stage, phone: &siaga_testkit::program::phone::Phone) -> anyhow::Result<String> {
    let (incident, task) = stage.medical_call().await?;
    phone.sync_until_quiet(SOON).await?;
    for status in ["enroute", "onscene", "available"] {
        if status == "enroute" {
            phone.done(&["accept", &task]).await?;
        }
        phone.done(&["press", &task, status]).await?;
    }
    phone.sync_until_quiet(SOON).await?;
    let why = serde_json::json!({ "reason": "done", "text": "dibawa ke RSUD" });
    stage.center.post(&format!("/api/incidents/{incident}/close"), &why).await?;
    phone.sync_until_quiet(SOON).await?;
    let made = stage.center.command(&["archive", "--closed-for-h", "0"]).await?.done()?;
    ensure!(list(&made, "/archived").any(|id| id.as_str() == Some(&incident)), "it was not archived: {made}");
    phone.sync_until_quiet(SOON).await?;
    Ok(incident)
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

/// What this phone would ask next, from what its home says.
fn request(home: &Path, key: &[u8; 32]) -> anyhow::Result<ExchangeRequest> {
    let copied = tempfile::tempdir()?;
    frozen::copy(home, copied.path())?;
    let conn = Connection::open(copied.path().join("siaga.db"))?;
    conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex::encode(key)))?;
    let mut sealed =
        conn.prepare("SELECT sealed FROM envelope WHERE state IN ('sealed', 'sent') ORDER BY lane, seq")?;
    let envelopes = sealed
        .query_map([], |row| row.get::<_, Vec<u8>>(0))?
        .map(|bytes| Ok(codec::decode::<Envelope>(&bytes?)?))
        .collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(!envelopes.is_empty(), "nothing was sealed");
    drop(sealed);
    conn.close().map_err(|(_, error)| error)?;
    let draw = Arc::new(|| [42; 16]);
    let signs = LifeSigns { boot_id: "freezer".to_owned(), boot_count: None, draw };
    let store = Store::open(copied.path(), &StoreKey::new(*key), &signs)?;
    let peer = store.peer()?.context("no center is known")?;
    let device = store.enrolment()?.context("not enrolled")?.device;
    let header = envelopes.first().map(|envelope| envelope.header.clone()).context("nothing was sealed")?;
    Ok(ExchangeRequest {
        version: 1,
        device,
        epoch: peer.epoch,
        cursors: peer.cursors,
        clock: header.clock,
        hold_ms: 0,
        budget_bytes: 65_536,
        credential: Credential::Token(peer.token.context("no session")?),
        envelopes,
        ..nothing()?
    })
}

async fn fix(phone: &siaga_testkit::program::phone::Phone, step: i32) -> anyhow::Result<()> {
    let lat = format!("{:.6}", -1.813 - f64::from(step) * 0.000_9);
    let lon = format!("{:.6}", 109.958 + f64::from(step) * 0.000_4);
    phone.done(&["fix", "--lat", &lat, "--lon", &lon, "--accuracy", "8", "--speed", "11.5"]).await?;
    Ok(())
}

async fn statuses(phone: &siaga_testkit::program::phone::Phone, assignment: &str) -> anyhow::Result<Vec<String>> {
    let record = phone.done(&["get", assignment]).await?;
    list(&record, "/record/events")
        .map(|event| Ok(event.get("status").and_then(Value::as_str).context("no status")?.to_owned()))
        .collect()
}

fn list<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}
