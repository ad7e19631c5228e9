//! Verdicts: what waits at the center, what is written again after a refusal, and what never is.

use super::*;
use siaga_domain::delivery::Delivery;
use siaga_domain::kind::Lane;
use std::collections::BTreeSet;

fn delivery_of(store: &Store, id: RecordId) -> Option<Delivery> {
    store.record(id).expect("answers").expect("is here").delivery
}

fn later(verdicts: Vec<(u64, ChangeHash, Verdict, &str)>) -> News {
    let verdicts = verdicts.into_iter().map(|(number, hash, verdict, why)| (number, hash, verdict, why.to_owned()));
    let later = LaterVerdicts { center_ms: UtcMs(20_000), verdicts: verdicts.collect(), missing: Vec::new() };
    News { later, ..news(vec![], vec![]) }
}

fn refused(hashes: &[ChangeHash], reason: &str) -> Vec<(ChangeHash, Verdict, String)> {
    hashes.iter().map(|hash| (*hash, Verdict::Refuse, reason.to_owned())).collect()
}

fn notes_of(store: &Store, id: RecordId) -> Vec<String> {
    let siaga_domain::record::Record::Patient(patient) = store.record(id).expect("answers").expect("is here").record
    else {
        panic!("a patient")
    };
    patient.notes.into_iter().map(|note| note.text).collect()
}

fn waiting_entries(store: &Store) -> Vec<ChangeHash> {
    let rows = store.outbox().expect("answers").into_iter();
    rows.filter(|row| !matches!(row.delivery, Delivery::Refused { .. })).map(|row| row.change).collect()
}

/// Everything that waits is sealed and accepted.
fn accept_all(store: &Store, lease: &Lease) {
    let seq = seal_all(store, lease, Lane::Records);
    store.apply_answer(lease, &news(vec![], vec![receipt(1, seq, vec![])])).expect("applies");
}

#[test]
fn what_is_parked_is_at_the_center_but_not_received_until_its_final_verdict() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let [waits] = add(&store, id, vec![note(2, "waits")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    let exceptions = vec![(waits, Verdict::Park, "missing_dependency".to_owned())];

    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, exceptions)])).expect("applies");

    assert_eq!(delivery_of(&store, id), Some(Delivery::Parked { at_ms: UtcMs(9_000) }));
    assert_eq!(store.sync_counts().expect("answers").parked, 1);
    assert_eq!(waiting_entries(&store), [waits]);
    assert_eq!(store.digest_scope().expect("answers").unsent_documents, 1, "the center's document lacks it");

    let applied = store.apply_answer(&lease, &later(vec![(1, waits, Verdict::Accept, "")])).expect("applies");

    assert_eq!(applied.receipted, 1);
    assert!(matches!(delivery_of(&store, id), Some(Delivery::Received { .. })));
    assert!(store.outbox().expect("answers").is_empty());
}

#[test]
fn a_change_that_waits_for_a_reason_this_build_does_not_know_is_kept_and_sent_once() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let held = add(&store, id, vec![note(2, "first"), note(3, "second")]);
    let seq = seal_all(&store, &lease, Lane::Records);
    let waits = |hash: &ChangeHash| (*hash, Verdict::Park, "quota".to_owned());

    store
        .apply_answer(&lease, &news(vec![], vec![receipt(1, seq, held.iter().map(waits).collect())]))
        .expect("applies");

    assert_eq!(store.backlog().expect("answers").changes, [0, 0], "nothing is sent again");
    assert_eq!(store.sync_counts().expect("answers").parked, u32::try_from(held.len()).expect("few"));
    assert!(store.cut_envelope(&lease, Lane::Records, 4096, at(5), &describe).expect("cuts").is_none());
    let entered = (1..).zip(&held).map(|(number, hash)| (number, *hash, Verdict::Accept, "")).collect();
    store.apply_answer(&lease, &later(entered)).expect("applies");
    assert!(matches!(delivery_of(&store, id), Some(Delivery::Received { .. })));
}

#[test]
fn a_later_verdict_is_taken_once_acknowledged_until_the_center_is_silent_and_outlives_an_old_receipt() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let [waits] = add(&store, id, vec![note(2, "waits")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    let parked = receipt(1, seq, vec![(waits, Verdict::Park, "missing_dependency".to_owned())]);
    let told = later(vec![(7, waits, Verdict::Accept, "")]);

    // The receipt was lost; the verdict after it comes first.
    let first = store.apply_answer(&lease, &told).expect("applies");
    let second = store.apply_answer(&lease, &told).expect("applies");
    assert_eq!((first.receipted, second.receipted), (1, 0));
    assert_eq!(store.peer().expect("answers").expect("enrolled").verdicts_up_to, 7);
    store.apply_answer(&lease, &news(vec![], vec![parked])).expect("applies");

    assert!(matches!(delivery_of(&store, id), Some(Delivery::Received { .. })));
    assert_eq!(store.peer().expect("answers").expect("enrolled").verdicts_up_to, 0);
}

#[test]
fn what_the_center_misses_travels_once_more_in_a_new_envelope() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let first = store.document(id).expect("answers").expect("is here").changes().remove(0);
    accept_all(&store, &lease);
    assert_eq!(store.backlog().expect("answers").changes, [0, 0]);
    let stranger = ChangeHash([99; 32]);
    let asks = || News {
        later: LaterVerdicts { missing: vec![first.hash, stranger], ..LaterVerdicts::default() },
        ..news(vec![], vec![])
    };

    store.apply_answer(&lease, &asks()).expect("applies");
    store.apply_answer(&lease, &asks()).expect("applies");

    assert_eq!(waiting_entries(&store), [first.hash]);
    assert!(matches!(delivery_of(&store, id), Some(Delivery::Saved { .. })));
    let cut = store.cut_envelope(&lease, Lane::Records, 4096, at(5), &describe).expect("cuts").expect("one").cut;
    assert_eq!((cut.seq, cut.person.as_str()), (2, "Ani"));
}

#[test]
fn what_waited_too_long_is_refused_and_written_again_by_another_actor_with_its_ids_and_times() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let [waits] = add(&store, id, vec![note(2, "waits")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    let parked = vec![(waits, Verdict::Park, "missing_dependency".to_owned())];
    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, parked)])).expect("applies");
    let before = store.document(id).expect("answers").expect("is here").entries();

    store.apply_answer(&lease, &later(vec![(1, waits, Verdict::Refuse, "parked_too_long")])).expect("applies");

    let document = store.document(id).expect("answers").expect("is here");
    let after = document.entries();
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((before.id, &before.stamp, &before.body), (after.id, &after.stamp, &after.body));
    }
    assert!(!document.contains(&waits));
    assert_eq!(document.changes().iter().map(|change| change.actor).collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(store.backlog().expect("answers").changes, [0, 1]);
}

#[test]
fn a_document_whose_beginning_was_refused_begins_anew_with_everything_that_was_written() {
    let (folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let first = store.document(id).expect("answers").expect("is here").changes().remove(0).hash;
    let mut with_file = authoring(vec![write(id, RecordKind::Patient, false, vec![note(2, "sent")])]);
    with_file.attachments = vec![NewAttachment {
        record: id,
        kind: PictureKind::Photograph,
        media: "image/jpeg".to_owned(),
        bytes: b"a photograph".to_vec(),
    }];
    let second = store.author(with_file).expect("writes").remove(0).changes.remove(0);
    let seq = seal_all(&store, &lease, Lane::Records);
    // Written after the envelope left, and by somebody else.
    let mut of_budi = authoring(vec![write(id, RecordKind::Patient, false, vec![note(3, "afterwards")])]);
    of_budi.by = "Budi";
    store.author(of_budi).expect("writes");
    let mut exceptions = refused(&[first], "sequence");
    exceptions.extend(refused(&[second], "hangs_on_refused"));

    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, exceptions)])).expect("applies");
    drop(store);
    let store = open(folder.path());

    assert_eq!(notes_of(&store, id), ["sent", "afterwards"]);
    let document = store.document(id).expect("answers").expect("rebuilds from its log");
    assert!(!document.contains(&first) && !document.contains(&second));
    assert_eq!(document.entries().len(), 3);
    assert_eq!(store.attachments_waiting().expect("answers").len(), 1);
    let lease = store.take_lease([3; 16], 1_000_000, 10).expect("answers").expect("free");
    accept_all(&store, &lease);
    assert!(matches!(delivery_of(&store, id), Some(Delivery::Received { .. })));
    assert!(store.outbox().expect("answers").is_empty(), "nothing is left to explain: all of it was written again");
}

#[test]
fn several_refusals_in_one_receipt_are_repaired_together_and_several_records_apart() {
    let (_folder, store, lease) = enrolled();
    let (one, two) = (patient(&store, 1), patient(&store, 2));
    let [a] = add(&store, one, vec![note(11, "a")]).try_into().expect("one");
    let [b] = add(&store, two, vec![note(12, "b")]).try_into().expect("one");
    let [c] = add(&store, one, vec![note(13, "c")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    let mut exceptions = refused(&[a], "start_op");
    exceptions.extend(refused(&[b], "malformed_entry"));
    exceptions.extend(refused(&[c], "hangs_on_refused"));

    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, exceptions)])).expect("applies");

    assert_eq!(notes_of(&store, one), ["a", "c"]);
    assert_eq!(notes_of(&store, two), [""; 0]);
    let told: Vec<Delivery> = store.entry_delivery(two).expect("answers").into_iter().map(|(_, how)| how).collect();
    let told: Vec<Delivery> = told.into_iter().filter(|how| !matches!(how, Delivery::Received { .. })).collect();
    assert_eq!(told, [Delivery::Refused { reason: "malformed_entry".to_owned() }]);
    accept_all(&store, &lease);
    assert!(matches!(delivery_of(&store, one), Some(Delivery::Received { .. })));
}

#[test]
fn an_overruled_entry_is_never_written_again_even_where_its_document_is_made_anew() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let first = store.document(id).expect("answers").expect("is here").changes().remove(0).hash;
    let [stale] = add(&store, id, vec![note(2, "stale")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    let mut exceptions = refused(&[first], "fork");
    exceptions.push((stale, Verdict::Overrule, "role".to_owned()));

    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, exceptions)])).expect("applies");

    assert_eq!(notes_of(&store, id), [""; 0]);
    let rows = store.outbox().expect("answers");
    let told = rows.iter().find(|row| row.change == stale).expect("still explained");
    assert_eq!(told.delivery, Delivery::Refused { reason: "role".to_owned() });
}

#[test]
fn what_is_refused_whenever_it_comes_is_written_again_three_times_and_then_only_shown() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    accept_all(&store, &lease);
    add(&store, id, vec![note(2, "refused for ever")]);

    for _ in 0..10 {
        let waiting = waiting_entries(&store);
        if waiting.is_empty() {
            break;
        }
        let seq = seal_all(&store, &lease, Lane::Records);
        let answer = news(vec![], vec![receipt(1, seq, refused(&waiting, "trial"))]);
        store.apply_answer(&lease, &answer).expect("applies");
    }

    assert!(waiting_entries(&store).is_empty(), "the queue is empty");
    let rows = store.outbox().expect("answers");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].delivery, Delivery::Refused { reason: "trial".to_owned() });
}

#[test]
fn a_replayed_entry_that_the_center_has_already_is_not_written_twice() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    accept_all(&store, &lease);
    let mut elsewhere = store.document(id).expect("answers").expect("is here");
    let [mine] = add(&store, id, vec![note(2, "mine")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    // The same entry reached the center by another road.
    let twin = elsewhere.append(ActorId::from_bytes([40; 16]), &[note(2, "mine")]).expect("appends").remove(0);
    let entered = FeedItem::Changed { record: id, position: 9, change: twin.bytes };

    let answer = news(vec![entered], vec![receipt(1, seq, refused(&[mine], "fork"))]);
    store.apply_answer(&lease, &answer).expect("applies");

    assert_eq!(notes_of(&store, id), ["mine"]);
    assert!(waiting_entries(&store).is_empty());
}

#[test]
fn what_a_home_put_back_to_the_byte_wrote_in_the_place_of_what_it_forgot_makes_way_and_is_written_again() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    accept_all(&store, &lease);
    let mut before = store.document(id).expect("answers").expect("is here");
    let actor = before.changes().remove(0).actor;
    let forgotten = before.append(actor, &[note(2, "forgotten")]).expect("appends").remove(0);
    let [mine] = add(&store, id, vec![note(3, "mine")]).try_into().expect("one");
    let told = FeedItem::Changed { record: id, position: 9, change: forgotten.bytes };

    // Of one actor and sequence there is one change: while this phone's own may still be it, the other waits.
    store.apply_answer(&lease, &news(vec![told.clone()], vec![])).expect("applies");
    assert_eq!(notes_of(&store, id), ["mine"]);
    let seq = seal_all(&store, &lease, Lane::Records);
    let refusal = receipt(1, seq, refused(&[mine], "fork"));
    store.apply_answer(&lease, &news(vec![told], vec![refusal])).expect("applies");

    assert_eq!(
        notes_of(&store, id).into_iter().collect::<BTreeSet<_>>(),
        ["forgotten", "mine"].map(str::to_owned).into()
    );
    accept_all(&store, &lease);
    assert!(waiting_entries(&store).is_empty());
    assert!(store.outbox().expect("answers").is_empty());
}

#[test]
fn a_bad_change_in_the_middle_of_fifty_blocks_nothing() {
    for (verdict, reason) in [
        (Verdict::Refuse, "malformed_entry"),
        (Verdict::Refuse, "fork"),
        (Verdict::Park, "missing_dependency"),
        (Verdict::Overrule, "center_only"),
    ] {
        let (_folder, store, lease) = enrolled();
        let id = patient(&store, 1);
        let mut all = Vec::new();
        for number in 2..52 {
            all.extend(add(&store, id, vec![note(number, &format!("{number}"))]));
        }
        let (bad, after) = (all[25], &all[26..]);
        let seq = seal_all(&store, &lease, Lane::Records);
        let mut exceptions = vec![(bad, verdict, reason.to_owned())];
        match verdict {
            Verdict::Refuse => exceptions.extend(refused(after, "hangs_on_refused")),
            Verdict::Park => {
                exceptions.extend(after.iter().map(|hash| (*hash, Verdict::Park, "missing_dependency".to_owned())));
            }
            _ => {}
        }
        store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, exceptions)])).expect("applies");
        if verdict == Verdict::Park {
            let verdicts = (1..).zip(&all[25..]).map(|(number, hash)| (number, *hash, Verdict::Accept, "")).collect();
            store.apply_answer(&lease, &later(verdicts)).expect("applies");
        }

        accept_all(&store, &lease);

        let lost: Vec<u8> = (2..52).filter(|number| !notes_of(&store, id).contains(&number.to_string())).collect();
        let expected: &[u8] = if reason == "malformed_entry" { &[27] } else { &[] };
        assert_eq!(lost, expected, "{reason}");
        assert!(waiting_entries(&store).is_empty(), "{reason}");
        let shown = store.outbox().expect("answers").len();
        assert_eq!(shown, usize::from(matches!(reason, "malformed_entry" | "center_only")), "{reason}");
    }
}

#[test]
fn what_left_the_scope_stays_while_a_change_is_parked_or_a_file_is_not_confirmed() {
    let (_folder, store, lease) = enrolled();
    let (_, changes) = from_elsewhere(1, 40, &[opening(1)]);
    store.apply_answer(&lease, &news(vec![entered(1, 1, changes)], vec![])).expect("applies");
    let mut with_file = authoring(vec![write(record(1), RecordKind::Patient, false, vec![note(2, "mine")])]);
    with_file.attachments = vec![NewAttachment {
        record: record(1),
        kind: PictureKind::Photograph,
        media: "image/jpeg".to_owned(),
        bytes: b"a photograph".to_vec(),
    }];
    let mine = store.author(with_file).expect("writes").remove(0).changes.remove(0);
    let seq = seal_all(&store, &lease, Lane::Records);
    let left = FeedItem::Left { record: record(1), generation: 1, position: 3 };
    let parked = vec![(mine, Verdict::Park, "missing_dependency".to_owned())];
    let is_here = || store.record(record(1)).expect("answers").is_some();

    store.apply_answer(&lease, &news(vec![left], vec![receipt(1, seq, parked)])).expect("applies");
    assert!(is_here(), "its change waits at the center");
    store.apply_answer(&lease, &later(vec![(1, mine, Verdict::Accept, "")])).expect("applies");
    assert!(is_here(), "its photograph is on this phone only");
    let mut holds = news(vec![], vec![]);
    holds.attachments_held = store.attachments_waiting().expect("answers").iter().map(|file| file.hash).collect();
    store.apply_answer(&lease, &holds).expect("applies");

    assert!(!is_here());
}
