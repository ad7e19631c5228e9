//! A phone whose database is gone, cut, or not what it was: it starts, says so, saves what can be read, and goes on. Real
//! files, real bytes; nothing that was saved is doubled, and nothing is said to be there that is not.

use serde_json::json;
use siaga_domain::record::Record;
use siaga_domain::status::Status;
use siaga_field::request::AddNote;
use siaga_field::view::HomeLost;
use siaga_testkit::world::{Phone, Task, World};
use std::fs;
use std::path::Path;

const PAGE: usize = 4096;
/// Written in the dead zone: notes, and one press.
const NOTES: usize = 60;

/// A phone that was in a dead zone for long, and whose database is damaged while it is off.
fn story(damage: impl Fn(&Path)) -> (World, Phone, Task) {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.accept(&task);
    note(&ani, &task, "sebelumnya");
    world.run_until_quiet();
    ani.offline();
    for number in 0..NOTES {
        note(&ani, &task, &format!("catatan {number}"));
    }
    ani.press(&task, Status::EnRoute);
    ani.switch_off();
    damage(&ani.home().join("siaga.db"));
    ani.switch_on();
    (world, ani, task)
}

fn lost(phone: &Phone) -> Option<HomeLost> {
    phone.field().home().expect("a start page").health.home_lost
}

/// Everything that was saved arrives once, nothing else is said, and the phone is as good as any other.
fn goes_on(world: &World, ani: &Phone, task: &Task, lost: &HomeLost) {
    ani.online();
    world.run_until_quiet();
    note(ani, task, "sesudahnya");
    world.run_until_quiet();

    let notes = notes(world, task);
    let of_the_dead_zone = notes.iter().filter(|note| note.starts_with("catatan")).count();
    let pressed = usize::from(world.center().statuses(task) == [Status::Accepted, Status::EnRoute]);
    assert_eq!(of_the_dead_zone + pressed, usize::try_from(lost.saved).expect("few"), "{lost:?}");
    let mut once = notes.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), notes.len(), "nothing is doubled");
    assert!(notes.contains(&"sebelumnya".to_owned()) && notes.contains(&"sesudahnya".to_owned()));
    assert_eq!(ani.waiting(), 0);
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
    assert_eq!(world.center().inner().check().expect("a check").problems, []);
    assert!(told(world) >= 1, "the console tells");
}

#[test]
fn a_database_emptied_to_nothing_is_told_as_a_loss_and_it_is_still_this_phone() {
    let (world, ani, task) = story(|database| fs::write(database, b"").expect("empties"));

    let home = ani.field().home().expect("a start page");

    let lost = home.health.home_lost.expect("it says so");
    assert!(lost.lost > 0 && lost.saved == 0, "{lost:?}");
    assert!(home.me.is_some(), "the copy of its first pages says who it is");
    assert_eq!(kept(&ani), 1);
    goes_on(&world, &ani, &task, &lost);
}

#[test]
fn a_database_without_its_first_page_loses_nothing() {
    let (world, ani, task) = story(|database| harm_page(database, 0, |page| page.fill(0)));

    let lost = lost(&ani).expect("it says so");

    assert_eq!((lost.saved, lost.lost), (61, 0));
    assert_eq!(kept(&ani), 1);
    goes_on(&world, &ani, &task, &lost);
}

#[test]
fn a_database_with_a_page_zeroed_or_a_bit_flipped_in_the_middle_keeps_what_stands_on_the_others() {
    type Harm = fn(&mut [u8]);
    let (flip, wipe): (Harm, Harm) = (|page| page[1_000] ^= 4, |page| page.fill(0));
    for (part, of, harm) in [(1, 2, wipe), (2, 3, flip), (7, 8, wipe)] {
        let (world, ani, task) = story(|database| harm_page(database, pages(database) * part / of, harm));

        // A page of nothing that matters may have been hit; then nothing is missing and nothing is said.
        let Some(lost) = lost(&ani) else {
            ani.online();
            world.run_until_quiet();
            assert_eq!(notes(&world, &task).len(), NOTES + 1);
            continue;
        };

        assert!(lost.saved > 30, "{lost:?}");
        goes_on(&world, &ani, &task, &lost);
    }
}

#[test]
fn a_database_cut_in_half_keeps_who_the_phone_is_and_what_stands_in_the_first_half() {
    let (world, ani, task) = story(|database| {
        let half = pages(database) / 2 * PAGE;
        fs::File::options().write(true).open(database).and_then(|file| file.set_len(half as u64)).expect("cuts");
    });

    let lost = lost(&ani).expect("it says so");

    assert!(lost.lost > 0, "{lost:?}");
    assert!(ani.field().home().expect("a start page").me.is_some(), "it is still this phone");
    assert_eq!(kept(&ani), 1);
    goes_on(&world, &ani, &task, &lost);
}

fn pages(database: &Path) -> usize {
    usize::try_from(fs::metadata(database).expect("is there").len()).expect("small") / PAGE
}

fn harm_page(database: &Path, page: usize, harm: impl Fn(&mut [u8])) {
    let mut bytes = fs::read(database).expect("reads");
    harm(bytes.chunks_mut(PAGE).nth(page).expect("so many pages"));
    fs::write(database, bytes).expect("damages");
}

/// Homes that were set aside.
fn kept(phone: &Phone) -> usize {
    let entries = fs::read_dir(phone.home()).expect("a folder");
    entries
        .filter(|entry| entry.as_ref().is_ok_and(|one| one.file_name().to_string_lossy().starts_with("damaged-")))
        .count()
}

fn note(phone: &Phone, task: &Task, text: &str) {
    let request: AddNote = serde_json::from_value(json!({ "id": task.incident, "text": text })).expect("a request");
    phone.field().note(&request).expect("saved");
}

fn notes(world: &World, task: &Task) -> Vec<String> {
    match world.center().record(&task.incident) {
        Some(Record::Incident(incident)) => incident.notes.into_iter().map(|note| note.text).collect(),
        _ => Vec::new(),
    }
}

fn told(world: &World) -> usize {
    let all = world.center().get("/api/alerts");
    all.as_array().into_iter().flatten().filter(|alert| alert["kind"] == "phone_fault").count()
}
