//! News from the center: entering, changing, leaving, and what cannot be taken in.

use super::*;

fn note_texts(store: &Store, number: u8) -> Vec<String> {
    let Some(stored) = store.record(record(number)).expect("answers") else { return Vec::new() };
    let siaga_domain::record::Record::Patient(patient) = stored.record else { panic!("a patient") };
    patient.notes.into_iter().map(|note| note.text).collect()
}

fn changed(number: u8, change: Vec<u8>) -> FeedItem {
    FeedItem::Changed { record: record(number), position: 2, change }
}

fn left(number: u8, generation: u32) -> FeedItem {
    FeedItem::Left { record: record(number), generation, position: 3 }
}

#[test]
fn a_document_that_enters_the_scope_is_on_the_phone_and_in_its_digest() {
    let (_folder, store, lease) = enrolled();
    let (document, changes) = from_elsewhere(1, 40, &[opening(1), note(2, "from elsewhere")]);
    let mut answer = news(vec![entered(1, 1, changes)], vec![]);
    answer.cursors = [3, 4];

    let applied = store.apply_answer(&lease, &answer).expect("applies");

    assert_eq!(applied.received, 1);
    assert_eq!(note_texts(&store, 1), ["from elsewhere"]);
    assert_eq!(store.digest_scope().expect("answers").documents, [(record(1), document.heads())]);
    assert_eq!(store.peer().expect("answers").expect("enrolled").cursors, [3, 4]);
    assert_eq!(store.record(record(1)).expect("answers").expect("is here").delivery, None);
}

#[test]
fn news_that_comes_twice_is_taken_once() {
    let (_folder, store, lease) = enrolled();
    let (_, changes) = from_elsewhere(1, 40, &[opening(1)]);
    let answer = news(vec![entered(1, 1, changes)], vec![]);

    store.apply_answer(&lease, &answer).expect("applies");
    let again = store.apply_answer(&lease, &answer).expect("applies");

    assert_eq!(again, Applied::default());
}

#[test]
fn what_another_wrote_merges_with_what_was_written_here_meanwhile() {
    let (_folder, store, lease) = enrolled();
    let (mut elsewhere, changes) = from_elsewhere(1, 40, &[opening(1)]);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes)], vec![])).expect("applies");
    add(&store, record(1), vec![triage(2, TriageColor::Red)]);
    let theirs = elsewhere.append(ActorId::from_bytes([41; 16]), &[triage(3, TriageColor::Green)]).expect("appends");

    store.apply_answer(&lease, &news(vec![changed(1, theirs[0].bytes.clone())], vec![])).expect("applies");

    let stored = store.record(record(1)).expect("answers").expect("is here");
    assert_eq!(stored.record.disputes().len(), 1);
    assert_eq!(stored.heads.len(), 2);
    let scope = store.digest_scope().expect("answers");
    assert_eq!((scope.documents.len(), scope.unsent_documents), (0, 1), "it awaits a verdict");
}

#[test]
fn one_bad_change_does_not_stop_what_stands_behind_it() {
    let (_folder, store, lease) = enrolled();
    let (_, changes) = from_elsewhere(2, 40, &[opening(2), note(3, "behind it")]);

    let applied = store
        .apply_answer(&lease, &news(vec![entered(1, 1, vec![b"no change".to_vec()]), entered(2, 1, changes)], vec![]))
        .expect("applies");

    assert_eq!((applied.quarantined, applied.received), (1, 1));
    assert_eq!(note_texts(&store, 2), ["behind it"]);
}

#[test]
fn a_change_that_came_before_its_dependency_is_taken_when_that_comes() {
    let (_folder, store, lease) = enrolled();
    let (mut elsewhere, changes) = from_elsewhere(1, 40, &[opening(1)]);
    let actor = ActorId::from_bytes([40; 16]);
    let first = elsewhere.append(actor, &[note(2, "first")]).expect("appends").remove(0);
    let second = elsewhere.append(actor, &[note(3, "second")]).expect("appends").remove(0);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes), changed(1, second.bytes)], vec![])).expect("applies");
    assert_eq!(note_texts(&store, 1), [""; 0]);

    store.apply_answer(&lease, &news(vec![changed(1, first.bytes)], vec![])).expect("applies");

    assert_eq!(note_texts(&store, 1), ["first", "second"]);
}

#[test]
fn what_left_the_scope_is_forgotten_and_a_late_message_does_not_bring_it_back() {
    let (_folder, store, lease) = enrolled();
    let (mut elsewhere, changes) = from_elsewhere(1, 40, &[opening(1)]);
    let late = elsewhere.append(ActorId::from_bytes([40; 16]), &[note(2, "late")]).expect("appends").remove(0);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes.clone()), left(1, 1)], vec![])).expect("applies");
    assert!(store.record(record(1)).expect("answers").is_none());

    store
        .apply_answer(&lease, &news(vec![changed(1, late.bytes.clone()), entered(1, 1, changes.clone())], vec![]))
        .expect("applies");
    assert!(store.record(record(1)).expect("answers").is_none());

    let mut whole = changes;
    whole.push(late.bytes);
    store.apply_answer(&lease, &news(vec![entered(1, 2, whole)], vec![])).expect("applies");
    assert_eq!(note_texts(&store, 1), ["late"]);
}

#[test]
fn what_left_the_scope_stays_until_its_own_changes_have_their_verdict() {
    let (_folder, store, lease) = enrolled();
    let (_, changes) = from_elsewhere(1, 40, &[opening(1)]);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes)], vec![])).expect("applies");
    add(&store, record(1), vec![note(2, "mine")]);
    let seq = seal_all(&store, &lease, siaga_domain::kind::Lane::Records);

    store.apply_answer(&lease, &news(vec![left(1, 1)], vec![])).expect("applies");
    assert!(store.record(record(1)).expect("answers").is_some());

    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, vec![])])).expect("applies");
    assert!(store.record(record(1)).expect("answers").is_none());
}

#[test]
fn a_document_that_comes_back_stands_in_the_log_behind_its_dependencies() {
    let (_folder, store, lease) = enrolled();
    let (_, changes) = from_elsewhere(1, 40, &[opening(1)]);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes.clone())], vec![])).expect("applies");
    add(&store, record(1), vec![note(2, "mine")]);
    let mine = store.document(record(1)).expect("answers").expect("is here").changes().remove(1);
    let seq = seal_all(&store, &lease, siaga_domain::kind::Lane::Records);
    let gone = news(vec![left(1, 1)], vec![receipt(1, seq, vec![])]);
    store.apply_answer(&lease, &gone).expect("applies");

    let mut whole = changes;
    whole.push(mine.bytes);
    store.apply_answer(&lease, &news(vec![entered(1, 2, whole)], vec![])).expect("applies");

    assert_eq!(note_texts(&store, 1), ["mine"]);
    assert_eq!(store.document(record(1)).expect("answers").expect("rebuilds").change_count(), 2);
}

#[test]
fn cursors_of_another_epoch_start_again_and_never_run_backwards_within_one() {
    let (_folder, store, lease) = enrolled();
    let mut answer = news(vec![], vec![]);
    answer.cursors = [9, 9];
    store.apply_answer(&lease, &answer).expect("applies");
    answer.cursors = [4, 12];
    store.apply_answer(&lease, &answer).expect("applies");
    assert_eq!(store.peer().expect("answers").expect("enrolled").cursors, [9, 12]);

    store.enter_epoch(&lease, Epoch([6; 8])).expect("enters");

    let peer = store.peer().expect("answers").expect("enrolled");
    assert_eq!((peer.epoch, peer.cursors), (Epoch([6; 8]), [0, 0]));
}

#[test]
fn the_center_s_clock_and_token_are_kept_from_answer_to_answer() {
    let (_folder, store, lease) = enrolled();
    let mut answer = news(vec![], vec![]);
    answer.clock =
        Some(ClockAnchor { device: UtcMs(8_000), monotonic_ms: 5_000, offset_ms: 10_800_000, uncertainty_ms: 40 });
    answer.token = Some(vec![1, 2, 3]);
    store.apply_answer(&lease, &answer).expect("applies");

    store.apply_answer(&lease, &news(vec![], vec![])).expect("applies");

    let peer = store.peer().expect("answers").expect("enrolled");
    let later = store.read_clock(UtcMs(28_000), 25_000).expect("answers");
    assert_eq!((later.offset_ms, later.uncertainty_ms), (Some(10_800_000), Some(42)));
    assert_eq!(peer.token, Some(vec![1, 2, 3]));
    assert_eq!(peer.last_exchange_ms, Some(UtcMs(8_000)));
}

fn brief(open: bool) -> String {
    format!(r#"{{"category":"BANJIR","priority":"1","village":"61.04.14.2015","opened_ms":5,"open":{open}}}"#)
}

fn thin(rows: ThinNews) -> News {
    News { thin: rows, answered_ms: UtcMs(900), ..news(vec![], vec![]) }
}

fn elsewhere(store: &Store) -> Vec<RecordId> {
    store.elsewhere().expect("answers").into_iter().map(|one| one.record).collect()
}

#[test]
fn incidents_elsewhere_are_listed_until_they_close_or_come_here() {
    let (_folder, store, lease) = enrolled();
    let told = |rows| store.apply_answer(&lease, &thin(rows)).expect("applies");
    assert!(!store.knows_elsewhere().expect("answers"));

    told(ThinNews::All(vec![(record(1), brief(true)), (record(2), brief(true)), (record(3), brief(true))]));
    assert_eq!(elsewhere(&store), [record(3), record(2), record(1)]);
    assert_eq!(store.elsewhere().expect("answers")[0].told_ms, UtcMs(900));
    assert!(store.knows_elsewhere().expect("answers"));
    told(ThinNews::Moved(vec![(record(2), brief(false))]));
    let (_, changes) = from_elsewhere(1, 40, &[opening(1)]);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes)], vec![])).expect("applies");

    assert_eq!(elsewhere(&store), [record(3)]);
    told(ThinNews::All(vec![(record(4), brief(true))]));
    assert_eq!(elsewhere(&store), [record(4)]);
}

#[test]
fn what_is_told_of_incidents_elsewhere_in_words_that_are_not_known_is_not_listed() {
    let (_folder, store, lease) = enrolled();

    let rows = vec![(record(1), "[1, 2]".to_owned()), (record(2), brief(true))];
    store.apply_answer(&lease, &thin(ThinNews::All(rows))).expect("applies");

    assert_eq!(elsewhere(&store), [record(2)]);
}

#[test]
fn another_epoch_tells_of_all_incidents_elsewhere_again() {
    let (_folder, store, lease) = enrolled();
    store.apply_answer(&lease, &thin(ThinNews::Moved(Vec::new()))).expect("applies");

    store.enter_epoch(&lease, Epoch([9; 8])).expect("enters");

    assert!(!store.knows_elsewhere().expect("answers"));
}
