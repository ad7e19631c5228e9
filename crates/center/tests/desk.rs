//! What the desk must never lose, silence or do twice.
#![allow(clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "support/world.rs"]
mod world;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use siaga_center::alarm::Watch;
use siaga_center::journal::{RecordWrite, Start};
use siaga_domain::category::Category;
use siaga_domain::entry::Body as Entry;
use siaga_domain::id::RecordId;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::incident::{CategoryIs, Closed, ClosureReason, Opened, Priority, PriorityIs, Source};
use siaga_domain::record::sos::{CancelledBy, Raised};
use siaga_domain::status::Status;
use std::sync::Arc;
use world::{Person, Phone, Sent, World};

fn raise(world: &World, phone: &Phone) -> Sent {
    let raised = Raised { unit: "BPBD-03".to_owned(), lat: Some(-1.92), lon: Some(110.89), accuracy_m: Some(12.0) };
    let entry = world.entry("Tono", world.center.now(), &[], Entry::SosRaised(raised));
    let sent = world.write(phone, RecordKind::Sos, None, &[entry]);
    world.receive(phone, "Tono", &sent);
    sent
}

fn cancel(world: &World, phone: &Phone, sos: &RecordId) {
    let base = (*sos, world.center.document(sos).expect("a load").expect("a document"));
    let cancelled = Entry::SosCancelled(CancelledBy { reason: "salah tekan".to_owned(), holds: None });
    let entry = world.entry("Tono", world.center.now(), &[], cancelled);
    let sent = world.write(phone, RecordKind::Sos, Some(&base), &[entry]);
    world.receive(phone, "Tono", &sent);
}

async fn one_sos(world: &World) -> Value {
    world.get("/api/sos").await[0].clone()
}

async fn alert_of(world: &World, kind: &str) -> Option<Value> {
    world.get("/api/alerts").await.as_array().expect("alerts").iter().find(|alert| alert["kind"] == kind).cloned()
}

fn id_of(view: &Value) -> String {
    view.pointer("/incident/id").or_else(|| view.pointer("/id")).and_then(Value::as_str).expect("an id").to_owned()
}

// A call for help.

#[tokio::test]
async fn only_a_person_who_says_who_says_so_and_how_ends_a_call_for_help() {
    let world = World::new();
    let phone = world.phone("BPBD-03", Role::Volunteer);
    let sos = raise(&world, &phone).document.0;
    let siti = world.person("dispatcher").await;
    let path = format!("/api/sos/{sos}/safe");
    let word = json!({"said_by": "Tono", "how": "radio"});

    world.act(&siti, &format!("/api/sos/{sos}/answer"), None, json!({"text": "bantuan berangkat"})).await;
    let answered = one_sos(&world).await;
    let (by_system, _) = world.post(&path, word.clone()).await;
    let (without, wrong) = world.act(&siti, &path, None, json!({"said_by": " ", "how": "radio"})).await;
    let (ended, view) = world.act(&siti, &path, None, word.clone()).await;
    let (again, standing) = world.act(&siti, &path, None, word).await;
    let (late, _) = world.act(&siti, &format!("/api/sos/{sos}/answer"), None, json!({"text": "x"})).await;

    assert_eq!((&answered["open"], &answered["state"]), (&json!(true), &json!("answered")));
    assert_eq!(
        (by_system, without, &wrong["argument"]),
        (StatusCode::FORBIDDEN, StatusCode::BAD_REQUEST, &json!("said_by"))
    );
    assert_eq!((ended, &view["open"], &view["state"]), (StatusCode::OK, &json!(false), &json!("safe")));
    assert_eq!(view["sos"]["safe"]["said_by"], "Tono");
    assert_eq!(
        (again, &standing["standing"]["how"], late),
        (StatusCode::CONFLICT, &json!("radio"), StatusCode::CONFLICT)
    );
    let kinds: Vec<String> =
        world.center.entries(&sos).expect("entries").iter().map(|entry| entry.body.kind().to_owned()).collect();
    assert!(kinds.contains(&"sos_cancelled".to_owned()), "0.2.0 raises another one only after this: {kinds:?}");
    assert_eq!(alert_of(&world, "sos").await, None);
}

#[tokio::test]
async fn a_call_for_help_that_the_crew_took_back_stays_in_a_lower_tone_until_a_desk_confirms_it() {
    let world = World::new();
    let phone = world.phone("BPBD-03", Role::Volunteer);
    let sos = raise(&world, &phone).document.0;
    let siti = world.person("dispatcher").await;

    cancel(&world, &phone, &sos);
    let alert = alert_of(&world, "sos").await.expect("it stays");
    let (ended, view) =
        world.act(&siti, &format!("/api/sos/{sos}/safe"), None, json!({"said_by": "Tono", "how": "telepon"})).await;

    assert_eq!((&alert["quiet"], &alert["sos"]), (&json!(true), &json!("cancelled_by_crew")));
    assert_eq!((ended, &view["open"], &view["state"]), (StatusCode::OK, &json!(false), &json!("safe")));
}

#[tokio::test]
async fn a_call_for_help_held_again_after_its_end_is_open_again() {
    let world = World::new();
    let phone = world.phone("BPBD-03", Role::Volunteer);
    let sos = raise(&world, &phone).document.0;
    let siti = world.person("dispatcher").await;
    world.act(&siti, &format!("/api/sos/{sos}/safe"), None, json!({"said_by": "Tono", "how": "radio"})).await;

    // The phone begins a record of its own for it: the one that ended stays ended.
    let again = raise(&world, &phone).document.0;

    let views = world.get("/api/sos").await;
    let of = |id: RecordId| {
        let views = views.as_array().expect("calls");
        views.iter().find(|view| view["sos"]["id"] == id.to_string()).expect("a call").clone()
    };
    assert_eq!((&of(again)["open"], &of(again)["state"]), (&json!(true), &json!("raised")));
    assert_eq!((&of(sos)["open"], &of(sos)["state"]), (&json!(false), &json!("safe")));
}

/// Takes the database back to before the desk had columns of its own, and migrates it again.
fn migrate_again(world: &World) {
    let before = "DROP INDEX projection_open; DROP INDEX projection_disputed; ALTER TABLE projection DROP COLUMN open;
        ALTER TABLE projection DROP COLUMN disputes; DROP TABLE sos_ended; DROP TABLE sos_incident; DROP TABLE tick;
        DROP TABLE waiting; DROP TABLE answered_request;";
    let step = include_str!("../src/db/022_desk.sql");
    world
        .center
        .db()
        .write(|tx| {
            tx.execute_batch(before).and_then(|()| tx.execute_batch(step)).expect("migrated");
            Ok::<_, siaga_center::db::DbError>(())
        })
        .expect("written");
}

#[tokio::test]
async fn a_call_for_help_answered_before_the_update_stays_ended_and_an_open_one_stays_open() {
    let world = World::new();
    let phones = [(); 3].map(|()| world.phone("BPBD-03", Role::Volunteer));
    let [answered, cancelled, open] = phones.each_ref().map(|phone| raise(&world, phone));
    let [_, phone, _] = phones;
    let path = format!("/api/sos/{}/answer", answered.document.0);
    world.post(&path, json!({"text": "bantuan berangkat"})).await;
    cancel(&world, &phone, &cancelled.document.0);

    migrate_again(&world);
    // What comes later projects the record anew.
    world
        .center
        .write(
            RecordWrite {
                record: answered.document.0,
                kind: RecordKind::Sos,
                start: Start::Append,
                entries: vec![Entry::Note(siaga_domain::entry::Note { text: "selesai".into(), ..Default::default() })],
            },
            "center",
        )
        .expect("a note");
    let views = world.get("/api/sos").await;

    let open_ones: Vec<&str> = views
        .as_array()
        .expect("calls")
        .iter()
        .filter(|view| view["open"] == true)
        .filter_map(|view| view["sos"]["id"].as_str())
        .collect();
    assert_eq!(open_ones, [open.document.0.to_string()]);
}

#[tokio::test]
async fn units_are_sent_to_a_call_for_help_through_one_incident_however_many_desks_press() {
    let world = World::new();
    let phone = world.phone("BPBD-03", Role::Volunteer);
    let sos = raise(&world, &phone).document.0;
    let path = format!("/api/sos/{sos}/incident");

    let (made, first) = world.post(&path, json!({"narrative": "SOS BPBD-03"})).await;
    let (_, second) = world.post(&path, json!({})).await;
    let order = world.order(&first, "BPBD-01").await;

    assert_eq!((made, id_of(&first)), (StatusCode::CREATED, id_of(&second)));
    assert_eq!(first["summary"]["priority"], "1");
    assert_eq!(first["incident"]["place"]["value"]["lat"], -1.92);
    assert_eq!(one_sos(&world).await["incident"], json!(id_of(&first)));
    assert_eq!(order["incident"], json!(id_of(&first)));
    assert_eq!(one_sos(&world).await["open"], true, "sending units does not end it");
}

// A call nobody was sent to.

async fn unsent(world: &World) -> Option<(i64, bool)> {
    alert_of(world, "unsent").await.map(|alert| (alert["level"].as_i64().expect("a level"), alert["quiet"] == true))
}

#[tokio::test]
async fn a_call_nobody_was_sent_to_rises_until_somebody_takes_it_and_sounds_again_when_still_nobody_goes() {
    let world = World::new();
    let siti = world.person("dispatcher").await;
    let incident = world.flood().await;
    let id = id_of(&incident);

    let mut seen = vec![unsent(&world).await];
    for _ in 0..3 {
        world.pass(60);
        seen.push(unsent(&world).await);
    }
    let (by_system, _) = world.post("/api/taken", json!({"incidents": [id]})).await;
    let (taken, view) = world.act(&siti, "/api/taken", None, json!({"incidents": [id], "desk": "Meja 2"})).await;
    seen.push(unsent(&world).await);
    world.pass(179);
    seen.push(unsent(&world).await);
    world.pass(1);
    seen.push(unsent(&world).await);
    world.pass(60);
    seen.push(unsent(&world).await);
    world.order(&incident, "BPBD-03").await;
    seen.push(unsent(&world).await);

    let levels = [(0, false), (1, false), (2, false), (3, false), (0, true), (0, true), (0, false), (1, false)];
    assert_eq!(seen, levels.into_iter().map(Some).chain([None]).collect::<Vec<_>>());
    assert_eq!((by_system, taken), (StatusCode::FORBIDDEN, StatusCode::OK));
    assert_eq!((&view[0]["quiet"], &view[0]["taken"]["desk"]), (&json!(true), &json!("Meja 2")));
    let (again, _) = world.act(&siti, "/api/taken", None, json!({"incidents": [id]})).await;
    assert_eq!(again, StatusCode::CONFLICT, "it has a unit");
}

#[tokio::test]
async fn neither_a_restart_nor_a_clock_that_somebody_sets_changes_how_long_a_call_or_an_order_has_waited() {
    let world = World::new();
    let call = world.flood().await;
    let ordered = world.flood().await;
    let order = world.order(&ordered, "BPBD-03").await;
    let mut watch = Watch::default();
    watch.look(&world.center).expect("a look");

    world.pass(61);
    world.set_clock_by(-3_600);
    let world = world.restarted();
    let back = watch.look(&world.center).expect("a look");
    let level_back = unsent(&world).await;
    world.set_clock_by(2 * 86_400);
    let world = world.restarted();
    let ahead = Watch::default().look(&world.center).expect("a look");
    let level_ahead = unsent(&world).await;
    let line = world.get(&format!("/api/incidents/{}", id_of(&call))).await["summary"]["waiting"].clone();

    assert_eq!(back.escalated, [(order["id"].as_str().expect("an id").parse().expect("an id"), 1)]);
    assert_eq!(ahead.escalated, []);
    assert_eq!((level_back, level_ahead), (Some((1, false)), Some((1, false))));
    assert_eq!(world.center.now().0 - line["since_ms"].as_i64().expect("a time"), 61_000);
}

#[tokio::test]
async fn a_call_whose_units_all_declined_or_were_taken_back_sounds_again_and_one_whose_work_is_done_does_not() {
    let world = World::new();
    let phone = world.ready("AMB-01", Role::Medic);
    let incident = world.flood().await;
    let order = world.order(&incident, "AMB-01").await;
    world.pass(600);

    world.press(&phone, &order, Status::Declined, Some("ban bocor"));
    let declined = alert_of(&world, "declined").await.expect("it sounds");
    let second = world.order(&incident, "BPBD-03").await;
    let held = alert_of(&world, "declined").await;
    world.post(&format!("/api/assignments/{}/cancel", id_of(&second)), json!({"reason": "salah unit"})).await;
    let taken_back = alert_of(&world, "declined").await.expect("it sounds");
    let third = world.order(&incident, "AMB-01").await;
    world.press(&phone, &third, Status::Available, None);
    let done = (alert_of(&world, "declined").await, unsent(&world).await);
    world.post(&format!("/api/incidents/{}/close", id_of(&incident)), json!({"reason": "done"})).await;
    world.post(&format!("/api/incidents/{}/reopen", id_of(&incident)), json!({"text": "air naik lagi"})).await;
    let reopened = world.get("/api/incidents").await[0]["waiting"].clone();

    assert_eq!((&declined["level"], &declined["quiet"]), (&json!(0), &json!(false)), "a wait of its own");
    assert_eq!(held, None);
    assert_eq!(taken_back["incident"], json!(id_of(&incident)));
    assert_eq!(done, (None, None));
    assert!(reopened.is_object(), "opened again, and nobody is there: {reopened}");
}

#[tokio::test]
async fn several_calls_are_taken_in_one_act_and_each_is_in_the_audit() {
    let world = World::new();
    let siti = world.person("dispatcher").await;
    let ids: Vec<String> = [world.flood().await, world.flood().await].iter().map(id_of).collect();

    let (status, views) = world.act(&siti, "/api/taken", None, json!({"incidents": ids})).await;

    assert_eq!((status, views.as_array().map(Vec::len)), (StatusCode::OK, Some(2)));
    let rows: i64 = world
        .center
        .db()
        .read(|tx| {
            Ok::<_, siaga_center::db::DbError>(
                tx.query_row("SELECT count(*) FROM audit WHERE act = 'incident.take'", [], |row| row.get(0))
                    .expect("a count"),
            )
        })
        .expect("read");
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn times_are_set_by_a_supervisor_within_their_limits() {
    let world = World::new();
    let (siti, rudi) = (world.person("dispatcher").await, world.person("supervisor").await);

    let (denied, _) = world.act(&siti, "/api/settings", None, json!({"unsent_all_s": 30})).await;
    let (low, wrong) = world.act(&rudi, "/api/settings", None, json!({"unsent_all_s": 0})).await;
    let (falls, _) = world.act(&rudi, "/api/settings", None, json!({"unsent_all_s": 150})).await;
    let (set, times) = world.act(&rudi, "/api/settings", None, json!({"unsent_all_s": 30})).await;
    world.flood().await;
    world.pass(30);

    assert_eq!(
        (denied, low, falls, set),
        (StatusCode::FORBIDDEN, StatusCode::BAD_REQUEST, StatusCode::BAD_REQUEST, StatusCode::OK)
    );
    assert_eq!((&wrong["argument"], &times["unsent_all_s"]), (&json!("unsent_all_s"), &json!(30)));
    assert_eq!(unsent(&world).await, Some((1, false)));
}

// Everything open is listed.

fn opened(narrative: &str, closed: bool) -> Vec<Entry> {
    let opened = Opened {
        source: Source::Call,
        narrative: narrative.to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    };
    let mut entries = vec![
        Entry::IncidentOpened(opened),
        Entry::Category(CategoryIs { category: Category::Flood }),
        Entry::Priority(PriorityIs { priority: Priority::P1 }),
    ];
    if closed {
        entries.push(Entry::Closed(Closed { reason: ClosureReason::Done, text: String::new() }));
    }
    entries
}

fn many(world: &World, count: usize, closed: bool) {
    let write = |_| RecordWrite {
        record: world.center.new_record(),
        kind: RecordKind::Incident,
        start: Start::Create,
        entries: opened("panggilan", closed),
    };
    world.center.write_all((0..count).map(write).collect(), "center").expect("incidents");
}

#[tokio::test]
async fn an_open_incident_is_listed_whatever_came_after_it() {
    let world = World::new();
    let oldest = id_of(&world.flood().await);
    world.pass(1);
    many(&world, 505, true);
    many(&world, 505, false);

    let (all, open, closed) = (
        world.get("/api/incidents?state=all").await,
        world.get("/api/incidents").await,
        world.get("/api/incidents?state=closed").await,
    );

    let has = |list: &Value| list.as_array().expect("a list").iter().any(|one| one["id"] == oldest.as_str());
    let count = |list: &Value| list.as_array().map(Vec::len);
    assert!(has(&all) && has(&open));
    assert_eq!((count(&all), count(&open), count(&closed)), (Some(1_006), Some(506), Some(500)));
    let alerts = world.get("/api/alerts").await;
    assert_eq!(alerts.as_array().expect("alerts").iter().filter(|alert| alert["kind"] == "unsent").count(), 506);
}

// One bad row.

#[tokio::test]
async fn a_projection_that_cannot_be_read_costs_itself_and_is_made_anew_from_the_log() {
    let world = World::new();
    let incident = world.flood().await;
    let order = world.order(&incident, "BPBD-03").await;
    world.flood().await;
    let spoil = |id: &str, sql: &str| {
        let id: RecordId = id.parse().expect("an id");
        world
            .center
            .db()
            .write(|tx| {
                tx.execute(sql, [id.as_bytes()]).expect("spoilt");
                Ok::<_, siaga_center::db::DbError>(())
            })
            .expect("written");
    };
    let cut = "UPDATE projection SET json = substr(json, 1, 40) WHERE record = ?1";
    let strange = "UPDATE projection SET json = '{\"kind\":\"other\"}' WHERE record = ?1";

    for (target, sql) in [(id_of(&incident), cut), (id_of(&order), cut), (id_of(&incident), strange)] {
        spoil(&target, sql);
        let mut watch = Watch::default();
        watch.look(&world.center).expect("the clock goes on");
        spoil(&target, sql);
        let list = world.get("/api/incidents").await;
        world.get("/api/alerts").await;
        world.get("/api/units").await;
        world.get("/api/assignments?state=all").await;

        let line = list.as_array().expect("a list").iter().find(|one| one["id"] == id_of(&incident)).expect("listed");
        assert_eq!(line["units"][0]["unit"], "BPBD-03");
        assert_eq!(world.center.check().expect("a check").problems, [], "written anew");
    }
}

// Look and write in one.

/// Two desks press at the same moment, many times.
async fn both(world: &World, first: (&Person, &str, Value), second: (&Person, &str, Value)) -> [StatusCode; 2] {
    let send = |(person, path, body): (&Person, &str, Value)| {
        let headers = [("cookie", person.cookie.as_str()), ("X-Siaga-CSRF", person.csrf.as_str())];
        let request = world.request(Method::POST, path, &headers, Some(body));
        let router = world.router.clone();
        tokio::spawn(async move { tower::ServiceExt::oneshot(router, request).await.expect("an answer").status() })
    };
    let (one, other) = (send(first), send(second));
    let mut seen = [one.await.expect("an end"), other.await.expect("an end")];
    seen.sort();
    seen
}

const ONE_OF_TWO: [StatusCode; 2] = [StatusCode::CREATED, StatusCode::CONFLICT];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_desks_that_order_one_unit_at_once_give_one_order() {
    let world = World::new();
    let (siti, rudi) = (world.person("dispatcher").await, world.person("supervisor").await);
    let (here, there) = (id_of(&world.flood().await), id_of(&world.flood().await));

    for round in 0..50 {
        let other = if round % 2 == 0 { &here } else { &there };
        let order = |incident: &str| json!({"incident": incident, "unit": "AMB-01"});
        let seen =
            both(&world, (&siti, "/api/assignments", order(&here)), (&rudi, "/api/assignments", order(other))).await;
        let open = world.get("/api/assignments").await;

        assert_eq!(seen, ONE_OF_TWO, "round {round}");
        assert_eq!(open.as_array().map(Vec::len), Some(1), "round {round}");
        let path = format!("/api/assignments/{}/cancel", id_of(&open[0]));
        let reason = json!({"reason": "uji"});
        let seen = both(&world, (&siti, &path, reason.clone()), (&rudi, &path, reason)).await;
        assert_eq!(seen, [StatusCode::OK, StatusCode::CONFLICT], "cancelled twice in round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_that_closes_while_a_unit_is_ordered_never_keeps_an_open_order() {
    let world = World::new();
    let (siti, rudi) = (world.person("dispatcher").await, world.person("supervisor").await);

    for round in 0..50 {
        let id = id_of(&world.flood().await);
        let close = format!("/api/incidents/{id}/close");
        let order = json!({"incident": id, "unit": "AMB-01"});
        both(&world, (&siti, &close, json!({"reason": "done"})), (&rudi, "/api/assignments", order)).await;
        let again =
            both(&world, (&siti, &close, json!({"reason": "done"})), (&rudi, &close, json!({"reason": "done"}))).await;

        assert_eq!(world.get("/api/assignments").await, json!([]), "round {round}");
        assert_eq!(again, [StatusCode::CONFLICT; 2], "round {round}");
    }
}

#[tokio::test]
async fn the_second_desk_is_given_the_first_order_and_sends_the_unit_all_the_same_only_with_a_reason() {
    let world = World::new();
    let (here, there) = (world.flood().await, world.flood().await);
    let first = world.order(&here, "AMB-01").await;
    let order = |also: Option<&str>| json!({"incident": id_of(&there), "unit": "AMB-01", "also": also});

    let (refused, error) = world.post("/api/assignments", order(None)).await;
    world.pass(1);
    let (empty, _) = world.post("/api/assignments", order(Some("  "))).await;
    let (passed, second) = world.post("/api/assignments", order(Some("jalan sama"))).await;
    let detail = world.get(&format!("/api/incidents/{}", id_of(&there))).await;
    let units = world.get("/api/units").await;

    assert_eq!((refused, &error["standing"]["assignment"]), (StatusCode::CONFLICT, &first["id"]));
    assert_eq!((empty, passed), (StatusCode::BAD_REQUEST, StatusCode::CREATED));
    assert_eq!(detail["incident"]["notes"][0]["text"], "AMB-01: jalan sama");
    let unit = units.as_array().expect("units").iter().find(|unit| unit["unit"]["code"] == "AMB-01").expect("a unit");
    let shown: Vec<&Value> = unit["orders"].as_array().expect("orders").iter().map(|one| &one["assignment"]).collect();
    assert_eq!(shown, [&second["id"], &first["id"]]);
}

#[tokio::test]
async fn a_unit_at_work_that_is_ordered_elsewhere_is_shown_where_it_is_furthest() {
    let world = World::new();
    let phone = world.ready("AMB-01", Role::Medic);
    let (here, there) = (world.flood().await, world.flood().await);
    let first = world.order(&here, "AMB-01").await;
    world.press(&phone, &first, Status::OnScene, None);
    world.post("/api/assignments", json!({"incident": id_of(&there), "unit": "AMB-01", "also": "jalan sama"})).await;

    let units = world.get("/api/units").await;

    let unit = units.as_array().expect("units").iter().find(|unit| unit["unit"]["code"] == "AMB-01").expect("a unit");
    assert_eq!((&unit["incident"], &unit["state"]), (&json!(id_of(&here)), &json!("busy")));
    assert_eq!(unit["orders"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_desk_that_corrects_what_another_desk_corrected_meanwhile_is_shown_what_stands() {
    let world = World::new();
    let incident = world.flood().await;
    let path = |what: &str| format!("/api/incidents/{}/{what}", id_of(&incident));
    let seen = incident["incident"]["place"]["author"]["entry"].clone();
    let place = |landmark: &str| json!({"landmark": landmark, "expected": seen});
    let priority = |to: &str| json!({"priority": to, "expected": "1"});
    let category = |to: &str| json!({"category": to, "expected": "BANJIR"});

    for (what, first, second, stands) in [
        ("place", place("dermaga"), place("masjid"), json!("dermaga")),
        ("priority", priority("2"), priority("3"), json!("2")),
        ("category", category("BAKAR-BGN"), category("MED"), json!("BAKAR-BGN")),
    ] {
        let (done, answer) = world.post(&path(what), first).await;
        let (late, error) = world.post(&path(what), second).await;

        assert_eq!(done, StatusCode::OK, "{what}: {answer}");
        assert_eq!(late, StatusCode::CONFLICT, "{what}");
        assert!(error["standing"].to_string().contains(stands.as_str().expect("a text")), "{what}: {error}");
    }
}

// Ready.

async fn state_of(world: &World, unit: &str) -> Value {
    let units = world.get("/api/units").await;
    units.as_array().expect("units").iter().find(|one| one["unit"]["code"] == unit).expect("a unit")["state"].clone()
}

#[tokio::test]
async fn a_unit_is_ready_only_with_a_crew_on_duty_and_a_confirmed_phone_that_was_heard_of_lately() {
    let world = World::new();
    let mut seen = vec![state_of(&world, "AMB-01").await];
    let phone = world.phone("AMB-01", Role::Medic);
    seen.push(state_of(&world, "AMB-01").await);
    world.check_in("AMB-01");
    seen.push(state_of(&world, "AMB-01").await);
    world.contact(&phone, 0);
    seen.push(state_of(&world, "AMB-01").await);
    world.pass(37 * 60);
    seen.push(state_of(&world, "AMB-01").await);
    let proposed = world.flood().await["suggested"].clone();
    // Somebody sets the center's clock back, and forward again.
    world.set_clock_by(-3600);
    seen.push(state_of(&world, "AMB-01").await);
    let aged = world.get("/api/devices").await[0].clone();
    world.set_clock_by(3600);
    world.contact(&phone, 0);
    world.set_clock_by(3600);
    seen.push(state_of(&world, "AMB-01").await);

    assert_eq!(seen, ["no_device", "no_crew", "silent", "available", "silent", "silent", "available"]);
    let number = |name: &str| aged[name].as_i64().expect("a time");
    assert_eq!(number("now_ms") - number("last_contact_ms"), 37 * 60_000);
    assert_eq!(proposed, json!([]));
}

#[tokio::test]
async fn a_unit_whose_crew_calls_for_help_is_not_ready_and_not_proposed_until_somebody_says_that_it_is_safe() {
    let world = World::new();
    let phone = world.ready("BPBD-03", Role::Volunteer);
    let mut seen = vec![state_of(&world, "BPBD-03").await];
    let sos = raise(&world, &phone).document.0;
    seen.push(state_of(&world, "BPBD-03").await);
    let proposed = world.flood().await["suggested"].clone();
    cancel(&world, &phone, &sos);
    seen.push(state_of(&world, "BPBD-03").await);
    let siti = world.person("dispatcher").await;
    world.act(&siti, &format!("/api/sos/{sos}/safe"), None, json!({"said_by": "Tono", "how": "radio"})).await;
    seen.push(state_of(&world, "BPBD-03").await);

    assert_eq!(seen, ["available", "in_danger", "in_danger", "available"]);
    assert_eq!(proposed, json!([]));
}

#[tokio::test]
async fn a_unit_that_declined_an_incident_is_not_proposed_for_it_again_and_can_still_be_ordered() {
    let world = World::new();
    let phone = world.ready("AMB-01", Role::Medic);
    world.ready("AMB-02", Role::Medic);
    let incident = world.flood().await;
    let order = world.order(&incident, "AMB-01").await;
    world.press(&phone, &order, Status::Declined, Some("ban bocor"));
    let second = world.order(&incident, "AMB-02").await;
    world.post(&format!("/api/assignments/{}/cancel", id_of(&second)), json!({"reason": "uji"})).await;

    let detail = world.get(&format!("/api/incidents/{}", id_of(&incident))).await;
    let alert = alert_of(&world, "declined").await.expect("nobody goes");
    let (again, _) = world.post("/api/assignments", json!({"incident": id_of(&incident), "unit": "AMB-01"})).await;

    let proposed: Vec<&Value> = detail["suggested"].as_array().expect("units").iter().map(|one| &one["unit"]).collect();
    assert_eq!(proposed, [&json!("AMB-02")]);
    assert_eq!(
        (&detail["declined"][0]["unit"], &detail["declined"][0]["reason"]),
        (&json!("AMB-01"), &json!("ban bocor"))
    );
    assert_eq!((&alert["next_unit"]["unit"], again), (&json!("AMB-02"), StatusCode::CREATED));
}

// Once.

#[tokio::test]
async fn a_lost_answer_asked_for_again_is_the_same_answer_and_nothing_is_done_twice() {
    let world = World::new();
    let siti = world.person("dispatcher").await;
    let call = json!({"category": "BANJIR", "narrative": "air naik"});

    let (first, made) = world.act(&siti, "/api/incidents", Some("kunci-0001"), call.clone()).await;
    world.pass(5);
    let world = world.restarted();
    let (second, again) = world.act(&siti, "/api/incidents", Some("kunci-0001"), call.clone()).await;
    let (other, error) =
        world.act(&siti, "/api/incidents", Some("kunci-0001"), json!({"category": "MED", "narrative": "x"})).await;
    let rudi = world.person("supervisor").await;
    let (his, _) = world.act(&rudi, "/api/incidents", Some("kunci-0001"), call.clone()).await;
    let (short, wrong) = world.act(&siti, "/api/incidents", Some("x"), call).await;

    assert_eq!((first, second, &made), (StatusCode::CREATED, StatusCode::CREATED, &again));
    assert_eq!((other, &error["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("key_reused")));
    assert_eq!(error["standing"]["record"], json!(id_of(&made)));
    assert_eq!(
        (his, short, &wrong["argument"]),
        (StatusCode::CREATED, StatusCode::BAD_REQUEST, &json!("Idempotency-Key"))
    );
    assert_eq!(world.get("/api/incidents").await.as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_twice_at_once_is_done_once() {
    let world = World::new();
    let siti = world.person("dispatcher").await;
    for round in 0..20 {
        let key = format!("kunci-{round:04}");
        let send = || {
            let headers = [
                ("cookie", siti.cookie.as_str()),
                ("X-Siaga-CSRF", siti.csrf.as_str()),
                ("Idempotency-Key", key.as_str()),
            ];
            let call = json!({"category": "BANJIR", "narrative": "air naik"});
            let request = world.request(Method::POST, "/api/incidents", &headers, Some(call));
            let router = world.router.clone();
            tokio::spawn(async move { tower::ServiceExt::oneshot(router, request).await.expect("an answer").status() })
        };
        let (one, other) = (send(), send());
        assert_eq!(
            (one.await.expect("an end"), other.await.expect("an end")),
            (StatusCode::CREATED, StatusCode::CREATED)
        );
    }
    assert_eq!(world.get("/api/incidents").await.as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn a_request_that_was_refused_is_judged_again_under_the_same_key() {
    let world = World::new();
    let siti = world.person("dispatcher").await;
    let incident = world.flood().await;
    let first = world.order(&incident, "AMB-01").await;
    let order = json!({"incident": id_of(&incident), "unit": "AMB-01"});

    let (refused, _) = world.act(&siti, "/api/assignments", Some("kunci-0002"), order.clone()).await;
    world.post(&format!("/api/assignments/{}/cancel", id_of(&first)), json!({"reason": "uji"})).await;
    let (passed, _) = world.act(&siti, "/api/assignments", Some("kunci-0002"), order).await;

    assert_eq!((refused, passed), (StatusCode::CONFLICT, StatusCode::CREATED));
}

#[tokio::test]
async fn what_a_request_does_not_take_is_named_and_a_call_needs_words_a_place_or_a_number() {
    let world = World::new();

    let (query, error) = world.post("/api/incidents?dry_run=1", json!({"category": "MED", "narrative": "x"})).await;
    let (place, _) = world.post("/api/incidents", json!({"category": "MED", "landmark": "dermaga"})).await;
    let (number, _) = world.post("/api/incidents", json!({"category": "MED", "caller_phone": "0812"})).await;
    let (nothing, wrong) = world.post("/api/incidents", json!({"category": "MED", "caller_name": "Budi"})).await;

    assert_eq!((query, &error["argument"]), (StatusCode::BAD_REQUEST, &json!("dry_run")));
    assert_eq!((place, number), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!((nothing, &wrong["argument"]), (StatusCode::BAD_REQUEST, &json!("narrative")));
    let _ = Arc::clone(&world.center);
}
