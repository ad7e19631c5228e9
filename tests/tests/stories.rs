//! Stories in one process, where time passes when the story says so: the real engine and the real center over TLS.

use serde_json::{Value, json};
use siaga_domain::kind::Role;
use siaga_domain::record::Record;
use siaga_domain::status::Status;
use siaga_domain::triage::TriageColor;
use siaga_domain::vitals::{Measured, Vitals};
use siaga_field::request::{AddNote, AddPatient, RecordVitals, Triage};
use siaga_field::view::Reach;
use siaga_testkit::world::{Phone, World};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_status_pressed_in_a_dead_zone_reaches_the_center_once() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "flood at Asam Jelai");
    world.run_until_quiet();

    ani.offline().press(&task, Status::EnRoute);
    world.reconnect();
    world.run_until_quiet();

    assert_eq!(world.center().statuses(&task), [Status::EnRoute]);
    assert_eq!(budi.get(&task.assignment).record, ani.get(&task.assignment).record);
    assert_eq!((ani.waiting(), ani.digest()), (0, world.center().digest(ani.device())));
}

#[test]
fn what_arrives_late_is_shown_as_late_at_the_time_it_happened() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.accept(&task);
    world.run_until_quiet();

    ani.offline().press(&task, Status::EnRoute);
    world.passes(20 * MINUTE);
    world.reconnect();
    world.run_until_quiet();

    let view = world.center().get(&format!("/api/assignments/{}", task.assignment));
    let events = view.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
    let told: Vec<(Option<&str>, Option<bool>)> =
        events.iter().map(|event| (event["status"].as_str(), event["late"].as_bool())).collect();
    assert_eq!(told, [(Some("accepted"), Some(false)), (Some("enroute"), Some(true))]);
    let waited =
        events[1]["received_at_ms"].as_i64().zip(events[1]["at_ms"].as_i64()).map(|(received, at)| received - at);
    assert!(waited.is_some_and(|ms| (1_200_000..1_260_000).contains(&ms)), "{waited:?}");
}

#[test]
fn a_phone_whose_clock_is_three_hours_slow_stamps_the_time_of_the_center() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    ani.clock_is_wrong_by(-3 * 3_600_000);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();

    let pressed = ani.offline().press(&task, Status::EnRoute);
    world.reconnect();
    world.run_until_quiet();

    let Some(Record::Assignment(assignment)) = world.center().record(&task.assignment) else { panic!("no assignment") };
    let event = &assignment.events[0].author;
    assert_eq!(event.at_device_ms, pressed.saved_at_ms);
    let wrong_by = event.at_ms.0 - event.at_device_ms.0;
    assert!((wrong_by - 3 * 3_600_000).abs() < 5_000, "{wrong_by}");
}

#[test]
fn nobody_wins_a_dispute_by_a_clock_ten_years_ahead() {
    let winner = |wrong_by_ms: i64| {
        let mut world = World::seeded(7);
        let [ani, budi] = world.phones(["Ani", "Budi"]);
        let patient = shared_patient(&world, &ani);
        budi.clock_is_wrong_by(wrong_by_ms);
        triage(ani.offline(), &patient, TriageColor::Red);
        triage(budi.offline(), &patient, TriageColor::Green);
        world.reconnect();
        world.run_until_quiet();
        let Record::Patient(here) = ani.get(&patient).record else { panic!("no patient") };
        let Record::Patient(there) = budi.get(&patient).record else { panic!("no patient") };
        assert_eq!(here.triage, there.triage);
        here.triage.expect("a colour").value
    };

    assert_eq!(winner(0), winner(10 * 365 * 24 * 3_600_000));
}

#[test]
fn two_phones_keep_every_entry_of_one_patient_and_a_choice_ends_their_dispute() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let patient = shared_patient(&world, &ani);

    for (phone, color, pulse) in [(&ani, TriageColor::Red, 124.0), (&budi, TriageColor::Yellow, 118.0)] {
        triage(phone.offline(), &patient, color);
        let vitals = Vitals { hr: Some(Measured::Number(pulse)), ..Vitals::default() };
        phone.field().record_vitals(&RecordVitals { id: patient.clone(), vitals }).expect("saved");
    }
    world.reconnect();
    world.run_until_quiet();

    for phone in [&ani, &budi] {
        assert_eq!(phone.disputes(&patient), ["triage"], "{}", phone.name());
        let Record::Patient(seen) = phone.get(&patient).record else { panic!("no patient") };
        assert_eq!(seen.vitals.len(), 2, "{}", phone.name());
    }
    budi.resolve(&patient, "triage", "red");
    world.run_until_quiet();
    for phone in [&ani, &budi] {
        assert_eq!(phone.disputes(&patient), [""; 0], "{}", phone.name());
        assert_eq!(phone.digest(), world.center().digest(phone.device()), "{}", phone.name());
    }
}

#[test]
fn a_revoked_phone_is_told_and_its_later_presses_stay_on_it() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();

    world.center().revoke(ani.device());
    let told = ani.try_sync().expect("answered");
    ani.press(&task, Status::EnRoute);

    assert_eq!(told.reach, Reach::Revoked);
    assert!(ani.waiting() > 0);
    assert_eq!(world.center().statuses(&task), []);
}

#[test]
fn an_idle_exchange_of_a_phone_with_two_hundred_documents_takes_less_than_a_kilobyte() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);

    let traffic = ani.idle_exchange(&world, 200);

    assert!(traffic.up_bytes > 0 && traffic.total_bytes() < 1024, "{traffic:?}");
}

#[test]
fn an_order_nobody_answers_in_its_time_is_listed_for_the_dispatcher() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    let listed = |world: &World| {
        let alerts = world.center().get("/api/alerts");
        let all = alerts.as_array().cloned().unwrap_or_default();
        all.iter().any(|alert| alert["kind"] == "unanswered" && alert["id"] == task.assignment.as_str())
    };

    assert!(!listed(&world));
    world.passes(30 * MINUTE);
    assert!(listed(&world));
    world.run_until_quiet();
    ani.accept(&task);
    world.run_until_quiet();

    assert!(!listed(&world));
}

#[test]
fn a_patient_is_not_told_to_a_unit_that_was_not_sent() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let darman = world.phone("Darman", &village_unit(&world), Role::Village);
    let patient = shared_patient(&world, &ani);

    world.run_until_quiet();

    assert!(darman.field().get(&siaga_field::request::ById { id: patient }).is_err());
    assert_eq!(darman.digest(), world.center().digest(darman.device()));
}

#[test]
fn a_position_is_placed_in_its_village_by_the_imported_boundaries() {
    let world = World::seeded(7);
    let square = |code: &str, west: f64| {
        let (south, north, east) = (-2.1, -2.0, west + 0.1);
        json!({
            "type": "Feature",
            "properties": { "kode": code, "code": code },
            "geometry": { "type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]] },
        })
    };
    let boundaries = json!({ "type": "FeatureCollection", "features": [square("61.04.14.2015", 110.9), square("61.04.14.2001", 110.8)] });
    siaga_center::places::import_boundaries(world.center().inner(), &boundaries.to_string()).expect("imported");

    assert_eq!(village_of_call(&world, -2.053, 110.959).as_deref(), Some("61.04.14.2015"));
    assert_eq!(village_of_call(&world, -2.053, 110.859).as_deref(), Some("61.04.14.2001"));
    assert_eq!(village_of_call(&world, -2.3, 110.859), None);
}

#[test]
fn every_village_lies_in_the_boundary_that_bears_its_code() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let (Ok(boundaries), Ok(villages)) = (
        std::fs::read_to_string(format!("{folder}/ketapang_desa_ringan.geojson")),
        std::fs::read_to_string(format!("{folder}/ketapang_desa.csv")),
    ) else {
        // Boundaries are never shipped; where they are at hand they are tried.
        return;
    };
    let world = World::seeded(7);
    siaga_center::places::import_boundaries(world.center().inner(), &boundaries).expect("imported");

    let inside = |line: &str| -> Option<(String, f64, f64)> {
        let cells: Vec<&str> = line.split(',').collect();
        Some((cells.first()?.to_string(), cells.get(8)?.parse().ok()?, cells.get(9)?.parse().ok()?))
    };
    let some: Vec<(String, f64, f64)> = villages.lines().skip(1).filter_map(inside).step_by(20).collect();
    assert!(some.len() > 10);
    for (code, lat, lon) in some {
        assert_eq!(village_of_call(&world, lat, lon), Some(code));
    }
}

fn village_of_call(world: &World, lat: f64, lon: f64) -> Option<String> {
    let call = json!({ "category": "BANJIR", "narrative": "air naik", "lat": lat, "lon": lon });
    let made = world.center().post("/api/incidents", &call);
    made.pointer("/summary/place/village/code").and_then(Value::as_str).map(str::to_owned)
}

fn village_unit(world: &World) -> String {
    let units = world.center().get("/api/units");
    let text = |view: &Value, path: &str| view.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let mut all = units.as_array().into_iter().flatten();
    let of_village = all.find(|view| text(view, "/unit/kind").as_deref() == Some("village"));
    of_village.and_then(|view| text(view, "/unit/code")).expect("a village unit in the seed")
}

/// A patient of an incident that the first ambulance is at, known to everybody of it.
fn shared_patient(world: &World, medic: &Phone) -> String {
    let task = world.center().assign("AMB-01", "sesak napas");
    world.run_until_quiet();
    let request: AddPatient =
        serde_json::from_value(json!({ "incident": task.incident, "age_years": 32 })).expect("a request");
    let patient = medic.field().add_patient(&request).expect("saved").id;
    world.run_until_quiet();
    patient
}

fn triage(phone: &Phone, patient: &str, color: TriageColor) {
    phone.field().triage(&Triage { id: patient.to_owned(), color, method: None }).expect("saved");
}

#[test]
fn an_archived_incident_leaves_the_phone_and_what_was_written_in_a_dead_zone_becomes_an_addendum() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.offline().field().note(&note(&task.incident, "masih ada orang di atap")).expect("saved");
    world.center().post(&format!("/api/incidents/{}/close", task.incident), &json!({"reason": "done"}));
    world.passes(73 * 60 * MINUTE);
    let archive = || world.center().inner().archive_due("test").expect("archived").len();
    assert_eq!(archive(), 1);

    world.reconnect();
    world.run_until_quiet();
    let Some(Record::Incident(incident)) = world.center().record(&task.incident) else { panic!("no incident") };
    let shown = ani.get(&task.incident).record;
    assert_eq!(archive(), 1, "the addendum is archived too");
    world.run_until_quiet();

    assert_eq!(incident.addenda.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["masih ada orang di atap"]);
    assert_eq!(shown, Record::Incident(incident), "and the responder sees it as one");
    let home = ani.field().home().expect("a home");
    assert_eq!((home.tasks.len(), home.archived.len()), (0, 1));
    assert_eq!((home.archived[0].incident.as_str(), home.archived[0].added_to), (task.incident.as_str(), true));
    assert!(ani.field().note(&note(&task.incident, "terlambat")).is_err(), "nothing can be written into it any more");
    assert_eq!((ani.waiting(), ani.digest()), (0, world.center().digest(ani.device())));
}

#[test]
fn an_incident_goes_on_in_its_next_part_and_a_phone_that_was_away_meanwhile_reads_and_writes_one_incident() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let told = |text: &str| {
        let _ = world.center().post(&format!("/api/incidents/{}/notes", task.incident), &json!({"text": text}));
    };

    ani.offline().field().note(&note(&task.incident, "dari lembah")).expect("saved");
    world.passes(13 * 60 * MINUTE);
    told("pagi");
    told("siang");
    world.reconnect();
    world.run_until_quiet();
    ani.field().note(&note(&task.incident, "kembali")).expect("saved");
    world.run_until_quiet();

    let Some(Record::Incident(incident)) = world.center().record(&task.incident) else { panic!("no incident") };
    let texts: Vec<&str> = incident.notes.iter().map(|note| note.text.as_str()).collect();
    let [first @ .., third, fourth] = texts.as_slice() else { panic!("{texts:?}") };
    assert_eq!((*third, *fourth), ("siang", "kembali"));
    // Neither of the first two saw the other.
    assert!(first == ["pagi", "dari lembah"] || first == ["dari lembah", "pagi"], "{first:?}");
    assert_eq!(ani.get(&task.incident).record, Record::Incident(incident));
    assert_eq!((ani.waiting(), ani.digest()), (0, world.center().digest(ani.device())));
}

fn note(id: &str, text: &str) -> AddNote {
    AddNote { id: id.to_owned(), text: text.to_owned(), photo: None }
}
