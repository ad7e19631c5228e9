//! Duty: a post is never left empty in silence.

use crate::stage::{Center, HOUR, NOON, POST, Stage, hear};
use siaga_domain::kind::Role;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::roster::PostState;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_field::FailureCode;
use siaga_field::request::{ById, DutyOff, DutyOn, Press, RaiseSos, RecordFix};

fn on(person: &str) -> DutyOn {
    DutyOn { post: POST.into(), person: person.into() }
}

fn off(person: &str, reason: Option<&str>) -> DutyOff {
    DutyOff { person: person.into(), post: None, reason: reason.map(str::to_owned) }
}

#[test]
fn the_last_one_at_a_post_may_not_leave_it_in_silence() {
    let stage = Stage::new(Role::Medic);
    stage.field.duty_on(&on("Ani")).expect("is kept");

    let failure = stage.field.duty_off(&off("Ani", None)).expect_err("a refusal");

    assert_eq!((failure.code, failure.argument.as_deref()), (FailureCode::PostWouldBeEmpty, Some("reason")));
    stage.field.duty_off(&off("Ani", Some("sakit"))).expect("is kept");
    let screen = stage.field.duty().expect("the roster");
    assert!(screen.posts[0].mine && screen.posts[0].status.is_empty());
    assert!(screen.duty.is_none());
}

#[test]
fn whoever_is_relieved_leaves_without_a_word() {
    let stage = Stage::new(Role::Medic);
    stage.field.duty_on(&on("Ani")).expect("is kept");
    stage.field.duty_on(&on("Budi")).expect("is kept");

    stage.field.duty_off(&off("Ani", None)).expect("is kept");

    let screen = stage.field.duty().expect("the roster");
    assert!(matches!(&screen.posts[0].status, PostState::Staffed { people, .. } if *people == ["Budi"]));
    assert_eq!(screen.duty.map(|duty| duty.person), Some("Budi".into()));
}

#[test]
fn the_roster_decides_which_shift_and_who_comes_unplanned_makes_one() {
    let stage = Stage::new(Role::Medic);
    let mut center = Center::new();
    let now = center.shift(NOON - HOUR, NOON + 2 * HOUR, &["Ani"]);
    let next = center.shift(NOON + 2 * HOUR, NOON + 10 * HOUR, &["Budi"]);
    let (now_id, next_id) = (now.id.to_string(), next.id.to_string());
    hear(stage.folder.path(), vec![now, next]);
    let other = DutyOn { post: "POS-MANISMATA".into(), person: "Cici".into() };

    assert_eq!(stage.field.duty_on(&on("Ani")).expect("is kept").id, now_id);
    assert_eq!(stage.field.duty_on(&on("Budi")).expect("is kept").id, next_id);
    let unplanned = stage.field.duty_on(&other).expect("is kept").id;

    assert!(unplanned != now_id && unplanned != next_id);
    assert_eq!(stage.field.choices().expect("choices").people, ["Ani", "Budi"]);
}

#[test]
fn checking_in_twice_is_checking_in_once() {
    let stage = Stage::new(Role::Medic);

    let first = stage.field.duty_on(&on("Ani")).expect("is kept");
    let second = stage.field.duty_on(&on("Ani")).expect("is kept");
    let elsewhere = stage.field.duty_on(&DutyOn { post: "POS-MANISMATA".into(), person: "Ani".into() });

    assert_eq!(first.entry, second.entry);
    assert_eq!(elsewhere.expect_err("a refusal").argument.as_deref(), Some("post"));
}

#[test]
fn what_is_written_on_duty_carries_the_name_of_who_is() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    let press = || Press {
        id: task.clone(),
        status: Status::EnRoute,
        position: None,
        reason: None,
        shown: None,
        outcome: None,
    };
    let by = || {
        let screen = stage.field.task(&ById { id: task.clone() }).expect("the task");
        screen.steps.into_iter().find_map(|step| step.by)
    };
    stage.field.press(&press()).expect("is kept");
    assert_eq!(by().as_deref(), Some(""));

    stage.field.duty_on(&on("Ani")).expect("is kept");
    stage.field.press(&press()).expect("is kept");

    assert_eq!(by().as_deref(), Some("Ani"));
    let duty = stage.field.home().expect("a home").me.and_then(|me| me.duty).expect("duty");
    assert_eq!((duty.person.as_str(), duty.post.as_str()), ("Ani", POST));
}

#[test]
fn a_post_and_a_person_that_are_not_there_are_named() {
    let stage = Stage::new(Role::Medic);

    let nowhere = stage.field.duty_on(&DutyOn { post: "POS-BULAN".into(), person: "Ani".into() });
    let nobody = stage.field.duty_off(&off("Ani", None));

    assert_eq!(nowhere.expect_err("a refusal").argument.as_deref(), Some("post"));
    assert_eq!(nobody.expect_err("a refusal").argument.as_deref(), Some("person"));
}

#[test]
fn a_call_for_help_carries_the_place_taken_last_and_never_one_from_the_future() {
    const HOUR: i64 = 3_600_000;
    let cases = [
        // One fix of a clock set ahead, then one of a clock that is right.
        (vec![(HOUR, -2.66), (0, -1.83)], Some(-1.83)),
        (vec![(365 * 24 * HOUR, -2.66), (-60_000, -1.83)], Some(-1.83)),
        (vec![(i64::MAX / 2, -2.66), (0, -1.83)], Some(-1.83)),
        // A battery was pulled, or the satellites' weeks began anew: it is old, and the newest counts.
        (vec![(-NOON, -2.66), (0, -1.83)], Some(-1.83)),
        (vec![(-1024 * 7 * 24 * HOUR, -2.66), (0, -1.83)], Some(-1.83)),
        // The newest lies in the future: how old it is, nobody knows.
        (vec![(0, -1.83), (HOUR, -2.66)], None),
        (vec![(120_000, -2.66)], None),
        (vec![(365 * 24 * HOUR, -2.66)], None),
    ];
    for (fixes, expected) in cases {
        let stage = Stage::new(Role::Medic);
        stage.field.duty_on(&on("Ani")).expect("is kept");
        for (ahead_ms, lat) in &fixes {
            let position = Position::new(*lat, 109.98, Some(6.0)).expect("a point");
            let at_ms = Some(UtcMs(NOON.saturating_add(*ahead_ms)));
            let fix =
                RecordFix { position, at_ms, speed_mps: None, battery_percent: None, satellite_ms: None, mock: None };
            assert!(stage.field.record_fix(&fix).expect("judged").kept, "{fixes:?}");
        }

        let sos = stage.field.raise_sos(&RaiseSos::default()).expect("is kept").id;

        let Record::Sos(sos) = stage.field.get(&ById { id: sos }).expect("the call").record else {
            panic!("no call for help")
        };
        assert_eq!(sos.position.map(|position| position.lat()), expected, "{fixes:?}");
        assert_eq!(
            stage.field.trail().expect("a trail").fixes.last().map(|fix| fix.position.lat()),
            fixes.last().map(|fix| fix.1)
        );
    }
}

#[test]
fn the_trail_is_kept_on_duty_at_its_pace_and_never_off_duty() {
    let stage = Stage::new(Role::Medic);
    let fix = |second: i64, north: f64| {
        let position = Position::new(-1.83 + north / 111_320.0, 109.98, Some(6.0)).expect("a point");
        let (at_ms, speed_mps) = (Some(UtcMs(NOON + second * 1000)), Some(10.0));
        stage
            .field
            .record_fix(&RecordFix {
                position,
                at_ms,
                speed_mps,
                battery_percent: Some(80),
                satellite_ms: None,
                mock: None,
            })
            .expect("judged")
    };

    let before = fix(0, 0.0);
    stage.field.duty_on(&on("Ani")).expect("is kept");
    let taken = [fix(1, 10.0), fix(2, 20.0), fix(6, 60.0)];
    let set_back = [fix(-7200, 60.0), fix(-7198, 80.0), fix(-7195, 110.0)];
    stage.field.duty_off(&off("Ani", Some("sakit"))).expect("is kept");
    let after = fix(90, 60.0);

    assert_eq!((before.kept, before.next_ms), (false, None));
    assert_eq!(taken.map(|taken| taken.kept), [true, false, true]);
    assert_eq!(taken[1].next_ms, Some(4_000));
    assert_eq!(set_back.map(|taken| taken.kept), [true, false, true], "a clock set back keeps the pace");
    assert!(!after.kept);
    assert_eq!(stage.field.outbox().expect("counts").sync.fixes_waiting, 4);
}
