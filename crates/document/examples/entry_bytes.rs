//! What a single value costs as a put, and as an entry that names what it replaces.
//!
//! The numbers of `docs/decisions/0001-entries-under-fresh-keys.md`:
//! `cargo run -p siaga-document --example entry_bytes`.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId as Actor, AutoCommit, Automerge, ROOT, ReadDoc};
use siaga_document::{Document, Header, NewEntry};
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::{ActorId, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::patient::{Opened, Sex, TriageIs, TriageMethod};
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_domain::triage::TriageColor;

const AT_MS: i64 = 1_665_360_000_123;

fn stamp(replaces: Vec<EntryId>) -> Stamp {
    let clock = ClockReading {
        device: UtcMs(AT_MS),
        monotonic_ms: 7_265_000,
        boot: 12,
        offset_ms: Some(-1_834),
        uncertainty_ms: Some(420),
    };
    Stamp { by: "Ani Lestari".to_owned(), clock, replaces }
}

fn triage(id: u8, color: TriageColor, replaces: Vec<EntryId>) -> NewEntry {
    let body = Body::Triage(TriageIs { color, method: TriageMethod::Start });
    NewEntry { id: EntryId::v7(AT_MS, [id; 10]), stamp: stamp(replaces), body }
}

fn put(document: &mut AutoCommit, fields: &[(&str, &str)]) -> Option<usize> {
    for (key, value) in fields {
        document.put(ROOT, *key, *value).expect("a put into a map");
    }
    let hash = document.commit_with(CommitOptions::default())?;
    Some(document.get_change_by_hash(&hash)?.raw_bytes().len())
}

fn puts() {
    let mut ani = AutoCommit::new().with_actor(Actor::from([1_u8; 16].as_slice()));
    put(&mut ani, &[("id", "a patient")]).expect("a first change");
    let mut budi = ani.fork().with_actor(Actor::from([2_u8; 16].as_slice()));

    println!(
        "put, the bare value                       {:4} B",
        put(&mut ani, &[("triage", "red")]).expect("a change")
    );
    println!("put, the value it already has             {:?}", put(&mut ani, &[("triage", "red")]));
    put(&mut budi, &[("triage", "green")]).expect("a change");
    ani.merge(&mut budi).expect("merges");
    let claims = ani.get_all(ROOT, "triage").expect("reads");
    let winner = ani.get(ROOT, "triage").expect("reads").expect("a value").0.to_string();
    println!("after a merge                             {} values, winner {winner}", claims.len());
    let again = winner.trim_matches('"').to_owned();
    ani.put(ROOT, "triage", again.as_str()).expect("a put");
    let hash = ani.commit();
    let operations: Vec<String> = hash
        .and_then(|hash| ani.get_change_by_hash(&hash))
        .map(|change| {
            change.decode().operations.iter().map(|op| format!("{:?} pred {}", op.action, op.pred.len())).collect()
        })
        .unwrap_or_default();
    println!("put of the winner, to settle the dispute  {operations:?}");
    println!("values left                               {}", ani.get_all(ROOT, "triage").expect("reads").len());

    let mut carol = AutoCommit::new().with_actor(Actor::from([3_u8; 16].as_slice()));
    put(&mut carol, &[("id", "a patient")]).expect("a first change");
    for (key, value) in [("triage_by", "Ani Lestari"), ("triage_method", "start"), ("triage", "red")] {
        carol.put(ROOT, key, value).expect("a put");
    }
    for (key, value) in [
        ("triage_at", AT_MS),
        ("triage_mono", 7_265_000),
        ("triage_boot", 12),
        ("triage_off", -1_834),
        ("triage_unc", 420),
    ] {
        carol.put(ROOT, key, value).expect("a put");
    }
    let hash = carol.commit().expect("a change");
    let size = carol.get_change_by_hash(&hash).expect("the change").raw_bytes().len();
    println!("put, with who and when beside it          {size:4} B");
}

fn entries() {
    let header = Header { id: RecordId::from_bytes([9; 16]), kind: RecordKind::Patient, schema: 1 };
    let opened = Body::PatientOpened(Opened {
        incident: RecordId::from_bytes([2; 16]),
        identity: RecordId::from_bytes([3; 16]),
        sex: Sex::Female,
        age_years: Some(32),
        age_band: None,
        age_months: None,
        age_days: None,
        number: None,
    });
    let opening = NewEntry { id: EntryId::v7(AT_MS, [1; 10]), stamp: stamp(Vec::new()), body: opened };
    let (mut document, _) = Document::create(header, ActorId::from_bytes([1; 16]), &[opening]).expect("a document");
    let first = triage(2, TriageColor::Red, Vec::new());
    let size = |changes: Vec<siaga_document::Change>| changes.iter().map(|change| change.bytes.len()).sum::<usize>();
    let replaced = first.id;
    let one = size(document.append(ActorId::from_bytes([1; 16]), &[first]).expect("a change"));
    println!("entry, with who and when in it            {one:4} B");
    let second = triage(3, TriageColor::Red, vec![replaced]);
    let two = size(document.append(ActorId::from_bytes([1; 16]), &[second]).expect("a change"));
    println!("entry that replaces one, same value       {two:4} B");
}

fn three_hundred() {
    let mut by_put = AutoCommit::new().with_actor(Actor::from([1_u8; 16].as_slice()));
    for turn in 0..300 {
        put(&mut by_put, &[("triage", if turn % 2 == 0 { "red" } else { "yellow" })]).expect("a change");
    }
    println!("300 puts, saved                           {:6} B", by_put.save().len());
    let header = Header { id: RecordId::from_bytes([9; 16]), kind: RecordKind::Patient, schema: 1 };
    let actor = ActorId::from_bytes([1; 16]);
    let (mut document, _) =
        Document::create(header, actor, &[triage(0, TriageColor::Red, Vec::new())]).expect("a document");
    let mut last = EntryId::v7(AT_MS, [0; 10]);
    for turn in 1..300_u64 {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&turn.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
        let color = if turn % 2 == 0 { TriageColor::Red } else { TriageColor::Yellow };
        let mut entry = triage(0, color, vec![last]);
        entry.id = EntryId::v7(AT_MS, random);
        last = entry.id;
        document.append(actor, &[entry]).expect("a change");
    }
    let saved = document.save_verified().expect("saved");
    println!("300 entries, saved                        {:6} B", saved.len());
    let began = std::time::Instant::now();
    let loaded = Automerge::load(&saved).expect("loads");
    println!("300 entries, loaded in                    {:?} ({} keys)", began.elapsed(), loaded.keys(ROOT).count());
}

fn main() {
    puts();
    entries();
    three_hundred();
}
