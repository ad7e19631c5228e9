//! Stories of what goes first: a press, whatever else waits, and an order without being asked for.

use base64ct::{Base64, Encoding as _};
use image::codecs::jpeg::JpegEncoder;
use siaga_domain::category::Category;
use siaga_domain::status::Status;
use siaga_field::request::{Photo, Report};
use siaga_testkit::link::Quality;
use siaga_testkit::seed::Seed;
use siaga_testkit::world::{Phone, Task, World};
use std::time::Duration;

/// EDGE while it carries something: no cut, no pause.
fn steady_edge() -> Quality {
    Quality { rhythm: None, cut_percent: 0, cut_after_bytes: None, ..Quality::edge() }
}

/// Every connection carries so much, both ways together, and is cut.
fn cut_after(bytes: u64) -> Quality {
    Quality { cut_percent: 100, cut_after_bytes: Some(bytes..=bytes), ..Quality::default() }
}

fn report(phone: &Phone, text: &str, photo: Option<Photo>) {
    let request = Report {
        category: Category::Flood,
        text: text.to_owned(),
        position: None,
        village: Some("61.04.14.2015".to_owned()),
        landmark: None,
        photo,
        outside_ok: None,
    };
    phone.field().report(&request).expect("saved");
}

/// A picture that does not compress: leaves and water, some 300 KB when it travels.
fn photograph(seed: u64) -> Photo {
    let mut noise = Seed::new(seed);
    let (width, height) = (800, 600);
    let pixels: Vec<u8> = (0..width * height * 3 / 8).flat_map(|_| noise.draw().to_le_bytes()).collect();
    let picture = image::RgbImage::from_raw(width, height, pixels).expect("as many as it needs");
    let mut bytes = Vec::new();
    JpegEncoder::new(&mut bytes).encode_image(&picture).expect("a picture");
    Photo { media: "image/jpeg".to_owned(), base64: Base64::encode_string(&bytes) }
}

/// A world with one medic on duty, and her order.
fn on_duty() -> (World, Phone, Task) {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    ani.check_in("PSC-DELTAPAWAN");
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    (world, ani, task)
}

fn trail_is_there(phone: &Phone) -> bool {
    let trail = phone.field().trail().expect("answers");
    !trail.fixes.is_empty() && trail.fixes.iter().all(|fix| fix.received)
}

fn incidents(world: &World) -> usize {
    world.center().get("/api/incidents").as_array().map_or(0, Vec::len)
}

/// What somebody writes who sees another place each time; no two are alike, so that little of it can be left out on the way.
fn seen(number: u64) -> String {
    const PLACES: [&str; 7] =
        ["belakang sekolah", "jembatan gantung", "dermaga lama", "simpang tiga", "gudang sawit", "pasar pagi", "surau"];
    const SIGHTS: [&str; 7] = [
        "arus deras, perahu tidak bisa merapat",
        "tanggul retak sepanjang enam meter",
        "tiang listrik miring ke jalan",
        "warga naik ke atap",
        "sumur tercemar lumpur",
        "kabel terendam",
        "pohon menutup jalan",
    ];
    let mut draw = Seed::new(number + 1);
    let place = PLACES.get((draw.draw() % 7) as usize).expect("one of seven");
    let sight = SIGHTS.get((draw.draw() % 7) as usize).expect("one of seven");
    format!("Air {} cm di {place}: {sight}; catatan {:08x}.", draw.draw() % 200, draw.draw() as u32)
}

/// Fifty reports, three of them with a photograph, and an hour of driving; then the press. All of it without signal.
fn full_backlog(world: &World, ani: &Phone, task: &Task) {
    for number in 0..50 {
        let photo = (number % 20 == 0).then(|| photograph(number));
        report(ani, &seen(number), photo);
    }
    world.drives(ani, 720);
    ani.press(task, Status::EnRoute);
}

#[test]
fn eight_seconds_of_edge_carry_a_press_past_photographs_an_hour_of_trail_and_fifty_reports() {
    let (world, ani, task) = on_duty();
    let watching = ani.offline().watching();
    full_backlog(&world, &ani, &task);
    ani.link().becomes(steady_edge());

    ani.online_for(Duration::from_secs(8));

    world.eventually("the press is at the center", || world.center().statuses(&task) == [Status::EnRoute]);
    let photographs = ani.field().outbox().expect("answers").sync.attachments_waiting;
    assert_eq!(photographs, 3, "the link bore more than a link of eight seconds does");
    drop(watching);
}

#[test]
fn of_a_full_backlog_the_first_four_kilobytes_carry_the_press() {
    let (world, ani, task) = on_duty();
    full_backlog(&world, ani.offline(), &task);
    let before = incidents(&world);

    ani.link().becomes(cut_after(4 * 1024));
    ani.online();
    ani.sync();

    world.eventually("the press is at the center", || world.center().statuses(&task) == [Status::EnRoute]);
    // What stands beside a press is what one packet bears.
    let beside = incidents(&world) - before;
    assert!(beside < 15, "{beside} reports went with it");
}

#[test]
fn a_press_passes_a_photograph_that_is_under_way() {
    let (world, ani, task) = on_duty();
    ani.link().becomes(steady_edge());
    let began = ani.traffic();
    report(&ani, "jembatan putus", Some(photograph(1)));
    let watching = ani.watching();
    let carried = || ani.traffic().since(began).up_bytes;
    world.eventually("some of the photograph is under way", || carried() > 20_000);

    ani.press(&task, Status::EnRoute);
    let pressed_at = carried();
    world.eventually("the press is at the center", || world.center().statuses(&task) == [Status::EnRoute]);

    // Four seconds of the link: what stood in the line before it, and its own request.
    let beside = carried() - pressed_at;
    assert!(beside < 25_000, "{beside} bytes went before the press did");
    assert!(carried() < 150_000, "the photograph was there before the press");
    drop(watching);
}

#[test]
fn an_order_is_on_the_phone_before_the_phone_has_said_anything() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    ani.check_in("PSC-DELTAPAWAN");
    let watching = ani.watching();
    world.eventually("the center holds a request", || ani.waiting() == 0 && world.center().inner().hub().anyone_held());

    // 300 ms each way; and whatever the phone says from now on takes minutes to arrive.
    let far = Duration::from_millis(300);
    ani.link().becomes(Quality { delay: far, up_bytes_per_s: Some(1), ..Quality::default() });
    let before = ani.traffic().up_bytes;
    let task = world.center().assign("AMB-01", "banjir");
    let has_it = || ani.field().tasks().is_ok_and(|tasks| tasks.iter().any(|one| one.id == task.assignment));
    world.eventually("the order is on the phone", has_it);

    assert_eq!(ani.traffic().up_bytes, before, "it came as the answer to what was asked before it was made");
    drop(watching);
}

#[test]
fn off_duty_nothing_is_held_and_what_is_written_goes_at_once() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let before = incidents(&world);
    let watching = ani.watching();

    report(&ani, "air naik", None);
    world.eventually("the report is at the center", || ani.waiting() == 0);

    assert_eq!(incidents(&world), before + 1);
    assert!(!world.center().inner().hub().anyone_held());
    drop(watching);
}

#[test]
fn an_exchange_cut_at_any_byte_loses_nothing_and_doubles_nothing() {
    let (world, ani, _) = on_duty();
    let before = incidents(&world);
    // From the greeting to beyond the last byte of the answer.
    let cuts: Vec<u64> = (200..6_000).step_by(310).collect();
    for cut in &cuts {
        report(&ani, "air naik", None);
        world.drives(&ani, 3);
        ani.link().becomes(cut_after(*cut));
        ani.sync();
        ani.link().becomes(Quality::default());
        world.run_until_quiet();
        assert!(trail_is_there(&ani), "cut after {cut} bytes");
        assert_eq!((ani.waiting(), ani.digest()), (0, world.center().digest(ani.device())), "cut after {cut} bytes");
    }

    assert_eq!(incidents(&world), before + cuts.len());
}

#[test]
fn a_backlog_arrives_though_every_connection_is_cut() {
    let (world, ani, task) = on_duty();
    let before = incidents(&world);
    full_backlog(&world, ani.offline(), &task);
    ani.link().becomes(cut_after(16 * 1024));
    ani.online();

    let tries = (1..200).find(|_| {
        ani.sync();
        ani.waiting() == 0 && trail_is_there(&ani)
    });

    assert!(tries.is_some_and(|tries| tries < 60), "{tries:?}");
    // Fifty reports within an hour are more than a phone's quota: all arrived, and a desk lets in what waits.
    world.center().inner().release(&ani.device().parse().expect("an id"), "dispatcher").expect("some wait");
    assert_eq!(incidents(&world), before + 50);
    assert_eq!(world.center().statuses(&task), [Status::EnRoute]);
}
