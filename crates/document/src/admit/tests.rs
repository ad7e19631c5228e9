//! Every step of the admission check by what it refuses, and the honest changes it must let pass.

use super::*;
use crate::{Header, NewEntry};
use proptest::prelude::*;
use siaga_domain::entry::{Note, Stamp};
use siaga_domain::id::{ActorId, EntryId};
use siaga_domain::kind::Role;
use siaga_domain::record::patient::{Opened, Sex, TriageIs, TriageMethod};
use siaga_domain::triage::TriageColor;

const RECORD: RecordId = RecordId::from_bytes([9; 16]);
const MEDIC: Claim =
    Claim { record: RECORD, kind: RecordKind::Patient, author: Author::Device(Role::Medic), rules: Rules::Entering };

fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}

fn entry(n: u8, body: Body) -> NewEntry {
    NewEntry { id: EntryId::from_bytes([n; 16]), stamp: Stamp { by: "Ani".into(), ..Stamp::default() }, body }
}

fn opening() -> NewEntry {
    entry(
        1,
        Body::PatientOpened(Opened {
            incident: RecordId::from_bytes([2; 16]),
            identity: RecordId::from_bytes([3; 16]),
            sex: Sex::Female,
            age_years: Some(32),
            age_band: None,
            age_months: None,
            age_days: None,
            number: None,
        }),
    )
}

fn triage(n: u8, color: TriageColor) -> NewEntry {
    entry(n, Body::Triage(TriageIs { color, method: TriageMethod::Start }))
}

fn patient() -> (Document, Vec<Change>) {
    let header = Header { id: RECORD, kind: RecordKind::Patient, schema: 1 };
    Document::create(header, actor(1), &[opening()]).expect("a document")
}

fn code(result: Result<Admitted, Refusal>) -> (Option<Step>, &'static str) {
    match result {
        Ok(_) => (None, "admitted"),
        Err(refusal) => match refusal {
            Refusal::NotAccepted { step, code } => (Some(step), code),
            other => (None, other.code()),
        },
    }
}

fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let hash = Sha256::digest(&bytes[8..]);
    bytes[4..8].copy_from_slice(&hash[..4]);
    bytes
}

#[test]
fn an_honest_document_is_admitted_change_by_change_and_reads_the_same() {
    let (mut author, mut changes) = patient();
    changes.extend(author.append(actor(1), &[triage(4, TriageColor::Yellow)]).expect("a change"));
    let mut center = Document::empty();

    for change in &changes {
        let admitted = center.admit(&change.bytes, &MEDIC).expect("admitted");
        center.apply(admitted).expect("applied");
    }

    assert_eq!(center.heads(), author.heads());
    assert_eq!(center.record(), author.record());
    assert_eq!(center.header().map(|header| header.id), Some(RECORD));
}

#[test]
fn two_phones_that_triage_one_patient_offline_disagree_in_the_open() {
    let (base, _) = patient();
    let (mut ani, mut budi) = (base.clone(), base);
    let red = ani.append(actor(2), &[triage(5, TriageColor::Red)]).expect("a change");
    let green = budi.append(actor(3), &[triage(6, TriageColor::Green)]).expect("a change");

    for (document, theirs) in [(&mut ani, &green), (&mut budi, &red)] {
        let admitted = document.admit(&theirs[0].bytes, &MEDIC).expect("admitted");
        document.apply(admitted).expect("applied");
    }

    let disputes = |document: &Document| document.record().expect("a record").disputes().to_vec();
    assert_eq!(disputes(&ani), disputes(&budi));
    assert_eq!(disputes(&ani).len(), 1);
    assert_eq!(disputes(&ani)[0].choices.len(), 2);
}

#[test]
fn a_change_already_there_is_a_duplicate_and_a_missing_dependency_is_named() {
    let (mut author, first) = patient();
    let second = author.append(actor(1), &[triage(4, TriageColor::Red)]).expect("a change");

    assert_eq!(code(author.admit(&first[0].bytes, &MEDIC)).1, "duplicate");
    assert_eq!(
        Document::empty().admit(&second[0].bytes, &MEDIC).map(|_| ()),
        Err(Refusal::MissingDependency(vec![first[0].hash]))
    );
}

#[test]
fn a_second_change_under_one_actor_and_sequence_is_a_fork() {
    let (mut document, _) = patient();
    let mut copy = document.clone();
    document.append(actor(1), &[triage(4, TriageColor::Red)]).expect("a change");
    let fork = copy.append(actor(1), &[triage(5, TriageColor::Green)]).expect("a change");

    assert_eq!(code(document.admit(&fork[0].bytes, &MEDIC)), (Some(Step::Sequence), "fork"));
}

#[test]
fn only_a_plain_change_chunk_with_its_own_checksum_is_read_at_all() {
    let (document, changes) = patient();
    let good = &changes[0].bytes;
    let mut other_chunk = good.clone();
    other_chunk[8] = 2;
    let mut flipped = good.clone();
    *flipped.last_mut().expect("a byte") ^= 1;

    assert_eq!(
        code(Document::empty().admit(&document.save_verified().expect("saved"), &MEDIC)),
        (Some(Step::Frame), "chunk_type")
    );
    assert_eq!(code(Document::empty().admit(&with_checksum(other_chunk), &MEDIC)), (Some(Step::Frame), "chunk_type"));
    assert_eq!(code(Document::empty().admit(&flipped, &MEDIC)), (Some(Step::Hash), "checksum"));
    assert_eq!(code(Document::empty().admit(&[0; 20_000], &MEDIC)), (Some(Step::Frame), "too_large"));
    assert_eq!(code(Document::empty().admit(b"", &MEDIC)), (Some(Step::Frame), "not_a_change"));
}

#[test]
fn a_change_for_another_record_or_another_kind_is_refused() {
    let (_, changes) = patient();
    let elsewhere = Claim { record: RecordId::from_bytes([8; 16]), ..MEDIC };
    let otherwise = Claim { kind: RecordKind::Incident, ..MEDIC };

    assert_eq!(code(Document::empty().admit(&changes[0].bytes, &elsewhere)), (Some(Step::Operations), "other_record"));
    assert_eq!(code(Document::empty().admit(&changes[0].bytes, &otherwise)), (Some(Step::Operations), "other_record"));
}

#[test]
fn a_village_officer_does_not_write_patients() {
    let (_, changes) = patient();
    let village = Claim { author: Author::Device(Role::Village), ..MEDIC };

    let admitted = Document::empty().admit(&changes[0].bytes, &village).expect("well formed");
    let opening = EntryId::from_bytes([1; 16]);
    assert_eq!(admitted.denied, [DeniedEntry { entry: opening, denial: Denial::Role }]);
    assert!(Document::empty().admit(&changes[0].bytes, &MEDIC).expect("well formed").denied.is_empty());
}

#[test]
fn what_is_denied_still_has_to_be_what_its_kind_says() {
    let (document, _) = patient();
    let bytes = by_hand(&document, |tx| {
        use automerge::transaction::Transactable;
        let key = format!("priority/{}", EntryId::from_bytes([77; 16]));
        let map = tx.put_object(automerge::ROOT, key.as_str(), ObjType::Map).expect("map");
        tx.put(&map, "priority", 7_i64).expect("put");
    });

    assert_eq!(code(document.admit(&bytes, &MEDIC)), (Some(Step::Policy), "malformed_entry"));
}

/// Makes a change by Automerge's own hand, outside the one authoring function.
fn by_hand(document: &Document, edit: impl FnOnce(&mut automerge::transaction::Transaction<'_>)) -> Vec<u8> {
    let mut doc = document.inner.clone();
    doc.set_actor(automerge::ActorId::from([7_u8; 16].as_slice()));
    let mut tx = doc.transaction();
    edit(&mut tx);
    let (hash, _) = tx.commit();
    doc.get_change_by_hash(&hash.expect("a change")).expect("the change").raw_bytes().to_vec()
}

#[test]
fn editing_deleting_lists_counters_and_nested_maps_are_refused() {
    use automerge::transaction::Transactable;
    let (document, _) = patient();
    let key = document.inner.keys(automerge::ROOT).find(|key| key.contains('/')).expect("an entry");
    let (_, object) = document.inner.get(automerge::ROOT, key.as_str()).expect("reads").expect("an entry");
    let new_key = format!("note/{}", EntryId::from_bytes([77; 16]));

    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("entry_edited", by_hand(&document, |tx| tx.put(&object, "sex", "L").expect("put"))),
        ("root_action", by_hand(&document, |tx| tx.delete(automerge::ROOT, key.as_str()).expect("delete"))),
        ("root_action", by_hand(&document, |tx| tx.put(automerge::ROOT, "kind", "incident").expect("put"))),
        (
            "root_action",
            by_hand(&document, |tx| {
                tx.put_object(automerge::ROOT, new_key.as_str(), ObjType::List).expect("list");
            }),
        ),
        (
            "entry_action",
            by_hand(&document, |tx| {
                let map = tx.put_object(automerge::ROOT, new_key.as_str(), ObjType::Map).expect("map");
                tx.put_object(&map, "deep", ObjType::Map).expect("map");
            }),
        ),
        (
            "value",
            by_hand(&document, |tx| {
                let map = tx.put_object(automerge::ROOT, new_key.as_str(), ObjType::Map).expect("map");
                tx.put(&map, "text", ScalarValue::counter(3)).expect("put");
            }),
        ),
        (
            "value",
            by_hand(&document, |tx| {
                let map = tx.put_object(automerge::ROOT, new_key.as_str(), ObjType::Map).expect("map");
                tx.put(&map, "text", f64::NAN).expect("put");
            }),
        ),
        (
            "entry_edited",
            by_hand(&document, |tx| {
                tx.put_object(automerge::ROOT, key.as_str(), ObjType::Map).expect("map");
            }),
        ),
        (
            "entry_key",
            by_hand(&document, |tx| {
                tx.put_object(automerge::ROOT, "anything", ObjType::Map).expect("map");
            }),
        ),
        (
            "malformed_entry",
            by_hand(&document, |tx| {
                let map = tx.put_object(automerge::ROOT, new_key.as_str(), ObjType::Map).expect("map");
                tx.put(&map, "other", 1_i64).expect("put");
            }),
        ),
    ];

    for (expected, bytes) in cases {
        assert_eq!(code(document.admit(&bytes, &MEDIC)).1, expected);
    }
}

#[test]
fn a_twin_made_again_from_its_intent_folds_into_one_entry() {
    let (base, _) = patient();
    let mut once = base.clone();
    once.append(actor(2), &[triage(5, TriageColor::Red)]).expect("a change");
    let mut again = base;
    let twin = again.append(actor(3), &[triage(5, TriageColor::Red)]).expect("a change");

    let admitted = once.admit(&twin[0].bytes, &MEDIC).expect("admitted");
    once.apply(admitted).expect("applied");

    assert_eq!(once.entries().len(), 2);
    assert!(once.record().expect("a record").disputes().is_empty());
}

#[test]
fn a_long_form_becomes_several_changes_that_are_all_admitted() {
    let (mut document, mut changes) = patient();
    let notes: Vec<NewEntry> =
        (0..120).map(|n| entry(100 + n, Body::Note(Note { text: "air naik".repeat(20), ..Note::default() }))).collect();

    let made = document.append(actor(1), &notes).expect("changes");

    assert!(made.len() > 1);
    changes.extend(made);
    let mut center = Document::empty();
    for change in &changes {
        assert!(change.bytes.len() <= MAX_CHANGE_BYTES);
        let admitted = center.admit(&change.bytes, &MEDIC).expect("admitted");
        center.apply(admitted).expect("applied");
    }
    assert_eq!(center.record(), document.record());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever is admitted leaves a document that saves and loads, and nothing unwinds past the check.
    #[test]
    fn no_mutant_poisons_a_document(at in 9_usize..2000, with in any::<u8>(), second in 9_usize..2000, second_with in any::<u8>()) {
        let (mut author, first) = patient();
        let next = author.append(actor(1), &[triage(4, TriageColor::Red), triage(5, TriageColor::Green)]).expect("a change");
        let mut center = Document::empty();
        let admitted = center.admit(&first[0].bytes, &MEDIC).expect("admitted");
        center.apply(admitted).expect("applied");
        let mut bytes = next[0].bytes.clone();
        let len = bytes.len();
        bytes[9 + at % (len - 9)] = with;
        bytes[9 + second % (len - 9)] ^= second_with;

        if let Ok(admitted) = center.admit(&with_checksum(bytes), &MEDIC) {
            center.apply(admitted).expect("applied");
            prop_assert!(center.save_verified().is_ok());
            prop_assert!(center.record().is_some());
        }
    }

    /// Five phones and a center, concurrent honest edits in any order: every one is admitted, all converge.
    #[test]
    fn honest_concurrent_edits_are_all_admitted(plan in proptest::collection::vec((0_usize..5, 0_u8..4), 1..24)) {
        let (base, _) = patient();
        let mut phones: Vec<Document> = (0..5).map(|_| base.clone()).collect();
        let mut center = base;
        let mut fresh = 10_u8;
        for (who, color) in plan {
            let color = TriageColor::ALL[usize::from(color)];
            fresh += 1;
            let made = phones[who].append(actor(20 + who as u8), &[triage(fresh, color)]).expect("a change");
            for change in made {
                let admitted = center.admit(&change.bytes, &MEDIC).expect("honest");
                center.apply(admitted).expect("applied");
            }
            if color == TriageColor::Red {
                let missing: Vec<Vec<u8>> = center.changes().into_iter().map(|change| change.bytes).collect();
                phones[who].replay(missing.iter().map(Vec::as_slice)).expect("replayed");
            }
        }
        let log: Vec<Vec<u8>> = center.changes().into_iter().map(|change| change.bytes).collect();
        for phone in &mut phones {
            phone.replay(log.iter().map(Vec::as_slice)).expect("replayed");
            prop_assert_eq!(phone.heads(), center.heads());
            prop_assert_eq!(phone.record(), center.record());
        }
    }
}

#[test]
fn an_unchecked_change_is_what_the_check_is_for() {
    let (mut document, _) = patient();
    let (_, object) = document
        .inner
        .get(automerge::ROOT, format!("patient/{}", EntryId::from_bytes([1; 16])))
        .expect("reads")
        .expect("an entry");
    let edit =
        by_hand(&document, |tx| automerge::transaction::Transactable::put(tx, &object, "sex", "L").expect("put"));

    document.replay([edit.as_slice()]).expect("replayed");

    assert!(
        matches!(document.record(), Some(siaga_domain::record::Record::Patient(patient)) if patient.sex == Sex::Male)
    );
}

#[test]
fn an_entry_written_again_folds_into_its_first_copy_and_nobody_rewrites_anothers() {
    let (base, _) = patient();
    let (mut first, mut again, mut forger) = (base.clone(), base.clone(), base);
    first.append(actor(2), &[triage(5, TriageColor::Red)]).expect("a change");
    let twin = again.append(actor(3), &[triage(5, TriageColor::Red)]).expect("a change");
    let forged = forger.append(actor(4), &[triage(5, TriageColor::Green)]).expect("a change");

    let admitted = first.admit(&twin[0].bytes, &MEDIC).expect("admitted");
    assert_eq!(code(first.admit(&forged[0].bytes, &MEDIC)), (Some(Step::Operations), "entry_twice"));
    first.apply(admitted).expect("applied");

    assert_eq!(first.entries().len(), 2);
}

#[test]
fn a_change_that_promises_more_than_a_change_may_have_is_not_decoded() {
    // Every column is one run: "put null under this key", as often as is said.
    let promising = |operations: [u8; 3], preds: [u8; 2]| {
        let run = |value: &[u8]| [operations.as_slice(), value].concat();
        let columns: [(u8, Vec<u8>); 5] = [
            (0x15, run(&[1, b'a'])),
            (0x34, operations.to_vec()),
            (0x42, run(&[1])),
            (0x56, run(&[0])),
            (0x70, [operations.as_slice(), &preds].concat()),
        ];
        let mut body = [vec![0, 16], vec![9; 16], vec![1, 1, 0, 0, 0, 5]].concat();
        columns.iter().for_each(|(column, data)| body.extend([*column, data.len() as u8]));
        columns.iter().for_each(|(_, data)| body.extend(data));
        with_checksum([vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, body.len() as u8], body].concat())
    };
    let refused = |bytes: &[u8]| code(Document::empty().admit(bytes, &MEDIC));

    // 256 operations are decoded, and found wanting for another reason; 257 and two million are not decoded.
    assert_eq!(refused(&promising([0x80, 0x82, 0x00], [0x00, 0x00])).0, Some(Step::Canonical));
    assert_eq!(refused(&promising([0x81, 0x82, 0x00], [0x00, 0x00])), (Some(Step::Canonical), "operation_count"));
    assert_eq!(refused(&promising([0xff, 0xff, 0x7f], [0x00, 0x00])), (Some(Step::Canonical), "operation_count"));
    assert_eq!(refused(&promising([0xff, 0xff, 0x3f], [0x00, 0x00])), (Some(Step::Canonical), "operation_count"));
    assert_eq!(refused(&promising([0x81, 0x80, 0x00], [0xff, 0x7f])), (Some(Step::Canonical), "operation_count"));
}

fn old_center() -> Claim {
    Claim { author: Author::Center, rules: Rules::Admitted, ..MEDIC }
}

fn note_of(n: u8, text: &str) -> NewEntry {
    entry(n, Body::Note(Note { text: text.to_owned(), ..Note::default() }))
}

#[test]
fn an_id_that_stands_for_something_else_is_refused_whatever_the_kinds() {
    let (base, _) = patient();
    let mut document = base.clone();
    document.append(actor(2), &[note_of(5, "air naik")]).expect("a change");
    let attempts: [Vec<NewEntry>; 4] = [
        // The center's opening, something of one's own, and both in one change, in one order and the other.
        vec![note_of(1, "x")],
        vec![triage(5, TriageColor::Red)],
        vec![note_of(7, "x"), triage(7, TriageColor::Red)],
        vec![triage(8, TriageColor::Red), note_of(8, "x")],
    ];

    for attempt in attempts {
        let change = base.clone().append(actor(3), &attempt).expect("a change").remove(0);

        assert_eq!(code(document.admit(&change.bytes, &MEDIC)), (Some(Step::Operations), "entry_twice"));
        let by_center = Claim { author: Author::Center, ..MEDIC };
        assert_eq!(code(document.admit(&change.bytes, &by_center)), (Some(Step::Operations), "entry_twice"));
        assert_eq!(code(document.admit(&change.bytes, &old_center())).1, "admitted", "an older center took it");
    }
}

#[test]
fn two_changes_of_one_delivery_do_not_share_an_id() {
    let (mut base, _) = patient();
    let mut phone = base.clone();
    let mut changes = phone.append(actor(3), &[note_of(7, "x")]).expect("a change");
    changes.extend(phone.append(actor(3), &[triage(7, TriageColor::Red)]).expect("a change"));
    let asked: Vec<crate::Question<'_>> =
        changes.iter().map(|change| crate::Question { bytes: &change.bytes, claim: MEDIC }).collect();

    let ruled: Vec<&str> = base.judge(&asked).into_iter().map(|one| code(one).1).collect();

    assert_eq!(ruled, ["admitted", "entry_twice"]);
}

/// A change with one entry under this key, beside what the document has.
fn under(document: &Document, key: &str, replaces: Option<ScalarValue>) -> Vec<u8> {
    use automerge::transaction::Transactable;
    by_hand(document, |tx| {
        let map = tx.put_object(automerge::ROOT, key, ObjType::Map).expect("map");
        tx.put(&map, "text", "air naik").expect("put");
        if let Some(replaces) = replaces {
            tx.put(&map, "_re", replaces).expect("put");
        }
    })
}

#[test]
fn an_id_in_another_spelling_is_no_key_and_what_an_older_center_took_under_one_counts_for_nothing() {
    let (mut document, _) = patient();
    let id = EntryId::from_bytes([0xab; 16]).to_string();
    let spellings =
        [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}"), format!("{id} ")];

    for spelling in &spellings {
        let change = under(&document, &format!("note/{spelling}"), None);
        assert_eq!(code(document.admit(&change, &MEDIC)), (Some(Step::Operations), "entry_key"), "{spelling}");
    }

    let old = under(&document, &format!("note/{}", spellings[0]), None);
    let admitted = document.admit(&old, &old_center()).expect("an older center took it");
    document.apply(admitted).expect("applied");
    assert_eq!(document.entries().len(), 1, "the opening alone");
    let again = document.clone().append(actor(9), &[note_of(0xab, "x")]).expect("a change").remove(0);
    assert_eq!(code(document.admit(&again.bytes, &MEDIC)).1, "entry_twice", "its id is taken all the same");
}

#[test]
fn what_an_entry_replaces_is_named_in_the_one_spelling() {
    let (document, _) = patient();
    let id = EntryId::from_bytes([0xab; 16]).to_string();
    let key = format!("note/{}", EntryId::from_bytes([77; 16]));
    let replacing = |value: ScalarValue| code(document.admit(&under(&document, &key, Some(value)), &MEDIC)).1;

    assert_eq!(replacing(format!("{id} {id}").into()), "admitted");
    for other in [id.to_uppercase(), id.replace('-', ""), format!("{id}  {id}"), format!(" {id}"), String::new()] {
        assert_eq!(replacing(other.as_str().into()), "malformed_entry", "{other:?}");
    }
    assert_eq!(replacing(ScalarValue::Int(1)), "malformed_entry");
}

#[test]
fn a_strike_names_its_target_in_the_one_spelling() {
    use automerge::transaction::Transactable;
    let (document, _) = patient();
    let key = format!("strike/{}", EntryId::from_bytes([77; 16]));
    let striking = |target: &str| {
        by_hand(&document, |tx| {
            let map = tx.put_object(automerge::ROOT, key.as_str(), ObjType::Map).expect("map");
            tx.put(&map, "target", target).expect("put");
            tx.put(&map, "reason", "salah").expect("put");
        })
    };
    let id = EntryId::from_bytes([0xab; 16]).to_string();

    assert_eq!(code(document.admit(&striking(&id), &MEDIC)).1, "admitted");
    assert_eq!(code(document.admit(&striking(&id.to_uppercase()), &MEDIC)).1, "malformed_entry");
}

#[test]
fn a_document_that_holds_two_entries_under_one_id_reads_as_its_causally_first() {
    let (mut document, _) = patient();
    document.append(actor(2), &[note_of(5, "air naik")]).expect("a change");
    document.append(actor(2), &[triage(5, TriageColor::Black)]).expect("a change");

    let Some(siaga_domain::record::Record::Patient(patient)) = document.record() else { panic!("a patient") };

    assert_eq!((patient.notes.len(), patient.triage), (1, None));
    assert_eq!(document.entries().len(), 2);
}

#[test]
fn a_copy_written_again_changes_no_dispute_that_was_settled_before_it_came_or_after() {
    let (base, _) = patient();
    let (mut ani, mut budi, mut again) = (base.clone(), base.clone(), base.clone());
    let red = ani.append(actor(2), &[triage(5, TriageColor::Red)]).expect("a change");
    let green = budi.append(actor(3), &[triage(6, TriageColor::Green)]).expect("a change");
    // Two more changes put the copy far behind the choice in causal order.
    again.append(actor(9), &[note_of(20, "a"), note_of(21, "b")]).expect("a change");
    let behind: Vec<Vec<u8>> = again.changes().into_iter().map(|change| change.bytes).collect();
    let copy = again.append(actor(9), &[triage(5, TriageColor::Red)]).expect("a change");
    let settle = |document: &mut Document| {
        let mut chosen = triage(7, TriageColor::Green);
        chosen.stamp.replaces = vec![EntryId::from_bytes([5; 16]), EntryId::from_bytes([6; 16])];
        document.append(actor(4), &[chosen]).expect("a change")
    };
    let disputed = |document: &Document| !document.record().expect("a record").disputes().is_empty();
    let mut before = base;
    before.replay([red[0].bytes.as_slice(), green[0].bytes.as_slice()]).expect("replayed");
    let mut after = before.clone();

    assert!(disputed(&before));
    settle(&mut before);
    before.replay(behind.iter().map(Vec::as_slice).chain([copy[0].bytes.as_slice()])).expect("replayed");
    after.replay(behind.iter().map(Vec::as_slice).chain([copy[0].bytes.as_slice()])).expect("replayed");
    settle(&mut after);

    assert!(!disputed(&before), "settled, then the copy came");
    assert!(!disputed(&after), "the copy came, then it was settled");
    let stands = |document: &Document| {
        let entries = document.entries();
        entries.iter().find(|entry| entry.id == EntryId::from_bytes([5; 16])).expect("it stands").order
    };
    assert_eq!(stands(&before), stands(&ani));
}
