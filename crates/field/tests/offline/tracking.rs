//! What a phone's service says while it looks for positions, and what the page can tell of it.

use crate::stage::{Center, HOUR, NOON, POST, Stage, hear};
use siaga_domain::kind::Role;
use siaga_domain::place::Position;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::GapCause;
use siaga_field::request::{
    ById, DeviceState, DutyOff, DutyOn, LocationPermission, Press, Receiver, RecordFix, RecordFixes, Track,
};
use siaga_field::view::{AlarmKind, TrackingGap};

const MINUTE: i64 = 60_000;

fn on_duty() -> Stage {
    let stage = Stage::new(Role::Medic);
    stage.field.duty_on(&DutyOn { post: POST.into(), person: "Ani".into() }).expect("is kept");
    stage
}

fn looks(stage: &Stage) -> Option<i64> {
    let state = stage.field.track(&Track { receiver: Receiver::Looks }).expect("is kept");
    state.stopped_since_ms.map(|since| since.0)
}

fn gaps(stage: &Stage) -> Vec<TrackingGap> {
    stage.field.trail().expect("a trail").gaps
}

fn phone() -> DeviceState {
    DeviceState {
        at_ms: UtcMs(NOON),
        location_permission: LocationPermission::Always,
        location_on: true,
        notifications: true,
        battery_exempt: false,
        full_screen: true,
        automatic_time: true,
        free_bytes: 1 << 30,
        battery_percent: Some(80),
        webview: Some(108),
        android: 33,
        brand: "xiaomi".into(),
        maker_screen: true,
    }
}

fn fix(second: i64, north_m: f64) -> RecordFix {
    let position = Position::new(-1.83 + north_m / 111_320.0, 109.98, Some(6.0)).expect("a point");
    let at_ms = Some(UtcMs(NOON + second * 1000));
    RecordFix { position, at_ms, speed_mps: Some(10.0), battery_percent: None, satellite_ms: None, mock: None }
}

#[test]
fn what_a_receiver_delivers_at_once_is_judged_one_by_one_and_a_leap_costs_the_others_nothing() {
    let stage = on_duty();
    let leap = RecordFix { speed_mps: Some(900.0), ..fix(7, 70.0) };
    let made_up = RecordFix { mock: Some(true), ..fix(15, 150.0) };
    let fixes = vec![fix(0, 0.0), fix(2, 20.0), fix(5, 50.0), leap, fix(10, 100.0), made_up];
    stage.clock.forward(16_000);

    let taken = stage.field.record_fixes(&RecordFixes { fixes }).expect("is kept");

    assert_eq!((taken.kept, taken.refused, taken.next_ms), (4, 1, Some(5_000)));
    let trail = stage.field.trail().expect("a trail");
    let seen: Vec<_> = trail.fixes.iter().map(|fix| ((fix.at_ms.0 - NOON) / 1000, fix.mock)).collect();
    assert_eq!(seen, [(0, None), (5, None), (10, None), (15, Some(true))]);
    assert!(trail.gaps.is_empty());
}

#[test]
fn a_position_that_is_made_up_from_now_on_does_not_wait_for_the_pace() {
    let stage = on_duty();
    let made_up = |second| RecordFix { mock: Some(true), ..fix(second, 0.0) };
    let fixes = vec![fix(0, 0.0), fix(1, 0.0), made_up(2), made_up(3), fix(4, 0.0)];
    stage.clock.forward(5_000);

    stage.field.record_fixes(&RecordFixes { fixes }).expect("is kept");

    let trail = stage.field.trail().expect("a trail");
    let seen: Vec<_> = trail.fixes.iter().map(|fix| ((fix.at_ms.0 - NOON) / 1000, fix.mock)).collect();
    assert_eq!(seen, [(0, None), (2, Some(true)), (4, None)]);
}

#[test]
fn a_service_that_was_held_back_says_from_when_to_when() {
    let stage = on_duty();
    assert_eq!(looks(&stage), None);
    stage.clock.forward(2 * MINUTE);
    looks(&stage);
    stage.clock.forward(38 * MINUTE);
    assert_eq!(stage.field.self_test().expect("looks").tracking.stopped_since_ms, Some(UtcMs(NOON + 2 * MINUTE)));

    looks(&stage);

    let gap = TrackingGap {
        from_ms: UtcMs(NOON + 2 * MINUTE),
        until_ms: UtcMs(NOON + 40 * MINUTE),
        cause: GapCause::HeldBack,
    };
    assert_eq!(gaps(&stage), [gap]);
    assert_eq!(stage.field.self_test().expect("looks").tracking.stopped_since_ms, None);
}

#[test]
fn where_no_service_tracks_a_fix_says_nothing_about_what_lies_between() {
    let stage = on_duty();
    stage.field.record_fix(&fix(0, 0.0)).expect("is kept");
    stage.clock.forward(HOUR);
    stage.field.record_fix(&fix(3_600, 0.0)).expect("is kept");

    assert_eq!(gaps(&stage), []);
    assert_eq!(stage.field.self_test().expect("looks").tracking.stopped_since_ms, None);
}

#[test]
fn a_batch_that_comes_late_shows_that_the_receiver_went_on() {
    let stage = on_duty();
    looks(&stage);
    stage.clock.forward(20 * MINUTE);

    let fixes = (0..7).map(|at| fix(at * 200, 0.0)).collect();
    stage.field.record_fixes(&RecordFixes { fixes }).expect("is kept");

    assert_eq!(gaps(&stage), []);
}

#[test]
fn location_switched_off_is_a_gap_with_its_reason() {
    let stage = on_duty();
    looks(&stage);
    let off = stage.field.track(&Track { receiver: Receiver::Off }).expect("is kept");
    stage.clock.forward(10 * MINUTE);
    stage.field.track(&Track { receiver: Receiver::Off }).expect("is kept");
    stage.clock.forward(10 * MINUTE);

    looks(&stage);

    assert_eq!(off.stopped_since_ms, Some(UtcMs(NOON)));
    assert_eq!(
        gaps(&stage).first().map(|gap| (gap.cause, gap.until_ms.0 - gap.from_ms.0)),
        Some((GapCause::LocationOff, 20 * MINUTE))
    );
}

#[test]
fn what_was_not_tracked_when_a_duty_ends_is_written_down_and_the_next_duty_begins_anew() {
    let stage = on_duty();
    looks(&stage);
    stage.clock.forward(HOUR);

    stage.field.duty_off(&DutyOff { person: "Ani".into(), post: None, reason: Some("sakit".into()) }).expect("is kept");
    stage.clock.forward(HOUR);
    stage.field.duty_on(&DutyOn { post: POST.into(), person: "Ani".into() }).expect("is kept");
    looks(&stage);

    assert_eq!(gaps(&stage).iter().map(|gap| gap.until_ms.0 - gap.from_ms.0).collect::<Vec<_>>(), [HOUR]);
}

#[test]
fn a_phone_whose_service_never_began_says_so() {
    let stage = on_duty();
    let on_a_desk = stage.field.self_test().expect("looks");
    stage.field.set_device_state(&phone()).expect("is kept");
    stage.clock.forward(HOUR);

    let test = stage.field.self_test().expect("looks");
    looks(&stage);

    assert_eq!((on_a_desk.device, on_a_desk.tracking.stopped_since_ms), (None, None));
    assert_eq!((test.device, test.tracking.stopped_since_ms), (Some(phone()), Some(UtcMs(NOON))));
    assert_eq!(gaps(&stage).first().map(|gap| gap.cause), Some(GapCause::Ended));
}

#[test]
fn nothing_is_tracked_off_duty() {
    let stage = Stage::new(Role::Medic);

    let state = stage.field.track(&Track { receiver: Receiver::Looks }).expect("answers");
    stage.clock.forward(HOUR);

    assert!(!state.on_duty);
    assert_eq!(stage.field.track(&Track { receiver: Receiver::Looks }).expect("answers").stopped_since_ms, None);
    assert_eq!(gaps(&stage), []);
}

#[test]
fn the_same_state_of_a_phone_wakes_no_guest_twice_in_a_minute() {
    let stage = on_duty();
    let other = stage.another_guest();
    stage.field.set_device_state(&phone()).expect("is kept");
    let before = other.change_stamp().expect("answers");

    stage.field.set_device_state(&DeviceState { at_ms: UtcMs(NOON + 30_000), ..phone() }).expect("is kept");
    let after = other.change_stamp().expect("answers");
    stage.field.set_device_state(&DeviceState { battery_exempt: true, ..phone() }).expect("is kept");

    assert_eq!(before, after);
    assert_ne!(other.change_stamp().expect("answers"), after);
}

#[test]
fn an_order_rings_until_somebody_answers_it() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);

    let ringing = stage.field.alarms().expect("answers");
    stage.field.mark_seen(&ById { id: task.clone() }).expect("is kept");
    let seen = stage.field.alarms().expect("answers").len();
    stage
        .field
        .press(&Press {
            id: task.clone(),
            status: Status::EnRoute,
            position: None,
            reason: None,
            shown: None,
            outcome: None,
        })
        .expect("is kept");

    let told = ringing.first().expect("one rings");
    assert_eq!(
        (ringing.len(), &told.id, told.kind, told.village.as_deref()),
        (1, &task, AlarmKind::Task, Some("Asam Jelai"))
    );
    assert_eq!(seen, 1, "to look is not to answer");
    assert!(stage.field.alarms().expect("answers").is_empty());
}

#[test]
fn an_order_that_was_cancelled_rings_as_that_until_somebody_acknowledges_it() {
    let stage = Stage::new(Role::Medic);
    let mut center = Center::new();
    let incident = center.incident();
    let mut order = center.order(incident.id, crate::stage::UNIT);
    let reason = siaga_domain::record::assignment::Cancelled { reason: "salah alamat".into() };
    center.more(&mut order, siaga_domain::entry::Body::Cancelled(reason));
    let task = order.id.to_string();
    hear(stage.folder.path(), vec![incident, order]);

    let ringing = stage.field.alarms().expect("answers");
    stage.field.acknowledge_cancellation(&ById { id: task.clone() }).expect("is kept");

    let told = ringing.first().expect("one rings");
    assert_eq!((ringing.len(), told.kind, &told.record), (1, AlarmKind::Cancelled, &task));
    assert_ne!(told.id, task, "the order itself may have rung");
    assert!(stage.field.alarms().expect("answers").is_empty());
}

#[test]
fn a_phone_that_lost_its_key_is_enrolled_no_more_and_keeps_what_it_has() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    assert_eq!(stage.field.keep_device_key().expect("answers"), siaga_field::sync::DeviceKeyIs::There);
    stage
        .field
        .press(&Press { id: task, status: Status::EnRoute, position: None, reason: None, shown: None, outcome: None })
        .expect("is kept");
    std::fs::remove_file(stage.folder.path().join("device.key")).expect("is there");
    let folder = stage.folder;
    drop(stage.field);
    let stage = Stage::reopened(folder);

    let key = stage.field.keep_device_key().expect("answers");

    assert_eq!(key, siaga_field::sync::DeviceKeyIs::Lost);
    assert!(stage.field.home().expect("a home").me.is_none());
    assert_eq!(stage.field.outbox().expect("counts").sync.saved, 1);
    assert_eq!(stage.field.keep_device_key().expect("answers"), siaga_field::sync::DeviceKeyIs::NotNeeded);
}
