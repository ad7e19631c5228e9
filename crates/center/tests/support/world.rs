//! A seeded center under a clock of the test's, asked over its router; and phones whose changes are admitted as
//! an exchange would admit them.

#![allow(dead_code, reason = "each test file uses its own part")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use siaga_center::clock::Clock;
use siaga_center::db::device::{self, Contact, Device, DeviceState};
use siaga_center::journal::admit::{Brought, Delivery, Tally, Writing};
use siaga_center::journal::{RecordWrite, Start, WriteError};
use siaga_center::people::token;
use siaga_center::seed::{self, Content};
use siaga_center::{Center, api};
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body as Entry, Stamp};
use siaga_domain::id::{ActorId, DeviceId, EntryId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::record::shift::{CheckIn, Planned};
use siaga_domain::status::Status;
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_wire::envelope::DocumentChanges;
use siaga_wire::exchange::WireChange;
use siaga_wire::key::DevicePublicKey;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

/// 23 November 2026, 08:00 WIB.
pub(crate) const MORNING: i64 = 1_795_395_600_000;

/// Time as it passes, and by how much the wall clock is wrong.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>, Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst) + self.1.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> Option<i64> {
        Some(self.0.load(Ordering::SeqCst) - MORNING)
    }
}

pub(crate) struct World {
    pub center: Arc<Center>,
    pub router: Router,
    clock: TestClock,
    pub token: String,
    drawn: AtomicI64,
    _folder: tempfile::TempDir,
}

fn areas(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a table");
    write("regencies.csv", "code,province_code,name\n61.04,61,Kabupaten Ketapang\n");
    write("districts.csv", "code,regency_code,name\n61.04.14,61.04,Jelai Hulu\n61.04.16,61.04,Delta Pawan\n");
    write(
        "villages.csv",
        "code,district_code,name\n61.04.14.2015,61.04.14,Asam Jelai\n61.04.14.2002,61.04.14,Tanggerang\n61.04.16.1004,61.04.16,Sampit\n",
    );
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        areas(folder.path());
        let clock = TestClock(Arc::new(AtomicI64::new(MORNING)), Arc::default());
        let center = Center::open_with(&folder.path().join("center"), Box::new(clock.clone())).expect("a center");
        seed::seed(&center, folder.path(), "61.04", Content::Demo).expect("a seeded center");
        let center = Arc::new(center);
        let token = token::create(&center, "SIMADU").expect("a token");
        Self {
            router: api::router(Arc::clone(&center)),
            center,
            clock,
            token,
            drawn: AtomicI64::new(1),
            _folder: folder,
        }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Somebody sets the center's wall clock by so many seconds.
    pub(crate) fn set_clock_by(&self, seconds: i64) {
        self.clock.1.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// The program ends and starts again, on the same machine.
    pub(crate) fn restarted(self) -> Self {
        let Self { center, router, clock, token, drawn, _folder } = self;
        drop((center, router));
        let center = Center::open_with(&_folder.path().join("center"), Box::new(clock.clone())).expect("a center");
        let center = Arc::new(center);
        Self { router: api::router(Arc::clone(&center)), center, clock, token, drawn, _folder }
    }

    /// A person at a desk, signed in.
    pub(crate) async fn person(&self, user: &str) -> Person {
        let (cookie, csrf) = self.sign_in(user).await;
        Person { cookie, csrf }
    }

    /// A person at a desk sends something, perhaps under a key.
    pub(crate) async fn act(&self, person: &Person, path: &str, key: Option<&str>, body: Value) -> (StatusCode, Value) {
        let mut headers = vec![("cookie", person.cookie.as_str()), ("X-Siaga-CSRF", person.csrf.as_str())];
        headers.extend(key.map(|key| ("Idempotency-Key", key)));
        let (status, _, body) = self.send(self.request(Method::POST, path, &headers, Some(body))).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// A unit with a confirmed phone that was just heard of, and somebody checked in with it.
    pub(crate) fn ready(&self, unit: &str, role: Role) -> Phone {
        let phone = self.phone(unit, role);
        self.contact(&phone, 0);
        self.check_in(unit);
        phone
    }

    /// Somebody goes on duty with a unit.
    pub(crate) fn check_in(&self, unit: &str) {
        let directory = self.center.db().read(|tx| api::desk::directory(tx)).expect("a directory");
        let known = directory.units.iter().find(|one| one.code.as_str() == unit).expect("a unit");
        let now = self.center.now();
        let plan = Planned { post: known.post.clone(), from_ms: now, until_ms: now.plus(8 * 3_600_000) };
        let person = CheckIn { name: format!("Awak {unit}"), unit: Some(unit.to_owned()) };
        let write = RecordWrite {
            record: self.center.new_record(),
            kind: RecordKind::Shift,
            start: Start::Create,
            entries: vec![Entry::Planned(plan), Entry::CheckIn(person)],
        };
        self.center.write(write, "roster").expect("a shift");
    }

    /// A crew presses a status, as the center takes it.
    pub(crate) fn press(&self, phone: &Phone, order: &Value, status: Status, reason: Option<&str>) {
        let id: RecordId = order.pointer("/id").and_then(Value::as_str).expect("an id").parse().expect("an id");
        let base = (id, self.center.document(&id).expect("a load").expect("a document"));
        let event = StatusEvent {
            status,
            lat: None,
            lon: None,
            accuracy_m: None,
            reason: reason.map(str::to_owned),
            outcome: None,
        };
        let entry = self.entry("Ani", self.center.now(), &[], Entry::StatusEvent(event));
        let sent = self.write(phone, RecordKind::Assignment, Some(&base), &[entry]);
        self.receive(phone, "Ani", &sent);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, to_bytes(body, 4_000_000).await.expect("a body").to_vec())
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        }
        .expect("a request")
    }

    pub(crate) async fn as_system(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let bearer = format!("Bearer {}", self.token);
        let request = self.request(method, path, &[(AUTHORIZATION.as_str(), &bearer)], body);
        let (status, _, body) = self.send(request).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.as_system(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.as_system(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn flood(&self) -> Value {
        let call = json!({"category": "BANJIR", "priority": "1", "narrative": "air setinggi atap", "village": "61.04.14.2015"});
        let (status, body) = self.post("/api/incidents", call).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    pub(crate) async fn order(&self, incident: &Value, unit: &str) -> Value {
        let incident = incident.pointer("/incident/id").expect("an id");
        let (status, body) = self.post("/api/assignments", json!({"incident": incident, "unit": unit})).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    /// The cookie and the csrf of a signed-in dispatcher.
    pub(crate) async fn sign_in(&self, user: &str) -> (String, String) {
        let body = json!({"user": user, "password": format!("latihan-{user}")});
        let (status, headers, body) = self.send(self.request(Method::POST, "/api/session", &[], Some(body))).await;
        assert_eq!(status, StatusCode::OK);
        let cookie = headers.get(SET_COOKIE).expect("a cookie").to_str().expect("text");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let session: Value = serde_json::from_slice(&body).expect("a session");
        let pair = cookie.split(';').next().expect("a pair").to_owned();
        (pair, session.get("csrf").and_then(Value::as_str).expect("csrf").to_owned())
    }

    /// Sixteen bytes nobody drew before.
    fn draw(&self) -> [u8; 16] {
        let number = self.drawn.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        bytes
    }

    /// A phone that was enrolled and confirmed.
    pub(crate) fn phone(&self, unit: &str, role: Role) -> Phone {
        let id = DeviceId::from_bytes(self.draw());
        let mut key = [2_u8; 33];
        key[1..17].copy_from_slice(id.as_bytes());
        let now = UtcMs(self.clock.0.load(Ordering::SeqCst));
        let device = Device {
            id,
            unit: unit.to_owned(),
            role,
            name: format!("HP {unit}"),
            public_key: DevicePublicKey(key),
            state: DeviceState::Active,
            code: "112112".to_owned(),
            app: "test".to_owned(),
            attested: false,
            enrolled_ms: now,
            state_ms: now,
            state_by: "test".to_owned(),
            contact: None,
            copied_ms: None,
        };
        self.center.db().write(|tx| device::insert(tx, &device)).expect("a device");
        Phone { device, actor: ActorId::from_bytes(self.draw()) }
    }

    /// The phone exchanged just now and has everything up to a feed position.
    pub(crate) fn contact(&self, phone: &Phone, position: u64) {
        let now = self.center.now();
        let contact = Contact {
            last_ms: now,
            acked: [position; 2],
            told: [position; 2],
            heard_ms: Some(self.center.elapsed_ms()),
            ..Contact::default()
        };
        self.center
            .db()
            .write(|tx| device::note_contact(tx, &phone.device.id, None, &contact, now))
            .expect("a contact");
    }

    /// Entries as a crew writes them at `at`, replacing `replaces`.
    pub(crate) fn entry(&self, by: &str, at: UtcMs, replaces: &[EntryId], body: Entry) -> NewEntry {
        let clock =
            ClockReading { device: at, offset_ms: Some(0), uncertainty_ms: Some(50), ..ClockReading::default() };
        NewEntry {
            id: EntryId::from_bytes(self.draw()),
            stamp: Stamp { by: by.to_owned(), clock, replaces: replaces.to_vec() },
            body,
        }
    }

    /// Writes entries on the phone: into `base`, or into a new record.
    pub(crate) fn write(
        &self,
        phone: &Phone,
        kind: RecordKind,
        base: Option<&(RecordId, Document)>,
        entries: &[NewEntry],
    ) -> Sent {
        let (record, document, changes) = match base {
            Some((record, document)) => {
                let mut document = document.clone();
                let changes = document.append(phone.actor, entries).expect("a change");
                (*record, document, changes)
            }
            None => {
                let record = RecordId::from_bytes(self.draw());
                let header = Header { id: record, kind, schema: siaga_wire::SCHEMA };
                let (document, changes) = Document::create(header, phone.actor, entries).expect("a document");
                (record, document, changes)
            }
        };
        let changes = changes.into_iter().map(|change| WireChange::plain(change.bytes)).collect();
        let sent = DocumentChanges { record, kind: kind.code().to_owned(), schema: siaga_wire::SCHEMA, changes };
        Sent { document: (record, document), sent }
    }

    /// The center takes what a phone wrote.
    pub(crate) fn receive(&self, phone: &Phone, by: &str, sent: &Sent) -> Tally {
        let kind: RecordKind = sent.sent.kind.parse().expect("a kind");
        let lane = kind.lane().number();
        let delivery =
            Delivery { device: &phone.device, lane, seq: 1, envelope: 1, author: by, now: self.center.now() };
        let brought = [Brought { lane, sent: &sent.sent }];
        let judged = self.center.judge(&phone.device, &brought, delivery.now).expect("a judgement");
        let tally = self
            .center
            .db()
            .write(|tx| {
                let mut writing = Writing::default();
                let mut tally = Tally::default();
                for verdict in &self.center.write_judged(tx, &delivery, &sent.sent, (&judged, 0), &mut writing)? {
                    tally.count(verdict);
                }
                self.center.finish(tx, &phone.device, writing, delivery.now)?;
                Ok::<_, WriteError>(tally)
            })
            .expect("a delivery");
        self.center.announce().expect("told");
        tally
    }
}

/// Somebody signed in at the console.
pub(crate) struct Person {
    pub cookie: String,
    pub csrf: String,
}

/// An enrolled phone.
pub(crate) struct Phone {
    pub device: Device,
    pub actor: ActorId,
}

/// What a phone wrote and has not been asked about yet.
pub(crate) struct Sent {
    pub document: (RecordId, Document),
    sent: DocumentChanges,
}
