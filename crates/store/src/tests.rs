//! The store from outside: what survives, what is refused, what leaves the outbox.

mod archive;
mod center;
mod files;
mod gap;
mod home;
mod mend;
mod outbox;
mod part;
mod property;
mod terms;
mod verdict;
mod writing;

use crate::*;
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body, Note, Stamp};
use siaga_domain::id::*;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::patient::{self, TriageIs, TriageMethod};
use siaga_domain::time::{ClockAnchor, ClockReading, UtcMs};
use siaga_domain::triage::TriageColor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tempfile::TempDir;

const KEY: [u8; 32] = [7; 32];

/// Random bytes that are merely different each time, so that a test is the same at every run.
fn signs(boot_id: &str, seed: u8) -> LifeSigns {
    let next = AtomicU8::new(0);
    let draw = move || {
        let mut bytes = [seed; 16];
        bytes[15] = next.fetch_add(1, Ordering::Relaxed);
        bytes
    };
    LifeSigns { boot_id: boot_id.to_owned(), boot_count: None, draw: Arc::new(draw) }
}

fn open(home: &Path) -> Store {
    Store::open(home, &StoreKey::new(KEY), &signs("boot-1", 1)).expect("opens")
}

fn home() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    (folder, store)
}

fn enrolled() -> (TempDir, Store, Lease) {
    let (folder, store) = home();
    store.set_enrolment(&enrolment()).expect("enrols");
    let lease = store.take_lease([9; 16], 0, 1_000_000).expect("answers").expect("is free");
    (folder, store, lease)
}

fn enrolment() -> Enrolment {
    Enrolment {
        device: DeviceId::from_bytes([2; 16]),
        unit: UnitCode::new("AMB-01").expect("a code"),
        role: Role::Medic,
        name: "HP Ambulans 1".to_owned(),
        center_id: CenterId::from_bytes([3; 16]),
        center_name: "112 Ketapang".to_owned(),
        urls: vec!["https://127.0.0.1:8443".to_owned()],
        root_der: vec![1, 2, 3],
        center_key: [4; 32],
        epoch: Epoch([5; 8]),
        token: Some(vec![6; 16]),
        center_ms: None,
    }
}

fn record(number: u8) -> RecordId {
    RecordId::v7(1_665_360_000_000, [number; 10])
}

fn entry(number: u8, body: Body) -> NewEntry {
    let stamp = Stamp { by: "Ani".to_owned(), ..Stamp::default() };
    NewEntry { id: EntryId::v7(1_665_360_000_000, [number; 10]), stamp, body }
}

fn opening(number: u8) -> NewEntry {
    entry(
        number,
        Body::PatientOpened(patient::Opened {
            incident: record(200),
            identity: record(201),
            sex: patient::Sex::Female,
            age_years: None,
            age_band: None,
            age_months: None,
            age_days: None,
            number: None,
        }),
    )
}

fn note(number: u8, text: &str) -> NewEntry {
    entry(number, Body::Note(Note { text: text.to_owned(), ..Note::default() }))
}

fn triage(number: u8, color: TriageColor) -> NewEntry {
    entry(number, Body::Triage(TriageIs { color, method: TriageMethod::Start }))
}

fn write(id: RecordId, kind: RecordKind, create: bool, entries: Vec<NewEntry>) -> RecordWrite {
    RecordWrite { id, kind, create, entries }
}

fn authoring(records: Vec<RecordWrite>) -> Authoring<'static> {
    Authoring {
        intent: "test",
        intent_json: "{}",
        by: "Ani",
        at: ClockReading { device: UtcMs(1_000), ..ClockReading::default() },
        role: Role::Medic,
        records,
        attachments: Vec::new(),
        settings: Vec::new(),
    }
}

/// A patient with one opening entry.
fn patient(store: &Store, number: u8) -> RecordId {
    let id = record(number);
    store.author(authoring(vec![write(id, RecordKind::Patient, true, vec![opening(number)])])).expect("writes");
    id
}

fn add(store: &Store, id: RecordId, entries: Vec<NewEntry>) -> Vec<ChangeHash> {
    let written = store.author(authoring(vec![write(id, RecordKind::Patient, false, entries)])).expect("writes");
    written.into_iter().flat_map(|record| record.changes).collect()
}

/// An SOS travels in the urgent lane.
fn sos(store: &Store, number: u8) -> RecordId {
    let id = record(number);
    let raised = Body::SosRaised(siaga_domain::record::sos::Raised {
        unit: "AMB-01".to_owned(),
        lat: None,
        lon: None,
        accuracy_m: None,
    });
    store.author(authoring(vec![write(id, RecordKind::Sos, true, vec![entry(number, raised)])])).expect("writes");
    id
}

/// Stands in for the hash of a manifest: any value that differs by sequence.
fn describe(cut: &Cut) -> Option<ChangeHash> {
    let mut hash = [cut.lane; 32];
    hash[31] = u8::try_from(cut.seq).ok()?;
    Some(ChangeHash(hash))
}

fn at(ms: i64) -> ClockReading {
    ClockReading { device: UtcMs(ms), ..ClockReading::default() }
}

/// Freezes and seals everything of a lane; the sealed bytes are the sequence.
fn seal_all(store: &Store, lease: &Lease, lane: siaga_domain::kind::Lane) -> u64 {
    let mut last = 0;
    while let Some(frozen) = store.cut_envelope(lease, lane, 4096, at(5), &describe).expect("cuts") {
        last = frozen.cut.seq;
        store.store_sealed(lease, frozen.cut.lane, last, &[u8::try_from(last).expect("small")]).expect("keeps");
    }
    last
}

fn receipt(lane: u8, seq: u64, exceptions: Vec<(ChangeHash, Verdict, String)>) -> Receipted {
    let mut head = [lane; 32];
    head[31] = u8::try_from(seq).expect("small");
    Receipted {
        lane,
        up_to_seq: seq,
        head: ChangeHash(head),
        epoch: Epoch([5; 8]),
        center_ms: UtcMs(9_000),
        exceptions,
        payload: vec![1],
        signature: vec![2],
    }
}

fn news(items: Vec<FeedItem>, receipts: Vec<Receipted>) -> News {
    News {
        epoch: Epoch([5; 8]),
        at_ms: UtcMs(8_000),
        receipts,
        items,
        cursors: [0, 0],
        token: None,
        clock: None,
        told: None,
        compared: None,
        trail_received: None,
        needed: Vec::new(),
        attachments_held: Vec::new(),
        later: LaterVerdicts::default(),
        offers: Vec::new(),
        archives: Vec::new(),
        thin: crate::ThinNews::None,
        answered_ms: UtcMs(0),
        terms: None,
        told_terms: None,
    }
}

/// A patient the center knows, with its changes.
fn from_elsewhere(number: u8, actor: u8, entries: &[NewEntry]) -> (Document, Vec<Vec<u8>>) {
    let header = Header { id: record(number), kind: RecordKind::Patient, schema: 1 };
    let (document, changes) = Document::create(header, ActorId::from_bytes([actor; 16]), entries).expect("begins");
    (document, changes.into_iter().map(|change| change.bytes).collect())
}

fn entered(number: u8, generation: u32, changes: Vec<Vec<u8>>) -> FeedItem {
    FeedItem::Entered { record: record(number), kind: RecordKind::Patient, generation, position: 1, changes }
}
