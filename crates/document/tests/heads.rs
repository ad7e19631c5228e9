//! Documents with more heads than a change may have dependencies, and changes with numbers at the edges of their types.

#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

use automerge::ExpandedChange;
use siaga_document::{Change, Claim, Document, Header, MAX_OWN_DEPENDENCIES, NewEntry, Refusal, Rules};
use siaga_domain::entry::{Body, Entries, Joined, Note, Stamp, Strike};
use siaga_domain::id::{ActorId, EntryId, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::policy::Author;
use siaga_domain::record::patient::{TriageIs, TriageMethod};
use siaga_domain::register;
use siaga_domain::triage::TriageColor;

const RECORD: RecordId = RecordId::from_bytes([9; 16]);
const DEVICE: Claim =
    Claim { record: RECORD, kind: RecordKind::Patient, author: Author::Device(Role::Medic), rules: Rules::Entering };
const CENTER: Claim = Claim { author: Author::Center, ..DEVICE };
const FROM_CENTER: Claim = Claim { rules: Rules::Admitted, ..CENTER };

/// Dependencies that the check of 0.2.0 takes.
const DEPENDENCIES_OF_0_2_0: usize = 64;

fn number(n: u16, of: u8) -> [u8; 16] {
    let mut bytes = [of; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn actor(n: u16) -> ActorId {
    ActorId::from_bytes(number(n, 0xaa))
}

fn entry(n: u16, body: Body) -> NewEntry {
    NewEntry { id: EntryId::from_bytes(number(n, 0xee)), stamp: Stamp { by: "Ani".into(), ..Stamp::default() }, body }
}

fn note(n: u16) -> NewEntry {
    entry(n, Body::Note(Note { text: format!("catatan {n}"), ..Note::default() }))
}

fn base() -> (Document, Change) {
    let header = Header { id: RECORD, kind: RecordKind::Patient, schema: 1 };
    let (document, mut changes) = Document::create(header, actor(0), &[note(0)]).expect("a document");
    (document, changes.remove(0))
}

/// A document in which so many people wrote one note each without seeing one another's.
fn crowded(writers: u16) -> Document {
    let (base, _) = base();
    let notes: Vec<Change> =
        (1..=writers).map(|n| base.clone().append(actor(n), &[note(n)]).expect("a change").remove(0)).collect();
    let mut all = base;
    all.replay(notes.iter().map(|change| change.bytes.as_slice())).expect("fits");
    all
}

fn take(document: &mut Document, changes: &[Change], claim: &Claim) {
    for change in changes {
        let admitted = document.admit(&change.bytes, claim).expect("admitted");
        document.apply(admitted).expect("applies");
    }
}

#[test]
fn a_phone_writes_on_in_a_document_of_a_thousand_heads() {
    let all = crowded(1_000);
    let mut center = all.clone();
    let mut phone = all;

    let mut made = phone.append(actor(7), &[note(2_000)]).expect("a change");
    made.extend(phone.append(actor(7), &[note(2_001)]).expect("a change"));
    made.extend(phone.append(actor(3_000), &[note(2_002)]).expect("a change of one who wrote nothing here yet"));

    assert!(made.iter().all(|change| change.deps.len() <= MAX_OWN_DEPENDENCIES));
    take(&mut center, &made, &DEVICE);
    assert_eq!(center.heads(), phone.heads());
    assert_eq!(center.entries().last().map(|entry| entry.id), Some(note(2_002).id), "it comes after all it saw");
    assert_eq!(center.entries(), phone.entries());
}

#[test]
fn what_an_entry_names_comes_before_it_whichever_heads_there_are() {
    let mut phone = crowded(200);
    let named: Vec<EntryId> = (50..70).map(|n| note(n).id).collect();
    let replacing = NewEntry { stamp: Stamp { replaces: named.clone(), ..Stamp::default() }, ..note(2_000) };
    let strike = entry(2_001, Body::Strike(Strike { target: note(80).id, reason: "salah".into() }));

    let made = phone.append(actor(2_000), &[replacing, strike]).expect("a change").remove(0);

    let before: Vec<Change> = phone.changes().into_iter().filter(|change| made.deps.contains(&change.hash)).collect();
    let seen: Vec<EntryId> =
        before.iter().flat_map(|change| Document::entries_in(&change.bytes)).map(|entry| entry.id).collect();
    assert!(named.iter().chain([&note(80).id]).all(|named| seen.contains(named)));
    assert!(made.deps.len() <= MAX_OWN_DEPENDENCIES);
}

#[test]
fn what_a_crowd_disagrees_about_is_settled_however_many_disagree() {
    let (base, _) = base();
    let triage = |n: u16, color, replaces: Vec<EntryId>| NewEntry {
        stamp: Stamp { by: "Ani".into(), replaces, ..Stamp::default() },
        ..entry(n, Body::Triage(TriageIs { color, method: TriageMethod::Start }))
    };
    let color = |n: u16| if n.is_multiple_of(2) { TriageColor::Red } else { TriageColor::Green };
    let mut all = base.clone();
    for n in 1..=400 {
        let made = base.clone().append(actor(n), &[triage(n, color(n), Vec::new())]).expect("a change").remove(0);
        all.replay([made.bytes.as_slice()]).expect("fits");
    }

    let mut settled = 0;
    loop {
        let entries = all.entries();
        let standing = register::standing(&Entries::of(&entries), "triage");
        if standing.len() == 1 {
            break;
        }
        let seen = standing.into_iter().map(|entry| entry.id).collect();
        settled += 1;
        let before = all.clone();
        let made = all.append(actor(500), &[triage(1_000 + settled, TriageColor::Red, seen)]).expect("is written");
        let admitted = before.admit(&made[0].bytes, &DEVICE);
        assert!(admitted.is_ok(), "{:?}", admitted.err());
        assert!(settled < 6, "every choice settles as many as one entry can name");
    }
}

#[test]
fn a_document_with_few_heads_is_written_in_as_ever() {
    let mut all = crowded(32);
    let heads = all.heads();

    let mut made = all.append(actor(3_000), &[note(2_000)]).expect("a change").remove(0).deps;

    made.sort();
    assert_eq!(made, heads);
    assert_eq!(all.heads().len(), 1);
}

#[test]
fn the_center_joins_a_thousand_heads_by_changes_that_every_release_takes() {
    let all = crowded(1_000);
    let mut center = all.clone();
    let own = center.append(actor(5_000), &[note(4_999)]).expect("the center wrote here before");
    let mut number = 5_000;

    let made = center
        .fold(actor(5_000), |heads| {
            number += 1;
            entry(number, Body::Joined(Joined { heads: u32::try_from(heads).expect("few") }))
        })
        .expect("joined");

    assert!(center.heads().len() <= MAX_OWN_DEPENDENCIES);
    assert!(made.iter().all(|change| change.deps.len() <= MAX_OWN_DEPENDENCIES));
    assert!(made.iter().all(|change| change.deps.len() <= DEPENDENCIES_OF_0_2_0));
    let mut phone = all.clone();
    take(&mut phone, &own, &FROM_CENTER);
    take(&mut phone, &made, &FROM_CENTER);
    assert_eq!(phone.heads(), center.heads());
    let mut strict = all;
    take(&mut strict, &own, &CENTER);
    take(&mut strict, &made, &CENTER);
    assert!(strict.save_verified().is_ok());
}

#[test]
fn nobody_joins_heads_of_a_document_that_has_few() {
    let mut few = crowded(32);

    assert!(few.fold(actor(5_000), |_| note(1)).expect("nothing to do").is_empty());
    assert_eq!(few.heads().len(), 32);
}

#[test]
fn a_device_joins_nothing_by_the_kind_of_the_center() {
    let (base, _) = base();
    let joined = entry(9, Body::Joined(Joined { heads: 2 }));
    let made = base.clone().append(actor(2), &[joined]).expect("a change").remove(0);

    let admitted = base.admit(&made.bytes, &DEVICE).expect("well formed");

    assert_eq!(admitted.denied.len(), 1);
}

/// The change with another time, as a hostile hand writes it.
fn at_time(change: &Change, time: i64) -> Vec<u8> {
    let mut expanded = ExpandedChange::from(&automerge::Change::try_from(change.bytes.as_slice()).expect("a change"));
    expanded.time = time;
    expanded.hash = None;
    automerge::Change::from(expanded).raw_bytes().to_vec()
}

#[test]
fn a_change_with_a_time_of_its_own_enters_nowhere_and_is_taken_from_a_center_that_admitted_it() {
    let (base, first) = base();
    let honest = base.clone().append(actor(2), &[note(2)]).expect("a change").remove(0);
    assert_eq!(Document::change_time(&honest.bytes), Some(0));

    for time in [i64::MIN, i64::MIN + 1, -1, 1, 1_700_000_000, i64::MAX] {
        let timed = at_time(&honest, time);
        for claim in [DEVICE, CENTER] {
            let refused = base.admit(&timed, &claim).map(|_| ());
            assert!(matches!(refused, Err(Refusal::NotAccepted { code: "time", .. })), "{time}: {refused:?}");
        }
        let mut document = base.clone();
        let admitted = document.admit(&timed, &FROM_CENTER).expect("an older center took it");
        let hash = admitted.change.hash;
        document.apply(admitted).expect("applies");
        let mut log = vec![first.bytes.clone(), timed.clone()];

        // Others write on, each behind the other, and it saves, loads and gives its bytes back.
        for n in 3..8 {
            let made = document.clone().append(actor(n), &[note(n)]).expect("written on").remove(0);
            take(&mut document, std::slice::from_ref(&made), &DEVICE);
            log.push(made.bytes);
        }
        assert_eq!(document.entries().len(), 7, "{time}");
        let saved = document.save_verified().expect("saves");
        let loaded = Document::from_cache(&saved, []).expect("loads");
        let replayed = Document::from_log(log.iter().map(Vec::as_slice)).expect("replays");
        for again in [&loaded, &replayed] {
            assert_eq!(again.heads(), document.heads());
            assert_eq!(again.entries(), document.entries());
        }
        assert_eq!(document.bytes_of(&hash).as_ref(), Some(&timed));
        assert!(document.contains(&hash));
        let bytes: Vec<Vec<u8>> = document.changes().into_iter().map(|change| change.bytes).collect();
        assert!(log.iter().all(|logged| bytes.contains(logged)));
    }
}

#[test]
fn times_as_far_apart_as_can_be_stand_in_one_document() {
    let (base, first) = base();
    let mut log = vec![first.bytes];
    let mut document = base.clone();
    for (n, time) in [(2, i64::MAX), (3, i64::MIN), (4, i64::MAX - 1), (5, -2), (6, 1 << 61), (7, -(1 << 61))] {
        let timed = at_time(&base.clone().append(actor(n), &[note(n)]).expect("a change").remove(0), time);
        let admitted = document.admit(&timed, &FROM_CENTER).expect("admitted");
        document.apply(admitted).expect("applies");
        log.push(timed);
    }

    let made = document.append(actor(9), &[note(9)]).expect("written on").remove(0);

    log.push(made.bytes);
    let replayed = Document::from_log(log.iter().map(Vec::as_slice)).expect("replays");
    assert_eq!(replayed.heads(), document.heads());
    assert!(document.save_verified().is_ok());
}

#[test]
fn a_cache_that_0_2_0_saved_with_a_far_time_is_written_on() {
    let (base, first) = base();
    let timed = at_time(&base.clone().append(actor(2), &[note(2)]).expect("a change").remove(0), i64::MIN);
    let mut old = automerge::Automerge::new();
    let parsed = |bytes: &[u8]| automerge::Change::try_from(bytes).expect("a change");
    old.apply_changes([parsed(&first.bytes), parsed(&timed)]).expect("0.2.0 held it");

    let mut document = Document::from_cache(&old.save(), []).expect("loads");

    let before = document.clone();
    let made = document.append(actor(3), &[note(3)]).expect("written on").remove(0);
    assert!(before.admit(&made.bytes, &DEVICE).is_ok());
    let replayed = Document::from_log([first.bytes.as_slice(), &timed, &made.bytes]).expect("replays");
    assert_eq!(replayed.heads(), document.heads());
    assert!(document.save_verified().is_ok());
}
