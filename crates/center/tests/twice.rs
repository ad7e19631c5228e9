//! One enrolled phone of the lowest role against everybody: ids that are taken, strikes of what the center said, words of
//! others written again, and the directory; over real TLS.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod phone;

use phone::{Phone, Stage, fresh, now_ms};
use siaga_center::Center;
use siaga_center::db::part;
use siaga_center::journal::{RecordWrite, Start};
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body, Entry, Note, Overruled, Stamp, Strike};
use siaga_domain::id::{ActorId, EntryId, RecordId, UnitCode};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::Record;
use siaga_domain::record::assignment::{Assignment, Order, StatusEvent};
use siaga_domain::record::directory::{Agency, Unit, UnitKind};
use siaga_domain::record::incident::{Closed, ClosureReason, Incident, Opened, Priority, PriorityIs, Reopened, Source};
use siaga_domain::record::shift::Planned;
use siaga_domain::record::{identity, patient};
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_wire::exchange::Outcome;
use siaga_wire::receipt::Verdict;

const INCIDENT: RecordKind = RecordKind::Incident;

fn note(text: &str) -> Body {
    Body::Note(Note { text: text.to_owned(), ..Note::default() })
}

fn closed() -> Body {
    Body::Closed(Closed { reason: ClosureReason::FalseReport, text: String::new() })
}

fn first() -> Body {
    Body::Priority(PriorityIs { priority: Priority::P1 })
}

fn status(status: Status) -> Body {
    Body::StatusEvent(StatusEvent { status, lat: None, lon: None, accuracy_m: None, reason: None, outcome: None })
}

fn order(incident: RecordId, unit: &str) -> Body {
    Body::Order(Order {
        incident,
        unit: UnitCode::new(unit).expect("a code"),
        priority: Priority::P1,
        text: String::new(),
        ack_within_s: 60,
    })
}

fn with_id(id: EntryId, body: Body) -> NewEntry {
    NewEntry { id, stamp: Stamp::default(), body }
}

fn new_id() -> EntryId {
    fresh(EntryId::from_bytes)
}

/// Another phone, with the key of this scalar.
async fn join(stage: &Stage, unit: &str, role: Role, scalar: u8) -> Phone {
    let mut phone = Phone::new(stage.serving.field, &stage.center, scalar);
    let answer = phone.enrol(&stage.invite(unit, role, true)).await;
    phone.take_enrolment(answer);
    phone.exchange(Vec::new(), 0).await;
    phone
}

/// Sends changes of one record and gives what the receipt says of those that were not accepted. News are not taken: the phone
/// goes on writing on what it had when it joined.
async fn send(phone: &mut Phone, record: RecordId, kind: RecordKind, changes: Vec<Vec<u8>>) -> Vec<(Verdict, String)> {
    let envelope = phone.seal(vec![(record, kind, changes)]);
    let answer = phone.ask(phone.request(vec![envelope], 0)).await;
    let Outcome::Exchanged(answer) = answer.outcome else { panic!("not exchanged: {:?}", answer.outcome) };
    let receipts = phone.receipts(&answer);
    receipts[0].exceptions.iter().map(|one| (one.verdict, one.reason.clone())).collect()
}

/// What a phone of our own would never write: these entries as one change, on top of what it has of a record.
fn craft(phone: &Phone, record: RecordId, entries: &[NewEntry]) -> Vec<Vec<u8>> {
    let mut document = phone.documents[&record].clone();
    let made = document.append(fresh(ActorId::from_bytes), entries).expect("a change");
    made.into_iter().map(|change| change.bytes).collect()
}

fn craft_new(record: RecordId, kind: RecordKind, entries: &[NewEntry]) -> Vec<Vec<u8>> {
    let header = Header { id: record, kind, schema: siaga_wire::SCHEMA };
    let (_, made) = Document::create(header, fresh(ActorId::from_bytes), entries).expect("a document");
    made.into_iter().map(|change| change.bytes).collect()
}

fn twice() -> Vec<(Verdict, String)> {
    vec![(Verdict::Refuse, "entry_twice".to_owned())]
}

fn denied() -> Vec<(Verdict, String)> {
    vec![(Verdict::Overrule, "center_only".to_owned())]
}

fn incident(center: &Center, id: RecordId) -> Incident {
    match center.record(&id).expect("a reading").expect("it is there").record {
        Some(Record::Incident(incident)) => incident,
        other => panic!("no incident: {other:?}"),
    }
}

fn assignment(center: &Center, id: RecordId) -> Assignment {
    match center.record(&id).expect("a reading").expect("it is there").record {
        Some(Record::Assignment(assignment)) => assignment,
        other => panic!("no assignment: {other:?}"),
    }
}

fn entry_of(center: &Center, record: RecordId, kind: &str) -> Entry {
    let entries = center.entries(&record).expect("a reading");
    entries.into_iter().find(|entry| entry.body.kind() == kind).expect("an entry of the kind")
}

fn writes(center: &Center, record: RecordId, kind: RecordKind, entries: Vec<Body>) {
    let write = RecordWrite { record, kind, start: Start::Append, entries };
    center.write(write, "dispatcher").expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_village_phone_closes_no_incident_and_sets_no_priority_under_an_id_that_is_taken() {
    let stage = Stage::set().await;
    let (id, _) = stage.order("TRC-01");
    let mut village = join(&stage, "TRC-01", Role::Village, 8).await;
    let opened = entry_of(&stage.center, id, "opened").id;
    let (x, y) = (new_id(), new_id());
    let before = stage.center.entries(&id).expect("a reading").len();

    // In one change, in two of one delivery, after what was accepted before, and under the id of the center's opening.
    let one = craft(&village, id, &[with_id(x, note("a")), with_id(x, closed())]);
    assert_eq!(send(&mut village, id, INCIDENT, one).await, twice());
    let mut document = village.documents[&id].clone();
    let actor = fresh(ActorId::from_bytes);
    let mut two: Vec<Vec<u8>> = Vec::new();
    for body in [note("b"), closed()] {
        two.extend(document.append(actor, &[with_id(y, body)]).expect("a change").into_iter().map(|one| one.bytes));
    }
    assert_eq!(send(&mut village, id, INCIDENT, two).await, twice());
    for (target, body) in [(y, first()), (y, closed()), (opened, closed()), (opened, first()), (opened, note("c"))] {
        let change = craft(&village, id, &[with_id(target, body)]);
        assert_eq!(send(&mut village, id, INCIDENT, change).await, twice());
    }
    // A ruling under a taken id would have taken the opening away.
    let ruling = Body::Overruled(Overruled { target: opened, reason: "role".to_owned() });
    let change = craft(&village, id, &[with_id(y, ruling)]);
    assert_eq!(send(&mut village, id, INCIDENT, change).await, twice());

    let now = incident(&stage.center, id);
    assert!(now.closed.is_none() && now.priority.is_none() && now.struck.is_empty(), "{now:?}");
    assert_eq!(now.notes.len(), 1, "the one note that came alone");
    assert_eq!(stage.center.entries(&id).expect("a reading").len(), before + 1);
    assert!(stage.center.check().expect("a check").problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_center_may_write_is_overruled_under_whatever_id_it_comes() {
    let stage = Stage::set().await;
    let (id, _) = stage.order("TRC-01");
    let mut village = join(&stage, "TRC-01", Role::Village, 8).await;
    let x = new_id();

    let both = craft(&village, id, &[with_id(x, closed()), with_id(new_id(), first())]);
    let first_time = send(&mut village, id, INCIDENT, both).await;
    // The same words a second time, by the same phone as another writer: a twin of what is overruled already.
    let again = craft(&village, id, &[with_id(x, closed())]);
    let second_time = send(&mut village, id, INCIDENT, again).await;

    assert_eq!(first_time, denied());
    assert!(second_time == denied() || second_time == twice(), "{second_time:?}");
    let now = incident(&stage.center, id);
    assert!(now.closed.is_none() && now.priority.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_village_phone_orders_no_unit_and_reads_no_patient_by_an_order_under_a_taken_id() {
    let stage = Stage::set().await;
    let mut medic = stage.phone("AMB-01", Role::Medic).await;
    let (theirs, _) = stage.order("AMB-01");
    medic.exchange(Vec::new(), 0).await;
    let (who, name) = (fresh(RecordId::from_bytes), fresh(RecordId::from_bytes));
    let opened: patient::Opened =
        serde_json::from_value(serde_json::json!({ "incident": theirs, "sex": "L", "identity": name })).expect("one");
    let patient = medic.begin(who, RecordKind::Patient, Body::PatientOpened(opened));
    let identity = medic.begin(name, RecordKind::Identity, Body::IdentityOpened(identity::Opened { patient: who }));
    medic.exchange(vec![patient, identity], 0).await;
    let mut volunteer = join(&stage, "TRC-01", Role::Volunteer, 8).await;
    let here = volunteer.documents.len();

    for unit in ["AMB-01", "TRC-01"] {
        let (record, x) = (fresh(RecordId::from_bytes), new_id());
        let entries = [with_id(x, status(Status::Accepted)), with_id(x, order(theirs, unit))];
        let one = craft_new(record, RecordKind::Assignment, &entries);
        assert_eq!(send(&mut volunteer, record, RecordKind::Assignment, one).await, twice());
        assert!(stage.center.record(&record).expect("a reading").is_none());

        let begun = craft_new(record, RecordKind::Assignment, &entries[..1]);
        assert!(send(&mut volunteer, record, RecordKind::Assignment, begun.clone()).await.is_empty());
        let document = Document::from_log(begun.iter().map(Vec::as_slice)).expect("a document");
        volunteer.documents.insert(record, document);
        let then = craft(&volunteer, record, &entries[1..]);
        assert_eq!(send(&mut volunteer, record, RecordKind::Assignment, then).await, twice());
        assert!(stage.center.record(&record).expect("a reading").expect("begun").record.is_none(), "no order");
        volunteer.documents.remove(&record);
    }

    volunteer.exchange(Vec::new(), 0).await;
    medic.exchange(Vec::new(), 0).await;
    assert_eq!(volunteer.documents.len(), here);
    for record in [theirs, who, name] {
        assert!(!volunteer.documents.contains_key(&record));
    }
    let orders = |document: &Document| document.header().is_some_and(|one| one.kind == RecordKind::Assignment);
    assert_eq!(medic.documents.values().filter(|document| orders(document)).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_taken_in_every_part_of_an_incident() {
    let stage = Stage::set().await;
    let (id, _) = stage.order("TRC-01");
    stage.center.set_setting(siaga_center::journal::parts::PERIOD_SETTING, "0").expect("a setting");
    writes(&stage.center, id, INCIDENT, vec![note("satu")]);
    stage.center.set_setting(siaga_center::journal::parts::PERIOD_SETTING, "12").expect("a setting");
    let parts = stage.center.db().read(|tx| part::of(tx, &id)).expect("a reading");
    let later = parts.last().expect("a second part").record;
    let mut village = join(&stage, "TRC-01", Role::Village, 8).await;
    let opened = entry_of(&stage.center, id, "opened").id;
    let continues = entry_of(&stage.center, later, "continues").id;

    let mut all = Vec::new();
    for (record, target) in [(later, opened), (id, continues)] {
        for body in [closed(), note("x")] {
            let change = craft(&village, record, &[with_id(target, body)]);
            all.push(send(&mut village, record, INCIDENT, change).await);
        }
    }
    // Both at once, into the two parts, in one envelope.
    let x = new_id();
    let (one, other) = (craft(&village, id, &[with_id(x, note("x"))]), craft(&village, later, &[with_id(x, closed())]));
    let envelope = village.seal(vec![(id, INCIDENT, one), (later, INCIDENT, other)]);
    let answer = village.exchange(vec![envelope], 0).await;
    let both: Vec<_> =
        village.receipts(&answer)[0].exceptions.iter().map(|one| (one.verdict, one.reason.clone())).collect();

    assert!(all.iter().all(|ruled| *ruled == twice()), "{all:?}");
    assert_eq!(both, twice());
    assert!(incident(&stage.center, id).closed.is_none());
    assert!(stage.center.check().expect("a check").problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_repeats_its_own_words_and_nobody_elses_so_that_they_stand_earlier() {
    let stage = Stage::set().await;
    let (id, _) = stage.order("TRC-01");
    let mut ani = join(&stage, "TRC-01", Role::Volunteer, 8).await;
    let mut budi = join(&stage, "TRC-01", Role::Village, 9).await;
    let at_the_beginning = ani.documents[&id].clone();
    let x = new_id();
    let mine = craft(&ani, id, &[with_id(x, note("air naik"))]);
    assert!(send(&mut ani, id, INCIDENT, mine).await.is_empty());
    writes(&stage.center, id, INCIDENT, vec![closed()]);
    writes(&stage.center, id, INCIDENT, vec![Body::Reopened(Reopened { text: String::new() })]);
    writes(&stage.center, id, INCIDENT, vec![note("dari 112")]);
    let copied = |body: &str| {
        let entry = entry_of(&stage.center, id, body);
        NewEntry { id: entry.id, stamp: entry.stamp, body: entry.body }
    };
    let (reopened, of_center) = (copied("reopened"), {
        let entries = stage.center.entries(&id).expect("a reading");
        let entry = entries.into_iter().rfind(|entry| entry.body.kind() == "note").expect("the center's note");
        NewEntry { id: entry.id, stamp: entry.stamp, body: entry.body }
    });
    ani.documents.insert(id, at_the_beginning.clone());
    budi.documents.insert(id, at_the_beginning);

    let own = craft(&ani, id, &[with_id(x, note("air naik"))]);
    assert!(send(&mut ani, id, INCIDENT, own).await.is_empty(), "written again after a refusal");
    for entry in [reopened, of_center] {
        let backdated = craft(&budi, id, &[entry]);
        assert_eq!(send(&mut budi, id, INCIDENT, backdated).await, twice());
    }

    let now = incident(&stage.center, id);
    assert!(now.closed.is_none() && now.struck.is_empty(), "{now:?}");
    assert_eq!(now.notes.len(), 2);
    assert_eq!(stage.center.received(&id).expect("a reading")[&x].origin, Some(ani.device));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strike_of_what_opens_a_record_or_of_the_centers_word_is_overruled() {
    let stage = Stage::set().await;
    let (id, task) = stage.order("TRC-01");
    writes(&stage.center, id, INCIDENT, vec![first()]);
    let mut village = join(&stage, "TRC-01", Role::Village, 8).await;
    let targets = [
        (id, INCIDENT, entry_of(&stage.center, id, "opened").id),
        (id, INCIDENT, entry_of(&stage.center, id, "priority").id),
        (task, RecordKind::Assignment, entry_of(&stage.center, task, "order").id),
    ];

    for (record, kind, target) in targets {
        let strike = with_id(new_id(), Body::Strike(Strike { target, reason: "salah".to_owned() }));
        let ruling = strike.id;
        let change = craft(&village, record, &[strike]);
        assert_eq!(send(&mut village, record, kind, change).await, denied());
        // Builds up to 0.2.0 leave a strike out where it is overruled, and only there.
        let entries = stage.center.entries(&record).expect("a reading");
        let is_overruled = |one: &Entry| matches!(&one.body, Body::Overruled(over) if over.target == ruling);
        assert!(entries.iter().any(is_overruled));
    }

    assert_eq!(incident(&stage.center, id).priority, Some(Priority::P1));
    assert_eq!(assignment(&stage.center, task).unit.as_str(), "TRC-01");
    let mistake = village.append(id, note("salah")).remove(0);
    assert!(send(&mut village, id, INCIDENT, vec![mistake]).await.is_empty());
    let wrong = incident(&stage.center, id).notes.last().expect("a note").author.entry.parse().expect("an id");
    let strike = village.append(id, Body::Strike(Strike { target: wrong, reason: "salah".to_owned() })).remove(0);
    assert!(send(&mut village, id, INCIDENT, vec![strike]).await.is_empty(), "one's own words are withdrawn as ever");
    assert!(incident(&stage.center, id).notes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_phone_opens_a_record_again_or_plans_the_shift_of_another() {
    let stage = Stage::set().await;
    let shift = stage.center.new_record();
    let plan = |post: &str| {
        let (from_ms, until_ms) = (UtcMs(now_ms() - 3_600_000), UtcMs(now_ms() + 3_600_000));
        Body::Planned(Planned { post: post.parse().expect("a code"), from_ms, until_ms })
    };
    let create =
        RecordWrite { record: shift, kind: RecordKind::Shift, start: Start::Create, entries: vec![plan("PSC")] };
    stage.center.write(create, "roster").expect("a shift");
    let (id, _) = stage.order("TRC-01");
    let mut village = join(&stage, "TRC-01", Role::Village, 8).await;
    let opened = Body::IncidentOpened(Opened {
        source: Source::Field,
        narrative: "lain".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    });

    for (record, kind, body) in [(shift, RecordKind::Shift, plan("LAIN")), (id, INCIDENT, opened)] {
        let change = craft(&village, record, &[with_id(new_id(), body)]);
        assert_eq!(send(&mut village, record, kind, change).await, denied());
    }
    let mine = fresh(RecordId::from_bytes);
    let begun = craft_new(mine, RecordKind::Shift, &[with_id(new_id(), plan("PSC"))]);
    assert!(send(&mut village, mine, RecordKind::Shift, begun).await.is_empty(), "who came unplanned plans their own");

    let stored = stage.center.record(&shift).expect("a reading").expect("it is there").record;
    assert!(matches!(stored, Some(Record::Shift(shift)) if shift.post.as_str() == "PSC"));
    assert_eq!(incident(&stage.center, id).narrative, "air naik");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_role_writes_into_the_directory_or_begins_another() {
    let stage = Stage::set().await;
    let directory = stage.center.records(RecordKind::Directory).expect("a reading")[0].clone();
    let agency = || Body::Agency(Agency { code: "PALSU".parse().expect("a code"), name: "Palsu".to_owned() });
    let unit = || {
        Body::Unit(Unit {
            code: UnitCode::new("AMB-01").expect("a code"),
            name: "Palsu".to_owned(),
            kind: UnitKind::Boat,
            agency: "PALSU".parse().expect("a code"),
            post: "PALSU".parse().expect("a code"),
        })
    };
    let known = entry_of(&stage.center, directory.id, "unit").id;

    for (role, scalar) in Role::ALL.iter().zip(20..) {
        let mut phone = join(&stage, "TRC-01", *role, scalar).await;
        for entries in [
            vec![with_id(new_id(), agency())],
            vec![with_id(new_id(), unit())],
            vec![with_id(new_id(), note("x")), with_id(new_id(), unit())],
        ] {
            let change = craft(&phone, directory.id, &entries);
            let ruled = send(&mut phone, directory.id, RecordKind::Directory, change).await;
            assert!(ruled.iter().all(|(verdict, _)| *verdict == Verdict::Refuse) && !ruled.is_empty(), "{ruled:?}");
            let record = fresh(RecordId::from_bytes);
            let begun = craft_new(record, RecordKind::Directory, &entries);
            let ruled = send(&mut phone, record, RecordKind::Directory, begun).await;
            assert!(ruled.iter().all(|(verdict, _)| *verdict == Verdict::Refuse) && !ruled.is_empty(), "{ruled:?}");
            assert!(stage.center.record(&record).expect("a reading").is_none());
        }
        let change = craft(&phone, directory.id, &[with_id(known, agency())]);
        assert_eq!(send(&mut phone, directory.id, RecordKind::Directory, change).await, twice());
    }

    let now = stage.center.records(RecordKind::Directory).expect("a reading");
    assert_eq!((now.len(), &now[0].record, &now[0].heads), (1, &directory.record, &directory.heads));
}
