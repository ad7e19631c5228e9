//! Gaps of tracking: told once, to a center that takes them, and again in another life of it.

use super::*;
use siaga_domain::tracking::{Gap, GapCause, Sign};

fn gap(minute: i64) -> Gap {
    let from = UtcMs(minute * 60_000);
    Gap { from, until: UtcMs(from.0 + 600_000), cause: GapCause::Restarted }
}

fn tracked(store: &Store, gaps: Vec<Gap>) {
    let sign = Sign { at: UtcMs(9_000_000), monotonic_ms: 9_000_000, boot_id: "boot-1".to_owned(), process: 1 };
    let mark = TrackingMark { sign, location_off: false };
    store.note_tracking(&Tracked { mark, gaps, offset_ms: Some(-40) }).expect("notes");
}

fn offered(store: &Store) -> Vec<UntoldGap> {
    store.mending(0).expect("answers").gaps
}

/// An answer to a request that named these gaps.
fn answered(store: &Store, lease: &Lease, told: &[UntoldGap], takes_gaps: bool) {
    let told_gaps = told.iter().map(|untold| untold.id).collect();
    let compared = Compared { told_gaps, takes_gaps, ..Compared::default() };
    store.apply_answer(lease, &News { compared: Some(compared), ..news(Vec::new(), Vec::new()) }).expect("applies");
}

#[test]
fn a_gap_waits_for_a_center_that_takes_gaps_and_is_told_to_it_once() {
    let (_folder, store, lease) = enrolled();
    tracked(&store, vec![gap(10), gap(30)]);
    answered(&store, &lease, &[], false);
    assert_eq!((offered(&store), store.repairs_waiting().expect("answers")), (Vec::new(), 0), "nobody takes them");

    answered(&store, &lease, &[], true);
    let told = offered(&store);
    assert_eq!(
        told.iter().map(|untold| (untold.gap, untold.offset_ms)).collect::<Vec<_>>(),
        [(gap(10), Some(-40)), (gap(30), Some(-40))]
    );
    assert_eq!((offered(&store), store.repairs_waiting().expect("answers")), (told.clone(), 2), "no answer was heard");
    // One that ended while the others were under way is not told by their answer.
    tracked(&store, vec![gap(50)]);
    answered(&store, &lease, &told, true);

    assert_eq!(offered(&store).iter().map(|untold| untold.gap).collect::<Vec<_>>(), [gap(50)]);
    assert_eq!(store.repairs_waiting().expect("answers"), 1);
    assert_eq!(store.gaps(UtcMs(0)).expect("answers").len(), 3, "the phone shows them all");
}

#[test]
fn a_center_that_takes_gaps_no_more_is_offered_none_and_loses_none() {
    let (_folder, store, lease) = enrolled();
    tracked(&store, vec![gap(10)]);
    answered(&store, &lease, &[], true);

    answered(&store, &lease, &offered(&store), false);
    assert_eq!((offered(&store), store.repairs_waiting().expect("answers")), (Vec::new(), 0));
    answered(&store, &lease, &[], true);

    assert_eq!(offered(&store).iter().map(|untold| untold.gap).collect::<Vec<_>>(), [gap(10)]);
}

#[test]
fn another_life_of_the_center_is_told_the_gaps_again() {
    let (_folder, store, lease) = enrolled();
    tracked(&store, vec![gap(10)]);
    answered(&store, &lease, &[], true);
    answered(&store, &lease, &offered(&store), true);
    assert_eq!(offered(&store), []);

    store.enter_epoch(&lease, Epoch([6; 8])).expect("enters");

    assert_eq!(offered(&store).iter().map(|untold| untold.gap).collect::<Vec<_>>(), [gap(10)]);
}

#[test]
fn a_home_enrolled_anew_tells_the_next_center_nothing_the_last_one_heard() {
    let (_folder, store, lease) = enrolled();
    tracked(&store, vec![gap(10)]);
    answered(&store, &lease, &[], true);
    answered(&store, &lease, &offered(&store), true);
    tracked(&store, vec![gap(30)]);

    store.set_enrolment(&enrolment()).expect("enrols");
    assert_eq!(offered(&store), [], "what the next one takes is not known yet");
    answered(&store, &lease, &[], true);

    assert_eq!(offered(&store).iter().map(|untold| untold.gap).collect::<Vec<_>>(), [gap(30)]);
}
