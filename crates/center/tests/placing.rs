//! What a new record names: records of strangers are kept and counted nowhere until a person places them; false sources,
//! units and names are shown and withheld from nobody.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "support/world.rs"]
mod world;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use siaga_center::db::{DbError, feed, placing, scope};
use siaga_domain::entry::Body as Entry;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::time::UtcMs;
use world::{MORNING, Phone, Sent, World};

const NOW: UtcMs = UtcMs(MORNING);

fn body(kind: &str, fields: Value) -> Entry {
    let Value::Object(fields) = fields else { panic!("an object") };
    Entry::parse(kind, fields).expect("an entry")
}

fn id(view: &Value) -> RecordId {
    view.pointer("/incident/id").and_then(Value::as_str).expect("an id").parse().expect("an id")
}

fn fresh(last: u8) -> RecordId {
    RecordId::from_bytes([last; 16])
}

fn patient(world: &World, phone: &Phone, incident: RecordId, identity: RecordId) -> Sent {
    let opened = json!({"incident": incident, "identity": identity, "sex": "P", "age_years": 32});
    let triage = body("triage", json!({"color": "red", "method": "start"}));
    let entries =
        [world.entry("Ani Lestari", NOW, &[], body("patient", opened)), world.entry("Ani Lestari", NOW, &[], triage)];
    world.write(phone, RecordKind::Patient, None, &entries)
}

fn report(world: &World, phone: &Phone, by: &str, fields: Value) -> Sent {
    world.write(phone, RecordKind::Incident, None, &[world.entry(by, NOW, &[], body("opened", fields))])
}

fn members(world: &World, record: &RecordId) -> Vec<DeviceId> {
    world.center.db().read(|tx| scope::members(tx, record)).expect("members")
}

async fn patients_of(world: &World, incident: RecordId) -> (usize, i64) {
    let detail = world.get(&format!("/api/incidents/{incident}")).await;
    let red = detail.pointer("/summary/patients/red").and_then(Value::as_i64).expect("a count");
    (detail["patients"].as_array().expect("patients").len(), red)
}

async fn unplaced(world: &World) -> Vec<Value> {
    world.get("/api/unplaced").await.as_array().expect("a list").clone()
}

fn alerts_of<'a>(alerts: &'a Value, kind: &str) -> Vec<&'a Value> {
    alerts.as_array().expect("alerts").iter().filter(|alert| alert["kind"] == kind).collect()
}

#[tokio::test]
async fn a_strangers_patient_is_in_no_incident_until_a_person_places_it_once() {
    let world = World::new();
    let call = world.flood().await;
    world.order(&call, "AMB-01").await;
    let incident = id(&call);
    let crew = world.phone("AMB-01", Role::Medic);
    world.center.settle_time().expect("told");
    let stranger = world.phone("AMB-03", Role::Medic);

    let sent = patient(&world, &stranger, incident, fresh(7));
    let tally = world.receive(&stranger, "Ani Lestari", &sent);

    let record = sent.document.0;
    assert_eq!((tally.accepted, tally.refused, tally.parked), (1, 0, 0));
    assert_eq!(patients_of(&world, incident).await, (0, 0));
    assert_eq!(members(&world, &record), [stranger.device.id]);
    let listed = unplaced(&world).await;
    assert_eq!((listed.len(), &listed[0]["names"], &listed[0]["unit"]), (1, &json!("incident"), &json!("AMB-03")));
    assert_eq!(listed[0]["incident"], json!(incident.to_string()));
    let alerts = world.get("/api/alerts").await;
    assert_eq!(alerts_of(&alerts, "unplaced")[0]["count"], 1);

    let path = format!("/api/unplaced/{record}/place");
    let first = world.as_system(Method::POST, &path, None).await.0;
    let second = world.as_system(Method::POST, &path, None).await.0;

    assert_eq!((first, second), (StatusCode::NO_CONTENT, StatusCode::CONFLICT));
    assert_eq!(patients_of(&world, incident).await, (1, 1));
    assert!(members(&world, &record).contains(&crew.device.id));
    assert_eq!(unplaced(&world).await, Vec::<Value>::new());
    let audited = world.center.db().read(|tx| {
        tx.query_row("SELECT count(*) FROM audit WHERE act = 'record.placed'", [], |row| row.get::<_, i64>(0))
            .map_err(|cause| DbError { step: "count", cause })
    });
    assert_eq!(audited.expect("a count"), 1);
}

#[tokio::test]
async fn a_record_that_names_what_is_not_here_is_listed_and_cannot_be_placed() {
    let world = World::new();
    let stranger = world.phone("AMB-03", Role::Medic);
    let sent = patient(&world, &stranger, fresh(9), fresh(7));

    world.receive(&stranger, "", &sent);

    assert_eq!(unplaced(&world).await[0]["here"], json!(false));
    let path = format!("/api/unplaced/{}/place", sent.document.0);
    let (status, refused) = world.as_system(Method::POST, &path, None).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("conflict")), "{refused}");
    let (status, _) = world.as_system(Method::POST, "/api/unplaced/%F0%9F%9A%91/place", None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = world.as_system(Method::POST, &format!("/api/unplaced/{}/place", fresh(8)), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_crew_names_its_incident_its_patient_and_what_left_its_scope_again() {
    let world = World::new();
    let call = world.flood().await;
    world.order(&call, "AMB-01").await;
    let incident = id(&call);
    let crew = world.phone("AMB-01", Role::Medic);
    world.center.settle_time().expect("told");
    world.center.db().write(|tx| feed::leave(tx, &crew.device.id, &incident, RecordKind::Incident)).expect("left");

    let sent = patient(&world, &crew, incident, fresh(7));
    world.receive(&crew, "Ani Lestari", &sent);
    let named = body("identity", json!({"patient": sent.document.0}));
    let identity = world.write(&crew, RecordKind::Identity, None, &[world.entry("Ani Lestari", NOW, &[], named)]);
    world.receive(&crew, "Ani Lestari", &identity);
    let assessed = body("assessment", json!({"incident": incident, "village": "61.04.14.2015"}));
    let assessment = world.write(&crew, RecordKind::Assessment, None, &[world.entry("", NOW, &[], assessed)]);
    world.receive(&crew, "", &assessment);

    assert_eq!(unplaced(&world).await, Vec::<Value>::new());
    assert_eq!(patients_of(&world, incident).await, (1, 1));
}

#[tokio::test]
async fn identities_assessments_and_patients_of_a_strangers_hand_stand_nowhere() {
    let world = World::new();
    let call = world.flood().await;
    world.order(&call, "AMB-01").await;
    let incident = id(&call);
    let crew = world.phone("AMB-01", Role::Medic);
    let known = patient(&world, &crew, incident, fresh(7));
    world.receive(&crew, "Ani Lestari", &known);
    let stranger = world.phone("AMB-03", Role::Medic);

    let named = body("identity", json!({"patient": known.document.0}));
    let identity = world.write(&stranger, RecordKind::Identity, None, &[world.entry("", NOW, &[], named)]);
    world.receive(&stranger, "", &identity);
    let assessed = body("assessment", json!({"incident": incident, "village": "61.04.14.2015"}));
    let dead = body("observed", json!({"metric": "dead", "value": 400, "quality": "verified"}));
    let entries = [world.entry("", NOW, &[], assessed), world.entry("", NOW, &[], dead)];
    let assessment = world.write(&stranger, RecordKind::Assessment, None, &entries);
    world.receive(&stranger, "", &assessment);
    // Its own patient, in its own incident, that takes the identity of somebody else's patient.
    let own = report(&world, &stranger, "", json!({"source": "field", "narrative": "air", "unit": "AMB-03"}));
    world.receive(&stranger, "", &own);
    let theft = patient(&world, &stranger, own.document.0, identity.document.0);
    world.receive(&stranger, "", &theft);
    let crews = world.write(
        &crew,
        RecordKind::Identity,
        None,
        &[world.entry("", NOW, &[], body("identity", json!({"patient": known.document.0})))],
    );
    world.receive(&crew, "", &crews);
    let taken = patient(&world, &stranger, own.document.0, crews.document.0);
    world.receive(&stranger, "", &taken);

    let listed: Vec<Value> = unplaced(&world).await.iter().map(|one| one["record"].clone()).collect();
    let expected: Vec<Value> =
        [&identity, &assessment, &taken].iter().map(|sent| json!(sent.document.0.to_string())).collect();
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert!(expected.iter().all(|one| listed.contains(one)), "{listed:?} {expected:?}");
    let detail = world.get(&format!("/api/incidents/{incident}")).await;
    assert_eq!(detail["assessments"], json!([]));
    assert_eq!(detail.pointer("/summary/assessment_count"), Some(&json!(0)));
    assert_eq!(
        detail["timeline"].as_array().expect("a timeline").iter().filter(|one| one["kind"] == "observed").count(),
        0
    );
    for record in [&identity, &assessment, &taken] {
        assert_eq!(members(&world, &record.document.0), [stranger.device.id]);
    }
}

#[tokio::test]
async fn a_unit_that_is_ordered_there_later_places_its_records_by_that() {
    let world = World::new();
    let call = world.flood().await;
    let incident = id(&call);
    let early = world.phone("AMB-02", Role::Medic);
    let sent = patient(&world, &early, incident, fresh(7));
    world.receive(&early, "Ani Lestari", &sent);
    assert_eq!(unplaced(&world).await.len(), 1);

    world.order(&call, "AMB-02").await;
    world.center.place_what_became_true().expect("placed");

    assert_eq!(unplaced(&world).await, Vec::<Value>::new());
    assert_eq!(patients_of(&world, incident).await, (1, 1));
}

#[tokio::test]
async fn a_shift_at_a_post_that_is_not_the_phones_fills_no_post() {
    let world = World::new();
    world.pass(40 * 24 * 3600);
    let now = UtcMs(MORNING + 40 * 24 * 3_600_000);
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    let shift = |post: &str| {
        let plan = json!({"post": post, "from_ms": now.0 - 1_000, "until_ms": now.0 + 3_600_000});
        let checked = json!({"name": "Tono Saputra", "unit": "AMB-01"});
        let entries = [
            world.entry("Tono Saputra", now, &[], body("planned", plan)),
            world.entry("Tono Saputra", now, &[], body("checkin", checked)),
        ];
        world.write(&village, RecordKind::Shift, None, &entries)
    };
    let state = |posts: Value, code: &str| {
        let list = posts.as_array().expect("posts").clone();
        list.into_iter().find(|one| one["post"]["code"] == code).expect("the post")["shifts"].as_array().map(Vec::len)
    };

    let foreign = shift("PSC-DELTAPAWAN");
    world.receive(&village, "Tono Saputra", &foreign);
    let own = shift("POS-JELAIHULU");
    world.receive(&village, "Tono Saputra", &own);

    let posts = world.get("/api/posts").await;
    assert_eq!(state(posts.clone(), "PSC-DELTAPAWAN"), Some(0));
    assert_eq!(state(posts, "POS-JELAIHULU"), Some(1));
    let listed = unplaced(&world).await;
    assert_eq!((listed.len(), &listed[0]["names"], &listed[0]["named"]), (1, &json!("post"), &json!("PSC-DELTAPAWAN")));
    let found = world.center.db().read(|tx| placing::found_in(tx, &own.document.0)).expect("found");
    assert_eq!(found.values().filter(|one| one.mismatch == "unit").count(), 1, "the check-in for another unit");
}

#[tokio::test]
async fn a_false_source_and_a_false_unit_are_shown_and_refused_to_nobody() {
    let world = World::new();
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    let crew = world.phone("AMB-01", Role::Medic);

    let called = json!({"source": "call", "narrative": "kebakaran besar", "unit": "DAMKAR-01"});
    let report = report(&world, &village, "Tono Saputra", called);
    let tally = world.receive(&village, "Tono Saputra", &report);
    let cry = body("raised", json!({"unit": "AMB-02"}));
    let sos = world.write(&crew, RecordKind::Sos, None, &[world.entry("Ani Lestari", NOW, &[], cry)]);
    world.receive(&crew, "Ani Lestari", &sos);

    assert_eq!((tally.accepted, tally.refused), (1, 0));
    let incidents = world.get("/api/incidents").await;
    assert_eq!(incidents[0]["stated"]["mismatch"], json!(["source", "unit"]));
    let calls = world.get("/api/sos").await;
    assert_eq!(calls[0]["stated"]["mismatch"], json!(["unit"]));
    assert_eq!(calls[0]["open"], json!(true));
}

#[tokio::test]
async fn a_unit_of_before_counts_as_true() {
    let world = World::new();
    let crew = world.phone("AMB-01", Role::Medic);
    world
        .center
        .db()
        .write(|tx| {
            tx.execute("UPDATE device SET unit = 'AMB-03' WHERE id = ?1", [crew.device.id.as_bytes()])
                .map_err(|cause| DbError { step: "move a device", cause })
        })
        .expect("moved");

    for unit in ["AMB-01", "AMB-03"] {
        let cry = body("raised", json!({"unit": unit}));
        let sos = world.write(&crew, RecordKind::Sos, None, &[world.entry("", NOW, &[], cry)]);
        world.receive(&crew, "", &sos);
    }

    let calls = world.get("/api/sos").await;
    assert!(calls.as_array().expect("calls").iter().all(|one| one["stated"]["mismatch"] == json!([])), "{calls}");
}

#[tokio::test]
async fn a_name_is_proven_by_the_envelope_and_the_roster_and_withholds_nothing() {
    let world = World::new();
    let crew = world.phone("AMB-01", Role::Medic);
    let mut proven = Vec::new();
    // Who stands in the entry, and who in the envelope.
    for (by, author) in [
        ("Ani Lestari", "Ani Lestari"),
        ("Ani Lestari", "Budi Santoso"),
        ("Bupati", "Bupati"),
        ("", "Ani Lestari"),
        ("Tono Saputra", "Tono Saputra"),
    ] {
        let sent = report(&world, &crew, by, json!({"source": "field", "narrative": "air", "unit": "AMB-01"}));
        assert_eq!(world.receive(&crew, author, &sent).accepted, 1);
        let detail = world.get(&format!("/api/incidents/{}", sent.document.0)).await;
        proven.push(detail.pointer("/timeline/0/stated/person").expect("a standing").clone());
    }

    assert_eq!(proven, ["proven", "unproven", "unproven", "nameless", "unproven"]);
}

#[tokio::test]
async fn a_stand_in_and_who_checks_in_with_the_same_delivery_are_proven() {
    let world = World::new();
    let crew = world.phone("AMB-01", Role::Medic);
    let plan = json!({"post": "PSC-DELTAPAWAN", "from_ms": MORNING - 1_000, "until_ms": MORNING + 3_600_000});
    let entries = [
        world.entry("Sari", NOW, &[], body("planned", plan)),
        world.entry("Sari", NOW, &[], body("person", json!({"name": "Rudi", "stands_in_for": "Ani Lestari"}))),
        world.entry("Sari", NOW, &[], body("checkin", json!({"name": "Sari", "unit": "AMB-01"}))),
    ];
    let shift = world.write(&crew, RecordKind::Shift, None, &entries);

    world.receive(&crew, "Sari", &shift);
    let sent = report(&world, &crew, "Rudi", json!({"source": "field", "narrative": "air"}));
    world.receive(&crew, "Rudi", &sent);

    let found = |record| world.center.db().read(|tx| placing::found_in(tx, &record)).expect("found");
    assert!(found(shift.document.0).values().all(|one| one.person == "proven"));
    assert!(found(sent.document.0).values().all(|one| one.person == "proven"));
}

#[tokio::test]
async fn nothing_is_said_of_the_centers_own_entries_and_of_those_from_before() {
    let world = World::new();
    let crew = world.phone("AMB-01", Role::Medic);
    let sent = report(&world, &crew, "Bupati", json!({"source": "call", "narrative": "air"}));
    world.receive(&crew, "Bupati", &sent);
    world
        .center
        .db()
        .write(|tx| {
            tx.execute("UPDATE entry SET person = '', mismatch = ''", [])
                .map_err(|cause| DbError { step: "as before", cause })
        })
        .expect("as before");
    let path = format!("/api/incidents/{}/notes", sent.document.0);
    world.post(&path, json!({"text": "dicatat"})).await;

    let detail = world.get(&format!("/api/incidents/{}", sent.document.0)).await;

    for item in detail["timeline"].as_array().expect("a timeline") {
        assert_eq!(item["stated"], json!({"person": null, "mismatch": []}));
    }
}

#[tokio::test]
async fn a_photograph_of_anothers_record_is_not_given_through_a_strangers_note() {
    let world = World::new();
    let call = world.flood().await;
    world.order(&call, "AMB-01").await;
    let crew = world.phone("AMB-01", Role::Medic);
    let known = patient(&world, &crew, id(&call), fresh(7));
    world.receive(&crew, "Ani Lestari", &known);
    let photo = "ab".repeat(32);
    let note = |phone: &Phone, base: &(RecordId, siaga_document::Document), kind| {
        let note = body("note", json!({"text": "foto", "attachment": photo, "media": "image/jpeg"}));
        world.write(phone, kind, Some(base), &[world.entry("", NOW, &[], note)])
    };
    world.receive(&crew, "", &note(&crew, &known.document, RecordKind::Patient));
    let village = world.phone("DESA-ASAMJELAI", Role::Village);
    let own = report(&world, &village, "", json!({"source": "field", "narrative": "air"}));
    world.receive(&village, "", &own);

    let tally = world.receive(&village, "", &note(&village, &own.document, RecordKind::Incident));

    assert_eq!(tally.accepted, 1);
    let hash: [u8; 32] = hex::decode(&photo).expect("hex").try_into().expect("32 bytes");
    let seen = |device: &DeviceId| {
        world.center.db().read(|tx| siaga_center::db::attachment::is_visible(tx, &hash, device)).expect("asked")
    };
    assert_eq!((seen(&crew.device.id), seen(&village.device.id)), (true, false));
    let found = world.center.db().read(|tx| placing::found_in(tx, &own.document.0)).expect("found");
    assert_eq!(found.values().filter(|one| one.mismatch == "file").count(), 1);
}
