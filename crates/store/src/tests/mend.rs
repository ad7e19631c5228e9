//! Damage on the disk: noticed, kept, mended from what is here, and never in the way of a press.

use super::*;
use rusqlite::params;

fn note_texts(store: &Store, id: RecordId) -> Vec<String> {
    let stored = store.record(id).expect("answers").expect("is here");
    let siaga_domain::record::Record::Patient(patient) = stored.record else { panic!("a patient") };
    patient.notes.into_iter().map(|note| note.text).collect()
}

/// One byte of what is stored under a hash is another one from now on.
fn damage_row(store: &Store, hash: &ChangeHash) -> Vec<u8> {
    let bytes: Vec<u8> = store
        .conn
        .query_row("SELECT bytes FROM change WHERE hash = ?1", [hash.0.as_slice()], |row| row.get(0))
        .expect("is logged");
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x20;
    store
        .conn
        .execute("UPDATE change SET bytes = ?2 WHERE hash = ?1", params![hash.0.as_slice(), damaged])
        .expect("damages");
    bytes
}

fn codes(store: &Store) -> Vec<String> {
    store.faults(10).expect("answers").into_iter().map(|fault| fault.code).collect()
}

fn cut_all(store: &Store, lease: &Lease) -> Vec<Cut> {
    let at = ClockReading { device: UtcMs(2_000), ..ClockReading::default() };
    let lane = siaga_domain::kind::Lane::Records;
    let mut cuts = Vec::new();
    while let Some(frozen) = store.cut_envelope(lease, lane, 1_000_000, at, &describe).expect("cuts") {
        store.store_sealed(lease, lane.number(), frozen.cut.seq, b"signed").expect("seals");
        cuts.push(frozen.cut);
    }
    cuts
}

#[test]
fn a_damaged_snapshot_is_made_again_from_the_log_and_no_press_fails() {
    let (_folder, store) = home();
    let id = patient(&store, 1);
    for number in 2..80 {
        add(&store, id, vec![note(number, &format!("note {number}"))]);
    }
    let before = note_texts(&store, id);
    let damaged = store
        .conn
        .execute("UPDATE snapshot SET bytes = CAST(substr(bytes, 1, 100) || x'ffff' || substr(bytes, 103) AS BLOB)", [])
        .expect("damages");
    assert_eq!(damaged, 1, "there was a snapshot");

    add(&store, id, vec![note(90, "after")]);

    let mut after = before;
    after.push("after".to_owned());
    assert_eq!(note_texts(&store, id), after);
    assert_eq!(codes(&store), ["cache"]);
    assert_eq!(store.check_documents(UtcMs(5)).expect("checks"), Damage::default());
}

#[test]
fn a_snapshot_of_another_moment_than_its_row_says_is_not_believed() {
    let (_folder, store) = home();
    let (one, other) = (patient(&store, 1), patient(&store, 2));
    for number in 3..40 {
        add(&store, one, vec![note(number, "one")]);
        add(&store, other, vec![note(number + 100, "other")]);
    }
    store
        .conn
        .execute(
            "UPDATE snapshot SET bytes = (SELECT bytes FROM snapshot WHERE record = ?2) WHERE record = ?1",
            params![one.as_bytes().as_slice(), other.as_bytes().as_slice()],
        )
        .expect("swaps");

    add(&store, one, vec![note(90, "after")]);

    assert_eq!(note_texts(&store, one).len(), 38);
    assert!(note_texts(&store, one).iter().all(|text| text == "one" || text == "after"));
    assert_eq!(codes(&store), ["cache"]);
}

#[test]
fn a_damaged_change_that_stands_in_a_snapshot_too_is_mended_from_it() {
    let (_folder, store) = home();
    let id = patient(&store, 1);
    let mut hashes = Vec::new();
    for number in 2..40 {
        hashes.extend(add(&store, id, vec![note(number, "a note")]));
    }
    let bytes = damage_row(&store, &hashes[3]);

    store.look_over(UtcMs(9), 1_000).expect("looks");

    let again: Vec<u8> = store
        .conn
        .query_row("SELECT bytes FROM change WHERE hash = ?1", [hashes[3].0.as_slice()], |row| row.get(0))
        .expect("is logged");
    assert_eq!(again, bytes);
    assert_eq!((codes(&store), store.damage().expect("answers")), (vec!["row".to_owned()], Damage::default()));
    assert_eq!(note_texts(&store, id).len(), 38);
}

#[test]
fn what_was_never_sent_and_is_damaged_is_named_and_kept_and_what_hangs_on_it_is_written_again() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let lost = add(&store, id, vec![note(2, "lost")]);
    add(&store, id, vec![note(3, "kept")]);
    damage_row(&store, &lost[0]);

    add(&store, id, vec![note(4, "later")]);

    assert_eq!(note_texts(&store, id), ["kept", "later"]);
    assert_eq!(store.damage().expect("answers"), Damage { waiting: 0, lost: 1 });
    let reasons: Vec<_> = store.outbox().expect("answers").into_iter().map(|row| row.delivery).collect();
    let refused = siaga_domain::delivery::Delivery::Refused { reason: "damaged".to_owned() };
    assert!(reasons.contains(&refused), "{reasons:?}");
    let kept: i64 = store.conn.query_row("SELECT count(*) FROM damaged", [], |row| row.get(0)).expect("answers");
    assert_eq!(kept, 1);
    let sent: Vec<Vec<u8>> =
        cut_all(&store, &lease).into_iter().flat_map(|cut| cut.documents).flat_map(|one| one.changes).collect();
    let there = Document::from_log(sent.iter().map(Vec::as_slice)).expect("nothing of it hangs on what is lost");
    assert_eq!(there.heads(), store.document(id).expect("answers").expect("is here").heads());
}

#[test]
fn nothing_damaged_is_ever_put_into_an_envelope() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let lost = add(&store, id, vec![note(2, "lost")]);
    add(&store, id, vec![note(3, "kept")]);
    damage_row(&store, &lost[0]);

    let cuts = cut_all(&store, &lease);

    let sent: Vec<Vec<u8>> = cuts.into_iter().flat_map(|cut| cut.documents).flat_map(|one| one.changes).collect();
    assert_eq!(sent.len(), 2, "the opening, and what was written again");
    assert!(Document::from_log(sent.iter().map(Vec::as_slice)).is_ok());
    assert_eq!(store.damage().expect("answers").lost, 1);
}

#[test]
fn a_damaged_change_of_others_is_asked_for_and_whole_when_it_comes() {
    let (_folder, store, lease) = enrolled();
    let (mut elsewhere, mut changes) = from_elsewhere(1, 40, &[opening(1)]);
    let actor = ActorId::from_bytes([40; 16]);
    for number in 2..5 {
        changes.extend(
            elsewhere
                .append(actor, &[note(number, &format!("note {number}"))])
                .expect("appends")
                .into_iter()
                .map(|one| one.bytes),
        );
    }
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes)], vec![])).expect("applies");
    let log = elsewhere.changes();
    let bytes = damage_row(&store, &log[2].hash);

    let written = add(&store, record(1), vec![note(9, "mine")]);

    assert_eq!(written.len(), 1, "a press goes on");
    assert_eq!(store.damage().expect("answers"), Damage { waiting: 1, lost: 0 });
    assert_eq!(store.mending(1_000).expect("answers").needed, [log[2].hash]);
    let mut answer = news(vec![], vec![]);
    answer.compared = Some(Compared { needed: vec![log[2].hash], given: vec![bytes], ..Compared::default() });
    store.apply_answer(&lease, &answer).expect("applies");
    assert_eq!(store.damage().expect("answers"), Damage::default());
    let mut texts = note_texts(&store, record(1));
    texts.sort();
    assert_eq!(texts, ["mine", "note 2", "note 3", "note 4"]);
    assert_eq!(store.check_documents(UtcMs(9)).expect("checks"), Damage::default());
}

#[test]
fn bytes_of_another_change_do_not_mend_one_and_it_is_not_asked_for_without_end() {
    let (_folder, store, lease) = enrolled();
    let (elsewhere, changes) = from_elsewhere(1, 40, &[opening(1), note(2, "a note")]);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes)], vec![])).expect("applies");
    let hash = elsewhere.changes()[0].hash;
    damage_row(&store, &hash);
    store.look_over(UtcMs(9), 1_000).expect("looks");
    let (_, other) = from_elsewhere(2, 41, &[opening(2)]);

    let mut asked = 0;
    while store.mending(1_000).expect("answers").needed == [hash] {
        asked += 1;
        let mut answer = news(vec![], vec![]);
        answer.compared = Some(Compared { needed: vec![hash], given: other.clone(), ..Compared::default() });
        store.apply_answer(&lease, &answer).expect("applies");
    }

    assert_eq!(asked, 3);
    assert_eq!(store.damage().expect("answers").waiting, 1);
}
