//! Numbers at the edges of their types, in every numeric field that comes from outside: nothing unwinds, and everybody is
//! served afterwards. Debug builds check every sum.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod phone;
#[path = "support/world.rs"]
mod world;

use axum::http::{Method, StatusCode};
use phone::Stage;
use serde_json::{Value, json};
use siaga_center::exchange::answer::Turn;
use siaga_domain::kind::Role;
use siaga_domain::time::{ClockAnchor, ClockReading, KnownTime, UtcMs};
use siaga_wire::codec;
use siaga_wire::exchange::{ExchangeRequest, Fix, Outcome, TrailBlock};
use world::World;

const EDGES: [i64; 10] =
    [i64::MIN, i64::MIN + 1, i32::MIN as i64, -1, 0, 1, u32::MAX as i64, 9_007_199_254_740_993, i64::MAX - 1, i64::MAX];

fn fix(at_ms: i64) -> Fix {
    let (lat_e6, lon_e6) = (-1_813_000, 109_958_000);
    Fix { at_ms, lat_e6, lon_e6, accuracy_m: None, speed_cms: None, offset_ms: None, mock: false }
}

/// A numeric field of an exchange, and what sets it.
type Field = (&'static str, fn(&mut ExchangeRequest, i64));

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the edges of the smaller types too")]
const FIELDS: [Field; 18] = [
    ("cursors", |request, edge| request.cursors = [edge as u64, edge as u64]),
    ("clock.device_ms", |request, edge| request.clock.device_ms = edge),
    ("clock.monotonic_ms", |request, edge| request.clock.monotonic_ms = edge),
    ("clock.boot", |request, edge| request.clock.boot = edge as u32),
    ("budget_bytes", |request, edge| request.budget_bytes = edge as u32),
    ("newest_fix.at_ms", |request, edge| request.newest_fix = Some(fix(edge))),
    ("newest_fix.lat", |request, edge| request.newest_fix = Some(Fix { lat_e6: edge as i32, ..fix(1) })),
    ("newest_fix.lon", |request, edge| request.newest_fix = Some(Fix { lon_e6: edge as i32, ..fix(1) })),
    ("newest_fix.accuracy_m", |request, edge| {
        request.newest_fix = Some(Fix { accuracy_m: Some(edge as u32), speed_cms: Some(edge as u32), ..fix(1) });
    }),
    ("newest_fix.offset_ms", |request, edge| request.newest_fix = Some(Fix { offset_ms: Some(edge), ..fix(edge) })),
    ("trail.first", |request, edge| {
        request.trail = vec![TrailBlock { first: edge as u64, fixes: vec![fix(1), fix(2), fix(3)] }];
    }),
    ("trail.first of two", |request, edge| {
        let first = (edge as u64).wrapping_sub(1);
        let block = |first| TrailBlock { first, fixes: vec![fix(1)] };
        request.trail = vec![block(first), block(first.wrapping_add(1))];
    }),
    ("trail.at_ms", |request, edge| request.trail = vec![TrailBlock { first: 9, fixes: vec![fix(edge), fix(edge)] }]),
    ("verdicts_up_to", |request, edge| request.verdicts_up_to = Some(edge as u64)),
    ("files_after", |request, edge| request.files_after = Some(edge as u64)),
    ("satellite_ahead_ms", |request, edge| request.satellite_ahead_ms = Some(edge)),
    ("thin", |request, edge| request.thin = Some(edge as u8)),
    ("hold_ms", |request, edge| request.hold_ms = edge as u32),
];

#[tokio::test]
async fn an_exchange_with_any_number_at_an_edge_is_answered_and_the_next_one_too() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;

    for (field, set) in FIELDS {
        for edge in EDGES {
            let mut request = ani.request(Vec::new(), 0);
            set(&mut request, edge);
            let body = codec::encode(&request).expect("a message");

            let answered = stage.center.exchange(&body, stage.center.now());
            let received_early = stage.center.exchange(&body, UtcMs(edge));

            for turn in [answered, received_early] {
                assert!(matches!(turn, Ok(Turn::Answer(_) | Turn::Hold(_))), "{field} {edge}: {}", turn.is_err());
            }
        }
    }

    let after = ani.ask_once(&ani.request(Vec::new(), 0)).await;
    assert!(matches!(after.outcome, Outcome::Exchanged(_)), "{:?}", after.outcome);
}

#[tokio::test]
async fn settings_at_an_edge_stop_no_regular_task() {
    let world = World::new();
    let flood = world.flood().await;
    world.order(&flood, "AMB-01").await;

    for edge in EDGES {
        for name in ["archive_after_h", "attachment_reserve_bytes"] {
            world.center.set_setting(name, &edge.to_string()).expect("a setting");
        }
        world.center.archive_due("test").expect("archives");
        world.center.archive_closed_for(edge, "test").expect("archives");
        world.center.settle_time().expect("time");
        world.center.settle_waiting().expect("what waits");
        world.get("/api/alerts").await;
    }
}

#[test]
fn no_time_of_any_clock_unwinds_the_rules_of_time() {
    for device in EDGES {
        for other in EDGES {
            let reading = ClockReading {
                device: UtcMs(device),
                monotonic_ms: other,
                boot: u32::MAX,
                offset_ms: Some(other),
                uncertainty_ms: Some(device),
            };
            let at = reading.center_estimate();
            let _ = (at.rfc3339(), at.until(UtcMs(other)), at.plus(other), reading.standing());
            let _ = siaga_domain::time::is_late(at, UtcMs(other));
            let anchor =
                ClockAnchor { device: UtcMs(other), monotonic_ms: device, offset_ms: device, uncertainty_ms: other };
            for same_boot in [false, true] {
                let known = KnownTime { anchor: Some(anchor), same_boot, signed: Some(UtcMs(device)) };
                let _ = known.reading(UtcMs(other), device, 0).center_estimate();
            }
        }
    }
}

/// JSON numbers that no program should fall over.
fn numbers() -> Vec<Value> {
    let mut all: Vec<Value> = EDGES.iter().map(|edge| json!(edge)).collect();
    all.extend([
        json!(u64::MAX),
        json!(f64::MAX),
        json!(f64::MIN),
        json!(-0.0),
        json!(5e-324),
        json!(90.0),
        json!(-180.0),
    ]);
    all
}

#[tokio::test]
async fn every_number_of_the_api_is_taken_or_refused_and_none_ends_a_request_from_within() {
    let world = World::new();
    let flood = world.flood().await;
    let incident = flood.pointer("/incident/id").and_then(Value::as_str).expect("an id").to_owned();
    let call = json!({"category": "BANJIR", "priority": "1", "narrative": "air", "village": "61.04.14.2015", "lat": -1.9, "lon": 110.8});
    let place = json!({"lat": -1.9, "lon": 110.8, "landmark": "simpang"});
    let order = json!({"incident": incident, "unit": "AMB-01"});

    for number in numbers() {
        for (path, body, fields) in [
            ("/api/incidents".to_owned(), &call, &["lat", "lon", "accuracy_m"][..]),
            (format!("/api/incidents/{incident}/place"), &place, &["lat", "lon", "accuracy_m"]),
            ("/api/assignments".to_owned(), &order, &["ack_within_s"]),
        ] {
            for field in fields {
                let mut body = body.clone();
                body[*field] = number.clone();
                let (status, said) = world.post(&path, body).await;
                assert!(!status.is_server_error(), "{path} {field} {number}: {said}");
                if status == StatusCode::BAD_REQUEST {
                    assert!(
                        said["argument"].is_string() && said["remedy"].is_string(),
                        "{path} {field} {number}: {said}"
                    );
                }
            }
        }
        for path in [
            format!("/api/places?q=a&limit={number}"),
            format!("/api/records/{number}"),
            format!("/api/incidents?state={number}"),
            format!("/api/places?q={number}"),
        ] {
            let (status, said) = world.as_system(Method::GET, &path, None).await;
            assert!(!status.is_server_error(), "{path}: {said}");
        }
        for path in ["/api/incidents?state=all", "/api/alerts", "/api/units", "/api/assignments"] {
            let (status, said) = world.as_system(Method::GET, path, None).await;
            assert_eq!(status, StatusCode::OK, "{path} after {number}: {said}");
        }
    }
}
