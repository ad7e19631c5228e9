//! What an archive takes from this phone, when, and what stays.

use super::*;
use siaga_domain::record::incident::{Closed, ClosureReason, Opened, Source};

const ARCHIVED_MS: i64 = 10_000;
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// A closed incident as the center wrote it.
pub(super) fn closed_incident(number: u8) -> (Document, FeedItem) {
    let header = Header { id: record(number), kind: RecordKind::Incident, schema: 1 };
    let opened = Opened {
        source: Source::Call,
        narrative: "air naik".to_owned(),
        caller_name: Some("Siti".to_owned()),
        caller_phone: None,
        unit: None,
    };
    let entries = [
        entry(100, Body::IncidentOpened(opened)),
        entry(101, Body::Closed(Closed { reason: ClosureReason::Done, text: String::new() })),
    ];
    let (document, changes) = Document::create(header, ActorId::from_bytes([40; 16]), &entries).expect("begins");
    let changes = changes.into_iter().map(|change| change.bytes).collect();
    let id = record(number);
    (document, FeedItem::Entered { record: id, kind: RecordKind::Incident, generation: 1, position: 1, changes })
}

fn archive(number: u32, record: RecordId, heads: Vec<ChangeHash>) -> Archive {
    Archive { incident: record, number, archived_ms: UtcMs(ARCHIVED_MS), records: vec![(record, heads)] }
}

fn leaves(number: u8, generation: u32, archive: Archive) -> News {
    let items = vec![FeedItem::Left { record: record(number), generation, position: 3 }];
    News { archives: vec![archive], ..news(items, vec![]) }
}

/// The crew writes one more line into it.
fn write_late(store: &Store) {
    let line = write(record(1), RecordKind::Incident, false, vec![note(2, "masih ada orang")]);
    store.author(authoring(vec![line])).expect("writes");
}

fn is_here(store: &Store, number: u8) -> bool {
    store.record(record(number)).expect("answers").is_some()
}

fn own_change(store: &Store) -> Vec<u8> {
    store.conn.query_row("SELECT bytes FROM change WHERE origin = 'local'", [], |row| row.get(0)).expect("own")
}

fn count(store: &Store, sql: &str) -> i64 {
    store.conn.query_row(sql, [], |row| row.get(0)).expect("counts")
}

#[test]
fn an_archived_incident_goes_and_a_line_without_words_or_people_stays() {
    let (_folder, store, lease) = enrolled();
    let (document, entered) = closed_incident(1);
    store.apply_answer(&lease, &news(vec![entered], vec![])).expect("applies");

    store.apply_answer(&lease, &leaves(1, 1, archive(1, record(1), document.heads()))).expect("applies");

    assert!(!is_here(&store, 1));
    let lines = store.archived().expect("answers");
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].incident, lines[0].number, lines[0].reason), (record(1), 1, Some(ClosureReason::Done)));
    assert_eq!(count(&store, "SELECT count(*) FROM archive WHERE line LIKE '%air%' OR line LIKE '%Siti%'"), 0);
    assert_eq!(count(&store, "SELECT count(*) FROM change"), 0);
}

#[test]
fn what_waits_in_the_outbox_is_sent_first_and_the_record_stays_until_its_addendum_is_archived() {
    let (_folder, store, lease) = enrolled();
    let (mut document, entered) = closed_incident(1);
    store.apply_answer(&lease, &news(vec![entered], vec![])).expect("applies");
    let first = archive(1, record(1), document.heads());
    write_late(&store);

    store.apply_answer(&lease, &leaves(1, 1, first.clone())).expect("applies");
    assert!(is_here(&store, 1), "it waits for a verdict");
    let seq = seal_all(&store, &lease, siaga_domain::kind::Lane::Records);
    let own = own_change(&store);
    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, vec![])])).expect("applies");
    assert!(is_here(&store, 1), "no archive says that it ended here");
    document.replay([own.as_slice()]).expect("fits");
    let second = Archive { number: 2, ..archive(2, record(1), document.heads()) };
    let both = News { archives: vec![first, second.clone()], ..leaves(1, 1, second) };
    store.apply_answer(&lease, &both).expect("applies");

    assert!(!is_here(&store, 1));
    assert_eq!(store.archived().expect("answers")[0].number, 2);
}

#[test]
fn a_record_that_does_not_stand_where_the_archive_says_it_ended_stays() {
    let (_folder, store, lease) = enrolled();
    let (_, entered) = closed_incident(1);
    store.apply_answer(&lease, &news(vec![entered], vec![])).expect("applies");

    store.apply_answer(&lease, &leaves(1, 1, archive(1, record(1), vec![ChangeHash([9; 32])]))).expect("applies");

    assert!(is_here(&store, 1));
    assert_eq!(store.archived().expect("answers"), []);
}

#[test]
fn own_changes_are_kept_a_week_after_the_archive_and_then_let_go() {
    let (_folder, store, lease) = enrolled();
    let (mut document, entered) = closed_incident(1);
    store.apply_answer(&lease, &news(vec![entered], vec![])).expect("applies");
    write_late(&store);
    let own = own_change(&store);
    document.replay([own.as_slice()]).expect("fits");
    let seq = seal_all(&store, &lease, siaga_domain::kind::Lane::Records);
    let gone = leaves(1, 1, archive(1, record(1), document.heads()));
    store.apply_answer(&lease, &News { receipts: vec![receipt(1, seq, vec![])], ..gone }).expect("applies");
    let kept = |store: &Store| count(store, "SELECT count(*) FROM change");

    assert_eq!(kept(&store), 1);
    store.apply_answer(&lease, &News { at_ms: UtcMs(ARCHIVED_MS + WEEK_MS), ..news(vec![], vec![]) }).expect("applies");
    assert_eq!(kept(&store), 1);
    store
        .apply_answer(&lease, &News { at_ms: UtcMs(ARCHIVED_MS + WEEK_MS + 1), ..news(vec![], vec![]) })
        .expect("applies");

    assert_eq!(kept(&store), 0);
    assert_eq!(store.archived().expect("answers").len(), 1);
}
