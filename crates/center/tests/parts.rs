//! Incidents in parts: when the next one is opened, who is told, and that they read as one.

#![allow(clippy::panic, reason = "a test ends where something is not as it must be")]

#[path = "support/world.rs"]
mod world;

use siaga_center::Center;
use siaga_center::db::part::{self, Part};
use siaga_center::exchange::news;
use siaga_center::journal::{RecordWrite, Start};
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::{RecordId, UnitCode};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Order;
use siaga_domain::record::incident::{CHANGES_OF_A_PART, Incident, Opened, Priority, Source};
use siaga_wire::exchange::News;
use world::World;

const HOUR_S: i64 = 3_600;

fn note(text: &str) -> Body {
    Body::Note(Note { text: text.to_owned(), ..Note::default() })
}

fn add(center: &Center, incident: RecordId, text: &str) {
    let write =
        RecordWrite { record: incident, kind: RecordKind::Incident, start: Start::Append, entries: vec![note(text)] };
    center.write(write, "dispatcher").expect("written");
}

fn incident(world: &World) -> RecordId {
    let (incident, assignment) = (world.center.new_record(), world.center.new_record());
    let opened = Opened {
        source: Source::Call,
        narrative: "air naik".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    };
    let order = Order {
        incident,
        unit: UnitCode::new("AMB-01").expect("a code"),
        priority: Priority::P1,
        text: String::new(),
        ack_within_s: 60,
    };
    for (record, kind, body) in [
        (incident, RecordKind::Incident, Body::IncidentOpened(opened)),
        (assignment, RecordKind::Assignment, Body::Order(order)),
    ] {
        let write = RecordWrite { record, kind, start: Start::Create, entries: vec![body] };
        world.center.write(write, "dispatcher").expect("written");
    }
    incident
}

fn parts(world: &World, incident: RecordId) -> Vec<Part> {
    world.center.db().read(|tx| part::of(tx, &incident)).expect("a reading")
}

fn changes(world: &World, record: RecordId) -> u32 {
    world.center.record(&record).expect("a reading").expect("a record").change_count
}

fn shown(world: &World, incident: RecordId) -> Incident {
    match world.center.record(&incident).expect("a reading").expect("a record").record {
        Some(Record::Incident(incident)) => incident,
        other => panic!("no incident: {other:?}"),
    }
}

fn texts(world: &World, incident: RecordId) -> Vec<String> {
    shown(world, incident).notes.into_iter().map(|note| note.text).collect()
}

#[test]
fn an_incident_of_more_than_three_hundred_changes_lies_in_parts_of_at_most_so_many_and_reads_as_one() {
    let world = World::new();
    let id = incident(&world);
    let told: Vec<String> = (0..CHANGES_OF_A_PART + 20).map(|number| format!("air naik {number} cm")).collect();

    for text in &told {
        add(&world.center, id, text);
    }

    let later = parts(&world, id);
    assert_eq!(later.iter().map(|part| part.part).collect::<Vec<_>>(), [2]);
    for record in std::iter::once(id).chain(later.iter().map(|part| part.record)) {
        assert!(changes(&world, record) <= CHANGES_OF_A_PART);
    }
    assert_eq!(texts(&world, id), told);
    assert!(world.center.check().expect("a check").problems.is_empty());
}

#[test]
fn an_operational_period_opens_the_next_part_once_and_none_behind_one_nobody_wrote_in() {
    let world = World::new();
    let phone = world.phone("AMB-01", Role::Medic);
    let id = incident(&world);

    add(&world.center, id, "satu");
    world.pass(11 * HOUR_S);
    add(&world.center, id, "dua");
    assert_eq!(parts(&world, id), [], "twelve hours are not over");
    world.pass(2 * HOUR_S);
    add(&world.center, id, "tiga");
    add(&world.center, id, "empat");

    let later = parts(&world, id);
    assert_eq!(later.len(), 1);
    assert_eq!((changes(&world, id), changes(&world, later[0].record)), (4, 2));
    assert_eq!(texts(&world, id), ["satu", "dua", "tiga", "empat"]);
    let slice = world.center.db().read(|tx| news::slice(tx, &phone.device, [0, 0], 1_000_000)).expect("a reading");
    let entered = |news: &News| matches!(news, News::Entered { record, .. } if *record == later[0].record);
    assert!(slice.news.iter().any(entered), "whoever holds the incident is told its parts");
}

#[test]
fn a_phone_that_did_not_hear_of_the_next_part_writes_on_and_nothing_of_it_is_lost() {
    let world = World::new();
    let phone = world.phone("AMB-01", Role::Medic);
    let id = incident(&world);
    let before = world.center.document(&id).expect("a reading").expect("a document");
    world.pass(13 * HOUR_S);
    add(&world.center, id, "bagian satu");
    add(&world.center, id, "bagian dua");
    let (one, two) = (
        world.entry("Ani", world.center.now(), &[], note("dari lembah, satu")),
        world.entry("Ani", world.center.now(), &[], note("dari lembah, dua")),
    );

    let first = world.write(&phone, RecordKind::Incident, Some(&(id, before)), &[one]);
    let second = world.write(&phone, RecordKind::Incident, Some(&first.document), &[two]);
    let tallies = [world.receive(&phone, "Ani", &first), world.receive(&phone, "Ani", &second)];

    assert!(tallies.iter().all(|tally| tally.accepted == 1));
    assert_eq!(parts(&world, id).len(), 1, "the part that is open is not rolled over by an earlier one");
    let mut read = texts(&world, id);
    assert_eq!(read.pop().as_deref(), Some("bagian dua"), "the later part is read last");
    // Whether the center's line stands before those of the valley is between their actors: neither saw the other.
    read.retain(|text| text != "bagian satu");
    assert_eq!(read, ["dari lembah, satu", "dari lembah, dua"]);
    assert!(world.center.check().expect("a check").problems.is_empty());
}
