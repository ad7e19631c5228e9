//! What goes in comes out; what is hostile comes to nothing; what is promised in bytes is kept.

use super::*;
use crate::blob::FileOffer;
use crate::envelope::{DocumentChanges, Header, seal};
use crate::exchange::{
    Clock, Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Fix, Hash32, Needed, News, Outcome, TrailBlock,
    WireChange,
};
use crate::key::{CenterKey, MemorySigner};
use crate::receipt::{self, Exception, Receipt, Verdict};
use proptest::prelude::*;
use siaga_domain::id::{CenterId, RecordId};

const CENTER: CenterId = CenterId::from_bytes([1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);
const EPOCH: Epoch = Epoch([4; 8]);
const NOW_MS: i64 = 1_795_395_600_000;
const KNOWN: Known = Known { center: CENTER, device: DEVICE, epoch: EPOCH };

fn idle() -> ExchangeRequest {
    ExchangeRequest {
        version: crate::VERSION,
        device: DEVICE,
        epoch: EPOCH,
        cursors: [40_000, 70_000],
        clock: Clock { device_ms: NOW_MS, ..Clock::default() },
        hold_ms: 0,
        budget_bytes: 65_536,
        credential: Credential::Token(vec![3; 16]),
        envelopes: Vec::new(),
        newest_fix: None,
        trail: Vec::new(),
        packed_trail: Vec::new(),
        thin: None,
        repair: None,
        files_after: Some(12),
        verdicts_up_to: None,
        satellite_ahead_ms: None,
        terms: None,
    }
}

fn envelope(lane: u8, seq: u64, prev: ChangeHash, user: &str, records: &[u8]) -> Envelope {
    let header = Header {
        version: crate::VERSION,
        center: CENTER,
        device: DEVICE,
        lane,
        seq,
        prev,
        epoch: EPOCH,
        user: user.to_owned(),
        clock: Clock { device_ms: NOW_MS - 700, monotonic_ms: 5_000, boot: 2 },
    };
    let documents = records
        .iter()
        .map(|record| DocumentChanges {
            record: RecordId::from_bytes([*record; 16]),
            kind: "assignment".to_owned(),
            schema: 1,
            changes: vec![WireChange::plain(vec![*record; 40]), WireChange::plain(vec![9; 30])],
        })
        .collect();
    seal(header, documents, Vec::new(), &MemorySigner::from_scalar(&[9; 32]).expect("a key")).expect("sealed")
}

/// Two envelopes of a lane that follow one another, one of another lane that is its first.
fn busy() -> ExchangeRequest {
    let before = ChangeHash([7; 32]);
    let one = envelope(0, 8, before, "Ani Lestari", &[5, 6]);
    let manifest = manifests(std::slice::from_ref(&one)).into_values().next().expect("one");
    let two = envelope(0, 9, manifest, "Ani Lestari", &[5]);
    let first = envelope(1, 1, ChangeHash([0; 32]), "Budi", &[8]);
    ExchangeRequest {
        clock: Clock { device_ms: NOW_MS, monotonic_ms: 6_000, boot: 2 },
        envelopes: vec![one, two, first],
        newest_fix: Some(Fix {
            at_ms: NOW_MS - 400,
            lat_e6: -1_850_000,
            lon_e6: 109_970_000,
            accuracy_m: Some(12),
            speed_cms: None,
            offset_ms: Some(-40),
            mock: false,
        }),
        trail: vec![TrailBlock { first: 3, fixes: Vec::new() }],
        verdicts_up_to: Some(7),
        ..idle()
    }
}

fn before(lane: u8, seq: u64) -> Option<ChangeHash> {
    (lane == 0 && seq == 7).then_some(ChangeHash([7; 32]))
}

fn written(request: &ExchangeRequest) -> (Vec<u8>, Asked) {
    write_request(request, &CENTER, None, DICTIONARY, false).expect("has a short form")
}

#[test]
fn a_request_comes_back_as_it_was_and_both_sides_remember_the_same_of_it() {
    for request in [idle(), busy(), ExchangeRequest { epoch: Epoch::default(), cursors: [0, 0], ..idle() }] {
        let (body, asked) = written(&request);

        let (again, known) =
            read_request(&body).and_then(|draft| draft.complete(&KNOWN, Vec::new(), before)).expect("read");

        assert_eq!(again, request);
        assert_eq!(known, asked);
        assert!(body.len() < crate::codec::encode(&request).expect("encoded").len());
    }
}

#[test]
fn a_position_that_was_made_up_says_so() {
    let fix = busy().newest_fix.expect("a fix");
    let made_up = ExchangeRequest { newest_fix: Some(Fix { mock: true, ..fix }), ..idle() };
    let (body, asked) = written(&made_up);

    let (again, known) =
        read_request(&body).and_then(|draft| draft.complete(&KNOWN, Vec::new(), before)).expect("read");

    assert_eq!((again, known), (made_up, asked));
}

#[test]
fn a_request_without_a_token_says_who_asks() {
    let proof = Credential::Proof { nonce: vec![1; 32], signature: vec![2; 64] };
    for credential in [Credential::None, proof] {
        let request = ExchangeRequest { credential, ..idle() };

        let draft = read_request(&written(&request).0).expect("read");

        assert_eq!(draft.device(), Some(DEVICE));
        assert_eq!(draft.credential(), &request.credential);
    }
    assert_eq!(read_request(&written(&idle()).0).expect("read").device(), None);
}

#[test]
fn an_idle_request_and_its_answer_have_fifty_bytes_at_most() {
    let (body, asked) = written(&idle());
    let answer = exchanged(Exchanged { cursors: [40_000, 70_000], ..Exchanged::default() });

    let answered = write_answer(&answer, &asked, None).expect("has a short form");

    assert!(body.len() <= 50, "{}", body.len());
    assert!(answered.len() <= 50, "{}", answered.len());
}

#[test]
fn an_envelope_that_follows_another_than_the_center_has_is_not_guessed() {
    let draft = read_request(&written(&busy()).0).expect("read");

    let nothing = draft.clone().complete(&KNOWN, Vec::new(), |_, _| None);
    let another = draft.complete(&KNOWN, Vec::new(), |_, _| Some(ChangeHash([8; 32])));

    assert_eq!(nothing, Err(Unreadable::LeftOut));
    assert_eq!(another, Err(Unreadable::LeftOut));
}

#[test]
fn an_envelope_that_is_told_plainly_is_judged_by_what_it_says_itself() {
    let (body, _) = write_request(&busy(), &CENTER, None, 0, true).expect("has a short form");

    let (request, asked) =
        read_request(&body).and_then(|draft| draft.complete(&KNOWN, Vec::new(), |_, _| None)).expect("read");

    assert_eq!(request, busy());
    assert!(asked.plainly);
}

#[test]
fn a_request_of_another_life_is_not_taken_for_one_of_this() {
    let draft = read_request(&written(&idle()).0).expect("read");
    let other = Known { epoch: Epoch([9; 8]), ..KNOWN };
    assert!(draft.is_of(&EPOCH) && !draft.is_of(&other.epoch));

    let (request, _) = draft.complete(&other, Vec::new(), before).expect("read");

    assert_ne!(request.epoch, other.epoch);
}

#[test]
fn an_envelope_of_another_center_another_epoch_or_with_files_comes_back() {
    let mut request = busy();
    request.envelopes[0].header.center = CenterId::from_bytes([77; 16]);
    request.envelopes[1].header.epoch = Epoch([78; 8]);
    request.envelopes[1].attachments = vec![Hash32(ChangeHash([79; 32]))];
    request.envelopes[2].documents[0].kind = "something newer".to_owned();
    // Whatever was changed in the first is not followed by the second any more.
    request.envelopes[1].header.seq = 8;
    request.envelopes[1].header.prev = ChangeHash([7; 32]);

    let draft = read_request(&written(&request).0).expect("read");

    assert_eq!(draft.complete(&KNOWN, Vec::new(), before).expect("read").0, request);
}

#[test]
fn packed_changes_stand_apart_and_are_put_back_by_document() {
    let request = busy();
    let block = Block { raw: vec![1, 2, 3], rest: vec![4, 5] };
    let (body, asked) = write_request(&request, &CENTER, Some(&block), DICTIONARY, true).expect("has a short form");
    let draft = read_request(&body).expect("read");
    let changes = |document: &DocumentChanges| document.changes.iter().map(|one| one.bytes.clone()).collect();
    let made = request.envelopes.iter().flat_map(|one| &one.documents).map(changes).collect();

    assert_eq!(draft.block(), Some(&block));
    assert_eq!(draft.documents().count(), 4);
    assert_eq!(draft.base(), (request.clock, "Ani Lestari"));
    assert!(asked.plainly);
    assert_eq!(draft.complete(&KNOWN, made, before).expect("read").0, request);
}

#[test]
fn what_cannot_be_said_shortly_is_not() {
    let mut signature = busy();
    signature.envelopes[0].signature.pop();
    let mut coding = busy();
    coding.envelopes[0].documents[0].changes[0].coding = 4;
    let mut device = busy();
    device.envelopes[0].header.device = DeviceId::from_bytes([99; 16]);

    for request in [signature, coding, device] {
        assert!(write_request(&request, &CENTER, None, DICTIONARY, false).is_none());
    }
}

fn exchanged(exchanged: Exchanged) -> ExchangeAnswer {
    ExchangeAnswer {
        version: crate::VERSION,
        epoch: EPOCH,
        received_ms: NOW_MS + 900,
        answered_ms: NOW_MS + 903,
        outcome: Outcome::Exchanged(exchanged),
    }
}

fn receipt_for(asked: &Asked, lane: u8, up_to_seq: u64, exceptions: Vec<Exception>) -> receipt::SignedReceipt {
    let head = asked.manifests.get(&(lane, up_to_seq)).copied().unwrap_or(ChangeHash([0; 32]));
    let receipt = Receipt { device: DEVICE, lane, up_to_seq, head, center_ms: NOW_MS + 901, epoch: EPOCH, exceptions };
    receipt::sign(&receipt, &CenterKey::from_seed(&[7; 32])).expect("signed")
}

fn news() -> Vec<News> {
    let record = RecordId::from_bytes([5; 16]);
    vec![
        News::Entered {
            record,
            kind: "incident".to_owned(),
            generation: 1,
            position: 40_001,
            changes: vec![WireChange::plain(vec![1; 50]), WireChange::plain(vec![2; 60])],
        },
        News::Changed { record, position: 40_002, change: WireChange::plain(vec![3; 70]) },
        News::Left { record: RecordId::from_bytes([6; 16]), generation: 4, position: 40_000 },
    ]
}

fn full(asked: &Asked) -> Exchanged {
    let exception =
        Exception { change: Hash32(ChangeHash([4; 32])), verdict: Verdict::Overrule, reason: "center_only".to_owned() };
    Exchanged {
        token: Some(vec![8; 16]),
        receipts: vec![
            receipt_for(asked, 0, 9, vec![exception]),
            // One the phone did not bring along now: it travels in full.
            receipt_for(asked, 1, 44, Vec::new()),
        ],
        news: news(),
        cursors: [40_002, 69_999],
        more: true,
        trail_received: Some(0),
        needed: vec![Needed { lane: 1, seq: 3 }],
        attachments_held: vec![Hash32(ChangeHash([5; 32]))],
        news_signature: vec![6; 64],
        files: Some(vec![FileOffer {
            number: 3,
            hash: ChangeHash([1; 32]),
            size_bytes: 5,
            kind: 0,
            made_ms: NOW_MS,
            record: None,
            pack: None,
        }]),
        ..Exchanged::default()
    }
}

#[test]
fn every_answer_comes_back_as_it_was() {
    let (_, asked) = written(&busy());
    let mut answers = vec![exchanged(full(&asked)), exchanged(Exchanged::default())];
    for outcome in [
        Outcome::Challenge { nonce: vec![1; 32] },
        Outcome::OtherEpoch { testimony: None },
        Outcome::Revoked,
        Outcome::UpdateNeeded { least_version: 3 },
        Outcome::Busy { retry_after_s: 90 },
        Outcome::Unread { dictionary: 1 },
    ] {
        answers.push(ExchangeAnswer { epoch: Epoch([9; 8]), outcome, ..exchanged(Exchanged::default()) });
    }
    for answer in answers {
        let body = write_answer(&answer, &asked, None).expect("has a short form");

        let again = read_answer(&body, &asked).and_then(|draft| draft.complete(Vec::new()));

        assert_eq!(again, Ok(answer));
    }
}

#[test]
fn packed_news_are_put_back_in_their_order() {
    let (_, asked) = written(&idle());
    let answer = exchanged(Exchanged { news: news(), news_signature: vec![6; 64], ..Exchanged::default() });
    let block = Block { raw: vec![1], rest: vec![2, 3] };
    let draft = read_answer(&write_answer(&answer, &asked, Some(&block)).expect("short"), &asked).expect("read");
    let made = vec![vec![vec![1; 50], vec![2; 60]], vec![vec![3; 70]]];

    assert_eq!(draft.block(), Some(&block));
    assert_eq!(draft.documents().map(|(_, kind)| kind).collect::<Vec<_>>(), [Some("incident"), None]);
    assert_eq!(draft.clone().complete(made.clone()), Ok(answer));
    assert_eq!(draft.clone().complete(made[..1].to_vec()), Err(Unreadable::Malformed));
    assert_eq!(draft.complete([made, vec![Vec::new()]].concat()), Err(Unreadable::Malformed));
}

#[test]
fn a_receipt_for_what_was_just_sent_is_its_signature_and_little_more() {
    let (_, asked) = written(&busy());
    let receipts = vec![receipt_for(&asked, 0, 9, Vec::new())];
    let answer = exchanged(Exchanged { receipts, cursors: asked.cursors, ..Exchanged::default() });

    let body = write_answer(&answer, &asked, None).expect("short");

    assert!(body.len() <= 64 + 20, "{}", body.len());
}

#[test]
fn a_receipt_that_names_another_manifest_is_not_rebuilt_into_ours() {
    let (_, asked) = written(&busy());
    let mut other = asked.clone();
    other.manifests.values_mut().for_each(|manifest| manifest.0[0] ^= 1);
    let receipts = vec![receipt_for(&asked, 0, 9, Vec::new())];
    let answer = exchanged(Exchanged { receipts, cursors: asked.cursors, ..Exchanged::default() });
    let body = write_answer(&answer, &asked, None).expect("short");

    let read = read_answer(&body, &other).and_then(|draft| draft.complete(Vec::new())).expect("read");

    let Outcome::Exchanged(exchanged) = read.outcome else { panic!("exchanged") };
    let key = CenterKey::from_seed(&[7; 32]).public_key();
    assert!(receipt::verify(&exchanged.receipts[0], &key, &DEVICE).is_err());
}

proptest! {
    #[test]
    fn no_bytes_unwind_the_readers(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (_, asked) = written(&busy());
        for how in [0, DICTIONARY, 255] {
            let body = [&[VERSION, how], bytes.as_slice()].concat();
            let _ = read_request(&body).and_then(|draft| draft.complete(&KNOWN, Vec::new(), before));
            let _ = read_answer(&body, &asked).and_then(|draft| draft.complete(Vec::new()));
        }
    }

    #[test]
    fn a_changed_or_cut_message_never_unwinds(at in any::<usize>(), with in any::<u8>(), cut in any::<usize>()) {
        let (body, asked) = written(&busy());
        let answer = write_answer(&exchanged(full(&asked)), &asked, None).expect("short");
        for whole in [body, answer] {
            let mut changed = whole.clone();
            let length = changed.len();
            changed[at % length] = with;
            for bytes in [changed.as_slice(), &whole[..cut % length]] {
                let _ = read_request(bytes).and_then(|draft| draft.complete(&KNOWN, Vec::new(), before));
                let _ = read_answer(bytes, &asked).and_then(|draft| draft.complete(Vec::new()));
            }
        }
    }

    #[test]
    fn times_cursors_and_budgets_of_any_size_come_back(
        device_ms in any::<i64>(), urgent in any::<u64>(), records in any::<u64>(), steps in 0_u32..1 << 20,
        received_ms in any::<i64>(), answered_ms in any::<i64>(),
    ) {
        let request = ExchangeRequest {
            clock: Clock { device_ms, ..Clock::default() },
            cursors: [urgent, records],
            budget_bytes: steps * BUDGET_STEP,
            ..idle()
        };
        let (body, asked) = written(&request);
        let draft = read_request(&body).expect("read");
        prop_assert_eq!(draft.complete(&KNOWN, Vec::new(), before).expect("read").0, request);
        let answer = ExchangeAnswer { received_ms, answered_ms, ..exchanged(Exchanged::default()) };
        let body = write_answer(&answer, &asked, None).expect("short");
        prop_assert_eq!(read_answer(&body, &asked).and_then(|draft| draft.complete(Vec::new())), Ok(answer));
    }
}
