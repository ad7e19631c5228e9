//! What crews write in the field, as the console shows it: patients, disputes, calls for help, late arrivals.

#[path = "support/world.rs"]
mod world;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use siaga_center::exchange::answer::Turn;
use siaga_center::exchange::session;
use siaga_center::journal::{RecordWrite, Start};
use siaga_domain::entry::{self, Body as Entry, Strike};
use siaga_domain::id::{Epoch, PostCode, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::record::identity::{self, IdentityField, IdentityFieldName};
use siaga_domain::record::incident;
use siaga_domain::record::patient::{self, Sex, TriageIs, TriageMethod};
use siaga_domain::record::shift;
use siaga_domain::record::sos::Raised;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_domain::triage::TriageColor;
use siaga_wire::exchange::{Clock, Credential, ExchangeRequest, Outcome};
use siaga_wire::{VERSION, codec};
use world::{Phone, Sent, World};

const MINUTE: i64 = 60_000;

fn triage(color: TriageColor) -> Entry {
    Entry::Triage(TriageIs { color, method: TriageMethod::Start })
}

/// One patient of an incident, logged by `phone` with a name and a NIK.
fn patient(world: &World, phone: &Phone, incident: RecordId) -> Sent {
    let now = world.center.now();
    let identity = world.center.new_record();
    let opened = patient::Opened {
        incident,
        identity,
        sex: Sex::Female,
        age_years: Some(32),
        age_band: None,
        age_months: None,
        age_days: None,
        number: None,
    };
    let logged = world.write(
        phone,
        RecordKind::Patient,
        None,
        &[
            world.entry("Ani", now, &[], Entry::PatientOpened(opened)),
            world.entry("Ani", now, &[], triage(TriageColor::Yellow)),
        ],
    );
    let field = |name, value: &str| Entry::IdentityField(IdentityField { name, value: value.to_owned() });
    let named = world.write(
        phone,
        RecordKind::Identity,
        None,
        &[
            world.entry("Ani", now, &[], Entry::IdentityOpened(identity::Opened { patient: logged.document.0 })),
            world.entry("Ani", now, &[], field(IdentityFieldName::Name, "siti aminah")),
            world.entry("Ani", now, &[], field(IdentityFieldName::Nik, "6104164508900001")),
        ],
    );
    assert_eq!(world.receive(phone, "Ani", &logged).refused, 0);
    assert_eq!(world.receive(phone, "Ani", &named).refused, 0);
    logged
}

fn id_of(value: &Value) -> RecordId {
    value.as_str().expect("an id").parse().expect("an id")
}

#[tokio::test]
async fn two_crews_who_disagree_are_both_shown_until_a_human_chooses() {
    let world = World::new();
    let (ani, budi) = (world.phone("AMB-01", Role::Medic), world.phone("AMB-02", Role::Medic));
    let incident = world.flood().await;
    world.order(&incident, "AMB-01").await;
    world.order(&incident, "AMB-02").await;
    let id = incident["incident"]["id"].as_str().expect("an id");
    let base = patient(&world, &ani, id_of(&incident["incident"]["id"])).document;
    let yellow = base.1.entries().iter().find(|entry| entry.body.kind() == "triage").expect("triage").id;
    let set = |phone: &Phone, by: &str, color| {
        let entry = world.entry(by, world.center.now(), &[yellow], triage(color));
        let sent = world.write(phone, RecordKind::Patient, Some(&base), &[entry]);
        assert_eq!(world.receive(phone, by, &sent).refused, 0);
    };

    set(&ani, "Ani", TriageColor::Red);
    set(&budi, "Budi", TriageColor::Green);
    let disputed = world.get(&format!("/api/incidents/{id}")).await;
    let alerts = world.get("/api/alerts").await;
    let dispute = &disputed["disputes"][0];
    let choices = dispute["dispute"]["choices"].as_array().expect("choices");
    let red = choices.iter().find(|choice| choice["value"] == "red").expect("red");
    let resolve = |choice: &Value| json!({"record": dispute["record"], "field": "triage", "choice": choice});
    let path = format!("/api/incidents/{id}/resolve");
    let (wrong, _) = world.post(&path, resolve(&json!(yellow.to_string()))).await;
    let (chosen, settled) = world.post(&path, resolve(&red["author"]["entry"])).await;
    let (again, _) = world.post(&path, resolve(&red["author"]["entry"])).await;

    assert_eq!((choices.len(), &disputed["summary"]["dispute_count"]), (2, &json!(1)));
    assert!(
        alerts.as_array().expect("alerts").iter().any(|alert| alert["kind"] == "dispute" && alert["field"] == "triage")
    );
    assert_eq!((wrong, chosen, again), (StatusCode::BAD_REQUEST, StatusCode::OK, StatusCode::CONFLICT));
    assert_eq!(settled["disputes"], json!([]));
    assert_eq!(settled["summary"]["patients"]["red"], 1);
}

#[tokio::test]
async fn a_patient_is_shown_without_a_name_and_each_look_is_kept() {
    let world = World::new();
    let ani = world.phone("AMB-01", Role::Medic);
    let incident = world.flood().await;
    world.order(&incident, "AMB-01").await;
    let logged = patient(&world, &ani, id_of(&incident["incident"]["id"]));
    let looks = || {
        let (_, broken) = world.center.db().read(|tx| siaga_center::db::audit::verify(tx)).expect("the audit");
        assert_eq!(broken, None);
        world.center.db().read(|tx| siaga_center::db::audit::verify(tx)).expect("the audit").0
    };
    let before = looks();

    let detail = world.get(&format!("/api/incidents/{}", incident["incident"]["id"].as_str().expect("an id"))).await;
    world.get(&format!("/api/records/{}", logged.document.0)).await;
    world.get("/api/units").await;

    assert_eq!(detail["patients"][0]["initials"], "S. A.");
    assert_eq!(detail["patients"][0]["nik_masked"], "610416******0001");
    let text = detail.to_string();
    assert!(!text.contains("aminah") && !text.contains("4508900001"), "the detail of an incident names nobody");
    assert_eq!(looks(), before + 2);
}

#[tokio::test]
async fn the_bar_of_an_order_fills_as_the_crew_goes_and_late_presses_are_marked() {
    let world = World::new();
    let ani = world.phone("AMB-01", Role::Medic);
    let incident = world.flood().await;
    let order = world.order(&incident, "AMB-01").await;
    let id = id_of(&order["id"]);
    let step = |view: &Value, at: usize| view["steps"][at]["at_ms"].clone();
    let ordered = world.center.now();
    let base = (id, world.center.document(&id).expect("a load").expect("a document"));
    let press = |status, at| {
        let event = StatusEvent {
            status,
            lat: Some(-1.83),
            lon: Some(109.96),
            accuracy_m: Some(8.0),
            reason: None,
            outcome: None,
        };
        world.entry("Ani", at, &[], Entry::StatusEvent(event))
    };

    let untouched = world.get(&format!("/api/assignments/{id}")).await;
    world.pass(5);
    world.contact(&ani, 1_000_000);
    let held = world.get(&format!("/api/assignments/{id}")).await;
    let wrong = press(Status::AtPatient, ordered.plus(3 * MINUTE));
    let strike = Entry::Strike(Strike { target: wrong.id, reason: "salah tekan".to_owned() });
    let strike = world.entry("Ani", ordered.plus(4 * MINUTE), &[], strike);
    let entries = [
        press(Status::Accepted, ordered.plus(MINUTE)),
        press(Status::EnRoute, ordered.plus(2 * MINUTE)),
        wrong,
        strike,
    ];
    let sent = world.write(&ani, RecordKind::Assignment, Some(&base), &entries);
    world.pass(3_600);
    world.receive(&ani, "Ani", &sent);
    let done = world.get(&format!("/api/assignments/{id}")).await;
    let units = world.get("/api/units").await;

    assert_eq!(step(&untouched, 0), Value::Null, "no phone was told");
    assert_eq!((step(&held, 0), step(&held, 1)), (json!(ordered.0 + 5_000), json!(ordered.0 + 5_000)));
    assert_eq!((step(&done, 3), step(&done, 4)), (json!(ordered.0 + MINUTE), json!(ordered.0 + 2 * MINUTE)));
    assert_eq!(done["status"], "enroute");
    let events = done["events"].as_array().expect("events");
    assert_eq!(events.len(), 3, "a withdrawn press stays visible");
    assert_eq!((&events[0]["late"], &events[0]["nemsis"]), (&json!(true), &json!("eTimes.04")));
    assert_eq!(events[2]["struck"], "salah tekan");
    let unit = units.as_array().expect("units").iter().find(|unit| unit["unit"]["code"] == "AMB-01").expect("the unit");
    assert_eq!((&unit["state"], &unit["position_at_ms"]), (&json!("busy"), &json!(ordered.0 + 2 * MINUTE)));
}

#[tokio::test]
async fn a_free_unit_with_a_phone_is_proposed_when_the_ordered_one_stays_silent() {
    let world = World::new();
    world.ready("AMB-01", Role::Medic);
    world.ready("AMB-02", Role::Medic);
    world.ready("BPBD-01", Role::Volunteer);
    let incident = world.flood().await;
    let order = world.order(&incident, "AMB-01").await;
    let id = order["id"].as_str().expect("an id");
    let mut watch = siaga_center::alarm::Watch::default();

    world.pass(61);
    watch.look(&world.center).expect("a look");
    let rung = world.get(&format!("/api/assignments/{id}")).await;
    world.pass(60);
    watch.look(&world.center).expect("a look");
    let proposed = world.get(&format!("/api/assignments/{id}")).await;
    let detail = world.get(&format!("/api/incidents/{}", incident["incident"]["id"].as_str().expect("an id"))).await;

    assert_eq!((&rung["escalation"], &rung["next_unit"]), (&json!(1), &Value::Null));
    assert_eq!((&proposed["escalation"], &proposed["next_unit"]["unit"]), (&json!(2), &json!("AMB-02")));
    let suggested = detail["suggested"].as_array().expect("units");
    assert_eq!(suggested.len(), 2, "only free units with a phone are suggested");
}

#[tokio::test]
async fn a_call_for_help_stands_first_and_an_answer_only_lowers_its_tone() {
    let world = World::new();
    let relawan = world.phone("BPBD-03", Role::Volunteer);
    let raised = Raised { unit: "BPBD-03".to_owned(), lat: Some(-1.92), lon: Some(110.89), accuracy_m: Some(12.0) };
    let sent = world.write(
        &relawan,
        RecordKind::Sos,
        None,
        &[world.entry("Tono", world.center.now(), &[], Entry::SosRaised(raised))],
    );

    world.receive(&relawan, "Tono", &sent);
    let alerts = world.get("/api/alerts").await;
    let path = format!("/api/sos/{}/answer", sent.document.0);
    let (empty, _) = world.post(&path, json!({"text": " "})).await;
    let (answered, view) = world.post(&path, json!({"text": "bantuan berangkat"})).await;
    let after = world.get("/api/alerts").await;
    let (missing, _) = world.as_system(Method::GET, "/api/sos", None).await;

    assert_eq!((&alerts[0]["kind"], &alerts[0]["unit"]), (&json!("sos"), &json!("BPBD-03")));
    assert_eq!((empty, answered, missing), (StatusCode::BAD_REQUEST, StatusCode::OK, StatusCode::OK));
    assert_eq!((&view["open"], &view["sos"]["answers"][0]["text"]), (&json!(true), &json!("bantuan berangkat")));
    assert_eq!(
        (&alerts[0]["quiet"], &after[0]["kind"], &after[0]["quiet"]),
        (&json!(false), &json!("sos"), &json!(true))
    );
}

#[tokio::test]
async fn when_an_order_was_sent_and_reached_the_phone_stays_what_it_was_at_later_exchanges() {
    let world = World::new();
    let ani = world.phone("AMB-01", Role::Medic);
    let device = ani.device.id;
    let token = session::open(&world.center, &device, world.center.now()).expect("a session");
    let ask = |epoch, cursors| {
        let request = ExchangeRequest {
            version: VERSION,
            device,
            epoch,
            cursors,
            clock: Clock { device_ms: world.center.now().0, monotonic_ms: 0, boot: 1 },
            hold_ms: 0,
            budget_bytes: 1_000_000,
            credential: Credential::Token(token.clone()),
            envelopes: Vec::new(),
            newest_fix: None,
            trail: Vec::new(),
            packed_trail: Vec::new(),
            repair: None,
            verdicts_up_to: None,
            thin: None,
            satellite_ahead_ms: None,
            terms: None,
            files_after: None,
        };
        let body = codec::encode(&request).expect("a request");
        match world.center.exchange(&body, world.center.now()).expect("an answer") {
            Turn::Answer(answer) => match answer.outcome {
                Outcome::Exchanged(exchanged) => (answer.epoch, exchanged.cursors),
                other => panic!("not exchanged: {other:?}"),
            },
            Turn::Hold(_) => panic!("nothing asked to be held"),
        }
    };
    let incident = world.flood().await;
    let order = world.order(&incident, "AMB-01").await;
    let path = format!("/api/assignments/{}", order["id"].as_str().expect("an id"));
    let notes = format!("/api/incidents/{}/notes", incident["incident"]["id"].as_str().expect("an id"));
    let ordered = world.center.now().0;

    world.pass(5);
    let (epoch, told) = ask(Epoch::default(), [0, 0]);
    let sent = world.get(&path).await;
    world.pass(7);
    let (_, mut cursors) = ask(epoch, told);
    for number in 0..3 {
        world.pass(60);
        world.post(&notes, json!({"text": format!("kabar {number}")})).await;
        let (_, next) = ask(epoch, cursors);
        assert_ne!(next, cursors, "something new is told");
        cursors = next;
    }
    let later = world.get(&path).await;

    let step = |view: &Value, at: usize| view["steps"][at]["at_ms"].clone();
    assert_eq!((step(&sent, 0), step(&sent, 1)), (json!(ordered + 5_000), Value::Null));
    assert_eq!((step(&later, 0), step(&later, 1)), (json!(ordered + 5_000), json!(ordered + 12_000)));
}

#[tokio::test]
async fn a_place_measured_to_the_last_digit_is_not_called_damaged() {
    let world = World::new();
    let opened = incident::Opened {
        source: incident::Source::Call,
        narrative: "air naik".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    };
    for step in 0..60_u32 {
        let there = f64::from(step) * 1.0e-6 / 3.0;
        let place = incident::PlaceIs {
            lat: Some(-1.923 - there),
            lon: Some(110.890 + there),
            accuracy_m: Some(7.0 + there),
            village: None,
            landmark: None,
        };
        let entries = vec![Entry::IncidentOpened(opened.clone()), Entry::Place(place)];
        let record = world.center.new_record();
        let write = RecordWrite { record, kind: RecordKind::Incident, start: Start::Create, entries };
        world.center.write(write, "dispatcher").expect("an incident");
    }

    let problems = world.center.check().expect("a check").problems;

    assert_eq!(problems, []);
}

/// Whatever stands where a time should.
const HOSTILE: [i64; 7] = [i64::MIN, -1, 0, 86_400_000, 2_082_758_400_000, 9_000_000_000_000_000, i64::MAX];

#[tokio::test]
async fn a_record_of_any_time_is_admitted_shown_as_a_wrong_clock_and_ordered_by_its_receipt() {
    for at in HOSTILE {
        let world = World::new();
        let ani = world.phone("AMB-01", Role::Medic);
        let (before, received) = (world.center.now(), world.center.now().0);
        let raised = Raised { unit: "AMB-01".to_owned(), lat: None, lon: None, accuracy_m: None };
        let reported = incident::Opened {
            source: incident::Source::Field,
            narrative: "banjir".to_owned(),
            caller_name: None,
            caller_phone: None,
            unit: Some("AMB-01".to_owned()),
        };
        let note = entry::Note { text: "sesudahnya".to_owned(), ..entry::Note::default() };
        let sos =
            world.write(&ani, RecordKind::Sos, None, &[world.entry("Ani", UtcMs(at), &[], Entry::SosRaised(raised))]);
        let report = world.write(
            &ani,
            RecordKind::Incident,
            None,
            &[
                world.entry("Ani", UtcMs(at), &[], Entry::IncidentOpened(reported)),
                world.entry("Ani", before.plus(-MINUTE), &[], Entry::Note(note)),
            ],
        );

        let tallies = [world.receive(&ani, "Ani", &sos), world.receive(&ani, "Ani", &report)];
        world.pass(600);
        let (seen, detail) =
            (world.get("/api/sos").await, world.get(&format!("/api/incidents/{}", report.document.0)).await);
        let alerts = world.get("/api/alerts").await;

        assert!(tallies.iter().all(|tally| tally.refused == 0), "nothing is refused for a time: {at}");
        assert_eq!(seen[0]["sos"]["raised"]["at_ms"], received, "{at}");
        assert_eq!(seen[0]["sos"]["raised"]["wrong_clock"], true, "{at}");
        assert_eq!(seen[0]["sos"]["raised"]["at_device_ms"], at, "what the phone said is kept");
        let since: Vec<&Value> = alerts
            .as_array()
            .expect("alerts")
            .iter()
            .filter(|alert| alert["kind"] == "sos")
            .map(|alert| &alert["since_ms"])
            .collect();
        assert_eq!(since, [&json!(received)], "{at}");
        assert_eq!(
            (&detail["summary"]["opened_at_ms"], &detail["summary"]["opened_wrong_clock"]),
            (&json!(received), &json!(true))
        );
        let kinds: Vec<(&str, bool)> = detail["timeline"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|item| Some((item["kind"].as_str()?, item["wrong_clock"].as_bool()?)))
            .collect();
        assert_eq!(kinds, [("note", false), ("opened", true)], "by the receipt: {at}");
    }
}

#[tokio::test]
async fn a_shift_planned_for_any_time_staffs_its_post_and_is_listed() {
    for (from, until) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (0, 43_200_000), (i64::MAX - 1, i64::MAX)] {
        let world = World::new();
        let ani = world.phone("AMB-01", Role::Medic);
        let units = world.get("/api/units").await;
        let own = units.as_array().expect("units").iter().find(|one| one["unit"]["code"] == "AMB-01").expect("a unit");
        let post = PostCode::new(own["unit"]["post"].as_str().expect("a post")).expect("a code");
        let now = world.center.now();
        let planned = shift::Planned { post: post.clone(), from_ms: UtcMs(from), until_ms: UtcMs(until) };
        let here = shift::CheckIn { name: "Ani".to_owned(), unit: None };
        let sent = world.write(
            &ani,
            RecordKind::Shift,
            None,
            &[
                world.entry("Ani", now, &[], Entry::Planned(planned)),
                world.entry("Ani", now, &[], Entry::CheckIn(here)),
            ],
        );

        assert_eq!(world.receive(&ani, "Ani", &sent).refused, 0, "{from} {until}");

        let posts = world.get("/api/posts").await;
        let view = posts.as_array().expect("posts").iter().find(|one| one["post"]["code"] == post.as_str());
        let view = view.expect("the post");
        assert_ne!(view["status"]["state"], "empty", "{from} {until}: {}", view["status"]);
        let planned = view["shifts"].as_array().expect("shifts").iter().find(|one| one["wrong_clock"] == true);
        assert_eq!(planned.expect("the shift")["from_ms"], now.0, "{from} {until}");
    }
}

#[tokio::test]
async fn times_logged_before_they_were_judged_are_judged_when_the_center_opens() {
    let world = World::new();
    let ani = world.phone("AMB-01", Role::Medic);
    let raised = Raised { unit: "AMB-01".to_owned(), lat: None, lon: None, accuracy_m: None };
    let sos =
        world.write(&ani, RecordKind::Sos, None, &[world.entry("Ani", UtcMs(i64::MAX), &[], Entry::SosRaised(raised))]);
    let received = world.center.now().0;
    assert_eq!(world.receive(&ani, "Ani", &sos).refused, 0);
    // As 0.2.0 left it: the claim in the projection, and nothing judged.
    let as_before = "DELETE FROM claimed_time; DELETE FROM setting WHERE name = 'times_judged_up_to';
        UPDATE projection SET json = json_remove(json_set(json, '$.raised.at_ms', 9223372036854775807), '$.raised.wrong_clock')
        WHERE kind = 'sos';";
    let undone = |tx: &rusqlite::Connection| {
        tx.execute_batch(as_before).expect("a batch");
        Ok::<_, siaga_center::db::DbError>(())
    };
    world.center.db().write(undone).expect("written");
    assert_eq!(world.get("/api/sos").await[0]["sos"]["raised"]["at_ms"], i64::MAX);

    world.center.judge_old_times().expect("judged");

    let seen = world.get("/api/sos").await;
    assert_eq!(
        (&seen[0]["sos"]["raised"]["at_ms"], &seen[0]["sos"]["raised"]["wrong_clock"]),
        (&json!(received), &json!(true))
    );
}
