//! What the session does in each state, and what no order of events may make it do.

use super::*;
use proptest::prelude::*;

const NOTHING: Waiting = Waiting { urgent: 0, records: 0, fixes: 0, attachments: 0 };
const PRESS: Waiting = Waiting { urgent: 1, ..NOTHING };
const WATCH: Mode = Mode::Watch { hold_ms: 50_000 };

fn exchanged(waiting: Waiting) -> Event {
    Event::Answered { line: Line::Push, answer: Answer::Exchanged { more: false }, waiting }
}

fn lost(line: Line, trouble: Trouble) -> Event {
    Event::Failed { line, trouble, jitter: 0 }
}

fn is_push(effects: &[Effect]) -> bool {
    matches!(effects, [Effect::Push { .. }])
}

#[test]
fn one_round_trip_when_nothing_is_lost() {
    let mut session = Session::new(Mode::Once);

    assert!(is_push(&session.step(Event::Started { waiting: PRESS })));
    assert_eq!(session.step(exchanged(NOTHING)), [Effect::Finish(Finish::Quiet)]);
}

#[test]
fn the_center_is_asked_even_when_nothing_waits_here() {
    assert!(is_push(&Session::new(Mode::Once).step(Event::Started { waiting: NOTHING })));
}

#[test]
fn a_press_goes_out_beside_a_held_request() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTHING });
    assert!(matches!(session.step(exchanged(NOTHING)).as_slice(), [Effect::Hold { hold_ms: 50_000, .. }]));

    assert!(is_push(&session.step(Event::Written { waiting: PRESS })));
    assert_eq!(session.step(exchanged(NOTHING)), [], "the hold is still under way");
}

#[test]
fn the_trail_rides_only_when_no_change_waits_and_attachments_only_when_nothing_does() {
    let mut session = Session::new(Mode::Once);
    let all = Waiting { urgent: 1, records: 1, fixes: 9, attachments: 1 };

    let first = session.step(Event::Started { waiting: all });
    let second = session.step(exchanged(Waiting { urgent: 0, records: 0, ..all }));
    let third = session.step(exchanged(Waiting { attachments: 1, ..NOTHING }));

    assert!(matches!(first.as_slice(), [Effect::Push { with_trail: false, .. }]));
    assert!(matches!(second.as_slice(), [Effect::Push { with_trail: true, .. }]));
    assert!(matches!(third.as_slice(), [Effect::SendPiece { .. }]));
}

#[test]
fn a_request_grows_with_success_and_shrinks_with_silence() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: PRESS });
    assert_eq!(session.budget(), FIRST_BUDGET);

    session.step(lost(Line::Push, Trouble::TimedOut));
    assert_eq!(session.budget(), FIRST_BUDGET / 2);
    session.step(Event::Woke);
    session.step(exchanged(PRESS));
    session.step(exchanged(NOTHING));

    assert_eq!(session.budget(), FIRST_BUDGET * 2);
}

#[test]
fn waits_double_up_to_a_quarter_of_a_minute_and_stay_short_while_something_urgent_waits() {
    let waits = |waiting: Waiting| {
        let mut session = Session::new(WATCH);
        session.step(Event::Started { waiting });
        (0..10)
            .map(|_| {
                let effects = session.step(lost(Line::Push, Trouble::Unreachable));
                session.step(Event::Woke);
                match effects.as_slice() {
                    [Effect::Wait { ms }] => *ms,
                    other => panic!("expected a wait, got {other:?}"),
                }
            })
            .collect::<Vec<_>>()
    };

    assert_eq!(waits(Waiting { records: 1, ..NOTHING })[..7], [1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    assert_eq!(waits(PRESS)[9], 4_000);
}

#[test]
fn the_network_coming_back_ends_a_wait_at_once() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: PRESS });
    session.step(lost(Line::Push, Trouble::Unreachable));

    assert!(is_push(&session.step(Event::NetworkUp)));
}

#[test]
fn a_note_waits_out_a_backoff_and_a_press_does_not() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTHING });
    session.step(lost(Line::Push, Trouble::Unreachable));

    assert_eq!(session.step(Event::Written { waiting: Waiting { records: 1, ..NOTHING } }), []);
    assert!(is_push(&session.step(Event::Written { waiting: PRESS })));
}

#[test]
fn a_challenge_is_answered_once_and_a_center_that_never_believes_is_not_ours() {
    let mut session = Session::new(Mode::Once);
    session.step(Event::Started { waiting: NOTHING });
    let challenged = Event::Answered { line: Line::Push, answer: Answer::Challenged, waiting: NOTHING };

    assert!(matches!(session.step(challenged).as_slice(), [Effect::Push { proof: true, .. }]));
    session.step(challenged);
    assert_eq!(session.step(challenged), [Effect::Finish(Finish::NotOurCenter)]);
}

#[test]
fn another_life_of_the_center_is_read_from_its_beginning() {
    let mut session = Session::new(Mode::Once);
    session.step(Event::Started { waiting: NOTHING });

    let effects = session.step(Event::Answered { line: Line::Push, answer: Answer::OtherEpoch, waiting: NOTHING });

    assert!(matches!(effects.as_slice(), [Effect::ResetCursors, Effect::Push { .. }]));
}

#[test]
fn an_hour_of_patience_is_a_quarter_while_something_urgent_waits() {
    let patience = |waiting: Waiting| {
        let mut session = Session::new(WATCH);
        session.step(Event::Started { waiting });
        session.step(Event::Answered { line: Line::Push, answer: Answer::Busy { retry_after_s: 7200 }, waiting })
    };

    assert_eq!(patience(NOTHING), [Effect::Wait { ms: MOST_PATIENCE_MS }]);
    assert_eq!(patience(PRESS), [Effect::Wait { ms: MOST_URGENT_PATIENCE_MS }]);
}

#[test]
fn a_center_that_takes_nothing_does_not_keep_one_sync_going_for_ever() {
    let mut session = Session::new(Mode::Once);
    session.step(Event::Started { waiting: PRESS });
    let mut rounds = 0;

    while !matches!(session.step(exchanged(PRESS)).as_slice(), [Effect::Finish(Finish::Stalled)]) {
        rounds += 1;
        assert!(rounds < 10);
    }
}

#[test]
fn a_cut_hold_asks_for_less_next_time() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTHING });
    session.step(exchanged(NOTHING));
    session.step(lost(Line::Hold, Trouble::TimedOut));

    assert!(matches!(session.step(Event::Woke).as_slice(), [Effect::Hold { hold_ms: 25_000, .. }]));
}

fn waiting() -> impl Strategy<Value = Waiting> {
    (0_u32..3, 0_u32..3, 0_u32..3, 0_u32..3).prop_map(|(urgent, records, fixes, attachments)| Waiting {
        urgent,
        records,
        fixes,
        attachments,
    })
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![Just(Line::Push), Just(Line::Hold)]
}

fn event() -> impl Strategy<Value = Event> {
    let answer = prop_oneof![
        any::<bool>().prop_map(|more| Answer::Exchanged { more }),
        Just(Answer::Challenged),
        Just(Answer::OtherEpoch),
        (0_u32..9000).prop_map(|retry_after_s| Answer::Busy { retry_after_s }),
    ];
    let trouble = prop_oneof![Just(Trouble::Unreachable), Just(Trouble::TimedOut), Just(Trouble::NotOurCenter)];
    prop_oneof![
        waiting().prop_map(|waiting| Event::Written { waiting }),
        Just(Event::NetworkUp),
        Just(Event::Woke),
        (line(), answer, waiting()).prop_map(|(line, answer, waiting)| Event::Answered { line, answer, waiting }),
        (line(), trouble, 0_u16..2000).prop_map(|(line, trouble, jitter)| Event::Failed { line, trouble, jitter }),
        waiting().prop_map(|waiting| Event::PieceConfirmed { waiting }),
    ]
}

/// Only what can happen: an answer or a failure belongs to a request that is under way, a waking to a wait.
fn possible(event: &Event, pushing: bool, piece: bool, holding: bool, resting: bool) -> bool {
    match event {
        Event::Answered { line: Line::Push, .. } => pushing && !piece,
        Event::Failed { line: Line::Push, .. } => pushing,
        Event::PieceConfirmed { .. } => pushing && piece,
        Event::Answered { line: Line::Hold, .. } | Event::Failed { line: Line::Hold, .. } => holding,
        Event::Woke => resting,
        Event::Started { .. } | Event::Written { .. } | Event::NetworkUp => true,
    }
}

proptest! {
    /// In no order of events does a watching session go dead: a request is under way or a wait was asked for.
    /// Never are two pushes or two holds under way, and a wait is never longer than an hour.
    #[test]
    fn a_watching_session_never_goes_dead(events in proptest::collection::vec(event(), 0..200)) {
        let mut session = Session::new(WATCH);
        let (mut pushing, mut piece, mut holding, mut resting) = (false, false, false, false);
        let started = [Event::Started { waiting: PRESS }];
        for event in started.into_iter().chain(events) {
            if !possible(&event, pushing, piece, holding, resting) {
                continue;
            }
            match event {
                Event::Answered { line: Line::Push, .. } | Event::Failed { line: Line::Push, .. } | Event::PieceConfirmed { .. } => {
                    pushing = false;
                    piece = false;
                }
                Event::Answered { line: Line::Hold, .. } | Event::Failed { line: Line::Hold, .. } => holding = false,
                Event::Woke => resting = false,
                _ => {}
            }
            for effect in session.step(event) {
                match effect {
                    Effect::Push { up_bytes, .. } => {
                        prop_assert!(!pushing, "two pushes");
                        prop_assert!((LEAST_BUDGET..=MOST_BUDGET).contains(&up_bytes));
                        pushing = true;
                    }
                    Effect::SendPiece { .. } => {
                        prop_assert!(!pushing, "a piece beside a push");
                        (pushing, piece) = (true, true);
                    }
                    Effect::Hold { hold_ms, .. } => {
                        prop_assert!(!holding, "two holds");
                        prop_assert!(hold_ms >= 5_000);
                        holding = true;
                    }
                    Effect::Wait { ms } => {
                        prop_assert!((1..=MOST_PATIENCE_MS).contains(&ms));
                        resting = true;
                    }
                    Effect::ResetCursors => {}
                    Effect::Finish(how) => prop_assert!(false, "a watch ended: {how:?}"),
                }
            }
            prop_assert!(pushing || holding || resting, "dead after {event:?}");
        }
    }
}
