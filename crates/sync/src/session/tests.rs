//! What the session does in each state, and what no order of events may make it do.

use super::budget::{FIRST_BYTES, LEAST_BYTES, LEAST_ENVELOPE_BYTES, MOST_BYTES, MOST_ENVELOPE_BYTES};
use super::*;
use proptest::prelude::*;

const NOTHING: Waiting = Waiting::NOTHING;
const PRESS: Waiting = Waiting { urgent: 1, ..NOTHING };
const NOTE: Waiting = Waiting { records: 1, ..NOTHING };
const PHOTO: Waiting = Waiting { bulk: 1, ..NOTHING };
const WATCH: Mode = Mode::Watch { hold_ms: 50_000 };
/// A small request on a quick link.
const QUICK: Carried = Carried { up_bytes: 200, down_bytes: 200, took_ms: 20 };

fn answered(line: Line, answer: Answer, waiting: Waiting) -> Event {
    Event::Answered { line, answer, waiting, carried: QUICK, jitter: 0 }
}

fn exchanged(waiting: Waiting) -> Event {
    answered(Line::Push, Answer::Exchanged { more: false }, waiting)
}

fn piece(waiting: Waiting) -> Event {
    Event::PieceConfirmed { waiting, carried: Carried { up_bytes: 4_096, ..QUICK } }
}

fn lost(line: Line, trouble: Trouble) -> Event {
    Event::Failed { line, trouble, jitter: 0 }
}

fn is_push(effects: &[Effect]) -> bool {
    matches!(effects, [Effect::Push { .. }])
}

/// A watching session that had one exchange: its hold is under way, and positions went a moment ago.
fn watching(waiting: Waiting) -> Session {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTHING });
    session.step(exchanged(waiting));
    session
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
    let held = session.step(exchanged(NOTHING));
    assert!(matches!(held.as_slice(), [Effect::Pace { .. }, Effect::Hold { hold_ms: 50_000, .. }]));

    assert!(is_push(&session.step(Event::Written { waiting: PRESS })));
    assert_eq!(session.step(exchanged(NOTHING)), [], "the hold is still under way");
}

#[test]
fn a_press_while_a_push_is_under_way_goes_out_at_once_beside_it() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTE });

    let beside = session.step(Event::Written { waiting: Waiting { urgent: 1, ..NOTE } });

    assert!(matches!(beside.as_slice(), [Effect::Urgent { proof: false, .. }]));
    assert_eq!(session.step(Event::Written { waiting: Waiting { urgent: 1, records: 2, ..NOTHING } }), []);
    assert_eq!(session.step(answered(Line::Urgent, Answer::Exchanged { more: false }, NOTE)), []);
}

#[test]
fn a_press_while_a_piece_is_under_way_goes_out_at_once_beside_it_and_so_does_the_position() {
    let mut session = watching(PHOTO);

    let pressed = session.step(Event::Written { waiting: Waiting { urgent: 1, ..PHOTO } });
    session.step(answered(Line::Urgent, Answer::Exchanged { more: false }, PHOTO));
    session.step(piece(PHOTO));
    let moved = session.step(Event::Written { waiting: Waiting { fixes: 1, ..PHOTO } });
    let again = session.step(Event::Written { waiting: Waiting { fixes: 2, ..PHOTO } });

    assert!(matches!(pressed.as_slice(), [Effect::Urgent { .. }]));
    assert!(matches!(moved.as_slice(), [Effect::Urgent { .. }]));
    assert_eq!(again, [], "once beside a piece");
}

#[test]
fn an_urgent_request_that_fails_beside_a_push_leaves_the_press_to_whoever_goes_next() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTE });
    let both = Waiting { urgent: 1, ..NOTE };
    session.step(Event::Written { waiting: both });

    assert_eq!(session.step(lost(Line::Urgent, Trouble::Cut)), []);

    assert!(is_push(&session.step(exchanged(both))[1..]), "after the pace");
}

#[test]
fn an_order_is_asked_for_while_photographs_go_out() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTHING });

    let effects = session.step(exchanged(PHOTO));

    assert!(matches!(effects.as_slice(), [Effect::Pace { .. }, Effect::SendPiece { .. }, Effect::Hold { .. }]));
    let next = session.step(piece(PHOTO));
    assert!(matches!(next.as_slice(), [Effect::SendPiece { files: Files::Bulk, .. }]));
}

#[test]
fn the_trail_rides_only_when_no_change_waits_then_previews_then_photographs() {
    let mut session = Session::new(Mode::Once);
    let all = Waiting { urgent: 1, records: 1, fixes: 9, thumbnails: 1, bulk: 1, ..NOTHING };
    let no_changes = Waiting { urgent: 0, records: 0, ..all };

    let first = session.step(Event::Started { waiting: all });
    let second = session.step(exchanged(no_changes));
    let third = session.step(exchanged(Waiting { fixes: 0, ..no_changes }));
    let fourth = session.step(piece(Waiting { fixes: 0, thumbnails: 0, ..no_changes }));

    assert!(matches!(first.as_slice(), [Effect::Push { with_trail: false, .. }]));
    assert!(matches!(second.as_slice(), [Effect::Push { with_trail: true, .. }]));
    assert!(matches!(third.as_slice(), [Effect::SendPiece { files: Files::Thumbnails, .. }]));
    assert!(matches!(fourth.as_slice(), [Effect::SendPiece { files: Files::Bulk, .. }]));
}

#[test]
fn photographs_up_and_files_down_take_turns() {
    let mut session = Session::new(Mode::Once);
    let both = Waiting { bulk: 5, downloads: 5, ..NOTHING };
    session.step(Event::Started { waiting: both });
    let mut turns = vec![session.step(exchanged(both))];
    turns.extend((0..3).map(|_| session.step(piece(both))));

    let is_fetch: Vec<bool> =
        turns.iter().map(|effects| matches!(effects.as_slice(), [Effect::FetchPiece { .. }])).collect();

    assert_eq!(is_fetch, [true, false, true, false]);
}

#[test]
fn previews_go_before_photographs_in_both_directions() {
    let mut session = Session::new(Mode::Once);
    let mut waiting = Waiting { thumbnails: 1, bulk: 1, previews: 2, downloads: 1, ..NOTHING };
    session.step(Event::Started { waiting });

    let mut order = vec![session.step(exchanged(waiting))];
    for left in [
        Waiting { previews: 1, ..waiting },
        Waiting { previews: 1, thumbnails: 0, ..waiting },
        Waiting { previews: 0, thumbnails: 0, ..waiting },
    ] {
        waiting = left;
        order.push(session.step(piece(waiting)));
    }

    assert!(matches!(
        order.iter().flatten().collect::<Vec<_>>().as_slice(),
        [
            Effect::FetchPiece { .. },
            Effect::SendPiece { files: Files::Thumbnails, .. },
            Effect::FetchPiece { .. },
            Effect::SendPiece { files: Files::Bulk, .. }
        ]
    ));
}

#[test]
fn what_nobody_asked_for_comes_over_a_good_link_only() {
    let offered = Waiting { offered: 1, ..NOTHING };
    let after = |down_bytes, took_ms| {
        let mut session = Session::new(Mode::Once);
        session.step(Event::Started { waiting: offered });
        let answer = Answer::Exchanged { more: true };
        let carried = Carried { up_bytes: 100, down_bytes: 100, took_ms: 50 };
        session.step(Event::Answered { line: Line::Push, answer, waiting: offered, carried, jitter: 0 });
        let answer = Answer::Exchanged { more: false };
        let carried = Carried { up_bytes: 100, down_bytes, took_ms };
        session.step(Event::Answered { line: Line::Push, answer, waiting: offered, carried, jitter: 0 })
    };

    let good = after(16 * 1024, 150);
    let bad = after(16 * 1024, 2_000);

    assert!(matches!(good.as_slice(), [Effect::FetchPiece { downloads: Downloads::All, .. }]));
    assert_eq!(bad, [Effect::Finish(Finish::Quiet)]);
}

#[test]
fn a_request_grows_with_success_and_shrinks_with_silence() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: PRESS });
    assert_eq!(session.budget(), FIRST_BYTES);

    session.step(lost(Line::Push, Trouble::TimedOut));
    assert_eq!(session.budget(), FIRST_BYTES / 2);
    session.step(Event::Woke);
    let full = Carried { up_bytes: FIRST_BYTES, down_bytes: 100, took_ms: 20 };
    let answer = Answer::Exchanged { more: false };
    for _ in 0..2 {
        session.step(Event::Answered { line: Line::Push, answer, waiting: PRESS, carried: full, jitter: 0 });
    }

    assert_eq!(session.budget(), FIRST_BYTES * 2);
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

    assert_eq!(waits(NOTE)[..7], [1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    assert_eq!(waits(PRESS)[9], 2_000);
}

#[test]
fn the_network_coming_back_gives_up_what_hangs_on_the_old_one_and_asks_at_once() {
    let mut session = watching(NOTHING);
    session.step(Event::Written { waiting: NOTE });
    session.step(Event::Written { waiting: Waiting { urgent: 1, ..NOTE } });

    let effects = session.step(Event::NetworkUp);

    let given_up = [Line::Push, Line::Urgent, Line::Hold].map(Effect::Abandon);
    assert_eq!(effects[..3], given_up);
    assert!(is_push(&effects[3..]));
}

#[test]
fn the_network_coming_back_ends_a_wait_at_once() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTE });
    session.step(lost(Line::Push, Trouble::Unreachable));

    assert!(is_push(&session.step(Event::NetworkUp)));
}

#[test]
fn a_note_waits_out_a_backoff_and_a_new_press_does_not() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTHING });
    session.step(lost(Line::Push, Trouble::Unreachable));

    assert_eq!(session.step(Event::Written { waiting: NOTE }), []);
    assert!(is_push(&session.step(Event::Written { waiting: Waiting { urgent: 1, ..NOTE } })));
    session.step(lost(Line::Push, Trouble::Unreachable));
    let moved = Waiting { urgent: 1, fixes: 1, ..NOTE };
    assert_eq!(session.step(Event::Written { waiting: moved }), [], "the same press is not new");
}

#[test]
fn a_failed_push_takes_the_hold_of_its_connection_with_it() {
    let mut session = watching(NOTHING);
    session.step(Event::Written { waiting: NOTE });

    let effects = session.step(lost(Line::Push, Trouble::TimedOut));

    assert!(matches!(effects.as_slice(), [Effect::Abandon(Line::Hold), Effect::Wait { .. }]));
    assert!(is_push(&session.step(Event::Woke)), "a quick answer before a held one");
}

#[test]
fn a_challenge_is_answered_once_and_a_center_that_never_believes_is_not_ours() {
    let mut session = Session::new(Mode::Once);
    session.step(Event::Started { waiting: NOTHING });
    let challenged = answered(Line::Push, Answer::Challenged, NOTHING);

    assert!(matches!(session.step(challenged).as_slice(), [Effect::Push { proof: true, .. }]));
    session.step(challenged);
    assert_eq!(session.step(challenged), [Effect::Finish(Finish::NotOurCenter)]);
}

#[test]
fn another_life_of_the_center_is_read_from_its_beginning() {
    let mut session = Session::new(Mode::Once);
    session.step(Event::Started { waiting: NOTHING });

    let effects = session.step(answered(Line::Push, Answer::OtherEpoch, NOTHING));

    assert!(matches!(effects.as_slice(), [Effect::ResetCursors, Effect::Push { .. }]));
}

#[test]
fn patience_is_kept_whatever_is_written_and_lasts_a_quarter_hour_at_most_for_a_press() {
    let busy = Answer::Busy { retry_after_s: 3_600 };
    let mut session = watching(NOTHING);
    session.step(Event::Written { waiting: NOTE });

    assert_eq!(session.step(answered(Line::Push, busy, NOTE)), [Effect::Wait { ms: 900_000 }]);
    assert_eq!(session.step(Event::NetworkUp), [Effect::Abandon(Line::Hold)]);
    assert_eq!(session.step(Event::Woke), [Effect::Wait { ms: 900_000 }], "nothing urgent: the next quarter");
    assert_eq!(session.step(Event::Written { waiting: PRESS }), []);
    assert!(is_push(&session.step(Event::Woke)), "the press goes after the quarter it came in");
}

#[test]
fn a_crowd_sent_away_together_does_not_come_back_together() {
    let wait = |jitter| {
        let mut session = watching(NOTHING);
        session.step(Event::Written { waiting: NOTE });
        let answer = Answer::Busy { retry_after_s: 60 };
        session.step(Event::Answered { line: Line::Push, answer, waiting: NOTE, carried: QUICK, jitter })
    };

    assert_eq!(wait(0), [Effect::Wait { ms: 60_000 }]);
    assert_eq!(wait(900), [Effect::Wait { ms: 73_500 }]);
}

#[test]
fn one_sync_waits_out_a_short_patience_and_leaves_a_long_one_to_the_next() {
    let busy = |retry_after_s| {
        let mut session = Session::new(Mode::Once);
        session.step(Event::Started { waiting: PRESS });
        session.step(answered(Line::Push, Answer::Busy { retry_after_s }, PRESS))
    };

    assert_eq!(busy(5), [Effect::Wait { ms: 5_000 }]);
    assert_eq!(busy(120), [Effect::Finish(Finish::Stalled)]);
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
fn a_piece_that_moves_nothing_does_not_go_on_for_ever() {
    let mut session = Session::new(Mode::Once);
    session.step(Event::Started { waiting: PHOTO });
    session.step(exchanged(PHOTO));
    let nothing = Event::PieceConfirmed { waiting: PHOTO, carried: Carried::default() };

    let rounds = (0..10).take_while(|_| session.step(nothing) != [Effect::Finish(Finish::Stalled)]).count();

    assert!(rounds < 5);
}

#[test]
fn a_cut_hold_is_followed_by_a_quick_answer_and_a_shorter_hold() {
    let mut session = watching(NOTHING);

    session.step(lost(Line::Hold, Trouble::TimedOut));

    assert!(is_push(&session.step(Event::Woke)));
    assert!(matches!(session.step(exchanged(NOTHING)).as_slice(), [Effect::Hold { hold_ms: 25_000, .. }]));
}

#[test]
fn a_hold_that_was_lost_with_the_network_does_not_shorten_the_next() {
    let mut session = watching(NOTHING);

    session.step(lost(Line::Hold, Trouble::Cut));
    session.step(Event::Woke);
    session.step(lost(Line::Push, Trouble::Unreachable));
    session.step(Event::Woke);

    assert!(matches!(session.step(exchanged(NOTHING)).as_slice(), [Effect::Hold { hold_ms: 50_000, .. }]));
}

#[test]
fn a_few_positions_gather_and_history_or_a_press_does_not_wait_for_them() {
    let mut session = watching(NOTHING);
    let few = Waiting { fixes: 3, ..NOTHING };

    assert_eq!(session.step(Event::Written { waiting: few }), []);
    assert!(matches!(session.step(Event::Paced).as_slice(), [Effect::Push { with_trail: true, .. }]));
    let paced = session.step(exchanged(NOTHING));
    assert_eq!(paced, [Effect::Pace { ms: PACE_MS }]);
    assert!(is_push(&session.step(Event::Written { waiting: Waiting { fixes: HISTORY, ..NOTHING } })));
}

#[test]
fn off_duty_nothing_is_held_and_the_center_is_looked_at_now_and_then() {
    let mut session = Session::new(WATCH);
    session.step(Event::Started { waiting: NOTHING });
    session.step(Event::Duty { on: false });

    let rests = session.step(exchanged(NOTHING));
    let written = session.step(Event::Written { waiting: NOTE });
    session.step(exchanged(NOTHING));
    let looks = session.step(Event::Woke);
    session.step(exchanged(NOTHING));
    let on_duty = session.step(Event::Duty { on: true });

    assert_eq!(rests, [Effect::Pace { ms: PACE_MS }, Effect::Wait { ms: LOOK_MS }]);
    assert!(is_push(&written), "what is written goes at once");
    assert!(is_push(&looks));
    assert!(matches!(on_duty.as_slice(), [Effect::Hold { .. }]));
}

fn waiting() -> impl Strategy<Value = Waiting> {
    (
        0_u32..3,
        0_u32..3,
        prop_oneof![0_u32..3, Just(HISTORY)],
        0_u32..2,
        0_u32..2,
        0_u32..2,
        0_u32..2,
        0_u32..2,
        0_u32..2,
    )
        .prop_map(|(urgent, records, fixes, thumbnails, bulk, previews, downloads, offered, repairs)| Waiting {
            urgent,
            records,
            fixes,
            thumbnails,
            bulk,
            previews,
            downloads,
            offered,
            repairs,
        })
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![Just(Line::Push), Just(Line::Urgent), Just(Line::Hold)]
}

fn carried() -> impl Strategy<Value = Carried> {
    (0_u32..300_000, 0_u32..300_000, prop_oneof![0_u32..100_000, Just(u32::MAX)])
        .prop_map(|(up_bytes, down_bytes, took_ms)| Carried { up_bytes, down_bytes, took_ms })
}

fn event() -> impl Strategy<Value = Event> {
    let answer = prop_oneof![
        any::<bool>().prop_map(|more| Answer::Exchanged { more }),
        Just(Answer::Challenged),
        Just(Answer::OtherEpoch),
        (0_u32..9000).prop_map(|retry_after_s| Answer::Busy { retry_after_s }),
    ];
    let trouble = prop_oneof![
        Just(Trouble::Unreachable),
        Just(Trouble::Cut),
        Just(Trouble::TimedOut),
        Just(Trouble::NotOurCenter)
    ];
    prop_oneof![
        3 => waiting().prop_map(|waiting| Event::Written { waiting }),
        1 => any::<bool>().prop_map(|on| Event::Duty { on }),
        1 => Just(Event::NetworkUp),
        2 => Just(Event::Woke),
        2 => Just(Event::Paced),
        4 => (line(), answer, waiting(), carried(), 0_u16..2000).prop_map(
            |(line, answer, waiting, carried, jitter)| Event::Answered { line, answer, waiting, carried, jitter }
        ),
        3 => (line(), trouble, 0_u16..2000).prop_map(|(line, trouble, jitter)| Event::Failed { line, trouble, jitter }),
        2 => (waiting(), carried()).prop_map(|(waiting, carried)| Event::PieceConfirmed { waiting, carried }),
    ]
}

/// What whoever moves the bytes knows: which requests are under way, which clocks run.
#[derive(Default, Debug)]
struct Road {
    push: bool,
    piece: bool,
    urgent: bool,
    hold: bool,
    waits: bool,
    paces: bool,
    patient: bool,
}

impl Road {
    /// Only what can happen: an answer belongs to a request that is under way, a waking to a wait.
    fn may_happen(&self, event: &Event) -> bool {
        match event {
            Event::Answered { line: Line::Push, answer, .. } => {
                self.push && (!self.piece || matches!(answer, Answer::Challenged | Answer::Busy { .. }))
            }
            Event::Failed { line: Line::Push, .. } => self.push,
            Event::PieceConfirmed { .. } => self.push && self.piece,
            Event::Answered { line: Line::Urgent, .. } | Event::Failed { line: Line::Urgent, .. } => self.urgent,
            Event::Answered { line: Line::Hold, .. } | Event::Failed { line: Line::Hold, .. } => self.hold,
            Event::Woke => self.waits,
            Event::Paced => self.paces,
            Event::Started { .. } | Event::Written { .. } | Event::Duty { .. } | Event::NetworkUp => true,
        }
    }

    fn happens(&mut self, event: &Event) {
        match event {
            Event::Answered { line, .. } | Event::Failed { line, .. } => self.ends(*line),
            Event::PieceConfirmed { .. } => self.ends(Line::Push),
            Event::Woke => (self.waits, self.patient) = (false, false),
            Event::Paced => self.paces = false,
            _ => {}
        }
        if matches!(event, Event::Answered { answer: Answer::Busy { .. }, .. }) {
            self.patient = true;
        }
    }

    fn ends(&mut self, line: Line) {
        match line {
            Line::Push => (self.push, self.piece) = (false, false),
            Line::Urgent => self.urgent = false,
            Line::Hold => self.hold = false,
        }
    }

    fn does(&mut self, effect: &Effect, waiting: &Waiting) -> Result<(), TestCaseError> {
        let starts = matches!(
            effect,
            Effect::Push { .. }
                | Effect::Urgent { .. }
                | Effect::Hold { .. }
                | Effect::SendPiece { .. }
                | Effect::FetchPiece { .. }
        );
        prop_assert!(!(starts && self.patient), "the center asked for patience and gets {effect:?}");
        match effect {
            Effect::Push { up_bytes, envelope_bytes, with_trail, .. } => {
                prop_assert!(!self.push, "two pushes");
                prop_assert!((LEAST_BYTES..=MOST_BYTES).contains(up_bytes));
                prop_assert!((LEAST_ENVELOPE_BYTES..=MOST_ENVELOPE_BYTES).contains(envelope_bytes));
                prop_assert!(!with_trail || (waiting.urgent == 0 && waiting.records == 0), "history before a change");
                self.push = true;
            }
            Effect::Urgent { proof, .. } => {
                prop_assert!(!self.urgent, "two urgent requests");
                prop_assert!(self.push || *proof, "an urgent request beside nothing");
                self.urgent = true;
            }
            Effect::SendPiece { .. } | Effect::FetchPiece { .. } => {
                prop_assert!(!self.push, "a piece beside a push");
                prop_assert!(waiting.urgent == 0 && waiting.records == 0, "a file before a change");
                prop_assert!(waiting.fixes < HISTORY, "a file before the trail's history");
                prop_assert!(self.paces || waiting.fixes == 0, "a file before a position that is due");
                let photograph = match effect {
                    Effect::SendPiece { files, .. } => *files == Files::Bulk,
                    // What is fetched first is a preview while one waits.
                    _ => waiting.previews == 0,
                };
                let previews_wait = waiting.thumbnails > 0 || waiting.previews > 0;
                prop_assert!(!photograph || !previews_wait, "a photograph before a preview");
                (self.push, self.piece) = (true, true);
            }
            Effect::Hold { hold_ms, .. } => {
                prop_assert!(!self.hold, "two holds");
                prop_assert!((hold::LEAST_MS..=50_000).contains(hold_ms));
                self.hold = true;
            }
            Effect::Abandon(line) => self.ends(*line),
            Effect::Wait { ms } => {
                prop_assert!((1..=MOST_URGENT_PATIENCE_MS).contains(ms));
                self.waits = true;
            }
            Effect::Pace { .. } => self.paces = true,
            Effect::ResetCursors => {}
            Effect::Finish(how) => prop_assert!(false, "a watch ended: {how:?}"),
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// In no order of events does a watching session go dead, start a line twice, break a promise of patience or
    /// let a lane wait behind a lower one; and a new press is on its way at once unless the center asked for
    /// patience or its line is busy with another press.
    #[test]
    fn lanes_hold_in_any_order_of_events(events in proptest::collection::vec(event(), 0..200)) {
        let mut session = Session::new(WATCH);
        let mut road = Road::default();
        let mut waiting = NOTHING;
        let started = [Event::Started { waiting: PRESS }];
        for event in started.into_iter().chain(events) {
            if !road.may_happen(&event) {
                continue;
            }
            let before = waiting;
            match &event {
                Event::Started { waiting: now }
                | Event::Written { waiting: now }
                | Event::Answered { waiting: now, .. }
                | Event::PieceConfirmed { waiting: now, .. } => waiting = *now,
                _ => {}
            }
            let (was_urgent, was_patient) = (road.urgent, road.patient);
            road.happens(&event);
            let mut carries_press = false;
            let effects = session.step(event);
            // The next quarter of a long patience.
            road.patient |= was_patient && matches!(effects.as_slice(), [Effect::Wait { .. }]);
            for effect in effects {
                carries_press |= matches!(effect, Effect::Push { .. } | Effect::Urgent { .. });
                road.does(&effect, &waiting)?;
            }
            let pressed = matches!(event, Event::Written { .. }) && waiting.urgent > before.urgent;
            prop_assert!(!pressed || carries_press || was_urgent || road.patient, "a press waited after {event:?}: {road:?}");
            prop_assert!(road.push || road.urgent || road.hold || road.waits, "dead after {event:?}");
        }
    }

    /// Whatever happened before, a press is carried within one wait for a link that works from now on.
    #[test]
    fn a_press_leaves_within_one_wait(events in proptest::collection::vec(event(), 0..100)) {
        let mut session = Session::new(WATCH);
        let mut road = Road::default();
        let mut waiting = PRESS;
        for event in [Event::Started { waiting: PRESS }].into_iter().chain(events) {
            if !road.may_happen(&event) {
                continue;
            }
            if let Event::Written { waiting: now } | Event::Answered { waiting: now, .. } | Event::PieceConfirmed { waiting: now, .. } = &event {
                waiting = *now;
            }
            let was_patient = road.patient;
            road.happens(&event);
            let effects = session.step(event);
            road.patient |= was_patient && matches!(effects.as_slice(), [Effect::Wait { .. }]);
            for effect in effects {
                road.does(&effect, &waiting)?;
            }
        }

        let all = Waiting { urgent: waiting.urgent + 1, ..waiting };
        let mut left = vec![Event::Written { waiting: all }];
        let mut carried = false;
        for _ in 0..20 {
            let Some(event) = left.pop() else { break };
            for effect in session.step(event) {
                carried |= matches!(effect, Effect::Push { .. } | Effect::Urgent { .. });
            }
            if carried {
                break;
            }
            // Whatever is under way is answered; then the wait is over.
            let next = [Line::Urgent, Line::Push, Line::Hold].into_iter().find(|line| match line {
                Line::Urgent => road.urgent,
                Line::Push => road.push,
                Line::Hold => false,
            });
            left.push(match next {
                Some(Line::Push) if road.piece => Event::PieceConfirmed { waiting: all, carried: QUICK },
                Some(line) => answered(line, Answer::Exchanged { more: false }, all),
                None => Event::Woke,
            });
            road.happens(left.last().expect("just pushed"));
        }
        prop_assert!(carried);
    }
}
