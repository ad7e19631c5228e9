//! In no order of events does a change leave the outbox without a verdict, or a chain get a gap.

use super::*;
use proptest::prelude::*;
use siaga_domain::kind::Lane;

#[derive(Clone, Copy, Debug)]
enum Step {
    Note,
    Sos,
    Cut(u8),
    Seal,
    Sent,
    /// The center has everything sealed so far, and says so.
    Receipt(u8),
    /// It lost everything from this sequence on.
    Lost(u8),
    /// It knows a chain of this device that this home does not.
    Other,
    /// Another life of the center.
    Epoch(u8),
    /// Another process takes the sync over.
    Takeover,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Note),
        2 => Just(Step::Sos),
        4 => (0_u8..2).prop_map(Step::Cut),
        4 => Just(Step::Seal),
        2 => Just(Step::Sent),
        3 => (0_u8..2).prop_map(Step::Receipt),
        1 => (1_u8..4).prop_map(Step::Lost),
        1 => Just(Step::Other),
        1 => (5_u8..8).prop_map(Step::Epoch),
        1 => Just(Step::Takeover),
        1 => Just(Step::Restart),
    ]
}

/// Changes written here that are neither waiting nor named by a receipt: there must be none.
fn lost(store: &Store) -> i64 {
    store
        .conn
        .query_row(
            "SELECT count(*) FROM change c WHERE c.origin = 'local' AND c.verdict = 'pending'
             AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.change = c.hash)",
            [],
            |row| row.get(0),
        )
        .expect("answers")
}

/// Waiting changes that name an envelope which is not there: they would never travel.
fn stuck(store: &Store) -> i64 {
    store
        .conn
        .query_row(
            "SELECT count(*) FROM outbox o WHERE o.envelope IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM envelope e
                             WHERE e.lane = o.lane AND e.seq = o.envelope AND e.state <> 'receipted')",
            [],
            |row| row.get(0),
        )
        .expect("answers")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_leaves_the_outbox_without_a_verdict(steps in proptest::collection::vec(step(), 1..40)) {
        let (folder, mut store, mut lease) = enrolled();
        let id = patient(&store, 1);
        let mut next = 2_u8;
        let mut holder = 10_u8;
        for step in steps {
            match step {
                Step::Note => {
                    add(&store, id, vec![note(next, "a line")]);
                    next += 1;
                }
                Step::Sos => {
                    sos(&store, next);
                    next += 1;
                }
                Step::Cut(lane) => {
                    let lane = Lane::from_number(lane).expect("a lane");
                    let (before, _) = envelope::chain(&store.reading().expect("reads"), lane.number()).expect("answers");
                    if let Some(frozen) = store.cut_envelope(&lease, lane, 300, at(5), &describe).expect("cuts") {
                        prop_assert_eq!(frozen.cut.seq, before);
                    }
                }
                Step::Seal => {
                    for lane in Lane::DOCUMENTS {
                        for frozen in store.frozen_envelopes(lane).expect("answers") {
                            prop_assert!(!frozen.cut.documents.is_empty());
                            store.store_sealed(&lease, frozen.cut.lane, frozen.cut.seq, &[1]).expect("keeps");
                        }
                    }
                }
                Step::Sent => {
                    let all: Vec<(u8, u64)> = Lane::DOCUMENTS
                        .iter()
                        .flat_map(|lane| store.unreceipted(*lane, 99).expect("answers"))
                        .map(|sealed| (sealed.lane, sealed.seq))
                        .collect();
                    store.mark_sent(&lease, &all, UtcMs(6_000)).expect("notes");
                }
                Step::Receipt(lane) => {
                    let sealed = store.unreceipted(Lane::from_number(lane).expect("a lane"), 99).expect("answers");
                    if let Some(last) = sealed.last() {
                        store.apply_answer(&lease, &told(&store, vec![], vec![receipt(lane, last.seq, vec![])])).expect("applies");
                    }
                }
                Step::Lost(seq) => {
                    let mut answer = told(&store, vec![], vec![]);
                    answer.needed = vec![(0, u64::from(seq)), (1, u64::from(seq))];
                    store.apply_answer(&lease, &answer).expect("applies");
                }
                Step::Other => {
                    let (next_seq, _) = envelope::chain(&store.reading().expect("reads"), 1).expect("answers");
                    let mut other = receipt(1, next_seq.min(200), vec![]);
                    other.head = ChangeHash([99; 32]);
                    store.apply_answer(&lease, &told(&store, vec![], vec![other])).expect("applies");
                }
                Step::Epoch(epoch) => store.enter_epoch(&lease, Epoch([epoch; 8])).expect("enters"),
                Step::Takeover => {
                    holder += 1;
                    store.release_lease(&lease).expect("releases");
                    let taken = store.take_lease([holder; 16], 1, 1_000_000).expect("answers").expect("is free");
                    prop_assert!(matches!(store.forget_token(&lease), Err(StoreError::LeaseLost)));
                    lease = taken;
                }
                Step::Restart => {
                    drop(store);
                    store = open(folder.path());
                }
            }
            prop_assert_eq!(lost(&store), 0, "after {:?}", step);
            prop_assert_eq!(stuck(&store), 0, "after {:?}", step);
        }
        store.check().expect("is whole");
    }
}

/// News of whichever life of the center the phone knows.
fn told(store: &Store, items: Vec<FeedItem>, receipts: Vec<Receipted>) -> News {
    let epoch = store.peer().expect("answers").expect("enrolled").epoch;
    News { epoch, ..news(items, receipts) }
}
