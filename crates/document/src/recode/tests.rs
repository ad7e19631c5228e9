//! Honest histories come back byte for byte; hostile bytes come to nothing.

use super::*;
use crate::{Change, Document, Header, NewEntry};
use proptest::prelude::*;
use siaga_domain::entry::{Body, Note, Stamp, Strike};
use siaga_domain::id::{ActorId, EntryId};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::assignment::{Order, StatusEvent};
use siaga_domain::record::incident::{Casualties, CasualtyKind, Priority};
use siaga_domain::record::patient::{TriageIs, TriageMethod};
use siaga_domain::status::Status;
use siaga_domain::time::{ClockReading, UtcMs};
use siaga_domain::triage::TriageColor;
use siaga_domain::varint::put;
use siaga_domain::vitals::{Measured, Vitals};

const AT_MS: i64 = 1_795_395_600_000;

/// Chance that can be repeated.
struct Chance(u64);

impl Chance {
    fn draw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: u64) -> u64 {
        self.draw() % most
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.iter_mut().for_each(|byte| *byte = u8::try_from(self.draw() & 0xff).expect("a byte"));
        bytes
    }
}

/// One document and everybody who writes into it, each with what they have seen.
struct History {
    record: RecordId,
    kind: RecordKind,
    people: Vec<(ActorId, Document)>,
    /// Every change in the order it was made.
    log: Vec<Change>,
    at_ms: i64,
    /// Ids of entries, for strikes and replacements to name.
    seen: Vec<EntryId>,
}

#[allow(clippy::cast_possible_wrap, clippy::cast_precision_loss, reason = "small numbers")]
fn body(chance: &mut Chance, seen: &[EntryId]) -> Body {
    let position = |chance: &mut Chance| -1.8 - chance.below(1_000_000) as f64 / 1e6;
    match chance.below(7) {
        0 => Body::StatusEvent(StatusEvent {
            status: Status::ALL[chance.below(Status::ALL.len() as u64) as usize],
            lat: Some(position(chance)),
            lon: Some(position(chance) + f64::from_bits(chance.draw() >> 12 | 0x3ff0_0000_0000_0000)),
            accuracy_m: (chance.below(2) == 0).then(|| chance.below(60) as f64),
            reason: None,
            outcome: None,
        }),
        1 => Body::Note(Note { text: "x".repeat(chance.below(400) as usize), ..Note::default() }),
        2 => Body::Note(Note {
            text: "foto jembatan".to_owned(),
            attachment: Some(chance.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect()),
            media: Some("image/jpeg".to_owned()),
            size_bytes: Some(chance.below(90_000) as i64),
            thumbnail: Some(chance.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect()),
            lat: Some(position(chance)),
            ..Note::default()
        }),
        3 if !seen.is_empty() => Body::Strike(Strike {
            target: seen[chance.below(seen.len() as u64) as usize],
            reason: "salah tekan".to_owned(),
        }),
        4 => Body::Casualties(Casualties {
            of: CasualtyKind::Injured,
            count: chance.draw() as i64,
            quality: siaga_domain::record::assessment::Quality::Estimate,
        }),
        5 => Body::Vitals(Vitals {
            hr: Some(Measured::Number(chance.below(140) as f64)),
            temp: Some(Measured::Number(36.0 + chance.below(40) as f64 / 10.0)),
            on_oxygen: Some(chance.below(2) == 0),
            spo2: Some(Measured::Number(f64::from_bits(chance.draw() >> 2))),
            ..Vitals::default()
        }),
        _ => Body::Triage(TriageIs { color: TriageColor::Red, method: TriageMethod::Start }),
    }
}

#[allow(clippy::cast_possible_wrap, reason = "small numbers")]
fn entry(chance: &mut Chance, at_ms: i64, seen: &[EntryId]) -> NewEntry {
    let clock = ClockReading {
        device: UtcMs(at_ms + chance.below(5) as i64),
        monotonic_ms: chance.below(3) as i64 * 1_000_000 + at_ms - AT_MS,
        boot: chance.below(4) as u32,
        offset_ms: (chance.below(2) == 0).then(|| chance.below(9_000) as i64 - 4_500),
        uncertainty_ms: Some(420),
    };
    let replaces: Vec<EntryId> = (0..chance.below(4))
        .filter_map(|_| seen.get(chance.below(seen.len().max(1) as u64) as usize).copied())
        .collect();
    let stamp = Stamp { by: ["Ani Lestari", "Budi", ""][chance.below(3) as usize].to_owned(), clock, replaces };
    NewEntry { id: EntryId::v7(at_ms, chance.bytes()), stamp, body: body(chance, seen) }
}

fn order(chance: &mut Chance) -> NewEntry {
    let order = Order {
        incident: RecordId::v7(AT_MS, chance.bytes()),
        unit: "AMB-01".parse().expect("a code"),
        priority: Priority::P1,
        text: "Banjir di Asam Jelai".to_owned(),
        ack_within_s: 90,
    };
    NewEntry { id: EntryId::v7(AT_MS, chance.bytes()), stamp: Stamp::default(), body: Body::Order(order) }
}

impl History {
    fn of(chance: &mut Chance, people: usize, changes: usize) -> Self {
        let record = RecordId::v7(AT_MS, chance.bytes());
        let kind = RecordKind::ALL[chance.below(RecordKind::ALL.len() as u64) as usize];
        let header = Header { id: record, kind, schema: 1 };
        let first = ActorId::from_bytes(chance.bytes());
        let (document, log) = Document::create(header, first, &[order(chance)]).expect("a document");
        let mut history =
            Self { record, kind, people: vec![(first, document.clone())], log, at_ms: AT_MS, seen: Vec::new() };
        for _ in 1..people {
            history.people.push((ActorId::from_bytes(chance.bytes()), document.clone()));
        }
        while history.log.len() < changes {
            history.somebody_writes(chance);
        }
        history
    }

    #[allow(clippy::cast_possible_wrap, reason = "small numbers")]
    fn somebody_writes(&mut self, chance: &mut Chance) {
        let who = chance.below(self.people.len() as u64) as usize;
        if chance.below(3) == 0 {
            // Some catch up before they write; the others write beside one another.
            let all: Vec<&[u8]> = self.log.iter().map(|change| change.bytes.as_slice()).collect();
            self.people[who].1.replay(all).expect("caught up");
        }
        self.at_ms += chance.below(400_000) as i64;
        let entries: Vec<NewEntry> = (0..=chance.below(3)).map(|_| entry(chance, self.at_ms, &self.seen)).collect();
        self.seen.extend(entries.iter().map(|entry| entry.id));
        let (actor, document) = &mut self.people[who];
        self.log.extend(document.append(*actor, &entries).expect("written"));
    }

    fn bytes(&self) -> Vec<&[u8]> {
        self.log.iter().map(|change| change.bytes.as_slice()).collect()
    }
}

/// A log that is asked by the beginning of a hash.
struct Log<'a>(&'a [Change]);

impl Past for Log<'_> {
    fn change(&self, _: &RecordId, hash_begins: &[u8]) -> Option<Vec<u8>> {
        let mut found = self.0.iter().filter(|change| change.hash.0.starts_with(hash_begins));
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one.bytes.clone()),
            _ => None,
        }
    }
}

const BASE: Base = Base { at_ms: AT_MS, monotonic_ms: 5_000, boot: 2 };

fn packed(history: &History, from: usize, until: usize) -> Packed {
    let past = Log(&history.log[..from]);
    let mut packer = Packer::new(BASE, "Ani Lestari", &past);
    packer.pack(history.record, history.kind, &history.bytes()[from..until]).expect("packed");
    packer.finish().expect("comes back")
}

fn unpacked(history: &History, packed: &Packed, past: &dyn Past) -> Result<Vec<Vec<u8>>, RecodeError> {
    let mut unpacker = Unpacker::new(BASE, "Ani Lestari", packed, past, usize::MAX);
    let changes = unpacker.unpack(history.record, history.kind)?;
    unpacker.finish().map(|()| changes)
}

#[test]
fn four_thousand_changes_of_several_people_cut_anywhere_come_back_byte_for_byte() {
    let mut chance = Chance(0x005e_a50f_7ea2);
    let (mut raw, mut told, mut count) = (0, 0, 0);

    for _ in 0..70 {
        let people = 1 + chance.below(5) as usize;
        let history = History::of(&mut chance, people, 60);
        let mut from = 0;
        while from < history.log.len() {
            let until = (from + 1 + chance.below(25) as usize).min(history.log.len());
            let packed = packed(&history, from, until);
            let again = unpacked(&history, &packed, &Log(&history.log[..from])).expect("made again");
            assert_eq!(again, history.bytes()[from..until]);
            raw += again.iter().map(Vec::len).sum::<usize>();
            told += packed.raw.len() + packed.rest.len();
            count += again.len();
            from = until;
        }
    }

    assert!(count >= 4_000, "{count}");
    println!("{count} changes: {raw} B as chunks, {told} B told");
    assert!(told * 2 < raw, "{raw} B became {told} B");
}

#[test]
fn a_change_of_no_known_shape_travels_plain_among_the_others() {
    use automerge::transaction::Transactable;
    let mut chance = Chance(77);
    let history = History::of(&mut chance, 1, 5);
    let mut strange = automerge::AutoCommit::new();
    strange.put_object(automerge::ROOT, "list", automerge::ObjType::List).expect("a list");
    let strange = strange.get_last_local_change().expect("a change").raw_bytes().to_vec();
    let mut bytes = history.bytes();
    bytes.insert(3, &strange);

    let mut packer = Packer::new(BASE, "", &());
    packer.pack(history.record, history.kind, &bytes).expect("packed");
    let packed = packer.finish().expect("comes back");
    let mut unpacker = Unpacker::new(BASE, "", &packed, &(), usize::MAX);

    assert_eq!(unpacker.unpack(history.record, history.kind).expect("made again"), bytes);
    assert_eq!(unpacker.finish(), Ok(()));
    let mut wary = Unpacker::new(BASE, "", &packed, &(), usize::MAX).of_known_shapes();
    assert_eq!(wary.unpack(history.record, history.kind), Err(RecodeError::Shape));
    let mut wary = Packer::new(BASE, "", &()).of_known_shapes();
    assert_eq!(wary.pack(history.record, history.kind, &bytes), Err(RecodeError::Shape));
}

#[test]
fn a_change_that_hangs_on_one_that_is_not_here_says_so() {
    let history = History::of(&mut Chance(5), 3, 20);
    let packed = packed(&history, 10, 20);

    assert_eq!(unpacked(&history, &packed, &()), Err(RecodeError::Missing));
    let ambiguous: Vec<Change> = history.log[..10].iter().flat_map(|change| [change.clone(), change.clone()]).collect();
    assert_eq!(unpacked(&history, &packed, &Log(&ambiguous)), Err(RecodeError::Missing));
}

#[test]
fn another_change_under_the_same_beginning_is_found_out() {
    struct Wrong(Vec<u8>);
    impl Past for Wrong {
        fn change(&self, _: &RecordId, _: &[u8]) -> Option<Vec<u8>> {
            Some(self.0.clone())
        }
    }
    let history = History::of(&mut Chance(9), 1, 12);
    let packed = packed(&history, 10, 12);
    let other = History::of(&mut Chance(10), 1, 12);

    assert!(unpacked(&history, &packed, &Wrong(other.log[9].bytes.clone())).is_err());
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let history = History::of(&mut Chance(21), 2, 14);
    let good = packed(&history, 6, 14);
    let past = Log(&history.log[..6]);

    for at in 0..good.raw.len() + good.rest.len() {
        let mut bad = good.clone();
        match at.checked_sub(good.raw.len()) {
            None => bad.raw[at] ^= 4,
            Some(at) => bad.rest[at] ^= 4,
        }
        if let Ok(changes) = unpacked(&history, &bad, &past) {
            assert_eq!(changes, history.bytes()[6..14], "byte {at}");
        }
    }
}

#[test]
fn what_comes_out_is_bounded_before_it_is_made() {
    let history = History::of(&mut Chance(3), 1, 30);
    let packed = packed(&history, 0, 30);
    let size: usize = history.bytes().iter().map(|bytes| bytes.len()).sum();

    let mut enough = Unpacker::new(BASE, "Ani Lestari", &packed, &(), size);
    let mut less = Unpacker::new(BASE, "Ani Lestari", &packed, &(), size - 1);

    assert!(enough.unpack(history.record, history.kind).is_ok());
    assert_eq!(less.unpack(history.record, history.kind), Err(RecodeError::TooMuch));
}

#[test]
fn one_text_told_again_and_again_does_not_grow_past_a_change() {
    let mut rest = Vec::new();
    put(&mut rest, 1);
    // One entry; nothing before it; a new actor; the expected numbers; a new shape of a known kind.
    rest.extend([0x10, 0, 0, 0, 0, 0, 2]);
    put(&mut rest, 250);
    (0..250).for_each(|_| put(&mut rest, 13));
    put(&mut rest, 6 + 8192);
    rest.extend([b'x'; 8192]);
    (0..249).for_each(|_| put(&mut rest, 0));
    let packed = Packed { raw: vec![7; 64], rest };
    let mut unpacker = Unpacker::new(BASE, "", &packed, &(), usize::MAX);

    assert_eq!(unpacker.unpack(RecordId::from_bytes([1; 16]), RecordKind::Incident), Err(RecodeError::TooMuch));
}

#[test]
fn counts_that_promise_more_than_there_is_allocate_nothing() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    for begin in [&[][..], &[1, 0x10], &[1, 0x10, 0, 0, 0, 0, 0], &[1, 0x00]] {
        let packed = Packed { raw: vec![0; 80], rest: [begin, &huge].concat() };
        let mut unpacker = Unpacker::new(BASE, "", &packed, &(), 1 << 20);
        assert!(unpacker.unpack(RecordId::from_bytes([1; 16]), RecordKind::Incident).is_err());
    }
}

proptest! {
    #[test]
    fn hostile_bytes_never_unwind(
        raw in proptest::collection::vec(any::<u8>(), 0..200),
        rest in proptest::collection::vec(prop_oneof![0_u8..24, any::<u8>()], 0..400),
    ) {
        let packed = Packed { raw, rest };
        let history = History::of(&mut Chance(3), 1, 3);
        let past = Log(&history.log);
        let mut unpacker = Unpacker::new(BASE, "Ani", &packed, &past, 1 << 20);
        while let Ok(changes) = unpacker.unpack(history.record, history.kind) {
            if changes.is_empty() {
                break;
            }
        }
    }

    #[test]
    fn mangled_messages_never_unwind(seed in 1_u64.., at in any::<usize>(), with in any::<u8>()) {
        let history = History::of(&mut Chance(seed), 2, 12);
        let mut packed = packed(&history, 4, 12);
        let length = packed.rest.len();
        packed.rest[at % length] = with;
        let _ = unpacked(&history, &packed, &Log(&history.log[..4]));
    }
}
