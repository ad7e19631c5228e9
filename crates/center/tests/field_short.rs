//! The short form at the center: what a phone leaves out is filled in, and what cannot be is asked for again.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[allow(dead_code, reason = "another test file uses the rest")]
#[path = "field/phone.rs"]
mod phone;

use phone::{Phone, Stage};
use siaga_document::Document;
use siaga_document::recode::{Base, Packer, Past};
use siaga_domain::entry::Body;
use siaga_domain::id::{ActorId, CenterId, ChangeHash, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::Record;
use siaga_domain::record::assignment::StatusEvent;
use siaga_domain::status::Status;
use siaga_wire::compact::{self, Asked, Block, DICTIONARY};
use siaga_wire::exchange::{Credential, ExchangeAnswer, ExchangeRequest, Exchanged, Outcome, challenge_message};
use siaga_wire::key::Signer;
use siaga_wire::receipt::Verdict;

/// What a phone has of a document.
struct Kept(Vec<(ChangeHash, Vec<u8>)>);

impl Kept {
    fn of(document: &Document) -> Self {
        Self(document.changes().into_iter().map(|change| (change.hash, change.bytes)).collect())
    }
}

impl Past for Kept {
    fn change(&self, _: &RecordId, hash_begins: &[u8]) -> Option<Vec<u8>> {
        self.0.iter().find(|(hash, _)| hash.0.starts_with(hash_begins)).map(|(_, bytes)| bytes.clone())
    }
}

fn packed(request: &ExchangeRequest, past: &Kept) -> Block {
    let (clock, person) = compact::base(request);
    let base = Base { at_ms: clock.device_ms, monotonic_ms: clock.monotonic_ms, boot: clock.boot.into() };
    let mut packer = Packer::new(base, person, past);
    for document in request.envelopes.iter().flat_map(|envelope| &envelope.documents) {
        let changes: Vec<&[u8]> = document.changes.iter().map(|change| change.bytes.as_slice()).collect();
        packer.pack(document.record, document.kind.parse().expect("a kind"), &changes).expect("packed");
    }
    let packed = packer.finish().expect("comes back");
    Block { raw: packed.raw, rest: packed.rest }
}

fn short(stage: &Stage, request: &ExchangeRequest, block: Option<&Block>) -> (Vec<u8>, Asked) {
    let center: CenterId = stage.center.id();
    compact::write_request(request, &center, block, DICTIONARY, block.is_none()).expect("has a short form")
}

async fn post(phone: &Phone, body: &[u8]) -> (u16, Vec<u8>) {
    let headers = format!("Content-Type: {}\r\n", compact::MEDIA_TYPE);
    phone.send("POST", "/field/v1/exchange", body, &headers).await
}

async fn say(phone: &Phone, body: &[u8], asked: &Asked) -> ExchangeAnswer {
    let (status, answer) = post(phone, body).await;
    assert_eq!(status, 200);
    compact::read_answer(&answer, asked).and_then(|draft| draft.complete(Vec::new())).expect("an answer")
}

fn exchanged(answer: ExchangeAnswer) -> Exchanged {
    match answer.outcome {
        Outcome::Exchanged(exchanged) => exchanged,
        other => panic!("not exchanged: {other:?}"),
    }
}

fn pressed(status: Status) -> Body {
    Body::StatusEvent(StatusEvent { status, lat: None, lon: None, accuracy_m: None, reason: None, outcome: None })
}

fn statuses(stage: &Stage, assignment: &RecordId) -> Vec<Status> {
    match stage.center.record(assignment).expect("a reading").and_then(|stored| stored.record) {
        Some(Record::Assignment(assignment)) => assignment.events.iter().map(|event| event.status).collect(),
        _ => Vec::new(),
    }
}

/// A medic who was told her order.
async fn ordered() -> (Stage, Phone, RecordId) {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, assignment) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    (stage, ani, assignment)
}

#[tokio::test(flavor = "multi_thread")]
async fn presses_in_the_short_form_are_admitted_and_receipted_one_hanging_on_another() {
    let (stage, mut ani, assignment) = ordered().await;

    for status in [Status::Accepted, Status::EnRoute, Status::OnScene] {
        let past = Kept::of(&ani.documents[&assignment]);
        let envelope = ani.add(assignment, RecordKind::Assignment, pressed(status));
        let request = ani.request(vec![envelope], 0);
        let (body, asked) = short(&stage, &request, Some(&packed(&request, &past)));
        let told = exchanged(say(&ani, &body, &asked).await);
        let receipts = ani.receipts(&told);
        assert_eq!((receipts[0].up_to_seq, receipts[0].exceptions.len()), (ani.chains[0].0, 0));
        // The same bytes again: the same receipt, and nothing doubled.
        assert_eq!(exchanged(say(&ani, &body, &asked).await).receipts, told.receipts);
    }

    assert_eq!(statuses(&stage, &assignment), [Status::Accepted, Status::EnRoute, Status::OnScene]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_hangs_on_what_the_center_lacks_is_asked_for_plain_and_then_waits() {
    let (stage, mut ani, assignment) = ordered().await;
    let mut elsewhere = ani.documents[&assignment].clone();
    let missing = elsewhere.append(ActorId::from_bytes([77; 16]), &[phone::entry(pressed(Status::Accepted))]);
    let missing = missing.expect("a change").remove(0).bytes;
    ani.documents.get_mut(&assignment).expect("here").replay([missing.as_slice()]).expect("fits");
    let past = Kept::of(&ani.documents[&assignment]);
    let envelope = ani.add(assignment, RecordKind::Assignment, pressed(Status::EnRoute));
    let request = ani.request(vec![envelope], 0);

    let (body, asked) = short(&stage, &request, Some(&packed(&request, &past)));
    let unread = say(&ani, &body, &asked).await.outcome;
    let (body, asked) = short(&stage, &request, None);
    let told = exchanged(say(&ani, &body, &asked).await);

    assert_eq!(unread, Outcome::Unread { dictionary: DICTIONARY });
    assert_eq!(ani.receipts(&told)[0].exceptions[0].verdict, Verdict::Park);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_in_a_chain_is_asked_for_plain_and_then_told_as_a_gap() {
    let (stage, mut ani, assignment) = ordered().await;
    let past = Kept::of(&ani.documents[&assignment]);
    let lost = ani.add(assignment, RecordKind::Assignment, pressed(Status::Accepted));
    let lost = ani.request(vec![lost], 0);
    let (incident, kind) = (stage.center.new_record(), RecordKind::Assignment);
    let mut elsewhere = ani.begin(incident, kind, pressed(Status::EnRoute));
    elsewhere.header.lane = 0;
    let after_a_gap = ani.request(vec![elsewhere], 0);

    let (body, asked) = short(&stage, &after_a_gap, Some(&packed(&after_a_gap, &past)));
    let unread = say(&ani, &body, &asked).await.outcome;
    let (body, asked) = short(&stage, &after_a_gap, None);
    let told = exchanged(say(&ani, &body, &asked).await);
    let (body, asked) = short(&stage, &lost, Some(&packed(&lost, &past)));
    let first = exchanged(say(&ani, &body, &asked).await);

    assert_eq!(unread, Outcome::Unread { dictionary: DICTIONARY }, "the manifest before it is not there");
    assert_eq!((told.needed.len(), told.needed[0].seq), (1, 1));
    assert_eq!(ani.receipts(&first)[0].up_to_seq, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_dictionary_is_named_and_a_newer_version_is_another_media_type() {
    let (stage, ani, _) = ordered().await;
    let (mut body, asked) = short(&stage, &ani.request(Vec::new(), 0), Some(&Block::default()));

    body[1] = 99;
    let other_dictionary = say(&ani, &body, &asked).await.outcome;
    body[0] = compact::VERSION + 1;
    let (newer, _) = post(&ani, &body).await;
    let (cut, _) = post(&ani, &body[..1]).await;
    let (noise, _) = post(&ani, &[compact::VERSION, 0, 3, 1]).await;

    assert_eq!(other_dictionary, Outcome::Unread { dictionary: DICTIONARY });
    assert_eq!((newer, cut, noise), (415, 415, 400));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_nobody_knows_costs_no_more_than_a_proof() {
    let (stage, ani, _) = ordered().await;
    let lost = ExchangeRequest { credential: Credential::Token(vec![9; 16]), ..ani.request(Vec::new(), 0) };
    let (body, asked) = short(&stage, &lost, None);

    let Outcome::Challenge { nonce } = say(&ani, &body, &asked).await.outcome else { panic!("no challenge") };
    let signature = ani.signer.sign(&challenge_message(&ani.device, &nonce)).expect("signed").to_vec();
    let proof = ExchangeRequest { credential: Credential::Proof { nonce, signature }, ..lost };
    let (body, asked) = short(&stage, &proof, None);
    let told = exchanged(say(&ani, &body, &asked).await);
    let again = say(&ani, &body, &asked).await.outcome;

    assert!(told.token.is_some());
    assert!(matches!(again, Outcome::Challenge { .. }), "a nonce is answered once");
}
