//! Clocks that are wrong, jump or are set, on either side: the real engine and the real center over TLS.

use serde_json::Value;
use siaga_domain::kind::Role;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::status::Status;
use siaga_domain::time::{ClockStanding, UtcMs};
use siaga_field::request::{RaiseSos, RecordFix};
use siaga_field::view::Reach;
use siaga_testkit::world::World;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR_MS: i64 = 3_600_000;

#[test]
fn a_clock_that_jumps_while_the_app_runs_moves_no_center_time() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();

    ani.offline().clock_is_wrong_by(26 * HOUR_MS);
    ani.accept(&task);
    ani.clock_is_wrong_by(-3 * HOUR_MS);
    world.passes(MINUTE);
    let device_ms = ani.device_ms();
    let happened_ms = world.now_ms();
    ani.press(&task, Status::EnRoute);
    world.reconnect();
    world.run_until_quiet();

    let Some(Record::Assignment(assignment)) = world.center().record(&task.assignment) else { panic!("no assignment") };
    let at = |number: usize| assignment.events[number].author.at_ms.0;
    assert!((at(0) - (happened_ms - 60_000)).abs() < 2_000, "{}", at(0) - happened_ms);
    assert!((at(1) - happened_ms).abs() < 2_000, "{}", at(1) - happened_ms);
    assert!((assignment.events[1].author.at_device_ms.0 - device_ms).abs() < 1_000);
}

#[test]
fn a_phone_that_wakes_up_in_1970_or_2036_reaches_the_center_and_stamps_its_time() {
    for year_ms in [86_400_000, 2_082_758_400_000] {
        let mut world = World::seeded(7);
        let [ani] = world.phones(["Ani"]);
        let task = world.center().assign("AMB-01", "banjir");
        world.run_until_quiet();

        ani.switch_off();
        ani.clock_is_wrong_by(year_ms - world.now_ms());
        ani.switch_on();
        let report = ani.try_sync().expect("answered");
        ani.accept(&task);
        let happened_ms = world.now_ms();
        world.run_until_quiet();

        assert_eq!(report.reach, Reach::Reached);
        let Some(Record::Assignment(assignment)) = world.center().record(&task.assignment) else { panic!("no task") };
        let author = &assignment.events[0].author;
        assert!((author.at_ms.0 - happened_ms).abs() < 2_000, "{}", author.at_ms.0 - happened_ms);
        assert!((author.at_device_ms.0 - year_ms).abs() < HOUR_MS);
        assert_eq!(ani.field().home().expect("a page").sync.clock, ClockStanding::Wrong);
    }
}

#[test]
fn a_phone_in_2036_can_be_enrolled_and_one_no_certificate_holds_for_is_told_that_its_clock_is_wrong() {
    let mut world = World::seeded(7);
    world.clocks_of_new_phones_are_wrong_by(10 * 365 * 24 * HOUR_MS);
    let [ani] = world.phones(["Ani"]);

    let task = world.center().assign("AMB-01", "banjir");

    assert_eq!(ani.try_sync().expect("answered").reach, Reach::Reached);
    // A center that lives in 2036 as well signs it, so nothing holds the phone's clock; the certificate is over then.
    world.center().clock_is_wrong_by(10 * 365 * 24 * HOUR_MS);
    world.run_until_quiet();
    ani.accept(&task);
    world.run_until_quiet();
    ani.switch_off();
    ani.switch_on();
    assert_eq!(ani.try_sync().expect("answered").reach, Reach::ClockWrong);
    assert_eq!(ani.field().home().expect("a page").sync.reach, Reach::ClockWrong);
}

#[test]
fn a_center_whose_clock_is_set_by_an_hour_keeps_its_sessions_and_is_followed() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let token = ani.store().peer().expect("answers").expect("enrolled").token;

    for wrong_by_ms in [HOUR_MS, -HOUR_MS] {
        world.center().clock_is_wrong_by(wrong_by_ms);
        let status = if wrong_by_ms > 0 { Status::EnRoute } else { Status::OnScene };
        world.run_until_quiet();
        ani.press(&task, status);
        let happened_ms = world.now_ms() + wrong_by_ms;
        world.run_until_quiet();

        let Some(Record::Assignment(assignment)) = world.center().record(&task.assignment) else { panic!("no task") };
        let at_ms = assignment.events.last().expect("an event").author.at_ms.0;
        assert!((at_ms - happened_ms).abs() < 2_000, "{}", at_ms - happened_ms);
    }

    assert_eq!(ani.store().peer().expect("answers").expect("enrolled").token, token);
}

#[test]
fn a_center_whose_clock_differs_from_the_satellites_is_warned_on_the_console() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let post = post_of(&world, "AMB-01");
    world.run_until_quiet();
    ani.check_in(&post);
    let warned = |world: &World| {
        let alerts = world.center().get("/api/alerts");
        alerts.as_array().is_some_and(|all| all.iter().any(|alert| alert["kind"] == "clock"))
    };
    let fix = |world: &World| {
        let satellite_ms = Some(UtcMs(world.now_ms()));
        let position = Position::new(-2.053, 110.959, Some(8.0)).expect("a position");
        ani.field()
            .record_fix(&RecordFix {
                position,
                at_ms: None,
                speed_mps: None,
                battery_percent: None,
                satellite_ms,
                mock: None,
            })
            .expect("judged");
    };

    fix(&world);
    world.run_until_quiet();
    assert!(!warned(&world), "the clock is right");
    world.center().clock_is_wrong_by(-120_000);
    world.run_until_quiet();
    fix(&world);
    world.run_until_quiet();

    assert!(warned(&world));
}

#[test]
fn what_is_written_between_enrolment_and_the_first_exchange_bears_the_centers_time() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    ani.switch_off();
    std::fs::remove_dir_all(ani.home()).expect("a phone as it comes from the shop");
    ani.clock_is_wrong_by(-3 * HOUR_MS);
    ani.switch_on();
    let link = world.center().invite("AMB-01", Role::Medic, "HP Ani", ani.link().address());
    ani.enrols(&link);

    ani.offline();
    world.passes(MINUTE);
    let (happened_ms, device_ms) = (world.now_ms(), ani.device_ms());
    let sos = ani.field().raise_sos(&RaiseSos { position: None }).expect("saved").id;
    ani.online();
    world.run_until_quiet();

    let Some(Record::Sos(sos)) = world.center().record(&sos) else { panic!("no call for help") };
    assert!((sos.raised.at_ms.0 - happened_ms).abs() < 2_000, "{}", sos.raised.at_ms.0 - happened_ms);
    assert!((sos.raised.at_device_ms.0 - device_ms).abs() < 2_000, "the phone's own time is kept");
}

fn post_of(world: &World, unit: &str) -> String {
    let units = world.center().get("/api/units");
    let mut all = units.as_array().into_iter().flatten();
    let view = all.find(|view| view.pointer("/unit/code").and_then(Value::as_str) == Some(unit));
    let post = view.and_then(|view| view.pointer("/unit/post")?.as_str());
    post.expect("a unit of the seed with a post").to_owned()
}
