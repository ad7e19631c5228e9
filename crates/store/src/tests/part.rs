//! An incident in parts on this phone: read as one, written into the newest.

use super::*;
use siaga_domain::delivery::Delivery;
use siaga_domain::record::Record;
use siaga_domain::record::incident::{Continues, Opened, Source};

fn begun(number: u8, entries: &[NewEntry]) -> (Document, FeedItem) {
    let id = record(number);
    let header = Header { id, kind: RecordKind::Incident, schema: 1 };
    let (document, changes) = Document::create(header, ActorId::from_bytes([40; 16]), entries).expect("begins");
    let changes = changes.into_iter().map(|change| change.bytes).collect();
    (document, FeedItem::Entered { record: id, kind: RecordKind::Incident, generation: 1, position: 1, changes })
}

fn first() -> FeedItem {
    let opened = Opened {
        source: Source::Call,
        narrative: "air naik".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    };
    begun(1, &[entry(100, Body::IncidentOpened(opened)), note(101, "bagian satu")]).1
}

fn second() -> FeedItem {
    let continues = Continues { incident: record(1), part: 2 };
    begun(2, &[entry(102, Body::Continues(continues)), note(103, "bagian dua")]).1
}

fn write_on(store: &Store, number: u8, text: &str) {
    let line = write(record(1), RecordKind::Incident, false, vec![note(number, text)]);
    store.author(authoring(vec![line])).expect("writes");
}

fn texts(store: &Store) -> Vec<String> {
    match store.record(record(1)).expect("answers").expect("is here").record {
        Record::Incident(incident) => incident.notes.into_iter().map(|note| note.text).collect(),
        _ => panic!("an incident"),
    }
}

#[test]
fn parts_read_as_one_incident_and_what_is_written_goes_into_the_newest() {
    let (_folder, store, lease) = enrolled();
    store.apply_answer(&lease, &news(vec![first(), second()], vec![])).expect("applies");

    write_on(&store, 3, "dari sini");

    assert_eq!(texts(&store), ["bagian satu", "bagian dua", "dari sini"]);
    assert_eq!(store.records(RecordKind::Incident).expect("answers").len(), 1);
    let into: Vec<u8> = store.conn.query_row("SELECT record FROM outbox", [], |row| row.get(0)).expect("one");
    assert_eq!(into, record(2).as_bytes());
    let shown = store.outbox().expect("answers");
    assert_eq!(shown.iter().map(|row| row.record).collect::<Vec<_>>(), [record(1)], "as its incident");
    let waiting = store.entry_delivery(record(1)).expect("answers");
    assert_eq!(waiting.iter().filter(|(_, how)| !matches!(how, Delivery::Received { .. })).count(), 1);
}

#[test]
fn what_was_written_before_the_next_part_was_heard_of_is_read_with_it() {
    let (_folder, store, lease) = enrolled();
    store.apply_answer(&lease, &news(vec![first()], vec![])).expect("applies");
    write_on(&store, 3, "dari lembah");

    store.apply_answer(&lease, &news(vec![second()], vec![])).expect("applies");
    write_on(&store, 4, "setelah itu");

    assert_eq!(texts(&store), ["bagian satu", "dari lembah", "bagian dua", "setelah itu"]);
}
