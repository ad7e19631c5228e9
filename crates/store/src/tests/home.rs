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
