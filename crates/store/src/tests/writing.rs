//! Use cases: all or nothing, and what reads back.

use super::*;
use siaga_domain::delivery::Delivery;
use siaga_domain::record::Record;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn what_was_written_is_there_after_the_process_is_gone() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    add(&store, id, vec![triage(2, TriageColor::Red)]);
    drop(store);

    let stored = open(folder.path()).record(id).expect("answers").expect("is here");

    let Record::Patient(patient) = &stored.record else { panic!("a patient") };
    assert_eq!(patient.triage.as_ref().map(|triage| triage.value), Some(TriageColor::Red));
    assert_eq!(stored.change_count, 2);
    assert_eq!(stored.delivery, Some(Delivery::Saved { at_ms: UtcMs(1_000) }));
}

#[test]
fn a_use_case_that_fails_in_its_second_record_leaves_nothing_of_the_first() {
    let (_folder, store) = home();
    let taken = patient(&store, 1);
    let fresh = record(2);

    let failed = store.author(authoring(vec![
        write(fresh, RecordKind::Patient, true, vec![opening(2)]),
        write(taken, RecordKind::Patient, true, vec![opening(3)]),
    ]));

    assert!(matches!(failed, Err(StoreError::RecordExists(id)) if id == taken));
    assert!(store.record(fresh).expect("answers").is_none());
    assert!(store.document(fresh).expect("answers").is_none());
    assert_eq!(store.outbox().expect("answers").len(), 1);
    assert_eq!(store.conn.query_row("SELECT count(*) FROM intent", [], |row| row.get(0)), Ok(1));
}

#[test]
fn a_transaction_cut_off_by_a_panic_leaves_nothing_behind() {
    let (_folder, store) = home();

    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let tx = store.writing().expect("begins");
        tx.execute("INSERT INTO setting (key, value) VALUES ('half', 'done')", []).expect("writes");
        panic!("the process stumbles");
    }));

    assert!(unwound.is_err());
    assert_eq!(store.setting("half").expect("answers"), None);
    patient(&store, 1);
}

#[test]
fn every_record_that_exists_is_queued_with_its_person_and_its_intent() {
    let (_folder, store) = home();

    patient(&store, 1);
    sos(&store, 2);

    let waiting = store.outbox().expect("answers");
    assert_eq!(waiting.iter().map(|row| row.lane.number()).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(waiting.iter().map(|row| row.entries.clone()).collect::<Vec<_>>(), [["raised"], ["patient"]]);
    assert_eq!(store.conn.query_row("SELECT count(*) FROM intent WHERE person = 'Ani'", [], |row| row.get(0)), Ok(2));
}

#[test]
fn a_role_that_may_not_write_it_writes_nothing() {
    let (_folder, store) = home();
    let mut write_patient = authoring(vec![write(record(1), RecordKind::Patient, true, vec![opening(1)])]);
    write_patient.role = Role::Village;

    let denied = store.author(write_patient);

    assert!(matches!(denied, Err(StoreError::Denied(_))));
    assert!(store.outbox().expect("answers").is_empty());
}

#[test]
fn a_long_record_is_the_same_from_its_snapshot_and_from_its_log() {
    let (_folder, store) = home();
    let id = patient(&store, 1);
    for number in 2..80 {
        add(&store, id, vec![note(number, "a line")]);
    }
    let snapshots = || store.conn.query_row("SELECT count(*) FROM snapshot", [], |row| row.get::<_, i64>(0));
    assert_eq!(snapshots(), Ok(1));
    let with = store.document(id).expect("answers").expect("is here");

    store.conn.execute("DELETE FROM snapshot", []).expect("deletes");

    let without = store.document(id).expect("answers").expect("is here");
    assert_eq!(with.heads(), without.heads());
    assert_eq!(with.record(), without.record());
    assert_eq!(without.change_count(), 79);
}

#[test]
fn a_damaged_snapshot_costs_nothing_but_time() {
    let (_folder, store) = home();
    let id = patient(&store, 1);
    for number in 2..40 {
        add(&store, id, vec![note(number, "a line")]);
    }
    store.conn.execute("UPDATE snapshot SET bytes = x'00010203'", []).expect("damages");

    let document = store.document(id).expect("answers").expect("is here");

    assert_eq!(document.change_count(), 39);
    add(&store, id, vec![note(50, "and on")]);
}

#[test]
fn two_guests_that_write_one_record_at_once_lose_nothing() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    let writers: Vec<_> = [(2_u8, 100_u8), (3, 150)]
        .into_iter()
        .map(|(_, from)| {
            let path = folder.path().to_owned();
            std::thread::spawn(move || {
                let guest = open(&path);
                for number in from..from + 20 {
                    add(&guest, id, vec![note(number, "at once")]);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().expect("no panic");
    }

    let Record::Patient(patient) = store.record(id).expect("answers").expect("is here").record else {
        panic!("a patient")
    };

    assert_eq!(patient.notes.len(), 40);
    assert_eq!(store.outbox().expect("answers").len(), 41);
}

#[test]
fn a_thousand_records_are_listed_without_opening_a_document() {
    let (_folder, store) = home();
    let tx = store.writing().expect("begins");
    let (document, _) = from_elsewhere(1, 40, &[opening(1)]);
    let body = serde_json::to_string(&document.record().expect("a record")).expect("json");
    for number in 0..1_000_u32 {
        let mut id = [0_u8; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        tx.execute(
            "INSERT INTO record (id, kind, schema, heads, change_count, updated_ms) VALUES (?1, 'patient', 1, x'', 1, 0)",
            [id.as_slice()],
        )
        .expect("writes");
        tx.execute(
            "INSERT INTO projection (record, kind, incident, updated_ms, body) VALUES (?1, 'patient', NULL, 0, ?2)",
            rusqlite::params![id.as_slice(), body],
        )
        .expect("writes");
    }
    tx.commit().expect("commits");

    // There is no log behind these rows: opening a document would fail.
    assert_eq!(store.records(RecordKind::Patient).expect("answers").len(), 1_000);
}

#[test]
fn the_trail_is_numbered_without_gaps_and_reads_back_as_taken() {
    let (_folder, store) = home();
    let position = siaga_domain::place::Position::new(-1.847_123, 109.974_5, Some(12.0)).expect("on the earth");
    let fix = |at: i64| NewFix { position, at_ms: UtcMs(at), speed_mps: Some(3.25), offset_ms: None, is_mock: false };

    let numbers = [store.add_fix(&fix(10)).expect("adds"), store.add_fix(&fix(20)).expect("adds")];

    assert_eq!(numbers, [1, 2]);
    let newest = store.newest_fix().expect("answers").expect("is here");
    assert_eq!((newest.position, newest.at_ms, newest.speed_mps), (position, UtcMs(20), Some(3.25)));
    assert!(!newest.received);
}

#[test]
fn the_newest_fix_is_the_one_taken_last_whatever_the_clock_showed() {
    const NOW: i64 = 1_795_395_600_000;
    const YEAR: i64 = 365 * 86_400_000;
    let wrong = [0, NOW - 1024 * 7 * 86_400_000, NOW + 3_600_000, NOW + YEAR, i64::MAX, i64::MIN];
    for before in wrong {
        let (_folder, store) = home();
        let fix = |at: i64, lat: f64| NewFix {
            position: siaga_domain::place::Position::new(lat, 109.974_5, None).expect("on the earth"),
            at_ms: UtcMs(at),
            speed_mps: None,
            offset_ms: None,
            is_mock: false,
        };

        store.add_fix(&fix(before, -2.6)).expect("adds");
        store.add_fix(&fix(NOW, -1.8)).expect("adds");

        let newest = store.newest_fix().expect("answers").expect("is here");
        assert_eq!((newest.number, newest.at_ms), (2, UtcMs(NOW)), "after a fix at {before}");
        let numbers: Vec<u64> = store.fixes(UtcMs(i64::MIN)).expect("answers").iter().map(|fix| fix.number).collect();
        assert_eq!(numbers, [1, 2], "in the order they were taken");
    }
}

#[test]
fn a_draft_is_kept_until_it_is_emptied() {
    let (folder, store) = home();
    store.save_draft("report", "{\"text\":\"banjir\"}").expect("keeps");
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.draft("report").expect("answers").as_deref(), Some("{\"text\":\"banjir\"}"));

    store.save_draft("report", "").expect("forgets");

    assert_eq!(store.draft("report").expect("answers"), None);
}
