//! A 0.2.0 center that one enrolled phone and its own console harmed: opened by this build, the harm is gone, phones of
//! 0.2.0 and of this build follow, and nothing that was admitted is refused.

use rusqlite::Connection;
use serde_json::Value;
use siaga_center::Center;
use siaga_center::db::device::{self, Device, DeviceState};
use siaga_center::db::feed;
use siaga_center::journal::{RecordWrite, Start};
use siaga_document::Document;
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::Record;
use siaga_domain::status::Status;
use siaga_field::Field;
use siaga_field::request::{Accept, ById};
use siaga_field::view::Reach;
use siaga_tests::frozen;
use siaga_tests::frozen::thawed::Thawed;
use siaga_wire::key::DevicePublicKey;
use tokio::runtime::Runtime;

struct Poisoned {
    story: Value,
    folders: Thawed,
}

impl Poisoned {
    fn opened() -> Self {
        let text = std::fs::read(frozen::poisoned().join("story.json")).expect("a story");
        let story: Value = serde_json::from_slice(&text).expect("JSON");
        let frozen_ms = story.pointer("/frozen_ms").and_then(Value::as_i64).expect("a time");
        Self { story, folders: Thawed::open(&frozen::poisoned(), frozen_ms).expect("a center") }
    }

    fn id(&self, path: &str) -> RecordId {
        self.story.pointer(path).and_then(Value::as_str).expect("an id").parse().expect("an id")
    }

    fn device(&self) -> DeviceId {
        self.story.pointer("/device").and_then(Value::as_str).expect("an id").parse().expect("an id")
    }

    fn record(&self, id: &RecordId) -> Option<Record> {
        self.folders.center.record(id).expect("the center reads").and_then(|stored| stored.record)
    }

    /// The phone after it exchanged everything, and the runtime that served it.
    fn exchanged(&self) -> Field {
        let runtime = Runtime::new().expect("a runtime");
        let (serving, stopping) = self.folders.served(&runtime).expect("served");
        let field = self.folders.phone().expect("a home");
        let mut rounds = 0;
        loop {
            let report = runtime.block_on(field.sync()).expect("an exchange");
            assert_eq!(report.reach, Reach::Reached);
            rounds += 1;
            if report.received_changes + report.receipted_changes == 0 || rounds == 10 {
                break;
            }
        }
        stopping.send(true).expect("the center listens");
        runtime.block_on(serving.finished());
        field
    }
}

#[test]
fn records_that_phones_refused_for_ever_reach_the_phone_of_0_2_0_under_another_id() {
    let poisoned = Poisoned::opened();

    let field = poisoned.exchanged();

    let tasks = field.tasks().expect("tasks");
    let told = |text: &str| tasks.iter().filter(|task| task.narrative.contains(text)).count();
    assert_eq!(told("air naik, nenek di atap"), 1, "the text with a control character: {tasks:?}");
    assert_eq!(told("\u{6c34}\u{6c34}"), 1, "the text of 9,000 bytes");
    assert_eq!(told("rumah terendam"), 1, "the incident whose order had a control character");
    for name in ["nul", "long"] {
        for record in ["incident", "assignment"] {
            assert!(poisoned.record(&poisoned.id(&format!("/{name}/{record}"))).is_none(), "{name}: {record}");
        }
    }
    let (at_center, _) = poisoned.folders.center.digest(&poisoned.device()).expect("the center computes");
    assert_eq!(field.digest().expect("a digest").digest, hex::encode(at_center));
}

#[test]
fn what_a_phone_wrote_into_a_replaced_record_is_carried_over() {
    let poisoned = Poisoned::opened();
    {
        // Offline, with the records as 0.2.0 gave them: an order it holds, of an incident it never got.
        let field = poisoned.folders.phone().expect("a home");
        let accept = Accept { id: poisoned.id("/nul/assignment").to_string(), position: None, shown: None };
        field.accept(&accept).expect("accepted offline");
    }

    let field = poisoned.exchanged();

    let outbox = field.outbox().expect("the outbox").sync;
    assert_eq!((outbox.saved, outbox.sent, outbox.refused), (0, 0, 0));
    let tasks = field.tasks().expect("tasks");
    let task = tasks.iter().find(|task| task.narrative.contains("nenek di atap")).expect("the task under its new id");
    assert_eq!(task.status, Some(Status::Accepted), "the phone shows its own answer");
    let Some(Record::Assignment(order)) = poisoned.record(&task.id.parse().expect("an id")) else { panic!("no order") };
    assert_eq!(order.status, Some(Status::Accepted), "the center shows it too");
    assert_eq!(order.events.iter().filter(|event| event.status == Status::Accepted).count(), 1);
    let (at_center, _) = poisoned.folders.center.digest(&poisoned.device()).expect("the center computes");
    assert_eq!(field.digest().expect("a digest").digest, hex::encode(at_center));
}

#[test]
fn a_replaced_record_is_replaced_once() {
    let poisoned = Poisoned::opened();
    let center = &poisoned.folders.center;
    let records = center.records(siaga_domain::kind::RecordKind::Assignment).expect("assignments").len();

    let again = center.replace_unfit().expect("a look");

    assert_eq!(again, 0);
    assert_eq!(center.records(siaga_domain::kind::RecordKind::Assignment).expect("assignments").len(), records);
}

#[test]
fn what_was_ordered_closed_and_lowered_under_ids_that_were_taken_has_no_effect() {
    let poisoned = Poisoned::opened();

    let field = poisoned.exchanged();

    let id = poisoned.id("/ids/incident");
    let Some(Record::Incident(incident)) = poisoned.record(&id) else { panic!("no incident") };
    assert!(incident.closed.is_none());
    assert_eq!(incident.notes.iter().filter(|note| note.text == "ok").count(), 2, "what came first counts");
    let ordered = poisoned.id("/ordered_by_the_attacker");
    assert!(poisoned.record(&ordered).is_none(), "nobody ordered it");
    let on_phone = field.get(&ById { id: id.to_string() }).expect("the incident");
    let Record::Incident(on_phone) = on_phone.record else { panic!("no incident") };
    assert_eq!((on_phone.closed.is_none(), on_phone.priority), (true, incident.priority));
    assert!(field.tasks().expect("tasks").iter().any(|task| task.incident == id.to_string()));
    let (at_center, _) = poisoned.folders.center.digest(&poisoned.device()).expect("the center computes");
    assert_eq!(field.digest().expect("a digest").digest, hex::encode(at_center));
}

#[test]
fn what_was_struck_though_no_strike_takes_it_away_is_there_again() {
    let poisoned = Poisoned::opened();

    let field = poisoned.exchanged();

    let (incident, assignment) = (poisoned.id("/strike/incident"), poisoned.id("/strike/assignment"));
    let Some(Record::Incident(shown)) = poisoned.record(&incident) else { panic!("no incident") };
    assert!(shown.priority.is_some());
    assert!(matches!(poisoned.record(&assignment), Some(Record::Assignment(_))));
    assert!(field.tasks().expect("tasks").iter().any(|task| task.id == assignment.to_string()));
    for record in [incident, assignment] {
        let entries = poisoned.folders.center.entries(&record).expect("a reading");
        let overruled = |id| entries.iter().any(|one| matches!(&one.body, Body::Overruled(over) if over.target == id));
        let strikes: Vec<_> = entries.iter().filter(|entry| entry.body.kind() == "strike").collect();
        assert!(!strikes.is_empty() && strikes.iter().all(|strike| overruled(strike.id)), "as 0.2.0 reads it");
    }
    let (at_center, _) = poisoned.folders.center.digest(&poisoned.device()).expect("the center computes");
    assert_eq!(field.digest().expect("a digest").digest, hex::encode(at_center));
}

#[test]
fn records_are_read_anew_once() {
    let poisoned = Poisoned::opened();
    let record = poisoned.id("/strike/incident");
    let before = poisoned.folders.center.entries(&record).expect("a reading").len();

    let again = Center::open(poisoned.folders.center.dir()).expect("a second opening");

    assert_eq!(again.entries(&record).expect("a reading").len(), before);
}

#[test]
fn a_record_that_the_time_of_one_change_ended_is_written_on_by_everybody() {
    let poisoned = Poisoned::opened();
    let old = poisoned.id("/change_time/incident");
    let note = Body::Note(Note { text: "perahu berangkat".to_owned(), ..Note::default() });
    let (kind, start) = (RecordKind::Incident, Start::Append);
    let write = RecordWrite { record: old, kind, start, entries: vec![note] };

    poisoned.folders.center.write(write, "dispatcher").expect("the console writes on");
    let field = poisoned.exchanged();

    assert!(poisoned.record(&old).is_none(), "it stands under another id, for phones that cannot go on with it");
    let tasks = field.tasks().expect("tasks");
    let task = tasks.iter().find(|task| task.narrative == "panggilan change_time").expect("the task");
    let on_phone = field.get(&ById { id: task.incident.clone() }).expect("the incident");
    let Record::Incident(incident) = on_phone.record else { panic!("no incident") };
    assert!(incident.notes.iter().any(|note| note.text == "perahu berangkat"));
    let (at_center, _) = poisoned.folders.center.digest(&poisoned.device()).expect("the center computes");
    assert_eq!(field.digest().expect("a digest").digest, hex::encode(at_center));
}

#[test]
fn authors_of_every_release_give_their_changes_no_time() {
    let mut seen = 0;
    for release in frozen::releases().expect("releases") {
        let story: frozen::Story = frozen::read(&release, "story.json").expect("a story");
        let thawed = Thawed::open(&frozen::folder(&release), story.frozen_ms).expect("a center");
        for kind in RecordKind::ALL {
            for record in thawed.center.records(*kind).expect("records") {
                for change in thawed.center.history(&record.id).expect("a history") {
                    assert_eq!(Document::change_time(&change.bytes), Some(0), "{release}: {kind}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn who_was_let_in_by_an_order_under_an_id_that_was_taken_is_told_no_more() {
    let poisoned = Poisoned::opened();
    let center = &poisoned.folders.center;
    let (incident, ordered) = (poisoned.id("/ids/incident"), poisoned.id("/ordered_by_the_attacker"));
    let now = center.now();
    let device = Device {
        id: DeviceId::from_bytes([0xA2; 16]),
        unit: "AMB-02".to_owned(),
        role: Role::Medic,
        name: "HP AMB-02".to_owned(),
        public_key: DevicePublicKey([3; 33]),
        state: DeviceState::Active,
        code: "112112".to_owned(),
        app: "siaga-field 0.2.0".to_owned(),
        attested: false,
        enrolled_ms: now,
        state_ms: now,
        state_by: "test".to_owned(),
        contact: None,
        copied_ms: None,
    };
    let entered = |tx: &Connection| {
        device::insert(tx, &device)?;
        feed::enter(tx, &device.id, &ordered, RecordKind::Assignment)?;
        feed::enter(tx, &device.id, &incident, RecordKind::Incident)
    };
    center.db().write(|tx| entered(tx)).expect("enrolled and told");
    // The record as 0.2.0 read it.
    let old = poisoned.folders.path("old.db");
    std::fs::copy(frozen::poisoned().join("center/center.db"), &old).expect("a copy");
    let read: (String, String, Vec<u8>) = Connection::open(&old)
        .expect("the database of 0.2.0")
        .query_row(
            "SELECT json, unit, incident FROM projection WHERE record = ?1",
            [ordered.as_bytes().as_slice()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .expect("an order");
    let db = Connection::open(center.db().path()).expect("the database");
    let put = "UPDATE projection SET json = ?2, unit = ?3, incident = ?4 WHERE record = ?1";
    assert_eq!(db.execute(put, (ordered.as_bytes(), read.0, read.1, read.2)).expect("put back"), 1);
    assert_eq!(db.execute("DELETE FROM setting WHERE name = 'read_as'", []).expect("forgotten"), 1);

    let again = Center::open(center.dir()).expect("an opening after the update");

    for record in [ordered, incident] {
        let member = again.db().read(|tx| feed::membership(tx, &device.id, &record)).expect("a reading");
        assert!(member.is_some_and(|member| member.left > 0), "{record}");
    }
    assert!(
        again
            .db()
            .read(|tx| feed::membership(tx, &poisoned.device(), &incident))
            .expect("a reading")
            .is_some_and(|member| member.left == 0)
    );
}
