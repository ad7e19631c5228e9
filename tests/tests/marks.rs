//! What a phone knows of its own tracking reaches whoever looks at its unit: a position that was made up, and when and why
//! nobody looked for one. The real engine and the real center over TLS.

use serde_json::Value;
use siaga_center::db::gap::{self, GapRow};
use siaga_domain::place::Position;
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::GapCause;
use siaga_field::request::{Accept, DutyOff, Receiver, RecordFix, Track};
use siaga_testkit::link::Quality;
use siaga_testkit::world::{Phone, World};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// A world with one medic on duty whose service tracks.
fn on_duty() -> (World, Phone) {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    ani.check_in("PSC-DELTAPAWAN");
    looks(&ani);
    world.run_until_quiet();
    (world, ani)
}

fn looks(phone: &Phone) {
    phone.field().track(&Track { receiver: Receiver::Looks }).expect("tracks");
}

/// Nobody looks for so many minutes, because the phone is off.
fn is_off(world: &World, phone: &Phone, minutes: u32) {
    phone.switch_off();
    world.passes(minutes * MINUTE);
    phone.switch_on();
    looks(phone);
}

fn takes_fix(phone: &Phone, lon: f64, mock: Option<bool>) {
    let position = Position::new(-1.85, lon, Some(8.0)).expect("on the earth");
    let fix =
        RecordFix { position, at_ms: None, speed_mps: Some(9.0), battery_percent: None, satellite_ms: None, mock };
    phone.field().record_fix(&fix).expect("takes it");
}

fn unit(world: &World) -> Value {
    let units = world.center().get("/api/units");
    let all = units.as_array().expect("a list");
    all.iter().find(|view| view.pointer("/unit/code") == Some(&"AMB-01".into())).expect("there is one").clone()
}

fn at_center(world: &World) -> Vec<GapRow> {
    let mut gaps = world.center().inner().db().read(|tx| gap::since(tx, UtcMs(0))).expect("a reading");
    gaps.reverse();
    gaps
}

/// When each ended, as the phone shows it, and as the center has it.
fn ends(world: &World, phone: &Phone) -> [Vec<i64>; 2] {
    let here = phone.field().trail().expect("answers").gaps;
    let ms = |all: Vec<UtcMs>| all.into_iter().map(|at| at.0).collect();
    [ms(here.iter().map(|gap| gap.until_ms).collect()), ms(at_center(world).iter().map(|gap| gap.until).collect())]
}

fn cut_after(bytes: u64) -> Quality {
    Quality { cut_percent: 100, cut_after_bytes: Some(bytes..=bytes), ..Quality::default() }
}

/// Body bytes of an exchange that has nothing to say, once one was made.
fn idle_bytes(phone: &Phone) -> (u64, u64) {
    let driver = phone.driver();
    phone.exchange(&driver);
    let idle = phone.exchange(&driver);
    (idle.bytes_up, idle.bytes_down)
}

#[test]
fn whoever_looks_at_a_unit_sees_when_and_why_its_tracking_stopped_and_that_its_position_is_made_up() {
    let (world, ani) = on_duty();
    is_off(&world, &ani, 38);
    ani.field().track(&Track { receiver: Receiver::Off }).expect("tracks");
    world.passes(10 * MINUTE);
    looks(&ani);
    takes_fix(&ani, 110.0, Some(true));
    world.run_until_quiet();

    let made_up = unit(&world);
    world.passes(MINUTE);
    takes_fix(&ani, 110.01, None);
    world.run_until_quiet();

    assert_eq!((&made_up["position_mock"], &unit(&world)["position_mock"]), (&Value::Bool(true), &Value::Bool(false)));
    let gaps = made_up["gaps"].as_array().expect("a list");
    assert_eq!(gaps.iter().map(|gap| &gap["cause"]).collect::<Vec<_>>(), ["location_off", "restarted"]);
    let minutes = |gap: &Value| Some((gap["until_ms"].as_i64()? - gap["from_ms"].as_i64()? + 30_000) / 60_000);
    assert_eq!(gaps.iter().map(minutes).collect::<Vec<_>>(), [Some(10), Some(38)]);
    let [here, there] = ends(&world, &ani);
    assert!(here.iter().zip(&there).all(|(here, there)| here.abs_diff(*there) < 5_000), "{here:?} {there:?}");
}

#[test]
fn a_press_does_not_clear_what_the_trail_said_of_a_position_and_nobody_is_near_by_a_made_up_one() {
    let (world, ani) = on_duty();
    let elsewhere = world.center().assign("AMB-02", "banjir");
    takes_fix(&ani, 110.0, Some(true));
    world.run_until_quiet();
    let incident = world.center().get(&format!("/api/incidents/{}", elsewhere.incident));
    let suggested = incident["suggested"].as_array().expect("a list").clone();
    let own = world.center().assign("AMB-01", "longsor");
    world.run_until_quiet();
    world.passes(MINUTE);

    let position = Position::new(-1.86, 110.02, Some(8.0)).ok();
    ani.field().accept(&Accept { id: own.assignment.clone(), position, shown: None }).expect("accepts");
    world.run_until_quiet();

    let pressed = unit(&world);
    assert_eq!((pressed["position"]["lat"].as_f64(), &pressed["position_mock"]), (Some(-1.86), &Value::Bool(true)));
    let first = suggested.iter().find(|one| one["unit"] == "AMB-01").expect("it is free");
    assert_eq!((first["position_mock"].as_bool(), first["from"].as_str()), (Some(true), Some("post")));
}

#[test]
fn gaps_and_marks_are_at_the_center_once_wherever_the_exchange_is_cut() {
    let (world, ani) = on_duty();
    let stops = |number: u32| {
        is_off(&world, &ani, 10);
        takes_fix(&ani, 110.0 + 0.01 * f64::from(number), Some(number.is_multiple_of(2)));
    };
    // What it weighs with its greeting; then cuts from the greeting to past the end of the answer, towards the end in steps
    // smaller than an answer.
    stops(0);
    let before = ani.traffic();
    world.run_until_quiet();
    let said = ani.traffic().since(before);
    let whole = said.up_bytes + said.down_bytes;
    let cuts: Vec<u64> = (200..whole).step_by(500).chain((whole.saturating_sub(400)..whole + 60).step_by(20)).collect();
    let mut committed_unheard = 0;

    for (cut, number) in cuts.iter().zip(1_u32..) {
        stops(number);
        ani.link().becomes(cut_after(*cut));
        ani.sync();
        let waits = ani.store().repairs_waiting().expect("answers") > 0;
        committed_unheard += usize::from(waits && at_center(&world).len() > usize::try_from(number).expect("few"));
        ani.link().becomes(Quality::default());
        world.run_until_quiet();

        assert_eq!(at_center(&world).len(), usize::try_from(number).expect("few") + 1, "cut after {cut} bytes");
        assert_eq!(unit(&world)["position_mock"], number.is_multiple_of(2), "cut after {cut} bytes");
    }

    assert!(committed_unheard > 0, "no cut fell between the commit and its answer");
    assert_eq!(ani.store().repairs_waiting().expect("answers"), 0);
    assert!(at_center(&world).iter().all(|gap| gap.cause == Some(GapCause::Restarted)));
}

#[test]
fn an_idle_exchange_carries_nothing_of_gaps_that_were_told() {
    let (world, ani) = on_duty();
    let before = idle_bytes(&ani);
    is_off(&world, &ani, 38);
    world.run_until_quiet();

    let after = idle_bytes(&ani);

    assert_eq!(at_center(&world).len(), 1);
    assert!(after.0.abs_diff(before.0) <= 4 && after.1.abs_diff(before.1) <= 4, "{before:?} {after:?}");
}

#[test]
fn a_phone_that_was_put_back_doubles_no_gap_and_a_center_that_was_gets_back_what_it_lost() {
    let (mut world, ani) = on_duty();
    is_off(&world, &ani, 12);
    ani.switch_off();
    let before_it_was_told = ani.copy_home();
    ani.switch_on();
    let backup = world.back_up();
    world.run_until_quiet();
    let told = at_center(&world);
    assert_eq!(told.len(), 1);

    ani.switch_off();
    ani.put_back(&before_it_was_told);
    ani.switch_on();
    world.run_until_quiet();
    assert_eq!(at_center(&world), told, "a phone that was put back tells it again");

    drop(world.put_back_center(&backup));
    assert_eq!(at_center(&world), []);
    world.run_until_quiet();
    world.run_until_quiet();
    assert_eq!(at_center(&world), told);
}

#[test]
fn off_duty_nobody_is_missed() {
    let (world, ani) = on_duty();
    let leaves = DutyOff { person: ani.name().to_owned(), post: None, reason: Some("selesai".to_owned()) };
    ani.field().duty_off(&leaves).expect("checks out");
    is_off(&world, &ani, 60);
    world.run_until_quiet();

    assert_eq!((at_center(&world), unit(&world)["gaps"].clone()), (Vec::new(), Value::Array(Vec::new())));
}
