//! A phone that is enrolled and has heard from its center, without a network: what the center would send is
//! authored here and handed to the store as an answer.

#![allow(dead_code, reason = "each test uses its own part of the stage")]

use siaga_document::{Document, Header, NewEntry};
use siaga_domain::category::Category;
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::{
    ActorId, AgencyCode, AreaCode, CenterId, DeviceId, EntryId, Epoch, PostCode, RecordId, UnitCode,
};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::place::Position;
use siaga_domain::record::assignment::Order;
use siaga_domain::record::directory::{District, Post, Unit, UnitKind};
use siaga_domain::record::incident::{CategoryIs, Opened, PlaceIs, Priority, PriorityIs, Source};
use siaga_domain::record::shift::{Planned, PlannedPerson};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_field::Field;
use siaga_field::port::{Clock, Ports, desktop};
use siaga_field::request::{DutyOn, RecordFix};
use siaga_store::{Enrolment, FeedItem, LifeSigns, News, Store, StoreKey};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

/// Noon in Ketapang, 10 October 2022.
pub(crate) const NOON: i64 = 1_665_378_000_000;
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const UNIT: &str = "AMB-01";
pub(crate) const POST: &str = "PSC-KETAPANG";
pub(crate) const VILLAGE: &str = "61.04.14.2001";

/// A clock that moves when it is told to.
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn device_ms(&self) -> i64 {
        NOON + self.0.load(Ordering::Relaxed)
    }

    fn monotonic_ms(&self) -> i64 {
        1_000 + self.0.load(Ordering::Relaxed)
    }
}

/// One phone in a folder of its own.
pub(crate) struct Stage {
    pub folder: TempDir,
    pub clock: Arc<Hand>,
    pub field: Field,
}

/// What the center says, in one actor of its own.
pub(crate) struct Center {
    number: u32,
}

pub(crate) struct Written {
    pub id: RecordId,
    pub kind: RecordKind,
    pub changes: Vec<Vec<u8>>,
}

impl Center {
    pub(crate) fn new() -> Self {
        Self { number: 0 }
    }

    pub(crate) fn id(&mut self) -> [u8; 10] {
        self.number += 1;
        let [a, b, c, d] = self.number.to_be_bytes();
        [0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, a, b, c, d]
    }

    pub(crate) fn entry(&mut self, body: Body) -> NewEntry {
        let clock = ClockReading { device: UtcMs(NOON), ..ClockReading::default() };
        let stamp = Stamp { by: "dispatcher".to_owned(), clock, replaces: Vec::new() };
        NewEntry { id: EntryId::v7(NOON, self.id()), stamp, body }
    }

    pub(crate) fn record(&mut self, kind: RecordKind, bodies: Vec<Body>) -> Written {
        let id = RecordId::v7(NOON, self.id());
        self.record_as(id, kind, bodies)
    }

    pub(crate) fn record_as(&mut self, id: RecordId, kind: RecordKind, bodies: Vec<Body>) -> Written {
        let entries: Vec<NewEntry> = bodies.into_iter().map(|body| self.entry(body)).collect();
        let actor = ActorId::from_bytes([0xCC; 16]);
        let (_, changes) = Document::create(Header { id, kind, schema: 1 }, actor, &entries).expect("a document");
        Written { id, kind, changes: changes.into_iter().map(|change| change.bytes).collect() }
    }

    /// One more change of a record, after those it has.
    pub(crate) fn more(&mut self, record: &mut Written, body: Body) {
        let mut document = Document::from_log(record.changes.iter().map(Vec::as_slice)).expect("a document");
        let entry = self.entry(body);
        let changes = document.append(ActorId::from_bytes([0xCC; 16]), &[entry]).expect("a change");
        record.changes.extend(changes.into_iter().map(|change| change.bytes));
    }

    pub(crate) fn directory(&mut self) -> Written {
        let agency = || AgencyCode::new("DINKES").expect("a code");
        let post = || PostCode::new(POST).expect("a code");
        self.record(
            RecordKind::Directory,
            vec![
                Body::Post(Post {
                    code: post(),
                    name: "PSC 119 Ketapang".into(),
                    agency: agency(),
                    lat: -1.83,
                    lon: 109.97,
                }),
                Body::Post(Post {
                    code: PostCode::new("POS-MANISMATA").expect("a code"),
                    name: "Pos Manis Mata".into(),
                    agency: agency(),
                    lat: -2.5,
                    lon: 111.0,
                }),
                Body::Unit(Unit {
                    code: UnitCode::new(UNIT).expect("a code"),
                    name: "Ambulans 1".into(),
                    kind: UnitKind::Ambulance,
                    agency: agency(),
                    post: post(),
                }),
                Body::District(District {
                    code: AreaCode::new("61.04.14").expect("a code"),
                    name: "Jelai Hulu".into(),
                    lat: Some(-1.923),
                    lon: Some(110.890),
                    villages: "2001=Asam Jelai;2002=Tanggerang".into(),
                }),
            ],
        )
    }

    pub(crate) fn incident(&mut self) -> Written {
        self.record(
            RecordKind::Incident,
            vec![
                Body::IncidentOpened(Opened {
                    source: Source::Call,
                    narrative: "dua orang terjebak di atap".into(),
                    caller_name: None,
                    caller_phone: None,
                    unit: None,
                }),
                Body::Category(CategoryIs { category: Category::Flood }),
                Body::Priority(PriorityIs { priority: Priority::P1 }),
                Body::Place(PlaceIs {
                    lat: Some(-1.923),
                    lon: Some(110.890),
                    village: AreaCode::new(VILLAGE).ok(),
                    ..PlaceIs::default()
                }),
            ],
        )
    }

    pub(crate) fn order(&mut self, incident: RecordId, unit: &str) -> Written {
        self.record(
            RecordKind::Assignment,
            vec![Body::Order(Order {
                incident,
                unit: UnitCode::new(unit).expect("a code"),
                priority: Priority::P1,
                text: "bawa perahu".into(),
                ack_within_s: 60,
            })],
        )
    }

    pub(crate) fn shift(&mut self, from: i64, until: i64, people: &[&str]) -> Written {
        let mut bodies = vec![Body::Planned(Planned {
            post: PostCode::new(POST).expect("a code"),
            from_ms: UtcMs(from),
            until_ms: UtcMs(until),
        })];
        bodies.extend(
            people.iter().map(|name| Body::Person(PlannedPerson { name: (*name).to_owned(), stands_in_for: None })),
        );
        self.record(RecordKind::Shift, bodies)
    }
}

impl Stage {
    /// An enrolled phone with nothing on it but the directory.
    pub(crate) fn new(role: Role) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        enrol(folder.path(), role);
        let mut center = Center { number: 1 << 20 };
        let directory = center.directory();
        hear(folder.path(), vec![directory]);
        Self::reopened(folder)
    }

    /// The same folder in another process.
    pub(crate) fn reopened(folder: TempDir) -> Self {
        let clock = Arc::new(Hand(AtomicI64::new(0)));
        let field = Field::open(folder.path(), ports(folder.path(), Arc::clone(&clock))).expect("opens");
        Self { folder, clock, field }
    }

    /// On duty, with one fix in the trail: it is kept only then.
    pub(crate) fn be_at(&self, position: Position) {
        let duty = DutyOn { post: POST.to_owned(), person: "Ani".to_owned() };
        self.field.duty_on(&duty).expect("is kept");
        let fix =
            RecordFix { position, at_ms: None, speed_mps: None, battery_percent: None, satellite_ms: None, mock: None };
        self.field.record_fix(&fix).expect("is kept");
    }

    /// One flood, ordered to this unit.
    pub(crate) fn with_a_task(role: Role) -> (Self, String, String) {
        let stage = Self::new(role);
        let mut center = Center::new();
        let incident = center.incident();
        let order = center.order(incident.id, UNIT);
        let ids = (order.id.to_string(), incident.id.to_string());
        hear(stage.folder.path(), vec![incident, order]);
        (stage, ids.0, ids.1)
    }

    /// Another process on the same home.
    pub(crate) fn another_guest(&self) -> Field {
        Field::open(self.folder.path(), ports(self.folder.path(), Arc::clone(&self.clock))).expect("opens")
    }
}

fn ports(home: &Path, clock: Arc<Hand>) -> Ports {
    Ports { clock, ..desktop::ports(home, "stage 0").expect("a folder") }
}

/// The store of a home, opened beside whoever uses it.
pub(crate) fn store(home: &Path) -> Store {
    let ports = desktop::ports(home, "stage 0").expect("a folder");
    let key = ports.keys.store_key().expect("a key");
    let entropy = Arc::clone(&ports.entropy);
    let draw = Arc::new(move || {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        bytes
    });
    let signs = LifeSigns { boot_id: ports.boot_id.clone(), boot_count: None, draw };
    Store::open(home, &StoreKey::new(*key), &signs).expect("opens")
}

pub(crate) fn enrol(home: &Path, role: Role) {
    store(home)
        .set_enrolment(&Enrolment {
            device: DeviceId::from_bytes([2; 16]),
            unit: UnitCode::new(UNIT).expect("a code"),
            role,
            name: "HP Ambulans 1".to_owned(),
            center_id: CenterId::from_bytes([3; 16]),
            center_name: "112 Ketapang".to_owned(),
            urls: vec!["https://127.0.0.1:1".to_owned()],
            root_der: root(),
            center_key: [4; 32],
            epoch: Epoch([5; 8]),
            token: None,
            center_ms: None,
        })
        .expect("enrols");
}

/// A root nobody answers under.
fn root() -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    made.cert.der().to_vec()
}

/// Takes documents in as the center's answer would bring them.
pub(crate) fn hear(home: &Path, records: Vec<Written>) {
    let store = store(home);
    let lease = store.take_lease([9; 16], 0, 1_000_000).expect("answers").expect("is free");
    let items = records
        .into_iter()
        .zip(1..)
        .map(|(record, position)| FeedItem::Entered {
            record: record.id,
            kind: record.kind,
            generation: 1,
            position,
            changes: record.changes,
        })
        .collect();
    let applied = store
        .apply_answer(
            &lease,
            &News {
                epoch: Epoch([5; 8]),
                at_ms: UtcMs(NOON),
                receipts: Vec::new(),
                items,
                cursors: [1, 1],
                token: None,
                clock: None,
                told: None,
                compared: None,
                terms: None,
                told_terms: None,
                trail_received: None,
                needed: Vec::new(),
                attachments_held: Vec::new(),
                later: siaga_store::LaterVerdicts::default(),
                offers: Vec::new(),
                archives: Vec::new(),
                thin: siaga_store::ThinNews::None,
                answered_ms: UtcMs(0),
            },
        )
        .expect("is taken");
    assert_eq!(applied.quarantined, 0, "the stage wrote something that was not admitted");
    store.release_lease(&lease).expect("is released");
}
