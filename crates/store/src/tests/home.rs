//! Opening: keys, lives, guests.

use super::*;

fn actor_of_newest(store: &Store, id: RecordId) -> ActorId {
    store.document(id).expect("answers").expect("is here").changes().last().expect("has one").actor
}

#[test]
fn a_home_opens_only_with_its_own_key_and_keeps_everything_after_a_wrong_one() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    drop(store);

    let wrong = Store::open(folder.path(), &StoreKey::new([8; 32]), &signs("boot-1", 1));

    assert!(matches!(wrong, Err(OpenError::Key(_))));
    assert!(open(folder.path()).record(id).expect("answers").is_some());
}

#[test]
fn nothing_of_a_record_stands_readable_on_the_disk() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    add(&store, id, vec![note(2, "SANGAT-RAHASIA-SEKALI")]);
    drop(store);

    for file in std::fs::read_dir(folder.path()).expect("a folder") {
        let path = file.expect("a file").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("reads");
            assert!(!bytes.windows(14).any(|window| window == b"SANGAT-RAHASIA"), "{}", path.display());
        }
    }
}

#[test]
fn a_database_of_a_newer_app_is_refused_and_left_alone() {
    let (folder, store) = home();
    store.conn.pragma_update(None, "user_version", 99).expect("sets");
    drop(store);

    let refused = Store::open(folder.path(), &StoreKey::new(KEY), &signs("boot-1", 1));

    assert!(matches!(refused, Err(OpenError::NewerSchema { found: 99, .. })));
    assert!(folder.path().join("siaga.db").exists());
}

#[test]
fn every_guest_of_one_life_writes_as_one_actor() {
    let (folder, first) = home();
    let id = patient(&first, 1);
    let second = open(folder.path());
    add(&second, id, vec![note(2, "second")]);
    add(&first, id, vec![note(3, "first again")]);

    let document = first.document(id).expect("answers").expect("is here");

    let actors: std::collections::BTreeSet<ActorId> = document.changes().iter().map(|change| change.actor).collect();
    assert_eq!(actors.len(), 1);
    assert_eq!(document.heads().len(), 1);
    assert_eq!(document.change_count(), 3);
}

#[test]
fn a_new_boot_writes_as_a_new_actor_and_counts() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    let before = actor_of_newest(&store, id);
    let boot = store.boot();
    drop(store);
    let store = Store::open(folder.path(), &StoreKey::new(KEY), &signs("boot-2", 2)).expect("opens");

    add(&store, id, vec![note(2, "after the boot")]);

    assert_ne!(actor_of_newest(&store, id), before);
    assert_eq!(store.boot(), boot + 1);
}

#[test]
fn a_copied_home_never_writes_as_the_one_it_was_copied_from() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    drop(store);
    let elsewhere = tempfile::tempdir().expect("a folder");
    for name in ["siaga.db", "siaga.mark"] {
        std::fs::copy(folder.path().join(name), elsewhere.path().join(name)).expect("copies");
    }
    let original = open(folder.path());
    let copy = Store::open(elsewhere.path(), &StoreKey::new(KEY), &signs("boot-1", 3)).expect("opens");

    add(&original, id, vec![note(2, "one")]);
    add(&copy, id, vec![note(3, "other")]);

    assert_ne!(actor_of_newest(&original, id), actor_of_newest(&copy, id));
}

#[test]
fn a_database_put_back_from_a_backup_writes_as_somebody_new() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    let before = actor_of_newest(&store, id);
    drop(store);
    let database = folder.path().join("siaga.db");
    let backup = std::fs::read(&database).expect("reads");
    let store = open(folder.path());
    add(&store, id, vec![note(2, "lost by the restore")]);
    drop(store);
    // Written in place: the inode stays, only the counter tells.
    std::fs::write(&database, backup).expect("writes");

    let store = Store::open(folder.path(), &StoreKey::new(KEY), &signs("boot-1", 4)).expect("opens");
    add(&store, id, vec![note(3, "after the restore")]);

    assert_ne!(actor_of_newest(&store, id), before);
}

#[test]
fn a_guest_learns_that_another_wrote() {
    let (folder, store) = home();
    let other = open(folder.path());
    let before = store.change_stamp().expect("answers");
    assert_eq!(store.change_stamp().expect("answers"), before);

    patient(&other, 1);

    assert_ne!(store.change_stamp().expect("answers"), before);
}

#[test]
fn one_process_holds_the_lease_and_the_next_shuts_it_out() {
    let (_folder, store) = home();
    store.set_enrolment(&enrolment()).expect("enrols");
    let first = store.take_lease([1; 16], 0, 100).expect("answers").expect("is free");

    assert_eq!(store.take_lease([2; 16], 99, 100).expect("answers"), None);
    let second = store.take_lease([2; 16], 100, 100).expect("answers").expect("expired");

    assert!(matches!(store.forget_token(&first), Err(StoreError::LeaseLost)));
    assert!(store.forget_token(&second).is_ok());
}

#[test]
fn a_released_lease_is_free_at_once() {
    let (_folder, store) = home();
    let first = store.take_lease([1; 16], 0, 100).expect("answers").expect("is free");

    store.release_lease(&first).expect("answers");

    assert!(store.take_lease([2; 16], 1, 100).expect("answers").is_some());
}

fn rescue(home: &Path, key: [u8; 32], boot: &str) -> Result<Store, OpenError> {
    Store::open_or_rescue(home, &StoreKey::new(key), &signs(boot, 60), UtcMs(1_700_000_000_000))
}

fn set_aside(home: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(home).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("damaged-"))).collect()
}

#[test]
fn a_home_emptied_to_nothing_is_a_loss_and_no_new_install() {
    let (folder, store, _) = enrolled();
    patient(&store, 1);
    drop(store);
    std::fs::write(folder.path().join("siaga.db"), b"").expect("empties");

    assert!(matches!(Store::open(folder.path(), &StoreKey::new(KEY), &signs("boot-2", 2)), Err(OpenError::Emptied)));
    let store = rescue(folder.path(), KEY, "boot-2").expect("opens");

    let faults = store.faults(9).expect("answers");
    assert_eq!(faults.iter().map(|fault| (fault.code.as_str(), fault.saved)).collect::<Vec<_>>(), [("home", 0)]);
    assert!(faults[0].count > 0, "that something is gone is said");
    assert_eq!(set_aside(folder.path()).len(), 1);
    patient(&store, 2);
    assert_eq!(store.backlog().expect("answers").changes, [0, 1], "it is written into as ever");
}

#[test]
fn a_home_under_another_key_is_kept_sealed_and_opens_again_with_its_own() {
    let (folder, store, _) = enrolled();
    let id = patient(&store, 1);
    drop(store);

    let store = rescue(folder.path(), [8; 32], "boot-2").expect("opens");
    assert_eq!(store.enrolment().expect("answers").map(|one| one.name), None, "to be enrolled again");
    drop(store);

    let kept = set_aside(folder.path()).pop().expect("kept");
    let old = Store::open(&kept, &StoreKey::new(KEY), &signs("boot-3", 3)).expect("opens with its own key");
    assert!(old.record(id).expect("answers").is_some());
}

#[test]
fn nobody_sets_a_home_aside_while_another_guest_has_it_open() {
    let (folder, store, _) = enrolled();
    patient(&store, 1);

    let other = rescue(folder.path(), [8; 32], "boot-2");

    assert!(matches!(other, Err(OpenError::InUse)));
    assert_eq!(set_aside(folder.path()).len(), 0);
    patient(&store, 2);
}

fn zero_first_page(home: &Path) {
    harm_page(home, 0, |page| page.fill(0));
}

fn harm_page(home: &Path, number: usize, harm: impl Fn(&mut [u8])) {
    let path = home.join("siaga.db");
    let mut bytes = std::fs::read(&path).expect("reads");
    harm(bytes.chunks_mut(4096).nth(number).expect("so many pages"));
    std::fs::write(&path, bytes).expect("damages");
}

#[test]
fn whichever_page_is_damaged_the_phone_knows_who_it_is_and_says_no_more_than_it_saved() {
    let (folder, store, _) = enrolled();
    for number in 1..20 {
        let id = patient(&store, number);
        add(&store, id, vec![note(number.saturating_add(100), "a note")]);
    }
    drop(store);
    let pages = std::fs::metadata(folder.path().join("siaga.db")).expect("is there").len() / 4096;

    for page in 0..usize::try_from(pages).expect("few") {
        let home = as_killed(folder.path());
        harm_page(home.path(), page, |bytes| if page % 2 == 0 { bytes.fill(0) } else { bytes[1_000] ^= 4 });

        let store = rescue(home.path(), KEY, "boot-2").expect("opens");

        let name = store.enrolment().expect("answers").map(|one| one.name);
        assert_eq!(name.as_deref(), Some("HP Ambulans 1"), "page {page} of {pages}");
        let waiting = u32::try_from(store.outbox().expect("answers").len()).expect("few");
        match store.faults(1).expect("answers").first() {
            Some(fault) => assert!(waiting >= fault.saved && fault.saved + fault.count >= 38, "page {page}: {fault:?}"),
            None => assert_eq!(waiting, 38, "page {page}"),
        }
    }
}

#[test]
fn a_home_put_back_where_the_disk_gives_its_files_their_old_numbers_is_known_by_their_age() {
    let (folder, store) = home();
    let id = patient(&store, 1);
    drop(store);
    let backup = as_killed(folder.path());
    let open_again = |draw| Store::open(folder.path(), &StoreKey::new(KEY), &signs("boot-1", draw)).expect("opens");
    let before = actor_of_newest(&open_again(20), id);
    add(&open_again(21), id, vec![note(2, "goes on")]);
    assert_eq!(actor_of_newest(&open_again(22), id), before, "one boot, one home, one actor");

    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        // Written into the files that are there: every number stays.
        let entry = entry.expect("an entry");
        if let Ok(bytes) = std::fs::read(backup.path().join(entry.file_name())) {
            std::fs::write(entry.path(), bytes).expect("puts back");
        }
    }
    let store = open_again(23);
    add(&store, id, vec![note(3, "after it was put back")]);

    assert_ne!(actor_of_newest(&store, id), before);
}

#[test]
fn what_waited_is_saved_when_the_first_page_is_gone() {
    let (folder, store, _) = enrolled();
    let id = patient(&store, 1);
    for number in 2..60 {
        add(&store, id, vec![note(number, "a note")]);
    }
    drop(store);
    zero_first_page(folder.path());

    let store = rescue(folder.path(), KEY, "boot-2").expect("opens");

    let faults = store.faults(1).expect("answers");
    assert_eq!((faults[0].code.as_str(), faults[0].saved, faults[0].count), ("home", 59, 0));
    assert_eq!(store.enrolment().expect("answers").map(|one| one.name).as_deref(), Some("HP Ambulans 1"));
    assert_eq!(store.comparing().expect("answers"), Comparing::ChainsFirst);
    assert_eq!(store.record(id).expect("answers").expect("is here").change_count, 59);
    drop(store);
    let again = rescue(folder.path(), KEY, "boot-3").expect("opens");
    assert_eq!((again.faults(9).expect("answers").len(), set_aside(folder.path()).len()), (1, 1), "once");
}

#[test]
fn when_tracking_stopped_and_which_fix_was_made_up_is_saved_when_the_first_page_is_gone() {
    use siaga_domain::tracking::{Gap, GapCause, Sign};
    let (folder, store, _) = enrolled();
    let position = siaga_domain::place::Position::new(-1.85, 109.97, None).expect("on the earth");
    for (at, is_mock) in [(10, false), (20, true)] {
        let fix = NewFix { position, at_ms: UtcMs(at), speed_mps: None, offset_ms: None, is_mock };
        store.add_fix(&fix).expect("adds");
    }
    let gap = Gap { from: UtcMs(30), until: UtcMs(600_030), cause: GapCause::LocationOff };
    let sign = Sign { at: gap.until, monotonic_ms: 9, boot_id: "boot-1".to_owned(), process: 1 };
    let mark = TrackingMark { sign, location_off: false };
    store.note_tracking(&Tracked { mark, gaps: vec![gap], offset_ms: Some(5) }).expect("notes");
    drop(store);
    zero_first_page(folder.path());

    let store = rescue(folder.path(), KEY, "boot-2").expect("opens");

    let marks: Vec<bool> = store.fixes(UtcMs(0)).expect("answers").iter().map(|fix| fix.is_mock).collect();
    assert_eq!((marks, store.gaps(UtcMs(0)).expect("answers")), (vec![false, true], vec![gap]));
}

#[test]
fn a_home_cut_in_half_keeps_who_this_phone_is() {
    let (folder, store, _) = enrolled();
    for number in 1..80 {
        let id = patient(&store, number);
        add(&store, id, vec![note(number.saturating_add(100), &"a long note ".repeat(100))]);
    }
    drop(store);
    let file = std::fs::File::options().write(true).open(folder.path().join("siaga.db")).expect("opens");
    let half = file.metadata().expect("is there").len() / 4096 / 2 * 4096;
    file.set_len(half).expect("cuts");

    let store = rescue(folder.path(), KEY, "boot-2").expect("opens");

    assert_eq!(store.enrolment().expect("answers").map(|one| one.name).as_deref(), Some("HP Ambulans 1"));
    let faults = store.faults(1).expect("answers");
    assert!(faults[0].saved > 20 && faults[0].count > 0, "{faults:?}");
}

/// The files of a home as a kill leaves them: nothing was closed.
fn as_killed(home: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(home).expect("a folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copies");
    }
    copy
}

#[test]
fn what_waited_in_a_home_that_was_never_closed_is_saved_when_its_first_page_is_gone() {
    let (folder, store, _) = enrolled();
    let id = patient(&store, 1);
    for number in 2..60 {
        add(&store, id, vec![note(number, "a note")]);
    }
    let _: i64 = store.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("folds");
    store.copy_first_pages();
    let home = as_killed(folder.path());
    zero_first_page(home.path());

    let found = rescue(home.path(), KEY, "boot-1").expect("opens");

    let faults = found.faults(1).expect("answers");
    assert_eq!((faults[0].code.as_str(), faults[0].saved, faults[0].count), ("home", 59, 0));
}

#[test]
fn a_log_that_is_gone_beside_a_database_nobody_closed_is_told_and_the_chains_are_asked_about() {
    let (folder, store, _) = enrolled();
    patient(&store, 1);
    let (with, without) = (as_killed(folder.path()), as_killed(folder.path()));
    std::fs::remove_file(without.path().join("siaga.db-wal")).expect("there was a log");

    let whole = rescue(with.path(), KEY, "boot-1").expect("opens");
    let cut = rescue(without.path(), KEY, "boot-1");

    assert_eq!(whole.faults(9).expect("answers"), []);
    assert!(whole.record(record(1)).expect("answers").is_some());
    // Where nothing at all was in the database yet, there is nothing to go on with: it is a loss.
    let cut = cut.expect("opens");
    assert!(cut.faults(9).expect("answers").iter().any(|fault| fault.code == "home" || fault.code == "log_lost"));
    drop((whole, cut));
    let closed = rescue(with.path(), KEY, "boot-1").expect("opens");
    assert_eq!(closed.faults(9).expect("answers"), [], "one that was closed has no log and misses none");
}

#[test]
fn what_was_folded_into_the_database_stays_when_the_log_behind_it_is_gone() {
    let (folder, store, lease) = enrolled();
    patient(&store, 1);
    let _: i64 = store.conn.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| row.get(0)).expect("folds");
    let actor = life::actor(&store.reading().expect("reads")).expect("answers");
    patient(&store, 2);
    let home = as_killed(folder.path());
    std::fs::remove_file(home.path().join("siaga.db-wal")).expect("there was a log");
    drop((store, lease));

    let store = rescue(home.path(), KEY, "boot-1").expect("opens");

    assert!(store.record(record(1)).expect("answers").is_some());
    assert!(store.record(record(2)).expect("answers").is_none());
    assert_eq!(store.faults(9).expect("answers").first().map(|fault| fault.code.clone()).as_deref(), Some("log_lost"));
    assert_eq!(store.comparing().expect("answers"), Comparing::ChainsFirst);
    assert_ne!(life::actor(&store.reading().expect("reads")).expect("answers"), actor);
}

#[test]
fn a_home_without_its_index_of_the_log_opens_with_everything() {
    let (folder, store, _) = enrolled();
    patient(&store, 1);
    let home = as_killed(folder.path());
    std::fs::remove_file(home.path().join("siaga.db-shm")).expect("there was one");

    let store = rescue(home.path(), KEY, "boot-1").expect("opens");

    assert!(store.record(record(1)).expect("answers").is_some());
    assert_eq!(store.faults(9).expect("answers"), []);
}
