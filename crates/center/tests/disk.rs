//! The center's disk is full, for good: a real one of 48 MB, filled to its last byte. Calls, orders, SOS and presses go on.
//!
//! It mounts a file system and therefore runs as root, as the other tests of real disks do.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod phone;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use phone::{Phone, fresh, served};
use serde_json::{Value, json};
use siaga_center::backup::BackupError;
use siaga_center::exchange::enrol::Invite;
use siaga_center::people::token;
use siaga_center::places::areas::Areas;
use siaga_center::seed::{self, Content};
use siaga_center::storage::{RESERVE, Room};
use siaga_center::{Center, api};
use siaga_domain::entry::Body as Entry;
use siaga_domain::id::RecordId;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::record::sos::Raised;
use siaga_domain::status::Status;
use siaga_wire::enrol::Invitation;
use siaga_wire::exchange::{Fix, TrailBlock};
use siaga_wire::receipt::Verdict;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tower::ServiceExt;

/// A disk of its own, unmounted at the end.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of(size: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .status()
            .expect("the program mount");
        assert!(mounted.success(), "this test runs as root: it mounts a small disk");
        Self(folder)
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("something-else")
    }

    /// Another program takes what is left, down to so many bytes.
    fn fill(&self, but: usize) {
        let mut file = File::options().create(true).append(true).open(self.filler()).expect("a file");
        let piece = vec![7; 4096];
        while file.write_all(&piece).is_ok() {}
        let length = file.metadata().expect("a length").len();
        file.set_len(length.saturating_sub(but as u64)).expect("a shorter file");
    }

    fn free(&self) {
        fs::remove_file(self.filler()).expect("room again");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

async fn ask(router: &Router, token: &str, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    let response = router.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = to_bytes(response.into_body(), 4_000_000).await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn invitation(center: &Center, urls: &[String]) -> Invitation {
    let wish = Invite { unit: "AMB-01".to_owned(), role: Role::Medic, name: "HP uji".to_owned(), unattended: true };
    Invitation::from_link(&center.invite(&wish, urls, "test").expect("an invitation").link).expect("a link")
}

fn seeded(folder: &Path) -> Arc<Center> {
    let center = Center::open(folder).expect("a center");
    seed::seed_from(&center, &Areas::Carried, "61.04", Content::Demo).expect("a seeded center");
    Arc::new(center)
}

fn raised() -> Entry {
    Entry::SosRaised(Raised { unit: "AMB-01".to_owned(), lat: None, lon: None, accuracy_m: None })
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_orders_sos_and_presses_are_written_on_a_full_disk_and_health_says_so_before() {
    let disk = Disk::of("48m");
    let center = seeded(&disk.0.path().join("center"));
    let token = token::create(&center, "uji").expect("a token");
    let router = api::router(Arc::clone(&center));
    let (serving, _stop) = served(&center).await;
    let mut ani = Phone::new(serving.field, &center, 7);
    let enrolled = ani.enrol(&invitation(&center, &serving.field_urls)).await;
    ani.take_enrolment(enrolled);
    center.storage().tend();
    let reserve = disk.0.path().join("center").join(RESERVE);
    assert!(fs::metadata(&reserve).is_ok_and(|file| file.len() > 4_000_000), "a reserve is made");
    assert_eq!(ask(&router, &token, "GET", "/health", None).await.0, StatusCode::OK);

    disk.fill(5_000_000);
    let (code, before) = ask(&router, &token, "GET", "/health", None).await;
    disk.fill(0);
    let call =
        json!({"category": "BANJIR", "priority": "1", "narrative": "air setinggi atap", "village": "61.04.14.2015"});
    for number in 0..20 {
        let (status, body) = ask(&router, &token, "POST", "/api/incidents", Some(call.clone())).await;
        assert_eq!(status, StatusCode::CREATED, "call {number}: {body}");
    }
    let (_, incident) = ask(&router, &token, "POST", "/api/incidents", Some(call)).await;
    let order = json!({"incident": incident.pointer("/incident/id"), "unit": "AMB-01"});
    let (ordered, assignment) = ask(&router, &token, "POST", "/api/assignments", Some(order)).await;
    ani.exchange(Vec::new(), 0).await;
    let id: RecordId = assignment
        .pointer("/id")
        .or_else(|| assignment.pointer("/assignment/id"))
        .and_then(Value::as_str)
        .expect("an id")
        .parse()
        .expect("an id");
    let press = Entry::StatusEvent(StatusEvent {
        status: Status::Accepted,
        lat: None,
        lon: None,
        accuracy_m: None,
        reason: None,
        outcome: None,
    });
    let press = ani.add(id, RecordKind::Assignment, press);
    let sos = ani.begin(fresh(RecordId::from_bytes), RecordKind::Sos, raised());
    let mut request = ani.request(vec![press, sos], 0);
    let fix = Fix {
        at_ms: phone::now_ms(),
        lat_e6: -1_813_000,
        lon_e6: 109_958_000,
        accuracy_m: None,
        speed_cms: None,
        offset_ms: None,
        mock: false,
    };
    request.trail = vec![TrailBlock { first: 1, fixes: vec![fix] }];
    let answer = ani.ask(request).await;
    let siaga_wire::exchange::Outcome::Exchanged(exchanged) = answer.outcome else { panic!("{:?}", answer.outcome) };
    let (full, during) = ask(&router, &token, "GET", "/health", None).await;

    assert_eq!((code, before["status"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("storage")));
    assert_eq!((full, during["status"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("storage")));
    assert_eq!(ordered, StatusCode::CREATED, "{assignment}");
    let accepted = ani.receipts(&exchanged);
    assert!(
        !accepted.is_empty() && accepted.iter().all(|one| one.exceptions.iter().all(|e| e.verdict == Verdict::Accept))
    );
    assert_eq!(center.records(RecordKind::Sos).expect("records").len(), 1);
    assert_eq!(exchanged.trail_received, None, "the way there waits on the phone");
    assert!(matches!(center.backup(&disk.0.path().join("cadangan"), "test"), Err(BackupError::NoRoom(_))));
    assert!(center.archive_due("test").expect("nothing").is_empty());

    disk.free();
    center.storage().tend();
    assert_eq!(center.storage().room(), Room::Enough);
    assert!(fs::metadata(&reserve).is_ok_and(|file| file.len() > 4_000_000), "the reserve is whole again");
    assert_eq!(ask(&router, &token, "GET", "/health", None).await.0, StatusCode::OK);
    assert_eq!(center.check().expect("a check").problems, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_starts_on_a_full_disk_from_its_reserve_and_says_storage_full_when_that_is_used_up() {
    let disk = Disk::of("48m");
    let folder = disk.0.path().join("center");
    let center = seeded(&folder);
    let token = token::create(&center, "uji").expect("a token");
    center.storage().tend();
    drop(center);
    disk.fill(0);

    let center = Arc::new(Center::open(&folder).expect("a center that opens"));
    let router = api::router(Arc::clone(&center));
    let call = json!({"category": "BANJIR", "priority": "1", "narrative": "air", "village": "61.04.14.2015"});
    let (first, body) = ask(&router, &token, "POST", "/api/incidents", Some(call.clone())).await;
    // The other program takes every step of the reserve as well.
    let mut last = (StatusCode::CREATED, Value::Null);
    for _ in 0..4_000 {
        disk.fill(0);
        last = ask(&router, &token, "POST", "/api/incidents", Some(call.clone())).await;
        if last.0 != StatusCode::CREATED {
            break;
        }
    }

    assert_eq!(first, StatusCode::CREATED, "{body}");
    assert_eq!(
        (last.0, last.1["code"].as_str()),
        (StatusCode::INSUFFICIENT_STORAGE, Some("storage_full")),
        "{}",
        last.1
    );
    assert!(last.1["remedy"].as_str().is_some_and(|remedy| remedy.contains("free space")));
    assert_eq!(ask(&router, &token, "GET", "/api/incidents", None).await.0, StatusCode::OK, "reading goes on");
    disk.free();
    assert_eq!(ask(&router, &token, "POST", "/api/incidents", Some(call)).await.0, StatusCode::CREATED);
    assert_eq!(center.check().expect("a check").problems, []);
}
