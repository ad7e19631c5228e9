//! The console's HTTP API, asked as a browser and as another system ask it.

#[path = "support/world.rs"]
mod world;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use axum::http::{Method, StatusCode};
use futures_util::StreamExt;
use serde_json::{Value, json};
use siaga_center::journal::{RecordWrite, Start};
use siaga_center::{alarm, api, places};
use siaga_domain::category::Category;
use siaga_domain::entry::Body as Entry;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::record::incident::{CategoryIs, Opened, Source};
use siaga_domain::status::Status;
use std::sync::Arc;
use tower::ServiceExt;
use world::World;

fn argument(body: &Value) -> &str {
    assert_eq!(body["code"], "bad_input", "{body}");
    assert!(body["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{body}");
    body["argument"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn nothing_is_answered_to_somebody_who_is_not_signed_in() {
    let world = World::new();
    let description: Value = serde_json::to_value(api::description(Arc::clone(&world.center))).expect("JSON");

    for (path, item) in description["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("an item").keys() {
            if path == "/health" || (path == "/api/session" && method == "post") {
                continue;
            }
            let method: Method = method.to_uppercase().parse().expect("a method");
            let path = path.replace(['{', '}'], "");
            let (status, _, body) = world.send(world.request(method.clone(), &path, &[], Some(json!({})))).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
            let error: Value = serde_json::from_slice(&body).expect("an error");
            assert_eq!(error["code"], "not_signed_in");
        }
    }
}

#[tokio::test]
async fn a_cookie_reads_but_writes_only_with_its_second_secret() {
    let world = World::new();
    let (cookie, csrf) = world.sign_in("dispatcher").await;
    let call = json!({"category": "MED", "narrative": "sesak napas"});
    let with =
        |headers: &[(&str, &str)], method: Method| world.request(method, "/api/incidents", headers, Some(call.clone()));

    let (read, ..) = world.send(with(&[(COOKIE.as_str(), &cookie)], Method::GET)).await;
    let (forged, _, body) = world.send(with(&[(COOKIE.as_str(), &cookie)], Method::POST)).await;
    let (wrong, ..) = world.send(with(&[(COOKIE.as_str(), &cookie), ("X-Siaga-CSRF", "00")], Method::POST)).await;
    let (right, ..) = world.send(with(&[(COOKIE.as_str(), &cookie), ("X-Siaga-CSRF", &csrf)], Method::POST)).await;

    assert_eq!(
        (read, forged, wrong, right),
        (StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN, StatusCode::CREATED)
    );
    assert_eq!(serde_json::from_slice::<Value>(&body).expect("an error")["code"], "csrf_mismatch");
}

#[tokio::test]
async fn a_session_ends_when_it_is_closed_and_when_nobody_uses_it() {
    let world = World::new();
    let (cookie, csrf) = world.sign_in("supervisor").await;
    let (other, _) = world.sign_in("supervisor").await;
    let read = |cookie: &str| world.request(Method::GET, "/api/session", &[(COOKIE.as_str(), cookie)], None);

    let (_, _, body) = world.send(read(&cookie)).await;
    let closing = [(COOKIE.as_str(), cookie.as_str()), ("X-Siaga-CSRF", csrf.as_str())];
    let (closed, ..) = world.send(world.request(Method::DELETE, "/api/session", &closing, None)).await;
    let (after, ..) = world.send(read(&cookie)).await;
    world.pass(3 * 3600);
    let (idle, ..) = world.send(read(&other)).await;

    assert_eq!(serde_json::from_slice::<Value>(&body).expect("a session")["csrf"], csrf.as_str());
    assert_eq!((closed, after, idle), (StatusCode::NO_CONTENT, StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn a_session_lasts_as_long_whatever_the_clock_is_set_to_while_the_center_is_restarted() {
    let world = World::new();
    let (cookie, _) = world.sign_in("supervisor").await;
    let mut seen = Vec::new();
    world.set_clock_by(20 * 3600);
    let world = world.restarted();
    for hours in [0, 3] {
        world.pass(hours * 3600);
        world.set_clock_by(-hours * 3600);
        let read = world.request(Method::GET, "/api/session", &[(COOKIE.as_str(), &cookie)], None);
        seen.push(world.send(read).await.0);
    }

    assert_eq!(seen, [StatusCode::OK, StatusCode::UNAUTHORIZED]);
}

#[tokio::test]
async fn guessing_a_password_is_slowed_down() {
    let world = World::new();
    let guess =
        || world.request(Method::POST, "/api/session", &[], Some(json!({"user": "dispatcher", "password": "salah"})));

    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(world.send(guess()).await.0);
    }

    assert_eq!(seen[..5], [StatusCode::UNAUTHORIZED; 5]);
    assert_eq!(seen[5], StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_point_is_read_and_judged_before_it_is_sent_and_guarded_when_it_is() {
    let world = World::new();
    let judged = async |text: &str| {
        let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let (status, answer) = world.as_system(Method::GET, &format!("/api/point?text={text}"), None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    };
    let call = async |lat: f64, lon: f64, more: Value| {
        let mut call = json!({"category": "BANJIR", "narrative": "banjir", "lat": lat, "lon": lon});
        call.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        world.post("/api/incidents", call).await
    };

    let right = judged("1,9 LS 110,9 BT").await;
    assert_eq!((&right["position"]["lat"], &right["trouble"]), (&json!(-1.9), &Value::Null));
    let mirrored = judged("1.9 110.9").await;
    assert_eq!((&mirrored["trouble"], &mirrored["instead"]["lat"]), (&json!("outside"), &json!(-1.9)));
    assert_eq!(judged("0 0").await["trouble"], "nowhere");
    assert_eq!(judged("jalan pelang km 7").await["trouble"], "unreadable");
    assert_eq!(judged("110.9, -1.9").await["instead"]["lat"], -1.9);

    let inside = call(-1.9, 110.9, json!({})).await;
    assert_eq!(inside.0, StatusCode::CREATED, "{}", inside.1);
    assert_eq!(inside.1["summary"]["place"]["outside"], false);
    for (lat, lon) in [(0.0, 0.0), (1.9, 110.9), (-1.9, -110.9), (-6.2, 106.8)] {
        let (status, answer) = call(lat, lon, json!({})).await;
        assert_eq!(
            (status, answer["argument"].as_str()),
            (StatusCode::BAD_REQUEST, Some("lat")),
            "{lat} {lon}: {answer}"
        );
        let offers = answer["remedy"].as_str().is_some_and(|remedy| remedy.contains("lat -1.9"));
        assert_eq!(offers, lat.abs() == 1.9, "{answer}");
    }
    assert_eq!(call(0.0, 0.0, json!({"outside_ok": true})).await.0, StatusCode::BAD_REQUEST, "0, 0 is nowhere");
    let meant = call(-6.2, 106.8, json!({"outside_ok": true})).await;
    assert_eq!((meant.0, &meant.1["summary"]["place"]["outside"]), (StatusCode::CREATED, &json!(true)));
    let id = inside.1["incident"]["id"].as_str().expect("an id").to_owned();
    let moved =
        world.post(&format!("/api/incidents/{id}/place"), json!({"position": {"lat": 1.9, "lon": 110.9}})).await;
    assert_eq!((moved.0, moved.1["argument"].as_str()), (StatusCode::BAD_REQUEST, Some("lat")));
}

#[tokio::test]
async fn an_unknown_token_is_refused() {
    let world = World::new();
    let request = world.request(Method::GET, "/api/units", &[(AUTHORIZATION.as_str(), "Bearer siaga_00")], None);

    assert_eq!(world.send(request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_call_becomes_an_incident_an_order_and_a_story() {
    let world = World::new();

    let incident = world.flood().await;
    let id = incident["incident"]["id"].as_str().expect("an id");
    world.pass(20);
    let order = world.order(&incident, "BPBD-03").await;
    world.pass(5);
    let (noted, _) = world.post(&format!("/api/incidents/{id}/notes"), json!({"text": "warga di atap"})).await;
    let detail = world.get(&format!("/api/incidents/{id}")).await;
    let list = world.get("/api/incidents").await;

    assert_eq!(noted, StatusCode::CREATED);
    assert_eq!(incident["incident"]["source"], "system");
    assert_eq!(order["ack_within_s"], 60);
    assert_eq!(order["priority"], "1");
    assert_eq!(order["place"]["village"]["name"], "Asam Jelai");
    assert_eq!(detail["summary"]["place"]["village"]["district"], "Jelai Hulu");
    assert_eq!(detail["assignments"][0]["unit"], "BPBD-03");
    let kinds: Vec<&str> =
        detail["timeline"].as_array().expect("items").iter().filter_map(|item| item["kind"].as_str()).collect();
    assert_eq!(kinds, ["opened", "category", "priority", "place", "order", "note"]);
    assert!(detail["timeline"][0]["received_at_ms"].is_i64());
    assert_eq!(list[0]["units"][0]["unit"], "BPBD-03");
}

#[tokio::test]
async fn a_village_is_derived_from_a_position_through_imported_outlines() {
    let world = World::new();
    let square = "[[[110.8,-2.0],[111.0,-2.0],[111.0,-1.8],[110.8,-1.8],[110.8,-2.0]]]";
    let file = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"kode":"61.04.14.2015","nama":"Asam Jelai"}},"geometry":{{"type":"Polygon","coordinates":{square}}}}}]}}"#
    );

    let first = places::import_boundaries(&world.center, &file).expect("outlines");
    let again = places::import_boundaries(&world.center, &file).expect("outlines");
    let call = json!({"category": "BANJIR", "narrative": "banjir", "lat": -1.9, "lon": 110.9});
    let (_, incident) = world.post("/api/incidents", call).await;
    let shown = world.get("/api/boundaries").await;

    assert_eq!((first.outlines, first.changed, again.changed), (1, 1, 0));
    assert_eq!(incident["incident"]["place"]["value"]["village"], "61.04.14.2015");
    assert_eq!(shown["features"][0]["properties"]["name"], "Asam Jelai");
}

#[tokio::test]
async fn a_wrong_argument_is_answered_with_its_name_and_a_remedy() {
    let world = World::new();
    let incident = world.flood().await;
    let id = &incident["incident"]["id"];
    let call = |extra: Value| {
        let mut call = json!({"category": "BANJIR", "narrative": "banjir"});
        call.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        call
    };
    let wrong = [
        ("/api/incidents", call(json!({"category": "TSUNAMI"})), "category"),
        ("/api/incidents", call(json!({"priority": "9"})), "priority"),
        ("/api/incidents", call(json!({"narrative": "  "})), "narrative"),
        ("/api/incidents", call(json!({"village": "61.04.14.9999"})), "village"),
        ("/api/incidents", call(json!({"lat": 109.97, "lon": -1.83})), "lat"),
        ("/api/incidents", call(json!({"lat": -1.83})), "lon"),
        ("/api/incidents", call(json!({"colour": "red"})), "colour"),
        ("/api/incidents", json!({"category": "BANJIR"}), "narrative"),
        ("/api/assignments", json!({"incident": id, "unit": "AMB-99"}), "unit"),
        ("/api/assignments", json!({"incident": "0190b0a0-0000-7000-8000-000000000000", "unit": "AMB-01"}), "incident"),
        ("/api/assignments", json!({"incident": id, "unit": "AMB-01", "ack_within_s": 0}), "ack_within_s"),
    ];

    for (path, body, name) in wrong {
        let (status, answer) = world.post(path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}: {answer}");
        assert_eq!(argument(&answer), name);
    }
    let (status, answer) = world.as_system(Method::GET, "/api/incidents?state=broken", None).await;
    assert_eq!((status, argument(&answer)), (StatusCode::BAD_REQUEST, "state"));
}

#[tokio::test]
async fn a_unit_is_not_ordered_twice_to_one_incident_nor_to_a_closed_one() {
    let world = World::new();
    let incident = world.flood().await;
    let id = incident["incident"]["id"].as_str().expect("an id").to_owned();
    world.order(&incident, "AMB-01").await;

    let (twice, _) = world.post("/api/assignments", json!({"incident": id, "unit": "AMB-01"})).await;
    let (closed, detail) = world.post(&format!("/api/incidents/{id}/close"), json!({"reason": "done"})).await;
    let (after, _) = world.post("/api/assignments", json!({"incident": id, "unit": "AMB-02"})).await;
    let (again, _) = world.post(&format!("/api/incidents/{id}/close"), json!({"reason": "done"})).await;

    assert_eq!(
        (twice, closed, after, again),
        (StatusCode::CONFLICT, StatusCode::OK, StatusCode::CONFLICT, StatusCode::CONFLICT)
    );
    assert_eq!(detail["summary"]["closed"], true);
    assert_eq!(
        detail["assignments"][0]["cancelled"]["reason"], "done",
        "an order nobody answered ends with its incident"
    );
}

#[tokio::test]
async fn an_order_nobody_answers_rises_until_somebody_does() {
    let world = World::new();
    let incident = world.flood().await;
    let order = world.order(&incident, "BPBD-03").await;
    let id = order["id"].as_str().expect("an id").to_owned();
    let mut watch = alarm::Watch::default();
    let mut moved = world.center.changes();

    let mut levels = Vec::new();
    for _ in 0..5 {
        let looked = watch.look(&world.center).expect("a look");
        levels.push(looked.escalated.first().map(|(_, level)| *level));
        world.pass(61);
    }
    let alerts = world.get("/api/alerts").await;
    let other = world.order(&incident, "BPBD-01").await;
    let other: siaga_domain::id::RecordId = other["id"].as_str().expect("an id").parse().expect("an id");
    let accepted =
        StatusEvent { status: Status::Accepted, lat: None, lon: None, accuracy_m: None, reason: None, outcome: None };
    let write = RecordWrite {
        record: other,
        kind: RecordKind::Assignment,
        start: Start::Append,
        entries: vec![Entry::StatusEvent(accepted)],
    };
    world.center.write(write, "Gunawan").expect("an answer");
    world.pass(600);
    let calm = watch.look(&world.center).expect("a look");

    assert_eq!(levels, [None, Some(1), Some(2), Some(3), None]);
    let unanswered =
        alerts.as_array().expect("alerts").iter().find(|alert| alert["kind"] == "unanswered").expect("an alert");
    assert_eq!((&unanswered["id"], &unanswered["level"]), (&json!(id), &json!(3)));
    assert!(calm.escalated.is_empty(), "an answered order does not alarm");
    let mut alarms = 0;
    while let Ok(changed) = moved.try_recv() {
        alarms += usize::from(matches!(changed, siaga_center::hub::Changed::Alarm { .. }));
    }
    assert_eq!(alarms, 3);
}

#[tokio::test]
async fn the_description_is_served_and_names_what_the_api_does() {
    let world = World::new();

    let (status, _, body) = world.send(world.request(Method::GET, "/api/openapi.json", &[], None)).await;
    let description: Value = serde_json::from_slice(&body).expect("JSON");

    assert_eq!(status, StatusCode::OK);
    assert!(
        description["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
        "{}",
        description["openapi"]
    );
    for path in [
        "/api/incidents",
        "/api/incidents/{id}/resolve",
        "/api/incidents/{id}/priority",
        "/api/incidents/{id}/category",
        "/api/incidents/{id}/place",
        "/api/incidents/{id}/reopen",
        "/api/assignments/{id}/cancel",
        "/api/units",
        "/api/events",
        "/api/records/{id}/automerge",
        "/api/devices/{id}/digest",
        "/api/attachments/{sha256}",
        "/api/verdicts",
        "/api/verdicts/{change}/bytes",
        "/health",
    ] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
    for scheme in ["token", "cookie", "csrf"] {
        assert!(description["components"]["securitySchemes"][scheme].is_object(), "{scheme}");
    }
    assert_eq!(missing_schemas(&description), Vec::<String>::new());
}

/// References that lead nowhere.
fn missing_schemas(description: &Value) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.push(reference.clone());
                }
                map.values().for_each(|value| walk(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut references = Vec::new();
    walk(description, &mut references);
    references.sort();
    references.dedup();
    references.retain(|reference| description.pointer(reference.trim_start_matches('#')).is_none());
    references
}

#[tokio::test]
async fn a_record_is_shown_exported_and_told_change_by_change() {
    let world = World::new();
    let incident = world.flood().await;
    let id = incident["incident"]["id"].as_str().expect("an id").to_owned();
    world.post(&format!("/api/incidents/{id}/notes"), json!({"text": "warga di atap"})).await;

    let record = world.get(&format!("/api/records/{id}")).await;
    let history = world.get(&format!("/api/records/{id}/history")).await;
    let bearer = format!("Bearer {}", world.token);
    let request =
        world.request(Method::GET, &format!("/api/records/{id}/automerge"), &[(AUTHORIZATION.as_str(), &bearer)], None);
    let (status, headers, bytes) = world.send(request).await;

    assert_eq!(record["record"]["kind"], "incident");
    assert_eq!(record["received"]["change_count"], 2);
    let changes = history.as_array().expect("changes");
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1]["deps"][0], changes[0]["hash"]);
    assert_eq!(changes[1]["entries"][0]["kind"], "note");
    assert_eq!((status, headers[CONTENT_TYPE].as_bytes()), (StatusCode::OK, &b"application/octet-stream"[..]));
    let reloaded = siaga_document::Document::from_cache(&bytes, []).expect("a document");
    assert_eq!(reloaded.heads()[0].to_string(), record["received"]["heads"][0]);
}

#[tokio::test]
async fn an_unknown_path_or_id_is_answered_in_the_one_form_of_error() {
    let world = World::new();

    let (status, body) = world.as_system(Method::GET, "/api/nothing", None).await;
    let (missing, answer) =
        world.as_system(Method::GET, "/api/incidents/0190b0a0-0000-7000-8000-000000000000", None).await;
    let (malformed, named) = world.as_system(Method::GET, "/api/incidents/7", None).await;

    assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
    assert_eq!((missing, &answer["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
    assert_eq!((malformed, argument(&named)), (StatusCode::BAD_REQUEST, "id"));
}

#[tokio::test]
async fn an_empty_post_is_an_alert_until_somebody_checks_in() {
    let world = World::new();

    let posts = world.get("/api/posts").await;
    let alerts = world.get("/api/alerts").await;

    let psc = posts
        .as_array()
        .expect("posts")
        .iter()
        .find(|post| post["post"]["code"] == "PSC-DELTAPAWAN")
        .expect("the post");
    assert_eq!(psc["status"]["state"], "empty");
    assert_eq!(psc["status"]["expected"], json!(["Ani Lestari", "Budi Santoso"]));
    let empty = alerts.as_array().expect("alerts").iter().filter(|alert| alert["kind"] == "empty_post").count();
    assert_eq!(empty, 5);
}

#[tokio::test]
async fn only_a_supervisor_touches_devices() {
    let world = World::new();
    let (cookie, csrf) = world.sign_in("dispatcher").await;
    let headers = [(COOKIE.as_str(), cookie.as_str()), ("X-Siaga-CSRF", csrf.as_str())];
    let path = "/api/devices/0190b0a0-0000-7000-8000-000000000000/revoke";

    let (as_dispatcher, ..) = world.send(world.request(Method::POST, path, &headers, None)).await;
    let (as_system, _) = world.as_system(Method::POST, path, None).await;

    assert_eq!((as_dispatcher, as_system), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn choices_and_places_offer_what_a_form_needs() {
    let world = World::new();

    let choices = world.get("/api/choices").await;
    let places = world.get("/api/places?query=asam").await;
    let units = world.get("/api/units").await;

    assert_eq!(choices["categories"].as_array().map(Vec::len), Some(39));
    assert_eq!(choices["ack_within_s"], 60);
    assert_eq!(places[0]["code"], "61.04.14.2015");
    assert_eq!(units.as_array().map(Vec::len), Some(9));
    assert_eq!(units[0]["state"], "no_device");
}

#[tokio::test]
async fn the_stream_says_to_read_everything_first_then_what_moves_and_ends_when_the_center_stops() {
    let world = World::new();
    let bearer = format!("Bearer {}", world.token);
    let request = world.request(Method::GET, "/api/events", &[(AUTHORIZATION.as_str(), &bearer)], None);
    let response = world.router.clone().oneshot(request).await.expect("an answer");
    let media = response.headers()[CONTENT_TYPE].clone();
    let mut frames = response
        .into_body()
        .into_data_stream()
        .map(|frame| String::from_utf8_lossy(&frame.expect("a frame")).into_owned());

    let first = frames.next().await.expect("a frame");
    let incident = world.flood().await;
    let second = frames.next().await.expect("a frame");
    world.center.hub().end();

    assert_eq!(media.as_bytes(), b"text/event-stream");
    assert!(first.contains("event: changed") && first.contains(r#""kind":"all""#), "{first}");
    assert!(second.contains(incident["incident"]["id"].as_str().expect("an id")), "{second}");
    assert_eq!(frames.next().await, None);
}

/// The entries of a kind in an incident: how many, and whether each but the first replaces the one before.
fn replaced_in_turn(world: &World, id: &str, kind: &str) -> (usize, bool) {
    let record = id.parse().expect("an id");
    let entries = world.center.entries(&record).expect("entries");
    let of_kind: Vec<_> = entries.iter().filter(|entry| entry.body.kind() == kind).collect();
    let mut pairs = of_kind.iter().zip(of_kind.iter().skip(1));
    (of_kind.len(), pairs.all(|(before, after)| after.stamp.replaces == [before.id]))
}

#[tokio::test]
async fn a_report_from_the_field_is_judged_and_corrected_and_every_word_stays_in_its_journal() {
    let world = World::new();
    let relawan = world.phone("BPBD-03", Role::Volunteer);
    let opened = Opened {
        source: Source::Field,
        narrative: "air naik".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: Some("BPBD-03".to_owned()),
    };
    let entries = [
        world.entry("Tono", world.center.now(), &[], Entry::IncidentOpened(opened)),
        world.entry("Tono", world.center.now(), &[], Entry::Category(CategoryIs { category: Category::Flood })),
    ];
    let sent = world.write(&relawan, RecordKind::Incident, None, &entries);
    assert_eq!(world.receive(&relawan, "Tono", &sent).refused, 0);
    let id = sent.document.0.to_string();
    let path = |deed: &str| format!("/api/incidents/{id}/{deed}");

    let before = world.get(&format!("/api/incidents/{id}")).await;
    let (judged, _) = world.post(&path("priority"), json!({"priority": "2"})).await;
    let (again, urgent) = world.post(&path("priority"), json!({"priority": "1"})).await;
    let (renamed, _) = world.post(&path("category"), json!({"category": "MED"})).await;
    let (placed, _) = world.post(&path("place"), json!({"village": "61.04.14.2015", "landmark": "surau"})).await;
    let point = json!({"position": {"lat": -1.9, "lon": 110.9, "accuracy_m": 20.0}, "village": "61.04.14.2002"});
    let (moved, detail) = world.post(&path("place"), point).await;

    assert_eq!(before["summary"]["priority"], Value::Null);
    assert_eq!([judged, again, renamed, placed, moved], [StatusCode::OK; 5], "{detail}");
    assert_eq!(urgent["summary"]["priority"], "1");
    assert_eq!((&detail["summary"]["priority"], &detail["summary"]["category"]), (&json!("1"), &json!("MED")));
    assert_eq!(detail["summary"]["place"]["village"]["name"], "Tanggerang");
    assert_eq!(detail["summary"]["place"]["landmark"], Value::Null, "what is sent is the whole place");
    assert_eq!(detail["disputes"], json!([]));
    for kind in ["priority", "category", "place"] {
        assert_eq!(replaced_in_turn(&world, &id, kind), (2, true), "{kind}");
    }
}

#[tokio::test]
async fn a_wrong_correction_is_answered_with_its_argument() {
    let world = World::new();
    let incident = world.flood().await;
    let id = incident["incident"]["id"].as_str().expect("an id");
    let wrong = [
        ("priority", json!({"priority": "0"}), "priority"),
        ("category", json!({"category": "TSUNAMI"}), "category"),
        ("place", json!({}), "village"),
        ("place", json!({"village": "61.04.14.9999"}), "village"),
        ("place", json!({"position": {"lat": 109.97, "lon": -1.83}}), "lat"),
        ("place", json!({"position": {"lat": -1.83}}), "lon"),
        ("reopen", json!({"text": " "}), "text"),
    ];

    for (deed, body, name) in wrong {
        let (status, answer) = world.post(&format!("/api/incidents/{id}/{deed}"), body).await;
        assert_eq!((status, argument(&answer)), (StatusCode::BAD_REQUEST, name), "{answer}");
    }
    let missing = "/api/incidents/0190b0a0-0000-7000-8000-000000000000/priority";
    assert_eq!(world.post(missing, json!({"priority": "1"})).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_closed_incident_is_opened_again_and_an_open_one_is_not() {
    let world = World::new();
    let incident = world.flood().await;
    let id = incident["incident"]["id"].as_str().expect("an id");
    let reopen = format!("/api/incidents/{id}/reopen");
    let why = json!({"text": "air naik lagi"});

    let (early, _) = world.post(&reopen, why.clone()).await;
    world.post(&format!("/api/incidents/{id}/close"), json!({"reason": "done"})).await;
    let (opened, detail) = world.post(&reopen, why.clone()).await;
    let (twice, _) = world.post(&reopen, why).await;

    assert_eq!((early, opened, twice), (StatusCode::CONFLICT, StatusCode::OK, StatusCode::CONFLICT));
    assert_eq!((&detail["summary"]["closed"], &detail["incident"]["closed"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn without_coordinates_the_way_is_measured_roughly_to_the_village() {
    let world = World::new();
    world.ready("AMB-01", Role::Medic);
    let square = "[[[110.8,-2.0],[111.0,-2.0],[111.0,-1.8],[110.8,-1.8],[110.8,-2.0]]]";
    let file = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"kode":"61.04.14.2015","nama":"Asam Jelai"}},"geometry":{{"type":"Polygon","coordinates":{square}}}}}]}}"#
    );

    let by_district = world.flood().await["suggested"][0].clone();
    places::import_boundaries(&world.center, &file).expect("outlines");
    let roughly = world.flood().await["suggested"][0].clone();
    let call = json!({"category": "BANJIR", "narrative": "banjir", "lat": -1.9, "lon": 110.9});
    let exactly = world.post("/api/incidents", call).await.1["suggested"][0].clone();

    assert_eq!(by_district["distance_approximate"], true, "{by_district}");
    assert_eq!((&roughly["distance_approximate"], &exactly["distance_approximate"]), (&json!(true), &json!(false)));
    let metres = |unit: &Value| unit["distance_m"].as_f64().expect("a distance");
    assert!((metres(&roughly) - metres(&exactly)).abs() < 1.0, "{roughly} {exactly}");
}
