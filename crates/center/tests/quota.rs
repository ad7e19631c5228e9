//! Floods of records: what one phone brings beyond its quota waits and is one line; nothing of anybody else is pushed out,
//! and a village back from two days without coverage is no flood.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod phone;
#[path = "support/world.rs"]
mod world;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use siaga_center::db::device::Contact;
use siaga_center::db::{DbError, quota};
use siaga_domain::entry::Body as Entry;
use siaga_domain::id::RecordId;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_domain::verdict::BYTES_A_DAY;
use siaga_wire::exchange::Outcome;
use siaga_wire::receipt::Verdict;
use world::{MORNING, Phone, Sent, World};

const MINUTE: i64 = 60_000;

fn body(kind: &str, fields: Value) -> Entry {
    let Value::Object(fields) = fields else { panic!("an object") };
    Entry::parse(kind, fields).expect("an entry")
}

fn opened() -> Entry {
    body("opened", json!({"source": "field", "narrative": "air naik", "unit": "DESA-ASAMJELAI"}))
}

fn report_at(world: &World, phone: &Phone, at: UtcMs) -> Sent {
    world.write(phone, RecordKind::Incident, None, &[world.entry("Tono Saputra", at, &[], opened())])
}

/// Brings a report made at `at`; whether it entered.
fn reports(world: &World, phone: &Phone, at: UtcMs) -> bool {
    let sent = report_at(world, phone, at);
    world.receive(phone, "Tono Saputra", &sent).accepted == 1
}

fn now(world: &World) -> UtcMs {
    world.center.now()
}

async fn count_incidents(world: &World) -> usize {
    world.get("/api/incidents?state=all").await.as_array().expect("a list").len()
}

async fn alerts_of(world: &World, kind: &str) -> Vec<Value> {
    let alerts = world.get("/api/alerts").await;
    alerts.as_array().expect("alerts").iter().filter(|alert| alert["kind"] == kind).cloned().collect()
}

fn refused(world: &World) -> i64 {
    let count = |tx: &rusqlite::Connection| {
        tx.query_row("SELECT count(*) FROM quarantine WHERE verdict = 'refuse'", [], |row| row.get(0))
            .map_err(|cause| DbError { step: "count", cause })
    };
    world.center.db().read(|tx| count(tx)).expect("a count")
}

#[tokio::test]
async fn reports_beyond_twenty_an_hour_wait_in_one_line_and_enter_as_the_quota_refills() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);

    let entered = (0..60).filter(|_| reports(&world, &village, now(&world))).count();

    assert_eq!((entered, count_incidents(&world).await), (20, 20));
    let lines = alerts_of(&world, "device_flooding").await;
    assert_eq!((lines.len(), &lines[0]["count"], &lines[0]["unit"]), (1, &json!(40), &json!("DESA-ASAMJELAI")));
    assert_eq!(world.get("/api/verdicts").await, json!([]), "its line stands for them");

    world.pass(59 * 60);
    world.center.settle_waiting().expect("looked");
    assert_eq!(count_incidents(&world).await, 20);

    world.pass(2 * 60);
    world.center.settle_waiting().expect("looked");
    assert_eq!(count_incidents(&world).await, 40);

    world.pass(61 * 60);
    world.center.settle_waiting().expect("looked");
    assert_eq!(count_incidents(&world).await, 60);
    assert!(alerts_of(&world, "device_flooding").await.is_empty());
    assert_eq!(refused(&world), 0);
}

#[tokio::test]
async fn a_phone_that_is_refused_over_and_over_pushes_nothing_of_another_phone_out_of_the_list() {
    let world = World::new();
    let [flood, other] = [world.phone("DESA-ASAMJELAI", Role::Village), world.phone("DESA-RIAM", Role::Village)];
    // A village closes no incident: it enters, and has no effect.
    let closes = |phone: &Phone, by: &str| {
        let sent = report_at(&world, phone, now(&world));
        let closed = world.entry(by, now(&world), &[], body("closed", json!({"reason": "done"})));
        world.receive(phone, by, &sent);
        world.receive(phone, by, &world.write(phone, RecordKind::Incident, Some(&sent.document), &[closed]));
    };
    closes(&other, "Rina");
    for _ in 0..6 {
        (0..20).for_each(|_| closes(&flood, "Tono Saputra"));
        world.pass(3600);
    }

    let listed = world.get("/api/verdicts").await;
    let of = |phone: &Phone| {
        let id = json!(phone.device.id.to_string());
        listed.as_array().expect("a list").iter().filter(|row| row["device"] == id).count()
    };

    assert_eq!((of(&flood), of(&other)), (100, 1));
}

#[tokio::test]
async fn one_press_lets_everything_in_that_waits_and_a_second_is_a_conflict() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    for _ in 0..45 {
        reports(&world, &village, now(&world));
    }
    let path = format!("/api/devices/{}/release", village.device.id);

    let (first, device) = world.as_system(Method::POST, &path, None).await;
    let (second, _) = world.as_system(Method::POST, &path, None).await;

    assert_eq!((first, second), (StatusCode::OK, StatusCode::CONFLICT));
    assert_eq!(device["flooding"], Value::Null);
    assert_eq!(count_incidents(&world).await, 45);
    let told =
        world.center.db().read(|tx| siaga_center::db::verdict::untold(tx, &village.device.id, 100)).expect("told");
    assert!(told.len() == 25 && told.iter().all(|one| one.verdict == "accept"), "{}", told.len());
    // What comes after the press is a flood again.
    assert!(!reports(&world, &village, now(&world)));
}

#[tokio::test]
async fn a_village_back_from_two_days_offline_is_no_flood() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    world.pass(48 * 3600);

    // Made one after the other over the two days; the phone exchanges in between, and goes on.
    let entered = (0..100)
        .filter(|number| {
            if number % 30 == 29 {
                world.contact(&village, 0);
                world.pass(60);
            }
            reports(&world, &village, UtcMs(MORNING + number * 28 * MINUTE))
        })
        .count();

    assert_eq!(entered, 100);
}

#[tokio::test]
async fn what_was_made_within_an_hour_is_a_flood_even_after_two_days_offline() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    world.pass(48 * 3600);

    // The latest first: the order in which they come makes no difference.
    let entered = (0..60_i64).filter(|number| reports(&world, &village, now(&world).plus(-number * 30_000))).count();

    assert_eq!(entered, 20);
}

#[tokio::test]
async fn a_phone_that_was_here_a_moment_ago_gains_nothing_by_older_times() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    world.pass(48 * 3600);
    world.contact(&village, 0);
    world.pass(60);

    let entered = (0..60).filter(|number| reports(&world, &village, UtcMs(MORNING + number * 45 * MINUTE))).count();

    assert_eq!(entered, 20);
}

#[tokio::test]
async fn a_phone_in_1970_or_2036_counts_by_what_its_exchange_says_of_its_clock() {
    for year in [0, 2_082_758_400_000_i64] {
        let world = World::new();
        let mut village = world.phone("DESA-ASAMJELAI", Role::Village);
        world.pass(48 * 3600);
        // Its clock read `year` when it lost the center; what it knows now is how far off that is.
        village.device.contact =
            Some(Contact { last_ms: UtcMs(MORNING), offset_ms: MORNING - year, ..Contact::default() });
        let made = |number: i64, offset_ms| {
            let mut entry = world.entry("Tono Saputra", UtcMs(year + number * 28 * MINUTE), &[], opened());
            entry.stamp.clock = ClockReading { device: entry.stamp.clock.device, offset_ms, ..ClockReading::default() };
            let sent = world.write(&village, RecordKind::Incident, None, &[entry]);
            world.receive(&village, "Tono Saputra", &sent).accepted
        };

        let entered: usize = (0..100).map(|number| made(number, None)).sum();
        let forged: usize = (0..60).map(|_| made(0, Some(i64::MAX))).sum();

        assert_eq!(entered, 100, "{year}");
        assert!(forged <= 20, "{year} {forged}");
    }
}

#[tokio::test]
async fn entries_in_one_record_wait_beyond_300_an_hour_in_their_order() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    let report = report_at(&world, &village, now(&world));
    world.receive(&village, "", &report);
    let mut base = report.document.clone();
    let mut tally = [0, 0];

    for number in 0..310 {
        let note = body("note", json!({"text": format!("catatan {number}")}));
        let sent = world.write(&village, RecordKind::Incident, Some(&base), &[world.entry("", now(&world), &[], note)]);
        base = sent.document.clone();
        let got = world.receive(&village, "", &sent);
        tally = [tally[0] + got.accepted, tally[1] + got.parked];
    }

    assert_eq!(tally, [299, 11], "its opening is an entry too");
    assert_eq!(alerts_of(&world, "device_flooding").await[0]["count"], 11);
    world.pass(3_601);
    world.center.settle_waiting().expect("looked");
    let notes = world.center.entries(&report.document.0).expect("entries").len();
    assert_eq!((notes, refused(&world)), (311, 0));
}

#[tokio::test]
async fn patients_and_what_a_unit_writes_under_its_order_have_no_quota_but_bytes() {
    let world = World::new();
    let call = world.flood().await;
    world.order(&call, "AMB-01").await;
    let incident: RecordId = call.pointer("/incident/id").and_then(Value::as_str).expect("id").parse().expect("id");
    let crew = world.phone("AMB-01", Role::Medic);
    world.center.settle_time().expect("told");
    let mut base = (incident, world.center.document(&incident).expect("read").expect("there"));

    for number in 0..305 {
        let note = body("note", json!({"text": format!("catatan {number}")}));
        let sent = world.write(&crew, RecordKind::Incident, Some(&base), &[world.entry("", now(&world), &[], note)]);
        base.1 = sent.document.1.clone();
        assert_eq!(world.receive(&crew, "", &sent).accepted, 1, "{number}");
    }
    for _ in 0..40 {
        let opened = json!({"incident": incident, "identity": incident, "sex": "L"});
        let sent = world.write(
            &crew,
            RecordKind::Patient,
            None,
            &[world.entry("", now(&world), &[], body("patient", opened))],
        );
        assert_eq!(world.receive(&crew, "", &sent).accepted, 1);
    }
    assert!(alerts_of(&world, "device_flooding").await.is_empty());
}

#[tokio::test]
async fn what_is_sent_again_counts_once_and_two_phones_of_one_person_count_apart() {
    let world = World::new();
    let [one, two] = [world.phone("DESA-ASAMJELAI", Role::Village), world.phone("DESA-ASAMJELAI", Role::Village)];
    let sent: Vec<Sent> = (0..15).map(|_| report_at(&world, &one, now(&world))).collect();
    for _ in 0..3 {
        assert!(sent.iter().all(|sent| world.receive(&one, "", sent).accepted == 1));
    }

    let more = (0..15).filter(|_| reports(&world, &one, now(&world))).count();
    let others = (0..25).filter(|_| reports(&world, &two, now(&world))).count();

    assert_eq!((more, others), (5, 20));
    assert_eq!(alerts_of(&world, "device_flooding").await.len(), 2);
}

#[tokio::test]
async fn what_waits_for_a_quota_and_what_depends_on_it_never_expires() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    for _ in 0..20 {
        reports(&world, &village, now(&world));
    }
    let waiting: Vec<Sent> = (0..30).map(|_| report_at(&world, &village, now(&world))).collect();
    for sent in &waiting {
        assert_eq!(world.receive(&village, "", sent).parked, 1);
        let note = body("note", json!({"text": "menyusul"}));
        let note = world.write(
            &village,
            RecordKind::Incident,
            Some(&sent.document),
            &[world.entry("", now(&world), &[], note)],
        );
        assert_eq!(world.receive(&village, "", &note).parked, 1);
    }

    world.pass(80 * 3600);
    world.center.settle_waiting().expect("looked");
    assert_eq!((count_incidents(&world).await, refused(&world)), (40, 0));
    world.pass(3_601);
    world.center.settle_waiting().expect("looked");

    assert_eq!((count_incidents(&world).await, refused(&world)), (50, 0));
    for sent in &waiting {
        assert_eq!(world.center.entries(&sent.document.0).expect("entries").len(), 2);
    }
}

fn cry(world: &World, phone: &Phone, by: &str, lat: f64) -> Sent {
    let raised = body("raised", json!({"unit": phone.device.unit, "lat": lat, "lon": 110.0}));
    world.write(phone, RecordKind::Sos, None, &[world.entry(by, now(world), &[], raised)])
}

#[tokio::test]
async fn calls_for_help_of_one_phone_are_one_and_push_out_nobodys() {
    let world = World::new();
    let [real, flood] = [world.phone("AMB-01", Role::Medic), world.phone("DESA-ASAMJELAI", Role::Village)];
    world.receive(&real, "Ani Lestari", &cry(&world, &real, "Ani Lestari", -1.8));
    world.pass(1);
    for number in 0..260 {
        let sent = cry(&world, &flood, "Tono Saputra", -1.0 - f64::from(number) / 1_000.0);
        assert_eq!(world.receive(&flood, "Tono Saputra", &sent).accepted, 1);
    }

    let calls = world.get("/api/sos").await;
    let lines = alerts_of(&world, "sos").await;

    assert_eq!((calls.as_array().map(Vec::len), lines.len()), (Some(2), 2));
    assert_eq!((&lines[0]["unit"], &lines[0]["count"]), (&json!("AMB-01"), &json!(1)));
    assert_eq!((&lines[1]["count"], &lines[1]["level"]), (&json!(260), &json!(0)), "within ten seconds");
    let place = calls[0].pointer("/sos/position/lat").and_then(Value::as_f64).expect("a place");
    assert!((place + 1.259).abs() < 1e-9, "{place}");
    world.pass(10);
    assert_eq!(alerts_of(&world, "sos").await[1]["level"], 1, "what came in between sounds after ten seconds");
}

#[tokio::test]
async fn a_further_call_moves_place_and_person_sounds_again_and_is_answered_with_the_first() {
    let world = World::new();
    let crew = world.phone("AMB-01", Role::Medic);
    let first = cry(&world, &crew, "Ani Lestari", -1.8);
    world.receive(&crew, "Ani Lestari", &first);
    let mut levels = Vec::new();
    let mut newest = None;
    for seconds in [15, 3, 3, 20] {
        world.pass(seconds);
        let sent = cry(&world, &crew, "Budi Santoso", -1.9);
        world.receive(&crew, "Budi Santoso", &sent);
        newest = Some(sent.document.0);
        levels.push(alerts_of(&world, "sos").await[0]["level"].as_i64().expect("a level"));
    }
    assert_eq!(levels, [1, 1, 1, 3], "at most once in ten seconds");
    let calls = world.get("/api/sos").await;
    assert_eq!((calls.as_array().map(Vec::len), &calls[0]["further"]), (Some(1), &json!(4)));
    assert_eq!(calls[0].pointer("/sos/raised/by"), Some(&json!("Budi Santoso")));
    assert_eq!(calls[0].pointer("/sos/position/lat"), Some(&json!(-1.9)));

    let path = format!("/api/sos/{}/answer", newest.expect("a call"));
    let (status, answered) = world.post(&path, json!({"text": "bantuan menuju lokasi"})).await;

    assert_eq!((status, answered.pointer("/sos/id")), (StatusCode::OK, Some(&json!(first.document.0.to_string()))));
    assert_eq!(alerts_of(&world, "sos").await[0]["quiet"], json!(true), "answered, and not yet safe");
    let told = world.get(&format!("/api/records/{}", newest.expect("a call"))).await;
    assert_eq!(told.pointer("/record/answers/0/text"), Some(&json!("bantuan menuju lokasi")));
    // The next one joins it, and is as loud as the first.
    world.receive(&crew, "Ani Lestari", &cry(&world, &crew, "Ani Lestari", -1.7));
    let lines = alerts_of(&world, "sos").await;
    assert_eq!((lines.len(), &lines[0]["count"], &lines[0]["quiet"]), (1, &json!(6), &json!(false)));
}

#[tokio::test]
async fn a_button_held_again_in_one_call_sounds_again_and_stands_although_the_center_had_ended_it() {
    let world = World::new();
    let [crew, other] = [world.phone("AMB-01", Role::Medic), world.phone("AMB-02", Role::Medic)];
    let first = cry(&world, &crew, "Ani Lestari", -1.8);
    world.receive(&crew, "Ani Lestari", &first);
    let sos = first.document.0;
    let siti = world.person("dispatcher").await;
    let again = |phone: &Phone, by: &str, lat: f64| {
        let raised = body("raised", json!({"unit": "AMB-01", "lat": lat, "lon": 110.0}));
        world.write(phone, RecordKind::Sos, Some(&first.document), &[world.entry(by, now(&world), &[], raised)])
    };
    // Written without signal, before the end of the call was known there.
    let offline = again(&crew, "Budi Santoso", -1.9);
    let safe = format!("/api/sos/{sos}/safe");
    let word = |further: u32| json!({"said_by": "Tono", "how": "radio", "further": further});
    assert_eq!(
        world.act(&siti, &format!("/api/sos/{sos}/answer"), None, json!({"text": "berangkat"})).await.0,
        StatusCode::OK
    );
    assert_eq!(world.act(&siti, &safe, None, word(0)).await.0, StatusCode::OK);
    assert!(alerts_of(&world, "sos").await.is_empty());

    world.pass(15);
    let of_another = world.receive(&other, "", &again(&other, "Tono Saputra", -1.0));
    assert!(alerts_of(&world, "sos").await.is_empty(), "another phone's hold is none: {of_another:?}");
    world.receive(&crew, "Budi Santoso", &offline);

    let lines = alerts_of(&world, "sos").await;
    assert_eq!((lines.len(), &lines[0]["quiet"], &lines[0]["level"]), (1, &json!(false), &json!(1)));
    let view = &world.get("/api/sos").await[0];
    assert_eq!((&view["open"], &view["state"], &view["further"]), (&json!(true), &json!("raised"), &json!(1)));
    assert_eq!((&view["sos"]["position"]["lat"], &view["sos"]["raised"]["by"]), (&json!(-1.9), &json!("Budi Santoso")));
    let (stale, standing) = world.act(&siti, &safe, None, word(0)).await;
    assert_eq!((stale, &standing["standing"]["further"]), (StatusCode::CONFLICT, &json!(1)));
    assert_eq!(world.act(&siti, &safe, None, word(1)).await.0, StatusCode::OK);
    assert!(alerts_of(&world, "sos").await.is_empty());
}

#[tokio::test]
async fn holds_that_come_with_their_call_count() {
    let world = World::new();
    let crew = world.phone("AMB-01", Role::Medic);
    let held = |lat: f64| {
        let raised = body("raised", json!({"unit": "AMB-01", "lat": lat, "lon": 110.0}));
        world.entry("Ani Lestari", now(&world), &[], raised)
    };

    world.receive(&crew, "Ani Lestari", &world.write(&crew, RecordKind::Sos, None, &[held(-1.8), held(-1.9)]));

    let view = &world.get("/api/sos").await[0];
    assert_eq!((&view["further"], &view["sos"]["position"]["lat"]), (&json!(1), &json!(-1.9)));
    assert_eq!(alerts_of(&world, "sos").await[0]["count"], json!(2));
}

#[tokio::test]
async fn a_crew_that_takes_its_first_call_back_still_calls_with_the_second() {
    let world = World::new();
    let crew = world.phone("AMB-01", Role::Medic);
    let first = cry(&world, &crew, "Ani Lestari", -1.8);
    world.receive(&crew, "", &first);
    let second = cry(&world, &crew, "Ani Lestari", -1.9);
    world.receive(&crew, "", &second);
    let cancel = |sent: &Sent| {
        let taken_back = body("sos_cancelled", json!({"reason": "salah tekan"}));
        let sent =
            world.write(&crew, RecordKind::Sos, Some(&sent.document), &[world.entry("", now(&world), &[], taken_back)]);
        world.receive(&crew, "", &sent);
    };

    let loud = async || -> Vec<Value> {
        let lines = alerts_of(&world, "sos").await;
        lines.iter().filter(|line| line["quiet"] == false).map(|line| line["id"].clone()).collect()
    };

    cancel(&first);
    assert_eq!(loud().await, [json!(second.document.0.to_string())]);
    cancel(&second);

    assert!(loud().await.is_empty());
    assert_eq!(alerts_of(&world, "sos").await.len(), 2, "a desk has yet to make sure of both");
}

/// A phone on a real connection; its reports come in one envelope.
async fn field() -> (phone::Stage, phone::Phone) {
    let stage = phone::Stage::set().await;
    let phone = stage.phone("TRC-01", Role::Volunteer).await;
    (stage, phone)
}

fn begun(phone: &mut phone::Phone, count: usize) -> Vec<(RecordId, RecordKind, Vec<Vec<u8>>)> {
    (0..count)
        .map(|_| {
            let record = phone::fresh(RecordId::from_bytes);
            (record, RecordKind::Incident, vec![phone.append_to_new(record, opened())])
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_says_what_waits_and_a_later_verdict_that_it_entered() {
    let (stage, mut phone) = field().await;
    let documents = begun(&mut phone, 25);
    let envelope = phone.seal(documents);

    let exchanged = phone.exchange(vec![envelope.clone()], 0).await;
    let receipts = phone.receipts(&exchanged);
    let again = phone.exchange(vec![envelope], 0).await;

    let waits = |one: &siaga_wire::receipt::Exception| one.verdict == Verdict::Park && one.reason == "quota";
    assert_eq!((receipts.len(), receipts[0].exceptions.len()), (1, 5));
    assert!(receipts[0].exceptions.iter().all(waits));
    assert_eq!(phone.receipts(&again), receipts, "the same question gets the same receipt");
    assert!(again.needed.is_empty() && again.later.is_none(), "nothing is asked of the phone again");
    stage.center.release(&phone.device, "dispatcher").expect("released");
    let later = phone.exchange(Vec::new(), 0).await.later.expect("verdicts");
    let later: siaga_wire::receipt::LaterVerdicts = siaga_wire::codec::decode(&later.payload).expect("verdicts");
    assert_eq!(later.verdicts.iter().filter(|one| one.verdict == Verdict::Accept).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_record_in_many_envelopes_wait_together_and_enter_a_part_at_a_time() {
    let (stage, mut phone) = field().await;
    let record = phone::fresh(RecordId::from_bytes);
    let note = |number: usize| body("note", json!({"text": format!("catatan {number}")}));
    // Its opening and 320 notes, twenty in each envelope.
    let mut envelopes = vec![phone.begin(record, RecordKind::Incident, opened())];
    for first in (0..320).step_by(20) {
        let changes = (first..first + 20).flat_map(|number| phone.append(record, note(number))).collect();
        envelopes.push(phone.seal(vec![(record, RecordKind::Incident, changes)]));
    }

    let exchanged = phone.exchange(envelopes, 0).await;
    let more = phone.add(record, RecordKind::Incident, note(320));
    let later = phone.exchange(vec![more], 0).await;

    let exceptions = |exchanged| phone.receipts(exchanged)[0].exceptions.clone();
    assert_eq!(exceptions(&exchanged).len(), 21);
    assert!(exceptions(&exchanged).iter().chain(&exceptions(&later)).all(|one| one.reason == "quota"));
    // An hour passed for half of what was counted.
    let forget = |tx: &rusqlite::Connection| {
        tx.execute("DELETE FROM spent WHERE rowid IN (SELECT rowid FROM spent WHERE what = 'entry' LIMIT 10)", [])
            .map_err(|cause| DbError { step: "forget", cause })
    };
    stage.center.db().write(forget).expect("forgotten");
    stage.center.settle_waiting().expect("looked");
    assert_eq!(stage.center.entries(&record).expect("entries").len(), 310);
    stage.center.release(&phone.device, "dispatcher").expect("released");
    assert_eq!(stage.center.entries(&record).expect("entries").len(), 322);
    assert!(stage.center.check().expect("a check").problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_beyond_a_days_wait_and_hold_no_call_for_help_back() {
    let (stage, mut phone) = field().await;
    let device = phone.device;
    let carry = |lane, bytes: u64| {
        let center = &stage.center;
        let bytes = usize::try_from(bytes).expect("a size");
        center.db().write(|tx| quota::carry(tx, &device, lane, center.steady(), bytes)).expect("counted");
    };
    carry(1, BYTES_A_DAY);
    let documents = begun(&mut phone, 1);
    let record = documents[0].0;
    let report = phone.seal(documents);
    let cry =
        phone.begin(phone::fresh(RecordId::from_bytes), RecordKind::Sos, body("raised", json!({"unit": "TRC-01"})));

    let exchanged = phone.exchange(vec![cry, report], 0).await;

    let receipts = phone.receipts(&exchanged);
    let of_lane = |lane| receipts.iter().find(|receipt| receipt.lane == lane).expect("a receipt").exceptions.clone();
    assert!(of_lane(0).is_empty());
    assert_eq!(of_lane(1).iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["quota"]);
    assert!(stage.center.record(&record).expect("read").is_none());
    // What is no envelope of its chain is not kept any more.
    let documents = begun(&mut phone, 1);
    let mut garbage = phone.seal(documents);
    garbage.signature[0] ^= 1;
    let kept = || {
        let count = |tx: &rusqlite::Connection| {
            tx.query_row("SELECT count(*) FROM quarantine WHERE kind = 'envelope'", [], |row| row.get::<_, i64>(0))
                .map_err(|cause| DbError { step: "count", cause })
        };
        stage.center.db().read(|tx| count(tx)).expect("a count")
    };
    let request = phone.request(vec![garbage.clone()], 0);
    let asked = phone.ask(request).await;
    let Outcome::Exchanged(exchanged) = asked.outcome else { panic!("exchanged") };
    assert_eq!((exchanged.needed.len(), kept()), (1, 0));
    // Far beyond it nothing is taken: the phone keeps it and asks later.
    carry(1, 4 * BYTES_A_DAY);
    let request = phone.request(vec![garbage], 0);
    let asked = phone.ask(request).await;
    assert!(matches!(asked.outcome, Outcome::Busy { retry_after_s: 600 }), "{:?}", asked.outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_that_is_kept_is_counted_once() {
    let (stage, mut phone) = field().await;
    let documents = begun(&mut phone, 1);
    let mut garbage = phone.seal(documents);
    garbage.signature[0] ^= 1;
    let device = phone.device;
    let steady = || stage.center.steady();
    let carried = || stage.center.db().read(|tx| quota::carried(tx, &device, None, steady())).expect("counted");

    for _ in 0..3 {
        let request = phone.request(vec![garbage.clone()], 0);
        phone.ask(request).await;
    }

    let bytes = siaga_wire::codec::encode(&garbage).expect("bytes").len() as u64;
    assert_eq!(carried(), bytes);
}
