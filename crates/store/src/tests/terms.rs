//! Terms: what the center understands, where this phone works, and what it numbers its patients with.

use super::*;
use crate::kept;
use siaga_domain::delivery::Delivery;
use siaga_domain::record::patient::Numbered;

fn terms(kinds: &[&str], letters: Option<&str>) -> Terms {
    Terms {
        stamp: 7,
        unit: "AMB-01".to_owned(),
        role: "medic".to_owned(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        letters: letters.map(str::to_owned),
    }
}

fn says(store: &Store, lease: &Lease, terms: Terms) {
    let answer = News { terms: Some(terms), ..news(vec![], vec![]) };
    store.apply_answer(lease, &answer).expect("applies");
}

fn opens_without_terms(store: &Store, lease: &Lease) {
    let answer = News { token: Some(vec![9; 16]), ..news(vec![], vec![]) };
    store.apply_answer(lease, &answer).expect("applies");
}

/// An entry of a kind that 0.2.0 does not know.
fn newer() -> NewEntry {
    entry(60, Body::Numbered(Numbered { number: 3 }))
}

fn keep(store: &Store, id: RecordId, entry: &NewEntry) {
    let tx = store.writing().expect("begins");
    kept::keep(&tx, id, RecordKind::Patient, entry, UtcMs(5)).expect("keeps");
    crate::delivery::refresh(&tx, id).expect("refreshes");
    tx.commit().expect("commits");
}

fn number_of(store: &Store, id: RecordId) -> Option<String> {
    match store.record(id).expect("answers").expect("is here").record {
        siaga_domain::record::Record::Patient(patient) => patient.number.map(|number| number.to_string()),
        _ => panic!("a patient"),
    }
}

#[test]
fn a_kind_the_center_never_named_may_not_be_written_and_one_of_0_2_0_always_may() {
    let (_folder, store, lease) = enrolled();
    assert!(store.may_write_kind("status").expect("answers"));
    assert!(!store.may_write_kind("numbered").expect("answers"));

    says(&store, &lease, terms(&["numbered", "voice"], None));
    assert!(store.may_write_kind("numbered").expect("answers"));
    assert!(!store.may_write_kind("numbere").expect("answers"));

    opens_without_terms(&store, &lease);
    assert!(!store.may_write_kind("numbered").expect("answers"), "an older center took its place");
}

#[test]
fn what_the_center_does_not_know_is_kept_and_shown_and_enters_its_record_when_it_does() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    keep(&store, id, &newer());
    says(&store, &lease, terms(&["voice"], None));

    let waits = store.kept().expect("answers");
    assert_eq!(waits.iter().map(|one| one.entry_kind.as_str()).collect::<Vec<_>>(), ["numbered"]);
    assert_eq!(store.sync_counts().expect("answers").kept, 1);
    let delivery = store.record(id).expect("answers").expect("is here").delivery;
    assert_eq!(delivery, Some(Delivery::Kept { at_ms: UtcMs(5) }));
    assert_eq!(number_of(&store, id), None);

    says(&store, &lease, terms(&["numbered"], None));

    assert_eq!(store.kept().expect("answers"), []);
    assert_eq!(number_of(&store, id).as_deref(), Some("3"));
    let written = store.entries(id).expect("answers");
    let written = written.iter().find(|entry| entry.id == newer().id).expect("is in its record");
    assert_eq!(written.stamp, newer().stamp, "with the person and the time of its moment");
    assert_eq!(store.backlog().expect("answers").changes, [0, 2]);
}

#[test]
fn one_kept_entry_whose_record_is_gone_stops_no_answer_and_no_other_entry() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    keep(&store, record(77), &entry(61, Body::Numbered(Numbered { number: 9 })));
    keep(&store, id, &newer());

    says(&store, &lease, terms(&["numbered"], None));

    assert_eq!(number_of(&store, id).as_deref(), Some("3"));
    assert_eq!(store.kept().expect("answers").len(), 1, "nothing is dropped");
}

#[test]
fn a_record_that_leaves_stays_while_something_is_kept_for_it() {
    let (_folder, store, lease) = enrolled();
    let (_, changes) = from_elsewhere(1, 40, &[opening(1)]);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes)], vec![])).expect("applies");
    keep(&store, record(1), &newer());

    let leaves = FeedItem::Left { record: record(1), generation: 1, position: 3 };
    store.apply_answer(&lease, &news(vec![leaves], vec![])).expect("applies");
    assert!(store.record(record(1)).expect("answers").is_some());

    says(&store, &lease, terms(&["numbered"], None));
    assert_eq!(number_of(&store, record(1)).as_deref(), Some("3"));
}

#[test]
fn a_phone_that_was_moved_works_there_and_says_from_where_until_somebody_saw_it() {
    let (_folder, store, lease) = enrolled();
    says(&store, &lease, terms(&[], None));
    assert_eq!(store.moved().expect("answers"), None);

    says(&store, &lease, Terms { unit: "AMB-02".to_owned(), ..terms(&[], None) });
    let enrolment = store.enrolment().expect("answers").expect("enrolled");
    assert_eq!(enrolment.unit.as_str(), "AMB-02");
    assert_eq!(store.moved().expect("answers").expect("moved").from_unit, "AMB-01");

    store.moved_was_seen().expect("is noted");
    assert_eq!(store.moved().expect("answers"), None);
}

#[test]
fn a_role_or_a_unit_this_build_cannot_read_changes_nothing_and_stops_nothing() {
    let (_folder, store, lease) = enrolled();

    let odd = Terms { unit: String::new(), role: "pilot".to_owned(), ..terms(&["numbered"], Some("M1")) };
    says(&store, &lease, odd);

    let enrolment = store.enrolment().expect("answers").expect("enrolled");
    assert_eq!((enrolment.unit.as_str(), enrolment.role), ("AMB-01", Role::Medic));
    assert!(store.may_write_kind("numbered").expect("answers"));
}

#[test]
fn patients_are_counted_on_the_phone_from_one_on_and_only_with_letters() {
    let (_folder, store, lease) = enrolled();
    let before = patient(&store, 1);
    assert_eq!(number_of(&store, before), None);

    says(&store, &lease, terms(&[], Some("B")));
    let numbers = [2, 3].map(|number| number_of(&store, patient(&store, number)).expect("a number"));

    assert_eq!(numbers, ["B01", "B02"]);
    assert_eq!(number_of(&store, before), None, "an opening is never written again");
    says(&store, &lease, terms(&[], Some("C")));
    assert_eq!(number_of(&store, patient(&store, 4)).as_deref(), Some("B03"), "the first letters stay in use");
}

#[test]
fn a_number_whose_patient_was_not_written_is_used_by_the_next() {
    let (_folder, store, lease) = enrolled();
    says(&store, &lease, terms(&[], Some("B")));
    patient(&store, 1);

    let again = store.author(authoring(vec![write(record(1), RecordKind::Patient, true, vec![opening(9)])]));

    assert!(matches!(again, Err(StoreError::RecordExists(_))));
    assert_eq!(number_of(&store, patient(&store, 2)).as_deref(), Some("B02"));
}

#[test]
fn a_home_that_was_put_back_asks_for_other_letters_before_it_numbers_again() {
    let (folder, store, lease) = enrolled();
    says(&store, &lease, terms(&[], Some("B")));
    patient(&store, 1);
    drop(store);
    let copy = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("copies");
    }

    let store = open(copy.path());

    assert_eq!(number_of(&store, patient(&store, 2)), None);
    let asks = store.terms_to_tell().expect("answers").expect("something to say");
    assert!(asks.wants_letters && asks.known == 7);
    let original = open(folder.path());
    assert_eq!(number_of(&original, patient(&original, 3)).as_deref(), Some("B02"));
}

#[test]
fn terms_are_told_back_once() {
    let (_folder, store, lease) = enrolled();
    let first = store.terms_to_tell().expect("answers").expect("something to say");
    assert_eq!((first.known, first.wants_letters), (0, false), "nobody has letters to give yet");
    says(&store, &lease, terms(&[], Some("B")));
    assert_eq!(store.terms_to_tell().expect("answers").expect("something to say").known, 7);

    let heard = News { told_terms: Some(7), ..news(vec![], vec![]) };
    store.apply_answer(&lease, &heard).expect("applies");

    assert_eq!(store.terms_to_tell().expect("answers"), None);
}
