//! Envelopes and receipts: what leaves the outbox, and what never does.

use super::*;
use siaga_domain::delivery::Delivery;
use siaga_domain::kind::Lane;

fn delivery_of(store: &Store, id: RecordId) -> Option<Delivery> {
    store.record(id).expect("answers").expect("is here").delivery
}

#[test]
fn a_change_is_saved_then_sent_then_received_and_only_a_receipt_makes_it_so() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let seq = seal_all(&store, &lease, Lane::Records);
    assert_eq!(delivery_of(&store, id), Some(Delivery::Saved { at_ms: UtcMs(1_000) }));

    store.mark_sent(&lease, &[(1, seq)], UtcMs(6_000)).expect("notes");
    assert_eq!(delivery_of(&store, id), Some(Delivery::Sent { at_ms: UtcMs(6_000) }));
    assert_eq!(store.sync_counts().expect("answers").sent, 1);

    store.apply_answer(&lease, &news(vec![], vec![])).expect("applies");
    assert_eq!(store.outbox().expect("answers").len(), 1, "an answer without a receipt proves nothing");

    let applied = store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, vec![])])).expect("applies");
    assert_eq!(applied.receipted, 1);
    assert_eq!(delivery_of(&store, id), Some(Delivery::Received { at_ms: UtcMs(9_000) }));
    assert!(store.outbox().expect("answers").is_empty());
    let entries = store.entry_delivery(id).expect("answers");
    assert!(!entries.is_empty() && entries.iter().all(|(_, how)| matches!(how, Delivery::Received { .. })));
}

#[test]
fn a_receipt_that_comes_twice_changes_nothing_twice() {
    let (_folder, store, lease) = enrolled();
    patient(&store, 1);
    let seq = seal_all(&store, &lease, Lane::Records);
    let answer = news(vec![], vec![receipt(1, seq, vec![])]);

    let first = store.apply_answer(&lease, &answer).expect("applies");
    let second = store.apply_answer(&lease, &answer).expect("applies");

    assert_eq!((first.receipted, second.receipted), (1, 0));
}

#[test]
fn a_receipt_names_only_what_stands_before_it() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let seq = seal_all(&store, &lease, Lane::Records);
    add(&store, id, vec![note(2, "later")]);
    seal_all(&store, &lease, Lane::Records);

    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, vec![])])).expect("applies");

    assert_eq!(store.outbox().expect("answers").len(), 1);
    assert_eq!(store.unreceipted(Lane::Records, 9).expect("answers").len(), 1);
}

#[test]
fn a_restart_between_sealing_and_receipt_sends_the_same_bytes() {
    let (folder, store, lease) = enrolled();
    patient(&store, 1);
    seal_all(&store, &lease, Lane::Records);
    let before = store.unreceipted(Lane::Records, 9).expect("answers");
    drop(store);

    let store = open(folder.path());

    assert_eq!(store.unreceipted(Lane::Records, 9).expect("answers"), before);
    assert_eq!(before.len(), 1);
}

#[test]
fn an_envelope_frozen_before_the_process_died_is_sealed_as_it_was_frozen() {
    let (folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    add(&store, id, vec![note(2, "in the same envelope")]);
    let frozen = store.cut_envelope(&lease, Lane::Records, 4096, at(5), &describe).expect("cuts").expect("one");
    drop(store);
    let store = open(folder.path());
    add(&store, id, vec![note(3, "not in it")]);

    let [again] = store.frozen_envelopes(Lane::Records).expect("answers").try_into().expect("one");

    assert_eq!(format!("{:?}", again.cut), format!("{:?}", frozen.cut));
    assert_eq!(again.manifest, frozen.manifest);
}

#[test]
fn envelopes_of_a_lane_are_gapless_and_each_names_the_one_before() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    for number in 2..6 {
        add(&store, id, vec![note(number, "a line")]);
    }
    let mut cuts = Vec::new();
    while let Some(frozen) = store.cut_envelope(&lease, Lane::Records, 1, at(5), &describe).expect("cuts") {
        cuts.push(frozen);
    }

    assert_eq!(cuts.iter().map(|frozen| frozen.cut.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(cuts[0].cut.prev, ChangeHash([0; 32]));
    for pair in cuts.windows(2) {
        assert_eq!(pair[1].cut.prev, pair[0].manifest);
    }
}

#[test]
fn an_envelope_speaks_for_one_person() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let mut of_budi = authoring(vec![write(id, RecordKind::Patient, false, vec![note(2, "Budi's")])]);
    of_budi.by = "Budi";
    store.author(of_budi).expect("writes");
    add(&store, id, vec![note(3, "Ani's again")]);

    let mut people = Vec::new();
    while let Some(frozen) = store.cut_envelope(&lease, Lane::Records, 4096, at(5), &describe).expect("cuts") {
        people.push(frozen.cut.person);
    }

    assert_eq!(people, ["Ani", "Budi", "Ani"]);
}

#[test]
fn the_urgent_lane_has_a_chain_of_its_own() {
    let (_folder, store, lease) = enrolled();
    patient(&store, 1);
    sos(&store, 2);

    let urgent = store.cut_envelope(&lease, Lane::Urgent, 4096, at(5), &describe).expect("cuts").expect("one");

    assert_eq!((urgent.cut.lane, urgent.cut.seq), (0, 1));
    assert_eq!(urgent.cut.documents.len(), 1);
    assert_eq!(urgent.cut.documents[0].kind, RecordKind::Sos);
}

#[test]
fn whoever_lost_the_lease_freezes_and_keeps_nothing() {
    let (_folder, store, lease) = enrolled();
    patient(&store, 1);
    store.take_lease([8; 16], 1_000_000, 10).expect("answers").expect("expired");

    let cut = store.cut_envelope(&lease, Lane::Records, 4096, at(5), &describe);
    let applied = store.apply_answer(&lease, &news(vec![], vec![]));

    assert!(matches!(cut, Err(StoreError::LeaseLost)));
    assert!(matches!(applied, Err(StoreError::LeaseLost)));
    assert!(store.frozen_envelopes(Lane::Records).expect("answers").is_empty());
}

#[test]
fn a_refused_change_stays_visible_and_what_hung_on_it_is_written_again() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let [bad] = add(&store, id, vec![note(2, "refused")]).try_into().expect("one");
    let [good] = add(&store, id, vec![note(3, "honest")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    let exceptions = vec![
        (bad, Verdict::Refuse, "malformed_entry".to_owned()),
        (good, Verdict::Refuse, "missing_dependency".to_owned()),
    ];

    let applied = store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, exceptions)])).expect("applies");

    assert_eq!((applied.receipted, applied.refused), (1, 2));
    let document = store.document(id).expect("answers").expect("is here");
    assert!(!document.contains(&bad) && !document.contains(&good));
    let kinds: Vec<String> = document.entries().iter().map(|entry| entry.id.to_string()).collect();
    assert_eq!(kinds, [opening(1).id.to_string(), note(3, "").id.to_string()], "the honest entry keeps its id");
    let actors: std::collections::BTreeSet<ActorId> = document.changes().iter().map(|change| change.actor).collect();
    assert_eq!(actors.len(), 2, "whoever writes after a refusal is somebody new");
    let waiting = store.outbox().expect("answers");
    assert_eq!(waiting.len(), 2);
    assert!(
        waiting
            .iter()
            .any(|row| row.change == bad && row.delivery == Delivery::Refused { reason: "malformed_entry".to_owned() })
    );
    assert_eq!(store.sync_counts().expect("answers").refused, 1);
}

#[test]
fn an_overruled_change_stays_in_the_document_and_says_why() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    let [stale] = add(&store, id, vec![note(2, "stale")]).try_into().expect("one");
    let seq = seal_all(&store, &lease, Lane::Records);
    let exceptions = vec![(stale, Verdict::Overrule, "incident_closed".to_owned())];

    store.apply_answer(&lease, &news(vec![], vec![receipt(1, seq, exceptions)])).expect("applies");

    assert!(store.document(id).expect("answers").expect("is here").contains(&stale));
    let reason = Delivery::Refused { reason: "incident_closed".to_owned() };
    let entries = store.entry_delivery(id).expect("answers");
    assert!(entries.contains(&(note(2, "").id, reason)), "{entries:?}");
}

#[test]
fn a_center_put_back_from_a_backup_is_offered_what_it_lost_the_same_bytes() {
    let (_folder, store, lease) = enrolled();
    let id = patient(&store, 1);
    seal_all(&store, &lease, Lane::Records);
    let bytes = store.unreceipted(Lane::Records, 9).expect("answers");
    store.mark_sent(&lease, &[(1, 1)], UtcMs(6_000)).expect("notes");
    store.apply_answer(&lease, &news(vec![], vec![receipt(1, 1, vec![])])).expect("applies");
    let mut asks = news(vec![], vec![]);
    asks.needed.push((1, 1));

    store.apply_answer(&lease, &asks).expect("applies");

    let again = store.unreceipted(Lane::Records, 9).expect("answers");
    assert_eq!(again[0].bytes, bytes[0].bytes);
    assert!(matches!(delivery_of(&store, id), Some(Delivery::Sent { .. })));
    store.apply_answer(&lease, &news(vec![], vec![receipt(1, 1, vec![])])).expect("applies");
    assert!(matches!(delivery_of(&store, id), Some(Delivery::Received { .. })));
}

#[test]
fn a_home_put_back_from_a_backup_goes_on_behind_the_chain_the_center_knows() {
    let (_folder, store, lease) = enrolled();
    patient(&store, 1);
    seal_all(&store, &lease, Lane::Records);
    let mut other = receipt(1, 7, vec![]);
    other.head = ChangeHash([77; 32]);

    store.apply_answer(&lease, &news(vec![], vec![other])).expect("applies");

    assert_eq!(store.outbox().expect("answers").len(), 1, "nothing was marked received");
    let next = store.cut_envelope(&lease, Lane::Records, 4096, at(5), &describe).expect("cuts").expect("one");
    assert_eq!((next.cut.seq, next.cut.prev), (8, ChangeHash([77; 32])));
}
