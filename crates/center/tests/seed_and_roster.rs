//! Seeding and importing a roster: what is taken, what is refused whole, and that doing it again changes nothing.

use siaga_center::roster::{self, ImportRosterError};
use siaga_center::seed::{self, Content, SeedError};
use siaga_center::{Center, people};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::directory::Directory;
use siaga_domain::record::shift::Shift;
use tempfile::TempDir;

fn tables() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a table");
    write("regencies.csv", "code,province_code,name\n61.04,61,Kabupaten Ketapang\n61.05,61,Kabupaten Sintang\n");
    write("districts.csv", "code,regency_code,name\n61.04.14,61.04,Jelai Hulu\n61.05.01,61.05,Sintang\n");
    write(
        "villages.csv",
        "code,district_code,name\n61.04.14.2015,61.04.14,Asam Jelai\n61.05.01.1001,61.05.01,Tanjungpuri\n",
    );
    folder
}

fn center(folder: &TempDir) -> Center {
    Center::open(&folder.path().join("center")).expect("a center")
}

fn directory(center: &Center) -> Directory {
    let mut stored = center.records(RecordKind::Directory).expect("records");
    assert_eq!(stored.len(), 1, "there is one directory");
    let found = match stored.remove(0).record {
        Some(Record::Directory(directory)) => Some(directory),
        _ => None,
    };
    found.expect("a directory")
}

fn shifts(center: &Center) -> Vec<Shift> {
    let stored = center.records(RecordKind::Shift).expect("records");
    stored
        .into_iter()
        .filter_map(|one| if let Some(Record::Shift(shift)) = one.record { Some(shift) } else { None })
        .collect()
}

#[test]
fn seeding_twice_changes_nothing() {
    let folder = tables();
    let center = center(&folder);

    let first = seed::seed(&center, folder.path(), "61.04", Content::Demo).expect("seeded");
    let again = seed::seed(&center, folder.path(), "61.04", Content::Demo).expect("seeded");

    assert!(first.entries_written > 0 && first.shifts_written > 0);
    assert_eq!((again.entries_written, again.shifts_written), (0, 0));
    assert!(first.sign_ins.iter().all(|one| one.demo && one.password.is_some()));
    assert!(again.sign_ins.iter().all(|one| one.password.is_some()), "public passwords are told again");
}

#[test]
fn a_plain_seed_has_places_and_one_supervisor_with_a_password_shown_once() {
    let folder = tables();
    let center = center(&folder);

    let seeded = seed::seed(&center, folder.path(), "61.04", Content::Real).expect("seeded");
    let again = seed::seed(&center, folder.path(), "61.04", Content::Real).expect("seeded");

    let directory = directory(&center);
    assert_eq!(directory.villages[0].name, "Asam Jelai");
    assert_eq!(directory.districts[0].lat, Some(-1.923));
    assert_eq!(directory.facilities[0].name, "RSUD dr. Agoesdjam");
    assert_eq!(directory.agencies.len(), 8);
    assert!(directory.posts.is_empty() && directory.units.is_empty());
    assert_eq!(directory.threshold("ack_within_s"), Some(60));
    assert_eq!(center.identity().expect("who").name, "Pusat 112 Kabupaten Ketapang");
    assert!(seeded.sign_ins[0].password.as_ref().is_some_and(|password| password.len() >= 20));
    assert_eq!(again.sign_ins[0].password, None);
    assert_eq!(again.entries_written, 0);
}

#[test]
fn a_center_keeps_its_regency_and_a_demo_keeps_to_ketapang() {
    let folder = tables();
    let center = center(&folder);
    seed::seed(&center, folder.path(), "61.04", Content::Real).expect("seeded");

    let other = seed::seed(&center, folder.path(), "61.05", Content::Real).expect_err("another regency");
    let fresh = Center::open(&folder.path().join("other")).expect("a center");
    let demo = seed::seed(&fresh, folder.path(), "61.05", Content::Demo).expect_err("no demo there");

    assert!(matches!(other, SeedError::OtherRegency(_)) && other.is_bad_input());
    assert!(matches!(demo, SeedError::NoDemo) && demo.is_bad_input());
}

#[test]
fn a_roster_is_taken_whole_and_taking_it_again_changes_nothing() {
    let folder = tables();
    let center = center(&folder);
    seed::seed(&center, folder.path(), "61.04", Content::Demo).expect("seeded");
    let before = shifts(&center).len();
    let file = "post,person,from,until,stands_in_for\n\
                PSC-DELTAPAWAN,Ani,2030-01-01 07:00,2030-01-01 14:00,\n\
                PSC-DELTAPAWAN,Budi,2030-01-01 07:00,2030-01-01 14:00,Citra\n";

    let first = roster::import(&center, file.as_bytes(), "roster").expect("taken");
    let again = roster::import(&center, file.as_bytes(), "roster").expect("taken");

    assert_eq!((first.rows, first.shifts_new, first.people_added), (2, 1, 2));
    assert_eq!((again.shifts_new, again.shifts_changed, again.people_added, again.people_struck), (0, 0, 0, 0));
    let all = shifts(&center);
    assert_eq!(all.len(), before + 1);
    let taken = all.last().expect("a shift");
    assert_eq!(taken.planned[1].stands_in_for.as_deref(), Some("Citra"));
}

#[test]
fn a_person_the_new_file_leaves_out_of_a_shift_is_struck_from_it() {
    let folder = tables();
    let center = center(&folder);
    seed::seed(&center, folder.path(), "61.04", Content::Demo).expect("seeded");
    let row = |name: &str| format!("post,person,from,until\nPSC-DELTAPAWAN,{name},2030-01-01 07:00,2030-01-01 14:00\n");
    roster::import(&center, row("Ani").as_bytes(), "roster").expect("taken");

    let changed = roster::import(&center, row("Budi").as_bytes(), "roster").expect("taken");

    assert_eq!((changed.shifts_changed, changed.people_added, changed.people_struck), (1, 1, 1));
    let all = shifts(&center);
    let names: Vec<&str> = all.last().expect("a shift").planned.iter().map(|planned| planned.name.as_str()).collect();
    assert_eq!(names, ["Budi"]);
}

#[test]
fn one_wrong_row_refuses_the_whole_roster_and_names_its_line() {
    let folder = tables();
    let center = center(&folder);
    seed::seed(&center, folder.path(), "61.04", Content::Demo).expect("seeded");
    let before = shifts(&center).len();
    let file = "post,person,from,until\n\
                PSC-DELTAPAWAN,Ani,2030-01-01 07:00,2030-01-01 14:00\n\
                NOWHERE,Budi,2030-01-01 07:00,2030-01-01 14:00\n";

    let error = roster::import(&center, file.as_bytes(), "roster").expect_err("refused");

    let ImportRosterError::Rows(rows) = error else { panic!("{error}") };
    assert_eq!((rows[0].line, rows[0].column.as_str()), (3, "post"));
    assert!(rows[0].remedy.contains("PSC-DELTAPAWAN"), "{}", rows[0].remedy);
    assert_eq!(shifts(&center).len(), before);
}

#[test]
fn a_token_is_kept_as_a_hash_and_known_again() {
    let folder = tables();
    let center = center(&folder);

    let token = people::token::create(&center, "SIMADU").expect("a token");

    assert_eq!(people::token::holder(&center, &token).expect("a look"), Some("SIMADU".to_owned()));
    assert_eq!(people::token::holder(&center, "siaga_other").expect("a look"), None);
    let database = std::fs::read(folder.path().join("center/center.db")).expect("the file");
    assert!(!database.windows(token.len()).any(|bytes| bytes == token.as_bytes()));
}
